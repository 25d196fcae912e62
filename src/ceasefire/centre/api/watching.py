"""Posts and coverage, a week of an area, obligations, what is new."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from ceasefire.centre.api.areas import Day
from ceasefire.centre.api.parameters import AsKnownOn, FromDay, Id, UntilDay
from ceasefire.centre.asking import Asking, language_of, record_of, state_asked_for, told_at, viewer_of
from ceasefire.model.errors import UsageError
from ceasefire.model.time import local_date
from ceasefire.model.vocabulary import ObligationState
from ceasefire.pipeline.assessment_view import AreaAssessment, assessment_view
from ceasefire.pipeline.news_view import News, news_view
from ceasefire.pipeline.obligations_view import Obligations, obligations_view
from ceasefire.pipeline.posts_view import CoverageOnRecord, Posts, coverage_view, posts_view
from ceasefire.pipeline.selection import end_of_day, period_of
from ceasefire.pipeline.week_view import AreaWeek, week_view
from ceasefire.release.policy import Operation

WEEK_PATTERN = r"^[0-9]{4}-W[0-9]{2}$"


@get(
    "/posts",
    opt={
        "operation": Operation.READ_POSTS,
        "parameters": ("day", "as_known_on"),
        "tagged": False,  # no browser keeps on its disk where posts are
    },
    sync_to_thread=True,
)
def read_posts(request: Asking, day: Day = None, as_known_on: AsKnownOn = None) -> Posts:  # noqa: ARG001
    """Return the posts, and whether each stood on a day."""
    snapshot = state_asked_for(request)
    day = day or local_date(told_at(), snapshot.zone)
    return posts_view(snapshot, day, release=viewer_of(request).release)


@get(
    "/coverage",
    opt={"operation": Operation.READ_COVERAGE, "parameters": ("from", "until", "zone", "as_known_on")},
    sync_to_thread=True,
)
def read_coverage(
    request: Asking,
    first_day: FromDay = None,
    last_day: UntilDay = None,
    zone: Annotated[
        str | None, QueryParameter(description="An area, with the posts that watch it.", required=False)
    ] = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> CoverageOnRecord:
    """Return who could have seen what, where, when."""
    snapshot = state_asked_for(request)
    first, last = (day.isoformat() if day else None for day in (first_day, last_day))
    period = period_of(snapshot.zone, first_day=first, last_day=last)
    return coverage_view(snapshot, period, zone, release=viewer_of(request).release, told_at=told_at())


@get(
    "/areas/{zone_id:str}/week",
    opt={"operation": Operation.READ_WEEK, "parameters": ("week", "as_known_on")},
    sync_to_thread=True,
)
def read_week(
    request: Asking,
    zone_id: Id,
    week: Annotated[
        str | None,
        QueryParameter(
            description="ISO week of local days; by default the latest that has an incident.",
            schema_extra={"pattern": WEEK_PATTERN},
            required=False,
        ),
    ] = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> AreaWeek:
    """Return one week of an area: counts with bounds, tolls, what is due, what could not be seen."""
    release = viewer_of(request).release
    if week is not None and not re.fullmatch(WEEK_PATTERN, week, re.ASCII):
        raise UsageError(f'"{week}" is not an ISO week.', "Write it like 2017-W39.")
    return week_view(
        state_asked_for(request), zone_id, week, release=release, told_at=told_at(), language=language_of(request)
    )


@get(
    "/areas/{zone_id:str}/assessment",
    opt={"operation": Operation.READ_ASSESSMENT, "parameters": ("as_known_on",)},
    sync_to_thread=True,
)
def read_assessment(
    request: Asking,
    zone_id: Id,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> AreaAssessment:
    """Return whether violence fell in an area with a start on record: the grade, why, in words and in figures."""
    return assessment_view(state_asked_for(request), zone_id, release=viewer_of(request).release)


@get(
    "/obligations",
    opt={
        "operation": Operation.READ_OBLIGATIONS,
        "parameters": ("day", "clause", "bearer", "state", "every_period", "as_known_on"),
        "tagged": False,  # a deadline passes without anything being recorded
    },
    sync_to_thread=True,
)
def read_obligations(
    request: Asking,
    day: Annotated[
        date | None,
        QueryParameter(description="The local day at whose end they are looked at; by default now.", required=False),
    ] = None,
    clause: Annotated[str | None, QueryParameter(description="Of one clause.", required=False)] = None,
    bearer: Annotated[str | None, QueryParameter(description="Of one actor.", required=False)] = None,
    in_state: Annotated[
        ObligationState | None, QueryParameter(name="state", description="In one state.", required=False)
    ] = None,
    every_period: Annotated[
        bool, QueryParameter(description="Every period of a duty that comes again, or the latest alone.")
    ] = False,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> Obligations:
    """Return what clauses require of whom, by when, and what the record shows of it."""
    snapshot = state_asked_for(request)
    at = told_at() if day is None else end_of_day(day.isoformat(), snapshot.zone)
    return obligations_view(
        snapshot,
        at,
        clause=clause,
        bearer=bearer,
        state=in_state,
        every_period=every_period,
        language=language_of(request),
    )


@get(
    "/whats-new",
    opt={"operation": Operation.READ_NEWS, "parameters": ("since_position", "as_known_on"), "tagged": False},
    sync_to_thread=True,
)
def read_news(
    request: Asking,
    since_position: Annotated[int, QueryParameter(description="A position of the ledger; 0 for all.", ge=0)],
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> News:
    """Return what is new since a position of the ledger."""
    release = viewer_of(request).release
    return news_view(
        record_of(request),
        state_asked_for(request),
        since_position,
        release=release,
        told_at=told_at(),
        language=language_of(request),
    )
