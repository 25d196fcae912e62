"""From reports to clusters of reports of one event, with every pair that was weighed and those a person should see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import canonical_order, whole
from ceasefire.fusion.cluster import NEVER, that_may_join
from ceasefire.fusion.compare import COMPARISONS
from ceasefire.fusion.competition import chunks
from ceasefire.fusion.covers import covered_events
from ceasefire.fusion.judgements import Judgement, Settled, settle
from ceasefire.fusion.key_spaces import KeySpaces
from ceasefire.fusion.parts import Scored, cluster_components, score_pairs
from ceasefire.fusion.pass_through import key_groups, told_apart
from ceasefire.fusion.traits import Traits, canonical_traits
from ceasefire.fusion.weights import Weights

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Named = tuple[Rows, Rows]
"""The key of each report, -1 for none, and the space of the key, see `keys_of`."""
Progress = Callable[[str, int, int], None]
IdsOf = Callable[[Rows], pa.Array]

LEAST_PROBABILITY = 0.05
"""Pairs below this are left out of the table of pairs, unless a person judged them."""
NATS_PER_BIT = float(np.log(2))
"""Weights are natural logarithms inside; tables give them in bits, doublings of the odds."""

PAIR = pa.schema(
    [
        ("report_a", pa.string()),
        ("report_b", pa.string()),
        ("match_weight", pa.float32()),  # log odds by itself, in bits
        ("weight_after_rivals", pa.float32()),  # what competition leaves of it, in bits
        ("match_probability", pa.float32()),  # after rivals, calibrated
        *((name, pa.int16()) for name in COMPARISONS),  # levels
        ("decision", pa.dictionary(pa.int32(), pa.string())),  # see DECISIONS
    ]
)
DECISIONS = ("together", "apart", "judged-same", "judged-not-same", "by-key", "told-apart")
"""What the weights say, what people said, and what the reports say of themselves: of one event, or of two."""
TOLD_APART = DECISIONS.index("told-apart")
DOUBTFUL = pa.schema(
    [
        ("report_a", pa.string()),
        ("report_b", pa.string()),
        ("match_probability", pa.float32()),
        ("together", pa.bool_()),
        ("changes", pa.float32()),  # pairs that a decision would be expected to change
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What matching found for n reports.

    Parameters
    ----------
    event : int64 array, shape (n,)
        Cluster of each row as given, numbered from 0 by smallest report id.
    pairs : pa.Table
        Schema `PAIR`, by report ids, the lesser first: every pair kept, its evidence and what became of it.
    doubtful : pa.Table
        Schema `DOUBTFUL`: pairs a person should see, those first whose decision changes most.
    covers : pa.Table
        Schema `COVER`: totals and the clusters they count.
    conflicts : tuple of tuple of Judgement
        Judgements that cannot all be right.
    """

    event: Rows
    pairs: pa.Table
    doubtful: pa.Table
    covers: pa.Table
    conflicts: tuple[tuple[Judgement, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """What matching held, by canonical row: what a later increment begins from.

    Parameters
    ----------
    rows : int64 array
        Of `canonical.canonical_order`.
    traits : Traits
    start : int64 array
        Smallest row of those that are of one event by what they say of themselves.
    settled : Settled
    named : tuple of two int64 arrays
        Of `keys_of`.
    scored : Scored
    label : int64 array
        Cluster of each report, by its smallest row.
    paired : int64 array
        Which of the scored pairs are in the table of pairs, in its order.
    doubted, changes : int64 array, float64 array
        Which of the scored pairs are doubtful, in the order of that table, and what a decision would change.
    """

    rows: Rows
    traits: Traits
    start: Rows
    settled: Settled
    named: Named
    scored: Scored
    label: Rows
    paired: Rows
    doubted: Rows
    changes: Floats


def match_reports(
    reports: pa.Table,
    *,
    register: ActorRegister,
    weights: Weights,
    judgements: Iterable[Judgement] = (),
    progress: Progress | None = None,
) -> Matched:
    """Tell which reports are of one event.

    The result depends neither on the order of the rows nor on rows given twice. Reports that say themselves that
    they are of one event always are, and people's judgements always win.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, n rows.
    register : ActorRegister
        Through which actors are compared.
    weights : Weights
        Shipped or learned.
    judgements : iterable of Judgement
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Matched
    """
    return matched_and_working(reports, register=register, weights=weights, judgements=judgements, progress=progress)[0]


def matched_and_working(
    reports: pa.Table,
    *,
    register: ActorRegister,
    weights: Weights,
    judgements: Iterable[Judgement] = (),
    progress: Progress | None = None,
) -> tuple[Matched, Working]:
    """Return what `match_reports` does, and what it held while it worked."""
    tell = progress or (lambda *_: None)
    tell("comparing reports", 0, reports.num_rows)
    rows, place = canonical_order(reports)
    traits = canonical_traits(reports, rows, register)
    start = key_groups(reports, rows)
    scored = score_pairs(traits, weights)
    tell("joining reports", 0, reports.num_rows)
    judgements = tuple(judgements)
    ids = whole(reports["report_id"]).take(pa.array(rows))
    settled = settle(judgements, _places(ids, judgements), len(traits), start, told_apart(reports, rows))
    named = keys_of(reports, rows, start)
    label = clusters_of(scored, settled, named, weights)
    event = np.unique(label, return_inverse=True)[1].astype(np.int64)
    probability = probabilities(scored, label, weights)
    paired = pairs_to_keep(scored, probability, label)
    doubted, changes = doubtful_pairs(scored, probability, label, settled, named)

    def ids_of(which: Rows) -> pa.Array:
        return ids.take(pa.array(which))

    matched = Matched(
        event=event[place],
        pairs=pair_table(scored, paired, probability, ids_of, label, start, settled, named),
        doubtful=doubtful_table(scored, doubted, changes, probability, ids_of, label),
        covers=covered_events(traits, ids, event),
        conflicts=settled.conflicts,
    )
    return matched, Working(
        rows=rows,
        traits=traits,
        start=start,
        settled=settled,
        named=named,
        scored=scored,
        label=label,
        paired=paired,
        doubted=doubted,
        changes=changes,
    )


def keys_of(reports: pa.Table, rows: Rows, start: Rows) -> Named:
    """Return the key of each report, -1 for none, and the space of the key: keys of one space tell apart.

    A document whose keyed reports are all of one source is part of a data set, whose keys are of one space in whatever
    file; else each document is a space.
    """
    own = np.asarray(pc.is_valid(whole(reports["event_key"])))[rows]
    documents, sources = (
        np.asarray(whole(reports[name]).cast(pa.string()).dictionary_encode().indices.fill_null(-1), dtype=np.int64)
        for name in ("document_id", "source_id")
    )
    documents, sources = documents[rows] + 1, sources[rows] + 1  # the case's own reports have no document
    lowest, highest = (np.full(int(documents.max(initial=0)) + 1, value) for value in (len(rows) + 1, -1))
    np.minimum.at(lowest, documents[own], sources[own])
    np.maximum.at(highest, documents[own], sources[own])
    of_data_set = (lowest == highest)[documents]
    return np.where(own, start, -1), np.where(of_data_set, -1 - sources, documents)


def _places(ids: pa.Array, judgements: tuple[Judgement, ...]) -> dict[str, int]:
    named = pa.array(sorted({one for j in judgements for one in (j.report_a, j.report_b)}), pa.string())
    places = pc.index_in(named, value_set=ids)
    return {one: row for one, row in zip(named.to_pylist(), places.to_pylist(), strict=True) if row is not None}


def clusters_of(scored: Scored, settled: Settled, named: Named, weights: Weights) -> Rows:
    """Join the reports, what people said first."""
    keys, spaces = named
    apart = np.concatenate([settled.apart, settled.barred])
    bounds = {"threshold": weights.threshold, "unseen": weights.unseen}
    may = that_may_join(scored.a, scored.b, scored.cautious, start=settled.together, **bounds)
    a = np.concatenate([scored.a[may], apart[:, 0]])
    b = np.concatenate([scored.b[may], apart[:, 1]])
    odds = np.concatenate([scored.cautious[may], np.full(len(apart), NEVER)])
    return cluster_components(
        np.arange(len(keys)), a, b, odds, start=settled.together, keys=keys, spaces=spaces, weights=weights
    )


def _between(a: Rows, b: Rows, group: Rows, pairs: Rows) -> Mask:
    """Return which pairs lie between two groups that some of `pairs` lies between."""
    n = len(group)
    low, high = np.minimum(group[a], group[b]), np.maximum(group[a], group[b])
    ends = np.sort(group[pairs], axis=1)
    return np.isin(low * n + high, ends[:, 0] * n + ends[:, 1])


def probabilities(scored: Scored, label: Rows, weights: Weights) -> Floats:
    """Return the calibrated probability of each scored pair, given which clusters there are."""
    found = np.empty(len(scored.a))
    for part in chunks(len(found)):
        together = label[scored.a[part]] == label[scored.b[part]]
        found[part] = weights.calibrated(scored.cautious[part], together)
    return found


def pairs_to_keep(scored: Scored, probability: Floats, label: Rows) -> Rows:
    """Return which scored pairs the table of pairs holds."""
    kept = probability >= LEAST_PROBABILITY
    for part in chunks(len(kept)):
        kept[part] |= label[scored.a[part]] == label[scored.b[part]]
    return np.flatnonzero(kept)


def pair_table(
    scored: Scored,
    kept: Rows,
    probability: Floats,
    ids_of: IdsOf,
    label: Rows,
    start: Rows,
    settled: Settled,
    named: Named,
) -> pa.Table:
    """Return some of the scored pairs, schema `PAIR`."""
    a, b = scored.a[kept], scored.b[kept]
    decision = np.where(label[a] == label[b], 0, 1)
    group = settled.together
    decision[group[a] == group[b]] = 2
    by_keys = KeySpaces(group, *named).meet(group[a], group[b])
    decision[(group[a] != group[b]) & (by_keys | _between(a, b, group, settled.barred))] = TOLD_APART
    decision[_between(a, b, group, settled.apart)] = 3
    decision[start[a] == start[b]] = 4
    # what people or the reports themselves said is no guess
    settled_as = np.array([np.nan, np.nan, 1.0, 0.0, 1.0, 0.0])[decision]
    probability = np.where(np.isnan(settled_as), probability[kept], settled_as)
    columns = {
        "report_a": ids_of(a),
        "report_b": ids_of(b),
        "match_weight": pa.array(scored.weight[kept].astype(np.float64) / NATS_PER_BIT, pa.float32()),
        "weight_after_rivals": pa.array(scored.cautious[kept] / NATS_PER_BIT, pa.float32()),
        "match_probability": pa.array(probability, pa.float32()),
        **{name: pa.array(scored.levels[name][kept]) for name in COMPARISONS},
        "decision": pa.DictionaryArray.from_arrays(pa.array(decision, pa.int32()), pa.array(DECISIONS)),
    }
    return pa.table(columns, schema=PAIR)


_DOUBT = (0.1, 0.9)


def doubtful_pairs(scored: Scored, p: Floats, label: Rows, settled: Settled, named: Named) -> tuple[Rows, Floats]:
    """Return which scored pairs are undecided, the most consequential first, and what a decision would change.

    That is, of two clusters, all pairs between them; within one, the pairs of its smaller half; times the chance
    that the present state is wrong.
    """
    kept = np.flatnonzero((p > _DOUBT[0]) & (p < _DOUBT[1]))
    a, b, p = scored.a[kept], scored.b[kept], p[kept]
    n = len(label)
    group = settled.together
    open_still = (group[a] != group[b]) & ~KeySpaces(group, *named).meet(group[a], group[b])
    open_still &= ~_between(a, b, group, np.concatenate([settled.apart, settled.barred]))
    open_still &= ~np.isin(a * n + b, settled.unsure[:, 0] * n + settled.unsure[:, 1])
    kept, a, b, p = kept[open_still], a[open_still], b[open_still], p[open_still]
    together = label[a] == label[b]
    size = np.bincount(label, minlength=n)
    touched = np.where(together, np.maximum(size[label[a]] - 1, 1), size[label[a]] * size[label[b]])
    changes = np.asarray(touched * np.where(together, 1 - p, p))
    order = np.lexsort((b, a, -changes))
    return kept[order], changes[order]


def doubtful_table(scored: Scored, kept: Rows, changes: Floats, p: Floats, ids_of: IdsOf, label: Rows) -> pa.Table:
    """Return undecided pairs, schema `DOUBTFUL`, as `doubtful_pairs` gives them."""
    a, b = scored.a[kept], scored.b[kept]
    return pa.table(
        {
            "report_a": ids_of(a),
            "report_b": ids_of(b),
            "match_probability": pa.array(p[kept], pa.float32()),
            "together": pa.array(label[a] == label[b]),
            "changes": pa.array(changes, pa.float32()),
        },
        schema=DOUBTFUL,
    )
