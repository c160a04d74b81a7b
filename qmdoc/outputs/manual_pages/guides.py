"""Pages that lead on: where a printed copy's QR code leads, what stands for a missing address, about this manual."""

from __future__ import annotations

from qmdoc.outputs.manual_pages import known, lists, reaching, source
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Audit, Register
from qmdoc.saying import said

ABOUT = "about"
FIND = "find.js"


def current(register: Register, templates: Templates) -> Page:
    """Is a printed copy current? A script answers for the number, version and digest in the address, else a table."""
    name = reaching.CURRENT
    rows = tuple(lists.row(state) for state in register.states)
    above = templates.render("current.html", name, rows=rows, as_of=register.as_of, digits=reaching.SHOWN_DIGITS)
    scripts = (known.VERSIONS, "current.js")
    return Page(
        name, said("Is my printed copy current?"), said("Is my printed copy current?"), above=above, scripts=scripts
    )


def absent(templates: Templates) -> Page:
    """What a server shows for an address that does not exist."""
    above = templates.render("absent.html", source.ABSENT)
    return Page(source.ABSENT, said("There is no such page"), above=above, scripts=(known.NUMBERS, FIND))


def about(audit: Audit, templates: Templates) -> Page:
    """How the manual is made, and from which state of the records."""
    told = {"as_of": audit.as_of, "commit": audit.register.ledger.tip, "policy": audit.register.authority.policy}
    return Page(
        ABOUT, said("About this manual"), said("About this manual"), above=templates.render("about.html", ABOUT, **told)
    )
