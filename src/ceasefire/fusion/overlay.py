"""Tables of millions of rows as they were, and what a day changed in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ceasefire.fusion.canonical import with_sorted_words

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a table.

    Parameters
    ----------
    gone : int64 array
        Rows that are no longer, ascending.
    at : int64 array, shape (k,)
        Before which row of the table as it was each new row goes, ascending.
    added : pa.Table, k rows
        The new rows, in order.
    """

    gone: Rows
    at: Rows
    added: pa.Table

    @property
    def growth(self) -> int:
        """How many rows there are more than there were."""
        return int(self.added.num_rows) - len(self.gone)

    def applied(self, table: pa.Table) -> pa.Table:
        """Return the table as it is now: what making it anew gives."""
        n = table.num_rows
        kept = np.ones(n, dtype=bool)
        kept[self.gone] = False
        old = np.flatnonzero(kept)
        order = np.argsort(np.concatenate([2 * old + 1, 2 * self.at]), kind="stable")
        rows = np.concatenate([old, n + np.arange(self.added.num_rows)])[order]
        joined = pa.concat_tables([table, self.added.cast(table.schema)]).unify_dictionaries().combine_chunks()
        return with_sorted_words(joined.take(pa.array(rows)).combine_chunks())

    def save(self, folder: Path, name: str) -> None:
        """Write it."""
        np.save(folder / f"{name}.gone.npy", self.gone)
        np.save(folder / f"{name}.at.npy", self.at)
        write_table(self.added, folder / f"{name}.added.arrow")

    @classmethod
    def load(cls, folder: Path, name: str) -> Change:
        """Read what `save` wrote."""
        return cls(
            np.load(folder / f"{name}.gone.npy"),
            np.load(folder / f"{name}.at.npy"),
            read_table(folder / f"{name}.added.arrow"),
        )


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table so that single rows can be read without the rest."""
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table.unify_dictionaries().combine_chunks())


def read_table(file: Path) -> pa.Table:
    """Return a table as it lies on disk, read where it is looked at."""
    return pa.ipc.open_file(pa.memory_map(str(file))).read_all()
