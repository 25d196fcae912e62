"""What two reports say of the same question, side by side in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.blocking import days_apart, km_apart
from ceasefire.fusion.canonical import in_one_piece
from ceasefire.fusion.compare import LOCATED, Tables, aligned_sides, tables_for
from ceasefire.fusion.text_likeness import FEWEST
from ceasefire.fusion.traits import (
    ALL_CIVILIANS,
    CIVILIANS_UNKNOWN,
    NO_CIVILIANS,
    SOME_CIVILIANS,
    Traits,
    act_levels,
    traits_of,
)
from ceasefire.fusion.weighing import rare_sides
from ceasefire.fusion.weights import Weights
from ceasefire.model.time import local_date, microseconds

_CIVILIANS = {
    NO_CIVILIANS: "no civilian",
    ALL_CIVILIANS: "civilians only",
    SOME_CIVILIANS: "civilians and others",
}
_NAMED_AREAS = {
    0: "one of them names no place",
    1: "the same area",
    2: "the same province",
    3: "two areas of one province",
    4: "two provinces",
    5: "the same place by name",
}
"""By the level of *where* above `compare.LOCATED`."""
_SIDES = ("no actor in common", "named by one alone", "alike in name or in part", "tied to one another", "the same")
"""By the level of two sides, `sides.SIDE_LEVELS`."""
_ACTS = {1: "an act in common", 2: "one a kind of the other", 3: "no act in common"}
_SAME_SPOT_KM = 1e-3
_PRECISION = ("5 km or better", "worse than 5 km", "a district", "a governorate", "an area", "a country at best")
"""How well a place is known, by its class in `traits.PLACE_CLASSES`."""
# fmt: off
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Wording:
    """Words for pairs of the reports of one table; made by `Wording.of`.

    Parameters
    ----------
    rows : list of dict
        The reports.
    place : mapping of str to int
        Row of each report id.
    traits : Traits
        What is compared of them.
    tables : Tables
    weights : Weights
    register : ActorRegister
    zone : ZoneInfo
        Of local days.
    """

    rows: list[dict[str, Any]]
    place: Mapping[str, int]
    traits: Traits
    tables: Tables
    weights: Weights
    register: ActorRegister
    zone: ZoneInfo

    @classmethod
    def of(cls, reports: pa.Table, *, weights: Weights, register: ActorRegister, zone: ZoneInfo) -> Wording:
        """Prepare words for the reports of a table, schema `model.schemas.REPORT`."""
        traits = traits_of(in_one_piece(reports), register)
        tables = tables_for(
            traits, weights.side_table(traits.parties), rare_sides(weights, traits.parties), weights.words
        )
        rows = reports.to_pylist()
        place = {row["report_id"]: number for number, row in enumerate(rows)}
        return cls(rows, place, traits, tables, weights, register, zone)

    def compared(self, comparison: str, report_a: str, report_b: str, level: int | None) -> str:
        """Return what two reports say, and how that goes together.

        Parameters
        ----------
        comparison : str
            Of `compare.COMPARISONS`.
        report_a, report_b : str
            Ids.
        level : int or None
            As stored with the pair; None where no two reports differ, or nobody says anything.
        """
        words = _WORDS[comparison]
        return words(self, self.place[report_a], self.place[report_b], level)

    def days(self, report_id: str) -> str:
        """Return the local days of a report; nothing where it has none."""
        span = self._span(self.place[report_id])
        return "" if span is None else _span_words(*span)

    def where(self, report_id: str) -> str:
        """Return the place of a report: its name, its point, and how well it is known; nothing where it is not."""
        row = self.place[report_id]
        traits, known = self.traits, _PRECISION[int(self.traits.place_class[row])]
        point = "" if math.isnan(traits.latitude[row]) else f"{traits.latitude[row]:.3f}, {traits.longitude[row]:.3f}"
        named = ", ".join(part for part in (self._where(row), point) if part)
        return f"{named} (known to {known})" if named else ""

    def who(self, report_id: str) -> str:
        """Return the sides that a report names; nothing where it names none."""
        return self._parties(self.place[report_id])

    def toll(self, report_id: str) -> str:
        """Return the figures that are compared; nothing where a report gives none."""
        row = self.place[report_id]
        parts = [
            f"{self._figure(codes, row)} {word}"
            for codes, word in ((self.traits.killed, "killed"), (self.traits.injured, "injured"))
            if codes[row] >= 0
        ]
        civilian = int(self.traits.civilian[row])
        if self.traits.killed[row] >= 0 and civilian != CIVILIANS_UNKNOWN:
            parts.append(f"{_CIVILIANS[civilian]} among the dead")
        return ", ".join(parts)

    def acts(self, report_id: str) -> str:
        """Return what was done, according to a report; nothing where it does not say."""
        return " and ".join(sorted(self.traits.act_sets[int(self.traits.acts[self.place[report_id]])]))

    def _span(self, row: int) -> tuple[date, date] | None:
        start, end = self.rows[row]["occurred_from"], self.rows[row]["occurred_until"]
        if start is None or end is None:
            return None
        first, last = microseconds(start), microseconds(end)
        return local_date(first, self.zone), local_date(max(first, last - 1), self.zone)

    def _when(self, a: int, b: int, _: int | None) -> str:
        one, other = self._span(a), self._span(b)
        if one is None or other is None:
            return "neither says when" if one is None and other is None else "only one says when"
        both = f"both {_span_words(*one)}" if one == other else _two_spans(one, other)
        apart = float(days_apart(self.traits, np.array([a]), np.array([b]))[0])
        single = max(self.traits.time_class[a], self.traits.time_class[b]) == 0
        if single:
            return both if one == other else f"{both}, {_days_words(apart)}"
        return f"{both}, {_days_words(apart)} from middle to middle" if apart >= 0.5 else f"{both}, of one middle"

    def _where(self, row: int) -> str:
        report = self.rows[row]
        return str(report["place_name"] or report["area_name"] or "")

    def _places(self, a: int, b: int, level: int | None) -> str:
        named = _both_words(self._where(a), self._where(b))
        if level is not None and level >= LOCATED:
            how = _NAMED_AREAS[level - LOCATED]
            return f"{named} ({how})" if named and level > LOCATED else how
        km = float(km_apart(self.traits, np.array([a]), np.array([b]))[0])
        if math.isnan(km):
            return _one_or_neither(named, "names a place")
        apart = "the very same point" if km < _SAME_SPOT_KM else f"{km:.1f} km apart"
        kinds = [_PRECISION[int(self.traits.place_class[row])] for row in (a, b)]
        known = f"both known to {kinds[0]}" if kinds[0] == kinds[1] else f"known to {kinds[0]}, and to {kinds[1]}"
        return f"{named}, {apart}, {known}" if named else f"{apart}, {known}"

    def _parties(self, row: int) -> str:
        report = self.rows[row]
        sides = report["sides"] or [report["perpetrators"], report["targets"]]
        return " – ".join(" and ".join(map(self.register.name, side)) for side in sides if side)

    def _sides(self, a: int, b: int, _: int | None) -> str:
        one, other = self._parties(a), self._parties(b)
        if not one or not other:
            return "neither names anybody" if not one and not other else f"only one names anybody ({one or other})"
        both = f"both {one}" if one == other else f"{one}, and {other}"
        parties = self.traits.parties
        crossed = bool(aligned_sides(self.traits, np.array([a]), np.array([b]), self.tables)[0][0])
        theirs = (parties.second[b], parties.first[b]) if crossed else (parties.first[b], parties.second[b])
        ours = (parties.first[a], parties.second[a])
        how = [words for x, y in zip(ours, theirs, strict=True) if (words := self._alike(int(x), int(y)))]
        if one == other:
            return both
        if len(how) == 2 and how[0] != how[1]:
            return f"{both} (one side: {how[0]}; the other: {how[1]})"
        return f"{both} ({'both sides: ' if len(how) == 2 else ''}{how[0]})"

    def _alike(self, x: int, y: int) -> str:
        """Return how two sides go together; nothing for two that are empty."""
        if x == y == 0:
            return ""
        parties = self.traits.parties
        pair = tuple(sorted((parties.texts[x], parties.texts[y])))
        learned = next((weight for *names, weight in self.weights.affinity if tuple(names) == pair), None)
        if learned is not None and x != y:
            return "often told of one event" if learned > 0 else "seldom told of one event"
        return _SIDES[int(parties.every.levels(np.array([x]), np.array([y]))[0])]

    def _figure(self, codes: np.ndarray[Any, np.dtype[np.int64]], row: int) -> str:
        return f"{self.traits.figures[codes[row]]:,.0f}"

    def _killed(self, a: int, b: int, _: int | None) -> str:
        return self._figures(self.traits.killed, a, b, "killed")

    def _injured(self, a: int, b: int, _: int | None) -> str:
        return self._figures(self.traits.injured, a, b, "injured")

    def _figures(self, codes: np.ndarray[Any, np.dtype[np.int64]], a: int, b: int, word: str) -> str:
        said = [self._figure(codes, row) for row in (a, b) if codes[row] >= 0]
        if not said:
            return f"neither says how many were {word}"
        if len(said) == 1:
            return f"only one says how many were {word} ({said[0]})"
        return f"both {said[0]} {word}" if said[0] == said[1] else f"{said[0]} and {said[1]} {word}"

    def _civilians(self, a: int, b: int, _: int | None) -> str:
        one, other = (int(self.traits.civilian[row]) for row in (a, b))
        if CIVILIANS_UNKNOWN in (one, other):
            return f"{'neither says' if one == other else 'only one says'} how many of the dead were civilians"
        if one == other:
            return f"{_CIVILIANS[one]} among the dead, by both"
        return f"among the dead {_CIVILIANS[one]}, and {_CIVILIANS[other]}"

    def _acts(self, a: int, b: int, _: int | None) -> str:
        one, other = (self.traits.act_sets[int(self.traits.acts[row])] for row in (a, b))
        if not one or not other:
            return "neither says what was done" if not one and not other else "only one says what was done"
        words = [" and ".join(sorted(one)), " and ".join(sorted(other))]
        if one == other:
            return f"both {words[0]}"
        return f"{words[0]}, and {words[1]} ({_ACTS[int(act_levels((one, other))[0, 1])]})"

    def _texts(self, a: int, b: int, level: int | None) -> str:
        if self.traits.source[a] == self.traits.source[b]:
            return "one source, which words all it tells alike"
        told = [int(self.traits.text[row]) for row in (a, b)]
        if min(told) < 0 or self.tables.likeness is None:
            return f"{'neither has' if max(told) < 0 else 'only one has'} a text of {FEWEST} words or more"
        alike = float(self.tables.likeness.of(np.array(told[:1]), np.array(told[1:]))[0])
        if not level or math.isnan(alike):
            return "texts of words that all texts have"
        return f"texts that share {100 * alike:.0f}% of their wording"


_WORDS: Mapping[str, Callable[[Wording, int, int, int | None], str]] = {
    "when": Wording._when,
    "where": Wording._places,
    "who": Wording._sides,
    "killed": Wording._killed,
    "civilian": Wording._civilians,
    "injured": Wording._injured,
    "acts": Wording._acts,
    "text": Wording._texts,
}


def likelihood_words(bits: float) -> str:
    """Return what a weight means: how many times likelier what was seen is if the two are of one event, or of two.

    Examples
    --------
    >>> likelihood_words(1.07), likelihood_words(-10), likelihood_words(0.01)
    ('2.1 times likelier if of one event', '1,000 times likelier if of two', 'as likely either way')
    """
    times = 2 ** abs(bits)
    if times < 1.05:
        return "as likely either way"
    return f"{_rounded(times)} times likelier if of {'one event' if bits > 0 else 'two'}"


def _rounded(times: float) -> str:
    if times < 9.95:
        return f"{times:.1f}"
    return f"{times:,.0f}" if times < 100 else f"{float(f'{times:.2g}'):,.0f}"


def _days_words(apart: float) -> str:
    days = round(apart)
    return "the same day" if days == 0 else "one day apart" if days == 1 else f"{days} days apart"


def _span_words(first: date, last: date) -> str:
    if first == last:
        return _day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_day(last)}"
    return f"{_day(first, year=first.year != last.year)} – {_day(last)}"


def _two_spans(one: tuple[date, date], other: tuple[date, date]) -> str:
    (a, b), (c, d) = one, other
    if a == b and c == d and a.year == c.year:
        return f"{a.day if a.month == c.month else _day(a, year=False)} and {_day(c)}"
    return f"{_span_words(*one)} and {_span_words(*other)}"


def _day(day: date, *, year: bool = True) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def _both_words(one: str, other: str) -> str:
    if one and other:
        return f"both {one}" if one == other else f"{one} and {other}"
    return f"{one or other} and no name" if one or other else ""


def _one_or_neither(named: str, what: str) -> str:
    return f"only one has a point ({named})" if named else f"neither {what}"
