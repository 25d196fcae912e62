"""Whatever was proposed, whatever people said, in whatever order: each entry in one row, either side the mirror."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceasefire.agreement.case import Case
from ceasefire.casework.records import Mark
from ceasefire.casework.registers.entries import Change, ListEntry, Proposal, Verdict
from ceasefire.casework.registers.pairing import (
    BOTH,
    GROUPS,
    NOT_COMPARED,
    ONLY_A,
    ONLY_B,
    PairedRow,
    counts,
    paired,
)
from ceasefire.casework.registers.records import Amendment, Matching, OpenedList, RegisterDay, SettledPair
from ceasefire.pipeline.register_lists import read_list
from ceasefire.pipeline.register_matching import match_lists

from .conftest import DAY, A, B, Desk, text_of

MIRROR = {ONLY_A: ONLY_B, ONLY_B: ONLY_A}


def mark(position: int) -> Mark:
    return Mark(position=position, at=position, author="x")


@st.composite
def proposals(draw: st.DrawFn, a: int, b: int) -> list[Proposal]:
    """Return proposals as the program makes them: each entry in at most one."""
    of_a, of_b = (draw(st.permutations([f"{side}{n}" for n in range(many)])) for side, many in (("a", a), ("b", b)))
    found, left_a, left_b = [], list(of_a), list(of_b)
    for _ in range(draw(st.integers(0, min(a, b)))):
        kind = draw(st.sampled_from(["pair", "beside-a", "beside-b", "covers"]))
        if not left_a or not left_b:
            break
        if kind == "pair":
            group = draw(st.sampled_from(["both", "doubtful"]))
            found.append(Proposal(group=group, entries_a=(left_a.pop(),), entries_b=(left_b.pop(),)))
        elif kind == "beside-b":
            found.append(Proposal(group="doubtful", entries_a=(left_a.pop(),), candidates_b=(of_b[0],)))
        elif kind == "beside-a":
            found.append(Proposal(group="doubtful", entries_b=(left_b.pop(),), candidates_a=(of_a[0],)))
        else:
            found.append(Proposal(group="covers", entries_a=(left_a.pop(),), candidates_b=tuple(of_b[:2])))
    return found


@st.composite
def register_days(draw: st.DrawFn) -> RegisterDay:
    """Return an open day with lists, proposals, settled pairs and entries added after the matching."""
    a, b = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    position = count(10)

    def listed(side: str, many: int) -> OpenedList:
        times = draw(st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=many, max_size=many))
        entries = [ListEntry(no=f"{side}{n}", occurred_from=at, occurred_until=at) for n, at in enumerate(times)]
        return OpenedList(entries=tuple(draw(st.permutations(entries))), mark=mark(2))

    held = RegisterDay(
        id=f"{DAY}.{A}.{B}",
        day=DAY,
        parties=(A, B),
        cut_off=1,
        set_by=mark(1),
        keyed={A: listed("a", a), B: listed("b", b)},
        opened=mark(3),
        matching=Matching(method="by hand", proposals=tuple(draw(proposals(a, b))), mark=mark(4)),
    )
    pairs = [(f"a{n}", f"b{m}") for n in range(a) for m in range(b)]
    for pair in draw(st.lists(st.sampled_from(pairs), max_size=6)) if pairs else ():
        verdict = draw(st.sampled_from(list(Verdict)))
        said = SettledPair(verdict=verdict, reason="so", mark=mark(next(position)))
        held = replace(held, settled={**held.settled, pair: (*held.settled.get(pair, ()), said)})
    for party, side in draw(st.lists(st.sampled_from([(A, "a"), (B, "b")]), max_size=2, unique=True)):
        entry = ListEntry(no=f"{side}-late")
        added = Amendment(
            party=party, change=Change.ADD, no=entry.no, entry=entry, reason="late", mark=mark(next(position))
        )
        held = replace(held, amendments=(*held.amendments, added))
    return held


def mirrored_day(held: RegisterDay) -> RegisterDay:
    assert held.matching is not None
    turned = [
        one.model_copy(
            update={
                "entries_a": one.entries_b,
                "entries_b": one.entries_a,
                "candidates_a": one.candidates_b,
                "candidates_b": one.candidates_a,
            }
        )
        for one in held.matching.proposals
    ]
    return replace(
        held,
        parties=(B, A),
        matching=replace(held.matching, proposals=tuple(turned)),
        settled={(b, a): said for (a, b), said in held.settled.items()},
    )


def plain(row: PairedRow, *, turned: bool = False) -> tuple[object, ...]:
    sides = (row.entries_a, row.entries_b), (row.candidates_a, row.candidates_b)
    own, beside = (tuple(reversed(each)) for each in sides) if turned else sides
    group = MIRROR.get(row.group, row.group) if turned else row.group
    return group, tuple(own), tuple(beside), row.settled, row.contradicted


@given(register_days())
@settings(max_examples=300, deadline=None)
def test_every_entry_is_in_one_row(held: RegisterDay) -> None:
    rows = paired(held)
    for party, own in (
        (A, [no for row in rows for no in row.entries_a]),
        (B, [no for r in rows for no in r.entries_b]),
    ):
        assert sorted(own) == sorted(entry.no for entry in held.entries(party))
    said = counts(rows)
    assert set(said) == set(GROUPS)
    assert tuple(map(sum, zip(*said.values(), strict=True))) == (len(held.entries(A)), len(held.entries(B)))
    for row in rows:
        if row.group == NOT_COMPARED:
            assert {*row.entries_a, *row.entries_b} <= {"a-late", "b-late"}


@given(register_days())
@settings(max_examples=300, deadline=None)
def test_from_the_other_side_everything_is_mirrored(held: RegisterDay) -> None:
    assert {plain(row) for row in paired(held)} == {plain(row, turned=True) for row in paired(mirrored_day(held))}


@given(register_days(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_entries_changes_nothing(held: RegisterDay, random: object) -> None:
    def shuffled(party: str) -> OpenedList:
        entries = list(held.keyed[party].entries)
        random.shuffle(entries)  # type: ignore[attr-defined]
        return replace(held.keyed[party], entries=tuple(entries))

    again = replace(held, keyed={party: shuffled(party) for party in (A, B)})
    assert [plain(row) for row in paired(again)] == [plain(row) for row in paired(held)]


@given(register_days())
@settings(max_examples=300, deadline=None)
def test_a_persons_last_word_wins(held: RegisterDay) -> None:
    rows = paired(held)
    for (a, b), said in held.settled.items():
        row = next(row for row in rows if a in row.entries_a)
        if said[-1].verdict is Verdict.ONE_EVENT:
            assert b in row.entries_b
        else:
            assert b not in row.entries_b or row.contradicted
            assert b not in row.candidates_b or row.group == "covers"
        assert row.contradicted <= (row.group != BOTH)


@given(
    st.permutations(range(6)),
    st.permutations(range(6)),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=12, max_size=12),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lists_in_any_order_and_from_either_side_are_matched_alike(
    desk: Desk, case: Case, order_a: list[int], order_b: list[int], drawn: list[tuple[int, int]]
) -> None:
    rows = [
        f"{'ab'[n >= 6]}{n % 6},{DAY},Hamlet {place},{26.40 + 0.02 * place:.2f},-42.60,shelling,,{killed}"
        for n, (place, killed) in enumerate(drawn)
    ]
    day = desk["analyst"].span_of(DAY)

    def listed(party: str, chosen: list[str]) -> OpenedList:
        entries = read_list("list.csv", case=case, party=party, day=day, content=text_of(chosen))
        return OpenedList(entries=entries, mark=mark(2))

    def rows_for(parties: tuple[str, str], orders: dict[str, list[int]]) -> tuple[PairedRow, ...]:
        lists = {
            party: listed(party, [rows[(6 if party == B else 0) + n] for n in order]) for party, order in orders.items()
        }
        held = RegisterDay(id="x", day=DAY, parties=parties, cut_off=1, set_by=mark(1), keyed=lists, opened=mark(3))
        method, said = match_lists(held, case=case, ledger=desk.ledger)
        return paired(replace(held, matching=Matching(method=method, proposals=said, mark=mark(4))))

    found = rows_for((A, B), {A: list(range(6)), B: list(range(6))})
    again = rows_for((A, B), {A: order_a, B: order_b})
    assert [plain(row) for row in again] == [plain(row) for row in found]
    turned = rows_for((B, A), {A: order_a, B: order_b})
    assert {plain(row, turned=True) for row in turned} == {plain(row) for row in found}
