"""The catalogues of interface words: `templates/languages/<code>.po`, in gettext's format, read as they stand.

Messages are English. What a catalogue lacks is said in English. A translation that would lose a value, a tag or a
quotation mark of the page is refused: it is put into pages as it stands.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from gettext import c2py

from qmdoc.errors import OutputFailed
from qmdoc.saying import Said

FOLDER = "templates/languages"
SUFFIX = ".po"
SOURCE = "en"
_VALUE = re.compile(r"%\((\w+)\)s|%%|%")
_MARKUP = re.compile(r"<[^<>]*>|&\w+;|[<>&\"\\\\]")


def _germanic(number: int) -> int:
    return int(number != 1)


@dataclass(frozen=True, slots=True)
class Language:
    """A language that qmdoc speaks: its code, and what it says for each English message."""

    code: str = SOURCE
    words: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = _germanic

    def word(self, message: str) -> str:
        """What is said for a message, before values are put in."""
        return self.words.get(message, message)

    def words_for(self, one: str, many: str, count: int) -> str:
        """What is said for so many."""
        forms = self.plurals.get(one)
        return forms[self.form(count)] if forms else (one if count == 1 else many)

    def say(self, text: object) -> object:
        """Words of qmdoc in this language; anything else as it is."""
        if not isinstance(text, Said):
            return text
        chosen = self.words_for(text.message, text.many, text.number) if text.many else self.word(text.message)
        return chosen % {name: self.say(value) for name, value in text.values.items()}

    def text(self, text: str) -> str:
        """The same for what is known to be a text."""
        return str(self.say(text))


ENGLISH = Language()


def chosen(code: str, files: Mapping[str, str]) -> Language:
    """The language of a code; `files` are the catalogues by name. Raises OutputFailed where it can't be used."""
    if code == SOURCE:
        return ENGLISH
    name = f"{code}{SUFFIX}"
    if name not in files:
        present = sorted({SOURCE, *(each.removesuffix(SUFFIX) for each in files if each.endswith(SUFFIX))})
        raise OutputFailed(
            f"the policy says `language: {code}`, and there is no {FOLDER}/{name}",
            fix=f"add that catalogue, or choose one that is there: {', '.join(present)}",
        )
    return read(code, files[name])


def read(code: str, content: str) -> Language:
    """A catalogue's words. Raises OutputFailed, naming file and line, where it can't be read or a translation is unfit."""
    from babel.messages.pofile import PoFileError, read_po

    try:
        catalogue = read_po(io.BytesIO(content.encode()), locale=None, abort_invalid=True)
        form = c2py(_rule(content))
    except (PoFileError, ValueError) as error:
        raise OutputFailed(f"{FOLDER}/{code}{SUFFIX} is no catalogue: {error}", fix="correct it") from error
    words: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if forms and all(forms):
            _judge(ids, forms, f"{FOLDER}/{code}{SUFFIX}, line {message.lineno or '?'}")
            if len(ids) == 1:
                words[ids[0]] = forms[0]
            else:
                plurals[ids[0]] = forms
    return Language(code, words, plurals, form)


def problem(messages: tuple[str, ...], translation: str) -> str:
    """What is wrong with a translation; empty where nothing is."""
    if not translation.strip():
        return "it is empty"
    known = {name for message in messages for name in _values(message)}
    if unknown := sorted(set(_values(translation)) - known):
        return f"the value {unknown[0]} is unknown"
    if missing := sorted(
        set.intersection(*(set(_values(message)) for message in messages)) - set(_values(translation))
    ):
        return f"the value {missing[0]} is missing"
    tags = Counter(_MARKUP.findall(translation))
    if all(tags != Counter(_MARKUP.findall(message)) for message in messages):
        return "its tags, quotation marks or signs < > & are others than those of the English"
    return ""


def _judge(messages: tuple[str, ...], forms: tuple[str, ...], where: str) -> None:
    for translation in forms:
        if wrong := problem(messages, translation):
            raise OutputFailed(f"{where}: the translation of “{messages[0]}” is unfit: {wrong}", fix="correct it")


def _values(message: str) -> list[str]:
    """The values that a message takes, as they are written; a lone percent sign is one that nobody gives."""
    return [found[0] for found in _VALUE.finditer(message) if found[0] != "%%"]


def _rule(content: str) -> str:
    """Which form stands for which number, as the catalogue's head says it; else as in English."""
    found = re.search(r"Plural-Forms:[^\"\\]*?plural\s*=\s*([^;\"\\]+)", content)
    return found[1].strip() if found else "n != 1"
