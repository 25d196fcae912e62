"""Fields with revisions: edits of different fields merge, two edits of one field from one base wait for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, create_model

from ceasefire.casework.entries import ALLEGATION_FIELDS, CaseFields, Change, Edited, Part, Resolved
from ceasefire.casework.people import Person
from ceasefire.casework.records import CaseFile, Conflict, FieldValue, Mark
from ceasefire.casework.refusals import validated
from ceasefire.model.errors import NotAllowedError, OutdatedError, RivalEdit, RivalEditsError, UsageError
from ceasefire.model.schema_faults import suggestion

_ONE_FIELD: dict[str, type[BaseModel]] = {
    name: create_model(f"One_{name}", __base__=Part, **{name: (field.rebuild_annotation(), ...)})  # type: ignore[call-overload]
    for name, field in CaseFields.model_fields.items()
}


def opened_fields(fields: CaseFields, mark: Mark, *, mission: bool) -> dict[str, FieldValue]:
    """Return the fields as filed; what the centre links is refused from anybody else."""
    values = {name: getattr(fields, name) for name in CaseFields.model_fields}
    linked = [name for name, value in values.items() if value and name not in ALLEGATION_FIELDS]
    if linked and not mission:
        raise _centres_own(linked)
    return {name: FieldValue(value=value, mark=mark) for name, value in values.items()}


def checked_value(name: str, value: Any) -> Any:
    """Return a value as its field takes it.

    Raises
    ------
    InputError, UsageError
        When there is no such field, or the value is none of its values.
    """
    if name not in _ONE_FIELD:
        raise UsageError(
            f'A case file has no field "{name}".',
            f"{suggestion(name, _ONE_FIELD)}Fields: {', '.join(_ONE_FIELD)}.",
        )
    return getattr(validated(_ONE_FIELD[name], {name: value}, "the field"), name)


def edited(case_file: CaseFile, payload: Edited, person: Person, mark: Mark) -> CaseFile:
    """Return the file after an edit; a field that was changed since the edit's base keeps its value, in conflict."""
    names = [change.field for change in payload.changes]
    if len(set(names)) < len(names):
        raise UsageError("One edit changes one field twice.", "Give each field once.")
    foreign = [name for name in names if name not in ALLEGATION_FIELDS]
    if foreign and not person.is_mission:
        raise _centres_own(foreign)
    fields, conflicts = dict(case_file.fields), dict(case_file.conflicts)
    for change in payload.changes:
        value = FieldValue(value=checked_value(change.field, change.value), mark=mark)
        _put(fields, conflicts, change, value)
    _refuse_own_accused(case_file, fields)
    return replace(case_file, fields=fields, conflicts=conflicts)


def _put(fields: dict[str, FieldValue], conflicts: dict[str, Conflict], change: Change, value: FieldValue) -> None:
    held = fields[change.field]
    if change.base > held.mark.position:
        raise OutdatedError(
            f'"{change.field}" was never at revision {change.base}; it is at {held.mark.position}.',
            "Read the case file again.",
        )
    waiting = conflicts.get(change.field)
    if waiting is not None:
        if value.value not in [held.value, *(offered.value for offered in waiting.offered)]:
            conflicts[change.field] = replace(waiting, offered=(*waiting.offered, value))
    elif change.base == held.mark.position:
        fields[change.field] = value
    elif value.value != held.value:
        conflicts[change.field] = Conflict(field=change.field, base=change.base, held=held, offered=(value,))


def refuse_rivals(case_file: CaseFile, changes: Iterable[Change]) -> None:
    """Raise where somebody else changed a field to another value since, or where two values wait already.

    Raises
    ------
    RivalEditsError
        With both values of each.
    """
    rivals = []
    for change in changes:
        held, value = case_file.fields[change.field], checked_value(change.field, change.value)
        overtaken = change.base < held.mark.position and value != held.value
        if overtaken or change.field in case_file.conflicts:
            rivals.append(
                RivalEdit(
                    field=change.field,
                    base=change.base,
                    revision=held.mark.position,
                    stands=held.value,
                    offered=value,
                )
            )
    if rivals:
        raise RivalEditsError(rivals)


def resolved(case_file: CaseFile, payload: Resolved, mark: Mark) -> CaseFile:
    """Return the file after a person settled a conflict: with one of the values, or another."""
    waiting = case_file.conflicts.get(payload.field)
    if waiting is None:
        raise OutdatedError(f'No two edits of "{payload.field}" wait to be settled.', "Read the case file again.")
    if waiting.offered[-1].mark.position != payload.conflict:
        raise OutdatedError(
            f'A further value for "{payload.field}" was offered since.', "Read the case file again, and weigh it too."
        )
    value = FieldValue(value=checked_value(payload.field, payload.value), mark=mark)
    fields: Mapping[str, FieldValue] = {**case_file.fields, payload.field: value}
    _refuse_own_accused(case_file, fields)
    conflicts = {name: conflict for name, conflict in case_file.conflicts.items() if name != payload.field}
    return replace(case_file, fields=fields, conflicts=conflicts)


def _refuse_own_accused(case_file: CaseFile, fields: Mapping[str, FieldValue]) -> None:
    if case_file.filed_by is not None and case_file.filed_by in fields["accused"].value:
        raise UsageError("A party accuses itself.", "Name in `accused` whom it accuses.")


def _centres_own(names: list[str]) -> NotAllowedError:
    return NotAllowedError(
        f"Only the centre links {', '.join(names)}.", f"A party gives {', '.join(ALLEGATION_FIELDS)}."
    )
