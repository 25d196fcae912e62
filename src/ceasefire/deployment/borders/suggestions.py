"""Small changes of a border that reach a stated aim: a settlement in or out, a line followed, a distance kept.

Each is the least that its own construction needs, and says how much it gives and takes. None is the only way, and none
says where a line ought to run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.ops import substring

from ceasefire.deployment.borders.figures import measure
from ceasefire.model.errors import UsageError
from ceasefire.territory.geodesy import grown, polygonal

Floats = NDArray[np.float64]
MARGIN_KM = 2.0
FOLLOW_WITHIN_KM = 3.0
_NECK_KM = 1.0
_STEP_DEGREES = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A changed border.

    Parameters
    ----------
    aim : str
        What was asked for, as a sentence.
    shape : Polygon or MultiPolygon
        Longitude and latitude, in the frame given.
    gained_km2, lost_km2 : float
        Area that comes in and goes out.
    changed : bool
        False where the border as it stands reaches the aim.
    """

    aim: str
    shape: shapely.Geometry
    gained_km2: float
    lost_km2: float
    changed: bool


def put_in(shape: shapely.Geometry, name: str, longitude: float, latitude: float, margin_km: float) -> Suggestion:
    """Take a place in, with so many kilometres around it, by the shortest neck to the border.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        Longitude and latitude.
    name : str
        Of the place, for the sentence.
    longitude, latitude : float
    margin_km : float
    """
    aim = f"{name} inside, by {margin_km:g} km at least."
    disc, neck = _with_neck(shape, longitude, latitude, margin_km)
    if shapely.covers(shape, disc):
        return _unchanged(aim, shape)
    return _suggestion(aim, shape, shapely.union_all([shape, disc, neck]))


def put_out(shape: shapely.Geometry, name: str, longitude: float, latitude: float, margin_km: float) -> Suggestion:
    """Leave a place out, with so many kilometres around it, by the shortest neck to the border; see `put_in`."""
    aim = f"{name} outside, by {margin_km:g} km at least."
    disc, neck = _with_neck(shape, longitude, latitude, margin_km)
    if not shapely.intersects(shape, disc):
        return _unchanged(aim, shape)
    return _suggestion(aim, shape, shapely.difference(shape, shapely.union(disc, neck)))


def keep_away(shape: shapely.Geometry, name: str, place: shapely.Geometry, distance_km: float) -> Suggestion:
    """Leave out all that lies within a distance of a place.

    Parameters
    ----------
    place : Geometry
        A point, line or polygon; longitude and latitude.
    """
    aim = f"{distance_km:g} km between the border and {name}."
    kept_out = grown(place, distance_km)
    if not shapely.intersects(shape, kept_out):
        return _unchanged(aim, shape)
    return _suggestion(aim, shape, shapely.difference(shape, kept_out))


def follow(shape: shapely.Geometry, name: str, line: shapely.Geometry, within_km: float) -> Suggestion:
    """Let the border run along a road, river or administrative border wherever it comes near enough.

    Parameters
    ----------
    line : LineString, MultiLineString, Polygon or MultiPolygon
        What to follow; of polygons, their borders.
    within_km : float
        Stretches of the border no farther from the line are laid on it.
    """
    aim = f"The border along {name}, wherever it runs within {within_km:g} km of it."
    outline = shapely.boundary(line) if shapely.get_dimensions(line) == 2 else line
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.get_parts(outline))))
    laying = _Laying.along(lines, about=shape, within_km=within_km)
    parts = shapely.get_parts(shape)
    laid = [laying.polygon(polygon) for polygon in parts]
    if all(each is None for each in laid):
        return _unchanged(aim, shape)
    return _suggestion(
        aim, shape, shapely.union_all([old if new is None else new for old, new in zip(parts, laid, strict=True)])
    )


def _with_neck(
    shape: shapely.Geometry, longitude: float, latitude: float, margin_km: float
) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Return the disc around a place, and the neck from there to the nearest point of the border."""
    point = shapely.Point(longitude, latitude)
    project = _map_about(shapely.union(shape, point))
    border = shapely.transform(shapely.segmentize(shapely.boundary(shape), _STEP_DEGREES), project.forward)
    way = shapely.shortest_line(shapely.transform(point, project.forward), border)
    return grown(point, margin_km), grown(shapely.transform(way, project.back), min(_NECK_KM, margin_km))


def _unchanged(aim: str, shape: shapely.Geometry) -> Suggestion:
    return Suggestion(aim=aim, shape=shape, gained_km2=0.0, lost_km2=0.0, changed=False)


def _suggestion(aim: str, before: shapely.Geometry, after: shapely.Geometry) -> Suggestion:
    shape = polygonal(after)
    if shape.is_empty or not shape.is_valid:
        raise UsageError(f"{aim} No border does that with this one.", "Ask for less, or draw it by hand.")
    gained, lost = (polygonal(shapely.difference(*pair)) for pair in ((shape, before), (before, shape)))
    return Suggestion(aim=aim, shape=shape, gained_km2=measure(gained)[0], lost_km2=measure(lost)[0], changed=True)


@dataclass(frozen=True, slots=True)
class _Map:
    """A map in kilometres; 300 km from its middle, distances are 0.04 % too long."""

    project: Transformer

    def forward(self, degrees: Floats) -> Floats:
        return np.column_stack(self.project.transform(degrees[:, 0], degrees[:, 1]))

    def back(self, km: Floats) -> Floats:
        return np.column_stack(self.project.transform(km[:, 0], km[:, 1], direction="INVERSE"))


def _map_about(shape: shapely.Geometry) -> _Map:
    middle = shapely.centroid(shapely.envelope(shape))
    crs = f"+proj=aeqd +lat_0={float(middle.y)!r} +lon_0={float(middle.x)!r} +datum=WGS84 +units=km"
    return _Map(Transformer.from_crs("OGC:CRS84", crs, always_xy=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laying:
    """Lays borders on lines.

    Parameters
    ----------
    lines, flat : array of LineString
        The lines, in degrees and on the map.
    project : _Map
    within_km : float
    """

    lines: NDArray[np.object_]
    flat: NDArray[np.object_]
    project: _Map
    within_km: float

    @classmethod
    def along(cls, lines: NDArray[np.object_], *, about: shapely.Geometry, within_km: float) -> _Laying:
        """Draw the lines on a map about a border."""
        project = _map_about(about)
        flat = shapely.transform(shapely.segmentize(lines, _STEP_DEGREES), project.forward)
        return cls(lines=lines, flat=flat, project=project, within_km=within_km)

    def polygon(self, polygon: shapely.Geometry) -> shapely.Geometry | None:
        """Lay the rings of a polygon; None where none runs near a line."""
        rings = [polygon.exterior, *polygon.interiors]
        laid = [self._ring(ring) for ring in rings]
        if all(each is None for each in laid):
            return None
        outline, *holes = [old if new is None else new for old, new in zip(rings, laid, strict=True)]
        return shapely.make_valid(shapely.Polygon(outline, holes), method="structure", keep_collapsed=False)

    def _ring(self, ring: shapely.Geometry) -> shapely.Geometry | None:
        """Replace each run of a ring that stays near a line by the part of the line between the run's ends."""
        corners = shapely.get_coordinates(shapely.segmentize(ring, _STEP_DEGREES))[:-1]
        at = self.project.forward(corners)
        distance = shapely.distance(self.flat[:, None], shapely.points(at)[None, :])
        near = distance.min(axis=0) <= self.within_km
        if not near.any():
            return None
        if near.all():
            closed = self.lines[int(np.argmin(distance.max(axis=1)))]
            if closed.is_ring:
                return shapely.linearrings(shapely.get_coordinates(closed))
        start = int(np.argmin(near))  # the first corner that is far
        order = np.roll(np.arange(len(near)), -start)
        pieces = [
            self._run(at[run], distance[:, run]) if near[run[0]] and len(run) > 1 else corners[run]
            for run in np.split(order, np.flatnonzero(np.diff(near[order])) + 1)
        ]
        laid = np.vstack(pieces)
        return shapely.simplify(shapely.linearrings(laid), 1e-9) if len(laid) > 2 else None

    def _run(self, run: Floats, distance: Floats) -> Floats:
        """Return the part of the nearest line between the places nearest to the run's ends, in degrees."""
        line = self.flat[int(np.argmin(distance.max(axis=1)))]
        first, last = (float(shapely.line_locate_point(line, shapely.Point(end))) for end in (run[0], run[-1]))
        ways = [shapely.get_coordinates(substring(line, first, last))]
        if line.is_ring:  # the other way around
            end = float(line.length)
            turns = ((first, end), (0.0, last)) if first > last else ((first, 0.0), (end, last))
            ways.append(np.vstack([shapely.get_coordinates(substring(line, *turn)) for turn in turns]))
        drawn = shapely.linestrings(run)
        lengths = [way for way in ways if len(way) > 1]
        if not lengths:
            return self.project.back(run)
        return self.project.back(
            min(lengths, key=lambda way: shapely.hausdorff_distance(drawn, shapely.linestrings(way)))
        )
