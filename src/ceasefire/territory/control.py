"""Who holds each settlement on a day, from what is said of it; never from violence.

A *word* is one statement about one settlement. The newest word of each independent chain of sources stands, carried
forward for at most so many days. A newer word of one chain replaces an older one of *another* only where somebody says
that the settlement changed hands in between; otherwise the two differ, and the settlement is contested. A taking says
also who held the settlement the day before. See docs/decisions/0017-control-is-statements.md.

Past 400 lines because what is said and what follows from it are one page that has to be read together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

from ceasefire.model.time import MICROSECONDS_PER_DAY, Span

_GEOD = Geod(ellps="WGS84")
_NEIGHBOURS = 3
"""So many of the nearest stated settlements must agree, as far as there are so many within reach."""

Belongs = Callable[[str, str, int], bool]
"""Whether one actor belongs to another at an instant."""
Floats = NDArray[np.float64]


class Holding(StrEnum):
    """What can be said of a settlement on a day."""

    HELD = "held"
    CONTESTED = "contested"
    INTERPOLATED = "interpolated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """How many live in a settlement, as a range; all None: nobody says."""

    low: int | None = None
    best: int | None = None
    high: int | None = None

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The least and the most that is said, or None."""
        said = [count for count in (self.low, self.best, self.high) if count is not None]
        return (min(said), max(said)) if said else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A settlement.

    Parameters
    ----------
    place_id, name : str
    longitude, latitude : float
        Degrees, WGS 84.
    uncertainty_km : float
        How far it may lie from the point.
    unit : str or None
        Administrative units, the largest first, joined by ``/``.
    people : People
    """

    place_id: str
    name: str
    longitude: float
    latitude: float
    uncertainty_km: float = 0.0
    unit: str | None = None
    people: People = People()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What one chain of sources says of one settlement.

    Parameters
    ----------
    statement_id, place_id : str
    chain : str
        The independent chain of sources; words of one chain are never independent.
    says : {"holds", "takes", "leaves", "fought-over"}
    actors : frozenset of str
        Several hold together, or fight for it.
    taken_from : frozenset of str
        Of a taking: who held it until then.
    span : Span
        What it speaks for; of a taking or leaving, the time in which it happened.
    said : int or None
        UTC microseconds by which it had been said; None where nobody recorded that.
    speaker, source : str or None
        Who says it, and where that was read.
    """

    statement_id: str
    place_id: str
    chain: str
    says: str
    actors: frozenset[str]
    taken_from: frozenset[str] = frozenset()
    span: Span
    said: int | None = None
    speaker: str | None = None
    source: str | None = None

    @property
    def last(self) -> int:
        """The last instant spoken for."""
        return max(self.span.start, self.span.end - 1)

    @property
    def is_change(self) -> bool:
        """Whether it says that the settlement changed hands."""
        return self.says in ("takes", "leaves")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What can be said of one settlement at one instant.

    Parameters
    ----------
    place_id : str
    holding : Holding
    holders : tuple of str
        Who holds it; several: together. Empty unless held or interpolated.
    possible : tuple of str
        Of a contested or undecided settlement: who may hold it.
    reason : str
        A key of `REASONS`.
    age_days : int or None
        Of the newest word it rests on: days since what it speaks for; None where there is none.
    statement_ids : tuple of str
        The words it rests on.
    nearest_km : float or None
        Of an interpolated settlement: how far off the nearest stated one lies.
    """

    place_id: str
    holding: Holding
    holders: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    reason: str = ""
    age_days: int | None = None
    statement_ids: tuple[str, ...] = ()
    nearest_km: float | None = None


REASONS = {
    "said": "somebody says so of that day",
    "carried": "the last that was said, carried forward",
    "before-taking": "said by who reports its taking",
    "sources-differ": "independent sources differ, and nobody says that it changed hands in between",
    "fought-over": "said to be fought over",
    "on-the-day": "it changed hands on some day of a period that includes this one",
    "left": "said to have been left, and nobody says who holds it",
    "too-old": "the last that was said is older than words are carried",
    "nobody-says": "nobody says",
    "neighbours": "from the nearest settlements of which somebody says who holds them",
    "neighbours-differ": "nobody says, and the nearest settlements differ",
}


def _never(a: str, b: str, instant: int) -> bool:  # noqa: ARG001
    return False


class Control:
    """The ledger of statements, asked by day.

    Parameters
    ----------
    places : sequence of Place
        With distinct ids.
    words : sequence of Word
        Of places among `places`.
    belongs : callable, optional
        Whether an actor belongs to another at an instant: their holdings are then no contradiction.
    """

    def __init__(self, places: Sequence[Place], words: Sequence[Word], *, belongs: Belongs = _never) -> None:
        self.places: Mapping[str, Place] = {place.place_id: place for place in places}
        self.words = tuple(words)
        self._belongs = belongs
        self._by_place: dict[str, list[Word]] = {}
        for word in words:
            self._by_place.setdefault(word.place_id, []).append(word)
            if word.taken_from:
                self._by_place[word.place_id].append(_before(word))

    def at(
        self,
        instant: int,
        *,
        known: int | None = None,
        carry_days: int | None = None,
        reach_km: float | None = None,
    ) -> dict[str, Standing]:
        """Answer for every place.

        Parameters
        ----------
        instant : int
            UTC microseconds; for a day, its last.
        known : int, optional
            Only what had been said by then; what has no day on which it was said is left out.
        carry_days : int, optional
            How long a word is carried after what it speaks for; by default without end.
        reach_km : float, optional
            From how far a settlement of which nobody speaks is interpolated; by default none is.
        """
        standings = {
            place_id: self._stated(place_id, instant, known=known, carry_days=carry_days) for place_id in self.places
        }
        return standings if reach_km is None else self._interpolated(standings, instant, reach_km)

    def of(self, place_id: str, instant: int, *, known: int | None = None, carry_days: int | None = None) -> Standing:
        """Answer for one place, as `at` does, without interpolation."""
        return self._stated(place_id, instant, known=known, carry_days=carry_days)

    def agree(self, a: frozenset[str], b: frozenset[str], instant: int) -> bool:
        """Whether two words on who holds a settlement are no contradiction."""
        if a == b:
            return True
        if len(a) != 1 or len(b) != 1:
            return False
        (one,), (other,) = a, b
        return self._belongs(one, other, instant) or self._belongs(other, one, instant)

    def _stated(self, place_id: str, instant: int, *, known: int | None, carry_days: int | None) -> Standing:
        heard = [
            word
            for word in self._by_place.get(place_id, ())
            if word.span.start <= instant and (known is None or (word.said is not None and word.said <= known))
        ]
        if not heard:
            return Standing(place_id=place_id, holding=Holding.UNKNOWN, reason="nobody-says")
        settled = [word for word in heard if not (word.is_change and word.last > instant)]
        pending = [word for word in heard if word.is_change and word.last > instant]
        standing = self._settled(place_id, settled, instant, carry_days)
        return self._undecided(standing, pending, instant) if pending else standing

    def _settled(self, place_id: str, words: list[Word], instant: int, carry_days: int | None) -> Standing:
        """Answer from words on what had happened by the instant."""
        if not words:
            return Standing(place_id=place_id, holding=Holding.UNKNOWN, reason="nobody-says")
        newest = list(_newest_of_chains(words, instant))
        stand = [word for word in newest if not any(_replaces(other, word) for other in words)]
        oldest = None if carry_days is None else instant - carry_days * MICROSECONDS_PER_DAY
        fresh = [word for word in stand if oldest is None or word.last >= oldest]
        if not fresh:
            last = max((word.last for word in stand), default=instant)
            return Standing(
                place_id=place_id, holding=Holding.UNKNOWN, reason="too-old", age_days=_days(instant - last)
            )
        return self._combined(place_id, fresh, instant)

    def _combined(self, place_id: str, words: list[Word], instant: int) -> Standing:
        """Answer from the words that stand: agreed, contested, or left by all."""
        words = sorted(words, key=lambda word: (-word.last, word.statement_id))
        ids = tuple(word.statement_id for word in words)
        age = max(0, _days(instant - words[0].last))
        claims = [word for word in words if word.says in ("holds", "takes")]
        fought = [word for word in words if word.says == "fought-over"]
        left = frozenset(actor for word in words if word.says == "leaves" for actor in word.actors)
        differ = any(not self.agree(a.actors, b.actors, instant) for a, b in combinations(claims, 2))
        denied = any(word.actors & left for word in claims)
        if fought or differ or denied:
            named = frozenset(actor for word in (*claims, *fought) for actor in word.actors)
            return Standing(
                place_id=place_id,
                holding=Holding.CONTESTED,
                possible=tuple(sorted(named)),
                reason="fought-over" if fought else "sources-differ",
                age_days=age,
                statement_ids=ids,
            )
        if not claims:
            return Standing(place_id=place_id, holding=Holding.UNKNOWN, reason="left", age_days=age, statement_ids=ids)
        spoken = any(word.last >= instant for word in claims)
        before = all(word.says == "holds" and word.taken_from for word in claims)
        return Standing(
            place_id=place_id,
            holding=Holding.HELD,
            holders=tuple(sorted(claims[0].actors)),
            reason="before-taking" if before else "said" if spoken else "carried",
            age_days=age,
            statement_ids=ids,
        )

    def _undecided(self, standing: Standing, pending: list[Word], instant: int) -> Standing:
        """Answer within the period in which the settlement is said to have changed hands."""
        new = frozenset(actor for word in pending if word.says == "takes" for actor in word.actors)
        old = frozenset(actor for word in pending for actor in word.taken_from) | frozenset(standing.holders)
        if standing.holding is Holding.HELD and new and self.agree(frozenset(standing.holders), new, instant):
            return standing
        return Standing(
            place_id=standing.place_id,
            holding=Holding.UNKNOWN,
            possible=tuple(sorted(new | old | frozenset(standing.possible))),
            reason="on-the-day",
            age_days=0,
            statement_ids=tuple(sorted({word.statement_id for word in pending} | set(standing.statement_ids))),
        )

    def _interpolated(self, standings: dict[str, Standing], instant: int, reach_km: float) -> dict[str, Standing]:
        spoken_of = [each for each in standings.values() if each.holding in (Holding.HELD, Holding.CONTESTED)]
        silent = [each for each in standings.values() if each.reason in ("nobody-says", "too-old")]
        if not spoken_of or not silent:
            return standings
        positions = flat_km([self.places[each.place_id] for each in (*spoken_of, *silent)])
        tree = cKDTree(positions[: len(spoken_of)])
        # the plane is only to find neighbours; distances told are geodesic
        near = tree.query_ball_point(positions[len(spoken_of) :], reach_km * 1.02)
        answered = dict(standings)
        for each, found in zip(silent, near, strict=True):
            place = self.places[each.place_id]
            by_distance = sorted((self._km(place, spoken_of[number].place_id), number) for number in found)
            within = [(km, spoken_of[number]) for km, number in by_distance if km <= reach_km][:_NEIGHBOURS]
            if within:
                answered[each.place_id] = self._from_neighbours(each, within, instant)
        return answered

    def _from_neighbours(self, silent: Standing, within: list[tuple[float, Standing]], instant: int) -> Standing:
        nearest_km, nearest = within[0]
        holders = frozenset(nearest.holders)
        alike = all(
            other.holding is Holding.HELD and self.agree(holders, frozenset(other.holders), instant)
            for _, other in within
        )
        return Standing(
            place_id=silent.place_id,
            holding=Holding.INTERPOLATED if alike else Holding.UNKNOWN,
            holders=nearest.holders if alike else (),
            possible=() if alike else tuple(sorted({who for _, o in within for who in (*o.holders, *o.possible)})),
            reason="neighbours" if alike else "neighbours-differ",
            age_days=max((other.age_days for _, other in within if other.age_days is not None), default=None),
            statement_ids=tuple(dict.fromkeys(id_ for _, other in within for id_ in other.statement_ids)),
            nearest_km=round(nearest_km, 2),
        )

    def _km(self, a: Place, b: str) -> float:
        other = self.places[b]
        return float(_GEOD.inv(a.longitude, a.latitude, other.longitude, other.latitude)[2]) / 1000


def flat_km(places: Sequence[Place]) -> Floats:
    """Return positions in kilometres on a plane about the middle of the places, shape (n, 2).

    The middle is that of their unit vectors, so that places on both sides of the 180th meridian lie side by side.
    """
    longitude = np.array([place.longitude for place in places])
    latitude = np.array([place.latitude for place in places])
    project = about(longitude, latitude)
    return np.column_stack(project.transform(longitude, latitude))


def about(longitude: Floats, latitude: Floats) -> Transformer:
    """Return the projection to kilometres on a plane that keeps distances from the middle of some places."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    middle = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]).mean(axis=1)
    lon_0 = float(np.degrees(np.arctan2(middle[1], middle[0])))
    lat_0 = float(np.degrees(np.arctan2(middle[2], np.hypot(middle[0], middle[1]))))
    return Transformer.from_crs(
        "OGC:CRS84", f"+proj=aeqd +lat_0={lat_0!r} +lon_0={lon_0!r} +datum=WGS84 +units=km", always_xy=True
    )


def _before(taking: Word) -> Word:
    """Return what a taking says of the day before it."""
    start = taking.span.start
    return replace(taking, says="holds", actors=taking.taken_from, span=Span(start - MICROSECONDS_PER_DAY, start))


def _newest_of_chains(words: Iterable[Word], instant: int) -> Iterable[Word]:
    """Yield the newest words of each chain: several where it says two things of one time."""
    chains: dict[str, list[Word]] = {}
    for word in words:
        chains.setdefault(word.chain, []).append(word)
    for said in chains.values():
        rank = {id(word): (min(word.last, instant), word.is_change) for word in said}
        newest = max(rank.values())
        yield from (word for word in said if rank[id(word)] == newest)


def _replaces(change: Word, word: Word) -> bool:
    """Whether a stated change leaves an older word behind."""
    if change is word or not change.is_change:
        return False
    if word.is_change:
        return change.span.start > word.last
    return change.last >= word.last


def _days(microseconds: int) -> int:
    return microseconds // MICROSECONDS_PER_DAY
