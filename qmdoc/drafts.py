"""The work tree's text, judged as if it were to be signed now: for writers and pull requests (DESIGN.md §3.5).

No history and no sign-offs are read. Every readable document stands as if approved today, so that the same checks that
judge the register judge the draft; nothing that a signature or the past would prove is claimed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time

from qmdoc import checks, controlled, documents, register
from qmdoc.controlled import AUTHORITY, Digests, Holdings
from qmdoc.documents import Document, FrontMatter
from qmdoc.ledger import Approval, AuthorityPeriod, Landing, Ledger
from qmdoc.model import Finding, Meaning, TreeEntry
from qmdoc.register import Audit
from qmdoc.remembered import Texts
from qmdoc.signing import authority as authorities
from qmdoc.signing.authority import Authority, DocumentType, Person, Policy, Seat, UnreadableAuthority

_NOBODY = "work-tree"
# Only history knows these: a signed review may have moved on a day that the front matter still shows.
_NEED_HISTORY = frozenset({"review-overdue", "review-due-soon"})


class FilesOnDisk:
    """A work tree's files as git objects in memory: trees and blobs by id, so that the same code reads both."""

    def __init__(self, files: Mapping[str, tuple[str, bytes]]) -> None:
        """`files` has, for each path from the top, its mode and content."""
        self._blobs: dict[str, bytes] = {}
        self._trees: dict[str, tuple[TreeEntry, ...]] = {}
        self.root = self._tree({path: (mode, self._blob(content)) for path, (mode, content) in files.items()})

    def tree(self, tree_id: str) -> tuple[TreeEntry, ...]:
        """The rows of a tree."""
        return self._trees[tree_id]

    def blob(self, blob_id: str) -> bytes:
        """The content of a file."""
        return self._blobs[blob_id]

    def commit(self, commit_id: str) -> bytes:
        """A work tree has none."""
        raise KeyError(commit_id)

    def expect(self, blob_ids: Iterable[str]) -> None:
        """Everything is at hand."""

    def _blob(self, content: bytes) -> str:
        name = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        self._blobs[name] = content
        return name

    def _tree(self, files: Mapping[str, tuple[str, str]]) -> str:
        here: list[TreeEntry] = []
        below: dict[str, dict[str, tuple[str, str]]] = {}
        for path, (mode, blob) in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = (mode, blob)
            else:
                here.append(TreeEntry(mode, first.encode("utf-8", "surrogateescape"), blob))
        here.extend(
            TreeEntry("040000", name.encode("utf-8", "surrogateescape"), self._tree(inside))
            for name, inside in below.items()
        )
        name = hashlib.sha1(repr(sorted(here)).encode()).hexdigest()
        self._trees[name] = tuple(sorted(here, key=lambda entry: entry.name))
        return name


def judge(files: Mapping[str, tuple[str, bytes]], *, today: date, is_strict: bool, texts: Texts | None = None) -> Audit:
    """What the checks say of a work tree's files; `texts` may know what is in them."""
    disk = FilesOnDisk(files)
    holdings = controlled.holdings(disk, disk.root)
    found = _authority(holdings, disk)
    moment = datetime.combine(today, time(12), UTC)
    ledger = _ledger(holdings, disk, found, moment)
    on_day = replace(register.on(today, ledger=ledger, objects=disk), texts=texts or Texts())
    findings = checks.run(on_day, is_strict=is_strict)
    has_authority = bool(holdings.under(AUTHORITY))
    unknowable = _NEED_HISTORY if has_authority else _NEED_HISTORY | checks.ABOUT_THE_AUTHORITY
    kept = tuple(each for each in findings if each.check not in unknowable)
    return Audit(
        on_day, kept + (_unreadable(found) if isinstance(found, UnreadableAuthority) and has_authority else ())
    )


def _ledger(holdings: Holdings, disk: FilesOnDisk, found: Authority | UnreadableAuthority, moment: datetime) -> Ledger:
    digests = Digests(disk)
    approvals: dict[str, tuple[Approval, ...]] = {}
    named: list[FrontMatter] = []
    for number in sorted(holdings.documents):
        content, file = holdings.content(number), holdings.document(number)
        document = documents.parse(file.path, disk.blob(file.blob)) if file else None
        if not content or not file or not isinstance(document, Document):
            continue
        named.append(document.front_matter)
        digest = digests.document(content) or ""
        approvals[number] = (Approval(number, document.version, document.title, document.type, content, digest, file.path, None, document.review_date,
                                      0, moment.date(), "", (), ()),)  # fmt: skip
    authority = found if isinstance(found, Authority) else _neutral(named)
    return Ledger(
        trust_root="",
        is_pinned=True,
        now=moment,
        landings=(Landing("", moment.date()),),
        authorities=(AuthorityPeriod(authority, 0, moment.date(), ""),),
        pending=None,
        root=disk.root,
        holdings=holdings,
        sign_offs=(),
        approvals=approvals,
        withdrawals={},
        reviews={},
        proposals={},
        irregularities=(),
        catalogue_history={},
    )


def _authority(holdings: Holdings, disk: FilesOnDisk) -> Authority | UnreadableAuthority:
    files = {
        file.path.removeprefix(AUTHORITY): disk.blob(file.blob) for file in holdings.under(AUTHORITY) if file.is_plain
    }
    return authorities.read(Digests(disk).authority(holdings), files)


def _neutral(named: list[FrontMatter]) -> Authority:
    """Stands in where a library has no authority yet: it knows every owner, type, site and programme that is named."""
    roles = tuple(sorted({each.owner for each in named if each.owner})) or (_NOBODY,)
    policy = Policy(
        programme="Work tree without an authority",
        sites={site: site for each in named for site in each.sites},
        programmes={programme: programme for each in named for programme in each.programmes},
        types={each.type: DocumentType(review_months=240) for each in named if each.type}
        or {"sop": DocumentType(review_months=240)},
        standards=(),
        sign_off={"default": tuple(Seat(role=role, meaning=Meaning.APPROVAL) for role in roles)},
    )
    return Authority("", policy, {_NOBODY: Person(name="Nobody", roles=roles)})


def _unreadable(found: UnreadableAuthority) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "authority-unreadable",
            checks.ids()["authority-unreadable"],
            f"the authority can't be read: {fault.message}",
            fault.fix,
            path=f"{AUTHORITY}{name}",
            line=fault.line,
        )
        for name, fault in found.faults
    )
