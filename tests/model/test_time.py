"""Moments and days, held to values worked out with another calendar library's rules by hand."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from ceasefire.agreement.timeline import Timeline, add_months
from ceasefire.model.time import EARLIEST, Span, day_span, instant_text, iso_week, local_date, parse_moment

DAMASCUS = ZoneInfo("Asia/Damascus")
HOUR = 3_600_000_000


def test_a_date_is_the_whole_local_day() -> None:
    span = parse_moment("2017-05-04", DAMASCUS)
    assert instant_text(span.start) == "2017-05-03T21:00:00+00:00"
    assert span.end - span.start == 24 * HOUR


def test_a_day_on_which_clocks_change_is_not_24_hours_long() -> None:
    # Damascus put its clocks back at midnight after 26 October 2017 and forward on 31 March 2017
    spans = [day_span(day, DAMASCUS) for day in (date(2017, 10, 26), date(2017, 10, 27), date(2017, 3, 31))]
    assert sorted((span.end - span.start) // HOUR for span in spans) == [23, 24, 25]


def test_a_time_is_local_unless_it_says_otherwise() -> None:
    assert parse_moment("2017-07-09T12:00", DAMASCUS) == parse_moment("2017-07-09T09:00Z", DAMASCUS)


@pytest.mark.parametrize("text", ["2017-02-30", "4 May 2017", "2017-13-01", "2017-05-04T25:00", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_moment(text, DAMASCUS)


def test_an_iso_week_starts_on_monday_and_may_begin_in_the_old_year() -> None:
    week = iso_week("2018-W01", DAMASCUS)
    assert local_date(week.start, DAMASCUS) == date(2018, 1, 1)
    assert local_date(iso_week("2015-W53", DAMASCUS).start, DAMASCUS) == date(2015, 12, 28)


@pytest.mark.parametrize("text", ["2016-W53", "2017-W00", "2017W39", "W39", "2017-W3", "9999-W52"])
def test_weeks_that_do_not_exist_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        iso_week(text, DAMASCUS)


def test_the_last_day_of_the_calendar_is_no_moment() -> None:
    with pytest.raises(ValueError, match="last day"):
        parse_moment("9999-12-31", DAMASCUS)


def test_an_interval_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Span(2, 1)


def test_six_months_end_on_the_same_local_clock_time() -> None:
    start = parse_moment("2017-05-06T00:00", DAMASCUS).start
    assert instant_text(add_months(start, 6, DAMASCUS), DAMASCUS) == "2017-11-06T00:00:00+02:00"
    assert instant_text(add_months(parse_moment("2017-08-31T12:00", DAMASCUS).start, 6, DAMASCUS), DAMASCUS).startswith(
        "2018-02-28T12:00"
    )


def test_segments_of_a_timeline_meet_at_its_breaks() -> None:
    import numpy as np

    line = Timeline.of([20, 10, 20])
    first, last = line.segments(np.array([5, 10, 9, 5]), np.array([10, 10, 11, 25]))
    assert first.tolist() == [0, 1, 0, 0]
    assert last.tolist() == [0, 1, 1, 2]
    assert [line.instant(s) for s in range(3)] == [EARLIEST, 10, 20]
