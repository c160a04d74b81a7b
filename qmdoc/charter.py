"""The first authority of a programme: its policy and people, from the templates and what the founder chose."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from qmdoc import strict_yaml
from qmdoc.errors import OutputFailed
from qmdoc.signing.authority import Policy

# Accreditation and labels that one kind of programme alone answers to; every other catalogue concerns both.
_ONLY = {"fact-jacie-hct-8": "hct", "fact-iec-3": "iec", "cart-us-label-2025": "iec"}
_SIGNERS = {
    "d.quality": ("Deputy Quality Manager", "quality-manager"),
    "m.director": ("Medical Director", "medical-director"),
}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .,()-]*[A-Za-z0-9.)]")
_YAML_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null"})


@dataclass(frozen=True, slots=True)
class Founder:
    """Who begins the programme: their id, printed name, address, public key and first day."""

    id: str
    name: str
    email: str
    key: str
    since: date


@dataclass(frozen=True, slots=True)
class Shape:
    """What kind of programme it is: the policy to start from, its name, scopes and sites, and the months between reviews."""

    policy: str
    name: str
    programmes: Mapping[str, str]
    sites: Mapping[str, str]
    months: Mapping[str, int]


def read_policy(text: str, where: str = "templates/authority/policy.yaml") -> Policy:
    """The policy that a file holds. Raises OutputFailed where it can't be read."""
    try:
        policy, faults = strict_yaml.judge(Policy, strict_yaml.read(text))
    except strict_yaml.NotReadable as error:
        policy, faults = None, (error.fault,)
    if policy is None:
        raise OutputFailed(f"{where}, line {faults[0].line}: {faults[0].message}", fix=faults[0].fix)
    return policy


def policy_yaml(shape: Shape) -> str:
    """The policy with this programme's name, scopes, sites and standards; one admin decides until there are more."""
    text = re.sub(r"(?m)^programme: .*$", lambda _: f"programme: {scalar(shape.name)}", shape.policy)
    for key, rows in (("sites", shape.sites), ("programmes", shape.programmes)):
        block = "".join(f"  {name}: {scalar(printed)}\n" for name, printed in rows.items())
        text = re.sub(rf"(?m)^({key}:.*\n)(?:  .*\n)+", lambda match, block=block: match[1] + block, text)  # type: ignore[misc]
    for catalogue, scope in _ONLY.items():
        if scope not in shape.programmes:
            text = re.sub(rf"(?m)^  - {catalogue}\b.*\n", "", text)
    alone = (
        "authority_quorum: 1        # how many admins must sign a change of this folder; make it 2 once three have keys"
    )
    return re.sub(r"(?m)^authority_quorum: .*$", alone, text)


def people_yaml(template: str, founder: Founder, owners: Iterable[str]) -> str:
    """The people: the founder with their key, and the offices that others must take: those who sign, and the documents' owners."""
    head = template[: template.index("\npeople:")].rstrip("\n")
    lines = [
        head,
        "",
        "people:",
        f"  {founder.id}:",
        f"    name: {scalar(founder.name)}",
        f"    emails: [{scalar(founder.email)}]",
        "    roles: [quality-manager, admin, root]    # admin: signs changes of this folder; root: may give any role",
        "    keys:",
        f'      - {{key: "{founder.key}", from: {founder.since}}}',
        f"    from: {founder.since}",
    ]
    offices = {number: (name, f"{role}, admin") for number, (name, role) in _SIGNERS.items()}
    taken = {"quality-manager", *(role for _, role in _SIGNERS.values())}
    offices |= {
        role.replace("-", "."): (role.replace("-", " ").capitalize(), role) for role in sorted({*owners} - taken)
    }
    lines += [
        "",
        "  # Not taken yet. Put in each one's name and address, and the key that `qmdoc keys new` prints for those who sign.",
    ]
    for number, (name, roles) in offices.items():
        lines += [
            "",
            f"  {number}.2:" if number == founder.id else f"  {number}:",
            f"    name: {name}",
            "    emails: []",
            f"    roles: [{roles}]",
            "    keys: []",
            f"    from: {founder.since}",
        ]
    return "\n".join(lines) + "\n"


def person_id(email: str) -> str:
    """A person's id, from the part of their address before the at-sign."""
    words = re.findall(r"[a-z0-9]+", _ascii(email.partition("@")[0]).lower())
    first = ".".join(words)
    return first if first[:1].isalpha() else ".".join(["p", *words])


def scalar(text: str) -> str:
    """A value as YAML takes it: in quotes wherever it could be read as something else."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS and ": " not in text
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def slug(title: str) -> str:
    """A title as part of a file's name: small letters and hyphens."""
    words = re.findall(r"[a-z0-9]+", _ascii(title).lower())
    return "-".join(words)[:60].strip("-")


def _ascii(text: str) -> str:
    spelt = text.replace("ß", "ss").replace("æ", "ae").replace("ø", "o").replace("Æ", "Ae").replace("Ø", "O")
    return unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
