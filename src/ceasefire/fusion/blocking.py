"""Which two reports are compared at all: those that may tell of one event, as precisely as each says when and where.

Every pair has a reach in days and in kilometres. A pair of days at points reaches a few days and kilometres; a
governorate reaches far, but its day is as tight as any. Where no point is given, the area's name takes its place, and
where there is none either, the same day and the same toll or party. An interval of months is compared only with
intervals that are as wide; a report without a date is compared with none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.fusion.traits import SPREAD_KM, UNDATED, Traits

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

KM_PER_DEGREE = 111.195
_LEAST_COSINE = 0.2  # beyond 78 degrees of latitude cells grow too wide to be of use
_CHUNK = 2_000_000  # pairs looked at together
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

    days: float = 4.0
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
    usable = (traits.time_class != UNDATED) & ~traits.total
    located = usable & ~np.isnan(traits.latitude)
    for queries, targets, km, days in _located_blocks(traits, located, reach, mirrored=shift != 0):
        yield from _within(traits, queries, targets, km, days, reach, shift)
    yield from _by_name(traits, usable, located, reach, shift)


def _located_blocks(
    traits: Traits, located: npt.NDArray[np.bool_], reach: Reach, *, mirrored: bool
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
            days = reach.days if t == 0 else 2 * widest[t] + reach.days
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


def _within(
    traits: Traits, queries: Rows, targets: Rows, km: float, days: float, reach: Reach, shift: float
) -> Iterator[tuple[Rows, Rows]]:
    """Give the pairs of a query and a target that are close enough, by cells of `km` and runs of days."""
    among = len(queries) == len(targets) and bool(np.array_equal(queries, targets))
    cells = _Cells(traits, np.union1d(queries, targets), km)
    key, _ = cells.keys(traits, targets, shift)
    order = np.argsort(key, kind="stable")
    key, found = key[order], targets[order]
    own_cell, _ = cells.keys(traits, queries, 0.0, days=False)
    queries = queries[np.argsort(own_cell, kind="stable")]
    own = np.floor(traits.day[queries])
    window = int(np.ceil(days)) + 1
    half = among and shift == 0
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if half and (down, right) < (0, 0):
                continue  # the neighbour looks here
            base = cells.beside(traits, queries, down, right)
            low = np.searchsorted(key, base + cells.clipped(own - window), side="left")
            high = np.searchsorted(key, base + cells.clipped(own + window), side="right")
            yield from _checked(traits, queries, found, low, high, reach, shift, once=half and (down, right) == (0, 0))


class _Cells:
    """A grid whose cells are at least so many kilometres wide, over runs of days."""

    def __init__(self, traits: Traits, rows: Rows, km: float) -> None:
        cosine = max(_LEAST_COSINE, float(np.cos(np.radians(np.abs(traits.latitude[rows]).max(initial=0.0)))))
        self._tall = km / KM_PER_DEGREE
        self._wide = km / (KM_PER_DEGREE * cosine)
        self._columns = max(3, int(360 / self._wide))  # round the globe: the last cell is the widest
        self._start = float(np.floor(traits.day[rows].min(initial=0.0))) - 1000
        self._days = int(np.ceil(traits.day[rows].max(initial=0.0)) - self._start) + 1000

    def keys(self, traits: Traits, rows: Rows, shift: float, *, days: bool = True) -> tuple[Rows, Floats]:
        """Return the sort key of each row, by cell and then day, and its day."""
        day = np.floor(traits.day[rows]) + shift
        key = self.beside(traits, rows, 0, 0)
        return (key + self.clipped(day) if days else key), day

    def beside(self, traits: Traits, rows: Rows, down: int, right: int) -> Rows:
        """Return the key of the first day of the cell so many below and to the right of each row's."""
        row = np.floor((traits.latitude[rows] + 90) / self._tall).astype(np.int64) + down + 1
        column = np.floor((traits.longitude[rows] + 180) / self._wide).astype(np.int64)
        column = (np.minimum(column, self._columns - 1) + right) % self._columns
        return (row * self._columns + column) * self._days

    def clipped(self, day: Floats) -> Rows:
        return np.clip(day - self._start, 0, self._days - 1).astype(np.int64)


def _checked(
    traits: Traits, queries: Rows, found: Rows, low: Rows, high: Rows, reach: Reach, shift: float, *, once: bool
) -> Iterator[tuple[Rows, Rows]]:
    """Give the pairs of each query with ``found[low:high]`` that are within reach of one another."""
    counts = np.maximum(high - low, 0)
    ends = np.cumsum(counts)
    start = 0
    while start < len(queries):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _CHUNK, side="right")))
        n = counts[start:stop]
        a = np.repeat(queries[start:stop], n)
        run = np.arange(len(a)) - np.repeat(ends[start:stop] - n - before, n) + np.repeat(low[start:stop], n)
        b = found[run]
        if once:
            later = a < b
            a, b = a[later], b[later]
        kept = a != b
        if len(a):
            kept &= within_reach(traits, a, b, reach, shift)
            a, b = a[kept], b[kept]
            if shift == 0:
                a, b = np.minimum(a, b), np.maximum(a, b)
            yield a, b
        start = stop


def within_reach(traits: Traits, a: Rows, b: Rows, reach: Reach, shift: float = 0.0) -> npt.NDArray[np.bool_]:
    """Return which located pairs are close enough in time and place to be compared."""
    apart = days_apart(traits, a, b, shift)
    slack = traits.slack[a] + traits.slack[b]
    limit = np.where(slack < 0.6, reach.days, slack + reach.days / 2)
    kept = np.asarray(apart <= limit + 0.5)
    pa, pb = traits.place_class[a], traits.place_class[b]
    limits = np.asarray(reach.spreads)[np.maximum(pa, pb)] * np.hypot(SPREAD_KM[pa], SPREAD_KM[pb])
    return kept & (km_apart(traits, a, b) <= limits)


def days_apart(traits: Traits, a: Rows, b: Rows, shift: float = 0.0) -> Floats:
    """Return the days between the middles of two reports' intervals."""
    return np.abs(traits.day[b] + shift - traits.day[a])


def km_apart(traits: Traits, a: Rows, b: Rows) -> Floats:
    """Return kilometres between two reports' points, on a plane that is right for short distances."""
    north = (traits.latitude[b] - traits.latitude[a]) * KM_PER_DEGREE
    turn = traits.longitude[b] - traits.longitude[a]
    turn = np.where(np.abs(turn) > 180, 360 - np.abs(turn), turn)
    east = turn * (KM_PER_DEGREE * np.cos(np.radians(traits.latitude[a])))
    return np.hypot(north, east)


def _by_name(
    traits: Traits, usable: npt.NDArray[np.bool_], located: npt.NDArray[np.bool_], reach: Reach, shift: float
) -> Iterator[tuple[Rows, Rows]]:
    """Give the pairs with a report that has no point: by province and day, else by toll or party and day."""
    bare = usable & ~located & (traits.time_class <= 1)
    if not bare.any():
        return
    dated = usable & (traits.time_class <= 1)
    named, nowhere = bare & (traits.province >= 0), bare & (traits.province < 0)
    among_named = dated & (traits.province >= 0)
    yield from _same(traits, traits.province, named, among_named, reach, shift)
    if nowhere.any():
        toll = np.where((traits.killed >= 0), traits.killed, -1)
        pair = traits.parties.first * (len(traits.parties.texts) + 1) + traits.parties.second
        both = (toll >= 0) & (pair > 0)
        yield from _same(
            traits, np.where(both, toll * (pair.max() + 1) + pair, -1), nowhere & both, dated & both, reach, shift
        )


def _same(
    traits: Traits,
    code: Rows,
    queries: npt.NDArray[np.bool_],
    targets: npt.NDArray[np.bool_],
    reach: Reach,
    shift: float,
) -> Iterator[tuple[Rows, Rows]]:
    """Give pairs of one code within the reach of days, each once."""
    rows, found = np.flatnonzero(queries), np.flatnonzero(targets)
    codes = np.unique(code, return_inverse=True)[1].astype(np.int64)
    start = float(np.floor(traits.day[found].min(initial=0.0))) - 1000
    span = int(np.ceil(traits.day[found].max(initial=0.0)) - start) + 1000
    key = codes[found] * span + np.clip(np.floor(traits.day[found]) + shift - start, 0, span - 1).astype(np.int64)
    order = np.argsort(key, kind="stable")
    key, found = key[order], found[order]
    slack = traits.slack[rows]
    window = np.ceil(slack + slack.max(initial=0.0) + reach.days) + 1
    own = np.floor(traits.day[rows]) - start
    low = np.searchsorted(key, codes[rows] * span + np.clip(own - window, 0, span - 1).astype(np.int64), side="left")
    high = np.searchsorted(key, codes[rows] * span + np.clip(own + window, 0, span - 1).astype(np.int64), side="right")
    counts = np.maximum(high - low, 0)
    a = np.repeat(rows, counts)
    b = found[np.arange(len(a)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)]
    apart, widths = days_apart(traits, a, b, shift), traits.slack[a] + traits.slack[b]
    kept = (a != b) & (apart <= np.where(widths < 0.6, reach.days, widths + reach.days / 2) + 0.5)
    kept &= ~(queries[b] & (b < a)) if shift == 0 else True  # found from the other side too
    a, b = a[kept], b[kept]
    if shift == 0:
        a, b = np.minimum(a, b), np.maximum(a, b)
    if len(a):
        yield a, b
