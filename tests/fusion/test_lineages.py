"""Corroboration counts independent lineages: where chains of sources end, not how many names there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion.fuse import fuse_reports
from ceasefire.fusion.lineages import ends_of, traced
from ceasefire.fusion.weights import default_weights
from ceasefire.intake.ucdp_lineages import lineage_key
from ceasefire.model.schemas import REPORT, table_of

Make = Callable[..., dict[str, Any]]
Incident = dict[str, Any]
OUTLETS = {f"outlet-{n}": ["agency" if n > 2 else "observatory"] for n in range(5)} | {"agency": ["observatory"]}


@pytest.mark.parametrize(
    ("draws_on", "ends"),
    [
        ({"a": []}, {"a": "a"}),
        ({"a": ["b"]}, {"a": "b", "b": "b"}),
        ({"a": ["b"], "b": ["c"], "c": []}, {"a": "c", "b": "c", "c": "c"}),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"]}, {"a": "d", "b": "d", "c": "d", "d": "d"}),
        ({"a": ["b", "c"]}, {"a": "b c", "b": "b", "c": "c"}),
        ({"b": ["a"], "a": ["b"]}, {"a": "a", "b": "a"}),  # a circle is one voice
        ({"x": ["b"], "a": ["c"], "c": ["b"], "b": ["a"]}, {"x": "a", "a": "a", "b": "a", "c": "a"}),
        ({"a": ["b"], "b": ["a", "o"]}, {"a": "o", "b": "o", "o": "o"}),  # a circle that also quotes somebody
        ({"a": ["a"]}, {"a": "a"}),
        ({"a": ["a", "b"]}, {"a": "b", "b": "b"}),
    ],
)
def test_where_chains_end(draws_on: Mapping[str, Sequence[str]], ends: Mapping[str, str]) -> None:
    assert ends_of(draws_on) == {source: tuple(named.split()) for source, named in ends.items()}


@given(st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefg"), max_size=3)))
def test_ends_have_no_further_end_and_order_does_not_matter(draws_on: dict[str, list[str]]) -> None:
    ends = ends_of(draws_on)
    assert all(found and all(ends[end] == (end,) for end in found) for found in ends.values())
    assert ends_of({name: others[::-1] for name, others in reversed(draws_on.items())}) == ends
    for source, others in draws_on.items():  # whoever draws on another speaks with all its voices
        assert all(set(ends[other]) <= set(ends[source]) for other in others)


def test_reports_are_traced_each_chain_once(report: Make) -> None:
    lineages = [["outlet-4", "agency"], ["unheard-of", "outlet-0"], None, []]
    rows = [report("outlet-4", str(n), lineage=lineage) for n, lineage in enumerate(lineages)]
    rows.append(report("outlet-4", "x", lineage=None) | {"source_id": None})
    table = table_of(rows, REPORT)
    found = traced(pa.concat_tables([table.slice(0, 2), table.slice(2)]), OUTLETS)
    one = ["observatory"]
    assert found["lineage"].to_pylist() == [one, ["observatory", "unheard-of"], one, one, []]
    assert found.drop_columns(["lineage"]).equals(table.drop_columns(["lineage"]))
    assert traced(found, OUTLETS)["lineage"].to_pylist()[:4] == found["lineage"].to_pylist()[:4]
    assert traced(table.slice(0, 0), OUTLETS).num_rows == 0


def incident_of(nobody: ActorRegister, rows: list[dict[str, Any]], draws_on: Mapping[str, Sequence[str]]) -> Incident:
    reports = traced(table_of(rows, REPORT), draws_on)
    (incident,) = fuse_reports(reports, register=nobody, weights=default_weights()).fused.incidents.to_pylist()
    return incident


def test_five_outlets_that_quote_one_observatory_are_one_voice(report: Make, nobody: ActorRegister) -> None:
    tolls = {"observatory": 7, "outlet-0": 7, "outlet-1": 7, "outlet-2": 8, "outlet-3": 8, "outlet-4": 8}
    rows = [report(source, source, killed_best=toll, event_key="k") for source, toll in tolls.items()]
    rows.append(report("hospital", "hospital", killed_best=3, event_key="k"))
    held = incident_of(nobody, rows, OUTLETS)
    assert held["lineages"] == ["hospital", "observatory"]
    assert held["killed_best"] in (5, (3 + 8) // 2)  # two voices, whatever the chorus
    # the control: taken for seven voices, the chorus outvotes the hospital
    chorus = incident_of(nobody, rows, {})
    assert len(chorus["lineages"]) == 7
    assert chorus["killed_best"] == 7


def test_a_denial_is_no_voice_for_it(report: Make, nobody: ActorRegister) -> None:
    denial = report("army", "d", stance="denies", denial_scope="event", denied=["fact"], event_key="k")
    rows = [report("s", "a", event_key="k"), denial]
    assert incident_of(nobody, rows, {})["lineages"] == ["s"]
    denied_only = incident_of(nobody, [denial], {})
    assert (denied_only["lineages"], denied_only["flags"]) == ([], ["denied-only"])


@pytest.mark.parametrize(
    ("draws_on", "voices"),
    [({}, ["s", "t"]), ({"t": ["s"]}, ["s"]), ({"s": ["t"], "t": ["s"]}, ["s"])],
    ids=["not known", "one translates the other", "each copies the other"],
)
def test_copies(report: Make, nobody: ActorRegister, draws_on: Mapping[str, Sequence[str]], voices: list[str]) -> None:
    rows = [report("s", "a", text="Clash at the ford"), report("t", "b", text="Бой у брода", text_language="ru")]
    assert incident_of(nobody, rows, draws_on)["lineages"] == voices


@pytest.mark.real_data
def test_real_events_of_several_offices_and_how_many_of_them_rest_on_one_lineage(real_data: Path) -> None:
    """What the sources behind UCDP's events of 2016 and 2017 come to once spellings and chains are followed."""
    case = load_case(built_in_case("astana-2017"))
    speakers = {
        lineage_key(name): speaker.id
        for speaker in case.speakers.values()
        for name in (speaker.id, *speaker.names.values())
    }
    ends = ends_of({speaker.id: speaker.lineage for speaker in case.speakers.values()})
    folder = real_data / "dev_pack"
    articles = pq.read_table(folder / "reports_2016_2017.parquet", columns=["report_id", "office"]).to_pylist()
    office = {row["report_id"]: row["office"] for row in articles}
    behind: dict[int, list[str]] = defaultdict(list)
    for link in pq.read_table(folder / "report_event_links_2016_2017.parquet").to_pylist():
        behind[link["event_id"]].append(office[link["report_id"]])
    count: Counter[str] = Counter()
    for offices in behind.values():
        chains = {speakers.get(lineage_key(one), lineage_key(one)) for one in offices}
        voices = {end for chain in chains for end in ends.get(chain, (chain,))}
        count["of several articles"] += len(offices) > 1
        count["of several articles, one voice"] += len(offices) > 1 and len(voices) == 1
        count["of several chains"] += len(chains) > 1
        count["of several chains, one voice"] += len(chains) > 1 and len(voices) == 1
    assert len(behind) == 11_757
    # three of four events with several articles are one observatory heard again
    assert dict(count) == {
        "of several articles": 1831,
        "of several articles, one voice": 1367,
        "of several chains": 485,
        "of several chains, one voice": 21,
    }
