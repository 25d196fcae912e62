"""What nobody could have seen: an area less all that anybody may have watched.

A post sees a disc. What it *certainly* saw is the disc made smaller by how far the post may lie from its point, what it
may have seen the disc made larger by it. A post that was down or denied saw nothing; one of which nobody recorded
whether it was up may have seen. What nobody could have seen is outside every disc that may have been seen, and outside
every area that somebody may have patrolled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from ceasefire.territory.geodesy import equal_area, grown, polygonal

UP, MAYBE, NOT = "up", "maybe", "not"
"""Whether something was watched on a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A place from which somebody may have watched on a day.

    Parameters
    ----------
    longitude, latitude : float
    uncertainty_km : float
        How far it may lie from the point.
    sight_km : float
    state : {"up", "maybe", "not"}
    """

    longitude: float
    latitude: float
    uncertainty_km: float
    sight_km: float
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How an area was watched on a day; the three shares make one.

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
    surely = [each for each in watches if each.state == UP and each.sight_km > each.uncertainty_km]
    maybe = [each for each in watches if each.state != NOT]
    seen = _discs(surely, -1.0)
    possible = area if patrolled != NOT else _discs(maybe, 1.0)
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


def _discs(watches: Sequence[Watch], sign: float) -> shapely.Geometry:
    drawn = [
        grown(shapely.Point(each.longitude, each.latitude), each.sight_km + sign * each.uncertainty_km)
        for each in watches
    ]
    return shapely.union_all(drawn) if drawn else shapely.Polygon()
