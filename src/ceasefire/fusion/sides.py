"""How two sides go together: through the register of actors where they are on it, by the spelling of names where not.

What is said of two sides depends on these two and the register alone, never on which other sides there are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ceasefire.actors.register import UNRESOLVED, ActorRegister, normalised_name

Levels = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

DISJOINT, UNKNOWN, SIMILAR, TIED, SAME = range(5)
"""How two sides go together; `SIDE_LEVELS` says it in words."""
SIDE_LEVELS = (
    "no actor in common",
    "one of them names nobody",
    "names alike, or one actor of several in common",
    "tied: a member, an umbrella, or a label that may contain it",
    "the same",
)
_ALIKE = 0.6  # share of the shorter name's letter triples that the longer has too
_FEWEST_TRIPLES = 3  # of names shorter than that, no likeness is read off
_BUCKETS = 2048  # letter triples are counted in so many bins
_CHUNK = 400_000  # pairs of sides looked at together


class Sides:
    """Compares sides, each a set of actors as they stood at a moment.

    Parameters
    ----------
    sides : list of tuple of str
        Actor ids, and names of actors that are not on the register.
    ats : list of int
        When each is looked at, UTC microseconds: ties are taken as they held then.
    register : ActorRegister
    """

    def __init__(self, sides: list[tuple[str, ...]], ats: list[int], register: ActorRegister) -> None:
        held = [
            sorted({(compared(actor), at if actor in register.actors else 0) for actor in side})
            for side, at in zip(sides, ats, strict=True)
        ]
        members = sorted({member for side in held for member in side})
        place = {member: number for number, member in enumerate(members)}
        names = {name: number for number, name in enumerate(dict.fromkeys(name for name, _ in members))}
        self._size = np.array([len(side) for side in held], dtype=np.int64)
        self._start = np.cumsum(self._size) - self._size
        self._member = np.array([place[member] for side in held for member in side], dtype=np.int64)
        self._name = np.array([names[name] for name, _ in members], dtype=np.int64)
        self._members = max(len(members), 1)
        self._tied = _tied(members, register)
        self._triples = _triples(list(names))
        self._letters = np.bitwise_count(self._triples).sum(axis=1).astype(np.float32)

    def levels(self, x: Rows, y: Rows) -> Levels:
        """Return how each side of `x` goes together with the one of `y`, by their places in the list of sides."""
        found = np.empty(len(x), dtype=np.int8)
        for start in range(0, len(x), _CHUNK):
            part = slice(start, start + _CHUNK)
            found[part] = self._levels(x[part], y[part])
        return found

    def table(self, k: int) -> Levels:
        """Return how every two of the first `k` sides go together, shape (k, k)."""
        table = np.empty((k, k), dtype=np.int8)
        rows = max(1, _CHUNK // max(k, 1))
        for start in range(0, k, rows):
            x, y = np.meshgrid(np.arange(start, min(start + rows, k)), np.arange(start, k), indexing="ij")
            table[x, y] = table[y, x] = self._levels(x.ravel(), y.ravel()).reshape(x.shape)
        return table

    def _levels(self, x: Rows, y: Rows) -> Levels:
        sizes = self._size[x], self._size[y]
        of, one, other = self._members_of(x, y)
        common = np.bincount(of, self._name[one] == self._name[other], minlength=len(x))
        levels = np.full(len(x), DISJOINT, dtype=np.int8)
        levels[common > 0] = SIMILAR
        code = one * self._members + other
        known, where = np.unique(code, return_inverse=True)
        levels[of[self._alike(self._name[known // self._members], self._name[known % self._members])[where]]] = SIMILAR
        if len(self._tied):
            near = np.minimum(np.searchsorted(self._tied, known), len(self._tied) - 1)
            levels[of[(self._tied[near] == known)[where]]] = TIED
        levels[(common == sizes[0]) & (common == sizes[1])] = SAME
        levels[(sizes[0] == 0) | (sizes[1] == 0)] = UNKNOWN
        return levels

    def _members_of(self, x: Rows, y: Rows) -> tuple[Rows, Rows, Rows]:
        """Return each member of one side with each of the other, and of which pair of sides they are."""
        n, m = self._size[x], self._size[y]
        of = np.repeat(np.arange(len(x)), n * m)
        turn = np.arange(len(of)) - np.repeat(np.cumsum(n * m) - n * m, n * m)
        one, other = np.divmod(turn, m[of])
        return of, self._member[self._start[x[of]] + one], self._member[self._start[y[of]] + other]

    def _alike(self, one: Rows, other: Rows) -> Mask:
        """Return which names not on the register are spelt alike, by the letter triples they share."""
        shorter = np.minimum(self._letters[one], self._letters[other])
        alike: Mask = shorter >= _FEWEST_TRIPLES
        rows = np.flatnonzero(alike)
        shared = np.bitwise_count(self._triples[one[rows]] & self._triples[other[rows]]).sum(axis=1)
        alike[rows] = shared.astype(np.float32) > np.float32(_ALIKE) * shorter[rows]
        return alike


def compared(actor: str) -> str:
    """Return an actor as it is compared: its id, or its name with case, accents and the like taken away."""
    return UNRESOLVED + normalised_name(actor.removeprefix(UNRESOLVED)) if actor.startswith(UNRESOLVED) else actor


def _tied(members: list[tuple[str, int]], register: ActorRegister) -> Rows:
    """Return the codes of members that belong to, are counted under, or may be meant by another, either way, sorted."""
    known = [(row, name, at) for row, (name, at) in enumerate(members) if name in register.actors]
    by_name: dict[str, list[int]] = {}
    for row, name, _ in known:
        by_name.setdefault(name, []).append(row)
    found: set[int] = set()
    for row, name, at in known:
        wider = register.groups_of(name, at) | register.listed_under(name, at) | set(register.actors[name].may_contain)
        for other in wider - {name}:
            for column in by_name.get(other, ()):
                found |= {row * len(members) + column, column * len(members) + row}
    return np.array(sorted(found), dtype=np.int64)


def _triples(names: list[str]) -> npt.NDArray[np.uint64]:
    """Return the letter triples of each unresolved name as bits, shape (k, _BUCKETS / 64)."""
    bits = np.zeros((len(names), _BUCKETS // 64), dtype=np.uint64)
    for row, name in enumerate(names):
        if name.startswith(UNRESOLVED):
            padded = f" {name.removeprefix(UNRESOLVED)} "
            for start in range(len(padded) - 2):
                word, bit = divmod(_bucket(padded[start : start + 3]), 64)
                bits[row, word] |= np.uint64(1 << bit)
    return bits


def _bucket(triple: str) -> int:
    a, b, c = (ord(letter) for letter in triple)
    return (a * 961 + b * 31 + c) % _BUCKETS
