"""The quality dashboard: its figures are sums of what is listed, and each line says whose it is."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from busy_desk import busy
from programme import Programme

from qmdoc.outputs import spreadsheet
from qmdoc.outputs.manual_pages import desk
from qmdoc.outputs.manual_pages.desk import Section
from qmdoc.register import Audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return busy().audit(tmp_path_factory.mktemp("busy"))


@pytest.fixture(scope="module")
def sections(audit: Audit) -> dict[str, Section]:
    return {each.id: each for each in desk.sections(audit)}


def test_every_figure_is_the_sum_of_what_is_listed_below(sections: dict[str, Section]) -> None:
    for section in sections.values():
        for line in section.lines:
            assert len(line.counts) == len(section.units) and any(line.counts)
        assert [number for number, _ in section.figures] == [
            sum(column) for column in zip(*(line.counts for line in section.lines), strict=True)
        ] or not section.lines


@pytest.mark.parametrize(
    ("section", "figures", "numbers"),
    [
        ("overdue", [(1, "document overdue")], ["QM-002"]),
        ("due", [(2, "documents due")], ["QM-004", "QM-003"]),
        ("decided", [(1, "document to be changed or retired")], ["QM-005"]),
        ("in-review", [(1, "version in review"), (1, "signature awaited")], ["QM-001"]),
        ("waiting", [(1, "version approved and waiting")], ["QM-003"]),
        ("unread", [(1, "attestation missing"), (1, "of these overdue")], ["QM-001"]),
        ("gaps", [(2, "clauses without an answer")], ["A2", "A3"]),
        ("drafts", [(1, "draft")], ["QM-006"]),
    ],
)
def test_a_section_lists(sections: dict[str, Section], section: str, figures: list[object], numbers: list[str]) -> None:
    assert list(sections[section].figures) == figures
    assert [line.number for line in sections[section].lines] == numbers


def test_what_is_due_on_the_day_itself_is_not_overdue(sections: dict[str, Section]) -> None:
    assert sections["due"].lines[0].said == ("due today",)
    assert sections["overdue"].lines[0].said == ("174 days overdue",)


def test_a_line_says_whose_signature_is_awaited_since_when(sections: dict[str, Section]) -> None:
    (line,) = sections["in-review"].lines
    assert line.said == ("Medical director (Medical Director, approval) since 2026-10-03",)
    assert (line.owner, line.day, line.page) == ("Quality manager", date(2026, 10, 3), "documents/QM-001")


def test_a_line_names_the_owner_by_printed_name_and_leads_to_its_page(sections: dict[str, Section]) -> None:
    (decided,) = sections["decided"].lines
    assert (decided.owner, decided.said, decided.page) == ("Ward Nurse", ("Is to be revised",), "documents/QM-005")
    assert sections["unread"].lines[0].said == ("1 of 2 have attested, 1 overdue",)
    assert [(line.page, line.part) for line in sections["gaps"].lines] == [("coverage/local-std", "#row-A2"), ("coverage/local-std", "#row-A3")]  # fmt: skip
    assert sections["gaps"].lines[0].said == ("local-std", "only by a draft, not in force: QM-006")
    assert sections["drafts"].lines[0].page == ""


def test_findings_are_counted_as_the_audit_has_them(audit: Audit, sections: dict[str, Section]) -> None:
    counted = [sum(str(each.severity) == word for each in audit.findings) for word in ("error", "warning", "note")]
    assert [number for number, _ in sections["findings"].figures] == counted and all(counted)
    said = " ".join(word for line in sections["findings"].lines for word in line.said)
    assert "Error: Every document in force is reviewed before its review date passes [review-overdue]" in said


def cells(workbook: bytes) -> list[list[str]]:
    """The first sheet as a spreadsheet program reads it: shared strings, numbers, days by their style."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        shared = re.findall(r"<si><t[^>]*>(.*?)</t></si>", archive.read("xl/sharedStrings.xml").decode(), re.DOTALL)
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    rows = []
    for row in re.findall(r"<row [^>]*>(.*?)</row>", sheet, re.DOTALL):
        found = re.findall(r'<c r="[A-Z]+\d+"(?: s="(\d+)")?(?: t="(\w+)")?>(?:<v>(.*?)</v>)?', row)
        rows.append([html.unescape(shared[int(value)]) if kind == "s" else value for _, kind, value in found])
    return rows


def test_the_lists_are_in_the_files_with_real_dates(audit: Audit) -> None:
    table = desk.table(audit)
    rows = list(csv.reader(io.StringIO(spreadsheet.csv(table).decode("utf-8-sig"), newline="")))
    book = cells(spreadsheet.xlsx([table], as_of=audit.as_of))
    assert rows[0] == book[0] == list(table.columns)
    assert len(rows) == len(book) == 1 + sum(len(each.lines) for each in desk.sections(audit))
    assert rows[1] == ["Periodic review overdue", "QM-002", "Title of QM-002", "Quality manager", "174 days overdue", "2026-06-01", "1 document overdue"]  # fmt: skip
    assert book[1][5] == str((date(2026, 6, 1) - date(1899, 12, 30)).days)
    assert spreadsheet.xlsx([table], as_of=audit.as_of) == spreadsheet.xlsx([table], as_of=audit.as_of)


def test_nothing_to_do_says_so_for_each_kind(tmp_path: Path) -> None:
    empty = Programme().audit(tmp_path)
    assert [each.id for each in desk.sections(empty) if each.lines] == ["findings"]
