"""An outlook as tables and sentences for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ceasefire.assessment.number_words import percent
from ceasefire.assessment.outlook.alarm import NOMINAL
from ceasefire.assessment.outlook.evaluation import BASELINES, Evaluation
from ceasefire.assessment.outlook.rolling import LEVELS
from ceasefire.assessment.weeks import week_label

if TYPE_CHECKING:
    from ceasefire.assessment.outlook.records import AlarmWeek, AreaForecast, ForecastWeek, Outlook, Reliability
    from ceasefire.pipeline.outlook import LookedAhead

KINDS = {"zone": "zones", "unit": "administrative units"}
TARGETS = {
    "deaths": "deaths",
    "alleged-violations": "alleged violations (lower bound)",
    "alleged-or-open": "alleged, contested or undetermined (upper bound)",
}
WHY_NOT = {
    "too-few-weeks": "cannot tell: fewer than twelve weeks are on record",
    "nothing-recent": "cannot tell: fewer than four of the last eight weeks are on record",
    "week-missing": "cannot tell: the record does not cover the week whole",
}
STATES = {
    "alarm": "beyond the lull",
    "one-of-two": "beyond it by one test of two",
    "quiet": "within the lull",
    "cannot-tell": "cannot tell",
}
CAUTION = (
    "A forecast says what may come if what drives the violence stays as it was: it knows of no plan and no talks. "
    "It is no finding, and says nothing of who would do it."
)
_TELLING = 0.01
_LEAST_CHANCE = 1 / (2 * LEVELS)
"""A forecast is held by so many values, and no smaller chance is told apart from none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows to print under a title, and sentences after them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    said: tuple[str, ...] = ()


def outlook_tables(looked: LookedAhead, target: str, names: Mapping[str, str]) -> list[Table]:
    """Return the outlook of one target: forecasts and alarms by kind of area, then clusters.

    Parameters
    ----------
    names : mapping of str to str
        Of zones.
    """
    outlook = looked.outlook
    if outlook.origin_week is None:
        return [Table(title="", columns=(), rows=(), said=("Cannot tell: no week is on record whole.",))]
    tables = []
    for kind, title in KINDS.items():
        chosen = [each for each in outlook.forecasts if (each.area_kind, each.target) == (kind, target)]
        if chosen:
            tables.append(_forecasts(outlook, chosen, kind, f"{title}: {TARGETS[target]}", names))
    tables.append(_alarms(outlook, target, names))
    tables.append(_clusters(outlook))
    return tables


def _forecasts(
    outlook: Outlook, chosen: Iterable[AreaForecast], kind: str, title: str, names: Mapping[str, str]
) -> Table:
    rows = []
    target = ""
    for each in chosen:
        target = each.target
        name = names.get(each.area_id, each.area_id)
        if each.why_not is not None:
            rows.append((name, WHY_NOT[each.why_not], "", "", ""))
            continue
        first, fourth, last = each.weeks[0], each.weeks[min(3, len(each.weeks) - 1)], each.weeks[-1]
        rows.append(
            (name, _spoken(first), _spoken(fourth), _spoken(last), _share(first.p_escalation, least=_LEAST_CHANCE))
        )
    told = [each for each in outlook.reliability if (each.area_kind, each.target) == (kind, target)]
    return Table(
        title=f"After {outlook.origin_week}, {title}: median, and what nine chances in ten lie within",
        columns=("area", "#in 1 week", "#in 4 weeks", "#in 8 weeks", "#escalation"),
        rows=tuple(rows),
        said=tuple(sentence for each in told for sentence in trust(each)),
    )


def _share(value: float, *, least: float = 0.0) -> str:
    """Write a share; what is below the least that can be known is not said to be none."""
    return percent(max(value, least)).replace(" ", "")


def _spoken(week: ForecastWeek) -> str:
    return f"{week.median:,.0f} ({week.low_90:,.0f}–{week.high_90:,.0f})"


def trust(told: Reliability) -> tuple[str, ...]:
    """Return in sentences how far forecasts and warnings of one kind can be trusted."""
    if not told.origins or told.coverage_90 is None:
        return ("How good such forecasts are cannot be told: too few weeks on record could be scored.",)
    if told.skill is None:
        saved = "Nothing happened that could have been forecast badly, so that their skill cannot be told."
    else:
        between = _between(told.skill_low, told.skill_high)
        saved = f"They saved {100 * told.skill:.1f}% of the error of {told.best_baseline}{between}."
    forecast = (
        f"From {told.origins} earlier weeks, such forecasts would have held {_share(told.coverage_90)} of weeks in "
        f"their 90% intervals. {saved}"
    )
    return forecast, _warned(told)


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" (90% interval {100 * low:.1f}% to {100 * high:.1f}%)"


def _warned(told: Reliability) -> str:
    if told.warning_has_skill is None or told.warning_skill is None:
        return f"Whether the warning of escalation has skill cannot be told: {told.escalations} on record."
    between = _between(told.warning_low, told.warning_high)
    if not told.warning_has_skill:
        return f"The warning of escalation has shown no skill on this record: go by the base rate instead{between}."
    area = "" if told.warning_area is None else f"; area under the curve {told.warning_area:.2f}"
    return f"The warning of escalation beat the base rate by {100 * told.warning_skill:.1f}%{between}{area}."


def _alarms(outlook: Outlook, target: str, names: Mapping[str, str]) -> Table:
    chosen = [each for each in outlook.alarms if each.target == target]
    last = [each for each in chosen if each.week == outlook.origin_week]
    shown = [each for each in last if each.area_kind == "zone" or each.state in ("alarm", "one-of-two")]
    rows = tuple(
        (
            names.get(each.area_id, each.area_id),
            "not known" if each.count is None else f"{each.count:,.0f}",
            STATES[each.state] if each.why_not is None else WHY_NOT.get(each.why_not, each.why_not),
            _chance(each.lull_p),
            _chance(each.second_p),
            _against_war(each),
        )
        for each in shown
    )
    earlier = [each.state for each in chosen if each.week != outlook.origin_week and each.state != "cannot-tell"]
    return Table(
        title=f"Week {outlook.origin_week} against the twelve before it: {TARGETS[target]}",
        columns=("area", "#count", "is", "#p", "#second p", "against the war"),
        rows=rows,
        said=(
            f"In the half year before, {earlier.count('alarm'):,} of {len(earlier):,} weeks of areas were beyond the "
            f"lull by both tests. By chance alone, either test puts {percent(NOMINAL)} of quiet weeks there.",
            CAUTION,
        ),
    )


def _chance(p: float | None) -> str:
    if p is None:
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _against_war(alarm: AlarmWeek) -> str:
    if alarm.war_p_more is None or alarm.war_p_fewer is None:
        return "no reference"
    if alarm.war_p_fewer <= _TELLING:
        return "below it"
    return "above it" if alarm.war_p_more <= _TELLING else "as then"


def _clusters(outlook: Outlook) -> Table:
    if outlook.clusters_why_not is not None:
        said = ("Clusters cannot be looked for: too few incidents of the last year have a place and a week.",)
        return Table(title="", columns=(), rows=(), said=said)
    rows = tuple(
        (
            str(each.rank),
            ", ".join(each.areas),
            f"{each.latitude:.2f}, {each.longitude:.2f}",
            f"{each.radius_km:.0f}",
            each.first_week,
            f"{each.observed:.1f}",
            f"{each.expected:.1f}",
            f"{each.p:.3f}",
        )
        for each in outlook.clusters
    )
    found = (
        f"{outlook.cluster_incidents:,} incidents of the last year were scanned; no p can be smaller than "
        f"{outlook.smallest_p:g}."
    )
    none = () if rows else ("Incidents crowd nowhere more than place and week alone would give.",)
    columns = ("", "administrative units", "middle", "#km", "since", "#incidents", "#expected", "#p")
    return Table(title="Where incidents crowd", columns=columns, rows=rows, said=(*none, found))


def evaluation_tables(looked: LookedAhead, target: str) -> list[Table]:
    """Return how good forecasts of one target would have been, by kind of area: overall and by horizon."""
    tables = []
    for kind, title in KINDS.items():
        evaluation = looked.evaluations.get((kind, target))
        if evaluation is not None:
            tables += _evaluated(evaluation, f"{title}: {TARGETS[target]}")
    return tables or [Table(title="", columns=(), rows=(), said=("Cannot tell: no week is on record whole.",))]


def _evaluated(evaluation: Evaluation, title: str) -> list[Table]:
    if evaluation.why_not is not None:
        said = (f"{title[0].upper()}{title[1:]}: cannot tell, too few weeks are on record to score a forecast.",)
        return [Table(title="", columns=(), rows=(), said=said)]
    everyone = {"forecast": evaluation.pool, **{name: evaluation.baselines[name] for name in BASELINES}}
    rows = tuple(
        (
            name,
            f"{each.crps:.3f}",
            "" if name == "forecast" else _skill(evaluation.skills[name].skill),
            "" if name == "forecast" else _skill_range(evaluation.skills[name].low, evaluation.skills[name].high),
            f"{each.log_score:.2f}",
            f"{100 * each.coverage_50:.1f}%",
            f"{100 * each.coverage_90:.1f}%",
        )
        for name, each in everyone.items()
    )
    best = evaluation.best_baseline
    ahead = tuple(
        (
            str(number + 1),
            f"{evaluation.pool.crps_by_horizon[number]:.3f}",
            f"{evaluation.baselines[best].crps_by_horizon[number]:.3f}",
            _skill(skill),
            _skill_range(low, high),
            f"{100 * evaluation.pool.coverage_90_by_horizon[number]:.1f}%",
        )
        for number, (skill, low, high) in enumerate(evaluation.skills[best].by_horizon)
    )
    first, last = week_label(evaluation.first_week), week_label(evaluation.last_week)
    whole = Table(
        title=f"{title}: {evaluation.origins} origins from {first} to {last}, {evaluation.scored:,} weeks of areas",
        columns=("", "#CRPS", "#forecast saves", "#90% interval", "#log score", "#in 50%", "#in 90%"),
        rows=rows,
    )
    by_week = Table(
        title=f"By weeks ahead, against {best}",
        columns=("weeks ahead", "#CRPS", f"#{best}", "#forecast saves", "#90% interval", "#in 90%"),
        rows=ahead,
        said=_about(evaluation),
    )
    return [whole, by_week]


def _about(evaluation: Evaluation) -> tuple[str, ...]:
    weights = sorted(evaluation.members.items(), key=lambda item: -item[1])
    pooled = "; ".join(f"{name} {100 * weight:.0f}%" for name, weight in weights)
    warning = evaluation.warning
    if warning.has_skill is None:
        warned = f"{warning.escalations} escalations in {warning.weeks} weeks: too few weeks to say."
    elif warning.has_skill:
        warned = (
            f"{warning.escalations} escalations in {warning.weeks:,} weeks; the warning beat the base rate by "
            f"{_skill(warning.brier_skill)}{_between(warning.low, warning.high)}, area {warning.area:.2f}."
        )
    else:
        warned = (
            f"{warning.escalations} escalations in {warning.weeks:,} weeks; the warning has no skill: it saved "
            f"{_skill(warning.brier_skill)} of the base rate's score{_between(warning.low, warning.high)}."
        )
    return (f"Mean weights: {pooled}.", f"Escalation: {warned}", "No forecast used a week after its origin.")


def _skill(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f}%"


def _skill_range(low: float, high: float) -> str:
    return "–" if math.isnan(low) else f"{100 * low:.1f} to {100 * high:.1f}"
