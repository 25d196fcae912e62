"""A delegation's list: read from its file, every fault at once; and as reports, so that two lists can be matched.

`read_list` is past 40 lines with what it takes; `_own_form` because a mapping is best read in one piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import ValidationError

from ceasefire.casework.registers.entries import ListEntry
from ceasefire.intake.reading import Rows, open_rows
from ceasefire.intake.table import read_rows, read_table
from ceasefire.intake.table_mapping import TableMapping
from ceasefire.model.canonical import stable_id
from ceasefire.model.errors import Fault, InputError
from ceasefire.model.schema_faults import suggestion
from ceasefire.model.schemas import REPORT
from ceasefire.model.time import microseconds
from ceasefire.model.vocabulary import PlacePrecision, ReportKind, Stance

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.model.time import Span

NEEDED = ("no", "day", "kind")
"""Columns without which a list is none."""
COLUMNS = (
    *NEEDED, "until", "place", "area", "latitude", "longitude", "precision", "accused", "against",
    "killed_low", "killed", "killed_high", "injured_low", "injured", "injured_high", "text",
)  # fmt: skip
"""Columns of a list in the form that needs no mapping."""
_POINT_KM, _NEAR_KM = 1.0, 5.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_list(
    path: Path | str,
    *,
    case: Case,
    party: str,
    day: Span,
    mapping: Path | str | None = None,
    content: bytes | None = None,
) -> tuple[ListEntry, ...]:
    """Read a list.

    Parameters
    ----------
    path : Path or str
        The file, or its name where `content` is given.
    case : Case
        Its register resolves names, its time zone dates, its vocabulary kinds.
    party : str
        Whose list it is.
    day : Span
        The local day that it is of: an entry that cannot lie in it is a fault.
    mapping : Path or str, optional
        What the columns hold, as of an imported table; by default they are called as in `COLUMNS`.
    content : bytes, optional
        Of a file that is to lie on no disk.

    Raises
    ------
    InputError
        With every fault, each with its line.
    """
    if mapping is None:
        rows = open_rows(path, content=content)
        said = _own_form(rows, case, party)
        result = read_rows(rows, said, register=case.actors, zone=case.zone, most_may_be_bad=True)
        number_column = said.source_report_id
    else:
        result = read_table(path, mapping=mapping, register=case.actors, zone=case.zone, acts=case.acts)
        rows, number_column = _rows_again(path, mapping)
    lines = dict(zip(rows.text(number_column).to_pylist(), rows.lines, strict=True))
    faults = list(result.rejects)
    entries = []
    for row in result.reports.to_pylist():
        line = lines.get(row["source_report_id"])
        entry, wrong = _entry(row, str(path), line, day)
        faults += wrong
        if entry is not None:
            entries.append(entry)
    if faults:
        raise InputError(faults)
    return tuple(entries)


def reports_of(entries: Iterable[ListEntry], *, party: str) -> pa.Table:
    """Return entries as reports of a source named as the party, schema `model.schemas.REPORT`."""
    rows = [_report(entry, party) for entry in entries]
    return pa.Table.from_pylist(rows, schema=REPORT)


def report_id(party: str, no: str) -> str:
    """Return the id under which an entry is matched."""
    return stable_id("rep", f"register:{party}", no)


def _refuse_strange_columns(rows: Rows) -> None:
    """Refuse a list that lacks a column, or has one that would not be read."""
    rows.require(NEEDED, format_name="A list")
    strange = [name for name in rows.names if name not in COLUMNS]
    if strange:
        raise InputError(
            Fault(
                path=rows.path,
                line=1,
                what=f'has a column "{name}", which no list has.',
                why="What stands in it would be left out without a word.",
                remedy=f"{suggestion(name, COLUMNS)}Columns: {', '.join(COLUMNS)}; or give a mapping.",
            )
            for name in strange
        )


def _own_form(rows: Rows, case: Case, party: str) -> TableMapping:
    """Return the mapping of a list whose columns are called as in `COLUMNS`.

    Raises
    ------
    InputError
        When one is missing, or there is another.
    """
    _refuse_strange_columns(rows)
    has = {name: name for name in COLUMNS if name in rows.names}
    if "precision" in has:
        precision: dict[str, Any] = {"column": "precision", "codes": _PRECISIONS}
    else:
        known = "point" if "latitude" in has else "unknown"
        precision = {"constant": _PRECISIONS[known]}
    tolls = {
        toll: {
            bound: has.get(column)
            for bound, column in (("low", f"{toll}_low"), ("best", toll), ("high", f"{toll}_high"))
        }
        for toll in ("killed", "injured")
    }
    return TableMapping.model_validate(
        {
            "format": 1,
            "source": {"constant": party},
            "source_report_id": "no",
            "time": {"start": {"column": "day"}, "until": {"column": "until"} if "until" in has else None},
            "place": {
                "precision": precision,
                "latitude": has.get("latitude"),
                "longitude": has.get("longitude"),
                "name": has.get("place"),
                "area": ["area"] if "area" in has else [],
            },
            "actors": {"perpetrator": has.get("accused"), "target": has.get("against")},
            "acts": {"column": "kind", "values": {act: [act] for act in case.acts}},
            "tolls": tolls,
            "text": has.get("text"),
        }
    )


_PRECISIONS: dict[str, dict[str, Any]] = {
    one.value: {"precision": one.value}
    | (
        {"radius_km": _POINT_KM}
        if one is PlacePrecision.POINT
        else {"radius_km": _NEAR_KM}
        if one is PlacePrecision.NEAR
        else {}
    )
    for one in PlacePrecision
}


def _rows_again(path: Path | str, mapping: Path | str) -> tuple[Rows, str]:
    """Open a mapped file once more, for the lines of its rows: the reports do not carry them."""
    from ceasefire.model.yaml_file import read_yaml, validated

    said, _ = validated(read_yaml(Path(mapping)), TableMapping)
    if said is None:  # read_table has refused it
        raise AssertionError(mapping)
    return open_rows(path, separator=said.separator), said.source_report_id


def _entry(row: Mapping[str, Any], path: str, line: int | None, day: Span) -> tuple[ListEntry | None, list[Fault]]:
    start, end = (microseconds(at) if (at := row[name]) else None for name in ("occurred_from", "occurred_until"))
    faults = []
    if start is not None and end is not None and (start >= day.end or max(end, start + 1) <= day.start):
        faults.append(
            Fault(
                path=path,
                line=line,
                what=f'entry "{row["source_report_id"]}" is of another day.',
                why="The other side's list of that day would be missing beside it.",
                remedy="Correct the day, or put the entry on the list of its own day.",
            )
        )
    given = {
        "no": row["source_report_id"],
        "occurred_from": start,
        "occurred_until": end,
        "accused": row["perpetrators"] or (),
        "targets": row["targets"] or (),
        "sides": row["sides"] or (),
        "is_total": row["kind"] == ReportKind.TOTAL,
        **{name: row[name] for name in _AS_THEY_ARE},
        "acts": row["acts"] or (),
        "lineage": row["lineage"] or (),
    }
    try:
        return ListEntry.model_validate(given), faults
    except ValidationError as error:
        faults += [
            Fault(
                path=path,
                line=line,
                what=f'entry "{row["source_report_id"]}": {".".join(map(str, item["loc"])) or "it"}: {item["msg"]}.',
                why="A list is sealed as it is, and cannot be corrected afterwards without saying so.",
                remedy="Correct it.",
            )
            for item in error.errors()
        ]
        return None, faults


_AS_THEY_ARE = (
    "time_precision", "place_name", "latitude", "longitude", "place_precision", "place_radius_km", "area_name",
    "killed_low", "killed_best", "killed_high", "injured_low", "injured_best", "injured_high", "text",
)  # fmt: skip


def _report(entry: ListEntry, party: str) -> dict[str, Any]:
    said = entry.model_dump(mode="json")
    empty: Sequence[Any] = ()
    return {
        "report_id": report_id(party, entry.no),
        "source_id": f"register:{party}",
        "source_report_id": entry.no,
        "kind": (ReportKind.TOTAL if entry.is_total else ReportKind.EVENT).value,
        "lineage": list(entry.lineage) or [party],
        "stance": Stance.ASSERTS.value,
        "refers_to": empty,
        "denied": empty,
        "invokes": empty,
        "flags": empty,
        "occurred_from": _moment(entry.occurred_from),
        "occurred_until": _moment(entry.occurred_until),
        "perpetrators": said["accused"],
        "targets": said["targets"],
        "sides": said["sides"],
        "acts": said["acts"],
        "alleges": True,
        "unverified": False,
        **{name: said[name] for name in _AS_THEY_ARE},
    }


def _moment(instant: int | None) -> datetime | None:
    return None if instant is None else _EPOCH + timedelta(microseconds=instant)
