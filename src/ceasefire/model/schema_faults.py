"""Sentences for what a schema refuses: the record by its id, the value shown, what was meant perhaps."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

Location = tuple[int | str, ...]

_LONGEST_SHOWN = 60
_LONGEST_LIST = 12


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that a schema refuses: where in the data, and the three sentences."""

    location: Location
    what: str
    why: str
    remedy: str


def refusals(model: type[BaseModel], data: Any, errors: Sequence[dict[str, Any]]) -> list[Refusal]:
    """Turn a schema's errors into sentences, one for each place.

    Parameters
    ----------
    model : type
        The schema.
    data : object
        What it was given, in plain containers.
    errors : sequence of dict
        Of `pydantic.ValidationError.errors()`. Where a value may have several shapes, each shape it misses is an
        error; only those that got furthest into the value are told.
    """
    by_place: dict[Location, list[dict[str, Any]]] = {}
    for error in errors:
        if error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]:
            continue  # pydantic does not count items that are wrong themselves; those are told
        by_place.setdefault(_in_data(data, error), []).append(error)
    deepest = [
        place
        for place in by_place
        if not any(_is_alternative(by_place[place], place, other) for other in by_place if other != place)
    ]
    unknown = {place for place in deepest if by_place[place][0]["type"] == "extra_forbidden"}
    misspelled = {(*place[:-1], _nearest(_leaf(place), _keys_beside(model, place))) for place in unknown}
    return [
        _refusal(model, data, place, by_place[place])
        for place in deepest
        # a misspelled key is not missing as well
        if not (by_place[place][0]["type"] == "missing" and place in misspelled)
    ]


def suggestion(value: object, known: Iterable[str]) -> str:
    """Return ``Did you mean "x"? `` for the nearest of `known`, or nothing."""
    near = _nearest(str(value), known)
    return f'Did you mean "{near}"? ' if near else ""


def _nearest(value: str, known: Iterable[str]) -> str:
    lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(value.lower(), lower, n=1, cutoff=0.6)
    return lower[near[0]] if near else ""


def listed(names: Iterable[str]) -> str:
    """Return the names, comma-separated; a long list is cut and says how many more there are."""
    all_names = list(names)
    more = len(all_names) - _LONGEST_LIST
    return ", ".join(all_names[:_LONGEST_LIST]) + (f" and {more} more" if more > 0 else "")


def _in_data(data: Any, error: dict[str, Any]) -> Location:
    """Leave out the steps that pydantic puts into a location to say which shape of a value it tried."""
    steps: list[int | str] = []
    value = data
    last = len(error["loc"]) - 1
    for position, step in enumerate(error["loc"]):
        if _holds(value, step):
            value = value[step]
        elif not (error["type"] == "missing" and position == last):
            continue
        steps.append(step)
    return tuple(steps)


def _holds(value: Any, step: int | str) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _is_alternative(errors: list[dict[str, Any]], place: Location, other: Location) -> bool:
    """Whether `other` lies within the value at `place`, all errors at which are of shapes not taken."""
    inside = len(other) > len(place) and other[: len(place)] == place
    return inside and all(len(error["loc"]) > len(place) for error in errors)


def _refusal(model: type[BaseModel], data: Any, place: Location, errors: list[dict[str, Any]]) -> Refusal:
    first = errors[0]
    where = _named(data, place)
    if first["type"] == "missing":
        remedy = "Add it to the list." if isinstance(place[-1], int) else f"Add `{_leaf(place)}:`."
        return Refusal(place, f"{where} is missing.", "The record has no meaning without it.", remedy)
    if first["type"] == "extra_forbidden":
        keys = _keys_beside(model, place)
        return Refusal(
            place,
            f"{where} is not a key that this record has.",
            "An unknown key would be silently ignored.",
            f"{suggestion(_leaf(place), keys)}Correct it, or remove it. Known keys: {', '.join(sorted(keys))}.",
        )
    said = [_complaint(error) for error in errors]
    complaint = " and ".join(dict.fromkeys(what for what, _ in said))
    return Refusal(
        place,
        f"{where} is {_shown(first.get('input'))}: {complaint}.",
        "A value that cannot be understood cannot be checked.",
        " ".join(dict.fromkeys(remedy for _, remedy in said)),
    )


def _complaint(error: dict[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a value, and what to do about it."""
    kind, value, context = error["type"], error.get("input"), error.get("ctx", {})
    if kind in ("literal_error", "enum"):
        allowed = re.findall(r"'([^']*)'", context.get("expected", "")) or [str(context.get("expected"))]
        hint = suggestion(value, allowed) if isinstance(value, str) else ""
        if len(allowed) == 1:
            return f'not "{allowed[0]}"', f"{hint}Write `{allowed[0]}`."
        return f"not one of {', '.join(allowed)}", f"{hint}Write one of those."
    if kind == "string_pattern_mismatch":
        if context.get("pattern", "").startswith("^[A-Za-z0-9]"):
            return "not an id", "Write ids with letters, digits, dots, dashes and underscores, beginning with no sign."
        return "not a language tag", "Write language tags in lower case, such as en, ar or ru."
    if kind == "value_error":
        return str(context.get("error", error["msg"])), "Correct it; docs/case-format.md describes each key."
    return _SHAPES.get(kind, (f"{error['msg'][0].lower()}{error['msg'][1:]}", "Correct it."))


_SHAPES = {
    "tuple_type": ("not a list", "Write it as a list, [one, two], or one `- item` a line."),
    "string_type": ("not text", "Put it in quotes."),
    "dict_type": ("not a set of keys and values", "Write `key: value` lines; a text is given by language, `en: ...`."),
    "model_type": ("not a set of keys and values", "Write `key: value` lines; docs/case-format.md names the keys."),
    "too_short": ("not enough items", "Add what is missing; an empty list says nothing."),
    "string_too_short": ("empty", "Write the text, or remove the record."),
    "int_parsing": ("not a whole number", "Write digits only."),
    "int_type": ("not a whole number", "Write digits only, or leave the key out where the number is not known."),
    "float_parsing": ("not a number", "Write digits, with a point for decimals."),
    "bool_parsing": ("neither true nor false", "Write true or false."),
}


def _keys_beside(model: type[BaseModel], place: Location) -> list[str]:
    """Return the keys of the record that holds the one at `place`."""
    at: type[BaseModel] = model
    for step in place[:-1]:
        if isinstance(step, str) and step in at.model_fields:
            inner = _record_within(at.model_fields[step].annotation)
            at = inner or at
    return list(at.model_fields)


def _record_within(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _record_within(part)
        if found:
            return found
    return None


def _leaf(place: Location) -> str:
    return str(place[-1]) if place else "format"


def _named(data: Any, place: Location) -> str:
    """Name a place as a person would: the key, the item's number, the id of the record around it."""
    if not place:
        return "the file's content"
    holder, value = None, data
    for step in place[:-1]:
        value = value[step]
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            holder = value["id"]
    leaf = place[-1]
    if isinstance(leaf, int):
        key = next((step for step in reversed(place) if isinstance(step, str)), "the list")
        name = f'item {leaf + 1} of "{key}"'
    else:
        name = f'"{leaf}"'
    return f'{name} of "{holder}"' if holder else name


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a set of keys and values" if value else "an empty set of keys"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
