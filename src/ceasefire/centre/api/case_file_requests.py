"""What is sent to do something to a case file: schemas, and how a body is read by one."""

from __future__ import annotations

import json
from typing import Any, Literal, TypeVar

from litestar import post
from litestar.exceptions import HTTPException
from pydantic import Field, ValidationError

from ceasefire.casework.entries import (
    CaseFields,
    Change,
    Cites,
    Day,
    Hash,
    Ids,
    Interest,
    Line,
    Part,
    Position,
    Text,
)
from ceasefire.casework.refusals import refused
from ceasefire.casework.requests import VisitRequest
from ceasefire.centre.asking import Asking
from ceasefire.model.case_types import Identifier
from ceasefire.model.casework import Ballot, EvidenceGrade
from ceasefire.model.errors import InputError
from ceasefire.release.policy import Operation

RequestT = TypeVar("RequestT", bound=Part)
_SHARE_WITH = "parties to which it is told, besides the centre; a liaison's own always is"


class FilingRequest(Part):
    """An allegation."""

    filed_by: Identifier | None = Field(description="the party that alleges; null: the centre takes it up itself")
    fields: CaseFields


class MoveRequest(Part):
    """A transition that the case file lists as open."""

    transition: Line
    base: Position = Field(description="`base` of the case file that was before you")
    reason: Text
    details: dict[str, Any] = Field(default={}, description="of the schema that the open transition gives")


class EditRequest(Part):
    """Fields, each changed from the revision that was before you."""

    changes: tuple[Change, ...] = Field(min_length=1, max_length=20)
    rivals: Literal["refuse", "leave"] = Field(
        default="refuse",
        description="where somebody else changed a field since: refuse, with both values, and change nothing; or leave "
        "both for a person to settle, and change the others",
    )


class SettlementRequest(Part):
    """Which of several values of a field stands."""

    field: Line
    conflict: Position = Field(description="`conflict` of the conflict that was before you")
    value: Any = Field(description="one of the values, or another")
    reason: Text


class GradeRequest(Part):
    """What the evidence is worth."""

    grade: EvidenceGrade
    reason: Text
    evidence: Cites = ()


class CommentRequest(Part):
    """A comment."""

    text: Text
    answers: Position | None = Field(default=None, description="position of the comment that it answers")
    share_with: Ids = Field(default=(), description=_SHARE_WITH)


class VisitRecord(VisitRequest):
    """A visit, or an attempt at one, in local time."""

    share_with: Ids = Field(default=(), description=_SHARE_WITH)


class InterestRequest(Part):
    """An interest of someone in the outcome, which bars from drafting, signing and voting."""

    who: Line = Field(description=Interest.model_fields["who"].description)
    reason: Text


class VoteRequest(Part):
    """How the body voted on a draft."""

    draft: Position
    held_on: Day
    present: tuple[Identifier, ...] = Field(max_length=200)
    ballots: dict[Identifier, Ballot]
    minutes: Text


class DissentRequest(Part):
    """A member differs, and says why."""

    member: Identifier
    on: Literal["fact", "attribution", "breach", "all"]
    text: Text


class PublicationRequest(Part):
    """Something to be told to the public; replies are printed beside it by themselves."""

    what: Literal["determination", "progress", "spot-report"]
    names: Ids = Field(description="the parties it names")
    text: Text
    safety_reason: Text | None = Field(default=None, description="of a spot report, and of nothing else")


class ShareRequest(Part):
    """Entries made before are told to parties of the case."""

    positions: tuple[Position, ...] = Field(min_length=1, max_length=1000)
    share_with: Ids
    reason: Text


class RemedyRequest(Part):
    """What became of a remedy."""

    remedy: int = Field(ge=0, le=50, description="counted from 0")
    state: Literal["performed", "partly", "not-performed", "unverified"]
    note: Text


class StopRequest(Part):
    """The clock is to stand still."""

    reason: Literal["access-denied", "unsafe", "awaiting-evidence"]
    denied_by: Identifier | None = Field(default=None, description="of access-denied: the party that denies it")
    note: Text


class RestartRequest(Part):
    """The clock is to run again."""

    note: Text


class NotedRoot(Part):
    """A size of the ledger, and its root then, as somebody noted them."""

    size: Position
    root: Hash


class ExcerptRequest(Part):
    """Everything told to a party is to be given to it."""

    party: Identifier
    noted: tuple[NotedRoot, ...] = Field(
        default=(), max_length=100, description="further sizes and roots that the party holds, as from a bulletin"
    )


def posted(path: str, operation: Operation, body: type[Part]) -> post:
    """Return what makes a function a door to which a body is sent: described by it, and answered with what came of it.

    Parameters
    ----------
    path : str
        Of the door.
    operation : Operation
        What whoever comes has to be allowed.
    body : type of Part
        The schema; the function reads what was sent by it, see `read_body`.
    """
    return post(path, opt={"operation": operation, "body": body}, status_code=200, sync_to_thread=True)


def read_body(request: Asking, body: bytes, schema: type[RequestT]) -> RequestT:
    """Return what was sent.

    Nothing is taken for what it is not: the text "5" is no number.

    Raises
    ------
    InputError
        With every fault.
    HTTPException
        When it was not sent as JSON.
    """
    if request.content_type[0] != "application/json":
        raise HTTPException(status_code=415, detail="What is sent is read as application/json alone.")
    try:
        return schema.model_validate_json(body, strict=True)
    except ValidationError as error:
        is_json = all(fault["type"] != "json_invalid" for fault in error.errors())
        plain = json.loads(body) if is_json else None
        if not isinstance(plain, dict):
            raise InputError.single(
                "the request",
                "What was sent is not a JSON object.",
                "Nothing of it can be read.",
                "Send one, as the description of the API says.",
            ) from error
        raise refused(schema, plain, error, "the request") from error
