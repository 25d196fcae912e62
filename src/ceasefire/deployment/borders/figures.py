"""What lies within a border: incidents, people, settlements by holder, and whatever else was given.

Whether an incident or settlement lies within is asked as everywhere else (`territory.areas`): its place is a disc or an
administrative area, the border is known only so well, and *undetermined* is an answer that is counted apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from ceasefire.deployment.borders.ground import Ground, Settlements
from ceasefire.findings.situations import locate
from ceasefire.model.vocabulary import Answer
from ceasefire.territory.areas import AreaIndex
from ceasefire.territory.records import AreaVersion

_GEOD = Geod(ellps="WGS84")
Answers = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many lie inside a border, outside it, and where nobody can tell."""

    inside: int
    undetermined: int
    outside: int

    @classmethod
    def of(cls, answers: Answers) -> Tally:
        """Count answers."""
        counts = np.bincount(answers, minlength=len(Answer))
        return cls(
            inside=int(counts[Answer.YES]),
            undetermined=int(counts[Answer.UNDETERMINED]),
            outside=int(counts[Answer.NO]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleInside:
    """People in the settlements within a border, as far as anybody gives their number.

    Parameters
    ----------
    low, high : int or None
        Of the settlements with a known population: the least, without those of which it cannot be told whether they
        lie inside, and the most, with them. None where no settlement has one.
    unknown_inside, unknown_undetermined : int
        Settlements without a known population inside, and of which it cannot be told. They are not in `low` or `high`.
    """

    low: int | None
    high: int | None
    unknown_inside: int
    unknown_undetermined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCount:
    """What of one kind lies within a border.

    Parameters
    ----------
    tally : Tally
        Points; and polygons by the whole of them.
    length_km : float or None
        Of lines, within the border as drawn; None where there is no line of the kind.
    """

    tally: Tally
    length_km: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderFigures:
    """All figures of one border.

    Parameters
    ----------
    area_km2, length_km : float
        Geodesic; the length counts the borders of enclaves too.
    roughness : float
        Length over that of a circle of the same area: 1 for a circle, more the more the line winds. The inverse square
        is the compactness of Polsby and Popper (1991).
    parts, enclaves : int
        Separate pieces, and holes.
    incidents : Tally
    people : PeopleInside
    settlements : dict of str to Tally
        By holder.
    features : dict of str to FeatureCount
        By kind.
    """

    area_km2: float
    length_km: float
    roughness: float
    parts: int
    enclaves: int
    incidents: Tally
    people: PeopleInside
    settlements: dict[str, Tally]
    features: dict[str, FeatureCount]


def figures_of(version: AreaVersion, shape: shapely.Geometry, ground: Ground) -> BorderFigures:
    """Count what lies within a border.

    Parameters
    ----------
    version : AreaVersion
        Says how well the border is known.
    shape : Polygon or MultiPolygon
        Longitude and latitude, between -180 and 180 (see `Frame`).
    ground : Ground
        In the same frame.

    Raises
    ------
    UsageError
        When the border cannot be measured: at a pole.
    """
    index = AreaIndex({version.id: (version, shape)})
    return figures_in(index, ground, incident_answers(index, ground))


def figures_in(index: AreaIndex, ground: Ground, incidents: Answers) -> BorderFigures:
    """Count as `figures_of` does, with the index of the one border and its answers for the incidents."""
    nominal = index.nominal(index.version_ids[0])
    area, length = measure(nominal)
    polygons = shapely.get_parts(nominal)
    inside = settlement_answers(index, ground.settlements)
    return BorderFigures(
        area_km2=area,
        length_km=length,
        roughness=length / (2 * math.sqrt(math.pi * area)),
        parts=len(polygons),
        enclaves=int(shapely.get_num_interior_rings(polygons).sum()),
        incidents=Tally.of(incidents),
        people=_people(ground.settlements, inside),
        settlements=_by_holder(ground.settlements.holders, inside),
        features=_features(index, nominal, ground),
    )


def measure(shape: shapely.Geometry) -> tuple[float, float]:
    """Return the geodesic area in square kilometres and the length of all its borders in kilometres."""
    area = sum(abs(_GEOD.geometry_area_perimeter(shapely.force_2d(shapely.normalize(one)))[0]) for one in _solid(shape))
    return float(area) / 1e6, float(_GEOD.geometry_length(shapely.boundary(shape))) / 1e3


def incident_answers(index: AreaIndex, ground: Ground) -> Answers:
    """Answer for each incident whether it lies in the one area of an index; `Answer` values, shape (n,)."""
    if not ground.incidents.num_rows:
        return np.zeros(0, np.uint8)
    codes, locations = locate(ground.incidents, index, ground.boundaries)
    return np.array([location.answers[0] for location in locations], dtype=np.uint8)[codes]


def settlement_answers(index: AreaIndex, settlements: Settlements) -> Answers:
    """Answer for each settlement whether it lies in the one area of an index; `Answer` values, shape (n,)."""
    found: Answers = index.answers(settlements.longitude, settlements.latitude, settlements.uncertainty_km)[:, 0]
    return found


def _solid(shape: shapely.Geometry) -> Sequence[shapely.Geometry]:
    parts: Sequence[shapely.Geometry] = shapely.get_parts(shape).tolist()
    return parts


def _people(settlements: Settlements, inside: Answers) -> PeopleInside:
    known = np.isfinite(settlements.people_low)
    sure, maybe = inside == Answer.YES, inside == Answer.UNDETERMINED
    touched = known & (sure | maybe)
    return PeopleInside(
        low=int(settlements.people_low[known & sure].sum()) if touched.any() else None,
        high=int(settlements.people_high[touched].sum()) if touched.any() else None,
        unknown_inside=int((sure & ~known).sum()),
        unknown_undetermined=int((maybe & ~known).sum()),
    )


def _by_holder(holders: Sequence[str], inside: Answers) -> dict[str, Tally]:
    named = np.array(holders, dtype=object)
    return {holder: Tally.of(inside[named == holder]) for holder in sorted(set(holders))}


def _features(index: AreaIndex, nominal: shapely.Geometry, ground: Ground) -> dict[str, FeatureCount]:
    kinds: Mapping[str, list[shapely.Geometry]] = {each.kind: [] for each in ground.features}
    for each in ground.features:
        kinds[each.kind].extend(shapely.get_parts(each.shape))
    return {kind: _feature_count(index, nominal, np.array(shapes)) for kind, shapes in kinds.items()}


def _feature_count(index: AreaIndex, nominal: shapely.Geometry, shapes: NDArray[np.object_]) -> FeatureCount:
    dimensions = shapely.get_dimensions(shapes)
    points = shapes[dimensions == 0]
    answers = index.answers(shapely.get_x(points), shapely.get_y(points), 0.0)[:, 0]
    whole = np.array([index.answers_polygon(each)[0] for each in shapes[dimensions == 2]], dtype=np.uint8)
    lines = shapes[dimensions == 1]
    within = shapely.intersection(lines, nominal)
    return FeatureCount(
        tally=Tally.of(np.concatenate([answers, whole])),
        length_km=sum(float(_GEOD.geometry_length(each)) for each in within) / 1e3 if len(lines) else None,
    )
