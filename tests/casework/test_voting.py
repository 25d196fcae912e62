"""Every rule of voting, with the vote that just carries and the one that just fails."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ceasefire.agreement.casework_rules import Body, CaseworkRules
from ceasefire.casework.entries import Voted
from ceasefire.casework.voting import count_vote
from ceasefire.model.casework import CaseState

from .conftest import BOARD

SEATS = {"chair": None, "a1": "a", "a2": "a", "b1": "b", "b2": "b"}
LETTERS = {"f": "for", "x": "against", "-": "abstains"}


def body(rule: str, *, quorum: int = 3, each: bool = False) -> Body:
    members = [{"id": id_, "name": id_, "party": party} for id_, party in SEATS.items()]
    return Body.model_validate(
        {**BOARD, "members": members, "voting_rule": rule, "quorum": quorum, "quorum_each_party": each}
    )


def voted(ballots: str) -> Voted:
    """Return a vote of the five seats in order: f for, x against, - abstains, . is absent."""
    cast = {id_: LETTERS[letter] for id_, letter in zip(SEATS, ballots, strict=True) if letter != "."}
    return Voted.model_validate(
        {
            "case_file_id": "case-1",
            "by": {"roles": ["head"]},
            "draft": 1,
            "held_on": "2021-04-20",
            "present": list(cast),
            "ballots": cast,
            "minutes": "Met.",
        }
    )


@pytest.mark.parametrize(
    ("rule", "carries", "fails"),
    [
        ("consensus", "f----", "ffffx"),
        ("consensus", "fffff", "-----"),
        ("unanimity", "fff..", "ffff-"),
        ("simple-majority", "fffxx", "ffxx-"),
        ("simple-majority", "f----", "-----"),
        ("two-thirds", "ffx..", "fffxx"),
        ("each-side", "xf-f-", "fffx-"),
        ("each-side", "-f.f.", "ff-xf"),
    ],
)
def test_what_carries_and_what_fails(rule: str, carries: str, fails: str):
    assert count_vote(body(rule), voted(carries), barred=frozenset()).carried
    count = count_vote(body(rule), voted(fails), barred=frozenset())
    assert (count.quorate, count.carried) == (True, False)
    assert count.reason.startswith("The vote failed")


def test_a_barred_member_is_neither_counted_nor_present():
    count = count_vote(body("simple-majority"), voted("ffx.."), barred=frozenset({"a1"}))
    assert (count.present, count.quorate, count.carried) == (2, False, False)
    assert count_vote(body("simple-majority"), voted("ffx.."), barred=frozenset()).carried  # the control


def test_each_party_present_where_the_body_asks_for_it():
    count = count_vote(body("consensus", each=True), voted("fff.."), barred=frozenset())
    assert (count.quorate, count.carried) == (False, False)
    assert "Nobody free of interest was present for b" in count.reason
    assert count_vote(body("consensus", each=True), voted("ff.f."), barred=frozenset()).carried


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"quorum": 9}, "can never meet"),
        ({"members": [{"id": "x", "name": "X"}, {"id": "x", "name": "Y"}]}, "members of one id"),
        ({"members": [{"id": "x", "name": "X"}], "quorum": 1, "voting_rule": "each-side"}, "members sent by parties"),
        ({"veto": True}, "Extra inputs"),
    ],
)
def test_a_body_that_cannot_rule_is_refused(change: dict, match: str):
    with pytest.raises(ValidationError, match=match):
        Body.model_validate({**BOARD, **change})


def test_the_rules_refuse_what_they_do_not_know():
    with pytest.raises(ValidationError, match="nothing is due in the state closed"):
        CaseworkRules.model_validate({"format": 1, "due_days": {"closed": 3}})
    with pytest.raises(ValidationError, match="Extra inputs"):
        CaseworkRules.model_validate({"format": 1, "due_hours": {}})
    given = CaseworkRules.model_validate({"format": 1, "due_days": {"alleged": 9}})
    assert (given.days_allowed(CaseState.ALLEGED), given.days_allowed(CaseState.ADMISSIBLE)) == (9, 2)
