"""Explanations: every finding of both cases has one, in sentences, that says what the table says."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, built_in_cases, load_case
from ceasefire.findings.check import FindingSet, check_incidents
from ceasefire.findings.phrases import QUESTIONS
from ceasefire.findings.reasons import REASONS
from ceasefire.findings.trace import Trace, account_sentence, explain
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.intake.case_reports import read_case_reports
from ceasefire.model.claims import Account
from ceasefire.model.vocabulary import Question

# Words that would turn a check into a ruling.
FORBIDDEN = re.compile(r"\b(guilty|verdict|judged|permitted|war crime|terrorist|legal|illegal|lawful)\b", re.IGNORECASE)


@cache
def _checked(name: str) -> tuple[FindingSet, list[dict[str, Any]]]:
    case = load_case(built_in_case(name))
    speakers = {key: (speaker.party, speaker.lineage or (key,)) for key, speaker in case.speakers.items()}
    reports = read_case_reports(case.folder, register=case.actors, acts=case.acts, speakers=speakers, zone=case.zone)
    found = check_incidents(case, fuse_by_event(reports).incidents)
    return found, found.table().to_pylist()


def _traces(name: str) -> list[tuple[dict[str, Any], Trace]]:
    found, rows = _checked(name)
    return [(row, explain(found, row)) for row in rows]


@pytest.mark.parametrize("name", built_in_cases())
def test_every_finding_is_explained_question_by_question(name: str) -> None:
    traces = _traces(name)
    assert len(traces) > 50
    for row, trace in traces:
        assert [step.question for step in trace.steps] == [QUESTIONS[question] for question in Question]
        assert [step.answer for step in trace.steps] == [row[q.value.replace("-", "_")] for q in Question]
        said = {sentence for step in trace.steps for sentence in step.sentences}
        assert {REASONS[reason].sentence for reason in row["reasons"]} <= said
        assert trace.accounts


@pytest.mark.parametrize("name", built_in_cases())
def test_no_explanation_rules_on_anything(name: str) -> None:
    found, _ = _checked(name)
    quoted = {text.text for clause in found.case.clauses.values() for text in clause.texts}
    for _, trace in _traces(name):
        text = "\n".join(trace.sentences())
        for words in quoted:
            text = text.replace(words.strip(), "")
        assert not FORBIDDEN.search(text), FORBIDDEN.search(text)
        assert "International humanitarian law applies" in text
        assert "violation" not in text.replace("Alleged violation", "").replace("alleged violation", "").replace(
            "Violations Documentation", ""
        )


@pytest.mark.parametrize("name", built_in_cases())
def test_sentences_have_no_gaps(name: str) -> None:
    """No empty list, no `None`, no identifier left where a name belongs."""
    for _, trace in _traces(name):
        for sentence in trace.sentences():
            assert "None" not in sentence
            assert "()" not in sentence
            assert ", ," not in sentence
            # French sets a space before a semicolon
            assert not re.search(r" [.,]", sentence), sentence


@pytest.mark.parametrize("name", built_in_cases())
def test_a_contested_finding_names_its_questions_and_who_differs(name: str) -> None:
    contested = [(row, trace) for row, trace in _traces(name) if row["status"] == "contested"]
    assert contested
    for row, trace in contested:
        for question in Question:
            named = QUESTIONS[question] in trace.outcome
            assert named == (row[question.value.replace("-", "_")] == "contested")
        assert "(see below)" not in trace.outcome, trace.outcome


@pytest.mark.parametrize("name", built_in_cases())
def test_an_alleged_violation_says_who_alleges_it(name: str) -> None:
    found, _ = _checked(name)
    for row, trace in _traces(name):
        if row["status"] != "alleged-violation":
            continue
        if row["alleged_by"]:
            speakers = [found.case.speakers[key].names["en"] for key in row["alleged_by"]]
            assert trace.outcome.startswith("Alleged violation of ")
            assert all(speaker in trace.outcome for speaker in speakers)
        else:
            assert trace.outcome.endswith("no one recorded as alleging it.")


@pytest.fixture(scope="module")
def riverline() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        (
            Account(source_id="isles-gazette", acts=("shelling",), perpetrators=("republic",), targets=("civilians",)),
            "Isles Gazette reports shelling by Republic of Velmar against civilians.",
        ),
        (
            Account(source_id="isles-gazette", sides=(("republic",), ("black-tide", "hill-guards"))),
            "Isles Gazette reports an event between Republic of Velmar and Black Tide and Hill Guards, "
            "direction not said.",
        ),
        (
            Account(source_id="black-tide-channel", party="black-tide", stance="claims"),
            "Channel of the Black Tide, speaking for Black Tide, claims responsibility for an event.",
        ),
        (
            Account(
                source_id="republic-delegation", party="republic", stance="denies", denial_scope="event",
                denied=("attribution", "casualties"), perpetrators=("harbour-volunteers",),
            ),
            "Delegation of the Republic, speaking for Republic of Velmar, denies this event as to attribution and "
            "casualties, on behalf of Harbour Volunteers.",
        ),
        (
            Account(source_id="republic-delegation", party="republic", stance="denies", denial_scope="period"),
            "Delegation of the Republic, speaking for Republic of Velmar, denies it for a whole period.",
        ),
        (Account(source_id="ucdp-ged", alleges=True), "ucdp-ged reports an event, and calls it a breach."),
        (
            Account(source_id="ucdp-ged", perpetrators=("name:Sons of the Oriel",), invokes=("self-defence",)),
            "ucdp-ged reports an event by Sons of the Oriel invoking self-defence.",
        ),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.stance,
)  # fmt: skip
def test_account_sentences(riverline: Case, account: Account, sentence: str) -> None:
    assert account_sentence(riverline, account) == sentence


def test_a_finding_that_is_not_there_has_no_explanation() -> None:
    found, rows = _checked("riverline")
    with pytest.raises(KeyError):
        explain(found, rows[0] | {"accused_id": "nobody-of-that-name"})


@pytest.mark.parametrize(
    ("share", "said"), [(0.9987, ">99%"), (1.0, "100%"), (0.002, "<1%"), (0.0, "0%"), (0.36, "36%")]
)
def test_a_place_nearly_inside_is_not_said_to_lie_inside(share: float, said: str) -> None:
    """The answer may hang on that part of the place that is outside."""
    found, rows = _checked("riverline")
    row = next(row for row in rows if row["share_inside"] is not None)
    text = "\n".join(explain(found, row | {"share_inside": share}).sentences())
    assert f"inside the nominal border: {said}." in text
