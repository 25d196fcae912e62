"""The shape of `control.yaml`: settlements, and what is said of who holds them. Statements, never a colour on a map."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ceasefire.model.case_types import CaseFile, Identifier, MomentText, Names, Range, Sourced
from ceasefire.territory.records import PeopleCount


class Settlement(Sourced):
    """A place where people live."""

    id: Identifier
    names: Names
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    uncertainty_km: float = Field(default=0, ge=0, description="how far it may lie from the point")
    unit: str | None = Field(default=None, description="administrative units, the largest first, joined by `/`")
    people: tuple[PeopleCount, ...] = ()


class ControlStatement(Sourced):
    """What one source says of who holds one settlement."""

    id: Identifier
    settlement: Identifier
    says: Literal["holds", "takes", "leaves", "fought-over"]
    actors: tuple[Identifier, ...] = Field(min_length=1, description="several: together, or against each other")
    taken_from: tuple[Identifier, ...] = Field(default=(), description="of a taking: who held it until then")
    valid_from: MomentText
    valid_until: MomentText | None = Field(
        default=None, description="last moment spoken for; of a taking or leaving, when it had happened at the latest"
    )
    said: MomentText | None = Field(default=None, description="when it was said")
    speaker: Identifier | None = None

    @model_validator(mode="after")
    def _taken_from_whom(self) -> ControlStatement:
        if self.taken_from and self.says != "takes":
            raise ValueError("only a statement that says `takes` names whom it was taken from")
        if set(self.taken_from) & set(self.actors):
            raise ValueError("an actor cannot take a settlement from itself; name the others alone")
        return self


class ControlCount(Sourced):
    """How many settlements of an area somebody is said to have taken or held, which of them unsaid."""

    id: Identifier
    says: Literal["takes", "holds"]
    actor: Identifier
    taken_from: tuple[Identifier, ...] = ()
    count: Range
    area: Identifier | None = Field(default=None, description="an area of the case")
    unit: str | None = Field(default=None, description="or administrative units, as in a settlement")
    leaving_out: tuple[Identifier, ...] = Field(default=(), description="settlements that the count does not include")
    valid_from: MomentText
    valid_until: MomentText
    said: MomentText | None = None
    speaker: Identifier | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> ControlCount:
        if (self.area is None) == (self.unit is None):
            raise ValueError("a count is over one `area` of the case or one administrative `unit`; give one of the two")
        if self.count.low is None and self.count.best is None and self.count.high is None:
            raise ValueError("a count without low, best or high says nothing; give at least one")
        return self


class ControlFile(CaseFile):
    """`control.yaml`."""

    settlements: tuple[Settlement, ...] = ()
    statements: tuple[ControlStatement, ...] = ()
    counts: tuple[ControlCount, ...] = ()
