"""Incidents sorted by situation: what is said, when, and where relative to every area.

Everything a check depends on is turned into small integers, one column after the other, so that ten million incidents
fall into a few thousand distinct situations before any question is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.findings.accounts import Profile
from ceasefire.findings.questions import Location
from ceasefire.model.vocabulary import Answer, PlacePrecision

if TYPE_CHECKING:
    from ceasefire.agreement.timeline import Timeline
    from ceasefire.territory.areas import AreaIndex

Codes = NDArray[np.int32]
_DISCS = tuple(precision.value for precision in PlacePrecision if precision.is_disc)


class AreaPolygons(Protocol):
    """Finds the polygon of an administrative area by name; `territory.boundaries.Boundaries` does."""

    def find(self, name_path: str) -> Any | None:
        """Return the polygon, or None where the name is unknown or ambiguous."""


@dataclass(frozen=True, slots=True)
class Situations:
    """Distinct situations, and which one each incident is in.

    Parameters
    ----------
    of_incident : ndarray of int32, shape (n,)
        Index into the situations.
    profile, location, first_segment, last_segment : ndarray of int32, shape (m,)
        Of each situation: indexes into `profiles` and `locations`, and the segments its interval touches.
    profiles : tuple of Profile
    locations : tuple of Location
    """

    of_incident: Codes
    profile: Codes
    location: Codes
    first_segment: Codes
    last_segment: Codes
    profiles: tuple[Profile, ...]
    locations: tuple[Location, ...]


def sort_into_situations(
    incidents: pa.Table, timeline: Timeline, areas: AreaIndex, boundaries: AreaPolygons | None
) -> Situations:
    """Give every incident its situation.

    Parameters
    ----------
    incidents : Table
        The columns of `model.schemas.INCIDENT` that say when, where and what is claimed.
    """
    first, last = timeline.segments(_instants(incidents["occurred_from"]), _instants(incidents["occurred_until"]))
    profile, claims = _dictionary(incidents["claims"])
    location, locations = locate(incidents, areas, boundaries)
    interval, intervals = _numbered(first.astype(np.int64) << 32 | last)
    combined = (profile.astype(np.int64) * len(locations) + location) * len(intervals) + interval
    of_incident, distinct = _numbered(combined)
    pair, interval_of = np.divmod(distinct, max(len(intervals), 1))
    profile_of, location_of = np.divmod(pair, max(len(locations), 1))
    bounds = intervals[interval_of]
    return Situations(
        of_incident=of_incident,
        profile=profile_of.astype(np.int32),
        location=location_of.astype(np.int32),
        first_segment=(bounds >> 32).astype(np.int32),
        last_segment=(bounds & 0xFFFFFFFF).astype(np.int32),
        profiles=tuple(Profile.read(text) for text in claims),
        locations=locations,
    )


def locate(
    incidents: pa.Table, areas: AreaIndex, boundaries: AreaPolygons | None
) -> tuple[Codes, tuple[Location, ...]]:
    """Answer, for each incident's place, whether it lies in each version of each area.

    Discs are tested as discs. A place known to an administrative area is tested as its polygon where the user has given
    one and is *undetermined* everywhere where not: a centroid is neither inside nor outside.

    Returns
    -------
    codes : ndarray of int32, shape (n,)
    locations : tuple of Location
        One a code.
    """
    precision, precisions = _dictionary(incidents["place_precision"])
    is_disc = np.isin(np.array(precisions, dtype=object), _DISCS)[precision] if precisions else np.zeros(0, bool)
    longitude = _floats(incidents["longitude"])
    is_disc &= ~np.isnan(longitude)
    everywhere_disc = bool(is_disc.all())
    discs = incidents if everywhere_disc else incidents.filter(pa.array(is_disc))
    codes, table = areas.answer_codes(
        longitude if everywhere_disc else longitude[is_disc],
        _floats(discs["latitude"]),
        np.nan_to_num(_floats(discs["place_radius_km"]), nan=0.0),
    )
    locations = [Location(tuple(Answer(int(value)) for value in row), "place-near-border") for row in table]
    if everywhere_disc:
        return codes.astype(np.int32), tuple(locations)
    all_codes = np.empty(incidents.num_rows, dtype=np.int32)
    all_codes[is_disc] = codes
    named, names = _dictionary(incidents.filter(pa.array(~is_disc))["area_name"])
    code_of_name = []
    for name in names:
        polygon = boundaries.find(name) if boundaries is not None and name else None
        code_of_name.append(len(locations))
        locations.append(_undetermined(areas) if polygon is None else _of_polygon(areas, polygon))
    all_codes[~is_disc] = np.array(code_of_name, dtype=np.int32)[named]
    return all_codes, tuple(locations)


def _undetermined(areas: AreaIndex) -> Location:
    return Location((Answer.UNDETERMINED,) * len(areas.version_ids), "place-too-coarse")


def _of_polygon(areas: AreaIndex, polygon: Any) -> Location:
    return Location(tuple(Answer(int(value)) for value in areas.answers_polygon(polygon)), "place-partly-inside")


def incident_places(incidents: pa.Table) -> Mapping[str, NDArray[Any]]:
    """Return the place columns as arrays, null as NaN."""
    return {name: _floats(incidents[name]) for name in ("longitude", "latitude", "place_radius_km")}


def _instants(column: pa.ChunkedArray) -> NDArray[np.int64]:
    instants: NDArray[np.int64] = column.cast(pa.int64()).combine_chunks().to_numpy(zero_copy_only=False)
    return instants


def _floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    values: NDArray[np.float64] = column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    return values


def _dictionary(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """Return a text column as codes and the distinct texts; null is a text of its own, empty."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], type=column.type)
    texts: list[str] = array.dictionary.to_pylist()
    if array.null_count:
        codes = pc.fill_null(array.indices, len(texts))
        return codes.to_numpy(zero_copy_only=False).astype(np.int32), [*texts, ""]
    return array.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False), texts


def _numbered(values: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    """Return each value's number among the distinct ones, and these."""
    encoded = pa.array(values).dictionary_encode()
    return (
        encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False),
        encoded.dictionary.to_numpy(zero_copy_only=False),
    )
