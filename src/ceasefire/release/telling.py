"""A record as it is told to one viewer: fields of classes they may not see are left out, and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from ceasefire.model.roles import FieldClass, marks
from ceasefire.release.policy import Operation, Viewer

WITHHELD = "withheld"
"""The key under which a record names the fields that were left out."""
OWNER = "party_id"
"""The field that says whose a record is."""


def tell(answer: Any, viewer: Viewer, operation: Operation) -> Any:
    """Return an answer in plain containers, without what the viewer may not see.

    Parameters
    ----------
    answer : object
        Records (dataclasses), plain values, or containers of them.
    viewer : Viewer
        Who asks.
    operation : Operation
        What they ask.

    Returns
    -------
    object
        Dicts, lists and plain values. A record that lost fields names them under ``withheld``: what is left out is
        told apart from what is not known, which is null.
    """
    decided: dict[tuple[FieldClass, bool], bool] = {}

    def may(field_class: FieldClass, own: bool) -> bool:
        key = (field_class, own)
        if key not in decided:
            decided[key] = viewer.may(operation, field_class, own=own)
        return decided[key]

    return _plain(answer, may, viewer.parties)


def _plain(value: Any, may: Callable[[FieldClass, bool], bool], parties: frozenset[str]) -> Any:
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item, may, parties) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item, may, parties) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _record(value, may, parties)
    raise TypeError(f"{type(value).__name__} is no part of an answer")


def _record(record: Any, may: Callable[[FieldClass, bool], bool], parties: frozenset[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    withheld = []
    own = bool(parties) and getattr(record, OWNER, None) in parties
    for name, field_class in _classes(type(record)):
        if may(field_class, own):
            told[name] = _plain(getattr(record, name), may, parties)
        else:
            withheld.append(name)
    if withheld:
        told[WITHHELD] = withheld
    return told


_CLASSES: dict[type[Any], tuple[tuple[str, FieldClass], ...]] = {}


def _classes(record: type[Any]) -> tuple[tuple[str, FieldClass], ...]:
    """Return the fields of a record type with their classes; one without a mark is sealed."""
    if record not in _CLASSES:
        marked = marks(record)
        _CLASSES[record] = tuple(
            (field.name, marked[field.name].field_class if field.name in marked else FieldClass.SEALED)
            for field in fields(record)
        )
    return _CLASSES[record]
