"""Which reports are compared: all within reach, each pair once, as a plain look at every pair finds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.blocking import Reach, candidate_pairs
from ceasefire.fusion.traits import SPREAD_KM, Traits, traits_of

Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]


def found(traits: Traits, shift: float = 0.0) -> list[tuple[int, int]]:
    pairs = candidate_pairs(traits, Reach(), shift=shift)
    return [pair for a, b in pairs for pair in zip(a.tolist(), b.tolist(), strict=True)]


def within(t: Traits, a: int, b: int, shift: float = 0.0) -> bool:
    """Say plainly whether two located reports are within reach."""
    reach = Reach()
    if abs(int(t.time_class[a]) - int(t.time_class[b])) > 2:
        return False
    slack = float(t.slack[a] + t.slack[b])
    if abs(t.day[b] + shift - t.day[a]) > (reach.days if slack < 0.6 else slack + reach.days / 2) + 0.5:
        return False
    pa_, pb = int(t.place_class[a]), int(t.place_class[b])
    north = (t.latitude[b] - t.latitude[a]) * 111.195
    east = (t.longitude[b] - t.longitude[a]) * 111.195
    east *= np.sqrt(np.cos(np.radians(t.latitude[a])) * np.cos(np.radians(t.latitude[b])))
    return bool(np.hypot(north, east) <= reach.spreads[max(pa_, pb)] * np.hypot(SPREAD_KM[pa_], SPREAD_KM[pb]))


def scattered(report: Make, table: Table, nobody: ActorRegister, n: int, seed: int) -> Traits:
    rng = np.random.default_rng(seed)
    kinds = [
        {"place_precision": "point", "place_radius_km": 2.0},
        {"place_precision": "near", "place_radius_km": 25.0},
        {"place_precision": "district"},
        {"place_precision": "governorate"},
    ]
    rows = []
    for one in range(n):
        kind = kinds[rng.choice(4, p=[0.5, 0.3, 0.1, 0.1])]
        latitude, longitude = 55 + rng.normal(0, 0.4), 30 + rng.normal(0, 0.5)
        disc = "place_radius_km" in kind
        place = {
            "latitude": latitude if disc else None,
            "longitude": longitude if disc else None,
            "centre_latitude": None if disc else latitude,
            "centre_longitude": None if disc else longitude,
            "place_radius_km": None,
        }
        days = float(rng.choice([0.05, 1, 7, 11, 41, 300], p=[0.1, 0.6, 0.1, 0.1, 0.05, 0.05]))
        rows.append(report("s", str(one), day=float(rng.integers(0, 30)) + (rng.random() if days < 1 else 0),
                           days=days, **(place | kind)))  # fmt: skip
    return traits_of(table(*rows), nobody)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("shift", [0.0, 9.0, -9.0])
def test_as_a_look_at_every_pair(report: Make, table: Table, nobody: ActorRegister, seed: int, shift: float) -> None:
    traits = scattered(report, table, nobody, 250, seed)
    n = len(traits)
    pairs = found(traits, shift)
    ordered = [(a, b) for a in range(n) for b in range(n) if (a < b if shift == 0 else a != b)]
    assert len(pairs) == len(set(pairs)), "a pair was given twice"
    assert set(pairs) == {(a, b) for a, b in ordered if within(traits, a, b, shift)}
    assert 100 < len(pairs) < len(ordered) / 3


def test_round_the_globe(report: Make, table: Table, nobody: ActorRegister) -> None:
    east, west = (report("s", name, longitude=at) for name, at in (("a", 179.99), ("b", -179.99)))
    assert found(traits_of(table(east, west), nobody)) == [(0, 1)]


@pytest.mark.parametrize(
    ("other", "compared"),
    [
        ({"day": None}, False),
        ({"days": 365}, False),
        ({"day": 3}, True),
        ({"day": 5}, False),
        ({"day": -2, "days": 7}, True),
        ({"latitude": 10.04}, True),
        ({"latitude": 10.4}, False),
        ({"latitude": 10.4, "place_precision": "near", "place_radius_km": 25.0}, False),
        ({"latitude": 10.15, "place_precision": "near", "place_radius_km": 25.0}, True),
        ({"kind": "total"}, False),
    ],
)
def test_reach_follows_precision(
    report: Make, table: Table, nobody: ActorRegister, other: dict[str, Any], compared: bool
) -> None:
    pairs = found(traits_of(table(report("s", "a"), report("t", "b", **other)), nobody))
    assert pairs == ([(0, 1)] if compared else [])


def test_year_long_intervals_meet_their_like(report: Make, table: Table, nobody: ActorRegister) -> None:
    pairs = found(traits_of(table(report("s", "a", days=365), report("t", "b", day=10, days=340)), nobody))
    assert pairs == [(0, 1)]


BARE = {"latitude": None, "longitude": None, "place_radius_km": None, "place_precision": "governorate"}


@pytest.mark.parametrize(
    ("first", "second", "compared"),
    [
        ({"area_name": "North/Bay"}, {"area_name": "North"}, True),
        ({"area_name": "North/Bay"}, {"area_name": "South"}, False),
        ({}, {}, True),  # same day, toll and parties
        ({}, {"killed_best": 8}, False),
        ({"killed_best": None}, {"killed_best": None}, False),
        ({"sides": []}, {"sides": []}, False),
    ],
)
def test_without_a_point(
    report: Make, table: Table, nobody: ActorRegister, first: dict[str, Any], second: dict[str, Any], compared: bool
) -> None:
    rows = report("s", "a", **(BARE | first)), report("t", "b", **(BARE | second))
    assert found(traits_of(table(*rows), nobody)) == ([(0, 1)] if compared else [])


def test_an_area_with_its_name_meets_a_disc_that_names_it(report: Make, table: Table, nobody: ActorRegister) -> None:
    rows = report("s", "a", **BARE, area_name="North"), report("t", "b", area_name="North/Bay")
    assert found(traits_of(table(*rows), nobody)) == [(0, 1)]
