"""By what reports are matched at a position of the ledger: the judgements and the weights in force there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.canonical import canonical_json
from ceasefire.model.schemas import INSTANT, WORD
from ceasefire.model.vocabulary import ReportKind
from ceasefire.pipeline.history import History, Kind
from ceasefire.pipeline.progress import Progress, silent

JUDGEMENT = pa.schema(
    [
        ("report_a", pa.string()),  # the lesser id
        ("report_b", pa.string()),
        ("verdict", WORD),  # fusion.judgements.VERDICTS
        ("author", WORD),
        ("note", pa.string()),
        ("recorded_at", INSTANT),
        ("position", pa.int64()),  # of its ledger entry
    ]
)
FEWEST_TO_LEARN_FROM = 1_000
"""Reports below which the built-in weights serve: what is learned from fewer is chance."""
BUILT_IN_THRESHOLD = 0.0
"""Mean log odds of a join under the built-in weights. Nobody measured how far these can be trusted on the reports at
hand, as learning does; so reports are joined only where that is likelier than not, and the rest waits for a person."""
RELEARN_AFTER = 100
"""Judgements that weights do not know yet, from which on learning anew is worth a person's while."""


@dataclass(frozen=True, slots=True)
class HeldWeights:
    """Weights in force.

    Parameters
    ----------
    weights : Weights
    entry : Entry or None
        That recorded them; None for the built-in ones.
    """

    weights: Weights
    entry: Entry | None


def judgement_entries(history: History) -> tuple[Entry, ...]:
    """Return the entries of judgements in force: of one author on one pair the last, in the order of the ledger."""
    last: dict[tuple[str, str, str], Entry] = {}
    for entry in history.judgements:
        a, b = sorted((entry.payload["report_a"], entry.payload["report_b"]))
        last.pop((entry.author, a, b), None)
        last[entry.author, a, b] = entry
    return tuple(last.values())


def judgements_in_force(history: History) -> tuple[Judgement, ...]:
    """Return what people say of pairs of reports: each author's last word on each pair."""
    return tuple(_judgement(entry) for entry in judgement_entries(history))


def judgements_table(history: History) -> pa.Table:
    """Return the judgements in force, schema `JUDGEMENT`, in the order of the ledger."""
    rows = [
        {
            "report_a": min(entry.payload["report_a"], entry.payload["report_b"]),
            "report_b": max(entry.payload["report_a"], entry.payload["report_b"]),
            "verdict": entry.payload["verdict"],
            "author": entry.author,
            "note": entry.payload.get("note"),
            "recorded_at": entry.recorded_at,
            "position": entry.position,
        }
        for entry in judgement_entries(history)
    ]
    return pa.Table.from_pylist(rows, schema=JUDGEMENT)


def weights_in_force(history: History) -> HeldWeights:
    """Return the weights recorded last, or the built-in ones."""
    if not history.weights:
        return HeldWeights(default_weights(threshold=BUILT_IN_THRESHOLD), None)
    entry = history.weights[-1]
    return HeldWeights(Weights.from_json(canonical_json(entry.payload["weights"])), entry)


def enough_to_learn_from(reports: pa.Table) -> bool:
    """Say whether weights can be learned from reports.

    That takes two sources, and reports whose own keys do not tell already which are of one event: of the file whose
    keys tell most, the reports do not count.

    Parameters
    ----------
    reports : Table
        Schema `model.schemas.REPORT`.
    """
    total = pc.equal(reports["kind"].cast(pa.string()), ReportKind.TOTAL.value)
    events = reports.filter(pc.invert(pc.fill_null(total, False)))
    if events.num_rows < FEWEST_TO_LEARN_FROM or pc.count_distinct(events["source_id"].cast(pa.string())).as_py() < 2:
        return False
    keyed = events.filter(pc.is_valid(events["event_key"]))
    by_file = keyed["document_id"].combine_chunks().dictionary_encode().indices.fill_null(-1)
    told = int(np.bincount(np.asarray(by_file) + 1).max()) if keyed.num_rows else 0
    return bool(events.num_rows - told >= FEWEST_TO_LEARN_FROM)


def learn(
    reports: pa.Table,
    *,
    register: ActorRegister,
    judgements: Iterable[Judgement],
    origin: str,
    ledger: Ledger,
    author: str,
    progress: Progress = silent,
) -> Entry:
    """Learn weights from reports and judgements, and record them.

    Parameters
    ----------
    origin : {"first", "relearned"}
        Whether there were none before, or somebody asked for others.
    """
    weights = learn_weights(reports, register=register, judgements=judgements, progress=progress)
    payload = {"weights": json.loads(weights.to_json()), "reports": weights.reports, "judgements": weights.judgements}
    return ledger.append(Kind.WEIGHTS, {**payload, "origin": origin}, author=author)


def _judgement(entry: Entry) -> Judgement:
    said = entry.payload
    return Judgement(said["report_a"], said["report_b"], said["verdict"], entry.author)
