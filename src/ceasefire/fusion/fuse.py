"""Reports to incidents, all of it: what reports say of themselves, what people said, what the weights say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import whole
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.match import Matched, match_reports
from ceasefire.fusion.pass_through import (
    LINK,
    FusedIncidents,
    assembled,
    covered_by_reference,
    events_as_recorded,
    numbered,
    relations,
)
from ceasefire.fusion.weights import Weights
from ceasefire.model.schemas import INCIDENT
from ceasefire.model.vocabulary import ReportKind, Stance

_ENDS = ("report_id", "incident_id")
_TOTAL_ALONE = "total-alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedReports:
    """What fusion gives.

    Parameters
    ----------
    fused : FusedIncidents
        Incidents, and the links of reports to them; totals have only *covers*.
    matched : Matched
        The evidence behind them.
    """

    fused: FusedIncidents
    matched: Matched


def fuse_reports(
    reports: pa.Table,
    *,
    register: ActorRegister,
    weights: Weights,
    judgements: Iterable[Judgement] = (),
    progress: Callable[[str, int, int], None] | None = None,
) -> FusedReports:
    """Match reports and reconcile what came together, as `match.match_reports` and `reconcile.reconcile` say.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, in any order.
    register : ActorRegister
    weights : Weights
    judgements : iterable of Judgement
    progress : callable, optional
        Told what is being done.
    """
    matched = match_reports(reports, register=register, weights=weights, judgements=judgements, progress=progress)
    if progress:
        progress("reconciling reports", 0, reports.num_rows)
    return FusedReports(fused=incidents_of(reports, matched), matched=matched)


def incidents_of(reports: pa.Table, matched: Matched) -> FusedIncidents:
    """Return the incidents of matched reports, and the links of every report.

    A total that counts no incident on record is an incident of its own, with the flag ``total-alone``: what it tells
    of is on record nowhere else. A denial of a period or of everything tells of no event, and is of none.
    """
    lone = _lone_totals(reports, matched.covers)
    events, rows = events_as_recorded(reports, lone)
    cluster = matched.event[rows]
    fused = assembled(events, rows, numbered(cluster), covered_by_reference(events, rows))
    if len(lone):
        fused = replace(fused, incidents=_flagged(fused.incidents, lone))
    if not matched.covers.num_rows:
        return fused
    # the first report of a cluster leads from it to its incident
    known, firsts = np.unique(cluster, return_index=True)
    reports_of = whole(events["report_id"]).take(pa.array(rows[firsts]))
    same = fused.links.filter(pc.equal(fused.links["relation"].cast(pa.string()), "same"))
    incidents = whole(same["incident_id"]).take(pc.index_in(reports_of, value_set=whole(same["report_id"])))
    found = pc.index_in(matched.covers["event"], value_set=pa.array(known))
    counted = matched.covers.filter(pc.is_valid(found))
    totals = pa.table(
        {
            "report_id": counted["report_id"],
            "incident_id": incidents.take(found.drop_null().combine_chunks()),
            "relation": relations(counted.num_rows, "covers"),
        },
        schema=LINK,
    )
    order = pc.sort_indices(totals.select(_ENDS), [(name, "ascending") for name in _ENDS])
    links = pa.concat_tables([fused.links, totals.take(order)])
    return FusedIncidents(incidents=fused.incidents, links=links.unify_dictionaries().combine_chunks())


def _lone_totals(reports: pa.Table, covers: pa.Table) -> pa.Array:
    """Return the ids of totals that assert something and count no incident."""
    total = pc.equal(reports["kind"].cast(pa.string()), ReportKind.TOTAL.value)
    denies = pc.equal(reports["stance"].cast(pa.string()), Stance.DENIES.value)
    lone = reports["report_id"].filter(pc.and_(pc.fill_null(total, False), pc.invert(pc.fill_null(denies, False))))
    return whole(lone.filter(pc.invert(pc.is_in(lone, value_set=whole(covers["report_id"])))))


def _flagged(incidents: pa.Table, lone: pa.Array) -> pa.Table:
    """Flag the incidents of totals that stand alone."""
    first = pc.list_element(incidents["report_ids"], 0)
    of_total = pc.is_in(first, value_set=lone).to_pylist()
    flags = [
        [*(flags or ()), _TOTAL_ALONE] if flag else flags
        for flag, flags in zip(of_total, incidents["flags"].to_pylist(), strict=True)
    ]
    column = INCIDENT.field("flags")
    return incidents.set_column(INCIDENT.get_field_index("flags"), column, pa.array(flags, column.type))
