"""The shape of a mapping file: which columns of any table hold what a report says, and in which codes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ceasefire.model.case_types import CaseFile, Identifier, Language
from ceasefire.model.vocabulary import PlacePrecision, TimePrecision
from ceasefire.model.yaml_file import CaseRecord

Column = Annotated[str, StringConstraints(min_length=1)]
"""The name of a column, as the file's header writes it."""


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


DayText = Annotated[str, AfterValidator(_day)]


class Word(CaseRecord):
    """One word a row: a constant, or a column whose cells may be translated."""

    constant: Identifier | None = None
    column: Column | None = None
    values: dict[str, Identifier] = Field(default={}, description="cell to word; a cell without an entry is refused")

    @model_validator(mode="after")
    def _one_origin(self) -> Word:
        if (self.constant is None) == (self.column is None):
            raise ValueError("give either `constant` or `column`, and not both")
        return self


class Moment(CaseRecord):
    """A column of dates or moments, and how they are written; ISO 8601 where nothing else is said."""

    column: Column
    formats: tuple[str, ...] = Field(default=(), description="as strptime reads them, tried in order")
    days_since: DayText | None = Field(default=None, description="the cells are day numbers, 0 on this day")

    @model_validator(mode="after")
    def _one_way(self) -> Moment:
        if self.formats and self.days_since:
            raise ValueError("give either `formats` or `days_since`, and not both")
        return self


class TimeCode(CaseRecord):
    """What one precision code means."""

    precision: TimePrecision
    days_around: int = Field(default=0, ge=0, description="days before and after the date within which it lies")


class TimeCodes(CaseRecord):
    """How well times are known: by code, or alike for all rows."""

    column: Column | None = None
    codes: dict[str, TimeCode] = Field(default={})
    constant: TimeCode | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> TimeCodes:
        return _code_or_constant(self)


class PlaceCode(CaseRecord):
    """What one precision code means; only a disc has a radius, and it needs one."""

    precision: PlacePrecision
    radius_km: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _radius_of_disc(self) -> PlaceCode:
        if self.precision.is_disc != (self.radius_km is not None):
            raise ValueError("`radius_km` goes with the precisions point and near, and only with them")
        return self


class PlaceCodes(CaseRecord):
    """How well places are known: by code, or alike for all rows."""

    column: Column | None = None
    codes: dict[str, PlaceCode] = Field(default={})
    constant: PlaceCode | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> PlaceCodes:
        return _code_or_constant(self)


CodesT = TypeVar("CodesT", TimeCodes, PlaceCodes)


def _code_or_constant(codes: CodesT) -> CodesT:
    if (codes.constant is None) == (codes.column is None):
        raise ValueError("give either `constant`, or `column` and `codes`")
    if codes.column is not None and not codes.codes:
        raise ValueError("`codes` is empty: say what each code of the column means")
    return codes


class Times(CaseRecord):
    """When: the first day or moment, the last where there is one, and the precision."""

    start: Moment
    until: Moment | None = None
    precision: TimeCodes | None = Field(default=None, description="by default day for dates, instant for moments")


class Places(CaseRecord):
    """Where."""

    precision: PlaceCodes
    latitude: Column | None = None
    longitude: Column | None = None
    name: Column | None = None
    area: tuple[Column, ...] = Field(default=(), description="administrative units, the largest first")


class Actors(CaseRecord):
    """Who: two sides whose direction is not said, or who did it to whom."""

    sides: tuple[Column, ...] = Field(default=(), description="two columns")
    perpetrator: Column | None = None
    target: Column | None = None
    civilians: tuple[str, ...] = Field(default=(), description="cells that mean civilians")
    unknown: tuple[str, ...] = Field(default=(), description="cells that mean nobody knows who")

    @model_validator(mode="after")
    def _sides_or_roles(self) -> Actors:
        if len(self.sides) not in (0, 2):
            raise ValueError("`sides` are two columns")
        if self.sides and (self.perpetrator or self.target):
            raise ValueError("give either `sides`, or `perpetrator` and `target`")
        return self


class Acts(CaseRecord):
    """What was done: the same acts for all rows, or by the cells of a column."""

    constant: tuple[Identifier, ...] = ()
    column: Column | None = None
    values: dict[str, tuple[Identifier, ...]] = Field(default={}, description="cell to acts")

    @model_validator(mode="after")
    def _one_origin(self) -> Acts:
        if bool(self.constant) == (self.column is not None):
            raise ValueError("give either `constant`, or `column` and `values`")
        return self


class Figures(CaseRecord):
    """Columns of one count; a bound that the table does not have is left out."""

    low: Column | None = None
    best: Column | None = None
    high: Column | None = None


class Tolls(CaseRecord):
    """Deaths and injuries."""

    killed: Figures = Figures()
    civilian: Figures = Figures()
    combatant: Figures = Figures()
    unknown: Figures = Figures()
    injured: Figures = Figures()
    fractions: Literal["refuse", "outward"] = Field(
        default="refuse", description="outward: a fraction widens the range, low down, high up, best to the nearest"
    )


class Aggregates(CaseRecord):
    """Which rows count several events over an area or a period: they become totals, never incidents."""

    column: Column
    values: tuple[str, ...] = ("true", "1", "yes")


class TableMapping(CaseFile):
    """A mapping file."""

    separator: str | None = Field(default=None, description="of delimited text that has no commas")
    source: Word
    lineage: Word | None = Field(default=None, description="whom the source draws on; by default itself")
    source_report_id: Column
    event_key: Column | None = None
    time: Times
    reported: Moment | None = None
    place: Places
    actors: Actors = Actors()
    acts: Acts
    tolls: Tolls = Tolls()
    aggregates: Aggregates | None = None
    text: Column | None = None
    text_language: Language | None = None
    address: Column | None = None
