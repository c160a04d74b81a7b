"""Whether one sign-off is accepted: the rules of SIGNOFF.md §3 in their order, the first that fails giving the code."""

from __future__ import annotations

from dataclasses import replace

from qmdoc import commits
from qmdoc.model import Assurance, Commit, day_of
from qmdoc.signing import asked, contents, form, persons, seals, times
from qmdoc.signing.authority import Key
from qmdoc.signing.portable import PortableFile
from qmdoc.signing.seals import NAMESPACE, assurance_of
from qmdoc.signing.standing import LEEWAY, Refusal, RuleFails, SignOff, Standing
from qmdoc.signing.statement import Statement

__all__ = [
    "LEEWAY",
    "NAMESPACE",
    "Refusal",
    "SignOff",
    "Standing",
    "assurance_of",
    "judge",
    "judge_portable",
    "time_refusal",
]


def judge(commit: Commit, standing: Standing, *, before_signature: bool = False) -> SignOff:
    """The sign-off that a commit with a statement makes: accepted, or refused with code, reason and remedy.

    `before_signature` leaves the signature's rules out.
    """
    sign_off = SignOff(commit.id, standing.landing, standing.day, commit.committer.moment, "", commit.author.name)
    said: Statement | None = None
    try:
        said = form.read_commit(commit, standing)
        form.prove_no_file_changed(commit, standing)
        key, assurance = _judged(commit, said, standing, is_signed=not before_signature)
        return form.with_statement(sign_off, said, standing, key=key, assurance=assurance)
    except RuleFails as refusal:
        code, explanation, fix = form.diagnosis(commit, refusal, standing)
        sign_off = (
            form.with_statement(sign_off, said, standing)
            if said
            else form.as_far_as_readable(sign_off, commits.split(commit.raw or b"").message, standing)
        )
        return sign_off._replace(code=code, explanation=explanation, fix=fix)


def judge_portable(
    file: PortableFile, commit: Commit, standing: Standing, *, before_signature: bool = False
) -> SignOff:
    """The sign-off that a portable file makes where `commit` brings it to the mainline: accepted, or refused.

    The file has no tree, no parents and no e-mail address of its own. What it signs must stand in the tree of `commit`,
    who signed it is the key's holder alone, and its time is QM-Time. It follows no commit, so that time anchors bound
    it from above only. `before_signature` leaves the signature's rules out.
    """
    sign_off = SignOff(commit.id, standing.landing, standing.day, commit.committer.moment, "", "", evidence=file.path)
    standing = standing._replace(bracket=replace(standing.bracket, not_before=None))
    said: Statement | None = None
    try:
        said = form.read_file(file, standing)
        sign_off = form.with_statement(sign_off, said, standing)._replace(time=said.time)
        key: tuple[str, Key] | None = None
        least = asked.assurance(said, standing)
        assurance = least.assurance
        if not before_signature:
            key, assurance = seals.on_file(file, least, standing)
            seals.prove_live(said.time.date(), key[1], standing)
            sign_off = sign_off._replace(key=key[1].key.fingerprint)
        persons.prove_person(said, key, said.time.date(), standing)
        persons.prove_role(said, key, persons.named_authority(said, standing), standing)
        persons.prove_assurance(assurance, least)
        contents.prove_subjects(said, standing)
        times.prove_file_time(said, standing)
        times.prove_anchored(said.time, standing)
        contents.prove_meaning(said, standing)
        return sign_off._replace(assurance=assurance)
    except RuleFails as refusal:
        if said is None:
            sign_off = form.as_far_as_readable(sign_off, file.text or b"", standing)
        return sign_off._replace(code=refusal.code, explanation=refusal.explanation, fix=refusal.fix)


def time_refusal(commit: Commit, standing: Standing) -> Refusal | None:
    """Why a commit's own time can't be; the same rules for every commit that carries an approval."""
    try:
        times.prove_possible(commit, standing)
        times.prove_anchored(commit.committer.moment, standing)
    except RuleFails as refusal:
        return Refusal(refusal.code, refusal.explanation, refusal.fix)
    return None


def _judged(commit: Commit, said: Statement, standing: Standing, *, is_signed: bool) -> tuple[str | None, Assurance]:
    """The fingerprint of the key and the assurance of a sign-off that counts. Raises RuleFails where it does not."""
    key: tuple[str, Key] | None = None
    least = asked.assurance(said, standing)
    assurance = least.assurance
    if is_signed:
        key, assurance = seals.on_commit(commit, least, standing)
    if key is not None:
        seals.prove_live(day_of(commit.committer.time), key[1], standing)
    persons.prove_signer(commit, said, key, standing)
    named = persons.named_authority(said, standing)
    if said.on_behalf:
        assurance = persons.prove_attested(said, key, named, standing)
    persons.prove_role(said, key, named, standing)
    persons.prove_assurance(assurance, least)
    contents.prove_subjects(said, standing)
    contents.prove_reviewed(said, standing)
    times.prove_commit_time(commit, said, standing)
    times.prove_anchored(commit.committer.moment, standing)
    contents.prove_meaning(said, standing)
    return (key[1].key.fingerprint if key else None), assurance
