"""What posts are to see: a workspace's incidents, a forecast, people, or a line."""

from __future__ import annotations

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
from ceasefire.pipeline.site_rules import Agreed, SitingOptions, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from ceasefire.pipeline.state import State

_DRAWS = 200
_COLUMNS = ["incident_id", "latitude", "longitude", "place_radius_km", "occurred_from"]


def demand_of(state: State, agreed: Agreed, options: SitingOptions, notes: list[str]) -> tuple[Demand, date | None]:
    """Return what is to be seen, and the day of the last incident where it is incidents; says in `notes` what it is."""
    if options.objective == "line":
        if agreed.line is None:
            raise UsageError("The line that is to be seen is not named.", "Name it with --line.")
        return along_line(shape_of(state.case, agreed.line)), None
    if options.objective == "people":
        return _people(state, agreed, options, notes), None
    if options.forecast is not None:
        from ceasefire.pipeline.site_tables import read_forecast

        sample, longitude, latitude, weight = read_forecast(options.forecast)
        notes.append(f"{int(sample.max()) + 1:,} samples of a forecast, {len(weight):,} rows.")
        return forecast_samples(sample, (longitude, latitude), weight), None
    return _incidents(state, agreed, options, notes)


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


def _incidents(state: State, agreed: Agreed, options: SitingOptions, notes: list[str]) -> tuple[Demand, date | None]:
    """Return the incidents that may fall under a clause; each counts once, each week may come again or not."""
    state.refuse_edited()
    derived = state.derived(None)
    incidents, findings = derived.table("incidents"), derived.table("findings")
    incidents = incidents.filter(np.logical_not(is_episode(incidents)))
    zone = state.history.zone
    period = period_of(zone, first_day=options.first_day, last_day=options.last_day)
    if period is not None:
        incidents = incidents.filter(np.asarray(fit_period(incidents, period)) == Fit.WITHIN)
    may = findings.filter(pc.is_in(findings["status"].cast("string"), value_set=_strings(MAY_FALL_UNDER)))
    if agreed.area is not None:
        may = may.filter(pc.equal(may["zone_id"].cast("string"), agreed.area))
    accused: dict[str, set[str]] = {}
    for incident, who in zip(may["incident_id"].to_pylist(), may["accused_id"].to_pylist(), strict=True):
        accused.setdefault(incident, set()).add(who)
    rows = [row for row in incidents.select(_COLUMNS).to_pylist() if row["incident_id"] in accused]
    placed = [row for row in rows if row["latitude"] is not None and row["occurred_from"] is not None]
    notes.append(
        f"{len(placed):,} incidents that may fall under a clause."
        + (f" {len(rows) - len(placed):,} more have no place or no time to the point, and weigh nothing here."
           if len(rows) > len(placed) else "")
    )  # fmt: skip
    if not placed:
        raise InsufficientDataError("No incident with a place and a time fits.\n  Widen the period or the area.")
    begun = np.array([int(row["occurred_from"].timestamp()) * 1_000_000 for row in placed])
    week = (begun - begun.min()) // (7 * MICROSECONDS_PER_DAY)
    names = options.sides or tuple(sorted({who for row in placed for who in accused[row["incident_id"]] if who}))
    groups, group_names = np.zeros((0, len(placed)), dtype=bool), ()  # type: tuple[Any, tuple[str, ...]]
    if options.objective == "sides":
        register = state.case.actors

        def of_side(row: dict[str, Any], at: int, side: str) -> bool:
            return any(who == side or register.belongs_to(who, side, at) for who in accused[row["incident_id"]] if who)

        group_names = names
        groups = np.array(
            [[of_side(row, int(at), side) for row, at in zip(placed, begun, strict=True)] for side in names]
        )
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
    return demand, local_date(int(begun.max()), zone)


def _strings(words: Iterable[Any]) -> Any:
    return pa.array([str(word.value) if hasattr(word, "value") else str(word) for word in words])
