"""The administrative units in which incidents are placed: an id for each name path, its polygon where one is held."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import shapely

from ceasefire.model.canonical import stable_id
from ceasefire.territory.place_names import skeleton

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.territory.boundaries import Boundaries

BASE_MAP = "basemap.geojson"
_NOT_UNITS = ("coast", "country", "sea", "lake", "water")


@dataclass(frozen=True, slots=True)
class Units:
    """The name paths that incidents carry, such as ``Westmark/Ford``, and the first-order units above them.

    Parameters
    ----------
    ids : dict of str to str
        Name path to id.
    polygons : dict of str to shapely geometry
        By id; longitude and latitude. A unit whose polygon nobody has given is not in it.
    """

    ids: dict[str, str]
    polygons: dict[str, Any]

    @classmethod
    def of(cls, case: Case, incidents: pa.Table, boundaries: Boundaries | None) -> Units:
        """Collect the units of a state: polygons from the boundaries imported, else from the case's base map."""
        named = incidents["area_name"].cast(pa.string()).unique().drop_null().to_pylist()
        paths = sorted({path for name in named for path in (name, name.split("/")[0].strip()) if path})
        drawn = _base_polygons(base_map(case))
        ids = {path: stable_id("unit", path) for path in paths}
        polygons = {}
        for path in paths:
            polygon = boundaries.find(path) if boundaries is not None else None
            if polygon is None:
                polygon = drawn.get((path.count("/") + 1, skeleton(path.split("/")[-1])))
            if polygon is not None:
                polygons[ids[path]] = polygon
        return cls(ids, polygons)


def base_map(case: Case) -> dict[str, Any]:
    """Return the case's own base map as GeoJSON; an empty collection where it has none."""
    path = case.folder / BASE_MAP
    if not path.is_file():
        return {"type": "FeatureCollection", "features": []}
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held


def _base_polygons(collection: dict[str, Any]) -> dict[tuple[int, str], Any]:
    """Return the units of a base map by order and name; a name that two of one order have stands for neither."""
    found: dict[tuple[int, str], Any] = {}
    for feature in collection["features"]:
        said = feature.get("properties") or {}
        kind, name = str(said.get("kind", "")), str(said.get("name") or said.get("name_en") or "")
        if kind in _NOT_UNITS or not str(feature["geometry"]["type"]).endswith("Polygon"):
            continue
        key = (2 if kind == "district" else 1, skeleton(name))
        found[key] = None if key in found else shapely.from_geojson(json.dumps(feature["geometry"]))
    return {key: polygon for key, polygon in found.items() if polygon is not None}
