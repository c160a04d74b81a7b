"""Who signs, in which role: the person behind the key, and what the authority lets them sign, then and now."""

from __future__ import annotations

from datetime import date

from qmdoc.model import Assurance, Commit, Meaning, day_of
from qmdoc.signing import asked, times
from qmdoc.signing.asked import Asked
from qmdoc.signing.authority import Authority, Key, Person
from qmdoc.signing.standing import ATTEST_AGAIN, SIGN_AGAIN, RuleFails, Standing
from qmdoc.signing.statement import Statement, Subject


def prove_signer(commit: Commit, said: Statement, key: tuple[str, Key] | None, standing: Standing) -> None:
    """The key's holder is the signer, and both addresses of the commit are theirs."""
    person = prove_person(said, key, day_of(commit.committer.time), standing)
    for email in (commit.author.email, commit.committer.email):
        if email not in person.emails:
            if any(past.email_holders.get(email) == said.signer for past in standing.authorities):
                raise RuleFails(
                    "signer-mismatch",
                    f"the commit's e-mail <{email}> was {person.name}'s, and was taken out of the authority since",
                    f"{SIGN_AGAIN}, under the address that people.yaml has now",
                )
            raise RuleFails(
                "signer-mismatch",
                f"the commit's e-mail <{email}> is not {person.name}'s",
                "sign with your own e-mail in git's settings (user.email)",
            )


def prove_person(said: Statement, key: tuple[str, Key] | None, day: date, standing: Standing) -> Person:
    """Whom the statement names: the key's holder, who belongs to the programme on the day claimed and on that of landing."""
    person = standing.authority.people.get(said.signer)
    if key is not None and key[0] != said.signer:
        raise RuleFails(
            "signer-mismatch",
            f"it names `{said.signer}`, but the key is {standing.authority.name(key[0])}'s",
            "sign with your own key, in your own name",
        )
    if person is None:
        raise RuleFails(
            "signer-mismatch",
            f"it names `{said.signer}`, who is not in the authority",
            "have an admin list the person in people.yaml, then sign again",
        )
    _prove_there(person, (day, standing.day), "have somebody who does sign")
    if wrong := times.outside(person.from_, person.to, standing):
        raise RuleFails(
            "person-not-active",
            f"{person.name} did not belong to the programme: {wrong}",
            "have somebody who does sign",
        )
    return person


def _prove_there(person: Person, days: tuple[date, date], fix: str) -> None:
    """The person belongs to the programme when the sign-off was made, and when it landed."""
    if away := next((day for day in days if not person.is_active(day)), None):
        raise RuleFails("person-not-active", f"{person.name} did not belong to the programme on {away}", fix)


def named_authority(said: Statement, standing: Standing) -> Authority:
    """The authority that the statement names; it was in force on this mainline."""
    for authority in reversed(standing.authorities):
        if authority.digest == said.authority:
            return authority
    raise RuleFails("unknown-authority", "it names an authority that was never in force here", SIGN_AGAIN)


def prove_attested(said: Statement, key: tuple[str, Key] | None, named: Authority, standing: Standing) -> Assurance:
    """A bot speaks for a person with a key that the authority lists under a forge, and holds no role of its own."""
    bot, person = standing.authority.people[said.signer], standing.authority.people.get(said.person)
    if key is None:
        raise RuleFails("unsigned", "a bot's word for somebody needs the bot's signature", ATTEST_AGAIN)
    if key[1].key.blob not in named.forge_keys & standing.authority.forge_keys:
        raise RuleFails(
            "unknown-key",
            f"the key of {bot.name} is none of a forge that the authority lists, so it can't speak for others",
            "have an admin list the bot's key under forges in policy.yaml, then attest again with `qmdoc attest-forge`",
        )
    if bot.roles:
        raise RuleFails(
            "signer-mismatch",
            f"{bot.name} holds roles and can sign for nobody else",
            "give the bot an entry and a key of its own, with `roles: []`, or have the approver sign with `qmdoc sign`",
        )
    if person is None:
        raise RuleFails(
            "signer-mismatch",
            f"it is on behalf of `{said.person}`, who is not in the authority",
            "have an admin list the person in people.yaml, then attest again with `qmdoc attest-forge`",
        )
    _prove_there(person, (said.time.date(), standing.day), "have somebody who does approve")
    return Assurance.FORGE


def prove_role(said: Statement, key: tuple[str, Key] | None, named: Authority, standing: Standing) -> None:
    """The person held role and key in the authority that is named, and holds them in the one in force."""
    then, now = named.people.get(said.signer), standing.authority.people[said.signer]
    if then is None or (key is not None and all(each.key.blob != key[1].key.blob for each in then.keys)):
        raise RuleFails("role-not-held", f"{now.name} or the key was not in the authority that it names", SIGN_AGAIN)
    if said.meaning is Meaning.TRAINING:
        return
    if said.on_behalf:
        then, now = named.people.get(said.person, then), standing.authority.people[said.person]
    if said.role in now.roles and said.role not in then.roles:
        what = f"{now.name} did not hold the role `{said.role}` yet in the authority that it names, and holds it now"
        raise RuleFails("role-not-held", what, ATTEST_AGAIN if said.on_behalf else SIGN_AGAIN)
    if said.role not in now.roles:
        raise RuleFails(
            "role-not-held",
            f"{now.name} did not hold the role `{said.role}` when it landed",
            "have a holder of the role sign",
        )
    if said.meaning in (Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW):
        for subject in said.subjects:
            _has_seat(said, subject, standing)


def _has_seat(said: Statement, subject: Subject, standing: Standing) -> None:
    """Only a role with a seat may withdraw or review; where the policy names none, one with an approval seat."""
    found = asked.seats(said, subject, standing)
    if found is not None and said.role not in {seat.role for seat in found}:
        raise RuleFails(
            "role-not-held",
            f"the role `{said.role}` has no seat for `{said.meaning}` of {subject}",
            "have a holder of a role with a seat sign",
        )


def prove_assurance(assurance: Assurance, least: Asked) -> None:
    """The sign-off is as sure as the policy in force asks, of all or for every seat that it could fill."""
    if assurance.rank < least.assurance.rank:
        raise RuleFails(
            "assurance-too-low",
            f"it is `{assurance}`, and {least.by} asks for `{least.assurance}`",
            "sign again with a security key, as the policy asks"
            if least.assurance is Assurance.HARDWARE
            else "have the person sign with their own key, as the policy asks",
        )
