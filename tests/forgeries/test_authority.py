"""The authority is itself controlled: nobody makes themselves an approver, nobody rolls it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from forgeries.court import (
    DOC,
    PEOPLE_FILE,
    POLICY_FILE,
    accepted,
    approved,
    audit,
    in_force,
    missing,
    refused,
    stopped,
    written,
)
from programme import POLICY, Programme, document, email, entry, key, people, public

from qmdoc.register import Audit
from qmdoc.signing.authority import UnreadableAuthority

LATER = POLICY.replace("notice_days: 60", "notice_days: 61")
LOWER = POLICY.replace("assurance: signed", "assurance: recorded")
MALLORY = entry("mallory", "Mallory", ["quality-manager"])
WRITER_AS_APPROVER = people({"w.writer": entry("w.writer", "Procedure Writer", ["apheresis-nurse", "quality-manager"])})


def authorities(a: Audit) -> int:
    """How many authorities were ever in force."""
    return len(a.register.ledger.authorities)


def test_control_a_change_signed_by_two_admins_comes_into_force(tmp_path: Path) -> None:
    p = written()
    p.change_authority(policy=LATER)
    a = audit(p, tmp_path)
    assert a.register.authority.policy.notice_days == 61
    assert a.register.ledger.pending is None
    assert {row.signer for row in a.register.ledger.authorities[-1].sign_offs} == {"q.manager", "m.director"}


def test_a_change_with_one_signature_of_two_is_pending(tmp_path: Path) -> None:
    p = written()
    p.change_authority(policy=LATER, signers=("q.manager",))
    a = audit(p, tmp_path)
    assert authorities(a) == 1
    pending = a.register.ledger.pending
    assert pending and pending.signed_by == ("q.manager",) and pending.quorum == 2


def test_one_admin_twice_or_with_two_keys_is_no_quorum(tmp_path: Path) -> None:
    two = entry(
        "q.manager",
        "Quality Manager",
        ["quality-manager", "admin"],
        keys=f'[{{key: "{public("q.manager")}"}}, {{key: "{public("q.manager", 2)}"}}]',
    )
    p = Programme(people=people({"q.manager": two}))
    p.commit("a.admin", {POLICY_FILE: LATER})
    first = p.sign_authority("q.manager")
    second = p.sign_authority("q.manager", signing_key=key("q.manager", 2))
    a = audit(p, tmp_path)
    accepted(a, first, second)
    assert authorities(a) == 1


def test_adding_oneself_as_approver_and_signing_has_no_force(tmp_path: Path) -> None:
    p = written()
    p.commit("w.writer", {PEOPLE_FILE: WRITER_AS_APPROVER})
    forged = p.sign("w.writer", "QM-001", role="quality-manager")
    with_new = p.sign("w.writer", "QM-001", role="quality-manager", authority=p.authority_digest())
    a = audit(p, tmp_path)
    refused(a, forged, "role-not-held")
    refused(a, with_new, "unknown-authority")


def test_adding_oneself_and_editing_in_one_commit_has_no_force(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {PEOPLE_FILE: WRITER_AS_APPROVER, DOC: document()})
    forged = p.sign("w.writer", "QM-001", role="quality-manager")
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    refused(a, forged, "role-not-held")
    assert in_force(a) is None


def test_a_non_admin_cannot_sign_the_authority(tmp_path: Path) -> None:
    p = written()
    p.commit("w.writer", {POLICY_FILE: LATER})
    forged = p.sign_authority("w.writer")
    refused(audit(p, tmp_path), forged, "role-not-held", says="admin")


def test_an_admin_cannot_approve_a_change_of_their_own_entry(tmp_path: Path) -> None:
    p = written()
    p.commit(
        "a.admin", {PEOPLE_FILE: people({"a.admin": entry("a.admin", "Administrator", ["admin", "quality-manager"])})}
    )
    own = p.sign_authority("a.admin")
    p.sign_authority("m.director", authority=p._root_authority)
    a = audit(p, tmp_path)
    refused(a, own, "own-entry", says="own entry")
    assert authorities(a) == 1


@pytest.mark.parametrize(
    "changed",
    [
        entry("q.manager", "Q. Manager", ["quality-manager", "admin"]),
        entry("q.manager", "Quality Manager", ["admin"]),
        entry("q.manager", "Quality Manager", ["quality-manager", "admin"], extra="    to: 2030-01-01\n"),
        entry("q.manager", "Quality Manager", ["quality-manager", "admin"], extra="    sites: [main]\n"),
        "",
    ],
    ids=["name", "role", "period", "site", "removal"],
)
def test_every_change_of_ones_own_entry_bars_ones_own_signature(tmp_path: Path, changed: str) -> None:
    deputy = {"d.manager": entry("d.manager", "Deputy Quality Manager", ["quality-manager"])}
    p = Programme(people=people(deputy))
    p.commit("a.admin", {PEOPLE_FILE: people({**deputy, "q.manager": changed})})
    own = p.sign_authority("q.manager")
    refused(audit(p, tmp_path), own, "own-entry")


def test_control_two_admins_can_renew_their_own_keys(tmp_path: Path) -> None:
    renewed = {
        who: entry(
            who,
            name,
            roles,
            keys=f'[{{key: "{public(who)}", to: 2026-12-31}}, {{key: "{public(who, 2)}"}}]',
            emails=[email(who), f"new.{email(who)}"],
        )
        for who, name, roles in (
            ("q.manager", "Quality Manager", ["quality-manager", "admin"]),
            ("m.director", "Medical Director", ["medical-director", "admin"]),
        )
    }
    p = written()
    p.change_authority(people=people(renewed))
    p.sign("q.manager", "QM-001", role="quality-manager", signing_key=key("q.manager", 2))
    p.sign("m.director", "QM-001", role="medical-director", signing_key=key("m.director", 2))
    a = audit(p, tmp_path)
    assert authorities(a) == 2
    assert in_force(a) == "1.0"


def test_ones_own_revoked_or_ended_key_cannot_be_prolonged_by_oneself(tmp_path: Path) -> None:
    ended = entry(
        "q.manager",
        "Quality Manager",
        ["quality-manager", "admin"],
        keys=f'[{{key: "{public("q.manager")}", to: 2026-12-31}}]',
    )
    p = Programme(people=people({"q.manager": ended}))
    p.commit("a.admin", {PEOPLE_FILE: people()})
    own = p.sign_authority("q.manager")
    refused(audit(p, tmp_path), own, "own-entry")


def test_nobody_gives_a_role_that_they_do_not_hold(tmp_path: Path) -> None:
    p = written()
    p.commit("a.admin", {PEOPLE_FILE: people({"mallory": MALLORY})})
    holder, other = p.sign_authority("q.manager"), p.sign_authority("a.admin")
    a = audit(p, tmp_path)
    accepted(a, holder)
    refused(a, other, "role-not-granted", says="quality-manager")
    assert authorities(a) == 1


def test_control_root_may_give_any_role(tmp_path: Path) -> None:
    admins = {
        who: entry(who, name, ["admin", "root", *roles])
        for who, name, roles in (
            ("a.admin", "Administrator", []),
            ("m.director", "Medical Director", ["medical-director"]),
        )
    }
    p = Programme(people=people(admins))
    p.change_authority(people=people({**admins, "mallory": MALLORY}), signers=("a.admin", "m.director"))
    assert authorities(audit(p, tmp_path)) == 2


@pytest.mark.parametrize("extra", ["    to: 2026-06-01\n", "    from: 2026-06-01\n"])
def test_making_somebodys_time_longer_gives_their_roles_anew(tmp_path: Path, extra: str) -> None:
    p = Programme(people=people({"x.left": entry("x.left", "Who Left", ["apheresis-physician"], extra=extra)}))
    p.commit("a.admin", {PEOPLE_FILE: people({"x.left": entry("x.left", "Who Left", ["apheresis-physician"])})})
    forged = p.sign_authority("q.manager")
    refused(audit(p, tmp_path), forged, "role-not-granted", says="apheresis-physician")


def test_puppet_admins_in_two_steps_need_the_real_ones_at_the_first(tmp_path: Path) -> None:
    puppets = {
        f"puppet{number}": entry(
            f"puppet{number}", f"Puppet {number}", ["admin", "quality-manager", "medical-director"]
        )
        for number in (1, 2)
    }
    p = written()
    p.commit("a.admin", {PEOPLE_FILE: people(puppets)})
    p.sign_authority("a.admin")
    own = [p.sign_authority(each, authority=p.authority_digest()) for each in puppets]
    a = audit(p, tmp_path)
    for commit in own:
        refused(a, commit, "unknown-key")
    assert authorities(a) == 1


def test_changed_authority_and_sign_off_in_one_merge_name_an_authority_that_was_not_in_force(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    p.commit("a.admin", {POLICY_FILE: LATER}, branch="side")
    for admin in ("q.manager", "m.director"):
        p.sign_authority(admin, branch="side")
    early = p.sign(
        "q.manager", "QM-001", role="quality-manager", branch="side", authority=p.authority_digest(branch="side")
    )
    p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    assert authorities(a) == 2
    refused(a, early, "unknown-authority")


def test_deleting_the_authority_leaves_the_one_in_force(tmp_path: Path) -> None:
    p = approved()
    p.commit("a.admin", {PEOPLE_FILE: None, POLICY_FILE: None})
    p.commit("w.writer", {DOC: document(version="1.1")})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.1"
    assert a.register.ledger.pending and isinstance(a.register.ledger.pending.authority, UnreadableAuthority)
    faults = [fault.message for _, fault in a.register.ledger.pending.authority.faults]
    assert faults == ["the file is missing"] * 2, "and nothing is said of links"


@pytest.mark.parametrize(
    "broken",
    [
        "people: [\n",
        "",
        "people: {}\n",
        "\x00",
        "a: &a 1\n",
        people() + people()[8:],
        "people: {q.manager: {name: Q}}\nmore: 1\n",
    ],
)
def test_a_broken_authority_signed_by_all_never_comes_into_force(tmp_path: Path, broken: str) -> None:
    p = approved()
    p.change_authority(people=broken)
    a = audit(p, tmp_path)
    assert authorities(a) == 1
    assert in_force(a) == "1.0"
    assert a.register.ledger.pending and isinstance(a.register.ledger.pending.authority, UnreadableAuthority)


def test_control_a_broken_authority_mended_and_signed_comes_into_force(tmp_path: Path) -> None:
    p = approved()
    p.commit("a.admin", {POLICY_FILE: "programme: ["})
    p.change_authority(policy=LATER)
    assert audit(p, tmp_path).register.authority.policy.notice_days == 61


def test_a_signature_under_the_broken_authority_does_not_serve_the_mended_one(tmp_path: Path) -> None:
    p = approved()
    p.commit("a.admin", {POLICY_FILE: LATER + "unknown: key\n"})
    for admin in ("q.manager", "m.director"):
        p.sign_authority(admin)
    p.commit("a.admin", {POLICY_FILE: LATER})
    assert authorities(audit(p, tmp_path)) == 1


def test_putting_the_old_files_back_does_not_roll_back(tmp_path: Path) -> None:
    p = Programme(policy=LOWER)
    p.change_authority(policy=POLICY)
    p.commit("a.admin", {POLICY_FILE: LOWER})
    a = audit(p, tmp_path)
    assert authorities(a) == 2
    assert a.register.authority.policy.assurance == "signed"
    assert a.register.ledger.pending is not None


def test_signatures_under_a_replaced_authority_do_not_bring_a_change_about_later(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    p.commit("a.admin", {POLICY_FILE: LOWER}, branch="side")
    stale = [p.sign_authority(admin, branch="side") for admin in ("q.manager", "m.director")]
    p.change_authority(policy=LATER)
    p.merge("a.admin", "side", {POLICY_FILE: LOWER})
    a = audit(p, tmp_path)
    for commit in stale:
        refused(a, commit, "unknown-authority", says="changed")
    assert a.register.authority.policy.assurance == "signed"


def test_signatures_of_an_earlier_round_do_not_bring_a_replaced_authority_back(tmp_path: Path) -> None:
    """A to B, back to A, all signed: whoever then puts B's files back finds the signatures that named A, and they are spent."""
    p = written()
    p.change_authority(policy=LOWER)
    p.change_authority(policy=POLICY)
    p.commit("w.writer", {POLICY_FILE: LOWER})
    a = audit(p, tmp_path)
    assert authorities(a) == 3
    assert a.register.authority.policy.assurance == "signed"


def test_a_removed_person_does_not_come_back_under_the_same_id(tmp_path: Path) -> None:
    p = written()
    p.change_authority(people=people({"n.nurse": ""}))
    back = people(
        {"n.nurse": entry("n.nurse", "Somebody Else", ["admin"], keys=f'[{{key: "{public("n.nurse", 2)}"}}]')}
    )
    p.change_authority(people=back)
    a = audit(p, tmp_path)
    assert authorities(a) == 2
    assert a.register.ledger.pending and "n.nurse" in a.register.ledger.pending.problems[0]


def test_a_key_never_goes_to_another_person(tmp_path: Path) -> None:
    p = written()
    p.change_authority(
        people=people(
            {"n.nurse": "", "n.twin": entry("n.twin", "Nurse", ["admin"], keys=f'[{{key: "{public("n.nurse")}"}}]')}
        )
    )
    a = audit(p, tmp_path)
    assert authorities(a) == 1
    assert a.register.ledger.pending and a.register.ledger.pending.problems


def test_a_revoked_key_is_never_taken_back_into_use(tmp_path: Path) -> None:
    revoked = entry(
        "n.nurse",
        "Ward Nurse",
        ["ward-nurse"],
        keys=f'[{{key: "{public("n.nurse")}", revoked: 2026-01-06, reason: stolen}}]',
    )
    p = written()
    p.change_authority(people=people({"n.nurse": revoked}))
    p.change_authority(people=people())
    assert authorities(audit(p, tmp_path)) == 2


@pytest.mark.parametrize("other", ["Q.Manager@Programme.example", "q.manager@programme.example"])
def test_an_email_under_two_people_is_unreadable(tmp_path: Path, other: str) -> None:
    p = Programme(people=people({"w.writer": entry("w.writer", "Procedure Writer", [], emails=[other])}))
    stopped(p, tmp_path, "no-authority", says="q.manager@programme.example")


def test_a_key_under_two_people_is_unreadable_whatever_its_comment(tmp_path: Path) -> None:
    p = Programme(
        people=people(
            {"w.writer": entry("w.writer", "Procedure Writer", [], keys=f'[{{key: "{public("q.manager")} other"}}]')}
        )
    )
    stopped(p, tmp_path, "no-authority", says="a key")


@pytest.mark.parametrize(
    "name", ["README.md", "people.yml", "sub/people.yaml", "People.yaml", "policy.yaml.orig", "QM-009-hidden.md"]
)
def test_every_other_file_beside_the_authority_is_a_change_of_it(tmp_path: Path, name: str) -> None:
    p = approved()
    p.commit("a.admin", {f"sops/authority/{name}": people({"mallory": MALLORY})})
    a = audit(p, tmp_path)
    assert authorities(a) == 1 and a.register.ledger.pending is not None
    assert "mallory" not in a.register.authority.people
    assert a.register.state("QM-009") is None


def test_a_link_in_the_authority_never_comes_into_force(tmp_path: Path) -> None:
    p = approved()
    p.commit("a.admin", {PEOPLE_FILE: "../../evil/people.yaml"}, modes={PEOPLE_FILE: "120000"})
    for admin in ("q.manager", "m.director"):
        p.sign_authority(admin)
    a = audit(p, tmp_path)
    assert authorities(a) == 1
    assert [row.code for row in a.register.sign_offs] == [None, None, "subject-mismatch", "subject-mismatch"]


@pytest.mark.parametrize(
    "place", ["Sops/authority", "SOPS/authority", "sops/Authority", "sops/authority2", "x/sops/authority"]
)
def test_an_authority_in_another_place_has_no_force(tmp_path: Path, place: str) -> None:
    p = approved()
    p.commit("a.admin", {f"{place}/people.yaml": people({"mallory": MALLORY}), f"{place}/policy.yaml": LOWER})
    a = audit(p, tmp_path)
    assert authorities(a) == 1 and a.register.ledger.pending is None


def test_a_change_that_lowers_the_seats_brings_what_was_signed_into_force_at_its_landing(tmp_path: Path) -> None:
    p = written()
    p.sign("q.manager", "QM-001", role="quality-manager")
    p.change_authority(
        policy=POLICY.replace("    - {role: medical-director, meaning: approval, count: 1, independent: true}\n", "")
    )
    a = audit(p, tmp_path)
    state = a.register.state("QM-001")
    assert state and state.effective and state.effective.commit == p.tips["main"]


def test_the_meaning_of_an_authority_signature_is_its_own(tmp_path: Path) -> None:
    p = written()
    p.commit("a.admin", {POLICY_FILE: LATER})
    as_approver = p.sign("q.manager", "QM-001", role="admin")
    a = audit(p, tmp_path)
    refused(a, as_approver, "malformed", says="admin")
    assert len(missing(a)) == 2


def test_a_trust_root_with_another_authority_than_given_is_refused(tmp_path: Path) -> None:
    p = written()
    stopped(p, tmp_path, "trust-root-invalid", trust_root=f"{p.root}:sha256:{'0' * 64}")
    assert audit(p, tmp_path, trust_root=f"{p.root}:sha256:{p._root_authority}").register.ledger.is_pinned


@pytest.mark.parametrize("given", ["main", "0" * 40, "HEAD", "", "a" * 39, "refs/heads/main"])
def test_a_trust_root_is_a_full_id_on_this_mainline(tmp_path: Path, given: str) -> None:
    p = written()
    if given:
        stopped(p, tmp_path, "trust-root-invalid", trust_root=given)
    else:
        assert not audit(p, tmp_path, trust_root=given).register.ledger.is_pinned
