"""Many at once, on two workers of one server: nothing is lost, nothing is void, and who is there is known to both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from ceasefire.casework.fold import CaseFiles
from ceasefire.casework.people import Person
from ceasefire.centre.app import build_app
from ceasefire.centre.settings import Settings
from ceasefire.ledger.ledger import Ledger
from ceasefire.pipeline.ledger_place import open_ledger

from .conftest import Centre
from .test_case_files import PEOPLE, Office, asked_by
from .test_serve import PATIENCE, refused, serving
from .visitor import HOST, PASSWORD, Visitor

Workers = tuple[Office, Office]


@pytest.fixture
def workers(folder: Path, tmp_path: Path) -> Iterator[Workers]:
    """Yield two workers of one server."""
    with ExitStack() as stack:
        yield tuple(  # type: ignore[misc]
            Office(stack.enter_context(worker(folder, tmp_path, identify=asked_by))) for _ in range(2)
        )


def worker(folder: Path, shared: Path, **settings: Any) -> TestClient[Any]:
    chosen = {"hosts": frozenset({HOST}), "requests_per_minute": 0, "between": shared / "between.sqlite", **settings}
    return TestClient(build_app(folder, Settings(**chosen)), base_url=f"http://{HOST}", raise_server_exceptions=False)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make calls as nearly at one moment as threads can; return what each gave."""
    together = threading.Barrier(len(calls))

    def make(call: Callable[[], Any]) -> Any:
        together.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(make, calls))


def void_entries(folder: Path) -> tuple[Any, ...]:
    with open_ledger(folder) as ledger:
        assert isinstance(ledger, Ledger)
        assert ledger.audit().ok
        return CaseFiles.empty().after(ledger.entries()).void


def test_of_two_who_move_one_file_one_does_and_the_other_is_told(workers: Workers, folder: Path) -> None:
    one, other = workers
    for _ in range(6):
        id_ = one.filed()
        base = one.get("ana", f"case-files/{id_}")["base"]
        assert other.get("two", f"case-files/{id_}")["base"] == base

        def move(office: Office, who: str, transition: str, id_: str = id_, base: int = base) -> Any:
            said = {"transition": transition, "base": base, "reason": "So it is."}
            return office.ask(who, "POST", f"case-files/{id_}/moves", json=said)

        answers = at_once(lambda: move(one, "ana", "admit"), lambda: move(other, "two", "mark-unverifiable"))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        refused = next(answer.json() for answer in answers if answer.status_code == 409)
        assert "The case file has moved on" in refused["what"]
    assert void_entries(folder) == ()


def test_of_two_who_edit_one_field_the_second_is_shown_both_values(workers: Workers, folder: Path) -> None:
    one, other = workers
    for _ in range(6):
        id_ = one.filed()
        base = one.get("ana", f"case-files/{id_}")["revision"]

        def edit(office: Office, who: str, value: str, id_: str = id_, base: int = base) -> Any:
            changes = [{"field": "place", "base": base, "value": value}]
            return office.ask(who, "POST", f"case-files/{id_}/edits", json={"changes": changes})

        answers = at_once(lambda: edit(one, "ana", "The mill"), lambda: edit(other, "two", "The ford"))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (rival,) = next(answer.json() for answer in answers if answer.status_code == 409)["rivals"]
        assert {rival["stands"], rival["offered"]} == {"The mill", "The ford"}
        held = next(answer.json() for answer in answers if answer.status_code == 200)
        assert next(field["value"] for field in held["fields"] if field["name"] == "place") == rival["stands"]
        assert held["conflicts"] == []
    assert void_entries(folder) == ()


def test_what_eight_people_write_at_once_is_all_there(workers: Workers, folder: Path) -> None:
    ids = [workers[0].filed() for _ in range(3)]

    def write(number: int) -> list[str]:
        said = []
        for turn in range(6):
            text = f"{number}-{turn}"
            workers[number % 2].post("ana", f"case-files/{ids[turn % 3]}/comments", text=text)
            said.append(text)
        return said

    with ThreadPoolExecutor(8) as pool:
        said = [text for texts in pool.map(write, range(8)) for text in texts]
    for office in workers:
        held = [one["text"] for id_ in ids for one in office.get("two", f"case-files/{id_}")["comments"]]
        assert sorted(held) == sorted(said)
    assert void_entries(folder) == ()


def test_who_has_a_file_open_is_known_to_those_who_may_know(workers: Workers) -> None:
    one, other = workers
    id_ = one.filed()
    between = one.client.app.state.between

    def others(office: Office, who: str) -> list[str]:
        return [each["name"] for each in office.get(who, f"case-files/{id_}/present")["people"]]

    assert others(one, "ana") == []
    visits = [between.enter(id_, person, 1) for person in map(person_named, ("ana", "lia", "head"))]
    assert others(other, "ana") == ["head", "lia"]
    assert others(other, "lia") == []  # the centre's people are no business of a party
    assert others(other, "two") == ["ana", "head", "lia"]
    between.leave(visits[2])
    assert others(other, "ana") == ["lia"]
    assert other.ask("rep", "GET", f"case-files/{id_}/present").status_code == 404


def person_named(name: str) -> Any:
    role, party = PEOPLE[name]
    return Person(name=name, roles=frozenset({role}), parties=frozenset({party} if party else ()))


def test_an_address_is_counted_by_all_workers_together(folder: Path, tmp_path: Path) -> None:
    with (
        worker(folder, tmp_path, requests_per_minute=4, clock=lambda: 10**15) as one,
        worker(folder, tmp_path, requests_per_minute=4, clock=lambda: 10**15) as other,
    ):
        answers = [client.get("/api/v1/session") for client in (one, other, one, other, one, other)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
        assert answers[-1].headers["retry-after"] == "20"


def test_a_session_is_one_on_all_workers_and_so_are_wrong_tries(centre: Centre, tmp_path: Path) -> None:
    with worker(centre.folder, tmp_path) as one, worker(centre.folder, tmp_path) as other:
        visitor = Visitor(one)
        assert visitor.sign_in("ana").status_code == 200
        elsewhere = Visitor(other, cookies=visitor.cookies, token=visitor.token)
        assert elsewhere.get("posts").status_code == 200
        assert elsewhere.post("session/sign-out", {}).status_code == 200
        assert visitor.get("posts").status_code == 401
        guesses = [
            Visitor(client).sign_in("mon", f"{PASSWORD}?").status_code
            for client in (one, other, one, other, one, other)
        ]
        assert guesses == [401] * 5 + [429]


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_several_workers_answer_on_one_port(folder: Path) -> None:
    with serving(folder, "--workers", "2") as (address, process):
        root = f"{address}/api/v1"

        def ask(method: str, path: str, **said: Any) -> dict[str, Any]:
            with httpx.Client(timeout=PATIENCE, headers={"origin": address}) as browser:  # a connection of its own
                answer = browser.request(method, f"{root}/{path}", **said)
            assert answer.status_code in (200, 201), answer.text
            return dict(answer.json())

        fields = {"title": "Shelling of the mill", "summary": "Twelve rounds."}
        id_ = ask("POST", "case-files", json={"filed_by": None, "fields": fields})["row"]["id"]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda n: ask("POST", f"case-files/{id_}/comments", json={"text": f"No. {n}"}), range(24)))
        for _ in range(8):
            assert len(ask("GET", f"case-files/{id_}")["comments"]) == 24
        process.terminate()
        assert process.wait(timeout=PATIENCE) == 0
    assert void_entries(folder) == ()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_ledger_in_a_file_has_one_worker(folder: Path) -> None:
    assert "is a file, which one worker serves" in refused(folder, "--workers", "2")
    assert "0 workers cannot answer" in refused(folder, "--workers", "0")
