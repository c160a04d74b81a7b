"""The product's answer over random histories is the model's: who is right where they differ, SIGNOFF.md says."""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from forgeries.court import audit, git
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from programme import NOW, Programme, document, path

from model import clock
from model.histories import DOCUMENTS, histories, stamped_histories, written
from model.model import Attested, Model
from model.model import SignOff as Decided
from model.rows import History, digest
from qmdoc.register import Audit
from qmdoc.signing.acceptance import SignOff

EXAMPLES = int(os.environ.get("QMDOC_MODEL_EXAMPLES", "0"))
CHECKED = settings(
    max_examples=EXAMPLES or 60,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    print_blob=bool(EXAMPLES),
    suppress_health_check=list(HealthCheck),
)
FEWER = settings(CHECKED, max_examples=max(1, EXAMPLES // 10) if EXAMPLES else 10)


def of_product(a: Audit, ids: list[str]) -> dict[str, object]:
    """What the product says, by row number."""
    ledger = a.register.ledger
    number = {commit: row for row, commit in enumerate(ids)}
    answer: dict[str, object] = {}
    for row in a.register.sign_offs:
        name = f"sign-off {number[row.commit]}"
        if row.evidence:
            name = f"file {row.evidence} {row.time} at {row.landing}"
        if row.attested_by:
            for subject in row.subjects:
                answer[f"{name} forge {row.signer or row.name.strip('<>')} {subject.id}"] = row.code
        else:
            answer[name] = row.code
    for each in (each for found in ledger.approvals.values() for each in found):
        answer[f"approved {each.id} {each.version} {each.digest[:8]} at {each.landing}"] = str(each.since)
    for withdrawal in (each for found in ledger.withdrawals.values() for each in found):
        answer[f"withdrawn {withdrawal.id} {withdrawal.digest[:8]} at {withdrawal.landing}"] = True
    for review in (each for found in ledger.reviews.values() for each in found):
        answer[f"reviewed {review.id} {review.digest[:8]} at {review.landing}"] = (
            str(review.outcome),
            review.next_review,
        )
    for anchor in ledger.anchors:
        answer[f"time stamp over {number[anchor.commit]} of {anchor.time}"] = anchor.landing
    for period in ledger.authorities:
        answer[f"authority {period.authority.digest[:8]} at {period.landing}"] = True
    answer["days"] = [landing.day for landing in ledger.landings]
    for name in DOCUMENTS:
        for day in days(ledger.landings[-1].day if ledger.landings else NOW.date()):
            found = ledger.effective(name, day)
            answer[f"in force {name} {day}"] = (str(found.version), found.digest[:8]) if found else None
    return answer


def of_model(model: Model) -> dict[str, object]:
    """The same, as the model says it."""
    answer: dict[str, object] = {named(model, each): code for each, code in model.codes.items()}
    for each in model.approved:
        version = ".".join(map(str, each.version))
        answer[f"approved {each.number} {version} {each.digest[:8]} at {each.landing}"] = str(model.since(each))
    for number, content, landing in model.withdrawn:
        answer[f"withdrawn {number} {content[:8]} at {landing}"] = True
    for review in model.reviewed:
        answer[f"reviewed {review.number} {review.digest[:8]} at {review.landing}"] = (
            review.outcome,
            review.next_review,
        )
    for landing, stamped, time in model.stamps:
        answer[f"time stamp over {model.mainline[stamped]} of {time}"] = landing
    for landing, office in model.offices:
        answer[f"authority {office.digest[:8]} at {landing}"] = True
    answer["days"] = model.days
    for name in DOCUMENTS:
        for day in days(model.days[-1] if model.days else NOW.date()):
            found = model.in_force(name, day)
            answer[f"in force {name} {day}"] = (".".join(map(str, found.version)), found.digest[:8]) if found else None
    return answer


def named(model: Model, each: Decided) -> str:
    """A sign-off's name in both answers."""
    if isinstance(each, Attested):
        return f"sign-off {each.row} forge {model.attested[each][0].signer} {each.number}"
    return f"sign-off {each}" if isinstance(each, int) else f"file {each[1].path} {model.time_shown(each)} at {each[0]}"


def days(last: date) -> list[date]:
    """Days on which to ask what is in force: the last landing's and some before and after."""
    return [last + timedelta(days=shift) for shift in (-60, -10, -1, 0, 3, 8, 30)]


def proved(row: SignOff) -> SignOff:
    """A sign-off without the diagnosis `rewritten`, which a copy that lands later brings to light (SIGNOFF.md §3)."""
    is_form = row.code in ("rewritten", "malformed", "changes-files", "unsigned", "bad-signature")
    return row._replace(code="form", explanation="", fix="") if is_form else row


def agree(history: History, a: Audit, model: Model, ids: list[str]) -> None:
    """Both say the same, to the letter; if not, the rows are printed."""
    if model.is_open:
        return  # who approved on a forge with two roles takes the seat that was open when it landed
    theirs, ours = of_product(a, ids), of_model(model)
    for what in sorted({*theirs, *ours}):
        if theirs.get(what, "nothing") != ours.get(what, "nothing"):
            note(f"{what}: the product says {theirs.get(what, 'nothing')!r}, the model {ours.get(what, 'nothing')!r}")
    for row in a.register.sign_offs:
        if row.code:
            note(f"    product on {ids.index(row.commit)}: {row.code}: {row.explanation}")
    assert theirs == ours, str(history)
    if not model.mainline:
        return
    for name in DOCUMENTS:
        ways = model.missing(name)
        proposal = a.register.ledger.proposals.get(name)
        if ways is not None:
            assert proposal is not None, f"{name}: {history}"
            found = tuple(
                (seat.seat.role, str(seat.seat.meaning), seat.filled, seat.seat.count) for seat in proposal.empty_seats
            )
            assert found in ways, f"{name} lacks {found}, the model says {ways}\n{history}"
            assert not proposal.obstacles, f"{name}: {proposal.obstacles}\n{history}"


@CHECKED
@given(histories())
def test_product_and_model_agree(history: History) -> None:
    p, ids = written(history)
    with tempfile.TemporaryDirectory() as folder:
        agree(history, audit(p, Path(folder), is_bare=True), Model(history, now=NOW), ids)


@pytest.mark.skipif(not clock.is_there(), reason="openssl is not installed: nothing stamps here (CI has it)")
@CHECKED
@given(stamped_histories())
def test_product_and_model_agree_on_what_time_stamps_find_out(history: History) -> None:
    p, ids = written(history)
    with tempfile.TemporaryDirectory() as folder:
        agree(history, audit(p, Path(folder), is_bare=True), Model(history, now=NOW), ids)


@FEWER
@given(histories())
def test_the_answer_for_a_day_is_that_of_the_history_cut_there(history: History) -> None:
    p, ids = written(history)
    whole = Model(history, now=NOW)
    day = whole.days[len(whole.days) // 2]
    kept = [row for row, each in zip(whole.mainline, whole.days, strict=True) if each <= day]
    with tempfile.TemporaryDirectory() as folder:
        then = audit(p, Path(folder, "whole"), is_bare=True, as_of=day)
        agree(history, then, Model(history, now=NOW, as_of=day), ids)
        p.tips = {"main": ids[kept[-1]]}
        cut = audit(p, Path(folder, "cut"), is_bare=True, as_of=day)
    assert of_product(then, ids) == of_product(cut, ids), str(history)
    assert then.register.states == cut.register.states, str(history)


@FEWER
@given(histories(has_stamps=False))
def test_what_is_appended_changes_nothing_that_landed_before(history: History) -> None:
    """But for time stamps: a later one shows that what claims a later time was there before (SIGNOFF.md §6)."""
    p, ids = written(history)
    mainline = Model(history, now=NOW).mainline
    with tempfile.TemporaryDirectory() as folder:
        whole = audit(p, Path(folder, "whole"), is_bare=True).register.ledger
        p.tips = {"main": ids[mainline[(len(mainline) - 1) * 2 // 3]]}
        before = audit(p, Path(folder, "before"), is_bare=True).register.ledger
    last = len(before.landings)
    assert whole.landings[:last] == before.landings, str(history)
    assert [proved(row) for row in whole.sign_offs if row.landing < last] == list(map(proved, before.sign_offs)), str(
        history
    )
    assert [row for row in whole.authorities if row.landing < last] == list(before.authorities), str(history)
    for found, known in (
        (whole.approvals, before.approvals),
        (whole.withdrawals, before.withdrawals),
        (whole.reviews, before.reviews),
    ):
        kept = {number: tuple(row for row in rows if row.landing < last) for number, rows in found.items()}
        assert {number: rows for number, rows in kept.items() if rows} == known, str(history)


@FEWER
@given(histories())
def test_how_git_stores_it_changes_nothing(history: History) -> None:
    p, _ = written(history)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        fresh = audit(p, place, is_bare=True)
        git(place / "r", "repack", "-a", "-d", "-f", "-q")
        repacked = audit(p, place, is_bare=True)
        loose(place / "r")
        unpacked = audit(p, place, is_bare=True)
    assert fresh.register == repacked.register == unpacked.register, str(history)
    assert fresh.findings == repacked.findings == unpacked.findings, str(history)


def loose(repository: Path) -> None:
    """Takes every object out of its pack."""
    for pack in sorted((repository / "objects" / "pack").glob("*.pack")):
        moved = repository / pack.name
        pack.rename(moved)
        for rest in (repository / "objects" / "pack").glob(f"{pack.stem}.*"):
            rest.unlink()
        subprocess.run(["git", "-C", str(repository), "unpack-objects", "-q"], input=moved.read_bytes(), check=True)


@FEWER
@given(
    st.dictionaries(
        st.sampled_from(("scale.txt", "Scale.txt2", "a/b.txt", "a.txt", "a-b.txt")),
        st.sampled_from(("one\n", "two\n")),
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_files_is_no_part_of_what_is_signed(attached: dict[str, str], chance: random.Random) -> None:
    names = list(attached)
    chance.shuffle(names)
    answers = []
    for order in (names, sorted(names)):
        p = Programme()
        files = {path("QM-001"): document("QM-001")} | {f"sops/quality/QM-001/{name}": attached[name] for name in order}
        p.commit("w.writer", dict(reversed(files.items())) if order is names else files)
        p.approve("QM-001")
        with tempfile.TemporaryDirectory() as folder:
            answers.append(audit(p, Path(folder), is_bare=True).register.ledger.approvals)
    assert answers[0] == answers[1]
    (approval,) = answers[0]["QM-001"]
    assert approval.digest == digest({".": document("QM-001"), **attached})
