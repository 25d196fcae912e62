"""The weekly table: ranges that nest, missing weeks that stay missing, and the incidents behind every cell."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ceasefire.assessment.places import unit_places, zone_place
from ceasefire.assessment.weekly import ALLEGED, COUNTED, Kind, WeeklyBook, weekly_table
from ceasefire.assessment.weeks import RecordedDays, week_number
from ceasefire.model.claims import Account, write_claims
from ceasefire.model.errors import UnknownRecordError
from ceasefire.model.schemas import FINDING, WEEKLY, table_of

RECORDED = RecordedDays.stated(date(2021, 3, 1), date(2021, 4, 9))
MONDAY = week_number(date(2021, 3, 1))


def findings(*rows: dict[str, object]) -> pa.Table:
    return table_of(list(rows), FINDING)


def book(case, incidents, found=None, recorded=RECORDED) -> WeeklyBook:
    return WeeklyBook.of(case, incidents, findings() if found is None else found, recorded=recorded)


def test_low_best_and_high_differ_by_what_is_sure(riverline, at_harbour, incident_table):
    harbour = zone_place(riverline, "harbour")
    far = at_harbour("far", date(2021, 3, 3), longitude=-30.0)
    wide = at_harbour("wide", date(2021, 3, 3), place_radius_km=60.0)
    two_weeks = at_harbour("over-the-weekend", date(2021, 3, 6), date(2021, 3, 8))
    month = at_harbour("a-month", date(2021, 3, 3), date(2021, 3, 28))
    year = at_harbour("a-year", date(2020, 6, 1), date(2021, 5, 31))
    table = incident_table(at_harbour("sure", date(2021, 3, 2)), far, wide, two_weeks, month, year)
    series = book(riverline, table).series(harbour)
    # `wide` has most of its disc outside; the middle of `over-the-weekend` is the Sunday
    assert series.values["events_low"].tolist() == [1, 0, 0, 0, 0, 0]
    assert series.values["events_best"].tolist() == [2, 0, 0, 0, 0, 0]
    assert series.values["events_high"].tolist() == [4, 2, 1, 1, 0, 0]
    assert book(riverline, table).left_out == {"undated": 0, "longer-than-a-month": 1, "unplaced": 0}


def test_a_week_that_is_not_covered_has_no_counts(riverline, at_harbour, incident_table):
    recorded = RecordedDays(((date(2021, 3, 1), date(2021, 3, 7)), (date(2021, 3, 15), date(2021, 3, 24))), "two runs")
    tolls = {f"{toll}_best": 0 for toll in ("killed", "killed_civilian", "killed_unknown")}
    table = incident_table(at_harbour("one", date(2021, 3, 2), **tolls))
    series = book(riverline, table, recorded=recorded).series(zone_place(riverline, "harbour"))
    assert series.days_covered.tolist() == [7, 0, 7, 3]
    for column in COUNTED:
        assert np.isnan(series.values[column]).tolist() == [False, True, False, False], column
    assert np.isnan(series.whole("events_best")).tolist() == [False, True, False, True]
    counts = weekly_table([series])["events_best"].to_pylist()
    assert counts == [1, None, 0, 0]


def test_a_toll_that_nobody_states_is_not_zero(riverline, at_harbour, incident_table):
    table = incident_table(
        at_harbour("silent", date(2021, 3, 2)),
        at_harbour("stated", date(2021, 3, 9), killed_low=2, killed_best=3, killed_high=7),
        at_harbour("also-silent", date(2021, 3, 9)),
        at_harbour("out-of-order", date(2021, 3, 16), killed_low=5, killed_best=4, killed_high=3),
        at_harbour("parts", date(2021, 3, 23), killed_civilian_best=1, killed_unknown_best=4),
    )
    series = book(riverline, table).series(zone_place(riverline, "harbour"))
    for bound, expected in {"low": [np.nan, 2, 3, np.nan], "best": [np.nan, 3, 4, np.nan]}.items():
        np.testing.assert_array_equal(series.values[f"deaths_{bound}"][:4], expected)
    np.testing.assert_array_equal(series.values["deaths_high"], [np.nan, 7, 5, np.nan, 0, 0])
    assert series.values["toll_not_stated"].tolist() == [1, 1, 0, 1, 0, 0]
    assert series.values["civilians_or_unknown_best"][3] == 5
    assert series.values["civilians_best"][3] == 1


def test_an_episode_is_counted_by_its_parts(riverline, at_harbour, incident_table):
    table = incident_table(
        at_harbour("whole", date(2021, 3, 2), covers=["part-1", "part-2"]),
        at_harbour("part-1", date(2021, 3, 2)),
        at_harbour("part-2", date(2021, 3, 3)),
    )
    series = book(riverline, table).series(zone_place(riverline, "harbour"))
    assert series.values["events_best"][0] == 2


def test_fights_of_a_group_left_out_are_shown_apart(riverline, at_harbour, incident_table):
    exempt = sorted({actor for clause in riverline.clauses.values() for actor in clause.targets.exempt})
    assert exempt
    table = incident_table(
        at_harbour("covered", date(2021, 3, 2)),
        at_harbour("exempt", date(2021, 3, 3), sides=(("republic-army",), (exempt[0],))),
    )
    series = book(riverline, table).series(zone_place(riverline, "harbour"))
    assert series.values["events_best"][0] == 2
    for bound in ("low", "best", "high"):
        assert series.values[f"events_without_exempt_{bound}"][0] == 1


def test_what_only_some_accounts_make_a_fight_of_an_exempt_group_is_not_surely_left_in(
    riverline, at_harbour, incident_table
):
    exempt = sorted({actor for clause in riverline.clauses.values() for actor in clause.targets.exempt})[0]
    said = [
        Account(source_id=source, sides=(("republic-army",), (other,)), acts=("shelling",))
        for source, other in (("mission-patrols", exempt), ("isles-gazette", "bank-brigade"))
    ]
    table = incident_table(at_harbour("perhaps", date(2021, 3, 2), claims=write_claims(said)))
    series = book(riverline, table).series(zone_place(riverline, "harbour"))
    assert [series.values[f"events_without_exempt_{bound}"][0] for bound in ("low", "best", "high")] == [0, 1, 1]
    assert series.values["events_low"][0] == 1


@pytest.mark.parametrize(("ours", "theirs"), [("republic", "northern-assembly"), ("northern-assembly", "republic")])
def test_a_party_has_what_its_members_do(riverline, at_harbour, incident_table, ours, theirs):
    member = {"republic": "republic-army", "northern-assembly": "bank-brigade"}
    day = date(2021, 3, 2)
    instant = at_harbour("x", day)["occurred_from"]
    assert all(riverline.actors.belongs_to(member[party], party, instant) for party in (ours, theirs))
    table = incident_table(
        at_harbour("both", day),
        at_harbour("ours", day, sides=((member[ours],), ("name:somebody",))),
        at_harbour("nobody", day, sides=()),
    )
    found = findings(
        *(
            {
                "incident_id": incident,
                "clause_id": "A1",
                "zone_id": "harbour",
                "accused_id": member[accused],
                "status": "alleged-violation",
            }
            for incident, accused in (("both", ours), ("both", theirs), ("ours", ours))
        )
    )
    counted = book(riverline, table, found)
    harbour = zone_place(riverline, "harbour")
    for party, events in ((ours, 2), (theirs, 1)):
        series = counted.series(harbour, Kind(party=party))
        assert series.values["events_best"][0] == events
        assert series.values["alleged_lower"][0] == events


def test_alleged_has_a_lower_and_an_upper_bound(riverline, at_harbour, incident_table):
    day = date(2021, 3, 2)
    table = incident_table(*(at_harbour(name, day) for name in ("a", "b", "c", "d", "e")))
    clause = next(each.id for each in riverline.clauses.values() if "harbour" in each.areas)
    rows = (
        ("a", "alleged-violation", "harbour"),
        ("b", "contested", "harbour"),
        ("c", "undetermined", None),
        ("d", "exempt-target", "harbour"),
        ("e", "alleged-violation", "north-bank"),
    )
    found = findings(
        *({"incident_id": i, "clause_id": clause, "status": status, "zone_id": zone} for i, status, zone in rows)
    )
    counted = book(riverline, table, found)
    harbour = zone_place(riverline, "harbour")
    assert counted.behind(harbour, "alleged_lower", MONDAY, MONDAY) == ["a"]
    assert counted.behind(harbour, "alleged_upper", MONDAY, MONDAY) == ["a", "b", "c"]
    assert counted.behind(harbour, "alleged_upper", MONDAY, MONDAY, Kind(clause="A9")) == []


def test_an_act_holds_those_below_it(riverline, at_harbour, incident_table):
    table = incident_table(
        at_harbour("fire", date(2021, 3, 2)), at_harbour("move", date(2021, 3, 2), acts=["troop-movement"])
    )
    counted, harbour = book(riverline, table), zone_place(riverline, "harbour")
    assert counted.behind(harbour, "events_best", MONDAY, MONDAY, Kind(act="armed-force")) == ["fire"]
    assert counted.behind(harbour, "events_best", MONDAY, MONDAY, Kind(act="movement")) == ["move"]


@pytest.mark.parametrize("kind", [Kind(party="nobody"), Kind(act="nothing"), Kind(clause="Z9")], ids=str)
def test_what_does_not_exist_is_refused(riverline, at_harbour, incident_table, kind):
    counted = book(riverline, incident_table(at_harbour("a", date(2021, 3, 2))))
    with pytest.raises(UnknownRecordError, match="There is no"):
        counted.series(zone_place(riverline, "harbour"), kind)


def test_hours_of_watch_are_null_where_none_are_on_record(riverline, at_harbour, incident_table):
    series = book(riverline, incident_table(at_harbour("a", date(2021, 3, 2)))).series(zone_place(riverline, "harbour"))
    # C2 of the training case: 48 hours in the week of 22 March; from Thursday the 1st a camera stood, up from Friday on
    np.testing.assert_array_equal(series.exposure.hours_low, [np.nan, np.nan, np.nan, 48, 72, 168])
    # nobody recorded anything of the patrols of the last two weeks, nor of the camera on the day on which it opened
    np.testing.assert_array_equal(series.exposure.hours_high, [np.nan, np.nan, np.nan, 62, 264, 336])


def test_units_are_those_that_incidents_name_however_they_are_spelled(riverline, at_harbour, incident_table):
    table = incident_table(
        at_harbour("a", date(2021, 3, 2)),
        at_harbour("b", date(2021, 3, 2), area_name="Westmark Province"),
        at_harbour("c", date(2021, 3, 2), area_name="Westmark/Other"),
        at_harbour("d", date(2021, 3, 2), area_name="Elsewhere"),
    )
    units = unit_places(table)
    assert [unit.area_id for unit in units] == ["Elsewhere", "Westmark"]
    assert book(riverline, table).behind(units[1], "events_low", MONDAY, MONDAY) == ["a", "b", "c"]


def test_every_cell_equals_what_is_behind_it(riverline, at_harbour, incident_table):
    rng = np.random.default_rng(5)
    rows = []
    for number in range(120):
        first = date.fromordinal(date(2021, 2, 20).toordinal() + int(rng.integers(60)))
        last = date.fromordinal(first.toordinal() + int(rng.choice([0, 0, 0, 2, 8])))
        low = int(rng.integers(4))
        tolls = {} if number % 7 == 0 else {"killed_low": low, "killed_best": low + 1, "killed_high": low + 5}
        radius = float(rng.choice([0.05, 5.0, 60.0]))
        rows.append(at_harbour(f"inc-{number:03}", first, last, place_radius_km=radius, **tolls))
    statuses = ("alleged-violation", "undetermined", "exempt-target")
    found = findings(
        *(
            {"incident_id": row["incident_id"], "clause_id": "A1", "zone_id": "harbour", "status": statuses[n % 3]}
            for n, row in enumerate(rows)
        )
    )
    counted, harbour = book(riverline, incident_table(*rows), found), zone_place(riverline, "harbour")
    series = counted.series(harbour)
    assert (
        series.values["events_high"].sum() > series.values["events_best"].sum() > series.values["events_low"].sum() > 0
    )
    for column in COUNTED:
        for week, value in zip(series.weeks, series.values[column], strict=True):
            behind = counted.behind(harbour, column, int(week), int(week))
            total = counted.total(harbour, column, np.array([week]))
            assert value == total or (np.isnan(value) and np.isnan(total))
            if column.startswith("events") or column in ALLEGED:
                assert value == len(behind)


def test_the_table_has_the_schema_and_a_row_for_each_week(riverline, at_harbour, incident_table):
    table = incident_table(at_harbour("a", date(2021, 3, 2)))
    counted = book(riverline, table)
    held = weekly_table([counted.series(place) for place in (zone_place(riverline, "harbour"), *unit_places(table))])
    assert held.schema == WEEKLY
    assert held.num_rows == 12
    assert pc.unique(held["area_kind"].cast(pa.string())).to_pylist() == ["zone", "unit"]
    assert weekly_table([]).schema == WEEKLY


def test_nothing_covered_gives_an_empty_table(riverline, incident_table):
    counted = WeeklyBook.of(riverline, incident_table(), findings(), recorded=RecordedDays((), "nothing"))
    assert weekly_table([counted.series(zone_place(riverline, "harbour"))]).num_rows == 0
    with pytest.raises(UnknownRecordError, match="no version"):
        zone_place(riverline, "harbour", "harbour-of-old")
