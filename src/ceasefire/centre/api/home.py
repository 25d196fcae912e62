"""What one sees first: since yesterday, the calendar of obligations, the log of access; and the commission's pack."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Response, get
from litestar.exceptions import PermissionDeniedException
from litestar.params import QueryParameter

from ceasefire.casework.permissions import takes_part
from ceasefire.centre.api.case_files import desk_of, person_of, working
from ceasefire.centre.api.parameters import AsKnownOn, FromDay, UntilDay
from ceasefire.centre.api.registers import keeping
from ceasefire.centre.api.watching import WEEK_PATTERN
from ceasefire.centre.asking import (
    Asking,
    ToldResponse,
    moment_asked_for,
    record_of,
    state_asked_for,
    told_at,
    viewer_of,
)
from ceasefire.pipeline.access_view import AccessLog, access_view
from ceasefire.pipeline.calendar_view import MONTH_PATTERN, Calendar, calendar_view
from ceasefire.pipeline.home_view import Home, home_view
from ceasefire.pipeline.packs import make_pack, register_days
from ceasefire.pipeline.selection import period_of
from ceasefire.release.classes import ReleaseClass
from ceasefire.release.policy import MISSION_ROLES, Operation

PDF = "application/pdf"


@get(
    "/home",
    # due dates pass without anything being recorded
    opt={"operation": Operation.READ_HOME, "parameters": ("as_known_on",), "tagged": False},
    sync_to_thread=True,
)
def read_home(request: Asking, as_known_on: AsKnownOn = None) -> Home:  # noqa: ARG001
    """Return what one sees first: what changed since yesterday, what is overdue, what concerns one's own party."""
    as_of = desk_of(request).position(moment_asked_for(request))
    snapshot = state_asked_for(request)
    with working(request) as casework:
        return home_view(record_of(request), snapshot, casework, as_of=as_of, told_at=told_at())


@get(
    "/home/calendar",
    opt={"operation": Operation.READ_HOME, "parameters": ("month", "as_known_on"), "tagged": False},
    sync_to_thread=True,
)
def read_calendar(
    request: Asking,
    month: Annotated[
        str | None,
        QueryParameter(
            description="Such as 2017-10; by default the latest up to now in which something falls due.",
            schema_extra={"pattern": MONTH_PATTERN},
            max_length=7,
            required=False,
        ),
    ] = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> Calendar:
    """Return a month of obligations: what falls due on which day, and what the record shows of it."""
    return calendar_view(state_asked_for(request), told_at(), month=month)


@get(
    "/home/access",
    opt={"operation": Operation.READ_HOME, "parameters": ("from", "until", "as_known_on"), "moves_by": "minute"},
    sync_to_thread=True,
)
def read_access(
    request: Asking,
    first_day: FromDay = None,
    last_day: UntilDay = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> AccessLog:
    """Return what could be seen and what could not, by side, with the reasons given."""
    as_of = desk_of(request).position(moment_asked_for(request))
    snapshot = state_asked_for(request)
    first, last = (day.isoformat() if day else None for day in (first_day, last_day))
    with working(request) as casework:
        return access_view(
            snapshot,
            casework.seen(as_of=as_of),
            casework.person,
            parties=casework.parties(as_of=as_of),
            period=period_of(snapshot.zone, first_day=first, last_day=last),
            position=casework.ledger.size if as_of is None else as_of,
            told_at=told_at(),
        )


@get(
    "/pack",
    opt={
        "operation": Operation.READ_PACK,
        "parameters": ("week", "meeting", "body", "language", "release", "as_known_on"),
        "tagged": False,
        "media": {PDF: {"type": "string", "format": "binary"}},
    },
    media_type=PDF,
    sync_to_thread=True,
)
def read_pack(
    request: Asking,
    week: Annotated[
        str,
        QueryParameter(
            description="ISO week of local days whose contested clause checks are put, such as 2017-W39.",
            schema_extra={"pattern": WEEK_PATTERN},
            max_length=8,
        ),
    ],
    meeting: Annotated[date | None, QueryParameter(description="Local day of the meeting.", required=False)] = None,
    body_id: Annotated[
        str | None,
        QueryParameter(
            name="body", description="Id of the body; by default the case's first.", max_length=100, required=False
        ),
    ] = None,
    language: Annotated[
        str | None,
        QueryParameter(description="One alone; by default all of the case's.", max_length=20, required=False),
    ] = None,
    release: Annotated[
        ReleaseClass, QueryParameter(description="For whom; only the mission may ask for its own.")
    ] = ReleaseClass.PUBLIC,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> Response[bytes]:
    """Return the pack of a joint commission's meeting, as PDF."""
    viewer = viewer_of(request)
    if release is ReleaseClass.MISSION and not viewer.roles & MISSION_ROLES:
        raise PermissionDeniedException("Your role does not allow this.")
    as_of = desk_of(request).position(moment_asked_for(request))
    snapshot = state_asked_for(request)
    person = person_of(request)
    with keeping(request) as registers:  # one open ledger at a time: who holds two could wait for ever
        position = registers.ledger.size if as_of is None else as_of
        days = register_days(registers, week, as_of=position)
    with working(request) as casework:
        last = next(casework.ledger.entries(position, after=position - 1))
        content = make_pack(
            snapshot.case,
            incidents=snapshot.incidents,
            findings=snapshot.findings,
            reports=snapshot.reports,
            case_files=casework.seen(as_of=position),
            sees=lambda one: takes_part(one, person),
            registers=days,
            position=position,
            root=casework.ledger.root(position),
            instant=last.recorded_at,
            week=week,
            meeting=None if meeting is None else meeting.isoformat(),
            body=body_id,
            language=language,
            release=release,
        )
    name = f'attachment; filename="pack-{week}.pdf"'
    return ToldResponse(content, media_type=PDF, headers={"content-disposition": name})
