"""`qmdoc sign --portable` with stock git and ssh-keygen: two files that a forge may squash."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from programme import Programme, document, email, path
from test_enrolment import at_a_terminal
from test_sign import QMDOC, head, settings, sign

from qmdoc import audit as use_cases
from qmdoc.outputs import proof
from qmdoc.register import Audit


def git(place: Path, *words: str) -> str:
    base = {**os.environ, "GIT_AUTHOR_NAME": "W", "GIT_COMMITTER_NAME": "W", "GIT_AUTHOR_EMAIL": email("w.writer"), "GIT_COMMITTER_EMAIL": email("w.writer")}  # fmt: skip
    done = subprocess.run(["git", *words], cwd=place, env=base, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


def audited(programme: Programme, place: Path) -> Audit:
    now = datetime.now(UTC)
    return use_cases.audit(use_cases.Request(place, now, {"PATH": os.environ["PATH"]}, trust_root=programme.root))


def proposal() -> Programme:
    programme = Programme()
    programme.commit("w.writer", {path(): document(change_summary="First version.")})
    return programme


def files(place: Path) -> list[Path]:
    return sorted(each for each in (place / "records").rglob("*") if each.is_file())


def test_a_branch_that_is_signed_and_squashed_comes_into_force(tmp_path: Path) -> None:
    programme = proposal()
    place = programme.repository(tmp_path / "p")
    git(place, "checkout", "--quiet", "-b", "change")
    (place / path()).write_text(document(version="1.1"))
    git(place, "commit", "--quiet", "-am", "version 1.1")
    for who in ("q.manager", "m.director"):
        before = head(place)
        done = sign(place, settings(tmp_path, who), "QM-001", "--portable")
        assert done.returncode == 0 and "Title of QM-001" in done.stdout and "Commit both" in done.stdout, done
        assert head(place) == before and "git add records/sign-offs/" in done.stdout
    assert len(files(place)) == 4
    git(place, "add", "records")
    git(place, "commit", "--quiet", "-m", "sign-offs")
    git(place, "checkout", "--quiet", "main")
    git(place, "merge", "--quiet", "--squash", "change")
    git(place, "commit", "--quiet", "-m", "version 1.1 (#3)")
    found = audited(programme, place)
    state = found.register.state("QM-001")
    assert state and state.effective and str(state.effective.version) == "1.1"
    assert len(found.register.sign_offs) == 2 and {each.evidence for each in found.register.sign_offs} == {
        str(each.relative_to(place)) for each in files(place) if each.suffix == ".txt"
    }


def test_stock_ssh_keygen_verifies_what_it_wrote(tmp_path: Path) -> None:
    programme = proposal()
    place = programme.repository(tmp_path / "p")
    assert sign(place, settings(tmp_path, "q.manager"), "QM-001", "--portable").returncode == 0
    text, signature = files(place)
    signers = tmp_path / "signers"
    signers.write_text(proof.allowed_signers(audited(programme, place).register.ledger))
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", email("q.manager"), "-n", "qmdoc-sign-off", "-s", str(signature)]  # fmt: skip
    assert subprocess.run(command, input=text.read_bytes(), capture_output=True, check=False).returncode == 0
    changed = text.read_bytes().replace(b"1.0", b"1.1", 1)
    assert subprocess.run(command, input=changed, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize(("who", "words", "says", "number"), [
    ("q.manager", ("--role", "medical-director"), "role-not-held", 1), ("n.nurse", (), "no empty seat", 1), ("q.manager", (), "unknown-key", 2),
    ("q.manager", ("--meaning", "revoke"), "--reason", 1), ("q.manager", ("--meaning", "revoke", "--reason", "A slip"), "nothing-to-revoke", 1),
])  # fmt: skip
def test_what_would_be_refused_later_is_refused_now(tmp_path: Path, who: str, words: tuple[str, ...], says: str, number: int) -> None:  # fmt: skip
    place = proposal().repository(tmp_path / "p")
    done = sign(place, settings(tmp_path, who, number), "QM-001", "--portable", *words)
    assert done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1, done
    assert not (place / "records").exists()


def test_an_author_is_refused(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("q.manager", {path(): document()})
    place = programme.repository(tmp_path / "p")
    done = sign(place, settings(tmp_path, "q.manager"), "QM-001", "--portable")
    assert done.returncode == 2 and "you wrote" in done.stderr


def test_without_a_key_it_says_how_to_get_one(tmp_path: Path) -> None:
    place = proposal().repository(tmp_path / "p")
    own = settings(tmp_path, "q.manager")
    own.write_text(own.read_text().replace("signingKey", "otherKey"))
    done = sign(place, own, "QM-001", "--portable")
    assert done.returncode == 2 and "qmdoc keys new" in done.stderr and done.stderr.count("\n") == 1


def test_a_key_that_is_not_at_hand(tmp_path: Path) -> None:
    place = proposal().repository(tmp_path / "p")
    own = settings(tmp_path, "q.manager")
    (own.parent / "key").unlink()
    (own.parent / "key.pub").unlink()
    done = sign(place, own, "QM-001", "--portable")
    assert done.returncode == 2 and "ssh-keygen could not sign" in done.stderr and done.stderr.count("\n") == 1


def test_a_folder_that_leads_elsewhere_is_not_written_through(tmp_path: Path) -> None:
    place = proposal().repository(tmp_path / "p")
    (tmp_path / "elsewhere").mkdir()
    (place / "records").symlink_to(tmp_path / "elsewhere")
    done = sign(place, settings(tmp_path, "q.manager"), "QM-001", "--portable")
    assert done.returncode == 2 and "link" in done.stderr and done.stderr.count("\n") == 1
    assert not list((tmp_path / "elsewhere").rglob("*.txt"))


def test_the_authority_is_signed_by_file_too(tmp_path: Path) -> None:
    programme = proposal()
    place = programme.repository(tmp_path / "p")
    policy = place / "sops/authority/policy.yaml"
    policy.write_text(policy.read_text().replace("notice_days: 60", "notice_days: 30"))
    git(place, "commit", "--quiet", "-am", "shorter notice")
    for who in ("q.manager", "m.director"):
        done = sign(place, settings(tmp_path, who), "@authority", "--portable")
        assert done.returncode == 0, done
    git(place, "add", "records")
    git(place, "commit", "--quiet", "-m", "sign-offs")
    assert audited(programme, place).register.authority.policy.notice_days == 30


def test_the_binder_shows_how_to_check_a_portable_sign_off(tmp_path: Path) -> None:
    programme = proposal()
    place = programme.repository(tmp_path / "p")
    for who in ("q.manager", "m.director"):
        assert sign(place, settings(tmp_path, who), "QM-001", "--portable").returncode == 0
    git(place, "add", "records")
    git(place, "commit", "--quiet", "-m", "sign-offs")
    found = audited(programme, place)
    state = found.register.state("QM-001")
    assert state and state.effective
    names = {("QM-001", "1.0"): {".": "QM-001-title.md"}}
    shown = proof.example(found.register, names)
    assert shown and shown.sign_off.evidence
    step = proof.steps(found.register, shown)[2]
    binder = tmp_path / "binder"
    binder.mkdir()
    (binder / "allowed_signers").write_text(proof.allowed_signers(found.register.ledger))
    script = f'set -e\nBINDER={binder}\nWORK="$(mktemp -d)"\ncd {place}\n' + "\n".join(step.commands)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and 'Good "qmdoc-sign-off" signature' in done.stdout, done


def test_a_key_that_only_the_agent_holds(tmp_path: Path) -> None:
    programme = proposal()
    place = programme.repository(tmp_path / "p")
    own = settings(tmp_path, "q.manager")
    own.write_text(
        own.read_text().replace(f"= {own.parent / 'key'}", f"= key::{(own.parent / 'key.pub').read_text().strip()}")
    )
    script = f"ssh-add -q {own.parent / 'key'} && rm {own.parent / 'key'} && {QMDOC} sign QM-001 --portable"
    done = subprocess.run(
        ["ssh-agent", "sh", "-c", script],
        cwd=place,
        env={**os.environ, "GIT_CONFIG_GLOBAL": str(own)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and len(files(place)) == 2, done


def told_by_a_command(own: Path, command: str) -> None:
    """Settings that name no key, but the command that tells it."""
    lines = [line for line in own.read_text().splitlines() if "signingKey" not in line]
    own.write_text("\n".join([*lines, '[gpg "ssh"]', f"\tdefaultKeyCommand = {command}", ""]))


@pytest.mark.parametrize("words", [(), ("--portable",)])
def test_the_key_that_the_person_s_own_command_tells_signs_either_way(tmp_path: Path, words: tuple[str, ...]) -> None:
    programme = proposal()
    place = programme.repository(tmp_path / "p")
    own = settings(tmp_path, "q.manager")
    told_by_a_command(own, "ssh-add -L")
    script = f"ssh-add -q {own.parent / 'key'} && rm {own.parent / 'key'} && exec {QMDOC} sign QM-001 {' '.join(words)}"
    done = subprocess.run(["ssh-agent", "sh", "-c", script], cwd=place, env={**os.environ, "GIT_CONFIG_GLOBAL": str(own)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0 and "signed" in done.stdout.lower(), done
    if words:
        git(place, "add", "records")
        git(place, "commit", "--quiet", "-m", "sign-off")
    [made] = audited(programme, place).register.sign_offs
    assert (made.signer, made.code, made.assurance) == ("q.manager", None, "signed")


@pytest.mark.parametrize("command", ["false", "echo no key here", "no-such-program-at-all", "'open quote"])
@pytest.mark.parametrize("words", [(), ("--portable",)])
def test_a_command_that_tells_no_key_is_one_sentence(tmp_path: Path, command: str, words: tuple[str, ...]) -> None:
    place = proposal().repository(tmp_path / "p")
    own = settings(tmp_path, "q.manager")
    told_by_a_command(own, command)
    before = head(place)
    done = sign(place, own, "QM-001", *words)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done
    assert ("told no key" if words else "could not sign") in done.stderr, done  # fmt: skip
    assert head(place) == before and not (place / "records").exists()


def test_ssh_keygen_asks_for_the_passphrase_of_the_key(tmp_path: Path) -> None:
    place = proposal().repository(tmp_path / "p")
    own = settings(tmp_path, "q.manager")
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", "a long secret", "-f", str(own.parent / "key")], check=True
    )
    words = ("sign", "QM-001", "--portable", "--yes", "--repo", str(place))
    environment = {"GIT_CONFIG_GLOBAL": str(own)}
    status, said = at_a_terminal(*words, home=tmp_path, answers=("a long secret",), environment=environment)
    assert status == 0 and "a long secret" not in said and len(files(place)) == 2, said
    status, said = at_a_terminal(*words, home=tmp_path, answers=("not that",), environment=environment)
    assert status == 2 and "ssh-keygen could not sign" in said.splitlines()[-1], said
