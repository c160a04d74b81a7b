"""Who signs, and who wrote: keys, e-mails, roles, seats, authors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from forgeries.court import (
    DOC,
    POLICY_FILE,
    accepted,
    approved,
    audit,
    day,
    git,
    in_force,
    irregularities,
    missing,
    raw_commit,
    refused,
    sign_off,
    written,
)
from programme import POLICY, Programme, document, email, entry, key, path, people, public

from qmdoc.chronicle import Writer
from qmdoc.ledger import Irregularity
from qmdoc.model import Assurance
from qmdoc.register import Audit
from qmdoc.signing import sshsig, statement

ONE_ROLE_TWICE = POLICY.replace("role: medical-director", "role: quality-manager")
RECORDED = POLICY.replace("assurance: signed", "assurance: recorded")


def writer(person: str, p: Programme, address: str | None = None) -> Writer:
    return Writer("Somebody", address or email(person), int(p.clock.timestamp()) + 3600)


def by(person: str) -> Callable[[bytes], bytes]:
    """A signature over a commit by somebody's own key."""
    return lambda payload: sshsig.sign(key(person), payload, namespace="git")


def edited_by(
    p: Programme, author: str, committer: str, *, body: str = "## Purpose\n\nNew.\n", message: str = "edit"
) -> str:
    """Version 1.1 of QM-001, under these two e-mails."""
    at = int(p.clock.timestamp()) + 3600
    return p.commit(
        "w.writer",
        {DOC: document(version="1.1", body=body)},
        author=Writer("A", author, at),
        committer=Writer("C", committer, at),
        message=message,
    )


def test_control_two_people_in_two_roles_bring_a_version_into_force(tmp_path: Path) -> None:
    p = written()
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert {row.assurance for row in a.register.sign_offs} == {Assurance.SIGNED}
    assert all(row.key and row.name for row in a.register.sign_offs)


def test_one_signature_of_two_is_not_enough(tmp_path: Path) -> None:
    p = written()
    p.sign("q.manager", "QM-001", role="quality-manager")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert missing(a) == ["medical-director approval 0/1"]


def test_the_same_person_twice_fills_one_seat(tmp_path: Path) -> None:
    p = Programme(
        policy=POLICY.replace("count: 1", "count: 2"),
        people=people({"x.director": entry("x.director", "Second Director", ["medical-director"])}),
    )
    p.commit("w.writer", {DOC: document()})
    for _ in range(2):
        p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert missing(a) == ["quality-manager approval 1/2", "medical-director approval 1/2"]


def test_one_person_with_two_roles_fills_one_seat(tmp_path: Path) -> None:
    p = Programme(
        people=people(
            {"q.manager": entry("q.manager", "Quality Manager", ["quality-manager", "medical-director", "admin"])}
        )
    )
    p.commit("w.writer", {DOC: document()})
    p.sign("q.manager", "QM-001", role="quality-manager")
    p.sign("q.manager", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert len(missing(a)) == 1


def test_any_assignment_of_people_to_seats_that_fills_all_will_do(tmp_path: Path) -> None:
    p = Programme(
        people=people(
            {"q.manager": entry("q.manager", "Quality Manager", ["quality-manager", "medical-director", "admin"])}
        )
    )
    p.commit("w.writer", {DOC: document()})
    p.sign("q.manager", "QM-001", role="medical-director")
    p.sign("q.manager", "QM-001", role="quality-manager")
    p.sign("d.manager", "QM-001", role="quality-manager")
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_one_person_with_two_keys_is_one_person(tmp_path: Path) -> None:
    two = entry(
        "q.manager",
        "Quality Manager",
        ["quality-manager", "admin"],
        keys=f'[{{key: "{public("q.manager")}"}}, {{key: "{public("q.manager", 2)}"}}]',
    )
    p = Programme(policy=ONE_ROLE_TWICE, people=people({"q.manager": two}))
    p.commit("w.writer", {DOC: document()})
    first = p.sign("q.manager", "QM-001", role="quality-manager")
    second = p.sign("q.manager", "QM-001", role="quality-manager", signing_key=key("q.manager", 2))
    a = audit(p, tmp_path)
    accepted(a, first, second)
    assert in_force(a) is None


def test_another_persons_email_with_ones_own_key_is_refused(tmp_path: Path) -> None:
    p = written()
    mixed = p.sign(
        "q.manager", "QM-001", role="quality-manager", author=writer("m.director", p), committer=writer("q.manager", p)
    )
    a = audit(p, tmp_path)
    refused(a, mixed, "signer-mismatch", says="m.director@programme.example")


def test_signing_in_anothers_name_with_ones_own_key_is_refused(tmp_path: Path) -> None:
    p = written()
    forged = p.sign("m.director", "QM-001", role="medical-director", signing_key=key("w.writer"))
    refused(audit(p, tmp_path), forged, "signer-mismatch", says="Procedure Writer")


def test_a_key_of_nobody_is_refused(tmp_path: Path) -> None:
    p = written()
    forged = p.sign("m.director", "QM-001", role="medical-director", signing_key=key("mallory"))
    refused(audit(p, tmp_path), forged, "unknown-key", says="belongs to nobody")


def test_a_stranger_who_signs_in_their_own_name_is_refused(tmp_path: Path) -> None:
    p = Programme(policy=RECORDED)
    p.commit("w.writer", {DOC: document()})
    forged = p.sign("mallory", "QM-001", role="quality-manager", unsigned=True)
    refused(audit(p, tmp_path), forged, "signer-mismatch", says="mallory")


def test_unsigned_where_signatures_are_asked_for_is_refused(tmp_path: Path) -> None:
    p = written()
    forged = p.sign("q.manager", "QM-001", role="quality-manager", unsigned=True)
    refused(audit(p, tmp_path), forged, "unsigned")


def test_control_unsigned_counts_as_recorded_where_the_policy_says_so(tmp_path: Path) -> None:
    p = Programme(policy=RECORDED)
    p.commit("w.writer", {DOC: document()})
    first = p.sign("q.manager", "QM-001", role="quality-manager", unsigned=True)
    p.sign("m.director", "QM-001", role="medical-director", unsigned=True)
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert sign_off(a, first).assurance is Assurance.RECORDED


def test_a_bad_signature_is_refused_even_where_none_is_asked_for(tmp_path: Path) -> None:
    p = Programme(policy=RECORDED)
    p.commit("w.writer", {DOC: document()})
    said = p.statement("q.manager", "QM-001", role="quality-manager")
    forged = p.commit(
        "q.manager",
        message=statement.write(said),
        sign=lambda payload: sshsig.sign(key("q.manager"), payload + b"x", namespace="git"),
    )
    refused(audit(p, tmp_path), forged, "bad-signature")


def test_a_role_not_held_is_refused(tmp_path: Path) -> None:
    p = written()
    forged = p.sign("q.manager", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    refused(a, forged, "role-not-held", says="medical-director")
    assert in_force(a) is None


def test_a_software_key_where_hardware_is_asked_for_is_refused(tmp_path: Path) -> None:
    p = Programme(policy=POLICY.replace("assurance: signed", "assurance: hardware"))
    p.commit("w.writer", {DOC: document()})
    weak = p.sign("q.manager", "QM-001", role="quality-manager")
    refused(audit(p, tmp_path), weak, "assurance-too-low", says="hardware")


def test_an_author_cannot_fill_an_independent_seat(tmp_path: Path) -> None:
    p = Programme()
    p.commit("q.manager", {DOC: document()})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert missing(a) == ["quality-manager approval 0/1 (not independent: Quality Manager wrote this version)"]
    accepted(a, *(row.commit for row in a.register.sign_offs))


def test_control_a_deputy_can_sign_what_the_manager_wrote(tmp_path: Path) -> None:
    p = Programme()
    p.commit("q.manager", {DOC: document()})
    p.approve("QM-001")
    p.sign("d.manager", "QM-001", role="quality-manager")
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_control_the_author_of_the_last_approved_version_may_approve_the_next(tmp_path: Path) -> None:
    p = Programme()
    p.commit("q.manager", {DOC: document()})
    p.sign("d.manager", "QM-001", role="quality-manager")
    p.sign("m.director", "QM-001", role="medical-director")
    p.commit("w.writer", {DOC: document(version="1.1")})
    p.approve("QM-001")
    assert in_force(audit(p, tmp_path)) == "1.1"


@pytest.mark.parametrize(
    "line",
    [
        "Co-authored-by: Q <q.manager@programme.example>",
        "co-AUTHORED-by:Q <Q.Manager@Programme.Example>",
        "Co-Authored-By : Q <q.manager@programme.example>",
        "  Co-authored-by: Q <q.manager@programme.example>  ",
        "Co-authored-by: Q <q.manager@programme.example> and thanks",
        "Co-authored-by: Q <q.manager@programme.example> <w.writer@programme.example>",
        "Co-authored-by: q.manager@programme.example",
        "Text.\rCo-authored-by: Q <q.manager@programme.example>",
        "Co-authored-by: W <w.writer@programme.example>\nCo-authored-by: Q <q.manager@programme.example>",
        "Co-authored-by:\tQ < q.manager@programme.example >",
    ],
)
def test_a_co_author_cannot_fill_an_independent_seat(tmp_path: Path, line: str) -> None:
    p = approved()
    edited_by(p, email("w.writer"), email("w.writer"), message=f"edit\n\n{line}\n")
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


@pytest.mark.parametrize(
    "line",
    [
        "Co-authored-by: Somebody",
        "Co-authored-by:",
        "Co-authored-by:\n Q <q.manager@programme.example>",
        "Co-authored-by: K <wor\u212aer@x.example>",
    ],
)
def test_a_co_author_who_cannot_be_known_leaves_nobody_independent(tmp_path: Path, line: str) -> None:
    p = approved()
    edited_by(p, email("w.writer"), email("w.writer"), message=f"edit\n\n{line}\n")
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "unknown-editor" in irregularities(a)


@pytest.mark.parametrize(("author", "committer"), [("q.manager", "w.writer"), ("w.writer", "q.manager")])
def test_both_author_and_committer_are_authors(tmp_path: Path, author: str, committer: str) -> None:
    p = approved()
    edited_by(p, email(author), email(committer))
    p.approve("QM-001")
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_an_edit_signed_with_ones_key_is_ones_own_under_any_email(tmp_path: Path) -> None:
    p = approved()
    p.commit(
        "w.writer",
        {DOC: document(version="1.1")},
        sign=lambda payload: sshsig.sign(key("q.manager"), payload, namespace="git"),
    )
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


def test_an_edit_under_an_unknown_email_leaves_nobody_independent(tmp_path: Path) -> None:
    p = approved()
    edited_by(p, "q.manager@home.example", "q.manager@home.example")
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "unknown" in missing(a)[0]
    assert any(
        "q.manager@home.example" in row.message
        for row in a.register.ledger.irregularities
        if row.check == "unknown-editor"
    )


def test_control_listing_the_unknown_editor_makes_the_others_independent(tmp_path: Path) -> None:
    p = approved()
    edited_by(p, "freelance@elsewhere.example", "freelance@elsewhere.example")
    p.approve("QM-001")
    p.change_authority(
        people=people(
            {"f.lance": entry("f.lance", "Freelancer", [], emails=["freelance@elsewhere.example"], keys="[]")}
        )
    )
    assert in_force(audit(p, tmp_path)) == "1.1"


def test_an_email_taken_out_of_the_authority_still_names_its_holder(tmp_path: Path) -> None:
    p = Programme(
        people=people(
            {
                "q.manager": entry(
                    "q.manager",
                    "Quality Manager",
                    ["quality-manager", "admin"],
                    emails=[email("q.manager"), "old@programme.example"],
                )
            }
        )
    )
    p.commit("w.writer", {DOC: document()})
    p.approve("QM-001")
    edited_by(p, "old@programme.example", "old@programme.example")
    p.change_authority(people=people(), signers=("a.admin", "m.director"))
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


@pytest.mark.parametrize(
    "address", ["Q.MANAGER@programme.example", " q.manager@programme.example", "q.manager@programme.example\t"]
)
def test_case_and_blanks_in_an_email_hide_nobody(tmp_path: Path, address: str) -> None:
    p = approved()
    edited_by(p, address, address)
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


@pytest.mark.parametrize(
    "address",
    [
        "w\u212a.writer@x",
        "w.writer@programme.example\u00a0",
        "ｗ.writer@programme.example",
        "",
        "*",
        "w.writer@programme.example.",
        "w.writer",
    ],
)
def test_an_email_that_only_looks_like_a_known_one_is_unknown(tmp_path: Path, address: str) -> None:
    p = approved()
    edited_by(p, address, address)
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "unknown-editor" in irregularities(a)


def test_the_kelvin_sign_makes_nobody_into_somebody_else(tmp_path: Path) -> None:
    p = Programme(people=people({"k.writer": entry("k.writer", "K. Writer", [])}))
    p.commit("w.writer", {DOC: document()})
    p.approve("QM-001")
    edited_by(p, "\u212a.writer@programme.example", "\u212a.writer@programme.example")
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "unknown-editor" in irregularities(a)


@pytest.mark.parametrize(
    "line",
    [
        "Q <q.manager@programme.example> <w.writer@programme.example>",
        "W <w.writer@programme.example> <q.manager@programme.example>",
        "W <w.writer@programme.example>>",
        "W <<w.writer@programme.example>",
    ],
)
def test_an_author_line_that_two_tools_would_read_differently_is_nobodys(tmp_path: Path, line: str) -> None:
    p = approved()
    tree = p.trees[p.tips["main"]] | {DOC: ("100644", p.chronicle.add(b"blob", document(version="1.1").encode()))}
    stamp = int(p.clock.timestamp()) + 1800
    raw_commit(
        p,
        tree,
        headers=f"author {line} {stamp} +0000\ncommitter W <w.writer@programme.example> {stamp} +0000\n".encode(),
    )
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "unknown-editor" in irregularities(a)


def test_control_git_commit_with_author_option_names_both(tmp_path: Path) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    (folder / DOC).write_text(document(version="1.1"))
    git(
        folder,
        "commit",
        "-qam",
        "edit",
        "--author=W <w.writer@programme.example>",
        GIT_COMMITTER_EMAIL=email("q.manager"),
        GIT_COMMITTER_DATE="2026-03-01T00:00:00Z",
    )
    a = audit(p, tmp_path)
    assert "quality-manager" not in str(a.register.state("QM-001").proposed.authors)  # type: ignore[union-attr]
    assert a.register.state("QM-001").proposed.authors == ("q.manager", "w.writer")  # type: ignore[union-attr]


def test_a_forges_address_is_nobody_as_committer_and_somebody_unknown_as_author(tmp_path: Path) -> None:
    p = Programme(policy=POLICY + "forges: {gitlab: {committers: [noreply@forge.example]}}\n")
    p.commit("w.writer", {DOC: document()})
    p.approve("QM-001")
    edited_by(p, email("w.writer"), "noreply@forge.example")
    p.approve("QM-001")
    web = audit(p, tmp_path / "web")
    assert in_force(web) == "1.1"
    p.commit(
        "w.writer",
        {DOC: document(version="1.2")},
        author=Writer("F", "noreply@forge.example", int(p.clock.timestamp()) + 3600),
    )
    p.approve("QM-001")
    assert in_force(audit(p, tmp_path)) == "1.1"


def test_an_unknown_editor_of_the_trust_root_leaves_nobody_independent(tmp_path: Path) -> None:
    p = Programme()
    p.root = p.commit("mallory", {DOC: document()})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert "unknown-editor" in irregularities(a)


@pytest.mark.parametrize("way", ["merge", "branch", "attachment"])
def test_a_text_fetched_from_behind_the_trust_root_has_an_author(tmp_path: Path, way: str) -> None:
    """Its own edit never lands; whoever fetches it would else be independent of it."""
    p = Programme()
    files = {DOC: document(version="2.0"), **({"sops/quality/QM-001/dose.txt": "15 mg"} if way == "attachment" else {})}
    old = p.commit("w.writer", files)
    p.commit("w.writer", {DOC: document(), **dict.fromkeys(name for name in files if name != DOC)})
    root = p.commit("a.admin", {"notes.txt": "trust begins here"})
    p.branch("old", old)
    if way != "merge":
        p.commit("q.manager", {"notes.txt": "a branch of an old commit"}, branch="old")
    p.commit("q.manager", files, parents=(p.tips["main"], p.tips["old"]), message="merge")
    p.approve("QM-001")
    a = audit(p, tmp_path, trust_root=root)
    assert in_force(a) is None and "not independent: Quality Manager" in missing(a)[0]


def test_edits_must_be_signed_by_their_author_where_the_policy_asks(tmp_path: Path) -> None:
    p = Programme(policy=POLICY + "edits: signed\n")
    p.commit("w.writer", {DOC: document()}, sign=by("w.writer"))
    assert "edit-unsigned" not in irregularities(audit(p, tmp_path / "own"))
    p.commit("w.writer", {DOC: document(version="1.1")}, sign=by("q.manager"))
    assert "edit-unsigned" in irregularities(audit(p, tmp_path))
    p.commit("w.writer", {DOC: document(version="1.2")}, sign=by("w.writer"))
    p.sign("d.manager", "QM-001", role="quality-manager")
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path / "approved")
    assert in_force(a) == "1.2"
    [named] = [row for row in a.register.ledger.irregularities if row.check == "edit-unsigned"]
    assert "until its version is approved and the next one is begun" in named.fix
    p.commit("w.writer", {DOC: document(version="1.3")}, sign=by("w.writer"))
    assert "edit-unsigned" not in irregularities(audit(p, tmp_path / "begun"))


def test_edits_that_landed_before_signed_ones_were_asked_for_are_not_named(tmp_path: Path) -> None:
    p = written()
    p.branch("open")
    late = p.commit("w.writer", {DOC: document(version="1.2")}, branch="open")
    p.change_authority(policy=POLICY + "edits: signed\n")
    assert "edit-unsigned" not in irregularities(audit(p, tmp_path / "before"))
    p.merge("n.nurse", "open")
    [named] = unsigned_edits(audit(p, tmp_path / "merged"))
    assert named.commit == late, "a branch that was begun before is judged where it lands"


def test_asking_for_less_later_excuses_no_edit(tmp_path: Path) -> None:
    p = Programme(policy=POLICY + "edits: signed\n")
    made = p.commit("w.writer", {DOC: document()})
    p.change_authority(policy=POLICY)
    p.commit("w.writer", {DOC: document(version="1.1")})
    [named] = unsigned_edits(audit(p, tmp_path))
    assert named.commit == made


def unsigned_edits(a: Audit) -> list[Irregularity]:
    """Edits that lack a signature that was asked of them."""
    return [row for row in a.register.ledger.irregularities if row.check == "edit-unsigned"]


def test_a_person_who_left_signs_nothing(tmp_path: Path) -> None:
    p = Programme(
        people=people(
            {
                "q.manager": entry(
                    "q.manager", "Quality Manager", ["quality-manager", "admin"], extra="    to: 2026-01-31\n"
                )
            }
        )
    )
    p.commit("w.writer", {DOC: document()})
    on_last_day = p.sign("q.manager", "QM-001", role="quality-manager", at=day("2026-01-31", 23, 59))
    later = p.sign("q.manager", "QM-001", role="quality-manager", at=day("2026-02-01", 0, 1))
    a = audit(p, tmp_path)
    accepted(a, on_last_day)
    refused(a, later, "person-not-active", says="2026-02-01")


def test_a_role_withdrawn_while_the_branch_was_open_is_dead(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    late = p.sign("q.manager", "QM-001", role="quality-manager", branch="side")
    p.change_authority(
        people=people({"q.manager": entry("q.manager", "Quality Manager", ["admin"])}),
        signers=("m.director", "a.admin"),
    )
    p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    refused(a, late, "role-not-held", says="when it landed")


def test_an_address_that_was_taken_out_while_the_branch_was_open_is_told_from_a_strangers(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    late = p.sign("q.manager", "QM-001", role="quality-manager", branch="side")
    renamed = entry("q.manager", "Quality Manager", ["quality-manager", "admin"], emails=["new@programme.example"])
    p.change_authority(people=people({"q.manager": renamed}), signers=("m.director", "a.admin"))
    p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    refused(a, late, "signer-mismatch", says="was Quality Manager's, and was taken out")
    assert "people.yaml has now" in sign_off(a, late).fix


def test_a_role_that_came_after_the_signature_is_told_from_one_that_is_gone(tmp_path: Path) -> None:
    p = Programme(policy=POLICY.replace("authority_quorum: 2", "authority_quorum: 1"))
    p.commit("w.writer", {DOC: document()})
    p.branch("side")
    early = p.sign("n.nurse", "QM-001", role="quality-manager", branch="side")
    raised = entry("n.nurse", "Ward Nurse", ["ward-nurse", "quality-manager"])
    p.change_authority(people=people({"n.nurse": raised}), signers=("q.manager",))
    p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    refused(a, early, "role-not-held", says="yet in the authority that it names")
    assert "sign again" in sign_off(a, early).fix


def test_control_an_unrelated_change_of_the_authority_disturbs_nobody(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    late = p.sign("q.manager", "QM-001", role="quality-manager", branch="side")
    p.change_authority(policy=POLICY.replace("notice_days: 60", "notice_days: 61"))
    p.merge("w.writer", "side")
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    accepted(a, late)
    assert in_force(a) == "1.0"


def test_an_old_unsigned_branch_merged_after_signatures_became_required_is_refused(tmp_path: Path) -> None:
    p = Programme(policy=RECORDED)
    p.commit("w.writer", {DOC: document()})
    p.branch("side")
    late = p.sign("q.manager", "QM-001", role="quality-manager", branch="side", unsigned=True)
    p.change_authority(policy=POLICY)
    p.merge("w.writer", "side")
    refused(audit(p, tmp_path), late, "unsigned")


def test_lowering_the_assurance_later_revives_nothing(tmp_path: Path) -> None:
    p = written()
    forged = p.sign("q.manager", "QM-001", role="quality-manager", unsigned=True)
    p.sign("m.director", "QM-001", role="medical-director")
    p.change_authority(policy=RECORDED)
    a = audit(p, tmp_path)
    refused(a, forged, "unsigned")
    assert in_force(a) is None


def test_seats_are_counted_by_the_policy_in_force_when_they_are_filled(tmp_path: Path) -> None:
    stricter = POLICY + "    - {role: apheresis-nurse, meaning: review, count: 1, independent: false}\n"
    p = written()
    p.sign("q.manager", "QM-001", role="quality-manager")
    p.change_authority(policy=stricter)
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert missing(a) == ["apheresis-nurse review 0/1"]


def test_a_sign_off_stands_and_fills_nothing_without_a_seat(tmp_path: Path) -> None:
    p = written()
    stands = p.sign("n.nurse", "QM-001", role="ward-nurse")
    a = audit(p, tmp_path)
    accepted(a, stands)
    assert len(missing(a)) == 2


def test_a_change_of_policy_by_itself_is_signed_content_too(tmp_path: Path) -> None:
    p = written()
    p.commit(
        "w.writer",
        {
            POLICY_FILE: POLICY.replace(
                "count: 1, independent: true}\n    - {role: medical-director, meaning: approval, count: 1, independent: true",
                "count: 1, independent: true",
            )
        },
    )
    p.sign("q.manager", "QM-001", role="quality-manager")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert a.register.ledger.pending is not None


def test_the_assurance_is_kept_with_every_sign_off(tmp_path: Path) -> None:
    a = audit(approved("QM-001", "QM-002"), tmp_path)
    assert [(row.assurance, [str(subject) for subject in row.subjects]) for row in a.register.sign_offs] == [
        (Assurance.SIGNED, ["QM-001 1.0", "QM-002 1.0"])
    ] * 2
    assert in_force(a, "QM-002") == "1.0"
    assert path("QM-002") == a.register.state("QM-002").path  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("signed_by", "committer", "is_enough"),
    [
        (None, "noreply@forge.example", False),
        ("forge", "noreply@forge.example", True),
        ("forge", email("w.writer"), False),
        ("q.manager", "noreply@forge.example", False),
        ("w.writer", email("w.writer"), True),
    ],
)
def test_where_a_forge_is_enough_its_own_signature_is_or_the_authors(tmp_path: Path, signed_by: str | None, committer: str, is_enough: bool) -> None:  # fmt: skip
    forges = f"forges: {{gitlab: {{keys: ['{public('forge')}'], committers: [noreply@forge.example]}}}}\n"
    p = Programme(policy=POLICY + "edits: forge\n" + forges)
    sign = (lambda payload: sshsig.sign(key(signed_by), payload, namespace="git")) if signed_by else None
    at = Writer("Forge", committer, int(p.clock.timestamp()) + 3600)
    p.commit("w.writer", {path("QM-002"): document("QM-002")}, committer=at, sign=sign)
    assert ("edit-unsigned" not in irregularities(audit(p, tmp_path))) == is_enough
