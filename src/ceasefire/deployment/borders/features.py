"""Reads what else is counted within borders: hospitals, roads, crossings, lines to follow, as GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import shapely

from ceasefire.deployment.borders.ground import Feature
from ceasefire.model.errors import Fault, InputError
from ceasefire.territory.boundary_files import read_text


def read_features(kind: str, path: Path) -> tuple[Feature, ...]:
    """Read what else is counted from a GeoJSON file; see `features_in`."""
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
    return features_in(kind, value, path=str(path))


def features_in(kind: str, value: Any, *, path: str) -> tuple[Feature, ...]:
    """Read what else is counted from parsed GeoJSON.

    Parameters
    ----------
    kind : str
        What they are counted as.
    value : object
        As `json.loads` returns it: a FeatureCollection, a Feature or a geometry.
    path : str
        What faults name as the file.

    Raises
    ------
    InputError
        When it is no GeoJSON with shapes in degrees; with every fault.
    """
    listed = value.get("features", [value]) if isinstance(value, dict) else None
    found, faults = [], []
    if not isinstance(listed, list):
        faults.append(
            Fault(
                path=path,
                what="is no GeoJSON.",
                why=f"The {kind} cannot be read.",
                remedy="Give a FeatureCollection, a Feature or a geometry.",
            )
        )
        listed = []
    for number, each in enumerate(listed, start=1):
        shape = _shape(each)
        if shape is None:
            faults.append(
                Fault(
                    path=path,
                    what=f"feature {number} has no shape in degrees.",
                    why=f"It cannot be counted among the {kind}.",
                    remedy="Give WGS 84 points, lines or polygons, longitude first, or remove the feature.",
                )
            )
            continue
        properties = each.get("properties")
        name = properties.get("name") if isinstance(properties, dict) else None
        found.append(Feature(kind=kind, shape=shape, name=None if name is None else str(name)))
    if faults:
        raise InputError(faults)
    return tuple(found)


def _shape(feature: Any) -> shapely.Geometry | None:
    """Return the shape of a feature or geometry in degrees, made valid; None where it has none."""
    if not isinstance(feature, dict):
        return None
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(feature.get("geometry", feature))))
        if not shapely.is_valid(shape):
            shape = shapely.make_valid(shape)
    except (shapely.errors.GEOSException, TypeError, ValueError, RecursionError):
        return None
    left, bottom, right, top = shapely.bounds(shape)
    # of an empty shape the bounds are no numbers, and compare false
    return shape if left >= -180 and right <= 180 and bottom >= -90 and top <= 90 else None
