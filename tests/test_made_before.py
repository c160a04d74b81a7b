"""What stands is made again only when it would differ: never taken for right when anything at all is other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path

from qmdoc import cache, publishing
from qmdoc.audit import Request
from qmdoc.made_before import MadeBefore
from qmdoc.model import Meaning

PARTS = ("manual-src", "downtime")
TODAY = NOW.date()
SITE = {"a.html": b"<p>Day 1 A</p>", "b.html": b"<p>B</p>", "words/1": b"one", "words/2": b"two"}
PAGE = Path(__file__).parents[1] / "templates/manual/theme/page.html"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>{}</title></svg>'


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Programme, Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Programme()
    made.commit("w.writer", {path(): document()})
    made.approve("QM-001")
    place = made.repository(tmp_path / "p")
    publishing.manual(Request(place, NOW, dict(os.environ), trust_root=made.root))
    return made, place / "build"


def request(made: Programme, build: Path, **bent: object) -> Request:
    return Request(build.parent, NOW, dict(os.environ), **{"trust_root": made.root, **bent})  # type: ignore[arg-type]


def notes() -> list[Path]:
    return sorted((Path(os.environ["XDG_CACHE_HOME"]) / "qmdoc").glob("*.notes"))


def made_from_of(note: Path) -> str:
    return str(json.loads(note.read_bytes().partition(b"\n")[2]).get("from", ""))


def state(build: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(build)): file.read_bytes()
        for part in ("manual-src", "manual")
        for file in (build / part).rglob("*")
        if file.is_file()
    }


def age(build: Path) -> tuple[int, int]:
    found = (build / "manual" / "index.html").stat()
    return found.st_ino, found.st_mtime_ns


def test_nothing_new_makes_nothing(built: tuple[Programme, Path]) -> None:
    made, build = built
    before, page = state(build), age(build)
    assert publishing.manual(request(made, build)) == (
        ("manual", build / "manual" / "index.html"),
        ("pdf", build / "manual" / "pdf" / "manual.pdf"),
        ("downtime copy", build / "downtime" / f"manual-downtime-copy-{NOW.date()}.zip"),
    )
    assert age(build) == page and state(build) == before


def test_where_nothing_is_new_nothing_that_makes_outputs_is_loaded(built: tuple[Programme, Path]) -> None:
    made, build = built
    code = (
        "import sys; from qmdoc import cli; sys.exit = lambda status: print(status, sorted(set(sys.modules) & "
        "{'qmdoc.publishing', 'qmdoc.press', 'sphinx', 'jinja2', 'docxtpl', 'xlsxwriter', 'qmdoc.demo'}))\n"
        f"sys.argv = ['qmdoc', 'build', '--repo', {str(build.parent)!r}, '--trust-root', {made.root!r}, '--as-of', '{TODAY}']\n"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 ['qmdoc.publishing']", done.stderr


@pytest.mark.parametrize(
    "touch",
    [
        lambda build: (build / "manual/documents/QM-001.html").write_text("Give 50 mg."),
        lambda build: (build / "manual/documents/QM-001.html").unlink(),
        lambda build: (build / "manual/_static/more.html").write_text("more"),
        lambda build: (build / "manual-src/documents/QM-001.md").write_text("Give 50 mg."),
        lambda build: [each.write_text("{") for each in notes()],
        lambda build: [each.unlink() for each in notes()],
        lambda build: (
            (build / "manual/documents").rename(build / "elsewhere")
            or (build / "manual/documents").symlink_to(build / "elsewhere")
        ),
    ],
)
def test_what_somebody_touched_is_made_anew(built: tuple[Programme, Path], touch: object) -> None:
    made, build = built
    before, page = state(build), age(build)
    touch(build)  # type: ignore[operator]
    publishing.manual(request(made, build))
    assert age(build) != page and state(build) == before
    assert not (build / "manual/documents").is_symlink()


def test_a_forged_manual_that_brings_its_own_note_is_made_anew(built: tuple[Programme, Path], tmp_path: Path) -> None:
    """Whoever hands on a repository with its `build/` can write any page, and knows the program that writes notes."""
    made, build = built
    before, page = state(build), build / "manual/documents/QM-001.html"
    page.write_text("Give 50 mg.")
    theirs = dict(os.environ) | {"HOME": str(tmp_path / "theirs"), "XDG_CACHE_HOME": str(build / "cache")}
    [noted] = [each for each in map(made_from_of, notes()) if each]
    MadeBefore(build, "manual", PARTS, theirs).keep(noted, NOW)
    assert MadeBefore(build, "manual", PARTS, theirs).stands(noted, NOW)
    publishing.manual(request(made, build))
    assert state(build) == before


def test_another_day_is_made_anew_though_no_text_changed(built: tuple[Programme, Path]) -> None:
    """The review falls due while nobody commits anything."""
    made, build = built
    publishing.manual(request(made, build, as_of=date(2028, 1, 15)))
    later = (build / "manual/documents/QM-001.html").read_text()
    assert "Periodic review overdue" in later
    publishing.manual(request(made, build))
    assert "Periodic review overdue" not in (build / "manual/documents/QM-001.html").read_text()


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir(mode=0o700)
    return {"HOME": str(tmp_path / "home")}


@pytest.fixture
def site(tmp_path: Path, home: dict[str, str]) -> Path:
    """A `build/` with a site, a.html made from `a` and b.html from `b`, as a first build leaves it."""
    build = tmp_path / "build"
    before = MadeBefore(build, "site", (), home)
    assert before.take("a.html", "a") is None and not before.stands("all", NOW)
    before.made("a.html", "a", [(3, "Day 1")])
    before.made("b.html", "b")
    before.made("words/", "words")
    for name, content in SITE.items():
        (build / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (build / "site" / name).write_bytes(content)
    before.keep("all", NOW)
    return build


def test_what_was_made_of_the_same_is_taken_over(site: Path, home: dict[str, str]) -> None:
    before = MadeBefore(site, "site", (), home)
    kept = before.take("a.html", "a")
    assert kept and kept.content == SITE["a.html"] and kept.places == [(3, "Day 1")]
    assert before.take("b.html", "other") is None and before.taken == {"a.html"}
    assert before.take_all("words", "words") == {name: SITE[name] for name in ("words/1", "words/2")}
    assert before.take_all("words", "other") == {} and before.stands("all", NOW) and not before.stands("other", NOW)


def test_what_was_taken_over_can_be_taken_over_again_and_what_is_no_longer_made_is_forgotten(
    site: Path, home: dict[str, str]
) -> None:
    before = MadeBefore(site, "site", (), home)
    before.take("a.html", "a")
    before.keep("again", NOW)
    after = MadeBefore(site, "site", (), home)
    kept = after.take("a.html", "a")
    assert kept and kept.places == [(3, "Day 1")] and after.take("b.html", "b") is None
    assert after.take_all("words", "words") == {}


@pytest.mark.parametrize(
    "name, made_from",
    [("a.html", "b"), ("b.html", "a"), ("words/1", "words"), ("words/1", ""), ("c.html", "a"), ("../x", "")],
)
def test_one_page_never_gets_the_bytes_of_another(site: Path, home: dict[str, str], name: str, made_from: str) -> None:
    assert MadeBefore(site, "site", (), home).take(name, made_from) is None


def test_what_somebody_touched_is_not_taken(site: Path, home: dict[str, str]) -> None:
    (site / "site/a.html").write_bytes(b"<p>give 50 mg</p>")
    (site / "site/b.html").rename(site / "elsewhere")
    (site / "site/b.html").symlink_to(site / "elsewhere")
    (site / "site/words/2").unlink()
    before = MadeBefore(site, "site", (), home)
    assert before.take("a.html", "a") is None and before.take("b.html", "b") is None
    assert before.take_all("words", "words") == {} and not before.stands("all", NOW)


def test_what_somebody_puts_in_while_it_is_made_is_not_noted_as_made(site: Path, home: dict[str, str]) -> None:
    before = MadeBefore(site, "site", (), home)
    before.made("a.html", "a")
    before.wrote("a.html", b"<p>give 5 mg</p>")
    (site / "site/a.html").write_bytes(b"<p>give 50 mg</p>")
    before.keep("all", NOW)
    after = MadeBefore(site, "site", (), home)
    assert after.take("a.html", "a") is None and not after.stands("all", NOW)


LATER = timedelta(seconds=10)  # so long after the site was made that nothing in it was changed just now


@pytest.fixture
def compared(site: Path, home: dict[str, str]) -> Path:
    """A site that was found to stand, so long after it was made that its files need not be opened again."""
    assert MadeBefore(site, "site", (), home).stands("all", datetime.now(UTC) + LATER)
    return site


def test_what_was_compared_and_looks_untouched_is_not_opened_again(
    compared: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(_: Path) -> bytes:
        raise AssertionError("a file was opened")

    before = MadeBefore(compared, "site", (), home)
    monkeypatch.setattr(Path, "read_bytes", opened)
    later = datetime.now(UTC) + LATER
    assert before.stands("all", later) and not before.stands("other", later)
    monkeypatch.undo()
    kept = MadeBefore(compared, "site", (), home).take("a.html", "a")
    assert kept and kept.places == [(3, "Day 1")]  # to note how files look loses nothing of the note


def test_what_was_read_when_it_was_noted_is_not_opened_again(
    site: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC) + LATER
    before = MadeBefore(site, "site", (), home)
    before.wrote("a.html", SITE["a.html"])
    before.keep("all", later)
    monkeypatch.setattr(Path, "read_bytes", lambda file: pytest.fail(f"{file} was opened"))
    assert MadeBefore(site, "site", (), home).stands("all", later)


def _in_place(site: Path) -> None:
    found = (site / "a.html").stat()
    with (site / "a.html").open("r+b") as page:
        page.write(b"<p>Day 9 A</p>")
    os.utime(site / "a.html", ns=(found.st_atime_ns, found.st_mtime_ns))


def _in_its_place(site: Path) -> None:
    found = (site / "a.html").stat()
    (site / "new").write_bytes(b"<p>Day 9 A</p>")
    os.utime(site / "new", ns=(found.st_atime_ns, found.st_mtime_ns))
    (site / "new").rename(site / "a.html")


def _a_link(site: Path) -> None:
    (site / "words").rename(site.parent / "words")
    (site / "words").symlink_to(site.parent / "words")


@pytest.mark.parametrize(
    "bend",
    [
        _in_place, _in_its_place, _a_link, lambda site: (site / "words/2").unlink(),
        lambda site: (site / "more.html").write_bytes(b""), lambda site: (site / "a.html").rename(site / "c.html"),
    ],
)  # fmt: skip
def test_what_was_compared_and_then_changed_does_not_stand(
    compared: Path, home: dict[str, str], bend: Callable[[Path], object]
) -> None:
    """Each of them has the same length and time of writing as before, where that can be had."""
    bend(compared / "site")
    assert not MadeBefore(compared, "site", (), home).stands("all", datetime.now(UTC) + LATER)


def test_what_was_changed_just_now_is_opened_again(
    site: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may change once more within the same tick of the clock."""
    assert MadeBefore(site, "site", (), home).stands("all", datetime.now(UTC))
    before = MadeBefore(site, "site", (), home)
    opened: list[Path] = []
    monkeypatch.setattr(
        Path, "read_bytes", lambda file: opened.append(file) or SITE[str(file.relative_to(site / "site"))]
    )
    assert before.stands("all", datetime.now(UTC)) and len(opened) == len(SITE)


def test_a_file_that_says_it_is_of_tomorrow_makes_no_other_one_old(site: Path, home: dict[str, str]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).timestamp()
    os.utime(site / "site/b.html", (tomorrow, tomorrow))
    assert cache.looks(site, ("site",), datetime.now(UTC)) == {}


def test_what_was_compared_counts_for_those_digests_alone(compared: Path, home: dict[str, str]) -> None:
    """A build that notes other bytes than those that lie there has not made them, however untouched they look."""
    before = MadeBefore(compared, "site", (), home)
    before.wrote("a.html", b"<p>give 5 mg</p>")
    before.keep("all", datetime.now(UTC) + LATER)
    assert not MadeBefore(compared, "site", (), home).stands("all", datetime.now(UTC) + LATER)


def test_a_site_that_came_from_elsewhere_is_not_taken(site: Path, home: dict[str, str], tmp_path: Path) -> None:
    """Its maker can put in any bytes, but no note where only this person writes."""
    (tmp_path / "other").mkdir(mode=0o700)
    assert MadeBefore(site, "site", (), {"HOME": str(tmp_path / "other")}).take("a.html", "a") is None
    assert MadeBefore(site, "site", (), {}).take("a.html", "a") is None
    moved = site.rename(tmp_path / "moved")
    assert MadeBefore(moved, "site", (), home).take("a.html", "a") is None


@pytest.mark.parametrize("bend", [
    lambda note: note.chmod(0o644), lambda note: note.write_bytes(note.read_bytes()[:-3]),
    lambda note: note.write_text("{}"), lambda note: note.unlink(),
])  # fmt: skip
def test_a_note_that_others_can_read_or_that_is_broken_is_left_aside(
    site: Path, home: dict[str, str], bend: object
) -> None:
    (note,) = Path(home["HOME"]).rglob("*.notes")
    bend(note)  # type: ignore[operator]
    assert MadeBefore(site, "site", (), home).take("a.html", "a") is None


def test_whatever_stood_before_a_build_leaves_what_a_fresh_one_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Days, revisions, pictures, templates, a new and a withdrawn document, and pages that somebody touched: same bytes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Programme()
    picture = {"sops/quality/QM-002/flow chart.svg": DRAWING.format("flow"), "sops/quality/QM-002/list.csv": "a,b\n"}
    pictured = "See [it](QM-001) and [rows](QM-002/list.csv).\n\n![flow](QM-002/flow%20chart.svg)\n"
    made.commit("w.writer", {path(): document(), path("QM-002"): document("QM-002", body=pictured), **picture})
    made.approve("QM-001", "QM-002")
    place, count = made.repository(tmp_path / "p"), 0
    known: list[set[str]] = []
    taken = MadeBefore.take

    def noted(self: MadeBefore, path: str, made_from: str) -> object:
        found = taken(self, path, made_from)
        known[-1] |= {path} if found else set()
        return found

    monkeypatch.setattr(MadeBefore, "take", noted)

    def built(folder: Path, cache: Path, day: date) -> dict[str, bytes]:
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
        known.append(set())
        publishing.manual(Request(folder, NOW, dict(os.environ), trust_root=made.root, as_of=day))
        return {
            str(file.relative_to(folder / "build")): file.read_bytes()
            for file in (folder / "build").rglob("*")
            if file.is_file()
        }

    def step(day: date = TODAY) -> set[str]:
        """One more build, held against a fresh one; what was taken over."""
        nonlocal count
        count += 1
        made.repository(place)
        ours = built(place, tmp_path / "cache", day)
        before, fresh = known[-1], made.repository(tmp_path / f"fresh-{count}")
        theirs = built(fresh, tmp_path / f"cache-{count}", day)
        assert [path for path in {*ours, *theirs} if ours.get(path) != theirs.get(path)] == [], count
        return before

    assert step() == set()
    pages = {"documents/QM-001.html", "documents/QM-002.html", "read/QM-001.html", "searchindex.js", "404.html"}
    assert pages | {"pdf/QM-001-1.0.pdf"} <= step(date(2026, 11, 23))
    assert "documents/QM-001.html" not in step(date(2028, 1, 15)), "overdue since"
    step()
    made.commit("w.writer", {path(): document(version="2.0", body="## Purpose\n\nOther text.\n")})
    made.approve("QM-001")
    found = step()
    assert "documents/QM-001.html" not in found and {"documents/QM-002.html", "pdf/QM-002-1.0.pdf"} <= found
    made.commit("w.writer", {path("QM-003"): document("QM-003")})
    made.approve("QM-003")
    step()
    (place / "build/manual/documents/QM-002.html").write_text("Give 50 mg.")
    assert "documents/QM-002.html" not in step(date(2026, 11, 24))
    (place / "build/manual/searchindex.js").write_text("Search.setIndex({})")
    assert not {name for name in step(date(2026, 11, 25)) if name.endswith(".html")}, "whose words would be lost"
    made.commit(
        "w.writer",
        {
            "sops/quality/QM-002/flow chart.svg": DRAWING.format("another"),
            path("QM-002"): document("QM-002", "1.1", body=pictured),
        },
    )
    made.approve("QM-002")
    assert "documents/QM-002.html" not in step()
    made.commit("w.writer", {"templates/manual/theme/page.html": PAGE.read_text().replace("qm-footer", "qm-foot")})
    assert not {name for name in step() if name.endswith(".html")}
    assert "documents/QM-001.html" in step(date(2026, 11, 24))
    own = PAGE.read_text().replace("qm-footer", "qm-foot \U0010f700")
    made.commit("w.writer", {"templates/manual/theme/page.html": own})
    step()
    assert not {name for name in step(date(2026, 11, 23)) if name.endswith(".html")}, "a letter of the day is its own"
    made.commit("w.writer", {"templates/manual/theme/page.html": None})
    step()
    for person, role in (("q.manager", "quality-manager"), ("m.director", "medical-director")):
        made.sign(person, "QM-001", role=role, meaning=Meaning.WITHDRAW)
    step()
    assert {"documents/QM-001.html", "documents/QM-002.html", "searchindex.js"} <= step(date(2026, 11, 23))
    assert "Withdrawn" in (place / "build/manual/documents/QM-001.html").read_text()
