"""The API fuzzed from its own description, in every role: no server error, no invalid input accepted.

A request that fits the description may still be refused with a sentence - a day in a year that has none, an id that
nothing bears - so acceptance of all that fits is the one thing not asked here.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, note, settings
from hypothesis.errors import Unsatisfiable
from litestar import Litestar
from schemathesis.checks import CHECKS
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.modes import GenerationMode

from ceasefire.casework.fold import KINDS, CaseFiles
from ceasefire.casework.people import Person
from ceasefire.centre.app import build_app
from ceasefire.centre.settings import Settings
from ceasefire.model.roles import Role

from .conftest import viewer

EXAMPLES = 60 if os.environ.get("CEASEFIRE_SOAK") else 4
ENDLESS = "/api/v1/events"
FILED, LUCK = 2, 20
"""Entries of casework before it begins; examples after which one that fits must have been recorded."""
WORKERS = frozenset({Role.LIAISON, Role.FIELD_MONITOR, Role.ANALYST, Role.HEAD})
NOT_ASKED = ("positive_data_acceptance",)
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "422", "428", "429", "5xx"]
CONFIG = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}})


@pytest.mark.filterwarnings("default")  # of the fuzzer's own libraries
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_breaks_the_server_and_none_that_is_invalid_is_taken(
    mode: GenerationMode, served_once: Path, tmp_path: Path
) -> None:
    told = Path(shutil.copytree(served_once, tmp_path / "told"))
    case_file = told_to_all(told)
    apps = {role: app_for(role, Path(shutil.copytree(told, tmp_path / role.value))) for role in Role}
    schema = schemathesis.openapi.from_asgi("/api/v1/schema/openapi.json", apps[Role.HEAD], config=CONFIG)
    left_out = [check for check in CHECKS.get_all() if check.__name__ in NOT_ASKED]
    assert len(left_out) == len(NOT_ASKED)
    statuses: dict[Role, set[int]] = {role: set() for role in Role}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == ENDLESS:
            continue

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            if "case_file_id" in case.path_parameters and not path_is_wrong(case):
                case.path_parameters["case_file_id"] = case_file
            for role, app in apps.items():  # making a request costs more than asking it
                answer = case.call(app=app, headers={"origin": "http://testserver"})
                statuses[role].add(int(answer.status_code))
                note(f"asked by {role}")
                case.validate_response(answer, excluded_checks=left_out)

        with suppress(Unsatisfiable):  # of what takes no parameter nothing can be invalid
            ask()
    for role, app in apps.items():
        assert not [status for status in statuses[role] if status >= 500], role
        refused = {401, 403} if role in (Role.PUBLIC, Role.ADMINISTRATOR) else {400}
        assert refused & statuses[role], (role, statuses[role])
        with app.state.casework.ledger() as ledger:
            recorded = sum(entry.kind in KINDS for entry in ledger.entries())
            assert ledger.audit().ok
            assert CaseFiles.empty().after(ledger.entries()).void == ()
        if mode is GenerationMode.NEGATIVE or role not in WORKERS:
            assert recorded == FILED, f"something invalid, or not allowed to {role}, was recorded"
        elif EXAMPLES > LUCK:
            assert recorded > FILED, "nothing that fits was ever recorded"
        app.state.casework.close()
        app.state.record.close()


def app_for(role: Role, folder: Path) -> Litestar:
    """Return an app that takes whoever asks to be of a role."""
    asking = viewer(role, parties=("northern-assembly",) if role is Role.LIAISON else ())
    return build_app(
        folder, Settings(hosts=frozenset({"testserver"}), requests_per_minute=0, identify=lambda _: asking)
    )


def told_to_all(folder: Path) -> str:
    """Open a case file that every role at work is told of; return its id."""
    app = app_for(Role.HEAD, folder)
    head = Person(name="Amal", roles=frozenset({Role.HEAD}))
    with app.state.casework.of(head) as casework:
        fields = {"title": "Shelling", "summary": "Twelve rounds.", "accused": ["republic"], "clause_ids": ["A1"]}
        id_ = casework.open(fields, filed_by="northern-assembly").row.id
        casework.publish(id_, what="progress", names=[], text="It is being examined.")
    app.state.casework.close()
    app.state.record.close()
    return str(id_)


def path_is_wrong(case: Any) -> bool:
    """Whether the path of a request was made to be wrong."""
    path = case.meta.components[ParameterLocation.PATH]
    return bool(path.mode.is_negative)
