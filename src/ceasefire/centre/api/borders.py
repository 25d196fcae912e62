"""What another border of an area would change."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import get, post
from litestar.params import PathParameter, QueryParameter, RawBody
from pydantic import Field

from ceasefire.casework.entries import Line, Part
from ceasefire.centre.api.case_file_requests import read_body
from ceasefire.centre.asking import Asking, state_asked_for
from ceasefire.pipeline.borders import Aim
from ceasefire.pipeline.borders_view import (
    MOST_WEEKS,
    BordersView,
    SuggestionView,
    border_desk,
    borders_view,
    suggestion_view,
)
from ceasefire.release.policy import Operation

ZoneId = Annotated[str, PathParameter(name="zone_id", description="Id of the area.", min_length=1, max_length=200)]
Weeks = Annotated[
    int | None,
    QueryParameter(description="How many weeks of incidents count.", ge=1, le=MOST_WEEKS, required=False),
]
_AT = "/areas/{zone_id:str}/borders"
_OPERATION = Operation.COMPARE_BORDERS


class Drawing(Part):
    """Borders to compare with the one that holds."""

    drawing: dict[str, Any] = Field(description="GeoJSON: a polygon, or features of polygons, each with a `name`")
    weeks: int | None = Field(default=None, ge=1, le=MOST_WEEKS, description="how many weeks of incidents count")
    until: date | None = Field(default=None, description="their last local day; by default the record's")


class Wanted(Part):
    """What a border is to do."""

    settlement: Line = Field(description="its id or name")
    aim: Aim = Field(description="the settlement inside or outside, or the border away from it")
    km: float | None = Field(default=None, gt=0, le=50, description="by how much; by default 2")
    drawing: dict[str, Any] | None = Field(default=None, description="the border to change; by default what holds")


@get(
    "/areas/{zone_id:str}/borders", opt={"operation": _OPERATION, "parameters": ("weeks", "until")}, sync_to_thread=True
)
def read_borders(
    request: Asking,
    zone_id: ZoneId,
    weeks: Weeks = None,
    until: Annotated[
        date | None, QueryParameter(description="Their last local day; by default the record's.", required=False)
    ] = None,
) -> BordersView:
    """Return the figures of the border that holds."""
    snapshot = state_asked_for(request)
    return borders_view(snapshot, border_desk(snapshot, zone_id, weeks=weeks, until=until), None)


@post(
    "/areas/{zone_id:str}/borders", opt={"operation": _OPERATION, "body": Drawing}, status_code=200, sync_to_thread=True
)
def compare_borders(request: Asking, zone_id: ZoneId, body: RawBody) -> BordersView:
    """Compare drawn borders with the one that holds; nothing is recorded."""
    said = read_body(request, body, Drawing)
    snapshot = state_asked_for(request)
    return borders_view(snapshot, border_desk(snapshot, zone_id, weeks=said.weeks, until=said.until), said.drawing)


@post(
    f"{_AT}/suggestions",
    opt={"operation": _OPERATION, "body": Wanted},
    status_code=200,
    sync_to_thread=True,
)
def suggest_border(request: Asking, zone_id: ZoneId, body: RawBody) -> SuggestionView:
    """Change a border a little so that it reaches an aim; nothing is recorded."""
    said = read_body(request, body, Wanted)
    desk = border_desk(state_asked_for(request), zone_id)
    return suggestion_view(desk, settlement=said.settlement, aim=said.aim, km=said.km, drawing=said.drawing)


ROUTES = (read_borders, compare_borders, suggest_border)
