"""A case file as it is told to one person: what is not theirs to see is left out here, before any door.

Past 400 lines because the fields of the answer, with what each means, are best read on one page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from ceasefire.agreement.casework_rules import Body, CaseworkRules
from ceasefire.casework.clocks import clock_of
from ceasefire.casework.entries import ALLEGATION_FIELDS, Answered, Part
from ceasefire.casework.people import Person
from ceasefire.casework.permissions import PERMISSIONS, may_add
from ceasefire.casework.records import CaseFile, Draft, FieldValue, Mark, Ruling
from ceasefire.casework.requests import request_of
from ceasefire.casework.transitions import barred_transitions, open_transitions
from ceasefire.casework.voting import count_vote
from ceasefire.casework.wording import word_for
from ceasefire.model.casework import CaseOutcome
from ceasefire.model.roles import Role, mission, shared
from ceasefire.model.time import instant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFileRow:
    """A case file in a list."""

    id: Annotated[str, shared("Its id.")]
    number: Annotated[int, shared("In the order of opening.")]
    title: Annotated[str, shared("What it is about.")]
    word: Annotated[str, shared("What may be written of it: alleged violation, or violation once determined.")]
    filed_by: Annotated[str | None, shared("The party that alleges; null: the centre took it up.")]
    accused: Annotated[tuple[str, ...], shared("The parties accused.")]
    clause_ids: Annotated[tuple[str, ...], shared("The clauses.")]
    state: Annotated[str, shared("Where the file stands.")]
    state_since: Annotated[str, shared("UTC.")]
    grade: Annotated[str, shared("What the evidence is worth.")]
    outcome: Annotated[str | None, shared("How the examination came out; null: it has not.")]
    fact: Annotated[str | None, shared("Found: did it happen; null: nothing is determined.")]
    attribution: Annotated[str | None, shared("Found: who did it; null: nothing is determined.")]
    breach: Annotated[str | None, shared("Found: was the clause breached; null: nothing is determined.")]
    opened_at: Annotated[str, shared("UTC.")]
    age_days: Annotated[float, shared("Since then, or until it ended.")]
    due_at: Annotated[str | None, shared("UTC: by when it is to leave its state; null: nothing is due.")]
    overdue: Annotated[bool, shared("Whether that has passed.")]
    stopped: Annotated[str | None, shared("Why its clock stands still; null: it runs.")]
    assignee: Annotated[str | None, mission("To whom it is given.")]
    conflicts: Annotated[int, mission("Fields with edits that wait for a person to settle them.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field of the file."""

    name: Annotated[str, shared("Its name.")]
    value: Annotated[str | tuple[str, ...] | None, shared("Its value; null: not given.")]
    revision: Annotated[int, shared("Position of the entry that set it: the base of an edit.")]
    at: Annotated[str, shared("UTC: when it was set.")]
    author: Annotated[str, mission("Who set it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictView:
    """Edits of one field from one base, which a person settles."""

    field: Annotated[str, mission("The field.")]
    base: Annotated[int, mission("The revision from which both began.")]
    conflict: Annotated[int, mission("Position of the last value offered: named when it is settled.")]
    values: Annotated[tuple[FieldView, ...], mission("The value that stands, then those offered.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A state that the file was in."""

    state: Annotated[str, shared("The state.")]
    since: Annotated[str, shared("UTC.")]
    position: Annotated[int, shared("Position of the entry: the base of a move.")]
    transition: Annotated[str, shared("By which it came there.")]
    reason: Annotated[str | None, shared("Why; null: that was not told to you.")]
    author: Annotated[str, mission("Who moved it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """What was asked of a party, or what it said."""

    party: Annotated[str, shared("The party.")]
    position: Annotated[int, shared("Position of the entry.")]
    at: Annotated[str, shared("UTC.")]
    asked: Annotated[bool, shared("True: it was asked; false: it replied.")]
    text: Annotated[str, shared("What was put to it, or its reply.")]
    until: Annotated[str | None, shared("UTC: until when it was asked; null for a reply.")]
    on_time: Annotated[bool | None, shared("Of a reply; null: nothing had been asked.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    """A visit, or an attempt."""

    position: Annotated[int, shared("Position of the entry.")]
    began_at: Annotated[str, shared("UTC.")]
    ended_at: Annotated[str, shared("UTC.")]
    side: Annotated[str, shared("The party that holds the place.")]
    access: Annotated[str, shared("Full, partial or denied.")]
    people: Annotated[int, mission("Of the centre, how many.")]
    account: Annotated[str, shared("What was seen.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """The answer to one question."""

    answer: Annotated[str, shared("Yes, no, undetermined or contested.")]
    reasons: Annotated[str, shared("Why.")]
    evidence: Annotated[tuple[str, ...], shared("What it rests on.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyView:
    """A remedy and what became of it."""

    text: Annotated[str, shared("What is to be done.")]
    bearer: Annotated[str, shared("By whom.")]
    deadline: Annotated[str, shared("Local day.")]
    state: Annotated[str | None, shared("As last reported; null: nothing was.")]
    note: Annotated[str | None, shared("As last reported.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DissentView:
    """A member's dissent."""

    member: Annotated[str, shared("The member.")]
    on: Annotated[str, shared("Which question.")]
    text: Annotated[str, shared("Why.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """A determination: drafted, or as ruled on."""

    position: Annotated[int, shared("Position of the entry: named when it is signed or voted on.")]
    body_id: Annotated[str, shared("The body.")]
    body_names: Annotated[Mapping[str, str], shared("Its name, by language.")]
    mandate: Annotated[Mapping[str, str], shared("What empowers it, by language.")]
    voting_rule: Annotated[str, shared("When its vote carries.")]
    quorum: Annotated[int, shared("Members who must be present.")]
    standard_of_proof: Annotated[str, shared("How sure it must be to answer yes.")]
    clause_ids: Annotated[tuple[str, ...], shared("The clauses.")]
    time_and_place: Annotated[str, shared("With how well they are known.")]
    bound_because: Annotated[str, shared("Why the clause bound this party, there and then.")]
    fact: Annotated[AnswerView, shared("Did it happen.")]
    attribution: Annotated[AnswerView, shared("Who did it.")]
    attributed_to: Annotated[tuple[str, ...], shared("To whom it is attributed.")]
    breach: Annotated[AnswerView, shared("Was the clause breached.")]
    independence: Annotated[str, shared("Of the sources from one another.")]
    alternatives: Annotated[str, shared("Other explanations considered.")]
    confidence: Annotated[str, shared("In words.")]
    method: Annotated[str, shared("With its version.")]
    remedies: Annotated[tuple[RemedyView, ...], shared("What is to be done.")]
    author: Annotated[str, mission("Who drafted it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteView:
    """A vote, counted."""

    held_on: Annotated[str, shared("Local day.")]
    present: Annotated[tuple[str, ...], shared("Members present.")]
    ballots: Annotated[Mapping[str, str], shared("By member.")]
    votes_for: Annotated[int, shared("Counted.")]
    votes_against: Annotated[int, shared("Counted.")]
    abstentions: Annotated[int, shared("Counted.")]
    quorate: Annotated[bool, shared("Whether enough members free of interest were present.")]
    carried: Annotated[bool, shared("Whether the rule was met.")]
    reason: Annotated[str, shared("In a sentence.")]
    minutes: Annotated[str, shared("As recorded.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingView:
    """How an examination came out."""

    outcome: Annotated[str, shared("Determined, no-consensus, inadmissible, settled-locally or withdrawn.")]
    at: Annotated[str, shared("UTC.")]
    position: Annotated[int, shared("Position of the entry.")]
    reason: Annotated[str, shared("Why.")]
    stands: Annotated[bool, shared("Whether no later one replaced it.")]
    determination: Annotated[DraftView | None, shared("What was found; null: nothing was.")]
    vote: Annotated[VoteView | None, shared("The vote; null: there was none.")]
    signed_by: Annotated[tuple[str, ...], shared("Who signed besides its author.")]
    dissents: Annotated[tuple[DissentView, ...], shared("Kept in full.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedReplyView:
    """What stands beside a publication, for one party named."""

    party: Annotated[str, shared("The party.")]
    text: Annotated[str | None, shared("Its reply in full; null: none.")]
    asked_until: Annotated[str | None, shared("UTC; null: it was not asked before.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationView:
    """What was told to the public."""

    position: Annotated[int, shared("Position of the entry.")]
    at: Annotated[str, shared("UTC.")]
    what: Annotated[str, shared("Determination, progress or spot-report.")]
    names: Annotated[tuple[str, ...], shared("The parties it names.")]
    text: Annotated[str, shared("What it says.")]
    safety_reason: Annotated[str | None, shared("Of a spot report: why it goes before the replies.")]
    replies: Annotated[tuple[PrintedReplyView, ...], shared("One for each party named.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentView:
    """A comment."""

    position: Annotated[int, shared("Position of the entry.")]
    at: Annotated[str, shared("UTC.")]
    author: Annotated[str, shared("Who wrote it.")]
    text: Annotated[str, shared("The comment.")]
    answers: Annotated[int | None, shared("The comment that it answers.")]
    shared_with: Annotated[tuple[str, ...], shared("Parties that see it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentView:
    """A document."""

    position: Annotated[int, shared("Position of the entry: names it.")]
    at: Annotated[str, shared("UTC.")]
    name: Annotated[str, shared("Of the file.")]
    media_type: Annotated[str, shared("Told from its bytes.")]
    size: Annotated[int, shared("Bytes of the original.")]
    original: Annotated[str, shared("SHA-256 of the original, which is sealed.")]
    served: Annotated[str | None, shared("SHA-256 of the copy without metadata; null: there is none.")]
    warning: Annotated[str | None, shared("Why there is none.")]
    shared_with: Annotated[tuple[str, ...], shared("Parties that see it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestView:
    """A declared interest, which bars from signing and voting."""

    who: Annotated[str, mission("An account, or a member of a body.")]
    reason: Annotated[str, mission("Which.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """A time in which the clock stood still."""

    reason: Annotated[str, shared("Why.")]
    denied_by: Annotated[str | None, shared("The party that denied access.")]
    since: Annotated[str, shared("UTC.")]
    until: Annotated[str | None, shared("UTC; null: it still does.")]
    note: Annotated[str, mission("As recorded.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionView:
    """A transition that is open to the one who asks."""

    name: Annotated[str, shared("Its name.")]
    to: Annotated[str, shared("The state it leads to.")]
    missing: Annotated[tuple[str, ...], shared("What it still needs, in sentences; empty: it can be made now.")]
    details: Annotated[Mapping[str, Any], shared("JSON Schema of what it says besides its reason.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """An entry of the file's history."""

    position: Annotated[int, shared("Position of the entry.")]
    at: Annotated[str, shared("UTC.")]
    kind: Annotated[str, shared("What the entry is.")]
    transition: Annotated[str, shared("Of a move: which; else empty.")]
    shared_with: Annotated[tuple[str, ...], shared("Parties to which it was told.")]
    author: Annotated[str, mission("Who made it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """Who sits on a body."""

    id: Annotated[str, shared("Its id.")]
    name: Annotated[str, shared("Who it is.")]
    party: Annotated[str | None, shared("The party that sent them; null: of no party.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyView:
    """A body of the case that can rule."""

    id: Annotated[str, shared("Its id.")]
    names: Annotated[Mapping[str, str], shared("By language.")]
    mandate: Annotated[Mapping[str, str], shared("What empowers it, by language.")]
    members: Annotated[tuple[MemberView, ...], shared("Who sits on it.")]
    quorum: Annotated[int, shared("Members who must be present.")]
    voting_rule: Annotated[str, shared("When its vote carries.")]
    standard_of_proof: Annotated[str, shared("How sure it must be to answer yes.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarredView:
    """A transition that waits for somebody else of the role of the one who asks."""

    name: Annotated[str, shared("Its name.")]
    to: Annotated[str, shared("The state it leads to.")]
    because: Annotated[str, shared("Why not you, in a sentence.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFileView:
    """A case file, as far as it is told to the one who asks."""

    row: Annotated[CaseFileRow, shared("What a list shows of it.")]
    revision: Annotated[int, shared("Position of the last entry about it.")]
    base: Annotated[int, shared("Position of the entry that brought its state: the base of a move.")]
    grade_reason: Annotated[str | None, mission("Why the evidence is worth that.")]
    fields: Annotated[tuple[FieldView, ...], shared("Its fields.")]
    conflicts: Annotated[tuple[ConflictView, ...], mission("Edits that wait for a person.")]
    steps: Annotated[tuple[StepView, ...], shared("The states it was in.")]
    replies: Annotated[tuple[ReplyView, ...], shared("What was asked and what was replied, in order.")]
    visits: Annotated[tuple[VisitView, ...], shared("Visits and attempts.")]
    draft: Annotated[DraftView | None, mission("The draft in hand.")]
    draft_signed_by: Annotated[tuple[str, ...], mission("Who signed it.")]
    draft_vote: Annotated[VoteView | None, mission("The vote on it.")]
    rulings: Annotated[tuple[RulingView, ...], shared("In order; none is erased.")]
    publications: Annotated[tuple[PublicationView, ...], shared("In order.")]
    comments: Annotated[tuple[CommentView, ...], shared("In order.")]
    attachments: Annotated[tuple[AttachmentView, ...], shared("In order.")]
    interests: Annotated[tuple[InterestView, ...], mission("Declared.")]
    stops: Annotated[tuple[StopView, ...], shared("Times in which its clock stood still.")]
    duplicate_of: Annotated[str | None, shared("The file that it repeats.")]
    transitions: Annotated[tuple[TransitionView, ...], shared("What you may do with it.")]
    barred: Annotated[tuple[BarredView, ...], shared("What your role may do with it, and somebody else has to.")]
    may_add: Annotated[tuple[str, ...], shared("Kinds of entries that you may add to it.")]
    history: Annotated[tuple[ActView, ...], shared("The entries about it that are told to you, in order.")]
    bodies: Annotated[tuple[BodyView, ...], shared("The bodies of the case that can rule on it.")]


class _Marked(Protocol):
    @property
    def mark(self) -> Mark: ...


Item = TypeVar("Item", bound=_Marked)


def row_of(case_file: CaseFile, rules: CaseworkRules, zone: ZoneInfo, *, at: int) -> CaseFileRow:
    """Return a case file as a list shows it."""
    clock = clock_of(case_file, rules, zone, at=at)
    ruling = case_file.ruling
    determined = ruling is not None and ruling.outcome is CaseOutcome.DETERMINED
    found = ruling.draft.content if determined and ruling is not None and ruling.draft else None
    return CaseFileRow(
        id=case_file.id,
        number=case_file.number,
        title=case_file.fields["title"].value,
        word=word_for(case_file),
        filed_by=case_file.filed_by,
        accused=case_file.accused,
        clause_ids=tuple(case_file.fields["clause_ids"].value),
        state=case_file.state.value,
        state_since=instant_text(case_file.state_since.at),
        grade=case_file.grade.grade.value,
        outcome=ruling.outcome.value if ruling else None,
        fact=found.fact.answer if found else None,
        attribution=found.attribution.answer if found else None,
        breach=found.breach.answer if found else None,
        opened_at=instant_text(case_file.opened.at),
        age_days=clock.age_days,
        due_at=None if clock.due_at is None else instant_text(clock.due_at),
        overdue=clock.overdue,
        stopped=clock.stopped,
        assignee=case_file.assignee,
        conflicts=len(case_file.conflicts),
    )


def view_of(case_file: CaseFile, person: Person, rules: CaseworkRules, zone: ZoneInfo, *, at: int) -> CaseFileView:
    """Return a case file as far as it is told to a person who sees it; one field a line, so past 40 lines."""
    names = tuple(case_file.fields) if person.is_mission else ALLEGATION_FIELDS
    shown = [name for name in names if _in_dealings(case_file, person) or name in ("title", "accused", "clause_ids")]
    barred = frozenset(interest.who for interest in case_file.interests)
    draft = case_file.draft if person.is_mission else None
    return CaseFileView(
        row=row_of(case_file, rules, zone, at=at),
        revision=case_file.revision,
        base=case_file.state_since.position,
        grade_reason=case_file.grade.reason if person.is_mission else None,
        fields=tuple(_field(name, case_file.fields[name]) for name in shown),
        conflicts=_conflicts(case_file) if person.is_mission else (),
        steps=tuple(
            StepView(
                state=step.state.value,
                since=instant_text(step.mark.at),
                position=step.mark.position,
                transition=step.transition,
                reason=step.reason if is_told(case_file, step.mark.position, person) else None,
                author=step.mark.author,
            )
            for step in case_file.steps
        ),
        replies=_replies(case_file, person),
        visits=tuple(
            VisitView(
                position=visit.mark.position,
                began_at=instant_text(visit.visit.began_at),
                ended_at=instant_text(visit.visit.ended_at),
                side=visit.visit.side,
                access=visit.visit.access,
                people=visit.visit.people,
                account=visit.visit.account,
            )
            for visit in told(case_file, case_file.visits, person)
        ),
        draft=_draft(case_file, draft) if draft else None,
        draft_signed_by=tuple(mark.author for mark in case_file.signatures) if person.is_mission else (),
        draft_vote=_vote(draft, case_file, barred) if draft and case_file.vote else None,
        rulings=_rulings(case_file, person, barred),
        publications=_publications(case_file),
        comments=tuple(
            CommentView(
                position=comment.mark.position,
                at=instant_text(comment.mark.at),
                author=comment.mark.author,
                text=comment.text,
                answers=comment.answers,
                shared_with=tuple(sorted(case_file.told_to(comment.mark.position))),
            )
            for comment in told(case_file, case_file.comments, person)
        ),
        attachments=_attachments(case_file, person),
        interests=tuple(InterestView(who=one.who, reason=one.reason) for one in case_file.interests)
        if person.is_mission
        else (),
        stops=_stops(case_file, person),
        duplicate_of=case_file.duplicate_of if person.is_mission else None,
        transitions=tuple(
            TransitionView(name=one.name, to=one.to.value, missing=one.missing, details=_schema(one.details))
            for one in open_transitions(case_file, person, at=at)
        ),
        barred=tuple(
            BarredView(name=one.name, to=one.to.value, because=one.because)
            for one in barred_transitions(case_file, person)
        ),
        may_add=tuple(kind.value for kind in PERMISSIONS if may_add(case_file, kind, person)),
        history=_history(case_file, person),
        bodies=tuple(body_view(body) for body in rules.bodies),
    )


def is_told(case_file: CaseFile, position: int, person: Person) -> bool:
    """Whether an entry of a file is told to a person."""
    return person.is_mission or (
        Role.LIAISON in person.roles and bool(person.parties & set(case_file.told_to(position)))
    )


def told(case_file: CaseFile, items: Iterable[Item], person: Person) -> tuple[Item, ...]:
    """Return those items of a file whose entries are told to a person."""
    return tuple(item for item in items if is_told(case_file, item.mark.position, person))


def _in_dealings(case_file: CaseFile, person: Person) -> bool:
    """Whether the allegation itself is told to a person: to the centre and to those it was put to."""
    return is_told(case_file, case_file.opened.position, person)


def _field(name: str, field: FieldValue) -> FieldView:
    return FieldView(
        name=name,
        value=field.value,
        revision=field.mark.position,
        at=instant_text(field.mark.at),
        author=field.mark.author,
    )


def _conflicts(case_file: CaseFile) -> tuple[ConflictView, ...]:
    return tuple(
        ConflictView(
            field=name,
            base=conflict.base,
            conflict=conflict.offered[-1].mark.position,
            values=tuple(_field(name, value) for value in (conflict.held, *conflict.offered)),
        )
        for name, conflict in case_file.conflicts.items()
    )


def _replies(case_file: CaseFile, person: Person) -> tuple[ReplyView, ...]:
    asked = [
        ReplyView(
            party=offer.offer.party,
            position=offer.mark.position,
            at=instant_text(offer.mark.at),
            asked=True,
            text=offer.offer.statement,
            until=instant_text(offer.offer.until),
            on_time=None,
        )
        for offer in told(case_file, case_file.offers, person)
    ]
    said = [
        ReplyView(
            party=reply.party,
            position=reply.mark.position,
            at=instant_text(reply.mark.at),
            asked=False,
            text=reply.text,
            until=None,
            on_time=reply.on_time,
        )
        for reply in told(case_file, case_file.replies, person)
    ]
    return tuple(sorted((*asked, *said), key=lambda one: one.position))


def _answer(answered: Answered) -> AnswerView:
    return AnswerView(answer=answered.answer, reasons=answered.reasons, evidence=answered.evidence)


def _draft(case_file: CaseFile, draft: Draft) -> DraftView:
    body, content = draft.body, draft.content
    last = {report.remedy: report for report in case_file.remedies if report.mark.position > draft.mark.position}
    remedies = tuple(
        RemedyView(
            text=remedy.text,
            bearer=remedy.bearer,
            deadline=remedy.deadline,
            state=last[number].state if number in last else None,
            note=last[number].note if number in last else None,
        )
        for number, remedy in enumerate(content.remedies)
    )
    return DraftView(
        position=draft.mark.position,
        body_id=body.id,
        body_names=body.names,
        mandate=body.mandate,
        voting_rule=body.voting_rule.value,
        quorum=body.quorum,
        standard_of_proof=body.standard_of_proof.value,
        clause_ids=content.clause_ids,
        time_and_place=content.time_and_place,
        bound_because=content.bound_because,
        fact=_answer(content.fact),
        attribution=_answer(content.attribution),
        attributed_to=content.attributed_to,
        breach=_answer(content.breach),
        independence=content.independence,
        alternatives=content.alternatives,
        confidence=content.confidence,
        method=content.method,
        remedies=remedies,
        author=draft.mark.author,
    )


def _vote(draft: Draft, held: CaseFile | Ruling, barred: frozenset[str]) -> VoteView | None:
    if held.vote is None:
        return None
    vote = held.vote.vote
    counted = count_vote(draft.body, vote, barred=barred)
    return VoteView(
        held_on=vote.held_on,
        present=vote.present,
        ballots={member: ballot.value for member, ballot in vote.ballots.items()},
        votes_for=counted.votes_for,
        votes_against=counted.votes_against,
        abstentions=counted.abstentions,
        quorate=counted.quorate,
        carried=counted.carried,
        reason=counted.reason,
        minutes=vote.minutes,
    )


def _rulings(case_file: CaseFile, person: Person, barred: frozenset[str]) -> tuple[RulingView, ...]:
    """Return the rulings told to a person: with what was found, but never the draft of a vote that failed."""
    published = any(one.what == "determination" for one in case_file.publications)
    views = []
    for ruling in case_file.rulings:
        if not (is_told(case_file, ruling.mark.position, person) or (Role.GUARANTOR in person.roles and published)):
            continue
        found = ruling.draft if ruling.outcome is CaseOutcome.DETERMINED or person.is_mission else None
        interested = frozenset() if ruling.draft is None else _barred_then(case_file, ruling, barred)
        views.append(
            RulingView(
                outcome=ruling.outcome.value,
                at=instant_text(ruling.mark.at),
                position=ruling.mark.position,
                reason=ruling.reason,
                stands=ruling is case_file.ruling,
                determination=_draft(case_file, found) if found else None,
                vote=_vote(ruling.draft, ruling, interested) if ruling.draft else None,
                signed_by=tuple(mark.author for mark in ruling.signatures),
                dissents=tuple(DissentView(member=d.member, on=d.on, text=d.text) for d in ruling.dissents),
            )
        )
    return tuple(views)


def _barred_then(case_file: CaseFile, ruling: Ruling, barred: frozenset[str]) -> frozenset[str]:
    """Return who was barred when the body ruled: an interest declared later changes no count."""
    then = {one.who for one in case_file.interests if one.mark.position < ruling.mark.position}
    return barred & then


def _publications(case_file: CaseFile) -> tuple[PublicationView, ...]:
    return tuple(
        PublicationView(
            position=one.mark.position,
            at=instant_text(one.mark.at),
            what=one.what,
            names=one.names,
            text=one.text,
            safety_reason=one.safety_reason,
            replies=tuple(
                PrintedReplyView(
                    party=printed.party,
                    text=printed.text,
                    asked_until=None if printed.asked_until is None else instant_text(printed.asked_until),
                )
                for printed in one.replies
            ),
        )
        for one in case_file.publications
    )


def _attachments(case_file: CaseFile, person: Person) -> tuple[AttachmentView, ...]:
    return tuple(
        AttachmentView(
            position=one.mark.position,
            at=instant_text(one.mark.at),
            name=one.name,
            media_type=one.media_type,
            size=one.size,
            original=one.original,
            served=one.served,
            warning=one.warning,
            shared_with=tuple(sorted(case_file.told_to(one.mark.position))),
        )
        for one in told(case_file, case_file.attachments, person)
    )


def _stops(case_file: CaseFile, person: Person) -> tuple[StopView, ...]:
    return tuple(
        StopView(
            reason=stop.reason,
            denied_by=stop.denied_by,
            since=instant_text(stop.mark.at),
            until=None if stop.until is None else instant_text(stop.until),
            note=stop.note if person.is_mission else "",
        )
        for stop in case_file.stops
    )


def _history(case_file: CaseFile, person: Person) -> tuple[ActView, ...]:
    return tuple(
        ActView(
            position=act.mark.position,
            at=instant_text(act.mark.at),
            kind=act.kind.value,
            transition=act.transition,
            shared_with=tuple(sorted(case_file.told_to(act.mark.position))),
            author=act.mark.author,
        )
        for act in told(case_file, case_file.history, person)
    )


def body_view(body: Body) -> BodyView:
    """Return a body of the case with its members."""
    return BodyView(
        id=body.id,
        names=body.names,
        mandate=body.mandate,
        members=tuple(MemberView(id=each.id, name=each.name, party=each.party) for each in body.members),
        quorum=body.quorum,
        voting_rule=body.voting_rule.value,
        standard_of_proof=body.standard_of_proof.value,
    )


_SCHEMAS: dict[type[Part], Mapping[str, Any]] = {}


def _schema(details: type[Part]) -> Mapping[str, Any]:
    if details not in _SCHEMAS:
        _SCHEMAS[details] = request_of(details).model_json_schema()
    return _SCHEMAS[details]


__all__ = ["CaseFileRow", "CaseFileView", "is_told", "row_of", "told", "view_of"]
