"""What the manual's own scripts know: every number with its title, every version with its digest, every word.

Each is a script file of one assignment, so that it can be read where no server answers (`file://`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date

from qmdoc.ledger import Approval
from qmdoc.outputs.manual_pages import document, domains, lists, reaching, source, wording
from qmdoc.outputs.manual_pages.earlier import Earlier, replaced
from qmdoc.register import Register, State

NUMBERS = "known-numbers.js"
VERSIONS = "known-versions.js"
WORDS = "known-words.js"
_WORD = re.compile(r"[^\W\d_]{4,}")
_LONGEST = 40


def numbers(register: Register) -> dict[str, bytes]:
    """Each number with title, page, status in words, whether it is in force, and domain; those in force first."""
    states = sorted(register.states, key=lambda state: (not state.status.is_in_force, state.id))
    rows = [_row(state) for state in states]
    rows += [
        [number, str(wording.REPLACED_BY_ANOTHER), _page(number), str(wording.REPLACED), 0, ""]
        for number in replaced(register)
    ]
    return source.script(NUMBERS, "qmdocNumbers", rows)


def versions(register: Register, earlier: Mapping[str, tuple[Earlier, ...]]) -> dict[str, bytes]:
    """For each number what the page behind the QR code needs to judge a print."""
    found = {state.id: _versions(state, register, earlier.get(state.id, ())) for state in register.states}
    for number, heirs in replaced(register).items():
        found[number] = {
            "page": _page(number),
            "now": None,
            "ahead": [],
            "past": [],
            "heirs": [each.id for each in heirs],
        }
    return source.script(VERSIONS, "qmdocVersions", {"as_of": str(register.as_of), "documents": found})


def words(register: Register) -> dict[str, bytes]:
    """The words of all texts in force and how often each stands there: what a misspelt word may have meant."""
    count: Counter[str] = Counter()
    for state in register.in_force:
        if state.text:
            count.update(_WORD.findall(f"{state.text.title} {state.text.body}".lower()))
    kept = {word: number for word, number in sorted(count.items()) if len(word) <= _LONGEST}
    return source.script(WORDS, "qmdocWords", kept)


def _row(state: State) -> list[str | int]:
    status = source.IN_FORCE if state.status.is_in_force else wording.STATUS[state.status]
    is_in_force = int(state.status.is_in_force)
    return [state.id, lists.title_of(state), _page(state.id), status, is_in_force, domains.title_of(state)]


def _versions(state: State, register: Register, earlier: tuple[Earlier, ...]) -> dict[str, object]:
    """`now`: what is in force; `ahead`: what is approved and comes, day by day; `past`: what prints may still be about."""
    pages = {each.approval.digest: each.page for each in earlier}
    past = [
        {
            **_one(each),
            "until": _until(each, state),
            "page": reaching.place(pages[each.digest]) if each.digest in pages else "",
        }
        for each in state.approvals
        if each is not state.effective and each not in state.ahead
    ]
    gone = state.withdrawal
    return {
        "title": lists.title_of(state),
        "page": _page(state.id),
        "domain": domains.title_of(state),
        "now": _one(state.effective) if state.effective else None,
        "overdue": str(state.review.due) if state.status == "review-overdue" and state.review else None,
        "ahead": [_one(each) for each in state.ahead],
        "past": past,
        "withdrawn": [str(gone.day), gone.reason] if gone else None,
        "heirs": [each.id for each in document.successors(state, register)],
    }


def _one(approval: Approval) -> dict[str, object]:
    digest = approval.digest[: reaching.SHOWN_DIGITS]
    return {"version": str(approval.version), "digest": digest, "since": str(approval.since)}


def _until(approval: Approval, state: State) -> str:
    """The last day on which it was in force; empty where it never was."""
    days: list[date] = [each.until for each in state.history if each.approval is approval and each.until]
    return str(days[-1]) if days else ""


def _page(number: str) -> str:
    return reaching.place(document.name_of(number))
