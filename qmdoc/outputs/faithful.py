"""Whether each page of a built manual shows its document's text: asked after Sphinx, before the manual takes its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from qmdoc import fidelity, markup
from qmdoc.documents import Document
from qmdoc.errors import OutputFailed
from qmdoc.fidelity import page as fidelity_page
from qmdoc.outputs import pdf
from qmdoc.outputs.languages import ENGLISH, Language
from qmdoc.outputs.manual_pages import ahead, document, source
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.register import Audit

_FIX = "the manual before stays as it was; tell the makers of qmdoc, with the line that is named"


def approved(audit: Audit, blob: Callable[[str], bytes]) -> dict[str, str]:
    """The approved text of each document in force, and of each version ahead, by the name of its page."""
    states = audit.register.states
    in_force = {document.name_of(state.id): state.text for state in audit.register.in_force}
    coming = {each.page: each.text for state in states if state.ahead for each in ahead.of(state, blob)}
    return {page: text.body for page, text in (in_force | coming).items() if text}


def differences(
    staged: Mapping[str, bytes],
    built: Callable[[str], str],
    texts: Mapping[str, str] | None = None,
    *,
    known: Collection[str] = (),
) -> Iterator[str]:
    """Each difference between a document and its page, in a sentence that names document, line, section and values.

    `staged` is the source that Sphinx was given, `built` tells a page's HTML by its name, and `texts` are the texts that
    must be shown, by page; without them (a draft) the staged texts are. `known` names pages that were made of the same
    text, and compared with it, before.
    """
    described = source.read(staged[source.NAME])
    pages = {page.name: page for page in described.pages if page.number and page.path}
    for name in sorted(set(texts or ()) - set(pages)):
        yield f"{name}: approved, and without a page"
    for name, page in pages.items():
        if name in known:
            continue
        given = staged[f"{name}.md"].decode()
        yield from (
            f"{page.number} {each}"
            for each in _of_page(page, given, (texts or {}).get(name, given), built(name), described.say)
        )


def on_paper(
    audit: Audit, printed: Mapping[str, bytes], language: Language = ENGLISH, *, known: Collection[str] = ()
) -> Iterator[str]:
    """Each difference between a document in force and the sheets of its PDF; `printed` are the PDFs by file name.

    `known` names those whose bytes were compared with the same text before.
    """
    for state in audit.register.in_force:
        if state.text is None or state.effective is None:
            continue
        name = pdf.name(state.id, state.effective.version)
        if name in known:
            continue
        yield from of_print(state.id, state.text, printed[name], language)


def of_print(number: str, text: Document, printed: bytes, language: Language = ENGLISH) -> Iterator[str]:
    """Each difference between a text and the sheets of its PDF."""
    from qmdoc.outputs.pdf import reading

    safe = markup.neutralised(text.body)
    line_of = _lines(text.body, safe) if safe != text.body else None
    for difference in fidelity.pdf(_labelled(fidelity.expected(safe, 1), language.word), reading.pages(printed)):
        at = line_of[min(difference.line, len(line_of)) - 1] if line_of else difference.line
        yield f"{number} ({text.path}), its PDF: {difference.at(at + text.body_line - 1)}"


def refuse(found: Iterator[str]) -> None:
    """Raises OutputFailed with the first difference and the number of the others."""
    sentences = list(found)
    if not sentences:
        return
    more = f" (and {len(sentences) - 1} more)" if len(sentences) > 1 else ""
    raise OutputFailed(
        f"the manual was not built, as a page would not show what was approved: {sentences[0]}{more}", fix=_FIX
    )


def _of_page(page: Page, given: str, text: str, built: str, say: Callable[[str], str]) -> Iterator[str]:
    safe = given if given == text else markup.neutralised(text)
    if given != safe:
        yield f"({page.path}): another text was staged than the approved one"
        return
    line_of = _lines(text, safe) if safe != text else None
    for difference in fidelity.differences(_labelled(fidelity.expected(safe, 1), say), fidelity_page.read(built)):
        at = line_of[min(difference.line, len(line_of)) - 1] if line_of else difference.line
        yield str(difference.at(at + page.first_line - 1))


def _labelled(facts: Sequence[fidelity.Fact], say: Callable[[str], str]) -> list[fidelity.Fact]:
    """What a text says, with the labels of its boxes (Warning) in the language of the output: nobody wrote or signed them."""
    return [replace(fact, text=say(fact.text)) if fact.kind is fidelity.Kind.LABEL else fact for fact in facts]


def _lines(text: str, safe: str) -> list[int]:
    """For each line of a text that was made harmless, which line of the text it is: only fences were put between."""
    lines = [markup.without_controls(line) for line in text.split("\n")]
    found, at = [], 0
    for line in safe.split("\n"):
        found.append(min(at, len(lines) - 1) + 1)
        at += at < len(lines) and line == lines[at]
    return found
