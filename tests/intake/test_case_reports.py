"""A case's own reports: what a row holds, and every fault said at once with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from ceasefire.actors.records import Actor
from ceasefire.actors.register import ActorRegister
from ceasefire.intake.case_reports import POINT_RADIUS_KM, read_case_reports
from ceasefire.model.canonical import stable_id
from ceasefire.model.errors import InputError
from ceasefire.model.schemas import REPORT
from ceasefire.model.time import instant_text, microseconds
from ceasefire.model.vocabulary import ACTS

ZONE = ZoneInfo("Asia/Damascus")
GOOD = """\
format: 1
reports:
  - id: e1-observatory
    event: e1
    title: Market shelled
    speaker: observatory
    refers_to: {source: data-set, relation: covers, ids: ['7', '8']}
    when: {start: 2017-09-27}
    where: {name: Lowtown, precision: point, latitude: 35.5, longitude: 36.5, governorate: North, district: Vale}
    acts: [shelling]
    sides: [[red], [blue, green]]
    toll: {killed: {low: 3, high: 5}, civilian: {best: 0}}
    reported: 2017-09-28
    sources: [page-1, page-2]
"""


def register() -> ActorRegister:
    actors = [
        Actor.model_validate(
            {"id": name, "kind": "armed-group", "names": [{"text": name, "language": "en"}], "sources": ["page-1"]}
        )
        for name in ("red", "blue", "green")
    ]
    return ActorRegister(actors, ZONE)


def read(folder: Path, **options: Any) -> pa.Table:
    speakers = {"observatory": (None, ()), "wire": (None, ("observatory",)), "red-office": ("red", ())}
    return read_case_reports(folder, register=register(), acts=ACTS, speakers=speakers, zone=ZONE, **options)


def write(folder: Path, text: str, name: str = "a.yaml") -> Path:
    (folder / "reports").mkdir(exist_ok=True)
    path = folder / "reports" / name
    path.write_text(text, encoding="utf-8")
    return path


def one(folder: Path, text: str = GOOD) -> dict[str, Any]:
    write(folder, text)
    (row,) = read(folder).to_pylist()
    return dict(row)


def faults(folder: Path, text: str, **options: Any) -> list[str]:
    write(folder, text)
    with pytest.raises(InputError) as caught:
        read(folder, **options)
    return [str(fault) for fault in caught.value.faults]


def test_a_row_holds_what_the_record_says(tmp_path: Path) -> None:
    row = one(tmp_path)
    assert row["report_id"] == stable_id("rep", "observatory", "e1-observatory")
    assert (row["source_id"], row["source_report_id"], row["event_key"]) == ("observatory", "e1-observatory", "e1")
    assert (row["refers_to"], row["relation"]) == (["data-set:7", "data-set:8"], "covers")
    assert (row["kind"], row["stance"], row["denial_scope"], row["denied"]) == ("event", "asserts", None, [])
    assert (row["place_name"], row["area_name"], row["place_precision"]) == ("Lowtown", "North/Vale", "point")
    assert (row["latitude"], row["longitude"]) == (35.5, 36.5)
    assert row["sides"] == [["red"], ["blue", "green"]]
    assert (row["address"], row["unverified"], row["alleges"]) == ("page-1", False, False)
    assert row["recorded_at"] is None


def test_what_is_not_given_is_null_and_zero_stays_zero(tmp_path: Path) -> None:
    row = one(tmp_path)
    assert (row["killed_low"], row["killed_best"], row["killed_high"]) == (3, None, 5)
    assert (row["killed_civilian_low"], row["killed_civilian_best"]) == (None, 0)
    assert row["injured_best"] is None


def test_a_point_without_radius_has_the_documented_one(tmp_path: Path) -> None:
    assert one(tmp_path)["place_radius_km"] == POINT_RADIUS_KM
    assert one(tmp_path, GOOD.replace("longitude: 36.5", "longitude: 36.5, radius_km: 5"))["place_radius_km"] == 5


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        # Damascus was three hours ahead of UTC until the end of October, two after
        ("start: 2017-09-27", "2017-09-26T21:00:00+00:00", "2017-09-27T21:00:00+00:00"),
        ("start: 2017-10-26, until: 2017-10-27, precision: days", "2017-10-25T21:00:00+00:00", None),
        ("start: 2017-12-20", "2017-12-19T22:00:00+00:00", "2017-12-20T22:00:00+00:00"),
        ("start: 2017-09-27T06:00, precision: hour", "2017-09-27T03:00:00+00:00", "2017-09-27T04:00:00+00:00"),
        ("start: 2017-09-27T06:00, precision: instant", "2017-09-27T03:00:00+00:00", "2017-09-27T03:00:00+00:00"),
        ("start: '2017-09-27T06:00Z', precision: instant", "2017-09-27T06:00:00+00:00", None),
    ],
)
def test_times_are_spans_of_local_days_in_utc(tmp_path: Path, when: str, first: str, last: str | None) -> None:
    row = one(tmp_path, GOOD.replace("start: 2017-09-27", when).replace("    reported: 2017-09-28\n", ""))
    assert instant_text(microseconds(row["occurred_from"])) == first
    if last is not None:
        assert instant_text(microseconds(row["occurred_until"])) == last


def test_party_and_lineage_come_from_the_speaker(tmp_path: Path) -> None:
    assert one(tmp_path)["lineage"] == ["observatory"], "a speaker that draws on nobody is its own chain"
    assert one(tmp_path, GOOD.replace("speaker: observatory", "speaker: wire"))["lineage"] == ["observatory"]
    assert one(tmp_path, GOOD.replace("speaker: observatory", "speaker: red-office"))["party"] == "red"


def denial(scope: str) -> str:
    return GOOD.replace("    when:", f"    stance: denies\n    denial: {{scope: {scope}, of: [fact]}}\n    when:")


@pytest.mark.parametrize(("scope", "kind"), [("event", "event"), ("period", "total"), ("everything", "total")])
def test_only_a_denial_of_the_event_is_an_account_of_it(tmp_path: Path, scope: str, kind: str) -> None:
    row = one(tmp_path, denial(scope))
    assert (row["stance"], row["denial_scope"], row["denied"], row["kind"]) == ("denies", scope, ["fact"], kind)


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("e1-observatory", "second"), "b.yaml")
    write(tmp_path, GOOD.replace("e1-observatory", "first"), "a.yaml")
    assert read(tmp_path)["source_report_id"].to_pylist() == ["first", "second"]


def test_a_case_without_reports_gives_an_empty_table(tmp_path: Path) -> None:
    table = read(tmp_path)
    assert (table.num_rows, table.schema) == (0, REPORT)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("speaker: observatory", "speaker: observatori", 6, 'the speaker "observatori", which is not defined'),
        ("speaker: observatory", "speaker: observatori", 6, 'Did you mean "observatory"?'),
        ("[[red], [blue, green]]", "[[red], [blue, grean]]", 11, 'the actor "grean"'),
        ("sides: [[red], [blue, green]]", "targets: [civilian]", 11, 'the actor "civilian"'),
        ("acts: [shelling]", "acts: [sheling]", 10, 'the act "sheling"'),
        ("[[red], [blue, green]]", "[[red], [blue, red]]", 11, 'has "red" on its sides twice'),
        ("[[red], [blue, green]]", "[[red]]", 11, "has 1 side"),
        ("acts: [shelling]", "perpetrators: [red]", 10, "names both sides and perpetrators (red)"),
        ("acts: [shelling]", "stance: denies", 10, "denies, but does not say what and how far"),
        ("acts: [shelling]", "denial: {scope: event, of: [fact]}", 10, "its stance is *asserts*"),
        ("start: 2017-09-27", "start: 2017-09-27, until: 2017-09-26", 8, "ends (2017-09-26) before it starts"),
        ("start: 2017-09-27", "start: 2017-09-27, until: 2017-09-29", 8, "with precision *day*"),
        ("start: 2017-09-27", "start: 2017-09-27, precision: hour", 8, "gives no time of day"),
        ("start: 2017-09-27", "start: 2017-09-31", 8, "not a moment"),
        ("reported: 2017-09-28", "reported: 2017-09-26", 13, "was reported (2017-09-26) before it happened"),
        ("latitude: 35.5, ", "", 9, "precision *point* without latitude"),
        ("precision: point", "precision: near", 9, "without radius_km"),
        ("precision: point", "precision: governorate", 9, "gives latitude and longitude for a place of precision"),
        ("precision: point", "precision: unknown", 9, "An area has no point"),
        ("governorate: North, ", "", 9, "without its governorate"),
        ("{low: 3, high: 5}", "{low: 6, high: 5}", 12, "a low of 6 killed above its high of 5"),
        ("{low: 3, high: 5}", "{low: 3, best: 6, high: 5}", 12, "a best of 6 killed above its high of 5"),
        ("{low: 3, high: 5}", "{}", 12, "a toll `killed` without a number"),
        ("toll:", "tolls:", 12, '"tolls"'),
    ],
)
def test_a_fault_says_where_and_what(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    said = faults(tmp_path, GOOD.replace(old, new))
    assert any(f"a.yaml:{line}:" in fault and words in fault for fault in said), said


def test_sources_and_exceptions_are_checked_where_given(tmp_path: Path) -> None:
    text = GOOD.replace("    acts:", "    invokes: [self-defence]\n    acts:")
    write(tmp_path, text)
    assert read(tmp_path)["invokes"].to_pylist() == [["self-defence"]]
    said = faults(tmp_path, text, sources={"page-1"}, exception_kinds={"demining"})
    assert ['the source "page-2"' in said[1], 'the kind of exception "self-defence"' in said[0]] == [True, True]


def test_a_repeated_id_names_the_first(tmp_path: Path) -> None:
    first = write(tmp_path, GOOD, "a.yaml")
    write(tmp_path, GOOD, "b.yaml")
    with pytest.raises(InputError, match="has the id of another report") as caught:
        read(tmp_path)
    assert f"{first}:3" in str(caught.value)
    assert len(caught.value.faults) == 1


def test_all_faults_of_all_files_are_raised_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("format: 1", "format: 2").replace("[shelling]", "[sheling]"), "a.yaml")
    (tmp_path / "reports" / "b.yaml").write_bytes(b"format: 1\nreports: [{id: \xe9}]\n")
    write(tmp_path, "format: 1\nreports:\n\t- id: x\n", "c.yaml")
    write(tmp_path, GOOD.replace("    title: Market shelled\n", ""), "d.yaml")
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    found = [(Path(fault.path).name, fault.line) for fault in caught.value.faults]
    assert found == [("a.yaml", 1), ("a.yaml", 10), ("b.yaml", 2), ("c.yaml", 3), ("d.yaml", 3)]
    assert "not UTF-8" in str(caught.value)
