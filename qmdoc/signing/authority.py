"""The authority: the people and the policy, that is, who may sign what (DESIGN.md §3.2, SIGNOFF.md §5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from qmdoc import strict_yaml
from qmdoc.documents import TrainingKind, Word
from qmdoc.model import Assurance, Fault, Meaning
from qmdoc.signing import sshsig
from qmdoc.signing.contact import EmergencyNumber, ForgeSite, HttpsAddress
from qmdoc.strict_yaml import Day, OneLine, wrong

POLICY = "policy.yaml"
PEOPLE = "people.yaml"
ADMIN = "admin"
ROOT = "root"
SENTENCES = {
    Meaning.REVIEW: "I have reviewed the documents listed below.",
    Meaning.APPROVAL: "I have reviewed the documents listed below and approve them for use.",
    Meaning.PERIODIC_REVIEW: "I have reviewed the documents listed below and find them fit for further use.",
    Meaning.WITHDRAW: "I withdraw the documents listed below from use.",
    Meaning.REVOKE: "I take back my earlier sign-off of the documents listed below.",
    Meaning.TRAINING: "I have read and understood the documents listed below.",
    Meaning.AUTHORITY: "I approve the authority listed below.",
}
_STRICT = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


def _email(value: object) -> object:
    if (
        not isinstance(value, str)
        or "@" not in value
        or not all(" " < character < "\x7f" for character in value)
        or set(value) & set("*<>")
    ):
        raise wrong(value, "an e-mail address of plain letters, as in `q.manager@programme.example`")
    return value.lower()


def _public_key(value: object) -> object:
    key = sshsig.public_key(value) if isinstance(value, str) else None
    if key is None:
        raise wrong(value, "the one line of a public SSH key file (`ssh-ed25519 AAAA…`)")
    if weakness := sshsig.weakness(key):
        raise wrong(value, f"a stronger key: {weakness}")
    return key


def _digest(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"sha256:[0-9a-f]{64}", value):
        raise wrong(value, "`sha256:` and 64 digits, as `qmdoc check` prints it")
    return value


def _language(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", value):
        raise wrong(value, "the code of a language, as in `language: de`")
    return value


def _not_empty(value: object) -> object:
    if isinstance(value, str) and value != value.strip():
        raise wrong(value, "it without blanks at its ends")
    return value


Email = Annotated[str, BeforeValidator(_email, json_schema_input_type=str)]
Sentence = Annotated[OneLine, BeforeValidator(_not_empty)]


class Key(BaseModel):
    """A person's public key and its life; first and last days are inclusive, in UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    key: Annotated[sshsig.PublicKey, BeforeValidator(_public_key, json_schema_input_type=str)]
    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    revoked: Day | None = None
    reason: OneLine | None = None

    def covers(self, day: date) -> bool:
        """Whether a day lies in the key's period."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)

    def is_revoked(self, day: date) -> bool:
        """Whether the key is no longer trusted for what lands on a day."""
        return self.revoked is not None and self.revoked <= day


class Person(BaseModel):
    """Somebody who may sign or edit; the printed name stands under every sign-off (21 CFR 11.50(a)(1))."""

    model_config = _STRICT
    name: Sentence
    emails: tuple[Email, ...] = ()
    roles: tuple[Word, ...] = ()
    keys: tuple[Key, ...] = ()
    sites: tuple[Word, ...] = ()
    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None

    def is_active(self, day: date) -> bool:
        """Whether the person belongs to the programme on a day."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)

    def has_live_key(self, day: date) -> bool:
        """Whether the person could sign on a day."""
        return self.is_active(day) and any(key.covers(day) and not key.is_revoked(day) for key in self.keys)


class Seat(BaseModel):
    """A signature that a document needs: so many persons, in this role, with this meaning.

    It may ask for more assurance than the policy asks of every sign-off.
    """

    model_config = _STRICT
    role: Word
    meaning: Meaning
    count: Annotated[int, Field(ge=1, le=20)] = 1
    independent: bool = True
    assurance: Assurance | None = None


def _not_laxer(seat: Seat, info: ValidationInfo) -> Seat:
    """A seat never asks for less than the policy; `assurance` stands before the seats, so that it is known here."""
    least = info.data.get("assurance")
    if seat.assurance and least and seat.assurance.rank < least.rank:
        raise wrong(
            f"a seat with `assurance: {seat.assurance}`, less than the `{least}` that the policy asks of everybody",
            f"`assurance: {least}` or more, or leave the key out",
        )
    return seat


PolicySeat = Annotated[Seat, AfterValidator(_not_laxer)]


class TypeTraining(BaseModel):
    """What documents of a type ask of readers where their own `training` does not say; without roles they ask nobody.

    A competency is asked again after `months`.
    """

    model_config = _STRICT
    roles: tuple[Word, ...] = ()
    kind: TrainingKind = TrainingKind.READ_AND_UNDERSTOOD
    within: Annotated[int, Field(ge=0, le=3650)] = 30
    months: Annotated[int, Field(ge=1, le=240)] = 12


class DocumentType(BaseModel):
    """What the policy asks of a type of document."""

    model_config = _STRICT
    review_months: Annotated[int, Field(ge=1, le=240)]
    sections: tuple[OneLine, ...] = ()
    training: TypeTraining | None = None


class Forge(BaseModel):
    """A forge whose merges are taken as attested; as committer its addresses are nobody (SIGNOFF.md §4, §8)."""

    model_config = _STRICT
    keys: tuple[Annotated[sshsig.PublicKey, BeforeValidator(_public_key, json_schema_input_type=str)], ...] = ()
    committers: tuple[Email, ...] = ()


class TimeStamp(BaseModel):
    """A time-stamping authority that the programme trusts (RFC 3161)."""

    model_config = _STRICT
    name: OneLine
    certificate: str


class Policy(BaseModel):
    """How this programme controls its documents."""

    model_config = _STRICT
    programme: Sentence
    sites: dict[Word, OneLine] = {}
    programmes: dict[Word, OneLine] = {}
    types: Annotated[dict[Word, DocumentType], Field(min_length=1)]
    standards: tuple[Word | dict[Word, tuple[OneLine, ...]], ...] | None = None
    assurance: Assurance = Assurance.SIGNED
    authority_quorum: Annotated[int, Field(ge=1, le=20)] = 2
    notice_days: Annotated[int, Field(ge=0, le=3650)] = 60
    sign_off: dict[Word, tuple[PolicySeat, ...]]
    meanings: dict[Meaning, Sentence] = {}
    edits: Assurance = Assurance.RECORDED
    forges: dict[Word, Forge] = {}
    time_stamps: tuple[TimeStamp, ...] = ()
    templates: Annotated[str | None, BeforeValidator(_digest, json_schema_input_type=str)] = None
    emergency_numbers: tuple[EmergencyNumber, ...] = ()
    manual_url: HttpsAddress | None = None
    forge: ForgeSite | None = None
    language: Annotated[str, BeforeValidator(_language, json_schema_input_type=str)] = "en"

    @model_validator(mode="after")
    def _rules_make_sense(self) -> Self:
        if "default" not in self.sign_off:
            raise wrong(
                "without a rule `default` under `sign_off`",
                "`default:` with the seats for every type without a rule of its own",
            )
        for name, seats in self.sign_off.items():
            if name != "default" and name not in self.types:
                raise wrong(
                    f"with a rule for the type `{name}`, which `types` does not name",
                    "the type under `types`, or take the rule out",
                )
            if not any(seat.meaning is Meaning.APPROVAL for seat in seats):
                raise wrong(f"with the rule `{name}` without a seat for an approval", "a seat with `meaning: approval`")
            if any(seat.meaning in _NOT_FOR_SEATS for seat in seats):
                raise wrong(
                    f"with a seat in the rule `{name}` whose meaning can't fill one",
                    "review, approval, periodic-review or withdraw",
                )
        if self.edits is Assurance.HARDWARE:
            raise wrong("`edits: hardware`", "recorded, forge or signed")
        return self

    def sentence(self, meaning: Meaning) -> str:
        """The sentence that a signer puts their name to."""
        return self.meanings.get(meaning, SENTENCES[meaning])

    def seats(self, document_type: str, *meanings: Meaning) -> tuple[Seat, ...]:
        """The seats of a type of document for these meanings."""
        known = self._found_seats.get((document_type, meanings))
        if known is None:
            rule = self.sign_off.get(document_type, self.sign_off["default"])
            known = tuple(seat for seat in rule if seat.meaning in meanings)
            self._found_seats[document_type, meanings] = known
        return known

    @cached_property
    def _found_seats(self) -> dict[tuple[str, tuple[Meaning, ...]], tuple[Seat, ...]]:
        """What was asked before: each sign-off asks, and a programme has few types of document."""
        return {}

    def asked(self, seat: Seat) -> Assurance:
        """The least assurance that fills a seat: its own where it names one, which is never less than the policy's."""
        return seat.assurance or self.assurance

    @cached_property
    def has_dearer_seats(self) -> bool:
        """Whether any seat asks for more than the policy asks of everybody."""
        return any(self.asked(seat).rank > self.assurance.rank for rule in self.sign_off.values() for seat in rule)

    def binding(self, catalogues: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The catalogues that bind this programme, each with the clauses to begin from; no clause means the whole.

        A policy that does not speak of standards is bound by all `catalogues` that the repository holds.
        """
        if self.standards is None:
            return dict.fromkeys(catalogues, ())
        rows: dict[str, tuple[str, ...]] = {}
        for row in self.standards:
            rows.update({row: ()} if isinstance(row, str) else row)
        return rows


_NOT_FOR_SEATS = (Meaning.REVOKE, Meaning.TRAINING, Meaning.AUTHORITY)


class _People(BaseModel):
    model_config = _STRICT
    people: Annotated[dict[Word, Person], Field(min_length=1)]


@dataclass(frozen=True)
class Authority:
    """People and policy, read whole and found in order; `digest` is the authority digest of SIGNOFF.md §1."""

    digest: str
    policy: Policy
    people: Mapping[str, Person]

    @cached_property
    def key_holders(self) -> Mapping[bytes, tuple[str, Key]]:
        """For each public key, in wire form, the person and the key's life."""
        return {key.key.blob: (number, key) for number, person in self.people.items() for key in person.keys}

    @cached_property
    def email_holders(self) -> Mapping[str, str]:
        """For each e-mail address, in lower case, the person."""
        return {email: number for number, person in self.people.items() for email in person.emails}

    @cached_property
    def forge_committers(self) -> frozenset[str]:
        """Addresses that a forge writes as committer: they are nobody."""
        return frozenset(email for forge in self.policy.forges.values() for email in forge.committers)

    @cached_property
    def forge_keys(self) -> frozenset[bytes]:
        """Keys that a forge or bot signs merges with."""
        return frozenset(key.blob for forge in self.policy.forges.values() for key in forge.keys)

    def holders(self, role: str, day: date) -> list[str]:
        """Ids of the active people who hold a role on a day."""
        return sorted(
            number for number, person in self.people.items() if role in person.roles and person.is_active(day)
        )

    def able_admins(self, day: date) -> list[str]:
        """Admins who could sign on a day; where statements alone are enough, a key is not asked for."""
        needs_key = self.policy.assurance is not Assurance.RECORDED
        return [each for each in self.holders(ADMIN, day) if not needs_key or self.people[each].has_live_key(day)]

    def name(self, number: str) -> str:
        """The printed name of a person."""
        return self.people[number].name if number in self.people else number


@dataclass(frozen=True, slots=True)
class UnreadableAuthority:
    """Files that are no authority: each fault with the file it stands in."""

    digest: str | None
    faults: tuple[tuple[str, Fault], ...]


def read(digest: str | None, files: Mapping[str, bytes]) -> Authority | UnreadableAuthority:
    """The authority that the files under `sops/authority/` make, by their names below it."""
    faults: list[tuple[str, Fault]] = []
    policy = _file(Policy, POLICY, files, faults)
    people = _file(_People, PEOPLE, files, faults)
    if policy and people:
        faults.extend((PEOPLE, fault) for fault in _shared(people.people))
        faults.extend((POLICY, fault) for fault in _seats_nobody_holds(policy, people.people))
    if digest is None and files:  # without any there is no digest either, and both are missing
        faults.append(
            (PEOPLE, Fault(1, "the authority holds a link, or a file with a deceptive name", "keep plain files only"))
        )
    if faults or not policy or not people or digest is None:
        return UnreadableAuthority(digest, tuple(faults))
    return Authority(digest, policy, people.people)


def _file(
    shape: type[strict_yaml.Judged], name: str, files: Mapping[str, bytes], faults: list[tuple[str, Fault]]
) -> strict_yaml.Judged | None:
    if name not in files:
        faults.append(
            (name, Fault(1, "the file is missing", "write it; `qmdoc` ships an example under templates/authority"))
        )
        return None
    try:
        node = strict_yaml.read(files[name].decode("utf-8-sig"))
    except strict_yaml.NotReadable as error:
        faults.append((name, error.fault))
        return None
    except UnicodeDecodeError:
        faults.append((name, Fault(1, "the file is not UTF-8", "save it as UTF-8")))
        return None
    if repeated := tuple(strict_yaml.repeated_keys(node)):
        faults.extend((name, fault) for fault in repeated)
        return None
    value, wrongs = strict_yaml.judge(shape, node)
    faults.extend((name, fault) for fault in wrongs)
    return value


def _shared(people: Mapping[str, Person]) -> Iterator[Fault]:
    """An e-mail or a key that two people share can prove nothing about either."""
    holders: dict[object, str] = {}
    for number, person in people.items():
        for mark in (*person.emails, *(key.key.blob for key in person.keys)):
            other = holders.setdefault(mark, number)
            what = f"the e-mail `{mark}`" if isinstance(mark, str) else "a key"
            if other != number:
                yield Fault(1, f"{what} stands under both `{other}` and `{number}`", "give each person their own")
        if len({key.key.blob for key in person.keys}) != len(person.keys):
            yield Fault(1, f"a key stands twice under `{number}`", "keep one of the two")


def _seats_nobody_holds(policy: Policy, people: Mapping[str, Person]) -> Iterator[Fault]:
    held = {role for person in people.values() for role in person.roles}
    for role in sorted({seat.role for seats in policy.sign_off.values() for seat in seats} - held):
        yield Fault(
            1, f"a seat asks for the role `{role}`, which nobody holds", "give somebody the role, or change the seat"
        )


def problems_of_succession(earlier: tuple[Authority, ...], new: Authority) -> list[str]:
    """Why an authority may not follow those that were in force: ids and keys are never used again (SIGNOFF.md §5)."""
    now = earlier[-1]
    problems: list[str] = []
    for past in earlier:
        for blob, (number, key) in past.key_holders.items():
            holder = new.key_holders.get(blob)
            if holder and holder[0] != number:
                problems.append(f"a key that was `{number}`'s now stands under `{holder[0]}`")
            if holder and key.revoked and (holder[1].revoked is None or holder[1].revoked > key.revoked):
                problems.append(f"a revoked key of `{number}` is taken back into use")
            if holder and blob not in now.key_holders:
                problems.append(f"a key of `{number}` that was taken out is put back")
        problems.extend(
            f"the id `{number}` was used before and is used again"
            for number in past.people
            if number in new.people and number not in now.people
        )
    return sorted(set(problems))


def own_entry_changes(number: str, now: Authority, new: Authority) -> bool:
    """Whether a change touches a signer's own entry by more than adding or ending their own keys and e-mails."""
    old, changed = now.people.get(number), new.people.get(number)
    if old is None or changed is None:
        return True
    if (old.name, set(old.roles), old.sites, old.from_, old.to) != (
        changed.name,
        set(changed.roles),
        changed.sites,
        changed.from_,
        changed.to,
    ):
        return True
    before = {key.key.blob: key for key in old.keys}
    return any(
        (was := before.get(key.key.blob)) is not None
        and (key.from_ != was.from_ or _later(key.to, was.to) or _later(key.revoked, was.revoked))
        for key in changed.keys
    )


def roles_granted(now: Authority, new: Authority) -> set[str]:
    """Every role that a change gives to anybody: by adding it, or by making its holder's time longer."""
    granted: set[str] = set()
    for number, person in new.people.items():
        old = now.people.get(number)
        if old is None or _later(person.to, old.to) or _earlier(person.from_, old.from_):
            granted |= set(person.roles)
        else:
            granted |= set(person.roles) - set(old.roles)
    return granted


def _later(new: date | None, old: date | None) -> bool:
    """Whether a last day moves further away; none is the furthest."""
    return old is not None and (new is None or new > old)


def _earlier(new: date | None, old: date | None) -> bool:
    return old is not None and (new is None or new < old)
