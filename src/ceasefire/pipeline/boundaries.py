"""The administrative boundaries that were imported, as one set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ceasefire.ledger.batches import BatchStore
from ceasefire.pipeline.history import History
from ceasefire.pipeline.imports import Format
from ceasefire.territory.boundaries import Boundaries, read_boundaries


def held_boundaries(history: History, batches: BatchStore, scratch: Path) -> Boundaries | None:
    """Read every imported file of boundaries; None when none was imported.

    Where two files hold one unit, the one imported last counts: a name must not become ambiguous because its
    polygon was improved.

    Parameters
    ----------
    scratch : Path
        A folder of derived things, where the sealed originals are laid out under their own names.
    """
    units: dict[tuple[object, ...], Any] = {}
    for entry in history.imports:
        if entry.payload["options"]["format"] == Format.BOUNDARIES:
            path = scratch / entry.content["document"][:16] / entry.payload["file"]
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(batches.get_bytes(entry.content["document"]))
            for unit in read_boundaries(path).units:
                units[unit.level, unit.code or (unit.names, unit.parent_names)] = unit
    return Boundaries(list(units.values())) if units else None
