"""What posts are there to see: incidents or forecasts with their uncertainty, people, or a line itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_GEOD = Geod(ellps="WGS84")
_RING = np.sqrt(2 / 3)
_MIDDLE_PART, _RING_PART = 1 / 4, 1 / 8
"""A disc as its middle and six points around it: averages polynomials up to the fifth degree exactly."""
_SPREAD_FROM_KM = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Points with weights, and how the weights may turn out otherwise.

    Parameters
    ----------
    longitude, latitude : float array, shape (n,)
    weight : float array, shape (n,)
        In a draw that counts the point's block once.
    block : int array, shape (n,)
        Points of one block come and go together: a week of the past, or a sample of a forecast.
    draws : float array, shape (n_draws, n_blocks)
        How often each draw counts each block.
    fresh : float array, shape (n_fresh, n_blocks), or None
        Further draws by which no post is chosen. None: there can be no more than those.
    fold : int array, shape (n_blocks,), or None
        Blocks that are known or not known together: those of one week. None: each by itself.
    groups : bool array, shape (n_groups, n)
        Stretches or sides.
    group_names : tuple of str
    """

    longitude: Floats
    latitude: Floats
    weight: Floats
    block: Numbers
    draws: Floats
    groups: Flags
    group_names: tuple[str, ...] = ()
    fresh: Floats | None = None
    fold: Numbers | None = None

    @property
    def expected(self) -> Floats:
        """The average of each point's weight over the draws."""
        return np.asarray(self.weight * self.draws.mean(axis=0)[self.block])

    @property
    def folds(self) -> Numbers:
        """Which blocks are known together, shape (n_blocks,)."""
        return np.arange(self.draws.shape[1]) if self.fold is None else self.fold

    def shares(self, covered: Flags, draws: Floats | None = None) -> Floats:
        """Return the share of the weight that is covered, draw by draw; NaN for a draw without weight."""
        draws = self.draws if draws is None else draws
        blocks = draws.shape[1]
        mine = draws @ np.bincount(self.block, self.weight * covered, minlength=blocks)
        whole = draws @ np.bincount(self.block, self.weight, minlength=blocks)
        return np.asarray(np.divide(mine, whole, out=np.full(len(whole), np.nan), where=whole > 0))

    def share(self, covered: Flags, draws: Floats | None = None) -> float:
        """Return the share of all weight of the draws together that is covered; NaN where there is none."""
        expected = self.weight * (self.draws if draws is None else draws).mean(axis=0)[self.block]
        return float(expected[covered].sum() / expected.sum()) if expected.sum() > 0 else float("nan")


def past_weeks(
    places: tuple[Floats, Floats, Floats],
    week: Numbers,
    weight: Floats,
    *,
    weeks: int,
    draws: int,
    rng: np.random.Generator,
    groups: Flags | None = None,
    group_names: tuple[str, ...] = (),
) -> Demand:
    """Return incidents of the past as demand, each draw so many weeks with replacement.

    Parameters
    ----------
    places : tuple of float arrays, shape (n,)
        Longitude, latitude, radius in km: a disc of half a kilometre or more is seven points.
    week : int array, shape (n,)
        From 0.
    weight : float array, shape (n,)
    weeks : int
        Of the period, quiet ones included; a draw counts an average week.
    draws : int
        And as many fresh ones.
    rng : Generator
    groups : bool array, shape (n_groups, n), optional
    group_names : tuple of str
    """
    longitude, latitude, radius = places
    which, x, y, part = spread(longitude, latitude, radius)
    counted = (rng.multinomial(weeks, np.full(weeks, 1 / weeks), size=2 * draws) / weeks).astype(np.float64)
    return Demand(
        longitude=x,
        latitude=y,
        weight=weight[which] * part,
        block=week[which],
        draws=_averaging_to(1 / weeks, counted[:draws]),
        fresh=counted[draws:],
        groups=np.zeros((0, len(x)), dtype=bool) if groups is None else groups[:, which],
        group_names=group_names,
    )


def _averaging_to(mean: float, draws: Floats) -> Floats:
    """Scale draws so that each block's average is what is known of it: else the best choice would hang on the seed."""
    average = draws.mean(axis=0)
    return np.where(average > 0, draws * mean / np.where(average > 0, average, 1.0), mean)


def forecast_samples(sample: Numbers, places: tuple[Floats, Floats], weight: Floats) -> Demand:
    """Return samples of a forecast as demand: rows of sample, place and expected number.

    Parameters
    ----------
    sample : int array, shape (n,)
        From 0, without gaps.
    places : tuple of float arrays
        Longitude and latitude, shape (n,).
    weight : float array, shape (n,)
    """
    samples = int(sample.max()) + 1 if len(sample) else 1
    return Demand(
        longitude=places[0],
        latitude=places[1],
        weight=weight,
        block=sample,
        draws=np.eye(samples),
        groups=np.zeros((0, len(sample)), dtype=bool),
    )


def fixed(longitude: Floats, latitude: Floats, weight: Floats) -> Demand:
    """Return demand that does not vary, such as people."""
    return Demand(
        longitude=longitude,
        latitude=latitude,
        weight=weight,
        block=np.zeros(len(weight), dtype=np.int64),
        draws=np.ones((1, 1)),
        groups=np.zeros((0, len(weight)), dtype=bool),
    )


def along_line(line: shapely.Geometry, *, step_km: float = 0.5, stretch_km: float = 10.0) -> Demand:
    """Return a line as demand: a point every step, its weight the kilometres it stands for, in stretches.

    Parameters
    ----------
    line : LineString or MultiLineString
        Longitude and latitude; its parts in order.
    step_km, stretch_km : float
    """
    xs, ys, km, at = [], [], [], []
    run = 0.0
    for part in shapely.get_parts(line):
        for (x0, y0), (x1, y1) in zip(part.coords[:-1], part.coords[1:], strict=True):
            length = float(_GEOD.inv(x0, y0, x1, y1)[2]) / 1000
            pieces = max(1, int(np.ceil(length / step_km)))
            middle = (np.arange(pieces) + 0.5) / pieces
            xs.append(x0 + middle * (x1 - x0))
            ys.append(y0 + middle * (y1 - y0))
            km.append(np.full(pieces, length / pieces))
            at.append(run + middle * length)
            run += length
    count = max(1, round(run / stretch_km))
    stretch = np.minimum((np.concatenate(at) / run * count).astype(np.int64), count - 1)
    plain = fixed(np.concatenate(xs), np.concatenate(ys), np.concatenate(km))
    return Demand(
        longitude=plain.longitude,
        latitude=plain.latitude,
        weight=plain.weight,
        block=plain.block,
        draws=plain.draws,
        groups=np.array([stretch == number for number in range(count)]),
        group_names=tuple(
            f"km {run * number / count:.0f} to {run * (number + 1) / count:.0f}" for number in range(count)
        ),
    )


def spread(longitude: Floats, latitude: Floats, radius: Floats) -> tuple[Numbers, Floats, Floats, Floats]:
    """Return discs as points: which disc each is of, longitude, latitude, and its part of the disc's weight."""
    wide = np.flatnonzero(radius >= _SPREAD_FROM_KM)
    narrow = np.flatnonzero(~(radius >= _SPREAD_FROM_KM))
    ring = np.repeat(wide, 6)
    bearing = np.tile(np.arange(6) * 60.0, len(wide))
    x, y, _ = _GEOD.fwd(longitude[ring], latitude[ring], bearing, radius[ring] * _RING * 1000)
    which = np.concatenate([narrow, wide, ring])
    part = np.concatenate([np.ones(len(narrow)), np.full(len(wide), _MIDDLE_PART), np.full(len(ring), _RING_PART)])
    return (
        which,
        np.concatenate([longitude[narrow], longitude[wide], np.asarray(x)]),
        np.concatenate([latitude[narrow], latitude[wide], np.asarray(y)]),
        part,
    )
