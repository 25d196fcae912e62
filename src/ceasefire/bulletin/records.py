"""What a bulletin holds: sentences, tables and the plain data of its figures, without any rendering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import bidirectional


@dataclass(frozen=True, slots=True)
class Words:
    """A text in a language of its own, so that it is shaped and read out rightly.

    Parameters
    ----------
    text : str
        The words.
    language : str
        BCP 47 tag.
    """

    text: str
    language: str = "en"

    @property
    def direction(self) -> str:
        """``rtl`` for scripts written from right to left, else ``ltr``."""
        primary, _, rest = self.language.partition("-")
        from_the_right = primary in {"ar", "ckb", "dv", "fa", "he", "ps", "ur", "yi"} or rest in {"Arab", "Hebr"}
        return "rtl" if from_the_right else "ltr"


Cell = str | Words


def as_written(text: str) -> Words:
    """Return a text whose language nobody stated: its script decides how it is set.

    Examples
    --------
    >>> as_written("We did not.").direction, as_written("لم نفعل.").direction
    ('ltr', 'rtl')
    """
    first = next((kind for letter in text if (kind := bidirectional(letter)) in ("L", "R", "AL")), "L")
    return Words(text, {"AL": "und-Arab", "R": "und-Hebr"}.get(first, "en"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    title : str
        Its head.
    weight : float
        Width in proportion to the other columns.
    align : {"start", "end"}
        Numbers stand at the end.
    """

    title: str
    weight: float = 1.0
    align: Literal["start", "end"] = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption; `rows` have one cell a column.

    Parameters
    ----------
    dense : bool
        Whether it is long and set in smaller type.
    notes : tuple of str
        Sentences below it.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    dense: bool = False

    def __post_init__(self) -> None:
        """Refuse a ragged table."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f'table "{self.key}" has {len(self.columns)} columns and a row of {len(row)} cells')


@dataclass(frozen=True, slots=True, kw_only=True)
class MapZone:
    """An area as drawn: geometries in longitude and latitude.

    Parameters
    ----------
    nominal, band : shapely geometry
        The area as drawn by its source; the strip in which its border may really lie (None: no uncertainty).
    """

    title: str
    label: str
    nominal: Any
    band: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMark:
    """Incidents told at one place with one precision.

    Parameters
    ----------
    precision : {"point", "near"}
        A small disc, or a larger outlined one.
    answer : {"alleged", "open", "other"}
        The most serious status among them.
    """

    longitude: float
    latitude: float
    precision: Literal["point", "near"]
    answer: Literal["alleged", "open", "other"]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapUnit:
    """An administrative unit to which incidents are known, and nothing closer; `polygon` may be None."""

    name: str
    count: int
    polygon: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFeature:
    """One feature of the base map, by what kind of thing it is."""

    kind: str
    name: str
    geometry: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MapContent:
    """All that the map shows.

    Parameters
    ----------
    frame : tuple of float
        West, south, east, north in degrees.
    not_drawn : tuple of str
        What the map cannot show, one line each.
    cell_note : str
        How places were coarsened.
    credit : str
        Whose base map it is.
    """

    zones: tuple[MapZone, ...]
    marks: tuple[MapMark, ...]
    units: tuple[MapUnit, ...]
    base: tuple[BaseFeature, ...]
    frame: tuple[float, float, float, float]
    not_drawn: tuple[str, ...]
    cell_note: str
    credit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartBin:
    """One week or day of the chart: alleged at least, alleged or open at most, and all incidents on record."""

    label: str
    lower: int
    upper: int
    recorded: int
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartContent:
    """Bins in order of time, and what one bin is: ``week`` or ``day``."""

    bins: tuple[ChartBin, ...]
    unit: Literal["week", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalBar:
    """One side's count of one day: a total, drawn as a total and never added to incidents."""

    day: str
    speaker: str
    count: int
    confirmed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeInterval:
    """One area's grade, with the interval of the rate after over before; None where it is not known."""

    title: str
    grade: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeChart:
    """The intervals of several areas, in the order of the table beside them."""

    areas: tuple[GradeInterval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure: what it shows in words, for those who cannot see it, and its data."""

    key: str
    caption: str
    alternative: str
    content: MapContent | ChartContent | GradeChart | tuple[TotalBar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What one speaker says, in full. Every voice of a notice is set in the same size, width and frame.

    Parameters
    ----------
    speaker : str
        Who, in a few words.
    day : str
        When it was said; empty where that has no day.
    paragraphs : tuple of Words
        The words, as given.
    """

    speaker: str
    day: str
    paragraphs: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something told of a case file: what must be read first, the facts of it, and all who speak.

    Parameters
    ----------
    key : str
        Unique in the bulletin.
    warnings : tuple of str
        What must be read before anything else.
    facts : tuple of (str, Cell)
        Labels and what they say.
    voices : tuple of Voice
        The centre first, then each party named, in the order named, then members who differ.
    """

    key: str
    title: str
    warnings: tuple[str, ...]
    facts: tuple[tuple[str, Cell], ...]
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A numbered part of the bulletin: sentences, then notices, then figures, then tables."""

    key: str
    title: str
    paragraphs: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    annex: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """A bulletin, composed and not yet rendered: the same record gives the same bulletin.

    Parameters
    ----------
    number : int
        Of its series.
    kind : {"weekly", "daily"}
        Its cadence.
    title, case_title : str or Words
        Heads of the first page.
    running_head : str
        What stands at the top of every further page.
    header : tuple of (str, Cell)
        Number, period, cut-off, ledger position and root, case, reading.
    summary : tuple of str
        Sentences, the most important first.
    remarks : tuple of str
        What must be read with every number.
    sections : tuple of Section
        In the order printed.
    instant : int
        UTC microseconds of the ledger's position: the only time that the rendering may carry.
    """

    number: int
    kind: Literal["weekly", "daily"]
    title: str
    case_titles: tuple[Words, ...]
    running_head: str
    header: tuple[tuple[str, Cell], ...]
    summary: tuple[str, ...]
    remarks: tuple[str, ...]
    sections: tuple[Section, ...]
    errata: tuple[str, ...]
    instant: int
