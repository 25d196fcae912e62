"""The API fuzzed from its own description, in every role: no server error, no invalid input accepted.

A request that fits the description may still be refused with a sentence - a day in a year that has none, an id that
nothing bears - so acceptance of all that fits is the one thing not asked here.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.generation.modes import GenerationMode

from ceasefire.casework.fold import KINDS, CaseFiles
from ceasefire.casework.people import Person
from ceasefire.centre.app import build_app
from ceasefire.centre.settings import Settings
from ceasefire.model.roles import Role

from .conftest import viewer

EXAMPLES = 60 if os.environ.get("CEASEFIRE_SOAK") else 3
ENDLESS = "/api/v1/events"
FILED, LUCK = 2, 20
"""Entries of casework before it begins; examples after which one that fits must have been recorded."""
WORKERS = frozenset({Role.LIAISON, Role.FIELD_MONITOR, Role.ANALYST, Role.HEAD})
NOT_ASKED = ("positive_data_acceptance",)
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "422", "428", "429", "5xx"]
CONFIG = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}})


@pytest.mark.filterwarnings("default")  # of the fuzzer's own libraries
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_no_request_breaks_the_server_and_none_that_is_invalid_is_taken(
    role: Role, mode: GenerationMode, folder: Path
) -> None:
    asking = viewer(role, parties=("northern-assembly",) if role is Role.LIAISON else ())
    chosen = Settings(hosts=frozenset({"testserver"}), requests_per_minute=0, identify=lambda _: asking)
    app = build_app(folder, chosen)
    case_file = told_to_all(app)
    schema = schemathesis.openapi.from_asgi("/api/v1/schema/openapi.json", app, config=CONFIG)
    left_out = [check for check in CHECKS.get_all() if check.__name__ in NOT_ASKED]
    assert len(left_out) == len(NOT_ASKED)
    statuses: dict[int, int] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == ENDLESS:
            continue

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            if "case_file_id" in case.path_parameters and not is_wrong(case, "path_parameters"):
                case.path_parameters["case_file_id"] = case_file
            answer = case.call(headers={"origin": "http://testserver"})
            statuses[int(answer.status_code)] = statuses.get(int(answer.status_code), 0) + 1
            case.validate_response(answer, excluded_checks=left_out)

        with suppress(Unsatisfiable):  # of what takes no parameter nothing can be invalid
            ask()
    assert not [status for status in statuses if status >= 500]
    refused = {401, 403} if role in (Role.PUBLIC, Role.ADMINISTRATOR) else {400}
    assert refused & set(statuses), statuses
    with app.state.casework.ledger() as ledger:
        recorded = sum(entry.kind in KINDS for entry in ledger.entries())
        assert ledger.audit().ok
        assert CaseFiles.empty().after(ledger.entries()).void == ()
    if mode is GenerationMode.NEGATIVE or role not in WORKERS:
        assert recorded == FILED, "something invalid, or not allowed, was recorded"
    elif EXAMPLES > LUCK:
        assert recorded > FILED, "nothing that fits was ever recorded"
    app.state.casework.close()
    app.state.record.close()


def told_to_all(app: Any) -> str:
    """Open a case file that every role at work is told of; return its id."""
    head = Person(name="Amal", roles=frozenset({Role.HEAD}))
    with app.state.casework.of(head) as casework:
        fields = {"title": "Shelling", "summary": "Twelve rounds.", "accused": ["republic"], "clause_ids": ["A1"]}
        id_ = casework.open(fields, filed_by="northern-assembly").row.id
        casework.publish(id_, what="progress", names=[], text="It is being examined.")
    return str(id_)


def is_wrong(case: Any, component: str) -> bool:
    """Whether a part of a case was made to be wrong."""
    held = {getattr(key, "value", str(key)): info for key, info in case.meta.components.items()} if case.meta else {}
    return component in held and held[component].mode.is_negative
