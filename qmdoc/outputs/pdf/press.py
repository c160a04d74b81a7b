"""Runs typst, one job after the other, in a process of its own that reads the jobs' folders from its standard input.

typst sees the files of the job's folder and nothing else: no font of the computer, no file outside, no network.
The process ends when its input ends, so also when whoever started it was killed.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst
    from typst import PDFStandard

SHEETS = "sheets.json"
TEMPLATE = "procedure.typ"
MADE = "made.pdf"
TROUBLE = "trouble.json"
# PDF/UA-1 and PDF/A-2a: tagged, with a title and a language; both refuse a letter that no font has.
_STANDARDS: list[PDFStandard] = ["ua-1", "a-2a"]


def run(jobs: Iterable[str], fonts: str) -> None:
    """Makes `made.pdf` in each folder, or `trouble.json` where typst refused or warned."""
    for job in jobs:
        folder = Path(job.rstrip("\n"))
        made, trouble = _made(folder, fonts)
        if trouble or made is None:
            (folder / TROUBLE).write_text(json.dumps(trouble), encoding="utf-8")
        else:
            (folder / MADE).write_bytes(made)


def _made(folder: Path, fonts: str) -> tuple[bytes | None, dict[str, str]]:
    import typst

    nowhere = folder / "no-packages"
    try:
        compiler = typst.Compiler(
            folder / TEMPLATE, root=folder, font_paths=_fonts(fonts), package_path=nowhere, package_cache_path=nowhere
        )
        made, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards=_STANDARDS, timestamp=0)
    except typst.TypstError as error:
        return None, {"message": error.message, "diagnostic": error.diagnostic}
    told = [{"message": warning.message, "diagnostic": warning.diagnostic} for warning in warnings]
    assert isinstance(made, bytes), "a PDF is one file"
    return made, told[0] if told else {}


@cache
def _fonts(folder: str) -> typst.Fonts:
    """The fonts inside typst, and those of the folder."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this process ends it
    run(sys.stdin, sys.argv[1])
