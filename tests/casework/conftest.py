"""A centre in small: a ledger under a clock that tests move, a body of three, and its people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ceasefire.agreement.casework_rules import CaseworkRules
from ceasefire.casework.people import Person
from ceasefire.casework.views import CaseFileView
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.roles import Role
from ceasefire.pipeline.casework import Casework, HeldCaseFiles

DAY = 86_400_000_000
START = 1_617_271_200_000_000  # 2021-04-01T10:00Z

PEOPLE = {
    "liaison-a": Person(name="liaison-a", roles=frozenset({Role.LIAISON}), parties=frozenset({"a"})),
    "liaison-b": Person(name="liaison-b", roles=frozenset({Role.LIAISON}), parties=frozenset({"b"})),
    "liaison-c": Person(name="liaison-c", roles=frozenset({Role.LIAISON}), parties=frozenset({"c"})),
    "monitor": Person(name="monitor", roles=frozenset({Role.FIELD_MONITOR})),
    "analyst": Person(name="analyst", roles=frozenset({Role.ANALYST})),
    "second": Person(name="second", roles=frozenset({Role.ANALYST})),
    "head": Person(name="head", roles=frozenset({Role.HEAD})),
    "guarantor": Person(name="guarantor", roles=frozenset({Role.GUARANTOR})),
    "administrator": Person(name="administrator", roles=frozenset({Role.ADMINISTRATOR})),
    "public": Person(name="public", roles=frozenset({Role.PUBLIC})),
}

BOARD = {
    "id": "board",
    "names": {"en": "Joint Board"},
    "mandate": {"en": "Article 11"},
    "members": [
        {"id": "chair", "name": "Chair"},
        {"id": "of-a", "name": "A", "party": "a"},
        {"id": "of-b", "name": "B", "party": "b"},
    ],
    "quorum": 2,
    "voting_rule": "consensus",
    "standard_of_proof": "reasonable-grounds-to-believe",
}


def rules(**changes: Any) -> CaseworkRules:
    """Return the rules of a case with one body."""
    return CaseworkRules.model_validate({"format": 1, "bodies": [{**BOARD, **changes}]})


@dataclass
class Office:
    """Everybody at work on one ledger."""

    ledger: Ledger
    batches: BatchStore
    now: list[int]
    rules: CaseworkRules = field(default_factory=rules)
    held: HeldCaseFiles = field(default_factory=HeldCaseFiles)

    def __getitem__(self, name: str) -> Casework:
        return Casework(
            ledger=self.ledger,
            batches=self.batches,
            rules=self.rules,
            zone=ZoneInfo("Europe/Lisbon"),
            person=PEOPLE[name],
            held=self.held,
            clock=lambda: self.now[0],
        )

    def wait(self, days: float) -> None:
        self.now[0] += int(days * DAY)

    def move(self, who: str, id_: str, transition: str, /, **details: Any) -> CaseFileView:
        view = self[who].read(id_)
        return self[who].move(id_, transition, base=view.base, reason=f"For {transition}.", details=details)

    def filed(self, *, by: str = "a", against: str = "b", title: str = "Shelling of the mill") -> str:
        fields = {"title": title, "summary": "Twelve rounds.", "accused": [against], "clause_ids": ["A2"]}
        return self[f"liaison-{by}"].open(fields, filed_by=by).row.id

    def notified(self, *, by: str = "a", against: str = "b") -> str:
        id_ = self.filed(by=by, against=against)
        self.move("analyst", id_, "admit")
        self.move("head", id_, "assign", assignee="analyst")
        self.move("analyst", id_, "notify", offers=[{"party": against, "statement": "It is alleged."}])
        return id_

    def drafted(self, *, by: str = "a", against: str = "b", breach: str = "yes") -> str:
        id_ = self.notified(by=by, against=against)
        self.move(f"liaison-{against}", id_, "receive-reply", party=against, text="We did not.")
        self.move("analyst", id_, "review")
        self.move("analyst", id_, "draft", body_id="board", content=content(against, breach=breach))
        return id_

    def signed(self, **options: str) -> str:
        id_ = self.drafted(**options)
        draft = self["second"].read(id_).draft
        assert draft is not None
        self.move("second", id_, "sign", draft=draft.position)
        return id_

    def vote(self, id_: str, present: str = "chair of-a of-b", **ballots: str) -> CaseFileView:
        draft = self["head"].read(id_).draft
        assert draft is not None
        cast = {member.replace("_", "-"): ballot for member, ballot in ballots.items()}
        return self["head"].vote(
            id_, draft=draft.position, held_on="2021-04-20", present=present.split(), ballots=cast, minutes="Met."
        )

    def determined(self, **options: str) -> str:
        id_ = self.signed(**options)
        self.vote(id_, chair="for", of_a="for", of_b="abstains")
        self.rule(id_)
        return id_

    def rule(self, id_: str, transition: str = "determine") -> CaseFileView:
        draft = self["head"].read(id_).draft
        assert draft is not None
        return self.move("head", id_, transition, draft=draft.position)


def content(against: str = "b", *, breach: str = "yes") -> dict[str, Any]:
    """Return a determination that says yes to all, or only as far as `breach` lets it."""
    attributed = breach == "yes"
    yes = {"answer": "yes", "reasons": "Seen.", "evidence": ["rep-1"]}
    open_ = {"answer": "undetermined", "reasons": "Nobody saw.", "evidence": []}
    return {
        "clause_ids": ["A2"],
        "time_and_place": "1 April, the mill, to 200 m.",
        "bound_because": "It signed.",
        "fact": yes,
        "attribution": yes if attributed else open_,
        "attributed_to": [against] if attributed else [],
        "breach": yes if attributed else {**open_, "answer": breach, "evidence": ["rep-1"] if breach == "no" else []},
        "independence": "Two lineages.",
        "alternatives": "An accident.",
        "confidence": "High.",
        "method": "Crater analysis, 2nd edition.",
        "remedies": [{"text": "Withdraw the mortars.", "bearer": against, "deadline": "2021-06-01"}],
    }


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    now = [START]
    with Ledger.open(tmp_path / "ledger.sqlite", clock=lambda: now[0]) as ledger:
        yield Office(ledger, BatchStore(tmp_path / "batches"), now)
