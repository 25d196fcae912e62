"""Simulated reports as files, for training and for trying out other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ceasefire.agreement.load import built_in_role, load_case
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.create import case_source
from ceasefire.pipeline.exports import write_table
from ceasefire.pipeline.simulation import simulate
from ceasefire.pipeline.state import CASE_FOLDER
from ceasefire.pipeline.workspace import Workspace

if TYPE_CHECKING:
    from ceasefire.pipeline.simulation import Simulation


def chosen_case(case: str | None, workspace: Path | None) -> str | Path:
    """Return the case to simulate: the one named, else that of the workspace named, else the training case.

    Raises
    ------
    UsageError
        When both are named.
    """
    if case is not None and workspace is not None:
        raise UsageError("A case and a workspace were both named.", "Give --case or --workspace.")
    if workspace is not None:
        with Workspace.open(workspace) as opened:
            return opened.folder / CASE_FOLDER
    return case or built_in_role("training")["case"]


def write_simulation(case: str | Path, folder: Path, *, days: int, incidents_per_day: float, seed: int) -> Simulation:
    """Simulate, and write ``reports.parquet`` and ``truth.parquet`` into `folder`.

    Parameters
    ----------
    case : str or Path
        A built-in case, or a folder.
    seed : int
        The same seed gives the same files.
    """
    source, _ = case_source(case)
    drawn = simulate(load_case(source), rng=np.random.default_rng(seed), days=days, incidents_per_day=incidents_per_day)
    folder.mkdir(parents=True, exist_ok=True)
    write_table(drawn.reports, folder / "reports.parquet", "parquet")
    write_table(drawn.truth, folder / "truth.parquet", "parquet")
    return drawn
