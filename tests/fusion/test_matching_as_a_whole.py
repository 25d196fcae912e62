"""Reports matched without keys: how well, in any order, however often given, and never against a person's word."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.match import Matched, match_reports
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.intake.table import read_table
from ceasefire.pipeline.simulation import simulate

LEAST_F1 = 0.66  # what the project promises on the synthetic set, with no labels
DOCS = Path(__file__).parents[2] / "docs"


def pairwise_f1(found: np.ndarray, truth: np.ndarray) -> float:
    def pairs(labels: list[object]) -> int:
        return sum(count * (count - 1) // 2 for count in Counter(labels).values())

    both = pairs(list(zip(found.tolist(), truth.tolist(), strict=True)))
    return 2 * both / (pairs(found.tolist()) + pairs(truth.tolist()))


def clusters(reports: pa.Table, matched: Matched) -> set[frozenset[str]]:
    held: dict[int, set[str]] = {}
    for report, event in zip(reports["report_id"].to_pylist(), matched.event.tolist(), strict=True):
        held.setdefault(event, set()).add(report)
    return {frozenset(members) for members in held.values()}


@pytest.fixture(scope="module")
def riverline() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.fixture(scope="module")
def reports(riverline: Case) -> pa.Table:
    simulated = simulate(riverline, rng=np.random.default_rng(5), days=30, incidents_per_day=4, keyed=False)
    return simulated.reports


@pytest.fixture(scope="module")
def weights(riverline: Case, reports: pa.Table) -> Weights:
    return learn_weights(reports, register=riverline.actors)


@pytest.fixture(scope="module")
def matched(riverline: Case, reports: pa.Table, weights: Weights) -> Matched:
    return match_reports(reports, register=riverline.actors, weights=weights)


def test_reports_of_one_event_come_together(riverline: Case, reports: pa.Table, matched: Matched) -> None:
    simulated = simulate(riverline, rng=np.random.default_rng(5), days=30, incidents_per_day=4, keyed=False)
    event_of = {
        report: number for number, row in enumerate(simulated.truth.to_pylist()) for report in row["report_ids"]
    }
    known = np.array([report in event_of for report in reports["report_id"].to_pylist()])
    truth = np.array([event_of.get(report, -1) for report in reports["report_id"].to_pylist()])
    f1 = pairwise_f1(matched.event[known], truth[known])
    alone = pairwise_f1(np.arange(known.sum()), truth[known])
    dealt = pairwise_f1(np.random.default_rng(1).permutation(matched.event[known]), truth[known])
    assert f1 > 0.6
    # the controls: nothing joined, and the same clusters dealt out at random
    assert alone == 0
    assert dealt < 0.1


def test_order_and_repeated_files_do_not_matter(
    riverline: Case, reports: pa.Table, weights: Weights, matched: Matched
) -> None:
    order = np.random.default_rng(2).permutation(reports.num_rows)
    twice = pa.concat_tables([reports.take(pa.array(order)), reports])
    again = match_reports(twice, register=riverline.actors, weights=weights)
    assert clusters(twice, again) == clusters(reports, matched)


def test_every_report_has_a_cluster(reports: pa.Table, matched: Matched) -> None:
    assert len(matched.event) == reports.num_rows
    assert set(matched.event.tolist()) == set(range(max(matched.event.tolist()) + 1))


def test_a_persons_word_always_wins_and_propagates(
    riverline: Case, reports: pa.Table, weights: Weights, matched: Matched
) -> None:
    sizes = Counter(matched.event.tolist())
    joined = next(event for event, size in sizes.items() if size >= 2)
    alone = next(event for event, size in sizes.items() if size == 1)
    ids = reports["report_id"].to_pylist()
    a, b = (ids[row] for row in np.flatnonzero(matched.event == joined)[:2])
    c = ids[int(np.flatnonzero(matched.event == alone)[0])]
    said = (Judgement(a, b, "not-same", "x"), Judgement(a, c, "same", "x"))
    judged = match_reports(reports, register=riverline.actors, weights=weights, judgements=said)
    event = dict(zip(ids, judged.event.tolist(), strict=True))
    assert event[a] == event[c]
    assert event[b] not in (event[a], event[c])
    reverse = match_reports(reports, register=riverline.actors, weights=weights, judgements=said[::-1])
    assert clusters(reports, reverse) == clusters(reports, judged)


def test_weights_survive_being_written(weights: Weights) -> None:
    for held in (weights, default_weights()):
        assert Weights.from_json(held.to_json()).to_json() == held.to_json()


@pytest.mark.real_data
def test_the_synthetic_set_with_no_labels(real_data: Path) -> None:
    case = load_case(built_in_case("astana-2017"))
    file = real_data / "fusion_dev" / "reports_10k.parquet"
    mapping = DOCS / "examples" / "fusion_dev.yaml"
    read = read_table(file, mapping=mapping, register=case.actors, zone=case.zone).reports
    given = pq.read_table(file, columns=["report_id", "incident_id"]).to_pydict()
    event_of = {str(report): event for report, event in zip(given["report_id"], given["incident_id"], strict=True)}
    truth = np.array([event_of[report] for report in read["source_report_id"].to_pylist()])
    found = match_reports(read, register=case.actors, weights=learn_weights(read, register=case.actors)).event
    assert pairwise_f1(found[truth >= 0], truth[truth >= 0]) >= LEAST_F1
