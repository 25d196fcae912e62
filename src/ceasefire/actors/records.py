"""The shape of `actors.yaml`: names, dated affiliations, other data sets' ids."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ceasefire.model.case_types import CaseFile, Identifier, Language, MomentText, Sourced
from ceasefire.model.yaml_file import CaseRecord


class ActorName(CaseRecord):
    """One name; the first of kind *own* is the name the actor is printed under."""

    text: str = Field(min_length=1)
    language: Language
    kind: Literal["own", "name", "alias", "abbreviation", "former"] = "name"
    valid_from: MomentText | None = None
    valid_until: MomentText | None = None


class Affiliation(Sourced):
    """A dated tie of an actor to another.

    *member*: part of it; what binds or exempts it, binds or exempts the member. *command*: under its orders, likewise.
    *merged*: ceased to act under its own name, likewise. *allied*: fights beside it; passes nothing on, but its word
    is not independent of it. *listed*: counted by some source under an umbrella name; passes on only adherence
    that was announced for the umbrella.
    """

    to: Identifier
    kind: Literal["member", "command", "merged", "allied", "listed"]
    valid_from: MomentText | None = None
    valid_until: MomentText | None = None


class ExternalId(CaseRecord):
    """The id or ids of an actor in another data set, for a time."""

    scheme: Identifier
    id: str
    valid_from: MomentText | None = None
    valid_until: MomentText | None = None


class Actor(Sourced):
    """Someone who acts, is bound, or is named. A *bucket* is a label of a data set, not an actor."""

    id: Identifier
    kind: Literal[
        "state",
        "army",
        "militia",
        "armed-group",
        "umbrella",
        "bucket",
        "political",
        "monitor",
        "organisation",
        "civilians",
    ]
    names: tuple[ActorName, ...] = Field(min_length=1)
    affiliations: tuple[Affiliation, ...] = ()
    external_ids: tuple[ExternalId, ...] = ()
    may_contain: tuple[Identifier, ...] = Field(default=(), description="of a bucket: who may be meant")


class ActorsFile(CaseFile):
    """`actors.yaml`."""

    actors: tuple[Actor, ...]
