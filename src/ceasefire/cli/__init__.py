"""The command line: one file per command, no logic."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line; the exit code is 0 when done, 1 for our fault, 2 for the user's.

    The process ends without tearing its libraries down: a thread of Arrow's that still lets go of a Python object
    while the interpreter closes aborts the process (code 134), after all was said and done. Files are closed and
    the ledger is committed before that.
    """
    from ceasefire.cli.application import run

    code = run()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(code)


__all__ = ["main"]
