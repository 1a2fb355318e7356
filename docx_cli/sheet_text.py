"""Sheets as text: CSV, Markdown and HTML, written sheet by sheet.

A writer gives what begins a file (`head`), what each sheet adds and what ends it (`tail`).
Whatever a document holds, a cell stays a cell: nothing in it is markup, a script or a formula.
"""

from __future__ import annotations

import csv
import html
import io
import re

from docx_cli.sheets import Sheet, Value

# What a spreadsheet takes for a formula, full-width forms included (OWASP, "CSV Injection").
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
# What looks like one and is a number, or a dash for "nothing".
_HARMLESS = re.compile(r"[+-]?[\d.,' \u00a0\u202f]*[%€$£]?")
_NOTHING = "Nothing was found."
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~&!$])")


def neutral(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    start = text.lstrip()
    return f"'{text}" if _FORMULA.match(start) and not _HARMLESS.fullmatch(start) else text


def shown(value: Value) -> str:
    """Return a value as text; None is empty."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Csv:
    """Comma-separated values in UTF-8; an empty line stands between two tables.

    Args:
        keep_formulas: leave cells that begin like a formula as they are.
    """

    def __init__(self, keep_formulas: bool = False) -> None:
        self._keep = keep_formulas
        self._last: Sheet | None = None

    def head(self) -> bytes:
        """Return nothing: a CSV has no beginning of its own."""
        return b""

    def sheet(self, sheet: Sheet) -> bytes:
        """Return the rows; the header only once for sheets that go on."""
        out = io.StringIO()
        rows = sheet.rows
        if self._last is not None:
            if sheet.types:
                rows = rows[1:]
            else:
                out.write("\n")
        self._last = sheet
        lines = csv.writer(out, lineterminator="\n")
        lines.writerows([self._cell(value) for value in row] for row in rows)
        return out.getvalue().encode()

    def tail(self) -> bytes:
        """Return nothing."""
        return b""

    def _cell(self, value: Value) -> str:
        keep = self._keep or not isinstance(value, str)
        return shown(value) if keep else neutral(shown(value))


class Markdown:
    """Tables as GitHub and most others read them; spans are left empty."""

    def __init__(self) -> None:
        self._last: Sheet | None = None

    def head(self) -> bytes:
        """Return nothing."""
        return b""

    def sheet(self, sheet: Sheet) -> bytes:
        """Return a table under its title; further header rows are bold."""
        if not sheet.rows:
            return b""
        goes_on = self._last is not None and sheet.types is not None
        lines = []
        if not goes_on:
            if self._last is not None:
                lines.append("")
            if sheet.title:
                lines += [f"**{self._cell(sheet.title)}**", ""]
            blank: list[Value] = [None] * len(sheet.rows[0])
            first = sheet.rows[0] if sheet.header_rows else blank
            lines += [self._line(first), "|" + " --- |" * len(first)]
        self._last = sheet
        for number, row in enumerate(sheet.rows):
            if number or not sheet.header_rows:
                lines.append(self._line(row, bold=number < sheet.header_rows))
        return "".join(f"{line}\n" for line in lines).encode()

    def tail(self) -> bytes:
        """Return nothing, or that there was nothing."""
        return b"" if self._last else f"{_NOTHING}\n".encode()

    def _line(self, row: list[Value], bold: bool = False) -> str:
        cells = [self._cell(shown(value)) for value in row]
        return "| " + " | ".join(f"**{c}**" if bold and c else c for c in cells) + " |"

    @staticmethod
    def _cell(text: str) -> str:
        return _MARKDOWN.sub(r"\\\1", text)


_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; margin: 0 0 2rem; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { border: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top }
th { background: #8882 }
"""

_HTML_HEAD = f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>docx</title>
<style>{_STYLE}</style>
</head>
<body>
"""


class Html:
    """One page with all tables, spans and headers; it holds no script and loads nothing."""

    def __init__(self) -> None:
        self._open = False

    def head(self) -> bytes:
        """Return the page up to its first table."""
        return _HTML_HEAD.encode()

    def sheet(self, sheet: Sheet) -> bytes:
        """Return a table, or further rows of the one that goes on."""
        lines = []
        goes_on = self._open and sheet.types is not None
        if not goes_on:
            lines.append(f"{self._close()}<table>")
            if sheet.title:
                lines.append(f"<caption>{html.escape(sheet.title)}</caption>")
        self._open = True
        covered = sheet.covered
        for number, row in enumerate(sheet.rows):
            if goes_on and number < sheet.header_rows:
                continue
            cells = (
                self._cell(sheet, number, column, value)
                for column, value in enumerate(row)
                if (number, column) not in covered
            )
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return "".join(f"{line}\n" for line in lines).encode()

    def tail(self) -> bytes:
        """Return the end of the page."""
        end = self._close() or f"<p>{_NOTHING}</p>\n"
        return f"{end}</body>\n</html>\n".encode()

    def _close(self) -> str:
        return "</table>\n" if self._open else ""

    @staticmethod
    def _cell(sheet: Sheet, row: int, column: int, value: Value) -> str:
        high, wide = sheet.spans.get((row, column), (1, 1))
        spans = f' rowspan="{high}"' * (high > 1) + f' colspan="{wide}"' * (wide > 1)
        text = html.escape(shown(value))
        if row < sheet.header_rows:
            scope = "colgroup" if wide > 1 else "col"
        elif (row, column) in sheet.headers:
            scope = "rowgroup" if high > 1 else "row"
        else:
            return f"<td{spans}>{text}</td>"
        return f'<th scope="{scope}"{spans}>{text}</th>'
