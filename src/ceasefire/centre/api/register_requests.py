"""What is sent to do something to two registers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ceasefire.casework.entries import Day, Line, Part, Position, Text
from ceasefire.casework.registers.entries import AnswerWord, EntryNo, Verdict
from ceasefire.model.case_types import Identifier

_LONGEST_LIST = 900_000
ListText = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_LIST)]
KeyText = Annotated[str, StringConstraints(min_length=52, max_length=100)]


class DayRequest(Part):
    """Two parties are asked for their lists of a day."""

    day: Day
    party_a: Identifier
    party_b: Identifier
    cut_off: Line = Field(description="a local date and time, such as 2021-06-15T18:00, or one with its offset")


class ReasonRequest(Part):
    """Why it is done."""

    reason: Text


class MatchRequest(Part):
    """The lists are to be matched anew; there is nothing more to say of it."""


class MissingRequest(Part):
    """A list, or its key, is not waited for any longer."""

    party: Identifier
    reason: Text


class ListRequest(Part):
    """A list as text: columns with names of their own, as docs/data-formats.md has them."""

    party: Identifier
    name: Line = Field(description="of the file, for messages")
    content: ListText = Field(description="sealed as soon as it is read, and kept nowhere else")


class SealedListRequest(Part):
    """A list that was sealed elsewhere: the file that `ceasefire registers seal` writes."""

    party: Identifier
    content: ListText


class KeyRequest(Part):
    """The key of a party's list."""

    party: Identifier
    key: KeyText


class AmendmentRequest(Part):
    """Entries added to a list that is open, or corrected, beside what it says."""

    party: Identifier
    change: Literal["add", "correct"]
    name: Line = Field(description="of the file, for messages")
    content: ListText
    reason: Text


class WithdrawalRequest(Part):
    """An entry of a list that is open is withdrawn; it stays where it is, and is said to be withdrawn."""

    party: Identifier
    no: EntryNo
    reason: Text


class VerdictRequest(Part):
    """Whether an entry of the first list and one of the second are of one event."""

    entry_a: EntryNo
    entry_b: EntryNo
    verdict: Verdict
    reason: Text


class EntryAnswerRequest(Part):
    """What a side says of an entry of the other."""

    party: Identifier = Field(description="who answers")
    no: EntryNo = Field(description="of the other side's list")
    answer: AnswerWord
    reason: Text


class FigureRequest(Part):
    """A number that both liaisons may sign."""

    kind: Identifier = Field(description="an act, or all")
    low: int = Field(ge=0, le=10_000_000)
    high: int = Field(ge=0, le=10_000_000)
    counts: Text = Field(description="what is counted, in a sentence")


class SignatureRequest(Part):
    """A figure is signed for a party."""

    party: Identifier
    figure: Position


class UnsigningRequest(Part):
    """A signature is withdrawn."""

    party: Identifier
    figure: Position
    reason: Text


class GroundsRequest(Part):
    """Why the two lists may be taken to be independent for one kind."""

    kind: Identifier
    reason: Text
