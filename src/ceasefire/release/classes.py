"""Release classes: how coarsely a place is told, and how long a recent one is held back.

Exact recent positions are targeting data. Public output gives a place as the cell of a fixed grid or as an
administrative unit, never with jitter, which averages out over repeated releases; the place of what has only
just happened is given as its first-order unit alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from ceasefire.model.time import MICROSECONDS_PER_DAY

_PLACES = 6
"""Decimals to which a cell's centre is rounded, so that it prints the same on every machine."""


class ReleaseClass(StrEnum):
    """To whom something is told."""

    PUBLIC = "public"
    """Anyone: districts and grid cells, recent places held back."""
    MISSION = "mission"
    """Those who already hold the reports: places as reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRule:
    """How places are told under one release class.

    Parameters
    ----------
    cell_degrees : float or None
        Side of the grid's cells; None leaves coordinates as they are.
    delay_days : float
        For how long after an incident ended its place is told as its first-order unit only.
    names_settlements : bool
        Whether the settlement is named, or only the administrative unit.
    """

    cell_degrees: float | None
    delay_days: float
    names_settlements: bool


RULES: dict[ReleaseClass, ReleaseRule] = {
    ReleaseClass.PUBLIC: ReleaseRule(cell_degrees=0.1, delay_days=7, names_settlements=False),
    ReleaseClass.MISSION: ReleaseRule(cell_degrees=None, delay_days=0, names_settlements=True),
}


def coarsened_point(longitude: float, latitude: float, cell_degrees: float | None) -> tuple[float, float]:
    """Return the centre of the fixed cell that holds the point.

    The grid is anchored at longitude 0, latitude 0, so a point has the same cell in every release.

    Raises
    ------
    ValueError
        When the cell has no extent.

    Examples
    --------
    >>> coarsened_point(36.821, 36.14, 0.1)
    (36.85, 36.15)
    >>> coarsened_point(36.821, 36.14, None)
    (36.821, 36.14)
    """
    if cell_degrees is None:
        return longitude, latitude
    if not cell_degrees > 0:
        raise ValueError(f"a cell of {cell_degrees} degrees holds nothing; give a side above zero")
    return (
        round((math.floor(round(longitude / cell_degrees, _PLACES)) + 0.5) * cell_degrees, _PLACES),
        round((math.floor(round(latitude / cell_degrees, _PLACES)) + 0.5) * cell_degrees, _PLACES),
    )


def is_recent(ended: int, told_at: int, rule: ReleaseRule) -> bool:
    """Whether an incident ended so shortly before the release that its place is held back.

    Parameters
    ----------
    ended, told_at : int
        UTC microseconds.
    """
    return told_at - ended < rule.delay_days * MICROSECONDS_PER_DAY


def is_told_watch(state: str, ended: int, told_at: int, rule: ReleaseRule) -> bool:
    """Whether a time of watch is told: outside the mission only once it is over, unless access was denied.

    Where somebody is to watch, and until when, is what others wait for.

    Parameters
    ----------
    state : str
        *up, down, denied* or *unknown*.
    ended, told_at : int
        UTC microseconds.

    Examples
    --------
    >>> public, mission = RULES[ReleaseClass.PUBLIC], RULES[ReleaseClass.MISSION]
    >>> is_told_watch("up", 20, 10, public), is_told_watch("up", 20, 20, public), is_told_watch("up", 20, 10, mission)
    (False, True, True)
    """
    return rule.names_settlements or state == "denied" or ended <= told_at


def told_area(area_name: str | None, *, recent: bool) -> str | None:
    """Return the administrative unit to print: all of it, or only its first order where the incident is recent.

    Parameters
    ----------
    area_name : str or None
        As in the schema: first-order unit, then second-order unit, with a slash between.

    Examples
    --------
    >>> told_area("Westmark/Ford", recent=False), told_area("Westmark/Ford", recent=True)
    ('Westmark, Ford', 'Westmark')
    """
    units = [unit.strip() for unit in (area_name or "").split("/") if unit.strip()]
    if not units:
        return None
    return units[0] if recent else ", ".join(units)
