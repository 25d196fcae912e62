"""How the reports of one incident came together, join by join: why it holds where a pair alone would not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.match import NATS_PER_BIT
from ceasefire.fusion.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Two groups of reports that became one.

    Parameters
    ----------
    left, right : tuple of str
        Report ids.
    mean_weight : float
        Bits: the mean, over all pairs between the two, of what rivals left.
    pairs, unseen : int
        How many pairs there are between them; how many of these were too far apart to be compared.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    mean_weight: float
    pairs: int
    unseen: int


def joins_of(start: Sequence[Sequence[str]], pairs: pa.Table, weights: Weights) -> tuple[Join, ...]:
    """Return the joins by which the reports of one incident came together, the best first.

    Parameters
    ----------
    start : sequence of sequence of str
        Report ids that were together from the start, by key or by judgement; a report alone is a group of its own.
    pairs : pa.Table
        Schema `match.PAIR`; those between other reports are left aside.
    weights : Weights
    """
    group = {one: number for number, ids in enumerate(start) for one in ids}
    members = [tuple(ids) for ids in start]
    n = len(members)
    total, count = np.zeros((n, n)), np.zeros((n, n), dtype=np.int64)
    known = pa.array(list(group), pa.string())
    inside = pc.and_(pc.is_in(pairs["report_a"], value_set=known), pc.is_in(pairs["report_b"], value_set=known))
    for row in pairs.filter(inside).select(["report_a", "report_b", "weight_after_rivals"]).to_pylist():
        i, j = group[row["report_a"]], group[row["report_b"]]
        total[i, j] += row["weight_after_rivals"]
        count[i, j] += 1
    total, count = total + total.T, count + count.T
    live = np.ones(n, dtype=bool)
    found: list[Join] = []
    for _ in range(n - 1):
        size = np.array([len(ids) for ids in members])
        every = np.outer(size, size)
        mean = (total + (every - count) * weights.unseen / NATS_PER_BIT) / every
        mean[~live, :] = mean[:, ~live] = -np.inf
        np.fill_diagonal(mean, -np.inf)
        i, j = sorted(divmod(int(np.argmax(mean)), n))
        found.append(
            Join(
                left=members[i],
                right=members[j],
                mean_weight=float(mean[i, j]),
                pairs=int(every[i, j]),
                unseen=int(every[i, j] - count[i, j]),
            )
        )
        members[i] += members[j]
        total[i] += total[j]
        total[:, i] += total[:, j]
        count[i] += count[j]
        count[:, i] += count[:, j]
        live[j] = False
    return tuple(found)


def join_between(joins: Sequence[Join], report_a: str, report_b: str) -> Join | None:
    """Return the join by which two reports came together; None where they were together from the start."""
    for join in joins:
        if (report_a in join.left and report_b in join.right) or (report_b in join.left and report_a in join.right):
            return join
    return None
