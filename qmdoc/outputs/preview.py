"""What a change proposes, for those who review it: draft pages with redlines, and a summary for the forge's comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from qmdoc import markup
from qmdoc.documents import Document, Unreadable
from qmdoc.model import Finding
from qmdoc.outputs import redline_text, redlines
from qmdoc.outputs.languages import ENGLISH, Language
from qmdoc.outputs.manual_pages import document, source, wording
from qmdoc.outputs.manual_pages.source import Page, Source
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.proposed import Asked, Change, Proposed
from qmdoc.saying import said

TITLE = said("Proposed change")
_SPECIAL = re.compile(r"^[#+\-=>]|(?<=^\d)[.)]|[\\`*_\[\]<|~&$]")
_CALLS = re.compile(r"[@#](?=\w)")
_LISTED = 20
_REASONS = 5


def pages(change: Change, *, templates: Mapping[str, str], language: Language = ENGLISH) -> dict[str, bytes]:
    """The source of the preview: home, and a page for each document that the change would leave behind."""
    used = Templates(templates, {"owner": lambda word: wording.plain(word) if word else said("not named")}, language)
    readable = [each for each in change.documents if isinstance(each.new, Document)]
    made = Source(
        programme=language.text(said("%(programme)s: proposed change", programme=change.programme)),
        as_of=str(change.as_of),
        commit=change.head,
        is_draft=True,
        language=language.code,
        words=language.words,
        pages=used.spoken((
            Page(
                source.HOME, TITLE, said("Home"), "",
                used.render("preview-home.html", source.HOME, change=change, pages={each.id: document.name_of(each.id) for each in readable},
                            unreadable=[each for each in change.documents if isinstance(each.new, Unreadable)]),
            ),
            *(_page(each, used) for each in readable),
        )),
        numbers={each.id: document.name_of(each.id) for each in readable},
    )  # fmt: skip
    attached = {
        document.attachment(each.id, name): content for each in readable for name, content in each.attachments.items()
    }
    return {**attached, **made.files(), **used.theme()}


def summary(change: Change) -> str:
    """The change in Markdown, as a comment under a pull request; nothing in it that a text says is markup there."""
    return "\n".join(_summary(change)) + "\n"


def _page(proposed: Proposed, templates: Templates) -> Page:
    new = proposed.new
    assert isinstance(new, Document)
    name = document.name_of(proposed.id)
    told = {"each": proposed, "text": new}
    redline = redlines.html(proposed.redline, language=templates.language) if proposed.redline else ""
    return Page(
        name=name,
        title=f"{new.id} {new.title}",
        label=f"{new.id} {new.title}",
        above=templates.render("draft-document.html", name, text=new) + templates.render("preview-document.html", name, redline=redline, **told),
        text=markup.neutralised(new.body),
        number=new.id,
        path=new.path,
        first_line=new.body_line,
    )  # fmt: skip


def _summary(change: Change) -> Iterator[str]:
    count = len(change.documents)
    yield f"## {count} {'document' if count == 1 else 'documents'} would change"
    yield ""
    yield f"Compared with what is in force on {change.as_of} at `{change.base[:12]}`; proposed by `{change.head[:12]}`. Nothing here is approved."
    for each in change.documents[:_LISTED]:
        yield ""
        yield from _document(each)
    if count > _LISTED:
        yield ""
        yield f"And {count - _LISTED} more: see the preview."
    if change.authority_signatures:
        yield ""
        yield f"**The authority changes** (people or policy): {change.authority_signatures} administrators must sign it with `qmdoc sign @authority`."
    if change.others:
        yield ""
        yield "Other files under control: " + ", ".join(_plain(path) for path in change.others[:_LISTED])
    yield from _findings("New findings", change.findings)
    yield from _findings("No longer found", change.mended)


def _document(each: Proposed) -> Iterator[str]:
    if each.new is None:
        yield f"### {each.id} {_plain(each.title)}: taken away"
        yield ""
        yield (
            "- A document in force is withdrawn by signature, not by deleting its file: `qmdoc sign "
            + each.id
            + " --meaning withdraw`"
        )
        return
    if isinstance(each.new, Unreadable):
        yield f"### {each.id}: can't be read"
        yield ""
        for fault in each.new.faults:
            yield f"- line {fault.line}: {_plain(fault.message)}; {_plain(fault.fix)}"
        return
    was = f"{each.old.version} → " if each.old else "new, "
    yield f"### {each.id} {_plain(each.title)}: {was}{each.new.version}"
    yield ""
    if each.not_printed:
        yield f"- **It can't be printed**, and no manual could be made of it: {_plain(each.not_printed)}"
    if each.new.front_matter.change_summary:
        yield f"- Said by its author: {_plain(each.new.front_matter.change_summary)}"
    if each.redline and each.redline.numbers:
        yield ""
        yield "| number was | is now | unit | what | section |"
        yield "|---|---|---|---|---|"
        for number in each.redline.numbers[:_LISTED]:
            cells = (redline_text.was(number), redline_text.is_now(number), number.unit, number.subject, number.section)
            yield f"| {' | '.join(_plain(cell) for cell in cells)} |"
        if len(each.redline.numbers) > _LISTED:
            yield f"| and {len(each.redline.numbers) - _LISTED} more | see the preview | | | |"
        yield ""
    if each.sized:
        yield (
            f"- Size of the change: **{each.sized.size}**"
            + "".join(f"; {_plain(str(reason))}" for reason in each.sized.reasons[:_REASONS])
            + (f"; and {len(each.sized.reasons) - _REASONS} more" if each.sized.reasons[_REASONS:] else "")
        )
    yield from (f"- Needs: {_asked(asked)}" for asked in each.asked)
    if each.reading:
        kind, within = each.reading.training.kind, each.reading.training.within
        people = f"{each.reading.people} {'person' if each.reading.people == 1 else 'people'}"
        yield f"- Training: {people} ({_plain(', '.join(map(wording.plain, each.reading.training.roles)))}), {_plain(kind)}, within {within} days of approval"
    elif each.new.front_matter.training:
        yield "- Training: nobody is asked again"
    if each.unknown:
        yield f"- Edited by {_plain(', '.join(each.unknown))}, whom the authority does not list"


def _asked(asked: Asked) -> str:
    role = _plain(wording.plain(asked.seat.role))
    who = ", ".join(_plain(name) for name in asked.could_sign) or "**nobody could**"
    barred = f"; not by {', '.join(_plain(name) for name in asked.others)}, who wrote it" if asked.others else ""
    many = f"{asked.seat.count} × " if asked.seat.count > 1 else ""
    return f"{many}{asked.seat.meaning} by {role} ({who}{barred})"


def _findings(title: str, findings: tuple[Finding, ...]) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield f"### {title}"
    yield ""
    for each in findings[:_LISTED]:
        place = ":".join(str(part) for part in (each.path, each.line) if part)
        yield f"- {each.severity} `{each.check}` {_plain(place)}: {_plain(each.message)}"
    if len(findings) > _LISTED:
        yield f"- and {len(findings) - _LISTED} more"


def _plain(text: str) -> str:
    """A text as it is, in Markdown that makes nothing of it: neither markup nor a mention nor a link."""
    words = _SPECIAL.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
    return _CALLS.sub(lambda found: f"{found[0]}\u200b", words).replace("\\<", "&lt;")
