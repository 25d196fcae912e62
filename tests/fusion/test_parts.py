"""Parts of the reports give the very numbers of the whole: pairs, what rivals leave of them, and clusters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion.canonical import canonical_order
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.match import match_reports
from ceasefire.fusion.parts import cluster_components, components, halo, score_pairs, scored_edges, time_parts
from ceasefire.fusion.traits import canonical_traits
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.intake.table import read_table
from ceasefire.pipeline.simulation import simulate

Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]
DOCS = Path(__file__).parents[2] / "docs"


def whole_edges(reports: pa.Table, register: ActorRegister, weights: Weights) -> pa.Table:
    return scored_edges(reports, np.ones(reports.num_rows, dtype=bool), register=register, weights=weights)


def edges_by_parts(
    reports: pa.Table, register: ActorRegister, weights: Weights, part: np.ndarray, *, steps: int = 2
) -> pa.Table:
    """Return the edges of all parts, in the order of the whole, and never more reports at once than a part needs."""
    found = []
    for number in np.unique(part):
        core = part == number
        needed = halo(reports, core, reach=weights.reach, steps=steps)
        some = np.random.default_rng(int(number)).permutation(np.flatnonzero(needed))
        found.append(scored_edges(reports.take(pa.array(some)), core[some], register=register, weights=weights))
    rows, _ = canonical_order(reports)
    rank = {one: place for place, one in enumerate(reports["report_id"].take(pa.array(rows)).to_pylist())}
    edges = pa.concat_tables(found)
    ends = [[rank[one] for one in edges[name].to_pylist()] for name in ("report_a", "report_b")]
    return edges.take(pa.array(np.lexsort((ends[1], ends[0])))).combine_chunks()


@pytest.fixture(scope="module")
def simulated() -> tuple[pa.Table, ActorRegister]:
    case = load_case(built_in_case("riverline"))
    made = simulate(case, rng=np.random.default_rng(1), days=60, incidents_per_day=5, keyed=False)
    return made.reports, case.actors


def with_odd_times(reports: pa.Table, seed: int) -> pa.Table:
    """Stretch some reports to weeks and months, leave some without a date, and give some an end before their start."""
    rng = np.random.default_rng(seed)
    days = rng.choice([0, 0, 0, 0, 0, 0, 4, 12, 30, 200, -3], reports.num_rows)
    micros = pa.array(days * 86_400_000_000, pa.duration("us"))
    later = pa.compute.add(reports["occurred_until"], micros)
    later = pa.compute.if_else(pa.array(rng.random(reports.num_rows) < 0.02), None, later)
    return reports.set_column(reports.column_names.index("occurred_until"), "occurred_until", later)


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 9), st.integers(0, 1000))
def test_time_parts_give_the_rows_of_the_whole(
    simulated: tuple[pa.Table, ActorRegister], count: int, seed: int
) -> None:
    reports, register = with_odd_times(simulated[0], seed), simulated[1]
    weights = default_weights()
    part = time_parts(reports, count)
    assert set(part.tolist()) <= set(range(count))
    assert edges_by_parts(reports, register, weights, part).equals(whole_edges(reports, register, weights))


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_any_parts_give_the_rows_of_the_whole(simulated: tuple[pa.Table, ActorRegister], seed: int) -> None:
    reports, register = with_odd_times(simulated[0], seed), simulated[1]
    part = np.random.default_rng(seed).integers(0, 3, reports.num_rows)
    weights = default_weights()
    assert edges_by_parts(reports, register, weights, part).equals(whole_edges(reports, register, weights))


def test_a_narrower_halo_gives_other_rows(simulated: tuple[pa.Table, ActorRegister]) -> None:
    reports, register = simulated
    weights = default_weights()
    part = time_parts(reports, 8)
    whole = whole_edges(reports, register, weights)
    one_step = edges_by_parts(reports, register, weights, part, steps=1)
    assert one_step["match_weight"].equals(whole["match_weight"])  # each by itself is right
    assert not one_step["log_odds"].equals(whole["log_odds"])  # rivals are missing
    assert edges_by_parts(reports, register, weights, part, steps=0).num_rows < whole.num_rows


def test_a_part_is_smaller_than_the_whole(simulated: tuple[pa.Table, ActorRegister]) -> None:
    reports, _ = simulated
    part = time_parts(reports, 6)
    sizes = [halo(reports, part == number, reach=default_weights().reach).sum() for number in range(6)]
    assert max(sizes) < 0.75 * reports.num_rows


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 20), st.integers(0, 1000))
def test_components_clustered_apart_are_clustered_as_at_once(
    simulated: tuple[pa.Table, ActorRegister], count: int, seed: int
) -> None:
    reports, register = simulated
    weights = default_weights()
    rows, place = canonical_order(reports)
    scored = score_pairs(canonical_traits(reports, rows, register), weights)
    n = len(rows)
    rng = np.random.default_rng(seed)
    keys, spaces = np.where(rng.random(n) < 0.2, rng.integers(0, 40, n), -1), rng.integers(0, 2, n)
    start = np.arange(n)
    for one, other in rng.integers(0, n, (30, 2)):  # as people might say
        group = {start[one], start[other]}
        start[np.isin(start, list(group))] = min(group)
    at_once = cluster_components(
        start * 0 + np.arange(n), scored.a, scored.b, scored.cautious, start=start, keys=keys, spaces=spaces,
        weights=weights,
    )  # fmt: skip
    label = components(scored.a, scored.b, scored.cautious, start=start, threshold=weights.threshold)
    assert np.array_equal(label[label], label)
    assert (label[at_once] == label).all()  # no cluster reaches beyond a component
    dealt = rng.integers(0, count, n)[label]
    apart = np.full(n, -1)
    for number in range(count):
        members = np.flatnonzero(dealt == number)
        inside = (dealt[scored.a] == number) & (dealt[scored.b] == number)
        apart[members] = cluster_components(
            members, scored.a[inside], scored.b[inside], scored.cautious[inside], start=start[members],
            keys=keys[members], spaces=spaces[members], weights=weights,
        )  # fmt: skip
    assert np.array_equal(apart, at_once)
    assert len(place) == n


@pytest.mark.real_data
def test_parts_of_the_synthetic_set(real_data: Path) -> None:
    case = load_case(built_in_case("astana-2017"))
    file = real_data / "fusion_dev" / "reports_10k.parquet"
    reports = read_table(file, mapping=DOCS / "examples" / "fusion_dev.yaml", register=case.actors, zone=case.zone)
    weights = learn_weights(reports.reports, register=case.actors)
    whole = whole_edges(reports.reports, case.actors, weights)
    part = time_parts(reports.reports, 7)
    assert edges_by_parts(reports.reports, case.actors, weights, part).equals(whole)
    assert not edges_by_parts(reports.reports, case.actors, weights, part, steps=1).equals(whole)
    pairs = match_reports(reports.reports, register=case.actors, weights=weights).pairs
    assert set(zip(*(pairs[name].to_pylist() for name in ("report_a", "report_b")), strict=True)) <= set(
        zip(*(whole[name].to_pylist() for name in ("report_a", "report_b")), strict=True)
    )
