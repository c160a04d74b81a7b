"""A redline for people: as a fragment of a page and for a terminal. Changed numbers come first.

What is inserted is underlined, what is deleted is struck, and both are said in words that only a screen reader speaks:
nothing rests on colour. Between an old and a new word there is always a gap, so that two numbers never read as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from qmdoc.model import UNPRINTABLE
from qmdoc.outputs.redline_text import Head, is_now, said, tag, target, text, was
from qmdoc.redline import Change, Kind, NumberChange, Part, Redline, Run, Side, Word, WordKind
from qmdoc.redline.nouns import Sized
from qmdoc.redline.places import plain

__all__ = ["Head", "html", "numbers_html", "page", "text", "words_html"]

_PAGE = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; color: #1a1a1a; background: #fff; }
@media not print { @media (prefers-color-scheme: dark) { body { color: #e8e8e8; background: #15181b; } } }
"""
_HEADS = ("Was", "Is now", "Unit", "What", "Section")


def html(redline: Redline, *, level: int = 3) -> str:
    """The redline as an escaped fragment of a page; `level` is the heading level for the text's own headings."""
    parts = [
        '<div class="qm-redline">\n',
        *_numbers_html(redline.numbers),
        *_beside_html(redline),
        *(_text_html(redline, level) if redline.body.change is not Change.SAME else [_said_html(redline)]),
        "</div>\n",
    ]
    return "".join(parts)


def numbers_html(redline: Redline) -> str:
    """The table of changed numbers alone; empty where none has."""
    return "".join(_numbers_html(redline.numbers))


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
    return f"<p>{_safe(said(redline))}</p>\n"


def _numbers_html(numbers: tuple[NumberChange, ...]) -> Iterator[str]:
    if not numbers:
        return
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    yield f'{_wide("Numbers changed")}<table class="qm-redline-numbers">\n<caption>Numbers changed</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
    for each in numbers:
        cells = (was(each), is_now(each), each.unit, each.subject, each.section)
        marks = ("qm-was" if each.was else "qm-none", "qm-is" if each.is_ else "qm-none", "", "", "")
        row = "".join(
            f'<td class="{mark}">{_safe(cell)}</td>' if mark else f"<td>{_safe(cell)}</td>"
            for cell, mark in zip(cells, marks, strict=True)
        )
        yield f"<tr>{row}</tr>\n"
    yield "</tbody>\n</table></div>\n"


def _beside_html(redline: Redline) -> Iterator[str]:
    """What changed beside the text: keys and attachments."""
    rows = [(each.name.replace("_", " "), each.was or "none", each.is_ or "none") for each in redline.fields]
    rows += [
        (f"attachment {each.name}", _digest(each.was) or "not there", _digest(each.is_) or "not there")
        for each in redline.attachments
    ]
    if rows:
        yield f'{_wide("Also changed")}<table class="qm-redline-also">\n<caption>Also changed</caption>\n<thead><tr><th scope="col">What</th><th scope="col">Was</th><th scope="col">Is now</th></tr></thead>\n<tbody>\n'
        for name, old, new in rows:
            yield f'<tr><th scope="row">{_safe(name)}</th><td>{_safe(old)}</td><td>{_safe(new)}</td></tr>\n'
        yield "</tbody>\n</table></div>\n"


def _text_html(redline: Redline, level: int) -> Iterator[str]:
    yield '<p class="qm-redline-key">In the text below, <ins>what is new is underlined</ins> and <del>what is gone is struck through</del>.</p>\n'
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
        yield f"{before}{_tag(part)}{_number(part)}{words_html(part.runs)}"
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
            f'<p class="qm-redline-title">{_del(_safe(part.name_old.title()))} {_ins(_safe(part.name_new.title()))}</p>'
        )
    return f'<p class="qm-redline-title">{_safe(part.name.title())}</p>'


def _tag(part: Part) -> str:
    """Words beside a part that came, went, moved, or has another number."""
    words = tag(part)
    return f'<span class="qm-redline-tag">{_safe(words)}</span> ' if words else ""


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
    yield f"{_wide('Table')}<table>\n"
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
        inside = words_html(cell.runs) + "".join(_below(cell, level))
        cells.append(f"<{name}{_mark(cell)}>{said_first if is_first else ''}{inside}</{name.split()[0]}>")
        is_first = False
    return f"<tr{_mark(row)}>{''.join(cells)}</tr>\n"


def words_html(runs: Iterable[Run]) -> str:
    """Runs of words, each with its fate."""
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
            written = f'<span class="qm-redline-target">{_safe(target(word))}</span>' if is_told else ""
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
    return f'<ins><span class="qm-spoken">inserted: </span>{text}<span class="qm-spoken"> (end) </span></ins>'


def _del(text: str) -> str:
    return f'<del><span class="qm-spoken">deleted: </span>{text}<span class="qm-spoken"> (end) </span></del>'


def _restyled(text: str) -> str:
    return f'<span class="qm-restyled">{text}</span>'


def _wide(label: str) -> str:
    return f'<div class="qm-redline-wide" role="region" aria-label="{label}" tabindex="0">'


def _digest(digest: str) -> str:
    return digest[:12]


def _safe(text: str) -> Markup:
    return escape(UNPRINTABLE.sub("\ufffd", text))
