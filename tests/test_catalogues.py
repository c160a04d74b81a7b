"""Catalogues of standards: read whole, in our own form or OSCAL's, or named with file, line and remedy."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from qmdoc import catalogues
from qmdoc.model import Fault
from qmdoc.standards import Catalogue, Confidence, UnreadableStandard

YAML = "sops/standards/house.yaml"
JSON = "sops/standards/house.json"
HOUSE = 'id: house\ntitle: House rules\nclauses:\n- id: "1"\n  title: One\n- id: "2"\n  title: Two\n'
# The shape of NIST's own catalogues: usnistgov/oscal-content, examples/catalog/json/basic-catalog.json.
OSCAL: dict[str, Any] = {
    "catalog": {
        "uuid": "74c8ba1e-5cd4-4ad1-bbfd-d888e2f6c724",
        "metadata": {
            "title": "House  rules",
            "last-modified": "2021-06-08T13:57:28.355446-04:00",
            "version": "2",
            "oscal-version": "1.1.3",
            "links": [{"href": "#x", "rel": "canonical"}, {"href": "https://e.org/3", "rel": "successor-version"}],
            "parties": [{"uuid": "p", "type": "organization", "name": "House"}],
            "responsible-parties": [{"role-id": "publisher", "party-uuids": ["p"]}],
        },
        "groups": [
            {
                "id": "s1",
                "title": "Organisation",
                "controls": [
                    {
                        "id": "s1.1",
                        "class": "rule",
                        "title": "Roles",
                        "props": [{"name": "label", "value": "1.1"}],
                        "parts": [
                            {
                                "id": "s1.1_smt",
                                "name": "statement",
                                "prose": "Name the roles:",
                                "parts": [
                                    {
                                        "name": "item",
                                        "props": [{"name": "label", "value": "a."}],
                                        "prose": "who\nleads;",
                                    }
                                ],
                            },
                            {"name": "guidance", "prose": "Take your time."},
                        ],
                        "controls": [{"id": "s1.1.1", "title": "Deputies"}],
                    },
                    {"id": "s1.2", "title": "Gone", "props": [{"name": "status", "value": "withdrawn"}]},
                ],
            },
            {"title": "Without an id", "groups": [{"id": "s2", "title": "Inner"}]},
        ],
        "controls": [{"id": "s0", "title": "Alone", "props": [{"name": "confidence", "value": "recalled"}]}],
        "back-matter": {"resources": []},
    }
}


def changed(*path: str | int, value: object) -> str:
    """The OSCAL catalogue with one thing changed; `...` takes it out."""
    made = deepcopy(OSCAL)
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(made, indent=1)


def faults(path: str, text: str | bytes) -> tuple[Fault, ...]:
    found = catalogues.read(path, text.encode() if isinstance(text, str) else text)
    assert isinstance(found, UnreadableStandard)
    return found.faults


def good(path: str, text: str) -> Catalogue:
    found = catalogues.read(path, text.encode())
    assert isinstance(found, Catalogue), found
    return found


def test_a_catalogue_knows_where_its_clauses_stand() -> None:
    house = good(YAML, HOUSE)
    assert house.path == YAML and house.line("title") == 2
    assert [(clause.id, clause.line) for clause in house.clauses] == [("1", 4), ("2", 6)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (HOUSE.replace('id: "2"', 'id: "1"'), 6, "the clause `1` is listed twice"),
        (HOUSE.replace("id: house", "id: other"), 1, "the file is named house.yaml"),
        (HOUSE.replace("title: Two", "title: [Two"), 8, "not valid YAML"),
        (HOUSE.replace("title: House", "superseeds: old\ntitle: House"), 2, "the key `superseeds` is unknown"),
        (HOUSE + "  confidense: confirmed\n", 8, "the key `confidense` is unknown"),
        (HOUSE + "  confidence: sure\n", 8, "`clauses.1.confidence` is `sure`"),
        (HOUSE + '  supersedes: ["9"]\n', 6, "the old edition is not named"),
        (HOUSE + "  change: It asks for more.\n", 6, "the old edition is not named"),
        (
            HOUSE.replace("title: House", "supersedes: house\ntitle: House"),
            2,
            "`supersedes` names the catalogue itself",
        ),
        ("id: house\ntitle: House rules\n", 1, "the key `clauses` is missing"),
    ],
)
def test_a_broken_catalogue_is_one_message_with_its_line(text: str, line: int, message: str) -> None:
    (fault,) = faults(YAML, text)
    assert (fault.line, message in fault.message, bool(fault.fix)) == (line, True, True), fault


def test_a_writers_own_notes_are_no_fault() -> None:
    good(YAML, HOUSE.replace("title: House", "confidence_key: confirmed = seen\nour_remark: x\ntitle: House"))


def test_oscal_is_read_as_it_is() -> None:
    house = good(JSON, json.dumps(OSCAL))
    assert (house.id, house.title, house.edition, house.publisher) == ("house", "House rules", "2", "House")
    assert (house.source_url, house.superseded_by, house.successor) == ("", "https://e.org/3", "")
    told = [(each.id, each.heading, each.title, each.requires) for each in house.clauses]
    assert told == [
        ("s0", False, "Alone", ""),
        ("s1", True, "Organisation", ""),
        ("s1.1", False, "Roles", "Name the roles: a. who leads;"),
        ("s1.1.1", False, "Deputies", ""),
        ("s1.2", True, "Gone", ""),
        ("s2", True, "Inner", ""),
    ]
    assert [each.confidence for each in house.clauses[:2]] == [Confidence.RECALLED, Confidence.CONFIRMED]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "not valid JSON"),
        ('{"catalog": {\n"uuid": }}', 2, "not valid JSON"),
        (b"\xff{}", 1, "not UTF-8"),
        ("[]", 1, "no OSCAL catalogue"),
        ('{"name": "package", "version": "1"}', 1, "no OSCAL catalogue"),
        ('{"profile": {}}', 1, "an OSCAL profile, no catalogue"),
        ('{"catalog": []}', 1, "is not as OSCAL writes it"),
        (changed("catalog", "controls", 0, "id", value="a\u202eb"), 104, "the id `a\\u202eb` holds a hidden character"),
        (changed("catalog", "controls", 0, "id", value="a\ud800b"), None, "unable to parse raw data as a unicode string"),
        ("[" * 100_000, 1, "nested too deeply"),
        ('{"catalog": ' + "9" * 5000 + "}", 1, "a number without end"),
        ('{"catalog": {}, "catalog": {}}', 1, "`catalog` is given twice"),
        (changed("catalog", "metadata", value=...), 1, "`catalog.metadata` is missing"),
        (changed("catalog", "groups", 0, "controls", 0, "title", value=...), 41, "(in `s1.1`) is missing"),
        (changed("catalog", "groups", 0, "controls", 0, "title", value=7), 41, "(in `s1.1`) is not as OSCAL writes it"),
        (changed("catalog", "groups", 0, "controls", 1, "id", value="s1.1"), 81, "the clause `s1.1` is listed twice"),
        (changed("catalog", "groups", 0, "controls", 1, "id", value="a b"), 81, "(in `a b`) is not as OSCAL writes it: it is empty or holds a blank"),
        (changed("catalog", "groups", value=[]).replace('"id": "s0"', '"id": "s0", "id": "s0"'), 38, "`id` (in `s0`) is given twice"),
        ('{"catalog": {"uuid": "x", "metadata": {"title": "x", "version": "1"}}}', 1, "it holds no control"),
    ],
)  # fmt: skip
def test_a_broken_or_foreign_json_file_is_one_message(text: str | bytes, line: int | None, message: str) -> None:
    (fault,) = faults(JSON, text)
    assert message in fault.message and fault.fix
    assert line is None or fault.line == line
    assert fault.message.encode()


def test_words_that_cannot_be_seen_stand_as_their_code() -> None:
    text = changed("catalog", "controls", 0, "title", value="a\u202e b\u200b")
    assert good(JSON, text).clauses[0].title == r"a\u202e b\u200b"


def test_two_files_of_one_catalogue_are_not_both_taken() -> None:
    shelf = catalogues.shelved([(JSON, json.dumps(OSCAL).encode()), (YAML, HOUSE.encode())])
    assert [each.path for each in shelf.readable] == [YAML]
    assert [(each.path, each.faults[0].message) for each in shelf.unreadable] == [
        (JSON, "house.yaml is the catalogue `house` already")
    ]
