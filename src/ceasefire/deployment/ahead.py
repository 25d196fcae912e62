"""The weeks ahead as samples, and the places where they may fall: a forecast of areas made into weights of places.

A forecast tells, of each area and week ahead, equally likely counts. It does not tell how areas and weeks hang
together, nor where in an area. Both are taken from the past, and both are assumptions:

* **Together.** The Schaake shuffle (Clark et al. 2004): each sample is given a stretch of past weeks, drawn at random,
  and of each area and week ahead the count whose rank is that of the past week among the stretches drawn. What used to
  come together so comes together; the counts themselves remain those forecast. Ties, and weeks that are not on record,
  are ranked at random.
* **Where.** The Bayesian bootstrap (Rubin 1981): each sample weighs the past weeks by a Dirichlet draw, one for all
  areas, and its count falls where the incidents of the weeks so weighed fell. How uncertain the places are is so part
  of the samples. A place where nothing was reported so far has no weight.

References
----------
Clark, M., Gangopadhyay, S., Hay, L., Rajagopalan, B., Wilby, R. (2004). The Schaake shuffle. J. Hydrometeorology 5.
Rubin, D. (1981). The Bayesian bootstrap. Annals of Statistics 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ceasefire.deployment.demand import Demand, spread

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def shuffled(values: Floats, past: Floats, *, samples: int, rng: np.random.Generator) -> Floats:
    """Return samples of all areas and weeks ahead together, whose ranks are those of stretches of the past.

    Parameters
    ----------
    values : float array, shape (n_areas, n_ahead, n_values)
        Equally likely counts, ascending.
    past : float array, shape (n_weeks, n_areas)
        NaN where a week is not on record.
    samples : int
    rng : Generator

    Returns
    -------
    float array, shape (samples, n_areas, n_ahead)
    """
    areas, ahead, size = values.shape
    weeks = len(past)
    starts = rng.integers(0, max(1, weeks - ahead + 1), samples)
    out = np.empty((samples, areas, ahead))
    for step in range(ahead):
        rows = np.minimum(starts + step, max(weeks - 1, 0))
        for area in range(areas):
            before = past[rows, area] if weeks else np.full(samples, np.nan)
            at_random = rng.random(samples)
            known = np.isfinite(before)
            # what is not on record may have been anything: it takes a rank from anywhere among the others
            stand_in = rng.choice(before[known], samples) if known.any() else np.zeros(samples)
            order = np.lexsort((at_random, np.where(known, before, stand_in)))
            rank = np.empty(samples, dtype=np.int64)
            rank[order] = np.arange(samples)
            level = (rank + rng.random(samples)) / samples
            out[:, area, step] = values[area, step, np.minimum((level * size).astype(np.int64), size - 1)]
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPlaces:
    """Incidents of the past weeks by which a forecast is spread; n rows, one for each area that an incident counts to.

    Parameters
    ----------
    longitude, latitude, radius : float array, shape (n,)
        Radius in km. NaN longitude: no place to the point; it has its part of what is expected, and no weight.
    area : int array, shape (n,)
    week : int array, shape (n,)
        From 0.
    weight : float array, shape (n,)
        What the incident adds where its week counts once: less than one where it counts to several areas, zero where it
        is not to be seen at all.
    weeks : int
        Of the period, quiet ones included.
    """

    longitude: Floats
    latitude: Floats
    radius: Floats
    area: Numbers
    week: Numbers
    weight: Floats
    weeks: int


def spread_over_places(
    ahead: Floats,
    places: PastPlaces,
    *,
    fresh: int = 0,
    rng: np.random.Generator,
    groups: Flags | None = None,
    group_names: tuple[str, ...] = (),
) -> Demand:
    """Spread samples of areas' counts over the places of the past.

    Parameters
    ----------
    ahead : float array, shape (n_samples + fresh, n_areas)
        Counts over all weeks ahead.
    places : PastPlaces
    fresh : int
        The last so many samples are kept apart: posts are not chosen by them.
    rng : Generator
    groups : bool array, shape (n_groups, n), optional
    group_names : tuple of str
    """
    samples, areas = ahead.shape
    counted = np.zeros((areas, places.weeks))
    np.add.at(counted, (places.area, places.week), 1.0)
    weighed = rng.dirichlet(np.ones(places.weeks), samples)
    whole = weighed @ counted.T
    each = np.divide(ahead, whole, out=np.zeros_like(ahead), where=whole > 0)
    draws = (each[:, :, None] * weighed[:, None, :]).reshape(samples, -1)
    kept = np.flatnonzero(np.isfinite(places.longitude) & (places.weight > 0))
    which, x, y, part = spread(places.longitude[kept], places.latitude[kept], places.radius[kept])
    which = kept[which]
    return Demand(
        longitude=x,
        latitude=y,
        weight=places.weight[which] * part,
        block=places.area[which] * places.weeks + places.week[which],
        draws=draws[: samples - fresh],
        fresh=draws[samples - fresh :] if fresh else None,
        fold=np.tile(np.arange(places.weeks), areas),
        groups=np.zeros((0, len(x)), dtype=bool) if groups is None else groups[:, which],
        group_names=group_names,
    )
