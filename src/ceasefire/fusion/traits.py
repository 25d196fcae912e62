"""What is compared of a report, as numbers: when, where, who, how many, what, in whose words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import whole
from ceasefire.fusion.parties import Parties, parties_of
from ceasefire.fusion.sound import sound
from ceasefire.fusion.text_likeness import Wordings, wordings_of
from ceasefire.model.rows import list_keys
from ceasefire.model.time import MICROSECONDS_PER_DAY
from ceasefire.model.vocabulary import ACTS, PlacePrecision, ReportKind

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Small = npt.NDArray[np.int8]
Singles = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

TIME_CLASSES = ("a day", "some days", "about two weeks", "about a month", "longer", "not known")
_SLACK_LIMITS = (0.6, 4.0, 10.0, 45.0)  # days to either side beyond the day itself, upper limits of the classes
KM_PER_DEGREE = 111.195
UNDATED = len(TIME_CLASSES) - 1
PLACE_CLASSES = ("a point", "near a point", "a district", "a governorate", "an area", "a country or nowhere")
_POINT_KM = 5.0  # a disc no wider than this is a point
_PLACE_CLASS = {
    PlacePrecision.POINT: 0,
    PlacePrecision.NEAR: 1,
    PlacePrecision.DISTRICT: 2,
    PlacePrecision.GOVERNORATE: 3,
    PlacePrecision.AREA: 4,
    PlacePrecision.COUNTRY: 5,
    PlacePrecision.UNKNOWN: 5,
}
SPREAD_KM = np.array([0.8, 5.0, 12.0, 30.0, 40.0, 60.0])
"""By place class: the scale in which distances are counted, km; what a distance means is learned."""
NO_CIVILIANS, ALL_CIVILIANS, SOME_CIVILIANS, CIVILIANS_UNKNOWN = range(4)
_EXACT_UP_TO = 400
"""Figures beyond this are taken to two per cent: that keeps the distinct ones few, whatever else there is."""
LEAST_COSINE = 0.2
"""Beyond 78 degrees of latitude, degrees of longitude count as they do there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The comparable traits of n reports, each an array of shape (n,).

    Parameters
    ----------
    day : float64
        Middle of the interval, days since 1970 (UTC); NaN where it is not known.
    slack : float32
        Days by which the interval reaches beyond one day, to either side.
    time_class, place_class : int8
        Places in `TIME_CLASSES`, `PLACE_CLASSES`.
    latitude, longitude : float64
        Of the disc, or of the point a source gave for an area; NaN without either.
    north, east : float32
        Kilometres along the meridian, and along the parallel as if that were the equator.
    narrow : float32
        Square root of the cosine of the latitude: two of them multiplied narrow a distance in `east`.
    area, province, place_name : int64
        Codes of the area's name, of its first part, and of the place's name; -1 where there is none.
    source : int64
        Code of who speaks; `sources` holds the names.
    killed, injured : int64
        Codes of figures in `figures`; -1 where none is given.
    civilian : int8
        Whether none, all or some of the dead are civilians, or nobody says.
    acts : int64
        Code of the set of acts, in `act_sets`.
    parties : Parties
    total : bool
        Whether it counts over an area and a period.
    figures : float64 array
        The distinct figures, ascending, those beyond 400 rounded to two per cent.
    act_sets : tuple of frozenset of str
    text : int64
        Which of the distinct texts a report has, in `wordings`; -1 for none.
    wordings : Wordings
    sources : tuple of str
    """

    day: Floats
    slack: Singles
    time_class: Small
    latitude: Floats
    longitude: Floats
    place_class: Small
    north: Singles
    east: Singles
    narrow: Singles
    area: Rows
    province: Rows
    place_name: Rows
    source: Rows
    killed: Rows
    injured: Rows
    civilian: Small
    acts: Rows
    parties: Parties
    total: Mask
    figures: Floats
    act_sets: tuple[frozenset[str], ...]
    text: Rows
    wordings: Wordings
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: Rows) -> Traits:
        """Return the traits of some reports, in the order of `rows`."""
        by_row = {
            name: getattr(self, name)[rows]
            for name in self.__dataclass_fields__
            if name not in ("parties", "figures", "act_sets", "wordings", "sources")
        }
        return replace(self, **by_row, parties=self.parties.take(rows))


@dataclass(frozen=True, slots=True)
class Times:
    """When n reports are of: `day`, `slack` and `time_class` of `Traits`."""

    day: Floats
    slack: Singles
    time_class: Small


def times_of(reports: pa.Table) -> Times:
    """Return when reports are of, impossible spans set right.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`; of its columns those of time are used.
    """
    ends = [_instants(reports[name]) for name in ("occurred_from", "occurred_until")]
    return _times(np.minimum(*ends), np.maximum(*ends))


def _times(start: Floats, end: Floats) -> Times:
    middle = (start + end) / 2
    slack = np.maximum((end - start) / MICROSECONDS_PER_DAY - 1, 0) / 2
    time_class = np.where(np.isnan(middle), UNDATED, np.searchsorted(_SLACK_LIMITS, slack))
    return Times(middle / MICROSECONDS_PER_DAY, np.nan_to_num(slack).astype(np.float32), time_class.astype(np.int8))


def traits_of(reports: pa.Table, register: ActorRegister) -> Traits:
    """Return the traits of reports.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, each column in one piece.
    register : ActorRegister
        Through which actors are compared.
    """
    start, end = (_instants(reports[name]) for name in ("occurred_from", "occurred_until"))
    with ThreadPoolExecutor(1) as pool:
        parties = pool.submit(parties_of, reports, start, register)
        return _traits(reports, _times(start, end), parties.result)


def _traits(reports: pa.Table, times: Times, parties: Callable[[], Parties]) -> Traits:
    """Return the traits of reports, of which the parties are found meanwhile."""
    place_class, latitude, longitude = _places(reports)
    killed = _figure(reports, "killed")
    injured = _figure(reports, "injured")
    figures, codes = _figure_codes(np.concatenate([killed, injured]))
    source = _word(reports["source_id"]).dictionary_encode()
    acts = list_keys(whole(reports["acts"])).dictionary_encode()
    wordings, text = wordings_of(_word(reports["text"]))
    return Traits(
        day=times.day,
        slack=times.slack,
        time_class=times.time_class,
        latitude=latitude,
        longitude=longitude,
        place_class=place_class,
        north=_kilometres(latitude),
        east=_kilometres(longitude),
        narrow=np.sqrt(np.maximum(np.cos(np.radians(latitude)), LEAST_COSINE)).astype(np.float32),
        area=_codes(_normal(reports["area_name"])),
        province=_codes(_first_part(_normal(reports["area_name"]))),
        place_name=_codes(_normal(reports["place_name"])),
        source=np.asarray(source.indices, dtype=np.int64),
        killed=codes[: len(killed)],
        injured=codes[len(killed) :],
        civilian=_civilian(reports, killed),
        acts=np.asarray(acts.indices, dtype=np.int64),
        total=np.asarray(pc.equal(_word(reports["kind"]), ReportKind.TOTAL.value).fill_null(False)),
        figures=figures,
        act_sets=tuple(frozenset(key.split("\x1f")) - {""} for key in acts.dictionary.to_pylist()),
        text=text,
        wordings=wordings,
        sources=tuple(source.dictionary.to_pylist()),
        parties=parties(),
    )


def canonical_traits(reports: pa.Table, rows: Rows, register: ActorRegister) -> Traits:
    """Return the traits of reports in canonical order, each report once."""
    if len(rows) < reports.num_rows:
        once = np.sort(rows)
        reports, rows = reports.take(pa.array(once)), np.searchsorted(once, rows)
    return traits_of(sound(reports), register).take(rows)


def act_levels(act_sets: tuple[frozenset[str], ...]) -> Small:
    """Return for every two sets of acts: 0 not said, 1 one in common, 2 one is a kind of the other, 3 neither."""
    parents = [{up for act in acts for up in _ancestry(act)} for acts in act_sets]
    levels = np.full((len(act_sets), len(act_sets)), 3, dtype=np.int8)
    for i, a in enumerate(act_sets):
        for j, b in enumerate(act_sets):
            if not a or not b:
                levels[i, j] = 0
            elif a & b:
                levels[i, j] = 1
            elif a & parents[j] or b & parents[i]:
                levels[i, j] = 2
    return levels


def _ancestry(act: str) -> list[str]:
    chain = [act]
    while (parent := ACTS.get(chain[-1])) is not None:
        chain.append(parent)
    return chain


def _places(reports: pa.Table) -> tuple[Small, Floats, Floats]:
    precision = _word(reports["place_precision"]).fill_null(PlacePrecision.UNKNOWN.value).dictionary_encode()
    ranks = np.array(
        [_PLACE_CLASS.get(PlacePrecision(word), 5) for word in precision.dictionary.to_pylist()], dtype=np.int8
    )
    place_class = ranks[np.asarray(precision.indices)] if len(ranks) else np.zeros(0, np.int8)
    radius = _floats(reports["place_radius_km"])
    with np.errstate(invalid="ignore"):
        disc = ~np.isnan(radius)
        place_class = np.where(disc, (radius > _POINT_KM).astype(np.int8), place_class).astype(np.int8)
    latitude = _either(reports, "latitude", "centre_latitude")
    longitude = _either(reports, "longitude", "centre_longitude")
    return place_class, latitude, longitude


def _kilometres(degrees: Floats) -> Singles:
    """Return degrees as kilometres; whole microdegrees are exact at any distance that matters."""
    return np.asarray(degrees * KM_PER_DEGREE, dtype=np.float32)


def _either(reports: pa.Table, name: str, otherwise: str) -> Floats:
    value = _floats(reports[name])
    return np.where(np.isnan(value), _floats(reports[otherwise]), value) if otherwise in reports.column_names else value


def _figure(reports: pa.Table, toll: str) -> Floats:
    """Return the best figure, else the middle of the range in its logarithm, else NaN."""
    low, best, high = (_floats(reports[f"{toll}_{bound}"]) for bound in ("low", "best", "high"))
    middle = np.round(np.sqrt(np.maximum(low, 0) * np.maximum(high, 0)))
    return np.where(np.isnan(best), np.where(np.isnan(middle), np.where(np.isnan(low), high, low), middle), best)


def _figure_codes(values: Floats) -> tuple[Floats, Rows]:
    """Return the distinct figures, large ones rounded, and the code of each value."""
    known = ~np.isnan(values)
    values = np.maximum(values, 0)
    large = known & (values > _EXACT_UP_TO)
    values[large] = np.round(np.exp(np.round(np.log(values[large]) * 50) / 50))
    figures = np.unique(values[known])
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[known] = np.searchsorted(figures, values[known])
    return figures, codes


def _civilian(reports: pa.Table, killed: Floats) -> Small:
    civilian, combatant = (_floats(reports[f"killed_{who}_best"]) for who in ("civilian", "combatant"))
    with np.errstate(invalid="ignore"):
        share = np.where(np.isnan(civilian), killed - combatant, civilian)
        known = ~np.isnan(share) & ~np.isnan(killed)
        kind = np.where(share <= 0, NO_CIVILIANS, np.where(share >= killed, ALL_CIVILIANS, SOME_CIVILIANS))
    return np.where(known, kind, CIVILIANS_UNKNOWN).astype(np.int8)


def _instants(column: pa.ChunkedArray) -> Floats:
    micros = whole(column).cast(pa.int64())
    return np.where(np.asarray(pc.is_valid(micros)), np.asarray(micros.fill_null(0), dtype=np.float64), np.nan)


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(whole(column).cast(pa.float64()).fill_null(float("nan")), dtype=np.float64)


def _word(column: pa.ChunkedArray) -> pa.Array:
    return whole(column).cast(pa.string())


def _normal(column: pa.ChunkedArray) -> pa.Array:
    words = whole(column)
    if pa.types.is_dictionary(words.type):
        clean = pc.utf8_lower(pc.utf8_trim_whitespace(words.dictionary))
        words = clean.take(words.indices) if len(clean) else words.cast(pa.string())
    else:
        words = pc.utf8_lower(pc.utf8_trim_whitespace(words))
    return pc.if_else(pc.equal(words, ""), None, words)


def _first_part(areas: pa.Array) -> pa.Array:
    encoded = areas.dictionary_encode()
    firsts = pa.array([text.split("/")[0] for text in encoded.dictionary.to_pylist()], pa.string())
    return firsts.take(encoded.indices) if len(firsts) else areas


def _codes(words: pa.Array) -> Rows:
    return np.asarray(words.dictionary_encode().indices.fill_null(-1), dtype=np.int64)
