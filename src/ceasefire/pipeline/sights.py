"""From which post what of each area is seen, for stages that know nothing of posts' places: a plain table each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ceasefire.assessment.exposure import coverage_span, exposure_between
from ceasefire.deployment.unseen import MAYBE, Watch, sights_of
from ceasefire.release.classes import RULES, ReleaseClass, is_told_watch

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Post
    from ceasefire.assessment.exposure import Exposure, Sights
    from ceasefire.model.time import Span
    from ceasefire.pipeline.served import Snapshot

SIGHT_KM = 5.0
"""How far a post sees where neither it nor a plan of the case says: what eyes and ears make out on open ground."""


def usual_sight_km(case: Case) -> float:
    """Return how far a post sees that does not say so itself: as the case's one plan has it, else `SIGHT_KM`."""
    plans = list(case.siting_plans.values())
    return plans[0].range_km if len(plans) == 1 else SIGHT_KM


def watch_of(post: Post, state: str, sight_km: float) -> Watch:
    """Return a post whose place is known as a place to watch from.

    Parameters
    ----------
    sight_km : float
        How far it sees where it does not say so itself.
    """
    return Watch(
        longitude=post.longitude or 0.0,
        latitude=post.latitude or 0.0,
        uncertainty_km=post.uncertainty_km or 0.0,
        sight_km=sight_km if post.sees_km is None else post.sees_km,
        state=state,
        bearing_degrees=post.bearing_degrees,
        view_degrees=post.view_degrees,
    )


def sights_of_case(case: Case, sight_km: float | None = None) -> dict[str, Sights]:
    """Return what is seen of every zone, by version.

    Parameters
    ----------
    sight_km : float, optional
        How far a post sees that does not say so itself; by default `usual_sight_km`.
    """
    reach = usual_sight_km(case) if sight_km is None else sight_km
    placed = [(post.id, watch_of(post, MAYBE, reach)) for post in case.posts if post.longitude is not None]
    if not placed:
        return {}
    return {
        version.id: sights_of(case.geometries[version.id], placed)
        for area in case.areas.values()
        if area.kind == "zone"
        for version in area.versions
    }


def told_case(snapshot: Snapshot, release: ReleaseClass, told_at: int) -> Case:
    """Return the case with the coverage that may be told: outside the mission, none that is still to come."""
    told = tuple(
        each
        for each in snapshot.case.coverage
        if is_told_watch(each.state, coverage_span(each, snapshot.zone).end, told_at, RULES[release])
    )
    return replace(snapshot.case, coverage=told)


def exposure_in(case: Case, zone_id: str, span: Span, sights: Sights | None) -> Exposure:
    """Return how an area was watched in one period."""
    return exposure_between(case, zone_id, np.array([span.start, span.end], dtype=np.int64), sights)


def known(figures: np.ndarray[tuple[int, ...], np.dtype[np.float64]], digits: int) -> float | None:
    """Return the one figure of a period, rounded; None where it is not known."""
    return None if np.isnan(figures[0]) else round(float(figures[0]), digits)
