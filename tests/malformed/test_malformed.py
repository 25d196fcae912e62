"""Every mistake of the gallery is one fault, at its file and line, in words that help."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ceasefire.agreement.load import check_case, load_case
from ceasefire.model.errors import AgreementError
from ceasefire.model.yaml_file import plain, read_yaml

HERE = Path(__file__).parent
MISTAKES = sorted((HERE / "mistakes").glob("*.yaml"))
FEWEST = 50


def malform(folder: Path, mistake: dict) -> None:
    """Copy the base case into `folder` and make the edits of one mistake."""
    shutil.copytree(HERE / "base", folder, dirs_exist_ok=True)
    for edit in mistake["edits"]:
        path = folder / edit["file"]
        if edit.get("remove"):
            path.unlink()
        elif "write" in edit:
            path.parent.mkdir(exist_ok=True)
            path.write_text(edit["write"], encoding=edit.get("encoding", "utf-8"))
        else:
            text = path.read_text(encoding="utf-8")
            assert text.count(edit["replace"]) == 1, f"{edit['replace']!r} must stand once in {edit['file']}"
            path.write_text(text.replace(edit["replace"], edit["with"]), encoding="utf-8")


def line_holding(path: Path, text: str) -> int:
    """Return the line on which `text` stands; ``text#2`` is the second of several such lines."""
    wanted, _, nth = text.partition("#")
    if not nth.isdigit():
        wanted, nth = text, ""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [number for number, line in enumerate(lines, 1) if wanted in line]
    assert nth or len(found) == 1, f"{wanted!r} stands on lines {found} of {path.name}"
    return found[int(nth or 1) - 1]


def test_the_base_case_has_no_fault():
    assert check_case(HERE / "base") == []


def test_the_gallery_is_large():
    assert len(MISTAKES) >= FEWEST


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_one_mistake_is_one_fault_where_it_stands(path: Path, tmp_path: Path):
    mistake = plain(read_yaml(path).data)
    case = tmp_path / "case"
    malform(case, mistake)
    faults = check_case(case)
    assert len(faults) == 1, "\n".join(map(str, faults)) or "no fault found"
    fault, expected = faults[0], mistake["fault"]
    assert fault.path == str(case / expected["file"])
    if "line" in expected:
        assert fault.line == line_holding(case / expected["file"], expected["line"])
    for words in expected["says"]:
        assert words in f"{fault.what} {fault.why} {fault.remedy}"
    # the rubric of the messages: what, why it matters, what to do, each of whole sentences
    assert all(sentence.endswith((".", "?", "`")) for sentence in (fault.what, fault.why, fault.remedy))
    with pytest.raises(AgreementError) as refused:
        load_case(case)
    assert refused.value.faults == (fault,)


def test_faults_of_different_files_are_all_told(tmp_path: Path):
    case = tmp_path / "case"
    first, second, third = (
        plain(read_yaml(HERE / "mistakes" / f"{name}.yaml").data)
        for name in ("actor-undefined", "post-half-placed", "polygon-crosses-itself")
    )
    malform(case, {"edits": [*first["edits"], *second["edits"], *third["edits"]]})
    faults = check_case(case)
    assert [Path(fault.path).name for fault in faults] == ["clauses.yaml", "posts.yaml", "shapes.geojson"]
    with pytest.raises(AgreementError) as refused:
        load_case(case)
    assert len(refused.value.faults) == len(faults)
