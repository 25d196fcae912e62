"""Where posts stand to miss least when things go badly: the mean of what is missed over the worst share of samples.

Formulation
-----------
A sample s of what may come gives point i the weight w_si = a_i d_sb, b the block of the point: its week, or its sample.
With x, y and the rows on where posts may stand as in `deployment.siting`,

    q_b in [0, 1]     share of the block's weight A_b that is seen
    eta, u_s >= 0     a threshold, and by how much more than it sample s is missed

    minimise    eta + sum_s u_s / (share S)
    subject to  A_b q_b <= sum over i in b of a_i y_i
                u_s >= sum_b d_sb A_b (1 - q_b) - eta

The minimum over eta is the mean of what is missed in the worst `share` of the S samples: the conditional value at risk
of Rockafellar and Uryasev (2000), whose program this is, also for a share that is no whole number of samples. With a
share of 1 it is what is missed on average, and the posts are those that see most.

Solved by HiGHS to a relative gap of 0, or until the time is up: then the gap told is what is left. The solver starts
from the posts that miss least on average. The value told is recomputed from the posts.

References
----------
Rockafellar, R., Uryasev, S. (2000). Optimization of conditional value-at-risk. Journal of Risk 2(3).
Church, R., ReVelle, C. (1974). The maximal covering location problem. Papers of the Regional Science Association 32.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ceasefire.deployment.program import Program, Row, solved
from ceasefire.deployment.siting import (
    Siting,
    SitingProblem,
    best_siting,
    kinds_of,
    pairs_of,
    seen,
    site_rows,
    standing,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

_PROVED = 1e-5
"""Relative: below, the difference of bound and value is the solver's rounding, 1e-6 a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What may come, sample by sample.

    Parameters
    ----------
    weight : float array, shape (n_points,)
        Of each point where its block counts once.
    block : int array, shape (n_points,)
    draws : float array, shape (n_samples, n_blocks)
        How often each sample counts each block; not negative.
    """

    weight: Floats
    block: Numbers
    draws: Floats

    def missed(self, covered: Flags) -> Floats:
        """Return the weight that is not seen, shape (n_samples,)."""
        return np.asarray(self.draws @ self.of_blocks(~covered))

    def of_blocks(self, points: Flags) -> Floats:
        """Return the weight of some points by block, shape (n_blocks,)."""
        return np.bincount(self.block, self.weight * points, minlength=self.draws.shape[1]).astype(np.float64)


def worst_mean(values: Floats, share: float) -> float:
    """Return the mean of the largest values, so large a share of all; one of them may count in part.

    Examples
    --------
    >>> worst_mean(np.array([1.0, 5.0, 3.0, 9.0]), 0.5)
    7.0
    >>> worst_mean(np.array([1.0, 5.0, 3.0, 9.0]), 0.375)
    7.666666666666667
    """
    counted = share * len(values)
    ordered = np.sort(values)[::-1]
    part = np.clip(counted - np.arange(len(values)), 0.0, 1.0)
    return float(ordered @ part / counted)


def least_missed(problem: SitingProblem, samples: Samples, share: float, *, seconds: float = 600.0) -> Siting | None:
    """Return the posts that miss least, on average, in the worst share of the samples; None as `best_siting`.

    The gap is that of what is missed; the bound of the value, what all candidates together would see.

    Parameters
    ----------
    problem : SitingProblem
        Its weights are the average of the samples; its groups are not looked at.
    samples : Samples
    share : float
        Above 0, at most 1.
    seconds : float
        What is found by then has a gap.

    Raises
    ------
    ValueError
        When the share is no such number.
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share of {share:g}; it lies above 0 and is at most 1")
    average = best_siting(problem, seconds=seconds)
    if average is None:
        return None
    anyone = problem.sees.any(axis=1)
    scale = float(samples.missed(np.zeros(len(samples.weight), dtype=bool)).max(initial=0.0))
    if scale <= 0 or not len(problem.operators):
        return replace(average, missed=0.0, missed_bound=0.0)
    pairs = pairs_of(problem)
    kinds, kind = kinds_of(problem, anyone & (samples.weight > 0))
    chosen_on_average = set(average.posts)
    found = solved(
        _program(problem, samples, share, (kinds, kind), scale),
        seconds=seconds,
        start=np.array([1.0 if pair in chosen_on_average else 0.0 for pair in pairs]),
    )
    if found is None:
        return None
    chosen = tuple(pair for pair, value in zip(pairs, found.values, strict=False) if value > 0.5)
    covered = seen(problem, [j for j, _ in chosen])
    missed = worst_mean(samples.missed(covered), share)
    bound = min(missed, max(0.0, -found.bound * scale))
    gap = (missed - bound) / missed if missed > _PROVED * scale else 0.0
    weights = problem.weights
    value, whole = float(weights[covered].sum()), float(weights.sum())
    return Siting(
        posts=chosen,
        value=value,
        share=value / whole if whole > 0 else 0.0,
        bound=float(weights[anyone].sum()),
        gap=gap if gap > _PROVED else 0.0,
        missed=missed,
        missed_bound=bound,
    )


def _program(
    problem: SitingProblem, samples: Samples, share: float, kinds: tuple[Flags, Numbers], scale: float
) -> Program:
    """Return the program; its columns are pairs, kinds of points, blocks, eta, then samples."""
    pairs = pairs_of(problem)
    candidate = np.array([j for j, _ in pairs], dtype=np.int64)
    sees, kind = kinds
    everything = samples.of_blocks(np.ones(len(samples.weight), dtype=bool))
    blocks = np.flatnonzero(samples.of_blocks(kind >= 0) > 0)
    count = len(samples.draws)
    first_kind, first_block = len(pairs), len(pairs) + len(sees)
    eta = first_block + len(blocks)
    columns = eta + 1 + count
    objective = np.zeros(columns)
    objective[eta] = -1.0
    objective[eta + 1 :] = -1.0 / (share * count)
    program = Program(columns=columns, objective=objective, whole=len(pairs))
    program.lower[: len(pairs)] = standing(problem, pairs)
    program.rows += site_rows(problem, pairs)
    for number, each in enumerate(sees):
        mine = np.flatnonzero(each[candidate])
        entries = np.concatenate([mine, [first_kind + number]])
        program.rows.append(Row(entries, np.concatenate([np.ones(len(mine)), [-1.0]]), 0.0, np.inf))
    for number, block in enumerate(blocks):
        points = np.flatnonzero((samples.block == block) & (kind >= 0) & (samples.weight > 0))
        parts = np.bincount(kind[points], samples.weight[points], minlength=len(sees)) / everything[block]
        mine = np.flatnonzero(parts)
        entries = np.concatenate([first_kind + mine, [first_block + number]])
        program.rows.append(Row(entries, np.concatenate([parts[mine], [-1.0]]), 0.0, np.inf))
    for number, draw in enumerate(samples.draws):
        amounts = draw[blocks] * everything[blocks] / scale
        mine = np.flatnonzero(amounts)
        entries = np.concatenate([first_block + mine, [eta, eta + 1 + number]])
        program.rows.append(
            Row(entries, np.concatenate([amounts[mine], [1.0, 1.0]]), float(draw @ everything) / scale, np.inf)
        )
    return program
