"""Writes a history commit by commit: branches, merges and sign-offs, each dated in the working hours of its day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from qmdoc import controlled, documents
from qmdoc.chronicle import Chronicle
from qmdoc.controlled import Digests, Holdings
from qmdoc.demo.cast import Person
from qmdoc.documents import Document, Training
from qmdoc.model import Meaning, Outcome, TreeEntry
from qmdoc.signing import sshsig, statement
from qmdoc.signing.authority import ADMIN, SENTENCES
from qmdoc.signing.statement import AUTHORITY_SUBJECT, Statement, Subject

Files = Mapping[str, str | bytes | None]
_SATURDAY = 5
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of the history, counted back from today."""

    today: date

    def day(self, ago: int) -> date:
        """The day so long ago; a weekend's work is done on the Friday before or the Monday after."""
        day = self.today - timedelta(days=ago)
        if ago < 2 or day.weekday() < _SATURDAY:
            return day
        return day - timedelta(days=1) if day.weekday() == _SATURDAY else day + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who does something, how many days ago, on which branch."""

    who: Person
    ago: int
    branch: str = "main"


@dataclass(frozen=True, slots=True)
class Saying:
    """What a sign-off says beside who and when."""

    role: str
    meaning: Meaning = Meaning.APPROVAL
    reason: str | None = None
    next_review: date | None = None
    outcome: Outcome | None = None


@dataclass
class History:
    """A history under construction; the tips of its branches, and the clock that never runs back."""

    calendar: Calendar
    chronicle: Chronicle = field(default_factory=Chronicle)
    tips: dict[str, str] = field(default_factory=dict)
    clock: datetime = _BEGINNING
    authority: str = ""
    _files: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    _trees: dict[str, str] = field(default_factory=dict)
    _bases: dict[str, str] = field(default_factory=dict)
    _last: Holdings = controlled.EMPTY

    def __post_init__(self) -> None:
        """Reads back what was written with the product's own eyes."""
        self._objects = _Written(self.chronicle)
        self._digests = Digests(self._objects)

    def commit(self, occasion: Occasion, message: str, files: Files) -> str:
        """A commit that writes files (None deletes one); returns its id."""
        parent = self.tips.get(occasion.branch)
        return self._commit(occasion, (parent,) if parent else (), message, files)

    def branch(self, name: str) -> None:
        """A branch that begins at the end of main."""
        self.tips[name] = self._bases[name] = self.tips["main"]

    def merge(self, occasion: Occasion, name: str) -> str:
        """Merges a branch into main, which takes over what the branch has changed."""
        base, theirs = self._files[self._bases[name]], self._files[self.tips[name]]
        changed = {path: self._content(row[1]) for path, row in theirs.items() if base.get(path) != row}
        gone: dict[str, str | bytes | None] = {path: None for path in base if path not in theirs}
        return self._commit(
            occasion, (self.tips["main"], self.tips[name]), f"Merge branch '{name}'", {**changed, **gone}
        )

    def sign(self, occasion: Occasion, numbers: tuple[str, ...], saying: Saying, *, key: int | None = 1) -> str:
        """A sign-off of documents as the branch holds them; without a key it stays unsigned."""
        return self._sign(
            occasion, tuple(self.subject(number, branch=occasion.branch) for number in numbers), saying, key
        )

    def attest(self, occasion: Occasion, subjects: tuple[Subject, ...], saying: Saying, *, key: int | None = 1) -> str:
        """A person's statement that they have read versions, whatever main holds now."""
        return self._sign(occasion, subjects, saying, key)

    def sign_authority(self, occasion: Occasion, *, key: int | None = 1) -> str:
        """An admin's signature under the authority files that the branch holds."""
        subject = Subject(AUTHORITY_SUBJECT, None, "", self.authority_digest(occasion.branch))
        return self._sign(occasion, (subject,), Saying(ADMIN, Meaning.AUTHORITY), key)

    def subject(self, number: str, *, branch: str = "main") -> Subject:
        """The subject line for a document as a branch holds it."""
        holdings = self._holdings(branch)
        file, content = holdings.document(number), holdings.content(number)
        assert file and content, number
        found = documents.parse(file.path, self._objects.blob(file.blob))
        digest = self._digests.document(content)
        assert isinstance(found, Document) and digest, f"{number}: {found}"
        return Subject(number, found.version, file.blob, digest)

    def training(self, number: str) -> Training | None:
        """What a document as main holds it asks of its readers."""
        file = self._holdings("main").document(number)
        found = documents.parse(file.path, self._objects.blob(file.blob)) if file else None
        return found.front_matter.training if isinstance(found, Document) else None

    def authority_digest(self, branch: str = "main") -> str:
        """The digest of the authority files that a branch holds."""
        digest = self._digests.authority(self._holdings(branch))
        assert digest
        return digest

    def text(self, path: str) -> str:
        """A file as main holds it."""
        return self._content(self._files[self.tips["main"]][path][1]).decode()

    def _sign(self, occasion: Occasion, subjects: tuple[Subject, ...], saying: Saying, key: int | None) -> str:
        time = self._tick(occasion.ago)
        said = Statement(
            title=statement.title(subjects, saying.meaning, occasion.who.name, saying.role),
            sentence=SENTENCES[saying.meaning],
            signer=occasion.who.id,
            role=saying.role,
            meaning=saying.meaning,
            authority=self.authority,
            time=time,
            subjects=subjects,
            next_review=saying.next_review,
            outcome=saying.outcome,
            reason=saying.reason,
        )
        signer = None if key is None else _signer(occasion.who, key)
        return self._commit(occasion, (self.tips[occasion.branch],), statement.write(said), {}, time=time, sign=signer)

    def _commit(self, occasion: Occasion, parents: tuple[str, ...], message: str, files: Files, *, time: datetime | None = None,
                sign: Callable[[bytes], bytes] | None = None) -> str:  # fmt: skip
        held = dict(self._files[parents[0]]) if parents else {}
        for path, content in files.items():
            if content is None:
                held.pop(path, None)
            else:
                held[path] = (
                    "100644",
                    self.chronicle.add(b"blob", content.encode() if isinstance(content, str) else content),
                )
        tree = self.chronicle.tree(held) if files or not parents else self._trees[parents[0]]
        writer = occasion.who.writer(int((time or self._tick(occasion.ago)).timestamp()))
        made = self.chronicle.commit(
            tree, parents, (writer, writer), message if message.endswith("\n") else f"{message}\n", sign=sign
        )
        self._files[made], self._trees[made], self.tips[occasion.branch] = held, tree, made
        return made

    def _tick(self, ago: int) -> datetime:
        """The next moment on a day: some minutes after the last, or in the morning."""
        day = self.calendar.day(ago)
        uneven = len(self._files) * 53
        morning = datetime(day.year, day.month, day.day, 7, 40, tzinfo=UTC) + timedelta(minutes=uneven % 241)
        self.clock = max(morning, self.clock + timedelta(minutes=4 + uneven % 17))
        return self.clock

    def _holdings(self, branch: str) -> Holdings:
        self._last = controlled.holdings(self._objects, self._trees[self.tips[branch]], since=self._last)
        return self._last

    def _content(self, blob: str) -> bytes:
        return self.chronicle.objects[blob][1]


class _Written:
    """The objects written so far, as the product reads them from a repository."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._trees: dict[str, tuple[TreeEntry, ...]] = {}

    def tree(self, tree_id: str) -> tuple[TreeEntry, ...]:
        """The rows of a tree."""
        if tree_id not in self._trees:
            self._trees[tree_id] = tuple(_rows(self._chronicle.objects[tree_id][1]))
        return self._trees[tree_id]

    def blob(self, blob_id: str) -> bytes:
        """The content of a file."""
        return self._chronicle.objects[blob_id][1]

    def commit(self, commit_id: str) -> bytes:
        """A commit's raw bytes."""
        return self._chronicle.objects[commit_id][1]

    def expect(self, blob_ids: Iterable[str]) -> None:
        """Everything is at hand."""


def _rows(content: bytes) -> list[TreeEntry]:
    rows = []
    while content:
        head, _, rest = content.partition(b"\0")
        mode, _, name = head.partition(b" ")
        rows.append(TreeEntry(mode.decode().zfill(6), name, rest[:20].hex()))
        content = rest[20:]
    return rows


def _signer(who: Person, key: int) -> Callable[[bytes], bytes]:
    return lambda payload: sshsig.sign(who.key(key), payload, namespace="git")
