"""The downtime copy says on every page of which day it is, and is the same file each time."""

from __future__ import annotations

import io
import zipfile
from datetime import date

from qmdoc.outputs import downtime
from qmdoc.outputs.languages import Language

MANUAL = {
    "index.html": b"<html><body class='x'>\n<p>Home</p></body></html>",
    "documents/QM-001.html": b"<html><body><p>Text <body> in words</p></body></html>",
    "pagefind/pagefind.js": b"x",
    "pagefind-all/pagefind.js": b"x",
    "_static/qmdoc.css": b"body {}",
}


def opened(copy: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(copy)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def test_every_page_says_the_day_once_and_all_else_is_as_it_was() -> None:
    files = opened(downtime.render(MANUAL, as_of=date(2026, 11, 22), programme="A <b> programme"))
    folder = "manual-downtime-copy-2026-11-22"
    assert set(files) == {f"{folder}/{name}" for name in ("index.html", "documents/QM-001.html", "_static/qmdoc.css")}
    for name in ("index.html", "documents/QM-001.html"):
        page = files[f"{folder}/{name}"]
        assert page.count(b"downtime copy of 2026-11-22") == 1 and b"A &lt;b&gt; programme" in page
        assert page.index(b"downtime copy") < page.index(b"<p>")
    assert files[f"{folder}/_static/qmdoc.css"] == MANUAL["_static/qmdoc.css"]


def test_a_page_says_it_in_the_language_of_the_manual() -> None:
    english = "%(programme)s: downtime copy of %(day)s. Check the live manual as soon as it can be reached."
    language = Language("de", {english: "%(programme)s: Ausfallkopie vom %(day)s."})
    files = opened(downtime.render(MANUAL, as_of=date(2026, 11, 22), programme="P", language=language))
    assert b">P: Ausfallkopie vom 2026-11-22.<" in files["manual-downtime-copy-2026-11-22/index.html"]


def test_the_same_manual_makes_the_same_bytes() -> None:
    day = date(2026, 11, 22)
    first = downtime.render(MANUAL, as_of=day, programme="P")
    assert first == downtime.render(dict(reversed(MANUAL.items())), as_of=day, programme="P")
    assert first != downtime.render(MANUAL, as_of=date(2026, 11, 23), programme="P")
