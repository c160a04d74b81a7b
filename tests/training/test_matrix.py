"""The matrix for any day of any year equals the slow, obvious model; and a report costs what its rows cost."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qmdoc.documents import ChangeSize, TrainingKind
from qmdoc.model import Version
from qmdoc.records.leave import Absence
from qmdoc.training.duties import Book, known
from qmdoc.training.nouns import Asking, Attested, Curriculum, Edition, Entry, Roll, Size, Standing
from qmdoc.training.people import People
from training import slow_training as slow

START = date(2026, 1, 1)
PEOPLE = ("ann", "bob", "cyd")
ROLES = ("nurse", "technologist")
WORDS = {Standing.ATTESTED: "known", Standing.MINOR_CHANGE: "known"}
days = st.integers(0, 120).map(lambda number: START + timedelta(days=number))


@st.composite
def entries(draw: Any, person: str) -> Entry:
    first = draw(st.none() | days)
    last = draw(st.none() | days)
    if first and last and last < first:
        first, last = last, first
    roles = draw(st.lists(st.sampled_from(ROLES), unique=True, max_size=2))
    sites = draw(st.lists(st.sampled_from(("main", "south")), unique=True, max_size=1))
    return Entry(person, person.title(), (), tuple(roles), tuple(sites), first, last)


@st.composite
def rolls(draw: Any, least: int) -> tuple[Roll, ...]:
    found = sorted(draw(st.lists(days, min_size=least, max_size=4)))
    return tuple(
        Roll(day, {person: draw(entries(person)) for person in PEOPLE if draw(st.integers(0, 3))}) for day in found
    )


@st.composite
def absences(draw: Any) -> tuple[Absence, ...]:
    rows = []
    for person, first, length in draw(
        st.lists(st.tuples(st.sampled_from(PEOPLE), days, st.none() | st.integers(0, 40)), max_size=4)
    ):
        rows.append(Absence(person, first, None if length is None else first + timedelta(days=length)))
    return tuple(rows)


@st.composite
def curricula(draw: Any, today: date) -> Curriculum:
    approved = sorted(each for each in draw(st.lists(days, min_size=1, max_size=4)) if each <= today)
    editions = []
    for at, day in enumerate(approved):
        asks = Asking(
            tuple(draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=2, unique=True))),
            draw(st.sampled_from(TrainingKind)),
            draw(st.sampled_from((0, 1, 7, 30))),
            draw(st.sampled_from((1, 2, 12))),
        )
        window = draw(st.sampled_from((0, 0, 1, 10, 30)))
        sites = draw(st.sampled_from(((), ("main",))))
        is_asking = draw(st.integers(0, 4)) > 0
        editions.append(
            Edition(
                "QM-001",
                Version(1, at),
                f"digest {at}",
                day,
                day + timedelta(days=window),
                asks if is_asking else None,
                sites,
            )
        )
    in_force = max((each for each in editions if each.since <= today), key=lambda each: each.version, default=None)
    ahead = max((each for each in editions if each.since > today), key=lambda each: each.version, default=None)
    if ahead and in_force and ahead.version < in_force.version:
        ahead = None
    return Curriculum("QM-001", tuple(editions), in_force, (ahead,) if ahead else ())


@st.composite
def worlds(draw: Any) -> tuple[slow.World, date]:
    today = draw(days.filter(lambda day: day > START + timedelta(days=20)))
    curriculum = draw(curricula(today))
    digests = [each.digest for each in curriculum.editions] or ["digest 0"]
    attested = [
        Attested(person, "QM-001", digest, day, kind, is_passed or kind is TrainingKind.READ_AND_UNDERSTOOD)
        for person, digest, day, kind, is_passed in draw(
            st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(digests), days, st.sampled_from(TrainingKind), st.booleans()), max_size=10)
        )
    ]  # fmt: skip
    minor = draw(st.frozensets(st.tuples(st.sampled_from(digests), st.sampled_from(digests))))

    def sizes(old: Edition, new: Edition) -> Size:
        return Size(ChangeSize.MINOR if (old.digest, new.digest) in minor else ChangeSize.MAJOR)

    seen = [each for each in attested if each.day <= today]
    authorities = tuple(roll for roll in draw(rolls(1)) if roll.day <= today)
    staff = tuple(roll for roll in draw(rolls(0)) if roll.day <= today)
    return slow.World(authorities, staff, draw(absences()), curriculum, tuple(seen), sizes), today


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_the_matrix_of_any_day_equals_the_slow_model(given_world: tuple[slow.World, date]) -> None:
    world, today = given_world
    people = People(world.authorities, world.staff, world.absences)
    book = Book(today, people, people.on(today), known(world.attested), world.sizes)
    for edition in (world.curriculum.in_force, *world.curriculum.ahead):
        if edition and edition.asking:
            found = {
                duty.person.id: (WORDS.get(duty.standing, str(duty.standing)), duty.due)
                for duty in book.duties(world.curriculum, edition)
            }
            assert found == slow.matrix(world, edition, today)


def year() -> tuple[People, list[Curriculum], tuple[Attested, ...], date]:
    """60 people, 90 documents, three versions of each, joiners, leavers, role changes and leave; everybody read nearly everything."""
    today = START + timedelta(days=365)
    first = {
        f"p{number}": Entry(f"p{number}", f"Person {number}", (), (f"role {number % 6}",), (), START, None)
        for number in range(50)
    }
    later = {
        **{name: entry for name, entry in first.items() if not name.endswith("7")},
        **{
            f"p{number}": Entry(f"p{number}", f"Person {number}", (), ("role 1", "role 2"), (), None, None)
            for number in range(50, 60)
        },
    }
    rolls_of_year = tuple(Roll(START + timedelta(days=30 * at), later if at > 3 else first) for at in range(12))
    leaves = tuple(
        Absence(f"p{number}", START + timedelta(days=200 + number), START + timedelta(days=230 + number))
        for number in range(0, 60, 5)
    )
    rows = []
    for number in range(90):
        asks = Asking(tuple(f"role {(number + at) % 6}" for at in range(4)), months=12)
        approved = [START + timedelta(days=100 * at + number) for at in range(3)]
        editions = tuple(
            Edition(f"QM-{number:03}", Version(1, at), f"{number} {at}", day, day, asks)
            for at, day in enumerate(approved)
        )
        rows.append(Curriculum(f"QM-{number:03}", editions, editions[-1], ()))
    attested = tuple(
        Attested(
            f"p{person}",
            each.document,
            edition.digest,
            edition.approved + timedelta(days=person % 20),
            TrainingKind.READ_AND_UNDERSTOOD,
        )
        for each in rows
        for edition in each.editions
        for person in range(60)
        if (person + edition.version.minor) % 4
    )
    return People(rolls_of_year, (), leaves), rows, attested, today


def test_the_steps_of_a_report_grow_with_its_rows_and_not_with_their_square() -> None:
    """Counts calls of Python functions, not time: the same on a busy machine."""
    people, rows, attested, today = year()

    def cost(share: int) -> int:
        calls = 0

        def count(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal calls
            calls += event == "call"

        numbers = {each.document for each in rows[:share]}
        fresh = People(people.authorities, people.staff, people.absences)
        sys.setprofile(count)
        try:
            book = Book(
                today,
                fresh,
                fresh.on(today),
                known(tuple(each for each in attested if each.document in numbers)),
                lambda old, new: Size(ChangeSize.MAJOR),
            )
            found = [duty for each in rows[:share] if each.in_force for duty in book.duties(each, each.in_force)]
        finally:
            sys.setprofile(None)
        assert len(found) > 20 * share
        return calls

    assert cost(90) < 3.3 * cost(30)
