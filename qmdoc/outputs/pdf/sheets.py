"""What the sheets of a document in force tell besides its text: number, version, dates, approvals, revisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

from qmdoc import documents
from qmdoc.documents import Document
from qmdoc.errors import OutputFailed
from qmdoc.model import Status
from qmdoc.outputs.languages import ENGLISH, Language
from qmdoc.outputs.manual_pages import reaching, wording
from qmdoc.outputs.pdf.blocks import Source
from qmdoc.register import Period, Register, State
from qmdoc.saying import said

DIGITS = 12  # of a digest, as the manual's pages show it


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the control block."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval in words."""

    name: str
    role: str
    meaning: str
    time: str
    assurance: str


@dataclass(frozen=True, slots=True)
class Revised:
    """A version that was in force, and what it changed."""

    version: str
    since: str
    until: str
    summary: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document's sheets; `digest` has 12 letters, `qr` is what the square on each sheet says.

    `path` and `first_line` say where the text lies, for messages; `watermark` stands across each sheet.
    """

    number: str
    title: str
    version: str
    since: str
    digest: str
    source: Source
    path: str
    first_line: int
    fields: tuple[Field, ...] = ()
    approvals: tuple[Approved, ...] = ()
    revisions: tuple[Revised, ...] = ()
    banners: tuple[str, ...] = ()
    qr: str = ""
    watermark: str = ""

    def where(self, words: str = "") -> str:
        """The document and its file, for messages, with the first line on which the words stand, if one has them."""
        lines = self.source.body.split("\n") if words else []
        at = next((number for number, line in enumerate(lines, self.first_line) if words in line), None)
        return f"{self.number} ({self.path})" if at is None else f"{self.number} ({self.path}, line {at})"

    def value(self) -> dict[str, object]:
        """As the template reads it, but for the text, the square and the files."""
        plain = ("number", "title", "version", "since", "digest", "watermark", "banners")
        lists = {name: [asdict(each) for each in getattr(self, name)] for name in ("fields", "approvals", "revisions")}
        return {name: getattr(self, name) for name in plain} | lists


def of(state: State, register: Register, blob: Callable[[str], bytes], language: Language = ENGLISH) -> Sheet:
    """The sheets of a document in force. Raises OutputFailed where its approved text can't be read."""
    approval, text = state.effective, state.text
    if approval is None or text is None:
        raise OutputFailed(f"the approved text of {state.id} can't be read")
    attached = {name: blob(content) for name, content in approval.content.names if name != "."}
    digest = approval.digest[:DIGITS]
    return Sheet(
        number=state.id,
        title=text.title,
        version=str(approval.version),
        since=str(approval.since),
        digest=digest,
        source=Source(state.id, text.body, register.texts.read(text.body, text.body_line), attached),
        path=text.path,
        first_line=text.body_line,
        fields=tuple(
            Field(language.text(each.name), language.text(each.value)) for each in _fields(state, text, register)
        ),
        approvals=tuple(
            Approved(
                each.name,
                language.text(wording.plain(each.role)),
                language.text(wording.MEANING[each.meaning]) if each.meaning else "",
                wording.moment(each.time),
                language.text(wording.ASSURANCE[each.assurance])
                + (f" ({each.attested_by})" if each.attested_by else ""),
            )
            for each in approval.sign_offs
        ),
        revisions=tuple(_revised(period, blob, language) for period in reversed(state.history)),
        banners=tuple(language.text(each) for each in _banners(state)),
        qr=reaching.written(state, approval, register),
    )


def proposed(
    text: Document, attachments: Mapping[str, bytes], register: Register, language: Language = ENGLISH
) -> Sheet:
    """The sheets of a text that nobody approved: to learn whether they could be printed, and for nobody to read."""
    summary = text.front_matter.change_summary or said("not said")
    owner = wording.owner(text.owner, register.authority)
    return Sheet(
        number=text.id,
        title=text.title,
        version=str(text.version),
        since=str(register.as_of),
        digest="-" * DIGITS,
        source=Source(text.id, text.body, register.texts.read(text.body, text.body_line), attachments),
        path=text.path,
        first_line=text.body_line,
        fields=(Field(language.text(said("Owner")), language.text(owner)),),
        revisions=(Revised(str(text.version), str(register.as_of), "", language.text(summary)),),
        qr=text.id,
        watermark=language.text(said("Draft")),
    )


def _fields(state: State, text: Document, register: Register) -> Iterator[Field]:
    assert state.effective
    policy = register.authority.policy
    front = text.front_matter
    yield Field(said("Number"), state.id)
    yield Field(said("Version"), str(state.effective.version))
    yield Field(said("In force since"), str(state.effective.since))
    yield Field(said("Next review"), str(state.review.due) if state.review else said("not set"))
    yield Field(said("Owner"), wording.owner(text.owner, register.authority))
    yield Field(said("Type"), wording.plain(text.type))
    yield Field(
        said("Programmes"), ", ".join(policy.programmes.get(name, name) for name in front.programmes) or said("All")
    )
    yield Field(said("Sites"), ", ".join(policy.sites.get(name, name) for name in front.sites) or said("All"))
    if state.next:
        yield Field(
            said("Next version"),
            said(
                "%(version)s, approved, in force from %(since)s",
                version=state.next.version,
                since=state.next.since,
            ),
        )


def _banners(state: State) -> Iterator[str]:
    if state.status is Status.REVIEW_OVERDUE and state.review:
        yield said(
            "Periodic review overdue. This document was to be reviewed by %(day)s. It stays in force until it is reviewed, changed or withdrawn; ask its owner if you doubt it.",
            day=state.review.due,
        )
    if state.review and (decided := state.review.open_outcome):
        yield said(
            "Change decided. The periodic review of %(day)s decided that this document %(outcome)s. It stays in force until then.",
            day=decided.day,
            outcome=wording.OUTCOME[decided.outcome],
        )


def _revised(period: Period, blob: Callable[[str], bytes], language: Language) -> Revised:
    found = documents.parse(period.approval.path, blob(period.approval.content.blob))
    summary = found.front_matter.change_summary if isinstance(found, Document) else None
    until = str(period.until) if period.until else said("in force")
    return Revised(
        str(period.version), str(period.since), language.text(until), language.text(summary or said("not said"))
    )
