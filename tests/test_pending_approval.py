"""Whose signature a version waits for, and since when: worked out from real histories."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from programme import POLICY, Programme, document, entry, path, people

from qmdoc import pending_approval
from qmdoc.model import Meaning
from qmdoc.pending_approval import PendingVersion


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def begun(**made: str) -> Programme:
    """QM-001 1.0 in force, 1.1 proposed on 10 March."""
    programme = Programme(**made)
    programme.commit("w.writer", {path(): document()}, at=noon(2, 1))
    programme.approve("QM-001", at=noon(2, 2))
    programme.commit("w.writer", {path(): document(version="1.1")}, at=noon(3, 10))
    return programme


def only(programme: Programme, folder: Path, as_of: date | None = None) -> PendingVersion:
    (found,) = pending_approval.versions(programme.audit(folder, as_of=as_of).register)
    return found


def rows(found: PendingVersion) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.empty.seat.role, str(each.since), each.people) for each in found.awaited]


BOTH = ("Deputy Quality Manager", "Quality Manager")


def test_nobody_has_signed_since_the_day_it_landed(tmp_path: Path) -> None:
    found = only(begun(), tmp_path)
    assert rows(found) == [
        ("quality-manager", "2026-03-10", BOTH),
        ("medical-director", "2026-03-10", ("Medical Director",)),
    ]
    assert (found.version, found.given, found.obstacles, found.is_first_draft) == ("1.1", (), (), False)


def test_the_last_seat_waits_since_the_other_signed(tmp_path: Path) -> None:
    programme = begun()
    programme.sign("q.manager", "QM-001", role="quality-manager", at=noon(10, 3))
    found = only(programme, tmp_path)
    assert rows(found) == [("medical-director", "2026-10-03", ("Medical Director",))]
    assert [each.name for each in found.given] == ["Quality Manager"]


def test_the_day_before_it_had_waited_for_both(tmp_path: Path) -> None:
    programme = begun()
    programme.sign("q.manager", "QM-001", role="quality-manager", at=noon(10, 3))
    assert [row[1] for row in rows(only(programme, tmp_path, date(2026, 10, 2)))] == ["2026-03-10", "2026-03-10"]


def test_a_signature_that_was_taken_back_is_awaited_from_that_day(tmp_path: Path) -> None:
    programme = begun()
    programme.sign("q.manager", "QM-001", role="quality-manager", at=noon(4, 1))
    programme.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE, at=noon(5, 1))
    assert [row[:2] for row in rows(only(programme, tmp_path))] == [
        ("quality-manager", "2026-05-01"),
        ("medical-director", "2026-05-01"),
    ]


def test_an_edit_begins_the_wait_anew(tmp_path: Path) -> None:
    programme = begun()
    programme.sign("q.manager", "QM-001", role="quality-manager", at=noon(4, 1))
    programme.commit("w.writer", {path(): document(version="1.1", body="## Purpose\n\nOther.\n")}, at=noon(4, 9))
    found = only(programme, tmp_path)
    assert [row[1] for row in rows(found)] == ["2026-04-09", "2026-04-09"] and found.given == ()


def test_a_seat_that_the_policy_adds_waits_since_then(tmp_path: Path) -> None:
    programme = begun()
    more = POLICY + "    - {role: apheresis-nurse, meaning: review, count: 1, independent: false}\n"
    programme.clock = noon(6, 1)
    programme.change_authority(policy=more)
    assert rows(only(programme, tmp_path)) == [
        ("quality-manager", "2026-03-10", BOTH),
        ("medical-director", "2026-03-10", ("Medical Director",)),
        ("apheresis-nurse", "2026-06-01", ("Procedure Writer",)),
    ]


@pytest.mark.parametrize(
    ("author", "expected"),
    [("w.writer", ("Medical Director",)), ("m.director", ())],
)
def test_who_wrote_a_version_is_not_named_for_an_independent_seat(
    tmp_path: Path, author: str, expected: tuple[str, ...]
) -> None:
    programme = begun()
    programme.commit(author, {path(): document(version="1.2")}, at=noon(4, 1))
    assert rows(only(programme, tmp_path))[1][2] == expected


def test_somebody_who_left_or_has_no_live_key_is_not_named(tmp_path: Path) -> None:
    from programme import public

    lost = f'[{{key: "{public("d.manager")}", revoked: 2026-02-01, reason: lost}}]'
    changed = people({"d.manager": entry("d.manager", "Deputy Quality Manager", ["quality-manager"], keys=lost)})
    assert rows(only(begun(people=changed), tmp_path))[0][2] == ("Quality Manager",)


def test_one_person_is_named_for_one_seat_only(tmp_path: Path) -> None:
    both = people({"m.director": entry("m.director", "Medical Director", ["medical-director", "quality-manager", "admin"])})  # fmt: skip
    programme = begun(people=both)
    programme.sign("m.director", "QM-001", role="medical-director", at=noon(4, 1))
    assert rows(only(programme, tmp_path)) == [("quality-manager", "2026-04-01", BOTH)]


def test_what_bars_a_text_is_named_and_a_broken_one_waits_for_nobody(tmp_path: Path) -> None:
    programme = begun()
    programme.commit("w.writer", {path(): document(version="0.9")}, at=noon(4, 1))
    found = only(programme, tmp_path / "lower")
    assert "version 0.9 is not greater than 1.0" in found.obstacles[0]
    programme.commit("w.writer", {path(): "no front matter\n"}, at=noon(4, 2))
    found = only(programme, tmp_path / "broken")
    assert (found.version, found.awaited, str(found.since)) == ("", (), "2026-04-02")
    assert found.obstacles[0] == "it can't be read"


def test_a_draft_that_nobody_signed_is_a_first_draft_until_somebody_does(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): document()}, at=noon(2, 1))
    assert only(programme, tmp_path / "before").is_first_draft
    programme.sign("q.manager", "QM-001", role="quality-manager", at=noon(2, 3))
    assert not only(programme, tmp_path / "after").is_first_draft
