"""The documents without a story of their own: adopted from the library wave by wave, domain after domain.

Each is written on a branch by somebody of its owner's area, signed by two and merged; plans and guidelines are reviewed
once a year. A document that is added to the library is in the demonstration without a word here.
"""

from __future__ import annotations

from qmdoc.demo import story
from qmdoc.demo.story import Edition, Life, Review
from qmdoc.demo.texts import Library

AUTHORS = {
    "quality-manager": "q.officer",
    "medical-director": "n.educator",
    "collection-director": "c.director",
    "processing-director": "p.director",
    "laboratory-manager": "l.manager",
    "nurse-educator": "n.educator",
    "pharmacist": "p.lead",
    "transplant-coordinator": "t.coordinator",
    "intake-coordinator": "i.coordinator",
    "finance-coordinator": "f.coordinator",
    "data-manager": "data.manager",
    "information-technology-lead": "it.lead",
}
WAVES = ("strategy", "quality", "processing", "collection", "clinical", "pharmacy", "access", "outreach", "finance", "technology")  # fmt: skip
YEARLY = ("plan", "guideline")
# Two years on, the first periodic review of these is not yet announced; a year and a half on, all are in force.
FIRST_AGO, LAST_AGO = 662, 608
_REVIEWED_AFTER, _REVIEWED_FOR = 350, 356
_FEW = ("q.manager",)


def lives(library: Library) -> tuple[Life, ...]:
    """The life of every document: those of the story, then the adopted ones in the order of their waves."""
    told = {life.id for life in story.LIVES}
    plain = sorted((number for number in library.paths if number not in told), key=lambda each: _turn(library, each))
    return (*story.LIVES, *(_adopted(library, number, _ago(at, len(plain))) for at, number in enumerate(plain)))


def reviews(library: Library) -> tuple[Review, ...]:
    """The periodic reviews: those of the story, and one of each adopted document that is reviewed every year."""
    told = {life.id for life in story.LIVES}
    yearly = (
        (life.id, life.editions[0].ago - _REVIEWED_AFTER)
        for life in lives(library)
        if life.id not in told and library.type_of(life.id) in YEARLY
    )
    return (*story.REVIEWS, *(Review(number, ago, "q.manager", ago - _REVIEWED_FOR) for number, ago in yearly))


def _turn(library: Library, number: str) -> tuple[bool, int, str]:
    """Where a document stands among the adopted: those reviewed every year last, so that one review has been enough."""
    domain = library.paths[number].rsplit("/", 2)[-2]
    wave = WAVES.index(domain) if domain in WAVES else len(WAVES)
    return library.type_of(number) in YEARLY, wave, number


def _ago(at: int, of: int) -> int:
    return FIRST_AGO - at * (FIRST_AGO - LAST_AGO) // max(of, 1)


def _adopted(library: Library, number: str, ago: int) -> Life:
    document_type = library.type_of(number)
    edition = Edition("1.0", ago, story.FIRST, months=12 if document_type in YEARLY else 24)
    author = AUTHORS.get(library.owner_of(number), "n.educator")
    return Life(number, author, (edition,), _FEW) if document_type == "form" else Life(number, author, (edition,))
