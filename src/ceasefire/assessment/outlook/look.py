"""The whole outlook of a record: forecasts, alarms, clusters, and how good such forecasts have been on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.agreement.timeline import ends_on_record, spans_of
from ceasefire.assessment.outlook.alarm import Alarm, alarms
from ceasefire.assessment.outlook.clusters import Scan, Spread, scan, spread_over_cells
from ceasefire.assessment.outlook.evaluation import Evaluation, escalation_threshold, evaluate
from ceasefire.assessment.outlook.panel import Panel
from ceasefire.assessment.outlook.records import (
    AlarmWeek,
    AreaForecast,
    ClusterFound,
    ForecastWeek,
    Outlook,
    Reliability,
)
from ceasefire.assessment.outlook.rolling import Rolled, roll
from ceasefire.assessment.outlook.scores import interval
from ceasefire.assessment.places import Place, unit_places, zone_place
from ceasefire.assessment.starts import end_on_record
from ceasefire.assessment.weekly import WeeklyBook
from ceasefire.assessment.weeks import DAYS, NO_WEEK, RecordedDays, week_label, week_number
from ceasefire.model.time import local_date
from ceasefire.model.vocabulary import PlacePrecision

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause
    from ceasefire.territory.boundaries import Boundaries

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

TARGETS = {"deaths": "deaths_best", "alleged-violations": "alleged_lower", "alleged-or-open": "alleged_upper"}
"""What is forecast, and the column of the weekly table that it is: alleged violations at least, and at most."""
KINDS = ("zone", "unit")
ALARM_WEEKS = 26
CLUSTER_WEEKS = 52
_MOSTLY = 0.5
_CLUSTER_SEED = 2005
_DISCS = tuple(precision.value for precision in PlacePrecision if precision.is_disc)


@dataclass(frozen=True, slots=True)
class Material:
    """What an outlook is made from; made by `Material.of`.

    Parameters
    ----------
    panels : dict of (str, str) to Panel
        By kind of area and target; without a kind that has no areas.
    truce_from : dict of str to (int or None)
        For each zone the week in which its truce began at the earliest on record.
    """

    book: WeeklyBook
    panels: dict[tuple[str, str], Panel]
    truce_from: dict[str, int | None]

    @classmethod
    def of(
        cls,
        case: Case,
        incidents: pa.Table,
        findings: pa.Table,
        *,
        recorded: RecordedDays,
        boundaries: Boundaries | None = None,
    ) -> Material:
        """Count the weeks of every zone and first-order unit.

        Parameters
        ----------
        incidents, findings : Table
            Schemas `model.schemas.INCIDENT` and `FINDING`.
        """
        book = WeeklyBook.of(case, incidents, findings, recorded=recorded, boundaries=boundaries)
        zones = tuple(
            zone_place(case, area.id) for area in case.areas.values() if area.kind == "zone" and area.versions
        )
        places = {"zone": zones, "unit": unit_places(incidents)}
        panels = {}
        for kind, chosen in places.items():
            if chosen:
                zone_ids = [place.area_id if kind == "zone" else None for place in chosen]
                spans = [(alleged_from(case, zone_id), alleged_until(case, zone_id)) for zone_id in zone_ids]
                panels.update({(kind, target): panel for target, panel in _panels(book, chosen, spans).items()})
        return cls(book, panels, {place.area_id: earliest_week(case, place.area_id) for place in zones})

    @property
    def last_week(self) -> int | None:
        """The last week covered whole."""
        weeks = [int(panel.weeks[-1]) for panel in self.panels.values() if len(panel.weeks)]
        return max(weeks, default=None)


def _panels(
    book: WeeklyBook, places: Sequence[Place], spans: Sequence[tuple[int | None, int | None]]
) -> dict[str, Panel]:
    """Return a panel for each target; when nothing could be alleged, what is alleged is missing and not zero."""
    series = [book.series(place) for place in places]
    weeks = series[0].weeks
    whole = np.flatnonzero(series[0].days_covered == DAYS)
    end = int(whole[-1]) + 1 if len(whole) else 0
    incidents = np.column_stack([each.whole("events_best") for each in series])[:end]
    binding = np.column_stack(
        [
            np.full(len(weeks), start is not None)
            & (weeks >= (start if start is not None else 0))
            & (np.full(len(weeks), True) if end is None else weeks < end)
            for start, end in spans
        ]
    )
    counts = {target: np.column_stack([each.whole(column) for each in series]) for target, column in TARGETS.items()}
    return {
        target: Panel(
            units=tuple(place.area_id for place in places),
            weeks=weeks[:end],
            counts=(values if target == "deaths" else np.where(binding, values, np.nan))[:end],
            incidents=incidents,
        )
        for target, values in counts.items()
    }


def earliest_week(case: Case, zone_id: str) -> int | None:
    """Return the week of the earliest start on record of a clause that names a zone; None where there is none."""
    named = [each for each in case.clauses.values() if each.areas != "everywhere" and zone_id in each.areas]
    return _earliest(case, named)


def alleged_from(case: Case, zone_id: str | None) -> int | None:
    """Return the first week in which a prohibition may have been in force; None: never.

    Parameters
    ----------
    zone_id : str or None
        Of prohibitions that name the zone: others are not counted to it. None: of any.
    """
    return _earliest(case, _prohibitions(case, zone_id))


def alleged_until(case: Case, zone_id: str | None) -> int | None:
    """Return the first week in which no prohibition can be in force any more; None: no end is on record.

    A zone that ended is bound by none, whatever its clauses say: that nothing is alleged of it then is no calm.

    Parameters
    ----------
    zone_id : str or None
        As in `alleged_from`.
    """
    ends = []
    lasts = [_end(case, clause) for clause in _prohibitions(case, zone_id)]
    if lasts and None not in lasts:
        ends.append(week_number(local_date(max(last for last in lasts if last is not None) - 1, case.zone)) + 1)
    area = end_on_record(case, zone_id) if zone_id is not None else None
    if area is not None:
        ends.append(week_number(area.day))
    return min(ends, default=None)


def _prohibitions(case: Case, zone_id: str | None) -> list[Clause]:
    return [
        each
        for each in case.clauses.values()
        if each.kind == "prohibits" and (zone_id is None or (each.areas != "everywhere" and zone_id in each.areas))
    ]


def _end(case: Case, clause: Clause) -> int | None:
    """Return the instant from which a clause has ended by every source."""
    return min((max(span.end for span in spans) for spans in ends_on_record(case, clause) if spans), default=None)


def _earliest(case: Case, clauses: Sequence[Clause]) -> int | None:
    starts = [
        span.start
        for clause in clauses
        for span in spans_of(clause.starts or case.instruments[clause.instrument].enters_into_force, case.zone)
    ]
    return week_number(local_date(min(starts), case.zone)) if starts else None


def look_ahead(
    material: Material, incidents: pa.Table, *, boundaries: Boundaries | None = None, progress: Progress
) -> tuple[Outlook, dict[tuple[str, str], Evaluation]]:
    """Make the whole outlook from the last week covered whole.

    Returns
    -------
    tuple of (Outlook, dict)
        And by kind and target the evaluation behind its reliability.
    """
    rolled = {key: _rolled(panel, key, progress) for key, panel in material.panels.items()}
    evaluations = {key: evaluate(each) for key, each in rolled.items()}
    last = material.last_week
    found, clusters = _clusters(material, incidents, boundaries, progress)
    return Outlook(
        origin_week=None if last is None else week_label(last),
        recorded=material.book.recorded.said,
        forecasts=tuple(each for key in rolled for each in forecasts_of(rolled[key], *key)),
        alarms=tuple(each for key in rolled for each in alarms_of(material, *key)),
        clusters=clusters,
        clusters_why_not=found.why_not,
        cluster_incidents=found.incidents,
        smallest_p=found.smallest_p,
        reliability=tuple(reliability_of(evaluations[key], *key) for key in rolled),
    ), evaluations


def _rolled(panel: Panel, key: tuple[str, str], progress: Progress) -> Rolled:
    kind, target = key
    return roll(panel, progress=progress, what=f"{target} by {kind}")


def forecasts_of(rolled: Rolled, kind: str, target: str) -> list[AreaForecast]:
    """Return the forecasts from the last origin, one a unit."""
    panel = rolled.panel
    thresholds = escalation_threshold(rolled)
    reasons = panel.why_not()
    found = []
    for at, unit in enumerate(panel.units):
        if reasons[at] is not None or not len(rolled.origins):
            reason = reasons[at] or "too-few-weeks"
            weeks: tuple[ForecastWeek, ...] = ()
            above = None
        else:
            reason, above = None, float(thresholds[-1, at])
            weeks = tuple(
                _week_ahead(values, int(panel.weeks[-1]), ahead + 1, above)
                for ahead, values in enumerate(rolled.values[-1, at])
            )
        found.append(
            AreaForecast(
                area_id=unit, area_kind=kind, target=target, why_not=reason, escalation_above=above, weeks=weeks
            )
        )
    return found


def _week_ahead(values: NDArray[np.float32], last: int, ahead: int, above: float) -> ForecastWeek:
    (low_90, high_90), (low_50, high_50) = (interval(values, share) for share in (0.9, 0.5))
    return ForecastWeek(
        week=week_label(last + ahead),
        ahead=ahead,
        low_90=float(low_90),
        low_50=float(low_50),
        median=float(np.quantile(values, 0.5, method="inverted_cdf")),  # a count, as the ends of the intervals are
        high_50=float(high_50),
        high_90=float(high_90),
        mean=round(float(values.mean()), 3),
        p_none=round(float((values < 0.5).mean()), 3),
        p_escalation=round(float((values > above).mean()), 3),
    )


def alarms_of(material: Material, kind: str, target: str, *, weeks: int = ALARM_WEEKS) -> list[AlarmWeek]:
    """Return the last weeks' alarms of one kind of area and target."""
    panel = material.panels[kind, target]
    if not len(panel.weeks):
        return []
    # what is alleged under a truce has no counterpart in the war before it
    comparable = kind == "zone" and target == "deaths"
    starts = tuple(material.truce_from.get(unit) if comparable else None for unit in panel.units)
    return [_alarm_week(each, kind, target) for each in alarms(panel, weeks=weeks, truce_from=starts)]


def _alarm_week(alarm: Alarm, kind: str, target: str) -> AlarmWeek:
    return AlarmWeek(
        area_id=alarm.unit,
        area_kind=kind,
        target=target,
        week=week_label(alarm.week),
        count=None if math.isnan(alarm.count) else alarm.count,
        state=alarm.state,
        lull_p=_rounded(alarm.lull.p_more),
        second_p=_rounded(alarm.second),
        lull_weeks=alarm.lull.weeks,
        war_p_more=_rounded(alarm.war.p_more),
        war_p_fewer=_rounded(alarm.war.p_fewer),
        why_not=alarm.lull.why_not,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 4)


def reliability_of(evaluation: Evaluation, kind: str, target: str) -> Reliability:
    """Return what an evaluation comes to."""
    some = evaluation.why_not is None
    skill = evaluation.skills[evaluation.best_baseline]
    warning = evaluation.warning
    return Reliability(
        area_kind=kind,
        target=target,
        origins=evaluation.origins,
        best_baseline=evaluation.best_baseline if some else None,
        skill=_rounded(skill.skill),
        skill_low=_rounded(skill.low),
        skill_high=_rounded(skill.high),
        coverage_50=_rounded(evaluation.pool.coverage_50),
        coverage_90=_rounded(evaluation.pool.coverage_90),
        pit=tuple(round(share, 4) for share in evaluation.pit),
        warning_has_skill=warning.has_skill,
        warning_skill=_rounded(warning.brier_skill),
        warning_low=_rounded(warning.low),
        warning_high=_rounded(warning.high),
        warning_area=_rounded(warning.area),
        escalations=warning.escalations,
    )


def _clusters(
    material: Material, incidents: pa.Table, boundaries: Boundaries | None, progress: Progress
) -> tuple[Scan, tuple[ClusterFound, ...]]:
    last = material.last_week
    book = material.book
    rows = np.zeros(0, dtype=np.int64)
    if last is not None:
        recent = book.counted & (book.week != NO_WEEK) & (book.week <= last) & (book.week > last - CLUSTER_WEEKS)
        rows = np.flatnonzero(recent)
    spread, kept, first_units = _placed(incidents.take(pa.array(rows)), boundaries)
    progress("clusters", 0, 1)
    back = (last or 0) - book.week[rows[kept]]
    found = scan(spread, back, rng=np.random.default_rng(_CLUSTER_SEED))
    return found, tuple(_told(found, spread, back, first_units, last or 0))


def _placed(incidents: pa.Table, boundaries: Boundaries | None) -> tuple[Spread, NDArray[np.int64], list[str]]:
    """Spread those incidents that have a disc or a polygon; say which, and the first-order unit of each."""
    disc = np.asarray(pc.is_in(incidents["place_precision"].cast(pa.string()), value_set=pa.array(_DISCS)), dtype=bool)
    x, y, radius = (
        np.asarray(pc.fill_null(incidents[name].cast(pa.float64()), np.nan), dtype=np.float64)
        for name in ("longitude", "latitude", "place_radius_km")
    )
    paths = incidents["area_name"].cast(pa.string()).to_pylist()
    known = disc & np.isfinite(x) & np.isfinite(y) & np.isfinite(radius)
    polygons = {path: boundaries.find(path) for path in set(paths) if path} if boundaries is not None else {}
    areas = [None if known[at] else polygons.get(path or "") for at, path in enumerate(paths)]
    kept = np.flatnonzero(known | np.array([area is not None for area in areas], dtype=bool))
    units = [(paths[at] or "").split("/")[0].strip() for at in kept]
    return spread_over_cells(x[kept], y[kept], radius[kept], [areas[at] for at in kept]), kept, units


def _told(found: Scan, spread: Spread, back: NDArray[np.int64], units: list[str], last: int) -> list[ClusterFound]:
    """Return clusters as they are told; they lie where those incidents lie of which at least half does."""
    told = []
    for rank, cluster in enumerate(found.clusters, start=1):
        share = np.bincount(spread.incident, spread.share * np.isin(spread.cell, cluster.cells), spread.incidents)
        inside = np.flatnonzero((share >= _MOSTLY) & (back < cluster.weeks))
        told.append(
            ClusterFound(
                rank=rank,
                first_week=week_label(last - cluster.weeks + 1),
                last_week=week_label(last),
                observed=round(cluster.observed, 2),
                expected=round(cluster.expected, 2),
                p=cluster.p,
                areas=tuple(sorted({units[at] for at in inside if units[at]})),
                longitude=round(float(spread.longitude[cluster.centre]), 2),
                latitude=round(float(spread.latitude[cluster.centre]), 2),
                radius_km=cluster.radius_km,
            )
        )
    return told
