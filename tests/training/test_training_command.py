"""`qmdoc training` and `qmdoc attest`, as a person runs them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from test_sign import QMDOC, settings
from training_scenes import programme, revised


def run(place: Path, *words: str, who: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(who)}
    return subprocess.run(
        [QMDOC, *words],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_a_reader_attests_and_is_no_longer_late(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path / "programme")
    who = settings(tmp_path, "n.nurse")
    late = run(place, "training", "--trust-root", made.root, who=who)
    assert late.returncode == 1, late.stderr
    assert "0 of 1 (0 %) of what is asked is attested, 1 late." in late.stdout
    signed = run(place, "attest", "QM-001", "--yes", "--trust-root", made.root, who=who)
    assert signed.returncode == 0, signed.stderr
    done = run(place, "training", "--format", "json", "--trust-root", made.root, who=who)
    assert done.returncode == 0, done.stderr
    [duty] = json.loads(done.stdout)["duties"]
    assert (duty["standing"], duty["proof"].split(" of ")[0]) == ("attested", "own sign-off (signed)")


def test_a_question_about_nobody_is_refused_in_one_sentence(tmp_path: Path) -> None:
    made = revised()
    place, who = made.repository(tmp_path / "programme"), settings(tmp_path, "n.nurse")
    for words, says in (
        (("--person", "n.nurs"), "qmdoc: nobody was ever listed as `n.nurs`; did you mean n.nurse?\n"),
        (("--document", "QM-01"), "qmdoc: there is no document `QM-01`; did you mean QM-001?\n"),
    ):
        asked = run(place, "training", *words, "--trust-root", made.root, who=who)
        assert (asked.returncode, asked.stdout, asked.stderr) == (2, "", says)
