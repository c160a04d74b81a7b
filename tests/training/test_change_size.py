"""A revision asks again only who must know what it changed, and tells them that line (issue 6, item 2)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from programme import document, path
from training_scenes import TRAINING, at, revised

from qmdoc import training
from qmdoc.model import Meaning
from qmdoc.register import Audit
from qmdoc.training import Standing

TEXT = "## Purpose\n\nGive 5 mg.\n"


def _document(version: str, body: str) -> str:
    return document(version=version, training=TRAINING, body=body)


def row(audit: Audit) -> training.Attestation:
    [found] = training.required(audit.register)
    return found


def ids(audit: Audit) -> list[str]:
    return [each.check for each in audit.findings if each.check.startswith(("training", "change"))]


def test_a_typo_asks_nobody(tmp_path: Path) -> None:
    made = revised(body="## Purpose\n\nGive  5 mg. \n")
    audit = made.audit(tmp_path)
    assert (ids(audit), row(audit).standing) == ([], Standing.MINOR_CHANGE)


def test_a_spelling_mended_asks_nobody(tmp_path: Path) -> None:
    text = "## Purpose\n\nWarm the bag {} in the bath.\n"
    made = revised(body="## Purpose\n\nGive 5 mg.\n\n" + text.format("gently"))
    made.commit(
        "w.writer", {path(): _document("1.2", "## Purpose\n\nGive 5 mg.\n\n" + text.format("gentely"))}, at=at(7, 1)
    )
    made.approve("QM-001", at=at(7, 2))
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(7, 3))
    made.commit(
        "w.writer", {path(): _document("1.3", "## Purpose\n\nGive 5 mg.\n\n" + text.format("gently"))}, at=at(7, 4)
    )
    made.approve("QM-001", at=at(7, 5))
    audit = made.audit(tmp_path)
    assert (ids(audit), row(audit).standing) == ([], Standing.MINOR_CHANGE)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("## Purpose\n\nGive 10 mg.\n", "10"),
        ("## Purpose\n\nGive 5 mg.\n\n1. Check the label.\n", "is new"),
        ("## Purpose\n\nDo not give 5 mg.\n", "not"),
    ],
)
def test_a_changed_dose_or_a_new_step_asks_again_and_tells_the_line(tmp_path: Path, body: str, told: str) -> None:
    made = revised(body=body)
    place = made.repository(tmp_path)
    open_ = row(made.audit(place, as_of=date(2026, 7, 10)))
    assert (open_.standing, open_.due, open_.person) == (Standing.OPEN, date(2026, 7, 10), "n.nurse")
    late = made.audit(place, as_of=date(2026, 7, 11))
    assert ids(late) == ["training-outdated"]
    [message] = [each.message for each in late.findings if each.check == "training-outdated"]
    assert told in message, message


def test_an_author_may_call_a_small_change_major(tmp_path: Path) -> None:
    made = revised("major", body="## Purpose\n\nGive 5 mg. \n")
    assert ids(made.audit(tmp_path)) == ["training-outdated"]


def test_an_author_who_calls_a_large_change_minor_changes_nothing(tmp_path: Path) -> None:
    audit = revised("minor").audit(tmp_path)
    assert sorted(ids(audit)) == ["change-understated", "training-outdated"]


def test_what_changed_is_told_since_the_readers_own_last_version(tmp_path: Path) -> None:
    """5 mg, then 10 mg, then 5 mg again: who read the first and not the second knows the third."""
    made = revised()
    made.commit("w.writer", {path(): _document("1.2", TEXT)}, at=at(8, 1))
    made.approve("QM-001", at=at(8, 2))
    audit = made.audit(tmp_path)
    assert (ids(audit), row(audit).standing) == ([], Standing.MINOR_CHANGE)


def test_a_typo_does_not_give_time_to_who_is_late(tmp_path: Path) -> None:
    """1.1 changed the dose and was never read; 1.2 mends a comma: still late since the due day of 1.1."""
    made = revised()
    made.commit("w.writer", {path(): _document("1.2", "## Purpose\n\nGive 10 mg. \n")}, at=at(9, 1))
    made.approve("QM-001", at=at(9, 2))
    audit = made.audit(tmp_path, as_of=date(2026, 9, 3))
    assert (row(audit).due, row(audit).standing) == (date(2026, 7, 10), Standing.OUTDATED)
