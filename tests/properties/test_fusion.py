"""Properties of fusion on random reports of a few days and places, each beside a change that does make a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.fuse import FusedReports, fuse_reports
from ceasefire.fusion.judgements import NOT_SAME, SAME, Judgement
from ceasefire.fusion.two_lists import TwoLists, compare_lists
from ceasefire.fusion.weights import Weights, default_weights
from ceasefire.model.canonical import stable_id
from ceasefire.model.schemas import REPORT, table_of

Report = dict[str, Any]
Reports = list[Report]
START = datetime(2021, 3, 1, tzinfo=UTC)
NOBODY = ActorRegister([], ZoneInfo("UTC"))
# unlike one another in spelling: likeness of names is evidence, and a renaming must keep it
PARTIES = ("name:Azure", "name:Qwonk", "name:Vumbi", "name:Teccho")
SOURCES = ("s", "t", "u")
TEXTS = ("shells on the mill at dawn", "a raid near the old bridge", "الجسر القديم")
WEIGHTS = {"as built in": default_weights(), "joining less": default_weights(threshold=0.0)}
some = settings(deadline=None, max_examples=30)

said = st.fixed_dictionaries(
    {
        "source": st.sampled_from(SOURCES),
        "day": st.one_of(st.none(), st.integers(0, 4)),
        "days": st.sampled_from([1, 1, 1, 3, 20, 400]),
        "place": st.one_of(st.none(), st.integers(0, 6)),
        "precision": st.sampled_from(["point", "point", "near", "governorate"]),
        "toll": st.one_of(st.none(), st.integers(0, 12)),
        "sides": st.tuples(st.sampled_from(PARTIES), st.sampled_from(PARTIES)),
        "text": st.sampled_from(
            [None, None, "shells on the mill at dawn", "a raid near the old bridge", "الجسر القديم"]
        ),
        "kind": st.sampled_from(["event"] * 9 + ["total"]),
    }
)
tables = st.lists(said, min_size=2, max_size=10).map(lambda rows: [report_of(n, row) for n, row in enumerate(rows)])
weights_of = st.sampled_from(sorted(WEIGHTS)).map(WEIGHTS.__getitem__)


def report_of(number: int, row: Mapping[str, Any]) -> Report:
    start = None if row["day"] is None else START + timedelta(days=row["day"])
    disc = row["precision"] != "governorate"
    known = row["place"] is not None
    where = (10 + 0.011 * row["place"], 30.0) if known else (None, None)
    names = ("latitude", "longitude") if disc else ("centre_latitude", "centre_longitude")
    return {
        "report_id": stable_id("rep", row["source"], str(number)),
        "source_id": row["source"],
        "source_report_id": str(number),
        "kind": row["kind"],
        "lineage": [row["source"]],
        "stance": "asserts",
        "occurred_from": start,
        "occurred_until": None if start is None else start + timedelta(days=row["days"]),
        **dict(zip(names, where, strict=True)),
        "place_precision": row["precision"] if known else "unknown",
        "place_radius_km": {"point": 2.0, "near": 15.0}.get(row["precision"]) if known else None,
        "acts": ["armed-force"],
        "sides": [[party] for party in row["sides"]],
        "killed_best": row["toll"],
        "text": row["text"],
    }


def fuse(reports: Reports, weights: Weights, judgements: Iterable[Judgement] = ()) -> FusedReports:
    table = table_of(reports, REPORT)
    return fuse_reports(table, register=NOBODY, weights=weights, judgements=judgements)


def outcome(fused: FusedReports, *, without: Sequence[str] = (), claims: bool = True) -> dict[str, Any]:
    """Return all that fusion says, but for some reports, and for names where those were changed."""
    gone = set(without)
    hidden = {"claims", "lineages"} if not claims else set()
    return {
        "incidents": [
            {name: value for name, value in one.items() if name not in hidden}
            for one in fused.fused.incidents.to_pylist()
            if not gone & set(one["report_ids"])
        ],
        "links": [link for link in fused.fused.links.to_pylist() if link["report_id"] not in gone],
        "pairs": [pair for pair in fused.matched.pairs.to_pylist() if not gone & {pair["report_a"], pair["report_b"]}],
        "doubtful": [
            pair for pair in fused.matched.doubtful.to_pylist() if not gone & {pair["report_a"], pair["report_b"]}
        ],
    }


def groups(fused: FusedReports) -> dict[str, str]:
    """Return the incident of each report."""
    return {one: row["incident_id"] for row in fused.fused.incidents.to_pylist() for one in row["report_ids"]}


def clashes(*changes: Mapping[str, Any]) -> Reports:
    """Return reports of one clash by the sources in turn, with these changes."""
    plain = {"day": 1, "days": 1, "place": 2, "precision": "point", "toll": 5, "sides": PARTIES[:2], "text": None}
    return [
        report_of(n, {**plain, "kind": "event", "source": SOURCES[n % 3], **change}) for n, change in enumerate(changes)
    ]


@some
@given(reports=tables, weights=weights_of, data=st.data())
def test_order_does_not_matter(reports: Reports, weights: Weights, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(reports))
    assert outcome(fuse(shuffled, weights)) == outcome(fuse(reports, weights))


@some
@given(reports=tables, weights=weights_of, data=st.data())
def test_a_file_given_again_changes_nothing(reports: Reports, weights: Weights, data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(reports), max_size=8))
    assert outcome(fuse(reports + again, weights)) == outcome(fuse(reports, weights))


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_the_same_under_new_ids_is_another_matter(weights: Weights) -> None:
    reports = clashes({}, {}, {"day": 4})
    renumbered = [one | {"report_id": stable_id("rep", "again", str(n))} for n, one in enumerate(reports)]
    assert outcome(fuse(reports + renumbered, weights)) != outcome(fuse(reports, weights))
    assert len(groups(fuse(reports + renumbered, weights))) == 6


def renamed(reports: Reports, parties: Mapping[str, str], sources: Mapping[str, str]) -> Reports:
    return [
        one
        | {
            "source_id": sources.get(one["source_id"], one["source_id"]),
            "lineage": [sources.get(chain, chain) for chain in one["lineage"]],
            "sides": [[parties.get(party, party) for party in side] for side in one["sides"]],
        }
        for one in reports
    ]


@some
@given(reports=tables, weights=weights_of, parties=st.permutations(PARTIES), sources=st.permutations(SOURCES))
def test_names_of_parties_and_sources_do_not_matter(
    reports: Reports, weights: Weights, parties: list[str], sources: list[str]
) -> None:
    others = renamed(reports, dict(zip(PARTIES, parties, strict=True)), dict(zip(SOURCES, sources[::-1], strict=True)))
    assert outcome(fuse(others, weights), claims=False) == outcome(fuse(reports, weights), claims=False)


@pytest.mark.parametrize("parties", [{PARTIES[0]: PARTIES[2]}, {}], ids=["two parties under one name", "two sources"])
def test_names_that_run_together_do_matter(parties: Mapping[str, str]) -> None:
    reports = clashes({}, {"sides": PARTIES[1:3]}, {"place": 3})
    others = renamed(reports, parties, {} if parties else {"t": "s"})
    found, control = (outcome(fuse(each, WEIGHTS["as built in"]), claims=False) for each in (reports, others))
    assert found["pairs"] != control["pairs"]


def shifted(reports: Reports, weeks: int, of: Callable[[Report], bool] = lambda _: True) -> Reports:
    by = timedelta(weeks=weeks)
    moved = ("occurred_from", "occurred_until")
    return [one | {name: one[name] and one[name] + by for name in moved} if of(one) else one for one in reports]


def undated(found: dict[str, Any]) -> dict[str, Any]:
    incidents = [
        {name: value for name, value in one.items() if not name.startswith("occurred")} for one in found["incidents"]
    ]
    return found | {"incidents": incidents}


@some
@given(reports=tables, weights=weights_of, weeks=st.integers(-300, 300))
def test_the_calendar_does_not_matter(reports: Reports, weights: Weights, weeks: int) -> None:
    there, here = fuse(shifted(reports, weeks), weights), fuse(reports, weights)
    assert undated(outcome(there)) == undated(outcome(here))


def test_shifting_one_source_alone_does_matter() -> None:
    reports = clashes({}, {}, {})
    apart = shifted(reports, 1, lambda one: one["source_id"] == "t")
    one, three = (set(groups(fuse(each, WEIGHTS["as built in"])).values()) for each in (reports, apart))
    assert len(one) < len(three)


FAR = {"day": 1, "days": 1, "precision": "point", "sides": PARTIES[:2], "text": None, "kind": "event"}


@some
@given(
    reports=tables,
    weights=weights_of,
    source=st.sampled_from((*SOURCES, "new")),
    toll=st.one_of(st.none(), st.integers(0, 12)),
    day=st.integers(-900, 900),
    sides=st.tuples(st.sampled_from((*PARTIES, "name:Other")), st.sampled_from(PARTIES)),
    text=st.sampled_from([None, *TEXTS]),
)
def test_a_report_of_elsewhere_changes_nothing(
    reports: Reports,
    weights: Weights,
    source: str,
    toll: int | None,
    day: int,
    sides: tuple[str, str],
    text: str | None,
) -> None:
    # of another hemisphere; reports without a place are compared by day, toll and parties, and so have no elsewhere
    placed = [one for one in reports if one["place_precision"] != "unknown"]
    added = report_of(99, FAR | {"source": source, "toll": toll, "place": 0, "day": day, "sides": sides, "text": text})
    added |= {"latitude": -60.0, "longitude": -120.0}
    beside = fuse([*placed, added], weights)
    assert outcome(beside, without=[added["report_id"]]) == outcome(fuse(placed, weights))
    (alone,) = (one for one in beside.fused.incidents.to_pylist() if added["report_id"] in one["report_ids"])
    assert alone["report_ids"] == [added["report_id"]]


def test_a_report_of_the_same_place_and_day_does_matter() -> None:
    reports = clashes({}, {})
    rival = report_of(99, FAR | {"source": "s", "toll": 5, "place": 2})
    with_rival = outcome(fuse([*reports, rival], WEIGHTS["as built in"]), without=[rival["report_id"]])
    assert with_rival != outcome(fuse(reports, WEIGHTS["as built in"]))


@some
@given(reports=tables, weights=weights_of, data=st.data())
def test_what_people_called_the_same_stays_together_whatever_else_they_call_the_same(
    reports: Reports, weights: Weights, data: st.DataObject
) -> None:
    ids = [one["report_id"] for one in reports if one["kind"] == "event"]
    if len(ids) < 2:
        return
    pair = st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True)
    pairs = data.draw(st.lists(pair, min_size=1, max_size=4))
    judged = [Judgement(a, b, SAME, "x") for a, b in pairs]
    for upto in range(1, len(judged) + 1):
        found = groups(fuse(reports, weights, judged[:upto]))
        assert all(found[one.report_a] == found[one.report_b] for one in judged[:upto])
    # and their order does not matter
    assert outcome(fuse(reports, weights, judged[::-1])) == outcome(fuse(reports, weights, judged))


@some
@given(reports=tables, weights=weights_of, data=st.data())
def test_what_a_person_kept_apart_stays_apart(reports: Reports, weights: Weights, data: st.DataObject) -> None:
    ids = [one["report_id"] for one in reports if one["kind"] == "event"]
    if len(ids) < 2:
        return
    a, b = data.draw(st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True))
    found = groups(fuse(reports, weights, [Judgement(a, b, NOT_SAME, "x")]))
    assert found[a] != found[b]


def test_without_a_persons_word_they_are_elsewhere() -> None:
    far = clashes({}, {"day": 4, "place": 6, "toll": 12, "sides": PARTIES[2:]}, {})
    a, b, c = (one["report_id"] for one in far)
    found = groups(fuse(far, WEIGHTS["as built in"]))
    assert found[a] == found[c] != found[b]
    told = groups(fuse(far, WEIGHTS["as built in"], [Judgement(a, b, SAME), Judgement(a, c, NOT_SAME)]))
    assert told[a] == told[b] != told[c]


def compared(first: Reports, second: Reports, weights: Weights) -> TwoLists:
    return compare_lists(table_of(first, REPORT), table_of(second, REPORT), register=NOBODY, weights=weights)


@some
@given(reports=tables, weights=weights_of)
def test_two_lists_hold_every_entry_once_and_mirror_one_another(reports: Reports, weights: Weights) -> None:
    first, second = ([one for one in reports if (one["source_id"] == "s") is own] for own in (True, False))
    there, back = (compared(*lists, weights).table.to_pylist() for lists in ((first, second), (second, first)))
    for name, rows in (("entries_a", first), ("entries_b", second)):
        assert sorted(one for row in there for one in row[name]) == sorted(one["report_id"] for one in rows)
    mirrored = [
        row
        | {"entries_a": row["entries_b"], "entries_b": row["entries_a"]}
        | {"group": {"only-a": "only-b", "only-b": "only-a"}.get(row["group"], row["group"])}
        | {name: row[name] and -row[name] for name in ("days_apart", "killed_apart", "injured_apart")}
        for row in back
    ]
    assert mirrored == there
