"""What nobody could have seen on a day, zone by zone, from the posts and the coverage on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

from ceasefire.deployment.unseen import MAYBE, NOT, UP, Watch, seen_of
from ceasefire.model.roles import mission
from ceasefire.model.time import day_span
from ceasefire.pipeline.posts_view import coverage_span, posts_view
from ceasefire.pipeline.zone_view import Shape, areas_of_day, shape
from ceasefire.release.classes import ReleaseClass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ceasefire.agreement.records import Coverage
    from ceasefire.pipeline.posts_view import PostView
    from ceasefire.pipeline.served import Snapshot

SIGHT_KM = 5.0
"""How far a post sees where no plan of the case says: what eyes and ears make out on open ground."""
_STATES = {"up": UP, "unknown": MAYBE, "down": NOT, "denied": NOT}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSeen:
    """How a zone was watched on a day."""

    zone_id: Annotated[str, mission("The zone.")]
    share_seen: Annotated[float, mission("Share of its area that a post in operation overlooked.")]
    share_maybe: Annotated[float, mission("Share that somebody may have seen: nobody recorded whether.")]
    share_nobody: Annotated[float, mission("Share in which nobody could have seen anything.")]
    nobody: Annotated[Shape | None, mission("Where that is, as GeoJSON; null: nowhere.")]
    patrolled: Annotated[str, mission("Whether somebody watched somewhere in it: up, maybe or not.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOfDay:
    """What nobody could have seen. It shows where posts are, so it is for the mission alone."""

    position: Annotated[int, mission("Of the ledger entry that these results rest on.")]
    day: Annotated[str, mission("The local day asked for.")]
    sight_km: Annotated[float, mission("How far a post is taken to see.")]
    zones: Annotated[tuple[ZoneSeen, ...], mission("Zones that held, or may have held, on the day.")]
    without_place: Annotated[int, mission("Posts that may have stood, their place not on record.")]


def unseen_view(snapshot: Snapshot, day: date, *, sight_km: float | None = None) -> SeenOfDay:
    """Return what nobody could have seen on a local day.

    Parameters
    ----------
    sight_km : float, optional
        How far a post sees; by default as the case's plan has it, else `SIGHT_KM`.
    """
    span = day_span(day, snapshot.zone)
    on_record = [
        record
        for record in snapshot.case.coverage
        if (held := coverage_span(snapshot, record)).start < span.end and held.end > span.start
    ]
    plans = list(snapshot.case.siting_plans.values())
    reach = sight_km if sight_km is not None else plans[0].range_km if len(plans) == 1 else SIGHT_KM
    stood = [post for post in posts_view(snapshot, day, release=ReleaseClass.MISSION).posts if post.stood != "no"]
    watches = [_watch(post, on_record, reach) for post in stood if post.longitude is not None]
    zones = []
    for area in areas_of_day(snapshot, day).areas:
        if area.kind == "zone" and area.versions:
            drawn = snapshot.case.geometries[area.versions[-1].version_id]
            patrolled = _state(each for each in on_record if each.area == area.zone_id)
            found = seen_of(drawn, watches, patrolled)
            zones.append(
                ZoneSeen(
                    zone_id=area.zone_id,
                    share_seen=round(found.share_seen, 4),
                    share_maybe=round(found.share_maybe, 4),
                    share_nobody=round(found.share_nobody, 4),
                    nobody=None if found.nobody.is_empty else shape(found.nobody),
                    patrolled=patrolled,
                )
            )
    return SeenOfDay(
        position=snapshot.stamp.position,
        day=day.isoformat(),
        sight_km=reach,
        zones=tuple(zones),
        without_place=len(stood) - len(watches),
    )


def _watch(post: PostView, on_record: Iterable[Coverage], sight_km: float) -> Watch:
    """Return a post as a place to watch from; one on which nothing is on record may have been in operation."""
    mine = [each for each in on_record if each.post == post.post_id]
    state = _state(mine) if mine else MAYBE
    return Watch(
        longitude=post.longitude or 0.0,
        latitude=post.latitude or 0.0,
        uncertainty_km=post.uncertainty_km or 0.0,
        sight_km=sight_km,
        state=MAYBE if state == UP and post.stood != "yes" else state,
    )


def _state(records: Iterable[Coverage]) -> str:
    """Return whether anything was watched: up at any time of the day, else perhaps, else not."""
    said = {_STATES[each.state] for each in records}
    return UP if UP in said else MAYBE if MAYBE in said else NOT
