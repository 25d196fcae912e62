"""Whatever both sides and the centre do, in whatever order: nothing is told too early, and replay is exact."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.casework.registers.fold import RegisterDays
from ceasefire.casework.registers.records import RegisterDay
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import CeasefireError
from ceasefire.pipeline.workspace import Workspace

from .conftest import DAY, HOUR, ID, LIST_A, LIST_B, OF, PEOPLE, A, B, Desk, text_of

CASE = load_case(built_in_case("riverline"))
WORKERS = st.sampled_from(sorted(PEOPLE))
SIDES = st.sampled_from([A, B])
NUMBERS = st.sampled_from(["R1", "R3", "17/1", "17/3", "none"])
_MADE: list[Path] = []


def made() -> Path:
    """Return the folder of a new workspace, made once."""
    if not _MADE:
        folder = Path(tempfile.mkdtemp(prefix="registers-")) / "riverline"
        Workspace.create(folder, "riverline", author="Amal").close()
        atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
        _MADE.append(folder)
    return _MADE[0]


class AnyDeed(RuleBasedStateMachine):
    """People of every role at work on the registers of one day."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="registers-"))
        shutil.copytree(made(), self.folder / "mission")
        self.now = [0]
        ledger = Ledger.open(self.folder / "mission" / "ledger.sqlite", clock=lambda: self.now[0])
        self.now[0] = max(one.recorded_at for one in ledger.entries()) + HOUR
        self.desk = Desk(self.folder / "mission", CASE, ledger, self.now)
        self.keys: dict[str, str] = {A: "A" * 52, B: "B" * 52}
        self.then: dict[int, RegisterDay] = {}

    def teardown(self) -> None:
        ledger = self.desk.ledger
        for position, held in self.then.items():
            days = RegisterDays.empty(self.desk.batches.get_bytes).after(ledger.entries(position))
            assert days.days[ID] == held
        assert self.desk.held.latest(ledger, self.desk.batches).void == ()
        assert ledger.audit(batches=self.desk.batches).ok
        ledger.close()
        shutil.rmtree(self.folder)

    @property
    def day(self) -> RegisterDay:
        return self.desk.held.latest(self.desk.ledger, self.desk.batches).days[ID]

    def attempt(self, call: Any, *given: Any, **named: Any) -> Any:
        """Do something: an entry when it is done, with the opening their matching as well, and none when refused."""
        size = self.desk.ledger.size
        try:
            done = call(*given, **named)
        except CeasefireError as error:
            assert self.desk.ledger.size == size
            assert len(str(error).splitlines()) >= 2  # what, and what to do
            return None
        assert 1 <= self.desk.ledger.size - size <= 2
        self.then[self.desk.ledger.size] = self.day
        return done

    @initialize(first=SIDES)
    def begin(self, first: str) -> None:
        self.desk.set_day((first, B if first == A else A))

    @rule(who=WORKERS, party=SIDES)
    def submit(self, who: str, party: str) -> None:
        rows = LIST_A if party == A else LIST_B
        said = self.attempt(self.desk[who].submit, DAY, party, "list.csv", content=text_of(rows))
        if said is not None:
            assert who == OF[party]
            self.keys[party] = said.key

    @rule(who=WORKERS, party=SIDES)
    def give_key(self, who: str, party: str) -> None:
        if self.attempt(self.desk[who].give_key, DAY, party, key=self.keys[party]) is not None:
            assert who == OF[party]
            assert self.day.has_ended(self.now[0])

    @rule(passes=st.booleans())
    def both_sides(self, passes: bool) -> None:
        """Both liaisons hand in what they have, or open it: left to chance, few days would be opened at all."""
        for party in (A, B):
            self.submit(OF[party], party)
        if passes:
            self.desk.wait(2)
            for party in (A, B):
                self.give_key(OF[party], party)

    @rule(hours=st.sampled_from([0.2, 2]))
    def wait(self, hours: float) -> None:
        self.desk.wait(hours)

    @rule(who=WORKERS)
    def close(self, who: str) -> None:
        self.attempt(self.desk[who].close, DAY, reason="Both are in.")

    @rule(who=WORKERS, party=SIDES)
    def declare_missing(self, who: str, party: str) -> None:
        self.attempt(self.desk[who].declare_missing, DAY, party, reason="It does not come.")

    @rule(who=WORKERS, party=SIDES, no=NUMBERS, answer=st.sampled_from(["confirms", "disputes", "no-answer"]))
    def answer(self, who: str, party: str, no: str, answer: str) -> None:
        before = self.day.replies.get((self.day.other(party), no), ())
        if self.attempt(self.desk[who].answer, DAY, party, no, answer=answer, reason="So.") is not None:
            assert who == OF[party]
            assert self.day.replies[self.day.other(party), no][:-1] == before

    @rule(who=WORKERS, party=SIDES, no=NUMBERS)
    def withdraw(self, who: str, party: str, no: str) -> None:
        listed = self.day.listed(party)
        self.attempt(self.desk[who].amend, DAY, party, "withdraw", no=no, reason="So.")
        assert self.day.listed(party) == listed or not listed

    @rule(who=WORKERS, verdict=st.sampled_from(["one-event", "different-events"]), a=NUMBERS, b=NUMBERS)
    def settle(self, who: str, verdict: str, a: str, b: str) -> None:
        self.attempt(self.desk[who].settle, DAY, a, b, verdict=verdict, reason="Looked at.")

    @rule(who=WORKERS, high=st.integers(0, 3))
    def propose(self, who: str, high: int) -> None:
        self.attempt(self.desk[who].propose_figure, DAY, "shelling", low=1, high=high, counts="Shellings.")

    @rule(who=WORKERS, party=SIDES, last=st.booleans(), takes_back=st.booleans())
    def sign(self, who: str, party: str, last: bool, takes_back: bool) -> None:
        figures = [one.mark.position for one in self.day.figures] or [1]
        figure = figures[-1 if last else 0]
        if takes_back:
            done = self.attempt(self.desk[who].withdraw_signature, DAY, party, figure, reason="Counted anew.")
        else:
            done = self.attempt(self.desk[who].sign, DAY, party, figure)
        assert done is None or who == OF[party]

    @invariant()
    def nothing_is_told_before_both_are_opened(self) -> None:
        if ID not in self.desk.held.latest(self.desk.ledger, self.desk.batches).days:
            return
        for who in ("liaison-a", "liaison-b", "head"):
            view = self.desk[who].read(DAY)
            sides = (view.list_a, view.list_b)
            awaited = [one.state for one in sides if one.state in ("awaited", "sealed", "key-given")]
            if not self.day.is_open:
                assert all(one.entries is None for one in sides)
                assert not view.pairs and not view.estimates and not view.figures
            else:
                assert view.opened is not None
                assert [one.entries is None for one in sides] == [one.state != "open" for one in sides]
                assert not [state for state in awaited if state == "key-given"]

    @invariant()
    def a_kind_has_one_agreed_figure_at_most(self) -> None:
        if ID in self.desk.held.latest(self.desk.ledger, self.desk.batches).days:
            assert sum(self.day.agreed(one) for one in self.day.figures) <= 1


TestAnyDeed = AnyDeed.TestCase
TestAnyDeed.settings = settings(
    max_examples=60 if os.environ.get("CEASEFIRE_SOAK") else 8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
