"""Where posts stand to see most, proved: maximal covering under quotas, and its max-min kin.

Formulation
-----------
Candidates j may be used by operators g in E(j); demand points i have weights w_i >= 0 (the average over the samples of
a forecast: the expected weight seen is linear in what is seen, so that the sample average has one equivalent program)
and are seen from the candidates N(i).

    x_jg in {0, 1}   operator g stands at j             y_i in [0, 1]   point i is seen

    maximise    sum_i w_i y_i
    subject to  y_i <= sum over j in N(i), g in E(j) of x_jg          a point is seen only from a post
                sum_g x_jg <= 1                                       one post at a place
                low_r <= sum over (j, g) in R_r of x_jg <= high_r     every requirement r: total, quota, belt
                x_j + x_k <= 1                                        j and k stand too close together

That is the maximal covering location problem of Church and ReVelle (1974) with side constraints. y needs no
integrality: with x fixed each y_i is 0 or 1 at the best. Points seen from the same candidates are added up first.

For *worst*, the points are in groups k (stretches of a line, or sides; a point may be in several, so that a post counts
for both sides), and the program is solved twice: first z is maximised with

                sum_i G_ki w_i y_i >= z * sum_i G_ki w_i              for each group k that can be seen at all

(max-min fairness, Ogryczak 1997), then the total is, with z held.

Solved by HiGHS (Huangfu and Hall 2018) to a relative gap of 0. The value reported is recomputed from the posts chosen,
never taken from the solver.

References
----------
Church, R., ReVelle, C. (1974). The maximal covering location problem. Papers of the Regional Science Association 32.
Kleywegt, A., Shapiro, A., Homem-de-Mello, T. (2002). The sample average approximation method. SIAM J. Optim. 12.
Ogryczak, W. (1997). On the lexicographic minimax approach to location problems. Eur. J. Oper. Res. 100.
Huangfu, Q., Hall, J. (2018). Parallelizing the dual revised simplex method. Math. Prog. Comp. 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ceasefire.deployment.program import Program, Row, solved

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
ANYONE = ""
"""The operator where nobody asks who stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """How many posts must stand, or may, somewhere or for somebody.

    Parameters
    ----------
    name : str
        As sentences name it: ``republic stands at most at 3 posts``.
    places : frozenset of int or None
        Candidates that count; None: all.
    operators : frozenset of str or None
        Whose posts count; None: everybody's.
    low, high : int or None
    """

    name: str
    places: frozenset[int] | None = None
    operators: frozenset[str] | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingProblem:
    """What can be seen from where, and what has been consented to.

    Parameters
    ----------
    sees : bool array, shape (n_points, n_candidates)
    weights : float array, shape (n_points,)
        Not negative.
    operators : tuple of frozenset of str
        For each candidate, who may stand there; ``{ANYONE}`` where nobody asks.
    requirements : tuple of Requirement
        The total first.
    too_close : int array, shape (n_pairs, 2)
        Candidates that may not both be used.
    kept : frozenset of int
        Candidates where a post stands already, and stays.
    groups : bool array, shape (n_groups, n_points)
        Stretches or sides; only *worst* looks at them.
    """

    sees: Flags
    weights: Floats
    operators: tuple[frozenset[str], ...]
    requirements: tuple[Requirement, ...]
    too_close: Numbers = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    kept: frozenset[int] = frozenset()
    groups: Flags = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))


@dataclass(frozen=True, slots=True, kw_only=True)
class Siting:
    """Posts, and how much they see.

    Parameters
    ----------
    posts : tuple of (int, str)
        Candidate and operator, in the order of the candidates.
    value : float
        Weight seen.
    share : float
        Of all weight, 0 to 1; 0 where there is none.
    bound : float
        No choice sees more than this: proved.
    gap : float
        Of what was asked for: (bound - value) / value, or likewise of `missed`; 0 where the choice is proved best.
    group_shares : tuple of float
        Of each group's weight; NaN for a group without any.
    missed, missed_bound : float or None
        Where posts were chosen for the worst samples (`deployment.worst_samples`): what they miss there on average, and
        below which no choice misses.
    """

    posts: tuple[tuple[int, str], ...]
    value: float
    share: float
    bound: float
    gap: float
    group_shares: tuple[float, ...] = ()
    missed: float | None = None
    missed_bound: float | None = None


def seen(problem: SitingProblem, candidates: Sequence[int]) -> Flags:
    """Return which points are seen from some candidates, shape (n_points,)."""
    return np.asarray(problem.sees[:, list(candidates)].any(axis=1))


def best_siting(problem: SitingProblem, *, objective: str = "total", seconds: float = 600.0) -> Siting | None:
    """Return the posts that see most, or None when the requirements cannot all be met.

    Parameters
    ----------
    problem : SitingProblem
    objective : {"total", "worst"}
        *worst*: first the group seen least is seen as well as can be, then as much as possible in all.
    seconds : float
        Time for each solving; what is found by then has a gap.
    """
    model = _Model.of(problem)
    if objective == "worst" and len(problem.groups):
        first = model.solve(worst=True, seconds=seconds)
        if first is None:
            return None
        # a hair below, so that rounding does not make the second program infeasible
        second = model.solve(least_worst=first.objective - 1e-7, seconds=seconds)
        found = second or first
        shortfall = max(0.0, first.bound - first.objective)
        return model.siting(found.values, None if second is None else second.bound, extra_gap=shortfall)
    best = model.solve(seconds=seconds)
    return None if best is None else model.siting(best.values, best.bound)


def marginal_curve(problem: SitingProblem, most: int, *, fewest: int = 1, seconds: float = 60.0) -> tuple[Siting, ...]:
    """Return the best sitings of 1, 2, ... posts, each proved by itself; the sets need not contain one another.

    Lower limits of the requirements are left out, since few posts cannot meet them; upper limits hold.

    Parameters
    ----------
    problem : SitingProblem
    most : int
        The largest number of posts.
    fewest : int
        The smallest; never below the posts that stay.
    seconds : float
        Time for each.
    """
    curve = []
    for posts in range(max(1, fewest, len(problem.kept)), most + 1):
        total = Requirement(name=f"at most {posts} posts", high=posts)
        others = tuple(
            Requirement(name=each.name, places=each.places, operators=each.operators, high=each.high)
            for each in problem.requirements[1:]
        )
        limited = SitingProblem(
            sees=problem.sees,
            weights=problem.weights,
            operators=problem.operators,
            requirements=(total, *others),
            too_close=problem.too_close,
            kept=problem.kept,
            groups=problem.groups,
        )
        found = best_siting(limited, seconds=seconds)
        if found is None:
            break
        curve.append(found)
    return tuple(curve)


@dataclass(slots=True)
class _Model:
    """The program of a problem: columns are first the pairs of candidate and operator, then points, then z."""

    problem: SitingProblem
    pairs: list[tuple[int, str]]
    pair_candidate: Numbers
    kinds: Flags
    kind_weights: Floats
    kind_groups: Floats
    scale: float

    @classmethod
    def of(cls, problem: SitingProblem) -> _Model:
        """Add up the points that are seen from the same candidates and lie in the same groups."""
        pairs = pairs_of(problem)
        groups = problem.groups if len(problem.groups) else np.zeros((0, len(problem.weights)), dtype=bool)
        matters = (problem.weights > 0) & problem.sees.any(axis=1)
        rows = np.hstack([problem.sees[matters], groups.T[matters]])
        packed, kind = np.unique(np.packbits(rows, axis=1), axis=0, return_inverse=True)
        first = np.unique(kind.ravel(), return_index=True)[1]
        weights: Floats = np.bincount(kind.ravel(), problem.weights[matters], minlength=len(packed)).astype(np.float64)
        kinds = problem.sees[matters][first]
        kind_groups: Floats = groups[:, matters][:, first].astype(np.float64) * weights
        # weights of about one: the solver's tolerances are absolute
        scale = float(weights.mean()) if len(weights) else 1.0
        candidate = np.array([j for j, _ in pairs], dtype=np.int64)
        return cls(problem, pairs, candidate, kinds, weights, kind_groups, scale)

    def solve(self, *, worst: bool = False, least_worst: float | None = None, seconds: float) -> _Solved | None:
        n_pairs, n_kinds = len(self.pairs), len(self.kinds)
        columns = n_pairs + n_kinds + 1
        objective = np.zeros(columns)
        if worst:
            objective[-1] = 1.0
        else:
            objective[n_pairs:-1] = self.kind_weights / self.scale
        program = Program(columns=columns, objective=objective, whole=n_pairs)
        program.lower[:n_pairs] = standing(self.problem, self.pairs)
        program.rows += site_rows(self.problem, self.pairs)
        for number, sees in enumerate(self.kinds):
            pairs = np.flatnonzero(sees[self.pair_candidate])
            entries = np.concatenate([pairs, [n_pairs + number]])
            program.rows.append(Row(entries, np.concatenate([np.ones(len(pairs)), [-1.0]]), 0.0, np.inf))
        if worst or least_worst is not None:
            program.rows += self._group_rows(n_pairs, least_worst)
        found = solved(program, seconds=seconds)
        if found is None:
            return None
        factor = 1.0 if worst else self.scale
        return _Solved(values=found.values, objective=found.objective * factor, bound=found.bound * factor)

    def siting(self, values: Floats, bound: float | None, *, extra_gap: float = 0.0) -> Siting:
        """Recompute what the chosen posts see."""
        chosen = tuple(pair for pair, value in zip(self.pairs, values, strict=False) if value > 0.5)
        covered = seen(self.problem, [j for j, _ in chosen])
        weights, groups = self.problem.weights, self.problem.groups
        value, whole = float(weights[covered].sum()), float(weights.sum())
        bound = value if bound is None or bound < value else bound
        gap = (bound - value) / value if value > 0 else 0.0
        shares = []
        for group in groups:
            total = float(weights[group].sum())
            shares.append(float(weights[group & covered].sum()) / total if total > 0 else float("nan"))
        return Siting(
            posts=chosen,
            value=value,
            share=value / whole if whole > 0 else 0.0,
            bound=bound,
            # the solver's own arithmetic is good to about 1e-9
            gap=max(0.0 if gap < _PROVED else gap, 0.0 if extra_gap < _PROVED_WORST else extra_gap),
            group_shares=tuple(shares),
        )

    def _group_rows(self, n_pairs: int, least_worst: float | None) -> list[Row]:
        rows = []
        columns = n_pairs + np.arange(len(self.kinds))
        for group, seen_weights in zip(self.problem.groups, self.kind_groups, strict=True):
            total = float(self.problem.weights[group].sum())
            mine = np.flatnonzero(seen_weights)
            if total <= 0 or not len(mine):
                continue  # what no candidate sees would make every choice equally bad
            if least_worst is None:
                entries = np.concatenate([columns[mine], [n_pairs + len(self.kinds)]])
                rows.append(Row(entries, np.concatenate([seen_weights[mine] / total, [-1.0]]), 0.0, np.inf))
            else:
                rows.append(Row(columns[mine], seen_weights[mine] / total, least_worst, np.inf))
        return rows


_PROVED = 1e-7
"""Relative: below, the difference of bound and value is the solver's rounding."""
_PROVED_WORST = 1e-6


@dataclass(frozen=True, slots=True)
class _Solved:
    values: Floats
    objective: float
    bound: float


def pairs_of(problem: SitingProblem) -> list[tuple[int, str]]:
    """Return the pairs of candidate and operator, which are a program's first columns."""
    return [(j, g) for j, who in enumerate(problem.operators) for g in sorted(who)]


def standing(problem: SitingProblem, pairs: Sequence[tuple[int, str]]) -> Floats:
    """Return lower bounds that keep a post that stands, where its operator is known; of several, a row keeps one."""
    return np.array([1.0 if j in problem.kept and len(problem.operators[j]) == 1 else 0.0 for j, _ in pairs])


def kinds_of(problem: SitingProblem, points: Flags) -> tuple[Flags, Numbers]:
    """Return what points are seen from, shape (n_kinds, n_candidates), and each point's kind; -1: left out."""
    rows = np.flatnonzero(points)
    packed = np.packbits(problem.sees[rows], axis=1)
    _, first, kind = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    kinds = np.full(len(points), -1, dtype=np.int64)
    kinds[rows] = kind.ravel()
    return problem.sees[rows[first]], kinds


def site_rows(problem: SitingProblem, pairs: Sequence[tuple[int, str]]) -> list[Row]:
    """Return the rows on where posts may stand; requirements first, in their order."""
    rows = [requirement_row(each, pairs) for each in problem.requirements]
    by_candidate: dict[int, list[int]] = {}
    for number, (j, _) in enumerate(pairs):
        by_candidate.setdefault(j, []).append(number)
    for j, mine in sorted(by_candidate.items()):
        if len(mine) > 1:
            low = 1.0 if j in problem.kept else -np.inf
            rows.append(Row(np.array(mine), np.ones(len(mine)), low, 1.0))
    for a, b in problem.too_close:
        both = np.array(by_candidate.get(int(a), []) + by_candidate.get(int(b), []))
        if len(both):
            rows.append(Row(both, np.ones(len(both)), -np.inf, 1.0))
    return rows


def requirement_row(requirement: Requirement, pairs: Sequence[tuple[int, str]]) -> Row:
    """Return a requirement as a row over pairs of candidate and operator."""
    mine = np.array(
        [
            number
            for number, (j, g) in enumerate(pairs)
            if (requirement.places is None or j in requirement.places)
            and (requirement.operators is None or g in requirement.operators)
        ],
        dtype=np.int64,
    )
    low = -np.inf if requirement.low is None else float(requirement.low)
    high = np.inf if requirement.high is None else float(requirement.high)
    return Row(mine, np.ones(len(mine)), low, high)
