"""What people said: it follows through, in any order, and contradictions are told."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ceasefire.fusion.judgements import NOT_SAME, SAME, UNSURE, Judgement, settle

ROWS = {name: row for row, name in enumerate("abcdef")}


def said(*words: str) -> list[Judgement]:
    meaning = {"=": SAME, "!": NOT_SAME, "?": UNSURE}
    return [Judgement(word[0], word[2], meaning[word[1]], "x") for word in words]


def test_same_follows_through() -> None:
    settled = settle(said("a=b", "b=c", "d!c"), ROWS, 6)
    assert settled.together.tolist() == [0, 0, 0, 3, 4, 5]
    assert settled.apart.tolist() == [[2, 3]]
    assert settled.conflicts == ()


def test_order_direction_and_repetition_do_not_matter() -> None:
    words = said("a=b", "c=b", "e!d", "b?f")
    for order in itertools.permutations(words):
        turned = [Judgement(one.report_b, one.report_a, one.verdict, one.author) for one in order]
        for given in (list(order), turned, [*order, *order]):
            settled = settle(given, ROWS, 6)
            assert settled.together.tolist() == [0, 0, 0, 3, 4, 5]
            assert settled.apart.tolist() == [[3, 4]]
            assert settled.unsure.tolist() == [[1, 5]]


def test_nothing_is_merged_against_a_persons_word() -> None:
    settled = settle(said("a=b", "b=c", "a!c", "d=e"), ROWS, 6)
    assert settled.together.tolist() == [0, 1, 2, 3, 3, 5]
    assert settled.apart.tolist() == [[0, 2]]
    (conflict,) = settled.conflicts
    assert {(one.report_a, one.report_b, one.verdict) for one in conflict} == {
        ("a", "b", SAME),
        ("b", "c", SAME),
        ("a", "c", NOT_SAME),
    }


def test_two_people_of_two_minds_are_a_conflict() -> None:
    both = [Judgement("a", "b", SAME, "x"), Judgement("a", "b", NOT_SAME, "y")]
    settled = settle(both, ROWS, 6)
    assert settled.conflicts == (tuple(both),)
    assert settled.together.tolist() == list(range(6))


def test_what_reports_say_of_themselves_holds_and_the_contradiction_is_told() -> None:
    start = np.array([0, 0, 2, 3, 4, 5])
    settled = settle(said("a!b"), ROWS, 6, start)
    assert settled.together.tolist() == start.tolist()
    assert settled.conflicts == (tuple(said("a!b")),)


def test_a_word_on_an_absent_report_waits() -> None:
    assert settle(said("a=z"), ROWS, 6).together.tolist() == list(range(6))


def test_a_settled_pair_is_no_longer_open() -> None:
    assert settle([*said("a?b"), Judgement("a", "b", SAME, "y")], ROWS, 6).unsure.tolist() == []


@pytest.mark.parametrize(("a", "b", "verdict"), [("a", "b", "maybe"), ("a", "a", SAME)])
def test_what_is_no_judgement(a: str, b: str, verdict: str) -> None:
    with pytest.raises(ValueError, match=r"maybe|itself"):
        Judgement(a, b, verdict, "x")
