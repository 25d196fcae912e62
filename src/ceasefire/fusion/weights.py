"""What matching has learned: how often each level of agreement occurs among matches (m) and among others (u)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.fusion.blocking import Reach
from ceasefire.fusion.compare import (
    COMPARISONS,
    N_LEVELS,
    NOT_SAID,
    WHO_FROM,
    WHO_STEP,
)
from ceasefire.fusion.parties import Parties
from ceasefire.model.canonical import canonical_json
from ceasefire.model.errors import UsageError

Floats = npt.NDArray[np.float64]
VERSION = 1
_TINY = 1e-12
Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One comparison's learned shares; both sum to one.

    Parameters
    ----------
    m, u : tuple of float
        By level: how often it occurs among pairs of one event, and among pairs of two.
    """

    m: tuple[float, ...]
    u: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """All learned numbers of matching; the same weights give the same clusters.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        By `compare.COMPARISONS`.
    prior : float
        Share of the compared pairs of two sources that are of one event.
    repeats : mapping of str to float
        By source: how much likelier than a pair of two sources a pair of its own is to be of one event; 1 is as likely.
    repeats_otherwise : float
        The same for sources not met in learning.
    sides : tuple of float
        Weight of two sides by `parties.SIDE_LEVELS`.
    affinity : tuple of (str, str, float)
        Weight of two sides that were often met in confident pairs, or conspicuously never; the lesser text first.
    words : tuple of (str, float)
        The most common words of texts, as `text_likeness.words_of` has them, and the share of the texts that has each.
    calibration_joined, calibration_parted : tuple of (float, float)
        For pairs within one cluster and between two: log odds after competition, and the log odds at which as many
        were of one event; ascending knots, straight lines between them.
    threshold : float
        Two clusters are joined while their mean log odds exceed this.
    unseen : float
        Log odds of two reports that were too far apart to be compared.
    reach : Reach
    reports : int
        How many were learned from; 0 for the shipped weights.
    judgements : int
        How many judgements of people took part.
    version : int
        Of the shape of this record.
    """

    comparisons: Mapping[str, Comparison]
    prior: float
    repeats: Mapping[str, float] = field(default_factory=dict)
    repeats_otherwise: float = 0.0003
    sides: tuple[float, ...] = (-0.4, 0.0, 0.8, 1.2, 1.2)
    affinity: tuple[tuple[str, str, float], ...] = ()
    words: tuple[tuple[str, float], ...] = ()
    calibration_joined: Knots = ((-7.0, -0.55), (-3.0, 0.2), (-1.0, 0.55), (1.0, 2.2), (3.0, 3.8), (7.0, 5.5))
    calibration_parted: Knots = ((-7.0, -4.5), (-5.0, -2.2), (-3.0, -1.45), (-1.0, -0.65), (1.0, -0.1), (7.0, 0.0))
    threshold: float = -2.7
    unseen: float = -7.0
    reach: Reach = field(default_factory=Reach)
    reports: int = 0
    judgements: int = 0
    version: int = VERSION

    def match_weights(self, name: str) -> Floats:
        """Return ln(m / u) of each level of a comparison; levels of *not said* weigh nothing."""
        one = self.comparisons[name]
        weights = np.log((np.asarray(one.m) + _TINY) / (np.asarray(one.u) + _TINY))
        weights[list(NOT_SAID.get(name, ()))] = 0
        return weights

    def calibrated(self, cautious: Floats, joined: npt.NDArray[np.bool_]) -> Floats:
        """Return probabilities of pairs from their log odds after competition and whether they came to one cluster."""
        inside, outside = (np.array(knots).T for knots in (self.calibration_joined, self.calibration_parted))
        odds = np.where(joined, np.interp(cautious, *inside), np.interp(cautious, *outside))
        return np.asarray(1 / (1 + np.exp(-odds)))

    def side_table(self, parties: Parties) -> npt.NDArray[np.float32]:
        """Return the weight of every two sides, the last row and column for rare ones."""
        k = len(parties.base)
        table = np.full((k + 1, k + 1), self.sides[1], dtype=np.float32)
        table[:k, :k] = np.asarray(self.sides, dtype=np.float32)[parties.base]
        places: dict[str, list[int]] = {}
        for place, text in enumerate(parties.texts[:k]):
            places.setdefault(text, []).append(place)
        for a, b, weight in self.affinity:
            if a in places and b in places:
                table[np.ix_(places[a], places[b])] = weight
                table[np.ix_(places[b], places[a])] = weight
        return table

    def to_json(self) -> str:
        """Return canonical JSON, the same for the same weights."""
        return canonical_json(_rounded(asdict(self)))

    @classmethod
    def from_json(cls, text: str) -> Weights:
        """Read what `to_json` wrote.

        Raises
        ------
        UsageError
            When it is of another version, or not weights at all.
        """
        try:
            said = json.loads(text)
            if said["version"] != VERSION:
                raise UsageError(
                    f"The matching weights are of version {said['version']}; this program reads version {VERSION}.",
                    "Learn them anew.",
                )
            return cls(
                **said
                | {
                    "comparisons": {
                        name: Comparison(m=tuple(one["m"]), u=tuple(one["u"]))
                        for name, one in said["comparisons"].items()
                    },
                    "sides": tuple(said["sides"]),
                    "affinity": tuple((a, b, w) for a, b, w in said["affinity"]),
                    "words": tuple((word, share) for word, share in said["words"]),
                    "calibration_joined": tuple((x, y) for x, y in said["calibration_joined"]),
                    "calibration_parted": tuple((x, y) for x, y in said["calibration_parted"]),
                    "reach": Reach(said["reach"]["days"], tuple(said["reach"]["spreads"])),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"These are no matching weights: {error!r}.", "Learn them anew.") from error

    def as_stored(self) -> Weights:
        """Return the weights as they are after a round trip, so that a run and its replay use the same numbers."""
        return Weights.from_json(self.to_json())


def _rounded(value: Any) -> Any:
    """Keep nine significant digits: enough for any decision, and the same on every machine."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value


def default_weights(**changes: Any) -> Weights:
    """Return weights of use before anything is learned: errors of the usual size, nothing about any source or party.

    Days slip by one more often than by two; points scatter about the true one with the spread of their precision;
    figures agree more often than chance would have it, the larger the more tellingly.
    """
    shares = {
        "when": _when_shares(),
        "where": _where_shares(),
        "who": _who_shares(),
        "killed": _figure_shares(equal=0.55, chance=0.22),
        "civilian": _civilian_shares(),
        "injured": _figure_shares(equal=0.55, chance=0.22),
        "acts": (np.array([0.0, 0.8, 0.12, 0.08]), np.array([0.0, 0.5, 0.2, 0.3])),
        "text": _text_shares(),
    }
    comparisons = {}
    for name in COMPARISONS:
        m, u = shares[name]
        comparisons[name] = Comparison(m=tuple((m / m.sum()).tolist()), u=tuple((u / u.sum()).tolist()))
    return replace(Weights(comparisons=comparisons, prior=0.08), **changes).as_stored()


def _when_shares() -> tuple[Floats, Floats]:
    """Return m and u of *when*: classes alike, so that precision alone says nothing."""
    kinds = np.repeat([0.85, 0.1, 0.02, 0.02, 0.01], N_LEVELS["when"] // 5)
    days, thirds = [0.62, 0.27, 0.07, 0.03, 0.01], [0.45, 0.3, 0.2, 0.04, 0.01]
    by_chance, thirds_by_chance = [0.12, 0.22, 0.22, 0.22, 0.22], [0.3, 0.3, 0.3, 0.07, 0.03]
    return kinds * np.concatenate([days, *[thirds] * 4]), kinds * np.concatenate([by_chance, *[thirds_by_chance] * 4])


def _where_shares() -> tuple[Floats, Floats]:
    """Return m and u of *where*: points scatter normally; others lie about evenly, some on the same spot."""
    edges = np.array([0, 0.35, 0.7, 1.1, 1.6, 2.2, 3.0, 4.0, 5.0])
    near = np.diff(1 - np.exp(-(edges**2) / 2))
    even = np.diff(edges**2) / edges[-1] ** 2
    m, u = np.r_[0.25, 0.75 * near + 0.002], np.r_[0.06, 0.94 * even]
    pairs = (N_LEVELS["where"] - 6) // len(m)
    names_m, names_u = [0.1, 0.4, 0.2, 0.06, 0.02, 0.22], [0.1, 0.15, 0.25, 0.25, 0.2, 0.05]
    return np.r_[np.tile(m / m.sum() / pairs, pairs), 0.02 * np.array(names_m)], np.r_[
        np.tile(u / u.sum() / pairs, pairs), 0.02 * np.array(names_u)
    ]


def _who_shares() -> tuple[Floats, Floats]:
    """Return m and u of *who*: the weight of the sides, taken at four fifths of its face value."""
    middle = WHO_FROM + WHO_STEP * (np.arange(N_LEVELS["who"]) - 0.5)
    among_others = np.exp(-((middle + 1.5) ** 2) / 18)
    return among_others * np.exp(0.8 * middle), among_others


def _figure_shares(*, equal: float, chance: float) -> tuple[Floats, Floats]:
    """Return m and u of a figure: equal ones are the rarer by chance the larger they are."""
    n = N_LEVELS["killed"] - 1
    sizes = n // 7
    large = np.linspace(0, 1, sizes)[:, None]
    said_same, by_chance = equal * (1 - 0.6 * large), chance * (1 - 0.9 * large)
    off = np.array([0.22, 0.24, 0.22, 0.18, 0.1, 0.04])
    off_by_chance = np.array([0.1, 0.12, 0.14, 0.18, 0.22, 0.24])
    m = np.hstack([said_same, (1 - said_same) * off])
    u = np.hstack([by_chance, (1 - by_chance) * off_by_chance])
    return np.r_[0.0, m.ravel()], np.r_[0.0, u.ravel()]


def _civilian_shares() -> tuple[Floats, Floats]:
    alike, other = 0.3, 0.033
    m, u = np.full(16, 1e-6), np.full(16, 1e-6)
    for a in range(3):
        for b in range(a + 1):
            m[a * 4 + b], u[a * 4 + b] = (alike, 0.17) if a == b else (other, 0.16)
    return m, u


def _text_shares() -> tuple[Floats, Floats]:
    """Return m and u of *text*: most texts of one event share little; those that share much are seldom of two."""
    u = np.array([0.3, 0.35, 0.17, 0.08, 0.045, 0.03, 0.012, 0.006, 0.004, 0.002, 0.001])
    worth = np.array([-0.4, -0.3, 0.0, 0.2, 0.4, 0.7, 1.0, 1.3, 1.5, 1.5, 1.5])
    m = u * np.exp(worth)
    return np.r_[0.0, np.tile(m / m.sum(), 4)], np.r_[0.0, np.tile(u / u.sum(), 4)]
