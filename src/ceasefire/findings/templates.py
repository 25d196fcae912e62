"""The finding that many incidents share, and the rule for its short status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ceasefire.findings.accounts import Profile
from ceasefire.findings.questions import Placing
from ceasefire.model.outcome import Outcome, merged
from ceasefire.model.vocabulary import Answer, Question, Status

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_STATUS_OF_NO = {
    Question.IN_FORCE: Status.OUTSIDE_TIME,
    Question.IN_AREA: Status.OUTSIDE_AREA,
    Question.ACT: Status.NOT_A_CLAUSE,
    Question.BOUND: Status.NOT_BOUND,
    Question.COVERED_TARGET: Status.EXEMPT_TARGET,
}


def short_status(answers: dict[Question, Answer]) -> Status:
    """Return the short status of six answers.

    The first *no* decides, in the order of the questions; then an established exception; then doubt.

    Examples
    --------
    >>> yes = dict.fromkeys(Question, Answer.YES) | {Question.EXCEPTION: Answer.NO}
    >>> short_status(yes).value
    'alleged-violation'
    >>> short_status(yes | {Question.BOUND: Answer.CONTESTED, Question.ACT: Answer.UNDETERMINED}).value
    'contested'
    """
    for question, status in _STATUS_OF_NO.items():
        if answers[question] == Answer.NO:
            return status
    if answers[Question.EXCEPTION] == Answer.YES:
        return Status.EXCEPTED
    if Answer.CONTESTED in answers.values():
        return Status.CONTESTED
    if Answer.UNDETERMINED in answers.values():
        return Status.UNDETERMINED
    return Status.ALLEGED_VIOLATION


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """The finding that every incident of some situations has for one clause and one candidate.

    Parameters
    ----------
    clause_id, accused_id : str
        `accused_id` is empty where nobody is named.
    profile : Profile
        What is said of the event.
    reading_id : str or None
        The highest reading in force at its beginning.
    placing : Placing
        The answer to "in the area", and the areas it may lie in.
    outcomes : dict of Question to Outcome
        All six.
    status : Status
        The short status.
    """

    clause_id: str
    accused_id: str
    profile: Profile
    reading_id: str | None
    placing: Placing
    outcomes: dict[Question, Outcome]
    status: Status

    @property
    def zone_id(self) -> str | None:
        """The one area it lies or may lie in; None for none or several."""
        return self.placing.areas[0] if len(self.placing.areas) == 1 else None

    @property
    def zone_version(self) -> str | None:
        """The version of that area."""
        return self.placing.versions[0] if self.zone_id and len(self.placing.versions) == 1 else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reason codes of all six answers, in the order of the questions."""
        return merged(reason for question in Question for reason in self.outcomes[question].reasons)

    @property
    def mixed_target(self) -> bool:
        """Whether covered and uncovered targets were hit together."""
        return "target-mixed" in self.outcomes[Question.COVERED_TARGET].reasons
