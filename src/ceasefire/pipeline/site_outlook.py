"""What posts are to see, from the outlook: its forecasts of areas, spread over the places of the past.

What is the outlook's and what is assumed is told apart. The outlook's are the equally likely counts of each area and
week ahead (`assessment.outlook`). Where the weeks on record have shown it no better than the last twelve weeks, alike
likely, those are taken instead; where it refuses to forecast, the weeks on record of the last year. How areas and weeks
hang together and where in an area incidents fall is assumed to be as it was (`deployment.ahead`).

Nothing after the origin is used: with a last day, incidents, checks and reports after it are left out before anything
is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.assessment.counts import Fit, fit_period
from ceasefire.assessment.outlook.evaluation import SEED, WARM_UP_WEEKS, baseline_values
from ceasefire.assessment.outlook.look import KINDS, Material
from ceasefire.assessment.outlook.rolling import HORIZONS, LEVELS, Rolled, roll
from ceasefire.assessment.outlook.scores import crps_of_values, skill_interval
from ceasefire.assessment.places import unit_places, zone_place
from ceasefire.assessment.weeks import NO_WEEK, RecordedDays, monday_of, week_label, week_number
from ceasefire.deployment.ahead import PastPlaces, shuffled, spread_over_places
from ceasefire.model.errors import InsufficientDataError, UsageError
from ceasefire.model.time import local_date
from ceasefire.pipeline.outlook_tables import TARGETS as IN_WORDS
from ceasefire.pipeline.selection import period_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ceasefire.assessment.places import Place
    from ceasefire.deployment.demand import Demand
    from ceasefire.pipeline.site_rules import Agreed, SitingOptions
    from ceasefire.pipeline.state import State

Floats = NDArray[np.float64]

COUNTS = ("alleged-or-open", "alleged-violations")
"""What may be taken of what the outlook forecasts: incidents that may fall under a clause, or those that do."""
OUTLOOK, LAST_WEEKS, YEAR, NOTHING = "outlook", "last-twelve-weeks", "weeks-on-record", "nothing"
"""What an area's weeks ahead are from."""
_BASELINE = "conflictology-12"
_PLACE_WEEKS = 52
_SAMPLES = 200
_COLUMNS = {"alleged-or-open": "alleged_upper", "alleged-violations": "alleged_lower"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaAhead:
    """What is expected of one area, and from what.

    Parameters
    ----------
    area_id : str
    basis : {"outlook", "last-twelve-weeks", "weeks-on-record", "nothing"}
    why_not : str or None
        Why the outlook is not used: ``too-few-weeks``, ``nothing-recent``, or ``no-skill``.
    skill, skill_low, skill_high : float or None
        What the outlook saved of the error of the last twelve weeks, with its 90 % interval; None: cannot be told.
    expected, low, high : float
        Incidents over all weeks ahead: the mean, and what nine samples in ten lie within.
    incidents, placed : int
        Of the past weeks by which they are spread, and how many of them have a place.
    """

    area_id: str
    basis: str
    why_not: str | None
    skill: float | None
    skill_low: float | None
    skill_high: float | None
    expected: float
    low: float
    high: float
    incidents: int
    placed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The weeks ahead as demand.

    Parameters
    ----------
    demand : Demand
    areas : tuple of AreaAhead
    said : tuple of str
        What is the outlook's and what is assumed.
    last_incident : date or None
    """

    demand: Demand
    areas: tuple[AreaAhead, ...]
    said: tuple[str, ...]
    last_incident: date | None


def refuse_unfit(options: SitingOptions) -> None:
    """Refuse what does not go together.

    Raises
    ------
    UsageError
        When the weeks, the kind of area or the count are none, or nothing of the outlook can be seen.
    """
    weeks = options.from_outlook
    if weeks is not None and not 1 <= weeks <= HORIZONS:
        raise UsageError(f"The outlook does not reach {weeks} weeks ahead.", f"Give 1 to {HORIZONS}.")
    if options.outlook_by not in KINDS:
        raise UsageError(f'There is no kind of area "{options.outlook_by}".', f"Kinds: {', '.join(KINDS)}.")
    if options.outlook_count not in COUNTS:
        raise UsageError(f'"{options.outlook_count}" cannot be seen by posts.', f"Counts: {', '.join(COUNTS)}.")
    if weeks is not None and options.forecast is not None:
        raise UsageError("A forecast was given, and the outlook asked for too.", "Leave one of them out.")


def ahead_of(state: State, agreed: Agreed, options: SitingOptions, sides: Any) -> Ahead:
    """Return the weeks ahead as demand.

    Parameters
    ----------
    sides : callable
        From incident rows to groups, shape (n_groups, n), and their names.

    Raises
    ------
    InsufficientDataError
        When no week is on record whole, or no area of the kind is.
    """
    refuse_unfit(options)
    incidents, material = _material(state, options)
    panel = material.panels.get((options.outlook_by, options.outlook_count))
    if panel is None or not len(panel.weeks):
        raise InsufficientDataError(
            "There is nothing from which to look ahead: no week is on record whole, or no area of this kind.\n"
            "  Leave --from-outlook out: then past incidents weigh."
        )
    chosen = _chosen(state, incidents, agreed, options, panel.units)
    columns = list(chosen)
    rolled = roll(panel, what=f"{options.outlook_count} by {options.outlook_by}")
    bases = [_basis(rolled, column, options.from_outlook or 1) for column in columns]
    rng = np.random.default_rng(options.seed)
    counts = shuffled(
        np.stack([each.values for each in bases]), panel.counts[:, columns], samples=2 * _SAMPLES, rng=rng
    ).sum(axis=2)
    weeks = _first_week(state, options, int(panel.weeks[-1]), int(panel.weeks[0])), int(panel.weeks[-1])
    known = np.array([each.kind != NOTHING for each in bases])
    rows, places = _past(material, incidents, list(chosen.values()), known, weeks, agreed, options)
    groups, names = sides(rows)
    areas = tuple(
        _area(panel.units[column], base, counts[:, at], places, at)
        for at, (column, base) in enumerate(zip(columns, bases, strict=True))
    )
    last = max(int(row["occurred_from"].timestamp()) for row in rows) * 1_000_000
    return Ahead(
        demand=spread_over_places(counts, places, fresh=_SAMPLES, rng=rng, groups=groups, group_names=names),
        areas=areas,
        said=_said(areas, options, weeks),
        last_incident=local_date(last, state.history.zone),
    )


def _material(state: State, options: SitingOptions) -> tuple[pa.Table, Material]:
    """Count the weeks of what had happened by the last day asked for."""
    derived = state.derived(None)
    reports, incidents, findings = (derived.table(name) for name in ("reports", "incidents", "findings"))
    until = period_of(state.history.zone, last_day=options.last_day)
    if until is not None:
        reports, incidents = (
            table.filter(np.asarray(fit_period(table, until)) == Fit.WITHIN) for table in (reports, incidents)
        )
        findings = findings.filter(pc.is_in(findings["incident_id"], incidents["incident_id"].combine_chunks()))
    recorded = RecordedDays.of_reports(reports, state.case.zone)
    material = Material.of(state.case, incidents, findings, recorded=recorded, boundaries=state.boundaries)
    return incidents, material


def _chosen(
    state: State, incidents: pa.Table, agreed: Agreed, options: SitingOptions, units: Sequence[str]
) -> dict[int, Place]:
    """Return the areas that are asked for, by their column of the panel."""
    if options.outlook_by == "unit":
        by_name = {place.area_id: place for place in unit_places(incidents)}
        return {column: by_name[unit] for column, unit in enumerate(units)}
    found = {column: zone_place(state.case, unit) for column, unit in enumerate(units) if agreed.area in (None, unit)}
    if not found:
        raise InsufficientDataError(
            f'The outlook makes no forecast for "{agreed.area}": it is no zone.\n  Name a zone, or --outlook-by unit.'
        )
    return found


@dataclass(frozen=True, slots=True)
class _Basis:
    values: Floats
    kind: str
    why_not: str | None
    skill: tuple[float, float, float] | None


def _basis(rolled: Rolled, unit: int, weeks: int) -> _Basis:
    """Return the values of an area's weeks ahead: the outlook's, unless it refuses or has shown no skill."""
    refused = rolled.panel.why_not()[unit]
    if refused is None and not len(rolled.origins):
        refused = "too-few-weeks"
    if refused is not None:
        year = rolled.panel.counts[-_PLACE_WEEKS:, unit]
        known = np.sort(year[np.isfinite(year)])
        kind = YEAR if len(known) else NOTHING
        return _Basis(np.tile(_levels(known), (weeks, 1)), kind, refused, None)
    skill = _skill(rolled, unit, weeks)
    if skill is not None and skill[0] <= 0:
        last = baseline_values(rolled, _BASELINE)[-1, unit, 0]
        return _Basis(np.tile(_levels(np.sort(last)), (weeks, 1)), LAST_WEEKS, "no-skill", skill)
    return _Basis(rolled.values[-1, unit, :weeks].astype(np.float64), OUTLOOK, None, skill)


def _levels(known: Floats) -> Floats:
    """Return equally likely values, each of the known ones as often as the others; zeros where none is known."""
    if not len(known):
        return np.zeros(LEVELS)
    level = (np.arange(LEVELS) + 0.5) / LEVELS
    return np.asarray(known[np.minimum((level * len(known)).astype(np.int64), len(known) - 1)])


def _skill(rolled: Rolled, unit: int, weeks: int) -> tuple[float, float, float] | None:
    """Return what the outlook saved of the last twelve weeks' error in one area, and its 90 % interval, or None."""
    keep = rolled.origins >= WARM_UP_WEEKS - 1
    truth = rolled.truth()[keep][:, unit, :weeks]
    values = rolled.values[keep][:, unit, :weeks].astype(np.float64)
    last = baseline_values(rolled, _BASELINE)[keep][:, unit]
    base = np.broadcast_to(last, (*truth.shape, last.shape[-1]))
    usable = np.isfinite(truth) & np.isfinite(values[..., 0]) & np.isfinite(base[..., 0])
    truth = np.where(usable, truth, np.nan)
    ours, theirs = crps_of_values(values, truth), crps_of_values(base, truth)
    if not usable.any() or not float(theirs[usable].sum()) > 0:
        return None
    low, high = skill_interval(ours, theirs, rng=np.random.default_rng(SEED))
    return 1 - float(ours[usable].sum() / theirs[usable].sum()), low, high


def _first_week(state: State, options: SitingOptions, origin: int, recorded: int) -> int:
    """Return the first of the weeks whose places count: of the last year, or from the day asked for."""
    since = period_of(state.history.zone, first_day=options.first_day)
    if since is None:
        return max(recorded, origin - _PLACE_WEEKS + 1)
    return min(origin, week_number(local_date(since.start, state.history.zone)))


def _past(
    material: Material,
    incidents: pa.Table,
    areas: Sequence[Place],
    known: NDArray[np.bool_],
    weeks: tuple[int, int],
    agreed: Agreed,
    options: SitingOptions,
) -> tuple[list[dict[str, Any]], PastPlaces]:
    """Return the incidents behind the areas' counts, one row for each area, as dictionaries and as places."""
    book, (first, last) = material.book, weeks
    column = _COLUMNS[options.outlook_count]
    which, area = [], []
    for number, place in enumerate(areas):
        behind = pa.array(book.behind(place, column, first, last), pa.string())
        found = np.asarray(pc.index_in(behind, book.incident_ids), dtype=np.int64)
        which.append(found)
        area.append(np.full(len(found), number))
    at = np.concatenate(which)
    if not len(at):
        raise InsufficientDataError(
            f"No incident of {week_label(first)} to {week_label(last)} tells where the weeks ahead may fall.\n"
            "  Give an earlier --from."
        )
    rows = incidents.select(["incident_id", "latitude", "longitude", "place_radius_km", "occurred_from"]).take(at)
    week = np.where(book.week[at] == NO_WEEK, book.first_week[at], book.week[at])
    areas_of = np.concatenate(area).astype(np.int64)
    weight = _weights(at, areas_of, known)
    if options.outlook_by == "unit" and agreed.area is not None:
        zones = material.book.findings
        mine = zones.filter(pc.fill_null(pc.equal(zones["zone_id"].cast(pa.string()), agreed.area), False))
        weight = weight * np.asarray(pc.is_in(rows["incident_id"], mine["incident_id"].combine_chunks()))
    x, y, radius = (
        np.asarray(pc.fill_null(rows[name].cast(pa.float64()), np.nan), dtype=np.float64)
        for name in ("longitude", "latitude", "place_radius_km")
    )
    places = PastPlaces(
        longitude=x,
        latitude=y,
        radius=np.nan_to_num(radius),
        area=areas_of,
        week=np.clip(week, first, last) - first,
        weight=weight,
        weeks=last - first + 1,
    )
    return rows.to_pylist(), places


def _weights(incident: NDArray[np.int64], area: NDArray[np.int64], known: NDArray[np.bool_]) -> Floats:
    """Return what each row adds: what counts to several areas is seen once, by those of which something is known.

    Parameters
    ----------
    incident, area : int array, shape (n,)
    known : bool array, shape (n_areas,)
    """
    usable = known[area]
    times = np.bincount(incident[usable], minlength=int(incident.max(initial=0)) + 1)
    return np.asarray(usable / np.maximum(times[incident], 1))


def _area(unit: str, base: _Basis, counts: Floats, places: PastPlaces, at: int) -> AreaAhead:
    mine = places.area == at
    low, high = np.quantile(counts, [0.05, 0.95])
    numbers = (None, None, None) if base.skill is None else tuple(None if np.isnan(x) else x for x in base.skill)
    return AreaAhead(
        area_id=unit,
        basis=base.kind,
        why_not=base.why_not,
        skill=numbers[0],
        skill_low=numbers[1],
        skill_high=numbers[2],
        expected=float(counts.mean()),
        low=float(low),
        high=float(high),
        incidents=int(mine.sum()),
        placed=int((mine & np.isfinite(places.longitude)).sum()),
    )


_REFUSED = {
    "too-few-weeks": "fewer than twelve weeks are on record",
    "nothing-recent": "fewer than four of the last eight weeks are on record",
}


def _said(areas: Sequence[AreaAhead], options: SitingOptions, weeks: tuple[int, int]) -> tuple[str, ...]:
    first, origin = weeks
    ahead = options.from_outlook or 1
    span = week_label(origin + 1) if ahead == 1 else f"{week_label(origin + 1)} to {week_label(origin + ahead)}"
    begun = f"Expected in {span}, {IN_WORDS[options.outlook_count]}, by what is known up to {_sunday(origin)}:"
    unplaced = sum(each.incidents - each.placed for each in areas)
    whole = sum(each.incidents for each in areas)
    assumed = (
        "Assumed, and not from the outlook: areas and weeks hang together as they did, and incidents fall where those "
        f"of {week_label(first)} to {week_label(origin)} fell, week by week drawn anew. Where nothing was reported, "
        "nothing is expected."
    )
    thin = f"{unplaced:,} of those {whole:,} have no place to the point: their part of what is expected weighs nothing."
    return (begun, *(f"  {_of_area(each)}" for each in areas), assumed, *((thin,) if unplaced else ()))


def _of_area(each: AreaAhead) -> str:
    figure = f"{each.area_id}: {each.expected:,.1f} ({each.low:,.0f} to {each.high:,.0f})"
    if each.basis == NOTHING:
        return f"{each.area_id}: not known, and weighs nothing: no week of the last year is on record."
    if each.basis == YEAR:
        reason = _REFUSED[each.why_not or ""]
        return f"{figure}, not from the outlook, which refuses ({reason}): weeks of the last year, alike likely."
    saved = ""
    if each.skill is not None:
        low, high = each.skill_low, each.skill_high
        between = "" if low is None or high is None else f", {100 * low:.1f}% to {100 * high:.1f}%"
        saved = f" ({100 * each.skill:.1f}% of the last twelve weeks' error saved on record{between})"
    if each.basis == LAST_WEEKS:
        instead = "the last twelve weeks, alike likely"
        return f"{figure}, not from the outlook, which has shown no skill here{saved}: {instead}."
    if each.skill is None:
        return f"{figure}, from the outlook; how good it is here cannot be told, too few weeks could be scored."
    return f"{figure}, from the outlook{saved}."


def _sunday(week: int) -> str:
    return (monday_of(week) + timedelta(days=6)).isoformat()
