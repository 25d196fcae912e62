"""On whose word an account rests: a copy of a party's word is that party's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case


def parties_behind(case: Case, source_id: str, party: str = "") -> frozenset[str]:
    """Return the parties on whose word alone a speaker rests.

    Parameters
    ----------
    source_id : str
        A speaker of the case, or an importer's key.
    party : str
        The actor it speaks for, where the account says so.

    Returns
    -------
    frozenset of str
        Its own party; of one that speaks for nobody and draws on others, the parties of all of these. Empty where it
        stands on its own feet, or where one of those it draws on does.
    """
    return _behind(case, source_id, party, frozenset())


def _behind(case: Case, source_id: str, party: str, seen: frozenset[str]) -> frozenset[str]:
    speaker = case.speakers.get(source_id)
    if party or (speaker is not None and speaker.party):
        return frozenset({party or (speaker.party or "" if speaker is not None else "")})
    drawn_on = [one for one in (speaker.lineage if speaker is not None else ()) if one not in {source_id, *seen}]
    parts = [_behind(case, one, "", seen | {source_id}) for one in drawn_on]
    return frozenset().union(*parts) if parts and all(parts) else frozenset()
