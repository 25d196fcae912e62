"""The shapes of areas: GeoJSON read, valid, of the right type and in the right part of the world."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from statistics import median
from typing import Any

import shapely
from shapely.geometry import shape

from ceasefire.agreement.files import CaseFiles, Entry
from ceasefire.agreement.records import Post
from ceasefire.model.errors import Fault
from ceasefire.model.schema_faults import Location, listed, suggestion
from ceasefire.territory.records import Area, AreaVersion

_TYPES = {
    "zone": ("Polygon", "MultiPolygon"),
    "corridor": ("LineString", "MultiLineString"),
    "line": ("LineString", "MultiLineString"),
    "site": ("Point",),
}
_WGS84 = re.compile(r"CRS84|EPSG:{1,2}4326")
# Latitude and longitude are taken for swapped where that moves a shape from far off to among the others:
# the first number is degrees away from their middle, the second how much nearer the swap brings it.
_FAR_DEGREES, _MUCH_NEARER = 3.0, 3.0
_FEWEST_OTHERS = 2


class _UnusableError(Exception):
    """A shape cannot be used; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


def check_areas(files: CaseFiles) -> tuple[dict[str, Any], list[Fault]]:
    """Read the shape of every area version.

    Returns
    -------
    tuple of dict, list of Fault
        Shapes by version id, longitude and latitude, two dimensions; only those without a fault.
    """
    geometries: dict[str, Any] = {}
    faults: list[Fault] = []
    read: dict[str, dict[str, Any] | Fault] = {}
    placed: list[tuple[Entry[Area] | Entry[Post], Location, float, float]] = []
    for area in files.of("area", Area):
        for i, version in enumerate(area.record.versions):
            faults += _measures(area, i, version)
            try:
                geometry = _geometry(files, area, i, version, read)
            except _UnusableError as unusable:
                if unusable.fault not in faults:  # a file that cannot be read is told once, for all its features
                    faults.append(unusable.fault)
                continue
            geometries[version.id] = geometry
            placed.append((area, ("versions", i, "feature"), geometry.centroid.x, geometry.centroid.y))
    for post in files.of("post", Post):
        faults += _post(post)
        if post.record.latitude is not None and post.record.longitude is not None:
            placed.append((post, ("latitude",), post.record.longitude, post.record.latitude))
    return geometries, faults + list(_swapped(placed))


def _measures(area: Entry[Area], i: int, version: AreaVersion) -> Iterator[Fault]:
    """Hold widths to lines, radii to sites and stretches to the globe."""
    at = ("versions", i)
    kind = area.record.kind
    for key, value, kinds in (
        ("width_km", version.width_km, ("line", "corridor")),
        ("radius_km", version.radius_km, ("site",)),
    ):
        if kind in kinds and value is None:
            yield area.fault(
                at,
                f'version "{version.id}" of {kind} "{area.id}" has no {key}.',
                f"A {kind} without it has no inside.",
                f"Add `{key}:`" + (" with `low:` and `high:`." if key == "width_km" else "."),
            )
        elif kind not in kinds and value is not None:
            yield area.fault(
                (*at, key),
                f'version "{version.id}" of {area.label} has a {key}, and its kind is "{kind}".',
                "It would be silently ignored.",
                f"Remove it, or write the kind that has it: {' or '.join(kinds)}.",
            )
    for j, stretch in enumerate(version.uncertain_stretches):
        for longitude, latitude in stretch.along:
            if not _on_globe(longitude, latitude):
                yield area.fault(
                    (*at, "uncertain_stretches", j),
                    f"a stretch of {area.label} passes longitude {longitude:g}, latitude {latitude:g}.",
                    "There is no such place.",
                    "Write longitude first, then latitude, in degrees.",
                )
                break


def _post(post: Entry[Post]) -> Iterator[Fault]:
    record = post.record
    given = {"latitude": record.latitude, "longitude": record.longitude}
    missing = [key for key, value in given.items() if value is None]
    if len(missing) == 1:
        present = next(key for key in given if key not in missing)
        yield post.fault(
            (present,),
            f"{post.label} has a {present} and no {missing[0]}.",
            "Half a position is none.",
            f"Add `{missing[0]}:`, or remove both where the place is not known.",
        )
    if len(missing) == 2 and record.uncertainty_km is not None:
        yield post.fault(
            ("uncertainty_km",),
            f"{post.label} has an uncertainty and no position.",
            "An uncertainty is around a position; a post whose place is unknown has neither.",
            "Add latitude and longitude, or remove uncertainty_km.",
        )
    looks = {"bearing_degrees": record.bearing_degrees, "view_degrees": record.view_degrees}
    if sum(value is not None for value in looks.values()) == 1:
        present, absent = sorted(looks, key=lambda key: looks[key] is None)
        yield post.fault(
            (present,),
            f"{post.label} has {present} and no {absent}.",
            "Where a camera looks is a direction and a width; with one of them nobody can say what it saw.",
            f"Add `{absent}:`, or remove both where it looks all round.",
        )


def _geometry(
    files: CaseFiles,
    area: Entry[Area],
    i: int,
    version: AreaVersion,
    read: dict[str, dict[str, Any] | Fault],
) -> Any:
    if version.file not in read:
        try:
            read[version.file] = _features(files, area, i, version)
        except _UnusableError as unusable:
            read[version.file] = unusable.fault
    features = read[version.file]
    if isinstance(features, Fault):
        raise _UnusableError(features)
    if version.feature not in features:
        raise _UnusableError(
            area.fault(
                ("versions", i, "feature"),
                f'{area.label} names feature "{version.feature}", which {version.file} does not have.',
                "Without its shape nothing can be said to lie in the area.",
                f"{suggestion(version.feature, features)}Correct it; the features' `id` members are: "
                f"{listed(features) or 'none (an id among the properties does not count)'}.",
            )
        )
    return _valid(files, area, i, version, features[version.feature])


def _features(files: CaseFiles, area: Entry[Area], i: int, version: AreaVersion) -> dict[str, Any]:
    """Read a GeoJSON file as geometries by feature id."""
    pure = PurePosixPath(version.file)
    if pure.is_absolute() or ".." in pure.parts:
        raise _UnusableError(
            area.fault(
                ("versions", i, "file"),
                f"{area.label} names the file {version.file}, outside the case folder.",
                "A case must be whole in its folder, or its digest would not cover it.",
                "Copy the file into the case folder.",
            )
        )
    path = files.folder / version.file
    if not path.is_file():
        there = sorted(p.relative_to(files.folder).as_posix() for p in files.folder.rglob("*.geojson"))
        raise _UnusableError(
            area.fault(
                ("versions", i, "file"),
                f"{area.label} names the file {version.file}, which does not exist.",
                "Without its shape nothing can be said to lie in the area.",
                f"{suggestion(version.file, there)}Add the file, or correct the name. GeoJSON files of the case: "
                f"{listed(there) or 'none'}.",
            )
        )
    features: dict[str, Any] = {}
    for feature in _parsed(files, version.file)["features"]:
        if not isinstance(feature, dict) or "id" not in feature:
            continue  # a map may show more than the case names
        if str(feature["id"]) in features:
            problem = f'two features have the id "{feature["id"]}"'
            raise _UnusableError(_not_geojson(files.shown(version.file), None, None, problem))
        features[str(feature["id"])] = feature.get("geometry")
    return features


def _parsed(files: CaseFiles, name: str) -> dict[str, Any]:
    """Read the bytes of a feature collection in WGS 84 degrees."""
    path, shown = files.folder / name, files.shown(name)
    try:
        content = path.read_bytes()
        files.read[name] = content
        collection = json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise _UnusableError(_not_geojson(shown, None, None, f"{error.strerror}")) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _UnusableError(_not_geojson(shown, line, None, f"byte {error.start} is not UTF-8")) from error
    except json.JSONDecodeError as error:
        problem = f"{error.msg[0].lower()}{error.msg[1:]}"
        raise _UnusableError(_not_geojson(shown, error.lineno, error.colno, problem)) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets without end
        raise _UnusableError(_not_geojson(shown, None, None, str(error))) from error
    is_collection = isinstance(collection, dict) and collection.get("type") == "FeatureCollection"
    if not is_collection or not isinstance(collection.get("features"), list):
        raise _UnusableError(_not_geojson(shown, 1, None, "it is no FeatureCollection with features"))
    system = json.dumps(collection.get("crs", "CRS84"))
    if not _WGS84.search(system):
        raise _UnusableError(_not_geojson(shown, 1, None, f"its coordinates are in {system}, not WGS 84 degrees"))
    parsed: dict[str, Any] = collection
    return parsed


def _not_geojson(shown: str, line: int | None, column: int | None, problem: str) -> Fault:
    return Fault(
        path=shown,
        line=line,
        column=column,
        what=f"not readable as GeoJSON: {problem}.",
        why="Without their shapes nothing can be said to lie in the areas.",
        remedy="Save a FeatureCollection in UTF-8, in WGS 84 degrees, longitude first, each feature with an `id`.",
    )


def _valid(files: CaseFiles, area: Entry[Area], i: int, version: AreaVersion, geometry: Any) -> Any:
    """Return the geometry of a feature as a shape, if it can be used as the area's kind."""
    type_ = geometry.get("type") if isinstance(geometry, dict) else None
    wanted = _TYPES[area.record.kind]
    if type_ not in wanted:
        raise _UnusableError(
            area.fault(
                ("versions", i, "feature"),
                f'{area.record.kind} "{area.id}" has the feature "{version.feature}", '
                f"{f'a {type_}' if type_ else 'which has no shape'}.",
                f"A {area.record.kind} is drawn as {' or '.join(wanted)}.",
                "Correct the kind of the area, or draw the feature so.",
            )
        )
    try:
        made = shapely.force_2d(shape(geometry))
        empty = made.is_empty
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        raise _UnusableError(_misdrawn(files, version, f"has coordinates that make no {type_} ({error})")) from error
    if empty:
        raise _UnusableError(_misdrawn(files, version, "has no coordinates"))
    for longitude, latitude in shapely.get_coordinates(made):
        if not _on_globe(longitude, latitude):
            swapped = " Longitude and latitude look swapped." if _on_globe(latitude, longitude) else ""
            what = f"passes longitude {longitude:g}, latitude {latitude:g}, out of range.{swapped}"
            raise _UnusableError(_misdrawn(files, version, what.removesuffix(".")))
    if not made.is_valid:
        raise _UnusableError(_misdrawn(files, version, f"is no valid {type_}: {shapely.is_valid_reason(made)}"))
    return made


def _misdrawn(files: CaseFiles, version: AreaVersion, what: str) -> Fault:
    text = files.read[version.file].decode("utf-8-sig")
    found = re.search(rf'"id"\s*:\s*"?{re.escape(version.feature)}"?\s*[,}}\n]', text)
    return Fault(
        path=files.shown(version.file),
        line=text.count("\n", 0, found.start()) + 1 if found else None,
        what=f'feature "{version.feature}" {what}.',
        why="A shape that crosses itself or leaves the globe has no inside.",
        remedy="Correct it in a map editor; GeoJSON writes longitude first, then latitude.",
    )


def _on_globe(longitude: float, latitude: float) -> bool:
    return -180 <= longitude <= 180 and -90 <= latitude <= 90  # false for what is not a number


def _swapped(placed: list[tuple[Entry[Area] | Entry[Post], Location, float, float]]) -> Iterator[Fault]:
    """Tell what lies far from everything else in the case, and would not with its coordinates exchanged."""
    for entry, at, x, y in placed:
        others = [(ox, oy) for other, _, ox, oy in placed if other is not entry]
        if len(others) < _FEWEST_OTHERS:
            continue
        mid_x, mid_y = median(ox for ox, _ in others), median(oy for _, oy in others)
        away, away_swapped = math.hypot(x - mid_x, y - mid_y), math.hypot(y - mid_x, x - mid_y)
        if away > _FAR_DEGREES and away_swapped * _MUCH_NEARER < away:
            yield entry.fault(
                at,
                f"{entry.label} lies at longitude {x:.2f}, latitude {y:.2f}, {away:.0f} degrees from the rest of the "
                "case; with the two swapped it would lie among it.",
                "Everything that happened there would be found outside.",
                "Write longitude first in GeoJSON; check the post's or feature's coordinates.",
            )
