"""The posts found are the best there are: held against every choice on small problems."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.deployment.conflict import KEPT, SPACING, conflict
from ceasefire.deployment.siting import ANYONE, Requirement, SitingProblem, best_siting, marginal_curve, seen

TOLERANCE = 1e-6  # of a value of about ten: the solver's feasibility tolerance is 1e-7


@st.composite
def problems(draw: st.DrawFn) -> SitingProblem:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    places, points = draw(st.integers(1, 7)), draw(st.integers(0, 12))
    parties = [ANYONE] if draw(st.booleans()) else ["a", "b"]
    operators = tuple(
        frozenset(rng.choice(parties, size=rng.integers(1, len(parties) + 1), replace=False)) for _ in range(places)
    )
    total = draw(st.integers(0, 4))
    requirements = [Requirement(name="posts", high=total, low=total if draw(st.booleans()) else None)]
    if len(parties) > 1 and draw(st.booleans()):
        requirements.append(
            Requirement(name="quota of a", operators=frozenset("a"), low=draw(st.integers(0, 2)), high=2)
        )
    if draw(st.booleans()):
        belt = frozenset(int(j) for j in np.flatnonzero(rng.random(places) < 0.5))
        requirements.append(Requirement(name="belt", places=belt, high=draw(st.integers(0, 2))))
    close = [pair for pair in combinations(range(places), 2) if rng.random() < 0.2]
    groups = rng.random((2, points)) < 0.6 if draw(st.booleans()) else np.zeros((0, points), dtype=bool)
    return SitingProblem(
        sees=rng.random((points, places)) < 0.4,
        weights=np.round(rng.gamma(1, 1, points), 2) * (rng.random(points) < 0.9),
        operators=operators,
        requirements=tuple(requirements),
        too_close=np.array(close, dtype=np.int64).reshape(-1, 2),
        kept=frozenset([0]) if draw(st.booleans()) else frozenset(),
        groups=groups,
    )


def choices(problem: SitingProblem):
    """Yield every set of posts that the problem allows."""
    options = [(None, *sorted(who)) for who in problem.operators]
    for picked in product(*options):
        posts = [(j, g) for j, g in enumerate(picked) if g is not None]
        used = {j for j, _ in posts}
        if not problem.kept <= used or any({int(a), int(b)} <= used for a, b in problem.too_close):
            continue
        for each in problem.requirements:
            count = sum(
                (each.places is None or j in each.places) and (each.operators is None or g in each.operators)
                for j, g in posts
            )
            if (each.low is not None and count < each.low) or (each.high is not None and count > each.high):
                break
        else:
            yield sorted(used)


def value(problem: SitingProblem, used: list[int]) -> float:
    return float(problem.weights[seen(problem, used)].sum()) if used else 0.0


def worst(problem: SitingProblem, used: list[int]) -> float:
    covered = seen(problem, used) if used else np.zeros(len(problem.weights), dtype=bool)
    shares = [
        problem.weights[group & covered].sum() / problem.weights[group].sum()
        for group in problem.groups
        if problem.weights[group & problem.sees.any(axis=1)].sum() > 0
    ]
    return min(shares, default=1.0)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_it_equals_every_choice_tried(problem: SitingProblem) -> None:
    tried = list(choices(problem))
    found = best_siting(problem)
    if not tried:
        assert found is None
        assert conflict(problem)
        return
    assert conflict(problem) == ()
    assert found is not None
    best = max(value(problem, used) for used in tried)
    assert found.value == pytest.approx(best, abs=TOLERANCE)
    assert found.gap == 0
    assert sorted(j for j, _ in found.posts) in tried
    assert all(g in problem.operators[j] for j, g in found.posts)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_the_group_seen_least_is_seen_as_well_as_any_choice_can(problem: SitingProblem) -> None:
    tried = list(choices(problem))
    found = best_siting(problem, objective="worst")
    if not tried or not len(problem.groups):
        assert (found is None) == (not tried)
        return
    assert found is not None
    least = max(worst(problem, used) for used in tried)
    used = sorted(j for j, _ in found.posts)
    assert worst(problem, used) == pytest.approx(least, abs=TOLERANCE)
    alike = [each for each in tried if worst(problem, each) >= least - TOLERANCE]
    assert found.value == pytest.approx(max(value(problem, each) for each in alike), abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_a_conflict_is_irreducible(problem: SitingProblem) -> None:
    named = conflict(problem)
    if not named:
        return
    parts = {}
    for each in problem.requirements:
        if each.low is not None:
            parts[f"{each.name}: at least {each.low}"] = Requirement(
                name=each.name, places=each.places, operators=each.operators, low=each.low
            )
        if each.high is not None:
            parts[f"{each.name}: at most {each.high}"] = Requirement(
                name=each.name, places=each.places, operators=each.operators, high=each.high
            )

    def allowed(names: set[str]) -> bool:
        trial = SitingProblem(
            sees=problem.sees,
            weights=problem.weights,
            operators=problem.operators,
            requirements=tuple(parts[name] for name in names if name in parts),
            too_close=problem.too_close if SPACING in names else np.zeros((0, 2), dtype=np.int64),
            kept=problem.kept if KEPT in names else frozenset(),
        )
        return next(choices(trial), None) is not None

    assert not allowed(set(named))
    assert all(allowed(set(named) - {name}) for name in named)


def test_the_curve_rises_and_each_point_of_it_is_the_best() -> None:
    rng = np.random.default_rng(5)
    problem = SitingProblem(
        sees=rng.random((40, 9)) < 0.3,
        weights=rng.gamma(1, 1, 40),
        operators=tuple(frozenset({ANYONE}) for _ in range(9)),
        requirements=(Requirement(name="posts", low=3, high=3), Requirement(name="here", places=frozenset({1}), low=1)),
    )
    curve = marginal_curve(problem, 9)
    assert len(curve) == 9
    for number, found in enumerate(curve, start=1):
        best = max(value(problem, list(used)) for used in combinations(range(9), number))
        assert found.value == pytest.approx(best, abs=TOLERANCE)
    assert all(a.value <= b.value + TOLERANCE for a, b in pairwise(curve))


def test_swapping_the_parties_swaps_nothing_but_their_names() -> None:
    rng = np.random.default_rng(7)
    sees, weights = rng.random((30, 8)) < 0.3, rng.gamma(1, 1, 30)

    def with_parties(a: str, b: str) -> SitingProblem:
        return SitingProblem(
            sees=sees,
            weights=weights,
            operators=tuple(frozenset({a} if j < 4 else {a, b}) for j in range(8)),
            requirements=(
                Requirement(name="posts", high=4),
                Requirement(name="a", operators=frozenset({a}), low=1, high=1),
                Requirement(name="b", operators=frozenset({b}), high=2),
            ),
        )

    one, other = best_siting(with_parties("x", "y")), best_siting(with_parties("y", "x"))
    assert one is not None
    assert other is not None
    assert one.value == pytest.approx(other.value)
