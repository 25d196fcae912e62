"""What is new since a position of the ledger: entries, incidents new and changed, what fell due, access denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.findings.phrases import ENGLISH
from ceasefire.ledger.batches import BatchStore
from ceasefire.model.errors import UsageError
from ceasefire.model.roles import mission, public
from ceasefire.model.time import Span, instant_text
from ceasefire.model.vocabulary import ObligationState
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.incident_rows import IncidentRow, rows_told
from ceasefire.pipeline.obligations_view import ObligationView, obligation_records, obligations_at
from ceasefire.pipeline.posts_view import CoverageView, coverage_of
from ceasefire.pipeline.reports import conform, sort_reports
from ceasefire.release.classes import ReleaseClass

if TYPE_CHECKING:
    from ceasefire.ledger.entry import Entry
    from ceasefire.pipeline.served import ServedRecord, Snapshot

_MOST_SHOWN = 200
_TOLD_TO_ALL = frozenset(Kind) - {Kind.SEAL_OPENED}
"""Of other entries even their kind and hour would tell: that a case file was opened, voted on, or who was let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An entry of the ledger."""

    position: Annotated[int, public("Its position.")]
    recorded_at: Annotated[str, public("UTC.")]
    kind: Annotated[str, public("What it is.")]
    author: Annotated[str, mission("Who recorded it.")]
    reports: Annotated[int, public("Reports it brought or changed.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is new since a position of the ledger."""

    since: Annotated[int, public("The position asked for.")]
    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    entries: Annotated[
        tuple[EntryView, ...],
        public("Recorded since, in order; outside the mission, of those alone that make results, and of bulletins."),
    ]
    new: Annotated[int, public("Incidents of which nothing was on record before.")]
    changed: Annotated[int, public("Incidents on record before, with a report that is new or was revised.")]
    new_incidents: Annotated[tuple[IncidentRow, ...], public("The latest of them, at most 200.")]
    changed_incidents: Annotated[tuple[IncidentRow, ...], public("The latest of them, at most 200.")]
    case_changed: Annotated[bool, public("Whether the case was recorded anew: results may differ without a report.")]
    fell_due: Annotated[
        tuple[ObligationView, ...], public("Obligations whose deadline passed since, and that are not shown performed.")
    ]
    access_denied: Annotated[tuple[CoverageView, ...], public("Denials of access that overlap the time since.")]


def news_view(
    record: ServedRecord,
    snapshot: Snapshot,
    since: int,
    *,
    release: ReleaseClass,
    told_at: int,
    language: str = ENGLISH,
) -> News:
    """Return what is new since a position.

    Raises
    ------
    UsageError
        When the ledger has no such position.
    """
    if not 0 <= since <= record.position:
        raise UsageError(
            f"The ledger has entries 1 to {record.position}; there is no position {since}.",
            "Name one of them, or 0 for all.",
        )
    until = snapshot.stamp.position
    entries = [entry for entry in record.entries(since) if entry.position <= max(until, since)]
    touched = {entry.position: _reports_of(record, snapshot, entry) for entry in entries}
    fresh, changed = _incidents(snapshot, touched, since)
    places = snapshot.index.places(release, told_at)
    began = next((entry.recorded_at for entry in record.entries(since - 1, since)), None) if since else None
    span = Span(min(began if began is not None else told_at, told_at), told_at)

    def shown(rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[IncidentRow, ...]:
        latest = snapshot.index.in_time_order(rows, latest_first=True)[:_MOST_SHOWN]
        return tuple(rows_told(snapshot, latest, places, release))

    return News(
        since=since,
        position=until,
        entries=tuple(
            EntryView(
                position=entry.position,
                recorded_at=instant_text(entry.recorded_at).replace("+00:00", "Z"),
                kind=entry.kind,
                author=entry.author,
                reports=len(touched[entry.position]),
            )
            for entry in entries
            if release is ReleaseClass.MISSION or entry.kind in _TOLD_TO_ALL
        ),
        new=len(fresh),
        changed=len(changed),
        new_incidents=shown(fresh),
        changed_incidents=shown(changed),
        case_changed=bool(since) and any(entry.kind == Kind.CASE_ADOPTED for entry in entries),
        fell_due=tuple(_fell_due(snapshot, span, language)),
        access_denied=tuple(
            each
            for each in coverage_of(snapshot, span, None, release=release, told_at=told_at)
            if each.state == "denied"
        ),
    )


def _reports_of(record: ServedRecord, snapshot: Snapshot, entry: Entry) -> list[str]:
    """Return the ids of the reports that an entry brought or changed."""
    if "reports" not in entry.content:
        return []
    batches = BatchStore(record.folder / "batches")
    table = conform(batches.get_table(entry.content["reports"]))
    before = [each for each in snapshot.history.adoptions if each.position < entry.position]
    if entry.kind == Kind.CASE_ADOPTED and before:
        table = sort_reports(table, conform(batches.get_table(before[-1].content["reports"]))).fresh
    ids: list[str] = table["report_id"].to_pylist()
    return ids


def _incidents(
    snapshot: Snapshot, touched: dict[int, list[str]], since: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return the rows of incidents that are new, and of those that were there and changed."""
    ids = pa.array(sorted({report for reports in touched.values() for report in reports}), pa.string())
    links = snapshot.links.filter(pc.equal(snapshot.links["relation"].cast(pa.string()), "same"))
    row = np.asarray(pc.index_in(links["incident_id"], snapshot.incidents["incident_id"].combine_chunks()))
    is_touched = np.asarray(pc.is_in(links["report_id"], value_set=ids))
    reports = snapshot.reports
    place = pc.index_in(links["report_id"], reports["report_id"].combine_chunks()).combine_chunks()
    recorded = np.asarray(reports["recorded_at"].cast(pa.int64()).combine_chunks().take(place))
    limit = max(
        (
            entry.recorded_at
            for entry in (*snapshot.history.adoptions, *snapshot.history.imports)
            if entry.position <= since
        ),
        default=-1,
    )
    known = np.zeros(snapshot.incidents.num_rows, dtype=bool)
    known[row[recorded <= limit]] = True
    hit = np.zeros(snapshot.incidents.num_rows, dtype=bool)
    hit[row[is_touched]] = True
    return np.flatnonzero(hit & ~known), np.flatnonzero(hit & known)


def _fell_due(snapshot: Snapshot, span: Span, language: str) -> list[ObligationView]:
    table = obligations_at(snapshot, span.end)
    due = table["due_at_latest"].cast(pa.int64())
    since = pc.fill_null(pc.and_(pc.greater(due, span.start), pc.less_equal(due, span.end)), False)
    open_states = pa.array(
        [ObligationState.UNVERIFIED.value, ObligationState.NOT_PERFORMED.value, ObligationState.PARTLY.value]
    )
    not_shown = pc.is_in(table["state"].cast(pa.string()), value_set=open_states)
    return list(obligation_records(snapshot, table.filter(pc.and_(since, not_shown)), language))
