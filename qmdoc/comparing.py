"""What changed between two versions of a document, asked by a person: approved ones, or the text being written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from qmdoc import audit, controlled, documents, git, place, redline, shipped, work_tree
from qmdoc.audit import Request
from qmdoc.documents import Document, Unreadable, id_in_name
from qmdoc.errors import ConfigError
from qmdoc.ledger import Approval
from qmdoc.outputs.redline_text import Head
from qmdoc.redline import Edition, Redline
from qmdoc.redline.nouns import Sized
from qmdoc.register import Register, State

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which document, from which version, to which one or to the draft; None for what is plain."""

    number: str
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed, how much, and how to head it; `name` is a file's name for it, without a suffix."""

    redline: Redline
    head: Head
    sized: Sized
    day: date
    name: str


def compare(request: Request, asked: Asked) -> Compared:
    """What changed between two versions. Raises ConfigError where there are no two."""
    with git.Repository(place.find(request.repository), request.environment) as repository:
        register = audit.register_on(repository, request)
        state = _state(register, asked.number)
        new = None if asked.new == DRAFT else _new(state, asked)
        old = _old(state, asked, new)
        edition = _edition(repository, new) if new else _draft(repository, state)
        made = redline.between(_edition(repository, old), edition)
    roles = {role for person in register.authority.people.values() for role in person.roles}
    label = _label(new, state) if new else f"the draft in the work tree ({edition.document.version})"
    head = Head(state.id, edition.document.title, _label(old, state), label)
    name = f"{state.id}-{old.version}-{new.version if new else DRAFT}"
    return Compared(made, head, redline.size(made, roles=sorted(roles)), register.as_of, name)


def style() -> str:
    """The style sheet for a redline that stands alone."""
    return shipped.presentation()["templates/manual/redline.css"].decode()


def _state(register: Register, number: str) -> State:
    known = {state.id: state for state in register.states}
    if number not in known:
        near = get_close_matches(number.upper(), known, 1, 0.6)
        raise ConfigError(
            f"no document has the number `{number}`",
            fix=f"did you mean {near[0]}?" if near else "take a number from `qmdoc check`",
        )
    if not known[number].approvals:
        raise ConfigError(
            f"no version of {number} was ever approved, so there is none to compare with", fix="have it signed first"
        )
    return known[number]


def _new(state: State, asked: Asked) -> Approval:
    if asked.new is not None:
        return _version(state, asked.new)
    if state.effective is None:
        raise ConfigError(f"no version of {state.id} is in force", fix=f"name two versions: {_listed(state)}")
    return state.effective


def _old(state: State, asked: Asked, new: Approval | None) -> Approval:
    """The version named, else the one before; for a draft the one in force."""
    if asked.old is None and new is None:
        return state.effective or state.approvals[-1]
    if asked.old is not None:
        old = _version(state, asked.old)
        if new is not None and old.version == new.version:
            raise ConfigError(f"{state.id} {old.version} is compared with itself", fix=f"name two of {_listed(state)}")
        return old
    assert new is not None
    earlier = [approval for approval in state.approvals if approval.version < new.version]
    if not earlier:
        only = "the only approved version" if len(state.approvals) == 1 else "the first approved version"
        raise ConfigError(
            f"{state.id} {new.version} is {only}, so nothing came before it",
            fix=f"write `qmdoc diff {state.id} {new.version} {DRAFT}` for what is being written",
        )
    return max(earlier, key=lambda approval: approval.version)


def _version(state: State, written: str) -> Approval:
    """The approved version of that number; the latest, should two have it."""
    found = [approval for approval in state.approvals if str(approval.version) == written]
    if not found:
        raise ConfigError(
            f"{state.id} has no approved version `{written}`",
            fix=f"there are {_listed(state)}, and `{DRAFT}` as the new one",
        )
    return found[-1]


def _listed(state: State) -> str:
    return ", ".join(str(approval.version) for approval in state.approvals)


def _label(approval: Approval, state: State) -> str:
    until = next((period.until for period in state.history if period.approval is approval), None)
    standing = "in force" if approval is state.effective else f"until {until}" if until else "not in force"
    return (
        f"version {approval.version} ({standing}, since {approval.since})"
        if approval is state.effective
        else f"version {approval.version} ({standing})"
    )


def _edition(repository: git.Repository, approval: Approval) -> Edition:
    content = approval.content
    found = documents.read(repository, approval.path, content.blob)
    return Edition(_readable(found), {name: blob for name, blob in content.names if name != "."})


def _draft(repository: git.Repository, state: State) -> Edition:
    """The text in the work tree, with its attachments as they lie there."""
    files = work_tree.files(repository.top, "sops")
    path = next((each for each in sorted(files) if each.endswith(".md") and id_in_name(each) == state.id), None)
    if path is None:
        raise ConfigError(f"the work tree holds no text of {state.id}", fix="name two approved versions instead")
    folder = f"{controlled.attachments_folder(path)}/"
    attachments = {
        name.removeprefix(folder): work_tree.blob_id(content, state.approvals[-1].content.blob)
        for name, (_, content) in files.items()
        if name.startswith(folder)
    }
    return Edition(_readable(documents.parse(path, files[path][1])), attachments)


def _readable(found: Document | Unreadable) -> Document:
    if isinstance(found, Unreadable):
        fault = found.faults[0]
        raise ConfigError(f"{found.path}, line {fault.line}: {fault.message}", fix=fault.fix)
    return found
