"""Obligations: every weighing of words, held to rules that must always hold, and periods that leave no gap."""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.agreement.records import Evidence
from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.findings.reasons import OBLIGATION_REASONS
from ceasefire.model.schemas import OBLIGATION
from ceasefire.model.time import parse_moment
from ceasefire.model.vocabulary import ObligationState

CASE = load_case(built_in_case("riverline"))
AS_OF = parse_moment("2021-06-30", CASE.zone).end
# who may speak of what the Republic owes: itself, its ally, the other side, and two who speak for nobody
SPEAKERS = ("republic-delegation", "assembly-delegation", "mission-patrols", "oriel-observatory")
SAID = ("performed", "partly", "not-performed")


def _word(number: int, speaker: str, said: str, day: int = 4) -> Evidence:
    return Evidence(
        id=f"W{number}",
        kind="performance",
        clause="A5",
        bearer="republic",
        speaker=speaker,
        at=f"2021-04-{day:02}T10:00",
        says=said,  # type: ignore[arg-type]
        sources=("agreement",),
    )


def _state(evidence: list[Evidence], *, clause: str = "A5", as_of: int = AS_OF) -> dict[str, Any]:
    case = Case(**{**vars(CASE), "evidence": tuple(evidence)})
    rows = evaluate_obligations(case, as_of=as_of).to_pylist()
    [row] = [row for row in rows if (row["clause_id"], row["bearer_id"]) == (clause, "republic")]
    found: dict[str, Any] = row
    return found


WORDS = st.lists(
    st.tuples(st.sampled_from(SPEAKERS), st.sampled_from(SAID)), max_size=4, unique_by=lambda word: word[0]
)


@settings(max_examples=80, deadline=None)
@given(WORDS)
def test_whose_word_makes_what(words: list[tuple[str, str]]) -> None:
    state = _state([_word(number, *word) for number, word in enumerate(words)])["state"]
    said = {what for _, what in words}
    own = all(speaker == "republic-delegation" for speaker, _ in words)
    adverse = all(speaker == "assembly-delegation" for speaker, _ in words)
    if not words:
        assert state == ObligationState.UNVERIFIED
    elif len(said) > 1:
        assert state == ObligationState.CONTESTED
    elif (own and said != {"not-performed"}) or (adverse and said != {"performed"}):
        assert state == ObligationState.UNVERIFIED
    else:
        assert {state} == said


@settings(max_examples=30, deadline=None)
@given(WORDS)
def test_the_order_of_the_evidence_does_not_matter(words: list[tuple[str, str]]) -> None:
    held = [_word(number, *word) for number, word in enumerate(words)]
    assert {_state(list(order))["state"] for order in list(permutations(held))[:6]} == {_state(held)["state"]}


def test_a_speaker_may_correct_itself() -> None:
    first, second = _word(1, "mission-patrols", "performed", 3), _word(2, "mission-patrols", "not-performed", 10)
    assert _state([first, second])["state"] == ObligationState.NOT_PERFORMED
    assert _state([first])["state"] == ObligationState.PERFORMED


def test_evidence_dated_later_is_not_used() -> None:
    before = parse_moment("2021-04-06", CASE.zone).end
    assert _state([_word(1, "mission-patrols", "performed", 10)], as_of=before)["state"] == ObligationState.UNVERIFIED


def test_nothing_is_listed_before_the_agreement_could_have_begun() -> None:
    as_of = parse_moment("2021-03-01", CASE.zone).end
    rows = evaluate_obligations(CASE, as_of=as_of).to_pylist()
    assert {row["instrument_id"] for row in rows} == set()


@pytest.mark.parametrize("name", ["riverline", "astana-2017"])
def test_periods_of_a_repeated_duty_follow_one_another_without_gap(name: str) -> None:
    case = load_case(built_in_case(name))
    as_of = parse_moment("2021-12-31", case.zone).end
    periods: dict[tuple[str, str, str | None], list[tuple[Any, Any]]] = {}
    for row in evaluate_obligations(case, as_of=as_of).to_pylist():
        duty = case.clauses[row["clause_id"]].duty
        if duty is not None and duty.every_days is not None:
            key = (row["clause_id"], row["bearer_id"], row["zone_id"])
            periods.setdefault(key, []).append((row["period_from"], row["period_until"]))
    assert periods
    for held in periods.values():
        assert len(set(held)) == len(held)
        assert all(start < end for start, end in held)
        assert all(later[0] >= earlier[1] for earlier, later in pairwise(sorted(held)))


@pytest.mark.parametrize("name", ["riverline", "astana-2017"])
def test_the_table_has_its_schema_unique_ids_and_known_reasons(name: str) -> None:
    case = load_case(built_in_case(name))
    table = evaluate_obligations(case, as_of=parse_moment("2021-12-31", case.zone).end)
    assert table.schema.equals(OBLIGATION)
    assert len(set(table["obligation_id"].to_pylist())) == table.num_rows > 20
    assert {reason for reasons in table["reasons"].to_pylist() for reason in reasons} <= set(OBLIGATION_REASONS)
    assert set(table["state"].to_pylist()) <= set(ObligationState)


def test_an_obligation_keeps_its_id_as_time_goes_on() -> None:
    """Later evidence changes the state, never which obligation it is."""
    earlier, later = (
        {row["obligation_id"] for row in evaluate_obligations(CASE, as_of=parse_moment(day, CASE.zone).end).to_pylist()}
        for day in ("2021-05-10", "2021-06-10")
    )
    assert earlier < later


def test_no_incident_is_needed_and_none_is_read() -> None:
    """The guarantor's duty has the same state in a case in which nothing ever happened."""
    rows = evaluate_obligations(CASE, as_of=AS_OF).to_pylist()
    [guarantor] = [row for row in rows if row["clause_id"] == "A9"]
    assert (guarantor["state"], guarantor["reasons"]) == ("unverified", ["no-evidence", "guarantor-duty"])


def test_restrictions_combine_to_the_gravest_and_speakers_of_different_convoys_do_not_differ() -> None:
    def stopped(number: int, speaker: str, kind: str, by: str | None) -> Evidence:
        restriction = {"who": f"Convoy {number}", "where": "Gate", "by": by, "kind": kind}
        return Evidence(
            id=f"S{number}", kind="restriction", clause="A4", bearer="republic", area="ferry-road", speaker=speaker,
            at=f"2021-06-{number:02}T08:00", restriction=restriction, sources=("agreement",),  # type: ignore[arg-type]
        )  # fmt: skip

    def week(*evidence: Evidence) -> tuple[str, list[str]]:
        case = Case(**{**vars(CASE), "evidence": evidence})
        [row] = [
            row
            for row in evaluate_obligations(case, as_of=AS_OF).to_pylist()
            if (row["clause_id"], row["bearer_id"]) == ("A4", "republic")
            and row["period_from"].date().isoformat() == "2021-06-01"
        ]
        return row["state"], row["reasons"]

    delayed = stopped(2, "mission-patrols", "delayed", "republic-army")
    denied = stopped(3, "oriel-observatory", "denied", "republic-army")
    unknown = stopped(4, "harbour-hospital", "denied", None)
    alleged = stopped(5, "assembly-delegation", "denied", "republic")
    assert week(delayed) == ("partly", ["restriction-partial"])
    assert week(delayed, denied, unknown) == ("not-performed", ["restriction-denied"])
    assert week(unknown) == ("unverified", ["restriction-by-unknown"])
    # the other side's word alone shows no breach, and does not make a delay that others saw graver
    assert week(alleged) == ("unverified", ["counterparty-word-only", "restriction-denied"])
    assert week(delayed, alleged) == ("partly", ["restriction-partial"])
