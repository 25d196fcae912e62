"""Moments and intervals: a date without a time is that whole local day; instants are UTC microseconds inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROSECONDS_PER_DAY = 86_400_000_000
EARLIEST = -(2**62)
"""Before every instant on record, as UTC microseconds: an open beginning."""
LATEST = 2**62
"""After every instant on record: an open end."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open interval of UTC microseconds, within which something lies or through which it lasts.

    Parameters
    ----------
    start, end : int
        UTC microseconds since 1970; `end` is exclusive and not before `start`.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse an interval that ends before it starts."""
        if self.end < self.start:
            raise ValueError(f"interval ends ({instant_text(self.end)}) before it starts ({instant_text(self.start)})")


def microseconds(moment: datetime) -> int:
    """Return the UTC microseconds of an aware datetime.

    Raises
    ------
    ValueError
        When `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def instant_text(instant: int, zone: ZoneInfo | None = None) -> str:
    """Write UTC microseconds as ISO 8601 in `zone` (default UTC), to the second."""
    if instant <= EARLIEST:
        return "an open beginning"
    if instant >= LATEST:
        return "an open end"
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment.astimezone(zone or UTC).isoformat(timespec="seconds")


def day_span(day: date, zone: ZoneInfo) -> Span:
    """Return the local day as a span: 23, 24 or 25 hours long where clocks change.

    Raises
    ------
    ValueError
        When it is the last day that a calendar has: it ends with a day that is none.

    Examples
    --------
    >>> span = day_span(date(2017, 9, 27), ZoneInfo("Europe/Lisbon"))
    >>> instant_text(span.start), instant_text(span.end)
    ('2017-09-26T23:00:00+00:00', '2017-09-27T23:00:00+00:00')
    """
    if day == date.max:
        raise ValueError(f"{day} is the last day that there is")
    following = day + timedelta(days=1)
    return Span(
        microseconds(datetime(day.year, day.month, day.day, tzinfo=zone)),
        microseconds(datetime(following.year, following.month, following.day, tzinfo=zone)),
    )


def days_span(first: date, last: date, zone: ZoneInfo) -> Span:
    """Return the span from the start of `first` to the end of `last`, local days."""
    return Span(day_span(first, zone).start, day_span(last, zone).end)


@lru_cache(maxsize=65_536)  # a case asks for the same few hundred moments again and again
def parse_moment(text: str, zone: ZoneInfo) -> Span:
    """Read a date, or a date and time, as the span in which the moment lies.

    Parameters
    ----------
    text : str
        ``2017-05-04`` (some moment of that local day), ``2017-05-04T12:00`` (local) or with an offset or ``Z``.
    zone : ZoneInfo
        Of a moment that gives no offset.

    Raises
    ------
    ValueError
        When the text is neither, or names a date that does not exist.

    Examples
    --------
    >>> span = parse_moment("2017-05-06T00:00", ZoneInfo("Europe/Lisbon"))
    >>> span.start == span.end
    True
    """
    text = text.strip()
    if len(text) == len("2017-05-04"):
        return day_span(date.fromisoformat(text), zone)
    moment = datetime.fromisoformat(text)
    instant = microseconds(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    return Span(instant, instant)


def iso_week(text: str, zone: ZoneInfo) -> Span:
    """Return the span of an ISO week of local days, such as ``2017-W39``.

    Raises
    ------
    ValueError
        When the text is not an ISO week or the year has no such week.
    """
    year, _, week = text.partition("-W")
    if not (year.isdigit() and len(week) == 2 and week.isdigit()):
        raise ValueError(f'"{text}" is not an ISO week; write it like 2017-W39')
    monday, sunday = (date.fromisocalendar(int(year), int(week), weekday) for weekday in (1, 7))
    return days_span(monday, sunday, zone)


def local_date(instant: int, zone: ZoneInfo) -> date:
    """Return the local calendar day on which the instant falls."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).date()


def hull(spans: Iterable[Span]) -> Span:
    """Return the smallest span that holds all of `spans`.

    Raises
    ------
    ValueError
        When there is none.
    """
    held = tuple(spans)
    if not held:
        raise ValueError("no span to hold")
    return Span(min(s.start for s in held), max(s.end for s in held))
