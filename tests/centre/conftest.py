"""A served workspace, and whoever asks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from ceasefire.centre.app import build_app
from ceasefire.centre.settings import Settings
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.roles import Role
from ceasefire.pipeline.ledger_place import open_ledger, write_workspace_file
from ceasefire.pipeline.state import LEDGER_FILE
from ceasefire.pipeline.workspace import Workspace
from ceasefire.release.policy import Viewer

from .visitor import HOST, NOON, SECOND, Centre, Client, Clock, make_accounts, settle

ClientOf = Callable[..., Client]
ON_BOTH_STORES = {"test_at_once", "test_case_files", "test_registers"}
"""What is always run on both stores: many at work on one ledger. The rest is, where CEASEFIRE_SOAK is set."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the second store out where a test does not turn on it."""
    if os.environ.get("CEASEFIRE_SOAK"):
        return
    left_out = {
        item
        for item in items
        if getattr(getattr(item, "callspec", None), "params", {}).get("store") == "postgresql"
        and item.path.parent == Path(__file__).parent
        and item.path.stem not in ON_BOTH_STORES
    }
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def served_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a workspace of riverline with results; not to be changed."""
    folder = tmp_path_factory.mktemp("centre") / "riverline"
    with Workspace.create(folder, "riverline", author="Amal") as workspace:
        workspace.run()
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    """Say where the ledger of what is served is kept: the same tests run on each, see `ON_BOTH_STORES`."""
    return str(request.param)


@pytest.fixture(scope="session")
def in_database(postgresql_server: Any) -> Callable[[Path, Path], AbstractContextManager[Path]]:
    """Return a function that copies a workspace, with its ledger into a database of its own."""
    templates: dict[Path, str] = {}

    @contextmanager
    def copied(source: Path, target: Path) -> Iterator[Path]:
        if source not in templates:
            templates[source] = postgresql_server.new_database()
            address = postgresql_server.address(templates[source])
            with open_ledger(source) as held, Ledger.open(address) as ledger:
                ledger.copy_from(held)
        database = postgresql_server.new_database(templates[source])
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(f"{LEDGER_FILE}*"))
        write_workspace_file(target, postgresql_server.address(database))
        yield target
        postgresql_server.drop(database)

    return copied


@pytest.fixture
def copied(store: str, request: pytest.FixtureRequest) -> Iterator[Callable[[Path, Path], Path]]:
    """Return a function that copies a workspace, so that a test may change it."""
    with ExitStack() as stack:

        def copy(source: Path, target: Path) -> Path:
            if store == "sqlite":
                return Path(shutil.copytree(source, target))
            return Path(stack.enter_context(request.getfixturevalue("in_database")(source, target)))

        yield copy


@pytest.fixture
def folder(served_once: Path, copied: Callable[[Path, Path], Path], tmp_path: Path) -> Path:
    """Return the folder of a workspace that a test may change."""
    return copied(served_once, tmp_path / "mission")


def viewer(*roles: Role, parties: tuple[str, ...] = ()) -> Viewer:
    """Return someone of these roles."""
    name = "" if set(roles) == {Role.PUBLIC} else "Badr"
    return Viewer(name=name, roles=frozenset(roles), parties=frozenset(parties))


@pytest.fixture
def clients() -> Iterator[ClientOf]:
    """Return a function that opens a client of a workspace, for someone who asks."""
    with ExitStack() as stack:

        def open_client(folder: Path, asking: Viewer | None = None, **settings: Any) -> Client:
            identify = {} if asking is None else {"identify": lambda _: asking}
            chosen = {"hosts": frozenset({HOST}), "requests_per_minute": 0, **identify, **settings}
            app = build_app(folder, Settings(**chosen))
            return stack.enter_context(TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False))

        yield open_client


@pytest.fixture(scope="session")
def owner(served_once: Path) -> Iterator[Client]:
    """Return a client of a laptop's one user; for reading."""
    app = build_app(served_once, Settings(hosts=frozenset({HOST}), requests_per_minute=0))
    with TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False) as client:
        yield client


EXAMPLES = {
    "/api/v1/actors": "",
    "/api/v1/actors/{actor_id}": "",
    "/api/v1/areas": "?day=2021-04-21",
    "/api/v1/areas/{zone_id}/assessment": "",
    "/api/v1/areas/{zone_id}/borders": "?weeks=100",
    "/api/v1/areas/{zone_id}/outlook": "",
    "/api/v1/areas/{zone_id}/week": "?week=2021-W16",
    "/api/v1/base-map": "",
    "/api/v1/case": "",
    "/api/v1/control": "?day=2021-06-10&reach_km=10",
    "/api/v1/control/over-time": "?since=2021-06-01&day=2021-06-10",
    "/api/v1/coverage": "?from=2021-03-01&until=2021-06-30",
    "/api/v1/events": "",
    "/api/v1/findings/{finding_id}": "",
    "/api/v1/home": "",
    "/api/v1/home/access": "?from=2021-03-01&until=2021-06-30",
    "/api/v1/home/calendar": "?month=2021-04",
    "/api/v1/incidents": "?limit=1000",
    "/api/v1/incidents/histogram": "?bucket=week",
    "/api/v1/incidents/{incident_id}": "",
    "/api/v1/measures": "",
    "/api/v1/obligations": "?day=2021-06-30",
    "/api/v1/pack": "?week=2021-W16&language=en",
    "/api/v1/posts": "?day=2021-04-21",
    "/api/v1/siting": "",
    "/api/v1/sources": "",
    "/api/v1/submissions": "",
    "/api/v1/talks": "",
    "/api/v1/totals": "",
    "/api/v1/units": "",
    "/api/v1/unseen": "?day=2021-04-21&sight_km=6",
    "/api/v1/whats-new": "?since_position=1",
}
"""Each door to the record, with parameters that it answers."""
OF_ACCOUNTS = frozenset({"/api/v1/accounts", "/api/v1/accounts/{account}", "/api/v1/session"})
"""Doors to who is asking, and who may: nothing of the record. test_privileges.py goes through them."""
FILES = frozenset({"/api/v1/field-form"})
"""Doors to files, which are no records. test_field.py goes through them."""

OF_CASEWORK = ("/api/v1/case-files", "/api/v1/casework", "/api/v1/notices", "/api/v1/symmetry", "/api/v1/registers")
"""Beginnings of doors to case files and registers, which need some: test_casework_policy.py and test_registers.py."""


def address_of(path: str, owner: Client) -> str:
    """Return an address at which a door answers, with an incident that six voices speak of."""
    if "{" not in path:
        return path + EXAMPLES[path]
    rows = owner.get("/api/v1/incidents?limit=1000").json()["incidents"]
    incident = max(rows, key=lambda row: row["reports"])["incident_id"]
    finding = owner.get(f"/api/v1/incidents/{incident}").json()["findings"][0]["finding_id"]
    zone = owner.get("/api/v1/case").json()["zones"][0]["zone_id"]
    ids = {"incident_id": incident, "finding_id": finding, "zone_id": zone, "actor_id": "northern-assembly"}
    return path.format(**ids) + EXAMPLES[path]


@pytest.fixture(scope="session")
def centre_once(served_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """Return a workspace with an account of each role; not to be changed."""
    folder = Path(shutil.copytree(served_once, tmp_path_factory.mktemp("peopled") / "mission"))
    clock = Clock(NOON - 3600 * SECOND)
    one_time = make_accounts(folder, clock)
    app = build_app(folder, Settings(hosts=frozenset({HOST}), requests_per_minute=0, clock=clock))
    with TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False) as client:
        found, codes = settle(client, one_time, clock)
    return Centre(folder, found, codes)


@pytest.fixture
def centre(centre_once: Centre, copied: Callable[[Path, Path], Path], tmp_path: Path) -> Centre:
    """Return a workspace with an account of each role, which a test may change."""
    return replace(centre_once, folder=copied(centre_once.folder, tmp_path / "centre"))
