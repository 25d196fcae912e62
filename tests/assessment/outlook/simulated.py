"""Panels of simulated weeks."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ceasefire.assessment.outlook.panel import Panel


def panel_of(counts: np.ndarray, incidents: np.ndarray | None = None, first_week: int = 2_400) -> Panel:
    """Return a panel of units u0, u1, ..."""
    counts = np.asarray(counts, dtype=np.float64)
    return Panel(
        units=tuple(f"u{unit}" for unit in range(counts.shape[1])),
        weeks=np.arange(first_week, first_week + len(counts)),
        counts=counts,
        incidents=np.ceil(counts / 3) if incidents is None else incidents,
    )


def calm(rng: Generator, weeks: int, units: int, mean: float = 8.0, size: float = 1.5) -> np.ndarray:
    """Return negative binomial counts without any change."""
    return rng.negative_binomial(size, size / (size + mean), (weeks, units)).astype(np.float64)
