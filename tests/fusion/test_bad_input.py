"""Poor reports, through all of fusion: each has a defined outcome, and none is ever dropped.

The table "What fusion does with poor reports" in docs/data-formats.md says the same for readers, row by row.
"""

from __future__ import annotations

import math
import time
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.fuse import FusedReports, fuse_reports
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.fusion.sound import MOST_DEATHS, sound
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.model.schemas import REPORT, table_of

Report = dict[str, Any]
Make = Callable[..., Report]
Fuse = Callable[..., list[dict[str, Any]]]
NOWHERE = {"latitude": None, "longitude": None, "place_radius_km": None, "place_precision": "unknown"}
NO_TOLL = {"killed_best": None, "killed_civilian_best": None}
NAN = math.nan
DENSE, DENSE_SECONDS, DENSE_MIB = 2000, 30, 700  # one village, one day; on a slow machine with much else to do


def kept_each_once(reports: Iterable[Report], fused: FusedReports) -> None:
    """Hold fusion to its first promise: an event is in one incident, a total in none, unless it counts none."""
    ids = {one["report_id"] for one in reports}
    covering = set(fused.matched.covers["report_id"].to_pylist())
    totals = {
        one["report_id"]
        for one in reports
        if one["kind"] == "total" and (one["report_id"] in covering or one["stance"] == "denies")
    }
    incidents = fused.fused.incidents.to_pylist()
    held = [report for incident in incidents for report in incident["report_ids"]]
    assert sorted(held) == sorted(ids - totals)
    links = fused.fused.links.to_pylist()
    same = {link["report_id"]: link["incident_id"] for link in links if link["relation"] == "same"}
    assert same == {report: one["incident_id"] for one in incidents for report in one["report_ids"]}
    assert {link["report_id"] for link in links if link["relation"] == "covers"} <= totals | set(held)


def fused_of(nobody: ActorRegister, *reports: Report, weights: Weights | None = None) -> FusedReports:
    table = table_of(list(reports), REPORT)
    fused = fuse_reports(table, register=nobody, weights=weights or default_weights())
    kept_each_once(reports, fused)
    return fused


@pytest.fixture
def fuse(nobody: ActorRegister) -> Fuse:
    return lambda *reports: fused_of(nobody, *reports).fused.incidents.to_pylist()


def sizes(incidents: Iterable[dict[str, Any]]) -> list[int]:
    return sorted(len(one["report_ids"]) for one in incidents)


# --- missing


def test_no_report_gives_no_incident(fuse: Fuse) -> None:
    assert fuse() == []


def test_one_report_is_its_own_incident(fuse: Fuse, report: Make) -> None:
    (incident,) = fuse(report("s", "a"))
    assert incident["incident_id"] == report("s", "a")["report_id"].replace("rep-", "inc-")


@pytest.mark.parametrize(
    ("said", "joined"),
    [
        (NOWHERE, True),  # the same day, toll and parties are enough
        (NOWHERE | NO_TOLL, False),
        (NOWHERE | {"sides": []}, False),
        ({"day": None}, False),
        ({"day": None} | NOWHERE, False),
        ({"occurred_until": None}, False),
        ({"occurred_from": None}, False),
        (NO_TOLL, True),
        (NO_TOLL | {"latitude": 10.2}, False),
    ],
    ids=[
        "no place",
        "no place and no toll",
        "no place and no party",
        "no date",
        "no place and no date",
        "a beginning alone",
        "an end alone",
        "no toll",
        "no toll, 22 km away",
    ],
)
def test_what_is_missing_neither_joins_nor_parts_by_itself(
    fuse: Fuse, report: Make, said: dict[str, Any], joined: bool
) -> None:
    assert sizes(fuse(report("s", "a"), report("t", "b", **said))) == ([2] if joined else [1, 1])


def test_reports_that_say_nothing_are_each_an_incident(fuse: Fuse) -> None:
    bare: Report = dict.fromkeys(REPORT.names)
    rows = [bare | {"report_id": f"rep-{n}", "kind": kind} for n, kind in enumerate(["event", "event", None, "total"])]
    fused = fuse(*rows)
    assert sizes(fused) == [1, 1, 1, 1]
    assert all(one["killed_best"] is None and one["latitude"] is None for one in fused)


def test_reports_without_a_source_count_as_one_source(fuse: Fuse, report: Make) -> None:
    unnamed = {"source_id": None, "lineage": None}
    assert sizes(fuse(report("s", "a") | unnamed, report("t", "b") | unnamed)) == [1, 1]
    (incident,) = fuse(report("s", "a") | unnamed, report("t", "b"))
    assert incident["lineages"] == ["t"]


# --- impossible


@pytest.mark.parametrize("figure", [-1, -5, MOST_DEATHS + 1, 10**9, 2**31 - 1])
def test_an_impossible_toll_is_no_toll(fuse: Fuse, report: Make, figure: int) -> None:
    wrong = report("s", "a", killed_low=figure, killed_best=figure, killed_high=figure)
    (alone,) = fuse(wrong)
    assert [alone[f"killed_{bound}"] for bound in ("low", "best", "high")] == [None] * 3
    assert alone["flags"] == ["toll-impossible"]
    (incident,) = fuse(wrong, report("t", "b"))
    assert [incident[f"killed_{bound}"] for bound in ("low", "best", "high")] == [7, 7, 7]
    assert not incident["toll_disputed"]


def test_the_greatest_possible_toll_is_one(fuse: Fuse, report: Make) -> None:
    (incident,) = fuse(report("s", "a", killed_best=MOST_DEATHS))
    assert (incident["killed_best"], incident["flags"]) == (MOST_DEATHS, None)


def test_a_best_figure_outside_its_range_widens_that_of_the_incident(fuse: Fuse, report: Make) -> None:
    odd = report("s", "a", killed_low=9, killed_best=7, killed_high=3)
    (alone,) = fuse(odd)
    assert [alone[f"killed_{bound}"] for bound in ("low", "best", "high")] == [9, 7, 3]  # as its source gave it
    (incident,) = fuse(odd, report("t", "b"))
    assert [incident[f"killed_{bound}"] for bound in ("low", "best", "high")] == [3, 7, 9]


def test_a_time_that_ends_before_it_begins_is_turned_round(fuse: Fuse, report: Make) -> None:
    (incident,) = fuse(report("s", "a", day=3, days=-3))
    assert incident["occurred_from"] == datetime(2021, 3, 1, tzinfo=UTC)
    assert incident["occurred_until"] - incident["occurred_from"] == timedelta(days=3)
    assert incident["flags"] == ["times-exchanged"]
    forward, backward = report("s", "a", days=3), report("t", "b", day=3, days=-3)
    assert sizes(fuse(forward, backward)) == sizes(fuse(forward, report("t", "b", days=3))) == [2]


@pytest.mark.parametrize(
    "place",
    [
        {"latitude": NAN, "longitude": NAN},
        {"latitude": NAN},
        {"longitude": None},
        {"latitude": math.inf},
        {"latitude": 90.5},
        {"longitude": 400.0},
        {"latitude": -999.0, "longitude": -999.0},
    ],
)
def test_coordinates_that_cannot_be_are_no_place(fuse: Fuse, report: Make, place: dict[str, float]) -> None:
    wrong = report("s", "a", **place)
    (alone,) = fuse(wrong)
    assert (alone["latitude"], alone["longitude"]) == (None, None)
    assert alone["flags"] == ["no-coordinates"]
    # as without a place: the same day, toll and parties bring it together, and the place is the other's
    (incident,) = fuse(wrong, report("t", "b", place_precision="near", place_radius_km=20.0))
    assert (incident["latitude"], incident["place_precision"]) == (10.0, "near")
    assert sizes(fuse(wrong, report("t", "b", killed_best=90, sides=[]))) == [1, 1]


def test_centres_that_cannot_be_are_none(fuse: Fuse, report: Make) -> None:
    area = NOWHERE | {"place_precision": "governorate", "centre_latitude": 95.0, "centre_longitude": 30.0}
    assert sizes(fuse(report("s", "a", **area), report("t", "b"))) == [2]
    assert sizes(fuse(report("s", "a", **area), report("t", "b", **NO_TOLL))) == [1, 1]


def test_sound_reports_are_left_as_they_are(report: Make) -> None:
    table = table_of([report("s", "a"), report("t", "b", **NOWHERE), report("u", "c", day=None)], REPORT)
    assert sound(table) is table


def test_keys_alone_keep_what_cannot_be_out_too(report: Make) -> None:
    table = table_of([report("s", "a", killed_best=-3, event_key="k") | {"kind": None}], REPORT)
    (incident,) = fuse_by_event(table).incidents.to_pylist()
    assert (incident["killed_best"], incident["flags"]) == (None, ["toll-impossible"])


# --- far away


@pytest.mark.parametrize(
    ("a", "b", "joined"),
    [
        ((10.0, 179.999), (10.0, -179.999), True),  # the date line
        ((10.0, 180.0), (10.0, -180.0), True),
        ((10.0, 179.0), (10.0, -179.0), False),  # 219 km
        ((90.0, 0.0), (90.0, 0.0), True),
        ((90.0, 0.0), (90.0, 120.0), False),  # the one pole under two names: told apart, and kept
        ((-89.999, 0.0), (-89.99, 0.0), True),
    ],
)
def test_the_date_line_and_the_poles(
    fuse: Fuse, report: Make, a: tuple[float, float], b: tuple[float, float], joined: bool
) -> None:
    rows = [
        report(s, s, latitude=latitude, longitude=longitude)
        for s, (latitude, longitude) in zip("st", (a, b), strict=True)
    ]
    assert sizes(fuse(*rows)) == ([2] if joined else [1, 1])


def test_absurd_dates_are_far_from_all_others_and_cost_nothing(fuse: Fuse, report: Make) -> None:
    def on(year: int) -> dict[str, datetime]:
        start = datetime(year, 1, 1, tzinfo=UTC)
        return {"occurred_from": start, "occurred_until": start + timedelta(days=1)}

    assert sizes(fuse(report("s", "a"), report("t", "b"), report("u", "c") | on(1753))) == [1, 2]
    assert sizes(fuse(report("s", "a"), report("t", "b"), report("u", "c") | on(9998))) == [1, 2]


def test_year_long_reports_meet_only_their_like(fuse: Fuse, report: Make) -> None:
    assert sizes(fuse(report("s", "a", days=365), report("t", "b", day=100))) == [1, 1]
    assert sizes(fuse(report("s", "a", days=365), report("t", "b", days=365))) == [2]
    many = [report(s, f"{s}{n}", day=30 * n) for n in range(12) for s in "st"]
    assert sizes(fuse(*many, report("u", "year", days=365))) == [1, *[2] * 12]


# --- too much in one place


def test_many_events_at_the_centre_of_a_province_do_not_flow_together(fuse: Fuse, report: Make) -> None:
    """A point that stands for a province is given to all its events of a day; those stay apart by what else is said."""
    tolls = [1, 3, 6, 11, 20, 40]
    sides = [
        [[f"name:Unit {n} of {word}"], [f"name:{word} {n}"]] for n, word in enumerate(["Ash", "Elm", "Fir", "Oak"])
    ]
    rows = [
        report(source, f"{source}{n}", killed_best=toll, sides=sides[n % 4])
        for source in "stu"
        for n, toll in enumerate(tolls)
    ]
    found = fuse(*rows)
    by_id = {one["report_id"]: one for one in rows}
    assert max(sizes(found)) <= 3
    for incident in found:
        assert len({by_id[one]["killed_best"] for one in incident["report_ids"]}) == 1


@pytest.mark.parametrize("sources", [1, 2, 4])
def test_two_thousand_reports_of_one_village_on_one_day(nobody: ActorRegister, report: Make, sources: int) -> None:
    rng = np.random.default_rng(sources)
    tolls = rng.integers(0, 60, DENSE).tolist()
    rows = [report(f"s{n % sources}", str(n), killed_best=toll) for n, toll in enumerate(tolls)]
    tracemalloc.start()
    began = time.perf_counter()
    incidents = fused_of(nobody, *rows).fused.incidents.to_pylist()
    seconds, peak = time.perf_counter() - began, tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    assert max(sizes(incidents)) <= 2 * sources
    assert seconds < DENSE_SECONDS
    assert peak < DENSE_MIB


# --- said again


def test_a_report_given_twice_is_one(fuse: Fuse, report: Make) -> None:
    assert sizes(fuse(report("s", "a"), report("s", "a"))) == [1]


def test_of_one_id_with_two_contents_one_counts_whatever_the_order(fuse: Fuse, report: Make) -> None:
    first, second = report("s", "a", killed_best=3), report("s", "a", killed_best=9, day=1)
    other = report("t", "b", day=1)
    assert fuse(first, second, other) == fuse(other, second, first)
    held = fuse(first, second)
    assert sizes(held) == [1]
    # where recording tells which came later, the later
    early, late = datetime(2021, 4, 1, tzinfo=UTC), datetime(2021, 4, 2, tzinfo=UTC)
    for one, another in ((first, second), (second, first)):
        (incident,) = fuse(another | {"recorded_at": late}, one | {"recorded_at": early})
        assert incident["killed_best"] == another["killed_best"]


def test_a_source_that_repeats_itself_stays_apart_unless_it_is_known_for_it(fuse: Fuse, report: Make) -> None:
    """One source seldom tells one event twice: where it does, a person or what was learned must say so."""
    word_for_word = [report("s", "a", text="Seven killed"), report("s", "b", text="Seven killed")]
    assert sizes(fuse(*word_for_word)) == [1, 1]
    assert sizes(fuse(*word_for_word, report("s", "c", killed_best=8, latitude=10.01))) == [1, 1, 1]


@pytest.mark.parametrize(("every", "learned"), [(2, True), (1000, False)])
def test_whether_a_source_repeats_itself_is_learned(
    nobody: ActorRegister, report: Make, every: int, learned: bool
) -> None:
    rng = np.random.default_rng(3)
    rows = []
    for n in range(700):
        where = {"latitude": 5 + rng.random(), "longitude": 25 + rng.random(), "day": int(rng.integers(300))}
        toll = int(rng.integers(1, 40))
        rows += [report("echo", f"{n}-{copy}", killed_best=toll, **where) for copy in range(1 + (n % every == 1))]
        if rng.random() < 0.66:
            elsewhere = where | {"latitude": where["latitude"] + rng.normal(0, 0.004)}
            rows.append(report("post", f"{n}-post", killed_best=max(0, toll + int(rng.integers(-1, 2))), **elsewhere))
    weights = learn_weights(table_of(rows, REPORT), register=nobody)
    assert ("echo" in weights.repeats, "post" in weights.repeats) == (learned, False)
    event = {one["report_id"]: int(one["source_report_id"].split("-")[0]) for one in rows}
    own = {one["report_id"] for one in rows if one["source_id"] == "echo"}
    incidents = fused_of(nobody, *rows, weights=weights).fused.incidents.to_pylist()
    told_twice = [
        one
        for one in incidents
        if len({event[r] for r in one["report_ids"] if r in own}) < sum(r in own for r in one["report_ids"])
    ]
    assert len(told_twice) >= 0.95 * 350 if learned else len(told_twice) <= 1
    # an echo is no second voice
    assert all(len(one["lineages"]) == len({r in own for r in one["report_ids"]}) for one in told_twice)


@pytest.mark.parametrize(("lineage", "voices"), [(["s"], ["s"]), (["t"], ["s", "t"])])
def test_a_translation_is_of_the_event_of_its_original(
    fuse: Fuse, report: Make, lineage: list[str], voices: list[str]
) -> None:
    """Who copies whom is known by lineage alone: without it, two names are two voices."""
    original = report("s", "a", text="Seven killed at the ford", text_language="en")
    copy = report("t", "b", lineage=lineage, text="Семеро убитых у брода", text_language="ru")
    (incident,) = fuse(original, copy)
    assert incident["lineages"] == voices


def test_names_in_other_scripts(nobody: ActorRegister, fuse: Fuse, report: Make) -> None:
    rivals = {"killed_best": 7, "day": 0}
    arabic = report("s", "a", sides=[["name:حرس النهر"], ["name:جبهة التلال"]], place_name="حلب", **rivals)
    pointed = report("t", "b", sides=[["name:حَرَس النهر"], ["name:جبهة  التلال"]], place_name="حلب", **rivals)
    cyrillic = report("u", "c", sides=[["name:Горная стража"], ["name:Чёрный прилив"]], latitude=10.06, killed_best=5)
    capital = report("v", "d", sides=[["name:ГОРНАЯ СТРАЖА"], ["name:чёрный прилив"]], latitude=10.06, killed_best=5)
    incidents = fuse(arabic, pointed, cyrillic, capital)
    groups = {frozenset(one["report_ids"]) for one in incidents}
    assert groups == {
        frozenset({arabic["report_id"], pointed["report_id"]}),
        frozenset({cyrillic["report_id"], capital["report_id"]}),
    }
    # the control: another name in that script speaks against, the same one for
    stranger = report("t", "b", sides=[["name:كتائب الساحل"], ["name:لواء الصحراء"]], place_name="حلب", **rivals)
    (alike,), (other,) = (
        fused_of(nobody, arabic, one).matched.pairs["match_weight"].to_pylist() for one in (pointed, stranger)
    )
    assert alike > other + 1


def test_a_total_is_an_incident_only_where_it_counts_none(fuse: Fuse, report: Make) -> None:
    totals = [
        report("o", "plain", kind="total"),
        report("o", "undated", kind="total", day=None),
        report("o", "nowhere", kind="total", **NOWHERE),
        report("o", "absurd", kind="total", killed_best=-4, latitude=NAN, days=-9),
    ]
    denial = report("p", "no", kind="total", stance="denies", denial_scope="period", denied=["fact"], day=40)
    incidents = {tuple(one["report_ids"]): one for one in fuse(report("s", "a"), denial, *totals)}
    event = incidents.pop((report("s", "a")["report_id"],))
    assert event["killed_best"] == 7
    assert "total-alone" not in (event["flags"] or ())
    assert set(incidents) == {(one["report_id"],) for one in totals[1:]}
    assert all("total-alone" in one["flags"] for one in incidents.values())


def test_poor_reports_among_good_ones_change_nothing_for_those(fuse: Fuse, report: Make) -> None:
    good = [report(s, f"{s}{n}", day=9 * n, latitude=8 + n / 5) for n in range(6) for s in "st"]
    poor = [
        report("p", "0", day=None, **NOWHERE),
        report("p", "1", latitude=NAN, killed_best=10**9, sides=[]),
        report("p", "2", latitude=200.0, day=70, days=-400),
        report("p", "3", day=10_000, latitude=90.0),
        report("p", "4", kind="total", days=300),
    ]
    alone = fuse(*good)
    beside = [one for one in fuse(*poor, *good) if not {p["report_id"] for p in poor} & set(one["report_ids"])]
    assert beside == alone
    assert sizes(alone) == [2] * 6


def test_a_table_in_pieces_is_as_good_as_one(report: Make) -> None:
    tables = [table_of([report("s", str(n), killed_best=-n)], REPORT) for n in range(4)]
    found = sound(pa.concat_tables(tables))
    assert found["killed_best"].to_pylist() == [0, None, None, None]
    assert found["flags"].to_pylist() == [None, *[["toll-impossible"]] * 3]
