"""Tours of patrols: what can be visited in a shift, chosen so that nobody can tell beforehand.

A tour leaves its base, visits places and returns within the shift (the orienteering problem of Golden, Levy and Vohra
1987). With at most `MOST_STOPS` places the shortest tour of *every* set of them is found by the dynamic program of Held
and Karp (1962), so the best set is exact, and so is the list of all sets that are nearly as good. What a set is worth
may be given for each set by itself: what two stops both see is then counted once (`worth_of_sets`). Each shift draws
one of those at random, none twice in a row where there are several; then an order that fits the shift, and when within
the shift to leave. What is given up of the objective is bounded, unless fewer than asked for are nearly as good: then
the next best are taken too, since one alone could be waited for. A stop that every good set has is visited in every
shift, and only when is open: whoever plans is told of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Flags = NDArray[np.bool_]

MOST_STOPS = 15
"""2^15 sets of stops: some tenths of a second; each further stop doubles it, and more than doubles the memory."""


_TRIES = 30


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
    leaves_after_hours : float
        From the start of the shift until it leaves.
    """

    stops: tuple[int, ...]
    hours: float
    reward: float
    leaves_after_hours: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tours:
    """All tours from which shifts are drawn.

    Parameters
    ----------
    best : float
        The most that any tour within the shift is worth: exact.
    tours : tuple of Tour
        Those worth at least the asked-for part of it, or as many as asked for, by worth; each by its shortest way.
    hours : float array, shape (n + 1, n + 1)
        Of travel between places, as `tours` takes it.
    stay_hours, shift_hours : float
    """

    best: float
    tours: tuple[Tour, ...]
    hours: Floats
    stay_hours: float
    shift_hours: float

    @property
    def always(self) -> frozenset[int]:
        """The stops that every one of them visits."""
        return frozenset.intersection(*(frozenset(tour.stops) for tour in self.tours)) if self.tours else frozenset()


def tours(
    hours: Floats, stay_hours: float, reward: Floats, shift_hours: float, *, within: float = 0.9, fewest: int = 1
) -> Tours:
    """Find every tour that is nearly as good as the best.

    Parameters
    ----------
    hours : float array, shape (n + 1, n + 1)
        Of travel between places; the base is 0, stop i is i + 1. At most `MOST_STOPS` stops.
    stay_hours : float
        At each stop.
    reward : float array, shape (n,) or (2^n,)
        Of visiting each stop, or each set of stops as `worth_of_sets` has them; not negative.
    shift_hours : float
    within : float
        The least part of the best reward that a tour must have, 0 to 1.
    fewest : int
        Where fewer have it, the best of the others are added, as far as they are worth anything.

    Raises
    ------
    ValueError
        When there are more stops than can be solved exactly.
    """
    n = len(hours) - 1
    if n > MOST_STOPS:
        raise ValueError(f"{n} stops; at most {MOST_STOPS} can be solved exactly")
    length, before = _shortest(hours, n)
    sets = np.arange(1 << n)
    members = (sets[:, None] >> np.arange(n)) & 1
    last = length + hours[1:, 0]
    closed = np.where(sets > 0, last.min(axis=1, initial=np.inf), 0.0)
    total = closed + members.sum(axis=1) * stay_hours
    worth = members @ reward if len(reward) == n else reward
    feasible = total <= shift_hours + 1e-9
    best = float(worth[feasible].max())
    useful = np.flatnonzero(feasible & (sets > 0) & ((worth > 0) | (best <= 0)))
    ordered = useful[np.lexsort((total[useful], -worth[useful]))]
    good = ordered[: max(fewest, int((worth[ordered] >= within * best - 1e-12).sum()))]
    found = [
        Tour(stops=_route(int(s), int(last[s].argmin()), before), hours=float(total[s]), reward=float(worth[s]))
        for s in good
    ]
    return Tours(
        best=best,
        tours=tuple(sorted(found, key=lambda tour: (-tour.reward, tour.hours, tour.stops))),
        hours=hours,
        stay_hours=stay_hours,
        shift_hours=shift_hours,
    )


def week(choices: Tours, shifts: int, rng: np.random.Generator) -> tuple[Tour, ...]:
    """Draw a tour for each shift, its order, and when it leaves.

    Each of the choices is alike likely, and none comes twice in a row where there are several. Orders are drawn until
    one fits the shift; where many do not, the shortest way is taken, either way around.

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
        drawn.append(_drawn(choices.tours[previous], choices, rng))
    return tuple(drawn)


def _drawn(tour: Tour, choices: Tours, rng: np.random.Generator) -> Tour:
    """Draw the order of a tour's stops, and when it leaves."""
    stops = tour.stops if rng.random() < 0.5 else tour.stops[::-1]
    taken = tour.hours
    for _ in range(_TRIES):
        order = rng.permutation(np.array(tour.stops))
        way = np.concatenate([[0], order + 1, [0]])
        hours = float(choices.hours[way[:-1], way[1:]].sum()) + len(order) * choices.stay_hours
        if hours <= choices.shift_hours + 1e-9:
            stops, taken = tuple(int(stop) for stop in order), hours
            break
    slack = max(0.0, choices.shift_hours - taken)
    return Tour(stops=stops, hours=taken, reward=tour.reward, leaves_after_hours=float(rng.uniform(0, slack)))


def worth_of_sets(sees: Flags, weight: Floats) -> Floats:
    """Return what each set of stops sees together, what several see counted once.

    Parameters
    ----------
    sees : bool array, shape (n_points, n_stops)
    weight : float array, shape (n_points,)

    Returns
    -------
    float array, shape (2^n_stops,)
        Stop i is in the sets whose number has bit i.
    """
    n = sees.shape[1]
    number = (sees @ (1 << np.arange(n))).astype(np.int64) if n else np.zeros(len(sees), dtype=np.int64)
    within = np.bincount(number, weight, minlength=1 << n).astype(np.float64)
    # what is seen from nowhere but within a set of stops, by adding one stop after the other
    for stop in range(n):
        with_and_without = within.reshape(-1, 2, 1 << stop)
        with_and_without[:, 1] += with_and_without[:, 0]
    return np.asarray(within[-1] - within[::-1])


def _shortest(hours: Floats, n: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return, for every set of stops and last stop, the shortest way there from the base, and the stop before.

    Sets of one size are taken together: their ways are longer by one stop than those of the size before.
    """
    length = np.full((1 << n, n), np.inf)
    before = np.full((1 << n, n), -1, dtype=np.int64)
    for i in range(n):
        length[1 << i, i] = hours[0, i + 1]
    sets = np.arange(1 << n)
    size = ((sets[:, None] >> np.arange(n)) & 1).sum(axis=1)
    for stops in range(2, n + 1):
        mine = sets[size == stops]
        for last in range(n):
            ending = mine[(mine >> last) & 1 == 1]
            ways = length[ending ^ (1 << last)] + hours[1:, last + 1]
            before[ending, last] = ways.argmin(axis=1)
            length[ending, last] = ways.min(axis=1)
    return length, before


def _route(stops: int, last: int, before: NDArray[np.int64]) -> tuple[int, ...]:
    route = []
    while stops:
        route.append(last)
        stops, last = stops & ~(1 << last), int(before[stops, last])
    return tuple(reversed(route))
