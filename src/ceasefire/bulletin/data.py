"""A bulletin as data: every sentence, table and figure that its pages show, and nothing that they do not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ceasefire.bulletin.records import (
    Bulletin,
    Cell,
    ChartContent,
    Figure,
    GradeChart,
    MapContent,
    Notice,
    Section,
    Table,
    Words,
)
from ceasefire.model.canonical import canonical_json
from ceasefire.model.time import instant_text

FORMAT = 1


def render_data(bulletin: Bulletin) -> bytes:
    """Return the bulletin as canonical JSON: the same bulletin gives the same bytes.

    A text is a string where it is English, else an object with ``text`` and ``language``.
    """
    return canonical_json(
        {
            "format": FORMAT,
            "number": bulletin.number,
            "kind": bulletin.kind,
            "title": bulletin.title,
            "case_titles": [_text(title) for title in bulletin.case_titles],
            "header": [[label, _text(value)] for label, value in bulletin.header],
            "summary": list(bulletin.summary),
            "remarks": list(bulletin.remarks),
            "errata": list(bulletin.errata),
            "recorded": instant_text(bulletin.instant),
            "sections": [_section(section) for section in bulletin.sections],
        }
    ).encode()


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "annex": section.annex,
        "paragraphs": list(section.paragraphs),
        "notices": [_notice(notice) for notice in section.notices],
        "figures": [
            {
                "key": figure.key,
                "caption": figure.caption,
                "alternative": figure.alternative,
                "values": _values(figure),
            }
            for figure in section.figures
        ],
        "tables": [_table(table) for table in section.tables],
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "title": notice.title,
        "warnings": list(notice.warnings),
        "facts": [[label, _text(value)] for label, value in notice.facts],
        "voices": [
            {"speaker": voice.speaker, "day": voice.day, "paragraphs": [_text(said) for said in voice.paragraphs]}
            for voice in notice.voices
        ],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "key": table.key,
        "caption": table.caption,
        "columns": [column.title for column in table.columns],
        "rows": [[_text(cell) for cell in row] for row in table.rows],
        "notes": list(table.notes),
    }


def _values(figure: Figure) -> list[dict[str, Any]]:
    """Return what a figure draws: bins, bars, or the marks of the map, told as coarsely as drawn."""
    content = figure.content
    if isinstance(content, ChartContent):
        return [asdict(each) for each in content.bins]
    if isinstance(content, MapContent):
        units = [{"unit": unit.name, "count": unit.count} for unit in content.units]
        return [*(asdict(mark) for mark in content.marks), *units]
    return [asdict(each) for each in (content.areas if isinstance(content, GradeChart) else content)]


def _text(cell: Cell) -> str | dict[str, str]:
    if isinstance(cell, Words) and cell.language != "en":
        return {"text": cell.text, "language": cell.language}
    return cell.text if isinstance(cell, Words) else cell
