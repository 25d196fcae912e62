"""The outlook of one area, as the Centre shows it: worked out once for each state of the record."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import shapely

from ceasefire.assessment.outlook.look import TARGETS
from ceasefire.assessment.outlook.records import AlarmWeek, AreaForecast, ClusterFound, Reliability
from ceasefire.assessment.weeks import week_label
from ceasefire.model.errors import BusyError, UnknownRecordError
from ceasefire.model.roles import public
from ceasefire.pipeline.outlook import LookedAhead, outlook_of
from ceasefire.territory.geodesy import grown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ceasefire.pipeline.served import Snapshot

_WEEKS_SHOWN = 40
_PATIENCE_SECONDS = 60.0
_MOST_WAITING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWeek:
    """One week that has come."""

    week: Annotated[str, public("ISO week of local days.")]
    count: Annotated[float | None, public("Null where the record does not cover the week whole.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWeeks:
    """The weeks up to the last, of one count."""

    target: Annotated[str, public("deaths, alleged-violations or alleged-or-open.")]
    weeks: Annotated[tuple[KnownWeek, ...], public("In order of time; at most 40.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOutlook:
    """What may come next in one area, and how far that can be trusted. It is no finding, and knows of no plan."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    zone_id: Annotated[str, public("The area.")]
    origin_week: Annotated[str | None, public("The last week that the record covers whole; null: none.")]
    recorded: Annotated[str, public("How it is known which weeks the record covers.")]
    known: Annotated[tuple[KnownWeeks, ...], public("What came, by count.")]
    forecasts: Annotated[tuple[AreaForecast, ...], public("By count.")]
    alarms: Annotated[tuple[AlarmWeek, ...], public("By count and week.")]
    clusters: Annotated[tuple[ClusterFound, ...], public("Those that reach the area.")]
    clusters_why_not: Annotated[str | None, public("too-few-incidents: none could be looked for. Null: they were.")]
    smallest_p: Annotated[float, public("The smallest p that the permutations can show.")]
    reliability: Annotated[tuple[Reliability, ...], public("Of forecasts for areas of this kind, by count.")]


class _Once:
    """Works an outlook out for the first who asks; those who ask meanwhile wait, but not too many and not too long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)
        self._made: LookedAhead | None = None

    def of(self, snapshot: Snapshot) -> LookedAhead:
        if self._made is not None:
            return self._made
        if not self._waiting.acquire(blocking=False):
            raise _busy()
        try:
            if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
                raise _busy()
            try:
                if self._made is None:
                    self._made = outlook_of(
                        snapshot.case,
                        snapshot.reports,
                        snapshot.incidents,
                        snapshot.findings,
                        boundaries=snapshot.boundaries,
                    )
                return self._made
            finally:
                self._lock.release()
        finally:
            self._waiting.release()


def _busy() -> BusyError:
    return BusyError(
        "The outlook of this state of the record is being worked out.\n"
        "  It takes some seconds, once for each state.\n  Ask again in a minute."
    )


def area_outlook(snapshot: Snapshot, zone_id: str) -> AreaOutlook:
    """Return the outlook of a zone.

    Raises
    ------
    UnknownRecordError
        When there is no such area, or it is no zone: lines, corridors and sites have no weekly counts.
    BusyError
        When it is being worked out and takes too long, or too many wait for it.
    """
    area = snapshot.case.areas.get(zone_id)
    if area is None or area.kind != "zone":
        raise UnknownRecordError(f'There is no zone "{zone_id}".', "Ids are in `areas`, of kind zone.")
    # held only for as long as it takes to make: nobody else who reads this state waits
    looked = snapshot.kept("outlook", _Once).of(snapshot)
    outlook = looked.outlook
    return AreaOutlook(
        position=snapshot.stamp.position,
        zone_id=zone_id,
        origin_week=outlook.origin_week,
        recorded=outlook.recorded,
        known=tuple(_known(looked, zone_id)),
        forecasts=tuple(each for each in outlook.forecasts if (each.area_kind, each.area_id) == ("zone", zone_id)),
        alarms=tuple(each for each in outlook.alarms if (each.area_kind, each.area_id) == ("zone", zone_id)),
        clusters=tuple(each for each in outlook.clusters if _reaches(snapshot, each, zone_id)),
        clusters_why_not=outlook.clusters_why_not,
        smallest_p=outlook.smallest_p,
        reliability=tuple(each for each in outlook.reliability if each.area_kind == "zone"),
    )


def _known(looked: LookedAhead, zone_id: str) -> Iterator[KnownWeeks]:
    for target in TARGETS:
        panel = looked.material.panels.get(("zone", target))
        if panel is None or zone_id not in panel.units:
            continue
        counts = panel.counts[-_WEEKS_SHOWN:, panel.units.index(zone_id)]
        yield KnownWeeks(
            target=target,
            weeks=tuple(
                KnownWeek(week=week_label(int(week)), count=None if np.isnan(count) else float(count))
                for week, count in zip(panel.weeks[-_WEEKS_SHOWN:], counts, strict=True)
            ),
        )


def _reaches(snapshot: Snapshot, cluster: ClusterFound, zone_id: str) -> bool:
    """Whether a cluster's circle and a zone, in any of its versions, have ground in common."""
    circle = grown(shapely.Point(cluster.longitude, cluster.latitude), cluster.radius_km)
    return any(
        shapely.intersects(circle, snapshot.case.geometries[version.id])
        for version in snapshot.case.areas[zone_id].versions
    )
