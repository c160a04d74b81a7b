"""From a clause to what answers it: document, section, approval and attestations; gaps before all else."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from busy_desk import built, busy
from programme import POLICY, Programme, document, path

from qmdoc.outputs.manual_pages import downloads


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("covered")
    built(busy(), made)
    return made / "site"


def words(page: str) -> str:
    article = page.partition('<article role="main"')[2].partition("</article>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", article).split())


def test_a_clause_leads_to_document_section_approval_and_attestations(folder: Path) -> None:
    page = (folder / "coverage/local-std.html").read_text()
    row = page.partition('id="row-A1"')[2].partition("</tr>")[0]
    (anchor,) = re.findall(r'href="\.\./documents/QM-001\.html#([^"]+)">Steps<', row)
    assert f'id="{anchor}"' in (folder / "documents/QM-001.html").read_text()
    assert "QM-001 1.0, approved 2026-01-05; 1 of 2 have attested, 1 overdue" in row  # fmt: skip
    assert "<td>Covered</td>" in row


def test_gaps_stand_first_and_lead_to_their_rows(folder: Path) -> None:
    matrix, overview = ((folder / f"{name}.html").read_text() for name in ("coverage/local-std", "coverage"))
    assert words(matrix).index("2 of 3 binding clauses") < words(matrix).index("All clauses")
    assert words(overview).index("2 of 3 clauses have no answer") < words(overview).index("Standards that bind")
    assert 'href="#row-A2"' in matrix and 'href="coverage/local-std.html#row-A2"' in overview
    assert "A2 Clause A2 (only by a draft, not in force: QM-006)" in words(overview)


def test_the_table_says_the_same(tmp_path: Path) -> None:
    files = downloads.files(busy().audit(tmp_path))
    content = files["_static/lists/coverage.csv"].decode("utf-8-sig")
    rows = {row["Clause"]: row for row in csv.DictReader(io.StringIO(content, newline=""))}
    assert [(number, row["State"]) for number, row in rows.items()] == [("A1", "Covered"), ("A2", "Gap: only by a draft"), ("A3", "Gap: uncovered")]  # fmt: skip
    assert (rows["A1"]["Documents in force"], rows["A1"]["Sections"]) == ("QM-001", "QM-001: Steps")
    assert rows["A1"]["Training and evidence"].endswith("1 of 2 have attested, 1 overdue")
    assert (rows["A2"]["Only in drafts"], rows["A2"]["Training and evidence"]) == ("QM-006", "")


@pytest.mark.parametrize(
    ("standards", "said", "unsaid"),
    [
        ("[]", "Nothing was judged: the policy names no standard that is on file.", "None in the"),
        ("[no-such]", "Nothing was judged", "None in the"),
        ("[local-std, no-such]", "None in the 1 standard judged below; what was not judged is named above.", "Nothing was judged"),
        ("[local-std]", "None in the 1 standard judged below.", "Not judged"),
    ],
)  # fmt: skip
def test_no_gap_is_said_only_of_what_was_judged(tmp_path: Path, standards: str, said: str, unsaid: str) -> None:
    made = Programme(policy=POLICY.replace("standards: []", f"standards: {standards}"))
    catalogue = 'id: local-std\ntitle: Local standard\nedition: "1"\nclauses:\n- {id: A1, title: One, confidence: recalled}\n'  # fmt: skip
    made.commit("w.writer", {path(): document(standards="{local-std: [A1]}"), "sops/standards/local-std.yaml": catalogue})  # fmt: skip
    made.approve("QM-001")
    shown = words((built(made, tmp_path) / "coverage.html").read_text())
    assert said in shown and unsaid not in shown
