"""Seats and the distinct persons who fill them (SIGNOFF.md §4)."""

from __future__ import annotations

from collections.abc import Mapping

from qmdoc.ledger import EmptySeat
from qmdoc.model import Meaning
from qmdoc.saying import said
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.authority import Seat


def fill(
    seats: tuple[Seat, ...], sign_offs: list[SignOff], *, authors: frozenset[str], has_unknown_editors: bool
) -> tuple[tuple[SignOff, ...], tuple[EmptySeat, ...]]:
    """Puts distinct persons into seats; any assignment that fills the most will do (augmenting paths)."""
    chairs = [seat for seat in seats for _ in range(seat.count)]
    fitting: dict[str, list[SignOff | None]] = {}
    for person in dict.fromkeys(each.signer for each in sign_offs):
        own = [each for each in sign_offs if each.signer == person]
        fitting[person] = [
            next((each for each in own if _suits(seat, each, authors, has_unknown_editors)), None) for seat in chairs
        ]
    taken: dict[int, SignOff] = {}
    for person in fitting:
        _place(person, fitting, taken, set())
    filled = tuple(dict.fromkeys(taken[at] for at in sorted(taken)))
    if len(taken) == len(chairs):
        return filled, ()
    empty = (
        _empty(
            seat,
            [taken[at] for at, chair in enumerate(chairs) if chair is seat and at in taken],
            sign_offs,
            authors,
            has_unknown_editors,
        )
        for seat in seats
    )
    return filled, tuple(each for each in empty if each.filled < each.seat.count)


def _place(
    person: str, fitting: Mapping[str, list[SignOff | None]], taken: dict[int, SignOff], tried: set[int]
) -> bool:
    """Gives a person a chair, if need be by moving others."""
    for at, sign_off in enumerate(fitting[person]):
        if sign_off is None or at in tried:
            continue
        tried.add(at)
        if at not in taken or _place(taken[at].signer, fitting, taken, tried):
            taken[at] = sign_off
            return True
    return False


def _suits(seat: Seat, sign_off: SignOff, authors: frozenset[str], has_unknown_editors: bool) -> bool:
    if sign_off.role != seat.role or sign_off.meaning is not seat.meaning or _is_too_weak(sign_off, seat):
        return False
    is_known_to_differ = not has_unknown_editors and not sign_off.not_independent
    return not seat.independent or (sign_off.signer not in authors and is_known_to_differ)


def is_revoked(sign_off: SignOff, later: list[SignOff]) -> bool:
    """Whether its own signer took a sign-off back in one of the later sign-offs of the same content."""
    return any(each.meaning is Meaning.REVOKE and each.signer == sign_off.signer for each in later)


def _is_too_weak(sign_off: SignOff, seat: Seat) -> bool:
    """Whether a seat asks for more than a sign-off carries, as the policy stands when the seat is to be filled.

    What the policy asks of everybody was asked where the sign-off landed, and is not asked again.
    """
    return seat.assurance is not None and sign_off.assurance.rank < seat.assurance.rank


def _empty(
    seat: Seat, filled: list[SignOff], sign_offs: list[SignOff], authors: frozenset[str], has_unknown_editors: bool
) -> EmptySeat:
    because: str = ""
    present = [
        each for each in sign_offs if each.role == seat.role and each.meaning is seat.meaning and each not in filled
    ]
    if seat.independent and present and has_unknown_editors:
        because = said("it was edited by somebody unknown, so nobody can be shown to be independent")
    elif seat.independent and (own := next((each for each in present if each.signer in authors), None)):
        because = said("not independent: %(name)s wrote this version", name=own.name)
    elif seat.independent and (own := next((each for each in present if each.not_independent), None)):
        because = said("not independent: %(name)s %(because)s", name=own.name, because=own.not_independent)
    elif weak := next((each for each in present if _is_too_weak(each, seat)), None):
        given = {"name": weak.name, "given": weak.assurance, "asked": seat.assurance}
        because = said("%(name)s signed with assurance “%(given)s”, and this seat asks for “%(asked)s”", **given)
    return EmptySeat(seat, len(filled), because)
