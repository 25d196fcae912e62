"""People's word on pairs of reports: recorded, followed, contradicted, withdrawn; and what waits for it."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.match import match_reports
from ceasefire.model.errors import InputError, StaleResultError, UsageError
from ceasefire.pipeline.matching import judgements_in_force, weights_in_force
from ceasefire.pipeline.workspace import Workspace

TABLES = ("reports", "links", "incidents", "pairs")


@pytest.fixture(scope="module")
def fused_once(tmp_path_factory: pytest.TempPathFactory, doubtful_files: tuple[Path, Path]) -> Path:
    """Return the folder of a workspace with many doubtful pairs, fused under learned weights; not to be changed."""
    folder = tmp_path_factory.mktemp("doubtful")
    table, mapping = doubtful_files
    with Workspace.create(folder / "mission", "riverline", author="Amal") as workspace:
        workspace.import_file(table, "table", mapping=mapping)
        workspace.fuse()
    return folder / "mission"


@pytest.fixture
def mission(fused_once: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(fused_once, tmp_path / "mission")
    with Workspace.open(tmp_path / "mission", author="Amal") as opened:
        yield opened


def tables(workspace: Workspace) -> dict[str, pa.Table]:
    fused = workspace._state().fused()
    return {name: fused.table(name) for name in TABLES}


def groups(workspace: Workspace) -> set[tuple[str, ...]]:
    rows = workspace.incidents()["report_ids"].to_pylist()
    return {tuple(sorted(ids)) for ids in rows}


def of(workspace: Workspace, report: str) -> dict[str, object]:
    (row,) = (row for row in workspace.incidents().to_pylist() if report in row["report_ids"])
    return row


def by(workspace: Workspace, author: str) -> Workspace:
    return Workspace.open(workspace.folder, author=author)


def own_name(workspace: Workspace, report: str) -> str:
    reports = workspace._state().reports  # held, fused or not
    (row,) = reports.filter(pc.equal(reports["report_id"], report)).to_pylist()
    return f"{row['source_id']}:{row['source_report_id']}"


def pairs_of(found: set[tuple[str, ...]]) -> set[tuple[str, str]]:
    return {pair for members in found for pair in itertools.combinations(members, 2)}


# What follows is what was said to follow.


def test_what_is_said_to_follow_follows(mission: Workspace) -> None:
    for _ in range(3):
        doubt = mission.review(limit=1).doubts[0]
        before = groups(mission)
        judged = mission.judge(doubt.report_a, "not-same" if doubt.together else "same", doubt.report_b)
        assert judged.position is not None
        assert judged.follows == doubt.follows != ()
        mission.fuse()
        after = groups(mission)
        assert judged.pairs_changed == len(pairs_of(before) ^ pairs_of(after)) == doubt.pairs_changed
        ends = [of(mission, report) for report in (doubt.report_a, doubt.report_b)]
        assert (ends[0] == ends[1]) is not doubt.together
        for row in ends:
            assert any(f"{row['incident_id']} ({len(row['report_ids'])} report" in words for words in judged.follows)


def test_the_review_begins_with_what_a_decision_would_change_most(mission: Workspace) -> None:
    found = mission.review(limit=10)
    assert found.waiting == mission.doubtful().num_rows > 100
    assert [one.changes for one in found.doubts] == sorted((one.changes for one in found.doubts), reverse=True)
    state = mission._state()
    reports, register, weights = state.reports, state.case.actors, weights_in_force(state.history).weights

    def fused(*said: Judgement) -> set[tuple[str, str]]:
        label: dict[int, list[str]] = {}
        matched = match_reports(reports, register=register, weights=weights, judgements=said)
        for report, event in zip(reports["report_id"].to_pylist(), matched.event.tolist(), strict=True):
            label.setdefault(event, []).append(report)
        return pairs_of({tuple(sorted(members)) for members in label.values()})

    before = fused()
    for one in found.doubts:
        after = fused(Judgement(one.report_a, one.report_b, "not-same" if one.together else "same", "x"))
        assert one.pairs_changed == len(before ^ after)
        chance = 1 - one.match_probability if one.together else one.match_probability
        assert one.changes == pytest.approx(one.pairs_changed * chance)


def test_the_two_reports_stand_side_by_side(mission: Workspace) -> None:
    doubt = mission.review(limit=1).doubts[0]
    assert {"when", "where", "who", "toll", "acts", "text"} == set(doubt.says)
    assert "when" in doubt.differ or doubt.says["when"][0] == doubt.says["when"][1]
    assert doubt.says["who"][0] == "Republic of Velmar – Northern Assembly"
    assert "text" not in doubt.differ
    assert doubt.record_a.split()[0] in ("hill-post", "river-post", "gazette")
    assert doubt.incident_a is not None
    assert doubt.incident_a.startswith("inc-")


def test_what_was_judged_waits_no_more_even_before_fusing(mission: Workspace) -> None:
    first, second, *_ = mission.review(limit=5).doubts
    mission.judge(first.report_a, "unsure", first.report_b)
    mission.judge(second.report_b, "not-same", second.report_a)
    then = mission.review(limit=5)
    assert then.not_fused == 2
    shown = {(one.report_a, one.report_b) for one in then.doubts}
    assert not shown & {(one.report_a, one.report_b) for one in (first, second)}
    with pytest.raises(StaleResultError):
        mission.doubtful()
    mission.fuse()
    assert mission.review(limit=5).not_fused == 0


def test_withdrawing_a_word_gives_the_tables_as_they_were(mission: Workspace) -> None:
    before, waiting = tables(mission), mission.doubtful()
    for doubt in mission.review(limit=3).doubts:
        mission.judge(doubt.report_a, "not-same" if doubt.together else "same", doubt.report_b)
        mission.fuse()
        assert not tables(mission)["links"].equals(before["links"])
        undone = mission.judge(doubt.report_b, "unsure", doubt.report_a)
        assert undone.replaces in ("same", "not-same")
        mission.fuse()
        for name, table in tables(mission).items():
            assert table.equals(before[name]), name
    seen = waiting.num_rows - mission.doubtful().num_rows
    assert seen == 3  # somebody looked at them


def test_fusing_the_record_as_it_was_ignores_later_words(mission: Workspace) -> None:
    position, links = mission.ledger.size, mission.links()
    doubt = mission.review(limit=1).doubts[0]
    mission.judge(doubt.report_a, "not-same" if doubt.together else "same", doubt.report_b)
    mission.fuse()
    assert mission.links(as_of=position).equals(links)


# Who says what, in place of what.


def test_a_word_is_kept_once_and_the_last_of_a_person_counts(mission: Workspace) -> None:
    a, b = mission.review(limit=1).doubts[0].report_a, mission.review(limit=1).doubts[0].report_b
    first = mission.judge(a, "same", b, note="  one shelling ")
    assert (first.note, first.replaces, first.author) == ("one shelling", None, "Amal")
    again = mission.judge(b, "same", a, note="one shelling")
    assert (again.position, again.follows) == (None, ())
    assert mission.judge(a, "same", b, note="as the mayor says").replaces == "same"
    assert mission.judge(a, "not-same", b).replaces == "same"
    with by(mission, "Badr") as other:
        assert other.judge(a, "not-same", b).replaces is None
    assert [(one.verdict, one.author) for one in judgements_in_force(mission._state().history)] == [
        ("not-same", "Amal"),
        ("not-same", "Badr"),
    ]


def test_a_contradiction_is_said_and_listed_until_somebody_gives_way(mission: Workspace) -> None:
    doubt = next(one for one in mission.review(limit=10).doubts if not one.together)
    a, b = doubt.report_a, doubt.report_b
    mission.judge(a, "same", b)
    with by(mission, "Badr") as other:
        judged = other.judge(a, "not-same", b)
    assert judged.conflicts[0].startswith("Amal said on ")
    assert judged.conflicts[0].endswith("are of one event.")
    assert [one.conflict for one in mission.standing_judgements()] == [1, 1]
    mission.fuse()
    assert of(mission, a) != of(mission, b)
    with by(mission, "Badr") as other:
        assert other.judge(a, "unsure", b).conflicts == ()
    assert [one.conflict for one in mission.standing_judgements()] == [None, None]
    mission.fuse()
    assert of(mission, a) == of(mission, b)


def test_a_contradiction_through_a_third_report(mission: Workspace) -> None:
    ids = mission.reports()["report_id"].to_pylist()
    a, b, c = ids[100], ids[500], ids[900]
    mission.judge(a, "same", b)
    mission.judge(b, "same", c)
    judged = mission.judge(a, "not-same", c)
    assert len([words for words in judged.conflicts if "Amal said on" in words]) == 2
    mission.fuse()
    assert len({tuple(of(mission, one)["report_ids"]) for one in (a, b, c)}) == 3


def test_same_as_a_and_not_the_same_as_b_follows_through(mission: Workspace) -> None:
    ids = mission.reports()["report_id"].to_pylist()
    a, b, c, d = ids[100], ids[400], ids[700], ids[1000]
    mission.judge(a, "same", c)
    mission.judge(b, "same", d)
    mission.judge(a, "not-same", b)
    mission.fuse()
    assert of(mission, a) == of(mission, c) != of(mission, b) == of(mission, d)
    pairs = {(row["report_a"], row["report_b"]): row["decision"] for row in mission.pairs().to_pylist()}
    assert {pairs.get(pair, "judged-not-same") for pair in [(c, d), (d, c)]} == {"judged-not-same"}


def test_what_reports_say_of_themselves_is_not_judged_away(mission: Workspace) -> None:
    a, b, *_ = keyed_incidents(mission)[0]
    judged = mission.judge(a, "not-same", b)
    assert judged.conflicts[0].startswith("The reports say themselves that they are of one event")
    mission.fuse()
    assert of(mission, a) == of(mission, b)


def keyed_incidents(workspace: Workspace) -> list[list[str]]:
    """Return the reports of incidents that are of one event by their own word."""
    reports = workspace.reports()
    key = dict(zip(reports["report_id"].to_pylist(), reports["event_key"].to_pylist(), strict=True))
    found = workspace.incidents()["report_ids"].to_pylist()
    return [ids for ids in found if len(ids) > 1 and len({key[one] for one in ids}) == 1 and key[ids[0]] is not None]


# By whatever name.


def test_four_names_for_one_report(mission: Workspace) -> None:
    doubt = next(one for one in mission.review(limit=10).doubts if not one.together)
    a, b = doubt.report_a, doubt.report_b
    alone = of(mission, b)
    names = [b, b[:14], own_name(mission, b)]
    if alone["report_ids"][0] == b:
        names.append(str(alone["incident_id"]))
    for name in names:
        judged = mission.judge(a, "unsure", f" {name} ")
        assert (judged.report_a, judged.report_b) == tuple(sorted((a, b)))


def test_two_incidents_called_the_same_become_one_entirely(mission: Workspace) -> None:
    rows = [row for row in mission.incidents().to_pylist() if len(row["report_ids"]) >= 3]
    one, other = rows[0], rows[-1]
    judged = mission.judge(one["incident_id"], "same", other["incident_id"])
    assert {judged.report_a, judged.report_b} == {one["report_ids"][0], other["report_ids"][0]}
    mission.fuse()
    together = of(mission, one["report_ids"][0])
    assert {*one["report_ids"], *other["report_ids"]} <= set(together["report_ids"])
    assert judged.also_same  # far apart as they are, the others would not have come along
    # the id that was merged away still says what is meant, and its reports may be parted again
    ended = ({one["incident_id"], other["incident_id"]} - {together["incident_id"]}).pop()
    with pytest.raises(UsageError, match="are one report"):
        mission.judge(ended, "same", str(together["incident_id"]))


def test_a_report_out_of_its_incident(mission: Workspace) -> None:
    keyed = keyed_incidents(mission)
    pairs = [row for row in mission.incidents().to_pylist() if len(row["report_ids"]) == 2]
    row = next(row for row in pairs if row["report_ids"] not in keyed)
    first, second = row["report_ids"]
    judged = mission.judge(row["incident_id"], "not-same", first)
    assert {judged.report_a, judged.report_b} == {first, second}
    assert "parts into" in judged.follows[0]
    mission.fuse()
    assert of(mission, first)["report_ids"] != of(mission, second)["report_ids"]


@pytest.mark.parametrize(
    ("a", "verdict", "b", "words"),
    [
        ("find-00", "same", "rep-", '"find-00" names neither a report nor an incident'),
        ("rep-zz", "same", "rep-zz", 'There is no report "rep-zz"'),
        ("inc-zz", "same", "inc-zz", 'There is no incident "inc-zz"'),
        ("rep-", "same", "rep-", r'"rep-" begins \d+ ids'),
        ("gazette:0", "same", "rep-", 'There is no report "gazette:0"'),
        ("nobody:1", "same", "rep-", 'There is no source "nobody".* Sources: .*gazette'),
        ("gazette:3", "same", "gazette:3", "are one report"),
        ("gazette:3", "maybe", "gazette:3", '"maybe" is no judgement'),
        ("", "same", "", "names neither"),
    ],
)
def test_what_cannot_be_judged_is_refused(mission: Workspace, a: str, verdict: str, b: str, words: str) -> None:
    size, known = (
        mission.ledger.size,
        {own_name(mission, one) for one in mission.reports()["report_id"].to_pylist()[40:80]},
    )
    gazette = sorted(name for name in known if name.startswith("gazette"))[0]
    a, b = (gazette if name == "gazette:3" else name for name in (a, b))
    with pytest.raises(UsageError, match=rf"(?s){words}"):
        mission.judge(a, verdict, b)
    assert mission.ledger.size == size


def test_a_total_is_of_no_event(mission: Workspace) -> None:
    totals = [row["report_id"] for row in mission.reports().to_pylist() if row["kind"] == "total"]
    assert totals
    with pytest.raises(UsageError, match="such a total is never of one event"):
        mission.judge(totals[0], "same", mission.reports()["report_id"][200].as_py())


# Whatever else happens.


def test_a_word_survives_relearning_and_importing_again(
    mission: Workspace, doubtful_files: tuple[Path, Path], tmp_path: Path
) -> None:
    table, mapping = doubtful_files
    apart = next(one for one in mission.review(limit=30).doubts if not one.together)
    mission.judge(apart.report_a, "same", apart.report_b)
    mission.fuse()
    assert of(mission, apart.report_a) == of(mission, apart.report_b)
    learned = mission.fuse(relearn=True)
    assert (learned.learned, learned.weights["judgements"]) == (True, 1)
    assert of(mission, apart.report_a) == of(mission, apart.report_b)
    # the source revises a report, so that it looks quite different
    text = table.read_text().splitlines()
    number = own_name(mission, apart.report_a).partition(":")[2]
    revised = tmp_path / "revised.csv"
    cells = next(line for line in text if line.startswith(f"{number};")).split(";")
    cells[1], cells[-1] = "2021-03-29", "40"
    revised.write_text("\n".join([text[0], ";".join(cells)]) + "\n")
    assert mission.import_file(revised, "table", mapping=mapping).revised == 1
    mission.fuse()
    assert of(mission, apart.report_a) == of(mission, apart.report_b)
    assert mission.audit().ok


def test_a_file_is_recorded_whole(mission: Workspace, tmp_path: Path) -> None:
    first, second, third, *_ = mission.review(limit=5).doubts
    mission.judge(third.report_a, "unsure", third.report_b)
    file = tmp_path / "judged.csv"
    file.write_text(
        "verdict,report_b,report_a,note\n"
        f"same,{first.report_a},{own_name(mission, first.report_b)},\"near, and on one day\"\n"
        f"not-same,{second.report_a},{second.report_b},\n"
        "\n"
        f"same,{first.report_b},{first.report_a},again\n"
        f"unsure,{third.report_a},{third.report_b},\n",
        encoding="utf-8-sig",
    )  # fmt: skip
    judged = mission.judge_file(file)
    assert (judged.rows_in, judged.recorded, judged.duplicates, judged.already_said) == (4, 2, 1, 1)
    assert judged.positions == (mission.ledger.size - 1, mission.ledger.size)
    assert [(one.verdict, one.note) for one in mission.standing_judgements()][1:] == [
        ("same", "near, and on one day"),
        ("not-same", None),
    ]
    assert judged.pairs_changed > 0
    assert mission.judge_file(file).recorded == 0


def test_a_bad_file_is_refused_with_all_its_faults(mission: Workspace, tmp_path: Path) -> None:
    ids = mission.reports()["report_id"].to_pylist()[50:53]
    file = tmp_path / "judged.csv"
    file.write_text(
        "report_a,report_b,verdict\n"
        f"{ids[0]},{ids[1]},same\n"
        f"{ids[0]},,same\n"
        f"{ids[0]},{ids[1]},perhaps\n"
        f"rep-none,{ids[1]},same\n"
        f"{ids[2]},{ids[2]},same\n"
        f"{ids[1]},{ids[0]},not-same\n"
    )
    size = mission.ledger.size
    with pytest.raises(InputError) as caught:
        mission.judge_file(file)
    assert [fault.line for fault in caught.value.faults] == [3, 4, 5, 6, 7]
    words = str(caught.value)
    for expected in ("report_b is empty", '"perhaps" is no judgement', 'no report "rep-none"', "one report", "line 2"):
        assert expected in words
    assert mission.ledger.size == size


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"report_a,verdict\n", 'the column "report_b" is missing'),
        (b"report_a,report_b,verdict,by_whom\n", 'there is no column "by_whom"'),
        (b"report_a,report_a,report_b,verdict\n", 'the column "report_a" is there twice'),
        (b"report_a,report_b,verdict\nx,y\n", "2: it has 2 cells"),
        (b"report_a,report_b,verdict\n\"x,y,z\n", "this is no CSV"),
        (b"report_a,report_b,verdict\n\xff,y,same\n", "2: the file is not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_of_judgements(mission: Workspace, tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "judged.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=words):
        mission.judge_file(file)


def test_a_file_without_rows_changes_nothing(mission: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "judged.csv"
    file.write_text("report_a,report_b,verdict\n")
    judged = mission.judge_file(file)
    assert (judged.rows_in, judged.recorded, judged.follows) == (0, 0, ())


def test_before_anything_was_fused_there_is_nothing_to_judge(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "new", "riverline", author="Amal") as workspace:
        with pytest.raises(StaleResultError):
            workspace.review()
        with pytest.raises(StaleResultError):
            workspace.judge("rep-0", "same", "rep-1")
    with pytest.raises(UsageError), Workspace.open(tmp_path / "new") as workspace:
        workspace.review(limit=0)
