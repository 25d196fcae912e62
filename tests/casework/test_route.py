"""The route of a complaint: who may do what, what it needs, and what is refused without an entry."""

from __future__ import annotations

from typing import Any

import pytest

from ceasefire.casework.fold import CaseFiles
from ceasefire.casework.transitions import TRANSITIONS
from ceasefire.model.casework import ENDED, CaseState
from ceasefire.model.errors import InputError, NotAllowedError, OutdatedError, UnknownRecordError, UsageError

from .conftest import BOARD, DAY, Office, content, rules


def refused(office: Office, kind: type[Exception], match: str, call: Any, *given: Any, **named: Any) -> None:
    """Assert that a call is refused with a message, and that nothing was written."""
    size = office.ledger.size
    with pytest.raises(kind, match=match):
        call(*given, **named)
    assert office.ledger.size == size


def test_the_table_leads_out_of_every_state_and_into_every_state():
    sources = {state for transition in TRANSITIONS for state in transition.sources}
    assert set(CaseState) - sources == set()
    assert set(CaseState) - {transition.to for transition in TRANSITIONS} == set()
    assert len({transition.name for transition in TRANSITIONS}) == len(TRANSITIONS)


def test_a_whole_route_from_allegation_to_closed(office: Office):
    id_ = office.determined()
    view = office.move("head", id_, "close")
    assert [step.state for step in view.steps] == [
        "alleged",
        "admissible",
        "assigned",
        "party-notified",
        "reply-received",
        "reviewed",
        "drafted",
        "signed",
        "determined",
        "closed",
    ]
    assert (view.row.fact, view.row.attribution, view.row.breach) == ("yes", "yes", "yes")
    assert view.row.grade == "reported"  # the finding changed it as little as the state did
    assert view.row.word == "violation"
    (ruling,) = view.rulings
    assert ruling.signed_by == ("second",)
    assert ruling.determination is not None
    assert ruling.determination.standard_of_proof == "reasonable-grounds-to-believe"


def test_what_a_role_may_not_do_does_not_exist_for_it(office: Office):
    id_ = office.filed()
    names = {
        who: {one.name for one in office[who].read(id_).transitions} for who in ("liaison-a", "monitor", "analyst")
    }
    assert names["liaison-a"] == {"withdraw"}
    assert names["monitor"] == set()
    assert names["analyst"] == {"admit", "find-inadmissible", "mark-duplicate", "mark-unverifiable", "withdraw"}
    refused(office, NotAllowedError, "nothing that monitor can do", office.move, "monitor", id_, "admit")
    refused(office, NotAllowedError, "nothing that analyst can do", office.move, "analyst", id_, "no-such")


@pytest.mark.parametrize("who", ["liaison-b", "liaison-c", "guarantor"])
def test_a_file_is_not_there_for_whom_it_was_not_told_to(office: Office, who: str):
    id_ = office.filed()
    refused(office, UnknownRecordError, "There is no case file", office[who].read, id_)
    assert office[who].rows() == ()
    refused(office, UnknownRecordError, "There is no case file", office[who].comment, id_, "Hm.")


@pytest.mark.parametrize("who", ["administrator", "public"])
def test_who_runs_the_machine_reads_no_content(office: Office, who: str):
    id_ = office.filed()
    for call, given in (("rows", ()), ("read", (id_,)), ("comment", (id_, "Hm."))):
        refused(office, NotAllowedError, "not open to these roles", getattr(office[who], call), *given)
    refused(office, NotAllowedError, "not open to these roles", office[who].notices, since=0)


def test_a_liaison_files_for_its_own_party_alone(office: Office):
    fields = {"title": "T", "summary": "S", "accused": ["a"]}
    refused(office, NotAllowedError, "files for its own party", office["liaison-a"].open, fields, filed_by="b")
    refused(office, NotAllowedError, "files for its own party", office["liaison-a"].open, fields, filed_by=None)
    refused(office, UsageError, "accuses itself", office["liaison-a"].open, fields, filed_by="a")
    linked = {**fields, "accused": ["b"], "report_ids": ["rep-1"]}
    refused(office, NotAllowedError, "Only the centre links", office["liaison-a"].open, linked, filed_by="a")


def test_a_move_from_a_state_that_has_passed_is_refused(office: Office):
    id_ = office.filed()
    stale = office["second"].read(id_).base
    office.move("analyst", id_, "admit")
    again = {"base": stale, "reason": "Late.", "details": {}}
    refused(office, OutdatedError, "has moved on", office["second"].move, id_, "find-inadmissible", **again)


def test_two_who_write_at_one_moment_leave_one_move_and_one_void_entry(office: Office):
    id_ = office.filed()
    payload = {
        "case_file_id": id_,
        "by": {"roles": ["analyst"], "parties": []},
        "shared_with": ["a"],
        "transition": "admit",
        "base": office["analyst"].read(id_).base,
        "reason": "First.",
        "details": {},
        "shares": [],
    }
    for reason in ("First.", "Second."):  # written past the check, as a second server would
        office.ledger.append("case-file-moved", {**payload, "reason": reason}, author="analyst")
    view = office["analyst"].read(id_)
    assert [step.reason for step in view.steps] == ["As filed.", "First."]
    (void,) = office.held.latest(office.ledger).void
    assert void.position == 3
    assert "has moved on" in void.reason


def test_an_entry_that_no_schema_accepts_is_void(office: Office):
    id_ = office.filed()
    office.ledger.append("case-file-comment", {"case_file_id": id_, "text": "no capacity"}, author="mallory")
    assert [one.position for one in office.held.latest(office.ledger).void] == [2]
    assert office["analyst"].read(id_).comments == ()


def test_the_accused_is_asked_and_awaited(office: Office):
    id_ = office.notified()
    names = {one.name: one.missing for one in office["analyst"].read(id_).transitions}
    assert "A reply is still awaited: b until" in names["review"][0]
    refused(office, UsageError, "still awaited", office.move, "analyst", id_, "review")
    refused(office, UsageError, "still awaited", office.move, "monitor", id_, "visit", **visit())
    office.wait(8)
    assert office.move("analyst", id_, "review").row.state == "reviewed"


def visit(**changes: Any) -> dict[str, Any]:
    given = {"began": "2021-03-30T09:00", "ended": "2021-03-30T12:30", "side": "b", "people": 3, "access": "full"}
    return {**given, "account": "Craters.", **changes}


def test_a_notice_asks_all_the_accused_and_gives_them_the_days_of_the_case(office: Office):
    id_ = office.filed()
    office.move("analyst", id_, "admit")
    office.move("head", id_, "assign", assignee="analyst")
    other = [{"party": "c", "statement": "It is alleged."}]
    refused(office, UsageError, "accused and not asked", office.move, "analyst", id_, "notify", offers=other)
    soon = [{"party": "b", "statement": "It is alleged.", "until_day": "2021-04-03"}]
    refused(office, UsageError, "at least 7 days", office.move, "analyst", id_, "notify", offers=soon)
    filer = [{"party": party, "statement": "It is alleged."} for party in ("a", "b")]
    refused(office, UsageError, "filed the allegation", office.move, "analyst", id_, "notify", offers=filer)
    refused(office, InputError, "offers", office.move, "analyst", id_, "notify")


def test_only_the_party_asked_replies_and_a_late_reply_is_kept_as_late(office: Office):
    id_ = office.notified()
    wrong = {"party": "b", "text": "In its name."}
    refused(office, NotAllowedError, "nothing that", office.move, "liaison-a", id_, "receive-reply", **wrong)
    office.wait(9)
    view = office["liaison-b"].reply(id_, "b", text="Sorry, late.")
    assert [(one.text, one.on_time) for one in view.replies if not one.asked] == [("Sorry, late.", False)]


def test_the_author_does_not_sign_and_an_interest_bars(office: Office):
    id_ = office.drafted()
    draft = office["analyst"].read(id_).draft
    assert draft is not None
    assert "sign" not in {one.name for one in office["analyst"].read(id_).transitions}
    assert "sign" in {one.name for one in office["second"].read(id_).transitions}  # the control
    refused(
        office,
        NotAllowedError,
        "A second person signs: you wrote the draft",
        office.move,
        "analyst",
        id_,
        "sign",
        draft=draft.position,
    )
    office["second"].declare_interest(id_, "second", reason="A cousin.")
    refused(office, NotAllowedError, "An interest of yours", office.move, "second", id_, "sign", draft=draft.position)


def test_an_interest_declared_after_signing_takes_the_signature_away(office: Office):
    id_ = office.signed()
    office.vote(id_, chair="for", of_a="for", of_b="for")
    office["second"].declare_interest(id_, "second", reason="A cousin.")
    refused(office, UsageError, "Nobody but the author", office.rule, id_)


def test_what_is_signed_is_the_draft_in_hand(office: Office):
    id_ = office.drafted()
    first = office["second"].read(id_).draft
    assert first is not None
    office.move("second", id_, "return-draft")
    office.move("analyst", id_, "draft", body_id="board", content=content())
    refused(office, OutdatedError, "not the draft", office.move, "second", id_, "sign", draft=first.position)


def test_a_vote_that_failed_cannot_become_a_determination(office: Office):
    id_ = office.signed()
    refused(office, UsageError, "has not voted", office.rule, id_)
    office.vote(id_, chair="for", of_a="for", of_b="against")
    refused(office, UsageError, "The vote failed: 2 for, 1 against", office.rule, id_)
    view = office.rule(id_, "record-no-consensus")
    assert (view.row.state, view.row.outcome, view.row.breach) == ("closed", "no-consensus", None)
    assert view.row.word == "alleged violation"


def test_a_vote_that_carried_is_no_lack_of_consensus(office: Office):
    id_ = office.signed()
    office.vote(id_, chair="for", of_a="for", of_b="abstains")
    refused(office, UsageError, "The vote carried", office.rule, id_, "record-no-consensus")


def test_without_a_quorum_there_is_neither_ruling_nor_its_lack(office: Office):
    id_ = office.signed()
    office["head"].declare_interest(id_, "of-a", reason="Was there.")
    office.vote(id_, present="chair of-a", chair="for")
    for transition in ("determine", "record-no-consensus"):
        refused(office, UsageError, "the quorum is 2", office.rule, id_, transition)
    refused(office, NotAllowedError, "has declared an interest", office.vote, id_, of_a="for")
    refused(office, UsageError, "no member", office.vote, id_, present="chair stranger", chair="for")
    refused(office, UsageError, "without being present", office.vote, id_, present="chair", of_b="for")


def test_the_rules_of_the_body_are_those_of_the_draft_whatever_the_case_says_later(office: Office):
    id_ = office.signed()
    office.rules = rules(voting_rule="simple-majority")
    office.vote(id_, chair="for", of_a="for", of_b="against")
    refused(office, UsageError, "consensus", office.rule, id_)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"attribution": {"answer": "yes", "reasons": "R", "evidence": ["e"]}, "attributed_to": []}, "attributed_to"),
        ({"fact": {"answer": "contested", "reasons": "R", "evidence": []}}, "not established"),
        ({"fact": {"answer": "yes", "reasons": "R", "evidence": []}}, "without evidence"),
        ({"breach": {"answer": "perhaps", "reasons": "R", "evidence": ["e"]}}, "not one of yes, no"),
        ({"verdict": "guilty"}, "not a key"),
        ({"fact": {"answer": "yes", "reasons": "R", "evidence": ["visit:99"]}}, "holds no visit:99"),
        ({"attributed_to": ["a"]}, "who filed the allegation"),
    ],
)
def test_a_draft_that_does_not_follow_is_refused(office: Office, change: dict[str, Any], match: str):
    id_ = office.notified()
    office.move("liaison-b", id_, "receive-reply", party="b", text="No.")
    office.move("analyst", id_, "review")
    given = {"body_id": "board", "content": {**content(), **change}}
    refused(
        office,
        UsageError if "holds" in match or "filed" in match else InputError,
        match,
        office.move,
        "analyst",
        id_,
        "draft",
        **given,
    )


def test_a_breach_by_nobody_is_no_answer(office: Office):
    id_ = office.notified()
    office.move("liaison-b", id_, "receive-reply", party="b", text="No.")
    office.move("analyst", id_, "review")
    open_ = {**content(breach="undetermined"), "breach": {"answer": "yes", "reasons": "R", "evidence": ["e"]}}
    refused(
        office,
        InputError,
        "breach by nobody",
        office.move,
        "analyst",
        id_,
        "draft",
        body_id="board",
        content=open_,
    )
    refused(
        office,
        UsageError,
        'no body "court"',
        office.move,
        "analyst",
        id_,
        "draft",
        body_id="court",
        content=content(),
    )


def test_a_party_that_was_not_asked_cannot_be_attributed_to(office: Office):
    id_ = office.notified()
    office.wait(8)
    office.move("analyst", id_, "review")
    office.move("analyst", id_, "draft", body_id="board", content=content("c"))
    draft = office["second"].read(id_).draft
    assert draft is not None
    refused(
        office,
        UsageError,
        "of whom no reply has been asked",
        office.move,
        "second",
        id_,
        "sign",
        draft=draft.position,
    )
    office["analyst"].offer_reply(id_, "c", statement="The draft names you.")
    refused(office, UsageError, "still awaited", office.move, "second", id_, "sign", draft=draft.position)
    office["liaison-c"].reply(id_, "c", text="We were elsewhere.")
    assert office.move("second", id_, "sign", draft=draft.position).row.state == "signed"


def test_an_appeal_is_heard_by_someone_else_and_suspends_the_word(office: Office):
    id_ = office.determined()
    assert office["head"].read(id_).row.word == "violation"
    refused(office, NotAllowedError, "cannot appeal", office.move, "liaison-b", id_, "appeal", party="a")
    view = office.move("liaison-b", id_, "appeal", party="b")
    assert (view.row.state, view.row.word, view.row.breach) == ("appealed", "alleged violation", "yes")
    view = office.move("head", id_, "hear-appeal", assignee="second")
    assert view.draft_signed_by == ()
    office.move("second", id_, "draft", body_id="board", content=content(breach="no"))
    draft = office["analyst"].read(id_).draft
    assert draft is not None
    office.move("analyst", id_, "sign", draft=draft.position)
    office.vote(id_, chair="for", of_a="for", of_b="for")
    view = office.rule(id_)
    assert [one.stands for one in view.rulings] == [False, True]
    assert (view.row.breach, view.row.word) == ("no", "alleged violation")


def test_an_appeal_in_time_only_and_the_decider_does_not_dismiss_it(office: Office):
    id_ = office.filed()
    office.move("head", id_, "find-inadmissible")
    view = office.move("liaison-a", id_, "appeal", party="a")
    assert view.row.state == "appealed"
    assert "dismiss-appeal" not in {one.name for one in office["head"].read(id_).transitions}
    other = office.filed(title="Another")
    office.move("head", other, "find-inadmissible")
    office.wait(31)
    refused(office, UsageError, "time for an appeal", office.move, "liaison-a", other, "appeal", party="a")


def test_a_duplicate_names_another_file_that_is_none(office: Office):
    first, second, third = (office.filed(title=title) for title in ("One", "Two", "Three"))
    for wrong in (first, "case-none"):
        refused(
            office,
            UsageError,
            "no other case file",
            office.move,
            "analyst",
            first,
            "mark-duplicate",
            case_file_id=wrong,
        )
    office.move("analyst", second, "mark-duplicate", case_file_id=first)
    refused(
        office,
        UsageError,
        "duplicate itself",
        office.move,
        "analyst",
        third,
        "mark-duplicate",
        case_file_id=second,
    )


def test_a_settlement_takes_all_whom_it_concerns(office: Office):
    id_ = office.notified()
    given = {"terms": "The mortars go.", "agreed_by": ["a"]}
    refused(office, UsageError, "b has not agreed", office.move, "monitor", id_, "settle", **given)
    view = office.move("monitor", id_, "settle", **{**given, "agreed_by": ["a", "b"]})
    assert (view.row.state, view.row.outcome) == ("settled-locally", "settled-locally")


def test_a_file_taken_up_again_has_no_outcome(office: Office):
    id_ = office.filed()
    office.move("liaison-a", id_, "withdraw")
    assert office["head"].read(id_).row.outcome == "withdrawn"
    view = office.move("head", id_, "take-up-again")
    assert (view.row.state, view.row.outcome) == ("alleged", None)
    assert [one.outcome for one in view.rulings] == ["withdrawn"]  # kept


def test_a_dissent_is_kept_before_and_after_the_ruling(office: Office):
    id_ = office.signed()
    office["head"].dissent(id_, "of-b", on="attribution", text="It was not ours.")
    office.vote(id_, chair="for", of_a="for", of_b="abstains")
    office.rule(id_)
    view = office["head"].dissent(id_, "chair", on="all", text="On reflection.")
    assert [one.text for one in view.rulings[0].dissents] == ["It was not ours.", "On reflection."]
    told = office["liaison-b"].read(id_).rulings[0]
    assert [one.text for one in told.dissents] == ["It was not ours.", "On reflection."]
    refused(office, UsageError, "no member", office["head"].dissent, id_, "x", on="all", text="T")


def test_remedies_are_reported_on(office: Office):
    id_ = office.determined()
    view = office["monitor"].report_remedy(id_, 0, state="partly", note="Two of four are gone.")
    determination = view.rulings[0].determination
    assert determination is not None
    assert [(one.state, one.deadline) for one in determination.remedies] == [("partly", "2021-06-01")]
    refused(office, UsageError, "no remedy 1", office["monitor"].report_remedy, id_, 1, state="partly", note="N")


def test_the_clock_runs_out_and_stands_still_for_a_reason(office: Office):
    id_ = office.filed()
    row = office["analyst"].rows()[0]
    assert row.due_at is not None
    assert row.due_at.startswith("2021-04-04T23:00")  # the end of the third local day, an hour ahead of UTC
    office.wait(4)
    assert office["analyst"].rows()[0].overdue
    office["monitor"].stop_clock(id_, reason="access-denied", denied_by="b", note="Turned back at the bridge.")
    assert not office["analyst"].rows()[0].overdue
    office.wait(10)
    refused(
        office,
        OutdatedError,
        "stands still already",
        office["monitor"].stop_clock,
        id_,
        reason="unsafe",
        note="N",
    )
    row = office["analyst"].rows()[0]
    assert (row.overdue, row.stopped, round(row.age_days)) == (False, "access-denied", 14)
    office["monitor"].restart_clock(id_, note="Let through.")
    assert office["analyst"].rows()[0].overdue  # it was late before the clock stopped
    refused(office, OutdatedError, "is running", office["monitor"].restart_clock, id_, note="N")
    refused(
        office,
        InputError,
        "only access-denied",
        office["monitor"].stop_clock,
        id_,
        reason="unsafe",
        denied_by="b",
        note="N",
    )


def test_an_ended_file_has_no_clock(office: Office):
    id_ = office.filed()
    office["monitor"].stop_clock(id_, reason="unsafe", note="N")
    office.move("analyst", id_, "mark-unverifiable")
    office.wait(100)
    row = office["analyst"].rows()[0]
    assert (row.due_at, row.overdue, row.stopped) == (None, False, None)
    assert row.age_days < 1
    assert CaseState(row.state) in ENDED


def test_replay_to_a_position_is_the_state_then(office: Office):
    id_ = office.filed()
    views = {}
    office.move("analyst", id_, "admit")
    views[office.ledger.size] = office["analyst"].read(id_, as_of=office.ledger.size)
    office.wait(1)
    office.move("head", id_, "assign", assignee="analyst")
    then = office["analyst"].read(id_, as_of=2)
    assert (then.row.state, then.row.assignee, then.transitions) == ("admissible", None, ())
    assert then.row == views[2].row
    assert CaseFiles.empty().after(office.ledger.entries(2)).files[id_].state is CaseState.ADMISSIBLE


def test_a_visit_denied_is_an_attempt_and_no_visit(office: Office):
    id_ = office.notified()
    office.wait(8)
    refused(office, UsageError, "is no visit", office.move, "monitor", id_, "visit", **visit(access="denied"))
    office["monitor"].visit(id_, visit(access="denied"))
    refused(
        office,
        UsageError,
        "ends after now",
        office["monitor"].visit,
        id_,
        visit(began="2021-04-01T09:00", ended="2030-04-01T09:00"),
    )
    refused(office, UsageError, "without its hours", office["monitor"].visit, id_, visit(began="2021-04-01"))
    refused(office, UsageError, "ends before", office["monitor"].visit, id_, visit(ended="2021-03-29T09:00"))
    view = office.move("monitor", id_, "visit", **visit())
    assert [one.access for one in view.visits] == ["denied", "full"]


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "a\x1bb", "x" * 20_001, "\ud800"])
def test_text_that_cannot_be_kept_is_refused(office: Office, text: str):
    id_ = office.filed()
    refused(office, InputError, "text", office["analyst"].comment, id_, text)


def test_text_in_arabic_with_its_marks_is_kept(office: Office):
    id_ = office.filed()
    assert office["analyst"].comment(id_, "قصف\nثانٍ \u202b(ب)\u202c").comments[0].text == "قصف\nثانٍ \u202b(ب)\u202c"


def test_the_days_of_the_body_and_of_the_default(office: Office):
    assert rules().days_allowed(CaseState.ALLEGED) == 3
    assert rules().days_allowed(CaseState.CLOSED) is None
    assert office.now[0] % DAY
    assert BOARD["quorum"] == 2
