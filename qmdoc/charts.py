"""Flow charts: what may stand in their source (Graphviz's DOT), and the drawing that staff see.

A drawing is an SVG that runs nothing, loads nothing and looks the same everywhere: no DOCTYPE, no script, no address,
fonts by their kind only, a title for those who can't see it, and the digest of the source that it was made from, which
the check `chart-outdated` looks for. Same source, same Graphviz: same bytes.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qmdoc.model import Fault, is_unprintable

LARGEST = 100_000
_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/|^\#[^\n]*)
      | (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<word>[^\W\d][\w]*|-?(?:\.\d+|\d+(?:\.\d*)?))
      | (?P<sign>->|--|[{}\[\]=;,:+<])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_LEADS_OUT = re.compile(r".*(?:href|url)|image(?:path)?|shapefile|stylesheet|fontpath|imagepos|imagescale|_background")
_DRAWS_FILES = frozenset({"epsf", "custom"})
_PLAIN = "write a chart of boxes, arrows and words alone"
_OUTER = re.compile(
    r"<svg\b[^>]*?\bwidth=\"(?P<width>[\d.]+)pt\"[^>]*?\bheight=\"(?P<height>[\d.]+)pt\"[^>]*?\bviewBox=\"(?P<box>[-\d. ]+)\"[^>]*>"
)
_PIXELS_IN_POINT = 96 / 72


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def digest(source: bytes) -> str:
    """The mark in a drawing that says which source it was made from."""
    return f"sha256:{hashlib.sha256(source).hexdigest()}"


def is_current(source: bytes, drawing: bytes | None) -> bool:
    """Whether a drawing was made from this source."""
    return drawing is not None and digest(source).encode() in drawing


def faults(source: bytes) -> list[Fault]:
    """What may not stand in a chart's source, by line: it could load something, or nobody could read it."""
    if len(source) > LARGEST:
        return [Fault(1, f"larger than {LARGEST} bytes", "draw several smaller charts")]
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError:
        return [Fault(1, "not written in UTF-8", "save it as UTF-8")]
    return sorted(set(_faults(text)), key=lambda fault: (fault.line, fault.message))


def title(source: bytes) -> str:
    """The label of the whole chart; empty where it has none."""
    tokens, depth = _tokens(source.decode("utf-8")), 0
    for place, (name, equals, value) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        if name.kind == "sign":
            depth += (name.text == "{") - (name.text == "}")
        is_label = name.text == "label" and equals.text == "=" and _owner(tokens, place) in ("", "graph")
        if depth == 1 and is_label:
            return " ".join(re.sub(r"\\[nlr]", " ", value.text).split())
    return ""


def drawing(made: bytes, source: bytes) -> bytes:
    """The drawing for staff, of what Graphviz made. Raises ValueError where it made something else than one drawing."""
    text = made.decode("utf-8")
    outer = _OUTER.search(text)
    if outer is None or text.count("<svg") != 1:
        raise ValueError("not exactly one drawing")
    body = text[outer.end() :]
    for pattern, instead in (
        (r"<!--.*?-->\n?", ""),
        (r"<title>.*?</title>\n?", ""),
        (r'="transparent"', '="none"'),
        (r'font-family="[^"]*(?:[Mm]ono|[Cc]ourier)[^"]*"', 'font-family="monospace"'),
        (r'font-family="(?!monospace")[^"]*"', 'font-family="sans-serif"'),
    ):
        body = re.sub(pattern, instead, body, flags=re.DOTALL)
    width, height = (round(float(outer[name]) * _PIXELS_IN_POINT) for name in ("width", "height"))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="chart-title" width="{width}" '
        f'height="{height}" viewBox="{outer["box"]}">\n<title id="chart-title">{html.escape(title(source))}</title>\n'
        f"<metadata>made by qmdoc draw from {digest(source)}</metadata>\n"
    )
    return f"{head}{body.strip()}\n".encode()


def _faults(text: str) -> Iterator[Fault]:
    for number, line in enumerate(text.split("\n"), 1):
        if any(is_unprintable(character) and character not in "\t\r" for character in line):
            yield Fault(number, "a hidden character", "delete it")
    tokens = _tokens(text)
    graphs = [token for token in tokens if token.kind == "word" and token.text.lower() in ("graph", "digraph")]
    if not graphs or tokens[0].text.lower() not in ("strict", "graph", "digraph"):
        yield Fault(1, "no chart", "begin it with `digraph {`")
        return
    for place, token in enumerate(tokens):
        if token.text == "<" and token.kind == "sign":
            yield Fault(token.line, "a label in angle brackets, which can hold pictures and links", _PLAIN)
        elif token.kind == "other":
            yield Fault(token.line, f"the character `{token.text}`, which is no part of a chart", _PLAIN)
        elif token.text == "=" and token.kind == "sign" and place:
            yield from _of_attribute(tokens, place)
    if not title(text.encode()):
        yield Fault(
            1, "no label of the whole chart, for those who can't see it", 'write `label="What the chart shows"` in it'
        )


def _of_attribute(tokens: Sequence[_Token], place: int) -> Iterator[Fault]:
    name, line = _joined_name(tokens, place), tokens[place].line
    value = tokens[place + 1].text.lower() if place + 1 < len(tokens) else ""
    if _LEADS_OUT.fullmatch(name.lower()):
        yield Fault(line, f"`{name}`, which loads a file or leads to an address", f"delete it, and {_PLAIN}")
    elif name.lower() == "shape" and value in _DRAWS_FILES:
        yield Fault(line, f"the shape `{value}`, which is drawn from a file", "use box, diamond, ellipse or oval")


def _joined_name(tokens: Sequence[_Token], place: int) -> str:
    """The name before an equals sign; DOT joins quoted pieces with `+`."""
    name = tokens[place - 1].text
    place -= 1
    while place >= 2 and tokens[place - 1].text == "+":
        place -= 2
        name = tokens[place].text + name
    return name


def _owner(tokens: Sequence[_Token], place: int) -> str:
    """The word before the square bracket that an attribute stands in; empty where it stands in none."""
    while place > 0:
        place -= 1
        if tokens[place].text in ("]", ";", "{", "}") and tokens[place].kind == "sign":
            return ""
        if tokens[place].text == "[" and tokens[place].kind == "sign":
            return tokens[place - 1].text.lower()
    return ""


def _tokens(text: str) -> list[_Token]:
    found, line = [], 1
    for match in _TOKEN.finditer(text):
        kind, written = str(match.lastgroup), match[0]
        if kind == "quoted":
            said = re.sub(r"\\\n", "", written[1:-1]).replace('\\"', '"')
            found.append(_Token(kind, said, line))
        elif kind != "blank":
            found.append(_Token(kind, written, line))
        line += written.count("\n")
    return found
