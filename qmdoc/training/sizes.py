"""How much changed between two approved versions: what the redline shows, which an author may raise and never lower.

Between a reader's last version and the one in force lie perhaps others; what any of their authors called `major` is major.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qmdoc import redline
from qmdoc.documents import ChangeSize, Document
from qmdoc.training.nouns import Curriculum, Edition, Size

_UNREAD = Size(ChangeSize.MAJOR, ("the text of the earlier version can't be read",))


@dataclass(frozen=True, slots=True)
class Text:
    """An approved or proposed text with its attachments: name and blob of each."""

    document: Document
    attachments: Mapping[str, str] = field(default_factory=dict)


def between(old: Text, new: Text) -> Size:
    """What the redline from one text to another shows: its title, its text and its attachments.

    Whom it asks, which clauses it answers and who owns it are no matter for those who read it.
    """
    before, after = old.document, new.document
    if before.title == after.title and before.body == after.body and old.attachments == new.attachments:
        return Size(ChangeSize.MINOR)
    shown = redline.compare(
        before.body,
        after.body,
        first_lines=(before.body_line, after.body_line),
        fields=tuple(each for each in redline.field_changes(before, after) if each.name == "title"),
        attachments=redline.attachment_changes(old.attachments, new.attachments),
    )
    sized = redline.size(shown)
    return Size(sized.size, tuple(str(each) for each in sized.reasons))


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
                said = f": {keys.change_summary}" if keys.change_summary else ""
                return (f"version {each.version} is marked as a major change by its author{said}",)
        return ()

    def _shown(self, old: Edition, new: Edition) -> Size:
        before, after = self.texts.get(old.digest), self.texts.get(new.digest)
        return between(before, after) if before and after else _UNREAD
