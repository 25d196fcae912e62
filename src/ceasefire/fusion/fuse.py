"""Reports to incidents, all of it: what reports say of themselves, what people said, what the weights say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

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
)
from ceasefire.fusion.weights import Weights


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
    """Return the incidents of matched reports, and the links of every report."""
    # the cluster travels with its row
    events = events_as_recorded(reports.append_column("_event", pa.array(matched.event)))
    event = np.asarray(events["_event"])
    events = events.drop_columns(["_event"])
    code = numbered(event)
    fused = assembled(events, code, covered_by_reference(events))
    incident = dict(zip(event.tolist(), _ids_by_row(fused, events), strict=True)) if matched.covers.num_rows else {}
    counted = matched.covers.filter(pc.is_in(matched.covers["event"], value_set=pa.array(sorted(incident), pa.int64())))
    totals = pa.table(
        {
            "report_id": counted["report_id"],
            "incident_id": pa.array([incident[one] for one in counted["event"].to_pylist()], pa.string()),
            "relation": pa.array(["covers"] * counted.num_rows, pa.string()),
        }
    )
    links = pa.concat_tables([fused.links, totals.cast(LINK)])
    return FusedIncidents(incidents=fused.incidents, links=links.unify_dictionaries().combine_chunks())


def _ids_by_row(fused: FusedIncidents, events: pa.Table) -> list[str]:
    """Return the incident id of each event report."""
    same = fused.links.filter(pc.equal(fused.links["relation"].cast(pa.string()), "same"))
    place = pc.index_in(whole(events["report_id"]), value_set=whole(same["report_id"]))
    ids: list[str] = same["incident_id"].take(place).to_pylist()
    return ids
