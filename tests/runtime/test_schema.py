"""The published schema: records satisfy it, and it notices every stray field."""

import copy
import json

import jsonschema
import pytest
from cli_support import sample

from docx_cli.document import ErrorInfo, ModelIdentity
from docx_cli.outputs import record
from docx_cli.safe_text import as_json
from docx_cli.schema import record_schema

VALIDATOR = jsonschema.Draft202012Validator(record_schema())


def full():
    return record(sample(model=ModelIdentity("mini", "1", "f" * 64)), words=True)


def objects(value):
    """Yield every object of a record but those whose keys are free."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key not in ("timings", "data"):
                yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(record_schema())


@pytest.mark.parametrize(
    "result",
    [
        sample(),
        sample(model=ModelIdentity("mini", "1", "f" * 64)),
        sample(answers=None, key_values=None, tables=None),
        sample(sha256=None, status="failed", error=ErrorInfo("file", 5, "no"), pages=()),
    ],
)
@pytest.mark.parametrize("words", [True, False])
def test_records_satisfy_it(result, words):
    VALIDATOR.validate(json.loads(as_json(record(result, words=words))))


def test_a_stray_field_is_noticed_in_every_object():
    for index, _ in enumerate(objects(full())):
        value = full()
        list(objects(value))[index]["stray"] = 1
        assert not VALIDATOR.is_valid(value)


def test_a_missing_field_is_noticed_in_every_object():
    for index, found in enumerate(objects(full())):
        for key in found:
            value = full()
            del list(objects(value))[index][key]
            assert not VALIDATOR.is_valid(value), key


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("answers", 0, "confidence"), 1.5),
        (("answers", 0, "box"), [0, 0, 2, 1]),
        (("answers", 0, "grounding"), "guess"),
        (("pages", 0, "number"), 0),
        (("status",), "fine"),
        (("schema_version",), "2.0"),
    ],
)
def test_a_wrong_value_is_noticed(path, wrong):
    value = copy.deepcopy(full())
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = wrong
    assert not VALIDATOR.is_valid(value)
