"""Checking the cells of rows column by column: what is wrong is collected for the row, and nothing is guessed.

A file is then accepted with its rejects listed, or refused whole when most of its rows are at fault.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.intake.reading import Rows, as_text
from ceasefire.model.errors import Fault, InputError
from ceasefire.model.rows import equal_rows, group_sizes

MISSING = pa.array(["", "NA", "N/A", "NULL", "null", "NaN", "nan", "None"])
"""Texts that stand for an empty cell in columns of numbers and dates."""
REFUSAL_SHARE = 0.5
"""A file of which more rows than this share are rejected is refused whole: it is not the file it claims to be."""
Mask = npt.NDArray[np.bool_]
_WHOLE_NUMBER = r"^[+-]?[0-9]{1,18}(\.0+)?$"
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
Fraction = Literal["down", "nearest", "up"]
_ROUND = {"down": pc.floor, "nearest": pc.round, "up": pc.ceil}
_MISSING_TEXTS = frozenset([None, *MISSING.to_pylist()])


@dataclass(frozen=True, slots=True)
class _Complaint:
    """One thing wrong with one column, in some rows."""

    bad: Mask
    column: str
    say: Callable[[str], str]
    why: str
    remedy: str


class CellChecks:
    """Reads columns of `rows` as numbers and dates, and keeps what is wrong, row by row."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.bad: Mask = np.zeros(rows.table.num_rows, dtype=bool)
        self._complaints: list[_Complaint] = []

    def complain(
        self, bad: Mask | pa.Array, column: str, say: str | Callable[[str], str], why: str, remedy: str
    ) -> None:
        """Note that the cells of `column` in the rows `bad` are wrong.

        Parameters
        ----------
        bad : bool array, one a row
            Null counts as false.
        say : str or function from the cell's text to str
            What is wrong, as the end of a sentence that begins with the column and its value.
        why, remedy : str
            One sentence each.
        """
        mask = bad if isinstance(bad, np.ndarray) else np.asarray(pc.fill_null(bad, False))
        if mask.any():
            self.bad |= mask
            self._complaints.append(_Complaint(mask, column, say if callable(say) else lambda _: say, why, remedy))

    def whole(
        self,
        column: str,
        *,
        why: str,
        low: int = 0,
        high: int = 10_000_000,
        required: bool = False,
        fraction: Fraction | None = None,
    ) -> pa.Array:
        """Return a column as int64; cells that are not whole numbers between `low` and `high` are complained of.

        Parameters
        ----------
        column : str
            Text or numbers.
        why : str
            Why a wrong cell matters.
        low, high : int
            Bounds, both allowed.
        required : bool
            Whether an empty cell is complained of.
        fraction : {"down", "nearest", "up"}, optional
            How to round a number that is not whole; by default it is complained of.
        """
        if fraction is None:
            values = self._cast(column, pa.int64(), _WHOLE_NUMBER, "not a whole number", why)
        else:
            numbers = self._cast(column, pa.float64(), _NUMBER, "not a number", why)
            values = pc.cast(_ROUND[fraction](numbers), pa.int64(), safe=False)
        beyond = pc.or_(pc.less(values, low), pc.greater(values, high))
        self.complain(
            beyond,
            column,
            lambda text: "negative" if low == 0 and text.startswith("-") else f"not between {low} and {high}",
            why,
            "Correct the cell, or leave it empty where the number is not known.",
        )
        if required:
            self._require(column, values, why)
        return values

    def number(
        self, column: str, *, why: str, low: float, high: float, required: bool = False, hint: str = ""
    ) -> pa.Array:
        """Return a column as float64; cells that are not numbers between `low` and `high` are complained of."""
        values = self._cast(column, pa.float64(), _NUMBER, "not a number", why)
        self.complain(
            pc.invert(pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))),
            column,
            f"not between {low:g} and {high:g}{hint}",
            why,
            "Correct the cell.",
        )
        if required:
            self._require(column, values, why)
        return values

    def days(
        self, column: str, *, why: str, required: bool = False, read: Callable[[str], date] | None = None
    ) -> pa.Array:
        """Return a column as date32; impossible dates are complained of.

        Parameters
        ----------
        column : str
            Text or a typed date.
        why : str
            Why a wrong cell matters.
        required : bool
            Whether an empty cell is complained of.
        read : function from text to date, optional
            Raises `ValueError` on what is no date; by default ISO 8601, with a time of day ignored.
        """
        array = self.rows.column(column)
        if read is None and (pa.types.is_timestamp(array.type) or pa.types.is_date(array.type)):
            values = pc.cast(array, pa.date32(), safe=False)
        else:
            distinct = as_text(array).dictionary_encode()
            read_days: list[date | None] = []
            broken: list[bool] = []
            for text in distinct.dictionary.to_pylist():
                day, wrong = None, False
                if text not in _MISSING_TEXTS:
                    try:
                        day = (read or _iso_day)(text)
                    except ValueError:
                        wrong = True
                read_days.append(day)
                broken.append(wrong)
            values = pa.array(read_days, pa.date32()).take(distinct.indices)
            self.complain(
                pa.array(broken, pa.bool_()).take(distinct.indices),
                column,
                "not a date that exists",
                why,
                "Correct the cell; write dates like 2017-09-27." if read is None else "Correct the cell.",
            )
        if required:
            self._require(column, values, why)
        return values

    def require_text(self, column: str, why: str) -> pa.Array:
        """Return a column as text; empty cells are complained of."""
        values = self.rows.text(column)
        self._require(column, values, why)
        return values

    def repeats(self, column: str, *, within: pa.Array | None = None) -> Mask:
        """Return the rows that repeat an earlier one whole; rows that share only their id are complained of.

        Neither of two contents under one id is better founded than the other, so all such rows are rejected.

        Parameters
        ----------
        column : str
            Holds the ids.
        within : pa.Array, optional
            What the ids are given within, such as the source, one a row.
        """
        ids = self.rows.text(column)
        codes = equal_rows([ids] if within is None else [ids, within])
        repeated = np.zeros(len(ids), dtype=bool)
        shared = np.flatnonzero((group_sizes(codes) > 1) & np.asarray(pc.is_valid(ids)))
        if not len(shared):
            return repeated
        some, code = self.rows.table.take(pa.array(shared)), codes[shared]
        content = equal_rows([pc.cast(some.column(name), pa.string()).combine_chunks() for name in some.column_names])
        order = np.lexsort((shared, content, code))
        repeated[shared[order[1:][(np.diff(code[order]) == 0) & (np.diff(content[order]) == 0)]]] = True
        contents: dict[int, set[int]] = defaultdict(set)
        lines: dict[str, list[int]] = defaultdict(list)
        for row, one, said in zip(shared.tolist(), code.tolist(), content.tolist(), strict=True):
            contents[one].add(said)
            lines[ids[row].as_py()].append(self.rows.lines[row])
        differing = shared[np.array([len(contents[one]) > 1 for one in code.tolist()])]
        bad = np.zeros(len(ids), dtype=bool)
        bad[differing] = True
        self.complain(
            bad,
            column,
            lambda text: f"given to rows of different content ({', '.join(str(line) for line in lines[text])})",
            "It cannot be known which of them the source means.",
            "Keep the right row, or give the other an id of its own.",
        )
        return repeated

    def _require(self, column: str, values: pa.Array, why: str) -> None:
        empty = np.asarray(pc.is_null(values)) & ~self._named(column)
        self.complain(empty, column, "empty", why, "Fill the cell in, or remove the row.")

    def _named(self, column: str) -> Mask:
        """Return the rows in which `column` is complained of already."""
        masks = [complaint.bad for complaint in self._complaints if complaint.column == column]
        return np.logical_or.reduce(masks) if masks else np.zeros_like(self.bad)

    def _cast(self, column: str, kind: pa.DataType, pattern: str, not_what: str, why: str) -> pa.Array:
        """Cast a column to numbers, with the cells that do not fit the pattern null and complained of."""
        array = self.rows.column(column)
        if pa.types.is_floating(array.type):
            array = pc.if_else(pc.is_nan(array), None, array)
            if pa.types.is_integer(kind):
                fits = pc.and_(pc.equal(array, pc.floor(array)), pc.less(pc.abs(array), 1e15))
                self.complain(pc.invert(fits), column, not_what, why, "Give whole numbers; leave unknown cells empty.")
                return pc.cast(pc.if_else(fits, array, None), kind)
        if pa.types.is_integer(array.type) or (pa.types.is_floating(array.type) and pa.types.is_floating(kind)):
            return pc.cast(array, kind)
        text = as_text(array)
        text = pc.if_else(pc.is_in(text, MISSING), None, text)
        try:
            return pc.cast(text, kind)
        except pa.ArrowInvalid:
            fits = pc.match_substring_regex(text, pattern)
        self.complain(
            pc.invert(fits),
            column,
            lambda cell: "a number with a comma" if re.fullmatch(r"[+-]?\d+(,\d+)+", cell) else not_what,
            why,
            "Write numbers with digits and, where needed, a decimal point; leave unknown cells empty.",
        )
        text = pc.replace_substring_regex(pc.if_else(fits, text, None), r"^\+", "")
        if pa.types.is_integer(kind):
            text = pc.replace_substring_regex(text, r"\.0+$", "")
        return pc.cast(text, kind)

    def rejects(self) -> list[Fault]:
        """Return one fault for each bad row, naming all that is wrong with it."""
        return [self._fault(int(row)) for row in np.flatnonzero(self.bad)]

    def refuse_if_mostly_bad(self) -> None:
        """Refuse the whole file when more than half of its rows are bad.

        Raises
        ------
        InputError
            With one fault for each kind of fault, counted, and the first line that has it.
        """
        rejected = int(self.bad.sum()) + len(self.rows.broken)
        if rejected <= REFUSAL_SHARE * self.rows.rows_in:
            return
        faults = [
            Fault(
                path=self.rows.path,
                what=f"{rejected} of {self.rows.rows_in} rows cannot be read, so the file is refused whole.",
                why="More than half of its rows are at fault, so it is not the file it is taken for.",
                remedy="Correct what is named below, and import it again.",
            )
        ]
        for complaint in self._complaints:
            first = int(np.flatnonzero(complaint.bad)[0])
            faults.append(
                Fault(
                    path=self.rows.path,
                    line=self.rows.lines[first],
                    column=self._place(complaint.column),
                    what=f"{self._said(complaint, first)}{_in_rows(int(complaint.bad.sum()))}.",
                    why=complaint.why,
                    remedy=complaint.remedy,
                )
            )
        raise InputError([*faults, *self.rows.broken[:1]])

    def _fault(self, row: int) -> Fault:
        complaints = [complaint for complaint in self._complaints if complaint.bad[row]]
        first = complaints[0]
        return Fault(
            path=self.rows.path,
            line=self.rows.lines[row],
            column=self._place(first.column),
            what="; ".join(self._said(complaint, row) for complaint in complaints) + ".",
            why=first.why,
            remedy=first.remedy,
        )

    def _said(self, complaint: _Complaint, row: int) -> str:
        value = self.rows.table.column(complaint.column)[row].as_py()
        text = "" if value is None else str(value).strip()
        said = complaint.say(text)
        return f'"{complaint.column}" is {said}' if said == "empty" else f'"{complaint.column}" is "{text}", {said}'

    def _place(self, column: str) -> int | None:
        return self.rows.names.index(column) + 1 if column in self.rows.names else None


def _in_rows(count: int) -> str:
    return f", and so in {count:,} rows" if count > 1 else ""


def _iso_day(text: str) -> date:
    """Read an ISO date; a time of day after it is ignored."""
    if len(text) > len("2017-05-04") and text[10] not in " T":
        raise ValueError(text)
    return date.fromisoformat(text[:10])
