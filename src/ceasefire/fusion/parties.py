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

from ceasefire.actors.register import UNRESOLVED, ActorRegister, normalised_name
from ceasefire.fusion.canonical import whole
from ceasefire.model.rows import equal_rows, first_rows, list_keys

Levels = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]

DISJOINT, UNKNOWN, SIMILAR, TIED, SAME = range(5)
"""How two sides go together; `SIDE_LEVELS` says it in words."""
SIDE_LEVELS = (
    "no actor in common",
    "one of them names nobody",
    "names alike, or one actor of several in common",
    "tied: a member, an umbrella, or a label that may contain it",
    "the same",
)
MOST_SIDES = 4000
"""Sides whose names are compared; rarer ones are known only to be the same or not."""
_ALIKE = 0.6  # share of the shorter name's letter triples that the longer has too
_FEWEST_TRIPLES = 3  # of names shorter than that, no likeness is read off
_BUCKETS = 2048  # letter triples are counted in so many bins


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
        How the sides go together, for the k most frequent; `MOST_SIDES` at most.
    """

    first: Rows
    second: Rows
    texts: tuple[str, ...]
    base: Levels

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
    texts = ["|".join(sorted(_compared(actor) for actor in side)) for side in sides]
    counts = np.bincount(first, minlength=len(sides)) + np.bincount(second, minlength=len(sides))
    order = sorted(range(len(sides)), key=lambda one: (one != 0, -int(counts[one]), texts[one], ats[one]))
    place = np.empty(len(sides), dtype=np.int64)
    place[order] = np.arange(len(sides))
    kept = order[:MOST_SIDES]
    base = _compare([sides[one] for one in kept], [int(ats[one]) for one in kept], register)
    return Parties(place[first], place[second], tuple(texts[one] for one in order), base)


def _compared(actor: str) -> str:
    return UNRESOLVED + normalised_name(actor.removeprefix(UNRESOLVED)) if actor.startswith(UNRESOLVED) else actor


def _compare(sides: list[tuple[str, ...]], ats: list[int], register: ActorRegister) -> Levels:
    """Return how every two of the sides go together."""
    members = sorted(
        {
            (_compared(actor), at if actor in register.actors else 0)
            for side, at in zip(sides, ats, strict=True)
            for actor in side
        }
    )
    place = {member: number for number, member in enumerate(members)}
    holds = np.zeros((len(sides), max(len(members), 1)), dtype=np.float32)
    for row, (side, at) in enumerate(zip(sides, ats, strict=True)):
        for actor in side:
            holds[row, place[_compared(actor), at if actor in register.actors else 0]] = 1
    names = [name for name, _ in members]
    equal = (
        np.array([[a == b for b in dict.fromkeys(names)] for a in names], dtype=np.float32)
        if names
        else np.zeros((1, 1), np.float32)
    )
    plain = holds @ equal  # by name, whatever the time
    common = plain @ plain.T
    size = plain.sum(axis=1)
    tied = (holds @ _tied(members, register) @ holds.T) > 0
    alike = (holds @ _alike(names) @ holds.T) > 0
    levels = np.full((len(sides), len(sides)), DISJOINT, dtype=np.int8)
    levels[alike | (common > 0)] = SIMILAR
    levels[tied] = TIED
    levels[(common == size[:, None]) & (common == size[None, :])] = SAME
    nobody = size == 0
    levels[nobody, :] = UNKNOWN
    levels[:, nobody] = UNKNOWN
    return levels


def _tied(members: list[tuple[str, int]], register: ActorRegister) -> npt.NDArray[np.float32]:
    """Return which members belong to, are counted under, or may be meant by another."""
    k = max(len(members), 1)
    found = np.zeros((k, k), dtype=np.float32)
    known = [(row, name, at) for row, (name, at) in enumerate(members) if name in register.actors]
    reach = {row: register.groups_of(name, at) | register.listed_under(name, at) for row, name, at in known}
    by_name: dict[str, list[int]] = {}
    for row, name, _ in known:
        by_name.setdefault(name, []).append(row)
    for row, name, _ in known:
        wider = reach[row] | set(register.actors[name].may_contain)
        for other in wider:
            for column in by_name.get(other, ()):
                if other != name:
                    found[row, column] = found[column, row] = 1
    return found


def _alike(names: list[str]) -> npt.NDArray[np.float32]:
    """Return which unresolved names are spelt alike, by the letter triples they share."""
    k = max(len(names), 1)
    grams = np.zeros((k, _BUCKETS), dtype=np.float32)
    for row, name in enumerate(names):
        if name.startswith(UNRESOLVED):
            padded = f" {name.removeprefix(UNRESOLVED)} "
            for start in range(len(padded) - 2):
                grams[row, _bucket(padded[start : start + 3])] = 1
    size = grams.sum(axis=1)
    shorter = np.minimum(size[:, None], size[None, :])
    alike: npt.NDArray[np.float32] = ((grams @ grams.T > _ALIKE * shorter) & (shorter >= _FEWEST_TRIPLES)).astype(
        np.float32
    )
    return alike


def _bucket(triple: str) -> int:
    a, b, c = (ord(letter) for letter in triple)
    return (a * 961 + b * 31 + c) % _BUCKETS
