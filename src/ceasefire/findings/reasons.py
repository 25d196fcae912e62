"""Reason codes: why an answer is not a plain yes, each with its question and its sentence."""

from __future__ import annotations

from dataclasses import dataclass

from ceasefire.model.vocabulary import Question


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a question got the answer it got.

    Parameters
    ----------
    question : Question
        The question it belongs to.
    sentence : str
        For people; no party, place or date in it.
    settled_by : str
        What one more fact would settle it: ``direction``, ``target``, ``adherence``, ``place``, ``time``, ``act``,
        ``reading``, ``ruling`` or empty where the answer is not in doubt.
    """

    question: Question
    sentence: str
    settled_by: str = ""


_TIME, _AREA, _ACT = Question.IN_FORCE, Question.IN_AREA, Question.ACT
_BOUND, _TARGET, _EXCEPTION = Question.BOUND, Question.COVERED_TARGET, Question.EXCEPTION

REASONS: dict[str, Reason] = {
    "not-yet-in-force": Reason(_TIME, "The clause was not yet in force."),
    "ended": Reason(_TIME, "The clause had ended."),
    "term-lapsed": Reason(_TIME, "The term of the agreement had run out, and it provides for no renewal."),
    "start-disputed": Reason(_TIME, "It lies between the earliest and the latest start on record.", "time"),
    "end-disputed": Reason(_TIME, "It lies between the earliest and the latest end on record.", "time"),
    "renewal-unproven": Reason(_TIME, "The term had run out and no proof of renewal is on record.", "time"),
    "time-spans-change": Reason(_TIME, "Its interval spans a date on which the answer changes.", "time"),
    "outside-all-areas": Reason(
        _AREA, "The place lies outside every area of the clause, beyond the border's uncertainty."
    ),
    "area-not-valid-then": Reason(_AREA, "The area was not established at that time."),
    "area-date-disputed": Reason(_AREA, "It lies between conflicting dates on which the area began or ended.", "time"),
    "place-near-border": Reason(
        _AREA, "The place, as precisely as it is known, is not clear of the border and its uncertainty.", "place"
    ),
    "place-too-coarse": Reason(_AREA, "The place is known only to an area without a polygon on file.", "place"),
    "place-partly-inside": Reason(
        _AREA, "The place is known only to an area that is not wholly inside or outside.", "place"
    ),
    "area-time-spans-change": Reason(_AREA, "Its interval spans a change of the area.", "time"),
    "act-outside-clause": Reason(_ACT, "The act is not among those that fall under the clause."),
    "act-kind-unknown": Reason(
        _ACT, "The kind of armed act is not stated, and the clause covers only some kinds.", "act"
    ),
    "act-not-stated": Reason(_ACT, "No report says what was done.", "act"),
    "act-disputed": Reason(_ACT, "Reports differ on what was done, and it matters.", "act"),
    "act-denied": Reason(_ACT, "Someone denies that this event, or this act, happened.", "act"),
    "acts-not-defined": Reason(
        _ACT, "Neither the clause nor a reading in force says which acts fall under it.", "reading"
    ),
    "direction-unknown": Reason(_ACT, "A clash is recorded between two sides; who did what is not.", "direction"),
    "perpetrator-unknown": Reason(_ACT, "No report names who did it.", "direction"),
    "named-as-target-only": Reason(_ACT, "Reports name this party as the one hit, not as the one who acted."),
    "attribution-disputed": Reason(_ACT, "Reports differ on whether this party did it.", "direction"),
    "attribution-denied": Reason(_ACT, "Someone denies that this party did this.", "direction"),
    "another-named": Reason(_ACT, "A report names somebody else; of this party it says nothing.", "direction"),
    "text-divergence": Reason(_ACT, "Two texts of the clause differ on this point, and neither prevails.", "reading"),
    "reading-disputed": Reason(_ACT, "The parties read the clause differently on this point.", "reading"),
    "act-tie-date-unknown": Reason(
        _ACT, "It happened on a day on which a tie between those named changed, at an hour not recorded.", "time"
    ),
    "act-time-spans-change": Reason(_ACT, "Its interval spans a change of the reading.", "time"),
    "actor-unknown": Reason(_BOUND, "The register of actors does not know the party named.", "adherence"),
    "actor-is-bucket": Reason(
        _BOUND, "The name is a label that may stand for parties bound and parties not bound.", "direction"
    ),
    "nobody-named": Reason(_BOUND, "Nobody is named, so nobody can be said to be bound.", "direction"),
    "not-addressed": Reason(_BOUND, "The clause is not addressed to this party."),
    "bearer-open": Reason(_BOUND, "Whether the clause binds this party is open.", "reading"),
    "no-adherence-recorded": Reason(_BOUND, "No adherence of this party is on record."),
    "adherence-second-hand": Reason(
        _BOUND,
        "This party's adherence was announced by another; no act or mandate of its own is on record.",
        "adherence",
    ),
    "mandate-unrecorded": Reason(_BOUND, "Someone represented this party, without a mandate on record.", "adherence"),
    "adherence-disputed": Reason(_BOUND, "Records differ on whether this party was bound.", "adherence"),
    "adherence-date-disputed": Reason(_BOUND, "It lies between conflicting dates of this party's adherence.", "time"),
    "refuses": Reason(_BOUND, "This party has refused the agreement."),
    "withdraws": Reason(_BOUND, "This party had withdrawn."),
    "suspends": Reason(_BOUND, "This party had suspended its adherence."),
    "reserves": Reason(_BOUND, "This party made a reservation to the clause."),
    "bound-tie-date-unknown": Reason(
        _BOUND, "It happened on a day on which a tie of this party changed, at an hour not recorded.", "time"
    ),
    "bound-time-spans-change": Reason(_BOUND, "Its interval spans a change of who was bound.", "time"),
    "target-exempt": Reason(_TARGET, "The target belonged to a group that the clause leaves out."),
    "target-not-covered": Reason(_TARGET, "The target is not among those the clause protects."),
    "target-not-adherent": Reason(
        _TARGET, "The clause protects those who adhere, and no adherence of the target is on record."
    ),
    "civilians-not-covered": Reason(_TARGET, "Under the reading in force the clause does not speak of civilians."),
    "civilians-open": Reason(_TARGET, "Whether the clause covers acts against civilians is open.", "reading"),
    "target-unknown": Reason(_TARGET, "No report says whom it hit.", "target"),
    "target-actor-unknown": Reason(_TARGET, "The register of actors does not know the target named.", "target"),
    "target-bucket": Reason(
        _TARGET, "The target is a label that may stand for covered and for exempt groups.", "target"
    ),
    "target-side-mixed": Reason(_TARGET, "The side hit is made of covered and of uncovered groups.", "target"),
    "target-adherence-second-hand": Reason(
        _TARGET,
        "The clause protects those who adhere, and the target's adherence is known only second-hand.",
        "adherence",
    ),
    "target-adherence-disputed": Reason(_TARGET, "Records differ on whether the target adhered.", "adherence"),
    "target-mixed": Reason(_TARGET, "Covered and uncovered targets were hit together."),
    "target-named-by-accused-only": Reason(
        _TARGET, "Only the accused, or its allies, say that the target was one the clause leaves out.", "target"
    ),
    "target-disputed": Reason(_TARGET, "Reports differ on whom it hit, and it matters.", "target"),
    "target-denied": Reason(_TARGET, "Someone denies that this was the target.", "target"),
    "target-tie-date-unknown": Reason(
        _TARGET, "It happened on a day on which a tie of the target changed, at an hour not recorded.", "time"
    ),
    "target-time-spans-change": Reason(_TARGET, "Its interval spans a change of the target's position.", "time"),
    "exception-invoked": Reason(_EXCEPTION, "An exception is invoked; nothing on record establishes it.", "ruling"),
    "exception-objected": Reason(_EXCEPTION, "It was notified, and the other side objected.", "ruling"),
    "exception-place-uncertain": Reason(
        _EXCEPTION, "A notification was made; whether the place lies in its area is uncertain.", "place"
    ),
    "exception-act-uncertain": Reason(
        _EXCEPTION, "It was notified for one kind of act; whether this was one, nobody says or sources differ.", "act"
    ),
    "exception-time-spans-change": Reason(_EXCEPTION, "Its interval is only partly within the time notified.", "time"),
    "notification-late": Reason(_EXCEPTION, "A notification was made, but too late."),
    "notification-elsewhere": Reason(_EXCEPTION, "A notification was made, for another place."),
    "notification-unanswered": Reason(
        _EXCEPTION, "A notification was made, but what the clause needs in answer is not on record."
    ),
    "notification-cancelled": Reason(_EXCEPTION, "A notification was made and cancelled."),
    "exception-established": Reason(_EXCEPTION, "An exception that the clause admits is established by the record."),
}

TIME_CHANGE: dict[Question, str] = {
    Question.IN_FORCE: "time-spans-change",
    Question.IN_AREA: "area-time-spans-change",
    Question.ACT: "act-time-spans-change",
    Question.BOUND: "bound-time-spans-change",
    Question.COVERED_TARGET: "target-time-spans-change",
    Question.EXCEPTION: "exception-time-spans-change",
}
"""The reason given where an incident's interval spans a change of the answer."""

OBLIGATION_REASONS: dict[str, str] = {
    "deadline-ahead": "The deadline has not passed.",
    "deadline-disputed": "Sources give different deadlines, and the latest has not passed.",
    "condition-not-recorded": "The deadline runs from something that nobody has recorded as reached.",
    "period-running": "The period is not over.",
    "start-disputed": "Sources give different dates for the entry into force, and the latest has not passed.",
    "no-evidence": "Nothing on record shows that it was performed or that it was not; silence shows neither.",
    "own-word-only": "Only the bearer, or its allies, say that it was performed.",
    "counterparty-word-only": "Only an opposing party says that it was not, or not wholly, performed.",
    "inspection-incomplete": "An inspection saw less than was declared, and part of the site could not be seen.",
    "inspection-short": "An inspection of the whole site saw less than was declared.",
    "inspection-uncounted": "An inspection gave no count of what was declared or of what was seen.",
    "restriction-denied": "Movement was denied.",
    "restriction-partial": "Movement was delayed or made subject to conditions.",
    "restriction-by-unknown": "Movement was restricted; by whom is not recorded.",
    "speakers-differ": "Speakers differ on whether it was performed.",
    "performed-late": "It was performed after the latest deadline on record.",
    "waived": "It was waived.",
    "suspended": "It was suspended.",
    "lifted-by-own-word-only": "Only the bearer, or its allies, say that it was waived or suspended.",
    "end-disputed": "Sources give different dates for the end of the clause, and the latest has not passed.",
    "renewal-unproven": "The term had run out, and no proof of renewal is on record.",
    "waived-in-part": "It was waived for a part of the period only.",
    "suspended-in-part": "It was suspended for a part of the period only.",
    "adherence-second-hand": "The bearer's adherence was announced by another; no act of its own is on record.",
    "bearer-doubtful": "Whether the clause binds this bearer is not settled.",
    "guarantor-duty": "A duty to see that others comply; it is never inferred breached from incidents.",
}
"""Why an obligation is in the state it is in."""
