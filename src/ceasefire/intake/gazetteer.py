"""Reads a gazetteer of the user's: settlements with coordinates, whatever its columns are called.

A population of 0 is read as *not given*: gazetteers write it for settlements of which they know none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ceasefire.intake.reading import open_rows
from ceasefire.model.errors import Fault, InputError
from ceasefire.territory.control import People, Place

_COLUMNS = {
    "id": ("id", "geonameid", "geoname_id", "source_id", "place_id", "pcode", "code"),
    "name": ("name", "name_en", "asciiname", "settlement", "place", "village"),
    "latitude": ("latitude", "lat", "y"),
    "longitude": ("longitude", "lon", "lng", "long", "x"),
    "population": ("population", "pop", "people", "total_population"),
    "level": ("level", "kind", "type", "feature_class"),
}
_SETTLEMENT_WORDS = frozenset(
    {"place", "settlement", "city", "town", "village", "hamlet", "camp", "locality", "populated", "p", "ppl", "suburb"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """What was read.

    Parameters
    ----------
    places : tuple of Place
        Settlements, in the order of the file.
    left_out : dict of str to int
        Rows that are no settlements, by what the file says they are.
    rejects : tuple of Fault
        One a row that cannot be used.
    """

    places: tuple[Place, ...]
    left_out: dict[str, int]
    rejects: tuple[Fault, ...]


def read_gazetteer(path: Path | str, *, separator: str | None = None) -> Gazetteer:
    """Read settlements from delimited text, a workbook, JSON records or Parquet.

    Raises
    ------
    InputError
        When the file cannot be read, or has no columns of names, latitudes and longitudes.
    """
    rows = open_rows(path, separator=separator)
    found = {wanted: _column(rows.names, names) for wanted, names in _COLUMNS.items()}
    missing = [wanted for wanted in ("name", "latitude", "longitude") if found[wanted] is None]
    if missing:
        raise InputError.single(
            rows.path,
            f"has no column of {' and '.join(missing)}.",
            "A settlement without a name or a place cannot be held by anybody.",
            f"Name the columns as one of: {'; '.join(', '.join(_COLUMNS[wanted]) for wanted in missing)}.",
            line=1,
        )
    cells = {wanted: rows.text(column).to_pylist() for wanted, column in found.items() if column is not None}
    places: dict[str, Place] = {}
    left_out: dict[str, int] = {}
    rejects = list(rows.broken)
    for number, line in enumerate(rows.lines):
        row = {wanted: values[number] for wanted, values in cells.items()}
        level = row.get("level")
        if level is not None and not set(level.casefold().replace("(", " ").split()) & _SETTLEMENT_WORDS:
            left_out[level] = left_out.get(level, 0) + 1
            continue
        place = _place(row, rows.path, line, rejects)
        if place is not None:
            places.setdefault(place.place_id, place)
    return Gazetteer(places=tuple(places.values()), left_out=left_out, rejects=tuple(rejects))


def _column(names: Iterable[str], habits: tuple[str, ...]) -> str | None:
    by_habit = {name.casefold().strip(): name for name in names}
    return next((by_habit[habit] for habit in habits if habit in by_habit), None)


def _place(row: dict[str, str | None], path: str, line: int, rejects: list[Fault]) -> Place | None:
    name, position = row.get("name"), (_number(row.get("latitude")), _number(row.get("longitude")))
    latitude, longitude = position
    if not name or latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        rejects.append(
            Fault(
                path=path,
                line=line,
                what=f'"{name or ""}" stands at latitude {row.get("latitude") or "none"}, '
                f"longitude {row.get('longitude') or 'none'}.",
                why="A settlement needs a name and a place on the globe.",
                remedy="Correct the row; degrees, north and east positive.",
            )
        )
        return None
    count = _number(row.get("population"))
    return Place(
        place_id=row.get("id") or f"{name}@{latitude:.4f},{longitude:.4f}",
        name=name,
        longitude=longitude,
        latitude=latitude,
        people=People(best=int(count)) if count is not None and count > 0 else People(),
    )


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
