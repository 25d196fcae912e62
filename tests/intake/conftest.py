"""What the tests of intake share: a small register of a fictional country, and a good UCDP GED file of eight rows."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ceasefire.actors.records import Actor
from ceasefire.actors.register import ActorRegister


def _actor(
    actor_id: str, kind: str, name: str, *ucdp: dict[str, str], since: str | None = None, until: str | None = None
) -> Actor:
    own = {"text": name, "language": "en", "kind": "own", "valid_from": since, "valid_until": until}
    ids = [{"scheme": "ucdp", **one} for one in ucdp]
    return Actor.model_validate(
        {"id": actor_id, "kind": kind, "names": [own], "external_ids": ids, "sources": ["test"]}
    )


@pytest.fixture(scope="session")
def ged_zone() -> ZoneInfo:
    return ZoneInfo("Africa/Juba")


@pytest.fixture(scope="session")
def ged_register(ged_zone: ZoneInfo) -> ActorRegister:
    """Return a register in which the Upland Front, UCDP's 21, is another actor from 3 March 2021 on."""
    return ActorRegister(
        [
            _actor("government", "state", "Government of Riverland", {"id": "11"}),
            _actor(
                "front", "armed-group", "Upland Front", {"id": "21", "valid_until": "2021-03-03"}, until="2021-03-03"
            ),
            _actor(
                "union", "armed-group", "Upland Front", {"id": "21", "valid_from": "2021-03-03"}, since="2021-03-03"
            ),
            _actor("guard", "armed-group", "Delta Guard", {"id": "31"}),
            _actor("delta", "armed-group", "Delta"),
        ],
        ged_zone,
    )


@pytest.fixture
def good_ged() -> Path:
    return Path(__file__).parents[1] / "malformed_input" / "good.csv"
