"""The letters of a paragraph: runs, fields, links, signs, references; what else stands among them is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from qmdoc.importing import symbols
from qmdoc.importing.nouns import UNKNOWN_SIGN, Picture, Span, Told
from qmdoc.importing.state import State
from qmdoc.importing.styles import at, is_on, value
from qmdoc.model import is_unprintable

# Elements that hold no letters and change none.
SILENT = frozenset(
    re.findall(
        r"\S+",
        """
    w:pPr w:rPr w:bookmarkStart w:bookmarkEnd w:proofErr w:commentRangeStart w:commentRangeEnd w:permStart w:permEnd
    w:moveFromRangeStart w:moveFromRangeEnd w:moveToRangeStart w:moveToRangeEnd w:lastRenderedPageBreak w:annotationRef
    w:footnoteRef w:endnoteRef w:separator w:continuationSeparator w:commentReference w:instrText w:delInstrText w:delText
    w:sdtPr w:sdtEndPr w:customXmlPr w:smartTagPr w:softHyphen w:customXmlInsRangeStart w:customXmlInsRangeEnd
    w:customXmlDelRangeStart w:customXmlDelRangeEnd w:tblPr w:tblGrid w:tcPr w:trPr w:sectPr w:bidi
    """,
    )
)
WRAPPERS = frozenset(
    re.findall(r"\S+", "w:smartTag w:sdt w:sdtContent w:customXml w:dir w:bdo w:ins w:moveTo w:ruby w:rubyBase")
)
GRAPHICS = ("w:drawing", "w:pict", "w:object")
_QUIET_FIELDS = ("HYPERLINK", "SEQ", "TOC", "FORMCHECKBOX", "FORMTEXT", "FORMDROPDOWN", "TC", "XE", "")
_SCHEMES = re.compile(r"(https?://[^\s/?#]+|mailto:[^\s]+)", re.IGNORECASE)


def spans(paragraph: Element, state: State) -> list[Span]:
    """The letters of a paragraph, in their order."""
    return list(_inline(paragraph, state, ""))


def _inline(element: Element, state: State, link: str) -> Iterator[Span]:
    for child in element:
        match child.tag:
            case "w:r":
                yield from _run(child, state, link)
            case "w:hyperlink":
                yield from _inline(child, state, _link(child, state) or link)
            case "w:fldSimple":
                _tell_field(child.get("w:instr", ""), state)
                yield from _inline(child, state, link)
            case "w:del" | "w:moveFrom" | "w:ins" | "w:moveTo":
                tell_change(child, state)
                if child.tag in ("w:ins", "w:moveTo"):
                    yield from _inline(child, state, link)
            case "m:oMath" | "m:oMathPara":
                yield Span(equation(child), link=link)
                state.count("equations")
                state.tell(Told.CHANGED, f"equation, written on one line as {equation(child)}")
            case "mc:AlternateContent":
                if (chosen := choice(child)) is not None:
                    yield from _inline(chosen, state, link)
            case tag if tag in WRAPPERS:
                tell_control(child, state)
                yield from _inline(child, state, link)
            case tag if tag not in SILENT:
                state.tell(Told.LOST, f"element {_bare(tag)}, unknown to qmdoc: only the text in it was kept")
                yield from _inline(child, state, link)


def _run(run: Element, state: State, link: str) -> Iterator[Span]:
    style = state.style
    if state.styles.run(run, style, "w:vanish"):
        if hidden := "".join(each.text or "" for each in run.iter("w:t")):
            state.tell(Told.LEFT, f"hidden text: {hidden}")
        state.leave_out(run)
        for child in run:
            if child.tag == "w:fldChar":
                list(_field(child, state))
            elif child.tag == "w:instrText":
                state.instruct(child.text or "")
        return
    font, height = state.styles.font(run, style), state.styles.height(run)
    look = Span(
        is_bold=state.styles.run(run, style, "w:b"),
        is_italic=state.styles.run(run, style, "w:i"),
        is_struck=state.styles.run(run, style, "w:strike") or state.styles.run(run, style, "w:dstrike"),
        link=link,
    )
    _count_looks(run, state)
    for child in run:
        if child.tag == "w:fldChar":
            yield from _field(child, state)
        elif child.tag == "w:instrText":
            state.instruct(child.text or "")
        elif not state.is_hidden_by_field:
            for span in _piece(child, state, font):
                text = span.text
                if height:
                    text = symbols.raised(text) if height == "superscript" else symbols.lowered(text)
                    if "(" in text and "(" not in span.text:
                        state.tell(Told.CHANGED, f"{height} {span.text.strip()}, written {text.strip()}")
                yield replace(look, text=text, picture=span.picture, note=span.note, link=link or state.link)


def _piece(child: Element, state: State, font: str) -> Iterator[Span]:
    """What one element of a run shows."""
    match child.tag:
        case "w:t":
            yield Span(_letters(child.text or "", state, font))
        case "w:tab" | "w:ptab":
            yield Span(" ")
        case "w:br" | "w:cr":
            is_break = child.get("w:type") in ("page", "column")
            state.count("page and column breaks (not carried over)", int(is_break))
            yield Span(" " if is_break else "\n")
        case "w:noBreakHyphen":
            yield Span("\u2011")
        case "w:sym":
            yield Span(_sign(child.get("w:font", ""), child.get("w:char", ""), state))
        case "w:footnoteReference" | "w:endnoteReference":
            kind = child.tag.removeprefix("w:").removesuffix("Reference")
            if number := state.note_number(kind, child.get("w:id", "")):
                yield Span(note=number)
        case tag if tag in GRAPHICS:
            yield from (Span(picture=picture) for picture in state.graphics(child))
        case "mc:AlternateContent":
            chosen = choice(child)
            for each in chosen if chosen is not None else ():
                yield from _piece(each, state, font)
        case "w:ruby" | "w:rubyBase" | "w:r":
            for each in child:
                yield from _piece(each, state, font)
        case "w:fldChar" | "w:rt":
            return
        case tag if tag not in SILENT:
            state.tell(Told.LOST, f"element {_bare(tag)}, unknown to qmdoc")


def _letters(text: str, state: State, font: str) -> str:
    if symbols.has_own_codes(font) or any("\uf000" <= letter <= "\uf0ff" for letter in text):
        own = font if symbols.has_own_codes(font) else "Symbol"
        text = "".join(letter if letter.isspace() else _sign(own, f"{ord(letter):04X}", state) for letter in text)
    hidden = [letter for letter in text if is_unprintable(letter) and letter not in "\t\n"]
    for letter in dict.fromkeys(hidden):
        state.tell(Told.LOST, f"invisible character {symbols.name_of(letter)}, {hidden.count(letter)} times")
    kept = "".join(letter for letter in text if letter not in hidden)
    return re.sub("[\t\n\u2028\u2029]", " ", kept)


def _sign(font: str, code: str, state: State) -> str:
    """A sign that a font shows for a code; never a guess."""
    number = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,5}", code) else 0
    if not symbols.has_own_codes(font) and not 0xE000 <= number <= 0xF8FF and number >= 0x20:
        return chr(number)
    sign = symbols.sign(font, number)
    if sign is None:
        state.tell(Told.LOST, f"sign of the font {font or '?'}, code {code}: marked in the text as a place to settle")
        return UNKNOWN_SIGN.format(font=re.sub(r"[^A-Za-z0-9 ]", "", font) or "?", code=f"U+{number:04X}")
    state.count("signs of symbol fonts, written in Unicode")
    return sign


def _field(char: Element, state: State) -> Iterator[Span]:
    """A field's begin, its turn from code to result, or its end."""
    match char.get("w:fldCharType"):
        case "begin":
            state.begin_field()
            if (box := at(char, "w:ffData", "w:checkBox")) is not None:
                is_checked = is_on(box, "w:checked")
                is_checked = is_on(box, "w:default") if is_checked is None else is_checked
                state.count("check boxes")
                yield Span("☒" if is_checked else "☐")
            if (entries := at(char, "w:ffData", "w:ddList")) is not None:
                texts = [each.get("w:val", "") for each in entries.findall("w:listEntry")]
                state.tell(Told.CHANGED, f"drop-down field with the choices {'; '.join(texts)}")
        case "separate":
            code = state.separate_field()
            if match := re.match(r'\s*HYPERLINK\s+"([^"]+)"', code):
                state.set_link(_kept_link(match[1], state))
        case "end":
            _tell_field(state.end_field(), state)


def _tell_field(code: str, state: State) -> None:
    words = code.split()
    kind = words[0].upper() if words else ""
    if kind in ("REF", "PAGEREF", "NOTEREF") or (kind == "HYPERLINK" and "\\l" in words):
        state.tell(Told.CHANGED, f"internal reference ({code.strip()}), kept as text without a link")
    elif kind not in _QUIET_FIELDS:
        state.tell(Told.CHANGED, f"field {kind}: the result that was shown last was kept as text")


def _link(hyperlink: Element, state: State) -> str:
    if identity := hyperlink.get("r:id"):
        relation = state.relations.get(identity)
        return _kept_link(relation.target if relation else "", state)
    state.tell(Told.CHANGED, f"internal reference to {hyperlink.get('w:anchor', '?')}, kept as text without a link")
    return ""


def _kept_link(target: str, state: State) -> str:
    """An address that may stand in a document, else none."""
    if _SCHEMES.match(target) and not re.search(r"[\s<>\\\x00-\x1f]", target) and target.isprintable():
        state.count("links")
        return target
    state.tell(Told.LOST, f"link to {target or 'nowhere'}: only http, https and mailto lead out of a document")
    return ""


def tell_change(element: Element, state: State) -> None:
    """Tells a tracked change with its author."""
    words = {"w:del": "deleted", "w:ins": "inserted", "w:moveFrom": "moved away", "w:moveTo": "moved here"}[element.tag]
    text = "".join(each.text or "" for each in element.iter() if each.tag in ("w:t", "w:delText"))
    state.count("tracked changes")
    who = f"{element.get('w:author', 'somebody')}, {element.get('w:date', 'undated')[:10]}"
    state.tell(Told.CHANGE, f"{words} by {who}: {text.strip() or '(no letters)'}")


def tell_control(element: Element, state: State) -> None:
    """Tells what a content control asks for; the text that it shows is kept."""
    properties = element.find("w:sdtPr") if element.tag == "w:sdt" else None
    if properties is None:
        return
    state.count("content controls")
    state.count("check boxes", int(properties.find("w14:checkbox") is not None))
    name = value(properties, "w:alias") or value(properties, "w:tag") or "without a name"
    for kind in ("w:dropDownList", "w:comboBox"):
        if (choices := properties.find(kind)) is not None:
            texts = [each.get("w:displayText") or each.get("w:value") or "" for each in choices.findall("w:listItem")]
            state.tell(Told.CHANGED, f"drop-down control {name} with the choices {'; '.join(texts)}")
    if is_on(properties, "w:showingPlcHdr"):
        state.tell(Told.CHANGED, f"control {name}: its prompt was kept as text, for nothing was filled in")


def choice(alternatives: Element) -> Element | None:
    """The newer of the ways in which a thing was written, as long as anything is in it."""
    ways = [each for each in alternatives if each.tag in ("mc:Choice", "mc:Fallback")]
    return next((each for each in ways if len(each)), None)


def equation(element: Element) -> str:
    """An equation on one line: `(a)/(b)`, `x^(2)`."""
    match element.tag:
        case "m:t" | "w:t":
            return element.text or ""
        case "m:f":
            return "/".join(f"({equation(part)})" for part in element if part.tag in ("m:num", "m:den"))
        case "m:rad":
            return f"√({''.join(equation(part) for part in element if part.tag == 'm:e')})"
        case "m:sup":
            return symbols.raised(_inner(element))
        case "m:sub":
            return symbols.lowered(_inner(element))
        case "m:d":
            return f"({_inner(element)})"
        case "m:nary":
            sign = at(element, "m:naryPr", "m:chr")
            return (sign.get("m:val", "∫") if sign is not None else "∫") + _inner(element)
    return _inner(element)


def _inner(element: Element) -> str:
    return "".join(equation(part) for part in element)


def _count_looks(run: Element, state: State) -> None:
    properties = run.find("w:rPr")
    state.count("tracked changes of the look alone (not listed)", int(at(properties, "w:rPrChange") is not None))
    for name, word in (("w:u", "underlined"), ("w:highlight", "highlighted"), ("w:color", "coloured")):
        if value(properties, name) not in ("", "none", "auto", "000000"):
            state.count(f"{word} runs of text (the look is not carried over)")


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


__all__ = ["Picture", "choice", "equation", "spans", "tell_change", "tell_control"]
