"""Time stamps of a third party bound what history claims: forgeries that they end, and forged or foreign stamps."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from forgeries.court import accepted, audit, day, irregularities, refused
from programme import Programme, document, entry, path, people, public
from stamping import Tsa, anchored, policy, root

from qmdoc.register import Audit
from qmdoc.signing import anchors

OLD, STAMP = day("2026-03-02"), day("2026-06-01")


def written(tsa: Tsa, *, listed: str | None = None, time_stamps: str | None = None) -> Programme:
    """A programme with a draft of March, whose policy lists the time-stamping authority."""
    p = Programme(policy=policy(time_stamps if time_stamps is not None else tsa.listed()), people=listed or people())
    p.commit("w.writer", {path(): document()}, at=OLD)
    return p


def manager(period: str) -> str:
    """The people, where the quality manager's key has a period."""
    keys = f'[{{key: "{public("q.manager")}", {period}}}]'
    return people({"q.manager": entry("q.manager", "Quality Manager", ["quality-manager", "admin"], keys=keys)})


def approve(p: Programme, at: datetime, *, branch: str = "main") -> str:
    """The quality manager's approval of the draft, claiming a time."""
    return p.sign("q.manager", "QM-001", role="quality-manager", branch=branch, at=at)


def named(a: Audit, *words: str) -> None:
    """The stamp counts for nothing, and the report says which and why."""
    rows = [finding for finding in a.findings if finding.check == "anchor-ignored"]
    assert len(rows) == 1 and not a.register.ledger.anchors, (rows, a.register.ledger.anchors)
    assert rows[0].fix and str(rows[0].severity) == "warning" and rows[0].path in rows[0].message
    for word in words:
        assert word in rows[0].message, rows[0].message


# --- controls -------------------------------------------------------------------------------------------------------


def test_control_an_honest_programme_with_time_stamps_has_no_finding(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    first = approve(p, OLD + timedelta(hours=1))
    anchored(p, tsa, STAMP)
    second = p.sign("m.director", "QM-001", role="medical-director", at=STAMP + timedelta(days=1))
    anchored(p, tsa, STAMP + timedelta(days=30))
    a = audit(p, tmp_path)
    accepted(a, first, second)
    assert [(each.authority, each.time) for each in a.register.ledger.anchors] == [
        ("House TSA", STAMP),
        ("House TSA", STAMP + timedelta(days=30)),
    ]
    assert not a.findings


def test_control_clocks_may_differ_by_five_minutes(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, written=STAMP - timedelta(minutes=6))
    early = approve(p, STAMP - timedelta(minutes=4))
    anchored(p, tsa, STAMP - timedelta(minutes=1), written=STAMP)
    a = audit(p, tmp_path)
    accepted(a, early)
    assert len(a.register.ledger.anchors) == 2


def test_control_a_branch_may_be_older_than_a_stamp_on_main(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    p.branch("topic")
    made = approve(p, OLD + timedelta(hours=2), branch="topic")
    anchored(p, tsa, STAMP)
    p.merge("w.writer", "topic", at=STAMP + timedelta(days=1))
    accepted(audit(p, tmp_path), made)


def test_control_a_key_s_last_signature_outlives_later_stamps(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, listed=manager("to: 2026-03-02"))
    made = approve(p, OLD + timedelta(hours=1))
    anchored(p, tsa, STAMP)
    accepted(audit(p, tmp_path), made)


# --- back-dated -----------------------------------------------------------------------------------------------------


def back_dated(p: Programme) -> str:
    """A signature of November with a key that ended in March, after an old parent, merged in November."""
    p.branch("topic", next(commit for commit, time in p.times.items() if time == int(OLD.timestamp())))
    made = approve(p, OLD + timedelta(hours=1), branch="topic")
    p.merge("w.writer", "topic", at=day("2026-11-20"))
    return made


def test_without_a_stamp_an_ended_key_can_be_dated_back(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, listed=manager("to: 2026-03-31"))
    made = back_dated(p)
    a = audit(p, tmp_path)
    accepted(a, made)  # the hole that is left, and that every report names
    assert not a.register.ledger.anchors


def test_a_stamp_before_it_landed_ends_the_key(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, listed=manager("to: 2026-03-31"))
    anchored(p, tsa, STAMP)
    made = back_dated(p)
    refused(audit(p, tmp_path), made, "expired-key", says="landed after 2026-06-01 09:00 UTC")


def test_a_stamp_after_it_landed_does_not(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, listed=manager("to: 2026-03-31"))
    made = back_dated(p)
    anchored(p, tsa, day("2026-11-21"))
    accepted(audit(p, tmp_path), made)


def test_what_follows_a_stamp_can_t_be_older(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, written=OLD + timedelta(hours=1))  # the commit that holds the token is dated back as well
    made = approve(p, OLD + timedelta(hours=2))
    refused(audit(p, tmp_path), made, "outside-anchor", says="made after 2026-06-01 09:00 UTC")


def test_on_a_branch_that_follows_a_stamp_neither(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, written=OLD + timedelta(hours=1))
    p.branch("topic")
    p.commit("w.writer", {path("QM-002"): document("QM-002")}, branch="topic", at=OLD + timedelta(hours=2))
    made = approve(p, OLD + timedelta(hours=3), branch="topic")
    p.commit("w.writer", {path("QM-003"): document("QM-003")}, at=OLD + timedelta(hours=4))
    p.merge("w.writer", "topic", at=OLD + timedelta(hours=5))
    refused(audit(p, tmp_path), made, "outside-anchor")


def test_what_a_stamp_contains_can_t_be_younger(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    made = approve(p, STAMP + timedelta(days=9))
    anchored(p, tsa, STAMP, written=STAMP + timedelta(days=10))
    refused(audit(p, tmp_path), made, "outside-anchor", says="existed by 2026-06-01 09:00 UTC")


def test_a_key_did_not_sign_before_its_first_day(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, listed=manager("from: 2026-06-05"))
    made = approve(p, STAMP + timedelta(days=9))
    anchored(p, tsa, STAMP, written=STAMP + timedelta(days=10))
    refused(audit(p, tmp_path), made, "expired-key", says="existed by 2026-06-01 09:00 UTC")


def test_a_person_did_not_sign_before_their_first_day(tsa: Tsa, tmp_path: Path) -> None:
    new = entry("q.manager", "Quality Manager", ["quality-manager", "admin"], extra="    from: 2026-06-05\n")
    p = written(tsa, listed=people({"q.manager": new}))
    made = approve(p, STAMP + timedelta(days=9))
    anchored(p, tsa, STAMP, written=STAMP + timedelta(days=10))
    refused(audit(p, tmp_path), made, "person-not-active", says="existed by")


def test_a_day_in_the_past_is_judged_by_the_stamps_up_to_that_day(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    made = approve(p, STAMP + timedelta(days=9))
    anchored(p, tsa, STAMP, written=STAMP + timedelta(days=20))
    accepted(audit(p, tmp_path, as_of=day("2026-06-12").date()), made)
    refused(audit(p, tmp_path), made, "outside-anchor")


# --- stamps that count for nothing ----------------------------------------------------------------------------------


def test_a_foreign_authority_is_named(tsa: Tsa, foreign_tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, foreign_tsa, STAMP, written=OLD + timedelta(hours=1))
    made = approve(p, OLD + timedelta(hours=2))
    a = audit(p, tmp_path)
    named(a, "no time-stamping authority that the policy lists", "House TSA")
    accepted(a, made)


def test_a_policy_that_lists_nobody_believes_nobody(tsa: Tsa, tmp_path: Path) -> None:
    p = Programme()
    anchored(p, tsa, STAMP)
    named(audit(p, tmp_path), "lists no time-stamping authority")


def test_a_certificate_for_another_purpose_stamps_nothing(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, signer=tsa.root.issue("Web server", purpose=ExtendedKeyUsageOID.SERVER_AUTH))
    named(audit(p, tmp_path), "no time-stamping authority")


def test_a_token_over_another_commit_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, over=p.tips["main"], name=anchors.path(p.root))
    named(audit(p, tmp_path), "something else than the commit that its name says")


@pytest.mark.parametrize("place", ["signature", "time", "length", "end"])
def test_a_tampered_token_is_named(tsa: Tsa, tmp_path: Path, place: str) -> None:
    p = written(tsa)
    stamped = p.tips["main"]
    token = bytearray(tsa.token(p.chronicle.objects[stamped][1], at=STAMP))
    if place == "signature":
        token[-4] ^= 1
    elif place == "time":
        token = token.replace(b"20260601090000Z", b"20260501090000Z")
    elif place == "length":
        token[2] ^= 1
    else:
        token += b"\0"
    p.commit("w.writer", {anchors.path(stamped): bytes(token)}, at=STAMP)
    named(audit(p, tmp_path), "damaged" if place in ("length", "end") else "changed after it was made")


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\x30",
        b"\x30\x84\xff\xff\xff\xff",
        b"Stamped.\n",
        b"\x30\x05\x30\x03\x02\x01\x02",
        b"\0" * ((1 << 20) + 1),
    ],
)
def test_junk_is_named(tsa: Tsa, tmp_path: Path, junk: bytes) -> None:
    p = written(tsa)
    p.commit("w.writer", {anchors.path(p.root): junk}, at=STAMP)
    named(audit(p, tmp_path), "no")


@pytest.mark.parametrize("name", ["records/anchors/{}.txt", "records/anchors/2026/{}.tsr", "records/anchors/note.tsr"])
def test_a_token_under_another_name_is_named(tsa: Tsa, tmp_path: Path, name: str) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, name=name.format(p.tips["main"]))
    named(audit(p, tmp_path), "full id of the commit")


def test_a_link_in_a_token_s_place_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    name = anchors.path(p.root)
    p.commit("w.writer", {name: "../token"}, modes={name: "120000"})
    named(audit(p, tmp_path), "plain file")


def test_a_commit_beside_the_mainline_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    p.branch("topic")
    beside = p.commit("w.writer", {path("QM-002"): document("QM-002")}, branch="topic")
    p.merge("w.writer", "topic")
    anchored(p, tsa, STAMP, over=beside)
    named(audit(p, tmp_path), "not on this mainline")


def test_an_unknown_commit_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, name=anchors.path("0" * 40))
    named(audit(p, tmp_path), "not on this mainline")


def test_a_token_of_an_expired_authority_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, signer=tsa.root.issue("Old clock", to=STAMP - timedelta(days=1)))
    named(audit(p, tmp_path), "had expired")


def test_a_token_made_in_its_authority_s_time_outlives_it(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, signer=tsa.root.issue("Old clock", to=STAMP + timedelta(days=1)))
    assert len(audit(p, tmp_path).register.ledger.anchors) == 1


def test_a_time_that_lies_ahead_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, day("2026-11-23"), written=STAMP)
    named(audit(p, tmp_path), "lies ahead")


def test_a_stamp_older_than_the_stamp_it_follows_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP)
    made = approve(p, STAMP + timedelta(hours=1))
    anchored(p, tsa, OLD, written=STAMP + timedelta(hours=2))
    a = audit(p, tmp_path)
    accepted(a, made)
    assert irregularities(a) == {"anchor-ignored"} and len(a.register.ledger.anchors) == 1


def test_another_digest_than_sha_256_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, digest="sha512")
    named(audit(p, tmp_path), "another kind of digest")


def test_a_policy_without_the_root_believes_nobody_and_says_so(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, time_stamps=tsa.listed("House TSA", tsa.own))
    anchored(p, tsa, STAMP)
    named(audit(p, tmp_path), "House TSA", "self-signed root")


def test_a_certificate_that_is_none_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, time_stamps='  - {name: House TSA, certificate: "-----BEGIN CERTIFICATE-----..."}\n')
    anchored(p, tsa, STAMP)
    named(audit(p, tmp_path), "House TSA", "no PEM text")


# --- where a token stands -------------------------------------------------------------------------------------------


def test_a_token_that_is_deleted_and_put_back_counts_from_its_first_landing(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    holding = anchored(p, tsa, STAMP, written=OLD + timedelta(hours=1))
    name = anchors.path(p.chronicle.objects[holding][1].split(b"parent ")[1][:40].decode())
    kept = p.chronicle.objects[p.trees[holding][name][1]][1]
    p.commit("w.writer", {name: None})
    made = approve(p, OLD + timedelta(hours=4))
    p.commit("w.writer", {name: kept})
    a = audit(p, tmp_path)
    refused(a, made, "outside-anchor")
    assert len(a.register.ledger.anchors) == 1 and not irregularities(a)


def test_a_token_moved_to_another_commit_s_name_is_named_and_still_counts(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    stamped = p.tips["main"]
    holding = anchored(p, tsa, STAMP)
    kept = p.chronicle.objects[p.trees[holding][anchors.path(stamped)][1]][1]
    p.commit("w.writer", {anchors.path(stamped): None, anchors.path(p.root): kept})
    a = audit(p, tmp_path)
    assert irregularities(a) == {"anchor-ignored"} and [each.commit for each in a.register.ledger.anchors] == [stamped]


def test_a_token_replaced_by_junk_counts_on_and_the_junk_is_named(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    stamped = p.tips["main"]
    anchored(p, tsa, STAMP)
    p.commit("w.writer", {anchors.path(stamped): "x"})
    a = audit(p, tmp_path)
    assert irregularities(a) == {"anchor-ignored"} and len(a.register.ledger.anchors) == 1


def test_a_token_that_comes_by_a_merge_counts_from_the_merge(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    stamped = p.tips["main"]
    p.branch("topic")
    token = tsa.token(p.chronicle.objects[stamped][1], at=STAMP)
    p.commit("w.writer", {anchors.path(stamped): token}, branch="topic", at=OLD + timedelta(hours=1))
    before = approve(p, OLD + timedelta(hours=2))
    p.merge("w.writer", "topic", at=OLD + timedelta(hours=3))
    after = approve(p, OLD + timedelta(hours=4))
    a = audit(p, tmp_path)
    accepted(a, before)
    refused(a, after, "outside-anchor")


def test_an_authority_counts_while_the_policy_lists_it(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP)
    p.change_authority(policy=Programme().policy)
    first = approve(p, STAMP + timedelta(days=1))
    anchored(p, tsa, STAMP + timedelta(days=2))
    a = audit(p, tmp_path)
    accepted(a, first)
    assert len(a.register.ledger.anchors) == 1 and irregularities(a) == {"anchor-ignored"}


def test_an_authority_that_is_listed_too_late_stamped_nothing(tsa: Tsa, tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {path(): document()}, at=OLD)
    anchored(p, tsa, STAMP)
    p.change_authority(policy=policy(tsa.listed()))
    named(audit(p, tmp_path), "lists no time-stamping authority")


def test_tokens_older_than_a_new_trust_root_say_nothing_and_are_no_fault(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP)
    a = audit(p, tmp_path, trust_root=p.tips["main"])
    assert not a.register.ledger.anchors and not irregularities(a)


# --- forms of tokens ------------------------------------------------------------------------------------------------


def test_a_bare_token_counts(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa)
    anchored(p, tsa, STAMP, is_bare=True)
    assert len(audit(p, tmp_path).register.ledger.anchors) == 1


def test_a_token_without_certificates_counts_where_the_policy_has_them(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, time_stamps=tsa.listed("House TSA", tsa.own, tsa.root))
    anchored(p, tsa, STAMP, has_certificates=False)
    assert len(audit(p, tmp_path).register.ledger.anchors) == 1


def test_where_the_own_certificate_is_listed_no_other_of_its_root_stamps(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, time_stamps=tsa.listed("House TSA", tsa.own, tsa.root))
    anchored(p, tsa, STAMP, signer=tsa.root.issue("Another clock"))
    named(audit(p, tmp_path), "House TSA")


def test_a_chain_of_certificates_counts_in_whatever_order_it_comes(tsa: Tsa, tmp_path: Path) -> None:
    p = written(tsa, time_stamps=tsa.listed("Far TSA", root("Nobody")) + tsa.listed())
    between = tsa.root.issue("Between", is_root=True)
    signer = between.issue("Clock with a name that is longer than that of its issuer")
    stamped = p.tips["main"]
    now = tsa.token(
        p.chronicle.objects[stamped][1], signer=signer, chain=(between, tsa.root)
    )  # as openssl's own server writes it
    p.commit("w.writer", {anchors.path(stamped): now})
    a = audit(p, tmp_path, now=datetime.now(STAMP.tzinfo))
    assert [each.authority for each in a.register.ledger.anchors] == ["House TSA"]
