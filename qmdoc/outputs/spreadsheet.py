"""Tables for people with a spreadsheet: CSV and XLSX, in which every cell is text and nothing can run."""

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
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their headings; `name` is the sheet's."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def csv(table: Table) -> bytes:
    """The table as RFC 4180 says, in UTF-8 with a byte order mark: without it Excel reads accents as rubbish.

    A cell that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab or CR in front) gets an apostrophe in
    front: https://owasp.org/www-community/attacks/CSV_Injection. Excel set to a language with a decimal comma expects
    semicolons here: the XLSX file opens everywhere.
    """
    text = StringIO()
    writer = csv_format.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_defused(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx(tables: Iterable[Table], *, as_of: date) -> bytes:
    """The tables as sheets of one workbook, dated by the day of the answer: the same bytes each time."""
    held = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(held, options)
    book.set_properties({"created": datetime.combine(as_of, time(), UTC)})
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    cell = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    for table in tables:
        _sheet(book.add_worksheet(table.name), table, heading, cell)
    book.close()
    return held.getvalue()


def _sheet(
    sheet: xlsxwriter.worksheet.Worksheet,
    table: Table,
    heading: xlsxwriter.format.Format,
    cell: xlsxwriter.format.Format,
) -> None:
    for column, name in enumerate(table.columns):
        widest = max([len(name), *(len(row[column]) for row in table.rows)])
        sheet.set_column(column, column, min(widest + 2, _WIDEST))
        sheet.write_string(0, column, name, heading)
    for number, row in enumerate(table.rows, 1):
        for column, text in enumerate(row):
            sheet.write_string(number, column, _fitting(text), cell)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \n").startswith(_BEGINS_A_FORMULA) else cell


def _fitting(text: str) -> str:
    return text if len(text) <= _LARGEST_CELL else text[: _LARGEST_CELL - len(_CUT)] + _CUT
