"""What is judged: the text in force and the text on main, each at its own lines; links, drawings, front matter."""

from __future__ import annotations

from pathlib import Path

import pytest
from programme import POLICY, Programme, document, entry, path, people

from qmdoc.checks.unsafe_markup import faults_of_drawing
from qmdoc.model import Finding, Meaning
from qmdoc.register import Audit

LONG = "## Purpose\n\nText.\n\n\n\n"


def findings(audit: Audit, check: str) -> list[Finding]:
    return [finding for finding in audit.findings if finding.check == check]


def with_documents(*texts: tuple[str, str], policy: str = POLICY) -> Programme:
    """A programme whose documents, by number and text, are approved one after the other."""
    made = Programme(policy=policy)
    for number, text in texts:
        made.commit("w.writer", {path(number): text})
        made.approve(number)
    return made


def test_the_text_in_force_and_the_text_on_main_are_both_judged_at_their_own_lines(tmp_path: Path) -> None:
    made = with_documents(("QM-001", document(body="## Purpose\n\n[gone](QM-777)\n")))
    made.commit("w.writer", {path(): document(version="1.1", body=LONG + "[gone](QM-888)\n")})
    found = findings(made.audit(tmp_path), "broken-reference")
    assert [(each.line, each.path) for each in found] == [(12, path()), (16, path())]
    assert (
        found[0].message
        == "QM-001 Title of QM-001: in the version in force (1.0): it refers to QM-777, which does not exist"
    )
    assert found[1].message == "QM-001 Title of QM-001: it refers to QM-888, which does not exist"


def test_a_fault_that_both_texts_have_is_reported_for_each(tmp_path: Path) -> None:
    made = with_documents(("QM-001", document(owner="w.writer")))
    made.commit("w.writer", {path(): document(version="1.1", owner="w.writer")})
    made.change_authority(
        people=people(
            {"w.writer": entry("w.writer", "Procedure Writer", ["apheresis-nurse"], extra="    to: 2026-02-01\n")}
        )
    )
    found = findings(made.audit(tmp_path), "owner-left")
    assert [each.message.split(": ")[1] for each in found] == [
        "in the version in force (1.0)",
        "its owner Procedure Writer does not belong to the programme on 2026-11-22",
    ]


def test_a_text_put_back_to_an_older_approved_version_is_not_quietly_green(tmp_path: Path) -> None:
    made = with_documents(("QM-001", document()))
    made.commit("w.writer", {path(): document(version="2.0")})
    made.approve("QM-001")
    made.commit("w.writer", {path(): document()})
    [found] = made.audit(tmp_path).findings
    assert (found.check, found.message) == (
        "version-not-raised",
        "QM-001 Title of QM-001: the file says version 1.0, but 2.0 was approved before",
    )


def test_an_approved_text_that_waits_for_its_day_is_judged_beside_the_one_in_force(tmp_path: Path) -> None:
    made = with_documents(("QM-001", document()))
    made.commit(
        "w.writer",
        {path(): document(version="1.1", effective_date="2026-12-24", body="## Purpose\n\n[gone](QM-777)\n")},
    )
    made.approve("QM-001")
    assert [each.line for each in findings(made.audit(tmp_path), "broken-reference")] == [13]


def test_a_broken_file_on_main_leaves_the_text_in_force_judged(tmp_path: Path) -> None:
    made = with_documents(("QM-001", document(body="## Purpose\n\n[gone](QM-777)\n")))
    made.commit("w.writer", {path(): "broken\n"})
    assert {each.check for each in made.audit(tmp_path).findings} == {"unreadable-document", "broken-reference"}


def test_a_withdrawn_document_left_as_it_was_is_judged_no_more(tmp_path: Path) -> None:
    made = with_documents(("QM-002", document("QM-002")), ("QM-001", document(body="## Purpose\n\n[other](QM-777)\n")))
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    assert made.audit(tmp_path).findings == ()


def test_a_field_found_invalid_is_judged_by_no_other_check(tmp_path: Path) -> None:
    made = with_documents(("QM-002", document("QM-002")))
    made.commit("w.writer", {path(): document(owner="Q Manager")})
    found = made.audit(tmp_path).findings
    assert [(each.check, each.line) for each in found] == [("front-matter-invalid", 6), ("never-approved", 5)]


@pytest.mark.parametrize(
    ("line", "number", "message"),
    [
        ("sites: [annex]", 8, "`sites` is `annex`, which the policy does not name"),
        ("programmes: [hct, gene]", 8, "`programmes` is `gene`, which the policy does not name"),
        ("surprise: yes", 8, "the key `surprise` is unknown"),
    ],
)
def test_a_value_that_the_policy_does_not_know_is_found_at_its_line(
    line: str, number: int, message: str, tmp_path: Path
) -> None:
    key, _, value = line.partition(": ")
    made = with_documents(("QM-002", document("QM-002")))
    made.commit("w.writer", {path(): document(**{key: value})})
    [found] = findings(made.audit(tmp_path), "front-matter-invalid")
    assert (found.line, found.document) == (number, "QM-001")
    assert found.message.endswith(message)


def test_every_missing_key_is_a_finding_at_line_one(tmp_path: Path) -> None:
    made = with_documents(("QM-002", document("QM-002")))
    made.commit("w.writer", {path(): document(title="", owner="")})
    assert [each.line for each in findings(made.audit(tmp_path), "front-matter-invalid")] == [1, 1]


def test_a_file_without_a_number_is_kept_and_reported(tmp_path: Path) -> None:
    made = with_documents(("QM-002", document("QM-002")))
    made.commit("w.writer", {"sops/quality/hygiene.md": document(), "sops/quality/notes.md": "notes\n"})
    found = [(each.check, each.path) for each in made.audit(tmp_path).findings]
    assert found == [
        ("front-matter-invalid", "sops/quality/hygiene.md"),
        ("unreadable-document", "sops/quality/notes.md"),
    ]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("[x](QM-002)", ""),
        ("[x](QM-001)", ""),
        ("[x](QM-003)", "it refers to QM-003, which is a draft that was never approved"),
        ("[x](QM-404)", "it refers to QM-404, which does not exist"),
        ("[x](QM-001/plan.txt)", ""),
        (
            "[x](QM-001/Plan.txt)",
            "it refers to QM-001/Plan.txt, which is neither a document nor one of its attachments",
        ),
        ("[x](QM-001/../QM-001/plan.txt)", "it refers to QM-001/../QM-001/plan.txt, which is neither"),
        ("[x](QM-002/plan.txt)", "it refers to QM-002/plan.txt, which is neither"),
        ("[x](qm-002)", "it refers to qm-002, which is neither"),
        ("[x](../quality/QM-002-title.md)", "which is neither"),
        ("[x](#purpose)", ""),
        ("[x](#Purpose)", "the link to #Purpose leads to no heading of this document"),
        ("[x](#)", "leads to no heading"),
        ("[x](https://programme.example/#x)", ""),
        ("[x](mailto:q@programme.example)", ""),
        ("![x](QM-002)", "it refers to QM-002, which is neither"),
    ],
)
def test_a_link_leads_to_a_document_in_force_an_own_attachment_a_heading_or_the_web(
    link: str, message: str, tmp_path: Path
) -> None:
    made = with_documents(("QM-002", document("QM-002")))
    made.commit("w.writer", {path("QM-003"): document("QM-003")})
    made.commit("w.writer", {path(): document(body=f"## Purpose\n\n{link}\n"), "sops/quality/QM-001/plan.txt": "plan"})
    found = findings(made.audit(tmp_path), "broken-reference")
    assert [each.line for each in found] == ([12] if message else [])
    assert all(message in each.message for each in found)


def test_an_attachment_in_other_capitals_is_named_as_it_is_written(tmp_path: Path) -> None:
    made = with_documents(("QM-002", document("QM-002")))
    made.commit(
        "w.writer",
        {path(): document(body="## Purpose\n\n[x](QM-001/Plan.txt)\n"), "sops/quality/QM-001/plan.txt": "plan"},
    )
    [found] = findings(made.audit(tmp_path), "broken-reference")
    assert found.fix == "write QM-001/plan.txt"


def test_the_text_in_force_is_judged_by_the_attachments_it_was_signed_with(tmp_path: Path) -> None:
    made = Programme()
    made.commit(
        "w.writer",
        {path(): document(body="## Purpose\n\n[x](QM-001/plan.txt)\n"), "sops/quality/QM-001/plan.txt": "plan"},
    )
    made.approve("QM-001")
    made.commit("w.writer", {"sops/quality/QM-001/plan.txt": None})
    found = {each.check: each.message for each in made.audit(tmp_path).findings}
    assert set(found) == {"changed-after-approval", "broken-reference"}
    assert "in the version in force" not in found["broken-reference"]


def test_a_place_to_be_decided_is_found_in_the_title_too(tmp_path: Path) -> None:
    made = with_documents(("QM-002", document("QM-002")))
    made.commit(
        "w.writer",
        {
            path(): document(
                title='"Calling [[local: unit name]]"', body="## Purpose\n\n[[local: pager]] and [[Local:mail]]\n"
            )
        },
    )
    found = findings(made.audit(tmp_path), "local-value-missing")
    assert [(each.line, each.message.rpartition(": ")[2]) for each in found] == [
        (3, "unit name"),
        (12, "mail"),
        (12, "pager"),
    ]


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ('<path id="a"/><use xlink:href="#a"/><style>.a{fill:url(#a)}</style>', ""),
        ("<desc>sha256:00</desc><text>a (b) on</text>", ""),
        ("<g style=\"fill:url('#a')\"/>", ""),
        ("<script>x()</script>", "element `script`"),
        ("<foreignObject/>", "element `foreignObject`"),
        ('<b xmlns="http://www.w3.org/1999/xhtml"/>', "element `b`"),
        ('<g onload="x()"/>', "event attribute `onload`"),
        ('<a href="https://elsewhere.example">x</a>', "leads outside itself with `href`"),
        ('<image xlink:href="data:image/png;base64,AA"/>', "leads outside itself with `href`"),
        ('<g fill="url(https://elsewhere.example/x)"/>', "leads outside itself with `fill`"),
        ('<g style="background:url( https://elsewhere.example)"/>', "leads outside itself with `style`"),
        ('<g style="background:u\\72l(x)"/>', "leads outside itself with `style`"),
        ("<style>@import 'x.css';</style>", "in its style sheet"),
        ("<style>.a{fill:u\\72 l(x)}</style>", "in its style sheet"),
        ('<set attributeName="xlink:href" to="javascript:x()"/>', "changes where a link leads"),
        ("<?xml-stylesheet href='x'?>", "processing instruction `xml-stylesheet`"),
        ("<g>", "can't be read as SVG"),
    ],
)
def test_a_drawing_can_run_and_fetch_nothing(inside: str, problem: str) -> None:
    found = faults_of_drawing(SVG.format(inside).encode())
    assert bool(found) == bool(problem)
    assert not problem or problem in found[0].message


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg/>',
        b'<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
        b"\xff\xfe\x00",
        b"",
        b'<?xml version="1.0" encoding="utf-7"?><svg/>',
    ],
)
def test_a_drawing_with_a_doctype_or_of_no_known_kind_is_refused_and_raises_nothing(content: bytes) -> None:
    assert len(faults_of_drawing(content)) == 1


def test_an_unsafe_drawing_is_filed_under_its_document(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document(), "sops/quality/QM-001/Plan.SVG": SVG.format("\n<script/>")})
    made.approve("QM-001")
    [found] = findings(made.audit(tmp_path), "unsafe-markup")
    assert (found.document, found.path, found.line) == ("QM-001", "sops/quality/QM-001/Plan.SVG", 2)
    assert found.message == "QM-001: the drawing Plan.SVG holds the element `script`, which can run or load something"


def test_a_chart_without_a_drawing_is_outdated(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document(), "sops/quality/QM-001/flow.dot": "digraph {}"})
    made.approve("QM-001")
    [found] = findings(made.audit(tmp_path), "chart-outdated")
    assert found.message == "QM-001: the chart flow.dot has no drawing beside it"
