"""Numbers as they are written: rounded, but never so that a reader takes nearly all for all or nearly none for none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ceasefire.model.percent import whole_percent

_TIMES = 2
"""From here on, times are easier to read than per cent more."""


def whole(value: float) -> str:
    """Write a count."""
    return f"{value:,.0f}"


def percent(value: float) -> str:
    """Write a share of one in per cent.

    Examples
    --------
    >>> percent(0.996), percent(1.0), percent(0.004), percent(0.0), percent(0.36)
    ('>99 %', '100 %', '<1 %', '0 %', '36 %')
    """
    return f"{whole_percent(value)} %"


def change(value: float) -> str:
    """Write a ratio as so many per cent fewer or more.

    Examples
    --------
    >>> change(0.47), change(0.9951), change(1.003), change(1.0), change(0.001), change(5.04)
    ('53 % fewer', '<1 % fewer', '<1 % more', 'as many', '>99 % fewer', '5.0 times as many')
    """
    if value > _TIMES:
        return f"{value:.1f} times as many"
    if value == 1:
        return "as many"
    return f"{whole_percent(abs(1 - value))} % {'fewer' if value < 1 else 'more'}"


def change_from(value: float) -> str:
    """Write a ratio so that what it is compared with can follow.

    Examples
    --------
    >>> change_from(0.41), change_from(2.1)
    ('59 % fewer than', '2.1 times as many as')
    """
    return f"{change(value)} {'as' if value > _TIMES or value == 1 else 'than'}"


def ratio(value: float) -> str:
    """Write a ratio or a threshold, on the side of one on which it lies.

    Examples
    --------
    >>> ratio(0.221), ratio(0.9951), ratio(0.99996), ratio(1.0), ratio(0.004), ratio(0.0)
    ('0.22', '0.995', '0.99996', '1.00', '<0.01', '0.00')
    """
    if 0 < value < 0.005:
        return "<0.01"
    digits = next((n for n in range(2, 8) if value == 1 or float(f"{value:.{n}f}") != 1), 8)
    return f"{value:.{digits}f}"


def probability(value: float) -> str:
    """Write a probability.

    Examples
    --------
    >>> probability(0.0004), probability(0.4963), probability(0.9999)
    ('<0.001', '0.496', '>0.999')
    """
    if 0 < value < 0.0005:
        return "<0.001"
    return ">0.999" if 0.9995 <= value < 1 else f"{value:.3f}"


def days(value: float) -> str:
    """Write a length of time.

    Examples
    --------
    >>> days(1.2), days(12.0)
    ('1 day', '12 days')
    """
    return f"{whole(value)} {'day' if whole(value) == '1' else 'days'}"


FORMS: Mapping[str, Callable[[Any], str]] = {
    "whole": whole,
    "percent": percent,
    "change": change,
    "change from": change_from,
    "ratio": ratio,
    "p": probability,
    "days": days,
    "day": lambda value: value.isoformat(),
    "text": str,
}
"""How a cell is written; a test reads every number of every text back through these."""
