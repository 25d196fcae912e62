"""Derived rows as people list them: names for ids, local days for instants, what matters most first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.model.errors import UsageError
from ceasefire.model.time import instant_text, local_date, microseconds
from ceasefire.model.vocabulary import ObligationState, Question, Status
from ceasefire.pipeline.history import Kind

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ceasefire.pipeline.selection import Selection
    from ceasefire.pipeline.workspace import Workspace

# What may fall under a clause first, then what was left out of it for a reason that needs reading, then the rest.
_ORDER = (
    Status.ALLEGED_VIOLATION,
    Status.CONTESTED,
    Status.UNDETERMINED,
    Status.EXCEPTED,
    Status.EXEMPT_TARGET,
    Status.NOT_BOUND,
    Status.NOT_A_CLAUSE,
    Status.OUTSIDE_AREA,
    Status.OUTSIDE_TIME,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A table for people.

    Parameters
    ----------
    columns : tuple of str
        Heads.
    rows : tuple of tuple of str
        Cells, a row a finding.
    status_words : str
        How many findings have which status.
    clause_titles : dict of str to str
        By clause id.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    status_words: str
    clause_titles: dict[str, str]


def list_findings(
    workspace: Workspace, chosen: Selection, *, limit: int, as_of: str | int | None, reading: str | None
) -> Listing:
    """Return chosen findings as a table of at most `limit` rows (0: all), by status and day.

    Raises
    ------
    UsageError
        When `limit` is negative.
    """
    if limit < 0:
        raise UsageError(f"No table has {limit} rows.", "Give --limit 30, or 0 for all.")
    derived, zone = workspace.derived(as_of=as_of, reading=reading)
    labels = derived.notes["labels"]
    incidents = derived.table("incidents").select(
        ["incident_id", "occurred_from", "occurred_until", "place_name", "area_name", "title"]
    )
    rank = pc.index_in(chosen.findings["status"].cast(pa.string()), pa.array([status.value for status in _ORDER]))
    place = pc.index_in(chosen.findings["incident_id"], incidents["incident_id"].combine_chunks())
    table = chosen.findings.append_column("rank", rank).append_column("incident_row", place)
    table = table.take(pc.sort_indices(table, [("rank", "ascending"), ("incident_row", "ascending")]))
    shown = table.slice(0, limit) if limit else table
    of_incident = incidents.take(shown["incident_row"]).to_pylist()
    rows = [_row(row, incident, labels, zone) for row, incident in zip(shown.to_pylist(), of_incident, strict=True)]
    return Listing(
        columns=("finding", "day", "where", "clause", "zone", "accused", "status", "open or failed"),
        rows=tuple(rows),
        status_words=", ".join(f"{count:,} {status}" for status, count in chosen.statuses.items()),
        clause_titles=labels["clauses"],
    )


def _row(
    row: dict[str, Any], incident: dict[str, Any], labels: dict[str, dict[str, str]], zone: ZoneInfo
) -> tuple[str, ...]:
    return (
        row["finding_id"],
        _days(incident, zone),
        incident["place_name"] or incident["area_name"] or "not named",
        row["clause_id"],
        row["zone_id"] or "",
        labels["actors"].get(row["accused_id"], row["accused_id"]) if row["accused_id"] else "nobody named",
        row["status"],
        _not_settled(row),
    )


def _days(incident: dict[str, Any], zone: ZoneInfo) -> str:
    """Return the local day of an incident, or the first and the last where it is not known to be of one day."""
    if incident["occurred_from"] is None or incident["occurred_until"] is None:
        return "undated"
    start, end = (microseconds(incident[key]) for key in ("occurred_from", "occurred_until"))
    first, last = local_date(start, zone), local_date(max(start, end - 1), zone)
    return f"{first}" if first == last else f"{first} – {last}"


def _not_settled(row: dict[str, Any]) -> str:
    """Return the questions whose answer decides, or keeps open, the status."""
    expected = {Question.EXCEPTION: "no"}
    parts = []
    for question in Question:
        answer = row[question.value.replace("-", "_")]
        if answer != expected.get(question, "yes"):
            parts.append(f"{question.value} {answer}")
    return ", ".join(parts)


def list_obligations(workspace: Workspace, obligations: pa.Table, *, as_of: str | int | None) -> Listing:
    """Return obligations as a table, in the order of clauses and periods."""
    case, zone = workspace.case_at(as_of), workspace.case_at(as_of).zone
    rows = [
        (
            row["obligation_id"],
            row["clause_id"],
            case.actors.name(row["bearer_id"]),
            row["zone_id"] or "",
            str(local_date(microseconds(row["period_from"]), zone)),
            _due(row, zone),
            row["state"],
            ", ".join(row["reasons"] or ()),
        )
        for row in obligations.to_pylist()
    ]
    counts = dict(zip(*(each.to_pylist() for each in obligations["state"].value_counts().flatten()), strict=True))
    return Listing(
        columns=("obligation", "clause", "bearer", "zone", "from", "due", "state", "why"),
        rows=tuple(rows),
        status_words=", ".join(f"{counts[each.value]:,} {each}" for each in ObligationState if each.value in counts),
        clause_titles={},
    )


def latest_periods(obligations: pa.Table) -> pa.Table:
    """Keep, of a duty that comes again every so many days, only the latest period of each bearer and area."""
    latest: dict[tuple[Any, ...], int] = {}
    keys = ("clause_id", "bearer_id", "zone_id")
    for number, row in enumerate(obligations.select([*keys, "period_from"]).to_pylist()):
        key = tuple(row[name] for name in keys)
        before = latest.get(key)
        if before is None or obligations["period_from"][before].as_py() <= row["period_from"]:
            latest[key] = number
    return obligations.take(pa.array(sorted(latest.values()), type=pa.int64()))


def _due(row: dict[str, Any], zone: ZoneInfo) -> str:
    if row["due_at_latest"] is None:
        return "no date"
    first, last = (microseconds(row[key]) for key in ("due_at_earliest", "due_at_latest"))
    # a deadline that is a day ends with it, at the midnight that begins the next
    earliest, latest = local_date(min(first, last - 1), zone), local_date(last - 1, zone)
    return f"{earliest}" if earliest == latest else f"{earliest} or {latest}"


def entry_words(workspace: Workspace) -> list[str]:
    """Return one line for each entry of the ledger."""
    zone = workspace.zone
    return [
        f"{entry.position:>6}  {instant_text(entry.recorded_at, zone)}  {entry.author}  {entry.kind}  "
        f"{_subject(entry.kind, entry.payload)}".rstrip()
        for entry in workspace.ledger.entries()
    ]


def _subject(kind: str, payload: dict[str, Any]) -> str:
    """Return what an entry is about, in a few words."""
    if kind == Kind.IMPORT:
        return f"{payload['file']}: {payload['accepted']:,} accepted"
    if kind == Kind.JUDGEMENT:
        return f"{payload['report_a']} {payload['verdict']} {payload['report_b']}"
    if kind == Kind.WEIGHTS:
        return (
            f"{payload['origin']}, learned from: reports {payload['reports']:,}, judgements {payload['judgements']:,}"
        )
    if kind == Kind.FUSION:
        return f"moved: reports {payload['reports']:,}, of incidents {payload['incidents']:,}"
    if kind == Kind.BULLETIN_ISSUED:
        return f"No. {payload['number']}, {payload['edition']['first_day']} to {payload['edition']['last_day']}"
    if "account" in payload:
        return f"{payload['account']}: {payload.get('role') or payload.get('change') or ''}".rstrip(": ")
    return str(payload.get("case_id", ""))
