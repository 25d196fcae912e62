"""The map of a bulletin as SVG: areas and the band of their borders, incidents by how precisely they are placed.

Readable in black and white: what is alleged is dark, what is open is mid, what is otherwise answered is white; a
place known closely is a small disc, one known only nearly a larger outline; a unit to which incidents are known and
no closer is hatched. Areas too small for the map's scale are enlarged beside it where there is room. Posts are not
drawn: their positions are not for public output.
"""

from __future__ import annotations

import math

import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from ceasefire.bulletin.map_layers import (
    Frame,
    draw_base,
    draw_mark,
    draw_names,
    draw_north,
    draw_numbers,
    draw_scale,
    draw_units,
    draw_zone,
    is_small,
    within_frame,
)
from ceasefire.bulletin.map_legend import draw_panel, panel_height
from ceasefire.bulletin.palette import INK, MUTED, PAPER, drawing, svg_text
from ceasefire.bulletin.records import MapContent

WIDTH_INCHES = 6.9
_LEGEND_INCHES = 2.15
_GAP_INCHES = 0.12
_LETTERS_PER_INCH = 17
_LEAST_HEIGHT, _MOST_HEIGHT = 2.4, 8.6
_LEAST_INSET, _MOST_INSET = 1.5, 2.6
_INSET_MARGIN = 0.3


def render_map(content: MapContent) -> str:
    """Return the map as SVG, with scale bar, north, legend, and the list of what is not drawn."""
    shape = _shape(content.frame)
    map_width = WIDTH_INCHES - _LEGEND_INCHES
    height = min(max(map_width * shape, _LEAST_HEIGHT), _MOST_HEIGHT)
    width = min(map_width, height / shape)
    panel_width = WIDTH_INCHES - width - _GAP_INCHES
    letters = int(panel_width * _LETTERS_PER_INCH)
    needed = panel_height(content, letters)
    height = max(height, min(needed, _MOST_HEIGHT))
    enlarged = crowded_zones(content) if height - needed > _LEAST_INSET else ()
    with drawing("map"):
        canvas = Canvas(figsize=(WIDTH_INCHES, height), facecolor=PAPER)
        tall = min(0.996, width * shape / height)
        axes = canvas.add_axes((0.002, 0.998 - tall, width / WIDTH_INCHES, tall))
        _draw(axes, content, content.frame, numbered=set(range(len(content.zones))) - set(enlarged))
        draw_names(axes, within_frame(content.base, content.frame), content.zones, content.frame)
        draw_north(axes)
        left = (width + _GAP_INCHES) / WIDTH_INCHES
        panel = canvas.add_axes((left, 0, 1 - left, 1))
        panel.set_xlim(0, panel_width)
        top = draw_panel(panel, content, height, letters)
        if enlarged:
            frame = _inset_frame(content, enlarged)
            _outline(axes, frame)
            room = min(top - 0.25, panel_width * _shape(frame), _MOST_INSET)
            inset_width = room / _shape(frame)
            inset = canvas.add_axes((left, 0.004, inset_width / WIDTH_INCHES, room / height))
            _draw(inset, content, frame, numbered=set(enlarged))
            panel.text(0, room + 0.12, "A, enlarged", fontsize=7.4, color=INK, va="center")
        return svg_text(canvas, "map")


def _shape(frame: Frame) -> float:
    """Return how many times as high as wide the frame is on the ground."""
    west, south, east, north = frame
    return (north - south) * _stretch(frame) / (east - west)


def _stretch(frame: Frame) -> float:
    """Return how many times as long as a degree of longitude a degree of latitude is, in the frame's middle."""
    return 1 / math.cos(math.radians((frame[1] + frame[3]) / 2))


def _draw(axes: Axes, content: MapContent, frame: Frame, *, numbered: set[int]) -> None:
    """Draw every layer within a frame; numbers only the areas asked for."""
    west, south, east, north = frame
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(_stretch(frame), adjustable="box", anchor="SW")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(PAPER)
    for spine in axes.spines.values():
        spine.set_color(MUTED)
        spine.set_linewidth(0.6)
    draw_base(axes, within_frame(content.base, frame))
    draw_units(axes, content.units)
    for zone in content.zones:
        draw_zone(axes, zone)
    draw_numbers(axes, {place + 1: content.zones[place] for place in sorted(numbered)}, content.marks, frame)
    for mark in content.marks:
        if west <= mark.longitude <= east and south <= mark.latitude <= north:
            draw_mark(axes, mark)
    draw_scale(axes, frame)


def crowded_zones(content: MapContent) -> tuple[int, ...]:
    """Return the areas, by place, that are small on the map and lie together: those to enlarge."""
    small = [place for place, zone in enumerate(content.zones) if is_small(zone, content.frame)]
    reach = _INSET_MARGIN * 0.2 * (content.frame[3] - content.frame[1])
    best: tuple[int, ...] = ()
    for start in small:
        near = tuple(
            place
            for place in small
            if shapely.distance(content.zones[start].nominal, content.zones[place].nominal) <= reach
        )
        best = near if len(near) > len(best) else best
    return best if len(best) > 1 else ()


def _inset_frame(content: MapContent, places: tuple[int, ...]) -> Frame:
    west, south, east, north = (
        float(value) for value in shapely.total_bounds([content.zones[place].nominal for place in places])
    )
    margin = _INSET_MARGIN * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def _outline(axes: Axes, frame: Frame) -> None:
    """Mark on the map what is enlarged beside it."""
    west, south, east, north = frame
    axes.add_patch(
        Rectangle((west, south), east - west, north - south, facecolor="none", edgecolor=INK, linewidth=0.8, zorder=8)
    )
    axes.annotate("A", (west, north), xytext=(-4, 0), textcoords="offset points", ha="right", va="top", fontsize=8)
