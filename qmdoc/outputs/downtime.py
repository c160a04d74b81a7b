"""The downtime copy: the manual as one dated zip, to be opened without a network when the site is down.

Every page says of which day the copy is, on screen and on paper, so that nobody takes an old copy for the manual. What
can't work from a folder (the search that needs a server) is left out; the other search stays.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date

from qmdoc.outputs.languages import ENGLISH, Language
from qmdoc.saying import said

NAME = "downtime"
_SERVER_ONLY = ("pagefind/", "pagefind-all/")
_BODY = re.compile(rb"<body\b[^>]*>")
_STYLE = (
    "border:3px solid #b00020;background:#fff;color:#000;font-weight:700;padding:.5em 1em;margin:0;text-align:center"
)


def name(as_of: date) -> str:
    """The file's name, and that of the one folder inside it."""
    return f"manual-downtime-copy-{as_of}"


def render(manual: Mapping[str, bytes], *, as_of: date, programme: str, language: Language = ENGLISH) -> bytes:
    """The zip of a built manual, by path; the same manual makes the same bytes."""
    values = {"programme": programme, "day": as_of}
    words = language.text(
        said("%(programme)s: downtime copy of %(day)s. Check the live manual as soon as it can be reached.", **values)
    )
    banner = f'<p class="qm-downtime" role="note" style="{_STYLE}">{html.escape(words)}</p>'.encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as copy:
        for path in sorted(manual):
            if path.startswith(_SERVER_ONLY):
                continue
            content = manual[path]
            if path.endswith(".html"):
                content = _BODY.sub(lambda found: found[0] + banner, content, count=1)
            copy.writestr(
                _row(f"{name(as_of)}/{path}", as_of), content, compresslevel=6
            )  # 9 takes twice the time for a hundredth
    return written.getvalue()


def _row(path: str, as_of: date) -> zipfile.ZipInfo:
    """A row that tells nothing of the computer or the hour: the day is the copy's."""
    row = zipfile.ZipInfo(path, date_time=(max(as_of.year, 1980), as_of.month, as_of.day, 0, 0, 0))
    row.compress_type = zipfile.ZIP_DEFLATED
    row.external_attr = 0o644 << 16
    row.create_system = 3
    return row
