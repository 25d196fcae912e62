"""The compiled loops give what NumPy gives, to the last bit, however odd the reports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion import blocking, parties
from ceasefire.fusion.blocking import Reach, km_apart, pair_tasks
from ceasefire.fusion.canonical import canonical_order
from ceasefire.fusion.inner_loops import _compiled
from ceasefire.fusion.parts import weigh_pairs
from ceasefire.fusion.traits import Traits, canonical_traits
from ceasefire.fusion.weighing import CHEAPEST_FIRST, Weigher
from ceasefire.fusion.weights import Weights, default_weights

Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]
TEXTS = (
    None,
    "few words",
    "shelling of the eastern market road near the bridge",
    "shelling of the western market hall near the river",
    "two patrols exchanged fire at the northern checkpoint before dawn",
)


def odd_reports(report: Make, table: Table, seed: int, count: int = 500, **of_all: Any) -> pa.Table:
    """Return reports at poles, at the date line and on one spot, of hours and years, with and without anything."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        said: dict[str, Any] = {
            "latitude": float(rng.choice([10.0, 10.01, 10.06, 79.0, 89.999, -90.0])) + float(rng.choice([0, 1e-6])),
            "longitude": float(rng.choice([30.0, 30.004, 180.0, -180.0, 179.98, -179.97])),
            "killed_best": [None, 0, 1, 3, 7, 500, 501, 2000, 100_000 + number][rng.integers(9)],
            "killed_civilian_best": [None, 0, 3][rng.integers(3)],
            "injured_best": [None, 0, 12, 13][rng.integers(4)],
            "acts": [[], ["armed-force"], ["shelling"], ["air-strike"]][rng.integers(4)],
            "sides": [[], [["name:River Guard"], [f"name:Hill Front {number % 9}"]]][rng.integers(2)],
            "text": TEXTS[rng.integers(len(TEXTS))],
        }
        kind = rng.integers(6)
        if kind == 0:
            said |= {"latitude": None, "longitude": None, "place_radius_km": None, "place_precision": "governorate"}
            said |= {"area_name": [None, "North/Bay", "South/Hill"][rng.integers(3)]}
        elif kind < 4:
            said |= {"place_precision": ["near", "district", "area"][kind - 1], "place_radius_km": None}
        days = float(rng.choice([0.04, 1, 1, 1, 2.2, 5, 9, 30, 300]))
        day = None if rng.random() < 0.03 else float(rng.integers(6)) + float(rng.choice([0, 0, 0.3]))
        rows.append(report("stu"[number % 3], str(number), day=day, days=days, **(said | of_all)))
    return table(*rows)


def traits_of(reports: pa.Table, register: ActorRegister) -> Traits:
    return canonical_traits(reports, canonical_order(reports)[0], register)


def one_by_one(weigher: Weigher, least: float, near: Any = None) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return what NumPy gives for all pairs within reach: the bits of the weight, and the levels."""
    found = {}
    for task in pair_tasks(weigher.traits, weigher.weights.reach, near=near):
        for a, b, km in task():
            one = weigher.weigh(a, b, km, least=least)
            columns = [one.a, one.b, one.weight.view(np.int32), *(one.levels[name] for name in weigher.told)]
            found.update({(x, y): tuple(said) for x, y, *said in zip(*(c.tolist() for c in columns), strict=True)})
    return found


def in_the_loop(weigher: Weigher, least: float, near: Any = None) -> dict[tuple[int, int], tuple[int, ...]]:
    found = {}
    for task in weigher.tasks(least=least, near=near):
        for one in task():
            columns = [one.a, one.b, one.weight.view(np.int32), *(one.levels[name] for name in weigher.told)]
            for x, y, *said in zip(*(c.tolist() for c in columns), strict=True):
                assert (x, y) not in found
                found[x, y] = tuple(said)
    return found


@pytest.mark.parametrize("shift", [0.0, 2.0, -3.0])
def test_distances_and_days_are_those_of_numpy(report: Make, table: Table, nobody: ActorRegister, shift: float) -> None:
    traits, reach = traits_of(odd_reports(report, table, 1, 250), nobody), Reach()
    n = len(traits)
    every = np.divmod(np.arange(n * n), n)
    a, b = (end[every[0] < every[1] if shift == 0 else every[0] != every[1]] for end in every)
    place = traits.place_class
    limits = np.array(
        [[reach.km(x, y) for y in range(6)] for x in range(6)],
        dtype=np.float32,
    )
    kinds = traits.time_class.astype(int)
    with np.errstate(invalid="ignore"):
        kept = (km_apart(traits, a, b) <= limits[place[a], place[b]]) & blocking._soon(traits, a, b, reach, shift)
    kept &= (np.abs(kinds[a] - kinds[b]) <= 2) & (np.maximum(kinds[a], kinds[b]) < 5)
    a, b = a[kept], b[kept]
    expected = dict(zip(zip(a.tolist(), b.tolist(), strict=True), km_apart(traits, a, b).tolist(), strict=True))
    found = [
        pair for task in pair_tasks(traits, reach, shift=shift) for piece in task() for pair in zip(*piece, strict=True)
    ]
    assert len({(x, y) for x, y, _ in found}) == len(found)
    assert {(int(x), int(y)): float(km) for x, y, km in found if not np.isnan(km)} == expected
    assert len(expected) > 1000


@pytest.mark.parametrize("least", [-6.0, -40.0, 3.0])
@pytest.mark.parametrize("most_sides", [4, 4000])
def test_weights_are_those_of_numpy(
    report: Make, table: Table, nobody: ActorRegister, monkeypatch: pytest.MonkeyPatch, least: float, most_sides: int
) -> None:
    monkeypatch.setattr(parties, "MOST_SIDES", most_sides)
    weights = default_weights(
        affinity=(("name:hill front 1", "name:hill front 2", 2.5),), words=(("market", 0.2), ("near", 0.5))
    )
    weigher = Weigher(traits_of(odd_reports(report, table, 2), nobody), weights)
    assert weigher.told == CHEAPEST_FIRST
    assert (weigher.tables.rare is not None) == (most_sides == 4)
    expected = one_by_one(weigher, least)
    assert len(expected) > 50
    assert in_the_loop(weigher, least) == expected


def test_what_nobody_says_weighs_nothing(report: Make, table: Table, nobody: ActorRegister) -> None:
    silent = {name: None for name in ("killed_best", "killed_civilian_best", "injured_best", "text")} | {"acts": []}
    weigher = Weigher(traits_of(odd_reports(report, table, 3, **silent), nobody), default_weights())
    assert weigher.told == ("when", "where", "who")
    assert in_the_loop(weigher, -6.0) == one_by_one(weigher, -6.0)


def test_little_room_and_few_reports_asked_for(
    report: Make, table: Table, nobody: ActorRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    weigher = Weigher(traits_of(odd_reports(report, table, 4), nobody), default_weights())
    expected, all_pairs = one_by_one(weigher, -6.0), in_the_loop(weigher, -6.0)
    near = np.random.default_rng(1).random(len(weigher.traits)) < 0.1
    monkeypatch.setattr(blocking, "_CHUNK", 7)
    assert in_the_loop(weigher, -6.0) == expected == all_pairs
    some = {pair: said for pair, said in expected.items() if near[list(pair)].any()}
    assert 50 < len(some) < len(expected)
    assert in_the_loop(weigher, -6.0, near) == some == one_by_one(weigher, -6.0, near)


def test_thousands_of_reports_on_one_spot_and_day(report: Make, table: Table, nobody: ActorRegister) -> None:
    """All of them are within reach of one another; what is held is what is kept."""
    reports = table(*(report("st"[n % 2], str(n), killed_best=n % 40, sides=[]) for n in range(1200)))
    weights: Weights = default_weights()
    found = weigh_pairs(Weigher(traits_of(reports, nobody), weights))
    assert len(found.a) <= 1200 * 1199 // 2
    assert len(np.unique(found.a * 1200 + found.b)) == len(found.a) > 100_000


def test_what_cannot_be_kept_on_disk_is_compiled_all_the_same() -> None:
    named: dict[str, Any] = {}
    exec("def twice(x):\n    return 2 * x\n", named)  # noqa: S102 - code of no file has no place to be kept in
    assert _compiled(named["twice"])(21) == 42


@pytest.mark.parametrize("module", ["ceasefire.cli", "ceasefire.fusion.match", "ceasefire.fusion.explain"])
def test_the_compiler_is_not_loaded_before_it_is_needed(module: str) -> None:
    code = f"import sys, {module}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
