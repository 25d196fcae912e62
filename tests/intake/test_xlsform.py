"""The form converts as servers convert it, is the same bytes twice, and offers the case's names in its languages."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from ceasefire.agreement.load import built_in_cases
from ceasefire.intake.form_vocabulary import Choice, FormVocabulary, wordings
from ceasefire.intake.xlsform import Form, build_form, choice_lists, fields
from ceasefire.intake.xlsform_workbook import workbook_bytes
from ceasefire.model.schemas import TOLLS
from ceasefire.model.vocabulary import ACTS
from ceasefire.pipeline.field_form import FieldForm
from ceasefire.pipeline.workspace import Workspace

NAMESPACE = {"x": "http://www.w3.org/2002/xforms", "h": "http://www.w3.org/1999/xhtml"}


@pytest.fixture(scope="module", params=built_in_cases())
def form(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FieldForm:
    with Workspace.create(tmp_path_factory.mktemp("form") / "mission", request.param, author="Amal") as workspace:
        return workspace.field_form()


def vocabulary(**changes: object) -> FormVocabulary:
    chosen = {
        "case_id": "hills",
        "title": {"en": "The hills", "fa": "تپه‌ها"},
        "acts": tuple(Choice(name=act, labels={}) for act in ACTS),
        "actors": (Choice(name="a", labels={"en": "Alpha"}), Choice(name="b", labels={"en": "Beta", "fa": "بتا"})),
        "speakers": (Choice(name="patrol", labels={"en": "Patrol"}),),
        **changes,
    }
    return FormVocabulary(**chosen)  # type: ignore[arg-type]


def converted(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(convert(content, validate=False, file_type=".xlsx").xform)  # noqa: S314  (our own)


def test_the_form_converts_without_a_warning(form: FieldForm) -> None:
    result = convert(form.content, validate=False, file_type=".xlsx")
    assert result.warnings == []
    binds = converted(form.content).findall(".//x:bind", NAMESPACE)
    bound = {bind.attrib["nodeset"].removeprefix("/data/") for bind in binds}
    assert set(fields().values()) - {"where/place", "where/unit_2", "claim/invokes"} <= bound


@pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate: needs Java")
def test_odk_validate_finds_nothing_wrong(form: FieldForm, tmp_path: Path) -> None:
    from pyxform.validators.odk_validate import check_xform

    path = tmp_path / "form.xml"
    path.write_text(convert(form.content, validate=False, file_type=".xlsx").xform, encoding="utf-8")
    assert check_xform(str(path)) == []


def test_the_same_case_gives_the_same_bytes(form: FieldForm, tmp_path: Path) -> None:
    case = form.form_id.removesuffix("-incident-report")
    with Workspace.create(tmp_path / "again", case, author="Badr") as workspace:
        assert workspace.field_form().content == form.content


def test_every_label_is_there_in_every_language_of_the_form(form: FieldForm) -> None:
    book = load_workbook(io.BytesIO(form.content))
    assert len(form.languages) > 1
    for sheet, first in (("survey", "type"), ("choices", "list_name")):
        rows = list(book[sheet].iter_rows(values_only=True))
        columns = [place for place, name in enumerate(rows[0]) if str(name).startswith("label::")]
        assert [re.search(r"\((\w+)\)$", str(rows[0][place]))[1] for place in columns] == list(form.languages)  # type: ignore[index]
        for row in rows[1:]:
            said = dict(zip(rows[0], row, strict=True))
            silent = ("start", "end", "calculate", "end group", "end repeat")
            if said[first] not in silent:
                assert all(row[place] for place in columns), row


def test_another_vocabulary_is_another_version_and_the_same_is_the_same() -> None:
    first, again = build_form(vocabulary()), build_form(vocabulary())
    other = build_form(vocabulary(speakers=(Choice(name="post", labels={"en": "Post"}),)))
    assert first == again
    assert workbook_bytes(first) == workbook_bytes(again)
    assert first.version != other.version


def test_the_parties_are_offered_alike() -> None:
    """Whoever comes first in the case is offered wherever the other is, and no text of the form changes."""
    actors = vocabulary().actors
    one, other = build_form(vocabulary()), build_form(vocabulary(actors=actors[::-1]))
    assert one.survey == other.survey
    assert sorted(one.choices) == sorted(other.choices)
    for name in ("perpetrators", "targets", "sides"):
        assert {"a", "b"} <= {choice.name for choice in choice_lists(vocabulary()).rows[name]}


def test_a_case_in_languages_that_the_form_does_not_speak_is_in_english() -> None:
    assert vocabulary(title={"xx": "?"}).languages == ("en",)
    assert vocabulary().languages == ("en", "fa")


def test_a_name_is_never_a_formula_nor_a_reference() -> None:
    told = vocabulary(
        actors=(Choice(name="a", labels={"en": '=HYPERLINK("x")'}), Choice(name="b", labels={"en": "${a}"}))
    )
    content = workbook_bytes(build_form(told))
    cells = [cell for row in load_workbook(io.BytesIO(content))["choices"].iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert '=HYPERLINK("x")' in [cell.value for cell in cells]
    converted(content)


def test_the_wordings_have_the_same_keys_and_every_act_a_word() -> None:
    english = wordings()["en"]
    for code, words in wordings().items():
        assert list(words) == list(english), code
        assert all(text.strip() for text in words.values())
    assert {f"act.{act}" for act in ACTS} <= set(english)
    assert {f"counted.{toll}" for toll in TOLLS} <= set(english)


def test_the_form_never_asks_for_the_phone() -> None:
    form: Form = build_form(vocabulary())
    asked = {row[0] for row in form.survey[1:]}
    assert not asked & {
        "deviceid",
        "phonenumber",
        "username",
        "email",
        "subscriberid",
        "simserial",
        "audit",
        "background-geopoint",
    }


def test_bad_input_is_refused_on_the_phone() -> None:
    form = build_form(vocabulary(extent=(-43.3, 26.2, -42.4, 26.9)))
    tree = converted(workbook_bytes(form))
    binds = {bind.attrib["nodeset"].rpartition("/")[2]: bind.attrib for bind in tree.findall(".//x:bind", NAMESPACE)}
    assert "<=" in binds["point"]["constraint"] and "24.2" in binds["point"]["constraint"]
    assert "killed_low" in binds["killed_best"]["constraint"]
    assert "killed_best" in binds["killed_high"]["constraint"]
    assert binds["occurred_at"]["constraint"].strip() == ". <= now()"
    assert "not-known" in binds["acts"]["constraint"]
    assert binds["consent"]["constraint"] == ". != 'no'"
    assert {name for name, bind in binds.items() if bind.get("required") == "true()"} >= {
        "speaker", "basis", "told_on", "stance", "alleges", "title", "acts", "time_precision", "place_kind",
        "direction", "counted",
    }  # fmt: skip
    assert "stance" in binds["denied"]["relevant"]
    assert "identity_needed" in binds["source_identity"]["relevant"]
