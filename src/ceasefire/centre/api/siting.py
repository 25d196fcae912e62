"""Where posts would see most. What is asked is sent as a body, so that none of it stands in an address or a log."""

from __future__ import annotations

from datetime import date

from litestar import get, post
from litestar.params import RawBody
from pydantic import Field

from ceasefire.assessment.outlook.rolling import HORIZONS
from ceasefire.casework.entries import Line, Part
from ceasefire.centre.api.case_file_requests import read_body
from ceasefire.centre.api.parameters import AsKnownOn
from ceasefire.centre.asking import Asking, state_asked_for
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.site_rules import SitingOptions
from ceasefire.pipeline.siting_view import (
    MOST_POSTS,
    CurveView,
    PatrolsDrawn,
    SitingChoices,
    SitingCompared,
    SitingDesk,
    SitingView,
    compared_view,
    curve_view,
    patrols_view,
    siting_choices,
    siting_view,
)
from ceasefire.release.policy import Operation

_OPERATION = Operation.SITE_POSTS
_STATE = ("as_known_on",)
_EARLIEST, _LATEST = 1800, 2200


class SitingQuestion(Part):
    """What posts are asked for; what is left out is the plan's."""

    plan: Line | None = Field(default=None, description="id of a plan; by default the case's only one")
    posts: int | None = Field(default=None, ge=1, le=MOST_POSTS, description="how many")
    objective: Line = Field(default="events", description="one of `objectives` of what can be asked")
    first_day: date | None = Field(default=None, description="first local day of the incidents that count")
    last_day: date | None = Field(default=None, description="their last local day")
    zone: Line | None = Field(default=None, description="only incidents that may lie in it count; a grid lies over it")
    grid_km: float | None = Field(
        default=None, ge=0.5, le=200, description="in place of the plan's places: a grid over the zone, so wide"
    )
    range_km: float | None = Field(default=None, gt=0, le=200, description="how far one sees from a post")
    line: Line | None = Field(default=None, description="the line to keep off, or to see")
    from_line_km: float | None = Field(default=None, ge=0, le=200, description="how far posts keep off it")
    apart_km: float | None = Field(default=None, ge=0, le=200, description="how far posts keep from each other")
    from_outlook: int | None = Field(
        default=None, ge=1, le=HORIZONS, description="so many weeks ahead of the outlook, in place of past incidents"
    )
    outlook_count: Line = Field(default="alleged-or-open", description="which of the outlook's counts")
    worst_share: float | None = Field(
        default=None, gt=0, le=1, description="miss least in so large a share of the samples, the worst"
    )
    sides: tuple[Line, ...] = Field(default=(), max_length=20, description="between whom it is fair; by default all")


class CurveQuestion(SitingQuestion):
    """From how many posts to how many."""

    fewest: int = Field(default=1, ge=1, le=MOST_POSTS, description="from so many on; `next` of the answer before")
    most: int = Field(ge=1, le=MOST_POSTS, description="to so many")


class ComparisonQuestion(SitingQuestion):
    """With whose posts the best is compared."""

    operator: Line = Field(description="an actor with observation posts")


@get("/siting", opt={"operation": _OPERATION, "parameters": _STATE, "tagged": False}, sync_to_thread=True)
def read_siting(request: Asking, as_known_on: AsKnownOn = None) -> SitingChoices:  # noqa: ARG001
    """Return what can be asked: the plans of the case, objectives, operators."""
    return siting_choices(state_asked_for(request))


@post(
    "/siting",
    opt={"operation": _OPERATION, "body": SitingQuestion, "parameters": _STATE},
    status_code=200,
    sync_to_thread=True,
)
def site_posts(request: Asking, body: RawBody, as_known_on: AsKnownOn = None) -> SitingView:  # noqa: ARG001
    """Say where posts would see most, proved best or with the gap that is left; nothing is recorded."""
    options = _options(read_body(request, body, SitingQuestion))
    return siting_view(_desk(request), state_asked_for(request), options)


@post(
    "/siting/curve",
    opt={"operation": _OPERATION, "body": CurveQuestion, "parameters": _STATE},
    status_code=200,
    sync_to_thread=True,
)
def read_siting_curve(request: Asking, body: RawBody, as_known_on: AsKnownOn = None) -> CurveView:  # noqa: ARG001
    """Say what each further post adds, a part at a time: ask on with `next`."""
    said = read_body(request, body, CurveQuestion)
    return curve_view(_desk(request), state_asked_for(request), _options(said), fewest=said.fewest, most=said.most)


@post(
    "/siting/comparison",
    opt={"operation": _OPERATION, "body": ComparisonQuestion, "parameters": _STATE},
    status_code=200,
    sync_to_thread=True,
)
def compare_posts(request: Asking, body: RawBody, as_known_on: AsKnownOn = None) -> SitingCompared:  # noqa: ARG001
    """Hold posts as they stood against the best places for as many."""
    said = read_body(request, body, ComparisonQuestion)
    return compared_view(_desk(request), state_asked_for(request), _options(said), said.operator)


@post(
    "/siting/patrols",
    opt={"operation": _OPERATION, "body": SitingQuestion, "parameters": _STATE},
    status_code=200,
    sync_to_thread=True,
)
def draw_patrols(request: Asking, body: RawBody, as_known_on: AsKnownOn = None) -> PatrolsDrawn:  # noqa: ARG001
    """Draw a week of patrols by chance; each time another, and none is kept."""
    options = _options(read_body(request, body, SitingQuestion))
    return patrols_view(_desk(request), state_asked_for(request), options)


def _desk(request: Asking) -> SitingDesk:
    desk: SitingDesk = request.app.state.siting
    return desk


def _options(said: SitingQuestion) -> SitingOptions:
    """Return what was asked.

    Raises
    ------
    UsageError
        When days lie in no year of a ceasefire, or the wrong way around.
    """
    for each in (said.first_day, said.last_day):
        if each is not None and not _EARLIEST <= each.year <= _LATEST:
            raise UsageError(f"{each} lies in no year of a ceasefire.", "Ask for a day of the record.")
    if said.first_day and said.last_day and said.last_day < said.first_day:
        raise UsageError(f"The last day, {said.last_day}, is before the first, {said.first_day}.", "Exchange them.")
    return SitingOptions(
        plan=said.plan,
        posts=said.posts,
        objective=said.objective,
        first_day=None if said.first_day is None else said.first_day.isoformat(),
        last_day=None if said.last_day is None else said.last_day.isoformat(),
        zone=said.zone,
        grid_km=said.grid_km,
        range_km=said.range_km,
        line=said.line,
        from_line_km=said.from_line_km,
        apart_km=said.apart_km,
        sides=said.sides,
        from_outlook=said.from_outlook,
        outlook_count=said.outlook_count,
        worst_share=said.worst_share,
    )


ROUTES = (read_siting, site_posts, read_siting_curve, compare_posts, draw_patrols)
