"""Reads a table of statements on who holds which settlement, one a row; see docs/data-formats.md.

Nothing is guessed: a row that cannot be read refuses the file, with every other such row, for half a ledger of control
would draw a line where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ceasefire.intake.reading import open_rows
from ceasefire.model.errors import Fault, InputError
from ceasefire.model.time import Span, parse_moment
from ceasefire.territory.control import Place, Word
from ceasefire.territory.control_shares import Count

COLUMNS = (
    "id",
    "settlement",
    "latitude",
    "longitude",
    "unit",
    "says",
    "actors",
    "taken_from",
    "valid_from",
    "valid_until",
    "said",
    "speaker",
    "source",
    "count_low",
    "count_best",
    "count_high",
    "area",
    "leaving_out",
)
"""All that are read; others are left alone."""
_REQUIRED = ("id", "says", "actors", "valid_from", "source")
_SAYS = ("holds", "takes", "leaves", "fought-over")

Resolve = Callable[[str, int], str]
"""From a name and an instant to an actor's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCount:
    """A count, and where it is said to hold.

    Parameters
    ----------
    count : Count
    area, unit : str or None
        An area of the case, or administrative units; one of the two.
    """

    count: Count
    area: str | None
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTable:
    """What a table says.

    Parameters
    ----------
    places : tuple of Place
        Settlements that the table itself gives coordinates for.
    words : tuple of Word
        Each `place_id` is what the table calls the settlement: an id or a name.
    counts : tuple of StatedCount
    speakers : dict of str to str
        Statement to who speaks, where the table says.
    """

    places: tuple[Place, ...]
    words: tuple[Word, ...]
    counts: tuple[StatedCount, ...]
    speakers: dict[str, str]


class _RowError(Exception):
    """A row cannot be read; says why and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what)


def read_control_table(
    path: Path | str, *, zone: ZoneInfo, resolve: Resolve, separator: str | None = None
) -> ControlTable:
    """Read statements and counts.

    Parameters
    ----------
    path : Path or str
        Delimited text, a workbook's first sheet, JSON records or Parquet.
    zone : ZoneInfo
        Of dates.
    resolve : callable
        Finds an actor by name.
    separator : str, optional

    Raises
    ------
    InputError
        With a fault for every row that cannot be read.
    """
    rows = open_rows(path, separator=separator)
    rows.require(_REQUIRED, format_name="control")
    cells = {name: rows.text(name).to_pylist() for name in COLUMNS if name in rows.names}
    faults = list(rows.broken)
    reader = _Reader(zone, resolve)
    for number, line in enumerate(rows.lines):
        row = {name: values[number] for name, values in cells.items() if values[number] is not None}
        try:
            reader.read(row)
        except _RowError as error:
            faults.append(
                Fault(
                    path=rows.path,
                    line=line,
                    what=error.what,
                    why="Half a ledger of control would draw a line where there is none, so the file is refused.",
                    remedy=error.remedy,
                )
            )
    if faults:
        raise InputError(faults)
    return reader.table()


class _Reader:
    """The rows read so far."""

    def __init__(self, zone: ZoneInfo, resolve: Resolve) -> None:
        self._zone, self._resolve = zone, resolve
        self._places: dict[str, Place] = {}
        self._words: list[Word] = []
        self._counts: list[StatedCount] = []
        self._speakers: dict[str, str] = {}
        self._ids: set[str] = set()

    def table(self) -> ControlTable:
        return ControlTable(
            places=tuple(self._places.values()),
            words=tuple(self._words),
            counts=tuple(self._counts),
            speakers=self._speakers,
        )

    def read(self, row: dict[str, str]) -> None:
        for name in _REQUIRED:
            if name not in row:
                raise _RowError(f"{name} is empty.", f"Every row needs {', '.join(_REQUIRED)}.")
        if row["id"] in self._ids:
            raise _RowError(f'the id "{row["id"]}" is used twice.', "Give each statement its own id.")
        if row["says"] not in _SAYS:
            raise _RowError(f'says is "{row["says"]}".', f"Write one of: {', '.join(_SAYS)}.")
        bounds = {name: self._whole(row, name) for name in ("count_low", "count_best", "count_high")}
        if any(bound is not None for bound in bounds.values()):
            self._counts.append(self._count(row, bounds))
        elif "settlement" in row:
            self._place(row)
            self._words.append(self._word(row))
        else:
            raise _RowError(
                "neither a settlement nor a count is given.", "Name the settlement, or give count_low, _best or _high."
            )
        self._ids.add(row["id"])
        if "speaker" in row:
            self._speakers[row["id"]] = row["speaker"]

    def _word(self, row: dict[str, str]) -> Word:
        span = self._span(row)
        actors = self._actors(row["actors"], span.start)
        return Word(
            statement_id=row["id"],
            place_id=row["settlement"],
            chain=f"source:{row['source']}",
            says=row["says"],
            actors=actors,
            taken_from=self._taken_from(row, actors, span.start),
            span=span,
            said=self._said(row),
        )

    def _taken_from(self, row: dict[str, str], actors: frozenset[str], at: int) -> frozenset[str]:
        taken_from = self._actors(row.get("taken_from"), at)
        if taken_from and (row["says"] != "takes" or taken_from & actors):
            raise _RowError(
                "taken_from is given, and nothing was taken from others.",
                "Only a row that says `takes` names whom from, and not who takes.",
            )
        return taken_from

    def _count(self, row: dict[str, str], bounds: dict[str, int | None]) -> StatedCount:
        if ("area" in row) == ("unit" in row):
            raise _RowError("a count is over one area or one administrative unit.", "Give area or unit, one of them.")
        if row["says"] not in ("takes", "holds"):
            raise _RowError(f'a count says "{row["says"]}".', "A count says takes or holds.")
        span = self._span(row)
        (actor, *more) = sorted(self._actors(row["actors"], span.start))
        if more:
            raise _RowError("a count names several actors.", "Write a row for each.")
        count = Count(
            count_id=row["id"],
            actor_id=actor,
            says=row["says"],
            low=bounds["count_low"],
            best=bounds["count_best"],
            high=bounds["count_high"],
            span=span,
            taken_from=self._taken_from(row, frozenset({actor}), span.start),
            leaving_out=frozenset(_listed(row.get("leaving_out"))),
            said=self._said(row),
        )
        return StatedCount(count=count, area=row.get("area"), unit=row.get("unit"))

    def _place(self, row: dict[str, str]) -> None:
        if "latitude" not in row and "longitude" not in row:
            return
        try:
            latitude, longitude = float(row["latitude"]), float(row["longitude"])
        except (KeyError, ValueError):
            latitude = longitude = 999.0
        if abs(latitude) > 90 or abs(longitude) > 180:
            raise _RowError(
                f"latitude {row.get('latitude')}, longitude {row.get('longitude')} is no place on the globe.",
                "Give both in degrees, or neither, for a settlement that the case or the gazetteer has.",
            )
        self._places.setdefault(
            row["settlement"],
            Place(
                place_id=row["settlement"],
                name=row["settlement"],
                longitude=longitude,
                latitude=latitude,
                unit=row.get("unit"),
            ),
        )

    def _actors(self, text: str | None, at: int) -> frozenset[str]:
        return frozenset(self._resolve(name, at) for name in _listed(text))

    def _span(self, row: dict[str, str]) -> Span:
        first = self._moment(row, "valid_from")
        last = self._moment(row, "valid_until") if "valid_until" in row else first
        if last.start < first.start:
            raise _RowError(
                f"valid_until {row['valid_until']} is before valid_from {row['valid_from']}.",
                "Exchange or correct them.",
            )
        return Span(first.start, max(first.start, last.end))

    def _said(self, row: dict[str, str]) -> int | None:
        if "said" not in row:
            return None
        span = self._moment(row, "said")
        return max(span.start, span.end - 1)

    def _moment(self, row: dict[str, str], name: str) -> Span:
        try:
            return parse_moment(row[name], self._zone)
        except ValueError as error:
            raise _RowError(f"{name} is no moment: {error}.", "Write 2017-07-23, or 2017-07-23T14:00.") from error

    def _whole(self, row: dict[str, str], name: str) -> int | None:
        if name not in row:
            return None
        if not row[name].isdigit():
            raise _RowError(f'{name} is "{row[name]}".', "Write a whole number, or leave the cell empty.")
        return int(row[name])


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";") if part.strip()]
