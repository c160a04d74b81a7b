"""`qmdoc keys`: a new key at a real terminal, and the list of keys that may sign."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from programme import POLICY, Programme, document, email, entry, path, people, public

from qmdoc.outputs import proof
from qmdoc.signing import authority, sshsig

QMDOC = str(Path(sys.executable).parent / "qmdoc")
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


def at_a_terminal(
    *words: str, home: Path, answers: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Runs qmdoc with a terminal of its own and answers one passphrase question after the other."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKE_TERMINAL, QMDOC, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "HOME": str(home), **(environment or {})},
        cwd=home,
        start_new_session=True,
    )
    os.close(theirs)
    said, left, until = b"", list(answers), time.monotonic() + 30
    answered = 0
    while time.monotonic() < until:
        ready, _, _ = select.select([ours], [], [], 0.2)
        if ready:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so when the last of them has closed the terminal
                break
            if not part:
                break
            said += part
        elif process.poll() is not None:
            break
        if left and said.lower().count(b"passphrase") > answered and said.rstrip().endswith(b":"):
            answered = said.lower().count(b"passphrase")
            os.write(ours, left.pop(0).encode() + b"\n")
    status = process.wait(timeout=10)
    os.close(ours)
    return status, said.decode().replace("\r\n", "\n")


def test_ssh_keygen_asks_for_the_passphrase_and_the_words_are_complete(tmp_path: Path) -> None:
    status, said = at_a_terminal(
        "keys", "new", "--person", "q.manager", home=tmp_path, answers=("four long words",) * 2
    )
    place = tmp_path / ".ssh" / "id_ed25519_qmdoc"
    key = sshsig.public_key(place.with_name("id_ed25519_qmdoc.pub").read_text())
    assert status == 0 and key, said
    assert place.stat().st_mode & 0o077 == 0 and place.parent.stat().st_mode & 0o077 == 0
    assert "four long words" not in said and "CAUTION" not in said
    today = datetime.now(UTC).date()
    assert f'      - {{key: "{key.text}", from: {today}}}' in said
    assert "\n  q.manager:\n    keys:\n" in said
    assert key.fingerprint in said.split("3. ")[1]
    assert f"git config --global user.signingKey {place}" in said and "gpg.format ssh" in said
    opened = subprocess.run(
        ["ssh-keygen", "-y", "-P", "four long words", "-f", str(place)], capture_output=True, text=True, check=False
    )
    assert opened.stdout.startswith(key.text)


def test_a_key_without_a_passphrase_is_said_to_be_one(tmp_path: Path) -> None:
    status, said = at_a_terminal("keys", "new", home=tmp_path, answers=("", ""))
    assert status == 0 and "CAUTION: the key has no passphrase" in said and "ssh-keygen -p -f" in said
    assert "YOUR.ID" in said


def test_passphrases_that_differ_are_asked_again(tmp_path: Path) -> None:
    status, said = at_a_terminal("keys", "new", home=tmp_path, answers=("one word", "another", "one word", "one word"))
    assert status == 0 and "CAUTION" not in said, said


@pytest.mark.parametrize("there", ["key", "key.pub"])
def test_nothing_is_ever_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / there).symlink_to(tmp_path / "nowhere")
    status, said = at_a_terminal("keys", "new", "--file", "key", home=tmp_path)
    assert status == 2 and said.count("\n") == 1 and "never overwritten" in said
    assert (tmp_path / there).is_symlink() and sorted(each.name for each in tmp_path.iterdir()) == [there]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    status, said = at_a_terminal("keys", "new", "--file", "no/key", home=tmp_path)
    assert status == 2 and said.count("\n") == 1 and "there is no folder" in said


def test_an_id_that_can_t_be(tmp_path: Path) -> None:
    status, said = at_a_terminal("keys", "new", "--person", "Q. Manager", home=tmp_path)
    assert status == 2 and said.count("\n") == 1 and "no person's id" in said
    assert not (tmp_path / ".ssh").exists()


def test_without_ssh_keygen(tmp_path: Path) -> None:
    status, said = at_a_terminal("keys", "new", home=tmp_path, environment={"PATH": str(tmp_path)})
    assert status == 2 and said.count("\n") == 1 and "ssh-keygen is not installed" in said


def test_without_a_security_key_nothing_is_made(tmp_path: Path) -> None:
    fake = tmp_path / "ssh-keygen"
    fake.write_text('#!/bin/sh\necho "$@" > args\necho "Key enrollment failed: device not found"\nexit 1\n')
    fake.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    status, said = at_a_terminal("keys", "new", "--security-key", home=tmp_path, environment=environment)
    assert status == 2 and "device not found" in said and said.splitlines()[-1].startswith("qmdoc: ssh-keygen made no")
    assert "-t ed25519-sk -O verify-required" in (tmp_path / "args").read_text()


def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [QMDOC, "keys", "new"],
        env={**os.environ, "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "terminal" in done.stderr
    assert not (tmp_path / ".ssh").exists()


def test_the_printed_lines_are_read_as_a_person_s_key(tmp_path: Path) -> None:
    _, said = at_a_terminal("keys", "new", "--person", "n.nurse", home=tmp_path, answers=("", ""))
    lines = said.split("that are there):\n\n")[1].split("\n\n3.")[0]
    nurse = entry("n.nurse", "Ward Nurse", ["ward-nurse"])
    kept = "\n".join(nurse.splitlines()[1:4])
    changed = people({"n.nurse": lines.replace("    keys:", f"{kept}\n    keys:") + "\n"})
    found = authority.read("0" * 64, {"policy.yaml": POLICY.encode(), "people.yaml": changed.encode()})
    assert isinstance(found, authority.Authority), found
    made = found.people["n.nurse"].keys[0]
    assert made.key.fingerprint in said and made.from_ == datetime.now(UTC).date()


def run(*words: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [QMDOC, "keys", "allowed-signers", *words], cwd=at, capture_output=True, text=True, check=False
    )


def test_the_list_of_signers_serves_stock_git(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): document()})
    made = programme.sign("q.manager", "QM-001", role="quality-manager")
    place = programme.repository(tmp_path / "p")
    done = run("--trust-root", programme.root, at=place)
    assert done.returncode == 0
    assert done.stdout == proof.allowed_signers(programme.audit(place).register.ledger)
    assert f'{email("q.manager")} namespaces="git,qmdoc-sign-off" ' in done.stdout
    (tmp_path / "signers").write_text(done.stdout)
    verified = subprocess.run(
        ["git", "-C", str(place), "-c", f"gpg.ssh.allowedSignersFile={tmp_path / 'signers'}", "verify-commit", made],
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0 and "Good" in verified.stderr, verified


def test_the_list_can_be_of_a_day_in_the_past(tmp_path: Path) -> None:
    programme = Programme()
    programme.clock = programme.clock.replace(month=3)
    programme.change_authority(people=people({"d.manager": ""}))
    place = programme.repository(tmp_path / "p")
    then, now = (
        run(*words, "--trust-root", programme.root, at=place).stdout for words in (("--as-of", "2026-02-01"), ())
    )
    lines = [next(line for line in text.splitlines() if public("d.manager") in line) for text in (then, now)]
    assert "valid-before" not in lines[0] and 'valid-before="20260305235959Z"' in lines[1]


def test_no_repository_is_one_line(tmp_path: Path) -> None:
    done = run(at=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "not in a git repository" in done.stderr
