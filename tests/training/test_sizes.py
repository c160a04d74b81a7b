"""Comparing only the sections that differ is never milder than comparing the whole text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programme import document

from qmdoc import documents, redline
from qmdoc.documents import ChangeSize, Document
from qmdoc.training.sizes import Text, between

LINES = (
    "## Purpose", "## Procedure", "### Thaw", "1. Warm the bag to 37 °C.", "2. Check the label.", "3. Do not shake it.", "", "",
    "The nurse records the time.", "The nurse records teh time.", "```{warning}", "```", "| Dose | Limit |", "|---|---|", "| 5 mg | ≤ 10 |", "- Gloves", "   within 30 minutes", "# no heading at all",
)  # fmt: skip
bodies = st.lists(st.sampled_from(LINES), max_size=14)


def text(lines: list[str]) -> Text | None:
    found = documents.parse("sops/quality/QM-001-title.md", document(body="\n".join(lines) + "\n").encode())
    return Text(found) if isinstance(found, Document) else None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies, bodies, bodies, bodies)
def test_sections_that_are_the_same_hide_nothing(
    before: list[str], was: list[str], now: list[str], after: list[str]
) -> None:
    old, new = text([*before, *was, *after]), text([*before, *now, *after])
    if old and new:
        whole = redline.size(redline.compare(old.document.body, new.document.body)).size
        assert between(old, new).size is ChangeSize.MAJOR or whole is ChangeSize.MINOR


def test_what_is_told_to_readers_names_the_section_and_no_line_of_the_source() -> None:
    lines = ["## Purpose", "", "Why.", "", "## Procedure", "", "### Thaw", "", "1. Warm it to {} °C.", ""]
    old, new = (text([line.format(degrees) for line in lines]) for degrees in ("37", "38"))
    assert old and new
    assert between(old, new).reasons == ("37 °C became 38 °C (step 1: Warm it to) (Thaw)",)
