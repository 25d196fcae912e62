"""One incident from the reports of one event: for each field a value, its range, and whether accounts differ.

The rules, which `docs/data-formats.md` repeats for readers:

- *time*: that of the most precise account; where several are equally precise and overlap, what they share,
  and where they do not, the hull, with the flag ``times-differ``;
- *place*: that of the most precise account (a disc before an area, the smaller disc first), whole, with the
  flag ``places-differ`` where discs have no point in common;
- *tolls*: from the lowest to the highest figure of any account; the best is the median, rounded down, of one
  figure a lineage (the last a lineage gave), and `toll_disputed` says whether the best figures differ;
- denials count in `claims` only; an event that every account denies is kept, with the flag ``denied-only``.

One account alone is passed through unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.accounts import distinct_accounts
from ceasefire.fusion.canonical import in_one_piece
from ceasefire.fusion.groups import Groups, Mask, Values, joined_sets, unions
from ceasefire.fusion.reconciled_tolls import tolls_of
from ceasefire.model.claims import Account, write_claims
from ceasefire.model.rows import Codes
from ceasefire.model.schemas import INCIDENT, empty
from ceasefire.model.vocabulary import PlacePrecision, Stance, TimePrecision

_TIME_RANK = {precision.value: rank for rank, precision in enumerate(TimePrecision)}
_PLACE_RANK = {precision.value: rank for rank, precision in enumerate(PlacePrecision)}
_PLACE = ("place_name", "latitude", "longitude", "place_precision", "place_radius_km", "area_name")
_EARTH_RADIUS_KM = 6371.0088
_SHORT_TITLE = 120
# what the accounts hold already, or no incident does
_NOT_NEEDED = frozenset(
    {
        "source_report_id", "kind", "party", "document_id", "refers_to", "relation", "denial_scope", "denied", "sides",
        "perpetrators", "targets", "invokes", "alleges", "text_language", "address", "unverified", "centre_latitude",
        "centre_longitude",
    }
)  # fmt: skip
_FIRST, _LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


def reconcile(reports: pa.Table, rows: Codes, event: Codes, ids: pa.Array, covers: Mapping[int, set[int]]) -> pa.Table:
    """Return one incident for each event.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, each column in one piece.
    rows : int64 array
        The rows that count, in canonical order.
    event : int64 array, one for each of `rows`
        The event each report is of, numbered from 0 without gaps.
    ids : string array, one an event
        Incident ids.
    covers : mapping of int to set of int
        Events to the events they cover.

    Returns
    -------
    pa.Table
        Schema `model.schemas.INCIDENT`, in no particular order.
    """
    if not len(rows):
        return empty(INCIDENT)
    accounts, account_of = distinct_accounts(reports)
    account_of = account_of[rows]
    said = reports.select([name for name in reports.column_names if name not in _NOT_NEEDED])
    alone = np.bincount(event)[event] == 1
    parts = []
    if alone.any():
        lone = said.take(pa.array(rows[alone]))
        parts.append(_alone(lone, ids.take(pa.array(event[alone])), accounts, account_of[alone]))
    if not alone.all():
        several = np.flatnonzero(~alone)
        order = several[np.argsort(event[several], kind="stable")]
        parts.append(_together(said.take(pa.array(rows[order])), event[order], ids, accounts, account_of[order]))
    incidents = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    return _with_coverage(incidents, ids, covers)


def _alone(reports: pa.Table, ids: pa.Array, accounts: Sequence[Account], account_of: Codes) -> pa.Table:
    """Return the incidents of single reports, column by column."""
    n = reports.num_rows
    used = np.unique(account_of)
    claims = pa.array([write_claims([accounts[one]]) for one in used.tolist()], pa.string())
    indices = pa.array(np.searchsorted(used, account_of).astype(np.int32))
    denied = pc.equal(pc.cast(reports["stance"], pa.string()), Stance.DENIES.value)
    no_lists = pa.ListArray.from_arrays(pa.array(np.zeros(n + 1, dtype=np.int32)), pa.array([], pa.string()))
    columns: dict[str, Any] = {
        "incident_id": ids,
        "report_ids": pa.ListArray.from_arrays(
            pa.array(np.arange(n + 1, dtype=np.int32)), reports["report_id"].combine_chunks()
        ),
        "covers": no_lists,
        "covered_by": no_lists,
        "lineages": reports["lineage"],
        "title": _titles(reports),
        "claims": pa.DictionaryArray.from_arrays(indices, claims),
        "toll_disputed": pa.repeat(False, n),
    }
    table = pa.Table.from_arrays(
        [columns.get(name, reports[name] if name in reports.column_names else None) for name in INCIDENT.names],
        schema=INCIDENT,
    )
    if not pc.any(denied).as_py():
        return table
    # rare: a denial that nobody's account stands against
    mask = np.asarray(denied)
    rows = table.filter(pa.array(mask)).to_pylist()
    denials = [row | {"lineages": [], "flags": sorted({*(row["flags"] or ()), "denied-only"})} for row in rows]
    return pa.concat_tables([table.filter(pa.array(~mask)), pa.Table.from_pylist(denials, schema=INCIDENT)])


def _titles(reports: pa.Table) -> pa.Array:
    """Return the first line of each report's text, else its place."""
    first = pc.list_element(pc.split_pattern(pc.fill_null(reports["text"], ""), "\n", max_splits=1), 0)
    short = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(first), 0, _SHORT_TITLE)
    return pc.coalesce(
        pc.if_else(pc.equal(short, ""), None, short), reports["place_name"], reports["area_name"].cast(pa.string())
    )


def _together(rows: pa.Table, event: Codes, ids: pa.Array, accounts: Sequence[Account], account_of: Codes) -> pa.Table:
    """Return the incidents of several reports, column by column; `rows` by event, then in canonical order."""
    rows = in_one_piece(rows)
    groups = Groups(event)
    asserting = ~_equal(rows["stance"], Stance.DENIES.value)
    denied_only = ~groups.any(asserting)
    basis = asserting | denied_only[groups.of]
    time, times_differ = _time(rows, groups, basis)
    place, places_differ = _place(rows, groups, basis)
    tolls, disputed = tolls_of(rows, groups, basis)
    first = groups.first(basis)
    keyed = groups.first(basis & np.asarray(pc.is_valid(rows["event_key"])))
    titled = pa.array(np.where(keyed >= 0, keyed, first))
    columns = {
        "incident_id": ids.take(pa.array(event[groups.starts])),
        "report_ids": pa.ListArray.from_arrays(groups.offsets, _whole(rows["report_id"])),
        "covers": groups.empty_lists(),
        "covered_by": groups.empty_lists(),
        "lineages": unions(_whole(rows["lineage"]), groups, asserting),
        **time,
        **place,
        "title": _titles(rows).combine_chunks().take(titled),
        "acts": unions(_whole(rows["acts"]), groups, basis),
        "claims": _claims(accounts, account_of, groups),
        **tolls,
        "toll_disputed": pa.array(disputed),
        "flags": unions(
            _whole(rows["flags"]),
            groups,
            np.ones(len(event), dtype=bool),
            {"denied-only": denied_only, "times-differ": times_differ, "places-differ": places_differ},
        ),
    }
    arrays = [columns[field.name] for field in INCIDENT]
    return pa.Table.from_arrays(
        [a.cast(field.type) if a.type != field.type else a for a, field in zip(arrays, INCIDENT, strict=True)],
        schema=INCIDENT,
    )


def _claims(accounts: Sequence[Account], account_of: Codes, groups: Groups) -> pa.Array:
    """Return what is said of each event: its distinct accounts, as `write_claims` writes them, each set once."""
    places, codes = np.unique(account_of, return_inverse=True)
    used = places.tolist()
    by_account = sorted(range(len(used)), key=lambda one: accounts[used[one]])
    rank = np.empty(len(used), dtype=np.int64)
    rank[by_account] = np.arange(len(used))
    # one account's claims are a list of one: what stands between the brackets
    written = pa.array([write_claims([accounts[used[one]]])[1:-1] for one in by_account], pa.string())
    sets, set_of = joined_sets(rank[codes], groups)
    texts = pc.binary_join_element_wise("[", pc.binary_join(written_lists(sets, written), ","), "]", "")
    return pa.DictionaryArray.from_arrays(pa.array(set_of.astype(np.int32)), texts)


def written_lists(sets: pa.ListArray, values: pa.Array) -> pa.ListArray:
    """Return lists of values from lists of their places."""
    return pa.ListArray.from_arrays(sets.offsets, values.take(sets.values))


def _time(rows: pa.Table, groups: Groups, basis: Mask) -> tuple[dict[str, pa.Array], Mask]:
    """Return the time of the most precise account, and whether another has no moment in common with it."""
    start, end = (_instants(rows[name]) for name in ("occurred_from", "occurred_until"))
    dated = basis & np.asarray(pc.is_valid(rows["occurred_from"]))
    rank = _ranks(rows["time_precision"], _TIME_RANK, TimePrecision.UNKNOWN.value)
    least = groups.min(rank, dated, _LAST)
    best = dated & (rank == least[groups.of])
    shared = groups.max(start, best, _FIRST), groups.min(end, best, _LAST)
    instant = start == end
    met = _meet(*shared, groups.any(best & instant))
    hull = groups.min(start, best, _LAST), groups.max(end, best, _FIRST)
    begin, until = (np.where(met, inner, outer) for inner, outer in zip(shared, hull, strict=True))
    own = _meet(np.maximum(begin[groups.of], start), np.minimum(until[groups.of], end), instant)
    known = groups.any(dated)
    differ = known & (~met | groups.any(dated & ~own))
    words = _words(rows["time_precision"]).take(pa.array(np.maximum(groups.first(best), 0)))
    blurred = ~met & (least <= _TIME_RANK[TimePrecision.DAY.value])
    words = pc.if_else(pa.array(blurred & known), TimePrecision.DAYS.value, words)
    kind = INCIDENT.field("occurred_from").type
    return {
        "occurred_from": pa.array(begin, mask=~known).cast(kind),
        "occurred_until": pa.array(until, mask=~known).cast(kind),
        "time_precision": pc.if_else(pa.array(known), words, TimePrecision.UNKNOWN.value),
    }, differ


def _meet(start: Values, end: Values, instant: Mask) -> Mask:
    """Whether what is shared is more than the moment at which one span ends and the next begins."""
    return np.asarray((start < end) | ((start == end) & instant))


def _place(rows: pa.Table, groups: Groups, basis: Mask) -> tuple[dict[str, pa.Array], Mask]:
    """Return the place of the most precise account, and whether a disc of another lies wholly apart from it."""
    radius = _numbers(rows["place_radius_km"])
    size = np.where(np.isnan(radius) | (radius == 0), np.inf, radius)
    rank = _ranks(rows["place_precision"], _PLACE_RANK, PlacePrecision.UNKNOWN.value)
    # a disc without its centre says no more than an area
    nowhere = np.isnan(_numbers(rows["latitude"])) & (rank <= _PLACE_RANK[PlacePrecision.NEAR.value])
    rank = np.where(nowhere, _PLACE_RANK[PlacePrecision.UNKNOWN.value], rank)
    order = np.lexsort((size, rank, ~basis, groups.of))  # of equals, the first in canonical order stays first
    chosen = order[groups.starts]
    latitude, longitude = (np.radians(_numbers(rows[name])) for name in ("latitude", "longitude"))
    mine = chosen[groups.of]
    half = (
        np.sin((latitude - latitude[mine]) / 2) ** 2
        + np.cos(latitude[mine]) * np.cos(latitude) * np.sin((longitude - longitude[mine]) / 2) ** 2
    )
    with np.errstate(invalid="ignore"):
        distance_km = 2 * _EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
        reach = np.nan_to_num(radius)
        apart = groups.any(basis & (distance_km > reach[mine] + reach))
    place = {name: _whole(rows[name]).take(pa.array(chosen)) for name in _PLACE}
    named = groups.first(basis & np.asarray(pc.is_valid(rows["area_name"])))
    otherwise = _words(rows["area_name"]).take(pa.array(named, mask=apart | (named < 0)))
    place["area_name"] = pc.coalesce(place["area_name"].cast(pa.string()), otherwise)
    return place, apart


def _equal(column: pa.ChunkedArray, value: str) -> Mask:
    return np.asarray(pc.fill_null(pc.equal(_words(column), value), False))


def _words(column: pa.ChunkedArray) -> pa.Array:
    return _whole(column).cast(pa.string())


def _ranks(column: pa.ChunkedArray, ranks: Mapping[str, int], otherwise: str) -> Values:
    words = _whole(column)
    of = np.array([*(ranks.get(word, ranks[otherwise]) for word in words.dictionary.to_pylist()), ranks[otherwise]])
    return np.asarray(of[np.asarray(pc.fill_null(words.indices, len(words.dictionary)))], dtype=np.int64)


def _instants(column: pa.ChunkedArray) -> Values:
    return np.asarray(pc.fill_null(_whole(column).cast(pa.int64()), 0))


def _numbers(column: pa.ChunkedArray) -> Any:
    return np.asarray(pc.fill_null(_whole(column).cast(pa.float64()), float("nan")))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _with_coverage(incidents: pa.Table, ids: pa.Array, covers: Mapping[int, set[int]]) -> pa.Table:
    """Fill `covers` and `covered_by` in."""
    if not covers:
        return incidents
    covered_ids = {ids[one].as_py(): sorted(ids[other].as_py() for other in others) for one, others in covers.items()}
    covering_ids: dict[str, list[str]] = {}
    for one, others in sorted(covered_ids.items()):
        for other in others:
            covering_ids.setdefault(other, []).append(one)
    for name, values in (("covers", covered_ids), ("covered_by", covering_ids)):
        known = list(values)
        place = pc.fill_null(pc.index_in(incidents["incident_id"], pa.array(known, pa.string())), len(known))
        lists = pa.array([*values.values(), []], pa.list_(pa.string())).take(place.combine_chunks())
        incidents = incidents.set_column(incidents.column_names.index(name), INCIDENT.field(name), lists)
    return incidents
