"""The templates of the manual: sandboxed, strict, and escaping whatever they are given."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from qmdoc.errors import OutputFailed
from qmdoc.outputs.manual_pages import source, wording

FOLDER = "templates/manual"
STYLE = "qmdoc.css"
MORE_STYLES = ("redline.css",)  # for the pages that link them
THEME = "theme/"


class Templates:
    """The programme's own templates, by their names below `templates/manual`.

    Templates are written by people who may restyle the manual, not run programs: hence the sandbox. A name that a
    template misspells is an error, never an empty place.
    """

    def __init__(self, templates: Mapping[str, str], filters: Mapping[str, Callable[..., str]]) -> None:
        self._templates = templates
        self._jinja = SandboxedEnvironment(
            loader=DictLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters.update(
            plain=wording.plain,
            moment=wording.moment,
            seat=wording.seat,
            status=wording.STATUS.__getitem__,
            meaning=wording.MEANING.__getitem__,
            assurance=wording.ASSURANCE.__getitem__,
            outcome=wording.OUTCOME.__getitem__,
            confidence=wording.confidence,
            row=source.anchor,
            part=source.part,
            **filters,
        )

    def render(self, name: str, page: str, **values: Any) -> str:  # Any: whatever a template is told about
        """The HTML that a template makes for a page. Raises OutputFailed, naming template and line."""
        try:
            return self._jinja.get_template(name).render(href=lambda target: source.href(page, target), **values)
        except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            where = f"{FOLDER}/{name}, line {_line(error)}"
            raise OutputFailed(
                f"the template {where} could not be used: {error}",
                fix="correct it, or put back the template that came with qmdoc",
            ) from error

    def theme(self) -> dict[str, bytes]:
        """What Sphinx needs of them: the style sheet, and the frame around every page."""
        frames = {
            f"{source.TEMPLATES}/{name.removeprefix(THEME)}": text.encode()
            for name, text in self._templates.items()
            if name.startswith(THEME) and ".." not in name.split("/")
        }
        if STYLE not in self._templates or not frames:
            raise OutputFailed(
                f"{FOLDER} holds no {STYLE} or no folder {THEME}", fix="put back the templates that came with qmdoc"
            )
        more = {
            f"{source.STATIC}/{name}": self._templates[name].encode() for name in MORE_STYLES if name in self._templates
        }
        return {**frames, f"{source.STATIC}/{STYLE}": self._templates[STYLE].encode(), **more}


def _line(error: Exception) -> int | str:
    """The line of the template at which it failed; jinja2 writes it into the traceback."""
    if number := getattr(error, "lineno", None):
        return int(number)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] if lines and lines[-1] else "?"
