"""Keys of one space tell apart: whatever holds a row of a data set is not of one event with another row of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_BITS = 64


class KeySpaces:
    """Of which spaces each group of reports has keys, as bits: spaces are few.

    Reports of one key are of one group, so two groups that have keys of one space have different ones.

    Parameters
    ----------
    group : int64 array, shape (n,)
        Smallest row of the group each report is in.
    keys, spaces : int64 array, shape (n,)
        The key of each report, -1 for none, and the space of that key.
    """

    def __init__(self, group: Rows, keys: Rows, spaces: Rows) -> None:
        keyed = np.flatnonzero(keys >= 0)
        names, space = np.unique(spaces[keyed], return_inverse=True)
        heads, place = np.unique(group[keyed], return_inverse=True)
        self.names: Rows = names
        words = max(-(-len(names) // _BITS), 1)
        bits = np.zeros((len(heads) + 1) * words, dtype=np.uint64)
        np.bitwise_or.at(bits, (place + 1) * words + space // _BITS, np.uint64(1) << (space % _BITS).astype(np.uint64))
        self._bits = bits.reshape(-1, words)
        self._place = np.zeros(len(group), dtype=np.int64)  # 0: no key
        self._place[heads] = np.arange(1, len(heads) + 1)

    def meet(self, one: Rows, other: Rows) -> Mask:
        """Return which two groups, given by their smallest rows, are told apart by keys; none with itself."""
        x, y = self._place[one], self._place[other]
        found: Mask = (x > 0) & (y > 0) & (one != other)
        both = np.flatnonzero(found)
        found[both] = (self._bits[x[both]] & self._bits[y[both]]).any(axis=1)
        return found

    def join(self, into: Rows, gone: Rows) -> None:
        """Let groups take over what others have, each of which occurs once."""
        if len(self._bits) == 1:
            return
        x, y = self._place[into], self._place[gone]
        both = np.flatnonzero((x > 0) & (y > 0))
        self._bits[x[both]] |= self._bits[y[both]]
        self._place[into] = np.where(x > 0, x, y)

    def kinds(self, group: Rows) -> tuple[Rows, list[tuple[int, ...]]]:
        """Return for groups the number of their set of spaces, and these sets; the first one is empty."""
        sets, kind = np.unique(self._bits, axis=0, return_inverse=True)
        told = [
            tuple(int(name) for n, name in enumerate(self.names) if words[n // _BITS] >> (n % _BITS) & 1)
            for words in sets.tolist()
        ]
        return np.asarray(kind.ravel()[self._place[group]], dtype=np.int64), told
