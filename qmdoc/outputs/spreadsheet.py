"""Tables for people with a spreadsheet: CSV and XLSX, in which a cell is text, a whole number or a day: nothing can run."""

from __future__ import annotations

import csv as csv_format
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO, StringIO

import xlsxwriter

_LARGEST_CELL = 32_767  # Excel's limit; xlsxwriter would leave out the whole cell
_CUT = " … (cut: the rest is in the CSV file)"
_WIDEST = 60
_DAY_WIDTH = 12
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


Cell = str | int | date


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their headings; `name` is the sheet's."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class _Formats:
    heading: xlsxwriter.format.Format
    text: xlsxwriter.format.Format
    number: xlsxwriter.format.Format
    day: xlsxwriter.format.Format


def csv(table: Table) -> bytes:
    """The table as RFC 4180 says, in UTF-8 with a byte order mark: without it Excel reads accents as rubbish.

    A cell that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab or CR in front) gets an apostrophe in
    front: https://owasp.org/www-community/attacks/CSV_Injection. Excel set to a language with a decimal comma expects
    semicolons here: the XLSX file opens everywhere.
    """
    text = StringIO()
    writer = csv_format.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_defused(str(cell)) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx(tables: Iterable[Table], *, as_of: date) -> bytes:
    """The tables as sheets of one workbook, dated by the day of the answer: the same bytes each time."""
    held = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(held, options)
    book.set_properties({"created": datetime.combine(as_of, time(), UTC)})
    plain = {"text_wrap": True, "valign": "top"}
    formats = _Formats(
        heading=book.add_format({**plain, "bold": True, "bottom": 1}),
        text=book.add_format({**plain, "num_format": "@"}),
        number=book.add_format({**plain, "num_format": "0"}),
        day=book.add_format({**plain, "num_format": "yyyy-mm-dd", "align": "left"}),
    )
    for table in tables:
        _sheet(book.add_worksheet(table.name), table, formats)
    book.close()
    return held.getvalue()


def _sheet(sheet: xlsxwriter.worksheet.Worksheet, table: Table, formats: _Formats) -> None:
    for column, name in enumerate(table.columns):
        widest = max([len(name), *(_width(row[column]) for row in table.rows)])
        sheet.set_column(column, column, min(widest + 2, _WIDEST))
        sheet.write_string(0, column, name, formats.heading)
    for number, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            _write(sheet, (number, column), cell, formats)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write(sheet: xlsxwriter.worksheet.Worksheet, place: tuple[int, int], cell: Cell, formats: _Formats) -> None:
    """A day before 1900 has no number in a workbook, and stays text."""
    if isinstance(cell, date) and cell.year >= 1900:
        sheet.write_datetime(*place, datetime.combine(cell, time()), formats.day)
    elif isinstance(cell, int):
        sheet.write_number(*place, cell, formats.number)
    else:
        sheet.write_string(*place, _fitting(str(cell)), formats.text)


def _width(cell: Cell) -> int:
    return _DAY_WIDTH if isinstance(cell, date) else len(str(cell))


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \n").startswith(_BEGINS_A_FORMULA) else cell


def _fitting(text: str) -> str:
    return text if len(text) <= _LARGEST_CELL else text[: _LARGEST_CELL - len(_CUT)] + _CUT
