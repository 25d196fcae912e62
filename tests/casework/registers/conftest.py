"""Two delegations of the training case and the centre, at work on one day, under a clock that tests move."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.casework.people import Person
from ceasefire.casework.registers.views import EntryOfList, RegisterDayView
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.roles import Role
from ceasefire.model.time import instant_text
from ceasefire.pipeline.registers import HeldRegisterDays, Registers
from ceasefire.pipeline.workspace import Workspace

A, B = "republic", "northern-assembly"
DAY = "2021-06-14"
ID = f"{DAY}.{B}.{A}"
HOUR = 3_600_000_000
HEAD = "no,day,place,latitude,longitude,kind,accused,killed"
LIST_A = (
    f"R1,{DAY},Reedham,26.68,-42.90,shelling,Northern Assembly,3",
    f"R2,{DAY},Millbrook,26.75,-42.98,small-arms-fire,Northern Assembly,1",
    f"R3,{DAY},Old Town,26.43,-42.86,small-arms-fire,Northern Assembly,2",
)
LIST_B = (
    f"17/1,{DAY},Reedham,26.681,-42.899,shelling,Republic of Velmar,5",
    f"17/2,{DAY},Millbrook mill,26.751,-42.979,small-arms-fire,Republic of Velmar,1",
    f"17/3,{DAY},Bridge Two,26.60,-42.70,small-arms-fire,Republic of Velmar,",
)

PEOPLE = {
    "liaison-a": Person(name="liaison-a", roles=frozenset({Role.LIAISON}), parties=frozenset({A})),
    "liaison-b": Person(name="liaison-b", roles=frozenset({Role.LIAISON}), parties=frozenset({B})),
    "liaison-c": Person(name="liaison-c", roles=frozenset({Role.LIAISON}), parties=frozenset({"hill-guards"})),
    "monitor": Person(name="monitor", roles=frozenset({Role.FIELD_MONITOR})),
    "analyst": Person(name="analyst", roles=frozenset({Role.ANALYST})),
    "head": Person(name="head", roles=frozenset({Role.HEAD})),
    "guarantor": Person(name="guarantor", roles=frozenset({Role.GUARANTOR}), parties=frozenset({A})),
    "administrator": Person(name="administrator", roles=frozenset({Role.ADMINISTRATOR})),
    "public": Person(name="public", roles=frozenset({Role.PUBLIC})),
}
OF = {A: "liaison-a", B: "liaison-b"}


def text_of(rows: Sequence[str]) -> bytes:
    return "\n".join((HEAD, *rows, "")).encode()


@dataclass
class Desk:
    """Everybody at work on one ledger."""

    folder: Path
    case: Case
    ledger: Ledger
    now: list[int]
    held: HeldRegisterDays = field(default_factory=HeldRegisterDays)

    @property
    def batches(self) -> BatchStore:
        return BatchStore(self.folder / "batches")

    def __getitem__(self, name: str) -> Registers:
        return Registers(
            ledger=self.ledger,
            batches=self.batches,
            case=self.case,
            person=PEOPLE[name],
            held=self.held,
            clock=lambda: self.now[0],
        )

    def wait(self, hours: float = 2) -> None:
        self.now[0] += int(hours * HOUR)

    def set_day(self, parties: tuple[str, str] = (A, B)) -> RegisterDayView:
        return self["analyst"].set_day(DAY, parties, cut_off=instant_text(self.now[0] + HOUR))

    def submit(self, party: str, rows: Sequence[str]) -> str:
        said = self[OF[party]].submit(DAY, party, "list.csv", content=text_of(rows))
        assert said.key is not None
        return said.key

    def opened(
        self, of_a: Sequence[str] = LIST_A, of_b: Sequence[str] = LIST_B, parties: tuple[str, str] = (A, B)
    ) -> RegisterDayView:
        self.set_day(parties)
        keys = {A: self.submit(A, of_a), B: self.submit(B, of_b)}
        self.wait()
        for party in (A, B):
            view = self[OF[party]].give_key(DAY, party, key=keys[party])
        return view

    def settle(self, a: str, b: str, verdict: str = "one-event") -> RegisterDayView:
        return self["analyst"].settle(DAY, a, b, verdict=verdict, reason="Looked at.")


def grouped(view: RegisterDayView) -> list[tuple[str, str, str]]:
    """Return the rows: group, numbers of the first list, of the second; candidates in brackets."""

    def side(own: tuple[str, ...], beside: tuple[str, ...]) -> str:
        return "+".join(own) or "".join(f"({no})" for no in beside)

    return [
        (pair.group, side(pair.entries_a, pair.candidates_a), side(pair.entries_b, pair.candidates_b))
        for pair in view.pairs
    ]


def entry(view: RegisterDayView, no: str) -> EntryOfList:
    lists: list[Any] = [*(view.list_a.entries or ()), *(view.list_b.entries or ())]
    found: EntryOfList = next(one for one in lists if one.no == no)
    return found


@pytest.fixture(scope="session")
def case() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registers") / "riverline"
    Workspace.create(folder, "riverline", author="Amal").close()
    return folder


@pytest.fixture
def desk(made_once: Path, case: Case, tmp_path: Path) -> Iterator[Desk]:
    folder = Path(shutil.copytree(made_once, tmp_path / "mission"))
    now = [0]
    with Ledger.open(folder / "ledger.sqlite", clock=lambda: now[0]) as ledger:
        now[0] = max(one.recorded_at for one in ledger.entries()) + HOUR
        yield Desk(folder, case, ledger, now)
