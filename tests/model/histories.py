"""Random histories: Hypothesis chooses steps, `Scribe` turns them into rows, `written` turns rows into a repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from programme import NOW, START, Programme, email, key

from model import clock
from model.model import Model
from model.rows import FORGE, History, Key, Office, Person, Row, Said, Seat, Sheet, Slip, Stamp, Subject
from qmdoc.chronicle import Writer
from qmdoc.model import Meaning, Outcome, Version
from qmdoc.signing import anchors, portable, sshsig, statement
from qmdoc.signing.authority import SENTENCES
from qmdoc.signing.statement import AUTHORITY_SUBJECT, Statement

DOCUMENTS = ("QM-001", "QM-002", "QM-003")
CAST: dict[str, tuple[str, ...]] = {
    "q.manager": ("quality-manager", "admin"),
    "m.director": ("medical-director", "admin"),
    "d.manager": ("quality-manager", "medical-director"),
    "a.admin": ("admin",),
    "w.writer": ("ward-nurse",),
}
PEOPLE = tuple(CAST)
EDITORS = (*PEOPLE, "w.writer", "w.writer", "w.writer", "stranger")
BRANCHES = ("main", "side", "other")
ROLES = ("quality-manager", "medical-director", "ward-nurse", "admin")
RULES: tuple[tuple[tuple[str, tuple[Seat, ...]], ...], ...] = (
    (("default", (Seat("quality-manager"), Seat("medical-director"))),),
    (("default", (Seat("quality-manager", count=2),)), ("form", (Seat("quality-manager", is_independent=False),))),
    (("default", (Seat("quality-manager"), Seat("medical-director", Meaning.REVIEW), Seat("medical-director"))),),
    (
        ("default", (Seat("quality-manager"),)),
        ("form", (Seat("quality-manager"), Seat("medical-director", Meaning.WITHDRAW))),
    ),
)
FLAWS = ("unsigned", "other-key", "old-key", "tampered", "wrong-namespace", "changes-files", "malformed", "sentence", "early", "late", "future", "qm-time", "mail",
         "old-authority", "no-authority", "copied", "forged-digest", "forged-version")  # fmt: skip
WAITS = (1, 1, 1, 26, 24 * 9)


def office(assurance: str = "signed") -> Office:
    """The authority at the trust root."""
    people = tuple(Person(who, (email(who),), roles, (Key((who, 1)),)) for who, roles in CAST.items())
    return Office(people, 2, assurance, RULES[0])


# What may happen next; every number is taken modulo what there is to choose from.

_few = st.integers(0, 5)
_rarely = st.sampled_from([False] * 7 + [True])
_document = st.sampled_from(DOCUMENTS[:1] * 3 + DOCUMENTS)
_branch = st.sampled_from(("main", "main", "main", "side", "side", "other"))
_person = st.sampled_from(PEOPLE)


def _step(name: str, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"step": st.just(name), "wait": st.sampled_from(WAITS), "branch": _branch, **values})


EDIT = _step(
    "edit", document=_document, who=st.sampled_from(EDITORS), bump=st.sampled_from(("minor", "minor", "minor", "none", "lower")), letter=st.sampled_from("ABC"),
    co=st.sampled_from((None, None, None, None, *PEOPLE, "stranger")), by=st.sampled_from((None, None, None, "forge", "m.director")), ahead=st.sampled_from((None, None, None, -5, 4, 15)),
    picture=st.sampled_from((None, None, "a", "b", "")), local=_rarely, broken=_rarely, key=st.sampled_from((None, None, None, "w.writer", "q.manager")), late=_rarely,
)  # fmt: skip
PUT_BACK = _step("put back", document=_document, who=_person, which=_few)
APPROVE = _step(
    "approve",
    documents=st.sampled_from(("one", "all")),
    document=_document,
    first=st.sampled_from(("q.manager", "d.manager")),
    second=st.sampled_from(("m.director", "d.manager")),
)
SIGN = _step(
    "sign", document=_document, more=_rarely, who=_person, role=_few, flaw=st.sampled_from((None, None, None, *FLAWS)), which=st.sampled_from((0, 0, 0, 1, 2)),
    meaning=st.sampled_from(("approval", "approval", "review", "training", "withdraw", "revoke", "revoke", "periodic-review")), outcome=st.sampled_from((None, *Outcome)),
)  # fmt: skip
HONEST = _step(
    "honest",
    document=_document,
    who=st.sampled_from((*PEOPLE, "q.manager", "m.director")),
    outcome=st.sampled_from((None, *Outcome)),
    meaning=st.sampled_from(("withdraw", "periodic-review", "periodic-review", "training", "training", "revoke")),
)
MERGE = _step(
    "merge",
    other=st.sampled_from(("side", "other", "main")),
    who=st.sampled_from(EDITORS),
    evil=_rarely,
    document=_document,
    ours=_rarely,
)
FORK = _step("fork", other=st.sampled_from(("side", "other")))
FILES = _step("files", document=_document, who=_person, do=st.sampled_from(("delete", "double", "move")))
AUTHORITY = _step(
    "authority", who=_person, about=_person, do=st.sampled_from(("add role", "drop role", "end", "remove", "hire", "add key", "end key", "revoke key", "drop key", "quorum", "assurance", "rule", "back", "break", "delete", "nothing", "mail")),
    role=st.sampled_from(ROLES), number=_few, signers=st.sampled_from((("q.manager", "m.director"), ("q.manager", "a.admin"), ("m.director", "a.admin"), ("a.admin",), ("q.manager", "m.director", "a.admin"), ())),
)  # fmt: skip
SLIP = _step(
    "slip", document=_document, who=st.sampled_from((*PEOPLE, "q.manager", "m.director", "d.manager")), role=_few, flaw=st.sampled_from((None,) * 9 + ("other-key", "old-key", "tampered", "wrong-namespace",
    "sentence", "early", "future", "old-authority", "no-authority", "forged-digest", "forged-version")), which=st.sampled_from((0, 0, 0, 0, 1)), with_text=st.sampled_from((None, None, None, "B", "C")),
    meaning=st.sampled_from(("approval",) * 5 + ("review", "training", "withdraw", "revoke", "revoke", "periodic-review", "authority")), by=st.sampled_from(PEOPLE),
)  # fmt: skip
FORGE_MERGE = _step(
    "forge merge", who=st.sampled_from((*EDITORS, "a.admin", "a.admin")), document=_document, by=st.sampled_from((*PEOPLE, "w.writer", "w.writer")), letter=st.sampled_from("FGH"), evil=_rarely,
    approvers=st.sampled_from((("q.manager", "m.director"), ("q.manager", "m.director"), ("m.director",), ("q.manager", "w.writer", "stranger"), ("d.manager", "m.director"), ("a.admin", "m.director"))),
    flaw=st.sampled_from((None,) * 6 + ("tampered", "wrong-namespace", "unsigned", "by hand", "other-key", "squash")),
)  # fmt: skip
TAKE_OUT = _step("take out", which=_few, back=_few)
_mostly_main = st.sampled_from(("main",) * 5 + ("side",))
STAMP = _step(
    "stamp",
    branch=_mostly_main,
    wait=st.sampled_from((1, 26, 24 * 9)),
    over=st.sampled_from(("tip", "tip", "tip", "main", "any")),
    which=_few,
    by=st.sampled_from(("house",) * 7 + ("foreign", "broken", "other")),
    late=st.booleans(),
)
# What time stamps find out: sign-offs dated back or ahead, keys and people that ended, and old branches that land late.
_signer_of_any = st.sampled_from(("q.manager", "m.director", "d.manager"))
DATED = _step(
    "sign", branch=_mostly_main, document=st.just("QM-001"), more=st.just(False), who=_signer_of_any, role=st.just(0), flaw=st.sampled_from((None, "early", "early", "late", "back-dated")), which=st.just(0),
    meaning=st.sampled_from(("approval", "approval", "training")), outcome=st.just(None),
)  # fmt: skip
DATED_SLIP = _step(
    "slip", branch=_mostly_main, document=st.just("QM-001"), who=_signer_of_any, role=st.just(0), flaw=st.sampled_from((None, "early", "late")), which=st.just(0), with_text=st.just(None), meaning=st.just("approval"),
    by=st.just("w.writer"),
)  # fmt: skip
ENDED = _step(
    "authority", branch=_mostly_main, who=st.just("a.admin"), about=_signer_of_any, do=st.sampled_from(("end key", "end key", "end", "begin key")), role=st.just("admin"), number=_few,
    signers=st.sampled_from((("q.manager", "a.admin"), ("m.director", "a.admin"), ("q.manager", "m.director"))),
)  # fmt: skip
OLD_BRANCH = _step("old branch", wait=st.just(1), who=_signer_of_any, since=_few)
TAKE_OUT_STAMP = _step("take out stamp", which=_few)
SIGN_AUTHORITY = _step("sign authority", who=_person, stale=_rarely)


def histories(most: int = 14, least: int = 3, *, has_stamps: bool = True) -> st.SearchStrategy[History]:
    """Histories that begin with a document written and, mostly, approved."""
    stamping = [STAMP, STAMP, TAKE_OUT_STAMP] if has_stamps and clock.is_there() else []
    step = st.one_of(
        EDIT,
        EDIT,
        APPROVE,
        APPROVE,
        SIGN,
        SIGN,
        HONEST,
        MERGE,
        FORK,
        PUT_BACK,
        FILES,
        AUTHORITY,
        AUTHORITY,
        SIGN_AUTHORITY,
        SLIP,
        SLIP,
        SLIP,
        TAKE_OUT,
        FORGE_MERGE,
        FORGE_MERGE,
        *stamping,
    )
    return st.builds(
        _history,
        st.lists(step, min_size=least, max_size=most),
        trust_root=st.sampled_from((0, 0, 0, 1)),
        assurance=st.sampled_from(("signed", "signed", "forge")),
    )


def stamped_histories(most: int = 12, least: int = 6) -> st.SearchStrategy[History]:
    """Histories with time stamps, and with what they find out."""
    step = st.one_of(STAMP, STAMP, STAMP, DATED, DATED, DATED_SLIP, ENDED, ENDED, OLD_BRANCH, OLD_BRANCH, EDIT, APPROVE, MERGE, FORK, TAKE_OUT_STAMP, FORGE_MERGE)  # fmt: skip
    return st.builds(
        _history,
        st.lists(step, min_size=least, max_size=most),
        trust_root=st.sampled_from((0, 0, 0, 1)),
        assurance=st.sampled_from(("signed", "signed", "forge")),
    )


def _history(steps: list[dict[str, Any]], *, trust_root: int, assurance: str) -> History:
    scribe = Scribe(assurance=assurance)
    scribe.edit({"branch": "main", "document": "QM-001", "who": "w.writer", "bump": "none", "letter": "A"})
    for step in steps:
        scribe.wait(step["wait"])
        getattr(scribe, step["step"].replace(" ", "_"))(step)
    return History(tuple(scribe.rows), dict(scribe.tips), trust_root)


@dataclass
class Scribe:
    """Writes rows, one after the other."""

    rows: list[Row] = field(default_factory=list)
    tips: dict[str, int] = field(default_factory=dict)
    clock: datetime = START
    assurance: str = "signed"

    def __post_init__(self) -> None:
        self.clock += timedelta(hours=1)
        self.add(
            Row("trust root", (), email("a.admin"), email("a.admin"), self.clock, office=office(self.assurance)), "main"
        )
        self.tips |= {"side": 0, "other": 0}

    def in_force(self, *, before: int = 0) -> str:
        """The authority that an honest signer names: what is in force on main, or one of those before."""
        if len({row.office for row in self.rows}) == 1:
            return office(self.assurance).digest
        known = Model(History(tuple(self.rows), self.tips), now=NOW).offices
        return known[max(len(known) - 1 - before, 0)][1].digest

    def wait(self, hours: int) -> None:
        """Time goes by, but never up to now."""
        self.clock += timedelta(hours=hours)
        if self.clock > NOW - timedelta(days=20):
            self.clock += timedelta(minutes=1) - timedelta(hours=hours)

    def add(self, row: Row, branch: str) -> None:
        self.rows.append(row)
        self.tips[branch] = len(self.rows) - 1
        self.clock += timedelta(minutes=7)

    def tip(self, branch: str) -> Row:
        return self.rows[self.tips[branch]]

    def commit(self, branch: str, what: str, who: str, **changed: Any) -> None:
        """A row that holds what the branch holds, but for what is changed."""
        base = self.tip(branch)
        mail = "stranger@elsewhere.example" if who == "stranger" else email(who)
        row = Row(what, (self.tips[branch],), mail, mail, self.clock, base.sheets, base.office, slips=base.slips, stamps=base.stamps)  # fmt: skip
        self.add(replace(row, **changed), branch)

    def sheet(self, branch: str, number: str, which: int = 0) -> Sheet | None:
        """What the branch holds, or (`which`) what anybody ever held."""
        if which:
            ever = [sheet for row in self.rows for _, sheet in row.sheets if sheet.number == number]
            ever = list(dict.fromkeys(ever))
            return ever[-which % len(ever)] if ever else None
        held = self.tip(branch).holds(number)
        return held[0] if held else None

    def put(self, branch: str, sheet: Sheet) -> tuple[tuple[str, Sheet], ...]:
        """The branch's files with this document, where it lay before."""
        held = dict(self.tip(branch).sheets)
        place = next((path for path, other in held.items() if other.number == sheet.number), path_of(sheet.number))
        return tuple(sorted((held | {place: sheet}).items()))

    def edit(self, step: dict[str, Any]) -> None:
        branch, number = step["branch"], step["document"]
        old = self.sheet(branch, number)
        major, minor = old.version if old else (1, 0)
        minor += {"minor": 1, "lower": -1}.get(step["bump"], 0) if old else 0
        picture = step.get("picture")
        ahead = step.get("ahead")
        new = Sheet(
            number, (major, max(minor, 0)), step["letter"], "form" if number == "QM-002" else "sop", effective=self.clock.date() + timedelta(days=ahead) if ahead else None,
            picture=picture if picture is not None else (old.picture if old else ""), is_local=step.get("local", False), is_broken=step.get("broken", False),
        )  # fmt: skip
        changed: dict[str, Any] = {"sheets": self.put(branch, new)}
        co, by, used = step.get("co"), step.get("by"), step.get("key")
        if co:
            changed["co_authors"] = ("stranger@elsewhere.example" if co == "stranger" else email(co),)
        if by:
            changed["committer"] = FORGE if by == "forge" else email(by)
        if used:
            changed["key"] = (used, 1)
        if step.get("late"):
            changed["time"] = self.clock - timedelta(days=3) if step["letter"] != "C" else NOW + timedelta(days=2)
        self.commit(branch, f"edit {new}", step["who"], **changed)

    def put_back(self, step: dict[str, Any]) -> None:
        sheet = self.sheet(step["branch"], step["document"], step["which"] + 1)
        if sheet:
            self.commit(step["branch"], f"put back {sheet}", step["who"], sheets=self.put(step["branch"], sheet))

    def files(self, step: dict[str, Any]) -> None:
        number, held = step["document"], dict(self.tip(step["branch"]).sheets)
        places = [path for path, sheet in held.items() if sheet.number == number]
        if not places:
            return
        if step["do"] == "delete" or len(places) > 1:
            del held[places[0]]
        else:
            other = path_of(number, "operations" if "/quality/" in places[0] else "quality")
            held[other] = held[places[0]]
            if step["do"] == "move":
                del held[places[0]]
        self.commit(step["branch"], f"{step['do']} {number}", step["who"], sheets=tuple(sorted(held.items())))

    def fork(self, step: dict[str, Any]) -> None:
        self.tips[step["other"]] = self.tips[step["branch"]]

    def merge(self, step: dict[str, Any]) -> None:
        branch, other = step["branch"], step["other"]
        ours, theirs = self.tips[branch], self.tips[other]
        if theirs in self.ancestors(ours):
            return
        base = self.rows[max(self.ancestors(ours) & self.ancestors(theirs))]
        sheets, old, new = dict(self.rows[ours].sheets), dict(base.sheets), dict(self.rows[theirs].sheets)
        if not step["ours"]:
            sheets |= {path: sheet for path, sheet in new.items() if old.get(path) != sheet}
            sheets = {path: sheet for path, sheet in sheets.items() if path in new or path not in old}
        changed_office = self.rows[theirs].office != base.office and not step["ours"]
        if step["evil"] and sheets:
            path, sheet = sorted(sheets.items())[0]
            sheets[path] = replace(sheet, letter="E")
        self.commit(
            branch, f"merge {other}{' evil' if step['evil'] else ''}{' ours' if step['ours'] else ''}", step["who"], parents=(ours, theirs), sheets=tuple(sorted(sheets.items())),
            office=self.rows[theirs].office if changed_office else self.rows[ours].office, slips=self.merged_slips(ours, theirs, base),
            stamps=self.merged_stamps(ours, theirs, base),
        )  # fmt: skip

    def forge_merge(self, step: dict[str, Any]) -> None:
        """A branch for one edit, approved on the forge and merged by it."""
        number, branch, flaw = step["document"], step["branch"], step["flaw"]
        self.tips["topic"] = ours = self.tips[branch]
        self.edit({"branch": "topic", "document": number, "who": step["by"], "bump": "minor", "letter": step["letter"]})
        theirs = self.tips["topic"]
        sheets = self.rows[theirs].sheets
        if step["evil"]:
            sheets = tuple(
                (place, replace(each, letter="E") if each.number == number else each) for place, each in sheets
            )
        mails = tuple("stranger@elsewhere.example" if each == "stranger" else email(each) for each in step["approvers"])
        changed: dict[str, Any] = {"committer": FORGE, "key": ("forge", 1)}
        if flaw in ("tampered", "wrong-namespace"):
            changed["signature"] = flaw
        if flaw in ("unsigned", "other-key"):
            changed["key"] = None if flaw == "unsigned" else ("w.writer", 1)
        if flaw == "by hand":
            changed = {"key": ("w.writer", 1)}
        what = f"forge merge{f', {flaw}' if flaw else ''}{' evil' if step['evil'] else ''}"
        parents = (ours,) if flaw == "squash" else (ours, theirs)
        self.commit(branch, what, step["who"], parents=parents, sheets=sheets, approvers=mails, **changed)

    def merged_slips(self, ours: int, theirs: int, base: Row) -> tuple[Slip, ...]:
        """Our files, with what the other side added or took out."""
        old, new = ({slip.path: slip for slip in row.slips} for row in (base, self.rows[theirs]))
        found = {slip.path: slip for slip in self.rows[ours].slips}
        found |= {path: slip for path, slip in new.items() if old.get(path) != slip}
        return slips_of(slip for path, slip in found.items() if path in new or path not in old)

    def merged_stamps(self, ours: int, theirs: int, base: Row) -> tuple[Stamp, ...]:
        """Likewise."""
        old, new = ({stamp.over: stamp for stamp in row.stamps} for row in (base, self.rows[theirs]))
        found = {stamp.over: stamp for stamp in self.rows[ours].stamps}
        found |= {over: stamp for over, stamp in new.items() if old.get(over) != stamp}
        return tuple(stamp for over, stamp in sorted(found.items()) if over in new or over not in old)

    def stamp(self, step: dict[str, Any]) -> None:
        """A token of this very hour, whatever the commits claim, over the end of a branch or over an older row."""
        branch = step["branch"]
        over = {"tip": self.tips[branch], "main": self.tips["main"]}.get(step["over"], step["which"] % len(self.rows))
        new = Stamp(over, self.clock, step["by"])
        kept = {each.over: each for each in self.tip(branch).stamps} | {over: new}
        time = self.clock - timedelta(days=20 if step["late"] else 0)
        self.commit(branch, str(new), "w.writer", stamps=tuple(each for _, each in sorted(kept.items())), time=time)

    def old_branch(self, step: dict[str, Any]) -> None:
        """Somebody signs after an old commit, dates it back, and it lands now."""
        self.tips["topic"] = 1 + step["since"] % (len(self.rows) - 1)
        sheet = self.sheet("topic", "QM-001")
        if sheet:
            self.say("topic", step["who"], CAST[step["who"]][0], Meaning.APPROVAL, (Subject.of(sheet),), flaw="back-dated")  # fmt: skip
            self.merge({"branch": "main", "other": "topic", "who": "w.writer", "evil": False, "ours": False})

    def take_out_stamp(self, step: dict[str, Any]) -> None:
        here = self.tip(step["branch"]).stamps
        if here:
            gone = here[step["which"] % len(here)]
            kept = tuple(each for each in here if each != gone)
            self.commit(step["branch"], f"{gone} taken out", "w.writer", stamps=kept)

    def slip(self, step: dict[str, Any]) -> None:
        """Somebody signs in a file, and somebody commits it, perhaps together with the text."""
        branch, number, who, meaning, flaw = (
            step["branch"],
            step["document"],
            step["who"],
            Meaning(step["meaning"]),
            step["flaw"],
        )
        sheet, tip = self.sheet(branch, number, step["which"]), self.tip(branch)
        if sheet is None or (meaning is Meaning.AUTHORITY and tip.office is None):
            return
        changed: dict[str, Any] = {}
        if step["with_text"] and meaning is Meaning.APPROVAL and not step["which"]:
            sheet = replace(sheet, version=(sheet.version[0], sheet.version[1] + 1), letter=step["with_text"])
            changed["sheets"] = self.put(branch, sheet)
        subject = Subject.of(sheet)
        if meaning is Meaning.AUTHORITY:
            assert tip.office
            subject = Subject(AUTHORITY_SUBJECT, None, "", tip.office.digest)
        elif flaw == "forged-digest":
            subject = replace(subject, digest="0" * 64)
        elif flaw == "forged-version":
            subject = replace(subject, version=(7, 7))
        role = ROLES[step["role"] % 3] if step["role"] > 4 else CAST[who][0].replace("admin", "ward-nurse")
        ahead = NOW + timedelta(days=3) - self.clock
        shift = {"early": -timedelta(days=12), "late": timedelta(days=12), "future": ahead}.get(flaw or "", timedelta())
        said = Said(
            who, "admin" if meaning is Meaning.AUTHORITY else role, meaning, "1" * 64 if flaw == "no-authority" else self.in_force(before=1 if flaw == "old-authority" else 0), self.clock + shift,
            (subject,), reason="Not needed" if meaning in (Meaning.WITHDRAW, Meaning.REVOKE) else None, is_sentence_right=flaw != "sentence",
        )  # fmt: skip
        key = {"other-key": ("w.writer", 1), "old-key": (who, 2)}.get(flaw or "", (who, 1))
        new = Slip(said, key, flaw if flaw in ("tampered", "wrong-namespace") else "good")
        self.clock += timedelta(minutes=7)
        kept = (slip for slip in tip.slips if slip.path != new.path)
        self.commit(
            branch,
            f"files of a sign-off{f', {flaw}' if flaw else ''}",
            step["by"],
            slips=slips_of([*kept, new]),
            **changed,
        )

    def take_out(self, step: dict[str, Any]) -> None:
        """Somebody deletes a sign-off's files, or puts back what once was there."""
        branch = step["branch"]
        here = self.tip(branch).slips
        ever = list(dict.fromkeys(slip for row in self.rows for slip in row.slips))
        if step["back"] > 2 and ever:
            again = ever[step["which"] % len(ever)]
            kept = slips_of([*(slip for slip in here if slip.path != again.path), again])
        elif here:
            gone = here[step["which"] % len(here)]
            kept = tuple(slip for slip in here if slip != gone)
        else:
            return
        self.commit(branch, "files of sign-offs moved about", "w.writer", slips=kept)

    def ancestors(self, row: int) -> set[int]:
        found = {row}
        for parent in self.rows[row].parents:
            found |= self.ancestors(parent)
        return found

    def approve(self, step: dict[str, Any]) -> None:
        branch = step["branch"]
        numbers = (
            [step["document"]]
            if step["documents"] == "one"
            else sorted({sheet.number for _, sheet in self.tip(branch).sheets})
        )
        subjects = tuple(Subject.of(sheet) for number in numbers if (sheet := self.sheet(branch, number)))
        if subjects:
            self.say(branch, step["first"], "quality-manager", Meaning.APPROVAL, subjects)
            self.say(branch, step["second"], "medical-director", Meaning.APPROVAL, subjects)

    def honest(self, step: dict[str, Any]) -> None:
        """A sign-off without a flaw; of what is in force, where only that can be signed."""
        branch, number, who, meaning = step["branch"], step["document"], step["who"], Meaning(step["meaning"])
        sheet = self.sheet(branch, number)
        if meaning in (Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW):
            followed = Model(History(tuple(self.rows), self.tips), now=NOW).in_force(number, self.clock.date())
            held = [each for row in self.rows for _, each in row.sheets if followed and each.digest == followed.digest]
            sheet = held[0] if held else sheet
        if sheet:
            role = CAST[who][0].replace("admin", "ward-nurse")
            outcome = step["outcome"] if meaning is Meaning.PERIODIC_REVIEW else None
            self.say(branch, who, role, meaning, (Subject.of(sheet),), outcome=outcome)

    def sign(self, step: dict[str, Any]) -> None:
        branch, number, who = step["branch"], step["document"], step["who"]
        sheet = self.sheet(branch, number, step["which"])
        if sheet is None:
            return
        subjects = [Subject.of(sheet)]
        if step["more"]:
            subjects += [
                Subject.of(other)
                for other in [self.sheet(branch, each) for each in DOCUMENTS]
                if other and other.number != number
            ]
        role = ROLES[step["role"] % 3] if step["role"] > 3 else CAST[who][0].replace("admin", "ward-nurse")
        flaw = step["flaw"]
        if flaw == "forged-digest":
            subjects[0] = replace(subjects[0], digest="0" * 64)
        if flaw == "forged-version":
            subjects[0] = replace(subjects[0], version=(7, 7))
        outcome = step["outcome"] if step["meaning"] == "periodic-review" else None
        self.say(branch, who, role, Meaning(step["meaning"]), tuple(subjects), flaw=flaw, outcome=outcome)

    def say(
        self,
        branch: str,
        who: str,
        role: str,
        meaning: Meaning,
        subjects: tuple[Subject, ...],
        *,
        flaw: str | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        said = Said(
            who, role, meaning, "1" * 64 if flaw == "no-authority" else self.in_force(before=1 if flaw == "old-authority" else 0), self.clock + timedelta(hours=1 if flaw == "qm-time" else 0), subjects,
            reason="Not needed" if meaning in (Meaning.WITHDRAW, Meaning.REVOKE) else None, outcome=outcome, next_review=date(2027, 1, 1) if outcome is Outcome.CONTINUE else None,
            is_sentence_right=flaw != "sentence", is_well_formed=flaw != "malformed",
        )  # fmt: skip
        changed: dict[str, Any] = {
            "said": said,
            "key": {"unsigned": None, "other-key": ("w.writer", 1), "old-key": (who, 2)}.get(flaw or "", (who, 1)),
        }
        if flaw in ("tampered", "wrong-namespace"):
            changed["signature"] = flaw
        if flaw == "mail":
            changed["author"] = email("w.writer")
        shift = {
            "early": -timedelta(days=12),
            "late": timedelta(days=12),
            "future": NOW + timedelta(days=3) - self.clock,
            # no two alike: they would be one commit
            "back-dated": self.tip(branch).time + timedelta(hours=1, seconds=len(self.rows)) - self.clock,
        }.get(flaw or "")
        if shift:
            changed |= {"time": self.clock + shift, "said": replace(said, time=self.clock + shift)}
        if flaw == "changes-files":
            changed["sheets"] = self.put(branch, Sheet("QM-003", (9, 9), "Z"))
        if flaw == "copied":
            earlier = [row for row in self.rows if row.said]
            if earlier:
                changed = {
                    "said": earlier[-1].said,
                    "key": earlier[-1].key,
                    "signature": "tampered",
                    "author": earlier[-1].author,
                    "committer": earlier[-1].committer,
                }
        self.commit(branch, f"sign-off{f', {flaw}' if flaw else ''}", who, **changed)

    def authority(self, step: dict[str, Any]) -> None:
        branch = step["branch"]
        base = self.tip(branch).office or next(row.office for row in reversed(self.rows) if row.office)
        new = self.changed(replace(base, is_broken=False), step)
        self.commit(branch, f"authority: {step['do']} {step['about']}", step["who"], office=new)
        if new is None or new.is_broken:
            return
        for who in step["signers"]:
            self.sign_authority({"who": who, "stale": False, "branch": branch})

    def changed(self, base: Office, step: dict[str, Any]) -> Office | None:
        do, role = step["do"], step["role"]
        person = base.person(step["about"])
        if do == "delete":
            return None
        if do == "break":
            return replace(base, is_broken=True)
        if do == "quorum":
            return replace(base, quorum=1 + step["number"] % 3)
        if do == "assurance":
            return replace(base, assurance=("recorded", "forge", "signed")[step["number"] % 3])
        if do == "rule":
            return replace(base, seats=RULES[step["number"] % len(RULES)])
        if do == "back":
            known = list(dict.fromkeys(row.office for row in self.rows if row.office and not row.office.is_broken))
            return known[-1 - step["number"] % len(known)]
        if do == "hire":
            new = Person(
                f"n.new{step['number']}",
                (email(f"n.new{step['number']}"),),
                (role,),
                (Key((f"n.new{step['number']}", 1)),),
            )
            return base if base.person(new.id) else replace(base, people=(*base.people, new))
        if person is None:
            return base
        day = self.clock.date()
        keys = {
            "add key": (
                *person.keys,
                *([] if any(each.seed == (person.id, 2) for each in person.keys) else [Key((person.id, 2), first=day)]),
            ),
            "begin key": tuple(replace(each, first=day + timedelta(days=2)) for each in person.keys[:1])
            + person.keys[1:],
            "end key": tuple(replace(each, last=day) for each in person.keys[:1]) + person.keys[1:],
            "revoke key": tuple(replace(each, revoked=day + timedelta(days=step["number"])) for each in person.keys[:1])
            + person.keys[1:],
            "drop key": person.keys[1:],
        }.get(do, person.keys)
        roles = {
            "add role": tuple(dict.fromkeys((*person.roles, role))),
            "drop role": tuple(each for each in person.roles if each != role),
        }.get(do, person.roles)
        emails = (
            (*person.emails, "stranger@elsewhere.example")
            if do == "mail" and not any("stranger@elsewhere.example" in each.emails for each in base.people)
            else person.emails
        )
        new = replace(
            person,
            keys=keys,
            roles=roles,
            emails=emails,
            last=day + timedelta(days=step["number"]) if do == "end" else person.last,
        )
        people = tuple(
            new if each.id == person.id else each for each in base.people if do != "remove" or each.id != person.id
        )
        held = {each for one in people for each in one.roles}
        wanted = {seat.role for _, seats in base.seats for seat in seats}
        return (
            replace(base, people=people) if wanted <= held else base
        )  # a seat that nobody could fill makes it unreadable

    def sign_authority(self, step: dict[str, Any]) -> None:
        branch = step["branch"]
        held = self.tip(branch).office
        if held is None:
            return
        subject = Subject(AUTHORITY_SUBJECT, None, "", held.digest)
        self.say(
            branch, step["who"], "admin", Meaning.AUTHORITY, (subject,), flaw="old-authority" if step["stale"] else None
        )


def slips_of(slips: Iterable[Slip]) -> tuple[Slip, ...]:
    """Files in git's order."""
    return tuple(sorted(slips, key=lambda slip: slip.path))


def path_of(number: str, folder: str = "quality") -> str:
    """Where a document lies."""
    return f"sops/{folder}/{number}-title.md"


# Rows become a real repository


def written(history: History) -> tuple[Programme, list[str]]:
    """The programme of these rows, and each row's commit id."""
    first = history.rows[0]
    assert first.office
    files = first.office.files
    p = Programme(policy=files["policy.yaml"], people=files["people.yaml"])
    ids = [p.root]
    tokens: dict[Stamp, tuple[str, bytes]] = {}
    for number, row in enumerate(history.rows[1:], 1):
        parent = history.rows[row.parents[0]]
        for stamp in row.stamps:
            if stamp not in tokens:
                tokens[stamp] = (anchors.path(ids[stamp.over]), _token(stamp, p.chronicle.objects[ids[stamp.over]][1]))
        before, after = ({**_files(each), **dict(tokens[stamp] for stamp in each.stamps)} for each in (parent, row))
        changes: dict[str, str | bytes | None] = {
            name: text for name, text in after.items() if before.get(name) != text
        }
        changes |= {name: None for name in before if name not in after}
        seconds = int(row.time.timestamp())
        author, committer = Writer(row.author, row.author, seconds), Writer(row.committer, row.committer, seconds)
        ids.append(
            p.commit(
                "w.writer",
                changes,
                branch=f"b{number}",
                parents=tuple(ids[each] for each in row.parents),
                at=row.time,
                author=author,
                committer=committer,
                message=_message(row),
                sign=_signer(row),
            )
        )
    p.tips = {name: ids[tip] for name, tip in history.tips.items()}
    p.root = ids[history.trust_root]
    return p, ids


def _files(row: Row) -> dict[str, str]:
    files = {f"sops/authority/{name}": text for name, text in row.office.files.items()} if row.office else {}
    for path, sheet in row.sheets:
        folder = f"{path.rpartition('/')[0]}/{sheet.number}"
        files |= {path if name == "." else f"{folder}/{name}": text for name, text in sheet.files.items()}
    for slip in row.slips:
        text = _text(slip.said)
        signed = text + "\n" if slip.signature == "tampered" else text
        namespace = "git" if slip.signature == "wrong-namespace" else portable.NAMESPACE
        files[slip.path] = text
        files[f"{slip.path}.sig"] = sshsig.sign(key(*slip.key), signed.encode(), namespace=namespace).decode()
    return files


def _token(stamp: Stamp, raw: bytes) -> bytes:
    if stamp.by == "broken":
        return b"no token"
    maker = clock.press("foreign" if stamp.by == "foreign" else "house")
    return maker.token(b"something else" if stamp.by == "other" else raw, stamp.time)


def _message(row: Row) -> str:
    said = row.said
    if said is None:
        lines = [f"Approved-by: Somebody <{other}>" for other in row.approvers]
        lines += [f"Co-authored-by: Somebody <{other}>" for other in row.co_authors]
        return f"{row.what}\n\n" + "".join(f"{line}\n" for line in lines)
    return _text(said)


def _text(said: Said) -> str:
    subjects = tuple(
        statement.Subject(each.number, Version(*each.version) if each.version else None, each.blob, each.digest)
        for each in said.subjects
    )
    sentence = (
        SENTENCES[said.meaning] if said.is_sentence_right else SENTENCES[said.meaning].replace("I ", "I do not ", 1)
    )
    text = statement.write(
        Statement(
            statement.title(subjects, said.meaning, said.signer, said.role),
            sentence,
            said.signer,
            said.role,
            said.meaning,
            said.authority,
            said.time.astimezone(UTC),
            subjects,
            said.next_review,
            said.outcome,
            said.reason,
        )
    )
    return text if said.is_well_formed else f"{text}Signed-off-by: nobody\n"


def _signer(row: Row) -> Any:
    if row.key is None:
        return None
    used = key(*row.key)
    if row.signature == "tampered":
        return lambda payload: sshsig.sign(used, payload + b"\n", namespace="git")
    return lambda payload: sshsig.sign(used, payload, namespace="file" if row.signature == "wrong-namespace" else "git")
