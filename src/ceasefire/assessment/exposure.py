"""Who could have seen, by week: hours of watch, and how much of an area for how much of the time, as ranges.

What is on record is a lower bound; the upper bound adds the time of which nobody recorded anything, for a post stands
whether anybody writes or not. Only where everything that watches an area is on record as down or denied is it known
that nobody watched; a week of which nothing is on record has no figure at all, and never a zero.

Of records of one post that overlap, the shortest is believed: an interruption within a month of operation counts.
Where equally long ones differ, both ends stay open. Patrols of one area add up, each with its hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ceasefire.agreement.force import valid_at
from ceasefire.agreement.timeline import spans_of
from ceasefire.assessment.weeks import monday_of
from ceasefire.model.time import Span, day_span, parse_moment
from ceasefire.model.vocabulary import Answer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Coverage, Post
    from ceasefire.assessment.places import Place

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

UP, MAYBE, NOT = "up", "maybe", "not"
"""Whether something was watched in a period."""
_HOUR = 3_600_000_000
_SHUT = ("down", "denied")


@dataclass(frozen=True, slots=True)
class Sights:
    """What of an area is seen from which post: cells of the area within which nothing differs.

    Parameters
    ----------
    share : ndarray, shape (k,)
        Of the area, by cell; the sum is one.
    posts : tuple of str, length n
    surely, maybe : ndarray of bool, shape (k, n)
        Whether a cell lies in the sight of a post wherever it stands within its uncertainty, or somewhere within it.
    """

    share: Floats
    posts: tuple[str, ...]
    surely: Bools
    maybe: Bools


@dataclass(frozen=True, slots=True)
class Exposure:
    """How an area was watched, week by week; NaN where nothing is on record.

    Parameters
    ----------
    hours_low, hours_high : ndarray, shape (n,)
        Hours of watch, of all posts and patrols together.
    watched_low, watched_high : ndarray, shape (n,)
        Share of area and time that at least one of them watched.
    """

    hours_low: Floats
    hours_high: Floats
    watched_low: Floats
    watched_high: Floats

    @classmethod
    def unknown(cls, weeks: int) -> Exposure:
        """Return weeks of which nothing is on record."""
        return cls(*(np.full(weeks, np.nan) for _ in range(4)))


@dataclass(frozen=True, slots=True)
class _Watcher:
    """A post, or the patrols of one operator in the area."""

    records: tuple[Coverage, ...]
    post: Post | None
    surely_here: bool
    """Whether it watches the area at all; a post near its border may only perhaps."""
    column: int | None
    """Of `Sights`; None: where it sees is not known."""


def exposure_of(case: Case, place: Place, weeks: Ints, sights: Sights | None = None) -> Exposure:
    """Return how an area was watched week by week.

    Parameters
    ----------
    weeks : ndarray of int64, shape (n,)
        Consecutive week numbers.
    sights : Sights, optional
        From which post what is seen; without it every post counts for the area it is recorded for.
    """
    if not len(weeks):
        return Exposure.unknown(0)
    mondays = [day_span(monday_of(int(week)), case.zone).start for week in (*weeks, int(weeks[-1]) + 1)]
    return exposure_between(case, place.area_id, np.array(mondays), sights)


def exposure_between(case: Case, area_id: str, edges: Ints, sights: Sights | None = None) -> Exposure:
    """Return how an area was watched in periods that follow each other.

    Parameters
    ----------
    edges : ndarray of int64, shape (n + 1,)
        UTC microseconds, ascending: each period from one to the next.
    sights : Sights, optional
        As for `exposure_of`.

    Notes
    -----
    In a cell of the area, seen by posts for shares f of a stretch of time, at least the largest and at most the sum of
    them is watched, whenever in the stretch each was up.
    """
    number = len(edges) - 1
    watchers = list(_watchers(case, area_id, sights))
    if not any(each.records for each in watchers):
        return Exposure.unknown(number)
    cuts = np.unique(np.array([*edges, *(at for each in watchers for at in _changes(each, case.zone))], dtype=np.int64))
    start, length = cuts[:-1], np.diff(cuts) / _HOUR
    parts = [_fractions(each, start, length, case.zone) for each in watchers]
    low: Floats = np.column_stack([part[0] for part in parts])
    high: Floats = np.column_stack([part[1] for part in parts])
    said = np.any([part[2] for part in parts], axis=0)
    here = np.array([each.surely_here for each in watchers])
    seen_low, seen_high = _seen(watchers, low, high, sights)
    period = np.searchsorted(edges, start, side="right") - 1
    inside = (period >= 0) & (period < number)

    def by_period(amount: Floats) -> Floats:
        return np.asarray(np.bincount(period[inside], amount[inside], number), dtype=np.float64)

    recorded = by_period(said.astype(np.float64)) > 0
    whole = np.diff(edges) / _HOUR
    hours_low, hours_high = by_period((low * here).sum(axis=1) * length), by_period(high.sum(axis=1) * length)
    watched_low, watched_high = by_period(seen_low * length) / whole, by_period(seen_high * length) / whole
    return Exposure(*(np.where(recorded, of, np.nan) for of in (hours_low, hours_high, watched_low, watched_high)))


def post_state(case: Case, post: Post, span: Span) -> str:
    """Return whether a post watched at some time of a period: up, maybe or not.

    Parameters
    ----------
    span : Span
        Of which all must be on record as down or denied, as far as it stood, for *not*.
    """
    watcher = _Watcher(_of_post(case, post), post, surely_here=True, column=None)
    cuts = np.unique(np.array([span.start, span.end, *_changes(watcher, case.zone)], dtype=np.int64))
    start = cuts[:-1]
    during = (start >= span.start) & (start < span.end)
    winners = _believed(watcher.records, start, case.zone)
    up = np.any([winners[at] for at, each in enumerate(watcher.records) if each.state == "up"], axis=0)
    stood = _stood(post, start, case.zone)
    if np.any(during & up & (stood == Answer.YES)):
        return UP
    _, high, _ = _fractions(watcher, start, np.diff(cuts) / _HOUR, case.zone)
    return MAYBE if np.any(high[during] > 0) else NOT


def coverage_span(record: Coverage, zone: ZoneInfo) -> Span:
    """Return the span of a record of coverage."""
    return Span(parse_moment(record.valid_from, zone).start, parse_moment(record.valid_until, zone).end)


def _watchers(case: Case, area_id: str, sights: Sights | None) -> Iterable[_Watcher]:
    columns = {post: at for at, post in enumerate(sights.posts)} if sights is not None else {}
    for post in case.posts:
        if post.sees_km == 0:
            continue  # a base or an office sees nothing by itself: its patrols do
        column = columns.get(post.id)
        sees = (
            [bool(of[:, column].any()) for of in (sights.surely, sights.maybe)] if sights and column is not None else []
        )
        here = post.area == area_id
        if here or any(sees):
            yield _Watcher(_of_post(case, post), post, here or sees[0], column)
    patrols = [each for each in case.coverage if each.post is None and each.area == area_id]
    for operator in dict.fromkeys(each.operator for each in patrols):
        own = tuple(each for each in patrols if each.operator == operator)
        yield _Watcher(own, None, surely_here=True, column=None)


def _of_post(case: Case, post: Post) -> tuple[Coverage, ...]:
    return tuple(each for each in case.coverage if each.post == post.id)


def _changes(watcher: _Watcher, zone: ZoneInfo) -> Iterable[int]:
    """Yield the instants at which anything on record of a watcher changes."""
    spans = [coverage_span(each, zone) for each in watcher.records]
    if watcher.post is not None:
        spans += [*spans_of(watcher.post.opened, zone), *spans_of(watcher.post.closed, zone)]
    for span in spans:
        yield from (span.start, span.end)


def _stood(post: Post, start: Ints, zone: ZoneInfo) -> NDArray[np.uint8]:
    """Return `Answer` values; a post whose opening nobody recorded may have stood or not."""
    opened, closed = spans_of(post.opened, zone), spans_of(post.closed, zone)
    if not opened:
        return np.full(len(start), Answer.UNDETERMINED, dtype=np.uint8)
    return np.array([valid_at(opened, closed, int(at), doubt="").answer for at in start], dtype=np.uint8)


def _covers(records: Sequence[Coverage], start: Ints, zone: ZoneInfo) -> tuple[Bools, Floats]:
    """Return which stretches each record covers, shape (records, stretches), and how long each record is."""
    spans = [coverage_span(each, zone) for each in records]
    held = np.zeros((len(records), len(start)), dtype=bool)
    for at, span in enumerate(spans):
        held[at] = (start >= span.start) & (start < span.end)
    return held, np.array([float(span.end - span.start) for span in spans])


def _believed(records: Sequence[Coverage], start: Ints, zone: ZoneInfo) -> Bools:
    """Return which records are believed of each stretch: the shortest of those that cover it."""
    held, lengths = _covers(records, start, zone)
    if not len(records):
        return held
    shortest = np.where(held, lengths[:, None], np.inf).min(axis=0)
    return np.asarray(held & (lengths[:, None] == shortest))


def _fractions(watcher: _Watcher, start: Ints, length: Floats, zone: ZoneInfo) -> tuple[Floats, Floats, Bools]:
    """Return for each stretch the least and most of it that was watched, and whether anything is on record of it.

    Several patrols at once make more than one.
    """
    post, records = watcher.post, watcher.records
    held = _believed(records, start, zone) if post is not None else _covers(records, start, zone)[0]
    ends = [_of_record(each, held[at], length, post) for at, each in enumerate(records)]
    lows, highs = (np.array([end[at] for end in ends], dtype=np.float64).reshape(len(records), 1) for at in (0, 1))
    known = np.array([each.state != "unknown" for each in records], dtype=bool)
    said = (held & known[:, None]).any(axis=0)
    if post is None:
        up = held & np.array([each.state == "up" for each in records], dtype=bool)[:, None]
        shut = held & np.array([each.state in _SHUT for each in records], dtype=bool)[:, None]
        low = (up * lows).sum(axis=0)
        high = np.where(up.any(axis=0), (up * highs).sum(axis=0), np.where(shut.any(axis=0), 0.0, 1.0))
        return low, high, said
    covered = held.any(axis=0)
    low = np.where(covered, np.where(held, lows, np.inf).min(axis=0, initial=np.inf), 0.0)
    high = np.where(covered, np.where(held, highs, -np.inf).max(axis=0, initial=-np.inf), 1.0)
    stood = _stood(post, start, zone)
    return np.where(stood == Answer.YES, low, 0.0), np.where(stood == Answer.NO, 0.0, high), said


def _of_record(record: Coverage, held: Bools, length: Floats, post: Post | None) -> tuple[float, float]:
    """Return the least and most of the time of a record that was watched; hours are spread evenly over it."""
    if record.state in _SHUT:
        return 0.0, 0.0
    if record.state == "unknown":
        return 0.0, 1.0
    if record.hours is not None:
        time = float(length[held].sum())
        share = record.hours / time if time > 0 else 0.0
        return (share, share) if post is None else (min(share, 1.0), min(share, 1.0))
    # what runs by itself, day and night, is up all the time that it is up
    return (1.0, 1.0) if post is not None and post.kind == "camera" else (0.0, 1.0)


def _seen(watchers: Sequence[_Watcher], low: Floats, high: Floats, sights: Sights | None) -> tuple[Floats, Floats]:
    """Return for each stretch the least and most of the area's and the stretch's product that was watched."""
    anywhere = np.array([each.column is None for each in watchers])
    everywhere = np.minimum(high[:, anywhere].sum(axis=1), 1.0)
    placed = [(at, each.column) for at, each in enumerate(watchers) if each.column is not None]
    if sights is None or not placed:
        return np.zeros(len(low)), everywhere
    rows, columns = [at for at, _ in placed], [column for _, column in placed]
    least, most = np.zeros((len(low), len(sights.share))), np.tile(everywhere[:, None], (1, len(sights.share)))
    for row, column in zip(rows, columns, strict=True):
        least = np.maximum(least, np.minimum(low[:, row, None], 1.0) * sights.surely[:, column])
        most = most + high[:, row, None] * sights.maybe[:, column]
    return least @ sights.share, np.minimum(most, 1.0) @ sights.share
