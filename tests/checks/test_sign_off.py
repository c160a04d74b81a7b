"""A refused sign-off stays in history for ever: when it is an error, and what makes it a note."""

from __future__ import annotations

from pathlib import Path

from programme import PEOPLE, Programme, document, entry, key, path, people

from qmdoc.model import Finding, Meaning, Severity
from qmdoc.register import Audit
from qmdoc.signing.statement import Subject


def drafted() -> Programme:
    """QM-002 in force, QM-001 a draft."""
    made = Programme()
    made.commit("w.writer", {path("QM-002"): document("QM-002")})
    made.approve("QM-002")
    made.commit("w.writer", {path(): document()})
    return made


def slip(made: Programme, **bent: object) -> str:
    """The quality manager's approval, made without a signature."""
    return made.sign("q.manager", "QM-001", **{"role": "quality-manager", "unsigned": True, **bent})  # type: ignore[arg-type]


def refusals(audit: Audit) -> list[Finding]:
    return [finding for finding in audit.findings if finding.check.startswith("sign-off-")]


def test_it_is_an_error_while_its_version_waits(tmp_path: Path) -> None:
    made = drafted()
    commit = slip(made)
    made.sign("m.director", "QM-001", role="medical-director")
    [found] = refusals(made.audit(tmp_path))
    assert (found.check, found.severity, found.document, found.commit) == (
        "sign-off-unsigned",
        Severity.ERROR,
        "QM-001",
        commit,
    )
    assert found.message.startswith(
        f"the sign-off in commit {commit[:12]} by {PEOPLE['q.manager'][0]} (approval as quality-manager) of QM-001 1.0 does not count: "
    )
    assert "sign again" in found.fix and commit in found.fix


def test_it_is_a_note_once_the_same_person_has_signed_again(tmp_path: Path) -> None:
    made = drafted()
    slip(made)
    made.sign("q.manager", "QM-001", role="quality-manager")
    [found] = refusals(made.audit(tmp_path))
    assert found.severity is Severity.NOTE and "(the person has signed again)" in found.message


def test_an_accepted_sign_off_before_it_settles_nothing(tmp_path: Path) -> None:
    made = drafted()
    made.sign("q.manager", "QM-001", role="quality-manager")
    slip(made)
    assert [each.severity for each in refusals(made.audit(tmp_path))] == [Severity.ERROR]


def test_another_person_or_meaning_settles_nothing_while_the_version_waits(tmp_path: Path) -> None:
    made = drafted()
    slip(made)
    made.sign("d.manager", "QM-001", role="quality-manager")
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVIEW)
    assert [each.severity for each in refusals(made.audit(tmp_path))] == [Severity.ERROR]


def test_it_is_a_note_once_the_version_is_in_force_by_others(tmp_path: Path) -> None:
    made = drafted()
    slip(made)
    made.sign("d.manager", "QM-001", role="quality-manager")
    made.sign("m.director", "QM-001", role="medical-director")
    assert [each.severity for each in refusals(made.audit(tmp_path))] == [Severity.NOTE]


def test_it_is_a_note_once_the_version_was_overtaken_or_withdrawn(tmp_path: Path) -> None:
    made = drafted()
    slip(made)
    made.commit("w.writer", {path(): document(version="1.1")})
    made.approve("QM-001")
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    assert [each.severity for each in refusals(made.audit(tmp_path))] == [Severity.NOTE]


def test_one_that_names_nothing_known_stays_an_error(tmp_path: Path) -> None:
    made = drafted()
    subject = made.subject("QM-002")
    made.sign(
        "q.manager",
        role="quality-manager",
        subjects=(Subject("QM-404", subject.version, subject.blob, subject.digest),),
    )
    made.approve("QM-001")
    assert [(each.severity, each.document) for each in refusals(made.audit(tmp_path))] == [(Severity.ERROR, "QM-404")]


def test_one_that_can_t_be_read_at_all_stays_an_error(tmp_path: Path) -> None:
    made = drafted()
    made.sign("q.manager", "QM-001", role="quality-manager", message="Fine\n\nQM-Signoff: 1\n")
    made.approve("QM-001")
    [found] = refusals(made.audit(tmp_path))
    assert (found.check, found.severity) == ("sign-off-malformed", Severity.ERROR)


def test_a_record_that_names_its_full_commit_closes_it(tmp_path: Path) -> None:
    made = drafted()
    commit = made.sign("q.manager", "QM-001", role="quality-manager", signing_key=key("stranger"))
    made.commit("w.writer", {"records/deviations/2026-01.md": f"Forgery in commit {commit}: police report 7.\n"})
    [found] = refusals(made.audit(tmp_path))
    assert found.severity is Severity.NOTE and "closed by records/deviations/2026-01.md" in found.message


def test_a_record_that_shortens_the_commit_closes_nothing(tmp_path: Path) -> None:
    made = drafted()
    commit = slip(made)
    made.commit("w.writer", {"records/deviations/2026-01.md": f"Forgery in commit {commit[:12]}.\n"})
    assert [each.severity for each in refusals(made.audit(tmp_path))] == [Severity.ERROR]


def test_of_two_documents_both_must_be_settled(tmp_path: Path) -> None:
    made = drafted()
    made.commit("w.writer", {path("QM-003"): document("QM-003")})
    made.sign("q.manager", "QM-001", "QM-003", role="quality-manager", unsigned=True)
    made.sign("q.manager", "QM-001", role="quality-manager")
    assert [each.severity for each in refusals(made.audit(tmp_path))] == [Severity.ERROR]
    made.sign("q.manager", "QM-003", role="quality-manager")
    assert [each.severity for each in refusals(made.audit(tmp_path / "later"))] == [Severity.NOTE]


def test_one_under_a_pending_authority_is_an_error_until_an_authority_came_into_force(tmp_path: Path) -> None:
    made = drafted()
    changed = people({"x.new": entry("x.new", "Newcomer", ["quality-manager"])})
    made.change_authority(people=changed, signers=("m.director",))
    assert [each.severity for each in refusals(made.audit(tmp_path))] == [Severity.ERROR]


def test_one_under_an_authority_overtaken_since_is_a_note(tmp_path: Path) -> None:
    made = drafted()
    before = made._root_authority
    made.change_authority(
        people=people({"x.new": entry("x.new", "Newcomer", ["quality-manager"])}), signers=("m.director",)
    )
    made.current_authority = before
    made.change_authority(
        people=people({"x.new": entry("x.new", "Newcomer", ["ward-nurse"])}), policy=made.policy, signers=()
    )
    made.commit(
        "a.admin",
        {"sops/authority/people.yaml": made.people, "sops/authority/policy.yaml": made.policy + "edits: recorded\n"},
    )
    made.current_authority = before
    for signer in ("q.manager", "m.director"):
        made.sign_authority(signer)
    assert [each.severity for each in refusals(made.audit(tmp_path))] == [Severity.NOTE]
