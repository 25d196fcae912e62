"""Simulate a truce: incidents whose truth is known, and what the speakers of a case report of them.

Works for any case: acts, places, parties and speakers are drawn from its files. What is made up stays apart from what
is known: the tables go to tests, benchmarks and training, and every report says in its text that it is simulated.

Past 400 lines because the draw, the reports and their schema are one experiment that has to be read in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ceasefire.model.canonical import stable_id
from ceasefire.model.errors import InsufficientDataError, UsageError
from ceasefire.model.schemas import INSTANT, REPORT, table_of
from ceasefire.model.time import MICROSECONDS_PER_DAY, day_span, local_date, parse_moment
from ceasefire.model.vocabulary import (
    DenialScope,
    DeniedQuestion,
    PlacePrecision,
    ReportKind,
    Stance,
    TimePrecision,
    act_ancestry,
)
from ceasefire.pipeline.simulated_truth import CIVILIANS, Oracle, Places, TrueIncident

if TYPE_CHECKING:
    from datetime import date

    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause, Speaker

TRUTH = pa.schema(
    [
        ("event", pa.string()),  # the reports' event key, also where they do not carry it
        ("report_ids", pa.list_(pa.string())),  # every report of this incident; empty where nobody saw it
        ("occurred_at", INSTANT),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
        ("near_border", pa.bool_()),  # within the uncertainty of some border of some area
        ("act", pa.string()),
        ("perpetrator", pa.string()),
        ("targets", pa.list_(pa.string())),
        ("killed_civilian", pa.int32()),
        ("killed_combatant", pa.int32()),
        ("injured", pa.int32()),
        ("clause_ids", pa.list_(pa.string())),  # every prohibition, in the case's order
        ("statuses", pa.list_(pa.string())),  # the true status under each; null where it is not beyond doubt
    ]
)
"""Schema of the truth: one row an incident."""

_ARMED = frozenset({"state", "army", "militia", "armed-group"})
_AIMED = frozenset(
    {"armed-force", "detention", "forced-displacement", "recruitment-of-children", "looting", "restriction-on-monitor"}
)
"""Acts, with what falls under them, that are done to somebody; a movement or a closed road has no target."""
_LEAST_RADIUS_KM = 0.1
_OUTSIDE_MARGIN_KM = 15.0
_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How far reports stray from the truth. Shares are probabilities in [0, 1].

    Parameters
    ----------
    missed : float
        A speaker that could have reported does not.
    time_slip_minutes, place_jitter_km : float
        Standard deviations; the stated radius is twice the jitter, so that it usually holds the truth.
    coarse_time, coarse_place : float
        The report gives a day only, or no place below the country.
    direction_omitted, target_omitted, act_generalised : float
        The report gives two sides only, no target, or the parent of the act.
    toll_spread : float
        Standard deviation of the logarithm of a reported toll over the true one; ranges are as wide.
    category_omitted : float
        Deaths are reported without saying whose.
    denial, counter_accusation : float
        The perpetrator's side denies the event, or says that the target did it; else it is silent.
    """

    missed: float = 0.35
    time_slip_minutes: float = 40.0
    place_jitter_km: float = 1.0
    coarse_time: float = 0.3
    coarse_place: float = 0.05
    direction_omitted: float = 0.2
    target_omitted: float = 0.15
    act_generalised: float = 0.15
    toll_spread: float = 0.25
    category_omitted: float = 0.3
    denial: float = 0.4
    counter_accusation: float = 0.15

    def __post_init__(self) -> None:
        """Refuse shares outside [0, 1] and negative widths."""
        widths = ("time_slip_minutes", "place_jitter_km", "toll_spread")
        for name in self.__slots__:
            value = getattr(self, name)
            if value < 0 or (name not in widths and value > 1):
                raise UsageError(f"noise {name} is {value}.", "Give a share from 0 to 1, or a width of 0 or more.")
        if self.denial + self.counter_accusation > 1:
            raise UsageError("denial and counter_accusation together exceed 1.", "The rest is silence; lower one.")

    @classmethod
    def none(cls) -> Noise:
        """Everyone who could report does, exactly and in full, and nobody denies."""
        return cls(**dict.fromkeys(cls.__slots__, 0.0))


@dataclass(frozen=True, slots=True)
class Simulation:
    """Reports, and the truth they are of.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`; `recorded_at` is null, for the ledger gives it.
    truth : pa.Table
        Schema `TRUTH`, one row an incident, in order of time.
    """

    reports: pa.Table
    truth: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Toll:
    civilian: int
    combatant: int
    injured: int

    @property
    def killed(self) -> int:
        return self.civilian + self.combatant


def simulate(
    case: Case,
    *,
    rng: np.random.Generator,
    days: int,
    incidents_per_day: float,
    first_day: date | None = None,
    noise: Noise | None = None,
    near_border_share: float = 0.15,
    witnesses: int = 6,
    keyed: bool = True,
) -> Simulation:
    """Draw incidents and the reports of them.

    Parameters
    ----------
    case : Case
        Whose clauses, areas, actors and speakers are drawn from.
    rng : numpy Generator
        The same state gives the same tables, to the byte.
    days : int
        Local days, from `first_day`.
    incidents_per_day : float
        Mean of a Poisson count.
    first_day : date, optional
        By default a tenth of `days` before the first start of the instrument with most prohibitions, so that some
        incidents fall before anything was in force.
    noise : Noise, optional
        How reports stray; by default as `Noise()`.
    near_border_share : float
        Share of incidents drawn at a border, in [0, 1]; with 0 every incident lies clear of every border.
    witnesses : int
        Neutral speakers that can learn of one incident, at most; those of the sides concerned come on top.
    keyed : bool
        Whether reports carry the key of their event; without it they must be matched.

    Returns
    -------
    Simulation
        The truth has every incident drawn, also those that nobody reported.

    Raises
    ------
    UsageError
        When a number asked for makes no sense.
    InsufficientDataError
        When the case has no prohibition with acts, no armed actor or no speaker.
    """
    if days < 1 or incidents_per_day < 0 or not 0 <= near_border_share <= 1 or witnesses < 1:
        raise UsageError(
            f"days {days}, incidents_per_day {incidents_per_day}, near_border_share {near_border_share}, "
            f"witnesses {witnesses}.",
            "Ask for at least one day and one witness, a rate of 0 or more, and a share from 0 to 1.",
        )
    stage = _Stage.of(case, noise or Noise(), near_border_share, witnesses)
    start = day_span(first_day or stage.default_first_day(days), case.zone).start
    count = int(rng.poisson(incidents_per_day, days).sum())
    incidents = sorted(stage.draw(rng, count, start, days), key=lambda one: (one.instant, one.longitude))
    tolls = [stage.draw_toll(rng, incident) for incident in incidents]
    reports: list[dict[str, object]] = []
    report_ids: list[list[str]] = []
    for number, (incident, toll) in enumerate(zip(incidents, tolls, strict=True)):
        said = stage.report(rng, f"sim-{number:06d}", incident, toll)
        report_ids.append([str(row["report_id"]) for row in said])
        reports += said if keyed else [row | {"event_key": None} for row in said]
    return Simulation(table_of(reports, REPORT), stage.truth_table(incidents, tolls, report_ids))


@dataclass(slots=True)
class _Stage:
    """What a case offers to draw from."""

    case: Case
    noise: Noise
    near_border_share: float
    witnesses: int
    places: Places
    clauses: tuple[Clause, ...]
    armed: tuple[str, ...]
    monitors: tuple[str, ...]
    oracle: Oracle
    leaves: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case, noise: Noise, near_border_share: float, witnesses: int) -> _Stage:
        """Collect it, and refuse a case that offers too little."""
        clauses = tuple(clause for clause in case.clauses.values() if clause.kind == "prohibits" and clause.acts)
        kinds = {actor.id: actor.kind for actor in case.actors.actors.values()}
        armed = tuple(actor for actor, kind in kinds.items() if kind in _ARMED)
        if not clauses or len(armed) < 2 or not case.speakers:
            raise InsufficientDataError(
                f"the case has {len(clauses)} prohibitions with acts, {len(armed)} armed actors and "
                f"{len(case.speakers)} speakers; a simulation takes at least one, two and one."
            )
        monitors = tuple(actor for actor, kind in kinds.items() if kind == "monitor")
        return cls(case, noise, near_border_share, witnesses, Places(case), clauses, armed, monitors, Oracle(case))

    def default_first_day(self, days: int) -> date:
        """Return the day a tenth of `days` before the instrument with most prohibitions may first have begun."""
        counts: dict[str, int] = {}
        for clause in self.clauses:
            counts[clause.instrument] = counts.get(clause.instrument, 0) + 1
        instrument = self.case.instruments[max(counts, key=lambda key: (counts[key], key))]
        start = min(parse_moment(moment.at, self.case.zone).start for moment in instrument.enters_into_force)
        return local_date(start, self.case.zone) - timedelta(days=days // 10)

    # ---- what happens

    def draw(self, rng: np.random.Generator, count: int, start: int, days: int) -> list[TrueIncident]:
        """Draw `count` incidents, evenly in time, each aimed at some clause and then made to miss it or not."""
        incidents = []
        longitude, latitude, aimed = self._draw_places(rng, count)
        for at, east, north in zip(aimed.tolist(), longitude.tolist(), latitude.tolist(), strict=True):
            clause = self.clauses[at]
            instant = start + int(rng.integers(days * MICROSECONDS_PER_DAY // _MINUTE)) * _MINUTE
            act = self._draw_act(rng, clause)
            perpetrator = self._draw_perpetrator(rng, clause, instant)
            incidents.append(
                TrueIncident(
                    instant=instant,
                    longitude=east,
                    latitude=north,
                    act=act,
                    perpetrator=perpetrator,
                    targets=self._draw_targets(rng, clause, act, perpetrator, instant),
                )
            )
        return incidents

    def _draw_places(self, rng: np.random.Generator, count: int) -> tuple[Any, Any, Any]:
        """Draw places, rounded to about ten metres, and the number of the clause that each is aimed at."""
        aimed = rng.integers(len(self.clauses), size=count)
        at_border = rng.random(count) < self.near_border_share
        longitude, latitude = np.full(count, np.nan), np.full(count, np.nan)
        versions = [self._versions_of(clause) for clause in self.clauses]
        chosen = [versions[at][int(rng.integers(len(versions[at])))] for at in aimed.tolist()]
        for version in sorted(set(chosen)):
            of_version = np.array([one == version for one in chosen])
            for rows, border in ((of_version & at_border, True), (of_version & ~at_border, False)):
                if rows.any():
                    longitude[rows], latitude[rows] = self._draw_near(rng, version, int(rows.sum()), border=border)
        return longitude, latitude, aimed

    def _versions_of(self, clause: Clause) -> list[str]:
        areas = self.case.areas if clause.areas == "everywhere" else clause.areas
        return [version.id for area in areas for version in self.case.areas[area].versions] or list(
            self.places.version_ids
        )

    def _draw_near(self, rng: np.random.Generator, version: str, size: int, *, border: bool) -> tuple[Any, Any]:
        """Draw places at a version's border, or clear of every border, three of four inside it."""
        if border:
            longitude, latitude = self.places.draw_at_border(version, rng, size)
            return longitude.round(4), latitude.round(4)
        wanted_inside = rng.random(size) < 0.75
        found = np.full((2, size), np.nan)
        for _ in range(200):
            missing = np.flatnonzero(np.isnan(found[0]))
            if not len(missing):
                return found[0], found[1]
            longitude, latitude = self.places.draw(version, rng, 8 * len(missing) + 64, margin_km=_OUTSIDE_MARGIN_KM)
            longitude, latitude = longitude.round(4), latitude.round(4)
            clear = self.places.clear(longitude, latitude, radius_km=_LEAST_RADIUS_KM)
            usable = np.logical_and.reduce([answers >= 0 for answers in clear.values()])
            for inside in (True, False):
                rows = missing[wanted_inside[missing] == inside]
                stock = np.flatnonzero(usable & (clear[version] == int(inside)))[: len(rows)]
                found[:, rows[: len(stock)]] = longitude[stock], latitude[stock]
                if inside and not len(stock):
                    wanted_inside[rows] = False  # too small or too uncertain to have a clear inside
        raise InsufficientDataError(f'no place near area version "{version}" is clear of every border of the case.')

    def _draw_act(self, rng: np.random.Generator, clause: Clause) -> str:
        """Draw an act under the clause, or one time in eight any act of the case."""
        acts = clause.acts if rng.random() < 0.875 else tuple(self.case.acts)
        if acts not in self.leaves:
            parents = set(self.case.acts.values())
            under = [act for act in self.case.acts if set(act_ancestry(act, self.case.acts)) & set(acts)]
            self.leaves[acts] = tuple(act for act in under if act not in parents) or tuple(under)
        return _pick(rng, self.leaves[acts])

    def _draw_perpetrator(self, rng: np.random.Generator, clause: Clause, instant: int) -> str:
        """Draw one whom the clause addresses, or one time in four any armed actor."""
        bearers = set(self.case.instruments[clause.instrument].bearers if clause.bearers is None else clause.bearers)
        addressed = [one for one in self.armed if self.case.actors.groups_of(one, instant) & bearers]
        return _pick(rng, addressed if addressed and rng.random() < 0.75 else self.armed)

    def _draw_targets(
        self, rng: np.random.Generator, clause: Clause, act: str, perpetrator: str, instant: int
    ) -> tuple[str, ...]:
        ancestry = act_ancestry(act, self.case.acts)
        if not _AIMED & set(ancestry):
            return ()
        if self.monitors and any("monitor" in one for one in ancestry):
            return (_pick(rng, self.monitors),)
        others = [one for one in self.armed if not self._of_one_side(one, perpetrator, instant)]
        named = () if isinstance(clause.targets.covered, str) else clause.targets.covered
        if preferred := [one for one in others if self.case.actors.groups_of(one, instant) & {*named}]:
            others = preferred if rng.random() < 0.75 else others
        if not others or rng.random() < 0.3:
            return (CIVILIANS,)
        target = _pick(rng, others)
        return (target, CIVILIANS) if rng.random() < 0.1 else (target,)

    def _of_one_side(self, one: str, other: str, instant: int) -> bool:
        return one == other or self.case.actors.allied(one, other, instant)

    def draw_toll(self, rng: np.random.Generator, incident: TrueIncident) -> _Toll:
        """Draw deaths and injuries: a long tail for armed force, none for an act that hits nobody."""
        if "armed-force" not in act_ancestry(incident.act, self.case.acts) or not incident.targets:
            return _Toll(civilian=0, combatant=0, injured=0)
        civilian, combatant, injured = (int(number) for number in rng.negative_binomial(0.6, [0.2, 0.2, 0.1]))
        has_civilians, has_armed = CIVILIANS in incident.targets, set(incident.targets) != {CIVILIANS}
        return _Toll(
            # a mixed target without a civilian hurt would not be one
            civilian=max(civilian, int(has_armed)) if has_civilians else 0,
            combatant=combatant if has_armed else 0,
            injured=injured,
        )

    # ---- what is said of it

    def report(
        self, rng: np.random.Generator, event: str, incident: TrueIncident, toll: _Toll
    ) -> list[dict[str, object]]:
        """Return what each speaker says of one incident, in the order of the case's speakers."""
        rows: dict[str, dict[str, object]] = {}
        in_reach = self._in_reach(rng)
        for speaker in self.case.speakers.values():
            side = self._side(speaker, incident)
            if side == "stranger":
                continue
            if side == "perpetrator":
                if answer := self._answer_of_accused(rng, event, speaker, incident):
                    rows[speaker.id] = answer
                continue
            if (side == "neutral" and speaker.id not in in_reach) or rng.random() < self.noise.missed:
                continue
            copied = next((rows[origin] for origin in speaker.lineage if origin in rows), None)
            account = copied or self._account(rng, incident, toll, alleges=side == "target")
            rows[speaker.id] = account | self._identity(event, speaker, incident, rng)
        if not self.noise.missed and not rows:
            # nobody neutral and no target's side: somebody still has to tell it
            speaker = next(iter(self.case.speakers.values()))
            account = self._account(rng, incident, toll, alleges=False)
            rows[speaker.id] = account | self._identity(event, speaker, incident, rng)
        return list(rows.values())

    def _in_reach(self, rng: np.random.Generator) -> set[str]:
        """Draw the neutral speakers that could learn of an incident."""
        neutral = [speaker.id for speaker in self.case.speakers.values() if speaker.party is None]
        if len(neutral) <= self.witnesses:
            return set(neutral)
        return {neutral[number] for number in rng.choice(len(neutral), self.witnesses, replace=False).tolist()}

    def _side(self, speaker: Speaker, incident: TrueIncident) -> str:
        """Say whether a speaker is of the perpetrator's or the target's side, neutral, or a stranger to it."""
        if speaker.party is None:
            return "neutral"
        if self._of_one_side(speaker.party, incident.perpetrator, incident.instant):
            return "perpetrator"
        if any(
            target != CIVILIANS and self._of_one_side(speaker.party, target, incident.instant)
            for target in incident.targets
        ):
            return "target"
        return "stranger"

    def _identity(
        self, event: str, speaker: Speaker, incident: TrueIncident, rng: np.random.Generator
    ) -> dict[str, object]:
        own_id = f"{event}-{speaker.id}"
        lag = int(rng.integers(1, 48)) * _HOUR
        return {
            "report_id": stable_id("rep", speaker.id, own_id),
            "source_id": speaker.id,
            "source_report_id": own_id,
            "kind": ReportKind.EVENT.value,
            "lineage": list(speaker.lineage) or [speaker.id],
            "party": speaker.party,
            "event_key": event,
            "refers_to": [],
            # later than the whole of the day on which it may be said to lie
            "reported_at": incident.instant + 2 * MICROSECONDS_PER_DAY + lag,
            "text_language": "en",
            "unverified": False,
            "invokes": [],
            "flags": [],
        }

    def _account(
        self, rng: np.random.Generator, incident: TrueIncident, toll: _Toll, *, alleges: bool
    ) -> dict[str, object]:
        """Return the content of one report, with its noise."""
        noise = self.noise
        act = incident.act
        parent = self.case.acts[act]
        if parent is not None and rng.random() < noise.act_generalised:
            act = parent
        told: dict[str, object] = {
            "perpetrators": [incident.perpetrator],
            "targets": [] if rng.random() < noise.target_omitted else list(incident.targets),
            "sides": [],
        }
        armed_targets = [target for target in incident.targets if target != CIVILIANS]
        if armed_targets and rng.random() < noise.direction_omitted:
            told = {"perpetrators": [], "targets": [], "sides": [[incident.perpetrator], armed_targets]}
        return {
            "stance": Stance.ASSERTS.value,
            "denied": [],
            **self._when(rng, incident.instant),
            **self._where(rng, incident),
            "acts": [act],
            **told,
            "alleges": alleges,
            **self._told_toll(rng, incident, toll),
            "text": f"Simulated: {act}.",
        }

    def _answer_of_accused(
        self, rng: np.random.Generator, event: str, speaker: Speaker, incident: TrueIncident
    ) -> dict[str, object] | None:
        """Return what the perpetrator's side says: a denial, that the other side did it, or nothing."""
        draw = rng.random()
        armed_targets = [target for target in incident.targets if target != CIVILIANS]
        if draw < self.noise.denial:
            said: dict[str, object] = {
                "stance": Stance.DENIES.value,
                "denial_scope": DenialScope.EVENT.value,
                "denied": [DeniedQuestion.ATTRIBUTION.value],
                "acts": [],
                "perpetrators": [],
                "targets": [],
                "alleges": False,
                "text": "Simulated: denied.",
            }
        elif draw < self.noise.denial + self.noise.counter_accusation and armed_targets:
            said = {
                "stance": Stance.ASSERTS.value,
                "denied": [],
                "acts": [incident.act],
                "perpetrators": armed_targets,
                "targets": [incident.perpetrator],
                "alleges": True,
                "text": "Simulated: the other side is said to have done it.",
            }
        else:
            return None
        where_and_when = self._when(rng, incident.instant) | self._where(rng, incident)
        return {**where_and_when, "sides": [], **said, **self._identity(event, speaker, incident, rng)}

    def _when(self, rng: np.random.Generator, instant: int) -> dict[str, object]:
        slip = self.noise.time_slip_minutes
        told = instant + round(rng.normal(0, slip)) * _MINUTE if slip else instant
        if rng.random() < self.noise.coarse_time:
            day = day_span(local_date(told, self.case.zone), self.case.zone)
            return {"occurred_from": day.start, "occurred_until": day.end, "time_precision": TimePrecision.DAY.value}
        if slip:
            hour = told // _HOUR * _HOUR
            return {
                "occurred_from": hour,
                "occurred_until": hour + _HOUR,
                "time_precision": TimePrecision.HOUR.value,
            }
        return {"occurred_from": told, "occurred_until": told, "time_precision": TimePrecision.INSTANT.value}

    def _where(self, rng: np.random.Generator, incident: TrueIncident) -> dict[str, object]:
        jitter = self.noise.place_jitter_km
        if rng.random() < self.noise.coarse_place:
            return {"place_name": "a place not told", "place_precision": PlacePrecision.COUNTRY.value}
        east_km, north_km = rng.normal(0, jitter, 2) if jitter else (0.0, 0.0)
        degrees_a_km = 1 / 111.2
        latitude = incident.latitude + north_km * degrees_a_km
        longitude = incident.longitude + east_km * degrees_a_km / np.cos(np.radians(incident.latitude))
        return {
            "place_name": "a place of the simulation",
            "latitude": round(latitude, 4),
            "longitude": round(float(longitude), 4),
            "place_precision": PlacePrecision.POINT.value,
            "place_radius_km": max(2 * jitter, _LEAST_RADIUS_KM),
        }

    def _told_toll(self, rng: np.random.Generator, incident: TrueIncident, toll: _Toll) -> dict[str, int]:
        """Return the toll as one speaker gives it: ranges as wide as its error; what it does not give is left out."""
        if "armed-force" not in act_ancestry(incident.act, self.case.acts):
            return {}
        told = self._range(rng, "injured", toll.injured)
        if rng.random() < self.noise.category_omitted:
            killed = self._range(rng, "killed", toll.killed)
            unknown = {name.replace("killed", "killed_unknown"): count for name, count in killed.items()}
            return told | killed | unknown
        civilian = self._range(rng, "killed_civilian", toll.civilian)
        combatant = self._range(rng, "killed_combatant", toll.combatant)
        killed = {
            f"killed_{bound}": civilian[f"killed_civilian_{bound}"] + combatant[f"killed_combatant_{bound}"]
            for bound in ("low", "best", "high")
        }
        return told | civilian | combatant | killed

    def _range(self, rng: np.random.Generator, name: str, true: int) -> dict[str, int]:
        spread = self.noise.toll_spread
        best = round(true * float(np.exp(rng.normal(0, spread)))) if spread else true
        width = float(np.exp(spread))
        return {f"{name}_low": int(best / width), f"{name}_best": best, f"{name}_high": int(np.ceil(best * width))}

    # ---- what is true of it

    def truth_table(
        self, incidents: Sequence[TrueIncident], tolls: Sequence[_Toll], report_ids: Sequence[list[str]]
    ) -> pa.Table:
        """Return the truth of every incident, with its status under each prohibition where that is beyond doubt."""
        prohibitions = [clause for clause in self.case.clauses.values() if clause.kind == "prohibits"]
        clear = self.places.clear(
            np.array([one.longitude for one in incidents]),
            np.array([one.latitude for one in incidents]),
            radius_km=_LEAST_RADIUS_KM,
        )
        rows = []
        for number, (incident, toll) in enumerate(zip(incidents, tolls, strict=True)):
            here = {version: int(answers[number]) for version, answers in clear.items()}
            statuses = [self.oracle.status(incident, clause, here) for clause in prohibitions]
            rows.append(
                {
                    "event": f"sim-{number:06d}",
                    "report_ids": report_ids[number],
                    "occurred_at": incident.instant,
                    "latitude": incident.latitude,
                    "longitude": incident.longitude,
                    "near_border": -1 in here.values(),
                    "act": incident.act,
                    "perpetrator": incident.perpetrator,
                    "targets": list(incident.targets),
                    "killed_civilian": toll.civilian,
                    "killed_combatant": toll.combatant,
                    "injured": toll.injured,
                    "clause_ids": [clause.id for clause in prohibitions],
                    "statuses": [status.value if status else None for status in statuses],
                }
            )
        return table_of(rows, TRUTH)


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]
