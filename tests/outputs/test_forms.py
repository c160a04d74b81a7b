"""The Word form: every field in its place, hostile text literal, hostile templates refused in one sentence."""

from __future__ import annotations

import importlib.util
import io
import re
import sys
import time
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from programme import Programme, document, path

from qmdoc import training
from qmdoc.errors import OutputFailed
from qmdoc.model import Meaning, Version
from qmdoc.outputs import forms
from qmdoc.outputs.forms import number
from qmdoc.outputs.forms.form import Row, control_tag
from qmdoc.register import Audit, State

TOP = Path(__file__).parents[2]
TEMPLATE = (TOP / forms.TEMPLATE).read_bytes()
BODY = "word/document.xml"
SETTINGS = "word/_rels/document.xml.rels"
TRAINING = "{roles: [ward-nurse], kind: read-and-understood, within: 30}"
STAFF = (
    "id,name,email,roles,sites,from,to\n"
    "s.odd,<b>&,odd@x.example,ward-nurse,main,,\n"
    "s.tag,{{ 7*7 }} {_{ x }_},tag@x.example,ward-nurse;physician,main,,\n"
    's.control,"Two\nlines\tand \uffff",control@x.example,ward-nurse,main,,\n'
    f"{'s' * 70},Long id,long@x.example,ward-nurse,main,,\n"
    f"{'s' * 71},Longer id,longer@x.example,ward-nurse,main,,\n"
    "s.physician,Physician,p@x.example,physician,main,,\n"
    "s.gone,Gone,g@x.example,ward-nurse,main,,2026-02-01\n"
)
TITLE = "'{{ 7*7 }} <b>& {% raw %}'"


def programme() -> Programme:
    made = Programme()
    made.commit("w.writer", {
        "records/staff.csv": STAFF,
        path("QM-001"): document("QM-001", "2.1", title=TITLE, training=TRAINING, change_summary="Limit is 10 < 20 & two check.", effective_date="2026-02-01"),
        path("QM-002"): document("QM-002"),
        path("QM-003"): document("QM-003", training="{roles: [physician], kind: competency, within: 0}", owner="m.director"),
        path("QM-004"): document("QM-004", training="{roles: [pharmacist]}"),
    })  # fmt: skip
    made.approve("QM-001", "QM-002", "QM-003", "QM-004")
    made.commit("w.writer", {path("QM-005"): document("QM-005", training=TRAINING)})
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    return made


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return programme().audit(tmp_path_factory.mktemp("forms") / "repository")


@pytest.fixture(scope="module")
def made(audit: Audit) -> dict[str, bytes]:
    return forms.forms(audit, TEMPLATE)


@pytest.fixture(scope="module")
def form(made: dict[str, bytes]) -> bytes:
    return made["QM-001-2.1-training-attestation.docx"]


def contents(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def parts(content: bytes) -> dict[str, str]:
    return {name: text.decode() for name, text in contents(content).items() if not name.endswith(".png")}


def template(old: str = "", new: str = "", *, part: str = BODY, added: dict[str, str] | None = None) -> bytes:
    """Our template with one text replaced, and other files beside."""
    files: dict[str, bytes | str] = {**contents(TEMPLATE), **(added or {})}
    text = parts(TEMPLATE)[part]
    assert old in text
    files[part] = text.replace(old, new, 1)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


def with_tag(tag: str) -> bytes:
    return template("{{ programme }}", tag)


def number_of(content: bytes) -> str:
    """The form's number, as its header prints it."""
    [found] = set(number.PATTERN.findall(text(content, "word/header1.xml")))
    return str(found)


def state(audit: Audit, number: str) -> State:
    found = audit.register.state(number)
    assert found
    return found


def text(content: bytes, part: str = BODY) -> str:
    """The text of a part, cells and paragraphs parted by `|`."""
    plain = re.sub(r"<[^>]+>", "", re.sub(r"</w:p>|<w:p[ >]", "|", parts(content)[part]))
    return re.sub(
        r"\|+", "|", plain.strip().replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"').replace("&amp;", "&")
    )


def written(element: object) -> str:
    return "".join(each.text or "" for each in element.iter(qn("w:t")))  # type: ignore[attr-defined]


def controls(content: bytes) -> dict[str, object]:
    """The content controls by tag, as python-docx finds them."""
    found = docx.Document(io.BytesIO(content)).element.findall(f".//{qn('w:sdt')}")
    tagged = {each.find(f"{qn('w:sdtPr')}/{qn('w:tag')}").get(qn("w:val")): each for each in found}
    assert len(tagged) == len(found)
    return tagged


def test_each_document_in_force_that_asks_somebody_has_a_form(made: dict[str, bytes]) -> None:
    assert sorted(made) == ["QM-001-2.1-training-attestation.docx", "QM-003-1.0-training-attestation.docx"]


def test_one_form_alone_is_the_same_form(audit: Audit, form: bytes) -> None:
    assert forms.render(audit, state(audit, "QM-001"), TEMPLATE) == form


@pytest.mark.parametrize("number", ["QM-002", "QM-004", "QM-005"])
def test_a_document_that_asks_nobody_has_no_form(audit: Audit, number: str) -> None:
    with pytest.raises(OutputFailed, match=f"{number} asks nobody to attest it on 2026-11-22; choose"):
        forms.render(audit, state(audit, number), TEMPLATE)


def test_the_page_says_what_is_attested(audit: Audit, form: bytes) -> None:
    page, digest = text(form), state(audit, "QM-001").effective.digest  # type: ignore[union-attr]
    for row in (
        "|Example Cellular Therapy Programme|I have read and understood the documents listed below.|",
        "|Document|QM-001 {{ 7*7 }} <b>& {% raw %}|Version|2.1 · in force from 2026-02-01 · approved 2026-01-05|",
        f"|Digest (SHA-256)|{digest}|Type and owner|SOP · Quality manager|What changed|Limit is 10 < 20 & two check.|",
        "|Asked|To read and understand it, before it comes into force: by 2026-01-31; later for those who joined since or were on leave|",
        "|Paper attestation: the person signs by hand; whoever enters it signs the entry.",
    ):
        assert row in page
    assert "competency" not in page


def test_every_person_who_is_there_has_a_row(form: bytes) -> None:
    table = docx.Document(io.BytesIO(form)).tables[-1]
    blank = ("Ward nurse", "☐", "____-__-__", "")
    assert [tuple(written(cell) for cell in row._tr.tc_lst) for row in table.rows] == [
        ("No.", "Name", "Role", "I attest", "Date", "Signature"),
        ("1", "<b>& (s.odd)", *blank),
        ("2", f"Long id ({'s' * 70})", *blank),
        ("3", f"Longer id ({'s' * 71})", *blank),
        ("4", "Two lines and \ufffd (s.control)", *blank),
        ("5", "Ward Nurse (n.nurse)", *blank[:3], "signed 2026-03-02"),
        ("6", "{{ 7*7 }} {_{ x }_} (s.tag)", *blank),
    ]


def test_competency_is_said_and_an_owner_is_named(made: dict[str, bytes]) -> None:
    page = text(made["QM-003-1.0-training-attestation.docx"])
    assert "This document asks for competency." in page
    assert "SOP · Medical Director|" in page
    assert "What changed" not in page


def test_each_sheet_says_which_document_and_which_page(audit: Audit, form: bytes) -> None:
    digest = state(audit, "QM-001").effective.digest  # type: ignore[union-attr]
    head = text(form, "word/header1.xml")
    assert (
        head
        == f"|QM-001 {{{{ 7*7 }}}} <b>& {{% raw %}}|version 2.1 · page  PAGE 1 of  NUMPAGES 1|in force from 2026-02-01 · digest {digest[:12]}|form {number_of(form)}|"
    )
    foot = f"|qmdoc · state of 2026-11-22, record {audit.register.ledger.tip} · printed copies uncontrolled; keep what was signed|"
    assert text(form, "word/footer1.xml") == foot


def test_controls_tell_a_machine_who_read_what(audit: Audit, form: bytes) -> None:
    found, digest = controls(form), state(audit, "QM-001").effective.digest  # type: ignore[union-attr]
    values = {tag: written(each) for tag, each in found.items()}
    assert {tag: values[tag] for tag in ("document", "version", "digest")} == {
        "document": "QM-001",
        "version": "2.1",
        "digest": digest,
    }
    people = training.must_attest(state(audit, "QM-001"), audit.register)
    expected = {
        control_tag(kind, Row(each.person, "QM-001", Version(2, 1), digest))
        for each in people
        for kind in ("read", "date")
    }
    assert set(found) == expected | {"document", "version", "digest"}
    assert len(expected) == 12
    assert f"read:QM-001:2.1:{digest[:12]}:s.odd" in expected
    assert all(len(tag) <= 64 for tag in found)


def test_controls_are_boxes_dates_and_locked_text(form: bytes) -> None:
    for tag, each in controls(form).items():
        kind = each.find(qn("w:sdtPr"))  # type: ignore[attr-defined]
        if tag.startswith("read:"):
            box = kind.find("{http://schemas.microsoft.com/office/word/2010/wordml}checkbox")
            assert next(iter(box)).values() == ["0"]
        elif tag.startswith("date:"):
            assert kind.find(f"{qn('w:date')}/{qn('w:dateFormat')}").get(qn("w:val")) == "yyyy-MM-dd"
            assert kind.find(qn("w:showingPlcHdr")) is not None
        else:
            assert kind.find(qn("w:lock")).get(qn("w:val")) == "sdtContentLocked"


def test_no_control_has_the_number_of_another(form: bytes) -> None:
    numbers = [each.find(f"{qn('w:sdtPr')}/{qn('w:id')}").get(qn("w:val")) for each in controls(form).values()]  # type: ignore[attr-defined]
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


def test_the_heads_of_columns_repeat_and_no_row_is_split(form: bytes) -> None:
    word = docx.Document(io.BytesIO(form))
    people = word.tables[-1]
    assert [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in people.rows] == [True] + [
        False
    ] * 6
    assert all(
        row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for table in word.tables for row in table.rows
    )
    assert (word.sections[0].page_width.mm, word.sections[0].page_height.mm) == pytest.approx((210, 297), abs=0.1)  # type: ignore[union-attr]
    assert word.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}").get(qn("w:val")) == "en-GB"


def test_the_clock_is_the_day_it_tells_about(audit: Audit, form: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2_000_000_000))
    assert forms.forms(audit, TEMPLATE)["QM-001-2.1-training-attestation.docx"] == form
    assert {row.date_time for row in zipfile.ZipFile(io.BytesIO(form)).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = docx.Document(io.BytesIO(form)).core_properties
    assert (core.title, core.created, core.modified) == (
        "Training attestation QM-001 2.1",
        datetime(2026, 11, 22, tzinfo=UTC),
        datetime(2026, 11, 22, tzinfo=UTC),
    )


def test_two_repositories_of_one_history_give_the_same_bytes(form: bytes, tmp_path: Path) -> None:
    later = programme().audit(tmp_path / "other", now=datetime(2027, 1, 1, tzinfo=UTC), as_of=date(2026, 11, 22))
    assert forms.forms(later, TEMPLATE)["QM-001-2.1-training-attestation.docx"] == form


def test_every_tag_of_the_table_can_be_used(audit: Audit) -> None:
    lists = [name.partition(".")[0] for name in forms.TAGS if "." in name]
    plain = " ".join(f"{{{{ {name} }}}}" for name in forms.TAGS if name.partition(".")[0] not in lists)
    loops = ""
    for listed in dict.fromkeys(lists):
        rows = (name.removeprefix(f"{listed}.") for name in forms.TAGS if name.startswith(f"{listed}."))
        loops += f"{{% for one in {listed} %}}{' '.join(f'{{{{ one.{name} }}}}' for name in rows)}{{% endfor %}}"
    every = with_tag(f"{plain} {loops}")
    assert forms.unknown_tags(every) == ()
    assert forms.names(every) == set(forms.TAGS)
    assert "{{ 7*7 }} {_{ x }_} s.tag Ward nurse   read:QM-001:2.1:" in text(
        forms.render(audit, state(audit, "QM-001"), every)
    )


def test_our_template_knows_its_tags() -> None:
    assert forms.unknown_tags(TEMPLATE) == ()
    assert set(forms.TAGS) - forms.names(TEMPLATE) == {"due", "within"}  # `deadline` says both, for any template


@pytest.mark.parametrize(("tag", "answer"), [
    ("{{ versoin }}", "tag {{ versoin }} is unknown; did you mean version?"),
    ("{{ ver</w:t></w:r><w:proofErr w:type=\"spellStart\"/><w:r><w:t>soin }}", "tag {{ versoin }} is unknown; did you mean version?"),
    ("{% if Version %}{% endif %}", "tag {{ Version }} is unknown; did you mean version?"),
    ("{% for p in people %}{{ p.nmae }}{% endfor %}", "tag {{ p.nmae }} is unknown; did you mean p.name?"),
    ("{% for p in people %}{{ p.__class__ }}{% endfor %}", "tag {{ p.__class__ }} is unknown; known are programme, "),
    ("{{ zzzzzz }}", "tag {{ zzzzzz }} is unknown; known are programme, as_of, commit, form_number, number, title,"),
])  # fmt: skip
def test_an_unknown_tag_is_named_and_the_nearest_offered(audit: Audit, tag: str, answer: str) -> None:
    [said] = forms.unknown_tags(with_tag(tag))
    assert said.startswith(answer)
    with pytest.raises(OutputFailed, match=re.escape(f"{forms.TEMPLATE}: {answer}")):
        forms.forms(audit, with_tag(tag))


def test_an_unknown_tag_in_a_header_is_found(audit: Audit) -> None:
    wrong = template("{{ digest_short }}", "{{ digest_shrt }}", part="word/header1.xml")
    assert forms.unknown_tags(wrong) == ("tag {{ digest_shrt }} is unknown; did you mean digest_short?",)


@pytest.mark.parametrize("tag", [
    "{{ ''.__class__.__mro__ }}", "{{ number.__class__ }}", "{{ 7*7 }}", "{{ number|safe }}", "{{ number['x'] }}", "{{ people }}",
    "{{ cycler('a').__init__ }}", "{{ number.upper() }}", "{% set x = number %}", "{% include 'x' %}", "{% autoescape false %}{% endautoescape %}",
    "{% for a in people %}{% for b in people %}{% endfor %}{% endfor %}", "{% for a in title %}{% endfor %}", "{% for a in people recursive %}{% endfor %}",
    "{% macro m() %}{% endmacro %}", "{% if number == '1' %}{% endif %}", "{% for a in people %}{{ a }}{% endfor %}", "{% import 'x' as y %}",
])  # fmt: skip
def test_a_template_that_runs_code_is_refused(audit: Audit, tag: str) -> None:
    with pytest.raises(
        OutputFailed,
        match=rf"^{forms.TEMPLATE}: tag \{{[{{%] .* is (refused, for a template runs no code; write one name|unknown; )",
    ) as caught:
        forms.forms(audit, with_tag(tag))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("tag", "answer"), [
    ("{{ number", "tag {{ number has no end"), ("{{ }}", "tag {{ }} can't be read"), ("{% if version %}", "can't be read"), ("{% fro x %}", "tag {% fro x %} can't be read"),
    ("{% endfor %}", "tag {% endfor %} can't be read"), ("{{r title }}", "prints outside of text"), ("{{ title </w:t></w:r><w:r><w:t>", "tag {{ title  has no end"), ("{% if version", "tag {% if version has no end"),
])  # fmt: skip
def test_broken_syntax_is_one_sentence(audit: Audit, tag: str, answer: str) -> None:
    with pytest.raises(OutputFailed, match=re.escape(f"{forms.TEMPLATE}: ") + ".*" + re.escape(answer)) as caught:
        forms.forms(audit, with_tag(tag))
    assert "\n" not in str(caught.value)


def test_a_condition_across_the_page_is_refused(audit: Audit) -> None:
    begin, end = "{{ programme }}", " {{ title }}"
    between = parts(TEMPLATE)[BODY].partition(begin)[2].partition(end)[0]
    with pytest.raises(
        OutputFailed, match="a loop or a condition begins in one paragraph or row and ends in another; write"
    ):
        forms.forms(audit, template(f"{begin}{between}{end}", f"{{% if is_competency %}}{between}{{% endif %}}"))


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, TEMPLATE[:3000], TEMPLATE[:-30]],
)
def test_a_file_that_is_no_word_document_is_refused(content: bytes) -> None:
    with pytest.raises(
        OutputFailed, match=r"is no Word document, or a damaged or encrypted one; save it in Word as \.docx"
    ):
        forms.unknown_tags(content)


@pytest.mark.parametrize(("old", "new"), [
    ("wordprocessingml.document.main", "spreadsheetml.sheet.main"), ("<Types", "<!DOCTYPE x><Types"), ("</Types>", ""),
])  # fmt: skip
def test_another_kind_of_file_is_refused(old: str, new: str) -> None:
    with pytest.raises(OutputFailed, match="is no Word document"):
        forms.names(template(old, new, part="[Content_Types].xml"))


def test_a_word_template_or_one_with_macros_is_refused() -> None:
    for kind, answer in (
        ("wordprocessingml.template.main", r"\.dotx"),
        ("ms-word.document.macroEnabled.main", "holds macros"),
    ):
        with pytest.raises(OutputFailed, match=answer):
            forms.names(template("wordprocessingml.document.main", kind, part="[Content_Types].xml"))


@pytest.mark.parametrize("row", [
    'Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"',
    'Type="http://x/relationships/attachedTemplate" Target="file:///server/x.dotm" TargetMode="External"',
    'Type="http://x/relationships/image" Target="http://x.example/pixel.png" TargetMode="External"',
    'Type="http://x/relationships/hyperlink" Target="file:///etc/passwd" TargetMode="External"',
    'Type="http://x/relationships/oleObject" Target="embeddings/o.bin"',
    'Type="http://x/relationships/package" Target="x.xlsx"',
    'Type="http://x/relationships/aFChunk" Target="x.html"',
])  # fmt: skip
def test_a_template_that_reaches_outside_is_refused(row: str) -> None:
    with pytest.raises(OutputFailed, match="holds a macro, an embedded object or a link to another file"):
        forms.names(template("</Relationships>", f'<Relationship Id="rId99" {row}/></Relationships>', part=SETTINGS))


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "word/embeddings/oleObject1.bin", "word/activeX/activeX1.xml"])
def test_a_hidden_part_that_runs_is_refused(name: str) -> None:
    with pytest.raises(OutputFailed, match="holds a macro, an embedded object"):
        forms.names(template(added={name: "x"}))


@pytest.mark.parametrize(
    "code", ["DDEAUTO cmd", "INCLUDETEXT x", "DDE</w:instrText></w:r><w:r><w:instrText>AUTO x", "{{ title }}"]
)
def test_a_field_that_reaches_outside_is_refused(code: str) -> None:
    with pytest.raises(OutputFailed, match="holds a field that reaches outside"):
        forms.names(template("NUMPAGES", code, part="word/header1.xml"))


def test_a_link_to_the_web_may_stand() -> None:
    row = '<Relationship Id="rId99" Type="http://x/relationships/hyperlink" Target="https://x.example/" TargetMode="External"/></Relationships>'
    assert forms.unknown_tags(template("</Relationships>", row, part=SETTINGS)) == ()


def test_what_word_leaves_in_a_row_is_not_repeated(audit: Audit) -> None:
    old = '<w:p><w:pPr><w:pStyle w:val="Cell"/></w:pPr><w:r><w:t xml:space="preserve">{{ person.name }}'
    new = old.replace("<w:p>", '<w:p w14:paraId="11111111" w14:textId="77777777">').replace(
        "</w:pPr>", '</w:pPr><w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>'
    )
    page = parts(forms.render(audit, state(audit, "QM-001"), template(old, new)))[BODY]
    assert "paraId" not in page
    assert "bookmark" not in page


def test_no_cell_is_left_without_a_paragraph(audit: Audit) -> None:
    """Word opens no such file."""
    cell = "</w:t></w:r></w:p><w:p><w:r><w:t>"
    made = forms.render(
        audit,
        state(audit, "QM-001"),
        template("{{ person.signed }}", f"{{%p if is_competency %}}{cell}{{{{ person.signed }}}}{cell}{{%p endif %}}"),
    )
    assert all(each.find(qn("w:p")) is not None for each in docx.Document(io.BytesIO(made)).element.iter(qn("w:tc")))


def test_our_templates_are_what_their_maker_makes() -> None:
    maker = Path(__file__).parent / "make_forms.py"
    spec = importlib.util.spec_from_file_location("make_forms", maker)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    assert sorted(module.TEMPLATES) == sorted(kind.NAME for kind in forms.KINDS)
    for name in module.TEMPLATES:
        assert contents((TOP / forms.template_of(name)).read_bytes()) == module.parts(name)
