"""An outlook in words: what is rare is not said to be none, and how many weeks were asked stands beside the alarms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ceasefire.pipeline.outlook import LookedAhead
from ceasefire.pipeline.outlook_pictures import alarm_content, fan_content
from ceasefire.pipeline.outlook_tables import Table, outlook_tables, trust
from ceasefire.pipeline.workspace import Workspace


@pytest.fixture(scope="module")
def looked(made_once: Path) -> LookedAhead:
    with Workspace.open(made_once) as workspace:
        return workspace.outlook()


def tables(looked: LookedAhead) -> list[Table]:
    return outlook_tables(looked, "deaths", {})


def with_chance(looked: LookedAhead, chance: float) -> LookedAhead:
    forecasts = tuple(
        replace(each, weeks=tuple(replace(week, p_escalation=chance) for week in each.weeks))
        for each in looked.outlook.forecasts
    )
    return replace(looked, outlook=replace(looked.outlook, forecasts=forecasts))


@pytest.mark.parametrize(("chance", "said"), [(0.0, "<1%"), (0.004, "<1%"), (0.996, ">99%"), (0.28, "28%")])
def test_a_chance_is_rounded_to_neither_none_nor_all(looked: LookedAhead, chance: float, said: str) -> None:
    assert {row[-1] for row in tables(with_chance(looked, chance))[0].rows} == {said}


def test_coverage_is_not_rounded_to_all(looked: LookedAhead) -> None:
    (told,) = [each for each in looked.outlook.reliability if (each.area_kind, each.target) == ("zone", "deaths")]
    assert "held >99% of weeks" in trust(replace(told, coverage_90=0.997))[0]
    assert "held 100% of weeks" in trust(replace(told, coverage_90=1.0))[0]


def test_alarms_are_told_of_so_many_weeks(looked: LookedAhead) -> None:
    asked = [
        each
        for each in looked.outlook.alarms
        if each.target == "deaths" and each.week != looked.outlook.origin_week and each.state != "cannot-tell"
    ]
    assert len(asked) > 20
    told = " ".join(sentence for table in tables(looked) for sentence in table.said)
    assert f"{sum(each.state == 'alarm' for each in asked)} of {len(asked)} weeks of areas were beyond" in told
    assert "1 % of quiet weeks" in told


def test_pictures_name_zones_as_the_case_does(looked: LookedAhead) -> None:
    assert fan_content(looked, "zone", "deaths", "north-bank").title == "North Bank"
    assert alarm_content(looked, "zone", "deaths", "north-bank").title == "North Bank"
