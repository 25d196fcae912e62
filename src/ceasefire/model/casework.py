"""The words of casework: states of a case file, grades of evidence, outcomes, standards of proof, voting rules.

Where a case file stands, what its evidence is worth and what was found are three things: each has a word of its own
here, and no word of one is a word of another's field.
"""

from __future__ import annotations

from enum import StrEnum


class CaseState(StrEnum):
    """Where a case file stands."""

    ALLEGED = "alleged"
    ADMISSIBLE = "admissible"
    ASSIGNED = "assigned"
    PARTY_NOTIFIED = "party-notified"
    REPLY_RECEIVED = "reply-received"
    VISITED = "visited"
    REVIEWED = "reviewed"
    """From documents: no visit was made, or what one brought was weighed again."""
    DRAFTED = "drafted"
    SIGNED = "signed"
    """By a second person; the body has not ruled yet."""
    DETERMINED = "determined"
    CLOSED = "closed"
    APPEALED = "appealed"
    DUPLICATE = "duplicate"
    UNVERIFIABLE = "unverifiable"
    INADMISSIBLE = "inadmissible"
    WITHDRAWN = "withdrawn"
    SETTLED_LOCALLY = "settled-locally"


class EvidenceGrade(StrEnum):
    """What the evidence of a case file is worth, whatever state the file is in and whatever was found."""

    REPORTED = "reported"
    CORROBORATED = "corroborated"
    """By two independent lineages."""
    VERIFIED = "verified"
    """By own observation, or physical or digital evidence."""
    ATTRIBUTED = "attributed"
    DISPUTED = "disputed"
    REFUTED = "refuted"
    UNVERIFIABLE = "unverifiable"


class CaseOutcome(StrEnum):
    """How the examination of a case file came out."""

    DETERMINED = "determined"
    NO_CONSENSUS = "no-consensus"
    INADMISSIBLE = "inadmissible"
    SETTLED_LOCALLY = "settled-locally"
    WITHDRAWN = "withdrawn"


class StandardOfProof(StrEnum):
    """How sure a body must be to answer *yes*."""

    REASONABLE_SUSPICION = "reasonable-suspicion"
    REASONABLE_GROUNDS = "reasonable-grounds-to-believe"
    BALANCE_OF_PROBABILITIES = "balance-of-probabilities"
    CLEAR_AND_CONVINCING = "clear-and-convincing"
    BEYOND_REASONABLE_DOUBT = "beyond-reasonable-doubt"


class VotingRule(StrEnum):
    """When a vote carries. Those with a declared interest count nowhere."""

    CONSENSUS = "consensus"
    """At least one for, and nobody against; who abstains does not stand in the way."""
    UNANIMITY = "unanimity"
    """Everybody present votes for."""
    SIMPLE_MAJORITY = "simple-majority"
    """More for than against."""
    TWO_THIRDS = "two-thirds"
    """At least twice as many for as against."""
    EACH_SIDE = "each-side"
    """More for than against, among the members of each party by themselves."""


class Ballot(StrEnum):
    """How a member voted."""

    FOR = "for"
    AGAINST = "against"
    ABSTAINS = "abstains"


ENDED = frozenset(
    {
        CaseState.CLOSED,
        CaseState.DUPLICATE,
        CaseState.UNVERIFIABLE,
        CaseState.INADMISSIBLE,
        CaseState.WITHDRAWN,
        CaseState.SETTLED_LOCALLY,
    }
)
"""Nothing is due in these; a file leaves them only by an appeal or when it is taken up again."""
