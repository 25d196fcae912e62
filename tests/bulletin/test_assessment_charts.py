"""Charts of an assessment: the same record, the same bytes; light and dark hold the same marks in other colours."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np
import pytest

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.assessment.assess import AreaAssessed, assess_area
from ceasefire.assessment.places import zone_place
from ceasefire.assessment.starts import StartDate
from ceasefire.assessment.weekly import WeeklyBook
from ceasefire.assessment.weeks import RecordedDays
from ceasefire.bulletin.assessment_charts import DARK, as_png, as_svg, charts_of
from ceasefire.model.schemas import FINDING, INCIDENT, REPORT, table_of
from ceasefire.model.time import day_span
from ceasefire.territory.areas import AreaIndex

FIRST = date(2019, 1, 7)


def assessed(weeks: int) -> AreaAssessed:
    case = load_case(built_in_case("riverline"))
    harbour = zone_place(case, "harbour")
    version = case.areas["harbour"].versions[0]
    index = AreaIndex({version.id: (version, case.geometries[version.id])})
    middle = index.nominal(version.id).representative_point()
    rng = np.random.default_rng(2)
    rows: list[dict[str, object]] = []
    for week in range(weeks):
        for number in range(rng.poisson(9 if week < 40 else 3)):
            span = day_span(FIRST + timedelta(days=7 * week + int(rng.integers(7))), case.zone)
            rows.append(
                {
                    "incident_id": f"inc-{week}-{number}",
                    "occurred_from": span.start,
                    "occurred_until": span.end,
                    "covers": [],
                    "place_precision": "point",
                    "longitude": middle.x,
                    "latitude": middle.y,
                    "place_radius_km": 0.05,
                    "acts": ["shelling"],
                    "claims": "[]",
                }
            )
    incidents = table_of(rows, INCIDENT)
    recorded = RecordedDays.stated(FIRST, FIRST + timedelta(days=7 * weeks - 4))
    book = WeeklyBook.of(case, incidents, FINDING.empty_table(), recorded=recorded)
    at = FIRST + timedelta(weeks=40)
    start = StartDate(start_id="truce", title={"en": "Truce"}, earliest=at, latest=at)
    return assess_area(
        book, harbour, [start], zones=[harbour], units=(), incidents=incidents, reports=REPORT.empty_table()
    )


@pytest.fixture(scope="module")
def area() -> AreaAssessed:
    return assessed(70)


def test_all_three_are_drawn_and_drawn_alike_twice(area: AreaAssessed) -> None:
    once, again = charts_of(area), charts_of(area)
    assert list(once) == ["weekly", "specifications", "placebos"]
    for name, canvas in once.items():
        assert as_svg(canvas, name) == as_svg(again[name], name)
        assert as_png(charts_of(area)[name]) == as_png(charts_of(area)[name])


def test_dark_has_the_marks_of_light_in_its_own_colours(area: AreaAssessed) -> None:
    for (name, light), dark in zip(charts_of(area).items(), charts_of(area, dark=True).values(), strict=True):
        bright, dim = as_svg(light, name), as_svg(dark, name)
        assert bright.count("<path") == dim.count("<path")
        used = set(re.findall(r"#[0-9a-f]{6}", dim))
        assert not used & (set(DARK) - set(DARK.values())), name


def test_a_record_that_tells_nothing_has_its_weeks_drawn_and_no_more() -> None:
    assert list(charts_of(assessed(3))) == ["weekly"]
