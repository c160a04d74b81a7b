"""`qmdoc anchor` with stock git, a real time-stamping authority and a real user's settings: what it commits an audit counts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path
from stamping import Press, Tsa, anchored, policy
from test_sign import settings

from qmdoc.outputs import proof, terminal
from qmdoc.signing import anchors
from qmdoc.signing.anchors import Refused, Stamped

QMDOC = str(Path(sys.executable).parent / "qmdoc")


def programme(tsa: Tsa) -> Programme:
    """A programme of last month that lists the time-stamping authority."""
    p = Programme(policy=policy(tsa.listed()), clock=datetime.now(UTC).replace(microsecond=0) - timedelta(days=30))
    p.commit("w.writer", {path(): document()})
    return p


def anchor(
    place: Path, who: Path, *words: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    own = {**os.environ, "GIT_CONFIG_GLOBAL": str(who), "no_proxy": "127.0.0.1", **(environment or {})}
    return subprocess.run(
        [QMDOC, "anchor", *words],
        cwd=place,
        env=own,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def git(place: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=place, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def counted(p: Programme, place: Path) -> int:
    return len(p.audit(place, now=datetime.now(UTC) + timedelta(minutes=1)).register.ledger.anchors)


def test_an_authority_is_asked_and_its_token_counts(tsa: Tsa, tmp_path: Path) -> None:
    p = programme(tsa)
    place, who = p.repository(tmp_path / "p"), settings(tmp_path, "q.manager")
    stamped = git(place, "rev-parse", "HEAD")
    with tsa.serving() as url:
        done = anchor(place, who, "--tsa", url)
    assert done.returncode == 0 and done.stderr == "", done
    assert (
        stamped[:12] in done.stdout and "House TSA" in done.stdout and f"records/anchors/{stamped}.tsr" in done.stdout
    )
    assert git(place, "status", "--porcelain") == ""
    assert git(place, "show", "--name-status", "--format=", "HEAD") == f"A\trecords/anchors/{stamped}.tsr"
    assert (
        git(place, "log", "-1", "--format=%an <%ae> %P") == f"Quality Manager <q.manager@programme.example> {stamped}"
    )
    assert "gpgsig" in git(place, "cat-file", "commit", "HEAD"), "signed, as the person has signing set up"
    assert counted(p, place) == 1


def test_a_token_made_elsewhere_by_the_documented_commands_is_taken(tsa: Tsa, tmp_path: Path) -> None:
    p = programme(tsa)
    place, who = p.repository(tmp_path / "p"), settings(tmp_path, "q.manager")
    stamped = git(place, "rev-parse", "HEAD")
    query = tmp_path / "request.tsq"
    subprocess.run(
        f"git cat-file commit HEAD | openssl ts -query -data /dev/stdin -sha256 -cert -out {query}",
        shell=True, cwd=place, check=True, capture_output=True,
    )  # fmt: skip
    (tmp_path / "answer.tsr").write_bytes(tsa.answer(query.read_bytes()))
    git(
        place,
        "-c",
        "user.name=a",
        "-c",
        "user.email=w.writer@programme.example",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "meanwhile",
    )
    done = anchor(place, who, "--token", str(tmp_path / "answer.tsr"))
    assert done.returncode == 0 and stamped[:12] in done.stdout, done
    assert counted(p, place) == 1
    again = anchor(place, who, "--token", str(tmp_path / "answer.tsr"))
    assert again.returncode == 2 and "has a time stamp already" in again.stderr, again


def test_what_is_staged_and_half_edited_stays_as_it_is(tsa: Tsa, tmp_path: Path) -> None:
    place, who = programme(tsa).repository(tmp_path / "p"), settings(tmp_path, "q.manager")
    (place / path()).write_text("half edited")
    (place / "staged.txt").write_text("staged")
    git(place, "add", "staged.txt")
    before = git(place, "status", "--porcelain")
    with tsa.serving() as url:
        assert anchor(place, who, "--tsa", url).returncode == 0
    assert git(place, "status", "--porcelain") == before
    assert "staged.txt" not in git(place, "ls-tree", "-r", "--name-only", "HEAD")


def test_line_ends_that_git_would_change_leave_the_token_whole(tsa: Tsa, tmp_path: Path) -> None:
    p = programme(tsa)
    p.commit("w.writer", {".gitattributes": "* text eol=crlf\n"})
    place, who = p.repository(tmp_path / "p"), settings(tmp_path, "q.manager")
    with tsa.serving() as url:
        assert anchor(place, who, "--tsa", url).returncode == 0
    assert counted(p, place) == 1


def test_a_bare_repository_and_a_user_without_a_key_will_do(tsa: Tsa, tmp_path: Path) -> None:
    p = programme(tsa)
    place = p.repository(tmp_path / "p", is_bare=True)
    who = tmp_path / "gitconfig"
    who.write_text("[user]\n\tname = Writer\n\temail = w.writer@programme.example\n")
    with tsa.serving() as url:
        done = anchor(place, who, "--tsa", url)
    assert done.returncode == 0, done
    assert "gpgsig" not in git(place, "cat-file", "commit", "HEAD")


def refused(p: Programme, tmp_path: Path, *words: str, says: str, environment: dict[str, str] | None = None) -> None:
    place, who = p.repository(tmp_path / "p"), settings(tmp_path, "q.manager")
    before = git(place, "rev-parse", "HEAD"), git(place, "status", "--porcelain")
    done = anchor(place, who, *words, environment=environment)
    assert done.returncode == 2 and done.stdout == "", done
    assert done.stderr.startswith("qmdoc: ") and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr, (
        done.stderr
    )
    assert says in done.stderr, done.stderr
    assert (git(place, "rev-parse", "HEAD"), git(place, "status", "--porcelain")) == before


def test_an_authority_that_can_t_be_reached_is_one_sentence(tsa: Tsa, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused(programme(tsa), tmp_path, "--tsa", f"http://127.0.0.1:{port}/", says="can't be reached")


def test_an_authority_that_refuses_is_one_sentence(tsa: Tsa, tmp_path: Path) -> None:
    with tsa.serving(503) as url:
        refused(programme(tsa), tmp_path, "--tsa", url, says="refuses: HTTP 503")


def test_a_refusal_in_the_authority_s_own_words_is_shown(tsa: Tsa, tmp_path: Path) -> None:
    rejection = b"\x30\x0b\x30\x09\x02\x01\x02\x30\x04\x0c\x02No"
    with tsa.serving(rejection) as url:
        refused(programme(tsa), tmp_path, "--tsa", url, says="a refusal to give one: No")


@pytest.mark.parametrize("junk", [b"", b"<html>Welcome</html>"])
def test_an_answer_that_is_junk_is_one_sentence(tsa: Tsa, tmp_path: Path, junk: bytes) -> None:
    with tsa.serving(junk) as url:
        refused(programme(tsa), tmp_path, "--tsa", url, says="gave no time stamp")


def test_an_answer_to_another_request_is_one_sentence(tsa: Tsa, tmp_path: Path) -> None:
    p = programme(tsa)
    replayed = tsa.token(p.chronicle.objects[p.tips["main"]][1])
    with tsa.serving(replayed) as url:
        refused(p, tmp_path, "--tsa", url, says="answers another request")


def test_an_authority_that_the_policy_does_not_list_is_one_sentence(tsa: Tsa, foreign_tsa: Tsa, tmp_path: Path) -> None:
    with foreign_tsa.serving() as url:
        refused(
            programme(tsa), tmp_path, "--tsa", url, says="no time-stamping authority that the policy lists (House TSA)"
        )


def test_a_policy_that_lists_nobody_is_one_sentence(tmp_path: Path) -> None:
    refused(Programme(), tmp_path, "--tsa", "http://127.0.0.1:1/", says="the policy lists no time-stamping authority")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "tsa.example", "http://", "http://[", "http://a:b/"]
)
def test_another_address_than_http_is_one_sentence(tsa: Tsa, tmp_path: Path, url: str) -> None:
    refused(programme(tsa), tmp_path, "--tsa", url, says="no http or https address")


@pytest.mark.parametrize("words", [(), ("--tsa", "http://127.0.0.1/", "--token", "x")])
def test_one_source_is_needed(tsa: Tsa, tmp_path: Path, words: tuple[str, ...]) -> None:
    refused(programme(tsa), tmp_path, *words, says="--tsa URL or from --token FILE")


def test_a_token_over_nothing_of_this_history_is_one_sentence(tsa: Tsa, tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(tsa.token(b"something else"))
    refused(
        programme(tsa), tmp_path, "--token", str(tmp_path / "t"), says="stamps no commit of this branch's main line"
    )


def test_a_token_that_is_not_there_or_none_is_one_sentence(tsa: Tsa, tmp_path: Path) -> None:
    refused(programme(tsa), tmp_path / "a", "--token", "nowhere.tsr", says="nowhere.tsr can't be read")


def test_another_file_in_the_token_s_place_is_left_alone(tsa: Tsa, tmp_path: Path) -> None:
    place, who = programme(tsa).repository(tmp_path / "p"), settings(tmp_path, "q.manager")
    before = git(place, "rev-parse", "HEAD")
    mine = place / anchors.path(before)
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with tsa.serving() as url:
        done = anchor(place, who, "--tsa", url)
    assert done.returncode == 2 and "another file lies at" in done.stderr, done
    assert mine.read_text() == "mine" and git(place, "rev-parse", "HEAD") == before


def test_without_the_library_a_history_with_a_token_is_one_sentence(tsa: Tsa, tmp_path: Path) -> None:
    p = programme(tsa)
    anchored(p, tsa, p.clock + timedelta(hours=1))
    place = p.repository(tmp_path / "p")
    barred = tmp_path / "without"
    (barred / "rfc3161_client").mkdir(parents=True)
    (barred / "rfc3161_client" / "__init__.py").write_text("raise ImportError('not installed')\n")
    done = subprocess.run(
        [QMDOC, "check", "--trust-root", p.root], cwd=place, env={**os.environ, "PYTHONPATH": str(barred)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "qmdoc[anchors]" in done.stderr, done


def test_the_reports_say_how_many_stamps_hold_and_what_is_left_open(tsa: Tsa, tmp_path: Path) -> None:
    p = Programme(policy=policy(tsa.listed()))
    p.commit("w.writer", {path(): document()})
    p.approve("QM-001")
    bare = p.audit(tmp_path / "a")
    anchored(p, tsa, NOW - timedelta(days=30))
    stamped = p.audit(tmp_path / "b")
    assert ", no time anchor\n" in terminal.readiness_text(bare) and ", 1 time anchor\n" in terminal.readiness_text(
        stamped
    )
    assert "dated back to just after that commit" in proof.not_proved(bare.register)[0]
    assert "dated back to just after" not in proof.not_proved(stamped.register)[0]
    assert "1 time stamp" in proof.not_proved(stamped.register)[0]


@pytest.mark.parametrize("is_bare", [False, True])
def test_an_inspector_redoes_the_last_stamp_with_stock_tools(tsa: Tsa, tmp_path: Path, is_bare: bool) -> None:
    p = Programme(policy=policy(tsa.listed("House TSA", tsa.own, tsa.root)))
    stamped = p.commit("w.writer", {path(): document()})
    anchored(p, tsa, NOW - timedelta(days=30), is_bare=is_bare, has_certificates=not is_bare)
    register = p.audit(tmp_path / "history").register
    (tmp_path / "time-stamps.pem").write_text(proof.time_stamp_certificates(register.ledger))
    step = proof.steps(register, None)[-1]
    done = subprocess.run(
        ["sh", "-e"], input="\n".join(step.commands), cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "WORK": str(tmp_path), "BINDER": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr, done
    assert "Oct 23 12:00:00 2026 GMT" in done.stdout and stamped in step.proves, done.stdout


# --- tokens themselves ----------------------------------------------------------------------------------------------


def test_openssl_takes_the_tokens_of_these_tests_as_genuine(tsa: Tsa, tmp_path: Path) -> None:
    past = NOW - timedelta(days=300)
    made = [tsa.token(b"raw commit"), tsa.token(b"raw commit", at=past), Press(tsa).token(b"raw commit", past)]
    for number, token in enumerate(made):
        (tmp_path / "data").write_bytes(b"raw commit")
        (tmp_path / "token").write_bytes(token)
        (tmp_path / "root").write_text(tsa.root.pem)
        form = ["-token_in"] if number == 2 else []
        done = subprocess.run(
            ["openssl", "ts", "-verify", "-data", "data", "-in", "token", *form, "-CAfile", "root"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr, (number, done)


def test_every_byte_of_a_token_may_be_bent_and_never_the_time(tsa: Tsa) -> None:
    listed = anchors.TimeStamp(name="House TSA", certificate=tsa.root.pem)
    when = NOW - timedelta(days=30)
    token = tsa.token(b"raw commit", at=when)
    assert anchors.verify(token, b"raw commit", (listed,)) == Stamped(when, "House TSA")
    for at in range(len(token)):
        bent = token[:at] + bytes([token[at] ^ (1 << at % 8)]) + token[at + 1 :]
        found = anchors.verify(bent, b"raw commit", (listed,))
        assert isinstance(found, Refused) or found == Stamped(when, "House TSA"), at
    for end in range(0, len(token), 7):
        assert isinstance(anchors.verify(token[:end], b"raw commit", (listed,)), Refused)
