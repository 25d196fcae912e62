"""The section on what parties say of the period as a whole: their denials, and their totals."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.agreement.records import TwoSidedCount
from ceasefire.bulletin.material import Material, Row
from ceasefire.bulletin.records import Cell, Column, Figure, Section, Table, TotalBar, Words
from ceasefire.bulletin.sentences import (
    NOT_STATED,
    counted,
    interval_words,
    joined,
    number,
    short_day,
    toll_range,
    verb,
)
from ceasefire.model.time import Span, local_date, parse_moment
from ceasefire.model.vocabulary import DenialScope, ReportKind, Stance

_REACH = {
    DenialScope.EVENT: "this event",
    DenialScope.PERIOD: "a period",
    DenialScope.EVERYTHING: "everything of the kind",
}
_LONGEST_QUOTE = 280
_DEATHS = {
    "killed": "",
    "killed_civilian": " civilians",
    "killed_combatant": " combatants",
    "killed_unknown": " others",
}


def statements_section(material: Material) -> Section:
    """Return denials beside totals: neither changes a count above, a denial of this event apart."""
    denials = denials_of(material)
    two_sided = two_sided_counts(material)
    tables = [_denial_table(material, denials)] if denials else []
    figures: list[Figure] = []
    paragraphs = [
        "Only a denial of this event makes a question contested. A denial of a period or of everything stands here, "
        "beside the totals, and changes no count."
    ]
    if not denials:
        paragraphs.append("No denial that bears on this period is on record. Silence is not consent.")
    if two_sided:
        tables.append(_two_sided_table(material, two_sided))
        figures.append(_totals_figure(material, two_sided))
        paragraphs.append(
            "The two sides' totals are drawn as totals. They are never added to incidents, averaged or taken as a "
            "measure of who keeps the agreement: agreement between two lists is measured event by event."
        )
    else:
        paragraphs.append("No two-sided total of this period is on record.")
    claimed = _claimed_totals(material)
    if claimed:
        tables.append(_claimed_table(material, claimed))
    return Section(
        key="statements",
        title="What the parties say: denials and totals",
        paragraphs=tuple(paragraphs),
        figures=tuple(figures),
        tables=tuple(tables),
    )


def denials_of(material: Material) -> list[Row]:
    """Return the denials that bear on the period: of its events, of a time within it, of everything."""
    rows = _reports_where(material.reports, pc.equal(material.reports["stance"].cast(pa.string()), Stance.DENIES.value))
    events = {key for row in (*material.incidents, *material.episodes) for key in row["report_ids"] or ()}
    kept = [
        row
        for row in rows
        if (row["denial_scope"] == DenialScope.EVENT and row["report_id"] in events)
        or (row["denial_scope"] == DenialScope.PERIOD and _overlaps(row, material.period))
        or (row["denial_scope"] == DenialScope.EVERYTHING and _reaches(row, material.period))
    ]
    order = list(DenialScope)
    kept.sort(key=lambda row: (material.speaker(row["source_id"]), order.index(row["denial_scope"]), row["report_id"]))
    return kept


def _reports_where(reports: pa.Table, mask: Any) -> list[Row]:
    """Return chosen reports as records, their instants as microseconds."""
    table = reports.filter(mask)
    for name in ("occurred_from", "occurred_until", "reported_at"):
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(pa.int64()))
    rows: list[Row] = table.to_pylist()
    return rows


def _overlaps(row: Row, period: Span) -> bool:
    start, end = row["occurred_from"], row["occurred_until"]
    if start is None or end is None:
        return False
    return bool(start < period.end and max(end, start + 1) > period.start)


def _reaches(row: Row, period: Span) -> bool:
    """Whether a standing denial speaks of the period, or had been made by its end, as far as its date is on record."""
    said = row["reported_at"] if row["reported_at"] is not None else row["occurred_from"]
    return said is None or bool(said < period.end) or _overlaps(row, period)


def _denial_table(material: Material, denials: list[Row]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in denials:
        speaker = material.speaker(row["source_id"])
        party = f" (for {material.actor(row['party'])})" if row["party"] else ""
        quote = row["text"] or ""
        if len(quote) > _LONGEST_QUOTE:
            quote = quote[: _LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + " …"
        start, end = row["occurred_from"], row["occurred_until"]
        when = interval_words(start, end, material.case.zone) if start is not None and end is not None else ""
        reach = _REACH[DenialScope(row["denial_scope"])]
        rows.append(
            (
                speaker + party,
                f"{reach}{f', {when}' if when else ''}",
                joined(sorted(row["denied"] or ())) or "not stated",
                Words(quote, row["text_language"] or "en") if quote else "–",
            )
        )
    return Table(
        key="denials",
        caption="Denials that bear on this period, by who denies",
        columns=(
            Column("Who denies", 2),
            Column("How far it reaches", 1.8),
            Column("What is denied", 1.4),
            Column("In words", 4),
        ),
        rows=tuple(rows),
    )


def two_sided_counts(material: Material) -> list[TwoSidedCount]:
    """Return the two-sided totals of the period's days, by day."""
    zone = material.case.zone
    kept = [
        (parse_moment(total.day, zone).start, total)
        for total in material.case.totals
        if material.period.start <= parse_moment(total.day, zone).start < material.period.end
    ]
    return [total for _, total in sorted(kept, key=lambda pair: (pair[0], pair[1].id))]


def _two_sided_table(material: Material, totals: list[TwoSidedCount]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for total in totals:
        day = short_day(local_date(parse_moment(total.day, material.case.zone).start, material.case.zone))
        for count in total.counts:
            places = joined([f"{place} {number(value)}" for place, value in sorted(count.by_place.items())])
            confirmed = "not stated" if count.confirmed_by_other is None else number(count.confirmed_by_other)
            rows.append((day, material.speaker(count.speaker), number(count.count), confirmed, places or "not stated"))
    return Table(
        key="two-sided",
        caption="Two-sided totals of alleged violations, as each side counted them",
        columns=(
            Column("Day", 1.2),
            Column("Counted by", 2.6),
            Column("Total", 0.9, "end"),
            Column("Confirmed by the other", 1.3, "end"),
            Column("By place", 3),
        ),
        rows=tuple(rows),
    )


def _totals_figure(material: Material, totals: list[TwoSidedCount]) -> Figure:
    bars = tuple(
        TotalBar(
            day=short_day(local_date(parse_moment(total.day, material.case.zone).start, material.case.zone)),
            speaker=material.speaker(count.speaker),
            count=count.count,
            confirmed=count.confirmed_by_other,
        )
        for total in totals
        for count in total.counts
    )
    said = "; ".join(f"{bar.day}, {bar.speaker}: {number(bar.count)}" for bar in bars)
    return Figure(
        key="totals",
        caption="Two-sided totals of the period, drawn as totals",
        alternative=f"Bars of each side's own total. {said}.",
        content=bars,
    )


def _claimed_totals(material: Material) -> list[Row]:
    rows = _reports_where(
        material.reports, pc.equal(material.reports["kind"].cast(pa.string()), ReportKind.TOTAL.value)
    )
    kept = [row for row in rows if row["stance"] != Stance.DENIES and _overlaps(row, material.period)]
    kept.sort(key=lambda row: (row["occurred_from"], material.speaker(row["source_id"]), row["report_id"]))
    return kept


def _claimed_table(material: Material, claimed: list[Row]) -> Table:
    beyond = sum(
        row["occurred_from"] < material.period.start or row["occurred_until"] > material.period.end for row in claimed
    )
    rows: list[tuple[Cell, ...]] = [
        (
            interval_words(row["occurred_from"], row["occurred_until"], material.case.zone),
            material.speaker(row["source_id"]),
            _told_deaths(row),
            Words(row["text"], row["text_language"] or "en") if row["text"] else "–",
        )
        for row in claimed
    ]
    notes = (f"{counted(beyond, 'total', start=True)} {verb(beyond, 'reaches', 'reach')} beyond the period.",)
    return Table(
        key="claimed-totals",
        caption="Totals that sources give for a period, never added to incidents",
        columns=(
            Column("Days", 1.6),
            Column("Who says so", 2),
            Column("Deaths", 1.2, "end"),
            Column("In words", 4),
        ),
        rows=tuple(rows),
        notes=notes if beyond else (),
    )


def _told_deaths(row: Row) -> str:
    """Return the deaths a total gives: all, or those of the categories it speaks of."""
    told = []
    for toll, of_whom in _DEATHS.items():
        figures = tuple(row[f"{toll}_{bound}"] for bound in ("low", "best", "high"))
        if any(figure is not None for figure in figures):
            told.append(f"{toll_range(*figures)}{of_whom}")
    return ", ".join(told) or NOT_STATED


def denial_sentence(material: Material) -> str:
    """Return the summary's sentence on denials."""
    denials = denials_of(material)
    if not denials:
        return "No denial that bears on this period is on record."
    speakers = sorted({material.speaker(row["source_id"]) for row in denials})
    general = sum(row["denial_scope"] != DenialScope.EVENT for row in denials)
    reach = f"; {number(general)} {verb(general, 'reaches', 'reach')} beyond single events" if general else ""
    return (
        f"{joined(speakers)} {verb(len(speakers), 'denies', 'deny')}: {counted(len(denials), 'denial')} "
        f"{verb(len(denials), 'bears', 'bear')} on this period{reach}."
    )
