"""Whose word a report rests on in the end: five outlets that quote one observatory are one voice.

A source that draws on others speaks with their voice, and those may draw on others in turn. What counts as
corroboration is where the chains end. Sources that draw on one another in a circle have no end: they are one voice,
named after the first of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.canonical import whole


def ends_of(draws_on: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return for each source named where its chains end: itself, where it draws on nobody.

    Parameters
    ----------
    draws_on : mapping of str to sequence of str
        Sources and those they draw on; these need not be keys themselves.

    Examples
    --------
    >>> ends_of({"daily": ["agency"], "agency": ["observatory"], "a": ["b"], "b": ["a"]})["daily"]
    ('observatory',)
    >>> ends_of({"a": ["b"], "b": ["a"], "c": ["b"]})
    {'a': ('a',), 'b': ('a',), 'c': ('a',)}
    """
    names = sorted({*draws_on, *(other for others in draws_on.values() for other in others)})
    reach = {name: _reach(name, draws_on) for name in names}
    # a chain ends where all that is drawn on draws on it in turn: at one source, or at a circle of them
    final = {name: min(reach[name]) for name in names if all(name in reach[other] for other in reach[name])}
    return {name: tuple(sorted({final[end] for end in reach[name] if end in final})) for name in names}


def _reach(start: str, draws_on: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return a source and all it draws on, through others too."""
    found, waiting = {start}, [start]
    while waiting:
        for other in draws_on.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return frozenset(found)


def traced(reports: pa.Table, draws_on: Mapping[str, Sequence[str]]) -> pa.Table:
    """Return the reports with the ends of their chains as `lineage`.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`.
    draws_on : mapping of str to sequence of str
        As for `ends_of`; a chain that is not named in it ends where the report says.

    Returns
    -------
    pa.Table
        Each report's chains once, sorted; a source without a lineage is its own.
    """
    if not reports.num_rows:
        return reports
    ends = ends_of(draws_on)
    lineage = whole(reports["lineage"])
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lineage), 0))
    source = whole(reports["source_id"]).cast(pa.string())
    row = np.r_[np.repeat(np.arange(len(lengths)), lengths), np.flatnonzero(lengths == 0)]
    named = pa.concat_arrays([lineage.flatten(), source.filter(pa.array(lengths == 0))]).dictionary_encode()
    words = sorted({end for word in named.dictionary.to_pylist() for end in ends.get(word, (word,))})
    place = {word: number for number, word in enumerate(words)}
    chains = [[place[end] for end in ends.get(word, (word,))] for word in named.dictionary.to_pylist()]
    codes = np.asarray(named.indices.fill_null(-1), dtype=np.int64)  # a source that is not named is no lineage
    row, codes = row[codes >= 0], codes[codes >= 0]
    width = np.array([len(chain) for chain in chains], dtype=np.int64)
    flat = np.array([end for chain in chains for end in chain], dtype=np.int64)
    starts = np.cumsum(width) - width
    n = width[codes]
    item = flat[np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n) + np.repeat(starts[codes], n)]
    pairs = np.unique(np.repeat(row, n) * (len(words) + 1) + item)
    row, item = pairs // (len(words) + 1), pairs % (len(words) + 1)
    offsets = np.r_[0, np.cumsum(np.bincount(row, minlength=reports.num_rows))].astype(np.int32)
    column = pa.ListArray.from_arrays(pa.array(offsets), pa.array(words, pa.string()).take(pa.array(item)))
    return reports.set_column(reports.schema.get_field_index("lineage"), reports.schema.field("lineage"), column)
