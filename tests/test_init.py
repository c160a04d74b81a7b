"""`qmdoc init`: a new programme's repository from the library, made by the founder's own git, whole or not at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from qmdoc import audit as use_cases
from qmdoc import decisions, documents, founding
from qmdoc.documents import Document
from qmdoc.errors import ConfigError, RefusedToSign
from qmdoc.founding import Wish
from qmdoc.register import Audit

QMDOC = str(Path(sys.executable).parent / "qmdoc")
LIBRARY = Path(__file__).parents[1]
ANSWERS = LIBRARY / "templates/demo/answers.yaml"
TODAY = date(2026, 11, 22)


def person(
    home: Path, name: str = "Ada Weiß", email: str = "Ada.Weiss@hospital.example", *, signs: bool = True
) -> dict[str, str]:
    """The environment of somebody with a key and git settings of their own."""
    home.mkdir(parents=True)
    key = home / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    settings = f'[user]\n\tname = "{name}"\n\temail = {email}\n\tsigningKey = {key}\n[gpg]\n\tformat = ssh\n'
    (home / "gitconfig").write_text(settings + f"[commit]\n\tgpgSign = {str(signs).lower()}\n")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def git(folder: Path, environment: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *words], env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(*words: str, at: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [QMDOC, *words], cwd=at, env=dict(environment), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )  # fmt: skip


def audited(folder: Path, environment: Mapping[str, str]) -> Audit:
    return use_cases.audit(use_cases.Request(folder, datetime.now(UTC), environment))


@pytest.fixture(scope="module")
def founder(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return person(tmp_path_factory.mktemp("founder") / "home")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, founder: dict[str, str]) -> Path:
    folder = tmp_path_factory.mktemp("begun") / "ours"
    wish = Wish(folder, ANSWERS, (), founding.sites("main=Main hospital,north=North: clinic"), "St. Anna: cell therapy")
    founding.found(wish, founder, today=datetime.now(UTC).date())
    return folder


def test_the_whole_library_is_there_with_an_authority_that_can_be_read(begun: Path, founder: dict[str, str]) -> None:
    names = {path.name for path in begun.rglob("sops/**/*.md")}
    assert names == {path.name for path in (LIBRARY / "sops").rglob("*.md")}
    assert {path.name for path in begun.iterdir()} == {".git", ".gitignore", "Makefile", "README.md", "records", "sops"}
    found = audited(begun, founder)
    policy = found.register.authority.policy
    assert policy.programme == "St. Anna: cell therapy"
    assert dict(policy.sites) == {"main": "Main hospital", "north": "North: clinic"}
    assert policy.authority_quorum == 1
    own = found.register.authority.people["ada.weiss"]
    assert own.name == "Ada Weiß" and own.emails == ("ada.weiss@hospital.example",)
    assert own.keys[0].key.text == " ".join((Path(founder["HOME"]) / "key.pub").read_text().split()[:2])
    checks = Counter(finding.check for finding in found.findings if finding.severity == "error")
    assert set(checks) == {"broken-reference", "clause-covered-only-by-draft", "nothing-in-force"}, checks
    assert "local-value-missing" not in checks
    assert "St. Anna: cell therapy" in (begun / "README.md").read_text(encoding="utf-8")


def test_the_first_commit_is_the_founders_and_signed(begun: Path, founder: dict[str, str]) -> None:
    assert git(begun, founder, "log", "--format=%an <%ae> %cn <%ce>").splitlines() == [
        "Ada Weiß <ada.weiss@hospital.example> Ada Weiß <ada.weiss@hospital.example>"
    ]
    assert "gpgsig -----BEGIN SSH SIGNATURE-----" in git(begun, founder, "cat-file", "commit", "HEAD")
    assert git(begun, founder, "status", "--porcelain") == ""
    assert git(begun, founder, "symbolic-ref", "HEAD") == "refs/heads/main\n"
    assert [place.name for place in begun.parent.iterdir()] == ["ours"]


def test_places_are_filled_and_review_dates_follow_the_policy(begun: Path) -> None:
    files = {path.relative_to(begun).as_posix(): path.read_bytes() for path in begun.rglob("sops/**/*.md")}
    assert decisions.undecided(files).places == ()
    today = datetime.now(UTC).date()
    for path, content in files.items():
        if not decisions.is_document(path):
            continue
        found = documents.parse(path, content)
        assert isinstance(found, Document) and found.review_date
        assert 350 <= (found.review_date - today).days <= (366 if found.type in ("plan", "guideline") else 731), path


def test_others_join_and_a_document_comes_into_force(begun: Path, founder: dict[str, str], tmp_path: Path) -> None:
    people = begun / "sops/authority/people.yaml"
    text = people.read_text(encoding="utf-8")
    others = {}
    for number in ("d.quality", "m.director"):
        others[number] = person(tmp_path / number, name=number, email=f"{number}@hospital.example")
        key = " ".join((tmp_path / number / "key.pub").read_text().split()[:2])
        before, here, after = text.partition(f"  {number}:\n")
        after = after.replace("emails: []", f"emails: [{number}@hospital.example]", 1)
        text = before + here + after.replace("keys: []", f'keys: [{{key: "{key}"}}]', 1)
    people.write_text(text, encoding="utf-8")
    git(begun, founder, "commit", "-qam", "Deputy and medical director")
    assert run("sign", "@authority", "--yes", at=begun, environment=founder).returncode == 0
    own = run("sign", "QM-001", "--yes", at=begun, environment=founder)
    assert own.returncode == 2 and "independent" in own.stderr, "the founder committed every text"
    for number in ("d.quality", "m.director"):
        signed = run("sign", "QM-001", "--yes", at=begun, environment=others[number])
        assert signed.returncode == 0, signed.stderr
    state = audited(begun, founder).register.state("QM-001")
    assert state and state.effective and str(state.effective.version) == "1.0"


@pytest.mark.parametrize(("chosen", "gone"), [("hct", "iec"), ("iec", "hct")])
def test_only_documents_of_the_chosen_programmes_come(
    tmp_path: Path, founder: dict[str, str], chosen: str, gone: str
) -> None:
    made = founding.found(Wish(tmp_path / "ours", None, (chosen,)), founder, today=TODAY)
    files = {path: path.read_text(encoding="utf-8") for path in (tmp_path / "ours").rglob("sops/**/*.md")}
    assert 100 < len([path for path in files if documents.id_in_name(path.name)]) == made.documents < 144
    numbers = {documents.id_in_name(path.name) for path in files}
    for path, text in files.items():
        programmes = re.search(r"^programmes: \[(.*)\]$", text, re.MULTILINE)
        assert programmes is None or programmes[1] == chosen, path
        assert set(re.findall(r"\]\(([A-Z]{2,5}-[0-9]{3})\b", text)) <= numbers, path
    policy = (tmp_path / "ours/sops/authority/policy.yaml").read_text(encoding="utf-8")
    assert f"\n  {chosen}: " in policy and f"\n  {gone}: " not in policy
    assert ("- fact-iec-3 " in policy) == (chosen == "iec")
    assert made.unlinked and made.places > 300


def test_an_answer_in_a_table_keeps_the_table_and_an_empty_one_leaves_the_place(
    tmp_path: Path, founder: dict[str, str]
) -> None:
    asked = "where tables are | kept"
    assert decisions.answered("| a | [[local: x]] |\n[[local: x]]", {"x": "1 | 2"}) == "| a | 1 \\| 2 |\n1 | 2"
    assert decisions.answered("[[local: x]] [[ local :y ]]", {"x": "", "y": "z"}) == "[[local: x]] z"
    assert decisions.read_answers(f'"{asked}": ""\n', "a.yaml", [asked]) == {asked: ""}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ('"quality ofice telephone": "1"\n', ("line 1", "quality ofice telephone", "`quality office telephone`")),
        ("- a\n", ("no list of answers",)),
        ('"quality office telephone": [1]\n', ("line 1", "not one line")),
        ('"quality office telephone": "a\\nb"\n', ("line 1", "not one line")),
        ('"quality office telephone": "[[local: later]]"\n', ("line 1", "itself a place")),
        ('"quality office telephone": "1"\n"quality office telephone": "2"\n', ("line 2", "given twice")),
        ("a: &x 1\n", ("line 1", "anchors")),
        ("{\n", ("not valid YAML",)),
        ("", ("nothing is written",)),
        (b"\xff", ("not UTF-8",)),
    ],
)
def test_wrong_answers_are_one_line_and_nothing_is_made(tmp_path: Path, founder: dict[str, str], answers: str | bytes, words: tuple[str, ...]) -> None:  # fmt: skip
    place = tmp_path / "answers.yaml"
    place.write_bytes(answers if isinstance(answers, bytes) else answers.encode())
    done = run("init", "ours", "--answers", "answers.yaml", at=tmp_path, environment=founder)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("qmdoc: ") and done.stderr.count("\n") == 1, done.stderr
    for word in ("answers.yaml", *words):
        assert word in done.stderr, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["answers.yaml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("init", "ours", "--programmes", "car-t"), "hct, iec"),
        (("init", "ours", "--programmes", ","), "names none"),
        (("init", "ours", "--sites", "Main hospital"), "main=Main hospital"),
        (("init", "ours", "--sites", "main=A,main=B"), "twice"),
        (("init", "ours", "--sites", "MAIN=A"), "no site"),
        (("init", "ours", "--name", " "), "one line"),
        (("init", "ours", "--answers", "nowhere.yaml"), "nowhere.yaml"),
        (("init", "no/where"), "no folder"),
        (("init", "full"), "not empty"),
        (("init", "full/mine.txt"), "no folder"),
        (("init", "link"), "no folder"),
        (("init",), "DIR"),
    ],
)
def test_impossible_wishes_are_one_line_and_nothing_is_made(tmp_path: Path, founder: dict[str, str], words: tuple[str, ...], said: str) -> None:  # fmt: skip
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    (tmp_path / "link").symlink_to("elsewhere")
    before = sorted(path.as_posix() for path in tmp_path.rglob("*"))
    done = run(*words, at=tmp_path, environment=founder)
    assert done.returncode == 2, done
    assert done.stderr.startswith("qmdoc: ") and done.stderr.count("\n") == 1 and said in done.stderr, done.stderr
    assert sorted(path.as_posix() for path in tmp_path.rglob("*")) == before


def test_the_folder_one_stands_in_is_not_replaced(tmp_path: Path, founder: dict[str, str]) -> None:
    done = run("init", ".", at=tmp_path, environment=founder)
    assert done.returncode == 2 and "folder you are in" in done.stderr
    (tmp_path / "empty").mkdir()
    done = run("init", "empty", at=tmp_path, environment=founder)
    assert done.returncode == 0, done.stderr
    assert [line[:5] for line in done.stdout.splitlines() if line.startswith("  ") and line[2].isdigit()] == ["  1. ", "  2. ", "  3. "]  # fmt: skip
    assert git(tmp_path / "empty", founder, "rev-parse", "HEAD").strip() in done.stdout


def test_who_has_no_name_no_address_or_no_key_is_told_what_to_do(tmp_path: Path, founder: dict[str, str]) -> None:
    settings = tmp_path / "gitconfig"
    environment = {**founder, "GIT_CONFIG_GLOBAL": str(settings), "HOME": str(tmp_path)}
    for text, said in (
        ("", "user.name"),
        ("[user]\n\tname = A\n", "user.email"),
        ("[user]\n\tname = A\n\temail = a@b.example\n", "qmdoc keys new"),
        ("[user]\n\tname = A\n\temail = a@b.example\n\tsigningKey = ABCDEF\n", "qmdoc keys new"),
        (
            "[user]\n\tname = A\n\temail = a@b.example\n\tsigningKey = ssh-ed25519 AAAA\n[gpg]\n\tformat = ssh\n",
            "qmdoc keys new",
        ),
    ):
        settings.write_text(text)
        with pytest.raises(ConfigError) as refused:
            founding.found(Wish(tmp_path / "ours"), environment, today=TODAY)
        assert said in str(refused.value)
        assert not (tmp_path / "ours").exists() and not list(tmp_path.glob(".ours*"))


def test_the_key_that_qmdoc_made_is_found_without_a_setting(tmp_path: Path) -> None:
    environment = person(tmp_path / "home", email="9pm@hospital.example", signs=False)
    (tmp_path / "home/.ssh").mkdir()
    for suffix in ("", ".pub"):
        (tmp_path / f"home/key{suffix}").rename(tmp_path / f"home/.ssh/id_ed25519_qmdoc{suffix}")
    settings = Path(environment["GIT_CONFIG_GLOBAL"])
    settings.write_text(re.sub(r"(?m)^\tsigningKey.*\n", "", settings.read_text()))
    made = founding.found(Wish(tmp_path / "ours"), environment, today=TODAY)
    assert made.founder.id == "p.9pm"
    assert made.founder.key in (tmp_path / "home/.ssh/id_ed25519_qmdoc.pub").read_text()
    assert "gpgsig" not in git(tmp_path / "ours", environment, "cat-file", "commit", "HEAD")


def test_the_key_that_a_command_tells_is_the_one_that_is_listed(tmp_path: Path) -> None:
    environment = person(tmp_path / "home", signs=False)
    settings, public = Path(environment["GIT_CONFIG_GLOBAL"]), tmp_path / "home/key.pub"
    told = re.sub(r"(?m)^\tsigningKey.*\n", "", settings.read_text())
    settings.write_text(told + f'[gpg "ssh"]\n\tdefaultKeyCommand = cat {public}\n')
    made = founding.found(Wish(tmp_path / "ours"), environment, today=TODAY)
    assert public.read_text().startswith(made.founder.key)


def test_a_signature_that_fails_leaves_nothing(tmp_path: Path) -> None:
    environment = person(tmp_path / "home")
    (tmp_path / "home/key").unlink()
    (tmp_path / "work").mkdir()
    with pytest.raises(RefusedToSign):
        founding.found(Wish(tmp_path / "work/ours"), environment, today=TODAY)
    assert list((tmp_path / "work").iterdir()) == []


def test_hooks_and_line_ends_of_the_founders_settings_change_nothing(tmp_path: Path) -> None:
    environment = person(tmp_path / "home")
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks/pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "hooks/pre-commit").chmod(0o755)
    (tmp_path / "ignored").write_text("*.csv\n*.md\n")
    with Path(environment["GIT_CONFIG_GLOBAL"]).open("a") as settings:
        settings.write(f"[core]\n\thooksPath = {tmp_path}/hooks\n\tautocrlf = true\n\texcludesFile = {tmp_path}/ignored\n[init]\n\tdefaultBranch = other\n")  # fmt: skip
    environment |= {"GIT_DIR": str(tmp_path / "elsewhere"), "GIT_AUTHOR_NAME": "Somebody Else"}
    founding.found(Wish(tmp_path / "ours"), environment, today=TODAY)
    rows = git(
        tmp_path / "ours", {**environment, "GIT_DIR": ".git"}, "ls-tree", "-r", "--name-only", "HEAD"
    ).splitlines()
    assert len([row for row in rows if documents.id_in_name(row)]) >= 144 and "records/staff.csv" in rows
    assert "Somebody Else" not in git(tmp_path / "ours", {**environment, "GIT_DIR": ".git"}, "log", "--format=%an %cn")
    assert not (tmp_path / "elsewhere").exists()


def test_it_takes_less_than_ten_seconds_and_json_errors_are_json(tmp_path: Path, founder: dict[str, str]) -> None:
    start = time.monotonic()
    assert run("init", "ours", "--answers", str(ANSWERS), at=tmp_path, environment=founder).returncode == 0
    assert time.monotonic() - start < 10
    no_authority = run("check", "--format", "json", at=LIBRARY, environment=founder)
    assert no_authority.returncode == 2
    assert "qmdoc init" in json.loads(no_authority.stdout)["error"]["fix"]
