"""What is added to a case file without moving it: grades, comments, visits, replies, votes, publications, the clock."""

from __future__ import annotations

from litestar import post
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
    read_body,
)
from ceasefire.centre.api.case_files import CaseFileId, working
from ceasefire.centre.asking import Asking
from ceasefire.release.policy import Operation

_AT = "/case-files/{case_file_id:str}"


@post(
    f"{_AT}/grades",
    opt={"operation": Operation.GRADE_EVIDENCE, "body": GradeRequest},
    status_code=200,
    sync_to_thread=True,
)
def grade_evidence(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Say what the evidence is worth."""
    said = read_body(request, body, GradeRequest)
    with working(request) as casework:
        return casework.grade(case_file_id, said.grade.value, reason=said.reason, evidence=said.evidence)


@post(
    f"{_AT}/comments",
    opt={"operation": Operation.COMMENT_ON_CASE_FILE, "body": CommentRequest},
    status_code=200,
    sync_to_thread=True,
)
def comment_on_case_file(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Comment on the file."""
    said = read_body(request, body, CommentRequest)
    with working(request) as casework:
        return casework.comment(case_file_id, said.text, answers=said.answers, share_with=said.share_with)


@post(
    f"{_AT}/visits",
    opt={"operation": Operation.RECORD_VISIT, "body": VisitRecord},
    status_code=200,
    sync_to_thread=True,
)
def record_visit(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Record a visit, or an attempt at one; the file stays in its state."""
    said = read_body(request, body, VisitRecord)
    visit = said.model_dump(mode="json", exclude={"share_with"})
    with working(request) as casework:
        return casework.visit(case_file_id, visit, share_with=said.share_with)


@post(
    f"{_AT}/interests",
    opt={"operation": Operation.DECLARE_INTEREST, "body": InterestRequest},
    status_code=200,
    sync_to_thread=True,
)
def declare_interest(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Declare an interest of someone in the outcome."""
    said = read_body(request, body, InterestRequest)
    with working(request) as casework:
        return casework.declare_interest(case_file_id, said.who, reason=said.reason)


@post(
    f"{_AT}/offers",
    opt={"operation": Operation.OFFER_REPLY, "body": OfferRequest},
    status_code=200,
    sync_to_thread=True,
)
def offer_reply(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Ask a further party to reply, or one again."""
    said = read_body(request, body, OfferRequest)
    with working(request) as casework:
        return casework.offer_reply(case_file_id, said.party, statement=said.statement, until_day=said.until_day)


@post(
    f"{_AT}/replies",
    opt={"operation": Operation.RECORD_REPLY, "body": ReplyDetails},
    status_code=200,
    sync_to_thread=True,
)
def record_reply(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Record a reply that does not move the file: a further one, or a late one."""
    said = read_body(request, body, ReplyDetails)
    with working(request) as casework:
        return casework.reply(case_file_id, said.party, text=said.text)


@post(
    f"{_AT}/votes",
    opt={"operation": Operation.RECORD_VOTE, "body": VoteRequest},
    status_code=200,
    sync_to_thread=True,
)
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


@post(
    f"{_AT}/dissents",
    opt={"operation": Operation.RECORD_DISSENT, "body": DissentRequest},
    status_code=200,
    sync_to_thread=True,
)
def record_dissent(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Keep a member's dissent."""
    said = read_body(request, body, DissentRequest)
    with working(request) as casework:
        return casework.dissent(case_file_id, said.member, on=said.on, text=said.text)


@post(
    f"{_AT}/remedies",
    opt={"operation": Operation.REPORT_REMEDY, "body": RemedyRequest},
    status_code=200,
    sync_to_thread=True,
)
def report_remedy(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Say what became of a remedy."""
    said = read_body(request, body, RemedyRequest)
    with working(request) as casework:
        return casework.report_remedy(case_file_id, said.remedy, state=said.state, note=said.note)


@post(
    f"{_AT}/publications",
    opt={"operation": Operation.PUBLISH_CASE_FILE, "body": PublicationRequest},
    status_code=200,
    sync_to_thread=True,
)
def publish_case_file(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Tell the public something; each party's reply is printed beside it, or that there is none."""
    said = read_body(request, body, PublicationRequest)
    with working(request) as casework:
        return casework.publish(
            case_file_id, what=said.what, names=said.names, text=said.text, safety_reason=said.safety_reason
        )


@post(
    f"{_AT}/clock/stop",
    opt={"operation": Operation.STOP_CLOCK, "body": StopRequest},
    status_code=200,
    sync_to_thread=True,
)
def stop_clock(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Let the clock stand still, for a reason."""
    said = read_body(request, body, StopRequest)
    with working(request) as casework:
        return casework.stop_clock(case_file_id, reason=said.reason, note=said.note, denied_by=said.denied_by)


@post(
    f"{_AT}/clock/restart",
    opt={"operation": Operation.STOP_CLOCK, "body": RestartRequest},
    status_code=200,
    sync_to_thread=True,
)
def restart_clock(request: Asking, case_file_id: CaseFileId, body: RawBody) -> CaseFileView:
    """Let the clock run again."""
    said = read_body(request, body, RestartRequest)
    with working(request) as casework:
        return casework.restart_clock(case_file_id, note=said.note)


@post(
    f"{_AT}/shares",
    opt={"operation": Operation.SHARE_ENTRIES, "body": ShareRequest},
    status_code=200,
    sync_to_thread=True,
)
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
