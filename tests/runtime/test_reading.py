"""Whole documents: selection, passwords, damage, limits, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pdf_fixtures import PdfPage, image_bytes, invoice_page, pdf, source_of

from docx_cli import programs, reading
from docx_cli.document import Page
from docx_cli.errors import (
    DocxError,
    MissingDependencyError,
    PasswordError,
    ProgramError,
    UnsupportedInputError,
    UsageError,
)
from docx_cli.reading import PageContent, ReadOptions, page_count, read_pages, render_page
from docx_cli.source import Source


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let temporary files go to a folder of the test's own, and check it is empty after."""
    programs.launchers()  # made once a process, and gone with it
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    yield path
    assert list(path.iterdir()) == []


def read(source: Source, **options: object) -> list[PageContent]:
    return list(read_pages(source, ReadOptions(**options)))  # type: ignore[arg-type]


def numbered(count: int) -> Source:
    """Return a PDF whose pages carry their number."""
    return source_of(pdf(*(PdfPage().text(f"Page {n}", 80, 100) for n in range(1, count + 1))))


def program(folder: Path, name: str, script: str) -> None:
    """Put a program of ours in the place of a real one."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_pages_come_in_order_with_their_own_words() -> None:
    contents = read(numbered(11), pages="2-7,9,-1", picture_size=(12, 8))
    assert [content.page.number for content in contents] == [2, 3, 4, 5, 6, 7, 9, 11]
    for content in contents:
        assert content.page.text() == f"Page {content.page.number}"
        assert content.picture is not None and content.picture.shape == (12, 8)
        assert set(content.timings) == {"text", "picture"}


def test_ocr_only_where_it_is_needed() -> None:
    data = pdf(
        invoice_page(),
        PdfPage().rectangle(0, 0, 10, 10),
        invoice_page(90, 2.0),
        PdfPage(user_unit=2.0).rectangle(0, 0, 10, 10),
        PdfPage().rectangle(0, 0, 10, 10),
    )
    contents = read(source_of(data), picture_size=(12, 8))
    assert [content.page.text_source for content in contents] == ["pdf", "ocr", "pdf", "ocr", "ocr"]
    assert all(content.picture is not None for content in contents)
    assert set(contents[1].timings) == {"text", "raster", "ocr", "picture"}
    never = [content.page.text_source for content in read(source_of(data), ocr="never")]
    assert never == ["pdf", "none", "pdf", "none", "none"]


def test_reading_is_lazy_and_closing_early_cleans_up() -> None:
    pages = read_pages(numbered(40), ReadOptions())
    assert next(pages).page.number == 1
    pages.close()  # type: ignore[attr-defined]


def test_an_image_file_is_one_page() -> None:
    drawn = render_page(source_of(pdf(invoice_page())), 1, dpi=200)
    source = source_of(image_bytes(drawn, dpi=(200, 200)), "png")
    (content,) = read(source, picture_size=(22, 30))
    assert page_count(source) == 1
    assert content.page.text_source == "ocr"
    assert (content.page.width, content.page.height) == pytest.approx((300, 220), abs=0.5)
    assert content.page.text() == "Invoice Total 12.50"
    assert content.picture is not None and content.picture.shape == (22, 30)
    assert read(source, ocr="never")[0].page.text_source == "none"
    assert render_page(source, 1).size == drawn.size
    with pytest.raises(UsageError, match="no page 2"):
        read(source, pages="2")


@pytest.mark.parametrize("password", ["user", "owner"])
def test_encrypted_with_its_password(password: str) -> None:
    source = source_of(pdf(invoice_page(), password="user"))
    assert page_count(source, password) == 1
    assert read(source, password=password)[0].page.text() == "Invoice Total 12.50"
    assert read(source, password=password, ocr="always")[0].page.text() == "Invoice Total 12.50"
    assert render_page(source, 1, password=password).size == (625, 459)


@pytest.mark.parametrize(("password", "said"), [(None, "encrypted"), ("guess", "wrong")])
def test_encrypted_without_its_password(password: str | None, said: str) -> None:
    source = source_of(pdf(invoice_page(), password="user"), name="safe.pdf")
    with pytest.raises(PasswordError, match=f"^safe.pdf: .*{said}"):
        read(source, password=password)
    with pytest.raises(PasswordError):
        page_count(source, password)


def test_an_empty_user_password_needs_none() -> None:
    source = source_of(pdf(invoice_page(), password=""))
    assert read(source)[0].page.text() == "Invoice Total 12.50"


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", b"%PDF-1.4\n%%EOF", b"%PDF-1.7\n" + bytes(3000)])
def test_damaged(data: bytes) -> None:
    with pytest.raises(UnsupportedInputError, match=r"^test: is a damaged PDF"):
        read(source_of(data))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_truncated_gives_pages_or_one_of_our_errors(share: float) -> None:
    data = numbered(8).data
    try:
        contents = read(source_of(data[: int(len(data) * share)]), ocr="never")
    except DocxError as error:
        assert error.exit_code == UnsupportedInputError.exit_code
    else:
        assert contents


@pytest.mark.parametrize("ocr", ["auto", "always", "never"])
def test_a_page_that_fails_leaves_the_others(ocr: str) -> None:
    invisible = PdfPage(crop=(500, 500, 600, 600))
    source = source_of(pdf(invoice_page(), invisible, invoice_page()), name="some.pdf")
    first, failed, last = read(source, ocr=ocr, picture_size=(4, 4))
    assert first.page.text() == last.page.text() == "Invoice Total 12.50"
    assert failed.picture is None
    assert failed.page == Page(2, 0.0, 0.0, status="failed", error="the page has no visible area")
    with pytest.raises(ProgramError, match=r"^some.pdf, page 2: the page has no visible area"):
        render_page(source, 2)


def test_selection_outside_the_document() -> None:
    with pytest.raises(UsageError, match=r"^test: there is no page 9: the document has 2 pages"):
        read(numbered(2), pages="9")
    with pytest.raises(UsageError):
        render_page(numbered(2), 3)


def test_slow_ocr_times_out_and_its_process_is_gone(folder: Path) -> None:
    drawn = render_page(source_of(pdf(invoice_page())), 1, dpi=600)
    path = folder.parent / "page.png"
    path.write_bytes(image_bytes(drawn))
    script = (
        "import os\n"
        "from docx_cli import reading, source\n"
        f"options = reading.ReadOptions(page_timeout=0.02, picture_size=(4, 4))\n"
        f"(content,) = reading.read_pages(source.load({str(path)!r}), options)\n"
        "print(content.page.status, content.page.text_source, content.picture)\n"
        "print(content.page.error)\n"
        "try:\n    print(os.waitpid(-1, os.WNOHANG))\n"
        "except ChildProcessError:\n    print('no child')\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout.split("\n")[:3] == [
        "timeout none None",
        "Tesseract took longer than 0.02 s",
        "no child",
    ]


def test_a_program_that_hangs_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "pdftotext", f"sleep 60 & echo $! > {tmp_path}/child; wait")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    started = time.monotonic()
    (content,) = read(numbered(1), ocr="never", page_timeout=1.0)
    assert time.monotonic() - started < 20
    assert content.page.status == "timeout"
    assert content.page.error == "pdftotext took longer than 1 s"
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    listing = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return listing.stdout.strip()[:1] not in ("", "Z")


@pytest.mark.parametrize("name", ["pdftotext", "tesseract"])
def test_a_program_that_fails_fails_the_page(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = 'if [ "$1" = --version ]; then echo tesseract 5.3.0; exit 0; fi'
    program(tmp_path, name, f"{version}\necho Out of order >&2; exit 3")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    ocr = "always" if name == "tesseract" else "never"
    contents = read(numbered(2), ocr=ocr, picture_size=(4, 4))
    for content in contents:
        assert (content.page.status, content.picture) == ("failed", None)
        assert content.page.error and "failed: Out of order" in content.page.error
        assert (content.page.width, content.page.height) == (300, 220)


def watched_tesseract(folder: Path, monkeypatch: pytest.MonkeyPatch, trouble: str = "") -> Path:
    """Note what Tesseract is started for, and fail where a picture's name holds `trouble`."""
    real, log = shutil.which("tesseract"), folder / "log"
    failing = f'grep -qs "{trouble}" "$1" && exit 3; case "$1" in *{trouble}*) exit 3;; esac'
    program(folder, "tesseract", f'echo "$1" >> {log}\n{failing * bool(trouble)}\nexec {real} "$@"')
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(reading, "_cores", lambda: 2)
    return log


def test_tesseract_starts_once_for_several_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = [read(numbered(12), ocr="always", pages=str(n))[0].page for n in range(1, 13)]
    log = watched_tesseract(tmp_path, monkeypatch)
    together = [content.page for content in read(numbered(12), ocr="always")]
    started = [line for line in log.read_text().split() if "page-" in line]
    assert together == apart
    assert len(started) < 9 and any(name.endswith(".txt") for name in started)


def test_a_page_at_which_tesseract_fails_leaves_those_read_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched_tesseract(tmp_path, monkeypatch, "page-5")
    contents = read(numbered(12), ocr="always")
    failed = [content.page.number for content in contents if content.page.status == "failed"]
    assert failed == [5]
    texts = [content.page.text() for content in contents if content.page.number != 5]
    assert texts == [f"Page {n}" for n in range(1, 13) if n != 5]


def test_pages_of_text_and_of_pictures_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_cores", lambda: 2)
    blank = PdfPage().rectangle(0, 0, 10, 10)
    kinds = "otooootoottooooo"
    source = source_of(pdf(*(invoice_page() if kind == "t" else blank for kind in kinds)))
    contents = read(source, ocr_effort="once")
    assert [content.page.number for content in contents] == list(range(1, len(kinds) + 1))
    assert [content.page.text_source for content in contents] == [
        "pdf" if kind == "t" else "ocr" for kind in kinds
    ]


@pytest.mark.parametrize(
    ("present", "ocr", "package"),
    [
        ([], "auto", "poppler-utils"),
        ([], "always", "poppler-utils"),
        (["pdfinfo"], "always", "poppler-utils"),
        (["pdfinfo", "pdftoppm"], "always", "tesseract-ocr"),
    ],
)
def test_missing_programs(
    present: list[str], ocr: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    for name in present:
        real = shutil.which(name)
        assert real is not None
        (tmp_path / name).symlink_to(real)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependencyError, match=f"apt install {package}"):
        read(numbered(1), ocr=ocr)


@pytest.mark.parametrize("language", ["xyz", "eng+xyz"])
def test_missing_language(language: str) -> None:
    with pytest.raises(MissingDependencyError, match=r"language xyz .*tesseract-ocr-xyz"):
        read(numbered(1), ocr="always", language=language)


def test_a_code_of_two_letters_has_no_package() -> None:
    with pytest.raises(MissingDependencyError, match=r"language en .*three letters, as in eng"):
        read(numbered(1), ocr="always", language="en")


def test_nonsense_language() -> None:
    with pytest.raises(UsageError):
        read(numbered(1), ocr="always", language="eng --psm 1")


def test_the_thread_limit_does_not_outlive_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_THREAD_LIMIT", "7")
    read(numbered(1), ocr="always")
    assert os.environ["OMP_THREAD_LIMIT"] == "7"


def test_children_leave_stdout_alone(capfd: pytest.CaptureFixture[str]) -> None:
    read(numbered(1), ocr="always", picture_size=(4, 4))
    read(numbered(1), picture_size=(4, 4))
    assert capfd.readouterr() == ("", "")
