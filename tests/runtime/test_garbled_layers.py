"""Text layers that do not say what is printed, and such as run another way over the page."""

from __future__ import annotations

import random
import string

import pytest
from pdf_fixtures import PdfPage, pdf, source_of

from docx_cli.document import Box, Page
from docx_cli.language import common_share, is_gibberish
from docx_cli.reading import PageContent, ReadOptions, read_pages

LINES = (
    "The delivery was inspected on arrival",
    "and found complete in every respect",
    "Please settle this account within",
    "thirty days of the date printed above",
    "Questions are answered by the office",
)
LANGUAGES = {
    "German": "Die Lieferung wurde bei der Ankunft geprüft und für vollständig befunden. Bitte "
    "begleichen Sie die Rechnung innerhalb von dreißig Tagen nach Erhalt der Ware.",
    "French": "La livraison a été contrôlée à son arrivée et jugée complète. Veuillez régler la "
    "facture dans les trente jours qui suivent la réception des marchandises.",
    "Spanish": "La entrega se inspeccionó a su llegada y se encontró completa. Le rogamos que "
    "abone esta factura dentro de los treinta días siguientes a su recepción.",
    "Finnish": "Toimitus tarkastettiin saapuessaan ja todettiin täydelliseksi. Maksakaa lasku "
    "kolmenkymmenen päivän kuluessa laskun päiväyksestä, kiitos.",
    "Polish": "Przesyłka została sprawdzona po przyjeździe i uznana za kompletną. Prosimy o "
    "uregulowanie należności w ciągu trzydziestu dni od daty wystawienia.",
    "Turkish": "Teslimat varışta incelendi ve eksiksiz bulundu. Lütfen bu faturayı teslim "
    "tarihinden itibaren otuz gün içinde ödeyiniz, teşekkür ederiz.",
}
GREEK = "Η παράδοση ελέγχθηκε κατά την άφιξη και βρέθηκε πλήρης, παρακαλούμε εξοφλήστε " * 3


def shifted(by: int) -> dict[str, str]:
    codes = range(33, 127)
    return {chr(c): chr(33 + (c - 33 + by) % len(codes)) for c in codes} | {" ": " "}


def exchanged(seed: int) -> dict[str, str]:
    letters = list(string.ascii_lowercase)
    random.Random(seed).shuffle(letters)
    small = dict(zip(string.ascii_lowercase, letters, strict=True))
    return small | {a.upper(): b.upper() for a, b in small.items()} | {" ": " "}


def page_of(lines: tuple[str, ...]) -> PdfPage:
    page = PdfPage(crop=(0, 0, 300, 220), media=(0, 0, 300, 220))
    for number, line in enumerate(lines):
        page.text(line, 20, 40 + 36 * number, 13)
    return page


def read(data: bytes, **options: object) -> PageContent:
    (content,) = read_pages(source_of(data), ReadOptions(**options))  # type: ignore[arg-type]
    return content


@pytest.mark.parametrize("meanings", [shifted(3), shifted(-29), exchanged(2)])
def test_a_layer_of_wrong_letters_is_read_by_ocr_instead(meanings: dict[str, str]) -> None:
    data = pdf(page_of(LINES), to_unicode=meanings)
    layer = read(data, ocr="never").page
    assert layer.words and not set(layer.text().split()) & set(LINES[0].split())
    page = read(data).page
    assert (page.text_source, page.ocr_reason) == ("ocr", "gibberish")
    assert page.text() == " ".join(LINES)


def test_each_page_is_judged_alone() -> None:
    data = pdf(page_of(LINES), page_of(("~~ ~~",)), to_unicode=shifted(3))
    pages = [content.page for content in read_pages(source_of(data), ReadOptions())]
    assert [page.ocr_reason for page in pages] == ["gibberish", None]


def test_a_layer_stands_where_ocr_reads_no_language_either() -> None:
    codes = tuple(" ".join(word[::-1] for word in line.split()) for line in CODES)
    page = read(pdf(page_of(codes))).page
    assert (page.text_source, page.ocr_reason) == ("pdf", None)
    assert page.text() == " ".join(codes)
    assert all(word.confidence is None for word in page.words)


CODES = ("XKQJ ZVWX GHQK JWZX", "KKQV XXZJ HQWK PZXV", "QJXK VWZQ KHGX ZZQK", "XVKQ JQZW WXGK HZKV")


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_are_told_from_nonsense(language: str) -> None:
    words = LANGUAGES[language].split()
    assert not is_gibberish(words)
    for meanings in (shifted(3), shifted(-29), shifted(1), exchanged(1), exchanged(5)):
        assert is_gibberish([word.translate(str.maketrans(meanings)) for word in words])


def test_of_other_scripts_numbers_and_few_letters_nothing_is_said() -> None:
    assert common_share(GREEK.split()) is None
    assert common_share(["1,284.50", "4471-B", "2019-03-23"] * 50) is None
    assert common_share(["xqj", "zvw"]) is None


@pytest.mark.parametrize(
    ("matrix", "start", "turned"),
    [
        ("1 0 0 1", (20, 180, 0, -30), 0),
        ("0 1 -1 0", (40, 10, 36, 0), 90),
        ("-1 0 0 -1", (280, 40, 0, 30), 180),
        ("0 -1 1 0", (240, 210, -36, 0), 270),
    ],
)
def test_a_text_layer_that_runs_another_way(
    matrix: str, start: tuple[int, int, int, int], turned: int
) -> None:
    x, y, right, up = start
    page = PdfPage(crop=(0, 0, 300, 220), media=(0, 0, 300, 220))
    for number, line in enumerate(LINES):
        place = f"{x + number * right} {y + number * up}"
        page.operators.append(f"BT /F1 11 Tf {matrix} {place} Tm ({line}) Tj ET")
    content = read(pdf(page), picture_size=(60, 60))
    assert (content.page.turned, content.page.text_source) == (turned, "pdf")
    upright = content.upright
    assert (upright.width, upright.height) == ((220, 300) if turned % 180 else (300, 220))
    rows = rows_of(upright)
    assert [" ".join(row) for row in rows] == list(LINES)
    ink = 255 - content.picture.astype(float)  # type: ignore[union-attr]
    for word in upright.words:
        x0, y0, x1, y1 = (round(60 * v) for v in word.box.as_tuple())
        assert ink[y0 : y1 + 1, x0 : x1 + 1].sum() > 0


def rows_of(page: Page) -> list[list[str]]:
    rows: dict[int, list[tuple[float, str]]] = {}
    for word in page.words:
        box: Box = word.box
        rows.setdefault(round(box.center[1] * 50), []).append((box.x0, word.text))
    return [[text for _, text in sorted(row)] for _, row in sorted(rows.items())]
