"""What people give, in their own terms - local days, the id of a body - made into what an entry says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from ceasefire.agreement.casework_rules import CaseworkRules
from ceasefire.casework.entries import (
    Day,
    DraftContent,
    DraftDetails,
    Notice,
    OfferDetails,
    Part,
    Text,
    VisitDetails,
)
from ceasefire.casework.refusals import validated
from ceasefire.casework.transitions import BY_NAME
from ceasefire.model.case_types import Identifier, MomentText
from ceasefire.model.errors import UsageError
from ceasefire.model.time import day_span, local_date, parse_moment


class OfferRequest(Part):
    """A party is asked to reply."""

    party: Identifier
    statement: Text = Field(description="what is put to it")
    until_day: Day | None = Field(default=None, description="local day, to its end; by default after the reply days")


class NoticeRequest(Part):
    """The accused parties are asked to reply."""

    offers: tuple[OfferRequest, ...] = Field(min_length=1, max_length=50)
    with_allegation: bool = Field(default=True, description="whether the allegation is told to them as it was filed")


class VisitRequest(Part):
    """A visit, in local time."""

    began: MomentText
    ended: MomentText
    side: Identifier = Field(description="the party that holds the place visited")
    people: int = Field(ge=1, le=1000)
    access: Literal["full", "partial", "denied"]
    account: Text


class DraftRequest(Part):
    """A determination to be ruled on by a body of the case."""

    body_id: Identifier
    content: DraftContent


REQUESTS: dict[type[Part], type[Part]] = {Notice: NoticeRequest, VisitDetails: VisitRequest, DraftDetails: DraftRequest}
"""Details of a transition to the shape in which people give them; others are given as they are."""


def request_of(details: type[Part]) -> type[Part]:
    """Return the shape in which people give the details of a transition."""
    return REQUESTS.get(details, details)


def details_of(
    transition: str, given: Mapping[str, Any], rules: CaseworkRules, zone: ZoneInfo, *, at: int
) -> dict[str, Any]:
    """Return what an entry says for the details that a person gave.

    Raises
    ------
    InputError, UsageError
        When they are not what the transition takes; an unknown transition takes nothing.
    """
    if transition not in BY_NAME:
        return dict(given)
    request = validated(request_of(BY_NAME[transition].details), given, f"details of {transition}")
    if isinstance(request, NoticeRequest):
        offers = tuple(offer_of(offer, rules, zone, at=at) for offer in request.offers)
        return Notice(offers=offers).model_dump(mode="json")
    if isinstance(request, VisitRequest):
        return visit_of(request, zone).model_dump(mode="json")
    if isinstance(request, DraftRequest):
        body = rules.body(request.body_id)
        if body is None:
            known = ", ".join(each.id for each in rules.bodies) or "none; add it to casework.yaml of the case"
            raise UsageError(f'The case has no body "{request.body_id}".', f"Bodies: {known}.")
        return DraftDetails(body=body, content=request.content).model_dump(mode="json")
    return request.model_dump(mode="json")


def offer_of(request: OfferRequest, rules: CaseworkRules, zone: ZoneInfo, *, at: int) -> OfferDetails:
    """Return an offer of a reply with its end, which leaves at least the days that the rules give."""
    earliest = local_date(at, zone) + timedelta(days=rules.reply_days)
    last_day = earliest if request.until_day is None else date.fromisoformat(request.until_day)
    if last_day < earliest:
        raise UsageError(
            f"{request.party} is asked to reply by {last_day}; the case gives at least {rules.reply_days} days.",
            f"Ask for {earliest} or later.",
        )
    until = day_span(last_day, zone).end
    return OfferDetails(party=request.party, statement=request.statement, until=until)


def visit_of(request: VisitRequest, zone: ZoneInfo) -> VisitDetails:
    """Return a visit with its instants."""
    began, ended = (parse_moment(text, zone) for text in (request.began, request.ended))
    if began.start != began.end or ended.start != ended.end:
        raise UsageError("A visit is given without its hours.", "Write when it began and ended: 2021-05-04T09:30.")
    if ended.start < began.start:
        raise UsageError("The visit ends before it begins.", "Correct one of them.")
    return VisitDetails(
        began_at=began.start,
        ended_at=ended.start,
        side=request.side,
        people=request.people,
        access=request.access,
        account=request.account,
    )
