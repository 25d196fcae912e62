"""Chapman's estimate against what others computed, and against the whole distribution, summed by hand."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from ceasefire.assessment.capture_recapture import chapman, same_share

COVERAGE_TOLERANCE = 0.02
"""Between 0.95 and the share of 4,000 simulated pairs of lists whose interval holds the truth: six standard errors."""


def test_a_published_example() -> None:
    # turtles: 10 marked, 15 caught, 5 of them marked; estimate 28, interval 22 to 65 (Sadinle's transformed logit)
    found = chapman(10, 15, 5)
    assert found.estimate == pytest.approx(11 * 16 / 6 - 1)
    assert (round(found.low), round(found.high), found.seen) == (22, 65, 20)
    # Seber's variance: 11 * 16 * 5 * 10 / (6**2 * 7)
    assert found.standard_error**2 == pytest.approx(8800 / 252)


@pytest.mark.parametrize(("size", "first", "second"), [(30, 20, 15), (12, 6, 6), (50, 40, 25), (9, 9, 3)])
def test_the_mean_over_every_outcome_is_the_truth(size: int, first: int, second: int) -> None:
    # where the lists are so long that they must meet, the estimate has no bias: summed over the hypergeometric law
    ways = comb(size, second)
    mean = sum(
        comb(first, both) * comb(size - first, second - both) / ways * chapman(first, second, both).estimate
        for both in range(max(0, first + second - size), min(first, second) + 1)
    )
    assert mean == pytest.approx(size)


@pytest.mark.parametrize(("size", "p_first", "p_second"), [(60, 0.5, 0.4), (300, 0.2, 0.3)])
def test_the_interval_holds_the_truth_as_often_as_it_says(size: int, p_first: float, p_second: float) -> None:
    rng = np.random.default_rng(20210614)
    draws = 4000
    first, second = rng.random((draws, size)) < p_first, rng.random((draws, size)) < p_second
    counts = zip(first.sum(1).tolist(), second.sum(1).tolist(), (first & second).sum(1).tolist(), strict=True)
    found = [chapman(*each) for each in counts]
    held = np.mean([one.low <= size <= one.high for one in found])
    assert abs(held - 0.95) <= COVERAGE_TOLERANCE
    assert np.mean([one.estimate for one in found]) == pytest.approx(size, rel=0.03)


def test_lists_exchanged_give_the_same() -> None:
    assert chapman(31, 19, 12) == chapman(19, 31, 12)


def test_nothing_in_common_and_everything() -> None:
    assert chapman(4, 4, 4).estimate == 4
    nothing = chapman(5, 5, 0)
    assert nothing.low >= nothing.seen == 10
    assert nothing.high > 100


@pytest.mark.parametrize("counts", [(3, 5, 4), (3, 5, -1)])
def test_counts_of_no_two_lists(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="in common"):
        chapman(*counts)


def test_fishers_exact_test() -> None:
    # Agresti (2002), table 3.8 (tea): 0.486; R's fisher.test on 10, 2, 3, 15: 0.0005367
    assert same_share(3, 1, 1, 3) == pytest.approx(0.4857, abs=1e-4)
    assert same_share(10, 2, 3, 15) == pytest.approx(0.0005367, abs=1e-7)
    assert same_share(0, 0, 3, 4) == 1
