"""The same numbers as statsmodels, pyfixest, and the literature on the coal-mining disasters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from ceasefire.assessment.kernels import (
    changes_at,
    contrast_at,
    fixed_b_critical,
    long_run_sum,
    segment_fit,
    single_breaks,
)

HELD = json.loads((Path(__file__).parent / "reference.json").read_text())
COUNTS = np.array(HELD["counts"], dtype=np.float64)
# half an event is added to each side of a ratio, so that it holds where a side is zero: with hundreds of events this
# moves the log of the ratio by less than this
HALF_AN_EVENT = 0.005

# British coal-mining disasters a year, 1851-1962 (Jarrett 1979, after Maguire, Pearson and Wynn 1952)
COAL = (
    "4 5 4 1 0 4 3 4 0 6 3 3 4 0 2 6 3 3 5 4 5 3 1 4 4 1 5 5 3 4 2 5 2 2 3 4 2 1 3 2 2 1 1 1 1 3 0 0 1 0 1 1 0 0 3 1 "
    "0 3 2 2 0 1 1 1 0 1 0 1 0 0 0 2 1 0 0 0 1 1 0 2 3 3 1 1 2 1 1 1 1 2 4 2 0 0 0 1 4 0 0 0 1 0 0 0 0 0 1 0 0 1 0 1"
)


def test_ratio_and_newey_west_error_are_those_of_a_poisson_regression() -> None:
    changes = changes_at(COUNTS[:1], 26, 26)
    assert changes.log_ratio[0] == pytest.approx(HELD["poisson_log_ratio"], abs=HALF_AN_EVENT)
    assert changes.standard_error[0] == pytest.approx(HELD["hac_standard_error"], rel=1e-6)
    assert HELD["hac_lags"] == np.ceil(1.3 * np.sqrt(52))


def test_the_contrast_is_the_effect_of_a_poisson_regression_with_effects_of_area_and_week() -> None:
    made = contrast_at(COUNTS[:1], COUNTS[1:].sum(axis=0, keepdims=True), 26, 26)
    assert made.log_ratio[0] == pytest.approx(HELD["fixed_effects_log_ratio"], abs=HALF_AN_EVENT)


def test_the_negative_binomial_error_and_likelihood_are_those_of_a_regression() -> None:
    size = 1 / 0.2
    halves = COUNTS[0, :26], COUNTS[0, 26:]
    error = np.sqrt(sum(1 / half.sum() + 1 / (len(half) * size) for half in halves))
    assert error == pytest.approx(HELD["negative_binomial_standard_error"], rel=1e-6)
    fits = [segment_fit(np.array([part.sum()]), np.array([float(len(part))]), np.array(size))[0] for part in halves]
    whole = segment_fit(np.array([COUNTS[0].sum()]), np.array([52.0]), np.array(size))[0]
    assert sum(fits) - whole == pytest.approx(HELD["negative_binomial_gain"], rel=1e-6)


def test_coal_mining_disasters_became_rarer_about_1891() -> None:
    """Raftery and Akman (1986) put it within 1887-1895; Carlin, Gelfand and Smith (1992) have its mode at 1891."""
    years = np.array([int(each) for each in COAL.split()], dtype=np.float64)
    assert len(years) == 112
    assert years.sum() == 191
    found = single_breaks(years[None, :])
    last_of_old = 1851 + int(found.best[0]) - 1
    assert 1889 <= last_of_old <= 1892
    assert found.probability[0] > 0.999
    within = (found.weeks + 1850 >= 1886) & (found.weeks + 1850 <= 1896)
    assert found.posterior[0, within].sum() > 0.9
    before, after = years[: found.best[0]].mean(), years[found.best[0] :].mean()
    assert (before, after) == (pytest.approx(3.1, abs=0.1), pytest.approx(0.92, abs=0.05))


def test_the_posterior_is_the_one_that_integrating_gives() -> None:
    """Each segment's level integrated by quadrature under the same beta prior, with nothing analytic in it."""
    counts = COUNTS[0, :20]
    found = single_breaks(counts[None, :])
    size, worth = float(found.spread.size[0]), float(found.spread.dependence[0])
    prior = stats.beta(size, counts.mean())

    def evidence(part: np.ndarray) -> float:
        return integrate.quad(
            lambda p: prior.pdf(p) * p ** (len(part) * size / worth) * (1 - p) ** (part.sum() / worth), 0, 1, epsabs=0
        )[0]

    weights = np.array([evidence(counts[:at]) * evidence(counts[at:]) for at in found.weeks])
    np.testing.assert_allclose(found.posterior[0], weights / weights.sum(), rtol=1e-4)
    odds = weights.mean() / evidence(counts)
    assert found.probability[0] == pytest.approx(odds / (1 + odds), rel=1e-4)


def test_critical_values_are_those_that_fixed_bandwidths_need() -> None:
    """Simulated anew: with a bandwidth of a fifth of the sample, 1.96 rejects a true mean far more than 1 in 20."""
    rng = np.random.default_rng(3)
    n, lags = 200, 39
    drawn = rng.standard_normal((4000, n))
    centred = drawn - drawn.mean(axis=1, keepdims=True)
    statistic = np.abs(drawn.sum(axis=1)) / np.sqrt(long_run_sum(centred, lags))
    critical = float(fixed_b_critical((lags + 1) / n))
    assert (statistic > critical).mean() == pytest.approx(0.05, abs=0.012)
    assert (statistic > 1.96).mean() > 0.1
