"""The section on casualties: ranges by category, one lineage apart from several, with and without exempt groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ceasefire.assessment.counts import MAY_FALL_UNDER, Bounds, sum_toll
from ceasefire.bulletin.material import Material, Row, accounts
from ceasefire.bulletin.records import Cell, Column, Section, Table
from ceasefire.bulletin.sentences import (
    between,
    counted,
    interval_words,
    joined,
    none_or,
    number,
    sentence_case,
    toll_range,
    toll_sum,
    verb,
)
from ceasefire.model.vocabulary import Status

_CATEGORIES = (
    ("killed", "All deaths"),
    ("killed_civilian", "Civilians"),
    ("killed_combatant", "Combatants"),
    ("killed_unknown", "Category unknown"),
    ("injured", "Injured"),
)


def casualties_section(material: Material) -> Section:
    """Return the tolls of the period's incidents."""
    if not material.incidents:
        return Section(key="casualties", title="Casualties", paragraphs=("No incident of the period is on record.",))
    paragraphs = [
        "Figures are sums of the sources' ranges: low–best–high. A category that no source states is not stated, never "
        "zero. Sources that draw on one another count as one lineage."
    ]
    disputed = sum(bool(row["toll_disputed"]) for row in material.within)
    if disputed:
        paragraphs.append(f"For {counted(disputed, 'incident')} reports give different best figures.")
    tables = [_toll_table(material), _exempt_table(material)]
    if material.episodes:
        tables.append(_episode_table(material))
    return Section(key="casualties", title="Casualties", paragraphs=tuple(paragraphs), tables=tuple(tables))


def _toll_cells(rows: Sequence[Row]) -> tuple[Cell, ...]:
    if not rows:
        return ("–",) * len(_CATEGORIES)
    return tuple(toll_sum(sum_toll(rows, toll)) for toll, _ in _CATEGORIES)


def _toll_table(material: Material) -> Table:
    groups = [
        ("All incidents wholly inside the period", material.within),
        ("asserted by two or more independent lineages", by_lineages(material.within, at_least=2)),
        ("asserted by one lineage only", by_lineages(material.within, exactly=1)),
        ("asserted by nobody on record", by_lineages(material.within, exactly=0)),
        ("Across the period's edge, in no sum", material.at_edge),
    ]
    rows = [
        (title, number(len(incidents)), *_toll_cells(incidents))
        for place, (title, incidents) in enumerate(groups)
        if incidents or place < 3
    ]
    return Table(
        key="tolls",
        caption="Casualties by category and by how many independent lineages assert the incident, low–best–high",
        columns=(
            Column("Incidents", 2.6),
            Column("Number", 0.9, "end"),
            *(Column(title, 1.6, "end") for _, title in _CATEGORIES),
        ),
        rows=tuple(rows),
        notes=(
            "In brackets: how many of these incidents do not state the figure; they are in no sum.",
            *_single_figures(material.within),
        ),
        dense=True,
    )


def _single_figures(rows: Sequence[Row]) -> tuple[str, ...]:
    """Say of which categories sources give one figure and no range: how far it may be off is then not on record."""
    counts = [
        (title.lower(), sum(row[f"{toll}_best"] is not None and row[f"{toll}_high"] is None for row in rows))
        for toll, title in _CATEGORIES
    ]
    said = [f"{title} in {number(count)}" for title, count in counts if count]
    if not said:
        return ()
    return (f"One figure without a range is taken as it stands, though it may be off: {joined(said)} of {len(rows)}.",)


def by_lineages(incidents: Iterable[Row], *, at_least: int = 0, exactly: int | None = None) -> list[Row]:
    """Choose incidents by how many independent lineages assert them."""
    held = [(row, len(set(row["lineages"] or ()))) for row in incidents]
    return [row for row, count in held if (count == exactly if exactly is not None else count >= at_least)]


def exempt_groups(material: Material) -> frozenset[str]:
    """Return the actors that clauses, or readings of them, leave out as targets."""
    groups = {actor for clause in material.case.clauses.values() for actor in clause.targets.exempt}
    for interpretation in material.case.interpretations.values():
        groups.update(interpretation.exempt or ())
    return frozenset(groups)


def exempt_involvement(material: Material) -> tuple[list[Row], list[Row]]:
    """Return the counted incidents that involve an exempt group, and those that name only a label that may hide one."""
    groups = exempt_groups(material)
    register = material.case.actors
    involved, veiled = [], []
    for row in material.incidents:
        named = {
            actor
            for account in accounts(row)
            for actor in (*account.perpetrators, *account.targets, *(one for side in account.sides for one in side))
        }
        if any(register.belongs_to(actor, group, row["occurred_from"]) for actor in named for group in groups):
            involved.append(row)
        elif any(
            register.belongs_to(hidden, group, row["occurred_from"])
            for actor in named
            if actor in register.actors
            for hidden in register.actors[actor].may_contain
            for group in groups
        ):
            veiled.append(row)
    return involved, veiled


def _exempt_table(material: Material) -> Table:
    involved, veiled = exempt_involvement(material)
    chosen = {row["incident_id"] for row in involved}
    inside = {row["incident_id"] for row in material.within}
    groups = [
        ("With exempt groups: all incidents", list(material.incidents)),
        ("Without incidents that involve one", [r for r in material.incidents if r["incident_id"] not in chosen]),
        ("Only incidents that involve one", involved),
    ]
    rows: list[tuple[Cell, ...]] = []
    for title, incidents in groups:
        within = [row for row in incidents if row["incident_id"] in inside]
        bounds = incident_bounds(material, {row["incident_id"] for row in incidents})
        rows.append(
            (
                title,
                number(len(incidents)),
                number(bounds.lower),
                number(bounds.upper),
                *_toll_cells(within)[:2],
            )
        )
    names = joined(sorted(material.actor(group) for group in exempt_groups(material))) or "no group"
    notes = [f"Left out as targets by a clause or a reading of one: {names}, with whoever belongs to them on the day."]
    if veiled:
        notes.append(
            f"{counted(len(veiled), 'further incident', start=True)} {verb(len(veiled), 'names', 'name')} only a label "
            "of a data set that may stand for such a group; they are in the second row."
        )
    return Table(
        key="exempt",
        caption="With and without incidents that involve a group the agreement leaves out",
        columns=(
            Column("Incidents", 3),
            Column("Number", 1, "end"),
            Column("Clause checks, lower", 1.3, "end"),
            Column("Clause checks, upper", 1.3, "end"),
            Column("All deaths", 1.9, "end"),
            Column("Civilians", 1.9, "end"),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def incident_bounds(material: Material, incident_ids: set[str]) -> Bounds:
    """Return how many of some incidents are alleged at least, and alleged or open at most."""
    inside = {row["incident_id"] for row in material.within}
    alleged, possible = set(), set()
    for row in material.findings:
        incident = row["incident_id"]
        if incident in incident_ids and row["status"] in MAY_FALL_UNDER:
            possible.add(incident)
            if row["status"] == Status.ALLEGED_VIOLATION and incident in inside:
                alleged.add(incident)
    return Bounds(len(alleged), len(possible))


def _episode_table(material: Material) -> Table:
    present = {row["incident_id"] for row in material.incidents}
    rows: list[tuple[Cell, ...]] = []
    for row in material.episodes:
        parts = set(row["covers"] or ())
        rows.append(
            (
                interval_words(row["occurred_from"], row["occurred_until"], material.case.zone),
                material.place(row),
                f"{number(len(parts))}, {number(len(parts & present))} of them in this period",
                toll_range(row["killed_low"], row["killed_best"], row["killed_high"]),
                joined(sorted({material.speaker(account.source_id) for account in accounts(row)})),
            )
        )
    return Table(
        key="episodes",
        caption="Episodes: accounts that cover several incidents; their parts are counted, they are not",
        columns=(
            Column("Days", 1.4),
            Column("Place", 2),
            Column("Incidents covered", 2),
            Column("Deaths as told", 1.3, "end"),
            Column("Who says so", 2.4),
        ),
        rows=tuple(rows),
    )


def toll_sentence(material: Material) -> str:
    """Return the summary's sentence on deaths, as ranges."""
    total = sum_toll(material.within, "killed")
    if not total.stated:
        return "No source states a number of deaths for the incidents wholly inside the period."
    parts = [f"{title.lower()} {toll_sum(sum_toll(material.within, toll))}" for toll, title in _CATEGORIES[1:4]]
    low, high = total.low or 0, total.high or 0
    best = f" (best figures: {number(total.best)})" if total.best is not None else ""
    corroborated = by_lineages(material.within, at_least=2)
    people = between(Bounds(low, high)) + (" person was" if low == high == 1 else " people were")
    return (
        f"By the sources' own ranges {people} killed{best}: {'; '.join(parts)}. "
        f"{sentence_case(none_or(len(corroborated)))} of {counted(len(material.within), 'incident')} wholly inside the "
        f"period {verb(max(len(corroborated), 1), 'rests', 'rest')} on more than one independent lineage."
    )
