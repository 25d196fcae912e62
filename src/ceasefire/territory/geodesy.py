"""Distances and areas on the ground for geometries in longitude and latitude (WGS84).

Growing works in an azimuthal equidistant projection about the geometry, cut into tiles of at most `TILE_DEGREES`
where it is larger. Within a tile (550 km from its centre) map distances are too long by at most 0.13 %, and arcs drawn
as chords lose at most 0.12 %. Both make the grown shape too small, so distances are widened by `WIDENING`: what is
grown is never less than asked for and at most 0.3 % more. A test holds this to the geodesic of pyproj.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from ceasefire.model.errors import UsageError

WIDENING = 1.003
TILE_DEGREES = 7.0
_QUARTER_CHORDS = 16
_STEP_DEGREES = 0.05
"""Longest piece of an edge that is projected as straight: longer ones would bend by more than half a metre."""
_STEP_KM = 5.0

Floats = NDArray[np.float64]


def grown(geometry: shapely.Geometry, distance_km: float) -> shapely.Geometry:
    """Return all that lies within a distance of a geometry.

    Parameters
    ----------
    geometry : Geometry
        Longitude and latitude.
    distance_km : float
        Not negative; 0 returns the geometry's polygons as they are.

    Returns
    -------
    Polygon or MultiPolygon
        Longitude and latitude; empty for an empty geometry.

    Raises
    ------
    UsageError
        When the result would cross the 180th meridian or come within a degree of a pole.
    """
    if distance_km <= 0 or geometry.is_empty:
        return polygonal(geometry)
    _refuse_edge_of_map(geometry, distance_km)
    return polygonal(shapely.union_all([_grown_locally(tile, distance_km) for tile in _tiles(geometry)]))


def shrunk(polygon: shapely.Geometry, distance_km: float) -> shapely.Geometry:
    """Return the part of a polygon that is farther than a distance from its border; 0 returns the polygon."""
    if distance_km <= 0 or polygon.is_empty:
        return polygonal(polygon)
    return polygonal(shapely.difference(polygon, grown(shapely.boundary(polygon), distance_km)))


def equal_area(about: shapely.Geometry) -> Callable[[shapely.Geometry], shapely.Geometry]:
    """Return a function that projects geometries to kilometres without changing areas.

    Parameters
    ----------
    about : Geometry
        Longitude and latitude; the projection is centred on it, where shapes are kept as well.
    """
    project = _local("laea", about)
    return lambda geometry: shapely.transform(
        shapely.segmentize(geometry, _STEP_DEGREES), lambda xy: np.column_stack(project.transform(xy[:, 0], xy[:, 1]))
    )


def polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a geometry; lines and points that an overlay leaves behind are dropped."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _grown_locally(geometry: shapely.Geometry, distance_km: float) -> shapely.Geometry:
    project = _local("aeqd", geometry)

    def to_km(degrees: Floats) -> Floats:
        return np.column_stack(project.transform(degrees[:, 0], degrees[:, 1]))

    def to_degrees(km: Floats) -> Floats:
        return np.column_stack(project.transform(km[:, 0], km[:, 1], direction="INVERSE"))

    flat = shapely.transform(shapely.segmentize(geometry, _STEP_DEGREES), to_km)
    wide = shapely.buffer(flat, distance_km * WIDENING, quad_segs=_QUARTER_CHORDS)
    back = shapely.transform(shapely.segmentize(wide, _STEP_KM), to_degrees)
    return back if back.is_valid else shapely.make_valid(back)


def _local(projection: str, about: shapely.Geometry) -> Any:
    left, bottom, right, top = (float(bound) for bound in shapely.bounds(about))
    centre = f"+lat_0={(bottom + top) / 2!r} +lon_0={(left + right) / 2!r}"
    return Transformer.from_crs("OGC:CRS84", f"+proj={projection} {centre} +datum=WGS84 +units=km", always_xy=True)


def _tiles(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """Cut a geometry into parts of at most `TILE_DEGREES` of latitude, and as wide on the ground."""
    left, bottom, right, top = (float(bound) for bound in shapely.bounds(geometry))
    rows = max(1, int(np.ceil((top - bottom) / TILE_DEGREES)))
    nearest = 0.0 if bottom <= 0 <= top else min(abs(bottom), abs(top))
    columns = max(1, int(np.ceil((right - left) * np.cos(np.radians(nearest)) / TILE_DEGREES)))
    if rows * columns == 1:
        return [geometry]
    x, y = np.linspace(left, right, columns + 1), np.linspace(bottom, top, rows + 1)
    boxes = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(rows) for i in range(columns)]
    cuts = [shapely.intersection(geometry, box) for box in boxes]
    return [cut for cut in cuts if not cut.is_empty]


def _refuse_edge_of_map(geometry: shapely.Geometry, distance_km: float) -> None:
    left, bottom, right, top = (float(bound) for bound in shapely.bounds(geometry))
    reach = distance_km / 110
    furthest = max(abs(bottom), abs(top)) + reach
    sideways = reach / max(np.cos(np.radians(min(furthest, 89.0))), 1e-3)
    if furthest > 89 or left - sideways < -180 or right + sideways > 180:
        raise UsageError(
            f"an area from {left:g}, {bottom:g} to {right:g}, {top:g} cannot be widened by {distance_km:g} km: "
            "it would cross the 180th meridian or touch a pole.",
            "Give areas that stay within the map, or shift their longitudes.",
        )
