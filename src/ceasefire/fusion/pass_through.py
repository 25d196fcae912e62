"""Reports to incidents by what the reports themselves say: a shared event key, or the record they refer to.

Nothing is guessed here. Reports with one event key are of one event; a report that refers to one other
record as the *same* event takes its whole event with it; one that covers several events is an incident
of its own, linked to them and never merged with them. Totals over a period are no incidents.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.canonical import in_one_piece, order_by, recorded_order, with_sorted_words
from ceasefire.fusion.groups import Mask
from ceasefire.fusion.reconcile import reconcile
from ceasefire.fusion.sound import sound
from ceasefire.model.rows import Codes, equal_rows, first_rows
from ceasefire.model.schemas import WORD
from ceasefire.model.vocabulary import ReportKind

_SELF = ("event_key", "refers_to", "relation", "source_id", "source_report_id")
"""Columns by which reports say of which event they are."""
LINK = pa.schema([("report_id", pa.string()), ("incident_id", pa.string()), ("relation", WORD)])
"""Which incident a report is of (*same*), and which others it covers (*covers*)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedIncidents:
    """What fusion gives.

    Parameters
    ----------
    incidents : pa.Table
        Schema `model.schemas.INCIDENT`, by time of occurrence, then id.
    links : pa.Table
        Schema `LINK`, by report id, what it is of first.
    """

    incidents: pa.Table
    links: pa.Table


def fuse_by_event(reports: pa.Table) -> FusedIncidents:
    """Group reports into incidents and reconcile each group.

    The result depends neither on the order of the rows nor on rows that are given twice.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`; reports of any number of sources.

    Returns
    -------
    FusedIncidents
        An incident's id is made from its earliest-recorded report (the smallest report id among those recorded
        together, and reports not yet recorded last), so that it outlives further evidence.
    """
    reports, rows = events_as_recorded(reports)
    event, covered = _groups(_of_themselves(reports, rows))
    return assembled(reports, rows, event, covered)


def assembled(reports: pa.Table, rows: Codes, event: Codes, covered: list[tuple[int, int]]) -> FusedIncidents:
    """Return the incidents of reports whose events are known.

    Parameters
    ----------
    reports, rows : pa.Table, int64 array
        Of `events_as_recorded`.
    event : int64 array, one for each of `rows`
        The event each is of, numbered from 0 without gaps in the order of their first reports.
    covered : list of (int, int)
        Places in `rows` of reports, and of reports whose events they cover.
    """
    report_ids = _whole(reports["report_id"]).take(pa.array(rows))
    ids = _incident_ids(report_ids, event)
    covers: dict[int, set[int]] = defaultdict(set)
    for row, target in covered:
        if event[row] != event[target]:
            covers[int(event[row])].add(int(event[target]))
    incidents = reconcile(reports, rows, event, ids, covers)
    order = order_by(incidents["incident_id"], incidents["occurred_from"])
    incidents = with_sorted_words(incidents.take(pa.array(order)))
    return FusedIncidents(incidents=incidents, links=_links(report_ids, event, ids, covered))


def events_as_recorded(reports: pa.Table, also: pa.Array | None = None) -> tuple[pa.Table, Codes]:
    """Return the reports, a column a piece, and the rows of events by time of recording and id, each id once.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`.
    also : string array, optional
        Ids of totals that are taken for events.
    """
    reports = in_one_piece(sound(reports))
    event = ~_total(reports["kind"])
    if also is not None and len(also):
        event |= np.asarray(pc.is_in(_whole(reports["report_id"]), value_set=also))
    order = recorded_order(reports)
    return reports, order[event[order]]


def _total(kinds: pa.ChunkedArray) -> Mask:
    """Return which reports are no events; one whose kind nobody gives is an event, so that it is not lost."""
    return np.asarray(pc.equal(_whole(kinds).cast(pa.string()), ReportKind.TOTAL.value).fill_null(False))


def _of_themselves(reports: pa.Table, rows: Codes) -> pa.Table:
    """Return what reports say of which event they are, in the order of `rows`."""
    return in_one_piece(reports.select(_SELF).take(pa.array(rows)))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def key_groups(reports: pa.Table, rows: Codes) -> Codes:
    """Return for each report the smallest place of those that are of one event by what they say of themselves.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`.
    rows : int64 array, shape (n,)
        Those that count, each report once; totals stand alone.

    Returns
    -------
    int64 array, shape (n,)
    """
    groups = np.arange(len(rows), dtype=np.int64)
    refers = pc.fill_null(pc.list_value_length(reports["refers_to"]), 0)
    if reports["event_key"].null_count == reports.num_rows and not pc.any(pc.greater(refers, 0)).as_py():
        return groups
    events = np.flatnonzero(~_total(reports["kind"])[rows])
    if len(events):
        codes = _groups(_of_themselves(reports, rows[events]))[0]
        groups[events] = events[first_rows(codes)][codes]
    return groups


def told_apart(reports: pa.Table, rows: Codes) -> list[tuple[int, int]]:
    """Return pairs of places of reports of which one says that it covers the other: they are not of one event.

    Parameters
    ----------
    reports, rows : pa.Table, int64 array
        As for `key_groups`.

    Returns
    -------
    list of (int, int)
        Each pair once, the smaller place first.
    """
    if not pc.any(pc.greater(pc.fill_null(pc.list_value_length(reports["refers_to"]), 0), 0)).as_py():
        return []
    events = np.flatnonzero(~_total(reports["kind"])[rows])
    covered = _groups(_of_themselves(reports, rows[events]))[1]
    return sorted({(min(a, b), max(a, b)) for a, b in ((int(events[x]), int(events[y])) for x, y in covered) if a != b})


def numbered(event: Codes) -> Codes:
    """Return events numbered from 0 without gaps, in the order of their first report."""
    codes, firsts, inverse = np.unique(event, return_index=True, return_inverse=True)
    rank = np.empty(len(codes), dtype=np.int64)
    rank[np.argsort(firsts)] = np.arange(len(codes))
    return np.asarray(rank[inverse])


def covered_by_reference(reports: pa.Table, rows: Codes) -> list[tuple[int, int]]:
    """Return places in `rows` of reports, and of the reports whose events they say they cover.

    Parameters
    ----------
    reports, rows : pa.Table, int64 array
        Of `events_as_recorded`.
    """
    if not pc.any(pc.greater(pc.fill_null(pc.list_value_length(reports["refers_to"]), 0), 0)).as_py():
        return []
    return _groups(_of_themselves(reports, rows))[1]


def _groups(reports: pa.Table) -> tuple[Codes, list[tuple[int, int]]]:
    """Return for each report the number of its event, from 0 in canonical order, and pairs (report, report covered)."""
    n = reports.num_rows
    if not n:
        return np.zeros(0, dtype=np.int64), []
    own = np.arange(n, dtype=np.int64)
    keyed = np.asarray(pc.is_valid(reports["event_key"]))
    event = own.copy()
    if keyed.any():
        rows = own[keyed]
        codes = equal_rows([_whole(reports["event_key"]).filter(pa.array(keyed))])
        event[keyed] = rows[first_rows(codes)][codes]
    same, covered = _references(reports, event)
    event = united(event, same)
    return numbered(event), covered


def _references(reports: pa.Table, event: Codes) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return pairs of events that are the same, and pairs of report and report covered; absent records give none."""
    referring = np.flatnonzero(np.asarray(pc.fill_null(pc.list_value_length(reports["refers_to"]), 0)) > 0)
    if not len(referring):
        return [], []
    some = reports.take(pa.array(referring))
    referred, relations = some["refers_to"].to_pylist(), some["relation"].to_pylist()
    present = rows_of_records(reports, {record for records in referred for record in records})
    same: dict[int, set[int]] = defaultdict(set)  # by event: all the events its reports call the same
    covered: list[tuple[int, int]] = []
    claims: list[tuple[int, int]] = []
    for row, records, relation in zip(referring.tolist(), referred, relations, strict=True):
        found = [present[record] for record in records if record in present]
        if relation == "same" and len(records) == 1:
            claims += [(row, target) for target in found]
            same[int(event[row])].update(int(event[target]) for target in found)
        else:
            covered += [(row, target) for target in found]
    united = []
    for row, target in claims:
        if len(same[int(event[row])]) == 1:
            united.append((int(event[row]), int(event[target])))
        else:
            # its accounts call different records the same event: uniting would merge what their source keeps apart
            covered.append((row, target))
    return united, covered


def rows_of_records(reports: pa.Table, records: set[str]) -> dict[str, int]:
    """Return the row of each record that is present, by ``source_id:source_report_id``."""
    source = pc.cast(_whole(reports["source_id"]), pa.string())
    keys = pc.binary_join_element_wise(source, _whole(reports["source_report_id"]), ":")
    rows = np.flatnonzero(np.asarray(pc.fill_null(pc.is_in(keys, pa.array(sorted(records), pa.string())), False)))
    return dict(zip(keys.take(pa.array(rows)).to_pylist(), rows.tolist(), strict=True))


def united(event: Codes, pairs: list[tuple[int, int]]) -> Codes:
    """Return the smallest event connected with each row's event through `pairs`."""
    if not pairs:
        return event
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for pair in pairs:
        a, b = root(pair[0]), root(pair[1])
        parent[max(a, b)] = min(a, b)
    moved = np.arange(len(event), dtype=np.int64)
    for one in parent:
        moved[one] = root(one)
    return moved[event]


def _incident_ids(report_ids: pa.Array, event: Codes) -> pa.Array:
    """Return the id of each event: that of its first report in canonical order."""
    firsts = report_ids.take(pa.array(first_rows(event))) if len(event) else report_ids
    return pc.binary_join_element_wise("inc", pc.replace_substring_regex(firsts, r"^rep-", ""), "-")


def _links(report_ids: pa.Array, event: Codes, ids: pa.Array, covered: list[tuple[int, int]]) -> pa.Table:
    covering = sorted({(row, int(event[target])) for row, target in covered if event[row] != event[target]})
    rows = np.array([row for row, _ in covering], dtype=np.int64)
    targets = np.array([target for _, target in covering], dtype=np.int64)
    table = pa.table(
        {
            "report_id": report_ids.take(pa.array(np.r_[np.arange(len(event)), rows])),
            "incident_id": ids.take(pa.array(np.r_[event, targets])),
            "relation": relations(len(event), "same", len(covering), "covers"),
        },
        schema=LINK,
    )
    if covering:
        words = table.set_column(2, "relation", table["relation"].cast(pa.string()))
        keys = [("report_id", "ascending"), ("relation", "descending"), ("incident_id", "ascending")]
        return words.sort_by(keys).cast(LINK)
    return table.take(pa.array(order_by(table["report_id"])))


def relations(n: int, word: str, m: int = 0, other: str = "") -> pa.Array:
    """Return a column of `n` times one word and `m` times another."""
    codes = np.repeat(np.array([0, 1], dtype=np.int32), [n, m])
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array([word, other]))
