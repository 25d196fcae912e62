"""The reports held at a position of the ledger: latest revision of each, with when it was first recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import UNRESOLVED, ActorRegister
from ceasefire.ledger.batches import BatchStore
from ceasefire.model.rows import list_keys
from ceasefire.model.schemas import INSTANT, REPORT, empty
from ceasefire.pipeline.history import History

_OF_THE_RECORDING = ("recorded_at", "document_id")
"""Columns that say how a report came to us, not what it says: a report that differs only there is unchanged."""
_NAMES_ACTORS = ("sides", "perpetrators", "targets")


@dataclass(frozen=True, slots=True)
class Sorted:
    """Reports read from a file, sorted by what is held already.

    Parameters
    ----------
    fresh : Table
        Reports not held, and reports held with other content (revisions), in file order.
    revised, unchanged : int
        How many of `fresh` are revisions; how many are held already, word for word.
    """

    fresh: pa.Table
    revised: int
    unchanged: int


def held_reports(history: History, batches: BatchStore) -> pa.Table:
    """Return the reports of all imports and of the case in effect.

    Of a report that was revised the latest content counts; `recorded_at` stays when it was first recorded, so that
    an incident keeps its id.

    Returns
    -------
    Table
        Of schema `model.schemas.REPORT`, in the order of recording.
    """
    pieces = list(_batches(history, batches))
    table = pa.concat_tables([empty(REPORT), *pieces]).combine_chunks()
    if not table.num_rows:
        return table
    rows = pa.table({"report_id": table["report_id"], "row": np.arange(table.num_rows)})
    ends = rows.group_by("report_id", use_threads=False).aggregate([("row", "min"), ("row", "max")])
    first, last = ends["row_min"].to_numpy(), ends["row_max"].to_numpy()
    order = np.argsort(first, kind="stable")
    recorded_at = table["recorded_at"].combine_chunks().take(pa.array(first[order]))
    latest = table.take(pa.array(last[order]))
    latest = latest.set_column(REPORT.get_field_index("recorded_at"), REPORT.field("recorded_at"), recorded_at)
    in_case = set(_case_report_ids(history, batches))
    ever_in_case = set(_case_report_ids(history, batches, ever=True))
    # the case as edited no longer holds them, or the submission that they came of now speaks for somebody else
    dropped = pa.array(sorted((ever_in_case - in_case) | withdrawn_reports(history, batches)), pa.string())
    return latest.filter(pc.invert(pc.is_in(latest["report_id"], value_set=dropped)))


def withdrawn_reports(history: History, batches: BatchStore) -> set[str]:
    """Return the ids of reports that an import took back, and none brought again."""
    gone: set[str] = set()
    for entry in history.imports:
        if gone and "reports" in entry.content:
            gone -= set(batches.get_table(entry.content["reports"])["report_id"].to_pylist())
        gone |= set(entry.payload.get("withdrawn", ()))
    return gone


def sort_reports(incoming: pa.Table, held: pa.Table) -> Sorted:
    """Tell new and revised reports from those that are held already.

    Parameters
    ----------
    incoming, held : Table
        Of schema `model.schemas.REPORT`.
    """
    place = pc.index_in(incoming["report_id"], value_set=held["report_id"].combine_chunks()).combine_chunks()
    known = np.flatnonzero(pc.is_valid(place).to_numpy(zero_copy_only=False))
    ours = held.take(place.drop_null())
    theirs = incoming.take(pa.array(known))
    differs = np.zeros(len(known), dtype=bool)
    for name in REPORT.names:
        if name not in _OF_THE_RECORDING:
            differs |= _differs(ours[name], theirs[name])
    fresh = np.ones(incoming.num_rows, dtype=bool)
    fresh[known[~differs]] = False
    return Sorted(incoming.filter(pa.array(fresh)), int(differs.sum()), int((~differs).sum()))


def resolve_anew(reports: pa.Table, register: ActorRegister) -> pa.Table:
    """Look up again the actor names that were unknown when their report was read.

    A case's register grows; a name that was on no list then may be on it now. Ids resolved before stay.
    """
    for name in _NAMES_ACTORS:
        values = pc.list_flatten(reports[name])
        while pa.types.is_list(values.type):
            values = pc.list_flatten(values)
        if not any(text.startswith(UNRESOLVED) for text in pc.unique(values.drop_null()).to_pylist()):
            continue
        instants = reports["occurred_from"].cast(pa.int64()).to_pylist()
        lists = [_resolved(value, register, at) for value, at in zip(reports[name].to_pylist(), instants, strict=True)]
        field = REPORT.field(name)
        reports = reports.set_column(REPORT.get_field_index(name), field, pa.array(lists, type=field.type))
    return reports


def _resolved(value: object, register: ActorRegister, at: int | None) -> object:
    """Resolve the unresolved names of one report's list of actors, or of its list of sides."""
    if not isinstance(value, list):
        return value
    found: list[object] = []
    for item in value:
        if isinstance(item, list):
            found.append(_resolved(item, register, at))
        elif isinstance(item, str) and item.startswith(UNRESOLVED):
            found += register.resolve_side(item.removeprefix(UNRESOLVED), at=at)
        else:
            found.append(item)
    return found


def _batches(history: History, batches: BatchStore) -> Iterator[pa.Table]:
    """Yield the batches of reports in the order of the ledger, each with its recording instant."""
    for entry in sorted((*history.adoptions, *history.imports), key=lambda entry: entry.position):
        if "reports" in entry.content:
            table = conform(batches.get_table(entry.content["reports"]))
            recorded_at = pa.repeat(pa.scalar(entry.recorded_at, INSTANT), table.num_rows)
            yield table.set_column(REPORT.get_field_index("recorded_at"), REPORT.field("recorded_at"), recorded_at)


def _case_report_ids(history: History, batches: BatchStore, *, ever: bool = False) -> Iterator[str]:
    for entry in history.adoptions if ever else history.adoptions[-1:]:
        yield from batches.get_table(entry.content["reports"])["report_id"].to_pylist()


def conform(table: pa.Table) -> pa.Table:
    """Give a batch the columns of today's schema: one that it was recorded without is null."""
    columns = [
        table[field.name].cast(field.type) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in REPORT
    ]
    return pa.table(columns, schema=REPORT)


def _differs(ours: pa.ChunkedArray, theirs: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Compare two columns row by row; null equals null."""
    if pa.types.is_list(ours.type):  # Arrow compares no lists
        ours, theirs = list_keys(_piece(ours)), list_keys(_piece(theirs))
    elif pa.types.is_dictionary(ours.type):
        ours, theirs = ours.cast(pa.string()), theirs.cast(pa.string())
    same = pc.equal(ours, theirs)
    both_null = pc.and_(pc.is_null(ours), pc.is_null(theirs))
    return ~np.asarray(pc.or_(pc.fill_null(same, False), both_null), dtype=bool)


def _piece(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
