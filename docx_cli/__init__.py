"""Ask questions of PDFs and scans, offline; every answer says where it was read.

    import docx_cli

    document = docx_cli.open("invoice.pdf")
    for answer in document.ask("What is the total?", "Who is the seller?"):
        print(answer.text, answer.confidence, answer.evidence)

Nothing heavy is imported before `open` is called.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from docx_cli.api import OpenDocument

__all__ = ["__version__", "open"]
__version__ = "0.1.0"

# From 1.29 on onnxruntime keeps a device id in the user's cache and sends events to its maker,
# unless told otherwise before it is first loaded. Nothing of a run shall leave the machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def open(
    path: str | os.PathLike[str],
    model: str | None = None,
    password: str | None = None,
    pages: str | None = None,
    ocr: Literal["auto", "always", "never"] = "auto",
    language: str = "eng",
    locale: str | None = None,
) -> OpenDocument:
    """Open a PDF or a picture for extraction.

    Args:
        path: the file.
        model: a model's name or folder; None takes DOCX_MODEL or the default.
        password: for an encrypted PDF.
        pages: a selection such as ``"1-3,7,-1"``; None reads all.
        ocr: "auto" reads a PDF's own text where it is sound and scans elsewhere.
        language: Tesseract's language, ``"eng"`` or ``"eng+deu"``.
        locale: how the document writes dates and amounts, such as ``"de_DE"``; None tells it
            from the document.

    Raises:
        DocxError: a subclass says what is wrong: `FileAccessError`,
            `UnsupportedInputError`, `MissingDependencyError`, `BundleError`, `UsageError`.
            What only reading can show (a wrong password, a page that does not
            exist) is raised by the first method that reads.
    """
    from docx_cli.api import OpenDocument
    from docx_cli.reading import ReadOptions

    read = ReadOptions(pages=pages, ocr=ocr, password=password, language=language)
    return OpenDocument(path, read, model, locale)
