"""The pictures of an outlook, written as files: light, and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ceasefire.assessment.weeks import week_label
from ceasefire.bulletin.outlook_figures import (
    AlarmContent,
    FanContent,
    ReliabilityContent,
    render_alarms,
    render_fan,
    render_reliability,
)
from ceasefire.bulletin.palette import darkened
from ceasefire.model.errors import UsageError

if TYPE_CHECKING:
    from ceasefire.pipeline.outlook import LookedAhead

_WEEKS_BACK = 40
_COUNTED = {
    "deaths": "deaths",
    "alleged-violations": "alleged violations",
    "alleged-or-open": "alleged or open",
}


def write_pictures(looked: LookedAhead, folder: Path) -> int:
    """Write every picture into a folder, as ``NAME.svg`` and ``NAME-dark.svg``; return how many.

    Raises
    ------
    UsageError
        When the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made a folder: {error.strerror}.", "Name another.") from error
    written = 0
    for name, svg in _pictures(looked):
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
        (folder / f"{name}-dark.svg").write_text(darkened(svg), encoding="utf-8")
        written += 2
    return written


def _pictures(looked: LookedAhead) -> Iterator[tuple[str, str]]:
    outlook = looked.outlook
    for fan in outlook.forecasts:
        if fan.weeks:
            name = _file_name("forecast", fan.target, fan.area_kind, fan.area_id)
            yield name, render_fan(fan_content(looked, fan.area_kind, fan.target, fan.area_id))
    for kind, target, area in dict.fromkeys((each.area_kind, each.target, each.area_id) for each in outlook.alarms):
        yield _file_name("alarm", target, kind, area), render_alarms(alarm_content(looked, kind, target, area))
    for (kind, target), evaluation in looked.evaluations.items():
        if evaluation.why_not is None:
            content = ReliabilityContent(
                title=f"{_COUNTED[target]}, by {kind}: {evaluation.origins} origins",
                pit=evaluation.pit,
                coverage_by_ahead=evaluation.pool.coverage_90_by_horizon,
                skill_by_ahead=evaluation.skills[evaluation.best_baseline].by_horizon,
                baseline=evaluation.best_baseline,
            )
            yield _file_name("reliability", target, kind), render_reliability(content)


def fan_content(looked: LookedAhead, kind: str, target: str, area: str) -> FanContent:
    """Return what the fan of one area shows."""
    panel = looked.material.panels[kind, target]
    forecast = next(
        each for each in looked.outlook.forecasts if (each.area_kind, each.target, each.area_id) == (kind, target, area)
    )
    counts = panel.counts[-_WEEKS_BACK:, panel.units.index(area)]
    weeks = [week_label(int(week)) for week in panel.weeks[-_WEEKS_BACK:]]
    return FanContent(
        title=_title(looked, kind, area),
        counted=_COUNTED[target],
        weeks=(*weeks, *(each.week for each in forecast.weeks)),
        known=tuple(None if np.isnan(count) else float(count) for count in counts),
        ahead=tuple((each.low_90, each.low_50, each.median, each.high_50, each.high_90) for each in forecast.weeks),
    )


def alarm_content(looked: LookedAhead, kind: str, target: str, area: str) -> AlarmContent:
    """Return what the weeks of one area show."""
    chosen = [
        each for each in looked.outlook.alarms if (each.area_kind, each.target, each.area_id) == (kind, target, area)
    ]
    return AlarmContent(
        title=_title(looked, kind, area),
        counted=_COUNTED[target],
        weeks=tuple(each.week for each in chosen),
        states=tuple(each.state for each in chosen),
        counts=tuple(each.count for each in chosen),
    )


def _title(looked: LookedAhead, kind: str, area: str) -> str:
    """Return the name of a zone; a unit is its own."""
    if kind != "zone":
        return area
    titles = looked.material.book.case.areas[area].title
    return titles.get("en") or next(iter(titles.values()))


def _file_name(*parts: str) -> str:
    return re.sub(r"[^\w-]+", "-", "-".join(parts)).strip("-").lower()
