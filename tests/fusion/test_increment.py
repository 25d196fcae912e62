"""A day's reports on top of a standing state give the very tables of a whole fusion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion import increment as increments
from ceasefire.fusion.fuse import fuse_reports
from ceasefire.fusion.increment import Increment, fuse_and_keep, fuse_increment
from ceasefire.fusion.judgements import VERDICTS, Judgement
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.overlay import Change
from ceasefire.fusion.standing import Standing
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.intake.table import read_table
from ceasefire.model.schemas import REPORT
from ceasefire.pipeline.simulation import simulate

Table = Callable[..., pa.Table]
Make = Callable[..., dict[str, Any]]
Tables = dict[str, pa.Table]
DOCS = Path(__file__).parents[2] / "docs"
RANDOM = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each example fuses three times: a smaller one tells no more
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def plain(table: pa.Table) -> pa.Table:
    """Return a table whose words are written out, so that the coding of words does not count."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    return table.combine_chunks()


def whole_fusion(reports: pa.Table, register: ActorRegister, weights: Weights, said: Sequence[Judgement]) -> Tables:
    found = fuse_reports(reports, register=register, weights=weights, judgements=said)
    return {
        "reports": reports,
        "links": found.fused.links,
        "incidents": found.fused.incidents,
        "pairs": found.matched.pairs,
        "doubtful": found.matched.doubtful,
    }


def assert_same(found: Increment, before: Tables, after: Tables) -> None:
    for name, table in after.items():
        now = found.tables[name].applied(before[name])
        assert now.schema == table.schema
        assert plain(now).equals(plain(table)), name
        assert before[name].num_rows + found.tables[name].growth == table.num_rows
    same = [one for one in after["links"].to_pylist() if one["relation"] == "same"]
    shared = [one["incident_id"] for one in same]
    sizes = Counter(shared)
    assert found.joined == sum(sizes[one] > 1 for one in shared)
    assert found.totals == len({one["report_id"] for one in after["links"].to_pylist()}) - len(same)


@pytest.fixture(scope="module")
def simulated() -> tuple[pa.Table, ActorRegister, Weights]:
    case = load_case(built_in_case("riverline"))
    made = simulate(case, rng=np.random.default_rng(3), days=40, incidents_per_day=6, keyed=False)
    recorded = pa.array(np.arange(made.reports.num_rows) * 1_000_000, REPORT.field("recorded_at").type)
    reports = made.reports.set_column(REPORT.get_field_index("recorded_at"), "recorded_at", recorded).cast(REPORT)
    return reports, case.actors, default_weights()


def column(reports: pa.Table, name: str, values: Sequence[Any]) -> pa.Table:
    field = REPORT.field(name)
    if pa.types.is_dictionary(field.type):
        return reports.set_column(REPORT.get_field_index(name), field, pa.array(values, pa.string()).cast(field.type))
    return reports.set_column(REPORT.get_field_index(name), field, pa.array(values, field.type))


def with_oddities(reports: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Make some reports totals, some undated or months long, and give some keys and references."""
    n = reports.num_rows
    reports = column(reports, "kind", [str(one) for one in rng.choice(["event", "event", "event", "total"], n)])
    days = rng.choice([0] * 12 + [4, 12, 40, 200], n)
    later = pa.compute.add(reports["occurred_until"], pa.array(days * 86_400_000_000, pa.duration("us")))
    later = pa.compute.if_else(pa.array(rng.random(n) < 0.02), None, later)
    reports = reports.set_column(REPORT.get_field_index("occurred_until"), REPORT.field("occurred_until"), later)
    reports = column(reports, "event_key", [f"k{one}" if one < 20 else None for one in rng.integers(0, 200, n)])
    names = [
        f"{s}:{i}"
        for s, i in zip(reports["source_id"].to_pylist(), reports["source_report_id"].to_pylist(), strict=True)
    ]
    refers = [
        [str(one) for one in rng.choice(names, rng.integers(1, 3))] if rng.random() < 0.03 else None for _ in range(n)
    ]
    reports = column(reports, "refers_to", refers)
    relations = [None if one is None else str(rng.choice(["same", "covers"])) for one in refers]
    return column(reports, "relation", relations)


def judged(ids: Sequence[str], rng: np.random.Generator, count: int) -> list[Judgement]:
    pairs = [rng.choice(len(ids), 2, replace=False) for _ in range(count)]
    return [Judgement(ids[a], ids[b], str(rng.choice(VERDICTS)), str(rng.integers(3))) for a, b in pairs]


def near_judgements(pairs: pa.Table, rng: np.random.Generator, count: int) -> list[Judgement]:
    """Return words on pairs that were weighed, which change more than words on any two."""
    rows = pairs.select(["report_a", "report_b"]).take(pa.array(rng.integers(0, pairs.num_rows, count))).to_pylist()
    return [Judgement(one["report_a"], one["report_b"], str(rng.choice(VERDICTS)), "x") for one in rows]


def check(
    reports: pa.Table,
    fresh: np.ndarray,
    folder: Path,
    register: ActorRegister,
    weights: Weights,
    before: Sequence[Judgement],
    after: Sequence[Judgement],
    *,
    revised: pa.Table | None = None,
    removed: Sequence[str] = (),
) -> Increment | None:
    """Fuse all but the fresh, then these on top, and compare with fusing everything."""
    held = reports.filter(pa.array(~fresh)).combine_chunks()
    found = fuse_and_keep(held, folder, register=register, weights=weights, judgements=before)
    base = {"reports": held, "links": found.fused.links, "incidents": found.fused.incidents}
    base |= {"pairs": found.matched.pairs, "doubtful": found.matched.doubtful}
    new = reports.filter(pa.array(fresh))
    everything = held
    if revised is not None:
        place = pa.compute.index_in(held["report_id"], value_set=revised["report_id"].combine_chunks())
        both = pa.concat_tables([held, revised]).unify_dictionaries().combine_chunks()
        rows = np.where(place.is_valid(), held.num_rows + np.asarray(place.fill_null(0)), np.arange(held.num_rows))
        everything = both.take(pa.array(rows))
        new = pa.concat_tables([revised, new])
    everything = pa.concat_tables([everything, reports.filter(pa.array(fresh))]).unify_dictionaries().combine_chunks()
    keep = pa.compute.invert(pa.compute.is_in(everything["report_id"], value_set=pa.array(removed, pa.string())))
    everything = everything.filter(keep).combine_chunks()
    step = fuse_increment(Standing(folder), new, removed=removed, register=register, weights=weights, judgements=after)
    if step is not None:
        assert_same(step, base, whole_fusion(everything, register, weights, after))
    return step


@RANDOM
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.005, 0.03, 0.2]), odd=st.booleans(), late=st.booleans())
def test_increments_give_the_tables_of_a_whole_fusion(
    simulated: tuple[pa.Table, ActorRegister, Weights],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    share: float,
    odd: bool,
    late: bool,
) -> None:
    monkeypatch.setattr(increments, "MOST_CHANGED", 1.0)
    rng = np.random.default_rng(seed)
    reports, register, weights = simulated
    reports = with_oddities(reports, rng) if odd else reports
    n = reports.num_rows
    fresh = np.arange(n) >= n * (1 - share) if late else rng.random(n) < share
    ids = reports["report_id"].to_pylist()
    before = judged(ids, rng, 6)
    after = [*before[2:], *judged(ids, rng, 4)]
    old = np.flatnonzero(~fresh)
    changing = reports.take(pa.array(rng.choice(old, 4, replace=False)))
    changing = column(changing, "killed_best", [1, 2, 50, None])
    gone = [one for one in (ids[row] for row in rng.choice(old, 3)) if one not in changing["report_id"].to_pylist()]
    folder = tmp_path_factory.mktemp("standing")
    step = check(reports, fresh, folder, register, weights, before, after, revised=changing, removed=gone)
    assert step is not None or odd


@RANDOM
@given(seed=st.integers(0, 10_000))
def test_words_alone_change_what_they_would_have_changed(
    simulated: tuple[pa.Table, ActorRegister, Weights], tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    reports, register, weights = simulated
    pairs = fuse_reports(reports, register=register, weights=weights).matched.pairs
    said = near_judgements(pairs, rng, 30)
    nothing = np.zeros(reports.num_rows, dtype=bool)
    folder = tmp_path_factory.mktemp("standing")
    step = check(reports, nothing, folder, register, weights, said[:20], said[10:])
    assert step is not None
    assert 0 < step.looked_at < reports.num_rows
    assert step.tables["incidents"].added.num_rows > 0


def test_nothing_new_changes_nothing(simulated: tuple[pa.Table, ActorRegister, Weights], tmp_path: Path) -> None:
    reports, register, weights = simulated
    step = check(reports, np.zeros(reports.num_rows, dtype=bool), tmp_path, register, weights, [], [])
    assert step is not None
    assert step.looked_at == 0
    assert all(change.growth == 0 and not len(change.gone) for change in step.tables.values())


def test_an_increment_that_looks_at_no_neighbours_gives_other_incidents(
    simulated: tuple[pa.Table, ActorRegister, Weights], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports, register, weights = simulated
    monkeypatch.setattr(increments, "MOST_CHANGED", 1.0)
    fresh = np.random.default_rng(4).random(reports.num_rows) < 0.15
    assert check(reports, fresh, tmp_path / "right", register, weights, [], []) is not None
    monkeypatch.setattr(increments, "reached", lambda *given: given[1])
    with pytest.raises(AssertionError, match="links"):
        check(reports, fresh, tmp_path / "wrong", register, weights, [], [])


def test_other_weights_and_many_changes_are_for_a_whole_fusion(
    simulated: tuple[pa.Table, ActorRegister, Weights], tmp_path: Path
) -> None:
    reports, register, weights = simulated
    held, new = reports.slice(0, 300).combine_chunks(), reports.slice(300, 5)
    fuse_and_keep(held, tmp_path, register=register, weights=weights)
    state = Standing(tmp_path)
    assert fuse_increment(state, new, register=register, weights=weights) is not None
    assert fuse_increment(state, new, register=register, weights=default_weights(prior=0.1)) is None
    assert fuse_increment(state, reports.slice(300, 60), register=register, weights=weights) is None


def test_a_change_survives_being_written(tmp_path: Path) -> None:
    table = pa.table({"x": pa.array(["a", "b", "c"]).dictionary_encode()})
    change = Change(np.array([1]), np.array([0, 1, 3]), pa.table({"x": pa.array(["0", "B", "d"]).dictionary_encode()}))
    change.save(tmp_path, "t")
    assert Change.load(tmp_path, "t").applied(table)["x"].to_pylist() == ["0", "a", "B", "c", "d"]


@pytest.mark.real_data
def test_a_day_of_the_synthetic_set(real_data: Path, tmp_path: Path) -> None:
    case = load_case(built_in_case("astana-2017"))
    file = real_data / "fusion_dev" / "reports_10k.parquet"
    reports = read_table(file, mapping=DOCS / "examples" / "fusion_dev.yaml", register=case.actors, zone=case.zone)
    weights = learn_weights(reports.reports, register=case.actors)
    fresh = np.random.default_rng(1).random(reports.reports.num_rows) < 0.015
    step = check(reports.reports, fresh, tmp_path, case.actors, weights, [], [])
    assert step is not None
    assert step.looked_at < reports.reports.num_rows
