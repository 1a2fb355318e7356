"""Synthetic documents with exact ground truth, to train and to measure with.

Pages are written with typst from sampled layouts and values. What each text
means is known when it is placed, and where it stands is read back from the PDF.
"""

from docx_models.synth.families import CONTENT, FAMILIES, HELD_OUT, MEASURED
from docx_models.synth.pack import write_pack
from docx_models.synth.records import Record, generate, sample_pdf
from docx_models.synth.sheet import contact_sheet

__all__ = [
    "CONTENT",
    "FAMILIES",
    "HELD_OUT",
    "MEASURED",
    "Record",
    "contact_sheet",
    "generate",
    "sample_pdf",
    "write_pack",
]
