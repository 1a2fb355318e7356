"""Line items under headings whose columns are not straight: no table, but rows all the same."""

from docx_cli.choices import Wanted
from docx_cli.conventions import Conventions
from docx_cli.document import Box, DocumentResult, Page, Word
from docx_cli.extraction import extracted
from docx_cli.item_rows import item_tables
from docx_cli.line_items import items, likelier
from docx_cli.short_schema import find
from docx_cli.tilt import Tilt

KNOWN = Conventions("dmy", ",", ("EUR",))
ROWS = find("invoice").rows[0]
WIDE, HIGH = 600.0, 800.0
LETTER, TALL = 5.0, 10.0


def page(*lines, number=1):
    """A page of lines: how far down in points, then pairs of x and the words that begin there."""
    words = []
    for y, *chunks in lines:
        for x, text in chunks:
            for word in text.split():
                box = (x, y, x + LETTER * len(word), y + TALL)
                words.append(
                    Word(word, Box(*(v / s for v, s in zip(box, (WIDE, HIGH) * 2, strict=True))))
                )
                x += LETTER * (len(word) + 0.6)
    return Page(number, WIDE, HIGH, words=tuple(words), text_source="pdf")


def read_items(*pages):
    found = items(ROWS, item_tables(ROWS, pages, KNOWN), lambda cell: (), KNOWN)
    return [{name: cell.text for name, (_, cell) in item.values.items()} for item in found]


HEADINGS = (
    (100, (40, "Pos"), (70, "Bezeichnung"), (200, "Menge"), (260, "Einzelpreis"), (360, "Betrag")),
)


def test_names_of_several_lines_run_under_other_headings():
    found = read_items(
        page(
            (60, (40, "Rechnung 17 mit einer Menge Text")),
            *HEADINGS,
            (120, (40, "1"), (70, "Schrauben aus verzinktem Stahl"), (215, "4 Stk"),
             (275, "12,50"), (360, "50,00")),
            (131, (70, "und Muttern")),
            (160, (70, "geliefert am 3. 5. 2021 in Ulm")),
            (180, (40, "2"), (70, "Draht"), (215, "10 m"), (275, "3,00"), (360, "30,00")),
            (200, (260, "Summe"), (360, "80,00")),
            (220, (70, "Versand"), (215, "1"), (275, "9,00"), (360, "9,00")),
        )
    )  # fmt: skip
    assert found == [
        {"description": "Schrauben aus verzinktem Stahl und Muttern", "quantity": "4 Stk",
         "unit_price": "12,50", "amount": "50,00"},
        {"description": "Draht", "quantity": "10 m", "unit_price": "3,00", "amount": "30,00"},
    ]  # fmt: skip


def test_lists_are_columns_that_run_under_other_headings():
    crooked = page(
        *HEADINGS,
        (120, (40, "1"), (70, "Schrauben aus verzinktem Stahl"), (215, "4 Stk"), (275, "12,50"),
         (360, "50,00")),
        (131, (70, "und Muttern")),
        (180, (40, "2"), (70, "Draht"), (215, "10 m"), (275, "3,00"), (360, "30,00")),
        (200, (260, "Summe"), (360, "80,00")),
    )  # fmt: skip
    result = DocumentResult("a.pdf", None, "ok", pages=(crooked,))
    schema = find("Bezeichnung: text[], Betrag: number[]")
    found = extracted(result, schema, Wanted(locale="de_DE")).extraction
    assert found.data == {
        "Bezeichnung": ["Schrauben aus verzinktem Stahl und Muttern", "Draht"],
        "Betrag": [50, 30],
    }
    assert found.values[1].evidence.words[0].text == "Draht"


def test_headings_stand_in_several_lines():
    found = read_items(
        page(
            (89, (360, "Positions-")),
            (100, (70, "Bezeichnung"), (140, "Menge"), (260, "Einzel-"), (360, "betrag")),
            (111, (260, "preis"), (360, "ohne")),
            (135, (70, "Draht"), (150, "2"), (270, "3,00"), (365, "6,00")),
        )
    )
    assert found == [
        {"description": "Draht", "quantity": "2", "unit_price": "3,00", "amount": "6,00"}
    ]


def test_a_heading_may_hold_the_word_for_another_column():
    found = read_items(
        page(
            (100, (70, "Description"), (200, "Quantity"), (300, "Price w/o tax"), (420, "Tax")),
            (120, (70, "Wire"), (210, "2"), (310, "3.00"), (420, "19 %")),
        )
    )
    assert found == [{"description": "Wire", "quantity": "2", "amount": "3.00", "tax_rate": "19 %"}]


def test_the_name_stands_above_its_numbers():
    found = read_items(
        page(
            *HEADINGS,
            (120, (70, "Schrauben")),
            (131, (40, "1"), (215, "4"), (275, "12,50"), (360, "50,00")),
            (160, (70, "Draht")),
            (171, (40, "2"), (215, "1"), (275, "3,00"), (360, "3,00")),
        )
    )
    assert [item["description"] for item in found] == ["Schrauben", "Draht"]


def test_the_numbers_stand_beside_the_middle_of_the_name():
    found = read_items(
        page(
            *HEADINGS,
            (120, (70, "Schrauben")),
            (131, (70, "aus Stahl"), (215, "4"), (275, "12,50"), (360, "50,00")),
            (142, (70, "verzinkt")),
            (170, (70, "Draht")),
            (181, (70, "und Seil"), (215, "1"), (275, "3,00"), (360, "3,00")),
        )
    )
    names = [item["description"] for item in found]
    assert names == ["Schrauben aus Stahl verzinkt", "Draht und Seil"]


def test_rows_go_on_on_the_next_page_without_headings():
    first = page(*HEADINGS, (120, (70, "Draht"), (215, "2"), (275, "3,00"), (360, "6,00")))
    rest = (
        (60, (70, "Seil"), (215, "1"), (275, "4,00"), (360, "4,00")),
        (90, (40, "Zahlbar bis 31. 5. 2021 auf unser Konto")),
        (120, (70, "Skonto"), (215, "2"), (275, "3,00"), (360, "0,20")),
    )
    found = read_items(first, page(*rest, number=2))
    assert [item["description"] for item in found] == ["Draht", "Seil"]
    assert [t.parts[1].page for t in item_tables(ROWS, [first, page(*rest, number=2)], KNOWN)] == [
        2
    ]
    assert len(read_items(first, page(*rest, number=3))) == 1
    ended = page(*HEADINGS, (120, (70, "Draht"), (215, "2"), (275, "3,00"), (360, "6,00")),
                 (140, (70, "Gesamtbetrag"), (360, "6,00")))  # fmt: skip
    assert len(read_items(ended, page(*rest, number=2))) == 1


def test_prose_and_other_tables_hold_no_items():
    assert read_items(
        page(
            (100, (40, "The price of each item and its description are listed below.")),
            (120, (40, "In 2021 we sold 4 of them at 12,50 and 3 at 11,00.")),
        )
    ) == []  # fmt: skip
    taxes = page(*HEADINGS,
                 (120, (70, "Draht"), (215, "2"), (275, "3,00"), (360, "6,00")),
                 (150, (70, "Steuerart"), (215, "Basis"), (360, "Steuer")),
                 (170, (70, "Normalsatz"), (215, "6,00"), (360, "1,14")))  # fmt: skip
    assert [item["description"] for item in read_items(taxes)] == ["Draht"]


def test_a_total_may_count_its_items():
    found = read_items(
        page(
            *HEADINGS,
            (120, (70, "Draht"), (215, "2"), (275, "3,00"), (360, "6,00")),
            (140, (70, "Sub Total"), (215, "2"), (275, "3,00"), (360, "6,00")),
            (160, (70, "Trinkgeld"), (215, "1"), (275, "0,60"), (360, "0,60")),
        )
    )
    assert [item["description"] for item in found] == ["Draht"]


def test_boxes_are_those_of_the_page_as_given():
    upright = page(*HEADINGS, (120, (70, "Draht"), (215, "2"), (275, "3,00"), (360, "6,00")))
    tilt = Tilt(90, 0.0, HIGH, WIDE)
    words = tuple(Word(w.text, tilt.back(w.box)) for w in upright.words)
    turned = Page(1, HIGH, WIDE, words=words, text_source="pdf", turned=90)
    [table] = item_tables(ROWS, [turned], KNOWN)
    cell = next(c for c in table.cells if c.text == "Draht")
    assert cell.box.contains(*next(w for w in words if w.text == "Draht").box.center)
    assert table.grid()[1][1:] == ["Draht", "2", "3,00", "6,00"]


def test_the_reading_with_more_whole_items_is_taken():
    good = page(*HEADINGS, (120, (70, "Draht"), (215, "2"), (275, "3,00"), (360, "6,00")))
    poor = page(*HEADINGS, (120, (70, "Draht"), (275, "3,00"), (360, "6,00")))
    whole, half = (
        items(ROWS, item_tables(ROWS, [one], KNOWN), lambda cell: (), KNOWN) for one in (good, poor)
    )
    assert likelier(ROWS, whole, half) is likelier(ROWS, half, whole) is whole
    assert likelier(ROWS, [], half) is half


def test_of_equal_readings_that_of_tables_is_taken():
    [table] = item_tables(ROWS, [page(*HEADINGS, (120, (70, "Draht"), (215, "2")))], KNOWN) or [
        None
    ]
    assert table is None  # a count alone is no item
    good = [page(*HEADINGS, (120, (70, "Draht"), (215, "2"), (275, "3,00"), (360, "6,00")))]
    first, second = (
        items(ROWS, item_tables(ROWS, good, KNOWN), lambda cell: (), KNOWN) for _ in range(2)
    )
    assert likelier(ROWS, first, second) is first
