"""Why something cannot be done to a case file; raised before an entry is written, so that none is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ceasefire.model.errors import Fault, InputError, UnknownRecordError
from ceasefire.model.schema_faults import refusals

RecordT = TypeVar("RecordT", bound=BaseModel)


def validated(model: type[RecordT], given: Mapping[str, Any], what: str) -> RecordT:
    """Check what was given against its schema.

    Parameters
    ----------
    model : type
        A pydantic model.
    given : mapping
        Plain values.
    what : str
        How messages name it, in place of a file.

    Raises
    ------
    InputError
        With every fault.
    """
    plain = _plain(given)
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        raise refused(model, plain, error, what) from error


def refused(model: type[BaseModel], plain: Any, error: ValidationError, what: str) -> InputError:
    """Return the refusal of plain values that do not fit a schema, with every fault."""
    found = refusals(model, plain, [dict(item) for item in error.errors()])
    return InputError(
        Fault(
            path=what,
            what=one.what,
            why=one.why,
            remedy=one.remedy.split("; docs/case-format")[0].rstrip(".") + ".",
            place=".".join(map(str, one.location)) or None,
        )
        for one in found
    )


def unknown(case_file_id: str) -> UnknownRecordError:
    """Return the refusal of a case file that is not there, or not for this person: the two are told alike."""
    return UnknownRecordError(
        f'There is no case file "{case_file_id}".', "Look it up in the list of case files; ids are written in full."
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
