"""Most statements are read by a short cut: it says what the grammar says, or leaves the word to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmdoc.model import Meaning
from qmdoc.signing import statement
from qmdoc.signing.statement import Malformed, Statement

USUAL = (
    "QM-001 2.1: approval by Q. Manager (quality-manager)\n\nI approve.\n\nQM-Signoff: 1\nQM-Signer: q.manager\n"
    f"QM-Role: quality-manager\nQM-Meaning: approval\nQM-Authority: sha256:{'a' * 64}\nQM-Time: 2026-01-20T10:00:00Z\n"
    f"QM-Subject: QM-001 2.1 git:{'b' * 40} sha256:{'c' * 64}\n"
)


def by_grammar(message: bytes) -> Statement | None:
    try:
        return statement._parsed(message)
    except statement._Bad:
        return None


def test_the_short_cut_is_taken() -> None:
    said = statement._usual(USUAL.encode())
    assert said is not None and said.meaning is Meaning.APPROVAL
    assert said == by_grammar(USUAL.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("approval\nQM-A", "withdraw\nQM-A"), ("approval\nQM-A", "periodic-review\nQM-A"), ("approval\nQM-A", "training\nQM-A"),
        ("approval\nQM-A", "authority\nQM-A"), ("approval\nQM-A", "Approval\nQM-A"), ("quality-manager\nQM-M", "admin\nQM-M"),
        ("2026-01-20T", "2026-02-30T"), ("2026-01-20T10", "2026-01-20T25"), ("2026-", "0000-"), (" 2.1 git", " 2.01 git"),
        (" 2.1 git", " 2 git"), (" 2.1 git", " 1.2.3 git"), ("I approve.", "I  approve. "), ("I approve.", "QM-Signoff: 1"),
        ("QM-001 2.1: approval", "QM-Signoff: x"), ("I approve.", "é"), ("I approve.", "a\tb"), ("I approve.", "a\rb"),
        ("QM-Signer: q", "QM-Signer:  q"), ("q.manager\n", "q.manager \n"), ("q.manager\n", "q..manager\n"),
        ("QM-Role: quality-manager\n", ""), ("QM-Role: quality-manager\n", "QM-Role: quality-manager\n" * 2),
        (f"sha256:{'c' * 64}\n", f"sha256:{'c' * 64}"), (f"sha256:{'c' * 64}\n", f"sha256:{'c' * 64}\n\n"),
        (f"sha256:{'c' * 64}\n", f"sha256:{'c' * 64}\nQM-Reason: x\n"), ("git:" + "b" * 40, "git:" + "b" * 64), ("git:" + "b" * 40, "git:" + "b" * 41),
    ],
)  # fmt: skip
def test_whatever_differs_is_left_to_the_grammar_or_read_as_it_reads(old: str, new: str) -> None:
    assert old in USUAL
    message = USUAL.replace(old, new, 1).encode()
    said = statement.parse(message)
    assert (None if isinstance(said, Malformed) else said) == by_grammar(message)


@given(st.integers(0, len(USUAL) - 1), st.integers(0, 3), st.text(alphabet="QM-:. \n0129aefgtZ@éx\t", max_size=3))
def test_any_small_change_is_read_as_the_grammar_reads_it(at: int, cut: int, put: str) -> None:
    message = (USUAL[:at] + put + USUAL[at + cut :]).encode()
    said = statement.parse(message)
    assert (None if isinstance(said, Malformed) else said) == by_grammar(message)
