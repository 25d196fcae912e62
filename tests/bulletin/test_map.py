"""Maps and charts: well-formed, coarse, legible without colour, the same text each time."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET  # our own output, not a stranger's
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from ceasefire.agreement.case import Case
from ceasefire.bulletin.chart import render_chart, render_totals
from ceasefire.bulletin.figures import render_figure
from ceasefire.bulletin.map import crowded_zones, render_map
from ceasefire.bulletin.material import Material, gather
from ceasefire.bulletin.palette import ALLEGED, OPEN, OTHER, VARIABLES
from ceasefire.bulletin.places import read_base_map
from ceasefire.bulletin.records import Bulletin, ChartBin, ChartContent, Figure, MapContent, MapZone, TotalBar
from ceasefire.model.errors import InputError
from ceasefire.model.schemas import FINDING, INCIDENT, REPORT, empty
from ceasefire.model.time import iso_week
from ceasefire.release.classes import RULES, ReleaseClass

Compose = Callable[..., Bulletin]
Rows = tuple[list[Any], list[Any], list[Any]]


def figures(bulletin: Bulletin) -> dict[str, Figure]:
    return {figure.key: figure for section in bulletin.sections for figure in section.figures}


def comments(svg: str) -> list[str]:
    """Return the words of a figure: letters are outlines, each text stands before them as a comment."""
    return [part.partition("-->")[0].strip() for part in svg.split("<!--")[1:]]


def content_of(bulletin: Bulletin) -> MapContent:
    content = figures(bulletin)["map"].content
    assert isinstance(content, MapContent)
    return content


def zone(title: str, west: float, south: float, side: float) -> MapZone:
    square = shapely.box(west, south, west + side, south + side)
    return MapZone(title=title, label="official", nominal=square, band=None)


@pytest.mark.parametrize("key", ["map", "chart", "totals"])
def test_a_figure_is_well_formed_and_the_same_twice(bulletin: Bulletin, key: str):
    svg = render_figure(figures(bulletin)[key])
    assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314
    assert svg == render_figure(figures(bulletin)[key])
    assert "<dc:date>" not in svg
    assert "<dc:creator>" not in svg  # it would carry the drawing library's version


@pytest.mark.parametrize("key", ["map", "chart", "totals"])
def test_figures_use_the_named_colours_only(bulletin: Bulletin, key: str):
    used = set(re.findall(r"#[0-9a-f]{6}\b", render_figure(figures(bulletin)[key])))
    assert used <= set(VARIABLES)


def test_colours_differ_in_lightness():
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert lightness(OTHER) - lightness(OPEN) > 0.2
    assert lightness(OPEN) - lightness(ALLEGED) > 0.3


def test_the_map_says_what_is_reconstructed_how_far_it_is_and_what_is_missing(bulletin: Bulletin):
    said = " ".join(comments(render_map(content_of(bulletin))))
    assert "reconstructed, border within 2 km" in said
    assert "Upland: 1" in said
    assert "Hidden Hill" not in said
    assert "Secret Village" not in said


def test_the_band_holds_the_border_on_both_sides(bulletin: Bulletin):
    (drawn,) = content_of(bulletin).zones
    assert shapely.covers(drawn.band, drawn.nominal.boundary)
    assert not shapely.covers(drawn.band, drawn.nominal)


def test_small_areas_that_lie_together_are_enlarged():
    content = MapContent(
        zones=(zone("big", 0, 0, 3), zone("a", 5, 5, 0.1), zone("b", 5.1, 5.1, 0.1), zone("far", 9, 0, 0.1)),
        marks=(), units=(), base=(), frame=(0, 0, 10, 10), not_drawn=(), cell_note="", credit="",
    )  # fmt: skip
    assert crowded_zones(content) == (1, 2)
    assert crowded_zones(replace(content, zones=content.zones[:2])) == ()


def test_a_long_list_of_what_is_not_drawn_stays_on_the_page(bulletin: Bulletin):
    many = tuple(f"Unit with a rather long name number {number}: 1" for number in range(200))
    said = comments(render_map(replace(content_of(bulletin), not_drawn=many)))
    assert "… and more: see the section on limits" in said


def test_a_unit_is_hatched_where_the_base_map_has_its_polygon(case: Case, compose: Compose, rows: Rows):
    feature = {
        "type": "Feature", "properties": {"kind": "province", "name": "Upland province"},
        "geometry": json.loads(shapely.to_geojson(shapely.box(20, 40, 21, 41))),
    }  # fmt: skip
    write_base_map(case, {"type": "FeatureCollection", "features": [feature], "attribution": "Drawn by hand"})
    (read,) = read_base_map(material(case))
    assert (read.kind, read.name, read.geometry.geom_type) == ("province", "Upland province", "Polygon")
    content = content_of(compose(rows[0], rows[1]))
    assert [(unit.name, unit.polygon) for unit in content.units] == [("Upland", read.geometry)]
    assert content.not_drawn == ()
    said = " ".join(comments(render_map(content)))
    assert "incidents somewhere in this unit:" in said
    assert "Base map: Drawn by hand" in said


@pytest.mark.parametrize("text", ["{", "[]", '{"features": [{"geometry": {"type": "Nothing"}}]}'])
def test_a_base_map_that_cannot_be_read_is_refused_with_its_path(case: Case, text: str):
    (case.folder / "basemap.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"basemap\.geojson: cannot be read as a GeoJSON feature collection"):
        read_base_map(material(case))


def write_base_map(case: Case, collection: dict[str, object]) -> Path:
    path = case.folder / "basemap.geojson"
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def material(case: Case) -> Material:
    return gather(
        case, incidents=empty(INCIDENT), findings=empty(FINDING), reports=empty(REPORT),
        period=iso_week("2019-W20", case.zone), rule=RULES[ReleaseClass.PUBLIC], instant=0,
    )  # fmt: skip


def test_the_chart_prints_both_bounds_and_says_where_nothing_is_on_record():
    bins = (
        ChartBin(label="2019-W19", lower=0, upper=0, recorded=0, current=False),
        ChartBin(label="2019-W20", lower=2, upper=6, recorded=7, current=True),
    )
    said = comments(render_chart(ChartContent(bins=bins, unit="week")))
    assert "2–6 of 7" in said
    assert "none on" in said


def test_totals_are_drawn_with_what_the_other_side_confirmed():
    bars = (
        TotalBar(day="15 May 2019", speaker="East", count=0, confirmed=None),
        TotalBar(day="15 May 2019", speaker="West", count=15, confirmed=0),
    )
    said = comments(render_totals(bars))
    assert "0" in said
    assert "15, 0 confirmed by the other side" in said
