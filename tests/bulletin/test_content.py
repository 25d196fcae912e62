"""What a bulletin says: bounds, reasons, ranges, denials beside totals, and what it must never say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ceasefire.agreement.case import Case
from ceasefire.agreement.records import Clause, Coverage
from ceasefire.bulletin.records import Bulletin, ChartContent, MapContent, Words
from ceasefire.bulletin.sentences import HUMANITARIAN_LAW
from ceasefire.model.claims import Account
from ceasefire.model.time import day_span
from ceasefire.release.classes import ReleaseClass

Tables = dict[str, list[tuple[str, ...]]]
Compose = Callable[..., Bulletin]
Make = dict[str, Any]


def everything_said(bulletin: Bulletin) -> str:
    """Return every word of a bulletin."""
    parts = [bulletin.title, *bulletin.summary, *bulletin.remarks]
    parts += [value if isinstance(value, str) else value.text for _, value in bulletin.header]
    for section in bulletin.sections:
        parts += [section.title, *section.paragraphs]
        for figure in section.figures:
            parts += [figure.caption, figure.alternative]
        for table in section.tables:
            parts += [table.caption, *table.notes, *(column.title for column in table.columns)]
            parts += [cell if isinstance(cell, str) else cell.text for row in table.rows for cell in row]
    return "\n".join(parts)


def section(bulletin: Bulletin, key: str) -> str:
    (found,) = [each for each in bulletin.sections if each.key == key]
    return " ".join(found.paragraphs)


def test_header_says_number_period_position_root_case_and_times(bulletin: Bulletin):
    header = dict(bulletin.header)
    assert header["Number"] == "7 (weekly)"
    assert header["Period"] == "Mon 13 May 2019 to Sun 19 May 2019 (2019-W20)"
    assert "position 41" in str(header["Ledger"])
    assert "ab" * 32 in str(header["Ledger"])
    assert "test-case" in str(header["Case"])
    assert "Etc/GMT-2 (UTC+02:00)" in str(header["Cut-off"])


def test_bounds_count_alleged_below_and_open_and_edge_above(tables: Tables):
    by_area = {row[1]: row for row in tables["bounds"]}
    assert by_area["North zone"] == ("our reference T1, paraphrase", "North zone", "2", "5", "2", "5", "1")
    assert by_area["no single area"][2:4] == ("0", "1")


def test_summary_gives_change_as_a_range_and_does_not_decide_it(bulletin: Bulletin):
    said = " ".join(bulletin.summary)
    assert "between 2 and 6 of them may fall under a clause: 2 are alleged, 4 more are" in said
    assert "The change is +1 to +6: it rose, whichever ends of the ranges hold." in said


def test_no_comparison_without_an_earlier_period_or_with_an_empty_one(
    compose: Compose, rows: tuple[list[Any], list[Any], list[Any]]
):
    incidents, findings, _ = rows
    alone = compose(incidents, findings, previous=None)
    assert "No comparison: no earlier period is given." in alone.summary
    later = [row for row in incidents if row["incident_id"] != "earlier"]
    empty = compose(later, [row for row in findings if row["incident_id"] != "earlier"])
    assert any("not the same as nothing having happened" in sentence for sentence in empty.summary)


def test_episodes_are_left_out_of_sums_and_listed_apart(tables: Tables):
    total = tables["tolls"][0]
    assert total[1] == "6"
    assert total[2].startswith("26–27–31")
    (episode,) = tables["episodes"]
    assert episode[2:4] == ("2, 2 of them in this period", "700")


def test_what_crosses_the_edge_is_in_no_sum_but_named(bulletin: Bulletin, tables: Tables):
    edge = [row for row in tables["tolls"] if row[0].startswith("Across")]
    assert [(row[1], row[2]) for row in edge] == [("1", "100")]
    assert "One incident crosses the edge of the period: it is in upper bounds only" in section(bulletin, "limits")
    assert [row[0] for row in tables["incidents"] if "†" in row[0]] == ["19–21 May 2019 †"]


def test_what_nobody_states_is_not_stated_and_never_zero(tables: Tables):
    _, _, _, civilians, combatants, unknown, injured = tables["tolls"][0]
    assert civilians.replace("\u00a0", " ") == "2 (not stated: 5 of 6)"
    assert (combatants, unknown, injured) == ("not stated",) * 3


def test_a_figure_that_has_no_range_is_said_to_have_none(compose: Compose, make: Make):
    ranged = {"killed_low": 3, "killed_best": 4, "killed_high": 9, "killed_civilian_best": 4}
    whole = {"killed_low": 2, "killed_best": 2, "killed_high": 2}
    told = compose([make["incident"]("a", **ranged), make["incident"]("b", **whole)], [])
    assert "though it may be off: civilians in 1 of 2." in everything_said(told)
    assert "though it may be off" not in everything_said(compose([make["incident"]("b", **whole)], []))


def test_one_lineage_stands_apart_from_several(tables: Tables):
    by_title = {row[0]: row[1] for row in tables["tolls"]}
    assert by_title["asserted by two or more independent lineages"] == "1"
    assert by_title["asserted by one lineage only"] == "5"


def test_with_and_without_exempt_groups(bulletin: Bulletin, tables: Tables):
    with_them, without, only = tables["exempt"]
    assert [row[1] for row in (with_them, without, only)] == ["7", "6", "1"]
    assert only[4] == "1"
    notes = " ".join(note for s in bulletin.sections for t in s.tables if t.key == "exempt" for note in t.notes)
    assert "Black Tide" in notes
    assert "Four further incidents name only a label" in notes


def test_an_alleged_violation_names_who_alleges_it_or_that_nobody_does(tables: Tables):
    assert {row[3] for row in tables["alleged"]} == {
        "The Watch",
        "falls within our reference T1, paraphrase; no one recorded as alleging it",
    }


def test_reasons_are_counted_by_status(tables: Tables):
    by_sentence = {row[1]: row[2:] for row in tables["reasons"]}
    assert by_sentence["A clash is recorded between two sides; who did what is not."] == ("3 / 3", "–")
    assert by_sentence["Someone denies that this party did this."] == ("–", "1 / 1")


def test_one_more_fact_settles_what_lacks_only_that(tables: Tables):
    by_fact = {row[0].partition(":")[0]: row[1:] for row in tables["one-more-fact"]}
    assert by_fact["Direction"] == ("3", "2", "2", "2")
    assert by_fact["Place"] == ("1", "0", "0", "0")
    assert by_fact["Two or more answers"][0] == "1"
    assert by_fact["An end to a dispute, or no fact on the list"][0] == "1"


def test_case_reports_that_name_the_target_are_shown_with_what_they_settle(tables: Tables):
    said = {row[0]: row for row in tables["settled"]}
    assert said["14 May 2019"][2] == "The Watch reports shelling by East Side on West Side"
    assert said["14 May 2019"][3] == "East Side: did it: yes, covered target: yes"
    assert said["14 May 2019"][4] == "Alleged violation, East Side: our reference T1, paraphrase"
    assert said["18 May 2019"][3] == "East Side: did it: yes, covered target: no"
    assert said["18 May 2019"][4] == "Exempt target, East Side: our reference T1, paraphrase"
    assert "16 May 2019" not in said  # a data set's clash names no target


def test_denials_bear_by_their_reach(bulletin: Bulletin, tables: Tables):
    assert [row[1].partition(",")[0] for row in tables["denials"]] == [
        "this event",
        "a period",
        "everything of the kind",
    ]
    assert {row[0] for row in tables["denials"]} == {"Office of the East (for East Side)"}
    quotes = [row[3] for s in bulletin.sections for t in s.tables if t.key == "denials" for row in t.rows]
    assert all(isinstance(quote, Words) and quote.direction == "rtl" for quote in quotes)
    assert any("Office of the East denies: three denials bear on this period" in said for said in bulletin.summary)


@pytest.mark.parametrize(
    ("said", "first", "last", "bears"),
    [
        (date(2019, 5, 1), None, None, True),
        (date(2019, 9, 1), None, None, False),
        (date(2019, 9, 1), date(2019, 5, 15), date(2019, 8, 31), True),
        (date(2019, 9, 1), date(2019, 8, 1), date(2019, 8, 31), False),
    ],
)
def test_a_standing_denial_bears_on_what_it_speaks_of_and_on_what_follows_it(
    compose: Compose, case: Case, said: date, first: date | None, last: date | None, bears: bool
):
    row = {"report_id": "d", "source_id": "east-office", "kind": "event", "stance": "denies",
           "denial_scope": "everything", "denied": ["fact"],
           "reported_at": day_span(said, case.zone).start}  # fmt: skip
    if first and last:
        row |= {"occurred_from": day_span(first, case.zone).start, "occurred_until": day_span(last, case.zone).end}
    told = compose([], [], reports=[row])
    assert any("Office of the East denies" in sentence for sentence in told.summary) == bears


def test_two_sided_totals_are_drawn_as_totals_and_added_to_nothing(bulletin: Bulletin, tables: Tables):
    assert [row[1:4] for row in tables["two-sided"]] == [
        ("Office of the East", "11", "not stated"),
        ("Office of the West", "15", "0"),
    ]
    assert tables["glance"][0][1] == "6–7"


def test_obligations_that_are_due_say_their_state_and_why(bulletin: Bulletin, tables: Tables):
    (row,) = tables["obligation-list"]
    assert row[0] == "our reference T2, paraphrase"
    assert row[4].startswith("Unverified. Nothing on record shows that it was performed")
    assert any("One obligation was due in this period: 1 unverified." in sentence for sentence in bulletin.summary)


def test_coverage_is_told_and_its_absence_too(bulletin: Bulletin, compose: Compose, make: Make, tables: Tables):
    assert tables["coverage"][0][3] == "access denied"
    none = compose([make["incident"]("a")], [make["finding"]("a", "undetermined")])
    assert section(none, "limits").startswith("No coverage is recorded for this period")


def watched(with_totals: Case, **more: object) -> Case:
    seen = {"id": "c2", "operator": "east", "area": "north", "valid_from": "2019-05-13", "valid_until": "2019-05-19",
            "state": "up", "hours": 30, "sources": ["s"]} | more  # fmt: skip
    return replace(with_totals, posts=(), coverage=(Coverage.model_validate(seen),))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({}, "nobody ruled out: North zone: 30."),
        ({"valid_until": "2019-05-17"}, "nobody ruled out: North zone: 30 to 78."),
        ({"state": "denied", "hours": 0}, "North zone: none, for all that watches it was down or denied access."),
        (
            {"state": "unknown", "hours": None},
            "Of who watched North zone nothing is on record: no rate can be given there.",
        ),
    ],
)
def test_hours_of_watch_are_told_as_far_as_they_are_known(with_totals, compose: Compose, record, says: str):
    told = section(compose([], [], of=watched(with_totals, **record)), "limits")
    assert says in told


def test_no_place_of_a_post_is_told_with_its_hours(with_totals, compose: Compose):
    place = {"area": "north", "latitude": 40.123, "longitude": 20.321, "name": "Hidden Hill"}
    post = with_totals.posts[0].model_copy(update=place | {"opened": ()})
    of = replace(watched(with_totals, area=None, post=post.id), posts=(post,))
    told = str(compose([], [], of=of))
    assert "North zone: 0 to 30." in told  # nobody recorded whether it stood
    for secret in ("40.123", "20.321", "Hidden Hill"):
        assert secret not in told


def test_an_empty_period_is_not_called_calm(compose: Compose):
    empty = compose([], [])
    assert empty.summary[0] == "No incidents are on record for the period."
    assert "No finding is on record for this period." in section(empty, "checks")
    assert "not the same as calm" in section(empty, "chart")


def test_every_citation_carries_its_standing(bulletin: Bulletin):
    said = everything_said(bulletin)
    assert len(re.findall(r"\bT[12]\b", said)) == len(re.findall(r"our reference T[12], paraphrase", said))


def test_a_clause_is_cited_by_its_official_reference_once_that_text_is_held(compose: Compose, case: Case, make: Make):
    text = {"id": "T1-en", "language": "en", "standing": "authentic", "official_reference": "Article 1",
            "text": "Fire stops.", "sources": ["s"]}  # fmt: skip
    held = Clause.model_validate({**case.clauses["T1"].model_dump(), "texts": [text]})
    of = replace(case, clauses={**case.clauses, "T1": held})
    said = everything_said(compose([make["incident"]("a")], [make["finding"]("a", "alleged-violation")], of=of))
    assert "Article 1, authentic (en)" in said
    assert "our reference" not in said


def test_humanitarian_law_stands_in_every_bulletin(bulletin: Bulletin, compose: Compose):
    assert HUMANITARIAN_LAW in bulletin.remarks
    assert HUMANITARIAN_LAW in compose([], []).remarks


@pytest.mark.parametrize("word", ["judged", "guilty", "permitted", "verdict", "terrorist", "alert"])
def test_words_that_a_bulletin_never_uses(bulletin: Bulletin, word: str):
    assert not re.search(rf"\b{word}", everything_said(bulletin), re.IGNORECASE)


def test_violation_is_only_ever_alleged(bulletin: Bulletin):
    said = everything_said(bulletin)
    assert re.findall(r"(\w+)\W+violation", said, re.IGNORECASE)
    assert {word.lower() for word in re.findall(r"(\w+)\W+violation", said, re.IGNORECASE)} == {"alleged"}


def test_public_output_names_no_settlement_no_post_and_no_coordinates(bulletin: Bulletin):
    said = everything_said(bulletin)
    assert "Secret Village" not in said
    assert "Hidden Hill" not in said
    assert "20.33" not in said
    (content,) = [f.content for s in bulletin.sections for f in s.figures if isinstance(f.content, MapContent)]
    assert {(mark.longitude, mark.latitude) for mark in content.marks} == {(20.35, 40.25), (20.15, 40.25)}


def test_the_mission_is_told_the_settlement(compose: Compose, make: Make):
    told = compose([make["incident"]("a")], [make["finding"]("a", "alleged-violation")], release=ReleaseClass.MISSION)
    assert make["tables"](told)["incidents"][0][1] == "Secret Village, Upland, Ford"


def test_recent_places_are_held_back(compose: Compose, make: Make):
    from_now = compose(
        [make["incident"]("a", first=date(2019, 5, 19))],
        [make["finding"]("a", "alleged-violation")],
        instant=make["incident"]("a", first=date(2019, 5, 20))["occurred_until"],
    )
    assert make["tables"](from_now)["incidents"][0][1] == "Upland"
    (content,) = [f.content for s in from_now.sections for f in s.figures if isinstance(f.content, MapContent)]
    assert content.marks == ()
    assert content.not_drawn == ("Held back, too recent: 1",)


def test_places_known_to_an_area_are_not_drawn_as_points(bulletin: Bulletin):
    (content,) = [f.content for s in bulletin.sections for f in s.figures if isinstance(f.content, MapContent)]
    assert [(unit.name, unit.count) for unit in content.units] == [("Upland", 1)]
    assert "Upland: 1" in content.not_drawn


def test_a_daily_bulletin_draws_days(compose: Compose, case: Case, make: Make):
    daily = compose(
        [make["incident"]("a")],
        [make["finding"]("a", "alleged-violation")],
        kind="daily",
        period=day_span(date(2019, 5, 14), case.zone),
        previous=day_span(date(2019, 5, 13), case.zone),
    )
    assert daily.title == "Daily bulletin No. 7"
    assert dict(daily.header)["Period"] == "Tue 14 May 2019"
    (chart,) = [f.content for s in daily.sections for f in s.figures if isinstance(f.content, ChartContent)]
    assert len(chart.bins) == 14
    assert (chart.bins[-1].lower, chart.bins[-1].recorded) == (1, 1)


def test_the_annex_counts_what_it_does_not_print(compose: Compose, make: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ceasefire.bulletin.content.MOST_ANNEX_ROWS", 1)
    told = compose(
        [make["incident"]("a"), make["incident"]("b")],
        [make["finding"]("a", "undetermined"), make["finding"]("b", "undetermined")],
    )
    assert len(make["tables"](told)["incidents"]) == 1
    assert "The first 1 are printed" in section(told, "incidents")


def test_swapping_the_names_of_the_sides_changes_nothing_but_the_names(compose: Compose, make: Make):
    def of(one: str, other: str) -> str:
        account = Account(source_id="watch", acts=("shelling",), perpetrators=(one,), targets=(other,), alleges=True)
        return everything_said(
            compose(
                [make["incident"]("a", account)],
                [make["finding"]("a", "alleged-violation", accused_id=one, alleged_by=["watch"])],
            )
        )

    mirrored = of("west", "east").replace("East Side", "?").replace("West Side", "East Side").replace("?", "West Side")
    assert of("east", "west") == mirrored


def test_hours_of_a_watch_that_is_not_over_are_not_told_outside_the_mission(with_totals, compose: Compose):
    of = watched(with_totals, valid_until="2019-12-31", hours=2000)
    assert "Hours of watch" not in str(compose([], [], of=of))
    told = compose([], [], of=of, release=ReleaseClass.MISSION)
    assert "Hours of watch" in str(told)
