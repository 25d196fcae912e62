"""Accounts and sessions fuzzed from their description, past the gate: no server error, nothing invalid taken."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.generation.modes import GenerationMode

from ceasefire.centre.app import build_app
from ceasefire.centre.settings import Settings
from ceasefire.model.roles import Role

from .conftest import viewer
from .visitor import Centre

EXAMPLES = 60 if os.environ.get("CEASEFIRE_SOAK") else 6
DOORS = ("/api/v1/session", "/api/v1/accounts")
NOT_ASKED = ("positive_data_acceptance",)


@pytest.mark.filterwarnings("default")  # of the fuzzer's own libraries
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_nothing_that_is_sent_to_them_breaks_the_server(mode: GenerationMode, centre: Centre) -> None:
    asking = viewer(Role.ADMINISTRATOR)
    chosen = Settings(hosts=frozenset({"testserver"}), requests_per_minute=0, identify=lambda _: asking)
    app = build_app(centre.folder, chosen)
    schema = schemathesis.openapi.from_asgi("/api/v1/schema/openapi.json", app)
    left_out = [check for check in CHECKS.get_all() if check.__name__ in NOT_ASKED]
    asked: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if not operation.path.startswith(DOORS):
            continue

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            answer = case.call(headers={"origin": "http://testserver"})
            asked.setdefault(f"{case.operation.method} {case.operation.path}", set()).add(int(answer.status_code))
            case.validate_response(answer, excluded_checks=left_out)

        with suppress(Unsatisfiable):  # of what takes no parameter nothing can be invalid
            ask()
    assert len(asked) >= 10
    assert not {status for found in asked.values() for status in found if status >= 500}
    if mode is GenerationMode.POSITIVE:
        assert 201 in asked["post /api/v1/accounts"]
        assert asked["get /api/v1/accounts"] == {200}
    app.state.record.close()
    app.state.accounts.close()
