"""The door: exit status 0, 1 or 2, one clear line for bad input, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from programme import Programme, document, path

QMDOC = str(Path(sys.executable).parent / "qmdoc")


def run(*words: str, at: Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [QMDOC, *words],
        cwd=at,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def assert_one_clear_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done
    assert done.stderr.startswith("qmdoc: ") and done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    for word in words:
        assert word in done.stderr, done.stderr


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    programme = Programme()
    programme.commit("w.writer", {path(): document()})
    programme.approve("QM-001")
    return programme.repository(tmp_path_factory.mktemp("approved") / "programme"), programme.root


def test_an_unknown_option_is_one_line(tmp_path: Path) -> None:
    assert_one_clear_line(run("check", "--bogus", at=tmp_path), "--bogus")


def test_an_unknown_command_is_one_line(tmp_path: Path) -> None:
    assert_one_clear_line(run("chek", at=tmp_path), "chek")


@pytest.mark.parametrize("day", ["2026-02-30", "2026-2-3", "yesterday", "20260203", "", "9999-99-99"])
def test_a_wrong_date_is_one_line(tmp_path: Path, day: str) -> None:
    assert_one_clear_line(run("check", "--as-of", day, at=tmp_path), "YYYY-MM-DD")


def test_no_repository_is_one_line(tmp_path: Path) -> None:
    assert_one_clear_line(run("check", at=tmp_path), "not in a git repository")


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    assert_one_clear_line(run("check", "--repo", "nowhere", at=tmp_path), "nowhere")


def test_no_commits_is_one_line(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert_one_clear_line(run("check", at=tmp_path), "no commit")


def test_a_repository_without_an_authority_is_one_line(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "-m", "x"],
        cwd=tmp_path,
        check=True,
    )
    assert_one_clear_line(run("audit-ready", at=tmp_path), "no authority", "make demo")
    assert not (tmp_path / "build" / "manual").exists()


def test_a_shallow_clone_is_one_line(tmp_path: Path, approved: tuple[Path, str]) -> None:
    subprocess.run(
        ["git", "clone", "--quiet", "--depth", "1", f"file://{approved[0]}", str(tmp_path / "shallow")], check=True
    )
    assert_one_clear_line(run("check", "--trust-root", approved[1], at=tmp_path / "shallow"))


def test_an_error_asked_for_as_json_is_json(tmp_path: Path) -> None:
    done = run("check", "--format", "json", at=tmp_path)
    assert done.returncode == 2
    error = json.loads(done.stdout)
    assert (
        error["schema"] == 1
        and error["error"]["code"] == "no-repository"
        and error["error"]["message"]
        and error["error"]["fix"]
    )


def test_a_clean_answer_says_what_was_looked_at(approved: tuple[Path, str]) -> None:
    done = run("check", "--trust-root", approved[1], "--as-of", "2026-11-22", at=approved[0])
    assert done.returncode == 0, done
    assert "1 document" in done.stdout and "2 sign-offs" in done.stdout


def test_the_trust_root_may_come_from_the_users_own_settings_only(approved: tuple[Path, str], tmp_path: Path) -> None:
    own = tmp_path / "gitconfig"
    own.write_text(f"[qmdoc]\n\ttrustRoot = {approved[1]}\n")
    answer = json.loads(
        run("check", "--format", "json", at=approved[0], environment={"GIT_CONFIG_GLOBAL": str(own)}).stdout
    )
    assert answer["trust_root_pinned"] is True
    subprocess.run(["git", "config", "qmdoc.trustRoot", approved[1]], cwd=approved[0], check=True)
    answer = json.loads(run("check", "--format", "json", at=approved[0]).stdout)
    assert answer["trust_root_pinned"] is False


def test_the_json_answer_has_the_documented_keys(approved: tuple[Path, str]) -> None:
    answer = json.loads(run("check", "--trust-root", approved[1], "--format", "json", at=approved[0]).stdout)
    assert {
        "schema",
        "as_of",
        "commit",
        "trust_root",
        "programme",
        "documents",
        "sign_offs",
        "findings",
    } <= answer.keys()
    row = answer["documents"][0]
    assert {"id", "title", "type", "owner", "path", "status", "effective", "proposed", "history"} <= row.keys()
    assert {"version", "blob", "sha256", "approved", "since", "review_due", "commit"} <= row["effective"].keys()
    assert {"version", "blob", "since", "until"} <= row["history"][0].keys()
    assert {"commit", "signer", "role", "meaning", "subjects", "assurance", "accepted", "code", "time"} <= answer[
        "sign_offs"
    ][0].keys()


def test_check_writes_nothing_into_the_repository(approved: tuple[Path, str]) -> None:
    before = sorted((str(place), place.stat().st_mtime_ns) for place in approved[0].rglob("*"))
    run("check", "--trust-root", approved[1], at=approved[0])
    assert sorted((str(place), place.stat().st_mtime_ns) for place in approved[0].rglob("*")) == before


@pytest.mark.parametrize("words", [("check",), ("sign", "QM-001"), ("--help",)])
def test_without_an_output_nothing_is_done(approved: tuple[Path, str], words: tuple[str, ...]) -> None:
    place, _ = approved
    shell = ["sh", "-c", '"$@" >&-', "sh", QMDOC, *words]
    done = subprocess.run(shell, cwd=place, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 2 and done.stderr == "qmdoc: the output was closed before all was written\n", done


def test_a_closed_pipe_is_one_line(approved: tuple[Path, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [QMDOC, "check", "--format", "json"],
        cwd=approved[0],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr, done


def test_a_full_disk_is_one_line(approved: tuple[Path, str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [QMDOC, "check", "--format", "json"],
            cwd=approved[0],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr, done


def test_ctrl_c_is_one_line(tmp_path: Path) -> None:
    slow, begun = tmp_path / "git", tmp_path / "begun"
    slow.write_text(f"#!/bin/sh\n: > {begun}\nexec sleep 20\n")
    slow.chmod(0o755)
    subprocess.run(["/usr/bin/env", "git", "init", "--quiet", str(tmp_path / "r")], check=True)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        [QMDOC, "check"],
        cwd=tmp_path / "r",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 30
    while not begun.exists() and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=15)
    assert process.returncode == 2 and said.count("\n") == 1 and "Ctrl-C" in said, said


def test_git_missing_is_one_line(approved: tuple[Path, str], tmp_path: Path) -> None:
    assert_one_clear_line(run("check", at=approved[0], environment={"PATH": str(tmp_path)}), "git is not installed")


def test_unreadable_yaml_is_a_finding_not_an_error(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): "---\nid: [\n---\ntext\n"})
    place = programme.repository(tmp_path / "p")
    done = run("check", "--trust-root", programme.root, at=place)
    assert done.returncode == 1 and "unreadable-document" in done.stdout and f"{path()}:" in done.stdout, done


def test_help_equals_the_readme() -> None:
    top = Path(__file__).parent.parent
    shown = run("--help", at=top, environment={"COLUMNS": "100"}).stdout.strip()
    assert shown in (top / "README.md").read_text(encoding="utf-8")
