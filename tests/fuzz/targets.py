"""What is fuzzed: a reader, what must be true of its answer, and bytes to begin from.

A reader may raise what its docstring names, and nothing else; every input is answered within two seconds. The seeds are
the starter library's own files and what tests/programme.py writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from programme import POLICY, START, Programme, document, key, path, people

from fuzz import attested
from qmdoc import commits, documents, markup, oscal, standards, strict_yaml
from qmdoc.documents import Document, Unreadable
from qmdoc.model import DOCUMENT_ID, UNPRINTABLE, Version
from qmdoc.records import staff
from qmdoc.signing import authority, sshsig, statement
from qmdoc.signing.authority import Authority, UnreadableAuthority
from qmdoc.signing.sshsig import Verified
from qmdoc.signing.statement import Statement
from qmdoc.standards import Catalogue, UnreadableStandard

SOPS = Path(__file__).parents[2] / "sops"
SECONDS = 2.0  # for one input
SIGNED = b"These very bytes.\n"
TOKENS = (
    b"\n\n", b"\n", b"\r\n", b"\r", b"\0", b"\t", b"  ", b": ", b"- ", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\xff", b"QM-Signoff: 1\n", b"QM-Subject: ", b"QM-",
    b"gpgsig ", b"parent ", b"author ", b" <a@b.example> 1 +0000", b"Co-authored-by: ", b"&a ", b"*a", b"!!python/object:x ", b"<<: ", b"[[[[", b"{{{{", b"? ", b"|\n", b"'", b'"', b"---\n", b"...\n",
    b"```{raw} html\n", b"<script>", b"<!--", b"[a](javascript:b)", b"[a]: ", b"> ", b"|a|b|\n|-|-|\n", b"*_*_", b"$$\n", b"\\", b"1.10", b"012", b"99999999999999999999", b"0000-00-00", b"{figure} a.png\n", b":::{note}\n",
    b"Approved-by: ", b"Reviewed-by: A <", b"@programme.example>", b"\n=====\n", b"-----BEGIN SSH SIGNATURE-----\n", b'{"', b'": ', b"[[[[[[[[", b"\\u202e", b"1e999", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80", b"\xa0\x82",
)  # fmt: skip


OSCAL = b"""{"catalog": {"uuid": "u", "metadata": {"title": "Rules", "version": "1", "links": [{"href": "https://e.org", "rel": "canonical"}]},
"groups": [{"id": "g", "title": "Group", "controls": [{"id": "g.1", "class": "rule", "title": "Rule", "props": [{"name": "label", "value": "1"}],
"parts": [{"name": "statement", "prose": "Do it.", "parts": [{"name": "item", "prose": "Now."}]}]}]}]}}
"""


@dataclass(frozen=True)
class Target:
    """A reader under fuzz."""

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], tuple[bytes, ...]]
    most: int = 16 * 1024  # bytes of one input


def _statement(data: bytes) -> None:
    said = statement.parse(data)
    statement.block(data)
    if isinstance(said, Statement):
        assert statement.parse(statement.write(said).encode()) == said
        assert data.decode().count("\n\n") == 2
        assert not UNPRINTABLE.search(data.decode())
    else:
        assert said.problem


def _signature(data: bytes) -> None:
    verdict = sshsig.verify(data, SIGNED, namespace="git")
    if isinstance(verdict, Verified):
        for other in (SIGNED + b"\n", SIGNED[:-1], b"", SIGNED.swapcase()):
            assert not isinstance(sshsig.verify(data, other, namespace="git"), Verified)
        assert not isinstance(sshsig.verify(data, SIGNED, namespace="file"), Verified)
        assert data.removesuffix(b"\n") + b"\n" in _armors(), "a signature has one spelling, but for the last line end"
    else:
        assert verdict.reason


def _key(data: bytes) -> None:
    found = sshsig.public_key(data.decode("utf-8", "replace"))
    if found is not None:
        assert sshsig.public_key(found.text) == found
        assert found.fingerprint.startswith("SHA256:")
        sshsig.weakness(found)


def _commit(data: bytes) -> None:
    number = "0" * 40
    try:
        found = commits.parse(number, data)
    except commits.NotACommit:
        return
    bare = commits.signed_bytes(data)
    assert commits.signed_bytes(bare) == bare
    again = commits.parse(number, bare)
    assert (again.tree, again.parents, again.author, again.committer, again.co_authors) == (
        found.tree,
        found.parents,
        found.author,
        found.committer,
        found.co_authors,
    )
    assert not again.is_signed
    assert found.author.moment.tzinfo and found.committer.moment.tzinfo
    assert not any("A" <= letter <= "Z" for letter in found.author.email + found.committer.email)


def _document(data: bytes) -> None:
    place = path("QM-001")
    found = documents.parse(place, data)
    assert all(fault.line >= 1 and fault.message and fault.fix for fault in found.faults)
    if isinstance(found, Document):
        assert place.rpartition("/")[2].startswith(f"{found.id}-")
        assert Version.parse(str(found.version)) == found.version
        assert DOCUMENT_ID.fullmatch(found.id)
        assert not UNPRINTABLE.search(found.body)
        assert found.body_line >= 3
    else:
        assert isinstance(found, Unreadable)
        assert found.faults


def _standard(data: bytes) -> None:
    _is_whole(standards.read("sops/standards/aabb-ct-12.yaml", data))


def _oscal(data: bytes) -> None:
    found = oscal.read("sops/standards/aabb-ct-12.json", data)
    _is_whole(found)
    if isinstance(found, UnreadableStandard):
        assert len(found.faults) == 1 and found.faults[0].message.encode()


def _is_whole(found: Catalogue | UnreadableStandard) -> None:
    if isinstance(found, Catalogue):
        assert found.id == "aabb-ct-12"
        assert found.clauses
        assert len({clause.id for clause in found.clauses}) == len(found.clauses)
    else:
        assert found.faults


def _authority(data: bytes) -> None:
    policy, parting, rest = data.partition(b"\n=====\n")
    found = authority.read(
        "0" * 64,
        {"policy.yaml": policy, "people.yaml": rest}
        if parting
        else {"policy.yaml": POLICY.encode(), "people.yaml": data},
    )
    if isinstance(found, Authority):
        assert found.people
        assert found.policy.authority_quorum >= 1
        assert all(
            any(seat.role in person.roles for person in found.people.values())
            for seats in found.policy.sign_off.values()
            for seat in seats
        )
        addresses = [email for person in found.people.values() for email in set(person.emails)]
        assert len(addresses) == len(set(addresses))
        assert all(address.isascii() and address == address.lower() for address in addresses)
        assert not authority.problems_of_succession((found,), found)
    else:
        assert isinstance(found, UnreadableAuthority)
        assert found.faults


def _markup(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = markup.read(text)
    safe = markup.neutralised(text)
    assert not markup.read(safe).unsafe
    assert markup.neutralised(safe) == safe
    assert found.unsafe or safe == text
    assert len(safe) <= 20 * len(text) + 1000


def _staff(data: bytes) -> None:
    found = staff.parse(data)
    assert len({member.id for member in found.members}) == len(found.members)
    assert all(member.name and not UNPRINTABLE.search(member.name) for member in found.members)
    assert all(fault.line >= 1 for fault in found.faults)


def _yaml(data: bytes) -> None:
    try:
        node = strict_yaml.read(data.decode("utf-8", "replace"))
    except strict_yaml.NotReadable as error:
        assert error.fault.line >= 1
        return
    strict_yaml.plain(node)
    list(strict_yaml.repeated_keys(node))


@cache
def _programme() -> Programme:
    p = Programme()
    p.commit(
        "w.writer",
        {path("QM-001"): document("QM-001"), path("QM-002"): document("QM-002", effective_date="2026-03-01")},
    )
    p.approve("QM-001", "QM-002")
    p.branch("side")
    p.commit(
        "w.writer",
        {path("QM-001"): document("QM-001", "1.1")},
        branch="side",
        message="edit\n\nCo-authored-by: N <n.nurse@programme.example>\n",
    )
    p.merge("d.manager", "side")
    return p


def _objects(kind: bytes) -> tuple[bytes, ...]:
    return tuple(content for each, content in _programme().chronicle.objects.values() if each == kind)


def _messages() -> tuple[bytes, ...]:
    return tuple(raw.partition(b"\n\n")[2] for raw in _objects(b"commit") if b"QM-Signoff" in raw)


@cache
def _armors() -> tuple[bytes, ...]:
    return tuple(
        sshsig.sign(key(who), SIGNED, namespace="git", hash_algorithm=how)
        for who in ("q.manager", "m.director")
        for how in ("sha256", "sha512")
    )


def _files(pattern: str) -> tuple[bytes, ...]:
    return tuple(file.read_bytes() for file in sorted(SOPS.rglob(pattern)))


def _bodies() -> tuple[bytes, ...]:
    found = (documents.parse(str(file), file.read_bytes()) for file in sorted(SOPS.rglob("*.md")))
    return tuple(each.body.encode() for each in found if isinstance(each, Document))


def _own() -> tuple[bytes, ...]:
    return (
        document("QM-001").encode(),
        document(
            "QM-001",
            "2.1",
            effective_date="2026-03-01",
            supersedes="[OLD-004]",
            training="{roles: [nurse], within: 30}",
        ).encode(),
    )


TARGETS = (
    Target("statement", _statement, _messages),
    Target("signature", _signature, _armors),
    Target("key", _key, lambda: tuple(key(who).public_key().public_bytes_raw() for who in ("a",)) + tuple(line.encode() for line in people().split('"') if line.startswith("ssh-"))),
    Target("commit", _commit, lambda: _objects(b"commit")),
    Target("document", _document, lambda: (*_own(), *(each.replace(b"QM-002", b"QM-001") for each in _files("QM-002*.md")))),
    Target("standard", _standard, lambda: tuple(b"\n".join(each.split(b"\n")[:60]) + b"\n" for each in _files("aabb-ct-12.yaml"))),
    Target("oscal", _oscal, lambda: (OSCAL,)),
    Target("authority", _authority, lambda: (people().encode(), f"{POLICY}\n=====\n{people()}".encode())),
    Target("markup", _markup, lambda: (*_bodies(), *TOKENS), most=4096),
    Target("staff", _staff, lambda: (f"id,name,email,roles,sites,from,to\nn.nurse,N. Nurse,n@x.example,ward-nurse;rn,main,{START.date()},\n".encode(),)),
    Target("token", attested.token, attested.tokens),
    Target("portable", attested.sign_off_file, attested.sign_off_files),
    Target("approvals", attested.approvals, attested.merge_messages),
    Target("review", attested.review, attested.reviews),
    Target("yaml", _yaml, lambda: (people().encode(), POLICY.encode(), *_own())),
)  # fmt: skip


def target(name: str) -> Target:
    """The target of that name."""
    return next(each for each in TARGETS if each.name == name)
