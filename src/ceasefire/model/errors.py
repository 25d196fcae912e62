"""The errors of ceasefire, each with where, what, why it matters and what to do.

CeasefireError
├── InputError             a file or record is wrong: the user's fault, every fault listed
│   └── AgreementError     a case file is well-formed but means nothing or contradicts itself
├── UsageError             a command or call asks for what cannot be given
│   ├── UnknownRecordError it names a record that is not there
│   ├── NotAllowedError    whoever asks may not: by their role, or by their part in the case
│   └── OutdatedError      the record has moved on since whoever asks looked at it
│       └── RivalEditsError  somebody else changed the same field; carries both values
├── PrecisionError         the data are too coarse for the question asked
├── InsufficientDataError  there is too little data to answer
├── StaleResultError       a derived result no longer matches the ledger
├── BusyError              it is at work on as much as it can hold; asked again later it will answer
└── LedgerError            the record was altered, cut or cannot be written
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong at one place of one file.

    Parameters
    ----------
    path : str
        The file as the user named it.
    line, column : int or None
        Counted from 1; None where the fault is of the whole file.
    what, why, remedy : str
        What is wrong with the value shown; why it matters; what to do. One sentence each.
    place : str or None
        Of what was typed into a form: the field, its names joined by dots. The command line does not print it.
    """

    path: str
    what: str
    why: str
    remedy: str
    line: int | None = None
    column: int | None = None
    place: str | None = None

    def __str__(self) -> str:
        """Return the fault as the command line prints it."""
        where = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{where}: {self.what}\n  {self.why}\n  {self.remedy}"


class CeasefireError(Exception):
    """Anything ceasefire refuses or fails at, with a message meant for a person."""

    exit_code = 1


class UsageError(CeasefireError):
    """A command or call asks for something that cannot be given.

    Parameters
    ----------
    what, remedy : str
        What was asked and does not work; what to do instead.
    """

    exit_code = 2

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}\n  {remedy}" if remedy else what)


class UnknownRecordError(UsageError):
    """A command or call names a record that is not there."""


class NotAllowedError(UsageError):
    """Whoever asks may not: by their role, or by their part in the case."""


class OutdatedError(UsageError):
    """The record has moved on since whoever asks looked at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalEdit:
    """A field that somebody else changed since, with both values.

    Parameters
    ----------
    field : str
        Which.
    base, revision : int
        Positions of the entries that set the value seen, and the one that stands.
    stands, offered : object
        The value that stands, and the one that whoever asks would have set.
    """

    field: str
    base: int
    revision: int
    stands: Any
    offered: Any


class RivalEditsError(OutdatedError):
    """Somebody else changed the same field; nothing was written.

    Parameters
    ----------
    rivals : iterable of RivalEdit
        At least one.
    """

    def __init__(self, rivals: Iterable[RivalEdit]) -> None:
        self.rivals = tuple(rivals)
        fields = ", ".join(rival.field for rival in self.rivals)
        super().__init__(
            f"Somebody else has changed {fields} since you read it. Nothing was changed.",
            "Weigh both values: keep what stands, edit it from its present revision, or leave both for a person to "
            "settle.",
        )


class InputError(CeasefireError):
    """A file or record is wrong; carries every fault found, in file order.

    Parameters
    ----------
    faults : iterable of Fault
        At least one.
    """

    exit_code = 2

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda f: (f.path, f.line or 0, f.column or 0)))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @classmethod
    def single(
        cls,
        path: str | Path,
        what: str,
        why: str,
        remedy: str,
        *,
        line: int | None = None,
        column: int | None = None,
    ) -> InputError:
        """Build the error of one fault."""
        return cls([Fault(path=str(path), what=what, why=why, remedy=remedy, line=line, column=column)])


class AgreementError(InputError):
    """A case is well-formed as files but means nothing or contradicts itself."""


class PrecisionError(CeasefireError):
    """The data are too coarse in place or time for the question asked."""

    exit_code = 2


class InsufficientDataError(CeasefireError):
    """There is too little data to answer; the message says how much there is and how much it takes."""

    exit_code = 2


class StaleResultError(CeasefireError):
    """A derived result does not match the ledger any more; the message names the command that renews it."""

    exit_code = 2


class BusyError(CeasefireError):
    """The program is at work on as much as it can hold; asked again later it will answer."""


class LedgerError(CeasefireError):
    """The ledger was altered, cut short or cannot be written."""
