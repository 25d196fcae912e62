"""Fusing only what is new, on top of an earlier fusion that left a standing state: the same tables at less cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.increment import fuse_increment
from ceasefire.fusion.standing import Standing
from ceasefire.model.schemas import INSTANT, REPORT, empty
from ceasefire.pipeline.derived import Derived, Stage
from ceasefire.pipeline.matching import judgements_in_force, weights_in_force
from ceasefire.pipeline.progress import Progress, silent
from ceasefire.pipeline.reports import conform

if TYPE_CHECKING:
    from ceasefire.pipeline.state import State

KEEP_FROM = 20_000
"""Reports from which on a fusion leaves a standing state: fewer are fused anew as fast."""


def fuse_on_top(state: State, progress: Progress = silent) -> Derived | None:
    """Fuse what was recorded since an earlier fusion of this case by this software, under the weights in force.

    Returns
    -------
    Derived or None
        None where there is no such fusion, or only a whole one gives the right answer or is worth it.
    """
    stamp = state.stamp(stage=Stage.FUSION)
    for base in state.store.standing(stamp):
        if any(entry.position > base.position for entry in state.history.adoptions):
            continue
        if any(entry.position > base.position and entry.payload.get("withdrawn") for entry in state.history.imports):
            continue
        try:
            standing = Standing(base.derived.folder / "standing")
        except (OSError, ValueError):
            continue
        fresh = _since(state, base.position, standing)
        progress("fusing what is new", 0, fresh.num_rows)
        step = fuse_increment(
            standing,
            fresh,
            register=state.case.actors,
            weights=weights_in_force(state.history).weights,
            judgements=judgements_in_force(state.history),
        )
        if step is None:
            continue
        notes: dict[str, Any] = {
            "joined": step.joined,
            "totals": step.totals,
            "conflicts": [[asdict(one) for one in group] for group in step.conflicts],
            "on_top_of": base.position,
        }
        return state.store.save_changes(stamp, dict(step.tables), notes, base.derived)
    return None


def _since(state: State, position: int, standing: Standing) -> pa.Table:
    """Return the reports recorded after a position, as `reports.held_reports` would hold them, in that order."""
    pieces = [empty(REPORT)]
    for entry in state.history.imports:
        if entry.position > position and "reports" in entry.content:
            table = conform(state.batches.get_table(entry.content["reports"]))
            recorded_at = pa.repeat(pa.scalar(entry.recorded_at, INSTANT), table.num_rows)
            place = REPORT.get_field_index("recorded_at")
            pieces.append(table.set_column(place, REPORT.field("recorded_at"), recorded_at))
    table = pa.concat_tables(pieces).unify_dictionaries().combine_chunks()
    ids = table["report_id"].to_pylist()
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for row, one in enumerate(ids):
        first.setdefault(one, row)
        last[one] = row
    instants = table["recorded_at"].cast(pa.int64()).to_numpy()
    recorded = np.array([instants[row] for row in first.values()], dtype=np.int64)
    # a report is as old as it was when it was first recorded
    held = standing.rows_of(list(first))
    known = standing.take(np.array([*held.values()], dtype=np.int64))["recorded_at"].cast(pa.int64()).to_pylist()
    places = {one: place for place, one in enumerate(first)}
    for one, instant in zip(held, known, strict=True):
        recorded[places[one]] = instant
    fresh = table.take(pa.array([last[one] for one in first], pa.int64()))
    column = pa.array(recorded, pa.int64()).cast(INSTANT)
    fresh = fresh.set_column(REPORT.get_field_index("recorded_at"), REPORT.field("recorded_at"), column)
    fresh = fresh.filter(pc.invert(pc.is_in(fresh["report_id"], value_set=_dropped(state))))
    return state.looked_up(fresh)


def _dropped(state: State) -> pa.Array:
    """Return the ids of reports that a case once held and, as edited, holds no more."""
    held = [
        {*state.batches.get_table(entry.content["reports"])["report_id"].to_pylist()}
        for entry in state.history.adoptions
    ]
    return pa.array(sorted(set().union(*held) - held[-1]), pa.string())
