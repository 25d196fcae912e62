"""What became of incidents: whenever reports come to be of another incident than was published, that is written down.

An incident's id is made from one of its reports, so an id leads to a report, and from there to the incident that holds
it now. The ledger's `fusion` entries add the other reports an incident ever had. So an id that was once published
always leads on, whatever was merged or split since.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import UsageError
from ceasefire.model.schemas import WORD
from ceasefire.pipeline.derived import Derived
from ceasefire.pipeline.history import History, Kind
from ceasefire.pipeline.selection import match_id
from ceasefire.pipeline.state import State

CHANGE = pa.schema(
    [
        ("report_id", pa.string()),
        ("incident_before", pa.string()),
        ("incident_after", pa.string()),  # null: the report is of no incident any more
    ]
)
"""Reports that are of another incident than was published; a total that came to be counted, once for each it covers."""

SUCCESSION = pa.schema(
    [
        ("incident_id", pa.string()),
        ("successor_id", pa.string()),  # null when its reports are gone from the record
        ("position", pa.int64()),  # of the ledger entry that says so
        ("kind", WORD),  # see KINDS
        ("reports", pa.int64()),  # that went from the one to the other
    ]
)
KINDS = ("merged", "split", "withdrawn")
"""All of it went to one incident; some of it, or to several; its reports left the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """What became of all incidents ever published, up to a position.

    Parameters
    ----------
    table : Table
        Schema `SUCCESSION`, in the order of the ledger, then by id.
    links : Table
        Which reports are of which incident now.
    """

    table: pa.Table
    links: pa.Table
    _left: dict[str, set[str]]  # incident id to the reports that left it, ever

    def follow(self, incident_id: str) -> tuple[str, ...]:
        """Return the incidents that hold now what an id once named, sorted; itself alone while nothing left it.

        Empty when no such incident was ever published, or its reports left the record.
        """
        reports = self._left.get(incident_id, set()) | {_report_of(incident_id)}
        return tuple(sorted({one for ids in _holders(self.links, reports).values() for one in ids}))

    def ended(self) -> tuple[str, ...]:
        """Return the ids that were published once and name no incident now, sorted."""
        held = set(self.links["incident_id"].unique().to_pylist())
        return tuple(sorted(set(self._left) - held))


@dataclass(frozen=True, slots=True)
class Followed:
    """An incident that somebody named.

    Parameters
    ----------
    incident_id : str
        That holds now what was named.
    said : str or None
        What became of the one that was named, where that is worth saying.
    """

    incident_id: str
    said: str | None = None


def find_incident(text: str, state: State) -> Followed:
    """Return the incident that an id names, or the beginning of one, though it may have been merged since.

    Parameters
    ----------
    text : str
        Of an incident that is held, or that was published once.
    state : State
        Its reports fused.

    Raises
    ------
    UsageError
        When there is and was none, when several begin so, or when one became several.
    """
    links = state.fused().table("links")
    held = links["incident_id"]
    known = bool(text) and pc.any(pc.starts_with(held, pattern=text)).as_py()
    if known or not text.startswith("inc-"):
        found = match_id(text, held, "incident")
        return Followed(found, _left_sentence(found, state.succession()) if state.history.fusions else None)
    past = state.succession()
    once = pa.chunked_array([pa.array(past.ended(), pa.string()), _named_for(links, text)])
    found = match_id(text, once, "incident")
    now = past.follow(found)
    if len(now) == 1:
        return Followed(now[0], f"{found} is no incident any more: what it held is of {now[0]}.")
    became = f"its reports are of {', '.join(now)}." if now else "its reports have left the record."
    raise UsageError(f"{found} is no incident any more: {became}", "Name one of them." if now else "Use --as-of.")


def succession(history: History, batches: BatchStore, links: pa.Table) -> Succession:
    """Read what became of incidents.

    Parameters
    ----------
    history : History
        Up to the position asked about.
    links : Table
        Which reports are of which incident there.
    """
    left: dict[str, set[str]] = defaultdict(set)
    rows: list[dict[str, Any]] = []
    for entry in history.fusions:
        changes = batches.get_table(entry.content["changes"])
        for row in changes.to_pylist():
            left[row["incident_before"]].add(row["report_id"])
        rows += _rows(changes, entry.position)
    return Succession(table=pa.Table.from_pylist(rows, schema=SUCCESSION), links=links, _left=dict(left))


def changes_between(before: pa.Table, after: pa.Table) -> pa.Table:
    """Return what moved.

    Parameters
    ----------
    before, after : Table
        Links: ``report_id``, ``incident_id``, ``relation``.

    Returns
    -------
    Table
        Schema `CHANGE`, by report id.
    """
    old, new = _same(before), _same(after)
    now = new["incident_id"].take(pc.index_in(old["report_id"], value_set=new["report_id"].combine_chunks()))
    moved = old.filter(pc.invert(pc.fill_null(pc.equal(old["incident_id"], now), False)))
    reports = set(moved["report_id"].to_pylist())
    holders = _holders(after, reports)
    rows = [
        {"report_id": row["report_id"], "incident_before": row["incident_id"], "incident_after": to}
        for row in moved.sort_by("report_id").to_pylist()
        for to in sorted(holders.get(row["report_id"], ())) or (None,)
    ]
    return pa.Table.from_pylist(rows, schema=CHANGE)


def publish(state: State, fused: Derived, *, ledger: Ledger, author: str) -> Entry | None:
    """Record what moved since the latest state was last published, and remember this one as published.

    Parameters
    ----------
    state : State
        The latest.
    fused : Derived
        Its fusion.

    Returns
    -------
    Entry or None
        None when nothing moved.
    """
    before = last_published(state, ledger)
    if before is not None and before.folder == fused.folder:
        return None
    changes = CHANGE.empty_table()
    if before is not None:
        # a report whose incident changed has all its links made anew, so that those that did not change tell nothing
        links = fused.since(before, "links") or (before.table("links"), fused.table("links"))
        changes = changes_between(*links)
    entry = None
    if changes.num_rows:
        payload = {
            "basis": state.history.basis.position,
            "reports": pc.count_distinct(changes["report_id"]).as_py(),
            "incidents": pc.count_distinct(changes["incident_before"]).as_py(),
            "content": {"changes": state.batches.put_table(changes)},
        }
        entry = ledger.append(Kind.FUSION, payload, author=author)
    state.store.publish(fused)
    return entry


def last_published(state: State, ledger: Ledger) -> Derived | None:
    """Return the fusion that people were last shown.

    Where derived tables were deleted, that is made again for the last position that the ledger shows to have been
    published: by what moved there, or by a bulletin.
    """
    held = state.store.published
    if held is not None:
        return held
    history = state.history
    positions = [entry.payload["basis"] for entry in history.fusions[-1:]]
    positions += [entry.payload["edition"]["position"] for entry in history.bulletins]
    earlier = [position for position in positions if position < history.basis.position]
    return state.at_position(max(earlier), ledger).fused() if earlier else None


def _rows(changes: pa.Table, position: int) -> list[dict[str, Any]]:
    """Return the rows of the succession table that one entry's changes make."""
    went: dict[str, dict[str | None, int]] = defaultdict(lambda: defaultdict(int))
    leads: set[str] = set()
    for row in changes.to_pylist():
        went[row["incident_before"]][row["incident_after"]] += 1
        if row["report_id"] == _report_of(row["incident_before"]):
            leads.add(row["incident_before"])  # the report it is named for left, so the incident ended
    rows = []
    for incident, targets in sorted(went.items()):
        for target, reports in sorted(targets.items(), key=lambda item: item[0] or ""):
            kind = "withdrawn" if target is None else "merged" if incident in leads and len(targets) == 1 else "split"
            rows.append(
                {
                    "incident_id": incident,
                    "successor_id": target,
                    "position": position,
                    "kind": kind,
                    "reports": reports,
                }
            )
    return rows


def _left_sentence(incident_id: str, past: Succession) -> str | None:
    """Say where reports went that an incident once held, while it lives on."""
    others = [one for one in past.follow(incident_id) if one != incident_id]
    return f"Reports that {incident_id} held before are of {', '.join(others)} now." if others else None


def _named_for(links: pa.Table, text: str) -> pa.Array:
    """Return the ids that incidents would have if they were named for reports that are held, of those that begin so."""
    reports = links["report_id"].filter(pc.starts_with(links["report_id"], pattern=_report_of(text))).unique()
    return pc.replace_substring_regex(reports, r"^rep-", "inc-")


def _report_of(incident_id: str) -> str:
    """Return the report that an incident is named for."""
    return "rep-" + incident_id.removeprefix("inc-")


def _same(links: pa.Table) -> pa.Table:
    kept = links.filter(pc.equal(links["relation"].cast(pa.string()), "same"))
    return kept.select(["report_id", "incident_id"]).combine_chunks()


def _holders(links: pa.Table, reports: set[str]) -> dict[str, set[str]]:
    """Return the incident that each report is of; of a report that is none's own, those that it covers."""
    wanted = links.filter(pc.is_in(links["report_id"], value_set=pa.array(sorted(reports), pa.string())))
    own: dict[str, set[str]] = defaultdict(set)
    covered: dict[str, set[str]] = defaultdict(set)
    for row in wanted.to_pylist():
        (own if row["relation"] == "same" else covered)[row["report_id"]].add(row["incident_id"])
    return {report: own[report] if report in own else covered[report] for report in (*own, *covered)}
