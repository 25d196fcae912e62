"""YAML files read with the line of every value, so that a fault can say where it is."""

from __future__ import annotations

import re
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

from ceasefire.model.errors import Fault, InputError
from ceasefire.model.schema_faults import Location, refusals

RecordT = TypeVar("RecordT", bound=BaseModel)


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

    def line_of(self, location: Location) -> tuple[int | None, int | None]:
        """Return the line and column (from 1) of the value at `location`, or of its nearest parent."""
        node, line, column = self.data, 1, 1
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


def read_yaml(path: Path, *, shown_as: str | None = None) -> YamlFile:
    """Read one YAML file.

    Parameters
    ----------
    path : Path
        The file; UTF-8.
    shown_as : str, optional
        How messages name the file; by default as `path`.

    Raises
    ------
    InputError
        When the file cannot be read, is not UTF-8 or is not YAML.
    """
    name = shown_as or str(path)
    try:
        text = path.read_text(encoding="utf-8")
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
    parser = YAML(typ="rt")
    parser.Constructor = _TextTimestamps
    try:
        return YamlFile(name, parser.load(text))
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
