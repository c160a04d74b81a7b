"""How an inspector checks the binder with `sha256sum`, `git` and `ssh-keygen` alone, and what no step of it proves."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from qmdoc.ledger import Approval, AuthorityPeriod, Ledger
from qmdoc.register import Register
from qmdoc.signing import portable
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.authority import Key, Person
from qmdoc.signing.sshsig import PublicKey

_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9.-]+")
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Step:
    """Something to type, what must come out, and what that proves."""

    title: str
    commands: tuple[str, ...]
    expect: str
    proves: str


@dataclass(frozen=True, slots=True)
class Example:
    """A signature of this very binder on which the steps are shown, and its signer as allowed_signers names them."""

    approval: Approval
    sign_off: SignOff
    principal: str
    folder: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Life:
    """A key's last entry in an authority, whose it is, and the day on which an authority without it came into force."""

    person: str
    entry: Person
    key: Key
    removed: date | None

    @property
    def last_day(self) -> date | None:
        """The last day on which its signatures are taken."""
        revoked = self.key.revoked - timedelta(days=1) if self.key.revoked else None
        return min((day for day in (self.key.to, revoked, self.removed) if day), default=None)


@dataclass(frozen=True, slots=True)
class _ForgeLife:
    """A forge's key, under which name the policy last listed it, and the day on which one without it came into force."""

    forge: str
    key: PublicKey
    removed: date | None


def allowed_signers(ledger: Ledger) -> str:
    """Every key that an authority on this mainline has listed, as ssh-keygen(1) reads it under ALLOWED SIGNERS.

    Keys that were taken out since are kept up to that day, so that what they signed before can still be checked. Days
    are UTC and inclusive; the Z after a time needs OpenSSH 9.1. A forge's key stands under `forge:` and its name in the
    policy; where it is a bot's with an entry of its own, under the bot's addresses alone, with the bot's period.
    """
    lives = _lives(ledger.authorities)
    forges = [line for life in _forge_lives(ledger.authorities) for line in _forge_lines(life, lives)]
    heading = (
        "# who could sign with which key, and when (UTC), by the authority of this programme",
        "# the times need OpenSSH 9.1 or later (2022)",
    )
    people = [line for life in lives for line in _lines(life)]
    return "\n".join([*heading, *people, *(_OF_FORGES if forges else ()), *forges]) + "\n"


_OF_FORGES = (
    "# keys of forges: no person holds them. A forge signs merges with them, and attests there who approved",
    "# (assurance `forge`); `qmdoc` counts such a merge only where it landed while the key was listed",
)


def example(register: Register, files: Mapping[tuple[str, str], Mapping[str, str]]) -> Example | None:
    """The first approval of a document in force that is signed with a key still in its period; None: there is none.

    `files` has, for each number and version, the path in the binder of each name that the digest is made of.
    """
    usable = {life.key.key.fingerprint: life for life in _lives(register.ledger.authorities)}
    for state in register.in_force:
        for sign_off in state.effective.sign_offs if state.effective else ():
            life = None if sign_off.attested_by else usable.get(sign_off.key or "")
            if state.effective and life and (life.last_day is None or sign_off.time.date() <= life.last_day):
                version = str(state.effective.version)
                folder, names = f"documents/{state.id}/{version}", files[state.id, version]
                return Example(state.effective, sign_off, _principals(life)[0], folder, names)
    return None


def steps(register: Register, shown: Example | None) -> tuple[Step, ...]:
    """What to type, in order, in one and the same terminal."""
    signature = _signature(register, shown) if shown else ()
    return (*_whole(register), *signature, *_time_stamp(register.ledger))


def time_stamp_certificates(ledger: Ledger) -> str:
    """The certificates of every time-stamping authority that an authority on this mainline has listed, as PEM."""
    listed = [each.certificate.strip() for period in ledger.authorities for each in period.authority.policy.time_stamps]
    return "".join(f"{text}\n" for text in dict.fromkeys(listed))


def not_proved(register: Register) -> tuple[str, ...]:
    """What neither these steps nor qmdoc can prove (SIGNOFF.md §9)."""
    rows = [
        _time_of_signing(register.ledger),
        "That nobody else had a signer's key before it was reported lost and revoked, or that a person typed a passphrase or touched a security key, except where the assurance says `hardware`.",
        "Who typed an edit: a commit that edits a document carries a name that its writer chose, unless the commit itself is signed. The signatures say who approved the result.",
        "That two people see the same history. A server can show each another one. Compare the commit of this binder with the one that an earlier binder or manual names: "
        f"the earlier one must be among the ancestors of {register.ledger.tip or 'this one'}.",
        "That a document under a new number is not another's text; and that the people of a quorum did not act together against the rules.",
        "That what was done agrees with what is written. A tool supports a quality system; only a configured and validated system with its procedures can meet a regulation.",
    ]
    if any(each.evidence for each in register.sign_offs):
        rows.insert(
            1,
            "When a sign-off that is a file was signed, beyond this: before it landed, and not before what it signs had landed in an earlier step. A file follows no commit.",
        )
    if not register.ledger.is_pinned:
        rows.insert(
            0,
            f"That the authority is the right one: its first commit ({register.ledger.trust_root}) was taken from the repository itself, because nobody gave qmdoc the trust root from outside.",
        )
    return tuple(rows)


def _time_of_signing(ledger: Ledger) -> str:
    said = "That a signature was made on the day it claims. The signer's computer writes the time. "
    if not ledger.anchors:
        return (
            f"{said}A signature can't be older than the commit that it follows, but without time stamps of a third party it can have been made later and "
            "dated back to just after that commit. This history holds no such time stamps."
        )
    stamps = (
        "1 time stamp of a third party"
        if len(ledger.anchors) == 1
        else f"{len(ledger.anchors)} time stamps of third parties"
    )
    return (
        f"{said}The {stamps} in this history bound it: what a stamped commit contains was made before its stamp, and what follows the commit that holds the "
        "stamp was made after it; a signature that claims otherwise was refused. Between the last stamp that it follows and the first that contains it, its time is "
        "the signer's word; a branch that began before a stamp follows only the stamps before it."
    )


def text(title: str, steps: tuple[Step, ...], limits: tuple[str, ...]) -> str:
    """The steps for a terminal: commands stand behind a `$`, everything else is prose."""
    lines = [title, "=" * min(len(title), _WIDTH), "", *_wrapped(PREFACE), ""]
    for number, step in enumerate(steps, 1):
        lines += [f"{number}. {step.title}", "", *(f"   $ {command}" for command in step.commands), ""]
        lines += [*_wrapped(f"You should see: {step.expect}", "   "), *_wrapped(f"It proves: {step.proves}", "   "), ""]
    lines += ["What nothing here proves", "------------------------", ""]
    return "\n".join([*lines, *(line for limit in limits for line in _wrapped(limit, "  ", first="- "))]) + "\n"


PREFACE = (
    "You need sha256sum, git and ssh-keygen (OpenSSH 9.1 or later): most Linux systems have them, and so has Git Bash for Windows. On a Mac, write `shasum -a 256` for sha256sum. "
    "Begin in the folder of the binder that holds bagit.txt, and type the commands in one terminal, in this order."
)


def _whole(register: Register) -> tuple[Step, ...]:
    tip = register.ledger.tip
    checked = Step(
        "Is the binder as it was written?",
        ("sha256sum --check --quiet tagmanifest-sha256.txt", "sha256sum --check --quiet manifest-sha256.txt"),
        "nothing. A file that was changed or is missing is named.",
        "no file of the binder has changed since its manifest was written. It does not prove who wrote the manifest; the signatures below do not depend on it. "
        "(A file whose name holds a percent sign is written %25 in the manifest and is reported as missing.)",
    )
    if not tip:
        return (checked,)
    cloned = Step(
        "Does the history open, and does it hold the commit of this binder?",
        ('BINDER="$PWD/data"', 'WORK="$(mktemp -d)"', 'git -c advice.detachedHead=false clone --quiet "$BINDER/history.bundle" "$WORK/history"', 'cd "$WORK/history"',
         "git fsck --full --no-dangling", f"git log -1 --format='%H %cI' {tip}", f"git log --first-parent --format='%h %cs %an: %s' {tip} | head -20"),
        f"no complaint, then {tip} with its date, then the latest steps of the programme's history, newest first.",
        "the history is whole: each commit names its content and its predecessor by hash, so nothing before this commit can be changed without changing its name.",
    )  # fmt: skip
    return (checked, cloned)


def _signature(register: Register, shown: Example) -> tuple[Step, ...]:
    approval, sign_off = shown.approval, shown.sign_off
    landing = register.ledger.landings[sign_off.landing]
    what = f"{approval.id} {approval.version}"
    return (
        *(_in_files(shown, what) if sign_off.evidence else _in_a_commit(shown, what)),
        Step(
            f"Is the {what} in this binder what they signed?",
            (f'cd "$BINDER/{shown.folder}"', *_digest(shown.names)),
            f"{approval.digest}",
            "the files beside this page are, byte for byte, what the statement names. The digest of a document is the SHA-256 over one line for each of its files, `<sha256> <name>`, "
            "sorted; the text itself is called `.`, an attachment by its path below the folder of the document's number.",
        ),
        Step(
            "Is that also what the history holds?",
            ('cd "$WORK/history"', f"git cat-file blob {approval.content.blob} | sha256sum", f'sha256sum < "$BINDER/{shown.folder}/"{shlex.quote(shown.names["."])}'),
            "the same checksum twice.",
            "the approved text is part of the history that was cloned in step 2.",
        ),
        Step(
            "When did it land?",
            (f"git rev-list --first-parent {register.ledger.tip} | grep -x {landing.commit}",
             f"git merge-base --is-ancestor {sign_off.commit} {landing.commit} && ! git merge-base --is-ancestor {sign_off.commit} {landing.commit}^ && echo 'landed there'"),
            f"the commit {landing.commit} of the main line (landing day {landing.day}), and `landed there`.",
            "the signature counts in this history from that commit on. For any other sign-off, take its commit from sign-offs.csv and repeat steps 3 and 4.",
        ),
    )  # fmt: skip


def _in_a_commit(shown: Example, what: str) -> tuple[Step, ...]:
    approval, sign_off = shown.approval, shown.sign_off
    return (
        Step(
            f"Is the signature of {sign_off.name} under {what} good?",
            (f'git -c gpg.ssh.allowedSignersFile="$BINDER/allowed_signers" verify-commit {sign_off.commit}',),
            f'Good "git" signature for … with … key {sign_off.key}',
            "the holder of this key signed exactly this commit, and the key was in its period at the time that the commit claims. That the key is this person's is what the authority says "
            "(sops/authority/people.yaml in the history): ask the person for their fingerprint.",
        ),
        Step(
            "What did they sign?",
            (f"git cat-file commit {sign_off.commit}", f"git rev-parse {sign_off.commit}^{{tree}} {sign_off.commit}^^{{tree}}"),
            f"the statement with the meaning of the signature, and the line `QM-Subject: {what} git:{approval.content.blob} sha256:{approval.digest}`; then the same tree twice.",
            "the signature stands under this statement and this digest, and the commit that carries it changes no file.",
        ),
    )  # fmt: skip


def _in_files(shown: Example, what: str) -> tuple[Step, ...]:
    """A portable sign-off: the statement is a file of the history, its signature another."""
    approval, sign_off = shown.approval, shown.sign_off
    where = shlex.quote(f"{sign_off.commit}:{sign_off.evidence}")
    signature = shlex.quote(f"{sign_off.commit}:{sign_off.evidence}{portable.SIGNATURE}")
    return (
        Step(
            f"Is the signature of {sign_off.name} under {what} good?",
            (f"git cat-file blob {where} > \"$WORK/statement.txt\"", f"git cat-file blob {signature} > \"$WORK/statement.sig\"",
             f'ssh-keygen -Y verify -f "$BINDER/allowed_signers" -I {shlex.quote(shown.principal)} -n {portable.NAMESPACE} -O verify-time={sign_off.time:%Y%m%d%H%M%S}Z '
             '-s "$WORK/statement.sig" < "$WORK/statement.txt"'),
            f'Good "{portable.NAMESPACE}" signature for {shown.principal} with … key {sign_off.key}',
            "the holder of this key signed exactly this statement, and the key was in its period at the time that the statement claims. That the key is this person's is what the authority says "
            "(sops/authority/people.yaml in the history): ask the person for their fingerprint.",
        ),
        Step(
            "What did they sign?",
            ('cat "$WORK/statement.txt"',),
            f"the statement with the meaning of the signature, and the line `QM-Subject: {what} git:{approval.content.blob} sha256:{approval.digest}`.",
            "the signature stands under this statement and this digest.",
        ),
    )  # fmt: skip


def _time_stamp(ledger: Ledger) -> tuple[Step, ...]:
    if not ledger.anchors:
        return ()
    last = ledger.anchors[-1]
    kind = " -token_in" if last.is_bare else ""
    certificates = '-CAfile "$BINDER/time-stamps.pem" -untrusted "$BINDER/time-stamps.pem"'
    return (
        Step(
            "Is the last time stamp genuine? (This step needs openssl.)",
            ('cd "$WORK/history"', f'git cat-file commit {last.commit} > "$WORK/stamped"',
             f'git cat-file blob {ledger.landings[last.landing].commit}:{last.path} > "$WORK/token"',
             f'openssl ts -verify -data "$WORK/stamped" -in "$WORK/token"{kind} {certificates} -attime {int(last.time.timestamp())}',
             f'openssl ts -reply -in "$WORK/token"{kind} -text | grep "Time stamp:"'),
            f"`Verification: OK`, then the time {last.time:%Y-%m-%d %H:%M:%S} UTC.",
            f"{last.authority} saw the commit {last.commit} at that time: all that it contains existed by then. The policy in the history lists the certificates in time-stamps.pem; "
            "ask the time-stamping authority whether they are its own. Every token lies in the history under records/anchors/, named by the commit that it stamps.",
        ),
    )  # fmt: skip


def _digest(names: Mapping[str, str]) -> Iterator[str]:
    """The digest by hand: one line for each file."""
    prints = [
        f"printf '%s %s\\n' \"$(sha256sum < {shlex.quote(path)} | cut -c1-64)\" {shlex.quote(name)}"
        for name, path in sorted(names.items())
    ]
    yield f"{{ {'; '.join(prints)}; }} | LC_ALL=C sort | sha256sum"


def _lives(periods: tuple[AuthorityPeriod, ...]) -> list[_Life]:
    lives: dict[bytes, _Life] = {}
    for number, period in enumerate(periods):
        listed = period.authority.key_holders
        for blob, (person, key) in listed.items():
            lives[blob] = _Life(person, period.authority.people[person], key, None)
        for blob in lives.keys() - listed.keys():
            if number and blob in periods[number - 1].authority.key_holders:
                lost = lives[blob]
                lives[blob] = _Life(lost.person, lost.entry, lost.key, period.day)
    return sorted(lives.values(), key=lambda life: (life.person, life.key.key.blob))


def _lines(life: _Life) -> Iterator[str]:
    """One line for each e-mail; an address that the file's pattern language would bend gives way to the person's id."""
    options = [f'namespaces="git,{portable.NAMESPACE}"']
    if life.key.from_:
        options.append(f'valid-after="{life.key.from_:%Y%m%d}000000Z"')
    if life.last_day:
        options.append(f'valid-before="{life.last_day:%Y%m%d}235959Z"')
    for principal in _principals(life):
        yield f"{principal} {','.join(options)} {life.key.key.text}"


def _forge_lives(periods: tuple[AuthorityPeriod, ...]) -> list[_ForgeLife]:
    lives: dict[bytes, _ForgeLife] = {}
    for period in periods:
        forges = period.authority.policy.forges
        listed = {key.blob: _ForgeLife(name, key, None) for name in sorted(forges) for key in forges[name].keys}
        gone = {blob for blob, life in lives.items() if life.removed is None} - listed.keys()
        lives |= {blob: replace(lives[blob], removed=period.day) for blob in gone} | listed
    return sorted(lives.values(), key=lambda life: (life.forge, life.key.blob))


def _forge_lines(life: _ForgeLife, people: list[_Life]) -> Iterator[str]:
    own = next((each for each in people if each.key.key.blob == life.key.blob), None)
    if own:
        yield f"# {', '.join(_principals(own))} (above) signs for the forge {life.forge}"
        return
    options = ['namespaces="git"']
    if life.removed:
        options.append(f'valid-before="{life.removed:%Y%m%d}235959Z"')
    yield f"forge:{life.forge} {','.join(options)} {life.key.text} key of the forge {life.forge}"


def _principals(life: _Life) -> list[str]:
    return [email for email in life.entry.emails if _PLAIN_EMAIL.fullmatch(email)] or [life.person]


def _wrapped(prose: str, indent: str = "", *, first: str | None = None) -> list[str]:
    start = indent if first is None else first
    return textwrap.wrap(
        prose, _WIDTH, initial_indent=start, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
