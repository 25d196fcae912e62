"""An estimate stands only where what can be tested holds, and every reason against it is told."""

from __future__ import annotations

import pytest

from ceasefire.assessment.capture_recapture import chapman
from ceasefire.casework.registers.views import EstimateOfKind, RegisterDayView

from .conftest import DAY, LIST_A, LIST_B, A, B, Desk, text_of

KIND = "shelling"
PLACES = [(26.40 + 0.03 * n, -42.60 - 0.03 * n) for n in range(14)]


def rows_of(side: str, places: range, *, accused: str = "", killed: str = "1", day: str = DAY) -> list[str]:
    """Return entries at the places chosen; with the same places two lists tell of the same events."""
    return [
        f"{side}{n},{day},Hamlet {n},{PLACES[n][0]:.2f},{PLACES[n][1]:.2f},{KIND},{accused},{killed}" for n in places
    ]


def of_kind(view: RegisterDayView, kind: str = KIND) -> EstimateOfKind:
    return next(one for one in view.estimates if one.kind == kind)


def codes(view: RegisterDayView, kind: str = KIND) -> set[str]:
    return {one.code for one in of_kind(view, kind).obstacles}


def confirmed(desk: Desk, of_a: list[str], of_b: list[str]) -> RegisterDayView:
    view = desk.opened(of_a, of_b)
    for n in range(len(PLACES)):
        if {f"a{n}", f"b{n}"} <= {row.split(",")[0] for row in (*of_a, *of_b)}:
            view = desk.settle(f"a{n}", f"b{n}")
    return view


def test_unaccused_events_that_both_sides_record_are_estimated(desk: Desk) -> None:
    # both record finds of shells in their area, and accuse nobody
    view = confirmed(desk, rows_of("a", range(0, 10)), rows_of("b", range(2, 14)))
    assert codes(view) == {"no-grounds"}
    view = desk["analyst"].state_independence(DAY, KIND, reason="Two clearing teams that never met.")
    found = of_kind(view)
    assert (found.obstacles, found.grounds) == ((), "Two clearing teams that never met.")
    assert (found.events_a, found.events_b, found.in_both) == (10, 12, 8)
    expected = chapman(10, 12, 8)
    assert (found.estimate, found.low, found.high) == (expected.estimate, expected.low, expected.high)
    assert "independent" in found.untested


def test_each_list_accusing_the_other_is_refused(desk: Desk) -> None:
    view = confirmed(
        desk,
        rows_of("a", range(0, 10), accused="Northern Assembly"),
        rows_of("b", range(2, 14), accused="Republic of Velmar"),
    )
    desk["analyst"].state_independence(DAY, KIND, reason="So they say.")
    view = desk["analyst"].read(DAY)
    assert codes(view) == {"one-sided"}
    assert of_kind(view).estimate is None
    assert "not two captures of one population" in of_kind(view).obstacles[0].sentence


def test_a_list_that_mostly_accuses_the_other_is_refused_too(desk: Desk) -> None:
    of_a = rows_of("a", range(0, 9), accused="Northern Assembly") + rows_of("a", range(9, 10), accused="RoV")
    of_b = rows_of("b", range(0, 1), accused="NA") + rows_of("b", range(1, 10), accused="Republic of Velmar")
    view = confirmed(desk, of_a, of_b)
    assert "one-sided" in codes(view)


def test_accusing_one_and_the_same_third_is_no_obstacle(desk: Desk) -> None:
    view = confirmed(
        desk,
        rows_of("a", range(0, 10), accused="Black Tide"),
        rows_of("b", range(2, 14), accused="Black Tide"),
    )
    assert codes(view) == {"no-grounds"}


@pytest.mark.parametrize(("common", "expected"), [(6, {"few-in-common", "no-grounds"}), (7, {"no-grounds"})])
def test_few_in_common(desk: Desk, common: int, expected: set[str]) -> None:
    view = confirmed(desk, rows_of("a", range(0, common)), rows_of("b", range(0, common)))
    assert codes(view) == expected


def test_unsettled_pairs_late_lists_and_open_days_are_each_told(desk: Desk) -> None:
    view = desk.opened(LIST_A, LIST_B)
    assert codes(view, "all") == {"one-sided", "unsettled-pairs", "few-in-common", "no-grounds"}
    assert {one.count for one in of_kind(view, "all").obstacles if one.code == "unsettled-pairs"} == {2}


def test_unequal_chances_are_told(desk: Desk) -> None:
    # deadly events are on both lists, the others on one alone: fewer would be estimated than there were
    deadly_a, deadly_b = rows_of("a", range(0, 8)), rows_of("b", range(0, 8))
    view = confirmed(desk, deadly_a + rows_of("a", range(8, 14), killed="0"), deadly_b + quiet_of_b())
    assert codes(view) == {"unequal-chance", "no-grounds"}


def quiet_of_b() -> list[str]:
    return [f"q{n},{DAY},Croft {n},{26.9 + 0.05 * n:.2f},-43.40,{KIND},,0" for n in range(6)]


def test_what_an_amendment_adds_is_not_counted(desk: Desk) -> None:
    confirmed(desk, rows_of("a", range(0, 10)), rows_of("b", range(2, 14)))
    more = text_of(rows_of("a", range(10, 12)))
    view = desk["liaison-a"].amend(DAY, A, "add", reason="Found since.", path="a.csv", content=more)
    found = of_kind(view)
    assert (found.events_a, found.events_b, found.in_both) == (10, 12, 8)


@pytest.mark.parametrize("parties", [(A, B), (B, A)])
def test_with_the_parties_exchanged_the_estimate_is_the_same(desk: Desk, parties: tuple[str, str]) -> None:
    view = desk.opened(rows_of("a", range(0, 10)), rows_of("b", range(2, 14)), parties)
    for n in range(2, 10):
        pair = (f"a{n}", f"b{n}") if parties == (A, B) else (f"b{n}", f"a{n}")
        desk.settle(*pair)
    view = desk["analyst"].state_independence(DAY, KIND, reason="Two teams.")
    assert of_kind(view).estimate == pytest.approx(chapman(10, 12, 8).estimate)
