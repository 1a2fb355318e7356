"""All commands, in the order of the help: where each is found once it is called.

Nothing of them is loaded before, so that `docx --help` and completions are quick.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command that is not loaded yet."""

    target: str
    """Module and name of a function, or of a group of commands."""
    help: str
    """The first line of its help; it stands in the command as well, and a test compares them."""


COMMANDS = {
    "ask": Entry("docx_cli.cli.extract:ask", "Answer questions about documents."),
    "kv": Entry("docx_cli.cli.extract:kv", "Find keys and their values."),
    "tables": Entry("docx_cli.cli.extract:tables", "Read tables into rows and columns."),
    "ocr": Entry("docx_cli.cli.extract:ocr", "Read the words alone; needs no model."),
    "batch": Entry("docx_cli.cli.batch:batch", "Work through many documents, a record for each."),
    "extract": Entry(
        "docx_cli.cli.typed:extract", "Extract the values of a schema: typed fields and line items."
    ),
    "show": Entry(
        "docx_cli.cli.show:show", "Draw what was found on a page, or make a review page."
    ),
    "doctor": Entry("docx_cli.cli.doctor:doctor", "Check that everything needed is installed."),
    "schema": Entry(
        "docx_cli.cli.schema:schema", "Print the schema of the records, or one for docx extract."
    ),
    "completion": Entry(
        "docx_cli.cli.completion:completion",
        "Print what teaches a shell to complete commands and values.",
    ),
    "model": Entry("docx_cli.cli.models:model_app", "List, inspect, verify and add models."),
    "cache": Entry(
        "docx_cli.cli.cache:cache_app", "What OCR read, kept so that a second question costs none."
    ),
    "config": Entry("docx_cli.cli.config:config_app", "Show what is set in files and variables."),
    "train": Entry(
        "docx_export.finetune_command:train_app", "Train a model: pre-train, fine-tune, start anew."
    ),
    "eval": Entry("docx_models.eval_command:eval_app", "Measure a model on labelled documents."),
    "data": Entry("docx_models.commands:data_app", "Make and inspect training pages."),
    "export": Entry("docx_export.commands:export_app", "Turn a checkpoint into a model bundle."),
}
