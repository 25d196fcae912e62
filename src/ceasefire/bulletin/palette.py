"""The look of figures: colours that differ in lightness as well as hue, fonts that travel with the package.

Every colour is told apart by its lightness alone, for readers who print in black and white, and the hues keep apart
in the common forms of colour blindness. The HTML rendering maps each of these values to a variable, so that figures
follow a dark page; no value may therefore be used for two things.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
import matplotlib as mpl
from matplotlib import font_manager, patheffects
from matplotlib.figure import Figure

PAPER = "#fefefe"
INK = "#1b1f24"
MUTED = "#5b6471"
RULE = "#c8cdd5"
LAND = "#f3f4f1"
WATER = "#7d95ab"
ZONE = "#d3e2f0"
ZONE_EDGE = "#21527f"
BAND = "#8fb1cf"
ALLEGED = "#8c2d04"
OPEN = "#f0a24a"
OTHER = "#fffffe"
UNIT = "#6b6f76"

VARIABLES = {
    PAPER: "--figure-paper",
    INK: "--figure-ink",
    MUTED: "--figure-muted",
    RULE: "--figure-rule",
    LAND: "--figure-land",
    WATER: "--figure-water",
    ZONE: "--figure-zone",
    ZONE_EDGE: "--figure-zone-edge",
    BAND: "--figure-band",
    ALLEGED: "--figure-alleged",
    OPEN: "--figure-open",
    OTHER: "--figure-other",
    UNIT: "--figure-unit",
}
"""Colour to the style variable that stands for it on a web page."""

FAMILIES = (fontpkg_noto_sans.FAMILY, fontpkg_noto_sans_arabic.FAMILY)
SALT = "ceasefire"


def font_folders() -> tuple[Path, ...]:
    """Return the folders of the fonts that travel with the package."""
    return tuple(Path(package.ROOT) / "files" for package in (fontpkg_noto_sans, fontpkg_noto_sans_arabic))


def halo() -> list[Any]:
    """Return the effect that keeps letters legible on lines."""
    return [patheffects.withStroke(linewidth=2.0, foreground=PAPER)]


@cache
def _register_fonts() -> None:
    for folder in font_folders():
        for path in sorted(folder.glob("*.ttf")):
            font_manager.fontManager.addfont(path)


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """Draw with the package's fonts and with ids that depend on `name` alone."""
    _register_fonts()
    settings: dict[Any, Any] = {
        "font.family": list(FAMILIES),
        "font.size": 8.0,
        "svg.hashsalt": f"{SALT}-{name}",
        "svg.fonttype": "path",
        "text.color": INK,
        "axes.edgecolor": RULE,
        "axes.labelcolor": MUTED,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "hatch.linewidth": 0.4,
        "axes.unicode_minus": True,
        "path.simplify": False,
    }
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change a bulletin
        for key, value in settings.items():
            mpl.rcParams[key] = value
        yield


_REFERENCES = (('id="', 'id="{}-'), ('href="#', 'href="#{}-'), ("url(#", "url(#{}-"))
"""Where an SVG names its own parts: several figures stand in one page, and their names must not clash."""


def svg_text(figure: Figure, name: str) -> str:
    """Return the figure as SVG with no date and no version in it, no prolog, and ids of its own."""
    held = StringIO()
    figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = held.getvalue()
    text = text[text.index("<svg") :].strip() + "\n"
    for mark, named in _REFERENCES:
        text = text.replace(mark, named.format(name))
    return text.replace("*{stroke-", f"#{name}-figure_1 *{{stroke-")


DARK = {
    PAPER: "#14181d",
    INK: "#e7eaee",
    MUTED: "#a2abb7",
    RULE: "#3d4550",
    LAND: "#20262d",
    WATER: "#6f8ba3",
    ZONE: "#1f3b56",
    ZONE_EDGE: "#8fc0ee",
    BAND: "#4f7ba3",
    ALLEGED: "#ff8f5e",
    OPEN: "#b9741f",
    OTHER: "#14181d",
    UNIT: "#9aa1ab",
}
"""Each colour on a dark page, as the style sheet of the bulletin has it."""


def darkened(svg: str) -> str:
    """Return a figure for a dark page."""
    for light, dark in DARK.items():
        svg = svg.replace(light, dark)
    return svg
