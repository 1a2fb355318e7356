"""PDFium holds what it has read of a document until it is opened anew."""

import io
import subprocess
import sys

import numpy as np
from form_fixtures import form
from pdf_fixtures import PdfPage, pdf, source_of
from PIL import Image

from docx_cli import pdfium

OFTEN = 150
"""Pages, more than are loaded of a document before it is opened anew."""


def test_fields_are_found_on_pages_far_in_a_document():
    with pdfium.open_document(source_of(form())) as document:
        for _ in range(OFTEN):
            with document.page(1) as page:
                assert len(page.fields()) == 8


def test_an_encrypted_document_stays_open():
    asked = []

    def password(name):
        asked.append(name)
        return "secret"

    page = PdfPage()
    page.text("Hello", 60, 60, 18)
    with pdfium.open_document(source_of(pdf(page, password="secret")), password) as document:
        sizes = set()
        for _ in range(OFTEN):
            with document.page(1) as loaded:
                sizes.add((loaded.geometry.width, loaded.geometry.height))
        assert len(sizes) == document.page_count == 1
        assert document.encrypted
    assert len(asked) == 1


def test_memory_does_not_grow_with_the_scans_of_a_document(tmp_path):
    noise = np.random.default_rng(1)
    pages = [Image.fromarray(noise.integers(0, 256, (450, 450), np.uint8)) for _ in range(OFTEN)]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], quality=95)
    assert len(out.getvalue()) > 25e6
    (tmp_path / "scans.pdf").write_bytes(out.getvalue())
    code = f"""
from docx_cli import pdfium, source
from docx_cli.batch.worker import resident
with pdfium.open_document(source.load({str(tmp_path / "scans.pdf")!r})) as document:
    for number in range(1, {OFTEN} + 1):
        with document.page(number) as page:
            page.render(72, gray=True)
        if number == 10:
            before = resident()
    print(resident() - before)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 18e6
