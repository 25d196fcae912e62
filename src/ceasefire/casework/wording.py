"""Which word may be written of a case: *violation* only after a determination whose answer to *breach* is yes."""

from __future__ import annotations

import re

from ceasefire.casework.records import CaseFile
from ceasefire.model.casework import CaseOutcome, CaseState

_WORD = re.compile(r"(?<!\w)violat(?:ions?|ed|es|ing|ors?)(?!\w)", re.IGNORECASE)
_ALLEGED = re.compile(r"\balleged(?:ly)?\s+(?:\w+\s+)?$", re.IGNORECASE)
_RULED = frozenset({CaseState.DETERMINED, CaseState.CLOSED})


def word_for(case_file: CaseFile) -> str:
    """Return ``violation`` or ``alleged violation``.

    While an appeal is pending, or the file is being examined again, it is *alleged* again.
    """
    return "violation" if _found(case_file) else "alleged violation"


def _found(case_file: CaseFile) -> bool:
    ruling = case_file.ruling
    return (
        ruling is not None
        and ruling.outcome is CaseOutcome.DETERMINED
        and ruling.draft is not None
        and ruling.draft.content.breach.answer == "yes"
        and case_file.state in _RULED
    )


def unfounded_words(text: str, case_file: CaseFile) -> tuple[str, ...]:
    """Return the words of a text that only a determination of a breach would allow: *violation* not called alleged.

    English only; a person who publishes in another language keeps the rule by hand.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> nothing_found = SimpleNamespace(ruling=None)
    >>> unfounded_words("An alleged violation; a second violation.", nothing_found)
    ('violation',)
    """
    if _found(case_file):
        return ()
    return tuple(match[0] for match in _WORD.finditer(text) if not _ALLEGED.search(text[: match.start()]))
