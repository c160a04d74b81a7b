"""A redline for people: as a fragment of a page and for a terminal. Changed numbers come first.

What is inserted is underlined, what is deleted is struck, and both are said in words that only a screen reader speaks:
nothing rests on colour. Between an old and a new word there is always a gap, so that two numbers never read as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from qmdoc.model import UNPRINTABLE
from qmdoc.redline import Change, Kind, NumberChange, Part, Redline, Run, Side, Word, WordKind

NOTHING = "No word and no number has changed."
LAYOUT_ONLY = "No word and no number that a reader sees has changed: only the layout of the source."
NOT_STATED, NO_LONGER = "not stated", "no longer stated"
_HEADS = ("Was", "Is now", "Unit", "What", "Section")
_TAGS = {
    Kind.ITEM: ("new step", "step removed"),
    Kind.ROW: ("new row", "row removed"),
    Kind.BOX: ("new box", "box removed"),
    Kind.TABLE: ("new table", "table removed"),
    Kind.FIGURE: ("new picture", "picture removed"),
}


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


def was(change: NumberChange) -> str:
    """What a number was, or that it was not there."""
    return change.was or NOT_STATED


def is_now(change: NumberChange) -> str:
    """What a number is now, or that it is gone."""
    return change.is_ or NO_LONGER


def _said_html(redline: Redline) -> str:
    return f"<p>{_safe(LAYOUT_ONLY if redline.is_layout_only else NOTHING)}</p>\n"


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
    words = ""
    if part.change is Change.MOVED_HERE:
        words = f"moved here, was {part.elsewhere}"
    elif part.is_renumbered:
        words = f"was step {part.name_old}"
    elif part.kind in _TAGS and part.change in (Change.INSERTED, Change.DELETED):
        words = _TAGS[part.kind][part.change is Change.DELETED]
    return f'<span class="qm-redline-tag">{_safe(words)}</span> ' if words else ""


def _away(part: Part) -> str:
    """The old place of what was moved: it is not told twice."""
    tag = "li" if part.kind is Kind.ITEM else "p"
    words = _plain(part.every_word(Side.OLD))
    shown = words if len(words) <= 60 else f"{words[:59]}…"
    return f'<{tag} class="qm-moved-away"><span class="qm-redline-tag">moved to {_safe(part.elsewhere)}</span> {_number(part)}{_del(_safe(shown))}</{tag}>\n'


def _number(part: Part) -> str:
    return f'<span class="qm-redline-step">{_safe(part.name)}.</span> ' if part.kind is Kind.ITEM and part.name else ""


def _table(part: Part, level: int) -> Iterator[str]:
    tag = _tag(part)
    yield f"<p>{tag}</p>\n" if tag else ""
    yield f"{_wide('Table')}<table>\n"
    head = [row for row in part.children if row.name == "head"]
    if head:
        yield "".join(["<thead>\n", *(_row(row, level) for row in head), "</thead>\n"])
    yield "".join(["<tbody>\n", *(_row(row, level) for row in part.children if row.name != "head"), "</tbody>\n"])
    yield "</table></div>\n"


def _row(row: Part, level: int) -> str:
    tag, is_first = _tag(row), True
    if row.change is Change.MOVED_AWAY:
        tag = f'<span class="qm-redline-tag">moved to {_safe(row.elsewhere)}</span> '
    cells = []
    for cell in row.children:
        name = 'th scope="col"' if row.name == "head" else "td"
        inside = words_html(cell.runs) + "".join(_below(cell, level))
        cells.append(f"<{name}{_mark(cell)}>{tag if is_first else ''}{inside}</{name.split()[0]}>")
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
            written = f'<span class="qm-redline-target">{_safe(_target(word))}</span>' if is_told else ""
        else:
            written = _styled(word)
        if written:
            text += f" {written}" if word.is_apart and text else written
    return text


def _target(word: Word) -> str:
    if word.kind is WordKind.CLAUSE:
        return f"[clause {word.text}]"
    return f"[picture {word.text}]" if word.style == "picture" else f"[link to {word.text}]"


def _styled(word: Word) -> str:
    styles = set(word.style.replace("|", "+").split("+"))
    text = str(_safe(word.text))
    for tag in ("code", "em", "strong"):
        text = f"<{tag}>{text}</{tag}>" if tag in styles else text
    return text


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


def _plain(words: Iterable[Word]) -> str:
    text = ""
    for word in words:
        if word.kind not in (WordKind.TARGET, WordKind.CLAUSE):
            text += f" {word.text}" if word.is_apart and text else word.text
    return text


def _safe(text: str) -> Markup:
    return escape(UNPRINTABLE.sub("\ufffd", text))
