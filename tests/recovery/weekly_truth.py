"""Weekly counts whose truth is known: overdispersed, dependent on each other, with or without a fall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEEKS, START = 104, 70


@dataclass(frozen=True)
class Truth:
    """How weeks come about: the log rate wanders as a first-order autoregression, counts scatter around it.

    `size` is that of the negative binomial around the rate; none is a Poisson distribution.
    """

    mean: float
    memory: float
    sigma: float
    size: float | None

    def draw(
        self, runs: int, seed: int, *, fall: float = 0.0, weeks: int = WEEKS, start: int = START
    ) -> NDArray[np.float64]:
        """Return counts, shape (runs, weeks)."""
        rng = np.random.default_rng(seed)
        steps = rng.standard_normal((runs, weeks))
        state = np.empty_like(steps)
        state[:, 0] = steps[:, 0]
        for at in range(1, weeks):
            state[:, at] = self.memory * state[:, at - 1] + np.sqrt(1 - self.memory**2) * steps[:, at]
        rate = self.mean * np.exp(self.sigma * state - self.sigma**2 / 2)
        rate[:, start:] *= 1 - fall
        if self.size is not None:
            rate = rate * rng.gamma(self.size, 1 / self.size, size=rate.shape)
        return rng.poisson(rate).astype(np.float64)


# The weeks of the larger zone of the built-in case before its truce: mean 14.65, variance 2.9 times the mean,
# autocorrelations 0.36 and 0.31 (UCDP GED, most likely inside, 2016 to April 2017)
LIKE_IDLIB = Truth(mean=14.65, memory=0.55, sigma=0.36, size=None)
SCATTERED = Truth(mean=14.65, memory=0.3, sigma=0.2, size=12.0)
LASTING = Truth(mean=14.65, memory=0.8, sigma=0.3, size=10.0)
ROUGH = Truth(mean=14.65, memory=0.7, sigma=0.6, size=5.0)
SPARSE = Truth(mean=3.5, memory=0.6, sigma=0.5, size=None)
INDEPENDENT = Truth(mean=14.65, memory=0.0, sigma=0.0, size=10.0)
