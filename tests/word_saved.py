"""A form as Word itself lays it out when somebody filled and saved it, written by hand from Word's own habits (ECMA-376).

Runs are parted by the spell checker and by revision numbers, every paragraph and row has ids, controls have placeholders
and the additions of later Words, a picked day stands in `w:fullDate`, and beside the text lie settings, fonts, a theme, a
glossary of placeholders and the properties of the file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from itertools import count

from lxml import etree

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_BESIDE = {
    "word/webSettings.xml": ("webSettings", f'<w:webSettings xmlns:w="{_W}"><w:optimizeForBrowser/><w:allowPNG/></w:webSettings>'),
    "word/fontTable.xml": ("fontTable", f'<w:fonts xmlns:w="{_W}"><w:font w:name="Arial"><w:family w:val="swiss"/></w:font></w:fonts>'),
    "word/glossary/document.xml": (
        "document.glossary",
        f'<w:glossaryDocument xmlns:w="{_W}"><w:docParts><w:docPart><w:docPartPr><w:name w:val="DefaultPlaceholder_-1854013437"/></w:docPartPr>'
        "<w:docPartBody><w:p><w:r><w:t>Click or tap to enter a date.</w:t></w:r></w:p></w:docPartBody></w:docPart></w:docParts></w:glossaryDocument>",
    ),
}  # fmt: skip
_SETTINGS = (
    f'<w:settings xmlns:w="{_W}" xmlns:w15="{_W15}"><w:zoom w:percent="100"/><w:proofState w:spelling="clean" w:grammar="clean"/>'
    '<w:rsids><w:rsidRoot w:val="00A77427"/><w:rsid w:val="00A77427"/></w:rsids><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/>'
    '<w15:docId w15:val="{5B3C1D2E-0000-4000-8000-0123456789AB}"/></w:settings>'
)
_APP = '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Microsoft Office Word</Application><AppVersion>16.0000</AppVersion></Properties>'


def saved(form: bytes, days: Mapping[int, str]) -> bytes:
    """A form whose rows are ticked, with the day picked, as Word saves it."""
    with zipfile.ZipFile(io.BytesIO(form)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = _document(parts["word/document.xml"], days)
    parts["word/settings.xml"] = _HEAD + _SETTINGS.encode()
    parts["docProps/app.xml"] = _HEAD + _APP.encode()
    kinds = '<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>'
    rows = ""
    for place, (name, (kind, text)) in enumerate(_BESIDE.items(), 50):
        parts[name] = _HEAD + text.encode()
        kinds += f'<Override PartName="/{name}" ContentType="{_KIND}.{kind}+xml"/>'
        rows += f'<Relationship Id="rId{place}" Type="{_OFFICE}/{kind.removeprefix("document.")}" Target="{name.removeprefix("word/")}"/>'
    _insert(parts, "[Content_Types].xml", "</Types>", kinds)
    _insert(parts, "word/_rels/document.xml.rels", "</Relationships>", rows)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _insert(parts: dict[str, bytes], name: str, end: str, more: str) -> None:
    parts[name] = parts[name].replace(end.encode(), f"{more}{end}".encode())


def _document(content: bytes, days: Mapping[int, str]) -> bytes:
    tree = etree.fromstring(content)
    rows = [row for row in tree.iter(f"{{{_W}}}tr") if row.find(f".//{{{_W14}}}checkbox") is not None]
    for number, day in days.items():
        _fill(rows[number - 1], day)
    ids = count(0x10000000)
    for control in tree.iter(f"{{{_W}}}sdtPr"):
        _as_word_keeps_it(control)
    for run in list(tree.iter(f"{{{_W}}}r")):
        _part(run)
    for element in tree.iter(f"{{{_W}}}p", f"{{{_W}}}tr"):
        element.set(f"{{{_W14}}}paraId", f"{next(ids):08X}")
        element.set(f"{{{_W14}}}textId", "77777777")
        element.set(f"{{{_W}}}rsidR", "00A77427")
        element.set(f"{{{_W}}}rsidRPr", "00C01D3A")
    first = next(tree.iter(f"{{{_W}}}p"))
    first.append(etree.fromstring(f'<w:bookmarkStart xmlns:w="{_W}" w:id="0" w:name="_GoBack"/>'))
    first.append(etree.fromstring(f'<w:bookmarkEnd xmlns:w="{_W}" w:id="0"/>'))
    return _HEAD + etree.tostring(tree)


def _fill(row: etree._Element, day: str) -> None:
    row.find(f".//{{{_W14}}}checked").set(f"{{{_W14}}}val", "1")
    for text in row.iter(f"{{{_W}}}t"):
        text.text = (text.text or "").replace("☐", "☒").replace("____-__-__", day)
    picked = row.find(f".//{{{_W}}}date")
    picked.set(f"{{{_W}}}fullDate", f"{day}T00:00:00Z")
    properties = picked.getparent()
    properties.remove(properties.find(f"{{{_W}}}showingPlcHdr"))
    for style in list(row.iter(f"{{{_W}}}rStyle")):
        style.getparent().remove(style)


def _as_word_keeps_it(control: etree._Element) -> None:
    """Look first, number as Word draws them, a placeholder, and the colour of later Words."""
    control.insert(0, etree.fromstring(f'<w:rPr xmlns:w="{_W}"><w:rFonts w:cs="Arial"/></w:rPr>'))
    number = control.find(f"{{{_W}}}id")
    number.set(f"{{{_W}}}val", str(-1_000_000_000 - int(number.get(f"{{{_W}}}val"))))
    control.append(etree.fromstring(f'<w:placeholder xmlns:w="{_W}"><w:docPart w:val="DefaultPlaceholder_-1854013437"/></w:placeholder>'))  # fmt: skip
    control.append(etree.fromstring(f'<w15:color xmlns:w15="{_W15}" w15:val="808080"/>'))


def _part(run: etree._Element) -> None:
    """The spell checker takes a run apart in the middle of a word."""
    text = run.find(f"{{{_W}}}t")
    if text is None or len(text.text or "") < 4:
        return
    words, middle = text.text, len(text.text) // 2
    second = etree.fromstring(etree.tostring(run))
    second.tail = None
    text.text, second.find(f"{{{_W}}}t").text = words[:middle], words[middle:]
    for each in (text, second.find(f"{{{_W}}}t")):
        each.set(_SPACE, "preserve")
    second.set(f"{{{_W}}}rsidRPr", "00D15EA5")
    begin, end = (
        etree.fromstring(f'<w:proofErr xmlns:w="{_W}" w:type="{kind}"/>') for kind in ("spellStart", "spellEnd")
    )
    for new in (end, second, begin):
        run.addnext(new)
