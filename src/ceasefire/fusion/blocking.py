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
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ceasefire.fusion.traits import KM_PER_DEGREE, LEAST_COSINE, SPREAD_KM, UNDATED, Traits

if TYPE_CHECKING:
    from ceasefire.fusion.inner_loops import Scales

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]
Pairs = tuple[Rows, Rows, Singles]
"""Rows of the two reports, and the kilometres between them; NaN where one has no point."""
Task = Callable[[], Iterable[Pairs]]
Levels = npt.NDArray[np.int16]

_CHUNK = 200_000  # pairs given together
QUERIES = 30_000
"""Reports looked around in one task."""
_ONE_DAY = 0.6  # intervals that reach no further beyond a day count as that day
_MARGIN_DAYS = 0.01  # of wide intervals, days apart are single-precision
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

    def km(self, one: int, other: int) -> float:
        """Return how far apart two reports of two place classes may lie."""
        return self.spreads[max(one, other)] * float(np.hypot(SPREAD_KM[one], SPREAD_KM[other]))


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
    searches, by_name = searches_for(traits, reach, shift=shift, near=near)
    for search in searches:
        for start in range(0, len(search), QUERIES):
            yield partial(search.pairs, start, start + QUERIES)
    yield by_name


def searches_for(
    traits: Traits, reach: Reach, *, shift: float = 0.0, near: Mask | None = None
) -> tuple[Iterator[Search], Task]:
    """Return how the pairs of reports that have points are found, and what gives all other pairs."""
    usable = (traits.time_class != UNDATED) & ~traits.total
    located = usable & ~np.isnan(traits.latitude)

    def by_name() -> Iterator[Pairs]:
        return (_touching(near, *piece) for piece in _by_name(traits, usable, located, reach, shift))

    return _searches(traits, located, reach, shift, np.zeros(0, dtype=bool) if near is None else near), by_name


def _touching(near: Mask | None, a: Rows, b: Rows, km: Singles) -> Pairs:
    if near is None:
        return a, b, km
    kept = near[a] | near[b]
    return a[kept], b[kept], km[kept]


def _searches(traits: Traits, located: Mask, reach: Reach, shift: float, near: Mask) -> Iterator[Search]:
    """Give searches by class of precision.

    The coarser of two place classes says how wide cells are, both time classes how many days are looked at.
    """
    farthest = float(np.nan_to_num(np.abs(traits.latitude)).max(initial=0.0))
    least_cosine = max(LEAST_COSINE, float(np.cos(np.radians(farthest))))
    slack = [float(traits.slack[traits.time_class == t].max(initial=0.0)) for t in range(UNDATED)]
    reports = _packed(traits)
    calendar = _Calendar(traits, 2 * max(slack) + reach.days + abs(shift))
    by_time = [np.flatnonzero(located & (traits.time_class == t)) for t in range(UNDATED)]
    places = range(len(SPREAD_KM))
    limits = np.array([reach.km(x, y) for x in places for y in places], dtype=np.float32)
    for p in places:
        mesh = _Mesh(reach.km(p, p) * 1.001 + 0.01, least_cosine)  # as distances are single-precision
        own = [_Cells(mesh, calendar, traits, reports, rows[traits.place_class[rows] == p]) for rows in by_time]
        if not any(map(len, own)):
            continue
        finer = [_Cells(mesh, calendar, traits, reports, rows[traits.place_class[rows] < p]) for rows in by_time]
        for t in range(UNDATED):
            for narrower in range(max(0, t - _WIDEST_STEP), t + 1):
                wide = slack[t] + slack[narrower] + reach.days / 2 + 0.5 + (_MARGIN_DAYS if t else 0)
                days = max(reach.days + 0.5, wide)
                both = [(own[t], own[narrower]), (own[t], finer[narrower])]
                both += [(own[narrower], finer[t])] if narrower < t else []
                for one, other in both:
                    if len(one) and len(other):
                        yield Search(one, other, near, reach, limits, days, shift)
                        if shift and one is not other:
                            yield Search(other, one, near, reach, limits, days, shift)


PACKED = np.dtype(
    [
        ("day", np.float64),
        *((name, np.float32) for name in ("slack", "north", "east", "narrow")),
        *((name, np.int32) for name in ("row", "source", "killed", "injured", "first", "second", "acts")),
        *((name, np.int8) for name in ("place_class", "time_class", "civilian")),
    ],
    align=True,
)
"""What is compared of a report in one place of memory; figures not given are the last of the table of figures."""


def _packed(traits: Traits) -> npt.NDArray[Any]:
    reports = np.empty(len(traits), dtype=PACKED)
    reports["row"] = np.arange(len(traits))
    reports["first"], reports["second"] = traits.parties.first, traits.parties.second
    for name in ("killed", "injured"):
        codes = getattr(traits, name)
        reports[name] = np.where(codes < 0, len(traits.figures), codes)
    plain = "day slack north east narrow source acts place_class time_class civilian"
    for name in plain.split():
        reports[name] = getattr(traits, name)
    return reports


class _Calendar:
    """The dates of reports, counted from where most of them begin: reports of one day each lie whole days apart."""

    def __init__(self, traits: Traits, most_days: float) -> None:
        day = np.nan_to_num(traits.day)
        phase = (
            float(np.median(traits.day[traits.time_class == 0] % 1)) - 0.5 if (traits.time_class == 0).any() else 0.0
        )
        date = np.floor(day - phase).astype(np.int64)
        self.in_step = (np.abs((day - phase) % 1 - 0.5) < 0.1) & (traits.slack < _ONE_DAY)
        known = date[traits.time_class != UNDATED]
        margin = int(np.ceil(most_days)) + 4
        self.date = date - int(known.min(initial=0)) + margin
        self.dates = int(known.max(initial=0)) - int(known.min(initial=0)) + 2 * margin + 1


class _Mesh:
    """Cells at least `km` wide and high, round the globe."""

    def __init__(self, km: float, least_cosine: float) -> None:
        self._tall, self._wide = km / KM_PER_DEGREE, km / (KM_PER_DEGREE * least_cosine)
        self.columns = max(3, int(360 / self._wide))  # the last one is the widest

    def cells(self, traits: Traits, rows: Rows) -> Rows:
        """Return the cell of each report; no cell is in the first row, so that each has one below."""
        row = ((traits.latitude[rows] + 90) / self._tall).astype(np.int64) + 1
        column = ((traits.longitude[rows] + 180) / self._wide).astype(np.int64)
        return np.asarray(row * self.columns + np.minimum(column, self.columns - 1))


class _Cells:
    """Some reports by cell and date."""

    def __init__(self, mesh: _Mesh, calendar: _Calendar, traits: Traits, reports: npt.NDArray[Any], rows: Rows) -> None:
        key = mesh.cells(traits, rows) * calendar.dates + calendar.date[rows]
        order = np.argsort(key)
        self.key = key[order]
        words = reports.view(np.uint64).reshape(len(reports), PACKED.itemsize // 8)
        self.reports = words.take(rows[order], axis=0).view(PACKED).reshape(-1)  # NumPy moves words faster than records
        self.in_step = bool(calendar.in_step[rows].all())
        self.columns, self.dates = mesh.columns, calendar.dates

    def __len__(self) -> int:
        return len(self.key)


class Search:
    """Looks around some reports for others within reach."""

    def __init__(
        self, queries: _Cells, found: _Cells, near: Mask, reach: Reach, limits: Singles, days: float, shift: float
    ) -> None:
        from ceasefire.fusion.inner_loops import Nearness

        self._queries, self._found, self._near = queries, found, near
        self._nearness = Nearness(
            km=limits,
            window=int(np.ceil(days - 0.5)) + (0 if queries.in_step and found.in_step else 1),
            shift=float(shift),
            moved=round(shift),
            days=np.float32(reach.days),
            half_days=np.float32(reach.days / 2),
            one_day=np.float32(_ONE_DAY),
            round=np.float32(360 * KM_PER_DEGREE),
            half_round=np.float32(180 * KM_PER_DEGREE),
            columns=found.columns,
            dates=found.dates,
            once=queries is found and shift == 0,
            ordered=shift == 0,
        )

    def __len__(self) -> int:
        return len(self._queries)

    def pairs(self, start: int, stop: int) -> Iterator[Pairs]:
        """Give the pairs of some of the reports looked around, and the kilometres between them."""
        from ceasefire.fusion.inner_loops import no_scales

        for a, b, km, _ in self._pieces(start, stop, no_scales(), weighing=False):
            yield a, b, km

    def weighed(self, start: int, stop: int, scales: Scales) -> Iterator[tuple[Rows, Rows, Singles, Levels]]:
        """Give those pairs that exceed the floors of some scales, their weights and their levels, shape (p, 7)."""
        return self._pieces(start, stop, scales, weighing=True)

    def _pieces(
        self, start: int, stop: int, scales: Scales, *, weighing: bool
    ) -> Iterator[tuple[Rows, Rows, Singles, Levels]]:
        from ceasefire.fusion.inner_loops import look_around

        queries, found = self._queries, self._found
        stop = min(stop, len(queries))
        room = min(_CHUNK, (stop - start) * len(found))
        reached = np.zeros(12, dtype=np.int64)
        reached[0], reached[2] = start, -1
        while reached[0] < stop:
            a, b = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
            value, levels = np.empty(room, dtype=np.float32), np.empty((room if weighing else 0, 7), dtype=np.int16)
            count = look_around(
                queries.reports, queries.key, stop, found.reports, found.key, self._near, self._nearness,
                weighing, scales, reached, a, b, value, levels,
            )  # fmt: skip
            if count:
                yield a[:count].copy(), b[:count].copy(), value[:count].copy(), levels[:count].copy()


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
    for a, b in expanded(rows, found, low, high):
        kept = (a != b) & _soon(traits, a, b, reach, shift)
        if shift == 0:
            kept &= ~(queries[b] & (b < a))  # found from the other side too
        a, b = a[kept], b[kept]
        if shift == 0:
            a, b = np.minimum(a, b), np.maximum(a, b)
        if len(a):
            yield a, b, km_apart(traits, a, b)


def expanded(queries: Rows, found: Rows, low: Rows, high: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Give each query with ``found[low:high]``, so many pairs at a time that memory is bounded."""
    some = np.flatnonzero(high > low)
    queries, low, counts = queries[some], low[some], high[some] - low[some]
    ends = np.cumsum(counts)
    start = 0
    while start < len(some):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _CHUNK, side="right")))
        n = counts[start:stop]
        a = np.repeat(queries[start:stop], n)
        yield a, found[np.arange(len(a)) + np.repeat(low[start:stop] - (ends[start:stop] - n - before), n)]
        start = stop
