"""What nobody could have seen on a day or in a period, zone by zone, from the posts and the coverage on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

from ceasefire.assessment.exposure import coverage_span, post_state
from ceasefire.deployment.unseen import MAYBE, NOT, UP, seen_of
from ceasefire.model.errors import UsageError
from ceasefire.model.roles import mission
from ceasefire.model.time import Span, days_span
from ceasefire.pipeline.sights import exposure_in, known, sights_of_case, usual_sight_km, watch_of
from ceasefire.pipeline.zone_view import Shape, areas_of_day, shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ceasefire.agreement.records import Coverage
    from ceasefire.pipeline.served import Snapshot

_STATES = {"up": UP, "unknown": MAYBE, "down": NOT, "denied": NOT}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSeen:
    """How a zone was watched on a day or in a period."""

    zone_id: Annotated[str, mission("The zone.")]
    share_seen: Annotated[float, mission("Share of its area that a post in operation overlooked at some time.")]
    share_maybe: Annotated[float, mission("Share that somebody may have seen: nobody recorded whether.")]
    share_nobody: Annotated[float, mission("Share in which nobody could have seen anything at any time.")]
    nobody: Annotated[Shape | None, mission("Where that is, as GeoJSON; null: nowhere.")]
    patrolled: Annotated[str, mission("Whether somebody watched somewhere in it: up, maybe or not.")]
    watched_low: Annotated[float | None, mission("Share of area and time watched, at least; null: nothing on record.")]
    watched_high: Annotated[float | None, mission("The same, at most.")]
    hours_low: Annotated[float | None, mission("Hours of watch on record; null: nothing on record.")]
    hours_high: Annotated[float | None, mission("With the time of which nobody recorded anything.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOfDay:
    """What nobody could have seen. It shows where posts are, so it is for the mission alone."""

    position: Annotated[int, mission("Of the ledger entry that these results rest on.")]
    since: Annotated[str, mission("First local day of the period.")]
    day: Annotated[str, mission("Its last local day.")]
    sight_km: Annotated[float, mission("How far a post is taken to see that does not say so itself.")]
    zones: Annotated[tuple[ZoneSeen, ...], mission("Zones that held, or may have held, on the last day.")]
    without_place: Annotated[int, mission("Posts that may have watched, their place not on record.")]


def unseen_view(
    snapshot: Snapshot, day: date, *, since: date | None = None, sight_km: float | None = None
) -> SeenOfDay:
    """Return what nobody could have seen on a local day, or at any time from `since` to it.

    Parameters
    ----------
    since : date, optional
        First local day; by default the day itself.
    sight_km : float, optional
        How far a post sees that does not say so itself; by default as the case's plan has it, else 5 km.

    Raises
    ------
    UsageError
        When the period ends before it begins.
    """
    first = day if since is None else since
    if first > day:
        raise UsageError(f"A period from {first} to {day} ends before it begins.", "Give as `since` an earlier day.")
    case = snapshot.case
    span = days_span(first, day, snapshot.zone)
    reach = usual_sight_km(case) if sight_km is None else sight_km
    states = [(post, post_state(case, post, span)) for post in case.posts]
    watches = [watch_of(post, state, reach) for post, state in states if post.longitude is not None]
    sights = snapshot.kept(f"sights {reach}", lambda: sights_of_case(case, reach))
    zones = []
    for area in areas_of_day(snapshot, day).areas:
        if area.kind == "zone" and area.versions:
            version = area.versions[-1].version_id
            patrolled = _patrolled(snapshot, area.zone_id, span)
            found = seen_of(case.geometries[version], watches, patrolled)
            exposure = exposure_in(case, area.zone_id, span, sights.get(version))
            zones.append(
                ZoneSeen(
                    zone_id=area.zone_id,
                    share_seen=round(found.share_seen, 4),
                    share_maybe=round(found.share_maybe, 4),
                    share_nobody=round(found.share_nobody, 4),
                    nobody=None if found.nobody.is_empty else shape(found.nobody),
                    patrolled=patrolled,
                    watched_low=known(exposure.watched_low, 4),
                    watched_high=known(exposure.watched_high, 4),
                    hours_low=known(exposure.hours_low, 1),
                    hours_high=known(exposure.hours_high, 1),
                )
            )
    return SeenOfDay(
        position=snapshot.stamp.position,
        since=first.isoformat(),
        day=day.isoformat(),
        sight_km=reach,
        zones=tuple(zones),
        without_place=sum(post.longitude is None for post, state in states if state != NOT),
    )


def _patrolled(snapshot: Snapshot, zone_id: str, span: Span) -> str:
    """Return whether anybody is on record as on patrol: up at any time of the period, else perhaps, else not."""
    return _state(
        each
        for each in snapshot.case.coverage
        if each.post is None
        and each.area == zone_id
        and (held := coverage_span(each, snapshot.zone)).start < span.end
        and held.end > span.start
    )


def _state(records: Iterable[Coverage]) -> str:
    said = {_STATES[each.state] for each in records}
    return UP if UP in said else MAYBE if MAYBE in said else NOT
