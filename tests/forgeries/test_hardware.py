"""One seat may ask for a security key (`assurance: hardware`) where the policy asks everybody for less (SIGNOFF.md §3, §5)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from forgeries.court import DOC, accepted, audit, in_force, missing, refused, sign_off
from programme import POLICY, Programme, document, entry, key, people, public

from qmdoc.model import Assurance, Meaning
from qmdoc.signing import authority, portable, sshsig, statement
from qmdoc.signing.authority import Authority, UnreadableAuthority

TOUCH, PIN = 0x01, 0x04
BOTH = TOUCH | PIN
SEAT = "{role: medical-director, meaning: approval, count: 1, independent: true"
DEARER = POLICY.replace(SEAT, f"{SEAT}, assurance: hardware")
TOKEN = "token"  # the seed of the director's security key


def _string(content: bytes) -> bytes:
    return len(content).to_bytes(4) + content


KIND, APPLICATION = b"sk-ssh-ed25519@openssh.com", b"ssh:"
BLOB = _string(KIND) + _string(key(TOKEN).public_key().public_bytes_raw()) + _string(APPLICATION)
LINE = f"{KIND.decode()} {base64.b64encode(BLOB).decode()}"


def token(flags: int, namespace: str = "git") -> Callable[[bytes], bytes]:
    """What a security key signs: its application, its flags and counter, and the message (PROTOCOL.u2f)."""

    def sign(payload: bytes) -> bytes:
        digest = hashlib.sha512(payload).digest()
        signed = b"SSHSIG" + b"".join(map(_string, (namespace.encode(), b"", b"sha512", digest)))
        presence = bytes([flags]) + (7).to_bytes(4)
        whole = hashlib.sha256(APPLICATION).digest() + presence + hashlib.sha256(signed).digest()
        value = _string(KIND) + _string(key(TOKEN).sign(whole)) + presence
        blob = b"SSHSIG\0\0\0\1" + b"".join(map(_string, (BLOB, namespace.encode(), b"", b"sha512", value)))
        text = base64.b64encode(blob)
        rows = b"".join(text[at : at + 70] + b"\n" for at in range(0, len(text), 70))
        return b"-----BEGIN SSH SIGNATURE-----\n" + rows + b"-----END SSH SIGNATURE-----\n"

    return sign


def director(*, policy: str = DEARER) -> Programme:
    """A programme whose medical director has a key in a file and one in a token; QM-001 written and not signed."""
    keys = f'[{{key: "{public("m.director")}"}}, {{key: "{LINE}"}}]'
    entries = {"m.director": entry("m.director", "Medical Director", ["medical-director", "admin"], keys=keys)}
    p = Programme(policy=policy, people=people(entries))
    p.commit("w.writer", {DOC: document()})
    return p


def touched(
    p: Programme, flags: int = BOTH, *, role: str = "medical-director", meaning: Meaning = Meaning.APPROVAL
) -> str:
    """The medical director's sign-off with the token."""
    said = p.statement("m.director", "QM-001", role=role, meaning=meaning)
    return p.commit("m.director", message=statement.write(said), sign=token(flags))


def plain(p: Programme) -> str:
    """The medical director's sign-off with the key in a file."""
    return p.sign("m.director", "QM-001", role="medical-director")


def manager(p: Programme) -> str:
    """The quality manager's sign-off with the key in a file."""
    return p.sign("q.manager", "QM-001", role="quality-manager")


def test_control_a_key_in_a_file_fills_one_seat_and_a_touched_key_the_other(tmp_path: Path) -> None:
    p = director()
    signed = (manager(p), touched(p))
    a = audit(p, tmp_path)
    accepted(a, *signed)
    assert [sign_off(a, each).assurance for each in signed] == [Assurance.SIGNED, Assurance.HARDWARE]
    assert in_force(a) == "1.0"


@pytest.mark.parametrize(
    ("what", "sign", "code"),
    [
        ("a key in a file", plain, "assurance-too-low"),
        ("no touch, no PIN", lambda p: touched(p, 0), "no-touch"),
        ("a touch, no PIN", lambda p: touched(p, TOUCH), "no-touch"),
        ("a PIN, no touch", lambda p: touched(p, PIN), "no-touch"),
        ("no signature", lambda p: p.sign("m.director", "QM-001", role="medical-director", unsigned=True), "unsigned"),
    ],
)
def test_less_than_the_seat_asks_for_is_refused(tmp_path: Path, what: str, sign: Callable[[Programme], str], code: str) -> None:  # fmt: skip
    p = director()
    manager(p)
    weak = sign(p)
    a = audit(p, tmp_path)
    refused(a, weak, code)
    assert in_force(a) is None, what
    assert missing(a) == ["medical-director approval 0/1"]


def test_the_words_name_the_seat_and_the_remedy(tmp_path: Path) -> None:
    p = director()
    weak = plain(p)
    row = sign_off(audit(p, tmp_path), weak)
    assert row.explanation == "it is `signed`, and the seat of `medical-director` for QM-001 1.0 asks for `hardware`"
    assert row.fix == "sign again with a security key, as the policy asks"


def test_unsigned_statements_do_for_the_others_where_the_policy_says_so(tmp_path: Path) -> None:
    p = director(policy=DEARER.replace("assurance: signed", "assurance: recorded"))
    recorded = p.sign("q.manager", "QM-001", role="quality-manager", unsigned=True)
    forged = p.sign("m.director", "QM-001", role="medical-director", unsigned=True)
    a = audit(p, tmp_path)
    accepted(a, recorded)
    refused(a, forged, "unsigned", says="the seat of `medical-director`")
    touched(p)
    assert in_force(audit(p, tmp_path / "then")) == "1.0"


def test_lowering_the_seat_later_revives_nothing(tmp_path: Path) -> None:
    p = director()
    manager(p)
    weak = plain(p)
    p.change_authority(policy=POLICY)
    a = audit(p, tmp_path)
    refused(a, weak, "assurance-too-low")
    assert in_force(a) is None
    plain(p)
    assert in_force(audit(p, tmp_path / "then")) == "1.0"


def test_a_lowered_seat_that_is_only_proposed_helps_nobody(tmp_path: Path) -> None:
    p = director()
    manager(p)
    p.commit("w.writer", {"sops/authority/policy.yaml": POLICY})
    weak = plain(p)
    refused(audit(p, tmp_path), weak, "assurance-too-low")


def test_raising_the_seat_says_why_an_earlier_signature_does_not_fill_it(tmp_path: Path) -> None:
    p = director(policy=POLICY)
    early = plain(p)
    p.change_authority(policy=DEARER)
    manager(p)
    a = audit(p, tmp_path)
    accepted(a, early)
    assert in_force(a) is None
    assert missing(a) == ["medical-director approval 0/1 (Medical Director signed with assurance “signed”, and this seat asks for “hardware”)"]  # fmt: skip


def test_raising_the_seat_leaves_what_is_in_force(tmp_path: Path) -> None:
    p = director(policy=POLICY)
    plain(p)
    manager(p)
    p.change_authority(policy=DEARER)
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_a_seat_of_the_same_role_that_asks_for_less_takes_it_and_the_dearer_one_stays_empty(tmp_path: Path) -> None:
    mixed = DEARER + "    - {role: medical-director, meaning: approval, count: 1, independent: true}\n"
    p = director(policy=mixed)
    manager(p)
    stands = plain(p)
    a = audit(p, tmp_path)
    accepted(a, stands)
    assert [each.partition(" (")[0] for each in missing(a)] == ["medical-director approval 0/1"]
    touched(p)  # one person fills one seat, whatever keys they have
    assert len(missing(audit(p, tmp_path / "then"))) == 1


def test_another_meaning_without_a_dearer_seat_needs_no_token(tmp_path: Path) -> None:
    p = director()
    review = p.sign("m.director", "QM-001", role="medical-director", meaning=Meaning.REVIEW)
    training = p.sign("m.director", "QM-001", role="medical-director", meaning=Meaning.TRAINING)
    a = audit(p, tmp_path)
    accepted(a, review)
    refused(a, training, "not-effective")  # and not for its assurance


@pytest.mark.parametrize("meaning", [Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW])
def test_who_withdraws_or_reviews_by_the_dearer_seat_needs_the_token(tmp_path: Path, meaning: Meaning) -> None:
    p = director()
    manager(p)
    touched(p)
    weak = p.sign("m.director", "QM-001", role="medical-director", meaning=meaning)
    a = audit(p, tmp_path)
    refused(a, weak, "assurance-too-low", says="hardware")
    assert in_force(a) == "1.0"
    other = p.sign("q.manager", "QM-001", role="quality-manager", meaning=meaning)
    accepted(audit(p, tmp_path / "manager"), other)


def test_a_file_needs_the_token_as_a_commit_does(tmp_path: Path) -> None:
    p = director()
    manager(p)
    said = p.statement("m.director", "QM-001", role="medical-director")
    text, place = statement.write(said).encode(), portable.path(said)
    weak = sshsig.sign(key("m.director"), text, namespace=portable.NAMESPACE)
    landed = p.commit("w.writer", {place: text, place + portable.SIGNATURE: weak})
    a = audit(p, tmp_path / "weak")
    refused(a, landed, "assurance-too-low", says="hardware")
    p.commit("w.writer", {place + portable.SIGNATURE: token(BOTH, portable.NAMESPACE)(text)})
    assert in_force(audit(p, tmp_path / "touched")) == "1.0"


FORGE = DEARER.replace("assurance: signed", "assurance: forge") + f'forges: {{gitlab: {{keys: ["{public("f.forge")}"]}}}}\n'  # fmt: skip


def test_a_forges_word_does_not_fill_the_dearer_seat(tmp_path: Path) -> None:
    p = director(policy=FORGE)
    p.branch("side")
    p.commit("w.writer", {DOC: document(body="## Purpose\n\nOther.\n")}, branch="side")
    lines = "".join(f"Approved-by: A <{who}@programme.example>\n" for who in ("q.manager", "m.director"))
    merged = p.merge("w.writer", "side", message=f"Merge\n\n{lines}", sign=lambda payload: sshsig.sign(key("f.forge"), payload, namespace="git"))  # fmt: skip
    a = audit(p, tmp_path)
    rows = {row.signer: row for row in a.register.sign_offs if row.commit == merged}
    assert {who: row.code for who, row in rows.items()} == {"q.manager": None, "m.director": "assurance-too-low"}
    assert "asks for `hardware`" in rows["m.director"].explanation
    touched(p)
    assert in_force(audit(p, tmp_path / "then")) == "1.0"


def _policy(everybody: str, seat: str) -> Authority | UnreadableAuthority:
    text = POLICY.replace("assurance: signed", f"assurance: {everybody}").replace(SEAT, f"{SEAT}, assurance: {seat}")
    return authority.read("0" * 64, {"policy.yaml": text.encode(), "people.yaml": people().encode()})


@pytest.mark.parametrize(
    ("everybody", "seat", "is_good"),
    [(least, asked, asked.rank >= least.rank) for least in Assurance for asked in Assurance],
)
def test_a_seat_never_asks_for_less_than_the_policy(everybody: Assurance, seat: Assurance, is_good: bool) -> None:
    found = _policy(everybody, seat)
    assert isinstance(found, Authority) is is_good
    if isinstance(found, UnreadableAuthority):
        ((name, fault),) = found.faults
        assert (name, fault.line) == ("policy.yaml", 12)
        assert f"less than the `{everybody}`" in fault.message
        assert fault.fix == f"write `assurance: {everybody}` or more, or leave the key out"


def test_a_laxer_seat_never_comes_into_force(tmp_path: Path) -> None:
    p = director()
    p.change_authority(policy=POLICY.replace(SEAT, f"{SEAT}, assurance: recorded"))
    ledger = audit(p, tmp_path).register.ledger
    assert len(ledger.authorities) == 1
    assert isinstance(ledger.pending.authority, UnreadableAuthority)  # type: ignore[union-attr]
