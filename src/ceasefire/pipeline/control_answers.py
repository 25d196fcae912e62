"""What the centre answers on who holds what: the records of `control_view`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from ceasefire.model.roles import public

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordOnRecord:
    """What one statement says of a settlement, and who says it."""

    statement_id: Annotated[str, public("Its id.")]
    says: Annotated[str, public("holds, takes, leaves or fought-over.")]
    actor_ids: Annotated[tuple[str, ...], public("Of whom.")]
    by: Annotated[dict[str, str], public("Who says so, by language; empty: see `source`.")]
    source: Annotated[str | None, public("Key of where it was read.")]
    first_day: Annotated[str, public("First local day that it speaks for.")]
    last_day: Annotated[str, public("The last.")]
    said_day: Annotated[str | None, public("Local day by which it had been said; null: nobody recorded that.")]


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
    words: Annotated[tuple[WordOnRecord, ...], public("The statements it rests on: according to whom.")]
    nearest_km: Annotated[float | None, public("Of an interpolated settlement: how far off the nearest stated one is.")]
    people_low: Annotated[int | None, public("The least that is said to live there; null: nobody says.")]
    people_high: Annotated[int | None, public("The most; null: nobody says.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTotal:
    """Settlements, and the people known to live in them."""

    settlements: Annotated[int, public("How many.")]
    people_low: Annotated[int, public("People in those whose population somebody gives, the least that is said.")]
    people_high: Annotated[int, public("The most.")]
    people_unknown: Annotated[int, public("Settlements whose population nobody gives; in no sum, and no zero.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareBounds:
    """The least and the greatest share that fits what is said."""

    least: Annotated[float, public("From 0 to 1.")]
    most: Annotated[float, public("From 0 to 1.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderShare:
    """What one actor holds, from what it is said to hold alone to what it may hold."""

    actor_id: Annotated[str, public("The actor.")]
    at_least: Annotated[SettlementTotal, public("Said to be held by it alone.")]
    interpolated: Annotated[SettlementTotal, public("Only their neighbours speak for these; not in `at_least`.")]
    at_most: Annotated[SettlementTotal, public("Also those shared, contested or unknown.")]
    of_settlements: Annotated[ShareBounds | None, public("Of all settlements asked for; null: there may be none.")]
    of_people: Annotated[ShareBounds | None, public("Of the people known; null: nobody gives any number.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneHeld:
    """Who holds how much of one zone."""

    zone_id: Annotated[str | None, public("The zone; null: all settlements.")]
    inside: Annotated[SettlementTotal, public("Surely in it.")]
    maybe_inside: Annotated[SettlementTotal, public("So near to its border that nobody can tell.")]
    contested: Annotated[int, public("Settlements contested.")]
    unknown: Annotated[int, public("Settlements of which nobody can say.")]
    shares: Annotated[tuple[HolderShare, ...], public("By what is held at least.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHeld:
    """Who holds how much at the end of one local day."""

    day: Annotated[str, public("The day.")]
    held: Annotated[ZoneHeld, public("Who holds how much.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOverTime:
    """Who holds how much, day after day."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    zone_id: Annotated[str | None, public("The zone; null: all settlements.")]
    days: Annotated[tuple[DayHeld, ...], public("In order; the last is the one asked for.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gained:
    """A settlement that an actor holds after a period, and others before it."""

    settlement_id: Annotated[str, public("Its id.")]
    names: Annotated[dict[str, str], public("Its name by language.")]
    from_names: Annotated[dict[str, str], public("The nearest settlement that the actor held before.")]
    depth_km: Annotated[float, public("From there.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorAdvance:
    """How far an actor came in a period, past what it held before; stated holdings alone."""

    actor_id: Annotated[str, public("The actor.")]
    gains: Annotated[tuple[Gained, ...], public("The deepest first.")]
    km_per_day: Annotated[float | None, public("The deepest gain over the days of the period.")]
    bearing: Annotated[float | None, public("Mean direction, degrees from north; null: under three gains.")]
    steadiness: Annotated[float | None, public("How much the gains agree on it, 0 to 1.")]


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
    held: Annotated[ZoneHeld, public("Who holds how much of these.")]
    zones: Annotated[
        tuple[ZoneHeld, ...], public("The same of each zone that has a settlement; none if one was asked.")
    ]
    counts: Annotated[tuple[SettlementsCounted, ...], public("Counts that name no settlement, whatever their period.")]
    since: Annotated[str, public("First local day of `changes`.")]
    changes: Annotated[tuple[ControlChanged, ...], public("What changed up to the day.")]
    advances: Annotated[tuple[ActorAdvance, ...], public("How far each side came since then.")]
    contact_line: Annotated[tuple[ContactStretch, ...], public("Where holders face each other.")]
    contact_band: Annotated[Shape | None, public("Where that line may run, GeoJSON; null: nowhere, or not measured.")]
