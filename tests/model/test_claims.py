"""What is said survives being written and read, and its order does not matter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ceasefire.model.claims import Account, read_claims, write_claims

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
TUPLES = st.lists(NAMES, max_size=3).map(tuple)
ACCOUNTS = st.builds(
    Account,
    source_id=NAMES,
    party=NAMES,
    stance=st.sampled_from(["asserts", "denies", "claims"]),
    denied=TUPLES,
    acts=TUPLES,
    sides=st.lists(TUPLES, max_size=2).map(tuple),
    perpetrators=TUPLES,
    targets=TUPLES,
    civilian_victims=st.sampled_from(["yes", "no", "undetermined"]),
    invokes=TUPLES,
    alleges=st.booleans(),
)


@given(st.lists(ACCOUNTS, max_size=4))
def test_round_trip(accounts: list[Account]) -> None:
    assert set(read_claims(write_claims(accounts))) == set(accounts)


@given(st.lists(ACCOUNTS, max_size=4), st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_matter(accounts: list[Account], random: object) -> None:
    shuffled = accounts + accounts
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert write_claims(shuffled) == write_claims(accounts)
