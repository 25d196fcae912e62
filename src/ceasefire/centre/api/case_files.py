"""Case files: read, opened and moved; edited, with both values where two people edit one field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from litestar import get, post
from litestar.params import PathParameter, QueryParameter, RawBody

from ceasefire.agreement.casework_rules import CaseworkRules
from ceasefire.casework.notices import CaseNotice
from ceasefire.casework.people import Person
from ceasefire.casework.permissions import OPENERS
from ceasefire.casework.symmetry import SymmetryTable
from ceasefire.casework.views import BodyView, CaseFileRow, CaseFileView, body_view
from ceasefire.centre.api.case_file_requests import (
    EditRequest,
    FilingRequest,
    MoveRequest,
    SettlementRequest,
    posted,
    read_body,
)
from ceasefire.centre.api.parameters import AsKnownOn, FromDay
from ceasefire.centre.asking import Asking, moment_asked_for, record_of, told_at, viewer_of
from ceasefire.model.casework import CaseOutcome, CaseState, EvidenceGrade
from ceasefire.model.roles import Role, shared
from ceasefire.model.time import day_span
from ceasefire.pipeline.case_evidence import CaseEvidence, case_evidence
from ceasefire.pipeline.casework import Casework
from ceasefire.pipeline.served_casework import ServedCasework
from ceasefire.release.policy import Operation

CaseFileId = Annotated[
    str, PathParameter(name="case_file_id", description="Id of the case file.", min_length=1, max_length=100)
]
_MOST_PARTIES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFileList:
    """The case files that one is told of."""

    position: Annotated[int, shared("Of the ledger's last entry that was read.")]
    may_open: Annotated[bool, shared("Whether you may file an allegation.")]
    case_files: Annotated[tuple[CaseFileRow, ...], shared("The latest first.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseworkView:
    """The rules of the case's casework, and its words."""

    states: Annotated[tuple[str, ...], shared("Where a file can stand.")]
    grades: Annotated[tuple[str, ...], shared("What evidence can be worth.")]
    outcomes: Annotated[tuple[str, ...], shared("How an examination can come out.")]
    due_days: Annotated[dict[str, int], shared("Local days allowed, by state; a state not named has no clock.")]
    reply_days: Annotated[int, shared("The shortest time in which a party is asked to reply.")]
    appeal_days: Annotated[int, shared("After a ruling.")]
    attachment_megabytes: Annotated[int, shared("The most that a document may have.")]
    bodies: Annotated[tuple[BodyView, ...], shared("That rule; none: nothing can be determined.")]
    may_open: Annotated[bool, shared("Whether you may file an allegation.")]
    files_for: Annotated[
        tuple[str, ...] | None, shared("Parties for which you may file; null: for any, and for the centre itself.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeList:
    """What one must know."""

    since: Annotated[int, shared("The position asked for.")]
    position: Annotated[int, shared("Of the ledger's last entry that was read: the next `since`.")]
    notices: Annotated[tuple[CaseNotice, ...], shared("In order.")]


def person_of(request: Asking) -> Person:
    """Return who works."""
    viewer = viewer_of(request)
    return Person(name=viewer.name or "public", roles=viewer.roles, parties=viewer.parties)


def desk_of(request: Asking) -> ServedCasework:
    """Return the casework that the application serves."""
    desk: ServedCasework = request.app.state.casework
    return desk


@contextmanager
def working(request: Asking) -> Iterator[Casework]:
    """Yield the casework for the one who asks."""
    with desk_of(request).of(person_of(request)) as casework:
        yield casework


_READ = {"operation": Operation.READ_CASE_FILES, "moves_by": "minute"}


@get("/case-files", opt={**_READ, "parameters": ("state", "party", "as_known_on")}, sync_to_thread=True)
def read_case_files(
    request: Asking,
    in_state: Annotated[
        CaseState | None, QueryParameter(name="state", description="Only files in this state.", required=False)
    ] = None,
    party: Annotated[
        str | None,
        QueryParameter(
            description="Only files that this party filed, or that accuse it.", max_length=100, required=False
        ),
    ] = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001  (read from the request)
) -> CaseFileList:
    """Return the case files that one is told of."""
    as_of = desk_of(request).position(moment_asked_for(request))
    with working(request) as casework:
        position = casework.ledger.size if as_of is None else as_of
        rows = casework.rows(state=None if in_state is None else in_state.value, party=party, as_of=as_of)
    return CaseFileList(position=position, may_open=_may_open(person_of(request)), case_files=rows)


@get(
    "/case-files/{case_file_id:str}",
    opt={**_READ, "parameters": ("as_known_on",)},
    sync_to_thread=True,
)
def read_case_file(request: Asking, case_file_id: CaseFileId, as_known_on: AsKnownOn = None) -> CaseFileView:  # noqa: ARG001
    """Open a case file: as far as it is told to one, with what one may do with it now, and what that still needs."""
    as_of = desk_of(request).position(moment_asked_for(request))
    with working(request) as casework:
        return casework.read(case_file_id, as_of=as_of)


@get("/case-files/{case_file_id:str}/evidence", opt={**_READ, "parameters": ("as_known_on",)}, sync_to_thread=True)
def read_case_evidence(request: Asking, case_file_id: CaseFileId, as_known_on: AsKnownOn = None) -> CaseEvidence:  # noqa: ARG001
    """Return the incidents, clause checks and reports that a case file names, as far as it tells one of them."""
    moment = moment_asked_for(request)
    as_of = desk_of(request).position(moment)
    with working(request) as casework:
        view = casework.read(case_file_id, as_of=as_of)
    snapshot = record_of(request).at(moment)
    return case_evidence(snapshot, view, release=viewer_of(request).release, told_at=told_at())


@get("/casework", opt={"operation": Operation.READ_CASE_FILES, "parameters": ()}, sync_to_thread=True)
def read_casework(request: Asking) -> CaseworkView:
    """Return the rules by which case files are worked on: days allowed, bodies that rule."""
    person = person_of(request)
    with working(request) as casework:
        return _casework(casework.rules, person)


@get("/notices", opt={**_READ, "parameters": ("since",)}, sync_to_thread=True)
def read_notices(
    request: Asking,
    since: Annotated[int, QueryParameter(description="Position of the last entry that you know.", ge=0, le=2**53)] = 0,
) -> NoticeList:
    """Return what one must know since a position of the ledger: what was told to one's party, what waits for one."""
    with working(request) as casework:
        position = casework.ledger.size
        return NoticeList(since=since, position=position, notices=casework.notices(since=since))


@get(
    "/symmetry",
    opt={
        "operation": Operation.READ_SYMMETRY,
        "moves_by": "minute",
        "parameters": ("from", "party", "as_known_on"),
        "several": ("party",),
    },
    sync_to_thread=True,
)
def read_symmetry(
    request: Asking,
    party: Annotated[
        list[str] | None,
        QueryParameter(
            description="For whom a row is made; by default all parties that files or bodies name.",
            max_items=_MOST_PARTIES,
            required=False,
        ),
    ] = None,
    first_day: FromDay = None,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
) -> SymmetryTable:
    """Return the same figures for each party, with their denominators. None of them ranks anybody."""
    as_of = desk_of(request).position(moment_asked_for(request))
    with working(request) as casework:
        from_instant = 0 if first_day is None else day_span(first_day, casework.zone).start
        parties = casework.parties(as_of=as_of) if not party else tuple(dict.fromkeys(party))
        return casework.symmetry(parties, from_instant=from_instant, as_of=as_of)


@post(
    "/case-files",
    opt={"operation": Operation.OPEN_CASE_FILE, "body": FilingRequest},
    sync_to_thread=True,
)
def open_case_file(request: Asking, body: RawBody) -> CaseFileView:
    """File an allegation."""
    said = read_body(request, body, FilingRequest)
    with working(request) as casework:
        return casework.open(said.fields.model_dump(mode="json"), filed_by=said.filed_by)


@posted("/case-files/{case_file_id:str}/moves", Operation.MOVE_CASE_FILE, MoveRequest)
def move_case_file(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Make a transition; 409 where the file has left the state that was before you."""
    said = read_body(request, body, MoveRequest)
    with working(request) as casework:
        return casework.move(case_file_id, said.transition, base=said.base, reason=said.reason, details=said.details)


@posted("/case-files/{case_file_id:str}/edits", Operation.EDIT_CASE_FILE, EditRequest)
def edit_case_file(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Change fields; 409 with both values where somebody else changed one of them since."""
    said = read_body(request, body, EditRequest)
    with working(request) as casework:
        changes = [change.model_dump(mode="json") for change in said.changes]
        return casework.edit(case_file_id, changes, leave_rivals=said.rivals == "leave")


@posted("/case-files/{case_file_id:str}/settlements", Operation.SETTLE_EDITS, SettlementRequest)
def settle_edits(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Say which of several values of a field stands."""
    said = read_body(request, body, SettlementRequest)
    with working(request) as casework:
        return casework.resolve(case_file_id, said.field, conflict=said.conflict, value=said.value, reason=said.reason)


def _may_open(person: Person) -> bool:
    return bool(person.roles & OPENERS)


def _casework(rules: CaseworkRules, person: Person) -> CaseworkView:
    days = {state.value: rules.days_allowed(state) for state in CaseState}
    return CaseworkView(
        states=tuple(state.value for state in CaseState),
        grades=tuple(grade.value for grade in EvidenceGrade),
        outcomes=tuple(outcome.value for outcome in CaseOutcome),
        due_days={state: allowed for state, allowed in days.items() if allowed is not None},
        reply_days=rules.reply_days,
        appeal_days=rules.appeal_days,
        attachment_megabytes=rules.attachment_megabytes,
        bodies=tuple(body_view(body) for body in rules.bodies),
        may_open=_may_open(person),
        files_for=None if person.is_mission else tuple(sorted(person.parties)) if Role.LIAISON in person.roles else (),
    )


ROUTES = (
    read_case_files,
    read_case_file,
    read_case_evidence,
    read_casework,
    read_notices,
    read_symmetry,
    open_case_file,
    move_case_file,
    edit_case_file,
    settle_edits,
)
