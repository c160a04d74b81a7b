"""What a work tree still asks of its programme."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from qmdoc import decisions, documents, place, shipped, work_tree
from qmdoc.decisions import Undecided
from qmdoc.errors import ConfigError


def undecided(repository: Path | None, numbers: tuple[str, ...]) -> Undecided:
    """The open places of these documents, or of all; of the library that qmdoc ships where no repository is named.

    Raises ConfigError for a number that no document has.
    """
    files: Mapping[str, bytes] = shipped.library()
    if repository is not None:
        rows = work_tree.files(place.find(repository), "sops")
        files = {path: content for path, (mode, content) in rows.items() if mode.startswith("100")}
    known = {documents.id_in_name(path) or "" for path in files if decisions.is_document(path)}
    for number in numbers:
        if number not in known:
            near = difflib.get_close_matches(number.upper(), sorted(known), n=1, cutoff=0.3)
            raise ConfigError(
                f"no document has the number `{number}`",
                fix=f"the nearest is {near[0]}" if near else "name a document that lies under sops/",
            )
    wanted = {path: content for path, content in files.items() if not numbers or documents.id_in_name(path) in numbers}
    return decisions.undecided(wanted)
