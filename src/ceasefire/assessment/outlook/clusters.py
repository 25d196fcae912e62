"""Where incidents crowd in space and time beyond what each place and each week alone would give.

The statistic compares the incidents in a cylinder - all cells within a radius, the weeks up to the last - with the
number expected if place and time had nothing to do with each other, so that neither a place that always had many nor
a week that had many everywhere is a cluster. What it means is settled by permuting the weeks among the incidents. An
incident known only to a disc, or to an area, is in no cell as a whole: it adds to every cell the share of it that lies
there, in the data and in every permutation alike.

References
----------
Kulldorff, Heffernan, Hartman, Assunção and Mostashari (2005), A space-time permutation scan statistic for disease
outbreak detection, PLoS Medicine 2(3) e59. Only cylinders that last until the end: Kulldorff (2001), JRSS A 164.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELL_KM = 10.0
RADII_KM = (10.0, 20.0, 30.0, 50.0)
MOST_WEEKS = 4
PERMUTATIONS = 999
_RINGS = 4
_SPOKES = 12
_LATTICE_KM = 5.0
_LEAST_INSIDE = 3.0
"""Fewer incidents, shares added up, are no cluster."""
_EARTH_KM = 6371.0088
_MOST_HALF = 0.5
"""A cylinder that holds more than half of a window's incidents is the rule, not the exception."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Incidents over the cells of a grid. e incidents, c cells.

    Parameters
    ----------
    incident, cell : ndarray of int64, shape (s,)
        One entry for each share of an incident in a cell.
    share : ndarray of float64, shape (s,)
        Of each incident they sum to one.
    x_km, y_km : ndarray of float64, shape (c,)
        Middles of the cells, in kilometres from the middle of all.
    longitude, latitude : ndarray of float64, shape (c,)
    incidents : int
        e.
    """

    incident: Ints
    cell: Ints
    share: Floats
    x_km: Floats
    y_km: Floats
    longitude: Floats
    latitude: Floats
    incidents: int


def spread_over_cells(
    longitude: Floats,
    latitude: Floats,
    radius_km: Floats,
    areas: Sequence[Any] | None = None,
    *,
    cell_km: float = CELL_KM,
) -> Spread:
    """Spread incidents over cells, each over the disc or the area in which it is known to lie.

    A disc is laid out as 49 points of equal area, an area as a lattice of points; even a small disc may lie in several
    cells. Cells are squares of one size in an equal-area (sinusoidal) projection about the middle of the incidents.

    Parameters
    ----------
    longitude, latitude, radius_km : ndarray of float64, shape (e,)
        NaN for an incident that has an area. Radius 0 is a point.
    areas : sequence of (shapely geometry or None), length e, optional
        The polygon in which an incident lies, where that is all that is known.
    """
    if not len(longitude):
        empty = np.zeros(0)
        none = np.zeros(0, dtype=np.int64)
        return Spread(
            incident=none, cell=none, share=empty, x_km=empty, y_km=empty, longitude=empty, latitude=empty, incidents=0
        )
    incident, lon, lat, radius, along, across, share = _laid_out(longitude, latitude, radius_km, areas)
    turns = np.radians(lon)
    # the mean direction: a mean of degrees would be on the other side of the earth for places about the 180th meridian
    middle = (float(np.degrees(np.arctan2(np.sin(turns).mean(), np.cos(turns).mean()))), float(np.median(lat)))
    x, y = _projected(lon, lat, middle)
    column = np.floor((x + radius * along) / cell_km).astype(np.int64)
    row = np.floor((y + radius * across) / cell_km).astype(np.int64)
    height = int(row.max() - row.min()) + 1
    cells, cell = np.unique((column - column.min()) * height + (row - row.min()), return_inverse=True)
    pairs, which = np.unique(incident * len(cells) + cell, return_inverse=True)
    cx = (cells // height + column.min() + 0.5) * cell_km
    cy = (cells % height + row.min() + 0.5) * cell_km
    cell_longitude, cell_latitude = _unprojected(cx, cy, middle)
    return Spread(
        incident=pairs // len(cells),
        cell=pairs % len(cells),
        share=np.bincount(which, weights=share).astype(np.float64),
        x_km=cx,
        y_km=cy,
        longitude=cell_longitude,
        latitude=cell_latitude,
        incidents=len(longitude),
    )


def _laid_out(
    longitude: Floats, latitude: Floats, radius_km: Floats, areas: Sequence[Any] | None
) -> tuple[Ints, Floats, Floats, Floats, Floats, Floats, Floats]:
    """Return the points that stand for incidents: which, where, how far they are moved and along what, which share."""
    along, across = _disc_points()
    size = len(along)
    discs = np.flatnonzero([area is None for area in areas] if areas is not None else np.ones(len(longitude), bool))
    parts = [
        (
            np.repeat(discs, size),
            np.repeat(longitude[discs], size),
            np.repeat(latitude[discs], size),
            np.repeat(radius_km[discs], size),
            np.tile(along, len(discs)),
            np.tile(across, len(discs)),
            np.full(len(discs) * size, 1 / size),
        )
    ]
    lattices: dict[int, Floats] = {}
    for number, area in enumerate(areas or ()):
        if area is None:
            continue
        if id(area) not in lattices:
            lattices[id(area)] = _lattice(area)
        points = lattices[id(area)]
        zero, many = np.zeros(len(points)), len(points)
        parts.append((np.full(many, number), points[:, 0], points[:, 1], zero, zero, zero, np.full(many, 1 / many)))
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return joined[0].astype(np.int64), joined[1], joined[2], joined[3], joined[4], joined[5], joined[6]


def _lattice(area: Any) -> Floats:
    """Return points that stand for equal parts of an area, shape (p, 2): longitude and latitude."""
    import shapely

    west, south, east, north = area.bounds
    lines = np.arange(south, north, _LATTICE_KM / _EARTH_KM * 180 / np.pi) + _LATTICE_KM / _EARTH_KM * 90 / np.pi
    points = []
    for latitude in lines:
        step = _LATTICE_KM / (_EARTH_KM * max(np.cos(np.radians(latitude)), 1e-3)) * 180 / np.pi
        along = np.arange(west, east, step) + step / 2
        inside = shapely.contains_xy(area, along, np.full(len(along), latitude))
        points.append(np.column_stack([along[inside], np.full(int(inside.sum()), latitude)]))
    found = np.concatenate(points) if points else np.zeros((0, 2))
    if len(found):
        return found
    point = area.representative_point()
    return np.array([[point.x, point.y]])


def _disc_points() -> tuple[Floats, Floats]:
    """Return points of a disc of radius one that stand for parts of equal area, shape (49,) each."""
    angles = [0.0]
    radii = [0.0]
    for ring in range(_RINGS):
        # the middle of its ring, by area
        radius = np.sqrt((1 + _SPOKES * (ring + 0.5)) / (1 + _SPOKES * _RINGS))
        for spoke in range(_SPOKES):
            radii.append(float(radius))
            angles.append(2 * np.pi * (spoke + 0.5 * (ring % 2)) / _SPOKES)
    return np.array(radii) * np.cos(angles), np.array(radii) * np.sin(angles)


def _projected(longitude: Floats, latitude: Floats, middle: tuple[float, float]) -> tuple[Floats, Floats]:
    turned = (longitude - middle[0] + 180) % 360 - 180
    x = np.radians(turned) * np.cos(np.radians(latitude)) * _EARTH_KM
    return x, np.radians(latitude - middle[1]) * _EARTH_KM


def _unprojected(x: Floats, y: Floats, middle: tuple[float, float]) -> tuple[Floats, Floats]:
    latitude = middle[1] + np.degrees(y / _EARTH_KM)
    longitude = middle[0] + np.degrees(x / (_EARTH_KM * np.maximum(np.cos(np.radians(latitude)), 1e-6)))
    return (longitude + 180) % 360 - 180, np.clip(latitude, -90, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One cylinder in which incidents crowd.

    Parameters
    ----------
    cells : ndarray of int64
        Within the radius of its centre.
    centre : int
        Cell.
    radius_km : float
    weeks : int
        How many, up to the last.
    observed, expected : float
        Incidents, shares added up.
    statistic : float
        Log likelihood ratio.
    p : float
        Of permutations whose largest statistic is at least as large, the observed among them: never below
        ``1 / (permutations + 1)``.
    """

    cells: Ints
    centre: int
    radius_km: float
    weeks: int
    observed: float
    expected: float
    statistic: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scan found.

    Parameters
    ----------
    clusters : tuple of Cluster
        Not overlapping, the most likely first; those with p at most the limit.
    permutations : int
    smallest_p : float
        That these permutations can show.
    incidents : int
        That were scanned.
    why_not : str or None
        ``too-few-incidents``: with fewer than ten incidents, or none outside the last weeks, nothing can be found.
    """

    clusters: tuple[Cluster, ...]
    permutations: int
    smallest_p: float
    incidents: int
    why_not: str | None


FEWEST_INCIDENTS = 10


def scan(
    spread: Spread,
    week: Ints,
    *,
    rng: Generator,
    radii_km: tuple[float, ...] = RADII_KM,
    most_weeks: int = MOST_WEEKS,
    permutations: int = PERMUTATIONS,
    limit: float = 0.05,
) -> Scan:
    """Look for clusters that last until the last week.

    Parameters
    ----------
    spread : Spread
    week : ndarray of int64, shape (e,)
        Of each incident, counted back from the last: 0 is the last week.
    rng : Generator
        Permutes.
    limit : float
        The largest p that is reported.
    """
    from ceasefire.assessment.outlook.loops import most_likely

    smallest = 1 / (permutations + 1)
    late = week < most_weeks
    if spread.incidents < FEWEST_INCIDENTS or late.all() or not late.any():
        return Scan(
            clusters=(), permutations=permutations, smallest_p=smallest, incidents=spread.incidents,
            why_not="too-few-incidents",
        )  # fmt: skip
    circles = _Circles.of(spread, radii_km)
    everywhere = circles.sums(_by_cell(spread)[None, :])[0]
    by_window = np.array([(week <= last).sum() for last in range(most_weeks)], dtype=np.float64)

    def statistics(weeks: Ints) -> tuple[Floats, Floats]:
        inside = np.cumsum(circles.sums(_late_by_cell(spread, weeks, most_weeks)), axis=0)
        return inside, most_likely(inside, everywhere, by_window, float(spread.incidents), _LEAST_INSIDE, _MOST_HALF)

    inside, statistic = statistics(week)
    best = np.array([statistics(rng.permutation(week))[1].max(initial=0.0) for _ in range(permutations)])
    expected = by_window[:, None] * everywhere / spread.incidents
    found = _distinct(circles, radii_km, inside, expected, statistic, best, limit)
    return Scan(
        clusters=found, permutations=permutations, smallest_p=smallest, incidents=spread.incidents, why_not=None
    )


@dataclass(frozen=True, slots=True)
class _Circles:
    """The cells within each radius of each cell; see `loops.circle_sums`."""

    first: Ints
    neighbour: Ints
    ring: Ints
    rings: int

    @classmethod
    def of(cls, spread: Spread, radii_km: tuple[float, ...]) -> _Circles:
        from shapely import STRtree, points

        tree = STRtree(points(spread.x_km, spread.y_km))
        # a hair more: the distance of cells a whole number of cells apart may come out as a hair less or more
        centre, near = tree.query(points(spread.x_km, spread.y_km), predicate="dwithin", distance=radii_km[-1] + 1e-6)
        apart = np.hypot(spread.x_km[centre] - spread.x_km[near], spread.y_km[centre] - spread.y_km[near])
        order = np.lexsort((near, centre))
        ring = np.searchsorted(np.array(radii_km) + 1e-6, apart[order])
        first = np.searchsorted(centre[order], np.arange(len(spread.x_km) + 1))
        keep = ring < len(radii_km)
        assert keep.all()  # noqa: S101  (the query is for the largest radius)
        return cls(first.astype(np.int64), near[order].astype(np.int64), ring.astype(np.int64), len(radii_km))

    @property
    def cells(self) -> int:
        return len(self.first) - 1

    def sums(self, by_cell: Floats) -> Floats:
        """Sum over circles, shape (w, cells * rings)."""
        from ceasefire.assessment.outlook.loops import circle_sums

        return circle_sums(np.ascontiguousarray(by_cell), self.first, self.neighbour, self.ring, self.rings)

    def within(self, circle: int) -> Ints:
        """Return the cells of one circle."""
        centre, ring = divmod(circle, self.rings)
        rows = slice(self.first[centre], self.first[centre + 1])
        return np.sort(self.neighbour[rows][self.ring[rows] <= ring])


def _by_cell(spread: Spread) -> Floats:
    """Return the incidents of all weeks in each cell, shape (c,)."""
    return np.bincount(spread.cell, weights=spread.share, minlength=len(spread.x_km)).astype(np.float64)


def _late_by_cell(spread: Spread, week: Ints, most_weeks: int) -> Floats:
    """Return the incidents of each of the last weeks in each cell, shape (most_weeks, c)."""
    of_share = week[spread.incident]
    late = of_share < most_weeks
    cells = len(spread.x_km)
    place = of_share[late] * cells + spread.cell[late]
    counted = np.bincount(place, weights=spread.share[late], minlength=most_weeks * cells)
    return np.asarray(counted.reshape(most_weeks, cells))


def _distinct(
    circles: _Circles,
    radii_km: tuple[float, ...],
    inside: Floats,
    expected: Floats,
    statistic: Floats,
    best: Floats,
    limit: float,
) -> tuple[Cluster, ...]:
    """Return the cylinders that stand out, the most likely first, none sharing a cell with one before it."""
    taken = np.zeros(circles.cells, dtype=bool)
    found = []
    for place in np.argsort(-statistic, axis=None, kind="stable"):
        window, circle = divmod(int(place), statistic.shape[1])
        value = float(statistic[window, circle])
        # sums of shares in another order differ in their last digits
        p = (1 + int((best >= value - 1e-9).sum())) / (len(best) + 1)
        if value <= 0 or p > limit:
            break
        held = circles.within(circle)
        if taken[held].any():
            continue
        taken[held] = True
        found.append(
            Cluster(
                cells=held,
                centre=circle // circles.rings,
                radius_km=radii_km[circle % circles.rings],
                weeks=window + 1,
                observed=float(inside[window, circle]),
                expected=float(expected[window, circle]),
                statistic=value,
                p=p,
            )
        )
    return tuple(found)
