"""Readings laid over one another: order of authority, what an agreement settles, what a party's word does not."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.agreement.readings import AUTHORITY, Readings, as_written, readings_at
from ceasefire.agreement.records import Interpretation
from ceasefire.model.outcome import Outcome
from ceasefire.model.time import parse_moment
from ceasefire.model.vocabulary import Answer


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case(built_in_case("riverline"))


def _reading(key: str, **said: Any) -> Interpretation:
    author = "software" if said.get("authority") == "software-default" else said.pop("author", "monitoring-mission")
    return Interpretation(
        **{"id": key, "clause": "A2", "author": author, "valid_from": "2021-04-01", "sources": ("agreement",)} | said
    )


def _at(case: Case, readings: list[Interpretation], day: str = "2021-05-20", **asked: Any) -> Readings:
    changed = Case(**{**vars(case), "interpretations": {reading.id: reading for reading in readings}})
    return readings_at(changed, case.clauses["A2"], parse_moment(day, case.zone).start, **asked)


def test_higher_authority_wins_in_whatever_order_the_file_has_them(case: Case) -> None:
    held = [_reading(authority, authority=authority, acts=(act,)) for authority, act in zip(
        AUTHORITY, ("shelling", "air-strike", "ground-attack", "detention"), strict=True
    )]  # fmt: skip
    for order in permutations(held):
        in_force = _at(case, list(order)).in_force
        assert in_force.acts == ("detention",)
        assert in_force.ids == AUTHORITY


def test_of_one_authority_the_later_wins(case: Case) -> None:
    held = [
        _reading("later", authority="agreed", valid_from="2021-05-01", civilians="open"),
        _reading("earlier", authority="agreed", valid_from="2021-04-01", civilians="not-covered", acts=("shelling",)),
    ]
    in_force = _at(case, held).in_force
    assert (in_force.civilians, in_force.acts) == ("open", ("shelling",))


def test_a_reading_holds_from_its_day_to_its_end_unless_retroactive(case: Case) -> None:
    bounded = _reading("r", authority="agreed", valid_from="2021-05-01", valid_until="2021-06-01", acts=("looting",))
    assert _at(case, [bounded], "2021-04-30").in_force.ids == ()
    assert _at(case, [bounded], "2021-05-01").in_force.ids == ("r",)
    assert _at(case, [bounded], "2021-06-01").in_force.ids == ()
    back = bounded.model_copy(update={"retroactive": True})
    assert _at(case, [back], "2021-03-20").in_force.ids == ("r",)
    assert _at(case, [back], "2021-06-01").in_force.ids == ()


def test_an_agreement_settles_only_the_points_it_speaks_of(case: Case) -> None:
    parties = [
        _reading("one", author="republic", authority="party", acts=("shelling",), civilians="not-covered"),
        _reading("other", author="northern-assembly", authority="party", acts=("armed-force",), civilians="covered"),
    ]
    agreed = _reading("settled", authority="agreed", civilians="open")
    by_party = _at(case, [*parties, agreed]).by_party
    assert {reading.civilians for reading in by_party.values()} == {"open"}
    assert {reading.acts for reading in by_party.values()} == {("shelling",), ("armed-force",)}
    mission = _reading("mission", authority="mission", civilians="open")
    assert {reading.civilians for reading in _at(case, [*parties, mission]).by_party.values()} == {
        "covered",
        "not-covered",
    }


def test_agreeing_that_nobody_is_left_out_is_an_agreement(case: Case) -> None:
    parties = [
        _reading("one", author="republic", authority="party", exempt=("hill-guards",)),
        _reading("other", author="northern-assembly", authority="party", exempt=("republic",)),
    ]
    agreed = _reading("nobody", authority="agreed", exempt=())
    assert {reading.exempt for reading in _at(case, [*parties, agreed]).by_party.values()} == {()}


def test_one_partys_reading_binds_nobody(case: Case) -> None:
    readings = _at(case, [_reading("one", author="republic", authority="party", acts=("shelling",))])
    asked: list[tuple[str, ...]] = []

    def ask(reading: Any) -> Outcome:
        asked.append(reading.acts)
        return Outcome(Answer.YES)

    assert readings.ask(ask).answer == Answer.YES
    assert asked == [("armed-force",)]


def test_a_bearer_named_later_is_no_longer_left_out(case: Case) -> None:
    held = [
        _reading("out", authority="mission", not_bearers=("hill-guards",)),
        _reading("in", authority="agreed", bearers=("republic", "hill-guards")),
    ]
    in_force = _at(case, held).in_force
    assert in_force.not_bearers == ()
    assert "hill-guards" in in_force.bearers


def test_a_chosen_reading_replaces_all_others(case: Case) -> None:
    held = [
        _reading("agreed", authority="agreed", civilians="not-covered"),
        _reading("mine", author="republic", authority="party", acts=("shelling",)),
    ]
    readings = _at(case, held, "2020-01-01", chosen="mine")
    assert readings.by_party == {}
    assert (readings.in_force.ids, readings.in_force.acts, readings.in_force.civilians) == (
        ("mine",),
        ("shelling",),
        "covered",
    )


def test_a_clause_without_bearers_of_its_own_has_those_of_its_instrument(case: Case) -> None:
    assert as_written(case, case.clauses["A2"]).bearers == case.instruments["riverline-2021"].bearers
    assert as_written(case, case.clauses["A9"]).bearers == ("astor",)
