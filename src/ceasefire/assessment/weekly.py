"""Weekly counts by area, party, clause and act: ranges; what is missing stays missing; and what is behind each cell.

Of every count there are three. *Low* holds the incidents surely in the area and wholly in the week; *best* those more
likely in than out, in the week of their middle; *high* all that may lie in the area and touch the week. An incident
that covers others is left out, and they are counted. What has no place but a country, or lasts longer than a month, is
in no week, and `WeeklyBook.left_out` counts it. A week that the record does not cover has no counts at all.

Past 400 lines because how a count is taken and what stands behind each of its cells must be read together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.assessment.counts import MAY_FALL_UNDER, is_episode
from ceasefire.assessment.exposure import Exposure, Sights, exposure_of
from ceasefire.assessment.naming import Exempt, Naming
from ceasefire.assessment.places import Inside, Place, Whereabouts
from ceasefire.assessment.weeks import DAYS, NO_WEEK, RecordedDays, local_days, monday_of, week_label
from ceasefire.model.errors import UnknownRecordError
from ceasefire.model.schemas import WEEKLY
from ceasefire.model.vocabulary import Status, act_ancestry

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.territory.boundaries import Boundaries

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BOUNDS = ("low", "best", "high")
COUNTS = ("events", "events_without_exempt")
TOLL_COLUMNS: dict[str, tuple[str, ...]] = {
    "deaths": ("killed",),
    "civilians": ("killed_civilian",),
    "civilians_or_unknown": ("killed_civilian", "killed_unknown"),
    "deaths_without_exempt": ("killed",),
}
"""Sums of the weekly table, and the tolls of an incident that each adds up."""
WITHOUT_EXEMPT = ("events_without_exempt", "deaths_without_exempt")
ALLEGED = ("alleged_lower", "alleged_upper")
COUNTED = (*(f"{name}_{bound}" for name in (*COUNTS, *TOLL_COLUMNS) for bound in BOUNDS), *ALLEGED, "toll_not_stated")
"""Columns with incidents behind each cell."""
EXPOSURE = {
    "watch_hours_low": "hours_low",
    "watch_hours_high": "hours_high",
    "watched_low": "watched_low",
    "watched_high": "watched_high",
}
"""Columns of the weekly table on who could have seen, and the fields of `Exposure` they hold."""
_LONGEST_KNOWN_TO_A_WEEK = 7
_LONGEST_KNOWN_TO_WEEKS = 31
_SURENESS = {"low": Inside.SURE, "best": Inside.LIKELY, "high": Inside.MAYBE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is counted; the default is everything.

    Parameters
    ----------
    party : str or None
        Only incidents that an account has this actor, or one that belonged to it then, do or be a side of; of
        findings, those that accuse it.
    against : str or None
        With `party`: only incidents between these two, as accounts name them and not by what they belonged to.
    act : str or None
        Only incidents of this act or one below it.
    clause : str or None
        Of findings, only those under this clause. Incidents lie before a clause as well as under it: they are not
        narrowed by it.
    """

    party: str | None = None
    against: str | None = None
    act: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class WeeklySeries:
    """One area's weeks.

    Parameters
    ----------
    place : Place
    kind : Kind
    weeks : ndarray of int64, shape (n,)
        Week numbers, see `assessment.weeks`.
    days_covered : ndarray of int64, shape (n,)
        Local days of each week that the record covers, 0 to 7.
    values : dict of str to ndarray of float64, shape (n,)
        By column of `COUNTED`; NaN is not known.
    exposure : Exposure
        Who could have seen.
    """

    place: Place
    kind: Kind
    weeks: Ints
    days_covered: Ints
    values: dict[str, Floats]
    exposure: Exposure

    def whole(self, column: str) -> Floats:
        """Return a column with NaN also in weeks that are covered in part."""
        return np.where(self.days_covered == DAYS, self.values[column], np.nan)

    @property
    def mondays(self) -> list[date]:
        """The Monday of each week."""
        return [monday_of(int(week)) for week in self.weeks]


@dataclass(slots=True)
class WeeklyBook:
    """The incidents of a record, ready to be counted by week; made by `WeeklyBook.of`.

    Parameters
    ----------
    case : Case
    incident_ids : Array of string, length n
    recorded : RecordedDays
        What the record covers.
    first_week, last_week, week : ndarray of int64, shape (n,)
        Of each incident: the weeks that it touches, and the one of its middle; `NO_WEEK` where not dated, and for
        `week` also where it lasts longer than a week.
    first_day, last_day : ndarray of int64, shape (n,)
        Days since the Monday of week 0.
    counted : ndarray of bool, shape (n,)
        Whether an incident may be in some week.
    left_out : dict of str to int
        Incidents in no week: ``undated``, ``longer-than-a-month``, ``unplaced``.
    exempt : ndarray of uint8, shape (n,)
        `Exempt` values.
    sights : mapping of str to Sights
        By version of an area: what is seen from which post.
    """

    case: Case
    incident_ids: pa.Array
    recorded: RecordedDays
    first_week: Ints
    last_week: Ints
    week: Ints
    first_day: Ints
    last_day: Ints
    counted: Bools
    left_out: dict[str, int]
    exempt: NDArray[np.uint8]
    tolls: dict[str, Floats] = field(repr=False)
    findings: pa.Table = field(repr=False)
    finding_row: Ints = field(repr=False)
    whereabouts: Whereabouts = field(repr=False)
    naming: Naming = field(repr=False)
    sights: Mapping[str, Sights] = field(repr=False)
    _acts: pa.Array = field(repr=False)
    _masks: dict[Kind, Bools] = field(default_factory=dict, repr=False)
    _exposures: dict[tuple[str, str | None, bytes], Exposure] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        case: Case,
        incidents: pa.Table,
        findings: pa.Table,
        *,
        recorded: RecordedDays,
        boundaries: Boundaries | None = None,
        sights: Mapping[str, Sights] | None = None,
    ) -> WeeklyBook:
        """Read the columns that counting needs.

        Parameters
        ----------
        incidents, findings : Table
            Schemas `model.schemas.INCIDENT` and `FINDING`.
        recorded : RecordedDays
            The days that the record covers.
        boundaries : Boundaries, optional
            Of administrative units.
        sights : mapping of str to Sights, optional
            By version of an area: what is seen from which post. Without it nobody can say what share of an area was
            watched, but of hours.
        """
        first, last, dated = local_days(incidents, case.zone)
        first_week, last_week = (np.where(dated, days // DAYS, NO_WEEK) for days in (first, last))
        to_a_week = dated & (last - first < _LONGEST_KNOWN_TO_A_WEEK)
        ids = incidents["incident_id"].combine_chunks()
        naming = Naming(case, incidents)
        whereabouts = Whereabouts(case, incidents, boundaries)
        return cls(
            case=case,
            incident_ids=ids,
            recorded=recorded,
            first_week=first_week,
            last_week=last_week,
            week=np.where(to_a_week, (first + last) // 2 // DAYS, NO_WEEK),
            first_day=first,
            last_day=last,
            counted=dated & (last - first < _LONGEST_KNOWN_TO_WEEKS) & ~is_episode(incidents),
            left_out=_left_out(dated, last - first, whereabouts.unplaced),
            exempt=naming.exempt(),
            tolls={name: _toll(incidents, parts) for name, parts in TOLL_COLUMNS.items()},
            findings=findings,
            finding_row=np.asarray(pc.fill_null(pc.index_in(findings["incident_id"], ids), -1), dtype=np.int64),
            whereabouts=whereabouts,
            naming=naming,
            sights=sights or {},
            _acts=incidents["acts"].combine_chunks(),
        )

    def series(
        self,
        place: Place,
        kind: Kind | None = None,
        *,
        weeks: Ints | None = None,
        columns: Sequence[str] = COUNTED,
    ) -> WeeklySeries:
        """Count one area by week.

        Parameters
        ----------
        kind : Kind, optional
            What to count; by default everything.
        weeks : ndarray of int64, optional
            Consecutive week numbers; by default those that the record covers, from its first to its last.
        columns : sequence of str
            Which of `COUNTED` are wanted.

        Raises
        ------
        UnknownRecordError
            When the kind names a party, act or clause that does not exist.
        """
        kind = kind or Kind()
        weeks = self.recorded.weeks() if weeks is None else weeks
        covered = self.recorded.days_in(weeks)
        values = {column: self._by_week(column, place, kind, weeks) for column in columns}
        for column in values:
            values[column][covered == 0] = np.nan
        return WeeklySeries(place, kind, weeks, covered, values, self._exposure(place, weeks))

    def _exposure(self, place: Place, weeks: Ints) -> Exposure:
        """Return who could have seen, worked out once for each zone and stretch of weeks; of units nothing is known."""
        if place.kind != "zone":
            return Exposure.unknown(len(weeks))
        key = (place.area_id, place.version_id, weeks.tobytes())
        if key not in self._exposures:
            self._exposures[key] = exposure_of(self.case, place, weeks, self.sights.get(place.version_id or ""))
        return self._exposures[key]

    def acts_of(self, chosen: Bools) -> tuple[str, ...]:
        """Return the acts of chosen incidents, by name."""
        parents = np.asarray(pc.list_parent_indices(self._acts))
        flat = pc.list_flatten(self._acts).cast(pa.string())
        return tuple(sorted(flat.filter(pa.array(chosen[parents])).unique().to_pylist()))

    def _by_week(self, column: str, place: Place, kind: Kind, weeks: Ints) -> Floats:
        """Sum a column's amounts by week; a toll is NaN where there are incidents and none states it."""
        if not len(weeks):
            return np.zeros(0)
        rows = np.flatnonzero(self._eligible(column, place, kind))
        amounts = self._amounts(column)
        first, last = (ends[rows] for ends in self._weeks_of(column))
        stated = np.isfinite(amounts[rows])
        total = _spread(first[stated], last[stated], amounts[rows][stated], weeks)
        told = _spread(first[stated], last[stated], np.ones(int(stated.sum())), weeks)
        any_event = _spread(first, last, np.ones(len(rows)), weeks)
        if column.startswith(tuple(TOLL_COLUMNS)):
            total[(any_event > 0) & (told == 0)] = np.nan
        return total

    def behind(self, place: Place, column: str, first_week: int, last_week: int, kind: Kind | None = None) -> list[str]:
        """Return the incidents behind a cell: of one week, or of weeks taken together.

        Parameters
        ----------
        column : str
            One of `COUNTED`.
        first_week, last_week : int
            Week numbers, both included.

        Returns
        -------
        list of str
            Incident ids, sorted. Of a toll: those that state it.
        """
        weeks = np.arange(first_week, last_week + 1)
        chosen = self._eligible(column, place, kind or Kind()) & self._touches(column, weeks)
        chosen &= np.isfinite(self._amounts(column))
        return sorted(self.incident_ids.filter(pa.array(chosen)).to_pylist())

    def total(self, place: Place, column: str, weeks: Ints, kind: Kind | None = None) -> float:
        """Return a column's sum over weeks taken together, each incident once; NaN where no incident states it.

        The sum of *high* cells may be larger: what may lie in either of two weeks is in both cells.

        Parameters
        ----------
        weeks : ndarray of int64
            Week numbers, ascending. Of no week nothing is known: NaN.
        """
        chosen = self._eligible(column, place, kind or Kind()) & self._touches(column, weeks)
        amounts = self._amounts(column)[chosen]
        stated = amounts[np.isfinite(amounts)]
        unknown = column.startswith(tuple(TOLL_COLUMNS)) and len(amounts) > 0 and len(stated) == 0
        return float("nan") if unknown or not len(weeks) else float(stated.sum())

    def _weeks_of(self, column: str) -> tuple[Ints, Ints]:
        """Return the first and last week in which each incident is counted."""
        if _is_high(column):
            return self.first_week, self.last_week
        only = self.week if "best" in column or column == "toll_not_stated" else self.first_week
        return only, only

    def _touches(self, column: str, weeks: Ints) -> Bools:
        """Return which incidents are counted in at least one of ascending weeks."""
        first, last = self._weeks_of(column)
        return np.asarray(np.searchsorted(weeks, first, side="left") < np.searchsorted(weeks, last, side="right"))

    def _eligible(self, column: str, place: Place, kind: Kind) -> Bools:
        """Return which incidents may be in some cell of a column of an area."""
        if column in ALLEGED:
            return self._alleged(column, place, kind)
        bound = "best" if column == "toll_not_stated" else column.rsplit("_", 1)[1]
        chosen = self.counted & self.of_kind(kind) & (self.whereabouts.inside(place) >= _SURENESS[bound])
        if bound == "low":
            chosen &= self.first_week == self.last_week
        if column.startswith(WITHOUT_EXEMPT):
            # what only some accounts make a fight of an exempt group is in the upper bounds
            chosen &= self.exempt == Exempt.NO if bound == "low" else self.exempt != Exempt.YES
        return np.asarray(chosen)

    def _amounts(self, column: str) -> Floats:
        """Return what each incident adds to a column; NaN where it does not say."""
        for name in TOLL_COLUMNS:
            if column.removesuffix(f"_{column.rsplit('_', 1)[1]}") == name:
                return self.tolls[name][:, BOUNDS.index(column.rsplit("_", 1)[1])]
        if column == "toll_not_stated":
            return np.where(np.isnan(self.tolls["deaths"][:, 0]), 1.0, np.nan)
        return np.ones(len(self.counted))

    def _alleged(self, column: str, place: Place, kind: Kind) -> Bools:
        statuses = (Status.ALLEGED_VIOLATION,) if column == "alleged_lower" else MAY_FALL_UNDER
        table = self.findings
        mask = pc.is_in(table["status"].cast(pa.string()), value_set=pa.array([each.value for each in statuses]))
        if kind.clause is not None:
            self._refuse_unknown("clause", kind.clause, self.case.clauses)
            mask = pc.and_(mask, pc.equal(table["clause_id"].cast(pa.string()), kind.clause))
        rows = np.asarray(mask, dtype=bool)
        if kind.party is not None:
            rows &= self.naming.accuses(table["accused_id"], self.finding_row, kind.party)
        if place.kind == "zone":
            rows &= self._of_zone(place.area_id, with_open=column == "alleged_upper")
        chosen = np.zeros(len(self.counted), dtype=bool)
        chosen[self.finding_row[rows & (self.finding_row >= 0)]] = True
        chosen &= self.counted
        if kind.act is not None:
            chosen &= self.of_kind(Kind(act=kind.act))
        if place.kind == "unit":
            sure = Inside.SURE if column == "alleged_lower" else Inside.MAYBE
            chosen &= self.whereabouts.inside(place) >= sure
        if column == "alleged_lower":
            chosen &= self.first_week == self.last_week
        return np.asarray(chosen)

    def _of_zone(self, zone_id: str, *, with_open: bool) -> Bools:
        zone = self.findings["zone_id"].cast(pa.string())
        mask = pc.fill_null(pc.equal(zone, zone_id), False)
        if with_open:
            naming = [each.id for each in self.case.clauses.values() if zone_id in each.areas]
            named = pc.is_in(self.findings["clause_id"].cast(pa.string()), value_set=pa.array(naming, pa.string()))
            mask = pc.or_(mask, pc.and_(pc.is_null(zone), named))
        return np.asarray(mask, dtype=bool)

    def in_weeks(self, weeks: Ints) -> Bools:
        """Return which incidents touch at least one of ascending weeks, shape (n,)."""
        return self._touches("events_high", weeks)

    def of_kind(self, kind: Kind) -> Bools:
        """Return which incidents are of the party and act, shape (n,).

        Raises
        ------
        UnknownRecordError
            When the kind names a party or act that does not exist.
        """
        wanted = Kind(party=kind.party, against=kind.against, act=kind.act)
        if wanted not in self._masks:
            mask = np.ones(len(self.counted), dtype=bool)
            if wanted.party is not None and wanted.against is not None:
                mask &= self.naming.facing(wanted.party, wanted.against)
            elif wanted.party is not None:
                self._refuse_unknown("party", wanted.party, self.case.actors.actors)
                mask &= self.naming.acting(wanted.party)
            if wanted.act is not None:
                self._refuse_unknown("act", wanted.act, self.case.acts)
                mask &= _of_act(self._acts, wanted.act, self.case.acts)
            self._masks[wanted] = mask
        return self._masks[wanted]

    @staticmethod
    def _refuse_unknown(noun: str, value: str, known: Mapping[str, Any]) -> None:
        if value not in known:
            raise UnknownRecordError(f'There is no {noun} "{value}".', f"Known: {', '.join(sorted(known)) or 'none'}.")


def _left_out(dated: Bools, days: Ints, unplaced: Bools) -> dict[str, int]:
    long = dated & (days >= _LONGEST_KNOWN_TO_WEEKS)
    return {
        "undated": int((~dated).sum()),
        "longer-than-a-month": int(long.sum()),
        "unplaced": int((unplaced & dated & ~long).sum()),
    }


def _is_high(column: str) -> bool:
    return column.endswith(("_high", "_upper"))


def _spread(first: Ints, last: Ints, amounts: Floats, weeks: Ints) -> Floats:
    """Add amounts to every week from `first` to `last` that is among the consecutive `weeks`."""
    start = np.clip(first - weeks[0], 0, len(weeks))
    end = np.clip(last + 1 - weeks[0], 0, len(weeks))
    inside = (first != NO_WEEK) & (start < end)
    # without any row bincount counts in whole numbers
    steps = np.bincount(start[inside], weights=amounts[inside], minlength=len(weeks) + 1).astype(np.float64)
    steps -= np.bincount(end[inside], weights=amounts[inside], minlength=len(weeks) + 1)
    return np.asarray(np.cumsum(steps)[:-1])


def _toll(incidents: pa.Table, parts: Sequence[str]) -> Floats:
    """Return low, best and high of tolls added up; NaN in a row of which no part is stated.

    A single figure stands for its bounds; where a range is out of order, its widest figures count.
    """
    total = np.full((incidents.num_rows, len(BOUNDS)), np.nan)
    for part in parts:
        said = np.column_stack(
            [np.asarray(pc.fill_null(incidents[f"{part}_{bound}"].cast(pa.float64()), np.nan)) for bound in BOUNDS]
        )
        known = np.isfinite(said).any(axis=1)
        low = np.min(np.where(np.isfinite(said), said, np.inf), axis=1)
        high = np.max(np.where(np.isfinite(said), said, -np.inf), axis=1)
        figures = np.column_stack([low, said[:, 1], high])[known]
        held = total[known]
        total[known] = np.where(np.isnan(held), figures, np.where(np.isnan(figures), held, held + figures))
    return total


def _of_act(acts: pa.Array, wanted: str, tree: dict[str, str | None]) -> Bools:
    below = [act for act in tree if wanted in act_ancestry(act, tree)]
    parents = np.asarray(pc.list_parent_indices(acts))
    chosen = np.asarray(pc.is_in(pc.list_flatten(acts).cast(pa.string()), value_set=pa.array(below)))
    mask = np.zeros(len(acts), dtype=bool)
    mask[parents[chosen]] = True
    return mask


def weekly_table(series: Sequence[WeeklySeries]) -> pa.Table:
    """Return series as one table of schema `model.schemas.WEEKLY`: a row for each area, kind and week."""
    parts = [_rows(each) for each in series]
    return pa.concat_tables(parts) if parts else WEEKLY.empty_table()


def _rows(series: WeeklySeries) -> pa.Table:
    n = len(series.weeks)
    said: dict[str, Callable[[], pa.Array]] = {
        "area_id": lambda: pa.array([series.place.area_id] * n, pa.string()),
        "area_kind": lambda: pa.array([series.place.kind] * n, pa.string()),
        "version_id": lambda: pa.array([series.place.version_id] * n, pa.string()),
        "party_id": lambda: pa.array([series.kind.party] * n, pa.string()),
        "clause_id": lambda: pa.array([series.kind.clause] * n, pa.string()),
        "act": lambda: pa.array([series.kind.act] * n, pa.string()),
        "week": lambda: pa.array([week_label(int(week)) for week in series.weeks], pa.string()),
        "monday": lambda: pa.array(series.mondays, pa.date32()),
        "days_covered": lambda: pa.array(series.days_covered, pa.int8()),
        **{
            name: partial(pa.array, getattr(series.exposure, of), pa.float64(), from_pandas=True)
            for name, of in EXPOSURE.items()
        },
    }
    columns = []
    for column in WEEKLY:
        if column.name in said:
            columns.append(said[column.name]().cast(column.type))
        else:
            columns.append(pa.array(series.values[column.name], pa.float64(), from_pandas=True).cast(column.type))
    return pa.Table.from_arrays(columns, schema=WEEKLY)
