"""The shape of `areas.yaml`: zones, corridors, lines with belts, sites; every version of each."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ceasefire.model.case_types import CaseFile, Identifier, Moment, Names, Range, Sourced
from ceasefire.model.yaml_file import CaseRecord


class WidthRange(CaseRecord):
    """Kilometres on each side of a line; low and high differ where the text gives a range."""

    low: float = Field(gt=0)
    high: float = Field(gt=0)


class Stretch(CaseRecord):
    """A part of a border known less well than the rest."""

    along: tuple[tuple[float, float], ...] = Field(min_length=2, description="longitude, latitude pairs")
    uncertainty_km: float = Field(gt=0)


class AreaVersion(Sourced):
    """An area as one source or talk drew it, and from when."""

    id: Identifier
    file: str = Field(description="GeoJSON file in the case folder")
    feature: Identifier = Field(description="the feature's `id` member")
    valid_from: tuple[Moment, ...] = Field(default=(), description="empty: as long as the clause is in force")
    valid_until: tuple[Moment, ...] = ()
    standing: Literal["official", "reconstructed"]
    uncertainty_km: float = Field(ge=0)
    hole_uncertainty_km: float | None = Field(
        default=None, ge=0, description="of the borders of enclaves left out; default: as the outer border's"
    )
    uncertain_stretches: tuple[Stretch, ...] = ()
    width_km: WidthRange | None = Field(default=None, description="of a line or corridor, each side")
    radius_km: float | None = Field(default=None, gt=0, description="of a site")


class PeopleCount(Sourced):
    """How many people live in an area, according to someone."""

    count: Range
    as_of: str | None = None


class Area(Sourced):
    """A place that clauses name."""

    id: Identifier
    kind: Literal["zone", "corridor", "line", "site"]
    title: Names
    versions: tuple[AreaVersion, ...] = Field(min_length=1)
    ended_by: Literal["surrender", "capture", "evacuation", "agreement", "lapse"] | None = None
    people: tuple[PeopleCount, ...] = ()


class AreasFile(CaseFile):
    """`areas.yaml`."""

    areas: tuple[Area, ...]
