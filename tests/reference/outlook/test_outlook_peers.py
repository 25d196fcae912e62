"""Scores, quantiles and fits of the outlook against scoringrules, SciPy and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
import statsmodels.api as sm
from scipy import stats

from ceasefire.assessment.outlook.alarm import _tail
from ceasefire.assessment.outlook.loops import count_quantiles, pooled_quantiles, weighted_quantiles
from ceasefire.assessment.outlook.members import equal_levels, fit_log_linear
from ceasefire.assessment.outlook.scores import crps_of_values


def test_the_score_is_that_of_scoringrules() -> None:
    rng = np.random.default_rng(41)
    values, came = np.sort(rng.gamma(1, 20, (300, 200)), axis=1), rng.gamma(1, 20, 300)
    theirs = scoringrules.crps_ensemble(came, values, estimator="nrg")
    assert np.allclose(crps_of_values(values, came), theirs, rtol=1e-9)


def test_equally_likely_values_score_like_the_distribution_they_stand_for() -> None:
    mean, dispersion = 12.0, 0.8
    values = count_quantiles(np.array([mean]), np.array([dispersion]), equal_levels(200), 2_000.0)[0]
    size = 1 / dispersion
    for came in (0.0, 5.0, 12.0, 60.0):
        exact = scoringrules.crps_negbinom(came, size, size / (size + mean))
        assert crps_of_values(values, np.array(came)) == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(("mean", "dispersion"), [(0.05, 1.0), (3.0, 0.05), (12.0, 0.8), (300.0, 2.0), (900.0, 8.0)])
def test_quantiles_are_those_of_scipy(mean: float, dispersion: float) -> None:
    levels = equal_levels(200)
    ours = count_quantiles(np.array([mean]), np.array([dispersion]), levels, 2_000.0)[0]
    size = 1 / dispersion
    assert np.array_equal(ours, stats.nbinom.ppf(levels, size, size / (size + mean)))


def test_weighted_quantiles_are_those_of_the_weighted_distribution() -> None:
    rng = np.random.default_rng(42)
    values, weights = rng.poisson(9, (20, 30)).astype(float), rng.random((20, 30))
    levels = equal_levels(50)
    ours = weighted_quantiles(values, weights, levels)
    for row in range(20):
        order = np.argsort(values[row])
        upto = np.cumsum(weights[row][order]) / weights[row].sum()
        assert np.array_equal(ours[row], values[row][order][np.searchsorted(upto, levels)])


def test_a_pool_is_the_mixture_of_its_members() -> None:
    rng = np.random.default_rng(43)
    members, weights = np.sort(rng.gamma(1, 9, (3, 4, 100)), axis=2), np.array([[0.2], [0.5], [0.3]]) * np.ones((1, 4))
    ours = pooled_quantiles(members, weights, equal_levels(100))
    for row in range(4):
        for value in np.linspace(0, 40, 9):
            mixture = sum(weights[m, row] * np.mean(members[m, row] <= value) for m in range(3))
            assert np.mean(ours[row] <= value) == pytest.approx(mixture, abs=0.011)


def test_a_regression_without_penalty_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(44)
    x = np.column_stack([np.ones(400), rng.normal(size=(400, 2))])
    y = rng.negative_binomial(2, 2 / (2 + np.exp(x @ np.array([1.0, 0.5, -0.3])))).astype(float)
    theirs = sm.GLM(y, x, family=sm.families.NegativeBinomial(alpha=0.5)).fit()
    fitted, _ = fit_log_linear(x, y, np.ones(400), prior=np.zeros(3), ridge=np.full(3, 1e-9), dispersion=0.5)
    assert np.allclose(fitted, theirs.params, atol=1e-6)


def test_the_predictive_tail_is_that_of_scipy() -> None:
    """A beta-negative binomial is a negative binomial with its chance drawn from a beta."""
    size, a, b = 2.0, 24.0, 90.0
    for count in (0.0, 5.0, 40.0):
        k = np.arange(int(count) + 1)
        masses = stats.betanbinom.pmf(k, size, a, b)
        assert _tail(count, size, a, b) == pytest.approx(1 - masses[:-1].sum() - masses[-1] / 2, abs=1e-12)
