"""What one bulletin is made from: the incidents and findings of its period, and the names to print.

Only the period's rows are taken out of the tables into records; the tables may hold millions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.agreement.case import Case
from ceasefire.agreement.citation import cite_clause
from ceasefire.assessment.counts import Fit, fit_period, is_episode, with_fit
from ceasefire.model.claims import Account, read_claims
from ceasefire.model.time import Span
from ceasefire.model.vocabulary import PlacePrecision, Status
from ceasefire.release.classes import ReleaseRule, coarsened_point, is_recent, told_area

DECIDED = frozenset({Status.EXEMPT_TARGET, Status.EXCEPTED, Status.NOT_BOUND})
"""Statuses that settle a finding although place, time and act fall within the clause."""
Row = dict[str, Any]


class FindsPolygons(Protocol):
    """Administrative boundaries, by name path."""

    def find(self, name_path: str) -> Any:
        """Return the polygon of a unit such as ``Westmark/Ford``, or None."""


@dataclass(frozen=True)
class Material:
    """The rows of a period, joined, with the case that names them.

    Parameters
    ----------
    case : Case
        Names, clauses, areas.
    period : Span
        Reported on.
    incidents : tuple of dict
        INCIDENT rows wholly or partly inside the period, with ``fit``; without episodes; by time, then id.
    episodes : tuple of dict
        Incidents that cover others present: left out of every sum.
    undated : int
        Incidents without a time on record, in no period.
    fitted : Table
        FINDING rows of `incidents`, with ``fit``.
    reports : Table
        REPORT rows, all.
    rule : ReleaseRule
        How places are told.
    instant : int
        Of the ledger's position, UTC microseconds.
    """

    case: Case
    period: Span
    incidents: tuple[Row, ...]
    episodes: tuple[Row, ...]
    undated: int
    fitted: pa.Table
    reports: pa.Table
    rule: ReleaseRule
    instant: int

    @cached_property
    def findings(self) -> tuple[Row, ...]:
        """The findings as records, by incident, clause and accused."""
        rows = self.fitted.to_pylist()
        rows.sort(key=lambda row: (row["incident_id"], row["clause_id"], row["zone_id"] or "", row["accused_id"] or ""))
        return tuple(rows)

    @cached_property
    def findings_of(self) -> Mapping[str, Sequence[Row]]:
        """The findings of each incident."""
        held: dict[str, list[Row]] = {row["incident_id"]: [] for row in self.incidents}
        for row in self.findings:
            held[row["incident_id"]].append(row)
        return held

    @cached_property
    def reports_by_id(self) -> Mapping[str, Row]:
        """The reports behind the period's incidents and episodes."""
        wanted = sorted({key for row in (*self.incidents, *self.episodes) for key in row["report_ids"] or ()})
        kept = self.reports.filter(pc.is_in(self.reports["report_id"], value_set=pa.array(wanted, pa.string())))
        return {row["report_id"]: row for row in kept.to_pylist()}

    @cached_property
    def within(self) -> tuple[Row, ...]:
        """The incidents wholly inside the period."""
        return tuple(row for row in self.incidents if row["fit"] == Fit.WITHIN)

    @cached_property
    def at_edge(self) -> tuple[Row, ...]:
        """The incidents that cross the period's edge."""
        return tuple(row for row in self.incidents if row["fit"] == Fit.EDGE)

    def actor(self, actor_id: str | None) -> str:
        """Return the name an actor goes by, or words for nobody named."""
        return self.case.actors.name(actor_id, "en") if actor_id else "nobody named"

    def speaker(self, source_id: str) -> str:
        """Return the name of someone who reports."""
        speaker = self.case.speakers.get(source_id)
        return english(speaker.names) if speaker else source_id

    def zone(self, clause_id: str, zone_id: str | None) -> str:
        """Return the title of an area of a clause; without one it applies everywhere, or no single area is meant."""
        if zone_id is None:
            clause = self.case.clauses.get(clause_id)
            return "everywhere" if clause and clause.areas == "everywhere" else "no single area"
        return self.area(zone_id)

    def area(self, area_id: str) -> str:
        """Return the title of an area."""
        area = self.case.areas.get(area_id)
        return english(area.title) if area else area_id

    def citation(self, clause_id: str) -> str:
        """Return how the clause is cited."""
        clause = self.case.clauses.get(clause_id)
        return cite_clause(clause) if clause else f"our reference {clause_id}"

    def recent(self, incident: Row) -> bool:
        """Whether the incident's place is held back."""
        return is_recent(_instant(incident["occurred_until"]), self.instant, self.rule)

    def place(self, incident: Row) -> str:
        """Return the place as it may be told."""
        recent = self.recent(incident)
        area = told_area(incident["area_name"], recent=recent)
        if self.rule.names_settlements and not recent and incident["place_name"]:
            return ", ".join(part for part in (incident["place_name"], area) if part)
        return area or self._cell(incident)

    def _cell(self, incident: Row) -> str:
        """Return the grid cell of a place whose unit nobody names."""
        if incident["longitude"] is None or incident["latitude"] is None or not self._is_disc(incident):
            return "place not known"
        if self.recent(incident):
            return "place held back"
        longitude, latitude = coarsened_point(incident["longitude"], incident["latitude"], self.rule.cell_degrees)
        east, north = "E" if longitude >= 0 else "W", "N" if latitude >= 0 else "S"
        return f"cell {abs(latitude):.5g}° {north}, {abs(longitude):.5g}° {east}"

    @staticmethod
    def _is_disc(incident: Row) -> bool:
        return PlacePrecision(incident["place_precision"]).is_disc


def english(names: Mapping[str, str]) -> str:
    """Return the English text, else the first."""
    return names.get("en") or next(iter(names.values()))


def accounts(incident: Row) -> tuple[Account, ...]:
    """Return who says what of an incident."""
    return read_claims(incident["claims"]) if incident["claims"] else ()


def gather(
    case: Case,
    *,
    incidents: pa.Table,
    findings: pa.Table,
    reports: pa.Table,
    period: Span,
    rule: ReleaseRule,
    instant: int,
) -> Material:
    """Take a period's rows out of the tables."""
    fit = fit_period(incidents, period)
    episode = is_episode(incidents)
    inside = (fit == Fit.WITHIN) | (fit == Fit.EDGE)
    chosen = incidents.append_column("fit", pa.array(fit, pa.uint8()))
    counted_fit = np.where(episode, np.uint8(Fit.OUTSIDE), fit)
    return Material(
        case=case,
        period=period,
        incidents=_records(chosen.filter(pa.array(inside & ~episode))),
        episodes=_records(chosen.filter(pa.array(inside & episode))),
        undated=int(np.count_nonzero(fit == Fit.UNDATED)),
        fitted=with_fit(findings, incidents["incident_id"], counted_fit),
        reports=reports,
        rule=rule,
        instant=instant,
    )


def _records(table: pa.Table) -> tuple[Row, ...]:
    """Return rows with their instants as microseconds, by time and then id."""
    for name in ("occurred_from", "occurred_until"):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, table[name].cast(pa.int64()))
    rows = table.to_pylist()
    rows.sort(key=lambda row: (row["occurred_from"], row["occurred_until"], row["incident_id"]))
    return tuple(rows)


def _instant(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"an incident of a period has a time; got {value!r}")
    return value
