"""A form's number: whatever is read or typed wrong in one place is seen."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmdoc.outputs.forms import number

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DAYS = st.dates(date(2000, 1, 1), date(2089, 9, 17))


@given(DAYS, st.lists(st.lists(st.text(max_size=5), max_size=3), max_size=3))
def test_a_number_leads_back_to_its_day(day: date, parts: list[list[str]]) -> None:
    made = number.made(day, *parts)
    assert number.PATTERN.fullmatch(made) and number.is_whole(made) and number.day_of(made) == day
    assert number.clean(made.lower().replace("-", " ").replace("1", "l").replace("0", "o")) == made


@given(DAYS, st.integers(0, 11), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_seen(day: date, place: int, letter: str) -> None:
    plain = number.made(day, ["x"]).replace("-", "")
    wrong = number.clean(plain[:place] + letter + plain[place + 1 :])
    assert wrong and number.is_whole(wrong) == (letter == plain[place])


@given(DAYS, st.integers(0, 11), st.integers(0, 11))
def test_two_letters_that_changed_places_are_seen(day: date, one: int, other: int) -> None:
    letters = list(number.made(day, ["x"]).replace("-", ""))
    letters[one], letters[other] = letters[other], letters[one]
    wrong = number.clean("".join(letters))
    assert wrong and number.is_whole(wrong) == (letters[one] == letters[other])


@pytest.mark.parametrize("written", ["", "9JWE", "9JWE-B958-W74U", "9JWE-B958-W74B-0", "9JWE-B958-W74²"])
def test_what_is_no_number_is_none(written: str) -> None:
    assert number.clean(written) is None


def test_other_rows_or_another_order_make_another_number() -> None:
    day, rows = date(2026, 11, 22), [["n.nurse", "QM-001"], ["s.one", "QM-001"]]
    kinds = [[*rows], rows[::-1], rows[:1], [["n.nurse"], ["QM-001"], ["s.one", "QM-001"]]]
    assert len({number.made(day, *each) for each in kinds}) == len(kinds)
    with pytest.raises(ValueError, match="no form is numbered for 2090-01-01"):
        number.made(date(2090, 1, 1), ["x"])
