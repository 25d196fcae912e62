"""What is missed in the worst samples: as defined, as little as any choice can, and no more than on average."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deployment.test_siting import TOLERANCE, choices, problems

from ceasefire.deployment.siting import ANYONE, Requirement, SitingProblem, best_siting, seen
from ceasefire.deployment.worst_samples import Samples, least_missed, worst_mean


@st.composite
def with_samples(draw: st.DrawFn) -> tuple[SitingProblem, Samples]:
    problem = draw(problems())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    points, blocks, count = len(problem.weights), draw(st.integers(1, 4)), draw(st.integers(1, 6))
    samples = Samples(
        weight=problem.weights,
        block=rng.integers(0, blocks, points),
        draws=np.round(rng.gamma(0.7, 1, (count, blocks)), 2) * (rng.random((count, blocks)) < 0.8),
    )
    return replace(problem, weights=samples.weight * samples.draws.mean(axis=0)[samples.block]), samples


def missed(problem: SitingProblem, samples: Samples, used: list[int], share: float) -> float:
    covered = seen(problem, used) if used else np.zeros(len(samples.weight), dtype=bool)
    amounts = [
        sum(samples.weight[i] * draw[samples.block[i]] for i in range(len(covered)) if not covered[i])
        for draw in samples.draws
    ]
    # the least over the threshold is at one of the amounts
    return min(eta + sum(max(0.0, one - eta) for one in amounts) / (share * len(amounts)) for eta in amounts)


@settings(max_examples=120, deadline=None)
@given(with_samples(), st.sampled_from([0.1, 0.25, 0.5, 0.7, 1.0]))
def test_no_choice_misses_less_in_the_worst_samples(given_: tuple[SitingProblem, Samples], share: float) -> None:
    problem, samples = given_
    tried = list(choices(problem))
    found = least_missed(problem, samples, share)
    if not tried:
        assert found is None
        return
    assert found is not None
    used = sorted(j for j, _ in found.posts)
    assert used in tried
    least = min(missed(problem, samples, each, share) for each in tried)
    assert found.missed == pytest.approx(missed(problem, samples, used, share), abs=TOLERANCE)
    assert found.missed == pytest.approx(least, abs=1e-5)
    assert found.missed_bound is not None
    assert found.missed_bound <= least + 1e-5
    assert found.gap == 0
    if share == 1:
        plain = best_siting(problem)
        assert plain is not None
        assert found.value == pytest.approx(plain.value, abs=1e-5)


def test_a_choice_for_the_worst_differs_from_one_for_the_average() -> None:
    # place 0 sees what comes a little every time, place 1 what comes seldom and in masses
    samples = Samples(
        weight=np.array([1.0, 1.0]),
        block=np.array([0, 1]),
        draws=np.array([[3.0, 0.0]] * 9 + [[3.0, 20.0]]),
    )
    problem = SitingProblem(
        sees=np.eye(2, dtype=bool),
        weights=samples.draws.mean(axis=0),
        operators=(frozenset({ANYONE}),) * 2,
        requirements=(Requirement(name="posts", high=1),),
    )
    average, careful = best_siting(problem), least_missed(problem, samples, 0.1)
    assert average is not None
    assert careful is not None
    assert [j for j, _ in average.posts] == [0]
    assert [j for j, _ in careful.posts] == [1]
    assert careful.missed == pytest.approx(3.0)


def test_the_worst_mean_counts_a_sample_in_part() -> None:
    values = np.array([4.0, 1.0, 2.0, 8.0])
    assert worst_mean(values, 0.25) == 8
    assert worst_mean(values, 0.3) == pytest.approx((8 + 0.2 * 4) / 1.2)
    assert worst_mean(values, 1.0) == pytest.approx(values.mean())
    with pytest.raises(ValueError, match="share"):
        least_missed(
            SitingProblem(sees=np.zeros((0, 0), dtype=bool), weights=np.zeros(0), operators=(), requirements=()),
            Samples(weight=np.zeros(0), block=np.zeros(0, dtype=np.int64), draws=np.ones((1, 1))),
            0.0,
        )
