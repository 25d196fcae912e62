"""Runs scenario files: reports and a case in, the expected answers and statuses with their reason out.

A scenario is written by people who know the law, not the code. `tests/scenarios/README.md` describes the format.
"""

from __future__ import annotations

import atexit
import csv
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field
from ruamel.yaml import YAML

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.findings.check import check_incidents
from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.findings.trace import explain
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.intake.case_reports import read_case_reports
from ceasefire.intake.ucdp_ged import read_ucdp_ged
from ceasefire.model.case_types import CaseFile, MomentText
from ceasefire.model.errors import InputError
from ceasefire.model.time import parse_moment
from ceasefire.model.yaml_file import CaseRecord, plain, read_yaml, validated
from ceasefire.territory.boundaries import read_boundaries

FOLDER = Path(__file__).parent
ANSWERS = Literal["yes", "no", "undetermined", "contested"]
# Columns of the UCDP file that a scenario need not give, with what they hold then.
UCDP_DEFAULTS = {
    "id": "900001",
    "year": "2017",
    "active_year": "1",
    "type_of_violence": "1",
    "conflict_new_id": "299",
    "conflict_name": "",
    "dyad_new_id": "0",
    "dyad_name": "",
    "side_a_new_id": "",
    "side_b_new_id": "",
    "gwnob": "",
    "number_of_sources": "1",
    "source_office": "SOHR",
    "source_date": "2017-09-28",
    "where_prec": "1",
    "where_coordinates": "",
    "adm_1": "",
    "adm_2": "",
    "priogrid_gid": "0",
    "country": "",
    "country_id": "652",
    "region": "",
    "event_clarity": "1",
    "date_prec": "1",
    "deaths_a": "0",
    "deaths_b": "0",
    "deaths_civilians": "0",
    "deaths_unknown": "0",
    "low": "0",
    "best": "0",
    "high": "0",
}


class ExpectedFinding(CaseRecord):
    """What a scenario expects of one finding; what is left out is not looked at."""

    clause: str
    accused: str | None
    event: str | None = Field(default=None, description="title of the incident, where the scenario has several")
    status: str
    zone: str | None = None
    answers: dict[str, ANSWERS] = Field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    not_reasons: tuple[str, ...] = ()
    civilian_victims: ANSWERS | None = None
    mixed_target: bool | None = None
    share_inside: tuple[float, float] | None = None
    alleged_by: tuple[str, ...] | None = None
    trace_says: tuple[str, ...] = ()


class ExpectedObligation(CaseRecord):
    """What a scenario expects of one obligation."""

    clause: str
    bearer: str
    zone: str | None = None
    on: MomentText | None = Field(default=None, description="a day within the period meant")
    state: str | None = None
    reasons: tuple[str, ...] = ()
    not_reasons: tuple[str, ...] = ()
    absent: bool = Field(default=False, description="whether there must be no such obligation")


class NotStored(CaseRecord):
    """A pair that must have no finding."""

    clause: str
    accused: str | None = None


class Scenario(CaseFile):
    """One scenario file."""

    title: str
    why: str
    case: str
    changes: dict[str, dict[str, Any]] = Field(default_factory=dict, description="file -> list key -> records")
    reports: tuple[dict[str, Any], ...] = ()
    ucdp: tuple[dict[str, Any], ...] = ()
    boundaries: bool = False
    reading: str | None = None
    as_of: MomentText | None = None
    incidents: int | None = None
    expect: tuple[ExpectedFinding, ...] = ()
    none: tuple[NotStored, ...] = ()
    obligations: tuple[ExpectedObligation, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario."""

    case: Case
    incidents: pa.Table
    found: Any
    findings: list[dict[str, Any]]


@cache
def parsed_files() -> Path:
    """Return a folder that keeps parsed case files for the length of a test run; most scenarios change one or two."""
    folder = TemporaryDirectory(prefix="scenario-cases-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def read_scenario(path: Path) -> Scenario:
    """Read and check one scenario file."""
    scenario, faults = validated(read_yaml(path), Scenario)
    if scenario is None:
        raise InputError(faults)
    return scenario


@cache
def built_in(name: str) -> Case:
    """Load a built-in case once."""
    return load_case(built_in_case(name), cache=parsed_files())


def load_changed(scenario: Scenario, folder: Path) -> Case:
    """Load the scenario's case with its changes.

    In a file's list, a record with an id that is there already replaces it, one with `remove: true` removes it, any
    other is added.
    """
    if not scenario.changes:
        return built_in(scenario.case)
    changed = folder / "case"
    shutil.copytree(built_in_case(scenario.case), changed)
    yaml = YAML(typ="safe")
    for name, lists in scenario.changes.items():
        path = changed / name
        content = plain(read_yaml(path, cache=parsed_files()).data) if path.exists() else {"format": 1}
        for key, records in lists.items():
            content[key] = _with_changes(content.get(key, []), records)
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(content, file)
    return load_case(changed, cache=parsed_files())


def _with_changes(there: list[dict[str, Any]], records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_id = {record["id"]: record for record in there}
    for record in records:
        if record.get("remove"):
            del by_id[record["id"]]
        else:
            by_id[record["id"]] = by_id.get(record["id"], {}) | record
    return list(by_id.values())


@cache
def places(case: str) -> dict[str, dict[str, Any]]:
    """Read the places that scenarios of a case may name instead of describing them."""
    return plain(read_yaml(FOLDER / "places" / f"{case}.yaml").data)


def _complete(scenario: Scenario) -> list[dict[str, Any]]:
    """Fill in what a scenario's reports may leave out: an id, the event, a title, a source; and look up places."""
    complete = []
    for number, report in enumerate(map(plain, scenario.reports), start=1):
        defaults = {"id": f"R{number}", "event": "E", "title": scenario.title, "sources": ["scenario"]}
        whole = defaults | report
        if isinstance(whole["where"], str):
            whole["where"] = {"name": whole["where"]} | places(scenario.case)[whole["where"]]
        complete.append(whole)
    return complete


def run(scenario: Scenario, folder: Path) -> Outcome:
    """Read the scenario's reports as a user's would be, fuse and check them."""
    case = load_changed(scenario, folder)
    tables = []
    if scenario.reports:
        (folder / "reports").mkdir()
        with (folder / "reports" / "scenario.yaml").open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump({"format": 1, "reports": _complete(scenario)}, file)
        speakers = {key: (speaker.party, speaker.lineage or (key,)) for key, speaker in case.speakers.items()}
        tables.append(
            read_case_reports(folder, register=case.actors, acts=case.acts, speakers=speakers, zone=case.zone)
        )
    if scenario.ucdp:
        path = folder / "ucdp.csv"
        rows = [UCDP_DEFAULTS | {key: str(value) for key, value in row.items()} for row in scenario.ucdp]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        tables.append(read_ucdp_ged(path, register=case.actors, zone=case.zone).reports)
    incidents = fuse_by_event(pa.concat_tables(tables)).incidents
    boundaries = read_boundaries(built_in_case(scenario.case) / "boundaries.geojson") if scenario.boundaries else None
    found = check_incidents(case, incidents, boundaries=boundaries, reading=scenario.reading)
    return Outcome(case, incidents, found, found.table().to_pylist())


def faults_of(scenario: Scenario, folder: Path) -> list[str]:
    """Run a scenario and say, in sentences, where it came out otherwise than expected."""
    faults: list[str] = []
    if scenario.reports or scenario.ucdp:
        outcome = run(scenario, folder)
        if scenario.incidents is not None and outcome.incidents.num_rows != scenario.incidents:
            faults.append(f"expected {scenario.incidents} incidents, found {outcome.incidents.num_rows}")
        for expected in scenario.expect:
            faults += _finding_faults(outcome, expected)
        for pair in scenario.none:
            if any(
                f["clause_id"] == pair.clause and (pair.accused in (None, f["accused_id"])) for f in outcome.findings
            ):
                faults.append(f"expected no finding for {pair.clause} and {pair.accused or 'anybody'}")
    if scenario.obligations:
        faults += _obligation_faults(scenario, load_changed(scenario, folder / "obligations"))
    return faults


def _finding_faults(outcome: Outcome, expected: ExpectedFinding) -> list[str]:
    titles = dict(
        zip(outcome.incidents["incident_id"].to_pylist(), outcome.incidents["title"].to_pylist(), strict=True)
    )
    matching = [
        finding
        for finding in outcome.findings
        if finding["clause_id"] == expected.clause
        and finding["accused_id"] == expected.accused
        and expected.event in (None, titles[finding["incident_id"]])
    ]
    name = f"{expected.clause} for {expected.accused}"
    if len(matching) != 1:
        there = sorted({(f["clause_id"], f["accused_id"]) for f in outcome.findings}, key=str)
        return [f"expected one finding {name}, found {len(matching)}; there are {there}"]
    finding = matching[0]
    faults = []
    if finding["status"] != expected.status:
        answers = {q: finding[q] for q in ("in_force", "in_area", "act", "bound", "covered_target", "exception")}
        faults.append(f"{name}: status {finding['status']}, expected {expected.status}; {answers} {finding['reasons']}")
    for question, answer in expected.answers.items():
        if finding[question.replace("-", "_")] != answer:
            faults.append(f"{name}: {question} is {finding[question.replace('-', '_')]}, expected {answer}")
    if missing := set(expected.reasons) - set(finding["reasons"]):
        faults.append(f"{name}: reasons {finding['reasons']} lack {sorted(missing)}")
    if unwanted := set(expected.not_reasons) & set(finding["reasons"]):
        faults.append(f"{name}: reasons {finding['reasons']} include {sorted(unwanted)}")
    for key in ("civilian_victims", "mixed_target"):
        wanted = getattr(expected, key)
        if wanted is not None and finding[key] != wanted:
            faults.append(f"{name}: {key} is {finding[key]}, expected {wanted}")
    if "zone" in expected.model_fields_set and finding["zone_id"] != expected.zone:
        faults.append(f"{name}: zone {finding['zone_id']}, expected {expected.zone}")
    if expected.share_inside and not (
        finding["share_inside"] is not None
        and expected.share_inside[0] <= finding["share_inside"] <= expected.share_inside[1]
    ):
        faults.append(f"{name}: share inside {finding['share_inside']}, expected within {expected.share_inside}")
    if expected.alleged_by is not None and set(finding["alleged_by"]) != set(expected.alleged_by):
        faults.append(f"{name}: alleged by {finding['alleged_by']}, expected {list(expected.alleged_by)}")
    trace = "\n".join(explain(outcome.found, finding).sentences())
    faults += [
        f"{name}: the trace does not say {words!r}:\n{trace}" for words in expected.trace_says if words not in trace
    ]
    return faults


def _obligation_faults(scenario: Scenario, case: Case) -> list[str]:
    assert scenario.as_of is not None, "a scenario that expects obligations needs `as_of`"
    rows = evaluate_obligations(case, as_of=parse_moment(scenario.as_of, case.zone).end).to_pylist()
    faults = []
    for expected in scenario.obligations:
        at = parse_moment(expected.on, case.zone).start if expected.on else None
        matching = [
            row
            for row in rows
            if (row["clause_id"], row["bearer_id"]) == (expected.clause, expected.bearer)
            and ("zone" not in expected.model_fields_set or row["zone_id"] == expected.zone)
            and (at is None or _within(row, at))
        ]
        name = f"{expected.clause} by {expected.bearer}"
        if expected.absent:
            faults += [f"expected no obligation {name} on {expected.on}"] if matching else []
        elif len(matching) != 1:
            faults.append(f"expected one obligation {name}, found {len(matching)}")
        elif matching[0]["state"] != expected.state:
            faults.append(f"{name}: {matching[0]['state']} {matching[0]['reasons']}, expected {expected.state}")
        elif missing := set(expected.reasons) - set(matching[0]["reasons"]):
            faults.append(f"{name}: reasons {matching[0]['reasons']} lack {sorted(missing)}")
        elif unwanted := set(expected.not_reasons) & set(matching[0]["reasons"]):
            faults.append(f"{name}: reasons {matching[0]['reasons']} include {sorted(unwanted)}")
    return faults


def _within(row: dict[str, Any], instant: int) -> bool:
    start = int(row["period_from"].timestamp() * 1_000_000)
    end = int(row["period_until"].timestamp() * 1_000_000) if row["period_until"] else instant + 1
    return start <= instant < end
