"""The annexes: the incidents of the period that touch a clause, and the clauses cited."""

from __future__ import annotations

from ceasefire.agreement.citation import cite_clause, held_text
from ceasefire.assessment.counts import MAY_FALL_UNDER, Fit
from ceasefire.bulletin.checks import status_words
from ceasefire.bulletin.material import DECIDED, Material, Row, accounts, english
from ceasefire.bulletin.records import Cell, Column, Section, Table, Words
from ceasefire.bulletin.sentences import (
    counted,
    interval_words,
    joined,
    number,
    toll_range,
    verb,
)
from ceasefire.model.vocabulary import Answer, Stance

EDGE_MARK = "†"


def incidents_annex(material: Material, *, most_rows: int) -> Section:
    """Return the incidents that may fall under a clause or are left out by it, by day.

    Parameters
    ----------
    most_rows : int
        How many are printed; the rest is counted, never dropped in silence.
    """
    touching = [row for row in material.incidents if touches_clause(material, row)]
    printed = touching[:most_rows]
    elsewhere = len(material.incidents) - len(touching)
    paragraphs = [
        f"{counted(len(touching), 'incident', start=True)} of the period may fall under a clause, or "
        f"{verb(len(touching), 'lies', 'lie')} within one and {verb(len(touching), 'is', 'are')} exempt, excepted or "
        f"by a party not bound. {counted(elsewhere, 'further incident', start=True)} on record "
        f"{verb(elsewhere, 'lies', 'lie')} outside the time, area or acts of every clause."
    ]
    if len(printed) < len(touching):
        paragraphs.append(
            f"The first {number(len(printed))} are printed; all are in the findings of the workspace at this position."
        )
    if not printed:
        return Section(key="incidents", title="Incidents", paragraphs=tuple(paragraphs), annex=True)
    table = Table(
        key="incidents",
        caption="Incidents that touch a clause, by local day",
        columns=(
            Column("Day", 1.3),
            Column("Place", 1.7),
            Column("Acts", 1.35),
            Column("Parties", 2.2),
            Column("Deaths", 0.95, "end"),
            Column("Status, accused: clauses", 4.2),
            Column("Sources", 1.8),
        ),
        rows=tuple(_incident_row(material, row) for row in printed),
        notes=(
            f"{EDGE_MARK} crosses the edge of the period: in upper bounds only. Deaths: low–best–high as the sources "
            "give them. Parties: who is said to have acted against whom; a dash stands between the sides of a clash "
            "whose direction nobody gives.",
        ),
        dense=True,
    )
    return Section(key="incidents", title="Incidents", paragraphs=tuple(paragraphs), tables=(table,), annex=True)


def touches_clause(material: Material, incident: Row) -> bool:
    """Whether some clause may cover the incident, or leaves it out although it lies within."""
    return any(
        row["status"] in MAY_FALL_UNDER
        or (row["status"] in DECIDED and row["zone_id"] is not None and row["in_area"] == Answer.YES.label)
        for row in material.findings_of.get(incident["incident_id"], ())
    )


def _incident_row(material: Material, row: Row) -> tuple[Cell, ...]:
    mark = f" {EDGE_MARK}" if row["fit"] == Fit.EDGE else ""
    return (
        interval_words(row["occurred_from"], row["occurred_until"], material.case.zone) + mark,
        material.place(row),
        joined([act.replace("-", " ") for act in sorted(row["acts"] or ())]) or "not stated",
        parties(material, row),
        toll_range(row["killed_low"], row["killed_best"], row["killed_high"]),
        status_words(material, row["incident_id"]),
        sources(material, row),
    )


def parties(material: Material, incident: Row) -> str:
    """Return who is said to have done what to whom, each version once."""
    versions = set()
    for account in accounts(incident):
        if account.stance == Stance.DENIES:
            continue
        by = joined([material.actor(actor) for actor in account.perpetrators])
        hit = joined([material.actor(actor) for actor in account.targets])
        if by or hit:
            versions.add(f"{by or 'not named'} against {hit or 'not stated'}")
        elif account.sides:
            versions.add(" – ".join(joined([material.actor(actor) for actor in side]) for side in account.sides))
    return "; ".join(sorted(versions)) or "not stated"


def sources(material: Material, incident: Row) -> str:
    """Return who speaks of an incident, and from how many independent lineages."""
    speakers = sorted({material.speaker(account.source_id) for account in accounts(incident)})
    lineages = len(set(incident["lineages"] or ()))
    return f"{', '.join(speakers) or 'not stated'} ({counted(lineages, 'lineage')})"


def clauses_annex(material: Material) -> Section:
    """Return every clause that findings of the period cite, with the words held."""
    cited = sorted({row["clause_id"] for row in material.findings})
    rows: list[tuple[Cell, ...]] = []
    for clause_id in cited:
        clause = material.case.clauses.get(clause_id)
        if clause is None:
            continue
        instrument = material.case.instruments[clause.instrument]
        text = held_text(clause)
        rows.append(
            (
                cite_clause(clause),
                english(instrument.title),
                english(clause.title),
                Words(text.text, text.language),
            )
        )
    paraphrased = sum("paraphrase" in str(row[0]) for row in rows)
    paragraphs = []
    if paraphrased:
        paragraphs.append(
            f"{counted(paraphrased, 'clause', start=True)} {verb(paraphrased, 'is', 'are')} held only as a paraphrase: "
            "until an authentic or official text is held, the number is our reference and the words are ours."
        )
    table = Table(
        key="clauses",
        caption="Clauses that the findings of the period were checked against",
        columns=(Column("Citation", 1.6), Column("Instrument", 2), Column("Title", 1.8), Column("Text held", 4)),
        rows=tuple(rows),
        dense=True,
    )
    return Section(
        key="clauses", title="Clauses cited", paragraphs=tuple(paragraphs), tables=(table,) if rows else (), annex=True
    )
