"""Draw the figures of a bulletin."""

from __future__ import annotations

from ceasefire.bulletin.chart import render_chart, render_totals
from ceasefire.bulletin.grade_chart import render_grades
from ceasefire.bulletin.map import render_map
from ceasefire.bulletin.records import ChartContent, Figure, GradeChart, MapContent


def render_figure(figure: Figure) -> str:
    """Return a figure as SVG; the same content gives the same text."""
    content = figure.content
    if isinstance(content, MapContent):
        return render_map(content)
    if isinstance(content, ChartContent):
        return render_chart(content)
    if isinstance(content, GradeChart):
        return render_grades(content)
    return render_totals(content)
