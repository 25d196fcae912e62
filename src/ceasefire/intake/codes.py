"""Columns of codes that a mapping file explains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.intake import table_mapping as shape
from ceasefire.intake.cells import CellChecks

_CODE_WHY = "A code without a meaning cannot be turned into a report."


def known_cells(checks: CellChecks, column: str, known: Mapping[str, Any], key: str) -> pa.Array:
    """Return for each row which of `known` its cell is, complaining of cells that are none and of empty ones."""
    text = checks.rows.text(column)
    # numbers from typed columns are written without a decimal part, as a mapping writes its codes
    text = pc.replace_substring_regex(text, r"^(-?[0-9]+)\.0+$", r"\1")
    place = pc.index_in(text, pa.array(list(known), pa.string()), skip_nulls=True)
    place = pc.if_else(pc.is_null(text), None, place)
    checks.complain(
        np.asarray(pc.is_null(place)),
        column,
        f"not among the mapping's {key}",
        _CODE_WHY,
        f"Add it under `{key}:` in the mapping, or correct the cell. Known: {', '.join(list(known)[:20])}.",
    )
    return place


def meanings(checks: CellChecks, said: shape.TimeCodes | shape.PlaceCodes) -> tuple[list[Any], pa.Array]:
    """Return the meanings of the codes, and for each row which of them is its own."""
    if said.column is None:
        return [said.constant], pa.array(np.zeros(checks.rows.table.num_rows, np.int64))
    return list(said.codes.values()), known_cells(checks, said.column, said.codes, "codes")
