"""What is major and what is minor: in doubt it is major."""

from __future__ import annotations

import pytest

from qmdoc.documents import ChangeSize
from qmdoc.redline import AttachmentChange, FieldChange, compare, size

MAJOR = [
    ("Give 5 mg.", "Give 50 mg."),
    ("Shake the bag.", "Do not shake the bag."),
    ("Staff must wash hands.", "Staff may wash hands."),
    ("Use the left arm.", "Use the right arm."),
    ("Always check it.", "Never check it."),
    ("The nurse signs.", "The physician signs."),
    ("Use a sterile tube.", "Use a non-sterile tube."),
    ("Take a related donor.", "Take an unrelated donor."),
    ("Check before infusion.", "Check after infusion."),
    ("Take 2 red widgets.", "Take 2 blue widgets."),
    ("1. Give .5 mg.", "1. Give 5 mg."),
    ("Act from grade II.", "Act from grade III."),
    ("Der Beutel wird geschüttelt.", "Der Beutel wird nicht geschüttelt."),
    ("Das Personal darf rufen.", "Das Personal muss rufen."),
    ("Treat hypotension.", "Treat hypertension."),
    ("It is bradycardia.", "It is tachycardia."),
    ("Doses are in mg.", "Doses are in µg."),
    ("It is given bd.", "It is given tds."),
    ("1. Thaw.\n2. Infuse.", "1. Thaw.\n2. Check.\n3. Infuse."),
    ("1. Thaw.\n2. Infuse.", "1. Infuse.\n2. Thaw."),
    ("1. Thaw.\n2. Infuse.", "1. Thaw."),
    ("1. Spike the heparin bag.", "1. Spike the citrate bag."),
    ("1. Thaw.\n2. Infuse.", "- Thaw.\n- Infuse."),
    ("One.", "One.\n\nA whole new paragraph stands here."),
    ("```{note}\nWait here.\n```", "```{danger}\nWait here.\n```"),
    ("```{warning}\nWear gloves.\n```", "```{warning}\nWear goggles.\n```"),
    ("```{warning}\nWear gloves.\n```", "Text."),
    ("| A | B |\n|---|---|\n| c | d |", "| A | B |\n|---|---|\n| c | other |"),
    ("| A | B |\n|---|---|\n| c | d |", "| A | B | C |\n|---|---|---|\n| c | d | e |"),
    ("| A | B |\n|---|---|\n| c | d |", "| A | B |\n|---|---|\n| c | d |\n| e | f |"),
    ("```{figure} QM-001/a.svg\nText.\n```", "```{figure} QM-001/b.svg\nText.\n```"),
    ("```{math}\na + b\n```", "```{math}\na - b\n```"),
    ("| A |\n|---|\n| a | 5 |", "| A |\n|---|\n| a | 6 |"),
]
MINOR = [
    ("The recieved bag.", "The received bag."),
    ("1. Chekc the label.", "1. Check the label."),
    ("1. Labell the bag", "1. Label the bag."),
    ("1. check the label", "1. Check the label."),
    ("The programme keeps records.", "Our programme holds all its records.".replace("all ", "")),
    ("See [control](QM-001).", "See [control](QM-002)."),
    ("See QM-001.", "See QM-002."),
    ("Text.", "**Text.**"),
    ("One\ntwo.", "One two."),
    ("Text here {clause}`a 1`", "Text here {clause}`a 2`"),
    ("## Purpose\n\nText.", "### Purpose\n\nText."),
    ("First is this paragraph.\n\nSecond comes another one.", "Second comes another one.\n\nFirst is this paragraph."),
    ("## References\n\n- Book one", "## References\n\n- Book one\n- Another book"),
]


@pytest.mark.parametrize(("old", "new"), MAJOR)
def test_what_is_done_otherwise_is_major_and_says_why_and_where(old: str, new: str) -> None:
    for one, other in ((old, new), (new, old)):
        found = size(compare(f"{one}\n", f"{other}\n"))
        assert found.size is ChangeSize.MAJOR
        assert found.reasons[0].size is ChangeSize.MAJOR and found.reasons[0].message


@pytest.mark.parametrize(("old", "new"), MINOR)
def test_wording_references_and_layout_are_minor(old: str, new: str) -> None:
    found = size(compare(f"{old}\n", f"{new}\n"))
    assert [str(reason) for reason in found.reasons if reason.size is ChangeSize.MAJOR] == []
    assert found.size is ChangeSize.MINOR and found.reasons


def test_nothing_has_no_reason() -> None:
    assert size(compare("a\n", "a\n")).reasons == ()


def test_a_reason_names_section_and_line() -> None:
    reason = size(compare("## Dose\n\nGive 5 mg.\n", "## Dose\n\nGive 6 mg.\n")).reasons[0]
    assert str(reason) == "5 mg became 6 mg (Give) (Dose, line 3)"


def test_a_role_that_the_programme_names_counts() -> None:
    redline = compare("The steward signs.\n", "The marshal signs.\n")
    assert size(redline).size is ChangeSize.MINOR
    assert size(redline, roles=("ward-marshal",)).size is ChangeSize.MAJOR


def test_attachments_and_keys_that_steer_are_major() -> None:
    assert size(compare("a\n", "a\n", attachments=(AttachmentChange("a.svg", "1", "2"),))).size is ChangeSize.MAJOR
    assert size(compare("a\n", "a\n", fields=(FieldChange("owner", "nurse", "physician"),))).size is ChangeSize.MAJOR
    assert size(compare("a\n", "a\n", fields=(FieldChange("standards", "a", "b"),))).size is ChangeSize.MINOR
