"""Counts with their bounds: which incidents a period holds, what is alleged at least and at most, tolls as ranges.

The lower bound of a count is what is alleged; the upper bound adds what is contested or undetermined and what
crosses the edge of the period. A range that nobody stated stays out of a sum and is counted as not stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.model.time import Span
from ceasefire.model.vocabulary import Question, Status

OPEN_STATUSES = (Status.CONTESTED, Status.UNDETERMINED)
"""Neither alleged nor settled otherwise: they separate the upper bound from the lower."""
MAY_FALL_UNDER = (Status.ALLEGED_VIOLATION, *OPEN_STATUSES)
"""The statuses that the upper bound holds."""
QUESTION_COLUMNS: dict[str, Question] = {
    "in_force": Question.IN_FORCE,
    "in_area": Question.IN_AREA,
    "act": Question.ACT,
    "bound": Question.BOUND,
    "covered_target": Question.COVERED_TARGET,
    "exception": Question.EXCEPTION,
}
"""The columns of a finding that answer a question."""


class Fit(IntEnum):
    """How an incident lies to a period."""

    OUTSIDE = 0
    EDGE = 1
    """Partly inside: in the upper bound only."""
    WITHIN = 2
    UNDATED = 3
    """No time on record: in no period."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A count known to lie between two numbers, both included."""

    lower: int
    upper: int

    def change_from(self, earlier: Bounds) -> tuple[int, int]:
        """Return the smallest and the largest change since `earlier` that both ranges allow.

        Examples
        --------
        >>> Bounds(3, 10).change_from(Bounds(2, 6))
        (-3, 8)
        """
        return self.lower - earlier.upper, self.upper - earlier.lower


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseCount:
    """What was found for one clause in one zone over a period.

    Parameters
    ----------
    zone_id : str or None
        None where the clause has no area there, or applies everywhere.
    incidents, findings : Bounds
        Alleged at least; alleged, contested and undetermined at most, with what crosses the period's edge.
    statuses : tuple of (Status, int, int)
        Incidents and findings by status, of incidents wholly inside the period.
    edge_incidents : int
        Incidents of the upper bound that cross the period's edge.
    """

    clause_id: str
    zone_id: str | None
    incidents: Bounds
    findings: Bounds
    statuses: tuple[tuple[Status, int, int], ...]
    edge_incidents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TollSum:
    """A toll summed over incidents: None where none of them states it.

    Parameters
    ----------
    stated, incidents : int
        How many incidents state a figure, of how many.
    """

    low: int | None
    best: int | None
    high: int | None
    stated: int
    incidents: int


def fit_period(incidents: pa.Table, period: Span) -> NDArray[np.uint8]:
    """Say for each incident how it lies to the period.

    Returns
    -------
    ndarray of uint8, shape (n_incidents,)
        `Fit` values. A moment counts to the period that starts with it.
    """
    start, end, dated = _interval(incidents)
    end = np.maximum(end, start + 1)
    fit = np.full(len(start), Fit.EDGE, dtype=np.uint8)
    fit[(start >= period.start) & (end <= period.end)] = Fit.WITHIN
    fit[(start >= period.end) | (end <= period.start)] = Fit.OUTSIDE
    fit[~dated] = Fit.UNDATED
    return fit


def _interval(incidents: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the first and last instants in microseconds, and whether both are on record."""
    columns = [incidents[name].cast(pa.int64()) for name in ("occurred_from", "occurred_until")]
    dated = np.logical_and(*(pc.is_valid(column).to_numpy(zero_copy_only=False) for column in columns))
    start, end = (pc.fill_null(column, 0).to_numpy() for column in columns)
    return start, end, dated


def is_episode(incidents: pa.Table) -> NDArray[np.bool_]:
    """Whether each incident covers another that is present: then its parts are counted and it is not.

    Returns
    -------
    ndarray of bool, shape (n_incidents,)
    """
    covers = incidents["covers"]
    episode = np.zeros(len(incidents), dtype=bool)
    candidates = np.flatnonzero(pc.fill_null(pc.list_value_length(covers), 0).to_numpy() > 0)
    if len(candidates):
        named = covers.take(pa.array(candidates)).to_pylist()
        flat = pa.array(sorted({part for parts in named for part in parts}), pa.string())
        present = set(pc.filter(flat, pc.is_in(flat, incidents["incident_id"].combine_chunks())).to_pylist())
        episode[candidates] = [bool(present.intersection(parts)) for parts in named]
    return episode


def with_fit(findings: pa.Table, incident_ids: pa.ChunkedArray, fit: NDArray[np.uint8]) -> pa.Table:
    """Keep the findings of incidents wholly or partly inside the period, with the fit as column ``fit``."""
    inside = (fit == Fit.WITHIN) | (fit == Fit.EDGE)
    ids = pc.filter(incident_ids, pa.array(inside)).combine_chunks()
    place = pc.index_in(findings["incident_id"], value_set=ids)
    kept = findings.filter(pc.is_valid(place))
    fits = fit[inside][pc.drop_null(place).to_numpy()] if len(kept) else np.zeros(0, dtype=np.uint8)
    return kept.append_column("fit", pa.array(fits, pa.uint8()))


def clause_counts(fitted: pa.Table) -> tuple[ClauseCount, ...]:
    """Count findings by clause and zone, each with its bounds.

    Parameters
    ----------
    fitted : Table
        Findings with column ``fit``, from `with_fit`.

    Returns
    -------
    tuple of ClauseCount
        By clause id, then zone id; without a zone last.
    """
    rows = fitted.select(["clause_id", "zone_id", "status", "incident_id", "fit"]).to_pylist()
    groups: dict[tuple[str, str | None], list[dict[str, object]]] = {}
    for row in rows:
        groups.setdefault((row["clause_id"], row["zone_id"]), []).append(row)
    return tuple(
        _clause_count(clause_id, zone_id, group)
        for (clause_id, zone_id), group in sorted(
            groups.items(), key=lambda item: (item[0][0], item[0][1] is None, item[0][1] or "")
        )
    )


def _clause_count(clause_id: str, zone_id: str | None, rows: Sequence[Mapping[str, object]]) -> ClauseCount:
    within = [row for row in rows if row["fit"] == Fit.WITHIN]
    lower = [row for row in within if row["status"] == Status.ALLEGED_VIOLATION]
    upper = [row for row in rows if row["status"] in MAY_FALL_UNDER]
    statuses = []
    for status in Status:
        of_status = [row for row in within if row["status"] == status]
        if of_status:
            statuses.append((status, _distinct(of_status), len(of_status)))
    return ClauseCount(
        clause_id=clause_id,
        zone_id=zone_id,
        incidents=Bounds(_distinct(lower), _distinct(upper)),
        findings=Bounds(len(lower), len(upper)),
        statuses=tuple(statuses),
        edge_incidents=_distinct([row for row in upper if row["fit"] == Fit.EDGE]),
    )


def _distinct(rows: Sequence[Mapping[str, object]]) -> int:
    return len({row["incident_id"] for row in rows})


def overall_bounds(fitted: pa.Table) -> tuple[Bounds, Bounds]:
    """Return the bounds over all clauses and zones, in incidents (each once) and in findings."""
    status = fitted["status"].cast(pa.string())
    within = pc.equal(fitted["fit"], int(Fit.WITHIN))
    alleged = pc.and_(within, pc.equal(status, Status.ALLEGED_VIOLATION.value))
    possible = pc.is_in(status, value_set=pa.array([s.value for s in MAY_FALL_UNDER]))
    counted = [fitted.filter(mask)["incident_id"] for mask in (alleged, possible)]
    return (
        Bounds(*(pc.count_distinct(ids).as_py() for ids in counted)),
        Bounds(*(len(ids) for ids in counted)),
    )


def sum_toll(rows: Sequence[Mapping[str, object]], toll: str) -> TollSum:
    """Add up one toll, each bound over the incidents that state a figure.

    A source's single figure stands for its bounds. Where a range is out of order its widest figures are used,
    so that the sum still holds what was said.

    Parameters
    ----------
    rows : sequence of mapping
        Records of incidents with ``<toll>_low``, ``<toll>_best``, ``<toll>_high``.
    """
    low: list[int] = []
    best: list[int] = []
    high: list[int] = []
    for row in rows:
        said = [row[f"{toll}_{bound}"] for bound in ("low", "best", "high")]
        figures = [figure for figure in said if isinstance(figure, int)]
        if not figures:
            continue
        low.append(min(figures))
        high.append(max(figures))
        if isinstance(said[1], int):
            best.append(said[1])
    return TollSum(
        low=sum(low) if low else None,
        best=sum(best) if best else None,
        high=sum(high) if high else None,
        stated=len(low),
        incidents=len(rows),
    )


def undetermined_questions(finding: Mapping[str, object]) -> tuple[Question, ...]:
    """Return the questions that nobody answers for this finding."""
    return tuple(
        question for column, question in QUESTION_COLUMNS.items() if finding[column] == Status.UNDETERMINED.value
    )
