"""When a clause is in force: what scenarios cannot reach, held to a rule written again."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.agreement.case import Case
from ceasefire.agreement.force import clause_in_force, has_begun, valid_at
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.agreement.timeline import add_months, ends_on_record, force_changes
from ceasefire.model.time import EARLIEST, LATEST, Span, parse_moment
from ceasefire.model.vocabulary import Answer

SPANS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 5)).map(lambda pair: Span(pair[0], pair[0] + pair[1])),
    min_size=1,
    max_size=3,
)


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case(built_in_case("riverline"))


@given(SPANS, st.integers(-2, 30))
def test_begun_means_begun_at_every_moment_it_may_have_begun(starts: list[Span], instant: int) -> None:
    """Try every possible start one by one: a day lasts through its last instant."""
    possible = {moment for span in starts for moment in range(span.start, max(span.end, span.start + 1))}
    # a day that ends at `end` may have brought the start in its very last instant
    said = {instant >= moment for moment in possible} | {instant >= span.end for span in starts}
    expected = {frozenset({True}): Answer.YES, frozenset({False}): Answer.NO}.get(frozenset(said), Answer.UNDETERMINED)
    assert has_begun(starts, instant, before="no", between="?").answer == expected


@given(SPANS, SPANS, st.integers(-2, 60))
def test_a_record_holds_between_its_start_and_its_end(starts: list[Span], ends: list[Span], instant: int) -> None:
    later = [Span(span.start + 30, span.end + 30) for span in ends]
    answer = valid_at(starts, later, instant, doubt="?").answer
    if instant < min(span.start for span in starts) or instant >= max(span.end for span in later):
        assert answer == Answer.NO
    elif max(span.end for span in starts) <= instant < min(span.start for span in later):
        assert answer == Answer.YES
    else:
        assert answer == Answer.UNDETERMINED


def test_without_dates_a_record_holds_always() -> None:
    assert valid_at((), (), EARLIEST, doubt="?").answer == Answer.YES
    assert valid_at((), (), LATEST, doubt="?").answer == Answer.YES


def test_nothing_changes_between_the_instants_named(case: Case) -> None:
    """The check asks once a stretch; here every day and hour around each change is asked."""
    for clause in case.clauses.values():
        changes = sorted(force_changes(case, clause))
        for earlier, later in zip([changes[0] - 10**12, *changes], [*changes, changes[-1] + 10**12], strict=True):
            inside = {earlier, (earlier + later) // 2, later - 1}
            answers = {clause_in_force(case, clause, at) for at in inside if earlier <= at < later}
            assert len(answers) <= 1, (clause.id, earlier, later)


def test_a_superseded_instrument_keeps_the_end_it_has(case: Case) -> None:
    own, ends = ends_on_record(case, case.clauses["F1"])
    assert own == ()
    assert ends == (parse_moment("2021-03-16T00:00", case.zone),)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2017-08-31T00:00", 6, "2018-02-28T00:00"),
        ("2016-02-29T12:00", 12, "2017-02-28T12:00"),
        ("2017-11-30T23:59", 3, "2018-02-28T23:59"),
        ("2017-03-01T00:00", 12, "2018-03-01T00:00"),
    ],
)
def test_months_end_on_the_last_day_there_is(start: str, months: int, end: str) -> None:
    zone = ZoneInfo("Asia/Damascus")
    assert add_months(parse_moment(start, zone).start, months, zone) == parse_moment(end, zone).start
