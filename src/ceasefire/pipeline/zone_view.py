"""Areas as they were drawn on one day: every version, whether it held, its border and the band of its uncertainty."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import shapely

from ceasefire.agreement.force import clause_in_force, valid_at
from ceasefire.agreement.timeline import spans_of
from ceasefire.model.outcome import agreed
from ceasefire.model.roles import public, shared
from ceasefire.model.time import Span, day_span
from ceasefire.territory.areas import AreaIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ceasefire.pipeline.served import Snapshot
    from ceasefire.territory.records import Area, AreaVersion

Shape = dict[str, Any]
_PLACES = 5
"""Decimals of a degree: about a metre, finer than any border here is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchView:
    """A part of a border known less well than the rest."""

    along: Annotated[tuple[tuple[float, float], ...], public("Longitude and latitude pairs.")]
    uncertainty_km: Annotated[float, public("Within which the border lies.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """An area as one source or talk drew it."""

    version_id: Annotated[str, public("Its id.")]
    standing: Annotated[str, public("official, or reconstructed: ours, not the parties'.")]
    held: Annotated[
        str, public("Whether it held on the day: yes, no, or undetermined where dates differ or it changed that day.")
    ]
    valid_from: Annotated[tuple[str, ...], public("Every start on record; empty: with its clauses.")]
    valid_until: Annotated[tuple[str, ...], public("Every end on record; empty: none.")]
    uncertainty_km: Annotated[float, public("Within which the border lies.")]
    stretches: Annotated[tuple[StretchView, ...], public("Parts of the border known less well.")]
    border: Annotated[Shape, public("GeoJSON geometry of the nominal area.")]
    band: Annotated[Shape | None, public("GeoJSON geometry of where the border may lie; null: it has no uncertainty.")]
    sources: Annotated[tuple[str, ...], public("Keys of the case's sources.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseOfArea:
    """A clause that names an area."""

    clause_id: Annotated[str, public("The clause.")]
    in_force: Annotated[str, public("Whether it was in force on the day: yes, no or undetermined.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaView:
    """A place that clauses name, on one day."""

    zone_id: Annotated[str, public("Its id.")]
    kind: Annotated[str, public("zone, corridor, line or site.")]
    title: Annotated[dict[str, str], public("By language.")]
    ended_by: Annotated[str | None, public("How it ended; null: no end is on record.")]
    versions: Annotated[tuple[VersionView, ...], public("Those that held, or may have held, on the day.")]
    clauses: Annotated[tuple[ClauseOfArea, ...], public("Clauses that name it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreasOfDay:
    """The areas of a case on one local day."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    day: Annotated[str, public("The local day.")]
    areas: Annotated[tuple[AreaView, ...], public("In the order of the case.")]


def areas_of_day(snapshot: Snapshot, day: date) -> AreasOfDay:
    """Return the areas with the versions that held, or may have held, on a local day."""
    span = day_span(day, snapshot.zone)
    return AreasOfDay(
        position=snapshot.stamp.position,
        day=day.isoformat(),
        areas=tuple(_area(snapshot, area, span) for area in snapshot.case.areas.values()),
    )


def _area(snapshot: Snapshot, area: Area, span: Span) -> AreaView:
    versions = [(version, _held(snapshot, version, span)) for version in area.versions]
    return AreaView(
        zone_id=area.id,
        kind=area.kind,
        title=area.title,
        ended_by=area.ended_by,
        versions=tuple(_version(snapshot, version, held) for version, held in versions if held != "no"),
        clauses=tuple(_clauses(snapshot, area, span)),
    )


def _held(snapshot: Snapshot, version: AreaVersion, span: Span) -> str:
    starts, ends = (spans_of(moments, snapshot.zone) for moments in (version.valid_from, version.valid_until))
    outcomes = [valid_at(starts, ends, at, doubt="not-yet-valid") for at in (span.start, span.end - 1)]
    return agreed(outcomes, otherwise="not-yet-valid").answer.label


def _clauses(snapshot: Snapshot, area: Area, span: Span) -> Iterable[ClauseOfArea]:
    for clause in snapshot.case.clauses.values():
        if clause.areas != "everywhere" and area.id in clause.areas:
            outcomes = [clause_in_force(snapshot.case, clause, at) for at in (span.start, span.end - 1)]
            answer = agreed(outcomes, otherwise="start-disputed").answer
            yield ClauseOfArea(clause_id=clause.id, in_force=answer.label)


def _version(snapshot: Snapshot, version: AreaVersion, held: str) -> VersionView:
    border, band = snapshot.kept(f"shapes {version.id}", lambda: _shapes(snapshot, version))
    return VersionView(
        version_id=version.id,
        standing=version.standing,
        held=held,
        valid_from=tuple(moment.at for moment in version.valid_from),
        valid_until=tuple(moment.at for moment in version.valid_until),
        uncertainty_km=version.uncertainty_km,
        stretches=tuple(
            StretchView(along=stretch.along, uncertainty_km=stretch.uncertainty_km)
            for stretch in version.uncertain_stretches
        ),
        border=border,
        band=band,
        sources=version.sources,
        note=version.note,
    )


def _shapes(snapshot: Snapshot, version: AreaVersion) -> tuple[Shape, Shape | None]:
    index = AreaIndex({version.id: (version, snapshot.case.geometries[version.id])})
    band = index.uncertain_band(version.id)
    return shape(index.nominal(version.id)), None if band.is_empty else shape(band)


def shape(geometry: Any) -> Shape:
    """Return a geometry as GeoJSON holds it, to about a metre."""
    held: Shape = json.loads(shapely.to_geojson(geometry))
    held["coordinates"] = _rounded(held["coordinates"])
    return held


def _rounded(coordinates: Any) -> Any:
    return [_rounded(part) for part in coordinates] if isinstance(coordinates, list) else round(coordinates, _PLACES)


def units_shown(snapshot: Snapshot) -> dict[str, Any]:
    """Return the administrative units that incidents are placed in, as a GeoJSON feature collection."""

    def made() -> dict[str, Any]:
        units = snapshot.units
        features = [
            {
                "type": "Feature",
                "id": unit_id,
                "geometry": shape(units.polygons[unit_id]),
                "properties": {"unit_id": unit_id, "area_name": path},
            }
            for path, unit_id in units.ids.items()
            if unit_id in units.polygons
        ]
        return {"type": "FeatureCollection", "position": snapshot.stamp.position, "features": features}

    return snapshot.kept("units shown", made)
