"""Patrols of a plan: tours of a shift that cannot be foretold, and what a week of them comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from ceasefire.deployment.sight import in_range
from ceasefire.deployment.tours import MOST_STOPS, Tour, tours, week
from ceasefire.model.errors import UsageError

if TYPE_CHECKING:
    from ceasefire.deployment.siting import Siting
    from ceasefire.pipeline.siting import SitingSetup

_GEOD = Geod(ellps="WGS84")
_DETOUR = 1.3
"""Roads are about so much longer than the straight line; a plan that knows better gives a lower speed."""


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
    """How many tours are nearly as good as the best: what somebody who waits for the patrol has to guess among."""
    best: float
    kept: float
    """The average worth of the tours drawn, as a part of the best."""
    always: tuple[str, ...]
    """Places that every such tour visits: who waits there meets the patrol in every shift."""
    shifts: tuple[Tour, ...]
    stops: tuple[Stop, ...]


def patrol_weeks(
    setup: SitingSetup, siting: Siting, *, shifts: int = 7, seed: int | None = None
) -> tuple[PatrolWeek, ...]:
    """Plan a week of patrols from the posts that see most, to what no post sees.

    Each patrol has the stops that lie nearest to its own base. Stops are candidate places, weighted by what can be seen
    from them and from no post (where posts see everything: by all that can be seen from them).

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
    bases = used[: plan.patrols]
    unseen = unseen_weight(setup, used)
    position = tuple(np.array([getattr(each, axis) for each in setup.candidates]) for axis in ("longitude", "latitude"))
    near = in_range(
        (setup.demand.longitude, setup.demand.latitude),
        (position[0], position[1]),
        np.full(len(setup.candidates), plan.sight_km),
    )
    worth: NDArray[np.float64] = np.asarray(near.T.astype(np.float64) @ unseen)
    stops = [j for j in np.argsort(np.negative(worth), kind="stable") if worth[j] > 0 and j not in bases]
    km = np.array([[_km(setup, a, b) for b in stops] for a in bases]) if stops else np.zeros((len(bases), 0))
    nearest = km.argmin(axis=0) if stops else np.zeros(0, dtype=int)
    found = []
    for number, base in enumerate(bases):
        mine = [stop for stop, at in zip(stops, nearest, strict=True) if at == number][:MOST_STOPS]
        places = [base, *mine]
        hours = np.array([[_km(setup, a, b) * _DETOUR / plan.speed_kmh for b in places] for a in places])
        choices = tours(hours, plan.stay_minutes / 60, worth[mine], plan.shift_hours)
        drawn = week(choices, shifts, rng)
        found.append(
            PatrolWeek(
                base_id=setup.candidates[base].site_id,
                choices=len(choices.tours),
                best=choices.best,
                kept=float(np.mean([tour.reward for tour in drawn]) / choices.best) if drawn and choices.best else 0.0,
                always=tuple(setup.candidates[mine[i]].site_id for i in sorted(choices.always)),
                shifts=drawn,
                stops=tuple(_stop(setup, stop, i, worth[stop], drawn) for i, stop in enumerate(mine)),
            )
        )
    return tuple(found)


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


def _km(setup: SitingSetup, a: int, b: int) -> float:
    here, there = setup.candidates[a], setup.candidates[b]
    return float(_GEOD.inv(here.longitude, here.latitude, there.longitude, there.latitude)[2]) / 1000
