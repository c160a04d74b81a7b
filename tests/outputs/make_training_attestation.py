"""Makes `templates/training-attestation.docx` anew: `python tests/outputs/make_training_attestation.py FILE`.

The Word file is what people edit; this only says how ours began, and starts it over with the same bytes.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_WORD14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMESPACES = f'xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}/relationships" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:w14="{_WORD14}" mc:Ignorable="w14"'
_WIDTHS = (2864, 2000, 900, 1600, 2500)
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
            + _text(" · in force since {{ effective_date }} · approved {{ approved }}"),
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
        ("Asked", _text("{{ kind }}, within {{ within }} days of approval: by {{ due }}")),
    )
    lines = [
        _row(_cell(2000, _paragraph(_text(name), "Cell")) + _cell(7864, _paragraph(value, "Cell", "<w:keepNext/>")))
        for name, value in rows
    ]
    lines.append(
        _row(
            _cell(2000, _paragraph(_text("Entered by"), "Cell"))
            + _cell(7864, _paragraph(_text("Name, date, signature:"), "Cell", "<w:keepNext/>")),
            height=600,
        )
    )
    lines[4] = _whole_row("{%tr if change_summary %}") + lines[4] + _whole_row("{%tr endif %}")
    return _table((2000, 7864), "".join(lines), caption="The document that is attested")


def _whole_row(tag: str, width: int = 9864, span: int = 2) -> str:
    return _row(_cell(width, _paragraph(_text(tag), "Cell"), f'<w:gridSpan w:val="{span}"/>'))


def _people() -> str:
    names = ("Name", "Role", "I attest", "Date", "Signature")
    header = _row(
        "".join(
            _cell(width, _paragraph(_text(name), "ColumnName")) for width, name in zip(_WIDTHS, names, strict=True)
        ),
        is_header=True,
    )
    gothic = (
        '<w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic" w:hint="eastAsia"/><w:sz w:val="28"/>'
    )
    states = '<w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/>'
    box = _control(
        "I attest",
        "{{ person.read_tag }}",
        f'<w14:checkbox><w14:checked w14:val="0"/>{states}</w14:checkbox>',
        _text("☐", gothic),
    )
    iso = '<w:date><w:dateFormat w:val="yyyy-MM-dd"/><w:lid w:val="en-GB"/><w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>'
    day = _control(
        "Date",
        "{{ person.date_tag }}",
        f"<w:showingPlcHdr/>{iso}",
        _text(_PLACEHOLDER, '<w:rStyle w:val="PlaceholderText"/>'),
    )
    cells = (
        _text("{{ person.name }}") + _text(" ({{ person.id }})", '<w:sz w:val="16"/>'),
        _text("{{ person.roles }}"),
        box,
        day,
        _text("{{ person.signed }}"),
    )
    middle = '<w:jc w:val="center"/>'
    row = _row(
        "".join(
            _cell(width, _paragraph(cell, "Cell", middle if place == 2 else ""))
            for place, (width, cell) in enumerate(zip(_WIDTHS, cells, strict=True))
        ),
        height=540,
    )
    rows = header + _whole_row("{%tr for person in people %}", span=5) + row + _whole_row("{%tr endfor %}", span=5)
    return _table(_WIDTHS, rows, caption="Who attests")


def _document() -> str:
    body = (
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
        *(_paragraph(_text(line), "Note", "<w:keepNext/><w:keepLines/>") for line in _NOTES),
        _people(),
        _paragraph("", "Gap"),
    )
    page = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1021" w:bottom="1134" w:left="1021" w:header="567" w:footer="510" w:gutter="0"/>'
    references = '<w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/>'
    return f"{_XML}<w:document {_NAMESPACES}><w:body>{''.join(body)}<w:sectPr>{references}{page}</w:sectPr></w:body></w:document>"


def _header() -> str:
    left = _paragraph(_text("{{ number }}", "<w:b/>") + _text(" {{ title }}"), "Header")
    page = _text("page ") + _field("PAGE") + _text(" of ") + _field("NUMPAGES")
    right = _paragraph(
        _text("version {{ version }}", "<w:b/>") + _text(" · ") + page, "Header", '<w:jc w:val="right"/>'
    )
    more = _paragraph(
        _text("in force since {{ effective_date }} · digest {{ digest_short }}"), "Header", '<w:jc w:val="right"/>'
    )
    table = _table(
        (5464, 4400),
        _row(_cell(5464, left) + _cell(4400, right + more)),
        caption="Document, version and page",
        style="Line",
    )
    return f"{_XML}<w:hdr {_NAMESPACES}>{table}{_paragraph('', 'Gap')}</w:hdr>"


def _footer() -> str:
    line = _text("qmdoc · as of {{ as_of }}, commit {{ commit }} · printed copies uncontrolled; once signed, a record")
    return f"{_XML}<w:ftr {_NAMESPACES}>{_paragraph(line, 'Footer')}</w:ftr>"


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


def _core() -> str:
    spaces = f'xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f"{_XML}<cp:coreProperties {spaces}><dc:title>Training attestation</dc:title><dc:creator>qmdoc</dc:creator><dc:language>en-GB</dc:language></cp:coreProperties>"


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
    common = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    return f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{common}{rows}{core}</Types>'


def _relationships(rows: dict[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{place}" Type="{kind}" Target="{target}"/>'
        for place, (target, kind) in enumerate(rows.items(), 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def parts() -> dict[str, str]:
    """The files inside the Word file."""
    kind = f"{_OFFICE}/relationships"
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
    return {
        "[Content_Types].xml": _kinds(),
        "_rels/.rels": _relationships(top),
        "docProps/core.xml": _core(),
        "word/_rels/document.xml.rels": _relationships(inner),
        "word/document.xml": _document(),
        "word/footer1.xml": _footer(),
        "word/header1.xml": _header(),
        "word/settings.xml": _settings(),
        "word/styles.xml": _styles(),
    }


def main(target: Path) -> None:
    """Writes the Word file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts().items():
            archive.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
