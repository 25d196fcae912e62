"""How much of their wording two texts share, in any language: the rarer a word, the more it counts.

Words are compared by their first letters, without accents, so that endings matter little; where a script writes no
spaces, by each two letters that follow one another. Figures are left out: tolls and dates are compared by themselves.
How rare a word is, is learned and kept with the weights: what else is in the table has no say in how two texts compare.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_LETTERS = 5  # of a word: "clash", "clashes" and "clashed" are one
_PIECES = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
RAREST = 1e-3
"""Share of texts that a word counts as having that is rarer, or that learning did not meet."""
_MOST_LEARNED = 1_000
FEWEST = 5
"""A text of fewer words repeats what the fields say, or is a form's: its wording tells nothing."""
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Wordings:
    """The words of k distinct texts.

    Parameters
    ----------
    starts : int64 array, shape (k + 1,)
        Where each text's words begin in `words`.
    words : int64 array
        Places in `vocabulary`, ascending within a text, each once.
    vocabulary : tuple of str
    """

    starts: Rows
    words: Rows
    vocabulary: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.starts) - 1


def words_of(text: str) -> set[str]:
    """Return the words of a text as they are compared.

    Examples
    --------
    >>> sorted(words_of("Clashes à Duékoué: 14 killed"))
    ['a', 'clash', 'dueko', 'kille']
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    found: set[str] = set()
    for piece in _PIECES.findall(plain):
        for run in _UNSPACED.findall(piece):
            found.update(run[start : start + 2] for start in range(max(len(run) - 1, 1)))
        found.update(word[:_LETTERS] for word in _UNSPACED.sub(" ", piece).split())
    return found


def wordings_of(texts: pa.Array) -> tuple[Wordings, Rows]:
    """Return the words of the distinct texts, and which of them each report has; -1 for texts of few words or none."""
    encoded = texts.dictionary_encode()
    bags = [sorted(words_of(text or "")) for text in encoded.dictionary.to_pylist()]
    vocabulary = sorted({word for bag in bags for word in bag})
    place = {word: number for number, word in enumerate(vocabulary)}
    lengths = np.array([len(bag) for bag in bags], dtype=np.int64)
    words = np.array([place[word] for bag in bags for word in bag], dtype=np.int64)
    codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
    if len(bags):
        codes = np.where((codes >= 0) & (lengths[codes] < FEWEST), -1, codes)
    return Wordings(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), words, tuple(vocabulary)), codes


def common_words(wordings: Wordings, texts: Rows) -> tuple[tuple[str, float], ...]:
    """Return the most common words, and in what share of the reports with a text each occurs.

    Parameters
    ----------
    wordings : Wordings
    texts : int64 array, shape (n,)
        Which text each report has; -1 for none.
    """
    told = texts[texts >= 0]
    if not len(told):
        return ()
    times = np.bincount(told, minlength=len(wordings))
    counts = np.bincount(wordings.words, np.repeat(times, np.diff(wordings.starts)), minlength=len(wordings.vocabulary))
    common = np.flatnonzero((counts > 1) & (counts > RAREST * len(told)))
    ranked = sorted(common.tolist(), key=lambda word: (-counts[word], word))
    shares = {wordings.vocabulary[word]: float(counts[word] / len(told)) for word in ranked[:_MOST_LEARNED]}
    return tuple(sorted(shares.items()))


class Likeness:
    """How much of their wording any two of some texts share, under learned shares of words.

    Parameters
    ----------
    wordings : Wordings
    shares : sequence of (str, float)
        Of `common_words`.
    """

    def __init__(self, wordings: Wordings, shares: Sequence[tuple[str, float]]) -> None:
        share: Mapping[str, float] = dict(shares)
        rarity = np.array([share.get(word, RAREST) for word in wordings.vocabulary], dtype=np.float64)
        self._weight: Floats = np.log(np.clip(rarity, RAREST, 1.0)) ** 2
        self._starts, self._words = wordings.starts, wordings.words
        self._of = np.repeat(np.arange(len(wordings)), np.diff(self._starts))
        self._v = max(len(wordings.vocabulary), 1)
        self._keys = self._of * self._v + self._words
        self.length: Floats = np.sqrt(np.bincount(self._of, self._weight[self._words], minlength=len(wordings)))

    def of(self, x: Rows, y: Rows) -> Floats:
        """Return the cosine of each two texts; NaN where one has no word that tells anything.

        Parameters
        ----------
        x, y : int64 arrays, shape (p,)
            Places of texts.
        """
        n = len(self.length)
        pairs, where = np.unique(np.minimum(x, y) * n + np.maximum(x, y), return_inverse=True)
        x, y = np.divmod(pairs, max(n, 1))
        long = np.diff(self._starts)
        swap = long[x] > long[y]  # the shorter is looked up in the longer
        x, y = np.where(swap, y, x), np.where(swap, x, y)
        common = np.concatenate([np.zeros(0), *(self._common(x[rows], y[rows]) for rows in self._chunks(long[x]))])
        both = self.length[x] * self.length[y]
        cosine = np.where(both > 0, common / np.where(both > 0, both, 1), np.nan)
        return np.asarray(cosine[where.reshape(-1)])

    @staticmethod
    def _chunks(lengths: Rows) -> Iterable[slice]:
        ends = np.cumsum(lengths)
        start = 0
        while start < len(lengths):
            before = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, before + _CHUNK, side="right")))
            yield slice(start, stop)
            start = stop

    def _common(self, x: Rows, y: Rows) -> Floats:
        """Return the summed squared weight of the words that two texts share."""
        counts = self._starts[x + 1] - self._starts[x]
        pair = np.repeat(np.arange(len(x)), counts)
        before = np.cumsum(counts) - counts
        words = self._words[np.arange(len(pair)) - np.repeat(before - self._starts[x], counts)]
        key = y[pair] * self._v + words
        found = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        hit = self._keys[found] == key
        return np.asarray(np.bincount(pair[hit], self._weight[words[hit]], minlength=len(x)), dtype=np.float64)
