"""Compose a bulletin: the record of one period, at one position of the ledger, as sentences and tables.

Nothing here reads a clock. What a bulletin says depends on its arguments alone, and everything is sorted, so the
same position of the ledger gives the same bulletin on any machine and in any year.

Past 400 lines because the order of the sections, and what each takes, is best read on one page.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pyarrow as pa

from ceasefire.agreement.case import Case
from ceasefire.assessment.counts import Bounds, Fit, fit_period, is_episode, overall_bounds, sum_toll, with_fit
from ceasefire.bulletin.annex import clauses_annex, incidents_annex
from ceasefire.bulletin.assessment import GradedArea, assessment_section
from ceasefire.bulletin.checks import (
    checks_section,
    facts_lacking,
    open_findings,
    open_section,
    reason_counts,
    reason_sentence,
)
from ceasefire.bulletin.duties import duty_sentence, obligations_section
from ceasefire.bulletin.limits import coverage_sentence, limits_section, quality_section
from ceasefire.bulletin.material import FindsPolygons, Material, english, gather
from ceasefire.bulletin.places import drawn_versions, map_figure
from ceasefire.bulletin.records import (
    Bulletin,
    Cell,
    ChartBin,
    ChartContent,
    Column,
    Figure,
    Section,
    Table,
    Words,
)
from ceasefire.bulletin.rulings import casework_section, casework_sentence
from ceasefire.bulletin.sentences import (
    FACT_WORDS,
    HUMANITARIAN_LAW,
    between,
    change_range,
    counted,
    direction_of_change,
    joined,
    moment_words,
    none_or,
    number,
    period_days,
    period_words,
    short_day,
    verb,
)
from ceasefire.bulletin.statements import denial_sentence, statements_section
from ceasefire.bulletin.tolls import casualties_section, toll_sentence
from ceasefire.casework.told import ToldPublication
from ceasefire.model.time import Span, days_span
from ceasefire.release.classes import RULES, ReleaseClass

WEEKS_DRAWN = 8
DAYS_DRAWN = 14
MOST_ANNEX_ROWS = 400


def compose_bulletin(
    case: Case,
    *,
    incidents: pa.Table,
    findings: pa.Table,
    obligations: pa.Table,
    reports: pa.Table,
    period: Span,
    previous: Span | None,
    number: int,
    ledger_position: int,
    ledger_root: str,
    instant: int,
    kind: Literal["weekly", "daily"] = "weekly",
    pairs_not_stored: int = 0,
    reading: str | None = None,
    boundaries: FindsPolygons | None = None,
    release: ReleaseClass = ReleaseClass.PUBLIC,
    errata: tuple[str, ...] = (),
    told: tuple[ToldPublication, ...] = (),
    casework_basis: tuple[int, str] | None = None,
    graded: tuple[GradedArea, ...] = (),
) -> Bulletin:
    """Compose the bulletin of one period.

    Parameters
    ----------
    case : Case
        Names, clauses, areas, coverage, totals.
    incidents, findings, obligations, reports : Table
        Of the schemas INCIDENT, FINDING, OBLIGATION and REPORT; the whole record, or at least the weeks drawn.
        Obligations as of the end of the period.
    period, previous : Span
        Whole local days; `previous` is None where there is nothing to compare with.
    number : int
        Of the series.
    ledger_position, ledger_root, instant : int, str, int
        Where the ledger stood, its root there, and when its last entry was recorded, UTC microseconds.
    kind : {"weekly", "daily"}
        Sets the title and what the chart draws.
    pairs_not_stored : int
        Incident and clause pairs whose act could never match.
    reading : str, optional
        The interpretation chosen; by default those in force by date.
    boundaries : FindsPolygons, optional
        Administrative boundaries, for the map.
    release : ReleaseClass
        To whom it is told.
    errata : tuple of str
        Corrections of earlier bulletins, one sentence each.
    told : tuple of ToldPublication
        What casework published in the period, or of its events.
    casework_basis : tuple of (int, str), optional
        The position of the ledger that `told` is of, and the root there; None where nothing was told.
    graded : tuple of GradedArea
        The areas assessed, from the record up to the end of the period.

    Returns
    -------
    Bulletin
        Without any rendering.
    """
    rule = RULES[release]
    material = gather(
        case, incidents=incidents, findings=findings, reports=reports, period=period, rule=rule, instant=instant
    )
    earlier = None
    if previous is not None:
        earlier = gather(
            case, incidents=incidents, findings=findings, reports=reports, period=previous, rule=rule, instant=instant
        )
    title = f"{kind.capitalize()} bulletin No. {number}"
    sections = (
        _figures_section(material, earlier),
        _chart_section(material, incidents, findings, kind),
        assessment_section(graded),
        casework_section(material, told, release),
        checks_section(material, pairs_not_stored),
        statements_section(material),
        open_section(material),
        casualties_section(material),
        obligations_section(material, obligations),
        limits_section(material),
        quality_section(material),
        _map_section(material, boundaries),
        incidents_annex(material, most_rows=MOST_ANNEX_ROWS),
        clauses_annex(material),
    )
    return Bulletin(
        number=number,
        kind=kind,
        title=title,
        case_titles=_case_titles(case),
        running_head=f"{english(case.description.title)} · {title} · {period_words(period, case.zone)}",
        header=_header(material, number, kind, ledger_position, ledger_root, reading, casework_basis),
        summary=_summary(material, earlier, obligations, casework_sentence(told)),
        remarks=_remarks(material),
        sections=tuple(section for section in sections if section is not None),
        errata=errata,
        instant=instant,
    )


def _case_titles(case: Case) -> tuple[Words, ...]:
    titles = case.description.title
    order = sorted(titles, key=lambda language: (language != "en", language))
    return tuple(Words(titles[language], language) for language in order)


def _header(
    material: Material,
    number_: int,
    kind: str,
    position: int,
    root: str,
    reading: str | None,
    casework_basis: tuple[int, str] | None,
) -> tuple[tuple[str, Cell], ...]:
    case = material.case
    week = _week_name(material.period, material) if kind == "weekly" else ""
    return (
        ("Number", f"{number_} ({kind})"),
        ("Period", f"{period_words(material.period, case.zone)}{f' ({week})' if week else ''}"),
        ("Cut-off", moment_words(material.instant, case.zone)),
        ("Ledger", f"position {number(position)}, root {root}"),
        *(
            (("Casework", f"position {number(casework_basis[0])} of the ledger, root {casework_basis[1]}"),)
            if casework_basis
            else ()
        ),
        ("Case", f"{case.description.id}, digest {case.digest[:16]}"),
        ("Reading", _reading_words(material, reading)),
        ("Times", f"All days and times are local to {case.zone.key}; weeks are ISO weeks of local days."),
    )


def _week_name(period: Span, material: Material) -> str:
    first, last = period_days(period, material.case.zone)
    year, week, weekday = first.isocalendar()
    return f"{year}-W{week:02}" if weekday == 1 and last - first == timedelta(days=6) else ""


def _reading_words(material: Material, reading: str | None) -> str:
    if reading is not None:
        chosen = material.case.interpretations[reading]
        return f"{reading}, chosen for this bulletin ({chosen.authority.replace('-', ' ')}, {chosen.author})"
    used = sorted({part for row in material.findings for part in (row["reading_id"] or "").split("+") if part})
    words = "those in force on the day of each incident"
    return f"{words}: {joined(used)}" if used else f"{words}; clauses as written where none is"


def _summary(material: Material, earlier: Material | None, obligations: pa.Table, casework: str) -> tuple[str, ...]:
    """Return the summary's sentences: what happened, what may fall under clauses, change, doubt, tolls, duties."""
    total, edge = len(material.incidents), len(material.at_edge)
    crossing = f", {number(edge)} of them across its edge" if edge else ""
    bounds, _ = overall_bounds(material.fitted)
    more = bounds.upper - bounds.lower
    return (
        f"{counted(total, 'incident', start=True)} {verb(total, 'is', 'are')} on record for the period{crossing}.",
        f"Checked clause by clause, {between(bounds)} of them may fall under a clause: {none_or(bounds.lower)} "
        f"{verb(max(bounds.lower, 1), 'is', 'are')} alleged, {none_or(more)} more "
        f"{verb(max(more, 1), 'is', 'are')} contested, undetermined or across the period's edge.",
        _change_sentence(earlier, bounds),
        *((casework,) if casework else ()),
        *_doubt_sentences(material),
        toll_sentence(material),
        denial_sentence(material),
        duty_sentence(material, obligations),
        coverage_sentence(material),
    )


def _change_sentence(earlier: Material | None, bounds: Bounds) -> str:
    if earlier is None:
        return "No comparison: no earlier period is given."
    if not earlier.incidents:
        return (
            "No comparison: nothing is on record for the period before, which is not the same as nothing having "
            "happened."
        )
    before, _ = overall_bounds(earlier.fitted)
    return (
        f"The period before had {counted(len(earlier.incidents), 'incident')} on record, {between(before)} of which "
        f"may fall under a clause. The change is {change_range(bounds, before)}: {direction_of_change(bounds, before)}."
    )


def _doubt_sentences(material: Material) -> tuple[str, ...]:
    still_open = open_findings(material)
    if not still_open:
        return ()
    reasons = reason_counts(still_open)[:2]
    why = joined([f"“{reason_sentence(code)}” ({counted(count, 'finding')})" for code, count in reasons])
    lacking = [facts_lacking(row) for row in still_open]
    single = {fact: sum(facts == {fact} for facts in lacking) for fact in FACT_WORDS}
    told = joined([f"{FACT_WORDS[fact].partition(':')[0]} {number(count)}" for fact, count in single.items() if count])
    settled = sum(single.values())
    rest = "; the others need more than one, or the end of a dispute" if settled < len(still_open) else ""
    settle = (
        f"One more fact alone would settle {none_or(settled)} of {counted(len(still_open), 'open finding')}"
        f"{f' ({told})' if told else ''}{rest}."
    )
    return (f"Most often the reason for doubt is: {why}.", settle) if reasons else (settle,)


def _remarks(material: Material) -> tuple[str, ...]:
    reconstructed = sorted(
        {
            english(area.title)
            for area, version in drawn_versions(material).values()
            if version.standing == "reconstructed"
        }
    )
    remarks = [HUMANITARIAN_LAW]
    if reconstructed:
        remarks.append(
            f"The borders of {'; '.join(reconstructed)} are, in part or whole, reconstructed from reports; no official "
            "map of them is held."
        )
    if material.case.description.fictional:
        remarks.append("This is a training case. Nothing in it happened, and nobody in it exists.")
    return tuple(remarks)


def _figures_section(material: Material, earlier: Material | None) -> Section:
    """Return the figures at a glance, this period beside the last."""
    now_incidents, now_findings = overall_bounds(material.fitted)
    rows: list[tuple[Cell, ...]] = []
    compared = earlier if earlier is not None and earlier.incidents else None
    then = overall_bounds(compared.fitted) if compared else (None, None)
    pairs: list[tuple[str, Bounds, Bounds | None]] = [
        ("Incidents on record", _recorded(material), _recorded(compared) if compared else None),
        ("Incidents that may fall under a clause", now_incidents, then[0]),
        ("Findings alleged at least, open at most", now_findings, then[1]),
    ]
    for title, now, before in pairs:
        rows.append((title, *_triple(now, before)))
    for toll, title in (("killed", "Deaths"), ("killed_civilian", "Civilian deaths")):
        now_toll, before_toll = _toll_bounds(material, toll), _toll_bounds(compared, toll) if compared else None
        told = _words(before_toll) if before_toll else "not stated" if compared else "no comparison"
        if now_toll is None:
            rows.append((title, "not stated", told, "–"))
        elif before_toll is None:
            rows.append((title, _words(now_toll), told, "–"))
        else:
            rows.append((title, *_triple(now_toll, before_toll)))
    return Section(
        key="glance",
        title="At a glance",
        tables=(
            Table(
                key="glance",
                caption="This period and the last, as ranges",
                columns=(
                    Column("", 4),
                    Column("This period", 1.5, "end"),
                    Column("Period before", 1.5, "end"),
                    Column("Change", 1.5, "end"),
                ),
                rows=tuple(rows),
                notes=(
                    "A change is the smallest to the largest that both ranges allow. Deaths: lowest to highest figure "
                    "of the sources, incidents wholly inside the period that state one.",
                ),
            ),
        ),
    )


def _recorded(material: Material) -> Bounds:
    return Bounds(len(material.within), len(material.incidents))


def _toll_bounds(material: Material, toll: str) -> Bounds | None:
    total = sum_toll(material.within, toll)
    return Bounds(total.low or 0, total.high or 0) if total.stated else None


def _words(bounds: Bounds | None) -> str:
    if bounds is None:
        return "no comparison"
    return number(bounds.lower) if bounds.lower == bounds.upper else f"{number(bounds.lower)}–{number(bounds.upper)}"


def _triple(now: Bounds, before: Bounds | None) -> tuple[str, str, str]:
    return _words(now), _words(before), change_range(now, before) if before else "no comparison"


def _map_section(material: Material, boundaries: FindsPolygons | None) -> Section | None:
    figure = map_figure(material, boundaries)
    return Section(key="map", title="Map", figures=(figure,)) if figure else None


def _chart_section(material: Material, incidents: pa.Table, findings: pa.Table, kind: str) -> Section:
    """Return the chart of the last weeks, or of the last days for a daily bulletin."""
    unit: Literal["week", "day"] = "week" if kind == "weekly" else "day"
    count, length = (WEEKS_DRAWN, 7) if unit == "week" else (DAYS_DRAWN, 1)
    _, last = period_days(material.period, material.case.zone)
    episode = is_episode(incidents)
    bins = []
    for back in reversed(range(count)):
        end = last - timedelta(days=back * length)
        span = days_span(end - timedelta(days=length - 1), end, material.case.zone)
        fit = fit_period(incidents, span)
        fit[episode] = Fit.OUTSIDE
        bounds, _ = overall_bounds(with_fit(findings, incidents["incident_id"], fit))
        recorded = int(((fit == Fit.WITHIN) | (fit == Fit.EDGE)).sum())
        start = period_days(span, material.case.zone)[0]
        bins.append(
            ChartBin(
                label=_bin_label(start, unit),
                lower=bounds.lower,
                upper=bounds.upper,
                recorded=recorded,
                current=back == 0,
            )
        )
    said = "; ".join(f"{each.label}: {each.lower} to {each.upper} of {each.recorded}" for each in bins)
    figure = Figure(
        key="chart",
        caption=f"Incidents that may fall under a clause, by {unit}: from alleged to alleged, contested and "
        "undetermined, beside all incidents on record",
        alternative=f"Chart of lower and upper bounds by {unit}, of all incidents on record. {said}.",
        content=ChartContent(bins=tuple(bins), unit=unit),
    )
    none = sum(not each.recorded for each in bins)
    paragraphs = (
        (
            f"{counted(none, unit, start=True)} {verb(none, 'has', 'have')} no incident on record, which is not the "
            "same as calm.",
        )
        if none
        else ()
    )
    title = "The last eight weeks" if unit == "week" else "The last fourteen days"
    return Section(key="chart", title=title, paragraphs=paragraphs, figures=(figure,))


def _bin_label(day: date, unit: str) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if unit == "week" else short_day(day)[:-5]
