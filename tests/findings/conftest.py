"""The training case, its reports fused and checked, once for all tests of this room."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.findings.check import FindingSet, check_incidents
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.intake.case_reports import read_case_reports
from ceasefire.territory.boundaries import Boundaries, read_boundaries


@pytest.fixture(scope="session")
def riverline() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.fixture(scope="session")
def incidents(riverline: Case) -> pa.Table:
    speakers = {key: (speaker.party, speaker.lineage or (key,)) for key, speaker in riverline.speakers.items()}
    reports = read_case_reports(
        riverline.folder, register=riverline.actors, acts=riverline.acts, speakers=speakers, zone=riverline.zone
    )
    return fuse_by_event(reports).incidents


@pytest.fixture(scope="session")
def provinces(riverline: Case) -> Boundaries:
    return read_boundaries(riverline.folder / "boundaries.geojson")


@pytest.fixture(scope="session")
def found(riverline: Case, incidents: pa.Table) -> FindingSet:
    return check_incidents(riverline, incidents)
