"""How clauses are cited before and after their text is held."""

from __future__ import annotations

import pytest

from ceasefire.agreement.case import Case
from ceasefire.agreement.citation import cite_clause, cite_source, held_text, title_of
from ceasefire.agreement.load import built_in_case, load_case


@pytest.fixture(scope="module")
def riverline() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.fixture(scope="module")
def astana() -> Case:
    return load_case(built_in_case("astana-2017"))


def test_a_paraphrase_is_our_reference_and_says_so(astana: Case) -> None:
    assert cite_clause(astana.clauses["T1"]) == "our reference T1, paraphrase"


def test_no_clause_is_cited_officially_before_its_text_is_held(astana: Case) -> None:
    for clause in astana.clauses.values():
        standing = held_text(clause).standing
        assert cite_clause(clause).startswith("our reference") == (
            standing not in ("authentic", "official-translation")
        )


def test_the_language_asked_for_is_quoted_where_texts_weigh_the_same(riverline: Case) -> None:
    article = riverline.clauses["A2"]
    assert cite_clause(article, "fr") == "Article 2, authentic (fr)"
    assert cite_clause(article, "en") == "Article 2, authentic (en)"
    # an unofficial translation never stands in for an authentic text
    assert held_text(article, "ar").standing == "authentic"


def test_the_text_that_prevails_is_quoted_in_any_language(riverline: Case) -> None:
    article = riverline.clauses["A3"].model_copy(update={"prevails": "A3-fr"})
    assert held_text(article, "en").id == "A3-fr"


def test_a_translation_without_an_official_reference_is_ours(riverline: Case) -> None:
    assert cite_clause(riverline.clauses["H1"]) == "our reference H1, unofficial translation"


def test_titles_fall_back_to_english_and_then_to_the_first() -> None:
    assert title_of({"en": "Truce", "fr": "Trêve"}, "fr") == "Trêve"
    assert title_of({"en": "Truce", "fr": "Trêve"}, "ar") == "Truce"
    assert title_of({"fr": "Trêve"}, "ar") == "Trêve"


def test_a_source_is_cited_with_its_address_where_it_has_one(riverline: Case) -> None:
    assert cite_source(riverline, "observatory") == "observatory (https://observatory.example/oriel)"
    assert cite_source(riverline, "agreement") == "agreement"
    assert cite_source(riverline, "no-such-key") == "no-such-key"
