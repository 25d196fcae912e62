"""A month of obligations: which fall due on which local day, and what the record shows of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from ceasefire.model.errors import UsageError
from ceasefire.model.roles import public
from ceasefire.model.time import instant_text, local_date, microseconds
from ceasefire.pipeline.case_view import Titles
from ceasefire.pipeline.obligations_view import obligations_at

if TYPE_CHECKING:
    from ceasefire.pipeline.served import Snapshot

MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueInMonth:
    """Obligations of one clause that fall due on the same days and are in the same state."""

    clause_id: Annotated[str, public("The clause.")]
    what: Annotated[Titles, public("What is required, by language.")]
    first_day: Annotated[str, public("The earliest deadline on record, as a local day.")]
    last_day: Annotated[str, public("The latest deadline on record; sources, or readings, may differ.")]
    state: Annotated[str, public("An obligation state; unverified: nothing is on record, which is not a breach.")]
    bearers: Annotated[tuple[str, ...], public("Of whom it is required.")]
    zones: Annotated[tuple[str, ...], public("Where; empty: everywhere.")]
    count: Annotated[int, public("How many obligations these are.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfDuties:
    """How many obligations fall due in a month."""

    month: Annotated[str, public("Such as 2017-10.")]
    by_state: Annotated[dict[str, int], public("Obligations by state.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The obligations of one month, and which months have any."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    as_of: Annotated[str, public("The instant at which they are looked at, UTC.")]
    month: Annotated[str, public("The month shown.")]
    due: Annotated[tuple[DueInMonth, ...], public("By first day.")]
    months: Annotated[tuple[MonthOfDuties, ...], public("Every month in which something falls due, in order.")]
    without_date: Annotated[int, public("Obligations that last, or whose deadline cannot be computed.")]


def calendar_view(snapshot: Snapshot, at: int, *, month: str | None = None) -> Calendar:
    """Return a month of obligations as they stand at an instant (UTC microseconds).

    Parameters
    ----------
    month : str, optional
        Such as ``2017-10``; by default the month of the instant, or the nearest one before it in which something falls
        due, else the first there is.

    Raises
    ------
    UsageError
        When it is no month.
    """
    if month is not None and not re.fullmatch(MONTH_PATTERN, month, re.ASCII):
        raise UsageError(f'"{month}" is no month.', "Write it like 2017-10.")
    rows = _dated_rows(snapshot, at)
    dated = [row for row in rows if row["first_day"] is not None]
    months: dict[str, Counter[str]] = {}
    for row in dated:
        for name in _months(row["first_day"], row["last_day"]):
            months.setdefault(name, Counter())[row["state"]] += 1
    shown = month or _nearest(sorted(months), local_date(at, snapshot.zone).isoformat()[:7])
    return Calendar(
        position=snapshot.stamp.position,
        as_of=instant_text(at).replace("+00:00", "Z"),
        month=shown,
        due=_grouped(snapshot, [row for row in dated if shown in _months(row["first_day"], row["last_day"])]),
        months=tuple(MonthOfDuties(month=name, by_state=dict(sorted(months[name].items()))) for name in sorted(months)),
        without_date=len(rows) - len(dated),
    )


def _dated_rows(snapshot: Snapshot, at: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = obligations_at(snapshot, at).to_pylist()
    for row in rows:
        earliest, latest = row["due_at_earliest"], row["due_at_latest"]
        row["first_day"] = row["last_day"] = None
        if earliest is not None and latest is not None:
            start, end = microseconds(earliest), microseconds(latest)
            row["first_day"] = local_date(start, snapshot.zone)
            row["last_day"] = local_date(max(start, end - 1), snapshot.zone)
    return rows


def _months(first: date, last: date) -> tuple[str, ...]:
    """Return the months that some days touch."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.year * 12 + first.month - 1
    return tuple(f"{(start + step) // 12:04}-{(start + step) % 12 + 1:02}" for step in range(count))


def _nearest(months: list[str], wanted: str) -> str:
    before = [name for name in months if name <= wanted]
    return before[-1] if before else months[0] if months else wanted


def _grouped(snapshot: Snapshot, rows: list[dict[str, Any]]) -> tuple[DueInMonth, ...]:
    groups: dict[tuple[date, date, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["first_day"], row["last_day"], row["clause_id"], row["state"]), []).append(row)
    found = []
    for (first, last, clause_id, state), held in sorted(groups.items()):
        clause = snapshot.case.clauses[clause_id]
        found.append(
            DueInMonth(
                clause_id=clause_id,
                what=clause.duty.what if clause.duty else clause.title,
                first_day=first.isoformat(),
                last_day=last.isoformat(),
                state=state,
                bearers=tuple(sorted({row["bearer_id"] for row in held})),
                zones=tuple(sorted({row["zone_id"] for row in held if row["zone_id"]})),
                count=len(held),
            )
        )
    return tuple(found)
