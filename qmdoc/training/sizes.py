"""How much changed between two approved versions: what the redline shows, which an author may raise and never lower.

Between a reader's last version and the one in force lie perhaps others; what any of their authors called `major` is major.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from qmdoc import redline
from qmdoc.documents import ChangeSize, Document
from qmdoc.saying import said
from qmdoc.training.nouns import Curriculum, Edition, Size

_HEADING = re.compile(r"#{1,6}[ \t]")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,}|:{3,})(.*)")
_WHOLE = re.compile(r"^ {0,3}\[[^\]]+\]:|\r", re.MULTILINE)
_UNREAD = Size(ChangeSize.MAJOR, (said("the text of the earlier version can't be read"),))


@dataclass(frozen=True, slots=True)
class Text:
    """An approved or proposed text with its attachments: name and blob of each."""

    document: Document
    attachments: Mapping[str, str] = field(default_factory=dict)


def between(old: Text, new: Text) -> Size:
    """What the redline from one text to another shows: its title, its text and its attachments.

    Whom it asks, which clauses it answers and who owns it are no matter for those who read it. Sections that are the same
    letter by letter are left out first: to read them takes ten times as long as all the rest of a report.
    """
    before, after = old.document, new.document
    titles = tuple(each for each in redline.field_changes(before, after) if each.name == "title")
    attachments = redline.attachment_changes(old.attachments, new.attachments)
    shown = [redline.compare(was, now) for was, now in _differing(before.body, after.body)]
    if titles or attachments:
        shown.append(redline.compare("", "", fields=titles, attachments=attachments))
    sized = [redline.size(each) for each in shown]
    is_major = any(each.size is ChangeSize.MAJOR for each in sized)
    weighty = [reason for each in sized for reason in each.reasons]
    weighty.sort(key=lambda reason: reason.size is not ChangeSize.MAJOR)
    return Size(
        ChangeSize.MAJOR if is_major else ChangeSize.MINOR,
        tuple(dict.fromkeys(each.told_to_readers for each in weighty)),
    )


def _differing(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The parts of two texts outside of which they are the same, section by section, each under its heading.

    A heading at the margin ends every list, table and paragraph, so that sections can be read alone; where a text defines
    links for all of its sections, or leaves a fence open, it is read whole.
    """
    if old == new:
        return
    if _WHOLE.search(old) or _WHOLE.search(new):
        yield old, new
        return
    was, now = _sections(old), _sections(new)
    for tag, begin, end, start, stop in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            heading = _above(was[:begin]) or _above(now[:start])
            yield heading + "".join(was[begin:end]), heading + "".join(now[start:stop])


def _sections(text: str) -> list[str]:
    """A text parted before each heading outside of fences."""
    rows, fence = [""], ""
    for line in text.splitlines(keepends=True):
        if mark := _FENCE.match(line):
            is_end = mark[1].startswith(fence) and not mark[2].strip()
            fence = "" if fence and is_end else fence or mark[1]
        if not fence and _HEADING.match(line):
            rows.append("")
        rows[-1] += line
    return [text] if fence else rows


def _above(sections: list[str]) -> str:
    """The second-level heading under which what follows stands, as a line."""
    return next((each.partition("\n")[0] + "\n" for each in reversed(sections) if each.startswith("## ")), "")


@dataclass
class Measure:
    """Measures the changes of one day's documents, each once."""

    texts: Mapping[str, Text]
    curricula: Mapping[str, Curriculum]
    _found: dict[tuple[str, str], Size] = field(default_factory=dict)

    def __call__(self, old: Edition, new: Edition) -> Size:
        """How much changed from an edition to a later one of the same document."""
        key = (old.digest, new.digest)
        if key not in self._found:
            raised, shown = self._raised(old, new), self._shown(old, new)
            self._found[key] = Size(ChangeSize.MAJOR, (*raised, *shown.reasons)) if raised else shown
        return self._found[key]

    def _raised(self, old: Edition, new: Edition) -> tuple[str, ...]:
        """What an author called major, of the versions after the old one up to the new one."""
        editions = self.curricula[new.document].editions
        places = [each.digest for each in editions]
        for each in editions[places.index(old.digest) + 1 : places.index(new.digest) + 1]:
            text = self.texts.get(each.digest)
            keys = text.document.front_matter if text else None
            if keys and keys.change is ChangeSize.MAJOR:
                marked = said("version %(version)s is marked as a major change by its author", version=each.version)
                summary = keys.change_summary
                return (said("%(marked)s: %(summary)s", marked=marked, summary=summary) if summary else marked,)
        return ()

    def _shown(self, old: Edition, new: Edition) -> Size:
        before, after = self.texts.get(old.digest), self.texts.get(new.digest)
        return between(before, after) if before and after else _UNREAD
