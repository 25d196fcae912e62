"""Where posts stand to see most, for a workspace: a plan, its incidents or a forecast; proved, and compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ceasefire.deployment.candidates import Candidate, admissible
from ceasefire.deployment.conflict import conflict
from ceasefire.deployment.demand import Demand
from ceasefire.deployment.held_out import HeldOut, held_out
from ceasefire.deployment.siting import Siting, SitingProblem, best_siting, marginal_curve, seen
from ceasefire.deployment.worst_samples import Samples, least_missed, worst_mean
from ceasefire.model.errors import InsufficientDataError, UsageError
from ceasefire.pipeline.site_demand import demand_of
from ceasefire.pipeline.site_problem import candidates_of, problem_of
from ceasefire.pipeline.site_rules import OBJECTIVES, Agreed, SitingOptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ceasefire.agreement.case import Case
    from ceasefire.pipeline.site_compare import Compared
    from ceasefire.pipeline.site_outlook import AreaAhead
    from ceasefire.pipeline.state import State

_MOST_CANDIDATES = 5000


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
    """How much is seen, as a share, and between which shares it lies in nine draws of ten.

    The range is over draws by which no post was chosen, and `fresh` the share over them; where there can be no further
    draws, as of a forecast's file, the range is over those there are and `fresh` is None.
    """

    share: float
    low: float | None
    high: float | None
    by_group: dict[str, float]
    fresh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWorst:
    """What posts chosen for the worst samples miss there, in the unit of the demand.

    Parameters
    ----------
    share : float
        Of the samples, the worst.
    missed : float
        On average over them.
    bound : float
        No choice misses less: proved.
    missed_fresh : float or None
        Likewise in samples by which they were not chosen; None: there are no others.
    coming : float
        What comes in those of the first, seen or not, on average.
    missed_otherwise, share_otherwise : float
        What the posts that see most on average would miss there, and what they see.
    """

    share: float
    missed: float
    bound: float
    missed_fresh: float | None
    coming: float
    missed_otherwise: float
    share_otherwise: float


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
    areas: tuple[AreaAhead, ...] = ()
    _state: State | None = field(default=None, repr=False)

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
        share = options.worst_share
        if share is not None and not (0 < share <= 1 and options.objective == "events"):
            raise UsageError(
                f'Nothing can be sited by a worst share of {share:g} for the objective "{options.objective}".',
                "Give a share above 0 and at most 1, with the objective events.",
            )
        case = state.case
        agreed = Agreed.of(case, options)
        given = candidates_of(case, agreed, options)
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
        found = demand_of(state, agreed, options, notes)
        demand = found.demand
        if not demand.expected.sum() > 0:
            raise InsufficientDataError("There is nothing to see: no weight in the period and area.\n  Widen them.")
        pairs = len(candidates) * len(demand.weight)
        if most_pairs is not None and pairs > most_pairs:
            raise UsageError(
                f"{len(candidates):,} places and {len(demand.weight):,} points to see make {pairs:,} pairs; at most "
                f"{most_pairs:,} are looked at here.",
                "Take a wider grid, a smaller area or a shorter period; or ask `ceasefire site`, which has no limit.",
            )
        return cls(
            case=case,
            options=options,
            rules=agreed,
            candidates=candidates,
            left_out=left_out,
            demand=demand,
            problem=problem_of(case, agreed, candidates, demand, notes),
            notes=notes,
            last_incident=found.last_incident,
            areas=found.areas,
            _state=state,
        )

    def again(self, options: SitingOptions) -> SitingSetup:
        """Return the same record's problem under other options."""
        if self._state is None:
            raise UsageError("This siting was not made from a workspace.", "Make it with `Workspace.site`.")
        return SitingSetup.of(self._state, options)

    @property
    def fair(self) -> bool:
        """Whether the group seen least comes first."""
        return self.options.objective in ("sides", "line")

    @property
    def out_of_sight(self) -> frozenset[str]:
        """The sides or stretches of which no place that may be used sees anything: they are in no minimum."""
        anyone = self.problem.sees.any(axis=1) & (self.problem.weights > 0)
        return frozenset(
            name
            for name, group in zip(self.demand.group_names, self.demand.groups, strict=True)
            if not (anyone & group).any()
        )

    def best(self, *, seconds: float = 600.0) -> Siting | None:
        """Return the best siting; None when the requirements contradict each other."""
        return self.solved(self.problem, self.demand, seconds=seconds)

    def solved(self, problem: SitingProblem, demand: Demand, *, seconds: float) -> Siting | None:
        """Return the best siting of a problem by what was asked for: in all, for the group seen least, or the worst."""
        if self.options.worst_share is None:
            return best_siting(problem, objective="worst" if self.fair else "total", seconds=seconds)
        return least_missed(problem, _samples(demand), self.options.worst_share, seconds=seconds)

    def in_the_worst(self, siting: Siting, *, seconds: float = 600.0) -> InTheWorst | None:
        """Return what posts chosen for the worst samples miss there; None where that was not asked for."""
        share = self.options.worst_share
        if share is None or siting.missed is None or siting.missed_bound is None:
            return None
        covered = seen(self.problem, [j for j, _ in siting.posts])
        samples, fresh = _samples(self.demand), self.demand.fresh
        average = best_siting(self.problem, seconds=seconds)
        other = covered if average is None else seen(self.problem, [j for j, _ in average.posts])
        return InTheWorst(
            share=share,
            missed=siting.missed,
            bound=siting.missed_bound,
            missed_fresh=None
            if fresh is None
            else worst_mean(Samples(weight=samples.weight, block=samples.block, draws=fresh).missed(covered), share),
            coming=_coming(samples, covered, share),
            missed_otherwise=worst_mean(samples.missed(other), share),
            share_otherwise=self.demand.share(other),
        )

    def held_out(self, *, seconds: float = 60.0) -> HeldOut | None:
        """Return what posts see of weeks or samples by which they were not chosen; None: there is only one.

        Parameters
        ----------
        seconds : float
            Time for each of the choices, one without each part.
        """
        return held_out(
            self.problem, self.demand, lambda problem, demand: self.solved(problem, demand, seconds=seconds)
        )

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
        return self.seen_of(seen(self.problem, list(used)))

    def compared(self, operator: str, *, seconds: float = 600.0) -> Compared:
        """Hold the posts that an operator really has against the best places for as many, under the same rules.

        Both are judged by what was known before the first of them opened, unless a last day was asked for.

        Raises
        ------
        UsageError
            When no post of the operator has a place.
        """
        from ceasefire.pipeline.site_compare import compare

        return compare(self, operator, seconds=seconds)

    def seen_of(self, covered: NDArray[np.bool_]) -> Seen:
        """Return likewise from which points of the demand are seen, shape (n,)."""
        fresh = self.demand.fresh
        shares = self.demand.shares(covered, fresh)
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
            fresh=None if fresh is None else self.demand.share(covered, fresh),
        )


def _samples(demand: Demand) -> Samples:
    return Samples(weight=demand.weight, block=demand.block, draws=demand.draws)


def _coming(samples: Samples, covered: NDArray[np.bool_], share: float) -> float:
    """Return what comes on average in the samples in which most is missed."""
    missed = samples.missed(covered)
    order = np.argsort(-missed, kind="stable")
    whole = samples.missed(np.zeros(len(covered), dtype=bool))[order]
    counted = share * len(missed)
    return float(whole @ np.clip(counted - np.arange(len(missed)), 0.0, 1.0) / counted)
