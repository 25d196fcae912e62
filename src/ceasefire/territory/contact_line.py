"""Where the settlements of two holders face each other, how well that line is known, and how it moves.

Settlements are neighbours when no third lies within the circle that has the two as its ends (the Gabriel graph).
Between neighbours of different holders runs a piece of contact line: the border of their Voronoi cells. Nothing is
known of where between the two it runs, so each piece is uncertain by half their distance to either side.

References
----------
Gabriel and Sokal (1969), "A new statistical approach to geographic variation analysis", Systematic Zoology 18.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from scipy.spatial import Delaunay, Voronoi, cKDTree

from ceasefire.model.errors import UsageError
from ceasefire.territory.control import Holding, Place, Standing, about
from ceasefire.territory.geodesy import grown, polygonal

_GEOD = Geod(ellps="WGS84")
_FRAME = 12
"""Points far around the settlements, so that every cell is closed and three in a row are no special case."""
_SAME_KM = 0.01

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPiece:
    """A piece of contact line between two neighbouring settlements.

    Parameters
    ----------
    place_ids : tuple of str
        The two settlements.
    holders : tuple of (tuple of str)
        Of each; several together.
    line : tuple of (float, float)
        Longitude and latitude of its ends.
    uncertainty_km : float
        Half the distance of the two settlements, and how far they may lie from their points.
    length_km : float
    interpolated : bool
        Whether one of the two is only interpolated.
    """

    place_ids: tuple[str, str]
    holders: tuple[tuple[str, ...], tuple[str, ...]]
    line: tuple[tuple[float, float], tuple[float, float]]
    uncertainty_km: float
    length_km: float
    interpolated: bool


def neighbours(positions: Floats) -> list[tuple[int, int]]:
    """Return the pairs between which no third point lies, shape of positions (n, 2); points must be distinct."""
    if len(positions) < 2:
        return []
    framed = np.vstack([positions, _frame(positions)])
    corners = Delaunay(framed).simplices
    pairs = np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    pairs = np.unique(pairs[pairs[:, 1] < len(positions)], axis=0)
    ends = positions[pairs]
    middle, half = ends.mean(axis=1), np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1) / 2
    nearest, _ = cKDTree(positions).query(middle)
    return [(int(a), int(b)) for a, b in pairs[nearest >= half * (1 - 1e-9)]]


def contact_line(
    places: Mapping[str, Place],
    standings: Mapping[str, Standing],
    *,
    widest_km: float = 25.0,
    together: Callable[[Sequence[str], Sequence[str]], bool] = lambda a, b: tuple(a) == tuple(b),
) -> tuple[ContactPiece, ...]:
    """Draw the contact line between settlements that are held, or interpolated.

    Parameters
    ----------
    places : mapping of str to Place
    standings : mapping of str to Standing
    widest_km : float
        Settlements farther apart do not face each other. A piece of line reaches no farther from its settlements than
        they lie apart: beyond, nobody speaks for it.
    together : callable
        Whether two holders are on one side, so that no line runs between them.

    Returns
    -------
    tuple of ContactPiece
        By the ids of the settlements.
    """
    held = [
        each
        for key, each in sorted(standings.items())
        if each.holding in (Holding.HELD, Holding.INTERPOLATED) and key in places
    ]
    if len(held) < 2:
        return ()
    longitude = np.array([places[each.place_id].longitude for each in held])
    latitude = np.array([places[each.place_id].latitude for each in held])
    project = about(longitude, latitude)
    positions = np.column_stack(project.transform(longitude, latitude))
    first = _distinct(positions)
    held, positions = [held[number] for number in first], positions[first]
    borders = _borders(positions)
    pieces = []
    for a, b in neighbours(positions):
        gap = float(np.linalg.norm(positions[a] - positions[b]))
        if gap > widest_km or together(held[a].holders, held[b].holders) or (a, b) not in borders:
            continue
        reach = shapely.intersection(shapely.Point(positions[a]).buffer(gap), shapely.Point(positions[b]).buffer(gap))
        drawn = shapely.intersection(shapely.LineString(borders[a, b]), reach)
        if not drawn.is_empty and drawn.geom_type == "LineString":
            pieces.append(_piece(held[a], held[b], places, gap, shapely.get_coordinates(drawn), project))
    return tuple(sorted(pieces, key=lambda piece: piece.place_ids))


def contact_band(pieces: Sequence[ContactPiece]) -> shapely.Geometry | None:
    """Return where the contact line may run: all within its uncertainty of each piece.

    Parameters
    ----------
    pieces : sequence of ContactPiece

    Returns
    -------
    Polygon, MultiPolygon or None
        Longitude and latitude; None where there is no line, or where the band would cross the 180th meridian.
    """
    try:
        bands = [grown(shapely.LineString(each.line), each.uncertainty_km) for each in pieces]
    except UsageError:
        return None
    return polygonal(shapely.union_all(bands)) if bands else None


def _piece(
    a: Standing, b: Standing, places: Mapping[str, Place], gap: float, ends: Floats, project: object
) -> ContactPiece:
    longitude, latitude = project.transform(ends[[0, -1], 0], ends[[0, -1], 1], direction="INVERSE")  # type: ignore[attr-defined]
    first, second = sorted((a, b), key=lambda each: each.place_id)
    doubt = max(places[a.place_id].uncertainty_km, places[b.place_id].uncertainty_km)
    length = float(_GEOD.inv(longitude[0], latitude[0], longitude[1], latitude[1])[2]) / 1000
    return ContactPiece(
        place_ids=(first.place_id, second.place_id),
        holders=(first.holders, second.holders),
        line=(
            (round(float(longitude[0]), 5), round(float(latitude[0]), 5)),
            (round(float(longitude[1]), 5), round(float(latitude[1]), 5)),
        ),
        uncertainty_km=round(gap / 2 + doubt, 2),
        length_km=round(length, 2),
        interpolated=Holding.INTERPOLATED in (a.holding, b.holding),
    )


def _frame(positions: Floats) -> Floats:
    middle = positions.mean(axis=0)
    # odd angle: no frame point in line with points on a grid
    turn = 2 * np.pi * (np.arange(_FRAME) + 0.377) / _FRAME
    far = 20 * max(1.0, float(np.abs(positions - middle).max()))
    return np.asarray(middle + far * np.column_stack([np.cos(turn), np.sin(turn)]))


def _borders(positions: Floats) -> dict[tuple[int, int], Floats]:
    """Return the border of the cells of each pair of points, its two ends."""
    diagram = Voronoi(np.vstack([positions, _frame(positions)]))
    return {
        (int(min(pair)), int(max(pair))): diagram.vertices[ends]
        for pair, ends in zip(diagram.ridge_points, diagram.ridge_vertices, strict=True)
        if max(pair) < len(positions) and min(ends) >= 0
    }


def _distinct(positions: Floats) -> list[int]:
    """Return the points that are not within ten metres of an earlier one."""
    dropped: set[int] = set()
    for a, b in sorted(cKDTree(positions).query_pairs(_SAME_KM)):
        if a not in dropped:
            dropped.add(b)
    return [number for number in range(len(positions)) if number not in dropped]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """A settlement that an actor holds after a period, and others before it.

    Parameters
    ----------
    place_id : str
    from_place_id : str
        The nearest settlement that the actor held before.
    depth_km, bearing : float
        From there; degrees clockwise from north.
    """

    place_id: str
    from_place_id: str
    depth_km: float
    bearing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far an actor came in a period, past what it held before.

    Parameters
    ----------
    actor_id : str
    gains : tuple of Gain
        The deepest first.
    km_per_day : float or None
        The deepest gain over the days of the period; None where there is none.
    bearing, steadiness : float or None
        The mean direction of the gains, and how much they agree on it, 0 (every which way) to 1; None with fewer
        than three gains, which show no direction.
    """

    actor_id: str
    gains: tuple[Gain, ...]
    km_per_day: float | None
    bearing: float | None
    steadiness: float | None


_FEWEST_GAINS = 3


def advance(
    actor_id: str,
    places: Mapping[str, Place],
    before: Mapping[str, Standing],
    after: Mapping[str, Standing],
    days: float,
) -> Advance:
    """Measure the advance of an actor between two instants; only stated holdings count, never interpolated ones.

    Parameters
    ----------
    actor_id : str
    places : mapping of str to Place
    before, after : mapping of str to Standing
        At the two instants.
    days : float
        Between them, above zero.
    """

    def holds(standing: Standing) -> bool:
        return standing.holding is Holding.HELD and actor_id in standing.holders

    base = [places[key] for key, standing in before.items() if holds(standing)]
    taken = [
        places[key]
        for key, standing in after.items()
        if holds(standing) and before[key].holding is Holding.HELD and not holds(before[key])
    ]
    gains = [_gain(place, base) for place in taken] if base else []
    gains.sort(key=lambda gain: (-gain.depth_km, gain.place_id))
    bearing = steadiness = None
    if len(gains) >= _FEWEST_GAINS:
        turn = np.exp(1j * np.radians([gain.bearing for gain in gains])).mean()
        bearing = round(float(np.degrees(np.angle(turn))) % 360, 1)
        steadiness = round(float(np.abs(turn)), 3)
    return Advance(
        actor_id=actor_id,
        gains=tuple(gains),
        km_per_day=round(gains[0].depth_km / days, 2) if gains else None,
        bearing=bearing,
        steadiness=steadiness,
    )


def _gain(place: Place, base: Sequence[Place]) -> Gain:
    longitude, latitude = (np.array([getattr(each, axis) for each in base]) for axis in ("longitude", "latitude"))
    there = np.full(len(base), place.longitude), np.full(len(base), place.latitude)
    bearing, _, metres = _GEOD.inv(longitude, latitude, *there)
    nearest = int(np.argmin(metres))
    return Gain(
        place_id=place.place_id,
        from_place_id=base[nearest].place_id,
        depth_km=round(float(metres[nearest]) / 1000, 2),
        bearing=round(float(bearing[nearest]) % 360, 1),
    )
