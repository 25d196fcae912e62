"""Reports in shares of whole components, each clustered and reconciled by itself, and the shares laid together.

A component holds all that pairs above the threshold, keys, references and people's words connect. No cluster reaches
beyond one, and nothing that becomes of one depends on another; so shares that are made of whole components give,
together, the very incidents that all reports at once give. To connect more than is needed costs evenness and is no
error: therefore ids may be told apart by 64 bits of a hash.

Past 400 lines because dealing out, clustering and laying together undo one another and are checked side by side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import canonical_order, in_one_piece, order_by, whole, with_sorted_words
from ceasefire.fusion.compare import COMPARISONS
from ceasefire.fusion.covers import COVER, covered_events
from ceasefire.fusion.fuse import FusedReports, incidents_of
from ceasefire.fusion.judgements import Judgement, Settled, settle
from ceasefire.fusion.key_spaces import KeySpaces
from ceasefire.fusion.match import (
    DECISIONS,
    DOUBTFUL,
    PAIR,
    TOLD_APART,
    Matched,
    Named,
    clusters_of,
    doubtful_pairs,
    doubtful_table,
    pair_table,
    pairs_to_keep,
    probabilities,
)
from ceasefire.fusion.parts import EDGE, Scored, components
from ceasefire.fusion.pass_through import LINK, FusedIncidents, key_groups, relations, told_apart
from ceasefire.fusion.traits import canonical_traits
from ceasefire.fusion.weights import Weights
from ceasefire.model.schemas import REPORT, WORD

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LABEL = pa.schema(
    [
        ("report_id", pa.string()),
        ("occurred_from", REPORT.field("occurred_from").type),
        ("first", pa.string()),
        ("spaces", WORD),
    ]
)
"""The cluster of each report, as the id of its first report by time and id; and the spaces of the keys that it has, or
that a report has that is together with it from the start: each ended by `_END`, null where there is none."""
_END = "\x1f"
KEY_DOCUMENT = pa.schema([("document_id", pa.string()), ("source_id", pa.string())])
"""Documents and sources that use keys; no document is the empty text."""
TIE = pa.schema([("token", pa.int64()), ("report", pa.int64())])
"""What a report names that others may name too, and the report: both as `hashed`."""
OPEN = DOUBTFUL.set(DOUBTFUL.get_field_index("changes"), pa.field("changes", pa.float64()))
"""Doubtful pairs of a share; between shares, `changes` is for two reports alone."""
COVER_COLUMNS = (
    "report_id", "kind", "stance", "occurred_from", "occurred_until", "time_precision", "place_name", "latitude",
    "longitude", "place_precision", "place_radius_km", "area_name", "centre_latitude", "centre_longitude",
    "killed_low", "killed_best", "killed_high",
)  # fmt: skip
"""What must be known of reports to tell which of them a total counts."""


def hashed(texts: pa.Array) -> Rows:
    """Return 64 bits of a hash of each text."""
    encoded = texts.dictionary_encode()
    known = [blake2b(text.encode(), digest_size=8).digest() for text in encoded.dictionary.to_pylist()]
    codes = np.frombuffer(b"".join(known), dtype="<i8") if known else np.zeros(0, dtype=np.int64)
    return np.asarray(codes[np.asarray(encoded.indices)], dtype=np.int64)


def strong_pairs(edges: pa.Table, threshold: float) -> pa.Table:
    """Return the pairs of a table of `parts.EDGE` that connect, as a table of `TIE`."""
    good = edges.filter(pc.greater(edges["log_odds"], threshold))
    return pa.table({"token": hashed(whole(good["report_a"])), "report": hashed(whole(good["report_b"]))}, schema=TIE)


def keys_named(reports: pa.Table) -> pa.Table:
    """Return the keys of events that reports name, schema `TIE`."""
    keyed = pa.array(np.asarray(pc.is_valid(whole(reports["event_key"]))))
    keys = pc.binary_join_element_wise("key", whole(reports["event_key"]).filter(keyed), "\x1f")
    return pa.table({"token": hashed(keys), "report": hashed(whole(reports["report_id"]).filter(keyed))}, schema=TIE)


def references(reports: pa.Table) -> pa.Table:
    """Return the records that reports refer to, whatever they say of them, schema `TIE`."""
    lists = whole(reports["refers_to"]).fill_null([])
    owners = np.repeat(np.arange(len(lists)), np.asarray(pc.list_value_length(lists)))
    records = pc.binary_join_element_wise("record", lists.flatten().cast(pa.string()), "\x1f")
    ids = hashed(whole(reports["report_id"]))
    return pa.table({"token": hashed(records), "report": ids[owners]}, schema=TIE)


def records_named(reports: pa.Table, named: Rows) -> pa.Table:
    """Return the reports whose own record is among those that others refer to, schema `TIE`.

    Parameters
    ----------
    named : int64 array
        Tokens, sorted.
    """
    source = whole(reports["source_id"]).cast(pa.string())
    own = pc.binary_join_element_wise(source, whole(reports["source_report_id"]).cast(pa.string()), ":")
    some = np.asarray(pc.is_valid(own))
    tokens = hashed(pc.binary_join_element_wise("record", own.filter(pa.array(some)), "\x1f"))
    met = np.isin(tokens, named)
    return pa.table({"token": tokens[met], "report": hashed(whole(reports["report_id"]))[some][met]}, schema=TIE)


def words_as_ties(judgements: Iterable[Judgement]) -> pa.Table:
    """Return the pairs that people looked at, schema `TIE`: whatever they said, it is settled in one place."""
    said = sorted({(one.report_a, one.report_b) for one in judgements})
    a, b = (hashed(pa.array([pair[end] for pair in said], pa.string())) for end in (0, 1))
    return pa.table({"token": a, "report": b}, schema=TIE)


@dataclass(frozen=True, slots=True)
class Shares:
    """Which share each report is in.

    Parameters
    ----------
    reports : int64 array, shape (n,)
        Connected reports, as `hashed`, sorted; the others go by their hash.
    share : int32 array, shape (n,)
    count : int
        How many shares there are.
    spaces : mapping of str to str
        By the id of a document in which keys are used (empty: none), the document that stands for its key space.
    """

    reports: Rows
    share: npt.NDArray[np.int32]
    count: int
    spaces: dict[str, str]

    def of(self, ids: pa.Array) -> Rows:
        """Return the share of each report id."""
        own = hashed(ids)
        if not len(self.reports):
            return np.asarray(own % self.count, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.reports, own), len(self.reports) - 1)
        known = self.reports[place] == own
        return np.where(known, self.share[place], own % self.count)


def shares_of(connections: pa.Table, documents: pa.Table, count: int) -> Shares:
    """Lay components into shares, the largest first, each where there is least so far.

    Parameters
    ----------
    connections : pa.Table
        Schema `TIE`: all that connects reports, or reports and tokens.
    documents : pa.Table
        Of `key_documents`, of all reports.
    count : int
        How many shares.
    """
    ends = [np.asarray(whole(connections[name])) for name in TIE.names]
    nodes, codes = np.unique(np.concatenate(ends), return_inverse=True)
    a, b = codes[: len(ends[0])].astype(np.int64), codes[len(ends[0]) :].astype(np.int64)
    label = components(a, b, np.zeros(len(a)), start=np.arange(len(nodes)), threshold=-1.0)
    found, of, sizes = np.unique(label, return_inverse=True, return_counts=True)
    share = np.zeros(len(found), dtype=np.int32)
    filled = np.zeros(count)
    large = np.argsort(-sizes, kind="stable")
    heavy = large[sizes[large] * count > len(nodes) * 0.02]
    for one in heavy.tolist():  # few: each is a fiftieth of a share or more
        share[one] = int(np.argmin(filled))
        filled[share[one]] += sizes[one]
    small = large[len(heavy) :]
    share[small] = small % count
    return Shares(nodes, share[of], count, _spaces(documents))


def key_documents(reports: pa.Table) -> pa.Table:
    """Return the documents and sources that use keys, each pair once, schema `KEY_DOCUMENT`."""
    keyed = reports.filter(pc.is_valid(reports["event_key"])).select(["document_id", "source_id"])
    words = {name: pc.fill_null(whole(keyed[name]).cast(pa.string()), "") for name in keyed.column_names}
    return pa.table(words, schema=KEY_DOCUMENT).group_by(KEY_DOCUMENT.names).aggregate([])


def _spaces(documents: pa.Table) -> dict[str, str]:
    """Return the space of each document's keys, as `match.keys_of` has it: a data set's is its source's."""
    sources: dict[str, set[str]] = defaultdict(set)
    for document, source in zip(documents["document_id"].to_pylist(), documents["source_id"].to_pylist(), strict=True):
        sources[document].add(source)
    return {
        document: f"data set of {min(found)}" if len(found) == 1 else document for document, found in sources.items()
    }


def split(edges: pa.Table, shares: Shares) -> tuple[dict[int, pa.Table], pa.Table]:
    """Return the pairs within each share, and those between two: these cannot come to one cluster."""
    a, b = (shares.of(whole(edges[name])) for name in EDGE.names[:2])
    between = a != b
    inside = {one: edges.filter(pa.array((a == one) & ~between)) for one in np.unique(a[~between]).tolist()}
    return inside, edges.filter(pa.array(between))


def divided(reports: pa.Table, shares: Shares) -> dict[int, pa.Table]:
    """Return the reports of each share."""
    own = shares.of(whole(reports["report_id"]))
    return {one: reports.filter(pa.array(own == one)) for one in np.unique(own).tolist()}


def crossing_pairs(edges: pa.Table, weights: Weights) -> tuple[pa.Table, pa.Table]:
    """Return what is kept of pairs between shares: schemas `match.PAIR` and `OPEN`, as of reports without keys.

    Parameters
    ----------
    edges : pa.Table
        Schema `parts.EDGE`.
    """
    ids = pa.concat_arrays([whole(edges["report_a"]), whole(edges["report_b"])]).unique()
    alone, none = np.arange(len(ids), dtype=np.int64), np.full(len(ids), -1, dtype=np.int64)
    return _told(_scored(edges, ids), ids, alone, alone, settle((), {}, len(ids)), (none, none), weights)


def _scored(edges: pa.Table, ids: pa.Array) -> Scored:
    a, b = (
        np.asarray(pc.index_in(whole(edges[name]), value_set=ids), dtype=np.int64) for name in ("report_a", "report_b")
    )
    order = np.argsort(a * len(ids) + b)
    column = {name: np.asarray(whole(edges[name]))[order] for name in EDGE.names[2:]}
    levels = {name: column[name] for name in COMPARISONS}
    return Scored(a[order], b[order], column["match_weight"], column["log_odds"], levels)


def _told(
    scored: Scored,
    ids: pa.Array,
    label: Rows,
    start: Rows,
    settled: Settled,
    named: tuple[Rows, Rows],
    weights: Weights,
) -> tuple[pa.Table, pa.Table]:
    def ids_of(which: Rows) -> pa.Array:
        return ids.take(pa.array(which))

    probability = probabilities(scored, label, weights)
    kept = pairs_to_keep(scored, probability, label)
    doubted, changes = doubtful_pairs(scored, probability, label, settled, named)
    table = doubtful_table(scored, doubted, changes, probability, ids_of, label)
    exact = table.set_column(OPEN.get_field_index("changes"), OPEN.field("changes"), pa.array(changes))
    return pair_table(scored, kept, probability, ids_of, label, start, settled, named), exact


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareMatched:
    """What matching came to in one share.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, each report once, in canonical order.
    event : int64 array
        Their clusters.
    labels : pa.Table
        Schema `LABEL`.
    pairs, open : pa.Table
        Schemas `match.PAIR` and `OPEN`.
    conflicts : tuple of (str, tuple of Judgement)
        Each after the id of the first report it is about.
    """

    reports: pa.Table
    event: Rows
    labels: pa.Table
    pairs: pa.Table
    open: pa.Table
    conflicts: tuple[tuple[str, tuple[Judgement, ...]], ...]


def match_share(
    reports: pa.Table, edges: pa.Table, shares: Shares, *, weights: Weights, judgements: Sequence[Judgement]
) -> ShareMatched:
    """Cluster the reports of one share.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, in any order.
    edges : pa.Table
        Schema `parts.EDGE`: all pairs within the share.
    shares : Shares
    weights : Weights
    judgements : sequence of Judgement
        All there are.
    """
    once, _ = canonical_order(reports)
    reports = in_one_piece(reports.take(pa.array(once)))
    rows = np.arange(reports.num_rows, dtype=np.int64)
    ids = whole(reports["report_id"])
    start = key_groups(reports, rows)
    scored = _scored(edges, ids)
    places = _places(ids, judgements)
    settled = settle(judgements, places, len(rows), start, told_apart(reports, rows))
    named, names = _keys_of(reports, start, shares)
    label = clusters_of(scored, settled, named, weights)
    pairs, open_still = _told(scored, ids, label, start, settled, named, weights)
    kind, sets = KeySpaces(settled.together, *named).kinds(settled.together)
    told = pa.array(["".join(names[one] + _END for one in found) or None for found in sets], pa.string())
    labels = pa.table(
        {
            "report_id": ids,
            "occurred_from": reports["occurred_from"],
            "first": ids.take(pa.array(label)),
            "spaces": told.take(pa.array(kind)).dictionary_encode(),
        },
        schema=LABEL,
    )
    conflicts = tuple(
        (ids[min(int(start[places[end]]) for one in group for end in (one.report_a, one.report_b))].as_py(), group)
        for group in settled.conflicts
    )
    return ShareMatched(reports=reports, event=label, labels=labels, pairs=pairs, open=open_still, conflicts=conflicts)


def _places(ids: pa.Array, judgements: Sequence[Judgement]) -> dict[str, int]:
    named = pa.array(sorted({one for j in judgements for one in (j.report_a, j.report_b)}), pa.string())
    places = pc.index_in(named, value_set=ids)
    return {one: row for one, row in zip(named.to_pylist(), places.to_pylist(), strict=True) if row is not None}


def _keys_of(reports: pa.Table, start: Rows, shares: Shares) -> tuple[Named, list[str]]:
    """Return what `match.keys_of` gives, with the key spaces of all reports, and the names of these spaces."""
    own = np.asarray(pc.is_valid(whole(reports["event_key"])))
    documents = pc.fill_null(whole(reports["document_id"]).cast(pa.string()), "")
    place = pc.index_in(documents, value_set=pa.array([*shares.spaces], pa.string()))
    spaces = pa.array([*shares.spaces.values()], pa.string()).take(place).dictionary_encode()
    codes = np.asarray(spaces.indices.fill_null(-1), dtype=np.int64)
    return (np.where(own, start, -1), codes), spaces.dictionary.to_pylist()


def for_covers(reports: pa.Table) -> pa.Table:
    """Return what `covers_of` needs of reports."""
    return reports.select(COVER_COLUMNS)


def covers_of(needed: pa.Table, labels: pa.Table, register: ActorRegister) -> tuple[pa.Table, Rows, pa.Array]:
    """Return which clusters totals count, of all shares.

    Parameters
    ----------
    needed : pa.Table
        Of `for_covers`, of all reports.
    labels : pa.Table
        Schema `LABEL`, of the same reports.

    Returns
    -------
    tuple of pa.Table, int64 array, string array
        Schema `covers.COVER`; the cluster of each row of `labels`; and the first report of each cluster.
    """
    rows, _ = canonical_order(labels)
    ids = whole(labels["report_id"]).take(pa.array(rows))
    first = np.asarray(pc.index_in(whole(labels["first"]), value_set=ids), dtype=np.int64)
    known, event = np.unique(first, return_inverse=True)
    event = event.astype(np.int64)
    firsts = ids.take(pa.array(known))
    if not needed.num_rows:
        return COVER.empty_table(), event, firsts
    blank = pa.table(
        [needed[one.name] if one.name in COVER_COLUMNS else pa.nulls(needed.num_rows, one.type) for one in REPORT],
        schema=REPORT,
    )
    order, _ = canonical_order(blank)
    own = np.asarray(pc.index_in(whole(blank["report_id"]).take(pa.array(order)), value_set=whole(labels["report_id"])))
    traits = canonical_traits(in_one_piece(blank), order, register)
    return covered_events(traits, ids, event[own]), event, firsts


def reconcile_share(reports: pa.Table, event: Rows, counting: pa.Array) -> FusedIncidents:
    """Return the incidents of a share and the links of its reports; totals that count others have none yet.

    Parameters
    ----------
    reports : pa.Table
        As `match_share` gave them.
    event : int64 array
        Likewise.
    counting : string array
        Ids of the totals that count some cluster, here or in another share.
    """
    covers = pa.table(
        {"report_id": counting, "event": pa.repeat(-1, len(counting)), "probability": pa.nulls(len(counting))},
        schema=COVER,
    )
    return incidents_of(
        reports,
        Matched(
            event=event,
            pairs=PAIR.empty_table(),
            doubtful=DOUBTFUL.empty_table(),
            covers=covers,
            conflicts=(),
        ),
    )


def lay_together(
    labels: pa.Table,
    covers: tuple[pa.Table, Rows, pa.Array],
    shares: Sequence[FusedIncidents],
    *,
    pairs: tuple[pa.Table, pa.Table],
    doubts: tuple[pa.Table, pa.Table],
    conflicts: Sequence[tuple[str, tuple[Judgement, ...]]],
    order_of: pa.Array,
) -> FusedReports:
    """Return what fusing all reports at once gives, from what came of all shares.

    Parameters
    ----------
    labels : pa.Table
        Schema `LABEL`, of all shares.
    covers : tuple
        Of `covers_of`.
    shares : sequence of FusedIncidents
        In any order.
    pairs : tuple of two pa.Table
        Schema `match.PAIR`: within shares, and between them.
    doubts : tuple of two pa.Table
        Schema `OPEN`: within shares, and between them.
    conflicts : sequence
        Of all shares.
    order_of : string array
        Report ids as `Matched.event` is wanted.
    """
    rows, _ = canonical_order(labels)
    ids = whole(labels["report_id"]).take(pa.array(rows))
    counts, event, firsts = covers
    links = pa.concat_tables([one.links for one in shares]).unify_dictionaries()
    incidents = pa.concat_tables([one.incidents for one in shares]).unify_dictionaries().combine_chunks()
    incidents = incidents.take(pa.array(order_by(incidents["incident_id"], incidents["occurred_from"])))
    own = pc.index_in(order_of, value_set=whole(labels["report_id"]))
    told = pa.concat_tables([pairs[0], _told_apart(pairs[1], labels)]).unify_dictionaries().combine_chunks()
    undecided = doubts[1].filter(pa.array(~_by_keys(doubts[1], labels)))
    return FusedReports(
        fused=FusedIncidents(
            incidents=with_sorted_words(in_one_piece(incidents)),
            links=_links(links, labels, counts, firsts),
        ),
        matched=Matched(
            event=event[np.asarray(own, dtype=np.int64)],
            pairs=told.take(pa.array(_order(told, ids))).combine_chunks(),
            doubtful=_doubtful(doubts[0], undecided, labels, ids),
            covers=counts,
            conflicts=tuple(group for _, group in sorted(conflicts, key=lambda one: pc.index(ids, one[0]).as_py())),
        ),
    )


def _by_keys(pairs: pa.Table, labels: pa.Table) -> Mask:
    """Return which pairs between shares are told apart by keys of one space."""
    told = whole(labels["spaces"])
    sets = [set((words or "").split(_END)[:-1]) for words in [*told.dictionary.to_pylist(), None]]
    meet = np.array([[bool(one & other) for other in sets] for one in sets])
    codes = np.asarray(told.indices.fill_null(len(sets) - 1), dtype=np.int64)
    a, b = (
        codes[np.asarray(pc.index_in(whole(pairs[name]), value_set=whole(labels["report_id"])), dtype=np.int64)]
        for name in PAIR.names[:2]
    )
    return np.asarray(meet[a, b])


def _told_apart(pairs: pa.Table, labels: pa.Table) -> pa.Table:
    """Return pairs between shares with what keys say of them, which is no guess."""
    by_keys = _by_keys(pairs, labels)
    decision = np.where(
        by_keys, TOLD_APART, np.asarray(pc.index_in(pairs["decision"].cast(pa.string()), pa.array(DECISIONS)))
    )
    probability = np.where(by_keys, 0, np.asarray(whole(pairs["match_probability"])))
    for name, column in {
        "match_probability": pa.array(probability, pa.float32()),
        "decision": pa.DictionaryArray.from_arrays(pa.array(decision, pa.int32()), pa.array(DECISIONS)),
    }.items():
        pairs = pairs.set_column(PAIR.get_field_index(name), PAIR.field(name), column)
    return pairs


def _order(pairs: pa.Table, ids: pa.Array, *more: npt.NDArray[np.float64]) -> Rows:
    a, b = (np.asarray(pc.index_in(whole(pairs[name]), value_set=ids)) for name in ("report_a", "report_b"))
    return np.asarray(np.lexsort((b, a, *more)))


def _links(links: pa.Table, labels: pa.Table, counts: pa.Table, firsts: pa.Array) -> pa.Table:
    """Return all links by report, what it is of first; those of totals to what they count come last."""
    words = links.set_column(2, "relation", links["relation"].cast(pa.string()))
    keys = [("report_id", "ascending"), ("relation", "descending"), ("incident_id", "ascending")]
    own = words.sort_by(keys).cast(LINK)
    if not counts.num_rows:
        return own
    same = words.filter(pc.equal(words["relation"], "same"))
    at = pc.index_in(whole(same["report_id"]), value_set=whole(labels["report_id"]))
    clusters = whole(labels["first"]).take(at)
    place = pc.index_in(firsts.take(whole(counts["event"])), value_set=clusters)
    counted = counts.filter(pc.is_valid(place))
    totals = pa.table(
        {
            "report_id": counted["report_id"],
            "incident_id": whole(same["incident_id"]).take(place.drop_null()),
            "relation": relations(counted.num_rows, "covers"),
        },
        schema=LINK,
    )
    totals = totals.take(pc.sort_indices(totals, [("report_id", "ascending"), ("incident_id", "ascending")]))
    return pa.concat_tables([own, totals]).unify_dictionaries().combine_chunks()


def _doubtful(inside: pa.Table, between: pa.Table, labels: pa.Table, ids: pa.Array) -> pa.Table:
    """Return doubtful pairs, the most consequential first; between shares, for as many reports as both ends have."""
    first = whole(labels["first"]).dictionary_encode()
    size = np.bincount(np.asarray(first.indices), minlength=1)[np.asarray(first.indices)]
    touched = np.ones(between.num_rows, dtype=np.int64)
    for name in ("report_a", "report_b"):
        own = pc.index_in(whole(between[name]), value_set=whole(labels["report_id"]))
        touched = touched * size[np.asarray(own, dtype=np.int64)]
    changes = touched * np.asarray(whole(between["changes"]))
    place = OPEN.get_field_index("changes")
    table = pa.concat_tables([inside, between.set_column(place, OPEN.field(place), pa.array(changes))])
    return table.take(pa.array(_order(table, ids, -np.asarray(whole(table["changes"]))))).cast(DOUBTFUL)
