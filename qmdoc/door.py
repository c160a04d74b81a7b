"""Where the program begins: a process that stands by is told that a question will come, then the command line is read."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Runs what the command line says, and ends the process (`qmdoc.cli.main`)."""
    if sys.argv[1:2] == ["check"]:
        from qmdoc import knock

        knock.knock(sys.argv[2:], os.environ)
    from qmdoc import cli

    cli.main()
