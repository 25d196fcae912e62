"""The innermost loops of matching, compiled: they look at a hundred pairs for each that is kept.

In NumPy each of their tests would write all of these pairs to memory. What they compute is defined elsewhere, by
`blocking`, `compare` and `weighing`, and is the same to the last bit. All figures come as arguments: what is compiled
is kept on disk and would not notice that a figure changed elsewhere. Import this module where it is needed, late: it
loads the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

P = ParamSpec("P")
T = TypeVar("T")
Rows = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
Shorts = npt.NDArray[np.int16]


class Nearness(NamedTuple):
    """Within what reach two reports are compared.

    Parameters
    ----------
    km : float32 array, shape (36,)
        By both place classes.
    window : int
        Days between the dates of the two at most.
    shift, moved : float, int
        Days by which the second is moved, and to the next whole day.
    days, half_days, one_day : float32
        Reach in days of days, and of wider intervals; slack up to which two intervals count as days.
    round, half_round : float32
        Kilometres round the equator, and half of them.
    columns, dates : int
        Columns of cells round the globe; how many keys each cell has, one a day.
    once : bool
        Whether each pair is met from both sides, and counts once.
    ordered : bool
        Whether the smaller row is the first, rather than the one that is looked around.
    """

    km: Singles
    window: int
    shift: float
    moved: int
    days: np.float32
    half_days: np.float32
    one_day: np.float32
    round: np.float32
    half_round: np.float32
    columns: int
    dates: int
    once: bool
    ordered: bool


class Scales(NamedTuple):
    """What the level of each comparison is looked up in, and what it adds; see `compare` and `weighing`."""

    per_spread: Singles
    pair_class: Shorts
    bands: Shorts
    figures: Shorts
    acts: npt.NDArray[np.int8]
    sides: Singles
    rare: bool
    steps: int
    distances: int
    same_spot: np.float32
    who_from: np.float32
    who_step: np.float32
    who_levels: int
    prior: np.float32
    repeat: Singles
    adds: Singles
    floors: Singles


def no_scales() -> Scales:
    """Return what takes the place of scales where nothing is weighed."""
    none, singles, shorts = np.float32(0), np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int16)
    square = np.zeros((0, 0), dtype=np.float32)
    return Scales(
        per_spread=singles,
        pair_class=shorts,
        bands=shorts,
        figures=square.astype(np.int16),
        acts=square.astype(np.int8),
        sides=square,
        rare=False,
        steps=0,
        distances=0,
        same_spot=none,
        who_from=none,
        who_step=none,
        who_levels=0,
        prior=none,
        repeat=singles,
        adds=square,
        floors=singles,
    )


def _compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function at its first call, and keep the result on disk where that can be written."""
    try:
        return cast(Callable[P, T], numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # neither beside the source nor in the user's folder is there a place to write
        return cast(Callable[P, T], numba.njit(nogil=True)(function))


@_compiled
def _first_at_least(keys: Rows, sought: int, near: int) -> int:
    """Return the first place whose key is no less than the one sought, looking onwards from a place near it."""
    n = len(keys)
    if near > 0 and keys[near - 1] >= sought:
        low, high = 0, near
    else:
        low, step = near, 1
        while low + step < n and keys[low + step] < sought:
            low += step
            step *= 2
        high = min(low + step, n)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < sought:
            low = middle + 1
        else:
            high = middle
    return low


@_compiled
def _when_level(x: Any, y: Any, apart: np.float32, steps: int) -> int:
    kind: int = max(x.time_class, y.time_class)
    if kind == 0:
        return int(min(np.rint(apart), np.float32(steps - 1)))
    width = max(x.slack + y.slack, np.float32(1))
    return kind * steps + int(min(np.floor(apart / width * np.float32(3)), np.float32(steps - 1)))


@_compiled
def look_around(
    queries: Any,
    query_keys: Rows,
    stop: int,
    found: Any,
    found_keys: Rows,
    near: npt.NDArray[np.bool_],
    nearness: Nearness,
    weighing: bool,
    scales: Scales,
    reached: Rows,
    out_a: Rows,
    out_b: Rows,
    out_value: Singles,
    out_levels: Shorts,
) -> int:
    """Write the pairs of reports with those found within reach of them, until all are written or the room is used up.

    Parameters
    ----------
    queries, found : structured arrays
        Of `blocking.PACKED`, in the order of their keys.
    query_keys, found_keys : int64 arrays
        Cell and date, ascending.
    stop : int
        The first query not to look around.
    near : bool array, shape (n,) or (0,)
        Where not empty, one of the two has to be marked.
    nearness : Nearness
    weighing : bool
        Whether pairs are weighed, and kept only where they exceed the floors of `scales`.
    scales : Scales
    reached : int64 array, shape (12,)
        Which query, cell and place come next, from and for another call; then where in the keys each cell was found.
    out_a, out_b : int64 arrays, shape (m,)
        Rows.
    out_value : float32 array, shape (m,)
        Kilometres; or where weighed, the weight without the text, and without a side that is not in the table.
    out_levels : int16 array, shape (m, 7)
        Where weighed, the levels of all comparisons but the text; -1 for *who* where a side is not in the table.

    Returns
    -------
    int
        How many pairs were written.
    """
    # out of the tuples first: what is taken out of one within the loop is counted each time
    per_spread, pair_class, bands, figures = scales.per_spread, scales.pair_class, scales.bands, scales.figures
    acts, sides, repeat, adds, floors = scales.acts, scales.sides, scales.repeat, scales.adds, scales.floors
    prior, steps, distances, same_spot = scales.prior, scales.steps, scales.distances, scales.same_spot
    who_from, who_step, most_who = scales.who_from, scales.who_step, np.float32(scales.who_levels - 1)
    first_rare, farthest = (len(sides) - 1 if scales.rare else 1 << 31), np.float32(len(bands) - 1)
    limits, window, shift, moved = nearness.km, nearness.window, nearness.shift, nearness.moved
    reach_days, half_days, one_day = nearness.days, nearness.half_days, nearness.one_day
    around, half_around, columns, dates = nearness.round, nearness.half_round, nearness.columns, nearness.dates
    once, ordered = nearness.once, nearness.ordered
    written, room, some_near = 0, len(out_a), len(near) > 0
    when = where = killed = civilian = act = injured = who = 0
    for one in range(reached[0], stop):
        query = queries[one]
        cell, date = divmod(query_keys[one], dates)
        row, column = divmod(cell, columns)
        for beside in range(reached[1], 9):
            if once and beside < 4:
                continue  # the neighbour looks here
            cell = (row + beside // 3 - 1) * columns + (column + beside % 3 - 1) % columns
            low = cell * dates + date - moved - window
            place = reached[2]
            reached[2] = -1
            if place < 0:
                place = _first_at_least(found_keys, low, reached[3 + beside])
                reached[3 + beside] = place
            for other in range(place, len(found_keys)):
                if found_keys[other] > low + 2 * window:
                    break
                target = found[other]
                up = target.north - query.north
                turn = abs(target.east - query.east)
                if turn > half_around:
                    turn = around - turn
                turn *= query.narrow * target.narrow
                km = np.sqrt(up * up + turn * turn)
                pair = query.place_class * 6 + target.place_class
                if km > limits[pair]:
                    continue
                apart = np.float32(abs(np.float32(target.day + shift - query.day)))
                both = query.slack + target.slack
                days = reach_days if both < one_day else both + half_days
                if apart > days + np.float32(0.5):
                    continue
                if target.row == query.row or (once and beside == 4 and query.row > target.row):
                    continue
                if some_near and not (near[query.row] or near[target.row]):
                    continue
                value, first, second = km, query, target
                if ordered and query.row > target.row:
                    first, second = target, query
                if weighing:
                    value = prior
                    if first.source == second.source:
                        value += repeat[first.source]
                    when = _when_level(first, second, apart, steps)
                    value += adds[0, when]
                    band = 0
                    if not km < same_spot:
                        band = bands[int(min(km * per_spread[pair], farthest))]
                    where = pair_class[pair] * distances + band
                    value += adds[1, where]
                    if not value > floors[0]:
                        continue
                    killed = figures[first.killed, second.killed]
                    value += adds[2, killed]
                    civilian = max(first.civilian, second.civilian) * 4 + min(first.civilian, second.civilian)
                    value += adds[3, civilian]
                    if not value > floors[1]:
                        continue
                    act = acts[first.acts, second.acts]
                    value += adds[4, act]
                    injured = figures[first.injured, second.injured]
                    value += adds[5, injured]
                    who = -1
                    if max(first.first, first.second, second.first, second.second) < first_rare:
                        straight = sides[first.first, second.first] + sides[first.second, second.second]
                        crossed = sides[first.first, second.second] + sides[first.second, second.first]
                        step = np.floor((max(straight, crossed) - who_from) / who_step) + np.float32(1)
                        who = int(min(max(step, np.float32(0)), most_who))
                        value += adds[6, who]
                        if not value > floors[2]:
                            continue
                if written == room:
                    reached[0], reached[1], reached[2] = one, beside, other
                    return written
                out_a[written] = first.row
                out_b[written] = second.row
                out_value[written] = value
                if weighing:
                    out = out_levels[written]
                    out[0], out[1], out[2], out[3] = when, where, killed, civilian
                    out[4], out[5], out[6] = act, injured, who
                written += 1
        reached[1] = 0
    reached[0] = stop
    return written
