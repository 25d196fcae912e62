"""Who holds what, from the case's statements, the tables imported and a gazetteer: asked by day, zone and period."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ceasefire.agreement.force import valid_at
from ceasefire.agreement.timeline import spans_of
from ceasefire.model.errors import UnknownRecordError, UsageError
from ceasefire.model.time import Span, day_span
from ceasefire.model.vocabulary import Answer
from ceasefire.pipeline.control_statements import (
    add_gazetteer,
    add_place,
    count_of,
    imported_tables,
    place_of,
    placed,
    same_name,
    word_of,
)
from ceasefire.territory.areas import AreaIndex
from ceasefire.territory.contact_line import Advance, ContactPiece, advance, contact_band, contact_line
from ceasefire.territory.control import Control, Holding, Place, Standing, Word
from ceasefire.territory.control_shares import Change, Count, CountCheck, ZoneShares, changes, check_count, shares
from ceasefire.territory.place_names import plain_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from ceasefire.agreement.case import Case
    from ceasefire.pipeline.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOptions:
    """How a ledger of control is asked.

    Parameters
    ----------
    known : str or None
        A local day: only what had been said by its end.
    carry_days : int
        How long a statement is carried after the day it speaks for.
    reach_km : float or None
        From how far settlements of which nobody speaks are interpolated; None: they stay unknown.
    gazetteer : Path or None
        A table of further settlements.
    """

    known: str | None = None
    carry_days: int = 180
    reach_km: float | None = None
    gazetteer: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOnRecord:
    """A count, where it holds, and what it comes to beside the settlements named."""

    count: Count
    where: str
    check: CountCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOnDay:
    """What can be said of who holds what at the end of one local day.

    Parameters
    ----------
    day : date
    standings : dict of str to Standing
        By settlement.
    shares : ZoneShares
    unheard : int
        Statements left out because nobody recorded when they were said; 0 unless asked what was known.
    """

    day: date
    standings: dict[str, Standing]
    shares: ZoneShares
    unheard: int


class ControlLedger:
    """The statements of a state, ready to be asked; made by `ControlLedger.of`."""

    def __init__(self, case: Case, places: dict[str, Place], words: list[Word], options: ControlOptions) -> None:
        self.case, self.options = case, options
        self.notes: list[str] = []
        self._counts: list[tuple[Count, str | None, str | None]] = []
        self.control = Control(list(places.values()), words, belongs=case.actors.belongs_to)
        self._areas: dict[str, AreaIndex] = {}

    @classmethod
    def of(cls, state: State, options: ControlOptions) -> ControlLedger:
        """Gather the statements.

        Raises
        ------
        InputError
            When the gazetteer cannot be read.
        UsageError
            When an imported statement names a settlement that nothing places.
        """
        case = state.case
        places = {each.id: place_of(each) for each in case.settlements.values()}
        words = [word_of(case, each) for each in case.control_statements]
        notes: list[str] = []
        tables = list(imported_tables(state))
        for table in tables:
            for place in table.places:
                add_place(places, place)
        if options.gazetteer is not None:
            notes += add_gazetteer(places, options.gazetteer)
        for table in tables:
            words += placed(case, table, places)
        ledger = cls(case, places, words, options)
        ledger.notes = notes
        ledger._counts = [
            *((count_of(case, each), each.area, each.unit) for each in case.control_counts),
            *((each.count, each.area, each.unit) for table in tables for each in table.counts),
        ]
        return ledger

    def reaching(self, reach_km: float | None) -> ControlLedger:
        """Return the same ledger, settlements of which nobody speaks interpolated from so near."""
        other = copy(self)
        other.options = replace(self.options, reach_km=reach_km)
        return other

    def on(self, day: date, zone_id: str | None = None) -> ControlOnDay:
        """Answer for the end of a local day.

        Raises
        ------
        UnknownRecordError
            When there is no such zone.
        """
        instant = day_span(day, self.case.zone).end - 1
        standings = self._standings(instant)
        inside = None if zone_id is None else self._inside(zone_id, instant)
        return ControlOnDay(
            day=day,
            standings={key: each for key, each in standings.items() if inside is None or inside[key] is not Answer.NO},
            shares=shares(self.control.places, standings, zone_id, inside),
            unheard=0 if self._known is None else sum(word.said is None for word in self.control.words),
        )

    def zone_shares(self, day: date) -> tuple[ZoneShares, ...]:
        """Return who holds how much of each zone in which a settlement lies, or may, at the end of a local day."""
        instant = day_span(day, self.case.zone).end - 1
        standings = self._standings(instant)
        found = (
            shares(self.control.places, standings, area.id, self._inside(area.id, instant))
            for area in self.case.areas.values()
            if area.kind == "zone"
        )
        return tuple(each for each in found if each.inside.settlements or each.maybe_inside.settlements)

    def over_time(self, days: Iterable[date], zone_id: str | None = None) -> tuple[tuple[date, ZoneShares], ...]:
        """Return who holds how much of a zone, or of all, at the end of each of some days."""
        return tuple((each, self.on(each, zone_id).shares) for each in days)

    def _standings(self, instant: int) -> dict[str, Standing]:
        return self.control.at(
            instant, known=self._known, carry_days=self.options.carry_days, reach_km=self.options.reach_km
        )

    def changes(self, first: date, last: date, zone_id: str | None = None) -> tuple[Change, ...]:
        """Return what differs between the evening before the first day and the evening of the last.

        Where nobody spoke of a settlement before the period, who is said to have held it until it was taken counts.
        """
        start = day_span(first, self.case.zone).start
        earlier, after = self.on(first - timedelta(days=1), zone_id).standings, self.on(last, zone_id).standings
        before = {key: each for key, each in earlier.items() if key in after}
        takings = {word.statement_id: word for word in self.control.words if word.says == "takes"}
        for key, standing in after.items():
            taken = [takings[one].span.start for one in standing.statement_ids if one in takings]
            if key in before and before[key].holding is Holding.UNKNOWN and taken and min(taken) >= start:
                before[key] = self.control.of(key, min(taken) - 1, known=self._known)
        return changes(before, after)

    def advances(self, first: date, last: date) -> tuple[Advance, ...]:
        """Return how far each actor came from the evening before the first day to the evening of the last."""
        eve = first - timedelta(days=1)
        before, after = self.on(eve).standings, self.on(last).standings
        actors = sorted({actor for each in after.values() for actor in each.holders})
        found = [advance(actor, self.control.places, before, after, (last - eve).days) for actor in actors]
        return tuple(each for each in found if each.gains)

    def contact_line(self, day: date, *, widest_km: float) -> tuple[ContactPiece, ...]:
        """Draw the contact line at the end of a local day."""
        instant = day_span(day, self.case.zone).end - 1

        def together(a: Iterable[str], b: Iterable[str]) -> bool:
            return self.control.agree(frozenset(a), frozenset(b), instant)

        return contact_line(self.control.places, self.on(day).standings, widest_km=widest_km, together=together)

    def counts(self) -> tuple[CountOnRecord, ...]:
        """Return every count, held against the settlements that are named."""
        return tuple(
            CountOnRecord(
                count=count,
                where=area or unit or "",
                check=check_count(count, self.control, self._where(area, unit, count.span), known=self._known),
            )
            for count, area, unit in self._counts
            if self._known is None or (count.said is not None and count.said <= self._known)
        )

    @property
    def _known(self) -> int | None:
        return None if self.options.known is None else day_span(day_of(self.options.known), self.case.zone).end - 1

    def _where(self, area: str | None, unit: str | None, span: Span) -> Callable[[Place], Answer]:
        if area is not None:
            inside = self._inside(area, max(span.start, span.end - 1))
            return lambda place: inside[place.place_id]
        wanted = [plain_name(step) for step in (unit or "").split("/")]

        def within(place: Place) -> Answer:
            if place.unit is None:
                return Answer.UNDETERMINED
            steps = [plain_name(step) for step in place.unit.split("/")]
            if all(same_name(a, b) for a, b in zip(wanted, steps, strict=False)):
                return Answer.YES if len(steps) >= len(wanted) else Answer.UNDETERMINED
            return Answer.NO

        return within

    def _inside(self, zone_id: str, instant: int) -> dict[str, Answer]:
        """Answer for every place whether it lies in an area, by the versions of it that held at an instant."""
        area = self.case.areas.get(zone_id)
        if area is None:
            raise UnknownRecordError(f'There is no area "{zone_id}".', f"Areas: {', '.join(self.case.areas)}.")
        if zone_id not in self._areas:
            drawn = {each.id: (each, self.case.geometries[each.id]) for each in area.versions}
            self._areas[zone_id] = AreaIndex(drawn)
        places = list(self.control.places.values())
        if not places:
            return {}
        answers = self._areas[zone_id].answers(
            np.array([place.longitude for place in places]),
            np.array([place.latitude for place in places]),
            np.array([place.uncertainty_km for place in places]),
        )
        held = [
            valid_at(
                spans_of(each.valid_from, self.case.zone),
                spans_of(each.valid_until, self.case.zone),
                instant,
                doubt="",
            ).answer
            is not Answer.NO
            for each in area.versions
        ]
        columns = np.flatnonzero(held) if any(held) else np.arange(len(held))
        found = {}
        for place, row in zip(places, answers[:, columns], strict=True):
            said = {Answer(int(value)) for value in row}
            found[place.place_id] = said.pop() if len(said) == 1 else Answer.UNDETERMINED
        return found


def day_of(text: str) -> date:
    """Read a local day.

    Raises
    ------
    UsageError
        When it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'"{text}" is not a day: {error}.', "Write it like 2017-07-23.") from error


def days_of(first: date, last: date, *, every: int) -> list[date]:
    """Return every so manieth day of a period, counted back from its last; the last is one of them."""
    step = max(1, every)
    return [last - timedelta(days=n) for n in range(0, (last - first).days + 1, step)][::-1]


def control_geojson(ledger: ControlLedger, on: ControlOnDay, line: Sequence[ContactPiece]) -> dict[str, Any]:
    """Return settlements, contact line and where it may run as GeoJSON; each piece says how uncertain it is."""
    features: list[dict[str, Any]] = []
    for key, standing in on.standings.items():
        place = ledger.control.places[key]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
                "properties": {"name": place.name, **_plain(standing)},
            }
        )
    for piece in line:
        properties = {key: value for key, value in _plain(piece).items() if key != "line"}
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": [list(end) for end in piece.line]},
                "properties": {"kind": "contact-line", **properties},
            }
        )
    band = contact_band(line)
    if band is not None:
        features.append(
            {
                "type": "Feature",
                "geometry": json.loads(shapely.to_geojson(band)),
                "properties": {"kind": "contact-line-may-run"},
            }
        )
    return {
        "type": "FeatureCollection",
        "note": "What sources say, carried forward. The line is drawn halfway between settlements; it is no border.",
        "features": features,
    }


def _plain(record: Any) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(record).items()}


def held_words(standing: Standing) -> str:
    """Return a standing as a word for people."""
    if standing.holding is Holding.UNKNOWN:
        return "unknown" + (f" ({' or '.join(standing.possible)})" if standing.possible else "")
    if standing.holding is Holding.CONTESTED:
        return f"contested ({', '.join(standing.possible)})"
    together = " and ".join(standing.holders)
    return together if standing.holding is Holding.HELD else f"{together} (interpolated)"
