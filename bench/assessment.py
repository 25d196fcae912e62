"""How long an assessment takes: four zones and thirteen administrative units, every window, every placebo, with power.

    python bench/assessment.py [--weeks 104]

The counts are drawn, 10 incidents a week and unit, and go the whole way from incidents to tables and sentences; the
units are assessed like zones. The control is a fall of 80 % in one unit, which has to be graded *shown* or *probable*:
were it not, the speed would have been bought with the answer.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, timedelta

import numpy as np

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.assessment.assess import assess_area
from ceasefire.assessment.places import Place, unit_places, zone_place
from ceasefire.assessment.sentences import paragraph
from ceasefire.assessment.starts import StartDate
from ceasefire.assessment.tables import Assessment
from ceasefire.assessment.weekly import WeeklyBook
from ceasefire.assessment.weeks import RecordedDays
from ceasefire.model.claims import Account, write_claims
from ceasefire.model.schemas import FINDING, INCIDENT, REPORT, table_of
from ceasefire.model.time import day_span

LIMIT_SECONDS = 60
FIRST, ZONES, START = date(2020, 1, 6), 4, 70
NAMES = (
    *("Barto", "Celdan", "Dorvik", "Farlan", "Gremo", "Hostal", "Jarvel"),
    *("Kolmar", "Lantos", "Mirdal", "Norvek", "Pastor", "Rundel"),
)


def main() -> None:
    """Measure, print, and fail where the control is not found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--weeks", type=int, default=104)
    weeks = parser.parse_args().weeks
    case = load_case(built_in_case("riverline"))
    rng = np.random.default_rng(17)
    claims = write_claims([Account(source_id="a", sides=(("republic-army",), ("bank-brigade",)), acts=("shelling",))])
    rows = []
    for unit in range(len(NAMES)):
        for week in range(weeks):
            rate = 10 * rng.gamma(8, 1 / 8) * (0.2 if unit == 0 and week >= START else 1.0)
            for number in range(rng.poisson(rate)):
                span = day_span(FIRST + timedelta(days=7 * week + int(rng.integers(7))), case.zone)
                rows.append(
                    {
                        "incident_id": f"inc-{unit:02}-{week:03}-{number:03}",
                        "occurred_from": span.start,
                        "occurred_until": span.end,
                        "covers": [],
                        "place_precision": "governorate",
                        "area_name": NAMES[unit],
                        "acts": ["shelling"],
                        "claims": claims,
                        "killed_best": int(rng.poisson(2)),
                    }
                )
    incidents = table_of(rows, INCIDENT)
    start = StartDate(
        start_id="s",
        title={"en": "start"},
        earliest=FIRST + timedelta(weeks=START),
        latest=FIRST + timedelta(weeks=START),
    )
    begun = time.perf_counter()
    recorded = RecordedDays.stated(FIRST, FIRST + timedelta(days=7 * weeks - 1))
    book = WeeklyBook.of(case, incidents, FINDING.empty_table(), recorded=recorded)
    units = unit_places(incidents)
    zones = [zone_place(case, area.id) for area in list(case.areas.values())[:ZONES]]
    areas = []
    for place in (*zones, *units):
        others = tuple(unit for unit in units if unit.area_id != place.area_id)
        areas.append(_assessed(book, place, start, others, incidents))
    assessment = Assessment.of(book, areas)
    said = sum(len(paragraph(assessment, area)) for area in areas)
    seconds = time.perf_counter() - begun
    print(
        f"{len(areas)} areas, {incidents.num_rows:,} incidents, {weeks} weeks: {seconds:.1f} s (limit {LIMIT_SECONDS})"
    )
    print(f"{sum(table.num_rows for table in assessment.tables.values()):,} rows of tables, {said} sentences")
    control = next(area for area in areas if area.zone.area_id == NAMES[0])
    print(f"control, a fall of 80 %: {control.grade.value}")
    if control.grade.value not in ("shown", "probable"):
        raise SystemExit("The control was not found.")


def _assessed(book: WeeklyBook, place: Place, start: StartDate, others: tuple[Place, ...], incidents):  # type: ignore[no-untyped-def]
    return assess_area(book, place, [start], zones=[], units=others, incidents=incidents, reports=REPORT.empty_table())


if __name__ == "__main__":
    main()
