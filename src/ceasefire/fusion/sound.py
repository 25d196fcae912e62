"""Reports without what cannot be: an impossible value is a value that is not known, and the report is kept.

Importers refuse most of this at the door; a table made elsewhere may hold it all the same. What is left out is left out
of comparing and of incidents only, with a flag; the report itself stays in the record as its source gave it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.canonical import whole
from ceasefire.model.schemas import TOLLS
from ceasefire.model.vocabulary import ReportKind

Mask = npt.NDArray[np.bool_]

MOST_DEATHS = 1_000_000
"""A figure beyond this is no toll of one event: more died in none on record."""
_LIMITS = (("latitude", 90.0), ("longitude", 180.0))
NOBODY = ""
"""Whose report it is when no source is named; all such reports count as one source's, the cautious reading."""


def sound(reports: pa.Table) -> pa.Table:
    """Return the reports with what cannot be as not known; the same table where there is nothing of the kind.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`.

    Returns
    -------
    pa.Table
        Figures below zero or above `MOST_DEATHS` are null, flagged ``toll-impossible``; coordinates that are off the
        globe, no numbers, or only one of two are null, flagged ``no-coordinates``; an interval that ends before it
        begins has its ends exchanged, flagged ``times-exchanged``; no kind is *event*, no source is `NOBODY`.
    """
    if not reports.num_rows:
        return reports
    flags: dict[str, Mask] = {}
    reports, flags["toll-impossible"] = _tolls(reports)
    reports, flags["no-coordinates"] = _places(reports)
    reports, flags["times-exchanged"] = _times(reports)
    for name, word in (("kind", ReportKind.EVENT.value), ("source_id", NOBODY)):
        if reports[name].null_count:
            field = reports.schema.field(name)
            reports = _with(reports, name, pc.fill_null(whole(reports[name]).cast(pa.string()), word).cast(field.type))
    return _flagged(reports, {flag: mask for flag, mask in flags.items() if mask.any()})


def _tolls(reports: pa.Table) -> tuple[pa.Table, Mask]:
    impossible = np.zeros(reports.num_rows, dtype=bool)
    for name in (f"{toll}_{bound}" for toll in TOLLS for bound in ("low", "best", "high")):
        range_ = pc.min_max(reports[name]).as_py()
        if range_["min"] is None or (range_["min"] >= 0 and range_["max"] <= MOST_DEATHS):
            continue
        figures = whole(reports[name])
        wrong = pc.fill_null(pc.or_(pc.less(figures, 0), pc.greater(figures, MOST_DEATHS)), False)
        impossible |= np.asarray(wrong)
        reports = _with(reports, name, pc.if_else(wrong, None, figures))
    return reports, impossible


def _places(reports: pa.Table) -> tuple[pa.Table, Mask]:
    bad = np.zeros(reports.num_rows, dtype=bool)
    for prefix in ("", "centre_"):
        names = [prefix + name for name, _ in _LIMITS]
        if any(name not in reports.column_names for name in names):
            continue
        values = [np.asarray(whole(reports[name]).fill_null(np.nan), dtype=np.float64) for name in names]
        usable = [np.abs(value) <= limit for value, (_, limit) in zip(values, _LIMITS, strict=True)]  # NaN is not
        given = pc.or_(*(pc.is_valid(whole(reports[name])) for name in names))
        wrong = np.asarray(given) & ~(usable[0] & usable[1])
        if wrong.any():
            bad |= wrong
            for name in names:
                reports = _with(reports, name, pc.if_else(pa.array(wrong), None, whole(reports[name])))
    return reports, bad


def _times(reports: pa.Table) -> tuple[pa.Table, Mask]:
    start, end = whole(reports["occurred_from"]), whole(reports["occurred_until"])
    backwards = pc.fill_null(pc.less(end, start), False)
    mask = np.asarray(backwards)
    if mask.any():
        reports = _with(reports, "occurred_from", pc.if_else(backwards, end, start))
        reports = _with(reports, "occurred_until", pc.if_else(backwards, start, end))
    return reports, mask


def _flagged(reports: pa.Table, flags: dict[str, Mask]) -> pa.Table:
    if not flags:
        return reports
    odd = np.flatnonzero(np.logical_or.reduce(list(flags.values())))
    lists = whole(reports["flags"]).take(pa.array(odd)).to_pylist()
    told = [
        sorted({*(held or ()), *(flag for flag, mask in flags.items() if mask[row])})
        for row, held in zip(odd.tolist(), lists, strict=True)
    ]
    place = np.arange(reports.num_rows)
    place[odd] = reports.num_rows + np.arange(len(odd))
    kind = reports.schema.field("flags").type
    column = pa.concat_arrays([whole(reports["flags"]), pa.array(told, kind)]).take(pa.array(place))
    return _with(reports, "flags", column)


def _with(reports: pa.Table, name: str, column: pa.Array) -> pa.Table:
    place = reports.schema.get_field_index(name)
    return reports.set_column(place, reports.schema.field(name), column)
