"""Small counts: a few incidents in a place and a week may be known by name, and are not told to the public."""

from __future__ import annotations

from ceasefire.release.classes import ReleaseClass

SMALLEST_TOLD = 5
"""The smallest count, but for none at all, that the public is told of a place and a week."""


def is_small(count: float | None, release: ReleaseClass) -> bool:
    """Whether a count is too small to be told.

    Examples
    --------
    >>> is_small(3, ReleaseClass.PUBLIC), is_small(0, ReleaseClass.PUBLIC), is_small(3, ReleaseClass.MISSION)
    (True, False, False)
    """
    return release is ReleaseClass.PUBLIC and count is not None and 0 < count < SMALLEST_TOLD


def told_count(count: float | None, release: ReleaseClass) -> int | None:
    """Return a count as it is told: null where it is not known, or too small."""
    return None if count is None or is_small(count, release) else int(count)
