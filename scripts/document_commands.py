"""Write docs/commands.md from the command line's own help.

    python scripts/document_commands.py [--check]

With --check nothing is written; the exit code is 1 when the page is not current.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from rich.console import Console

from ceasefire.cli.application import COMMANDS, application

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
WIDTH = 84
HEAD = """\
# Commands

This page is made from the program's own help: `ceasefire --help` and `ceasefire COMMAND --help`.

A workspace is found like a git repository: it is the one that holds the current folder, unless `--workspace` names
another. `--json` prints one object, or one object a line, with the field names of the records ([data
formats](data-formats.md)). Exit codes are 0 for done, 1 for our fault and 2 for the user's ([errors](errors.md)).
`CEASEFIRE_AUTHOR` names who is recorded in the ledger; by default it is the name of the account.
"""


def help_text(command: str | None = None) -> str:
    """Return what `ceasefire [COMMAND] --help` prints on a page `WIDTH` columns wide."""
    printed = io.StringIO()
    console = Console(file=printed, width=WIDTH, color_system=None, force_terminal=False, legacy_windows=False)
    application(command).help_print([command] if command else [], console=console)
    return "\n".join(line.rstrip() for line in printed.getvalue().strip().splitlines())


def page() -> str:
    """Return the page."""
    parts = [HEAD, f"```text\n{help_text()}\n```\n"]
    parts += [f"## `ceasefire {command}`\n\n```text\n{help_text(command)}\n```\n" for command in COMMANDS]
    return "\n".join(parts)


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    if parser.parse_args().check:
        return int(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
