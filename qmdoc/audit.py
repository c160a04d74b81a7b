"""The use cases: the only place that joins the rooms, and the only one that writes outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from qmdoc import checks, collector, drafts, meanwhile, place, presentation, register, shipped, walk, work_tree
from qmdoc import git as git_room
from qmdoc.controlled import Digests
from qmdoc.errors import TrustRootInvalid
from qmdoc.ledger import Ledger
from qmdoc.model import File, History, Objects, Restyling, WorkTreeFile
from qmdoc.register import Audit, Register
from qmdoc.remembered import Texts


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: which repository, for which day, trusting what; the clock is read once, at the door.

    `descends_from` is a commit, kept by hand, that must still stand on the mainline. So must the commit in `last`, where
    the trust root beside it is still the same: else another programme came to lie in the same place. `texts` may know
    what is in texts that an earlier audit read. `revision` is the end of the mainline.
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


def _judged(repository: git_room.Repository, request: Request, ledger: Ledger, history: History) -> Audit:
    day = request.as_of or request.now.date()
    on_disk: tuple[WorkTreeFile, ...] = ()
    if ledger.tip == history.tip and request.revision == "HEAD":
        on_disk = work_tree.differences(repository.top, _controlled_files(ledger, repository))
    kept = [request.descends_from] if request.descends_from is not None else []
    kept += [tip for tip, root in [request.last] if root == ledger.trust_root] if request.last else []
    lost = next((each for each in kept if _is_lost(each, history)), None)
    on_day = register.on(day, ledger=ledger, objects=repository, work_tree=on_disk, lost_tip=lost)
    on_day = replace(on_day, restyling=_restyling(ledger, repository), texts=request.texts or Texts())
    return Audit(on_day, checks.run(on_day, is_strict=request.is_strict))


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
        ledger = walk.ledger(history, repository, now=request.now, as_of=request.as_of, trust_root=root, known=hands)
        hands.finish()
    return ledger


def trust_root(request: Request) -> str | None:
    """The trust root, given from outside the repository: the option, the environment, or the user's own git settings."""
    given = request.trust_root or request.environment.get("QMDOC_TRUST_ROOT")
    return given or git_room.user_settings(request.environment).trust_root


def _controlled_files(ledger: Ledger, objects: Objects) -> list[File]:
    """What the manual is made of: everything under sops/, the templates, and Sphinx's configuration."""
    return [*sorted(ledger.holdings.files.values()), *presentation.committed(ledger, objects)]


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
