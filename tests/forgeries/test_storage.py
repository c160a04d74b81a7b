"""How and where a repository is kept bends nothing: worktrees, settings, borrowed and broken stores, odd encodings."""

from __future__ import annotations

from pathlib import Path

import pytest
from forgeries.court import DOC, approved, audit, git, in_force, missing, obstacles, raw_commit, stopped
from programme import Programme, document, email

from qmdoc.errors import QmdocError

DIRECTOR, UNKNOWN = "not independent: Medical Director wrote this version", "somebody unknown"


def configured(folder: Path, setting: str, value: str) -> None:
    """A line in the repository's own settings."""
    section, _, rest = setting.partition(".")
    named, _, last = rest.rpartition(".")
    with (folder / ".git/config").open("a") as config:
        named = f' "{named}"' if named else ""
        config.write(f"[{section}{named}]\n\t{last} = {value}\n")


# Where it lies


@pytest.mark.parametrize(
    "made",
    [
        ("worktree", "add", "-q", "-b", "copy", "../r", "main"),
        ("worktree", "add", "-q", "--detach", "../r", "main"),
        ("clone", "-q", ".", "../r"),
        ("clone", "-q", "--bare", ".", "../r"),
        ("clone", "-q", "--mirror", ".", "../r"),
        ("clone", "-q", "--separate-git-dir=../elsewhere", ".", "../r"),
    ],
    ids=" ".join,
)
def test_every_way_to_hold_a_history_gives_the_same_answer(tmp_path: Path, made: tuple[str, ...]) -> None:
    p = approved()
    p.commit("m.director", {DOC: document(version="1.1")})
    plain = audit(p, tmp_path / "plain").register.ledger
    git(p.repository(tmp_path / "whole"), *made)
    assert audit(p, tmp_path).register.ledger == plain
    assert plain.tip == p.tips["main"]


def test_a_worktree_s_own_settings_bend_nothing(tmp_path: Path) -> None:
    p = approved()
    whole = p.repository(tmp_path / "whole")
    git(whole, "worktree", "add", "-q", "-b", "copy", "../r", "main")
    plain = audit(p, tmp_path).register.ledger
    configured(whole, "extensions.worktreeConfig", "true")
    own = whole / ".git/worktrees/r/config.worktree"
    own.write_text(f"[core]\n\tfsmonitor = touch {tmp_path}/ran\n\tuseReplaceRefs = true\n\tsparseCheckout = true\n")
    git(whole, "replace", "main~1", "main~2")
    assert audit(p, tmp_path).register.ledger == plain
    assert not (tmp_path / "ran").exists()


def test_a_worktree_of_another_branch_is_that_branch(tmp_path: Path) -> None:
    p = approved()
    p.branch("draft")
    p.commit("w.writer", {DOC: document(version="1.1")}, branch="draft")
    git(p.repository(tmp_path / "whole"), "worktree", "add", "-q", "../r", "draft")
    assert missing(audit(p, tmp_path)) == ["quality-manager approval 0/1", "medical-director approval 0/1"]


# What its settings say; what a setting runs would leave {mark}

SETTINGS = {
    "core.ignoreCase": ("true", "false"), "core.precomposeUnicode": ("true",), "core.quotePath": ("true", "false"), "core.abbrev": ("4", "no"), "core.symlinks": ("false",),
    "core.autocrlf": ("true", "input"), "core.eol": ("crlf",), "core.safecrlf": ("true",), "core.hooksPath": ("{folder}",), "core.fsmonitor": ("touch {mark}", "true"),
    "core.sshCommand": ("touch {mark}",), "core.attributesFile": ("{folder}/attributes",), "core.alternateRefsCommand": ("touch {mark}",), "core.alternateRefsPrefixes": ("refs/x",),
    "core.gitProxy": ("touch {mark}",), "core.askPass": ("touch {mark}",), "core.editor": ("touch {mark}",), "core.pager": ("touch {mark}",), "core.commitGraph": ("true",),
    "core.useReplaceRefs": ("true",), "core.multiPackIndex": ("false",), "core.bigFileThreshold": ("1",), "core.deltaBaseCacheLimit": ("1",), "core.packedGitWindowSize": ("1",),
    "core.fileMode": ("false",), "core.sparseCheckout": ("true",), "core.untrackedCache": ("true",), "core.splitIndex": ("true",), "core.notesRef": ("refs/heads/main",),
    "core.warnAmbiguousRefs": ("true",), "core.protectNTFS": ("false",), "core.logAllRefUpdates": ("always",), "core.excludesFile": ("/dev/zero",), "core.commentChar": ("Q",),
    "diff.external": ("touch {mark}",), "diff.renames": ("copies",), "diff.renameLimit": ("1",), "diff.orderFile": ("{folder}/order",), "diff.relative": ("true",), "diff.noprefix": ("true",),
    "diff.mnemonicPrefix": ("true",), "diff.ignoreSubmodules": ("all",), "diff.submodule": ("log",), "diff.algorithm": ("patience",), "diff.wsErrorHighlight": ("all",), "diff.interHunkContext": ("9",),
    "diff.markdown.textconv": ("touch {mark}",), "diff.markdown.command": ("touch {mark}",), "diff.autoRefreshIndex": ("true",), "diff.suppressBlankEmpty": ("true",),
    "log.showSignature": ("true",), "log.mailmap": ("true",), "log.follow": ("true",), "log.showRoot": ("false",), "log.diffMerges": ("first-parent", "separate"), "log.decorate": ("full",),
    "log.date": ("relative", "format:%"), "log.abbrevCommit": ("true",), "log.excludeDecoration": ("*",), "i18n.commitEncoding": ("UTF-16", "UTF-7"), "i18n.logOutputEncoding": ("UTF-16", "EBCDIC-US"),
    "gpg.program": ("touch {mark}",), "gpg.ssh.program": ("touch {mark}",), "gpg.format": ("x509",), "gpg.ssh.defaultKeyCommand": ("touch {mark}",), "mailmap.blob": ("main:.mailmap",),
    "mailmap.file": ("{folder}/mailmap",), "filter.evil.smudge": ("touch {mark}",), "filter.evil.process": ("touch {mark}",), "merge.evil.driver": ("touch {mark}",), "transfer.hideRefs": ("refs/heads",),
    "uploadpack.packObjectsHook": ("touch {mark}",), "remote.origin.promisor": ("true",), "remote.origin.url": ("ext::touch {mark}",), "protocol.allow": ("always",), "protocol.ext.allow": ("always",),
    "trace2.normalTarget": ("{mark}",), "trace2.eventTarget": ("{mark}",), "pager.rev-list": ("touch {mark}",), "alias.rev-list": ("!touch {mark}",), "alias.cat-file": ("!touch {mark}",),
    "credential.helper": ("!touch {mark}",), "feature.experimental": ("true",), "feature.manyFiles": ("true",), "pack.threads": ("1",), "pack.packSizeLimit": ("1",), "index.sparse": ("true",),
    "status.showUntrackedFiles": ("no",), "submodule.recurse": ("true",), "grep.fallbackToNoIndex": ("true",), "color.ui": ("always",), "column.ui": ("always",), "tar.x.command": ("touch {mark}",),
    "safe.directory": ("*", ""), "safe.bareRepository": ("explicit",), "user.useConfigOnly": ("true",), "qmdoc.trustRoot": ("HEAD",), "url.ext::touch {mark}.insteadOf": ("https://",), "gc.auto": ("1",),
    "maintenance.auto": ("true",), "include.path": ("{folder}/more",), "includeIf.gitdir:**.path": ("{folder}/more",), "advice.detachedHead": ("true",), "init.defaultObjectFormat": ("sha256",),
    "clone.rejectShallow": ("false",), "fsck.skipList": ("/dev/zero",), "http.proxy": ("ext::touch {mark}",), "sendemail.smtpserver": ("touch {mark}",), "interactive.diffFilter": ("touch {mark}",),
}  # fmt: skip


@pytest.mark.parametrize("section", sorted({setting.partition(".")[0] for setting in SETTINGS}))
def test_no_setting_of_the_repository_bends_the_answer_or_runs_anything(tmp_path: Path, section: str) -> None:
    p = approved()
    p.commit("w.writer", {".gitattributes": "* diff=markdown filter=evil merge=evil\n", ".mailmap": f"Q <{email('q.manager')}> <{email('w.writer')}>\n"})  # fmt: skip
    p.commit("m.director", {DOC: document(version="1.1")})
    folder, mark = p.repository(tmp_path / "r"), tmp_path / "ran"
    for name, text in (("order", "*.zzz\n"), ("attributes", "* diff=markdown\n"), ("more", f"[core]\n\tfsmonitor = touch {mark}\n[log]\n\tshowRoot = false\n"), ("mailmap", f"Q <{email('q.manager')}> <{email('w.writer')}>\n")):  # fmt: skip
        (tmp_path / name).write_text(text)
    for hook in ("fsmonitor-watchman", "post-index-change", "reference-transaction"):
        (tmp_path / hook).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (tmp_path / hook).chmod(0o755)
    own = (folder / ".git/config").read_text()
    plain = audit(p, tmp_path).register.ledger
    for setting in (each for each in SETTINGS if each.partition(".")[0] == section):
        for value in SETTINGS[setting]:
            (folder / ".git/config").write_text(own)
            configured(folder, setting.format(mark=mark), value.format(mark=mark, folder=tmp_path))
            assert audit(p, tmp_path).register.ledger == plain, (setting, value)
            assert not mark.exists(), (setting, value)


@pytest.mark.parametrize("above", ["", "..", "../.."])
def test_a_work_tree_that_lies_above_the_repository_hides_no_author(tmp_path: Path, above: str) -> None:
    """git takes `sops/` for a folder below where it stands; seen from above that is another, and nobody edited anything."""
    p = approved()
    p.commit("m.director", {DOC: document(version="1.1")})
    p.approve("QM-001")
    configured(p.repository(tmp_path / "r"), "core.worktree", str(tmp_path / above))
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert DIRECTOR in missing(a)[0]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("core.bare", "true"),
        ("core.worktree", "{folder}"),
        ("core.worktree", "/nonexistent"),
        ("core.worktree", "\\\\"),
        ("extensions.objectFormat", "sha256"),
        ("extensions.partialClone", "origin"),
        ("extensions.noSuchThing", "true"),
        ("extensions.refStorage", "reftable"),
        ("extensions.compatObjectFormat", "sha256"),
        ("core.abbrev", "minus"),
        ("core.compression", "77"),
        ("log.date", "never"),
        ("i18n.commitEncoding", ""),
        ("diff.renames", "perhaps"),
        ("include.path", "config"),
    ],
)
def test_a_setting_that_git_itself_stumbles_over_never_makes_a_false_answer(tmp_path: Path, setting: str, value: str) -> None:  # fmt: skip
    p = approved()
    p.commit("m.director", {DOC: document(version="1.1")})
    plain = audit(p, tmp_path).register.ledger
    configured(tmp_path / "r", setting, value.format(folder=tmp_path))
    if setting.startswith("extensions."):
        git(tmp_path, "config", "--file", "r/.git/config", "core.repositoryFormatVersion", "1")
    try:
        found = audit(p, tmp_path).register.ledger
    except QmdocError:
        stopped(p, tmp_path, "git-failed", "no-repository", "history-incomplete", "object-damaged")
    else:
        assert found == plain


# Where its objects come from


def test_borrowed_objects_that_were_forged_stop_the_audit(tmp_path: Path) -> None:
    p = approved()
    whole = p.repository(tmp_path / "whole")
    git(tmp_path, "clone", "-q", "--shared", str(whole), "r")
    pack = next((whole / ".git/objects/pack").glob("*.pack"))
    content = pack.read_bytes()
    for old in (whole / ".git/objects/pack").iterdir():
        old.unlink()
    git(whole, "unpack-objects", "-q", given=content)
    blob, other = p.subject("QM-001").blob, git(whole, "hash-object", "-w", "--stdin", given=document(body="Evil.\n").encode())  # fmt: skip
    place, forged = (whole / ".git/objects" / each[:2] / each[2:] for each in (blob, other))
    place.chmod(0o644)
    place.write_bytes(forged.read_bytes())
    stopped(p, tmp_path, "object-damaged", "git-failed")


@pytest.mark.parametrize("lines", ["/nonexistent\n", "../objects\n", "/dev/zero\n", "#\n\n", '"\\q'])
def test_an_odd_list_of_lenders_changes_nothing(tmp_path: Path, lines: str) -> None:
    p = approved()
    (p.repository(tmp_path / "r") / ".git/objects/info/alternates").write_text(lines)
    assert in_force(audit(p, tmp_path)) == "1.0"


@pytest.mark.parametrize("kind", ["commit", "tree", "blob"])
def test_a_replaced_object_of_any_kind_has_no_effect(tmp_path: Path, kind: str) -> None:
    p = approved()
    p.commit("m.director", {DOC: document(version="1.1", body="## Purpose\n\nOther.\n")})
    folder = p.repository(tmp_path / "r")
    plain = audit(p, tmp_path).register.ledger
    new, old = {"commit": ("main", "main~1"), "tree": ("main^{tree}", "main~1^{tree}"), "blob": (f"main:{DOC}", f"main~1:{DOC}")}[kind]  # fmt: skip
    git(folder, "replace", git(folder, "rev-parse", new), git(folder, "rev-parse", old))
    git(folder, "pack-refs", "--all")
    assert audit(p, tmp_path).register.ledger == plain


@pytest.mark.parametrize(
    "what", ["pack cut", "pack emptied", "pack bent", "index cut", "index of nothing", "index gone"]
)
def test_a_broken_pack_stops_the_audit(tmp_path: Path, what: str) -> None:
    p = approved()
    folder = p.repository(tmp_path / "r") / ".git/objects/pack"
    pack, index = (next(folder.glob(f"*.{kind}")) for kind in ("pack", "idx"))
    for file in (pack, index):
        file.chmod(0o644)
    content, listed = pack.read_bytes(), index.read_bytes()
    middle = len(content) // 2
    if what == "index gone":
        index.unlink()
    elif what.startswith("pack"):
        pack.write_bytes({"pack cut": content[:middle], "pack emptied": b"", "pack bent": content[:middle] + bytes(64) + content[middle + 64 :]}[what])  # fmt: skip
    else:
        index.write_bytes(listed[: len(listed) // 2] if what == "index cut" else bytes(len(listed)))
    stopped(p, tmp_path, "git-failed", "history-incomplete", "object-damaged", "no-repository", "empty-repository")


@pytest.mark.parametrize("name", ["info/commit-graph", "info/commit-graphs/commit-graph-chain", "pack/multi-pack-index", "info/packs"])  # fmt: skip
def test_junk_in_gits_own_shortcuts_changes_nothing_or_stops(tmp_path: Path, name: str) -> None:
    p = approved()
    place = p.repository(tmp_path / "r") / ".git/objects" / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"CGPH" + bytes(200))
    try:
        assert in_force(audit(p, tmp_path)) == "1.0"
    except QmdocError:
        stopped(p, tmp_path, "git-failed", "history-incomplete", "object-damaged")


# Names and letters that are not what they seem


def edited(p: Programme, author: bytes, *, extra: bytes = b"", message: bytes = b"edit\n") -> None:
    """Version 1.1 on main, by an author line of exactly these bytes."""
    blob = p.chronicle.add(b"blob", document(version="1.1").encode())
    line = b"%s %d +0000" % (author, int(p.clock.timestamp()) + 1800)
    tree = p.trees[p.tips["main"]] | {DOC: ("100644", blob)}
    raw_commit(p, tree, message, headers=b"author %s\ncommitter %s\n" % (line, line), extra=extra)
    p.approve("QM-001")


@pytest.mark.parametrize(
    ("author", "extra", "says"),
    [
        (b"M. D\xefrector <m.director@programme.example>", b"", DIRECTOR),
        (b"M. D\xefrector <m.director@programme.example>", b"encoding ISO-8859-1\n", DIRECTOR),
        (b"M <m.director@programme.example>", b"encoding UTF-16\n", DIRECTOR),
        (b"M <m.director@programme.example>", b"encoding no-such-encoding\n", DIRECTOR),
        (b"M <m.director@programme.example>", b"encoding UTF-7\nencoding UTF-8\n", DIRECTOR),
        (b"M <m.director@programme.example>", b"author W <w.writer@programme.example> 1 +0000\n", DIRECTOR),
        (b"M <+AG0-.director@programme.example>", b"encoding UTF-7\n", UNKNOWN),
        (b"M <m.director\xff@programme.example>", b"", UNKNOWN),
        (b"M <\xef\xbd\x8d.director@programme.example>", b"", UNKNOWN),
        (b"W <w.writer@programme.example>", b"encoding UTF-16\n", ""),
    ],
)
def test_no_encoding_makes_an_author_into_somebody_else(tmp_path: Path, author: bytes, extra: bytes, says: str) -> None:
    p = approved()
    edited(p, author, extra=extra)
    try:
        a = audit(p, tmp_path, is_bare=True)
    except QmdocError:
        assert says, "an honest edit never stops the audit"
        stopped(p, tmp_path, "git-failed", "object-damaged", is_bare=True)
    else:
        assert in_force(a) == ("1.0" if says else "1.1")
        assert not says or any(says in each for each in missing(a))


def test_a_co_author_in_a_message_of_another_encoding_is_still_one(tmp_path: Path) -> None:
    p = approved()
    message = "Ärger\n\nCo-authored-by: Médirecteur <m.director@programme.example>\n".encode("latin-1")
    edited(p, b"W <w.writer@programme.example>", extra=b"encoding ISO-8859-1\n", message=message)
    a = audit(p, tmp_path, is_bare=True)
    assert in_force(a) == "1.0"
    assert DIRECTOR in missing(a)[0]


@pytest.mark.parametrize("name", [b"scale\xff.txt", b"\xc3\x28.txt", b"\xed\xa0\x80.txt", b"\xf4\x90\x80\x80.txt"])
def test_an_attachment_whose_name_is_no_utf8_is_never_signed(tmp_path: Path, name: bytes) -> None:
    p = approved()
    add = p.chronicle.add
    text, other = add(b"blob", document(version="1.1").encode()), add(b"blob", b"x")
    folder = add(b"tree", b"100644 " + name + b"\0" + bytes.fromhex(other))
    rows = b"40000 QM-001\0" + bytes.fromhex(folder), b"100644 QM-001-title.md\0" + bytes.fromhex(text)
    quality = add(b"tree", rows[1] + rows[0])
    authority = git(p.repository(tmp_path / "old"), "rev-parse", "main:sops/authority")
    sops = add(b"tree", b"40000 authority\0" + bytes.fromhex(authority) + b"40000 quality\0" + bytes.fromhex(quality))
    raw_commit(p, add(b"tree", b"40000 sops\0" + bytes.fromhex(sops)))
    a = audit(p, tmp_path, is_bare=True)
    assert in_force(a) == "1.0"
    assert "deceive" in obstacles(a)


def test_a_branch_or_tag_named_like_a_commit_or_like_head_deceives_nobody(tmp_path: Path) -> None:
    p = approved()
    p.branch("evil", p.root)
    folder = p.repository(tmp_path / "r")
    plain = audit(p, tmp_path).register.ledger
    for name in (p.root, p.tips["main"], "HEAD", "main"):
        for place in ("refs/tags", "refs/heads/x", "refs/remotes"):
            target = folder / ".git" / place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(f"{p.tips['evil']}\n")
    (folder / ".git" / p.root).write_text(f"{p.tips['evil']}\n")
    assert audit(p, tmp_path).register.ledger == plain


@pytest.mark.parametrize("head", ["ref: refs/heads/../../../x\n", "ref: refs/heads/none\n", "0" * 40 + "\n", "junk\n", ""])  # fmt: skip
def test_a_head_that_names_nothing_stops_the_audit(tmp_path: Path, head: str) -> None:
    p = approved()
    (p.repository(tmp_path / "r") / ".git/HEAD").write_text(head)
    with pytest.raises(QmdocError):
        audit(p, tmp_path)
