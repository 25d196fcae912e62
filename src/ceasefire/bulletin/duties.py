"""The section on obligations: what was due in the period, performed or not shown to be."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from ceasefire.bulletin.material import Material, english
from ceasefire.bulletin.records import Cell, Column, Section, Table
from ceasefire.bulletin.sentences import (
    STATE_WORDS,
    counted,
    interval_words,
    joined,
    number,
    sentence_case,
    short_day,
    verb,
)
from ceasefire.findings.reasons import OBLIGATION_REASONS
from ceasefire.model.time import local_date
from ceasefire.model.vocabulary import ObligationState

_WHEN = {
    "due": "due in this period",
    "continuous": "continuous, without a deadline",
    "overdue": "due earlier and not shown as performed",
    "unfixed": "no deadline can be computed: what it runs from is not on record",
}
_SHOWN = (ObligationState.PERFORMED, ObligationState.WAIVED, ObligationState.SUSPENDED, ObligationState.NOT_DUE)


def obligations_section(material: Material, obligations: pa.Table) -> Section:
    """Return the obligations of the period, those of one clause and state in one row."""
    rows = _sorted_into(material, obligations)
    if not rows:
        return Section(
            key="obligations",
            title="Obligations",
            paragraphs=("No obligation is on record that was due, or lasted, in this period.",),
        )
    return Section(
        key="obligations",
        title="Obligations",
        paragraphs=(
            "An obligation is never inferred as unmet from silence or from incidents: without evidence it is "
            "unverified. The bearer's own word alone does not make it performed.",
            duty_sentence(material, obligations),
        ),
        tables=(_state_table(rows), _duty_table(material, rows)),
    )


def _sorted_into(material: Material, obligations: pa.Table) -> list[tuple[str, dict[str, Any]]]:
    """Return the obligations that bear on the period, each with why."""
    for name in ("period_from", "period_until", "due_at_earliest", "due_at_latest"):
        at = obligations.schema.get_field_index(name)
        obligations = obligations.set_column(at, name, obligations[name].cast(pa.int64()))
    kept = []
    for row in obligations.to_pylist():
        when = _bears_on(material, row)
        if when:
            kept.append((when, row))
    order = list(_WHEN)
    states = list(STATE_WORDS)
    kept.sort(key=lambda pair: (order.index(pair[0]), pair[1]["clause_id"], states.index(pair[1]["state"]),
                                pair[1]["due_at_latest"] or 0, pair[1]["obligation_id"]))  # fmt: skip
    return kept


def _bears_on(material: Material, row: dict[str, Any]) -> str:
    period = material.period
    earliest, latest = row["due_at_earliest"], row["due_at_latest"]
    if row["period_from"] is not None and row["period_from"] >= period.end:
        return ""
    if earliest is None:
        if row["period_until"] is not None and row["period_until"] <= period.start:
            return ""
        return "unfixed" if row["state"] == ObligationState.NOT_DUE else "continuous"
    if earliest < period.end and max(latest, earliest + 1) > period.start:
        return "due"
    return "overdue" if latest <= period.start and row["state"] not in _SHOWN else ""


def _state_table(rows: list[tuple[str, dict[str, Any]]]) -> Table:
    counts = Counter((when, row["state"]) for when, row in rows)
    states = [state for state in STATE_WORDS if any(held == state for _, held in counts)]
    return Table(
        key="obligation-states",
        caption="Obligations by state; one clause, bearer, area and period each",
        columns=(
            Column("Obligations", 3),
            *(Column(sentence_case(STATE_WORDS[state]), 1, "end") for state in states),
            Column("All", 0.8, "end"),
        ),
        rows=tuple(
            (
                sentence_case(words),
                *(number(counts[when, state]) if counts[when, state] else "–" for state in states),
                number(sum(counts[when, state] for state in states)),
            )
            for when, words in _WHEN.items()
            if any(held == when for held, _ in counts)
        ),
    )


def _duty_table(material: Material, rows: list[tuple[str, dict[str, Any]]]) -> Table:
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[dict[str, Any]]] = {}
    for when, row in rows:
        groups.setdefault((when, row["clause_id"], row["state"], tuple(row["reasons"] or ())), []).append(row)
    printed: list[tuple[Cell, ...]] = []
    for (_, clause_id, state, reasons), held in groups.items():
        clause = material.case.clauses.get(clause_id)
        what = english(clause.duty.what) if clause and clause.duty else ""
        bearers = sorted({material.actor(row["bearer_id"]) for row in held})
        areas = sorted({material.zone(clause_id, row["zone_id"]) for row in held})
        why = " ".join(OBLIGATION_REASONS.get(code, code) for code in reasons)
        count = f" ({number(len(held))})" if len(held) > 1 else ""
        printed.append(
            (
                material.citation(clause_id),
                what,
                f"{joined(bearers)}; {joined(areas)}",
                _due_words(material, held),
                f"{sentence_case(STATE_WORDS[ObligationState(state)])}{count}. {why}".strip(),
            )
        )
    return Table(
        key="obligation-list",
        caption="Obligations that were due, or lasted, in the period or stand over from earlier",
        columns=(
            Column("Clause", 1.7),
            Column("What is due", 2.4),
            Column("Bearers; areas", 2.4),
            Column("Due", 1.4),
            Column("State and why", 3),
        ),
        rows=tuple(printed),
        notes=("In brackets: how many obligations the row holds.",),
        dense=True,
    )


def _due_words(material: Material, held: list[dict[str, Any]]) -> str:
    zone = material.case.zone
    dues = sorted(
        {(row["due_at_earliest"], row["due_at_latest"]) for row in held if row["due_at_earliest"] is not None}
    )
    if not dues:
        return "no date"
    words = []
    for earliest, latest in (dues[0], dues[-1]) if len(dues) > 1 else dues:
        first = local_date(earliest, zone)
        last = local_date(max(earliest, latest - 1), zone)
        words.append(short_day(first) if first == last else interval_words(earliest, latest, zone))
    return words[0] if len(words) == 1 else f"{len(dues)} dates, {words[0]} to {words[-1]}"


def duty_sentence(material: Material, obligations: pa.Table) -> str:
    """Return the summary's sentence on obligations."""
    rows = _sorted_into(material, obligations)
    due = [row for when, row in rows if when == "due"]
    lasting = sum(when == "continuous" for when, _ in rows)
    overdue = sum(when == "overdue" for when, _ in rows)
    states = Counter(row["state"] for row in due)
    split = joined([f"{number(states[state])} {words}" for state, words in STATE_WORDS.items() if states[state]])
    first = (
        f"{counted(len(due), 'obligation', start=True)} {verb(len(due), 'was', 'were')} due in this period"
        f"{f': {split}' if split else ''}."
    )
    return (
        f"{first} {counted(lasting, 'continuous obligation', start=True)} {verb(lasting, 'was', 'were')} running, and "
        f"{counted(overdue, 'obligation')} {verb(overdue, 'stands', 'stand')} over from earlier."
    )
