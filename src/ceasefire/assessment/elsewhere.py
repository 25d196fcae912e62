"""What happened elsewhere and otherwise: areas without the truce, neighbours, other pairs of parties, other acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.kernels import FEWEST_WEEKS, Changes, changes_at, contrast_at
from ceasefire.assessment.ladder import DatePlace, Outcome
from ceasefire.assessment.places import Inside, Place
from ceasefire.assessment.weekly import Kind, WeeklyBook

Floats = NDArray[np.float64]

MAIN = "events_best"
_NEIGHBOUR_SHARE = 0.05
"""Of a unit's incidents: with more of them in the zone, the unit is a neighbour and no comparison."""
_LEAST_WEEKLY = 1.0
"""Events a week before the date, below which an area is too quiet to be compared."""
FEWEST_AREAS = 3
PLACES_NEEDED = 0.25
_MOST_PAIRS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """The change of something else at a date.

    Parameters
    ----------
    role : {"comparison", "neighbour", "pair", "act"}
    what : str
        An area, two actors joined by ``|``, or an act.
    place : Place
        Where its weeks are counted.
    kind : Kind
        What is counted there.
    before, after : float
        Sums of `events_best` over known weeks.
    ratio, low, high : float
        Of the weekly rates; NaN where too few weeks are known or nothing was there before or after.
    """

    role: Literal["comparison", "neighbour", "pair", "act"]
    what: str
    place: Place
    kind: Kind
    before: float
    after: float
    ratio: float
    low: float
    high: float

    @property
    def rose(self) -> bool:
        """Whether it rose beyond its interval."""
        return self.low > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """The fall of a zone against that of its comparison areas together.

    Parameters
    ----------
    outcome : Outcome
    areas : tuple of str
        Those added up.
    ratio, low, high : float
        Difference in differences of log rates, as a ratio; NaN where it was refused or not possible.
    lead_ratio, lead_low, lead_high : float
        The same between the two halves of the weeks before: away from one, they were not moving alike.
    lead_weeks : int
        How many weeks before were looked at.
    """

    outcome: Outcome
    areas: tuple[str, ...] = ()
    ratio: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    lead_ratio: float = float("nan")
    lead_low: float = float("nan")
    lead_high: float = float("nan")
    lead_weeks: int = 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The units around a zone, and what of each may be compared with it.

    Parameters
    ----------
    comparisons, neighbours : tuple of Place
        Without what lies in any zone.
    """

    comparisons: tuple[Place, ...]
    neighbours: tuple[Place, ...]


def surroundings(book: WeeklyBook, zone: Place, zones: Sequence[Place], units: Sequence[Place]) -> Surroundings:
    """Tell the units that a zone reaches into from those that may be compared with it."""
    outside = tuple(replace(each, outside=()) for each in zones)
    inside = book.whereabouts.inside(zone) >= Inside.LIKELY
    comparisons: list[Place] = []
    neighbours: list[Place] = []
    for unit in units:
        here = book.whereabouts.inside(unit) >= Inside.LIKELY
        shared = (inside & here & book.counted).sum() / max((here & book.counted).sum(), 1)
        (neighbours if shared > _NEIGHBOUR_SHARE else comparisons).append(replace(unit, outside=outside))
    return Surroundings(tuple(comparisons), tuple(neighbours))


def _known(changes: Changes) -> bool:
    return bool(np.isfinite(changes.log_ratio[0]) and changes.before[0] + changes.after[0] > 0)


def _other(
    role: Literal["comparison", "neighbour", "pair", "act"], what: str, place: Place, kind: Kind, changes: Changes
) -> Other:
    figures = [changes.ratio[0], changes.low[0], changes.high[0]] if _known(changes) else [np.nan] * 3
    ratio, low, high = (float(figure) for figure in figures)
    return Other(
        role=role, what=what, place=place, kind=kind, before=float(changes.before[0]), after=float(changes.after[0]),
        ratio=ratio, low=low, high=high,
    )  # fmt: skip


def changes_elsewhere(
    book: WeeklyBook, zone: Place, around: Surroundings, place: DatePlace, window: int
) -> tuple[Other, ...]:
    """Compare, over the main window, the units around a zone; and within it pairs of parties and acts."""
    gap = place.after - place.first
    weeks = book.recorded.weeks()
    asked: list[tuple[Literal["comparison", "neighbour", "pair", "act"], str, Place, Kind]] = [
        *(("comparison", each.area_id, each, Kind()) for each in around.comparisons),
        *(("neighbour", each.area_id, each, Kind()) for each in around.neighbours),
    ]
    within = book.counted & (book.whereabouts.inside(zone) >= Inside.LIKELY)
    for (one, other), _ in book.naming.pairs(within)[:_MOST_PAIRS]:
        asked.append(("pair", f"{one}|{other}", zone, Kind(party=one, against=other)))
    asked.extend(("act", act, zone, Kind(act=act)) for act in book.acts_of(within))
    found = []
    for role, what, where, kind in asked:
        counts = book.series(where, kind, weeks=weeks, columns=(MAIN,)).whole(MAIN)[None, : place.until]
        found.append(_other(role, what, where, kind, changes_at(counts, place.first, window, gap=gap)))
    return tuple(found)


def placebo_in_space(ratio: float, others: Sequence[Other], weeks: int) -> tuple[float, int]:
    """Return the share of areas, the zone among them, that fell as much as it; and how many areas.

    Areas with less than one event a week before the date are left out.
    """
    ratios = [
        other.ratio
        for other in others
        if other.role == "comparison" and other.before >= _LEAST_WEEKLY * weeks and np.isfinite(other.ratio)
    ]
    if len(ratios) < FEWEST_AREAS or not np.isfinite(ratio):
        return float("nan"), len(ratios) + 1
    return (1 + sum(other <= ratio for other in ratios)) / (len(ratios) + 1), len(ratios) + 1


def contrast(
    book: WeeklyBook, zone: Place, around: Surroundings, place: DatePlace, window: int, level: float
) -> Contrast:
    """Compare the zone's fall with that of the comparison areas together, if they moved alike before.

    They moved alike if the difference in differences between the two halves of the weeks before, at most twice 26 of
    them, has a 90 % interval that holds one. Otherwise what came after cannot be laid to the date, and is refused.
    """
    names = tuple(each.area_id for each in around.comparisons)
    weeks = book.recorded.weeks()
    if len(names) < FEWEST_AREAS:
        return Contrast(outcome=Outcome.NOT_POSSIBLE, areas=names)
    ours = book.series(zone, weeks=weeks, columns=(MAIN,)).whole(MAIN)[None, : place.until]
    theirs = np.sum(
        [book.series(each, weeks=weeks, columns=(MAIN,)).whole(MAIN)[: place.until] for each in around.comparisons],
        axis=0,
    )[None, :]
    return contrast_between(ours, theirs, place, window, level, names)


def contrast_between(
    ours: Floats, theirs: Floats, place: DatePlace, window: int, level: float, names: tuple[str, ...]
) -> Contrast:
    """Do for weekly counts what `contrast` does for areas; both of shape (1, weeks)."""
    half = min(place.first // 2, 26)
    if half < FEWEST_WEEKS or not np.nansum(theirs):
        return Contrast(outcome=Outcome.NOT_POSSIBLE, areas=names)
    lead = contrast_at(ours, theirs, place.first - half, half, level=0.10)
    gap = place.after - place.first
    made = contrast_at(ours, theirs, place.first, window, gap=gap, level=level)
    if not (_known(lead) and _known(made)):
        return Contrast(outcome=Outcome.NOT_POSSIBLE, areas=names)
    alike = bool(lead.low[0] <= 1 <= lead.high[0])
    figures = (made.ratio[0], made.low[0], made.high[0]) if alike else (np.nan,) * 3
    outcome = Outcome.REFUSED if not alike else Outcome.PASSED if made.high[0] < 1 else Outcome.FAILED
    return Contrast(
        outcome=outcome,
        areas=names,
        ratio=float(figures[0]),
        low=float(figures[1]),
        high=float(figures[2]),
        lead_ratio=float(lead.ratio[0]),
        lead_low=float(lead.low[0]),
        lead_high=float(lead.high[0]),
        lead_weeks=2 * half,
    )
