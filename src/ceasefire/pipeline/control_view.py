"""Who is said to hold what on a day, as the centre tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

from ceasefire.model.roles import public

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ceasefire.pipeline.control import ControlLedger, CountOnRecord
    from ceasefire.pipeline.served import Snapshot
    from ceasefire.territory.contact_line import ContactPiece
    from ceasefire.territory.control import Place, Standing
    from ceasefire.territory.control_shares import ActorShare

WIDEST_KM = 25.0
CHANGED_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementHeld:
    """A settlement, and what can be said of who holds it."""

    settlement_id: Annotated[str, public("Its id.")]
    names: Annotated[dict[str, str], public("Its name by language.")]
    longitude: Annotated[float, public("Degrees.")]
    latitude: Annotated[float, public("Degrees.")]
    uncertainty_km: Annotated[float, public("How far it may lie from the point.")]
    holding: Annotated[str, public("held, contested, interpolated or unknown.")]
    holders: Annotated[tuple[str, ...], public("Actors said to hold it, several together; empty: see `possible`.")]
    possible: Annotated[tuple[str, ...], public("Actors that may hold it, where that is contested or open.")]
    reason: Annotated[str, public("Why: a word of the vocabulary of control.")]
    age_days: Annotated[int | None, public("Days since what the newest word speaks for; null: nobody spoke.")]
    statement_ids: Annotated[tuple[str, ...], public("The statements it rests on.")]
    nearest_km: Annotated[float | None, public("Of an interpolated settlement: how far off the nearest stated one is.")]
    people_low: Annotated[int | None, public("The least that is said to live there; null: nobody says.")]
    people_high: Annotated[int | None, public("The most; null: nobody says.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderShare:
    """What one actor holds, from what it is said to hold alone to what it may hold."""

    actor_id: Annotated[str, public("The actor.")]
    at_least: Annotated[int, public("Settlements it is said to hold alone.")]
    interpolated: Annotated[int, public("Settlements that only their neighbours speak for; not in `at_least`.")]
    at_most: Annotated[int, public("Also those shared, contested or unknown.")]
    people_low: Annotated[int, public("People known in `at_least`, the least that is said.")]
    people_high: Annotated[int, public("The same, the most.")]
    people_unknown: Annotated[int, public("Settlements in `at_least` whose population nobody gives.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementsCounted:
    """A statement of how many settlements somebody took or held, and how many of them nobody has named."""

    count_id: Annotated[str, public("Its id.")]
    actor_id: Annotated[str, public("Who took or held them.")]
    says: Annotated[str, public("takes or holds.")]
    low: Annotated[int | None, public("The least that is said.")]
    best: Annotated[int | None, public("What is said.")]
    high: Annotated[int | None, public("The most that is said.")]
    where: Annotated[str, public("An area of the case, or administrative units.")]
    first_day: Annotated[str, public("First local day of its period.")]
    last_day: Annotated[str, public("Last local day of its period.")]
    named: Annotated[int, public("Settlements that a statement names, of that place and period.")]
    maybe_named: Annotated[int, public("Settlements of which place or day leave it open.")]
    unnamed_at_least: Annotated[int | None, public("How many of the count nobody named, at least.")]
    unnamed_at_most: Annotated[int | None, public("At most; null: the count has no upper figure.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChanged:
    """That what can be said of a settlement changed."""

    settlement_id: Annotated[str, public("Its id.")]
    names: Annotated[dict[str, str], public("Its name by language.")]
    before: Annotated[tuple[str, ...], public("Who held it, or may have.")]
    after: Annotated[tuple[str, ...], public("Who holds it, or may.")]
    before_holding: Annotated[str, public("held, contested, interpolated or unknown.")]
    after_holding: Annotated[str, public("The same, after.")]
    changed_hands: Annotated[bool, public("Whether both are stated; else only what is known changed.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactStretch:
    """A piece of contact line, drawn halfway between two settlements of different holders."""

    settlement_ids: Annotated[tuple[str, ...], public("The two settlements.")]
    longitudes: Annotated[tuple[float, ...], public("Of its two ends, degrees.")]
    latitudes: Annotated[tuple[float, ...], public("Of its two ends, degrees.")]
    uncertainty_km: Annotated[float, public("How far to either side it may run.")]
    length_km: Annotated[float, public("Its length as drawn.")]
    interpolated: Annotated[bool, public("Whether one of the two settlements is interpolated.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOfDay:
    """Who is said to hold what at the end of a day. Statements of sources; nothing is inferred from violence."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    day: Annotated[str, public("The local day asked for.")]
    zone_id: Annotated[str | None, public("Only settlements that lie, or may lie, in it; null: all.")]
    settlements: Annotated[tuple[SettlementHeld, ...], public("In the order of the record.")]
    shares: Annotated[tuple[HolderShare, ...], public("By what is held at least.")]
    contested: Annotated[int, public("Settlements contested.")]
    unknown: Annotated[int, public("Settlements of which nobody can say.")]
    people_unknown: Annotated[int, public("Settlements whose population nobody gives.")]
    counts: Annotated[tuple[SettlementsCounted, ...], public("Counts that name no settlement, whatever their period.")]
    since: Annotated[str, public("First local day of `changes`.")]
    changes: Annotated[tuple[ControlChanged, ...], public("What changed up to the day.")]
    contact_line: Annotated[tuple[ContactStretch, ...], public("Where holders face each other.")]


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
    shares = on.shares
    return ControlOfDay(
        position=snapshot.stamp.position,
        day=day.isoformat(),
        zone_id=zone_id,
        settlements=tuple(
            _settlement(ledger.control.places[key], each, _names(ledger, key)) for key, each in on.standings.items()
        ),
        shares=tuple(_share(each) for each in shares.actors),
        contested=shares.contested.settlements,
        unknown=shares.unknown.settlements,
        people_unknown=shares.inside.people_unknown + shares.maybe_inside.people_unknown,
        counts=tuple(_count(snapshot, each) for each in ledger.counts()),
        since=first.isoformat(),
        changes=tuple(_changes(ledger, first, day, zone_id)),
        contact_line=tuple(
            _stretch(each)
            for each in ledger.contact_line(day, widest_km=WIDEST_KM)
            if all(place in on.standings for place in each.place_ids)
        ),
    )


def _settlement(place: Place, standing: Standing, names: dict[str, str]) -> SettlementHeld:
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
        statement_ids=standing.statement_ids,
        nearest_km=standing.nearest_km,
        people_low=low,
        people_high=high,
    )


def _names(ledger: ControlLedger, settlement_id: str) -> dict[str, str]:
    """Return a settlement's names; of one that a table or gazetteer added, the one it has."""
    held = ledger.case.settlements.get(settlement_id)
    return dict(held.names) if held else {"und": ledger.control.places[settlement_id].name}


def _share(share: ActorShare) -> HolderShare:
    return HolderShare(
        actor_id=share.actor_id,
        at_least=share.at_least.settlements,
        interpolated=share.interpolated.settlements,
        at_most=share.at_most.settlements,
        people_low=share.at_least.people_low,
        people_high=share.at_least.people_high,
        people_unknown=share.at_least.people_unknown,
    )


def _count(snapshot: Snapshot, held: CountOnRecord) -> SettlementsCounted:
    from ceasefire.model.time import local_date

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
