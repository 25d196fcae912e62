"""When: the dates and moments of a table, however they are written, as spans of UTC microseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.intake import table_mapping as shape
from ceasefire.intake.cells import CellChecks
from ceasefire.intake.codes import meanings
from ceasefire.model.rows import equal_rows, first_rows
from ceasefire.model.schemas import INSTANT
from ceasefire.model.time import MICROSECONDS_PER_DAY, Span, day_span, days_span, local_date, parse_moment
from ceasefire.model.vocabulary import TimePrecision

ONE_DAY_AT_MOST = MICROSECONDS_PER_DAY * 26 // 24
"""Microseconds; a local day is up to 25 hours long where clocks change."""
_WHY = "The time decides what was in force."


def times(checks: CellChecks, said: shape.Times, zone: ZoneInfo) -> dict[str, pa.Array]:
    """Return the columns of when it occurred, complaining of cells that are no moments.

    The column ``_named_at`` is the moment given, before a coarse precision widens it: names mean what they meant then.
    """
    starts, ends = moments(checks, said.start, zone)
    empty = np.asarray(pc.is_null(checks.rows.text(said.start.column)))
    checks.complain(empty, said.start.column, "empty", _WHY, "Fill the cell in, or remove the row.")
    if said.until is not None:
        last, until = moments(checks, said.until, zone)
        # a day ends where the next begins, so a last day that ends at the start is before it
        before = pc.or_(pc.less(until, starts), pc.and_(pc.equal(until, starts), pc.less(last, until)))
        checks.complain(before, said.until.column, "before the start", _WHY, "Correct the dates of the row.")
        ends = pc.coalesce(until, ends)
    named_at = starts.cast(INSTANT)
    if said.precision is None:
        lasts = pc.subtract(ends, starts)
        whole_days = pc.if_else(pc.greater(lasts, ONE_DAY_AT_MOST), TimePrecision.DAYS.value, TimePrecision.DAY.value)
        word = pc.if_else(pc.equal(lasts, 0), TimePrecision.INSTANT.value, whole_days)
    else:
        codes, place = meanings(checks, said.precision)
        word = pa.array([code.precision.value for code in codes], pa.string()).take(place)
        around = pa.array([code.days_around for code in codes], pa.int64()).take(place)
        if any(code.days_around for code in codes):
            starts, ends = _widened(starts, ends, around, zone)
    return {
        "occurred_from": starts.cast(INSTANT),
        "occurred_until": ends.cast(INSTANT),
        "time_precision": word.dictionary_encode(),
        "_named_at": named_at,
    }


def moments(checks: CellChecks, said: shape.Moment, zone: ZoneInfo) -> tuple[pa.Array, pa.Array]:
    """Return the starts and ends of a column of dates or moments, UTC microseconds, int64."""
    read = _reader(said, zone)
    cells = checks.rows.text(said.column)
    if pa.types.is_timestamp(checks.rows.column(said.column).type):
        # a typed date is written out with a midnight that nobody meant
        cells = pc.replace_substring_regex(cells, r"[ T]00:00:00(\.0+)?$", "")
    cells = cells.dictionary_encode()
    spans: list[Span | None] = []
    for text in cells.dictionary.to_pylist():
        try:
            spans.append(read(text))
        except (ValueError, OverflowError):
            spans.append(None)
    bad = pa.array([span is None for span in spans], pa.bool_()).take(cells.indices)
    written = f"day numbers since {said.days_since}" if said.days_since else " or ".join(said.formats) or "2017-09-27"
    checks.complain(bad, said.column, "not a date that exists", _WHY, f"Write dates as {written}.")
    starts, ends = (
        pa.array([getattr(span, end) if span else None for span in spans], pa.int64()).take(cells.indices)
        for end in ("start", "end")
    )
    return starts, ends


def _reader(said: shape.Moment, zone: ZoneInfo) -> Callable[[str], Span]:
    """Return what reads one cell; it raises `ValueError` on what is no moment."""
    if said.days_since is not None:
        epoch = date.fromisoformat(said.days_since)
        return lambda text: day_span(epoch + timedelta(days=int(text)), zone)
    if not said.formats:
        return lambda text: parse_moment(text, zone)

    def read(text: str) -> Span:
        for one in said.formats:
            try:
                moment = datetime.strptime(text, one)  # noqa: DTZ007 - the zone follows
            except ValueError:
                continue
            if not any(part in one for part in ("%H", "%I", "%X", "%c")):
                return day_span(moment.date(), zone)
            return parse_moment(moment.isoformat(), zone)
        raise ValueError(text)

    return read


def _widened(starts: pa.Array, ends: pa.Array, around: pa.Array, zone: ZoneInfo) -> tuple[pa.Array, pa.Array]:
    """Return spans widened by whole local days on both sides, where `around` is positive."""
    codes = equal_rows([starts, ends, around])
    firsts = pa.array(first_rows(codes))
    spans: list[tuple[int | None, int | None]] = []
    for start, end, days in zip(*(array.take(firsts).to_pylist() for array in (starts, ends, around)), strict=True):
        if not days or start is None or end is None:
            spans.append((start, end))
            continue
        first, last = local_date(start, zone), local_date(max(start, end - 1), zone)
        span = days_span(first - timedelta(days=days), last + timedelta(days=days), zone)
        spans.append((span.start, span.end))
    wide = [pa.array([span[place] for span in spans], pa.int64()).take(pa.array(codes)) for place in (0, 1)]
    return wide[0], wide[1]
