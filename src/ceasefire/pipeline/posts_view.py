"""Monitoring posts, and the coverage on record: who could have seen what, where, when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

from ceasefire.agreement.force import valid_at
from ceasefire.agreement.timeline import spans_of
from ceasefire.assessment import exposure
from ceasefire.bulletin.limits import NO_COVERAGE
from ceasefire.model.outcome import agreed
from ceasefire.model.roles import mission, public, shared
from ceasefire.model.time import Span, day_span
from ceasefire.pipeline.dated import Dated, dated
from ceasefire.release.classes import RULES, ReleaseClass, is_told_watch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ceasefire.agreement.records import Coverage, Post
    from ceasefire.model.case_types import Moment
    from ceasefire.pipeline.served import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A monitoring post. Where it is, is told to the mission alone; one whose place is unknown has none."""

    post_id: Annotated[str, public("Its id.")]
    number: Annotated[int | None, public("The number it goes by.")]
    operator_id: Annotated[str, public("The actor that runs it.")]
    kind: Annotated[str, public("observation-post, checkpoint, centre, camera or patrol-base.")]
    zone_id: Annotated[str | None, public("The area it watches.")]
    stood: Annotated[str, public("Whether it stood on the day asked for: yes, no or undetermined.")]
    opened: Annotated[tuple[Dated, ...], public("Every opening on record; empty: none.")]
    closed: Annotated[tuple[Dated, ...], public("Every closing on record; empty: none.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    name: Annotated[str | None, mission("The place it is named for.")]
    longitude: Annotated[float | None, mission("Degrees; null: not known.")]
    latitude: Annotated[float | None, mission("Degrees; null: not known.")]
    uncertainty_km: Annotated[float | None, mission("How far it may lie from the point.")]
    sees_km: Annotated[float | None, mission("How far it sees; null: it does not say; 0: nothing by itself.")]
    bearing_degrees: Annotated[float | None, mission("Where it looks, clockwise from north; null: all round.")]
    view_degrees: Annotated[float | None, mission("How wide it looks; null: all round.")]
    note: Annotated[str | None, mission("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """The posts of a case."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    day: Annotated[str, public("The local day asked for.")]
    posts: Annotated[tuple[PostView, ...], public("In the order of the case.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    """That someone could, or could not, see an area or from a post, for a time."""

    coverage_id: Annotated[str, public("Its id.")]
    operator_id: Annotated[str, public("Who watched.")]
    zone_id: Annotated[str | None, public("The area; null: a post.")]
    post_id: Annotated[str | None, shared("The post; null: an area.")]
    valid_from: Annotated[str, public("A local day, or a date and time.")]
    valid_until: Annotated[str, public("The same; a day is included.")]
    state: Annotated[str, public("up, down, denied or unknown.")]
    hours: Annotated[float | None, public("Hours of watch; null: not stated.")]
    denied_by: Annotated[str | None, public("The actor that denied it.")]
    reason: Annotated[
        str | None, public("As given; null: none is, or it is of a post, and those are for the mission alone.")
    ]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, mission("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOnRecord:
    """The coverage of some days. Where none is on record, nobody knows what could have been seen."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    records: Annotated[tuple[CoverageView, ...], public("By start.")]
    warning: Annotated[str | None, public("What the absence of any record means; null: there are some.")]


def posts_view(snapshot: Snapshot, day: date, *, release: ReleaseClass) -> Posts:
    """Return the posts, and whether each stood on a local day.

    Parameters
    ----------
    release : ReleaseClass
        Notes on an opening or closing may say where a post is, so that only the mission is told them.
    """
    span = day_span(day, snapshot.zone)
    return Posts(
        position=snapshot.stamp.position,
        day=day.isoformat(),
        posts=tuple(_post(snapshot, post, span, release) for post in snapshot.case.posts),
    )


def _post(snapshot: Snapshot, post: Post, span: Span, release: ReleaseClass) -> PostView:
    opened, closed = (spans_of(moments, snapshot.zone) for moments in (post.opened, post.closed))
    outcomes = [valid_at(opened, closed, at, doubt="not-yet-valid") for at in (span.start, span.end - 1)]
    # a post whose opening nobody recorded may have stood or not
    stood = agreed(outcomes, otherwise="not-yet-valid").answer.label if opened else "undetermined"
    return PostView(
        post_id=post.id,
        number=post.number,
        operator_id=post.operator,
        kind=post.kind,
        zone_id=post.area,
        stood=stood,
        opened=_told(post.opened, release),
        closed=_told(post.closed, release),
        sources=post.sources,
        unverified=post.unverified,
        name=post.name,
        longitude=post.longitude,
        latitude=post.latitude,
        uncertainty_km=post.uncertainty_km,
        sees_km=post.sees_km,
        bearing_degrees=post.bearing_degrees,
        view_degrees=post.view_degrees,
        note=post.note,
    )


def _told(moments: Iterable[Moment], release: ReleaseClass) -> tuple[Dated, ...]:
    return tuple(each if release is ReleaseClass.MISSION else replace(each, note=None) for each in dated(moments))


def coverage_view(
    snapshot: Snapshot, period: Span | None, zone_id: str | None = None, *, release: ReleaseClass, told_at: int
) -> CoverageOnRecord:
    """Return the coverage that overlaps a period, by default all of it.

    Parameters
    ----------
    zone_id : str, optional
        Of that area only, and of the posts that watch it.
    release : ReleaseClass
        Why a post saw nothing often says where it is, so that only the mission is told; and who is still to watch.
    told_at : int
        Now, UTC microseconds.
    """
    records = tuple(coverage_of(snapshot, period, zone_id, release=release, told_at=told_at))
    return CoverageOnRecord(position=snapshot.stamp.position, records=records, warning=None if records else NO_COVERAGE)


def coverage_of(
    snapshot: Snapshot, period: Span | None, zone_id: str | None, *, release: ReleaseClass, told_at: int
) -> Iterable[CoverageView]:
    """Yield the records that overlap, by start; see `coverage_view`."""
    watched = {post.id: post.area for post in snapshot.case.posts}
    held = [
        (span.start, record)
        for record in snapshot.case.coverage
        if (span := coverage_span(snapshot, record))
        and (period is None or _overlap(span, period))
        and is_told_watch(record.state, span.end, told_at, RULES[release])
    ]
    for _, record in sorted(held, key=lambda each: (each[0], each[1].id)):
        if zone_id is None or zone_id in (record.area, watched.get(record.post or "")):
            yield _coverage(record, release)


def coverage_span(snapshot: Snapshot, record: Coverage) -> Span:
    """Return the span of a record of coverage."""
    return exposure.coverage_span(record, snapshot.zone)


def told_reason(record: Coverage, release: ReleaseClass) -> str | None:
    """Return why somebody saw nothing, or null where the reason may say where a post is."""
    return record.reason if record.post is None or release is ReleaseClass.MISSION else None


def _overlap(span: Span, period: Span) -> bool:
    return span.start < period.end and span.end > period.start


def _coverage(record: Coverage, release: ReleaseClass) -> CoverageView:
    return CoverageView(
        coverage_id=record.id,
        operator_id=record.operator,
        zone_id=record.area,
        post_id=record.post,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        state=record.state,
        hours=record.hours,
        denied_by=record.by,
        reason=told_reason(record, release),
        sources=record.sources,
        unverified=record.unverified,
        note=record.note,
    )
