"""Outcomes keep the reasons of the parts that decide, and all the records."""

from __future__ import annotations

from ceasefire.model.outcome import Outcome, agreed, conjunction, disjunction
from ceasefire.model.vocabulary import Answer

YES = Outcome(Answer.YES, (), ("adherence:a",))
NO = Outcome(Answer.NO, ("ended",), ("instrument:i",))
DOUBT = Outcome(Answer.UNDETERMINED, ("start-disputed",), ("instrument:j",))
DISPUTE = Outcome(Answer.CONTESTED, ("act-denied",), ("account:s",))


def test_a_conjunction_gives_the_reasons_of_what_decides() -> None:
    assert conjunction([YES, DOUBT, NO]).reasons == ("ended",)
    assert conjunction([YES, DOUBT, DISPUTE]).reasons == ("act-denied",)
    assert conjunction([YES, DOUBT]).cites == ("adherence:a", "instrument:j")


def test_a_disjunction_gives_the_reasons_of_what_decides() -> None:
    assert disjunction([NO, DOUBT]).reasons == ("start-disputed",)
    assert disjunction([NO, YES]) == Outcome(Answer.YES, (), ("instrument:i", "adherence:a"))


def test_alternatives_that_differ_are_undetermined_and_say_why() -> None:
    differing = agreed([YES, NO], otherwise="time-spans-change")
    assert differing.answer == Answer.UNDETERMINED
    assert differing.reasons == ("time-spans-change",)
    assert agreed([NO, NO], otherwise="x") == NO
    assert agreed([YES, DISPUTE], otherwise="x").answer == Answer.CONTESTED
    assert agreed([YES, DOUBT], otherwise="x").reasons == ("start-disputed", "x")
