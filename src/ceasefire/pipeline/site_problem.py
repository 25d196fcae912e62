"""A siting problem from the rules agreed: where posts may stand, for whom, and what is seen from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from ceasefire.deployment.candidates import Candidate, grid, too_close
from ceasefire.deployment.sight import in_range, not_hidden, read_elevation
from ceasefire.deployment.siting import ANYONE, Requirement, SitingProblem
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.site_rules import Agreed, SitingOptions, shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ceasefire.agreement.case import Case
    from ceasefire.deployment.demand import Demand


def candidates_of(case: Case, agreed: Agreed, options: SitingOptions) -> list[Candidate]:
    """Return the places given, the plan's, or a grid's; posts that stay come first."""
    stand = []
    for post in case.posts:
        if agreed.plan and post.id in agreed.plan.keep:
            if post.latitude is None or post.longitude is None:
                raise UsageError(f'The post "{post.id}" is to stay, and nobody says where it is.', "Give its place.")
            stand.append(
                Candidate(
                    site_id=post.id,
                    name=post.name or post.id,
                    longitude=post.longitude,
                    latitude=post.latitude,
                    operators=frozenset({post.operator}),
                    stands=True,
                )
            )
    if options.candidates is not None:
        from ceasefire.pipeline.site_tables import read_candidates

        found = list(read_candidates(options.candidates))
    elif options.grid_km is not None:
        if agreed.area is None:
            raise UsageError("A grid needs an area.", "Name one with --zone.")
        found = grid(shapely.force_2d(shape_of(case, agreed.area)), options.grid_km)
    else:
        found = [
            Candidate(
                site_id=each.id,
                name=each.name or each.id,
                longitude=each.longitude,
                latitude=each.latitude,
                operators=frozenset(each.operators),
                range_km=each.range_km,
                road_km=each.road_km,
                safe=each.safe,
                consented=each.consented,
            )
            for each in (agreed.plan.candidates if agreed.plan else ())
        ]
    if not found and not stand:
        raise UsageError(
            "There are no places to choose from.", "Give them in siting.yaml, with --candidates, or with --grid-km."
        )
    return stand + found


def problem_of(
    case: Case, agreed: Agreed, candidates: list[Candidate], demand: Demand, notes: list[str]
) -> SitingProblem:
    """Return the problem of where to stand under all rules; says in `notes` what the terrain hides."""
    exactly = Requirement(name=f"{agreed.posts} posts", low=agreed.posts, high=agreed.posts)
    return SitingProblem(
        sees=seen_from(agreed, candidates, demand, notes),
        weights=demand.expected,
        operators=tuple(_who_may_stand(each, agreed) for each in candidates),
        requirements=(exactly, *requirements_of(case, agreed, candidates)),
        too_close=too_close(candidates, agreed.apart_km or 0.0),
        kept=frozenset(j for j, each in enumerate(candidates) if each.stands),
        groups=demand.groups,
    )


def seen_from(
    agreed: Agreed, candidates: Sequence[Candidate], demand: Demand, notes: list[str] | None = None
) -> NDArray[np.bool_]:
    """Return which points of the demand are within range of each place and not behind a hill, shape (n, m)."""
    position = (np.array([each.longitude for each in candidates]), np.array([each.latitude for each in candidates]))
    points = demand.longitude, demand.latitude
    sees = in_range(points, position, np.array([each.range_km or agreed.range_km for each in candidates]))
    if agreed.elevation is not None:
        within = int(sees.sum())
        sees = not_hidden(sees, points, position, read_elevation(agreed.elevation))
        if notes is not None:
            notes.append(
                f"Heights of {agreed.elevation.name}: of {within:,} pairs of a place and a point within its range, the "
                f"ground hides {within - int(sees.sum()):,}."
            )
    return sees


def _who_may_stand(candidate: Candidate, agreed: Agreed) -> frozenset[str]:
    """Return the plan's operators that may stand at a place; a post that stands is its own operator's."""
    parties = frozenset(quota.operator for quota in agreed.plan.quotas) if agreed.plan else frozenset()
    if candidate.stands:
        return candidate.operators if parties else frozenset({ANYONE})
    if not parties:
        return frozenset({ANYONE})
    return parties & candidate.operators if candidate.operators else parties


def requirements_of(case: Case, agreed: Agreed, candidates: list[Candidate]) -> list[Requirement]:
    """Return the plan's quotas and belts."""
    plan = agreed.plan
    if plan is None:
        return []
    quotas = [
        Requirement(
            name=f"posts of {quota.operator}",
            operators=frozenset({quota.operator}),
            low=quota.at_least,
            high=quota.at_most,
        )
        for quota in plan.quotas
    ]
    belts = []
    for belt in plan.belts:
        inside = shapely.covers(
            shape_of(case, belt.area),
            shapely.points([each.longitude for each in candidates], [each.latitude for each in candidates]),
        )
        belts.append(
            Requirement(
                name=f"posts in {belt.area}" + (f" of {' and '.join(belt.operators)}" if belt.operators else ""),
                places=frozenset(int(j) for j in np.flatnonzero(inside)),
                operators=frozenset(belt.operators) or None,
                low=belt.at_least,
                high=belt.at_most,
            )
        )
    return quotas + belts
