"""Who holds what: only from statements, contested where they differ, unknown where nobody speaks."""

from __future__ import annotations

import itertools
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from ceasefire.model.time import Span, day_span, days_span
from ceasefire.model.vocabulary import Answer
from ceasefire.territory.contact_line import advance, contact_band, contact_line
from ceasefire.territory.control import Control, Holding, People, Place, Standing, Word
from ceasefire.territory.control_shares import Count, changes, check_count, shares

ZONE = ZoneInfo("Europe/Zurich")
TOWN = Place(place_id="town", name="Town", longitude=8.0, latitude=47.0)


def day(text: str) -> Span:
    return day_span(date.fromisoformat(text), ZONE)


def evening(text: str) -> int:
    return day(text).end - 1


def word(key: str, says: str, who: str, when: str, **more: object) -> Word:
    first, _, last = when.partition("..")
    return Word(
        statement_id=key,
        place_id=str(more.pop("at", "town")),
        chain=str(more.pop("chain", key)),
        says=says,
        actors=frozenset(who.split("+")),
        span=days_span(date.fromisoformat(first), date.fromisoformat(last or first), ZONE),
        **more,  # type: ignore[arg-type]
    )


def ask(words: list[Word], when: str, **more: object) -> Standing:
    return Control([TOWN], words).at(evening(when), **more)["town"]  # type: ignore[arg-type]


def test_nobody_says_is_unknown() -> None:
    assert ask([], "2021-05-01").holding is Holding.UNKNOWN
    assert ask([word("a", "holds", "x", "2021-05-02")], "2021-05-01").reason == "nobody-says"


def test_a_statement_is_carried_with_its_age_and_no_longer_than_asked() -> None:
    said = [word("a", "holds", "x", "2021-05-01")]
    carried = ask(said, "2021-05-11", carry_days=30)
    assert (carried.holding, carried.holders, carried.reason, carried.age_days) == (Holding.HELD, ("x",), "carried", 10)
    assert ask(said, "2021-05-01").reason == "said"
    old = ask(said, "2021-07-01", carry_days=30)
    assert (old.holding, old.reason) == (Holding.UNKNOWN, "too-old")


def test_a_taking_changes_hands_and_says_who_held_it_the_day_before_alone() -> None:
    taken = [word("a", "takes", "x", "2021-05-10", taken_from=frozenset({"y"}))]
    assert ask(taken, "2021-05-10").holders == ("x",)
    before = ask(taken, "2021-05-09")
    assert (before.holders, before.reason) == (("y",), "before-taking")
    assert ask(taken, "2021-05-08").holding is Holding.UNKNOWN


@pytest.mark.parametrize(("x", "y"), [("x", "y"), ("y", "x")])
def test_sources_that_differ_make_it_contested_whoever_is_who(x: str, y: str) -> None:
    same_day = [word("a", "holds", x, "2021-05-01"), word("b", "holds", y, "2021-05-01")]
    standing = ask(same_day, "2021-05-01")
    assert (standing.holding, standing.possible, standing.reason) == (Holding.CONTESTED, ("x", "y"), "sources-differ")
    # a later word of another source is no change that anybody states
    assert ask([same_day[0], word("b", "holds", y, "2021-05-05")], "2021-05-06").holding is Holding.CONTESTED
    # where somebody says that it changed hands, it is
    moved = [same_day[0], word("b", "takes", y, "2021-05-05")]
    assert ask(moved, "2021-05-06").holders == (y,)
    # and one who speaks for it still holding after that contests it
    assert ask([*moved, word("c", "holds", x, "2021-05-07")], "2021-05-08").holding is Holding.CONTESTED


def test_a_source_replaces_its_own_word_and_a_copy_is_no_second_one() -> None:
    said = [word("a", "holds", "x", "2021-05-01", chain="s"), word("b", "holds", "y", "2021-05-05", chain="s")]
    assert ask(said, "2021-05-06").holders == ("y",)


def test_between_the_first_and_last_possible_day_nobody_can_say() -> None:
    taken = [word("a", "takes", "x", "2021-05-10..2021-05-14", taken_from=frozenset({"y"}))]
    between = ask(taken, "2021-05-12")
    assert (between.holding, between.possible, between.reason) == (Holding.UNKNOWN, ("x", "y"), "on-the-day")
    assert ask(taken, "2021-05-14").holders == ("x",)
    assert ask(taken, "2021-05-09").holders == ("y",)


def test_left_is_not_held_by_another() -> None:
    left = [word("a", "holds", "x", "2021-05-01"), word("b", "leaves", "x", "2021-05-05")]
    standing = ask(left, "2021-05-06")
    assert (standing.holding, standing.holders, standing.reason) == (Holding.UNKNOWN, (), "left")
    denied = [*left, word("c", "holds", "x", "2021-05-06")]
    assert ask(denied, "2021-05-06").holding is Holding.CONTESTED


def test_fought_over_and_held_together() -> None:
    assert ask([word("a", "fought-over", "x+y", "2021-05-01")], "2021-05-01").reason == "fought-over"
    assert ask([word("a", "holds", "x+y", "2021-05-01")], "2021-05-01").holders == ("x", "y")


def test_a_part_and_the_whole_do_not_differ() -> None:
    said = [word("a", "holds", "x", "2021-05-01"), word("b", "holds", "brigade", "2021-05-01")]
    control = Control([TOWN], said, belongs=lambda a, b, _: (a, b) == ("brigade", "x"))
    assert control.at(evening("2021-05-01"))["town"].holding is Holding.HELD


def test_as_known_on_a_day() -> None:
    said = [
        word("a", "holds", "x", "2021-05-01", said=evening("2021-05-02")),
        word("b", "takes", "y", "2021-05-10", said=evening("2021-05-20")),
        word("c", "takes", "z", "2021-05-10"),
    ]
    assert ask(said, "2021-05-15", known=evening("2021-05-15")).holders == ("x",)
    assert ask(said, "2021-05-15", known=evening("2021-05-20")).holders == ("y",)
    assert ask(said, "2021-05-15", known=evening("2021-05-01")).holding is Holding.UNKNOWN


def row_of_places(count: int) -> list[Place]:
    return [Place(place_id=f"p{i}", name=f"P{i}", longitude=8.0 + 0.05 * i, latitude=47.0) for i in range(count)]


def test_interpolation_is_flagged_and_needs_neighbours_that_agree() -> None:
    places = row_of_places(7)  # 3.8 km apart
    said = [
        word("a", "holds", "x", "2021-05-01", at="p0"),
        word("b", "holds", "x", "2021-05-04", at="p2"),
        word("c", "holds", "y", "2021-05-01", at="p4"),
    ]
    found = Control(places, said).at(evening("2021-05-05"), reach_km=4.5)
    assert (found["p1"].holding, found["p1"].holders, found["p1"].reason) == (
        Holding.INTERPOLATED,
        ("x",),
        "neighbours",
    )
    assert found["p1"].nearest_km == pytest.approx(3.8, abs=0.05)
    assert found["p1"].age_days == 4  # of the older of the two that it rests on
    assert (found["p3"].holding, found["p3"].possible) == (Holding.UNKNOWN, ("x", "y"))
    assert found["p6"].reason == "nobody-says"  # out of reach
    assert Control(places, said).at(evening("2021-05-05"))["p1"].holding is Holding.UNKNOWN


def test_shares_keep_unknown_people_unknown_and_have_bounds() -> None:
    places = {
        "a": Place(place_id="a", name="A", longitude=8, latitude=47, people=People(best=100)),
        "b": Place(place_id="b", name="B", longitude=8.1, latitude=47),
        "c": Place(place_id="c", name="C", longitude=8.2, latitude=47, people=People(low=10, high=20)),
        "d": Place(place_id="d", name="D", longitude=8.3, latitude=47),
    }
    said = [
        word("1", "holds", "x", "2021-05-01", at="a"),
        word("2", "holds", "x", "2021-05-01", at="b"),
        word("3", "holds", "x", "2021-05-01", at="c"),
        word("4", "holds", "y", "2021-05-01", at="c"),
    ]
    control = Control(list(places.values()), said)
    found = shares(places, control.at(evening("2021-05-01")))
    x = next(each for each in found.actors if each.actor_id == "x")
    assert (x.at_least.settlements, x.at_least.people_low, x.at_least.people_unknown) == (2, 100, 1)
    assert (x.at_most.settlements, x.at_most.people_high, x.at_most.people_unknown) == (4, 120, 2)
    assert (found.contested.settlements, found.unknown.settlements) == (1, 1)
    border = {"a": Answer.YES, "b": Answer.UNDETERMINED, "c": Answer.NO, "d": Answer.NO}
    near = shares(places, control.at(evening("2021-05-01")), "z", border).actors[0]
    assert (near.at_least.settlements, near.at_most.settlements) == (1, 2)


def test_a_count_is_held_against_the_names() -> None:
    places = row_of_places(5)
    said = [
        word("1", "takes", "x", "2021-05-03", at="p0"),
        word("2", "takes", "x", "2021-05-03..2021-05-20", at="p1"),  # maybe after the period
        word("3", "takes", "y", "2021-05-03", at="p2"),
        word("4", "takes", "x", "2021-06-03", at="p3"),
        word("5", "takes", "x", "2021-05-04", at="p4"),
    ]
    count = Count(
        count_id="n", actor_id="x", says="takes", low=31, best=None, high=None,
        span=days_span(date(2021, 5, 1), date(2021, 5, 10), ZONE), leaving_out=frozenset({"p4"}),
    )  # fmt: skip
    check = check_count(count, Control(places, said), lambda _: Answer.YES)
    assert (check.named, check.maybe_named) == (("p0",), ("p1",))
    assert (check.unnamed_at_least, check.unnamed_at_most) == (29, None)
    outside = check_count(count, Control(places, said), lambda _: Answer.NO)
    assert (outside.named, outside.unnamed_at_least) == ((), 31)


def test_a_count_of_what_was_taken_from_somebody_leaves_out_what_was_taken_from_others() -> None:
    said = [
        word("1", "takes", "x", "2021-05-03", at="p0", taken_from=frozenset({"y"})),
        word("2", "takes", "x", "2021-05-03", at="p1", taken_from=frozenset({"z"})),
        word("3", "takes", "x", "2021-05-03", at="p2"),  # from whom, nobody says
        word("4", "takes", "x", "2021-05-03", at="p3", taken_from=frozenset({"part-of-y"})),
    ]
    count = Count(
        count_id="n", actor_id="x", says="takes", low=None, best=5, high=None, taken_from=frozenset({"y"}),
        span=days_span(date(2021, 5, 1), date(2021, 5, 10), ZONE),
    )  # fmt: skip
    control = Control(row_of_places(4), said, belongs=lambda a, b, _: (a, b) == ("part-of-y", "y"))
    check = check_count(count, control, lambda _: Answer.YES)
    assert (check.named, check.maybe_named) == (("p0", "p3"), ("p2",))
    assert (check.unnamed_at_least, check.unnamed_at_most) == (2, 3)


def test_a_count_of_what_is_held_names_what_is_held_at_its_end() -> None:
    said = [
        word("1", "holds", "x", "2021-05-01", at="p0"),
        word("2", "takes", "y", "2021-05-02", at="p0", taken_from=frozenset({"x"})),  # lost before
        word("3", "takes", "x", "2021-05-03", at="p1"),
        word("4", "holds", "x", "2021-05-04", at="p2", chain="a"),
        word("5", "holds", "y", "2021-05-04", at="p2", chain="b"),  # contested
        word("6", "holds", "x", "2021-05-12", at="p3"),  # not said of that period
    ]
    count = Count(
        count_id="n", actor_id="x", says="holds", low=3, best=None, high=6,
        span=days_span(date(2021, 5, 10), date(2021, 5, 10), ZONE),
    )  # fmt: skip
    check = check_count(count, Control(row_of_places(4), said), lambda _: Answer.YES)
    assert (check.named, check.maybe_named) == (("p1",), ("p2",))
    assert (check.unnamed_at_least, check.unnamed_at_most) == (1, 5)


def test_a_count_with_a_highest_figure_alone_has_no_least() -> None:
    span = days_span(date(2021, 5, 1), date(2021, 5, 10), ZONE)
    count = Count(count_id="n", actor_id="x", says="takes", low=None, best=None, high=31, span=span)
    check = check_count(count, Control(row_of_places(1), []), lambda _: Answer.YES)
    assert (check.unnamed_at_least, check.unnamed_at_most) == (None, 31)


def test_what_changed_hands() -> None:
    control = Control([TOWN], [word("a", "takes", "x", "2021-05-10", taken_from=frozenset({"y"}))])
    found = changes(control.at(evening("2021-05-09")), control.at(evening("2021-05-10")))
    assert [(each.place_id, each.changed_hands) for each in found] == [("town", True)]
    earlier = changes(control.at(evening("2021-05-01")), control.at(evening("2021-05-10")))
    assert not earlier[0].changed_hands
    assert changes(control.at(evening("2021-05-11")), control.at(evening("2021-05-20"))) == ()


def test_a_change_leaves_behind_what_others_said_of_the_same_day() -> None:
    said = [word("a", "holds", "x", "2021-05-10"), word("b", "takes", "y", "2021-05-10")]
    assert ask(said, "2021-05-10").holders == ("y",)


def test_a_source_that_spoke_of_a_month_and_then_of_a_change_within_it_is_heard_on_the_change() -> None:
    said = [
        word("a", "holds", "x", "2021-05-01..2021-05-31", chain="c"),
        word("b", "takes", "y", "2021-05-10", chain="c"),
    ]
    assert ask(said, "2021-05-09").holders == ("x",)
    assert ask(said, "2021-05-10").holders == ("y",)


def test_what_nobody_was_said_to_hold_before_is_no_advance() -> None:
    places = row_of_places(2)
    control = Control(
        places, [word("1", "holds", "x", "2021-05-01", at="p0"), word("2", "holds", "x", "2021-05-09", at="p1")]
    )
    before, after = control.at(evening("2021-05-02")), control.at(evening("2021-05-09"))
    assert advance("x", control.places, before, after, days=7).gains == ()


GRID = [
    Place(place_id=f"g{x}{y}", name="", longitude=8 + 0.05 * x, latitude=47 + 0.05 * y, uncertainty_km=0.5)
    for x in range(4)
    for y in range(4)
]


def test_the_contact_line_runs_between_the_sides_and_says_how_well_it_is_known() -> None:
    said = [
        word(place.place_id, "holds", "xy"[place.longitude > 8.07], "2021-05-01", at=place.place_id) for place in GRID
    ]
    control = Control(GRID, said)
    line = contact_line(control.places, control.at(evening("2021-05-01")))
    assert len(line) == 4
    for piece in line:
        assert {holder for holders in piece.holders for holder in holders} == {"x", "y"}
        assert all(longitude == pytest.approx(8.075, abs=0.002) for longitude, _ in piece.line)
        assert piece.uncertainty_km == pytest.approx(3.8 / 2 + 0.5, abs=0.05)
    assert contact_line(control.places, control.at(evening("2021-05-01")), widest_km=2) == ()
    everyone = contact_line(control.places, control.at(evening("2021-05-01")), together=lambda *_: True)
    assert everyone == ()


def test_the_contact_line_across_the_180th_meridian() -> None:
    places = [
        Place(place_id="east", name="", longitude=179.98, latitude=-17),
        Place(place_id="west", name="", longitude=-179.98, latitude=-17),
    ]
    control = Control(
        places, [word("1", "holds", "x", "2021-05-01", at="east"), word("2", "holds", "y", "2021-05-01", at="west")]
    )
    (piece,) = contact_line(control.places, control.at(evening("2021-05-01")))
    assert piece.length_km < 10
    assert abs(abs(piece.line[0][0]) - 180) < 1e-3


def test_an_advance_has_depth_speed_and_with_enough_gains_a_direction() -> None:
    said = [word(f"s{p.place_id}", "holds", "xy"[p.longitude > 8.02], "2021-05-01", at=p.place_id) for p in GRID]
    said += [
        word(f"t{p.place_id}", "takes", "x", "2021-05-09", at=p.place_id) for p in GRID if 8.02 < p.longitude < 8.12
    ]
    control = Control(GRID, said)
    before, after = control.at(evening("2021-05-05")), control.at(evening("2021-05-10"))
    moved = advance("x", control.places, before, after, 5)
    assert len(moved.gains) == 8
    assert moved.gains[0].depth_km == pytest.approx(7.6, abs=0.1)
    assert moved.km_per_day == pytest.approx(7.6 / 5, abs=0.02)
    assert moved.bearing == pytest.approx(90, abs=1)
    assert moved.steadiness is not None
    assert moved.steadiness > 0.99
    few = advance("x", control.places, {**before, **{g.place_id: after[g.place_id] for g in moved.gains[2:]}}, after, 5)
    assert (len(few.gains), few.bearing) == (2, None)


WORDS = st.lists(
    st.tuples(
        st.sampled_from(["holds", "takes", "leaves", "fought-over"]),
        st.sampled_from(["x", "y", "z"]),
        st.integers(1, 28),
        st.integers(0, 5),
        st.sampled_from(["s", "t", "u"]),
    ),
    max_size=8,
)


def built(said: list[tuple[str, str, int, int, str]], names: dict[str, str]) -> list[Word]:
    return [
        Word(
            statement_id=f"w{i}", place_id="town", chain=chain, says=says, actors=frozenset({names[who]}),
            span=days_span(date(2021, 5, first), date.fromordinal(date(2021, 5, first).toordinal() + length), ZONE),
        )
        for i, (says, who, first, length, chain) in enumerate(said)
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(WORDS, st.integers(1, 31), st.randoms())
def test_order_and_names_of_parties_change_nothing(said, on, shuffle) -> None:
    instant = evening(f"2021-05-{on:02d}")
    words = built(said, {"x": "x", "y": "y", "z": "z"})
    first = Control([TOWN], words).at(instant)["town"]
    shuffle.shuffle(words)
    assert Control([TOWN], words).at(instant)["town"].holding is first.holding
    turned = {"x": "z", "y": "x", "z": "y"}
    other = Control([TOWN], built(said, turned)).at(instant)["town"]
    assert other.holding is first.holding
    assert {turned[who] for who in first.holders} == set(other.holders)
    assert {turned[who] for who in first.possible} == set(other.possible)
    # nothing that was said later than it speaks of has a part in it
    heard = [each for each in words if each.span.start <= instant]
    assert Control([TOWN], heard).at(instant)["town"].holding is first.holding


HOLDERS = {place.place_id: place for place in GRID}
ON_GRID = st.lists(
    st.tuples(
        st.sampled_from(["holds", "takes", "leaves", "fought-over"]),
        st.sampled_from(["x", "y"]),
        st.sampled_from(sorted(HOLDERS)),
        st.integers(1, 9),
        st.sampled_from(["s", "t"]),
    ),
    max_size=40,
)


def on_grid(said: list[tuple[str, str, str, int, str]], names: dict[str, str]) -> Control:
    return Control(
        GRID,
        [
            word(f"w{i}", says, names[who], f"2021-05-0{first}", at=at, chain=chain)
            for i, (says, who, at, first, chain) in enumerate(said)
        ],
    )


@settings(max_examples=40, deadline=None)
@given(ON_GRID)
def test_exchanging_the_parties_exchanges_shares_changes_and_advances_and_leaves_the_line(said) -> None:
    turned = {"x": "y", "y": "x"}
    answers = []
    for names in ({"x": "x", "y": "y"}, turned):
        control = on_grid(said, names)
        before, after = (control.at(evening(day), reach_km=6) for day in ("2021-05-04", "2021-05-09"))
        line = contact_line(HOLDERS, after)
        answers.append(
            (
                {
                    names[each.actor_id]: (each.at_least, each.interpolated, each.at_most, each.of_settlements)
                    for each in shares(HOLDERS, after).actors
                },
                [(each.place_id, each.changed_hands) for each in changes(before, after)],
                {
                    names[actor]: (moved.gains, moved.km_per_day, moved.bearing)
                    for actor in ("x", "y")
                    if (moved := advance(actor, HOLDERS, before, after, 5))
                },
                [(each.place_ids, each.line, each.uncertainty_km, each.interpolated) for each in line],
                [{turned[who] if names is turned else who for who in each.holders[0]} for each in line],
            )
        )
    assert answers[0] == answers[1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "x", "y", "x+y?"]),
            st.sampled_from(list(Answer)),
            st.integers(0, 3),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_shares_are_bounded_by_every_way_in_which_it_could_be(drawn) -> None:
    """Try every holder of each settlement, whether it lies inside, and how many live there."""
    drawn = [
        (who, Answer.UNDETERMINED if where is Answer.CONTESTED else where, low, more) for who, where, low, more in drawn
    ]
    places, inside, said = {}, {}, []
    for i, (who, where, low, more) in enumerate(drawn):
        key = f"p{i}"
        people = People(low=low, high=low + more)
        places[key] = Place(place_id=key, name="", longitude=8 + i, latitude=47, people=people)
        inside[key] = where
        said += [
            word(f"{key}{one}", "holds", one, "2021-05-01", at=key) for one in (who or "").rstrip("?").split("+") if one
        ]
    control = Control(list(places.values()), said)
    found = shares(places, control.at(evening("2021-05-01")), "z", inside)
    held = [(who, where, low, more) for who, where, low, more in drawn if where is not Answer.NO]
    ways = itertools.product(
        *(
            [
                (mine, there, size)
                for mine in ({"x": [True], "y": [False]}.get(who or "", [True, False]))
                for there in ([True] if where is Answer.YES else [True, False])
                for size in (low, low + more)
            ]
            for who, where, low, more in held
        )
    )
    counted: list[float] = []
    peopled: list[float] = []
    for way in ways:
        there = [(mine, size) for mine, there, size in way if there]
        if there:
            counted.append(sum(mine for mine, _ in there) / len(there))
        if sum(size for _, size in there):
            peopled.append(sum(size for mine, size in there if mine) / sum(size for _, size in there))
    mine = next((each for each in found.actors if each.actor_id == "x"), None)
    for bounds, all_ways in ((mine.of_settlements, counted), (mine.of_people, peopled)) if mine else ():
        if bounds is not None:
            assert bounds == pytest.approx((min(all_ways), max(all_ways)))


def test_the_band_holds_all_that_its_pieces_leave_open() -> None:
    said = [
        word(place.place_id, "holds", "xy"[place.longitude > 8.07], "2021-05-01", at=place.place_id) for place in GRID
    ]
    line = contact_line(HOLDERS, Control(GRID, said).at(evening("2021-05-01")))
    band = contact_band(line)
    assert band is not None
    geod = Geod(ellps="WGS84")
    for piece in line:
        (west, south), (east, north) = piece.line
        longitude, latitude = (west + east) / 2, (south + north) / 2
        for azimuth in (90, 270):
            for km, wanted in ((0.99, True), (1.02, False)):
                at = geod.fwd(longitude, latitude, azimuth, 1000 * km * piece.uncertainty_km)
                assert shapely.intersects_xy(band, *at[:2]) is np.bool_(wanted)
    assert contact_band([]) is None
