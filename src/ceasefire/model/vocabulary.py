"""Closed vocabularies: answers, statuses, precisions, stances and the default tree of acts."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Answer(IntEnum):
    """The answer to one question of a clause check.

    The numbers are chosen so that Kleene conjunction, with *contested* kept apart, is the minimum:
    one *no* decides, then a dispute outranks ignorance, and *yes* needs every part to be *yes*.
    """

    NO = 0
    CONTESTED = 1
    UNDETERMINED = 2
    YES = 3

    @property
    def label(self) -> str:
        """The word that tables and sentences use."""
        return self.name.lower()

    @staticmethod
    def all_of(answers: Iterable[Answer]) -> Answer:
        """Kleene *and*: no, else contested, else undetermined, else yes (the empty conjunction)."""
        return min(answers, default=Answer.YES)

    @staticmethod
    def any_of(answers: Iterable[Answer]) -> Answer:
        """Kleene *or*: yes, else contested, else undetermined, else no (the empty disjunction)."""
        return (Answer.all_of(answer.negated() for answer in answers)).negated()

    def negated(self) -> Answer:
        """Swap yes and no; doubt stays doubt."""
        return {Answer.NO: Answer.YES, Answer.YES: Answer.NO}.get(self, self)

    @staticmethod
    def reconciled(answers: Iterable[Answer]) -> Answer:
        """Combine what several accounts say of one thing.

        A *yes* against a *no* is contested; an account that does not know does not weaken one that does.
        """
        said = set(answers)
        if Answer.CONTESTED in said or {Answer.YES, Answer.NO} <= said:
            return Answer.CONTESTED
        return Answer.YES if Answer.YES in said else Answer.NO if Answer.NO in said else Answer.UNDETERMINED


class Question(StrEnum):
    """The six questions of a clause check, in the order in which a *no* decides the status."""

    IN_FORCE = "in-force"
    IN_AREA = "in-area"
    ACT = "act"
    BOUND = "bound"
    COVERED_TARGET = "covered-target"
    EXCEPTION = "exception"


class Status(StrEnum):
    """The short status of a finding. None of them is a verdict."""

    OUTSIDE_TIME = "outside-time"
    OUTSIDE_AREA = "outside-area"
    NOT_A_CLAUSE = "not-a-clause"
    NOT_BOUND = "not-bound"
    EXEMPT_TARGET = "exempt-target"
    EXCEPTED = "excepted"
    CONTESTED = "contested"
    UNDETERMINED = "undetermined"
    ALLEGED_VIOLATION = "alleged-violation"


class ObligationState(StrEnum):
    """The state of what a clause requires of one bearer in one period."""

    NOT_DUE = "not-due"
    PERFORMED = "performed"
    PARTLY = "partly"
    NOT_PERFORMED = "not-performed"
    UNVERIFIED = "unverified"
    WAIVED = "waived"
    SUSPENDED = "suspended"
    CONTESTED = "contested"


class PlacePrecision(StrEnum):
    """How well a place is known. A disc carries its radius; an area carries its name, never a point."""

    POINT = "point"
    """A disc around a named settlement or measured point; `place_radius_km` says how wide."""
    NEAR = "near"
    """A disc around a known point the event was near to."""
    DISTRICT = "district"
    """Somewhere in a second-order administrative unit."""
    GOVERNORATE = "governorate"
    """Somewhere in a first-order administrative unit."""
    AREA = "area"
    """Somewhere in or along a named region, road or river that has no polygon."""
    COUNTRY = "country"
    UNKNOWN = "unknown"

    @property
    def is_disc(self) -> bool:
        """Whether the coordinates mean a disc and may be drawn or tested as such."""
        return self in (PlacePrecision.POINT, PlacePrecision.NEAR)


class TimePrecision(StrEnum):
    """How well the time of an event is known, within its interval."""

    INSTANT = "instant"
    HOUR = "hour"
    DAY = "day"
    DAYS = "days"
    WEEK = "week"
    MONTH = "month"
    LONGER = "longer"
    UNKNOWN = "unknown"


class Stance(StrEnum):
    """What a source does with the event it speaks of."""

    ASSERTS = "asserts"
    DENIES = "denies"
    CLAIMS = "claims"
    """Claims responsibility for it."""


class DenialScope(StrEnum):
    """How far a denial reaches. Only a denial of this event makes a question contested."""

    EVENT = "event"
    PERIOD = "period"
    EVERYTHING = "everything"


class ReportKind(StrEnum):
    """What a report is an account of."""

    EVENT = "event"
    TOTAL = "total"
    """A count over an area and a period; never added to events."""


class DeniedQuestion(StrEnum):
    """What a denial of an event denies."""

    FACT = "fact"
    ACT = "act"
    ATTRIBUTION = "attribution"
    TARGET = "target"
    CASUALTIES = "casualties"


# The default acts: child -> parent. A case may add acts below these in its `vocabulary.yaml`.
# Three axes are kept apart (what was sensed, what happened, which clause it touches): these are what happened.
ACTS: dict[str, str | None] = {
    "armed-force": None,
    "air-strike": "armed-force",
    "drone-strike": "armed-force",
    "shelling": "armed-force",
    "missile-strike": "armed-force",
    "small-arms-fire": "armed-force",
    "explosive-device": "armed-force",
    "ground-attack": "armed-force",
    "chemical-weapon-use": "armed-force",
    "attack-on-monitor": "armed-force",
    "killing-of-persons": "armed-force",
    "movement": None,
    "troop-movement": "movement",
    "fortification": "movement",
    "heavy-weapon-present": "movement",
    "unnotified-flight": "movement",
    "live-fire-exercise": "movement",
    "obstruction": None,
    "aid-blocked": "obstruction",
    "siege": "obstruction",
    "crossing-closed": "obstruction",
    "restriction-on-monitor": "obstruction",
    "detention": None,
    "abduction": "detention",
    "forced-displacement": None,
    "recruitment-of-children": None,
    "hostile-propaganda": None,
    "looting": None,
}


ACTS_WITHOUT_TARGET = frozenset({"movement"})
"""Roots of the tree whose acts hit nobody: whom a clause protects is no question for them."""


def act_ancestry(act: str, acts: dict[str, str | None]) -> tuple[str, ...]:
    """Return `act` and its parents, nearest first.

    Parameters
    ----------
    act : str
        A key of `acts`.
    acts : dict
        Child to parent.

    Raises
    ------
    KeyError
        When `act` is not in the vocabulary.

    Examples
    --------
    >>> act_ancestry("air-strike", ACTS)
    ('air-strike', 'armed-force')
    """
    chain = [act]
    parent = acts[act]
    while parent is not None:
        chain.append(parent)
        parent = acts[parent]
    return tuple(chain)
