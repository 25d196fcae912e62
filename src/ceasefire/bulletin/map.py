"""The map of a bulletin as SVG: areas and the band of their borders, incidents by how precisely they are placed.

Readable in black and white: what is alleged is dark, what is open is mid and carries a dot, what is otherwise
answered is white; a place known closely is a small disc, one known only nearly a larger dashed outline; a unit to
which incidents are known and no closer is hatched. Posts are not drawn: their positions are not for public output.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from pyproj import Geod

from ceasefire.bulletin.palette import (
    ALLEGED,
    BAND,
    INK,
    LAND,
    MUTED,
    OPEN,
    OTHER,
    PAPER,
    RULE,
    UNIT,
    WATER,
    ZONE,
    ZONE_EDGE,
    drawing,
    svg_text,
)
from ceasefire.bulletin.records import BaseFeature, MapContent, MapMark, MapUnit, MapZone

WIDTH_INCHES = 6.9
_LEGEND_INCHES = 2.15
_LEAST_HEIGHT, _MOST_HEIGHT = 3.6, 8.6
_WATER_KINDS = ("sea", "lake", "water")
_LINE_COLOURS = {"river": WATER, "coast": MUTED, "border": MUTED, "country": MUTED}
_POINT_SIZE, _NEAR_SIZE = 5.5, 10.5
_FILL = {"alleged": ALLEGED, "open": OPEN, "other": OTHER}
_GEOD = Geod(ellps="WGS84")


def render_map(content: MapContent) -> str:
    """Return the map as SVG, with scale bar, north, legend, and the list of what is not drawn."""
    west, south, east, north = content.frame
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    shape = (north - south) * stretch / (east - west)
    map_width = WIDTH_INCHES - _LEGEND_INCHES
    height = min(max(map_width * shape, _LEAST_HEIGHT), _MOST_HEIGHT)
    with drawing("map"):
        canvas = Canvas(figsize=(WIDTH_INCHES, height), facecolor=PAPER)
        width = min(map_width, height / shape)
        axes = canvas.add_axes((0.002, 0.004, width / WIDTH_INCHES, 0.992))
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        axes.set_aspect(stretch, adjustable="box", anchor="NW")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_facecolor(PAPER)
        for spine in axes.spines.values():
            spine.set_color(MUTED)
            spine.set_linewidth(0.6)
        _draw_base(axes, content.base)
        _draw_units(axes, content.units)
        for zone in content.zones:
            _draw_zone(axes, zone)
        _draw_names(axes, content)
        for mark in content.marks:
            _draw_mark(axes, mark)
        _draw_scale(axes, content.frame)
        panel = canvas.add_axes(((width + 0.12) / WIDTH_INCHES, 0, 1 - (width + 0.12) / WIDTH_INCHES, 1))
        _draw_panel(panel, content, height, WIDTH_INCHES - width - 0.12)
        return svg_text(canvas, "map")


def _draw_base(axes: Axes, base: Iterable[BaseFeature]) -> None:
    for feature in base:
        kind = feature.geometry.geom_type
        if kind.endswith("Polygon"):
            fill = WATER if feature.kind in _WATER_KINDS else LAND if feature.kind in ("coast", "country") else "none"
            thin = 0.8 if feature.kind in ("coast", "country") else 0.5 if feature.kind != "district" else 0.3
            _fill(axes, feature.geometry, facecolor=fill, edgecolor=MUTED, linewidth=thin, zorder=1)
        elif kind.endswith("LineString"):
            colour = _LINE_COLOURS.get(feature.kind, RULE)
            for line in shapely.get_parts(feature.geometry):
                axes.plot(*shapely.get_coordinates(line).T, color=colour, linewidth=1.0, zorder=1.5)


def _draw_units(axes: Axes, units: Iterable[MapUnit]) -> None:
    for unit in units:
        if unit.polygon is not None:
            _fill(axes, unit.polygon, facecolor="none", edgecolor=UNIT, linewidth=0.5, hatch="\\\\\\", zorder=2.2)


def _draw_zone(axes: Axes, zone: MapZone) -> None:
    _fill(axes, zone.nominal, facecolor=ZONE, edgecolor="none", linewidth=0, alpha=0.75, zorder=1.8)
    if zone.band is not None and not zone.band.is_empty:
        _fill(axes, zone.band, facecolor=BAND, edgecolor="none", linewidth=0, alpha=0.55, zorder=1.9)
    _fill(axes, zone.nominal, facecolor="none", edgecolor=ZONE_EDGE, linewidth=1.1, zorder=2.5)


def _draw_names(axes: Axes, content: MapContent) -> None:
    """Name settlements of the base map inside the frame, then the areas, each with a halo."""
    west, south, east, north = content.frame
    halo = [patheffects.withStroke(linewidth=2.2, foreground=PAPER)]
    frame = shapely.box(west, south, east, north)
    for feature in content.base:
        if feature.geometry.geom_type != "Point" or not shapely.contains(frame, feature.geometry):
            continue
        axes.plot(feature.geometry.x, feature.geometry.y, marker="s", markersize=2, color=MUTED, zorder=2.6)
        axes.annotate(
            feature.name, (feature.geometry.x, feature.geometry.y), xytext=(3, 2), textcoords="offset points",
            fontsize=6, color=MUTED, zorder=6, path_effects=halo, annotation_clip=True,
        )  # fmt: skip
    for number, zone in enumerate(content.zones, start=1):
        spot = shapely.point_on_surface(zone.nominal)
        axes.annotate(
            str(number), (spot.x, spot.y), ha="center", va="center", fontsize=8, color=ZONE_EDGE, zorder=7,
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": PAPER, "edgecolor": ZONE_EDGE, "linewidth": 0.9},
        )  # fmt: skip


def _draw_mark(axes: Axes, mark: MapMark) -> None:
    near = mark.precision == "near"
    axes.plot(
        mark.longitude, mark.latitude, marker="o", markersize=_NEAR_SIZE if near else _POINT_SIZE,
        markerfacecolor="none" if near else _FILL[mark.answer], markeredgewidth=1.3 if near else 0.8,
        markeredgecolor=_FILL[mark.answer] if near and mark.answer != "other" else INK,
        zorder=3.8 if near else 4 + (mark.answer == "alleged") * 0.1, linestyle="none",
    )  # fmt: skip
    if mark.count > 1:
        axes.annotate(
            str(mark.count), (mark.longitude, mark.latitude), xytext=(4.5, 3.2) if near else (2.4, -5.6),
            textcoords="offset points", fontsize=5.6, zorder=8,
            path_effects=[patheffects.withStroke(linewidth=1.6, foreground=PAPER)], annotation_clip=True,
        )  # fmt: skip


def _draw_scale(axes: Axes, frame: tuple[float, float, float, float]) -> None:
    """Draw a bar of a round number of kilometres, about a quarter of the map wide, and an arrow to the north."""
    west, south, east, north = frame
    latitude = south + 0.03 * (north - south)
    _, _, across = _GEOD.inv(west, latitude, east, latitude)
    wanted = across / 4000
    power = 10 ** math.floor(math.log10(wanted))
    length_km = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    start = west + 0.04 * (east - west)
    end, _, _ = _GEOD.fwd(start, latitude, 90, length_km * 1000)
    axes.plot([start, end], [latitude, latitude], color=INK, linewidth=2.4, solid_capstyle="butt", zorder=9)
    halo = [patheffects.withStroke(linewidth=2.2, foreground=PAPER)]
    axes.annotate(
        f"{length_km:g} km", ((start + end) / 2, latitude), xytext=(0, 3), textcoords="offset points", ha="center",
        fontsize=7, zorder=9, path_effects=halo,
    )  # fmt: skip
    axes.annotate(
        "N", (0.055, 0.945), xytext=(0.055, 0.885), xycoords="axes fraction", textcoords="axes fraction",
        ha="center", va="center", fontsize=8.5, zorder=9, path_effects=halo,
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 4, "shrinkB": 0},
    )  # fmt: skip


def _draw_panel(panel: Axes, content: MapContent, height: float, width: float) -> None:
    """Write the legend: areas by number, marks, and what is not drawn."""
    panel.set_axis_off()
    panel.set_xlim(0, width)
    panel.set_ylim(0, height)
    letters = int(width * 17)
    top = height - 0.1
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
        top = _write(panel, top, *_wrapped("Not drawn: place known only to", letters), head=True)
        room = max(3, int(top / 0.125) - 4 - len(_wrapped(content.cell_note, letters)))
        if len(lines) > room:
            lines = [*lines[: room - 1], "… and more: see the section on limits"]
        top = _write(panel, top, *lines)
        top -= 0.06
    top = _write(panel, top, *_wrapped(content.cell_note, letters), muted=True)
    _write(panel, top, *_wrapped(content.credit, letters), muted=True)


def _write(panel: Axes, top: float, *lines: str, head: bool = False, muted: bool = False) -> float:
    """Write lines downwards from `top`; returns where the next line begins."""
    for line in lines:
        panel.text(
            0, top, line, fontsize=7.4 if head else 6.5, color=ZONE_EDGE if head else MUTED if muted else INK, va="top"
        )
        top -= 0.155 if head else 0.125
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
            [], [], linestyle="none", marker="o", markersize=8.5 if near else _POINT_SIZE,
            markerfacecolor="none" if near else _FILL[answer], markeredgewidth=1.3 if near else 0.8,
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


def _fill(axes: Axes, geometry: Any, **style: Any) -> None:
    for polygon in shapely.get_parts(shapely.normalize(geometry)):
        if polygon.geom_type == "Polygon" and not polygon.is_empty:
            axes.add_patch(PathPatch(_path(polygon), **style))


def _path(polygon: Any) -> Path:
    rings: Sequence[Any] = [polygon.exterior, *polygon.interiors]
    vertices = [np.round(shapely.get_coordinates(ring), 5) for ring in rings]
    codes = []
    for ring in vertices:
        codes += [Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY]
    return Path(np.concatenate(vertices), codes)
