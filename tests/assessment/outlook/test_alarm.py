from __future__ import annotations

import numpy as np
import pytest
from tests.assessment.outlook.simulated import calm, panel_of

from ceasefire.assessment.outlook.alarm import NOMINAL, alarms, chance_of_more, surprise

RUNS = 1_500
# of 1,500 weeks a rate of 1 % shows as 0.4 to 1.7 % by chance alone; counts are steps, and dispersion is not known
SLACK = (0.0025, 0.02)


@pytest.mark.parametrize("mean", [3.0, 8.0, 30.0])
@pytest.mark.parametrize("size", [0.6, 1.5, 4.0, 1e6])
def test_one_percent_is_near_one_percent_on_calm(mean: float, size: float) -> None:
    weeks = calm(np.random.default_rng(21), 13, RUNS, mean=mean, size=size)
    raised = np.mean([chance_of_more(unit[:12], unit[12]) <= NOMINAL for unit in weeks.T])
    assert SLACK[0] <= raised <= SLACK[1]


def test_one_percent_over_all_kinds_of_calm() -> None:
    rng = np.random.default_rng(22)
    raised = []
    for mean in (1.0, 3.0, 8.0, 30.0):
        for size in (0.6, 1.5, 4.0, 1e6):
            raised += [
                chance_of_more(unit[:12], unit[12]) <= NOMINAL for unit in calm(rng, 13, 500, mean=mean, size=size).T
            ]
    assert 0.007 <= np.mean(raised) <= 0.013


def test_plugging_in_what_was_seen_would_raise_too_many() -> None:
    """The control: with the moments of twelve weeks taken for true, one percent is more than two."""
    from ceasefire.assessment.outlook.loops import count_quantiles

    weeks = calm(np.random.default_rng(23), 13, 2_000, mean=8.0, size=1.5)
    mean, variance = weeks[:12].mean(axis=0), weeks[:12].var(axis=0, ddof=1)
    dispersion = np.clip((variance - mean) / np.maximum(mean, 0.1) ** 2, 0.02, 10)
    limit = count_quantiles(np.maximum(mean, 0.05), dispersion, np.array([0.99]), 2_000.0)[:, 0]
    assert np.mean(weeks[12] > limit) > 0.02


def test_both_tests_together_are_rarer_than_one() -> None:
    told = alarms(panel_of(calm(np.random.default_rng(24), 150, 10)))
    states = [each.state for each in told if each.state != "cannot-tell"]
    assert len(states) > 1_300
    assert states.count("alarm") / len(states) <= 0.015


def test_a_breakdown_is_an_alarm_by_both_and_against_the_war_it_is_as_then() -> None:
    rng = np.random.default_rng(25)
    war, lull = rng.poisson(60, (12, 1)), rng.poisson(5, (20, 1))
    counts = np.vstack([war, lull, [[55]]]).astype(np.float64)
    panel = panel_of(counts)
    start = int(panel.weeks[12])
    told = alarms(panel, truce_from=(start,))
    last = told[-1]
    assert last.state == "alarm"
    assert last.war.p_more is not None
    assert 0.01 < last.war.p_more < 0.99
    quiet = told[-2]
    assert quiet.state == "quiet"
    assert quiet.war.p_fewer is not None
    assert quiet.war.p_fewer < 0.01
    # before the truce there is no war to compare with
    assert told[0].war.why_not == "no-reference"


def test_a_run_of_violence_surprises_the_second_model_less() -> None:
    rng = np.random.default_rng(26)
    level = 6.0
    counts = []
    for _ in range(120):
        seen = rng.poisson(level)
        counts.append(float(seen))
        level = 0.6 + 0.6 * seen + 0.3 * level
    told = alarms(panel_of(np.array(counts)[:, None]))
    risen = [
        each for each in told if each.lull.p_more is not None and each.lull.p_more < 0.05 and each.second is not None
    ]
    assert risen
    assert np.mean([each.second > each.lull.p_more for each in risen if each.second and each.lull.p_more]) > 0.5


def test_answers_where_there_is_none() -> None:
    assert surprise(np.full(12, np.nan), 3.0).why_not == "too-few-weeks"
    assert surprise(np.ones(12), np.nan).why_not == "week-missing"
    told = alarms(panel_of(np.array([[1.0], [np.nan], [2.0]])))
    assert [each.state for each in told] == ["cannot-tell", "cannot-tell"]
    assert alarms(panel_of(np.array([[1.0]]))) == ()


@pytest.mark.parametrize("count", [0.0, 1.0, 1e5, 3e6, 2e9])
def test_any_count_after_zeros_has_a_chance(count: float) -> None:
    p = chance_of_more(np.zeros(12), count)
    assert 0 <= p <= 1
    assert count == 0 or p < 0.1


def test_a_zone_whose_truce_begins_after_the_record_has_no_war_yet() -> None:
    panel = panel_of(calm(np.random.default_rng(27), 40, 1))
    told = alarms(panel, truce_from=(int(panel.weeks[-1]) + 10,))
    assert {each.war.why_not for each in told} == {"no-reference"}


@pytest.mark.parametrize("count", [3.0, 40.0, 250_000.0, 1_000_000.0])
def test_the_second_opinion_is_the_tail_of_a_negative_binomial_however_large_the_count(count: float) -> None:
    """By scipy's own tail; what is too large to sum up is divided, the level with the count."""
    from scipy.stats import nbinom

    from ceasefire.assessment.outlook.alarm import _excited_tail

    mean, dispersion, weeks = 0.8 * count, 0.5, 10.0
    widened = dispersion + (1 + dispersion) * (1 / mean + dispersion) / weeks
    size = 1 / widened
    share = size / (size + mean)
    reference = nbinom.sf(count - 1, size, share) - nbinom.pmf(count, size, share) / 2
    assert _excited_tail(count, mean, dispersion, weeks) == pytest.approx(reference, abs=1e-4)
