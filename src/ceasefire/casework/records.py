"""A case file as it stands at one position of the ledger: folded from entries, never changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ceasefire.agreement.casework_rules import Body
from ceasefire.casework.entries import (
    DraftContent,
    EntryKind,
    OfferDetails,
    PrintedReply,
    VisitDetails,
    Voted,
)
from ceasefire.model.casework import CaseOutcome, CaseState, EvidenceGrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """When and by whom: the entry behind something."""

    position: int
    at: int
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One state that a file was in: which, since when, by which transition, why."""

    state: CaseState
    mark: Mark
    transition: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """A field's value, and the entry that set it: its revision."""

    value: Any
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two or more values for a field, given from one base; the first stands until a person settles it."""

    field: str
    base: int
    held: FieldValue
    offered: tuple[FieldValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What the evidence is worth, and why."""

    grade: EvidenceGrade
    reason: str
    evidence: tuple[str, ...]
    mark: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A reply that was asked for."""

    offer: OfferDetails
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply, and whether it came within the time asked for (None: nothing had been asked)."""

    party: str
    text: str
    on_time: bool | None
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit."""

    visit: VisitDetails
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestDeclared:
    """Who is barred from signing and voting, and why."""

    who: str
    reason: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A determination as drafted."""

    body: Body
    content: DraftContent
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A vote as recorded."""

    vote: Voted
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissent:
    """A member's dissent."""

    member: str
    on: str
    text: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """How the examination came out. Where the outcome is *determined*, the draft is what was found.

    Parameters
    ----------
    outcome : CaseOutcome
        How it came out.
    draft, signatures, vote, dissents
        As they were when the body ruled; a dissent that came later is added. None and empty where no body ruled.
    """

    outcome: CaseOutcome
    reason: str
    mark: Mark
    draft: Draft | None = None
    signatures: tuple[Mark, ...] = ()
    vote: Vote | None = None
    dissents: tuple[Dissent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyReport:
    """What became of a remedy."""

    remedy: int
    state: str
    note: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What was told to the public."""

    what: str
    names: tuple[str, ...]
    text: str
    safety_reason: str | None
    replies: tuple[PrintedReply, ...]
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A time in which the clock stood still; `until` is None while it does."""

    reason: str
    denied_by: str | None
    note: str
    mark: Mark
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment."""

    text: str
    answers: int | None
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document; `original` is the hash of what came, `served` of the copy without metadata."""

    name: str
    media_type: str
    size: int
    original: str
    served: str | None
    warning: str | None
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry of a file's history, and to which parties it was told from the beginning."""

    kind: EntryKind
    transition: str
    mark: Mark
    shared_with: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case file at one position.

    State, grade and finding are three fields: `state` says where the file stands, `grade` what the evidence is worth,
    `ruling` what a body found.

    Parameters
    ----------
    id : str
        Stable.
    number : int
        Of the files of a ledger in the order of opening, from 1.
    shares : dict of int to dict of str to int
        Of each entry told to parties: party to the position of the entry from which it was told.
    """

    id: str
    number: int
    opened: Mark
    filed_by: str | None
    fields: Mapping[str, FieldValue]
    grade: Grade
    steps: tuple[Step, ...]
    history: tuple[Act, ...]
    shares: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    assignee: str | None = None
    duplicate_of: str | None = None
    offers: tuple[Offer, ...] = ()
    replies: tuple[Reply, ...] = ()
    visits: tuple[Visit, ...] = ()
    interests: tuple[InterestDeclared, ...] = ()
    draft: Draft | None = None
    signatures: tuple[Mark, ...] = ()
    vote: Vote | None = None
    dissents: tuple[Dissent, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    remedies: tuple[RemedyReport, ...] = ()
    publications: tuple[Publication, ...] = ()
    stops: tuple[Stop, ...] = ()
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def state(self) -> CaseState:
        """Where it stands."""
        return self.steps[-1].state

    @property
    def state_since(self) -> Mark:
        """The entry that brought the state; a move names its position."""
        return self.steps[-1].mark

    @property
    def ruling(self) -> Ruling | None:
        """The last ruling, which stands until another replaces it; None once the file was taken up again."""
        return self.rulings[-1] if self.rulings and self._ruling_stands else None

    @property
    def _ruling_stands(self) -> bool:
        return not any(
            step.transition == "take-up-again" and step.mark.position > self.rulings[-1].mark.position
            for step in self.steps
        )

    @property
    def revision(self) -> int:
        """Position of the last entry about it."""
        return self.history[-1].mark.position

    @property
    def accused(self) -> tuple[str, ...]:
        """The parties accused."""
        return tuple(self.fields["accused"].value)

    @property
    def notified(self) -> frozenset[str]:
        """The parties that were asked to reply."""
        return frozenset(offer.offer.party for offer in self.offers)

    @property
    def parties(self) -> frozenset[str]:
        """The one that filed it, and those that were asked to reply: who may see it besides the centre."""
        return self.notified | ({self.filed_by} if self.filed_by else set())

    def told_to(self, position: int) -> Mapping[str, int]:
        """Return the parties that an entry was told to, each with the entry from which it was."""
        return self.shares.get(position, {})
