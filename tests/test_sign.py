"""`qmdoc sign` with stock git and real keys: what would be refused later is refused now."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from programme import PEOPLE, POLICY, Programme, document, email, entry, key, path, people, public

QMDOC = str(Path(sys.executable).parent / "qmdoc")


def settings(folder: Path, person: str, number: int = 1) -> Path:
    """A person's own git settings, with their key."""
    place = folder / f"{person}-{number}"
    place.mkdir()
    private = key(person, number).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    (place / "key").write_bytes(private)
    (place / "key").chmod(0o600)
    (place / "key.pub").write_text(public(person, number) + "\n")
    (place / "gitconfig").write_text(
        f"[user]\n\tname = {PEOPLE[person][0]}\n\temail = {email(person)}\n\tsigningKey = {place / 'key'}\n[gpg]\n\tformat = ssh\n"
    )
    return place / "gitconfig"


def sign(place: Path, who: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(who)}
    return subprocess.run(
        [QMDOC, "sign", *words],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def head(place: Path) -> str:
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=place, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_two_signatures_bring_a_version_into_force(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): document(change_summary="First version.")})
    place = programme.repository(tmp_path / "p")
    first = sign(place, settings(tmp_path, "q.manager"), "QM-001")
    assert first.returncode == 0, first
    assert (
        "Title of QM-001" in first.stdout
        and "First version." in first.stdout
        and "waits for: medical-director approval 0/1" in first.stdout
    )
    second = sign(place, settings(tmp_path, "m.director"), "QM-001")
    assert "no signature is missing" in second.stdout, second
    state = programme.audit(place, now=datetime.now(UTC)).register.state("QM-001")
    assert state and state.effective and str(state.effective.version) == "1.0"
    assert not subprocess.run(
        ["git", "status", "--porcelain"], cwd=place, capture_output=True, text=True, check=True
    ).stdout


def test_a_repository_of_the_longer_ids_is_signed_in_too(tmp_path: Path) -> None:
    p = proposal()
    place = tmp_path / "p"
    subprocess.run(["git", "init", "-q", "-b", "main", "--object-format=sha256", str(place)], check=True)
    for name, (_, blob) in p.trees[p.tips["main"]].items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(p.chronicle.objects[blob][1])
    me = ["-c", "user.name=W", "-c", f"user.email={email('w.writer')}"]
    subprocess.run(["git", "add", "."], cwd=place, check=True)
    subprocess.run(["git", *me, "commit", "-q", "-m", "begin"], cwd=place, check=True)
    for who in ("q.manager", "m.director"):
        done = sign(place, settings(tmp_path, who), "QM-001")
        assert done.returncode == 0, done
    assert "no signature is missing" in done.stdout


def test_the_signer_is_shown_what_changed_since_the_version_in_force(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): document(body="## Purpose\n\nGive 5 mg.\n")})
    programme.approve("QM-001")
    programme.commit("w.writer", {path(): document(version="2.0", body="## Purpose\n\nGive 15 mg.\n")})
    shown = sign(programme.repository(tmp_path / "p"), settings(tmp_path, "q.manager"), "QM-001").stdout
    assert "-Give 5 mg." in shown and "+Give 15 mg." in shown and "changed since version 1.0" in shown


def refused(tmp_path: Path, programme: Programme, who: str, *words: str, says: str, number: int = 1) -> None:
    place = programme.repository(tmp_path / "p")
    before = head(place)
    done = sign(place, settings(tmp_path, who, number), *words)
    assert done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1, done
    assert head(place) == before, "a refused sign-off leaves the branch where it was"


def proposal() -> Programme:
    programme = Programme()
    programme.commit("w.writer", {path(): document()})
    return programme


def test_an_author_is_refused(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("q.manager", {path(): document()})
    refused(tmp_path, programme, "q.manager", "QM-001", says="you wrote")


def test_what_somebody_unknown_wrote_waits_for_the_admins_to_list_them(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("mallory", {path(): document()})
    programme.commit("w.writer", {path(): document(version="1.1", body="## Purpose\n\nWritten again.\n")})
    refused(tmp_path, programme, "q.manager", "QM-001", says="have the admins list the editor in people.yaml")


def test_a_role_that_is_not_held_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, proposal(), "q.manager", "QM-001", "--role", "medical-director", says="role-not-held")


def test_a_role_without_a_seat_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, proposal(), "n.nurse", "QM-001", says="no empty seat")


def test_who_has_signed_is_told_so(tmp_path: Path) -> None:
    programme = proposal()
    programme.sign("q.manager", "QM-001", role="quality-manager")
    says = "Quality Manager has signed QM-001 1.0 already; it waits for: medical-director approval"
    refused(tmp_path, programme, "q.manager", "QM-001", says=says)


def test_of_two_seats_in_one_role_nobody_signs_for_both(tmp_path: Path) -> None:
    two = POLICY.replace("{role: quality-manager, meaning: approval, count: 1", "{role: quality-manager, meaning: approval, count: 2")  # fmt: skip
    programme = Programme(policy=two)
    programme.commit("w.writer", {path(): document()})
    programme.sign("q.manager", "QM-001", role="quality-manager")
    refused(tmp_path, programme, "q.manager", "QM-001", says="has signed QM-001 1.0 already")


def test_a_signature_that_lets_another_sign_in_their_other_role_is_made(tmp_path: Path) -> None:
    both = entry("q.manager", "Quality Manager", ["quality-manager", "medical-director", "admin"])
    programme = Programme(people=people({"q.manager": both}))
    programme.commit("w.writer", {path(): document()})
    for role in ("medical-director", "quality-manager"):
        programme.sign("q.manager", "QM-001", role=role)  # either seat, and one of them only
    place = programme.repository(tmp_path / "p")
    for who in ("d.manager", "m.director"):
        there = programme.repository(tmp_path / who)
        done = sign(there, settings(tmp_path, who), "QM-001")
        assert done.returncode == 0 and "no signature is missing" in done.stdout, done
    refused = sign(place, settings(tmp_path, "q.manager"), "QM-001", "--role", "quality-manager")
    assert refused.returncode == 2 and "has signed QM-001 1.0 already" in refused.stderr, refused


def test_another_key_than_the_listed_one_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, proposal(), "q.manager", "QM-001", says="unknown-key", number=2)


def test_an_approved_version_needs_no_second_signature(tmp_path: Path) -> None:
    programme = proposal()
    programme.approve("QM-001")
    refused(tmp_path, programme, "d.manager", "QM-001", says="approved already")


def test_a_version_that_was_not_raised_is_refused(tmp_path: Path) -> None:
    programme = proposal()
    programme.approve("QM-001")
    programme.commit("w.writer", {path(): document(body="## Purpose\n\nOther.\n")})
    refused(tmp_path, programme, "q.manager", "QM-001", says="not greater than 1.0")


def test_a_place_left_open_is_refused(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): document(body="## Purpose\n\nCall [[local: on-call pager]].\n")})
    refused(tmp_path, programme, "q.manager", "QM-001", says="[[local:")


def test_withdrawing_without_a_reason_is_refused(tmp_path: Path) -> None:
    programme = proposal()
    programme.approve("QM-001")
    refused(tmp_path, programme, "q.manager", "QM-001", "--meaning", "withdraw", says="--reason")


def test_an_unknown_document_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, proposal(), "q.manager", "QM-999", says="no document QM-999")


def test_a_number_that_two_files_hold_is_refused_and_both_are_named(tmp_path: Path) -> None:
    programme = proposal()
    programme.commit("w.writer", {"sops/quality/QM-001-copy.md": document()})
    says = f"2 files hold QM-001: sops/quality/QM-001-copy.md and {path()}; keep the number for one of them"
    refused(tmp_path, programme, "q.manager", "QM-001", says=says)


def test_somebody_unknown_is_refused(tmp_path: Path) -> None:
    programme = Programme(people=people({"n.nurse": ""}))
    programme.commit("w.writer", {path(): document()})
    refused(tmp_path, programme, "n.nurse", "QM-001", says="stands under nobody")


def test_a_withdrawal_and_a_periodic_review_take_effect(tmp_path: Path) -> None:
    programme = proposal()
    programme.approve("QM-001")
    place = programme.repository(tmp_path / "p")
    who = settings(tmp_path, "q.manager")
    assert (
        sign(
            place, who, "QM-001", "--meaning", "periodic-review", "--outcome", "continue", "--next-review", "2027-06-30"
        ).returncode
        == 0
    )
    state = programme.audit(place, now=datetime.now(UTC)).register.state("QM-001")
    assert state and state.review and str(state.review.due) == "2027-06-30"
    assert sign(place, who, "QM-001", "--meaning", "withdraw", "--reason", "Superseded by QM-002").returncode == 0
    state = programme.audit(place, now=datetime.now(UTC)).register.state("QM-001")
    assert state and str(state.status) == "withdrawn"


def test_admins_sign_a_changed_authority(tmp_path: Path) -> None:
    programme = proposal()
    changed = people({"x.nurse": entry("x.nurse", "New Nurse", ["ward-nurse"])})
    programme.people, before = changed, programme.people
    programme.commit("a.admin", {"sops/authority/people.yaml": changed})
    programme.people = before
    place = programme.repository(tmp_path / "p")
    # the change gives `ward-nurse`, which neither admin holds: only holders (or `root`) may grant a role
    done = sign(place, settings(tmp_path, "q.manager"), "@authority")
    assert done.returncode == 2 and "role-not-granted" in done.stderr, done


def test_a_sign_off_is_not_made_where_it_would_stand_on_no_branch(tmp_path: Path) -> None:
    place = proposal().repository(tmp_path / "p")
    who = settings(tmp_path, "q.manager")
    subprocess.run(["git", "checkout", "--quiet", "--detach"], cwd=place, check=True)
    before = head(place)
    done = sign(place, who, "QM-001")
    assert done.returncode == 2 and "no branch is checked out" in done.stderr and head(place) == before, done
    portable = sign(place, who, "QM-001", "--portable")
    assert portable.returncode == 0 and "in two files" in portable.stdout, portable


def test_a_signer_whose_clock_may_be_wrong_is_told_before_it_is_too_late(tmp_path: Path) -> None:
    programme = proposal()
    place = programme.repository(tmp_path / "p")
    who = settings(tmp_path, "q.manager")
    assert "CAUTION" not in sign(place, who, "QM-001").stdout
    ahead = datetime.now(UTC) + timedelta(days=1)
    programme.commit("n.nurse", {"notes.txt": "x"}, at=ahead)
    done = sign(programme.repository(tmp_path / "ahead"), who, "QM-001")
    assert done.returncode == 0 and f"CAUTION: this computer's clock says {datetime.now(UTC):%Y-%m-%d}" in done.stdout
    assert f"the newest commit {ahead:%Y-%m-%d %H:%M}" in done.stdout


def test_a_text_that_is_edited_and_not_committed_is_named_before_it_is_signed(tmp_path: Path) -> None:
    programme = proposal()
    programme.commit("w.writer", {path("QM-002"): document("QM-002")})
    place = programme.repository(tmp_path / "p")
    (place / path()).write_text(document(body="## Purpose\n\nWhat I see.\n"))
    (place / "sops/quality/QM-001").mkdir()
    (place / "sops/quality/QM-001/new.png").write_bytes(b"new")
    (place / path("QM-002")).write_bytes(document("QM-002").replace("\n", "\r\n").encode())
    done = sign(place, settings(tmp_path, "q.manager"), "QM-001", "QM-002")
    cautions = [line.split()[1] for line in done.stdout.splitlines() if "CAUTION" in line]
    assert done.returncode == 0 and cautions == [path(), "sops/quality/QM-001/new.png"], done.stdout


def test_the_signer_is_told_of_a_changed_picture(tmp_path: Path) -> None:
    folder = "sops/quality/QM-001/"
    programme = Programme()
    old = {"old.png": b"old", "same.png": b"same", "flow.png": b"a"}
    new = {"old.png": None, "flow.png": b"b", "new.png": b"new"}
    programme.commit("w.writer", {path(): document(), **{folder + name: content for name, content in old.items()}})
    programme.approve("QM-001")
    changed = {folder + name: content for name, content in new.items()}
    programme.commit("w.writer", {path(): document(version="1.1"), **changed})
    shown = sign(programme.repository(tmp_path / "p"), settings(tmp_path, "q.manager"), "QM-001").stdout
    told = [line.strip() for line in shown.splitlines() if "attachment" in line]
    assert told == [f"the attachment {what}" for what in ("flow.png is changed", "new.png is new", "old.png is gone")]


@pytest.mark.parametrize(("asked", "says"), [
    ("2020-01-01", "2020-01-01 has passed"), ("2099-01-01", "2099-01-01 lies beyond the policy's interval"), (str(datetime.now(UTC).date()), ""),
])  # fmt: skip
def test_a_day_that_a_review_can_t_ask_for_is_named_before_it_is_signed(tmp_path: Path, asked: str, says: str) -> None:
    programme = proposal()
    programme.approve("QM-001")
    words = ("QM-001", "--meaning", "periodic-review", "--next-review", asked)
    done = sign(programme.repository(tmp_path / "p"), settings(tmp_path, "q.manager"), *words)
    told = [line for line in done.stdout.splitlines() if "CAUTION" in line]
    assert done.returncode == 0 and len(told) == bool(says) and all(says in line for line in told), done


def test_an_admin_is_shown_what_changes_and_signs_it_once(tmp_path: Path) -> None:
    programme = proposal()
    changed = people({"n.nurse": entry("n.nurse", "Senior Nurse", ["ward-nurse"])})
    programme.commit("a.admin", {"sops/authority/people.yaml": changed})
    place = programme.repository(tmp_path / "p")
    who = settings(tmp_path, "q.manager")
    done = sign(place, who, "@authority")
    assert "-    name: Ward Nurse" in done.stdout and "+    name: Senior Nurse" in done.stdout, done
    assert "sops/authority/people.yaml is changed" in done.stdout and "policy.yaml" not in done.stdout
    assert "@authority still waits for: 1 more admin" in done.stdout
    again = sign(place, who, "@authority")
    assert again.returncode == 2 and "signed this authority already; it waits for 1 more admin" in again.stderr, again
    assert "@authority: no signature is missing" in sign(place, settings(tmp_path, "m.director"), "@authority").stdout


def test_what_an_admin_is_shown_can_t_be_hidden_by_its_own_signs(tmp_path: Path) -> None:
    programme = proposal()
    programme.commit("a.admin", {"sops/authority/notes.txt": "x\x1b[2J\x1b[1A \u202egnp.exe\n"})
    done = sign(programme.repository(tmp_path / "p"), settings(tmp_path, "q.manager"), "@authority")
    assert "+x\ufffd[2J\ufffd[1A \ufffdgnp.exe" in done.stdout and "\x1b" not in done.stdout, done


@pytest.mark.parametrize(("quorum", "cautions"), [(3, 0), (4, 1)])
def test_an_admin_is_warned_of_an_authority_that_could_never_change_again(tmp_path: Path, quorum: int, cautions: int) -> None:  # fmt: skip
    programme = proposal()
    changed = POLICY.replace("authority_quorum: 2", f"authority_quorum: {quorum}")
    programme.commit("a.admin", {"sops/authority/policy.yaml": changed})
    done = sign(programme.repository(tmp_path / "p"), settings(tmp_path, "q.manager"), "@authority")
    assert done.returncode == 0 and done.stdout.count("only 3 could sign") == cautions, done


def test_who_is_listed_without_a_role_says_that_they_have_read(tmp_path: Path) -> None:
    programme = proposal()
    programme.approve("QM-001")
    place = programme.repository(tmp_path / "p")
    who = settings(tmp_path, "a.admin")
    done = sign(place, who, "QM-001", "--meaning", "training")
    assert done.returncode == 0 and "Administrator, as reader" in done.stdout, done
    done = sign(place, who, "QM-001", "--meaning", "periodic-review")
    assert done.returncode == 2 and "Administrator holds no role" in done.stderr and "--role" not in done.stderr, done


@pytest.mark.parametrize(("reason", "says"), [
    ("   ", "needs a reason"), ("two\nlines", "line end"), ("tab\there", "line end"), ("\u202etxet", "can't be seen"), (b"\xff", "not UTF-8"),
])  # fmt: skip
def test_a_reason_is_one_line_that_can_be_read(tmp_path: Path, reason: str | bytes, says: str) -> None:
    programme = proposal()
    programme.approve("QM-001")
    given = os.fsdecode(reason)
    refused(tmp_path, programme, "q.manager", "QM-001", "--meaning", "withdraw", "--reason", given, says=says)


def test_blanks_around_a_reason_are_no_part_of_it(tmp_path: Path) -> None:
    programme = proposal()
    programme.approve("QM-001")
    place = programme.repository(tmp_path / "p")
    words = ("QM-001", "QM-001", "--meaning", "withdraw", "--reason", " replaced ")
    done = sign(place, settings(tmp_path, "q.manager"), *words)
    assert done.returncode == 0 and "reason: replaced\n" in done.stdout, done
    assert done.stdout.count("no signature is missing") == 1, "a number given twice is one document"


def test_who_signs_other_commits_with_gnupg_signs_off_with_an_ssh_key(tmp_path: Path) -> None:
    place = proposal().repository(tmp_path / "p")
    who = settings(tmp_path, "q.manager")
    who.write_text(who.read_text().replace("format = ssh", "format = openpgp"))
    done = sign(place, who, "QM-001")
    assert done.returncode == 2 and "gpg.format ssh" in done.stderr and "keys new" in done.stderr, done


def test_where_a_bare_statement_is_enough_a_gnupg_key_stands_in_nobodys_way(tmp_path: Path) -> None:
    programme = Programme(policy=POLICY.replace("assurance: signed", "assurance: recorded"))
    programme.commit("w.writer", {path(): document()})
    place = programme.repository(tmp_path / "p")
    who = settings(tmp_path, "q.manager")
    who.write_text(who.read_text().replace("format = ssh", "format = openpgp"))
    done = sign(place, who, "QM-001")
    assert done.returncode == 0 and "(approval, recorded)" in done.stdout, done
