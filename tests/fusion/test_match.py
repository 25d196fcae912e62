"""Matching by hand: what bad input does, what keys and people settle, what totals cover, what waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.covers import COVER_COLUMNS
from ceasefire.fusion.fuse import fuse_reports
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.match import Matched, match_reports
from ceasefire.fusion.weights import default_weights
from ceasefire.model.schemas import REPORT, empty

Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]
NOWHERE = {"latitude": None, "longitude": None, "place_radius_km": None, "place_precision": "unknown"}
AREA = NOWHERE | {"place_precision": "governorate", "centre_latitude": 10.0, "centre_longitude": 30.0}


@pytest.fixture
def match(nobody: ActorRegister) -> Callable[..., Matched]:
    def run(reports: pa.Table, *judgements: Judgement) -> Matched:
        return match_reports(reports, register=nobody, weights=default_weights(), judgements=judgements)

    return run


def test_nothing_gives_nothing(match: Callable[..., Matched]) -> None:
    found = match(empty(REPORT))
    assert (len(found.event), found.pairs.num_rows, found.doubtful.num_rows, found.covers.num_rows) == (0, 0, 0, 0)


def test_two_sources_on_one_clash_are_one(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    found = match(table(report("s", "a"), report("t", "b")))
    assert found.event.tolist() == [0, 0]
    (pair,) = found.pairs.to_pylist()
    assert pair["decision"] == "together"
    assert 0.5 < pair["match_probability"] <= 1
    assert pair["match_weight"] > 0


@pytest.mark.parametrize(
    "other",
    [
        {"day": None},
        {"days": 365},
        NOWHERE | {"killed_best": None, "sides": []},
        {"day": 40},
        {"latitude": 12.0},
        {"killed_best": 900, "day": 3},
    ],
    ids=["no date", "a year long", "no place, toll or party", "another day", "another place", "impossible toll"],
)
def test_what_matches_nothing_stays_alone_and_is_kept(
    report: Make, table: Table, match: Callable[..., Matched], other: dict[str, Any]
) -> None:
    assert len(set(match(table(report("s", "a"), report("t", "b", **other))).event.tolist())) == 2


def test_all_that_can_be_missing_may_be_missing(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    bare = NOWHERE | {"killed_best": None, "killed_civilian_best": None, "sides": [], "acts": [], "day": None}
    rows = [report("s", str(n), **bare) for n in range(3)]
    assert sorted(match(table(*rows)).event.tolist()) == [0, 1, 2]


def test_no_place_but_the_same_day_toll_and_parties(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    found = match(table(report("s", "a", **NOWHERE), report("t", "b", **NOWHERE), report("u", "c", killed_best=8)))
    assert found.pairs.num_rows == 1
    assert {found.pairs["report_a"][0].as_py(), found.pairs["report_b"][0].as_py()} == {
        report("s", "a")["report_id"],
        report("t", "b")["report_id"],
    }


def test_one_source_seldom_tells_one_event_twice(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    other = {"killed_best": 12, "latitude": 10.01}
    both = match(table(report("s", "a"), report("t", "b", **other))).event
    assert both[0] == both[1]
    own = match(table(report("s", "a"), report("s", "b", **other))).event
    assert own[0] != own[1]
    third = match(table(report("s", "a"), report("s", "b", **other), report("t", "c"))).event
    assert third[0] == third[2] != third[1]


def test_two_sources_that_copy_each_other_are_one_event_and_one_lineage(
    report: Make, table: Table, nobody: ActorRegister
) -> None:
    copy = report("t", "b", lineage=["s"], text="Бой у реки", text_language="ru")
    fused = fuse_reports(table(report("s", "a", text="Clash"), copy), register=nobody, weights=default_weights())
    (incident,) = fused.fused.incidents.to_pylist()
    assert len(incident["report_ids"]) == 2
    assert incident["lineages"] == ["s"]


def test_keys_always_win(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    far = report("t", "b", event_key="k", latitude=12.0, day=9)
    rows = [report("s", "a", event_key="k"), far, report("u", "c", event_key="other")]
    assert match(table(*rows)).event.tolist() == [0, 0, 1]


def test_a_reference_is_followed(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    refers = report("t", "b", latitude=12.0, day=9, refers_to=["s:a"], relation="same")
    assert match(table(report("s", "a"), refers)).event.tolist() == [0, 0]


def test_what_covers_records_is_never_one_of_them(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    parts = [report("s", "a"), report("s", "b", latitude=10.01, killed_best=3)]
    both = report("t", "both", refers_to=["s:a", "s:b"], relation="covers")
    found = match(table(*parts, both))
    assert len(set(found.event.tolist())) == 3
    assert {*found.pairs["decision"].to_pylist()} == {"told-apart"}
    assert {*found.pairs["match_probability"].to_pylist()} == {0}
    assert found.doubtful.num_rows == 0
    # the control: without its own word it is one of them, and a person may know better
    assert len(set(match(table(*parts, report("t", "both"))).event.tolist())) == 2
    known = Judgement(parts[0]["report_id"], both["report_id"], "same", "x")
    event = match(table(*parts, both), known).event.tolist()
    assert event[0] == event[2] != event[1]


@pytest.mark.parametrize("second", ["first.csv", "next.csv"])
def test_keys_of_one_source_tell_apart_in_whatever_file(
    report: Make, table: Table, match: Callable[..., Matched], second: str
) -> None:
    rows = [
        report("s", "a", event_key="1", document_id="first.csv"),
        report("s", "b", event_key="2", document_id=second),
    ]
    between = report("t", "c")
    assert len(set(match(table(*rows, between)).event.tolist())) == 2
    assert match(table(*rows)).doubtful.num_rows == 0


def test_keys_of_a_case_and_of_a_data_set_do_not_tell_apart(
    report: Make, table: Table, match: Callable[..., Matched]
) -> None:
    """A case quotes a data set, among others: its keys are the case's own."""
    data_set = [report("s", str(n), event_key=str(n), document_id="first.csv", day=9 * n) for n in range(2)]
    case = [report("s", "quoted", event_key="k1", day=30), report("t", "told", event_key="k2")]
    event = match(table(*data_set, *case)).event.tolist()
    assert event[0] == event[3]
    assert len(set(event)) == 3


def row_that_a_case_event_refers_to(report: Make) -> list[dict[str, Any]]:
    """Return two rows of a data set that are too far apart to be compared, and a case's event that is one of them."""
    return [
        report("s", "a", event_key="1", document_id="first.csv", day=30, latitude=12.0),
        report("s", "b", event_key="2", document_id="first.csv"),
        report("t", "told", event_key="k", refers_to=["s:a"], relation="same"),
    ]


def test_an_event_that_is_one_row_of_a_data_set_is_no_other_row(
    report: Make, table: Table, match: Callable[..., Matched]
) -> None:
    rows = row_that_a_case_event_refers_to(report)
    found = match(table(*rows))
    event = found.event.tolist()
    assert event[0] == event[2] != event[1]
    assert found.doubtful.num_rows == 0
    (pair,) = (one for one in found.pairs.to_pylist() if one["decision"] != "by-key")
    assert (pair["decision"], pair["match_probability"]) == ("told-apart", 0)
    # the control: what refers to no row is of the near one; and a person may know better
    free = match(table(*rows[:2], report("t", "told", event_key="k"))).event.tolist()
    assert free[1] == free[2] != free[0]
    known = Judgement(rows[1]["report_id"], rows[2]["report_id"], "same", "x")
    assert len(set(match(table(*rows), known).event.tolist())) == 1


def test_judgements_win_and_are_told(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    rows = [report("s", "a"), report("t", "b"), report("u", "c", latitude=12.0)]
    a, b, c = (row["report_id"] for row in rows)
    found = match(table(*rows), Judgement(a, b, "not-same", "x"), Judgement(a, c, "same", "x"))
    event = found.event.tolist()
    assert event[0] == event[2] != event[1]
    (pair,) = found.pairs.to_pylist()
    assert (pair["decision"], pair["match_probability"]) == ("judged-not-same", 0)
    assert found.doubtful.num_rows == 0
    torn = match(table(*rows), Judgement(a, b, "not-same", "x"), Judgement(a, b, "same", "y"))
    assert len(torn.conflicts) == 1
    assert torn.event[0] != torn.event[1]


def test_the_review_list_begins_with_what_changes_most(
    report: Make, table: Table, match: Callable[..., Matched]
) -> None:
    near = [report(s, s, latitude=10 + 0.01 * n, day=n % 2, killed_best=7 + n) for n, s in enumerate("stuv")]
    far = [report(s, s + "2", latitude=14, day=3 * n, killed_best=3 + n) for n, s in enumerate("st")]
    found = match(table(*near, *far))
    changes = found.doubtful["changes"].to_pylist()
    assert changes == sorted(changes, reverse=True)
    assert len(changes) > 1
    first = found.doubtful.to_pylist()[0]
    unsure = match(table(*near, *far), Judgement(first["report_a"], first["report_b"], "unsure", "x"))
    assert found.doubtful.num_rows - unsure.doubtful.num_rows == 1


def test_totals_cover_and_are_never_the_same(report: Make, table: Table, nobody: ActorRegister) -> None:
    total = report("o", "sum", kind="total", killed_best=15, **AREA)
    rows = [
        report("s", "a"),
        report("t", "b"),
        report("u", "deadlier", latitude=10.2, killed_best=40),
        report("u", "elsewhere", latitude=14.0),
        report("u", "later", latitude=10.2, day=6),
        total,
    ]
    result = fuse_reports(table(*rows), register=nobody, weights=default_weights())
    covers = result.matched.covers
    assert covers.column_names == list(COVER_COLUMNS)
    assert covers["report_id"].to_pylist() == [total["report_id"]]
    assert covers["event"].to_pylist() == [result.matched.event[0]]
    assert result.matched.event[5] not in result.matched.event[:5]
    links = [one for one in result.fused.links.to_pylist() if one["relation"] == "covers"]
    (incident,) = (one for one in result.fused.incidents.to_pylist() if len(one["report_ids"]) == 2)
    assert links == [{"report_id": total["report_id"], "incident_id": incident["incident_id"], "relation": "covers"}]
    assert sum(len(one["report_ids"]) for one in result.fused.incidents.to_pylist()) == 5


@pytest.mark.parametrize(("area", "covered"), [("North", 1), ("South", 0)])
def test_a_total_of_a_named_area(
    report: Make, table: Table, match: Callable[..., Matched], area: str, covered: int
) -> None:
    bare = NOWHERE | {"place_precision": "governorate", "area_name": area}
    total = report("o", "sum", kind="total", killed_best=15, **bare)
    found = match(table(report("s", "a", area_name="North/Bay"), report("t", "b", area_name="North/Bay"), total))
    assert found.covers.num_rows == covered


def test_a_total_without_date_or_place_covers_nothing(
    report: Make, table: Table, match: Callable[..., Matched]
) -> None:
    rows = [report("s", "a"), report("o", "x", kind="total", day=None), report("o", "y", kind="total", **NOWHERE)]
    assert match(table(*rows)).covers.num_rows == 0


def test_ids_of_any_length_in_any_order(report: Make, table: Table, match: Callable[..., Matched]) -> None:
    rows = [report("s", str(n)) | {"report_id": name} for n, name in enumerate(["z", "a-longer-one", "é", "b" * 30])]
    rows += [report("t", str(n), day=9) for n in range(2)]
    order = np.random.default_rng(1).permutation(len(rows))
    once, again = match(table(*rows)), match(table(*(rows[one] for one in order)))
    assert again.event.tolist() == once.event[order].tolist()
    assert again.pairs.equals(once.pairs)
