"""A contrast is made only where the areas had moved alike before, whichever way they had not."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire.assessment.elsewhere import contrast_between
from ceasefire.assessment.ladder import DatePlace, Outcome

WEEKS, DATE = 104, 70
PLACE = DatePlace(DATE, DATE, DATE, WEEKS)


def course(before: float, after: float, *, fell: float = 1.0) -> np.ndarray:
    """Return weeks at one level, at another through the second half of those looked at before, and after a start."""
    level = np.where(np.arange(WEEKS) < DATE - 26, before, after)
    return np.random.default_rng(12).poisson(np.where(np.arange(WEEKS) >= DATE, after * fell, level))[None, :] * 1.0


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [(30, 30, Outcome.PASSED), (60, 20, Outcome.REFUSED), (20, 60, Outcome.REFUSED)],
    ids=["alike", "already falling", "rising"],
)
def test_an_area_that_had_parted_from_the_others_before_is_refused(
    before: float, after: float, outcome: Outcome
) -> None:
    """What was already falling before its truce would else be laid to the truce."""
    others = np.random.default_rng(13).poisson(50, (1, WEEKS)).astype(np.float64)
    made = contrast_between(course(before, after, fell=0.3), others, PLACE, 26, 0.05, ("a", "b", "c"))
    assert made.outcome is outcome
    assert np.isfinite(made.ratio) == (outcome is Outcome.PASSED)
    if before > after:
        assert made.lead_high < 1
