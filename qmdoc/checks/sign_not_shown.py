"""Every sign beside a number is shown: none is read as a mark of how the text is set.

Serves acceptable end-points that a reader can compare with a result (fact-jacie-hct-8 B5.3:endpoints, recalled). At the beginning of
a line or of a list's entry, `- 80 °C` is an entry that says 80 °C, and `> 38 °C` a quotation that says 38 °C. Two stars
between letters and digits are emphasis: `HLA-A*02:01, B*07:02` is shown as HLA-A02:01, B07:02, and `2*3*4` as 234.
A character without width inside a number parts it at the end of a line: `10` with U+200B in it is shown as 1 and 0.
A list of several entries, or behind an empty line or a colon, may begin with numbers.

Passes: "store at −80 °C"; "above 38 °C"; "≥ 38 °C"; `HLA-A\\*02:01`; "2 × 3 × 4"; `- 5 mg` and `- 10 mg` below "Give:".
Fails: a line "store at" before a line `- 80 °C`; `1. > 38 °C`; `1. - 80 °C`; `2*3*4`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from qmdoc.checks._text import Look, OneDocument
from qmdoc.markup import ADMONITIONS
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "sign-not-shown"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:endpoints",)
_MARK = r"(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)"
_VALUE = r"(?P<value>=?[ \t]*[.,]?\d\S*(?: \S+)?)"
_QUOTED = re.compile(rf"[ \t]*{_MARK}*(?P<sign>>)[ \t]*{_VALUE}")
_SECOND = re.compile(rf"[ \t]*{_MARK}+(?P<sign>[-+*])[ \t]+{_VALUE}")
_FIRST = re.compile(rf"[ \t]*(?P<sign>[-+*])[ \t]+{_VALUE}")
_ENTRY = re.compile(r"[ \t]*[-+*](?=[ \t])")
_BEGINS = re.compile(rf"[ \t]*(?:{_MARK}|[|>#])")
# A sentence, the line below a heading or a table's head, a quotation that is left empty
_ENDED = re.compile(r"(?:[:.;!?][*_`)\]\"”]*|[-=|>])$")
_BLOCK = re.compile(r"[ \t]*(?:#{1,6}(?:[ \t]|$)|`{3}|~{3}|>|\|)")
_FENCE = re.compile(rf"[ \t]*{_MARK}*(?P<fence>`{{3,}}|~{{3,}})(?P<words>[^`]*)$")
_UNSEEN = re.compile(r"(?<=[\d.,])[\u00ad\u200b-\u200d\u2060\ufeff]+(?=[\d.,])")
_STARS = re.compile(r"\\.|`+[^`]*`+|(?<!\*)\*{1,2}(?!\*)", re.DOTALL)
_INSTEAD = {
    ">": "write ≥, “above”, or \\>",
    "-": "write the minus sign at its number, as −80, and on the line of the words before it",
    "+": "write the plus sign at its number, as +4, and on the line of the words before it",
    "*": "write × or \\*",
}


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Signs that a reader would miss."""
    for text in one.texts:
        for fault in text.seen(LOOK):
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def faults(body: str, first_line: int = 1) -> Iterator[Fault]:
    """Every comparison, minus, plus and star that stands beside a number and is read as a mark."""
    yield from _parted(body, first_line)
    block: list[str] = []
    for number, line in enumerate((*_without_code(body), ""), first_line):
        if line.strip():
            block.append(line)
        else:
            yield from _in_block(block, number - len(block))
            block = []


def _parted(body: str, first_line: int) -> Iterator[Fault]:
    """Numbers that may be parted unseen, in code too."""
    for found in _UNSEEN.finditer(body):
        line, code = first_line + body.count("\n", 0, found.start()), f"U+{ord(found[0][0]):04X}"
        message = f"a character without width ({code}) stands inside a number"
        yield Fault(line, message, "take it away, and write the number anew")


def _in_block(block: list[str], first_line: int) -> Iterator[Fault]:
    """The faults in lines that no empty one parts: entries of one kind are a list; each cell of a table stands alone."""
    kinds = Counter(found[0] for line in block if (found := _ENTRY.match(line)))
    words: list[str] = []  # of the entry or paragraph that is read
    for number, (line, before) in enumerate(zip(block, ("", *block), strict=False), first_line):
        found = _lost(line, before)
        if found and not (found.re is _FIRST and kinds[found[0][: found.end("sign")]] > 1):
            message = f"the `{found['sign']}` before `{found['value']}` is read as a mark, and not shown"
            yield Fault(number, message, _INSTEAD[found["sign"]])
        if _BEGINS.match(line) or "|" in line:
            yield from _stars("\n".join(words), number - len(words))
            words = []
        if "|" in line:
            for cell in line.split("|"):
                yield from _stars(cell, number)
        else:
            words.append(line)
    yield from _stars("\n".join(words), first_line + len(block) - len(words))


def _lost(line: str, before: str) -> re.Match[str] | None:
    """The sign with which a line begins, where it goes on with the sentence of the line before it."""
    if found := _QUOTED.match(line):
        return None if before.lstrip().startswith(">") else found
    if found := _SECOND.match(line):
        return found
    goes_on = before and not _BLOCK.match(before) and not _ENDED.search(before.rstrip())
    return _FIRST.match(line) if goes_on else None


def _stars(text: str, first_line: int) -> Iterator[Fault]:
    """The first star inside a word with digits that a later one closes (CommonMark §6.2, as far as it matters here)."""
    opened: list[tuple[str, int, bool]] = []
    for found in _STARS.finditer(text) if text.count("*") > 1 else ():
        star, at, end = found[0], found.start(), found.end()
        before, after = text[max(0, at - 1) : at], text[end : end + 1]
        if star[0] != "*":
            continue
        if before.strip() and any(each == star for each, _, _ in opened):
            while (last := opened.pop())[0] != star:
                pass
            if last[2]:
                yield _swallowed(text, last[1], first_line)
                return
        elif after.strip():
            digits = before.isdigit() + after.isdigit()
            is_inside = before.isalnum() and after.isalnum() and digits >= len(star)  # `CD**34**` is set bold
            opened = [each for each in opened if each[0] != star] + [(star, at, is_inside)]


def _swallowed(text: str, at: int, first_line: int) -> Fault:
    """The fault at a star that is read as the beginning of emphasis."""
    word = next(found[0] for found in re.finditer(r"\S+", text) if found.end() > at)
    message = f"the `*` in `{word}` is read as a mark, and not shown"
    return Fault(first_line + text.count("\n", 0, at), message, _INSTEAD["*"])


def _without_code(body: str) -> Iterator[str]:
    """The lines of a text; those of code, and of other directives than boxes, are empty."""
    fences: list[str] = []  # of boxes that are open, the innermost last
    code = ""
    for line in body.split("\n"):
        found = _FENCE.match(line)
        fence, words = (found["fence"], found["words"].strip()) if found else ("", "")
        if code:
            code = "" if fence.startswith(code) and not words else code
        elif fence and not words and fences and fence.startswith(fences[-1]):
            fences.pop()
        elif fence and words.partition("}")[0].removeprefix("{") in ADMONITIONS:
            fences.append(fence)
        elif fence:
            code = fence
        else:
            yield line
            continue
        yield ""


LOOK = Look(ID, Fault, lambda text: faults(text.body, text.first_line))
