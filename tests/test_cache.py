"""What was found before is given again to the very same question only; everything else is verified anew."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from programme import POLICY, Programme, document, path

from qmdoc import audit, cache, cli, markup
from qmdoc.model import Finding, Severity
from qmdoc.register import Audit


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This person's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "qmdoc"


@pytest.fixture
def audits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """One entry for each time that everything is verified."""
    done: list[str] = []
    real = audit.audit

    def counted(request: audit.Request) -> object:
        done.append(str(request.repository))
        return real(request)

    monkeypatch.setattr(audit, "audit", counted)
    yield done


def check(repository: Path, root: str, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, int]:
    """What `qmdoc check` prints, and its exit status."""
    capsys.readouterr()
    with cli.cli.make_context("qmdoc", ["check", "--repo", str(repository), "--trust-root", root, *words]) as context:
        status = cli.cli.invoke(context) or 0
    return capsys.readouterr().out, status


def programme(documents: int = 1) -> Programme:
    made = Programme()
    for number in range(1, documents + 1):
        made.commit("w.writer", {path(f"QM-{number:03d}"): document(f"QM-{number:03d}")})
        made.approve(f"QM-{number:03d}")
    return made


def settled(repository: Path) -> None:
    """As if nobody had touched a file for an hour: what was changed a moment ago is never kept."""
    for place in [*repository.rglob("*")]:
        if ".git" not in place.parts:
            os.utime(place, (1_700_000_000, 1_700_000_000), follow_symlinks=False)


@pytest.fixture
def bare(tmp_path: Path) -> tuple[Path, str]:
    made = programme()
    return made.repository(tmp_path / "programme", is_bare=True), made.root


def test_the_same_question_is_answered_without_verifying_again(bare, kept: Path, audits: list[str], capsys) -> None:  # type: ignore[no-untyped-def]
    first = check(*bare, capsys)
    assert check(*bare, capsys) == first and len(audits) == 1
    assert {file.stat().st_mode & 0o777 for file in kept.iterdir()} == {0o600}
    assert kept.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "words", [["--as-of", "2026-11-20"], ["--strict"], ["--format", "json"], ["--format", "sarif"]]
)
def test_another_question_has_an_answer_of_its_own(
    bare, kept: Path, audits: list[str], capsys, words: list[str]
) -> None:  # type: ignore[no-untyped-def]
    plain = check(*bare, capsys)
    other = check(*bare, capsys, *words)
    assert len(audits) == 2
    assert check(*bare, capsys) == plain and check(*bare, capsys, *words) == other and len(audits) == 2
    assert other == check(*bare, capsys, "--no-cache", *words)


def test_no_cache_verifies_everything_anew(bare, kept: Path, audits: list[str], capsys) -> None:  # type: ignore[no-untyped-def]
    assert check(*bare, capsys) == check(*bare, capsys, "--no-cache")
    assert len(audits) == 2


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _say_all_is_fine(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"error", b"xrror").replace(b'"status": 1', b'"status": 0'))


def _of_another(file: Path) -> None:
    """A whole and well-formed answer, but to another question."""
    asked = cache._read(file)
    assert asked is not None
    cache._write(file, {**asked, "asked": {**asked["asked"], "tip": "0" * 40}})  # type: ignore[dict-item]


def _by_a_link(file: Path) -> None:
    file.rename(file.with_suffix(".real"))
    file.symlink_to(file.with_suffix(".real"))


def _from_tomorrow(file: Path) -> None:
    asked = cache._read(file)
    assert asked is not None
    cache._write(file, {**asked, "now": "2999-01-01T00:00:00+00:00"})


@pytest.mark.parametrize(
    "poison",
    [
        _flip, _say_all_is_fine, _of_another, _by_a_link, _from_tomorrow,
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"\x80\x04cos\nsystem\n"),
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.chmod(0o644),
        lambda file: file.chmod(0o660),
        lambda file: file.parent.chmod(0o755),
        lambda file: (file.unlink(), file.mkdir()),
    ],
)  # fmt: skip
def test_what_is_not_whole_or_not_ones_own_is_left_aside(bare, kept: Path, audits: list[str], capsys, poison) -> None:  # type: ignore[no-untyped-def]
    first = check(*bare, capsys)
    poison(next(kept.glob("*.answer")))
    assert check(*bare, capsys) == first and len(audits) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a file to somebody else")
def test_another_persons_cache_is_left_aside(bare, kept: Path, audits: list[str], capsys) -> None:  # type: ignore[no-untyped-def]
    first = check(*bare, capsys)
    os.chown(next(kept.glob("*.answer")), 1234, 1234)
    assert check(*bare, capsys) == first and len(audits) == 2


def test_another_program_another_day_and_other_settings_ask_another_question(  # type: ignore[no-untyped-def]
    bare, kept: Path, audits: list[str], capsys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check(*bare, capsys)
    with monkeypatch.context() as other:
        other.setattr(cache, "program", lambda: "another")
        check(*bare, capsys)
    assert len(audits) == 2
    with monkeypatch.context() as other:
        now = cli.options.now()
        other.setattr(cli.options, "now", lambda: now + timedelta(days=1))
        check(*bare, capsys)
    assert len(audits) == 3
    (tmp_path / "settings").write_text("[user]\n\tname = Q\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    check(*bare, capsys)
    assert len(audits) == 4


def test_a_clone_beside_it_asks_for_itself(bare, kept: Path, audits: list[str], capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    repository, root = bare
    check(repository, root, capsys)
    shutil.copytree(repository, tmp_path / "copy")
    check(tmp_path / "copy", root, capsys)
    assert len(audits) == 2


def test_every_change_on_disk_is_seen(tmp_path: Path, kept: Path, audits: list[str], capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    made = programme()
    repository = made.repository(tmp_path / "programme")
    settled(repository)
    monkeypatch.setattr(cache, "_STILL", -(10**18))  # the files were made just now
    first = check(repository, made.root, capsys)
    assert check(repository, made.root, capsys) == first and len(audits) == 1
    text = repository / path()
    text.write_text(text.read_text().replace("Text", "Tekt"))
    os.utime(text, (1_700_000_000, 1_700_000_000))
    assert "work-tree-differs" in check(repository, made.root, capsys)[0]
    assert len(audits) == 2
    (repository / "sops" / "new.md").write_text("x")
    assert "new.md" in check(repository, made.root, capsys)[0]
    assert len(audits) == 3


def test_what_was_changed_a_moment_ago_is_not_kept(tmp_path: Path, kept: Path, audits: list[str], capsys) -> None:  # type: ignore[no-untyped-def]
    made = programme()
    repository = made.repository(tmp_path / "programme")
    (repository / path()).touch()
    check(repository, made.root, capsys)
    assert not list(kept.glob("*.answer"))


def move_main(made: Programme, repository: Path, tip: str) -> None:
    """Brings all that was made so far into the repository, and main to a commit."""
    git = ["git", "-C", str(repository)]
    subprocess.run([*git, "index-pack", "--stdin"], input=made.chronicle.pack(), check=True, capture_output=True)
    subprocess.run([*git, "update-ref", "refs/heads/main", tip], check=True)


def test_a_history_that_was_replaced_is_said_until_somebody_says_that_it_was_meant(  # type: ignore[no-untyped-def]
    tmp_path: Path, kept: Path, capsys
) -> None:
    made = programme()
    before = made.tips["main"]
    made.commit("w.writer", {path(): document(body="## Purpose\n\nOther text.\n")})
    repository = made.repository(tmp_path / "programme", is_bare=True)
    assert "history-rewritten" not in check(repository, made.root, capsys)[0]
    move_main(made, repository, before)
    for _ in range(3):
        text, status = check(repository, made.root, capsys)
        assert "history-rewritten" in text and status == 1
    assert "history-rewritten" not in check(repository, made.root, capsys, "--no-cache")[0]
    assert "history-rewritten" not in check(repository, made.root, capsys)[0]


def test_an_earlier_end_that_comes_back_has_lost_what_followed_it(tmp_path: Path, kept: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    """Its own answer was kept when it was the end: to give it again would hide that, say, a withdrawal was cut off."""
    made = programme()
    repository = made.repository(tmp_path / "programme", is_bare=True)
    earlier = made.tips["main"]
    check(repository, made.root, capsys)
    move_main(made, repository, made.commit("a.admin", {"records/log.csv": "a\n"}))
    check(repository, made.root, capsys)
    move_main(made, repository, earlier)
    for _ in range(2):
        text, status = check(repository, made.root, capsys)
        assert "history-rewritten" in text and status == 1


def test_answers_on_the_main_branch_need_the_memory_of_its_end(bare, kept: Path, audits: list[str], capsys) -> None:  # type: ignore[no-untyped-def]
    first = check(*bare, capsys)
    _flip(next(kept.glob("*.tip")))
    assert check(*bare, capsys) == first and len(audits) == 2


@pytest.mark.parametrize("passing", ["sign-off-time-in-future", "anchor-ignored", "time-in-future"])
def test_what_the_clock_may_change_within_the_day_is_not_kept(
    bare, kept: Path, audits: list[str], capsys, monkeypatch, passing: str
) -> None:  # type: ignore[no-untyped-def]
    real = audit.audit

    def with_one_more(request: audit.Request) -> Audit:
        found = real(request)
        return replace(found, findings=(*found.findings, Finding(passing, Severity.WARNING, "m", "f")))

    monkeypatch.setattr(audit, "audit", with_one_more)
    check(*bare, capsys)
    check(*bare, capsys)
    assert len(audits) == 2 and not list(kept.glob("*.answer"))


def test_a_foxtrot_merge_replaces_the_mainline_though_nothing_is_lost(tmp_path: Path, kept: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    made = programme()
    made.branch("side")
    made.commit("w.writer", {"records/log.csv": "a\n"}, branch="side")
    made.commit("a.admin", {"records/other.csv": "b\n"})
    repository = made.repository(tmp_path / "programme", is_bare=True)
    check(repository, made.root, capsys)
    foxtrot = made.merge("w.writer", "main", branch="side")
    move_main(made, repository, foxtrot)
    assert "history-rewritten" in check(repository, made.root, capsys)[0]


def test_a_longer_history_and_a_branch_are_no_replacement(
    tmp_path: Path, kept: Path, audits: list[str], capsys
) -> None:  # type: ignore[no-untyped-def]
    made = programme()
    repository = made.repository(tmp_path / "programme", is_bare=True)
    check(repository, made.root, capsys)
    move_main(made, repository, made.commit("a.admin", {"records/log.csv": "a\n"}))
    assert "history-rewritten" not in check(repository, made.root, capsys)[0]
    assert len(audits) == 2
    git = ["git", "-C", str(repository)]
    subprocess.run([*git, "update-ref", "refs/heads/draft", made.root], check=True)
    subprocess.run([*git, "symbolic-ref", "HEAD", "refs/heads/draft"], check=True)
    assert "history-rewritten" not in check(repository, made.root, capsys)[0]


@pytest.mark.parametrize("seed", range(8))
def test_with_and_without_cache_the_answers_are_equal(tmp_path: Path, kept: Path, capsys, seed: int) -> None:  # type: ignore[no-untyped-def]
    """Random histories that grow: each answer, asked for twice, is the one found anew."""
    chance = random.Random(seed)
    made = programme(2)
    repository = made.repository(tmp_path / "programme", is_bare=True)
    version = {"QM-001": 0, "QM-002": 0}
    for _ in range(6):
        number = chance.choice(sorted(version))
        match chance.randrange(5):
            case 0:
                version[number] += 1
                text = document(number, f"1.{version[number]}", body=f"## Purpose\n\n{chance.random()}\n")
                made.commit("w.writer", {path(number): text})
            case 1:
                made.approve(number)
            case 2:
                made.sign("m.director", number, role="medical-director")
            case 3:
                made.commit("a.admin", {"records/log.csv": f"{chance.random()}\n"})
            case 4:
                made.commit("s.stranger", {path(number): None})
                made.commit("w.writer", {path(number): document(number, f"1.{version[number]}")})
        move_main(made, repository, made.tips["main"])
        for words in ([], ["--format", "json"]):
            twice = [check(repository, made.root, capsys, *words) for _ in range(2)]
            assert twice[0] == twice[1] == check(repository, made.root, capsys, "--no-cache", *words)


def test_the_door_loads_nothing_but_what_it_needs(bare, kept: Path) -> None:  # type: ignore[no-untyped-def]
    repository, root = bare
    code = (
        "import sys; from qmdoc import cli; sys.exit = lambda status: print(sorted(set(sys.modules) & "
        "{'pydantic','yaml','cryptography','markdown_it','git','qmdoc.audit','qmdoc.model'}), file=sys.stderr); "
        f"cli.main(['check', '--repo', {str(repository)!r}, '--trust-root', {root!r}])"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert "pydantic" in runs[0].stderr and runs[1].stderr.strip() == "[]"


def test_another_programme_in_the_same_place_is_no_replacement(tmp_path: Path, kept: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    """As when a demonstration is made anew where the last one lay, and the folder happens to get its old inode."""
    made, other = programme(), Programme(policy=POLICY.replace("notice_days: 60", "notice_days: 61"))
    other.commit("w.writer", {path(): document(title="Another")})
    repository = made.repository(tmp_path / "programme", is_bare=True)
    check(repository, "", capsys)
    move_main(other, repository, other.tips["main"])
    assert "history-rewritten" not in check(repository, "", capsys)[0]


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each text whose markup is read."""
    done: list[str] = []
    real = markup.read

    def counted(body: str, *, first_line: int = 1) -> markup.Markup:
        done.append(body)
        return real(body, first_line=first_line)

    monkeypatch.setattr(markup, "read", counted)
    return done


LINKED = "# A title\n\n## Purpose\n\n[other](QM-009) [[local: who]]\n\n```{raw}\nSTOP\n```\n"


def test_a_text_that_was_read_before_is_not_read_again(tmp_path: Path, kept: Path, readings: list[str], capsys) -> None:  # type: ignore[no-untyped-def]
    made = programme()
    made.commit("w.writer", {path("QM-002"): document("QM-002", body=LINKED)})
    repository = made.repository(tmp_path / "programme", is_bare=True)
    check(repository, made.root, capsys)
    assert len(readings) == 2
    move_main(made, repository, made.commit("a.admin", {"records/log.csv": "a\n"}))
    found = check(repository, made.root, capsys)
    assert len(readings) == 2 and "second-title" in found[0] and "unsafe-markup" in found[0]
    assert found == check(repository, made.root, capsys, "--no-cache") and len(readings) == 4
    move_main(made, repository, made.commit("w.writer", {path("QM-002"): document("QM-002", body=f"{LINKED}More.\n")}))
    check(repository, made.root, capsys)
    assert len(readings) == 5


def _of_another_program(file: Path) -> None:
    noted = cache._read(file)
    assert noted is not None
    cache._write(file, {**noted, "program": "another"})


def _with(note: object) -> Callable[[Path], None]:
    """Notes that are whole, and say something else of every text."""

    def bend(file: Path) -> None:
        noted = cache._read(file)
        assert noted is not None and isinstance(noted["notes"], dict)
        cache._write(file, {**noted, "notes": dict.fromkeys(noted["notes"], note)})

    return bend


@pytest.mark.parametrize(
    "poison",
    [_flip, _by_a_link, _of_another_program, lambda file: file.chmod(0o644), lambda file: file.write_bytes(b"{}"),
     _with(None), _with([]), _with({}), *(_with({"markup": each}) for each in (
         None, [], [[], [], [], [], []], [[], [], [], [], [], ["x"]], [[["2", "a", 1, "b"]], [], [], [], [], []],
         [[[2, "a", 1, "b", "c"]], [], [], [], [], []]))],
)  # fmt: skip
def test_notes_that_are_not_ones_own_or_no_notes_are_left_aside(
    tmp_path: Path, kept: Path, readings: list[str], capsys, poison
) -> None:  # type: ignore[no-untyped-def]
    made = programme()
    repository = made.repository(tmp_path / "programme", is_bare=True)
    check(repository, made.root, capsys)
    move_main(made, repository, made.commit("a.admin", {"records/log.csv": "a\n"}))
    poison(next(kept.glob("*.notes")))
    assert check(repository, made.root, capsys) == check(repository, made.root, capsys, "--no-cache")
    assert len(readings) == 3
