"""The answer to one question with the reasons for it and the records it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ceasefire.model.vocabulary import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer, why, and what it rests on.

    Parameters
    ----------
    answer : Answer
        Yes, no, undetermined or contested.
    reasons : tuple of str
        Reason codes; empty for a plain *yes*.
    cites : tuple of str
        Records behind it, as ``kind:id``: ``adherence:...``, ``interpretation:...``, ``area-version:...``,
        ``affiliation:MEMBER>GROUP``, ``text:...``, ``notification:...``, ``account:SOURCE_ID``, ``instrument:...``.
    """

    answer: Answer
    reasons: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()

    def because(self, *reasons: str) -> Outcome:
        """Return the same outcome with further reasons."""
        return Outcome(self.answer, merged((*self.reasons, *reasons)), self.cites)

    def resting_on(self, *cites: str) -> Outcome:
        """Return the same outcome with further records cited."""
        return Outcome(self.answer, self.reasons, merged((*self.cites, *cites)))


def merged(parts: Iterable[str]) -> tuple[str, ...]:
    """Return the parts in order, each once."""
    return tuple(dict.fromkeys(parts))


def conjunction(outcomes: Iterable[Outcome]) -> Outcome:
    """Kleene *and*; the reasons kept are those of the parts that decide."""
    parts = tuple(outcomes)
    answer = Answer.all_of(part.answer for part in parts)
    deciding = [part for part in parts if part.answer == answer]
    return _gathered(answer, deciding, parts)


def disjunction(outcomes: Iterable[Outcome]) -> Outcome:
    """Kleene *or*; the reasons kept are those of the parts that decide."""
    parts = tuple(outcomes)
    answer = Answer.any_of(part.answer for part in parts)
    return _gathered(answer, [part for part in parts if part.answer == answer], parts)


def agreed(outcomes: Iterable[Outcome], *, otherwise: str) -> Outcome:
    """Return the common answer, or *undetermined* for the reason `otherwise` where the parts differ.

    For alternatives of which only one is true: the members of a bucket, the moments of an interval.
    """
    parts = tuple(outcomes)
    answers = {part.answer for part in parts}
    if len(answers) == 1:
        return _gathered(answers.pop(), parts, parts)
    answer = Answer.CONTESTED if Answer.CONTESTED in answers else Answer.UNDETERMINED
    doubtful = [part for part in parts if part.answer == answer]
    outcome = _gathered(answer, doubtful, parts)
    return outcome.because(otherwise) if answer == Answer.UNDETERMINED else outcome


def _gathered(answer: Answer, deciding: Iterable[Outcome], parts: Iterable[Outcome]) -> Outcome:
    return Outcome(
        answer,
        merged(reason for part in deciding for reason in part.reasons),
        merged(cite for part in parts for cite in part.cites),
    )
