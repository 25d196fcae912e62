"""Registers as a terminal prints them, and as plain values; the files that hold keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ceasefire.casework.registers.views import (
    EntryOfList,
    EstimateOfKind,
    FigureOfDay,
    OwnList,
    PairOfEntries,
    RegisterDayRow,
    RegisterDayView,
    RegisterOfSide,
)
from ceasefire.fusion.explain import percent
from ceasefire.model.errors import UsageError
from ceasefire.model.time import instant_text, local_date, parse_moment

Table = Callable[..., None]
"""Prints columns and rows under a title."""
Say = Callable[..., None]
_LIST_STATES = {
    "awaited": "awaited",
    "sealed": "sealed",
    "key-given": "its key is in",
    "open": "open",
    "not-submitted": "not submitted",
    "not-opened": "not opened: its key was not given",
}
_DAY_STATES = {"awaiting": "before the cut-off", "cut-off-passed": "the cut-off has passed", "open": "open"}
_GROUPS = {
    "both": "both",
    "doubtful": "doubtful",
    "only-a": "first only",
    "only-b": "second only",
    "covers": "counts several",
    "not-compared": "not compared yet",
}


def read_key(path: Path) -> str:
    """Return the key in a file.

    Raises
    ------
    UsageError
        When it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as a key ({error}).", "Name the file that was written.") from None


def write_key(path: Path, key: str) -> None:
    """Write a key into a file that nobody else may read."""
    path.write_text(key + "\n", encoding="utf-8")
    path.chmod(0o600)


def register_json(record: Any) -> Any:
    """Return a record of `casework.registers.views` as plain values."""
    if is_dataclass(record) and not isinstance(record, type):
        return {field.name: register_json(getattr(record, field.name)) for field in fields(record)}
    if isinstance(record, tuple | list):
        return [register_json(one) for one in record]
    return record


def list_table(rows: Iterable[RegisterDayRow], *, zone: ZoneInfo) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the columns and rows of the list of register days."""
    columns = ("registers", "state", "cut-off", "first list", "second list", "#agreed figures")
    return columns, [
        (
            row.register_day_id,
            _DAY_STATES[row.state],
            _local(row.cut_off, zone),
            f"{row.party_a}: {_LIST_STATES[row.state_a]}",
            f"{row.party_b}: {_LIST_STATES[row.state_b]}",
            str(row.agreed_figures),
        )
        for row in rows
    ]


def print_of(view: RegisterDayView | OwnList, *, zone: ZoneInfo, table: Table, say: Say) -> None:
    """Print a register day, or one's own list."""
    if isinstance(view, OwnList):
        rows = [(one.no, *_content(one, zone)) for one in view.entries]
        table(("entry", "when", "where", "kind", "accused", "killed"), rows, title=f"The list of {view.party_id}")
        return
    row = view.row
    early = ", but closed before it, both lists being in" if row.closed_early else ""
    say(f"Registers {row.register_day_id}: {_DAY_STATES[row.state]}; cut-off {_local(row.cut_off, zone)}{early}.")
    say(*(_list_line(one, zone) for one in (view.list_a, view.list_b)))
    if view.list_a.entries is None and view.list_b.entries is None:
        return
    told = {(party.party_id, one.no): one for party in (view.list_a, view.list_b) for one in party.entries or ()}
    a, b = row.party_a, row.party_b
    if view.pairs:
        pairs = [_pair_row(pair, told, a, b, zone) for pair in view.pairs]
        table((a, b, "group", "when", "where", "killed", "likely", "they differ in"), pairs, title="Entries")
        groups = [(_GROUPS[one.group], str(one.entries_a), str(one.entries_b)) for one in view.groups]
        whole = ("all entries", *(str(sum(getattr(one, f"entries_{x}") for one in view.groups)) for x in "ab"))
        table(("entries", f"#{a}", f"#{b}"), [*groups, whole])
    for party in (view.list_a, view.list_b):
        rows = [_answer_row(one, zone) for one in party.entries or ()]
        other = b if party.party_id == a else a
        table(("entry", "answer", "reason", "amended"), rows, title=f"List of {party.party_id}, answers of {other}")
    if view.figures:
        table(("figure", "kind", "number", "counts", "signed by", "state"), [_figure_row(one) for one in view.figures])
    say(
        "What one list leaves out is not shown to be untrue by that, nor what both tell to be true.",
        "No answer is no admission.",
    )


def estimate_lines(view: RegisterDayView, kind: str | None = None) -> list[str]:
    """Return what can be said of how many events there were, as sentences.

    Raises
    ------
    UsageError
        When neither list has the kind.
    """
    found = [one for one in view.estimates if kind in (None, one.kind)]
    if not found:
        known = ", ".join(one.kind for one in view.estimates) or "none: the lists are not open"
        raise UsageError(f'Neither list has entries of the kind "{kind}".', f"Kinds: {known}.")
    return [line for one in found for line in _estimate(one)]


def _estimate(one: EstimateOfKind) -> list[str]:
    head = f"{one.kind}: {one.events_a} events on the first list, {one.events_b} on the second, {one.in_both} on both."
    if one.estimate is None or one.low is None or one.high is None or one.level is None:
        return [head, "  No estimate:", *(f"  - {each.sentence}" for each in one.obstacles)]
    return [
        head,
        f"  About {one.estimate:.0f} events, between {one.low:.0f} and {one.high:.0f} ({one.level:.0%} interval).",
        f"  It rests on this: {one.grounds}",
        "  Whether the lists are independent, and whether some events could be on neither, no two lists can show.",
    ]


def _list_line(one: RegisterOfSide, zone: ZoneInfo) -> str:
    words = [f"  {one.party_id}: {_LIST_STATES[one.state]}"]
    if one.submitted is not None:
        words.append(f"submitted {_local(one.submitted.at, zone)}, entry {one.submitted.position}")
    if one.submissions > 1:
        words.append(f"the last of {one.submissions}")
    if one.is_late:
        words.append("late")
    if one.came_after_other:
        words.append("when the other list could be known")
    if one.missing_because is not None:
        words.append(one.missing_because.rstrip("."))
    if one.entries is not None:
        words.append(f"{len(one.entries)} entries")
    return "; ".join(words) + "."


def _pair_row(
    pair: PairOfEntries, told: dict[tuple[str, str], EntryOfList], a: str, b: str, zone: ZoneInfo
) -> tuple[str, ...]:
    firsts = [told[a, no] for no in pair.entries_a[:1]] + [told[b, no] for no in pair.entries_b[:1]]
    killed = ["?" if one.content.killed_best is None else str(one.content.killed_best) for one in firsts]
    likely = "" if pair.match_probability is None else percent(pair.match_probability)
    if pair.verdict == "one-event":
        likely = "confirmed"
    elif pair.verdict is not None:
        likely = "split"
    return (
        _numbers(pair.entries_a, pair.candidates_a),
        _numbers(pair.entries_b, pair.candidates_b),
        _GROUPS[pair.group],
        _when(firsts[0], zone),
        firsts[0].content.place or "not named",
        " / ".join(dict.fromkeys(killed)),
        likely,
        ", ".join(pair.differs),
    )


def _numbers(own: Sequence[str], beside: Sequence[str]) -> str:
    return ", ".join(own) or (f"({', '.join(beside)})" if beside else "")


def _answer_row(one: EntryOfList, zone: ZoneInfo) -> tuple[str, ...]:
    amended = [f"{each.change} {_local(each.done.at, zone)}: {each.reason}" for each in one.amendments]
    return one.no, one.answer.answer, one.answer.reason or "", "; ".join(amended)


def _figure_row(one: FigureOfDay) -> tuple[str, ...]:
    standing = [each.party_id for each in one.signatures if each.withdrawn is None]
    state = "agreed" if one.is_agreed else "not agreed"
    return (
        str(one.figure),
        one.kind,
        str(one.low) if one.low == one.high else f"{one.low} to {one.high}",
        one.counts,
        ", ".join(standing) or "nobody",
        f"{state}; a list was amended since" if one.amended_since else state,
    )


def _content(one: Any, zone: ZoneInfo) -> tuple[str, ...]:
    said = one.content
    killed = "?" if said.killed_best is None else str(said.killed_best)
    return _when(one, zone), said.place or "not named", ", ".join(said.acts), ", ".join(said.accused), killed


def _when(one: Any, zone: ZoneInfo) -> str:
    if one.content.occurred_from is None:
        return "undated"
    return str(local_date(parse_moment(one.content.occurred_from, zone).start, zone))


def _local(text: str, zone: ZoneInfo) -> str:
    return instant_text(parse_moment(text, zone).start, zone)
