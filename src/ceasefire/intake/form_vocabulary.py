"""What a form offers to choose from: names of a case, in its languages, and the form's own wording."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DEFAULT_LANGUAGE = "en"
OTHER, NOT_KNOWN, CIVILIANS = "other", "not-known", "civilians"
"""Choices that are no actor, act or area of the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to choose.

    Parameters
    ----------
    name : str
        The id that a submission carries; no spaces.
    labels : mapping of str to str
        Language tag to what a person reads.
    parent : str or None
        Of a unit: the one that holds it.
    """

    name: str
    labels: Mapping[str, str]
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChoice(Choice):
    """An administrative unit.

    Parameters
    ----------
    path : str
        Names from the first order down, such as ``Westmark/Ford``.
    """

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChoice(Choice):
    """A settlement.

    Parameters
    ----------
    latitude, longitude : float
        Its centre, degrees.
    area_name : str or None
        The unit that it lies in, as names from the first order down.
    """

    latitude: float
    longitude: float
    area_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormVocabulary:
    """The vocabulary of a case, as far as a form asks for it.

    Parameters
    ----------
    case_id : str
        Of which the form's id is made.
    title : mapping of str to str
        The case's, by language.
    acts, actors, speakers, areas, exceptions : tuple of Choice
        By their ids; acts of the default vocabulary bring no label, the form's wording has it.
    units : tuple of UnitChoice
        Of the first and second order.
    places : tuple of PlaceChoice
        Settlements.
    extent : tuple of float or None
        West, south, east, north of where an incident can be: a point far outside is a mistake.
    """

    case_id: str
    title: Mapping[str, str]
    acts: tuple[Choice, ...]
    actors: tuple[Choice, ...]
    speakers: tuple[Choice, ...]
    areas: tuple[Choice, ...] = ()
    exceptions: tuple[Choice, ...] = ()
    units: tuple[UnitChoice, ...] = ()
    places: tuple[PlaceChoice, ...] = ()
    extent: tuple[float, float, float, float] | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the case that the form has words in, English first; English alone where it has none."""
        spoken = [each for each in wordings() if each in self.title]
        return tuple(sorted(spoken, key=lambda each: each != DEFAULT_LANGUAGE)) or (DEFAULT_LANGUAGE,)


@cache
def wordings() -> dict[str, dict[str, str]]:
    """Return the form's own words: language tag to key to text. A file more in ``form_words`` is a language more."""
    folder = files("ceasefire.intake").joinpath("form_words")
    found = sorted((each.name.removesuffix(".json"), each) for each in folder.iterdir() if each.name.endswith(".json"))
    return {code: json.loads(each.read_text(encoding="utf-8")) for code, each in found}


def label_in(labels: Mapping[str, str], language: str, otherwise: str) -> str:
    """Return a label in a language, else in English, else in any, else `otherwise`."""
    for wanted in (language, DEFAULT_LANGUAGE, *sorted(labels)):
        if wanted in labels:
            return labels[wanted]
    return otherwise
