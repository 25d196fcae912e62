"""Loads a case folder whole, or says everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ceasefire.actors.records import Actor
from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.case import Case
from ceasefire.agreement.casework_rules import DEFAULT_RULES
from ceasefire.agreement.crosscheck_actors import check_actors
from ceasefire.agreement.crosscheck_areas import check_areas
from ceasefire.agreement.crosscheck_clauses import check_agreements
from ceasefire.agreement.crosscheck_coverage import check_coverage
from ceasefire.agreement.crosscheck_dates import check_dates
from ceasefire.agreement.crosscheck_plans import check_plans
from ceasefire.agreement.crosscheck_references import check_ids, check_references
from ceasefire.agreement.files import CaseFiles, read_case_files
from ceasefire.agreement.records import (
    Adherence,
    CaseAct,
    CaseDescription,
    Clause,
    Coverage,
    Evidence,
    ExceptionKind,
    Instrument,
    Interpretation,
    Measure,
    Milestone,
    Notification,
    Post,
    Round,
    Source,
    Speaker,
    TwoSidedCount,
)
from ceasefire.model.errors import AgreementError, Fault, UsageError
from ceasefire.model.schema_faults import listed, suggestion
from ceasefire.model.vocabulary import ACTS
from ceasefire.model.yaml_file import CaseRecord, read_yaml
from ceasefire.territory.control_records import ControlCount, ControlStatement, Settlement
from ceasefire.territory.records import Area
from ceasefire.territory.siting_records import SitingPlan

Record = TypeVar("Record", bound=CaseRecord)


@dataclass(frozen=True, slots=True)
class _Checked:
    files: CaseFiles
    zone: ZoneInfo
    geometries: dict[str, Any]
    faults: tuple[Fault, ...]


def load_case(folder: Path | str, *, cache: Path | None = None) -> Case:
    """Read a case folder.

    Parameters
    ----------
    folder : Path or str
        Holds ``case.yaml`` and the other files; messages name them as under this path.
    cache : Path, optional
        A folder that keeps what was parsed, by the hash of each file.

    Raises
    ------
    AgreementError
        With every fault of every file, when there is one.
    """
    checked = _check(Path(folder), cache)
    description = checked.files.description
    if checked.faults or description is None:
        raise AgreementError(checked.faults)
    return _case_of(checked, description.record)


def _case_of(checked: _Checked, description: CaseDescription) -> Case:
    read = checked.files
    return Case(
        folder=read.folder,
        digest=read.digest,
        description=description,
        zone=checked.zone,
        sources=_by_id(read, "source", Source),
        speakers=_by_id(read, "speaker", Speaker),
        actors=ActorRegister(_all(read, "actor", Actor), checked.zone),
        areas=_by_id(read, "area", Area),
        geometries=checked.geometries,
        instruments=_by_id(read, "instrument", Instrument),
        clauses=_by_id(read, "clause", Clause),
        interpretations=_by_id(read, "interpretation", Interpretation),
        adherence=_all(read, "adherence", Adherence),
        exception_kinds=_by_id(read, "exception kind", ExceptionKind),
        notifications=_all(read, "notification", Notification),
        milestones=_by_id(read, "milestone", Milestone),
        evidence=_all(read, "evidence", Evidence),
        rounds=_all(read, "round", Round),
        posts=_all(read, "post", Post),
        measures=_all(read, "measure", Measure),
        coverage=_all(read, "coverage", Coverage),
        totals=_all(read, "total", TwoSidedCount),
        acts=ACTS | {act.id: act.parent for act in _all(read, "act", CaseAct)},
        settlements=_by_id(read, "settlement", Settlement),
        control_statements=_all(read, "control statement", ControlStatement),
        control_counts=_all(read, "control count", ControlCount),
        siting_plans=_by_id(read, "siting plan", SitingPlan),
        casework=read.casework or DEFAULT_RULES,
    )


def check_case(folder: Path | str) -> list[Fault]:
    """Return everything that is wrong with a case folder, by file and line; its reports are checked by intake."""
    return list(_check(Path(folder)).faults)


def built_in_cases() -> tuple[str, ...]:
    """Return the names of the cases that come with ceasefire."""
    return tuple(sorted(path.parent.name for path in _built_in_folder().glob("*/case.yaml")))


def built_in_case(name: str) -> Path:
    """Return the folder of a case that comes with ceasefire.

    Raises
    ------
    UsageError
        When there is none of that name; names those there are.
    """
    names = built_in_cases()
    if name not in names:
        raise UsageError(
            f'there is no built-in case "{name}".',
            f"{suggestion(name, names)}Built-in cases: {listed(names) or 'none'}. "
            "For a case of your own, give the path of its folder.",
        )
    return _built_in_folder() / name


def built_in_role(role: str) -> dict[str, str]:
    """Return what is said of a role that a built-in case has, such as ``demonstration``: its ``case``, and more."""
    said: dict[str, str] = read_yaml(_built_in_folder() / "roles.yaml").data[role]
    return {key: str(value) for key, value in said.items()}


def _built_in_folder() -> Path:
    return Path(str(resources("ceasefire") / "cases"))


def _check(folder: Path, cache: Path | None = None) -> _Checked:
    files = read_case_files(folder, cache)
    zone, faults = _time_zone(files)
    geometries, area_faults = check_areas(files)
    faults += files.faults + area_faults
    faults += check_ids(files) + check_references(files)
    faults += check_dates(files, zone) + check_coverage(files, zone) + check_plans(files)
    faults += check_agreements(files) + check_actors(files, zone)
    ordered = sorted(faults, key=lambda fault: (fault.path, fault.line or 0, fault.column or 0))
    return _Checked(files, zone, geometries, tuple(ordered))


def _time_zone(files: CaseFiles) -> tuple[ZoneInfo, list[Fault]]:
    """Return the case's time zone; UTC where it names none that is known, so that the rest can be checked."""
    if files.description is None:
        return ZoneInfo("UTC"), []
    name = files.description.record.time_zone
    try:
        return ZoneInfo(name), []
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC"), [
            files.description.fault(
                ("time_zone",),
                f'the time zone "{name}" is not known.',
                "A date without a time is a local day, and that day's length and limits depend on the zone.",
                f"{suggestion(name, available_timezones())}Write a name of the IANA database, such as Europe/Zurich.",
            )
        ]


def _all(files: CaseFiles, kind: str, schema: type[Record]) -> tuple[Record, ...]:
    return tuple(entry.record for entry in files.of(kind, schema))


def _by_id(files: CaseFiles, kind: str, schema: type[Record]) -> dict[str, Record]:
    return {entry.id: entry.record for entry in files.of(kind, schema)}
