"""What a ledger of control comes to: shares by zone and actor, what changed hands, and counts held against names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ceasefire.model.time import Span
from ceasefire.model.vocabulary import Answer
from ceasefire.territory.control import Control, Holding, Place, Standing, Word

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Settlements, and the people known to live in them.

    Parameters
    ----------
    settlements : int
    people_low, people_high : int
        Of the settlements whose population somebody gives.
    people_unknown : int
        Settlements whose population nobody gives; they are in no sum, and no zero.
    """

    settlements: int
    people_low: int
    people_high: int
    people_unknown: int

    @classmethod
    def of(cls, places: Iterable[Place]) -> Total:
        """Count places."""
        listed = list(places)
        bounds = [place.people.bounds for place in listed]
        said = [each for each in bounds if each is not None]
        return cls(
            settlements=len(listed),
            people_low=sum(low for low, _ in said),
            people_high=sum(high for _, high in said),
            people_unknown=len(bounds) - len(said),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorShare:
    """What one actor holds of a zone.

    Parameters
    ----------
    actor_id : str
    at_least : Total
        Settlements that it is said to hold alone, wholly within the zone.
    interpolated : Total
        Settlements that only their neighbours speak for.
    at_most : Total
        Also those it may hold with others or against others, those on which nobody can tell, and those that may lie in
        the zone.
    of_settlements, of_people : tuple of (float, float) or None
        The least and the greatest share of the zone's settlements, and of the people known to live in them, that fit
        all this; None where the zone may have none.
    """

    actor_id: str
    at_least: Total
    interpolated: Total
    at_most: Total
    of_settlements: tuple[float, float] | None
    of_people: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneShares:
    """Who holds what of a zone.

    Parameters
    ----------
    zone_id : str or None
        None: all settlements.
    inside, maybe_inside : Total
        Settlements in the zone, and those near its border of which it cannot be told.
    contested, unknown : Total
        Among all these.
    actors : tuple of ActorShare
        By what they hold at least, then by id.
    """

    zone_id: str | None
    inside: Total
    maybe_inside: Total
    contested: Total
    unknown: Total
    actors: tuple[ActorShare, ...]


def shares(
    places: Mapping[str, Place],
    standings: Mapping[str, Standing],
    zone_id: str | None = None,
    inside: Mapping[str, Answer] | None = None,
) -> ZoneShares:
    """Count what each actor holds of a zone.

    Parameters
    ----------
    places : mapping of str to Place
    standings : mapping of str to Standing
        Of each of them, at one instant.
    zone_id : str, optional
    inside : mapping of str to Answer, optional
        Whether each place lies in the zone; by default all do.
    """
    answer = {key: Answer.YES for key in places} if inside is None else inside
    held = [(places[key], standings[key], answer[key]) for key in places if answer[key] is not Answer.NO]
    named = sorted({actor for _, standing, _ in held for actor in (*standing.holders, *standing.possible)})
    found = [_actor_share(actor, held) for actor in named]
    return ZoneShares(
        zone_id=zone_id,
        inside=Total.of(place for place, _, where in held if where is Answer.YES),
        maybe_inside=Total.of(place for place, _, where in held if where is not Answer.YES),
        contested=Total.of(place for place, standing, _ in held if standing.holding is Holding.CONTESTED),
        unknown=Total.of(place for place, standing, _ in held if standing.holding is Holding.UNKNOWN),
        actors=tuple(sorted(found, key=lambda share: (-share.at_least.settlements, share.actor_id))),
    )


def _actor_share(actor: str, held: Sequence[tuple[Place, Standing, Answer]]) -> ActorShare:
    def mine(standing: Standing, holding: Holding) -> bool:
        return standing.holding is holding and standing.holders == (actor,)

    def may_be_mine(standing: Standing) -> bool:
        # where nobody says who holds a settlement, anybody may
        silent = standing.holding is Holding.UNKNOWN and not standing.possible
        return silent or actor in standing.holders or actor in standing.possible

    def ties(standing: Standing, where: Answer) -> tuple[bool, bool, bool]:
        there = where is Answer.YES
        return mine(standing, Holding.HELD), may_be_mine(standing), there

    return ActorShare(
        actor_id=actor,
        at_least=Total.of(
            place for place, standing, where in held if where is Answer.YES and mine(standing, Holding.HELD)
        ),
        interpolated=Total.of(
            place for place, standing, where in held if where is Answer.YES and mine(standing, Holding.INTERPOLATED)
        ),
        at_most=Total.of(place for place, standing, _ in held if may_be_mine(standing)),
        of_settlements=_bounds((1, 1, *ties(standing, where)) for _, standing, where in held),
        of_people=_bounds(
            (*place.people.bounds, *ties(standing, where))
            for place, standing, where in held
            if place.people.bounds is not None
        ),
    )


def _bounds(held: Iterable[tuple[int, int, bool, bool, bool]]) -> tuple[float, float] | None:
    """Return the least and greatest share that sizes, known as ranges, leave to an actor.

    Each has its least and greatest size, whether it is surely the actor's where it counts, whether it may be, and
    whether it surely counts. A share grows with what is the actor's, and shrinks with what is not.
    """
    listed = list(held)
    mine = sum(low for low, _, sure, _, there in listed if sure and there)
    others_most = sum(high for _, high, sure, _, _ in listed if not sure)
    mine_most = sum(high for _, high, _, maybe, _ in listed if maybe)
    others = sum(low for low, _, _, maybe, there in listed if not maybe and there)
    if mine + others_most == 0 or mine_most + others == 0:
        return None
    return mine / (mine + others_most), mine_most / (mine_most + others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """That what can be said of a settlement differs between two instants.

    Parameters
    ----------
    place_id : str
    before, after : Standing
    changed_hands : bool
        Whether it was held by one before and is by others after, both as stated; else only what is known changed.
    """

    place_id: str
    before: Standing
    after: Standing
    changed_hands: bool


def changes(before: Mapping[str, Standing], after: Mapping[str, Standing]) -> tuple[Change, ...]:
    """Return what differs between two instants, what changed hands first; ages alone are no difference."""
    found = []
    for key, old in before.items():
        new = after[key]
        if (old.holding, old.holders, old.possible) == (new.holding, new.holders, new.possible):
            continue
        both_held = old.holding is Holding.HELD and new.holding is Holding.HELD
        found.append(Change(place_id=key, before=old, after=new, changed_hands=both_held))
    return tuple(sorted(found, key=lambda change: (not change.changed_hands, change.place_id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A statement that somebody took or held so many settlements of an area, not all of them named.

    Parameters
    ----------
    count_id, actor_id : str
    says : {"takes", "holds"}
    low, best, high : int or None
    span : Span
    taken_from : frozenset of str
        Of a taking: who held them until then; empty: not said.
    leaving_out : frozenset of str
        Settlements that the count does not include.
    said : int or None
        UTC microseconds.
    """

    count_id: str
    actor_id: str
    says: str
    low: int | None
    best: int | None
    high: int | None
    span: Span
    taken_from: frozenset[str] = frozenset()
    leaving_out: frozenset[str] = frozenset()
    said: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountCheck:
    """A count held against the settlements that somebody named.

    Parameters
    ----------
    count_id : str
    named : tuple of str
        Settlements that a statement names, certainly in the area and the period.
    maybe_named : tuple of str
        Those of which the place, the day, or from whom it was taken leaves it open.
    unnamed_at_least, unnamed_at_most : int or None
        How many of the count nobody has named; None where the count has no such bound.
    more_named_than_counted : bool
        Whether more settlements are named than the count's highest figure has room for.
    """

    count_id: str
    named: tuple[str, ...]
    maybe_named: tuple[str, ...]
    unnamed_at_least: int | None
    unnamed_at_most: int | None
    more_named_than_counted: bool


def check_count(
    count: Count, control: Control, inside: Callable[[Place], Answer], *, known: int | None = None
) -> CountCheck:
    """Hold a count against the statements that name settlements.

    Parameters
    ----------
    count : Count
    control : Control
    inside : callable
        Whether a place lies in the count's area.
    known : int, optional
        Only statements said by then.
    """
    told = _held(count, control, known) if count.says == "holds" else _taken(count, control, known)
    named: dict[str, bool] = {}
    for place_id, answer in told:
        where = inside(control.places[place_id])
        if place_id not in count.leaving_out and Answer.NO not in (answer, where):
            sure = answer is Answer.YES and where is Answer.YES
            named[place_id] = named.get(place_id, False) or sure
    certain = tuple(sorted(key for key, sure in named.items() if sure))
    maybe = tuple(sorted(key for key, sure in named.items() if not sure))
    least = count.low if count.low is not None else count.best
    most = count.high if count.high is not None else count.best if count.low is None else None
    return CountCheck(
        count_id=count.count_id,
        named=certain,
        maybe_named=maybe,
        unnamed_at_least=None if least is None else max(0, least - len(certain) - len(maybe)),
        unnamed_at_most=None if most is None else max(0, most - len(certain)),
        more_named_than_counted=most is not None and len(certain) > most,
    )


def _held(count: Count, control: Control, known: int | None) -> Iterable[tuple[str, Answer]]:
    """Yield the settlements that the actor holds, or may, at the end of the count's period."""
    instant, actor = max(count.span.start, count.span.end - 1), frozenset({count.actor_id})
    for place_id in control.places:
        standing = control.of(place_id, instant, known=known)
        if control.agree(frozenset(standing.holders), actor, instant):
            yield place_id, Answer.YES
        elif any(control.agree(frozenset({one}), actor, instant) for one in (*standing.holders, *standing.possible)):
            yield place_id, Answer.UNDETERMINED


def _taken(count: Count, control: Control, known: int | None) -> Iterable[tuple[str, Answer]]:
    """Yield the settlements that the actor is said to have taken, and whether in the period and from those named."""
    for word in control.words:
        heard = known is None or (word.said is not None and word.said <= known)
        if heard and word.says == "takes" and control.agree(word.actors, frozenset({count.actor_id}), word.last):
            when, whose = _within(word, count), _from_those(word, count, control)
            yield word.place_id, when if whose is Answer.YES or when is Answer.NO else whose


def _from_those(word: Word, count: Count, control: Control) -> Answer:
    """Whether a settlement was taken from those that the count is of."""
    if not count.taken_from:
        return Answer.YES
    if not word.taken_from:
        return Answer.UNDETERMINED
    pairs = ((frozenset({a}), frozenset({b})) for a in word.taken_from for b in count.taken_from)
    return Answer.YES if any(control.agree(a, b, word.span.start - 1) for a, b in pairs) else Answer.NO


def _within(word: Word, count: Count) -> Answer:
    """Whether a word is of the count's period."""
    if word.span.start >= count.span.start and word.last < max(count.span.end, count.span.start + 1):
        return Answer.YES
    return Answer.UNDETERMINED if word.span.start < count.span.end and word.last >= count.span.start else Answer.NO
