"""What reading a file of reports gives: the reports, the rows refused, and a count that adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from ceasefire.model.errors import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """The outcome of reading one file; `rows_in == accepted + rejected + duplicates` always holds.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, one row for each accepted row, in file order. `recorded_at` is null:
        the ledger gives it.
    rejects : list of Fault
        One for each rejected row, naming all that is wrong with it.
    rows_in : int
        Rows of data in the file, blank lines not counted.
    duplicates : int
        Rows that repeat an earlier row's id and content.
    notes : mapping of str to int
        Flag key to the number of accepted rows that carry it.

    Raises
    ------
    ValueError
        When the counts do not add up: a fault of the reader, never of the file.
    """

    reports: pa.Table
    rejects: list[Fault]
    rows_in: int
    duplicates: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse counts that do not add up."""
        if self.rows_in != self.accepted + self.rejected + self.duplicates:
            raise ValueError(
                f"{self.rows_in} rows in, but {self.accepted} accepted, {self.rejected} rejected "
                f"and {self.duplicates} duplicates"
            )

    @property
    def accepted(self) -> int:
        """Rows that became reports."""
        return int(self.reports.num_rows)

    @property
    def rejected(self) -> int:
        """Rows that were refused and listed."""
        return len(self.rejects)
