"""Opening a file of rows, whatever it is.

Faults of the whole file (encoding, separator, columns, an end in the middle of a row) refuse it at once;
the cells are checked by `intake.cells`. Past 400 lines because every way in which a file can be
unreadable is told apart here, once, for all formats.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from ceasefire.model.canonical import sha256_hex
from ceasefire.model.errors import Fault, InputError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""What may stand between columns, and its name; the option takes either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A file's rows as columns, and where each row stands.

    Parameters
    ----------
    path : str
        As the user named it.
    table : pa.Table
        Well-formed rows; cells as text, or typed where the format has types.
    names : tuple of str
        All columns of the file in order.
    lines : sequence of int
        Line (of a text file), sheet row or record number of each row of `table`, from 1.
    broken : list of Fault
        Rows that have not the right number of fields; they are not in `table`.
    digest : str
        SHA-256 of the file.
    """

    path: str
    table: pa.Table
    names: tuple[str, ...]
    lines: Sequence[int]
    broken: list[Fault] = field(default_factory=list)
    digest: str = ""

    @property
    def rows_in(self) -> int:
        """Rows of data in the file."""
        return int(self.table.num_rows) + len(self.broken)

    def column(self, name: str) -> pa.Array:
        """Return one column in one piece."""
        chunks = self.table.column(name).combine_chunks()
        return chunks if isinstance(chunks, pa.Array) else pa.concat_arrays(chunks.chunks)

    def text(self, name: str) -> pa.Array:
        """Return one column as trimmed text, empty cells null."""
        array = as_text(self.column(name))
        return pc.if_else(pc.equal(array, ""), None, array)

    def require(self, wanted: Iterable[str], *, format_name: str) -> None:
        """Refuse the file unless it has all of `wanted`, naming all that are missing at once.

        Raises
        ------
        InputError
            Naming the missing columns and, for each, a column that may be meant.
        """
        missing = [name for name in wanted if name not in self.names]
        if not missing:
            return
        near = {name: difflib.get_close_matches(name, self.names, n=1, cutoff=0.75) for name in missing}
        meant = "; ".join(f'"{found[0]}" may be meant for "{name}"' for name, found in near.items() if found)
        plural = len(missing) > 1
        raise InputError.single(
            self.path,
            f"{'columns' if plural else 'column'} {_quoted(missing)} {'are' if plural else 'is'} missing.",
            f"{format_name} is not complete without {'them' if plural else 'it'}. "
            f"The file has: {', '.join(self.names[:40])}.",
            f"Add or rename {'them' if plural else 'it'}{f' ({meant})' if meant else ''}.",
            line=1,
        )


def open_rows(
    path: str | Path,
    *,
    columns: Iterable[str] | None = None,
    separator: str | None = None,
    content: bytes | None = None,
) -> Rows:
    """Open a file of rows: delimited text, Parquet, a workbook's first sheet, or JSON records.

    The content decides, not the file's ending.

    Parameters
    ----------
    path : str or Path
        The file.
    columns : iterable of str, optional
        Columns to read, as far as the file has them; by default all.
    separator : str, optional
        Of delimited text: one character, or ``comma``, ``semicolon``, ``tab``, ``bar``. Commas are expected
        where it is not given, and a file that is separated by something else is refused, not guessed at.
    content : bytes, optional
        Of a file that is not to be read from a disk; `path` is then its name only.

    Returns
    -------
    Rows

    Raises
    ------
    InputError
        When the file cannot be read as rows at all.
    """
    name, wanted = str(path), None if columns is None else frozenset(columns)
    try:
        data = Path(path).read_bytes() if content is None else content
    except OSError as error:
        raise InputError.single(
            name, f"cannot be read: {error.strerror}.", "Nothing was imported.", "Check the path and its permissions."
        ) from error
    if not data.strip():
        raise InputError.single(
            name, "is empty.", "A batch without rows would pass for a day without events.", "Give the complete file."
        )
    if data[:4] == b"PAR1":
        rows = _parquet(name, data, wanted)
    elif data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        rows = _workbook(name, data)
    elif data[:2] == b"\x1f\x8b":
        raise InputError.single(name, "is compressed.", "Its rows cannot be read as it is.", "Unpack it first: gunzip.")
    else:
        text = _utf8(name, data)
        rows = _json(name, text) if text.lstrip()[:1] in (b"[", b"{") else _delimited(name, text, wanted, separator)
    if rows.rows_in == 0:
        raise InputError.single(
            name,
            "has a header and no rows.",
            "A batch without rows would pass for a day without events.",
            "Give the complete file.",
            line=1,
        )
    return replace(rows, digest=sha256_hex(data))


def _utf8(path: str, data: bytes) -> bytes:
    """Return the text of the file without its byte order mark, or refuse what is not UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4096].count(0) > len(data[:4096]) // 4:
        raise InputError.single(
            path,
            "is encoded as UTF-16, not UTF-8.",
            "Every name and number in it would be misread.",
            "Save it as UTF-8 (in a spreadsheet: CSV UTF-8), or convert it: iconv -f UTF-16 -t UTF-8.",
            line=1,
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError.single(
            path,
            f"byte 0x{data[error.start]:02X} is not UTF-8; the file looks like Windows-1252 or Latin-1.",
            "Names with accents or in other scripts would be read as something else.",
            "Save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8.",
            line=data.count(b"\n", 0, error.start) + 1,
        ) from error
    if (null := data.find(b"\0")) >= 0:
        raise InputError.single(
            path,
            "has a NUL byte, which no text file has.",
            "The file is damaged, or is not text.",
            "Fetch it again; if it is whole, remove the NUL bytes.",
            line=data.count(b"\n", 0, null) + 1,
        )
    return data


def _delimited(path: str, data: bytes, wanted: frozenset[str] | None, separator: str | None) -> Rows:
    """Read delimited text; every cell stays text, for the checks to say what is wrong with it."""
    header, separator = _header(path, data, separator)
    names = tuple(header)
    if data.count(b'"') % 2:
        raise InputError.single(
            path,
            "has a quotation mark that is opened and not closed.",
            "All that follows it would be read as one cell, or the file was cut.",
            'Close it, or write "" for a quotation mark within a cell; if the file was cut, fetch it again.',
            line=_first_odd_quote(data),
        )
    broken: list[pv.InvalidRow] = []
    try:
        table = pv.read_csv(
            pa.BufferReader(data),
            read_options=pv.ReadOptions(column_names=list(names), skip_rows_after_names=1, block_size=1 << 24),
            parse_options=pv.ParseOptions(
                delimiter=separator,
                newlines_in_values=b'"' in data,
                invalid_row_handler=_skip_into(broken),
            ),
            convert_options=pv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[name for name in names if wanted is None or name in wanted],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError.single(
            path,
            f"cannot be read as rows: {error}.",
            "Nothing was imported.",
            "Fetch the file again, or export it anew as CSV.",
        ) from error
    lines: Sequence[int] = range(2, table.num_rows + 2)
    faults: list[Fault] = []
    if broken or data.count(b"\n") + (not data.endswith(b"\n")) != table.num_rows + 1:
        lines, faults = _line_numbers(path, data, separator, len(names))
    return Rows(path=path, table=table, names=names, lines=lines, broken=faults)


def _skip_into(broken: list[pv.InvalidRow]) -> Callable[[pv.InvalidRow], str]:
    def note(row: pv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    return note


def _header(path: str, data: bytes, separator: str | None) -> tuple[list[str], str]:
    """Return the column names and the separator, or refuse an unexpected one and repeated names."""
    first = data[: 1 << 20].splitlines()[0].decode("utf-8", errors="replace")
    words = {word: sign for sign, word in SEPARATORS.items()} | {"\\t": "\t"}
    given = words.get(separator, separator) if separator else ","
    if separator is None:
        counts = {sign: first.count(sign) for sign in SEPARATORS}
        likely = max(counts, key=lambda sign: counts[sign])
        if counts[likely] > counts[","]:
            raise InputError.single(
                path,
                f"its columns are separated by {SEPARATORS[likely]}s, not commas.",
                "Read by commas, every row would be one cell.",
                f"Import it with --separator {SEPARATORS[likely]}, or save it with commas.",
                line=1,
            )
    if len(given) != 1:
        raise InputError.single(
            path,
            f'"{separator}" cannot separate columns.',
            "A separator is one character.",
            f"Give --separator one of: {', '.join(SEPARATORS.values())}, or one character.",
        )
    names = [name.strip() for name in next(csv.reader([first], delimiter=given))]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError.single(
            path,
            f"names {_quoted(repeated)} more than once in its header.",
            "It cannot be known which column is meant.",
            "Rename or remove the repeated columns.",
            line=1,
        )
    return names, given


def _first_odd_quote(data: bytes) -> int:
    """Return the first line whose quotation marks do not pair, which is where to look first."""
    return next(number for number, line in enumerate(data.split(b"\n"), start=1) if line.count(b'"') % 2)


def _line_numbers(path: str, data: bytes, separator: str, width: int) -> tuple[list[int], list[Fault]]:
    """Go through the text once more, row by row, for the line of each good row and a fault for each bad one.

    Raises
    ------
    InputError
        When the last row is short and has no line end: the file was cut.
    """
    good: list[int] = []
    bad: list[Fault] = []
    reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=separator)
    next(reader)
    line, cut, line_of_last = reader.line_num + 1, False, 0
    for cells in reader:
        line_of_last = line if cells else line_of_last
        if len(cells) == width:
            good.append(line)
        elif cells:
            cut = len(cells) < width
            what = f"has {len(cells)} fields where the header has {width}."
            why = "Its cells cannot be put under their columns."
            remedy = "Quote cells that hold the separator, or restore the missing ones."
            bad.append(Fault(path=path, line=line, what=what, why=why, remedy=remedy))
        line = reader.line_num + 1
    if bad and cut and not data.endswith((b"\n", b"\r")) and line_of_last == bad[-1].line:
        raise InputError.single(
            path,
            f"ends in the middle of a row: the last one {bad[-1].what}",
            "The file was cut, and rows after this one are missing.",
            "Fetch or copy the file again.",
            line=bad[-1].line,
        )
    return good, bad


def _parquet(path: str, data: bytes, wanted: frozenset[str] | None) -> Rows:
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        names = tuple(file.schema_arrow.names)
        table = file.read(columns=None if wanted is None else [name for name in names if name in wanted])
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError.single(
            path,
            "begins as a Parquet file and cannot be read as one.",
            f"It was cut or damaged ({str(error).splitlines()[0]}).",
            "Fetch or copy the file again.",
        ) from error
    return Rows(path=path, table=table, names=names, lines=range(1, table.num_rows + 1))


def _workbook(path: str, data: bytes) -> Rows:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        cells = book.get_sheet_by_index(0).to_python()
    except (CalamineError, BadZipFile, OSError, IndexError) as error:
        raise InputError.single(
            path,
            "is a ZIP archive or a damaged workbook.",
            "Rows can be read from a workbook, but not from an archive.",
            "Unpack it first, and import the file within.",
        ) from error
    header = [str(cell).strip() for cell in cells[0]] if cells else []
    names = tuple(name for name in header if name)
    records = [(number, row) for number, row in enumerate(cells[1:], start=2) if any(cell != "" for cell in row)]
    columns = {
        name: pa.array([_cell_text(row[place]) for _, row in records], pa.string())
        for place, name in enumerate(header)
        if name
    }
    return Rows(path=path, table=pa.table(columns), names=names, lines=[number for number, _ in records])


def _json(path: str, text: bytes) -> Rows:
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        content = []
        for number, line in enumerate(text.decode("utf-8").splitlines(), start=1):
            try:
                content += [json.loads(line)] if line.strip() else []
            except json.JSONDecodeError as error:
                raise InputError.single(
                    path,
                    f"is not JSON: {error.msg}.",
                    "The file was cut, or is something else.",
                    "Give a list of records, or one record a line.",
                    line=number,
                    column=error.colno,
                ) from error
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        content = lists[0] if len(lists) == 1 else [content]
    if not all(isinstance(record, dict) for record in content):
        raise InputError.single(
            path,
            "is JSON, but not a list of records.",
            "Rows need named values.",
            'Write it as [{"id": ..., ...}, ...].',
        )
    flat = [_flattened(record) for record in content]
    names = tuple(dict.fromkeys(key for record in flat for key in record))
    columns = {name: pa.array([record.get(name) for record in flat], pa.string()) for name in names}
    table = pa.table(columns) if names else pa.table({"": pa.array([], pa.string())})
    return Rows(path=path, table=table, names=names, lines=range(1, len(flat) + 1))


def _flattened(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """Return nested values under dotted names."""
    flat: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= _flattened(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = _cell_text(value)
    return flat


def _cell_text(value: Any) -> str | None:
    """Write a typed cell as the text a person sees in it."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()  # a spreadsheet's date: the midnight is the format's, not the author's
    if isinstance(value, datetime | date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


def as_text(array: pa.Array) -> pa.Array:
    """Return a column of any type as trimmed text."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if not pa.types.is_string(array.type):
        array = pc.cast(array, pa.string())
    return pc.utf8_trim_whitespace(array)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
