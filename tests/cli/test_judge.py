"""`ceasefire judge` and the evidence in `ceasefire why`, as a user meets them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ceasefire.pipeline.workspace import Workspace

Ceasefire = Callable[..., Any]


@pytest.fixture(scope="module")
def doubtful_mission(tmp_path_factory: pytest.TempPathFactory, doubtful_files: tuple[Path, Path]) -> Path:
    folder = tmp_path_factory.mktemp("judge") / "mission"
    table, mapping = doubtful_files
    with Workspace.create(folder, "riverline", author="Amal") as workspace:
        workspace.import_file(table, "table", mapping=mapping)
        workspace.fuse()
    return folder


@pytest.fixture
def judge(doubtful_mission: Path, tmp_path: Path, ceasefire: Ceasefire) -> Ceasefire:
    """Return the command in a workspace with doubtful pairs, that it may change."""
    shutil.copytree(doubtful_mission, tmp_path / "mission")
    return lambda *arguments, **keywords: ceasefire(*arguments, cwd=tmp_path / "mission", **keywords)


def test_list_decide_look_and_take_back(judge: Ceasefire) -> None:
    shown = judge("judge", "--limit", 2)
    assert (shown.code, shown.err) == (0, "")
    assert max(map(len, shown.out.splitlines())) <= 100
    first, second = re.findall(r"^ +(rep-\w+) +(rep-\w+)$", shown.out, flags=re.MULTILINE)
    assert re.search(r"^   when   [≠= ] \d+ \w+ 2021 +\d+ \w+ 2021$", shown.out, flags=re.MULTILINE)
    assert re.search(r"^The first 2 of [\d,]+ doubtful pairs", shown.out, flags=re.MULTILINE)
    listed = judge("judge", "--limit", 2, "--json").json_lines()
    assert [(one["report_a"], one["report_b"]) for one in listed] == [first, second]
    assert listed[0]["changes"] >= listed[1]["changes"] > 0

    verdict = "not-same" if listed[0]["together"] else "same"
    said = judge("judge", first[0], verdict, first[1], "--note", "seen on film")
    assert re.search(r"^Recorded as entry \d+ of the ledger, by Amal\.$", said.out, flags=re.MULTILINE)
    assert "After the next ceasefire fuse:" in said.out
    again = judge("judge", "--limit", 1)
    assert first[0] not in again.out or first[1] not in again.out
    assert "1 judgement since reports were last fused" in again.out
    assert judge("judge", first[1], verdict, first[0], "--note", "seen on film").out.startswith("You said so before")

    other = judge("judge", first[0], "same" if verdict == "not-same" else "not-same", first[1], CEASEFIRE_AUTHOR="Badr")
    assert "It contradicts what is on record:\n   Amal said on " in other.out
    standing = judge("judge", "--list")
    assert "2 judgements in force, 1 conflict." in standing.out
    assert "seen on film" in standing.out
    assert {one["conflict"] for one in judge("judge", "--list", "--json").json_lines()} == {1}
    taken_back = judge("judge", first[0], "unsure", first[1], "--json").json_lines()[0]
    assert taken_back["replaces"] == verdict


def test_a_file_and_its_faults(judge: Ceasefire, tmp_path: Path) -> None:
    pairs = judge("judge", "--limit", 3, "--json").json_lines()
    file = tmp_path / "judged.csv"
    lines = [f"{one['report_a']},{one['report_b']},unsure" for one in pairs]
    file.write_text("\n".join(["report_a,report_b,verdict", *lines, lines[0], "rep-x,rep-y,same"]) + "\n")
    refused = judge("judge", "--file", file)
    assert refused.code == 2
    assert f'{file}:6: There is no report "rep-x".' in refused.err
    assert judge("judge", "--list").out == "Nobody has judged anything.\n"
    file.write_text("\n".join(["report_a,report_b,verdict", *lines, lines[0]]) + "\n")
    done = judge("judge", "--file", file)
    assert done.out.startswith("4 rows in: 3 recorded, 1 duplicate, 0 said before.\nRecorded as entries ")
    assert judge("judge", "--file", tmp_path / "none.csv").code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rep-1",), "A judgement has three parts"),
        (("rep-1", "same"), "A judgement has three parts"),
        (("rep-1", "perhaps", "rep-2"), '"perhaps" is no judgement'),
        (("--list", "--file", "x.csv"), "These do not go together"),
        (("--note", "x"), "These do not go together"),
        (("--limit", "0"), "No list has 0 pairs"),
        (("here", "same", "there"), '"here" names neither a report nor an incident'),
    ],
)
def test_what_is_refused(judge: Ceasefire, arguments: tuple[str, ...], words: str) -> None:
    refused = judge("judge", *arguments)
    assert refused.code == 2
    assert words in refused.err
    assert "Traceback" not in refused.err


def test_nothing_waits_in_the_training_case(ceasefire: Ceasefire) -> None:
    assert ceasefire("judge").out == "No pair waits for a person.\n"
    assert ceasefire("judge", "--list", "--json").out == ""


def test_why_shows_each_link_as_a_sum(judge: Ceasefire, tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "mission") as workspace:
        rows = [row for row in workspace.incidents().to_pylist() if len(row["report_ids"]) == 3]
        stored = {(row["report_a"], row["report_b"]): row for row in workspace.pairs().to_pylist()}
    told = judge("why", rows[0]["incident_id"])
    assert told.code == 0
    assert "Not checked against clauses yet: ceasefire run" in told.out
    about = told.out[told.out.index("Why these reports") :].splitlines()
    assert max(map(len, about)) <= 120
    assert sum("the sum of these, in bits: the match weight" in line for line in about) >= 2
    links = judge("why", rows[0]["incident_id"], "--json").json_lines()[0]["links"]
    assert len(links["links"]) == 2
    assert {end for one in links["links"] for end in (one["report_a"], one["report_b"])} == set(rows[0]["report_ids"])
    for one in [*links["links"], *links["others"], *links["doubtful"]]:
        row = stored[one["report_a"], one["report_b"]]
        assert one["match_weight"] == row["match_weight"]
        steps = {each["step"]: each["bits"] for each in one["contributions"]}
        assert sum(bits for step, bits in steps.items() if step not in ("rivals", "experience")) == pytest.approx(
            row["match_weight"], abs=1e-5
        )
    assert [join["mean_weight"] > links["threshold"] for join in links["joins"]] == [True, True]


def test_why_tells_what_settled_it(judge: Ceasefire) -> None:
    doubt = next(one for one in judge("judge", "--limit", 30, "--json").json_lines() if not one["together"])
    a, b = doubt["report_a"], doubt["report_b"]
    judge("judge", a, "same", b, "--note", "the same crater")
    judge("fuse")
    told = judge("why", doubt["incident_a"])
    assert re.search(r"Amal said on [\d-]+ that .* are of one event: the same crater", " ".join(told.out.split()))
    known = judge("why", "inc-2b5f").out
    assert "By their own word, one key or a reference: " in known
    assert json.loads(judge("why", "inc-2b5f", "--json").out)["links"]["by_themselves"]


def test_a_verdict_written_beside_an_exported_list(judge: Ceasefire, tmp_path: Path) -> None:
    assert judge("export", "review", "-o", tmp_path / "review.csv").code == 0
    head, first, *rest = (tmp_path / "review.csv").read_text().splitlines()
    lines = [f"{head},verdict", f"{first},not-same", *(f"{line}," for line in rest)]
    (tmp_path / "review.csv").write_text("\n".join(lines) + "\n")
    done = judge("judge", "--file", tmp_path / "review.csv")
    assert f"{len(rest) + 1:,} rows in: 1 recorded, 0 duplicates, 0 said before." in done.out
    assert f"{len(rest):,} exported pairs without a verdict: left open." in done.out
