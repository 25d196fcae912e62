"""Bringing a file in: sealed, read, sorted by what is held, recorded as one entry, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.canonical import canonical_json, sha256_hex
from ceasefire.model.errors import Fault, InputError, UsageError
from ceasefire.pipeline.history import History, Kind
from ceasefire.pipeline.progress import Progress, silent
from ceasefire.pipeline.reports import held_reports, sort_reports

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.intake.results import ReadResult


class Format(StrEnum):
    """What `ceasefire import --as` reads."""

    UCDP_GED = "ucdp-ged"
    TABLE = "table"
    BOUNDARIES = "boundaries"
    CONTROL = "control"
    ODK = "odk"
    """Submissions of the field form; see `pipeline.submissions`."""


DECISION = "odk-decision"
"""Stands for a format in entries that record which version of a submission stands: they bring no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What came of an import; `rows_in == accepted + rejected + duplicates`.

    Parameters
    ----------
    position : int
        The ledger entry that records it; of a file imported before, that earlier entry.
    format, file : str
        How it was read; its name.
    already_held : bool
        Whether this very file had been imported before, so that nothing was added.
    rows_in, accepted, rejected, duplicates : int
        Of boundaries: areas; of control: statements and counts.
    revised : int
        Accepted rows that give new content to a report held before.
    conflicts : int
        Submissions held with edits that contradict one another, this file's and others'.
    rejects : tuple of Fault
        One a rejected row.
    notes : mapping of str to int
        Flag to how many accepted rows carry it.
    """

    position: int
    format: str
    file: str
    already_held: bool
    rows_in: int
    accepted: int
    rejected: int
    duplicates: int
    revised: int = 0
    conflicts: int = 0
    rejects: tuple[Fault, ...] = ()
    notes: Mapping[str, int]


def import_file(
    path: Path,
    format: Format,
    *,
    case: Case,
    ledger: Ledger,
    batches: BatchStore,
    author: str,
    options: Mapping[str, Any],
    progress: Progress = silent,
) -> ImportResult:
    """Read a file and record it.

    Parameters
    ----------
    path : Path
        The file; kept byte for byte.
    format : Format
        How to read it.
    case : Case
        Its register resolves names, its time zone dates.
    options : mapping
        ``mapping``: path of the file that describes a table's columns; ``separator``: of delimited text.

    Raises
    ------
    InputError
        When the file is refused as a whole; nothing is recorded then.
    UsageError
        When the options do not fit the format.
    """
    progress(f"reading {path.name}", 0, 0)
    document = read_bytes(path)
    content = {"document": sha256_hex(document)}
    mapping = options.get("mapping")
    if (format is Format.TABLE) != (mapping is not None):
        raise UsageError(
            "A table needs a mapping, and no other format takes one.",
            "Name it with `--as table --mapping FILE.yaml`; docs/data-formats.md describes it.",
        )
    if mapping is not None:
        content["mapping"] = sha256_hex(read_bytes(Path(mapping)))
    recorded = {"format": format.value, **({"separator": options["separator"]} if options.get("separator") else {})}
    history = History.read(ledger)
    if earlier := history.same_import(content, recorded):
        return _held_before(earlier, path)
    if format is Format.BOUNDARIES:
        payload = _boundaries_payload(path)
    elif format is Format.CONTROL:
        payload = _control_payload(path, case, options.get("separator"))
    else:
        result = _read(path, format, case, options)
        progress(f"comparing {path.name} with what is held", 0, 0)
        payload = _reports_payload(result, history, batches, content)
    batches.put_bytes(document)
    if mapping is not None:
        batches.put_bytes(read_bytes(Path(mapping)))
    rejects = payload.pop("faults", ())
    if rejects:
        content["rejects"] = batches.put_bytes(canonical_json([asdict(fault) for fault in rejects]).encode())
    entry = ledger.append(
        Kind.IMPORT,
        {"file": path.name, "size_bytes": len(document), "options": recorded, **payload, "content": content},
        author=author,
    )
    return _result(entry, already_held=False, rejects=rejects)


def refuse_options(mapping: Path | str | None, separator: str | None) -> None:
    """Refuse what submissions have no use for.

    Raises
    ------
    UsageError
        When either is given.
    """
    if mapping is not None or separator is not None:
        raise UsageError(
            "Submissions take no mapping and no separator: the form says what its columns are.", "Leave them out."
        )


def import_json(result: ImportResult) -> dict[str, Any]:
    """Return the result as plain values."""
    return {**asdict(result), "notes": dict(result.notes)}


def _read(path: Path, format: Format, case: Case, options: Mapping[str, Any]) -> ReadResult:
    separator = options.get("separator")
    if format is Format.TABLE:
        from ceasefire.intake.table import read_table

        return read_table(path, mapping=Path(options["mapping"]), register=case.actors, zone=case.zone)
    from ceasefire.intake.ucdp_ged import read_ucdp_ged
    from ceasefire.intake.ucdp_lineages import lineage_key

    lineages = {
        lineage_key(name): speaker.id
        for speaker in case.speakers.values()
        for name in (speaker.id, *speaker.names.values())
    }
    return read_ucdp_ged(
        path, register=case.actors, zone=case.zone, separator=separator, extent=_extent(case), lineages=lineages
    )


def _extent(case: Case) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of all areas of the case; None when it has none."""
    import shapely

    if not case.geometries:
        return None
    west, south, east, north = shapely.total_bounds(list(case.geometries.values())).tolist()
    return west, south, east, north


def _reports_payload(
    result: ReadResult, history: History, batches: BatchStore, content: dict[str, str]
) -> dict[str, Any]:
    """Sort the reports by what is held, keep the new ones, and return what the entry says."""
    by_content = sort_reports(result.reports, held_reports(history, batches))
    content["reports"] = batches.put_table(by_content.fresh)
    return {
        "rows_in": result.rows_in,
        "accepted": by_content.fresh.num_rows,
        "rejected": result.rejected,
        "duplicates": result.duplicates + by_content.unchanged,
        "revised": by_content.revised,
        "notes": dict(result.notes),
        "faults": tuple(result.rejects),
    }


def _boundaries_payload(path: Path) -> dict[str, Any]:
    """Read administrative boundaries, so that a file that cannot be used is refused now."""
    from ceasefire.territory.boundaries import read_boundaries

    count = len(read_boundaries(path))
    return {"rows_in": count, "accepted": count, "rejected": 0, "duplicates": 0, "revised": 0, "notes": {}}


def _control_payload(path: Path, case: Case, separator: str | None) -> dict[str, Any]:
    """Read statements on who holds what, so that a file that cannot be used is refused now."""
    from ceasefire.intake.control_table import read_control_table

    register = case.actors
    table = read_control_table(
        path,
        zone=case.zone,
        resolve=lambda name, at: name if name in register.actors else register.resolve(name, at=at),
        separator=separator,
    )
    count = len(table.words) + len(table.counts)
    return {"rows_in": count, "accepted": count, "rejected": 0, "duplicates": 0, "revised": 0, "notes": {}}


def _held_before(entry: Entry, path: Path) -> ImportResult:
    held = _result(entry, already_held=True, rejects=())
    return ImportResult(
        position=held.position,
        format=held.format,
        file=path.name,
        already_held=True,
        rows_in=held.rows_in,
        accepted=0,
        rejected=held.rejected,
        duplicates=held.accepted + held.duplicates,
        notes={},
    )


def _result(entry: Entry, *, already_held: bool, rejects: tuple[Fault, ...]) -> ImportResult:
    said = entry.payload
    return ImportResult(
        position=entry.position,
        format=said["options"]["format"],
        file=said["file"],
        already_held=already_held,
        rows_in=said["rows_in"],
        accepted=said["accepted"],
        rejected=said["rejected"],
        duplicates=said["duplicates"],
        revised=said["revised"],
        rejects=rejects,
        notes=said["notes"],
    )


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError.single(
            path,
            f"cannot be read: {error.strerror}.",
            "Nothing was imported.",
            "Check the path and its permissions.",
        ) from error
