"""Where posts stand to see most, for a workspace: a plan, its incidents or a forecast; proved, and compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from ceasefire.deployment.candidates import Candidate, admissible, grid, too_close
from ceasefire.deployment.conflict import conflict
from ceasefire.deployment.demand import Demand
from ceasefire.deployment.sight import in_range, not_hidden, read_elevation
from ceasefire.deployment.siting import (
    ANYONE,
    Requirement,
    Siting,
    SitingProblem,
    best_siting,
    marginal_curve,
    seen,
)
from ceasefire.model.errors import InsufficientDataError, UsageError
from ceasefire.pipeline.site_demand import demand_of
from ceasefire.pipeline.site_rules import OBJECTIVES, Agreed, SitingOptions, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Post
    from ceasefire.pipeline.state import State

_MOST_CANDIDATES = 5000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePost:
    """A post as sited. Where it is, is for the mission alone."""

    site_id: str
    name: str
    operator_id: str | None
    latitude: float
    longitude: float
    stands: bool
    lost_without: float
    """Share of the objective that only this post sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How much is seen, as a share, and between which shares it lies in nine draws of ten."""

    share: float
    low: float | None
    high: float | None
    by_group: dict[str, float]


@dataclass(slots=True)
class SitingSetup:
    """A problem ready to be solved, and where its parts are from; made by `SitingSetup.of`."""

    case: Case
    options: SitingOptions
    rules: Agreed
    candidates: list[Candidate]
    left_out: dict[str, list[str]]
    demand: Demand
    problem: SitingProblem
    notes: list[str] = field(default_factory=list)
    last_incident: date | None = None

    @classmethod
    def of(cls, state: State, options: SitingOptions, *, most_pairs: int | None = None) -> SitingSetup:
        """Gather candidates, rules and demand.

        Parameters
        ----------
        state : State
        options : SitingOptions
        most_pairs : int, optional
            As many pairs of a place and a point may be looked at; by default any number.

        Raises
        ------
        UsageError, InputError, InsufficientDataError
            When something is asked that is not there, or there is nothing to see or nowhere to stand.
        """
        if options.objective not in OBJECTIVES:
            raise UsageError(f'There is no objective "{options.objective}".', f"Objectives: {', '.join(OBJECTIVES)}.")
        case = state.case
        agreed = Agreed.of(case, options)
        given = _candidates(case, agreed, options)
        candidates, left_out = admissible(given, agreed.place_rules(case))
        if not candidates:
            raise InsufficientDataError(
                f"None of {len(given)} places may be used: "
                + "; ".join(f"{len(ids)} {reason}" for reason, ids in left_out.items())
                + ".\n  Give candidates with --candidates or --grid-km, or loosen a rule."
            )
        if len(candidates) > _MOST_CANDIDATES:
            raise UsageError(f"{len(candidates):,} candidates are too many.", f"Give at most {_MOST_CANDIDATES:,}.")
        notes: list[str] = []
        demand, last_incident = demand_of(state, agreed, options, notes)
        if not demand.expected.sum() > 0:
            raise InsufficientDataError("There is nothing to see: no weight in the period and area.\n  Widen them.")
        pairs = len(candidates) * len(demand.weight)
        if most_pairs is not None and pairs > most_pairs:
            raise UsageError(
                f"{len(candidates):,} places and {len(demand.weight):,} points to see make {pairs:,} pairs; at most "
                f"{most_pairs:,} are looked at here.",
                "Take a wider grid, a smaller area or a shorter period; or ask `ceasefire site`, which has no limit.",
            )
        problem = _problem(case, agreed, candidates, demand, options)
        return cls(case, options, agreed, candidates, left_out, demand, problem, notes, last_incident)

    @property
    def fair(self) -> bool:
        """Whether the group seen least comes first."""
        return self.options.objective in ("sides", "line")

    def best(self, *, seconds: float = 600.0) -> Siting | None:
        """Return the best siting; None when the requirements contradict each other."""
        return best_siting(self.problem, objective="worst" if self.fair else "total", seconds=seconds)

    def conflict(self, *, seconds: float = 60.0) -> tuple[str, ...]:
        """Return the requirements that cannot be met together, none of which could be left out."""
        return conflict(self.problem, seconds=seconds)

    def curve(self, most: int, *, fewest: int = 1, seconds: float = 60.0) -> tuple[Siting, ...]:
        """Return the best sitings of 1, 2, ... posts under the upper limits."""
        return marginal_curve(self.problem, most, fewest=fewest, seconds=seconds)

    def posts(self, siting: Siting) -> tuple[SitePost, ...]:
        """Return the posts of a siting, with what only each of them sees."""
        used = [j for j, _ in siting.posts]
        weights = self.problem.weights
        whole = float(weights.sum())
        found = []
        for j, operator in siting.posts:
            alone = seen(self.problem, used) & ~seen(self.problem, [other for other in used if other != j])
            each = self.candidates[j]
            found.append(
                SitePost(
                    site_id=each.site_id,
                    name=each.name,
                    operator_id=operator or None,
                    latitude=each.latitude,
                    longitude=each.longitude,
                    stands=each.stands,
                    lost_without=float(weights[alone].sum()) / whole,
                )
            )
        return tuple(found)

    def seen_by(self, used: Iterable[int]) -> Seen:
        """Return how much some candidates see, and how that varies over the draws."""
        return self._seen(seen(self.problem, list(used)))

    def compared(self, operator: str, *, seconds: float = 600.0) -> Compared:
        """Hold the posts that an operator really has against the best places for as many, under the same range.

        Raises
        ------
        UsageError
            When no post of the operator has a place.
        """
        posts = [each for each in self.case.posts if each.operator == operator and each.kind == "observation-post"]
        placed = [each for each in posts if each.latitude is not None and each.longitude is not None]
        if not placed:
            raise UsageError(f'No observation post of "{operator}" has a place on record.', "Name another operator.")
        position = (np.array([each.longitude for each in placed]), np.array([each.latitude for each in placed]))
        points = self.demand.longitude, self.demand.latitude
        sees = _sees(points, position, np.full(len(placed), self.rules.range_km), self.options)
        late = [each.id for each in placed if self.last_incident and _opened_after(each, self.last_incident)]
        # theirs are candidates too, so that the best is never less for want of a place
        wider = replace(
            self.problem,
            sees=np.hstack([self.problem.sees, sees]),
            operators=(*self.problem.operators, *(frozenset({ANYONE}) for _ in placed)),
            requirements=(Requirement(name="posts", high=len(placed)),),
            too_close=np.zeros((0, 2), dtype=np.int64),
            kept=frozenset(),
        )
        best = best_siting(wider, objective="worst" if self.fair else "total", seconds=seconds)
        assert best is not None  # noqa: S101 -- without lower limits no posts at all is a choice
        return Compared(
            operator_id=operator,
            posts=len(placed),
            without_place=len(posts) - len(placed),
            theirs=self._seen(np.asarray(sees.any(axis=1))),
            best=self._seen(seen(wider, [j for j, _ in best.posts])),
            gap=best.gap,
            opened_after=tuple(late),
            until=self.last_incident,
        )

    def _seen(self, covered: NDArray[np.bool_]) -> Seen:
        shares = self.demand.shares(covered)
        known = shares[np.isfinite(shares)]
        varies = len(known) > 1
        weights = self.problem.weights
        groups = {
            name: float(weights[group & covered].sum() / weights[group].sum())
            for name, group in zip(self.demand.group_names, self.demand.groups, strict=True)
            if weights[group].sum() > 0
        }
        return Seen(
            share=float(weights[covered].sum() / weights.sum()),
            low=float(np.quantile(known, 0.05)) if varies else None,
            high=float(np.quantile(known, 0.95)) if varies else None,
            by_group=groups,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Posts as they stood beside the best places for as many, on one demand and one range."""

    operator_id: str
    posts: int
    without_place: int
    theirs: Seen
    best: Seen
    gap: float
    opened_after: tuple[str, ...]
    """Posts that opened after the last incident on record: what made people choose them is not in the record."""
    until: date | None


def _candidates(case: Case, agreed: Agreed, options: SitingOptions) -> list[Candidate]:
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


def _problem(
    case: Case, agreed: Agreed, candidates: list[Candidate], demand: Demand, options: SitingOptions
) -> SitingProblem:
    position = (np.array([each.longitude for each in candidates]), np.array([each.latitude for each in candidates]))
    ranges = np.array([each.range_km or agreed.range_km for each in candidates])
    points = demand.longitude, demand.latitude
    sees = _sees(points, position, ranges, options)
    exactly = Requirement(name=f"{agreed.posts} posts", low=agreed.posts, high=agreed.posts)
    return SitingProblem(
        sees=sees,
        weights=demand.expected,
        operators=tuple(_who_may_stand(each, agreed) for each in candidates),
        requirements=(exactly, *_requirements(case, agreed, candidates)),
        too_close=too_close(candidates, agreed.apart_km or 0.0),
        kept=frozenset(j for j, each in enumerate(candidates) if each.stands),
        groups=demand.groups,
    )


def _sees(
    points: tuple[Floats, Floats], position: tuple[Floats, Floats], range_km: Floats, options: SitingOptions
) -> NDArray[np.bool_]:
    """Return which points are seen from which positions, over the terrain where it is given."""
    sees = in_range(points, position, range_km)
    if options.elevation is None:
        return sees
    return not_hidden(sees, points, position, read_elevation(options.elevation))


def _who_may_stand(candidate: Candidate, agreed: Agreed) -> frozenset[str]:
    """Return the plan's operators that may stand at a place; a post that stands is its own operator's."""
    parties = frozenset(quota.operator for quota in agreed.plan.quotas) if agreed.plan else frozenset()
    if candidate.stands:
        return candidate.operators if parties else frozenset({ANYONE})
    if not parties:
        return frozenset({ANYONE})
    return parties & candidate.operators if candidate.operators else parties


def _requirements(case: Case, agreed: Agreed, candidates: list[Candidate]) -> list[Requirement]:
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


def _opened_after(post: Post, day: date) -> bool:
    """Whether every opening on record of a post is after a day."""
    return bool(post.opened) and all(date.fromisoformat(each.at[:10]) > day for each in post.opened)
