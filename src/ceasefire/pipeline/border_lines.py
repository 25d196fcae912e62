"""What lies near a border and could be followed by it: administrative borders, roads and rivers on record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import shapely

from ceasefire.model.canonical import stable_id
from ceasefire.pipeline.units import base_map
from ceasefire.territory.geodesy import grown
from ceasefire.territory.place_names import plain_name

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.territory.boundaries import Boundaries

NEAR_KM = 25.0
_NO_LINES = ("coast", "country", "sea", "lake", "water")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLine:
    """A line on record that a border could follow.

    Parameters
    ----------
    line_id : str
        Of what it is and is called; the same as long as those are.
    kind : str
        "unit", or as the case's files call it: road, river, corridor, line.
    names : mapping of str to str
        By language; ``und`` where a file does not say which.
    also : tuple of str
        Further names, in languages that the file does not tell apart.
    shape : Geometry
        Lines, or polygons whose borders are meant; longitude and latitude.
    """

    line_id: str
    kind: str
    names: Mapping[str, str]
    also: tuple[str, ...] = ()
    shape: shapely.Geometry = field(repr=False)

    def is_called(self, name: str) -> bool:
        """Whether it goes by an id or a name, in any language."""
        return name == self.line_id or plain_name(name) in {
            plain_name(each) for each in (*self.names.values(), *self.also)
        }


def lines_near(border: shapely.Geometry, case: Case, boundaries: Boundaries | None) -> tuple[KnownLine, ...]:
    """Return what is on record near a border, by name.

    Administrative units are those of the boundaries imported, else those that the case's base map draws; roads, rivers
    and lines those of its base map and its areas.

    Parameters
    ----------
    border : Polygon or MultiPolygon
        Longitude and latitude.
    case : Case
    boundaries : Boundaries or None
    """
    belt = (
        shapely.buffer(shapely.boundary(border), 1.0) if _at_edge(border) else grown(shapely.boundary(border), NEAR_KM)
    )
    shapely.prepare(belt)
    found = {
        each.line_id: each
        for each in (*_units(boundaries), *_on_base_map(case, units=boundaries is None), *_areas(case))
        if shapely.intersects(belt, _outline(each.shape))
    }
    return tuple(sorted(found.values(), key=lambda each: (each.kind, *sorted(each.names.values()))))


def _at_edge(border: shapely.Geometry) -> bool:
    """Whether a border is so near to the 180th meridian or a pole that no belt is measured around it."""
    left, bottom, right, top = shapely.bounds(border)
    return bool(left < -179 or right > 179 or bottom < -88 or top > 88)


def _outline(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape


def _units(boundaries: Boundaries | None) -> Iterator[KnownLine]:
    for unit in boundaries.units if boundaries is not None else ():
        above = f" ({unit.parent_names[0]})" if unit.parent_names else ""
        yield KnownLine(
            line_id=stable_id("line", f"{unit.level} {unit.code or unit.names} {unit.parent_names}"),
            kind="unit",
            names={"und": unit.names[0] + above},
            also=unit.names,
            shape=unit.polygon,
        )


def _on_base_map(case: Case, *, units: bool) -> Iterator[KnownLine]:
    for feature in base_map(case)["features"]:
        said = feature.get("properties") or {}
        names, kind = _names(said), str(said.get("kind") or "")
        solid = str(feature["geometry"]["type"]).endswith("Polygon")
        if not names or kind in _NO_LINES or "Point" in feature["geometry"]["type"] or (solid and not units):
            continue
        yield KnownLine(
            line_id=stable_id("line", f"base {kind} {sorted(names.items())}"),
            kind="unit" if solid else kind or "line",
            names=names,
            shape=shapely.force_2d(shapely.from_geojson(json.dumps(feature["geometry"]))),
        )


def _areas(case: Case) -> Iterator[KnownLine]:
    """Yield the case's own lines: corridors and lines of separation, in their latest version."""
    for area in case.areas.values():
        drawn = [case.geometries[each.id] for each in area.versions]
        if drawn and shapely.get_dimensions(drawn[-1]) == 1:
            yield KnownLine(
                line_id=stable_id("line", f"area {area.id}"), kind=area.kind, names=dict(area.title), shape=drawn[-1]
            )


def _names(said: Mapping[str, Any]) -> dict[str, str]:
    """Return what a feature is called, by language."""
    named = {key.removeprefix("name_"): str(value) for key, value in said.items() if key.startswith("name_") and value}
    plain = said.get("name")
    return {**({"en": str(plain)} if plain else {}), **named}
