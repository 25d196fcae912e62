"""UCDP GED rows become reports: what they mean, what they do not say, and what is odd about them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.intake.ucdp_ged import read_ucdp_ged
from ceasefire.intake.ucdp_lineages import UNSTATED, lineage_key, lineages_of
from ceasefire.model.flags import FLAGS
from ceasefire.model.schemas import REPORT

# Rows of the extract of 2016 and 2017 that carry each flag, counted by hand-written queries over the raw columns.
REAL_FLAGS = {
    "high-below-best": 46,
    "low-above-best": 20,
    "best-zero-high-positive": 697,
    "imputed-two-plus-two": 1680,
    "exact-duplicate": 292,
    "many-days": 699,
    "aggregate-report": 423,
    "centroid-place": 1289,
    "absurd-source-date": 66,
}


@pytest.fixture
def reports(good_ged: Path, ged_register: ActorRegister, ged_zone: ZoneInfo) -> dict[str, dict[str, object]]:
    result = read_ucdp_ged(good_ged, register=ged_register, zone=ged_zone)
    assert (result.rows_in, result.rejected, result.duplicates) == (8, 0, 0)
    assert result.reports.schema == REPORT
    result.reports.validate(full=True)
    return {row["source_report_id"]: row for row in result.reports.to_pylist()}


def test_a_dyad_is_neither_direction_nor_responsibility(reports: dict[str, dict[str, object]]) -> None:
    clash = reports["101"]
    assert clash["sides"] == [["government"], ["front"]]
    assert clash["perpetrators"] == clash["targets"] == []
    assert clash["acts"] == ["armed-force"]
    assert clash["stance"] == "asserts"
    assert clash["party"] is None


def test_one_sided_violence_has_a_perpetrator_and_no_sides(reports: dict[str, dict[str, object]]) -> None:
    killing = reports["103"]
    assert killing["sides"] == []
    assert killing["targets"] == ["civilians"]
    # 21 is another actor from 3 March on
    assert killing["perpetrators"] == ["union"]


def test_ids_are_read_at_the_date_of_the_event(reports: dict[str, dict[str, object]]) -> None:
    assert reports["101"]["sides"] == [["government"], ["front"]]
    assert reports["104"]["sides"] == [["government"], ["union"]]


def test_composites_split_into_whole_names(reports: dict[str, dict[str, object]]) -> None:
    # "Delta" is an actor too, and must not be found within "Delta Guard"
    assert reports["102"]["sides"] == [["government"], ["front", "guard", "name:Sons of Nobody"]]
    assert "name-unresolved" in reports["102"]["flags"]


def test_discs_have_a_radius_and_areas_have_no_point(reports: dict[str, dict[str, object]]) -> None:
    said = {key: (r["place_precision"], r["place_radius_km"], r["latitude"]) for key, r in reports.items()}
    assert said["101"] == ("point", 1.0, 10.2)
    assert said["102"] == ("near", 25.0, 10.7)
    for key, precision in (("106", "district"), ("104", "governorate"), ("108", "area"), ("107", "country")):
        assert said[key] == (precision, None, None)
        assert reports[key]["longitude"] is None
        assert "centroid-place" in reports[key]["flags"]
    assert reports["101"]["area_name"] == "North Province/Bay district"
    assert reports["104"]["area_name"] == "North Province"
    assert reports["107"]["area_name"] is None
    assert reports["107"]["place_name"] == "Riverland"


def test_days_are_local_and_the_end_is_exclusive(reports: dict[str, dict[str, object]]) -> None:
    # the clocks of Juba stood at UTC+2 from 1 February 2021 on, and at UTC+3 before
    assert reports["101"]["occurred_from"] == datetime(2021, 2, 28, 22, tzinfo=UTC)
    assert reports["101"]["occurred_until"] == datetime(2021, 3, 1, 22, tzinfo=UTC)
    assert reports["108"]["occurred_from"] == datetime(2020, 12, 31, 21, tzinfo=UTC)
    assert [reports[key]["time_precision"] for key in ("101", "104", "106", "107", "108")] == [
        "day",
        "days",
        "week",
        "month",
        "longer",
    ]


def test_tolls_keep_their_range_and_bounds_not_given_stay_null(reports: dict[str, dict[str, object]]) -> None:
    row = reports["106"]
    assert (row["killed_low"], row["killed_best"], row["killed_high"]) == (0, 0, 126)
    row = reports["102"]
    assert (row["killed_civilian_best"], row["killed_combatant_best"], row["killed_unknown_best"]) == (1, 5, 0)
    assert row["killed_civilian_low"] is row["killed_combatant_high"] is row["injured_best"] is None


def test_flags_say_what_is_odd(reports: dict[str, dict[str, object]]) -> None:
    flags = {key: set(row["flags"]) for key, row in reports.items()}
    assert flags["101"] == {"imputed-two-plus-two"}
    assert "absurd-source-date" in flags["102"]
    assert flags["103"] == set()
    assert "split-toll" in flags["104"] & flags["105"]
    assert "best-zero-high-positive" in flags["106"]
    assert "high-below-best" in flags["107"]
    assert {"low-above-best", "many-days"} <= flags["108"]
    assert "toll-parts-differ" not in set().union(*flags.values())
    assert set().union(*flags.values()) <= set(FLAGS)


def test_one_office_named_twice_is_one_chain(reports: dict[str, dict[str, object]]) -> None:
    assert reports["101"]["lineage"] == ["observatory"]
    assert reports["102"]["lineage"] == ["observatory", "radio-delta"]
    assert reports["104"]["lineage"] == [UNSTATED]


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (("HRW", "Human Rights Watch"), "hrw"),
        (("Reuters News", "Reuters"), "reuters"),
        (("http://x.liveuamap.com/", "LiveuMap", "SyriauaLive", "live-u.map"), "liveuamap"),
        (("BBC", "BBC Monitoring Newsfile"), "bbc"),
        (("SOHR", " sohr "), "sohr"),
    ],
)
def test_spellings_of_one_office(spellings: tuple[str, ...], key: str) -> None:
    assert {lineage_key(one) for one in spellings} == {key}


def test_offices_take_the_keys_of_the_case(good_ged: Path, ged_register: ActorRegister, ged_zone: ZoneInfo) -> None:
    result = read_ucdp_ged(good_ged, register=ged_register, zone=ged_zone, lineages={"observatory": "war-observatory"})
    assert result.reports["lineage"][0].as_py() == ["war-observatory"]


@pytest.mark.parametrize(
    ("offices", "originals", "headlines", "chains"),
    [
        ("Gazette", None, None, ["gazette"]),
        ("Gazette", None, "War Observatory: seven killed at the ford", ["wobs"]),
        ("Gazette", None, "Seven killed at the ford: war observatory", ["wobs"]),
        ("Gazette", None, "Seven killed at the ford - WOBS", ["wobs"]),
        ("Gazette", None, "War Observatory says seven killed", ["wobs"]),
        ("Gazette", None, "War Observatory hit by shells", ["gazette"]),  # that is what it tells of
        ("Gazette", None, "Monitor: seven killed", ["gazette"]),  # nobody the case knows
        ("Gazette;Radio", None, "Seven killed: War Observatory;Shelling", ["radio", "wobs"]),
        ("Gazette;Radio", None, "Seven killed; more feared: War Observatory;Shelling", ["gazette", "radio"]),
        ("Gazette;WOBS", None, "Seven killed: War Observatory;Shelling", ["wobs"]),
        ("Gazette", "War Observatory", None, ["wobs"]),
        ("Gazette", "eyewitnesses", None, ["gazette"]),
        ("Gazette;Radio", "War Observatory", None, ["gazette", "radio"]),  # which of the two quotes it is not said
        (None, "War Observatory", None, [UNSTATED]),
        ("", "", "", [UNSTATED]),
    ],
)
def test_an_article_rests_on_whom_it_quotes(
    offices: str | None, originals: str | None, headlines: str | None, chains: list[str]
) -> None:
    said = (pa.array([one], pa.string()) for one in (offices, originals, headlines))
    found = lineages_of(*said, {"war-observatory": "wobs", "wobs": "wobs"})
    assert found.to_pylist() == [chains]


def test_an_absurd_source_date_is_not_when_it_was_reported(reports: dict[str, dict[str, object]]) -> None:
    assert reports["102"]["reported_at"] == datetime(2021, 3, 2, 22, tzinfo=UTC)


def test_parts_that_do_not_add_up_are_flagged(good_ged: Path, tmp_path: Path, ged_register: ActorRegister) -> None:
    path = tmp_path / "ged.csv"
    path.write_text(good_ged.read_text().replace("0,0,7,0,7,7,7", "0,0,6,0,7,7,7"))
    result = read_ucdp_ged(path, register=ged_register, zone=ZoneInfo("UTC"))
    assert result.notes["toll-parts-differ"] == 1


def test_exact_duplicates_are_flagged_and_kept(good_ged: Path, tmp_path: Path, ged_register: ActorRegister) -> None:
    text = good_ged.read_text()
    path = tmp_path / "ged.csv"
    path.write_text(text + text.splitlines()[3].replace("103,", "403,", 1) + "\n")
    result = read_ucdp_ged(path, register=ged_register, zone=ZoneInfo("UTC"))
    assert (result.accepted, result.notes["exact-duplicate"]) == (9, 2)


def test_how_precisely_a_place_is_coded_does_not_make_it_another_place(
    good_ged: Path, tmp_path: Path, ged_register: ActorRegister
) -> None:
    lines = good_ged.read_text().splitlines()
    names, cells = lines[0].split(","), lines[3].split(",")
    near = dict(zip(names, cells, strict=True)) | {
        "id": "104",
        "deaths_a": "3",
        "deaths_b": "4",
        "deaths_civilians": "0",
    }
    point = near | {"id": "105", "where_prec": "1" if near["where_prec"] == "2" else "2"}
    path = tmp_path / "ged.csv"
    path.write_text("\n".join([lines[0], *(",".join(row.values()) for row in (near, point))]) + "\n")
    result = read_ucdp_ged(path, register=ged_register, zone=ZoneInfo("UTC"))
    assert result.notes["exact-duplicate"] == 2
    assert "split-toll" not in result.notes


def test_unknown_figures_stay_unknown(good_ged: Path, tmp_path: Path, ged_register: ActorRegister) -> None:
    path = tmp_path / "ged.csv"
    path.write_text(good_ged.read_text().replace("0,0,7,0,7,7,7", "NA,,7,0,7,7,"))
    row = read_ucdp_ged(path, register=ged_register, zone=ZoneInfo("UTC")).reports.to_pylist()[2]
    assert row["killed_combatant_best"] is row["killed_high"] is None
    assert row["flags"] == []


def test_a_point_without_coordinates_is_kept_and_nowhere(
    good_ged: Path, tmp_path: Path, ged_register: ActorRegister
) -> None:
    path = tmp_path / "ged.csv"
    path.write_text(good_ged.read_text().replace("10.2,30.4,", ",,").replace("10.7,30.9,145142", "0,0,"))
    rows = read_ucdp_ged(path, register=ged_register, zone=ZoneInfo("UTC")).reports.to_pylist()
    for row in rows[:2]:
        assert (row["latitude"], row["place_radius_km"], row["place_precision"]) == (None, None, "unknown")
        assert "no-coordinates" in row["flags"]


def test_parquet_official_names_and_csv_give_the_same_reports(
    good_ged: Path, tmp_path: Path, ged_register: ActorRegister, ged_zone: ZoneInfo
) -> None:
    table = pv.read_csv(good_ged)
    names = [
        {"side_a_new_id": "side_a_id", "side_b_new_id": "side_b_id"}.get(name, name) for name in table.column_names
    ]
    path = tmp_path / "ged.parquet"
    pq.write_table(table.rename_columns(names), path)
    ours = read_ucdp_ged(path, register=ged_register, zone=ged_zone).reports.drop_columns("document_id")
    assert ours.to_pylist() == (
        read_ucdp_ged(good_ged, register=ged_register, zone=ged_zone).reports.drop_columns("document_id").to_pylist()
    )


def test_a_byte_order_mark_and_windows_line_ends_are_fine(
    good_ged: Path, tmp_path: Path, ged_register: ActorRegister
) -> None:
    path = tmp_path / "ged.csv"
    path.write_bytes(b"\xef\xbb\xbf" + good_ged.read_bytes().replace(b"\n", b"\r\n"))
    assert read_ucdp_ged(path, register=ged_register, zone=ZoneInfo("UTC")).accepted == 8


@pytest.mark.real_data
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_real_extract_loses_no_row(real_data: Path, ending: str, ged_register: ActorRegister) -> None:
    path = real_data / "dev_pack" / f"ged_syria_2016_2017.{ending}"
    result = read_ucdp_ged(path, register=ged_register, zone=ZoneInfo("Asia/Damascus"))
    assert (result.rows_in, result.accepted, result.rejected, result.duplicates) == (11757, 11757, 0, 0)
    assert {flag: result.notes.get(flag, 0) for flag in REAL_FLAGS} == REAL_FLAGS
    assert "toll-parts-differ" not in result.notes
    reports = result.reports
    points = pc.is_valid(reports["latitude"])
    precision = reports["place_precision"].cast(pa.string())
    assert pc.sum(points).as_py() == 6411 + 4057
    assert set(precision.filter(points).to_pylist()) == {"point", "near"}
    assert len(set(reports["report_id"].to_pylist())) == 11757


@pytest.mark.real_data
def test_real_rows_that_are_known_to_be_odd(real_data: Path, ged_register: ActorRegister) -> None:
    path = real_data / "dev_pack" / "ged_syria_2016_2017.csv"
    reports = read_ucdp_ged(path, register=ged_register, zone=ZoneInfo("Asia/Damascus")).reports
    wanted = pa.array(["250390", "246495", "250668", "250669", "250487", "250490", "243294", "251188"])
    rows = {
        row["source_report_id"]: row
        for row in reports.filter(pc.is_in(reports["source_report_id"], value_set=wanted)).to_pylist()
    }
    assert {"high-below-best"} <= set(rows["250390"]["flags"]) & set(rows["246495"]["flags"])
    for one in ("250668", "250669", "250487", "250490"):
        assert "split-toll" in rows[one]["flags"]
    assert (rows["243294"]["killed_low"], rows["243294"]["killed_best"], rows["243294"]["killed_high"]) == (0, 0, 126)
    assert "exact-duplicate" in rows["251188"]["flags"]
    assert rows["251188"]["occurred_from"].astimezone(ZoneInfo("Asia/Damascus")).date() == date(2017, 12, 17)
