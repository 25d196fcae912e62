"""What the map shows: zones with the band of their border's uncertainty, incidents by precision, what is not drawn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import shapely

from ceasefire.assessment.counts import MAY_FALL_UNDER
from ceasefire.bulletin.material import FindsPolygons, Material, Row, english
from ceasefire.bulletin.records import BaseFeature, Figure, MapContent, MapMark, MapUnit, MapZone
from ceasefire.bulletin.sentences import counted, number, verb
from ceasefire.model.errors import InputError
from ceasefire.model.time import Span, parse_moment
from ceasefire.model.vocabulary import PlacePrecision, Status
from ceasefire.release.classes import coarsened_point, told_area
from ceasefire.territory.areas import AreaIndex
from ceasefire.territory.place_names import skeleton
from ceasefire.territory.records import Area, AreaVersion

BASE_MAP = "basemap.geojson"
_MARGIN_SHARE = 0.06
_LEAST_MARGIN = 0.04
_NOT_UNITS = ("coast", "country", "sea", "lake", "water")
_ANSWER_RANK = {"alleged": 0, "open": 1, "other": 2}


def map_figure(material: Material, boundaries: FindsPolygons | None) -> Figure | None:
    """Return the map of the period, or None where the case has no area to draw."""
    versions = drawn_versions(material)
    if not versions:
        return None
    zones = _zones(material, versions)
    base = read_base_map(material)
    marks, beyond, held_back, unplaced = _marks(material, _frame(zones))
    units = _units(material, boundaries, base)
    not_drawn = [f"{unit.name}: {number(unit.count)}" for unit in units if unit.polygon is None]
    if held_back:
        not_drawn.append(f"Held back, too recent: {number(held_back)}")
    if beyond:
        not_drawn.append(f"Beyond this frame: {number(beyond)}")
    if unplaced:
        not_drawn.append(f"Point said to be known, none given: {number(unplaced)}")
    content = MapContent(
        zones=zones,
        marks=marks,
        units=units,
        base=base,
        frame=_frame(zones),
        not_drawn=tuple(not_drawn),
        cell_note=_cell_note(material),
        credit=_credit(material),
    )
    return Figure(
        key="map",
        caption="Areas of the agreement and incidents of the period. A reconstructed border is ours, not the parties'; "
        "the shaded band is where it may really lie.",
        alternative=_alternative(content),
        content=content,
    )


def drawn_versions(material: Material) -> dict[str, tuple[Area, AreaVersion]]:
    """Return the versions of areas that held, or may have held, in the period."""
    return {
        version.id: (area, version)
        for area in material.case.areas.values()
        for version in area.versions
        if version.id in material.case.geometries and _held_in(material, version)
    }


def _held_in(material: Material, version: AreaVersion) -> bool:
    zone, period = material.case.zone, material.period
    starts = [parse_moment(moment.at, zone) for moment in version.valid_from]
    ends = [parse_moment(moment.at, zone) for moment in version.valid_until]
    return not (
        (starts and min(span.start for span in starts) >= period.end)
        or (ends and max(_end(span) for span in ends) <= period.start)
    )


def _end(span: Span) -> int:
    return max(span.end, span.start)


def _zones(material: Material, versions: Mapping[str, tuple[Area, AreaVersion]]) -> tuple[MapZone, ...]:
    index = AreaIndex({key: (version, material.case.geometries[key]) for key, (_, version) in sorted(versions.items())})
    zones = []
    for key, (area, version) in sorted(versions.items()):
        band = index.uncertain_band(key) if version.uncertainty_km else None
        label = f"{version.standing}, border within {version.uncertainty_km:g} km"
        if version.uncertain_stretches:
            widest = max(stretch.uncertainty_km for stretch in version.uncertain_stretches)
            label += f", in part {widest:g} km"
        zones.append(MapZone(title=english(area.title), label=label, nominal=index.nominal(key), band=band))
    return tuple(zones)


def _frame(zones: Iterable[MapZone]) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds([zone.nominal for zone in zones])
    margin = max(_LEAST_MARGIN, _MARGIN_SHARE * max(east - west, north - south))
    return (
        round(float(west) - margin, 4),
        round(float(south) - margin, 4),
        round(float(east) + margin, 4),
        round(float(north) + margin, 4),
    )


def read_base_map(material: Material) -> tuple[BaseFeature, ...]:
    """Return the case's own base map; empty where it has none.

    Raises
    ------
    InputError
        When the file is not GeoJSON.
    """
    path = material.case.folder / BASE_MAP
    if not path.is_file():
        return ()
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return tuple(
            BaseFeature(
                kind=str((feature.get("properties") or {}).get("kind", "")),
                name=_named(feature.get("properties") or {}),
                geometry=shapely.from_geojson(json.dumps(feature["geometry"])),
            )
            for feature in features
        )
    except (ValueError, KeyError, TypeError, AttributeError, shapely.GEOSException) as error:
        raise InputError.single(
            path,
            f"cannot be read as a GeoJSON feature collection: {error}.",
            "Without a base map readers cannot tell where the zones lie.",
            "Correct the file, or remove it to draw the map without one.",
        ) from error


def _named(properties: Mapping[str, Any]) -> str:
    return str(properties.get("name") or properties.get("name_en") or "")


def _marks(material: Material, frame: tuple[float, float, float, float]) -> tuple[tuple[MapMark, ...], int, int, int]:
    """Return the marks, and how many incidents lie beyond the frame, are held back, or have no point."""
    west, south, east, north = frame
    cells: dict[tuple[float, float, str], Counter[str]] = {}
    beyond = held_back = unplaced = 0
    for row in material.incidents:
        precision = PlacePrecision(row["place_precision"])
        if not precision.is_disc:
            continue
        if material.recent(row):
            held_back += 1
        elif row["longitude"] is None or row["latitude"] is None:
            unplaced += 1
        elif not (west <= row["longitude"] <= east and south <= row["latitude"] <= north):
            beyond += 1
        else:
            place = coarsened_point(row["longitude"], row["latitude"], material.rule.cell_degrees)
            cells.setdefault((*place, precision.value), Counter())[_answer(material, row)] += 1
    marks = tuple(
        MapMark(
            longitude=longitude,
            latitude=latitude,
            precision="point" if precision_ == PlacePrecision.POINT else "near",
            answer=min(answers, key=lambda answer: _ANSWER_RANK[answer]),  # type: ignore[arg-type]
            count=sum(answers.values()),
        )
        for (longitude, latitude, precision_), answers in sorted(cells.items())
    )
    return marks, beyond, held_back, unplaced


def _answer(material: Material, incident: Row) -> str:
    statuses = {row["status"] for row in material.findings_of.get(incident["incident_id"], ())}
    if Status.ALLEGED_VIOLATION in statuses:
        return "alleged"
    return "open" if statuses.intersection(MAY_FALL_UNDER) else "other"


def _units(material: Material, boundaries: FindsPolygons | None, base: tuple[BaseFeature, ...]) -> tuple[MapUnit, ...]:
    """Return the units to which incidents are known and no closer, with their polygons where these are known."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in material.incidents:
        if not PlacePrecision(row["place_precision"]).is_disc:
            recent = material.recent(row)
            path = row["area_name"] or ""
            told = told_area(path, recent=recent)
            counts[told or "Place not known", path.split("/")[0] if recent else path] += 1
    polygons: dict[tuple[int, str], Any] = {}
    for feature in base:
        if feature.geometry.geom_type.endswith("Polygon") and feature.kind not in _NOT_UNITS:
            key = (2 if feature.kind == "district" else 1, skeleton(feature.name))
            polygons[key] = None if key in polygons else feature.geometry
    units = []
    for (name, path), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        polygon = boundaries.find(path) if boundaries is not None and path else None
        if polygon is None and path:
            polygon = polygons.get((path.count("/") + 1, skeleton(path.split("/")[-1])))
        units.append(MapUnit(name=name, count=count, polygon=polygon))
    return tuple(units)


def _cell_note(material: Material) -> str:
    cell = material.rule.cell_degrees
    if cell is None:
        return "Places as reported."
    return f"Marks stand at the centres of fixed cells of {cell:g}°, not at the places themselves."


def _credit(material: Material) -> str:
    path = material.case.folder / BASE_MAP
    if not path.is_file():
        return "No base map in the case."
    collection: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    credit = next((collection[key] for key in ("attribution", "credit", "source", "note") if collection.get(key)), None)
    if isinstance(credit, dict):
        credit = credit.get("data")
    return f"Base map: {credit}" if isinstance(credit, str) else "Base map: from the case."


def _alternative(content: MapContent) -> str:
    marks = Counter(mark.answer for mark in content.marks for _ in range(mark.count))
    drawn = sum(marks.values())
    not_drawn = sum(unit.count for unit in content.units)
    zones = "; ".join(f"{zone.title} ({zone.label})" for zone in content.zones)
    return (
        f"Map of {zones}. {counted(drawn, 'incident', start=True)} {verb(drawn, 'is', 'are')} marked: "
        f"{number(marks['alleged'])} alleged, {number(marks['open'])} contested or undetermined, "
        f"{number(marks['other'])} otherwise answered. {counted(not_drawn, 'incident', start=True)} "
        f"{verb(not_drawn, 'is', 'are')} known only to an area. All of them are in the annex or counted there."
    )
