"""What a judgement would change, beside what fusing everything again changes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion.consequences import WhatIf
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.match import match_reports
from ceasefire.fusion.weights import default_weights
from ceasefire.pipeline.simulation import simulate

Make = Callable[..., dict[str, Any]]
Table = Callable[..., pa.Table]
Groups = set[tuple[str, ...]]
WEIGHTS = default_weights()


@pytest.fixture(scope="module")
def riverline() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.fixture(scope="module")
def reports(riverline: Case) -> pa.Table:
    """Return many reports of few days, so that there is much to confuse."""
    return simulate(riverline, rng=np.random.default_rng(11), days=12, incidents_per_day=12, keyed=False).reports


def groups(reports: pa.Table, register: ActorRegister, *judgements: Judgement) -> Groups:
    matched = match_reports(reports, register=register, weights=WEIGHTS, judgements=judgements)
    found: dict[int, list[str]] = {}
    for report, event in zip(reports["report_id"].to_pylist(), matched.event.tolist(), strict=True):
        found.setdefault(event, []).append(report)
    return {tuple(sorted(members)) for members in found.values()}


def pairs_of(of: Groups) -> set[tuple[str, str]]:
    return {pair for members in of for pair in itertools.combinations(members, 2)}


def what_if(reports: pa.Table, register: ActorRegister, around: list[str], *judgements: Judgement) -> WhatIf:
    return WhatIf(reports, around, register=register, weights=WEIGHTS, judgements=judgements)


def test_each_decision_changes_what_fusing_again_changes(riverline: Case, reports: pa.Table) -> None:
    register = riverline.actors
    doubtful = match_reports(reports, register=register, weights=WEIGHTS).doubtful.slice(0, 25).to_pylist()
    around = what_if(reports, register, [end for row in doubtful for end in (row["report_a"], row["report_b"])])
    before = groups(reports, register)
    assert set(around.groups(())) <= before
    assert len(around.ids) < reports.num_rows
    for row in doubtful:
        said = Judgement(row["report_a"], row["report_b"], "not-same" if row["together"] else "same", "x")
        after = groups(reports, register, said)
        found = around.consequence(add=[said])
        assert (set(found.before), set(found.after)) == (before - after, after - before)
        assert found.pairs == len(pairs_of(before) ^ pairs_of(after)) > 0
        assert found.conflicts == ()


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_under_any_judgements_and_their_withdrawal(riverline: Case, reports: pa.Table, data: st.DataObject) -> None:
    register, ids = riverline.actors, reports["report_id"].to_pylist()[:60]
    ends = st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True)
    said = st.builds(
        lambda two, word: Judgement(*two, word, "x"), ends, st.sampled_from(["same", "not-same", "unsure"])
    )
    held, new = (data.draw(st.lists(said, min_size=1, max_size=6)) for _ in range(2))
    gone = data.draw(st.lists(st.sampled_from(held), unique=True))
    about = sorted({end for one in (*held, *new) for end in (one.report_a, one.report_b)})
    around = what_if(reports, register, about, *held)
    before = groups(reports, register, *held)
    after = groups(reports, register, *(one for one in held if one not in gone), *new)
    found = around.consequence(add=new, drop=gone)
    assert (set(found.before), set(found.after)) == (before - after, after - before)


def test_same_as_one_and_not_the_same_as_another_follows_through(riverline: Case, reports: pa.Table) -> None:
    """What is the same as A, and A not the same as B, is not the same as B: whatever was weighed."""
    register, rng = riverline.actors, np.random.default_rng(3)
    ids = reports["report_id"].to_pylist()
    for _ in range(5):
        a, b, c, d = rng.choice(ids, 4, replace=False).tolist()
        said = [Judgement(a, c, "same", "x"), Judgement(b, d, "same", "y"), Judgement(a, b, "not-same", "z")]
        found = {one: members for members in groups(reports, register, *said) for one in members}
        assert found[a] == found[c] != found[b] == found[d]


def test_a_contradiction_is_told_with_what_it_undoes(report: Make, table: Table, nobody: ActorRegister) -> None:
    rows = [report("s", "a"), report("t", "b"), report("u", "c", latitude=12.0)]
    a, b, c = (row["report_id"] for row in rows)
    same, again, apart = Judgement(a, c, "same", "x"), Judgement(b, c, "same", "x"), Judgement(a, b, "not-same", "y")
    around = what_if(table(*rows), nobody, [a, b, c], same, again)
    found = around.consequence(add=[apart])
    assert [set(group) for group in found.conflicts] == [{same, again, apart}]
    assert found.before == (tuple(sorted((a, b, c))),)
    assert (
        what_if(table(*rows), nobody, [a, b, c], same, again, apart).consequence(add=[], drop=[apart]).conflicts == ()
    )


def test_keys_that_lie_far_away_belong_to_it(report: Make, table: Table, nobody: ActorRegister) -> None:
    rows = [report("s", "a"), report("t", "b", event_key="k", day=30), report("u", "c", event_key="k", day=60)]
    a, b, c = (row["report_id"] for row in rows)
    around = what_if(table(*rows), nobody, [a, b])
    found = around.consequence(add=[Judgement(a, b, "same", "x")])
    assert found.after == (tuple(sorted((a, b, c))),)
    assert found.pairs == 2
    with pytest.raises(KeyError):
        what_if(table(*rows), nobody, [a]).consequence(add=[Judgement(a, c, "same", "x")])


def test_a_pair_that_keys_tell_apart_is_not_open(report: Make, table: Table, nobody: ActorRegister) -> None:
    rows = [
        report("s", "a", event_key="1", document_id="set", day=40),
        report("s", "b", event_key="2", document_id="set"),
        report("t", "c", killed_best=9),
    ]
    a, b, c = (row["report_id"] for row in rows)
    assert what_if(table(*rows), nobody, [a, b, c]).open_pairs([(b, c)]) == [True]
    known = Judgement(a, c, "same", "x")
    assert what_if(table(*rows), nobody, [a, b, c], known).open_pairs([(b, c)]) == [False]
