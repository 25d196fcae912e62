"""Fusion in parts and shares gives what all reports at once give, row for row; with too narrow a halo it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion import shares as by_share
from ceasefire.fusion.blocks_of_time import copies, part_edges, plan_of, spans_of
from ceasefire.fusion.canonical import whole
from ceasefire.fusion.fuse import FusedReports, fuse_reports
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.match import PAIR
from ceasefire.fusion.parts import EDGE
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.model.schemas import REPORT, table_of

Make = Callable[..., dict[str, Any]]
WEIGHTS = default_weights()
SOURCES = ("alpha", "beta", "gamma", "delta")


def laid_out(
    reports: pa.Table,
    register: ActorRegister,
    judgements: tuple[Judgement, ...] = (),
    *,
    weights: Weights = WEIGHTS,
    reports_per_part: int = 9,
    shares: int = 4,
    halo_steps: int = 2,
) -> FusedReports:
    """Fuse in the steps of a cluster, one after another."""
    block = -(-reports.num_rows // 3)
    blocks = [reports.slice(start, block) for start in range(0, reports.num_rows, block)]
    plan = plan_of(
        pa.concat_tables([spans_of(one) for one in blocks]),
        reach=weights.reach,
        reports_per_part=reports_per_part,
        halo_steps=halo_steps,
    )
    edges = []
    for part in range(plan.parts):
        needed = [found[part] for one in blocks if part in (found := copies(one, plan))]
        if needed:
            edges.append(part_edges(one_table(needed), part, plan, register=register, weights=weights))
    references = pa.concat_tables([by_share.references(one) for one in blocks])
    named = np.unique(np.asarray(whole(references["token"])))
    connections = [references, by_share.words_as_ties(judgements)]
    for one in blocks:
        connections += [by_share.keys_named(one), by_share.records_named(one, named)]
    connections += [by_share.strong_pairs(one, weights.threshold) for one in edges]
    documents = pa.concat_tables([by_share.key_documents(one) for one in blocks])
    found = by_share.shares_of(pa.concat_tables(connections), documents, shares)
    cut = [by_share.split(one, found) for one in edges]
    crossing = [by_share.crossing_pairs(between, weights) for _, between in cut]
    crossing = crossing or [(PAIR.empty_table(), by_share.OPEN.empty_table())]
    divided = [by_share.divided(one, found) for one in blocks]
    matched = [
        by_share.match_share(
            one_table([one[share] for one in divided if share in one]),
            one_table([inside[share] for inside, _ in cut if share in inside] or [EDGE.empty_table()]),
            found,
            weights=weights,
            judgements=judgements,
        )
        for share in range(shares)
        if any(share in one for one in divided)
    ]
    labels = one_table([one.labels for one in matched])
    covers = by_share.covers_of(one_table([by_share.for_covers(one.reports) for one in matched]), labels, register)
    counting = whole(covers[0]["report_id"]).unique()
    return by_share.lay_together(
        labels,
        covers,
        [by_share.reconcile_share(one.reports, one.event, counting) for one in matched],
        pairs=(one_table([one.pairs for one in matched]), one_table([pairs for pairs, _ in crossing])),
        doubts=(one_table([one.open for one in matched]), one_table([doubts for _, doubts in crossing])),
        conflicts=[conflict for one in matched for conflict in one.conflicts],
        order_of=whole(reports["report_id"]),
    )


def one_table(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def rows(found: FusedReports) -> dict[str, Any]:
    """Return all that was found, words as words."""
    tables = {
        "incidents": found.fused.incidents,
        "links": found.fused.links,
        "pairs": found.matched.pairs,
        "doubtful": found.matched.doubtful,
        "covers": found.matched.covers,
    }
    return {
        **{name: table.to_pylist() for name, table in tables.items()},
        "event": found.matched.event.tolist(),
        "conflicts": found.matched.conflicts,
    }


@st.composite
def reports_and_words(draw: st.DrawFn, make: Make) -> tuple[pa.Table, tuple[Judgement, ...]]:
    """Draw reports crowded into some weeks, with keys, references, totals and gaps; and what people said of them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, weeks = draw(st.integers(1, 90)), draw(st.sampled_from([1, 8, 40]))
    made = []
    for number in range(count):
        day = float(rng.integers(0, weeks * 7))
        said: dict[str, Any] = {
            "days": float(rng.choice([1, 1, 1, 1, 3, 12, 40, 200])),
            "latitude": 10 + float(rng.normal(0, 0.05)),
            "longitude": 30 + float(rng.normal(0, 0.05)),
            "killed_best": int(rng.integers(0, 4)) if rng.random() < 0.8 else None,
            "killed_civilian_best": None,
            "document_id": str(rng.choice(["one", "two"])) if rng.random() < 0.7 else None,
        }
        if rng.random() < 0.1:
            said |= {"latitude": None, "longitude": None, "place_precision": "governorate", "place_radius_km": None}
            said |= {"area_name": "North/Hills"}
        if rng.random() < 0.15:
            said["event_key"] = f"k{rng.integers(0, 8)}"
        if rng.random() < 0.1:
            said["refers_to"] = [f"{rng.choice(SOURCES)}:{rng.integers(0, count)}"]
            said["relation"] = str(rng.choice(["same", "covers"]))
        if rng.random() < 0.06:
            said |= {"kind": "total", "killed_best": 9}
        if rng.random() < 0.04:
            day = None  # type: ignore[assignment]
        made.append(make(str(rng.choice(SOURCES)), str(number), day=day, **said))
    table = table_of(made, REPORT)
    ids = table["report_id"].to_pylist()
    words = []
    for _ in range(draw(st.integers(0, 6)) if count > 1 else 0):
        a, b = rng.choice(count, 2, replace=False)
        words.append(Judgement(ids[a], ids[b], str(rng.choice(["same", "not-same", "unsure"])), "someone"))
    return table, tuple(words)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), per_part=st.integers(1, 30), shares=st.integers(1, 7))
def test_parts_and_shares_give_what_the_whole_gives(
    data: st.DataObject, per_part: int, shares: int, report: Make, nobody: ActorRegister
) -> None:
    reports, words = data.draw(reports_and_words(report))
    whole_ = fuse_reports(reports, register=nobody, weights=WEIGHTS, judgements=words)
    apart = laid_out(reports, nobody, words, reports_per_part=per_part, shares=shares)
    assert rows(apart) == rows(whole_)


def crowd(make: Make) -> pa.Table:
    rng = np.random.default_rng(5)
    return table_of(
        [
            make(
                str(rng.choice(SOURCES)),
                str(number),
                day=float(rng.integers(0, 60)),
                latitude=10 + float(rng.normal(0, 0.03)),
                killed_best=int(rng.integers(1, 4)),
            )
            for number in range(400)
        ],
        REPORT,
    )


@pytest.mark.parametrize("steps", [0, 1])
def test_too_narrow_a_halo_gives_something_else(steps: int, report: Make, nobody: ActorRegister) -> None:
    reports = crowd(report)
    right = rows(fuse_reports(reports, register=nobody, weights=WEIGHTS))
    assert rows(laid_out(reports, nobody, reports_per_part=40)) == right
    narrow = rows(laid_out(reports, nobody, reports_per_part=40, halo_steps=steps))
    # without the rivals of a pair's second report, a pair looks better than it is; without a halo, pairs are missed
    assert narrow["pairs"] != right["pairs"]


def test_components_that_reach_through_many_parts_stay_whole(report: Make, nobody: ActorRegister) -> None:
    # a chain of days: each report is near the next alone, and every part holds but a few of them
    chain = [report(SOURCES[day % 4], str(day), day=day, killed_best=3) for day in range(60)]
    reports = table_of(chain, REPORT)
    apart = laid_out(reports, nobody, reports_per_part=5, shares=6)
    assert rows(apart) == rows(fuse_reports(reports, register=nobody, weights=WEIGHTS))
    assert max(np.bincount(apart.matched.event)) > 1


def test_keys_that_tell_apart_through_others_do_so_between_shares(report: Make, nobody: ActorRegister) -> None:
    # each event of a case is a far row of a data set, and near another one: too unlike to be joined, and not doubtful
    made = []
    for number in range(12):
        far = {"day": 500 + 9 * number, "latitude": 12.0}
        made += [
            report("s", f"far{number}", event_key=f"f{number}", document_id="set", **far),
            report("s", f"near{number}", event_key=f"n{number}", document_id="set", day=20 * number),
            report(
                "t", f"told{number}", day=20 * number + number % 3, killed_best=7 + number % 4,
                refers_to=[f"s:far{number}"], relation="same",
            ),
        ]  # fmt: skip
    reports = table_of(made, REPORT)
    right = rows(fuse_reports(reports, register=nobody, weights=WEIGHTS))
    assert rows(laid_out(reports, nobody, shares=5)) == right
    assert sum(one["decision"] == "told-apart" for one in right["pairs"]) == 12
    assert not right["doubtful"]


def test_reports_of_one_component_are_in_one_share(report: Make) -> None:
    ties = pa.table({"token": [1, 2, 10, 20], "report": [2, 3, 11, 21]}, schema=by_share.TIE)
    found = by_share.shares_of(ties, by_share.KEY_DOCUMENT.empty_table(), 3)
    share = dict(zip(found.reports.tolist(), found.share.tolist(), strict=True))
    assert share[1] == share[2] == share[3]
    assert share[10] == share[11]
    assert share[20] == share[21]
    assert len({share[1], share[10], share[20]}) == 3


def test_every_report_with_a_date_has_one_core(report: Make) -> None:
    reports = crowd(report)
    plan = plan_of(spans_of(reports), reach=WEIGHTS.reach, reports_per_part=50)
    places = plan.places(reports)
    assert (plan.core[places] >= 0).all()
    assert plan.needed[places, plan.core[places]].all()
    assert plan.parts == 8
