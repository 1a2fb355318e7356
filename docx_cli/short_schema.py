"""Schemas by name, from a file, or as a line of text; the short forms become JSON Schema.

In YAML, a field is a type or a mapping::

    fields:
      invoice_number: {question: What is the invoice number?, required: true}
      issued: date
      total: money!
      line_items:
        items: {description: text!, quantity: number, amount: money}

and on one line ``number!, issued: date, total: money, items: [description, amount: money]``.
``text[]`` is a list of texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docx_cli.errors import DocxError, FileAccessError, SchemaError
from docx_cli.fields import RULES, Node, Schema, schema_of

FOLDER = Path(__file__).parent / "schemas"
TYPES = {
    "text": "text", "string": "text", "str": "text", "date": "date", "money": "money",
    "amount": "money", "number": "number", "decimal": "number", "float": "number",
    "integer": "integer", "int": "integer", "percent": "percent", "percentage": "percent",
    "boolean": "boolean", "bool": "boolean", "checkbox": "boolean",
}  # fmt: skip
"""What the short forms call the types."""
LIST = "[]"
"""What stands behind the type of a list's values."""
_RENAMED = {"question": "x-question", "questions": "x-question", "labels": "x-labels"}
_KEPT = (
    "title", "description", "pattern", "enum", "minimum", "maximum", "minLength", "maxLength",
    "minItems", "maxItems",
)  # fmt: skip
_OWN = ("type", "required", "items", "fields")
_TOKEN = re.compile(r"\s*(?:(?P<name>[\w-]+!?)|(?P<mark>[,:\[\]]))")


def names() -> dict[str, str]:
    """Return the schemas that come with the package, each with its description."""
    return {path.stem: _yaml(path)["description"] for path in sorted(FOLDER.glob("*.yaml"))}


def find(text: str) -> Schema:
    """Return the schema that a name, a path or an inline text stands for.

    Raises:
        SchemaError: there is none, or it is not sound.
        FileAccessError: its file cannot be read.
    """
    ready = FOLDER / f"{text}.yaml"
    if re.fullmatch(r"\w+", text) and ready.is_file():
        return schema_of(compiled(_yaml(ready)), text)
    path = Path(text)
    if path.suffix.lower() in (".json", ".yaml", ".yml") or path.is_file():
        try:
            return schema_of(compiled(_loaded(path)), path.stem)
        except DocxError as error:
            error.source = text
            raise
    if re.search(r"[,:!\[]", text):
        return schema_of(compiled({"fields": _inline(text)}), "inline")
    hint = f"there are: {', '.join(names())}; or a file, or fields: 'number, total: money'"
    raise SchemaError(f"there is no schema {text!r}", hint=hint)


def compiled(given: Any) -> Node:
    """Return a schema as JSON Schema, whichever form it comes in.

    Raises:
        SchemaError: it is in none of the forms.
    """
    if not isinstance(given, Mapping):
        raise SchemaError("it is no object")
    if "fields" not in given:
        if "properties" not in given and "$ref" not in given:
            raise SchemaError("it has neither fields nor properties")
        return given
    rule = _object(given["fields"], "")
    texts = {key: given[key] for key in ("title", "description") if key in given}
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, **texts, **rule}


def _object(fields: Any, where: str) -> dict[str, Any]:
    """Return the JSON Schema of an object in the short form."""
    if not isinstance(fields, Mapping):
        raise SchemaError(f"{where or 'fields'}: names with types are expected")
    properties, required = {}, []
    for key, spec in fields.items():
        if not isinstance(key, str):
            # YAML takes a bare no, yes or 1 for something else than text.
            raise SchemaError(f"{where}{key}: a name must be text; put it in quotes")
        name = key.removesuffix("!")
        rule, needed = _field(spec, f"{where}{name}")
        properties[name] = rule
        if needed or key.endswith("!"):
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}


def _field(spec: Any, where: str) -> tuple[dict[str, Any], bool]:
    """Return the JSON Schema of a field in the short form, and whether it is required."""
    if spec is None or isinstance(spec, str):
        spec = {"type": spec or "text"}
    if not isinstance(spec, Mapping):
        raise SchemaError(f"{where}: a type or a mapping is expected")
    unknown = sorted(set(map(str, spec)) - {*_OWN, *_RENAMED, *_KEPT})
    if unknown:
        known = ", ".join((*_OWN, *_RENAMED, *_KEPT))
        raise SchemaError(f"{where}: {', '.join(unknown)} is not known", hint=f"one of {known}")
    kind = str(spec.get("type", "text"))
    needed = bool(spec.get("required")) or kind.endswith("!")
    if isinstance(spec.get("items"), str):
        rule: dict[str, Any] = {"type": "array", "items": _rule(spec["items"], where)}
    elif "items" in spec:
        rule = {"type": "array", "items": _object(spec["items"], f"{where}/")}
    elif "fields" in spec:
        rule = _object(spec["fields"], f"{where}/")
    elif (one := kind.removesuffix("!")).endswith(LIST):
        rule = {"type": "array", "items": _rule(one.removesuffix(LIST), where)}
    else:
        rule = _rule(one, where)
    texts = {str(key): value for key, value in spec.items() if key not in _OWN}
    rule |= {_RENAMED.get(key, key): value for key, value in texts.items()}
    return rule, needed


def _rule(kind: str, where: str) -> dict[str, Any]:
    """Return the JSON Schema of a type of value."""
    known = TYPES.get(kind.lower())
    if known is None:
        raise SchemaError(f"{where}: the type {kind!r} is not known", hint=f"one of {_types()}")
    return dict(RULES[known])  # type: ignore[index]


def _types() -> str:
    return ", ".join(dict.fromkeys(TYPES.values()))


def _inline(text: str) -> dict[str, Any]:
    """Read ``name, name: type, name: [name, name: type]``; "!" marks what is required."""
    tokens = list(_tokens(text))
    fields = _fields(tokens)
    if tokens:
        raise SchemaError(f"{tokens[0]!r} was not expected in {text!r}")
    return fields


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise SchemaError(f"{text[at:].strip()!r} cannot be read as a field")
        yield match["name"] or match["mark"]
        at = match.end()


def _fields(tokens: list[str]) -> dict[str, Any]:
    """Take fields from the tokens until they end or a bracket closes."""
    fields: dict[str, Any] = {}
    while tokens and tokens[0] != "]":
        name = tokens.pop(0)
        if name in (",", ":", "["):
            raise SchemaError(f"a field's name is expected before {name!r}")
        spec: Any = "text"
        if tokens[:1] == [":"]:
            del tokens[0]
            spec = _inline_type(tokens, name)
        fields[name] = spec
        if tokens[:1] == [","]:
            del tokens[0]
    return fields


def _inline_type(tokens: list[str], name: str) -> Any:
    if tokens[:1] == ["["]:
        del tokens[0]
        inner = _fields(tokens)
        if tokens[:1] != ["]"]:
            raise SchemaError(f"{name}: a bracket is not closed")
        del tokens[0]
        return {"items": inner}
    if not tokens or tokens[0] in (",", ":", "]"):
        raise SchemaError(f"{name}: a type is expected behind the colon")
    kind = tokens.pop(0)
    if tokens[:2] == ["[", "]"]:
        del tokens[:2]
        return kind + LIST
    return kind


def _loaded(path: Path) -> Any:
    """Read a schema's file, JSON or YAML.

    Raises:
        FileAccessError: it cannot be read.
        SchemaError: it is neither.
    """
    if path.suffix.lower() != ".json":
        return _yaml(path)
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise SchemaError(f"it is no JSON: {error}") from error


def _yaml(path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "it cannot be read"
        line = getattr(error, "problem_mark", None)
        where = f", line {line.line + 1}" if line else ""
        raise SchemaError(f"it is no YAML: {problem}{where}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise FileAccessError(f"cannot read the schema: {reason}") from error
