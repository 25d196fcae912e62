"""Reports in parts by time, each with a halo wide enough that its pairs weigh what they weigh among all reports.

Which parts a report goes to depends on its span of time alone, and spans repeat: so the plan is made from the distinct
spans, and whoever holds some of the reports can say without the others where each of them goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.blocking import Reach
from ceasefire.fusion.canonical import canonical_order, in_one_piece, whole
from ceasefire.fusion.parts import halo, scored_edges, time_parts
from ceasefire.fusion.traits import UNDATED, times_of
from ceasefire.fusion.weights import Weights
from ceasefire.model.schemas import INSTANT

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SPAN = pa.schema([("occurred_from", INSTANT), ("occurred_until", INSTANT), ("reports", pa.int64())])
"""Distinct spans of time and how many reports are of each."""
_MOST_WEIGHED = 1_000_000  # reports that stand for all when parts are cut
_NOT_KNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Plan:
    """Which parts the reports of each span go to.

    Parameters
    ----------
    spans : int64 array, shape (s, 2)
        Distinct spans in UTC microseconds, sorted.
    core : int64 array, shape (s,)
        The part that gives the pairs whose first report is of the span; -1 where it is compared with none.
    needed : bool array, shape (s, parts)
        Which parts need reports of the span, as core or as halo.
    """

    spans: Rows
    core: Rows
    needed: Mask

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return int(self.needed.shape[1])

    def places(self, reports: pa.Table) -> Rows:
        """Return the span of each report, as a place in `spans`."""
        spans = _spans(reports)
        # places of whole rows: by their ranks in both columns
        firsts, ends = np.unique(self.spans[:, 0]), np.unique(self.spans[:, 1])
        wide = len(ends) + 1
        known = np.searchsorted(firsts, self.spans[:, 0]) * wide + np.searchsorted(ends, self.spans[:, 1])
        own = np.searchsorted(firsts, spans[:, 0]) * wide + np.searchsorted(ends, spans[:, 1])
        return np.asarray(np.searchsorted(known, own), dtype=np.int64)


def _spans(reports: pa.Table) -> Rows:
    ends = (whole(reports[name]).cast(pa.int64()).fill_null(_NOT_KNOWN) for name in SPAN.names[:2])
    return np.stack([np.asarray(end) for end in ends], axis=1).reshape(-1, 2)


def spans_of(reports: pa.Table) -> pa.Table:
    """Return the distinct spans of reports, schema `SPAN`; tables of it may be laid one after another."""
    spans, counts = np.unique(_spans(reports), axis=0, return_counts=True)
    return _span_table(spans, counts)


def _span_table(spans: Rows, counts: Rows) -> pa.Table:
    ends = [pa.array(end, mask=end == _NOT_KNOWN).cast(INSTANT) for end in spans.T]
    return pa.Table.from_arrays([*ends, pa.array(counts, pa.int64())], schema=SPAN)


def plan_of(spans: pa.Table, *, reach: Reach, reports_per_part: int, halo_steps: int = 2) -> Plan:
    """Return the parts into which reports of these spans are laid.

    Parameters
    ----------
    spans : pa.Table
        Schema `SPAN`; a span may occur several times.
    reach : Reach
        Of the weights.
    reports_per_part : int
        About how many reports are the core of one part.
    halo_steps : int
        As `parts.halo`; fewer than two give other results, which tests make use of.
    """
    each, of = np.unique(_spans(spans), axis=0, return_inverse=True)
    counts = np.bincount(of.ravel(), weights=np.asarray(whole(spans["reports"])), minlength=len(each)).astype(np.int64)
    table = _span_table(each, counts)
    total = int(counts.sum())
    shown = np.repeat(np.arange(len(each)), np.maximum(counts // max(total // _MOST_WEIGHED, 1), 1))
    parts = max(-(-total // reports_per_part), 1)
    core = np.full(len(each), -1, dtype=np.int64)
    core[shown] = time_parts(table.take(pa.array(shown)), parts) if len(shown) else 0
    core[times_of(table).time_class == UNDATED] = -1
    needed = np.zeros((len(each), parts), dtype=bool)
    for part in range(parts):
        needed[:, part] = halo(table, core == part, reach=reach, steps=halo_steps)
    return Plan(each, core, needed)


def copies(reports: pa.Table, plan: Plan) -> dict[int, pa.Table]:
    """Return by part the reports that it needs of these."""
    places = plan.places(reports)
    wanted = plan.needed[places]
    found = {part: np.flatnonzero(wanted[:, part]) for part in range(plan.parts)}
    return {part: reports.take(pa.array(rows)) for part, rows in found.items() if len(rows)}


def part_edges(reports: pa.Table, part: int, plan: Plan, *, register: ActorRegister, weights: Weights) -> pa.Table:
    """Return the pairs of a part: those whose first report is in its core, schema `parts.EDGE`.

    Parameters
    ----------
    reports : pa.Table
        All that `copies` gives for the part, from all reports, in any order.
    """
    once, _ = canonical_order(reports)
    reports = in_one_piece(reports.take(pa.array(once)))
    core = plan.core[plan.places(reports)] == part
    return scored_edges(reports, core, register=register, weights=weights)
