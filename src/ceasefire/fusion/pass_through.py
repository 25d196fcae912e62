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

from ceasefire.fusion.canonical import recorded_order
from ceasefire.fusion.reconcile import reconcile
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
    reports = events_as_recorded(reports)
    event, covered = _groups(reports)
    return assembled(reports, event, covered)


def assembled(reports: pa.Table, event: Codes, covered: list[tuple[int, int]]) -> FusedIncidents:
    """Return the incidents of reports whose events are known.

    Parameters
    ----------
    reports : pa.Table
        Of `events_as_recorded`.
    event : int64 array, one a report
        The event each is of, numbered from 0 without gaps in the order of their first reports.
    covered : list of (int, int)
        Rows of reports, and of reports whose events they cover.
    """
    ids = _incident_ids(reports, event)
    covers: dict[int, set[int]] = defaultdict(set)
    for row, target in covered:
        if event[row] != event[target]:
            covers[int(event[row])].add(int(event[target]))
    incidents = reconcile(reports, event, ids, covers)
    incidents = incidents.sort_by([("occurred_from", "ascending"), ("incident_id", "ascending")])
    return FusedIncidents(incidents=incidents, links=_links(reports, event, ids, covered))


def events_as_recorded(reports: pa.Table) -> pa.Table:
    """Return the event reports by time of recording and id, each id once, each column in one piece."""
    kinds = np.asarray(pc.equal(pc.cast(reports["kind"], pa.string()), ReportKind.EVENT.value).fill_null(False))
    if not kinds.all():
        reports = reports.filter(pa.array(kinds))
    return reports.take(pa.array(recorded_order(reports))).unify_dictionaries().combine_chunks()


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
    kinds = _whole(reports["kind"]).cast(pa.string()).take(pa.array(rows))
    events = np.flatnonzero(np.asarray(pc.equal(kinds, ReportKind.EVENT.value).fill_null(False)))
    if len(events):
        some = reports.select(_SELF).take(pa.array(rows[events])).unify_dictionaries().combine_chunks()
        codes = _groups(some)[0]
        groups[events] = events[first_rows(codes)][codes]
    return groups


def numbered(event: Codes) -> Codes:
    """Return events numbered from 0 without gaps, in the order of their first report."""
    codes, firsts, inverse = np.unique(event, return_index=True, return_inverse=True)
    rank = np.empty(len(codes), dtype=np.int64)
    rank[np.argsort(firsts)] = np.arange(len(codes))
    return np.asarray(rank[inverse])


def covered_by_reference(reports: pa.Table) -> list[tuple[int, int]]:
    """Return rows of reports, and of the reports whose events they say they cover.

    Parameters
    ----------
    reports : pa.Table
        Of `events_as_recorded`.
    """
    return _groups(reports)[1]


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
    event = _united(event, same)
    return numbered(event), covered


def _references(reports: pa.Table, event: Codes) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return pairs of events that are the same, and pairs of report and report covered; absent records give none."""
    referring = np.flatnonzero(np.asarray(pc.fill_null(pc.list_value_length(reports["refers_to"]), 0)) > 0)
    if not len(referring):
        return [], []
    some = reports.take(pa.array(referring))
    referred, relations = some["refers_to"].to_pylist(), some["relation"].to_pylist()
    present = _rows_of_records(reports, {record for records in referred for record in records})
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


def _rows_of_records(reports: pa.Table, records: set[str]) -> dict[str, int]:
    """Return the row of each record that is present, by ``source_id:source_report_id``."""
    source = pc.cast(_whole(reports["source_id"]), pa.string())
    keys = pc.binary_join_element_wise(source, _whole(reports["source_report_id"]), ":")
    rows = np.flatnonzero(np.asarray(pc.fill_null(pc.is_in(keys, pa.array(sorted(records), pa.string())), False)))
    return dict(zip(keys.take(pa.array(rows)).to_pylist(), rows.tolist(), strict=True))


def _united(event: Codes, pairs: list[tuple[int, int]]) -> Codes:
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


def _incident_ids(reports: pa.Table, event: Codes) -> pa.Array:
    """Return the id of each event: that of its first report in canonical order."""
    firsts = _whole(reports["report_id"]).take(pa.array(first_rows(event))) if len(event) else pa.array([], pa.string())
    return pc.binary_join_element_wise("inc", pc.replace_substring_regex(firsts, r"^rep-", ""), "-")


def _links(reports: pa.Table, event: Codes, ids: pa.Array, covered: list[tuple[int, int]]) -> pa.Table:
    report_ids = _whole(reports["report_id"]) if len(event) else pa.array([], pa.string())
    covering = sorted({(row, int(event[target])) for row, target in covered if event[row] != event[target]})
    rows = pa.array([row for row, _ in covering], pa.int64())
    targets = pa.array([target for _, target in covering], pa.int64())
    relation = ["same"] * len(event) + ["covers"] * len(covering)
    table = pa.table(
        {
            "report_id": pa.concat_arrays([report_ids, report_ids.take(rows)]),
            "incident_id": pa.concat_arrays([ids.take(pa.array(event)), ids.take(targets)]),
            "relation": pa.array(relation, pa.string()),
        }
    )
    keys = [("report_id", "ascending"), ("relation", "descending"), ("incident_id", "ascending")]
    return table.sort_by(keys).cast(LINK)
