"""A pair's match weight: the prior, and what each comparison adds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ceasefire.fusion.compare import COMPARISONS, LevelColumn
from ceasefire.fusion.traits import Traits
from ceasefire.fusion.weights import Weights

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def pair_weights(weights: Weights, traits: Traits, a: Rows, b: Rows, levels: dict[str, LevelColumn]) -> Floats:
    """Return the log odds of pairs by themselves: the prior, what each comparison adds, and whose reports they are."""
    total = np.full(len(a), np.log(weights.prior / (1 - weights.prior)))
    for name in COMPARISONS:
        total += weights.match_weights(name)[levels[name]]
    own = traits.source[a] == traits.source[b]
    total[own] += np.log(repeat_factors(weights, traits))[traits.source[a[own]]]
    return total


def repeat_factors(weights: Weights, traits: Traits) -> Floats:
    """Return `Weights.repeats` by source code."""
    return np.array([weights.repeats.get(name, weights.repeats_otherwise) for name in traits.sources] or [1.0])


def exclusiveness(weights: Weights, traits: Traits, a: Rows, b: Rows) -> Floats:
    """Return how far the rivals of each pair exclude one another."""
    factor = repeat_factors(weights, traits)
    return 1 - np.minimum(1, (factor[traits.source[a]] + factor[traits.source[b]]) / 2)
