"""The parameters that routes share, and how a filter is read from them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from litestar.params import PathParameter, QueryParameter

from ceasefire.centre.asking import STATE_PATTERN
from ceasefire.model.errors import UsageError
from ceasefire.model.vocabulary import Status
from ceasefire.pipeline.map_index import Box, Filter

_MOST_WORDS, _LONGEST = 40, 200
BOX_PATTERN = r"^-?[0-9]+(\.[0-9]+)?(,-?[0-9]+(\.[0-9]+)?){3}$"


def _words(title: str) -> object:
    return QueryParameter(description=title, max_items=_MOST_WORDS, required=False)


Id = Annotated[str, PathParameter(description="Its id.", min_length=1, max_length=_LONGEST)]
AsKnownOn = Annotated[
    str | None,
    QueryParameter(
        name="as_known_on",
        description="The record as it stood at a ledger position (12) or by the end of a day (2017-10-04) or moment.",
        max_length=40,
        schema_extra={"pattern": STATE_PATTERN},
        required=False,
    ),
]
Zone = Annotated[list[str] | None, _words("Areas in which a clause check places it.")]
Clause = Annotated[list[str] | None, _words("Clauses it was checked against.")]
Accused = Annotated[list[str] | None, _words("Actors that a clause check is about.")]
Party = Annotated[list[str] | None, _words("Actors that an account names, as who did it, whom it hit or a side.")]
StatusOf = Annotated[list[Status] | None, _words("Statuses of a clause check.")]
Act = Annotated[list[str] | None, _words("What was done, with all acts below it.")]
SourceOf = Annotated[list[str] | None, _words("Who reports it.")]
Text = Annotated[
    str | None,
    QueryParameter(
        description="Letters that occur in its title, place or reports.", max_length=_LONGEST, required=False
    ),
]
FromDay = Annotated[date | None, QueryParameter(name="from", description="First local day.", required=False)]
UntilDay = Annotated[date | None, QueryParameter(name="until", description="Last local day, included.", required=False)]
BoxText = Annotated[
    str | None,
    QueryParameter(
        name="bbox",
        description="West, south, east and north in degrees, with commas; west may be greater than east.",
        schema_extra={"pattern": BOX_PATTERN},
        max_length=_LONGEST,
        required=False,
    ),
]


def filter_asked_for(
    zone: Zone = None,
    clause: Clause = None,
    accused: Accused = None,
    party: Party = None,
    status: StatusOf = None,
    act: Act = None,
    source: SourceOf = None,
    text: Text = None,
    first_day: FromDay = None,
    last_day: UntilDay = None,
    box: BoxText = None,
) -> Filter:
    """Return the filter that a request asks for.

    Several values of one kind are alternatives; zone, clause, accused and status are of one and the same clause check.

    Raises
    ------
    UsageError
        When days or the box contradict themselves.
    """
    if first_day is not None and last_day is not None and last_day < first_day:
        raise UsageError(f"The last day, {last_day}, is before the first, {first_day}.", "Exchange them.")
    return Filter(
        zones=tuple(zone or ()),
        clauses=tuple(clause or ()),
        accused=tuple(accused or ()),
        statuses=tuple(status or ()),
        parties=tuple(party or ()),
        acts=tuple(act or ()),
        sources=tuple(source or ()),
        text=text or None,
        first_day=first_day,
        last_day=last_day,
        box=None if box is None else _box(box),
    )


FILTERS = (
    "zone", "clause", "accused", "party", "status", "act", "source", "text", "from", "until", "bbox", "as_known_on",
)  # fmt: skip
"""Names of the parameters of a filter, and the state asked for."""
SEVERAL = ("zone", "clause", "accused", "party", "status", "act", "source")
"""Those of a filter that take several values."""


def _box(text: str) -> Box:
    west = south = east = north = float("nan")
    if re.fullmatch(BOX_PATTERN, text, re.ASCII):
        west, south, east, north = (float(part) for part in text.split(","))
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise UsageError(
            f'"{text}" is no box on the globe.',
            "Write west, south, east and north in degrees, as in 35.5,33,38.5,37.5.",
        )
    return Box(west=west, south=south, east=east, north=north)
