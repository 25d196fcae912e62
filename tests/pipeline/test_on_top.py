"""Fusing what is new on top of an earlier fusion, through a workspace: the tables of a whole fusion."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.conftest import ged_row, write_ged

from ceasefire.pipeline import on_top
from ceasefire.pipeline.derived import Derived
from ceasefire.pipeline.stages import FUSION_TABLES
from ceasefire.pipeline.state import State
from ceasefire.pipeline.succession import changes_between
from ceasefire.pipeline.workspace import Workspace


def fused(workspace: Workspace) -> Derived:
    result = workspace.fuse()
    found = State.at(workspace.folder, workspace.ledger, None, {}).fused()
    assert result.on_top_of == found.notes.get("on_top_of")
    return found


def rows(derived: Derived) -> dict[str, list[dict[str, Any]]]:
    assert all(derived.rows(name) == derived.table(name).num_rows for name in FUSION_TABLES)
    return {name: derived.table(name).to_pylist() for name in FUSION_TABLES}


def event(number: int, **changes: object) -> dict[str, object]:
    day = f"2021-04-{1 + number % 20:02d}"
    return ged_row(number, date_start=day, date_end=day, latitude=10 + number % 3 / 10, **changes)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    monkeypatch.setattr(on_top, "KEEP_FROM", 1)
    return lambda: monkeypatch.setattr(on_top, "fuse_on_top", lambda *_: None)


def test_what_is_new_is_fused_on_top_and_gives_the_same(
    workspace: Workspace, tmp_path: Path, kept: Callable[[], None]
) -> None:
    workspace.import_file(write_ged(tmp_path / "a.csv", *(event(number) for number in range(1, 61))), "ucdp-ged")
    first = fused(workspace)
    assert "on_top_of" not in first.notes
    said = {"source_office": "Isles Gazette;Oriel Observatory"}  # of which the one quotes the other
    more = [event(number, **said) for number in range(61, 66)]
    workspace.import_file(write_ged(tmp_path / "b.csv", event(7, best=2, high=9, **said), *more), "ucdp-ged")
    second = fused(workspace)
    assert second.notes["on_top_of"] == int(first.folder.name[:6])
    by_steps, notes = rows(second), second.notes
    workspace.import_file(write_ged(tmp_path / "c.csv", *(event(number) for number in range(66, 69))), "ucdp-ged")
    third = rows(fused(workspace))  # again on top of the first
    assert len(third["reports"]) == len(by_steps["reports"]) + 3
    kept()
    shutil.rmtree(workspace.folder / "derived")
    whole = fused(workspace)
    assert "on_top_of" not in whole.notes
    assert rows(whole) == third
    assert {"joined", "totals", "conflicts"} <= notes.keys()
    findings = workspace.run()
    assert findings.incidents == len(third["incidents"])


def test_what_moved_is_found_in_what_changed_alone(
    workspace: Workspace, tmp_path: Path, kept: Callable[[], None]
) -> None:
    workspace.import_file(write_ged(tmp_path / "a.csv", *(event(number) for number in range(1, 61))), "ucdp-ged")
    sets = [fused(workspace)]
    for number, verdict in ((1, "same"), (21, "same"), (1, "unsure")):
        ids = [f"ucdp-ged:{one}" for one in (number, number + 1)]
        workspace.judge(ids[0], verdict, ids[1])
        sets.append(fused(workspace))
    moves = 0
    for place, after in enumerate(sets):
        for before in sets[:place]:
            some = after.since(before, "links")
            assert some is not None
            found = changes_between(*some)
            assert found.equals(changes_between(before.table("links"), after.table("links")))
            assert some[0].num_rows < before.rows("links") / 2
            moves += found.num_rows
    assert moves > 3
    assert sets[0].since(sets[1], "links") is None
