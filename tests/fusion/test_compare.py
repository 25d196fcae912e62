"""Levels of agreement, and what they weigh."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.blocking import km_apart
from ceasefire.fusion.compare import COMPARISONS, N_LEVELS, NOT_SAID, levels_of, tables_for
from ceasefire.fusion.traits import traits_of
from ceasefire.fusion.weighing import pair_weights
from ceasefire.fusion.weights import default_weights

Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]
WEIGHTS = default_weights()


def compared(
    report: Make, table: Table, register: ActorRegister, *others: dict[str, Any], **first: Any
) -> tuple[dict[str, list[int]], list[float]]:
    """Return levels and weights of a first report with each of the others."""
    weights = WEIGHTS
    rows = [report("s", "first", **first), *(report(f"t{n}", str(n), **said) for n, said in enumerate(others))]
    traits = traits_of(table(*rows), register)
    a, b = np.zeros(len(others), dtype=np.int64), np.arange(1, len(others) + 1)
    tables = tables_for(traits, weights.side_table(traits.parties))
    levels = levels_of(traits, a, b, km_apart(traits, a, b), tables)
    found = pair_weights(weights, traits, a, b, levels).tolist()
    return {name: level.tolist() for name, level in levels.items()}, found


@pytest.mark.parametrize(
    "others",
    [
        [{}, {"day": 1}, {"day": 2}, {"day": 3}],
        [{"latitude": 10.002}, {"latitude": 10.012}, {"latitude": 10.03}, {"latitude": 10.04}],
        [{"killed_best": 7}, {"killed_best": 8}, {"killed_best": 14}, {"killed_best": 60}],
        [{}, {"sides": [["name:River Guard"], []]}, {"sides": [["name:Sea Watch"], ["name:Coast Patrol"]]}],
        [
            {},
            {"sides": [["name:River Guard"], ["name:Hill Front of the North"]]},
            {"sides": [["name:River Guard"], ["name:Z"]]},
        ],
        [{"killed_civilian_best": 0}, {"killed_civilian_best": 7}],
    ],
    ids=["days", "kilometres", "figures", "parties", "names", "civilians"],
)
def test_less_alike_weighs_less(
    report: Make, table: Table, nobody: ActorRegister, others: list[dict[str, Any]]
) -> None:
    _, weights = compared(report, table, nobody, *others)
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > weights[-1] + 0.5


def test_which_side_is_named_first_does_not_matter(report: Make, table: Table, nobody: ActorRegister) -> None:
    turned = {"sides": [["name:Hill Front"], ["name:River Guard"]]}
    _, (straight, crossed) = compared(report, table, nobody, {}, turned)
    assert straight == crossed


@pytest.mark.parametrize("equal", [1, 40])
def test_a_rare_figure_tells_more(report: Make, table: Table, nobody: ActorRegister, equal: int) -> None:
    said = {"killed_best": equal}
    _, (weight,) = compared(report, table, nobody, said, **said)
    _, (unsaid,) = compared(report, table, nobody, {"killed_best": None}, **said)
    assert weight > unsaid
    if equal == 40:
        small = {"killed_best": 1}
        assert weight > compared(report, table, nobody, small, **small)[1][0] + 0.5


def test_what_is_not_said_weighs_nothing(report: Make, table: Table, nobody: ActorRegister) -> None:
    levels, _ = compared(report, table, nobody, {"killed_best": None, "acts": []})
    for name in ("killed", "civilian", "injured", "acts"):
        assert levels[name][0] in NOT_SAID[name]
        assert WEIGHTS.match_weights(name)[levels[name][0]] == 0


def test_a_range_stands_in_for_a_best_figure(report: Make, table: Table, nobody: ActorRegister) -> None:
    ranged = {"killed_best": None, "killed_low": 5, "killed_high": 10}
    levels, _ = compared(report, table, nobody, ranged, {"killed_best": 7})
    assert levels["killed"][0] == levels["killed"][1]


def test_a_centroid_is_compared_by_the_spread_of_an_area(report: Make, table: Table, nobody: ActorRegister) -> None:
    area = {"latitude": None, "longitude": None, "place_radius_km": None, "place_precision": "governorate"}
    near = area | {"centre_latitude": 10.1, "centre_longitude": 30.0}
    _, (centroid, point) = compared(report, table, nobody, near, {"latitude": 10.1})
    assert centroid > point


def test_names_of_areas_stand_in_for_points(report: Make, table: Table, nobody: ActorRegister) -> None:
    bare = {"latitude": None, "longitude": None, "place_radius_km": None, "place_precision": "district"}
    names = ("North/Bay", "North", "North/Hills", "South/Bay")
    _, weights = compared(report, table, nobody, *(bare | {"area_name": name} for name in names),
                          **(bare | {"area_name": "North/Bay"}))  # fmt: skip
    assert weights[0] > weights[2] > weights[3]
    assert weights[1] > weights[3]


@pytest.mark.parametrize("name", COMPARISONS)
def test_shares_sum_to_one_over_all_levels(name: str) -> None:
    for shares in (WEIGHTS.comparisons[name].m, WEIGHTS.comparisons[name].u):
        assert len(shares) == N_LEVELS[name]
        assert sum(shares) == pytest.approx(1)
        assert min(shares) >= 0
