"""How much a version changes: MAJOR where somebody must do something else, MINOR for wording, references and layout.

MAJOR, each with its reason and place:

- a number, limit or unit that changed, appeared or disappeared;
- a step or another item of a list, a section, paragraph, row, column, table, box or picture that is new or gone; a step that moved;
- anything but a slip in a step, in a cell of a table, in a formula, or in a box that is danger, important or warning; another kind of such a box;
- a word that steers (not, never, must, may, only, left, right, before, stop, mg, bd …), a word that becomes its opposite by a prefix
  (sterile, non-sterile; hypotension, hypertension), or a word for a role, wherever it stands;
- a word right after a number, which says what is counted;
- an attachment; the title, the type, the owner, sites, programmes or training.

MINOR: other wording in prose, slips, references and links, where a paragraph or row stands, how words are set. A slip is
punctuation, capital letters, an article, or one letter of a word of four or more that steers nothing.

It is a proposal: no program knows which of two drugs was meant. In doubt it says MAJOR, and people decide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from qmdoc.documents import ChangeSize
from qmdoc.model import DOCUMENT_ID
from qmdoc.redline.nouns import Change, Kind, NumberChange, Reason, Redline, Side, Sized, Word, WordKind
from qmdoc.redline.numbers import groups, is_number
from qmdoc.redline.places import Placed, every_part, plain
from qmdoc.saying import said

CRITICAL_BOXES = ("danger", "important", "warning")
STEERING = frozenset(
    re.findall(
        r"\S+",
        """
        not no never none nothing without unless except until only always must may might shall should can cannot can't don't doesn't mustn't
        shouldn't or either neither nor both all any each every before after during left right up down upper lower above below over under
        increase increased decrease decreased raise reduce more less least most maximum minimum start stop hold continue open close clamp
        unclamp connect disconnect accept reject release quarantine discard keep pass fail positive negative sterile aseptic oral intravenous
        intrathecal subcutaneous intramuscular autologous allogeneic related unrelated adult child paediatric pediatric frozen thawed fresh
        warm cold hot immediately daily hourly weekly monthly yearly annually if when optional required mandatory recommended allowed
        permitted prohibited forbidden first last next again abduct adduct ileum ilium perineal peroneal hyper hypo
        bd bid tds tid qds qid qd od prn stat im sc sq po pr ng mcg µg mg kg ml dl µl mmol µmol mol iu miu mmhg kpa
        nicht kein keine keinen keinem keiner nie niemals nur ohne außer muss müssen darf dürfen soll sollen kann können oder weder noch alle jede
        jeder jedes vor nach während links rechts oben unten über unter mehr weniger mindestens höchstens erhöhen senken beginnen anhalten
        fortsetzen öffnen schließen verwerfen positiv negativ steril intravenös subkutan oral sofort täglich wöchentlich monatlich jährlich
        wenn erste letzte nächste warm kalt
        """.casefold(),
    )
)
ROLES = re.compile(
    r"(?:nurse|physician|doctor|clinician|technologist|technician|pharmacist|manager|director|coordinator|officer|consultant|registrar|scientist"
    r"|operator|supervisor|administrator|specialist|surgeon|an(?:a)?esthetist|resident|trainee|deputy|delegate|designee|donor|patient|recipient"
    r"|staff|team|person|lead|owner|reviewer|approver)s?"
)
_PREFIX = re.compile(r"(?:un|non-?|in|im|ir|il|dis|de|mis|hypo|hyper|anti|contra|a)")
_TURNING = re.compile(
    r"(?:hypo|hyper|tachy|brady|intra|inter|extra|pre|post|ante|retro|mono|poly|oligo|macro|micro|under|over|sub|supra|in|ex|im)-?(?=\w{4})"
)
_ARTICLES = frozenset(("a", "an", "the"))
_SLIGHT_POINTS = frozenset(".,;:!?'\"()’‘“”…")
_REFERENCES = re.compile(
    r"\b(?:references?|related documents|see also|(?:revision|change|version) history|abbreviations|literature)\b", re.I
)
_WHOLE = {
    Kind.ITEM: said("step or list item"), Kind.PARAGRAPH: said("paragraph"), Kind.HEADING: said("section"), Kind.TABLE: said("table"), Kind.ROW: said("row of a table"),
    Kind.CELL: said("column of a table"), Kind.BOX: said("box"), Kind.LIST: said("list"), Kind.FIGURE: said("picture"), Kind.FORMULA: said("formula"), Kind.CODE: said("text as typed"),
    Kind.QUOTE: said("quotation"), Kind.LINE: said("line of a formula or of text as typed"), Kind.CAPTION: said("caption"),
}  # fmt: skip
_BLOCK, _NOT_GIVEN = said("block"), said("not given")
# How lists and boxes are set, as people call it.
_KINDS = {
    "": said("plain"), "ordered": said("numbered"), "bullet": said("with points"), "danger": said("danger"), "warning": said("warning"),
    "important": said("important"), "tip": said("tip"), "note": said("note"),
}  # fmt: skip
_MANY = 40_000  # pairs of words
_STEERING_FIELDS = ("title", "type", "owner", "programmes", "sites", "training")


def size(redline: Redline, *, roles: Collection[str] = ()) -> Sized:
    """How much a redline changes; `roles` are words that name a role, beside those that are known."""
    reasons = list(_reasons(redline, frozenset(word.casefold() for role in roles for word in re.split(r"[\s-]", role))))
    is_major = any(reason.size is ChangeSize.MAJOR for reason in reasons)
    ordered = sorted(dict.fromkeys(reasons), key=lambda reason: reason.size is ChangeSize.MINOR)
    return Sized(ChangeSize.MAJOR if is_major else ChangeSize.MINOR, tuple(ordered))


def _reasons(redline: Redline, roles: Collection[str]) -> Iterator[Reason]:
    yield from map(_of_number, redline.numbers)
    for attachment in redline.attachments:
        if attachment.was and attachment.is_:
            message = said("the attachment %(name)s changed", name=attachment.name)
        elif attachment.is_:
            message = said("the attachment %(name)s is new", name=attachment.name)
        else:
            message = said("the attachment %(name)s is gone", name=attachment.name)
        yield Reason(ChangeSize.MAJOR, message)
    for key in redline.fields:
        weight = ChangeSize.MAJOR if key.name in _STEERING_FIELDS else ChangeSize.MINOR
        fields = {"key": key.name, "was": key.was or _NOT_GIVEN, "is": key.is_ or _NOT_GIVEN}
        yield Reason(weight, said("“%(key)s” was %(was)s and is %(is)s", **fields))
    if redline.is_hidden_number:
        yield Reason(ChangeSize.MAJOR, said("a number changed in the source where no page shows it"))
    elif redline.is_layout_only:
        yield Reason(ChangeSize.MINOR, said("only the layout of the source changed"))
    columns: set[tuple[Change, str, int]] = set()
    for placed in every_part(redline.body):
        yield from _of_part(placed, columns)
        if placed.fate is Change.CHANGED:
            yield from _of_words(placed, roles)


def _of_number(change: NumberChange) -> Reason:
    unit = f" {change.unit}" if change.unit and "→" not in change.unit else ""
    was, now = f"{change.was}{unit}", f"{change.is_}{unit}"
    if not change.was:
        message = said("%(is)s is new", **{"is": now})
    elif not change.is_:
        message = said("%(was)s is gone", was=was)
    else:
        message = said("%(was)s became %(is)s", **{"was": was, "is": now})
    if change.subject:
        message = said("%(message)s (%(about)s)", message=message, about=change.subject)
    return Reason(ChangeSize.MAJOR, message, change.section, change.line_old, change.line_new)


def _of_part(placed: Placed, columns: set[tuple[Change, str, int]]) -> Iterator[Reason]:
    """A block that came, went, moved or is of another kind; what lies in it is not told again."""
    part, above = placed.part, placed.inside[-1] if placed.inside else None
    if above is not None and above.change not in (Change.CHANGED, Change.SAME):
        return
    name = _WHOLE.get(part.kind, _BLOCK)
    if part.change is Change.MOVED_HERE:
        is_step = part.kind in (Kind.ITEM, Kind.LIST) or (part.kind is Kind.BOX and part.name in CRITICAL_BOXES)
        weight = ChangeSize.MAJOR if is_step else ChangeSize.MINOR
        yield _reason(placed, weight, said("a %(name)s moved, was %(place)s", name=name, place=part.elsewhere))
    elif part.change in (Change.INSERTED, Change.DELETED):
        if part.kind is Kind.CELL and above is not None:
            at = next(number for number, cell in enumerate(above.children) if cell is part)
            if (part.change, placed.section, at) in columns:
                return
            columns.add((part.change, placed.section, at))
        is_reference = bool(_REFERENCES.search(placed.section)) and part.kind in (Kind.ITEM, Kind.PARAGRAPH)
        side = Side.NEW if part.change is Change.INSERTED else Side.OLD
        words = plain(tuple(part.every_word(side)))
        weight = ChangeSize.MINOR if is_reference or (not words and part.kind is not Kind.FIGURE) else ChangeSize.MAJOR
        if side is Side.NEW:
            message = said("a %(name)s is new: “%(words)s”", name=name, words=_short(words))
            yield _reason(placed, weight, message if words else said("an empty %(name)s is new", name=name))
        else:
            message = said("a %(name)s is gone: “%(words)s”", name=name, words=_short(words))
            yield _reason(placed, weight, message if words else said("an empty %(name)s is gone", name=name))
    elif part.change is Change.CHANGED and part.name_old != part.name_new and part.kind is not Kind.ITEM:
        is_critical = part.kind is Kind.BOX and {part.name_old, part.name_new} & set(CRITICAL_BOXES)
        is_order = part.kind is Kind.LIST
        weight = ChangeSize.MAJOR if is_critical or is_order else ChangeSize.MINOR
        kinds = {"was": _KINDS.get(part.name_old, part.name_old), "is": _KINDS.get(part.name_new, part.name_new)}
        yield _reason(placed, weight, said("a %(name)s was “%(was)s” and is “%(is)s”", name=name, **kinds))


def _of_words(placed: Placed, roles: Collection[str]) -> Iterator[Reason]:
    """The words that changed inside a block that is in both texts."""
    before = tuple[Word, ...]()
    for deleted, inserted, run in groups(placed.part.runs):
        reason = _of_replacement(placed, (deleted, inserted, before), roles) if deleted or inserted else None
        if reason:
            yield reason
        if run and run.change is Change.RESTYLED:
            yield _reason(
                placed, ChangeSize.MINOR, said("“%(words)s” is written another way", words=_short(plain(run.new)))
            )
        before = run.new if run else ()


def _of_replacement(placed: Placed, group: tuple[tuple[Word, ...], ...], roles: Collection[str]) -> Reason | None:
    deleted, inserted, before = group
    was, now = _said(deleted), _said(inserted)
    told = _told(deleted, inserted)
    if was == now:  # only targets of links, clause marks or the numbers of documents differ
        is_picture = placed.part.kind is Kind.FIGURE or any(word.style == "picture" for word in (*deleted, *inserted))
        return _reason(
            placed,
            ChangeSize.MAJOR if is_picture else ChangeSize.MINOR,
            said("picture: %(told)s", told=told) if is_picture else said("reference: %(told)s", told=told),
        )
    changed = [word for word in _only_one_side(was, now) if not is_number(word)]
    if all(is_number(word) for word in (*was, *now)):
        return None  # told among the numbers
    if steering := next((word for word in changed if word.key.casefold() in STEERING), None):
        return _reason(
            placed, ChangeSize.MAJOR, said("“%(word)s” steers what is done: %(told)s", word=steering.text, told=told)
        )
    if role := next((word for word in changed if _is_role(word, roles)), None):
        return _reason(placed, ChangeSize.MAJOR, said("“%(word)s” says who: %(told)s", word=role.text, told=told))
    if _is_opposite(was, now):
        return _reason(placed, ChangeSize.MAJOR, said("the opposite: %(told)s", told=told))
    if _is_slip(was, now):
        return _reason(placed, ChangeSize.MINOR, said("a slip: %(told)s", told=told))
    if before and before[-1].kind is WordKind.NUMBER:
        return _reason(
            placed,
            ChangeSize.MAJOR,
            said("what is counted after “%(word)s”: %(told)s", word=before[-1].text, told=told),
        )
    where = _where(placed)
    if where and not _REFERENCES.search(placed.section):
        return _reason(placed, ChangeSize.MAJOR, said("%(where)s: %(told)s", where=where, told=told))
    return _reason(placed, ChangeSize.MINOR, said("wording: %(told)s", told=told))


def _where(placed: Placed) -> str:
    """The kind of place in which wording counts; empty in prose."""
    box = placed.lies_in(Kind.BOX)
    if box and box.name in CRITICAL_BOXES:
        return said("in a box “%(box)s”", box=_KINDS.get(box.name, box.name))
    if placed.lies_in(Kind.ROW):
        return said("in a table")
    if placed.lies_in(Kind.FORMULA):
        return said("in a formula")
    return (
        said("in a step")
        if any(each.kind is Kind.LIST and "ordered" in (each.name_old, each.name_new) for each in placed.inside)
        else ""
    )


def _said(words: tuple[Word, ...]) -> list[Word]:
    """Words without where links lead, and without the numbers of documents, which are references too."""
    return [
        word
        for word in words
        if word.kind not in (WordKind.TARGET, WordKind.CLAUSE) and not DOCUMENT_ID.fullmatch(word.text)
    ]


def _only_one_side(was: list[Word], now: list[Word]) -> list[Word]:
    keys_was, keys_now = (Counter(word.key.casefold() for word in side) for side in (was, now))
    gone = [word for word in was if keys_was[word.key.casefold()] > keys_now[word.key.casefold()]]
    return [*gone, *(word for word in now if keys_now[word.key.casefold()] > keys_was[word.key.casefold()])]


def _is_role(word: Word, roles: Collection[str]) -> bool:
    return any(ROLES.fullmatch(each) or each in roles for each in word.key.casefold().split("-"))


def _is_opposite(was: list[Word], now: list[Word]) -> bool:
    """Whether a word became another by a prefix, or by another prefix, that turns it round; of very many words it is taken to be so."""
    if len(was) * len(now) > _MANY:
        return True
    return any(
        (long.endswith(short) and len(short) > 2 and _PREFIX.fullmatch(long.removesuffix(short)) is not None)
        or _stem(short) == _stem(long) != ""
        for one in was for other in now
        for short, long in [sorted((one.key.casefold(), other.key.casefold()), key=len)] if short != long
    )  # fmt: skip


def _stem(word: str) -> str:
    """What stands behind a prefix that has an opposite; empty where a word has none."""
    found = _TURNING.match(word)
    return word[found.end() :] if found else ""


def _is_slip(was: list[Word], now: list[Word]) -> bool:
    one, other = (
        [
            word.key.casefold()
            for word in side
            if word.text not in _SLIGHT_POINTS and word.key.casefold() not in _ARTICLES
        ]
        for side in (was, now)
    )
    return len(one) == len(other) and all(a == b or _is_near(a, b) for a, b in zip(one, other, strict=True))


def _is_near(one: str, other: str) -> bool:
    """Whether words of four letters or more with one beginning differ by one letter, or by two that changed places."""
    if (
        min(len(one), len(other)) < 4
        or one[0] != other[0]
        or not (one + other).isalpha()
        or abs(len(one) - len(other)) > 1
    ):
        return False
    at = next(
        (number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    rest, others = one[at:], other[at:]
    is_swap = rest[:2] == others[1::-1] and rest[2:] == others[2:] and len(rest) > 1
    return rest[1:] == others[1:] or rest[1:] == others or rest == others[1:] or is_swap


def _told(deleted: tuple[Word, ...], inserted: tuple[Word, ...]) -> str:
    was, now = (_short(" ".join(word.text for word in side)) for side in (deleted, inserted))
    if was and now:
        return said("“%(was)s” became “%(is)s”", **{"was": was, "is": now})
    return said("“%(is)s” is new", **{"is": now}) if now else said("“%(was)s” is gone", was=was)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _reason(placed: Placed, weight: ChangeSize, message: str) -> Reason:
    return Reason(weight, message, placed.section, placed.part.line_old, placed.part.line_new)
