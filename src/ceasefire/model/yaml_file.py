"""YAML files read with the line of every value, so that a fault can say where it is."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode

from ceasefire.model.canonical import sha256_hex
from ceasefire.model.errors import Fault, InputError
from ceasefire.model.schema_faults import Location, refusals

RecordT = TypeVar("RecordT", bound=BaseModel)
_CACHE_FORMAT = 1


class CaseRecord(BaseModel):
    """A record of a case file: unknown keys refused, values never coerced silently, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _TextTimestamps(RoundTripConstructor):
    """Leaves timestamps as text: the schema parses them, so an impossible date gets a line and a sentence."""

    def construct_yaml_timestamp_as_text(self, node: ScalarNode) -> str:
        return str(node.value)


_TextTimestamps.add_constructor("tag:yaml.org,2002:timestamp", _TextTimestamps.construct_yaml_timestamp_as_text)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A parsed file: its data, and where each value stands."""

    path: str
    data: Any
    parse_again: Callable[[], Any] | None = None
    """Gives the data with their places, where `data` comes from a cache, which keeps none."""

    def line_of(self, location: Location) -> tuple[int | None, int | None]:
        """Return the line and column (from 1) of the value at `location`, or of its nearest parent."""
        node, line, column = self.data if self.parse_again is None else self.parse_again(), 1, 1
        for step in location:
            if isinstance(node, CommentedMap) and step in node:
                position = node.lc.key(step)
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                position = node.lc.item(step)
            else:
                break
            line, column = position[0] + 1, position[1] + 1
            node = node[step]
        return line, column

    def fault(self, location: Location, what: str, why: str, remedy: str) -> Fault:
        """Build a fault at the line of `location`."""
        line, column = self.line_of(location)
        return Fault(path=self.path, line=line, column=column, what=what, why=why, remedy=remedy)


def read_yaml(path: Path, *, shown_as: str | None = None, cache: Path | None = None) -> YamlFile:
    """Read one YAML file.

    Parameters
    ----------
    path : Path
        The file; UTF-8.
    shown_as : str, optional
        How messages name the file; by default as `path`.
    cache : Path, optional
        A folder that keeps what was parsed, by the hash of the text: parsing with places is slow, and places are
        needed only where there is a fault.

    Raises
    ------
    InputError
        When the file cannot be read, is not UTF-8 or is not YAML.
    """
    name = shown_as or str(path)
    text = _read_text(path, name)
    if cache is None:
        return YamlFile(name, _parse(text, name))
    kept = cache / f"{sha256_hex(text.encode())}-{_CACHE_FORMAT}.json"
    try:
        return YamlFile(name, json.loads(kept.read_text(encoding="utf-8")), functools.cache(lambda: _parse(text, name)))
    except (OSError, ValueError):
        file = YamlFile(name, _parse(text, name))
        _keep(file.data, kept)
        return file


def _keep(data: Any, path: Path) -> None:
    """Write parsed data to the cache, unless JSON would change them or the folder cannot be written to."""
    if not _has_text_keys(data):
        return
    try:
        content = json.dumps(plain(data), allow_nan=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(content, encoding="utf-8")
        partial.replace(path)
    except (OSError, TypeError, ValueError):
        return


def _has_text_keys(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and all(map(_has_text_keys, value.values()))
    return not isinstance(value, list) or all(map(_has_text_keys, value))


def _read_text(path: Path, name: str) -> str:
    """Return the text of a file, or raise with its fault."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError.single(
            name,
            f"cannot be read: {error.strerror}.",
            "A case is read whole or not at all.",
            "Check the path and its permissions.",
        ) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError.single(
            name,
            f"byte {error.start} is not UTF-8.",
            "Names in other scripts would be read as something else.",
            "Save the file as UTF-8.",
            line=line,
        ) from error


def _parse(text: str, name: str) -> Any:
    """Parse a text, with the place of every value, or raise with its fault."""
    parser = YAML(typ="rt")
    parser.Constructor = _TextTimestamps
    try:
        return parser.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what, why, remedy = _syntax_sentences(error.problem or error.context or "")
        raise InputError.single(
            name,
            what,
            why,
            remedy,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from error
    except YAMLError as error:
        raise InputError.single(
            name,
            f"not readable as YAML: {error}.",
            "A file that cannot be parsed cannot be checked.",
            "Correct the syntax.",
        ) from error


def _syntax_sentences(problem: str) -> tuple[str, str, str]:
    repeated = re.match(r'found duplicate key "([^"]*)"', problem)
    if repeated:
        return (
            f'the key "{repeated[1]}" is written twice in one record.',
            "One of the two values would be silently dropped.",
            "Keep the right one, or give each its own record.",
        )
    if r"'\t'" in problem:
        return (
            "a tab stands where spaces should.",
            "YAML counts spaces to know what belongs to what; a tab has no width.",
            "Replace tabs by two spaces each.",
        )
    return (
        f"not readable as YAML: {problem}.",
        "A file that cannot be parsed cannot be checked.",
        "Correct the syntax at this place; a missing space after a colon or an open quote is usual.",
    )


def validated(file: YamlFile, model: type[RecordT], location: Location = ()) -> tuple[RecordT | None, list[Fault]]:
    """Check the value at `location` against `model`, collecting every fault with its line.

    Returns
    -------
    tuple of record or None, list of Fault
        The record when there is no fault.
    """
    value: Any = file.data
    for step in location:
        value = value[step]
    given = plain(value)
    try:
        return model.model_validate(given), []
    except ValidationError as error:
        refused = refusals(model, given, [dict(item) for item in error.errors()])
        return None, [file.fault(location + one.location, one.what, one.why, one.remedy) for one in refused]


def plain(value: Any) -> Any:
    """Turn ruamel's commented containers into plain ones."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
