"""What a transition does to a case file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ceasefire.casework.additions import checked_reply, checked_visit, new_offer
from ceasefire.casework.entries import (
    Appeal,
    Assignment,
    DraftDetails,
    DuplicateOf,
    Moved,
    Notice,
    Part,
    ReplyDetails,
    Settlement,
    Signing,
    VisitDetails,
)
from ceasefire.casework.evidence import refuse_unknown_evidence
from ceasefire.casework.people import Person
from ceasefire.casework.records import CaseFile, Draft, Mark, Ruling, Step
from ceasefire.casework.refusals import validated
from ceasefire.casework.transitions import (
    BY_NAME,
    Tells,
    Transition,
    barred_because,
    barred_transitions,
    exists_for,
    missing,
)
from ceasefire.model.casework import ENDED, CaseOutcome, CaseState
from ceasefire.model.errors import NotAllowedError, OutdatedError, UsageError


def moved(case_file: CaseFile, payload: Moved, person: Person, mark: Mark, files: Mapping[str, CaseFile]) -> CaseFile:
    """Return the file after a transition.

    Raises
    ------
    OutdatedError
        When the file left the state that the person had before them.
    NotAllowedError
        When the transition does not exist for them.
    UsageError, InputError
        When the file lacks something, or the details are not what the transition takes.
    """
    transition = BY_NAME.get(payload.transition)
    if payload.base != case_file.state_since.position:
        raise OutdatedError(
            f"The case file has moved on: it is {case_file.state.value} since entry {case_file.state_since.position}, "
            f"and the move was from entry {payload.base}.",
            "Read it again, and decide anew.",
        )
    if transition is not None and transition in _barred(case_file, person):
        raise NotAllowedError(barred_because(transition, case_file, person), "Leave it to somebody else.")
    if transition is None or not exists_for(transition, case_file, person):
        raise NotAllowedError(
            f'"{payload.transition}" is nothing that {person.name} can do with a case file that is '
            f"{case_file.state.value}.",
            "The transitions open to you stand on its page.",
        )
    lacking = missing(case_file, transition, at=mark.at)
    if lacking:
        raise UsageError(" ".join(lacking), f'Then "{transition.name}" can be made.')
    details = validated(transition.details, payload.details, f"details of {transition.name}")
    changed = _EFFECTS.get(transition.details, _none)(case_file, details, person, mark)
    if isinstance(details, DuplicateOf):
        _refuse_wrong_original(case_file, details, files)
    changed = _ruled(changed, transition, payload.reason, mark)
    if transition.name in _CLEARS:
        changed = replace(changed, signatures=(), vote=None, dissents=())
    if transition.to in ENDED:
        stops = tuple(stop if stop.until is not None else replace(stop, until=mark.at) for stop in changed.stops)
        changed = replace(changed, stops=stops)
    step = Step(state=transition.to, mark=mark, transition=transition.name, reason=payload.reason)
    return replace(changed, steps=(*case_file.steps, step))


def _barred(case_file: CaseFile, person: Person) -> list[Transition]:
    return [BY_NAME[barred.name] for barred in barred_transitions(case_file, person)]


# a new draft, or none: what was signed and voted on was another
_CLEARS = frozenset({"draft", "return-draft", "hear-appeal", "examine-after-appeal", "take-up-again"})


def told_parties(case_file: CaseFile, name: str) -> frozenset[str]:
    """Return the parties to which a transition is told, given the file after it."""
    tells = BY_NAME[name].tells if name in BY_NAME else Tells.NOBODY
    if tells is Tells.PARTIES:
        return case_file.parties
    filing = frozenset({case_file.filed_by} if case_file.filed_by else ())
    return filing if tells is Tells.FILING else frozenset()


def _ruled(case_file: CaseFile, transition: Transition, reason: str, mark: Mark) -> CaseFile:
    outcome = transition.outcome
    if outcome is None:
        return case_file
    voted = outcome in (CaseOutcome.DETERMINED, CaseOutcome.NO_CONSENSUS)
    ruling = Ruling(
        outcome=outcome,
        reason=reason,
        mark=mark,
        draft=case_file.draft if voted else None,
        signatures=case_file.signatures if voted else (),
        vote=case_file.vote if voted else None,
        dissents=case_file.dissents if voted else (),
    )
    return replace(case_file, rulings=(*case_file.rulings, ruling))


def _none(case_file: CaseFile, _details: Any, _person: Person, _mark: Mark) -> CaseFile:
    return case_file


def _assigned(case_file: CaseFile, details: Assignment, _person: Person, _mark: Mark) -> CaseFile:
    return replace(case_file, assignee=details.assignee)


def _notified(case_file: CaseFile, details: Notice, _person: Person, mark: Mark) -> CaseFile:
    asked = [offer.party for offer in details.offers]
    if len(set(asked)) < len(asked):
        raise UsageError("One party is asked twice.", "Give one offer for each party.")
    forgotten = sorted(set(case_file.accused) - set(asked))
    if forgotten:
        raise UsageError(f"{', '.join(forgotten)} is accused and not asked to reply.", "Add an offer for each.")
    return replace(
        case_file, offers=(*case_file.offers, *(new_offer(case_file, offer, mark) for offer in details.offers))
    )


def _replied(case_file: CaseFile, details: ReplyDetails, person: Person, mark: Mark) -> CaseFile:
    return replace(case_file, replies=(*case_file.replies, checked_reply(case_file, details, person, mark)))


def _visited(case_file: CaseFile, details: VisitDetails, _person: Person, mark: Mark) -> CaseFile:
    if details.access == "denied":
        raise UsageError(
            "A visit to which access was denied is no visit.",
            "Record the attempt, and stop the clock with the reason access-denied.",
        )
    return replace(case_file, visits=(*case_file.visits, checked_visit(details, mark)))


def _drafted(case_file: CaseFile, details: DraftDetails, _person: Person, mark: Mark) -> CaseFile:
    content = details.content
    for answered in (content.fact, content.attribution, content.breach):
        refuse_unknown_evidence(case_file, answered.evidence)
    if case_file.filed_by in content.attributed_to:
        raise UsageError(
            f"The draft attributes the event to {case_file.filed_by}, who filed the allegation.",
            "Open a case file of its own, so that it is asked to reply as the others were.",
        )
    return replace(case_file, draft=Draft(body=details.body, content=content, mark=mark))


def _signed(case_file: CaseFile, details: Signing, person: Person, mark: Mark) -> CaseFile:
    if case_file.draft is None or details.draft != case_file.draft.mark.position:
        raise OutdatedError(
            f"Entry {details.draft} is not the draft in front of the body.", "Read the present draft first."
        )
    if case_file.state is CaseState.DRAFTED:
        return replace(case_file, signatures=(*case_file.signatures, replace(mark, author=person.name)))
    return case_file


def _refuse_wrong_original(case_file: CaseFile, details: DuplicateOf, files: Mapping[str, CaseFile]) -> None:
    original = files.get(details.case_file_id)
    if original is None or original.id == case_file.id:
        raise UsageError(f'"{details.case_file_id}" is no other case file.', "Name the one that this one repeats.")
    if original.state is CaseState.DUPLICATE:
        raise UsageError(
            f'"{original.id}" is a duplicate itself.', f'Name the one it repeats: "{original.duplicate_of}".'
        )


def _duplicate(case_file: CaseFile, details: DuplicateOf, _person: Person, _mark: Mark) -> CaseFile:
    return replace(case_file, duplicate_of=details.case_file_id)


def _settled(case_file: CaseFile, details: Settlement, _person: Person, _mark: Mark) -> CaseFile:
    concerned = set(case_file.accused) | ({case_file.filed_by} if case_file.filed_by else set())
    silent = sorted(concerned - set(details.agreed_by))
    if silent:
        raise UsageError(
            f"{', '.join(silent)} has not agreed.", "A case is settled on the spot by all whom it concerns, or not."
        )
    return case_file


def _appealed(case_file: CaseFile, details: Appeal, person: Person, _mark: Mark) -> CaseFile:
    mine = person.parties if not person.is_mission else case_file.parties
    if details.party not in case_file.parties or details.party not in mine:
        raise NotAllowedError(
            f'"{details.party}" cannot appeal through {person.name}.',
            "A party to the case appeals, by its own liaison.",
        )
    return case_file


_EFFECTS: dict[type[Part], Callable[[CaseFile, Any, Person, Mark], CaseFile]] = {
    Assignment: _assigned,
    Notice: _notified,
    ReplyDetails: _replied,
    VisitDetails: _visited,
    DraftDetails: _drafted,
    Signing: _signed,
    DuplicateOf: _duplicate,
    Settlement: _settled,
    Appeal: _appealed,
}
