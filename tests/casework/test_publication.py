"""A party named in public was heard, or it is said that it was not; and which word may be written."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from ceasefire.casework.publication import publication_text
from ceasefire.casework.wording import unfounded_words
from ceasefire.model.errors import InputError, NotAllowedError, UsageError

from .conftest import Office
from .test_route import refused

PLAIN = {"what": "progress", "names": ["b"], "text": "An alleged violation by b is being examined."}


def paragraphs(office: Office, id_: str) -> tuple[str, ...]:
    case_file = office.held.latest(office.ledger).files[id_]
    return publication_text(case_file.publications[-1], {"b": "B"}, ZoneInfo("Europe/Lisbon"))


def test_nobody_is_named_unheard(office: Office):
    id_ = office.filed()
    refused(office, UsageError, "without having been asked", office["head"].publish, id_, **PLAIN)
    id_ = office.notified()
    refused(office, UsageError, "to reply", office["head"].publish, id_, **PLAIN)
    unnamed = {**PLAIN, "names": []}
    assert office["head"].publish(id_, **unnamed).publications[0].replies == ()  # the control: nobody is named


def test_a_reply_is_printed_in_full_as_large_as_what_it_answers(office: Office):
    id_ = office.notified()
    reply = "We did not. " * 100
    office.move("liaison-b", id_, "receive-reply", party="b", text=reply)
    office["head"].publish(id_, **PLAIN)
    assert paragraphs(office, id_) == (PLAIN["text"], f"B replies: {reply.strip()}")


def test_silence_is_told_with_the_day(office: Office):
    id_ = office.notified()
    office.wait(8)
    office["head"].publish(id_, **PLAIN)
    assert paragraphs(office, id_)[-1] == "B: no reply by 2021-04-08."


def test_a_spot_report_goes_first_for_safety_and_says_so(office: Office):
    id_ = office.filed()
    spot = {**PLAIN, "what": "spot-report", "safety_reason": "The road is under fire."}
    refused(office, InputError, "reason of safety", office["head"].publish, id_, **{**spot, "safety_reason": None})
    refused(office, InputError, "reason of safety", office["head"].publish, id_, **{**PLAIN, "safety_reason": "x"})
    office["head"].publish(id_, **spot)
    told = paragraphs(office, id_)
    assert told[0].startswith("Spot report, published before the replies of those it names, for safety: The road")
    assert told[-1] == "B: published for safety before a reply was asked."
    view = office["liaison-b"].read(id_)  # named in public, it may see that and reply
    assert view.publications[0].names == ("b",)
    assert "summary" not in {field.name for field in view.fields}
    assert office["liaison-b"].reply(id_, "b", text="We did not.").replies[0].text == "We did not."


def test_the_word_waits_for_the_determination(office: Office):
    id_ = office.signed()
    bold = {"what": "progress", "names": ["b"], "text": "A violation by b."}
    refused(office, UsageError, 'says "violation"', office["head"].publish, id_, **bold)
    refused(office, UsageError, "No determination", office["head"].publish, id_, **{**PLAIN, "what": "determination"})
    office.vote(id_, chair="for", of_a="for", of_b="abstains")
    office.rule(id_)
    unnamed = {**bold, "what": "determination", "names": []}
    refused(office, UsageError, "The determination names b", office["head"].publish, id_, **unnamed)
    view = office["head"].publish(id_, **{**bold, "what": "determination"})
    assert view.publications[0].replies[0].text == "We did not."
    assert office["guarantor"].read(id_).rulings[0].outcome == "determined"


def test_a_breach_denied_allows_no_word(office: Office):
    id_ = office.determined(breach="no")
    bold = {"what": "determination", "names": [], "text": "No violation was found."}
    refused(office, UsageError, 'says "violation"', office["head"].publish, id_, **bold)
    said = {**bold, "text": "The alleged violation was not one of Article 2."}
    assert office["head"].publish(id_, **said).publications[0].text == said["text"]


def test_only_the_head_publishes(office: Office):
    id_ = office.notified()
    office.wait(8)
    for who in ("analyst", "monitor", "liaison-a"):
        refused(office, NotAllowedError, "may add case-file-published", office[who].publish, id_, **PLAIN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("An alleged violation.", ()),
        ("Alleged ceasefire violations continue.", ()),
        ("It allegedly violated Article 2.", ()),
        ("VIOLATIONS continue.", ("VIOLATIONS",)),
        ("The violators; an alleged\nviolation.", ("violators",)),
        ("Inviolate soil, violet hills.", ()),
        ("What was alleged is a violation.", ("violation",)),
    ],
)
def test_which_words_need_a_determination(office: Office, text: str, words: tuple[str, ...]):
    id_ = office.filed()
    case_file = office.held.latest(office.ledger).files[id_]
    assert unfounded_words(text, case_file) == words
