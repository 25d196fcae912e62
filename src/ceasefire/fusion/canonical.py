"""Reports in one order, each once, however often and in whatever order given; and what they say of themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.pass_through import groups_by_key
from ceasefire.model.rows import equal_rows, first_rows
from ceasefire.model.vocabulary import ReportKind

Rows = npt.NDArray[np.int64]


def canonical_order(reports: pa.Table) -> tuple[Rows, Rows]:
    """Return the rows to take, each report once by its id, and for each row given its place among them."""
    ids = _whole(reports["report_id"])
    order = np.asarray(pc.sort_indices(ids), dtype=np.int64)
    codes = equal_rows([ids.take(pa.array(order))]) if len(order) else order
    place = np.empty(len(order), dtype=np.int64)
    place[order] = codes
    return order[first_rows(codes)] if len(order) else order, place


def canonical_reports(reports: pa.Table) -> pa.Table:
    """Return the reports by id, each once, each column in one piece."""
    return reports.take(pa.array(canonical_order(reports)[0])).unify_dictionaries().combine_chunks()


def key_groups(reports: pa.Table) -> Rows:
    """Return for each report the smallest row of those that are of one event by what they say of themselves.

    Parameters
    ----------
    reports : pa.Table
        In canonical order; totals stand alone.
    """
    groups = np.arange(reports.num_rows, dtype=np.int64)
    events = np.flatnonzero(np.asarray(pc.equal(_whole(reports["kind"]).cast(pa.string()), ReportKind.EVENT.value)))
    if len(events):
        codes = groups_by_key(
            reports if len(events) == len(groups) else reports.take(pa.array(events)).combine_chunks()
        )
        groups[events] = events[first_rows(codes)][codes]
    return groups


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
