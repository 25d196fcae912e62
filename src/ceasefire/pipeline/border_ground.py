"""Gathers what lies around a border: the version that holds, incidents of a period, settlements and their holders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ceasefire.agreement.force import valid_at
from ceasefire.agreement.timeline import spans_of
from ceasefire.deployment.borders.ground import Settlements
from ceasefire.model.errors import UsageError
from ceasefire.model.time import Span
from ceasefire.model.vocabulary import Answer
from ceasefire.pipeline.control import ControlLedger, held_words

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.territory.control import Standing
    from ceasefire.territory.records import AreaVersion


def last_day(incidents: pa.Table, case: Case) -> date:
    """Return the last local day on which an incident of the record occurred."""
    last = pc.max(incidents["occurred_until"].cast(pa.int64())).as_py()
    if last is None:
        raise UsageError("No incident on record has a time.", "Say which day is meant with --until.")
    return datetime.fromtimestamp((last - 1) / 1e6, case.zone).date()


def version_held(case: Case, area_id: str, day: Span) -> AreaVersion:
    """Return the version of an area that held at the end of a day; the last drawn where none is sure to have."""
    area = case.areas[area_id]
    solid = [each for each in area.versions if shapely.get_dimensions(case.geometries[each.id]) == 2]
    if not solid:
        raise UsageError(
            f"{area_id} is a {area.kind} without a border of its own.", "Compare borders of areas that are polygons."
        )

    def holds(version: AreaVersion) -> Answer:
        starts, ends = (spans_of(each, case.zone) for each in (version.valid_from, version.valid_until))
        return valid_at(starts, ends, day.end - 1, doubt="").answer

    answers = [(holds(each), each) for each in solid]
    for wanted in (Answer.YES, Answer.UNDETERMINED, Answer.NO):
        found = [each for answer, each in answers if answer is wanted]
        if found:
            return found[-1]
    return solid[-1]


def occurred_within(incidents: pa.Table, period: Span) -> tuple[pa.Table, int]:
    """Return the incidents that occurred in a period, or may have, and how many have no time on record."""
    start, end = (incidents[name].cast(pa.int64()) for name in ("occurred_from", "occurred_until"))
    touches = pc.and_(pc.less(start, period.end), pc.greater(end, period.start))
    return incidents.filter(pc.fill_null(touches, False)), start.null_count


def settlements_of(ledger: ControlLedger, standings: Mapping[str, Standing]) -> Settlements:
    """Return the settlements of a ledger, each with who is said to hold it, as a word."""
    places = list(ledger.control.places.values())
    people = [place.people.bounds for place in places]
    low, high = (np.array([np.nan if each is None else each[end] for each in people], dtype=float) for end in (0, 1))
    return Settlements(
        names=tuple(place.name for place in places),
        longitude=np.array([place.longitude for place in places], dtype=float),
        latitude=np.array([place.latitude for place in places], dtype=float),
        uncertainty_km=np.array([place.uncertainty_km for place in places], dtype=float),
        people_low=low,
        people_high=high,
        holders=tuple(held_words(standings[place.place_id]) for place in places),
    )


def limits(ledger: ControlLedger, undated: int, version: AreaVersion) -> Iterable[str]:
    """Yield what a reader of the figures must know, as sentences."""
    if not ledger.control.places:
        yield "No settlement is on record: people and holders are unknown, not zero. Give a table with --gazetteer."
    if undated:
        yield f"{undated:,} incidents without a time on record are not counted."
    if version.standing == "reconstructed":
        yield f"The border {version.id} is a reconstruction: no official one is on record."
