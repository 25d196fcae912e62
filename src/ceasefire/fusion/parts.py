"""The kernel of matching, for all reports or for a part of them: what is weighed, what rivals leave, what is joined.

A pair's weight depends on its two reports alone; what its rivals leave of it, on the pairs of both its reports; and a
cluster on the component of pairs above the threshold it lies in. So a part of the reports gives the very numbers of
the whole, if it holds all that may be compared with the reports in question, and all that with these: two steps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.blocking import Reach, compared_classes, most_days
from ceasefire.fusion.canonical import canonical_order, whole
from ceasefire.fusion.cluster import agglomerate
from ceasefire.fusion.compare import COMPARISONS, LevelColumn
from ceasefire.fusion.competition import chunks, claimed, left_over, log_odds, rival_slots
from ceasefire.fusion.traits import UNDATED, Times, Traits, canonical_traits, times_of
from ceasefire.fusion.weighing import SILENT, Weighed, Weigher, exclusive_between
from ceasefire.fusion.weights import Weights

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Kept = dict[str, npt.NDArray[Any]]
Task = Callable[[], Iterable[Weighed]]
Work = Callable[[Task], list[Kept]]

LEAST_WEIGHT = -6.0
"""Log odds below which a pair is not kept: too unlikely to matter to any cluster or rival."""
_THREADS = 2
_BLOCK = 8_000_000  # pairs kept in one piece at most, about
_MARGIN_DAYS = 0.01  # days apart are single-precision
_SHORT = 1  # time classes up to here reach days; wider ones are few and reach weeks and months

EDGE = pa.schema(
    [
        ("report_a", pa.string()),  # by time and id the first of the two
        ("report_b", pa.string()),
        ("match_weight", pa.float32()),  # log odds by itself, natural logarithm
        ("log_odds", pa.float64()),  # after rivals
        *((name, pa.int16()) for name in COMPARISONS),  # levels
    ]
)
"""Pairs that were weighed and kept."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs that were weighed and kept, by rows in canonical order, each pair once, sorted by `a` and then `b`.

    Parameters
    ----------
    a, b : int64 array, shape (p,)
        The first is the smaller.
    weight : float32 array, shape (p,)
        Log odds by itself.
    cautious : float64 array, shape (p,)
        Log odds after rivals.
    levels : mapping of str to int16 array
        By `COMPARISONS`.
    """

    a: Rows
    b: Rows
    weight: npt.NDArray[np.float32]
    cautious: Floats
    levels: Mapping[str, LevelColumn]


def score_pairs(traits: Traits, weights: Weights, *, near: Mask | None = None) -> Scored:
    """Weigh the candidate pairs of reports, keep those that could matter, and let rivals compete.

    Parameters
    ----------
    traits : Traits
        Of n reports in canonical order.
    weights : Weights
    near : bool array, shape (n,), optional
        Pairs of which neither report is marked are left out; the others' rivals are then complete only where
        all pairs of both their reports are in.
    """
    weighed = weigh_pairs(Weigher(traits, weights), near=near)
    cautious = after_rivals(weighed.a, weighed.b, weighed.weight, traits.source, traits.sources, weights)
    return Scored(weighed.a, weighed.b, weighed.weight, cautious, weighed.levels)


def after_rivals(
    a: Rows, b: Rows, weight: npt.NDArray[np.float32], source: Rows, sources: Sequence[str], weights: Weights
) -> Floats:
    """Return the log odds of pairs once their rivals are counted, exact where all pairs of both reports are given.

    Parameters
    ----------
    a, b : int64 arrays, shape (p,)
        Sorted by `a` and then `b`, for sums to be the same to the last bit.
    weight : float32 array, shape (p,)
    source : int64 array
        By row: whose report it is, as a place in `sources`.
    sources : sequence of str
    weights : Weights
    """
    slots = rival_slots(a, b, source)
    slot = claimed(weight, slots)
    found = np.empty(len(weight))
    for part in chunks(len(weight)):
        exclusive = exclusive_between(weights, sources, source[a[part]], source[b[part]])
        found[part] = log_odds(left_over(weight[part], slot[slots[0][part]], slot[slots[1][part]], exclusive))
    return found


def weigh_pairs(weigher: Weigher, *, near: Mask | None = None) -> Weighed:
    """Weigh the candidate pairs and keep those that could matter, sorted, each by itself; see `score_pairs`."""
    n, told = len(weigher.traits), weigher.told

    def work(task: Task) -> list[Kept]:
        blocks: list[Kept] = []
        loose: list[Kept] = []
        for one in task():
            loose.append({"code": one.a * n + one.b, "weight": one.weight} | {name: one.levels[name] for name in told})
            if sum(len(piece["code"]) for piece in loose) > _BLOCK:
                blocks.append(_block(loose))
                loose = []
        return [*blocks, _block(loose)] if loose else blocks

    parts: dict[str, list[npt.NDArray[Any]]] = {
        "code": [np.zeros(0, dtype=np.int64)],
        "weight": [np.zeros(0, dtype=np.float32)],
        **{name: [np.zeros(0, dtype=np.int16)] for name in told},
    }
    with ThreadPoolExecutor(_THREADS) as pool:
        for blocks in _ahead(pool, work, weigher.tasks(least=LEAST_WEIGHT, near=near)):
            for block in blocks:
                for name, column in block.items():
                    parts[name].append(column)
    # a column at a time, each made of pieces that are then let go: pairs may be many more than reports
    code = np.concatenate(parts.pop("code"))
    order = np.argsort(code)
    code = code[order]
    a = code // max(n, 1)
    code -= a * n
    columns = {name: np.concatenate(parts.pop(name))[order] for name in [*parts]}
    levels = {
        name: columns[name] if name in told else np.broadcast_to(np.int16(SILENT[name]), len(order))
        for name in COMPARISONS
    }
    return Weighed(a, code, columns["weight"], levels)


def _block(pieces: list[Kept]) -> Kept:
    """Lay pieces together: memory of large arrays goes back to the system, that of many small ones does not."""
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def _ahead(pool: ThreadPoolExecutor, function: Work, tasks: Iterable[Task]) -> Iterator[list[Kept]]:
    """Give the results in order while the next tasks are worked on."""
    waiting = deque[Future[list[Kept]]]()
    for task in tasks:
        waiting.append(pool.submit(function, task))
        if len(waiting) > 2 * _THREADS:
            yield waiting.popleft().result()
    for one in waiting:
        yield one.result()


def scored_edges(reports: pa.Table, core: Mask, *, register: ActorRegister, weights: Weights) -> pa.Table:
    """Return the pairs whose first report, by time and id, is in the core: the very rows that all reports give.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, n rows: the core and all that `halo` says it needs, in any order, each once.
    core : bool array, shape (n,)
    register : ActorRegister
    weights : Weights

    Returns
    -------
    pa.Table
        Schema `EDGE`, by the first report's time and id and then the second's.
    """
    rows, place = canonical_order(reports)
    traits = canonical_traits(reports, rows, register)
    inner = np.zeros(len(rows), dtype=bool)
    inner[place[core]] = True
    scored = score_pairs(traits, weights, near=reached(_times(traits), inner, weights.reach))
    kept = np.flatnonzero(inner[scored.a])
    ids = whole(reports["report_id"]).take(pa.array(rows))
    return pa.table(
        {
            "report_a": ids.take(pa.array(scored.a[kept])),
            "report_b": ids.take(pa.array(scored.b[kept])),
            "match_weight": scored.weight[kept],
            "log_odds": scored.cautious[kept],
            **{name: scored.levels[name][kept] for name in COMPARISONS},
        },
        schema=EDGE,
    )


def halo(reports: pa.Table, core: Mask, *, reach: Reach, steps: int = 2) -> Mask:
    """Return which reports a part needs: its core, what may be compared with that, and with these in turn.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, n rows.
    core : bool array, shape (n,)
    reach : Reach
        Of the weights.
    steps : int
        Two for what rivals leave of the core's pairs; one for their weights alone.

    Returns
    -------
    bool array, shape (n,)
    """
    times = times_of(reports)
    needed = core.copy()
    for _ in range(steps):
        needed = reached(times, needed, reach)
    return needed


def _times(traits: Traits) -> Times:
    return Times(traits.day, traits.slack, traits.time_class)


def reached(times: Times, some: Mask, reach: Reach) -> Mask:
    """Return some reports, and those close enough in time to one of them to be compared with it, and perhaps more."""
    found = some.copy()
    half = most_days(reach) / 2 + _MARGIN_DAYS
    low, high = (times.day - times.slack - half, times.day + times.slack + half)
    for kind in range(UNDATED):
        seen = some & (times.time_class == kind)
        if not seen.any():
            continue
        starts, ends = _merged(low[seen], high[seen])
        for other in compared_classes(kind):
            rows = np.flatnonzero((times.time_class == other) & ~found)
            last = np.searchsorted(starts, high[rows], side="right") - 1  # the last span to begin before it ends
            found[rows[(last >= 0) & (ends[np.maximum(last, 0)] >= low[rows])]] = True
    return found


def _merged(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the spans that cover all of the given ones, sorted, without overlap."""
    order = np.argsort(low)
    low, reached = low[order], np.maximum.accumulate(high[order])
    fresh = np.flatnonzero(np.r_[True, low[1:] > reached[:-1]])
    return low[fresh], reached[np.r_[fresh[1:] - 1, len(low) - 1]]


def time_parts(reports: pa.Table, count: int) -> Rows:
    """Return the part each report is in the core of, of `count` parts about equally long in work.

    Reports of days go by when they begin; those of weeks and more, few and each in need of a wide halo, go by when
    they begin into parts of their own, the last fifth of the parts.
    """
    times = times_of(reports)
    starts = np.nan_to_num(times.day - times.slack)
    part = np.zeros(len(starts), dtype=np.int64)
    long = (times.time_class > _SHORT) & (times.time_class < UNDATED)
    own = count // 5 if long.any() else 0
    for rows, first, number in ((~long, 0, count - own), (long, count - own, own)):
        if own == 0 and first:
            part[rows] = count - 1
            continue
        cuts = np.quantile(starts[rows], np.arange(1, number) / number) if rows.any() else np.zeros(0)
        part[rows] = first + np.searchsorted(cuts, starts[rows], side="right")
    return part


def components(a: Rows, b: Rows, log_odds: Floats, *, start: Rows, threshold: float) -> Rows:
    """Return for each report the smallest row of its component: of pairs above the threshold, and groups given.

    No cluster reaches beyond a component, and what becomes of one depends on the pairs within it alone.

    Parameters
    ----------
    a, b : int64 arrays, shape (p,)
    log_odds : float64 array, shape (p,)
    start : int64 array, shape (n,)
        Smallest row of the group each report is in from the start.
    threshold : float

    Returns
    -------
    int64 array, shape (n,)
    """
    label = start.copy()
    good = np.flatnonzero(log_odds > threshold)
    a, b = a[good], b[good]
    while len(a):
        low, high = np.minimum(label[a], label[b]), np.maximum(label[a], label[b])
        apart = np.flatnonzero(low != high)
        if not len(apart):
            break
        a, b = a[apart], b[apart]
        np.minimum.at(label, high[apart], low[apart])
        while True:  # labels of labels
            further = label[label]
            if np.array_equal(further, label):
                break
            label = further
    return label


def cluster_components(
    members: Rows,
    a: Rows,
    b: Rows,
    log_odds: Floats,
    *,
    start: Rows,
    keys: Rows,
    spaces: Rows,
    weights: Weights,
) -> Rows:
    """Return the cluster of each member, by its smallest row: what all reports at once give, for whole components.

    Parameters
    ----------
    members : int64 array, shape (m,)
        Rows of the reports of one or several whole components, ascending.
    a, b : int64 arrays, shape (p,)
        All pairs between members, in the order of all pairs.
    log_odds : float64 array, shape (p,)
    start, keys, spaces : int64 array, shape (m,)
        Of each member, see `cluster.agglomerate`; `start` in rows.
    weights : Weights

    Returns
    -------
    int64 array, shape (m,)
    """
    a, b, start = (np.searchsorted(members, rows) for rows in (a, b, start))
    label = agglomerate(
        a,
        b,
        log_odds,
        start=start,
        keys=keys,
        spaces=spaces,
        threshold=weights.threshold,
        unseen=weights.unseen,
    )
    return np.asarray(members[label])
