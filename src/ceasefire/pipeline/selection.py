"""Choosing findings by zone, clause, party, status and local days; counting what is chosen with its bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.assessment.counts import (
    MAY_FALL_UNDER,
    Bounds,
    Fit,
    fit_period,
    is_episode,
    overall_bounds,
    with_fit,
)
from ceasefire.model.errors import UnknownRecordError, UsageError
from ceasefire.model.time import EARLIEST, LATEST, Span, day_span, iso_week
from ceasefire.model.vocabulary import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseBounds:
    """How much of what was chosen falls, or may fall, under one clause.

    Parameters
    ----------
    clause_id : str
        The clause.
    incidents, findings : Bounds
        Alleged at least; at most also contested, undetermined and what crosses the edge of the period.
    """

    clause_id: str
    incidents: Bounds
    findings: Bounds


@dataclass(frozen=True, slots=True)
class Selection:
    """Findings chosen, and their counts.

    Parameters
    ----------
    findings : Table
        Of schema `model.schemas.FINDING`.
    bounds : tuple of ClauseBounds
        One a clause that occurs, in the order of the clause ids.
    statuses : dict of str to int
        Findings by status, in the order of `Status`; only those that occur.
    undated : int
        Incidents without any time, which no period can hold; 0 where no period was asked for.
    unplaced : int
        Incidents that may fall under a clause of the zone asked for, and whose place is not known well enough to say
        in which of its zones they lie; 0 where no zone was asked for. They count in the upper bounds alone.
    episodes : int
        Incidents among those chosen that cover others: their parts are counted in the bounds, and they are not.
    said : str or None
        What became of the incident that was asked for, where it was merged or split since.
    """

    findings: pa.Table
    bounds: tuple[ClauseBounds, ...]
    statuses: dict[str, int]
    undated: int
    unplaced: int = 0
    episodes: int = 0
    said: str | None = None


def period_of(
    zone: ZoneInfo, *, first_day: str | None = None, last_day: str | None = None, week: str | None = None
) -> Span | None:
    """Return the span of local days asked for, both ends included; None when none was.

    Raises
    ------
    UsageError
        When a day or week is not one, or they contradict each other.
    """
    if week is not None and (first_day or last_day):
        raise UsageError("A week and single days were both asked for.", "Give --week, or --from and --until.")
    try:
        if week is not None:
            return iso_week(week, zone)
        if not first_day and not last_day:
            return None
        start = day_span(date.fromisoformat(first_day), zone).start if first_day else EARLIEST
        end = day_span(date.fromisoformat(last_day), zone).end if last_day else LATEST
    except ValueError as error:
        raise UsageError(f"No such day or week: {error}.", "Write 2017-09-19, or 2017-W39 for a week.") from error
    if end <= start:
        raise UsageError(f"The last day, {last_day}, is before the first, {first_day}.", "Exchange them.")
    return Span(start, end)


def select_findings(
    findings: pa.Table,
    incidents: pa.Table,
    *,
    period: Span | None = None,
    equal: Mapping[str, str | None],
    known: Mapping[str, Iterable[str]],
    clause_areas: Mapping[str, Iterable[str]],
) -> Selection:
    """Choose findings.

    Parameters
    ----------
    findings, incidents : Table
        As derived.
    period : Span, optional
        Findings of incidents that lie in it or cross its edge.
    equal : mapping of str to str or None
        Column to the value asked for; None asks for nothing.
    known : mapping of str to iterable of str
        Column to the values there can be, so that a mistyped one is refused instead of found nowhere.
    clause_areas : mapping of str to iterable of str
        Clause to the areas it names.

    Raises
    ------
    UsageError
        When a value is not among those known.
    """
    fit = fit_period(incidents, period) if period else np.full(incidents.num_rows, Fit.WITHIN, np.uint8)
    fitted = with_fit(findings, incidents["incident_id"], fit)
    zone = equal.get("zone_id")
    elsewhere = keep_equal(fitted, equal={**equal, "zone_id": None}, known=known) if zone else fitted.slice(0, 0)
    fitted = keep_equal(fitted, equal=equal, known=known)
    counted = dict(zip(*(array.to_pylist() for array in fitted["status"].value_counts().flatten()), strict=True))
    unplaced = _unplaced(
        elsewhere, [clause for clause, areas in clause_areas.items() if zone is not None and zone in areas]
    )
    covering = incidents["incident_id"].filter(pa.array(is_episode(incidents))).combine_chunks()
    unplaced, parts = _without(unplaced, covering), _without(fitted, covering)
    listed = pc.is_in(covering, fitted["incident_id"].unique())
    return Selection(
        fitted.drop_columns(["fit"]),
        tuple(_bounds(parts, unplaced)),
        {status.value: counted[status.value] for status in Status if status.value in counted},
        int(np.count_nonzero(fit == Fit.UNDATED)),
        pc.count_distinct(unplaced["incident_id"]).as_py(),
        pc.sum(listed).as_py() or 0,
    )


def keep_equal(table: pa.Table, *, equal: Mapping[str, str | None], known: Mapping[str, Iterable[str]]) -> pa.Table:
    """Keep the rows whose columns have the values asked for; the arguments are those of `select_findings`."""
    for column, value in equal.items():
        if value is not None:
            _refuse_unknown(column, value, known.get(column))
            table = table.filter(pc.equal(table[column].cast(pa.string()), value))
    return table


def end_of_day(day: str, zone: ZoneInfo) -> int:
    """Return the instant at which a local day ends.

    Raises
    ------
    UsageError
        When the text is no day.
    """
    try:
        return day_span(date.fromisoformat(day), zone).end
    except ValueError as error:
        raise UsageError(f'"{day}" is not a day: {error}.', "Write it like 2017-11-01.") from error


def match_id(prefix: str, ids: pa.ChunkedArray, noun: str) -> str:
    """Return the id that is, or alone begins with, `prefix`.

    Raises
    ------
    UsageError
        When none does, or several do.
    """
    found = ids.filter(pc.starts_with(ids, pattern=prefix)).unique().sort().to_pylist() if prefix else []
    if prefix in found:
        return prefix
    if len(found) == 1:
        return str(found[0])
    if not found:
        listed = f"Ids are in the first column of `ceasefire {noun}s`."
        if noun == "incident":
            listed = "`ceasefire export incidents` writes all ids."
        raise UnknownRecordError(f'There is no {noun} "{prefix}".', listed)
    shown = ", ".join(found[:4]) + (", …" if len(found) > 4 else "")
    raise UsageError(f'"{prefix}" begins {len(found)} ids: {shown}', "Give more of it.")


def _unplaced(fitted: pa.Table, clauses: list[str]) -> pa.Table:
    """Return the findings that may fall under one of the clauses, in one of several areas."""
    status, clause = fitted["status"].cast(pa.string()), fitted["clause_id"].cast(pa.string())
    may_fall_under = pc.is_in(status, pa.array([each.value for each in MAY_FALL_UNDER]))
    of_zone = pc.is_in(clause, pa.array(clauses, pa.string()))
    several = pc.is_null(fitted["zone_id"])
    return fitted.filter(pc.and_(pc.and_(may_fall_under, of_zone), several))


def _without(findings: pa.Table, incident_ids: pa.Array) -> pa.Table:
    return findings.filter(pc.invert(pc.is_in(findings["incident_id"], incident_ids)))


def _bounds(fitted: pa.Table, unplaced: pa.Table) -> Iterable[ClauseBounds]:
    at_most = pa.concat_tables([fitted, unplaced])
    for clause_id in sorted(at_most["clause_id"].cast(pa.string()).unique().to_pylist()):
        incidents, found = overall_bounds(_of_clause(fitted, clause_id))
        incidents_at_most, found_at_most = overall_bounds(_of_clause(at_most, clause_id))
        yield ClauseBounds(
            clause_id=clause_id,
            incidents=Bounds(incidents.lower, incidents_at_most.upper),
            findings=Bounds(found.lower, found_at_most.upper),
        )


def _of_clause(findings: pa.Table, clause_id: str) -> pa.Table:
    return findings.filter(pc.equal(findings["clause_id"].cast(pa.string()), clause_id))


def _refuse_unknown(column: str, value: str, known: Iterable[str] | None) -> None:
    if known is None:
        return
    values = sorted(known)
    if value not in values:
        noun = column.removesuffix("_id")
        shown = ", ".join(values[:20]) + (", …" if len(values) > 20 else "")
        raise UsageError(f'There is no {noun} "{value}".', f"Known: {shown or 'none'}.")


def plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return rows as JSON holds them: instants as ISO 8601 in UTC."""
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            text = pc.strftime(table[field.name], format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(index, field.name, text)
    return list(table.to_pylist())
