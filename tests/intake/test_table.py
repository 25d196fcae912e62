"""Any table becomes reports by a mapping, and a mapping that does not fit says so line by line."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.intake.results import ReadResult
from ceasefire.intake.table import read_table
from ceasefire.model.errors import InputError
from ceasefire.model.schemas import REPORT

MAPPING = """\
format: 1
source: { column: desk, values: { N: north-desk, S: south-desk } }
source_report_id: number
time:
  start: { column: day, formats: ["%d.%m.%Y", "%d.%m.%Y %H:%M"] }
  precision:
    column: how
    codes: { exact: { precision: day }, about: { precision: days, days_around: 2 } }
place:
  latitude: y
  longitude: x
  name: town
  area: [province, district]
  precision:
    column: spot
    codes: { 1: { precision: point, radius_km: 3 }, 2: { precision: district } }
actors:
  sides: [one, other]
  civilians: [residents]
  unknown: [unidentified]
acts:
  column: weapon
  values: { gun: [small-arms-fire], jet: [air-strike], several: [shelling, ground-attack] }
tolls:
  killed: { low: least, best: dead, high: most }
  civilian: { best: civ }
  injured: { best: hurt }
aggregates: { column: sum }
text: words
text_language: en
"""
TABLE = """\
desk,number,day,how,y,x,town,province,district,spot,one,other,weapon,least,dead,most,civ,hurt,sum,words
N,1,01.03.2021,exact,10.2,30.4,Harbour,North,Bay,1,Government of Riverland,Upland Front,gun,1,2,3,,4,no,Shots
N,2,04.03.2021,about,10.5,30.5,,North,,2,residents,Upland Front,jet,,7,,7,,no,
S,1,05.03.2021 14:30,exact,10.2,30.4,Harbour,North,Bay,1,unidentified,Delta Guard,several,,,,,,no,Fire
S,2,06.03.2021,exact,10.2,30.4,,North,Bay,1,Nobody Known,Delta Guard,gun,9,10,12,,,true,Week
"""


@pytest.fixture
def read(tmp_path: Path, ged_register: ActorRegister, ged_zone: ZoneInfo) -> Callable[..., ReadResult]:
    """Return what writes table and mapping and reads them."""

    def read_text(
        table: str | bytes = TABLE, mapping: str = MAPPING, name: str = "desk.csv", **more: str
    ) -> ReadResult:
        path, by = tmp_path / name, tmp_path / "desk.yaml"
        path.write_bytes(table.encode() if isinstance(table, str) else table)
        by.write_text(mapping)
        return read_table(path, mapping=by, register=ged_register, zone=ged_zone, **more)

    return read_text


def faults_of(read: Callable[..., ReadResult], **more: str) -> str:
    with pytest.raises(InputError) as caught:
        read(**more)
    return "\n".join(str(fault) for fault in caught.value.faults)


def test_each_cell_comes_to_mean_what_the_mapping_says(read: Callable[..., ReadResult]) -> None:
    result = read()
    assert (result.rows_in, result.accepted, result.rejected) == (4, 4, 0)
    assert result.reports.schema == REPORT
    result.reports.validate(full=True)
    clash, strike, fire, total = result.reports.to_pylist()
    assert (clash["source_id"], clash["lineage"], clash["text"]) == ("north-desk", ["north-desk"], "Shots")
    assert clash["sides"] == [["government"], ["front"]]
    assert (clash["killed_low"], clash["killed_best"], clash["killed_high"]) == (1, 2, 3)
    assert (clash["killed_civilian_best"], clash["injured_best"], clash["killed_combatant_best"]) == (None, 4, None)
    assert clash["area_name"] == "North/Bay"
    assert (clash["place_radius_km"], clash["acts"]) == (3.0, ["small-arms-fire"])
    assert clash["occurred_from"] == datetime(2021, 2, 28, 22, tzinfo=UTC)
    # named at the day given, not at the first day on which it may have been;
    # whichever column names them, civilians are a target and no side
    assert (strike["sides"], strike["perpetrators"], strike["targets"]) == ([], ["union"], ["civilians"])
    assert (strike["latitude"], strike["place_precision"]) == (None, "district")
    assert strike["occurred_from"] == datetime(2021, 3, 1, 22, tzinfo=UTC)
    assert strike["occurred_until"] == datetime(2021, 3, 6, 22, tzinfo=UTC)
    assert set(strike["flags"]) == {"many-days", "centroid-place"}
    assert fire["sides"] == [[], ["guard"]]
    assert fire["acts"] == ["shelling", "ground-attack"]
    assert fire["occurred_from"] == fire["occurred_until"] == datetime(2021, 3, 5, 12, 30, tzinfo=UTC)
    assert fire["killed_best"] is None
    assert (total["kind"], fire["kind"]) == ("total", "event")
    assert {"aggregate-report", "name-unresolved"} <= set(total["flags"])
    assert len({one["report_id"] for one in (clash, strike, fire, total)}) == 4


def _as_parquet() -> bytes:
    table = pv.read_csv(pa.BufferReader(TABLE.encode()))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def _as_json(lines: bool) -> str:
    head, *rows = (line.split(",") for line in TABLE.splitlines())
    records = [dict(zip(head, row, strict=True)) for row in rows]
    return "\n".join(json.dumps(one) for one in records) if lines else json.dumps({"reports": records})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("desk.parquet", _as_parquet()),
        ("desk.json", _as_json(lines=False)),
        ("desk.jsonl", _as_json(lines=True)),
        ("desk.tsv", TABLE.replace(",", "\t")),
    ],
)
def test_the_format_of_the_file_makes_no_difference(
    name: str, content: str | bytes, read: Callable[..., ReadResult]
) -> None:
    more = {"separator": "tab"} if name.endswith("tsv") else {}
    columns = [column for column in REPORT.names if column != "document_id"]
    ours = read(content, name=name, **more).reports.select(columns).to_pylist()
    assert ours == read().reports.select(columns).to_pylist()


def _workbook(rows: list[list[str | float | None]], date_column: int) -> bytes:
    """Return the smallest workbook that Excel opens: inline texts, numbers, and days in one column."""

    def cell(value: str | float | None, place: int) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c s="{int(place == date_column)}"><v>{value}</v></c>'

    sheet = "".join(f"<row>{''.join(cell(value, at) for at, value in enumerate(row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        '<sheets><sheet name="Reports" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return target.getvalue()


def test_a_workbook(read: Callable[..., ReadResult]) -> None:
    head, first, *_ = (line.split(",") for line in TABLE.splitlines())
    numbers = {"number", "y", "x", "spot", "least", "dead", "most"}
    row = [
        44256.0 if name == "day" else float(value) if name in numbers else value or None
        for name, value in zip(head, first, strict=True)
    ]
    later = [
        2.0 if name == "number" else None if name == "dead" else value for name, value in zip(head, row, strict=True)
    ]
    book = _workbook([[*head], row, [None] * len(head), later], head.index("day"))
    mapping = MAPPING.replace('{ column: day, formats: ["%d.%m.%Y", "%d.%m.%Y %H:%M"] }', "{ column: day }")
    rows = read(book, mapping, name="desk.xlsx").reports.to_pylist()
    assert [one["source_report_id"] for one in rows] == ["1", "2"]
    assert rows[0]["occurred_from"] == datetime(2021, 2, 28, 22, tzinfo=UTC)
    assert (rows[0]["time_precision"], rows[0]["killed_best"], rows[0]["latitude"]) == ("day", 2, 10.2)
    assert rows[1]["killed_best"] is None


def test_the_mapping_may_name_the_separator(read: Callable[..., ReadResult]) -> None:
    assert read(TABLE.replace(",", ";"), "separator: semicolon\n" + MAPPING).accepted == 4


def test_without_precision_dates_are_days_and_moments_are_instants(read: Callable[..., ReadResult]) -> None:
    start, end = MAPPING.index("  precision:"), MAPPING.index("place:")
    rows = read(mapping=MAPPING[:start] + MAPPING[end:]).reports.to_pylist()
    assert [row["time_precision"] for row in rows] == ["day", "day", "instant", "day"]


def test_day_numbers_and_an_end(read: Callable[..., ReadResult]) -> None:
    mapping = MAPPING.replace(
        '{ column: day, formats: ["%d.%m.%Y", "%d.%m.%Y %H:%M"] }',
        "{ column: day, days_since: 2021-03-01 }\n  until: { column: end, days_since: 2021-03-01 }",
    )
    head, first, *_ = TABLE.splitlines()
    rows = f"{head},end\n{first.replace('01.03.2021', '-1')},2\n"
    (row,) = read(rows, mapping).reports.to_pylist()
    assert (row["occurred_from"].day, row["occurred_until"].day) == (27, 3)
    backwards = rows.replace(",-1,", ",3,") + rows.splitlines()[1].replace("N,1", "N,9") + "\n"
    (reject,) = read(backwards, mapping).rejects
    assert reject.what == '"end" is "2", before the start.'


def test_fractions_are_refused_or_widen_the_range(read: Callable[..., ReadResult]) -> None:
    table = TABLE.replace(",1,2,3,", ",1.6,2.5,3.2,")
    (reject,) = read(table).rejects
    assert '"least" is "1.6", not a whole number' in reject.what
    row = read(table, MAPPING.replace("tolls:", "tolls:\n  fractions: outward")).reports.to_pylist()[0]
    assert (row["killed_low"], row["killed_best"], row["killed_high"]) == (1, 2, 4)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("N,1,01.03", "X,1,01.03", '"desk" is "X", not among the mapping\'s values.'),
        ("exact,10.2,30.4,Harbour,North,Bay,1,Gov", "maybe,10.2,30.4,Harbour,North,Bay,1,Gov", '"how" is "maybe"'),
        ("Bay,1,Gov", "Bay,7,Gov", '"spot" is "7", not among the mapping\'s codes'),
        ("Front,gun", "Front,spear", '"weapon" is "spear", not among the mapping\'s values'),
        ("Front,gun", "Front,", '"weapon" is "", not among the mapping\'s values'),
        ("01.03.2021", "31.02.2021", '"day" is "31.02.2021", not a date that exists'),
        ("01.03.2021", "", '"day" is empty.'),
        ("N,1,", "N,,", '"number" is empty.'),
        (",1,2,3,", ",1,two,3,", '"dead" is "two", not a whole number.'),
        ("10.2,30.4,Harbour,North,Bay,1,Gov", "100.2,30.4,Harbour,North,Bay,1,Gov", "may be exchanged"),
    ],
)
def test_a_bad_cell_rejects_its_row(old: str, new: str, said: str, read: Callable[..., ReadResult]) -> None:
    assert old in TABLE
    result = read(TABLE.replace(old, new, 1))
    (reject,) = result.rejects
    assert said in reject.what
    assert reject.line == 2
    assert (result.rows_in, result.accepted) == (4, 3)


def test_ids_are_given_within_a_source(read: Callable[..., ReadResult]) -> None:
    again = TABLE.splitlines()[1] + "\n"
    assert (read(TABLE + again).duplicates, read().duplicates) == (1, 0)
    result = read(TABLE + again.replace("Shots", "Fired"))
    assert [reject.line for reject in result.rejects] == [2, 6]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("longitude: x", "longitude: lon", ('desk.yaml:11:3: names the column "lon"', "Its columns are: desk, number")),
        ("[one, other]", "[one, another]", ('desk.yaml:18:16: names the column "another"',)),
        ("[air-strike]", "[air-raid]", ('desk.yaml:23:37: names the act "air-raid"', "air-strike")),
        ("source_report_id: number\n", "", ("source_report_id", "desk.yaml:1")),
        ("precision: point, radius_km: 3", "precision: point", ("radius_km",)),
        ("precision: district }", "precision: district, radius_km: 9 }", ("radius_km",)),
        ("[one, other]", "[one]", ("two columns",)),
        ("  sides: [one, other]", "  sides: [one, other]\n  target: town", ("either `sides`",)),
        ("column: desk,", "column: desk, constant: a,", ("either `constant` or `column`",)),
        ("days_around: 2", "days_around: -2", ("desk.yaml:8",)),
        ("format: 1", "format: 2", ("desk.yaml:1",)),
        ("latitude: y", "latitudes: y", ("desk.yaml:10", "latitudes")),
    ],
)
def test_a_mapping_that_does_not_fit(
    old: str, new: str, said: tuple[str, ...], read: Callable[..., ReadResult]
) -> None:
    assert old in MAPPING
    faults = faults_of(read, mapping=MAPPING.replace(old, new))
    assert [one for one in said if one not in faults] == [], faults


def test_all_faults_of_a_mapping_come_at_once(read: Callable[..., ReadResult]) -> None:
    faults = faults_of(read, mapping=MAPPING.replace("latitude: y", "latitude: a").replace("best: civ", "best: b"))
    assert 'the column "a"' in faults
    assert 'the column "b"' in faults


def test_a_case_s_own_acts_may_be_named(read: Callable[..., ReadResult]) -> None:
    acts = {"armed-force": None, "spear-throwing": "armed-force"} | dict.fromkeys(
        ("small-arms-fire", "air-strike", "shelling", "ground-attack")
    )
    mapping = MAPPING.replace("gun: [small-arms-fire]", "gun: [spear-throwing]")
    assert read(mapping=mapping, acts=acts).reports["acts"][0].as_py() == ["spear-throwing"]


@pytest.mark.real_data
def test_the_example_reads_the_synthetic_reports(real_data: Path, ged_register: ActorRegister) -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "fusion_dev.yaml"
    path = real_data / "fusion_dev" / "reports_10k.parquet"
    result = read_table(path, mapping=example, register=ged_register, zone=ZoneInfo("Asia/Damascus"))
    assert (result.rows_in, result.accepted, result.rejected, result.duplicates) == (10000, 10000, 0, 0)
    raw, reports = pq.read_table(path), result.reports
    assert result.notes["aggregate-report"] == pc.sum(raw["is_agg"]).as_py()
    assert reports["killed_best"].null_count == raw["best"].null_count
    assert reports["latitude"].is_valid().to_pylist() == pc.less_equal(raw["where_prec"], 2).to_pylist()
    assert set(reports["source_id"].to_pylist()) == {"source-a", "source-b", "source-c", "source-d"}
