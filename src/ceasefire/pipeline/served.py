"""The record as a server reads it: whole states held in memory, renewed when the ledger or the results move on.

A run that renews the results never makes a reader wait: until the new set is there, the one before it answers, and
`Standing` says so.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ceasefire.model.errors import BusyError, StaleResultError, UsageError
from ceasefire.pipeline.history import History, position_of
from ceasefire.pipeline.ledger_place import open_ledger
from ceasefire.pipeline.map_index import MapIndex
from ceasefire.pipeline.state import State
from ceasefire.pipeline.units import Units

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from ceasefire.agreement.case import Case
    from ceasefire.ledger.entry import Entry
    from ceasefire.pipeline.control import ControlLedger
    from ceasefire.pipeline.derived import Derived, Stamp
    from ceasefire.pipeline.site_rules import SitingOptions
    from ceasefire.pipeline.siting import SitingSetup
    from ceasefire.territory.boundaries import Boundaries

Answer = TypeVar("Answer")

_EARLIER_HELD = 4
_MOST_DERIVING = 4
_LOOK_AGAIN_SECONDS = 1.0
_PATIENCE_SECONDS = 2.0
"""For how long the one who notices newer results waits for them, before the results before answer."""


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


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was there when the latest results were last looked for."""

    size: int
    at: float
    behind: bool


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
        self._state = state
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
    def control(self) -> ControlLedger:
        """The ledger of who is said to hold what."""
        from ceasefire.pipeline.control import ControlLedger, ControlOptions

        return self.kept("control", lambda: ControlLedger.of(self._state, ControlOptions()))

    def siting(self, options: SitingOptions, *, most_pairs: int | None = None) -> SitingSetup:
        """Return the problem of where posts see most, to be solved."""
        from ceasefire.pipeline.siting import SitingSetup

        return SitingSetup.of(self._state, options, most_pairs=most_pairs)

    @property
    def index(self) -> MapIndex:
        """The columns by which incidents are chosen."""
        return self.kept(
            "index", lambda: MapIndex.of(self.case, self.reports, self.links, self.incidents, self.findings, self.units)
        )


class ServedRecord:
    """A workspace that many threads read.

    Nobody who reads waits for results to be loaded or derived that somebody else asked for, as long as there are any.

    Parameters
    ----------
    folder : Path
        The workspace.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ledger = open_ledger(folder)
        self._cases: dict[str, Case] = {}
        self._lock = threading.RLock()  # over the ledger's one connection and what is below
        self._current: Snapshot | None = None
        self._seen = _Seen(size=-1, at=0.0, behind=False)
        self._renewal: Future[None] | None = None
        self._history: History | None = None
        self._earlier: OrderedDict[str, Snapshot] = OrderedDict()
        self._deriving = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_MOST_DERIVING)
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="results")

    def close(self) -> None:
        """Stop loading, and close the ledger."""
        self._loader.shutdown(cancel_futures=True)
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
            return list(self._ledger.entries(until, after=after))

    def current(self) -> Snapshot:
        """Return the latest state that has results.

        Raises
        ------
        StaleResultError
            When none has: nothing was run yet.
        """
        with self._lock:
            held, mine = self._current, False
            if self._renewal is None and self._is_unsettled():
                self._renewal, mine = self._loader.submit(self._look), True
            renewal = self._renewal
        if renewal is not None and (mine or held is None):
            wait([renewal], timeout=None if held is None else _PATIENCE_SECONDS)
            if renewal.done():
                renewal.result()  # what went wrong goes to the one who asked
        with self._lock:
            if self._current is None:
                raise StaleResultError(
                    "The record has no results yet: it was recorded, and not run.\n"
                    "  Without them there are no incidents and no findings to show.\n"
                    "  Derive them in the workspace's folder, and ask again: ceasefire run"
                )
            return self._current

    def standing(self) -> Standing:
        """Return how the results served stand to the record."""
        current = self.current()
        with self._lock:
            return Standing(
                position=self._ledger.size,
                results_position=current.stamp.position,
                results_behind=self._seen.behind or current is not self._current,
            )

    def at(self, as_known_on: str | None) -> Snapshot:
        """Return the state at a ledger position or moment; by default the latest with results.

        An earlier state is derived where it has not been.

        Raises
        ------
        UsageError
            When it names no state of the record.
        BusyError
            When as many are waiting for earlier states as may.
        """
        if as_known_on is None:
            return self.current()
        with self._lock:
            state = self._state_known_on(as_known_on)
            found = self._held(state.stamp().key)
        if found is not None:
            return found
        if not self._waiting.acquire(blocking=False):
            raise BusyError(
                f"{_MOST_DERIVING} earlier states of the record are being derived already.\n"
                "  More at once would make all of them wait.\n  Ask again in a minute."
            )
        try:
            return self._derived(state)
        finally:
            self._waiting.release()

    def _state_known_on(self, as_known_on: str) -> State:
        history = self._read_on()
        position = position_of(as_known_on, self._ledger, history.zone)
        first = history.adoptions[0].position
        if position < first:
            raise UsageError(
                f"At position {position} of the ledger no case had been adopted yet.",
                f"Name a position from {first} on.",
            )
        return self._state(position)

    def _derived(self, state: State) -> Snapshot:
        key = state.stamp().key
        with self._deriving:  # one at a time
            with self._lock:
                found = self._held(key)
            if found is None:
                found = Snapshot(state, state.find() or state.derive())
        with self._lock:
            self._earlier[key] = found
            while len(self._earlier) > _EARLIER_HELD:
                self._earlier.popitem(last=False)
        return found

    def _held(self, key: str) -> Snapshot | None:
        if self._current is not None and self._current.key == key:
            return self._current
        if key in self._earlier:
            self._earlier.move_to_end(key)
        return self._earlier.get(key)

    def case(self) -> Case:
        """Return the case as it was last adopted, results or not."""
        with self._lock:
            history = self._read_on()
            state = self._state(history.position)
        return state.case  # loaded once; who comes meanwhile may load it too

    def findings_held(self, position: int, snapshot: Snapshot) -> pa.Table | None:
        """Return the findings of a position where they are held already; nothing is derived for it.

        Parameters
        ----------
        snapshot : Snapshot
            Whose findings are given where the two rest on the same record.
        """
        with self._lock:
            if position < self._read_on().adoptions[0].position:
                return None
            state = self._state(position)
            if state.stamp().key == snapshot.key:
                return snapshot.findings
            found = self._held(state.stamp().key)
        if found is not None:
            return found.findings
        derived = state.find()
        try:
            return None if derived is None else derived.table("findings").combine_chunks()
        except FileNotFoundError:  # a run is just removing them
            return None

    def _state(self, position: int) -> State:
        return State(self.folder, self._read_on().until(position), present=False, _cases=self._cases)

    def _read_on(self) -> History:
        """Return the history of the record; only what the ledger added since is read."""
        held = self._history
        if held is None:
            held = self._history = History.read(self._ledger)
        elif self._ledger.size > held.position:
            held = self._history = held.after(self._ledger.entries(after=held.position))
        return held

    def _is_unsettled(self) -> bool:
        """Whether the latest results may be others than those held."""
        if self._current is None or self._ledger.size != self._seen.size:
            return True
        return self._seen.behind and time.monotonic() - self._seen.at >= _LOOK_AGAIN_SECONDS

    def _look(self) -> None:
        """Find the latest state that has results; keep the one held where it still is."""
        try:
            with self._lock:
                history, held = self._read_on(), self._current
                size = history.position
                # from the latest back to the first adoption, before which there was nothing to derive
                changes = {entry.position for entry in history.changing}
                states = [self._state(position) for position in sorted(changes, reverse=True)]
            found, behind = held, True
            for number, state in enumerate(states):
                is_held = held is not None and held.key == state.stamp().key
                loaded = held if is_held else _load(state)
                if loaded is not None:
                    found, behind = loaded, number > 0
                    break
            with self._lock:
                self._current, self._seen = found, _Seen(size=size, at=time.monotonic(), behind=behind)
        finally:
            with self._lock:
                self._renewal = None


def _load(state: State) -> Snapshot | None:
    """Load a state's results, ready to be asked; None where it has none, or a run is just removing them."""
    derived = state.find()
    if derived is None:
        return None
    try:
        snapshot = Snapshot(state, derived)
    except FileNotFoundError:
        return None
    _ = snapshot.index  # made before anybody asks
    return snapshot
