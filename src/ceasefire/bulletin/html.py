"""A bulletin as one HTML file that needs nothing else: no network, no scripts, light and dark, fit for print."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from ceasefire.bulletin.figures import render_figure
from ceasefire.bulletin.palette import VARIABLES
from ceasefire.bulletin.records import Bulletin, Cell, Figure, Words
from ceasefire.model.time import instant_text


def render_html(bulletin: Bulletin) -> str:
    """Return the bulletin as a self-contained page.

    Parameters
    ----------
    bulletin : Bulletin
        As composed; nothing is added but form.

    Returns
    -------
    str
        HTML 5, UTF-8.
    """
    return _template().render(bulletin=bulletin, recorded=instant_text(bulletin.instant))


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["words"] = _words
    environment.filters["svg"] = _svg
    return environment.from_string((files("ceasefire.bulletin") / "templates" / "bulletin.html.j2").read_text("utf-8"))


def _words(cell: Cell) -> Words:
    """Give every cell a language."""
    return cell if isinstance(cell, Words) else Words(cell)


def _svg(figure: Figure) -> Markup:
    """Return a figure's SVG with its colours as variables, so that it follows a dark page."""
    text = render_figure(figure)
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    text = text.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return Markup(text)  # noqa: S704  drawn here from records; letters are outlines, and comments are escaped
