"""The walk along the mainline that makes the ledger; its rules are SIGNOFF.md §3-5, its nouns are the ledger's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from typing import Protocol

from qmdoc import commits as raw_commits
from qmdoc import controlled, documents, mainline, readings, record_log, seats
from qmdoc.controlled import AUTHORITY, STANDARDS, Content, Digests, Holdings
from qmdoc.documents import Document, Unreadable
from qmdoc.editors import Authors, Editors
from qmdoc.errors import NoAuthority, TrustRootInvalid
from qmdoc.ledger import (
    Approval,
    AuthorityPeriod,
    EmptySeat,
    Irregularity,
    Landing,
    Ledger,
    PendingAuthority,
    PeriodicReview,
    Proposal,
    RecordLog,
    Withdrawal,
    in_force,
)
from qmdoc.model import Assurance, Change, Commit, Fault, File, History, Meaning, Objects, Outcome, day_of
from qmdoc.readings import Reading
from qmdoc.saying import said
from qmdoc.sign_off_files import SignOffFiles
from qmdoc.signing import acceptance, forge, portable, seals, statement
from qmdoc.signing import authority as authorities
from qmdoc.signing.acceptance import LEEWAY, SignOff, Standing
from qmdoc.signing.anchors import FOLDER as FOLDER_OF_ANCHORS
from qmdoc.signing.anchors import Refused, Stamped
from qmdoc.signing.authority import Authority, UnreadableAuthority
from qmdoc.signing.forge import Merged
from qmdoc.signing.portable import PortableFile
from qmdoc.signing.sshsig import Verified
from qmdoc.signing.standing import SIGN_AGAIN, SIGN_PORTABLE_AGAIN
from qmdoc.timeline import Timeline

_RECORDS = "records/"
_MODES = ("100644", "100755", "120000", "160000", "")  # file, program, link, submodule; gone
_BLOB = re.compile(rb"git:([0-9a-f]{64}|[0-9a-f]{40}) ")


class Known(Protocol):
    """What was found already, by somebody who proves it; None where nothing was, and the walk looks for itself."""

    def verdict(self, commit_id: str) -> Verified | None:
        """A commit's good signature."""

    def reading(self, number: str, blob: str) -> Reading | None:
        """A blob that can be read as a document's text."""

    def file_digest(self, blob: str) -> str | None:
        """A blob's SHA-256."""


class Nothing:
    """Nothing was found yet."""

    def verdict(self, commit_id: str) -> Verified | None:
        return None

    def reading(self, number: str, blob: str) -> Reading | None:
        return None

    def file_digest(self, blob: str) -> str | None:
        return None


NOTHING = Nothing()


def ledger(
    history: History,
    objects: Objects,
    *,
    now: datetime,
    as_of: date | None,
    trust_root: str | None,
    known: Known = NOTHING,
) -> Ledger:
    """What the mainline up to landing day `as_of` (or its end) proves. The whole history is there, or this raises.

    Raises HistoryIncomplete, NoAuthority, TrustRootInvalid, and what reading objects raises.
    """
    walk, kept = _walked(history, objects, now=now, as_of=as_of, trust_root=trust_root, known=known)
    return walk.result(tuple(kept))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What is known at the end of the mainline, and how a sign-off that came next would be judged."""

    ledger: Ledger
    _walk: _Walk

    @property
    def history(self) -> History:
        """The history that was walked."""
        return self._walk.history

    def is_on_mainline(self, commit_id: str) -> bool:
        """Whether it is a mainline commit since the trust root."""
        return commit_id in self._walk.timeline

    def go_on(self, new: History, *, now: datetime) -> Rehearsal | None:
        """What is known at the end of what came after; this one is of no use any more.

        None where it must be found out from the beginning: the mainline no longer goes on from where it ended, or what
        came bears on what was judged before (a time stamp, or a statement that stood in an earlier commit already),
        claims a time that lies ahead, or changes a file's mode alone.
        """
        line = mainline.following(self.ledger.tip, new)
        if line is None or not self._walk.can_go_on(new, now):
            return None
        landings = mainline.landings(line, new, now, after=self.ledger.landings[-1])
        self._walk.go_on(new, landings, now)
        return Rehearsal(self._walk.result((*self.ledger.landings, *landings)), self._walk)

    def judge(self, commit: Commit, *, before_signature: bool) -> SignOff:
        """The verdict on a sign-off as the next commit of the mainline; `before_signature` leaves the signature's rules out."""
        landing = Landing(commit.id, max(day_of(commit.committer.time), self.ledger.landings[-1].day))
        standing = self._walk.standing(len(self.ledger.landings), landing, commit)
        return acceptance.judge(commit, standing, before_signature=before_signature)

    def judge_portable(self, file: PortableFile, moment: datetime, *, before_signature: bool) -> SignOff:
        """The verdict on a portable sign-off as if its files came with the next commit of the mainline."""
        landing = Landing("", max(moment.date(), self.ledger.landings[-1].day))
        tip = self._walk.history.commits[self.ledger.tip]
        standing = self._walk.standing(len(self.ledger.landings), landing, tip)
        return acceptance.judge_portable(file, tip, standing, before_signature=before_signature)

    def fills(self, number: str, sign_off: SignOff) -> bool:
        """Whether one more seat of what main proposes would be filled, others moving to seats that they fill as well."""
        return self._walk.fills(self.ledger.proposals[number], sign_off)

    def anchor(self, token: bytes, commit_id: str) -> Stamped | Refused:
        """The verdict on a time stamp over a mainline commit, if the next commit brought it in."""
        return self._walk.timeline.verdict(token, commit_id, self.ledger.authority)


def rehearsal(
    history: History, objects: Objects, *, now: datetime, trust_root: str | None, known: Known = NOTHING
) -> Rehearsal:
    """A rehearsal at the end of the mainline. Raises what `ledger` raises."""
    walk, kept = _walked(history, objects, now=now, as_of=None, trust_root=trust_root, known=known)
    return Rehearsal(walk.result(tuple(kept)), walk)


def _walked(
    history: History,
    objects: Objects,
    *,
    now: datetime,
    as_of: date | None,
    trust_root: str | None,
    known: Known = NOTHING,
) -> tuple[_Walk, list[Landing]]:
    chain = history.first_parents
    start = mainline.start(chain, history, objects, trust_root)
    mainline.prove_closed(history, start)
    landings = mainline.landings(chain[chain.index(start) :], history, now)
    kept = [landing for landing in landings if as_of is None or landing.day <= as_of]
    walk = _Walk(
        history,
        objects,
        now,
        start,
        is_pinned=trust_root is not None,
        timeline=Timeline(history, objects, kept, now),
        known=known,
    )
    walk.begin(landings[0], trust_root)
    order = mainline.reachable([kept[-1].commit], history, set()) if kept else []
    walk.note_blocks(order)
    walk.note_before(order[: order.index(start)] if kept else [])
    for number, arrived in enumerate(mainline.arrivals(kept, order)):
        walk.land(number, kept[number], [history.commits[each] for each in arrived])
    return walk, kept


@dataclass
class _Walk:
    """The state of the walk; it lives from `begin` to `result` and nobody else sees it."""

    history: History
    objects: Objects
    now: datetime
    trust_root: str
    is_pinned: bool
    timeline: Timeline
    known: Known = NOTHING
    holdings: Holdings = controlled.EMPTY
    periods: list[AuthorityPeriod] = field(default_factory=list)
    ever_in_force: tuple[Authority, ...] = ()
    sign_offs: list[SignOff] = field(default_factory=list)
    not_accepted: list[SignOff] = field(default_factory=list)
    attested: list[SignOff] = field(default_factory=list)
    approvals: dict[str, tuple[Approval, ...]] = field(default_factory=dict)
    approved: dict[str, frozenset[str]] = field(default_factory=dict)
    withdrawals: dict[str, tuple[Withdrawal, ...]] = field(default_factory=dict)
    reviews: dict[str, tuple[PeriodicReview, ...]] = field(default_factory=dict)
    held: dict[str, tuple[Content, ...]] = field(default_factory=dict)
    held_since: dict[str, date] = field(default_factory=dict)
    first_held: dict[Content | str, str] = field(default_factory=dict)
    signed: dict[str, list[SignOff]] = field(default_factory=dict)
    signed_content: dict[tuple[str, str], list[SignOff]] = field(default_factory=dict)
    signed_blobs: set[tuple[str, str]] = field(default_factory=set)
    irregularities: list[Irregularity] = field(default_factory=list)
    catalogues: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blocks: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    counted: dict[bytes, str] = field(default_factory=dict)
    refused: dict[tuple[bytes, str], str] = field(default_factory=dict)
    before_root: dict[bytes, str] = field(default_factory=dict)
    renumbered: dict[tuple[str, str], str] = field(default_factory=dict)
    stated: list[str] = field(default_factory=list)
    in_blocks: int = 0
    proposed: dict[str, Proposal | None] = field(default_factory=dict)
    ill_edited: dict[str, tuple[Irregularity, ...]] = field(default_factory=dict)
    log: RecordLog | None = None

    def __post_init__(self) -> None:
        """Remembers what is read often."""
        self.latest = int((self.now + LEEWAY).timestamp())
        self.digests = Digests(self.objects, self.known.file_digest)
        self._reading: Callable[[str, str], Reading | None] = lru_cache(maxsize=4096)(self._read)
        self.editors = Editors(self.history, self.objects)
        self.files = SignOffFiles(self.objects)
        self._authorities: dict[tuple[File, ...], Authority | UnreadableAuthority] = {}

    def begin(self, landing: Landing, trust_root: str | None) -> None:
        """Reads the authority at the trust root. Raises NoAuthority, TrustRootInvalid."""
        root = controlled.holdings(self.objects, self.history.commits[landing.commit].tree)
        found = self._authority_of(root)
        if not root.authority:
            raise NoAuthority(
                f"the trust root {landing.commit[:12]} holds no authority (no sops/authority/)",
                fix="name the commit that brought in the authority",
            )
        if isinstance(found, UnreadableAuthority):
            name, fault = found.faults[0]
            raise NoAuthority(
                f"the authority at the trust root {landing.commit[:12]} can't be read: {AUTHORITY}{name}, line {fault.line}: {fault.message}",
                fix=fault.fix,
            )
        given = mainline.TRUST_ROOT.fullmatch(trust_root or "")
        wanted = given[2] if given else None
        if wanted and wanted != found.digest:
            raise TrustRootInvalid(
                f"the trust root {landing.commit[:12]} holds another authority than the one that was given",
                fix="compare the digest with the one kept outside the repository",
            )
        self._bring_into_force(AuthorityPeriod(found, 0, landing.day, landing.commit))
        self.files.begin(self.history.commits[landing.commit].tree)

    def land(self, number: int, landing: Landing, arrived: list[Commit]) -> None:
        """Takes in one mainline commit and all that lands with it."""
        commit = self.history.commits[landing.commit]
        before = self.holdings
        changes = self.history.changes.get(commit.id, ()) if number else self._all_of(commit)
        self.holdings = controlled.landed(before, commit.tree, changes)
        self.timeline.land(number, self.periods[-1].authority)
        touched = self._hold(before, landing, changes) if changes else set()
        edited: set[str] = set()
        for each in arrived:
            self._in_the_future(each)
            if number == 0:
                self.editors.note_root(each, self.holdings)
            else:
                edited |= self.editors.note(number, each, self.holdings)
        # what can be taken back comes first, be it a file: a branch that holds both lands as one
        files = self.files.land(number, landing, changes if number else ())
        early = [file for file in files if portable.can_be_taken_back(file)]
        for file in early:
            touched |= self._portable(number, landing, file)
        for each in arrived:
            if each.raw is not None:
                touched |= self._sign_off(number, landing, each)
        for file in files:
            if file not in early:
                touched |= self._portable(number, landing, file)
        if number and commit.has_approvals:
            touched |= self._forge_merge(number, landing, before, sorted(touched))
        is_asked = self.holdings.authority != before.authority or statement.AUTHORITY_SUBJECT in touched
        if is_asked and self._change_authority(number, landing):
            touched = set(self.holdings.documents)
            self.log = None  # who entered a record is looked up in every authority
        for document in sorted(touched):
            self._approve(document, number, landing)
        for document in touched | edited:
            self.proposed.pop(document, None)
            self.ill_edited.pop(document, None)

    def can_go_on(self, new: History, now: datetime) -> bool:
        """Whether what came leaves all that landed before as it was judged, and the clock was not set back."""
        latest = int((now + LEEWAY).timestamp())
        if now < self.now or any(commit.committer.time > latest for commit in new.commits.values()):
            return False
        changes = [change for rows in new.changes.values() for change in rows]
        if any(change.path.startswith(FOLDER_OF_ANCHORS) or _is_about_modes(change) for change in changes):
            return False
        known = self._blocks()
        return not any(_block(commit.raw) in known for commit in new.commits.values() if commit.raw is not None)

    def go_on(self, new: History, landings: list[Landing], now: datetime) -> None:
        """Takes in the mainline commits that came, and all that lands with them."""
        at, self.known = len(self.timeline), NOTHING
        self.now, self.latest = now, int((now + LEEWAY).timestamp())
        self.history = replace(
            self.history, tip=new.tip, commits={**self.history.commits, **new.commits}, changes={**self.history.changes, **new.changes}
        )  # fmt: skip
        self.timeline.go_on(self.history, landings, now)
        self.editors.go_on(self.history, new)
        if any(change.path.startswith(_RECORDS) for rows in new.changes.values() for change in rows):
            self.log = None
        order = mainline.reachable([new.tip], new, set())
        self.stated += [each for each in order if new.commits[each].raw is not None]
        for number, arrived in enumerate(mainline.arrivals(landings, order, at=0), at):
            self.land(number, landings[number - at], [new.commits[each] for each in arrived])

    def note_blocks(self, commit_ids: list[str]) -> None:
        """Notes the statements of all that landed up to the day asked for; what came later is no part of the answer."""
        self.stated = [each for each in commit_ids if self.history.commits[each].raw is not None]
        messages = (raw_commits.message(self.history.commits[each].raw or b"") for each in self.stated)
        self.objects.expect(each.decode("ascii") for message in messages for each in _BLOB.findall(message))

    def note_before(self, commit_ids: list[str]) -> None:
        """Notes the sign-offs that lie before the trust root: none of them counts, nor does another signature under it."""
        for each in commit_ids:
            if (raw := self.history.commits[each].raw) is not None:
                self.before_root[_signed(raw)] = each
        self.files.note_before(change for each in commit_ids for change in self.history.changes.get(each, ()))

    def _copies(self, block: tuple[str, ...]) -> tuple[str, ...]:
        """The commits whose statement has these lines; only who is refused asks, and most histories hold nobody."""
        return self._blocks().get(_digest(block), ())

    def _blocks(self) -> Mapping[bytes, tuple[str, ...]]:
        """The commits of each statement, by its lines."""
        while self.in_blocks < len(self.stated):
            each = self.stated[self.in_blocks]
            noted = _block(self.history.commits[each].raw or b"")
            self.blocks[noted] = (*self.blocks.get(noted, ()), each)
            self.in_blocks += 1
        return self.blocks

    def _in_the_future(self, commit: Commit) -> None:
        if self.latest < commit.committer.time:
            self.irregularities.append(Irregularity("time-in-future", f"commit {commit.id[:12]} claims {commit.committer.moment:%Y-%m-%d %H:%M} UTC, which lies ahead",
                "set the clock of the computer that made it; the next commits count from the day before", commit=commit.id))  # fmt: skip

    def _all_of(self, commit: Commit) -> tuple[Change, ...]:
        """Everything that the trust root holds under sops/, as if it had brought it in."""
        return tuple(
            Change(file.path, None, file.blob, file.mode)
            for file in controlled.every_file(self.objects, commit.tree, "sops")
        )

    def _hold(self, before: Holdings, landing: Landing, changes: tuple[Change, ...]) -> set[str]:
        """Notes what main now holds, and returns the numbers of the documents that changed."""
        paths = [change.path for change in changes if change.path.startswith(controlled.TOP)]
        touched = {owner for path in paths if (owner := controlled.owner_of(path))}
        for number in touched:
            content = self.holdings.content(number)
            if content is not None and content.is_signable and content not in self.held.get(number, ()):
                self.held[number] = (*self.held.get(number, ()), content)
                self.first_held[content] = landing.commit
            self.held_since[number] = landing.day
        for path in paths:
            file = self.holdings.files.get(path)
            if file and path.startswith(STANDARDS) and file.blob not in self.catalogues.get(path, ()):
                self.catalogues[path] = (*self.catalogues.get(path, ()), file.blob)
        if self.holdings.authority != before.authority and (digest := self.digests.authority(self.holdings)):
            self.first_held.setdefault(digest, landing.commit)
        self._renumbered(before, landing, touched)
        return touched

    def _renumbered(self, before: Holdings, landing: Landing, touched: set[str]) -> None:
        """A document that comes back under another number, its old number not withdrawn."""
        gone = [each for each in touched if each in before.documents and each not in self.holdings.documents]
        come = [each for each in touched if each not in before.documents and each in self.holdings.documents]
        for old in gone:
            if old not in self.approvals or self._is_withdrawn(old):
                continue
            was = before.document(old)
            for new in come:
                now = self.holdings.document(new)
                if was and now and was.is_plain and now.is_plain and self._is_same_text(was, now):
                    self.renumbered[old, new] = landing.commit

    def _is_same_text(self, was: File, now: File) -> bool:
        old, new = (documents.read(self.objects, file.path, file.blob) for file in (was, now))
        if not isinstance(old, Document) or not isinstance(new, Document):
            return was.path.partition("-")[2].partition("-")[2] == now.path.partition("-")[2].partition("-")[2]
        return old.body == new.body or old.front_matter.title == new.front_matter.title

    def _sign_off(self, number: int, landing: Landing, commit: Commit) -> set[str]:
        """Judges a sign-off where it lands; an accepted one is filed, a review or withdrawal takes effect."""
        known = self.known.verdict(commit.id)  # asked once: who tells it does not keep it
        standing = self.standing(number, landing, commit)._replace(verdict=lambda _: known)
        sign_off = acceptance.judge(commit, standing)
        sign_off = self._once(
            _signed(commit.raw or b""),
            sign_off,
            lambda: known.key.fingerprint if known else seals.key_on_commit(commit),
        )
        self._file(sign_off)
        return self._take_effect(sign_off) if sign_off.is_accepted else set()

    def _once(self, digest: bytes, sign_off: SignOff, key: Callable[[], str]) -> SignOff:
        """A sign-off, refused where the same bytes, for which `digest` stands, were judged before: from some signatures
        anybody can make a second that is as good, and what was revoked or refused, or a review long past, would count anew.

        What somebody else's key signed, or what does not hold, is no judgement of it: else anybody could bar the real one.
        """
        if not sign_off.is_accepted:
            if sign_off.meaning and (fingerprint := key()):
                self.refused.setdefault((digest, fingerprint), sign_off.commit)
            return sign_off
        why = self._why_again(digest, sign_off)
        fix = f"find out who made the second one; whoever means it anew: {_again(sign_off)}"
        return sign_off._replace(code="rewritten", explanation=why, fix=fix) if why else sign_off

    def _why_again(self, digest: bytes, sign_off: SignOff) -> str:
        """Why an accepted sign-off is one that was judged before; empty where it is the first of its bytes."""
        if before := self.refused.get((digest, sign_off.key or "")):
            return f"the same statement was refused in commit {before[:12]}, and another signature under it makes it no other"
        if old := self.before_root.get(digest):
            return f"it is commit {old[:12]} once more, under another signature, and what lies before the trust root counts no more"
        first = self.counted.setdefault(digest, sign_off.commit)
        if first == sign_off.commit:
            return ""
        return f"it is commit {first[:12]} once more, under another signature, and what was signed counts once"

    def _portable(self, number: int, landing: Landing, file: PortableFile) -> set[str]:
        """Judges a portable sign-off where its files land; a statement that counts already changes nothing."""
        commit = self.history.commits[landing.commit]
        sign_off = acceptance.judge_portable(file, commit, self.standing(number, landing, commit))
        if sign_off.is_accepted and self.files.is_repeated(file):
            return set()
        sign_off = self._once(hashlib.sha256(file.text or b"").digest(), sign_off, lambda: seals.key_on_file(file))
        self._file(sign_off)
        if not sign_off.is_accepted:
            return set()
        self.files.accepted(file)
        return self._take_effect(sign_off)

    def _unfinished(self) -> list[SignOff]:
        """Statements that nobody signed, and signatures of nothing, as refused where they landed."""
        rows = []
        for each in self.files.unfinished():
            commit = self.history.commits[each.landing.commit]
            standing = self.standing(each.number, each.landing, commit)
            rows.append(acceptance.judge_portable(each.file, commit, standing))
        return rows

    def _forge_merge(self, number: int, landing: Landing, before: Holdings, touched: list[str]) -> set[str]:
        """Judges the approvals that a forge wrote into a mainline commit, for each document that it changes."""
        commit = self.history.commits[landing.commit]
        reviewed = self._holdings_at(commit.parents[1]) if len(commit.parents) == 2 else controlled.EMPTY
        merged: list[Merged] = []
        for each in touched:
            content = self.holdings.content(each)
            digest = self.digests.document(content) if content and content != before.content(each) else None
            document = self._reading(each, content.blob) if content and digest else None
            if content and digest and document:
                subject = statement.Subject(each, document.version, content.blob, digest)
                merged.append(Merged(subject, document.type, reviewed.content(each) == content))
        if not merged:
            return set()
        raw = commit._replace(raw=self.objects.commit(commit.id))
        rows = forge.judge(raw, tuple(merged), self.standing(number, landing, commit), self._seating)
        for row in rows:
            self._file(row)
        return {each for row in rows if row.is_accepted for each in self._take_effect(row)}

    def _seating(self, merged: Merged, candidates: tuple[SignOff, ...]) -> tuple[SignOff, ...]:
        """Who would sit where if these sign-offs stood beside those that are there."""
        document = self._reading(merged.subject.id, merged.subject.blob)
        content = self.holdings.content(merged.subject.id)
        if document is None or content is None:
            return ()
        authors = self._authors(document.id, content)
        return self._seats_of(document, merged.subject.digest, authors, candidates)[0]

    def fills(self, proposal: Proposal, sign_off: SignOff) -> bool:
        """Whether a sign-off beside those that are there would fill one more seat of a proposal."""
        document = self._reading(proposal.id, proposal.content.blob)
        if document is None or proposal.digest is None:
            return False
        authors = self._authors(proposal.id, proposal.content)
        filled, _ = self._seats_of(document, proposal.digest, authors, (sign_off,))
        return len(filled) > len(proposal.sign_offs)

    def _holdings_at(self, commit_id: str) -> Holdings:
        """What a commit holds, made from what main holds now."""
        return controlled.holdings(self.objects, self.history.commits[commit_id].tree, since=self.holdings)

    def standing(self, number: int, landing: Landing, commit: Commit) -> Standing:
        """What holds just before a sign-off lands."""
        commits = self.history.commits
        own = controlled.holdings(self.objects, commit.tree, since=self.holdings)
        pending = self._authority_of(own) if own.authority else None
        return Standing(
            landing=number,
            day=landing.day,
            now=self.now,
            authorities=self.ever_in_force,
            parents=tuple([commits[parent] for parent in commit.parents if parent in commits]),
            content=own.content,
            document=self._reading,
            digest=self.digests.document,
            held=lambda document: self.held.get(document, ()),
            effective=lambda document: self._effective_digest(document, landing.day),
            approved=lambda document: self.approved.get(document, frozenset()),
            earlier=lambda document: tuple(self.signed.get(document, ())),
            authority_digest=self.digests.authority(own),
            pending=pending if isinstance(pending, Authority) else None,
            copies=self._copies,
            follows=lambda head: head in mainline.reachable(commit.parents, self.history, set()),
            content_at=lambda head, number: self._holdings_at(head).content(number),
            bracket=self.timeline.bracket(commit, number, self.periods[-1].authority),
            landed=lambda subject: self._landed(subject, landing),
            verdict=self.known.verdict,
        )

    def _landed(self, subject: statement.Subject, landing: Landing) -> datetime | None:
        """The time of the earlier mainline commit that first held what a subject names; one that lies ahead is not used."""
        names: list[Content | str] = [
            each
            for each in self.held.get(subject.id, ())
            if each.blob == subject.blob and self.digests.document(each) == subject.digest
        ]
        found = self.first_held.get(names[0] if names else subject.digest)
        if found is None or found == landing.commit:
            return None
        moment = self.history.commits[found].committer.moment
        return moment if moment <= self.now + LEEWAY else None

    def _file(self, sign_off: SignOff) -> None:
        self.sign_offs.append(sign_off)
        if not sign_off.is_accepted:
            self.not_accepted.append(sign_off)
        elif sign_off.meaning is Meaning.TRAINING:
            self.attested.append(sign_off)

    def _take_effect(self, sign_off: SignOff) -> set[str]:
        for subject in sign_off.subjects:
            self.signed.setdefault(subject.id, []).append(sign_off)
            self.signed_content.setdefault((subject.id, subject.digest), []).append(sign_off)
            self.signed_blobs.add((subject.id, subject.blob))
            if sign_off.meaning is Meaning.WITHDRAW and (signers := self._enough(sign_off, subject)):
                row = Withdrawal(
                    subject.id, subject.digest, sign_off.landing, sign_off.day, signers, sign_off.reason or ""
                )
                self.withdrawals[subject.id] = (*self.withdrawals.get(subject.id, ()), row)
            if sign_off.meaning is Meaning.PERIODIC_REVIEW and (signers := self._enough(sign_off, subject)):
                outcome = sign_off.outcome or Outcome.CONTINUE
                review = PeriodicReview(
                    subject.id, subject.digest, sign_off.landing, sign_off.day, outcome, sign_off.next_review, signers
                )
                self.reviews[subject.id] = (*self.reviews.get(subject.id, ()), review)
        return {subject.id for subject in sign_off.subjects}

    def _enough(self, sign_off: SignOff, subject: statement.Subject) -> tuple[SignOff, ...]:
        """The sign-offs that withdraw or review together; one is enough unless the policy has seats for it."""
        document = self._reading(subject.id, subject.blob)
        assert sign_off.meaning
        asked = self._policy.seats(document.type, sign_off.meaning) if document else ()
        if not asked:
            return (sign_off,)
        done = [each for past in self.withdrawals.get(subject.id, ()) for each in past.sign_offs]
        done += [each for past in self.reviews.get(subject.id, ()) for each in past.sign_offs]
        open_ones = [
            each
            for each in self.signed[subject.id]
            if each.meaning is sign_off.meaning and each.signs(subject.id, subject.digest) and each not in done
        ]
        filled, empty = seats.fill(asked, open_ones, authors=frozenset(), has_unknown_editors=False)
        return filled if not empty else ()

    def _change_authority(self, number: int, landing: Landing) -> bool:
        """Brings an authority into force when its files stand on main and enough admins have signed them."""
        pending = self._pending()
        if pending is None:
            return False
        if isinstance(pending.authority, UnreadableAuthority) or pending.problems:
            return False
        if len(pending.signed_by) < pending.quorum:
            return False
        sign_offs = tuple(each for each in self._authority_sign_offs(pending.digest))
        self._bring_into_force(AuthorityPeriod(pending.authority, number, landing.day, landing.commit, sign_offs))
        return True

    def _bring_into_force(self, period: AuthorityPeriod) -> None:
        self.periods.append(period)
        self.ever_in_force = (*self.ever_in_force, period.authority)

    def _pending(self) -> PendingAuthority | None:
        now = self.periods[-1].authority
        found = self._authority_of(self.holdings)
        if found.digest == now.digest and isinstance(found, Authority):
            return None
        problems = authorities.problems_of_succession(self.ever_in_force, found) if isinstance(found, Authority) else []
        signed_by = tuple(dict.fromkeys(each.signer for each in self._authority_sign_offs(found.digest)))
        return PendingAuthority(found.digest, found, signed_by, now.policy.authority_quorum, tuple(problems))

    def _authority_sign_offs(self, digest: str | None) -> list[SignOff]:
        now = self.periods[-1].authority.digest
        rows = self.signed.get(statement.AUTHORITY_SUBJECT, [])
        since = self.periods[-1].landing
        return [
            each
            for each in rows
            if each.landing > since
            and each.authority == now
            and digest
            and each.signs(statement.AUTHORITY_SUBJECT, digest)
        ]

    def _approve(self, number: str, landing_number: int, landing: Landing) -> None:
        """Brings a version that has all its signatures into the list of approved ones."""
        content = self.holdings.content(number)
        if content is None or (number, content.blob) not in self.signed_blobs:
            return  # as most changes land: nobody has signed this text yet
        digest = self.digests.document(content)
        if digest is None or (number, digest) not in self.signed_content or digest in self.approved.get(number, ()):
            return
        document = self._reading(number, content.blob)
        if document is None:
            return
        seats_asked = self._policy.seats(document.type, Meaning.REVIEW, Meaning.APPROVAL)
        if sum(seat.count for seat in seats_asked) > len(self.signed_content[number, digest]):
            return  # too few have signed, whoever they are
        authors = self._authors(number, content)
        filled, empty = self._seats_of(document, digest, authors)
        if empty or self._obstacles(document):
            return
        path = self.holdings.documents[number][0]
        approval = Approval(number, document.version, document.title, document.type, content, digest, path, document.effective_date,
                            document.review_date, landing_number, landing.day, landing.commit, filled, tuple(sorted(authors.people)))  # fmt: skip
        self.approvals[number] = (*self.approvals.get(number, ()), approval)
        self.approved[number] = self.approved.get(number, frozenset()) | {digest}

    def _obstacles(self, document: Reading) -> tuple[str, ...]:
        """What bars a text from approval whatever is signed."""
        rows: list[str] = []
        highest = max((each.version for each in self.approvals.get(document.id, ())), default=None)
        if highest is not None and document.version <= highest:
            versions = {"version": document.version, "highest": highest}
            rows.append(
                said("version %(version)s is not greater than %(highest)s, which was approved before", **versions)
            )
        if document.type not in self._policy.types:
            rows.append(said("the policy names no type “%(type)s”", type=document.type))
        rows.extend(document.obstacles)
        return tuple(rows)

    def _seats_of(
        self, document: Reading, digest: str, authors: Authors, candidates: tuple[SignOff, ...] = ()
    ) -> tuple[tuple[SignOff, ...], tuple[EmptySeat, ...]]:
        asked = self._policy.seats(document.type, Meaning.REVIEW, Meaning.APPROVAL)
        rows = self.signed_content.get((document.id, digest), [])
        standing = [
            each
            for at, each in enumerate(rows)
            if each.meaning in (Meaning.REVIEW, Meaning.APPROVAL) and not seats.is_revoked(each, rows[at + 1 :])
        ]
        rows_and_more = [*standing, *candidates]
        return seats.fill(asked, rows_and_more, authors=authors.people, has_unknown_editors=bool(authors.unknown))

    def _authors(self, number: str, content: Content) -> Authors:
        """Who wrote this version: since the last approved one, and whoever brought in the same content before."""
        before = self.approvals.get(number, ())
        since = next((each.landing for each in reversed(before) if each.content != content), -1)
        return self.editors.authors(number, content, since=since, periods=self.periods)

    def result(self, landings: tuple[Landing, ...]) -> Ledger:
        """All that was found, with what main holds unapproved."""
        numbers = sorted(self.holdings.documents)
        for number in numbers:
            if number not in self.proposed:
                self.proposed[number] = self._proposal(number)
                self.ill_edited[number] = tuple(self._ill_edited(number))
        edits = chain.from_iterable(self.ill_edited[number] for number in numbers)
        if self.log is None:
            self.log = record_log.read(self.history, self.objects, landings, self.periods)
        unfinished = self._unfinished()
        return Ledger(
            trust_root=self.trust_root,
            is_pinned=self.is_pinned,
            now=self.now,
            landings=landings,
            authorities=tuple(self.periods),
            pending=self._pending() if landings else None,
            root=self.history.commits[landings[-1].commit].tree if landings else "",
            holdings=self.holdings,
            sign_offs=_by_landing(self.sign_offs, unfinished),
            approvals=self.approvals,
            withdrawals=self.withdrawals,
            reviews=self.reviews,
            proposals={number: row for number in numbers if (row := self.proposed[number])},
            irregularities=(*self.irregularities, *self._renumberings(), *edits, *self.timeline.irregularities()),
            catalogue_history=self.catalogues,
            held=self.held,
            anchors=self.timeline.anchors,
            record_log=self.log,
            refused=_by_landing(self.not_accepted, unfinished),
            attested=tuple(self.attested),
        )

    def _proposal(self, number: str) -> Proposal | None:
        """What main holds of a document, unless it is the approved content of the latest approval."""
        content = self.holdings.content(number)
        if content is None or any(each.content == content for each in self.approvals.get(number, ())[-1:]):
            return None
        file = self.holdings.document(number)
        assert file
        digest = self.digests.document(content)
        document = documents.read(self.objects, file.path, content.blob) if file.is_plain else _no_text(file.path)
        authors = self._authors(number, content)
        filled: tuple[SignOff, ...] = ()
        empty: tuple[EmptySeat, ...] = ()
        obstacles: tuple[str, ...] = (said("it can't be read"),)
        if isinstance(document, Document):
            reading = readings.of(document, self.objects.blob(content.blob))
            obstacles = self._obstacles(reading)
            filled, empty = self._seats_of(reading, digest or "", authors)
        if digest is None:
            odd = said("a file of it is no plain file, is over 64 MiB, or has a name that could deceive")
            obstacles = (*obstacles, odd)
        return Proposal(
            number,
            file.path,
            content,
            digest,
            document,
            empty,
            obstacles,
            tuple(sorted(authors.people)),
            authors.unknown,
            self.held_since[number],
            filled,
        )

    def _renumberings(self) -> Iterator[Irregularity]:
        """Documents that go by another number still: the old one is neither back nor withdrawn."""
        for (old, new), commit in self.renumbered.items():
            if old not in self.holdings.documents and not self._is_withdrawn(old):
                now = self.holdings.document(new)
                yield Irregularity("id-changed", f"{old} was given the new number {new}",
                    f"give it back the number {old}, or withdraw {old} and name it under `supersedes`", new, now.path if now else None, 1 if now else None, commit)  # fmt: skip

    def _ill_edited(self, number: str) -> Iterator[Irregularity]:
        """Edits of what main holds that nobody known made, or that lack the signature the policy asked for."""
        content = self.holdings.content(number)
        if content is None:
            return
        path = self.holdings.documents[number][0]
        for email in self._authors(number, content).unknown:
            yield Irregularity("unknown-editor", f"{number} was edited by <{email}>, whom the authority does not list",
                "have the admins list the editor in people.yaml (`roles: []` is enough): to write the change again would not take the first edit out of the history", number, path, 1)  # fmt: skip
        since = max((each.landing for each in self.approvals.get(number, ()) if each.content != content), default=0)
        for commit, asked in self.editors.unsigned(number, since=since, periods=self.periods):
            yield Irregularity("edit-unsigned", f"{number} was edited in commit {commit.id[:12]} without its author's signature{', or that of a forge' * (asked is Assurance.FORGE)}",
                "sign what you edit (git config --global commit.gpgSign true); this commit is named until its version is approved and the next one is begun", number, path, 1, commit.id)  # fmt: skip

    @property
    def _policy(self) -> authorities.Policy:
        return self.periods[-1].authority.policy

    def _is_withdrawn(self, number: str) -> bool:
        withdrawals, approvals = self.withdrawals.get(number, ()), self.approvals.get(number, ())
        return bool(withdrawals) and (not approvals or approvals[-1].landing < withdrawals[-1].landing)

    def _effective_digest(self, number: str, day: date) -> str | None:
        found = in_force(self.approvals.get(number, ()), self.withdrawals.get(number, ()), day)
        return found.digest if found else None

    def _read(self, number: str, blob: str) -> Reading | None:
        return self.known.reading(number, blob) or readings.read(self.objects, number, blob)

    def _authority_of(self, holdings: Holdings) -> Authority | UnreadableAuthority:
        files = holdings.authority
        if files not in self._authorities:
            digest = self.digests.authority(holdings)
            texts = {file.path.removeprefix(AUTHORITY): self.objects.blob(file.blob) for file in files if file.is_plain}
            self._authorities[files] = authorities.read(digest, texts)
        return self._authorities[files]


def _is_about_modes(change: Change) -> bool:
    """Whether nothing but the mode changed, or to one that git never writes: git shows such modes as others."""
    return change.old_blob == change.new_blob or change.mode not in _MODES


def _by_landing(sign_offs: list[SignOff], more: list[SignOff]) -> tuple[SignOff, ...]:
    """Sign-offs that are in the order of their landings, and more that need not be."""
    return tuple(sorted([*sign_offs, *more], key=lambda each: each.landing) if more else sign_offs)


def _again(sign_off: SignOff) -> str:
    return SIGN_PORTABLE_AGAIN if sign_off.evidence else SIGN_AGAIN


def _block(raw: bytes) -> bytes:
    """What stands for the lines of a commit's statement."""
    return _digest(statement.block(raw_commits.message(raw)))


def _signed(raw: bytes) -> bytes:
    """What stands for the bytes that a commit's signature covers."""
    return hashlib.sha256(raw_commits.signed_bytes(raw)).digest()


def _digest(block: tuple[str, ...]) -> bytes:
    """What stands for a statement's lines: they are many, and only asked whether they came twice."""
    return hashlib.sha256("\n".join(block).encode("utf-8", "surrogatepass")).digest()


def _no_text(path: str) -> Unreadable:
    fault = Fault(1, "this is a link or a submodule, and no text", "commit the file itself in its place")
    return Unreadable(path, "not-a-plain-file", (fault,))
