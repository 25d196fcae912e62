"""The registers of a served workspace: many people at once, over the ledgers that casework has open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ceasefire.ledger.batches import BatchStore
from ceasefire.pipeline.registers import HeldRegisterDays, Registers
from ceasefire.pipeline.state import BATCHES_FOLDER

if TYPE_CHECKING:
    from ceasefire.casework.people import Person
    from ceasefire.pipeline.served import ServedRecord
    from ceasefire.pipeline.served_casework import ServedCasework


class ServedRegisters:
    """Registers that many threads work on.

    Parameters
    ----------
    record : ServedRecord
        The workspace.
    casework : ServedCasework
        Has its ledgers open.
    clock : callable
        Tells the instant, UTC microseconds.
    """

    def __init__(self, record: ServedRecord, casework: ServedCasework, *, clock: Callable[[], int]) -> None:
        self._record = record
        self._casework = casework
        self._held = HeldRegisterDays()
        self._clock = clock

    @contextmanager
    def of(self, person: Person) -> Iterator[Registers]:
        """Yield the registers for a person, on a ledger that nobody else uses meanwhile."""
        case = self._record.case()
        with self._casework.ledger() as ledger:
            yield Registers(
                ledger=ledger,
                batches=BatchStore(self._record.folder / BATCHES_FOLDER),
                case=case,
                person=person,
                held=self._held,
                clock=self._clock,
            )

    def position(self, as_known_on: str | None) -> int | None:
        """Return the position of the ledger that a request names; None for the present."""
        return self._casework.position(as_known_on)
