"""The grades of several areas as one chart: how far each weekly rate fell, or rose, with its interval."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ceasefire.bulletin.chart import WIDTH_INCHES
from ceasefire.bulletin.palette import INK, MUTED, PAPER, RULE, ZONE_EDGE, drawing, svg_text
from ceasefire.bulletin.records import GradeChart, GradeInterval

_TICKS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0)
_ROW_INCHES = 0.36
_TOLD = {"shown": "-", "probable": "-", "not shown": (0, (4, 2)), "cannot tell": (0, (1, 2))}
"""A grade is told by the line's pattern and by its word, so that a print in black and white reads the same."""


def render_grades(content: GradeChart) -> str:
    """Return the chart as SVG: one row an area, the ratio of the rates on a logarithmic axis."""
    with drawing("grades"):
        canvas = Canvas(
            figsize=(WIDTH_INCHES, 0.75 + _ROW_INCHES * len(content.areas)), facecolor=PAPER, layout="constrained"
        )
        axes = canvas.add_subplot()
        axes.set_facecolor(PAPER)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.set_xscale("log")
        axes.set_xlim(_TICKS[0], _TICKS[-1])
        axes.xaxis.set_major_locator(FixedLocator(_TICKS))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))
        axes.grid(axis="x", color=RULE, linewidth=0.5)
        axes.axvline(1.0, color=INK, linewidth=1.0)
        axes.tick_params(length=0)
        for row, area in enumerate(content.areas):
            _draw(axes, row, area)
        axes.set_yticks(range(len(content.areas)), [f"{area.title}: {area.grade}" for area in content.areas])
        axes.set_ylim(len(content.areas) - 0.4, -0.6)
        axes.set_xlabel("weekly rate after the start over before it; 1 is no change")
        return svg_text(canvas, "grades")


def _draw(axes: Axes, row: int, area: GradeInterval) -> None:
    if area.low is None or area.high is None:
        axes.text(1.08, row, "not known", va="center", fontsize=7.5, color=MUTED)
        return
    low, high = (min(max(end, _TICKS[0]), _TICKS[-1]) for end in (area.low, area.high))
    axes.plot([low, high], [row, row], color=ZONE_EDGE, linewidth=3.0, linestyle=_TOLD.get(area.grade, "-"), zorder=3)
    for end, within in ((low, area.low >= _TICKS[0]), (high, area.high <= _TICKS[-1])):
        # an end beyond the axis is drawn as an arrow, not as a stop
        mark = "|" if within else ("<" if end == low else ">")
        axes.plot([end], [row], marker=mark, color=ZONE_EDGE, markersize=9, zorder=4, clip_on=False)
