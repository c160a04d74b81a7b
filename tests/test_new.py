"""`qmdoc new`: a skeleton with the next free number, that never overwrites and can be filled and checked at once."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from programme import POLICY, Programme, document, path

from qmdoc import decisions, documents, drafting, numbers
from qmdoc.documents import Document
from qmdoc.drafting import Wish
from qmdoc.errors import ConfigError, OutputFailed

QMDOC = str(Path(sys.executable).parent / "qmdoc")
LIBRARY = Path(__file__).parents[1]
TODAY = date(2026, 8, 31)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    programme = Programme()
    programme.commit("w.writer", {path(): document()})
    programme.commit("w.writer", {"sops/quality/QM-007-gone.md": document("QM-007")})
    programme.commit("w.writer", {"sops/quality/QM-007-gone.md": None})
    return programme.repository(tmp_path_factory.mktemp("new") / "programme")


def run(*words: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([QMDOC, "new", *words], cwd=at, capture_output=True, text=True, check=False)


def drafted(repository: Path, wish: Wish) -> Document:
    place = drafting.draft(repository, wish, {}, today=TODAY)
    try:
        found = documents.parse(place.relative_to(repository).as_posix(), place.read_bytes())
    finally:
        place.unlink()
    assert isinstance(found, Document) and found.faults == ()
    return found


def test_the_number_follows_all_that_were_ever_used(repository: Path) -> None:
    found = drafted(repository, Wish("sop", "Thaw & wash: Größe"))
    assert found.path == "sops/quality/QM-008-thaw-wash-grosse.md"
    assert (found.title, str(found.version), found.owner) == ("Thaw & wash: Größe", "1.0", "quality-manager")
    assert decisions.undecided({found.path: b""}).unreadable


def test_a_number_that_only_the_work_tree_has_is_used_too(repository: Path) -> None:
    place = repository / "sops/quality/QM-011-mine.md"
    place.write_text(document("QM-011"))
    odd = repository / "sops/quality/QM-012"
    odd.mkdir()
    (odd / "picture.svg").write_text("<svg/>")
    try:
        assert drafted(repository, Wish("sop", "Next")).id == "QM-013"
    finally:
        place.unlink()
        (odd / "picture.svg").unlink()
        odd.rmdir()


def test_the_sections_and_the_review_date_are_those_of_the_policy(repository: Path) -> None:
    months = re.search(r"sop: \{review_months: ([0-9]+)", POLICY)
    found = drafted(repository, Wish("sop", "Next"))
    assert found.review_date and months
    assert (found.review_date.year - TODAY.year) * 12 + found.review_date.month - TODAY.month == int(months[1])
    headings = {heading.text for heading in found.markup().headings if heading.level == 2}
    assert {"Purpose", "Scope", "Procedure", "References"} <= headings
    assert found.markup().local_values and not found.markup().unsafe


def test_a_section_that_the_skeleton_lacks_is_added(tmp_path: Path) -> None:
    policy = POLICY.replace("types: {", "types: {guideline: {review_months: 6, sections: [purpose, Local rules]}, ", 1)
    assert policy != POLICY
    programme = Programme()
    programme.commit("w.writer", {path(): document()})
    top = programme.repository(tmp_path / "programme")
    (top / "sops/authority/policy.yaml").write_text(policy)
    found = drafted(top, Wish("guideline", "Hydration"))
    assert found.review_date == date(2027, 2, 28)
    assert found.body.count("## Local rules\n") == 1 and found.body.lower().count("## purpose") == 1


def test_in_the_library_numbers_follow_the_domain_and_forms_their_own_range() -> None:
    for domain, document_type, expected in (("CLN", "sop", r"CLN-0[0-9]{2}"), ("PRC", "form", r"PRC-1[0-9]{2}")):
        folder = next(iter((LIBRARY / "sops").rglob(f"{domain}-001-*.md"))).parent
        paths = [file.relative_to(LIBRARY).as_posix() for file in folder.rglob("*.md")]
        used = {documents.id_in_name(each) or "" for each in paths}
        number = numbers.following(domain, document_type, used)
        assert re.fullmatch(expected, number) and number not in used
    full = {f"QM-{number:03}" for number in range(1, 100)}
    assert numbers.following("QM", "sop", full) == "QM-201"
    assert numbers.following("QM", "sop", full | {"QM-300"}) == "QM-301"
    assert numbers.following("QM", "form", full) == "QM-101"


def test_nothing_is_overwritten(repository: Path) -> None:
    target = repository / "sops/quality/QM-008-next.md"
    target.symlink_to("nowhere.md")
    try:
        place = drafting.draft(repository, Wish("sop", "Next"), {}, today=TODAY)
        assert place.name == "QM-009-next.md"
        place.unlink()
        with pytest.raises(OutputFailed, match="not overwritten"):
            drafting.put(repository, "sops/quality/QM-008-next.md", "text")
        assert target.is_symlink() and not list(target.parent.glob(".*"))
    finally:
        target.unlink()


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("sopp", "A"), "choose from"),
        (Wish("sop", " "), "one line"),
        (Wish("sop", "a\nb"), "one line"),
        (Wish("sop", "[[local: x]]"), "one line"),
        (Wish("sop", "a" * 201), "200"),
        (Wish("sop", "A", "QMM"), "nearest is QM"),
        (Wish("sop", "A", "qm"), "capital letters"),
        (Wish("sop", "A", "../QM"), "capital letters"),
    ],
)
def test_what_cannot_be_is_refused(repository: Path, wish: Wish, said: str) -> None:
    before = sorted(repository.rglob("sops/**/*"))
    with pytest.raises(ConfigError, match=said):
        drafting.draft(repository, wish, {}, today=TODAY)
    assert sorted(repository.rglob("sops/**/*")) == before


def test_the_door_says_where_it_is_and_refuses_in_one_line(repository: Path) -> None:
    done = run("form", "--title", "Thaw log", "--domain", "PRC", at=repository)
    assert done.returncode == 0, done.stderr
    made = repository / "sops/operations/processing/PRC-101-thaw-log.md"
    assert "sops/operations/processing/PRC-101-thaw-log.md" in done.stdout and made.is_file()
    made.unlink()
    for words in (("sop",), ("sop", "--title", ""), ("bogus", "--title", "A")):
        done = run(*words, at=repository)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and done.stderr.startswith("qmdoc: "), done.stderr
