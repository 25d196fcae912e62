"""What posts are to see: a workspace's incidents, its outlook, a forecast, people, or a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ceasefire.assessment.counts import MAY_FALL_UNDER, Fit, fit_period, is_episode
from ceasefire.deployment.demand import Demand, along_line, fixed, forecast_samples, past_weeks
from ceasefire.model.errors import InsufficientDataError, UsageError
from ceasefire.model.time import MICROSECONDS_PER_DAY, local_date
from ceasefire.pipeline.selection import period_of
from ceasefire.pipeline.site_outlook import AreaAhead, ahead_of, refuse_unfit
from ceasefire.pipeline.site_rules import Agreed, SitingOptions, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from ceasefire.agreement.case import Case
    from ceasefire.pipeline.state import State

_DRAWS = 200
_COLUMNS = ["incident_id", "latitude", "longitude", "place_radius_km", "occurred_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSee:
    """What posts are to see.

    Parameters
    ----------
    demand : Demand
    last_incident : date or None
        The day of the last incident, where it is incidents or the outlook.
    areas : tuple of AreaAhead
        Of the outlook: what is expected of each area, and from what.
    """

    demand: Demand
    last_incident: date | None = None
    areas: tuple[AreaAhead, ...] = ()


def demand_of(state: State, agreed: Agreed, options: SitingOptions, notes: list[str]) -> ToSee:
    """Return what is to be seen; says in `notes` what it is.

    Raises
    ------
    UsageError
        When what is asked does not go together.
    InsufficientDataError
        When nothing fits.
    """
    refuse_unfit(options)
    if options.objective in ("line", "people") and (options.from_outlook or options.forecast or options.worst_share):
        raise UsageError(
            f'The objective "{options.objective}" has no samples: neither a forecast nor a worst share bears on it.',
            "Leave them out, or take --objective events.",
        )
    if options.objective == "line":
        if agreed.line is None:
            raise UsageError("The line that is to be seen is not named.", "Name it with --line.")
        return ToSee(demand=along_line(shape_of(state.case, agreed.line)))
    if options.objective == "people":
        return ToSee(demand=_people(state, agreed, options, notes))
    if options.forecast is not None:
        return ToSee(demand=_forecast(options.forecast, options, notes))
    return _incidents(state, agreed, options, notes)


def _forecast(path: Path, options: SitingOptions, notes: list[str]) -> Demand:
    from ceasefire.pipeline.site_tables import read_forecast

    if options.objective == "sides":
        raise UsageError("A forecast's file does not say whose alleged violations it expects.", "Leave it out.")
    sample, longitude, latitude, weight = read_forecast(path)
    notes.append(f"{int(sample.max()) + 1:,} samples of a forecast, {len(weight):,} rows.")
    if options.first_day or options.last_day or options.zone:
        notes.append("All of its rows count, whatever the days and the area asked for.")
    return forecast_samples(sample, (longitude, latitude), weight)


def _people(state: State, agreed: Agreed, options: SitingOptions, notes: list[str]) -> Demand:
    from ceasefire.pipeline.control import ControlLedger, ControlOptions

    ledger = ControlLedger.of(state, ControlOptions(gazetteer=options.gazetteer))
    places = list(ledger.control.places.values())
    if agreed.area is not None:
        shape = shape_of(state.case, agreed.area)
        places = [each for each in places if shapely.covers(shape, shapely.Point(each.longitude, each.latitude))]
    known = [(each, each.people.bounds) for each in places]
    counted = [(each, bounds) for each, bounds in known if bounds is not None]
    notes.append(
        f"{len(counted):,} settlements of which somebody gives the population, the middle of what is said; of "
        f"{len(places) - len(counted):,} more nobody does, so that they weigh nothing here."
    )
    return fixed(
        np.array([each.longitude for each, _ in counted]),
        np.array([each.latitude for each, _ in counted]),
        np.array([(low + high) / 2 for _, (low, high) in counted]),
    )


def _incidents(state: State, agreed: Agreed, options: SitingOptions, notes: list[str]) -> ToSee:
    """Return the incidents that may fall under a clause; each counts once, each week may come again or not."""
    state.refuse_edited()
    accused = _accused(state, agreed)

    def sides(rows: Sequence[dict[str, Any]]) -> tuple[Any, tuple[str, ...]]:
        return _sides(state.case, options, accused, rows)

    if options.from_outlook is not None:
        ahead = ahead_of(state, agreed, options, sides)
        notes.extend(ahead.said)
        return ToSee(demand=ahead.demand, last_incident=ahead.last_incident, areas=ahead.areas)
    incidents = state.derived(None).table("incidents")
    incidents = incidents.filter(np.logical_not(is_episode(incidents)))
    zone = state.history.zone
    period = period_of(zone, first_day=options.first_day, last_day=options.last_day)
    if period is not None:
        incidents = incidents.filter(np.asarray(fit_period(incidents, period)) == Fit.WITHIN)
    rows = [row for row in incidents.select(_COLUMNS).to_pylist() if row["incident_id"] in accused]
    placed = [row for row in rows if row["latitude"] is not None and row["occurred_from"] is not None]
    notes.append(
        f"{len(placed):,} incidents that may fall under a clause."
        + (f" {len(rows) - len(placed):,} more have no place or no time to the point, and weigh nothing here."
           if len(rows) > len(placed) else "")
    )  # fmt: skip
    if not placed:
        raise InsufficientDataError("No incident with a place and a time fits.\n  Widen the period or the area.")
    begun = np.array([_begun(row) for row in placed])
    week = (begun - begun.min()) // (7 * MICROSECONDS_PER_DAY)
    groups, group_names = sides(placed)
    demand = past_weeks(
        (
            np.array([row["longitude"] for row in placed]),
            np.array([row["latitude"] for row in placed]),
            np.array([row["place_radius_km"] or 0.0 for row in placed]),
        ),
        week.astype(np.int64),
        np.ones(len(placed)),
        weeks=int(week.max()) + 1,
        draws=_DRAWS,
        rng=np.random.default_rng(options.seed),
        groups=groups,
        group_names=group_names,
    )
    return ToSee(demand=demand, last_incident=local_date(int(begun.max()), zone))


def _accused(state: State, agreed: Agreed) -> dict[str, set[str | None]]:
    """Return who is accused of each incident that may fall under a clause, in the area asked for."""
    findings = state.derived(None).table("findings")
    may = findings.filter(pc.is_in(findings["status"].cast("string"), value_set=_strings(MAY_FALL_UNDER)))
    if agreed.area is not None:
        may = may.filter(pc.equal(may["zone_id"].cast("string"), agreed.area))
    accused: dict[str, set[str | None]] = {}
    for incident, who in zip(may["incident_id"].to_pylist(), may["accused_id"].to_pylist(), strict=True):
        accused.setdefault(incident, set()).add(who)
    return accused


def _sides(
    case: Case, options: SitingOptions, accused: Mapping[str, set[str | None]], rows: Sequence[dict[str, Any]]
) -> tuple[Any, tuple[str, ...]]:
    """Return whose alleged violations each row is, shape (n_sides, n), and the sides; none for another objective."""
    if options.objective != "sides":
        return np.zeros((0, len(rows)), dtype=bool), ()
    whose = [accused.get(row["incident_id"], set()) - {None} for row in rows]
    names = options.sides or tuple(sorted({who for each in whose for who in each if who}))

    def of_side(row: dict[str, Any], parties: set[str | None], side: str) -> bool:
        return any(who == side or case.actors.belongs_to(who, side, _begun(row)) for who in parties if who)

    groups = [[of_side(row, each, side) for row, each in zip(rows, whose, strict=True)] for side in names]
    return np.array(groups, dtype=bool).reshape(len(names), len(rows)), names


def _begun(row: dict[str, Any]) -> int:
    return int(row["occurred_from"].timestamp()) * 1_000_000


def _strings(words: Iterable[Any]) -> Any:
    return pa.array([str(word.value) if hasattr(word, "value") else str(word) for word in words])
