"""The rows of the demonstration: which version of which document was written when, by whom, and what it changed.

Times are days before today. The library's text is the last version; an earlier one is made of it by taking back what
the later ones changed, so that the demonstration never holds a second copy of a procedure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How a version came by its signatures."""

    ON_BRANCH = "signed on its branch, then merged"
    ON_MAIN = "merged, then signed on main"
    OWN_FIRST = "its author signed first, which fills no seat"
    UNSIGNED_FIRST = "one approval came without a signature and was refused"
    TAKEN_BACK = "an approval was taken back, the text corrected and signed again, once with a key that had ended"
    ONE_SIGNATURE = "merged, and one of two signatures is there"
    NONE = "merged, and nobody has signed"


@dataclass(frozen=True, slots=True)
class Edition:
    """One version: when it was written, what it says that it changes, and the changes as (was, is)."""

    version: str
    ago: int
    summary: str
    changes: tuple[tuple[str, str], ...] = ()
    months: int = 24
    way: Way = Way.ON_BRANCH
    author: str = ""
    co_author: str = ""
    is_tidied: bool = False
    reviewer: str = ""
    approvers: tuple[str, ...] = ()
    effective_ago: int | None = None
    supersedes: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """A new first number changes practice; so does every change of the text in this story (the redline would say so)."""
        return "major" if self.version.endswith(".0") or self.changes else "minor"


@dataclass(frozen=True, slots=True)
class Life:
    """A document's editions, oldest first, and who writes and approves it unless an edition says otherwise."""

    id: str
    author: str
    editions: tuple[Edition, ...]
    approvers: tuple[str, ...] = ("q.manager", "m.director")


@dataclass(frozen=True, slots=True)
class Review:
    """A periodic review that found a text fit for further use; `next_ago` is negative for a day ahead."""

    id: str
    ago: int
    who: str
    next_ago: int


FIRST = "First version, adopted from the starter library and verified here"
_FDA_PHARMACY = (
    "- FDA Safety Communication, 26 June 2025: REMS for Abecma, Breyanzi, Carvykti, Kymriah, Tecartus and Yescarta eliminated, with its on-site tocilizumab rule;"
    " monitoring at least two weeks.\n"
)
_FDA_INFUSION = (
    "- FDA Safety Communication, 26 June 2025: REMS eliminated for Abecma, Breyanzi, Carvykti, Kymriah, Tecartus and Yescarta;"
    " monitoring at least two weeks with daily monitoring for at least one week.\n"
    "- Alliance for Regenerative Medicine, statement of 27 June 2025: proximity two weeks (was four), driving two weeks (was eight).\n"
)
_FDA_REFERRAL = (
    "- FDA safety communication, 26 June 2025: REMS removed for six autologous CAR-T products; two weeks near a centre, two weeks without driving."
    " Follow each current label.\n"
)
_LABEL_OF_INFUSION = "  cart-us-label-2025: [REMS-eliminated, monitor-two-weeks, proximity-two-weeks, no-driving-two-weeks, boxed-warnings]\n"

LIVES = (
    Life(
        "QM-001",
        "q.manager",
        (
            Edition("1.0", 720, FIRST, way=Way.OWN_FIRST),
            Edition(
                "2.0",
                150,
                "Reviews start 60 days ahead; access ends on a leaver's last working day",
                (
                    (
                        "Start the review of a document 30 days before it is due.",
                        "Start the review of a document 60 days before it is due.",
                    ),
                    ("", "7. End the access of a leaver on the last working day.\n"),
                ),
            ),
        ),
        ("d.quality", "m.director"),
    ),
    Life(
        "QM-002",
        "q.officer",
        (
            Edition("1.0", 712, FIRST),
            Edition(
                "1.1",
                300,
                "Abbreviations are spelt out at their first use",
                (("9. Use the same word", "9. Spell out an abbreviation at its first use.\n10. Use the same word"),),
                author="n.educator",
                is_tidied=True,
            ),
        ),
    ),
    Life("QM-101", "q.officer", (Edition("1.0", 705, FIRST),), ("q.manager",)),
    Life(
        "QM-004",
        "q.officer",
        (
            Edition("1.0", 700, FIRST, reviewer="d.quality"),
            Edition(
                "1.1",
                260,
                "Near misses are reported within 24 hours",
                (
                    (
                        "| Near miss | Mix-up found at the identity check | 3 working days |",
                        "| Near miss | Mix-up found at the identity check | 24 hours |",
                    ),
                ),
            ),
        ),
    ),
    Life(
        "QM-003",
        "n.educator",
        (
            Edition("1.0", 694, FIRST, way=Way.ON_MAIN),
            Edition(
                "1.1",
                380,
                "Competency is repeated after 6 months of absence, was 12",
                (("after an absence longer than 12 months", "after an absence longer than 6 months"),),
                way=Way.TAKEN_BACK,
            ),
        ),
    ),
    Life(
        "STR-001",
        "d.quality",
        (
            Edition("1.0", 688, FIRST, reviewer="data.manager"),
            Edition(
                "1.1",
                330,
                "Handover when a key person leaves",
                (
                    (
                        "",
                        "5. Before a key person leaves, hand over open decisions and end their access by [Document control](QM-001).\n",
                    ),
                ),
            ),
        ),
    ),
    Life("QM-005", "q.officer", (Edition("1.0", 676, FIRST, months=12),)),
    Life(
        "PRC-001",
        "l.manager",
        (
            Edition("1.0", 672, FIRST, months=12),
            Edition(
                "1.1",
                480,
                "Readings every 15 minutes between warning and critical alarm, was 30",
                (("read every 30 minutes (programme default)", "read every 15 minutes (programme default)"),),
                months=12,
                reviewer="a.lead",
            ),
        ),
    ),
    Life("CLN-001", "n.educator", (Edition("1.0", 664, FIRST, way=Way.UNSIGNED_FIRST),)),
    Life(
        "ACC-001",
        "i.coordinator",
        (
            Edition("1.0", 660, FIRST, reviewer="l.manager"),
            Edition(
                "2.0",
                22,
                "Compare both identifiers at each point; mock shipment with every new manufacturer",
                (
                    (
                        "4. Compare the DIN at each point; a name alone is not enough.",
                        "4. Compare the DIN and the CoI Identifier at each point; a name alone is not enough.",
                    ),
                    ("", "4. Run a mock shipment with every new manufacturer, before the first patient.\n"),
                ),
                reviewer="a.lead",
                approvers=("q.manager", "d.director"),
            ),
        ),
    ),
    Life("PHA-002", "p.lead", (Edition("1.0", 655, FIRST),)),
    Life(
        "PHA-001",
        "p.lead",
        (
            Edition("1.0", 653, FIRST),
            Edition(
                "2.0",
                530,
                "REMS removed: the stock level follows labels, standard and local risk",
                (
                    (
                        "2. Keep at least 2 doses on site for each patient at risk, as the REMS of the product demands, by [CAR-T REMS enrolment](PHA-002).",
                        "2. Do not base the level on a REMS; for the six listed products there is none, and no REMS dose number applies.",
                    ),
                    (
                        "| REMS | The US programme that demands on-site, immediate access to tocilizumab |",
                        "| REMS | The US programme that used to demand on-site, immediate access to tocilizumab; ended 26 June 2025 for six CAR-T products |",
                    ),
                    ("", _FDA_PHARMACY),
                    ("", "  cart-us-label-2025: [REMS-eliminated, tocilizumab-not-REMS]\n"),
                ),
                effective_ago=508,
                supersedes=("PHA-002",),
            ),
            Edition(
                "2.1",
                12,
                "The emergency department and intensive care are told each week, was each month",
                (
                    (
                        "Tell the emergency department and intensive care each month",
                        "Tell the emergency department and intensive care each week",
                    ),
                ),
                effective_ago=-14,
                supersedes=("PHA-002",),
            ),
        ),
    ),
    Life(
        "CLN-102",
        "n.educator",
        (
            Edition("1.0", 650, FIRST),
            Edition(
                "1.1",
                432,
                "Grade one hour after treatment, was two",
                (("Grade two hours later", "Grade one hour later"),),
            ),
        ),
        ("q.manager",),
    ),
    Life("CLN-101", "n.educator", (Edition("1.0", 646, FIRST, co_author="l.manager"),), ("q.manager",)),
    Life(
        "CLN-003",
        "n.educator",
        (
            Edition("1.0", 640, FIRST, co_author="p.lead", reviewer="a.lead"),
            Edition(
                "1.1",
                430,
                "Grade again one hour after each treatment, was two",
                (
                    ("Re-grade two hours after each treatment", "Re-grade one hour after each treatment"),
                    (
                        "or the patient gets worse within two hours of treatment.",
                        "or the patient gets worse within one hour of treatment.",
                    ),
                ),
                months=12,
                approvers=("q.manager", "d.director"),
            ),
        ),
    ),
    Life("CLN-004", "n.educator", (Edition("1.0", 636, FIRST, months=12, co_author="p.lead"),)),
    Life(
        "CLN-002",
        "n.educator",
        (
            Edition("1.0", 630, FIRST, way=Way.ON_MAIN),
            Edition(
                "2.0",
                526,
                "REMS removed; two weeks of monitoring, near a centre and without driving",
                (
                    (
                        "8. Check that patient, prescriber and site are enrolled by [CAR-T REMS enrolment](PHA-002).",
                        "8. Do not enrol patient, prescriber or site in a CAR-T REMS for the six listed products; there is none to enrol in.",
                    ),
                    (
                        "| REMS | The US Risk Evaluation and Mitigation Strategy for CAR-T products |",
                        "| REMS | The former US Risk Evaluation and Mitigation Strategy for CAR-T products, ended on 26 June 2025 |",
                    ),
                    (
                        "2. Monitor for at least four weeks after infusion",
                        "2. Monitor for at least two weeks after infusion",
                    ),
                    (
                        "| Stay near a treatment centre | 4 weeks after infusion | All CAR-T products |",
                        "| Stay near a treatment centre | 2 weeks after infusion | The six products listed in the FDA communication of June 2025 |",
                    ),
                    (
                        "| Do not drive or do hazardous work | 8 weeks after infusion | The same |",
                        "| Do not drive or do hazardous work | 2 weeks after infusion | The same |",
                    ),
                    ("", _FDA_INFUSION),
                    ("", _LABEL_OF_INFUSION),
                ),
                effective_ago=508,
            ),
            Edition(
                "2.1",
                210,
                "A temperature of 38 °C is a reason to act, was 38.3 °C",
                (("4. Treat a temperature of 38.3 °C or above", "4. Treat a temperature of 38 °C or above"),),
                reviewer="a.lead",
                approvers=("d.quality", "d.director"),
            ),
        ),
    ),
    Life("FIN-001", "f.coordinator", (Edition("1.0", 622, FIRST),)),
    Life(
        "OUT-001",
        "i.coordinator",
        (
            Edition("1.0", 615, FIRST),
            Edition(
                "1.1",
                515,
                "Two weeks near a centre and without driving, was four and eight",
                (
                    (
                        "| Point | For autologous CAR-T products |",
                        "| Point | For the six autologous products in the FDA communication of June 2025 |",
                    ),
                    (
                        "| Staying near a treatment centre | At least 4 weeks after infusion |",
                        "| Staying near a treatment centre | At least 2 weeks after infusion |",
                    ),
                    (
                        "| Driving and hazardous activity | None for 8 weeks after infusion |",
                        "| Driving and hazardous activity | None for 2 weeks after infusion |",
                    ),
                    ("", _FDA_REFERRAL),
                    ("", "  cart-us-label-2025: [proximity-two-weeks, no-driving-two-weeks]\n"),
                ),
            ),
        ),
    ),
    Life(
        "TEC-001",
        "data.manager",
        (
            Edition("1.0", 605, FIRST),
            Edition(
                "1.1",
                9,
                "Follow-up data are asked for 30 days ahead, was 14",
                (
                    (
                        "1. Ask for follow-up data 14 days before the due date.",
                        "1. Ask for follow-up data 30 days before the due date.",
                    ),
                ),
                way=Way.ONE_SIGNATURE,
            ),
        ),
    ),
    Life("CLN-005", "n.educator", (Edition("1.0", 30, "First draft", way=Way.NONE),)),
)

REVIEWS = (
    Review("QM-005", 320, "q.manager", -400),
    Review("CLN-004", 285, "d.quality", -440),
    Review("PRC-001", 130, "q.manager", -38),
    Review("QM-101", 95, "q.manager", -600),
    Review("CLN-003", 80, "d.quality", -280),
)
FORGOTTEN = "PRC-001"

WITHDRAWN = "PHA-002"
WITHDRAWAL_AGO = 507
WITHDRAWAL_REASON = "the REMS for these products was eliminated, so there is nothing to enrol in; PHA-001 and CLN-002 say what applies now"
NOT_IN_FORCE = ("PHA-002", "CLN-005")
