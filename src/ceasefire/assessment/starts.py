"""The dates on record at which a truce, a deal or a border may have begun in an area; all of them are tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ceasefire.agreement.timeline import spans_of
from ceasefire.assessment.ladder import DatePlace
from ceasefire.assessment.weeks import RecordedDays, monday_of, week_number
from ceasefire.model.time import Span, hull, local_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ceasefire.agreement.case import Case

_PART = 0.9
_HALF_WEEK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDate:
    """When something began that an area's counts may show.

    Parameters
    ----------
    start_id : str
        The instrument's id, or what the one who asked calls it.
    title : mapping of str to str
        By language.
    earliest, latest : date
        Local days; they differ where sources do.
    part : str or None
        The area for which it was made, where that is a part of the one assessed.
    """

    start_id: str
    title: Mapping[str, str]
    earliest: date
    latest: date
    part: str | None = None


def starts_on_record(case: Case, zone_id: str) -> tuple[StartDate, ...]:
    """Return the entry into force of every instrument of which a clause names the zone, or a part of it.

    In order of time. Conflicting dates of one instrument are one start, from the earliest to the latest.
    """
    parts = (zone_id, *_parts_of(case, zone_id))
    found: dict[str, StartDate] = {}
    for clause in case.clauses.values():
        named = [part for part in parts if clause.areas != "everywhere" and part in clause.areas]
        if not named or clause.instrument in found:
            continue
        instrument = case.instruments[clause.instrument]
        span = hull(spans_of(instrument.enters_into_force, case.zone))
        found[instrument.id] = StartDate(
            start_id=instrument.id,
            title=instrument.title,
            earliest=local_date(span.start, case.zone),
            latest=local_date(max(span.end - 1, span.start), case.zone),
            part=None if zone_id in named else named[0],
        )
    return tuple(sorted(found.values(), key=lambda start: (start.earliest, start.start_id)))


def _parts_of(case: Case, zone_id: str) -> list[str]:
    """Return the zones nearly wholly inside a zone."""
    whole = case.geometries[case.areas[zone_id].versions[0].id]
    parts = []
    for area in case.areas.values():
        shape = case.geometries[area.versions[0].id]
        if area.id == zone_id or area.kind != "zone" or not shape.area:
            continue
        if shape.intersection(whole).area >= _PART * shape.area and shape.area < whole.area:
            parts.append(area.id)
    return parts


@dataclass(frozen=True, slots=True)
class AreaEnd:
    """That an area ended: what came after is not peace.

    Parameters
    ----------
    day : date
        The earliest day on record.
    how : str or None
        *surrender*, *capture* and so on; None where nobody says.
    """

    day: date
    how: str | None


def end_on_record(case: Case, zone_id: str) -> AreaEnd | None:
    """Return when an area ended by the earliest source; None where no end is on record."""
    area = case.areas.get(zone_id)
    if area is None:  # a unit does not end
        return None
    spans: list[Span] = [span for version in area.versions[-1:] for span in spans_of(version.valid_until, case.zone)]
    if not spans:
        return None
    return AreaEnd(local_date(hull(spans).start, case.zone), area.ended_by)


def place_of(start: StartDate, recorded: RecordedDays, end: AreaEnd | None) -> DatePlace | None:
    """Return where a start lies among the weeks that a record covers; None where it lies outside them."""
    weeks = recorded.weeks()
    if not len(weeks):
        return None
    first_week, last_week = week_number(start.earliest), week_number(start.latest)
    after = last_week if start.latest == monday_of(last_week) else last_week + 1
    middle = date.fromordinal((start.earliest.toordinal() + start.latest.toordinal()) // 2)
    nearest = week_number(middle) + (1 if middle.weekday() > _HALF_WEEK else 0)
    until = int(weeks[-1]) + 1
    if end is not None:
        until = min(until, week_number(end.day))
    if not weeks[0] <= first_week <= weeks[-1] or after >= until:
        return None
    base = int(weeks[0])
    return DatePlace(first_week - base, after - base, min(max(nearest, first_week), after) - base, until - base)
