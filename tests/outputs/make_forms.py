"""Makes the Word forms of `templates/` anew: `python tests/outputs/make_forms.py FOLDER`.

The Word files are what people edit; this only says how ours began, and starts them over with the same bytes.
"""

from __future__ import annotations

import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_WORD14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMESPACES = f'xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}/relationships" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:w14="{_WORD14}" mc:Ignorable="w14"'
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_WIDTHS = (540, 2824, 1800, 900, 1500, 2300)
_PLACEHOLDER = "____-__-__"
_NOTES = (
    "Paper attestation: the person signs by hand; whoever enters it signs the entry. A box ticked on a screen is no signature.",
    "Dates: year-month-day. A row with “signed” and a date is attested by electronic signature: leave it as it is.",
)


def _text(text: str, look: str = "") -> str:
    return f'<w:r>{f"<w:rPr>{look}</w:rPr>" if look else ""}<w:t xml:space="preserve">{text}</w:t></w:r>'


def _paragraph(content: str, style: str = "", more: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{more}</w:pPr>{content}</w:p>"


def _control(title: str, tag: str, kind: str, content: str, *, lock: str = "sdtLocked") -> str:
    """A content control inside a line of text; its id is set when the form is filled."""
    return f'<w:sdt><w:sdtPr><w:alias w:val="{title}"/><w:tag w:val="{tag}"/><w:id w:val="1"/><w:lock w:val="{lock}"/>{kind}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>'


def _fixed(title: str, tag: str, value: str, look: str = "") -> str:
    return _control(title, tag, "<w:text/>", _text(value, look), lock="sdtContentLocked")


def _cell(width: int, content: str, more: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'


def _row(cells: str, *, height: int = 0, is_header: bool = False) -> str:
    tall = f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{tall}{'<w:tblHeader/>' if is_header else ''}</w:trPr>{cells}</w:tr>"


def _table(widths: tuple[int, ...], rows: str, *, caption: str, style: str = "Rows") -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    look = '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    wide = f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>{look}'
    return f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/>{wide}<w:tblCaption w:val="{caption}"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'


def _field(code: str) -> str:
    steps = (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> {code} </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
    )
    return "".join(f"<w:r>{step}</w:r>" for step in steps) + _text("1") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def _about() -> str:
    """The document that is attested, as rows of name and value."""
    rows = (
        ("Document", _fixed("Document number", "document", "{{ number }}", "<w:b/>") + _text(" {{ title }}")),
        (
            "Version",
            _fixed("Version", "version", "{{ version }}", "<w:b/>")
            + _text(" · in force from {{ effective_date }} · approved {{ approved }}"),
        ),
        (
            "Digest (SHA-256)",
            _fixed(
                "Digest",
                "digest",
                "{{ digest }}",
                '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/><w:sz w:val="15"/>',
            ),
        ),
        ("Type and owner", _text("{{ type }} · {{ owner }}")),
        ("What changed", _text("{{ change_summary }}")),
        ("Asked", _text("{{ kind }}, {{ deadline }}; later for those who joined since or were on leave")),
    )
    lines = [
        _row(_cell(2000, _paragraph(_text(name), "Cell")) + _cell(7864, _paragraph(value, "Cell", "<w:keepNext/>")))
        for name, value in rows
    ]
    lines.append(_entered())
    lines[4] = _whole_row("{%tr if change_summary %}") + lines[4] + _whole_row("{%tr endif %}")
    return _table((2000, 7864), "".join(lines), caption="The document that is attested")


def _whole_row(tag: str, width: int = 9864, span: int = 2) -> str:
    return _row(_cell(width, _paragraph(_text(tag), "Cell"), f'<w:gridSpan w:val="{span}"/>'))


def _small(text: str) -> str:
    return _text(text, '<w:sz w:val="18"/>')


def _box(tag: str) -> str:
    gothic = (
        '<w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic" w:hint="eastAsia"/><w:sz w:val="28"/>'
    )
    states = '<w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/>'
    return _control(
        "I attest", tag, f'<w14:checkbox><w14:checked w14:val="0"/>{states}</w14:checkbox>', _text("☐", gothic)
    )


def _day(tag: str) -> str:
    iso = '<w:date><w:dateFormat w:val="yyyy-MM-dd"/><w:lid w:val="en-GB"/><w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>'
    look = '<w:rStyle w:val="PlaceholderText"/>'
    return _control("Date", tag, f"<w:showingPlcHdr/>{iso}", _text(_PLACEHOLDER, look))


@dataclass(frozen=True)
class _Column:
    width: int
    name: str
    content: str
    is_centred: bool = False


def _loop(
    columns: tuple[_Column, ...], *, caption: str, each: str, listed: str, height: int = 540, keep: bool = False
) -> str:
    """A table whose head repeats on every page; one row for each of a list."""
    span = len(columns)
    header = _row(
        "".join(_cell(column.width, _paragraph(_text(column.name), "ColumnName")) for column in columns),
        is_header=True,
    )
    together = "<w:keepNext/>" if keep else ""
    row = _row(
        "".join(
            _cell(
                column.width,
                _paragraph(column.content, "Cell", together + ('<w:jc w:val="center"/>' if column.is_centred else "")),
            )
            for column in columns
        ),
        height=height,
    )
    wide = sum(column.width for column in columns)
    rows = (
        header
        + _whole_row(f"{{%tr for {each} in {listed} %}}", wide, span)
        + row
        + _whole_row("{%tr endfor %}", wide, span)
    )
    return _table(tuple(column.width for column in columns), rows, caption=caption)


def _people() -> str:
    name = (
        _text("{{ person.name }}")
        + _text(" ({{ person.id }})", '<w:sz w:val="16"/>')
        + _text("{% if person.changes %}")
        + _text(" Changes: {{ person.changes }}", '<w:i/><w:sz w:val="16"/>')
        + _text("{% endif %}")
    )
    columns = (
        _Column(_WIDTHS[0], "No.", _text("{{ person.row }}")),
        _Column(_WIDTHS[1], "Name", name),
        _Column(_WIDTHS[2], "Role", _text("{{ person.roles }}")),
        _Column(_WIDTHS[3], "I attest", _box("{{ person.read_tag }}"), True),
        _Column(_WIDTHS[4], "Date", _day("{{ person.date_tag }}")),
        _Column(_WIDTHS[5], "Signature", _text("{{ person.signed }}")),
    )
    return _loop(columns, caption="Who attests", each="person", listed="people")


def _changes() -> str:
    columns = (
        _Column(1200, "Changes", _text("{{ change.letter }}", "<w:b/>"), True),
        _Column(8664, "What changed since the version that you know", _text("{{ change.text }}")),
    )
    return _loop(columns, caption="What changed for whom", each="change", listed="changes", height=0, keep=True)


def _entered() -> str:
    """Who enters the form, on lines that stay together."""
    return _row(
        _cell(2000, _paragraph(_text("Entered by"), "Cell"))
        + _cell(7864, _paragraph(_text("Name, date, signature:"), "Cell", "<w:keepNext/>")),
        height=600,
    )


def _facts(rows: tuple[tuple[str, str], ...], *, caption: str, more: str = "") -> str:
    """Rows of name and value, on one page with what follows."""
    lines = (
        _row(_cell(2000, _paragraph(_text(name), "Cell")) + _cell(7864, _paragraph(value, "Cell", "<w:keepNext/>")))
        for name, value in rows
    )
    return _table((2000, 7864), "".join(lines) + more, caption=caption)


def _attestation() -> tuple[str, ...]:
    return (
        _paragraph(_text("Training attestation"), "Title"),
        _paragraph(_text("{{ programme }}"), "Subtitle"),
        _paragraph(_text("{{ statement }}"), "Statement"),
        _about(),
        _paragraph("", "Gap", "<w:keepNext/>"),
        _paragraph(_text("{%p if is_competency %}")),
        _paragraph(
            _text("This document asks for competency. Reading alone does not meet it: attach the assessment."),
            "Note",
            "<w:keepNext/>",
        ),
        _paragraph(_text("{%p endif %}")),
        _paragraph(_text("{%p if has_changes %}")),
        _changes(),
        _paragraph("", "Gap", "<w:keepNext/>"),
        _paragraph(_text("{%p endif %}")),
        *(_paragraph(_text(line), "Note", "<w:keepNext/><w:keepLines/>") for line in _NOTES),
        _people(),
        _paragraph("", "Gap"),
    )


def _personal() -> tuple[str, ...]:
    about = (
        ("Person", _text("{{ name }}", "<w:b/>") + _text(" ({{ id }})", '<w:sz w:val="16"/>')),
        ("Roles", _text("{{ roles }}")),
    )
    title = (
        _text("{{ document.number }}", "<w:b/>")
        + _text(" {{ document.title }}")
        + _text("{% if document.change_summary %}")
        + _text(" What changed: {{ document.change_summary }}", '<w:i/><w:sz w:val="18"/>')
        + _text("{% endif %}")
        + _text("{% if document.changed %}")
        + _text(" For you, {{ document.changed }}", '<w:i/><w:sz w:val="18"/>')
        + _text("{% endif %}")
    )
    columns = (
        _Column(540, "No.", _text("{{ document.row }}")),
        _Column(3624, "Document", title),
        _Column(
            1500,
            "Version, digest",
            _small("{{ document.version }} {{ document.digest_short }}")
            + "<w:r><w:br/></w:r>"
            + _small("from {{ document.effective_date }}"),
        ),
        _Column(1800, "Asked", _small("{{ document.kind }}") + "<w:r><w:br/></w:r>" + _small("by {{ document.due }}")),
        _Column(900, "I attest", _box("{{ document.read_tag }}"), True),
        _Column(1500, "Date", _day("{{ document.date_tag }}")),
    )
    signed = _row(
        _cell(2000, _paragraph(_text("Signature"), "Cell"))
        + _cell(7864, _paragraph(_text("I put my name to every row that I ticked:"), "Cell", "<w:keepNext/>")),
        height=800,
    )
    return (
        _paragraph(_text("Training attestation of a person"), "Title"),
        _paragraph(_text("{{ programme }}"), "Subtitle"),
        _paragraph(_text("{{ statement }}"), "Statement"),
        _facts(about, caption="Who attests", more=signed + _entered()),
        _paragraph("", "Gap", "<w:keepNext/>"),
        _paragraph(_text(_NOTES[0]), "Note", "<w:keepNext/><w:keepLines/>"),
        _loop(columns, caption="What is attested", each="document", listed="documents"),
        _paragraph("", "Gap"),
    )


_PERSON = (
    ("Person", _text("{{ name }}", "<w:b/>") + _text(" ({{ id }})", '<w:sz w:val="16"/>')),
    ("Roles", _text("{{ roles }}")),
)
_DOCUMENT = (
    ("Document", _text("{{ number }}", "<w:b/>") + _text(" {{ title }}")),
    ("Version", _text("{{ version }}", "<w:b/>")),
    ("Digest (SHA-256)", _text("{{ digest }}", '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/><w:sz w:val="15"/>')),
)  # fmt: skip


def _head(title: str, sentence: str) -> tuple[str, ...]:
    return (
        _paragraph(_text(title), "Title"),
        _paragraph(_text("{{ programme }}"), "Subtitle"),
        _paragraph(_text(sentence), "Statement"),
    )


def _to_write(rows: tuple[tuple[str, str], ...], *, caption: str, height: int = 560) -> str:
    """Rows to write into that stay together, the last with what follows."""
    lines = (
        _row(
            _cell(2600, _paragraph(_text(name), "Cell", "<w:keepNext/>"))
            + _cell(7264, _paragraph(_text(text), "Cell", "<w:keepNext/>")),
            height=height,
        )
        for name, text in rows
    )
    return _table((2600, 7264), "".join(lines), caption=caption)


def _signatures(*names: str) -> str:
    rows = tuple((name, "Name, date, signature:") for name in names)
    return _to_write(rows, caption="Signatures", height=700)


def _gap() -> str:
    return _paragraph("", "Gap", "<w:keepNext/>")


def _competency() -> tuple[str, ...]:
    columns = (
        _Column(800, "Step", _text("{{ step.number }}")),
        _Column(4964, "What the procedure says", _text("{{ step.text }}")),
        _Column(1600, "Right: yes, no", ""),
        _Column(2500, "Seen, or asked", ""),
    )
    about = (*_DOCUMENT, *_PERSON, ("Asked", _text("To be shown competent, by {{ due }}")))
    result = (
        ("Observed on", "Day, place:"),
        ("Result", "Passed, or not passed, and what is to be done:"),
        ("Next due", "Day:"),
    )
    return (
        *_head(
            "Competency assessment",
            "The assessor holds this competency, watched the work itself, and answers for every row.",
        ),
        _facts(about, caption="Who is assessed, and at what"),
        _gap(),
        _paragraph(_text("{%p if has_steps %}")),
        _loop(columns, caption="Steps", each="step", listed="steps", height=480),
        _paragraph(_text("{%p endif %}")),
        _gap(),
        _to_write(result, caption="Result"),
        _gap(),
        _signatures("Assessor", "Person assessed", "Entered by"),
        _paragraph("", "Gap"),
    )


def _record() -> tuple[str, ...]:
    columns = (
        _Column(3464, "Document", _text("{{ record.number }}", "<w:b/>") + _text(" {{ record.title }}")),
        _Column(900, "Version", _text("{{ record.version }}")),
        _Column(1300, "Attested", _text("{{ record.day }}")),
        _Column(2800, "How", _small("{{ record.how }}")),
        _Column(1400, "Proof", _small("{{ record.proof }}")),
    )
    return (
        *_head(
            "Training record",
            "Everything on record for this person up to {{ as_of }}; {{ open_count }} still open.",
        ),
        _facts(_PERSON, caption="Whose record this is"),
        _gap(),
        _paragraph(_text("{%p if has_records %}")),
        _loop(columns, caption="Attestations", each="record", listed="records", height=360),
        _paragraph(_text("{%p endif %}")),
        _gap(),
        _signatures("Person", "Quality management"),
        _paragraph("", "Gap"),
    )


def _sheet() -> tuple[str, ...]:
    columns = (
        _Column(2000, "Role", _text("{{ seat.role }}")),
        _Column(3564, "I sign that", _small("{{ seat.sentence }} {% if seat.independent %}({{ seat.meaning }}; {{ seat.independent }}){% else %}({{ seat.meaning }}){% endif %}")),
        _Column(1900, "Name", ""),
        _Column(1100, "Date", ""),
        _Column(1300, "Signature", ""),
    )  # fmt: skip
    about = (
        *_DOCUMENT,
        ("Owner", _text("{{ owner }}")),
        ("In force", _text("{% if in_force %}version {{ in_force }}{% else %}no version yet{% endif %}")),
        ("What changes", _text("{{ change_summary }}")),
        ("Written by", _text("{{ authors }}")),
    )
    return (
        *_head("Sign-off sheet", "I have read this version, and sign for what stands beside my name."),
        _facts(about, caption="What is signed"),
        _gap(),
        _paragraph(_text("{%p if is_by_hand %}")),
        _paragraph(_text("Signed by hand; whoever enters it signs the entry."), "Note", "<w:keepNext/>"),
        _paragraph(_text("{%p endif %}")),
        _paragraph(_text("{%p if not is_by_hand %}")),
        _paragraph(_text("This programme signs electronically: a signature on this sheet fills no seat. Sign with qmdoc sign {{ number }}."), "Note", "<w:keepNext/>"),
        _paragraph(_text("{%p endif %}")),
        _loop(columns, caption="Who signs", each="seat", listed="seats", height=760, keep=True),
        _gap(),
        _signatures("Entered by"),
        _paragraph("", "Gap"),
    )  # fmt: skip


def _adoption() -> tuple[str, ...]:
    about = (
        *_DOCUMENT,
        ("Type and owner", _text("{{ type }} · {{ owner }}")),
        ("Claims to answer", _small("{{ clauses }}")),
    )
    source = (
        ("Taken from", "House or publisher, title, edition, day:"),
        ("Why it fits here", "Products, equipment, staff, rules of this place:"),
        ("What was changed", "Section, and why:"),
    )
    verified = (
        ("How it was verified", "Runs, samples, limits agreed before:"),
        ("What came out", "Results against these limits, where the data lie:"),
        ("Not met, and settled", "Deviation, decision, by whom:"),
        ("Training before use", "Who, by when:"),
    )
    return (
        *_head("Adoption record", "A procedure of another house is used here only after it was checked against the rules that bind this programme and verified with its own work (21 CFR 1271.180(d), recalled)."),
        _facts(about, caption="What is adopted"),
        _gap(),
        _to_write(source, caption="Where it comes from", height=900),
        _gap(),
        _to_write(verified, caption="How it was verified", height=1100),
        _gap(),
        _signatures("Verified by", "Medical director", "Quality management"),
        _paragraph("", "Gap"),
    )  # fmt: skip


@dataclass(frozen=True)
class _Template:
    title: str
    body: Callable[[], tuple[str, ...]]
    left: tuple[str, str]
    right: str
    below: str


TEMPLATES = {
    "training-attestation": _Template(
        "Training attestation",
        _attestation,
        ("{{ number }}", " {{ title }}"),
        "version {{ version }}",
        "in force from {{ effective_date }} · digest {{ digest_short }}",
    ),
    "personal-attestation": _Template(
        "Training attestation of a person",
        _personal,
        ("{{ name }}", " ({{ id }})"),
        "as of {{ as_of }}",
        "training attestation",
    ),
    "competency-assessment": _Template(
        "Competency assessment",
        _competency,
        ("{{ number }}", " {{ title }}"),
        "version {{ version }}",
        "{{ name }} · digest {{ digest_short }}",
    ),
    "training-record": _Template(
        "Training record", _record, ("{{ name }}", " ({{ id }})"), "as of {{ as_of }}", "training record"
    ),
    "sign-off-sheet": _Template(
        "Sign-off sheet",
        _sheet,
        ("{{ number }}", " {{ title }}"),
        "proposed version {{ version }}",
        "digest {{ digest_short }}",
    ),
    "adoption-record": _Template(
        "Adoption record",
        _adoption,
        ("{{ number }}", " {{ title }}"),
        "version {{ version }}",
        "digest {{ digest_short }}",
    ),
}


def _document(template: _Template) -> str:
    page = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1021" w:bottom="1134" w:left="1021" w:header="567" w:footer="510" w:gutter="0"/>'
    references = '<w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/>'
    return f"{_XML}<w:document {_NAMESPACES}><w:body>{''.join(template.body())}<w:sectPr>{references}{page}</w:sectPr></w:body></w:document>"


def _code() -> str:
    """The place of the form number's QR code: 18 mm on each side, enough for a scanner at 200 dots an inch."""
    size = 648000
    shape = f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{size}" cy="{size}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
    picture = f'<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="form-number.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>{shape}</pic:pic>'
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{size}" cy="{size}"/>'
        '<wp:docPr id="1" name="Form number" descr="QR code of the form number {{ form_number }}"/>'
        f'<a:graphic><a:graphicData uri="{_DRAWING}/picture">{picture}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )


def _header(template: _Template) -> str:
    right = '<w:jc w:val="right"/>'
    left = _paragraph(_text(template.left[0], "<w:b/>") + _text(template.left[1]), "Header")
    page = _text("page ") + _field("PAGE") + _text(" of ") + _field("NUMPAGES")
    middle = (
        _paragraph(_text(template.right, "<w:b/>") + _text(" · ") + page, "Header", right)
        + _paragraph(_text(template.below), "Header", right)
        + _paragraph(_text("form ") + _text("{{ form_number }}", "<w:b/>"), "Header", right)
    )
    cells = _cell(4164, left) + _cell(4500, middle) + _cell(1200, _paragraph(_code(), "Header", right))
    table = _table((4164, 4500, 1200), _row(cells), caption="Document, version, page and form number", style="Line")
    drawn = f'xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:a="{_DRAWING}/main" xmlns:pic="{_DRAWING}/picture"'
    return f"{_XML}<w:hdr {_NAMESPACES} {drawn}>{table}{_paragraph('', 'Gap')}</w:hdr>"


def _footer() -> str:
    line = _text(
        "qmdoc · state of {{ as_of }}, record {{ commit }} · printed copies uncontrolled; keep what was signed"
    )
    return f"{_XML}<w:ftr {_NAMESPACES}>{_paragraph(line, 'Footer')}</w:ftr>"


def _blank_picture() -> bytes:
    """A white PNG, one grey pixel stretched: what stands for the code until a form is filled."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    pixel = b"\0\xdd"
    stored = b"\x78\x01" + b"\x01" + struct.pack("<HH", len(pixel), 0xFFFF ^ len(pixel)) + pixel
    data = stored + struct.pack(">I", zlib.adler32(pixel))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def _style(
    number: str,
    name: str,
    *,
    kind: str = "paragraph",
    based: str = "Normal",
    paragraph: str = "",
    run: str = "",
    more: str = "",
) -> str:
    base = f'<w:basedOn w:val="{based}"/>' if based else ""
    looks = (f"<w:pPr>{paragraph}</w:pPr>" if paragraph else "") + (f"<w:rPr>{run}</w:rPr>" if run else "")
    standard = ' w:default="1"' if not based else ""
    return f'<w:style w:type="{kind}"{standard} w:styleId="{number}"><w:name w:val="{name}"/>{base}<w:qFormat/>{looks}{more}</w:style>'


def _edges(names: str, size: int = 4) -> str:
    return "".join(f'<w:{name} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>' for name in names.split())


def _styles() -> str:
    font = '<w:rFonts w:ascii="Arial" w:eastAsia="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:sz w:val="20"/><w:szCs w:val="20"/><w:lang w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/>'
    defaults = f'<w:docDefaults><w:rPrDefault><w:rPr>{font}</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="80"/></w:pPr></w:pPrDefault></w:docDefaults>'
    margins = '<w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="80" w:type="dxa"/><w:bottom w:w="30" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar>'
    box = "".join(
        f'<w:{name} w:val="single" w:sz="8" w:space="6" w:color="000000"/>'
        for name in ("top", "left", "bottom", "right")
    )
    tight = '<w:spacing w:before="0" w:after="0"/>'
    rows = (
        _style("Normal", "Normal", based=""),
        _style(
            "TableNormal",
            "Normal Table",
            kind="table",
            based="",
            more='<w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr>',
        ).replace("<w:qFormat/>", ""),
        _style(
            "PlaceholderText", "Placeholder Text", kind="character", based="", run='<w:color w:val="595959"/>'
        ).replace(' w:default="1"', ""),
        _style(
            "Title",
            "Title",
            paragraph='<w:keepNext/><w:spacing w:before="0" w:after="0"/><w:outlineLvl w:val="0"/>',
            run='<w:b/><w:sz w:val="32"/>',
        ),
        _style("Subtitle", "Subtitle", paragraph='<w:keepNext/><w:spacing w:after="160"/>'),
        _style(
            "Statement",
            "Statement",
            paragraph=f'<w:keepNext/><w:keepLines/><w:pBdr>{box}</w:pBdr><w:spacing w:before="80" w:after="200"/><w:ind w:left="142" w:right="142"/>',
            run='<w:b/><w:sz w:val="22"/>',
        ),
        _style("Cell", "Cell", paragraph=tight),
        _style("ColumnName", "Column name", paragraph=f"<w:keepNext/>{tight}", run="<w:b/>"),
        _style("Note", "Note", paragraph='<w:spacing w:before="80" w:after="80"/>', run='<w:sz w:val="18"/>'),
        _style(
            "Gap",
            "Gap",
            paragraph='<w:spacing w:before="0" w:after="0" w:line="160" w:lineRule="exact"/>',
            run='<w:sz w:val="8"/>',
        ),
        _style("Header", "header", paragraph=tight, run='<w:sz w:val="18"/>'),
        _style(
            "Footer",
            "footer",
            paragraph=f'<w:pBdr>{_edges("top")}</w:pBdr>{tight}<w:jc w:val="center"/>',
            run='<w:sz w:val="15"/>',
        ),
        _style(
            "Rows",
            "Rows",
            kind="table",
            based="TableNormal",
            more=f"<w:tblPr><w:tblBorders>{_edges('top left bottom right insideH insideV')}</w:tblBorders>{margins}</w:tblPr>",
        ),
        _style(
            "Line",
            "Line",
            kind="table",
            based="TableNormal",
            more=f"<w:tblPr><w:tblBorders>{_edges('bottom', 8)}</w:tblBorders>{margins}</w:tblPr>",
        ),
    )
    return f"{_XML}<w:styles {_NAMESPACES}>{defaults}{''.join(rows)}</w:styles>"


def _settings() -> str:
    mode = '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    return f'{_XML}<w:settings {_NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>{mode}<w:themeFontLang w:val="en-GB"/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'


def _core(title: str) -> str:
    spaces = f'xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f"{_XML}<cp:coreProperties {spaces}><dc:title>{title}</dc:title><dc:creator>qmdoc</dc:creator><dc:language>en-GB</dc:language></cp:coreProperties>"


def _kinds() -> str:
    pages = {
        "document": "document.main",
        "styles": "styles",
        "settings": "settings",
        "header1": "header",
        "footer1": "footer",
    }
    rows = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_KINDS}.{kind}+xml"/>' for name, kind in pages.items()
    )
    core = '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    common = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
    return f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{common}{rows}{core}</Types>'


def _relationships(rows: dict[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{place}" Type="{kind}" Target="{target}"/>'
        for place, (target, kind) in enumerate(rows.items(), 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def parts(name: str) -> dict[str, bytes]:
    """The files inside the Word file of a template."""
    kind, template = f"{_OFFICE}/relationships", TEMPLATES[name]
    top = {
        "word/document.xml": f"{kind}/officeDocument",
        "docProps/core.xml": f"{_PACKAGE}/relationships/metadata/core-properties",
    }
    inner = {
        "styles.xml": f"{kind}/styles",
        "settings.xml": f"{kind}/settings",
        "header1.xml": f"{kind}/header",
        "footer1.xml": f"{kind}/footer",
    }
    texts = {
        "[Content_Types].xml": _kinds(),
        "_rels/.rels": _relationships(top),
        "docProps/core.xml": _core(template.title),
        "word/_rels/document.xml.rels": _relationships(inner),
        "word/_rels/header1.xml.rels": _relationships({"media/form-number.png": f"{kind}/image"}),
        "word/document.xml": _document(template),
        "word/footer1.xml": _footer(),
        "word/header1.xml": _header(template),
        "word/settings.xml": _settings(),
        "word/styles.xml": _styles(),
    }
    return {part: text.encode() for part, text in texts.items()} | {"word/media/form-number.png": _blank_picture()}


def main(folder: Path) -> None:
    """Writes the Word files."""
    for name in TEMPLATES:
        with zipfile.ZipFile(folder / f"{name}.docx", "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in parts(name).items():
                archive.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
