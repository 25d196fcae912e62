"""What is read out of the accounts of one event."""

from __future__ import annotations

from ceasefire.findings.accounts import Profile
from ceasefire.model.claims import Account, write_claims


def test_who_is_alleged_is_whom_the_account_names_and_not_the_other_side_of_a_clash() -> None:
    clash = {"source_id": "watch", "alleges": True, "sides": (("east",), ("west",))}
    directed = Profile.read(write_claims([Account(**clash, perpetrators=("east",))]))
    assert directed.alleged_by("east") == ("watch",)
    assert directed.alleged_by("west") == ()


def test_a_clash_without_direction_called_a_breach_is_alleged_of_both_sides() -> None:
    clash = Profile.read(write_claims([Account(source_id="watch", alleges=True, sides=(("east",), ("west",)))]))
    assert clash.alleged_by("east") == clash.alleged_by("west") == ("watch",)
    assert clash.alleged_by("north") == ()
