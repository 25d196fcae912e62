"""Which candidate places may be used under the rules agreed, and why the others may not.

What a rule asks about and nobody says counts against the place: nobody is sent down a road that none vouches for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ceasefire.deployment.sight import on_globe_km
from ceasefire.territory.geodesy import grown


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place where a post may stand, or stands.

    Parameters
    ----------
    site_id, name : str
    longitude, latitude : float
    operators : frozenset of str
        Who may stand there; empty: anyone of the plan's.
    range_km : float or None
        None: the plan's.
    road_km : float or None
        To the nearest passable road; None: nobody says.
    safe, consented : bool or None
        None: nobody says.
    stands : bool
        A post stands there already, and stays: no rule removes it.
    """

    site_id: str
    name: str
    longitude: float
    latitude: float
    operators: frozenset[str] = frozenset()
    range_km: float | None = None
    road_km: float | None = None
    safe: bool | None = None
    consented: bool | None = None
    stands: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a place must have.

    Parameters
    ----------
    line : Geometry or None
        Posts keep `from_line_km` off it.
    from_line_km, road_km : float or None
    must_be_safe, must_be_consented : bool
    """

    line: shapely.Geometry | None = None
    from_line_km: float | None = None
    road_km: float | None = None
    must_be_safe: bool = False
    must_be_consented: bool = False


def admissible(candidates: Sequence[Candidate], rules: Rules) -> tuple[list[Candidate], dict[str, list[str]]]:
    """Return the candidates that the rules admit, and the others by reason; the first reason counts.

    Parameters
    ----------
    candidates : sequence of Candidate
    rules : Rules

    Returns
    -------
    tuple of list of Candidate, dict of str to list of str
        Reasons as sentences name them, with the ids of the places.
    """
    near = None
    if rules.line is not None and rules.from_line_km:
        near = grown(rules.line, rules.from_line_km)
        shapely.prepare(near)
    kept, left_out = [], {}  # type: tuple[list[Candidate], dict[str, list[str]]]
    for each in candidates:
        reason = None if each.stands else _reason(each, rules, near)
        if reason is None:
            kept.append(each)
        else:
            left_out.setdefault(reason, []).append(each.site_id)
    return kept, left_out


def _reason(each: Candidate, rules: Rules, near: shapely.Geometry | None) -> str | None:
    point = shapely.Point(each.longitude, each.latitude)
    if near is not None and shapely.intersects(near, point):
        return f"within {rules.from_line_km:g} km of the line"
    if rules.must_be_consented and each.consented is not True:
        return "not consented to" if each.consented is False else "nobody says whether it is consented to"
    if rules.must_be_safe and each.safe is not True:
        return "not safe" if each.safe is False else "nobody says whether it is safe"
    if rules.road_km is not None and each.road_km is None:
        return "nobody says how far a passable road is"
    if rules.road_km is not None and each.road_km is not None and each.road_km > rules.road_km:
        return f"farther than {rules.road_km:g} km from a passable road"
    return None


def too_close(candidates: Sequence[Candidate], apart_km: float) -> NDArray[np.int64]:
    """Return the pairs nearer to each other than posts may be, shape (n, 2); two that stand already are none."""
    if not candidates or apart_km <= 0:
        return np.zeros((0, 2), dtype=np.int64)
    longitude, latitude = (np.array([getattr(each, axis) for each in candidates]) for axis in ("longitude", "latitude"))
    pairs = cKDTree(on_globe_km(longitude, latitude)).query_pairs(apart_km * (1 - 1e-9), output_type="ndarray")
    stands = np.array([each.stands for each in candidates])
    both = stands[pairs[:, 0]] & stands[pairs[:, 1]]
    return np.asarray(pairs[~both][np.lexsort(pairs[~both].T[::-1])], dtype=np.int64)


def grid(area: shapely.Geometry, spacing_km: float) -> list[Candidate]:
    """Return places on a triangular grid over an area, so far apart."""
    west, south, east, north = shapely.bounds(area)
    row_step = spacing_km * np.sqrt(3) / 2 / 111.2
    found = []
    for row, latitude in enumerate(np.arange(south + row_step / 2, north, row_step)):
        step = spacing_km / (111.32 * np.cos(np.radians(latitude)))
        longitudes = np.arange(west + (step / 2 if row % 2 else step), east, step)
        inside = shapely.covers(area, shapely.points(longitudes, np.full(len(longitudes), latitude)))
        for column, longitude in enumerate(longitudes):
            if inside[column]:
                name = f"grid-{row}-{column}"
                found.append(Candidate(site_id=name, name=name, longitude=float(longitude), latitude=float(latitude)))
    return found
