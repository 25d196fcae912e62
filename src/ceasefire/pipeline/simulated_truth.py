"""What is true of a simulated incident under each prohibition of a case, where that can be decided beyond doubt.

This is an oracle for tests and training, so it shares no code with the clause check: one incident at a time, by
whole kilometres and whole records, and silent (None) wherever a date, a border, a reading or a record leaves room. It
may be silent where the check answers; where it speaks, the check must say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from ceasefire.model.time import LATEST, MICROSECONDS_PER_DAY, Span, parse_moment
from ceasefire.model.vocabulary import Status, act_ancestry

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Adherence, Clause, Interpretation, Term
    from ceasefire.model.case_types import Moment
    from ceasefire.territory.records import AreaVersion

CIVILIANS = "civilians"
OWN_ACTS = frozenset({"signed", "acceded", "declared", "resolution"})
BINDING = frozenset({"adheres", "resumes"})
SLACK_KM = 0.1
"""Kept clear of every border besides its uncertainty: a projected distance is not quite a geodesic one."""
SHORTEST_MONTH_DAYS = 28
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueIncident:
    """What really happened.

    Parameters
    ----------
    instant : int
        UTC microseconds.
    longitude, latitude : float
        WGS 84 degrees.
    act, perpetrator : str
        A key of the case's acts; an actor id.
    targets : tuple of str
        Actor ids or ``civilians``; empty for an act that hits nobody.
    """

    instant: int
    longitude: float
    latitude: float
    act: str
    perpetrator: str
    targets: tuple[str, ...]


class Places:
    """The areas of a case on flat local maps: which places lie clear of every border.

    Parameters
    ----------
    case : Case
        Its areas and their geometries.

    Attributes
    ----------
    version_ids : tuple of str
        Every version of every area.
    """

    def __init__(self, case: Case) -> None:
        self._versions: dict[str, tuple[AreaVersion, _FlatArea]] = {}
        for area in case.areas.values():
            for version in area.versions:
                self._versions[version.id] = (version, _FlatArea(version, case.geometries[version.id]))
        self.version_ids = tuple(self._versions)

    def clear(self, longitude: Floats, latitude: Floats, *, radius_km: float) -> dict[str, NDArray[np.int8]]:
        """Say for each version and place: 1 clear inside, 0 clear outside, -1 too near a border.

        Parameters
        ----------
        longitude, latitude : ndarray of float64, shape (n,)
            Degrees.
        radius_km : float
            Of the disc that must be wholly inside or outside.

        Returns
        -------
        dict of str to ndarray of int8, shape (n,)
            By version id.
        """
        return {key: flat.clear(longitude, latitude, radius_km) for key, (_, flat) in self._versions.items()}

    def draw(self, version_id: str, rng: np.random.Generator, size: int, *, margin_km: float) -> tuple[Floats, Floats]:
        """Draw places evenly from a version's bounding box, widened by `margin_km`; longitude and latitude."""
        return self._versions[version_id][1].draw(rng, size, margin_km)

    def draw_at_border(self, version_id: str, rng: np.random.Generator, size: int) -> tuple[Floats, Floats]:
        """Draw places on a version's border, scattered by its uncertainty and half a kilometre."""
        return self._versions[version_id][1].draw_at_border(rng, size)


class _FlatArea:
    """One area version in kilometres around its middle."""

    def __init__(self, version: AreaVersion, geometry: Any) -> None:
        middle = geometry.centroid
        there = f"+proj=aeqd +lat_0={middle.y} +lon_0={middle.x} +units=km"
        self._transformer = Transformer.from_crs("OGC:CRS84", there, always_xy=True)
        # long edges are cut first: straight in degrees is not straight in kilometres
        flat = shapely.transform(
            shapely.segmentize(geometry, 0.02),
            lambda points: np.column_stack(self._transformer.transform(points[:, 0], points[:, 1])),
        )
        self._uncertainty_km = max(
            [version.uncertainty_km, *(stretch.uncertainty_km for stretch in version.uncertain_stretches)]
        )
        width = version.width_km
        low, high = (width.low, width.high) if width else (version.radius_km or 0.0,) * 2
        self._certain = flat.buffer(low, quad_segs=64) if low else flat
        self._possible = flat.buffer(high, quad_segs=64) if high else flat
        self._border = self._certain.boundary
        for shape in (self._certain, self._possible, self._border):
            shapely.prepare(shape)

    def clear(self, longitude: Floats, latitude: Floats, radius_km: float) -> NDArray[np.int8]:
        points = shapely.points(*self._transformer.transform(longitude, latitude))
        keep_off = self._uncertainty_km + radius_km + SLACK_KM
        # a line or point without a width has no inside: nothing lies within it, clear of its border
        inside = shapely.contains_properly(self._certain, points) & (
            shapely.distance(points, self._border) >= keep_off if not self._border.is_empty else np.False_
        )
        outside = shapely.distance(points, self._possible) >= keep_off
        return np.where(inside, 1, np.where(outside, 0, -1)).astype(np.int8)

    def draw(self, rng: np.random.Generator, size: int, margin_km: float) -> tuple[Floats, Floats]:
        west, south, east, north = self._possible.bounds
        return self._back(
            rng.uniform(west - margin_km, east + margin_km, size),
            rng.uniform(south - margin_km, north + margin_km, size),
        )

    def draw_at_border(self, rng: np.random.Generator, size: int) -> tuple[Floats, Floats]:
        line = self._possible if self._border.is_empty else self._border
        vertices = shapely.get_coordinates(line)
        start = rng.integers(0, max(len(vertices) - 1, 1), size)
        share = rng.uniform(0, 1, (size, 1))
        on_border = shapely.points(
            vertices[start] * (1 - share) + vertices[np.minimum(start + 1, len(vertices) - 1)] * share
        )
        scatter = rng.normal(0, self._uncertainty_km + 0.5, (2, size))
        return self._back(shapely.get_x(on_border) + scatter[0], shapely.get_y(on_border) + scatter[1])

    def _back(self, east_km: Floats, north_km: Floats) -> tuple[Floats, Floats]:
        longitude, latitude = self._transformer.transform(east_km, north_km, direction="INVERSE")
        return np.asarray(longitude), np.asarray(latitude)


class Oracle:
    """Answers for one true incident and one prohibition; None wherever anything leaves room.

    Parameters
    ----------
    case : Case
        Whose clauses, adherence, areas and actors decide.
    """

    def __init__(self, case: Case) -> None:
        self.case = case

    def status(self, incident: TrueIncident, clause: Clause, clear: dict[str, int]) -> Status | None:
        """Return the short status of the incident under the clause, or None where it is not beyond doubt.

        Parameters
        ----------
        incident : TrueIncident
            What happened.
        clause : Clause
            A prohibition.
        clear : dict of str to int
            Of `Places.clear`, for this incident's place.
        """
        placed = self._in_area(incident, clause, clear)
        areas: tuple[str | None, ...] = placed or (None,)
        inside = None if placed is None else bool(placed)
        questions: tuple[tuple[Callable[[], bool | None], Status], ...] = (
            (lambda: self._in_force(incident, clause), Status.OUTSIDE_TIME),
            (lambda: inside, Status.OUTSIDE_AREA),
            (lambda: self.act_falls_under(incident, clause), Status.NOT_A_CLAUSE),
            (
                lambda: _same(self._bound(incident.perpetrator, incident, clause, area) for area in areas),
                Status.NOT_BOUND,
            ),
            (lambda: self._covered(incident, clause, areas), Status.EXEMPT_TARGET),
        )
        for ask, status_of_no in questions:
            answer = ask()
            if answer is None:
                return None
            if not answer:
                return status_of_no
        return None if self._may_be_excepted(incident, clause) else Status.ALLEGED_VIOLATION

    def _in_force(self, incident: TrueIncident, clause: Clause) -> bool | None:
        instrument = self.case.instruments[clause.instrument]
        begun = self._passed(clause.starts or instrument.enters_into_force, incident.instant)
        if begun is not True:
            return begun
        ended = self._passed((*clause.ends, *instrument.ends), incident.instant, none=False)
        if ended is not False:
            return None if ended is None else False
        return self._within_term(instrument.term, instrument.enters_into_force, incident.instant)

    def _within_term(self, term: Term | None, starts: tuple[Moment, ...], instant: int) -> bool | None:
        if term is None or term.renewal == "automatic":
            return True
        first = min(span.start for span in self._spans(starts))
        if instant < first + term.months * SHORTEST_MONTH_DAYS * MICROSECONDS_PER_DAY:
            return True
        for proof in term.proofs:
            until = parse_moment(proof.valid_until, self.case.zone).start if proof.valid_until else LATEST
            if parse_moment(proof.valid_from, self.case.zone).end <= instant < until:
                return True
        return None

    def _in_area(self, incident: TrueIncident, clause: Clause, clear: dict[str, int]) -> tuple[str | None, ...] | None:
        """Return the areas it certainly lies in, () for certainly none, None for doubt."""
        if clause.areas == "everywhere":
            return (None,)
        answers = {area: self._in_one(area, incident.instant, clear) for area in clause.areas}
        inside = tuple(area for area, answer in answers.items() if answer)
        return None if not inside and None in answers.values() else inside

    def _in_one(self, area: str, instant: int, clear: dict[str, int]) -> bool | None:
        answers: list[bool | None] = []
        for version in self.case.areas[area].versions:
            begun = self._passed(version.valid_from, instant)
            over = self._passed(version.valid_until, instant, none=False)
            if begun is False or over is True:
                answers.append(False)
            elif begun is None or over is None:
                answers.append(None)
            else:
                answers.append({1: True, 0: False}.get(clear[version.id]))
        return True if True in answers else None if None in answers else False

    def act_falls_under(self, incident: TrueIncident, clause: Clause) -> bool | None:
        """Say whether the act falls under the clause as written and under every reading of it alike."""
        if any("act" in split.questions and self._touches(split.acts, incident.act) for split in clause.divergences):
            return None
        readings = [clause.acts, *(reading.acts for reading in self._readings(clause) if reading.acts is not None)]
        if not all(readings):
            return None
        return _same(self._falls(incident.act, acts) for acts in readings)

    def _falls(self, act: str, acts: tuple[str, ...]) -> bool | None:
        if set(act_ancestry(act, self.case.acts)) & set(acts):
            return True
        return None if any(act in act_ancestry(one, self.case.acts) for one in acts) else False

    def _touches(self, acts: tuple[str, ...], act: str) -> bool:
        return not acts or self._falls(act, acts) is not False

    def _bound(self, actor: str, incident: TrueIncident, clause: Clause, area: str | None) -> bool | None:
        if self._split(clause, "bound") or any(
            reading.bearers is not None or reading.not_bearers for reading in self._readings(clause)
        ):
            return None
        if self._tie_in_doubt(actor, incident.instant):
            return None
        groups = self.case.actors.groups_of(actor, incident.instant)
        bearers = self.case.instruments[clause.instrument].bearers if clause.bearers is None else clause.bearers
        if bearers and not groups & set(bearers):
            listed = self.case.actors.listed_under(actor, incident.instant)
            return None if listed or groups & set(clause.open_bearers) else False
        return self._adheres(actor, incident.instant, clause, area)

    def _tie_in_doubt(self, actor: str, instant: int) -> bool:
        """Whether a tie of the actor changed at a moment of that day that nobody has recorded."""
        early, late = self.case.actors, self.case.actors.at_end_of_day()
        return any(
            getattr(early, ask)(actor, instant) != getattr(late, ask)(actor, instant)
            for ask in ("groups_of", "listed_under")
        )

    def _adheres(self, actor: str, instant: int, clause: Clause, area: str | None) -> bool | None:
        record = self.case.actors.actors.get(actor)
        if record is None or record.kind == "bucket" or self.case.actors.listed_under(actor, instant):
            return None
        groups = self.case.actors.groups_of(actor, instant)
        held: list[tuple[int, Adherence]] = []
        for word in self.case.adherence:
            if word.actor not in groups or not _concerns(word, clause, area):
                continue
            delay = (word.notice_days or 0) * MICROSECONDS_PER_DAY
            begun = self._passed(word.valid_from, instant - delay)
            over = self._passed(word.valid_until, instant - delay, none=False)
            if begun is None or over is None:
                return None
            if begun and not over:
                held.append((max(span.start for span in self._spans(word.valid_from)) + delay, word))
        if not held:
            return False
        return _last_word(held)

    def _covered(self, incident: TrueIncident, clause: Clause, areas: tuple[str | None, ...]) -> bool | None:
        if not incident.targets or self._split(clause, "covered-target"):
            return None
        if any(reading.exempt is not None or reading.civilians for reading in self._readings(clause)):
            return None
        return _same(self._protects(clause, target, incident, area) for target in incident.targets for area in areas)

    def _protects(self, clause: Clause, target: str, incident: TrueIncident, area: str | None) -> bool | None:
        rule = clause.targets
        if target == CIVILIANS:
            return {"covered": True, "not-covered": False}.get(rule.civilians)
        record = self.case.actors.actors.get(target)
        if record is None or record.kind == "bucket":
            return None
        if self._tie_in_doubt(target, incident.instant):
            return None
        groups = self.case.actors.groups_of(target, incident.instant)
        if groups & set(rule.exempt):
            return False
        if rule.covered == "anyone":
            return True
        if rule.covered == "adherents":
            return self._adheres(target, incident.instant, clause, area)
        return bool(groups & set(rule.covered))

    def _may_be_excepted(self, incident: TrueIncident, clause: Clause) -> bool:
        admitted = {exception.kind for exception in clause.exceptions}
        return any(
            notice.kind in admitted
            and parse_moment(notice.valid_from, self.case.zone).start <= incident.instant
            and incident.instant < parse_moment(notice.valid_until, self.case.zone).end
            for notice in self.case.notifications
        )

    def _readings(self, clause: Clause) -> list[Interpretation]:
        return [reading for reading in self.case.interpretations.values() if reading.clause == clause.id]

    @staticmethod
    def _split(clause: Clause, question: str) -> bool:
        return any(question in split.questions for split in clause.divergences)

    def _spans(self, moments: Iterable[Moment]) -> list[Span]:
        return [parse_moment(moment.at, self.case.zone) for moment in moments]

    def _passed(self, moments: Iterable[Moment], instant: int, *, none: bool = True) -> bool | None:
        """Say whether the instant is after all moments (False: before all; None: between); `none` if there are none."""
        spans = self._spans(moments)
        if not spans:
            return none
        if instant >= max(span.end for span in spans):
            return True
        return False if instant < min(span.start for span in spans) else None


def _same(answers: Iterable[bool | None]) -> bool | None:
    """Return the one answer that all share, or None."""
    distinct = set(answers)
    return distinct.pop() if len(distinct) == 1 else None


def _concerns(word: Adherence, clause: Clause, area: str | None) -> bool:
    return (
        word.instrument == clause.instrument
        and (word.clauses == "all" or clause.id in word.clauses)
        and (word.areas == "all" or area in word.areas)
    )


def _last_word(held: list[tuple[int, Adherence]]) -> bool | None:
    """Decide from what an actor and its groups have said: one voice, or the last of one actor's own acts."""
    certain = [word.basis in OWN_ACTS or (word.basis == "represented" and word.mandate is not None) for _, word in held]
    if not all(certain):
        return None
    binding = {word.act in BINDING for _, word in held}
    if len(binding) == 1:
        return binding.pop()
    latest = max(start for start, _ in held)
    last = {word.act in BINDING for start, word in held if start == latest}
    one_actor = len({word.actor for _, word in held}) == 1
    return last.pop() if one_actor and len(last) == 1 else None
