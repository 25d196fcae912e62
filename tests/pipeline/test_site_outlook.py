"""Demand from the outlook: what is its own, what stands in for it and is said, and nothing after the origin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.assessment.outlook.simulated import calm, panel_of

from ceasefire.assessment.outlook.rolling import Rolled, roll
from ceasefire.model.errors import InsufficientDataError, UsageError
from ceasefire.pipeline.site_outlook import LAST_WEEKS, NOTHING, OUTLOOK, YEAR, _basis, _weights
from ceasefire.pipeline.site_rules import SitingOptions
from ceasefire.pipeline.workspace import Workspace

LATER = """format: 1
reports:
  - id: Z{number}
    event: Z{number}
    title: Shells later on
    speaker: oriel-observatory
    when: {{ start: "2021-10-{day}" }}
    where: {{ name: Reedham, precision: point, latitude: 26.68, longitude: -42.90, radius_km: 1,
             governorate: Northern Province, district: Bank District }}
    acts: [shelling]
    perpetrators: [republic-army]
    targets: [northern-assembly]
    reported: "2021-11-01T09:00"
    sources: [observatory]
"""


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace.create(tmp_path_factory.mktemp("outlook") / "ws", "riverline", author="Amal")
    workspace.run()
    return workspace


@pytest.fixture(scope="module")
def rolled() -> Rolled:
    return roll(panel_of(calm(np.random.default_rng(11), 60, 2)))


def test_the_outlook_is_used_unless_it_did_worse_than_the_last_twelve_weeks(rolled: Rolled) -> None:
    truth = np.nan_to_num(rolled.truth())[..., None]
    good = replace(rolled, values=np.broadcast_to(truth, rolled.values.shape).astype(np.float32))
    bad = replace(rolled, values=(good.values + 500).astype(np.float32))
    base = _basis(good, 0, 4)
    assert (base.kind, base.why_not) == (OUTLOOK, None)
    assert base.skill is not None
    assert base.skill[0] == pytest.approx(1)
    assert (base.values == good.values[-1, 0, :4]).all()
    base = _basis(bad, 1, 4)
    assert (base.kind, base.why_not) == (LAST_WEEKS, "no-skill")
    last = rolled.panel.counts[-12:, 1]
    assert set(base.values.ravel()) == set(last)
    assert base.values[0].mean() == pytest.approx(last.mean(), abs=0.5)


def test_where_the_outlook_refuses_the_weeks_on_record_stand_in_and_none_is_nothing() -> None:
    counts = calm(np.random.default_rng(12), 40, 3)
    counts[:-5, 0] = np.nan  # five weeks on record
    counts[:, 1] = np.nan
    found = roll(panel_of(counts, incidents=np.nan_to_num(counts)))
    few, none, plenty = (_basis(found, unit, 2) for unit in range(3))
    assert (few.kind, few.why_not) == (YEAR, "too-few-weeks")
    assert set(few.values.ravel()) == set(counts[-5:, 0])
    assert none.kind == NOTHING
    assert plenty.kind == OUTLOOK
    assert plenty.skill is None or plenty.skill[0] > 0


def test_what_counts_to_two_areas_is_shared_only_by_those_of_which_something_is_known() -> None:
    incident, area = np.array([7, 3, 7, 7, 5]), np.array([0, 0, 1, 2, 2])
    known = np.array([True, True, False])
    assert _weights(incident, area, known).tolist() == [0.5, 1.0, 0.5, 0.0, 0.0]
    assert _weights(incident, area, np.ones(3, dtype=bool)).sum() == pytest.approx(3)  # each of the three once


def test_areas_sum_to_what_is_expected_and_what_has_no_place_is_said(training: Workspace) -> None:
    setup = training.site(SitingOptions(from_outlook=4))
    assert {each.area_id for each in setup.areas} == {"north-bank", "harbour"}
    assert all(each.basis == "outlook" for each in setup.areas)
    expected = sum(each.expected for each in setup.areas)
    assert 0 < setup.demand.expected.sum() < expected  # some have no place to the point
    said = " ".join(setup.notes)
    assert "Assumed, and not from the outlook" in said
    assert "no place to the point" in said
    best = setup.best()
    assert best is not None
    assert best.gap == 0
    seen = setup.seen_by(j for j, _ in best.posts)
    assert seen.fresh is not None


def test_longer_ahead_is_more_and_the_lower_count_is_less(training: Workspace) -> None:
    def total(**asked: object) -> float:
        return sum(each.expected for each in training.site(SitingOptions(**asked)).areas)  # type: ignore[arg-type]

    assert total(from_outlook=8) > total(from_outlook=1)
    assert total(from_outlook=4, outlook_count="alleged-violations") <= total(from_outlook=4)
    unit = training.site(SitingOptions(from_outlook=4, outlook_by="unit"))
    assert [each.area_id for each in unit.areas] == ["Northern Province"]
    only = training.site(SitingOptions(from_outlook=4, zone="harbour"))
    assert [each.area_id for each in only.areas] == ["harbour"]


def test_nothing_after_the_last_day_has_a_part_in_it(training: Workspace, tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "ws", training.folder / "case", author="Amal") as later:
        for number, day in enumerate((18, 19, 20, 28)):
            path = later.folder / "case" / "reports" / f"z{number}.yaml"
            path.write_text(LATER.format(number=number, day=day), encoding="utf-8")
        later.run()
        asked = SitingOptions(from_outlook=4, last_day="2021-10-10")
        one, other = training.site(asked), later.site(asked)
        assert one.areas == other.areas
        assert (one.demand.draws == other.demand.draws).all()
        assert (one.demand.longitude == other.demand.longitude).all()
        now = replace(asked, last_day=None)
        assert training.site(now).areas != later.site(now).areas


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from_outlook": 9}, "does not reach"),
        ({"from_outlook": 2, "outlook_by": "town"}, "kind of area"),
        ({"from_outlook": 2, "outlook_count": "deaths"}, "cannot be seen"),
        ({"from_outlook": 2, "objective": "people"}, "no samples"),
        ({"worst_share": 0.2, "objective": "sides"}, "worst share"),
        ({"worst_share": 1.5}, "worst share"),
        ({"from_outlook": 2, "forecast": Path("f.csv")}, "Leave one"),
    ],
)
def test_what_does_not_go_together_is_refused(training: Workspace, asked: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        training.site(SitingOptions(**asked))  # type: ignore[arg-type]


def test_a_line_is_no_area_of_the_outlook(training: Workspace) -> None:
    with pytest.raises(InsufficientDataError, match="it is no zone"):
        training.site(SitingOptions(from_outlook=2, zone="riverline"))


def test_posts_for_the_worst_miss_no_more_there_than_those_for_all(training: Workspace) -> None:
    setup = training.site(SitingOptions(from_outlook=4, worst_share=0.2, posts=4))
    best = setup.best()
    assert best is not None
    worst = setup.in_the_worst(best)
    assert worst is not None
    assert worst.missed <= worst.missed_otherwise + 1e-6
    assert worst.missed <= worst.coming
    assert worst.bound == pytest.approx(worst.missed, rel=1e-4, abs=1e-6)
    assert worst.missed_fresh is not None
    held = setup.held_out()
    assert held is not None
    assert 0 <= held.of_left_out <= 1
