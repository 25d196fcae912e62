"""What a schema refuses is said once for each place, with the value, the record's id and a suggestion."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationError

from ceasefire.model.case_types import Identifier
from ceasefire.model.schema_faults import Refusal, listed, refusals, suggestion
from ceasefire.model.yaml_file import CaseRecord


class Inner(CaseRecord):
    id: Identifier
    kind: Literal["zone", "corridor"]
    width_km: float | None = Field(default=None, gt=0)


class Outer(CaseRecord):
    inner: tuple[Inner, ...] = Field(min_length=1)
    where: tuple[Identifier, ...] | Literal["everywhere"] = "everywhere"


def refused(data: dict[str, Any]) -> list[Refusal]:
    try:
        Outer.model_validate(data)
    except ValidationError as error:
        return refusals(Outer, data, [dict(item) for item in error.errors()])
    raise AssertionError("nothing refused")


GOOD = {"id": "a", "kind": "zone"}


def test_a_value_of_several_shapes_is_refused_once():
    (one,) = refused({"inner": [GOOD], "where": "nowhere"})
    assert one.location == ("where",)
    assert one.what == '"where" is "nowhere": not a list and not "everywhere".'


def test_an_item_of_a_list_that_could_be_a_word_is_told_alone():
    (one,) = refused({"inner": [GOOD], "where": ["north", "the south"]})
    assert one.location == ("where", 1)
    assert one.what == 'item 2 of "where" is "the south": not an id.'


def test_a_misspelled_key_is_not_missing_as_well():
    (one,) = refused({"inner": [{"id": "a", "knid": "zone"}]})
    assert one.what == '"knid" of "a" is not a key that this record has.'
    assert one.remedy == 'Did you mean "kind"? Correct it, or remove it. Known keys: id, kind, width_km.'


def test_a_key_far_from_any_is_told_beside_what_is_missing():
    faults = refused({"inner": [{"id": "a", "colour": "zone"}]})
    assert sorted(one.what for one in faults) == [
        '"colour" of "a" is not a key that this record has.',
        '"kind" of "a" is missing.',
    ]


def test_a_wrong_item_does_not_make_its_list_too_short():
    (one,) = refused({"inner": [GOOD | {"width_km": 0}]})
    assert one.what == '"width_km" of "a" is 0: input should be greater than 0.'
    (one,) = refused({"inner": []})
    assert one.what == '"inner" is an empty list: not enough items.'


def test_long_values_and_lists_are_cut():
    (one,) = refused({"inner": [GOOD | {"kind": "z" * 200}]})
    assert len(one.what) < 200
    assert listed(str(number) for number in range(20)).endswith("11 and 8 more")


def test_suggestions_ignore_case_and_keep_silent_when_nothing_is_near():
    assert suggestion("NORTH-BANK", ["north-bank", "south"]) == 'Did you mean "north-bank"? '
    assert suggestion("xyz", ["north-bank"]) == ""
    assert suggestion(4.2, ["4.2"]) == 'Did you mean "4.2"? '
