"""What an earlier build read in texts is taken for right only where nothing else can have written it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from programme import NOW, Programme, document, path

from qmdoc import audit, checks, cli, markup, read_before
from qmdoc.audit import Request
from qmdoc.checks import _text, list_gap
from qmdoc.git import Repository
from qmdoc.markup import Markup
from qmdoc.model import Fault
from qmdoc.register import Audit
from qmdoc.remembered import Text, Texts

LIBRARY = Path(__file__).parent.parent / "sops"


def audited(made: Programme, place: Path, home: Path, *, again: bool = True) -> Audit:
    request = Request(place, NOW, {**os.environ, "HOME": str(home)}, trust_root=made.root)
    with Repository(place, request.environment) as repository:
        return read_before.audited(repository, request) if again else audit.read(repository, request)


@pytest.fixture
def made(tmp_path: Path) -> Programme:
    (tmp_path / "home").mkdir(mode=0o700)
    programme = Programme()
    programme.commit("w.writer", {path(): document(), path("QM-002"): document("QM-002", body="See [it](QM-009).")})
    programme.approve("QM-001", "QM-002")
    programme.repository(tmp_path / "p")
    return programme


def test_the_second_audit_finds_the_same_and_reads_nothing_anew(made: Programme, tmp_path: Path) -> None:
    plain = audited(made, tmp_path / "p", tmp_path / "home", again=False)
    assert any(each.check == "broken-reference" for each in plain.findings)
    assert audited(made, tmp_path / "p", tmp_path / "home").findings == plain.findings
    (note,) = (tmp_path / "home").rglob("*.notes")
    age = note.stat().st_mtime_ns, note.stat().st_ino
    again = audited(made, tmp_path / "p", tmp_path / "home")
    assert again.findings == plain.findings and not again.register.texts.has_new
    assert (note.stat().st_mtime_ns, note.stat().st_ino) == age


def test_a_new_text_is_read_and_noted(made: Programme, tmp_path: Path) -> None:
    audited(made, tmp_path / "p", tmp_path / "home")
    made.commit("w.writer", {path("QM-003"): document("QM-003", body="See [it](QM-008).")})
    made.repository(tmp_path / "p")
    found = audited(made, tmp_path / "p", tmp_path / "home")
    assert found.register.texts.has_new and "QM-008" in " ".join(each.message for each in found.findings)
    assert not audited(made, tmp_path / "p", tmp_path / "home").register.texts.has_new


@pytest.mark.parametrize("bend", [
    lambda note: note.chmod(0o644), lambda note: note.unlink(),
    lambda note: note.write_bytes(note.read_bytes().replace(b"QM-009", b"QM-001")),
])  # fmt: skip
def test_a_note_that_somebody_touched_is_left_aside(made: Programme, tmp_path: Path, bend: object) -> None:
    before = audited(made, tmp_path / "p", tmp_path / "home")
    (note,) = (tmp_path / "home").rglob("*.notes")
    bend(note)  # type: ignore[operator]
    again = audited(made, tmp_path / "p", tmp_path / "home")
    assert again.findings == before.findings and again.register.texts.has_new


LISTED = "- Step.\n\n1. One.\n3. Three.\n\n| Item | Limit |\n|---|---|\n| Dose | 5 mg |\n\nUse form FRM-999.\n"


@pytest.fixture
def many(tmp_path: Path) -> Programme:
    """More texts than one process looks at, each with a gap in its steps, a limit and a form that is not there."""
    (tmp_path / "home").mkdir(mode=0o700)
    programme = Programme()
    numbers = [f"QM-{number:03}" for number in range(1, 91)]
    programme.commit("w.writer", {path(each): document(each, body=f"{each}\n\n{LISTED}") for each in numbers})
    programme.approve(*numbers)
    programme.repository(tmp_path / "p")
    return programme


def test_a_draft_is_judged_the_same_and_each_text_is_read_once(
    made: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(tmp_path / "p", NOW, {**os.environ, "HOME": str(tmp_path / "home")})
    plain = audit.check_draft(request)
    assert any(each.check == "broken-reference" for each in plain.findings)
    assert read_before.drafted(request).findings == plain.findings
    monkeypatch.setattr(markup, "read", lambda *_, **__: pytest.fail("a text was read again"))
    assert read_before.drafted(request).findings == plain.findings


def test_several_processes_find_what_one_does(many: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone = audited(many, tmp_path / "p", tmp_path / "home", again=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    together = audited(many, tmp_path / "p", tmp_path / "home")
    assert {"list-gap", "form-absent"} <= {each.check for each in together.findings}
    assert together.findings == alone.findings
    assert together.register.texts.written() == alone.register.texts.written()
    again = audited(many, tmp_path / "p", tmp_path / "home")
    assert again.findings == alone.findings and not again.register.texts.has_new


def test_half_of_the_texts_are_looked_at_by_another_process(
    many: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    read = markup.read
    monkeypatch.setattr(markup, "read", lambda body, **more: (looked.append(body), read(body, **more))[1])
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    audited(many, tmp_path / "p", tmp_path / "home", again=False)
    assert len([each for each in looked if LISTED in each]) == 45


BENT = {
    "a number in words": lambda note: note["list-gap"][0].__setitem__(0, "13"),
    "a truth for a number": lambda note: note["list-gap"][0].__setitem__(0, True),
    "a field too few": lambda note: note["list-gap"][0].pop(),
    "a field too many": lambda note: note["list-gap"][0].append("more"),
    "no list": lambda note: note.__setitem__("list-gap", {"line": 1}),
    "a row that is none": lambda note: note.__setitem__("list-gap", ["line"]),
    "nothing": lambda note: note.pop("list-gap"),
    "a part too few": lambda note: note["markup"].pop(),
    "a heading without its level": lambda note: note.__setitem__("markup", [[["x"]], [], [], [], [], []]),
}


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_a_note_that_is_not_as_it_is_written_is_no_note(bend: Callable[[dict[str, Any]], object]) -> None:
    def faults(note: Mapping[str, object]) -> tuple[Text, tuple[Fault, ...], Markup]:
        text = Texts({markup.key(LISTED, 1): note}).of(LISTED, 1)
        return text, _text.seen(text, list_gap.LOOK), text.read()

    plain, *found = faults({})
    assert [each.message for each in plain.seen("list-gap", Fault, tuple)] == ["the step after 1 has the number 3"]
    note = json.loads(json.dumps(plain.note))
    again, *same = faults(note)
    assert same == found and not again.has_new
    bend(note)
    anew, *same = faults(note)
    assert same == found and anew.has_new and anew.note == plain.note


def test_what_other_runs_asked_for_is_kept_until_it_is_too_much() -> None:
    others = {f"{number:064x}": {"markup": []} for number in range(3000)}
    texts = Texts(others)
    assert not texts.has_new
    checks.look_at(texts.of(LISTED, 1))
    assert texts.has_new and list(texts.written()) == [markup.key(LISTED, 1), *list(others)[:1000]]


def test_drafts_builds_and_checks_know_what_the_others_read(
    made: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(tmp_path / "p", NOW, {**os.environ, "HOME": str(tmp_path / "home")}, trust_root=made.root)
    found = read_before.checked(request).findings
    monkeypatch.setattr(markup, "read", lambda *_, **__: pytest.fail("a text was read again"))
    assert audited(made, tmp_path / "p", tmp_path / "home").findings == found
    assert read_before.drafted(request).findings


def test_what_is_seen_in_the_library_is_the_same_when_it_is_noted() -> None:
    for file in sorted(LIBRARY.rglob("*-*.md")):
        body = file.read_text(encoding="utf-8")
        new = Texts().of(body, 1)
        checks.look_at(new)
        noted = Texts({markup.key(body, 1): json.loads(json.dumps(new.note))}).of(body, 1)
        assert noted.knows([look.name for look in checks.LOOKS])
        assert noted.read() == new.read()
        assert [_text.seen(noted, look) for look in checks.LOOKS] == [_text.seen(new, look) for look in checks.LOOKS]
        assert not noted.has_new


@pytest.mark.parametrize("words", [["coverage"], ["training"], ["keys", "allowed-signers"], ["diff", "QM-001"]])
def test_a_command_that_needs_no_findings_judges_nothing(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Programme()
    for version in ("1.0", "1.1"):
        made.commit("w.writer", {path(): document(version=version)})
        made.approve("QM-001")
    made.repository(tmp_path / "p")
    monkeypatch.setattr(checks, "run", lambda *_, **__: pytest.fail("texts were judged"))
    with pytest.raises(SystemExit) as end:
        cli.main([*words, "--repo", str(tmp_path / "p"), "--trust-root", made.root])
    assert end.value.code in (0, 1) and capsys.readouterr().out
