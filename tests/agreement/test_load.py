"""A case is loaded whole, with its digest; every built-in case is without a fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ceasefire.agreement.load import built_in_case, built_in_cases, check_case, load_case
from ceasefire.model.errors import AgreementError, UsageError
from ceasefire.model.time import parse_moment
from ceasefire.model.vocabulary import ACTS

BASE = Path(__file__).parents[1] / "malformed" / "base"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "case")
    return tmp_path / "case"


def test_every_record_of_the_folder_is_loaded():
    case = load_case(BASE)
    assert case.description.id == "two-banks"
    assert case.zone.key == "Europe/Zurich"
    assert list(case.sources) == ["text", "log"]
    assert list(case.speakers) == ["mission-log", "north-radio"]
    assert list(case.actors.actors) == ["north", "south", "rangers", "southerners"]
    assert list(case.clauses) == ["C1", "C2", "C3", "P1"]
    assert list(case.instruments) == ["truce", "protocol"]
    assert list(case.areas) == ["meadow", "river", "bridge"]
    assert {id_: shape.geom_type for id_, shape in case.geometries.items()} == {
        "meadow-2020": "Polygon",
        "river-2020": "LineString",
        "bridge-2020": "Point",
    }
    assert list(case.interpretations) == ["default-fire", "reading-north"]
    assert [record.id for record in case.adherence] == ["south-signs", "rangers-announced"]
    assert list(case.exception_kinds) == ["demining"]
    assert list(case.milestones) == ["maps"]
    assert [len(part) for part in (case.notifications, case.evidence, case.rounds, case.measures)] == [1, 1, 1, 1]
    assert [len(part) for part in (case.posts, case.coverage, case.totals)] == [2, 1, 1]
    assert case.acts == ACTS | {"drum-fire": "shelling", "salvo": "drum-fire"}


def test_the_register_uses_the_time_zone_of_the_case():
    actors = load_case(BASE).actors
    (start, end) = actors.change_instants()
    assert start == parse_moment("2019-12-31T23:00Z", load_case(BASE).zone).start
    assert end == parse_moment("2020-06-30T22:00Z", load_case(BASE).zone).start


def test_clauses_may_stand_in_several_files(folder: Path):
    whole = load_case(folder)
    text = (folder / "clauses.yaml").read_text(encoding="utf-8")
    head, sep, last = text.partition("  - id: P1\n")
    (folder / "clauses").mkdir()
    (folder / "clauses.yaml").rename(folder / "clauses" / "a-truce.yaml")
    (folder / "clauses" / "a-truce.yaml").write_text(head, encoding="utf-8")
    (folder / "clauses" / "b-protocol.yaml").write_text(f"format: 1\nclauses:\n{sep}{last}", encoding="utf-8")
    assert load_case(folder).clauses == whole.clauses


def test_the_digest_covers_every_file_of_the_case_and_no_other(folder: Path):
    before = load_case(folder).digest
    assert load_case(BASE).digest == before, "where the folder stands does not matter"
    (folder / "README.md").write_text("About this case.", encoding="utf-8")
    (folder / ".hidden.yaml").write_text("x", encoding="utf-8")
    assert load_case(folder).digest == before
    for name in ("totals.yaml", "shapes.geojson"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content + b"\n")
        assert load_case(folder).digest != before, name
        (folder / name).write_bytes(content)
    (folder / "reports").mkdir()
    (folder / "reports" / "first.yaml").write_text("format: 1\nreports: []\n", encoding="utf-8")
    assert load_case(folder).digest != before


def test_paths_are_shown_as_the_user_named_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "actors.yaml").unlink()
    monkeypatch.chdir(folder.parent)
    assert [fault.path for fault in check_case("case")] == ["case/actors.yaml"]
    monkeypatch.chdir(folder)
    assert [fault.path for fault in check_case(".")] == ["actors.yaml"]


def test_a_folder_that_is_none():
    (fault,) = check_case("no/such/folder")
    assert (fault.path, fault.what) == ("no/such/folder", "there is no such folder.")
    (fault,) = check_case(BASE / "case.yaml")
    assert fault.what == "is not a folder."
    with pytest.raises(AgreementError, match="no such folder"):
        load_case("no/such/folder")


def test_an_empty_folder_lists_every_file_it_needs(tmp_path: Path):
    names = [Path(fault.path).name for fault in check_case(tmp_path)]
    assert names == ["actors.yaml", "case.yaml", "clauses.yaml", "instruments.yaml", "sources.yaml"]


def test_faults_come_in_the_order_of_files_and_lines(folder: Path):
    for name, old, new in (
        ("posts.yaml", "operator: mission-log", "operator: nobody"),
        ("clauses.yaml", "kind: procedure", "kind: procedures"),
        ("clauses.yaml", "areas: [meadow]", "areas: [meadoww]"),
    ):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    places = [(fault.path, fault.line) for fault in check_case(folder)]
    assert places == sorted(places)
    assert [Path(path).name for path, _ in places] == ["clauses.yaml", "clauses.yaml", "posts.yaml", "posts.yaml"]


@pytest.mark.parametrize("name", built_in_cases())
def test_built_in_cases_have_no_fault(name: str):
    assert [str(fault) for fault in check_case(built_in_case(name))] == []


def test_an_unknown_built_in_case_lists_those_there_are():
    with pytest.raises(UsageError) as refused:
        built_in_case("rivrline")
    for name in built_in_cases():
        assert name in str(refused.value)
