"""The stages in order: reports, incidents, findings. Tables in, tables out; no disk and no ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from ceasefire.agreement.citation import title_of
from ceasefire.findings.check import FindingSet, check_incidents
from ceasefire.fusion.increment import fuse_and_keep
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.engines import Engine, Fuser
from ceasefire.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from ceasefire.actors.register import ActorRegister
    from ceasefire.agreement.case import Case
    from ceasefire.findings.situations import AreaPolygons
    from ceasefire.fusion.judgements import Judgement
    from ceasefire.fusion.weights import Weights

FUSION_TABLES = ("reports", "links", "incidents", "pairs", "doubtful")
"""What `fuse` derives."""
CHECK_TABLES = ("findings",)
"""What `check_clauses` derives from the incidents."""


@dataclass(frozen=True, slots=True)
class Results:
    """What a stage derived.

    Parameters
    ----------
    tables : dict of str to Table
        By the names of `FUSION_TABLES` or `CHECK_TABLES`.
    notes : dict
        Of fusion: see `fuse`. Of the check: ``pairs_not_stored``, incident x clause pairs whose act could never match;
        ``labels``, ids to names; ``clause_areas``, clause id to the areas it names.
    """

    tables: dict[str, pa.Table]
    notes: dict[str, Any]


def fuse(
    reports: pa.Table,
    *,
    register: ActorRegister,
    weights: Weights,
    judgements: Iterable[Judgement],
    fuser: Fuser | None = None,
    keep: Path | None = None,
    progress: Progress = silent,
) -> Results:
    """Fuse reports into incidents.

    Parameters
    ----------
    reports : Table
        Schema `model.schemas.REPORT`, their names looked up in the register (`pipeline.reports.resolve_anew`).
    fuser : Fuser, optional
        Where it is computed; by default here.
    keep : Path, optional
        Where a standing state is left, see `fusion.increment`; only of what is computed here.

    Returns
    -------
    Results
        Notes: ``joined``, reports that share their incident with others; ``totals``, reports that only count what
        other incidents hold; ``conflicts``, groups of judgements that cannot all be right.
    """
    common: dict[str, Any] = {"register": register, "weights": weights, "judgements": judgements, "progress": progress}
    here = fuser is None or fuser.engine is Engine.LOCAL
    found = fuse_and_keep(reports, keep, **common) if keep and here else (fuser or Fuser()).fuse(reports, **common)
    links = found.fused.links
    return Results(
        tables={
            "reports": reports,
            "links": links,
            "incidents": found.fused.incidents,
            "pairs": found.matched.pairs,
            "doubtful": found.matched.doubtful,
        },
        notes={
            **_counted(links),
            "conflicts": [[asdict(one) for one in group] for group in found.matched.conflicts],
        },
    )


def check_clauses(
    case: Case,
    incidents: pa.Table,
    *,
    boundaries: AreaPolygons | None,
    reading: str | None = None,
    progress: Progress = silent,
) -> Results:
    """Check incidents against the clauses.

    Raises
    ------
    UsageError
        When `reading` is not an interpretation of the case.
    """
    found = check(case, incidents, boundaries=boundaries, reading=reading, progress=progress)
    progress("writing findings", 0, incidents.num_rows)
    findings = found.table(progress=progress)
    return Results(
        tables={"findings": findings},
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


def _counted(links: pa.Table) -> dict[str, int]:
    same = links.filter(pc.equal(links["relation"], "same"))
    sizes = same["incident_id"].value_counts().field("counts")
    alone = pc.sum(pc.equal(sizes, 1)).as_py() or 0
    reports = pc.count_distinct(links["report_id"]).as_py()
    return {"joined": same.num_rows - alone, "totals": reports - same.num_rows}


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
