"""How many events there were, when two independent lists of one population have some in common: Chapman's estimate.

It holds only where nothing comes into or leaves the population between the lists, every event has the same chance of
being on a list, being on one makes being on the other neither more nor less likely, and what is common is recognised
without error. Whoever calls this answers for that; `casework.registers.estimating` tests what can be tested.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

FEWEST_IN_COMMON = 7
"""With at least so many in common the estimate's bias is under two in a hundred (Robson and Regier 1964)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationEstimate:
    """An estimate with its interval.

    Parameters
    ----------
    estimate : float
        Chapman's.
    low, high : float
        Ends of the interval; never below what was seen.
    level : float
        Of the interval.
    standard_error : float
        Of the estimate.
    seen : int
        Events on either list.
    """

    estimate: float
    low: float
    high: float
    level: float
    standard_error: float
    seen: int


def chapman(first: int, second: int, both: int, *, level: float = 0.95) -> PopulationEstimate:
    """Estimate the size of a population from two lists.

    Parameters
    ----------
    first, second : int
        Events on each list.
    both : int
        Events on both.
    level : float
        Of the interval, in (0, 1).

    Returns
    -------
    PopulationEstimate
        The interval is that of the transformed logit, which keeps its level in small populations.

    Raises
    ------
    ValueError
        When the counts are not those of two lists.

    References
    ----------
    Chapman (1951); Seber (1982), The estimation of animal abundance; Sadinle (2009), Communications in Statistics -
    Simulation and Computation 38.

    Examples
    --------
    >>> found = chapman(10, 15, 5)
    >>> round(found.estimate, 1), round(found.low), round(found.high)
    (28.3, 22, 65)
    """
    if not 0 <= both <= min(first, second):
        raise ValueError(f"{both} in common of lists of {first} and {second}")
    if not 0 < level < 1:
        raise ValueError(f"a level of {level}")
    only_first, only_second, seen = first - both, second - both, first + second - both
    estimate = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * only_first * only_second / ((both + 1) ** 2 * (both + 2))
    a, b, m = only_first + 0.5, only_second + 0.5, both + 0.5
    spread = math.sqrt(1 / m + 1 / a + 1 / b + m / (a * b))
    factor = math.exp(NormalDist().inv_cdf((1 + level) / 2) * spread)
    low, high = (seen - 0.5 + a * b / m * by for by in (1 / factor, factor))
    return PopulationEstimate(
        estimate=estimate,
        low=max(low, float(seen)),
        high=max(high, float(seen)),
        level=level,
        standard_error=math.sqrt(variance),
        seen=seen,
    )


def same_share(with_first: int, without_first: int, with_second: int, without_second: int) -> float:
    """Return the probability of shares at least as different as these, were they the same: Fisher's exact test.

    Parameters
    ----------
    with_first, without_first, with_second, without_second : int
        Of two groups, how many have something and how many have it not.

    Returns
    -------
    float
        Two-sided, in (0, 1].

    Examples
    --------
    >>> round(same_share(3, 1, 1, 3), 4)  # the lady tasting tea
    0.4857
    """
    row, column = with_first + without_first, with_first + with_second
    total = row + with_second + without_second
    ways = math.comb(total, column)

    def chance(cell: int) -> int:
        return math.comb(row, cell) * math.comb(total - row, column - cell)

    seen = chance(with_first)
    cells = range(max(0, column - (total - row)), min(row, column) + 1)
    return sum(chance(cell) for cell in cells if chance(cell) <= seen) / ways
