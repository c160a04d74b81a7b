"""Proposals are exactly one thing each; seats, reviews, standards, files and the authority at their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import programme
import pytest
from programme import NOW, POLICY, Programme, document, entry, path, people

from qmdoc import audit as use_cases
from qmdoc import checks
from qmdoc.checks import signed_by_revoked_key, work_tree_differs
from qmdoc.model import Meaning, Outcome, Severity, WorkTreeFile
from qmdoc.register import Audit

ABOUT_A_PROPOSAL = {
    "changed-after-approval",
    "version-not-raised",
    "withdrawn-document-changed",
    "never-approved",
    "awaiting-sign-off",
}
HOUSE = "sops/standards/house.yaml"
CATALOGUE = 'id: house\ntitle: House rules\nedition: "1"\nclauses:\n  - {id: "1.1", title: Control}\n  - {id: "1.2", title: Training}\n'


def messages(audit: Audit, check: str) -> list[str]:
    return [finding.message for finding in audit.findings if finding.check == check]


def approved(*versions: str, policy: str = POLICY, listed: str | None = None) -> Programme:
    made = Programme(policy=policy, people=listed or people())
    for version in versions:
        made.commit("w.writer", {path(): document(version=version)})
        made.approve("QM-001")
    return made


@pytest.mark.parametrize(
    ("versions", "is_withdrawn", "proposed", "expected"),
    [
        ((), False, "1.0", "never-approved"),
        (("1.0",), False, "1.0", "changed-after-approval"),
        (("1.0",), False, "0.9", "version-not-raised"),
        (("1.0",), False, "1.1", "awaiting-sign-off"),
        (("1.0", "2.0"), False, "1.0", "changed-after-approval"),
        (("1.0", "2.0"), False, "1.5", "version-not-raised"),
        (("1.9",), False, "1.10", "awaiting-sign-off"),
        (("1.0",), True, "1.0", "withdrawn-document-changed"),
        (("1.0",), True, "0.5", "withdrawn-document-changed"),
        (("1.0",), True, "1.1", "awaiting-sign-off"),
    ],
)
def test_a_proposal_is_exactly_one_thing(
    versions: tuple[str, ...], is_withdrawn: bool, proposed: str, expected: str, tmp_path: Path
) -> None:
    made = approved(*versions)
    if is_withdrawn:
        made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    made.commit("w.writer", {path(): document(version=proposed, body="## Purpose\n\nChanged.\n")})
    assert [finding.check for finding in made.audit(tmp_path).findings if finding.check in ABOUT_A_PROPOSAL] == [
        expected
    ]


def test_what_a_draft_lacks_is_said_in_plain_words(tmp_path: Path) -> None:
    made = Programme()
    made.commit("q.manager", {path(): document()})
    made.sign("q.manager", "QM-001", role="quality-manager")
    [found] = messages(made.audit(tmp_path), "never-approved")
    assert "it lacks 1 approval by quality-manager (not independent: Quality Manager wrote this version)" in found
    assert "it lacks 1 approval by medical-director" in found


def test_a_changed_attachment_changes_an_approved_version(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document(), "sops/quality/QM-001/a.txt": "a"})
    made.approve("QM-001")
    made.commit("w.writer", {"sops/quality/QM-001/a.txt": "b"})
    assert len(messages(made.audit(tmp_path), "changed-after-approval")) == 1


def test_a_document_moved_to_another_folder_is_no_change(tmp_path: Path) -> None:
    made = approved("1.0")
    made.commit("w.writer", {path(): None, "sops/strategy/QM-001-moved.md": document()})
    assert made.audit(tmp_path).findings == ()


def test_a_version_deleted_before_its_day_is_reported(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document(effective_date="2026-12-24")})
    made.approve("QM-001")
    made.commit("w.writer", {path(): None})
    assert messages(made.audit(tmp_path), "effective-document-deleted") == [
        "QM-001 Title of QM-001: version 1.0 is approved, but its file was deleted"
    ]


def test_two_files_with_one_number_are_named_with_both_paths(tmp_path: Path) -> None:
    made = approved("1.0")
    made.commit("w.writer", {"sops/access/QM-001-b.md": document()})
    [found] = messages(made.audit(tmp_path), "duplicate-id")
    assert found == f"QM-001 is the number of 2 files: sops/access/QM-001-b.md and {path()}"


@pytest.mark.parametrize(("outcome", "word"), [(Outcome.REVISE, "be revised"), (Outcome.RETIRE, "be retired")])
def test_a_review_s_decision_stays_open_until_it_is_done(outcome: Outcome, word: str, tmp_path: Path) -> None:
    made = approved("1.0")
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, outcome=outcome)
    assert word in messages(made.audit(tmp_path / "open"), "review-action-open")[0]
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    assert not messages(made.audit(tmp_path / "done"), "review-action-open")


def test_a_signed_review_beyond_the_interval_names_the_signed_date(tmp_path: Path) -> None:
    made = approved("1.0")
    made.sign(
        "q.manager", "QM-001", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, next_review=date(2029, 1, 1)
    )
    [found] = messages(made.audit(tmp_path), "review-interval-too-long")
    assert found.endswith(
        "the last signed review says 2029-01-01, but the policy's interval ends on 2028-01-05, which counts"
    )


@pytest.mark.parametrize(
    ("reason", "since", "is_doubted"),
    [
        ("stolen", "2026-10-01", True),
        ("compromised on a laptop", "2026-10-01", True),
        ("Dienstausweis gestohlen", "2026-10-01", True),
        ("Verdacht auf Missbrauch", "2026-10-01", True),
        ("theft of a bag", "2026-10-01", True),
        ("lost", "2026-10-01", False),
        ("wird nicht mehr gebraucht", "2026-10-01", False),
        ("retired", "2026-10-01", False),
        ("retired", "2026-01-05", True),
    ],
)
def test_only_a_key_stolen_or_revoked_before_makes_a_sign_off_doubtful(
    reason: str, since: str, is_doubted: bool, tmp_path: Path
) -> None:
    keys = f'[{{key: "{programme.public("d.manager")}", revoked: {since}, reason: {reason}}}]'
    made = Programme()
    made.commit("w.writer", {path(): document()})
    made.sign("d.manager", "QM-001", role="quality-manager")
    made.sign("m.director", "QM-001", role="medical-director")
    made.change_authority(
        people=people({"d.manager": entry("d.manager", "Deputy Quality Manager", ["quality-manager"], keys=keys)})
    )
    assert bool(messages(made.audit(tmp_path), signed_by_revoked_key.ID)) is is_doubted


def test_a_binding_standard_without_a_catalogue_is_reported_and_so_is_one_that_can_t_be_read(tmp_path: Path) -> None:
    made = approved("1.0", policy=POLICY.replace("standards: []", "standards: [house, other]"))
    made.commit("w.writer", {HOUSE: "id: house\ntitle: x\nclauses: []\n"})
    audit = made.audit(tmp_path)
    assert [message.split("`")[1] for message in messages(audit, "unknown-standard")] == ["house", "other"]
    assert len(messages(audit, "unreadable-standard")) == 1


def test_a_policy_that_binds_from_an_unknown_clause_on_is_not_quietly_green(tmp_path: Path) -> None:
    made = approved("1.0", policy=POLICY.replace("standards: []", "standards: [{house: [B9]}]"))
    made.commit("w.writer", {HOUSE: CATALOGUE})
    assert len(messages(made.audit(tmp_path), "unknown-clause")) == 1


def test_a_clause_taken_out_and_a_catalogue_put_back_to_before_it_was_added_is_reported(tmp_path: Path) -> None:
    short = "".join(CATALOGUE.splitlines(keepends=True)[:-1])
    made = approved("1.0")
    for text in (short, CATALOGUE, short):
        made.commit("w.writer", {HOUSE: text})
    assert messages(made.audit(tmp_path), "clause-removed") == [
        "house: the clause 1.2 (Training) was taken out of the catalogue, and the edition is the same"
    ]


def test_recalled_clauses_are_summed_up_in_one_note_for_each_standard(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document(standards='{house: ["1.1", "1.2"]}'), HOUSE: CATALOGUE})
    made.approve("QM-001")
    assert messages(made.audit(tmp_path), "clause-recalled") == [
        "house: 2 of 2 claimed clauses are recalled, not compared with the standard's text"
    ]


def test_folders_that_differ_by_case_are_reported_once(tmp_path: Path) -> None:
    made = approved("1.0")
    made.commit("w.writer", {"sops/Quality/README.md": "x", "sops/quality/README.md": "y"})
    [found] = messages(made.audit(tmp_path, trust_root="root"), "path-collision")
    assert found.startswith("sops/Quality and sops/quality differ")


def test_a_name_with_a_line_end_is_shown_on_one_line(tmp_path: Path) -> None:
    made = approved("1.0")
    made.commit("w.writer", {"sops/quality/a\nb.txt": "x"})
    audit = made.audit(tmp_path)
    assert {finding.check for finding in audit.findings} == {"path-collision", "stray-file"}
    assert all(
        "sops/quality/a\\x0ab.txt" in finding.message and finding.path == "sops/quality/a\\x0ab.txt"
        for finding in audit.findings
    )


def test_beyond_twenty_files_the_rest_is_summed_up(tmp_path: Path) -> None:
    register = approved("1.0").audit(tmp_path).register
    rows = tuple(WorkTreeFile(f"sops/x{number:02}.md") for number in range(25))
    found = [each.message for each in work_tree_differs.check(replace(register, work_tree=rows))]
    assert len(found) == 21 and found[-1] == "5 more files differ from what is committed"


def test_before_the_first_commit_only_the_empty_register_is_reported(tmp_path: Path) -> None:
    made = approved("1.0", policy=POLICY.replace("standards: []", "standards: [house]"))
    found = made.audit(tmp_path, as_of=date(2019, 1, 1), trust_root=None).findings
    assert [(each.check, each.severity) for each in found] == [
        ("nothing-in-force", Severity.ERROR),
        ("trust-root-not-pinned", Severity.WARNING),
    ]


def test_an_authority_that_can_never_come_into_force_says_why(tmp_path: Path) -> None:
    made = approved("1.0")
    keys = f'[{{key: "{programme.public("n.nurse")}"}}]'
    changed = people({"n.nurse": "", "x.new": entry("x.new", "Newcomer", ["ward-nurse"], keys=keys)})
    made.commit("a.admin", {"sops/authority/people.yaml": changed})
    assert messages(made.audit(tmp_path), "authority-pending") == [
        "the changed authority on main can't come into force: a key that was `n.nurse`'s now stands under `x.new`"
    ]


def test_without_keys_admins_are_counted_by_their_time_alone(tmp_path: Path) -> None:
    listed = people({"a.admin": entry("a.admin", "Administrator", ["admin"], keys="[]")})
    audit = approved("1.0", listed=listed).audit(tmp_path)
    assert messages(audit, "authority-fragile") == [
        f"on {NOW.date()} only 2 admins could sign a change of the authority, and 3 should: one more than the quorum"
    ]
    recorded = Programme(policy=POLICY.replace("assurance: signed", "assurance: recorded"), people=listed)
    recorded.commit("w.writer", {path(): document()})
    assert not messages(recorded.audit(tmp_path / "recorded"), "authority-fragile")


def test_an_owner_on_the_staff_list_is_known(tmp_path: Path) -> None:
    made = Programme()
    staff = "id,name,email,roles,sites,from,to\ns.staff,Staff Nurse,s@x.example,charge-nurse,main,,2026-06-30\n"
    made.commit("w.writer", {path(): document(owner="charge-nurse"), "records/staff.csv": staff})
    made.approve("QM-001")
    audit = made.audit(tmp_path)
    assert not messages(audit, "unknown-owner")
    assert messages(audit, "owner-left") == [
        "QM-001 Title of QM-001: nobody who is active on 2026-11-22 holds the role of its owner, `charge-nurse`"
    ]


def test_a_lost_earlier_audit_is_found_through_descends_from(tmp_path: Path) -> None:
    made = approved("1.0")
    place = made.repository(tmp_path)
    for commit, expected in ((made.root, []), ("ab" * 20, ["history-rewritten"])):
        request = use_cases.Request(
            place, NOW, {"PATH": "/usr/bin:/bin:/usr/local/bin"}, trust_root=made.root, descends_from=commit
        )
        assert [finding.check for finding in use_cases.audit(request).findings] == expected


ODD = [
    "",
    "---\n---\n",
    document(body="[" * 400 + "]" * 400),
    document(body="[x](%00%ff) ![y](%2e%2e/x) [z](QM-001/%2e%2e/x)\n"),
    document(standards='{"": [""], "a b": ["\\u202e"]}'),
    document(owner="[]"),
    document(not_applicable="{house: {x: y}}", supersedes="[QM-001]"),
    document(body="```{figure} QM-001/no.svg\n```\n\n```{nonsense}\n```\n"),
    "\ufeff" + document(),
    document().replace("\n", "\r\n"),
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_are_findings_and_raise_nothing(text: str, tmp_path: Path) -> None:
    made = approved("1.0")
    odd = {
        path("QM-005"): text.replace("QM-001", "QM-005"),
        "sops/quality/QM-005/x.svg": b"\xff<",
        "sops/quality/QM-005/x.dot": b"\x00",
    }
    made.commit(
        "w.writer",
        {
            **odd,
            HOUSE: "\x00",
            "sops/authority/people.yaml": "people: [",
            "records/staff.csv": b"\xff",
            "records/deviations/x.bin": b"\xff\x00",
        },
    )
    audit = made.audit(tmp_path)
    assert {"unreadable-standard", "authority-unreadable", "chart-outdated", "unsafe-markup"} <= {
        finding.check for finding in audit.findings
    }
    assert audit.findings == checks.run(audit.register, is_strict=False)


def test_no_name_of_a_file_writes_lines_of_its_own_into_a_report(tmp_path: Path) -> None:
    made = approved("1.0")
    made.commit(
        "w.writer",
        {
            "sops/quality/QM-007-a\nb.md": "x",
            "sops/quality/c\u202ed.md": "y",
            "sops/quality/QM-008-\n.md": document("QM-008"),
        },
    )
    found = made.audit(tmp_path).findings
    assert {"path-collision", "unreadable-document", "never-approved"} <= {finding.check for finding in found}
    assert not any(set(f"{finding.message}{finding.path}{finding.fix}") & set("\n\u202e") for finding in found)
