"""From one edition to the next: what carries over, and what a person must look at again."""

from __future__ import annotations

from programme import document

from qmdoc import documents, editions, standards
from qmdoc.coverage import Text
from qmdoc.documents import Document
from qmdoc.editions import Fate, Step
from qmdoc.outputs import matrix
from qmdoc.standards import Catalogue

OLD = """\
id: house-1
title: House rules
superseded_by: house-2
clauses:
- {id: A, title: Chapter, heading: true}
- {id: A.1, title: Same}
- {id: A.2, title: Moved}
- {id: A.3, title: Divided}
- {id: A.4, title: Joined one}
- {id: A.5, title: Joined two}
- {id: A.6, title: Reworded}
- {id: A.7, title: Gone}
- {id: A.8, title: Number taken}
"""
NEW = """\
id: house-2
title: House rules
supersedes: house-1
clauses:
- {id: A.1, title: Same}
- {id: B.2, title: Moved, supersedes: [A.2]}
- {id: A.3, title: Divided}
- {id: A.3.1, title: Divided, supersedes: [A.3]}
- {id: A.4, title: Joined, supersedes: [A.4, A.5]}
- {id: A.6, title: Reworded, change: It asks for a record., supersedes: [A.6]}
- {id: A.8, title: Number taken, supersedes: []}
- {id: C.1, title: Never heard of}
"""


def catalogue(text: str) -> Catalogue:
    found = standards.read(f"sops/standards/{text[4:11]}.yaml", text.encode())
    assert isinstance(found, Catalogue), found
    return found


def text(number: str = "QM-001", **keys: str) -> Text:
    found = documents.parse(f"sops/quality/{number}-x.md", document(number, **keys).encode())
    assert isinstance(found, Document)
    return Text(number, found, True)


def told(step: Step) -> tuple[str, list[str], str, str]:
    return str(step.fate), [each.id for each in step.old], step.new.id if step.new else "", step.why


CLAIMS = text(standards="{house-1: [A.1, A.3, A.7], house-2: [C.1]}")
MOVE = editions.move(catalogue(OLD), catalogue(NEW), [CLAIMS])


def test_every_clause_has_one_fate() -> None:
    assert [told(step) for step in MOVE.steps] == [
        ("carried over", ["A.1"], "A.1", ""),
        ("carried over", ["A.2"], "B.2", ""),
        ("changed", ["A.3"], "A.3", "A.3 was divided"),
        ("changed", ["A.3"], "A.3.1", "A.3 was divided"),
        ("changed", ["A.4", "A.5"], "A.4", "it joins A.4, A.5"),
        ("changed", ["A.6"], "A.6", "It asks for a record."),
        ("new", [], "A.8", ""),
        ("new", [], "C.1", ""),
        ("removed", ["A.7"], "", "no clause of the new edition continues it"),
        ("removed", ["A.8"], "", "no clause of the new edition continues it"),
    ]


def test_claims_follow_their_clause_and_answers_in_the_new_edition_are_seen() -> None:
    claimed = {step.new.id if step.new else step.old[0].id for step in MOVE.steps if step.claimed}
    assert claimed == {"A.1", "A.3", "A.3.1", "A.7"}
    assert [step.new.id for step in MOVE.steps if step.answered and step.new] == ["C.1"]
    assert sum(step.is_to_be_looked_at for step in MOVE.steps) == 7


def test_without_a_mapping_clauses_are_matched_by_number_and_it_is_said() -> None:
    undeclared = NEW.replace("supersedes: house-1\n", "title_of_old: x\n")
    for mapped in (", supersedes: [A.2]", ", supersedes: [A.3]", ", supersedes: [A.4, A.5]", ", supersedes: [A.6]"):
        undeclared = undeclared.replace(mapped, "")
    undeclared = undeclared.replace(", change: It asks for a record.", "").replace(", supersedes: []", "")
    move = editions.move(catalogue(OLD), catalogue(undeclared), [CLAIMS])
    assert not move.is_declared
    assert "matched by their numbers alone" in matrix.move_text(move)
    assert [step.new.id for step in move.of(Fate.NEW) if step.new] == ["B.2", "A.3.1", "C.1"]
    assert [step.new.id for step in move.of(Fate.CHANGED) if step.new] == ["A.4"]


def test_the_answer_names_the_documents_to_open() -> None:
    shown = matrix.move_text(MOVE)
    assert shown.startswith("From house-1 to house-2: 7 clauses to look at again\n")
    assert "  A.7  Gone\n      claimed by QM-001 1.0\n" in shown
    assert "  B.2 (was A.2)  Moved\n" in shown
    assert matrix.move_csv(MOVE).count("\r\n") == 11
