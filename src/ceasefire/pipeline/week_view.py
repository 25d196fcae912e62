"""One week of one area: counts with bounds by clause, tolls, what is due, what could not be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.assessment.counts import MAY_FALL_UNDER, Fit, fit_period, sum_toll
from ceasefire.findings.phrases import ENGLISH
from ceasefire.model.errors import UnknownRecordError
from ceasefire.model.roles import mission, public
from ceasefire.model.schemas import TOLLS
from ceasefire.model.time import Span, days_span, iso_week, local_date
from ceasefire.pipeline.incident_query import Bucket, HistogramBucket, Question
from ceasefire.pipeline.incident_rows import IncidentRow, rows_told
from ceasefire.pipeline.map_index import NO_DAY, Filter, day_of
from ceasefire.pipeline.obligations_view import ObligationView, obligation_records, obligations_at
from ceasefire.pipeline.posts_view import CoverageOnRecord, coverage_view
from ceasefire.pipeline.selection import Selection, period_of, select_findings
from ceasefire.pipeline.sights import exposure_in, known, sights_of_case, told_case

if TYPE_CHECKING:
    from ceasefire.pipeline.served import Snapshot
    from ceasefire.release.classes import ReleaseClass

_WEEKS_BEFORE = 12
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A count known to lie between two numbers, both included."""

    lower: Annotated[int, public("At least: what is alleged, wholly within the period.")]
    upper: Annotated[int, public("At most: also contested, undetermined, and what crosses the edge of the period.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseWeek:
    """Incidents of a week that fall, or may fall, under one clause."""

    clause_id: Annotated[str, public("The clause.")]
    incidents: Annotated[Range, public("In the week.")]
    week_before: Annotated[Range, public("In the week before.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TollOfWeek:
    """A toll summed over the incidents that lie wholly in the week; null: none of them states it."""

    toll: Annotated[str, public("killed, killed_civilian, killed_combatant, killed_unknown or injured.")]
    low: Annotated[int | None, public("Sum of the lowest figures.")]
    best: Annotated[int | None, public("Sum of the best figures.")]
    high: Annotated[int | None, public("Sum of the highest figures.")]
    stated: Annotated[int, public("Incidents that state a figure.")]
    incidents: Annotated[int, public("Of how many.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaWeek:
    """One ISO week of local days in one area. Counts follow where observers stood: quiet places may be unwatched."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    zone_id: Annotated[str, public("The area.")]
    week: Annotated[str, public("Such as 2017-W39.")]
    first_day: Annotated[str, public("Its Monday, local.")]
    last_day: Annotated[str, public("Its Sunday, local.")]
    incidents: Annotated[Range, public("Incidents that may lie in the area: wholly within the week, and at most.")]
    clauses: Annotated[tuple[ClauseWeek, ...], public("By clause; only clauses with a count.")]
    statuses: Annotated[dict[str, int], public("Clause checks of the area and week, by status.")]
    zone_open: Annotated[
        int, public("Incidents of which nobody can say in which of a clause's zones they lie: in upper bounds only.")
    ]
    undated: Annotated[int, public("Incidents of the record without any date: in no week.")]
    tolls: Annotated[tuple[TollOfWeek, ...], public("Who came to harm.")]
    weeks: Annotated[
        tuple[HistogramBucket, ...],
        public("The weeks up to this one: incidents that fall, or may fall, under a clause."),
    ]
    obligations: Annotated[tuple[ObligationView, ...], public("Due, or running with a period's end, in the week.")]
    coverage: Annotated[CoverageOnRecord, public("What could be seen, and what not.")]
    hours_low: Annotated[float | None, public("Hours of watch on record; null: nothing is on record of who watched.")]
    hours_high: Annotated[float | None, public("With the time of which nobody recorded anything.")]
    watched_low: Annotated[float | None, mission("Share of area and time watched, at least; null: as above.")]
    watched_high: Annotated[float | None, mission("The same, at most.")]
    shown: Annotated[
        tuple[IncidentRow, ...],
        public("Incidents that fall, or may fall, under a clause, in order of time; at most 100."),
    ]


def week_view(
    snapshot: Snapshot,
    zone_id: str,
    week: str | None,
    *,
    release: ReleaseClass,
    told_at: int,
    language: str = ENGLISH,
) -> AreaWeek:
    """Return one week of an area; by default the latest week that has a dated incident.

    Raises
    ------
    UnknownRecordError
        When there is no such area.
    UsageError
        When the week is none.
    """
    if zone_id not in snapshot.case.areas:
        raise UnknownRecordError(f'There is no area "{zone_id}".', "Ids are in `areas`.")
    period = period_of(snapshot.zone, week=week) if week else _latest_week(snapshot)
    assert period is not None  # noqa: S101  (a week always gives one)
    monday, sunday = local_date(period.start, snapshot.zone), local_date(period.end - 1, snapshot.zone)
    before = days_span(monday - timedelta(days=7), monday - timedelta(days=1), snapshot.zone)
    chosen, incidents, fit = _select(snapshot, zone_id, period)
    earlier, _, _ = _select(snapshot, zone_id, before)
    index = snapshot.index
    in_zone = Filter(zones=(zone_id,), statuses=tuple(status.value for status in MAY_FALL_UNDER))
    places = index.places(release, told_at)
    of_week = Filter(zones=in_zone.zones, statuses=in_zone.statuses, first_day=monday, last_day=sunday)
    rows = index.in_time_order(index.match(of_week, places, names_settlements=False).rows, latest_first=False)
    within = pc.equal(pa.array(fit), int(Fit.WITHIN))
    whole = incidents.filter(within).to_pylist()
    versions = [version.id for version in snapshot.case.areas[zone_id].versions]
    sights = snapshot.kept("sights", lambda: sights_of_case(snapshot.case))
    # hours are public: they count for the areas that posts are recorded for, and say nothing of where a post stands
    recorded = exposure_in(told_case(snapshot, release, told_at), zone_id, period, None)
    seen = exposure_in(snapshot.case, zone_id, period, sights.get(versions[0]))
    return AreaWeek(
        position=snapshot.stamp.position,
        zone_id=zone_id,
        week=f"{monday.isocalendar().year}-W{monday.isocalendar().week:02d}",
        first_day=monday.isoformat(),
        last_day=sunday.isoformat(),
        incidents=Range(lower=len(whole), upper=incidents.num_rows),
        clauses=tuple(_clauses(chosen, earlier)),
        statuses=chosen.statuses,
        zone_open=chosen.unplaced,
        undated=int(np.count_nonzero(index.first_day == NO_DAY)),
        tolls=tuple(_toll(whole, toll) for toll in TOLLS),
        weeks=_weeks(snapshot, in_zone, monday, sunday, release, told_at),
        obligations=tuple(_due(snapshot, zone_id, period, language)),
        coverage=coverage_view(snapshot, period, zone_id, release=release, told_at=told_at),
        hours_low=known(recorded.hours_low, 1),
        hours_high=known(recorded.hours_high, 1),
        watched_low=known(seen.watched_low, 4),
        watched_high=known(seen.watched_high, 4),
        shown=tuple(rows_told(snapshot, rows[:_MOST_SHOWN], places, release)),
    )


def _latest_week(snapshot: Snapshot) -> Span:
    index = snapshot.index
    if not len(index.by_time):
        return iso_week("1970-W01", snapshot.zone)
    year, week, _ = day_of(int(index.first_day[index.by_time[-1]])).isocalendar()
    return iso_week(f"{year}-W{week:02d}", snapshot.zone)


def _select(
    snapshot: Snapshot, zone_id: str, period: Span
) -> tuple[Selection, pa.Table, np.ndarray[Any, np.dtype[np.uint8]]]:
    """Choose the findings of an area and period; and its incidents, with how each lies to the period."""
    fit = fit_period(snapshot.incidents, period)
    touching = (fit == Fit.WITHIN) | (fit == Fit.EDGE)
    incidents = snapshot.incidents.filter(pa.array(touching))
    rows = snapshot.index.finding_row
    findings = snapshot.findings.filter(pa.array(touching[rows]))
    chosen = select_findings(
        findings,
        incidents,
        period=period,
        equal={"zone_id": zone_id},
        known={"zone_id": snapshot.case.areas},
        clause_areas={
            clause.id: () if clause.areas == "everywhere" else clause.areas for clause in snapshot.case.clauses.values()
        },
    )
    # the first no decides: what is outside the area is no incident of it
    inside = chosen.findings.filter(pc.not_equal(chosen.findings["in_area"].cast(pa.string()), "no"))
    mask = pc.is_in(incidents["incident_id"], value_set=inside["incident_id"].unique())
    return chosen, incidents.filter(mask), fit[touching][np.asarray(mask)]


def _clauses(chosen: Selection, earlier: Selection) -> list[ClauseWeek]:
    now = {bounds.clause_id: bounds.incidents for bounds in chosen.bounds}
    then = {bounds.clause_id: bounds.incidents for bounds in earlier.bounds}
    none = Range(lower=0, upper=0)
    weeks = [
        ClauseWeek(
            clause_id=clause,
            incidents=Range(lower=now[clause].lower, upper=now[clause].upper) if clause in now else none,
            week_before=Range(lower=then[clause].lower, upper=then[clause].upper) if clause in then else none,
        )
        for clause in sorted({*now, *then})
    ]
    return [week for week in weeks if week.incidents.upper or week.week_before.upper]


def _toll(rows: list[dict[str, Any]], toll: str) -> TollOfWeek:
    parts = [row for row in rows if not row["covers"]]  # a total's parts are counted instead of it
    summed = sum_toll(parts, toll)
    return TollOfWeek(
        toll=toll,
        low=summed.low,
        best=summed.best,
        high=summed.high,
        stated=summed.stated,
        incidents=summed.incidents,
    )


def _weeks(
    snapshot: Snapshot, wanted: Filter, monday: date, sunday: date, release: ReleaseClass, told_at: int
) -> tuple[HistogramBucket, ...]:
    span = Filter(
        zones=wanted.zones,
        statuses=wanted.statuses,
        first_day=monday - timedelta(weeks=_WEEKS_BEFORE),
        last_day=sunday,
    )
    told = Question(snapshot, span, release, told_at).histogram(Bucket.WEEK)
    counted = {each.first_day: each for each in told.buckets}
    # a histogram begins and ends with its incidents; here a week on which nothing is reported is told as one
    starts = [monday - timedelta(weeks=before) for before in range(_WEEKS_BEFORE, -1, -1)]
    quiet = [
        HistogramBucket(
            first_day=start.isoformat(),
            last_day=(start + timedelta(days=6)).isoformat(),
            lower=0,
            upper=0,
            by_status={},
        )
        for start in starts
    ]
    return tuple(counted.get(each.first_day, each) for each in quiet)


def _due(snapshot: Snapshot, zone_id: str, period: Span, language: str) -> list[ObligationView]:
    table = obligations_at(snapshot, period.end)

    def touches(name: str) -> pa.ChunkedArray:
        at = table[name].cast(pa.int64())
        inside = pc.and_(pc.greater_equal(at, period.start), pc.less_equal(at, period.end))
        return pc.fill_null(inside, False)

    zone = table["zone_id"].cast(pa.string())
    here = pc.or_(pc.fill_null(pc.equal(zone, zone_id), False), pc.is_null(zone))
    due = pc.or_(touches("due_at_latest"), touches("period_until"))
    return list(obligation_records(snapshot, table.filter(pc.and_(here, due)), language))
