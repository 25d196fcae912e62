"""Whether a body's vote carries: members present, those barred by an interest, the quorum, the rule."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from ceasefire.agreement.casework_rules import Body, BodyMember
from ceasefire.casework.entries import Voted
from ceasefire.model.casework import Ballot, VotingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A vote, counted.

    Parameters
    ----------
    votes_for, votes_against, abstentions : int
        Of members present and not barred; who cast no ballot abstains.
    present, quorum : int
        Members present and not barred; how many the body needs.
    quorate, carried : bool
        Whether enough were present; and whether the rule was met, never without the quorum.
    reason : str
        One sentence.
    """

    votes_for: int
    votes_against: int
    abstentions: int
    present: int
    quorum: int
    quorate: bool
    carried: bool
    reason: str


def count_vote(body: Body, vote: Voted, *, barred: Set[str]) -> Count:
    """Count a vote by the rules of the body.

    Parameters
    ----------
    barred : set of str
        Members with a declared interest: neither present for the quorum nor counted.
    """
    seated = [member for member in body.members if member.id in vote.present and member.id not in barred]
    ballots = {member.id: vote.ballots.get(member.id, Ballot.ABSTAINS) for member in seated}
    cast = list(ballots.values())
    absent = sorted(
        party
        for party in {member.party for member in body.members if member.party}
        if not any(member.party == party for member in seated)
    )
    sides_missing = absent if body.quorum_each_party else []
    quorate = len(seated) >= body.quorum and not sides_missing
    met = _meets(body.voting_rule, seated, ballots)
    return Count(
        votes_for=cast.count(Ballot.FOR),
        votes_against=cast.count(Ballot.AGAINST),
        abstentions=cast.count(Ballot.ABSTAINS),
        present=len(seated),
        quorum=body.quorum,
        quorate=quorate,
        carried=quorate and met,
        reason=_reason(body, seated=len(seated), cast=cast, sides_missing=sides_missing, met=met),
    )


def _meets(rule: VotingRule, seated: list[BodyMember], ballots: dict[str, Ballot]) -> bool:
    yes, no = _tally(ballots.values())
    if rule is VotingRule.CONSENSUS:
        return yes > 0 and no == 0
    if rule is VotingRule.UNANIMITY:
        return 0 < yes == len(seated)
    if rule is VotingRule.SIMPLE_MAJORITY:
        return yes > no
    if rule is VotingRule.TWO_THIRDS:
        return yes > 0 and yes >= 2 * no
    sides = {member.party for member in seated if member.party}
    tallies = [_tally(ballots[member.id] for member in seated if member.party == side) for side in sides]
    return bool(tallies) and all(on_side > against for on_side, against in tallies)


def _tally(ballots: Iterable[Ballot]) -> tuple[int, int]:
    cast = list(ballots)
    return cast.count(Ballot.FOR), cast.count(Ballot.AGAINST)


def _reason(body: Body, *, seated: int, cast: list[Ballot], sides_missing: list[str], met: bool) -> str:
    if seated < body.quorum:
        return f"{seated} members free of interest were present; the quorum is {body.quorum}."
    if sides_missing:
        return f"Nobody free of interest was present for {', '.join(sides_missing)}."
    yes, no = _tally(cast)
    told = f"{yes} for, {no} against, {len(cast) - yes - no} abstained, by the rule of {body.voting_rule.value}"
    return f"The vote {'carried' if met else 'failed'}: {told}."
