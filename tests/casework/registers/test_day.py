"""A register day from its setting to the signed figure: what each side may do when, and what nobody may."""

from __future__ import annotations

import pytest

from ceasefire.model.errors import InputError, NotAllowedError, OutdatedError, UnknownRecordError, UsageError

from .conftest import DAY, ID, LIST_A, LIST_B, OF, PEOPLE, A, B, Desk, entry, grouped, text_of


def test_lists_are_sealed_opened_together_and_matched(desk: Desk) -> None:
    view = desk.set_day()
    assert (view.row.state, view.row.state_a, view.row.state_b) == ("awaiting", "awaited", "awaited")
    key_a, key_b = desk.submit(A, LIST_A), desk.submit(B, LIST_B)
    for name in ("liaison-a", "liaison-b", "head"):
        view = desk[name].read(DAY)
        assert (view.list_a.state, view.list_a.entries, view.list_b.entries) == ("sealed", None, None)
        assert view.pairs == view.groups == view.estimates == ()
    with pytest.raises(OutdatedError, match="has not passed"):
        desk["liaison-a"].give_key(DAY, A, key=key_a)
    desk.wait()
    view = desk["liaison-a"].give_key(DAY, A, key=key_a)
    assert (view.row.state, view.list_a.state, view.list_a.entries) == ("cut-off-passed", "key-given", None)
    view = desk["liaison-b"].give_key(DAY, B, key=key_b.lower().replace("-", " "))
    assert view.row.state == "open"
    assert view.opened is not None and view.list_b.opened is not None
    assert view.opened.position == view.list_b.opened.position
    assert grouped(view) == [
        ("both", "R1", "17/1"),
        ("both", "R2", "17/2"),
        ("only-b", "", "17/3"),
        ("only-a", "R3", ""),
    ]
    assert entry(view, "17/3").content.killed_best is None  # not said, which is not zero
    assert desk.ledger.audit(batches=desk.batches).ok


def test_nothing_of_a_sealed_list_is_on_the_disk(desk: Desk) -> None:
    desk.set_day()
    word = b"Quernmore Sallow"
    key = desk.submit(A, [LIST_A[0].replace("Reedham", word.decode()), *LIST_A[1:]])
    held = b"".join(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())
    assert not [each for each in (word, key.encode(), key.replace("-", "").encode()) if each in held]
    sealed = _envelopes(desk)
    desk.submit(A, LIST_A[:1])
    assert _envelopes(desk) == sealed * 2  # the length tells nothing of how many there are


def _envelopes(desk: Desk) -> list[int]:
    """Return the lengths of the sealed lists on the disk."""
    files = [path for path in (desk.folder / "batches").rglob("*") if path.is_file()]
    return [path.stat().st_size for path in files if path.read_bytes().startswith(b"ceasefire sealed list")]


def test_ones_own_list_is_read_with_its_key_and_by_nobody_else(desk: Desk) -> None:
    desk.set_day()
    key = desk.submit(A, LIST_A)
    size = desk.ledger.size
    assert [one.no for one in desk["liaison-a"].read_own(DAY, A, key=key).entries] == ["R1", "R2", "R3"]
    assert desk.ledger.size == size
    for name in ("liaison-b", "head", "analyst", "monitor"):
        with pytest.raises(NotAllowedError):
            desk[name].read_own(DAY, A, key=key)
    with pytest.raises(UsageError, match="not the key"):
        desk["liaison-a"].read_own(DAY, A, key="-".join(["ABCD"] * 13))


def test_the_last_list_before_the_cut_off_counts(desk: Desk) -> None:
    desk.set_day()
    first, last = desk.submit(A, LIST_A[:1]), desk.submit(A, LIST_A)
    desk.submit(B, LIST_B)
    desk.wait()
    with pytest.raises(OutdatedError, match="a list is in"):
        desk.submit(A, LIST_A)
    with pytest.raises(UsageError, match="not the key"):
        desk["liaison-a"].give_key(DAY, A, key=first)
    view = desk["liaison-a"].give_key(DAY, A, key=last)
    assert (view.list_a.submissions, view.list_a.is_late) == (2, False)


@pytest.mark.parametrize(("late", "other"), [(A, B), (B, A)])
def test_a_late_list_is_said_to_be_late_and_after_what(desk: Desk, late: str, other: str) -> None:
    desk.set_day()
    key = desk.submit(other, LIST_B if other == B else LIST_A)
    desk.wait()
    desk["liaison-a" if other == A else "liaison-b"].give_key(DAY, other, key=key)
    assert not desk["head"].read(DAY).opened  # the other is still awaited
    view = desk["head"].declare_missing(DAY, late, reason="No courier came.")
    assert view.opened is not None
    side = view.list_a if late == A else view.list_b
    assert (side.state, side.missing_because, side.entries) == ("not-submitted", "No courier came.", None)
    assert view.pairs == ()  # one list alone is compared with nothing
    assert {one.code for one in view.estimates[0].obstacles} == {"list-missing"}
    key = desk.submit(late, LIST_A if late == A else LIST_B)
    view = desk["liaison-a" if late == A else "liaison-b"].give_key(DAY, late, key=key)
    side = view.list_a if late == A else view.list_b
    assert (side.state, side.is_late, side.came_after_other) == ("open", True, True)
    assert len(view.pairs) == 4
    assert "late-list" in {one.code for one in view.estimates[0].obstacles}


def test_a_list_that_is_not_opened_is_told_and_the_other_is_opened(desk: Desk) -> None:
    desk.set_day()
    key = desk.submit(A, LIST_A)
    desk.submit(B, LIST_B)
    with pytest.raises(OutdatedError):
        desk["head"].declare_missing(DAY, B, reason="Too early.")
    desk.wait()
    desk["liaison-a"].give_key(DAY, A, key=key)
    view = desk["head"].declare_missing(DAY, B, reason="It refuses its key.")
    assert (view.row.state, view.list_b.state, view.list_b.entries) == ("open", "not-opened", None)
    assert [one.no for one in view.list_a.entries or ()] == ["R1", "R2", "R3"]


def test_a_day_is_closed_early_only_with_both_lists(desk: Desk) -> None:
    desk.set_day()
    key = desk.submit(A, LIST_A)
    with pytest.raises(OutdatedError, match=B):
        desk["head"].close(DAY, reason="Both are here.")
    desk.submit(B, LIST_B)
    desk["head"].close(DAY, reason="Both are here.")
    with pytest.raises(OutdatedError):
        desk.submit(B, LIST_B)
    view = desk["liaison-a"].give_key(DAY, A, key=key)
    assert (view.row.state, view.row.closed_early) == ("cut-off-passed", True)


def test_a_copy_of_the_others_envelope_is_worth_nothing(desk: Desk) -> None:
    desk.set_day()
    key = desk.submit(A, LIST_A)
    held = desk.held.latest(desk.ledger, desk.batches).days[ID].submissions[A][0]
    envelope = desk.batches.get_bytes(held.sealed)
    with pytest.raises(UsageError, match="under this key before"):
        desk["liaison-b"].submit_sealed(DAY, B, envelope, key_hash=held.key_hash)
    desk["liaison-b"].submit_sealed(DAY, B, envelope, key_hash="1" * 64)
    desk.wait()
    with pytest.raises(UsageError, match="not the key"):
        desk["liaison-b"].give_key(DAY, B, key=key)


def test_a_list_sealed_at_home_is_handed_in_and_bound_to_its_day(desk: Desk) -> None:
    desk.set_day()
    home = desk["liaison-a"]
    sealed, entries, _ = home.sealed(ID, A, "list.csv", content=text_of(LIST_A))
    assert entries == 3
    said = home.submit_sealed(DAY, A, sealed.envelope, key_hash=sealed.key_hash)
    assert (said.key, said.entries) == (None, None)
    with pytest.raises(UsageError, match="no sealed list"):
        home.submit_sealed(DAY, A, b"R1, R2", key_hash="0" * 64)
    desk.submit(B, LIST_B)
    desk.wait()
    assert home.give_key(DAY, A, key=sealed.key).list_a.state == "key-given"
    other, _, _ = home.sealed(f"2021-06-15.{A}.{B}", A, "list.csv", content=text_of(LIST_A).replace(b"06-14", b"06-15"))
    assert other.envelope != sealed.envelope


def test_amendments_stand_beside_the_list_and_never_in_it(desk: Desk) -> None:
    desk.opened()
    change = text_of([f"R1,{DAY},Reedham,26.68,-42.90,shelling,Northern Assembly,9"])
    view = desk["liaison-a"].amend(DAY, A, "correct", reason="A typing error.", path="a.csv", content=change)
    told = entry(view, "R1")
    assert told.content.killed_best == 3
    assert told.amendments[0].content is not None and told.amendments[0].content.killed_best == 9
    view = desk["liaison-a"].amend(DAY, A, "withdraw", reason="Not ours to tell.", no="R3")
    assert entry(view, "R3").amendments[0].content is None
    more = text_of([f"R9,{DAY},Bridge Two,26.60,-42.70,small-arms-fire,Northern Assembly,"])
    view = desk["liaison-a"].amend(DAY, A, "add", reason="Came in late.", path="a.csv", content=more)
    assert entry(view, "R9").is_added
    assert ("doubtful", "R9", "17/3") in grouped(view)  # matched anew
    with pytest.raises(UsageError, match="already"):
        desk["liaison-a"].amend(DAY, A, "add", reason="Again.", path="a.csv", content=more)
    with pytest.raises(NotAllowedError):
        desk["liaison-b"].amend(DAY, A, "withdraw", reason="Untrue.", no="R1")
    with pytest.raises(NotAllowedError):
        desk["head"].amend(DAY, A, "withdraw", reason="Untrue.", no="R1")


def test_a_person_confirms_or_splits_a_proposal(desk: Desk) -> None:
    desk.opened()
    view = desk.settle("R1", "17/1")
    assert (view.pairs[0].group, view.pairs[0].verdict) == ("both", "one-event")
    view = desk.settle("R2", "17/2", "different-events")
    assert {("only-b", "", "17/2"), ("only-a", "R2", "")} < set(grouped(view))
    view = desk.settle("R3", "17/3")  # what the program did not see
    assert ("both", "R3", "17/3") in grouped(view)
    view = desk.settle("R3", "17/3", "different-events")  # the last word stands
    assert ("only-a", "R3", "") in grouped(view)
    assert grouped(desk["analyst"].match(DAY)) == grouped(view)  # matching anew, under what people said
    for name in ("liaison-a", "liaison-b", "monitor"):
        with pytest.raises(NotAllowedError):
            desk[name].settle(DAY, "R1", "17/1", verdict="different-events", reason="No.")


@pytest.mark.parametrize(("party", "no", "liaison"), [(B, "R1", "liaison-b"), (A, "17/1", "liaison-a")])
def test_each_side_answers_the_other_and_silence_says_nothing(desk: Desk, party: str, no: str, liaison: str) -> None:
    view = desk.opened()
    assert {one.answer.answer for one in view.list_a.entries or ()} == {"no-answer"}
    assert entry(view, no).answer.done is None
    view = desk[liaison].answer(DAY, party, no, answer="disputes", reason="Nobody fired.")
    assert (entry(view, no).answer.answer, entry(view, no).answer.reason) == ("disputes", "Nobody fired.")
    view = desk[liaison].answer(DAY, party, no, answer="no-answer", reason="We look again.")
    assert (entry(view, no).answer.answer, entry(view, no).answer.earlier) == ("no-answer", ("disputes",))
    other = "liaison-a" if liaison == "liaison-b" else "liaison-b"
    with pytest.raises(NotAllowedError):
        desk[other].answer(DAY, party, no, answer="confirms", reason="For them.")
    with pytest.raises(NotAllowedError):
        desk["head"].answer(DAY, party, no, answer="confirms", reason="For them.")
    with pytest.raises(UsageError):  # nobody answers an entry of their own
        desk[other].answer(DAY, A if party == B else B, no, answer="confirms", reason="Ours.")
    with pytest.raises(InputError):
        desk[liaison].answer(DAY, party, no, answer="admits", reason="No such word.")


def test_a_figure_is_agreed_while_both_signatures_stand(desk: Desk) -> None:
    desk.opened()
    view = desk["analyst"].propose_figure(DAY, "shelling", low=1, high=2, counts="Shellings of settlements.")
    figure = view.figures[0].figure
    view = desk["liaison-a"].sign(DAY, A, figure)
    assert not view.figures[0].is_agreed
    for name, party in (("analyst", A), ("head", B), ("liaison-a", B), ("guarantor", A)):
        with pytest.raises(NotAllowedError):
            desk[name].sign(DAY, party, figure)
    view = desk["liaison-b"].sign(DAY, B, figure)
    assert view.figures[0].is_agreed and view.row.agreed_figures == 1
    other = desk["liaison-b"].propose_figure(DAY, "shelling", low=3, high=3, counts="With the hills.").figures[1].figure
    with pytest.raises(OutdatedError, match="another figure"):
        desk["liaison-a"].sign(DAY, A, other)
    view = desk["liaison-a"].amend(DAY, A, "withdraw", reason="Mistaken.", no="R3")
    assert view.figures[0].is_agreed and view.figures[0].amended_since
    view = desk["liaison-a"].withdraw_signature(DAY, A, figure, reason="The list changed.")
    assert not view.figures[0].is_agreed
    assert [(one.party_id, one.withdrawn is None) for one in view.figures[0].signatures] == [(A, False), (B, True)]
    assert desk["liaison-a"].sign(DAY, A, other).figures[1].is_agreed is False
    with pytest.raises(OutdatedError):
        desk["liaison-a"].withdraw_signature(DAY, A, figure, reason="Twice.")


@pytest.mark.parametrize("first", [A, B])
def test_a_list_amended_between_two_signatures_is_said_to_be(desk: Desk, first: str) -> None:
    desk.opened()
    second = B if first == A else A
    figure = desk["analyst"].propose_figure(DAY, "shelling", low=1, high=2, counts="Shellings.").figures[0].figure
    view = desk[OF[first]].sign(DAY, first, figure)
    assert not view.figures[0].amended_since
    desk[OF[second]].amend(DAY, second, "withdraw", reason="Mistaken.", no="R3" if second == A else "17/3")
    view = desk[OF[second]].sign(DAY, second, figure)
    assert view.figures[0].is_agreed and view.figures[0].amended_since  # the first signed another list


def test_more_amendments_than_others_can_wait_for_are_refused_whole(desk: Desk) -> None:
    desk.opened()
    size = desk.ledger.size
    rows = [f"X{number},{DAY},Reedham,26.68,-42.90,shelling,Northern Assembly,3" for number in range(501)]
    with pytest.raises(UsageError, match="501 entries"):
        desk["liaison-a"].amend(DAY, A, "add", reason="Found.", path="more.csv", content=text_of(rows))
    assert desk.ledger.size == size
    view = desk["liaison-a"].amend(DAY, A, "add", reason="Found.", path="more.csv", content=text_of(rows[:3]))
    assert desk.ledger.size == size + 4  # and the matching
    assert len(view.list_a.entries or ()) == len(LIST_A) + 3


def test_who_sees_a_day(desk: Desk) -> None:
    desk.set_day()
    seen = {name: bool(desk[name].rows()) for name in PEOPLE if name not in ("administrator", "public")}
    both = dict.fromkeys(("liaison-a", "liaison-b", "monitor", "analyst", "head"), True)
    assert seen == {**both, "liaison-c": False, "guarantor": False}
    for name in ("administrator", "public"):
        with pytest.raises(NotAllowedError):
            desk[name].rows()
    with pytest.raises(UnknownRecordError):
        desk["liaison-c"].read(DAY)
    keys = {A: desk.submit(A, LIST_A), B: desk.submit(B, LIST_B)}
    desk.wait()
    desk["liaison-a"].give_key(DAY, A, key=keys[A])
    desk["liaison-b"].give_key(DAY, B, key=keys[B])
    assert desk["guarantor"].read(DAY).list_a.entries  # told to all once it is open
    assert not desk["guarantor"].read(DAY).may
    with pytest.raises(UnknownRecordError):
        desk["liaison-c"].read(ID)


def test_as_it_stood_before(desk: Desk) -> None:
    desk.opened()
    size = desk.ledger.size
    views = {position: desk["head"].read(DAY, as_of=position) for position in range(size - 4, size + 1)}
    desk["liaison-b"].answer(DAY, B, "R1", answer="confirms", reason="We saw it.")
    desk.settle("R1", "17/1")
    for position, view in views.items():
        again = desk["head"].read(DAY, as_of=position)
        assert again.may == ()
        assert (again.pairs, again.list_a, again.list_b, again.row) == (view.pairs, view.list_a, view.list_b, view.row)
    assert [view.list_a.entries is None for view in views.values()] == [True, True, True, False, False]


def test_what_cannot_be_set_is_refused(desk: Desk) -> None:
    desk.set_day()
    with pytest.raises(OutdatedError):
        desk.set_day((B, A))  # the same two, named the other way round
    analyst, later = desk["analyst"], "2100-01-01T12:00"
    for day, parties, cut_off in (
        ("2021-06-31", (A, B), later),
        ("2021-06-15", (A, "nobody"), later),
        ("2021-06-15", (A, A), later),
        ("2021-06-15", (A, B), "2021-06-15"),
        ("2021-06-15", (A, B), "2021-06-15T18:00"),
    ):
        with pytest.raises((UsageError, InputError)):
            analyst.set_day(day, parties, cut_off=cut_off)
    for name in ("liaison-a", "monitor", "guarantor"):
        with pytest.raises(NotAllowedError):
            desk[name].set_day("2021-06-15", (A, B), cut_off=later)
