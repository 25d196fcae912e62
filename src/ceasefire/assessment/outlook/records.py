"""What an outlook says, field by field, and to whom each field may be told.

A forecast of violence is told to nobody outside the mission, the delegations and the guarantors, and where incidents
crowd only as administrative units to any but the mission; `release.policy` decides, these marks are what it goes by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ceasefire.model.roles import mission, shared


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWeek:
    """One week ahead, as a distribution."""

    week: Annotated[str, shared("ISO week of local days, such as 2017-W39.")]
    ahead: Annotated[int, shared("How many weeks after the last known: 1 to 8.")]
    low_90: Annotated[float, shared("With nine chances in ten no fewer and no more than `high_90`.")]
    low_50: Annotated[float, shared("With one chance in two no fewer and no more than `high_50`.")]
    median: Annotated[float, shared("As likely more as fewer.")]
    high_50: Annotated[float, shared("See `low_50`.")]
    high_90: Annotated[float, shared("See `low_90`.")]
    mean: Annotated[float, shared("Expected number.")]
    p_none: Annotated[float, shared("Chance of none at all.")]
    p_escalation: Annotated[float, shared("Chance of more than `escalation_above` of the forecast.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaForecast:
    """What one area is to expect of one count."""

    area_id: Annotated[str, shared("A zone, or the name of an administrative unit of the first order.")]
    area_kind: Annotated[str, shared("zone or unit.")]
    target: Annotated[str, shared("deaths, alleged-violations or alleged-or-open.")]
    why_not: Annotated[
        str | None,
        shared("too-few-weeks, or nothing-recent: then there is no forecast. Null: there is one."),
    ]
    escalation_above: Annotated[
        float | None,
        shared("A week with more is an escalation: twice the mean of the last twelve, and at least five more."),
    ]
    weeks: Annotated[tuple[ForecastWeek, ...], shared("One to eight weeks ahead.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmWeek:
    """Whether one week of one area was beyond what the weeks before allow."""

    area_id: Annotated[str, shared("A zone, or the name of an administrative unit of the first order.")]
    area_kind: Annotated[str, shared("zone or unit.")]
    target: Annotated[str, shared("deaths, alleged-violations or alleged-or-open.")]
    week: Annotated[str, shared("ISO week of local days.")]
    count: Annotated[float | None, shared("Of the week; null where the record does not cover it whole.")]
    state: Annotated[
        str,
        shared("alarm: beyond the lull by both tests; one-of-two: by one alone; quiet: by neither; cannot-tell."),
    ]
    lull_p: Annotated[float | None, shared("Chance of so many or more, if the week were like the twelve before it.")]
    second_p: Annotated[float | None, shared("Chance of so many or more by the self-exciting model.")]
    lull_weeks: Annotated[int, shared("Of the twelve weeks before, how many are on record.")]
    war_p_more: Annotated[
        float | None, shared("Chance of so many or more, if it were like the twelve weeks before the truce.")
    ]
    war_p_fewer: Annotated[float | None, shared("Chance of so few or fewer, likewise.")]
    why_not: Annotated[str | None, shared("Why there is no answer: week-missing or too-few-weeks. Null: there is one.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFound:
    """Where incidents crowd beyond what the place and the weeks alone would give: incidents, not forces."""

    rank: Annotated[int, shared("1 is the most likely.")]
    first_week: Annotated[str, shared("It lasts from this week to the last.")]
    last_week: Annotated[str, shared("The last week known.")]
    observed: Annotated[float, shared("Incidents, those placed in part by their share.")]
    expected: Annotated[float, shared("If place and time had nothing to do with each other.")]
    p: Annotated[float, shared("By permutation; never below `smallest_p` of the outlook.")]
    areas: Annotated[tuple[str, ...], shared("Administrative units of the first order in which it lies.")]
    longitude: Annotated[float, mission("Of the middle of its middle cell, ten kilometres wide.")]
    latitude: Annotated[float, mission("Likewise.")]
    radius_km: Annotated[float, mission("Of the circle around it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How good such forecasts would have been on the record so far."""

    area_kind: Annotated[str, shared("zone or unit.")]
    target: Annotated[str, shared("deaths, alleged-violations or alleged-or-open.")]
    origins: Annotated[int, shared("Weeks from which a forecast could be scored; 0: none, all else is null.")]
    best_baseline: Annotated[str | None, shared("zero, last-value or conflictology-12: the hardest to beat.")]
    skill: Annotated[float | None, shared("Share of the best baseline's error (CRPS) that the forecasts save.")]
    skill_low: Annotated[float | None, shared("Lower end of its 90 % interval.")]
    skill_high: Annotated[float | None, shared("Upper end.")]
    coverage_50: Annotated[float | None, shared("Share of weeks in the 50 % intervals.")]
    coverage_90: Annotated[float | None, shared("Share of weeks in the 90 % intervals.")]
    pit: Annotated[
        tuple[float, ...], shared("Shares of what came in tenths of the forecasts; one tenth each is perfect.")
    ]
    warning_has_skill: Annotated[
        bool | None, shared("Whether the chances of escalation beat the base rate; null: too few to tell.")
    ]
    warning_skill: Annotated[float | None, shared("Share of the base rate's Brier score that they save.")]
    warning_low: Annotated[float | None, shared("Lower end of its 90 % interval.")]
    warning_high: Annotated[float | None, shared("Upper end.")]
    warning_area: Annotated[float | None, shared("Area under the curve; one half is no better than a coin.")]
    escalations: Annotated[int, shared("Weeks that were one, of those scored.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What may come next, and how far that can be trusted."""

    origin_week: Annotated[str | None, shared("The last week that the record covers whole; null: none.")]
    recorded: Annotated[str, shared("How it is known which weeks the record covers.")]
    forecasts: Annotated[tuple[AreaForecast, ...], shared("By area and count.")]
    alarms: Annotated[tuple[AlarmWeek, ...], shared("By area, count and week.")]
    clusters: Annotated[tuple[ClusterFound, ...], shared("Those with p at most 0.05.")]
    clusters_why_not: Annotated[str | None, shared("too-few-incidents: none could be looked for. Null: they were.")]
    cluster_incidents: Annotated[
        int, shared("That were scanned: of the last year, with a place better than a country.")
    ]
    smallest_p: Annotated[float, shared("The smallest p that the permutations can show.")]
    reliability: Annotated[tuple[Reliability, ...], shared("By kind of area and count.")]
