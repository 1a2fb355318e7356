"""A result as a person reads it, on a terminal or in a text file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from docx_cli.document import Answer, DocumentResult, Extraction, KeyValue, Page, Table, Word
from docx_cli.safe_text import printable
from docx_cli.sheets import pages_of
from docx_cli.tilt import upright_words

_STATUS_STYLE = {"ok": "green", "partial": "yellow", "failed": "red"}


def as_text(result: DocumentResult, *, words: bool, width: int, color: bool) -> str:
    """Return the view of one result.

    Args:
        result: what was found.
        words: give the pages' text, line by line.
        width: columns to lay the tables out in.
        color: add terminal styles; without it the text is plain.
    """
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=color, no_color=not color, highlight=False
    )
    for part in _parts(result, words):
        console.print(part, soft_wrap=isinstance(part, Text))
    lines = (line.rstrip() for line in out.getvalue().splitlines())
    return "\n".join(lines).rstrip("\n") + "\n"


def _parts(result: DocumentResult, words: bool) -> Iterator[RenderableType]:
    yield _heading(result)
    if result.error is not None:
        yield Text(f"  {printable(result.error.message)}", "red")
    for page in result.pages:
        if page.status != "ok":
            yield Text(
                f"  page {page.number} {page.status}: {printable(page.error or '')}", "yellow"
            )
        elif words:
            yield Text(f"  page {page.number}", "dim")
            yield Text("\n".join(lines(upright_words(page))))
    if result.answers is not None:
        yield Padding(_answers(result.answers), (0, 2))
    if result.key_values is not None:
        yield Padding(_key_values(result.key_values), (0, 2))
    if result.extraction is not None:
        yield Padding(_extraction(result.extraction), (0, 2))
    for table in result.tables or ():
        yield Padding(_table(table), (1, 0, 0, 2))
    if result.tables == ():
        yield Text("  no tables", "dim")


def _heading(result: DocumentResult) -> Text:
    heading = Text(printable(result.source), "bold")
    if result.pages:
        heading.append(f"  {_pages(result.pages)}", "dim")
    if result.status != "ok":
        heading.append(f"  {result.status}", _STATUS_STYLE[result.status])
    return heading


def _pages(pages: Sequence[Page]) -> str:
    kinds = {"pdf": "its own text", "ocr": "OCR", "none": "no text"}
    sources = ", ".join(kinds[source] for source in dict.fromkeys(p.text_source for p in pages))
    return f"{len(pages)} page{'s' if len(pages) > 1 else ''}, {sources}"


def _answers(answers: Sequence[Answer]) -> Grid:
    grid = Grid.grid(padding=(0, 2))
    for answer in answers:
        page = f"page {answer.evidence.page}" if answer.evidence else ""
        text = Text(printable(answer.text), "bold") if answer.found else Text("not found", "dim")
        grid.add_row(
            Text(printable(answer.name)), text, Text(page, "dim"), _percent(answer.confidence)
        )
    return grid


def _key_values(pairs: Sequence[KeyValue]) -> RenderableType:
    if not pairs:
        return Text("no key-values", "dim")
    grid = Grid.grid(padding=(0, 2))
    for pair in pairs:
        grid.add_row(
            Text(printable(pair.key.text)),
            Text(printable(pair.value.text), "bold"),
            Text(f"page {pair.value.evidence.page}", "dim"),
            _percent(pair.confidence),
        )
    return grid


def _extraction(found: Extraction) -> Grid:
    grid = Grid.grid(padding=(0, 2))
    for value in found.values:
        page = f"page {value.evidence.page}" if value.evidence else ""
        grid.add_row(
            Text(printable(value.field)),
            Text(printable(value.text), "bold"),
            Text(page, "dim"),
            _percent(value.confidence),
        )
    for failure in found.failures:
        told = f"{failure.reason}: {failure.text or failure.message}"
        grid.add_row(Text(printable(failure.field)), Text(printable(told), "red"))
    return grid


def _table(table: Table) -> RenderableType:
    rows, columns = table.shape
    title = Text(f"{pages_of(table)}: {rows} x {columns}, {table.confidence:.0%}", "dim")
    grid = Grid(box=SIMPLE_HEAD, show_header=False, title=title, title_justify="left")
    for _ in range(columns):
        grid.add_column()
    for number, row in enumerate(table.grid()):
        grid.add_row(
            *(Text(printable(text)) for text in row),
            style="bold" if number < table.header_rows else None,
            end_section=number + 1 == table.header_rows,
        )
    return grid


def _percent(confidence: float) -> Text:
    style = "green" if confidence >= 0.8 else "yellow" if confidence >= 0.5 else "red"
    return Text(f"{confidence:4.0%}", style)


def lines(words: Sequence[Word]) -> list[str]:
    """Join words in reading order into lines.

    A word starts a new line where its middle lies outside the height of the
    word before it.
    """
    out: list[list[Word]] = []
    for word in words:
        previous = out[-1][-1] if out else None
        middle = word.box.center[1]
        if previous is None or not previous.box.y0 <= middle <= previous.box.y1:
            out.append([])
        out[-1].append(word)
    return [printable(" ".join(word.text for word in line)) for line in out]
