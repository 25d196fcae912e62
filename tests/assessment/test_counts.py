"""Counts with bounds: what a period holds, what is alleged at least and at most, tolls as ranges."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.assessment.counts import (
    Bounds,
    Fit,
    clause_counts,
    fit_period,
    is_episode,
    overall_bounds,
    sum_toll,
    undetermined_questions,
    with_fit,
)
from ceasefire.model.schemas import FINDING, INCIDENT, table_of
from ceasefire.model.time import days_span
from ceasefire.model.vocabulary import Question, Status

DAMASCUS = ZoneInfo("Asia/Damascus")
WEEK = days_span(date(2017, 9, 25), date(2017, 10, 1), DAMASCUS)


def incidents(*rows: dict[str, object]) -> pa.Table:
    return table_of([{"covers": [], **row} for row in rows], INCIDENT)


def on(name: str, first: date, last: date) -> dict[str, object]:
    span = days_span(first, last, DAMASCUS)
    return {"incident_id": name, "occurred_from": span.start, "occurred_until": span.end}


def finding(incident_id: str, status: Status, **more: object) -> dict[str, object]:
    return {"incident_id": incident_id, "clause_id": "T1", "zone_id": "north", "status": status.value, **more}


def test_fit_tells_within_edge_outside_and_undated():
    table = incidents(
        on("last-day", date(2017, 10, 1), date(2017, 10, 1)),
        on("over-the-edge", date(2017, 9, 30), date(2017, 10, 2)),
        on("day-after", date(2017, 10, 2), date(2017, 10, 2)),
        on("day-before", date(2017, 9, 24), date(2017, 9, 24)),
        on("whole-year", date(2017, 1, 1), date(2017, 12, 31)),
        {"incident_id": "undated"},
    )
    assert fit_period(table, WEEK).tolist() == [
        Fit.WITHIN, Fit.EDGE, Fit.OUTSIDE, Fit.OUTSIDE, Fit.EDGE, Fit.UNDATED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "expected"), [(WEEK.start, Fit.WITHIN), (WEEK.end - 1, Fit.WITHIN), (WEEK.end, Fit.OUTSIDE)]
)
def test_a_moment_belongs_to_the_period_that_starts_with_it(at: int, expected: Fit):
    table = incidents({"incident_id": "moment", "occurred_from": at, "occurred_until": at})
    assert fit_period(table, WEEK).tolist() == [expected]


def test_every_incident_is_within_one_week_or_at_an_edge_of_each_it_touches():
    following = days_span(date(2017, 10, 2), date(2017, 10, 8), DAMASCUS)
    table = incidents(on("a", date(2017, 9, 27), date(2017, 9, 27)), on("b", date(2017, 9, 30), date(2017, 10, 3)))
    assert np.stack([fit_period(table, WEEK), fit_period(table, following)]).T.tolist() == [
        [Fit.WITHIN, Fit.OUTSIDE],
        [Fit.EDGE, Fit.EDGE],
    ]


def test_an_episode_is_one_only_where_its_parts_are_present():
    table = incidents(
        {"incident_id": "total", "covers": ["part"]},
        {"incident_id": "part"},
        {"incident_id": "alone", "covers": ["never-imported"]},
    )
    assert is_episode(table).tolist() == [True, False, False]


def test_bounds_hold_alleged_below_and_open_and_edge_above():
    table = incidents(
        on("a", date(2017, 9, 27), date(2017, 9, 27)),
        on("b", date(2017, 9, 27), date(2017, 9, 27)),
        on("c", date(2017, 9, 30), date(2017, 10, 3)),
        on("d", date(2017, 9, 28), date(2017, 9, 28)),
        on("e", date(2017, 8, 1), date(2017, 8, 1)),
    )
    findings = table_of(
        [
            finding("a", Status.ALLEGED_VIOLATION),
            finding("a", Status.UNDETERMINED),
            finding("b", Status.CONTESTED),
            finding("c", Status.ALLEGED_VIOLATION),
            finding("d", Status.EXEMPT_TARGET),
            finding("e", Status.ALLEGED_VIOLATION),
        ],
        FINDING,
    )
    fitted = with_fit(findings, table["incident_id"], fit_period(table, WEEK))
    assert overall_bounds(fitted) == (Bounds(1, 3), Bounds(1, 4))
    (count,) = clause_counts(fitted)
    assert (count.clause_id, count.zone_id, count.edge_incidents) == ("T1", "north", 1)
    assert (count.incidents, count.findings) == (Bounds(1, 3), Bounds(1, 4))
    assert set(count.statuses) == {
        (Status.ALLEGED_VIOLATION, 1, 1),
        (Status.UNDETERMINED, 1, 1),
        (Status.CONTESTED, 1, 1),
        (Status.EXEMPT_TARGET, 1, 1),
    }


def test_findings_of_no_incident_count_nothing():
    table = incidents(on("a", date(2017, 8, 1), date(2017, 8, 1)))
    fitted = with_fit(
        table_of([finding("a", Status.ALLEGED_VIOLATION)], FINDING), table["incident_id"], fit_period(table, WEEK)
    )
    assert overall_bounds(fitted) == (Bounds(0, 0), Bounds(0, 0))
    assert clause_counts(fitted) == ()


def toll(low: int | None, best: int | None, high: int | None) -> dict[str, object]:
    return {"killed_low": low, "killed_best": best, "killed_high": high}


def test_a_toll_nobody_states_is_none_and_not_zero():
    total = sum_toll([toll(None, None, None), toll(None, None, None)], "killed")
    assert (total.low, total.best, total.high, total.stated, total.incidents) == (None, None, None, 0, 2)


def test_tolls_add_up_over_those_who_state_them():
    total = sum_toll([toll(0, 0, 126), toll(None, 84, None), toll(None, None, None), toll(21, 21, 20)], "killed")
    assert (total.low, total.best, total.high) == (0 + 84 + 20, 0 + 84 + 21, 126 + 84 + 21)
    assert (total.stated, total.incidents) == (3, 4)


def test_undetermined_questions_are_named_in_order():
    row = {
        "in_force": "yes", "in_area": "undetermined", "act": "contested", "bound": "undetermined",
        "covered_target": "yes", "exception": "no",
    }  # fmt: skip
    assert undetermined_questions(row) == (Question.IN_AREA, Question.BOUND)
