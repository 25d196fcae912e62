"""Charts of an assessment: the weeks with breaks and starts, every way of counting, the fall among all dates.

What tells things apart is shape, hatching or position besides colour: a print in black and white reads the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from ceasefire.assessment.assess import AreaAssessed, StartTried
from ceasefire.assessment.change import EVENT_COLUMNS, Change
from ceasefire.assessment.kernels import ratios_everywhere
from ceasefire.assessment.ladder import WINDOWS
from ceasefire.assessment.tables import levels_between
from ceasefire.assessment.weeks import DAYS, monday_of
from ceasefire.bulletin.palette import ALLEGED, BAND, INK, MUTED, PAPER, RULE, ZONE_EDGE, drawing, svg_text

WIDTH_INCHES = 6.9
DARK: Mapping[str, str] = {
    PAPER: "#14181d",
    INK: "#e8ebef",
    MUTED: "#a3adba",
    RULE: "#3b434e",
    ZONE_EDGE: "#8fc1f0",
    BAND: "#3d5a75",
    ALLEGED: "#f2a06a",
}
"""What stands for each colour on a dark page."""
_COLUMN_WORDS = {
    "events_best": "likely inside",
    "events_low": "surely inside",
    "events_high": "all that may be",
    "events_without_exempt_best": "likely, exempt left out",
    "events_without_exempt_low": "surely, exempt left out",
    "events_without_exempt_high": "may be, exempt left out",
}
_TICKS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0)
Colour = Callable[[str], str]


def charts_of(area: AreaAssessed, *, dark: bool = False) -> dict[str, Canvas]:
    """Return the charts of an area by name: ``weekly``, and of its main start ``specifications`` and ``placebos``."""

    def colour(light: str) -> str:
        return DARK[light] if dark else light

    with drawing("assessment"):
        charts = {"weekly": _weekly(area, colour)}
        start = area.starts[area.main] if area.main is not None else None
        if start is not None and start.tried is not None and any(np.isfinite(each.ratio) for each in start.changes):
            charts["specifications"] = _specifications(start, colour)
            if np.isfinite(start.tried.placebo_p[0]):
                charts["placebos"] = _placebos(area, start, colour)
    return charts


def as_svg(canvas: Canvas, name: str) -> str:
    """Return a chart as SVG: the same chart, the same bytes."""
    with drawing(name):
        return svg_text(canvas, name)


def as_png(canvas: Canvas) -> bytes:
    """Return a chart as PNG: the same chart, the same bytes."""
    held = BytesIO()
    canvas.savefig(held, format="png", dpi=144, metadata={"Software": None})
    return held.getvalue()


def _canvas(colour: Colour, height: float) -> tuple[Canvas, Axes]:
    canvas = Canvas(figsize=(WIDTH_INCHES, height), facecolor=colour(PAPER), layout="constrained")
    axes = canvas.add_subplot()
    _plain(axes, colour)
    return canvas, axes


def _plain(axes: Axes, colour: Colour) -> None:
    axes.set_facecolor(colour(PAPER))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(colour(RULE))
    axes.tick_params(colors=colour(MUTED), labelsize=7.5)
    axes.yaxis.label.set_color(colour(INK))
    axes.xaxis.label.set_color(colour(INK))
    axes.yaxis.label.set_fontsize(8)
    axes.xaxis.label.set_fontsize(8)


def _legend(canvas: Canvas, handles: list[Any], colour: Colour, columns: int = 3) -> None:
    legend = canvas.legend(
        handles=handles, loc="outside upper left", ncols=columns, frameon=False, fontsize=7.5, handlelength=1.8
    )
    for text in legend.get_texts():
        text.set_color(colour(INK))


def _weekly(area: AreaAssessed, colour: Colour) -> Canvas:
    canvas, axes = _canvas(colour, 3.2)
    series = area.series
    at = np.arange(len(series.weeks))
    best, low, high = (series.values[f"events_{bound}"] for bound in ("best", "low", "high"))
    axes.bar(at, best, 0.8, color=colour(BAND), edgecolor="none", zorder=2)
    axes.vlines(at, low, high, color=colour(INK), linewidth=0.5, zorder=3)
    top = max(1.0, float(np.nanmax(high)) if np.isfinite(high).any() else 1.0)
    for week in at[series.days_covered < DAYS]:
        axes.bar(week, top * 1.15, 1.0, color="none", edgecolor=colour(MUTED), linewidth=0, hatch="////", zorder=1)
    until = area.starts[area.main].place if area.main is not None else None
    levels = levels_between(series.whole("events_best")[: until.until if until else len(at)], area.breaks)
    axes.step(at[: len(levels)] - 0.5, levels, where="post", color=colour(ALLEGED), linewidth=1.8, zorder=4)
    named = []
    for number, start in enumerate((each for each in area.starts if each.place is not None), start=1):
        named.append(Line2D([], [], linestyle="", label=f"{number}  {start.start.start_id}"))
        assert start.place is not None  # noqa: S101  (chosen so)
        x = start.place.nearest - 0.5
        axes.axvline(x, color=colour(ZONE_EDGE), linewidth=1.1, linestyle=(0, (4, 2)), zorder=5)
        axes.annotate(
            str(number), (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2), textcoords="offset points",
            ha="center", fontsize=8, color=colour(ZONE_EDGE),
        )  # fmt: skip
    axes.set_ylim(0, top * 1.12)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.set_ylabel("incidents a week")
    _month_ticks(axes, series.weeks)
    _legend(
        canvas,
        [
            Patch(facecolor=colour(BAND), label="likely inside"),
            Line2D([], [], color=colour(INK), linewidth=0.8, label="from surely to possibly inside"),
            Line2D([], [], color=colour(ALLEGED), linewidth=1.8, label="level between breaks"),
            Line2D([], [], color=colour(ZONE_EDGE), linewidth=1.1, linestyle=(0, (4, 2)), label="starts on record"),
            Patch(facecolor="none", edgecolor=colour(MUTED), hatch="////", linewidth=0, label="not wholly covered"),
            *named,
        ],
        colour,
    )
    return canvas


def _month_ticks(axes: Axes, weeks: Any) -> None:
    if not len(weeks):
        return
    mondays = [monday_of(int(week)) for week in weeks]
    starts = [0, *(at for at in range(1, len(mondays)) if mondays[at].month != mondays[at - 1].month)]
    every = max(1, -(-len(starts) // 9))
    chosen = starts[::every]
    axes.set_xticks(chosen, [mondays[at].strftime("%Y-%m") for at in chosen])
    axes.set_xlim(-0.8, len(mondays) - 0.2)


def _ratio_axis(axis: Any) -> None:
    axis.set_major_locator(FixedLocator(_TICKS))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axis.set_minor_formatter(NullFormatter())


def _specifications(start: StartTried, colour: Colour) -> Canvas:
    chosen = [each for each in start.changes if each.column in EVENT_COLUMNS and np.isfinite(each.ratio)]
    chosen.sort(key=lambda each: each.ratio)
    canvas = Canvas(figsize=(WIDTH_INCHES, 4.6), facecolor=colour(PAPER), layout="constrained")
    upper, lower = canvas.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 2.4]})
    for axes in (upper, lower):
        _plain(axes, colour)
    upper.set_yscale("log")
    upper.axhline(1, color=colour(INK), linewidth=0.8, zorder=1)
    for place, each in enumerate(chosen):
        _specification(upper, place, each, colour)
    ends = [end for each in chosen for end in each.interval]
    upper.set_ylim(max(min(ends) * 0.9, 0.02), min(max(ends) * 1.1, 30))
    _ratio_axis(upper.yaxis)
    upper.set_ylabel("rate after over before")
    windows = sorted({each.window for each in chosen})
    rows: list[tuple[str, list[int]]] = [
        (_window_words(window, start), [at for at, each in enumerate(chosen) if each.window == window])
        for window in windows
    ]
    rows += [
        (_COLUMN_WORDS[name], [at for at, each in enumerate(chosen) if each.column == name]) for name in EVENT_COLUMNS
    ]
    for row, (_, marked) in enumerate(rows):
        lower.plot(marked, [row] * len(marked), "|", color=colour(INK), markersize=5, zorder=2)
    lower.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=6.5)
    lower.invert_yaxis()
    lower.axhline(len(windows) - 0.5, color=colour(RULE), linewidth=0.8)
    lower.set_xticks([])
    lower.set_xlim(-0.8, len(chosen) - 0.2)
    _legend(
        canvas,
        [
            Line2D([], [], color=colour(ALLEGED), marker="o", linestyle="-", markersize=4, label="interval below one"),
            Line2D(
                [], [], color=colour(MUTED), marker="o", markerfacecolor=colour(PAPER), linestyle="-", markersize=4,
                label="interval holds one",
            ),
            Line2D([], [], color=colour(INK), marker="D", linestyle="", markersize=5, label="the main comparison"),
        ],
        colour,
    )  # fmt: skip
    assert start.tried is not None  # noqa: S101  (asked only then)
    window = start.tried.window
    decisive = (place for place, each in enumerate(chosen) if (each.column, each.window) == (EVENT_COLUMNS[0], window))
    main = next(decisive, None)
    if main is not None:
        upper.plot(main, chosen[main].ratio, "D", color=colour(INK), markersize=5, zorder=4)
    return canvas


def _window_words(window: int, start: StartTried) -> str:
    whole = start.place is not None and window == start.place.first and window not in WINDOWS
    return "all weeks before" if whole else f"{window} weeks"


def _specification(axes: Axes, place: int, each: Change, colour: Colour) -> None:
    below = each.interval[1] < 1
    tone = colour(ALLEGED) if below else colour(MUTED)
    axes.vlines(place, *each.interval, color=tone, linewidth=1.4 if below else 0.8, zorder=2)
    axes.plot(
        place, each.ratio, "o", color=tone, markerfacecolor=tone if below else colour(PAPER), markersize=3.4, zorder=3
    )


def _placebos(area: AreaAssessed, start: StartTried, colour: Colour) -> Canvas:
    assert start.tried is not None and start.place is not None  # noqa: S101  (asked only then)
    counts = area.series.whole("events_best")[None, : start.place.until]
    weeks, logs = ratios_everywhere(counts, start.tried.placebo_window)
    ratios = np.exp(logs[0][np.isfinite(logs[0])])
    here = float(np.exp(logs[0][weeks == start.place.nearest][0]))
    canvas, axes = _canvas(colour, 2.6)
    edges = np.geomspace(min(ratios.min(), 0.5) * 0.98, max(ratios.max(), 2.0) * 1.02, 25).tolist()
    axes.hist(ratios, bins=edges, color=colour(BAND), edgecolor=colour(PAPER), linewidth=0.6, zorder=2)
    axes.hist(
        ratios[ratios <= here], bins=edges, color=colour(ALLEGED), edgecolor=colour(PAPER), linewidth=0.6,
        hatch="////", zorder=3,
    )  # fmt: skip
    axes.axvline(here, color=colour(INK), linewidth=1.6, zorder=4)
    axes.set_xscale("log")
    _ratio_axis(axes.xaxis)
    axes.set_xlim(edges[0], edges[-1])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.set_ylabel("dates")
    axes.set_xlabel(f"rate after over before, {start.tried.placebo_window} weeks on each side")
    p, number = float(start.tried.placebo_p[0]), int(start.tried.placebo_dates[0])
    _legend(
        canvas,
        [
            Line2D([], [], color=colour(INK), linewidth=1.6, label="the start on record"),
            Patch(facecolor=colour(ALLEGED), edgecolor=colour(PAPER), hatch="////", label="fell as much or more"),
            Patch(
                facecolor="none", edgecolor="none", label=f"p = {p:.3f}; the smallest there can be: {1 / number:.3f}"
            ),
        ],
        colour,
    )
    return canvas
