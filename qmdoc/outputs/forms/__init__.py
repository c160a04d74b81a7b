"""The Word forms: templates that people edit in Word, filled from what is in force on a day.

A template's tags may only name what its table of tags lists; anything else is refused before a form is filled. The
controls of a form carry tags by which it can be read back. Same audit and template, same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from qmdoc import training
from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.outputs import _word
from qmdoc.outputs.forms import adoption, attestation, competency, personal, personnel, sheet
from qmdoc.outputs.forms.attestation import NAME, TAGS
from qmdoc.outputs.forms.form import SUFFIX, Form, fill
from qmdoc.register import Audit, Register, State


class Kind(Protocol):
    """A template of ours, and what its tags print; a module fulfils it."""

    @property
    def NAME(self) -> str:
        """The template's name: `templates/<name>.docx`."""

    @property
    def TITLE(self) -> str:
        """What people call it."""

    @property
    def PURPOSE(self) -> str:
        """One sentence: which forms it makes."""

    @property
    def TAGS(self) -> Mapping[str, str]:
        """Every tag that the template may use, each with its sentence."""

    def forms(self, register: Register) -> Iterator[Form]:
        """All forms of this kind for a day."""


KINDS: Sequence[Kind] = (attestation, personal, competency, personnel, sheet, adoption)
TEMPLATE = f"templates/{NAME}{SUFFIX}"


def kind(name: str) -> Kind | None:
    """The kind of form with a name."""
    return next((each for each in KINDS if name == each.NAME), None)


def wanted(name: str | None, person: str | None) -> Kind:
    """The kind that is asked for; by itself a person asks for their own list. Raises ConfigError."""
    if name is None:
        return personal if person else attestation
    if found := kind(name):
        return found
    raise ConfigError(f"there is no form `{name}`", fix=f"name one of {', '.join(each.NAME for each in KINDS)}")


def chosen(of: Kind, register: Register, numbers: Sequence[str], person: str | None) -> list[Form]:
    """The forms about these documents and this person, or all. Raises ConfigError where one of them has none."""
    every = list(of.forms(register))
    for number in numbers:
        if not any(number in form.documents for form in every):
            raise _none_for(of, register, number)
    if person and not any(person in form.people for form in every):
        raise ConfigError(
            f"there is no {of.TITLE.lower()} for the person `{person}`",
            fix="check the id with people.yaml and records/staff.csv, and whether anything is asked of them",
        )
    return [
        form
        for form in every
        if (not numbers or form.documents & set(numbers)) and (not person or person in form.people)
    ]


def _none_for(of: Kind, register: Register, number: str) -> ConfigError:
    if of in (attestation, personal):
        return ConfigError(
            f"no version of {number} is in force that asks for training",
            fix="check the number, and `training:` in its front matter",
        )
    if register.state(number) is None:
        return ConfigError(f"there is no document {number}", fix="check the number")
    return ConfigError(f"there is no {of.TITLE.lower()} for {number}", fix=f"{of.PURPOSE[0].lower()}{of.PURPOSE[1:]}")


def template_of(name: str) -> str:
    """Where the template of a kind lies."""
    return f"templates/{name}{SUFFIX}"


def render(audit: Audit, state: State, template: bytes) -> bytes:
    """The attestation form of one document in force whose training asks somebody. Raises OutputFailed."""
    asked = training.must_attest(state, audit.register)
    if not asked:
        raise OutputFailed(
            f"{state.id} asks nobody to attest it on {audit.as_of}",
            fix="choose a document in force whose `training` names a role that somebody holds",
        )
    return fill(read(attestation, template), attestation.one(state, asked, audit.register))


def forms(audit: Audit, template: bytes) -> dict[str, bytes]:
    """The forms of all documents in force whose training asks somebody, by file name. Raises OutputFailed."""
    return filled(attestation.forms(audit.register), attestation, template)


def filled(wanted: Iterator[Form] | Sequence[Form], of: Kind, template: bytes) -> dict[str, bytes]:
    """These forms of one kind, by file name. Raises OutputFailed."""
    blank = read(of, template)
    return {each.file: fill(blank, each) for each in wanted}


def names(template: bytes) -> frozenset[str]:
    """The tags that an attestation template uses, as `TAGS` names them. Raises OutputFailed."""
    return frozenset(use.known_as for use in _word.read(TEMPLATE, template).uses if use.known_as in TAGS)


def unknown_tags(template: bytes, of: Kind = attestation) -> tuple[str, ...]:
    """What is wrong with a template's tags, one sentence each. Raises OutputFailed for a broken file or syntax."""
    return _word.faults(_word.read(template_of(of.NAME), template), of.TAGS)


def read(of: Kind, template: bytes) -> _word.Blank:
    """A template whose tags are all known. Raises OutputFailed."""
    blank = _word.read(template_of(of.NAME), template)
    for fault in _word.faults(blank, of.TAGS):
        message, _, fix = fault.partition("; ")
        raise OutputFailed(f"{template_of(of.NAME)}: {message}", fix=fix)
    return blank
