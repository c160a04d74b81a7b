"""Settings with which a visitor acts as one of the demonstration's people: a key, and a git configuration."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from qmdoc.demo.cast import PEOPLE, READERS, Person

FOLDER = ".git/demonstration-people"
SIGNERS = f"{FOLDER}/allowed_signers"


def write(repository: Path, trust_root: str) -> Path:
    """Writes a folder for each person with a key; no file of them is part of the history."""
    top = repository / FOLDER
    top.mkdir(mode=0o700)
    signers = []
    for person in (*PEOPLE, *READERS):
        numbers = [1, *([2] if person.renews is not None else [])] if person.has_key else []
        signers += [f'{person.email} namespaces="git" {person.public_key(number)}\n' for number in numbers]
        if numbers and person.leaves is None:
            _write_person(top / person.id, person, numbers[-1], trust_root)
    (repository / SIGNERS).write_text("".join(signers), encoding="utf-8")
    return top


def _write_person(folder: Path, person: Person, number: int, trust_root: str) -> None:
    folder.mkdir(mode=0o700)
    private = person.key(number).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    with os.fdopen(os.open(folder / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    (folder / "key.pub").write_text(
        f"{person.public_key(number)} {person.email}, demonstration only\n", encoding="utf-8"
    )
    (folder / "gitconfig").write_text(_settings(person, trust_root), encoding="utf-8")


def _settings(person: Person, trust_root: str) -> str:
    # paths are written from the repository's top, where git signs: the folder may be moved
    return f"""\
# Demonstration only: acts as {person.name}.
[user]
	name = {person.name}
	email = {person.email}
	signingkey = {FOLDER}/{person.id}/key
[gpg]
	format = ssh
[gpg "ssh"]
	allowedSignersFile = {SIGNERS}
[commit]
	gpgSign = true
[qmdoc]
	trustRoot = {trust_root}
"""
