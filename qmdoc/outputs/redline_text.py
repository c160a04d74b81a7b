"""A redline for the terminal: `[-was-] {+is+}`; changed numbers first, and of the text only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qmdoc.model import UNPRINTABLE
from qmdoc.redline import Change, Kind, NumberChange, Part, Redline, Run, Side, Word, WordKind
from qmdoc.redline.nouns import Sized
from qmdoc.redline.places import plain
from qmdoc.saying import Said, said

NOTHING = said("No word and no number has changed.")
LAYOUT_ONLY = said("No word and no number that a reader sees has changed: only the layout of the source.")
HIDDEN_NUMBER = said("A number changed in the source where no page shows it: compare the two files.")
NOT_STATED, NO_LONGER = said("not stated"), said("no longer stated")
_OMITTED = "  ..."
_CAME_OR_WENT: dict[str, dict[Change, Said]] = {
    Kind.ITEM: {Change.INSERTED: said("new step"), Change.DELETED: said("step removed")},
    "point": {Change.INSERTED: said("new point"), Change.DELETED: said("point removed")},
    Kind.ROW: {Change.INSERTED: said("new row"), Change.DELETED: said("row removed")},
    Kind.BOX: {Change.INSERTED: said("new box"), Change.DELETED: said("box removed")},
    Kind.TABLE: {Change.INSERTED: said("new table"), Change.DELETED: said("table removed")},
    Kind.FIGURE: {Change.INSERTED: said("new picture"), Change.DELETED: said("picture removed")},
}


@dataclass(frozen=True, slots=True)
class Head:
    """Whose two versions are compared, in words: `1.0` and `2.0`, or `draft`."""

    number: str
    title: str
    old: str
    new: str

    def __str__(self) -> str:
        """In one line."""
        return f"{self.number} {self.title}: what changed from {self.old} to {self.new}"


def text(redline: Redline, head: Head | None = None, sized: Sized | None = None) -> str:
    """The redline as text; `sized` says how much it changes."""
    lines = [*([str(head), ""] if head else []), *_numbers(redline.numbers), *_beside(redline)]
    if sized and sized.reasons:
        lines += [f"This is a {sized.size} change:", *(f"  {reason.size}: {reason}" for reason in sized.reasons), ""]
    lines += [says(redline)] if redline.body.change is Change.SAME else _body(redline.body.children)
    return UNPRINTABLE.sub("\ufffd", "\n".join(lines) + "\n")


def says(redline: Redline) -> str:
    """What to say of a redline without a changed word."""
    if redline.is_hidden_number:
        return HIDDEN_NUMBER
    return LAYOUT_ONLY if redline.is_layout_only else NOTHING


def was(change: NumberChange) -> str:
    """What a number was, or that it was not there."""
    return change.was or NOT_STATED


def is_now(change: NumberChange) -> str:
    """What a number is now, or that it is gone."""
    return change.is_ or NO_LONGER


def target(word: Word) -> str:
    """Where a link or a picture leads, in words."""
    if word.kind is WordKind.CLAUSE:
        return said("[clause %(clause)s]", clause=word.text)
    return (
        said("[picture %(name)s]", name=word.text)
        if word.style == "picture"
        else said("[link to %(target)s]", target=word.text)
    )


def tag(part: Part) -> str:
    """What to say beside a part that came, went, moved, or has another number; empty where its words say it."""
    if part.change is Change.MOVED_HERE:
        return said("moved here, was %(place)s", place=part.elsewhere)
    if part.change is Change.MOVED_AWAY:
        return said("moved to %(place)s", place=part.elsewhere)
    if part.is_renumbered:
        return said("was step %(number)s", number=part.name_old)
    if part.change not in (Change.INSERTED, Change.DELETED):
        return ""
    kind = "point" if part.kind is Kind.ITEM and not part.name else part.kind
    return _CAME_OR_WENT.get(kind, {}).get(part.change, "")


def _numbers(numbers: tuple[NumberChange, ...]) -> Iterator[str]:
    if not numbers:
        return
    yield "Numbers changed"
    for each in numbers:
        unit = f" {each.unit}" if each.unit and "→" not in each.unit else ""
        old, new = (
            f"{value}{unit}" if value else otherwise
            for value, otherwise in ((each.was, NOT_STATED), (each.is_, NO_LONGER))
        )
        line = f"line {each.line_new}" if each.line_new else f"old line {each.line_old}"
        yield f"  {old} -> {new}" + "".join(f"; {word}" for word in (each.subject, each.section, line) if word)
    yield ""


def _beside(redline: Redline) -> Iterator[str]:
    for key in redline.fields:
        yield f"{key.name}: [-{key.was or 'none'}-] {{+{key.is_ or 'none'}+}}"
    for each in redline.attachments:
        yield f"attachment {each.name}: [-{each.was or 'not there'}-] {{+{each.is_ or 'not there'}+}}"
    if redline.fields or redline.attachments:
        yield ""


def _body(parts: Iterable[Part]) -> list[str]:
    """The changed blocks, each section under its heading."""
    lines, heading = list[str](), ""
    for part in parts:
        if part.kind is Kind.HEADING and part.change is Change.SAME:
            heading = f"## {plain(part.every_word(Side.NEW))}"
        elif part.change is Change.SAME and not _has_renumbered(part):
            lines += [] if lines[-1:] in ([], [_OMITTED]) or heading else [_OMITTED]
        else:
            lines += [heading] if heading else []
            heading = ""
            lines += _part(part, "")
    return lines


def _has_renumbered(part: Part) -> bool:
    return part.is_renumbered or any(_has_renumbered(child) for child in part.children)


def _part(part: Part, margin: str) -> Iterator[str]:
    if part.kind is Kind.RULE:
        return
    if part.kind is Kind.ROW:
        yield margin + _tagged(part, " | ".join(_line(cell) for cell in part.children))
        return
    if part.kind is Kind.BOX:
        is_other = part.change is Change.CHANGED and part.name_old != part.name_new
        name = f"[-{part.name_old}-] {{+{part.name_new}+}}" if is_other else part.name
        yield margin + _tagged(part, f"{name.upper() if not is_other else name}:")
    mark = f"{part.name}. " if part.kind is Kind.ITEM and part.name else "- " if part.kind is Kind.ITEM else ""
    if part.kind is Kind.HEADING:
        mark = "#" * int(part.name) + " "
    children = list(part.children)
    if part.kind is Kind.ITEM and children and children[0].kind is Kind.PARAGRAPH:
        yield margin + _tagged(part, mark + words_text(children.pop(0).runs))
    elif part.runs or mark:
        yield margin + _tagged(part, mark + words_text(part.runs))
    deeper = margin + ("  " if part.kind in (Kind.ITEM, Kind.BOX, Kind.QUOTE, Kind.FIGURE) else "")
    for child in children:
        if (
            part.kind in (Kind.LIST, Kind.TABLE)
            and child.change is Change.SAME
            and not _has_renumbered(child)
            and child.name != "head"
        ):
            continue
        yield from _part(child, deeper)


def _line(part: Part) -> str:
    return " ".join(each for each in (words_text(part.runs), *(_line(child) for child in part.children)) if each)


def _tagged(part: Part, line: str) -> str:
    return f"{line}  ({tag(part)})" if tag(part) else line


def words_text(runs: Iterable[Run]) -> str:
    """Runs of words; between an old and a new one there is always a blank."""
    text, is_after_change = "", False
    for run in runs:
        is_change = run.change in (Change.INSERTED, Change.DELETED)
        words = _words(run, is_told=is_change)
        if not words:
            continue
        gap = " " if text and (run.words[0].is_apart or (is_change and is_after_change)) else ""
        marks = {Change.DELETED: f"[-{words}-]", Change.INSERTED: f"{{+{words}+}}"}
        text, is_after_change = f"{text}{gap}{marks.get(run.change, words)}", is_change
    return text


def _words(run: Run, *, is_told: bool) -> str:
    text = ""
    for word in run.words:
        is_target = word.kind in (WordKind.TARGET, WordKind.CLAUSE)
        written = (target(word) if is_told else "") if is_target else word.text
        if written:
            text += f" {written}" if word.is_apart and text else written
    return text
