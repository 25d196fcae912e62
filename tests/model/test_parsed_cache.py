"""A file read from the cache of parsed files is the file, faults and lines included."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.model.errors import AgreementError
from ceasefire.model.yaml_file import plain, read_yaml


def test_data_and_lines_are_those_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "areas.yaml"
    path.write_text("format: 1\nareas:\n  - id: north\n    km: 2.50\n    since: 2017-05-04\n    note: 'نص'\n", "utf-8")
    first, again = (read_yaml(path, cache=tmp_path / "parsed") for _ in range(2))
    assert first.parse_again is None
    assert again.parse_again is not None
    assert plain(again.data) == plain(first.data) == plain(read_yaml(path).data)
    assert again.line_of(("areas", 0, "since")) == first.line_of(("areas", 0, "since")) == (5, 5)


def test_a_changed_file_is_parsed_again(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    for text in ("format: 1\n", "format: 2\n"):
        path.write_text(text)
        assert read_yaml(path, cache=tmp_path / "parsed").data == {"format": int(text[-2])}


def test_keys_that_json_would_change_are_not_cached(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("1: one\n")
    assert read_yaml(path, cache=tmp_path / "parsed").data == {1: "one"}
    assert read_yaml(path, cache=tmp_path / "parsed").data == {1: "one"}


def test_faults_of_a_cached_case_name_the_same_lines(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(built_in_case("riverline"), folder)
    load_case(folder, cache=tmp_path / "parsed")
    areas = folder / "areas.yaml"
    areas.write_text(areas.read_text("utf-8").replace("id: ", "id: x-"), "utf-8")  # every reference to them breaks
    with pytest.raises(AgreementError) as cached:
        load_case(folder, cache=tmp_path / "parsed")
    with pytest.raises(AgreementError) as plainly:
        load_case(folder)
    assert cached.value.faults == plainly.value.faults
    assert {Path(fault.path).name for fault in cached.value.faults} - {"areas.yaml"}
