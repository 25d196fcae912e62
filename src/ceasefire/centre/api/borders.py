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
    MOST_KINDS,
    MOST_WEEKS,
    BordersView,
    SuggestionView,
    border_desk,
    borders_view,
    line_suggestion,
    settlement_suggestion,
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

    drawing: dict[str, Any] | None = Field(
        default=None, description="GeoJSON: a polygon, or features of polygons, each with a `name`"
    )
    weeks: int | None = Field(default=None, ge=1, le=MOST_WEEKS, description="how many weeks of incidents count")
    until: date | None = Field(default=None, description="their last local day; by default the record's")
    counted: dict[Line, dict[str, Any]] = Field(
        default={},
        max_length=MOST_KINDS,
        description="what else is counted, GeoJSON by kind, such as hospitals, roads, crossings; kept nowhere",
    )


class Wanted(Part):
    """What a border is to do: with a settlement, or along a line on record, or along lines that are given."""

    settlement: Line | None = Field(default=None, description="its id or name")
    aim: Aim = Field(default=Aim.INSIDE, description="the settlement inside or outside, or the border away from it")
    line: Line | None = Field(default=None, description="id or name of a line on record to follow")
    lines: dict[str, Any] | None = Field(default=None, description="GeoJSON of lines to follow")
    km: float | None = Field(
        default=None, gt=0, le=50, description="by how much, by default 2; of a line, how near, by default 3"
    )
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
    return borders_view(
        snapshot, border_desk(snapshot, zone_id, weeks=said.weeks, until=said.until), said.drawing, said.counted
    )


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
    if said.settlement is None:
        return line_suggestion(desk, line=said.line, lines=said.lines, km=said.km, drawing=said.drawing)
    return settlement_suggestion(desk, settlement=said.settlement, aim=said.aim, km=said.km, drawing=said.drawing)


ROUTES = (read_borders, compare_borders, suggest_border)
