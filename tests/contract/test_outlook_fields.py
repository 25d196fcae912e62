"""The page on data formats names every field of an outlook, with what the code says of it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from ceasefire.assessment.outlook import evaluation, records
from ceasefire.model.roles import marks

PAGE = (Path(__file__).parents[2] / "docs" / "data-formats.md").read_text(encoding="utf-8")
RECORDS = (
    records.Outlook,
    records.AreaForecast,
    records.ForecastWeek,
    records.AlarmWeek,
    records.ClusterFound,
    records.Reliability,
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_is_explained_as_in_the_code(record: type[Any]) -> None:
    rows = re.findall(r"^\| `([a-z_0-9]+)` \| (.*) \|$", PAGE, re.MULTILINE)
    told = marks(record)
    assert [field.name for field in fields(record)] == list(told)
    assert [name for name, mark in told.items() if (name, mark.means) not in rows] == []


def test_every_field_of_an_evaluation_is_named() -> None:
    for record in (evaluation.Evaluation, evaluation.Scored, evaluation.Skill, evaluation.EscalationWarning):
        assert [field.name for field in fields(record) if f"`{field.name}`" not in PAGE] == []
