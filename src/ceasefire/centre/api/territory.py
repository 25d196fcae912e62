"""Who is said to hold what, and what nobody could have seen."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from ceasefire.centre.api.areas import Day
from ceasefire.centre.api.parameters import AsKnownOn
from ceasefire.centre.asking import Asking, state_asked_for, told_at
from ceasefire.model.time import local_date
from ceasefire.pipeline.control_answers import ControlOfDay, ControlOverTime
from ceasefire.pipeline.control_view import control_over_time, control_view
from ceasefire.pipeline.unseen_view import SeenOfDay, unseen_view
from ceasefire.release.policy import Operation

_FARTHEST_KM = 200
Zone = Annotated[
    str | None, QueryParameter(description="Only settlements that lie, or may lie, in it.", required=False)
]
Reach = Annotated[
    int | None,
    QueryParameter(
        description="Interpolate settlements of which nobody speaks from so near; by default none is.",
        ge=1,
        le=_FARTHEST_KM,
        required=False,
    ),
]


@get(
    "/control",
    opt={"operation": Operation.READ_CONTROL, "parameters": ("day", "zone", "reach_km", "since", "as_known_on")},
    sync_to_thread=True,
)
def read_control(
    request: Asking,
    day: Day = None,
    zone: Zone = None,
    reach_km: Reach = None,
    since: Annotated[
        date | None,
        QueryParameter(description="First local day of what changed; by default a week.", required=False),
    ] = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> ControlOfDay:
    """Return who is said to hold which settlement at the end of a day, according to whom, and what changed."""
    snapshot = state_asked_for(request)
    return control_view(
        snapshot, day or local_date(told_at(), snapshot.zone), zone_id=zone, reach_km=reach_km, since=since
    )


@get(
    "/control/over-time",
    opt={"operation": Operation.READ_CONTROL, "parameters": ("day", "zone", "reach_km", "since", "as_known_on")},
    sync_to_thread=True,
)
def read_control_over_time(
    request: Asking,
    since: Annotated[date, QueryParameter(description="First local day.")],
    day: Day = None,
    zone: Zone = None,
    reach_km: Reach = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> ControlOverTime:
    """Return who is said to have held how much at the end of each of some days up to one."""
    snapshot = state_asked_for(request)
    return control_over_time(
        snapshot, day or local_date(told_at(), snapshot.zone), since=since, zone_id=zone, reach_km=reach_km
    )


@get(
    "/unseen",
    opt={
        "operation": Operation.READ_UNSEEN,
        "parameters": ("day", "since", "sight_km", "as_known_on"),
        "tagged": False,  # no browser keeps on its disk where posts are
    },
    sync_to_thread=True,
)
def read_unseen(
    request: Asking,
    day: Day = None,
    since: Annotated[
        date | None,
        QueryParameter(
            description="First local day of a period that ends with `day`; by default that day.", required=False
        ),
    ] = None,
    sight_km: Annotated[
        int | None,
        QueryParameter(
            description="How far a post sees that does not say so; by default as the case's plan has it, else 5.",
            ge=1,
            le=_FARTHEST_KM,
            required=False,
        ),
    ] = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> SeenOfDay:
    """Return where in each zone nobody could have seen anything on a day, or at any time of a period."""
    snapshot = state_asked_for(request)
    return unseen_view(snapshot, day or local_date(told_at(), snapshot.zone), since=since, sight_km=sight_km)
