"""The repository itself lies: grafts, replace refs, shallow and partial clones, overwritten objects, hostile settings, real rewrites."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from forgeries.court import (
    DOC,
    PATH,
    PEOPLE_FILE,
    approved,
    audit,
    git,
    in_force,
    irregularities,
    missing,
    raw_commit,
    refused,
    sign_off,
    stopped,
    written,
)
from programme import NOW, PEOPLE, Programme, document, email, entry, key, path, people

from qmdoc.chronicle import Writer
from qmdoc.errors import QmdocError, TrustRootInvalid
from qmdoc.signing import statement

HERE = Path(__file__).resolve()


def loose(folder: Path, name: str) -> Path:
    """A loose object's file, the pack unpacked."""
    place = folder / ".git/objects" / name[:2] / name[2:]
    if not place.exists():
        packs = list((folder / ".git/objects/pack").glob("*.pack"))
        content = [pack.read_bytes() for pack in packs]
        for old in (folder / ".git/objects/pack").iterdir():
            old.unlink()
        for pack in content:
            git(folder, "unpack-objects", "-q", given=pack)
    return place


def overwrite(folder: Path, name: str, kind: bytes, content: bytes) -> None:
    """Puts other content under an object's name; git hands it out without a word."""
    place = loose(folder, name)
    place.chmod(0o644)
    place.write_bytes(zlib.compress(b"%s %d\0" % (kind, len(content)) + content))


def tree_of(p: Programme, commit: str) -> str:
    return p.chronicle.objects[commit][1][5:45].decode()


def test_a_graft_that_cuts_history_is_incomplete(tmp_path: Path) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    middle = p.trees and git(folder, "rev-parse", "main~1")
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/grafts").write_text(f"{middle}\n")
    stopped(p, tmp_path, "history-incomplete")


def test_a_graft_that_joins_other_history_changes_nothing(tmp_path: Path) -> None:
    p = approved()
    evil = p.commit("q.manager", {DOC: document(version="9.0")}, branch="evil", parents=())
    folder = p.repository(tmp_path / "r")
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/grafts").write_text(f"{p.tips['main']} {git(folder, 'rev-parse', 'main~1')} {evil}\n")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert evil not in {row.commit for row in a.register.ledger.landings}


def test_replace_refs_have_no_effect(tmp_path: Path) -> None:
    p = approved()
    forged = p.commit("w.writer", {DOC: document(body="## Purpose\n\nEvil.\n")}, branch="evil", parents=(p.root,))
    folder = p.repository(tmp_path / "r")
    git(folder, "replace", p.tips["main"], forged)
    git(folder, "replace", p.subject("QM-001").blob, p.subject("QM-001", branch="evil").blob)
    a = audit(p, tmp_path)
    assert a.register.ledger.tip == p.tips["main"]
    assert "Text." in a.register.state("QM-001").text.body  # type: ignore[union-attr]


def test_a_forged_commit_graph_has_no_effect(tmp_path: Path) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    git(folder, "commit-graph", "write", "--reachable")
    graph = folder / ".git/objects/info/commit-graph"
    graph.chmod(0o644)
    graph.write_bytes(graph.read_bytes().replace(bytes.fromhex(git(folder, "rev-parse", "main~2")), b"\xff" * 20))
    assert in_force(audit(p, tmp_path)) == "1.0"


@pytest.mark.parametrize("trust_root", ["root", None])
def test_a_shallow_clone_is_incomplete_whatever_is_trusted(tmp_path: Path, trust_root: str | None) -> None:
    """Without a pinned root the first commit of the copy must not become one: it holds whatever was pushed last."""
    p = approved()
    p.commit(
        "mallory",
        {
            PEOPLE_FILE: people(
                {"mallory": entry("mallory", "Mallory", ["quality-manager", "medical-director", "admin"])}
            )
        },
    )
    p.repository(tmp_path / "whole")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path}/whole", "r")
    stopped(p, tmp_path, "history-incomplete", trust_root=trust_root)


def test_control_a_clone_that_reaches_back_to_the_pinned_root_is_enough(tmp_path: Path) -> None:
    p = Programme()
    for number in range(3):
        p.commit("w.writer", {"notes.txt": str(number)})
    p.root = p.tips["main"]
    p.commit("w.writer", {DOC: document()})
    p.approve("QM-001")
    p.repository(tmp_path / "whole")
    git(tmp_path, "clone", "-q", "--depth=4", f"file://{tmp_path}/whole", "r")
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_a_hand_written_shallow_file_is_incomplete(tmp_path: Path) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    (folder / ".git/shallow").write_text(git(folder, "rev-parse", "main~1") + "\n")
    stopped(p, tmp_path, "history-incomplete")
    stopped(p, tmp_path, "history-incomplete", trust_root=None)


@pytest.mark.parametrize("wanted", ["blob:none", "tree:0"])
def test_a_partial_clone_is_incomplete_and_runs_nothing_of_the_repositorys(tmp_path: Path, wanted: str) -> None:
    p = approved()
    p.repository(tmp_path / "whole")
    git(tmp_path / "whole", "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", f"--filter={wanted}", f"file://{tmp_path}/whole", "r")
    script = tmp_path / "evil"
    script.write_text(f'#!/bin/sh\ntouch {tmp_path}/ran\nexec git-upload-pack "$@"\n')
    script.chmod(0o755)
    git(tmp_path / "r", "config", "remote.origin.uploadpack", str(script))
    stopped(p, tmp_path, "history-incomplete")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("which", ["commit", "root tree", "sops tree", "quality tree", "approved text", "authority"])
def test_an_overwritten_loose_object_stops_the_audit(tmp_path: Path, which: str) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    tip = p.tips["main"]
    names = {
        "commit": git(folder, "rev-parse", "main~1"), "root tree": tree_of(p, tip), "sops tree": git(folder, "rev-parse", "main:sops"),
        "quality tree": git(folder, "rev-parse", "main:sops/quality"), "approved text": p.subject("QM-001").blob, "authority": git(folder, "rev-parse", f"main:{PEOPLE_FILE}"),
    }  # fmt: skip
    kind, content = p.chronicle.objects[names[which]]
    forged = {b"blob": content.replace(b"Text.", b"Evil.").replace(b"Ward Nurse", b"Evil Nurse"), b"tree": content.replace(b"sops", b"sopz").replace(b"title", b"tidle").replace(b"quality", b"qualitz"),
              b"commit": content.replace(b"approval by", b"approval of")}[kind]  # fmt: skip
    assert forged != content
    overwrite(folder, names[which], kind, forged)
    stopped(p, tmp_path, "object-damaged")


@pytest.mark.parametrize("which", ["", "sops", "sops/quality"])
def test_an_overwritten_tree_on_a_side_branch_hides_no_author(tmp_path: Path, which: str) -> None:
    p = approved()
    p.branch("side")
    p.commit("m.director", {DOC: document(version="1.1")}, branch="side")
    p.commit("n.nurse", {path("QM-002"): document("QM-002"), "sops/notes.txt": "x", "notes.txt": "x"})
    p.merge("w.writer", "side")
    p.approve("QM-001")
    folder = p.repository(tmp_path / "r")
    honest, forged = git(folder, "rev-parse", f"side:{which}", f"side~1:{which}").split()
    overwrite(folder, honest, b"tree", p.chronicle.objects[forged][1])
    stopped(p, tmp_path, "object-damaged", "git-failed")


@pytest.mark.parametrize("which", ["commit", "tree", "blob"])
def test_a_missing_or_garbled_object_stops_the_audit_in_plain_words(tmp_path: Path, which: str) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    name = {
        "commit": git(folder, "rev-parse", "main~1"),
        "tree": git(folder, "rev-parse", "main:sops/quality"),
        "blob": p.subject("QM-001").blob,
    }[which]
    place = loose(folder, name)
    place.chmod(0o644)
    place.write_bytes(b"garbage")
    stopped(p, tmp_path, "git-failed", "history-incomplete", "object-damaged")
    place.unlink()
    stopped(p, tmp_path, "history-incomplete")


@pytest.mark.parametrize(
    "bent",
    [
        "parent after the committer",
        "no author",
        "no committer",
        "tree folded",
        "tree twice",
        "no e-mail",
        "no blank line",
    ],
)
def test_a_commit_that_two_tools_would_read_differently_stops_the_audit(tmp_path: Path, bent: str) -> None:
    p = approved()
    main = p.tips["main"]
    stamp = b"W <w.writer@programme.example> 1767800000 +0000\n"
    tree, parent, author, committer = (
        b"tree %s\n" % tree_of(p, main).encode(),
        b"parent %s\n" % main.encode(),
        b"author " + stamp,
        b"committer " + stamp,
    )
    raw = {
        "parent after the committer": tree + author + committer + parent + b"\nx\n",
        "no author": tree + parent + committer + b"\nx\n",
        "no committer": tree + parent + author + b"\nx\n",
        "tree folded": tree + b" " + tree[5:] + parent + author + committer + b"\nx\n",
        "tree twice": tree + tree + parent + author + committer + b"\nx\n",
        "no e-mail": tree + parent + b"author W 1767800000 +0000\n" + committer + b"\nx\n",
        "no blank line": tree + parent + author + committer[:-1],
    }[bent]
    p.tips["main"] = p.chronicle.add(b"commit", raw)
    p.trees[p.tips["main"]] = p.trees[main]
    stopped(p, tmp_path, "git-failed", "history-incomplete", "no-repository", "object-damaged", is_bare=True)


HOSTILE = {
    "GIT_DIR": "/nonexistent", "GIT_WORK_TREE": "/", "GIT_OBJECT_DIRECTORY": "/nonexistent", "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nonexistent", "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.useReplaceRefs", "GIT_CONFIG_VALUE_0": "true", "GIT_CONFIG_PARAMETERS": "'core.bare'='true'", "GIT_GRAFT_FILE": "/tmp/x", "GIT_SHALLOW_FILE": "/dev/zero",
    "GIT_NAMESPACE": "evil", "GIT_REPLACE_REF_BASE": "refs/heads", "GIT_EXEC_PATH": "/nonexistent", "GIT_CEILING_DIRECTORIES": "/", "GIT_INDEX_FILE": "/x", "GIT_DEFAULT_HASH": "sha256",
    "GIT_ICASE_PATHSPECS": "1", "GIT_EXTERNAL_DIFF": "false", "GIT_DIFF_OPTS": "-u0", "GIT_PAGER": "false", "LANG": "de_DE.UTF-8", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati",
}  # fmt: skip


def test_hostile_variables_bend_nothing(tmp_path: Path) -> None:
    p = approved()
    trace = {
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_TRACE2": str(tmp_path / "trace"),
        "GIT_SSH_COMMAND": f"touch {tmp_path}/trace",
    }
    plain = audit(p, tmp_path)
    bent = audit(p, tmp_path, environment=PATH | HOSTILE | trace)
    assert bent == plain
    assert not (tmp_path / "trace").exists()


HOSTILE_CONFIG = """
[core]
\tuseReplaceRefs = true
\tcommitGraph = true
\tfsmonitor = touch {mark}
\thooksPath = {evil}
\tpager = touch {mark}
\tsshCommand = touch {mark}
\tquotePath = true
\tattributesFile = {evil}/attributes
\tabbrev = 4
[diff]
\torderFile = {evil}/order
\texternal = touch {mark}
\tignoreSubmodules = all
\trenames = copies
\trelative = true
\tnoprefix = true
\tinterHunkContext = 9
[alias]
\trev-list = !touch {mark}
[color]
\tui = always
[log]
\tmailmap = true
[user]
\tname = Mallory
[qmdoc]
\ttrustRoot = {root}
[safe]
\tdirectory = *
"""


def test_the_repositorys_own_settings_bend_nothing_and_run_nothing(tmp_path: Path) -> None:
    p = approved()
    p.commit(
        "w.writer",
        {
            ".gitattributes": "* diff=evil filter=evil -text\n",
            ".mailmap": f"Q <{email('q.manager')}> <{email('w.writer')}>\n",
        },
    )
    plain = audit(p, tmp_path)
    with (tmp_path / "r/.git/config").open("a") as config:
        config.write(HOSTILE_CONFIG.format(mark=tmp_path / "ran", evil=tmp_path, root=p.tips["main"]))
        config.write(
            f'[diff "evil"]\n\ttextconv = touch {tmp_path}/ran\n\tcommand = touch {tmp_path}/ran\n[filter "evil"]\n\tclean = touch {tmp_path}/ran\n\tsmudge = touch {tmp_path}/ran\n'
        )
    (tmp_path / "order").write_text("*.zzz\n")
    assert audit(p, tmp_path) == plain
    assert audit(p, tmp_path, trust_root=None).register.ledger.trust_root == p.root
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "setting",
    [
        "core.worktree=/nonexistent",
        "core.repositoryformatversion=99",
        "extensions.worktreeConfig=maybe",
        "core.bare=perhaps",
        "include.path=/proc/self/mem",
    ],
)
def test_a_broken_setting_answers_truly_or_stops_in_plain_words(tmp_path: Path, setting: str) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    name, _, value = setting.partition("=")
    section, _, last = name.rpartition(".")
    with (folder / ".git/config").open("a") as config:
        config.write(f"[{section}]\n\t{last} = {value}\n")
    try:
        assert in_force(audit(p, tmp_path)) == "1.0"
    except QmdocError:
        stopped(p, tmp_path, "git-failed", "no-repository")


def test_a_mailmap_makes_nobody_into_somebody_else(tmp_path: Path) -> None:
    p = approved()
    p.commit(
        "q.manager",
        {DOC: document(version="1.1"), ".mailmap": f"Procedure Writer <{email('w.writer')}> <{email('q.manager')}>\n"},
    )
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert "Quality Manager wrote" in missing(a)[0]


def test_a_smudge_filter_shows_the_reader_another_text_and_the_audit_says_so(tmp_path: Path) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    (folder / DOC).write_text(document(body="## Purpose\n\nWhat the filter wrote.\n"))
    a = audit(p, tmp_path)
    assert "Text." in a.register.state("QM-001").text.body  # type: ignore[union-attr]
    assert [(row.path, row.difference) for row in a.register.work_tree] == [(DOC, "changed and not committed")]


def test_control_objects_borrowed_from_another_repository_are_as_good(tmp_path: Path) -> None:
    p = approved()
    p.repository(tmp_path / "whole")
    git(tmp_path, "clone", "-q", "--shared", str(tmp_path / "whole"), "r")
    assert in_force(audit(p, tmp_path)) == "1.0"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_anothers_repository_is_read_only_where_the_user_says_so(tmp_path: Path) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    for place in (folder, folder / ".git"):
        os.chown(place, 12345, 12345)
    git(folder, "config", "--file", str(folder / ".git/config"), "safe.directory", "*")
    stopped(p, tmp_path, "git-failed", says="belongs to another user")
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {folder}\n")
    assert in_force(audit(p, tmp_path, environment=PATH | {"HOME": str(tmp_path)})) == "1.0"


# Real rewrites, with stock git


def branch_signed(tmp_path: Path) -> tuple[Programme, Path]:
    """A branch with a new version and two sign-offs, and a main that moved on."""
    p = approved()
    p.branch("side")
    p.commit("w.writer", {DOC: document(version="1.1")}, branch="side")
    p.approve("QM-001", branch="side")
    p.commit("n.nurse", {"notes.txt": "x"})
    return p, p.repository(tmp_path / "r")


def codes(p: Programme, tmp_path: Path) -> list[str | None]:
    """The codes of all sign-offs but the first two, and version 1.0 still in force."""
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    return [row.code for row in a.register.sign_offs[2:]]


def test_control_a_real_merge_keeps_the_sign_offs(tmp_path: Path) -> None:
    p, folder = branch_signed(tmp_path)
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "side", GIT_COMMITTER_DATE="2026-02-01T00:00:00Z")
    assert in_force(audit(p, tmp_path)) == "1.1"


def test_a_real_rebase_breaks_the_sign_offs_and_says_so(tmp_path: Path) -> None:
    p, folder = branch_signed(tmp_path)
    git(folder, "checkout", "-q", "side")
    git(folder, "rebase", "-q", "--keep-empty", "main", GIT_COMMITTER_DATE="2026-02-01T00:00:00Z")
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "--ff-only", "side")
    git(folder, "branch", "-q", "-D", "side")
    assert set(codes(p, tmp_path)) <= {"rewritten", "unsigned"}
    assert len(codes(p, tmp_path)) == 2
    for row in (row for row in audit(p, tmp_path).register.sign_offs if not row.is_accepted):
        assert "by a rebase" in row.explanation and "sign again" in row.fix and "without squash or rebase" in row.fix
        assert "signing key" not in row.fix, "they have one"


def test_a_real_cherry_pick_breaks_the_sign_off_and_says_so(tmp_path: Path) -> None:
    p, folder = branch_signed(tmp_path)
    git(
        folder,
        "cherry-pick",
        "--allow-empty",
        "--keep-redundant-commits",
        "main..side",
        GIT_COMMITTER_DATE="2026-02-01T00:00:00Z",
    )
    assert set(codes(p, tmp_path)) <= {"rewritten", "unsigned"}
    assert missing(audit(p, tmp_path))


def test_a_real_squash_brings_nothing_into_force(tmp_path: Path) -> None:
    p, folder = branch_signed(tmp_path)
    git(folder, "merge", "-q", "--squash", "side")
    git(folder, "commit", "-q", "--no-edit", GIT_COMMITTER_DATE="2026-02-01T00:00:00Z")
    assert codes(p, tmp_path) == []
    assert len(missing(audit(p, tmp_path))) == 2


def test_a_forges_squash_is_refused_as_rewritten(tmp_path: Path) -> None:
    p = approved()
    p.branch("side")
    p.commit("w.writer", {DOC: document(version="1.1")}, branch="side")
    said = [
        statement.write(p.statement(who, "QM-001", role=role, branch="side"))
        for who, role in (("q.manager", "quality-manager"), ("m.director", "medical-director"))
    ]
    p.approve("QM-001", branch="side")
    squashed = p.commit(
        "w.writer",
        {DOC: document(version="1.1")},
        message="New version (#7)\n\n" + "\n".join(f"* {each}" for each in said),
    )
    p.commit("w.writer", {"x": "x"}, parents=(squashed, p.tips["side"]))
    del p.tips["side"]
    a = audit(p, tmp_path)
    assert sign_off(a, squashed).code in ("rewritten", "malformed")


def test_a_squash_that_leaves_several_sign_offs_in_one_message_says_so(tmp_path: Path) -> None:
    p = approved()
    p.branch("side")
    p.commit("w.writer", {DOC: document(version="1.1")}, branch="side")
    p.approve("QM-001", branch="side")
    said = [p.chronicle.objects[each][1].partition(b"\n\n")[2].decode() for each in (p.tips["side"],) * 2]
    squashed = p.commit("w.writer", {DOC: document(version="1.1")}, message="New version (#7)\n\n" + "\n".join(said))
    a = audit(p, tmp_path)
    refused(a, squashed, "malformed", says="several sign-offs in one, as a squash leaves them")
    assert "without squash or rebase" in sign_off(a, squashed).fix
    assert [str(each) for each in sign_off(a, squashed).subjects] == ["QM-001 1.1"]


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_control_stock_git_signs_what_the_audit_accepts(tmp_path: Path, kind: str) -> None:
    p = written()
    folder = tmp_path / "r"
    subprocess.run(["git", "init", "-q", "-b", "main", f"--object-format={kind}", str(folder)], check=True)
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    place = tmp_path / "key"
    for name, (_, blob) in p.trees[p.tips["main"]].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(p.chronicle.objects[blob][1])
    git(folder, "add", ".")
    git(
        folder,
        "commit",
        "-q",
        "-m",
        "root",
        GIT_AUTHOR_DATE="2026-02-01T00:00:00Z",
        GIT_COMMITTER_DATE="2026-02-01T00:00:00Z",
    )
    root = git(folder, "rev-parse", "HEAD")
    for who, role in (("q.manager", "quality-manager"), ("m.director", "medical-director")):
        place.write_bytes(key(who).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        place.chmod(0o600)
        said = statement.write(p.statement(who, "QM-001", role=role)).replace(
            p.subject("QM-001").blob, git(folder, "rev-parse", f"HEAD:{DOC}")
        )
        said = "\n".join(
            "QM-Time: 2026-02-01T01:00:00Z" if line.startswith("QM-Time") else line for line in said.split("\n")
        )
        me = {
            f"GIT_{each}_{what}": value
            for each in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", PEOPLE[who][0]), ("EMAIL", email(who)), ("DATE", "2026-02-01T01:00:00Z"))
        }
        git(
            folder,
            "-c",
            "gpg.format=ssh",
            "-c",
            f"user.signingKey={place}",
            "commit",
            "-q",
            "-S",
            "--allow-empty",
            "-F",
            "-",
            given=said.encode(),
            **me,
        )
    assert in_force(audit(p, tmp_path, trust_root=root)) == "1.0"


# The shape of history


def test_the_second_parent_made_mainline_is_noticed_by_who_kept_the_last_commit(tmp_path: Path) -> None:
    p = approved()
    p.branch("side", p.root)
    p.commit("w.writer", {"notes.txt": "x"}, branch="side")
    last = p.tips["main"]
    p.commit("w.writer", {"notes.txt": "x", DOC: document()}, parents=(p.tips["side"], last), message="foxtrot")
    assert audit(p, tmp_path, descends_from=last).register.lost_tip == last
    assert audit(p, tmp_path, descends_from=p.root).register.lost_tip is None


@pytest.mark.parametrize("kept", ["", "main", "{tip:.12}", "{tip}0"])
def test_what_is_no_full_id_is_asked_for_again_and_neither_found_nor_missed(tmp_path: Path, kept: str) -> None:
    p = approved()
    with pytest.raises(TrustRootInvalid, match="no full commit id"):
        audit(p, tmp_path, descends_from=kept.format(tip=p.tips["main"]))


def test_a_trust_root_off_this_mainline_is_refused(tmp_path: Path) -> None:
    p = approved()
    p.branch("side", p.root)
    aside = p.commit("w.writer", {"notes.txt": "x"}, branch="side")
    p.merge("w.writer", "side")
    stopped(p, tmp_path, "trust-root-invalid", trust_root=aside, says="mainline")


def test_unrelated_history_in_its_place_is_refused(tmp_path: Path) -> None:
    p = approved()
    other = Programme(people=people({"q.manager": entry("q.manager", "Mallory", ["quality-manager", "admin"])}))
    other.root = p.root
    stopped(other, tmp_path, "trust-root-invalid")


def test_a_sign_off_commit_may_be_the_trust_root_even_of_a_shallow_copy(tmp_path: Path) -> None:
    p = approved()
    p.root = p.tips["main"]
    p.commit("w.writer", {"notes.txt": "x"})
    p.repository(tmp_path / "whole")
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{tmp_path}/whole", "r")
    assert in_force(audit(p, tmp_path)) is None


def test_an_empty_repository_and_no_repository_stop_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    stopped(Programme(), tmp_path, "no-repository")
    git(tmp_path / "r", "init", "-q")
    stopped(Programme(), tmp_path, "no-repository")


@pytest.mark.parametrize("mode", ["120000", "160000", "100644"])
def test_something_else_in_place_of_sops_ends_nothing(tmp_path: Path, mode: str) -> None:
    p = approved()
    blob = p.chronicle.add(b"blob", b"elsewhere")
    raw_commit(p, {"sops": (mode, blob if mode != "160000" else "f" * 40)})
    a = audit(p, tmp_path, is_bare=True)
    assert in_force(a) == "1.0"
    assert a.register.ledger.pending is not None


def test_empty_commits_and_a_thousand_merges_change_nothing(tmp_path: Path) -> None:
    p = approved()
    for _ in range(300):
        p.commit("n.nurse")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert irregularities(a) == set()


# Cost


def test_an_audit_starts_at_most_three_processes(tmp_path: Path) -> None:
    p = Programme()
    for number in range(1, 30):
        p.commit("w.writer", {path(f"QM-{number:03}"): document(f"QM-{number:03}")})
        p.approve(f"QM-{number:03}")
    p.repository(tmp_path / "r")
    (tmp_path / "bin").mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    wrapper = tmp_path / "bin/git"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/count\nexec {real} "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    a = audit(p, tmp_path, goes_on=False, environment={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"})
    assert len(a.register.in_force) == 29
    assert len((tmp_path / "count").read_text().splitlines()) <= 3


MEASURE = """
import resource, sys
from datetime import datetime
from pathlib import Path
from qmdoc import audit
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
a = audit.audit(audit.Request(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), {"PATH": sys.argv[3]}, trust_root=sys.argv[4]))
state = a.register.state("QM-001")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, state.effective.version)
"""


def test_a_huge_file_outside_sops_is_never_read(tmp_path: Path) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r")
    with (folder / "film.bin").open("wb") as film:
        film.truncate(200 * 1024 * 1024)
    git(folder, "-c", "core.bigFileThreshold=1m", "-c", "core.compression=1", "add", "film.bin")
    git(folder, "commit", "-q", "-m", "film", GIT_COMMITTER_DATE="2026-02-01T00:00:00Z")
    with (folder / DOC).open("ab") as text:
        text.truncate(200 * 1024 * 1024)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder), NOW.isoformat(), os.environ["PATH"], p.root],
        cwd=HERE.parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    grown, version = done.stdout.split()
    assert version == "1.0"
    assert int(grown) < 100 * 1024, "KiB"


def test_a_document_over_a_mebibyte_is_unreadable_and_stops_nothing(tmp_path: Path) -> None:
    p = approved()
    p.commit("w.writer", {DOC: document(version="1.1", body="x" * (1024 * 1024))})
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert a.register.sign_offs[-1].code == "subject-mismatch"


def test_a_document_over_64_mebibytes_is_unreadable_and_stops_nothing(tmp_path: Path) -> None:
    p = approved()
    p.commit("w.writer", {DOC: b"---\n" + bytes(65 * 1024 * 1024)})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"


def test_a_document_of_a_hundred_thousand_keys_costs_little(tmp_path: Path) -> None:
    p = approved()
    p.commit("w.writer", {DOC: "---\n" + "".join(f"a{number}: 1\n" for number in range(60_000)) + "---\n"})
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_writers_of_odd_bytes_stop_nothing(tmp_path: Path) -> None:
    p = approved()
    time = int(p.clock.timestamp()) + 3600
    p.commit(
        "w.writer",
        {"a.txt": "x"},
        author=Writer("\u202eevil\x07", "a b@c", time),
        committer=Writer("", "", time),
        message="\x00\x1b[2J\nCo-authored-by: \x00\n",
    )
    assert in_force(audit(p, tmp_path)) == "1.0"
