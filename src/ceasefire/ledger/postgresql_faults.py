"""What a PostgreSQL server refuses, in words: what is wrong, and what to do."""

from __future__ import annotations

import re

import psycopg
from psycopg import errors

_FAULTS: tuple[tuple[tuple[type[psycopg.Error], ...], str, str], ...] = (
    (
        (errors.InsufficientPrivilege,),
        "this role may not do that",
        "Its owner makes the ledger, and grants others USAGE on the schema and SELECT, INSERT on its tables.",
    ),
    ((errors.LockNotAvailable,), "is held by another program", "Wait for it, or end it, and try again."),
    (
        (errors.ReadOnlySqlTransaction,),
        "the server takes no changes: it follows another, or was told so",
        "Name the server that it follows.",
    ),
    (
        (errors.IntegrityError,),
        "somebody writes who does not wait for a turn",
        "Find out which program inserts into the tables of the ledger by itself, and try again.",
    ),
    (
        (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, errors.DatatypeMismatch),
        "a table is missing or not as it was made",
        "Run `ceasefire audit` to see what was altered.",
    ),
    (
        (errors.DiskFull, errors.OutOfMemory, errors.IoError, errors.DataCorrupted, errors.IndexCorrupted),
        "the server cannot read or write its files",
        "Free space on the server's disk or check it, and try again.",
    ),
    (
        (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow, errors.IdleInTransactionSessionTimeout),
        "the connection was lost",
        "Check that the server runs, and try again.",
    ),
)


def connection_fault(error: psycopg.Error) -> tuple[str, str]:
    """Say why there is no connection; libpq gives words, no code, and they may be in the server's language."""
    said = str(error)
    if "does not exist" in said and "database" in said:
        return "the server has no such database", "Make it with createdb, or correct its name in the address."
    if re.search(r"password|authentication|pg_hba|role .* does not exist|permission denied for database", said):
        return (
            "the server does not let this user in",
            "Check the user's name. The password belongs in the file that PGPASSFILE names, by default ~/.pgpass.",
        )
    return "cannot be reached", "Check that the server runs, and the host and port in the address."


def fault(error: psycopg.Error) -> tuple[str, str]:
    """Return what is wrong, and what to do, by the server's code."""
    for kinds, what, remedy in _FAULTS:
        if isinstance(error, kinds):
            return what, remedy
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return "the connection was lost", "Check that the server runs, and try again."
    return "the server refuses", "Run `ceasefire audit`; if all agrees, try again."
