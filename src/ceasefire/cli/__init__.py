"""The command line: one file per command, no logic."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the exit code is 0 when done, 1 for our fault, 2 for the user's."""
    from ceasefire.cli.application import run

    raise SystemExit(run())


__all__ = ["main"]
