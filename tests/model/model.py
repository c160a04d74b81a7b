"""SIGNOFF.md §3-5 again, by brute force: to be read beside the text by somebody who doubts the product.

Nothing is kept from one mainline commit to the next but what history has already proved: accepted sign-offs, approvals,
withdrawals, reviews and authorities. Every question is answered by looking through all rows from the first. A comment
`§n` says which paragraph of SIGNOFF.md a line follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product

from model.rows import FORGE, History, Office, Person, Row, Said, Seat, Sheet, Slip, Stamp, Subject
from qmdoc.model import Meaning


@dataclass(frozen=True)
class Attested:
    """What a forge says of one approver and one document, in which row."""

    row: int
    email: str
    number: str


SignOff = int | tuple[int, Slip] | Attested
"""The row of a commit, a portable one with the landing at which its files came, or a forge's word."""
FIVE_MINUTES = timedelta(minutes=5)
FORGE_KEY = ("forge", 1)
RANKS = ("recorded", "forge", "signed", "hardware")


@dataclass(frozen=True)
class Approved:
    """A version that had all its signatures, at which landing."""

    number: str
    version: tuple[int, int]
    digest: str
    type: str
    effective: date | None
    landing: int


@dataclass(frozen=True)
class Reviewed:
    """A signed periodic review."""

    number: str
    digest: str
    landing: int
    outcome: str
    next_review: date | None


class Refused(Exception):
    """The first rule that fails (§3)."""


class Model:
    """What a history proves up to the last landing of a day."""

    def __init__(self, history: History, *, now: datetime, as_of: date | None = None, branch: str = "main") -> None:
        self.rows = history.rows
        self.now = now
        self.mainline = self._mainline(history.tips[branch], history.trust_root)
        self.days = self._days()
        if as_of is not None:  # §6: `--as-of D` takes the mainline up to landing day D, without it all
            self.mainline = [row for row, day in zip(self.mainline, self.days, strict=True) if day <= as_of]
            self.days = self.days[: len(self.mainline)]
        self.stamps = self._stamps()
        self.codes: dict[SignOff, str | None] = {}
        self.landed: dict[SignOff, int] = {}
        self.taken_back: set[tuple[SignOff, str]] = set()
        self.attested: dict[Attested, tuple[Said, frozenset[str], bool]] = {}
        self.is_open = False  # whether an approver on a forge could take one of two seats, and nobody can say which
        self.offices: list[tuple[int, Office]] = []
        self.approved: list[Approved] = []
        self.withdrawn: list[tuple[str, str, int]] = []
        self.reviewed: list[Reviewed] = []
        for landing in range(len(self.mainline)):
            self._land(landing)

    # The answers

    def in_force(self, number: str, day: date, *, before: int | None = None) -> Approved | None:
        """§4: of the approved versions whose day has come and that no withdrawal ended, the highest."""
        until = len(self.mainline) if before is None else before
        ended = [landing for other, _, landing in self.withdrawn if other == number and landing < until]
        standing = [
            each
            for each in self.approved
            if each.number == number
            and each.landing < until
            and self.since(each) <= day
            and all(each.landing >= landing for landing in ended)
        ]
        return max(standing, key=lambda each: each.version, default=None)

    def since(self, approved: Approved) -> date:
        """§4: the landing's day, or the effective date if that lies ahead."""
        day = self.days[approved.landing]
        return approved.effective if approved.effective and approved.effective > day else day

    def missing(self, number: str) -> set[tuple[tuple[str, str, int, int], ...]] | None:
        """Every way to say which seats the text on main still lacks; None where signatures are not the question."""
        landing = len(self.mainline) - 1
        sheet = self._proposed(number, landing)
        if sheet is None:
            return None
        seats = self._seats(sheet.type)
        ways = self._fillings(sheet, landing)
        most = max(sum(way) for way in ways)
        return {
            tuple(
                (seat.role, str(seat.meaning), filled, seat.count)
                for seat, filled in zip(seats, way, strict=True)
                if filled < seat.count
            )
            for way in ways
            if sum(way) == most
        }

    def time_shown(self, sign_off: tuple[int, Slip]) -> datetime:
        """QM-Time; where the statement can't be read, the time of the commit that brought it."""
        landing, slip = sign_off
        return self.rows[self.mainline[landing]].time if self.codes[sign_off] == "malformed" else slip.said.time

    @property
    def office(self) -> Office:
        """The authority in force."""
        return self.offices[-1][1]

    # Words: mainline, landing

    def _mainline(self, tip: int, root: int) -> list[int]:
        chain = [tip]
        while chain[-1] != root:
            chain.append(self.rows[chain[-1]].parents[0])
        return chain[::-1]

    def _days(self) -> list[date]:
        """§6: the committer date's day, or the predecessor's if that date is earlier or in the future."""
        days: list[date] = []
        for row in self.mainline:
            time = self.rows[row].time
            before = days[-1] if days else time.date()
            days.append(before if time.date() < before or time > self.now + FIVE_MINUTES else time.date())
        return days

    def _stamps(self) -> list[tuple[int, int, datetime]]:
        """§6: tokens of a listed authority over a mainline commit: which landing first held each, which it stamps, its time.

        What the mainline held once counts, though it was taken out.
        """
        found: dict[Stamp, int] = {}
        for landing, row in enumerate(self.mainline):
            for stamp in self.rows[row].stamps:
                found.setdefault(stamp, landing)
        return [
            (landing, self.mainline.index(stamp.over), stamp.time)
            for stamp, landing in found.items()
            if stamp.by == "house" and stamp.over in self.mainline
        ]

    def _made_after(self, row: Row) -> datetime | None:
        """§6: all that descends from the commit holding the token came after."""
        behind = {landing for landing, each in enumerate(self.mainline) for parent in row.parents if each in self._ancestors(parent)}  # fmt: skip
        return max((time for landing, _, time in self.stamps if landing in behind), default=None)

    def _made_before(self, landing: int) -> datetime | None:
        """§6: all that the stamped commit contains existed before the token's time."""
        return min((time for _, stamped, time in self.stamps if landing <= stamped), default=None)

    def _landed_after(self, landing: int) -> datetime | None:
        """§6: what lands behind the commit holding the token landed after its time, whatever it says of itself."""
        return max((time for held, _, time in self.stamps if held < landing), default=None)

    def _anchored(self, time: datetime, after: datetime | None, before: datetime | None) -> None:
        """§3: inside its time-stamp bracket (§6)."""
        if (after and time < after - FIVE_MINUTES) or (before and time > before + FIVE_MINUTES):
            raise Refused("outside-anchor")

    def _is_outside(self, first: date | None, last: date | None, landing: int) -> bool:
        """§6: with anchors periods are judged on the bracket: it landed after the last day, or was there before the first."""
        after, before = self._landed_after(landing), self._made_before(landing)
        is_late = last and after and (after - FIVE_MINUTES).date() > last
        return bool(is_late or (first and before and (before + FIVE_MINUTES).date() < first))

    def _ancestors(self, row: int) -> set[int]:
        """A row and all that it can reach."""
        found: set[int] = set()
        to_see = [row]
        while to_see:
            row = to_see.pop()
            if row not in found:
                found.add(row)
                to_see.extend(self.rows[row].parents)
        return found

    def _landing_at(self, landing: int) -> list[int]:
        """The rows that this mainline commit reaches and its predecessor did not, parents first."""
        before = self._ancestors(self.mainline[landing - 1]) if landing else set()
        return sorted(self._ancestors(self.mainline[landing]) - before)

    # One landing

    def _land(self, landing: int) -> None:
        if landing == 0:
            root = self.rows[self.mainline[0]].office  # §5: it is read at the trust root
            assert root is not None
            self.offices.append((0, root))
        slips = self._new_slips(landing)
        for slip in (each for each in slips if each.said.meaning in (Meaning.REVIEW, Meaning.APPROVAL)):
            self._decide((landing, slip), landing)  # §2: what a revocation that lands with it takes back
        for row in self._landing_at(landing):
            if self.rows[row].said is not None:
                self._decide(row, landing)
        for slip in (each for each in slips if each.said.meaning not in (Meaning.REVIEW, Meaning.APPROVAL)):
            self._decide((landing, slip), landing)
        self._forge_merge(landing)
        self._change_authority(landing)
        self._withdraw_and_review(landing)
        for number in {sheet.number for _, sheet in self.rows[self.mainline[landing]].sheets}:
            self._approve(number, landing)

    def _decide(self, sign_off: SignOff, landing: int) -> None:
        try:
            if isinstance(sign_off, int):
                self._judge(sign_off, landing)
            elif isinstance(sign_off, tuple):
                self._judge_slip(sign_off[1], landing)
                if any(
                    other[1].said == sign_off[1].said
                    for other in self.codes
                    if isinstance(other, tuple) and self.codes[other] is None
                ):
                    return  # §8: a deleted or re-added file changes nothing
            self.codes[sign_off] = None
        except Refused as code:
            self.codes[sign_off] = str(code)
        self.landed[sign_off] = landing
        if self.codes[sign_off] is None and self._said(sign_off).meaning is Meaning.REVOKE:
            self._take_back(sign_off)

    def _new_slips(self, landing: int) -> list[Slip]:
        """§8: decided at the landing of the commit that adds both; what the trust root holds landed before all this."""
        before = {slip for row in self.mainline[:landing] for slip in self.rows[row].slips}
        new = set(self.rows[self.mainline[landing]].slips) - before if landing else set()
        return sorted(new, key=lambda slip: slip.path)

    def _said(self, sign_off: SignOff) -> Said:
        if isinstance(sign_off, Attested):
            return self.attested[sign_off][0]
        said = self.rows[sign_off].said if isinstance(sign_off, int) else sign_off[1].said
        assert said is not None
        return said

    def _accepted(self, meaning: Meaning, subject: tuple[str, str], landing: int) -> list[SignOff]:
        """Accepted sign-offs of one content that landed by then and were not taken back."""
        return [
            row
            for row, code in self.codes.items()
            if code is None
            and (row, subject[1]) not in self.taken_back
            and self._said(row).meaning is meaning
            and any((each.number, each.digest) == subject for each in self._said(row).subjects)
        ]

    # §3: when one sign-off is accepted; the first rule that fails gives the code

    def _judge(self, number: int, landing: int) -> None:
        row, said = self.rows[number], self._said(number)
        form = self._form(row, landing)
        if form:
            # §3: `rewritten` where the same block stood in another commit or the committer is a forge
            read = self._ancestors(self.mainline[-1])  # a diagnosis: what landed later tells too
            same = [other for other in read if other != number and self.rows[other].said == said]
            raise Refused("rewritten" if same or row.committer == FORGE else form)
        self._key(row, landing)
        self._signer(row, landing)
        self._rest(number, row, landing)

    def _judge_slip(self, slip: Slip, landing: int) -> None:
        """§8: the same rules; it has no tree, parents or addresses of its own, and its time is QM-Time."""
        said, there = slip.said, self.rows[self.mainline[landing]]
        row = Row("file", (), "", "", said.time, there.sheets, there.office, said=said, key=slip.key)
        is_policy_known = any(office.digest == said.authority for _, office in self.offices)
        if not said.is_well_formed or (is_policy_known and not said.is_sentence_right):
            raise Refused("malformed")
        if slip.signature != "good":
            raise Refused({"tampered": "bad-signature"}.get(slip.signature, slip.signature))
        self._key(row, landing)
        self._signer(row, landing, has_mail=False)
        self._rest((landing, slip), row, landing)

    def _rest(self, number: SignOff, row: Row, landing: int) -> None:
        """The rules that a commit and a file have in common, in the table's order."""
        said = self._said(number)
        named = next((office for _, office in self.offices if office.digest == said.authority), None)
        if named is None:
            raise Refused("unknown-authority")
        self._role(row, named, landing)
        least = self.office.assurance
        if row.key is None and RANKS.index(least) > 0 and said.meaning is not Meaning.TRAINING:
            raise Refused("assurance-too-low")
        self._subjects(row, landing)
        if isinstance(number, int):
            self._time(row)
            self._anchored(row.time, self._made_after(row), self._made_before(landing))
        else:
            self._time_of_file(said, landing)
            self._anchored(said.time, None, self._made_before(landing))  # a file follows no commit
        self._effective(row, landing)
        if said.meaning is Meaning.REVOKE:
            for subject in said.subjects:
                if not self._own_earlier(number, subject):
                    raise Refused("nothing-to-revoke")
        if said.meaning is Meaning.AUTHORITY:
            self._authority(row)

    def _form(self, row: Row, landing: int) -> str | None:
        said = row.said
        assert said is not None
        is_policy_known = any(office.digest == said.authority for _, office in self.offices)
        if not said.is_well_formed or (is_policy_known and not said.is_sentence_right):
            return "malformed"  # §2: the sentence is that of the policy which is named"
        if len(row.parents) != 1 or self.rows[row.parents[0]].tree != row.tree:
            return "changes-files"
        if row.key is None:
            may = self.office.assurance == "recorded" or said.meaning is Meaning.TRAINING
            return None if may else "unsigned"
        return {"tampered": "bad-signature", "wrong-namespace": "wrong-namespace"}.get(row.signature)

    def _key(self, row: Row, landing: int) -> None:
        """The key belongs to one person, was in its period on the committer's day, is not revoked for what lands now."""
        if row.key is None:
            return
        listed = [key for person in self.office.people for key in person.keys if key.seed == row.key]
        if not listed:
            raise Refused("unknown-key")
        key, day = listed[0], row.time.date()
        if (key.first and day < key.first) or (key.last and day > key.last):
            raise Refused("expired-key")
        if self._is_outside(key.first, key.last, landing):
            raise Refused("expired-key")
        if key.revoked and key.revoked <= self.days[landing]:
            raise Refused("revoked-key")

    def _signer(self, row: Row, landing: int, *, has_mail: bool = True) -> None:
        """`QM-Signer` is the key's person, in their from/to; author and committer e-mail are that person's."""
        said = row.said
        assert said is not None
        entry = self.office.person(said.signer)
        if entry is None or (row.key is not None and row.key not in {key.seed for key in entry.keys}):
            raise Refused("signer-mismatch")
        for day in (row.time.date(), self.days[landing]):
            if (entry.first and day < entry.first) or (entry.last and day > entry.last):
                raise Refused("person-not-active")
        if self._is_outside(entry.first, entry.last, landing):
            raise Refused("person-not-active")
        if has_mail and not {row.author, row.committer} <= set(entry.emails):
            raise Refused("signer-mismatch")

    def _role(self, row: Row, named: Office, landing: int) -> None:
        """The person held role and key in the authority that is named and in the one in force just before."""
        said = row.said
        assert said is not None
        for office in (named, self.office):
            entry = office.person(said.signer)
            if entry is None:
                raise Refused("role-not-held")
            if row.key is not None and row.key not in {key.seed for key in entry.keys}:
                raise Refused("role-not-held")
            if said.role not in entry.roles and said.meaning is not Meaning.TRAINING:
                raise Refused("role-not-held")
        if said.meaning in (Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW):
            for subject in said.subjects:
                type_ = self._type(subject, landing)
                if type_ is None:
                    continue  # nothing is known by that name: `subject-mismatch`, below
                seats = [seat for seat in self.office.rule(type_) if seat.meaning is said.meaning]
                seats = seats or [seat for seat in self.office.rule(type_) if seat.meaning is Meaning.APPROVAL]
                if said.role not in {seat.role for seat in seats}:
                    raise Refused("role-not-held")

    def _type(self, subject: Subject, landing: int) -> str | None:
        """The type of a document that this mainline has held."""
        texts = [self.rows[commit].holds(subject.number) for commit in self.mainline[: landing + 1]]
        types = [
            held[0].type for held in texts if len(held) == 1 and not held[0].is_broken and held[0].blob == subject.blob
        ]
        return types[0] if types else None

    def _subjects(self, row: Row, landing: int) -> None:
        said = row.said
        assert said is not None
        if said.meaning is Meaning.AUTHORITY:
            if row.office is None or row.office.digest != said.subjects[0].digest:
                raise Refused("subject-mismatch")
            return
        for subject in said.subjects:
            if said.meaning in (Meaning.REVIEW, Meaning.APPROVAL):
                held = row.holds(subject.number)
                is_there = len(held) == 1 and not held[0].is_broken and Subject.of(held[0]) == subject
            else:
                # two files with one id: nobody can say which text that is
                texts = [self.rows[commit].holds(subject.number) for commit in self.mainline[: landing + 1]]
                is_there = any(
                    len(held) == 1 and not held[0].is_broken and Subject.of(held[0]) == subject for held in texts
                )
            if not is_there:
                raise Refused("subject-mismatch")

    # §8: what a forge wrote into a merge

    def _forge_merge(self, landing: int) -> None:
        number = self.mainline[landing]
        row = self.rows[number]
        if not landing or not row.approvers or (row.key != FORGE_KEY and row.committer != FORGE):
            return  # anybody may have typed the lines
        before = self.rows[self.mainline[landing - 1]]
        for name in sorted({sheet.number for _, sheet in row.sheets}):
            held, was = row.holds(name), before.holds(name)
            if len(held) != 1 or held[0].is_broken or (len(was) == 1 and was[0].digest == held[0].digest):
                continue
            for email in row.approvers:
                self._attest(Attested(number, email, name), held[0], landing)

    def _attest(self, each: Attested, sheet: Sheet, landing: int) -> None:
        row, person = self.rows[each.row], next((one for one in self.office.people if each.email in one.emails), None)
        roles = frozenset(person.roles) - {"admin"} if person else frozenset()
        said = Said(person.id if person else each.email, "", Meaning.APPROVAL, self.office.digest, row.time, (Subject.of(sheet),))  # fmt: skip
        everybody = [one for _, office in self.offices for one in office.people]
        makers = [{one.id for one in everybody if mail in one.emails} for mail in {row.author, row.committer} - {FORGE}]
        is_apart = all(holders and said.signer not in holders for holders in makers)
        self.attested[each] = (said, roles, is_apart)
        self.landed[each], self.codes[each] = landing, self._refused_merge(row, person, sheet, landing)
        self.is_open |= len(roles) > 1

    def _refused_merge(self, row: Row, person: Person | None, sheet: Sheet, landing: int) -> str | None:
        """A two-parent merge signed by a listed key, whose documents equal the second parent's."""
        if len(row.parents) != 2:
            return "rewritten"
        if row.key is None:
            return "unsigned"
        if row.signature != "good":
            return {"tampered": "bad-signature"}.get(row.signature, row.signature)
        if row.key != FORGE_KEY:
            return "unknown-key"
        if person is None:
            return "signer-mismatch"
        if not person.is_active(row.time.date()) or not person.is_active(self.days[landing]):
            return "person-not-active"
        if not set(person.roles) - {"admin"}:
            return "role-not-held"
        if RANKS.index(self.office.assurance) > RANKS.index("forge"):
            return "assurance-too-low"
        if [each.digest for each in self.rows[row.parents[1]].holds(sheet.number)] != [sheet.digest]:
            return "subject-mismatch"
        try:
            self._possible(row)
            self._anchored(row.time, self._made_after(row), self._made_before(landing))
        except Refused as code:
            return str(code)
        return None

    def _time(self, row: Row) -> None:
        said = row.said
        assert said is not None
        self._possible(row)
        if abs(row.time - said.time) > FIVE_MINUTES:
            raise Refused("time-mismatch")

    def _possible(self, row: Row) -> None:
        for parent in row.parents:
            before = self.rows[parent].time
            if before <= self.now + FIVE_MINUTES and row.time < before - FIVE_MINUTES:
                raise Refused("time-before-parent")
        if row.time > self.now + FIVE_MINUTES:
            raise Refused("time-in-future")

    def _time_of_file(self, said: Said, landing: int) -> None:
        """Not ahead, and not before the mainline held what it signs (the nearest that a file has to a parent)."""
        if said.time > self.now + FIVE_MINUTES:
            raise Refused("time-in-future")
        for subject in said.subjects:
            holding = [
                row for row in map(self.rows.__getitem__, self.mainline[: landing + 1]) if self._is_in(subject, row)
            ]
            since = holding[0].time
            is_new = holding[0] is self.rows[self.mainline[landing]]
            if not is_new and since <= self.now + FIVE_MINUTES and said.time < since - FIVE_MINUTES:
                raise Refused("time-before-parent")

    def _is_in(self, subject: Subject, row: Row) -> bool:
        if subject.number == "@authority":
            return row.office is not None and row.office.digest == subject.digest
        held = row.holds(subject.number)
        return len(held) == 1 and held[0].digest == subject.digest

    def _effective(self, row: Row, landing: int) -> None:
        said = row.said
        assert said is not None
        for subject in said.subjects:
            if said.meaning in (Meaning.PERIODIC_REVIEW, Meaning.WITHDRAW):
                now = self.in_force(subject.number, self.days[landing], before=landing)
                if now is None or now.digest != subject.digest:
                    raise Refused("not-effective")
            if said.meaning is Meaning.TRAINING and (subject.number, subject.digest) not in {
                (each.number, each.digest) for each in self.approved
            }:
                raise Refused("not-effective")

    def _own_earlier(self, number: SignOff, subject: Subject) -> list[SignOff]:
        """The signer's own earlier sign-offs of this content, in that role, that made nothing effective yet."""
        said = self._said(number)
        if (subject.number, subject.digest) in {(each.number, each.digest) for each in self.approved}:
            return []
        return [
            row
            for meaning in (Meaning.REVIEW, Meaning.APPROVAL)
            for row in self._accepted(meaning, (subject.number, subject.digest), len(self.mainline))
            if self._said(row).signer == said.signer
        ]

    def _take_back(self, number: SignOff) -> None:
        for subject in self._said(number).subjects:
            self.taken_back |= {(row, subject.digest) for row in self._own_earlier(number, subject)}

    # §5: the authority

    def _authority(self, row: Row) -> None:
        """A signer's own entry does not change, and they hold every role that the change adds, or `root`."""
        said, new = row.said, row.office
        assert said is not None
        assert new is not None
        if said.authority != self.office.digest:
            raise Refused("unknown-authority")  # §5: it counts only while the authority it names is in force
        if new.is_broken:
            return  # nobody can say what it changes, and it never comes into force
        if self._changes_own_entry(said.signer, new):
            raise Refused("own-entry")
        held = self.office.person(said.signer)
        assert held is not None
        added = {
            role
            for person in new.people
            for role in person.roles
            # a longer time gives a role again
            if (was := self.office.person(person.id)) is None
            or role not in was.roles
            or (was.last and (person.last is None or person.last > was.last))
        }
        if "root" not in held.roles and not added <= set(held.roles):
            raise Refused("role-not-granted")

    def _changes_own_entry(self, signer: str, new: Office) -> bool:
        """§5: only adding or ending one's own keys or e-mails is allowed."""
        was, now = self.office.person(signer), new.person(signer)
        if was is None or now is None:
            return True
        if (was.roles, was.first, was.last) != (now.roles, now.first, now.last):
            return True
        for key in now.keys:
            before = next((other for other in was.keys if other.seed == key.seed), None)
            if before is None:
                continue
            if key.first != before.first:
                return True
            if before.last and (key.last is None or key.last > before.last):
                return True
            if before.revoked and (key.revoked is None or key.revoked > before.revoked):
                return True
        return False

    def _change_authority(self, landing: int) -> None:
        """§5: enough admins of the authority in force signed the new digest while it was in force."""
        new = self.rows[self.mainline[landing]].office
        began, now = self.offices[-1]
        if new is None or new.is_broken or new.digest == now.digest or self._uses_again(new):
            return
        signers = {
            self._said(row).signer
            for row in self._accepted(Meaning.AUTHORITY, ("@authority", new.digest), landing)
            if self._said(row).authority == now.digest and self.landed[row] > began
        }
        admins = {person.id for person in now.people if "admin" in person.roles}
        if len(signers & admins) >= now.quorum:
            self.offices.append((landing, new))

    def _uses_again(self, new: Office) -> bool:
        """§5: ids and keys are never used again."""
        now_ids = {person.id for person in self.office.people}
        now_keys = {key.seed for person in self.office.people for key in person.keys}
        for _, past in self.offices:
            for person in past.people:
                if new.person(person.id) and person.id not in now_ids:
                    return True
                for key in person.keys:
                    for other in new.people:
                        for again in other.keys:
                            if again.seed != key.seed:
                                continue
                            if other.id != person.id or again.seed not in now_keys:
                                return True
                            if key.revoked and (again.revoked is None or again.revoked > key.revoked):
                                return True
        return False

    # §4: when a version is effective

    def _seats(self, type_: str) -> list[Seat]:
        return [seat for seat in self.office.rule(type_) if seat.meaning in (Meaning.REVIEW, Meaning.APPROVAL)]

    def _proposed(self, number: str, landing: int) -> Sheet | None:
        """The text on main, where only signatures keep it from being effective."""
        held = self.rows[self.mainline[landing]].holds(number)
        if len(held) != 1 or held[0].is_broken or held[0].is_local:
            return None
        if any(each.number == number and each.version >= held[0].version for each in self.approved):
            return None  # the version must be greater than every version ever approved
        return held[0]

    def _approve(self, number: str, landing: int) -> None:
        sheet = self._proposed(number, landing)
        if sheet is None:
            return
        full = tuple(seat.count for seat in self._seats(sheet.type))
        if full in self._fillings(sheet, landing):
            self.approved.append(Approved(number, sheet.version, sheet.digest, sheet.type, sheet.effective, landing))

    def _fillings(self, sheet: Sheet, landing: int) -> set[tuple[int, ...]]:
        """Every way to seat the signers, each person in one seat at most: how many sit in each."""
        seats = self._seats(sheet.type)
        authors, is_unknown = self.authors(sheet.number, sheet.digest, landing)
        may: dict[str, set[int]] = {}
        for index, seat in enumerate(seats):
            for row in self._accepted(seat.meaning, (sheet.number, sheet.digest), landing):
                said = self._said(row)
                roles, is_other = frozenset({said.role}), True
                if isinstance(row, Attested):  # §8: nor do the merger and the authors
                    _, roles, is_other = self.attested[row]
                is_apart = is_other and not is_unknown and said.signer not in authors
                if seat.role in roles and (is_apart or not seat.is_independent):
                    may.setdefault(said.signer, set()).add(index)
        ways = set()
        for choice in product(*[(None, *sorted(places)) for places in may.values()]):
            filled = tuple(choice.count(index) for index in range(len(seats)))
            if all(count <= seat.count for count, seat in zip(filled, seats, strict=True)):
                ways.add(filled)
        return ways

    def authors(self, number: str, digest: str, landing: int) -> tuple[set[str], bool]:
        """§4, *Authors*: people, and whether somebody is among them whom no authority knows."""
        here = self._ancestors(self.mainline[landing])
        last = [each.landing for each in self.approved if each.number == number]
        before = self._ancestors(self.mainline[max(last)]) if last else set()
        emails: set[str] = set()
        keys: set[tuple[str, int]] = set()
        for row in here:
            changed = self._digest_in(row, number)
            is_root = row == self.mainline[0]
            differs = is_root or all(self._digest_in(parent, number) != changed for parent in self.rows[row].parents)
            if not differs:
                continue  # a commit that deletes the document differs too
            if row not in before or changed == digest:
                written = self.rows[row]
                emails |= {written.author, *written.co_authors}
                emails |= set() if written.committer == FORGE else {written.committer}  # a forge's address is nobody
                keys |= {written.key} if written.key else set()
        people: set[str] = set()
        is_unknown = False
        for email in emails:
            holders = {person.id for _, office in self.offices for person in office.people if email in person.emails}
            people |= holders
            is_unknown = is_unknown or not holders
        people |= {
            person.id
            for _, office in self.offices
            for person in office.people
            for key in person.keys
            if key.seed in keys
        }
        return people, is_unknown

    def _digest_in(self, row: int, number: str) -> str | None:
        held = self.rows[row].holds(number)
        return held[0].digest if len(held) == 1 else None

    # Withdrawals and reviews

    def _withdraw_and_review(self, landing: int) -> None:
        for row, code in self.codes.items():
            if self.landed[row] != landing or code is not None:
                continue
            said = self._said(row)
            for subject in said.subjects:
                if said.meaning is Meaning.WITHDRAW:
                    self.withdrawn.append((subject.number, subject.digest, landing))
                if said.meaning is Meaning.PERIODIC_REVIEW:
                    self.reviewed.append(
                        Reviewed(
                            subject.number, subject.digest, landing, str(said.outcome or "continue"), said.next_review
                        )
                    )
