"""The texts of the demonstration: the starter library with example answers, and its policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from qmdoc import controlled, decisions, documents, standards
from qmdoc.errors import OutputFailed

NOTICE = "**Demonstration with invented data: not for use with patients.**"
ANSWERS = "templates/demo/answers.yaml"
EXTRA = "templates/demo/documents"
POLICY = "templates/demo/policy.yaml"
LATER = ("cart-us-label-2025",)
_STARTER = re.compile(r"^This is a starter text\b.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a version's front matter says of itself."""

    version: str
    review_date: date
    change: str
    summary: str
    effective_date: date | None = None
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """The starter library, its places filled: each document's path and text, its attachments, the catalogues."""

    paths: Mapping[str, str]
    texts: Mapping[str, str]
    attachments: Mapping[str, bytes]
    standards: Mapping[str, bytes]
    templates: Mapping[str, str] = field(default_factory=dict)

    def type_of(self, number: str) -> str:
        """A document's type, as its front matter says."""
        return _key(self.texts[number], "type")

    def owner_of(self, number: str) -> str:
        """The role that owns a document, as its front matter says."""
        return _key(self.texts[number], "owner")


def read(folder: Path) -> Library:
    """The library in a checkout, filled with the example answers. Raises OutputFailed where something is missing."""
    try:
        files = {
            path: path.relative_to(folder).as_posix()
            for top in ("sops", EXTRA)
            for path in sorted((folder / top).rglob("*"))
            if path.is_file()
        }
        content = {name: path.read_bytes() for path, name in files.items()}
        templates = {
            name: (folder / "templates" / name).read_text(encoding="utf-8")
            for name in (
                "demo/answers.yaml",
                "demo/policy.yaml",
                "demo/README.md",
                "programme/README.md",
                "programme/Makefile",
            )
        }
        conf = folder / "conf.py"
        if conf.is_file() and conf.stat().st_size:
            templates["conf.py"] = conf.read_text(encoding="utf-8")
    except OSError as error:
        raise OutputFailed(
            f"the starter library is not whole: {error}",
            fix="reinstall qmdoc, or name a checkout that has sops/ and templates/",
        ) from error
    content = {name.replace(EXTRA, "sops", 1): value for name, value in content.items()}
    answers = _answers(templates["demo/answers.yaml"], content)
    paths = {
        number: name
        for name in content
        if (number := documents.id_in_name(name)) and controlled.owner_of(name) == number
    }
    return Library(
        paths=paths,
        texts={number: _filled(content[name].decode(), answers, name) for number, name in paths.items()},
        attachments={
            name: value for name, value in content.items() if controlled.owner_of(name) and name not in paths.values()
        },
        standards={
            name: value
            for name, value in content.items()
            if name.startswith(controlled.STANDARDS) and name.endswith(standards.SUFFIX)
        },
        templates=templates,
    )


def earlier(text: str, changes: Iterable[tuple[str, str]], number: str) -> str:
    """A document's text before changes, each a pair of what stood there and what stands there now."""
    for was, now in changes:
        if text.count(now) != 1:
            raise OutputFailed(
                f"the demonstration's story of {number} no longer fits the library: `{now[:60].strip()}` does not stand there once",
                fix="correct qmdoc/demo/story.py",
            )
        text = text.replace(now, was)
    return text


def headed(text: str, heading: Heading) -> str:
    """A document's text with its front matter set to a version."""
    text = _set(text, "version", f'"{heading.version}"')
    if heading.effective_date:
        text = text.replace("\nreview_date:", f"\neffective_date: {heading.effective_date}\nreview_date:", 1)
    text = _set(text, "review_date", str(heading.review_date))
    text = _set(text, "change", heading.change)
    supersedes = f"\nsupersedes: [{', '.join(heading.supersedes)}]" if heading.supersedes else ""
    summary = f'"{heading.summary}"' if ": " in heading.summary else heading.summary
    return _set(text, "change_summary", summary + supersedes)


def policy(library: Library, *, is_early: bool) -> str:
    """The policy; an early one is not bound yet by the catalogues that came later."""
    text = library.templates["demo/policy.yaml"]
    for name in LATER if is_early else ():
        text = re.sub(rf"^  - {name}\b.*\n", "", text, flags=re.MULTILINE)
    return text


def _answers(written: str, content: Mapping[str, bytes]) -> Mapping[str, str]:
    texts = (value.decode() for name, value in content.items() if decisions.is_document(name))
    asked = (question for text in texts for question in decisions.questions(text))
    return decisions.read_answers(written, ANSWERS, asked)


def _filled(text: str, answers: Mapping[str, str], name: str) -> str:
    unknown = [question for question in decisions.questions(text) if not answers.get(question)]
    if unknown:
        raise OutputFailed(
            f"{name} asks `{unknown[0]}`, which {ANSWERS} does not answer", fix=f"add the answer to {ANSWERS}"
        )
    text = decisions.answered(text, answers)
    marked = _STARTER.sub(NOTICE, text, count=1)
    return marked if marked != text else re.sub(r"^(## .+)$", rf"\1\n\n{NOTICE}", text, count=1, flags=re.MULTILINE)


def _key(text: str, key: str) -> str:
    found = re.search(rf"^{key}: (.*)$", text, re.MULTILINE)
    return found[1] if found else ""


def _set(text: str, key: str, value: str) -> str:
    return re.sub(rf"^{key}: .*$", lambda _: f"{key}: {value}", text, count=1, flags=re.MULTILINE)
