"""ISO weeks of local days as numbers; on which local days an incident lay; which days a record covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.model.time import local_date
from ceasefire.model.vocabulary import ReportKind, TimePrecision

Ints = NDArray[np.int64]

NO_WEEK = int(np.iinfo(np.int64).min)
"""The week of what has no date, or is not known to a week."""
DAYS = 7
_MONDAY_OF_WEEK_0 = date(1969, 12, 29)
_SERIES_ROWS = 40
"""A source with fewer rows is no series: that it is silent says nothing."""
_SERIES_WEEKS = 8
_DENSE = 5
"""Rows in the middle week of a series from which on a week with none at all was not recorded."""
_PRECISE = (TimePrecision.INSTANT, TimePrecision.HOUR, TimePrecision.DAY, TimePrecision.DAYS, TimePrecision.WEEK)


def week_number(day: date) -> int:
    """Return the number of the ISO week that holds a day; weeks that follow each other differ by one.

    Examples
    --------
    >>> week_number(date(2018, 1, 1)) - week_number(date(2017, 12, 31))
    1
    """
    return (day - _MONDAY_OF_WEEK_0).days // DAYS


def monday_of(week: int) -> date:
    """Return the Monday of a week number."""
    return _MONDAY_OF_WEEK_0 + timedelta(weeks=int(week))


def week_label(week: int) -> str:
    """Return a week number as ISO writes the week.

    Examples
    --------
    >>> week_label(week_number(date(2016, 1, 1)))
    '2015-W53'
    """
    year, number, _ = monday_of(week).isocalendar()
    return f"{year}-W{number:02d}"


def week_of_label(label: str) -> int:
    """Return the number of a week such as ``2017-W39``.

    Raises
    ------
    ValueError
        When there is no such week.
    """
    year, _, number = label.partition("-W")
    if not (year.isdigit() and len(number) == 2 and number.isdigit()):
        raise ValueError(f'"{label}" is not an ISO week; write it like 2017-W39')
    return week_number(date.fromisocalendar(int(year), int(number), 1))


def local_days(table: pa.Table, zone: ZoneInfo) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return the first and last local day of each row, as days since Monday of week 0, and whether it is dated.

    Parameters
    ----------
    table : Table
        With ``occurred_from`` and ``occurred_until``, as incidents and reports have them.
    """
    start, end = (table[name].cast(pa.int64()) for name in ("occurred_from", "occurred_until"))
    dated = np.asarray(pc.and_(pc.is_valid(start), pc.is_valid(end)), dtype=bool)
    first_instant = np.asarray(pc.fill_null(start, 0))
    last_instant = np.maximum(np.asarray(pc.fill_null(end, 0)) - 1, first_instant)
    days = []
    for instants in (first_instant, last_instant):
        distinct, which = np.unique(instants, return_inverse=True)
        numbers = [(local_date(int(instant), zone) - _MONDAY_OF_WEEK_0).days for instant in distinct]
        days.append(np.array(numbers, dtype=np.int64)[which] if len(distinct) else np.zeros(len(dated), np.int64))
    return days[0], days[1], dated


@dataclass(frozen=True, slots=True)
class RecordedDays:
    """The local days that a record covers, as closed runs of days; the days in between are missing, never zero.

    Parameters
    ----------
    runs : tuple of (date, date)
        First and last day of each run, in order of time, not touching each other.
    said : str
        How this is known, as a sentence.
    """

    runs: tuple[tuple[date, date], ...]
    said: str

    @classmethod
    def stated(cls, first: date, last: date) -> RecordedDays:
        """Return what somebody says that the record covers."""
        return cls(((first, last),) if first <= last else (), f"Stated: the record covers {first} to {last}.")

    @classmethod
    def of_reports(cls, reports: pa.Table, zone: ZoneInfo) -> RecordedDays:
        """Work out what the record covers from who reported when.

        A source with at least 40 dated reports over at least 8 weeks is a series: it covers the days from its first
        to its last report, but for whole weeks without any report in a series that usually has some. Where no source
        is a series, the days from the first to the last report of anybody are taken, and that is said.

        Parameters
        ----------
        reports : Table
            Schema `model.schemas.REPORT`.
        """
        first, last, usable = local_days(reports, zone)
        usable &= np.asarray(pc.equal(reports["kind"].cast(pa.string()), ReportKind.EVENT.value))
        precise = pa.array([each.value for each in _PRECISE])
        usable &= np.asarray(pc.is_in(reports["time_precision"].cast(pa.string()), value_set=precise))
        if not usable.any():
            return cls((), "No report is dated to a week.")
        source = np.asarray(reports["source_id"].cast(pa.string()).to_numpy(zero_copy_only=False))
        covered: set[int] = set()
        series = []
        for name in np.unique(source[usable]):
            own = usable & (source == name)
            days = _days_of_series(first[own], last[own])
            if days is not None:
                series.append(str(name))
                covered.update(days.tolist())
        if not series:
            span = (_day(int(first[usable].min())), _day(int(last[usable].max())))
            return cls((span,), "No source reports often enough to say which weeks it covers: first to last report.")
        return cls(_runs(covered), f"Covered by what reports steadily: {', '.join(series)}.")

    def until(self, last: date) -> RecordedDays:
        """Return what of this lies no later than a day."""
        runs = tuple((first, min(end, last)) for first, end in self.runs if first <= last)
        return RecordedDays(runs, self.said)

    def days_in(self, weeks: Ints) -> NDArray[np.int64]:
        """Return how many days of each week are covered, 0 to 7."""
        monday = np.asarray(weeks, dtype=np.int64) * DAYS
        total = np.zeros(len(monday), dtype=np.int64)
        for first, last in self.runs:
            start, end = ((day - _MONDAY_OF_WEEK_0).days for day in (first, last))
            total += np.clip(np.minimum(monday + DAYS - 1, end) - np.maximum(monday, start) + 1, 0, DAYS)
        return total

    def weeks(self) -> Ints:
        """Return the numbers of the weeks from the first to the last that holds a covered day."""
        if not self.runs:
            return np.zeros(0, dtype=np.int64)
        return np.arange(week_number(self.runs[0][0]), week_number(self.runs[-1][1]) + 1, dtype=np.int64)


def _day(number: int) -> date:
    return _MONDAY_OF_WEEK_0 + timedelta(days=number)


def _days_of_series(first: Ints, last: Ints) -> Ints | None:
    """Return the days that a source covers; None where it is no series."""
    start, end = int(first.min()), int(last.max())
    if len(first) < _SERIES_ROWS or (end - start) // DAYS < _SERIES_WEEKS:
        return None
    days = np.arange(start, end + 1)
    weeks = days // DAYS
    counts = np.bincount(first // DAYS - weeks[0], minlength=int(weeks[-1] - weeks[0]) + 1)
    # what lasts over several weeks speaks of all of them
    running = np.zeros(len(counts) + 1, dtype=np.int64)
    np.add.at(running, first // DAYS - weeks[0], 1)
    np.add.at(running, last // DAYS - weeks[0] + 1, -1)
    empty = (np.cumsum(running)[:-1] == 0) & (float(np.median(counts)) >= _DENSE)
    return np.asarray(days[~empty[weeks - weeks[0]]])


def _runs(days: Iterable[int]) -> tuple[tuple[date, date], ...]:
    ordered = np.array(sorted(days), dtype=np.int64)
    breaks = np.flatnonzero(np.diff(ordered) > 1)
    starts = np.concatenate([ordered[:1], ordered[breaks + 1]])
    ends = np.concatenate([ordered[breaks], ordered[-1:]])
    return tuple((_day(int(start)), _day(int(end))) for start, end in zip(starts, ends, strict=True))
