"""Places in public output: fixed cells, first-order units for what is recent, never jitter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.model.time import MICROSECONDS_PER_DAY
from ceasefire.release.classes import RULES, ReleaseClass, coarsened_point, is_recent, told_area

PUBLIC = RULES[ReleaseClass.PUBLIC]
LONGITUDES = st.floats(-179.9, 179.9)
LATITUDES = st.floats(-89.9, 89.9)


@given(LONGITUDES, LATITUDES)
def test_a_cell_holds_its_point_and_is_its_own_cell(longitude: float, latitude: float):
    centre = coarsened_point(longitude, latitude, 0.1)
    assert abs(centre[0] - longitude) <= 0.05 + 1e-5
    assert abs(centre[1] - latitude) <= 0.05 + 1e-5
    assert coarsened_point(*centre, 0.1) == centre


def test_neighbours_in_one_cell_cannot_be_told_apart():
    assert len({coarsened_point(36.80 + step / 100, 36.11, 0.1) for step in range(10)}) == 1


def test_cells_south_and_west_of_zero_are_as_wide():
    assert coarsened_point(-0.01, -0.01, 0.1) == (-0.05, -0.05)


@pytest.mark.parametrize("side", [0.0, -0.1, float("nan")])
def test_a_cell_without_extent_is_refused(side: float):
    with pytest.raises(ValueError, match="holds nothing"):
        coarsened_point(1, 1, side)


def test_public_output_coarsens_delays_and_names_no_settlement():
    assert PUBLIC.cell_degrees
    assert PUBLIC.delay_days > 0
    assert not PUBLIC.names_settlements


def test_a_place_is_held_back_until_the_delay_has_passed():
    delay = int(PUBLIC.delay_days * MICROSECONDS_PER_DAY)
    assert is_recent(0, delay - 1, PUBLIC)
    assert not is_recent(0, delay, PUBLIC)


@pytest.mark.parametrize(
    ("name", "recent", "expected"),
    [
        ("Westmark/Ford", False, "Westmark, Ford"),
        ("Westmark/Ford", True, "Westmark"),
        (None, False, None),
        ("", True, None),
    ],
)
def test_what_is_recent_is_told_by_its_first_order_unit(name: str | None, recent: bool, expected: str | None):
    assert told_area(name, recent=recent) == expected
