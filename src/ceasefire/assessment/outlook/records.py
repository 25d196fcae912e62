"""What an outlook says, field by field, and to whom each field may be told.

A forecast of violence is told to nobody outside the mission, the delegations and the guarantors, and where incidents
crowd only as administrative units to any but the mission. The operation that reads an outlook decides the first, as
`release.policy` has it; the marks below the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ceasefire.model.roles import mission, public


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWeek:
    """One week ahead, as a distribution."""

    week: Annotated[str, public("ISO week of local days, such as 2017-W39.")]
    ahead: Annotated[int, public("How many weeks after the last known: 1 to 8.")]
    low_90: Annotated[float, public("With nine chances in ten no fewer and no more than `high_90`.")]
    low_50: Annotated[float, public("With one chance in two no fewer and no more than `high_50`.")]
    median: Annotated[float, public("As likely more as fewer.")]
    high_50: Annotated[float, public("See `low_50`.")]
    high_90: Annotated[float, public("See `low_90`.")]
    mean: Annotated[float, public("Expected number.")]
    p_none: Annotated[float, public("Chance of none at all.")]
    p_escalation: Annotated[float, public("Chance of more than `escalation_above` of the forecast.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaForecast:
    """What one area is to expect of one count."""

    area_id: Annotated[str, public("A zone, or the name of an administrative unit of the first order.")]
    area_kind: Annotated[str, public("zone or unit.")]
    target: Annotated[str, public("deaths, alleged-violations or alleged-or-open.")]
    why_not: Annotated[
        str | None,
        public("too-few-weeks, or nothing-recent: then there is no forecast. Null: there is one."),
    ]
    escalation_above: Annotated[
        float | None,
        public("A week with more is an escalation: twice the mean of the last twelve, and at least five more."),
    ]
    weeks: Annotated[tuple[ForecastWeek, ...], public("One to eight weeks ahead.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmWeek:
    """Whether one week of one area was beyond what the weeks before allow."""

    area_id: Annotated[str, public("A zone, or the name of an administrative unit of the first order.")]
    area_kind: Annotated[str, public("zone or unit.")]
    target: Annotated[str, public("deaths, alleged-violations or alleged-or-open.")]
    week: Annotated[str, public("ISO week of local days.")]
    count: Annotated[float | None, public("Of the week; null where the record does not cover it whole.")]
    state: Annotated[
        str,
        public("alarm: beyond the lull by both tests; one-of-two: by one alone; quiet: by neither; cannot-tell."),
    ]
    lull_p: Annotated[float | None, public("Chance of so many or more, if the week were like the twelve before it.")]
    second_p: Annotated[float | None, public("Chance of so many or more by the self-exciting model.")]
    lull_weeks: Annotated[int, public("Of the twelve weeks before, how many are on record.")]
    war_p_more: Annotated[
        float | None, public("Chance of so many or more, if it were like the twelve weeks before the truce.")
    ]
    war_p_fewer: Annotated[float | None, public("Chance of so few or fewer, likewise.")]
    why_not: Annotated[str | None, public("Why there is no answer: week-missing or too-few-weeks. Null: there is one.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFound:
    """Where incidents crowd beyond what the place and the weeks alone would give: incidents, not forces."""

    rank: Annotated[int, public("1 is the most likely.")]
    first_week: Annotated[str, public("It lasts from this week to the last.")]
    last_week: Annotated[str, public("The last week known.")]
    observed: Annotated[float, public("Incidents, those placed in part by their share.")]
    expected: Annotated[float, public("If place and time had nothing to do with each other.")]
    p: Annotated[float, public("By permutation; never below `smallest_p` of the outlook.")]
    areas: Annotated[tuple[str, ...], public("Administrative units of the first order in which it lies.")]
    longitude: Annotated[float, mission("Of the middle of its middle cell, ten kilometres wide.")]
    latitude: Annotated[float, mission("Likewise.")]
    radius_km: Annotated[float, mission("Of the circle around it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How good such forecasts would have been on the record so far."""

    area_kind: Annotated[str, public("zone or unit.")]
    target: Annotated[str, public("deaths, alleged-violations or alleged-or-open.")]
    origins: Annotated[int, public("Weeks from which a forecast could be scored; 0: none, all else is null.")]
    best_baseline: Annotated[str | None, public("zero, last-value or conflictology-12: the hardest to beat.")]
    skill: Annotated[float | None, public("Share of the best baseline's error (CRPS) that the forecasts save.")]
    skill_low: Annotated[float | None, public("Lower end of its 90 % interval.")]
    skill_high: Annotated[float | None, public("Upper end.")]
    coverage_50: Annotated[float | None, public("Share of weeks in the 50 % intervals.")]
    coverage_90: Annotated[float | None, public("Share of weeks in the 90 % intervals.")]
    pit: Annotated[
        tuple[float, ...], public("Shares of what came in tenths of the forecasts; one tenth each is perfect.")
    ]
    warning_has_skill: Annotated[
        bool | None, public("Whether the chances of escalation beat the base rate; null: too few to tell.")
    ]
    warning_skill: Annotated[float | None, public("Share of the base rate's Brier score that they save.")]
    warning_low: Annotated[float | None, public("Lower end of its 90 % interval.")]
    warning_high: Annotated[float | None, public("Upper end.")]
    warning_area: Annotated[float | None, public("Area under the curve; one half is no better than a coin.")]
    escalations: Annotated[int, public("Weeks that were one, of those scored.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What may come next, and how far that can be trusted."""

    origin_week: Annotated[str | None, public("The last week that the record covers whole; null: none.")]
    recorded: Annotated[str, public("How it is known which weeks the record covers.")]
    forecasts: Annotated[tuple[AreaForecast, ...], public("By area and count.")]
    alarms: Annotated[tuple[AlarmWeek, ...], public("By area, count and week.")]
    clusters: Annotated[tuple[ClusterFound, ...], public("Those with p at most 0.05.")]
    clusters_why_not: Annotated[str | None, public("too-few-incidents: none could be looked for. Null: they were.")]
    cluster_incidents: Annotated[
        int, public("That were scanned: of the last year, with a place better than a country.")
    ]
    smallest_p: Annotated[float, public("The smallest p that the permutations can show.")]
    reliability: Annotated[tuple[Reliability, ...], public("By kind of area and count.")]
