"""Every message that qmdoc says in its outputs, found in templates, scripts and modules: `make words` writes the catalogue."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

from qmdoc import checks
from qmdoc.coverage import Cover
from qmdoc.documents import TrainingKind
from qmdoc.model import Severity
from qmdoc.outputs.manual_pages import domains, wording

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "templates" / "languages"
POT = FOLDER / "qmdoc.pot"
_THEME = re.compile(r'\bsay\(\s*("(?:[^"\\\n]|\\.)*")')
_TYPST_ROWS = re.compile(r'\.\.\(((?:"[^"]+",?\s*)+)\)\.map\(head => strong\(say\(head\)\)\)')
_HEAD = """\
# Interface words of qmdoc, English. `make words` writes this file anew and brings the others of this folder into line.
# A translation is a copy of it, named by its language (`fr.po`), which the policy chooses: `language: fr`.
# Values such as %(day)s and tags such as <strong> stay as they are; %% is a percent sign."""

Message = str | tuple[str, str]


def messages() -> dict[Message, list[str]]:
    """Every message with the files that say it, in order."""
    found: dict[Message, list[str]] = {}
    for message, place in sorted(
        [*_templates(), *_scripts(), *_modules(), *_words()], key=lambda each: (each[1], str(each[0]))
    ):
        places = found.setdefault(message, [])
        if place not in places:
            places.append(place)
    for one, _many in [each for each in found if isinstance(each, tuple)]:
        assert one not in found, f"“{one}” is said both with and without a plural"
    return found


def _templates() -> Iterator[tuple[Message, str]]:
    jinja = Environment(extensions=["jinja2.ext.i18n"])
    for path in sorted((ROOT / "templates" / "manual").glob("*.html")):
        for _, _, said in jinja.extract_translations(path.read_text(encoding="utf-8")):  # type: ignore[attr-defined]
            if isinstance(said, str):
                yield said, _place(path)
            elif said and said[0]:
                yield ((said[0], said[1]) if len(said) > 1 and isinstance(said[1], str) else said[0]), _place(path)


def _scripts() -> Iterator[tuple[Message, str]]:
    below = ROOT / "templates"
    for path in sorted(
        [*below.glob("manual/theme/**/*.html"), *below.glob("manual/scripts/*.js"), *below.glob("pdf/*.typ")]
    ):
        written = path.read_text(encoding="utf-8")
        yield from ((json.loads(found[1]), _place(path)) for found in _THEME.finditer(written))
        for rows in _TYPST_ROWS.finditer(written):
            yield from ((word, _place(path)) for word in re.findall(r'"([^"]+)"', rows[1]))


def _modules() -> Iterator[tuple[Message, str]]:
    for path in sorted((ROOT / "qmdoc").rglob("*.py")):
        if "library" in path.relative_to(ROOT).parts:
            continue
        with path.open("rb") as file:
            for _, said, _, _ in extract("python", file, keywords={"said": None, "counted": (1, 2)}):
                yield (said if isinstance(said, str) else (said[0], said[1])), _place(path)


def _words() -> Iterator[tuple[Message, str]]:
    """Words that programs put together: statuses, the starter library's roles, types and folders."""
    names = {*domains.DOMAINS, *Cover, *TrainingKind, *Severity}
    for path in (ROOT / "sops").rglob("*.md"):
        names.update(path.relative_to(ROOT / "sops").parts[:-1][:2])
    names -= {each for each in names if re.search(r"\d", each)}
    policy = yaml.safe_load((ROOT / "templates" / "authority" / "policy.yaml").read_text(encoding="utf-8"))
    names |= {*policy["types"], *(seat["role"] for seats in policy["sign_off"].values() for seat in seats)}
    for path in (ROOT / "sops").rglob("*.md"):
        if front := re.match(r"---\n(.*?)\n---\n", path.read_text(encoding="utf-8"), re.DOTALL):
            told = yaml.safe_load(front[1])
            names |= {told["owner"], *(told.get("training") or {}).get("roles", ())}
    yield from ((str(wording.plain(each)), "words") for each in sorted(names))
    plain = [*Cover, *Severity, *(f"{each}s" for each in Severity), *wording.SAID_OF_DOCUMENTS]
    yield from ((str(each), "words") for each in plain)
    yield from ((str(wording.promise(number)), "checks") for number in sorted(checks.ids()))


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def catalogue() -> Catalog:
    """The messages as a catalogue without translations; neither day nor version in it."""
    made = Catalog(header_comment=_HEAD, project="qmdoc", fuzzy=False)
    for message, places in messages().items():
        made.add(message, locations=[(place, None) for place in places], flags=())
    return made


def written(made: Catalog) -> str:
    """A catalogue as its file has it, without what differs from day to day."""
    out = io.BytesIO()
    write_po(out, made, width=0, omit_header=True, sort_output=False)
    plurals = made.plural_forms if made.locale else "nplurals=2; plural=(n != 1);"
    head = f'{made.header_comment}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plurals}\\n"\n\n'
    flags = re.sub(r"^#, python-format\n", "", out.getvalue().decode(), flags=re.MULTILINE)
    return head + flags.lstrip("\n").rstrip("\n") + "\n"


def update(path: Path) -> str:
    """A translation with today's messages: what is no longer said goes, what is new stands there empty."""
    before = read_po(io.BytesIO(path.read_bytes()), locale=path.stem)
    now = catalogue()
    made = Catalog(locale=path.stem, header_comment=_comment(path))
    for message in now:
        if message.id:
            old = before.get(message.id if isinstance(message.id, str) else message.id[0])
            made.add(message.id, old.string if old else "", locations=message.locations)
    return written(made)


def _comment(path: Path) -> str:
    return "\n".join(line for line in path.read_text(encoding="utf-8").split("\nmsgid", 1)[0].splitlines() if line)


if __name__ == "__main__":
    POT.write_text(written(catalogue()), encoding="utf-8")
    for each in sorted(FOLDER.glob("*.po")):
        each.write_text(update(each), encoding="utf-8")
