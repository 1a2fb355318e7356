"""Files that would fill memory, disk or days are refused or cut off, and their records say why."""

import io
import json
import zlib

from cli_support import records
from documents import invoice
from pdf_fixtures import PdfPage, pdf
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, NumberObject, StreamObject


def told(done, code=4):
    [record] = records(done)
    assert done.returncode == code, done.stderr
    return record["error"]["message"]


def test_what_is_too_large_is_refused(docx_here, tmp_path):
    path = tmp_path / "large.pdf"
    path.write_bytes(pdf(invoice()))
    assert "more than 100 bytes (--max-bytes" in told(docx_here("ocr", path, "--max-bytes", 100))
    assert "more than 100 bytes" in told(docx_here("ocr", "/dev/zero", "--max-bytes", 100))


def test_too_many_pages_are_refused_and_some_may_be_chosen(docx_here, tmp_path):
    path = tmp_path / "long.pdf"
    writer = PdfWriter()
    page = writer.add_page(PdfReader(io.BytesIO(pdf(invoice()))).pages[0])
    kids = writer._root_object["/Pages"]["/Kids"]
    kids.extend([page.indirect_reference] * 99_999)
    writer._root_object["/Pages"][NameObject("/Count")] = NumberObject(100_000)
    writer.write(path)
    assert "has 100,000 pages, more than 5,000 (choose some" in told(docx_here("ocr", path))
    [record] = records(docx_here("ocr", path, "--pages", "1"))
    assert [page["number"] for page in record["pages"]] == [1]


def test_an_image_of_a_gigapixel_is_refused(docx_here, tmp_path):
    header = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", (40_000).to_bytes(4) * 2 + b"\x08\0\0\0\0")
    path = tmp_path / "vast.png"
    path.write_bytes(header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b""))
    assert "too many pixels" in told(docx_here("ocr", path))
    small = tmp_path / "small.png"
    Image.new("L", (200, 200), "white").save(small)
    assert "too many pixels" in told(docx_here("ocr", small, "--max-megapixels", "0.03"))
    assert docx_here("ocr", small).returncode == 0


def test_a_page_kilometres_wide_is_drawn_coarsely(docx_here, tmp_path):
    path = tmp_path / "wide.pdf"
    path.write_bytes(pdf(PdfPage(crop=(0, 0, 3e6, 3e6), media=(0, 0, 3e6, 3e6), user_unit=10.0)))
    [record] = records(docx_here("ocr", path, "--ocr", "always"))
    assert record["pages"][0]["width"] > 1e6


def test_a_stream_that_unpacks_to_a_gigabyte_takes_no_more_than_a_worker_may(docx_here, tmp_path):
    writer = PdfWriter(clone_from=io.BytesIO(pdf(invoice(), PdfPage())))
    packer = zlib.compressobj(9)
    zeros = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(1 << 10)) + packer.flush()
    stream = StreamObject()
    stream._data = zeros
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[1][NameObject("/Contents")] = writer._add_object(stream)
    path = tmp_path / "bomb.pdf"
    writer.write(path)
    out = tmp_path / "out"
    done = docx_here("batch", path, "-o", out, "-q", "What is the total?", "-j", 1,
                     "--max-memory", 512, "--page-timeout", 20, "--timeout", 60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    record = json.loads((out / "records.jsonl").read_bytes())
    assert [page["status"] for page in record["pages"]] == ["ok", "out_of_memory"]
    assert record["answers"][0]["text"] == "$118.80"


def chunk(kind, data):
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
