"""The reading of a clause in force at an instant, and the readings of parties that differ from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ceasefire.agreement.force import optional_span
from ceasefire.model.outcome import Outcome
from ceasefire.model.vocabulary import Answer

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause, Interpretation

# Lowest first: a reading of higher authority overlays one of lower. A party's reading binds nobody else.
AUTHORITY = ("software-default", "mission", "joint-statement", "agreed")
SETTLING = ("joint-statement", "agreed")
"""Authorities that end a difference between the parties' own readings."""
_POINTS = ("acts", "bearers", "not_bearers", "exempt", "civilians")
"""On what a reading may speak."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a clause means, under one reading or several overlaid.

    Parameters
    ----------
    ids : tuple of str
        The interpretations overlaid, lowest authority first; empty: the clause as written in the case.
    acts : tuple of str
        Acts that fall under the clause.
    bearers, not_bearers, open_bearers : tuple of str
        Whom it binds (empty: everyone adhering), does not bind, and may bind.
    covered : "adherents", "anyone" or tuple of str
        Whom it protects.
    exempt : tuple of str
        Actors it leaves out as targets.
    civilians : {"covered", "not-covered", "open"}
        Whether acts against civilians fall under it.
    """

    ids: tuple[str, ...]
    acts: tuple[str, ...]
    bearers: tuple[str, ...]
    not_bearers: tuple[str, ...]
    open_bearers: tuple[str, ...]
    covered: Literal["adherents", "anyone"] | tuple[str, ...]
    exempt: tuple[str, ...]
    civilians: Literal["covered", "not-covered", "open"]

    def overlaid(self, interpretation: Interpretation) -> Reading:
        """Return this reading with what `interpretation` says instead."""
        said = interpretation
        return replace(
            self,
            ids=(*self.ids, said.id),
            acts=self.acts if said.acts is None else said.acts,
            bearers=self.bearers if said.bearers is None else said.bearers,
            not_bearers=(
                *(actor for actor in self.not_bearers if actor not in (said.bearers or ())),
                *said.not_bearers,
            ),
            open_bearers=tuple(
                actor for actor in self.open_bearers if actor not in (*(said.bearers or ()), *said.not_bearers)
            ),
            exempt=self.exempt if said.exempt is None else said.exempt,
            civilians=self.civilians if said.civilians is None else said.civilians,
        )


@dataclass(frozen=True, slots=True)
class Readings:
    """The reading in force, and those of single parties where nothing has settled the difference."""

    in_force: Reading
    by_party: dict[str, Reading]

    def ask(self, question: Callable[[Reading], Outcome]) -> Outcome:
        """Put a question to the reading in force; contested where two parties' own readings answer differently."""
        outcome = question(self.in_force)
        if len(self.by_party) < 2:
            return outcome.resting_on(*(f"interpretation:{key}" for key in self.in_force.ids))
        answers = {party: question(reading) for party, reading in self.by_party.items()}
        if len({answer.answer for answer in answers.values()}) > 1:
            ids = {key for reading in self.by_party.values() for key in reading.ids}
            return Outcome(
                Answer.CONTESTED, ("reading-disputed",), tuple(f"interpretation:{key}" for key in sorted(ids))
            )
        return outcome.resting_on(*(f"interpretation:{key}" for key in self.in_force.ids))


def as_written(case: Case, clause: Clause) -> Reading:
    """Return the clause as the case file states it, under no interpretation."""
    instrument = case.instruments[clause.instrument]
    return Reading(
        ids=(),
        acts=clause.acts,
        bearers=instrument.bearers if clause.bearers is None else clause.bearers,
        not_bearers=(),
        open_bearers=clause.open_bearers,
        covered=clause.targets.covered,
        exempt=clause.targets.exempt,
        civilians=clause.targets.civilians,
    )


def readings_at(case: Case, clause: Clause, instant: int, *, chosen: str | None = None) -> Readings:
    """Return the readings of `clause` for something that happened at `instant`.

    Parameters
    ----------
    case : Case
        Holds the interpretations.
    clause : Clause
        What is read.
    instant : int
        UTC microseconds of the event: a later reading does not reach back unless it says that it is retroactive.
    chosen : str, optional
        An interpretation to use in place of all others of its clause; for other clauses, those that `case.yaml` names
        under `readings` are used in the same way.
    """
    base = as_written(case, clause)
    for named in (chosen, *case.description.readings):
        if named is not None and case.interpretations[named].clause == clause.id:
            return Readings(base.overlaid(case.interpretations[named]), {})
    held = [
        reading
        for reading in case.interpretations.values()
        if reading.clause == clause.id and _reaches(reading, instant, case)
    ]
    common = sorted(
        (reading for reading in held if reading.authority != "party"),
        key=lambda reading: (
            AUTHORITY.index(reading.authority),
            optional_span(reading.valid_from, None, case).start,
            reading.id,
        ),
    )
    in_force = base
    for reading in common:
        in_force = in_force.overlaid(reading)
    # what the parties agreed ends their difference on the points it speaks of, and on no other
    settled = {
        point
        for reading in common
        if reading.authority in SETTLING
        for point in _POINTS
        if (reading.not_bearers if point == "not_bearers" else getattr(reading, point) is not None)
    }
    if settled & {"bearers", "not_bearers"}:
        settled |= {"bearers", "not_bearers"}
    by_party: dict[str, Reading] = {}
    for reading in sorted(
        (reading for reading in held if reading.authority == "party"),
        key=lambda reading: (optional_span(reading.valid_from, None, case).start, reading.id),
    ):
        own = reading.model_copy(update={point: () if point == "not_bearers" else None for point in settled})
        by_party[reading.author] = by_party.get(reading.author, in_force).overlaid(own)
    return Readings(in_force, by_party)


def _reaches(reading: Interpretation, instant: int, case: Case) -> bool:
    span = optional_span(reading.valid_from, reading.valid_until, case)
    return instant < span.end and (reading.retroactive or span.start <= instant)
