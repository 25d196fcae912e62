"""Reports to incidents by what they say of themselves: keys, references, and an id that outlives further evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.pass_through import LINK, fuse_by_event
from ceasefire.intake.ucdp_ged import read_ucdp_ged
from ceasefire.model.canonical import stable_id
from ceasefire.model.claims import read_claims
from ceasefire.model.schemas import INCIDENT, REPORT, empty, table_of

DAY = datetime(2021, 3, 1, tzinfo=UTC)


def report(source: str, own_id: str, **said: Any) -> dict[str, Any]:
    """Return a report of one day at one point, with what a test says otherwise."""
    return {
        "report_id": stable_id("rep", source, own_id),
        "source_id": source,
        "source_report_id": own_id,
        "kind": "event",
        "lineage": [source],
        "stance": "asserts",
        "occurred_from": DAY,
        "occurred_until": DAY + timedelta(days=1),
        "time_precision": "day",
        "place_name": "Harbour",
        "latitude": 10.0,
        "longitude": 30.0,
        "place_precision": "point",
        "place_radius_km": 1.0,
        "acts": ["armed-force"],
        "recorded_at": DAY + timedelta(days=10),
        **said,
    }


def fused(*reports: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    result = fuse_by_event(table_of(list(reports), REPORT))
    assert result.incidents.schema == INCIDENT
    assert result.links.schema == LINK
    result.incidents.validate(full=True)
    return result.incidents.to_pylist(), result.links.to_pylist()


def by_source(incidents: list[dict[str, Any]], own_id: str, source: str = "data") -> dict[str, Any]:
    wanted = stable_id("rep", source, own_id)
    return next(incident for incident in incidents if wanted in incident["report_ids"])


def test_nothing_gives_nothing() -> None:
    result = fuse_by_event(empty(REPORT))
    assert (result.incidents.num_rows, result.links.num_rows) == (0, 0)
    assert result.incidents.schema == INCIDENT


def test_reports_without_a_key_are_events_of_their_own() -> None:
    incidents, links = fused(report("data", "1"), report("data", "2"))
    assert len(incidents) == len(links) == 2
    assert {link["relation"] for link in links} == {"same"}


def test_a_key_holds_across_speakers() -> None:
    incidents, _ = fused(
        report("state-news", "a", event_key="strike"), report("observatory", "b", event_key="strike"), report("x", "c")
    )
    assert sorted(len(incident["report_ids"]) for incident in incidents) == [1, 2]


def test_a_reference_takes_the_whole_event_with_it() -> None:
    incidents, _ = fused(
        report("data", "7"),
        report("state-news", "a", event_key="strike"),
        report("observatory", "b", event_key="strike", refers_to=["data:7"], relation="same"),
    )
    (incident,) = incidents
    assert len(incident["report_ids"]) == 3


def test_without_the_record_it_stands_alone() -> None:
    incidents, _ = fused(
        report("data", "8"), report("observatory", "b", event_key="strike", refers_to=["data:7"], relation="same")
    )
    assert len(incidents) == 2
    assert all(incident["covers"] == incident["covered_by"] == [] for incident in incidents)


@pytest.mark.parametrize("relation", ["same", "covers"])
def test_several_records_are_covered_and_never_merged(relation: str) -> None:
    total = report("observatory", "b", event_key="battle", refers_to=["data:1", "data:2"], relation=relation)
    incidents, links = fused(report("data", "1"), report("data", "2"), report("data", "3"), total)
    assert len(incidents) == 4
    whole = by_source(incidents, "b", "observatory")
    parts = [by_source(incidents, one) for one in "12"]
    assert whole["covers"] == sorted(part["incident_id"] for part in parts)
    assert [part["covered_by"] for part in parts] == [[whole["incident_id"]]] * 2
    assert by_source(incidents, "3")["covered_by"] == []
    covering = [link for link in links if link["relation"] == "covers"]
    assert [link["incident_id"] for link in covering] == whole["covers"]
    assert {link["report_id"] for link in covering} == {total["report_id"]}


def test_covering_one_record_is_not_being_it() -> None:
    incidents, _ = fused(report("data", "1"), report("o", "b", refers_to=["data:1"], relation="covers"))
    assert len(incidents) == 2


def test_accounts_of_one_event_that_name_different_records_do_not_merge_them() -> None:
    incidents, _ = fused(
        report("data", "1"),
        report("data", "2"),
        report("state-news", "a", event_key="strike", refers_to=["data:1"], relation="same"),
        report("observatory", "b", event_key="strike", refers_to=["data:2"], relation="same"),
    )
    assert len(incidents) == 3
    assert len(by_source(incidents, "a", "state-news")["covers"]) == 2


def test_totals_are_no_incidents() -> None:
    incidents, links = fused(report("data", "1"), report("data", "2", kind="total"))
    assert len(incidents) == len(links) == 1


def test_the_id_is_that_of_the_earliest_recorded_report() -> None:
    early = report("z", "9", event_key="k", recorded_at=DAY)
    later = [report("data", str(one), event_key="k") for one in range(5)]
    incidents, _ = fused(*later, early)
    assert incidents[0]["incident_id"] == "inc-" + early["report_id"].removeprefix("rep-")
    alone, _ = fused(early)
    assert alone[0]["incident_id"] == incidents[0]["incident_id"]


def test_recorded_together_the_smallest_report_id_names_it_and_unrecorded_come_last() -> None:
    together = [report("data", str(one), event_key="k") for one in range(5)]
    unrecorded = [report("data", str(one), event_key="k", recorded_at=None) for one in range(5, 30)]
    incidents, _ = fused(*unrecorded, *together)
    smallest = min(one["report_id"] for one in together)
    assert incidents[0]["incident_id"] == "inc-" + smallest.removeprefix("rep-")


def test_an_event_that_everyone_denies_is_kept_and_says_so() -> None:
    denial = report("state-news", "a", stance="denies", denial_scope="event", denied=["fact"], event_key="k")
    for incidents in (fused(denial)[0], fused(denial, {**denial, **_renamed("b")})[0]):
        (incident,) = incidents
        assert incident["flags"] == ["denied-only"]
        assert incident["lineages"] == []
        assert read_claims(incident["claims"])[0].stance == "denies"


def _renamed(own_id: str) -> dict[str, str]:
    return {"report_id": stable_id("rep", "state-news", own_id), "source_report_id": own_id}


_IDS = st.integers(0, 5)
_REPORTS = st.lists(
    st.builds(
        lambda source, number, key, refers, relation, stance, best, day, recorded: report(
            source,
            str(number),
            event_key=None if source == "data" else key,
            refers_to=[f"data:{one}" for one in refers] if source != "data" else [],
            relation=relation if refers and source != "data" else None,
            stance=stance,
            killed_best=best,
            occurred_from=DAY + timedelta(days=day),
            occurred_until=DAY + timedelta(days=day + 1),
            recorded_at=None if recorded is None else DAY + timedelta(days=recorded),
        ),
        st.sampled_from(["data", "observatory", "state-news"]),
        _IDS,
        st.sampled_from([None, "k1", "k2"]),
        st.lists(_IDS, max_size=2, unique=True),
        st.sampled_from(["same", "covers"]),
        st.sampled_from(["asserts", "denies", "claims"]),
        st.none() | st.integers(0, 50),
        st.integers(0, 3),
        st.none() | st.integers(0, 2),
    ),
    max_size=12,
    unique_by=lambda one: one["report_id"],
)


@settings(max_examples=60, deadline=None)
@given(reports=_REPORTS, order=st.randoms(use_true_random=False), twice=st.integers(0, 3))
def test_neither_order_nor_repetition_of_rows_matters(reports: list[dict[str, Any]], order: Any, twice: int) -> None:
    once = fuse_by_event(table_of(reports, REPORT))
    shuffled = [*reports, *reports[:twice]]
    order.shuffle(shuffled)
    again = fuse_by_event(table_of(shuffled, REPORT))
    assert again.incidents.to_pylist() == once.incidents.to_pylist()
    assert again.links.to_pylist() == once.links.to_pylist()


@settings(max_examples=60, deadline=None)
@given(reports=_REPORTS)
def test_every_report_is_of_exactly_one_incident(reports: list[dict[str, Any]]) -> None:
    incidents, links = fused(*reports)
    of = [one for incident in incidents for one in incident["report_ids"]]
    assert sorted(of) == sorted(one["report_id"] for one in reports)
    same = {link["report_id"]: link["incident_id"] for link in links if link["relation"] == "same"}
    assert same == {one: incident["incident_id"] for incident in incidents for one in incident["report_ids"]}
    ids = {incident["incident_id"]: incident for incident in incidents}
    assert len(ids) == len(incidents)
    for incident in incidents:
        assert incident["incident_id"] not in incident["covers"]
        assert all(incident["incident_id"] in ids[one]["covered_by"] for one in incident["covers"])
        records = [one for one in reports if one["report_id"] in incident["report_ids"] and one["source_id"] == "data"]
        assert len(records) <= 1, "rows that the data set keeps apart were merged"


@pytest.mark.real_data
def test_the_real_extract_passes_through_row_by_row(real_data: Path) -> None:
    zone = ZoneInfo("Asia/Damascus")
    path = real_data / "dev_pack" / "ged_syria_2016_2017.parquet"
    reports = read_ucdp_ged(path, register=ActorRegister([], zone), zone=zone).reports
    result = fuse_by_event(reports)
    assert result.incidents.num_rows == result.links.num_rows == 11757
    claims = result.incidents["claims"].combine_chunks()
    assert len(claims.dictionary) < 500  # distinct contents, not rows
    shuffled = reports.take(pa.array(np.random.default_rng(7).permutation(reports.num_rows)))
    assert fuse_by_event(shuffled).incidents.equals(result.incidents)
