"""Tours of patrols: what can be visited in a shift, chosen so that nobody can tell beforehand.

A tour leaves its base, visits places and returns within the shift (the orienteering problem of Golden, Levy and Vohra
1987). With at most `MOST_STOPS` places the shortest tour of *every* set of them is found by the dynamic program of Held
and Karp (1962), so the best set is exact, and so is the list of all sets that are nearly as good. Each shift draws one
of those at random, none twice in a row: what is given up of the objective is bounded, and what is gained is that the
route cannot be waited for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_STOPS = 12
"""2^12 sets of stops: a tenth of a second; each further stop doubles it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A tour of one shift.

    Parameters
    ----------
    stops : tuple of int
        In the order in which they are visited.
    hours : float
        With the stays.
    reward : float
        Of its stops.
    """

    stops: tuple[int, ...]
    hours: float
    reward: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tours:
    """All tours from which shifts are drawn.

    Parameters
    ----------
    best : float
        The most that any tour within the shift is worth: exact.
    tours : tuple of Tour
        Those worth at least the asked-for part of it, by worth.
    """

    best: float
    tours: tuple[Tour, ...]


def tours(hours: Floats, stay_hours: float, reward: Floats, shift_hours: float, *, within: float = 0.9) -> Tours:
    """Find every tour that is nearly as good as the best.

    Parameters
    ----------
    hours : float array, shape (n + 1, n + 1)
        Of travel between places; the base is 0, stop i is i + 1. At most `MOST_STOPS` stops.
    stay_hours : float
        At each stop.
    reward : float array, shape (n,)
        Of visiting each stop; not negative.
    shift_hours : float
    within : float
        The least part of the best reward that a tour must have, 0 to 1.

    Raises
    ------
    ValueError
        When there are more stops than can be solved exactly.
    """
    n = len(reward)
    if n > MOST_STOPS:
        raise ValueError(f"{n} stops; at most {MOST_STOPS} can be solved exactly")
    length, before = _shortest(hours, n)
    sets = np.arange(1 << n)
    members = (sets[:, None] >> np.arange(n)) & 1
    last = length + hours[1:, 0]
    closed = np.where(sets > 0, last.min(axis=1, initial=np.inf), 0.0)
    total = closed + members.sum(axis=1) * stay_hours
    worth = members @ reward
    feasible = total <= shift_hours + 1e-9
    best = float(worth[feasible].max())
    good = np.flatnonzero(feasible & (worth >= within * best - 1e-12) & (sets > 0))
    found = [
        Tour(stops=_route(int(s), int(last[s].argmin()), before), hours=float(total[s]), reward=float(worth[s]))
        for s in good
    ]
    return Tours(best=best, tours=tuple(sorted(found, key=lambda tour: (-tour.reward, tour.hours, tour.stops))))


def week(choices: Tours, shifts: int, rng: np.random.Generator) -> tuple[Tour, ...]:
    """Draw a tour for each shift, each of the choices alike likely, none twice in a row, either way around.

    Parameters
    ----------
    choices : Tours
    shifts : int
    rng : Generator
        For plans that people will walk, one seeded from the machine's entropy.
    """
    drawn: list[Tour] = []
    previous = -1
    for _ in range(shifts):
        options = [number for number in range(len(choices.tours)) if number != previous or len(choices.tours) == 1]
        if not options:
            break
        previous = int(rng.choice(options))
        tour = choices.tours[previous]
        stops = tour.stops if rng.random() < 0.5 else tour.stops[::-1]
        drawn.append(Tour(stops=stops, hours=tour.hours, reward=tour.reward))
    return tuple(drawn)


def _shortest(hours: Floats, n: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return, for every set of stops and last stop, the shortest way there from the base, and the stop before."""
    length = np.full((1 << n, n), np.inf)
    before = np.full((1 << n, n), -1, dtype=np.int64)
    for i in range(n):
        length[1 << i, i] = hours[0, i + 1]
    for s in range(1, 1 << n):
        for last in range(n):
            rest = s & ~(1 << last)
            if s >> last & 1 and rest:
                ways = length[rest] + hours[1:, last + 1]
                before[s, last] = int(ways.argmin())
                length[s, last] = ways[before[s, last]]
    return length, before


def _route(stops: int, last: int, before: NDArray[np.int64]) -> tuple[int, ...]:
    route = []
    while stops:
        route.append(last)
        stops, last = stops & ~(1 << last), int(before[stops, last])
    return tuple(reversed(route))
