"""A pair's match weight: the prior, and what each comparison adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ceasefire.fusion.blocking import QUERIES, Search, searches_for
from ceasefire.fusion.compare import COMPARISONS, LEVEL_OF, LevelColumn, SideWeight, Tables, lookups, tables_for
from ceasefire.fusion.parties import Parties
from ceasefire.fusion.traits import CIVILIANS_UNKNOWN, Traits
from ceasefire.fusion.weights import Weights

if TYPE_CHECKING:
    from ceasefire.fusion.inner_loops import Scales

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
SILENT: Mapping[str, int] = {"killed": 0, "civilian": 5 * CIVILIANS_UNKNOWN, "injured": 0, "acts": 0, "text": 0}
"""Level of a comparison of which neither report says anything."""
_ROUNDING = 1e-3  # of sums in single precision, with a wide margin
CHEAPEST_FIRST = ("when", "where", "killed", "civilian", "acts", "injured", "who", "text")
"""The order in which comparisons are made and added up."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Pairs with their log odds by themselves and the levels these come from.

    Parameters
    ----------
    a, b : int64 array, shape (p,)
    weight : float32 array, shape (p,)
    levels : mapping of str to int16 array
        Of the comparisons that any of these reports says something of; the others have their level `SILENT`.
    """

    a: Rows
    b: Rows
    weight: Singles
    levels: Mapping[str, LevelColumn]


class Weigher:
    """Weighs pairs of one set of reports under one set of weights.

    Parameters
    ----------
    traits : Traits
    weights : Weights
    """

    def __init__(self, traits: Traits, weights: Weights) -> None:
        self.traits, self.weights = traits, weights
        self.tables: Tables = tables_for(
            traits, weights.side_table(traits.parties), rare_sides(weights, traits.parties), weights.words
        )
        self._added = {name: weights.match_weights(name).astype(np.float32) for name in COMPARISONS}
        self._prior = np.float32(np.log(weights.prior / (1 - weights.prior)))
        self._repeat = np.log(repeat_factors(weights, traits)).astype(np.float32)
        told = {
            "killed": bool((traits.killed >= 0).any()),
            "civilian": bool((traits.civilian != CIVILIANS_UNKNOWN).any()),
            "injured": bool((traits.injured >= 0).any()),
            "acts": any(traits.act_sets),
            "text": bool((traits.text >= 0).any()),
        }
        self.told = tuple(name for name in CHEAPEST_FIRST if told.get(name, True))

    def weigh(self, a: Rows, b: Rows, km: Singles, *, least: float) -> Weighed:
        """Weigh pairs, keeping those whose log odds exceed `least`; hopeless ones are left as soon as they are."""
        traits = self.traits
        own = traits.source[a] == traits.source[b]
        weight = np.full(len(a), self._prior)
        weight[own] += self._repeat[traits.source[a[own]]]
        levels: dict[str, LevelColumn] = {}
        floors = self._floors(least)
        for name in self.told:
            level = LEVEL_OF[name](traits, a, b, km, self.tables, 0.0)
            levels[name] = level
            weight = weight + self._added[name][level]
            if name in floors:
                kept = np.flatnonzero(weight > floors[name])
                a, b, km, weight = a[kept], b[kept], km[kept], weight[kept]
                levels = {known: column[kept] for known, column in levels.items()}
        return Weighed(a, b, weight, levels)

    def tasks(self, *, least: float, near: Mask | None = None) -> Iterator[Callable[[], Iterable[Weighed]]]:
        """Give the work of weighing all pairs within reach in parts that may be done side by side.

        Parameters
        ----------
        least : float
            Log odds; pairs are kept that exceed it.
        near : bool array, shape (n,), optional
            Where given, one report of each pair has to be marked.
        """
        searches, by_name = searches_for(self.traits, self.weights.reach, near=near)
        scales = self._scales(least)
        for search in searches:
            for start in range(0, len(search), QUERIES):
                yield partial(self._found, search, start, scales, least)
        yield lambda: (self.weigh(a, b, km, least=least) for a, b, km in by_name())

    def _found(self, search: Search, start: int, scales: Scales, least: float) -> Iterator[Weighed]:
        for a, b, weight, columns in search.weighed(start, start + QUERIES, scales):
            levels = {name: columns[:, place] for place, name in enumerate(CHEAPEST_FIRST[:-1]) if name in self.told}
            yield self._completed(a, b, weight, levels, self._floors(least))

    def _completed(
        self, a: Rows, b: Rows, weight: Singles, levels: dict[str, LevelColumn], floors: Mapping[str, np.float32]
    ) -> Weighed:
        """Add what the compiled loop leaves: sides that are not in the table, and texts."""
        rare = np.flatnonzero(levels["who"] < 0)
        if len(rare):
            levels["who"][rare] = LEVEL_OF["who"](self.traits, a[rare], b[rare], weight, self.tables, 0.0)
            weight[rare] += self._added["who"][levels["who"][rare]]
        if "text" in self.told:
            hopeful = np.flatnonzero(weight > floors["who"])
            a, b, weight = a[hopeful], b[hopeful], weight[hopeful]
            levels = {name: column[hopeful] for name, column in levels.items()}
            levels["text"] = LEVEL_OF["text"](self.traits, a, b, weight, self.tables, 0.0)
            weight = weight + self._added["text"][levels["text"]]
        elif not len(rare):
            return Weighed(a, b, weight, levels)
        kept = np.flatnonzero(weight > floors[self.told[-1]])
        return Weighed(a[kept], b[kept], weight[kept], {name: column[kept] for name, column in levels.items()})

    def _floors(self, least: float) -> dict[str, np.float32]:
        """Return after which comparisons pairs are left, and what weight they need there not to be hopeless."""
        floors = {}
        for turn, name in enumerate(self.told):
            if name in _WORTH_A_LOOK or turn == len(self.told) - 1:
                hope = sum(float(self._added[later].max()) for later in self.told[turn + 1 :])
                hope += _ROUNDING if hope else 0  # so that no pair is left whose weight would exceed `least`
                floors[name] = np.float32(least - hope)
        return floors

    def _scales(self, least: float) -> Scales:
        from ceasefire.fusion.inner_loops import Scales

        floors = self._floors(least)
        adds = np.zeros((len(CHEAPEST_FIRST) - 1, max(map(len, self._added.values()))), dtype=np.float32)
        for place, name in enumerate(CHEAPEST_FIRST[:-1]):
            if name in self.told:
                adds[place, : len(self._added[name])] = self._added[name]
        return Scales(
            **lookups(self.tables),
            prior=self._prior,
            repeat=self._repeat,
            adds=adds,
            floors=np.array([floors.get(name, -np.inf) for name in ("where", "civilian", "who")], dtype=np.float32),
        )


_WORTH_A_LOOK = frozenset({"where", "civilian", "who"})
"""Comparisons after which hopeless pairs are left."""


def pair_weights(weights: Weights, traits: Traits, a: Rows, b: Rows, levels: Mapping[str, LevelColumn]) -> Floats:
    """Return the log odds of pairs by themselves: the prior, what each comparison adds, and whose reports they are."""
    total = np.full(len(a), np.log(weights.prior / (1 - weights.prior)))
    for name, level in levels.items():
        total += weights.match_weights(name)[level]
    own = traits.source[a] == traits.source[b]
    total[own] += np.log(repeat_factors(weights, traits))[traits.source[a[own]]]
    return total


def rare_sides(weights: Weights, parties: Parties) -> SideWeight | None:
    """Return what gives the weight of two sides that are not both in the table, as `Weights.side_table` would.

    None where the table holds all sides.
    """
    if len(parties.texts) <= len(parties.base):
        return None
    named = {text: code for code, text in enumerate(sorted({text for a, b, _ in weights.affinity for text in (a, b)}))}
    code_of = np.array([named.get(text, -1) for text in parties.texts], dtype=np.int64)
    known = sorted((named[a] * len(named) + named[b], weight) for a, b, weight in weights.affinity)
    codes, learned = np.array([code for code, _ in known], dtype=np.int64), np.array([weight for _, weight in known])
    by_level = np.asarray(weights.sides, dtype=np.float32)

    def weight_of(x: Rows, y: Rows) -> Singles:
        pairs, where = np.unique(np.minimum(x, y) * len(parties.texts) + np.maximum(x, y), return_inverse=True)
        x, y = np.divmod(pairs, len(parties.texts))
        found: Singles = by_level[parties.every.levels(x, y)]
        if len(codes):
            a, b = np.minimum(code_of[x], code_of[y]), np.maximum(code_of[x], code_of[y])
            code = np.where(a < 0, -1, a * len(named) + b)
            near = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
            met = codes[near] == code
            found[met] = learned[near[met]]
        return np.asarray(found[where])

    return weight_of


def repeat_factors(weights: Weights, traits: Traits) -> Floats:
    """Return `Weights.repeats` by source code."""
    return _repeats(weights, traits.sources)


def _repeats(weights: Weights, sources: Sequence[str]) -> Floats:
    return np.array([weights.repeats.get(name, weights.repeats_otherwise) for name in sources] or [1.0])


def exclusiveness(weights: Weights, traits: Traits, a: Rows, b: Rows) -> Floats:
    """Return how far the rivals of each pair exclude one another."""
    return exclusive_between(weights, traits.sources, traits.source[a], traits.source[b])


def exclusive_between(weights: Weights, sources: Sequence[str], one: Rows, other: Rows) -> Floats:
    """Return how far the rivals of pairs of two sources' reports exclude one another, by places in `sources`."""
    factor = _repeats(weights, sources)
    return np.asarray(1 - np.minimum(1, (factor[one] + factor[other]) / 2))
