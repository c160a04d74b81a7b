"""`qmdoc attest-forge` and the sign-offs that it makes: a bot speaks for others only where the authority says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from forgeries.court import DOC, accepted, audit, in_force, missing, refused, sign_off
from programme import POLICY, Programme, document, email, entry, key, path, people, public

from qmdoc.model import Assurance, Meaning
from qmdoc.signing.statement import Evidence

QMDOC = str(Path(sys.executable).parent / "qmdoc")
URL = "https://codehost.example/programme/reviews/17"
LISTED = (
    POLICY.replace("assurance: signed", "assurance: forge") + f'forges: {{github: {{keys: ["{public("f.bot")}"]}}}}\n'
)
BOT = entry("f.bot", "Review Bot", [])


def programme(policy: str = LISTED, *, author: str = "w.writer", **entries: str) -> Programme:
    """QM-001, written on main; the bot is listed."""
    p = Programme(
        policy=policy, people=people({"f.bot": BOT, **{who.replace("_", "."): row for who, row in entries.items()}})
    )
    p.commit(author, {DOC: document()})
    return p


def attested(
    p: Programme, person: str, role: str = "quality-manager", *, head: str = "", bot: str = "f.bot", **bent: Any
) -> str:
    """The commit that an honest bot makes for a person; keywords bend it."""
    evidence = Evidence(URL, head or p.tips["main"])
    return p.sign(
        bot, *bent.pop("numbers", ["QM-001"]), role=role, **{"on_behalf": person, "evidence": evidence, **bent}
    )


# --- what such a sign-off proves


def test_control_a_listed_bot_brings_a_version_into_force(tmp_path: Path) -> None:
    p = programme()
    first, second = attested(p, "q.manager"), attested(p, "m.director", "medical-director")
    a = audit(p, tmp_path)
    accepted(a, first, second)
    row = sign_off(a, first)
    assert in_force(a) == "1.0"
    assert (row.signer, row.name, row.attested_by, row.assurance) == (
        "q.manager",
        "Quality Manager",
        "f.bot",
        Assurance.FORGE,
    )


def test_a_bot_that_no_forge_lists_speaks_for_nobody(tmp_path: Path) -> None:
    p = programme(POLICY.replace("assurance: signed", "assurance: forge"))
    commit = attested(p, "q.manager")
    refused(audit(p, tmp_path), commit, "unknown-key", says="Review Bot")


def test_a_bot_taken_out_of_the_forges_speaks_for_nobody(tmp_path: Path) -> None:
    p = programme()
    p.branch("open")
    commit = attested(p, "q.manager", branch="open")
    p.change_authority(policy=POLICY.replace("assurance: signed", "assurance: forge"))
    p.merge("n.nurse", "open")
    refused(audit(p, tmp_path), commit, "unknown-key")


@pytest.mark.parametrize(
    "bent", [{"unsigned": True}, {"signing_key": key("q.manager")}, {"signing_key": key("stranger")}]
)
def test_only_the_bots_own_signature_is_its_word(tmp_path: Path, bent: dict[str, Any]) -> None:
    p = programme(LISTED.replace("assurance: forge", "assurance: recorded"))
    commit = attested(p, "q.manager", **bent)
    a = audit(p, tmp_path)
    assert sign_off(a, commit).code in ("unsigned", "signer-mismatch", "unknown-key") and in_force(a) is None


def test_a_person_with_roles_speaks_for_nobody_else(tmp_path: Path) -> None:
    p = programme(LISTED.replace(public("f.bot"), public("d.manager")))
    commit = attested(p, "m.director", "medical-director", bot="d.manager")
    refused(audit(p, tmp_path), commit, "signer-mismatch", says="nobody else")


def test_a_bot_does_not_approve_for_itself(tmp_path: Path) -> None:
    p = programme()
    commit = attested(p, "f.bot")
    refused(audit(p, tmp_path), commit, "role-not-held")


def test_somebody_who_left_approves_nothing(tmp_path: Path) -> None:
    gone = entry("x.gone", "Gone", ["quality-manager"], extra="    to: 2026-01-04\n")
    p = programme(x_gone=gone)
    commit = attested(p, "x.gone")
    refused(audit(p, tmp_path), commit, "person-not-active")


def test_somebody_unknown_approves_nothing(tmp_path: Path) -> None:
    p = programme()
    commit = attested(p, "x.nobody")
    refused(audit(p, tmp_path), commit, "signer-mismatch", says="x.nobody")


def test_a_role_that_the_person_does_not_hold_is_refused(tmp_path: Path) -> None:
    p = programme()
    commit = attested(p, "q.manager", "medical-director")
    refused(audit(p, tmp_path), commit, "role-not-held")


def test_an_author_fills_no_seat_through_a_bot(tmp_path: Path) -> None:
    p = programme(author="q.manager")
    accepted_one = attested(p, "q.manager")
    a = audit(p, tmp_path)
    accepted(a, accepted_one)
    assert "Quality Manager wrote this version" in missing(a)[0]


def test_a_policy_that_asks_for_signatures_gets_them(tmp_path: Path) -> None:
    p = programme(LISTED.replace("assurance: forge", "assurance: signed"))
    commit = attested(p, "q.manager")
    refused(audit(p, tmp_path), commit, "assurance-too-low")


def test_a_head_that_is_no_ancestor_proves_nothing(tmp_path: Path) -> None:
    p = programme()
    p.branch("side")
    side = p.commit("w.writer", {"records/x.txt": "x"}, branch="side")
    commit = attested(p, "q.manager", head=side)
    refused(audit(p, tmp_path), commit, "subject-mismatch", says="not part of this history")


def test_a_head_that_nobody_has_proves_nothing(tmp_path: Path) -> None:
    p = programme()
    commit = attested(p, "q.manager", head="0" * 40)
    refused(audit(p, tmp_path), commit, "subject-mismatch", says="not part of this history")


def test_evidence_for_another_text_proves_nothing(tmp_path: Path) -> None:
    p = programme()
    reviewed = p.tips["main"]
    p.commit("w.writer", {DOC: document(body="## Purpose\n\nGive 15 mg.\n")})
    commit = attested(p, "q.manager", head=reviewed)
    refused(audit(p, tmp_path), commit, "subject-mismatch", says="another text")


def test_evidence_for_another_attachment_proves_nothing(tmp_path: Path) -> None:
    p = programme()
    reviewed = p.tips["main"]
    p.commit("w.writer", {"sops/quality/QM-001/dose.txt": "15 mg"})
    commit = attested(p, "q.manager", head=reviewed)
    refused(audit(p, tmp_path), commit, "subject-mismatch", says="another text")


@pytest.mark.parametrize(
    "bent",
    [
        {"on_behalf": None},
        {"evidence": None},
        {"evidence": Evidence(URL, "abc1234")},
        {"evidence": Evidence("see the chat", "0" * 40)},
        {"meaning": Meaning.WITHDRAW},
        {"meaning": Meaning.TRAINING},
    ],
)
def test_a_statement_of_another_form_is_refused(tmp_path: Path, bent: dict[str, Any]) -> None:
    p = programme()
    commit = attested(p, "q.manager", **bent)
    refused(audit(p, tmp_path), commit, "malformed")


# --- the command


def settings(folder: Path, who: str = "f.bot") -> dict[str, str]:
    """The environment of the bot, with its own git settings and key."""
    place = folder / who
    place.mkdir()
    private = key(who).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    (place / "key").write_bytes(private)
    (place / "key").chmod(0o600)
    (place / "key.pub").write_text(public(who) + "\n")
    (place / "gitconfig").write_text(
        f"[user]\n\tname = Review Bot\n\temail = {email(who)}\n\tsigningKey = {place / 'key'}\n[gpg]\n\tformat = ssh\n"
    )
    return {**os.environ, "GIT_CONFIG_GLOBAL": str(place / "gitconfig")}


def attest(place: Path, environment: dict[str, str], given: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [QMDOC, "attest-forge", *(words or ("--document", "QM-001"))]
    return subprocess.run(command, cwd=place, env=environment, input=given, capture_output=True, text=True, check=False)


def review(head: str, *approvals: dict[str, str], **bent: object) -> str:
    return json.dumps({"url": URL, "head": head, "approvals": list(approvals), **bent})


def by(person: str, **more: str) -> dict[str, str]:
    return {"email": email(person), **more}


def tip(place: Path) -> str:
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=place, capture_output=True, text=True, check=True).stdout


def test_two_approvals_bring_a_version_into_force(tmp_path: Path) -> None:
    p = programme()
    place = p.repository(tmp_path / "r")
    done = attest(
        place, settings(tmp_path), review(p.tips["main"], by("q.manager"), by("m.director", role="medical-director"))
    )
    assert done.returncode == 0, done
    assert (
        "Attested for Quality Manager: QM-001 1.0 (approval, forge)" in done.stdout
        and done.stdout.count("no signature is missing") == 1
    )
    a = audit(p, tmp_path, now=datetime.now(UTC))
    assert in_force(a) == "1.0" and {row.attested_by for row in a.register.sign_offs} == {"f.bot"}


def test_two_documents_stand_in_one_commit(tmp_path: Path) -> None:
    p = programme()
    p.commit("w.writer", {path("QM-002"): document("QM-002")})
    place = p.repository(tmp_path / "r")
    given = review(p.tips["main"], by("q.manager"))
    assert attest(place, settings(tmp_path), given, "--document", "QM-001", "--document", "QM-002").returncode == 0
    assert [str(each) for each in audit(p, tmp_path, now=datetime.now(UTC)).register.sign_offs[0].subjects] == [
        "QM-001 1.0",
        "QM-002 1.0",
    ]


GOOD = by("q.manager")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "JSON"),
        ("[]", "JSON"),
        ("{", "JSON"),
        ("\ufeff{}", "JSON"),
        ("[" * 100_000, "JSON"),
        (review("HEAD"), "approvals"),
        (review("abc1234", GOOD), "head"),
        (review("HEAD", GOOD, extra=1), "extra"),
        (review("HEAD", {"role": "quality-manager"}), "email"),
        (review("HEAD", {"email": 1}), "email"),  # type: ignore[dict-item]
        ('{"url": "a", "url": "b"}', "twice"),
        (review("0" * 40, GOOD), "not part of this branch's history"),
        (review("HEAD", GOOD, {"email": "x@elsewhere.example"}), "x@elsewhere.example"),
        (review("HEAD", GOOD, GOOD), "twice"),
        (review("HEAD", GOOD, by("a.admin")), "role"),
        (review("HEAD", GOOD, by("n.nurse")), "no empty seat"),
        (review("HEAD", by("q.manager", role="medical-director")), "role-not-held"),
        (review("HEAD", by("q.manager"), by("d.manager")), "no empty seat"),
        (review("HEAD", GOOD, url="in the chat"), "QM-Evidence"),
        (review("HEAD", by("w.writer", role="quality-manager")), "role-not-held"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_made(tmp_path: Path, given: str, says: str) -> None:
    p = programme()
    place = p.repository(tmp_path / "r")
    done = attest(place, settings(tmp_path), given.replace('"HEAD"', f'"{p.tips["main"]}"'))
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr, done
    assert says in done.stderr and not done.stdout, done
    assert tip(place).strip() == p.tips["main"]


@pytest.mark.parametrize(("who", "says"), [("q.manager", "unknown-key"), ("stranger", "stands under nobody")])
def test_whoever_is_no_bot_attests_nothing(tmp_path: Path, who: str, says: str) -> None:
    p = programme()
    place = p.repository(tmp_path / "r")
    done = attest(place, settings(tmp_path, who), review(p.tips["main"], by("m.director")))
    assert done.returncode == 2 and says in done.stderr and tip(place).strip() == p.tips["main"], done


def test_an_author_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    p = programme(author="q.manager")
    place = p.repository(tmp_path / "r")
    done = attest(place, settings(tmp_path), review(p.tips["main"], by("m.director"), by("q.manager")))
    assert done.returncode == 2 and "q.manager wrote QM-001" in done.stderr and tip(place).strip() == p.tips["main"], (
        done
    )
