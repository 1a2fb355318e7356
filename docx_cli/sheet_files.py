"""Sheets as files of libraries: Excel workbooks, Parquet, pandas data frames.

pandas and pyarrow are not among the tool's dependencies; where one is missing, the error says how
to get it.
"""

from __future__ import annotations

import importlib
import io
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from docx_cli.errors import MissingDependencyError, UsageError
from docx_cli.sheet_text import neutral, shown
from docx_cli.sheets import Names, Sheet, Value

if TYPE_CHECKING:
    import pandas

# Excel's own limits.
_MOST_ROWS = 1_048_576
_LONGEST_TEXT = 32_767
_LONGEST_NAME = 31
_FIRST_YEAR = 1901
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")


class Xlsx:
    """A workbook: a sheet for all answers or key-values, or one for each table.

    Text is always text, never a formula; what begins like one carries Excel's own mark for that
    as well, so that it stays text when somebody edits the cell.

    Args:
        keep_formulas: leave that mark out.
    """

    def __init__(self, keep_formulas: bool = False) -> None:
        import xlsxwriter

        self._keep = keep_formulas
        self._file = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._file, options)
        self._names = Names()
        self._grown: dict[str, tuple[Any, int]] = {}
        self._formats: dict[tuple[bool, bool], Any] = {}
        self._date = self._book.add_format({"valign": "top", "num_format": "yyyy-mm-dd"})

    def head(self) -> bytes:
        """Return nothing: a workbook is written in one piece."""
        return b""

    def sheet(self, sheet: Sheet) -> bytes:
        """Add a sheet, or go on with the one of its name.

        Raises:
            UsageError: there are more rows than Excel takes.
        """
        page, first = self._place(sheet)
        if first + len(sheet.rows) > _MOST_ROWS:
            raise UsageError(f"a workbook's sheet holds {_MOST_ROWS:,} rows; take CSV")
        covered = sheet.covered
        for number, row in enumerate(sheet.rows):
            if first and number < sheet.header_rows:
                continue
            for column, value in enumerate(row):
                if (number, column) not in covered:
                    self._write(page, sheet, first, (number, column), value)
        if sheet.types:
            self._grown[sheet.name] = page, first + len(sheet.rows) - 1
        return b""

    def tail(self) -> bytes:
        """Return the workbook."""
        for page in self._book.worksheets():
            page.autofit(max_width=480)
        if not self._book.worksheets():
            self._book.add_worksheet("nothing found")
        self._book.close()
        return self._file.getvalue()

    def _place(self, sheet: Sheet) -> tuple[Any, int]:
        """Return the worksheet, and the row that the sheet's first row falls on."""
        if sheet.types and sheet.name in self._grown:
            return self._grown[sheet.name]
        name = " ".join(_NOT_IN_NAMES.sub(" ", sheet.name).split()) or "table"
        page = self._book.add_worksheet(self._names.claim(name, longest=_LONGEST_NAME))
        page.freeze_panes(sheet.header_rows, 0)
        return page, 0

    def _write(
        self, page: Any, sheet: Sheet, first: int, slot: tuple[int, int], value: Value
    ) -> None:
        row, column = slot
        if isinstance(value, (bool, int, float)):
            page.write(first + row, column, value)
            return
        if isinstance(value, date) and value.year >= _FIRST_YEAR:
            page.write_datetime(first + row, column, value, self._date)
            return
        text = shown(value)[:_LONGEST_TEXT]
        header = slot in sheet.headers or row < sheet.header_rows
        quoted = not self._keep and neutral(text) != text
        look = self._format(header, quoted)
        if slot in sheet.spans:
            high, wide = sheet.spans[slot]
            page.merge_range(
                first + row, column, first + row + high - 1, column + wide - 1, "", look
            )
        page.write_string(first + row, column, text, look)

    def _format(self, header: bool, quoted: bool) -> Any:
        if (header, quoted) not in self._formats:
            look = {"bold": True, "bg_color": "#E8EAF0", "bottom": 1} if header else {}
            made = self._book.add_format({"valign": "top", "text_wrap": True, **look})
            made.set_quote_prefix(quoted)
            self._formats[header, quoted] = made
        return self._formats[header, quoted]


class Parquet:
    """A Parquet file; it holds one sheet, so that tables go to a folder, one file each."""

    def __init__(self) -> None:
        _module("pyarrow", "parquet")  # found missing before the work, not after
        self._tables: list[Any] = []

    def head(self) -> bytes:
        """Return nothing: what stands in a Parquet file is known in the end."""
        return b""

    def sheet(self, sheet: Sheet) -> bytes:
        """Keep the sheet's rows."""
        import pyarrow

        kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
        kinds |= {bool: pyarrow.bool_(), date: pyarrow.date32()}
        types = sheet.types or dict.fromkeys(sheet.column_names(), str)
        schema = pyarrow.schema([(name, kinds[kind]) for name, kind in types.items()])
        columns = list(zip(*sheet.rows[sheet.header_rows :], strict=True)) or [()] * len(types)
        arrays = [
            pyarrow.array([_typed(v, kind) for v in column], kinds[kind])
            for column, kind in zip(columns, types.values(), strict=True)
        ]
        self._tables.append(pyarrow.Table.from_arrays(arrays, schema=schema))
        return b""

    def tail(self) -> bytes:
        """Return the file."""
        import pyarrow
        import pyarrow.parquet

        out = io.BytesIO()
        table = pyarrow.concat_tables(self._tables) if self._tables else pyarrow.table({})
        pyarrow.parquet.write_table(table, out)
        return out.getvalue()


def _typed(value: Value, kind: type) -> Value:
    """Return a value for a column; numbers in a column of text become text."""
    return value if value is None or kind is not str else shown(value)


def data_frame(sheet: Sheet) -> pandas.DataFrame:
    """Return a sheet as a data frame: header rows become column names, values stay text.

    Raises:
        MissingDependencyError: pandas is not installed.
    """
    frames = _module("pandas", "pandas")
    frame: pandas.DataFrame = frames.DataFrame(
        sheet.rows[sheet.header_rows :], columns=sheet.column_names()
    )
    return frame


def _module(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        hint = f"in the checkout: pip install '.[{extra}]'"
        raise MissingDependencyError(f"{name} is not installed", hint=hint) from error
