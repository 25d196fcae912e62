"""What an entry other than a transition adds to a case file: grade, visit, reply, vote, publication and the rest."""

from __future__ import annotations

from dataclasses import replace

from ceasefire.casework import entries as e
from ceasefire.casework import fields
from ceasefire.casework.evidence import refuse_unknown_evidence
from ceasefire.casework.people import Person
from ceasefire.casework.permissions import named_publicly
from ceasefire.casework.publication import checked_publication
from ceasefire.casework.records import (
    Attachment,
    CaseFile,
    Comment,
    Dissent,
    Grade,
    InterestDeclared,
    Mark,
    Offer,
    RemedyReport,
    Reply,
    Stop,
    Visit,
    Vote,
)
from ceasefire.model.errors import NotAllowedError, OutdatedError, UsageError
from ceasefire.model.time import instant_text

__all__ = ["added", "checked_reply", "checked_visit", "named_publicly", "new_offer", "told_parties"]


def told_parties(case_file: CaseFile, payload: e.Payload) -> frozenset[str]:
    """Return the parties to which an addition must be told, given the file after it."""
    if isinstance(payload, e.Offered):
        return frozenset({payload.offer.party})
    if isinstance(payload, e.Replied):
        return frozenset({payload.reply.party})
    if isinstance(payload, e.Published | e.RemedyReported):
        return case_file.parties
    return frozenset()


def added(case_file: CaseFile, payload: e.Payload, person: Person, mark: Mark) -> CaseFile:
    """Return the file after an entry that does not move it.

    One branch for each kind, so past 40 lines.

    Raises
    ------
    UsageError
        When the entry does not fit the file.
    """
    match payload:
        case e.Edited():
            return fields.edited(case_file, payload, person, mark)
        case e.Resolved():
            return fields.resolved(case_file, payload, mark)
        case e.Graded():
            refuse_unknown_evidence(case_file, payload.evidence)
            grade = Grade(grade=payload.grade, reason=payload.reason, evidence=payload.evidence, mark=mark)
            return replace(case_file, grade=grade)
        case e.Commented():
            comment = Comment(text=payload.text, answers=payload.answers, mark=mark)
            if payload.answers is not None and not any(c.mark.position == payload.answers for c in case_file.comments):
                raise UsageError(f"Entry {payload.answers} is no comment of this file.", "Answer one that is.")
            return replace(case_file, comments=(*case_file.comments, comment))
        case e.Attached():
            return replace(case_file, attachments=(*case_file.attachments, _attachment(payload, mark)))
        case e.Visited():
            return replace(case_file, visits=(*case_file.visits, checked_visit(payload.visit, mark)))
        case e.Interest():
            return _with_interest(case_file, payload, mark)
        case e.Offered():
            return replace(case_file, offers=(*case_file.offers, new_offer(case_file, payload.offer, mark)))
        case e.Replied():
            return replace(
                case_file, replies=(*case_file.replies, checked_reply(case_file, payload.reply, person, mark))
            )
        case e.Voted():
            return _with_vote(case_file, payload, mark)
        case e.Dissented():
            return _with_dissent(case_file, payload, mark)
        case e.RemedyReported():
            return _with_remedy(case_file, payload, mark)
        case e.Published():
            published = checked_publication(case_file, payload, mark)
            return replace(case_file, publications=(*case_file.publications, published))
        case e.ClockStopped() | e.ClockRestarted():
            return _with_clock(case_file, payload, mark)
        case e.Shared():
            if not payload.shared_with:
                raise UsageError("Shared with nobody.", "Name the parties in `shared_with`.")
            return case_file
    raise UsageError(f"{type(payload).__name__} adds nothing to a case file.", "Use a transition.")


def new_offer(case_file: CaseFile, offer: e.OfferDetails, mark: Mark) -> Offer:
    """Return an offer of a reply, whose time must lie ahead."""
    if offer.until <= mark.at:
        raise UsageError(
            f"{offer.party} is asked to reply by {instant_text(offer.until)}, which has passed.", "Give it time."
        )
    if offer.party == case_file.filed_by:
        raise UsageError(f"{offer.party} filed the allegation.", "Ask those who are accused.")
    return Offer(offer=offer, mark=mark)


def checked_reply(case_file: CaseFile, details: e.ReplyDetails, person: Person, mark: Mark) -> Reply:
    """Return a reply, by someone who may give it for that party."""
    asked = case_file.notified | named_publicly(case_file)
    if details.party not in asked:
        raise UsageError(
            f"No reply was asked of {details.party}.", f"Asked were: {', '.join(sorted(asked)) or 'none'}."
        )
    if not person.is_mission and details.party not in person.parties:
        raise NotAllowedError(f"{person.name} does not speak for {details.party}.", "A party's own liaison replies.")
    until = max((offer.offer.until for offer in case_file.offers if offer.offer.party == details.party), default=None)
    return Reply(party=details.party, text=details.text, on_time=None if until is None else mark.at <= until, mark=mark)


def checked_visit(details: e.VisitDetails, mark: Mark) -> Visit:
    """Return a visit, which must be over."""
    if details.ended_at > mark.at:
        raise UsageError("The visit ends after now.", "Record it when it is over; plans of visits are not kept here.")
    return Visit(visit=details, mark=mark)


def _attachment(payload: e.Attached, mark: Mark) -> Attachment:
    original = payload.content.get("original")
    if original is None:
        raise UsageError("An attachment without its original.", "Seal the original, and name its hash.")
    served = payload.content.get("served")
    if (served is None) != (payload.warning is not None):
        raise UsageError("Without a copy to serve, a warning says why; with one, there is none.", "Give one of them.")
    return Attachment(
        name=payload.name,
        media_type=payload.media_type,
        size=payload.size,
        original=original,
        served=served,
        warning=payload.warning,
        mark=mark,
    )


def _with_interest(case_file: CaseFile, payload: e.Interest, mark: Mark) -> CaseFile:
    declared = InterestDeclared(who=payload.who, reason=payload.reason, mark=mark)
    return replace(case_file, interests=(*case_file.interests, declared))


def _with_vote(case_file: CaseFile, payload: e.Voted, mark: Mark) -> CaseFile:
    draft = case_file.draft
    if draft is None or draft.mark.position != payload.draft:
        raise OutdatedError(f"Entry {payload.draft} is not the draft in front of the body.", "Vote on the present one.")
    members = {member.id for member in draft.body.members}
    strangers = sorted((set(payload.present) | set(payload.ballots)) - members)
    if strangers:
        raise UsageError(
            f"{', '.join(strangers)} is no member of {draft.body.id}.", f"Members: {', '.join(sorted(members))}."
        )
    absent = sorted(set(payload.ballots) - set(payload.present))
    if absent:
        raise UsageError(
            f"{', '.join(absent)} voted without being present.", "Add them to `present`, or take out the vote."
        )
    barred = sorted(interest.who for interest in case_file.interests if interest.who in payload.ballots)
    if barred:
        raise NotAllowedError(
            f"{', '.join(barred)} has declared an interest in this case.", "Leave their ballot out; they do not vote."
        )
    return replace(case_file, vote=Vote(vote=payload, mark=mark))


def _with_dissent(case_file: CaseFile, payload: e.Dissented, mark: Mark) -> CaseFile:
    ruling = case_file.ruling
    signed = case_file.draft is not None and case_file.state.value == "signed"
    draft = case_file.draft if signed else ruling.draft if ruling else None
    if draft is None or payload.member not in {member.id for member in draft.body.members}:
        raise UsageError(f"{payload.member} is no member of a body that rules here.", "Name a member of the body.")
    dissent = Dissent(member=payload.member, on=payload.on, text=payload.text, mark=mark)
    if signed or ruling is None:
        return replace(case_file, dissents=(*case_file.dissents, dissent))
    kept = replace(ruling, dissents=(*ruling.dissents, dissent))
    return replace(case_file, rulings=(*case_file.rulings[:-1], kept))


def _with_remedy(case_file: CaseFile, payload: e.RemedyReported, mark: Mark) -> CaseFile:
    ruling = case_file.ruling
    remedies = ruling.draft.content.remedies if ruling and ruling.draft and ruling.outcome.value == "determined" else ()
    if payload.remedy >= len(remedies):
        raise UsageError(f"There is no remedy {payload.remedy}.", f"The determination has {len(remedies)}, from 0.")
    report = RemedyReport(remedy=payload.remedy, state=payload.state, note=payload.note, mark=mark)
    return replace(case_file, remedies=(*case_file.remedies, report))


def _with_clock(case_file: CaseFile, payload: e.ClockStopped | e.ClockRestarted, mark: Mark) -> CaseFile:
    running = next((stop for stop in case_file.stops if stop.until is None), None)
    if isinstance(payload, e.ClockStopped):
        if running is not None:
            raise OutdatedError(f"The clock stands still already: {running.reason}.", "Let it run again first.")
        stop = Stop(reason=payload.reason, denied_by=payload.denied_by, note=payload.note, mark=mark)
        return replace(case_file, stops=(*case_file.stops, stop))
    if running is None:
        raise OutdatedError("The clock is running.", "There is nothing to restart.")
    ended = tuple(replace(stop, until=mark.at) if stop is running else stop for stop in case_file.stops)
    return replace(case_file, stops=ended)
