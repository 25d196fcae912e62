"""How much each figure hangs on where each stretch of a border runs.

A stretch moved outwards by a distance takes in what lies outside within that distance of it, moved inwards it loses
what lies inside. Every place near the border belongs to the stretch it is nearest to, so nothing is counted twice and
the stretches together are the whole border moved.

Incidents count by the point their reports give. One known only to an area has no point, and one whose disc is wider
than the move is in doubt on either line: the first are left out and counted, the second are counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from ceasefire.deployment.borders.frame import Frame
from ceasefire.deployment.borders.ground import Ground
from ceasefire.findings.situations import incident_places
from ceasefire.model.vocabulary import PlacePrecision

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
MOVE_KM = 1.0
STRETCH_KM = 5.0
_STEP_DEGREES = 0.05
_DISCS = [precision.value for precision in PlacePrecision if precision.is_disc]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a stretch takes in when moved outwards, or loses when moved inwards.

    Parameters
    ----------
    incidents : int
        With a point within the move.
    of_them_coarse : int
        Of these, known to a disc wider than the move: they stay in doubt whichever line is drawn.
    settlements : int
    people_low, people_high : int or None
        Of the settlements with a known population; None where none has one.
    people_unknown : int
        Settlements without one.
    checks : int
        Clause checks of these incidents that turn on whether they lie inside.
    features : dict of str to int
        Of what else is counted, the points, by kind.
    """

    incidents: int
    of_them_coarse: int
    settlements: int
    people_low: int | None
    people_high: int | None
    people_unknown: int
    checks: int
    features: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of the border, and what hangs on it.

    Parameters
    ----------
    line : tuple of (float, float)
        Longitude and latitude of its corners.
    length_km : float
    outwards, inwards : Moved
    """

    line: tuple[tuple[float, float], ...]
    length_km: float
    outwards: Moved
    inwards: Moved

    @property
    def incidents(self) -> int:
        """How many incidents hang on it, moved either way."""
        return self.outwards.incidents + self.inwards.incidents

    @property
    def hanging(self) -> tuple[int, int, int]:
        """How many incidents, settlements and other points hang on it: by these, stretches are put in order."""
        both = (self.outwards, self.inwards)
        return (
            self.incidents,
            sum(each.settlements for each in both),
            sum(count for each in both for count in each.features.values()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """The stretches of a border, along it.

    Parameters
    ----------
    move_km : float
        By which each is moved.
    stretches : tuple of Stretch
    without_point : int
        Incidents that no move can take in or lose, as they have no point.
    """

    move_km: float
    stretches: tuple[Stretch, ...]
    without_point: int

    def back(self, frame: Frame) -> Sensitivity:
        """Return the same with its lines turned back, for a border that was measured after a turn of the globe."""
        if frame.turn == 0:
            return self
        turned = (tuple(((x + frame.turn + 180) % 360 - 180, y) for x, y in each.line) for each in self.stretches)
        return replace(
            self,
            stretches=tuple(replace(each, line=line) for each, line in zip(self.stretches, turned, strict=True)),
        )


def sensitivity_of(
    shape: shapely.Geometry,
    ground: Ground,
    *,
    move_km: float = MOVE_KM,
    stretch_km: float = STRETCH_KM,
    checks: Numbers | None = None,
) -> Sensitivity:
    """Return what hangs on each stretch of a border.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        The border as drawn, in a frame that keeps clear of the 180th meridian.
    ground : Ground
        In the same frame.
    move_km : float
        By which each stretch is moved, both ways.
    stretch_km : float
        About how long a stretch is; corners stay where they are, and a longer edge is cut.
    checks : array of int, one an incident, optional
        How many clause checks of it turn on whether it lies inside; by default none.
    """
    to_km = _about(shape)
    lines, pieces = _stretches(shape, stretch_km)
    flat = shapely.transform(shapely.segmentize(pieces, _STEP_DEGREES), to_km)
    solid = shapely.transform(shapely.segmentize(shape, _STEP_DEGREES), to_km)
    belt = shapely.buffer(shapely.union_all(flat), 1.05 * move_km)
    shapely.prepare([solid, belt])
    tree = shapely.STRtree(flat)

    def sides(longitude: Floats, latitude: Floats) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
        """Return the places near the border, the stretch of each, and whether it lies inside."""
        known = np.flatnonzero(np.isfinite(longitude) & np.isfinite(latitude))
        at = np.full((len(longitude), 2), np.nan)
        at[known] = to_km(np.column_stack([longitude[known], latitude[known]]))
        known = known[shapely.intersects_xy(belt, at[known])]  # few are near, and only those become geometries
        near = tree.query_nearest(shapely.points(at[known]), max_distance=move_km, all_matches=False)
        place, stretch = known[near[0]], near[1]
        return place, stretch, np.asarray(shapely.intersects_xy(solid, at[place]), dtype=bool)

    places = incident_places(ground.incidents)
    disc = pc.is_in(ground.incidents["place_precision"].cast(pa.string()), pa.array(_DISCS)).to_numpy()
    pointed = np.flatnonzero(disc & np.isfinite(places["longitude"]))
    incident, at_stretch, inside = sides(places["longitude"][pointed], places["latitude"][pointed])
    coarse = places["place_radius_km"][pointed][incident] > move_km
    turning = np.zeros(len(incident), np.int64) if checks is None else checks[pointed][incident]
    towns = ground.settlements
    town, by_stretch, town_inside = sides(towns.longitude, towns.latitude)
    others = {kind: sides(*at) for kind, at in _points(ground).items()}

    def moved(stretch: int, *, inwards: bool) -> Moved:
        hit = (at_stretch == stretch) & (inside == inwards)
        met = town[(by_stretch == stretch) & (town_inside == inwards)]
        known = met[np.isfinite(towns.people_low[met])]
        return Moved(
            incidents=int(hit.sum()),
            of_them_coarse=int(coarse[hit].sum()),
            settlements=len(met),
            people_low=int(towns.people_low[known].sum()) if len(known) else None,
            people_high=int(towns.people_high[known].sum()) if len(known) else None,
            people_unknown=len(met) - len(known),
            checks=int(turning[hit].sum()),
            features={
                kind: int(((at == stretch) & (within == inwards)).sum()) for kind, (_, at, within) in others.items()
            },
        )

    lengths = shapely.length(flat)
    return Sensitivity(
        move_km=move_km,
        stretches=tuple(
            Stretch(
                line=tuple((float(x), float(y)) for x, y in line),
                length_km=float(lengths[number]),
                outwards=moved(number, inwards=False),
                inwards=moved(number, inwards=True),
            )
            for number, line in enumerate(lines)
        ),
        without_point=ground.incidents.num_rows - len(pointed),
    )


def _points(ground: Ground) -> dict[str, tuple[Floats, Floats]]:
    """Return the longitudes and latitudes of the points that are counted, by kind."""
    found: dict[str, list[shapely.Geometry]] = {}
    for each in ground.features:
        points = [one for one in shapely.get_parts(each.shape) if shapely.get_dimensions(one) == 0]
        if points:
            found.setdefault(each.kind, []).extend(points)
    return {kind: (shapely.get_x(points), shapely.get_y(points)) for kind, points in found.items()}


def _about(shape: shapely.Geometry) -> _ToKm:
    middle = shapely.centroid(shapely.envelope(shape))
    return _ToKm(
        Transformer.from_crs(
            "OGC:CRS84",
            f"+proj=aeqd +lat_0={float(middle.y)!r} +lon_0={float(middle.x)!r} +datum=WGS84 +units=km",
            always_xy=True,
        )
    )


@dataclass(frozen=True, slots=True)
class _ToKm:
    """Draws longitude and latitude on a map in kilometres about a place; 550 km away 0.13 % too far at most."""

    project: Transformer

    def __call__(self, degrees: Floats) -> Floats:
        return np.column_stack(self.project.transform(degrees[:, 0], degrees[:, 1]))


def _stretches(shape: shapely.Geometry, stretch_km: float) -> tuple[list[Floats], NDArray[np.object_]]:
    """Cut the rings of a border into stretches of about a length; none runs around a whole ring."""
    to_km = _about(shape)
    lines: list[Floats] = []
    for ring in shapely.get_parts(shapely.boundary(shape)):
        corners = shapely.get_coordinates(ring)
        edges = np.hypot(*np.diff(to_km(corners), axis=0).T)
        cuts = np.maximum(1, np.ceil(edges / stretch_km)).astype(np.int64)
        share = np.concatenate([np.arange(cut) / cut for cut in cuts])
        edge = np.repeat(np.arange(len(edges)), cuts)
        fine = corners[edge] + (corners[edge + 1] - corners[edge]) * share[:, None]
        along = np.concatenate([[0.0], np.cumsum(np.repeat(edges / cuts, cuts))])
        number = max(3, round(along[-1] / stretch_km))
        owner = np.minimum((along[:-1] + along[1:]) / 2 / along[-1] * number, number - 1e-9).astype(np.int64)
        fine = np.vstack([fine, corners[-1:]])
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        ends = np.append(starts[1:], len(owner))
        lines.extend(fine[start : end + 1] for start, end in zip(starts, ends, strict=True))
    return lines, np.array([shapely.linestrings(line) for line in lines])
