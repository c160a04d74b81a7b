"""Key enrolment: a new key on the signer's own computer, and the words that bring its public half into the authority."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qmdoc import own_ssh
from qmdoc.errors import ConfigError, SshFailed
from qmdoc.own_ssh import OwnSsh
from qmdoc.signing import sshsig

_PERSON = re.compile(r"[a-z][a-z0-9]*(?:[-._][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made: where, whose, and whether a finder of the file could sign with it."""

    place: Path
    public: str
    fingerprint: str
    person: str | None
    day: date
    is_security_key: bool
    is_open: bool


def new(place: Path | None, person: str | None, environment: Mapping[str, str], *, day: date, is_security_key: bool = False) -> NewKey:  # fmt: skip
    """Makes a key pair where none is; ssh-keygen asks the person on the terminal.

    Raises ConfigError for a person or a place that can't be, SshFailed where ssh-keygen made nothing.
    """
    if person is not None and not _PERSON.fullmatch(person):
        raise ConfigError(f"`{person}` is no person's id", fix="write it as people.yaml does, as in `q.manager`")
    home = environment.get("HOME") or environment.get("USERPROFILE")
    if place is None and not home:
        raise ConfigError("there is no home folder to keep the key in", fix="name a file with --file")
    place = (place or Path(home or "") / ".ssh" / own_ssh.DEFAULT_NAMES[is_security_key]).expanduser().absolute()
    if there := own_ssh.taken(place):
        raise ConfigError(
            f"{there} is there already, and a key is never overwritten",
            fix="use that key, or name another file with --file",
        )
    if place.parent.name == ".ssh":
        place.parent.mkdir(mode=0o700, exist_ok=True)
    if not place.parent.is_dir():
        raise ConfigError(f"there is no folder {place.parent}", fix="make it first, or name another file with --file")
    ssh = OwnSsh(environment)
    ssh.make(place, comment=person or "qmdoc", is_security_key=is_security_key)
    key = sshsig.public_key(own_ssh.public_line(place))
    if key is None:
        raise SshFailed(
            f"{place}.pub holds no key that qmdoc can read", fix="make the key with OpenSSH's own ssh-keygen"
        )
    is_open = not is_security_key and not ssh.has_passphrase(place)
    return NewKey(place, key.text, key.fingerprint, person, day, is_security_key, is_open)


def words(made: NewKey) -> str:
    """What the new key's owner does now, and what they hand to an administrator."""
    who = made.person or "YOUR.ID"
    listed = f'      - {{key: "{made.public}", from: {made.day}}}'
    lines = [
        f"Your new key is in {made.place}; keep that file to yourself. The public half is in {made.place}.pub.",
        *_caution(made),
        "",
        "1. Have git sign with it:",
        "",
        "   git config --global gpg.format ssh",
        f"   git config --global user.signingKey {own_ssh.quoted(made.place)}",
        "   git config --global user.email YOUR.ADDRESS   # the one that people.yaml has",
        "",
        "2. Send these lines to an administrator, for your entry in sops/authority/people.yaml (keep the keys that are there):",
        "",
        f"  {who}:",
        "    keys:",
        listed,
        "",
        "3. Read this fingerprint to the administrator by telephone or in person; a message can be forged:",
        "",
        f"   {made.fingerprint}",
        "",
        "   They compare it with what `ssh-keygen -lf` prints for the key that you sent. You can sign once the change of the",
        "   authority is in force: administrators sign it with `qmdoc sign @authority`.",
    ]
    return "\n".join(lines) + "\n"


def _caution(made: NewKey) -> list[str]:
    if made.is_security_key:
        return ["It works with this security key alone, and asks for its PIN and a touch at every signature."]
    if made.is_open:
        change = f"ssh-keygen -p -f {own_ssh.quoted(made.place)}"
        return [
            "",
            "CAUTION: the key has no passphrase. Whoever gets at the file signs in your name.",
            f"Give it one now: {change}",
        ]
    return []
