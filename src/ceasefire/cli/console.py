"""What commands print: sentences, tables, JSON; a progress bar for what takes more than a second."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ceasefire.pipeline.progress import Progress, silent

_WIDE = 400  # columns of a table that goes to a file or another program: nothing is cut there
_PATIENCE_SECONDS = 1.0


def say(*sentences: str) -> None:
    """Print sentences, one a line, at once: whoever waits at the other end of a pipe reads them now."""
    for sentence in sentences:
        print(sentence, flush=True)


def print_json(value: Any) -> None:
    """Print one JSON object on one line, at once."""
    print(_as_json(value), flush=True)


def print_json_lines(values: Iterable[Any]) -> None:
    """Print one JSON object a line."""
    for value in values:
        print(_as_json(value))


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Print a table; a column whose name starts with ``#`` holds numbers, the first holds ids and is never cut."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        is_number = column.startswith("#")
        table.add_column(column.lstrip("#"), justify="right" if is_number else "left", no_wrap=number == 0 or is_number)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False)
    console.print(table)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "finding"), counted(11757, "finding")
    ('1 finding', '11,757 findings')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Give a callback that shows a bar on standard error after a second; silent where that is no terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.stop()


class _Bar:
    """A rich progress bar that appears only when it is needed."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._progress: Any = None
        self._task: Any = None

    def __call__(self, what: str, done: int, total: int) -> None:
        if time.monotonic() - self._started < _PATIENCE_SECONDS:
            return
        if self._progress is None:
            from rich.console import Console
            from rich.progress import Progress as RichProgress

            self._progress = RichProgress(console=Console(stderr=True), transient=True)
            self._progress.start()
            self._task = self._progress.add_task(what, total=total or None)
        self._progress.update(self._task, description=what, completed=done, total=total or None)

    def stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
