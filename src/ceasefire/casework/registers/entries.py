"""What the ledger says of two registers: the kinds of entries, and the schema of each payload.

Nothing here holds an entry of a list that is still sealed: the list lies enciphered in the batches, and its key with
the party that submitted it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from ceasefire.casework.entries import By, Day, Hash, Ids, Instant, Line, Part, Position, Text
from ceasefire.model.case_types import Identifier
from ceasefire.model.vocabulary import PlacePrecision, TimePrecision

ALL_KINDS = "all"
"""In place of an act: every entry, of whatever kind."""
MOST_ENTRIES = 5000


class RegisterKind(StrEnum):
    """The kinds of entries of two registers. None of them changes what is derived from reports."""

    DAY_SET = "register-day-set"
    CLOSED = "register-closed-early"
    SUBMITTED = "register-list-submitted"
    KEY_GIVEN = "register-list-key"
    ABSENT = "register-list-absent"
    AMENDED = "register-amendment"
    MATCHED = "register-matched"
    SETTLED = "register-pair-settled"
    ANSWERED = "register-answer"
    FIGURE = "register-figure-proposed"
    SIGNED = "register-figure-signed"
    UNSIGNED = "register-signature-withdrawn"
    GROUNDS = "register-independence-stated"


class AnswerWord(StrEnum):
    """What one side says of an entry of the other. None of them is an admission that its own side did it."""

    CONFIRMS = "confirms"
    """That it happened as listed."""
    DISPUTES = "disputes"
    CANNOT_CONFIRM = "cannot-confirm"
    NO_ANSWER = "no-answer"
    """The beginning of every entry; said aloud, it takes an answer back."""


class Change(StrEnum):
    """What an amendment does. The list as opened stays as it is."""

    ADD = "add"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


class Verdict(StrEnum):
    """What a person says of two entries."""

    ONE_EVENT = "one-event"
    DIFFERENT_EVENTS = "different-events"


RegisterDayId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=300)]
EntryNo = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f-\x9f](.*[^\s])?$", max_length=80)]
"""The number that a side gives its entry; no two of one list alike."""
ActorText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""An id of an actor, or ``name:`` and a name nobody of the case bears."""
_Count = Annotated[int, Field(ge=0, le=10_000_000)]


class ListEntry(Part):
    """One entry of a list: what a side alleges."""

    no: EntryNo
    occurred_from: Instant | None = None
    occurred_until: Instant | None = None
    time_precision: TimePrecision | None = None
    place_name: Line | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    place_precision: PlacePrecision | None = None
    place_radius_km: Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)] | None = None
    area_name: Line | None = None
    acts: Ids = ()
    accused: Annotated[tuple[ActorText, ...], Field(max_length=20)] = ()
    targets: Annotated[tuple[ActorText, ...], Field(max_length=20)] = ()
    sides: Annotated[tuple[tuple[ActorText, ...], ...], Field(max_length=2)] = Field(
        default=(), description="of a clash whose direction is not said"
    )
    is_total: bool = Field(default=False, description="it counts several events")
    killed_low: _Count | None = None
    killed_best: _Count | None = None
    killed_high: _Count | None = None
    injured_low: _Count | None = None
    injured_best: _Count | None = None
    injured_high: _Count | None = None
    lineage: Annotated[tuple[ActorText, ...], Field(max_length=20)] = ()
    text: Text | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> ListEntry:
        if (self.occurred_from is None) != (self.occurred_until is None):
            raise ValueError("an interval with one end")
        start, end = self.occurred_from, self.occurred_until
        if start is not None and end is not None and end < start:
            raise ValueError("an interval that ends before it begins")
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("a latitude without a longitude, or the other way round")
        if self.latitude is not None and self.place_radius_km is None:
            raise ValueError("a point without the radius within which it is known")
        return self


class SealedList(Part):
    """What lies in the envelope."""

    format: Literal[1]
    register_day_id: RegisterDayId
    party: Identifier
    entries: Annotated[tuple[ListEntry, ...], Field(max_length=MOST_ENTRIES)]

    @model_validator(mode="after")
    def _numbers_differ(self) -> SealedList:
        numbers = [entry.no for entry in self.entries]
        twice = sorted({no for no in numbers if numbers.count(no) > 1}) if len(set(numbers)) < len(numbers) else []
        if twice:
            raise ValueError(f"entries of one number: {', '.join(twice)}")
        return self


class RegisterPayload(Part):
    """Of every entry about one register day."""

    register_day_id: RegisterDayId
    by: By


class DaySet(RegisterPayload):
    """The centre asks two parties for their lists of one day."""

    day: Day
    parties: tuple[Identifier, Identifier]
    cut_off: Instant

    @model_validator(mode="after")
    def _two(self) -> DaySet:
        if self.parties[0] == self.parties[1]:
            raise ValueError("a party cannot keep both registers")
        return self


class Closed(RegisterPayload):
    """Both lists are in, and the centre does not wait for the cut-off."""

    reason: Text


class Submitted(RegisterPayload):
    """A list, sealed: neither its entries nor their number are told."""

    party: Identifier
    key_hash: Hash
    content: dict[Literal["sealed"], Hash]


class KeyGiven(RegisterPayload):
    """A party opens its list."""

    party: Identifier
    submission: Position
    key: Annotated[str, StringConstraints(min_length=52, max_length=80)]


class Absent(RegisterPayload):
    """A party's list is not waited for any longer."""

    party: Identifier
    why: Literal["not-submitted", "not-opened"]
    reason: Text


class Amended(RegisterPayload):
    """A party changes what its list says; the list itself stays as it was opened."""

    party: Identifier
    change: Change
    no: EntryNo
    entry: ListEntry | None = None
    reason: Text

    @model_validator(mode="after")
    def _says_what(self) -> Amended:
        if (self.entry is None) != (self.change is Change.WITHDRAW):
            raise ValueError("an added or corrected entry is given whole, a withdrawn one is not given")
        if self.entry is not None and self.entry.no != self.no:
            raise ValueError("an entry of another number than the amendment")
        return self


class Proposal(Part):
    """Entries that the program holds to be of one event, or perhaps."""

    group: Literal["both", "doubtful", "covers"]
    entries_a: Annotated[tuple[EntryNo, ...], Field(max_length=200)] = ()
    entries_b: Annotated[tuple[EntryNo, ...], Field(max_length=200)] = ()
    candidates_a: Annotated[tuple[EntryNo, ...], Field(max_length=MOST_ENTRIES)] = ()
    candidates_b: Annotated[tuple[EntryNo, ...], Field(max_length=MOST_ENTRIES)] = ()
    match_probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    differs: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    days_apart: Annotated[float, Field(allow_inf_nan=False)] | None = None
    km_apart: Annotated[float, Field(allow_inf_nan=False)] | None = None
    killed_apart: int | None = None
    injured_apart: int | None = None


class Matched(RegisterPayload):
    """The program proposed which entries of the two lists tell one event."""

    method: Line = Field(description="by which weights")
    proposals: Annotated[tuple[Proposal, ...], Field(max_length=2 * MOST_ENTRIES)]


class Settled(RegisterPayload):
    """A person says whether an entry of the one list and one of the other are of one event."""

    entry_a: EntryNo
    entry_b: EntryNo
    verdict: Verdict
    reason: Text


class Answered(RegisterPayload):
    """A side answers an entry of the other."""

    party: Identifier = Field(description="who answers")
    no: EntryNo = Field(description="of the other side's list")
    answer: AnswerWord
    reason: Text


class FigureProposed(RegisterPayload):
    """A number that both sides may sign."""

    kind: Identifier = Field(description="an act, or all")
    low: _Count
    high: _Count
    counts: Text = Field(description="what is counted, in a sentence")

    @model_validator(mode="after")
    def _range(self) -> FigureProposed:
        if self.high < self.low:
            raise ValueError("a range whose high end is below its low end")
        return self


class Signed(RegisterPayload):
    """A liaison signs a figure for its party."""

    party: Identifier
    figure: Position


class Unsigned(RegisterPayload):
    """A liaison withdraws a signature; that it was given stays on record."""

    party: Identifier
    figure: Position
    reason: Text


class GroundsStated(RegisterPayload):
    """Why the two lists may be treated as independent for one kind: an estimate rests on it."""

    kind: Identifier
    reason: Text


REGISTER_PAYLOADS: dict[RegisterKind, type[RegisterPayload]] = {
    RegisterKind.DAY_SET: DaySet,
    RegisterKind.CLOSED: Closed,
    RegisterKind.SUBMITTED: Submitted,
    RegisterKind.KEY_GIVEN: KeyGiven,
    RegisterKind.ABSENT: Absent,
    RegisterKind.AMENDED: Amended,
    RegisterKind.MATCHED: Matched,
    RegisterKind.SETTLED: Settled,
    RegisterKind.ANSWERED: Answered,
    RegisterKind.FIGURE: FigureProposed,
    RegisterKind.SIGNED: Signed,
    RegisterKind.UNSIGNED: Unsigned,
    RegisterKind.GROUNDS: GroundsStated,
}
