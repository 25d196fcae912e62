"""Who is named, as numbers: each report's two sides, and how well any two sides go together.

A side is the set of actors that a report puts together. Two sides are compared through the register of actors
where they are on it, and by the spelling of their names where they are not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import whole
from ceasefire.fusion.sides import Levels, Rows, Sides, compared
from ceasefire.model.rows import equal_rows, first_rows, list_keys

MOST_SIDES = 4000
"""Sides whose table is kept, the most frequent; pairs with a rarer one are compared as they occur, alike."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The sides of n reports.

    Parameters
    ----------
    first, second : int64 array, shape (n,)
        Each report's sides, as places in `texts`; 0 is *nobody named*.
    texts : tuple of str
        What stands for a side in learned weights: its actors, ids or names as they are compared.
    base : int8 array, shape (k, k)
        How the sides go together, by `sides.SIDE_LEVELS`, for the k most frequent; `MOST_SIDES` at most.
    every : Sides
        Compares any two of them.
    """

    first: Rows
    second: Rows
    texts: tuple[str, ...]
    base: Levels
    every: Sides

    def take(self, rows: Rows) -> Parties:
        """Return the sides of some reports."""
        return replace(self, first=self.first[rows], second=self.second[rows])


def parties_of(reports: pa.Table, instants: npt.NDArray[np.float64], register: ActorRegister) -> Parties:
    """Return the sides that reports name.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, each column in one piece.
    instants : float64 array, shape (n,)
        When each happened, UTC microseconds; NaN where it is not known.
    register : ActorRegister
        Ties are taken as they held then.
    """
    columns = [whole(reports[name]) for name in ("sides", "perpetrators", "targets")]
    said = equal_rows([list_keys(column) for column in columns])
    firsts = first_rows(said)
    both = [_two_sides(*row) for row in zip(*(c.take(pa.array(firsts)).to_pylist() for c in columns), strict=True)]
    changes = {
        actor: register.changes_of(actor) for two in both for side in two for actor in side if actor in register.actors
    }
    dated = np.array([any(changes.get(actor) for side in two for actor in side) for two in both], dtype=bool)
    # the same names at another time, when their ties were others, are another side
    period = np.zeros(len(said), dtype=np.int64)
    moving = np.flatnonzero(dated[said]) if len(said) else np.zeros(0, dtype=np.int64)
    if len(moving):
        instants_of_change = np.array(sorted({at for found in changes.values() for at in found}), dtype=np.float64)
        period[moving] = np.searchsorted(instants_of_change, np.nan_to_num(instants[moving]), side="right")
    codes = equal_rows([pa.array(said), pa.array(period)])
    places = first_rows(codes)
    sides: dict[tuple[tuple[str, ...], tuple[int, ...]], int] = {((), ()): 0}
    numbers = np.zeros((len(places), 2), dtype=np.int64)
    ats: list[float] = [0.0]
    for row, place in enumerate(places.tolist()):
        at = float(np.nan_to_num(instants[place]))
        for which, side in enumerate(both[said[place]]):
            standing = tuple(bisect_right(changes.get(actor, ()), at) for actor in side)
            key = (side, standing)
            if key not in sides:
                sides[key] = len(sides)
                ats.append(at)
            ats[sides[key]] = min(ats[sides[key]], at)
            numbers[row, which] = sides[key]
    first, second = numbers[codes].T if len(codes) else np.zeros((2, 0), dtype=np.int64)
    return _by_frequency(first, second, [side for side, _ in sides], ats, register)


def _two_sides(
    sides: Sequence[Sequence[str]] | None, perpetrators: Sequence[str] | None, targets: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if sides:
        rest = {actor for side in sides[1:] for actor in side or ()}
        return tuple(sorted(set(sides[0] or ()))), tuple(sorted(rest))
    return tuple(sorted(set(perpetrators or ()))), tuple(sorted(set(targets or ())))


def _by_frequency(
    first: Rows, second: Rows, sides: list[tuple[str, ...]], ats: list[float], register: ActorRegister
) -> Parties:
    """Give the sides numbers by how often they occur, nobody first, and compare the most frequent."""
    texts = ["|".join(sorted(compared(actor) for actor in side)) for side in sides]
    counts = np.bincount(first, minlength=len(sides)) + np.bincount(second, minlength=len(sides))
    order = sorted(range(len(sides)), key=lambda one: (one != 0, -int(counts[one]), texts[one], ats[one]))
    place = np.empty(len(sides), dtype=np.int64)
    place[order] = np.arange(len(sides))
    every = Sides([sides[one] for one in order], [int(ats[one]) for one in order], register)
    base = every.table(min(len(order), MOST_SIDES))
    return Parties(place[first], place[second], tuple(texts[one] for one in order), base, every)
