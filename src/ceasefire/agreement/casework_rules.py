"""How a case's complaints are handled: days allowed, bodies that rule. From `casework.yaml`, or by default."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from ceasefire.model.case_types import CaseFile, Identifier, Names
from ceasefire.model.casework import ENDED, CaseState, StandardOfProof, VotingRule
from ceasefire.model.yaml_file import CaseRecord

_Days = Annotated[int, Field(ge=1, le=3650)]

DEFAULT_DUE_DAYS: dict[CaseState, int] = {
    CaseState.ALLEGED: 3,
    CaseState.ADMISSIBLE: 2,
    CaseState.ASSIGNED: 3,
    CaseState.PARTY_NOTIFIED: 7,
    CaseState.REPLY_RECEIVED: 14,
    CaseState.VISITED: 10,
    CaseState.REVIEWED: 10,
    CaseState.DRAFTED: 5,
    CaseState.SIGNED: 14,
    CaseState.DETERMINED: 60,
    CaseState.APPEALED: 14,
}
"""Local days by the end of which a file is to have left the state. A state not named has no clock."""


class BodyMember(CaseRecord):
    """Who sits on a body."""

    id: Identifier
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    party: Identifier | None = Field(default=None, description="the party that sent them; left out: of no party")


class Body(CaseRecord):
    """A body that rules on case files, and by which rules."""

    id: Identifier
    names: Names
    mandate: Names = Field(description="what empowers it to rule, in a sentence")
    clauses: tuple[Identifier, ...] = Field(default=(), description="clauses that set it up")
    members: tuple[BodyMember, ...] = Field(min_length=1)
    quorum: int = Field(ge=1, description="members who must be present and free of interest")
    quorum_each_party: bool = Field(default=False, description="each party with a member must have one present")
    voting_rule: VotingRule
    standard_of_proof: StandardOfProof

    @model_validator(mode="after")
    def _can_meet(self) -> Body:
        ids = [member.id for member in self.members]
        if len(set(ids)) < len(ids):
            raise ValueError(f"members of one id: {', '.join(sorted({each for each in ids if ids.count(each) > 1}))}")
        if self.quorum > len(ids):
            raise ValueError(f"a quorum of {self.quorum} among {len(ids)} members can never meet")
        if self.voting_rule is VotingRule.EACH_SIDE and not any(member.party for member in self.members):
            raise ValueError("the rule each-side needs members sent by parties")
        return self


class CaseworkRules(CaseFile):
    """The rules of a case's casework."""

    due_days: dict[CaseState, _Days] = Field(default={}, description="by state; others keep the default")
    reply_days: _Days = Field(default=7, description="the shortest time in which a party is asked to reply")
    appeal_days: _Days = Field(default=30, description="after a ruling")
    attachment_megabytes: Annotated[int, Field(ge=1, le=1000)] = 50
    bodies: tuple[Body, ...] = ()

    @field_validator("due_days")
    @classmethod
    def _have_clocks(cls, days: dict[CaseState, int]) -> dict[CaseState, int]:
        ended = sorted(state.value for state in days if state in ENDED)
        if ended:
            raise ValueError(f"nothing is due in the state {', '.join(ended)}")
        return days

    def days_allowed(self, state: CaseState) -> int | None:
        """Return the local days allowed in a state; None where there is no clock."""
        return self.due_days.get(state, DEFAULT_DUE_DAYS.get(state))

    def body(self, body_id: str) -> Body | None:
        """Return a body by its id."""
        return next((body for body in self.bodies if body.id == body_id), None)


DEFAULT_RULES = CaseworkRules(format=1)
"""In effect where a case has no `casework.yaml`: the default days, and no body that could rule."""
