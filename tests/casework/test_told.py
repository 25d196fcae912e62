"""What casework told of a period: chosen by day or by event, as printed, with what became of it since."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from ceasefire.casework.told import Standing, ToldPublication, rests_on, told_publications
from ceasefire.model.time import Span, day_span, local_date

from .conftest import START, Office

ZONE = ZoneInfo("Europe/Lisbon")
ALWAYS = Span(0, START * 2)
DETERMINATION: dict[str, Any] = {"what": "determination", "names": ["b"], "text": "The board determined a breach by b."}


def told(office: Office, period: Span = ALWAYS, linked: tuple[str, ...] = ()) -> tuple[ToldPublication, ...]:
    return told_publications(
        office.held.latest(office.ledger), period, ZONE, is_of_period=lambda ids: bool(set(ids) & set(linked))
    )


def published(office: Office) -> str:
    id_ = office.determined()
    office["head"].publish(id_, **DETERMINATION)
    return id_


def test_nothing_is_told_that_was_not_published(office: Office):
    office.determined()
    assert told(office) == ()
    assert rests_on(told(office)) == 0


def test_a_determination_is_told_with_body_answers_vote_and_remedies(office: Office):
    published(office)
    (one,) = told(office)
    assert one.determination is not None
    assert one.determination.draft.body.names == {"en": "Joint Board"}
    assert one.determination.draft.content.breach.answer == "yes"
    assert one.determination.count is not None
    assert (one.determination.count.votes_for, one.determination.count.carried) == (2, True)
    assert one.determination.remedies == (None,)
    assert one.determination.standing is Standing.STANDS
    assert one.publication.replies[0].text == "We did not."
    assert one.position == office.ledger.size


def test_it_is_chosen_by_the_day_of_telling_or_by_its_event(office: Office):
    id_ = office.filed()
    before = local_date(office.now[0], ZONE)
    office["liaison-a"].edit(id_, [{"field": "occurred_from", "base": 1, "value": "2021-03-02"}])
    office["head"].publish(id_, what="spot-report", names=[], text="The road is mined.", safety_reason="The road.")
    other = day_span(local_date(START - 40 * 86_400_000_000, ZONE), ZONE)
    assert [one.in_period for one in told(office, day_span(before, ZONE))] == [True]
    assert [one.in_period for one in told(office, Span(other.start, START - 10 * 86_400_000_000))] == [False]
    assert told(office, other) == ()


def test_a_linked_incident_makes_it_of_the_period(office: Office):
    id_ = office.filed()
    base = next(field.revision for field in office["analyst"].read(id_).fields if field.name == "incident_ids")
    office["analyst"].edit(id_, [{"field": "incident_ids", "base": base, "value": ["inc-1"]}])
    office["head"].publish(id_, what="spot-report", names=[], text="The road is mined.", safety_reason="The road.")
    long_ago = Span(0, 1)
    assert told(office, long_ago) == ()
    assert [one.in_period for one in told(office, long_ago, ("inc-1",))] == [False]


def test_a_reply_that_came_later_is_told_and_moves_the_position(office: Office):
    id_ = office.notified()
    office.wait(9)
    office["head"].publish(id_, what="progress", names=["b"], text="It is looked into.")
    first = told(office)
    assert first[0].publication.replies[0].text is None
    assert first[0].later_replies == ()
    office["liaison-b"].reply(id_, "b", text="Late, but no.")
    office["monitor"].comment(id_, "Noted.")  # changes nothing that is told
    (one,) = told(office)
    assert [reply.text for reply in one.later_replies] == ["Late, but no."]
    assert one.position == office.ledger.size - 1


def test_an_appeal_says_what_became_of_the_determination(office: Office):
    id_ = published(office)
    office.move("liaison-b", id_, "appeal", party="b")
    (one,) = told(office)
    assert one.determination is not None
    assert one.determination.standing is Standing.UNDER_APPEAL
    assert one.position == office.ledger.size
    office.move("head", id_, "dismiss-appeal")
    (one,) = told(office)
    assert one.determination is not None
    assert one.determination.standing is Standing.STANDS
    assert one.position == office.ledger.size  # that it stands again is news


def test_a_ruling_heard_again_and_replaced_says_so(office: Office):
    id_ = published(office)
    office.move("liaison-b", id_, "appeal", party="b")
    office.move("head", id_, "hear-appeal", assignee="third")
    (one,) = told(office)
    assert one.determination is not None
    assert one.determination.standing is Standing.EXAMINED_AGAIN
    office.move("head", id_, "withdraw")
    (one,) = told(office)
    assert one.determination is not None
    assert one.determination.standing is Standing.REPLACED


def test_a_remedy_is_told_as_it_was_last_reported(office: Office):
    id_ = published(office)
    office["monitor"].report_remedy(id_, 0, state="partly", note="Two of four.")
    office["monitor"].report_remedy(id_, 0, state="performed", note="All.")
    (one,) = told(office)
    assert one.determination is not None
    (report,) = one.determination.remedies
    assert report is not None
    assert report.state == "performed"
