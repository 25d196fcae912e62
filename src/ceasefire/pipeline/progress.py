"""How a long stage tells how far it is, to whoever wants to know."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (0 where that is not known)."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""
