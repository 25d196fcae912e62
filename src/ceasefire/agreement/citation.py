"""How a clause is cited: by its official reference once its text is held, by ours until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause, ClauseText

# Best first: what a text is worth when it is cited.
STANDINGS = ("authentic", "official-translation", "unofficial-translation", "paraphrase")


def held_text(clause: Clause, language: str = "en") -> ClauseText:
    """Return the text to quote: the one that prevails, else the best standing, that language first."""
    if clause.prevails is not None:
        return next(text for text in clause.texts if text.id == clause.prevails)
    return min(clause.texts, key=lambda text: (STANDINGS.index(text.standing), text.language != language, text.id))


def cite_clause(clause: Clause, language: str = "en") -> str:
    """Return the citation of a clause, such as "our reference T1, paraphrase"."""
    text = held_text(clause, language)
    standing = text.standing.replace("-", " ")
    if text.official_reference and text.standing in ("authentic", "official-translation"):
        return f"{text.official_reference}, {standing} ({text.language})"
    return f"our reference {clause.id}, {standing}"


def title_of(titles: dict[str, str], language: str = "en") -> str:
    """Return a title in the language asked for, else in English, else in the first there is."""
    return titles.get(language) or titles.get("en") or next(iter(titles.values()))


def cite_source(case: Case, key: str) -> str:
    """Return a source key with its address, where the case has one."""
    source = case.sources.get(key)
    return f"{key} ({source.address})" if source and source.address else key
