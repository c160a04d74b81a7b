"""A process that stands by answers from what came since, exactly as verifying all of it would; else it says nothing."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from programme import Programme, document, path, people

from qmdoc import cache, knock, standby
from qmdoc.errors import ConfigError
from qmdoc.model import Meaning

WORDS = {"as of": "None", "strict": "False", "format": "text", "descends from": "None"}


class Place:
    """A programme's repository on disk, and a person with a cache of their own."""

    def __init__(self, folder: Path, made: Programme, *, is_bare: bool = False) -> None:
        self.made, self.top = made, made.repository(folder / "r", is_bare=is_bare).resolve()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "c"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "QMDOC_TRUST_ROOT": made.root,
            knock.SETTING: "5",
        }

    @property
    def address(self) -> Path:
        """Where the process is asked."""
        found = knock.address(str(self.top), self.environment)
        assert found
        return Path(found)

    def check(self, *words: str, **changed: str) -> tuple[str, int]:
        """What `qmdoc check` prints, and its exit status."""
        command = [
            sys.executable,
            "-c",
            "from qmdoc.door import main; main()",
            "check",
            "--repo",
            str(self.top),
            *words,
        ]
        done = subprocess.run(command, env=self.environment | changed, capture_output=True, text=True, check=False)
        assert done.returncode < 2 and not done.stderr, done.stderr
        return done.stdout, done.returncode

    def verified(self, *words: str) -> tuple[str, int]:
        """The same for somebody who has never asked before, and for whom nobody stands by."""
        with tempfile.TemporaryDirectory() as folder:
            return self.check("--no-cache", *words, XDG_CACHE_HOME=folder)

    def told(self, **asked: str) -> cache.Answer | None:
        """What the process answers, if it does."""
        said = {"now": datetime.now(UTC).isoformat(), "trust root": "", **WORDS, **asked}
        return standby.ask(self.top, self.environment, said)

    def bring(self) -> None:
        """Brings what was written since into the repository, and into the work tree."""
        git = ["git", "-C", str(self.top)]
        subprocess.run(
            [*git, "index-pack", "--stdin"], input=self.made.chronicle.pack(), check=True, capture_output=True
        )
        subprocess.run([*git, "update-ref", "refs/heads/main", self.made.tips["main"]], check=True)
        if (self.top / ".git").exists():
            subprocess.run([*git, "reset", "--quiet", "--hard", "main"], check=True)

    def process(self) -> int:
        """The number of the process that stands by; 0 where none does."""
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.address))
            except OSError:
                return 0
            return int(struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Place]]:
    """Makes places; whoever stands by in one of them ends with the test."""
    made: list[Place] = []

    def make(programme: Programme, **more: bool) -> Place:
        made.append(Place(tmp_path_factory.mktemp("p"), programme, **more))
        return made[-1]

    yield make
    for each in made:
        if number := each.process():
            os.kill(number, signal.SIGKILL)


def programme(*numbers: str) -> Programme:
    p = Programme()
    for number in numbers or ("QM-001", "QM-002"):
        p.commit("w.writer", {path(number): document(number)})
        p.approve(number)
    return p


def is_gone(number: int, seconds: float = 30) -> bool:
    """Whether a process ends within some time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        if (Path("/proc") / str(number) / "stat").exists() and _is_dead(number):
            return True
        time.sleep(0.1)
    return False


def _is_dead(number: int) -> bool:
    """Ended, and nobody has asked how: in a container nobody may."""
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def refer(p: Programme) -> None:
    p.commit("w.writer", {path("QM-003"): document("QM-003", body="## Purpose\n\nSee [it](QM-001) and QM-099.\n")})


def renew(p: Programme) -> None:
    """New authority: the quality manager's role goes to somebody else."""
    p.change_authority(
        people=people({"n.nurse": "{name: N. Nurse, emails: [n.nurse@programme.example], roles: [nurse]}"})
    )


STORY: list[tuple[str, Callable[[Programme], object]]] = [
    ("a commit of nothing", lambda p: p.commit("w.writer")),
    ("a file under no control", lambda p: p.commit("w.writer", {"README.md": "Words.\n"})),
    ("a new version", lambda p: p.commit("w.writer", {path(): document(version="2.0", body="## Purpose\n\nNew.\n")})),
    ("its first signature", lambda p: p.sign("q.manager", "QM-001", role="quality-manager")),
    ("its last signature", lambda p: p.sign("m.director", "QM-001", role="medical-director")),
    ("a text that refers to another", refer),
    ("a withdrawal, which that text must hear of", lambda p: p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)),
    ("a broken file", lambda p: p.commit("w.writer", {path("QM-004"): "no front matter\n"})),
    ("a stray file", lambda p: p.commit("w.writer", {"sops/odd.bin": b"\0"})),
    ("a deviation", lambda p: p.commit("q.manager", {"records/deviations/1.md": "Closed.\n"})),
    ("a staff list", lambda p: p.commit("q.manager", {"records/training/staff.csv": "id,name,roles,sites,from,to\n"})),
    ("a catalogue", lambda p: p.commit("q.manager", {"sops/standards/own.yaml": "id: own\nname: Own\nedition: '1'\nclauses:\n  - {id: A1, title: One}\n"})),
    ("a forgery", lambda p: p.sign("q.manager", "QM-002", role="quality-manager", unsigned=True)),
    ("a deleted document", lambda p: p.commit("w.writer", {path("QM-002"): None})),
]  # fmt: skip


def test_each_commit_is_answered_as_if_all_was_verified(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    first = here.check()
    assert here.told() == first
    stands = here.process()
    for what, happens in STORY:
        happens(here.made)
        here.bring()
        known = here.told()
        assert known is not None, what
        assert known == here.verified(), what
        assert here.check() == known, what
        assert here.process() == stands, what
    for words in (["--strict"], ["--format", "json"], ["--descends-from", here.made.root]):
        assert here.check(*words) == here.verified(*words), words
    assert here.process() == stands


def test_a_branch_that_is_merged_is_answered_for_too(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    p = here.made
    p.branch("side")
    p.commit("w.writer", {path(): document(version="1.1")}, branch="side")
    p.sign("q.manager", "QM-001", role="quality-manager", branch="side")
    p.commit("q.manager", {"README.md": "Words.\n"})
    p.merge("q.manager", "side")
    p.approve("QM-001")
    here.bring()
    known = here.told()
    assert known is not None and known == here.verified()


def test_what_lies_in_the_work_tree_is_seen(place: Callable[..., Place]) -> None:
    here = place(programme())
    assert "work-tree-differs" not in here.check()[0]
    file = here.top / path()
    for content in (file.read_bytes() + b"x", file.read_bytes()):
        file.write_bytes(content)
        known = here.told()
        assert known is not None and known == here.verified()
        assert ("work-tree-differs" in known.text) == content.endswith(b"x")
    (here.top / "sops/new.md").write_text("new")
    (here.top / path("QM-002")).unlink()
    known = here.told()
    assert known is not None and known == here.verified() and known.text.count("work-tree-differs") == 1


def forget(here: Place) -> None:
    """The last sign-off is cut off."""
    p = here.made
    tip = p.tips["main"]
    here.made.tips["main"] = subprocess.run(
        ["git", "-C", str(here.top), "rev-parse", f"{tip}~2"], check=True, capture_output=True, text=True
    ).stdout.strip()


def ahead(here: Place) -> None:
    here.made.commit("w.writer", at=datetime.now(UTC) + timedelta(days=3))


def copy(here: Place) -> None:
    """A statement that was refused stands in another commit: the first is told that it was rewritten."""
    p = here.made
    (raw,) = [p.chronicle.objects[commit][1] for commit in [p.tips["main"]]]
    p.commit("q.manager", message=raw.partition(b"\n\n")[2].decode())


def stamp(here: Place) -> None:
    here.made.commit("q.manager", {f"records/anchors/{here.made.tips['main']}.tsr": b"no token"})


@pytest.mark.parametrize("happens", [forget, ahead, copy, stamp], ids=lambda each: each.__name__)
def test_what_bears_on_the_past_is_verified_anew(place: Callable[..., Place], happens: Callable[[Place], None]) -> None:
    made = programme()
    made.sign("q.manager", "QM-001", role="quality-manager", unsigned=True)
    here = place(made, is_bare=True)
    here.check()
    stands = here.process()
    happens(here)
    here.bring()
    assert here.told() is None
    assert is_gone(stands)
    found = here.check()
    if happens is forget:
        assert "history-rewritten" in found[0]
    else:
        assert found == here.verified()


def test_it_stands_by_where_that_is_worth_it_or_wished(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    for said in ("0", ""):
        here.check("--strict", **{knock.SETTING: said})
        assert not here.address.exists()
    for said in ("no", "-1", "99999", "1.5", "\u0661"):
        with pytest.raises(ConfigError, match=knock.SETTING):
            standby.minutes({knock.SETTING: said}, 1)
    assert standby.minutes({}, standby.WORTH_IT) == standby.MINUTES
    assert standby.minutes({}, standby.WORTH_IT - 1) == 0
    assert standby.minutes({"CI": "true"}, standby.WORTH_IT) == 0
    assert standby.minutes({"CI": "true", knock.SETTING: "5"}, 1) == 5
    here.check("--no-cache")
    here.check("--as-of", "2026-01-05")
    assert not here.address.exists()


def test_a_person_is_told_that_a_process_stays(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    seen: list[bytes] = []
    for _ in range(2):
        reading, terminal = pty.openpty()
        command = [sys.executable, "-c", "from qmdoc.door import main; main()", "check", "--repo", str(here.top)]
        subprocess.run(command, env=here.environment, stdout=subprocess.DEVNULL, stderr=terminal, check=False)
        os.close(terminal)
        with open(reading, "rb") as said, suppress(OSError):  # a terminal that nobody has any more ends with an error
            seen.append(b"")
            seen[-1] = said.read1()
    assert seen[0].startswith(b"A process stands by for 5 minutes") and seen[1] == b""


def test_who_verifies_all_anew_ends_it(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    number = here.process()
    here.check("--no-cache")
    assert here.told() is None and is_gone(number)


def test_it_holds_neither_the_terminal_nor_any_file(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    here.check()  # it ended: its output was closed by all who had it
    number = here.process()
    handles = {os.readlink(each) for each in Path(f"/proc/{number}/fd").iterdir() if each.is_symlink()}
    assert {each for each in handles if not each.startswith(("/dev/null", "socket:", "pipe:"))} == set()
    assert Path(f"/proc/{number}/cwd").resolve() == Path("/")
    assert os.getsid(number) == number
    assert here.address.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["QMDOC_TRUST_ROOT", "HOME", "PATH"])
def test_who_asks_from_other_surroundings_is_not_answered(place: Callable[..., Place], name: str) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    own = here.environment
    here.environment = own | {name: f"{own[name]}:/nowhere"}
    assert here.told() is None
    here.environment = own
    assert here.told() is not None


def test_who_wishes_none_to_stand_by_asks_none(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    here.environment |= {knock.SETTING: "0"}
    assert here.told() is None


def test_another_trust_root_is_another_question(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    assert here.told(**{"trust root": here.made.tips["main"]}) is None


def test_another_program_is_not_answered_for(place: Callable[..., Place], monkeypatch: pytest.MonkeyPatch) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    assert knock.address(str(here.top), here.environment) == str(here.address)
    monkeypatch.setattr(sys, "executable", "/usr/bin/another")
    assert not here.address.exists()


def _open_to_all(here: Place) -> None:
    here.address.chmod(0o777)


def _in_an_open_folder(here: Place) -> None:
    here.address.parent.chmod(0o755)


def _by_a_link(here: Place) -> None:
    here.address.rename(here.address.with_suffix(".real"))
    here.address.symlink_to(here.address.with_suffix(".real"))


def _a_file(here: Place) -> None:
    here.address.unlink()
    here.address.write_text("{}")


@pytest.mark.parametrize(
    "changed", [_open_to_all, _in_an_open_folder, _by_a_link, _a_file], ids=lambda each: each.__name__
)
def test_a_socket_that_is_not_this_persons_alone_is_not_asked(
    place: Callable[..., Place], changed: Callable[[Place], None]
) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    number = here.process()
    assert here.told() is not None
    changed(here)
    try:
        assert here.told() is None
        assert here.check(**{knock.SETTING: ""}) == here.verified()
    finally:
        os.kill(number, signal.SIGKILL)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{",
        b"[]\n",
        b'{"text": 1, "status": 0}\n',
        b'{"text": "all fine", "status": 2}\n',
        b'{"status": 0}\n',
        b"\xff\xfe\n",
    ],
)
def test_nonsense_is_no_answer(place: Callable[..., Place], said: bytes) -> None:
    here = place(programme(), is_bare=True)
    assert cache.own_folder(here.environment)
    before = os.umask(0o077)
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(here.address))
        os.umask(before)
        line.listen()
        line.settimeout(30)
        child = subprocess.Popen(
            [sys.executable, "-c", "from qmdoc.door import main; main()", "check", "--repo", str(here.top)],
            env={name: each for name, each in here.environment.items() if name != knock.SETTING}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        caller, _ = line.accept()
        caller.settimeout(30)
        with caller:
            assert knock.heard(caller) == knock.first_word(str(here.top), here.environment)
            assert json.loads(caller.makefile("rb").readline())["format"] == "text"
            caller.sendall(said)
        out, _ = child.communicate(timeout=60)
    assert "Looked at" in out
    here.address.unlink()


@pytest.mark.parametrize("said", [b"", b"x", b"00000009", b"99999999" + b"x" * 70_000, b"00000001x"])
def test_whoever_says_nonsense_disturbs_nobody(place: Callable[..., Place], said: bytes) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(here.address))
        line.sendall(said)
    assert here.told() is not None
    with socket.socket(socket.AF_UNIX) as line:  # and who knocks, and asks what nobody can answer
        line.connect(str(here.address))
        word = knock.first_word(str(here.top), here.environment)
        line.sendall(b"%08d" % len(word) + word + b'{"now": "never"}\n')
        line.shutdown(socket.SHUT_WR)
        line.settimeout(30)
        assert line.recv(100) == b""


def test_it_ends_when_nobody_can_ask_any_more(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    here.check()
    first = here.process()
    here.address.unlink()
    here.made.commit("w.writer")
    here.bring()
    here.check()  # everything is verified, and another stands by
    second = here.process()
    assert second not in (0, first)
    assert is_gone(first)
    here.top.rename(here.top.with_name("moved"))
    assert is_gone(second)
    assert not here.address.exists()


def test_what_fails_half_way_is_not_gone_on_from(place: Callable[..., Place]) -> None:
    made = programme()
    here = place(made, is_bare=True)
    here.check()
    stands = here.process()
    made.commit("w.writer", {path(): document(version="2.0")})
    made.approve("QM-001")
    _, blob = made.trees[made.tips["main"]][path()]
    kept = made.chronicle.objects.pop(blob)
    here.bring()
    assert here.told() is None
    assert is_gone(stands)
    with pytest.raises(AssertionError, match=blob):
        here.check()
    made.chronicle.objects[blob] = kept
    here.bring()
    assert here.check() == here.verified()


class Nobody:
    """Knows nothing."""

    def warm_up(self) -> None:
        """There is nothing to do."""

    def make_ready(self, now: datetime) -> None:
        """There is nothing to do."""

    def respond(self, said: Mapping[str, str]) -> None:
        """Never."""


def test_it_ends_when_nobody_asks(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    assert cache.own_folder(here.environment)
    standby.begin(here.top, here.environment, Nobody(), minutes=0)
    number, _ = os.waitpid(-1, 0)
    assert number and not here.address.exists()


def test_where_there_is_no_place_for_it_nothing_stands_by(place: Callable[..., Place], tmp_path: Path) -> None:
    here = place(programme(), is_bare=True)
    for folder in (tmp_path / ("long" * 30), Path("/proc/nowhere"), Path("relative")):
        environment = here.environment | {"XDG_CACHE_HOME": str(folder)}
        standby.begin(here.top, environment, Nobody(), minutes=1)
        address = knock.address(str(here.top), environment)
        assert address is None or not Path(address).exists()
        assert knock.connected(str(here.top), environment) is None


def test_where_it_is_ended_everything_is_verified(place: Callable[..., Place]) -> None:
    here = place(programme(), is_bare=True)
    answer = here.check()
    os.kill(here.process(), signal.SIGKILL)
    assert here.told() is None
    assert here.check() == answer
    here.made.commit("w.writer")
    here.bring()
    assert here.check() == here.verified()
