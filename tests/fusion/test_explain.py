"""The evidence of a pair in words and numbers: it adds up to what is stored, whatever the pair."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion.cohesion import join_between, joins_of
from ceasefire.fusion.explain import STEPS, Evidence, explain_pairs, percent, totals_in_bits, waterfall
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.match import PAIR, Matched, match_reports
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.fusion.wording import Wording
from ceasefire.intake.table import read_table
from ceasefire.pipeline.simulation import simulate

Make = Callable[..., dict[str, Any]]
Table = Callable[..., pa.Table]
DOCS = Path(__file__).parents[2] / "docs"
IN_DOUBLE = 1e-9  # contributions are differences of sums in double precision
BESIDE = {"latitude": None, "longitude": None, "place_radius_km": None, "place_precision": "unknown"}
UTC = ZoneInfo("UTC")


def own_source(pairs: pa.Table, reports: pa.Table) -> list[str | None]:
    source = dict(zip(reports["report_id"].to_pylist(), reports["source_id"].to_pylist(), strict=True))
    ends = zip(pairs["report_a"].to_pylist(), pairs["report_b"].to_pylist(), strict=True)
    return [source[a] if source[a] == source[b] else None for a, b in ends]


def adds_up(reports: pa.Table, matched: Matched, weights: Weights) -> int:
    """Assert that every stored pair's weight is the sum of its steps, to the last digit; return how many there are."""
    totals = totals_in_bits(matched.pairs, own_source(matched.pairs, reports), weights)
    stored = matched.pairs["match_weight"].to_numpy()
    assert np.array_equal(totals[-1].astype(np.float32), stored)
    return len(stored)


@pytest.fixture(scope="module")
def riverline() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.fixture(scope="module")
def simulated(riverline: Case) -> pa.Table:
    return simulate(riverline, rng=np.random.default_rng(7), days=20, incidents_per_day=6, keyed=False).reports


@pytest.mark.parametrize("learned", [False, True])
def test_every_pair_of_riverline_adds_up(riverline: Case, simulated: pa.Table, learned: bool) -> None:
    weights = learn_weights(simulated, register=riverline.actors) if learned else default_weights()
    matched = match_reports(simulated, register=riverline.actors, weights=weights)
    assert adds_up(simulated, matched, weights) > 200
    wording = Wording.of(simulated, weights=weights, register=riverline.actors, zone=riverline.zone)
    for one in explain_pairs(matched.pairs, wording=wording, weights=weights):
        steps = {each.step: each.bits for each in one.contributions}
        assert np.float32(sum(steps[step] for step in STEPS)) == np.float32(one.match_weight)
        assert one.match_weight + steps["rivals"] == pytest.approx(one.weight_after_rivals, abs=IN_DOUBLE)
        final = one.weight_after_rivals + steps["experience"]
        assert 1 / (1 + 2**-final) == pytest.approx(one.match_probability, abs=IN_DOUBLE)
        assert shown_sums_hold(one)


@pytest.mark.real_data
def test_every_pair_of_the_synthetic_set_adds_up(real_data: Path) -> None:
    case = load_case(built_in_case("astana-2017"))
    file = real_data / "fusion_dev" / "reports_10k.parquet"
    read = read_table(file, mapping=DOCS / "examples" / "fusion_dev.yaml", register=case.actors, zone=case.zone)
    for weights in (default_weights(), learn_weights(read.reports, register=case.actors)):
        matched = match_reports(read.reports, register=case.actors, weights=weights)
        assert adds_up(read.reports, matched, weights) > 10_000


def shown_sums_hold(evidence: Evidence) -> bool:
    """Say whether the numbers printed add up to the sum printed."""
    lines = [line for line in waterfall(evidence) if re.match(r" {0,5}[+−]?\d", line)]
    numbers = [float(line.split()[0].replace("−", "-")) for line in lines]
    (at,) = (number for number, line in enumerate(lines) if "the sum of these" in line)
    return abs(sum(numbers[:at]) - numbers[at]) < IN_DOUBLE


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    other=st.fixed_dictionaries(
        {},
        optional={
            "day": st.integers(0, 3),
            "days": st.sampled_from([1, 2, 7]),
            "killed_best": st.one_of(st.none(), st.integers(0, 50)),
            "killed_civilian_best": st.one_of(st.none(), st.integers(0, 3)),
            "injured_best": st.one_of(st.none(), st.integers(0, 50)),
            "latitude": st.floats(10.0, 10.02),
            "acts": st.sampled_from([[], ["shelling"], ["siege"], ["armed-force"]]),
            "sides": st.sampled_from([[], [["name:Hill Front"], []], [["name:Hill Front"], ["name:River Guards"]]]),
        },
    ),
    prior=st.floats(0.01, 0.6),
    source=st.sampled_from(["s", "t"]),
)
def test_any_two_reports_add_up_and_what_is_left_out_counts_neither_way(
    report: Make, table: Table, nobody: ActorRegister, other: dict[str, Any], prior: float, source: str
) -> None:
    weights = default_weights(prior=prior, repeats={"s": 0.4})
    reports = table(report("s", "a", injured_best=3), report(source, "b", **other), report("u", "c"))
    matched = match_reports(reports, register=nobody, weights=weights)
    adds_up(reports, matched, weights)
    wording = Wording.of(reports, weights=weights, register=nobody, zone=UTC)
    for one in explain_pairs(matched.pairs, wording=wording, weights=weights):
        assert shown_sums_hold(one)
        for step in one.contributions:
            assert step.counts or abs(step.bits) < 0.05
            assert "counts neither way" not in step.says or step.bits == 0


def evidence_of(reports: pa.Table, register: ActorRegister, weights: Weights | None = None) -> tuple[Evidence, ...]:
    weights = weights or default_weights()
    matched = match_reports(reports, register=register, weights=weights)
    wording = Wording.of(reports, weights=weights, register=register, zone=UTC)
    return explain_pairs(matched.pairs, wording=wording, weights=weights, name_of=str.upper)


def said(evidence: Evidence) -> dict[str, str]:
    return {one.step: one.says for one in evidence.contributions}


def test_values_stand_side_by_side(report: Make, table: Table, nobody: ActorRegister) -> None:
    other = report("t", "b", day=1, latitude=10.01, killed_best=8, sides=[["name:Hill Front"], ["name:River Guard"]])
    (evidence,) = evidence_of(table(report("s", "a"), other), nobody)
    words = said(evidence)
    days = {"1 and 2 March 2021, one day apart", "2 and 1 March 2021, one day apart"}
    assert words["when"].partition(":")[0] in days
    assert words["where"].startswith("1.1 km apart, both known to 5 km or better: ")
    assert words["killed"].partition(":")[0] in ("7 and 8 killed", "8 and 7 killed")
    assert " (both sides: the same): " in words["who"]
    assert words["civilian"].startswith("no civilian among the dead, by both: ")
    assert words["acts"].startswith("both armed-force: ")
    assert words["injured"] == "neither says how many were injured: counts neither way"
    assert words["source"] in ("S, and T: two sources", "T, and S: two sources")
    assert words["prior"] == "of pairs compared, one in 12.5 is of one event"
    assert all("times likelier if" in words[step] or "either way" in words[step] for step in ("when", "where", "who"))


@pytest.mark.parametrize(
    ("step", "change", "words"),
    [
        ("killed", {"killed_best": None}, "only one says how many were killed (7): counts neither way"),
        ("civilian", {"killed_civilian_best": None}, "only one says how many of the dead were civilians: counts nei"),
        ("acts", {"acts": []}, "only one says what was done: counts neither way"),
        ("acts", {"acts": ["shelling"]}, "(one a kind of the other): "),
        ("who", {"sides": []}, "only one names anybody (River Guard – Hill Front): "),
        ("when", {"days": 3}, "one day apart from middle to middle: "),
        ("where", {"latitude": 10.0}, "the very same point, both known to 5 km or better: "),
    ],
)
def test_what_only_one_says(
    report: Make, table: Table, nobody: ActorRegister, step: str, change: dict[str, Any], words: str
) -> None:
    (evidence,) = evidence_of(table(report("s", "a"), report("t", "b", **change)), nobody)
    assert words in said(evidence)[step]


def test_names_of_areas_where_no_point_is_given(report: Make, table: Table, nobody: ActorRegister) -> None:
    first = report("s", "a", **BESIDE, area_name="North/Bay")
    (evidence,) = evidence_of(table(first, report("t", "b", **BESIDE, area_name="North/Bay")), nobody)
    assert said(evidence)["where"].startswith("both North/Bay (the same area): ")
    (evidence,) = evidence_of(table(report("s", "a", **BESIDE), report("t", "b", **BESIDE)), nobody)
    assert said(evidence)["where"] == "one of them names no place: counts neither way"


def test_one_source_and_rivals(report: Make, table: Table, nobody: ActorRegister) -> None:
    reports = table(report("s", "a"), report("s", "b", killed_best=8), report("t", "c"))
    found = evidence_of(reports, nobody, default_weights(repeats_otherwise=0.2))
    own = next(one for one in found if said(one)["source"].startswith("both of S"))
    assert said(own)["source"] == "both of S, which seldom tells of one event twice: 5.0 times likelier if of two"
    across = [one for one in found if one is not own]
    assert len(across) == 2
    for one in across:
        assert {step.step: step.bits for step in one.contributions}["rivals"] < 0
        assert re.search(r"could be the counterpart too: S [ab] \(\+\d", said(one)["rivals"])
        assert len(one.rivals) == 1


def test_a_pair_that_was_settled_has_no_experience(report: Make, table: Table, nobody: ActorRegister) -> None:
    (evidence,) = evidence_of(table(report("s", "a", event_key="k"), report("t", "b", event_key="k")), nobody)
    assert (evidence.decision, evidence.match_probability) == ("by-key", 1)
    assert "experience" not in said(evidence)
    assert evidence.as_json()["contributions"][0]["step"] == "prior"


def test_lines_fit_the_page(riverline: Case, simulated: pa.Table) -> None:
    weights = default_weights()
    matched = match_reports(simulated, register=riverline.actors, weights=weights)
    wording = Wording.of(simulated, weights=weights, register=riverline.actors, zone=riverline.zone)
    pairs = matched.pairs.slice(0, 100)
    for one in explain_pairs(pairs, wording=wording, weights=weights, among=matched.pairs):
        assert max(map(len, waterfall(one, indent="   "))) <= 96


@pytest.mark.parametrize(
    ("probability", "words"), [(0.0, "0%"), (1e-4, "under 1%"), (0.5, "50%"), (0.996, "over 99%"), (1.0, "100%")]
)
def test_doubt_is_never_rounded_away(probability: float, words: str) -> None:
    assert percent(probability) == words


def pair(a: str, b: str, weight: float) -> dict[str, Any]:
    return {"report_a": a, "report_b": b, "weight_after_rivals": weight}


def test_joins_by_hand() -> None:
    weights = default_weights(unseen=float(np.log(2) * -8))
    pairs = pa.Table.from_pylist([pair("a", "b", 4), pair("b", "c", 2), pair("a", "c", -6), pair("c", "d", 1)], PAIR)
    first, second, third = joins_of([["a"], ["b"], ["c"], ["d"]], pairs, weights)
    assert (first.left, first.right, first.mean_weight) == (("a",), ("b",), 4)
    assert (second.left, second.right, second.mean_weight) == (("c",), ("d",), 1)
    assert third.mean_weight == pytest.approx((2 - 6 - 8 - 8) / 4)
    assert (third.pairs, third.unseen) == (4, 2)
    assert join_between((first, second, third), "d", "a") is third
    assert joins_of([["a", "b"], ["c"]], pairs, weights)[0].mean_weight == -2
    assert join_between(joins_of([["a", "b"]], pairs, weights), "a", "b") is None


def test_every_incident_was_joined_above_the_threshold(riverline: Case, simulated: pa.Table) -> None:
    weights = default_weights()
    matched = match_reports(simulated, register=riverline.actors, weights=weights)
    ids = simulated["report_id"].to_pylist()
    threshold = weights.threshold / np.log(2)
    checked = 0
    for event in np.flatnonzero(np.bincount(matched.event) > 2).tolist():
        members = [[ids[row]] for row in np.flatnonzero(matched.event == event).tolist()]
        joins = joins_of(members, matched.pairs, weights)
        assert len(joins) == len(members) - 1
        assert all(join.mean_weight > threshold for join in joins)
        checked += 1
    assert checked > 10
    assert pc.all(pc.is_valid(matched.pairs["weight_after_rivals"])).as_py()
