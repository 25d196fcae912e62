"""Two people on one file: edits of different fields merge, two of one field wait for a person."""

from __future__ import annotations

import pytest

from ceasefire.model.errors import InputError, NotAllowedError, OutdatedError, UsageError

from .conftest import Office
from .test_route import refused


def test_edits_of_different_fields_from_one_view_merge(office: Office):
    id_ = office.filed()
    office["analyst"].edit(id_, [{"field": "place", "base": 1, "value": "The mill"}])
    view = office["second"].edit(id_, [{"field": "title", "base": 1, "value": "Shelling of the old mill"}])
    held = {field.name: field.value for field in view.fields}
    assert (held["place"], held["title"]) == ("The mill", "Shelling of the old mill")
    assert view.conflicts == ()


def test_two_edits_of_one_field_from_one_view_wait_for_a_person(office: Office):
    id_ = office.filed()
    office["analyst"].edit(id_, [{"field": "place", "base": 1, "value": "The mill"}])
    view = office["second"].edit(
        id_, [{"field": "place", "base": 1, "value": "The ford"}, {"field": "title", "base": 1, "value": "New"}]
    )
    held = {field.name: field.value for field in view.fields}
    assert held["place"] == "The mill"  # the first stands until somebody settles it
    assert held["title"] == "New"  # what is not in conflict is changed
    (conflict,) = view.conflicts
    assert [value.value for value in conflict.values] == ["The mill", "The ford"]
    assert "wait for a person" in {one.name: one.missing for one in view.transitions}["admit"][0]
    refused(office, UsageError, "wait for a person", office.move, "analyst", id_, "admit")
    view = office["analyst"].resolve(id_, "place", conflict=conflict.conflict, value="The ford", reason="Its map.")
    assert {field.name: field.value for field in view.fields}["place"] == "The ford"
    assert view.conflicts == ()
    assert office.move("analyst", id_, "admit").row.state == "admissible"


def test_the_same_value_twice_is_no_conflict(office: Office):
    id_ = office.filed()
    office["analyst"].edit(id_, [{"field": "place", "base": 1, "value": "The mill"}])
    assert office["second"].edit(id_, [{"field": "place", "base": 1, "value": "The mill"}]).conflicts == ()


def test_an_edit_of_the_present_value_is_no_conflict(office: Office):
    id_ = office.filed()
    view = office["analyst"].edit(id_, [{"field": "place", "base": 1, "value": "The mill"}])
    revision = {field.name: field.revision for field in view.fields}["place"]
    view = office["second"].edit(id_, [{"field": "place", "base": revision, "value": "The ford"}])
    assert {field.name: field.value for field in view.fields}["place"] == "The ford"
    assert view.conflicts == ()


def test_a_third_value_joins_the_conflict_and_must_be_seen_before_it_is_settled(office: Office):
    id_ = office.filed()
    for who, place in (("analyst", "The mill"), ("second", "The ford")):
        office[who].edit(id_, [{"field": "place", "base": 1, "value": place}])
    seen = office["head"].read(id_).conflicts[0].conflict
    office["monitor"].edit(id_, [{"field": "place", "base": 1, "value": "The weir"}])
    values = [value.value for value in office["head"].read(id_).conflicts[0].values]
    assert values == ["The mill", "The ford", "The weir"]
    settle = {"conflict": seen, "value": "The mill", "reason": "R"}
    refused(office, OutdatedError, "further value", office["head"].resolve, id_, "place", **settle)
    refused(office, OutdatedError, "No two edits", office["head"].resolve, id_, "title", **settle)


@pytest.mark.parametrize(
    ("change", "kind", "match"),
    [
        ({"field": "plaice", "base": 1, "value": "x"}, UsageError, 'Did you mean "place"'),
        ({"field": "title", "base": 1, "value": ""}, InputError, "title"),
        ({"field": "title", "base": 1, "value": "two\nlines"}, InputError, "more than one line"),
        ({"field": "accused", "base": 1, "value": "b"}, InputError, "not a list"),
        ({"field": "accused", "base": 1, "value": ["a"]}, UsageError, "accuses itself"),
        ({"field": "title", "base": 99, "value": "x"}, OutdatedError, "never at revision 99"),
        ({"field": "title", "base": 1, "value": "x", "force": True}, InputError, "not a key"),
        ({"field": "occurred_from", "base": 1, "value": "2021-02-30"}, InputError, "not a moment"),
    ],
)
def test_a_change_that_no_field_takes_is_refused(office: Office, change: dict, kind: type[Exception], match: str):
    id_ = office.filed()
    refused(office, kind, match, office["analyst"].edit, id_, [change])


def test_a_liaison_changes_what_it_alleges_until_somebody_looks_at_it(office: Office):
    id_ = office.filed()
    title = [{"field": "title", "base": 1, "value": "Shelling"}]
    assert office["liaison-a"].edit(id_, title).row.title == "Shelling"
    linked = [{"field": "report_ids", "base": 1, "value": ["rep-1"]}]
    refused(office, NotAllowedError, "Only the centre links", office["liaison-a"].edit, id_, linked)
    office.move("analyst", id_, "admit")
    refused(office, NotAllowedError, "Nobody of these roles", office["liaison-a"].edit, id_, title)


def test_a_draft_in_hand_closes_the_fields(office: Office):
    id_ = office.drafted()
    change = [{"field": "title", "base": 1, "value": "x"}]
    refused(office, NotAllowedError, "may add case-file-edited", office["analyst"].edit, id_, change)


def test_the_grade_is_a_field_of_its_own(office: Office):
    id_ = office.filed()
    before = office["analyst"].read(id_).row
    after = office["monitor"].grade(id_, "verified", reason="Craters measured.").row
    assert (after.grade, after.state, after.breach) == ("verified", before.state, None)
    refused(office, InputError, "not one of", office["monitor"].grade, id_, "determined", reason="R")
