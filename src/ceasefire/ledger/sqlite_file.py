"""Turns at a SQLite file that several programs may open, or begin, at the same moment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

_LONGEST_WAIT_SECONDS = 0.05


def write_ahead(connection: apsw.Connection, *, patience_seconds: float) -> str:
    """Switch the file to the write-ahead log, waiting while another program does, or writes to it.

    SQLite makes a reader of the file its writer for it. Two readers that each waited for the other to end would wait
    for ever, so it refuses one of them at once, whatever busy timeout is set.

    Parameters
    ----------
    connection : apsw.Connection
        With a busy timeout, which the other statements need.
    patience_seconds : float
        How long to try, at least once.

    Returns
    -------
    str
        The file's mode: ``wal``, or the one it has kept where its disk allows no other.

    Raises
    ------
    apsw.BusyError
        When the file was in use all the time.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return str(connection.pragma("journal_mode", "wal"))
        except apsw.BusyError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(random.uniform(0, _LONGEST_WAIT_SECONDS))  # noqa: S311 - not all at the same moment again


@contextmanager
def immediately(connection: apsw.Connection) -> Iterator[None]:
    """Hold the one writer's place from the first statement on; commit at the end, or leave all as it was."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
