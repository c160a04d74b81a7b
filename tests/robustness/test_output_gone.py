"""The output goes away after the commit landed: one sentence that says that what was made stands, so that nobody makes it twice."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import test_attest_forge as forge
from programme import Programme

from robustness import scene
from robustness.scene import Scene


def closed_before_the_end(tmp_path: Path, stage: Scene, words: list[str]) -> scene.Done:
    """A command whose output is closed once it has shown what it is about to sign, and before it has signed."""
    gone, slow = tmp_path / "gone", tmp_path / "slow"
    slow.write_text(f'#!/bin/sh\nwhile [ ! -e {gone} ]; do sleep 0.01; done\nexec ssh-keygen "$@"\n')
    slow.chmod(0o755)
    with stage.who["q.manager"].open("a") as own:
        own.write(f'[gpg "ssh"]\n\tprogram = {slow}\n')
    with stage.start_process(words) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        gone.touch()
        complained = process.stderr.read()
    return scene.Done(words, process.returncode, "", complained)


@pytest.mark.parametrize("name", ["sign", "attest"])
def test_a_sign_off_whose_output_was_closed_stands_and_says_so(tmp_path: Path, name: str) -> None:
    stage = scene.make(tmp_path)
    number = {"sign": "QM-002", "attest": "QM-001"}[name]
    done = closed_before_the_end(tmp_path, stage, [scene.QMDOC, name, number, "--yes"])
    assert not scene.one_sentence(done), done
    assert "stands on the branch" in done.stderr and "do not sign again" in done.stderr, done
    assert stage.git("rev-parse", "HEAD^") == stage.start and ("q.manager", True) in stage.signers(number)


def test_a_portable_sign_off_whose_output_was_closed_names_its_file(tmp_path: Path) -> None:
    stage = scene.make(tmp_path)
    done = closed_before_the_end(tmp_path, stage, [*stage.command("sign"), "--portable"])
    made = next((stage.place / "records" / "sign-offs").rglob("*.txt")).relative_to(stage.place)
    assert not scene.one_sentence(done) and f"stands in {made}," in done.stderr and "commit it" in done.stderr, done
    assert stage.head() == stage.start


def test_a_time_stamp_whose_output_is_full_stands_and_says_so(tmp_path: Path) -> None:
    stage = scene.make(tmp_path)
    with open("/dev/full", "w") as full:
        done = subprocess.run(stage.command("anchor"), cwd=stage.place, env=stage.environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    assert "stands on the branch" in done.stderr and done.returncode == 2 and done.stderr.count("\n") == 1, done
    assert stage.git("rev-parse", "HEAD^") == stage.start


def bot(tmp_path: Path) -> tuple[Programme, Path, list[str], dict[str, str], str]:
    """What a bot needs to attest for the quality manager, whose name no Latin-1 terminal can show."""
    p = forge.programme(q_manager=forge.entry("q.manager", "Łukasz Manager", ["quality-manager", "admin"]))
    place = p.repository(tmp_path / "r")
    words = [scene.QMDOC, "attest-forge", "--document", "QM-001"]
    return p, place, words, forge.settings(tmp_path), forge.review(p.tips["main"], forge.by("q.manager"))


@pytest.mark.parametrize("how", ["closed", "full", "latin-1"])
def test_what_a_bot_attested_stands_whatever_its_output_takes(tmp_path: Path, how: str) -> None:
    p, place, words, environment, given = bot(tmp_path)
    reading, target = os.pipe()
    os.close(reading)
    if how != "closed":
        os.close(target)
        target = os.open({"full": "/dev/full", "latin-1": os.devnull}[how], os.O_WRONLY)
    if how == "latin-1":
        environment |= {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(words, cwd=place, env=environment, input=given, stdout=target, stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    os.close(target)
    assert not scene.one_sentence(subprocess.CompletedProcess(words, done.returncode, "", done.stderr)), done
    assert "stand on the branch" in done.stderr and "do not sign again" in done.stderr, done
    assert forge.tip(place) != f"{p.tips['main']}\n"


def test_ctrl_c_while_the_output_waits_for_its_reader_says_that_it_stands(tmp_path: Path) -> None:
    p, place, words, environment, given = bot(tmp_path)
    reading, writing = os.pipe()
    os.write(writing, b" " * fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ))
    with subprocess.Popen(words, cwd=place, env=environment, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stdin and process.stderr
        process.stdin.write(given)
        process.stdin.close()
        ends = time.monotonic() + 60
        while forge.tip(place) == f"{p.tips['main']}\n":
            assert time.monotonic() < ends
            time.sleep(0.05)
        time.sleep(3)  # until it has read what is still missing; stopped in that, it would say the same
        process.send_signal(signal.SIGINT)
        complained = process.stderr.read()
    os.close(reading)
    os.close(writing)
    assert process.returncode == 2 and "stand" in complained and "on the branch" in complained, complained
