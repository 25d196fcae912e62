"""Simulated reports as files, for training and for trying out other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ceasefire.agreement.load import load_case
from ceasefire.pipeline.create import case_source
from ceasefire.pipeline.exports import write_table
from ceasefire.pipeline.simulation import simulate

if TYPE_CHECKING:
    from ceasefire.pipeline.simulation import Simulation


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
