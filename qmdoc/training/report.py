"""Training told in numbers and lines: shares by document, role, site and module, who is late, and the proof of each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qmdoc.documents import TrainingKind
from qmdoc.records.training import How
from qmdoc.register import Register
from qmdoc.saying import Said, said
from qmdoc.training import Attested, Duty, Entry, Standing, Training, of
from qmdoc.training.attestation import changed
from qmdoc.training.duties import is_at
from qmdoc.training.nouns import Asking

_ALL_SITES = said("all sites")


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the duties of a document, a role, a site or a module are met; `late` of the others are past their day."""

    name: str
    met: int
    asked: int
    late: int

    @property
    def percent(self) -> int:
        """Whole per cent, rounded down: 99.9 is not all."""
        return 100 * self.met // self.asked if self.asked else 100

    @property
    def words(self) -> Said:
        """In words."""
        return said("%(met)s of %(asked)s (%(percent)s %%)", met=self.met, asked=self.asked, percent=self.percent)

    def __str__(self) -> str:
        """In English words."""
        return str(self.words)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody has come in a module: its documents in order, and whether each is known in the version in force."""

    module: str
    title: str
    person: Entry
    steps: tuple[tuple[str, bool], ...]

    @property
    def next(self) -> str:
        """The first document that is not known yet; empty when all are."""
        return next((number for number, is_known in self.steps if not is_known), "")


def total(duties: Iterable[Duty], name: str = "") -> Share:
    """How many of these are met."""
    rows = tuple(duties)
    return Share(
        name, sum(each.standing.is_met for each in rows), len(rows), sum(each.standing.is_late for each in rows)
    )


def by_document(training: Training) -> tuple[Share, ...]:
    """The share of each document in force that asks somebody."""
    return tuple(total(rows, number) for number, rows in training.of_document.items())


def by_role(training: Training) -> tuple[Share, ...]:
    """The share of each role; who is asked in two roles counts in both."""
    return _grouped((role, duty) for duty in training.duties for role in duty.roles)


def by_site(training: Training) -> tuple[Share, ...]:
    """The share of each site; who works at two counts at both, who is listed at none works at all."""
    return _grouped((site, duty) for duty in training.duties for site in duty.person.sites or (_ALL_SITES,))


def by_module(register: Register) -> tuple[Share, ...]:
    """The share of each module: steps known by all those whom it is for. Nobody is late in a module, only in a duty."""
    rows: dict[str, list[bool]] = {name: [] for name in register.personnel.modules.modules}
    for each in progress(register):
        rows[each.module].extend(is_known for _, is_known in each.steps)
    return tuple(Share(name, sum(steps), len(steps), 0) for name, steps in rows.items())


def progress(register: Register) -> Iterator[Progress]:
    """Everybody's way through the modules that are for them."""
    training = of(register)
    for name, module in register.personnel.modules.modules.items():
        for entry in training.book.there:
            has_role = not module.roles or not set(module.roles).isdisjoint(entry.roles)
            if has_role and is_at(entry, set(module.sites)):
                steps = tuple((number, _is_known(entry, number, register)) for number in module.documents)
                yield Progress(name, module.title, entry, steps)


def late(training: Training) -> dict[str, tuple[Duty, ...]]:
    """Who is late, by person's id, with the longest due first."""
    rows: dict[str, list[Duty]] = {}
    for duty in sorted(training.duties, key=lambda each: (each.person.name, each.person.id, each.due)):
        if duty.standing.is_late:
            rows.setdefault(duty.person.id, []).append(duty)
    return {person: tuple(found) for person, found in rows.items()}


def reminder(register: Register, duties: tuple[Duty, ...]) -> str:
    """The text of an e-mail to somebody who is late."""
    person = duties[0].person
    lines = [f"To: {', '.join(filter(None, person.emails)) or '(no address is listed)'}"]
    lines += [f"Subject: {len(duties)} procedure{'s' * (len(duties) > 1)} to know", "", f"Dear {person.name},", ""]
    lines.append("these were due and are still open:")
    for duty in duties:
        state = register.state(duty.edition.document)
        title = state.title if state else ""
        lines.append(f"- {duty.edition.document} {duty.edition.version} {title}: due {duty.due}, {what(duty)}")
    return "\n".join([*lines, "", "Please do this before you next work by them.", register.authority.policy.programme])


def what(duty: Duty) -> str:
    """What is to be done, and what changed since the version that this person knows."""
    if duty.asking.kind is TrainingKind.COMPETENCY:
        todo = said("your competency is to be observed")
    else:
        todo = said("to be read and attested")
    since = changed(duty)
    return said("%(todo)s; %(since)s", todo=todo, since=since) if since else todo


def proof(by: Attested | None) -> str:
    """Where it can be seen that somebody attested something; empty where nothing shows it."""
    if by is None:
        return ""
    if by.sign_off:
        signed = by.sign_off
        return (
            f"own sign-off ({signed.assurance}) of {signed.signed_on}, on record since {by.day}, commit {signed.commit}"
        )
    assert by.record
    ways = {How.FORM: "on paper", How.ROSTER: "from a roster", How.FORGE: "own entry", How.SIGN_OFF: "sign-off"}
    record = by.record
    observed = (
        f", observed by {record.assessor}{'' if record.is_passed else ', failed'}"
        if record.kind is TrainingKind.COMPETENCY
        else ""
    )
    way = ways[record.how] if not observed or record.how is not How.FORGE else "assessor's entry"
    shown = f"; evidence {record.evidence}" if record.evidence else ""
    return f"{way} of {by.day}{observed}, {by.entry}; {record.path}, line {record.line}{shown}"


def _is_known(entry: Entry, number: str, register: Register) -> bool:
    """Whether somebody knows the version in force, asked or not; of one that asks nobody, whether they attested it."""
    training, state = of(register), register.state(number)
    curriculum = training.curricula.get(number)
    if curriculum and curriculum.in_force:
        edition = curriculum.in_force
        return training.book.shown(entry.id, curriculum, edition, edition.asking or Asking(())).is_enough
    rows = training.book.known.get((entry.id, number), ())
    return bool(state and state.effective and any(each.digest == state.effective.digest for each in rows))


def _grouped(rows: Iterable[tuple[str, Duty]]) -> tuple[Share, ...]:
    found: dict[str, list[Duty]] = {}
    for name, duty in rows:
        found.setdefault(name, []).append(duty)
    return tuple(total(duties, name) for name, duties in sorted(found.items()))


def worst(duties: Iterable[Duty]) -> Standing:
    """Where a group of duties stands: as its worst."""
    order = list(Standing)
    return max((each.standing for each in duties), key=order.index)
