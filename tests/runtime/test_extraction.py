"""From answers and tables to values that satisfy a schema, or failures that say why not."""

import csv
import io
import json

import jsonschema
import openpyxl
import pytest
from cli_support import FIXTURE, lines, records

import docx_cli
from docx_cli.choices import Wanted
from docx_cli.conventions import Conventions
from docx_cli.document import (
    Alternative,
    Answer,
    Box,
    Cell,
    DocumentResult,
    Evidence,
    Page,
    Table,
    Word,
)
from docx_cli.errors import SchemaError
from docx_cli.extraction import extracted
from docx_cli.labels import alike, synonyms
from docx_cli.line_items import items
from docx_cli.short_schema import find

KNOWN = Conventions("dmy", ",", ("EUR",))
ITEMS = find("items!: [description!, quantity: number, price: money]").rows[0]
WIDTH = 0.2


def table(*rows, header_rows=1, page=1, spans=()):
    """A table of texts; `spans` are slots whose cell spans the next column too."""
    cells = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text is None:
                continue
            wide = 2 if (r, c) in spans else 1
            box = Box(WIDTH * c, 0.1 * r, WIDTH * (c + wide), 0.1 * (r + 1))
            kind = "header" if r < header_rows else "body"
            cells.append(Cell(r, c, 1, wide, kind, text, box, 0.9, page))
    return Table(page, Box(0, 0, 1, 1), tuple(cells), 0.9)


def read_items(*tables, rows=ITEMS, words=lambda cell: ()):
    found = items(rows, tables, words, KNOWN)
    return [{name: reading.value for name, (reading, _) in item.values.items()} for item in found]


PRINTED = table(
    ["Pos", "Bezeichnung", "Menge", "Einzelpreis"],
    ["1", "Schrauben", "4 Stk", "12,50"],
    ["2", "Draht", "2", "1.030,00"],
    ["", "Zwischensumme", None, "2.110,00"],
    ["", "Versand", "1", "5,00"],
    ["", None, "7", "1,00"],
    ["", "Gesamt", None, "2.115,00"],
)


def test_columns_are_told_by_heading_and_type():
    found = read_items(PRINTED)
    assert [item["description"] for item in found] == ["Schrauben", "Draht", "Versand"]
    assert [item["quantity"] for item in found] == [4, 2, 1]
    assert [str(item["price"].amount) for item in found] == ["12.50", "1030.00", "5.00"]


def test_a_column_of_another_type_is_not_taken():
    wrong = table(["Artikel", "Menge"], ["Schrauben", "viele"], ["Draht", "wenige"])
    assert read_items(wrong) == []


def test_tables_without_the_required_columns_hold_no_items():
    taxes = table(["Steuersatz", "Betrag"], ["19 %", "37,62"])
    assert read_items(taxes) == []
    assert len(read_items(taxes, PRINTED, PRINTED)) == 6


def test_a_product_may_be_called_total():
    tools = table(["Item", "Qty", "Price"], ["Total Station", "1", "9,50"], ["Total", None, "9,50"])
    assert [item["description"] for item in read_items(tools)] == ["Total Station"]


def test_a_total_may_count_its_items():
    bill = table(["Item", "Qty", "Price"], ["Beer", "1", "9,50"], ["Wine", "1", "2,00"],
                 ["SUB TOTAL :", "2", "11,50"])  # fmt: skip
    assert [item["description"] for item in read_items(bill)] == ["Beer", "Wine"]


def test_two_headings_in_one_cell_are_parted_by_place():
    shared = table(["Qty Item", None, "Price"], ["4", "Bolts", "2,00"], spans=[(0, 0)])
    printed = (Word("Qty", Box(0.02, 0, 0.1, 0.1)), Word("Item", Box(0.25, 0, 0.3, 0.1)))
    [item] = read_items(shared, words=lambda cell: printed if cell.column_span == 2 else ())
    assert (item["description"], item["quantity"]) == ("Bolts", 4)


def test_headings_parted_at_the_end_of_a_line():
    parted = table(["Artikel- bezeichnung", "Menge"], ["Bolts", "2"])
    assert read_items(parted)[0]["description"] == "Bolts"


def test_headings_are_alike():
    assert alike("Qty.", "qty") == 1.0
    assert alike("Unit price EUR", "unit price") > alike("Unit price EUR", "price") > 0.5
    assert alike("Gesamtpreis", "preis") == 0.5
    assert alike("Menge", "Preis") == alike("", "Preis") == 0.0
    assert "Menge" in synonyms(("qty",))
    assert synonyms(("wingspan",)) == ("wingspan",)


def told(name, text, confidence=0.9, others=()):
    box = Box(0.1, 0.1, 0.2, 0.2)
    where = Evidence(1, box, (Word(text, box),))
    rest = tuple(Alternative(t, c, "pointer", where) for t, c in others)
    return Answer("?", name, text, True, confidence, "pointer", where, alternatives=rest)


def extract(line, *answers, tables=(), least=0.0):
    page = Page(1, 595, 842, words=(Word("Rechnung", Box(0, 0, 1, 1)),))
    result = DocumentResult("a.pdf", None, "ok", pages=(page,), answers=answers, tables=tables)
    done = extracted(result, find(line), Wanted(min_confidence=least, locale="de_DE"))
    assert (done.answers, done.tables) == (None, None)
    return done.extraction


def test_values_are_typed_and_keep_their_evidence():
    found = extract("no!, day: date, sum: money", told("day", "3. Mai 2021"), told("no", "A 7"))
    assert found.data == {"day": "2021-05-03", "no": "A 7"}
    assert (found.valid, found.failures) == (True, ())
    day = next(value for value in found.values if value.field == "day")
    assert (day.text, day.evidence.words[0].text) == ("3. Mai 2021", "3. Mai 2021")


def test_what_failed_is_said_field_by_field(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "fields:\n  'no': {pattern: '^A'}\n  state: {enum: [Open, Paid]}\n  day: date!\n"
        "  plan: {enum: [Basic, Pro]}\n  who: text!\n  count: {type: integer, minimum: 5}\n"
        "  lines: {items: {name: text!}, required: true}\n"
    )
    found = extract(
        str(path), told("no", "B 7"), told("state", "PAID"), told("day", "soon"),
        told("plan", "Gold"), told("count", "3"),
    )  # fmt: skip
    assert found.data == {"state": "Paid"}
    assert not found.valid
    assert {f.field: (f.reason, f.text) for f in found.failures} == {
        "no": ("pattern", "B 7"), "day": ("unreadable", "soon"), "plan": ("enum", "Gold"),
        "count": ("minimum", "3"), "who": ("missing", ""), "lines": ("missing", ""),
    }  # fmt: skip
    assert next(f for f in found.failures if f.field == "no").evidence.page == 1


def test_the_likeliest_answer_of_the_type_is_taken():
    asked = told("day", "by post", 0.6, [("03.05.2021", 0.2), ("04.05.2021", 0.3)])
    assert extract("day: date", asked).data == {"day": "2021-05-04"}
    asked = told("day", "by post", 0.6, [("03.05.2021", 0.05)])
    assert [f.reason for f in extract("day: date", asked).failures] == ["unreadable"]
    two = told("sum", "4,00", 0.6), told("sum", "5,00", 0.8)
    assert extract("sum: money!", *two).data["sum"]["amount"] == 5


def test_unsure_values_are_told_and_left_out():
    found = extract("no: text", told("no", "A 7", 0.4), least=0.5)
    assert (found.data, found.valid) == ({}, True)
    assert [(f.reason, f.text) for f in found.failures] == [("unsure", "A 7")]
    assert extract("no: text", told("no", "A 7", 0.05)).data == {"no": "A 7"}
    assert extract("no: text", told("no", "A 7", 0.004)).data == {}


def test_items_are_values_too():
    found = extract("items!: [description!, quantity: integer, price: money]", tables=(PRINTED,))
    assert [item["description"] for item in found.data["items"]] == [
        "Schrauben",
        "Draht",
        "Versand",
    ]
    assert [v.field for v in found.values][:2] == ["items/0/description", "items/0/quantity"]
    assert found.values[0].evidence.box == Box(WIDTH, 0.1, 2 * WIDTH, 0.2)


def test_a_list_is_a_column_or_all_likely_answers():
    asked = told("days", "03.05.2021", 0.5, [("04.05.2021", 0.4), ("soon", 0.3), ("1.1.2020", 0.1)])
    found = extract("days: date[]", asked)
    assert found.data == {"days": ["2021-05-03", "2021-05-04"]}
    assert [(f.field, f.reason) for f in found.failures] == [("days/2", "unreadable")]
    assert [v.field for v in found.values] == ["days/0", "days/1"]
    found = extract("Bezeichnung: text[], amount: money[]", tables=(PRINTED,))
    assert found.data == {"Bezeichnung": ["Schrauben", "Draht", "Versand"]}
    found = extract("days!: date[]")
    assert [(f.field, f.reason) for f in found.failures] == [("days", "missing")]


def test_a_list_is_one_cell_of_a_sheet(docx_here, documents):
    done = docx_here(
        "extract", "-s", "item: text[], number!", documents / "invoice.pdf", "--format", "csv"
    )
    [row] = csv.DictReader(io.StringIO(done.stdout.decode()))
    assert json.loads(row["item"]) == ["Steel bolts", "Copper wire"]


def test_objects_in_objects():
    rule = {"type": "object", "properties": {"who": {"type": "object", "properties": {
        "name": {"type": "string"}}, "required": ["name"]}}, "required": ["who"]}  # fmt: skip
    from docx_cli.fields import schema_of

    page = Page(1, 595, 842)
    result = DocumentResult("a", None, "ok", pages=(page,), answers=(told("who/name", "Ann"),))
    assert extracted(result, schema_of(rule, "x"), Wanted()).extraction.data == {
        "who": {"name": "Ann"}
    }
    lacking = DocumentResult("a", None, "ok", pages=(page,), answers=())
    [failure] = extracted(lacking, schema_of(rule, "x"), Wanted()).extraction.failures
    assert (failure.field, failure.reason) == ("who", "missing")


@pytest.mark.parametrize("schema", ["invoice", "number!, issued: date, total: money!"])
def test_an_invoice_on_the_command_line(docx_here, documents, schema):
    done = docx_here("extract", "-s", schema, documents / "invoice.pdf")
    [record] = records(done)
    found = record["extraction"]
    assert found["data"]["total"] == {"amount": 118.8, "currency": "USD"}
    jsonschema.validate(found["data"], dict(find(schema).rule))
    if schema == "invoice":
        assert found["data"]["invoice_date"] == "2023-03-14"
        assert found["data"]["line_items"][1] == {
            "description": "Copper wire", "quantity": 2,
            "unit_price": {"amount": 30, "currency": "USD"},
            "amount": {"amount": 60, "currency": "USD"},
        }  # fmt: skip
    assert (record["answers"], record["tables"]) == (None, None)
    assert all(value["box"] and value["words"] for value in found["values"])


def test_one_row_a_file_and_items_in_a_sheet(docx_here, documents, tmp_path):
    names = [str(documents / "invoice.pdf"), str(documents / "none.pdf"), str(FIXTURE)]
    done = docx_here("extract", "-s", "invoice", *names, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert [row["source"] for row in rows] == names
    assert (rows[0]["total"], rows[0]["total_currency"]) == ("118.8", "USD")
    assert json.loads(rows[0]["line_items"])[0]["description"] == "Steel bolts"
    assert "No such file" in rows[1]["error"]
    assert done.returncode == 10
    docx_here("extract", "-s", "invoice", *names, "-o", tmp_path / "all.xlsx")
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    assert book.sheetnames == ["invoice", "line_items"]
    assert [row[0].value for row in book["invoice"]][1:] == names
    names_of = [cell.value for cell in book["invoice"][1]]
    dated = book["invoice"].cell(2, names_of.index("invoice_date") + 1)
    assert (dated.is_date, str(dated.value), dated.number_format) == (
        True,
        "2023-03-14 00:00:00",
        "yyyy-mm-dd",
    )
    kept = list(book["line_items"].values)
    assert kept[1][:3] == (names[0], 1, "Steel bolts")
    assert {line[0] for line in kept[1:]} == {names[0], names[2]}


def test_schemas_are_listed_and_printed(docx_here):
    listed = docx_here("schema", "--list").stdout.splitlines()
    assert {json.loads(line)["name"] for line in listed} == {"invoice", "receipt", "form"}
    assert json.loads(docx_here("schema", "receipt").stdout)["title"] == "Receipt"
    done = docx_here("extract", "-s", "recipt", FIXTURE)
    assert (done.returncode, done.stdout, len(lines(done))) == (9, b"", 1)
    assert "there are: form, invoice, receipt" in lines(done)[0]


def test_alternatives_belong_to_answers(docx_here):
    done = docx_here("extract", "-s", "total: money", FIXTURE, "--top-k", 2)
    assert (done.returncode, done.stdout) == (2, b"")


def test_from_python(documents):
    document = docx_cli.open(documents / "invoice.pdf")
    found = document.extract("total: money, dated: date")
    assert found.data["total"] == {"amount": 118.8, "currency": "USD"}
    own = {"type": "object", "properties": {"total": {"type": "number"}}}
    assert document.extract(own).data == {"total": 118.8}
    assert document.extract("total: money", min_confidence=1.0).failures[0].reason == "unsure"
    with pytest.raises(SchemaError):
        document.extract({"fields": {}})
