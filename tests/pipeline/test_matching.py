"""By what reports are matched: each last word, the weights recorded last, and whether there is enough to learn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from ceasefire.fusion.weights import default_weights
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.schemas import REPORT, table_of
from ceasefire.pipeline.history import History, Kind
from ceasefire.pipeline.matching import (
    FEWEST_TO_LEARN_FROM,
    JUDGEMENT,
    enough_to_learn_from,
    judgements_in_force,
    judgements_table,
    weights_in_force,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger.open(tmp_path / "ledger.sqlite")
    ledger.append(Kind.CASE_ADOPTED, {"case_digest": "d"}, author="Amal")
    return ledger


def say(ledger: Ledger, author: str, a: str, b: str, verdict: str, **more: str) -> None:
    ledger.append(Kind.JUDGEMENT, {"report_a": a, "report_b": b, "verdict": verdict, **more}, author=author)


def test_of_one_author_on_one_pair_the_last_word_counts(ledger: Ledger) -> None:
    say(ledger, "Amal", "rep-1", "rep-2", "same")
    say(ledger, "Badr", "rep-1", "rep-2", "same")
    say(ledger, "Amal", "rep-2", "rep-1", "not-same", note="another street")
    said = judgements_in_force(History.read(ledger))
    assert [(one.author, one.verdict) for one in said] == [("Badr", "same"), ("Amal", "not-same")]
    assert [one.verdict for one in judgements_in_force(History.read(ledger, 3))] == ["same", "same"]
    table = judgements_table(History.read(ledger))
    assert table.schema.equals(JUDGEMENT)
    assert table["note"].to_pylist() == [None, "another street"]
    assert set(table["report_a"].to_pylist()) == {"rep-1"}
    assert table["position"].to_pylist() == [3, 4]


def test_judgements_and_weights_change_results_and_what_came_of_them_does_not(ledger: Ledger) -> None:
    say(ledger, "Amal", "rep-1", "rep-2", "same")
    assert History.read(ledger).basis.position == 2
    ledger.append(Kind.FUSION, {"basis": 2, "reports": 1, "content": {}}, author="Amal")
    assert History.read(ledger).basis.position == 2
    ledger.append(Kind.WEIGHTS, {"weights": {}, "reports": 0, "judgements": 0, "origin": "first"}, author="Amal")
    assert History.read(ledger).basis.position == 4


def test_recorded_weights_come_back_as_they_were(ledger: Ledger) -> None:
    import json

    assert weights_in_force(History.read(ledger)).entry is None
    weights = default_weights(prior=0.0123456789, repeats={"observatory": 0.25}, reports=1234)
    payload = {"weights": json.loads(weights.to_json()), "reports": 1234, "judgements": 0, "origin": "first"}
    entry = ledger.append(Kind.WEIGHTS, payload, author="Amal")
    held = weights_in_force(History.read(ledger))
    assert held.weights == weights
    assert held.entry == entry
    assert weights_in_force(History.read(ledger, entry.position - 1)).entry is None


N = FEWEST_TO_LEARN_FROM


@pytest.mark.parametrize(
    ("source", "key", "document", "enough"),
    [
        (lambda n: "st"[n % 2], lambda _: None, lambda _: "d", True),
        (lambda _: "s", lambda _: None, lambda _: "d", False),
        (lambda n: "st"[n % 2], str, lambda _: "d", False),
        (lambda n: "st"[n % 2], str, lambda n: "de"[n % 2], True),
        (lambda n: "st"[n % 2], lambda n: None if n < N - 1 else str(n), lambda _: "d", False),
    ],
    ids=["two sources", "one source", "keys tell all apart", "keys of two files", "one report too few"],
)
def test_there_is_enough_to_learn_from(
    source: Callable[[int], str], key: Callable[[int], str | None], document: Callable[[int], str], enough: bool
) -> None:
    rows = [
        {"report_id": str(n), "source_id": source(n), "event_key": key(n), "document_id": document(n), "kind": "event"}
        for n in range(2 * N if document(0) != document(1) else N)
    ]
    reports = table_of(rows, REPORT)
    assert enough_to_learn_from(reports) is enough
    totals = pa.array(["total"] * len(rows)).dictionary_encode()
    assert not enough_to_learn_from(reports.set_column(3, "kind", totals))
