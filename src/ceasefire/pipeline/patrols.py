"""Patrols of a plan: tours of a shift that cannot be foretold, and what a week of them comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from ceasefire.deployment.sight import in_range
from ceasefire.deployment.tours import MOST_STOPS, Tour, Tours, tours, week, worth_of_sets
from ceasefire.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ceasefire.deployment.siting import Siting
    from ceasefire.pipeline.siting import SitingSetup

_GEOD = Geod(ellps="WGS84")
_DETOUR = 1.3
"""Roads are about so much longer than the straight line; a plan that knows better gives a lower speed."""
_SEEN_COUNTS = 0.1
_FEWEST = 3
"""Tours among which a shift is drawn at least, where there are so many: of one or two, whoever waits knows the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place that a patrol may visit; for the mission alone."""

    site_id: str
    latitude: float
    longitude: float
    weight: float
    visited: float
    """Share of the shifts of the week that visit it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolWeek:
    """What one patrol does in a week."""

    base_id: str
    choices: int
    """Among how many tours a shift is drawn: what somebody who waits for the patrol has to guess among."""
    best: float
    kept: float
    """The average worth of the tours drawn, as a part of the best."""
    always: tuple[str, ...]
    """Places that every such tour visits: who waits there meets the patrol in every shift."""
    shifts: tuple[Tour, ...]
    stops: tuple[Stop, ...]
    left_out: int = 0
    """Places nearest to this base that no tour visits: so many fewer are worth more than can be solved exactly."""
    week_share: float = 0.0
    """Of the weight that no post sees (where posts see everything: of all), what this one passes in the week."""


def patrol_weeks(
    setup: SitingSetup, siting: Siting, *, shifts: int = 7, seed: int | None = None
) -> tuple[PatrolWeek, ...]:
    """Plan a week of patrols to what no post sees.

    Stops are candidate places, weighted by what can be seen from them and from no post; what posts see counts a tenth,
    since a patrol sees from nearer, and a patrol that went nowhere else could be waited for. Patrols go from the posts
    nearest to most of it, and each has the stops that lie nearest to its own. A tour is worth what its stops see
    together. Of more stops than can be solved exactly those are taken that see most; `left_out` counts the others.

    Parameters
    ----------
    setup : SitingSetup
        With a plan that says what a patrol can do.
    siting : Siting
    shifts : int
        Of the week.
    seed : int, optional
        For training and tests; by default the machine's entropy, so that nobody can draw the week again.

    Raises
    ------
    UsageError
        When the plan says nothing of patrols.
    """
    plan = setup.rules.plan.patrols if setup.rules.plan else None
    if plan is None:
        raise UsageError("The plan says nothing of patrols.", "Add `patrols` to it in siting.yaml.")
    rng = np.random.default_rng(seed)
    used = [j for j, _ in siting.posts]
    unseen = unseen_weight(setup, used)
    counts = np.maximum(unseen, _SEEN_COUNTS * setup.problem.weights)
    near = _near(setup, plan.sight_km)
    worth: NDArray[np.float64] = np.asarray(near.T.astype(np.float64) @ counts)
    worthy = [int(j) for j in np.argsort(np.negative(worth), kind="stable") if worth[j] > 0]
    bases = _bases(setup, used, [j for j in worthy if j not in used], worth, plan.patrols)
    stops = [j for j in worthy if j not in bases]
    nearest = _km(setup, bases, stops).argmin(axis=0) if stops else np.zeros(0, dtype=int)
    found = []
    for number, base in enumerate(bases):
        mine = [stop for stop, at in zip(stops, nearest, strict=True) if at == number]
        places = [base, *mine[:MOST_STOPS]]
        choices = tours(
            _km(setup, places, places) * _DETOUR / plan.speed_kmh,
            plan.stay_minutes / 60,
            worth_of_sets(near[:, places[1:]], counts),
            plan.shift_hours,
            fewest=_FEWEST,
        )
        found.append(_week(setup, (base, mine), choices, week(choices, shifts, rng), (worth, unseen, near)))
    return tuple(found)


def _week(
    setup: SitingSetup,
    places: tuple[int, list[int]],
    choices: Tours,
    drawn: tuple[Tour, ...],
    weights: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]],
) -> PatrolWeek:
    """Return a week drawn, with what its stops are worth and what it passes of what no post sees."""
    (base, all_mine), (worth, unseen, near) = places, weights
    mine = all_mine[:MOST_STOPS]
    visited = sorted({mine[stop] for tour in drawn for stop in tour.stops})
    return PatrolWeek(
        base_id=setup.candidates[base].site_id,
        choices=len(choices.tours),
        best=choices.best,
        kept=float(np.mean([tour.reward for tour in drawn]) / choices.best) if drawn and choices.best else 0.0,
        always=tuple(setup.candidates[mine[i]].site_id for i in sorted(choices.always)),
        shifts=drawn,
        stops=tuple(_stop(setup, stop, i, worth[stop], drawn) for i, stop in enumerate(mine)),
        left_out=len(all_mine) - len(mine),
        week_share=float(unseen[near[:, visited].any(axis=1)].sum() / unseen.sum()),
    )


def _bases(
    setup: SitingSetup, used: list[int], stops: list[int], worth: NDArray[np.float64], patrols: int
) -> list[int]:
    """Return the posts to which most belongs of what is worth a visit, in the order of the posts."""
    if not stops:
        return used[:patrols]
    belongs = np.bincount(_km(setup, used, stops).argmin(axis=0), worth[stops], minlength=len(used))
    return [used[at] for at in np.sort(np.argsort(np.negative(belongs), kind="stable")[:patrols])]


def _near(setup: SitingSetup, sight_km: float) -> NDArray[np.bool_]:
    """Return which points a patrol at each candidate place sees, shape (n, m)."""
    position = tuple(np.array([getattr(each, axis) for each in setup.candidates]) for axis in ("longitude", "latitude"))
    return in_range(
        (setup.demand.longitude, setup.demand.latitude),
        (position[0], position[1]),
        np.full(len(setup.candidates), sight_km),
    )


def unseen_weight(setup: SitingSetup, used: list[int]) -> NDArray[np.float64]:
    """Return the weight that no post sees; where posts see everything, all of it: a patrol sees from nearer."""
    weights = setup.problem.weights
    unseen = np.where(setup.problem.sees[:, used].any(axis=1), 0.0, weights)
    return np.asarray(unseen if unseen.sum() > 0 else weights)


def _stop(setup: SitingSetup, candidate: int, number: int, weight: float, drawn: tuple[Tour, ...]) -> Stop:
    each = setup.candidates[candidate]
    return Stop(
        site_id=each.site_id,
        latitude=each.latitude,
        longitude=each.longitude,
        weight=float(weight),
        visited=sum(number in tour.stops for tour in drawn) / len(drawn) if drawn else 0.0,
    )


def _km(setup: SitingSetup, here: Sequence[int], there: Sequence[int]) -> NDArray[np.float64]:
    """Return the distances between candidate places, shape (len(here), len(there))."""
    position = np.array([(each.longitude, each.latitude) for each in setup.candidates])
    a, b = position[list(here)], position[list(there)]
    first, second = np.repeat(np.arange(len(a)), len(b)), np.tile(np.arange(len(b)), len(a))
    metres = _GEOD.inv(a[first, 0], a[first, 1], b[second, 0], b[second, 1])[2]
    return np.asarray(metres, dtype=np.float64).reshape(len(a), len(b)) / 1000
