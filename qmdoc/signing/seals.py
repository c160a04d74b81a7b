"""The signature under a sign-off: that it is good, whose key made it, in which period, and how sure that is."""

from __future__ import annotations

from datetime import date

from qmdoc import commits
from qmdoc.model import Assurance, Commit
from qmdoc.signing import portable, sshsig, times
from qmdoc.signing.asked import Asked
from qmdoc.signing.authority import Key
from qmdoc.signing.portable import PortableFile
from qmdoc.signing.standing import SIGN_AGAIN, SIGN_PORTABLE_AGAIN, RuleFails, Standing

NAMESPACE = "git"


def on_commit(commit: Commit, least: Asked, standing: Standing) -> tuple[tuple[str, Key] | None, Assurance]:
    """The key's holder and the assurance; no key where an unsigned statement is enough. `least` is what is asked of it."""
    if known := standing.verdict(commit.id):
        return _holder(known, least.assurance, standing)
    parts = commits.split(commit.raw or b"")
    signatures = parts.values(b"gpgsig") + parts.values(b"gpgsig-sha256")
    if not signatures:
        if least.assurance is Assurance.RECORDED:
            return None, Assurance.RECORDED
        raise RuleFails(
            "unsigned",
            f"it is not signed, and {least.by} asks for a signature",
            "set up a signing key and sign again with `qmdoc sign`",
        )
    armor = signatures[0] + b"\n"  # the header leaves out the armor's own last line end
    verdict = _good_signature(armor, commits.signed_bytes(commit.raw or b""), NAMESPACE)
    return _holder(verdict, least.assurance, standing)


def on_file(file: PortableFile, least: Asked, standing: Standing) -> tuple[tuple[str, Key], Assurance]:
    """As for a commit, but never without a signature: a bare file says nothing of who wrote it."""
    if file.signature is None:
        missing = f"its signature {file.path.rpartition('/')[2]}{portable.SIGNATURE} is not beside it"
        raise RuleFails("unsigned", missing, SIGN_PORTABLE_AGAIN)
    if b"\r" in file.signature:
        bent = "its signature has line ends as Windows writes them, and it counts only as it was made"
        raise RuleFails("bad-signature", bent, SIGN_PORTABLE_AGAIN)
    verdict = _good_signature(file.signature, file.text or b"", portable.NAMESPACE)
    return _holder(verdict, least.assurance, standing)


def key_on_commit(commit: Commit) -> str:
    """The fingerprint of the key, whoever's it is, that made a good signature over a commit; empty where none did."""
    parts = commits.split(commit.raw or b"")
    armor = b"".join(value + b"\n" for name in (b"gpgsig", b"gpgsig-sha256") for value in parts.values(name))
    return _key_of(armor, commits.signed_bytes(commit.raw or b""), NAMESPACE)


def key_on_file(file: PortableFile) -> str:
    """The same of a file."""
    return _key_of(file.signature or b"", file.text or b"", portable.NAMESPACE)


def _key_of(armor: bytes, payload: bytes, namespace: str) -> str:
    verdict = sshsig.verify(armor, payload, namespace=namespace)
    return verdict.key.fingerprint if isinstance(verdict, sshsig.Verified) else ""


def _good_signature(armor: bytes, payload: bytes, namespace: str) -> sshsig.Verified:
    verdict = sshsig.verify(armor, payload, namespace=namespace)
    if isinstance(verdict, sshsig.Refused):
        raise RuleFails(str(verdict.fault), verdict.reason, f"{SIGN_AGAIN} and a key that the policy allows")
    return verdict


def _holder(verdict: sshsig.Verified, least: Assurance, standing: Standing) -> tuple[tuple[str, Key], Assurance]:
    """The holder of the key that made a good signature, and the assurance; `least` is what is asked of it."""
    if (
        least is Assurance.HARDWARE
        and verdict.key.algorithm.startswith("sk-")
        and assurance_of(verdict) is not Assurance.HARDWARE
    ):
        raise RuleFails(
            "no-touch",
            "the security key was not touched, or asked for no PIN",
            "sign again with a key made with `-O verify-required`",
        )
    holder = standing.authority.key_holders.get(verdict.key.blob)
    if holder is None:
        raise RuleFails(
            "unknown-key",
            _unknown_key(verdict.key, standing),
            "have an admin list the key in people.yaml, then sign again",
        )
    return holder, assurance_of(verdict)


def _unknown_key(key: sshsig.PublicKey, standing: Standing) -> str:
    for past in reversed(standing.authorities):
        if key.blob in past.key_holders:
            return f"the key {key.fingerprint} of {past.name(past.key_holders[key.blob][0])} was taken out of the authority"
    return f"the key {key.fingerprint} belongs to nobody in the authority"


def prove_live(day: date, key: Key, standing: Standing) -> None:
    """The claimed day lies in the key's period, and time anchors don't show otherwise.

    They do where a time stamp of a later day stood on the mainline before the sign-off landed: a branch from an old
    commit could else be signed, and dated back, with a key that has ended. (A signature that waited so long is made
    again, as after a role was withdrawn.) They do too where a stamp of an earlier day than the key's first contains it.
    Later stamps never turn against a key's last signatures. Revocation goes by the landing day, whatever anchors say.
    """
    if not key.covers(day):
        raise RuleFails(
            "expired-key",
            f"the key {key.key.fingerprint} was not in its period on {day}",
            "sign again with a key that is",
        )
    if wrong := times.outside(key.from_, key.to, standing):
        raise RuleFails(
            "expired-key",
            f"the key {key.key.fingerprint} was not in its period: {wrong}",
            "sign again with a key that is",
        )
    if key.is_revoked(standing.day):
        raise RuleFails(
            "revoked-key",
            f"the key {key.key.fingerprint} is revoked since {key.revoked}",
            "sign again with another key",
        )


def assurance_of(verdict: sshsig.Verified) -> Assurance:
    """How sure a good signature by a person's own key is."""
    return Assurance.HARDWARE if verdict.touched and verdict.pin_verified else Assurance.SIGNED
