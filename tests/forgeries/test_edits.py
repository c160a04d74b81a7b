"""What is signed and what stands on main: hidden edits, moved folders, attachments, merges, ids, versions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from forgeries.court import (
    DOC,
    accepted,
    approved,
    audit,
    day,
    in_force,
    irregularities,
    missing,
    obstacles,
    raw_commit,
    refused,
    stopped,
    written,
)
from programme import Programme, document, path

from qmdoc.model import Meaning, Outcome, Status
from qmdoc.signing import statement
from qmdoc.signing.statement import Subject

FLOW = "sops/quality/QM-001/flow.svg"
WITH_FLOW = "## Purpose\n\n![Flow](QM-001/flow.svg)\n"


def state_of(p: Programme, folder: Path, number: str = "QM-001"):  # type: ignore[no-untyped-def]
    state = audit(p, folder).register.state(number)
    assert state
    return state


def test_an_edit_after_approval_is_not_in_force(tmp_path: Path) -> None:
    p = approved()
    p.commit("w.writer", {DOC: document(body="## Purpose\n\nOther.\n")})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "version 1.0 is not greater than 1.0" in obstacles(a)
    assert "Other" not in a.register.state("QM-001").text.body  # type: ignore[union-attr]


def test_the_same_version_with_other_bytes_is_not_in_force_even_when_signed(tmp_path: Path) -> None:
    p = approved()
    p.commit("w.writer", {DOC: document(body="## Purpose\n\nOther.\n")})
    p.approve("QM-001")
    assert "Other" not in state_of(p, tmp_path).text.body


def test_an_edit_between_the_two_signatures_leaves_both_empty_handed(tmp_path: Path) -> None:
    p = written()
    p.sign("q.manager", "QM-001", role="quality-manager")
    p.commit("w.writer", {DOC: document(body="## Purpose\n\nOther.\n")})
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert missing(a) == ["quality-manager approval 0/1"]


def test_an_approval_inside_the_commit_that_edits_is_refused(tmp_path: Path) -> None:
    p = written()
    said = p.statement("q.manager", "QM-001", role="quality-manager")
    forged = p.commit("q.manager", {DOC: document(version="1.1")}, message=statement.write(said))
    refused(audit(p, tmp_path), forged, "changes-files")


def test_a_statement_on_a_merge_is_refused(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    p.commit("n.nurse", {"notes.txt": "x"}, branch="side")
    said = p.statement("q.manager", "QM-001", role="quality-manager")
    forged = p.commit(
        "q.manager", {"notes.txt": "x"}, parents=(p.tips["main"], p.tips["side"]), message=statement.write(said)
    )
    refused(audit(p, tmp_path), forged, "changes-files", says="merges")


@pytest.mark.parametrize("times", [0, 2])
def test_a_statement_without_one_parent_is_refused(tmp_path: Path, times: int) -> None:
    p = written()
    said = statement.write(p.statement("q.manager", "QM-001", role="quality-manager")).encode()
    stamp = f"Q <q.manager@programme.example> {int(p.clock.timestamp())} +0000"
    main = p.tips["main"]
    parents = (main,) * times
    forged = raw_commit(
        p, p.trees[p.tips["main"]], said, parents=parents, headers=f"author {stamp}\ncommitter {stamp}\n".encode()
    )
    if not times:
        raw_commit(p, p.trees[forged], parents=(main, forged))
    refused(audit(p, tmp_path), forged, "changes-files")


def test_control_a_sign_off_whose_parent_is_a_merge_counts(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    p.commit("n.nurse", {"notes.txt": "x"}, branch="side")
    p.merge("w.writer", "side")
    p.approve("QM-001")
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_control_sign_offs_on_a_side_branch_count_where_they_land(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    p.approve("QM-001", branch="side")
    merged = p.merge("w.writer", "side")
    state = state_of(p, tmp_path)
    assert state.effective.commit == merged


def test_a_draft_approved_on_a_branch_that_main_never_held_is_not_in_force(tmp_path: Path) -> None:
    p = approved()
    p.branch("side")
    p.commit("w.writer", {DOC: document(version="2.0")}, branch="side")
    p.approve("QM-001", branch="side")
    p.merge("w.writer", "side", {DOC: document()})
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_a_sign_off_of_another_document_with_the_same_body_counts_for_that_one_only(tmp_path: Path) -> None:
    p = written("QM-001", "QM-002")
    other = p.subject("QM-002")
    forged = p.sign(
        "q.manager", role="quality-manager", subjects=(Subject("QM-001", other.version, other.blob, other.digest),)
    )
    p.approve("QM-002")
    a = audit(p, tmp_path)
    refused(a, forged, "subject-mismatch", says="QM-001 1.0")
    assert (in_force(a), in_force(a, "QM-002")) == (None, "1.0")


@pytest.mark.parametrize("bent", ["version", "blob", "digest", "id"])
def test_a_subject_that_is_wrong_in_one_point_is_refused(tmp_path: Path, bent: str) -> None:
    p = written("QM-001", "QM-002")
    good, other = p.subject("QM-001"), p.subject("QM-002")
    version = good.version._replace(minor=1) if bent == "version" and good.version else good.version
    subject = Subject(
        "QM-003" if bent == "id" else "QM-001",
        version,
        other.blob if bent == "blob" else good.blob,
        other.digest if bent == "digest" else good.digest,
    )
    forged = p.sign("q.manager", role="quality-manager", subjects=(subject,))
    refused(audit(p, tmp_path), forged, "subject-mismatch")


def test_one_bad_subject_among_good_ones_spoils_the_sign_off(tmp_path: Path) -> None:
    p = written("QM-001", "QM-002")
    good, other = p.subject("QM-001"), p.subject("QM-002")
    forged = p.sign(
        "q.manager", role="quality-manager", subjects=(good, Subject("QM-002", other.version, other.blob, good.digest))
    )
    refused(audit(p, tmp_path), forged, "subject-mismatch", says="QM-002")


def test_a_changed_image_is_a_changed_document(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document(body=WITH_FLOW), FLOW: "<svg/>"})
    p.approve("QM-001")
    p.commit("w.writer", {FLOW: "<svg>other</svg>"})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "not greater" in obstacles(a)


@pytest.mark.parametrize("inner", ["sub/flow.svg", "QM-002/flow.svg", "QM-001/flow.svg", "a/QM-003/b/flow.svg"])
def test_every_file_below_the_folder_is_under_the_signature(tmp_path: Path, inner: str) -> None:
    """A folder named like another document, inside the attachments, is still this document's."""
    place = f"sops/quality/QM-001/{inner}"
    p = Programme()
    p.commit("w.writer", {DOC: document(body=f"## Purpose\n\n![Flow](QM-001/{inner})\n"), place: "<svg/>"})
    p.approve("QM-001")
    p.commit("m.director", {place: "<svg>evil</svg>"})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert a.register.state("QM-001").proposed, "the changed image went unnoticed"  # type: ignore[union-attr]


def test_who_changes_only_an_image_is_an_author(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document(body=WITH_FLOW)})
    p.commit("m.director", {FLOW: "<svg/>"})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert "Medical Director wrote" in missing(a)[0]


def test_who_swaps_images_between_two_folders_of_one_number_is_an_author(tmp_path: Path) -> None:
    p = Programme()
    stray = "sops/old/QM-001/flow.svg"
    p.commit("w.writer", {DOC: document(body=WITH_FLOW), FLOW: "<svg/>", stray: "<svg>evil</svg>"})
    p.approve("QM-001")
    p.commit("w.writer", {DOC: document(version="1.1", body=WITH_FLOW)})
    p.commit("m.director", {FLOW: "<svg>evil</svg>", stray: "<svg/>"})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Medical Director wrote" in missing(a)[0]


def test_who_moves_a_document_beside_other_attachments_is_an_author(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document(), "sops/old/QM-001/flow.svg": "<svg>evil</svg>"})
    p.approve("QM-001")
    p.commit("w.writer", {DOC: document(version="1.1", body=WITH_FLOW)})
    p.commit("m.director", {DOC: None, "sops/old/QM-001-title.md": document(version="1.1", body=WITH_FLOW)})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Medical Director wrote" in missing(a)[0]


def test_control_moving_a_document_whole_changes_nothing_and_makes_nobody_an_author(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document(body=WITH_FLOW), FLOW: "<svg/>"})
    p.commit(
        "m.director",
        {
            DOC: None,
            FLOW: None,
            "sops/new/QM-001-other-name.md": document(body=WITH_FLOW),
            "sops/new/QM-001/flow.svg": "<svg/>",
        },
    )
    p.approve("QM-001")
    p.commit(
        "n.nurse",
        {
            "sops/new/QM-001-other-name.md": None,
            "sops/new/QM-001/flow.svg": None,
            DOC: document(body=WITH_FLOW),
            FLOW: "<svg/>",
        },
    )
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert a.register.state("QM-001").proposed is None  # type: ignore[union-attr]


def test_moving_the_text_away_from_its_attachments_changes_it(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document(body=WITH_FLOW), FLOW: "<svg/>"})
    p.approve("QM-001")
    p.commit("w.writer", {DOC: None, "sops/new/QM-001-title.md": document(body=WITH_FLOW)})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "not greater" in obstacles(a)


def test_a_reverted_draft_put_back_is_its_first_authors(tmp_path: Path) -> None:
    p = approved()
    p.commit("q.manager", {DOC: document(version="1.2", body="## Purpose\n\nDraft.\n")})
    p.commit("w.writer", {DOC: document(version="1.1")})
    p.sign("d.manager", "QM-001", role="quality-manager")
    p.sign("m.director", "QM-001", role="medical-director")
    p.commit("w.writer", {DOC: document(version="1.2", body="## Purpose\n\nDraft.\n")})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.1"
    assert "Quality Manager wrote" in missing(a)[0]


def test_a_reverted_image_put_back_is_its_first_authors(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document(body=WITH_FLOW), FLOW: "<svg/>"})
    p.commit("w.writer", {DOC: document(version="1.2", body=WITH_FLOW)})
    p.commit("m.director", {FLOW: "<svg>evil</svg>"})
    p.commit("w.writer", {DOC: document(version="1.1", body="## Purpose\n\nText.\n"), FLOW: None})
    p.change_authority(policy=p.policy.replace("independent: true", "independent: false"))
    p.approve("QM-001")
    p.change_authority(policy=p.policy)
    p.commit("w.writer", {DOC: document(version="1.2", body=WITH_FLOW), FLOW: "<svg>evil</svg>"})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.1"
    assert "Medical Director wrote" in missing(a)[0]


def test_an_evil_merge_makes_its_merger_an_author(tmp_path: Path) -> None:
    p = approved()
    p.branch("side")
    p.commit("w.writer", {DOC: document(version="1.1")}, branch="side")
    p.commit("n.nurse", {"notes.txt": "x"})
    p.merge("q.manager", "side", {DOC: document(version="1.1", body="## Purpose\n\nSmuggled.\n")})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


def test_control_a_clean_merge_makes_its_merger_no_author(tmp_path: Path) -> None:
    p = approved()
    p.branch("side")
    p.commit("w.writer", {DOC: document(version="1.1")}, branch="side")
    p.commit("n.nurse", {"notes.txt": "x"})
    p.merge("q.manager", "side")
    p.approve("QM-001")
    assert in_force(audit(p, tmp_path)) == "1.1"


def test_a_merge_that_takes_text_from_one_side_and_image_from_the_other_is_an_edit(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document(body=WITH_FLOW), FLOW: "<svg/>"})
    p.approve("QM-001")
    p.branch("side")
    p.commit("w.writer", {FLOW: "<svg>new</svg>"}, branch="side")
    p.commit("w.writer", {DOC: document(version="1.1", body=WITH_FLOW)})
    p.merge("q.manager", "side")
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


def test_the_writer_on_a_merged_branch_is_an_author_however_it_was_merged(tmp_path: Path) -> None:
    p = approved()
    p.branch("side")
    p.commit("q.manager", {DOC: document(version="1.1")}, branch="side")
    first, second = p.tips["main"], p.tips["side"]
    p.branch("other")
    p.commit("n.nurse", {"x.txt": "x"}, branch="other")
    p.commit(
        "w.writer",
        {DOC: document(version="1.1"), "x.txt": "x"},
        parents=(first, second, p.tips["other"], second),
        message="octopus, one parent twice",
    )
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


def test_criss_cross_merges_hide_no_author(tmp_path: Path) -> None:
    p = approved()
    p.branch("side")
    p.commit("q.manager", {DOC: document(version="1.1")}, branch="side")
    p.commit("w.writer", {"a.txt": "a"})
    left, right = p.tips["main"], p.tips["side"]
    p.commit("w.writer", {"a.txt": "a", DOC: document(version="1.1")}, parents=(left, right))
    p.commit("w.writer", {"a.txt": "a"}, branch="side", parents=(right, left))
    p.commit("w.writer", {}, parents=(p.tips["main"], p.tips["side"]))
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


def test_a_merge_with_unrelated_history_hides_no_author(tmp_path: Path) -> None:
    p = approved()
    p.commit("q.manager", {DOC: document(version="1.1")}, branch="alien", parents=())
    main = dict(p.trees[p.tips["main"]]) | p.trees[p.tips["alien"]]
    merged = raw_commit(p, main, parents=(p.tips["main"], p.tips["alien"]))
    assert p.tips["main"] == merged
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


def test_two_files_with_one_id_bring_nothing_into_force_while_it_lasts(tmp_path: Path) -> None:
    twin = "sops/clinical/QM-001-other.md"
    p = approved()
    p.commit("w.writer", {DOC: document(version="1.1"), twin: document(version="1.1", body="## Purpose\n\nEvil.\n")})
    early = p.sign("q.manager", role="quality-manager", subjects=(Subject("QM-001", *_one(p)),))
    p.commit("w.writer", {twin: None})
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    refused(a, early, "subject-mismatch")
    assert in_force(a) == "1.0"
    p.sign("q.manager", "QM-001", role="quality-manager")
    assert in_force(audit(p, tmp_path / "after")) == "1.1"


def _one(p: Programme):  # type: ignore[no-untyped-def]
    subject = p.subject("QM-001")
    return subject.version, subject.blob, subject.digest


@pytest.mark.parametrize(
    ("name", "mode", "content"),
    [
        (DOC, "120000", "../../evil.md"),
        (DOC, "160000", None),
        (FLOW, "120000", "../evil.svg"),
        (FLOW, "160000", None),
        ("sops/quality/QM-001/a\nb.svg", "100644", "x"),
        ("sops/quality/QM-001/a\\b.svg", "100644", "x"),
        ("sops/quality/QM-001/Flow.svg", "100644", "x"),
        ("sops/quality/QM-001/\u202egvs.svg", "100644", "x"),
    ],
    ids=[
        "link",
        "submodule",
        "linked image",
        "submodule in the folder",
        "newline",
        "backslash",
        "case twin",
        "right to left",
    ],
)
def test_a_document_with_a_file_that_could_deceive_is_never_signed(
    tmp_path: Path, name: str, mode: str, content: str | None
) -> None:
    p = approved()
    blob = p.chronicle.add(b"blob", content.encode()) if content is not None else "f" * 40
    text = p.chronicle.add(b"blob", document(version="1.1").encode())
    tree = (
        p.trees[p.tips["main"]]
        | {DOC: ("100644", text), "sops/quality/QM-001/flow.svg": ("100644", text)}
        | {name: (mode, blob)}
    )
    made = raw_commit(p, tree)
    forged = p.sign(
        "q.manager",
        role="quality-manager",
        subjects=(Subject("QM-001", _one(approved())[0]._replace(minor=1), text, "0" * 64),),
    )
    a = audit(p, tmp_path, is_bare=True)
    assert made in a.register.ledger.landings[-2].commit
    refused(a, forged, "subject-mismatch")
    assert in_force(a) == "1.0"
    assert "deceive" in obstacles(a)


def test_a_submodule_in_place_of_a_document_stops_nothing(tmp_path: Path) -> None:
    p = approved("QM-001", "QM-002")
    tree = p.trees[p.tips["main"]] | {DOC: ("160000", "f" * 40)}
    raw_commit(p, tree)
    dead = Subject("QM-001", _one(approved())[0], "f" * 40, "0" * 64)
    forged = p.sign("q.manager", role="quality-manager", meaning=Meaning.WITHDRAW, subjects=(dead,))
    del tree[DOC]
    raw_commit(p, tree | {path("QM-009"): ("100644", p.chronicle.add(b"blob", document("QM-009").encode()))})
    a = audit(p, tmp_path, is_bare=True)
    refused(a, forged, "subject-mismatch")
    assert (in_force(a), in_force(a, "QM-002")) == ("1.0", "1.0")


def test_a_folder_named_like_a_document_swallows_it_and_says_so(tmp_path: Path) -> None:
    swallowed = "sops/quality/QM-001/QM-002-title.md"
    p = approved()
    p.commit("w.writer", {swallowed: document("QM-002")})
    a = audit(p, tmp_path)
    assert a.register.state("QM-002") is None
    assert [file.path for file in a.register.strays] == [swallowed]
    assert "not greater" in obstacles(a)


@pytest.mark.parametrize(
    "name",
    [
        "sops/quality/qm-001-title.md",
        "sops/quality/QМ-001-title.md",
        "sops/quality/QM-００1-title.md",
        "Sops/quality/QM-001-evil.md",
        "sops/quality/QM-001_title.md",
    ],
)
def test_a_name_that_only_looks_like_the_documents_does_not_touch_it(tmp_path: Path, name: str) -> None:
    p = approved()
    p.commit("w.writer", {name: document(version="9.0")})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert [state.id for state in a.register.states] == ["QM-001"]


@pytest.mark.parametrize("version", ["01.0", "1.00", "1", "1.0.0", "１.1", "1.1 ", "v1.1", "-1.0", "1e3.0"])
def test_a_version_that_is_not_two_plain_numbers_is_never_approved(tmp_path: Path, version: str) -> None:
    p = approved()
    p.commit("w.writer", {DOC: document(version=version)})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert obstacles(a) == "it can't be read"


@pytest.mark.parametrize(("first", "second"), [("1.10", "1.9"), ("2.0", "1.99"), ("1.1", "1.1")])
def test_a_lower_version_never_follows_a_higher(tmp_path: Path, first: str, second: str) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document(version=first)})
    p.approve("QM-001")
    p.commit("w.writer", {DOC: document(version=second, body="## Purpose\n\nOld.\n")})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == first
    assert "not greater" in obstacles(a)


def test_an_old_approved_text_put_back_on_main_is_a_proposal_that_cannot_come_into_force(tmp_path: Path) -> None:
    p = approved()
    p.commit("w.writer", {DOC: document(version="1.1")})
    p.approve("QM-001")
    p.commit("w.writer", {DOC: document()})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.1"
    assert "version 1.0 is not greater than 1.1" in obstacles(a)


def test_deleting_the_file_ends_nothing(tmp_path: Path) -> None:
    p = approved()
    p.commit("n.nurse", {DOC: None})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Text." in a.register.state("QM-001").text.body  # type: ignore[union-attr]


def test_reverting_a_sign_off_undoes_nothing(tmp_path: Path) -> None:
    p = approved()
    p.commit("n.nurse", message='Revert "QM-001 1.0: approval"')
    assert in_force(audit(p, tmp_path)) == "1.0"


@pytest.mark.parametrize(
    "body",
    [
        "[[local: door code]]",
        "![x](QM-002/x.svg)",
        "[x](../evil.md)",
        "![x](QM-001/../../evil.svg)",
        "![x](QM-001/%2e%2e/evil.svg)",
        "[x](/etc/passwd)",
    ],
)
def test_a_text_with_open_places_or_foreign_files_is_approved_by_no_sign_off(tmp_path: Path, body: str) -> None:
    p = approved()
    p.commit("w.writer", {DOC: document(version="1.1", body=f"## Purpose\n\n{body}\n")})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert obstacles(a)


@pytest.mark.parametrize(
    "line", ["[[local: who]]", '"[[local: who]]"', "quality-manager  # [[local: who]]", r'"\x5b[local: who]]"']
)
def test_an_open_place_in_front_matter_bars_the_version_whether_or_not_the_key_can_be_read(
    tmp_path: Path, line: str
) -> None:
    p = approved()
    p.commit("w.writer", {DOC: document(version="1.1", title=line)})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "[[local:" in obstacles(a)


def test_a_day_ahead_leaves_the_old_version_in_force_until_then(tmp_path: Path) -> None:
    p = approved()
    p.commit("w.writer", {DOC: document(version="2.0", effective_date="2026-12-01")})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert str(a.register.state("QM-001").waiting.version) == "2.0"  # type: ignore[union-attr]
    assert in_force(audit(p, tmp_path, as_of=date(2026, 12, 1))) == "2.0"


def test_a_withdrawal_ends_the_version_in_force_and_the_one_that_waits(tmp_path: Path) -> None:
    p = approved()
    old = p.subject("QM-001")
    p.commit("w.writer", {DOC: document(version="2.0", effective_date="2026-12-01")})
    p.approve("QM-001")
    gone = p.sign("q.manager", role="quality-manager", meaning=Meaning.WITHDRAW, subjects=(old,))
    a = audit(p, tmp_path)
    accepted(a, gone)
    assert a.register.state("QM-001").status is Status.WITHDRAWN  # type: ignore[union-attr]
    assert in_force(audit(p, tmp_path, as_of=date(2026, 12, 2))) is None


@pytest.mark.parametrize(("version", "expected"), [("1.0", None), ("0.9", None), ("1.1", "1.1")])
def test_a_withdrawn_document_returns_only_with_a_higher_version(
    tmp_path: Path, version: str, expected: str | None
) -> None:
    p = approved()
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    p.commit("w.writer", {DOC: document(version=version, body="## Purpose\n\nAgain.\n")})
    p.approve("QM-001")
    assert in_force(audit(p, tmp_path)) == expected


def test_a_withdrawn_text_signed_again_stays_withdrawn(tmp_path: Path) -> None:
    p = approved()
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    p.approve("QM-001")
    p.commit("n.nurse", {DOC: None})
    p.commit("n.nurse", {DOC: document()})
    assert state_of(p, tmp_path).status is Status.WITHDRAWN


def test_control_a_dangerous_procedure_can_be_withdrawn_while_a_draft_is_on_main(tmp_path: Path) -> None:
    p = approved()
    old = p.subject("QM-001")
    p.commit("w.writer", {DOC: "no front matter at all"})
    p.sign("m.director", role="medical-director", meaning=Meaning.WITHDRAW, subjects=(old,))
    assert in_force(audit(p, tmp_path)) is None


@pytest.mark.parametrize("meaning", [Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW])
def test_a_role_without_a_seat_neither_withdraws_nor_reviews(tmp_path: Path, meaning: Meaning) -> None:
    p = approved()
    forged = p.sign("n.nurse", "QM-001", role="ward-nurse", meaning=meaning)
    a = audit(p, tmp_path)
    refused(a, forged, "role-not-held", says="no seat")
    assert in_force(a) == "1.0"


@pytest.mark.parametrize("meaning", [Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW])
def test_a_text_not_in_force_is_neither_withdrawn_nor_reviewed(tmp_path: Path, meaning: Meaning) -> None:
    p = approved()
    old = p.subject("QM-001")
    p.commit("w.writer", {DOC: document(version="1.1")})
    draft = p.sign("q.manager", "QM-001", role="quality-manager", meaning=meaning)
    p.approve("QM-001")
    stale = p.sign("q.manager", role="quality-manager", meaning=meaning, subjects=(old,))
    a = audit(p, tmp_path)
    refused(a, draft, "not-effective")
    refused(a, stale, "not-effective")
    assert in_force(a) == "1.1"


def test_training_on_a_draft_is_refused_and_on_an_old_version_stands(tmp_path: Path) -> None:
    p = written()
    draft = p.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING)
    p.approve("QM-001")
    old = p.subject("QM-001")
    p.commit("w.writer", {DOC: document(version="1.1")})
    p.approve("QM-001")
    late = p.sign("n.nurse", role="ward-nurse", meaning=Meaning.TRAINING, subjects=(old,))
    a = audit(p, tmp_path)
    refused(a, draft, "not-effective", says="not approved")
    accepted(a, late)


def test_a_review_beyond_the_interval_counts_to_its_end(tmp_path: Path) -> None:
    p = approved()
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, next_review=date(2099, 1, 1))
    review = state_of(p, tmp_path).review
    assert review.is_too_long
    assert review.due == date(2028, 1, 5)


def test_a_review_that_decides_to_retire_moves_no_date(tmp_path: Path) -> None:
    p = approved()
    before = state_of(p, tmp_path / "before").review.due
    p.sign(
        "q.manager",
        "QM-001",
        role="quality-manager",
        meaning=Meaning.PERIODIC_REVIEW,
        outcome=Outcome.RETIRE,
        next_review=date(2027, 12, 31),
    )
    review = state_of(p, tmp_path).review
    assert review.due == before
    assert review.open_outcome is not None


def test_a_sign_off_taken_back_before_it_counted_fills_nothing(tmp_path: Path) -> None:
    p = written()
    p.sign("q.manager", "QM-001", role="quality-manager")
    back = p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    accepted(a, back)
    assert in_force(a) is None
    p.sign("q.manager", "QM-001", role="quality-manager")
    assert in_force(audit(p, tmp_path / "again")) == "1.0"


def test_nobody_takes_back_what_is_in_force_or_anothers(tmp_path: Path) -> None:
    p = written()
    p.sign("q.manager", "QM-001", role="quality-manager")
    others = p.sign("d.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    p.sign("m.director", "QM-001", role="medical-director")
    late = p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    a = audit(p, tmp_path)
    refused(a, others, "nothing-to-revoke")
    refused(a, late, "nothing-to-revoke")
    assert in_force(a) == "1.0"


def test_taking_back_and_completing_in_one_merge_does_not_bring_it_into_force(tmp_path: Path) -> None:
    p = written()
    p.sign("q.manager", "QM-001", role="quality-manager")
    p.branch("one")
    p.branch("two")
    p.sign("m.director", "QM-001", role="medical-director", branch="one")
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE, branch="two")
    tips = (p.tips["main"], p.tips["one"], p.tips["two"])
    p.commit("w.writer", parents=tips, message="octopus")
    assert in_force(audit(p, tmp_path)) is None


def test_a_document_given_a_new_number_is_noticed(tmp_path: Path) -> None:
    p = approved()
    p.commit("w.writer", {DOC: None, path("QM-007"): document("QM-007", title="Title of QM-001")})
    a = audit(p, tmp_path)
    assert "id-changed" in irregularities(a)
    assert (in_force(a), in_force(a, "QM-007")) == ("1.0", None)


def test_a_new_number_is_named_until_it_is_put_right(tmp_path: Path) -> None:
    def renumbered() -> Programme:
        p = approved()
        p.commit("w.writer", {DOC: None, path("QM-007"): document("QM-007", title="Title of QM-001")})
        return p

    back, withdrawn, further = renumbered(), renumbered(), renumbered()
    back.commit("w.writer", {path("QM-007"): None, DOC: document()})
    assert "id-changed" not in irregularities(audit(back, tmp_path / "back"))
    withdrawn.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW, subjects=(approved().subject("QM-001"),))  # fmt: skip
    assert "id-changed" not in irregularities(audit(withdrawn, tmp_path / "withdrawn"))
    further.commit("w.writer", {path("QM-007"): None, path("QM-008"): document("QM-008", title="Title of QM-001")})
    assert "id-changed" in irregularities(audit(further, tmp_path / "further")), "a second move hides nothing"


def test_a_mode_bit_changes_nothing(tmp_path: Path) -> None:
    p = approved()
    raw_commit(p, p.trees[p.tips["main"]] | {DOC: ("100755", p.trees[p.tips["main"]][DOC][1])})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert a.register.state("QM-001").proposed is None  # type: ignore[union-attr]


def test_subjects_may_stand_in_any_order(tmp_path: Path) -> None:
    p = written("QM-001", "QM-002")
    p.sign("q.manager", "QM-002", "QM-001", role="quality-manager")
    p.sign("m.director", "QM-001", "QM-002", role="medical-director")
    a = audit(p, tmp_path)
    assert (in_force(a), in_force(a, "QM-002")) == ("1.0", "1.0")


def test_as_of_the_day_before_nothing_was_in_force(tmp_path: Path) -> None:
    p = Programme()
    p.commit("w.writer", {DOC: document()})
    p.sign("q.manager", "QM-001", role="quality-manager", at=day("2026-02-01"))
    p.sign("m.director", "QM-001", role="medical-director", at=day("2026-02-02"))
    assert in_force(audit(p, tmp_path, as_of=date(2026, 2, 1))) is None
    assert in_force(audit(p, tmp_path, as_of=date(2026, 2, 2))) == "1.0"


@pytest.mark.parametrize(
    "names", [(b"a.md", b"a.md"), (b"a/b.md",), (b"..",), (b".",)], ids=["twice", "slash", "two dots", "dot"]
)
def test_a_tree_that_two_tools_would_read_differently_stops_the_audit(tmp_path: Path, names: tuple[bytes, ...]) -> None:
    p = approved()
    blob = p.chronicle.add(b"blob", b"x")
    quality = p.chronicle.add(b"tree", b"".join(b"100644 " + name + b"\0" + bytes.fromhex(blob) for name in names))
    sops = p.chronicle.add(b"tree", b"40000 quality\0" + bytes.fromhex(quality))
    raw_commit(p, p.chronicle.add(b"tree", b"40000 sops\0" + bytes.fromhex(sops)))
    stopped(p, tmp_path, "object-damaged", "git-failed", is_bare=True)


def test_names_that_are_no_utf8_come_and_go_without_harm(tmp_path: Path) -> None:
    p = approved()
    base = p.tips["main"]
    blob = p.chronicle.add(b"blob", b"x")
    rows = b"".join(b"100644 " + name + b"\0" + bytes.fromhex(blob) for name in (b"a\\xff", b"a\xff"))
    sops = p.chronicle.add(b"tree", b"40000 other\0" + bytes.fromhex(p.chronicle.add(b"tree", rows)))
    raw_commit(p, p.chronicle.add(b"tree", b"40000 sops\0" + bytes.fromhex(sops)))
    a = audit(p, tmp_path / "in", is_bare=True)
    assert len({file.path for file in a.register.strays}) == 2
    raw_commit(p, p.trees[base])
    assert in_force(audit(p, tmp_path, is_bare=True)) == "1.0"


@pytest.mark.parametrize(
    "name", ["sops/a\nend\nb.txt", "sops/a\n:100644 100644", "records/end\n", "sops/\nend\n/QM-009-x.md", "sops/\tx"]
)
def test_a_line_end_in_a_name_deceives_no_reader_of_gits_answer(tmp_path: Path, name: str) -> None:
    p = approved()
    p.commit("w.writer", {name: "x"})
    p.commit("q.manager", {DOC: document(version="1.1")})
    p.approve("QM-001")
    a = audit(p, tmp_path, is_bare=True)
    assert in_force(a) == "1.0"
