"""Shares in whole per cent, never rounded to none or to all: 99.96 of a hundred is not a hundred."""

from __future__ import annotations


def whole_percent(share: float) -> str:
    """Write a share of one in per cent, without the sign.

    Examples
    --------
    >>> whole_percent(0.361), whole_percent(0.9996), whole_percent(1), whole_percent(0.004), whole_percent(0)
    ('36', '>99', '100', '<1', '0')
    """
    if 0 < share < 0.005:
        return "<1"
    return ">99" if 0.995 <= share < 1 else f"{100 * share:.0f}"
