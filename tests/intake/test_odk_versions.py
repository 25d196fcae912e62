"""Which version of a submission stands: never silently the last."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.intake.odk_versions import Decision, Version, settle, version_id


def version(
    instance: str, before: str | None = None, *, text: str = "", root: str | None = None, edits: int | None = None
) -> Version:
    digest = text or instance
    return Version(
        version_id=version_id(instance, digest),
        instance_id=instance,
        deprecated_id=before,
        root_id=root,
        edits=edits,
        digest=digest,
    )


def test_an_edit_stands_whichever_came_first() -> None:
    first, second = version("1"), version("2", "1")
    for order in itertools.permutations((first, second)):
        (settled,) = settle(order)
        assert (settled.standing, settled.rivals, settled.name) == (second.version_id, (), "1")


def test_two_edits_of_one_version_wait_for_a_person_and_what_stood_goes_on_standing() -> None:
    first, left, right = version("1"), version("2", "1"), version("3", "1")
    (settled,) = settle([first, left, right])
    assert settled.standing == first.version_id
    assert set(settled.rivals) == {left.version_id, right.version_id}
    decision = Decision(keep=right.version_id, over=(left.version_id,))
    (decided,) = settle([first, left, right], [decision])
    assert (decided.standing, decided.rivals) == (right.version_id, ())
    (again,) = settle([first, left, right, version("4", "2")], [decision])
    assert len(again.rivals) == 2, "an edit of the one that was not kept opens the question again"
    assert again.standing == first.version_id
    (further,) = settle([first, left, right, version("5", "3")], [decision])
    assert further.rivals == ()


def test_two_contents_under_one_id_are_a_conflict_and_the_first_recorded_stands() -> None:
    one, other = version("1", text="a"), version("1", text="b")
    (settled,) = settle([one, other])
    assert settled.standing == one.version_id
    assert settled.rivals == (one.version_id, other.version_id)


def test_the_servers_count_of_edits_says_which_is_later() -> None:
    held = [version("1", text=f"v{count}", root="1", edits=count) for count in (0, 1, 2)]
    for order in itertools.permutations(held):
        (settled,) = settle(order)
        assert (settled.standing, settled.rivals) == (held[2].version_id, ())


def test_a_version_missing_between_is_no_reason_to_guess() -> None:
    """The second was never held: nothing says that the fourth follows the third of another line."""
    (settled,) = settle([version("1"), version("2b", "1"), version("4", "3", root="1")])
    assert len(settled.rivals) == 2
    (settled,) = settle([version("1"), version("4", "3", root="1")])
    assert settled.rivals == (), "all others come after the first of the chain"


def test_a_name_does_not_change_when_an_earlier_version_turns_up() -> None:
    third = version("3", "2")
    assert settle([third])[0].name == "2"
    assert settle([third, version("1"), version("2", "1")])[0].name == "2"


def test_versions_that_edit_one_another_in_a_circle_wait_for_a_person() -> None:
    (settled,) = settle([version("1", "2"), version("2", "1")])
    assert len(settled.rivals) == 2


@given(st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(0, 6), st.sampled_from("ab")), max_size=14))
def test_every_version_is_of_one_submission_and_one_stands(rows: list[tuple[int, int | None, str]]) -> None:
    versions = [
        version(str(one), None if before is None else str(before), text=f"{one}{text}{before}")
        for one, before, text in rows
    ]
    versions = list({each.version_id: each for each in versions}.values())
    settled = settle(versions)
    assert sorted(each for one in settled for each in one.versions) == sorted(each.version_id for each in versions)
    for one in settled:
        assert one.standing in one.versions
        assert len(one.rivals) != 1 and set(one.rivals) <= set(one.versions)
        if one.rivals:
            keep, *over = one.rivals
            again = {each.name: each for each in settle(versions, [Decision(keep=keep, over=tuple(over))])}[one.name]
            assert again.standing == keep and not again.rivals


@pytest.mark.parametrize("count", [3000])
def test_a_long_chain_is_settled_at_once(count: int) -> None:
    chain = [version(str(number), str(number - 1) if number else None) for number in range(count)]
    assert settle(chain)[0].standing == chain[-1].version_id
