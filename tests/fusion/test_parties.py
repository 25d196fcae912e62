"""Sides compared: through the register where they are on it, by spelling where they are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from ceasefire.actors.records import Actor
from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.sides import DISJOINT, SAME, SIDE_LEVELS, SIMILAR, TIED, UNKNOWN
from ceasefire.fusion.traits import traits_of

Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]


def actor(id: str, kind: str = "armed-group", *ties: dict[str, Any], contains: tuple[str, ...] = ()) -> Actor:
    names = [{"text": id.title(), "language": "en", "kind": "own"}]
    affiliations = [tie | {"sources": ["s"]} for tie in ties]
    said = {"id": id, "kind": kind, "names": names, "affiliations": affiliations, "may_contain": contains}
    return Actor.model_validate(said | {"sources": ["s"]})


@pytest.fixture
def register() -> ActorRegister:
    until = {"to": "front", "kind": "member", "valid_until": "2021-03-11"}
    return ActorRegister(
        [
            actor("front"),
            actor("brigade", "armed-group", {"to": "front", "kind": "member"}),
            actor("battalion", "armed-group", until),
            actor("guard"),
            actor("rebels", "umbrella"),
            actor("militia", "militia", {"to": "rebels", "kind": "listed"}),
            actor("unnamed-group", "bucket", contains=("guard",)),
        ],
        ZoneInfo("UTC"),
    )


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (["front"], ["front"], SAME),
        (["front"], ["guard"], DISJOINT),
        (["front"], [], UNKNOWN),
        (["front"], ["brigade"], TIED),
        (["rebels"], ["militia"], TIED),
        (["unnamed-group"], ["guard"], TIED),
        (["unnamed-group"], ["front"], DISJOINT),
        (["front", "guard"], ["guard"], SIMILAR),
        (["front", "guard"], ["guard", "front"], SAME),
        (["name:Jaysh al-Bahr"], ["name:JB: Jaish al Bahr"], SIMILAR),
        (["name:Jaysh al-Bahr"], ["name:Jaysh  Al-BAHR"], SAME),
        (["name:IS"], ["name:Jaysh al-Islam"], DISJOINT),
        (["civilians"], ["civilians"], SAME),
    ],
)
def test_how_sides_go_together(
    report: Make, table: Table, register: ActorRegister, one: list[str], other: list[str], level: int
) -> None:
    rows = [report("s", str(n), sides=[], perpetrators=side, targets=[]) for n, side in enumerate((one, other))]
    parties = traits_of(table(*rows), register).parties
    a, b = parties.first.tolist()
    assert SIDE_LEVELS[parties.base[a, b]] == SIDE_LEVELS[level]
    assert parties.base[a, b] == parties.base[b, a]


@pytest.mark.parametrize(("day", "level"), [(5, TIED), (15, DISJOINT)])
def test_membership_counts_as_it_held_that_day(
    report: Make, table: Table, register: ActorRegister, day: int, level: int
) -> None:
    rows = [
        report("s", name, sides=[], perpetrators=[name], targets=[], day=day) for name in ("battalion", "front")
    ]  # fmt: skip
    # the other time is present too: the same names are then another side
    rows.append(report("s", "x", sides=[], perpetrators=["battalion"], targets=[], day=20 - day))
    parties = traits_of(table(*rows), register).parties
    a, b, c = parties.first.tolist()
    assert parties.base[a, b] == level
    assert a != c
    assert parties.base[a, c] == SAME


def test_roles_and_sides_are_both_two_sides(report: Make, table: Table, nobody: ActorRegister) -> None:
    rows = report("s", "a"), report("t", "b", sides=[], perpetrators=["name:Hill Front"], targets=["name:River Guard"])
    parties = traits_of(table(*rows), nobody).parties
    assert {parties.first[0], parties.second[0]} == {parties.first[1], parties.second[1]}
    assert parties.first[0] == parties.second[1]
