"""The page selection people type: ``1-3,7,-1``."""

from __future__ import annotations

import re

from docx_cli.errors import UnsupportedInputError, UsageError

_PART = re.compile(r"(-?[0-9]{1,9})(?:(-)(-?[0-9]{1,9})?)?")


def parse(
    text: str | None, count: int, source: str | None = None, most: int | None = None
) -> list[int]:
    """Return the selected page numbers, counted from 1, ascending, each once.

    Parts are separated by commas: ``7``, ``1-3``, ``2-`` (to the end); a negative
    number counts from the end, so ``-1`` is the last page and ``-3--1`` the last
    three.

    Args:
        text: the selection; None selects every page.
        count: how many pages the document has.
        source: the document's name, for the error.
        most: more pages than that are refused.

    Raises:
        UsageError: the syntax is wrong, or a page lies outside the document.
        UnsupportedInputError: there are too many.
    """
    selected = range(1, count + 1) if text is None else _selected(text, count, source)
    if most is not None and len(selected) > most:
        raise UnsupportedInputError(
            f"has {len(selected):,} pages, more than {most:,}",
            source=source,
            hint="choose some with --pages, or raise --max-pages",
        )
    return sorted(selected)


def _selected(text: str, count: int, source: str | None) -> set[int]:
    selected: set[int] = set()
    for part in map(str.strip, text.split(",")):
        match = _PART.fullmatch(part)
        if match is None:
            message = f"cannot read the page selection {text!r}"
            raise UsageError(message, source=source, hint="try 1-3,7,-1")
        ends = [match[1]] if match[2] is None else [match[1], match[3] or str(count)]
        first, *rest = (_page(int(end), count, source) for end in ends)
        last = rest[0] if rest else first
        if last < first:
            raise UsageError(f"the page range {part!r} runs backwards", source=source)
        selected.update(range(first, last + 1))
    return selected


def _page(number: int, count: int, source: str | None) -> int:
    """Resolve one number against the document's page count."""
    page = count + 1 + number if number < 0 else number
    if not 1 <= page <= count:
        pages = "1 page" if count == 1 else f"{count} pages"
        raise UsageError(f"there is no page {number}: the document has {pages}", source=source)
    return page
