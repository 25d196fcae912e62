"""What nobody could have seen: an area less all that anybody may have watched.

A post sees a disc, or, where a camera looks one way, a sector of it. What it *certainly* saw is that shape made smaller
by how far the post may lie from its point, what it may have seen the shape made larger by it. A post that was down or
denied saw nothing; one of which nobody recorded whether it was up may have seen. What nobody could have seen is outside
every shape that may have been seen, and outside every area that somebody may have patrolled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Transformer

from ceasefire.assessment.exposure import MAYBE, NOT, UP, Sights
from ceasefire.territory.geodesy import WIDENING, equal_area, grown, polygonal

__all__ = ["MAYBE", "NOT", "UP", "Seen", "Watch", "seen_of", "sights_of"]

_STEP_DEGREES = 2.0
"""Between the corners of a sector's arc: a chord of it loses a sixth of a thousandth of the radius."""
_SLIVER_KM2 = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A place from which somebody may have watched.

    Parameters
    ----------
    longitude, latitude : float
    uncertainty_km : float
        How far it may lie from the point.
    sight_km : float
    state : {"up", "maybe", "not"}
    bearing_degrees, view_degrees : float or None
        Where it looks, clockwise from north, and how wide; None: all round.
    """

    longitude: float
    latitude: float
    uncertainty_km: float
    sight_km: float
    state: str
    bearing_degrees: float | None = None
    view_degrees: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How an area was watched in a period; the three shares make one.

    Parameters
    ----------
    nobody : Polygon or MultiPolygon
        Where nobody could have seen anything, longitude and latitude; may be empty.
    share_seen, share_maybe, share_nobody : float
        Of the area.
    """

    nobody: shapely.Geometry
    share_seen: float
    share_maybe: float
    share_nobody: float


def seen_of(area: shapely.Geometry, watches: Sequence[Watch], patrolled: str = NOT) -> Seen:
    """Say what of an area somebody watched, may have watched, and nobody could have.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        Longitude and latitude.
    watches : sequence of Watch
    patrolled : {"up", "maybe", "not"}
        Whether somebody watched somewhere in the area, nobody says where: then all of it may have been seen.
    """
    seen = shapely.union_all([_sight(each, -1.0) for each in watches if each.state == UP])
    maybe = shapely.union_all([_sight(each, 1.0) for each in watches if each.state != NOT])
    possible = area if patrolled != NOT else maybe
    nobody = polygonal(shapely.difference(area, possible)) if not possible.is_empty else area
    project = equal_area(area)
    whole = float(project(area).area)
    share_seen = float(project(polygonal(shapely.intersection(area, seen))).area) / whole if not seen.is_empty else 0.0
    share_nobody = float(project(nobody).area) / whole if not nobody.is_empty else 0.0
    return Seen(
        nobody=nobody,
        share_seen=share_seen,
        share_maybe=max(0.0, 1.0 - share_seen - share_nobody),
        share_nobody=share_nobody,
    )


def sights_of(area: shapely.Geometry, watches: Sequence[tuple[str, Watch]]) -> Sights:
    """Cut an area into cells within which the same posts see, whatever their state.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        Longitude and latitude.
    watches : sequence of (str, Watch)
        With the id of the post.
    """
    project = equal_area(area)
    flat = project(area)
    shapes = [[polygonal(project(_sight(watch, sign))) for _, watch in watches] for sign in (-1.0, 1.0)]
    lines = shapely.union_all([shapely.boundary(each) for each in (flat, *shapes[0], *shapes[1])])
    cells = [cell for cell in shapely.get_parts(shapely.polygonize([lines])) if cell.area > _SLIVER_KM2]
    inner = [shapely.point_on_surface(cell) for cell in cells]
    kept = [at for at, point in enumerate(inner) if shapely.contains(flat, point)]
    areas = np.array([cells[at].area for at in kept])
    points = np.array([inner[at] for at in kept])
    within = [
        np.column_stack([shapely.contains(each, points) for each in of]).reshape(len(points), len(watches))
        if of
        else np.zeros((len(points), 0), dtype=bool)
        for of in shapes
    ]
    return Sights(areas / areas.sum(), tuple(post for post, _ in watches), within[0], within[1])


def _sight(watch: Watch, sign: float) -> shapely.Geometry:
    """Return what a watch surely sees (sign -1) or may see (sign 1), wherever it stands; empty where nothing."""
    reach = watch.sight_km + sign * watch.uncertainty_km
    if reach <= 0 or watch.sight_km <= 0:
        return shapely.Polygon()
    if watch.bearing_degrees is None or watch.view_degrees is None or watch.view_degrees >= 360:
        return grown(shapely.Point(watch.longitude, watch.latitude), reach)
    half = watch.view_degrees / 2
    arc = np.linspace(-half, half, max(2, int(np.ceil(watch.view_degrees / _STEP_DEGREES)) + 1))
    angles = np.radians(watch.bearing_degrees + arc)
    corners = watch.sight_km * WIDENING * np.column_stack([np.sin(angles), np.cos(angles)])
    sector = shapely.buffer(shapely.Polygon([(0.0, 0.0), *corners]), sign * watch.uncertainty_km)
    back = Transformer.from_crs(
        f"+proj=aeqd +lat_0={watch.latitude!r} +lon_0={watch.longitude!r} +datum=WGS84 +units=km",
        "OGC:CRS84",
        always_xy=True,
    )
    # edges bend between maps: short pieces keep to them
    return shapely.transform(
        shapely.segmentize(sector, max(watch.sight_km / 10, 0.1)),
        lambda km: np.column_stack(back.transform(km[:, 0], km[:, 1])),
    )
