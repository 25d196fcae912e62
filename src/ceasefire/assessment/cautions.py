"""What a reader must know before believing a change: who saw it, how late, from what height, what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.assessment.ladder import DatePlace
from ceasefire.assessment.places import Inside, Place
from ceasefire.assessment.starts import AreaEnd
from ceasefire.assessment.weekly import WeeklyBook, WeeklySeries
from ceasefire.assessment.weeks import week_number
from ceasefire.model.time import MICROSECONDS_PER_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MONOCULTURE = 0.8
_EXTREME = 0.1
_UNKNOWN_BORDER = 2.0
_PLAUSIBLE_DELAY_DAYS = 5 * 365
_LATE = 0.9


class CautionKind(StrEnum):
    """What to beware of."""

    ONE_SOURCE = "one-source"
    """Nearly all incidents rest on one independent chain."""
    HIGH_BASELINE = "high-baseline"
    """The weeks before were among the worst: a fall back to the usual was to be expected."""
    LATE_REPORTS = "late-reports"
    """The last weeks may still fill."""
    NO_DENOMINATOR = "no-denominator"
    """Nobody recorded whether anybody watched."""
    PARTLY_WATCHED = "partly-watched"
    """Of some weeks nothing is on record of who watched."""
    WIDE_BORDER = "wide-border"
    """The count doubles with what may lie inside: how many surely do, and how many may."""
    ENDED = "ended"
    """The area ended: what came after is not counted as calm."""
    LEFT_OUT = "left-out"
    """Incidents in no week: without date or place, or lasting longer than a month."""
    GAPS = "gaps"
    """Weeks that the record does not cover, or covers in part."""
    ONE_EVENT = "one-event"
    """One incident makes most of the deaths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """A caution with its figure.

    Parameters
    ----------
    figure : float or None
        A share, days or incidents, as the kind has it.
    number : int or None
        Of incidents or weeks.
    about : str or None
        The source, the day or the manner.
    """

    kind: CautionKind
    figure: float | None = None
    number: int | None = None
    about: str | None = None


def cautions(
    book: WeeklyBook, zone: Place, series: WeeklySeries, place: DatePlace | None, end: AreaEnd | None, *,
    window: int, incidents: pa.Table, reports: pa.Table,
) -> tuple[Caution, ...]:  # fmt: skip
    """Return what holds of an area, in the order of `CautionKind`."""
    inside = book.counted & book.of_kind(series.kind) & (book.whereabouts.inside(zone) >= Inside.LIKELY)
    found = [
        _one_source(incidents, inside),
        _high_baseline(series, place, window),
        _late_reports(reports),
        _no_denominator(series),
        _wide_border(book, series),
        _ended(series, end),
        _left_out(book),
        _gaps(series),
        _one_event(book, inside),
    ]
    return tuple(caution for caution in found if caution is not None)


def _one_source(incidents: pa.Table, inside: NDArray[np.bool_]) -> Caution | None:
    lineages = incidents["lineages"].combine_chunks().filter(pa.array(inside))
    if not len(lineages):
        return None
    alone = pc.equal(pc.fill_null(pc.list_value_length(lineages), 0), 1)
    counted = pc.list_flatten(lineages.filter(alone)).value_counts().to_pylist()
    if not counted:
        return None
    most = max(counted, key=lambda each: (each["counts"], str(each["values"])))
    share = most["counts"] / len(lineages)
    if share < _MONOCULTURE:
        return None
    return Caution(kind=CautionKind.ONE_SOURCE, figure=share, number=len(lineages), about=str(most["values"]))


def _high_baseline(series: WeeklySeries, place: DatePlace | None, window: int) -> Caution | None:
    """Say how many equally long stretches before the date were as violent as the one compared."""
    if place is None or place.first < 2 * window:
        return None
    counts = series.whole("events_best")[: place.first]
    means = [
        np.nanmean(part)
        for part in np.lib.stride_tricks.sliding_window_view(counts, window)
        if not np.isnan(part).all()
    ]
    if not means:
        return None
    share = float(np.mean(np.array(means) >= means[-1]))
    return Caution(kind=CautionKind.HIGH_BASELINE, figure=share, number=len(means)) if share <= _EXTREME else None


def _no_denominator(series: WeeklySeries) -> Caution | None:
    """Say that of no week, or not of every week, anything is on record of who watched."""
    counted = series.days_covered > 0
    known = np.isfinite(series.exposure.hours_low) & counted
    if not known.any():
        return Caution(kind=CautionKind.NO_DENOMINATOR)
    number = int(counted.sum())
    if known.sum() == number:
        return None
    return Caution(kind=CautionKind.PARTLY_WATCHED, figure=float(known.sum()) / number, number=number)


def _late_reports(reports: pa.Table) -> Caution | None:
    said, ended = (reports[name].cast(pa.int64()) for name in ("reported_at", "occurred_until"))
    known = np.asarray(pc.and_(pc.is_valid(said), pc.is_valid(ended)), dtype=bool)
    days = (np.asarray(pc.fill_null(said, 0)) - np.asarray(pc.fill_null(ended, 0)))[known] / MICROSECONDS_PER_DAY
    days = np.clip(days[(days > -1) & (days < _PLAUSIBLE_DELAY_DAYS)], 0, None)
    if not len(days):
        return Caution(kind=CautionKind.LATE_REPORTS)
    return Caution(kind=CautionKind.LATE_REPORTS, figure=float(np.quantile(days, _LATE)), number=len(days))


def _wide_border(book: WeeklyBook, series: WeeklySeries) -> Caution | None:
    """Say how many incidents surely lie inside and how many may, whenever in the weeks covered they were."""
    covered = series.weeks[series.days_covered > 0]
    kept = book.counted & book.of_kind(series.kind) & book.in_weeks(covered)
    inside = book.whereabouts.inside(series.place)[kept]
    low, high = int((inside == Inside.SURE).sum()), int((inside >= Inside.MAYBE).sum())
    if high < _UNKNOWN_BORDER * max(low, 1):
        return None
    return Caution(kind=CautionKind.WIDE_BORDER, figure=float(high), number=low)


def _ended(series: WeeklySeries, end: AreaEnd | None) -> Caution | None:
    """Say that an area ended, where the record reaches so far."""
    if end is None or not len(series.weeks) or week_number(end.day) > series.weeks[-1]:
        return None
    return Caution(kind=CautionKind.ENDED, about=f"{end.how}, {end.day}" if end.how else str(end.day))


def _left_out(book: WeeklyBook) -> Caution | None:
    number = sum(book.left_out.values())
    return Caution(kind=CautionKind.LEFT_OUT, number=number) if number else None


def _gaps(series: WeeklySeries) -> Caution | None:
    number = int((series.days_covered < 7).sum())
    return Caution(kind=CautionKind.GAPS, number=number) if number else None


def _one_event(book: WeeklyBook, inside: NDArray[np.bool_]) -> Caution | None:
    deaths = book.tolls["deaths"][inside, 1]
    total = float(np.nansum(deaths))
    if not total or float(np.nanmax(deaths)) < total / 2:
        return None
    at = np.flatnonzero(inside)[int(np.nanargmax(deaths))]
    return Caution(
        kind=CautionKind.ONE_EVENT,
        figure=float(np.nanmax(deaths)) / total,
        about=str(book.incident_ids[int(at)].as_py()),
    )
