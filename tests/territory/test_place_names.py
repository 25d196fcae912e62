"""Names that mean one place compare as one; names that do not, do not."""

from __future__ import annotations

import pytest

from ceasefire.territory.place_names import plain_name, similarity, skeleton, spelling


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Jisr ash-Shughur", "JISR AL SHUGHŪR"),
        ("Dar'a", "Dara"),
        ("Al-Qusayr", "al Qusayr"),
        ("المخرم", "مخرم"),
    ],
)
def test_spelling_ignores_how_a_name_is_written(a, b):
    assert spelling(a) == spelling(b)


def test_generic_words_go_unless_nothing_else_is_there():
    assert plain_name("Markaz Hill-top district") == "hill top"
    assert plain_name("Central Region") == "central"
    assert plain_name("District") == "district"
    assert plain_name("Al") == "al"


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [
        ("Rif Dimashq", "ريف دمشق"),
        ("Maarat al-Numaan", "معرة النعمان"),
        ("Jabal Saman", "جبل سمعان"),
        ("Ayn al Arab", "عين العرب"),
        ("Al Mukharram", "المخرم"),
        ("Jisr ash Shughur", "جسر الشغور"),
    ],
)
def test_arabic_and_its_transliterations_share_a_skeleton(latin, arabic):
    assert skeleton(latin) == skeleton(arabic)


@pytest.mark.parametrize(
    ("a", "b"), [("Latakia", "Quneitra"), ("Duma", "Daraya"), ("Idlib", "Aleppo"), ("Douma", "Dimashq")]
)
def test_different_places_stay_apart(a, b):
    assert spelling(a) != spelling(b)
    assert skeleton(a) != skeleton(b)
    assert similarity(a, b) < 0.8


def test_similarity_is_symmetric():
    assert similarity("Tartus", "Tartous") == similarity("Tartous", "Tartus") > 0.86
