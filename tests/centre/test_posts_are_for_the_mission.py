"""Where posts and patrols stand, or are to stand, leaves the mission by no door and in no document."""

from __future__ import annotations

import io
import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
import yaml
from litestar.testing import TestClient

from ceasefire.centre.app import build_app
from ceasefire.centre.settings import Settings
from ceasefire.model.roles import FieldClass, Role
from ceasefire.pipeline.workspace import Workspace
from ceasefire.release.policy import Operation, allowed

from .conftest import HOST, ClientOf, address_of, viewer
from .test_policy import doors

MISSION = {Role.FIELD_MONITOR, Role.ANALYST, Role.HEAD}
SIDES = {Role.LIAISON, Role.GUARANTOR}
_NEAR_DEGREES = 0.06
"""Coordinates rounded to a tenth of a degree still give a post away; coarser, they are a province."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_WORDS = ("heronsgate", "palewater", "quillmarsh")
"""In every text of posts, plans and coverage of a post; no other text of the case has them."""


@dataclass(frozen=True)
class Placed:
    """A mission whose posts, planned sites and texts on them are like nothing else in the record."""

    folder: Path
    positions: tuple[tuple[float, float], ...]


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Placed:
    """Return a workspace whose posts stand where nothing else is."""
    folder = tmp_path_factory.mktemp("placed") / "mission"
    with Workspace.create(folder, "riverline", author="Amal") as workspace:
        positions = list(_moved(folder / "case"))
        workspace.run()
    return Placed(folder, tuple(positions))


def _moved(case: Path) -> Iterator[tuple[float, float]]:
    """Put every post and every planned site of a case far from all else, and name it like nothing else."""
    posts = yaml.safe_load((case / "posts.yaml").read_text())
    plans = yaml.safe_load((case / "siting.yaml").read_text())
    number = 0
    sites = [each for plan in plans["plans"] for each in plan["candidates"]]
    for each, word in [(post, "heronsgate") for post in posts["posts"]] + [(site, "quillmarsh") for site in sites]:
        if "latitude" in each:
            each["latitude"], each["longitude"] = round(27.9137 + 0.1 * number, 4), round(-40.1871 + 0.1 * number, 4)
            number += 1
            yield each["longitude"], each["latitude"]
        each["name"] = f"{word} {number}"
        each["note"] = f"Behind the {word} mill."
        for moment in (*each.get("opened", ()), *each.get("closed", ())):
            moment["note"] = f"The flag went up at {word}."
    for plan in plans["plans"]:
        plan["note"] = "Towards quillmarsh."
        plan["title"] = {"en": "quillmarsh"}
        for site in plan["candidates"]:
            site["id"] = f"quillmarsh-{site['id']}"
    coverage = yaml.safe_load((case / "coverage.yaml").read_text())
    for each in coverage["coverage"]:
        if "post" in each:
            each["reason"] = "No power at palewater."
            each["note"] = "See palewater."
    coverage["coverage"] += [
        {
            **each,
            "id": f"planned-{state}",
            "valid_from": "2021-05-03",
            "valid_until": "2199-01-01",
            "state": state,
            "hours": None,
        }
        for each in coverage["coverage"][:1]
        for state in ("up", "denied")
    ]
    for name, held in (("posts", posts), ("siting", plans), ("coverage", coverage)):
        (case / f"{name}.yaml").write_text(yaml.safe_dump(held, allow_unicode=True))


def told(content: bytes) -> Iterator[str]:
    """Yield every text that can be got out of an answer or a document."""
    if content[:5] == b"%PDF-":
        document = pypdfium2.PdfDocument(content)
        yield " ".join(page.get_textpage().get_text_range() for page in document)
        document.close()
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            try:
                yield zlib.decompressobj().decompress(stream).decode("latin-1")
            except zlib.error:
                yield stream.decode("latin-1")
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from told(archive.read(name))
    yield content.decode("utf-8", errors="replace")


def leaks(content: bytes, positions: tuple[tuple[float, float], ...]) -> list[str]:
    """Return what an answer gives away."""
    found = []
    for text in told(content):
        found += [word for word in _WORDS if word in text.casefold()]
        numbers = [float(number) for number in _NUMBER.findall(text)]
        for x, y in positions:
            near_x = {place for place, number in enumerate(numbers) if abs(number - x) < _NEAR_DEGREES}
            near_y = {place for place, number in enumerate(numbers) if abs(number - y) < _NEAR_DEGREES}
            if any(place + step in near_y for place in near_x for step in range(-4, 5)):
                found.append(f"{x}, {y}")
    for x, y in positions:
        for kind in ("<d", "<f", ">d", ">f"):
            if struct.pack(kind, x) in content and struct.pack(kind, y) in content:
                found.append(f"{x}, {y} as {kind}")
    return found + (["a planned watch"] if b"planned-up" in content else [])


@pytest.fixture(scope="module")
def addresses(placed: Placed) -> tuple[str, ...]:
    """Return an address of every door that reads, each area and format asked for, and some that are refused."""
    app = build_app(placed.folder, Settings(hosts=frozenset({HOST}), requests_per_minute=0))
    with TestClient(app, base_url=f"http://{HOST}") as owner:
        paths = [path for path in doors(owner) if not path.endswith("/events")]  # never ends, and tells a position
        found = [address_of(path, owner) for path in paths]
    found += [f"/api/v1/areas/{zone}/week?week=2021-W18" for zone in ("harbour", "north-bank")]
    found += [f"/api/v1/incidents?limit=1000&format={format}" for format in ("geojson", "arrow")]
    # what is refused says no more than what is answered
    return (*found, "/api/v1/coverage?zone=post-2", "/api/v1/areas/post-2/week", "/api/v1/posts/post-2")


@pytest.mark.parametrize(
    ("operation", "roles"),
    [
        (Operation.READ_POSTS, MISSION | SIDES),  # which there are; where, is of the class *mission*
        (Operation.READ_UNSEEN, MISSION),
        (Operation.SITE_POSTS, MISSION - {Role.FIELD_MONITOR}),
        (Operation.COMPARE_BORDERS, MISSION),
        (Operation.READ_CONTROL, MISSION | SIDES),
        (Operation.READ_OUTLOOK, MISSION | SIDES),
    ],
)
def test_who_may_ask_is_written_down_twice(operation: Operation, roles: set[Role]) -> None:
    assert {role for role in Role if allowed(role, operation, FieldClass.PUBLIC)} == roles
    assert {role for role in Role if allowed(role, operation, FieldClass.MISSION)} == roles & MISSION
    assert not any(allowed(role, operation, FieldClass.SEALED, own=True) for role in Role)


def test_the_mission_is_told(placed: Placed, clients: ClientOf) -> None:
    analyst = clients(placed.folder, viewer(Role.ANALYST))
    posts = placed.positions[:3]
    answer = analyst.get("/api/v1/posts?day=2021-04-21").content
    assert {f"{x}, {y}" for x, y in posts} | {"heronsgate"} <= set(leaks(answer, posts))
    assert leaks(analyst.get("/api/v1/coverage").content, ()) == ["palewater", "a planned watch"]
    assert leaks(analyst.get("/api/v1/home/access").content, ()) == ["palewater"]
    assert analyst.get("/api/v1/home/access").json()["watches_by_state"]["up"] == 7


def test_a_watch_that_is_not_over_is_told_outside_only_where_it_was_denied(placed: Placed, clients: ClientOf) -> None:
    public = clients(placed.folder, viewer(Role.PUBLIC)).get("/api/v1/coverage").json()["records"]
    assert "planned-denied" in {each["coverage_id"] for each in public}
    assert {each["state"] for each in public if each["valid_until"].startswith("2199")} == {"denied"}
    liaison = clients(placed.folder, viewer(Role.LIAISON, parties=("northern-assembly",)))
    assert liaison.get("/api/v1/home/access").json()["watches_by_state"]["up"] == 6


def test_no_browser_keeps_on_its_disk_where_posts_are(placed: Placed, clients: ClientOf) -> None:
    analyst = clients(placed.folder, viewer(Role.ANALYST))
    for path in ("posts?day=2021-04-21", "unseen?day=2021-04-21", "siting"):
        answer = analyst.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), path
        assert "etag" not in answer.headers


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.LIAISON])
def test_no_door_tells_those_outside(role: Role, placed: Placed, addresses: tuple[str, ...], clients: ClientOf) -> None:
    client = clients(placed.folder, viewer(role, parties=("northern-assembly",) if role is Role.LIAISON else ()))
    answered = []
    for address in addresses:
        answer = client.get(address)
        answered.append(answer.status_code)
        headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
        assert not leaks(answer.content, placed.positions), address
        assert not leaks(headers, placed.positions), address
    assert set(answered) <= {200, 401, 403, 404}
    assert answered.count(200) >= (20 if role is Role.PUBLIC else 28)


def test_no_document_for_others_tells_it(placed: Placed, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(placed.folder, tmp_path / "mission"))
    with Workspace.open(folder) as workspace:
        made = {kind: workspace.bulletin(week="2021-W18", format=kind).content for kind in ("pdf", "html", "json")}
        made["pack"] = workspace.pack(week="2021-W18", language="en")
        made["form"] = workspace.field_form().content
        mission = workspace.bulletin(week="2021-W18", format="json", release="mission").content
    assert b"a post (place not shown)" in made["json"]  # the camera was down that week
    assert {kind for kind, content in made.items() if leaks(content, placed.positions)} == set()
    assert leaks(mission, placed.positions) == ["palewater"]
    assert (made["json"].count(b"2199"), mission.count(b"2199")) == (1, 2)  # denied; and in place, which is not over
