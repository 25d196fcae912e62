"""The form for incident reports of a case: what it offers is gathered here, and built in `intake`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ceasefire.intake.form_vocabulary import Choice, FormVocabulary, PlaceChoice, UnitChoice
from ceasefire.intake.xlsform import build_form
from ceasefire.intake.xlsform_workbook import workbook_bytes
from ceasefire.model.canonical import stable_id
from ceasefire.pipeline.units import base_map

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.pipeline.state import State
    from ceasefire.territory.boundaries import Boundaries

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NO_UNITS = ("coast", "country", "sea", "lake", "water", "river", "settlement")
_SCRIPTS = {"ar": "\u0600", "fa": "\u0600", "ru": "\u0400"}
"""Where a language's letters begin: by it a unit's name in that language is told from others."""
_SCRIPT_WIDTH = 0x100


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldForm:
    """A form, ready to be written.

    Parameters
    ----------
    content : bytes
        The workbook.
    form_id, version : str
        As the form itself says.
    languages : tuple of str
        Those it speaks, the one first that it begins in.
    """

    content: bytes
    form_id: str
    version: str
    languages: tuple[str, ...]


def field_form(state: State) -> FieldForm:
    """Return the form of a case.

    Parameters
    ----------
    state : State
        Of the record: its case, and the boundaries imported.
    """
    vocabulary = form_vocabulary(state)
    form = build_form(vocabulary)
    return FieldForm(
        content=workbook_bytes(form), form_id=form.form_id, version=form.version, languages=vocabulary.languages
    )


def form_vocabulary(state: State) -> FormVocabulary:
    """Gather what the form of a case offers, and what a submission of it may name.

    Units are those of the boundaries imported, else those of the case's base map; settlements those of its base map,
    and those that its own reports place.
    """
    case, boundaries = state.case, state.boundaries
    base = base_map(case)["features"]
    places = {place.labels["en"].casefold(): place for place in (*_places_in_reports(state), *_places_on(base))}
    units = tuple(_units_of(boundaries) if boundaries is not None else _units_on(base))
    titles = _act_titles(case)
    return FormVocabulary(
        case_id=case.description.id,
        title=case.description.title,
        acts=tuple(Choice(name=act, labels=titles.get(act, {})) for act in case.acts),
        actors=tuple(
            Choice(name=actor.id, labels=_names(case, actor.id))
            for actor in case.actors.actors.values()
            if actor.kind not in ("bucket", "civilians")
        ),
        speakers=tuple(Choice(name=one.id, labels=one.names) for one in case.speakers.values()),
        areas=tuple(Choice(name=area.id, labels=area.title) for area in case.areas.values()),
        exceptions=tuple(Choice(name=one.id, labels=one.title) for one in case.exception_kinds.values()),
        units=units,
        places=tuple(sorted(places.values(), key=lambda place: place.labels["en"])),
        extent=_extent(case, base, places.values()),
    )


def _names(case: Case, actor_id: str) -> dict[str, str]:
    """Return the name that an actor is printed under, in each language in which it has one."""
    spoken = {name.language for name in case.actors.actors[actor_id].names}
    return {code: case.actors.name(actor_id, code) for code in sorted(spoken)}


def _act_titles(case: Case) -> dict[str, Mapping[str, str]]:
    """Return what the case calls the acts that it adds."""
    from ceasefire.agreement.records import VocabularyFile
    from ceasefire.model.yaml_file import read_yaml, validated

    path = case.folder / "vocabulary.yaml"
    said = validated(read_yaml(path), VocabularyFile)[0] if path.is_file() else None
    return {act.id: act.title for act in said.acts} if said is not None else {}


def _places_on(features: Iterable[Mapping[str, Any]]) -> Iterator[PlaceChoice]:
    for feature in features:
        said = feature.get("properties") or {}
        if said.get("kind") == "settlement" and feature["geometry"]["type"] == "Point" and _labels(said):
            longitude, latitude = feature["geometry"]["coordinates"][:2]
            yield PlaceChoice(
                name=stable_id("place", str(feature.get("id") or _labels(said)["en"]))[:16],
                labels=_labels(said),
                latitude=float(latitude),
                longitude=float(longitude),
                area_name=said.get("unit"),
            )


def _units_on(features: Iterable[Mapping[str, Any]]) -> Iterator[UnitChoice]:
    """Yield the units of the first order that a base map draws, and those of the second that name theirs."""
    for feature in features:
        said = feature.get("properties") or {}
        drawn = str(feature["geometry"]["type"]).endswith("Polygon")
        labels = _labels(said)
        if not drawn or not labels or said.get("kind") in _NO_UNITS:
            continue
        if said.get("level", 1) == 1 and said.get("kind") != "district":
            yield _unit(labels, labels["en"], None)
        elif said.get("parent"):
            yield _unit(labels, f"{said['parent']}/{labels['en']}", str(said["parent"]))


def _units_of(boundaries: Boundaries) -> Iterator[UnitChoice]:
    first = {name: unit.names[0] for unit in boundaries.units if unit.level == 1 for name in (*unit.names, unit.code)}
    for unit in boundaries.units:
        labels = {"en": unit.names[0], **_by_script(unit.names)}
        if unit.level == 1:
            yield _unit(labels, unit.names[0], None)
        elif unit.level == 2:
            above = next((first[name] for name in unit.parent_names if name in first), None)
            if above is not None:
                yield _unit(labels, f"{above}/{unit.names[0]}", above)


def _unit(labels: Mapping[str, str], path: str, parent: str | None) -> UnitChoice:
    return UnitChoice(
        name=_unit_id(path), labels=labels, path=path, parent=_unit_id(parent) if parent is not None else None
    )


def _unit_id(path: str) -> str:
    return stable_id("unit", path)[:15]


def _labels(said: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of a feature by language; one without an English or plain name has none."""
    named = {key.removeprefix("name_"): str(value) for key, value in said.items() if key.startswith("name_") and value}
    plain = said.get("name") or named.get("en")
    return {**named, "en": str(plain)} if plain else {}


def _by_script(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        for code, begins in _SCRIPTS.items():
            if ord(begins) <= ord(name[:1] or " ") < ord(begins) + _SCRIPT_WIDTH:
                found.setdefault(code, name)
    return found


def _places_in_reports(state: State) -> Iterator[PlaceChoice]:
    """Yield the settlements that the case's own reports place; one that they place twice is taken once."""
    from ceasefire.model.vocabulary import PlacePrecision

    columns = ["place_name", "latitude", "longitude", "place_precision", "area_name"]
    table = state.batches.get_table(state.history.case_entry.content["reports"]).select(columns)
    for row in table.to_pylist():
        name = row["place_name"]
        if name and row["place_precision"] == PlacePrecision.POINT.value and row["latitude"] is not None:
            yield PlaceChoice(
                name=stable_id("place", name)[:16],
                labels={"en": name},
                latitude=row["latitude"],
                longitude=row["longitude"],
                area_name=row["area_name"],
            )


def _extent(
    case: Case, features: Iterable[Mapping[str, Any]], places: Iterable[PlaceChoice]
) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of the case's areas, units and settlements; None where it has none."""
    import shapely

    drawn = [*case.geometries.values(), *(shapely.Point(place.longitude, place.latitude) for place in places)]
    for feature in features:
        said = feature.get("properties") or {}
        if str(feature["geometry"]["type"]).endswith("Polygon") and said.get("kind") not in _NO_UNITS:
            drawn.append(shapely.from_geojson(json.dumps(feature["geometry"])))
    if not drawn:
        return None
    west, south, east, north = shapely.total_bounds(drawn).tolist()
    return west, south, east, north
