"""The casework of a served workspace: many people at once, over a few open ledgers."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.ledger import Ledger
from ceasefire.pipeline.casework import Casework, HeldCaseFiles
from ceasefire.pipeline.casework_records import CaseRecords
from ceasefire.pipeline.history import position_of
from ceasefire.pipeline.ledger_place import open_ledger
from ceasefire.pipeline.state import BATCHES_FOLDER

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.casework.people import Person
    from ceasefire.pipeline.served import ServedRecord

_LEDGERS = 4
"""Open at once at most: an open ledger serves one thread at a time."""


class ServedCasework:
    """Case files that many threads work on.

    Parameters
    ----------
    record : ServedRecord
        The workspace.
    """

    def __init__(self, record: ServedRecord) -> None:
        self._record = record
        self._held = HeldCaseFiles()
        self._free: queue.LifoQueue[Ledger] = queue.LifoQueue()
        self._may_open = threading.Semaphore(_LEDGERS)
        self._obligations: tuple[str, int, frozenset[str]] = ("", 0, frozenset())

    @property
    def folder(self) -> Path:
        """The workspace."""
        return self._record.folder

    def close(self) -> None:
        """Close the ledgers; whoever is still at work on one closes it when done."""
        while True:
            try:
                self._free.get_nowait().close()
            except queue.Empty:
                return

    @contextmanager
    def of(self, person: Person) -> Iterator[Casework]:
        """Yield the casework for a person, on a ledger that nobody else uses meanwhile."""
        case = self._record.case()
        with self.ledger() as ledger:
            yield Casework(
                ledger=ledger,
                batches=BatchStore(self.folder / BATCHES_FOLDER),
                rules=case.casework,
                zone=case.zone,
                person=person,
                held=self._held,
                records=CaseRecords(
                    case=case, results=self._record.current, obligations=lambda: self._obligation_ids(case)
                ),
            )

    def position(self, as_known_on: str | None) -> int | None:
        """Return the position of the ledger that a request names; None for the present.

        Raises
        ------
        UsageError
            When it names none.
        """
        if as_known_on is None:
            return None
        zone = self._record.case().zone
        with self.ledger() as ledger:
            return position_of(as_known_on, ledger, zone)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Yield an open ledger that nobody else uses meanwhile."""
        with self._may_open:
            try:
                ledger = self._free.get_nowait()
            except queue.Empty:
                ledger = open_ledger(self.folder)
            try:
                yield ledger
            finally:
                self._free.put(ledger)

    def _obligation_ids(self, case: Case) -> frozenset[str]:
        """Return the ids of obligations up to this hour; which there are changes by the day."""
        hour = time.time_ns() // 3_600_000_000_000
        digest, at, held = self._obligations
        if (digest, at) != (case.digest, hour):
            table = evaluate_obligations(case, as_of=time.time_ns() // 1000)
            held = frozenset(table["obligation_id"].to_pylist())
            self._obligations = (case.digest, hour, held)
        return held
