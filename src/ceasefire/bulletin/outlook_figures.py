"""Pictures of an outlook: a fan of what may come, whether forecasts can be relied on, weeks against the lull.

Everything is told apart by lightness, shape or hatching as well as hue, for readers who print in black and white.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from ceasefire.bulletin.chart import WIDTH_INCHES, plain_axes
from ceasefire.bulletin.palette import ALLEGED, BAND, INK, MUTED, OPEN, PAPER, RULE, ZONE, ZONE_EDGE, drawing, svg_text

_TICKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FanContent:
    """What came, week by week, and what may come.

    Parameters
    ----------
    title, counted : str
        The area; what is counted, as the axis says it.
    weeks : tuple of str
        Those known, then those ahead, without a gap.
    known : tuple of (float or None)
        Counts; None where the week is missing.
    ahead : tuple of (float, float, float, float, float)
        5 %, 25 %, median, 75 % and 95 %, for each week ahead.
    """

    title: str
    counted: str
    weeks: tuple[str, ...]
    known: tuple[float | None, ...]
    ahead: tuple[tuple[float, float, float, float, float], ...]


def render_fan(content: FanContent) -> str:
    """Return the forecast fan as SVG: two bands and a median; a missing week is a gap, marked below the axis."""
    with drawing("fan"):
        canvas = Canvas(figsize=(WIDTH_INCHES, 2.7), facecolor=PAPER, layout="constrained")
        axes = canvas.add_subplot()
        plain_axes(axes)
        count = len(content.known)
        known = np.array([np.nan if value is None else value for value in content.known])
        axes.plot(range(count), known, color=INK, linewidth=1.2, marker="o", markersize=2.2, label="on record")
        if len(content.ahead):
            _bands(axes, content, count)
        missing = np.flatnonzero(np.isnan(known))
        top = max(float(np.nanmax(known, initial=0.0)), *(each[4] for each in content.ahead), 1.0)
        if len(missing):
            low = np.full(len(missing), -0.03 * top)
            axes.plot(missing, low, linestyle="none", marker="x", markersize=4, color=MUTED, label="week missing")
        axes.set_ylim(-0.06 * top, 1.08 * top)
        axes.axvline(count - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.set_xlim(-0.6, len(content.weeks) - 0.4)
        _week_ticks(axes, content.weeks)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.set_ylabel(f"{content.counted} per week")
        axes.set_title(content.title, loc="left", fontsize=9.5, color=INK)
        canvas.legend(loc="outside lower left", ncols=5, frameon=False, fontsize=7.5, handlelength=1.6)
        return svg_text(canvas, "fan")


def _bands(axes: Axes, content: FanContent, count: int) -> None:
    at = np.arange(count, count + len(content.ahead))
    low, lower, median, upper, high = np.array(content.ahead).T
    axes.fill_between(at, low, high, facecolor=ZONE, edgecolor=ZONE_EDGE, linewidth=0.5, label="9 chances in 10")
    axes.fill_between(
        at, lower, upper, facecolor=BAND, edgecolor=ZONE_EDGE, linewidth=0.5, hatch="////", label="1 chance in 2"
    )
    axes.plot(at, median, color=ZONE_EDGE, linewidth=1.8, marker="s", markersize=2.6, label="median")


def _week_ticks(axes: Axes, weeks: Sequence[str]) -> None:
    step = max(1, -(-len(weeks) // _TICKS))
    places = list(range(0, len(weeks), step))
    axes.set_xticks(places, [weeks[place].replace("-W", "\nW") for place in places])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityContent:
    """How forecasts fared.

    Parameters
    ----------
    title : str
    pit : tuple of float, length 10
        Shares of what came in tenths of the forecasts.
    coverage_by_ahead : tuple of float
        Share of weeks within the 90 % interval, by weeks ahead.
    skill_by_ahead : tuple of (float, float, float)
        Against the best baseline, with the ends of its interval.
    baseline : str
    """

    title: str
    pit: tuple[float, ...]
    coverage_by_ahead: tuple[float, ...]
    skill_by_ahead: tuple[tuple[float, float, float], ...]
    baseline: str


def render_reliability(content: ReliabilityContent) -> str:
    """Return three panels as SVG: tenths of the forecasts, coverage, and error saved, by weeks ahead."""
    with drawing("reliability"):
        canvas = Canvas(figsize=(WIDTH_INCHES, 2.5), facecolor=PAPER, layout="constrained")
        tenths, cover, skill = canvas.subplots(1, 3)
        for axes in (tenths, cover, skill):
            plain_axes(axes)
        shares = np.array(content.pit) * 100
        tenths.bar(np.arange(10) + 0.5, shares, 0.9, color=ZONE, edgecolor=ZONE_EDGE, linewidth=0.6, hatch="....")
        tenths.axhline(10, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
        tenths.set_xticks([0, 5, 10], ["lowest", "middle", "highest"])
        tenths.set_ylim(0, max(20.0, 1.1 * float(shares.max(initial=0.0))))
        tenths.set_title("came, by tenths of the forecast, %", fontsize=8, color=INK)
        ahead = np.arange(1, len(content.coverage_by_ahead) + 1)
        cover.axhline(90, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
        held = np.array(content.coverage_by_ahead) * 100
        cover.plot(ahead, held, color=ZONE_EDGE, marker="s", markersize=3.4, clip_on=False, zorder=3)
        # from 70 to see a few points, further down where the forecasts were worse than that
        cover.set_ylim(min(70.0, 10 * np.floor(float(np.nanmin(held, initial=70.0)) / 10)), 100)
        cover.set_title("within the 90% interval, %", fontsize=8, color=INK)
        value, low, high = (np.array(column) * 100 for column in zip(*content.skill_by_ahead, strict=True))
        if np.isfinite(value).any():
            skill.axhline(0, color=INK, linewidth=1.0)
            skill.vlines(ahead, low, high, color=ZONE_EDGE, linewidth=1.4)
            skill.plot(ahead, value, linestyle="none", color=ZONE_EDGE, marker="o", markersize=4)
        else:
            skill.set_yticks([])
            skill.text(0.5, 0.5, "cannot be told", transform=skill.transAxes, ha="center", fontsize=8, color=MUTED)
        skill.set_title(f"error saved against {content.baseline}, %", fontsize=8, color=INK)
        for axes in (cover, skill):
            axes.set_xticks(ahead)
            axes.set_xlabel("weeks ahead")
        canvas.suptitle(content.title, x=0.01, ha="left", fontsize=9.5, color=INK)
        return svg_text(canvas, "reliability")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmContent:
    """Weeks of one area, each with how it stood to the twelve before.

    Parameters
    ----------
    title, counted : str
    weeks, states : tuple of str
        ``alarm``, ``one-of-two``, ``quiet`` or ``cannot-tell``.
    counts : tuple of (float or None)
    """

    title: str
    counted: str
    weeks: tuple[str, ...]
    states: tuple[str, ...]
    counts: tuple[float | None, ...]


_LOOKS = {
    "quiet": (ZONE, "", "within the lull"),
    "one-of-two": (OPEN, "////", "beyond it by one test of two"),
    "alarm": (ALLEGED, "", "beyond it by both"),
    "cannot-tell": (PAPER, "....", "cannot tell"),
}


def render_alarms(content: AlarmContent) -> str:
    """Return the weeks as bars, as SVG: what was beyond the lull is darker, and marked above; a gap is marked."""
    with drawing("alarms"):
        canvas = Canvas(figsize=(WIDTH_INCHES, 2.4), facecolor=PAPER, layout="constrained")
        axes = canvas.add_subplot()
        plain_axes(axes)
        counts = np.array([np.nan if count is None else count for count in content.counts])
        states = np.array(content.states)
        top = max(1.0, float(np.nanmax(counts, initial=0.0)))
        for state, (colour, hatch, said) in _LOOKS.items():
            chosen = np.flatnonzero((states == state) & np.isfinite(counts))
            if len(chosen):
                axes.bar(
                    chosen, counts[chosen], 0.8, color=colour, edgecolor=INK, linewidth=0.6, hatch=hatch, label=said
                )
        for place in np.flatnonzero(states == "alarm"):
            axes.annotate(
                "!", (place, counts[place]), xytext=(0, 2), textcoords="offset points", ha="center", fontsize=9,
                color=INK,
            )  # fmt: skip
        missing = np.flatnonzero(np.isnan(counts))
        if len(missing):
            axes.plot(
                missing, np.full(len(missing), 0.03 * top), linestyle="none", marker="x", markersize=4, color=MUTED,
                label="week missing",
            )  # fmt: skip
        axes.set_ylim(0, 1.18 * top)
        axes.set_xlim(-0.6, len(content.weeks) - 0.4)
        axes.spines["bottom"].set_color(RULE)
        _week_ticks(axes, content.weeks)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.set_ylabel(f"{content.counted} per week")
        axes.set_title(content.title, loc="left", fontsize=9.5, color=INK)
        canvas.legend(loc="outside lower left", ncols=4, frameon=False, fontsize=7.5, handlelength=1.6)
        return svg_text(canvas, "alarms")
