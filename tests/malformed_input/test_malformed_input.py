"""A gallery of bad input files: each is refused whole, or read with its rejects listed, and says why where it is.

Each case changes `good.csv`, a UCDP GED file of eight rows, in one way.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.csv as pv
import pyarrow.parquet as pq
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.intake.results import ReadResult
from ceasefire.intake.ucdp_ged import read_ucdp_ged
from ceasefire.model.errors import InputError

GOOD = Path(__file__).parent / "good.csv"
ROWS = 8
Change = Callable[[bytes], bytes]


def replaced(old: str, new: str, count: int = -1) -> Change:
    """Return the change of `old` into `new`, refusing to change nothing."""

    def change(data: bytes) -> bytes:
        assert old.encode() in data, f"{old!r} is not in the good file"
        return data.replace(old.encode(), new.encode(), count)

    return change


def rewritten(separator: str) -> Change:
    """Return the change of the separator, quoting as a spreadsheet would."""

    def change(data: bytes) -> bytes:
        target = io.StringIO()
        writer = csv.writer(target, delimiter=separator, lineterminator="\n")
        writer.writerows(csv.reader(io.StringIO(data.decode())))
        return target.getvalue().encode()

    return change


def without(*names: str) -> Change:
    """Return the removal of columns."""

    def change(data: bytes) -> bytes:
        target = io.BytesIO()
        pv.write_csv(pv.read_csv(io.BytesIO(data)).drop_columns(list(names)), target)
        return target.getvalue()

    return change


def exchanged(data: bytes) -> bytes:
    """Return the file with the cells of latitude and longitude exchanged in every row."""
    rows = list(csv.reader(io.StringIO(data.decode())))
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([*row[:12], row[13], row[12], *row[14:]] for row in rows[1:])
    return target.getvalue().encode()


def parquet(data: bytes) -> bytes:
    """Return the file as Parquet."""
    target = io.BytesIO()
    pq.write_table(pv.read_csv(io.BytesIO(data)), target)
    return target.getvalue()


def zipped(data: bytes) -> bytes:
    """Return the file in a ZIP archive, as the yearly release comes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("ged.csv", data)
    return target.getvalue()


REFUSED: dict[str, tuple[Change, tuple[str, ...]]] = {
    "empty": (lambda _: b"", ("ged.csv: is empty.", "Give the complete file.")),
    "blank": (lambda _: b"\n \n", ("ged.csv: is empty.",)),
    "header-only": (lambda data: data.split(b"\n")[0] + b"\n", ("ged.csv:1: has a header and no rows.",)),
    "utf-16": (
        lambda data: data.decode().encode("utf-16"),
        ("ged.csv:1: is encoded as UTF-16, not UTF-8.", "iconv -f UTF-16 -t UTF-8"),
    ),
    "utf-16-unmarked": (lambda data: data.decode().encode("utf-16-le"), ("is encoded as UTF-16",)),
    "cp1252": (
        lambda data: data.replace(b"Old Ferry", b"Vieux B\xe9c"),
        ("ged.csv:4: byte 0xE9 is not UTF-8", "Windows-1252", "iconv -f WINDOWS-1252 -t UTF-8"),
    ),
    "nul-byte": (lambda data: data.replace(b"Millbridge", b"Mill\0ridge"), ("ged.csv:3: has a NUL byte",)),
    "semicolons": (
        rewritten(";"),
        ("ged.csv:1: its columns are separated by semicolons, not commas.", "--separator semicolon"),
    ),
    "tabs": (rewritten("\t"), ("separated by tabs, not commas.", "--separator tab")),
    "bars": (rewritten("|"), ("separated by bars, not commas.", "--separator bar")),
    "missing-columns": (
        without("latitude", "longitude", "best"),
        (
            'ged.csv:1: columns "latitude", "longitude", "best" are missing.',
            "A UCDP GED file is not complete without them. The file has: id, type_of_violence,",
        ),
    ),
    "misspelled-column": (
        replaced("latitude", "latitudes"),
        ('column "latitude" is missing.', '"latitudes" may be meant for "latitude"'),
    ),
    "upper-case-columns": (
        lambda data: data.split(b"\n", 1)[0].upper() + b"\n" + data.split(b"\n", 1)[1],
        ('columns "id", "type_of_violence"', "are missing."),
    ),
    "repeated-column": (replaced("adm_2", "adm_1"), ('ged.csv:1: names "adm_1" more than once in its header.',)),
    "cut-in-a-row": (
        lambda data: data[:-40],
        ("ged.csv:9: ends in the middle of a row: the last one has", "25.", "Fetch or copy the file again."),
    ),
    "cut-in-quotes": (
        lambda data: data[: data.index(b"Delta Guard, Sons")],
        ("ged.csv:3: has a quotation mark that is opened and not closed.",),
    ),
    "open-quote": (replaced("Old Ferry", '"Old Ferry'), ("ged.csv:4: has a quotation mark that is opened",)),
    "all-exchanged": (
        exchanged,
        ('ged.csv:1:13: in 8 of 8 rows "priogrid_gid" is the cell', 'Exchange the columns "latitude" and "longitude".'),
    ),
    "mostly-bad-dates": (
        replaced("2021-03", "2021-13"),
        (
            "ged.csv: 8 of 8 rows cannot be read, so the file is refused whole.",
            '"date_start" is "2021-13-01", not a date that exists, and so in 7 rows.',
            '"date_end" is "2021-13-01", not a date that exists, and so in 8 rows.',
        ),
    ),
    "one-column-of-commas": (
        lambda data: b"\n".join(b'"' + line.replace(b'"', b'""') + b'"' for line in data.splitlines()) + b"\n",
        ("are missing.",),
    ),
    "cut-parquet": (
        lambda data: parquet(data)[:-200],
        ("ged.csv: begins as a Parquet file and cannot be read as one.", "Fetch or copy the file again."),
    ),
    "zip": (zipped, ("ged.csv: is a ZIP archive or a damaged workbook.", "Unpack it first")),
    "gzip": (gzip.compress, ("ged.csv: is compressed.", "gunzip")),
    "web-page": (lambda _: b"<!DOCTYPE html>\n<html><body>403 Forbidden</body></html>\n", ("are missing.",)),
    "json": (lambda _: b'{"error": "rate limit"}', ("are missing.", "The file has: error.")),
    "cut-json": (lambda _: b'[{"id": 1, "type_of_viol', ("ged.csv:1:", "is not JSON")),
}

REJECTED: dict[str, tuple[Change, int, tuple[str, ...]]] = {
    "text-in-number": (
        replaced("0,0,7,0,7,7,7", "0,0,seven,0,7,7,7"),
        1,
        ('ged.csv:4:21: "deaths_civilians" is "seven", not a whole number.', "A toll that cannot be read"),
    ),
    "fraction-of-a-person": (replaced("0,0,7,0,7,7,7", "0,0,7,0,7,7.5,7"), 1, ('"best" is "7.5", not a whole number',)),
    "decimal-comma": (
        replaced("10.25,30.45", '"10,25","30,45"'),
        1,
        ('ged.csv:4:13: "latitude" is "10,25", a number with a comma; "longitude" is "30,45"', "decimal point"),
    ),
    "negative-toll": (replaced("0,0,7,0,7,7,7", "0,0,7,0,-7,7,7"), 1, ('ged.csv:4:23: "low" is "-7", negative.',)),
    "absurd-toll": (replaced("0,0,7,0,7,7,7", "0,0,7,0,7,7,99999999999"), 1, ('"high" is "99999999999", not between',)),
    "impossible-date": (
        replaced("2021-03-03,2021-03-03", "2021-02-30,2021-03-03"),
        1,
        ('ged.csv:4:17: "date_start" is "2021-02-30", not a date that exists.', "2017-09-27"),
    ),
    "day-first-date": (
        replaced("2021-03-03,2021-03-03", "03/03/2021,2021-03-03"),
        1,
        ('"date_start" is "03/03/2021"',),
    ),
    "no-date": (replaced("2021-03-03,2021-03-03", ",2021-03-03"), 1, ('ged.csv:4:17: "date_start" is empty.',)),
    "end-before-start": (
        replaced("2021-03-03,2021-03-03", "2021-03-03,2021-03-02"),
        1,
        ('ged.csv:4:18: "date_end" is "2021-03-02", before date_start.',),
    ),
    "latitude-beyond-90": (
        replaced("10.25,30.45,144421", "130.45,10.25,"),
        1,
        ('ged.csv:4:13: "latitude" is "130.45", exchanged with the longitude, it seems.', "between -90 and 90"),
    ),
    "one-exchanged": (
        replaced("10.25,30.45,", "30.45,10.25,"),
        1,
        ('ged.csv:4:13: "latitude" is "30.45", exchanged with the longitude, it seems.',),
    ),
    "longitude-beyond-180": (
        replaced("30.45,144421", "330.45,"),
        1,
        ('"longitude" is "330.45", not between -180 and 180',),
    ),
    "unknown-precision": (
        replaced("2021-03-04,1,Old Ferry", "2021-03-04,9,Old Ferry"),
        1,
        ('ged.csv:4:9: "where_prec" is "9", not between 1 and 7.',),
    ),
    "no-precision": (replaced("2021-03-04,1,Old Ferry", "2021-03-04,,Old Ferry"), 1, ('"where_prec" is empty.',)),
    "unknown-kind": (
        replaced("103,3,21", "103,4,21"),
        1,
        ('ged.csv:4:2: "type_of_violence" is "4", not between 1 and 3',),
    ),
    "no-id": (replaced("103,3,21", ",3,21"), 1, ('ged.csv:4:1: "id" is empty.',)),
    "no-side": (replaced("21,Upland Front,1,Civilians", "21,,1,Civilians"), 1, ('ged.csv:4:4: "side_a" is empty.',)),
    "too-few-fields": (
        replaced("0,0,7,0,7,7,7", "0,0,7,0,7,7"),
        1,
        ("ged.csv:4: has 24 fields where the header has 25.",),
    ),
    "too-many-fields": (replaced("Old Ferry", "Old, Ferry"), 1, ("ged.csv:4: has 26 fields where the header has 25.",)),
    "id-of-two-contents": (
        replaced("103,3,21", "101,3,21"),
        2,
        ('ged.csv:2:1: "id" is "101", given to rows of different content (2, 4).', 'ged.csv:4:1: "id" is "101"'),
    ),
    "several-in-one-row": (
        replaced("2021-03-03,2021-03-03,0,0,7", "2021-03-33,2021-03-03,0,x,7"),
        1,
        ('"date_start" is "2021-03-33", not a date that exists; "deaths_b" is "x", not a whole number.',),
    ),
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., ReadResult]:
    """Return what writes a changed copy of the good file and reads it, shown by its name alone."""

    def read_changed(change: Change, **options: object) -> ReadResult:
        path = tmp_path / "ged.csv"
        path.write_bytes(change(GOOD.read_bytes()))
        return read_ucdp_ged(path, register=ActorRegister([], ZoneInfo("UTC")), zone=ZoneInfo("UTC"), **options)

    return read_changed


def said_of(error_or_result: InputError | ReadResult, folder: Path) -> str:
    faults = error_or_result.faults if isinstance(error_or_result, InputError) else error_or_result.rejects
    return "\n".join(str(fault) for fault in faults).replace(f"{folder}/", "")


def test_the_good_file_is_good(read: Callable[..., ReadResult]) -> None:
    assert read(lambda data: data).accepted == ROWS


@pytest.mark.parametrize("name", REFUSED)
def test_refused_whole(name: str, read: Callable[..., ReadResult], tmp_path: Path) -> None:
    change, words = REFUSED[name]
    with pytest.raises(InputError) as caught:
        read(change)
    said = said_of(caught.value, tmp_path)
    assert [one for one in words if one not in said] == [], said
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", REJECTED)
def test_read_with_its_rejects_listed(name: str, read: Callable[..., ReadResult], tmp_path: Path) -> None:
    change, count, words = REJECTED[name]
    result = read(change)
    said = said_of(result, tmp_path)
    assert [one for one in words if one not in said] == [], said
    assert result.rejected == count
    assert result.rows_in == result.accepted + result.rejected + result.duplicates == ROWS


@pytest.mark.parametrize("name", [*REFUSED, *REJECTED])
def test_every_message_says_where_what_why_and_what_to_do(
    name: str, read: Callable[..., ReadResult], tmp_path: Path
) -> None:
    change = REFUSED[name][0] if name in REFUSED else REJECTED[name][0]
    try:
        faults = tuple(read(change).rejects)
    except InputError as error:
        faults = error.faults
    assert faults
    for fault in faults:
        assert fault.path.endswith("ged.csv")
        for sentence in (fault.what, fault.why, fault.remedy):
            assert sentence.strip().endswith("."), sentence
            assert "Traceback" not in sentence
            assert "pyarrow" not in sentence


@pytest.mark.parametrize(("separator", "option"), [(";", "semicolon"), (";", ";"), ("\t", "tab"), ("|", "bar")])
def test_a_named_separator_is_used(separator: str, option: str, read: Callable[..., ReadResult]) -> None:
    assert read(rewritten(separator), separator=option).accepted == ROWS


def test_a_separator_is_one_character(read: Callable[..., ReadResult]) -> None:
    with pytest.raises(InputError, match="cannot separate columns"):
        read(lambda data: data, separator="::")


def test_the_same_row_twice_is_a_duplicate(read: Callable[..., ReadResult]) -> None:
    result = read(lambda data: data + data.splitlines()[3] + b"\n")
    assert (result.rows_in, result.accepted, result.rejected, result.duplicates) == (ROWS + 1, ROWS, 0, 1)


def test_exchanged_coordinates_are_noticed_by_the_areas_of_the_case(
    read: Callable[..., ReadResult], tmp_path: Path
) -> None:
    extent = (30.0, 9.0, 31.0, 11.0)
    no_grid = without("priogrid_gid")
    assert read(no_grid, extent=extent).accepted == ROWS
    with pytest.raises(InputError) as caught:
        read(lambda data: no_grid(exchanged(data)), extent=extent)
    assert "8 of 8 points lie where the agreement's areas are when latitude and longitude are exchanged" in said_of(
        caught.value, tmp_path
    )


def test_lines_are_counted_through_blank_lines_and_line_breaks_in_cells(
    read: Callable[..., ReadResult], tmp_path: Path
) -> None:
    change = replaced("Millbridge", '"Mill\nbridge"')
    result = read(lambda data: change(data).replace(b"103,3", b"\n103,x"))
    assert 'ged.csv:6:2: "type_of_violence" is "x"' in said_of(result, tmp_path)
    assert result.rows_in == ROWS


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read: No such file"):
        read_ucdp_ged(tmp_path / "none.csv", register=ActorRegister([], ZoneInfo("UTC")), zone=ZoneInfo("UTC"))


def test_the_last_line_may_lack_its_line_end(read: Callable[..., ReadResult]) -> None:
    assert read(lambda data: data.rstrip(b"\n")).accepted == ROWS


def test_rejects_of_a_parquet_file_name_the_record(read: Callable[..., ReadResult], tmp_path: Path) -> None:
    result = read(lambda data: parquet(data.replace(b"0,0,7,0,7,7,7", b"0,0,7,0,-7,7,7")))
    assert 'ged.csv:3:23: "low" is "-7", negative.' in said_of(result, tmp_path)
