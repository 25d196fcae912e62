"""The algebra of answers, held to Kleene's tables written out by hand."""

from __future__ import annotations

from itertools import product

import pytest

from ceasefire.model.vocabulary import ACTS, Answer, act_ancestry

N, C, U, Y = Answer.NO, Answer.CONTESTED, Answer.UNDETERMINED, Answer.YES
ORDER = (N, C, U, Y)
AND = {N: (N, N, N, N), C: (N, C, C, C), U: (N, C, U, U), Y: (N, C, U, Y)}
OR = {N: (N, C, U, Y), C: (C, C, C, Y), U: (U, C, U, Y), Y: (Y, Y, Y, Y)}
RECONCILED = {N: (N, C, N, C), C: (C, C, C, C), U: (N, C, U, Y), Y: (C, C, Y, Y)}


@pytest.mark.parametrize(("left", "right"), list(product(ORDER, ORDER)))
def test_two_answers_combine_as_the_tables_say(left: Answer, right: Answer) -> None:
    column = ORDER.index(right)
    assert Answer.all_of([left, right]) == AND[left][column]
    assert Answer.any_of([left, right]) == OR[left][column]
    assert Answer.reconciled([left, right]) == RECONCILED[left][column]


def test_the_empty_combinations() -> None:
    assert Answer.all_of([]) == Y
    assert Answer.any_of([]) == N
    assert Answer.reconciled([]) == U


@pytest.mark.parametrize("answer", ORDER)
def test_negation_is_its_own_inverse_and_keeps_doubt(answer: Answer) -> None:
    assert answer.negated().negated() == answer
    assert (answer.negated() == answer) == (answer in (C, U))


def test_every_act_reaches_a_root() -> None:
    for act in ACTS:
        assert ACTS[act_ancestry(act, ACTS)[-1]] is None


def test_an_unknown_act_is_refused() -> None:
    with pytest.raises(KeyError):
        act_ancestry("air-strikes", ACTS)
