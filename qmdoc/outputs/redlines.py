"""A redline for people: as a fragment of a page and for a terminal. Changed numbers come first.

What is inserted is underlined, what is deleted is struck, and both are said in words that only a screen reader speaks:
nothing rests on colour. Between an old and a new word there is always a gap, so that two numbers never read as one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from markupsafe import Markup, escape

from qmdoc.model import UNPRINTABLE
from qmdoc.outputs.languages import ENGLISH, Language
from qmdoc.outputs.redline_text import Head, is_now, says, tag, target, text, was
from qmdoc.redline import Change, Kind, NumberChange, Part, Redline, Run, Side, Word, WordKind
from qmdoc.redline.nouns import Sized
from qmdoc.redline.places import plain
from qmdoc.saying import Said, said

__all__ = ["Head", "html", "numbers_html", "page", "text", "words_html"]

_PAGE = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; color: #1a1a1a; background: #fff; }
@media not print { @media (prefers-color-scheme: dark) { body { color: #e8e8e8; background: #15181b; } } }
"""
_MARKED = re.compile(r"<say>(.*?)</say>")
_HEADS = (said("Was"), said("Is now"), said("Unit"), said("What"), said("Section"))
_NUMBERS_CHANGED = said("Numbers changed")
_ALSO_CHANGED = said("Also changed")
_BELOW = said("In the text below,")
_UNDERLINED = said("what is new is underlined")
_AND = said("and")
_STRUCK = said("what is gone is struck through")
_INSERTED = said("inserted:")
_DELETED = said("deleted:")
_END = said("(end)")
_TABLE = said("Table")


def html(redline: Redline, *, level: int = 3, language: Language = ENGLISH) -> str:
    """The redline as an escaped fragment of a page; `level` is the heading level for the text's own headings."""
    parts = [
        '<div class="qm-redline">\n',
        *_numbers_html(redline.numbers),
        *_beside_html(redline),
        *(_text_html(redline, level) if redline.body.change is not Change.SAME else [_said_html(redline)]),
        "</div>\n",
    ]
    return _told("".join(parts), language)


def numbers_html(redline: Redline) -> str:
    """The table of changed numbers alone; empty where none has."""
    return _told("".join(_numbers_html(redline.numbers)), ENGLISH)


def page(redline: Redline, head: Head, *, style: str, sized: Sized | None = None) -> str:
    """A page of its own, with its style in it."""
    reasons = "".join(f"<li>{_safe(f'{reason.size}: {reason}')}</li>\n" for reason in sized.reasons) if sized else ""
    why = f"<h2>How much changed: {sized.size}</h2>\n<ul>\n{reasons}</ul>\n" if sized and reasons else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(str(head))}</title>\n<style>\n{_PAGE}{style}</style>\n</head>\n<body>\n<main>\n<h1>{_safe(head.number)} {_safe(head.title)}</h1>\n"
        f"<p>What changed from {_safe(head.old)} to {_safe(head.new)}. Uncontrolled when printed.</p>\n{html(redline)}{why}</main>\n</body>\n</html>\n"
    )


def _said_html(redline: Redline) -> str:
    return f"<p>{_word(says(redline))}</p>\n"


def _numbers_html(numbers: tuple[NumberChange, ...]) -> Iterator[str]:
    if not numbers:
        return
    heads = "".join(f'<th scope="col">{_word(head)}</th>' for head in _HEADS)
    yield f'{_wide(_NUMBERS_CHANGED)}<table class="qm-redline-numbers">\n<caption>{_word(_NUMBERS_CHANGED)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
    for each in numbers:
        cells = (was(each), is_now(each), each.unit, each.subject, each.section)
        marks = ("qm-was" if each.was else "qm-none", "qm-is" if each.is_ else "qm-none", "", "", "")
        row = "".join(
            f'<td class="{mark}">{_word(cell) if mark == "qm-none" else _safe(cell)}</td>'
            if mark
            else f"<td>{_word(cell) if isinstance(cell, Said) else _safe(cell)}</td>"
            for cell, mark in zip(cells, marks, strict=True)
        )
        yield f"<tr>{row}</tr>\n"
    yield "</tbody>\n</table></div>\n"


def _beside_html(redline: Redline) -> Iterator[str]:
    """What changed beside the text: keys and attachments."""
    none, absent = said("none"), said("not there")
    rows = [
        (
            said(each.name.replace("_", " ")),
            _safe(each.was) if each.was else _word(none),
            _safe(each.is_) if each.is_ else _word(none),
        )
        for each in redline.fields
    ]
    rows += [
        (said("attachment %(name)s", name=each.name), _safe(_digest(each.was)) if each.was else _word(absent), _safe(_digest(each.is_)) if each.is_ else _word(absent))
        for each in redline.attachments
    ]  # fmt: skip
    if rows:
        yield f'{_wide(_ALSO_CHANGED)}<table class="qm-redline-also">\n<caption>{_word(_ALSO_CHANGED)}</caption>\n<thead><tr><th scope="col">{_word(_HEADS[3])}</th><th scope="col">{_word(_HEADS[0])}</th><th scope="col">{_word(_HEADS[1])}</th></tr></thead>\n<tbody>\n'
        for name, old, new in rows:
            yield f'<tr><th scope="row">{_word(name)}</th><td>{old}</td><td>{new}</td></tr>\n'
        yield "</tbody>\n</table></div>\n"


def _text_html(redline: Redline, level: int) -> Iterator[str]:
    yield f'<p class="qm-redline-key">{_word(_BELOW)} <ins>{_word(_UNDERLINED)}</ins> {_word(_AND)} <del>{_word(_STRUCK)}</del>.</p>\n'
    for child in redline.body.children:
        yield from _part(child, level)


def _part(part: Part, level: int) -> Iterator[str]:
    if part.change is Change.MOVED_AWAY and part.kind is not Kind.ROW:
        yield _away(part)
    elif part.kind is Kind.TABLE:
        yield from _table(part, level)
    elif part.kind is Kind.RULE:
        yield '<hr class="qm-rule">\n'
    elif part.kind is Kind.LIST:
        yield "".join(['<ul class="qm-redline-list">\n', *_below(part, level), "</ul>\n"])
    else:
        before, after = _around(part, level)
        yield f"{before}{_tag(part)}{_number(part)}{_runs_html(part.runs)}"
        yield from _below(part, level)
        yield after


def _below(part: Part, level: int) -> Iterator[str]:
    for child in part.children:
        yield from _part(child, level)


def _around(part: Part, level: int) -> tuple[str, str]:
    """The tags around a part that is neither list nor table."""
    mark = _mark(part)
    if part.kind is Kind.HEADING:
        tag = f"h{max(1, min(6, level + int(part.name) - 2))}"
        return f"<{tag}{mark}>", f"</{tag}>\n"
    if part.kind is Kind.ITEM:
        return f"<li{mark}>", "</li>\n"
    if part.kind is Kind.BOX:
        return f'<div class="qm-redline-box qm-box-{_safe(part.name)}">{_box_title(part)}', "</div>\n"
    if part.kind in (Kind.QUOTE, Kind.FIGURE, Kind.FORMULA, Kind.CODE, Kind.OTHER):
        return f'<div class="qm-redline-{part.kind}">', "</div>\n"
    return f"<p{mark}>", "</p>\n"


def _mark(part: Part) -> str:
    return f' class="qm-{part.change.replace(" ", "-")}"' if part.change not in (Change.SAME, Change.CHANGED) else ""


def _box_title(part: Part) -> str:
    if part.change is Change.CHANGED and part.name_old != part.name_new:
        return (
            f'<p class="qm-redline-title">{_del(_word(part.name_old.title()))} {_ins(_word(part.name_new.title()))}</p>'
        )
    return f'<p class="qm-redline-title">{_word(part.name.title())}</p>'


def _tag(part: Part) -> str:
    """Words beside a part that came, went, moved, or has another number."""
    words = tag(part)
    return f'<span class="qm-redline-tag">{_word(words)}</span> ' if words else ""


def _away(part: Part) -> str:
    """The old place of what was moved: it is not told twice."""
    name = "li" if part.kind is Kind.ITEM else "p"
    words = plain(part.every_word(Side.OLD))
    shown = words if len(words) <= 60 else f"{words[:59]}…"
    return f'<{name} class="qm-moved-away">{_tag(part)}{_number(part)}{_del(_safe(shown))}</{name}>\n'


def _number(part: Part) -> str:
    return f'<span class="qm-redline-step">{_safe(part.name)}.</span> ' if part.kind is Kind.ITEM and part.name else ""


def _table(part: Part, level: int) -> Iterator[str]:
    yield f"<p>{_tag(part)}</p>\n" if tag(part) else ""
    yield f"{_wide(_TABLE)}<table>\n"
    head = [row for row in part.children if row.name == "head"]
    if head:
        yield "".join(["<thead>\n", *(_row(row, level) for row in head), "</thead>\n"])
    yield "".join(["<tbody>\n", *(_row(row, level) for row in part.children if row.name != "head"), "</tbody>\n"])
    yield "</table></div>\n"


def _row(row: Part, level: int) -> str:
    said_first, is_first = _tag(row), True
    cells = []
    for cell in row.children:
        name = 'th scope="col"' if row.name == "head" else "td"
        inside = _runs_html(cell.runs) + "".join(_below(cell, level))
        cells.append(f"<{name}{_mark(cell)}>{said_first if is_first else ''}{inside}</{name.split()[0]}>")
        is_first = False
    return f"<tr{_mark(row)}>{''.join(cells)}</tr>\n"


def words_html(runs: Iterable[Run]) -> str:
    """Runs of words, each with its fate."""
    return _told(_runs_html(runs), ENGLISH)


def _runs_html(runs: Iterable[Run]) -> str:
    text, is_after_change = "", False
    for run in runs:
        words, is_change = _words(run), run.change in (Change.INSERTED, Change.DELETED)
        if not words:
            continue
        gap = " " if text and (run.words[0].is_apart or (is_change and is_after_change)) else ""
        written = {Change.INSERTED: _ins, Change.DELETED: _del, Change.RESTYLED: _restyled}.get(run.change, str)(words)
        text, is_after_change = f"{text}{gap}{written}", is_change
    return text


def _words(run: Run) -> str:
    """The words of a run; where a link leads is told where that changed."""
    text, is_told = "", run.change in (Change.INSERTED, Change.DELETED)
    for word in run.words:
        if word.kind in (WordKind.TARGET, WordKind.CLAUSE):
            written = f'<span class="qm-redline-target">{_word(target(word))}</span>' if is_told else ""
        else:
            written = _styled(word)
        if written:
            text += f" {written}" if word.is_apart and text else written
    return text


def _styled(word: Word) -> str:
    styles = set(word.style.replace("|", "+").split("+"))
    written = str(_safe(word.text))
    for name in ("code", "em", "strong"):
        written = f"<{name}>{written}</{name}>" if name in styles else written
    return written


def _ins(text: str) -> str:
    return f'<ins><span class="qm-spoken">{_word(_INSERTED)} </span>{text}<span class="qm-spoken"> {_word(_END)} </span></ins>'


def _del(text: str) -> str:
    return f'<del><span class="qm-spoken">{_word(_DELETED)} </span>{text}<span class="qm-spoken"> {_word(_END)} </span></del>'


def _restyled(text: str) -> str:
    return f'<span class="qm-restyled">{text}</span>'


def _wide(label: str) -> str:
    return f'<div class="qm-redline-wide" role="region" aria-label="{_word(label)}" tabindex="0">'


def _word(words: str) -> str:
    """Words of qmdoc's own, marked until the language is known: no text can make this mark, its `<` is escaped."""
    told = words if isinstance(words, Said) else said(words.replace("%", "%%"))
    return f"<say>{escape(json.dumps(_marked(told)))}</say>"


def _marked(told: Said) -> list[object]:
    """A message with its values, in which there may be messages again."""
    values = {
        name: _marked(value) if isinstance(value, Said) else UNPRINTABLE.sub("\ufffd", str(value))
        for name, value in told.values.items()
    }
    return [told.message, values]


def _told(marked: str, language: Language) -> str:
    """What was marked, in the language."""

    def words(found: re.Match[str]) -> str:
        return str(escape(told(json.loads(unescape(found[1])))))

    def told(value: Any) -> str:  # Any: of JSON, a text or a message with its values
        if isinstance(value, str):
            return value
        message, values = value
        return language.word(message) % {name: told(each) for name, each in values.items()}

    return _MARKED.sub(words, marked)


def _digest(digest: str) -> str:
    return digest[:12]


def _safe(text: str) -> Markup:
    return escape(UNPRINTABLE.sub("\ufffd", text))
