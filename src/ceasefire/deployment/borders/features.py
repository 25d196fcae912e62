"""Reads what else is counted within borders: hospitals, roads, crossings, lines to follow, as GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path

import shapely

from ceasefire.deployment.borders.ground import Feature
from ceasefire.model.errors import Fault, InputError
from ceasefire.territory.boundary_files import read_text


def read_features(kind: str, path: Path) -> tuple[Feature, ...]:
    """Read what else is counted from a GeoJSON file.

    Raises
    ------
    InputError
        When it is no GeoJSON with shapes in degrees; with every fault.
    """
    try:
        value = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError.single(
            path,
            f"is not JSON: {error.msg.lower()}.",
            f"The {kind} are read from GeoJSON.",
            "Export them again as GeoJSON.",
            line=error.lineno,
            column=error.colno,
        ) from error
    listed = value.get("features", [value]) if isinstance(value, dict) else []
    found, faults = [], []
    for number, each in enumerate(listed, start=1):
        geometry = each.get("geometry", each) if isinstance(each, dict) else None
        properties = each.get("properties") if isinstance(each, dict) else None
        try:
            shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
            left, bottom, right, top = shapely.bounds(shape)
            sound = not shape.is_empty and left >= -180 and right <= 180 and bottom >= -90 and top <= 90
        except (shapely.errors.GEOSException, TypeError):
            sound = False
        if not sound:
            faults.append(
                Fault(
                    path=str(path),
                    what=f"feature {number} has no shape in degrees.",
                    why=f"It cannot be counted among the {kind}.",
                    remedy="Give WGS 84 points, lines or polygons, longitude first, or remove the feature.",
                )
            )
            continue
        name = properties.get("name") if isinstance(properties, dict) else None
        found.append(Feature(kind=kind, shape=shape, name=None if name is None else str(name)))
    if faults:
        raise InputError(faults)
    return tuple(found)
