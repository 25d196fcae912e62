"""What findings and obligations say in other languages: whole, and with the same values as in English."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import get_args

import pytest

from ceasefire.agreement.citation import STANDINGS
from ceasefire.agreement.records import Interpretation
from ceasefire.findings.phrases import QUESTIONS, STATUSES, TEMPLATES, WORDS, languages_held, phrases_in
from ceasefire.findings.reasons import OBLIGATION_REASONS, REASONS
from ceasefire.findings.trace import _ACTS, _BASES
from ceasefire.model.vocabulary import ACTS, DeniedQuestion, PlacePrecision
from ceasefire.territory.records import AreaVersion

OTHERS = [language for language in languages_held() if language != "en"]
KEYS = {
    "questions": {question.value for question in QUESTIONS},
    "statuses": {status.value for status in STATUSES},
    "templates": set(TEMPLATES),
    "words": set(WORDS),
    "reasons": set(REASONS),
    "obligation_reasons": set(OBLIGATION_REASONS),
    "standings": set(STANDINGS),
    "border_standings": set(get_args(AreaVersion.model_fields["standing"].annotation)),
    "authorities": set(get_args(Interpretation.model_fields["authority"].annotation)),
    "bases": set(_BASES),
    "adherence_acts": set(_ACTS),
    "denied": {question.value for question in DeniedQuestion},
    "precisions": {precision.value for precision in PlacePrecision},
}


def held(language: str) -> dict[str, dict[str, str]]:
    folder = files("ceasefire.findings") / "languages"
    read: dict[str, dict[str, str]] = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
    return read


def test_arabic_is_there_and_an_unknown_language_is_told_in_english() -> None:
    assert "ar" in OTHERS
    assert phrases_in("xx").reason("ended") == REASONS["ended"].sentence


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_whole(language: str) -> None:
    said = held(language)
    for kind, keys in KEYS.items():
        assert set(said[kind]) == keys, kind
        assert all(text.strip() for text in said[kind].values())
    assert set(ACTS) <= set(said["acts"])


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_take_the_same_values(language: str) -> None:
    for key, template in held(language)["templates"].items():
        assert sorted(re.findall(r"{(\w+)}", template)) == sorted(re.findall(r"{(\w+)}", TEMPLATES[key])), key


def test_english_is_what_the_codes_say() -> None:
    english = phrases_in("en")
    assert english.obligation_reason("no-evidence") == OBLIGATION_REASONS["no-evidence"]
    assert english.listed(["a", "b", "c"]) == "a, b and c"
    assert english.say("when-day", day="2021-04-05") == "2021-04-05, local days"


def test_a_day_does_not_turn_round_among_arabic_letters() -> None:
    apart = "\u200f\u20682021-04-05\u2069"
    assert phrases_in("ar").say("when-day", day="2021-04-05").startswith(apart)
    assert phrases_in("ar").listed(["a", "b"]) == "\u2068a\u2069 و\u2068b\u2069"
