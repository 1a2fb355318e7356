"""Training side of docx-cli: architecture, corpora, objectives, training loop, metrics."""
