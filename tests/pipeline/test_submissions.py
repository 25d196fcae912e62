"""Submissions in the record: nothing lost, nothing told that names a person, every version kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pyarrow.compute as pc
import pytest

from ceasefire.ledger.sealing import Seal
from ceasefire.model.errors import CeasefireError, InputError, OutdatedError, UsageError
from ceasefire.model.flags import FLAGS
from ceasefire.pipeline.submissions import CONFLICT_FLAG
from ceasefire.pipeline.workspace import Workspace

from ..intake.field import ANSWERS, IDENTITY, PHOTO, SEALED, answers, central, columns, instance, kobo, one, table, xml


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "mission", "riverline", author="Amal")


def report(workspace: Workspace, number: int = 1) -> dict[str, object]:
    """Return the one report of a submission."""
    workspace.run()
    table = workspace.reports()
    (found,) = table.filter(pc.equal(table["source_report_id"], instance(number))).to_pylist()
    return dict(found)


@pytest.mark.parametrize("write", [xml, kobo, central])
def test_a_file_can_be_had_again_byte_for_byte_and_its_answers_with_the_report(
    write: object, workspace: Workspace
) -> None:
    content = write(ANSWERS, 1, [PHOTO])  # type: ignore[operator]
    result = workspace.import_submissions("patrol 7.bin", content)
    assert (result.rows_in, result.accepted, result.rejected, result.duplicates) == (1, 1, 0, 0)
    held = report(workspace)
    document = workspace.batches.get_bytes(str(held["document_id"])).decode()
    for name, said in ANSWERS.items():
        assert (f'"{name}":' in document) == (name not in SEALED)
        if name not in SEALED:
            assert said.split()[0].replace('"', '\\"') in document
    assert PHOTO["photo_note"] in document
    assert workspace.open_sealed(result.position) == ("patrol 7.bin", content)


def test_who_is_behind_a_report_is_nowhere_in_the_clear(workspace: Workspace) -> None:
    rows = [
        columns(ANSWERS, meta__instanceID=instance(1)) | {"witness_name": "Nadia of the mill", "SubmitterName": "T."}
    ]
    bad = columns(answers(acts="witchcraft"), meta__instanceID=instance(2))
    result = workspace.import_submissions("field.csv", table([*rows, bad]))
    assert (result.accepted, result.rejected) == (1, 1)
    workspace.run()
    workspace.ledger.close()
    secrets = [IDENTITY.encode(), b"Nadia of the mill", ANSWERS["remark"].encode(), ANSWERS["source_contact"].encode()]
    files = [path for path in workspace.folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret in content], path
    key = workspace.folder / "sealed" / "seal.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_opening_a_seal_is_recorded_and_needs_the_key(workspace: Workspace) -> None:
    result = workspace.import_submissions("field.csv", one(ANSWERS, 1))
    size = workspace.ledger.size
    workspace.open_sealed(result.position)
    entry = list(workspace.ledger.entries())[-1]
    assert (workspace.ledger.size, entry.kind, entry.author) == (size + 1, "seal-opened", "Amal")
    assert entry.payload == {"position": result.position, "file": "field.csv"}
    with pytest.raises(UsageError, match="imported no sealed file"):
        workspace.open_sealed(1)
    key = workspace.folder / "sealed" / "seal.key"
    held = key.read_bytes()
    key.write_bytes(bytes(32))
    with pytest.raises(CeasefireError, match="not the key"):
        workspace.open_sealed(result.position)
    key.chmod(0o644)
    with pytest.raises(CeasefireError, match="others on this machine can read it"):
        workspace.open_sealed(result.position)
    key.unlink()
    with pytest.raises(CeasefireError, match="cannot be read"):
        Seal.of(workspace.folder)
    assert len(held) == 32


def test_the_same_submission_twice_adds_nothing(workspace: Workspace) -> None:
    workspace.import_submissions("monday.csv", one(ANSWERS, 1))
    size = workspace.ledger.size
    again = workspace.import_submissions("tuesday.csv", one(ANSWERS, 1))
    assert (again.already_held, again.duplicates, workspace.ledger.size) == (True, 1, size)
    more = table([columns(ANSWERS, meta__instanceID=instance(number)) for number in (1, 2)])
    both = workspace.import_submissions("wednesday.csv", more)
    assert (both.accepted, both.duplicates, both.revised) == (1, 1, 0)


def test_an_edit_revises_its_report_and_keeps_the_version_before(workspace: Workspace) -> None:
    workspace.import_submissions("monday.csv", one(ANSWERS, 1))
    before = report(workspace)
    edit = workspace.import_submissions("tuesday.csv", one(answers(killed_best="4"), 2, 1))
    assert (edit.accepted, edit.revised, edit.conflicts) == (1, 1, 0)
    after = report(workspace)
    assert (after["report_id"], after["killed_best"]) == (before["report_id"], 4)
    assert after["recorded_at"] == before["recorded_at"]
    assert workspace.submissions().versions == 2
    early = workspace.reports(as_of=edit.position - 1)
    assert early.filter(pc.equal(early["source_report_id"], instance(1)))["killed_best"].to_pylist() == [3]


def test_an_earlier_version_that_comes_late_changes_nothing(workspace: Workspace) -> None:
    workspace.import_submissions("tuesday.csv", one(answers(killed_best="4"), 2, 1))
    late = workspace.import_submissions("monday.csv", one(ANSWERS, 1))
    assert (late.accepted, late.revised) == (1, 0)
    assert report(workspace)["killed_best"] == 4


def conflicting(workspace: Workspace) -> None:
    workspace.import_submissions("monday.csv", one(ANSWERS, 1))
    workspace.import_submissions("north.csv", one(answers(killed_best="4"), 2, 1))
    workspace.import_submissions("south.csv", one(answers(killed_best="5", acts="air-strike"), 3, 1))


def test_edits_that_contradict_wait_for_a_person_and_are_both_shown(workspace: Workspace) -> None:
    conflicting(workspace)
    held = report(workspace)
    assert (held["killed_best"], held["acts"]) == (3, ["shelling", "small-arms-fire"]), "what stood before stands"
    assert CONFLICT_FLAG in held["flags"] and CONFLICT_FLAG in FLAGS  # type: ignore[operator]
    (conflict,) = workspace.submissions().conflicts
    assert conflict.report_id == held["report_id"]
    told = [{answer.field: answer.answer for answer in version.answers} for version in conflict.versions]
    assert told == [
        {"acts": ANSWERS["acts"], "killed_best": "4"},
        {"acts": "air-strike", "killed_best": "5"},
    ]


def test_a_decision_stands_with_its_reason(workspace: Workspace) -> None:
    conflicting(workspace)
    (conflict,) = workspace.submissions().conflicts
    keep = conflict.versions[1].version_id
    with pytest.raises(UsageError, match="says why"):
        workspace.decide_submission(keep, " ")
    with pytest.raises(UsageError, match="no version"):
        workspace.decide_submission("sub-none", "Because.")
    workspace.decide_submission(keep, "The leader of the patrol was asked.")
    held = report(workspace)
    assert (held["killed_best"], held["acts"], held["flags"]) == (
        5,
        ["air-strike"],
        ["name-unresolved", "toll-parts-differ"],
    )
    assert workspace.submissions().conflicts == ()
    with pytest.raises(OutdatedError):
        workspace.decide_submission(keep, "Once more.")
    decided = list(workspace.ledger.entries())[-1]
    assert decided.payload["decision"]["note"] == "The leader of the patrol was asked."
    assert workspace.audit().faults == ()


def test_a_conflict_that_only_the_sealed_part_makes_is_seen_and_not_told(workspace: Workspace) -> None:
    workspace.import_submissions("a.csv", one(ANSWERS, 1))
    workspace.import_submissions("b.csv", one(answers(source_identity="Somebody else"), 1))
    (conflict,) = workspace.submissions().conflicts
    assert conflict.sealed_differs
    assert [version.answers for version in conflict.versions] == [(), ()]


@pytest.mark.parametrize(
    ("first", "second"),
    [("republic-delegation", "assembly-delegation"), ("assembly-delegation", "republic-delegation")],
)
def test_an_edit_of_who_speaks_moves_the_report(first: str, second: str, workspace: Workspace) -> None:
    workspace.import_submissions("monday.csv", one(answers(speaker=first), 1))
    before = report(workspace)
    result = workspace.import_submissions("tuesday.csv", one(answers(speaker=second), 2, 1))
    after = report(workspace)
    assert (before["source_id"], after["source_id"]) == (first, second)
    assert before["report_id"] != after["report_id"]
    workspace.import_submissions("wednesday.csv", one(answers(speaker=first), 3, 2))
    assert report(workspace)["report_id"] == before["report_id"]
    assert result.accepted == 1


def test_a_file_of_which_nothing_is_right_is_told_row_by_row_and_not_recorded(workspace: Workspace) -> None:
    size = workspace.ledger.size
    bad = [columns(answers(acts="x", told_on=None), meta__instanceID=instance(number)) for number in (1, 2)]
    result = workspace.import_submissions("bad.csv", table(bad))
    assert (result.rejected, len(result.rejects), result.already_held) == (2, 2, False)
    assert [fault.line for fault in result.rejects] == [2, 4], "an answer may go over two lines"
    assert workspace.ledger.size == size
    with pytest.raises(InputError):
        workspace.import_submissions("none.csv", b"a,b\n1,2\n")


def test_the_command_takes_a_file_and_no_mapping(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "field.xml"
    path.write_bytes(xml(ANSWERS, 1))
    with pytest.raises(UsageError, match="no mapping"):
        workspace.import_file(path, "odk", separator=";")
    assert workspace.import_file(path, "odk").accepted == 1
