"""In what two entries that may tell one event differ: when, where, who, what, how many."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ceasefire.model.vocabulary import ACTS, Stance

COMPARED = (
    "report_id", "stance", "occurred_from", "occurred_until", "latitude", "longitude", "place_radius_km", "area_name",
    "acts", "sides", "perpetrators", "targets", "killed_best", "injured_best",
)  # fmt: skip
"""Columns of a report that are looked at."""
DIFFERS = ("stance", "day", "place", "act", "parties", "perpetrator", "killed", "injured")
"""What two entries can differ in; what one of them leaves out is no difference."""
_EARTH_RADIUS_KM = 6371.0088
Entry = Mapping[str, Any]


def differences(a: Entry, b: Entry) -> dict[str, Any]:
    """Return the columns of `model.schemas.TWO_LISTS` that compare two entries.

    Parameters
    ----------
    a, b : mapping
        Reports, with the columns `COMPARED`.
    """
    km = _km_apart(a, b)
    tolls = {toll: _minus(b[f"{toll}_best"], a[f"{toll}_best"]) for toll in ("killed", "injured")}
    told = {
        "stance": (a["stance"] == Stance.DENIES) != (b["stance"] == Stance.DENIES),
        "day": _no_moment_in_common(a, b),
        "place": _no_place_in_common(a, b, km),
        "act": _no_act_in_common(a["acts"] or (), b["acts"] or ()),
        "parties": _other(_involved(a), _involved(b)),
        "perpetrator": _other(set(a["perpetrators"] or ()), set(b["perpetrators"] or ())),
        **{toll: bool(more) for toll, more in tolls.items()},
    }
    return {
        "days_apart": _days_apart(a, b),
        "km_apart": km,
        **{f"{toll}_apart": more for toll, more in tolls.items()},
        "differs": [what for what in DIFFERS if told[what]],
    }


def _minus(b: int | None, a: int | None) -> int | None:
    return None if a is None or b is None else b - a


def _span(entry: Entry) -> tuple[datetime, datetime] | None:
    start, end = entry["occurred_from"], entry["occurred_until"]
    return None if start is None or end is None else (start, end)


def _days_apart(a: Entry, b: Entry) -> float | None:
    one, other = _span(a), _span(b)
    if one is None or other is None:
        return None
    apart = (other[0] - one[0]) + (other[1] - one[1])
    return apart / timedelta(days=2)


def _no_moment_in_common(a: Entry, b: Entry) -> bool:
    one, other = _span(a), _span(b)
    if one is None or other is None:
        return False
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return end < start or (end == start and one[0] != one[1] and other[0] != other[1])


def _km_apart(a: Entry, b: Entry) -> float | None:
    if any(entry[name] is None for entry in (a, b) for name in ("latitude", "longitude")):
        return None
    (north, east), (to_north, to_east) = (
        (math.radians(entry["latitude"]), math.radians(entry["longitude"])) for entry in (a, b)
    )
    # the same from either end, to the last digit
    across = math.cos(north) * math.cos(to_north) * math.sin(abs(to_east - east) / 2) ** 2
    half = math.sin(abs(to_north - north) / 2) ** 2 + across
    return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def _no_place_in_common(a: Entry, b: Entry, km: float | None) -> bool:
    if km is not None:
        return km > (a["place_radius_km"] or 0) + (b["place_radius_km"] or 0)
    areas = [[part.strip().casefold() for part in (entry["area_name"] or "").split("/") if part] for entry in (a, b)]
    # a district lies in its province; two of them are two
    return any(one != other for one, other in zip(*areas, strict=False))


def _no_act_in_common(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether neither names an act, or a kind of an act, that the other names."""
    return bool(a and b) and not ({*a} & _kinds(b) or {*b} & _kinds(a))


def _kinds(acts: Sequence[str]) -> set[str]:
    found: set[str] = set()
    waiting: list[str | None] = list(acts)
    while waiting:
        act = waiting.pop()
        if act is not None and act not in found:
            found.add(act)
            waiting.append(ACTS.get(act))
    return found


def _involved(entry: Entry) -> set[str]:
    sides = {actor for side in entry["sides"] or () for actor in side or ()}
    return sides | set(entry["perpetrators"] or ()) | set(entry["targets"] or ())


def _other(a: set[str], b: set[str]) -> bool:
    return bool(a and b) and a != b
