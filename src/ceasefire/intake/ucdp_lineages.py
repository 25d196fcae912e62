"""On whom a row of UCDP GED rests: the offices it names, or whom their articles quote where that is said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa

from ceasefire.intake import columns as build
from ceasefire.model.rows import equal_rows, first_rows
from ceasefire.model.schemas import REPORT

UNSTATED = "ucdp-ged:unstated"
"""The chain of a row that names no source office."""
# The data set spells one office in several ways; where it is one chain, corroboration must not count it twice.
_OFFICES = {
    "human-rights-watch": "hrw",
    "agence-france-presse": "afp",
    "reuters-news": "reuters",
    "amnesty-international": "amnesty",
    "associated-press-newswires": "ap",
    "associated-press": "ap",
    "waha": "waha-report",
}
_OFFICE_PATTERNS = ((re.compile(r"live-?u|ualive|ulive|syria-?live-?map"), "liveuamap"), (re.compile(r"^bbc\b"), "bbc"))
# "NAME: what happened", "what happened: NAME", "what happened - NAME", "NAME says what happened"
_ATTRIBUTED = (
    re.compile(r"^(?P<name>[^:]{2,60}): "),
    re.compile(r"(?:: | [-–—] )(?P<name>[^:]{2,60})$"),
    re.compile(r"^(?P<name>.{2,60}?) (?:says|said|reports|reported)\b"),
)


def lineage_key(office: str) -> str:
    """Return the key of the chain that an office of the data set belongs to.

    Examples
    --------
    >>> lineage_key(" SOHR ") == lineage_key("sohr"), lineage_key("Human Rights Watch")
    (True, 'hrw')
    """
    key = "-".join(re.findall(r"[^\W_]+", office.casefold()))
    key = re.sub(r"^(https?-)?(www-)?", "", key)
    for pattern, chain in _OFFICE_PATTERNS:
        if pattern.search(key):
            return chain
    return _OFFICES.get(key, key)


def lineages_of(
    offices: pa.Array, originals: pa.Array, headlines: pa.Array, lineages: Mapping[str, str]
) -> pa.ListArray:
    """Return the chains behind each row, each once: an office named twice is one chain.

    An article rests on whom its headline quotes; of a single article, the column of original sources says it too.
    Only speakers that the case knows are so recognised: names in headlines are mostly those of parties.

    Parameters
    ----------
    offices, originals, headlines : string arrays of one length
        ``source_office``, ``source_original`` and ``source_headline``; parts are separated by semicolons.
    lineages : mapping of str to str
        Normalised names (`lineage_key`) of the case's speakers to their ids.
    """
    codes = equal_rows([offices, originals, headlines])
    firsts = pa.array(first_rows(codes))
    said = zip(*(column.take(firsts).to_pylist() for column in (offices, originals, headlines)), strict=True)
    chains = [
        _chains(_parts(office), _parts(original), _parts(headline), lineages) for office, original, headline in said
    ]
    return build.lists_by_code(chains, codes, REPORT.field("lineage").type)


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";")]


def _chains(
    offices: Sequence[str], originals: Sequence[str], headlines: Sequence[str], lineages: Mapping[str, str]
) -> list[str]:
    found: set[str] = set()
    # titles hold semicolons of their own: only as many titles as offices are one each
    titles = headlines if len(headlines) == len(offices) else [""] * len(offices)
    for office, title in zip(offices, titles, strict=True):
        key = lineage_key(office)
        if key:
            found.add(_quoted(title, lineages) or lineages.get(key, key))
    named = {lineages[key] for key in map(lineage_key, originals) if key in lineages}
    if len(found) == 1 and named:
        return sorted(named)
    return sorted(found) or [UNSTATED]


def _quoted(title: str, lineages: Mapping[str, str]) -> str | None:
    for pattern in _ATTRIBUTED:
        match = pattern.search(title)
        if match and (speaker := lineages.get(lineage_key(match["name"]))):
            return speaker
    return None
