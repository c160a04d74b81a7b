"""What qmdoc ships for a programme to start from: the starter library, the templates, Sphinx's configuration."""

from __future__ import annotations

from pathlib import Path


def top() -> Path:
    """The folder that holds them: inside an installed qmdoc, or the checkout."""
    inside = Path(__file__).parent / "library"
    return inside if inside.is_dir() else Path(__file__).parent.parent


def presentation() -> dict[str, bytes]:
    """The files that decide how outputs look, by their path from the top: `conf.py` and everything under `templates/`."""
    places = [top() / "conf.py", *sorted((top() / "templates").rglob("*"))]
    return {place.relative_to(top()).as_posix(): place.read_bytes() for place in places if place.is_file()}


def library() -> dict[str, bytes]:
    """The starter library: documents, catalogues, and the templates that a programme begins from, by path from the top."""
    folders = ("sops", "templates/authority", "templates/programme", "templates/skeletons")
    places = [place for folder in folders for place in sorted((top() / folder).rglob("*")) if place.is_file()]
    named = {place.relative_to(top()).as_posix(): place for place in places}
    return {path: place.read_bytes() for path, place in named.items() if not path.startswith("sops/authority/")}
