"""The statement's form: what is not exactly it is refused, and seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
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
    raw_commit,
    refused,
    sign_off,
    written,
)
from programme import Programme, document, key

from qmdoc.chronicle import Writer
from qmdoc.model import Meaning
from qmdoc.signing import sshsig, statement
from qmdoc.signing.statement import Subject


def honest(p: Programme) -> str:
    """The message of an honest approval."""
    return statement.write(p.statement("q.manager", "QM-001", role="quality-manager"))


def signed(
    p: Programme,
    message: bytes,
    *,
    headers: Callable[[bytes], bytes] = lambda head: head,
    signature: Callable[[bytes], bytes] = lambda armor: armor,
) -> str:
    """A commit with this message and q.manager's good signature; `headers` bends what is signed, `signature` what is signed with."""
    time = int(p.clock.timestamp()) + 3600
    line = f"Quality Manager <q.manager@programme.example> {time} +0000".encode()
    main = p.tips["main"]
    tree = p.chronicle.tree(p.trees[main])
    head = headers(b"tree %s\nparent %s\nauthor %s\ncommitter %s\n" % (tree.encode(), main.encode(), line, line))
    armor = sshsig.sign(key("q.manager"), head + b"\n" + message, namespace="git").rstrip(b"\n")
    made = p.chronicle.add(b"commit", head + b"gpgsig " + signature(armor).replace(b"\n", b"\n ") + b"\n\n" + message)
    p.trees[made], p.tips["main"], p.times[made] = p.trees[main], made, time
    return made


def test_control_the_same_hand_made_commit_unbent_is_accepted(tmp_path: Path) -> None:
    p = written()
    made = signed(p, honest(p).encode())
    accepted(audit(p, tmp_path), made)


BENT = {
    "I do not approve above a good block": lambda text: text.replace("I have reviewed", "I have NOT reviewed"),
    "another meaning's sentence": lambda text: text.replace(
        "and approve them for use.", "and find them fit for further use."
    ),
    "a blank after the sentence": lambda text: text.replace("for use.\n", "for use. \n"),
    "a second sentence": lambda text: text.replace("for use.\n", "for use. Or not.\n"),
    "a second line under the sentence": lambda text: text.replace("for use.\n", "for use.\nBut not QM-001.\n"),
    "a fourth paragraph": lambda text: text + "\nSigned-off-by: Q <q@x>\n",
    "a trailer in the block": lambda text: text + "Reviewed-by: Q <q@x>\n",
    "the block not last": lambda text: text.replace("\n\nQM-", "\n\nNot this.\n\nQM-") + "\nend\n",
    "two blocks": lambda text: text + "\n" + text.split("\n\n")[2],
    "a key twice": lambda text: text.replace(
        "QM-Role: quality-manager\n", "QM-Role: quality-manager\nQM-Role: quality-manager\n"
    ),
    "an unknown key": lambda text: text.replace("QM-Role:", "QM-Also: x\nQM-Role:"),
    "a folded line": lambda text: text.replace("QM-Subject: QM-001", "QM-Subject:\n QM-001"),
    "two blanks": lambda text: text.replace("QM-Role: ", "QM-Role:  "),
    "no blank": lambda text: text.replace("QM-Role: ", "QM-Role:"),
    "a blank before the colon": lambda text: text.replace("QM-Role:", "QM-Role :"),
    "a blank at the end of a line": lambda text: text.replace(
        "quality-manager\nQM-Meaning", "quality-manager \nQM-Meaning"
    ),
    "a no-break space": lambda text: text.replace("QM-Role: ", "QM-Role:\u00a0"),
    "another case": lambda text: text.replace("QM-Role", "QM-role"),
    "CR": lambda text: text.replace("\n", "\r\n"),
    "one CR": lambda text: text.replace("use.", "use.\r"),
    "NUL": lambda text: text.replace("use.", "use.\0"),
    "NUL and a second message": lambda text: text + "\0I approve nothing.\n",
    "tab": lambda text: text.replace("QM-Role: ", "QM-Role:\t"),
    "a mark that turns the direction": lambda text: text.replace("approval by", "approval\u202e by"),
    "an escape sequence": lambda text: text.replace("approval by", "approval\x1b[8m by"),
    "no end of line": lambda text: text[:-1],
    "a blank line at the end": lambda text: text + "\n",
    "an empty title": lambda text: "\n" + text,
    "a title on two lines": lambda text: text.replace("\n\n", "\nI do not.\n\n", 1),
    "the mark in the title too": lambda text: "QM-Signoff: 1\n\n" + text.split("\n\n", 1)[1],
    "version 2 of the form": lambda text: text.replace("QM-Signoff: 1", "QM-Signoff: 2"),
    "the mark not first": lambda text: text.replace(
        "QM-Signoff: 1\nQM-Signer: q.manager", "QM-Signer: q.manager\nQM-Signoff: 1"
    ),
    "a short object id": lambda text: text.replace("git:", "git:0123456 git:"),
    "capital hex": lambda text: text[: text.index("git:")] + text[text.index("git:") :].upper(),
    "an unknown meaning": lambda text: text.replace("QM-Meaning: approval", "QM-Meaning: blessing"),
    "no subject": lambda text: text[: text.index("QM-Subject")],
    "a subject twice": lambda text: text + text[text.index("QM-Subject") :],
    "a subject twice with another digest": lambda text: text + text[text.index("QM-Subject") :][:-5] + "0000\n",
    "version 01.0": lambda text: text.replace("QM-Subject: QM-001 1.0", "QM-Subject: QM-001 01.0"),
    "Unicode digits": lambda text: text.replace("QM-Subject: QM-001 1.0", "QM-Subject: QM-００1 1.0"),
    "a lookalike id": lambda text: text.replace("QM-Subject: QM-001", "QM-Subject: QМ-001"),
    "the authority beside a document": lambda text: text + f"QM-Subject: @authority sha256:{'0' * 64}\n",
    "admin signs a document": lambda text: text.replace("QM-Role: quality-manager", "QM-Role: admin"),
    "a local time": lambda text: text.replace("Z\nQM-Subject", "+00:00\nQM-Subject"),
    "a time that is none": lambda text: text.replace("QM-Time: 2026-01", "QM-Time: 2026-13"),
    "a review date in an approval": lambda text: text.replace(
        "QM-Subject", "QM-Next-Review: 2027-01-01\nQM-Subject", 1
    ),
    "an outcome in an approval": lambda text: text.replace("QM-Subject", "QM-Outcome: continue\nQM-Subject", 1),
    "a signer in capitals": lambda text: text.replace("QM-Signer: q.manager", "QM-Signer: Q.Manager"),
    "a comment line": lambda text: text.replace("QM-Role", "# hi\nQM-Role"),
    "a note key of another programme": lambda text: text.replace("QM-Role", "QM-On-Behalf: m.director\nQM-Role"),
}


@pytest.mark.parametrize("name", BENT)
def test_a_bent_statement_with_a_good_signature_is_malformed(tmp_path: Path, name: str) -> None:
    p = written()
    good = honest(p)
    bent = BENT[name](good)
    assert bent != good
    made = signed(p, bent.encode())
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    refused(a, made, "malformed")
    assert in_force(a) is None


def test_bytes_that_are_no_utf8_are_malformed(tmp_path: Path) -> None:
    p = written()

    made = signed(p, honest(p).encode().replace(b"approval by", b"approval \xff by"))
    refused(audit(p, tmp_path), made, "malformed", says="UTF-8")


@pytest.mark.parametrize(
    "spoken", [b"text\n\nQM-Signoff: 1\n", b"QM-Signoff:\n", b"QM-Signoff: 1 is what we write\n", b"a\nQM-Signoff:x"]
)
def test_the_mark_anywhere_at_the_start_of_a_line_is_seen(tmp_path: Path, spoken: bytes) -> None:
    p = written()
    made = raw_commit(p, p.trees[p.tips["main"]], spoken)
    refused(audit(p, tmp_path), made, "malformed")


def test_a_refused_statement_names_its_document_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    p = written()
    made = signed(p, BENT["an unknown key"](honest(p)).encode())
    assert [str(subject) for subject in sign_off(audit(p, tmp_path), made).subjects] == ["QM-001 1.0"]


HEADERS = {
    "encoding": lambda head: head + b"encoding ISO-8859-1\n",
    "mergetag": lambda head: head + b"mergetag object 0\n type commit\n",
    "unknown": lambda head: head + b"HG:extra x\n",
    "a second author": lambda head: head + head[head.index(b"author") : head.index(b"committer")],
    "a second committer": lambda head: head + head[head.index(b"committer") :],
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_no_sign_off_has_is_malformed(tmp_path: Path, name: str) -> None:
    p = written()
    made = signed(p, honest(p).encode(), headers=HEADERS[name])
    refused(audit(p, tmp_path), made, "malformed", says="header")


SIGNATURES = {
    "junk after the armor": lambda armor: armor + b"\njunk",
    "an empty line after the armor": lambda armor: armor + b"\n",
    "junk before the armor": lambda armor: b"x\n" + armor,
    "two signatures in one": lambda armor: armor + b"\n" + armor,
    "one line": lambda armor: armor.replace(b"\n", b""),
    "another byte": lambda armor: armor[:200] + (b"A" if armor[200:201] != b"A" else b"B") + armor[201:],
    "CRLF": lambda armor: armor.replace(b"\n", b"\r\n"),
    "PGP": lambda _: b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----",
    "nothing": lambda _: b"x",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_that_is_not_exactly_one_is_bad(tmp_path: Path, name: str) -> None:
    p = written()
    made = signed(p, honest(p).encode(), signature=SIGNATURES[name])
    refused(audit(p, tmp_path), made, "bad-signature")


@pytest.mark.parametrize("second", [b"gpgsig", b"gpgsig-sha256"])
def test_two_signatures_are_malformed(tmp_path: Path, second: bytes) -> None:
    p = written()
    made = signed(p, honest(p).encode(), signature=lambda armor: armor)
    raw = p.chronicle.objects.pop(made)[1]
    armor = raw[raw.index(b"gpgsig ") + 7 : raw.index(b"\n\n")]
    p.tips["main"] = p.chronicle.add(b"commit", raw.replace(b"\n\n", b"\n" + second + b" " + armor + b"\n\n", 1))
    refused(audit(p, tmp_path), p.tips["main"], "malformed", says="more than one signature")


@pytest.mark.parametrize("part", ["message", "tree", "parent", "time"])
def test_a_signature_over_other_bytes_is_bad(tmp_path: Path, part: str) -> None:
    p = written()
    elsewhere = p.tips["main"]
    p.commit("w.writer", {"notes.txt": "x"})
    made = signed(p, honest(p).encode())
    raw = p.chronicle.objects.pop(made)[1]
    old_tree = p.chronicle.objects[elsewhere][1][5:45]
    bent = {
        "message": raw.replace(b"approval by", b"approval for"),
        "tree": raw.replace(raw[5:45], old_tree),
        "parent": raw.replace(raw[53:93], elsewhere.encode()),
        "time": raw.replace(b" +0000\ncommitter", b" +0100\ncommitter"),
    }[part]
    assert bent != raw
    p.tips["main"] = p.chronicle.add(b"commit", bent)
    refused(audit(p, tmp_path), p.tips["main"], "changes-files" if part in ("tree", "parent") else "bad-signature")


def test_a_signature_for_another_purpose_is_refused(tmp_path: Path) -> None:
    p = written()
    message = honest(p)
    made = p.commit(
        "q.manager", message=message, sign=lambda payload: sshsig.sign(key("q.manager"), payload, namespace="file")
    )
    refused(audit(p, tmp_path), made, "wrong-namespace", says="file")


def test_a_statement_copied_onto_other_content_is_refused_as_rewritten(tmp_path: Path) -> None:
    p = written()
    first = p.sign("q.manager", "QM-001", role="quality-manager")
    p.commit("w.writer", {DOC: document(version="1.1")})
    message = p.chronicle.objects[first][1].partition(b"\n\n")[2].split(b"-----END SSH SIGNATURE-----\n\n")[-1]
    copied = raw_commit(p, p.trees[p.tips["main"]], message)
    a = audit(p, tmp_path)
    accepted(a, first)
    refused(a, copied, "rewritten", says="squash")


def test_a_whole_signed_commit_cannot_be_moved_to_another_parent(tmp_path: Path) -> None:
    p = written()
    first = p.sign("q.manager", "QM-001", role="quality-manager")
    p.commit("w.writer", {"notes.txt": "x"})
    raw = (
        p.chronicle.objects[first][1]
        .replace(p.chronicle.objects[first][1][53:93], p.tips["main"].encode())
        .replace(p.chronicle.objects[first][1][5:45], p.chronicle.objects[p.tips["main"]][1][5:45])
    )
    p.tips["main"] = p.chronicle.add(b"commit", raw)
    refused(audit(p, tmp_path), p.tips["main"], "rewritten")


def test_a_million_lines_are_malformed_and_cost_little(tmp_path: Path) -> None:
    p = written()
    long = raw_commit(p, p.trees[p.tips["main"]], honest(p).encode() + b"Co-authored-by: x\n" * 1_000_000)
    p.commit("n.nurse")
    silent = raw_commit(p, p.trees[p.tips["main"]], b"line\n" * 1_000_000)
    p.approve("QM-001")
    a = audit(p, tmp_path)
    refused(a, long, "malformed", says="1 MiB")
    assert silent not in {row.commit for row in a.register.sign_offs}
    assert in_force(a) == "1.0"


def test_an_authority_statement_names_nothing_else(tmp_path: Path) -> None:
    p = written()
    subject = p.subject("QM-001")
    both = (Subject(statement.AUTHORITY_SUBJECT, None, "", p.authority_digest()), subject)
    forged = p.sign("q.manager", role="admin", meaning=Meaning.AUTHORITY, subjects=both)
    refused(audit(p, tmp_path), forged, "malformed")


@pytest.mark.parametrize("meaning", [Meaning.WITHDRAW, Meaning.REVOKE])
def test_withdrawing_and_taking_back_need_a_reason(tmp_path: Path, meaning: Meaning) -> None:
    p = approved()
    text = statement.write(p.statement("q.manager", "QM-001", role="quality-manager", meaning=meaning))
    made = signed(p, text.replace("QM-Reason: No longer needed\n", "").encode())
    refused(audit(p, tmp_path), made, "malformed", says="QM-Reason")


def test_an_authority_that_never_was_is_refused(tmp_path: Path) -> None:
    p = written()
    forged = p.sign("q.manager", "QM-001", role="quality-manager", authority="0" * 64)
    refused(audit(p, tmp_path), forged, "unknown-authority")


def test_several_statements_racing_on_branches_all_count_once(tmp_path: Path) -> None:
    p = written()
    for name, who, role in (
        ("one", "q.manager", "quality-manager"),
        ("two", "m.director", "medical-director"),
        ("three", "d.manager", "quality-manager"),
    ):
        p.branch(name)
        p.sign(who, "QM-001", role=role, branch=name)
    p.commit("w.writer", parents=tuple(p.tips[name] for name in ("main", "one", "two", "three")), message="octopus")
    a = audit(p, tmp_path)
    accepted(a, p.tips["one"], p.tips["two"], p.tips["three"])
    assert in_force(a) == "1.0"
    assert len(a.register.state("QM-001").effective.sign_offs) == 2  # type: ignore[union-attr]


# Time


def test_a_commit_dated_before_its_parent_is_refused(tmp_path: Path) -> None:
    p = written()
    forged = p.sign("q.manager", "QM-001", role="quality-manager", at=p.clock - timedelta(minutes=6))
    a = audit(p, tmp_path)
    refused(a, forged, "time-before-parent")


def test_control_clocks_may_differ_by_five_minutes(tmp_path: Path) -> None:
    p = written()
    near = p.sign("q.manager", "QM-001", role="quality-manager", at=p.clock - timedelta(minutes=4))
    accepted(audit(p, tmp_path), near)


def test_a_date_in_the_future_is_refused_and_does_not_bar_the_next(tmp_path: Path) -> None:
    p = written()
    ahead = p.sign("q.manager", "QM-001", role="quality-manager", at=day("2031-01-01"))
    p.clock = day("2026-03-01")
    p.approve("QM-001")
    a = audit(p, tmp_path)
    refused(a, ahead, "time-in-future")
    assert in_force(a) == "1.0"
    assert "time-in-future" in irregularities(a)
    assert a.register.state("QM-001").effective.day.isoformat() == "2026-03-01"  # type: ignore[union-attr]


@pytest.mark.parametrize("bent", ["author", "committer", "said"])
def test_the_time_said_and_the_time_of_the_commit_must_agree(tmp_path: Path, bent: str) -> None:
    p = written()
    at = p.clock + timedelta(hours=1)
    message = honest(p)
    if bent == "said":
        message = message.replace("QM-Time: 2026-01-05T", "QM-Time: 2026-01-04T")
    late = Writer(
        "Quality Manager", "q.manager@programme.example", int(at.timestamp()) + (7200 if bent == "committer" else 0)
    )
    early = Writer(
        "Quality Manager", "q.manager@programme.example", int(at.timestamp()) - (864000 if bent == "author" else 0)
    )
    made = p.sign("q.manager", "QM-001", role="quality-manager", at=at, message=message, committer=late, author=early)
    a = audit(p, tmp_path)
    if bent == "author":
        accepted(a, made)
    else:
        refused(a, made, "time-mismatch")


@pytest.mark.parametrize(
    "stamp",
    [
        "-1 +0000",
        "0 -0000",
        "99999999999999999 +0000",
        "9" * 40 + " +0000",
        "1767600000 +9999",
        "1767600000 +051800",
        "00001767600000 +0000",
    ],
)
def test_an_odd_time_of_an_edit_is_read_or_named_but_never_stops_the_audit(tmp_path: Path, stamp: str) -> None:
    p = written()
    line = f"Procedure Writer <w.writer@programme.example> {stamp}".encode()
    raw_commit(p, p.trees[p.tips["main"]], headers=b"author %s\ncommitter %s\n" % (line, line))
    p.approve("QM-001")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert ("time-in-future" in irregularities(a)) == (stamp.startswith("999"))
