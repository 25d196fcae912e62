"""How alike two reports are, trait by trait, in levels whose weights are learned.

A level of *not said* weighs nothing: what a report leaves out speaks neither for nor against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.fusion.blocking import days_apart
from ceasefire.fusion.text_likeness import Likeness
from ceasefire.fusion.traits import PLACE_CLASSES, SPREAD_KM, TIME_CLASSES, Traits, act_levels

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
LevelColumn = npt.NDArray[np.int16]
SideWeight = Callable[[Rows, Rows], Singles]

COMPARISONS = ("when", "where", "who", "killed", "civilian", "injured", "acts", "text")
_DAYS = 5  # levels of a time class
_BANDS = (0.35, 0.7, 1.1, 1.6, 2.2, 3.0, 4.0)  # of distance, in spreads: multiples of a twentieth
_TWENTIETHS = np.searchsorted(_BANDS, (np.arange(int(_BANDS[-1] * 20) + 2) + 0.5) / 20).astype(np.int16) + 1
_DISTANCES = len(_BANDS) + 2
_PLACE_PAIRS = len(PLACE_CLASSES) * (len(PLACE_CLASSES) + 1) // 2
_BY_PAIR = [(x, y) for x in range(len(PLACE_CLASSES)) for y in range(len(PLACE_CLASSES))]
_PER_SPREAD = np.array([20 / np.hypot(SPREAD_KM[x], SPREAD_KM[y]) for x, y in _BY_PAIR], dtype=np.float32)
_PAIR_CLASS = np.array([max(x, y) * (max(x, y) + 1) // 2 + min(x, y) for x, y in _BY_PAIR], dtype=np.int16)
LOCATED = _PLACE_PAIRS * _DISTANCES
"""Levels of *where* from here on are for pairs of which one has no point."""
_SAME_SPOT_KM = 1e-3
_SIZES = np.array([0.8, 1.2, 2.2, 3.2, 4.5, 7.0, 12.0, 25.0, 80.0])  # of a pair's figures, their geometric mean
_RATIOS = np.array([0.15, 0.3, 0.5, 0.8, 1.3])  # of the figures' logarithms, half a person added
_DIFFERENCES = len(_RATIOS) + 2
WHO_FROM, WHO_STEP, WHO_LEVELS = -6.0, 0.75, 20
LIKENESSES = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9])
TEXT_BANDS = len(LIKENESSES) + 1
"""Levels of *text* for each level of *acts*: cosines of wordings, `LIKENESSES` between them."""
N_LEVELS: Mapping[str, int] = {
    "when": _DAYS * (len(TIME_CLASSES) - 1),
    "where": LOCATED + 6,
    "who": WHO_LEVELS,
    "killed": 1 + (len(_SIZES) + 1) * _DIFFERENCES,
    "civilian": 16,
    "injured": 1 + (len(_SIZES) + 1) * _DIFFERENCES,
    "acts": 4,
    "text": 1 + 4 * TEXT_BANDS,
}
"""How many levels each comparison has."""
NOT_SAID: Mapping[str, tuple[int, ...]] = {
    "where": (LOCATED,),
    "killed": (0,),
    "civilian": (12, 13, 14, 15),
    "injured": (0,),
    "acts": (0,),
    "text": (0,),
}
"""Levels that weigh nothing."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What pairs look their levels up in: made once for a set of reports.

    Parameters
    ----------
    figures : int16 array, shape (f + 1, f + 1)
        Level of two figures; the last row and column are *not said*.
    acts : int8 array
    sides : float32 array, shape (k + 1, k + 1)
        How well two sides go together, as a match weight; the last row and column stand for rarer ones.
    rare : callable, optional
        The same for two sides of which one is rarer; none where all are in the table.
    likeness : Likeness, optional
        Of the reports' texts; none where no report has one.
    """

    figures: LevelColumn
    acts: npt.NDArray[np.int8]
    sides: npt.NDArray[np.float32]
    rare: SideWeight | None = None
    likeness: Likeness | None = None


def tables_for(
    traits: Traits,
    sides: npt.NDArray[np.float32],
    rare: SideWeight | None = None,
    words: Sequence[tuple[str, float]] = (),
) -> Tables:
    """Return the tables in which pairs of these reports look their levels up."""
    likeness = Likeness(traits.wordings, words) if len(traits.wordings) else None
    return Tables(figure_levels(traits.figures), act_levels(traits.act_sets), sides, rare, likeness)


def lookups(tables: Tables) -> dict[str, Any]:
    """Return what the compiled loop looks the levels of pairs up in, by its names: as the functions below do."""
    return {
        "per_spread": _PER_SPREAD,
        "pair_class": _PAIR_CLASS,
        "bands": _TWENTIETHS,
        "figures": tables.figures,
        "acts": tables.acts,
        "sides": tables.sides,
        "rare": tables.rare is not None,
        "steps": _DAYS,
        "distances": _DISTANCES,
        "same_spot": np.float32(_SAME_SPOT_KM),
        "who_from": np.float32(WHO_FROM),
        "who_step": np.float32(WHO_STEP),
        "who_levels": WHO_LEVELS,
    }


def figure_levels(figures: Floats) -> LevelColumn:
    """Return the level of every two figures: by their size, and by how they differ; the last is *not said*."""
    x, y = figures[:, None], figures[None, :]
    size = np.searchsorted(_SIZES, np.sqrt((x + 0.1) * (y + 0.1)))
    ratio = np.abs(np.log((x + 0.5) / (y + 0.5)))
    levels = 1 + size * _DIFFERENCES + np.where(x == y, 0, 1 + np.searchsorted(_RATIOS, ratio))
    return np.pad(levels, (0, 1)).astype(np.int16)


def when_levels(traits: Traits, a: Rows, b: Rows, shift: float = 0.0) -> LevelColumn:
    """Return by the wider time class, how many days apart; for intervals, in thirds of their widths."""
    kind = np.maximum(traits.time_class[a], traits.time_class[b]).astype(np.int16)
    apart = days_apart(traits, a, b, shift)
    steps = np.minimum(np.rint(apart), _DAYS - 1).astype(np.int16)
    wide = np.flatnonzero(kind)
    if len(wide):
        width = np.maximum(traits.slack[a[wide]] + traits.slack[b[wide]], np.float32(1))
        steps[wide] = np.minimum(np.floor(apart[wide] / width * 3), _DAYS - 1)
    return np.asarray(kind * _DAYS + steps, dtype=np.int16)


def where_levels(traits: Traits, a: Rows, b: Rows, km: Singles) -> LevelColumn:
    """Return by both place classes, how far apart; without a point, how the names of the areas go together."""
    pair = traits.place_class[a] * np.int8(len(PLACE_CLASSES)) + traits.place_class[b]
    twentieths = np.minimum(np.nan_to_num(km) * _PER_SPREAD[pair], len(_TWENTIETHS) - 1).astype(np.int16)
    band = _TWENTIETHS[twentieths]
    band[km < _SAME_SPOT_KM] = 0
    levels = _PAIR_CLASS[pair] * np.int16(_DISTANCES) + band
    bare = np.flatnonzero(np.isnan(km))
    if len(bare):
        levels[bare] = LOCATED + _name_levels(traits, a[bare], b[bare])
    return np.asarray(levels, dtype=np.int16)


def _name_levels(traits: Traits, a: Rows, b: Rows) -> Rows:
    """Return 0 not said, 1 same area, 2 same province, 3 another area of it, 4 another province, 5 same place."""
    known = (traits.province[a] >= 0) & (traits.province[b] >= 0)
    same = traits.province[a] == traits.province[b]
    level = np.where(~known, 0, np.where(~same, 4, np.where(traits.area[a] == traits.area[b], 1, 3)))
    whole = traits.place_class[a], traits.place_class[b]
    level = np.where((level == 3) & ((whole[0] >= 3) | (whole[1] >= 3)), 2, level)
    return np.where((traits.place_name[a] == traits.place_name[b]) & (traits.place_name[a] >= 0), 5, level)


def aligned_sides(traits: Traits, a: Rows, b: Rows, tables: Tables) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Return whether the second's sides are to be exchanged, and the weight of the better alignment."""
    f, s = traits.parties.first, traits.parties.second
    fa, sa, fb, sb = f[a], s[a], f[b], s[b]
    straight = _side_weight(tables, fa, fb) + _side_weight(tables, sa, sb)
    crossed = _side_weight(tables, fa, sb) + _side_weight(tables, sa, fb)
    return crossed > straight, np.maximum(straight, crossed)


def _side_weight(tables: Tables, x: Rows, y: Rows) -> Singles:
    k = len(tables.sides)
    flat = tables.sides.ravel()
    if tables.rare is None:
        return np.asarray(flat[x * k + y])
    weight: Singles = flat[np.minimum(x, k - 1) * k + np.minimum(y, k - 1)]
    beyond = np.flatnonzero(np.maximum(x, y) >= k - 1)
    if len(beyond):
        weight[beyond] = tables.rare(x[beyond], y[beyond])
    return weight


def who_levels(weight: npt.NDArray[np.floating]) -> LevelColumn:
    """Return the level of an alignment's weight."""
    levels: LevelColumn = np.clip(np.floor((weight - WHO_FROM) / WHO_STEP) + 1, 0, WHO_LEVELS - 1).astype(np.int16)
    return levels


def civilian_levels(traits: Traits, a: Rows, b: Rows) -> LevelColumn:
    """Return by what both say of civilians among the dead."""
    one, other = traits.civilian[a], traits.civilian[b]
    return np.asarray(np.maximum(one, other) * np.int8(4) + np.minimum(one, other), dtype=np.int16)


def text_levels(traits: Traits, a: Rows, b: Rows, tables: Tables) -> LevelColumn:
    """Return by what *acts* says already, how much of their wording they share; 0 where that tells nothing.

    It tells nothing where one has no text, nor of two reports of one source, which words all it tells alike.
    """
    levels = np.zeros(len(a), dtype=np.int16)
    if tables.likeness is None:
        return levels
    told = np.flatnonzero((traits.text[a] >= 0) & (traits.text[b] >= 0) & (traits.source[a] != traits.source[b]))
    alike = tables.likeness.of(traits.text[a[told]], traits.text[b[told]])
    band = 1 + np.searchsorted(LIKENESSES, np.nan_to_num(alike), side="right")
    acts = tables.acts[traits.acts[a[told]], traits.acts[b[told]]].astype(np.int16)
    levels[told] = np.where(np.isnan(alike), 0, acts * TEXT_BANDS + band)
    return levels


def levels_of(
    traits: Traits, a: Rows, b: Rows, km: Singles, tables: Tables, shift: float = 0.0
) -> dict[str, LevelColumn]:
    """Return the level of every comparison for pairs of reports.

    Parameters
    ----------
    traits : Traits
    a, b : int64 arrays, shape (p,)
        Rows.
    km : float32 array, shape (p,)
        Between the two; NaN where one has no point.
    tables : Tables
    shift : float
        Days by which the second of each pair is moved, see `blocking.candidate_pairs`.
    """
    return {name: level(traits, a, b, km, tables, shift) for name, level in LEVEL_OF.items()}


def _when(traits: Traits, a: Rows, b: Rows, _: Singles, __: Tables, shift: float) -> LevelColumn:
    return when_levels(traits, a, b, shift)


def _where(traits: Traits, a: Rows, b: Rows, km: Singles, _: Tables, __: float) -> LevelColumn:
    return where_levels(traits, a, b, km)


def _who(traits: Traits, a: Rows, b: Rows, _: Singles, tables: Tables, __: float) -> LevelColumn:
    return who_levels(aligned_sides(traits, a, b, tables)[1])


def _killed(traits: Traits, a: Rows, b: Rows, _: Singles, tables: Tables, __: float) -> LevelColumn:
    return np.asarray(tables.figures[traits.killed[a], traits.killed[b]])


def _civilian(traits: Traits, a: Rows, b: Rows, _: Singles, __: Tables, ___: float) -> LevelColumn:
    return civilian_levels(traits, a, b)


def _injured(traits: Traits, a: Rows, b: Rows, _: Singles, tables: Tables, __: float) -> LevelColumn:
    return np.asarray(tables.figures[traits.injured[a], traits.injured[b]])


def _acts(traits: Traits, a: Rows, b: Rows, _: Singles, tables: Tables, __: float) -> LevelColumn:
    return np.asarray(tables.acts[traits.acts[a], traits.acts[b]], dtype=np.int16)


def _text(traits: Traits, a: Rows, b: Rows, _: Singles, tables: Tables, __: float) -> LevelColumn:
    return text_levels(traits, a, b, tables)


LEVEL_OF: Mapping[str, Callable[[Traits, Rows, Rows, Singles, Tables, float], LevelColumn]] = {
    "when": _when,
    "where": _where,
    "who": _who,
    "killed": _killed,
    "civilian": _civilian,
    "injured": _injured,
    "acts": _acts,
    "text": _text,
}
"""How each comparison finds its levels."""
