"""Areas assessed from incidents on: every number of a text is a cell, every cell leads to its incidents."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.agreement.records import Coverage
from ceasefire.assessment.assess import assess_area
from ceasefire.assessment.ladder import Grade, Outcome, Step
from ceasefire.assessment.number_words import FORMS
from ceasefire.assessment.places import unit_places, zone_place
from ceasefire.assessment.sentences import paragraph
from ceasefire.assessment.starts import StartDate, end_on_record, place_of, starts_on_record
from ceasefire.assessment.tables import SCHEMAS, Assessment
from ceasefire.assessment.weekly import Kind, WeeklyBook
from ceasefire.assessment.weeks import RecordedDays, week_number
from ceasefire.model.schemas import FINDING, REPORT

FIRST = date(2019, 1, 7)
WEEKS = 80
START = FIRST + timedelta(weeks=50)
UNITS = ("Ford", "Hill", "Lake", "Moor", "Plain")


def stated(day: date = START, name: str = "truce", latest: date | None = None) -> StartDate:
    return StartDate(start_id=name, title={"en": "The truce"}, earliest=day, latest=latest or day)


def scattered(at_harbour, rng, *, fall: float, mean: float = 12.0, name: str = "h", weeks: int = WEEKS, **more):
    """Return incidents of one place, fewer from the start on."""
    rows = []
    for week in range(weeks):
        rate = mean * ((1 - fall) if week >= 50 else 1) * rng.gamma(10, 1 / 10)
        for number in range(rng.poisson(rate)):
            day = FIRST + timedelta(days=week * 7 + int(rng.integers(7)))
            dead = int(rng.poisson(2))
            row = at_harbour(
                f"{name}-{week:03}-{number:02}", day, killed_low=dead, killed_best=dead, killed_high=dead + 1,
                killed_civilian_best=dead, lineages=["mission-daily"], **more,
            )  # fmt: skip
            rows.append(row)
    return rows


@pytest.fixture(scope="module")
def rows(at_harbour):
    rng = np.random.default_rng(8)
    rows = scattered(at_harbour, rng, fall=0.8)
    for unit in UNITS:
        rows += scattered(
            at_harbour, rng, fall=0, mean=8, name=unit, place_precision="governorate", longitude=None, latitude=None,
            place_radius_km=None, area_name=unit,
        )  # fmt: skip
    return rows


def booked(case, table: pa.Table, recorded: RecordedDays | None = None) -> WeeklyBook:
    last = FIRST + timedelta(days=7 * WEEKS - 1)
    return WeeklyBook.of(case, table, FINDING.empty_table(), recorded=recorded or RecordedDays.stated(FIRST, last))


def assessed(case, table, starts, recorded=None, **more) -> Assessment:
    book, harbour = booked(case, table, recorded), zone_place(case, "harbour")
    units = [unit for unit in unit_places(table) if unit.area_id in UNITS]
    area = assess_area(
        book, harbour, starts, zones=[harbour], units=units, incidents=table, reports=REPORT.empty_table(), **more
    )
    return Assessment.of(book, [area])


@pytest.fixture(scope="module")
def found(riverline, rows, incident_table) -> Assessment:
    return assessed(riverline, incident_table(*rows), [stated()])


def test_a_true_fall_with_areas_to_compare_is_shown(found) -> None:
    area = found.areas[0]
    assert (area.grade, area.stopped_at) == (Grade.SHOWN, None)
    outcomes = {step.step: step.outcome for step in area.starts[0].steps}
    assert set(outcomes) == set(Step)
    assert outcomes.pop(Step.WATCHING) is Outcome.NOT_POSSIBLE
    assert set(outcomes.values()) == {Outcome.PASSED}
    assert [abs(each.week - 50) <= 4 for each in area.breaks] == [True]


def test_what_fell_everywhere_is_not_laid_to_the_truce(riverline, at_harbour, incident_table) -> None:
    rng = np.random.default_rng(3)
    rows = scattered(at_harbour, rng, fall=0.6)
    for unit in UNITS:
        rows += scattered(
            at_harbour, rng, fall=0.6, mean=8, name=unit, place_precision="governorate", longitude=None,
            latitude=None, place_radius_km=None, area_name=unit,
        )  # fmt: skip
    area = assessed(riverline, incident_table(*rows), [stated()]).areas[0]
    assert area.grade is Grade.NOT_SHOWN
    assert {step.step: step.outcome for step in area.starts[0].steps}[Step.CONTRAST] is Outcome.FAILED


def test_an_area_that_had_moved_apart_before_is_refused_a_contrast(riverline, at_harbour, incident_table, rows) -> None:
    rng = np.random.default_rng(4)
    other = [row for row in rows if not row["incident_id"].startswith("h-")]
    rising = [row for row in scattered(at_harbour, rng, fall=0.6, mean=16) if not early_and_dropped(row, rng)]
    area = assessed(riverline, incident_table(*other, *rising), [stated()]).areas[0]
    start = area.starts[0]
    assert start.contrast.outcome is Outcome.REFUSED
    assert np.isnan(start.contrast.ratio)
    assert start.contrast.lead_low > 1
    assert area.grade in (Grade.PROBABLE, Grade.NOT_SHOWN)
    text = " ".join(
        each.text for each in paragraph(assessed(riverline, incident_table(*other, *rising), [stated()]), area)
    )
    assert "refused" in text
    assert f"{start.contrast.lead_ratio:.2f}" in text


def early_and_dropped(row, rng) -> bool:
    return int(row["incident_id"].split("-")[1]) < 25 and rng.random() < 0.7


def test_every_number_of_the_text_is_a_cell_of_a_table(found) -> None:
    area = found.areas[0]
    for sentence in paragraph(found, area):
        left = sentence.text
        for figure in sentence.figures:
            cell = found.tables[figure.table][figure.column][figure.row].as_py()
            assert FORMS[figure.form](cell) == figure.text
            assert figure.text in left
            left = left.replace(figure.text, "", 1)
        # 30 and 60 per cent name the columns of the power
        assert set(re.findall(r"\d+", left)) <= {"30", "60"}, sentence.text


def test_every_cell_leads_to_its_incidents(found, rows) -> None:
    known = {row["incident_id"] for row in rows}
    changes = found.tables["changes"].to_pylist()
    counted = [(at, row) for at, row in enumerate(changes) if row["column"].startswith("events")]
    assert len(counted) > 20
    for at, row in counted:
        for side in ("before", "after"):
            behind = found.incidents_behind("changes", at, side)
            assert len(behind) == row[side]
            assert set(behind) <= known
        assert len(found.incidents_behind("changes", at, "ratio")) == row["before"] + row["after"]
    for at, row in enumerate(found.tables["elsewhere"].to_pylist()):
        assert len(found.incidents_behind("elsewhere", at, "before")) == row["before"]
    for table in ("grades", "steps", "cautions", "dates"):
        assert found.incidents_behind(table, 0, found.tables[table].column_names[-1])
    weekly = found.tables["weekly"].to_pylist()
    for at in (0, 30, 60):
        assert len(found.incidents_behind("weekly", at, "events_best")) == weekly[at]["events_best"]


def test_tables_have_their_schemas_and_no_number_that_is_none(found) -> None:
    assert {name: table.schema for name, table in found.tables.items()} == dict(SCHEMAS)
    for table in found.tables.values():
        for column in table.columns:
            if pa.types.is_floating(column.type):
                assert np.isfinite([each for each in column.to_pylist() if each is not None]).all()


def test_the_same_record_gives_the_same_numbers(riverline, rows, incident_table, found) -> None:
    again = assessed(riverline, incident_table(*rows), [stated()])
    assert all(again.tables[name].equals(table) for name, table in found.tables.items())


@pytest.mark.parametrize(
    ("kept", "starts"),
    [
        (0, [stated()]),
        (1, [stated()]),
        (None, [stated(date(2030, 1, 1))]),
        (None, [stated(date(2000, 1, 1))]),
        (None, [stated(FIRST + timedelta(weeks=WEEKS - 1))]),
        (None, []),
    ],
    ids=["no incident", "one incident", "starts after the record", "before it", "in its last week", "no start"],
)
def test_what_tells_nothing_is_said_to_tell_nothing(riverline, rows, incident_table, kept, starts) -> None:
    result = assessed(riverline, incident_table(*rows[:kept]), starts)
    area = result.areas[0]
    assert (area.grade, area.stopped_at) == (Grade.CANNOT_TELL, Step.RECORD)
    text = " ".join(each.text for each in paragraph(result, area))
    assert "cannot be told" in text
    assert "nan" not in text.lower()
    assert "None" not in text


def test_a_record_of_one_week_and_one_with_a_gap_are_answered(riverline, rows, incident_table) -> None:
    table = incident_table(*rows)
    week = RecordedDays.stated(FIRST, FIRST + timedelta(days=6))
    assert assessed(riverline, table, [stated(FIRST)], week).areas[0].grade is Grade.CANNOT_TELL
    nothing = assessed(riverline, table, [stated()], RecordedDays((), "nothing"))
    assert nothing.areas[0].grade is Grade.CANNOT_TELL
    hole = (START - timedelta(weeks=9), START + timedelta(weeks=3, days=2))
    runs = ((FIRST, hole[0]), (hole[1], FIRST + timedelta(days=7 * WEEKS - 1)))
    gap = assessed(riverline, table, [stated()], RecordedDays(runs, "a hole"))
    main = gap.areas[0].starts[0].tried.main
    assert main.weeks_before[0] + main.weeks_after[0] < 52
    assert np.isfinite(main.log_ratio[0])
    assert any(caution.kind.value == "gaps" for caution in gap.areas[0].cautions)


def test_one_giant_event_makes_no_fall_in_incidents_and_is_named_in_deaths(
    riverline, at_harbour, incident_table
) -> None:
    rows = scattered(at_harbour, np.random.default_rng(9), fall=0)
    giant = at_harbour("giant", START - timedelta(weeks=3), killed_low=9000, killed_best=9000, killed_high=9000)
    result = assessed(riverline, incident_table(*rows, giant), [stated()])
    area = result.areas[0]
    assert area.grade in (Grade.NOT_SHOWN, Grade.CANNOT_TELL)
    assert [c.about for c in area.cautions if c.kind.value == "one-event"] == ["giant"]


def lasting(at_harbour, name: str, week: int, days: int, dead: int, **more):
    """Return an incident that lasts, from the Sunday of a week on."""
    first = FIRST + timedelta(days=7 * week + 6)
    return at_harbour(
        name, first, first + timedelta(days=days - 1), killed_low=dead, killed_best=dead, killed_high=dead, **more
    )


def test_what_may_lie_in_several_weeks_is_summed_once(riverline, rows, at_harbour, incident_table) -> None:
    """A massacre of a fortnight in a siege is one massacre: its dead are in the upper bound of a half year once."""
    own = [row for row in rows if row["incident_id"].startswith("h-")]
    result = assessed(riverline, incident_table(*own, lasting(at_harbour, "siege", 60, 14, 5000)), [stated()])
    area = result.areas[0]
    window = area.starts[0].tried.window
    (high,) = [each for each in area.starts[0].changes if (each.column, each.window) == ("deaths_high", window)]
    dead = sum(row["killed_high"] for row in own if 50 <= week_of(row) < 50 + window)
    assert high.after == 5000 + dead
    # in each of the three weeks that it touches it is in the weekly count
    assert high.per_week_after == (3 * 5000 + dead) / window
    text = " ".join(each.text for each in paragraph(result, area))
    assert f"{5000 + dead:,}" in text


def week_of(row) -> int:
    return int(row["incident_id"].split("-")[1])


@pytest.mark.parametrize("how", ["changes", "sentence"])
def test_deaths_that_nobody_stated_are_not_none(riverline, rows, incident_table, how) -> None:
    silent = [{key: None if key.startswith("killed") else value for key, value in row.items()} for row in rows]
    result = assessed(riverline, incident_table(*silent), [stated()])
    area = result.areas[0]
    if how == "changes":
        own = [row for row in result.tables["changes"].to_pylist() if row["column"].startswith("deaths_")]
        assert {(row["before"], row["after"]) for row in own} == {(None, None)}
    else:
        text = " ".join(each.text for each in paragraph(result, area))
        assert "Deaths: not stated before, not stated after" in text
        assert "Deaths: 0" not in text


def test_how_many_incidents_state_no_deaths_is_said(riverline, rows, incident_table) -> None:
    half = [
        {key: None if key.startswith("killed") and at % 2 else value for key, value in row.items()}
        for at, row in enumerate(rows)
    ]
    result = assessed(riverline, incident_table(*half), [stated()])
    area = result.areas[0]
    window = area.starts[0].tried.window
    silent = [row for at, row in enumerate(rows) if at % 2 and row["incident_id"].startswith("h-")]
    before = sum(50 - window <= week_of(row) < 50 for row in silent)
    after = sum(50 <= week_of(row) < 50 + window for row in silent)
    text = " ".join(each.text for each in paragraph(result, area))
    assert f"state no deaths: {before} before, {after} after." in text


def words(result: Assessment) -> str:
    return " ".join(each.text for each in paragraph(result, result.areas[0]))


def test_an_area_without_incidents_is_not_said_to_have_too_few_weeks(riverline, rows, incident_table) -> None:
    elsewhere = [row for row in rows if not row["incident_id"].startswith("h-")]
    result = assessed(riverline, incident_table(*elsewhere), [stated()])
    assert result.areas[0].stopped_at is Step.RECORD
    assert "No incident was counted on either side" in words(result)
    assert "whole weeks" not in words(result)
    (grade,) = result.tables["grades"].to_pylist()
    assert (grade["ratio"], grade["low"], grade["high"]) == (None, None, None)


def test_what_surely_lies_inside_is_not_made_less_by_the_edge_of_a_week(riverline, at_harbour, incident_table) -> None:
    """Eight days surely inside are surely inside, though in no week surely; two maybes are two and not four."""
    rows = [lasting(at_harbour, f"sure-{n}", 30 + n, 8, 0) for n in range(3)]
    rows += [
        lasting(
            at_harbour, f"maybe-{n}", 30 + n, 2, 0, place_precision="governorate", longitude=None, latitude=None,
            place_radius_km=None, area_name="Ford",
        )
        for n in range(4)
    ]  # fmt: skip
    result = assessed(riverline, incident_table(*rows), [stated()])
    (border,) = [each for each in result.areas[0].cautions if each.kind.value == "wide-border"]
    assert (border.number, border.figure) == (3, 7)
    assert "surely lie inside: 3; with all that may, 7." in words(result)


def test_what_rose_and_who_says_so_have_names(riverline, at_harbour, incident_table) -> None:
    rng = np.random.default_rng(5)
    sides = (("republic-army",), ("bank-brigade",))
    rows = [
        row | {"lineages": ["oriel-observatory"]} for row in scattered(at_harbour, rng, fall=-3, mean=3, sides=sides)
    ]
    result = assessed(riverline, incident_table(*rows), [stated()])
    names = [riverline.actors.name(actor) for side in sides for actor in side]
    assert any(f"{one} and {other}" in words(result) for one, other in (names, names[::-1]))
    assert "chance" in words(result)
    assert riverline.speakers["oriel-observatory"].names["en"] in words(result)
    assert "oriel-observatory" not in words(result)


@pytest.mark.parametrize(("falling", "clear"), [(0.7, 0.6), (0.9, 0.4), (0.3, 0.1)])
def test_the_ways_of_counting_are_held_against_the_share_they_fell_short_of(falling, clear, found) -> None:
    from ceasefire.assessment.assess import _steps

    start = found.areas[0].starts[0]
    tried = replace(start.tried, falling=np.array([falling]), clear=np.array([clear]))
    steps = _steps(tried, start.elsewhere, start.contrast, start.watching)
    step = next(each for each in steps if each.step is Step.SPECIFICATIONS)
    assert step.outcome is Outcome.FAILED
    assert step.figure < step.needed
    assert (step.figure, step.needed) == ((falling, 0.8) if clear >= 0.5 else (clear, 0.5))


def test_a_start_known_to_two_days_leaves_its_week_out(riverline) -> None:
    recorded = RecordedDays.stated(FIRST, FIRST + timedelta(days=7 * WEEKS - 1))
    thursday = START + timedelta(days=3)
    assert place_of(stated(START), recorded, None).after == 50
    assert place_of(stated(thursday, latest=thursday + timedelta(days=1)), recorded, None).after == 51
    assert place_of(stated(thursday), recorded, None).nearest == 50
    assert place_of(stated(START + timedelta(days=5)), recorded, None).nearest == 51
    assert place_of(stated(date(2040, 1, 1)), recorded, None) is None


def test_what_came_after_an_area_ended_is_not_counted(riverline, rows, incident_table) -> None:
    from ceasefire.assessment.starts import AreaEnd

    recorded = RecordedDays.stated(FIRST, FIRST + timedelta(days=7 * WEEKS - 1))
    end = AreaEnd(START + timedelta(weeks=12), "surrender")
    assert place_of(stated(), recorded, end).until == week_number(end.day) - week_number(FIRST) == 62
    assert place_of(stated(), recorded, AreaEnd(START - timedelta(weeks=1), None)) is None


def test_the_starts_are_those_of_the_instruments_that_name_the_area(riverline) -> None:
    starts = starts_on_record(riverline, "harbour")
    named = {
        clause.instrument
        for clause in riverline.clauses.values()
        if clause.areas != "everywhere" and "harbour" in clause.areas
    }
    assert {start.start_id for start in starts if start.part is None} == named
    assert all(start.earliest <= start.latest for start in starts)
    assert [start.earliest for start in starts] == sorted(start.earliest for start in starts)
    assert end_on_record(riverline, "harbour") is None


@pytest.mark.parametrize("party", ["republic-army", "bank-brigade"])
def test_both_parties_are_assessed_alike(riverline, rows, incident_table, party) -> None:
    """Both sides take part in all these incidents: asked for either, the answer is that for both."""
    whole = assessed(riverline, incident_table(*rows), [stated()]).areas[0]
    own = assessed(riverline, incident_table(*rows), [stated()], kind=Kind(party=party)).areas[0]
    assert own.grade == whole.grade
    assert own.starts[0].tried.main.ratio[0] == whole.starts[0].tried.main.ratio[0]


def test_all_intervals_of_a_change_have_one_level(riverline, rows, incident_table, found) -> None:
    """With a second start tried the level is 98 %: of the intervals beside the one that decides as well."""
    other = stated(START - timedelta(weeks=12), "earlier")
    two = assessed(riverline, incident_table(*rows), [other, stated()])
    wide = next(each for each in two.areas[0].starts if each.start.start_id == "truce").changes[0]
    narrow = found.areas[0].starts[0].changes[0]
    assert (wide.column, wide.window) == (narrow.column, narrow.window)
    z = [np.log(each.negative_binomial[1] / each.ratio) for each in (wide, narrow)]
    assert z[0] / z[1] == pytest.approx(2.3263 / 1.9600, abs=1e-3)
    assert wide.bootstrap[0] < narrow.bootstrap[0]
    assert wide.bootstrap[1] > narrow.bootstrap[1]


def watch(first: int, last: int, hours: float, *, operator: str = "monitoring-mission") -> Coverage:
    """Return the patrols of weeks, with so many hours in each."""
    days = FIRST + timedelta(weeks=first), FIRST + timedelta(weeks=last) - timedelta(days=1)
    return Coverage.model_validate(
        {
            "id": f"W{first}", "operator": operator, "area": "harbour", "valid_from": days[0].isoformat(),
            "valid_until": days[1].isoformat(), "state": "up" if hours else "denied", "hours": hours * (last - first),
            "by": None if hours else "bank-brigade", "sources": ["mission-daily"],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("after", "grade", "says"),
    [
        (60, Grade.SHOWN, "the fall is there too"),
        (10, Grade.CANNOT_TELL, "less of it was seen cannot be told"),
        (0, Grade.CANNOT_TELL, "less of it was seen cannot be told"),
    ],
)
def test_a_fall_counts_only_where_the_watch_did_not_fall_as_much(
    riverline, rows, incident_table, after, grade, says
) -> None:
    watched = replace(riverline, posts=(), coverage=(watch(0, 50, 60), watch(50, WEEKS, after)))
    result = assessed(watched, incident_table(*rows), [stated()])
    area = result.areas[0]
    assert area.grade is grade
    assert area.stopped_at is (None if grade is Grade.SHOWN else Step.WATCHING)
    text = " ".join(sentence.text for sentence in paragraph(result, area))
    assert says in text
    assert f"60 before and {after} after" in text
    assert "no denominator" not in text
    for sentence in paragraph(result, area):
        for figure in sentence.figures:
            assert FORMS[figure.form](result.tables[figure.table][figure.column][figure.row].as_py()) == figure.text
    # where patrols went nobody says: of the share of the area, only what it was at most
    share, row = result.tables["watching"].to_pylist()
    assert (share["measure"], share["decides"], share["before_low"]) == ("share", False, 0)
    assert (row["measure"], row["decides"]) == ("hours", True)
    assert (row["before_low"], row["after_high"]) == pytest.approx((60, after), abs=0.1)
    weekly = result.tables["weekly"].to_pylist()
    # a week in which clocks change is an hour shorter or longer
    assert [each["watch_hours_low"] for each in weekly] == pytest.approx([60] * 50 + [after] * (WEEKS - 50), rel=0.01)


def test_a_count_that_did_not_fall_while_more_was_watched_cannot_tell(riverline, at_harbour, incident_table) -> None:
    rows = scattered(at_harbour, np.random.default_rng(5), fall=0)
    watched = replace(riverline, posts=(), coverage=(watch(0, 50, 20), watch(50, WEEKS, 80)))
    area = assessed(watched, incident_table(*rows), [stated()]).areas[0]
    assert (area.grade, area.stopped_at) == (Grade.CANNOT_TELL, Step.WATCHING)
    plain = assessed(riverline, incident_table(*rows), [stated()]).areas[0]
    assert plain.stopped_at is Step.CHANGE


def test_weeks_without_a_record_of_the_watch_are_said(riverline, rows, incident_table) -> None:
    watched = replace(riverline, posts=(), coverage=(watch(30, 70, 60),))
    result = assessed(watched, incident_table(*rows), [stated()])
    text = " ".join(sentence.text for sentence in paragraph(result, result.areas[0]))
    assert "Of only 50 % of the 80 weeks" in text
    assert "from 20 and 20 weeks" in text


def test_whoever_watches_the_grade_is_the_same(riverline, rows, incident_table) -> None:
    grades = []
    for operator in ("republic-army", "northern-assembly"):
        held = tuple(watch(*each, operator=operator) for each in ((0, 50, 60), (50, WEEKS, 45)))
        result = assessed(replace(riverline, posts=(), coverage=held), incident_table(*rows), [stated()])
        grades.append((result.areas[0].grade, result.tables["watching"], result.tables["steps"]))
    assert grades[0] == grades[1]
