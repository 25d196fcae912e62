"""Whether an actor is bound by a clause in an area at an instant, and by what act of whose."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ceasefire.agreement.force import valid_at
from ceasefire.agreement.readings import Reading
from ceasefire.agreement.timeline import after_days, spans_of
from ceasefire.model.outcome import Outcome, agreed, conjunction, merged
from ceasefire.model.vocabulary import Answer

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Adherence, Clause

# Acts after which an actor is bound; all others end or exclude it.
BINDING_ACTS = frozenset({"adheres", "resumes"})
OWN_BASES = frozenset({"signed", "acceded", "declared", "resolution"})
"""Bases that are the party's own act, or bind it without one (a cited resolution)."""
Adhering = Callable[[str], Outcome]
UNKNOWN_NAME = "name:"
"""Prefix of the id of an actor that the register does not know."""


def is_bound(
    case: Case,
    clause: Clause,
    reading: Reading,
    actor: str,
    area: str | None,
    instant: int,
    adhering: Adhering | None = None,
) -> Outcome:
    """Answer whether `clause`, under `reading`, binds `actor` in `area` at `instant`.

    Parameters
    ----------
    actor : str
        An actor id; an unknown name is *undetermined*; a bucket has the answer that all it may contain share.
    area : str or None
        The area of the clause in which the event lies or may lie; None outside all of them.
    adhering : callable, optional
        Answers `adheres` for an actor; for callers that remember the answers.
    """
    if actor.startswith(UNKNOWN_NAME):
        return Outcome(Answer.UNDETERMINED, ("actor-unknown",))
    contained = members_meant(case, actor)
    if contained is not None:
        return agreed(
            (is_bound(case, clause, reading, member, area, instant) for member in contained),
            otherwise="actor-is-bucket",
        )
    adherence = adhering(actor) if adhering else adheres(case, clause, actor, area, instant)
    return conjunction([_addressed(case, reading, actor, instant), adherence])


def members_meant(case: Case, actor: str) -> tuple[str, ...] | None:
    """Return whom a bucket may mean, or None for an actor that is not a bucket."""
    record = case.actors.actors.get(actor)
    if record is None or record.kind != "bucket":
        return None
    return record.may_contain or (f"{UNKNOWN_NAME}{actor}",)


def _addressed(case: Case, reading: Reading, actor: str, instant: int) -> Outcome:
    """Answer whether the text is addressed to the actor, or to a group it belongs to."""
    groups = case.actors.groups_of(actor, instant)
    if groups & set(reading.not_bearers):
        return Outcome(Answer.NO, ("not-addressed",))
    if groups & set(reading.bearers):
        return Outcome(Answer.YES)
    if groups & set(reading.open_bearers):
        return Outcome(Answer.UNDETERMINED, ("bearer-open",))
    if not reading.bearers or case.actors.listed_under(actor, instant) & set(reading.bearers):
        return Outcome(Answer.YES)
    return Outcome(Answer.NO, ("not-addressed",))


def adheres(case: Case, clause: Clause, actor: str, area: str | None, instant: int) -> Outcome:
    """Answer whether the actor has adhered to the clause, by its own records first and its groups' next.

    A group's record reaches its members of that instant. An umbrella under which a source merely lists the actor
    passes on only what others announced, which stays *undetermined*.
    """
    groups, umbrellas = case.actors.groups_of(actor, instant), case.actors.listed_under(actor, instant)
    meant = groups | umbrellas
    records = [record for record in case.adherence if record.actor in meant and _concerns(record, clause, area)]
    own = _latest_word(case, [record for record in records if record.actor == actor], instant)
    if own is not None:
        return own
    through_groups = {
        group: outcome.resting_on(f"affiliation:{actor}>{group}")
        for group in sorted(groups - {actor})
        if (outcome := _latest_word(case, [record for record in records if record.actor == group], instant)) is not None
    }
    # a group answers before what it belongs to in turn, as it would if it were asked itself
    beyond = {
        wider
        for group in through_groups
        for wider in case.actors.groups_of(group, instant) - {group}
        if group not in case.actors.groups_of(wider, instant)
    }
    nearest = [outcome for group, outcome in through_groups.items() if group not in beyond]
    if nearest:
        return agreed(nearest, otherwise="adherence-disputed")
    listed = [
        outcome.resting_on(f"affiliation:{actor}>{umbrella}")
        for umbrella in sorted(umbrellas)
        if (outcome := _latest_word(case, [record for record in records if record.actor == umbrella], instant))
        is not None
        and outcome.answer != Answer.NO
    ]
    if listed:
        return Outcome(
            Answer.UNDETERMINED, ("adherence-second-hand",), merged(cite for part in listed for cite in part.cites)
        )
    return Outcome(Answer.NO, ("no-adherence-recorded",))


def _concerns(record: Adherence, clause: Clause, area: str | None) -> bool:
    return (
        record.instrument == clause.instrument
        and (record.clauses == "all" or clause.id in record.clauses)
        and (record.areas == "all" or area in record.areas)
    )


def _latest_word(case: Case, records: Iterable[Adherence], instant: int) -> Outcome | None:
    """Return what the records of one actor say at `instant`, or None when none has taken effect."""
    effective: list[tuple[int, Adherence, Outcome]] = []
    for record in records:
        starts = spans_of(record.valid_from, case.zone)
        if record.notice_days:
            starts = tuple(after_days(span, record.notice_days) for span in starts)
        holds = valid_at(starts, spans_of(record.valid_until, case.zone), instant, doubt="adherence-date-disputed")
        if holds.answer != Answer.NO:
            effective.append((max(span.start for span in starts), record, holds))
    if not effective:
        return None
    said = [(start, record, _word_of(record, holds)) for start, record, holds in sorted(effective, key=_order)]
    own_acts = [entry for entry in said if entry[1].basis in OWN_BASES or entry[2].answer != Answer.UNDETERMINED]
    if not own_acts:
        return agreed((entry[2] for entry in said), otherwise="adherence-second-hand")
    latest = own_acts[-1]
    outcome = _certain_or_disputed(own_acts)
    later_hearsay = [entry for entry in said if entry[0] > latest[0] and entry[1].act not in BINDING_ACTS]
    if later_hearsay and outcome.answer == Answer.YES:
        return Outcome(
            Answer.CONTESTED, ("adherence-disputed",), (*outcome.cites, f"adherence:{later_hearsay[-1][1].id}")
        )
    return outcome


def _order(entry: tuple[int, Adherence, Outcome]) -> tuple[int, bool, str]:
    """Order by date; of one day, what excludes (a reservation made on signing) comes after what binds."""
    start, record, _ = entry
    return start, record.act not in BINDING_ACTS, record.id


def _certain_or_disputed(own_acts: list[tuple[int, Adherence, Outcome]]) -> Outcome:
    """Where the latest act may not have taken effect yet, it decides only if the one before says the same."""
    _, record, latest = own_acts[-1]
    if latest.answer != Answer.UNDETERMINED or len(own_acts) < 2:
        return latest
    before = _certain_or_disputed(own_acts[:-1])
    if before.answer == (Answer.YES if record.act in BINDING_ACTS else Answer.NO):
        return before.resting_on(*latest.cites)
    return agreed([latest, before], otherwise="adherence-date-disputed")


def _word_of(record: Adherence, holds: Outcome) -> Outcome:
    """Return the answer that one record gives where it holds."""
    cite = f"adherence:{record.id}"
    if record.basis == "announced-by-another":
        return Outcome(Answer.UNDETERMINED, ("adherence-second-hand",), (cite,))
    if record.basis == "represented" and not record.mandate:
        return Outcome(Answer.UNDETERMINED, ("mandate-unrecorded",), (cite,))
    if holds.answer == Answer.UNDETERMINED:
        return Outcome(Answer.UNDETERMINED, holds.reasons, (cite,))
    if record.act in BINDING_ACTS:
        return Outcome(Answer.YES, (), (cite,))
    return Outcome(Answer.NO, (record.act,), (cite,))
