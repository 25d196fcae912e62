"""What posts see of what they were not chosen by: less than promised where the past does not come again."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire.deployment.demand import forecast_samples, past_weeks
from ceasefire.deployment.held_out import held_out
from ceasefire.deployment.siting import ANYONE, Requirement, SitingProblem, best_siting


def problem_of(demand, sees, posts: int) -> SitingProblem:
    return SitingProblem(
        sees=sees,
        weights=demand.expected,
        operators=tuple(frozenset({ANYONE}) for _ in range(sees.shape[1])),
        requirements=(Requirement(name="posts", high=posts),),
    )


def test_places_at_random_promise_more_than_they_keep_and_fixed_ones_do_not() -> None:
    rng = np.random.default_rng(1)
    weeks, places = 40, 20

    def found(at):
        demand = past_weeks(
            (8 + at / 100, np.full(weeks, 47.0), np.zeros(weeks)),
            np.arange(weeks),
            np.ones(weeks),
            weeks=weeks,
            draws=50,
            rng=rng,
        )
        problem = problem_of(demand, at[:, None] == np.arange(places), 4)
        return held_out(problem, demand, lambda each, _: best_siting(each))

    anywhere = found(rng.integers(0, places, weeks))
    assert anywhere is not None
    assert (anywhere.parts, anywhere.blocks, anywhere.proved) == (5, 40, True)
    assert anywhere.of_chosen_by > 0.3  # the four places where most fell
    assert anywhere.of_left_out < anywhere.of_chosen_by - 0.1  # a fifth is to be expected
    always = found(np.arange(weeks) % 4)
    assert always is not None
    assert always.of_left_out == pytest.approx(1)


def test_a_choice_never_sees_what_is_left_out() -> None:
    sample = np.repeat(np.arange(6), 2)
    x = 8 + np.arange(12) / 10
    demand = forecast_samples(sample, (x, np.full(12, 47.0)), np.ones(12))
    problem = problem_of(demand, np.eye(12, dtype=bool), 10)
    asked = []

    def choose(each, known):
        asked.append((np.flatnonzero(each.weights == 0), known.draws.copy()))
        return best_siting(each)

    found = held_out(problem, demand, choose)
    assert found is not None
    assert found.of_left_out == 0
    assert sorted(int(point) for points, _ in asked for point in points) == list(range(12))
    for points, draws in asked:
        # a sample that is left out is no sample in which nothing happens
        assert len(draws) == 6 - len(np.unique(sample[points]))
        assert not draws[:, sample[points]].any()


def test_one_sample_alone_cannot_be_held_out() -> None:
    demand = forecast_samples(np.zeros(3, dtype=np.int64), (np.arange(3.0), np.zeros(3)), np.ones(3))
    problem = problem_of(demand, np.eye(3, dtype=bool), 1)
    assert held_out(problem, demand, lambda each, _: best_siting(each)) is None
