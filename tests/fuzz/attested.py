"""What comes from outside and vouches for something: time stamps, portable sign-offs, a forge's merges and its reviews.

Each reader is asked with everything around it genuine (keys, authority, text), so that only what is fuzzed can fail. What
is accepted must be the seed again in all that it says: nobody can change a signed statement into another that counts.
"""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from programme import NOW, POLICY, START, Programme, document, email, key, path, people, public
from stamping import Issuer, Tsa, root

from qmdoc import attest, commits, documents, readings
from qmdoc.chronicle import Writer
from qmdoc.controlled import Content
from qmdoc.documents import Document
from qmdoc.errors import ConfigError
from qmdoc.model import UNPRINTABLE, Commit, Version
from qmdoc.signing import acceptance, anchors, authority, forge, portable, sshsig, statement
from qmdoc.signing.acceptance import SignOff, Standing
from qmdoc.signing.anchors import Stamped
from qmdoc.signing.authority import Authority, TimeStamp
from qmdoc.signing.forge import Merged
from qmdoc.signing.portable import PortableFile
from qmdoc.signing.statement import Subject

PARTING = b"\n=====\n"
STAMPED = b"tree 0\n\nThis very commit.\n"
STAMPED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORGES = f'forges: {{gitlab: {{keys: ["{public("forge")}"]}}, gitea: {{keys: ["{public("tea")}"]}}}}\n'
APPROVERS = (b"Q. Manager <q.manager@programme.example>", b"M <m.director@programme.example>", b"<n.nurse@programme.example>")  # fmt: skip


# Time stamps


def token(data: bytes) -> None:
    """A token, or the answer that holds it."""
    found = anchors.imprint_in(data)
    assert isinstance(found, bytes) or found.reason
    verdict = anchors.verify(data, STAMPED, _trusted())
    if isinstance(verdict, Stamped):
        assert (verdict.time, verdict.authority) == (STAMPED_AT, "House TSA")
        assert found == anchors.imprint(STAMPED)
        assert not isinstance(anchors.verify(data, STAMPED + b"\n", _trusted()), Stamped)
        assert not isinstance(anchors.verify(data, STAMPED, ()), Stamped)
    else:
        assert verdict.reason
        assert not UNPRINTABLE.search(verdict.reason)
    anchors.answer_to(data, None)
    anchors.commit_of(f"{anchors.FOLDER}{data.decode('utf-8', 'replace')}")


@cache
def _root() -> Issuer:
    return root("Root of the time")


@cache
def _trusted() -> tuple[TimeStamp, ...]:
    return (TimeStamp(name="House TSA", certificate=_root().pem),)


@cache
def tokens() -> tuple[bytes, ...]:
    """An answer and a bare token, with and without certificates."""
    with tempfile.TemporaryDirectory() as folder:
        tsa = Tsa(Path(folder), _root())
        kinds = [(is_bare, has_certificates) for is_bare in (False, True) for has_certificates in (True, False)]
        return tuple(tsa.token(STAMPED, at=STAMPED_AT, is_bare=bare, has_certificates=full) for bare, full in kinds)


# Portable sign-offs


def sign_off_file(data: bytes) -> None:
    """A statement and its signature, parted by a line; the file lies where the statement says, if it says anything."""
    text, _, signature = data.partition(PARTING)
    file = PortableFile(portable.own_path(text) or f"{portable.TOP}{'0' * 12}/a.b.approval.txt", text, signature)
    row = acceptance.judge_portable(file, _tip(), _standing())
    _is_plain(row)
    if row.is_accepted:
        assert text in {each.partition(PARTING)[0] for each in sign_off_files()}
        moved = PortableFile(f"{file.path[:-4]}-copy.txt", text, signature)
        assert not acceptance.judge_portable(moved, _tip(), _standing()).is_accepted


@cache
def sign_off_files() -> tuple[bytes, ...]:
    """Two honest ones, and one by somebody without the role."""
    rows = (("q.manager", "quality-manager"), ("m.director", "medical-director"), ("w.writer", "medical-director"))
    found = []
    for who, role in rows:
        text = statement.write(_programme().statement(who, "QM-001", role=role)).encode()
        found.append(text + PARTING + sshsig.sign(key(who), text, namespace=portable.NAMESPACE))
    return tuple(found)


# A forge's merges


def approvals(data: bytes) -> None:
    """The message of a merge that a forge signed, whatever somebody got it to write."""
    for signer, word in (("forge", b"approved-by:"), ("tea", b"reviewed-by:")):
        rows = forge.judge(_merge(data, signer), (_merged(),), _standing(), lambda _, given: given)
        assert len(rows) <= 300
        for row in rows:
            _is_plain(row)
            if row.is_accepted:
                named = b"<%s>" % email(row.signer).encode()
                lines = [line for line in data.split(b"\n")[1:] if named in line.lower()]
                assert [line.lower().startswith(word) and line.lower().endswith(named) for line in lines].count(
                    True
                ) == 1
        assert len({row.signer for row in rows if row.is_accepted}) == len([row for row in rows if row.is_accepted])


def merge_messages() -> tuple[bytes, ...]:
    """What GitLab and Gitea write."""
    return tuple(
        b"Merge branch 'topic'\n\nText.\n\n" + b"".join(b"%s: %s\n" % (word, who) for who in APPROVERS) + b"\nSee !1\n"
        for word in (b"Approved-by", b"Reviewed-by")
    )


def _merge(message: bytes, signer: str) -> Commit:
    writer = Writer("Merger", email("n.nurse"), int(START.timestamp()) + 9999)
    parents = (_programme().tips["main"], _programme().root)
    raw = b"tree %s\n" % _tip().tree.encode() + b"".join(b"parent %s\n" % each.encode() for each in parents)
    who = f"{writer.name} <{writer.email}> {writer.time} +0000".encode()
    raw += b"author %s\ncommitter %s\n" % (who, who)
    armor = sshsig.sign(key(signer), raw + b"\n" + message, namespace="git")
    signed = raw + b"gpgsig " + b"\n ".join(armor.rstrip(b"\n").split(b"\n")) + b"\n\n" + message
    read = commits.parse("0" * 40, signed)
    return Commit(read.id, read.tree, read.parents, read.author, read.committer, read.co_authors, raw=signed)


# Reviews as JSON, for a bot to attest


def review(data: bytes) -> None:
    """What `qmdoc attest-forge` reads."""
    try:
        found = attest.read(data)
    except ConfigError as error:
        assert error.message
        assert len(error.message) < 2000
        assert not UNPRINTABLE.search(error.message)
        return
    assert re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", found.head)
    named = [each.email.lower() for each in found.approvals]
    assert named
    assert len(set(named)) == len(named)


def reviews() -> tuple[bytes, ...]:
    """One approver, and two."""
    one = b'{"email": "q.manager@programme.example", "role": "quality-manager"}'
    two = b'{"email": "m.director@programme.example"}'
    head = b'{"url": "https://forge.example/reviews/17", "head": "%s", "approvals": [%s]}'
    return head % (b"a" * 40, one), head % (b"b" * 64, one + b", " + two)


# What is genuine around them


@cache
def _programme() -> Programme:
    p = Programme(policy=POLICY.replace("assurance: signed", "assurance: forge") + FORGES)
    p.commit("w.writer", {path("QM-001"): document()})
    return p


@cache
def _tip() -> Commit:
    tip = _programme().tips["main"]
    return commits.parse(tip, _programme().chronicle.objects[tip][1])


@cache
def _subject() -> Subject:
    return _programme().subject("QM-001")


@cache
def _merged() -> Merged:
    return Merged(_subject(), "sop", is_reviewed=True)


@cache
def _standing() -> Standing:
    p, subject = _programme(), _subject()
    found = authority.read(p.authority_digest(), {"policy.yaml": p.policy.encode(), "people.yaml": people().encode()})
    assert isinstance(found, Authority)
    content = Content("QM-001", ((".", subject.blob),), True)
    text = documents.parse(path("QM-001"), document().encode())
    assert isinstance(text, Document)
    reading = readings.of(text, document().encode())
    return Standing(
        landing=1,
        day=START.date(),
        now=NOW,
        authorities=(found,),
        parents=(_tip(),),
        content=lambda number: content if number == "QM-001" else None,
        document=lambda number, blob: reading if (number, blob) == ("QM-001", subject.blob) else None,
        digest=lambda each: subject.digest if each == content else None,
        held=lambda number: (content,) if number == "QM-001" else (),
        effective=lambda _: None,
        approved=lambda _: frozenset(),
        earlier=lambda _: (),
        authority_digest=found.digest,
        pending=None,
        copies=lambda _block: (),
        follows=lambda _: False,
        content_at=lambda _, __: None,
        landed=lambda _: None,
    )


def _is_plain(row: SignOff) -> None:
    """Refused with words that can be shown, or accepted; never half."""
    assert row.is_accepted or (row.code and row.explanation and row.fix)
    shown = f"{row.explanation}{row.fix}{row.name}{row.signer}{row.role}"
    assert "\n" not in shown
    assert not UNPRINTABLE.search(shown)
    assert all(isinstance(each.version, Version) or each.id.startswith("@") for each in row.subjects)
