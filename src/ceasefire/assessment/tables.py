"""The tables of an assessment, and from each number of them the way back to incidents."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ceasefire.assessment.assess import AreaAssessed, StartTried
from ceasefire.assessment.breaks import Break
from ceasefire.assessment.change import Change
from ceasefire.assessment.kernels import ratios_everywhere
from ceasefire.assessment.ladder import Step
from ceasefire.assessment.watching import Watched, Watching
from ceasefire.assessment.weekly import Kind, WeeklyBook, weekly_table
from ceasefire.assessment.weeks import week_label, week_of_label
from ceasefire.model.errors import UnknownRecordError
from ceasefire.model.schemas import CAUTIONS, CHANGES, DATES, ELSEWHERE, GRADES, STEPS, WATCHING, WEEKLY

SCHEMAS: Mapping[str, pa.Schema] = {
    "weekly": WEEKLY,
    "grades": GRADES,
    "steps": STEPS,
    "changes": CHANGES,
    "watching": WATCHING,
    "dates": DATES,
    "elsewhere": ELSEWHERE,
    "cautions": CAUTIONS,
}
"""By name, in the order in which they are read."""
_COUNTED = ("before", "after", "per_week_before", "per_week_after")


@dataclass(frozen=True, slots=True)
class Assessment:
    """Areas assessed, and the tables that hold every number said of them.

    Parameters
    ----------
    book : WeeklyBook
        What was counted.
    areas : tuple of AreaAssessed
    tables : dict of str to Table
        Keys and schemas are those of `SCHEMAS`.
    """

    book: WeeklyBook
    areas: tuple[AreaAssessed, ...]
    tables: dict[str, pa.Table]

    @classmethod
    def of(cls, book: WeeklyBook, areas: Sequence[AreaAssessed]) -> Assessment:
        """Lay out what was found as tables."""
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS if name != "weekly"}
        for area in areas:
            for start in area.starts:
                _add_start(rows, area, start)
            if not area.starts:
                rows["grades"].append(_grade_row(area, None))
            for caution in area.cautions:
                rows["cautions"].append(
                    {
                        "area_id": area.zone.area_id,
                        "caution": caution.kind.value,
                        "figure": caution.figure,
                        "number": caution.number,
                        "about": caution.about,
                    }
                )
        tables = {name: pa.Table.from_pylist(_nulled(held), schema=SCHEMAS[name]) for name, held in rows.items()}
        return cls(book, tuple(areas), {"weekly": weekly_table([area.series for area in areas]), **tables})

    def incidents_behind(self, table: str, row: int, column: str) -> list[str]:
        """Return the ids of the incidents behind a cell of a table, sorted.

        Of a figure that is worked out from two counts, such as a ratio, the incidents of both.

        Raises
        ------
        UnknownRecordError
            When there is no such cell.
        """
        held = self.tables.get(table)
        if held is None or not 0 <= row < held.num_rows or column not in held.column_names:
            raise UnknownRecordError(
                f"There is no cell {table}[{row}].{column}.", f"Tables: {', '.join(self.tables)}; rows count from 0."
            )
        record = held.slice(row, 1).to_pylist()[0]
        if table == "weekly":
            return self._of_week(record, column)
        area = next(area for area in self.areas if area.zone.area_id == record["area_id"])
        start = next((each for each in area.starts if each.start.start_id == record.get("start_id")), None)
        if table == "dates":
            week = week_of_label(record["week"])
            return self.book.behind(area.zone, "events_best", week, week, area.kind)
        if table == "changes":
            sides = _sides(column, record["weeks_before"], record["weeks_after"])
            return self._of_weeks(record["column"], sides, area.zone, area.kind)
        if start is None or not start.changes:
            return self.book.behind(area.zone, "events_best", *_all_weeks(area), area.kind)
        main = main_change(start)
        weeks = [
            [week_label(int(area.series.weeks[at])) for at in side] for side in (main.before_weeks, main.after_weeks)
        ]
        sides = _sides(column, *weeks)
        if table == "elsewhere":
            other = next(o for o in start.elsewhere if (o.role, o.what) == (record["role"], record["what"]))
            return self._of_weeks("events_best", sides, other.place, other.kind)
        return self._of_weeks("events_best", sides, area.zone, area.kind)

    def _of_week(self, record: Mapping[str, Any], column: str) -> list[str]:
        area = next(area for area in self.areas if area.zone.area_id == record["area_id"])
        week = week_of_label(record["week"])
        return self.book.behind(area.zone, column, week, week, area.kind)

    def _of_weeks(self, column: str, weeks: Iterable[str], place: Any, kind: Kind) -> list[str]:
        found: set[str] = set()
        for label in weeks:
            week = week_of_label(label)
            found.update(self.book.behind(place, column, week, week, kind))
        return sorted(found)


def main_change(start: StartTried) -> Change:
    """Return the change that decides: of the main count over the main window."""
    assert start.tried is not None  # noqa: S101  (asked only where there are changes)
    window = start.tried.window
    return next(each for each in start.changes if each.window == window)


def _all_weeks(area: AreaAssessed) -> tuple[int, int]:
    weeks = area.series.weeks
    return (int(weeks[0]), int(weeks[-1])) if len(weeks) else (0, -1)


def _sides(column: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
    if column in _COUNTED:
        return list(before if column.endswith("before") else after)
    return [*before, *after]


def _add_start(rows: dict[str, list[dict[str, Any]]], area: AreaAssessed, start: StartTried) -> None:
    key = {"area_id": area.zone.area_id, "start_id": start.start.start_id}
    labels = [week_label(int(week)) for week in area.series.weeks]
    rows["grades"].append(_grade_row(area, start))
    for step in start.steps:
        rows["steps"].append(
            {
                **key, "step": step.step.value, "outcome": step.outcome.value, "figure": step.figure,
                "needed": step.needed, "number": step.number,
            }
        )  # fmt: skip
    for change in start.changes:
        rows["changes"].append({**key, **_change_row(change, labels)})
    for other in start.elsewhere:
        rows["elsewhere"].append(
            {
                **key, "role": other.role, "what": other.what, "before": other.before, "after": other.after,
                "ratio": other.ratio, "low": other.low, "high": other.high, "rose": other.rose,
            }
        )  # fmt: skip
    for watched in start.watching.measured:
        rows["watching"].append({**key, **_watching_row(start.watching, watched)})
    rows["dates"].extend({**key, **row} for row in _date_rows(area, start, labels))


def _change_row(change: Change, labels: Sequence[str]) -> dict[str, Any]:
    return {
        "column": change.column,
        "window_weeks": change.window,
        "weeks_before": [labels[at] for at in change.before_weeks],
        "weeks_after": [labels[at] for at in change.after_weeks],
        "before": change.before,
        "after": change.after,
        "per_week_before": change.per_week_before,
        "per_week_after": change.per_week_after,
        "ratio": change.ratio,
        "low": change.interval[0],
        "high": change.interval[1],
        "negative_binomial_low": change.negative_binomial[0],
        "negative_binomial_high": change.negative_binomial[1],
        "bootstrap_low": change.bootstrap[0],
        "bootstrap_high": change.bootstrap[1],
        "ratio_per_hour_low": change.ratio_per_hour[0],
        "ratio_per_hour_high": change.ratio_per_hour[1],
    }


def _watching_row(watching: Watching, watched: Watched) -> dict[str, Any]:
    decides = watched is watching.decides
    return {
        "measure": watched.measure,
        "decides": decides,
        "weeks_before": watched.weeks_before,
        "weeks_after": watched.weeks_after,
        "before_low": watched.before[0],
        "before_high": watched.before[1],
        "after_low": watched.after[0],
        "after_high": watched.after[1],
        "factor_low": watched.factor[0],
        "factor_high": watched.factor[1],
        "ratio_low": watching.ratio[0] if decides else None,
        "ratio_high": watching.ratio[1] if decides else None,
        "low": watching.interval[0] if decides else None,
        "high": watching.interval[1] if decides else None,
    }


def _grade_row(area: AreaAssessed, start: StartTried | None) -> dict[str, Any]:
    if start is None:
        return {
            "area_id": area.zone.area_id, "grade": area.grade.value, "is_main": True,
            "stopped_at": area.stopped_at.value if area.stopped_at else None,
        }  # fmt: skip
    row: dict[str, Any] = {
        "area_id": area.zone.area_id,
        "start_id": start.start.start_id,
        "earliest": start.start.earliest,
        "latest": start.start.latest,
        "grade": start.grade.value,
        "stopped_at": start.stopped_at.value if start.stopped_at else None,
        "is_main": area.main is not None and area.starts[area.main] is start,
        "power_30": start.power_30,
        "power_60": start.power_60,
        "lead_ratio": start.contrast.lead_ratio,
        "lead_low": start.contrast.lead_low,
        "lead_high": start.contrast.lead_high,
        "contrast_ratio": start.contrast.ratio,
        "contrast_low": start.contrast.low,
        "contrast_high": start.contrast.high,
    }
    if start.tried is not None:
        main = start.tried.main
        dates = sum(each.place is not None for each in area.starts)
        row |= {"ratio": float(main.ratio[0]), "interval_percent": interval_percent(dates)}
        row |= {"low": float(main.low[0]), "high": float(main.high[0]), "window_weeks": start.tried.window}
        if start.stopped_at is Step.RECORD:
            row |= {"ratio": None, "low": None, "high": None}
    return row


def interval_percent(dates: int) -> int:
    """Return the level of the intervals where so many dates were tried, in per cent."""
    return 95 if dates == 1 else 98


def _date_rows(area: AreaAssessed, start: StartTried, labels: Sequence[str]) -> Iterable[dict[str, Any]]:
    if start.tried is None or start.place is None:
        return
    counts = area.series.whole("events_best")
    levels = levels_between(counts[: start.place.until], area.breaks)
    posterior = dict(zip(start.tried.breaks.weeks.tolist(), start.tried.breaks.posterior[0].tolist(), strict=True))
    weeks, ratios = ratios_everywhere(counts[None, : start.place.until], start.tried.placebo_window)
    placebo = dict(zip(weeks.tolist(), np.exp(ratios[0]).tolist(), strict=True))
    for at, label in enumerate(labels):
        yield {
            "week": label,
            "events_best": float(counts[at]),
            "level": float(levels[at]) if at < len(levels) else None,
            "break_posterior": posterior.get(at),
            "placebo_ratio": placebo.get(at),
        }


def levels_between(counts: np.ndarray[Any, np.dtype[np.float64]], breaks: Sequence[Break]) -> list[float]:
    """Return the level of each week, between breaks that are claimed; NaN where no week is known."""
    cuts = [each.week for each in breaks if each.week < len(counts)]
    levels: list[float] = []
    for first, last in zip([0, *cuts], [*cuts, len(counts)], strict=True):
        part = counts[first:last]
        known = part[np.isfinite(part)]
        levels.extend([float(known.mean()) if len(known) else math.nan] * (last - first))
    return levels


def _nulled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say null where a figure is not known, whatever the arithmetic calls it."""
    return [
        {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}
        for row in rows
    ]
