"""The layers of the map: base, units, areas and their borders' band, names, incidents, scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
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
    halo,
)
from ceasefire.bulletin.records import BaseFeature, MapMark, MapUnit, MapZone

Frame = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
POINT_SIZE, NEAR_SIZE = 5.5, 10.5
FILL = {"alleged": ALLEGED, "open": OPEN, "other": OTHER}
SMALL_SHARE = 0.06
"""An area smaller than the square of this share of the map's height has its number beside it."""

_WATER_KINDS = ("sea", "lake", "water")
_LAND_KINDS = ("coast", "country")
_LINE_COLOURS = {"river": WATER, "coast": MUTED, "border": MUTED, "country": MUTED}
_LEAST_NAMED_SHARE = 0.03
_DETAIL = 1500
_APART_POINTS = 16.0
_NUMBER_OFFSETS = tuple(
    (right * reach, up * reach)
    for reach in (0.0, 16.0, 24.0, 36.0)
    for right, up in ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7))
)
_GEOD = Geod(ellps="WGS84")


def within_frame(base: Iterable[BaseFeature], frame: Frame) -> tuple[BaseFeature, ...]:
    """Cut the base map to the frame, to the detail that shows at this scale."""
    west, south, east, north = frame
    margin = 0.02 * (north - south)
    window = shapely.box(west - margin, south - margin, east + margin, north + margin)
    kept = []
    for feature in base:
        if feature.geometry.geom_type == "Point":
            kept.append(feature)
            continue
        cut = shapely.intersection(shapely.simplify(feature.geometry, (north - south) / _DETAIL), window)
        if not cut.is_empty and cut.geom_type != "GeometryCollection":
            kept.append(replace(feature, geometry=cut))
    return tuple(kept)


def draw_base(axes: Axes, base: Iterable[BaseFeature]) -> None:
    """Draw land, units, coasts and rivers."""
    for feature in base:
        kind = feature.geometry.geom_type
        if kind.endswith("Polygon"):
            fill = WATER if feature.kind in _WATER_KINDS else LAND if feature.kind in _LAND_KINDS else "none"
            thin = 0.8 if feature.kind in _LAND_KINDS else 0.5 if feature.kind != "district" else 0.3
            _fill(axes, feature.geometry, facecolor=fill, edgecolor=MUTED, linewidth=thin, zorder=1)
        elif kind.endswith("LineString"):
            colour = _LINE_COLOURS.get(feature.kind, RULE)
            for line in shapely.get_parts(feature.geometry):
                axes.plot(*shapely.get_coordinates(line).T, color=colour, linewidth=1.0, zorder=1.5)


def draw_units(axes: Axes, units: Iterable[MapUnit]) -> None:
    """Hatch the units to which incidents are known and no closer."""
    for unit in units:
        if unit.polygon is not None:
            _fill(axes, unit.polygon, facecolor="none", edgecolor=UNIT, linewidth=0.5, hatch="\\\\", zorder=1.95)


def draw_zone(axes: Axes, zone: MapZone) -> None:
    """Draw an area as its source has it, with the band in which its border may lie."""
    _fill(axes, zone.nominal, facecolor=ZONE, edgecolor="none", linewidth=0, alpha=0.75, zorder=1.8)
    if zone.band is not None and not zone.band.is_empty:
        _fill(axes, zone.band, facecolor=BAND, edgecolor="none", linewidth=0, alpha=0.55, zorder=1.9)
    _fill(axes, zone.nominal, facecolor="none", edgecolor=ZONE_EDGE, linewidth=1.1, zorder=2.5)


def draw_names(axes: Axes, base: Sequence[BaseFeature], zones: Sequence[MapZone], frame: Frame) -> None:
    """Name the settlements of the base map, and its units where they have room beside the areas."""
    window = shapely.box(*frame)
    taken = shapely.union_all([zone.nominal for zone in zones])
    for feature in base:
        if feature.geometry.geom_type == "Point" and shapely.contains(window, feature.geometry):
            spot = feature.geometry
            axes.plot(spot.x, spot.y, marker="s", markersize=2, color=MUTED, zorder=2.6)
            axes.annotate(
                feature.name, (spot.x, spot.y), xytext=(3, 2), textcoords="offset points", fontsize=6, color=MUTED,
                zorder=6, path_effects=halo(),
            )  # fmt: skip
        elif feature.geometry.geom_type.endswith("Polygon") and feature.kind not in ("district", *_WATER_KINDS):
            free = shapely.difference(shapely.intersection(feature.geometry, window), taken)
            if free.area > _LEAST_NAMED_SHARE * window.area and not _has_units(feature, base):
                spot = shapely.point_on_surface(max(shapely.get_parts(free), key=lambda part: part.area))
                axes.annotate(
                    feature.name, (spot.x, spot.y), ha="center", va="center", fontsize=6.2, color=MUTED, zorder=2.7,
                    path_effects=halo(),
                )  # fmt: skip


def _has_units(feature: BaseFeature, base: Sequence[BaseFeature]) -> bool:
    """Whether smaller units of the base map lie in it, which are named instead."""
    return feature.kind in _LAND_KINDS and any(
        other.kind not in (*_LAND_KINDS, *_WATER_KINDS)
        and other.geometry.geom_type.endswith("Polygon")
        and shapely.contains(feature.geometry, shapely.point_on_surface(other.geometry))
        for other in base
    )


def is_small(zone: MapZone, frame: Frame) -> bool:
    """Whether an area is too small on the map to hold its number."""
    return bool(zone.nominal.area < (SMALL_SHARE * (frame[3] - frame[1])) ** 2)


def draw_numbers(axes: Axes, zones: Mapping[int, MapZone], marks: Sequence[MapMark], frame: Frame) -> None:
    """Write each area's number on it, beside it where it is small, clear of other numbers and of marks."""
    points_per_pixel = 72 / axes.figure.dpi
    spots = np.array([(mark.longitude, mark.latitude) for mark in marks]).reshape(-1, 2)
    held = [(float(x), float(y)) for x, y in axes.transData.transform(spots) * points_per_pixel]
    for number, zone in zones.items():
        spot = shapely.point_on_surface(zone.nominal)
        x, y = axes.transData.transform((spot.x, spot.y)) * points_per_pixel
        aside = (-13.0, 11.0) if is_small(zone, frame) else (0.0, 0.0)
        wanted = [(aside[0] + right, aside[1] + up) for right, up in _NUMBER_OFFSETS]
        offset = next(
            (
                (right, up)
                for right, up in wanted
                if all(math.hypot(x + right - a, y + up - b) >= _APART_POINTS for a, b in held)
            ),
            aside,
        )
        held.append((x + offset[0], y + offset[1]))
        _draw_number(axes, number, (spot.x, spot.y), offset)


def _draw_number(axes: Axes, number: int, spot: tuple[float, float], offset: tuple[float, float]) -> None:
    axes.annotate(
        str(number), spot, xytext=offset, textcoords="offset points", ha="center", va="center", fontsize=8,
        color=ZONE_EDGE, zorder=7,
        bbox={"boxstyle": "circle,pad=0.25", "facecolor": PAPER, "edgecolor": ZONE_EDGE, "linewidth": 0.9},
    )  # fmt: skip


def draw_mark(axes: Axes, mark: MapMark) -> None:
    """Draw the incidents of one cell: a small disc, or a larger outline for a place known only nearly."""
    near = mark.precision == "near"
    axes.plot(
        mark.longitude, mark.latitude, marker="o", markersize=NEAR_SIZE if near else POINT_SIZE,
        markerfacecolor="none" if near else FILL[mark.answer], markeredgewidth=1.3 if near else 0.8,
        markeredgecolor=FILL[mark.answer] if near and mark.answer != "other" else INK,
        zorder=3.8 if near else 4 + (mark.answer == "alleged") * 0.1, linestyle="none",
    )  # fmt: skip
    if mark.count > 1:
        axes.annotate(
            str(mark.count), (mark.longitude, mark.latitude), xytext=(4.5, 3.2) if near else (2.4, -5.6),
            textcoords="offset points", fontsize=6.2, zorder=8,
            path_effects=halo(), annotation_clip=True,
        )  # fmt: skip


def draw_scale(axes: Axes, frame: Frame) -> None:
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
    axes.annotate(
        f"{length_km:g} km", ((start + end) / 2, latitude), xytext=(0, 3), textcoords="offset points", ha="center",
        fontsize=7, zorder=9, path_effects=halo(),
    )  # fmt: skip


def draw_north(axes: Axes) -> None:
    """Draw an arrow to the north."""
    axes.annotate(
        "N", (0.055, 0.945), xytext=(0.055, 0.885), xycoords="axes fraction", textcoords="axes fraction",
        ha="center", va="center", fontsize=8.5, zorder=9, path_effects=halo(),
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 4, "shrinkB": 0},
    )  # fmt: skip


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
