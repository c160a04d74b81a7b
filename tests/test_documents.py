"""Front matter is read as strings and judged: each fault names its line, what was read and what to write."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programme import document

from qmdoc import documents
from qmdoc.documents import Document, Unreadable
from qmdoc.model import UNPRINTABLE, Version

PATH = "sops/quality/QM-001-title.md"


def parse(text: str | bytes, path: str = PATH) -> Document | Unreadable:
    return documents.parse(path, text.encode() if isinstance(text, str) else text)


def front_matter(*lines: str) -> str:
    return "---\n" + "".join(f"{line}\n" for line in lines) + "---\n\n## Purpose\n\nText.\n"


GOOD = (
    "id: QM-001",
    "title: Document control",
    "type: sop",
    'version: "2.1"',
    "owner: quality-manager",
    "review_date: 2028-01-31",
)


def with_line(line: str) -> str:
    key = line.split(":")[0]
    return front_matter(
        *(line if row.startswith(f"{key}:") else row for row in GOOD),
        *([] if any(row.startswith(f"{key}:") for row in GOOD) else [line]),
    )


def test_a_good_document_is_read_whole() -> None:
    found = parse(front_matter(*GOOD))
    assert isinstance(found, Document) and not found.faults
    assert (found.id, found.title, found.type, found.version, found.owner) == (
        "QM-001",
        "Document control",
        "sop",
        Version(2, 1),
        "quality-manager",
    )
    assert found.body_line == 9 and found.body.startswith("\n## Purpose") and found.line("version") == 5


@pytest.mark.parametrize(
    ("line", "at", "message", "fix"),
    [
        ("version: 1.10", 5, "1.10 without quotes", 'version: "1.10"'),
        ("version: 012.0", 5, "`012.0`", '"2.1"'),
        ("version: 1e1", 5, "`1e1`", '"2.1"'),
        ('version: "2"', 5, "`2`", '"2.1"'),
        ('version: "02.1"', 5, "`02.1`", '"2.1"'),
        ('version: "٢.1"', 5, "`٢.1`", '"2.1"'),
        ("id: QM-1", 2, "`QM-1`", "QM-001"),
        ("id: QM-002", 2, "file is named", "correct the id"),
        ("effective_date: 2026-02-30", 8, "`2026-02-30`", "YYYY-MM-DD"),
        ("effective_date: 20260201", 8, "`20260201`", "YYYY-MM-DD"),
        ("type: SOP", 4, "`SOP`", "small letters"),
        ("id: QM-001\nid: QM-001", 3, "given twice", "keep one"),
    ],
)
def test_what_identifies_a_document_must_be_right(line: str, at: int, message: str, fix: str) -> None:
    found = parse(with_line(line))
    assert isinstance(found, Unreadable) and found.check == "front-matter-invalid"
    fault = found.faults[0]
    assert fault.line == at and message in fault.message and fix in fault.fix, fault


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("owner: Jane Doe", "`Jane Doe`"),
        ("owner:", "empty"),
        ("review_date: soon", "`soon`"),
        ("titel: x", "`titel` is unknown"),
        ("standards: [a]", "a list"),
        ("training: {roles: []}", "`training.roles`"),
        ("training: {roles: [a], within: -1}", "`-1`"),
        ("change: big", "`big`"),
        ("supersedes: [old]", "`old`"),
        ("not_applicable: {x: {y: }}", "empty"),
    ],
)
def test_another_wrong_key_leaves_a_document(line: str, message: str) -> None:
    found = parse(with_line(line))
    assert isinstance(found, Document) and len(found.faults) == 1, found
    assert message in found.faults[0].message and found.faults[0].fix


def test_yaml_1_1_guesses_nothing() -> None:
    found = parse(with_line("owner: no"))
    assert isinstance(found, Document) and found.owner == "no"
    found = parse(with_line("version: 2.1"))
    assert isinstance(found, Document) and found.version == Version(2, 1)


def test_a_missing_key_is_a_fault_at_line_one() -> None:
    found = parse(front_matter(*GOOD[:4]))
    assert isinstance(found, Document) and [(fault.line, fault.key) for fault in found.faults] == [
        (1, "owner"),
        (1, "review_date"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no front matter\n", "does not begin with front matter"),
        (b"", "does not begin with front matter"),
        (b"---\nid: QM-001\n", "does not end"),
        (b"---\nid: [\n---\n", "not valid YAML"),
        (b"---\n- a\n---\n", "no list of"),
        (b"---\na: &x 1\nb: *x\n---\n", "anchors"),
        (b"---\na: !!python/object:os.system x\n---\n", "tag"),
        (b"---\na: " + b"[" * 30 + b"]" * 30 + b"\n---\n", "nested"),
        (b"---\nid: QM-001\n---\n" + b"x" * (1024 * 1024), "over 1 MiB"),
        ("---\nid: QM-001\n---\nÜ".encode("latin-1"), "not UTF-8"),
        (b"---\nid: QM-001\n---\na\x00b", "U+0000"),
        (b"---\nid: QM-001\n---\na\rb", "U+000D"),
        ("---\nid: QM-001\n---\n5 mg\u202e".encode(), "U+202E"),
        (b"---\nid: QM-001\n---\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n", "merge conflict"),
    ],
)
def test_what_can_not_be_read_says_so(content: bytes, message: str) -> None:
    found = parse(content)
    assert isinstance(found, Unreadable) and found.check == "unreadable-document"
    assert message in found.faults[0].message and found.faults[0].fix, found.faults


def test_a_byte_order_mark_and_crlf_are_read() -> None:
    text = document().encode()
    found = parse(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert isinstance(found, Document) and found.body == parse_body(text)


def parse_body(text: bytes) -> str:
    found = parse(text)
    assert isinstance(found, Document)
    return found.body


def test_versions_are_compared_as_numbers() -> None:
    assert Version(1, 10) > Version(1, 9)
    assert str(Version.parse("1.10")) == "1.10" and Version.parse("1.01") is None


def test_the_schema_asks_for_what_the_reader_asks_for() -> None:
    schema = json.loads(documents.json_schema())
    assert schema["required"] == list(documents.REQUIRED) and schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(documents.FrontMatter.model_fields)
    assert schema["properties"]["id"]["pattern"] and "null" not in json.dumps(schema)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(str.encode),
        st.text(alphabet="-:[]{}&*!|>#'\" \nidQM01versn.", max_size=200).map(
            lambda text: f"---\n{text}\n---\n".encode()
        ),
    )
)
def test_no_bytes_make_the_reader_fall_over(content: bytes) -> None:
    found = documents.parse(PATH, content)
    assert isinstance(found, Document) or found.faults


_LINES = [
    'version: "1.2"', 'version: "0.0"', 'version: "01.2"', "version: 1.2", "version: '3.4'", 'version: "999999.0"',
    "effective_date: 2026-02-28", "effective_date: 2026-02-30", "effective_date: 2000-01-01", "effective_date: 2026-13-01",
    "review_date: 2027-01-01", "review_date: 0001-01-01", 'review_date: "2027-01-01"',
    "change_summary: First", "change_summary: X", "change_summary: A, b (c) - d.", "change_summary: A: b", "change_summary: A #b",
    "  goes on", "  - item", "", "# remark", "id: QM-001", "id: QM-002", "id: AA-000", "id: QM-1", "title: Title", "title: X", "title: A - b (c), d", "title: A: b", "title: |", "title: >", 'title: "begins', 'ends"',
    "type: sop", "owner: quality-manager", "standards: {", "}", "standards: [", "]", "sites: [a,", "training:", "  roles: [rn]",
]  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(_LINES), min_size=1, max_size=9), st.booleans())
def test_front_matter_that_was_read_before_is_read_as_if_it_were_new(lines: list[str], is_whole: bool) -> None:
    """What is read again by its pattern says what reading it in full says, whatever stands around the lines."""
    whole = ["id: QM-001", "title: Title", "type: sop", "owner: quality-manager", "review_date: 2027-01-01"]
    taken = {line.split(":")[0] for line in lines}
    kept = [line for line in whole if line.split(":")[0] not in taken] if is_whole else []
    block = "\n".join([*kept, *lines]) + "\n"
    again = documents._again("sops/QM-001-x.md", block)
    if again is not None:
        assert again == documents._front_matter("sops/QM-001-x.md", block)


@pytest.mark.parametrize(
    "block",
    [
        'version: "1.2"\nchange_summary: First\n  goes on\n',
        'version: "1.2"\ntitle: "a\nreview_date: 2026-01-01\nb"\n',
        'standards: {\nversion: "1.2"\n}\nversion: "3.4"\n',
        'version: "1.2"\nversion: "1.3"\n',
        'title: |\n  x\nversion: "1.2"\neffective_date: 2026-02-30\n',
    ],
)
def test_lines_that_only_look_like_a_version_a_date_or_a_summary_are_read_in_full(block: str) -> None:
    head = "id: QM-001\ntype: sop\nowner: quality-manager\n"
    assert documents._again("sops/QM-001-x.md", head + block) is None


def test_a_version_that_was_not_read_yet_needs_no_reading_in_full() -> None:
    for version in ("1.0", "1.1", "2.10"):
        found = documents.parse(
            "sops/QM-001-x.md", document(version=version, change_summary="Dose limit corrected.").encode()
        )
        assert isinstance(found, Document)
        assert (str(found.version), found.front_matter.change_summary) == (version, "Dose limit corrected.")


def test_no_hidden_character_goes_unnoticed() -> None:
    """The quick look at the bytes lets nothing pass that the slow look at the letters would find."""
    for code in range(0x110000):
        letter = chr(code)
        if UNPRINTABLE.match(letter):
            assert documents._may_hide(f"a{letter}b".encode()), hex(code)


def test_a_byte_that_is_no_utf_8_is_named_behind_a_byte_order_mark_too() -> None:
    found = documents.parse("sops/QM-001-x.md", b"\xef\xbb\xbf---\nid: QM-001\n\xfftitle: x\n")
    assert isinstance(found, Unreadable)
    assert (found.faults[0].line, found.faults[0].message) == (3, "the byte 0xff is not UTF-8")
