"""Which two reports are compared at all: those that may tell of one event, as precisely as each says when and where.

Every pair has a reach in days and in kilometres. A pair of days at points reaches a few days and kilometres; a
governorate reaches far, but its day is as tight as any. Where no point is given, the area's name takes its place, and
where there is none either, the same day and the same toll or party. An interval of months is compared only with
intervals that are as wide; a report without a date is compared with none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from ceasefire.fusion.traits import KM_PER_DEGREE, LEAST_COSINE, SPREAD_KM, UNDATED, Traits

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]
Pairs = tuple[Rows, Rows, Singles]
"""Rows of the two reports, and the kilometres between them; NaN where one has no point."""
Task = Callable[[], Iterable[Pairs]]

_CHUNK = 400_000  # pairs looked at together
_QUERIES = 30_000  # reports looked around in one task
_ONE_DAY = 0.6  # intervals that reach no further beyond a day count as that day
_WIDEST_STEP = 2  # an interval is compared with those of its class of width and the next two


@dataclass(frozen=True, slots=True)
class Reach:
    """How far apart two reports may lie and still be compared.

    Parameters
    ----------
    days : float
        Between two reports of one day each; wider ones reach as far as their intervals and half of this.
    spreads : tuple of float
        By the coarser place class: kilometres in units of the pair's spread.
    """

    days: float = 3.0
    spreads: tuple[float, ...] = (5.0, 4.0, 3.0, 2.5, 2.5, 2.5)


def candidate_pairs(traits: Traits, reach: Reach, *, shift: float = 0.0) -> Iterator[tuple[Rows, Rows]]:
    """Give the pairs of reports to compare, in pieces, each pair once and never a report with itself.

    Parameters
    ----------
    traits : Traits
        Of n reports.
    reach : Reach
    shift : float
        Days by which the second of each pair is moved first. Pairs so found cannot be of one event, and are otherwise
        as alike as neighbours are: what the weights hold against. Each pair is then given from both sides.

    Yields
    ------
    tuple of two int64 arrays
        Rows; the first is the smaller unless shifted.
    """
    for task in pair_tasks(traits, reach, shift=shift):
        for a, b, _ in task():
            yield a, b


def most_days(reach: Reach) -> float:
    """Return how far apart the spans of two reports may lie at most, each its middle with its slack to both sides."""
    return reach.days + 0.5


def compared_classes(kind: int) -> range:
    """Return the time classes of reports that those of one class are compared with."""
    return range(max(0, kind - _WIDEST_STEP), min(UNDATED, kind + _WIDEST_STEP + 1))


def pair_tasks(traits: Traits, reach: Reach, *, shift: float = 0.0, near: Mask | None = None) -> Iterator[Task]:
    """Give the work of `candidate_pairs` in parts that may be done side by side; each gives bounded pieces.

    Of `near`, where given, each pair has at least one report.
    """
    usable = (traits.time_class != UNDATED) & ~traits.total
    located = usable & ~np.isnan(traits.latitude)
    grid = _Days(traits)
    for queries, targets, km, days in _located_blocks(traits, located, reach, mirrored=shift != 0):
        block = _Block(grid, queries, targets, km, days, reach, shift, near)
        for start in range(0, len(block.queries), _QUERIES):
            yield partial(block.pieces, start, start + _QUERIES)
    yield lambda: (_touching(near, *piece) for piece in _by_name(traits, usable, located, reach, shift))


def _touching(near: Mask | None, a: Rows, b: Rows, km: Singles) -> Pairs:
    if near is None:
        return a, b, km
    kept = near[a] | near[b]
    return a[kept], b[kept], km[kept]


def _located_blocks(
    traits: Traits, located: Mask, reach: Reach, *, mirrored: bool
) -> Iterator[tuple[Rows, Rows, float, float]]:
    """Give reports to look around, reports to find, and the widest kilometres and days, by class of precision."""
    place, time = traits.place_class, traits.time_class
    widest = [float(traits.slack[time == c].max(initial=0.0)) for c in range(UNDATED)]
    for p in range(len(SPREAD_KM)):
        at = located & (place == p)
        if not at.any():
            continue
        km = reach.spreads[p] * float(np.hypot(SPREAD_KM[p], SPREAD_KM[p]))
        finer = located & (place < p)
        for t in range(UNDATED):
            narrower = (time < t) & (time >= t - _WIDEST_STEP)
            days = reach.days + 0.5 if t == 0 else 2 * widest[t] + reach.days
            blocks = [
                (at & (time == t), at & (time == t)),  # among themselves
                (at & (time == t), at & narrower),
                (at & (time == t), finer & ((time == t) | narrower)),
                (at & narrower, finer & (time == t)),
            ]
            for which, (queries, targets) in enumerate(blocks):
                if queries.any() and targets.any():
                    yield np.flatnonzero(queries), np.flatnonzero(targets), km, days
                    if mirrored and which:
                        yield np.flatnonzero(targets), np.flatnonzero(queries), km, days


class _Days:
    """The days of reports, counted from where most of them begin: reports of one day each lie whole days apart."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        day = np.nan_to_num(traits.day)
        phase = (
            float(np.median(traits.day[traits.time_class == 0] % 1)) - 0.5 if (traits.time_class == 0).any() else 0.0
        )
        self.date = np.floor(day - phase).astype(np.int64)
        self.in_step = (np.abs((day - phase) % 1 - 0.5) < 0.1) & (traits.slack < _ONE_DAY)
        known = self.date[traits.time_class != UNDATED]
        self.first, self.last = int(known.min(initial=0)), int(known.max(initial=0))
        farthest = float(np.nan_to_num(np.abs(traits.latitude)).max(initial=0.0))
        self.least_cosine = max(LEAST_COSINE, float(np.cos(np.radians(farthest))))


class _Block:
    """Reports to find, in cells at least `km` wide and there by day; and reports to look around."""

    def __init__(
        self,
        grid: _Days,
        queries: Rows,
        targets: Rows,
        km: float,
        days: float,
        reach: Reach,
        shift: float,
        near: Mask | None,
    ) -> None:
        traits = grid.traits
        self._near = near
        self._traits, self._grid, self._reach, self._shift = traits, grid, reach, shift
        self._half = shift == 0 and len(queries) == len(targets) and bool(np.array_equal(queries, targets))
        limits = [reach.spreads[max(x, y)] * np.hypot(SPREAD_KM[x], SPREAD_KM[y]) for x in range(6) for y in range(6)]
        self._limits = np.array(limits, dtype=np.float32)
        km = km * 1.001 + 0.01  # distances are single-precision: what is just beyond may count as within
        self._tall, self._wide = km / KM_PER_DEGREE, km / (KM_PER_DEGREE * grid.least_cosine)
        self._columns = max(3, int(360 / self._wide))  # round the globe: the last cell is the widest
        regular = grid.in_step[queries].all() and grid.in_step[targets].all()
        self._window = int(np.ceil(days - 0.5)) + (0 if regular else 1)
        moved = int(np.ceil(abs(shift)))
        self._first = grid.first - self._window - moved - 1
        self._days = grid.last + self._window + moved + 2 - self._first
        key = self._cell(targets) + self._date(targets) + round(shift)
        order = np.argsort(key)
        self._key, self._found = key[order], targets[order]
        self.queries = queries[np.argsort(self._cell(queries) + self._date(queries))]

    def _date(self, rows: Rows) -> Rows:
        return self._grid.date[rows] - self._first

    def _rows_and_columns(self, rows: Rows) -> tuple[Rows, Rows]:
        row = ((self._traits.latitude[rows] + 90) / self._tall).astype(np.int64) + 1
        column = ((self._traits.longitude[rows] + 180) / self._wide).astype(np.int64)
        return row, np.minimum(column, self._columns - 1)

    def _cell(self, rows: Rows) -> Rows:
        """Return the key of the first day of the cell each row lies in."""
        row, column = self._rows_and_columns(rows)
        return np.asarray((row * self._columns + column) * self._days)

    def pieces(self, start: int, stop: int) -> Iterator[Pairs]:
        """Give the pairs of some of the reports looked around with those found near them."""
        queries = self.queries[start:stop]
        row, column = self._rows_and_columns(queries)
        date = self._date(queries)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                if self._half and (down, right) < (0, 0):
                    continue  # the neighbour looks here
                beside = (column + right) % self._columns if right else column
                base = ((row + down) * self._columns + beside) * self._days + date
                low = np.searchsorted(self._key, base - self._window, side="left")
                high = np.searchsorted(self._key, base + self._window, side="right")
                once = self._half and (down, right) == (0, 0)
                yield from self._checked(queries, low, high, once=once)

    def _checked(self, queries: Rows, low: Rows, high: Rows, *, once: bool) -> Iterator[Pairs]:
        """Give the pairs of each query with ``found[low:high]`` that are within reach of one another."""
        for a, b in _expanded(queries, self._found, low, high):
            kept = a < b if once else a != b
            if self._near is not None:
                kept &= self._near[a] | self._near[b]
            kept &= _soon(self._traits, a, b, self._reach, self._shift)
            a, b = a[kept], b[kept]
            km = km_apart(self._traits, a, b)
            near = km <= self._limits[self._traits.place_class[a] * np.int8(6) + self._traits.place_class[b]]
            a, b = a[near], b[near]
            if self._shift == 0:
                a, b = np.minimum(a, b), np.maximum(a, b)
            yield a, b, km[near]


def _expanded(queries: Rows, found: Rows, low: Rows, high: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Give each query with each of ``found[low:high]``, so many at a time that memory is bounded."""
    some = np.flatnonzero(high > low)
    queries, low, counts = queries[some], low[some], high[some] - low[some]
    ends = np.cumsum(counts)
    start = 0
    while start < len(queries):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _CHUNK, side="right")))
        n = counts[start:stop]
        a = np.repeat(queries[start:stop], n)
        yield a, found[np.arange(len(a)) + np.repeat(low[start:stop] - (ends[start:stop] - n - before), n)]
        start = stop


def _soon(traits: Traits, a: Rows, b: Rows, reach: Reach, shift: float) -> Mask:
    apart = days_apart(traits, a, b, shift)
    slack = traits.slack[a] + traits.slack[b]
    return np.asarray(
        apart
        <= np.where(slack < _ONE_DAY, np.float32(reach.days), slack + np.float32(reach.days / 2)) + np.float32(0.5)
    )


def days_apart(traits: Traits, a: Rows, b: Rows, shift: float = 0.0) -> Singles:
    """Return the days between the middles of two reports' intervals."""
    return np.abs((traits.day[b] + shift - traits.day[a]).astype(np.float32))


def km_apart(traits: Traits, a: Rows, b: Rows) -> Singles:
    """Return kilometres between two reports' points, the same from either side, right for short distances."""
    north = traits.north[b] - traits.north[a]
    turn = np.abs(traits.east[b] - traits.east[a])
    round_the_back = turn > np.float32(180 * KM_PER_DEGREE)
    if round_the_back.any():
        turn = np.where(round_the_back, np.float32(360 * KM_PER_DEGREE) - turn, turn)
    turn *= traits.narrow[a] * traits.narrow[b]
    apart: npt.NDArray[np.float32] = np.sqrt(north * north + turn * turn)
    return apart


def _by_name(traits: Traits, usable: Mask, located: Mask, reach: Reach, shift: float) -> Iterator[Pairs]:
    """Give the pairs with a report that has no point: by province and day, else by toll and party and day."""
    bare = usable & ~located & (traits.time_class <= 1)
    if not bare.any():
        return
    dated = usable & (traits.time_class <= 1)
    named, nowhere = bare & (traits.province >= 0), bare & (traits.province < 0)
    yield from _same(traits, traits.province, named, dated & (traits.province >= 0), reach, shift)
    if nowhere.any():
        sides = len(traits.parties.texts) + 1
        parties = np.minimum(traits.parties.first, traits.parties.second) * sides + np.maximum(
            traits.parties.first, traits.parties.second
        )
        said = (traits.killed >= 0) & (parties > 0)
        code = np.where(said, traits.killed * sides * sides + parties, -1)
        yield from _same(traits, code, nowhere & said, dated & said, reach, shift)


def _same(traits: Traits, code: Rows, queries: Mask, targets: Mask, reach: Reach, shift: float) -> Iterator[Pairs]:
    """Give pairs of one code within the reach of days, each once."""
    rows, found = np.flatnonzero(queries), np.flatnonzero(targets)
    if not len(rows) or not len(found):
        return
    codes = np.unique(code, return_inverse=True)[1].astype(np.int64)
    window = int(np.ceil(2 * traits.slack[found].max(initial=0.0) + reach.days)) + 2
    date = np.floor(traits.day[found] + shift).astype(np.int64)
    first = int(date.min()) - 2 * window - int(abs(shift))
    span = int(date.max()) - first + 2 * window + int(abs(shift)) + 2
    key = codes[found] * span + date - first
    order = np.argsort(key, kind="stable")
    key, found = key[order], found[order]
    own = codes[rows] * span + np.clip(np.floor(traits.day[rows]).astype(np.int64) - first, window, span - window)
    low, high = np.searchsorted(key, own - window, side="left"), np.searchsorted(key, own + window, side="right")
    for a, b in _expanded(rows, found, low, high):
        kept = (a != b) & _soon(traits, a, b, reach, shift)
        if shift == 0:
            kept &= ~(queries[b] & (b < a))  # found from the other side too
        a, b = a[kept], b[kept]
        if shift == 0:
            a, b = np.minimum(a, b), np.maximum(a, b)
        if len(a):
            yield a, b, km_apart(traits, a, b)
