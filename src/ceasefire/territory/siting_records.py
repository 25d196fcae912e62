"""The shape of `siting.yaml`: where posts may stand, for whom, under what the parties consent to."""

from __future__ import annotations

from pydantic import Field

from ceasefire.model.case_types import CaseFile, Identifier, Names, Sourced
from ceasefire.model.yaml_file import CaseRecord


class SiteCandidate(Sourced):
    """A place where a post may stand."""

    id: Identifier
    name: str | None = None
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    operators: tuple[Identifier, ...] = Field(default=(), description="who may stand there; empty: any of the plan's")
    range_km: float | None = Field(default=None, gt=0, description="how far one sees from it; default: the plan's")
    road_km: float | None = Field(default=None, ge=0, description="how far the nearest passable road is")
    safe: bool | None = Field(default=None, description="false: mined, shelled or flooded; left out: nobody says")
    consented: bool | None = Field(default=None, description="whether who holds the place agrees")


class Quota(CaseRecord):
    """How many posts an operator has."""

    operator: Identifier
    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)


class Belt(CaseRecord):
    """How many posts stand in an area, of everybody or of some."""

    area: Identifier
    operators: tuple[Identifier, ...] = ()
    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)


class PatrolPlan(CaseRecord):
    """What one patrol can do in a shift."""

    patrols: int = Field(gt=0)
    shift_hours: float = Field(gt=0)
    speed_kmh: float = Field(gt=0)
    stay_minutes: float = Field(default=20, ge=0, description="at each place it visits")
    sight_km: float = Field(default=3, gt=0)


class SitingPlan(Sourced):
    """The rules under which posts are sited."""

    id: Identifier
    title: Names
    posts: int = Field(gt=0)
    area: Identifier | None = Field(default=None, description="only incidents that may lie in it count")
    quotas: tuple[Quota, ...] = ()
    belts: tuple[Belt, ...] = ()
    range_km: float = Field(gt=0)
    line: Identifier | None = Field(default=None, description="a line of the case, from which posts keep off")
    from_line_km: float | None = Field(default=None, ge=0)
    apart_km: float | None = Field(default=None, ge=0, description="how far posts keep from each other")
    road_km: float | None = Field(default=None, ge=0, description="how far a passable road may be")
    must_be_safe: bool = False
    must_be_consented: bool = False
    elevation: str | None = Field(
        default=None, description="a file of the case folder, an ESRI ASCII grid of heights: hills hide"
    )
    keep: tuple[Identifier, ...] = Field(default=(), description="posts that stand, and stay; they count")
    candidates: tuple[SiteCandidate, ...] = ()
    patrols: PatrolPlan | None = None


class SitingFile(CaseFile):
    """`siting.yaml`."""

    plans: tuple[SitingPlan, ...]
