"""The templates of the manual: sandboxed, strict, and escaping whatever they are given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from qmdoc.checks import unsafe_markup
from qmdoc.errors import OutputFailed
from qmdoc.outputs.languages import ENGLISH, Language
from qmdoc.outputs.manual_pages import mistakes, source, wording
from qmdoc.outputs.manual_pages.mistakes import FOLDER
from qmdoc.outputs.manual_pages.source import Page

STYLE = "qmdoc.css"
THEME = "theme/"
SCRIPTS = "scripts/"
WORDS = "words.js"
LOGO = "logo.svg"
_SAID_BY_SCRIPT = re.compile(r'\bsay\(\s*("(?:[^"\\\n]|\\.)*")')


class _Sandbox(SandboxedEnvironment):
    """jinja2's own, which asks only once of each kind of value: nothing but the kind decides whether an attribute is safe.

    `say` says qmdoc's own words, more often than all else is called: it is known to be safe, and wants no context.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._safe: dict[tuple[type, str], bool] = {}
        self.say: Callable[..., Markup] = _one(ENGLISH)

    def call(self, context: Any, called: Any, /, *values: Any, **named: Any) -> Any:
        return self.say(*values, **named) if called is self.say else super().call(context, called, *values, **named)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        asked = type(obj), attr
        if asked not in self._safe:
            self._safe[asked] = super().is_safe_attribute(obj, attr, value)
        return self._safe[asked]


class Templates:
    """The programme's own templates, by their names below `templates/manual`, in the language of the manual.

    Templates are written by people who may restyle the manual, not run programs: hence the sandbox. A name that a
    template misspells is an error, never an empty place.
    """

    def __init__(
        self, templates: Mapping[str, str], filters: Mapping[str, Callable[..., str]], language: Language = ENGLISH
    ) -> None:
        self._templates = templates
        self.language = language
        self._judged: set[str] = set()
        self._jinja = _Sandbox(
            loader=DictLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=("jinja2.ext.i18n",),
            finalize=language.say,
        )
        self._jinja.policies["ext.i18n.trimmed"] = True
        one = self._jinja.say = _one(language)
        self._jinja.globals.update(_=one, gettext=one, ngettext=_one_or_many(language))
        self._jinja.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension adds it
        self._jinja.filters.update(
            plain=wording.plain,
            moment=wording.moment,
            later=wording.later,
            seat=wording.seat,
            status=wording.STATUS.__getitem__,
            meaning=wording.MEANING.__getitem__,
            assurance=wording.ASSURANCE.__getitem__,
            outcome=wording.OUTCOME.__getitem__,
            standing=wording.STANDING.__getitem__,
            confidence=wording.confidence,
            cover=wording.cover,
            behind=wording.behind,
            row=source.anchor,
            part=source.part,
            capitalize=lambda text: self.say(text)[:1].upper() + self.say(text)[1:],
            **filters,
        )
        join = self._jinja.filters["join"]
        self._jinja.filters["join"] = _spoken_first(join, language)

    def say(self, text: str) -> str:
        """Words of qmdoc in the manual's language; any other text as it is."""
        return self.language.text(text)

    def spoken(self, pages: Iterable[Page]) -> tuple[Page, ...]:
        """The pages with their titles in the manual's language."""
        return tuple(
            replace(page, title=self.say(page.title), label=self.say(page.label), watermark=self.say(page.watermark))
            for page in pages
        )

    def render(self, name: str, page: str, **values: Any) -> str:  # Any: whatever a template is told about
        """The HTML that a template makes for a page. Raises OutputFailed, naming template and line."""
        tags = {
            "href": lambda target: source.href(page, target),
            "download": lambda name: source.beside(page, f"{source.DOWNLOADS}/{name}"),
            "file": lambda path: source.beside(page, path),
            **values,
        }
        try:
            if name not in self._judged:
                mistakes.judge(self._jinja, self._templates, name, tags)
                self._judged.add(name)
            return self._jinja.get_template(name).render(tags)
        except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise mistakes.told(error, name, self._jinja, tags) from error

    def theme(self) -> dict[str, bytes]:
        """What Sphinx needs of them: style sheets and scripts, and the frame around every page."""
        scripts = {
            f"{source.STATIC}/{name.removeprefix(SCRIPTS)}": text.encode()
            for name, text in self._templates.items()
            if name.startswith(SCRIPTS) and name.endswith(".js") and "/" not in name.removeprefix(SCRIPTS)
        }
        frames = {
            f"{source.TEMPLATES}/{name.removeprefix(THEME)}": text.encode()
            for name, text in self._templates.items()
            if name.startswith(THEME) and ".." not in name.split("/")
        }
        if STYLE not in self._templates or not frames:
            raise OutputFailed(
                f"{FOLDER} holds no {STYLE} or no folder {THEME}", fix="put back the templates that came with qmdoc"
            )
        loaded = {
            f"{source.STATIC}/{name}": text.encode()
            for name, text in self._templates.items()
            if "/" not in name and name.endswith((".css", ".js"))
        }
        return {**frames, **scripts, **loaded, **self._logo(), **self._words_of_scripts(scripts)}

    def _logo(self) -> dict[str, bytes]:
        """The programme's own drawing at the top of every page, if it has one; it may run and fetch nothing."""
        if LOGO not in self._templates:
            return {}
        content = self._templates[LOGO].encode()
        if faults := unsafe_markup.faults_of_drawing(content):
            where = f"{FOLDER}/{LOGO}, line {faults[0].line}"
            raise OutputFailed(f"{where}: {faults[0].message}", fix="save it as plain SVG without scripts and links")
        return {f"{source.STATIC}/{LOGO}": content}

    def _words_of_scripts(self, scripts: Mapping[str, bytes]) -> dict[str, bytes]:
        """What the scripts say in the manual's language, as a script of one assignment; nothing for English.

        Besides the messages that stand in their `say(...)`, they say the words for statuses and domains.
        """
        messages = {
            json.loads(found[1]) for text in scripts.values() for found in _SAID_BY_SCRIPT.finditer(text.decode())
        }
        messages |= {status.message for status in wording.STATUS.values()} | set(wording.SAID_OF_DOCUMENTS)
        words = self.language.words
        told = {message: words[message] for message in sorted(messages) if words.get(message, message) != message}
        return source.script(WORDS, "qmdocSaid", told)


def _one(language: Language) -> Callable[..., Markup]:
    """What `{% trans %}` and `_()` say; a translation's own markup is judged when its catalogue is read."""

    @cache
    def alone(message: str) -> Markup:
        return Markup(language.word(message)) % {}

    def one(message: str, /, **values: object) -> Markup:
        return Markup(language.word(message)) % _spoken(values, language) if values else alone(message)

    return one


def _one_or_many(language: Language) -> Callable[..., Markup]:
    """What `{% trans %}` says with `{% pluralize %}`."""
    return lambda one, many, number, /, **values: (
        Markup(language.words_for(one, many, number)) % _spoken({"num": number, **values}, language)
    )


def _spoken(values: Mapping[str, object], language: Language) -> dict[str, object]:
    return {name: language.say(value) for name, value in values.items()}


def _spoken_first(join: Callable[..., str], language: Language) -> Callable[..., str]:
    """The filter `join`, for rows in which words of qmdoc may stand."""

    @pass_eval_context
    def joined(context: EvalContext, rows: Iterable[object], *asked: str, **named: str) -> str:
        return join(context, [language.say(row) for row in rows], *asked, **named)

    return joined
