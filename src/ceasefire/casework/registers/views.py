"""A register day as it is told to one person: no entry of a list before the lists are open.

Times are UTC in ISO 8601. What a side answered is told together with what it did not answer, which says nothing.
Past 400 lines because every field that is told, with its class, stands on this one page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from ceasefire.casework.people import Person
from ceasefire.casework.records import Mark
from ceasefire.casework.registers.entries import AnswerWord, ListEntry, RegisterKind
from ceasefire.casework.registers.estimating import UNTESTED, Estimating
from ceasefire.casework.registers.pairing import PairedRow, counts, paired
from ceasefire.casework.registers.permissions import REGISTER_PERMISSIONS, may_say
from ceasefire.casework.registers.records import Figure, RegisterDay, Reply
from ceasefire.model.roles import Role, mission, own_party, shared
from ceasefire.model.time import instant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneBy:
    """An entry of the ledger behind something."""

    position: Annotated[int, shared("Of the entry of the ledger.")]
    at: Annotated[str, shared("When it was recorded, UTC.")]
    by: Annotated[str, mission("Who made it; which party it was made for stands beside it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerToEntry:
    """What the other side says of an entry. No answer is no admission."""

    answer: Annotated[str, shared("confirms, disputes, cannot-confirm or no-answer.")]
    reason: Annotated[str | None, shared("Why; null: nothing was ever answered.")]
    done: Annotated[DoneBy | None, shared("The entry of the ledger; null likewise.")]
    earlier: Annotated[tuple[str, ...], shared("What was answered before, in order.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryContent:
    """What an entry says."""

    occurred_from: Annotated[str | None, shared("UTC; null: not dated.")]
    occurred_until: Annotated[str | None, shared("UTC, exclusive.")]
    place: Annotated[str | None, shared("As the list names it; null: it names none.")]
    latitude: Annotated[float | None, shared("Degrees; of a disc.")]
    longitude: Annotated[float | None, shared("Degrees; of a disc.")]
    radius_km: Annotated[float | None, shared("Of the disc within which it lies.")]
    acts: Annotated[tuple[str, ...], shared("Kinds of act.")]
    accused: Annotated[tuple[str, ...], shared("Whom the list accuses: ids of actors, or name: and a name.")]
    targets: Annotated[tuple[str, ...], shared("Whom it hit.")]
    killed_low: Annotated[int | None, shared("Null: not said, which is not zero.")]
    killed_best: Annotated[int | None, shared("Null: not said.")]
    killed_high: Annotated[int | None, shared("Null: not said.")]
    injured_low: Annotated[int | None, shared("Null: not said.")]
    injured_best: Annotated[int | None, shared("Null: not said.")]
    injured_high: Annotated[int | None, shared("Null: not said.")]
    text: Annotated[str | None, shared("In the words of the list.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentToEntry:
    """A later change, beside what the list says."""

    change: Annotated[str, shared("add, correct or withdraw.")]
    content: Annotated[EntryContent | None, shared("What it says now; null: it is withdrawn.")]
    reason: Annotated[str, shared("Why.")]
    done: Annotated[DoneBy, shared("The entry of the ledger.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOfList:
    """An entry of an open list."""

    no: Annotated[str, shared("The number its side gave it.")]
    is_added: Annotated[bool, shared("Whether it came by an amendment, after the lists were opened.")]
    content: Annotated[EntryContent, shared("What it said when the list was opened, or when it was added.")]
    amendments: Annotated[tuple[AmendmentToEntry, ...], shared("Later changes, in order.")]
    answer: Annotated[AnswerToEntry, shared("Of the other side.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOfSide:
    """One of the two lists. Before it is open, neither its entries nor their number are told to anybody."""

    party_id: Annotated[str, shared("Whose it is.")]
    state: Annotated[str, shared("awaited, sealed, key-given, open, not-submitted or not-opened.")]
    submitted: Annotated[DoneBy | None, shared("The submission that counts; null: none came.")]
    submissions: Annotated[int, shared("How often a list was handed in; the last before the cut-off counts.")]
    is_late: Annotated[bool, shared("Whether the one that counts came after the cut-off.")]
    came_after_other: Annotated[bool, shared("Whether it came when the other list could be known already.")]
    envelope_hash: Annotated[str | None, shared("SHA-256 of the sealed list that counts.")]
    key_hash: Annotated[str | None, shared("What the record says of its key.")]
    missing_because: Annotated[str | None, shared("Why it is not waited for.")]
    opened: Annotated[DoneBy | None, shared("When its key was given.")]
    entries: Annotated[tuple[EntryOfList, ...] | None, shared("Null until the lists are open, or where it is missing.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairOfEntries:
    """Entries that stand beside one another. Every entry is in one row."""

    group: Annotated[str, shared("both, doubtful, only-a, only-b, covers or not-compared.")]
    entries_a: Annotated[tuple[str, ...], shared("Numbers in the first list.")]
    entries_b: Annotated[tuple[str, ...], shared("Numbers in the second.")]
    candidates_a: Annotated[tuple[str, ...], shared("Of rows of their own: may be the same, or are counted by this.")]
    candidates_b: Annotated[tuple[str, ...], shared("Likewise, of the second list.")]
    match_probability: Annotated[float | None, shared("As the program has it; null: it proposed nothing.")]
    differs: Annotated[tuple[str, ...], shared("In what the two entries differ, as the program has it.")]
    km_apart: Annotated[float | None, shared("Between the two places; null: not both are points.")]
    verdict: Annotated[str | None, shared("What a person said: one-event or different-events; null: nobody did.")]
    verdict_reason: Annotated[str | None, shared("Why.")]
    verdict_done: Annotated[DoneBy | None, shared("The entry of the ledger.")]
    is_contradicted: Annotated[bool, shared("Whether what people said of these entries contradicts itself.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOfEntries:
    """How many entries are in rows of a group."""

    group: Annotated[str, shared("As in the rows.")]
    entries_a: Annotated[int, shared("Of the first list.")]
    entries_b: Annotated[int, shared("Of the second.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureOfParty:
    """A signature under a figure."""

    party_id: Annotated[str, shared("For whom.")]
    done: Annotated[DoneBy, shared("The entry of the ledger.")]
    withdrawn: Annotated[DoneBy | None, shared("The entry that withdrew it; null: it stands.")]
    withdrawn_because: Annotated[str | None, shared("Why.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureOfDay:
    """A number that both sides may sign; it is agreed while both signatures stand, and not otherwise."""

    figure: Annotated[int, shared("Its id: the position of the entry that proposed it.")]
    kind: Annotated[str, shared("An act, or all.")]
    low: Annotated[int, shared("From.")]
    high: Annotated[int, shared("To; the same where it is one number.")]
    counts: Annotated[str, shared("What is counted.")]
    is_agreed: Annotated[bool, shared("Whether the signatures of both parties stand.")]
    amended_since: Annotated[bool, shared("Whether a list was amended after a signature that stands.")]
    done: Annotated[DoneBy, shared("Who proposed it.")]
    signatures: Annotated[tuple[SignatureOfParty, ...], shared("In order, withdrawn ones as well.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleToEstimate:
    """A reason for which there is no estimate."""

    code: Annotated[str, shared("A word for programs.")]
    count: Annotated[int, shared("How many entries, rows or events it concerns.")]
    sentence: Annotated[str, shared("The reason in English.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateOfKind:
    """How many events of a kind there were, from what two lists have in common; or why that cannot be said."""

    kind: Annotated[str, shared("An act, or all.")]
    events_a: Annotated[int, shared("On the first list, events that several entries tell counted once.")]
    events_b: Annotated[int, shared("On the second.")]
    in_both: Annotated[int, shared("On both.")]
    estimate: Annotated[float | None, shared("Chapman's; null: refused.")]
    low: Annotated[float | None, shared("Of the interval.")]
    high: Annotated[float | None, shared("Of the interval.")]
    level: Annotated[float | None, shared("Of the interval.")]
    obstacles: Annotated[tuple[ObstacleToEstimate, ...], shared("Why it is refused, every reason.")]
    grounds: Annotated[str | None, shared("Why a person holds the lists to be independent; null: nobody said.")]
    untested: Annotated[tuple[str, ...], shared("Assumptions that two lists cannot show: independent, unseen-kinds.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOfDay:
    """One entry of the ledger."""

    kind: Annotated[str, shared("What was done.")]
    party_id: Annotated[str | None, shared("For which party; null: by the centre.")]
    done: Annotated[DoneBy, shared("When, by whom.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDayRow:
    """Two registers of a day, in the list of them."""

    register_day_id: Annotated[str, shared("Of the day and the parties.")]
    day: Annotated[str, shared("Local day.")]
    party_a: Annotated[str, shared("Whose the first list is.")]
    party_b: Annotated[str, shared("Whose the second is.")]
    cut_off: Annotated[str, shared("UTC.")]
    state: Annotated[str, shared("awaiting, cut-off-passed or open.")]
    closed_early: Annotated[bool, shared("Whether it was closed before the cut-off, both lists being in.")]
    state_a: Annotated[str, shared("Of the first list.")]
    state_b: Annotated[str, shared("Of the second.")]
    agreed_figures: Annotated[int, shared("Under which both signatures stand.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDayView:
    """Two registers of a day."""

    row: Annotated[RegisterDayRow, shared("As in the list.")]
    list_a: Annotated[RegisterOfSide, shared("The first.")]
    list_b: Annotated[RegisterOfSide, shared("The second.")]
    opened: Annotated[DoneBy | None, shared("The entry with which they were opened together; null: they are not.")]
    method: Annotated[str | None, shared("By which weights they were matched; null: they were not.")]
    pairs: Annotated[tuple[PairOfEntries, ...], shared("By time; none before they are matched.")]
    groups: Annotated[tuple[GroupOfEntries, ...], shared("They add up to the lists.")]
    figures: Annotated[tuple[FigureOfDay, ...], shared("Proposed, in order.")]
    estimates: Annotated[tuple[EstimateOfKind, ...], shared("By kind of act; none before the lists are open.")]
    history: Annotated[tuple[ActOfDay, ...], shared("Every entry, in order.")]
    may: Annotated[tuple[str, ...], shared("Kinds of entries that the viewer's role lets them add.")]
    speaks_for: Annotated[tuple[str, ...], shared("Those of the two parties that the viewer speaks for.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnList:
    """A party's own sealed list, read with its key; told to nobody else."""

    party_id: Annotated[str, shared("Whose it is.")]
    position: Annotated[int, shared("Of the entry that submitted it.")]
    entries: Annotated[tuple[EntryOfOwnList, ...], own_party("What it says.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOfOwnList:
    """An entry of one's own sealed list."""

    party_id: Annotated[str, shared("Whose it is.")]
    no: Annotated[str, own_party("Its number.")]
    content: Annotated[EntryContent, own_party("What it says.")]


def row_of(register_day: RegisterDay, *, at: int) -> RegisterDayRow:
    """Return a register day as the list of them tells it."""
    a, b = register_day.parties
    ended = "cut-off-passed" if register_day.has_ended(at) else "awaiting"
    return RegisterDayRow(
        register_day_id=register_day.id,
        day=register_day.day,
        party_a=a,
        party_b=b,
        cut_off=_utc(register_day.cut_off),
        state="open" if register_day.is_open else ended,
        closed_early=register_day.closed is not None,
        state_a=_list_state(register_day, a),
        state_b=_list_state(register_day, b),
        agreed_figures=sum(register_day.agreed(figure) for figure in register_day.figures),
    )


def view_of(
    register_day: RegisterDay, person: Person, *, at: int, estimates: Iterable[Estimating] = ()
) -> RegisterDayView:
    """Return a register day as it is told to a person who sees it."""
    a, b = register_day.parties
    rows = paired(register_day)
    matching = register_day.matching
    return RegisterDayView(
        row=row_of(register_day, at=at),
        list_a=_list_of(register_day, a),
        list_b=_list_of(register_day, b),
        opened=_done(register_day.opened),
        method=matching.method if matching else None,
        pairs=tuple(_pair(row) for row in rows),
        groups=tuple(
            GroupOfEntries(group=group, entries_a=of_a, entries_b=of_b)
            for group, (of_a, of_b) in (counts(rows).items() if matching else ())
        ),
        figures=tuple(_figure(register_day, figure) for figure in register_day.figures),
        estimates=tuple(_estimate(one) for one in estimates),
        history=tuple(
            ActOfDay(kind=act.kind.value, party_id=act.party, done=_surely(act.mark)) for act in register_day.history
        ),
        may=tuple(kind.value for kind in REGISTER_PERMISSIONS if _is_offered(register_day, kind, person, at)),
        speaks_for=tuple(party for party in (a, b) if party in person.parties and Role.LIAISON in person.roles),
    )


def own_list(party: str, position: int, entries: Iterable[ListEntry]) -> OwnList:
    """Return a party's own list, for its liaison."""
    told = tuple(EntryOfOwnList(party_id=party, no=entry.no, content=content_of(entry)) for entry in entries)
    return OwnList(party_id=party, position=position, entries=told)


def content_of(entry: ListEntry) -> EntryContent:
    """Return what an entry says."""
    return EntryContent(
        occurred_from=_utc(entry.occurred_from) if entry.occurred_from is not None else None,
        occurred_until=_utc(entry.occurred_until) if entry.occurred_until is not None else None,
        place=entry.place_name or entry.area_name,
        latitude=entry.latitude,
        longitude=entry.longitude,
        radius_km=entry.place_radius_km,
        acts=entry.acts,
        accused=entry.accused,
        targets=entry.targets,
        killed_low=entry.killed_low,
        killed_best=entry.killed_best,
        killed_high=entry.killed_high,
        injured_low=entry.injured_low,
        injured_best=entry.injured_best,
        injured_high=entry.injured_high,
        text=entry.text,
    )


_BEFORE_END = {RegisterKind.CLOSED}
_AFTER_END = {RegisterKind.KEY_GIVEN, RegisterKind.ABSENT}


def _is_offered(register_day: RegisterDay, kind: RegisterKind, person: Person, at: int) -> bool:
    """Whether a page offers it: allowed, and of use as the day stands."""
    if kind is RegisterKind.DAY_SET or not may_say(register_day, kind, person):
        return False
    ended = register_day.has_ended(at)
    if kind is RegisterKind.SUBMITTED:
        mine = [party for party in register_day.parties if party in person.parties]
        return not ended or any(not register_day.submissions.get(party) for party in mine)
    if kind in _AFTER_END:
        awaited = [party for party in register_day.parties if party not in register_day.keyed]
        if kind is RegisterKind.KEY_GIVEN:
            awaited = [party for party in awaited if party in person.parties and register_day.submissions.get(party)]
        else:
            awaited = [party for party in awaited if party not in register_day.missing]
        return ended and bool(awaited)
    return not (kind in _BEFORE_END and ended)


def _list_state(register_day: RegisterDay, party: str) -> str:
    if party in register_day.keyed:
        return "open" if register_day.is_open else "key-given"
    if party in register_day.missing:
        return register_day.missing[party].why
    return "sealed" if register_day.submissions.get(party) else "awaited"


def _list_of(register_day: RegisterDay, party: str) -> RegisterOfSide:
    standing, missing = register_day.standing(party), register_day.missing.get(party)
    held = register_day.keyed.get(party)
    is_open = register_day.is_open and held is not None
    return RegisterOfSide(
        party_id=party,
        state=_list_state(register_day, party),
        submitted=_done(standing.mark) if standing else None,
        submissions=len(register_day.submissions.get(party, ())),
        is_late=bool(standing and standing.is_late),
        came_after_other=bool(standing and standing.after_other),
        envelope_hash=standing.sealed if standing else None,
        key_hash=standing.key_hash if standing else None,
        missing_because=missing.reason if missing else None,
        opened=_done(held.mark) if held else None,
        entries=tuple(_entries(register_day, party)) if is_open else None,
    )


def _entries(register_day: RegisterDay, party: str) -> Iterable[EntryOfList]:
    listed = len(register_day.listed(party))
    for number, entry in enumerate(register_day.entries(party)):
        amended = [one for one in register_day.amendments if (one.party, one.no) == (party, entry.no)]
        yield EntryOfList(
            no=entry.no,
            is_added=number >= listed,
            content=content_of(entry),
            amendments=tuple(
                AmendmentToEntry(
                    change=one.change.value,
                    content=content_of(one.entry) if one.entry else None,
                    reason=one.reason,
                    done=_surely(one.mark),
                )
                for one in amended
            ),
            answer=_answer(register_day.replies.get((party, entry.no), ())),
        )


def _answer(given: tuple[Reply, ...]) -> AnswerToEntry:
    last = given[-1] if given else None
    return AnswerToEntry(
        answer=last.answer.value if last else AnswerWord.NO_ANSWER.value,
        reason=last.reason if last else None,
        done=_done(last.mark) if last else None,
        earlier=tuple(one.answer.value for one in given[:-1]),
    )


def _pair(row: PairedRow) -> PairOfEntries:
    proposal, settled = row.proposal, row.settled
    return PairOfEntries(
        group=row.group,
        entries_a=row.entries_a,
        entries_b=row.entries_b,
        candidates_a=row.candidates_a,
        candidates_b=row.candidates_b,
        match_probability=proposal.match_probability if proposal else None,
        differs=proposal.differs if proposal else (),
        km_apart=proposal.km_apart if proposal else None,
        verdict=settled.verdict.value if settled else None,
        verdict_reason=settled.reason if settled else None,
        verdict_done=_done(settled.mark) if settled else None,
        is_contradicted=row.contradicted,
    )


def _figure(register_day: RegisterDay, figure: Figure) -> FigureOfDay:
    standing = [one.mark.position for one in figure.signatures if one.stands]
    changed = [one.mark.position for one in register_day.amendments]
    return FigureOfDay(
        figure=figure.mark.position,
        kind=figure.figure.kind,
        low=figure.figure.low,
        high=figure.figure.high,
        counts=figure.figure.counts,
        is_agreed=register_day.agreed(figure),
        amended_since=bool(standing and changed and max(changed) > min(standing)),
        done=_surely(figure.mark),
        signatures=tuple(
            SignatureOfParty(
                party_id=one.party,
                done=_surely(one.mark),
                withdrawn=_done(one.withdrawn),
                withdrawn_because=one.withdrawn_because,
            )
            for one in figure.signatures
        ),
    )


def _estimate(one: Estimating) -> EstimateOfKind:
    found = one.estimate
    return EstimateOfKind(
        kind=one.kind,
        events_a=one.listed_a,
        events_b=one.listed_b,
        in_both=one.in_both,
        estimate=found.estimate if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        level=found.level if found else None,
        obstacles=tuple(
            ObstacleToEstimate(code=each.code, count=each.count, sentence=each.sentence) for each in one.obstacles
        ),
        grounds=one.grounds.reason if one.grounds else None,
        untested=UNTESTED,
    )


def _done(mark: Mark | None) -> DoneBy | None:
    return _surely(mark) if mark is not None else None


def _surely(mark: Mark) -> DoneBy:
    return DoneBy(position=mark.position, at=_utc(mark.at), by=mark.author)


def _utc(instant: int) -> str:
    return instant_text(instant).replace("+00:00", "Z")
