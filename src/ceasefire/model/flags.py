"""Data-quality flags: what is odd about a report or an incident that is nevertheless kept.

A flag never drops or changes a record. Each key has one sentence, which tables, traces and
`docs/data-formats.md` print.
"""

from __future__ import annotations

FLAGS: dict[str, str] = {
    "high-below-best": "The highest figure given is below the best one.",
    "low-above-best": "The lowest figure given is above the best one.",
    "best-zero-high-positive": "The best figure is zero while the highest is not: the zero hides an unknown.",
    "toll-parts-differ": "The deaths by category do not add up to the best figure.",
    "imputed-two-plus-two": "Two dead on each side and four in all: the coder's stand-in where no number was given.",
    "split-toll": "A neighbouring row of the same source, days and actors carries the same toll for another place: "
    "one toll split evenly, so the places are invented precision.",
    "exact-duplicate": "Another row has the same actors, days, place and toll under a different id.",
    "many-days": "The event lies within, or lasts, more than one local day.",
    "aggregate-report": "The source speaks of several events at once, or not clearly of this one.",
    "centroid-place": "The coordinates given stand for an area, so they were left out.",
    "no-coordinates": "The place is said to be exact or near a point, but no usable coordinates are given.",
    "absurd-source-date": "The source is dated long before the event or decades after it.",
    "name-unresolved": "An actor's name is not on the register of actors.",
    "denied-only": "Every account of the event denies it; nobody on record asserts it.",
    "places-differ": "Accounts place the event so that their places have no point in common.",
    "toll-impossible": "A figure given is below zero or above a million: it is not counted.",
    "times-exchanged": "The time given ends before it begins: its ends were exchanged.",
    "total-alone": "It is a count over an area and a period, and no event that it may count is on record.",
    "edits-conflict": "Edits of the submission contradict one another, and nobody has decided which stands.",
    "times-differ": "Accounts date the event so that their times have no moment in common.",
}
"""Flag key to its sentence."""


def sentence(flag: str) -> str:
    """Return the sentence of a flag.

    Raises
    ------
    KeyError
        When `flag` is not registered.

    Examples
    --------
    >>> sentence("high-below-best")
    'The highest figure given is below the best one.'
    """
    return FLAGS[flag]
