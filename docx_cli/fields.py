"""What is to be extracted: the fields of a JSON Schema, and how a document is asked for each.

A schema comes as JSON Schema or in a short form (`short_schema.py`), which is made JSON Schema
first. Keys beginning with "x-" say what JSON Schema has no words for: ``x-type`` (money,
percent), ``x-question`` (a question or several) and ``x-labels`` (what is printed beside it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from docx_cli.document import ValueType
from docx_cli.errors import SchemaError

Node = Mapping[str, Any]
_ASKING = ("x-question", "x-labels")

MONEY = {
    "type": "object",
    "x-type": "money",
    "properties": {"amount": {"type": "number"}, "currency": {"type": ["string", "null"]}},
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
RULES: dict[ValueType, dict[str, Any]] = {
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "money": MONEY,
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "percent": {"type": "number", "x-type": "percent"},
    "boolean": {"type": "boolean"},
}
"""The JSON Schema of each type of value."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value to be found.

    `path` are its keys from the root, or from its row; `rule` is the JSON Schema of its value.
    `questions` ask for it, the best first; `labels` are what may stand beside or above it. Of a
    list, `many`, all of that is said of each of its values.
    """

    path: tuple[str, ...]
    type: ValueType
    questions: tuple[str, ...]
    labels: tuple[str, ...]
    required: bool
    rule: Node
    many: bool = False

    @property
    def name(self) -> str:
        """The path as it is printed."""
        return "/".join(self.path)


@dataclass(frozen=True, slots=True)
class Rows:
    """An array of objects, which a table fills: its columns are `fields`."""

    path: tuple[str, ...]
    fields: tuple[Field, ...]
    required: bool

    @property
    def name(self) -> str:
        """The path as it is printed."""
        return "/".join(self.path)


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema: single values, tables, and the JSON Schema of the whole."""

    name: str
    fields: tuple[Field, ...]
    rows: tuple[Rows, ...]
    rule: Node

    @property
    def needs_tables(self) -> bool:
        """Whether some of it is read from tables."""
        return bool(self.rows) or any(field.many for field in self.fields)


def schema_of(rule: Node, name: str) -> Schema:
    """Read a JSON Schema.

    Args:
        rule: of an object.
        name: what the schema goes by.

    Raises:
        SchemaError: it is no JSON Schema, or holds what cannot be extracted.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError as Unsound

    try:
        Draft202012Validator.check_schema(rule)
    except Unsound as error:
        where = "/".join(map(str, error.absolute_path))
        raise SchemaError(f"it is no JSON Schema: {error.message} at /{where}") from error
    fields: list[Field] = []
    rows: list[Rows] = []
    for found in _members(rule, rule, ()):
        fields.append(found) if isinstance(found, Field) else rows.append(found)
    if not fields and not rows:
        raise SchemaError("it has no fields", hint="an object with properties is expected")
    return Schema(name, tuple(fields), tuple(rows), rule)


def _members(node: Node, root: Node, path: tuple[str, ...]) -> Iterator[Field | Rows]:
    """Yield the values and tables of an object, those of the objects in it too."""
    required = node.get("required", ())
    for key, given in node.get("properties", {}).items():
        rule = _resolved(given, root)
        here = (*path, key)
        kind = _kind(rule, here)
        if kind == "array":
            yield _array(rule, root, here, required=key in required)
        elif kind == "object":
            yield from _members(rule, root, here)
        else:
            names = _labels(rule, key)
            asked = _questions(rule, here)
            yield Field(here, kind, asked, names, key in required, rule)


def _array(rule: Node, root: Node, path: tuple[str, ...], *, required: bool) -> Field | Rows:
    """Return the list of plain values, or the table, that an array is."""
    items = _resolved(rule.get("items", {}), root)
    kind: Any = _kind(items, path) if items else "object"
    if kind not in ("array", "object"):
        # Its values are told by what the array says of itself, in the singular.
        told = {**items, **{k: rule[k] for k in ("description", *_ASKING) if k in rule}}
        names = dict.fromkeys([*_labels(told, _singular(path[-1])), *_labels(rule, path[-1])])
        asked = _questions(told, (*path[:-1], _singular(path[-1])))
        return Field(path, kind, asked, tuple(names), required, items, many=True)
    inner = [f for f in _members(items, root, ()) if isinstance(f, Field) and not f.many]
    if not inner:
        raise SchemaError(f"{'/'.join(path)}: an array must hold values or objects with properties")
    return Rows(path, tuple(inner), required)


def _singular(key: str) -> str:
    """Return the name of one of the values that a key names, as English makes plurals."""
    for plural, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ss", "ss"), ("s", "")):
        if key.lower().endswith(plural):
            return key[: -len(plural)] + one
    return key


def _resolved(node: Node, root: Node, depth: int = 0) -> Node:
    """Follow references within the schema; of a choice between null and another take the other.

    Raises:
        SchemaError: a reference leads nowhere, or to another file.
    """
    if depth > 20:
        raise SchemaError("its references run in a circle")
    if "$ref" in node:
        target: Any = root
        first, *steps = str(node["$ref"]).split("/")
        for step in steps:
            target = target.get(step) if isinstance(target, Mapping) else None
        if first != "#" or not isinstance(target, Mapping):
            raise SchemaError(f"the reference {node['$ref']} leads nowhere in it")
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _resolved({**target, **rest}, root, depth + 1)
    for choice in ("anyOf", "oneOf", "allOf"):
        options = [o for o in node.get(choice, ()) if o.get("type") != "null"]
        if len(options) == 1:
            rest = {key: value for key, value in node.items() if key != choice}
            return _resolved({**options[0], **rest}, root, depth + 1)
    return node


def _kind(rule: Node, path: Sequence[str]) -> Any:
    """Return the type of a value, or object or array."""
    types = rule.get("type", "string" if "enum" in rule or "pattern" in rule else "object")
    named = [t for t in ([types] if isinstance(types, str) else types) if t != "null"]
    told = rule.get("x-type")
    if told is not None and told not in get_args(ValueType):
        raise SchemaError(f"{'/'.join(path)}: x-type {told!r} is not known")
    if told or len(named) != 1:
        if not told:
            raise SchemaError(f"{'/'.join(path)}: it must have one type, not {types}")
        return told
    if named[0] == "object" and {"amount", "currency"} == set(rule.get("properties", ())):
        return "money"
    if named[0] == "string":
        return "date" if rule.get("format") == "date" else "text"
    return named[0]


def words_of(key: str) -> str:
    """Return the words that a key is made of: "invoiceNumber", "invoice_number"."""
    parted = re.sub(r"(?<=[a-z\d])(?=[A-Z])", " ", key)
    words = " ".join(re.split(r"[\W_]+", parted)).strip()
    return words if words.isupper() else words.lower()


def _labels(rule: Node, key: str) -> tuple[str, ...]:
    labels = [words_of(key), rule.get("title"), *_listed(rule.get("x-labels"))]
    return tuple(dict.fromkeys(str(label) for label in labels if label))


def _questions(rule: Node, path: Sequence[str]) -> tuple[str, ...]:
    """Return what asks for a field: its own questions, else its description and its name."""
    own = _listed(rule.get("x-question"))
    if own:
        return tuple(map(str, own))
    # The names of the objects around tell which of several addresses is meant.
    name = " ".join(words_of(key) for key in path)
    description = str(rule.get("description") or "").strip()
    asked = [_asked(description)] if description else []
    return tuple(dict.fromkeys([*asked, _asked(name)]))


def _asked(text: str) -> str:
    """Return a question for what a text describes."""
    if text.endswith("?"):
        return text
    bare = re.sub(r"^(?:the|an?)\s+", "", text.rstrip(". "), flags=re.IGNORECASE)
    keeps = bare[:2].isupper() or not bare[:1].isalpha()
    return f"What is the {bare if keeps else bare[:1].lower() + bare[1:]}?"


def _listed(value: Any) -> Sequence[Any]:
    return [] if value is None else [value] if isinstance(value, str) else value
