"""A register day as it stands at one position of the ledger: folded from entries, never changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ceasefire.casework.records import Mark
from ceasefire.casework.registers.entries import (
    AnswerWord,
    Change,
    FigureProposed,
    ListEntry,
    Proposal,
    RegisterKind,
    Verdict,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A sealed list, and how it came.

    Parameters
    ----------
    is_late : bool
        After the cut-off.
    after_other : bool
        After the other side's list had been opened, or its key handed over: it may have been written in its knowledge.
    """

    sealed: str
    key_hash: str
    is_late: bool
    after_other: bool
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedList:
    """A list whose key was given."""

    entries: tuple[ListEntry, ...]
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A list that is not waited for any longer."""

    why: str
    reason: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A later change of a list."""

    party: str
    change: Change
    no: str
    entry: ListEntry | None
    reason: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What the program proposed."""

    method: str
    proposals: tuple[Proposal, ...]
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPair:
    """What a person said of two entries."""

    verdict: Verdict
    reason: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a side answered to an entry of the other."""

    answer: AnswerWord
    reason: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature, and its withdrawal where it was withdrawn."""

    party: str
    mark: Mark
    withdrawn: Mark | None = None
    withdrawn_because: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that both sides may sign; its id is the position of the entry that proposed it."""

    figure: FigureProposed
    mark: Mark
    signatures: tuple[Signature, ...] = ()

    @property
    def signed_by(self) -> frozenset[str]:
        """The parties whose signature stands."""
        return frozenset(signature.party for signature in self.signatures if signature.stands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why the two lists may be treated as independent for one kind."""

    kind: str
    reason: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAct:
    """One entry of the ledger, as the history lists it."""

    kind: RegisterKind
    party: str | None
    mark: Mark


EntryKey = tuple[str, str]
"""Party and number: which entry of which list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDay:
    """Two registers of one day.

    Parameters
    ----------
    id : str
        Of the day and the two parties.
    parties : tuple of str, str
        A and B, in the order in which the centre named them.
    cut_off : int
        UTC microseconds; lists that come from then on are late.
    closed : Mark or None
        The entry that closed it before the cut-off, both lists being in.
    submissions : mapping of str to tuple of Submission
        By party, in order.
    keyed : mapping of str to OpenedList
        Lists whose key was given; told to nobody else before `is_open`.
    missing : mapping of str to Missing
        Lists not waited for.
    opened : Mark or None
        The entry with which both lists, or the one that came, were opened together.
    amendments, figures, grounds, history
        In order.
    settled : mapping of (str, str) to tuple of SettledPair
        By number in A's and in B's list; the last stands.
    replies : mapping of EntryKey to tuple of Reply
        By the entry answered; the last stands.
    """

    id: str
    day: str
    parties: tuple[str, str]
    cut_off: int
    set_by: Mark
    closed: Mark | None = None
    submissions: Mapping[str, tuple[Submission, ...]] = field(default_factory=dict)
    keyed: Mapping[str, OpenedList] = field(default_factory=dict)
    missing: Mapping[str, Missing] = field(default_factory=dict)
    opened: Mark | None = None
    amendments: tuple[Amendment, ...] = ()
    matching: Matching | None = None
    settled: Mapping[tuple[str, str], tuple[SettledPair, ...]] = field(default_factory=dict)
    replies: Mapping[EntryKey, tuple[Reply, ...]] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    grounds: tuple[Grounds, ...] = ()
    history: tuple[RegisterAct, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the lists were opened."""
        return self.opened is not None

    def has_ended(self, at: int) -> bool:
        """Whether the cut-off has passed."""
        return at >= self.cut_off or self.closed is not None

    def other(self, party: str) -> str:
        """Return the other party."""
        a, b = self.parties
        return b if party == a else a

    def standing(self, party: str) -> Submission | None:
        """Return the submission that counts: the last before the cut-off, else the late one; None: none came."""
        came = self.submissions.get(party, ())
        in_time = [one for one in came if not one.is_late]
        return in_time[-1] if in_time else came[-1] if came else None

    def listed(self, party: str) -> tuple[ListEntry, ...]:
        """Return the entries of a list as it was opened; none where it is not open."""
        held = self.keyed.get(party)
        return held.entries if held is not None and self.is_open else ()

    def added(self, party: str) -> tuple[ListEntry, ...]:
        """Return the entries that a party added by amendment."""
        return tuple(
            one.entry for one in self.amendments if one.party == party and one.change is Change.ADD and one.entry
        )

    def entries(self, party: str) -> tuple[ListEntry, ...]:
        """Return the entries of a list as it was opened, then those added by amendment."""
        return (*self.listed(party), *self.added(party))

    def reply(self, party: str, no: str) -> Reply | None:
        """Return the answer that stands to an entry of `party`; None: there was none, which says nothing."""
        given = self.replies.get((party, no), ())
        return given[-1] if given else None

    def agreed(self, figure: Figure) -> bool:
        """Whether the signatures of both parties stand under a figure."""
        return figure.signed_by == frozenset(self.parties)
