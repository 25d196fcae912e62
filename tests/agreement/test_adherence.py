"""Who is bound: every sequence of acts, held to a rule written again, and the corners that scenarios do not reach."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.agreement.adherence import BINDING_ACTS, adheres, is_bound
from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.agreement.readings import as_written
from ceasefire.agreement.records import Adherence
from ceasefire.model.outcome import Outcome
from ceasefire.model.time import parse_moment
from ceasefire.model.vocabulary import Answer

CASE = load_case(built_in_case("riverline"))
A2 = CASE.clauses["A2"]
ACTS = ("adheres", "reserves", "suspends", "resumes", "withdraws", "refuses")


def _record(key: str, act: str, at: str, **said: Any) -> Adherence:
    return Adherence(
        **{
            "id": key,
            "actor": "republic",
            "instrument": "riverline-2021",
            "act": act,
            "basis": "declared",
            "valid_from": ({"at": at, "sources": ("agreement",)},),
            "sources": ("agreement",),
        }
        | said
    )


def _adheres(records: list[Adherence], day: str, actor: str = "republic", area: str | None = None) -> Outcome:
    case = Case(**{**vars(CASE), "adherence": tuple(records)})
    return adheres(case, A2, actor, area, parse_moment(day, CASE.zone).start)


@given(st.lists(st.sampled_from(ACTS), max_size=6), st.integers(0, 8))
def test_the_latest_own_act_decides(acts: list[str], months: int) -> None:
    """One act a month, asked in the middle of a month: the last act before it, and nothing else, is the answer."""
    records = [_record(f"r{number}", act, f"2021-{number + 1:02}-01T00:00") for number, act in enumerate(acts)]
    answer = _adheres(records, f"2021-{months + 1:02}-15").answer
    done = acts[: months + 1]
    assert answer == (Answer.YES if done and done[-1] in BINDING_ACTS else Answer.NO)


def test_the_order_of_the_file_does_not_matter() -> None:
    records = [_record("b", "suspends", "2021-05-01T00:00"), _record("a", "adheres", "2021-03-01T00:00")]
    assert _adheres(records, "2021-06-01") == _adheres(records[::-1], "2021-06-01")


def test_what_excludes_counts_after_what_binds_on_one_day() -> None:
    """A reservation made on signing is part of the signing."""
    for keys in (("a", "b"), ("b", "a")):
        records = [
            _record(keys[0], "adheres", "2021-03-02T16:00"),
            _record(keys[1], "reserves", "2021-03-02T16:00"),
        ]
        assert _adheres(records, "2021-06-01").reasons == ("reserves",)


def test_an_act_that_has_run_out_gives_way_to_the_one_before() -> None:
    records = [
        _record("a", "adheres", "2021-03-01T00:00"),
        _record(
            "b", "suspends", "2021-05-01T00:00", valid_until=({"at": "2021-06-01T00:00", "sources": ("agreement",)},)
        ),
    ]
    answers = [_adheres(records, day).answer for day in ("2021-04-15", "2021-05-15", "2021-06-15")]
    assert answers == [Answer.YES, Answer.NO, Answer.YES]


def test_a_date_alone_leaves_its_day_open_and_no_other() -> None:
    records = [_record("a", "adheres", "2021-05-20")]
    answers = [_adheres(records, f"2021-05-{day}T12:00").answer for day in (19, 20, 21)]
    assert answers == [Answer.NO, Answer.UNDETERMINED, Answer.YES]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("adheres", "resumes", Answer.YES),
        ("withdraws", "refuses", Answer.NO),
        ("adheres", "withdraws", Answer.UNDETERMINED),
        ("withdraws", "adheres", Answer.UNDETERMINED),
    ],
)
def test_on_the_day_of_an_act_without_an_hour_both_answers_are_tried(first: str, second: str, expected: Answer) -> None:
    records = [_record("a", first, "2021-03-01T00:00"), _record("b", second, "2021-05-20")]
    assert _adheres(records, "2021-05-20T12:00").answer == expected


def test_hearsay_never_answers_yes_nor_outweighs_an_own_act() -> None:
    announced: dict[str, Any] = {"basis": "announced-by-another", "by": "astor"}
    assert _adheres([_record("a", "adheres", "2021-03-01T00:00", **announced)], "2021-06-01").answer == (
        Answer.UNDETERMINED
    )
    own_refusal = [
        _record("a", "refuses", "2021-03-01T00:00"),
        _record("b", "adheres", "2021-04-01T00:00", **announced),
    ]
    assert _adheres(own_refusal, "2021-06-01").answer == Answer.NO
    earlier_hearsay = [
        _record("a", "withdraws", "2021-03-01T00:00", **announced),
        _record("b", "adheres", "2021-04-01T00:00"),
    ]
    assert _adheres(earlier_hearsay, "2021-06-01").answer == Answer.YES


def test_a_record_counts_for_its_clauses_and_areas_only() -> None:
    here = [_record("a", "adheres", "2021-03-01T00:00", areas=("harbour",))]
    assert _adheres(here, "2021-06-01", area="harbour").answer == Answer.YES
    assert _adheres(here, "2021-06-01", area="north-bank").answer == Answer.NO
    assert _adheres([_record("a", "adheres", "2021-03-01T00:00", clauses=("A3",))], "2021-06-01").answer == Answer.NO


def test_two_groups_of_one_member_may_differ() -> None:
    """Neither belongs to the other, so neither is nearer."""
    actors = CASE.actors.actors
    brigade = actors["bank-brigade"]
    both = brigade.model_copy(
        update={
            "affiliations": (*brigade.affiliations, brigade.affiliations[0].model_copy(update={"to": "black-tide"}))
        }
    )
    register = type(CASE.actors)([both if actor.id == both.id else actor for actor in actors.values()], CASE.zone)
    case = Case(**{**vars(CASE), "actors": register})
    outcome = adheres(case, A2, "bank-brigade", "north-bank", parse_moment("2021-05-20", CASE.zone).start)
    assert (outcome.answer, outcome.reasons) == (Answer.UNDETERMINED, ("adherence-disputed",))


def test_a_bucket_that_names_nobody_is_an_unknown_name() -> None:
    actors = CASE.actors.actors
    empty = actors["northern-insurgents"].model_copy(update={"may_contain": ()})
    register = type(CASE.actors)([empty if actor.id == empty.id else actor for actor in actors.values()], CASE.zone)
    case = Case(**{**vars(CASE), "actors": register})
    at = parse_moment("2021-05-20", CASE.zone).start
    outcome = is_bound(case, A2, as_written(case, A2), "northern-insurgents", "north-bank", at)
    assert (outcome.answer, outcome.reasons) == (Answer.UNDETERMINED, ("actor-unknown",))
