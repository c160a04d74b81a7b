"""The texts of the demonstration: the starter library with example answers, and the policy that binds what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from qmdoc import controlled, documents, standards, strict_yaml
from qmdoc.documents import Document
from qmdoc.errors import OutputFailed
from qmdoc.standards import Catalogue, is_under

NOTICE = "**Demonstration with invented data: not for use with patients.**"
ANSWERS = "templates/demo/answers.yaml"
EXTRA = "templates/demo/documents"
POLICY = "templates/demo/policy.yaml"
BINDING = (
    "fact-jacie-hct-8",
    "fact-iec-3",
    "us-21cfr1271",
    "us-21cfr11",
    "isbt128-coi",
    "cibmtr-ct",
    "cart-us-label-2025",
)
LATER = ("cart-us-label-2025",)
_STARTER = re.compile(r"^This is a starter text\b.*$", re.MULTILINE)
_LOCAL = re.compile(r"\[\[local: ([^]]+)\]\]")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")


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


def read(folder: Path) -> Library:
    """The library in a checkout, filled with the example answers. Raises OutputFailed where something is missing."""
    try:
        answers = _answers((folder / ANSWERS).read_text(encoding="utf-8"))
        files = {
            path: path.relative_to(folder).as_posix()
            for top in ("sops", EXTRA)
            for path in sorted((folder / top).rglob("*"))
            if path.is_file()
        }
        content = {name: path.read_bytes() for path, name in files.items()}
        templates = {
            name: (folder / "templates" / name).read_text(encoding="utf-8")
            for name in ("demo/policy.yaml", "demo/README.md", "programme/README.md", "programme/Makefile")
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


def policy(library: Library, in_force: Iterable[str], *, is_early: bool) -> str:
    """The policy: what binds is what the documents in force answer, whole branches of each catalogue."""
    found = [documents.parse(library.paths[number], library.texts[number].encode()) for number in in_force]
    texts = [each for each in found if isinstance(each, Document)]
    blocks = []
    for name in BINDING:
        catalogue = standards.read(f"{name}.yaml", library.standards[f"{controlled.STANDARDS}{name}.yaml"])
        if isinstance(catalogue, Catalogue) and not (is_early and name in LATER):
            claimed = {clause for text in texts for clause in text.front_matter.standards.get(name, ())}
            blocks.append(_binding(catalogue, claimed))
    return library.templates["demo/policy.yaml"].replace("standards: []\n", "standards:\n" + "".join(blocks))


def _binding(catalogue: Catalogue, claimed: set[str]) -> str:
    """The clauses to begin from, so that all that lies below them is answered."""
    asking = [clause.id for clause in catalogue.clauses if not clause.heading]
    starts: list[str] = []
    for clause in catalogue.clauses:
        below = [each for each in asking if is_under(each, clause.id)]
        if below and claimed.issuperset(below) and not any(is_under(clause.id, start) for start in starts):
            starts.append(clause.id)
    quoted = [start if _PLAIN.fullmatch(start) else f'"{start}"' for start in starts]
    rows = ["      " + ", ".join(quoted[at : at + 6]) for at in range(0, len(quoted), 6)]
    return f"  - {catalogue.id}: [\n" + ",\n".join(rows) + "]\n"


def _filled(text: str, answers: Mapping[str, str], name: str) -> str:
    unknown = [question for question in _LOCAL.findall(text) if question not in answers]
    if unknown:
        raise OutputFailed(
            f"{name} asks `{unknown[0]}`, which {ANSWERS} does not answer", fix=f"add the answer to {ANSWERS}"
        )
    text = _LOCAL.sub(lambda match: answers[match[1]], text)
    marked = _STARTER.sub(NOTICE, text, count=1)
    return marked if marked != text else re.sub(r"^(## .+)$", rf"\1\n\n{NOTICE}", text, count=1, flags=re.MULTILINE)


def _answers(text: str) -> dict[str, str]:
    node = strict_yaml.read(text)
    assert isinstance(node, strict_yaml.Mapping)
    return {key.text: value.text for key, value in node.pairs if isinstance(value, strict_yaml.Scalar)}


def _set(text: str, key: str, value: str) -> str:
    return re.sub(rf"^{key}: .*$", lambda _: f"{key}: {value}", text, count=1, flags=re.MULTILINE)
