"""Weeks as numbers, and the days that a record covers: a gap is missing, a quiet week of a busy source is a gap."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.assessment.weeks import RecordedDays, local_days, monday_of, week_label, week_number, week_of_label
from ceasefire.model.schemas import REPORT, table_of
from ceasefire.model.time import day_span

ZONE = ZoneInfo("Asia/Damascus")


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2015, 12, 31), "2015-W53"),
        (date(2016, 1, 3), "2015-W53"),
        (date(2016, 1, 4), "2016-W01"),
        (date(2018, 12, 31), "2019-W01"),
        (date(2021, 1, 1), "2020-W53"),
    ],
)
def test_year_ends_go_by_iso(day: date, label: str) -> None:
    week = week_number(day)
    assert week_label(week) == label
    assert week_of_label(label) == week
    assert monday_of(week) <= day < monday_of(week + 1)


@pytest.mark.parametrize("text", ["2017-39", "2017-W9", "2017-W54", "W39", ""])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"week"):
        week_of_label(text)


def reports(*said: tuple[str, date], precision: str = "day", kind: str = "event") -> pa.Table:
    rows = []
    for number, (source, day) in enumerate(said):
        span = day_span(day, ZONE)
        rows.append(
            {
                "report_id": f"rep-{number}",
                "source_id": source,
                "kind": kind,
                "occurred_from": span.start,
                "occurred_until": span.end,
                "time_precision": precision,
            }
        )
    return table_of(rows, REPORT)


def daily(source: str, first: date, days: int, *, without: range = range(0)) -> list[tuple[str, date]]:
    return [(source, first + timedelta(days=number)) for number in range(days) if number not in without]


def test_a_day_begins_at_local_midnight() -> None:
    table = reports(("a", date(2017, 3, 31)))
    first, last, dated = local_days(table, ZONE)
    assert first.tolist() == last.tolist() == [week_number(date(2017, 3, 31)) * 7 + 4]
    assert dated.all()


def test_a_series_covers_its_days_and_a_stray_report_does_not_stretch_it() -> None:
    first = date(2017, 1, 4)
    recorded = RecordedDays.of_reports(reports(*daily("a", first, 100), ("b", date(2019, 5, 1))), ZONE)
    assert recorded.runs == ((first, first + timedelta(days=99)),)
    assert "a" in recorded.said


def test_a_silent_week_of_a_busy_source_is_missing_and_not_zero() -> None:
    monday = date(2017, 1, 2)
    recorded = RecordedDays.of_reports(reports(*daily("a", monday, 140, without=range(70, 77))), ZONE)
    weeks = recorded.weeks()
    assert len(weeks) == 20
    assert recorded.days_in(weeks).tolist() == [7] * 10 + [0] + [7] * 9


def test_a_silent_week_of_a_source_that_seldom_reports_is_no_gap() -> None:
    monday = date(2017, 1, 2)
    said = [("a", monday + timedelta(days=3 * number)) for number in range(60) if not 20 <= number < 24]
    recorded = RecordedDays.of_reports(reports(*said), ZONE)
    assert len(recorded.runs) == 1


def test_another_source_fills_a_gap() -> None:
    monday = date(2017, 1, 2)
    said = [*daily("a", monday, 140, without=range(70, 77)), *daily("b", monday, 140)]
    assert len(RecordedDays.of_reports(reports(*said), ZONE).runs) == 1


def test_weeks_at_the_ends_are_covered_in_part() -> None:
    recorded = RecordedDays.stated(date(2017, 1, 4), date(2017, 1, 17))
    assert recorded.days_in(recorded.weeks()).tolist() == [5, 7, 2]


def test_few_reports_are_said_to_be_no_series() -> None:
    recorded = RecordedDays.of_reports(reports(*daily("a", date(2017, 1, 2), 10)), ZONE)
    assert recorded.runs == ((date(2017, 1, 2), date(2017, 1, 11)),)
    assert "No source" in recorded.said


@pytest.mark.parametrize(
    "table",
    [
        REPORT.empty_table(),
        reports(*daily("a", date(2017, 1, 2), 60), precision="month"),
        reports(*daily("a", date(2017, 1, 2), 60), kind="total"),
    ],
    ids=["empty", "months", "totals"],
)
def test_what_is_dated_to_no_week_covers_nothing(table: pa.Table) -> None:
    recorded = RecordedDays.of_reports(table, ZONE)
    assert recorded.runs == ()
    assert len(recorded.weeks()) == 0
    assert recorded.days_in(np.array([2500])).tolist() == [0]


def test_stated_the_wrong_way_round_covers_nothing() -> None:
    assert RecordedDays.stated(date(2017, 2, 1), date(2017, 1, 1)).runs == ()
