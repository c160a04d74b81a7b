"""The form of a sign-off: the headers of its commit or the place of its file, and the statement (SIGNOFF.md §2, §8)."""

from __future__ import annotations

import re

from qmdoc import commits
from qmdoc.model import Assurance, Commit
from qmdoc.signing import portable, statement
from qmdoc.signing.portable import PortableFile
from qmdoc.signing.standing import SIGN_AGAIN, SIGN_PORTABLE_AGAIN, RuleFails, SignOff, Standing
from qmdoc.signing.statement import Malformed, Statement

_PLAIN = re.compile(
    rb"tree [0-9a-f]{40}\n(?:parent [0-9a-f]{40}\n)+author [^\n]*\ncommitter [^\n]*\ngpgsig [^\n]*\n(?: [^\n]*\n)*\n"
)

_TOUCHED = ("unsigned", "bad-signature", "signer-mismatch", "time-mismatch")
_COMMITTED_AGAIN = (
    "it was committed by somebody else or later than it was written, as by a rebase, a cherry-pick or an amendment"
)
_SIGN_AND_MERGE = "have each signer sign again with `qmdoc sign`, and merge without squash or rebase"


def read_commit(commit: Commit, standing: Standing) -> Statement:
    """The statement of a commit that has a sign-off's headers and nothing else."""
    if plain := _PLAIN.match(commit.raw or b""):  # as git writes nearly all of them; the others are taken apart
        return _statement((commit.raw or b"")[plain.end() :], standing)
    parts = commits.split(commit.raw or b"")
    names = [name for name, _ in parts.headers]
    extra = [name for name in names if name != b"parent"]
    if [name for name in extra if name not in (b"gpgsig", b"gpgsig-sha256")] != [b"tree", b"author", b"committer"]:
        odd = next(
            (
                name
                for name in extra
                if extra.count(name) > 1 or name not in (b"tree", b"author", b"committer", b"gpgsig", b"gpgsig-sha256")
            ),
            b"?",
        )
        raise RuleFails(
            "malformed",
            f"the commit carries the header `{odd.decode('ascii', 'replace')}`, which no sign-off has",
            SIGN_AGAIN,
        )
    expected = b"gpgsig" if len(commit.id) == 40 else b"gpgsig-sha256"
    signatures = [name for name in names if name.startswith(b"gpgsig")]
    if signatures not in ([], [expected]):
        raise RuleFails("malformed", "the commit carries more than one signature, or one of another kind", SIGN_AGAIN)
    return _statement(parts.message, standing)


def read_file(file: PortableFile, standing: Standing) -> Statement:
    """The statement of a file that lies where its own statement says."""
    if file.problem:
        raise RuleFails("malformed", file.problem, SIGN_PORTABLE_AGAIN)
    if file.text is None:
        raise RuleFails("unsigned", "it is a signature without the statement that it signs", SIGN_PORTABLE_AGAIN)
    said = _statement(file.text, standing, fix=SIGN_PORTABLE_AGAIN)
    if said.on_behalf:
        raise RuleFails("malformed", "a bot signs commits for others, and no files", "have the person sign")
    if portable.path(said) != file.path:
        raise RuleFails(
            "malformed",
            f"it lies in another place than its statement says, which is {portable.path(said)}",
            "take the copy out; a sign-off counts for what it names, and for nothing else",
        )
    return said


def _statement(message: bytes, standing: Standing, *, fix: str = SIGN_AGAIN) -> Statement:
    said = statement.parse(message)
    if isinstance(said, Malformed):
        raise RuleFails("malformed", f"its statement is not well formed: {said.problem}", fix)
    named = next((each for each in standing.authorities if each.digest == said.authority), None)
    if named and said.sentence != named.policy.sentence(said.meaning):
        raise RuleFails("malformed", f"its second paragraph is not the policy's sentence for `{said.meaning}`", fix)
    return said


def prove_no_file_changed(commit: Commit, standing: Standing) -> None:
    """The commit has one parent, and its tree is that parent's."""
    if [parent.tree for parent in standing.parents] != [commit.tree]:
        raise RuleFails(
            "changes-files",
            "it changes files, or merges: a sign-off changes nothing",
            "commit the change first, then sign it with `qmdoc sign`",
        )


def diagnosis(commit: Commit, refusal: RuleFails, standing: Standing) -> tuple[str, str, str]:
    """`rewritten` where a squash, rebase or cherry-pick is the likelier story than a forgery; else the rule that failed.

    Where the first commit is gone for good nothing proves that story, and only the words tell of it.
    """
    rows = statement.block(commits.split(commit.raw or b"").message)
    by_forge = any(commit.committer.email in each.forge_committers for each in standing.authorities)
    if refusal.code in ("malformed", "changes-files", "unsigned", "bad-signature") and (
        any(other != commit.id for other in standing.copies(rows)) or by_forge
    ):
        why = f"this sign-off was rewritten by a squash, a rebase or a cherry-pick ({refusal.explanation})"
        return "rewritten", why, "merge without squash or rebase, or sign again with `qmdoc sign`"
    if refusal.code == "malformed" and rows.count(f"{statement.MARK} 1") > 1:
        return (
            refusal.code,
            f"it holds several sign-offs in one, as a squash leaves them ({refusal.explanation})",
            _SIGN_AND_MERGE,
        )
    if refusal.code in _TOUCHED and commit.author != commit.committer:
        return refusal.code, f"{refusal.explanation}; {_COMMITTED_AGAIN}", _SIGN_AND_MERGE
    return refusal.code, refusal.explanation, refusal.fix


def with_statement(
    sign_off: SignOff,
    said: Statement,
    standing: Standing,
    *,
    key: str | None = None,
    assurance: Assurance = Assurance.RECORDED,
) -> SignOff:
    """A sign-off with all that its statement says, and what is known of its signature."""
    return SignOff(
        commit=sign_off.commit,
        landing=sign_off.landing,
        day=sign_off.day,
        time=sign_off.time,
        evidence=sign_off.evidence,
        key=key,
        assurance=assurance,
        signer=said.person,
        name=standing.authority.name(said.person),
        attested_by=said.signer if said.on_behalf else "",
        role=said.role,
        meaning=said.meaning,
        subjects=said.subjects,
        authority=said.authority,
        next_review=said.next_review,
        outcome=said.outcome,
        reason=said.reason,
    )


def as_far_as_readable(sign_off: SignOff, message: bytes, standing: Standing) -> SignOff:
    """What a malformed statement names, so that the finding can be filed under its document and its person be asked."""
    rows = statement.block(message)
    subjects = tuple(dict.fromkeys(found for row in rows if (found := statement.subject_in(row))))
    claimed = {row.removeprefix("QM-Signer: ") for row in rows if row.startswith("QM-Signer: ")}
    person = claimed.pop() if len(claimed) == 1 else ""
    name = standing.authority.people[person].name if person in standing.authority.people else ""
    return sign_off._replace(subjects=subjects, name=sign_off.name or name)
