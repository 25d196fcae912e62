"""Tables of statements and gazetteers: read whole, nothing guessed, no population made of a zero."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ceasefire.intake.control_table import ControlTable, read_control_table
from ceasefire.intake.gazetteer import read_gazetteer
from ceasefire.model.errors import InputError
from ceasefire.model.time import instant_text

HEAD = "id,settlement,says,actors,taken_from,valid_from,valid_until,said,source,count_low,unit\n"


def read(folder: Path, *rows: str, head: str = HEAD) -> ControlTable:
    path = folder / "control.csv"
    path.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return read_control_table(path, zone=ZoneInfo("Etc/GMT-2"), resolve=lambda name, _: name.casefold())


def test_statements_and_counts(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "1,Ford,takes,X;Z,Y,2021-05-01,2021-05-03,2021-05-04,press,,",
        "2,,takes,X,Y,2021-05-01,2021-05-09,,press,31,North",
    )
    (word,), (counted,) = table.words, table.counts
    assert (word.place_id, word.says, word.actors, word.taken_from) == ("Ford", "takes", {"x", "z"}, {"y"})
    assert (instant_text(word.span.start), instant_text(word.span.end)) == (
        "2021-04-30T22:00:00+00:00",
        "2021-05-03T22:00:00+00:00",
    )
    assert word.said is not None
    assert (counted.count.low, counted.count.high, counted.unit, counted.count.said) == (31, None, "North", None)
    assert counted.count.taken_from == {"y"}


def test_every_bad_row_is_named_and_nothing_is_taken(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(
            tmp_path,
            "1,Ford,holds,X,,2021-05-01,,,press,,",
            "1,Ford,holds,X,,2021-05-01,,,press,,",
            "2,Ford,owns,X,,2021-05-01,,,press,,",
            "3,Ford,holds,X,,2021-13-01,,,press,,",
            "4,Ford,holds,X,,2021-05-02,2021-05-01,,press,,",
            "5,Ford,holds,X,Y,2021-05-02,,,press,,",
            "6,,holds,X,,2021-05-02,,,press,,",
            "7,,takes,X,,2021-05-02,,,press,3,",
            "8,,takes,X;Y,,2021-05-02,,,press,3,North",
            "9,,takes,X,,2021-05-02,,,press,some,North",
            "10,Ford,holds,,,2021-05-02,,,press,,",
        )
    assert [fault.line for fault in refused.value.faults] == list(range(3, 13))
    assert "used twice" in refused.value.faults[0].what


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="valid_from"):
        read(tmp_path, "1,holds", head="id,says\n")


def test_a_gazetteers_zero_is_no_population(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text(
        "geonameid,Name,lat,lon,population,level\n1,Ford,47.0,8.0,0,place\n2,Mill,47.1,8.0,300,village\n"
        "3,Shire,47.1,8.0,9000,district\n4,Lost,,8.0,5,place\n",
        encoding="utf-8",
    )
    read_ = read_gazetteer(path)
    assert [(place.place_id, place.people.bounds) for place in read_.places] == [("1", None), ("2", (300, 300))]
    assert read_.left_out == {"district": 1}
    assert [fault.line for fault in read_.rejects] == [5]


def test_a_gazetteer_without_places_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("title,lat\nFord,47\n", encoding="utf-8")
    with pytest.raises(InputError, match="name and longitude"):
        read_gazetteer(path)
