"""The steps on one series, where a number is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire.assessment.ladder import DatePlace, placebo_in_time

WEEKS = 60
DATE = 30


def counts(*, elsewhere: float) -> np.ndarray:
    """Return weeks that fall at one date as nowhere else, or as at every date by the same share."""
    weeks = np.arange(WEEKS)
    if elsewhere:
        return (1000 * elsewhere**weeks)[None, :]
    return np.where(weeks < DATE, 100.0, 10.0)[None, :]


def test_the_date_itself_is_among_the_dates_so_that_p_is_never_below_one_of_them() -> None:
    p, dates, window = placebo_in_time(counts(elsewhere=0), DatePlace(DATE, DATE, DATE, WEEKS))
    assert dates[0] == WEEKS - 2 * window + 1
    assert p[0] == pytest.approx(1 / dates[0])


def test_dates_at_which_it_fell_as_much_count_against_it() -> None:
    """At each date of a level series nothing fell, which is as much as at any other."""
    p, _, _ = placebo_in_time(np.full((1, WEEKS), 7.0), DatePlace(DATE, DATE, DATE, WEEKS))
    assert p[0] == 1
    last = WEEKS - 12
    p, _, _ = placebo_in_time(counts(elsewhere=0.9), DatePlace(last, last, last, WEEKS))
    # half an event added weighs most where there are fewest: the last date fell least
    assert p[0] == 1
