"""Any table as reports, by a mapping file that says which columns hold what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import UNRESOLVED, ActorRegister
from ceasefire.intake import columns as build
from ceasefire.intake import table_mapping as shape
from ceasefire.intake.cells import CellChecks, Fraction
from ceasefire.intake.codes import known_cells, meanings
from ceasefire.intake.oddities import toll_flags, true_mask
from ceasefire.intake.reading import Rows, open_rows
from ceasefire.intake.results import ReadResult
from ceasefire.intake.table_times import ONE_DAY_AT_MOST, moments, times
from ceasefire.model.canonical import stable_id
from ceasefire.model.errors import Fault, InputError
from ceasefire.model.rows import equal_rows, first_rows
from ceasefire.model.schema_faults import Location
from ceasefire.model.schemas import INSTANT, REPORT
from ceasefire.model.vocabulary import ACTS, PlacePrecision, ReportKind, Stance
from ceasefire.model.yaml_file import YamlFile, plain, read_yaml, validated

CIVILIANS = "civilians"
_TOLLS = {
    "killed": "killed",
    "civilian": "killed_civilian",
    "combatant": "killed_combatant",
    "unknown": "killed_unknown",
    "injured": "injured",
}
"""Key of a mapping's tolls -> column stem of the schema."""
# fmt: off
_COLUMN_KEYS = frozenset((
    "column", "source_report_id", "event_key", "latitude", "longitude", "name", "area", "sides", "perpetrator",
    "target", "low", "best", "high", "text", "address",
))
# fmt: on
_OUTWARD: dict[str, Fraction] = {"low": "down", "best": "nearest", "high": "up"}
_PLACE_WHY = "The place decides in which area, if any, the event lies."
Mask = npt.NDArray[np.bool_]


def read_table(
    path: str | Path,
    *,
    mapping: str | Path,
    register: ActorRegister,
    zone: ZoneInfo,
    acts: Mapping[str, str | None] | None = None,
    separator: str | None = None,
) -> ReadResult:
    """Read a CSV, XLSX, JSON or Parquet table as reports.

    Parameters
    ----------
    path : str or Path
        The table.
    mapping : str or Path
        YAML, of the shape `intake.table_mapping.TableMapping`; `docs/data-formats.md` describes it.
    register : ActorRegister
        Resolves actors' names at the first moment of the event.
    zone : ZoneInfo
        Whose local days dates without an offset are.
    acts : mapping, optional
        The acts the mapping may name, child to parent; by default the general vocabulary.
    separator : str, optional
        Of delimited text; by default as the mapping says, else a comma.

    Returns
    -------
    ReadResult

    Raises
    ------
    InputError
        With every fault of the mapping, or when the table is refused whole.
    """
    file = read_yaml(Path(mapping))
    said, faults = validated(file, shape.TableMapping)
    if said is None:
        raise InputError(faults)
    used = dict(_columns(plain(file.data)))
    rows = open_rows(path, columns=set(used.values()), separator=separator or said.separator)
    faults = _mapping_faults(file, said, rows, used, acts or ACTS)
    if faults:
        raise InputError(faults)
    return read_rows(rows, said, register=register, zone=zone)


def read_rows(
    rows: Rows, said: shape.TableMapping, *, register: ActorRegister, zone: ZoneInfo, most_may_be_bad: bool = False
) -> ReadResult:
    """Read opened rows as reports, by a mapping whose columns they have.

    Parameters
    ----------
    rows : Rows
        As `intake.reading.open_rows` opened them.
    said : TableMapping
        What the columns hold.
    most_may_be_bad : bool
        Whether every fault is listed however many rows have one; by default the file is refused as of another kind.
    """
    checks = CellChecks(rows)
    n = rows.table.num_rows
    columns: dict[str, pa.Array] = {
        "source_id": _word(checks, said.source),
        "source_report_id": checks.require_text(
            said.source_report_id, "A row without an id cannot be told from another, nor imported only once."
        ),
        "kind": _kinds(rows, said.aggregates),
        "event_key": _text(rows, said.event_key),
        "stance": build.words(Stance.ASSERTS.value, n),
        "text": _text(rows, said.text),
        "text_language": build.words(said.text_language if said.text else None, n),
        "address": _text(rows, said.address),
        "unverified": pa.repeat(False, n),
        "document_id": pa.repeat(rows.digest, n),
        **times(checks, said.time, zone),
        **_acts(checks, said.acts),
        **_tolls(checks, said.tolls),
    }
    columns |= _places(checks, said.place)
    columns |= _actors(rows, said.actors, register, columns.pop("_named_at"))
    columns["lineage"] = _lineage(checks, said.lineage, columns["source_id"])
    if said.reported:
        columns["reported_at"] = moments(checks, said.reported, zone)[0].cast(INSTANT)
    repeated = checks.repeats(said.source_report_id, within=columns["source_id"])
    if not most_may_be_bad:
        checks.refuse_if_mostly_bad()
    return _result(checks, columns, repeated)


def _result(checks: CellChecks, columns: dict[str, pa.Array], repeated: Mask) -> ReadResult:
    rows = checks.rows
    kept = ~checks.bad & ~repeated
    columns = {name: array.filter(pa.array(kept)) for name, array in columns.items()}
    n = int(kept.sum())
    for name in ("refers_to", "denied", "invokes"):
        columns[name] = build.lists_by_code([[]], np.zeros(n, np.int64), REPORT.field(name).type)
    pairs = zip(columns["source_id"].to_pylist(), columns["source_report_id"].to_pylist(), strict=True)
    columns["report_id"] = pa.array([stable_id("rep", *pair) for pair in pairs], pa.string())
    lasts = pc.subtract(columns["occurred_until"].cast(pa.int64()), columns["occurred_from"].cast(pa.int64()))
    disc = pc.is_in(
        columns["place_precision"].cast(pa.string()), pa.array([one.value for one in PlacePrecision if one.is_disc])
    )
    flags = {
        **toll_flags(columns["killed_low"], columns["killed_best"], columns["killed_high"]),
        "many-days": true_mask(pc.greater(lasts, ONE_DAY_AT_MOST)),
        "aggregate-report": true_mask(pc.equal(columns["kind"].cast(pa.string()), ReportKind.TOTAL.value)),
        "centroid-place": np.asarray(columns.pop("_centroid")),
        "no-coordinates": true_mask(pc.and_(disc, pc.is_null(columns["latitude"]))),
        "name-unresolved": np.asarray(columns.pop("_unresolved")),
    }
    columns["flags"] = build.flag_lists(flags, n)
    return ReadResult(
        reports=build.report_table(columns, n),
        rejects=sorted([*rows.broken, *checks.rejects()], key=lambda fault: fault.line or 0),
        rows_in=rows.rows_in,
        duplicates=int((repeated & ~checks.bad).sum()),
        notes={flag: int(mask.sum()) for flag, mask in flags.items() if mask.any()},
    )


def _columns(data: Any, at: Location = ()) -> Iterator[tuple[Location, str]]:
    """Give every column that a mapping names, with its place in the mapping."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _columns(value, (*at, key))
        elif key in _COLUMN_KEYS and isinstance(value, list):
            yield from (((*at, key, place), name) for place, name in enumerate(value))
        elif key in _COLUMN_KEYS and isinstance(value, str):
            yield (*at, key), value


def _mapping_faults(
    file: YamlFile,
    said: shape.TableMapping,
    rows: Rows,
    used: Mapping[Location, str],
    acts: Mapping[str, str | None],
) -> list[Fault]:
    """Return what is wrong with a well-formed mapping for this table."""
    faults = [
        file.fault(
            at,
            f'names the column "{column}", which {rows.path} does not have.',
            f"Its columns are: {', '.join(rows.names[:40])}.",
            "Correct the name, or leave the key out.",
        )
        for at, column in used.items()
        if column not in rows.names
    ]
    named = {("acts", "constant"): said.acts.constant} | {
        ("acts", "values", cell): found for cell, found in said.acts.values.items()
    }
    faults += [
        file.fault(
            at,
            f'names the act "{act}", which is not in the vocabulary.',
            "No clause could ever match it.",
            f"Use one of: {', '.join(sorted(acts))}; or add it to the case's vocabulary.yaml.",
        )
        for at, found in named.items()
        for act in found
        if act not in acts
    ]
    return faults


def _text(rows: Rows, column: str | None) -> pa.Array:
    return rows.text(column) if column else pa.nulls(rows.table.num_rows, pa.string())


def _word(checks: CellChecks, said: shape.Word) -> pa.Array:
    if said.constant is not None or said.column is None:
        return build.words(said.constant, checks.rows.table.num_rows)
    if said.values:
        place = known_cells(checks, said.column, said.values, "values")
        return pa.array(list(said.values.values()), pa.string()).take(place)
    return checks.require_text(said.column, "A report without a source is nobody's.")


def _lineage(checks: CellChecks, said: shape.Word | None, sources: pa.Array) -> pa.Array:
    chains = _word(checks, said) if said else sources
    chains = chains.cast(pa.string()).dictionary_encode()
    return build.lists_by_code(
        [[chain] for chain in chains.dictionary.to_pylist()], chains.indices, REPORT.field("lineage").type
    )


def _kinds(rows: Rows, said: shape.Aggregates | None) -> pa.Array:
    n = rows.table.num_rows
    if said is None:
        return build.words(ReportKind.EVENT.value, n)
    marks = pa.array([value.casefold() for value in said.values])
    total = pc.is_in(pc.utf8_lower(rows.text(said.column)), marks)
    return pc.if_else(total, ReportKind.TOTAL.value, ReportKind.EVENT.value).dictionary_encode()


def _places(checks: CellChecks, said: shape.Places) -> dict[str, pa.Array]:
    """Return the place columns, coordinates only for discs, and the rows whose coordinates stand for an area."""
    rows = checks.rows
    n = rows.table.num_rows
    codes, place = meanings(checks, said.precision)
    word = pa.array([code.precision.value for code in codes], pa.string()).take(place)
    radius = pa.array([code.radius_km for code in codes], pa.float32()).take(place)
    nowhere = pa.nulls(n, pa.float64())
    latitude, longitude = (
        checks.number(column, low=-limit, high=limit, why=_PLACE_WHY, hint=hint) if column else nowhere
        for column, limit, hint in (
            (said.latitude, 90, "; latitude and longitude may be exchanged"),
            (said.longitude, 180, ""),
        )
    )
    located = pc.and_(pc.is_valid(latitude), pc.is_valid(longitude))
    disc = pc.and_(pc.fill_null(pc.is_valid(radius), False), located)
    centroid = pc.and_(located, pc.is_null(radius))
    units = [rows.text(column) for column in said.area]
    area = pc.binary_join_element_wise(*units, "/", null_handling="skip") if units else pa.nulls(n, pa.string())
    area = pc.if_else(pc.equal(area, ""), None, area)
    return {
        "place_name": pc.coalesce(_text(rows, said.name), area),
        "latitude": pc.if_else(disc, latitude, None),
        "longitude": pc.if_else(disc, longitude, None),
        "place_precision": word.dictionary_encode(),
        "place_radius_km": pc.if_else(disc, radius, None),
        "area_name": area,
        "centre_latitude": pc.if_else(centroid, latitude, None),
        "centre_longitude": pc.if_else(centroid, longitude, None),
        "_centroid": centroid,
    }


def _acts(checks: CellChecks, said: shape.Acts) -> dict[str, pa.Array]:
    kind = REPORT.field("acts").type
    if said.column is None:
        return {"acts": build.lists_by_code([said.constant], np.zeros(checks.rows.table.num_rows, np.int64), kind)}
    place = known_cells(checks, said.column, said.values, "values")
    return {"acts": build.lists_by_code(list(said.values.values()), place, kind)}


def _tolls(checks: CellChecks, said: shape.Tolls) -> dict[str, pa.Array]:
    why = "A toll that cannot be read cannot be counted, and is not zero."
    found: dict[str, pa.Array] = {}
    for key, stem in _TOLLS.items():
        for bound in ("low", "best", "high"):
            column = getattr(getattr(said, key), bound)
            found[f"{stem}_{bound}"] = (
                checks.whole(column, why=why, fraction=_OUTWARD[bound] if said.fractions == "outward" else None)
                if column
                else pa.nulls(checks.rows.table.num_rows, pa.int64())
            )
    return found


def _actors(rows: Rows, said: shape.Actors, register: ActorRegister, starts: pa.Array) -> dict[str, pa.Array]:
    """Return sides, perpetrators and targets, resolved once for each distinct pair of names and moment."""
    names = said.sides or (said.perpetrator, said.target)
    cells = [_text(rows, name) for name in names]
    codes = equal_rows([*cells, starts])
    firsts = pa.array(first_rows(codes))
    moments = starts.cast(pa.int64())
    civilians = {text.casefold() for text in said.civilians} | {CIVILIANS}
    unknown = {text.casefold() for text in said.unknown}

    @cache
    def resolved(text: str | None, at: int | None) -> list[str]:
        if text is None or text.casefold() in unknown:
            return []
        return [CIVILIANS] if text.casefold() in civilians else list(register.resolve_side(text, at=at))

    found: dict[str, list[list[Any]]] = {"sides": [], "perpetrators": [], "targets": []}
    unresolved = []
    for first, second, at in zip(*(column.take(firsts).to_pylist() for column in (*cells, moments)), strict=True):
        a, b = resolved(first, at), resolved(second, at)
        if said.sides and CIVILIANS in a:
            a, b = b, a  # whoever the other is, civilians are no side of a clash
        one_sided = not said.sides or CIVILIANS in b
        found["sides"].append([] if one_sided else [a, b] if a or b else [])
        found["perpetrators"].append(a if one_sided else [])
        found["targets"].append(b if one_sided else [])
        unresolved.append(any(name.startswith(UNRESOLVED) for name in (*a, *b)))
    lists = {name: build.lists_by_code(values, codes, REPORT.field(name).type) for name, values in found.items()}
    return {**lists, "_unresolved": pa.array(unresolved, pa.bool_()).take(pa.array(codes))}
