"""The record as a server reads it: whole states held in memory, renewed when the ledger or the results move on.

A run that renews the results never makes a reader wait: until the new set is there, the one before it answers, and
`Standing` says so.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import StaleResultError, UsageError
from ceasefire.pipeline.history import History, position_of
from ceasefire.pipeline.map_index import MapIndex
from ceasefire.pipeline.state import LEDGER_FILE, State
from ceasefire.pipeline.units import Units

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from ceasefire.agreement.case import Case
    from ceasefire.ledger.entry import Entry
    from ceasefire.pipeline.derived import Derived, Stamp
    from ceasefire.territory.boundaries import Boundaries

Answer = TypeVar("Answer")

_EARLIER_HELD = 4
_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the results that are served stand to the record.

    Parameters
    ----------
    position : int
        Of the last entry of the ledger.
    results_position : int
        Of the entry that the results rest on.
    results_behind : bool
        Whether the record has moved on since the results were derived.
    """

    position: int
    results_position: int
    results_behind: bool


class Snapshot:
    """One state of the record with its results, in memory; never changes.

    Parameters
    ----------
    state : State
        The record at a position.
    derived : Derived
        What follows from it.
    """

    def __init__(self, state: State, derived: Derived) -> None:
        self.stamp: Stamp = state.stamp()
        self.history: History = state.history
        self.case: Case = state.case
        self.reports: pa.Table = derived.table("reports").combine_chunks()
        self.links: pa.Table = derived.table("links").combine_chunks()
        self.incidents: pa.Table = derived.table("incidents").combine_chunks()
        self.findings: pa.Table = derived.table("findings").combine_chunks()
        self.notes: dict[str, Any] = derived.notes
        self.boundaries: Boundaries | None = state.boundaries
        self._lock = threading.RLock()
        self._kept: dict[str, Any] = {}

    @property
    def key(self) -> str:
        """Names the state: equal keys, equal answers."""
        return self.stamp.key

    @property
    def zone(self) -> ZoneInfo:
        """The case's time zone."""
        return self.case.zone

    def kept(self, name: str, make: Callable[[], Answer]) -> Answer:
        """Return what `make` gives, made once."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = make()
            found: Answer = self._kept[name]
            return found

    @property
    def units(self) -> Units:
        """The administrative units that incidents are placed in."""
        return self.kept("units", lambda: Units.of(self.case, self.incidents, self.boundaries))

    @property
    def index(self) -> MapIndex:
        """The columns by which incidents are chosen."""
        return self.kept(
            "index", lambda: MapIndex.of(self.case, self.reports, self.links, self.incidents, self.findings, self.units)
        )


@dataclass(slots=True)
class ServedRecord:
    """A workspace that many threads read; made by `ServedRecord.open`."""

    folder: Path
    _ledger: Ledger
    _cases: dict[str, Case] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _deriving: threading.Lock = field(default_factory=threading.Lock)
    _current: Snapshot | None = None
    _checked_size: int = -1
    _checked_at: float = 0.0
    _behind: bool = False
    _earlier: OrderedDict[str, Snapshot] = field(default_factory=OrderedDict)

    @classmethod
    def open(cls, folder: Path) -> ServedRecord:
        """Open the workspace at `folder`."""
        return cls(folder, Ledger.open(folder / LEDGER_FILE))

    def close(self) -> None:
        """Close the ledger."""
        with self._lock:
            self._ledger.close()

    @property
    def position(self) -> int:
        """The position of the last entry of the ledger."""
        with self._lock:
            return self._ledger.size

    def entries(self, after: int, until: int | None = None) -> list[Entry]:
        """Return the entries after a position."""
        with self._lock:
            return [entry for entry in self._ledger.entries(until) if entry.position > after]

    def current(self) -> Snapshot:
        """Return the latest state that has results.

        Raises
        ------
        StaleResultError
            When none has: nothing was run yet.
        """
        with self._lock:
            size = self._ledger.size
            settled = size == self._checked_size and not self._behind
            waited = time.monotonic() - self._checked_at >= _LOOK_AGAIN_SECONDS
            if self._current is None or (not settled and (waited or size != self._checked_size)):
                self._look(size)
            if self._current is None:
                raise StaleResultError(
                    "The record has no results yet: it was recorded, and not run.\n"
                    "  Without them there are no incidents and no findings to show.\n"
                    "  Derive them in the workspace's folder, and ask again: ceasefire run"
                )
            return self._current

    def standing(self) -> Standing:
        """Return how the results served stand to the record."""
        with self._lock:
            current = self.current()
            return Standing(
                position=self._ledger.size, results_position=current.stamp.position, results_behind=self._behind
            )

    def at(self, as_known_on: str | None) -> Snapshot:
        """Return the state at a ledger position or moment; by default the latest with results.

        An earlier state is derived where it has not been.

        Raises
        ------
        UsageError
            When it names no state of the record.
        """
        if as_known_on is None:
            return self.current()
        with self._lock:
            position = position_of(as_known_on, self._ledger)
            first = History.read(self._ledger).adoptions[0].position
            if position < first:
                raise UsageError(
                    f"At position {position} of the ledger no case had been adopted yet.",
                    f"Name a position from {first} on.",
                )
            state = self._state(position)
            key = state.stamp().key
            if self._current is not None and self._current.key == key:
                return self._current
            if key in self._earlier:
                self._earlier.move_to_end(key)
                return self._earlier[key]
        with self._deriving:  # one at a time, and nobody who reads the latest state waits for it
            with self._lock:
                if key in self._earlier:
                    return self._earlier[key]
            snapshot = Snapshot(state, state.store.find(state.stamp()) or state.derive())
        with self._lock:
            self._earlier[key] = snapshot
            while len(self._earlier) > _EARLIER_HELD:
                self._earlier.popitem(last=False)
        return snapshot

    def _state(self, position: int) -> State:
        return State.at(self.folder, self._ledger, position, self._cases)

    def _look(self, size: int) -> None:
        """Find the latest state that has results; keep the one held where it still is."""
        self._checked_size, self._checked_at = size, time.monotonic()
        history = History.read(self._ledger, size)
        changes = sorted({entry.position for entry in (*history.adoptions, *history.imports)}, reverse=True)
        for number, position in enumerate(changes):
            if position < history.adoptions[0].position:
                break
            state = self._state(position)
            if self._current is not None and self._current.key == state.stamp().key:
                self._behind = number > 0
                return
            loaded = _load(state)
            if loaded is not None:
                self._current, self._behind = loaded, number > 0
                return
        self._behind = True


def _load(state: State) -> Snapshot | None:
    """Load a state's results; None where it has none, or a run is just removing them."""
    derived = state.store.find(state.stamp())
    try:
        return Snapshot(state, derived) if derived is not None else None
    except FileNotFoundError:
        return None
