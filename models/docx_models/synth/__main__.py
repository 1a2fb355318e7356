"""``python -m docx_models.synth OUT.pdf FAMILY SEED``: write one page as a PDF."""

from __future__ import annotations

import sys
from pathlib import Path

from docx_models.synth import sample_pdf

if __name__ == "__main__":
    out, family, seed = sys.argv[1:]
    Path(out).write_bytes(sample_pdf(family, int(seed)))
