"""The stages in order: reports, incidents, findings. Tables in, tables out; no disk and no ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ceasefire.agreement.citation import title_of
from ceasefire.findings.check import FindingSet, check_incidents
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.progress import Progress, silent
from ceasefire.pipeline.reports import resolve_anew

if TYPE_CHECKING:
    import pyarrow as pa

    from ceasefire.agreement.case import Case
    from ceasefire.findings.situations import AreaPolygons

TABLES = ("reports", "links", "incidents", "findings")
"""What the stages derive, in this order."""


@dataclass(frozen=True, slots=True)
class Results:
    """What the stages derived.

    Parameters
    ----------
    tables : dict of str to Table
        By the names of `TABLES`.
    notes : dict
        ``pairs_not_stored``: incident x clause pairs whose act could never match; ``labels``: ids to names;
        ``clause_areas``: clause id to the areas it names.
    """

    tables: dict[str, pa.Table]
    notes: dict[str, Any]


def run_stages(
    case: Case,
    reports: pa.Table,
    *,
    boundaries: AreaPolygons | None,
    reading: str | None = None,
    progress: Progress = silent,
) -> Results:
    """Run every stage over the reports.

    Raises
    ------
    UsageError
        When `reading` is not an interpretation of the case.
    """
    progress("looking up names", 0, 0)
    reports = resolve_anew(reports, case.actors)
    progress("joining reports into incidents", 0, reports.num_rows)
    fused = fuse_by_event(reports)
    found = check(case, fused.incidents, boundaries=boundaries, reading=reading, progress=progress)
    progress("writing findings", 0, fused.incidents.num_rows)
    findings = found.table(progress=progress)
    return Results(
        tables={"reports": reports, "links": fused.links, "incidents": fused.incidents, "findings": findings},
        notes={
            "pairs_not_stored": found.pairs_not_stored,
            "labels": _labels(case, findings),
            "clause_areas": _clause_areas(case),
        },
    )


def check(
    case: Case,
    incidents: pa.Table,
    *,
    boundaries: AreaPolygons | None,
    reading: str | None,
    progress: Progress = silent,
) -> FindingSet:
    """Check incidents, as `findings.check.check_incidents`, with a sentence for a reading that is not there.

    Raises
    ------
    UsageError
        When `reading` is not an interpretation of the case.
    """
    if reading is not None and reading not in case.interpretations:
        known = ", ".join(case.interpretations) or "none"
        raise UsageError(f'The case has no interpretation "{reading}".', f"Its interpretations: {known}.")
    return check_incidents(case, incidents, boundaries=boundaries, reading=reading, progress=progress)


def _labels(case: Case, findings: pa.Table) -> dict[str, dict[str, str]]:
    """Return the names that tables print, so that listing findings need not read the case."""
    return {
        "actors": {actor: case.actors.name(actor) for actor in _distinct(findings["accused_id"])},
        "clauses": {clause.id: title_of(clause.title) for clause in case.clauses.values()},
        "areas": {area.id: title_of(area.title) for area in case.areas.values()},
    }


def _clause_areas(case: Case) -> dict[str, list[str]]:
    """Return the areas that each clause names; none for one that applies everywhere."""
    return {clause.id: [] if clause.areas == "everywhere" else list(clause.areas) for clause in case.clauses.values()}


def _distinct(column: pa.ChunkedArray) -> Iterable[str]:
    return sorted(column.unique().drop_null().to_pylist())
