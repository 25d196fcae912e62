"""The shapes that every case file shares: sourced facts, moments, texts in several languages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ceasefire.model.yaml_file import CaseRecord

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""An id: letters, digits, dot, dash, underscore. Never used again for something else."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
"""A BCP 47 language tag, such as ``en`` or ``ar``."""

# 9999-12-31 for "open" is a habit of spreadsheets; here an open end is left out
_EARLIEST_YEAR, _LATEST_YEAR = 1800, 2200


def _moment(text: str) -> str:
    try:
        moment = date.fromisoformat(text) if len(text) == len("2017-05-04") else datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"not a moment ({error}); write 2017-05-04 for some time of that local day, or 2017-05-04T12:00"
        ) from error
    if not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        raise ValueError(f"in no year of a ceasefire ({moment.year}); leave out what has no end on record")
    return text


MomentText = Annotated[str, AfterValidator(_moment)]
"""A local date (some moment of that day) or a date and time; read with `model.time.parse_moment`."""
Names = Annotated[dict[Language, Annotated[str, StringConstraints(min_length=1)]], Field(min_length=1)]
"""One text in one or more languages, keyed by language tag."""


class Sourced(CaseRecord):
    """A fact of a case: where it is from, and whether the compiler has seen the original."""

    sources: tuple[str, ...] = Field(min_length=1, description="keys of sources.yaml")
    unverified: bool = Field(default=False, description="true where no source was seen that says it")
    note: str | None = None


class Moment(Sourced):
    """One source's word on when something began, ended or was due."""

    at: MomentText


class CaseFile(CaseRecord):
    """A file of a case: the format number first."""

    format: Literal[1]


class Range(CaseRecord):
    """A count as a range; what is not known is left out, never zero."""

    low: int | None = Field(default=None, ge=0)
    best: int | None = Field(default=None, ge=0)
    high: int | None = Field(default=None, ge=0)
