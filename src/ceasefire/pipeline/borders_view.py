"""What another border would change, as the centre tells it: to the mission alone.

Whoever may draw any line and count within it can find out where each incident lies, however coarsely places are told.
So the operation is open to those who see exact places anyway, and none of its fields is kept from them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import shapely

from ceasefire.deployment.borders.drawing import read_drawing
from ceasefire.deployment.borders.features import features_in
from ceasefire.deployment.borders.suggestions import FOLLOW_WITHIN_KM, MARGIN_KM
from ceasefire.model.errors import UsageError
from ceasefire.model.roles import public
from ceasefire.pipeline.borders import WEEKS, Aim, BorderCompared, BorderDesk, BorderOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ceasefire.deployment.borders.figures import Tally
    from ceasefire.deployment.borders.sensitivity import Moved, Stretch
    from ceasefire.deployment.borders.suggestions import Suggestion
    from ceasefire.pipeline.served import Snapshot
    from ceasefire.territory.control import Standing

Shape = dict[str, Any]
MOST_WEEKS = 520
MOST_KINDS = 8
MOST_CORNERS = 5_000
MOST_COUNTED = 50_000
_MOST_STRETCHES = 12
_FARTHEST_KM = 50
_DESKS = 8
_EARLIEST, _LATEST = 1800, 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """How many lie inside a border, outside it, and where nobody can tell."""

    inside: Annotated[int, public("Surely inside.")]
    undetermined: Annotated[int, public("Too near to the border, or known too coarsely, to tell.")]
    outside: Annotated[int, public("Surely outside.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldInside:
    """Settlements of one holder."""

    holder: Annotated[str, public("One word for the two that follow.")]
    holding: Annotated[str, public("held, contested, interpolated or unknown.")]
    actor_ids: Annotated[tuple[str, ...], public("Who holds them, or may.")]
    settlements: Annotated[Inside, public("How many.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksChanged:
    """Clause checks of one clause and accused that would come out otherwise."""

    clause_id: Annotated[str, public("The clause.")]
    accused_id: Annotated[str | None, public("The accused; null: nobody is.")]
    before: Annotated[str, public("Status under the border that holds.")]
    after: Annotated[str, public("Status under this one.")]
    incident_ids: Annotated[tuple[str, ...], public("The incidents.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindInside:
    """What else was given to be counted, of one kind."""

    kind: Annotated[str, public("As it was given: hospitals, roads, crossings.")]
    count: Annotated[Inside, public("Points, and polygons by the whole of them.")]
    length_km: Annotated[float | None, public("Of lines, within the border as drawn; null: no line was given.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindHanging:
    """Points of one kind that hang on a stretch."""

    kind: Annotated[str, public("As it was given.")]
    count: Annotated[int, public("How many points.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """What a stretch takes in when moved outwards, or loses when moved inwards."""

    incidents: Annotated[int, public("Incidents whose point lies within the move.")]
    clause_checks: Annotated[int, public("Clause checks of these that turn on whether they lie inside.")]
    settlements: Annotated[int, public("Settlements.")]
    people_low: Annotated[int | None, public("People in those of a known population; null: none has one.")]
    people_high: Annotated[int | None, public("The most that is said.")]
    people_unknown: Annotated[int, public("Settlements without a known population.")]
    features: Annotated[tuple[KindHanging, ...], public("Points of what else was given.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchHanging:
    """A stretch of the border, and what hangs on moving it."""

    line: Annotated[tuple[tuple[float, float], ...], public("Longitude and latitude of its corners.")]
    length_km: Annotated[float, public("How long it is.")]
    outwards: Annotated[Hanging, public("Taken in.")]
    inwards: Annotated[Hanging, public("Lost.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderView:
    """One border with its figures."""

    name: Annotated[str, public("As it was drawn.")]
    border: Annotated[Shape, public("GeoJSON geometry.")]
    area_km2: Annotated[float, public("Geodesic.")]
    gained_km2: Annotated[float, public("Area in this border and not in the one that holds.")]
    lost_km2: Annotated[float, public("Area in the one that holds and not in this one.")]
    length_km: Annotated[float, public("Of the line, enclaves included.")]
    roughness: Annotated[float, public("Length over that of a circle of the same area.")]
    incidents: Annotated[Inside, public("Incidents of the period.")]
    people_low: Annotated[int | None, public("People in settlements surely inside; null: nobody gives any number.")]
    people_high: Annotated[int | None, public("With those that may lie inside.")]
    people_unknown: Annotated[int, public("Settlements inside, or maybe, without a known population.")]
    settlements: Annotated[tuple[HeldInside, ...], public("By holder.")]
    features: Annotated[tuple[KindInside, ...], public("What else was given to be counted.")]
    changed: Annotated[tuple[ChecksChanged, ...], public("Clause checks that would come out otherwise.")]
    stretches: Annotated[tuple[StretchHanging, ...], public("Those that most hangs on.")]
    without_point: Annotated[int, public("Incidents known only to an area, which hang on no stretch.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNear:
    """An administrative border, road or river on record that a border could follow."""

    line_id: Annotated[str, public("Its id.")]
    kind: Annotated[str, public("unit, or as the case's files call it: road, river, line.")]
    names: Annotated[dict[str, str], public("Its name by language.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BordersView:
    """Borders of one area beside the one that holds."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    zone_id: Annotated[str, public("The area.")]
    version_id: Annotated[str, public("The version of it whose border holds.")]
    first_day: Annotated[str, public("First local day of the incidents.")]
    last_day: Annotated[str, public("Last local day of them; holders and border are those of this day.")]
    uncertainty_km: Annotated[float, public("How well a proposed border is taken to be known.")]
    move_km: Annotated[float, public("By how much a stretch is moved.")]
    notes: Annotated[tuple[str, ...], public("What a reader must know.")]
    lines: Annotated[tuple[LineNear, ...], public("What is on record near the border that holds.")]
    current: Annotated[BorderView, public("The border that holds.")]
    proposals: Annotated[tuple[BorderView, ...], public("The borders drawn, in their order.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionView:
    """A small change of the border that reaches an aim."""

    aim: Annotated[str, public("What it reaches.")]
    changed: Annotated[bool, public("Whether anything had to change.")]
    border: Annotated[Shape, public("GeoJSON geometry.")]
    gained_km2: Annotated[float, public("Area that comes in.")]
    lost_km2: Annotated[float, public("Area that goes out.")]


def border_desk(snapshot: Snapshot, zone_id: str, *, weeks: int | None = None, until: date | None = None) -> BorderDesk:
    """Return what lies around an area's border, gathered once for a state of the record."""
    weeks = WEEKS if weeks is None else weeks
    if not 1 <= weeks <= MOST_WEEKS:
        raise UsageError(f"{weeks} weeks of incidents were asked for.", f"Ask for 1 to {MOST_WEEKS}.")

    if until is not None and not _EARLIEST <= until.year <= _LATEST:
        raise UsageError(f"{until} lies in no year of a ceasefire.", "Ask for a day of the record.")

    def gathered(zone: str, so_many: int, last_day: date | None) -> BorderDesk:
        return BorderDesk.around(
            zone,
            BorderOptions(weeks=so_many, until=None if last_day is None else last_day.isoformat()),
            case=snapshot.case,
            incidents=snapshot.incidents,
            ledger=snapshot.control,
            boundaries=snapshot.boundaries,
        )

    return snapshot.kept("border desks", lambda: lru_cache(_DESKS)(gathered))(zone_id, weeks, until)


def borders_view(
    snapshot: Snapshot, desk: BorderDesk, drawing: Shape | None, counted: Mapping[str, Shape] | None = None
) -> BordersView:
    """Compare drawn borders with the one that holds.

    Parameters
    ----------
    snapshot : Snapshot
    desk : BorderDesk
        Of the snapshot.
    drawing : dict, optional
        GeoJSON, as `read_drawing` takes it.
    counted : mapping of str to dict, optional
        What else is counted, GeoJSON by kind: hospitals, roads, crossings. It is kept nowhere.

    Raises
    ------
    InputError
        With every fault of the drawing, or of what is to be counted.
    UsageError
        When it is too large, or lies elsewhere.
    """
    proposals = () if drawing is None else read_drawing(drawing)
    _refuse_many("The drawing", [each.shape for each in proposals], MOST_CORNERS)
    if counted:
        features = [one for kind, value in counted.items() for one in features_in(kind, value, path=kind)]
        _refuse_many("What is to be counted", [each.shape for each in features], MOST_COUNTED)
        desk = desk.counting(features)
    first, last = desk.days()
    return BordersView(
        position=snapshot.stamp.position,
        zone_id=desk.area_id,
        version_id=desk.version.id,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        uncertainty_km=desk.proposed_version.uncertainty_km,
        move_km=desk.options.move_km,
        notes=tuple(desk.notes),
        lines=tuple(LineNear(line_id=one.line_id, kind=one.kind, names=dict(one.names)) for one in desk.lines),
        current=_view(desk.current(), desk.holders),
        proposals=tuple(_view(desk.compare(each), desk.holders) for each in proposals),
    )


def settlement_suggestion(
    desk: BorderDesk, *, settlement: str, aim: Aim, km: float | None, drawing: Shape | None
) -> SuggestionView:
    """Change a border so that it reaches an aim.

    Parameters
    ----------
    desk : BorderDesk
    settlement : str
        Its id or name.
    aim : Aim
    km : float, optional
        By how much inside or outside, or how far away.
    drawing : dict, optional
        The one border to change; by default the one that holds.
    """
    return _suggestion(desk.suggest(aim, settlement, _distance(km, MARGIN_KM), shape=_to_change(drawing)))


def line_suggestion(
    desk: BorderDesk, *, line: str | None, lines: Shape | None, km: float | None, drawing: Shape | None
) -> SuggestionView:
    """Lay a border along a line on record, or along lines that are given, wherever it runs near them.

    Parameters
    ----------
    desk : BorderDesk
    line : str, optional
        Id or name of a line on record.
    lines : dict, optional
        GeoJSON of lines, or of polygons whose borders are meant, where none on record is named.
    km : float, optional
        How near.
    drawing : dict, optional
        The one border to change; by default the one that holds.
    """
    if (line is None) == (lines is None):
        raise UsageError("A border follows one thing.", "Name a line on record, or give lines.")
    if line is not None:
        known = desk.line(line)
        name, shapes = known.names.get("en") or next(iter(known.names.values())), [known.shape]
    else:
        name, shapes = "the lines given", [each.shape for each in features_in("lines", lines, path="lines")]
    _refuse_many("What is to be followed", shapes, MOST_COUNTED)
    return _suggestion(desk.suggest_along(name, shapes, _distance(km, FOLLOW_WITHIN_KM), shape=_to_change(drawing)))


def _distance(km: float | None, otherwise: float) -> float:
    asked = otherwise if km is None else km
    if not 0 < asked <= _FARTHEST_KM:
        raise UsageError(f"{asked:g} km were asked for.", f"Ask for more than 0, and for {_FARTHEST_KM} at most.")
    return asked


def _to_change(drawing: Shape | None) -> shapely.Geometry | None:
    if drawing is None:
        return None
    drawn = read_drawing(drawing)
    if len(drawn) != 1:
        raise UsageError(f"{len(drawn)} borders were given to change.", "Give one.")
    _refuse_many("The drawing", [drawn[0].shape], MOST_CORNERS)
    return drawn[0].shape


def _refuse_many(what: str, shapes: Sequence[shapely.Geometry], most: int) -> None:
    """Stop what is larger than a page can follow.

    Raises
    ------
    UsageError
        When it is.
    """
    corners = sum(int(shapely.get_num_coordinates(each)) for each in shapes)
    if corners > most:
        raise UsageError(
            f"{what} has {corners:,} corners.", f"Simplify it to {most:,}, or compare with `ceasefire borders`."
        )


def _suggestion(found: Suggestion) -> SuggestionView:
    return SuggestionView(
        aim=found.aim,
        changed=found.changed,
        border=json.loads(shapely.to_geojson(found.shape)),
        gained_km2=found.gained_km2,
        lost_km2=found.lost_km2,
    )


def _view(of: BorderCompared, holders: Mapping[str, Standing]) -> BorderView:
    figures = of.figures
    hanging = sorted(
        (each for each in of.sensitivity.stretches if any(each.hanging)), key=lambda each: each.hanging, reverse=True
    )
    return BorderView(
        name=of.name,
        border=json.loads(shapely.to_geojson(of.shape)),
        area_km2=figures.area_km2,
        gained_km2=of.gained_km2,
        lost_km2=of.lost_km2,
        length_km=figures.length_km,
        roughness=figures.roughness,
        incidents=_inside(figures.incidents),
        people_low=figures.people.low,
        people_high=figures.people.high,
        people_unknown=figures.people.unknown_inside + figures.people.unknown_undetermined,
        settlements=tuple(_held(holder, holders.get(holder), tally) for holder, tally in figures.settlements.items()),
        features=tuple(
            KindInside(kind=kind, count=_inside(count.tally), length_km=count.length_km)
            for kind, count in figures.features.items()
        ),
        changed=tuple(
            ChecksChanged(
                clause_id=each.clause_id,
                accused_id=each.accused_id,
                before=each.before,
                after=each.after,
                incident_ids=each.incident_ids,
            )
            for each in of.changed
        ),
        stretches=tuple(_stretch(each) for each in hanging[:_MOST_STRETCHES]),
        without_point=of.sensitivity.without_point,
    )


def _held(holder: str, standing: Standing | None, tally: Tally) -> HeldInside:
    return HeldInside(
        holder=holder,
        holding=standing.holding.value if standing else "unknown",
        actor_ids=(standing.holders or standing.possible) if standing else (),
        settlements=_inside(tally),
    )


def _inside(tally: Tally) -> Inside:
    return Inside(inside=tally.inside, undetermined=tally.undetermined, outside=tally.outside)


def _stretch(of: Stretch) -> StretchHanging:
    return StretchHanging(
        line=of.line, length_km=of.length_km, outwards=_hanging(of.outwards), inwards=_hanging(of.inwards)
    )


def _hanging(of: Moved) -> Hanging:
    return Hanging(
        incidents=of.incidents,
        clause_checks=of.checks,
        settlements=of.settlements,
        people_low=of.people_low,
        people_high=of.people_high,
        people_unknown=of.people_unknown,
        features=tuple(KindHanging(kind=kind, count=count) for kind, count in of.features.items()),
    )
