"""The July 2017 record as far as it is sourced, and a workspace's own statements."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ceasefire.model.errors import UsageError
from ceasefire.pipeline.workspace import Workspace
from ceasefire.territory.control import Holding


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
