"""The eight domains of a programme, and the page of each (DESIGN.md §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qmdoc.controlled import TOP
from qmdoc.outputs.manual_pages import wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import State
from qmdoc.saying import said

OTHER = "other"
DOMAINS = {
    "strategy": said("How the programme is governed and made ready"),
    "operations": said("Clinical care, collection and processing"),
    "access": said("Products, manufacturers, qualified-centre onboarding"),
    "pharmacy": said("Medicines that must be at hand"),
    "finance": said("Authorisation and coverage"),
    "technology": said("Data and registry reporting"),
    "quality": said("Document control, training, occurrences, audits"),
    "outreach": said("Referral and follow-up with other centres"),
    OTHER: said("What lies in no domain's folder"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A folder within a domain (operations: clinical, processing) and its documents in force."""

    title: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain with its documents in force."""

    id: str
    title: str
    summary: str
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """Its page."""
        return f"domains/{self.id}"

    @property
    def count(self) -> int:
        """How many documents are in force."""
        return sum(len(part.states) for part in self.parts)


def of(states: Iterable[State]) -> tuple[Domain, ...]:
    """The eight domains; a ninth only where documents lie elsewhere."""
    found: dict[str, dict[str, list[State]]] = {domain: {} for domain in DOMAINS}
    has_others = False
    for state in states:
        domain, part = _place(state)
        has_others |= domain == OTHER
        parts = found[domain].setdefault(part, [])
        if state.status.is_in_force:
            parts.append(state)
    return tuple(
        Domain(domain, wording.plain(domain), DOMAINS[domain], _parts(parts))
        for domain, parts in found.items()
        if domain != OTHER or has_others
    )


def pages(domains: Sequence[Domain], templates: Templates) -> tuple[Page, ...]:
    """One page for each domain."""
    return tuple(
        Page(domain.name, domain.title, domain.title, above=templates.render("domain.html", domain.name, domain=domain))
        for domain in domains
    )


def name_of(state: State) -> str:
    """The page of a document's domain."""
    return f"domains/{_place(state)[0]}"


def title_of(state: State) -> str:
    """The domain of a document, as people write it."""
    return wording.plain(_place(state)[0])


def _place(state: State) -> tuple[str, str]:
    """The domain's folder and the folder below it; what was approved says where, before what main holds now."""
    shown = state.effective or state.waiting or (state.approvals[-1] if state.approvals else None)
    folders = (shown.path if shown else state.path).removeprefix(TOP).split("/")[:-1]
    domain = folders[0] if folders and folders[0] in DOMAINS else OTHER
    return domain, "/".join(folders[1:])


def _parts(parts: dict[str, list[State]]) -> tuple[Part, ...]:
    return tuple(Part(wording.plain(folder), tuple(parts[folder])) for folder in sorted(parts) if parts[folder])
