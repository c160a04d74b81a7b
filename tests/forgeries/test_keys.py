"""Keys: their periods, their end, their theft."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from forgeries.court import DOC, accepted, approved, audit, day, in_force, missing, refused, stopped, written
from programme import POLICY, Programme, document, entry, key, people, public

from qmdoc import commits
from qmdoc.model import Meaning
from qmdoc.signing import sshsig

QM = ["quality-manager", "admin"]


def with_key(life: str, number: int = 1) -> str:
    """people.yaml with q.manager's key in a period."""
    return people(
        {
            "q.manager": entry(
                "q.manager", "Quality Manager", QM, keys=f'[{{key: "{public("q.manager", number)}"{life}}}]'
            )
        }
    )


def keyed(life: str) -> Programme:
    """A programme whose quality manager's key has this life, with one document written."""
    p = Programme(people=with_key(life))
    p.commit("w.writer", {DOC: document()})
    return p


@pytest.mark.parametrize(("life", "at", "code"), [
    (", to: 2026-01-31", day("2026-01-31", 23, 59), None),
    (", to: 2026-01-31", day("2026-02-01", 0, 0), "expired-key"),
    (", from: 2026-02-01", day("2026-01-31", 23, 59), "expired-key"),
    (", from: 2026-02-01", day("2026-02-01", 0, 0), None),
    (", revoked: 2026-02-01", day("2026-01-31", 23, 59), None),
    (", revoked: 2026-02-01", day("2026-02-01", 0, 0), "revoked-key"),
])  # fmt: skip
def test_a_key_serves_in_its_period_and_until_it_is_revoked(tmp_path: Path, life: str, at, code: str | None) -> None:  # type: ignore[no-untyped-def]
    p = keyed(life)
    made = p.sign("q.manager", "QM-001", role="quality-manager", at=at)
    a = audit(p, tmp_path)
    if code:
        refused(a, made, code)
    else:
        accepted(a, made)


def test_an_expired_key_does_not_serve_in_a_back_dated_commit_after_a_newer_one(tmp_path: Path) -> None:
    p = keyed(", to: 2026-01-31")
    p.commit("n.nurse", {"notes.txt": "x"}, at=day("2026-03-01"))
    forged = p.sign("q.manager", "QM-001", role="quality-manager", at=day("2026-01-31"))
    refused(audit(p, tmp_path), forged, "time-before-parent")


def test_a_revoked_key_serves_nothing_that_lands_later_however_it_is_dated(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    stolen = p.sign("q.manager", "QM-001", role="quality-manager", branch="side")
    p.change_authority(people=with_key(", revoked: 2026-01-05, reason: stolen"), signers=("m.director", "a.admin"))
    p.merge("w.writer", "side", at=p.clock - timedelta(days=300))
    refused(audit(p, tmp_path), stolen, "revoked-key", says="2026-01-05")


def test_a_key_taken_out_while_the_branch_was_open_is_unknown(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    late = p.sign("q.manager", "QM-001", role="quality-manager", branch="side")
    p.change_authority(people=with_key("", 2), signers=("m.director", "a.admin"))
    p.merge("w.writer", "side")
    refused(audit(p, tmp_path), late, "unknown-key", says="taken out")


def test_what_was_in_force_before_a_key_was_revoked_stays_in_force(tmp_path: Path) -> None:
    p = approved()
    p.change_authority(people=with_key(", revoked: 2026-01-06, reason: stolen"), signers=("m.director", "a.admin"))
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_a_key_that_the_named_authority_did_not_know_is_refused(tmp_path: Path) -> None:
    p = written()
    old = p.authority_digest()
    both = f'[{{key: "{public("q.manager")}"}}, {{key: "{public("q.manager", 2)}"}}]'
    p.change_authority(people=people({"q.manager": entry("q.manager", "Quality Manager", QM, keys=both)}))
    forged = p.sign("q.manager", "QM-001", role="quality-manager", authority=old, signing_key=key("q.manager", 2))
    refused(audit(p, tmp_path), forged, "role-not-held")


def twin(p: Programme, made: str, who: str) -> str:
    """The same commit under a second signature, merged; from an ECDSA signature anybody computes one, here another hash makes it."""
    payload = commits.signed_bytes(p.chronicle.objects[made][1])
    armor = sshsig.sign(key(who), payload, namespace="git", hash_algorithm="sha256").rstrip(b"\n")
    head, message = payload.split(b"\n\n", 1)
    signed = head + b"\ngpgsig " + armor.replace(b"\n", b"\n ") + b"\n\n" + message
    p.tips["twin"] = again = p.chronicle.add(b"commit", signed)
    p.trees[again], p.times[again] = p.trees[made], p.times[made]
    p.merge("w.writer", "twin")
    return again


def test_a_second_signature_over_a_revoked_sign_off_revives_nothing(tmp_path: Path) -> None:
    p = written()
    made = p.sign("q.manager", "QM-001", role="quality-manager")
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    again = twin(p, made, "q.manager")
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    accepted(a, made)
    refused(a, again, "rewritten", says=made[:12])
    assert in_force(a) is None and missing(a) == ["quality-manager approval 0/1"]


def test_a_second_signature_over_a_periodic_review_reviews_nothing(tmp_path: Path) -> None:
    p = approved()
    made = p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW)
    p.commit("n.nurse", {"notes.txt": "half a year later"}, at=day("2026-07-01"))
    again = twin(p, made, "q.manager")
    a = audit(p, tmp_path)
    refused(a, again, "rewritten")
    assert [row.day for row in a.register.ledger.reviews["QM-001"]] == [day("2026-01-05").date()]


def test_a_second_signature_over_an_admin_s_brings_no_authority_back(tmp_path: Path) -> None:
    p = written()
    first, other = people(), people({"n.nurse": entry("n.nurse", "Senior Nurse", ["ward-nurse"])})
    p.commit("a.admin", {"sops/authority/people.yaml": other})
    tips = [p.sign_authority("q.manager"), p.sign_authority("m.director")]
    p.current_authority = p.authority_digest()
    p.change_authority(people=first)
    p.commit("w.writer", {"sops/authority/people.yaml": other})
    for made, who in zip(tips, ("q.manager", "m.director"), strict=True):
        twin(p, made, who)
    assert len(audit(p, tmp_path).register.ledger.authorities) == 3


def test_a_second_signature_over_a_refused_sign_off_is_refused_as_well(tmp_path: Path) -> None:
    p = Programme(policy=POLICY.replace("authority_quorum: 2", "authority_quorum: 1"))
    p.commit("w.writer", {DOC: document()})
    p.branch("side")
    made = p.sign("d.manager", "QM-001", role="quality-manager", branch="side")
    without_role = entry("d.manager", "Deputy Quality Manager", [])
    p.change_authority(people=people({"d.manager": without_role}), signers=("q.manager",))
    p.merge("w.writer", "side")
    p.change_authority(people=people(), signers=("q.manager",))
    again = twin(p, made, "d.manager")
    a = audit(p, tmp_path)
    refused(a, made, "role-not-held")
    refused(a, again, "rewritten", says=made[:12])


def test_a_second_signature_over_what_lies_before_the_trust_root_revives_nothing(tmp_path: Path) -> None:
    p = written()
    made = p.sign("q.manager", "QM-001", role="quality-manager")
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    root = p.commit("a.admin", {"notes.txt": "the programme begins anew from here"})
    again = twin(p, made, "q.manager")
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path, trust_root=root)
    refused(a, again, "rewritten", says="before the trust root")
    assert in_force(a) is None and missing(a) == ["quality-manager approval 0/1"]


def test_a_bad_signature_over_the_same_bytes_burns_nothing(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    made = p.sign("q.manager", "QM-001", role="quality-manager", branch="side")
    stranger = twin(p, made, "n.nurse")
    p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    refused(a, stranger, "signer-mismatch")
    accepted(a, made)


@pytest.mark.parametrize(
    "line",
    [
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7",
        "ssh-dss AAAA",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "none",
    ],
)
def test_a_weak_or_broken_key_makes_the_authority_unreadable(tmp_path: Path, line: str) -> None:
    p = Programme(people=people({"q.manager": entry("q.manager", "Quality Manager", QM, keys=f'[{{key: "{line}"}}]')}))
    stopped(p, tmp_path, "no-authority", says="line")


def test_a_merge_dated_back_cannot_enter_the_past(tmp_path: Path) -> None:
    p = written()
    p.commit("n.nurse", {"notes.txt": "x"}, at=day("2026-06-01"))
    p.branch("side", p.tips["main"])
    p.approve("QM-001")
    merged = p.commit("w.writer", {"notes.txt": "y"}, at=day("2026-01-06"))
    a = audit(p, tmp_path)
    state = a.register.state("QM-001")
    assert state and state.effective and state.effective.day == day("2026-06-01").date()
    assert next(row.day for row in a.register.ledger.landings if row.commit == merged) == day("2026-06-01").date()


def test_raising_the_assurance_leaves_what_landed_before(tmp_path: Path) -> None:
    p = Programme(policy=POLICY.replace("assurance: signed", "assurance: recorded"))
    p.commit("w.writer", {DOC: document()})
    for who, role in (("q.manager", "quality-manager"), ("m.director", "medical-director")):
        p.sign(who, "QM-001", role=role, unsigned=True)
    p.change_authority(policy=POLICY)
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert a.register.state("QM-001").effective.sign_offs[0].assurance == "recorded"  # type: ignore[union-attr]
