"""Weights: written and read without loss, refused when they are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ceasefire.fusion.weights import VERSION, Weights, default_weights
from ceasefire.model.errors import UsageError


def test_written_and_read_they_are_the_same() -> None:
    held = default_weights(
        affinity=(("name:a", "name:b", 1.25),), repeats={"paper": 0.125}, prior=1 / 3, reports=7, judgements=2
    )
    assert Weights.from_json(held.to_json()) == held
    assert held.prior == pytest.approx(1 / 3, abs=1e-8)


def test_numbers_are_cut_once_and_then_stay() -> None:
    raw = replace(default_weights(), prior=1 / 3)
    assert raw.as_stored() == raw.as_stored().as_stored() != raw


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "no matching weights"),
        ("{}", "no matching weights"),
        ("[]", "no matching weights"),
        (f'{{"version":{VERSION + 1}}}', "version"),
        (f'{{"version":{VERSION}}}', "no matching weights"),
    ],
)
def test_what_is_no_weights_is_refused_in_words(text: str, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        Weights.from_json(text)


def test_probabilities_rise_with_the_odds_and_with_being_joined() -> None:
    weights = default_weights()
    odds = np.linspace(-7, 7, 57)
    joined = weights.calibrated(odds, np.ones(57, dtype=bool))
    parted = weights.calibrated(odds, np.zeros(57, dtype=bool))
    assert (np.diff(joined) > 0).all()
    assert (joined > parted).all()
    assert ((parted > 0) & (joined < 1)).all()
