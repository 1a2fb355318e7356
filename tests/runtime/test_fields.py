"""Schemas of what is to be extracted, in all their forms."""

import json

import jsonschema
import pytest

from docx_cli.errors import FileAccessError, SchemaError
from docx_cli.fields import schema_of, words_of
from docx_cli.short_schema import compiled, find, names

PYDANTIC = {
    "$defs": {
        "Item": {
            "type": "object",
            "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}},
            "required": ["sku"],
        },
        "Party": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
    "type": "object",
    "properties": {
        "invoiceDate": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "seller": {"$ref": "#/$defs/Party"},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
        "state": {"enum": ["open", "paid"]},
        "rate": {"type": ["number", "null"], "x-type": "percent"},
        "vat_id": {"type": "string", "pattern": "^DE", "description": "The VAT id of the seller."},
    },
    "required": ["seller"],
}


def test_json_schema_as_pydantic_writes_it():
    schema = schema_of(PYDANTIC, "own")
    fields = {field.name: field for field in schema.fields}
    assert {name: field.type for name, field in fields.items()} == {
        "invoiceDate": "date", "seller/name": "text", "state": "text", "rate": "percent",
        "vat_id": "text",
    }  # fmt: skip
    assert fields["invoiceDate"].questions == ("What is the invoice date?",)
    assert fields["seller/name"].questions == ("What is the seller name?",)
    assert fields["vat_id"].questions == (
        "What is the VAT id of the seller?",
        "What is the vat id?",
    )
    [rows] = schema.rows
    assert [(f.name, f.type, f.required) for f in rows.fields] == [
        ("sku", "text", True), ("count", "integer", False),
    ]  # fmt: skip


def test_one_line_yaml_and_json_say_the_same(tmp_path):
    line = "number!, issued: date, total: money!, items: [name!, share: percent, done: bool]"
    short = tmp_path / "short.yaml"
    short.write_text(
        "fields:\n  number: {required: true}\n  issued: date\n  total: money!\n"
        "  items:\n    items: {name: text!, share: percent, done: boolean}\n"
    )
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps(find(line).rule))
    rules = [find(str(form)).rule for form in (line, short, whole)]
    assert rules[0] == rules[1] == rules[2]
    assert rules[0]["required"] == ["number", "total"]
    assert find(str(whole)).name == "whole"


def test_ready_schemas_are_sound_and_listed():
    assert set(names()) == {"invoice", "receipt", "form"}
    for name, description in names().items():
        schema = find(name)
        assert description and any(field.required for field in schema.fields)
        jsonschema.Draft202012Validator.check_schema(schema.rule)
        assert all(question.endswith("?") for f in schema.fields for question in f.questions)


def test_a_field_says_how_it_is_asked_for(tmp_path):
    path = tmp_path / "own.yml"
    path.write_text(
        "fields:\n"
        "  due: {type: date, question: ['When is it due?', 'By when must it be paid?']}\n"
        "  plan: {enum: [Basic, Pro], description: 'Which plan was chosen?'}\n"
        "  code: {pattern: '^[A-Z]{3}$', labels: [Code No], minLength: 3}\n"
    )
    due, plan, code = find(str(path)).fields
    assert due.questions == ("When is it due?", "By when must it be paid?")
    assert plan.questions[0] == "Which plan was chosen?"
    assert code.rule["pattern"] == "^[A-Z]{3}$"
    assert code.labels == ("code", "Code No")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("invoice_number", "invoice number"),
        ("dueDate", "due date"),
        ("IBAN", "IBAN"),
        ("a-b", "a b"),
    ],
)
def test_keys_are_read_as_words(key, words):
    assert words_of(key) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "there is no schema 'nothing'"),
        ("a: colour", "the type 'colour' is not known"),
        ("a: [b", "a bracket is not closed"),
        ("a, b]", "was not expected"),
        ("a:, b", "a type is expected"),
        (", a", "a field's name is expected"),
        ("a: date; b", "cannot be read"),
    ],
)
def test_lines_that_make_no_sense(text, message):
    with pytest.raises(SchemaError, match=message):
        find(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "no object"),
        ("{}", "neither fields nor properties"),
        ('{"properties": {"a": {"type": "text"}}}', "no JSON Schema"),
        ('{"properties": {}}', "no fields"),
        ('{"properties": {"a": {"$ref": "#/$defs/b"}}}', "leads nowhere"),
        ('{"properties": {"a": {"$ref": "#/properties/a"}}}', "in a circle"),
        ('{"properties": {"a": {"type": "array", "items": {}}}}', "must hold values"),
        ('{"properties": {"a": {"type": ["string", "number"]}}}', "must have one type"),
        ('{"properties": {"a": {"type": "string", "x-type": "colour"}}}', "is not known"),
        ('{"fields": {"a": {"colour": "red"}}}', "colour is not known"),
        ('{"fields": ["a"]}', "names with types"),
        ('{"fields": {"a": 3}}', "a type or a mapping"),
        ('{"fields": {"a": {"items": {"b": 1}}}}', "a/b: a type or a mapping"),
        ("{", "no JSON"),
    ],
)
def test_files_that_are_not_sound(tmp_path, text, message):
    path = tmp_path / "own.json"
    path.write_text(text)
    with pytest.raises(SchemaError, match=message) as failure:
        find(str(path))
    assert str(failure.value).startswith(str(path))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileAccessError, match="No such file"):
        find(str(tmp_path / "none.yaml"))
    (tmp_path / "bad.yaml").write_text("a: [1\nb")
    with pytest.raises(SchemaError, match=r"no YAML: .*line"):
        find(str(tmp_path / "bad.yaml"))
    (tmp_path / "no.yaml").write_text("fields: {no: text}")
    with pytest.raises(SchemaError, match="put it in quotes"):
        find(str(tmp_path / "no.yaml"))
    (tmp_path / "bad.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileAccessError, match="not UTF-8"):
        find(str(tmp_path / "bad.yml"))


def test_json_schema_is_taken_as_it_is():
    assert compiled(PYDANTIC) is PYDANTIC


def test_lists_of_plain_values(tmp_path):
    short = tmp_path / "short.yaml"
    short.write_text(
        "fields:\n  issue_dates: {type: 'date[]', required: true}\n"
        "  tags: {items: text, minItems: 1}\n"
        "  addresses: {items: text, question: 'Where is it?'}\n"
    )
    schema = find(str(short))
    dates, _, addresses = schema.fields
    assert [(f.type, f.many, f.required) for f in schema.fields] == [
        ("date", True, True), ("text", True, False), ("text", True, False),
    ]  # fmt: skip
    assert dates.questions == ("What is the issue date?",)
    assert dates.labels == ("issue date", "issue dates")
    assert (addresses.questions, addresses.labels[0]) == (("Where is it?",), "address")
    assert schema.rule["properties"]["tags"] == {
        "type": "array", "items": {"type": "string"}, "minItems": 1,
    }  # fmt: skip
    inline = find("issue_dates!: date[], tags: text[]").rule
    assert inline["properties"]["issue_dates"] == schema.rule["properties"]["issue_dates"]
    assert inline["required"] == ["issue_dates"]
    with pytest.raises(SchemaError, match="bytes"):
        find("tags: bytes[]")
