"""The use cases: the only place that joins the rooms, and the only one that writes outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from qmdoc import checks, collector, drafts, meanwhile, place, presentation, register, shipped, walk, work_tree
from qmdoc import git as git_room
from qmdoc.checks import Judged
from qmdoc.controlled import Digests
from qmdoc.errors import TrustRootInvalid
from qmdoc.ledger import Ledger
from qmdoc.model import History, Objects, Restyling, WorkTreeFile
from qmdoc.register import Audit, Drawn, Register
from qmdoc.remembered import Texts
from qmdoc.walk import Rehearsal
from qmdoc.work_tree import Copies


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: which repository, for which day, trusting what; the clock is read once, at the door.

    `descends_from` is a commit, kept by hand, that must still stand on the mainline. So must the commit in `last`, where
    the trust root beside it is still the same: else another programme came to lie in the same place. `texts` may know
    what is in texts that an earlier audit read. `revision` is the end of the mainline. What the audit finds out is kept
    in `known`, so that a later one can go on from it.
    """

    repository: Path
    now: datetime
    environment: Mapping[str, str]
    as_of: date | None = None
    trust_root: str | None = None
    descends_from: str | None = None
    last: tuple[str, str] | None = None
    is_strict: bool = False
    texts: Texts | None = None
    revision: str = "HEAD"
    known: Known | None = None


@dataclass
class Known:
    """What an audit found out, as far as a later one in the same process can go on from it.

    `repository` is the one that was read; it is read on where it was opened before.
    """

    repository: git_room.Repository | None = None
    stage: Rehearsal | None = None
    drawn: Drawn = field(default_factory=Drawn)
    judged: Judged = field(default_factory=Judged)
    copies: Copies = field(default_factory=Copies)
    texts: Texts = field(default_factory=Texts)


def audit(request: Request) -> Audit:
    """Audits a repository. Raises QmdocError where the work could not be done."""
    with git_room.Repository(place.find(request.repository), request.environment) as repository:
        return read(repository, request)


def check_draft(request: Request) -> Audit:
    """Judges the work tree's texts as if they were to be signed now; no history is read, and no git is run."""
    files = work_tree.files(place.find(request.repository), "sops")
    return drafts.judge(files, today=request.now.date(), is_strict=request.is_strict, texts=request.texts)


def read(repository: git_room.Repository, request: Request) -> Audit:
    """Audits a repository that is open."""
    ledger, history = _proved(repository, request)
    with collector.without_what_is_there():
        return _judged(repository, request, ledger, history)


def go_on(request: Request, tip: str) -> Audit | None:
    """Audits what came since the audit that `request.known` is of, `tip` being what HEAD names.

    None where that can't be told without going through all of it again (`walk.Rehearsal.go_on`); `known` is of no use
    then. Raises what `read` raises.
    """
    known = request.known
    if known is None or known.stage is None or known.repository is None or request.as_of is not None:
        return None
    repository, stage = known.repository, known.stage
    known.stage = None  # an error half-way leaves nothing to go on from
    with collector.paused():
        further = stage.go_on(repository.after(stage.history, tip), now=request.now)
        if further is None:
            return None
        last = None if request.last and further.is_on_mainline(request.last[0]) else request.last
        found = _judged(repository, replace(request, last=last), further.ledger, further.history)
    known.stage = further
    return found


def _judged(repository: git_room.Repository, request: Request, ledger: Ledger, history: History) -> Audit:
    day, known = request.as_of or request.now.date(), request.known or Known()
    known.texts = request.texts or known.texts
    on_disk: tuple[WorkTreeFile, ...] = ()
    if ledger.tip == history.tip and request.revision == "HEAD":
        controlled_files = (*ledger.holdings.files.values(), *presentation.committed(ledger, repository))
        on_disk = work_tree.differences(repository.top, controlled_files, known.copies)
    kept = [request.descends_from] if request.descends_from is not None else []
    kept += [tip for tip, root in [request.last] if root == ledger.trust_root] if request.last else []
    lost = next((each for each in kept if _is_lost(each, history)), None)
    on_day = register.on(day, ledger=ledger, objects=repository, work_tree=on_disk, lost_tip=lost, drawn=known.drawn)
    on_day = replace(on_day, restyling=_restyling(ledger, repository), texts=known.texts)
    return Audit(on_day, checks.run(on_day, is_strict=request.is_strict, judged=known.judged))


def register_of(request: Request) -> Register:
    """The register of a repository, for those who need no findings. Raises QmdocError where the work could not be done."""
    with git_room.Repository(place.find(request.repository), request.environment) as repository:
        return register_on(repository, request)


def register_on(repository: git_room.Repository, request: Request) -> Register:
    """The register of a repository that is open: nothing of its texts is judged."""
    ledger, _ = _proved(repository, request)
    return register.on(request.as_of or request.now.date(), ledger=ledger, objects=repository)


def _proved(repository: git_room.Repository, request: Request) -> tuple[Ledger, History]:
    """What history proves, and the history: nothing of it is believed before every object has been hashed."""
    root = trust_root(request)
    with collector.paused():
        history = repository.compared(request.revision)
        return _walked(repository, request, history, root), history


def _walked(repository: git_room.Repository, request: Request, history: History, root: str | None) -> Ledger:
    with meanwhile.hands(repository, request.environment, history) as hands:
        if request.known and request.as_of is None:
            stage = walk.rehearsal(history, repository, now=request.now, trust_root=root, known=hands)
            ledger = stage.ledger
        else:
            stage = None
            ledger = walk.ledger(
                history, repository, now=request.now, as_of=request.as_of, trust_root=root, known=hands
            )
        hands.finish()
    if request.known:
        request.known.repository, request.known.stage = repository, stage
    return ledger


def trust_root(request: Request) -> str | None:
    """The trust root, given from outside the repository: the option, the environment, or the user's own git settings."""
    given = request.trust_root or request.environment.get("QMDOC_TRUST_ROOT")
    return given or git_room.user_settings(request.environment).trust_root


def _restyling(ledger: Ledger, objects: Objects) -> Restyling | None:
    """Whether any of these is another than qmdoc ships."""
    files = [file for file in presentation.committed(ledger, objects) if file.is_plain]
    if not files:
        return None
    ours = shipped.presentation()
    own = tuple(file.path for file in files if ours.get(file.path) != objects.blob(file.blob))
    return Restyling(own, Digests(objects).of_files(files)) if own else None


def _is_lost(commit: str, history: History) -> bool:
    """Whether a commit that was once the mainline's end has left it."""
    if len(commit) != len(history.tip) or any(character not in "0123456789abcdef" for character in commit):
        raise TrustRootInvalid(
            f"`{commit}` is no full commit id",
            fix=f"give all {len(history.tip)} digits, as the last audit printed them",
        )
    return commit not in history.first_parents
