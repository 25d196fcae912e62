"""docs/case-format.md names every key of every record, and its examples are one case without a fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.files import FORMATS
from ceasefire.agreement.load import check_case, load_case
from ceasefire.intake.case_records import ReportsFile
from ceasefire.model.case_types import Moment, Range, Sourced
from ceasefire.model.vocabulary import ACTS
from ceasefire.model.yaml_file import read_yaml, validated

PAGE = (Path(__file__).parents[2] / "docs" / "case-format.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n")[0].strip(): part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}
SHARED = set(Sourced.model_fields) | set(Moment.model_fields) | set(Range.model_fields) | {"format"}
FILES = {form.name: form.schema for form in FORMATS} | {"reports/*.yaml": ReportsFile}


def records_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    """Return the record and all that stand inside it."""
    found, waiting = {model}, [field.annotation for field in model.model_fields.values()]
    while waiting:
        part = waiting.pop()
        if isinstance(part, type) and issubclass(part, BaseModel):
            if part not in found:
                found.add(part)
                waiting += [field.annotation for field in part.model_fields.values()]
        else:
            waiting += list(getattr(part, "__args__", ()))
    return found


def named_in(text: str) -> set[str]:
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([a-z_]+):?`", prose))


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_every_record_is_described_with_its_file(name: str):
    section = next(part for title, part in SECTIONS.items() if title.startswith(f"`{name}`"))
    keys = {key for record in records_of(FILES[name]) for key in record.model_fields}
    assert sorted(keys - SHARED - named_in(section)) == []


def test_the_shared_keys_are_described():
    assert sorted(SHARED - {"format"} - named_in(SECTIONS["Rules for every file"])) == []
    assert "`format: 1`" in SECTIONS["Rules for every file"]


def test_every_default_act_is_listed():
    listed = set(re.findall(r"`([a-z-]+)`", SECTIONS["`vocabulary.yaml`"]))
    assert sorted(set(ACTS) - listed) == []


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files that the page shows into a folder."""
    folder = tmp_path_factory.mktemp("ford")
    for name, content in re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    (shapes,) = re.findall(r"^```json\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    (folder / "shapes.geojson").write_text(shapes, encoding="utf-8")
    return folder


def test_the_examples_show_every_file(example: Path):
    shown = {path.relative_to(example).as_posix() for path in example.rglob("*.yaml")}
    assert shown == {form.name for form in FORMATS} | {"reports/spring.yaml"}


def test_the_examples_are_a_case_without_a_fault(example: Path):
    assert [str(fault) for fault in check_case(example)] == []
    case = load_case(example)
    assert isinstance(case.actors, ActorRegister)
    assert set(case.geometries) == {"meadow-2021", "belt-2021"}
    reports, faults = validated(read_yaml(example / "reports" / "spring.yaml"), ReportsFile)
    assert [str(fault) for fault in faults] == []
    assert reports is not None
    assert {report.speaker for report in reports.reports} <= set(case.speakers)
