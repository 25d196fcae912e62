"""Every role at every door, field by field, from the description of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from ceasefire.centre.asking import refuse_unless_allowed
from ceasefire.centre.description import described, records_of, routes_of
from ceasefire.model.roles import FieldClass, Role, marks
from ceasefire.release.classes import RULES, ReleaseClass, coarsened_point
from ceasefire.release.policy import Operation, allowed
from ceasefire.release.telling import WITHHELD

from .conftest import EXAMPLES, FILES, HOST, OF_ACCOUNTS, OF_CASEWORK, Client, ClientOf, address_of, viewer

JSON = ("application/json", "application/geo+json")


def doors(client: Client) -> dict[str, dict[str, Any]]:
    """Return the described operations that read, by path."""
    paths = described(client.app)["paths"]
    return {
        path: said["get"]
        for path, said in paths.items()
        if "get" in said and path not in OF_ACCOUNTS | FILES and not path.startswith(OF_CASEWORK)
    }


def test_every_door_names_its_operation_and_every_operation_has_a_policy(owner: Client) -> None:
    for path, handler in routes_of(owner.app):
        assert isinstance(handler.opt.get("operation"), Operation), f"{path} names no operation"
    for operation in Operation:
        assert any(allowed(role, operation, FieldClass.PUBLIC) for role in Role), f"nobody may {operation}"


def test_the_administrator_reads_no_content() -> None:
    may = {operation for operation in Operation if allowed(Role.ADMINISTRATOR, operation, FieldClass.PUBLIC)}
    assert may == {
        Operation.READ_DESCRIPTION,
        Operation.READ_SESSION,
        Operation.SIGN_IN,
        Operation.READ_ACCOUNTS,
        Operation.MANAGE_ACCOUNTS,
    }
    for field_class in set(FieldClass) - {FieldClass.PUBLIC}:
        assert not any(allowed(Role.ADMINISTRATOR, each, field_class, own=True) for each in Operation)


def test_a_door_without_an_operation_is_shut() -> None:
    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return "secret"

    app = Litestar([forgotten], guards=[refuse_unless_allowed], openapi_config=None)
    app.state.settings = type("Everybody", (), {"identify": staticmethod(lambda _: viewer(*Role))})()
    with TestClient(app) as client:
        assert client.get("/forgotten").status_code == 403


def test_every_field_of_every_answer_has_a_class(owner: Client) -> None:
    records = records_of(owner.app)
    assert len(records) > 40
    for name, record in records.items():
        missing = set(record.__dataclass_fields__) - set(marks(record))
        assert not missing, f"{name}: {missing}"


def test_every_door_has_an_example(owner: Client) -> None:
    assert set(doors(owner)) == set(EXAMPLES)


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_of_each_answer_what_the_policy_allows(
    role: Role, served_once: Path, owner: Client, clients: ClientOf
) -> None:
    asking = viewer(role, parties=("northern-assembly",) if role is Role.LIAISON else ())
    client = clients(served_once, asking)
    description = described(client.app)
    seen: set[FieldClass] = set()
    for path, said in doors(client).items():
        operation = Operation(said["x-operation"])
        if operation is Operation.READ_NEWS and path.endswith("/events"):
            continue  # never ends; test_serve.py reads it
        answer = client.get(address_of(path, owner))
        if not allowed(role, operation, FieldClass.PUBLIC):
            assert answer.status_code == (401 if role is Role.PUBLIC else 403), path
            assert set(answer.json()) == {"status", "title", "what", "why", "do", "where"}
            continue
        assert answer.status_code == 200, (path, answer.text)
        if operation is Operation.READ_PACK:
            continue  # a document, whose fields have no classes; test_home.py reads it
        schema = next(
            said["responses"]["200"]["content"][kind]["schema"]
            for kind in JSON
            if kind in said["responses"]["200"]["content"]
        )
        for record_schema, record in told_records(description, schema, answer.json()):
            own = record.get("party_id") in asking.parties
            withheld = set()
            for name, field in record_schema["properties"].items():
                if name == WITHHELD:
                    continue
                field_class = FieldClass(field["x-field-class"])
                may = allowed(role, operation, field_class, own=own)
                assert (name in record) == may, f"{path}: {role} and {record_schema['title']}.{name}"
                seen |= {field_class} if may else set()
                withheld |= set() if may else {name}
            assert set(record.get(WITHHELD, ())) == withheld
    expected = {
        Role.PUBLIC: {FieldClass.PUBLIC},
        Role.GUARANTOR: {FieldClass.PUBLIC, FieldClass.SHARED},
        Role.LIAISON: {FieldClass.PUBLIC, FieldClass.SHARED, FieldClass.OWN_PARTY},
        Role.ADMINISTRATOR: set(),
    }
    assert seen == expected.get(role, {*FieldClass} - {FieldClass.SEALED})


def told_records(
    description: dict[str, Any], schema: dict[str, Any], value: Any
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield every record within an answer, with its schema."""
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        for item in value:
            yield from told_records(description, schema.get("items", {}), item)
    elif isinstance(value, dict) and any("x-field-class" in field for field in schema.get("properties", {}).values()):
        yield schema, value
        for name, field in schema["properties"].items():
            if name in value and value[name] is not None:
                yield from told_records(description, _shape(field), value[name])


def _shape(field: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in field.get("oneOf", ()) if option != {"type": "null"}]
    return options[0] if len(options) == 1 else field


def test_an_earlier_state_is_not_for_the_public(served_once: Path, clients: ClientOf) -> None:
    for role in (Role.PUBLIC, Role.GUARANTOR):
        answer = clients(served_once, viewer(role)).get("/api/v1/case?as_known_on=2")
        assert answer.status_code == (200 if role is Role.GUARANTOR else 401)


def settlements(places: list[dict[str, Any]]) -> set[str]:
    """Return the names of places that are known as points: a unit's name is told to all."""
    return {place["name"] for place in places if place["name"] and place["precision_class"] == "point"}


OUTSIDE = (Role.PUBLIC, Role.LIAISON, Role.GUARANTOR)


@pytest.mark.parametrize("role", OUTSIDE)
@pytest.mark.parametrize("format", ["json", "geojson", "arrow"])
def test_no_exact_place_reaches_those_outside_the_mission(
    role: Role, format: str, served_once: Path, owner: Client, clients: ClientOf
) -> None:
    exact = [row["place"] for row in owner.get("/api/v1/incidents?limit=1000").json()["incidents"]]
    points = {(place["longitude"], place["latitude"]) for place in exact if place["longitude"] is not None}
    names = settlements(exact)
    assert len(names) > 5
    cells = {coarsened_point(x, y, RULES[ReleaseClass.PUBLIC].cell_degrees) for x, y in points}
    client = clients(served_once, viewer(role))
    answer = client.get(f"/api/v1/incidents?limit=1000&format={format}")
    if format == "arrow":
        table = pa.ipc.open_stream(answer.content).read_all()
        told = {
            point
            for point in zip(*(table[name].to_pylist() for name in ("longitude", "latitude")), strict=True)
            if point[0] is not None
        }
        assert not {"title", "place_name"} & set(table.column_names)
        assert table["radius_km"].null_count == table.num_rows
    elif format == "geojson":
        told = {tuple(feature["geometry"]["coordinates"]) for feature in answer.json()["features"]}
    else:
        places = [row["place"] for row in answer.json()["incidents"]]
        told = {(place["longitude"], place["latitude"]) for place in places if place["longitude"] is not None}
    assert told == cells
    assert len(points) > 5
    assert not points & told
    assert not [name for name in names if name.encode() in answer.content]


@pytest.mark.parametrize("role", OUTSIDE)
def test_no_settlement_is_named_in_an_incident_or_its_findings(
    role: Role, served_once: Path, owner: Client, clients: ClientOf
) -> None:
    client = clients(served_once, viewer(role))
    for row in owner.get("/api/v1/incidents?limit=1000").json()["incidents"]:
        answer = client.get(f"/api/v1/incidents/{row['incident_id']}")
        body = answer.json()
        told = answer.text
        for finding in body["findings"]:  # a clause may name a settlement itself
            told = re.sub(r'"Text (?:held|\w)[^"]*"', "", told)
            assert row["title"] not in finding["headline"]
        assert row["title"] not in told
        assert not [name for name in settlements([row["place"]]) if name in told]


def test_a_box_finds_no_more_of_a_place_than_is_told(served_once: Path, owner: Client, clients: ClientOf) -> None:
    public = clients(served_once, viewer(Role.PUBLIC))
    places = [row["place"] for row in owner.get("/api/v1/incidents?limit=1000").json()["incidents"]]
    x, y = next((place["longitude"], place["latitude"]) for place in places if place["longitude"] is not None)
    cell_x, cell_y = coarsened_point(x, y, RULES[ReleaseClass.PUBLIC].cell_degrees)

    def found(client: Client, at_x: float, at_y: float) -> int:
        box = f"{at_x - 1e-4},{at_y - 1e-4},{at_x + 1e-4},{at_y + 1e-4}"
        return int(client.get(f"/api/v1/incidents?bbox={box}").json()["counts"]["matched"])

    assert found(owner, x, y) > 0
    assert found(public, x, y) == 0
    assert found(public, cell_x, cell_y) > 0


def test_text_finds_no_settlement_for_those_who_are_not_told_it(
    served_once: Path, owner: Client, clients: ClientOf
) -> None:
    public = clients(served_once, viewer(Role.PUBLIC))

    def found(client: Client, text: str) -> int:
        return int(client.get("/api/v1/incidents", params={"text": text}).json()["counts"]["matched"])

    assert found(owner, "reedham") > 0
    assert found(public, "reedham") == 0
    assert found(public, "northern province") > 0


def test_the_answers_are_those_of_the_host(owner: Client) -> None:
    assert owner.get("/api/v1/case", headers={"host": HOST}).status_code == 200
