"""The legend beside the map: areas by number, marks, and what the map does not draw."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ceasefire.bulletin.map_layers import FILL, POINT_SIZE
from ceasefire.bulletin.palette import BAND, INK, MUTED, UNIT, ZONE, ZONE_EDGE
from ceasefire.bulletin.records import MapContent

_LINE, _HEAD_LINE, _LEGEND_HEIGHT = 0.128, 0.16, 2.1
_NOT_DRAWN = "Not drawn: place known only to"


def panel_height(content: MapContent, letters: int) -> float:
    """Return the inches that the legend needs with everything that is not drawn."""
    said = [f"{number}  {zone.title}: {zone.label}" for number, zone in enumerate(content.zones, start=1)]
    said += [*content.not_drawn, _NOT_DRAWN, content.cell_note, content.credit]
    return _LINE * sum(len(_wrapped(text, letters)) for text in said) + _LEGEND_HEIGHT


def draw_panel(panel: Axes, content: MapContent, height: float, letters: int) -> float:
    """Write the legend: areas by number, marks, and what is not drawn; returns where the free room begins."""
    panel.set_axis_off()
    panel.set_ylim(0, height)
    top = height - 0.05
    top = _write(panel, top, "Areas", head=True)
    for number, zone in enumerate(content.zones, start=1):
        top = _write(panel, top, *_wrapped(f"{number}  {zone.title}: {zone.label}", letters))
    top -= 0.06
    legend = panel.legend(
        handles=_handles(content), loc="upper left", bbox_to_anchor=(-0.02, top / height), frameon=False, fontsize=6.8,
        handlelength=2.0, labelspacing=0.65, borderaxespad=0, borderpad=0,
    )  # fmt: skip
    top -= 0.178 * sum(text.get_text().count("\n") * 0.65 + 1 for text in legend.get_texts()) + 0.1
    lines = [line for said in content.not_drawn for line in _wrapped(said, letters)]
    if lines:
        top = _write(panel, top, *_wrapped(_NOT_DRAWN, letters), head=True)
        kept_free = len(_wrapped(content.cell_note, letters)) + len(_wrapped(content.credit, letters)) + 1
        room = max(3, int(top / _LINE) - kept_free)
        if len(lines) > room:
            lines = [*lines[: room - 1], "… and more: see the section on limits"]
        top = _write(panel, top, *lines)
        top -= 0.06
    top = _write(panel, top, *_wrapped(content.cell_note, letters), muted=True)
    return _write(panel, top, *_wrapped(content.credit, letters), muted=True)


def _write(panel: Axes, top: float, *lines: str, head: bool = False, muted: bool = False) -> float:
    """Write lines downwards from `top`; returns where the next line begins."""
    for line in lines:
        panel.text(
            0, top, line, fontsize=7.4 if head else 6.5, color=ZONE_EDGE if head else MUTED if muted else INK, va="top"
        )
        top -= _HEAD_LINE if head else _LINE
    return top


def _wrapped(text: str, letters: int) -> list[str]:
    """Break a text into lines of at most so many letters, at spaces."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > letters:
            lines.append("   " + word if text[:1].isdigit() else word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip() if lines[-1] == "" else f"{lines[-1]} {word}"
    return lines


def _handles(content: MapContent) -> list[Any]:
    def disc(answer: str, *, near: bool) -> Line2D:
        return Line2D(
            [], [], linestyle="none", marker="o", markersize=8.5 if near else POINT_SIZE,
            markerfacecolor="none" if near else FILL[answer], markeredgewidth=1.3 if near else 0.8,
            markeredgecolor=INK, label="",
        )  # fmt: skip

    handles: list[Any] = [
        Patch(facecolor=ZONE, edgecolor=ZONE_EDGE, linewidth=1.1),
        Patch(facecolor=BAND, alpha=0.55),
        disc("alleged", near=False),
        disc("open", near=False),
        disc("other", near=False),
        disc("other", near=True),
    ]
    labels = [
        "area, border as drawn",
        "where the border may lie",
        "alleged violation",
        "contested or undetermined",
        "otherwise answered",
        "near the place only (colour:\nas above); number: several",
    ]
    if any(unit.polygon is not None for unit in content.units):
        handles.append(Patch(facecolor="none", edgecolor=UNIT, hatch="\\\\\\", linewidth=0.5))
        labels.append("incidents somewhere in this unit:\nno closer place")
    for handle, label in zip(handles, labels, strict=True):
        handle.set_label(label)
    return handles
