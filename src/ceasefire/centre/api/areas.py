"""Areas, the administrative units that incidents are placed in, and the base map."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import get
from litestar.params import QueryParameter

from ceasefire.centre.api.parameters import AsKnownOn
from ceasefire.centre.asking import Asking, state_asked_for, told_at
from ceasefire.model.time import local_date
from ceasefire.pipeline.units import base_map
from ceasefire.pipeline.zone_view import AreasOfDay, areas_of_day, units_shown
from ceasefire.release.policy import Operation

GEOJSON = "application/geo+json"
Day = Annotated[date | None, QueryParameter(description="The local day; by default today.", required=False)]


@get("/areas", opt={"operation": Operation.READ_AREAS, "parameters": ("day", "as_known_on")}, sync_to_thread=True)
def read_areas(request: Asking, day: Day = None, as_known_on: AsKnownOn = None) -> AreasOfDay:  # noqa: ARG001
    """Return the areas as they were drawn on a day, each with its border and the band of its uncertainty."""
    snapshot = state_asked_for(request)
    return areas_of_day(snapshot, day or local_date(told_at(), snapshot.zone))


@get(
    "/units",
    opt={"operation": Operation.READ_AREAS, "parameters": ("as_known_on",)},
    media_type=GEOJSON,
    sync_to_thread=True,
)
def read_units(request: Asking, as_known_on: AsKnownOn = None) -> dict[str, Any]:  # noqa: ARG001
    """Return the administrative units that incidents are placed in, as GeoJSON; `unit_id` leads to them."""
    return units_shown(state_asked_for(request))


@get(
    "/base-map",
    opt={"operation": Operation.READ_AREAS, "parameters": ("as_known_on",)},
    media_type=GEOJSON,
    sync_to_thread=True,
)
def read_base_map(request: Asking, as_known_on: AsKnownOn = None) -> dict[str, Any]:  # noqa: ARG001
    """Return the case's own base map, as GeoJSON: for orientation only."""
    snapshot = state_asked_for(request)
    return snapshot.kept("base map", lambda: base_map(snapshot.case))
