"""The files of a case folder, read with the place of every record, so that checks across files can say where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ceasefire.actors.records import Actor, ActorsFile
from ceasefire.agreement.casework_rules import Body, CaseworkRules
from ceasefire.agreement.records import (
    Adherence,
    AdherenceFile,
    CaseAct,
    CaseDescription,
    Clause,
    ClausesFile,
    Coverage,
    CoverageFile,
    Evidence,
    EvidenceFile,
    ExceptionKind,
    ExceptionsFile,
    Instrument,
    InstrumentsFile,
    Interpretation,
    InterpretationsFile,
    Measure,
    MeasuresFile,
    Milestone,
    MilestonesFile,
    Notification,
    Post,
    PostsFile,
    Round,
    Source,
    SourcesFile,
    Speaker,
    TalksFile,
    TotalsFile,
    TwoSidedCount,
    VocabularyFile,
)
from ceasefire.model.canonical import canonical_json, sha256_hex
from ceasefire.model.errors import Fault, InputError
from ceasefire.model.schema_faults import Location, suggestion
from ceasefire.model.yaml_file import CaseRecord, YamlFile, plain, read_yaml, validated
from ceasefire.territory.control_records import ControlCount, ControlFile, ControlStatement, Settlement
from ceasefire.territory.records import Area, AreasFile
from ceasefire.territory.siting_records import SitingFile, SitingPlan

RecordT_co = TypeVar("RecordT_co", bound=CaseRecord, covariant=True)
Record = TypeVar("Record", bound=CaseRecord)


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One file of a case: its schema, and which list in it holds which kind of record."""

    name: str
    schema: type[CaseRecord]
    lists: Mapping[str, tuple[str, type[CaseRecord]]]
    required: bool = False


CASE_FILE = FileFormat("case.yaml", CaseDescription, {}, required=True)
FORMATS = (
    CASE_FILE,
    FileFormat(
        "sources.yaml",
        SourcesFile,
        {"sources": ("source", Source), "speakers": ("speaker", Speaker)},
        required=True,
    ),
    FileFormat("instruments.yaml", InstrumentsFile, {"instruments": ("instrument", Instrument)}, required=True),
    FileFormat("clauses.yaml", ClausesFile, {"clauses": ("clause", Clause)}, required=True),
    FileFormat("actors.yaml", ActorsFile, {"actors": ("actor", Actor)}, required=True),
    FileFormat("areas.yaml", AreasFile, {"areas": ("area", Area)}),
    FileFormat("interpretations.yaml", InterpretationsFile, {"interpretations": ("interpretation", Interpretation)}),
    FileFormat("adherence.yaml", AdherenceFile, {"adherence": ("adherence", Adherence)}),
    FileFormat(
        "exceptions.yaml",
        ExceptionsFile,
        {"exception_kinds": ("exception kind", ExceptionKind), "notifications": ("notification", Notification)},
    ),
    FileFormat("milestones.yaml", MilestonesFile, {"milestones": ("milestone", Milestone)}),
    FileFormat("evidence.yaml", EvidenceFile, {"evidence": ("evidence", Evidence)}),
    FileFormat("talks.yaml", TalksFile, {"rounds": ("round", Round)}),
    FileFormat("posts.yaml", PostsFile, {"posts": ("post", Post)}),
    FileFormat("measures.yaml", MeasuresFile, {"measures": ("measure", Measure)}),
    FileFormat("coverage.yaml", CoverageFile, {"coverage": ("coverage", Coverage)}),
    FileFormat("totals.yaml", TotalsFile, {"totals": ("total", TwoSidedCount)}),
    FileFormat(
        "control.yaml",
        ControlFile,
        {
            "settlements": ("settlement", Settlement),
            "statements": ("control statement", ControlStatement),
            "counts": ("control count", ControlCount),
        },
    ),
    FileFormat("siting.yaml", SitingFile, {"plans": ("siting plan", SitingPlan)}),
    FileFormat("vocabulary.yaml", VocabularyFile, {"acts": ("act", CaseAct)}),
    FileFormat("casework.yaml", CaseworkRules, {"bodies": ("body", Body)}),
)
HOME = {kind: form.name for form in FORMATS for kind, _ in form.lists.values()} | {"area version": "areas.yaml"}
"""Kind of record to the file in which it is defined."""
CLAUSES_FOLDER, REPORTS_FOLDER = "clauses", "reports"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Entry(Generic[RecordT_co]):
    """A record that its schema accepts, and where it stands.

    Parameters
    ----------
    kind : str
        What it is, as sentences call it: ``clause``, ``exception kind``.
    id : str
        Its id.
    record : CaseRecord
        The record.
    file : YamlFile
        The file it is in.
    location : tuple
        Keys and indexes that lead to it.
    """

    kind: str
    id: str
    record: RecordT_co
    file: YamlFile
    location: Location

    @property
    def label(self) -> str:
        """How sentences name it."""
        return f'{self.kind} "{self.id}"'

    def fault(self, within: Location, what: str, why: str, remedy: str) -> Fault:
        """Build a fault at the line of `within`, counted from the record."""
        return self.file.fault(self.location + within, what, why, remedy)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an id is given, whether or not the record around it is well-formed."""

    file: YamlFile
    location: Location

    def __str__(self) -> str:
        """Return ``file:line``."""
        return f"{self.file.path}:{self.file.line_of(self.location)[0]}"


@dataclass(slots=True)
class CaseFiles:
    """Everything read from a case folder, well-formed or not.

    Attributes
    ----------
    folder : Path
        As the user named it.
    description : Entry or None
        `case.yaml`, when well-formed.
    casework : CaseworkRules or None
        `casework.yaml`, when there is one and it is well-formed.
    entries : dict of str to list of Entry
        Well-formed records by kind, in the order of the files.
    ids : dict of str to list of (id, Place)
        Every id given, by kind, from ill-formed records too: so that one mistake is one fault.
    incomplete : set of str
        Kinds of which some ids could not be read; nothing can be said to be undefined among them.
    faults : list of Fault
        What was wrong with the files taken one by one.
    read : dict of str to bytes
        Content of the files that make the case, by path relative to the folder.
    """

    folder: Path
    description: Entry[CaseDescription] | None = None
    casework: CaseworkRules | None = None
    entries: dict[str, list[Entry[CaseRecord]]] = field(default_factory=dict)
    ids: dict[str, list[tuple[str, Place]]] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    read: dict[str, bytes] = field(default_factory=dict)

    def of(self, kind: str, schema: type[Record]) -> list[Entry[Record]]:
        """Return the entries of a kind, typed."""
        return [entry for entry in self.entries.get(kind, []) if isinstance(entry.record, schema)]  # type: ignore[misc]

    def shown(self, relative: str | Path) -> str:
        """Return how messages name a file of the case."""
        return str(self.folder / relative)

    @property
    def digest(self) -> str:
        """SHA-256 over the sorted relative paths and content hashes."""
        hashes = sorted((name, sha256_hex(content)) for name, content in self.read.items())
        return sha256_hex(canonical_json([list(pair) for pair in hashes]).encode())


def read_case_files(folder: Path, cache: Path | None = None) -> CaseFiles:
    """Read every file of a case folder; what is wrong is collected in `faults`, never raised.

    `cache` is that of `model.yaml_file.read_yaml`.
    """
    files = CaseFiles(folder)
    if not folder.is_dir():
        files.faults.append(
            Fault(
                path=str(folder),
                what="is not a folder." if folder.exists() else "there is no such folder.",
                why="A case is a folder of files.",
                remedy="Name the folder that holds case.yaml, or start one with `ceasefire init`.",
            )
        )
        return files
    paths = {path.relative_to(folder).as_posix(): path for path in _yaml_files(folder)}
    for form in FORMATS:
        names = [form.name] if form.name in paths else []
        if form.name == "clauses.yaml":
            names += sorted(name for name in paths if _is_in(name, CLAUSES_FOLDER))
        for name in names:
            _read_one(files, form, name, paths[name], cache)
        if form.required and not names:
            _report_absent(files, form, set(paths))
    known = {form.name for form in FORMATS}
    for name, path in sorted(paths.items()):
        if _is_in(name, REPORTS_FOLDER):
            files.read[name] = path.read_bytes()
        elif name not in known and not _is_in(name, CLAUSES_FOLDER):
            _report_stranger(files, name, known - set(paths))
    return files


def _yaml_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in (".yaml", ".yml") and path.is_file() and not hidden:
            yield path


def _is_in(name: str, folder: str) -> bool:
    parts = name.split("/")
    return len(parts) == 2 and parts[0] == folder and name.endswith(".yaml")


def _report_absent(files: CaseFiles, form: FileFormat, names: set[str]) -> None:
    files.incomplete.update(kind for kind, _ in form.lists.values())
    or_folder = f", or {CLAUSES_FOLDER}/*.yaml" if form.name == "clauses.yaml" else ""
    if any(suggestion(name, [form.name]) for name in names - {other.name for other in FORMATS}):
        return  # the misspelled file is reported, once
    files.faults.append(
        Fault(
            path=files.shown(form.name),
            what=f"there is no {form.name}{or_folder}.",
            why="A case has no meaning without it.",
            remedy="Add the file, beginning with `format: 1`; docs/case-format.md describes it.",
        )
    )


def _report_stranger(files: CaseFiles, name: str, unused: set[str]) -> None:
    hint = suggestion(name, unused)
    if hint:
        meant = hint.split('"')[1]
        files.incomplete.update(kind for kind, home in HOME.items() if home == meant)
    files.faults.append(
        Fault(
            path=files.shown(name),
            what="is not a file that the case format knows.",
            why="A file that nothing reads would be silently ignored.",
            remedy=f"{hint}Rename it, or move it out of the case. Files of a case: "
            f"{', '.join(form.name for form in FORMATS)}, {CLAUSES_FOLDER}/*.yaml, {REPORTS_FOLDER}/*.yaml.",
        )
    )


def _read_one(files: CaseFiles, form: FileFormat, name: str, path: Path, cache: Path | None) -> None:
    try:
        file = read_yaml(path, shown_as=files.shown(name), cache=cache)
        files.read[name] = path.read_bytes()
    except InputError as error:
        files.faults += error.faults
        files.incomplete.update(kind for kind, _ in form.lists.values())
        return
    version = file.data.get("format") if isinstance(file.data, dict) else None
    if version is not None and version != 1:
        files.faults.append(
            file.fault(
                ("format",),
                f"the file says format {version}.",
                "This release reads format 1; another format may mean something else by the same words.",
                "Write `format: 1`, or use the release of ceasefire that wrote the file.",
            )
        )
        files.incomplete.update(kind for kind, _ in form.lists.values())
        return
    record, faults = validated(file, form.schema)
    files.faults += faults
    if isinstance(record, CaseDescription):
        files.description = Entry("case", record.id, record, file, ())
    if isinstance(record, CaseworkRules):
        files.casework = record
    for key, (kind, schema) in form.lists.items():
        _collect(files, file, key, kind, schema)
        if not isinstance(file.data, dict) or (key not in file.data and form.schema.model_fields[key].is_required()):
            files.incomplete.add(kind)


def _collect(files: CaseFiles, file: YamlFile, key: str, kind: str, schema: type[CaseRecord]) -> None:
    """Take the records of one list that are well-formed, and the ids of all."""
    items = file.data.get(key) if isinstance(file.data, dict) else None
    if isinstance(items, dict):
        places: list[tuple[Any, Location, Location, Any]] = [
            (name, (key, name), (key, name), item) for name, item in items.items()
        ]
    elif isinstance(items, list):
        places = [
            (item.get("id") if isinstance(item, dict) else None, (key, i), (key, i, "id"), item)
            for i, item in enumerate(items)
        ]
    else:
        return
    for id_, at, id_at, item in places:
        if not isinstance(id_, str):
            files.incomplete.add(kind)
            continue
        files.ids.setdefault(kind, []).append((id_.strip(), Place(file, id_at)))
        if not _ID.fullmatch(id_.strip()):
            files.incomplete.add(kind)  # what it should have been is not known either
        if kind == "area":
            _collect_versions(files, file, at, item)
        record, _ = validated(file, schema, at)
        if record is not None:
            files.entries.setdefault(kind, []).append(Entry(kind, id_.strip(), record, file, at))


def _collect_versions(files: CaseFiles, file: YamlFile, at: Location, item: Any) -> None:
    versions = item.get("versions") if isinstance(item, dict) else None
    for i, version in enumerate(versions if isinstance(versions, list) else []):
        id_ = plain(version).get("id") if isinstance(version, dict) else None
        if isinstance(id_, str):
            files.ids.setdefault("area version", []).append((id_, Place(file, (*at, "versions", i, "id"))))
