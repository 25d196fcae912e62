"""Who is who at an instant: names resolved to actors, ties followed through other actors."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ceasefire.actors.records import Actor
from ceasefire.model.time import EARLIEST, LATEST, parse_moment

UNRESOLVED = "name:"
"""Prefix of an actor that nobody on the register is called: ``name:Sons of the River``."""

BINDING_TIES = frozenset({"member", "command", "merged"})
"""Ties through which what binds or exempts a group reaches the one who belongs to it."""

# Definite articles as they are romanised (assimilated or not), and the English one: sources differ most in these.
_ARTICLES = frozenset({"al", "el", "ul", "ar", "as", "ash", "at", "ad", "adh", "an", "az", "ath", "the"})
_LETTERS = str.maketrans(
    {"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "ـ": None, "ı": "i", "’": None, "‘": None, "'": None, "`": None}
    | dict.fromkeys("ʿʾʻʼ´\u200c\u200d\u200e\u200f")
)
_WORD = re.compile(r"[^\W_]+")
_ARABIC_ARTICLE = "ال"
_SHORTEST_STEM = 3  # shorter remainders are words of their own, not an article and a noun
_COMMAS = re.compile(r"\s*[,،;]\s*")
_AND = re.compile(r"\s+(?:and|&)\s+", re.IGNORECASE)


def normalised_name(text: str) -> str:
    """Return the form under which names are compared: case, marks, letter variants, hyphens and articles removed.

    Examples
    --------
    >>> normalised_name("Ahrar ash-Sham") == normalised_name("AḤRĀR  al Shām")
    True
    >>> normalised_name("Jaysh al-Islam") == normalised_name("IS")
    False
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold()
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(_LETTERS)
    words = _WORD.findall(plain)
    kept = [_without_arabic_article(word) for word in words if word not in _ARTICLES]
    return " ".join(kept or words)


def _without_arabic_article(word: str) -> str:
    stem = word.removeprefix(_ARABIC_ARTICLE)
    return stem if len(stem) >= _SHORTEST_STEM else word


@dataclass(frozen=True, slots=True)
class _Held:
    """What holds for an actor from `start` until just before `end`, UTC microseconds."""

    actor: str
    start: int
    end: int

    def at(self, instant: int) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class _Tie:
    to: str
    kind: str
    start: int
    end: int

    def at(self, instant: int) -> bool:
        return self.start <= instant < self.end


class ActorRegister:
    """The actors of a case, with their names and ties at any instant.

    Instants are UTC microseconds. A name, tie or external id holds from the start of its `valid_from` to the
    start of its `valid_until`: the day of `valid_until` is the first on which it no longer holds.

    Parameters
    ----------
    actors : sequence of Actor
        Each id once.
    zone : ZoneInfo
        Of the dates in the actors' records.
    end_of_day : bool
        Take a change known to a day to have happened at the end of that day instead of its beginning.

    Attributes
    ----------
    actors : dict of str to Actor
        By id, in the order given.
    """

    def __init__(self, actors: Sequence[Actor], zone: ZoneInfo, *, end_of_day: bool = False) -> None:
        self.actors: dict[str, Actor] = {actor.id: actor for actor in actors}
        self._zone = zone
        self._end_of_day = end_of_day
        self._late: ActorRegister | None = self if end_of_day else None
        self._names: dict[str, list[_Held]] = defaultdict(list)
        self._external: dict[tuple[str, str], list[_Held]] = defaultdict(list)
        self._ties: dict[str, tuple[_Tie, ...]] = {}
        for actor in actors:
            for name in actor.names:
                held = _Held(actor.id, *self.interval(name.valid_from, name.valid_until))
                self._names[normalised_name(name.text)].append(held)
            for known in actor.external_ids:
                held = _Held(actor.id, *self.interval(known.valid_from, known.valid_until))
                self._external[known.scheme, known.id].append(held)
            self._ties[actor.id] = tuple(
                _Tie(tie.to, tie.kind, *self.interval(tie.valid_from, tie.valid_until)) for tie in actor.affiliations
            )
        every = [(name, tie) for name, ties in self._ties.items() for tie in ties]
        self._alliances = [(name, tie) for name, tie in every if tie.kind == "allied"]
        ends = {end for ties in self._ties.values() for tie in ties for end in (tie.start, tie.end)}
        self._changes = tuple(sorted(ends - {EARLIEST, LATEST}))
        self._groups: dict[tuple[str, int], frozenset[str]] = {}
        self._changes_of: dict[str, tuple[int, ...]] = {}

    def interval(self, valid_from: str | None, valid_until: str | None) -> tuple[int, int]:
        """Return the first instant at which it holds and the first at which it no longer does."""
        return self._change(valid_from, EARLIEST), self._change(valid_until, LATEST)

    def _change(self, moment: str | None, otherwise: int) -> int:
        if moment is None:
            return otherwise
        span = parse_moment(moment, self._zone)
        return span.end if self._end_of_day else span.start

    def at_end_of_day(self) -> ActorRegister:
        """Return the register that takes every change known to a day to have happened at the end of that day.

        On such a day nobody knows whether a tie still, or already, held; where the two registers answer alike, it
        does not matter.
        """
        if self._late is None:
            self._late = ActorRegister(tuple(self.actors.values()), self._zone, end_of_day=True)
        return self._late

    def name(self, actor_id: str, language: str = "en") -> str:
        """Return the name an actor is printed under.

        Parameters
        ----------
        actor_id : str
            An id; ``name:X`` gives X, and an id that is not on the register gives itself.
        language : str
            Its own name in that language, else one in it that is no alias, else so in English, else the first.
        """
        if actor_id.startswith(UNRESOLVED):
            return actor_id.removeprefix(UNRESOLVED)
        if actor_id not in self.actors:
            return actor_id
        names = self.actors[actor_id].names
        for wanted in (language, "en"):
            for kind in ("own", "name"):
                for name in names:
                    if name.language == wanted and name.kind == kind:
                        return name.text
        return next((name.text for name in names if name.kind == "own"), names[0].text)

    def resolve(self, text: str, *, at: int | None = None) -> str:
        """Return the id of the actor of that whole name, or ``name:<text>``.

        Parts of names never match. Where several actors bear the name, those who bear it at `at` win; if that
        leaves more than one, it is nobody's.

        Parameters
        ----------
        text : str
            A name in any language and spelling on the register; an actor id resolves to itself.
        at : int, optional
            Instant, UTC microseconds.
        """
        text = " ".join(text.split())
        if text in self.actors or text.startswith(UNRESOLVED):
            return text
        held = self._names.get(normalised_name(text), [])
        current = {one.actor for one in held if at is not None and one.at(at)}
        found = current or {one.actor for one in held}
        return found.pop() if len(found) == 1 else UNRESOLVED + text

    def resolve_side(self, text: str, *, at: int | None = None) -> tuple[str, ...]:
        """Return the actors of a side that may be a composite, such as ``A, B and C``, each once.

        The whole text is tried first. Commas always part; *and* parts only where it stands between names of
        which one at least is known, since it also occurs within names.
        """
        whole = self.resolve(text, at=at)
        if not whole.startswith(UNRESOLVED):
            return (whole,)
        found: list[str] = []
        for part in _COMMAS.split(text.strip()):
            # an Oxford comma leaves its "and" in front of the last name
            part = re.sub(r"^(?:and|&)\s+", "", part.strip(), flags=re.IGNORECASE)
            if part:
                found += self._resolve_pair(part, at)
        return tuple(dict.fromkeys(found)) or (whole,)

    def _resolve_pair(self, text: str, at: int | None) -> list[str]:
        whole = self.resolve(text, at=at)
        parts = [self.resolve(part, at=at) for part in _AND.split(text)]
        if whole.startswith(UNRESOLVED) and any(not part.startswith(UNRESOLVED) for part in parts):
            return parts
        return [whole]

    def by_external_id(self, scheme: str, id: str, *, at: int | None = None) -> str | None:
        """Return the actor that another data set knows by that id, or None where none or several are.

        Parameters
        ----------
        scheme, id : str
            The data set and its id.
        at : int, optional
            Instant, UTC microseconds; ids that did not mean the actor then do not count.
        """
        found = {one.actor for one in self._external.get((scheme, id), []) if at is None or one.at(at)}
        return found.pop() if len(found) == 1 else None

    def belongs_to(self, actor_id: str, group_id: str, instant: int) -> bool:
        """Whether the actor is the group, or belongs to it at `instant` as member, under command or merged."""
        return group_id in self.groups_of(actor_id, instant)

    def groups_of(self, actor_id: str, instant: int) -> frozenset[str]:
        """Return the actor and all it belongs to at `instant`, directly or through others."""
        key = (actor_id, bisect_right(self._changes, instant))
        if key not in self._groups:
            self._groups[key] = self._follow(actor_id, instant)
        return self._groups[key]

    def _follow(self, actor_id: str, instant: int) -> frozenset[str]:
        reached, waiting = {actor_id}, [actor_id]
        while waiting:
            for group in self._tied(waiting.pop(), BINDING_TIES, instant):
                if group not in reached:
                    reached.add(group)
                    waiting.append(group)
        return frozenset(reached)

    def listed_under(self, actor_id: str, instant: int) -> frozenset[str]:
        """Return the umbrellas under which the actor, or a group it belongs to, is counted at `instant`."""
        groups = self.groups_of(actor_id, instant)
        return frozenset(name for group in groups for name in self._tied(group, frozenset({"listed"}), instant))

    def allied(self, a: str, b: str, instant: int) -> bool:
        """Whether two actors share a group at `instant`, or any of their groups are allied, said by either."""
        ours, theirs = self.groups_of(a, instant), self.groups_of(b, instant)
        if ours & theirs:
            return True
        allied = frozenset({"allied"})
        return any(not theirs.isdisjoint(self._tied(group, allied, instant)) for group in ours) or any(
            not ours.isdisjoint(self._tied(group, allied, instant)) for group in theirs
        )

    def change_instants(self) -> tuple[int, ...]:
        """Return the instants at which a tie starts or ends, sorted, each once."""
        return self._changes

    def changes_of(self, actor_id: str) -> tuple[int, ...]:
        """Return the instants at which the groups, umbrellas or allies of one actor change, sorted."""
        if actor_id not in self._changes_of:
            before, found = self._standing(actor_id, EARLIEST), []
            for instant in self._changes:
                now = self._standing(actor_id, instant)
                if now != before:
                    found.append(instant)
                before = now
            self._changes_of[actor_id] = tuple(found)
        return self._changes_of[actor_id]

    def _standing(self, actor_id: str, instant: int) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        groups = self.groups_of(actor_id, instant)
        allies: set[str] = set()
        for name, tie in self._alliances:
            # an alliance counts whichever of the two declares it
            if (name in groups or tie.to in groups) and tie.at(instant):
                allies |= ({tie.to} if name in groups else set()) | ({name} if tie.to in groups else set())
        return groups, self.listed_under(actor_id, instant), frozenset(allies)

    def _tied(self, actor_id: str, kinds: frozenset[str], instant: int) -> Iterable[str]:
        return (tie.to for tie in self._ties.get(actor_id, ()) if tie.kind in kinds and tie.at(instant))
