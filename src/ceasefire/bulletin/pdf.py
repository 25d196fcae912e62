"""A bulletin as PDF: set with fonts that travel with the package, dated by the ledger and by nothing else."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import typst

from ceasefire.bulletin.figures import render_figure
from ceasefire.bulletin.palette import FAMILIES, font_folders
from ceasefire.bulletin.records import Bulletin, Cell, Notice, Section, Table, Words
from ceasefire.model.canonical import canonical_json
from ceasefire.model.time import instant_text

_MICROSECONDS_PER_SECOND = 1_000_000


def render_pdf(bulletin: Bulletin) -> bytes:
    """Return the bulletin as a tagged PDF, A4.

    Parameters
    ----------
    bulletin : Bulletin
        As composed; nothing is added but form.

    Returns
    -------
    bytes
        The same bulletin gives the same bytes with the same release of the typesetter.
    """
    compiled = typst.compile(
        (files("ceasefire.bulletin") / "templates" / "bulletin.typ").read_bytes(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"bulletin": canonical_json(_as_data(bulletin))},
        format="pdf",
        timestamp=bulletin.instant // _MICROSECONDS_PER_SECOND,
    )
    if not isinstance(compiled, bytes):
        raise TypeError(f"the typesetter returned {type(compiled).__name__}, not one file")
    return compiled


@cache
def fonts() -> typst.Fonts:
    """Return the fonts that travel with the package, and no others."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in font_folders()],
    )


def _as_data(bulletin: Bulletin) -> dict[str, Any]:
    return {
        "families": list(FAMILIES),
        "title": bulletin.title,
        "case_titles": [cell_data(title) for title in bulletin.case_titles],
        "running_head": bulletin.running_head,
        "header": [[label, cell_data(value)] for label, value in bulletin.header],
        "summary": list(bulletin.summary),
        "remarks": list(bulletin.remarks),
        "errata": list(bulletin.errata),
        "recorded": instant_text(bulletin.instant),
        "sections": [_section(section) for section in bulletin.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "annex": section.annex,
        "paragraphs": list(section.paragraphs),
        "notices": [_notice(notice) for notice in section.notices],
        "figures": [
            {"caption": figure.caption, "alternative": figure.alternative, "svg": render_figure(figure)}
            for figure in section.figures
        ],
        "tables": [_table(table) for table in section.tables],
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "title": notice.title,
        "warnings": list(notice.warnings),
        "facts": [[label, cell_data(value)] for label, value in notice.facts],
        "voices": [
            {"speaker": voice.speaker, "day": voice.day, "paragraphs": [cell_data(said) for said in voice.paragraphs]}
            for voice in notice.voices
        ],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "dense": table.dense,
        "columns": [
            {"title": column.title, "weight": column.weight, "align": column.align} for column in table.columns
        ],
        "rows": [[cell_data(cell) for cell in row] for row in table.rows],
        "notes": list(table.notes),
    }


def cell_data(cell: Cell) -> dict[str, str]:
    """Return a text with its language and direction, as the typesetter takes it."""
    said = cell if isinstance(cell, Words) else Words(cell)
    return {"text": said.text, "language": said.language.partition("-")[0], "direction": said.direction}
