"""Who is said to hold what on a day, as the centre tells it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import shapely

from ceasefire.model.time import local_date
from ceasefire.pipeline.control import days_of
from ceasefire.pipeline.control_answers import (
    ActorAdvance,
    ContactStretch,
    ControlChanged,
    ControlOfDay,
    ControlOverTime,
    DayHeld,
    Gained,
    HolderShare,
    SettlementHeld,
    SettlementsCounted,
    SettlementTotal,
    ShareBounds,
    WordOnRecord,
    ZoneHeld,
)
from ceasefire.territory.contact_line import contact_band

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ceasefire.pipeline.control import ControlLedger, ControlOnDay, CountOnRecord
    from ceasefire.pipeline.served import Snapshot
    from ceasefire.territory.contact_line import ContactPiece
    from ceasefire.territory.control import Place, Standing, Word
    from ceasefire.territory.control_shares import ActorShare, Total, ZoneShares

WIDEST_KM = 25.0
CHANGED_DAYS = 7
MOST_DAYS = 60


def control_view(
    snapshot: Snapshot,
    day: date,
    *,
    zone_id: str | None = None,
    reach_km: float | None = None,
    since: date | None = None,
) -> ControlOfDay:
    """Return who is said to hold what at the end of a local day.

    Parameters
    ----------
    zone_id : str, optional
        Only settlements that lie, or may lie, in that area.
    reach_km : float, optional
        From how far settlements of which nobody speaks are interpolated; by default they are unknown.
    since : date, optional
        First day of what changed; by default of the week that ends on the day.

    Raises
    ------
    UnknownRecordError
        When there is no such area.
    """
    ledger = snapshot.control.reaching(reach_km)
    on = ledger.on(day, zone_id)
    first = min(day, since or day - timedelta(days=CHANGED_DAYS - 1))
    words = {word.statement_id: word for word in ledger.control.words}
    line = tuple(
        each
        for each in ledger.contact_line(day, widest_km=WIDEST_KM)
        if all(place in on.standings for place in each.place_ids)
    )
    band = contact_band(line)
    return ControlOfDay(
        position=snapshot.stamp.position,
        day=day.isoformat(),
        zone_id=zone_id,
        settlements=tuple(
            _settlement(
                ledger.control.places[key],
                each,
                _names(ledger, key),
                [_word(snapshot, words[one]) for one in each.statement_ids],
            )
            for key, each in on.standings.items()
        ),
        held=_zone(on.shares),
        zones=() if zone_id is not None else tuple(_zone(each) for each in ledger.zone_shares(day)),
        counts=tuple(_count(snapshot, each) for each in ledger.counts()),
        since=first.isoformat(),
        changes=tuple(_changes(ledger, first, day, zone_id)),
        advances=tuple(_advances(ledger, first, day, on)),
        contact_line=tuple(_stretch(each) for each in line),
        contact_band=None if band is None else json.loads(shapely.to_geojson(band)),
    )


def control_over_time(
    snapshot: Snapshot, day: date, *, since: date, zone_id: str | None = None, reach_km: float | None = None
) -> ControlOverTime:
    """Return who held how much at the end of some days, `MOST_DAYS` at most, evenly apart.

    Parameters
    ----------
    day : date
        The last of them.
    since : date
        Not before this one.
    zone_id, reach_km
        As of `control_view`.

    Raises
    ------
    UnknownRecordError
        When there is no such area.
    """
    ledger = snapshot.control.reaching(reach_km)
    every = max(1, -(-((day - since).days + 1) // MOST_DAYS))
    days = days_of(min(since, day), day, every=every)
    return ControlOverTime(
        position=snapshot.stamp.position,
        zone_id=zone_id,
        days=tuple(DayHeld(day=each.isoformat(), held=_zone(held)) for each, held in ledger.over_time(days, zone_id)),
    )


def _settlement(
    place: Place, standing: Standing, names: dict[str, str], words: Sequence[WordOnRecord]
) -> SettlementHeld:
    low, high = place.people.bounds or (None, None)
    return SettlementHeld(
        settlement_id=place.place_id,
        names=names,
        longitude=place.longitude,
        latitude=place.latitude,
        uncertainty_km=place.uncertainty_km,
        holding=standing.holding.value,
        holders=standing.holders,
        possible=standing.possible,
        reason=standing.reason,
        age_days=standing.age_days,
        words=tuple(words),
        nearest_km=standing.nearest_km,
        people_low=low,
        people_high=high,
    )


def _names(ledger: ControlLedger, settlement_id: str) -> dict[str, str]:
    """Return a settlement's names; of one that a table or gazetteer added, the one it has."""
    held = ledger.case.settlements.get(settlement_id)
    return dict(held.names) if held else {"und": ledger.control.places[settlement_id].name}


def _word(snapshot: Snapshot, word: Word) -> WordOnRecord:
    speaker = snapshot.case.speakers.get(word.speaker or "")
    named = speaker.names if speaker else {"und": word.speaker} if word.speaker else {}
    return WordOnRecord(
        statement_id=word.statement_id,
        says=word.says,
        actor_ids=tuple(sorted(word.actors)),
        by=dict(named),
        source=word.source,
        first_day=local_date(word.span.start, snapshot.zone).isoformat(),
        last_day=local_date(word.last, snapshot.zone).isoformat(),
        said_day=None if word.said is None else local_date(word.said, snapshot.zone).isoformat(),
    )


def _zone(of: ZoneShares) -> ZoneHeld:
    return ZoneHeld(
        zone_id=of.zone_id,
        inside=_total(of.inside),
        maybe_inside=_total(of.maybe_inside),
        contested=of.contested.settlements,
        unknown=of.unknown.settlements,
        shares=tuple(_share(each) for each in of.actors),
    )


def _share(share: ActorShare) -> HolderShare:
    return HolderShare(
        actor_id=share.actor_id,
        at_least=_total(share.at_least),
        interpolated=_total(share.interpolated),
        at_most=_total(share.at_most),
        of_settlements=_bounds(share.of_settlements),
        of_people=_bounds(share.of_people),
    )


def _total(of: Total) -> SettlementTotal:
    return SettlementTotal(
        settlements=of.settlements,
        people_low=of.people_low,
        people_high=of.people_high,
        people_unknown=of.people_unknown,
    )


def _bounds(of: tuple[float, float] | None) -> ShareBounds | None:
    return None if of is None else ShareBounds(least=round(of[0], 4), most=round(of[1], 4))


def _advances(ledger: ControlLedger, first: date, last: date, on: ControlOnDay) -> Iterable[ActorAdvance]:
    for each in ledger.advances(first, last):
        gains = [one for one in each.gains if one.place_id in on.standings]
        if gains:
            yield ActorAdvance(
                actor_id=each.actor_id,
                gains=tuple(
                    Gained(
                        settlement_id=one.place_id,
                        names=_names(ledger, one.place_id),
                        from_names=_names(ledger, one.from_place_id),
                        depth_km=one.depth_km,
                    )
                    for one in gains
                ),
                km_per_day=each.km_per_day,
                bearing=each.bearing,
                steadiness=each.steadiness,
            )


def _count(snapshot: Snapshot, held: CountOnRecord) -> SettlementsCounted:
    count, check = held.count, held.check
    return SettlementsCounted(
        count_id=count.count_id,
        actor_id=count.actor_id,
        says=count.says,
        low=count.low,
        best=count.best,
        high=count.high,
        where=held.where,
        first_day=local_date(count.span.start, snapshot.zone).isoformat(),
        last_day=local_date(max(count.span.start, count.span.end - 1), snapshot.zone).isoformat(),
        named=len(check.named),
        maybe_named=len(check.maybe_named),
        unnamed_at_least=check.unnamed_at_least,
        unnamed_at_most=check.unnamed_at_most,
    )


def _changes(ledger: ControlLedger, first: date, last: date, zone_id: str | None) -> Iterable[ControlChanged]:
    for each in ledger.changes(first, last, zone_id):
        yield ControlChanged(
            settlement_id=each.place_id,
            names=_names(ledger, each.place_id),
            before=each.before.holders or each.before.possible,
            after=each.after.holders or each.after.possible,
            before_holding=each.before.holding.value,
            after_holding=each.after.holding.value,
            changed_hands=each.changed_hands,
        )


def _stretch(piece: ContactPiece) -> ContactStretch:
    return ContactStretch(
        settlement_ids=piece.place_ids,
        longitudes=tuple(longitude for longitude, _ in piece.line),
        latitudes=tuple(latitude for _, latitude in piece.line),
        uncertainty_km=piece.uncertainty_km,
        length_km=piece.length_km,
        interpolated=piece.interpolated,
    )
