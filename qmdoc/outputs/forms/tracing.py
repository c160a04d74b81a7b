"""Which form a number, or a filled form, is: found by making the forms of its day again, and told plainly where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from qmdoc.errors import FormRefused
from qmdoc.outputs.forms import attestation, competency, personal
from qmdoc.outputs.forms import number as form_number
from qmdoc.outputs.forms.form import Form
from qmdoc.outputs.forms.reading import Printed
from qmdoc.register import Register

_ANEW = "print the form anew with `qmdoc forms`"
_DOCUMENT, _VERSION, _DIGEST = "Document number", "Version", "Digest"
"""The titles of an attestation form's locked fields; LibreOffice keeps them."""


def recordable(register: Register) -> Iterator[Form]:
    """All forms of a day that a record can come from; a competency assessment is one row, and is signed on paper."""
    yield from attestation.forms(register)
    yield from personal.forms(register)
    yield from competency.forms(register)


def form(number: str, register: Register) -> Form | None:
    """The form of the register's day that has a number."""
    return next((each for each in recordable(register) if each.number == number), None)


def whole(written: str) -> str:
    """A form's number as forms print it. Raises FormRefused where a letter is wrong."""
    number = form_number.clean(written)
    if number is None:
        raise FormRefused(
            f"`{written}` is no form number", fix="write the twelve letters at the form's top, as in 9JYF-KE1G-6HCK"
        )
    if not form_number.is_whole(number):
        raise FormRefused(
            f"the form number {number} has a wrong letter, or two that changed places",
            fix="compare it with the form, letter by letter",
        )
    return number


def printed_on(name: str, printed: Printed, today: date) -> str:
    """The number that a filled form prints. Raises FormRefused where it prints none, or more than one."""
    whole_ones = [number for number in printed.numbers if form_number.is_whole(number)]
    if len(whole_ones) != 1:
        found = "no form number" if not whole_ones else f"{len(whole_ones)} form numbers ({', '.join(whole_ones)})"
        raise FormRefused(
            f"{name} is no form that can be read back: it prints {found}",
            fix="take a training attestation that `qmdoc forms` made",
        )
    if (day := form_number.day_of(whole_ones[0])) > today:
        raise FormRefused(f"{name} is a form of {day}, which lies ahead", fix="check this computer's clock")
    return whole_ones[0]


def why_unknown(name: str, printed: Printed, day: date, now: Register) -> FormRefused:
    """Why a filled form is none of this programme's forms of that day, as far as its own print tells."""
    number = printed.facts.get(_DOCUMENT, "")
    programme = now.authority.policy.programme
    if not any(programme in cell.text for line in printed.lines for cell in line):
        return FormRefused(f"{name} is a form of another programme than {programme}", fix=_ANEW)
    if number:
        state = now.state(number)
        if state is None:
            return FormRefused(f"{name} is about {number}, and this programme has no such document", fix=_ANEW)
        for title, own in ((_VERSION, "version"), (_DIGEST, "digest")):
            given = printed.facts.get(title, "")
            known = [str(getattr(each, own)) for each in state.standing]
            if state.effective and given not in known:
                return FormRefused(
                    f"{name} is of {own} {given or 'unknown'} of {number}; in force is {state.effective.version} "
                    f"with the digest {state.effective.digest[:12]}…",
                    fix=_ANEW,
                )
    return FormRefused(
        f"{name} is none of the forms of {day}: its number was changed, or its people or documents did later that day",
        fix=_ANEW,
    )
