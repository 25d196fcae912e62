"""How texts are compared: by rare words, in any script, the same whatever else there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.compare import TEXT_BANDS, tables_for, text_levels
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.text_likeness import Likeness, common_words, wordings_of, words_of
from ceasefire.fusion.traits import traits_of
from ceasefire.fusion.weights import Weights, default_weights

BRIDGE_STEM = "bridge"[:5]
BRIDGE = "Shells fell on the old bridge of Duékoué during the night"
AGAIN = "During the night shells hit the old bridge of DUEKOUE"
OTHER = "Gunmen stopped lorries near a border post"


def likeness(*texts: str, shares: tuple[tuple[str, float], ...] = ()) -> Any:
    wordings, codes = wordings_of(pa.array(texts, pa.string()))
    found = Likeness(wordings, shares)
    return lambda a, b: float(found.of(codes[[a]], codes[[b]])[0])


def test_words_are_compared_without_accents_cases_endings_and_figures() -> None:
    assert words_of("Clashes, CLASHED; clash 14 Duékoué") == {"clash", "dueko"}
    assert words_of("القصف على البلدة") == words_of("القَصف على البلدة")  # with a vowel sign and without


def test_scripts_without_spaces_are_read_by_two_letters() -> None:
    assert words_of("停火协议") == {"停火", "火协", "协议"}
    assert words_of("停") == {"停"}


def test_likeness_is_the_cosine_of_what_words_weigh() -> None:
    one, other = "alpha bravo charlie delta echo", "alpha bravo foxtr golfs hotel"
    assert likeness(one, other)(0, 1) == pytest.approx(2 / 5)
    # a word that all texts have weighs nothing: of four words left, one is shared
    assert likeness(one, other, shares=(("alpha", 1.0),))(0, 1) == pytest.approx(1 / 4)
    # by hand: ln(2)^2 for the shared common word, ln(1000)^2 for each rare one
    common, rare = np.log(2) ** 2, np.log(1000) ** 2
    shares = (("alpha", 0.5), ("bravo", 1.0))
    assert likeness(one, other, shares=shares)(0, 1) == pytest.approx(common / (common + 3 * rare))


def test_texts_of_words_that_all_have_tell_nothing() -> None:
    shares = tuple((word, 1.0) for word in ("alpha", "bravo", "charl", "delta", "echo"))
    assert np.isnan(likeness("alpha bravo charlie delta echo", "alpha bravo charlie delta echo", shares=shares)(0, 1))


def test_likeness_is_the_same_either_way_and_for_any_number_of_pairs() -> None:
    rng = np.random.default_rng(4)
    letters = [f"{chr(97 + one)}{chr(97 + other)}x" for one in range(20) for other in range(20)]
    texts = [" ".join(rng.choice(letters, rng.integers(5, 60))) for _ in range(300)]
    wordings, codes = wordings_of(pa.array(texts))
    bags = [words_of(text) for text in texts]
    found = Likeness(wordings, ())
    a, b = rng.integers(0, 300, (2, 20_000))
    by_hand = [len(bags[x] & bags[y]) / np.sqrt(len(bags[x]) * len(bags[y])) for x, y in zip(a, b, strict=True)]
    assert found.of(codes[a], codes[b]) == pytest.approx(np.array(by_hand))
    assert np.array_equal(found.of(codes[a], codes[b]), found.of(codes[b], codes[a]))


def test_shares_count_reports_and_leave_out_rare_words() -> None:
    wordings, codes = wordings_of(pa.array([BRIDGE, BRIDGE, AGAIN, OTHER, None]))
    shares = dict(common_words(wordings, codes))
    assert shares[BRIDGE_STEM] == 3 / 4
    assert shares["the"] == 3 / 4
    assert "gunme" not in shares


def level(
    report: Callable[..., dict[str, Any]],
    table: Callable[..., pa.Table],
    nobody: ActorRegister,
    *said: tuple[str, str | None],
    weights: Weights | None = None,
) -> int:
    rows = [report(source, str(number), text=text) for number, (source, text) in enumerate(said)]
    traits = traits_of(table(*rows), nobody)
    held = weights or default_weights()
    tables = tables_for(traits, held.side_table(traits.parties), None, held.words)
    return int(text_levels(traits, np.array([0]), np.array([1]), tables)[0])


def test_the_more_is_shared_the_higher_the_level(report: Any, table: Any, nobody: ActorRegister) -> None:
    same, near, far = (level(report, table, nobody, ("A", BRIDGE), ("B", text)) for text in (BRIDGE, AGAIN, OTHER))
    assert same > near > far > 0
    weight = default_weights().match_weights("text")
    assert weight[same] > 1 > 0 > weight[far]
    assert same == TEXT_BANDS * 2  # an act in common, and the same words


@pytest.mark.parametrize(
    "said",
    [
        (("A", BRIDGE), ("B", None)),
        (("A", None), ("B", None)),
        (("A", BRIDGE), ("B", "")),
        (("A", BRIDGE), ("B", "Shells fell")),  # too few words
        (("A", BRIDGE), ("A", BRIDGE)),  # one source words all it tells alike
    ],
)
def test_what_is_not_said_weighs_nothing(
    report: Any, table: Any, nobody: ActorRegister, said: tuple[tuple[str, str | None], ...]
) -> None:
    found = level(report, table, nobody, *said)
    assert found == 0
    assert default_weights().match_weights("text")[found] == 0


def test_other_texts_have_no_say(report: Any, table: Any, nobody: ActorRegister) -> None:
    pair = (("A", BRIDGE), ("B", AGAIN))
    crowd = [(f"S{number}", f"{BRIDGE} {number * 'x'}") for number in range(50)]
    assert level(report, table, nobody, *pair, *crowd) == level(report, table, nobody, *pair)


def test_learning_keeps_how_rare_words_are(report: Any, table: Any, nobody: ActorRegister) -> None:
    rows = [
        report(source, str(day), day=3.0 * day, text=f"At the bridge {'abcdefghij'[day] * 4} fell in the night")
        for day in range(10)
        for source in ("A", "B")
    ]
    weights = learn_weights(table(*rows), register=nobody)
    shares = dict(weights.words)
    assert shares[BRIDGE_STEM] == 1.0
    assert shares["aaaa"] == 0.1
    assert Weights.from_json(weights.to_json()) == weights
