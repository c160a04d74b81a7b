"""Stock `ssh-keygen` in the signer's own environment: it makes keys and signatures of files, and asks for passphrases.

qmdoc never sees a private key or a passphrase: ssh-keygen asks on the terminal itself, and the agent or the security
key does the rest.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qmdoc.errors import QmdocError, RefusedToSign, SshFailed

DEFAULT_NAMES = {False: "id_ed25519_qmdoc", True: "id_ed25519_sk_qmdoc"}
"""The file under ~/.ssh in which `qmdoc keys new` keeps a key, by whether it is in a security key."""

_LITERAL = ("key::", "ssh-", "sk-", "ecdsa-")


@dataclass(frozen=True, slots=True)
class Signer:
    """The program and the key that the person's git settings name (gpg.ssh.program, user.signingKey or gpg.ssh.defaultKeyCommand)."""

    program: str
    key: str


@dataclass(frozen=True, slots=True)
class OwnSsh:
    """ssh-keygen as the person at the keyboard has it."""

    environment: Mapping[str, str]

    def sign(self, message: bytes, signer: Signer, *, namespace: str, at: Path) -> bytes:
        """The armored signature over a file of these bytes, as `ssh-keygen -Y sign` writes it. Raises RefusedToSign."""
        with tempfile.TemporaryDirectory() as folder:
            text, key = Path(folder) / "sign-off.txt", Path(folder) / "key.pub"
            text.write_bytes(message)
            named = ["-f", str(Path(signer.key).expanduser())]
            if signer.key.startswith(_LITERAL):  # git takes the public key itself too, and asks the agent
                key.write_text(signer.key.removeprefix("key::") + "\n", encoding="utf-8")
                named = ["-f", str(key), "-U"]
            done = self._run([signer.program, "-Y", "sign", "-n", namespace, *named, str(text)], at=at)
            signature = text.with_name(f"{text.name}.sig")
            if done.returncode or not signature.is_file():
                raise RefusedToSign(
                    f"ssh-keygen could not sign: {_last_words(done)}",
                    fix="check git's setting user.signingKey, and that your key is at hand",
                )
            return signature.read_bytes()

    def make(self, place: Path, *, comment: str, is_security_key: bool) -> None:
        """A new key pair in two new files; ssh-keygen asks for the passphrase, or the touch. Raises SshFailed."""
        # verify-required: the key asks for its PIN each time, which is what the assurance `hardware` rests on
        kind = ["-t", "ed25519-sk", "-O", "verify-required"] if is_security_key else ["-t", "ed25519"]
        command = ["ssh-keygen", *kind, "-C", comment, "-f", str(place)]
        try:
            status = subprocess.run(command, env=dict(self.environment), check=False).returncode
        except OSError as error:
            raise _no_ssh(error) from error
        if status or not place.is_file() or not _public(place).is_file():
            raise SshFailed(
                "ssh-keygen made no key; its own words stand above",
                fix="try again, and with --security-key have the key plugged in and its PIN set",
            )

    def has_passphrase(self, place: Path) -> bool:
        """Whether the private key in a file is of no use to somebody who finds it: it does not open without one."""
        return self._run(["ssh-keygen", "-y", "-P", "", "-f", str(place)], at=place.parent).returncode != 0

    def _run(self, command: list[str], *, at: Path) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                command, cwd=at, env=dict(self.environment), stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
        except OSError as error:
            raise _no_ssh(error) from error


def public_text(setting: str, home: str | None) -> str | None:
    """The public key's line that git's user.signingKey names, or that `qmdoc keys new` made; None where there is none."""
    if setting.startswith(_LITERAL):
        return setting.removeprefix("key::")
    folder = Path(home) / ".ssh" if home else None
    made = [folder / name for name in DEFAULT_NAMES.values()] if folder else []
    for place in [Path(setting)] if setting else made:
        public = place if place.name.endswith(".pub") else _public(place)
        if public.is_file():
            return public.read_text(encoding="utf-8", errors="replace").strip()
    return None


def public_line(place: Path) -> str:
    """The one line of the public key that belongs to a private key file."""
    return _public(place).read_text(encoding="utf-8").strip()


def quoted(place: Path) -> str:
    """A path as a shell takes it."""
    return shlex.quote(str(place))


def taken(place: Path) -> Path | None:
    """Which of the two files of a new key is there already, be it a dangling link."""
    return next((each for each in (place, _public(place)) if os.path.lexists(each)), None)


def _public(place: Path) -> Path:
    return place.with_name(f"{place.name}.pub")


def _last_words(done: subprocess.CompletedProcess[bytes]) -> str:
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1].rstrip(".\r") if said else "it gave no reason"


def _no_ssh(error: OSError) -> QmdocError:
    if isinstance(error, FileNotFoundError):
        return SshFailed("ssh-keygen is not installed, or not on the PATH", fix="install the OpenSSH client")
    return SshFailed(f"ssh-keygen could not be started: {error.strerror}", fix="install the OpenSSH client")
