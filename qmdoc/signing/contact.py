"""How people reach each other and the manual: optional keys of the policy (DESIGN.md §3.2)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from qmdoc.strict_yaml import OneLine, wrong

_ADDRESS = re.compile(r"https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*/?")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_NUMBER = re.compile(r"(?=.*[0-9])[0-9A-Za-z+*#()/., -]{1,40}")
_STRICT = ConfigDict(extra="forbid", frozen=True)


def _https(value: object) -> object:
    if isinstance(value, str) and (not _ADDRESS.fullmatch(value) or "/../" in f"{value}/" or "/./" in f"{value}/"):
        raise wrong(value, "an address such as `https://manual.example/sops/`, without `?` and `#`")
    return value


def _branch(value: object) -> object:
    if isinstance(value, str) and not _BRANCH.fullmatch(value):
        raise wrong(value, "the name of a branch, such as `main`")
    return value


def _number(value: object) -> object:
    if isinstance(value, str) and (not _NUMBER.fullmatch(value) or value != value.strip()):
        raise wrong(value, "a telephone or pager number, such as `112`, `+44 20 7946 0000` or `pager 4321`")
    return value


HttpsAddress = Annotated[str, BeforeValidator(_https, json_schema_input_type=str)]


class EmergencyNumber(BaseModel):
    """Whom to call at once; shown at the top of the manual."""

    model_config = _STRICT
    name: OneLine
    number: Annotated[str, BeforeValidator(_number, json_schema_input_type=str)]

    @property
    def dialled(self) -> str:
        """The number as a telephone dials it; empty where that is not certain (`pager 4321`, `112 / 911`, `+44 (0)20 7946`)."""
        return re.sub(r"[ .-]", "", self.number) if re.fullmatch(r"\+?[0-9][0-9 .-]*", self.number) else ""


class ForgeKind(StrEnum):
    """Which forge it is: each has its own address for a new file or issue."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"


class ForgeSite(BaseModel):
    """Where the programme's repository is kept, for links that staff may follow; it proves nothing."""

    model_config = _STRICT
    kind: ForgeKind
    url: HttpsAddress
    branch: Annotated[str, BeforeValidator(_branch, json_schema_input_type=str)] = "main"
