"""What can drift is held here: the checks' pages, the front matter's, the read-me. `make docs` writes the pages anew."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from qmdoc import checks, documents
from qmdoc.outputs import forms

TOP = Path(__file__).parent.parent
CHECKS = TOP / "docs" / "checks.md"
FRONT_MATTER = TOP / "docs" / "front-matter.md"
FORMS = TOP / "docs" / "forms.md"
FORMS_HEAD = TOP / "tests" / "outputs" / "forms.head.md"


def checks_page() -> str:
    """Every check's page: its docstring, with its ids and severities."""
    parts = [
        "# Checks",
        "",
        "What `qmdoc check` looks for. The ids are stable; this page is written from the program (`make docs`).",
        "",
    ]
    for check in sorted(checks.ALL, key=lambda each: each.ID):
        ids = getattr(check, "IDS", {check.ID: check.SEVERITY})
        parts += [f"## {check.ID}", "", (check.__doc__ or "").strip(), ""]
        parts += [", ".join(f"`{name}` ({severity})" for name, severity in ids.items()), ""]
    return "\n".join(parts)


def front_matter_page() -> str:
    """Every key of the front matter with its sentence."""
    parts = [
        "# Front matter",
        "",
        "The keys at the head of a document; `qmdoc schema` prints them as JSON Schema. This page is written from the program (`make docs`).",
        "",
    ]
    parts += ["| key | required | what it says |", "|---|---|---|"]
    for name, field in documents.FrontMatter.model_fields.items():
        parts.append(f"| `{name}` | {'yes' if name in documents.REQUIRED else 'no'} | {field.description} |")
    return "\n".join(parts) + "\n"


def forms_page() -> str:
    """How forms are printed, filled and read back, and every tag of every template with its sentence."""
    parts = [FORMS_HEAD.read_text(encoding="utf-8")]
    for kind in forms.KINDS:
        parts += [f"## {kind.TITLE}", "", f"`{forms.template_of(kind.NAME)}`. {kind.PURPOSE}", ""]
        parts += ["| tag | what it prints |", "|---|---|"]
        parts += [f"| `{{{{ {name} }}}}` | {sentence} |" for name, sentence in kind.TAGS.items()]
        parts.append("")
    return "\n".join(parts)


def test_the_page_of_forms_names_every_tag() -> None:
    assert FORMS.read_text(encoding="utf-8") == forms_page(), "run: make docs"


def test_the_checks_pages_are_the_docstrings() -> None:
    assert CHECKS.read_text(encoding="utf-8") == checks_page(), "run: make docs"


def test_the_front_matter_page_is_the_model() -> None:
    assert FRONT_MATTER.read_text(encoding="utf-8") == front_matter_page(), "run: make docs"


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", (TOP / "README.md").read_text(), re.MULTILINE)) <= targets


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    forbidden = re.compile(r"p[y]pi\.org|python[h]osted|registry\.n[p]mjs|deb\.de[b]ian\.|/wor[k]/|/roo[t]/")
    suffixes = {".py", ".md", ".toml", ".txt", ".yaml", ".html", ".css", ""}
    skipped = {
        ".git",
        ".venv",
        "build",
        "__pycache__",
        ".hypothesis",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".import_linter_cache",
    }
    for place in TOP.rglob("*"):
        parts = set(place.relative_to(TOP).parts)
        if place.is_file() and place.suffix in suffixes and not parts & skipped:
            assert not forbidden.search(place.read_text(encoding="utf-8", errors="replace")), place


if __name__ == "__main__":
    CHECKS.write_text(checks_page(), encoding="utf-8")
    FRONT_MATTER.write_text(front_matter_page(), encoding="utf-8")
    FORMS.write_text(forms_page(), encoding="utf-8")
    sys.stdout.write(f"wrote {CHECKS.relative_to(TOP)} and {FRONT_MATTER.relative_to(TOP)}\n")
