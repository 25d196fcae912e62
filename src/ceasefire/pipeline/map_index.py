"""Incidents as columns, so that a million of them are filtered while a map is being dragged.

What the map and its lists ask is answered from arrays made once for each state of the record. An incident whose day,
place or zone is not known well enough to be chosen by it is not dropped in silence: it is counted beside the answer.

Past 400 lines because each column, how it is made and how it is asked for are read together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.assessment.counts import MAY_FALL_UNDER
from ceasefire.model.claims import read_claims
from ceasefire.model.errors import UsageError
from ceasefire.model.time import MICROSECONDS_PER_DAY, local_date
from ceasefire.model.vocabulary import PlacePrecision, Status, act_ancestry
from ceasefire.release.classes import RULES, ReleaseClass, ReleaseRule

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.pipeline.units import Units

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

STATUSES = tuple(Status)
"""In the order of their codes."""
_RANKED = (*MAY_FALL_UNDER, *(status for status in Status if status not in MAY_FALL_UNDER))
"""What may fall under a clause comes first: the status by which an incident is drawn."""
NO_STATUS = 255
NO_DAY = np.iinfo(np.int32).min


class PrecisionClass(IntEnum):
    """How a place may be drawn."""

    UNKNOWN = 0
    """Nowhere on a map."""
    AREA = 1
    """As an administrative unit, never as a point."""
    POINT = 2
    """As a disc around a point."""

    @property
    def label(self) -> str:
        """The word that answers use."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Degrees, edges included; `west` may be greater than `east`, across the 180th meridian."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which incidents; several values of one kind are alternatives, different kinds must all hold.

    Parameters
    ----------
    zones, clauses, accused, statuses : tuple of str
        Of one and the same finding.
    parties : tuple of str
        Named in an account as who did it, whom it hit or a side.
    acts : tuple of str
        With all acts below them.
    sources : tuple of str
        Who reports it.
    text : str or None
        Letters that occur in the title, the place or a report, whatever their case.
    first_day, last_day : date or None
        Local days, both included.
    box : Box or None
        In which the point lies.
    """

    zones: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    accused: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    text: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What a filter chose.

    Parameters
    ----------
    rows : ndarray of int64
        Rows of the incidents' table, ascending.
    undated : int
        Incidents that fit but for the days, having none.
    unplaced : ndarray of int64
        Rows that fit but for the box, having no point.
    zone_open : int
        Incidents that fit but for the zone, and of which nobody can say in which of a clause's zones they lie.
    """

    rows: Ints
    undated: int
    unplaced: Ints
    zone_open: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where incidents are, as one release class tells it.

    Parameters
    ----------
    longitude, latitude : ndarray of float64, shape (n,)
        NaN where there is no point.
    recent : ndarray of bool, shape (n,)
        Whether the place is held back, and only its first-order unit told.
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    recent: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Texts as numbers: `codes` point into `values`; -1 is null."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]
    numbers: dict[str, int] = field(repr=False)

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Coded:
        """Encode a column of text."""
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        codes = np.asarray(pc.fill_null(encoded.indices, -1), dtype=np.int32)
        values = tuple(encoded.dictionary.to_pylist())
        return cls(codes=codes, values=values, numbers={value: number for number, value in enumerate(values)})

    def among(self, wanted: Iterable[str]) -> Bools:
        """Return which rows hold one of the texts."""
        numbers = [self.numbers[value] for value in wanted if value in self.numbers]
        if len(numbers) == 1:
            return np.asarray(self.codes == numbers[0])
        return chosen(self.codes, numbers, len(self.values))


def chosen(codes: NDArray[np.int32], numbers: Sequence[int], size: int) -> Bools:
    """Return which codes are among the numbers; -1 never is."""
    table = np.zeros(size + 1, dtype=bool)
    table[list(numbers)] = True
    table[-1] = False
    return table[codes]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapIndex:
    """The columns; made by `MapIndex.of`. n incidents, f findings, l links.

    Parameters
    ----------
    first_day, last_day : ndarray of int32, shape (n,)
        Local days since 1970, both included; `NO_DAY` where there is no date.
    ended : ndarray of int64, shape (n,)
        UTC microseconds.
    precision : ndarray of uint8, shape (n,)
        `PrecisionClass` values.
    acts : ndarray of uint64, shape (n, words)
        A bit for each act of the case.
    status : ndarray of uint8, shape (n,)
        Position in `STATUSES` of what decides how it is drawn; `NO_STATUS` where no clause could apply.
    by_time : ndarray of int64, shape (n,)
        Rows from the earliest to the latest, without those that have no date.
    unit_ids : tuple of (str or None)
        By code of `area`: the unit, where its polygon is known.
    """

    size: int
    zone: ZoneInfo
    first_day: NDArray[np.int32]
    last_day: NDArray[np.int32]
    ended: Ints
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    precision: NDArray[np.uint8]
    area: Coded
    acts: NDArray[np.uint64]
    act_bits: dict[str, int]
    act_tree: dict[str, str | None]
    status: NDArray[np.uint8]
    claims: Coded
    named: dict[str, NDArray[np.int32]]
    by_time: Ints
    text: pa.Array
    finding_row: NDArray[np.int32]
    finding_zone: Coded
    finding_clause: Coded
    finding_accused: Coded
    finding_status: NDArray[np.uint8]
    zone_clauses: dict[str, tuple[str, ...]]
    link_row: NDArray[np.int32]
    link_source: Coded
    link_text: pa.Array
    unit_ids: tuple[str | None, ...]
    first_unit_ids: tuple[str | None, ...]

    @classmethod
    def of(
        cls, case: Case, reports: pa.Table, links: pa.Table, incidents: pa.Table, findings: pa.Table, units: Units
    ) -> MapIndex:
        """Build the index of a state; the tables are as derived."""
        first, last, ended = _days(incidents, case.zone)
        dated = np.flatnonzero(first != NO_DAY)
        start = np.asarray(pc.fill_null(incidents["occurred_from"].cast(pa.int64()), 0))
        longitude, latitude = (_floats(incidents[name]) for name in ("longitude", "latitude"))
        area, claims = Coded.of(incidents["area_name"]), Coded.of(incidents["claims"])
        acts, act_bits = _act_bits(incidents["acts"], case.acts)
        incident_ids = incidents["incident_id"].combine_chunks()
        finding_row = np.asarray(pc.index_in(findings["incident_id"], incident_ids)).astype(np.int32)
        finding_status = _status_codes(findings["status"])
        links = links.filter(pc.equal(links["relation"].cast(pa.string()), "same"))
        report_row = pc.index_in(links["report_id"], reports["report_id"].combine_chunks())
        return cls(
            size=incidents.num_rows,
            zone=case.zone,
            first_day=first,
            last_day=last,
            ended=ended,
            longitude=longitude,
            latitude=latitude,
            precision=_precision(incidents["place_precision"], longitude, latitude),
            area=area,
            acts=acts,
            act_bits=act_bits,
            act_tree=case.acts,
            status=_deciding(finding_row, finding_status, incidents.num_rows),
            claims=claims,
            named=_named(claims),
            by_time=dated[np.argsort(start[dated], kind="stable")],
            text=_searched(incidents),
            finding_row=finding_row,
            finding_zone=Coded.of(findings["zone_id"]),
            finding_clause=Coded.of(findings["clause_id"]),
            finding_accused=Coded.of(findings["accused_id"]),
            finding_status=finding_status,
            zone_clauses=_zone_clauses(case),
            link_row=np.asarray(pc.index_in(links["incident_id"], incident_ids)).astype(np.int32),
            link_source=Coded.of(reports["source_id"].combine_chunks().take(report_row.combine_chunks())),
            link_text=pc.utf8_lower(
                pc.fill_null(reports["text"].combine_chunks().take(report_row.combine_chunks()), "")
            ),
            unit_ids=tuple(_unit(units, path) for path in area.values),
            first_unit_ids=tuple(_unit(units, path.split("/")[0].strip()) for path in area.values),
        )

    def places(self, release: ReleaseClass, told_at: int) -> Places:
        """Return where incidents are, as told under a release class at an instant (UTC microseconds)."""
        rule = RULES[release]
        delay = int(rule.delay_days * MICROSECONDS_PER_DAY)
        recent = told_at - self.ended < delay if delay else np.zeros(self.size, dtype=bool)
        if rule.cell_degrees is None:
            return Places(self.longitude, self.latitude, recent)
        longitude, latitude = (_coarsened(degrees, rule) for degrees in (self.longitude, self.latitude))
        longitude[recent] = latitude[recent] = np.nan
        return Places(longitude, latitude, recent)

    def match(self, wanted: Filter, places: Places, *, names_settlements: bool) -> Matches:
        """Choose incidents.

        Parameters
        ----------
        wanted : Filter
            What to choose.
        places : Places
            As told to the one who asks: a box never tells more of a place than its answer does.
        names_settlements : bool
            Whether text is looked for in titles, settlements and reports, or in the names of units alone.

        Raises
        ------
        UsageError
            When the filter names an act, status or zone that does not exist.
        """
        self._refuse_unknown(wanted)
        mask = np.ones(self.size, dtype=bool)
        if wanted.parties:
            mask &= self._naming(wanted.parties)
        if wanted.acts:
            mask &= self._of_acts(wanted.acts)
        if wanted.sources:
            mask &= self._spread(self.link_row[self.link_source.among(wanted.sources)])
        if wanted.text:
            mask &= self._containing(folded(wanted.text), places, names_settlements=names_settlements)
        in_days, undated = self._in_days(wanted)
        in_box, unplaced = self._in_box(wanted.box, places)
        found, zone_open = self._by_finding(wanted)
        rest = mask & found
        return Matches(
            rows=np.flatnonzero(rest & in_days & in_box),
            undated=int(np.count_nonzero(rest & undated & in_box)),
            unplaced=np.flatnonzero(rest & in_days & unplaced),
            zone_open=int(np.count_nonzero(mask & zone_open & ~found & in_days & in_box)),
        )

    def in_time_order(self, rows: Ints, *, latest_first: bool) -> Ints:
        """Return rows by time; those without a date come last."""
        member = np.zeros(self.size, dtype=bool)
        member[rows] = True
        dated = self.by_time[member[self.by_time]]
        if latest_first:
            dated = dated[::-1]
        member[dated] = False
        return np.concatenate([dated, np.flatnonzero(member)])

    def _refuse_unknown(self, wanted: Filter) -> None:
        known: tuple[tuple[str, tuple[str, ...], Iterable[str]], ...] = (
            ("act", wanted.acts, self.act_tree),
            ("status", wanted.statuses, (status.value for status in Status)),
            ("zone", wanted.zones, self.zone_clauses),
        )
        for noun, values, names in known:
            held = set(names)
            for value in values:
                if value not in held:
                    raise UsageError(f'There is no {noun} "{value}".', f"Known: {', '.join(sorted(held)) or 'none'}.")

    def _by_finding(self, wanted: Filter) -> tuple[Bools, Bools]:
        """Return which incidents have a finding of that kind, and of which the zone is open."""
        everywhere, nowhere = np.ones(self.size, dtype=bool), np.zeros(self.size, dtype=bool)
        if not (wanted.zones or wanted.clauses or wanted.accused or wanted.statuses):
            return everywhere, nowhere
        mask = np.ones(len(self.finding_row), dtype=bool)
        for coded, values in ((self.finding_clause, wanted.clauses), (self.finding_accused, wanted.accused)):
            if values:
                mask &= coded.among(values)
        if wanted.statuses:
            table = np.zeros(256, dtype=bool)
            table[[STATUSES.index(Status(value)) for value in wanted.statuses]] = True
            mask &= table[self.finding_status]
        if not wanted.zones:
            return self._spread(self.finding_row[mask]), nowhere
        may = self.finding_status < NO_STATUS
        may &= np.isin(self.finding_status, [STATUSES.index(status) for status in MAY_FALL_UNDER])
        clauses = {clause for zone in wanted.zones for clause in self.zone_clauses[zone]}
        is_open = mask & may & (self.finding_zone.codes == -1) & self.finding_clause.among(clauses)
        mask &= self.finding_zone.among(wanted.zones)
        return self._spread(self.finding_row[mask]), self._spread(self.finding_row[is_open])

    def _spread(self, rows: NDArray[np.int32]) -> Bools:
        mask = np.zeros(self.size, dtype=bool)
        mask[rows] = True
        return mask

    def _naming(self, parties: Iterable[str]) -> Bools:
        codes = [self.named[party] for party in parties if party in self.named]
        return chosen(
            self.claims.codes, np.concatenate([np.zeros(0, np.int32), *codes]).tolist(), len(self.claims.values)
        )

    def _of_acts(self, wanted: Iterable[str]) -> Bools:
        below = {act for act in self.act_tree if set(act_ancestry(act, self.act_tree)) & set(wanted)}
        bits = np.zeros(self.acts.shape[1], dtype=np.uint64)
        for act in below:
            if act in self.act_bits:
                word, bit = divmod(self.act_bits[act], 64)
                bits[word] |= np.uint64(1 << bit)
        return np.asarray((self.acts & bits).any(axis=1))

    def _containing(self, text: str, places: Places, *, names_settlements: bool) -> Bools:
        if names_settlements:
            found = np.asarray(pc.match_substring(self.text, text))
            return found | self._spread(self.link_row[np.asarray(pc.match_substring(self.link_text, text))])
        whole = [number for number, path in enumerate(self.area.values) if text in folded(path)]
        first = [number for number, path in enumerate(self.area.values) if text in folded(path.split("/")[0])]
        size = len(self.area.values)
        return np.where(places.recent, chosen(self.area.codes, first, size), chosen(self.area.codes, whole, size))

    def _in_days(self, wanted: Filter) -> tuple[Bools, Bools]:
        """Return which incidents may lie in the days, and which have no day though days were asked for."""
        everywhere, nowhere = np.ones(self.size, dtype=bool), np.zeros(self.size, dtype=bool)
        if wanted.first_day is None and wanted.last_day is None:
            return everywhere, nowhere
        undated = self.first_day == NO_DAY
        inside = ~undated
        if wanted.first_day is not None:
            inside &= self.last_day >= day_number(wanted.first_day)
        if wanted.last_day is not None:
            inside &= self.first_day <= day_number(wanted.last_day)
        return inside, undated

    def _in_box(self, box: Box | None, places: Places) -> tuple[Bools, Bools]:
        """Return which incidents have a point in the box, and which have none though a box was asked for."""
        if box is None:
            return np.ones(self.size, dtype=bool), np.zeros(self.size, dtype=bool)
        x, y = places.longitude, places.latitude
        east_of, west_of = x >= box.west, x <= box.east
        inside = east_of & west_of if box.west <= box.east else east_of | west_of
        inside &= (y >= box.south) & (y <= box.north)
        return inside, np.isnan(x)


def folded(text: str) -> str:
    """Return text as it is searched: in small letters, as Arrow makes them for whole columns."""
    return str(pc.utf8_lower(pa.scalar(text)).as_py())


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def day_of(number: int) -> date:
    """Return the day of a `day_number`."""
    return date.fromordinal(int(number) + date(1970, 1, 1).toordinal())


def _floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(pc.fill_null(column, float("nan")), dtype=np.float64)


def _coarsened(degrees: NDArray[np.float64], rule: ReleaseRule) -> NDArray[np.float64]:
    """Do for a column what `release.classes.coarsened_point` does for one point."""
    cell = rule.cell_degrees
    assert cell is not None  # noqa: S101  (asked only where there is one)
    return np.asarray(np.round((np.floor(np.round(degrees / cell, 6)) + 0.5) * cell, 6))


def _days(incidents: pa.Table, zone: ZoneInfo) -> tuple[NDArray[np.int32], NDArray[np.int32], Ints]:
    """Return the first and last local day of each incident, and the instant at which it had ended."""
    start, end = (incidents[name].cast(pa.int64()) for name in ("occurred_from", "occurred_until"))
    dated = np.asarray(pc.and_(pc.is_valid(start), pc.is_valid(end)))
    first_instant = np.asarray(pc.fill_null(start, 0))
    last_instant = np.maximum(np.asarray(pc.fill_null(end, 0)) - 1, first_instant)
    days = []
    for instants in (first_instant, last_instant):
        distinct, which = np.unique(instants, return_inverse=True)
        numbers = [day_number(local_date(int(instant), zone)) for instant in distinct]
        days.append(np.where(dated, np.array(numbers, dtype=np.int32)[which] if len(distinct) else 0, NO_DAY))
    # what has no end on record may have happened just now: its place is held back
    ended = np.where(dated, last_instant + 1, np.iinfo(np.int64).max // 2)
    return days[0].astype(np.int32), days[1].astype(np.int32), ended


def _precision(
    column: pa.ChunkedArray, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> NDArray[np.uint8]:
    coded = Coded.of(column)
    table = np.full(len(coded.values) + 1, PrecisionClass.UNKNOWN, dtype=np.uint8)
    for number, value in enumerate(coded.values):
        precision = PlacePrecision(value)
        if precision.is_disc:
            table[number] = PrecisionClass.POINT
        elif precision is not PlacePrecision.UNKNOWN:
            table[number] = PrecisionClass.AREA
    classes = table[coded.codes]
    # a disc without a centre can be drawn no better than what has no place
    classes[(classes == PrecisionClass.POINT) & (np.isnan(longitude) | np.isnan(latitude))] = PrecisionClass.UNKNOWN
    return classes


def _act_bits(column: pa.ChunkedArray, acts: dict[str, str | None]) -> tuple[NDArray[np.uint64], dict[str, int]]:
    bits = {act: number for number, act in enumerate(acts)}
    words = np.zeros((len(column), max(1, -(-len(bits) // 64))), dtype=np.uint64)
    array = column.combine_chunks()
    parents = np.asarray(pc.list_parent_indices(array))
    coded = Coded.of(pc.list_flatten(array))
    for number, act in enumerate(coded.values):
        if act in bits:
            word, bit = divmod(bits[act], 64)
            words[parents[coded.codes == number], word] |= np.uint64(1 << bit)
    return words, bits


def _status_codes(column: pa.ChunkedArray) -> NDArray[np.uint8]:
    coded = Coded.of(column)
    table = np.array([STATUSES.index(Status(value)) for value in coded.values] + [NO_STATUS], dtype=np.uint8)
    return table[coded.codes]


def _deciding(rows: NDArray[np.int32], statuses: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return for each incident the status, among those of its findings, by which it is drawn."""
    decided = np.full(size, NO_STATUS, dtype=np.uint8)
    for status in reversed(_RANKED):
        code = STATUSES.index(status)
        decided[rows[statuses == code]] = code
    return decided


def _named(claims: Coded) -> dict[str, NDArray[np.int32]]:
    """Return for each actor the codes of the claims that name them."""
    found: dict[str, set[int]] = {}
    for code, text in enumerate(claims.values):
        for account in read_claims(text):
            named = {*account.perpetrators, *account.targets, *(actor for side in account.sides for actor in side)}
            for actor in named:
                found.setdefault(actor, set()).add(code)
    return {actor: np.array(sorted(codes), dtype=np.int32) for actor, codes in found.items()}


def _searched(incidents: pa.Table) -> pa.Array:
    """Return the text in which words are looked for, folded."""
    parts = [pc.fill_null(incidents[name].cast(pa.string()), "") for name in ("title", "place_name", "area_name")]
    return pc.utf8_lower(pc.binary_join_element_wise(*parts, "\n")).combine_chunks()


def _zone_clauses(case: Case) -> dict[str, tuple[str, ...]]:
    return {area: tuple(clause.id for clause in case.clauses.values() if area in clause.areas) for area in case.areas}


def _unit(units: Units, path: str) -> str | None:
    unit = units.ids.get(path)
    return unit if unit in units.polygons else None
