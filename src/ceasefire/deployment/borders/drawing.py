"""Reads borders that people draw, and says where a drawing is wrong.

A border may cross the 180th meridian: with longitudes that run past it, with a step from one side to the other, or cut
there into two polygons, as GeoJSON asks (RFC 7946, 3.1.9). All three become one shape whose longitudes run on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ceasefire.model.errors import Fault, InputError
from ceasefire.territory.boundary_files import read_text

_MOST_CROSSINGS = 5
_FARTHEST = 1e15
"""A coordinate beyond is none, on any map; numbers of JSON have no end."""
_METRES = 1000.0
"""Beyond this, numbers are no degrees by mistake: they are a map's metres."""
_REASONS = {
    "Hole lies outside shell": "a hole lies outside the outline",
    "Holes are nested": "one hole lies in another",
    "Nested shells": "one polygon lies in another",
    "Interior is disconnected": "a hole touches the outline so that the inside falls apart",
    "Duplicate Rings": "one ring is drawn twice",
    "Ring Self-intersection": "a ring touches itself",
    "Self-intersection": "two rings cross",
}
_WORLD = re.compile(r"CRS:?84|\b4326\b", re.IGNORECASE)
_REASON = re.compile(r"([A-Za-z -]+)\[(-?[\d.e+-]+) (-?[\d.e+-]+)\]")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A border that somebody proposes.

    Parameters
    ----------
    name : str
        What its feature is called, or its number.
    shape : Polygon or MultiPolygon
        Longitude and latitude (WGS84); longitudes run on past 180 where the border crosses that meridian.
    """

    name: str
    shape: shapely.Geometry


def read_proposals(path: Path) -> tuple[Proposal, ...]:
    """Read the borders of a GeoJSON file, one a feature.

    Raises
    ------
    InputError
        With every fault of every drawing, and where on the map it is.
    """
    try:
        value = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError.single(
            path,
            f"is not JSON: {error.msg.lower()}.",
            "Borders are read from GeoJSON.",
            "Export the drawing again as GeoJSON.",
            line=error.lineno,
            column=error.colno,
        ) from error
    return read_drawing(value, path=str(path), name=path.stem)


def read_drawing(value: Any, *, path: str = "drawing", name: str = "proposal") -> tuple[Proposal, ...]:
    """Read the borders of parsed GeoJSON: a FeatureCollection, a Feature, a Polygon or a MultiPolygon.

    Parameters
    ----------
    value : object
        As `json.loads` returns it.
    path : str
        What faults name as the file.
    name : str
        Of a border whose feature has none.

    Raises
    ------
    InputError
        With every fault.
    """
    drawing = _Drawing(path)
    drawing.frame(value)
    features = _features(value)
    if not features:
        drawing.fault(
            "holds no polygon.", "There is no border in it.", "Give a Polygon, a MultiPolygon, or features of these."
        )
    proposals = []
    for number, (called, geometry) in enumerate(features, start=1):
        where = called or (name if len(features) == 1 else f"{name} {number}")
        shape = drawing.shape(where, geometry)
        if shape is not None:
            proposals.append(Proposal(name=where, shape=shape))
    repeated = sorted({each.name for each in proposals if sum(each.name == one.name for one in proposals) > 1})
    for each in repeated:
        drawing.fault(
            f'"{each}" is the name of several borders.', "They could not be told apart in a table.", "Name each apart."
        )
    if drawing.faults:
        raise InputError(drawing.faults)
    return tuple(proposals)


def _features(value: Any) -> list[tuple[str | None, Any]]:
    if not isinstance(value, dict):
        return []
    if value.get("type") == "FeatureCollection":
        listed = value.get("features")
        return [each for one in listed for each in _features(one)] if isinstance(listed, list) else []
    if value.get("type") == "Feature":
        properties = value.get("properties")
        called = properties.get("name") if isinstance(properties, dict) else None
        called = called if called is not None else value.get("id")
        return [(None if called is None else str(called), value.get("geometry"))]
    return [(None, value)] if value.get("type") in ("Polygon", "MultiPolygon") else []


@dataclass(slots=True)
class _Drawing:
    """One file of drawings, and what is wrong with them."""

    path: str
    faults: list[Fault] = field(default_factory=list)

    def fault(self, what: str, why: str, remedy: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(path=self.path, what=what, why=why, remedy=remedy))

    def frame(self, value: Any) -> None:
        """Note that the file says itself that it is not in degrees."""
        said = value.get("crs") if isinstance(value, dict) else None
        called = json.dumps(said) if said else ""
        if called and not _WORLD.search(called):
            self.fault(
                f"names the coordinate system {called}.",
                "Borders are read in WGS 84 degrees, as GeoJSON asks; in another system they would lie elsewhere.",
                "Export the drawing in WGS 84 (EPSG:4326).",
            )

    def shape(self, where: str, geometry: Any) -> shapely.Geometry | None:
        """Return the shape of one border, or None where it is at fault."""
        before = len(self.faults)
        polygons = [self._polygon(where, rings) for rings in self._polygons(where, geometry)]
        if len(self.faults) > before:
            return None
        drawn = [each for each in polygons if each is not None]
        shape = continuous(drawn[0] if len(drawn) == 1 else shapely.multipolygons(drawn))
        if not shape.is_valid:
            self.fault(
                f'"{where}": {_reason(shape)}.',
                "What is inside it cannot be told.",
                "Move or remove the corners there.",
            )
            return None
        return shape

    def _polygons(self, where: str, geometry: Any) -> Iterator[Any]:
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list) or not coordinates:
            found = "without a shape" if kind is None else f"a {kind}"
            found = "empty" if kind in ("Polygon", "MultiPolygon") else found
            self.fault(
                f'"{where}" is {found}, not a polygon.',
                "A border encloses an area.",
                "Draw it as a Polygon or MultiPolygon.",
            )
            return
        yield from ([coordinates] if kind == "Polygon" else coordinates)

    def _polygon(self, where: str, rings: Any) -> shapely.Geometry | None:
        if not isinstance(rings, list) or not rings:
            self.fault(f'"{where}" has a polygon without a ring.', "It encloses nothing.", "Draw it, or remove it.")
            return None
        read = [self._ring(where, number, ring) for number, ring in enumerate(rings)]
        if any(ring is None for ring in read):
            return None
        outline, *holes = (ring for ring in read if ring is not None)
        return shapely.polygons(outline, [_beside(hole, outline) for hole in holes] or None)

    def _ring(self, where: str, number: int, ring: Any) -> Floats | None:
        called = f'"{where}"' + (f", hole {number}" if number else "")
        corners, wrong = _positions(ring)
        if corners is None:
            self.fault(
                f"{called} has corners that are no pairs of finite numbers{wrong}.",
                "A corner is longitude and latitude in degrees.",
                "Draw the ring again, or correct its coordinates.",
            )
            return None
        far = corners[(np.abs(corners[:, 1]) > 90) | (np.abs(corners[:, 0]) > 360)]
        if len(far):
            self.fault(
                f"{called} has a corner at longitude {far[0, 0]:.15g}, latitude {far[0, 1]:.15g}.",
                "That is not on earth.",
                _remedy_of_range(corners),
            )
            return None
        different = np.unique(corners, axis=0)
        if len(corners) < 4 or len(different) < 3:
            at = "; ".join(place(*each) for each in different)
            self.fault(
                f"{called} has {len(different)} different corners{f': {at}' if at else ''}.",
                "An area needs three at least, and the first again at the end.",
                "Add corners, or close the ring." if len(different) > 2 else "Add corners.",
            )
            return None
        if not np.array_equal(corners[0], corners[-1]):
            self.fault(
                f"{called} ends at {place(*corners[-1])} and begins at {place(*corners[0])}.",
                "A line that is not closed encloses nothing.",
                "Repeat the first corner at the end.",
            )
            return None
        corners = _unwrapped(corners)
        crossings = _crossings(corners)
        if crossings:
            more = len(crossings) - _MOST_CROSSINGS
            places = "; ".join(place(*each) for each in crossings[:_MOST_CROSSINGS])
            self.fault(
                f"{called} crosses itself at {places}{f' and {more} more places' if more > 0 else ''}.",
                "What is inside it cannot be told.",
                "Move or remove the corners there.",
            )
            return None
        if shapely.polygons(corners).area == 0:
            self.fault(f"{called} encloses no area.", "All of its corners lie on one line.", "Draw it again.")
            return None
        return corners


def continuous(shape: shapely.Geometry) -> shapely.Geometry:
    """Join what was cut at the 180th meridian; longitudes of the result may run past 180.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        Longitude and latitude.
    """
    parts = shapely.get_parts(shape)
    left, right = shapely.bounds(parts)[:, 0], shapely.bounds(parts)[:, 2]
    west, east = (left == -180) & (right < 180), (right == 180) & (left > -180)
    if not (west.any() and east.any()):
        return shape
    moved = shapely.transform(parts[west], lambda xy: xy + np.array([360.0, 0.0]))
    return shapely.union_all([*parts[~west], *moved])


def place(longitude: float, latitude: float) -> str:
    """Write a place on the map for people.

    Examples
    --------
    >>> place(36.11, 32.63)
    '32.6300 N, 36.1100 E'
    """
    east = (float(longitude) + 180) % 360 - 180
    return f"{abs(float(latitude)):.4f} {'S' if latitude < 0 else 'N'}, {abs(east):.4f} {'W' if east < 0 else 'E'}"


def _positions(ring: Any) -> tuple[Floats | None, str]:
    """Return the corners of a ring; None, and which one is none, where it cannot be read."""
    if not isinstance(ring, list):
        return None, ""
    for number, each in enumerate(ring, start=1):
        pair = each[:2] if isinstance(each, list) else []
        # a number that is none compares false
        if len(pair) < 2 or not all(type(one) in (int, float) and abs(one) < _FARTHEST for one in pair):
            return None, f", the first of them corner {number}"
    return np.array([each[:2] for each in ring], dtype=np.float64).reshape(-1, 2), ""


def _remedy_of_range(corners: Floats) -> str:
    """Say what numbers that are no degrees of earth may be instead."""
    if (np.abs(corners) > _METRES).any():
        return "They look like metres of a projected map: export the drawing in WGS 84 degrees, longitude first."
    if (np.abs(corners[:, 0]) <= 90).all() and (np.abs(corners[:, 1]) <= 180).all():
        return "Latitude and longitude look exchanged: give WGS 84 degrees, longitude first."
    return "Give WGS 84 degrees, longitude first."


def _unwrapped(corners: Floats) -> Floats:
    """Let longitudes run on where one corner lies on the other side of the 180th meridian: the short way is meant."""
    turned = corners.copy()
    turned[:, 0] = np.rad2deg(np.unwrap(np.deg2rad(corners[:, 0])))
    if np.abs(turned[:, 0] - corners[:, 0]).max() < 1e-6:
        return corners  # exactly as drawn
    middle = (turned[:, 0].min() + turned[:, 0].max()) / 2
    turned[:, 0] -= 360 * np.floor((middle + 180) / 360)
    return turned


def _beside(hole: Floats, outline: Floats) -> Floats:
    """Bring a hole to the turn of longitudes that its outline is on."""
    turns = np.round((outline[:, 0].mean() - hole[:, 0].mean()) / 360)
    return hole + np.array([360.0 * turns, 0.0]) if turns else hole


def _crossings(corners: Floats) -> list[tuple[float, float]]:
    """Return where edges of a ring meet that are not neighbours, in the order of the ring."""
    step = np.abs(np.diff(corners, axis=0)).sum(axis=1) > 0
    starts, ends = corners[:-1][step], corners[1:][step]
    edges = shapely.linestrings(np.stack([starts, ends], axis=1))
    a, b = shapely.STRtree(edges).query(edges, predicate="intersects")
    apart = (b - a > 1) & ~((a == 0) & (b == len(edges) - 1))
    neighbours = b - a == 1
    met = []
    for first, second in zip(a[apart | neighbours], b[apart | neighbours], strict=True):
        shared = shapely.intersection(edges[first], edges[second])
        if second - first == 1 and shared.geom_type == "Point":
            continue  # neighbours meet at their corner; a line means that the border runs back on itself
        middle = shapely.centroid(shared)
        met.append((float(middle.x), float(middle.y)))
    return list(dict.fromkeys(met))


def _reason(shape: shapely.Geometry) -> str:
    said = _REASON.match(shapely.is_valid_reason(shape))
    if said is None:
        return f"it is not a valid polygon ({shapely.is_valid_reason(shape)})"
    words = _REASONS.get(said[1].strip(), said[1].strip().lower())
    return f"{words}, at {place(float(said[2]), float(said[3]))}"
