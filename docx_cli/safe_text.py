"""Text that is safe to print: JSON is valid whatever a document holds, no terminal is driven."""

from __future__ import annotations

import json
import re
from typing import Any

_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Legal in JSON, but terminals obey them or line readers split at them.
_UNSAFE_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{_BIDI_CONTROLS}]")
_UNSAFE_IN_TEXT = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{_BIDI_CONTROLS}]")


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Return JSON text that every parser takes and every terminal shows harmlessly.

    Lone surrogates, which UTF-8 cannot hold, become U+FFFD.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def printable(text: str) -> str:
    """Return the text on one line, without what could drive a terminal.

    White space becomes single spaces; control characters, lone surrogates and
    marks that turn the writing direction are dropped.
    """
    return _UNSAFE_IN_TEXT.sub("", " ".join(text.split()))
