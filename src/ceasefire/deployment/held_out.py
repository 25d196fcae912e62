"""What posts see of what they were not chosen by: each part of the record left out in turn.

The choice is fitted to the samples that it is made by, so that what it sees of them promises too much: the optimism of
the sample average (Mak, Morton and Wood 1999). Here the blocks (weeks of the past, or samples of a forecast) are cut
into stretches that follow each other; posts are chosen in the same way without one of them, and held against it. Weeks
that follow each other are alike, which is why whole stretches are left out.

References
----------
Mak, W.-K., Morton, D., Wood, R. (1999). Monte Carlo bounding techniques for determining solution quality in stochastic
programs. Operations Research Letters 24.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ceasefire.deployment.demand import Demand
from ceasefire.deployment.siting import Siting, SitingProblem, seen

FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What posts see of what they were chosen by, and of what they were not.

    Parameters
    ----------
    parts : int
        Into so many the blocks were cut.
    blocks : int
        How many weeks or samples there are.
    of_chosen_by, of_left_out : float
        Shares of the weight, over all parts.
    proved : bool
        Whether every choice was proved best.
    """

    parts: int
    blocks: int
    of_chosen_by: float
    of_left_out: float
    proved: bool


def held_out(
    problem: SitingProblem, demand: Demand, choose: Callable[[SitingProblem, Demand], Siting | None]
) -> HeldOut | None:
    """Choose posts without each part in turn, and say what they see of it; None where there are too few parts.

    Parameters
    ----------
    problem : SitingProblem
        Of the demand.
    demand : Demand
    choose : callable
        As the posts themselves were chosen.
    """
    keys = np.unique(demand.folds[demand.block[problem.weights > 0]])
    if len(keys) < 2:
        return None
    chosen_by, left_out = np.zeros(2), np.zeros(2)
    parts, proved = 0, True
    for keep_out in np.array_split(keys, min(FOLDS, len(keys))):
        out = np.isin(demand.folds[demand.block], keep_out)
        known = replace(problem, weights=np.where(out, 0.0, problem.weights))
        found = choose(known, _without(demand, np.isin(demand.folds, keep_out)))
        if found is None or not known.weights.sum() > 0:
            continue
        covered = seen(problem, [j for j, _ in found.posts])
        for total, mine in ((chosen_by, ~out), (left_out, out)):
            total += problem.weights[mine & covered].sum(), problem.weights[mine].sum()
        parts += 1
        proved &= found.gap == 0
    if parts < 2 or not left_out[1] > 0:
        return None
    return HeldOut(
        parts=parts,
        blocks=len(keys),
        of_chosen_by=float(chosen_by[0] / chosen_by[1]),
        of_left_out=float(left_out[0] / left_out[1]),
        proved=proved,
    )


def _without(demand: Demand, out: np.ndarray) -> Demand:
    """Return a demand in which some blocks never come; samples that were nothing else are left out."""
    known = np.where(out, 0.0, demand.draws)
    amounts = np.bincount(demand.block, demand.weight, minlength=demand.draws.shape[1])
    something = (known @ amounts > 0) | ~(demand.draws @ amounts > 0)
    return replace(demand, draws=known[something], fresh=None)
