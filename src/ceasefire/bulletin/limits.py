"""Sections on what could not be seen and on what is odd about the data."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from ceasefire.agreement.records import Coverage
from ceasefire.assessment.exposure import exposure_between
from ceasefire.bulletin.material import Material, Row
from ceasefire.bulletin.records import Cell, Column, Section, Table
from ceasefire.bulletin.sentences import (
    counted,
    interval_words,
    joined,
    number,
    sentence_case,
    verb,
)
from ceasefire.model.flags import FLAGS
from ceasefire.model.time import Span, parse_moment
from ceasefire.model.vocabulary import PlacePrecision
from ceasefire.release.classes import is_told_watch, told_area

NO_COVERAGE = (
    "No coverage is recorded for this period: who could have seen what, where and when is not known. No rate can be "
    "given, and the absence of reports is not calm."
)
_PRECISION_WORDS = {
    PlacePrecision.POINT: "a named settlement or point",
    PlacePrecision.NEAR: "the neighbourhood of a known point",
    PlacePrecision.DISTRICT: "a district",
    PlacePrecision.GOVERNORATE: "a governorate or province",
    PlacePrecision.AREA: "a region, road or river",
    PlacePrecision.COUNTRY: "the country",
    PlacePrecision.UNKNOWN: "nothing more precise",
}
_MOST_NAMES = 12
_STATE_WORDS = {"up": "in place", "down": "down", "denied": "access denied", "unknown": "not known"}


def limits_section(material: Material) -> Section:
    """Return coverage, places too coarsely known, incidents across the edge and incidents without a date."""
    coverage = coverage_of(material)
    paragraphs = [coverage_sentence(material), *watch_sentences(material)]
    coarse = [row for row in material.incidents if not PlacePrecision(row["place_precision"]).is_disc]
    if coarse:
        paragraphs.append(
            f"{counted(len(coarse), 'incident', start=True)} of {number(len(material.incidents))} "
            f"{verb(len(coarse), 'is', 'are')} known only to an administrative unit or a wider area: neither inside "
            "nor outside a zone until a polygon or a closer place is given."
        )
    if material.at_edge:
        edge = len(material.at_edge)
        paragraphs.append(
            f"{counted(edge, 'incident', start=True)} {verb(edge, 'crosses', 'cross')} the edge of the period: "
            f"{verb(edge, 'it is', 'they are')} in upper bounds only and in no sum of casualties."
        )
    if material.undated:
        paragraphs.append(
            f"{counted(material.undated, 'incident', start=True)} of the record "
            f"{verb(material.undated, 'has', 'have')} no date and {verb(material.undated, 'is', 'are')} in no period."
        )
    paragraphs.append("Posts and patrols are not shown: their positions are not for public output.")
    tables = [_precision_table(material)] if material.incidents else []
    if coverage:
        tables.append(_coverage_table(material, coverage))
    return Section(key="limits", title="What could not be seen", paragraphs=tuple(paragraphs), tables=tuple(tables))


def coverage_of(material: Material) -> list[Coverage]:
    """Return the coverage on record that overlaps the period, by start."""
    kept = []
    for record in material.case.coverage:
        span = _span(material, record)
        told = is_told_watch(record.state, span.end, material.instant, material.rule)
        if told and span.start < material.period.end and span.end > material.period.start:
            kept.append((span.start, record.id, record))
    return [record for _, _, record in sorted(kept, key=lambda item: item[:2])]


def _span(material: Material, record: Coverage) -> Span:
    zone = material.case.zone
    return Span(parse_moment(record.valid_from, zone).start, parse_moment(record.valid_until, zone).end)


def coverage_sentence(material: Material) -> str:
    """Return what coverage is on record, or that none is."""
    coverage = coverage_of(material)
    if not coverage:
        return NO_COVERAGE
    states: Counter[str] = Counter(record.state for record in coverage)
    split = joined([f"{number(states[state])} {words}" for state, words in _STATE_WORDS.items() if states[state]])
    return (
        f"{counted(len(coverage), 'record', start=True)} of coverage {verb(len(coverage), 'overlaps', 'overlap')} the "
        f"period ({split}). Counts follow where observers stood; they are a sample, and quiet places may be unwatched."
    )


def watch_sentences(material: Material) -> list[str]:
    """Return how many hours each zone was watched, as far as that is on record; where from is not told."""
    if not coverage_of(material):
        return []
    told_of = tuple(
        each
        for each in material.case.coverage
        if is_told_watch(each.state, _span(material, each).end, material.instant, material.rule)
    )
    case = replace(material.case, coverage=told_of)
    edges = np.array([material.period.start, material.period.end], dtype=np.int64)
    told, silent = [], []
    for area in material.case.areas.values():
        if area.kind != "zone":
            continue
        exposure = exposure_between(case, area.id, edges)
        low, high = (float(of[0]) for of in (exposure.hours_low, exposure.hours_high))
        if np.isnan(low):
            silent.append(material.area(area.id))
        elif high == 0:
            told.append(f"{material.area(area.id)}: none, for all that watches it was down or denied access")
        else:
            words = f"{low:,.0f}" if round(low) == round(high) else f"{low:,.0f} to {high:,.0f}"
            told.append(f"{material.area(area.id)}: {words}")
    sentences = []
    if told:
        sentences.append(
            f"Hours of watch in the period, from what is on record to all that nobody ruled out: {'; '.join(told)}."
        )
    if silent:
        sentences.append(f"Of who watched {joined(silent)} nothing is on record: no rate can be given there.")
    return sentences


def _coverage_table(material: Material, coverage: list[Coverage]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for record in coverage:
        span = _span(material, record)
        why = f"by {material.actor(record.by)}" if record.by else ""
        rows.append(
            (
                interval_words(span.start, span.end, material.case.zone),
                material.actor(record.operator),
                material.area(record.area) if record.area else "a post (place not shown)",
                _STATE_WORDS[record.state],
                "not stated" if record.hours is None else f"{record.hours:g}",
                ": ".join(part for part in (why, _told_reason(material, record)) if part) or "–",
            )
        )
    return Table(
        key="coverage",
        caption="Coverage on record",
        columns=(
            Column("Days", 1.6),
            Column("Operator", 2),
            Column("Area", 2),
            Column("State", 1.2),
            Column("Hours", 0.8, "end"),
            Column("Why", 2.4),
        ),
        rows=tuple(rows),
    )


def _told_reason(material: Material, record: Coverage) -> str | None:
    """Return the reason given; why a post saw nothing often says where it is, and is for the mission alone."""
    return record.reason if record.post is None or material.rule.names_settlements else None


def _precision_table(material: Material) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for precision, words in _PRECISION_WORDS.items():
        held = [row for row in material.incidents if row["place_precision"] == precision]
        if held:
            where = "–" if precision.is_disc else unit_names(material, held)
            rows.append((sentence_case(words), number(len(held)), where))
    return Table(
        key="precision",
        caption="How precisely places are known",
        columns=(Column("Known to", 2), Column("Incidents", 0.8, "end"), Column("Units named", 5)),
        rows=tuple(rows),
    )


def unit_names(material: Material, incidents: list[Row]) -> str:
    """Return the administrative units of incidents with their counts, most first."""
    counts = Counter(told_area(row["area_name"], recent=material.recent(row)) or "unit not named" for row in incidents)
    named = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} ({number(count)})" for name, count in named[:_MOST_NAMES]]
    more = len(named) - len(shown)
    return "; ".join(shown) + (f"; and {counted(more, 'unit')} more" if more else "")


def quality_section(material: Material) -> Section:
    """Return the data-quality flags of the period's incidents, by count."""
    counts = Counter(flag for row in material.incidents for flag in sorted(set(row["flags"] or ())))
    if not counts:
        return Section(key="quality", title="Data quality", paragraphs=("No incident of the period carries a flag.",))
    rows = tuple(
        (FLAGS.get(flag, flag), number(count))
        for flag, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    return Section(
        key="quality",
        title="Data quality",
        paragraphs=("A flag says what is odd about a record. It is kept as it came; no flag drops or changes it.",),
        tables=(
            Table(
                key="flags",
                caption=f"Flags on the {number(len(material.incidents))} incidents of the period",
                columns=(Column("What is odd", 6), Column("Incidents", 1, "end")),
                rows=rows,
                notes=("An incident can carry several flags.",),
            ),
        ),
    )
