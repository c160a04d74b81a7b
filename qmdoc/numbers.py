"""The next free number of a document: a number is never used again, so gaps stay."""

from __future__ import annotations

from collections.abc import Iterable

from qmdoc.errors import ConfigError

_LIKE_FORMS = ("form",)
_FORMS_FROM, _OTHERS_AGAIN_FROM = 101, 201  # 001-099: policies, plans, procedures; 101-199: forms


def following(prefix: str, kind: str, used: Iterable[str]) -> str:
    """The number after the highest of its kind with this prefix. Raises ConfigError where all are used."""
    taken = {int(number.partition("-")[2]) for number in used if number.startswith(f"{prefix}-")}
    first, last = (_FORMS_FROM, _OTHERS_AGAIN_FROM - 2) if kind in _LIKE_FORMS else (1, _FORMS_FROM - 2)
    own = [number for number in taken if first <= number <= last]
    number = max(own, default=first - 1) + 1
    if number > last:
        number = max([each for each in taken if each >= _OTHERS_AGAIN_FROM], default=_OTHERS_AGAIN_FROM - 1) + 1
    if number > 9999:
        raise ConfigError(f"all numbers of {prefix} are used", fix="begin another prefix")
    return f"{prefix}-{number:03}"
