"""A document shows exactly what was signed: no raw HTML, no scripts, nothing loaded from elsewhere.

Serves the protection of controlled documents (fact-jacie-hct-8 B4.5:protection, recalled) and the link between a signature and
what it signs (us-21cfr11 11.70, confirmed). What is not known to be harmless is reported; drawings (SVG) are read too.

Passes: CommonMark with tables, notes, warnings, figures and links to https:// addresses.
Fails: `<script>`, an HTML comment, a link `javascript:…`; a drawing with a script, an event attribute, a `foreignObject`, a
DOCTYPE, or a reference to anything but `#…` in itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from qmdoc import controlled
from qmdoc.checks._text import OneDocument
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register

ID = "unsafe-markup"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:protection", "us-21cfr11 11.70")
_DRAW_AGAIN = "draw it again with `qmdoc draw`, or save it as plain SVG without scripts and links"
_SCRIPTED = frozenset({"script", "foreignobject", "handler", "listener", "iframe", "embed", "object", "audio", "video"})
_ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "base"})
_STYLE_LEADS_OUT = re.compile(r"@import|expression\s*\(|\\|url\(\s*(?![\"']?#)", re.IGNORECASE)
_XHTML = "http://www.w3.org/1999/xhtml"


def check(register: Register) -> Iterator[Finding]:
    """Unsafe constructs in drawings."""
    for path, content in sorted(register.attachments.items()):
        if path.lower().endswith(".svg"):
            number = controlled.owner_of(path)
            for fault in faults_of_drawing(content):
                message = f"{number}: the drawing {path.rpartition('/')[2]} {fault.message}"
                yield Finding(ID, SEVERITY, message, fault.fix, number, path, fault.line, clauses=CLAUSES)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Unsafe constructs in texts."""
    for text in one.texts:
        for fault in text.markup.unsafe:
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def faults_of_drawing(content: bytes) -> list[Fault]:
    """What a browser could run or fetch because of an SVG file."""
    reader = _Drawing()
    try:
        reader.parser.Parse(content, True)
    except _Stop:
        pass
    except (expat.ExpatError, ValueError, LookupError):
        reader.fault("can't be read as SVG")
    return sorted(set(reader.faults), key=lambda fault: (fault.line, fault.message))


class _Stop(Exception):
    """Nothing after this is read: entities could grow without end."""


class _Drawing:
    """Notes what may not stand in a drawing, as the XML parser meets it."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.is_in_style = False
        self.parser.StartElementHandler = self.element
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.ProcessingInstructionHandler = self.instruction
        self.parser.buffer_text = True

    def fault(self, message: str) -> None:
        self.faults.append(Fault(max(1, self.parser.CurrentLineNumber), message, _DRAW_AGAIN))

    def element(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if local.lower() in _SCRIPTED or space == _XHTML:
            self.fault(f"holds the element `{local}`, which can run or load something")
        self.is_in_style = local.lower() == "style"
        for attribute, value in attributes.items():
            self.attribute(attribute.rpartition(" ")[2].lower(), value)

    def attribute(self, name: str, value: str) -> None:
        if name.startswith("on"):
            self.fault(f"holds the event attribute `{name}`")
        elif name in _ADDRESSES and not value.startswith("#"):
            self.fault(f"leads outside itself with `{name}`")
        elif name == "attributename" and value.rpartition(":")[2].lower() in _ADDRESSES:
            self.fault("changes where a link leads while it is shown")
        elif _STYLE_LEADS_OUT.search(value) and (name == "style" or "(" in value):
            self.fault(f"leads outside itself with `{name}`")

    def end(self, _name: str) -> None:
        self.is_in_style = False

    def text(self, text: str) -> None:
        if self.is_in_style and _STYLE_LEADS_OUT.search(text):
            self.fault("leads outside itself in its style sheet")

    def doctype(self, *_declared: object) -> None:
        self.fault("holds a DOCTYPE, which can bring in text from elsewhere")
        raise _Stop

    def instruction(self, target: str, _data: str) -> None:
        self.fault(f"holds the processing instruction `{target}`")
