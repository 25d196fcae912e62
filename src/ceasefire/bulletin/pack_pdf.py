"""A pack as PDF: one document, each language whole and set in its own direction."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import typst

from ceasefire.bulletin.pack import Grid, Pack, PackFile, PackPart, Seat
from ceasefire.bulletin.palette import FAMILIES
from ceasefire.bulletin.pdf import cell_data, fonts
from ceasefire.bulletin.records import Voice, Words
from ceasefire.model.canonical import canonical_json

_MICROSECONDS_PER_SECOND = 1_000_000


def render_pack(pack: Pack) -> bytes:
    """Return the pack as a tagged PDF, A4; the same pack gives the same bytes with the same typesetter."""
    compiled = typst.compile(
        (files("ceasefire.bulletin") / "templates" / "pack.typ").read_bytes(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"pack": canonical_json(_as_data(pack))},
        format="pdf",
        timestamp=pack.instant // _MICROSECONDS_PER_SECOND,
    )
    if not isinstance(compiled, bytes):
        raise TypeError(f"the typesetter returned {type(compiled).__name__}, not one file")
    return compiled


def _as_data(pack: Pack) -> dict[str, Any]:
    return {"families": list(FAMILIES), "parts": [_part(part) for part in pack.parts]}


def _part(part: PackPart) -> dict[str, Any]:
    return {
        "language": part.language.partition("-")[0],
        "direction": part.direction,
        "words": dict(part.words),
        "title": part.title,
        "case_title": cell_data(part.case_title),
        "header": [list(line) for line in part.header],
        "seats": [_seat(seat) for seat in part.seats],
        "agenda": list(part.agenda),
        "findings": _grid(part.findings),
        "findings_left_out": part.findings_left_out,
        "for_decision": [_file(one) for one in part.for_decision],
        "disputed": [_file(one) for one in part.disputed],
        "pending": _grid(part.pending),
        "registers": [
            {
                "title": day.title,
                "sides": [_voice(voice) for voice in day.sides],
                "doubtful": [cell_data(line) for line in day.doubtful],
            }
            for day in part.registers
        ],
        "minutes": [[head, [cell_data(line) for line in lines]] for head, lines in part.minutes],
        "decisions": [[head, [cell_data(line) for line in lines]] for head, lines in part.decisions],
        "signatures": [_seat(seat) for seat in part.signatures],
        "blank_lines": part.blank_lines,
    }


def _seat(seat: Seat) -> dict[str, Any]:
    return {"name": seat.name, "members": list(seat.members)}


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "columns": list(grid.columns),
        "weights": list(grid.weights),
        "rows": [[_plain(cell) for cell in row] for row in grid.rows],
    }


def _plain(cell: str | Words) -> str:
    return cell.text if isinstance(cell, Words) else cell


def _voice(voice: Voice) -> dict[str, Any]:
    return {"speaker": voice.speaker, "day": voice.day, "paragraphs": [cell_data(said) for said in voice.paragraphs]}


def _file(one: PackFile) -> dict[str, Any]:
    return {
        "title": one.title,
        "facts": [[label, _plain(value)] for label, value in one.facts],
        "voices": [_voice(voice) for voice in one.voices],
        "ballot": list(one.ballot),
    }
