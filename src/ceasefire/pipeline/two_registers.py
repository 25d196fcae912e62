"""The registers of two sources against one another, as people read them: four groups with counts that add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.explain import percent
from ceasefire.fusion.two_lists import BOTH, COVERS, DOUBTFUL, ONLY_A, ONLY_B, TwoLists, compare_lists
from ceasefire.model.errors import UsageError
from ceasefire.model.time import local_date, microseconds
from ceasefire.pipeline.matching import judgements_in_force, weights_in_force
from ceasefire.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ceasefire.model.time import Span
    from ceasefire.pipeline.state import State

_SOURCES_NAMED = 20
_SHOWN = ("report_id", "source_report_id", "occurred_from", "occurred_until", "place_name", "area_name", "killed_best")
_SETTLED = {"judgement": "judged", "key": "own keys"}  # no guess, so no percentage
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistersCompared:
    """Two registers, compared.

    Parameters
    ----------
    source_a, source_b : str
        Whose they are.
    lists : TwoLists
        Rows with an entry of the period asked for; what it corresponds to stays beside it, of whatever day that is.
    counts : dict of str to (int, int)
        Entries of the period on either list, by `fusion.two_lists.GROUPS`.
    undated : tuple of int, int
        Entries without a time, which lie in no period; none where no period was asked for.
    weights_position : int or None
        Ledger entry of the weights in force; None for the built-in ones.
    entries : dict of str to dict
        What is shown of each entry, by report id.
    """

    source_a: str
    source_b: str
    lists: TwoLists
    counts: dict[str, tuple[int, int]]
    undated: tuple[int, int]
    weights_position: int | None
    entries: dict[str, Row]


def compare_registers(
    state: State, source_a: str, source_b: str, *, period: Span | None = None, progress: Progress = silent
) -> RegistersCompared:
    """Match all that two sources reported, under the weights and judgements in force, and keep the period asked for.

    Raises
    ------
    UsageError
        When one of them reported nothing, or they are one.
    """
    if source_a == source_b:
        raise UsageError(f'"{source_a}" was named twice.', "Name two sources.")
    reports = state.reports
    registers = [_register(reports, source) for source in (source_a, source_b)]
    weights = weights_in_force(state.history)
    compared = compare_lists(
        registers[0],
        registers[1],
        register=state.case.actors,
        weights=weights.weights,
        judgements=judgements_in_force(state.history),
        progress=progress,
    )
    entries = {row["report_id"]: row for table in registers for row in table.select(list(_SHOWN)).to_pylist()}
    wanted, undated = None, (0, 0)
    if period is not None:
        wanted = {one for table in registers for one in _within(table, period)}
        compared = compared.of_entries(wanted)
        undated = (_undated(registers[0]), _undated(registers[1]))
    return RegistersCompared(
        source_a=source_a,
        source_b=source_b,
        lists=compared,
        counts=compared.counts(wanted),
        undated=undated,
        weights_position=weights.entry.position if weights.entry else None,
        entries=entries,
    )


def registers_json(compared: RegistersCompared) -> Row:
    """Return the comparison as plain values."""
    return {
        "source_a": compared.source_a,
        "source_b": compared.source_b,
        "counts": {group: {"a": a, "b": b} for group, (a, b) in compared.counts.items()},
        "undated": {"a": compared.undated[0], "b": compared.undated[1]},
        "weights_position": compared.weights_position,
        "rows": (rows := compared.lists.table.to_pylist()),
        "entries": {
            one: compared.entries[one]["source_report_id"]
            for row in rows
            for name in ("entries_a", "entries_b", "candidates")
            for one in row[name]
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupListed:
    """One group as a table for people.

    Parameters
    ----------
    title : str
    columns : tuple of str
    rows : tuple of tuple of str
    of : int
        How many rows the group has, though fewer may be listed.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    of: int


def list_counts(compared: RegistersCompared) -> list[tuple[str, str, str]]:
    """Return the counts as rows of a table: what is told, entries of either list; the last is of all."""
    c = compared.counts
    alone = (c[ONLY_A][0], c[ONLY_B][1])
    rows = [
        ("told by both", c[BOTH]),
        ("told by this list alone", alone),
        ("doubtful", c[DOUBTFUL]),
        ("counting several of the other list", c[COVERS]),
    ]
    whole = tuple(sum(held[which] for held in c.values()) for which in (0, 1))
    return [(what, f"{a:,}", f"{b:,}") for what, (a, b) in (*rows, ("all entries", whole))]


def list_groups(compared: RegistersCompared, *, zone: ZoneInfo, limit: int) -> list[GroupListed]:
    """Return the groups that have entries, each with at most `limit` rows (0: all).

    Raises
    ------
    UsageError
        When `limit` is negative.
    """
    if limit < 0:
        raise UsageError(f"No table has {limit} rows.", "Give --limit 30, or 0 for all.")
    a, b = compared.source_a, compared.source_b
    titles = {
        BOTH: "Told by both",
        DOUBTFUL: "Doubtful: a person should look",
        ONLY_A: f"Told by {a} alone",
        ONLY_B: f"Told by {b} alone",
        COVERS: "Entries that count several of the other list",
    }
    held: dict[str, list[Row]] = {group: [] for group in titles}
    for row in compared.lists.table.to_pylist():
        held[row["group"]].append(row)
    return [
        GroupListed(
            title=title,
            columns=_columns(group, a, b),
            rows=tuple(_cells(row, compared.entries, zone) for row in (held[group][:limit] if limit else held[group])),
            of=len(held[group]),
        )
        for group, title in titles.items()
        if held[group]
    ]


def _columns(group: str, a: str, b: str) -> tuple[str, ...]:
    if group in (ONLY_A, ONLY_B):
        return ("entry", "day", "where", "#killed")
    if group == COVERS:
        return ("entry", "day", "where", "#killed", "counts")
    return (a, b, "day", "where", "#killed", "likely", "they differ in")


def _cells(row: Row, entries: dict[str, Row], zone: ZoneInfo) -> tuple[str, ...]:
    def own(reports: list[str], *, aside: bool = False) -> str:
        names = ", ".join(str(entries[one]["source_report_id"]) for one in reports)
        return f"({names})" if aside and names else names

    group, a, b = row["group"], row["entries_a"], row["entries_b"]
    first = entries[(a or b)[0]]
    told = (_days(first, zone), first["place_name"] or first["area_name"] or "not named")
    killed = _killed(row, entries)
    if group in (ONLY_A, ONLY_B):
        return (own(a or b), *told, killed)
    if group == COVERS:
        return (own(a or b), *told, killed, own(row["candidates"]))
    # a candidate that corresponds rather to another entry stands in brackets
    sides = (own(a) or own(row["candidates"], aside=True), own(b) or own(row["candidates"], aside=True))
    likely = _SETTLED.get(row["settled_by"]) or percent(row["match_probability"])
    return (*sides, *told, killed, likely, _differences(row))


def _killed(row: Row, entries: dict[str, Row]) -> str:
    figures = [
        "?" if entries[one]["killed_best"] is None else f"{entries[one]['killed_best']:,}"
        for reports in (row["entries_a"], row["entries_b"])
        for one in reports[:1]
    ]
    return " / ".join(dict.fromkeys(figures))


def _differences(row: Row) -> str:
    """Return in what the two differ, with the numbers where there are any."""
    days, km = row["days_apart"], row["km_apart"]
    numbers = {
        "day": f" by {abs(days):.3g}" if days is not None else "",
        "place": f" by {km:.3g} km" if km is not None else "",
        **{toll: f" by {abs(row[f'{toll}_apart'] or 0):,}" for toll in ("killed", "injured")},
    }
    words = {"stance": "one denies it"}
    return ", ".join(words.get(what, what) + numbers.get(what, "") for what in row["differs"])


def _days(entry: Row, zone: ZoneInfo) -> str:
    if entry["occurred_from"] is None or entry["occurred_until"] is None:
        return "undated"
    start, end = sorted(microseconds(entry[name]) for name in ("occurred_from", "occurred_until"))
    first, last = local_date(start, zone), local_date(max(start, end - 1), zone)
    return f"{first}" if first == last else f"{first} – {last}"


def _register(reports: pa.Table, source: str) -> pa.Table:
    sources = reports["source_id"].cast(pa.string())
    found = reports.filter(pc.equal(sources, source))
    if not found.num_rows:
        counts = sorted((-one["counts"], one["values"]) for one in sources.value_counts().to_pylist())
        named = ", ".join(f"{name} ({-count:,})" for count, name in counts[:_SOURCES_NAMED]) or "none"
        raise UsageError(
            f'Nothing on record was reported by "{source}".',
            f"Sources with how many reports: {named}{', …' if len(counts) > _SOURCES_NAMED else ''}.",
        )
    return found


def _within(reports: pa.Table, period: Span) -> list[str]:
    """Return the reports whose time has something in common with the period."""
    start, end = (
        np.asarray(reports[name].combine_chunks().cast(pa.int64()).fill_null(0))
        for name in ("occurred_from", "occurred_until")
    )
    first, last = np.minimum(start, end), np.maximum(start, end)
    meets = (first < period.end) & (np.maximum(last, first + 1) > period.start) & ~_without_time(reports)
    ids: list[str] = reports["report_id"].filter(pa.array(meets)).to_pylist()
    return ids


def _without_time(reports: pa.Table) -> Any:
    return np.asarray(
        pc.or_(pc.is_null(reports["occurred_from"]), pc.is_null(reports["occurred_until"])).combine_chunks()
    )


def _undated(reports: pa.Table) -> int:
    return int(_without_time(reports).sum())
