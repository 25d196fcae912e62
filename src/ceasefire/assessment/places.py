"""How surely each incident lay in an area: within, more likely than not, maybe, or not at all.

The border of one version is held fixed over the whole series, so that a border that moved is never a fall in violence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.model.errors import UnknownRecordError
from ceasefire.model.vocabulary import Answer, PlacePrecision
from ceasefire.territory.areas import AreaIndex
from ceasefire.territory.place_names import skeleton

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.territory.boundaries import Boundaries

_DISCS = tuple(precision.value for precision in PlacePrecision if precision.is_disc)
_HALF = 0.5


class Inside(IntEnum):
    """How surely an incident lay in an area; a larger number is surer."""

    NO = 0
    MAYBE = 1
    LIKELY = 2
    """More of its place lies in the nominal border than outside it."""
    SURE = 3
    """Beyond the uncertainty of the border and of the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An area whose weeks are counted.

    Parameters
    ----------
    area_id : str
        A zone's id, or the id of an administrative unit.
    kind : {"zone", "unit"}
        An area of the case, or a first-order administrative unit, for comparison.
    title : mapping of str to str
        By language.
    version_id : str or None
        Of a zone: the version whose border is used throughout.
    outside : tuple of Place
        What lies in one of these, or more likely in than out, is not counted.
    """

    area_id: str
    kind: Literal["zone", "unit"]
    title: Mapping[str, str] = field(compare=False)
    version_id: str | None = None
    outside: tuple[Place, ...] = ()


def zone_place(case: Case, zone_id: str, version_id: str | None = None) -> Place:
    """Return a zone of the case as a place: in the version asked for, else in its first.

    Raises
    ------
    UnknownRecordError
        When there is no such zone or version.
    """
    area = case.areas.get(zone_id)
    if area is None:
        raise UnknownRecordError(f'There is no area "{zone_id}".', f"Known: {', '.join(case.areas) or 'none'}.")
    versions = [version.id for version in area.versions]
    if version_id is not None and version_id not in versions:
        raise UnknownRecordError(f'"{zone_id}" has no version "{version_id}".', f"Known: {', '.join(versions)}.")
    return Place(area_id=zone_id, kind="zone", title=area.title, version_id=version_id or versions[0])


def unit_places(incidents: pa.Table) -> tuple[Place, ...]:
    """Return the first-order administrative units that incidents name, by name.

    Spellings of one name are one unit; the one that most incidents use names it.
    """
    counted = incidents["area_name"].cast(pa.string()).value_counts().to_pylist()
    spellings: dict[str, dict[str, int]] = {}
    for each in counted:
        name = _first_unit(each["values"])
        if name:
            named = spellings.setdefault(skeleton(name), {})
            named[name] = named.get(name, 0) + each["counts"]
    names = sorted(max(sorted(named), key=lambda name: named[name]) for named in spellings.values())
    return tuple(Place(area_id=name, kind="unit", title={"en": name}) for name in names)


def _first_unit(path: str | None) -> str:
    return path.split("/")[0].strip() if path else ""


class Whereabouts:
    """Answers for the incidents of a table; each place is worked out once.

    Parameters
    ----------
    case : Case
    incidents : Table
        Schema `model.schemas.INCIDENT`.
    boundaries : Boundaries, optional
        Of administrative units, for incidents placed no better than in one.
    """

    def __init__(self, case: Case, incidents: pa.Table, boundaries: Boundaries | None = None) -> None:
        self._case = case
        self._boundaries = boundaries
        self._known: dict[Place, NDArray[np.uint8]] = {}
        paths = incidents["area_name"].cast(pa.string()).combine_chunks().dictionary_encode()
        self._paths: list[str] = paths.dictionary.to_pylist()
        self._path = np.asarray(pc.fill_null(paths.indices, -1), dtype=np.int64)
        disc = np.asarray(pc.is_in(incidents["place_precision"].cast(pa.string()), value_set=pa.array(_DISCS)))
        x, y, radius = (
            np.asarray(pc.fill_null(incidents[name].cast(pa.float64()), np.nan), dtype=np.float64)
            for name in ("longitude", "latitude", "place_radius_km")
        )
        known = disc & np.isfinite(x) & np.isfinite(y) & np.isfinite(radius)
        self._discs = np.column_stack([x, y, radius])
        self._discs[~known] = np.nan
        self._is_disc = known

    @property
    def unplaced(self) -> NDArray[np.bool_]:
        """Which incidents have no place, or none better than a country: they are in no area's counts."""
        return np.asarray(~self._is_disc & (self._path < 0))

    def inside(self, place: Place) -> NDArray[np.uint8]:
        """Return `Inside` values, shape (n_incidents,)."""
        if place not in self._known:
            level = self._in_zone(place) if place.kind == "zone" else self._in_unit(place)
            for other in place.outside:
                level = np.where(self.inside(other) >= Inside.LIKELY, Inside.NO, level).astype(np.uint8)
            self._known[place] = level
        return self._known[place]

    def _in_zone(self, place: Place) -> NDArray[np.uint8]:
        version_id = place.version_id
        assert version_id is not None  # noqa: S101  (a zone always has one)
        version = next(each for each in self._case.areas[place.area_id].versions if each.id == version_id)
        index = AreaIndex({version_id: (version, self._case.geometries[version_id])})
        x, y, radius = self._discs.T
        answers = index.answers(x, y, radius)[:, 0]
        # what has no place, or only a country, says nothing of a zone: `unplaced` counts it
        level = np.full(len(x), Inside.NO, dtype=np.uint8)
        level[self._is_disc & (answers == Answer.YES)] = Inside.SURE
        open_discs = np.flatnonzero(self._is_disc & (answers == Answer.UNDETERMINED))
        level[open_discs] = Inside.MAYBE
        share = index.share_inside(version_id, x[open_discs], y[open_discs], radius[open_discs])
        level[open_discs[share > _HALF]] = Inside.LIKELY
        areas = np.array([self._area_level(index, version_id, path) for path in self._paths], dtype=np.uint8)
        in_area = ~self._is_disc & (self._path >= 0)
        level[in_area] = areas[self._path[in_area]] if len(areas) else level[in_area]
        return level

    def _area_level(self, index: AreaIndex, version_id: str, path: str) -> int:
        polygon: Any = self._boundaries.find(path) if self._boundaries is not None else None
        if polygon is None:
            return Inside.MAYBE
        answer = index.answers_polygon(polygon)[0]
        if answer == Answer.YES:
            return Inside.SURE
        if answer == Answer.NO:
            return Inside.NO
        return Inside.LIKELY if index.share_inside_polygon(version_id, polygon) > _HALF else Inside.MAYBE

    def _in_unit(self, place: Place) -> NDArray[np.uint8]:
        wanted = skeleton(place.area_id)
        first = np.array([skeleton(_first_unit(path)) == wanted for path in self._paths] + [False])
        return np.where(first[self._path], Inside.SURE, Inside.NO).astype(np.uint8)
