"""Training records held against history: which lines count, and why the others don't (issue 6; DESIGN.md §3.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from programme import POLICY, Programme, document, entry, key, path, people
from training_scenes import (
    COMPETENCY,
    FILE,
    HEAD,
    SCAN_PATH,
    TRAINING,
    WITH_ASSESSOR,
    at,
    competency,
    enter,
    line,
    programme,
    revised,
)

from qmdoc import training
from qmdoc.model import Meaning
from qmdoc.outputs import training_report
from qmdoc.outputs.manual_pages.training import readers
from qmdoc.outputs.training_report import Question
from qmdoc.register import Audit
from qmdoc.signing import sshsig
from qmdoc.training import Standing


def found(audit: Audit, prefix: str = "") -> list[tuple[str, str]]:
    """Findings about training: id and message."""
    names = ("training", "attestation", "assessor", "competency", "change", "module", "unreadable")
    return [(each.check, each.message) for each in audit.findings if each.check.startswith(prefix or names)]


def standing(audit: Audit, person: str = "n.nurse", number: str = "QM-001") -> Standing:
    return next(
        each.standing for each in training.required(audit.register) if each.person == person and each.document == number
    )


def test_a_form_entered_by_the_quality_manager_counts(tmp_path: Path) -> None:
    made = programme()
    enter(made, line(made))
    audit = made.audit(tmp_path)
    assert found(audit) == []
    [row] = training.required(audit.register)
    assert (row.person, row.standing, row.sign_off) == ("n.nurse", Standing.ATTESTED, None)
    assert row.by and row.by.record and row.by.entry.startswith("entered by q.manager, recorded, in commit ")


@pytest.mark.parametrize(
    ("cells", "check", "words"),
    [
        ({"sha256": "a" * 64}, "attestation-for-other-bytes", "has the digest"),
        ({"version": "1.7"}, "attestation-for-other-bytes", "the digest is that of version 1.0"),
        ({"document": "QM-009"}, "attestation-for-other-bytes", "no version of QM-009 was ever approved"),
        ({"date": "2026-01-09"}, "attestation-before-approval", "before its approval on 2026-01-10"),
        ({"person": "n.body"}, "attestation-by-non-holder", "in neither the authority nor the staff list"),
        ({"date": "2026-02-20"}, "attestation-unproved", "after the day it was entered"),
        ({"entered_by": "m.director"}, "attestation-unproved", "is by <q.manager@programme.example>"),
        ({"evidence": ""}, "attestation-unproved", "no scan or form is named"),
        ({"evidence": f"{SCAN_PATH} sha256:{'b' * 64}"}, "attestation-unproved", "is another file"),
        ({"evidence": f"records/lost.pdf sha256:{'b' * 64}"}, "attestation-unproved", "is not there"),
        ({"how": "sign-off"}, "attestation-unproved", "history holds no such sign-off"),
        ({"how": "forge", "evidence": ""}, "attestation-unproved", "one's own entry"),
    ],
)  # fmt: skip
def test_a_line_that_proves_nothing_does_not_count(
    tmp_path: Path, cells: Mapping[str, str], check: str, words: str
) -> None:
    made = programme()
    enter(made, line(made, **cells))
    audit = made.audit(tmp_path)
    [missing] = found(audit, "training-missing")
    assert "Ward Nurse (n.nurse, ward-nurse) has not attested QM-001 1.0; it was due 2026-02-09" in missing[1]
    [doubt] = [each for each in audit.findings if each.check == check]
    assert words in doubt.message
    assert (doubt.path, doubt.line) == (FILE, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n.nurse,QM-001", "2 fields instead of 9"),
        ('"n.nurse,QM-001', "no CSV"),
        (",QM-001,1.0,{d},2026-01-20,read-and-understood,form,,q.manager", "`person` is empty"),
        ("n.nurse,QM-1,1.0,{d},2026-01-20,read-and-understood,form,,q.manager", "no document's number"),
        ("n.nurse,QM-001,01.0,{d},2026-01-20,read-and-understood,form,,q.manager", "no version"),
        ("n.nurse,QM-001,1.0,{d}0,2026-01-20,read-and-understood,form,,q.manager", "no SHA-256"),
        ("n.nurse,QM-001,1.0,{d},20.1.2026,read-and-understood,form,,q.manager", "no day"),
        ("n.nurse,QM-001,1.0,{d},2026-01-20,read,form,,q.manager", "`read` is no kind"),
        ("n.nurse,QM-001,1.0,{d},2026-01-20,read-and-understood,paper,,q.manager", "`paper` is no how"),
        ("n.nurse,QM-001,1.0,{d},2026-01-20,read-and-understood,form,scan.pdf,q.manager", "is no evidence"),
        ("n.nurse,QM-001,1.0,{d},2026-01-20 ,read-and-understood,form,,q.manager", "blanks at its ends"),
    ],
)
def test_a_line_that_cannot_be_read_is_a_finding_at_its_line(tmp_path: Path, text: str, words: str) -> None:
    made = programme()
    enter(made, line(made), text.replace("{d}", "a" * 64))
    audit = made.audit(tmp_path)
    [fault] = [each for each in audit.findings if each.check == "unreadable-training"]
    assert (fault.path, fault.line) == (FILE, 3)
    assert words in f"{fault.message} {fault.fix}"
    assert standing(audit) is Standing.ATTESTED  # the line above it still counts


@pytest.mark.parametrize("content", ["", "person,document\n", b"\xff\xfe"])
def test_a_file_that_is_no_table_is_a_finding(tmp_path: Path, content: str | bytes) -> None:
    made = programme()
    made.commit("q.manager", {FILE: content}, at=at(1, 25))
    [fault] = found(made.audit(tmp_path), "unreadable-training")
    assert "a training record can't be read" in fault[1]


def test_a_link_in_place_of_records_is_a_finding(tmp_path: Path) -> None:
    made = programme()
    made.commit("q.manager", {FILE: "elsewhere.csv"}, at=at(1, 25), modes={FILE: "120000"})
    assert [each[0] for each in found(made.audit(tmp_path), "unreadable")] == ["unreadable-training"]


def test_the_same_record_twice_is_a_finding(tmp_path: Path) -> None:
    made = programme()
    enter(made, line(made))
    made.commit("q.manager", {"records/training/again.csv": f"{HEAD}\n{line(made)}\n"}, at=at(1, 26))
    [twice] = [each for each in made.audit(tmp_path).findings if each.check == "unreadable-training"]
    assert "the same record stands in" in twice.message


def test_a_line_that_somebody_else_wrote_first_stays_theirs(tmp_path: Path) -> None:
    """Taking a line out and putting it back under another name makes nobody its author."""
    made = programme()
    enter(made, line(made), who="w.writer")
    made.commit("w.writer", {FILE: None}, at=at(1, 26))
    enter(made, line(made), who="q.manager", when=at(1, 27))
    [doubt] = found(made.audit(tmp_path), "attestation")
    assert doubt[0] == "attestation-unproved"


def test_a_record_on_a_merged_branch_is_its_authors_and_not_the_mergers(tmp_path: Path) -> None:
    made = programme()
    made.branch("paper")
    enter(made, line(made), branch="paper")
    made.merge("a.admin", "paper", at=at(1, 26))
    assert found(made.audit(tmp_path)) == []


def test_entries_are_signed_where_the_policy_asks_it_of_edits(tmp_path: Path) -> None:
    policy = POLICY + "edits: signed\n"
    unsigned, signed = programme(policy=policy), programme(policy=policy)
    enter(unsigned, line(unsigned))
    assert "not signed, as the policy asks" in found(unsigned.audit(tmp_path / "a"), "attestation-unproved")[0][1]
    enter(signed, line(signed), sign=lambda payload: sshsig.sign(key("q.manager"), payload, namespace="git"))
    audit = signed.audit(tmp_path / "b")
    assert standing(audit) is Standing.ATTESTED
    [row] = training.required(audit.register)
    assert row.by and "entered by q.manager, signed," in row.by.entry


def test_somebody_elses_signature_makes_no_entry_signed(tmp_path: Path) -> None:
    made = programme(policy=POLICY + "edits: signed\n")
    enter(made, line(made), sign=lambda payload: sshsig.sign(key("w.writer"), payload, namespace="git"))
    assert found(made.audit(tmp_path), "attestation-unproved")


def test_evidence_that_changes_later_ends_the_proof(tmp_path: Path) -> None:
    made = programme()
    enter(made, line(made))
    made.commit("w.writer", {SCAN_PATH: b"another scan"}, at=at(1, 26))
    assert "is another file" in found(made.audit(tmp_path), "attestation-unproved")[0][1]


def test_a_record_in_another_role_counts_and_is_a_warning(tmp_path: Path) -> None:
    made = programme()
    enter(made, line(made), line(made, person="w.writer"))
    [odd] = [each for each in made.audit(tmp_path).findings if each.check == "attestation-by-non-holder"]
    assert odd.severity == "warning"
    assert "in none of the roles that it asks (ward-nurse)" in odd.message


def test_a_persons_own_page_on_the_forge_counts(tmp_path: Path) -> None:
    made = programme()
    enter(made, line(made, how="forge", evidence="", entered_by="n.nurse"), who="n.nurse")
    audit = made.audit(tmp_path)
    assert (found(audit), standing(audit)) == ([], Standing.ATTESTED)


def test_a_signed_attestation_is_not_counted_twice_by_its_line(tmp_path: Path) -> None:
    made = programme()
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(1, 15))
    enter(made, line(made, how="sign-off", evidence=""))
    audit = made.audit(tmp_path)
    assert found(audit) == []
    assert training.required(audit.register)[0].sign_off is not None
    assert len(training.of(audit.register).attested) == 1


def test_whoever_never_read_is_missing_after_the_due_day_and_not_on_it(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path)
    assert found(made.audit(place, as_of=date(2026, 2, 9))) == []
    assert [each[0] for each in found(made.audit(place, as_of=date(2026, 2, 10)))] == ["training-missing"]


def test_a_version_approved_ahead_is_due_on_the_eve_of_its_first_day(tmp_path: Path) -> None:
    made = programme(effective_date="2026-03-01")
    place = made.repository(tmp_path)
    before, on_the_day = made.audit(place, as_of=date(2026, 2, 28)), made.audit(place, as_of=date(2026, 3, 1))
    assert [(each.edition.document, each.due, each.standing) for each in training.of(before.register).ahead] == [
        ("QM-001", date(2026, 2, 28), Standing.OPEN)
    ]
    assert found(before) == []
    assert [each[0] for each in found(on_the_day)] == ["training-missing"]


def test_of_two_versions_ahead_each_is_asked_for_its_own_day(tmp_path: Path) -> None:
    """Whoever has read the farther one does not know what holds in between."""
    made = programme()
    for version, day, month in (("2.0", "2026-03-01", 1), ("3.0", "2026-04-01", 2)):
        body = f"## Purpose\n\nGive {month} mg.\n"
        made.commit(
            "w.writer",
            {path(): document(version=version, training=TRAINING, effective_date=day, body=body)},
            at=at(month, 20),
        )
        made.approve("QM-001", at=at(month, 21))
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(2, 22))
    audit = made.audit(tmp_path, as_of=date(2026, 2, 25))
    rows = [(str(each.edition.version), each.due, each.standing) for each in training.of(audit.register).ahead]
    assert rows == [("2.0", date(2026, 2, 28), Standing.OPEN), ("3.0", date(2026, 3, 31), Standing.ATTESTED)]
    shown = readers(audit.register.states[0], audit.register)
    assert shown and "2.0" in shown.ahead and "3.0" not in shown.ahead


def test_reading_within_the_window_counts(tmp_path: Path) -> None:
    made = programme(effective_date="2026-03-01")
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(2, 15))
    assert found(made.audit(tmp_path, as_of=date(2026, 3, 1))) == []


STAFF = "id,name,email,roles,sites,from,to\n"


def test_a_joiner_of_the_staff_list_has_the_days_from_the_first_day(tmp_path: Path) -> None:
    made = programme()
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(1, 12))
    made.commit(
        "a.admin",
        {"records/staff.csv": STAFF + "j.joiner,Joiner,j@programme.example,ward-nurse,,2026-06-01,2026-09-30\n"},
        at=at(5, 20),
    )
    place = made.repository(tmp_path)
    assert len(training.required(made.audit(place, as_of=date(2026, 5, 31)).register)) == 1
    [row] = [
        each
        for each in training.required(made.audit(place, as_of=date(2026, 6, 1)).register)
        if each.person == "j.joiner"
    ]
    assert row.due == date(2026, 7, 1)
    assert "j.joiner" in found(made.audit(place, as_of=date(2026, 7, 2)), "training-missing")[0][1]
    assert found(made.audit(place, as_of=date(2026, 10, 1))) == []  # gone


def test_a_new_role_is_held_from_the_day_of_the_list_that_gives_it(tmp_path: Path) -> None:
    made = programme()
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(1, 12))
    row = "x.staff,Staff,x@programme.example,{},,2025-01-01,\n"
    made.commit("a.admin", {"records/staff.csv": STAFF + row.format("porter")}, at=at(2, 1))
    made.commit("a.admin", {"records/staff.csv": STAFF + row.format("porter;ward-nurse")}, at=at(6, 1))
    place = made.repository(tmp_path)
    assert len(training.required(made.audit(place, as_of=date(2026, 5, 31)).register)) == 1
    rows = training.required(made.audit(place, as_of=date(2026, 6, 1)).register)
    assert {each.person: each.due for each in rows}["x.staff"] == date(2026, 7, 1)


def test_the_clock_stands_still_on_leave(tmp_path: Path) -> None:
    made = programme()
    made.commit("a.admin", {"records/leave.csv": "person,from,to\nn.nurse,2026-02-01,2026-02-28\n"}, at=at(1, 30))
    place = made.repository(tmp_path)
    assert standing(made.audit(place, as_of=date(2026, 2, 28))) is Standing.AWAY
    assert standing(made.audit(place, as_of=date(2026, 3, 9))) is Standing.OPEN  # 9 February, and 28 days
    assert standing(made.audit(place, as_of=date(2026, 3, 10))) is Standing.MISSING


@pytest.mark.parametrize(
    "row", ["n.nurse,2026-02-31,", "n.nurse,2026-03-01,2026-02-01", ",2026-02-01,", "n.nurse,2026-02-01"]
)
def test_a_leave_that_cannot_be_read_is_a_finding(tmp_path: Path, row: str) -> None:
    made = programme()
    made.commit("a.admin", {"records/leave.csv": f"person,from,to\n{row}\n"}, at=at(1, 30))
    [fault] = [each for each in made.audit(tmp_path).findings if each.check == "unreadable-leave"]
    assert (fault.path, fault.line) == ("records/leave.csv", 2)


def test_a_competency_holds_for_a_year_and_its_holder_may_assess(tmp_path: Path) -> None:
    made = programme(COMPETENCY)
    first = competency(made, person="w.writer")  # by who signed the approval: somebody must be the first
    enter(made, first, competency(made, date="2026-01-21", assessor="w.writer"), head=WITH_ASSESSOR)
    place = made.repository(tmp_path)
    assert found(made.audit(place)) == []
    later = datetime(2027, 6, 1, tzinfo=UTC)
    assert found(made.audit(place, as_of=date(2027, 1, 20), now=later)) == []
    assert [each[0] for each in found(made.audit(place, as_of=date(2027, 1, 22), now=later), "competency")] == [
        "competency-overdue"
    ] * 2


def test_reading_is_no_competency(tmp_path: Path) -> None:
    made = programme("{roles: [ward-nurse], kind: competency, within: 30}")
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(1, 12))
    assert "has no competency in QM-001 1.0" in found(made.audit(tmp_path), "training-missing")[0][1]


@pytest.mark.parametrize(
    ("assessor", "words"),
    [
        ("n.nurse", "is the same person"),
        ("a.admin", "holds no competency"),
        ("w.writer", "failed in it on 2026-01-19"),
        ("n.body", "was not there"),
    ],
)
def test_who_is_not_competent_can_observe_nobody(tmp_path: Path, assessor: str, words: str) -> None:
    made = programme(COMPETENCY)
    failed = competency(made, person="w.writer", date="2026-01-19", result="fail")
    enter(made, failed, competency(made, assessor=assessor), head=WITH_ASSESSOR)
    [doubt] = found(made.audit(tmp_path, as_of=date(2026, 2, 1)), "assessor")
    assert words in doubt[1]


def test_a_competency_that_was_failed_is_overdue_at_once(tmp_path: Path) -> None:
    made = programme("{roles: [ward-nurse], kind: competency, within: 30}")
    enter(made, competency(made, result="fail"), head=WITH_ASSESSOR)
    [late] = found(made.audit(tmp_path, as_of=date(2026, 1, 26)), "competency")
    assert "failed the competency in QM-001 1.0 on 2026-01-20" in late[1]


def test_a_module_names_what_is_in_force(tmp_path: Path) -> None:
    made = programme()
    text = "modules:\n  ward:\n    title: Ward nurse\n    roles: [ward-nurse]\n    documents: [QM-001, QM-002]\n"
    made.commit("a.admin", {"records/modules.yaml": text}, at=at(1, 30))
    [unknown] = [each for each in made.audit(tmp_path).findings if each.check == "module-unknown-document"]
    assert ("names QM-002, which does not exist" in unknown.message, unknown.line) == (True, 2)


@pytest.mark.parametrize("text", ["", "modules: {}\n", "modules:\n  ward: {title: A, documents: [QM-001]}\n", "modules:\n  ward: {title: A, roles: [a], documents: [QM-001, QM-001]}\n", "modules:\n  ward: {title: A, roles: [a], documents: [QM-001], extra: 1}\n"])  # fmt: skip
def test_modules_that_cannot_be_read_whole_are_none(tmp_path: Path, text: str) -> None:
    made = programme()
    made.commit("a.admin", {"records/modules.yaml": text}, at=at(1, 30))
    audit = made.audit(tmp_path)
    assert found(audit, "unreadable-modules")
    assert not audit.register.personnel.modules.modules


def test_a_type_asks_by_the_policys_word_where_the_document_does_not(tmp_path: Path) -> None:
    policy = POLICY.replace(
        "sop: {review_months: 24}", "sop: {review_months: 24, training: {roles: [ward-nurse], within: 10}}"
    )
    made = programme("", policy=policy)
    [row] = training.required(made.audit(tmp_path).register)
    assert (row.person, row.due) == ("n.nurse", date(2026, 1, 20))


def test_a_document_of_one_site_asks_nobody_at_another(tmp_path: Path) -> None:
    policy = POLICY.replace("{main: Main hospital}", "{main: Main hospital, south: South hospital}")
    made = Programme(
        policy=policy,
        people=people({"n.nurse": entry("n.nurse", "Ward Nurse", ["ward-nurse"], extra="    sites: [south]\n")}),
    )
    made.commit(
        "w.writer",
        {
            path(): document(training=TRAINING, sites="[main]"),
            path("QM-002"): document("QM-002", training=TRAINING, sites="[south]"),
        },
        at=at(1, 9),
    )
    made.approve("QM-001", "QM-002", at=at(1, 10))
    assert [each.document for each in training.required(made.audit(tmp_path).register)] == ["QM-002"]


def test_the_inspectors_question_is_answered_with_its_proof(tmp_path: Path) -> None:
    made = programme()
    enter(made, line(made))
    made.commit(
        "a.admin",
        {"records/modules.yaml": "modules:\n  ward: {title: Ward nurse, roles: [ward-nurse], documents: [QM-001]}\n"},
        at=at(1, 30),
    )
    audit = made.audit(tmp_path, as_of=date(2026, 3, 3))
    [head, _, row, module, *_] = training_report.text(audit.register, Question("n.nurse")).splitlines()
    assert (
        head
        == "Training on 2026-03-03, Ward Nurse (n.nurse, ward-nurse): 1 of 1 (100 %) of what is asked is attested, none late."
    )
    entered = made.audit(tmp_path).register.ledger.record_log.entered[line(made)].commit
    assert row == (
        "Ward Nurse: QM-001 1.0 Title of QM-001: attested: on paper of 2026-01-20, entered by q.manager, recorded, "
        f"in commit {entered}; {FILE}, line 2; evidence {line(made).split(',')[7]}"
    )
    assert module == "Module Ward nurse: 1 of 1, complete"
    told = json.loads(training_report.json_text(audit.register, Question()))
    assert [(each["person"], each["standing"]) for each in told["duties"]] == [("n.nurse", "attested")]
    assert training_report.xlsx_bytes(audit.register, Question()) == training_report.xlsx_bytes(
        audit.register, Question()
    )


def test_who_is_late_gets_an_e_mail_that_says_what_changed(tmp_path: Path) -> None:
    audit = revised().audit(tmp_path)
    told = training_report.text(audit.register, Question())
    assert "To: n.nurse@programme.example\nSubject: 1 procedure to know\n\nDear Ward Nurse," in told
    assert (
        "- QM-001 1.1 Title of QM-001: due 2026-07-10, to be read and attested; since version 1.0: 5 mg became 10 mg"
        in told
    )
    state = audit.register.state("QM-001")
    assert state
    told_on_page = readers(state, audit.register)
    assert told_on_page and told_on_page.sentence == "0 of 1 have read this version"
