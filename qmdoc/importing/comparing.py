"""The words and numbers of the Word file against those of the Markdown: read once more on both sides, by other code.

On the Word side this walks the raw XML and knows nothing of blocks; on the other it takes what a CommonMark parser shows a
reader. A lost word or another digit is a difference, and a difference is never passed over.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from qmdoc.importing.nouns import ABOVE, BOX, LEFT, STRUCK

_LOCAL = re.compile(r"\[\[local:[^\]]*\]\]")
_ADDED = re.compile(rf"\(note \d+\)|{re.escape(ABOVE)}|{re.escape(LEFT)}|{re.escape(BOX)}")
_ORDINAL = re.compile(r"(?<!\S)(\d{1,9})[.)](?=\s|$)")
_NUMBER = re.compile(r"[<>≤≥±~≈+−–-]*\s?\d+(?:[.,:/]\d+)*[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]*\s?[^\s\d|]{0,14}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Words, numbers and paragraphs on both sides, and each difference in a sentence."""

    paragraphs_in: int
    paragraphs_out: int
    words_in: int
    words_out: int
    numbers_in: int
    numbers_out: int
    differences: tuple[str, ...]


def compare(word: str, markdown: str) -> Comparison:
    """`word` is the text of the Word file, `markdown` is Markdown."""
    given, made = _plain(word), _plain(shown(markdown))
    words_in, words_out = given.split(), made.split()
    numbers_in, numbers_out = (_numbers(text) for text in (given, made))
    paragraphs_in, paragraphs_out = (sum(bool(line.strip()) for line in text.split("\n")) for text in (given, made))
    return Comparison(
        paragraphs_in,
        paragraphs_out,
        len(words_in),
        len(words_out),
        len(numbers_in),
        len(numbers_out),
        (*_number_differences(numbers_in, numbers_out), *_word_differences(words_in, words_out)),
    )


def _plain(text: str) -> str:
    """A text without what qmdoc itself writes between the letters, and `1` for `1.` and `1)`."""
    text = _ADDED.sub(" ", _LOCAL.sub(" ", text.replace(f" {STRUCK}", "")))
    return _ORDINAL.sub(r"\1", text)


def _numbers(text: str) -> list[str]:
    """Numbers with the sign before and the unit after, each from one line."""
    return [
        "".join(match[0].split()) for line in text.split("\n") for match in _NUMBER.finditer(" ".join(line.split()))
    ]


def _number_differences(given: list[str], made: list[str]) -> Iterator[str]:
    if given == made:
        return
    for what, start, end, other, last in difflib.SequenceMatcher(None, given, made, autojunk=False).get_opcodes():
        if what != "equal":
            before = f" after {given[start - 1]}" if start else ""
            yield f"numbers differ{before}: Word has {' '.join(given[start:end]) or 'none'}, the document has {' '.join(made[other:last]) or 'none'}"


def _word_differences(given: list[str], made: list[str]) -> Iterator[str]:
    lost, added = Counter(given) - Counter(made), Counter(made) - Counter(given)
    if lost:
        yield f"{lost.total()} words of Word are not in the document: {_some(lost)}"
    if added:
        yield f"{added.total()} words of the document are not in Word: {_some(added)}"


def _some(words: Counter[str]) -> str:
    listed = sorted(words)
    return ", ".join(listed[:20]) + (f" and {len(listed) - 20} more" if len(listed) > 20 else "")


def shown(markdown: str) -> str:
    """What a reader sees of Markdown: a line for each paragraph, item and cell, items with their numbers."""
    return "\n".join(_shown(markdown))


def _shown(markdown: str) -> Iterator[str]:
    counters: list[int | None] = []
    first = ""
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "ordered_list_open":
            counters.append(int(token.attrGet("start") or 0) if token.attrGet("start") is not None else 1)
        elif token.type == "bullet_list_open":
            counters.append(None)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            counters.pop()
        elif token.type == "list_item_open" and counters[-1] is not None:
            if first:
                yield first
            first = f"{counters[-1]}. "
            counters[-1] += 1
        elif token.type == "list_item_close" and first:
            yield first
            first = ""
        elif token.type == "inline":
            yield first + _inline(token)
            first = ""
        elif token.type == "fence" and token.info.startswith("{"):
            body = re.sub(r"\A(?::[a-z-]+:.*\n)+\n?", "", token.content)
            yield from _shown(body)
        elif token.type in ("fence", "code_block", "html_block"):
            yield token.content


def _inline(token: Token) -> str:
    pieces = {"softbreak": " ", "hardbreak": " "}
    return "".join(pieces.get(each.type, each.content if each.type != "image" else "") for each in token.children or [])
