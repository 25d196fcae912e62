"""The July 2017 record as far as it is sourced, and a workspace's own statements."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ceasefire.model.errors import UsageError
from ceasefire.pipeline.control import control_geojson, days_of
from ceasefire.pipeline.workspace import Workspace
from ceasefire.territory.control import Holding

BATTLES = 40
MAPPING = """format: 1
source: { constant: battles }
source_report_id: id
time: { start: { column: day }, precision: { constant: { precision: day } } }
place: { latitude: lat, longitude: lon, precision: { constant: { precision: point, radius_km: 1 } } }
actors: { sides: [a, b] }
acts: { constant: [armed-force] }
tolls: { killed: { best: dead } }
"""


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.create(tmp_path_factory.mktemp("control") / "ws", "astana-2017", author="Amal")


def test_the_city_changes_hands_on_23_july(july: Workspace) -> None:
    ledger = july.control()
    assert ledger.on(date(2017, 7, 22)).standings["idlib-city"].holders == ("ahrar-al-sham",)
    assert ledger.on(date(2017, 7, 23)).standings["idlib-city"].holders == ("hts",)
    (change,) = ledger.changes(date(2017, 7, 17), date(2017, 7, 23))
    assert (change.place_id, change.changed_hands) == ("idlib-city", True)


def test_the_31_towns_stand_as_a_count_that_nobody_named(july: Workspace) -> None:
    (counted,) = july.control().counts()
    assert (counted.count.low, counted.count.best, counted.where) == (31, None, "Idlib Governorate")
    assert (counted.check.named, counted.check.maybe_named) == ((), ())
    assert (counted.check.unnamed_at_least, counted.check.unnamed_at_most) == (31, None)


def test_whoever_copies_another_is_of_its_chain_and_no_second_voice(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "ws", "riverline", author="Amal") as training:
        chain = {word.statement_id: word.chain for word in training.control().control.words}
    assert chain["H6"] == chain["H7"]
    assert chain["H4"] != chain["H5"]
    assert chain["H2"] == chain["H3"] == chain["H5"]


def test_nothing_is_filled_in_from_violence(july: Workspace) -> None:
    """The case has reports of the fighting of that week; no settlement comes of them."""
    assert july.case.folder.joinpath("reports").is_dir()
    on = july.control().on(date(2017, 7, 20))
    assert {key: each.holding for key, each in on.standings.items()} == {"idlib-city": Holding.UNKNOWN}


def test_any_amount_of_violence_leaves_every_answer_as_it_is(tmp_path: Path) -> None:
    """Many battles in and around the settlements, as an import; asked before and after, interpolation too."""
    places, battles, mapping = tmp_path / "places.csv", tmp_path / "battles.csv", tmp_path / "mapping.yaml"
    places.write_text("id,name,lat,lon,population\ng2,Sarmin,35.90,36.73,10\n", encoding="utf-8")
    rows = [
        f"B{n},2017-07-{1 + n % 28:02d},{35.93 + n % 7 / 1000},{36.63 + n % 5 / 1000},"
        f"{'Hayat Tahrir al-Sham,Ahrar al-Sham' if n % 2 else 'Ahrar al-Sham,Hayat Tahrir al-Sham'},{n % 9}"
        for n in range(BATTLES)
    ]
    battles.write_text("id,day,lat,lon,a,b,dead\n" + "\n".join(rows) + "\n", encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    days = [date(2017, 7, day) for day in (1, 14, 22, 23, 30)]

    def told(workspace: Workspace) -> object:
        ledger = workspace.control(gazetteer=places, reach_km=25)
        return (
            [ledger.on(day, zone) for day in days for zone in (None, "idlib")],
            [ledger.contact_line(day, widest_km=50) for day in days],
            ledger.changes(days[0], days[-1]),
            ledger.counts(),
        )

    with Workspace.create(tmp_path / "ws", "astana-2017", author="Amal") as workspace:
        before = told(workspace)
        assert workspace.import_file(battles, "table", mapping=mapping).accepted == BATTLES
        workspace.run()
        assert workspace.incidents().num_rows > 10
        assert told(workspace) == before


def test_shares_of_each_zone_and_over_time_are_those_of_the_days(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "ws", "riverline", author="Amal") as workspace:
        ledger = workspace.control()
        day = date(2021, 6, 10)
        zones = ledger.zone_shares(day)
        assert [each.zone_id for each in zones] == ["north-bank", "harbour"]
        assert list(zones) == [ledger.on(day, str(each.zone_id)).shares for each in zones]
        days = days_of(date(2021, 6, 1), day, every=4)
        assert days == [date(2021, 6, 2), date(2021, 6, 6), day]
        assert ledger.over_time(days, "harbour")[-1] == (day, ledger.on(day, "harbour").shares)
        assert control_geojson(ledger, ledger.on(day), ledger.contact_line(day, widest_km=25))["features"][-1][
            "properties"
        ] == {"kind": "contact-line-may-run"}


def test_statements_come_from_a_table_and_a_gazetteer_too(tmp_path: Path) -> None:
    places, table = tmp_path / "places.csv", tmp_path / "said.csv"
    places.write_text(
        "id,name,lat,lon,population\ng1,Idlib,35.93,36.63,100\ng2,Sarmin,35.90,36.73,0\n", encoding="utf-8"
    )
    table.write_text(
        "id,settlement,says,actors,valid_from,source\nT1,Sarmin,takes,Hayat Tahrir al-Sham,2017-07-20,press\n",
        encoding="utf-8",
    )
    with Workspace.create(tmp_path / "ws", "astana-2017", author="Amal") as workspace:
        before = workspace.ledger.size
        imported = workspace.import_file(table, "control")
        assert (imported.accepted, imported.already_held) == (1, False)
        assert workspace.import_file(table, "control").already_held
        ledger = workspace.control(gazetteer=places)
        on = ledger.on(date(2017, 7, 24), "idlib")
        assert on.standings["g2"].holders == ("hts",)
        assert "g1" not in on.standings  # the case has that city, and now its population
        assert ledger.control.places["idlib-city"].people.bounds == (100, 100)
        assert on.shares.actors[0].at_least.people_unknown == 1
        (counted,) = ledger.counts()
        assert (counted.check.named, counted.check.maybe_named, counted.check.unnamed_at_least) == ((), ("g2",), 30)
        with pytest.raises(UsageError, match="Sarmin"):
            workspace.control()
        # what had been recorded before knows of no such statement
        assert "g2" not in {
            key
            for key, each in workspace.control(gazetteer=places, as_of=before).on(date(2017, 7, 24)).standings.items()
            if each.holding is Holding.HELD
        }


def test_who_is_known_to_hold_it_depends_on_the_day_it_was_said(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "ws", "riverline", author="Amal") as workspace:
        day = date(2021, 6, 9)
        assert workspace.control(known="2021-06-08").on(day).standings["millbrook"].holders == ("hill-guards",)
        assert workspace.control(known="2021-06-07").on(day).standings["millbrook"].holding is Holding.UNKNOWN
        assert workspace.control().on(date(2021, 6, 3)).standings["millbrook"].reason == "on-the-day"
        assert workspace.control().on(day).standings["eastgate"].holding is Holding.CONTESTED
        with pytest.raises(UsageError, match="no area"):
            workspace.control().on(day, "atlantis")
