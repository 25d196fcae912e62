"""What is added to a case file without moving it: grades, comments, visits, replies, votes, publications, the clock."""

from __future__ import annotations

from litestar.params import RawBody

from ceasefire.casework.entries import ReplyDetails
from ceasefire.casework.requests import OfferRequest
from ceasefire.casework.views import CaseFileView
from ceasefire.centre.api.case_file_requests import (
    CommentRequest,
    DissentRequest,
    GradeRequest,
    InterestRequest,
    PublicationRequest,
    RemedyRequest,
    RestartRequest,
    ShareRequest,
    StopRequest,
    VisitRecord,
    VoteRequest,
    posted,
    read_body,
)
from ceasefire.centre.api.case_files import CaseFileId, working
from ceasefire.centre.asking import Asking
from ceasefire.release.policy import Operation

_AT = "/case-files/{case_file_id:str}"


@posted(f"{_AT}/grades", Operation.GRADE_EVIDENCE, GradeRequest)
def grade_evidence(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Say what the evidence is worth."""
    said = read_body(request, body, GradeRequest)
    with working(request) as casework:
        return casework.grade(case_file_id, said.grade.value, reason=said.reason, evidence=said.evidence)


@posted(f"{_AT}/comments", Operation.COMMENT_ON_CASE_FILE, CommentRequest)
def comment_on_case_file(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Comment on the file."""
    said = read_body(request, body, CommentRequest)
    with working(request) as casework:
        return casework.comment(case_file_id, said.text, answers=said.answers, share_with=said.share_with)


@posted(f"{_AT}/visits", Operation.RECORD_VISIT, VisitRecord)
def record_visit(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Record a visit, or an attempt at one; the file stays in its state."""
    said = read_body(request, body, VisitRecord)
    visit = said.model_dump(mode="json", exclude={"share_with"})
    with working(request) as casework:
        return casework.visit(case_file_id, visit, share_with=said.share_with)


@posted(f"{_AT}/interests", Operation.DECLARE_INTEREST, InterestRequest)
def declare_interest(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Declare an interest of someone in the outcome."""
    said = read_body(request, body, InterestRequest)
    with working(request) as casework:
        return casework.declare_interest(case_file_id, said.who, reason=said.reason)


@posted(f"{_AT}/offers", Operation.OFFER_REPLY, OfferRequest)
def offer_reply(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Ask a further party to reply, or one again."""
    said = read_body(request, body, OfferRequest)
    with working(request) as casework:
        return casework.offer_reply(case_file_id, said.party, statement=said.statement, until_day=said.until_day)


@posted(f"{_AT}/replies", Operation.RECORD_REPLY, ReplyDetails)
def record_reply(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Record a reply that does not move the file: a further one, or a late one."""
    said = read_body(request, body, ReplyDetails)
    with working(request) as casework:
        return casework.reply(case_file_id, said.party, text=said.text)


@posted(f"{_AT}/votes", Operation.RECORD_VOTE, VoteRequest)
def record_vote(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Record how the body voted on a draft."""
    said = read_body(request, body, VoteRequest)
    with working(request) as casework:
        return casework.vote(
            case_file_id,
            draft=said.draft,
            held_on=said.held_on,
            present=said.present,
            ballots={member: ballot.value for member, ballot in said.ballots.items()},
            minutes=said.minutes,
        )


@posted(f"{_AT}/dissents", Operation.RECORD_DISSENT, DissentRequest)
def record_dissent(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Keep a member's dissent."""
    said = read_body(request, body, DissentRequest)
    with working(request) as casework:
        return casework.dissent(case_file_id, said.member, on=said.on, text=said.text)


@posted(f"{_AT}/remedies", Operation.REPORT_REMEDY, RemedyRequest)
def report_remedy(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Say what became of a remedy."""
    said = read_body(request, body, RemedyRequest)
    with working(request) as casework:
        return casework.report_remedy(case_file_id, said.remedy, state=said.state, note=said.note)


@posted(f"{_AT}/publications", Operation.PUBLISH_CASE_FILE, PublicationRequest)
def publish_case_file(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Tell the public something; each party's reply is printed beside it, or that there is none."""
    said = read_body(request, body, PublicationRequest)
    with working(request) as casework:
        return casework.publish(
            case_file_id, what=said.what, names=said.names, text=said.text, safety_reason=said.safety_reason
        )


@posted(f"{_AT}/clock/stop", Operation.STOP_CLOCK, StopRequest)
def stop_clock(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Let the clock stand still, for a reason."""
    said = read_body(request, body, StopRequest)
    with working(request) as casework:
        return casework.stop_clock(case_file_id, reason=said.reason, note=said.note, denied_by=said.denied_by)


@posted(f"{_AT}/clock/restart", Operation.STOP_CLOCK, RestartRequest)
def restart_clock(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Let the clock run again."""
    said = read_body(request, body, RestartRequest)
    with working(request) as casework:
        return casework.restart_clock(case_file_id, note=said.note)


@posted(f"{_AT}/shares", Operation.SHARE_ENTRIES, ShareRequest)
def share_entries(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Tell entries made before to parties of the case."""
    said = read_body(request, body, ShareRequest)
    with working(request) as casework:
        return casework.share(case_file_id, said.positions, share_with=said.share_with, reason=said.reason)


ROUTES = (
    grade_evidence,
    comment_on_case_file,
    record_visit,
    declare_interest,
    offer_reply,
    record_reply,
    record_vote,
    record_dissent,
    report_remedy,
    publish_case_file,
    stop_clock,
    restart_clock,
    share_entries,
)
