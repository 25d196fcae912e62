"""Charts as SVG: bounds by week or day, and two-sided totals drawn as totals."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ceasefire.bulletin.palette import ALLEGED, INK, MUTED, OPEN, PAPER, RULE, ZONE, ZONE_EDGE, drawing, svg_text
from ceasefire.bulletin.records import ChartBin, ChartContent, TotalBar

WIDTH_INCHES = 6.9
_HALF_BAR = 0.3
_MOST_WIDE_BINS = 10
"""With more bins than this, what is written above a bar takes two lines."""


def render_chart(content: ChartContent) -> str:
    """Return the chart of bounds as SVG: alleged from zero up, then the open part hatched to the upper bound."""
    with drawing("chart"):
        canvas = Canvas(figsize=(WIDTH_INCHES, 2.7), facecolor=PAPER, layout="constrained")
        axes = canvas.add_subplot()
        plain_axes(axes)
        for place, each in enumerate(content.bins):
            _draw_bin(axes, place, each, " " if len(content.bins) <= _MOST_WIDE_BINS else "\n")
        axes.set_xticks(range(len(content.bins)), [each.label.replace("-W", "\nW") for each in content.bins])
        for label, each in zip(axes.get_xticklabels(), content.bins, strict=True):
            label.set_color(INK if each.current else MUTED)
        axes.set_xlim(-0.6, len(content.bins) - 0.4)
        axes.set_ylim(0, max(1.0, 1.18 * max(max(each.upper, each.recorded) for each in content.bins)))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.set_ylabel(f"incidents per {content.unit}")
        canvas.legend(
            handles=[
                Patch(facecolor=ALLEGED, edgecolor=INK, linewidth=0.6, label="lower bound: alleged"),
                Patch(facecolor=OPEN, edgecolor=INK, linewidth=0.6, hatch="////", label="up to the upper bound"),
                Line2D([], [], color=ZONE_EDGE, linewidth=1.6, label="all on record"),
            ],
            loc="outside upper left",
            ncols=3,
            frameon=False,
            fontsize=7.5,
            handlelength=1.6,
        )
        return svg_text(canvas, "chart")


def _draw_bin(axes: Axes, place: int, each: ChartBin, gap: str) -> None:
    axes.bar(
        place, each.upper - each.lower, 2 * _HALF_BAR, bottom=each.lower, color=OPEN, edgecolor=INK, linewidth=0.6,
        hatch="////", zorder=2,
    )  # fmt: skip
    if each.lower:
        axes.bar(place, each.lower, 2 * _HALF_BAR, color=ALLEGED, edgecolor=INK, linewidth=0.6, zorder=3)
    axes.plot(
        [place - _HALF_BAR - 0.08, place + _HALF_BAR + 0.08], [each.recorded] * 2, color=ZONE_EDGE, linewidth=1.6,
        zorder=4,
    )  # fmt: skip
    said = f"{each.lower}–{each.upper}{gap}of {each.recorded}" if each.recorded else "none on\nrecord"
    axes.annotate(
        said, (place, max(each.upper, each.recorded)), xytext=(0, 3), textcoords="offset points", ha="center",
        va="bottom", fontsize=6.8, color=INK if each.current else MUTED, zorder=5,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.4},
    )  # fmt: skip


def plain_axes(axes: Axes) -> None:
    """Take away all of the axes but what is read: numbers, and thin lines to read them by."""
    axes.set_facecolor(PAPER)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def render_totals(bars: tuple[TotalBar, ...]) -> str:
    """Return each side's totals as bars, one a side and day, with what the other side confirmed."""
    with drawing("totals"):
        canvas = Canvas(figsize=(WIDTH_INCHES, 0.55 + 0.27 * len(bars)), facecolor=PAPER, layout="constrained")
        axes = canvas.add_subplot()
        plain_axes(axes)
        axes.spines["bottom"].set_visible(False)
        axes.grid(visible=False)
        axes.set_xticks([])
        most = max((bar.count for bar in bars), default=1) or 1
        for place, bar in enumerate(bars):
            axes.barh(place, bar.count, 0.62, color=ZONE, edgecolor=ZONE_EDGE, linewidth=0.8, hatch="....")
            confirmed = "" if bar.confirmed is None else f", {bar.confirmed} confirmed by the other side"
            axes.annotate(
                f"{bar.count}{confirmed}", (bar.count, place), xytext=(4, 0), textcoords="offset points", va="center",
                fontsize=7.5,
            )  # fmt: skip
        axes.set_yticks(range(len(bars)), [f"{bar.day}, {bar.speaker}" for bar in bars])
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_xlim(0, most * 1.6)
        axes.invert_yaxis()
        return svg_text(canvas, "totals")
