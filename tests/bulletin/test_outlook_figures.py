"""Pictures of an outlook: nothing is cut off by its axis, and nothing known is drawn where nothing is."""

from __future__ import annotations

import re

import pytest

from ceasefire.bulletin.outlook_figures import ReliabilityContent, render_reliability

NAN = float("nan")


def reliability(
    *, coverage: tuple[float, ...] = (0.9,) * 8, skill: tuple[float, float, float] = (0.1, 0.0, 0.2)
) -> str:
    return render_reliability(
        ReliabilityContent(
            title="deaths", pit=(0.1,) * 10, coverage_by_ahead=coverage, skill_by_ahead=(skill,) * 8, baseline="zero"
        )
    )


def texts(svg: str) -> list[str]:
    return re.findall(r"<!-- (.*?) -->|<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize(("worst", "lowest"), [(0.88, 70), (0.41, 40)])
def test_coverage_below_the_axis_lengthens_it(worst: float, lowest: int) -> None:
    said = {text for pair in texts(reliability(coverage=(0.9,) * 7 + (worst,))) for text in pair}
    assert str(lowest) in said
    assert str(lowest - 10) not in said


def test_a_skill_that_is_not_known_has_no_axis() -> None:
    said = [text for pair in texts(reliability(skill=(NAN, NAN, NAN))) for text in pair]
    assert "cannot be told" in said
    assert "cannot be told" not in [text for pair in texts(reliability()) for text in pair]
