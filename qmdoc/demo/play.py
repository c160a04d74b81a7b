"""Plays the story: every row becomes commits, in the order of their days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from qmdoc.demo import adoption, cast, story, texts
from qmdoc.demo.cast import BY_ID, PEOPLE, READERS, Person, Turns
from qmdoc.demo.history import Calendar, History, Occasion, Saying
from qmdoc.demo.story import Edition, Life, Way
from qmdoc.demo.texts import Heading, Library
from qmdoc.documents import TrainingKind
from qmdoc.model import Meaning, Outcome, add_months
from qmdoc.records.training import FOLDER, WITH_ASSESSOR, How
from qmdoc.signing.statement import Subject

POLICY, PEOPLE_FILE, STAFF = "sops/authority/policy.yaml", "sops/authority/people.yaml", "records/staff.csv"
ROOT_AGO = 727
TURNS_AGO = (ROOT_AGO, 560, 375, 240)
OLD_KEY_ENDS_AGO, OFFICER_ENDS_AGO = 366, 238
QUIET_AGO, FAULTS_AGO, PAST_AGO = 13, 3, 640
LAST_READER = "ward.nurse.2"
SLOW_READERS = ("apheresis.nurse.1", "apheresis.nurse.2")  # what came in the last weeks they have still to read
_ROUND = 9
_OBSERVED_FOR = 300  # days, so that a round comes before the year is over, for slow readers too
_SECOND_KEY = 2
_TURN_MESSAGES = (
    "",
    "Deputy Medical Director joins",
    "Medical Director's new key; the CAR-T labels bind",
    "Quality Officer leaves, a ward nurse joins",
)


@dataclass
class Play:
    """A run of the story over a calendar; `is_broken` forgets one periodic review."""

    library: Library
    calendar: Calendar
    is_broken: bool = False
    trust_root: str = ""
    _change: int = 0
    _steps: list[tuple[int, Callable[[], None]]] = field(default_factory=list)
    _to_read: dict[str, tuple[Subject, tuple[str, ...]]] = field(default_factory=dict)
    _have_read: set[tuple[str, Subject]] = field(default_factory=set)
    _observed_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _observed: dict[tuple[str, str], tuple[Subject, int]] = field(default_factory=dict)
    _refused: str = ""

    def __post_init__(self) -> None:
        """The history to write into, and the days on which the authority changes."""
        self.history = History(self.calendar)
        self.turns = Turns(
            tuple(map(self.calendar.day, TURNS_AGO)),
            self.calendar.day(OLD_KEY_ENDS_AGO),
            self.calendar.day(OFFICER_ENDS_AGO),
        )

    def run(self, faults: Callable[[History], None] | None = None) -> History:
        """The whole history: the trust root, then everything in the order of its days; faults come in before the last day."""
        self._begin()
        for life in adoption.lives(self.library):
            for at, _ in enumerate(life.editions):
                self._plan(life, at)
        self._plan_offices()
        self._plan_reading()
        if faults:
            self._at(FAULTS_AGO, partial(faults, self.history))
        self._at(1, partial(self._read, BY_ID[LAST_READER], 1))
        for _, step in sorted(self._steps, key=lambda row: -row[0]):
            step()
        return self.history

    def _at(self, ago: int, step: Callable[[], None]) -> None:
        self._steps.append((ago, step))

    def _begin(self) -> None:
        """The trust root holds the authority; the catalogues and the repository's own files follow."""
        library = self.library
        self.trust_root = self.history.commit(
            _by("q.manager", ROOT_AGO), "Policy and people of the demonstration programme", self._authority(0)
        )
        self.history.authority = self.history.authority_digest()
        files = {
            "README.md": self._readme(),
            "Makefile": library.templates["programme/Makefile"],
            ".gitignore": "/build/\n",
        }
        if "conf.py" in library.templates:
            files["conf.py"] = library.templates["conf.py"]
        self.history.commit(_by("q.manager", ROOT_AGO), "What this repository is, and how to try it", files)
        self.history.commit(_by("q.officer", 725), "Catalogues of the standards, in our own words", library.standards)
        self.history.commit(_by("q.officer", 725), "Staff who read", {STAFF: cast.staff_csv(0, self.turns)})

    def _readme(self) -> str:
        demonstration, general = self.library.templates["demo/README.md"], self.library.templates["programme/README.md"]
        filled = general.replace("PROGRAMME", "Example Cellular Therapy Programme (demonstration)")
        past = self.calendar.day(PAST_AGO)
        return (
            filled.rstrip("\n")
            + "\n\n"
            + demonstration.replace("TRUST_ROOT", self.trust_root).replace("PAST_DAY", str(past))
        )

    def _authority(self, change: int) -> dict[str, str]:
        policy = texts.policy(self.library, is_early=change < cast.KEY_RENEWED)
        return {POLICY: policy, PEOPLE_FILE: cast.people_yaml(change, self.turns)}

    def _plan(self, life: Life, at: int) -> None:
        """The steps by which an edition is written, signed and merged, in the order of its way."""
        edition, name = life.editions[at], _branch(life, life.editions[at])
        approvers = edition.approvers or life.approvers
        self._at(edition.ago, partial(self._write, life, at))
        if edition.reviewer:
            self._at(edition.ago - 2, partial(self._review, life, edition))
        if edition.way is Way.ON_MAIN:
            self._merge_and_sign(life, edition, [(approvers[0], 3), (approvers[1], 9)])
        elif edition.way is Way.TAKEN_BACK:
            self._at(edition.ago - 3, partial(self._take_back, life, at))
            self._merge_and_sign(life, edition, [(approvers[0], 10), (approvers[1], 16)])
        elif edition.way in (Way.ONE_SIGNATURE, Way.NONE):
            self._at(edition.ago - 1, partial(self._merge, life, edition, edition.ago - 1))
            for who in approvers[:1] if edition.way is Way.ONE_SIGNATURE else ():
                self._at(edition.ago - 3, partial(self._approve, life, edition, _by(who, edition.ago - 3)))
        else:
            for delay, who in enumerate(approvers, 3):
                self._at(
                    edition.ago - delay, partial(self._approve, life, edition, _by(who, edition.ago - delay, name))
                )
            self._at(edition.ago - 5, partial(self._merge, life, edition, edition.ago - 5))
            self._at(edition.ago - 5, partial(self._in_force, life))

    def _merge_and_sign(self, life: Life, edition: Edition, approvals: list[tuple[str, int]]) -> None:
        self._at(edition.ago - 1, partial(self._merge, life, edition, edition.ago - 1))
        for who, delay in approvals:
            self._at(edition.ago - delay, partial(self._approve, life, edition, _by(who, edition.ago - delay)))
        self._at(edition.ago - approvals[-1][1], partial(self._in_force, life))

    def _write(self, life: Life, at: int) -> None:
        edition, name = life.editions[at], _branch(life, life.editions[at])
        self.history.branch(name)
        author = edition.author or life.author
        text = self._text(life, at)
        credit = (
            f"\n\nCo-authored-by: {BY_ID[edition.co_author].name} <{BY_ID[edition.co_author].email}>\n"
            if edition.co_author
            else ""
        )
        message = f"{life.id} {edition.version}: {edition.summary}{credit}"
        first = (
            {path: content for path, content in self.library.attachments.items() if f"/{life.id}/" in path}
            if at == 0
            else {}
        )
        draft = text + "\n" if edition.is_tidied else text
        if edition.way is Way.TAKEN_BACK:
            draft = text.replace("on the day of approval", "in the week of approval")
        self.history.commit(_by(author, edition.ago, name), message, {**first, self._path(life): draft})
        if edition.is_tidied:
            self.history.commit(
                _by("format.bot", edition.ago, name), f"{life.id}: take out an empty line", {self._path(life): text}
            )

    def _text(self, life: Life, at: int) -> str:
        later = [change for edition in life.editions[at + 1 :] for change in edition.changes]
        edition = life.editions[at]
        day = self.calendar.day(edition.ago)
        effective = None if edition.effective_ago is None else self.calendar.day(edition.effective_ago)
        heading = Heading(
            edition.version,
            add_months(day, edition.months),
            edition.size,
            edition.summary,
            effective,
            edition.supersedes,
        )
        return texts.headed(texts.earlier(self.library.texts[life.id], later, life.id), heading)

    def _review(self, life: Life, edition: Edition) -> None:
        who = BY_ID[edition.reviewer]
        branch = "main" if edition.way is Way.ON_MAIN else _branch(life, edition)
        self.history.sign(Occasion(who, edition.ago - 2, branch), (life.id,), Saying(who.roles[0], Meaning.REVIEW))

    def _approve(self, life: Life, edition: Edition, occasion: Occasion) -> None:
        """One approval; the story's slips come first, each followed by the right one."""
        if edition.way is Way.OWN_FIRST and occasion.who.id == "d.quality":
            self.history.sign(
                Occasion(BY_ID[life.author], occasion.ago, occasion.branch), (life.id,), Saying("quality-manager")
            )
        if edition.way is Way.UNSIGNED_FIRST and occasion.who.id == "m.director":
            self._refused = self.history.sign(occasion, (life.id,), Saying("medical-director"), key=None)
        if edition.way is Way.TAKEN_BACK and self._key(occasion.who) == _SECOND_KEY:
            self.history.sign(occasion, (life.id,), Saying(occasion.who.roles[0]), key=1)
        self.history.sign(occasion, (life.id,), Saying(occasion.who.roles[0]), key=self._key(occasion.who))

    def _merge(self, life: Life, edition: Edition, ago: int) -> None:
        by = "d.quality" if (edition.author or life.author) == "q.manager" else "q.manager"
        self.history.merge(_by(by, ago), _branch(life, edition))

    def _take_back(self, life: Life, at: int) -> None:
        """An approval too early: taken back, the text corrected on a branch of its own and merged."""
        edition, name = life.editions[at], f"{_branch(life, life.editions[at])}-corrected"
        who = _by("q.manager", edition.ago - 3)
        self.history.sign(who, (life.id,), Saying("quality-manager"))
        self.history.sign(
            who,
            (life.id,),
            Saying("quality-manager", Meaning.REVOKE, "staff must be told on the day, not in the week, of approval"),
        )
        self.history.branch(name)
        self.history.commit(
            _by(life.author, edition.ago - 4, name),
            f"{life.id} {edition.version}: staff are told on the day of approval",
            {self._path(life): self._text(life, at)},
        )
        self.history.merge(_by("q.manager", edition.ago - 4), name)

    def _in_force(self, life: Life) -> None:
        """From now on the version on main must be read."""
        asked = self.history.training(life.id)
        self._to_read[life.id] = (self.history.subject(life.id), asked.roles if asked else ())
        self._observed_by[life.id] = life.approvers if asked and asked.kind is TrainingKind.COMPETENCY else ()

    def _plan_offices(self) -> None:
        """Changes of the authority, periodic reviews, the withdrawal and the deviation."""
        for change in range(1, len(TURNS_AGO)):
            self._at(TURNS_AGO[change], partial(self._turn, change))
        for review in adoption.reviews(self.library):
            if not (self.is_broken and review.id == story.FORGOTTEN):
                self._at(review.ago, partial(self._periodic_review, review))
        self._at(story.WITHDRAWAL_AGO, self._withdraw)
        self._at(652, self._deviation)

    def _turn(self, change: int) -> None:
        """A change of the authority, signed by two admins on its branch and merged; newcomers read at once."""
        name, ago = f"authority-{change}", TURNS_AGO[change]
        self.history.branch(name)
        self.history.commit(
            _by("data.manager", ago, name), f"Authority: {_TURN_MESSAGES[change]}", self._authority(change)
        )
        for who in ("q.manager", "d.quality" if change == cast.KEY_RENEWED else "m.director"):
            self.history.sign_authority(_by(who, ago, name), key=self._key(BY_ID[who]))
        self.history.merge(_by("data.manager", ago), name)
        self.history.authority, self._change = self.history.authority_digest(), change
        if change == cast.OFFICER_LEAVES:
            self.history.commit(
                _by("data.manager", ago), "Staff: ward nurse 4 joins", {STAFF: cast.staff_csv(change, self.turns)}
            )
        for person in (*PEOPLE, *READERS):
            if person.joins == change:
                self._read(person, ago)

    def _periodic_review(self, review: story.Review) -> None:
        saying = Saying(
            "quality-manager", Meaning.PERIODIC_REVIEW, None, self.calendar.day(review.next_ago), Outcome.CONTINUE
        )
        self.history.sign(_by(review.who, review.ago), (review.id,), saying)

    def _withdraw(self) -> None:
        self.history.sign(
            _by("q.manager", story.WITHDRAWAL_AGO),
            (story.WITHDRAWN,),
            Saying("quality-manager", Meaning.WITHDRAW, story.WITHDRAWAL_REASON),
        )
        del self._to_read[story.WITHDRAWN]

    def _deviation(self) -> None:
        """The record of the approval that came without a signature."""
        text = (
            "# Deviation 1: an approval without a signature\n\nDemonstration with invented data.\n\n"
            f"Commit {self._refused} approved CLN-001 1.0 without the Medical Director's signature: a new computer had no signing key.\n"
            "It was refused, the key was set up, and the Medical Director signed again on the same day.\nClosed by the Quality Officer.\n"
        )
        self.history.commit(
            _by("q.officer", 652),
            "Deviation 1: an approval without a signature",
            {"records/deviations/DEV-001-approval-without-signature.md": text},
        )

    def _plan_reading(self) -> None:
        """Everybody reads what is new to them once in a round of days, the last reader at the very end."""
        for at, person in enumerate((*PEOPLE, *READERS)):
            for ago in range(ROOT_AGO - 10 - at % _ROUND, QUIET_AGO - 1, -_ROUND):
                if person.id not in (LAST_READER, *SLOW_READERS) or ago > 2 * QUIET_AGO:
                    self._at(ago, partial(self._read, person, ago))

    def _read(self, person: Person, ago: int) -> None:
        if not person.is_listed(self._change):
            return
        self._observe(person, ago)
        open_ones = [
            (subject, roles)
            for _, (subject, roles) in sorted(self._to_read.items())
            if (person.id, subject) not in self._have_read and set(roles) & set(person.roles)
        ]
        if open_ones:
            role = next(role for role in person.roles if any(role in roles for _, roles in open_ones))
            self.history.attest(
                Occasion(person, ago),
                tuple(subject for subject, _ in open_ones),
                Saying(role, Meaning.TRAINING),
                key=self._key(person),
            )
            self._have_read |= {(person.id, subject) for subject, _ in open_ones}

    def _observe(self, person: Person, ago: int) -> None:
        """An approver sees them do what asks for competency: at each new version, and again before a year is over."""
        lines: dict[str, list[str]] = {}
        for number, (subject, roles) in sorted(self._to_read.items()):
            who = next((each for each in self._observed_by[number] if each != person.id), None)
            known, last = self._observed.get((person.id, number), (None, ago))
            if who and set(roles) & set(person.roles) and (known != subject or last - ago > _OBSERVED_FOR):
                lines.setdefault(who, []).append(_competency(person, subject, self.calendar.day(ago), who))
                self._observed[person.id, number] = (subject, ago)
        for who, rows in sorted(lines.items()):
            text = "\n".join([",".join(WITH_ASSESSOR), *rows, ""])
            day = self.calendar.day(ago)
            path = f"{FOLDER}{day.year}/{day}-{person.id}-by-{who}.csv"
            self.history.commit(_by(who, ago), f"Competency of {person.name} observed", {path: text})

    def _key(self, person: Person) -> int | None:
        """Which of their keys a person signs with now; None where they have none."""
        if not person.has_key:
            return None
        return _SECOND_KEY if person.renews is not None and self._change >= person.renews else 1

    def _path(self, life: Life) -> str:
        return self.library.paths[life.id]


def _competency(person: Person, subject: Subject, day: date, who: str) -> str:
    """A line of the training records: passed, entered by the assessor with their own hand."""
    version, kind = str(subject.version), str(TrainingKind.COMPETENCY)
    return ",".join(
        [person.id, subject.id, version, subject.digest, str(day), kind, str(How.FORGE), "", who, who, "pass"]
    )


def _by(who: str, ago: int, branch: str = "main") -> Occasion:
    return Occasion(BY_ID[who], ago, branch)


def _branch(life: Life, edition: Edition) -> str:
    return f"{life.id.lower()}-{edition.version}"
