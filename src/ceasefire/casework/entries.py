"""What the ledger says of case files: the kinds of entries, and the schema of each payload.

A payload says everything that replaying it needs: under which roles it was done, by which rules a body ruled, until
when a reply was asked. So a changed file of rules never changes what was.

Past 400 lines because every schema of an entry stands on this one page.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ceasefire.agreement.casework_rules import Body
from ceasefire.model.case_types import Identifier, MomentText
from ceasefire.model.casework import Ballot, EvidenceGrade
from ceasefire.model.roles import Role


class EntryKind(StrEnum):
    """The kinds of entries of casework. None of them changes what is derived from reports."""

    OPENED = "case-file-opened"
    MOVED = "case-file-moved"
    EDITED = "case-file-edited"
    RESOLVED = "case-file-conflict-resolved"
    GRADED = "case-file-graded"
    COMMENTED = "case-file-comment"
    ATTACHED = "case-file-attached"
    VISITED = "case-file-visit"
    INTEREST = "case-file-interest"
    OFFERED = "case-file-reply-offered"
    REPLIED = "case-file-reply"
    VOTED = "case-file-vote"
    DISSENTED = "case-file-dissent"
    REMEDY = "case-file-remedy"
    PUBLISHED = "case-file-published"
    CLOCK_STOPPED = "case-file-clock-stopped"
    CLOCK_RESTARTED = "case-file-clock-restarted"
    SHARED = "case-file-shared"
    EXPORTED = "case-files-exported"


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("text with control characters")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("more than one line")
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError(f"not a day ({error}); write 2021-05-04") from error


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    AfterValidator(_printable),
    AfterValidator(_one_line),
]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True), AfterValidator(_printable)
]
Cite = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:>-]*$", max_length=200)]
"""An id of a record: a report, an incident, a finding, or ``attachment:POSITION``, ``visit:POSITION``."""
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]
Instant = Annotated[int, Field(ge=0, le=2**53)]
"""UTC microseconds."""
Position = Annotated[int, Field(ge=1, le=2**53)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Ids = Annotated[tuple[Identifier, ...], Field(max_length=50)]
Cites = Annotated[tuple[Cite, ...], Field(max_length=500)]


class Part(BaseModel):
    """A part of a payload: unknown keys refused, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class By(Part):
    """In what capacity an entry was made; who made it is the entry's author."""

    roles: tuple[Role, ...] = Field(min_length=1)
    parties: tuple[Identifier, ...] = ()


class Payload(Part):
    """Of every entry about one case file."""

    case_file_id: Identifier
    by: By
    shared_with: Ids = Field(default=(), description="parties to which this entry is told, besides the centre")


class CaseFields(Part):
    """What a case file says of the event and its clause; each field has its own revision."""

    title: Line
    summary: Text
    occurred_from: MomentText | None = None
    occurred_until: MomentText | None = None
    place: Line | None = None
    accused: Ids = ()
    clause_ids: Ids = ()
    incident_ids: Cites = ()
    finding_ids: Cites = ()
    obligation_ids: Cites = ()
    report_ids: Cites = ()


ALLEGATION_FIELDS = ("title", "summary", "occurred_from", "occurred_until", "place", "accused", "clause_ids")
"""What the one who alleges says, and those may read to whom the allegation is put."""
MISSION_FIELDS = tuple(name for name in CaseFields.model_fields if name not in ALLEGATION_FIELDS)
"""What the centre links to it."""


class Opened(Payload):
    """An allegation became a case file."""

    filed_by: Identifier | None = Field(description="the party that alleges; null: the centre took it up itself")
    fields: CaseFields


class Change(Part):
    """One field, changed from the revision that the person had before them."""

    field: str
    base: Annotated[int, Field(ge=0)] = Field(description="position of the entry that set the value seen")
    value: Any


class Edited(Payload):
    """Fields changed."""

    changes: tuple[Change, ...] = Field(min_length=1, max_length=20)


class Resolved(Payload):
    """A person settled which of several values stands."""

    field: str
    conflict: Position = Field(description="position of the entry that was the last to offer a value")
    value: Any
    reason: Text


class Graded(Payload):
    """What the evidence is worth."""

    grade: EvidenceGrade
    reason: Text
    evidence: Cites = ()


class Commented(Payload):
    """Someone said something about the file."""

    text: Text
    answers: Position | None = None


class Attached(Payload):
    """A document, sealed as it came."""

    name: Line
    media_type: Literal["image/jpeg", "image/png", "application/pdf", "application/octet-stream"]
    size: Annotated[int, Field(ge=1)]
    warning: Text | None = Field(description="why there is no copy for others than the centre; null: there is one")
    content: dict[Literal["original", "served"], Hash]


class VisitDetails(Part):
    """A visit to the place, or an attempt."""

    began_at: Instant
    ended_at: Instant
    side: Identifier = Field(description="the party that holds the place visited")
    people: Annotated[int, Field(ge=1, le=1000)] = Field(description="of the centre")
    access: Literal["full", "partial", "denied"]
    account: Text

    @model_validator(mode="after")
    def _lasts(self) -> VisitDetails:
        if self.ended_at < self.began_at:
            raise ValueError("a visit that ends before it begins")
        return self


class Visited(Payload):
    """A visit."""

    visit: VisitDetails


class Interest(Payload):
    """An interest of someone in the outcome, which bars them from signing and voting."""

    who: Line = Field(description="a name of an account, or the id of a member of a body")
    reason: Text


class OfferDetails(Part):
    """What is put to a party, and until when it may reply."""

    party: Identifier
    until: Instant
    statement: Text


class Offered(Payload):
    """A party was asked to reply."""

    offer: OfferDetails


class ReplyDetails(Part):
    """What a party says to it."""

    party: Identifier
    text: Text


class Replied(Payload):
    """A party replied, again or late."""

    reply: ReplyDetails


class Voted(Payload):
    """A body voted on a draft."""

    draft: Position
    held_on: Day
    present: tuple[Identifier, ...] = Field(max_length=200)
    ballots: dict[Identifier, Ballot]
    minutes: Text


class Dissented(Payload):
    """A member differs, and says why."""

    member: Identifier
    on: Literal["fact", "attribution", "breach", "all"]
    text: Text


class RemedyReported(Payload):
    """What became of a remedy."""

    remedy: Annotated[int, Field(ge=0)]
    state: Literal["performed", "partly", "not-performed", "unverified"]
    note: Text


class PrintedReply(Part):
    """What stands beside a publication for a party that it names: as large as what it answers."""

    party: Identifier
    text: Text | None = Field(description="its last reply in full; null: there is none")
    asked_until: Instant | None = Field(description="until when it was asked; null: it was not asked before")


class Published(Payload):
    """Something was told to the public."""

    what: Literal["determination", "progress", "spot-report"]
    names: Ids
    text: Text
    safety_reason: Text | None = None
    replies: tuple[PrintedReply, ...]

    @model_validator(mode="after")
    def _prints_everyone(self) -> Published:
        if sorted(printed.party for printed in self.replies) != sorted(self.names):
            raise ValueError("a publication prints a reply, or that there is none, for each party it names")
        if (self.safety_reason is not None) != (self.what == "spot-report"):
            raise ValueError("a spot report gives the reason of safety for which it goes first, and nothing else does")
        return self


class ClockStopped(Payload):
    """The clock stands still, for a reason."""

    reason: Literal["access-denied", "unsafe", "awaiting-evidence"]
    denied_by: Identifier | None = None
    note: Text

    @model_validator(mode="after")
    def _names_who_denies(self) -> ClockStopped:
        if self.denied_by is not None and self.reason != "access-denied":
            raise ValueError("only access-denied names who denies")
        return self


class ClockRestarted(Payload):
    """The clock runs again."""

    note: Text


class Shared(Payload):
    """Entries made before are told to the parties in `shared_with`."""

    positions: tuple[Position, ...] = Field(min_length=1, max_length=1000)
    reason: Text


class Moved(Payload):
    """The file went from one state to another; `details` are of the transition's own schema."""

    transition: str
    base: Position = Field(description="position of the entry that brought the state which the person had before them")
    reason: Text
    details: dict[str, Any] = {}
    shares: tuple[Position, ...] = Field(default=(), description="earlier entries told to `shared_with` with this one")


class NoDetails(Part):
    """A transition that says nothing but its reason."""


class Assignment(Part):
    """To whom a file is given."""

    assignee: Line


class Notice(Part):
    """The accused parties are asked to reply."""

    offers: tuple[OfferDetails, ...] = Field(min_length=1, max_length=50)


class DuplicateOf(Part):
    """Which file it repeats."""

    case_file_id: Identifier


class Settlement(Part):
    """What the parties agreed on the spot."""

    terms: Text
    agreed_by: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=50)]


class Appeal(Part):
    """Who appeals, and why is the reason."""

    party: Identifier


class Answered(Part):
    """The answer to one question."""

    answer: Literal["yes", "no", "undetermined", "contested"]
    reasons: Text
    evidence: Cites = ()

    @model_validator(mode="after")
    def _rests_on_something(self) -> Answered:
        if self.answer in ("yes", "no") and not self.evidence:
            raise ValueError(f"an answer of {self.answer} without evidence")
        return self


class Remedy(Part):
    """What is to be done, by whom, until when."""

    text: Text
    bearer: Identifier
    deadline: Day


class DraftContent(Part):
    """A determination as drafted: fact, attribution and breach are three questions with three answers."""

    clause_ids: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    time_and_place: Text = Field(description="with how well they are known")
    bound_because: Text = Field(description="why the clause bound this party, there and then")
    fact: Answered
    attribution: Answered
    attributed_to: Ids = ()
    breach: Answered
    independence: Text = Field(description="of the sources from one another")
    alternatives: Text = Field(description="other explanations that were considered")
    confidence: Text
    method: Text = Field(description="with its version")
    remedies: Annotated[tuple[Remedy, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _follows(self) -> DraftContent:
        if self.attribution.answer == "yes" and self.fact.answer != "yes":
            raise ValueError("an attribution of what is not established to have happened")
        if (self.attribution.answer == "yes") != bool(self.attributed_to):
            raise ValueError("attributed_to names whom an attribution of yes is to, and nobody otherwise")
        if self.breach.answer == "yes" and self.attribution.answer != "yes":
            raise ValueError("a breach by nobody: breach is yes only where fact and attribution are")
        return self


class DraftDetails(Part):
    """A draft, with the rules of the body that is to rule on it."""

    body: Body
    content: DraftContent


class Signing(Part):
    """Which draft is signed."""

    draft: Position


class Exported(Part):
    """A party received what was shared with it."""

    by: By
    party: Identifier
    size: Position
    root: Hash
    entries: int


PAYLOADS: dict[EntryKind, type[Payload]] = {
    EntryKind.OPENED: Opened,
    EntryKind.MOVED: Moved,
    EntryKind.EDITED: Edited,
    EntryKind.RESOLVED: Resolved,
    EntryKind.GRADED: Graded,
    EntryKind.COMMENTED: Commented,
    EntryKind.ATTACHED: Attached,
    EntryKind.VISITED: Visited,
    EntryKind.INTEREST: Interest,
    EntryKind.OFFERED: Offered,
    EntryKind.REPLIED: Replied,
    EntryKind.VOTED: Voted,
    EntryKind.DISSENTED: Dissented,
    EntryKind.REMEDY: RemedyReported,
    EntryKind.PUBLISHED: Published,
    EntryKind.CLOCK_STOPPED: ClockStopped,
    EntryKind.CLOCK_RESTARTED: ClockRestarted,
    EntryKind.SHARED: Shared,
}
