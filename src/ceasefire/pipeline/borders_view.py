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

from ceasefire.deployment.borders.drawing import place, read_drawing
from ceasefire.deployment.borders.suggestions import MARGIN_KM
from ceasefire.model.errors import UsageError
from ceasefire.model.roles import public
from ceasefire.pipeline.borders import WEEKS, Aim, BorderCompared, BorderDesk, BorderOptions

if TYPE_CHECKING:
    from ceasefire.deployment.borders.figures import Tally
    from ceasefire.deployment.borders.sensitivity import Stretch
    from ceasefire.pipeline.served import Snapshot

Shape = dict[str, Any]
MOST_WEEKS = 520
MOST_CORNERS = 5_000
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

    holder: Annotated[str, public("Actor ids, or a word: contested, unknown.")]
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
class StretchHanging:
    """A stretch of the border, and what hangs on moving it."""

    line: Annotated[tuple[tuple[float, float], ...], public("Longitude and latitude of its corners.")]
    where: Annotated[str, public("Its two ends, in words.")]
    length_km: Annotated[float, public("How long it is.")]
    taken_in: Annotated[int, public("Incidents that it takes in, moved outwards.")]
    lost: Annotated[int, public("Incidents that it loses, moved inwards.")]
    settlements: Annotated[int, public("Settlements that come in or go out.")]


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
    changed: Annotated[tuple[ChecksChanged, ...], public("Clause checks that would come out otherwise.")]
    stretches: Annotated[tuple[StretchHanging, ...], public("Those that most incidents hang on.")]
    without_point: Annotated[int, public("Incidents known only to an area, which hang on no stretch.")]


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


def borders_view(snapshot: Snapshot, desk: BorderDesk, drawing: Shape | None) -> BordersView:
    """Compare drawn borders with the one that holds.

    Parameters
    ----------
    snapshot : Snapshot
    desk : BorderDesk
        Of the snapshot.
    drawing : dict, optional
        GeoJSON, as `read_drawing` takes it.

    Raises
    ------
    InputError
        With every fault of the drawing.
    UsageError
        When it is too large, or lies elsewhere.
    """
    proposals = () if drawing is None else read_drawing(drawing)
    corners = sum(int(shapely.get_num_coordinates(each.shape)) for each in proposals)
    if corners > MOST_CORNERS:
        raise UsageError(
            f"The drawing has {corners:,} corners.",
            f"Simplify it to {MOST_CORNERS:,}, or compare it with `ceasefire borders`.",
        )
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
        current=_view(desk.current()),
        proposals=tuple(_view(desk.compare(each)) for each in proposals),
    )


def suggestion_view(
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
    drawn = () if drawing is None else read_drawing(drawing)
    if drawing is not None and len(drawn) != 1:
        raise UsageError(f"{len(drawn)} borders were given to change.", "Give one.")
    margin = MARGIN_KM if km is None else km
    if not 0 < margin <= _FARTHEST_KM:
        raise UsageError(f"{margin:g} km were asked for.", f"Ask for more than 0, and for {_FARTHEST_KM} at most.")
    found = desk.suggest(aim, settlement, margin, shape=drawn[0].shape if drawn else None)
    return SuggestionView(
        aim=found.aim,
        changed=found.changed,
        border=json.loads(shapely.to_geojson(found.shape)),
        gained_km2=found.gained_km2,
        lost_km2=found.lost_km2,
    )


def _view(of: BorderCompared) -> BorderView:
    figures = of.figures
    hanging = sorted((each for each in of.sensitivity.stretches if each.incidents), key=lambda each: -each.incidents)
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
        settlements=tuple(
            HeldInside(holder=holder, settlements=_inside(tally)) for holder, tally in figures.settlements.items()
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


def _inside(tally: Tally) -> Inside:
    return Inside(inside=tally.inside, undetermined=tally.undetermined, outside=tally.outside)


def _stretch(of: Stretch) -> StretchHanging:
    return StretchHanging(
        line=of.line,
        where=f"{place(*of.line[0])} to {place(*of.line[-1])}",
        length_km=of.length_km,
        taken_in=of.outwards.incidents,
        lost=of.inwards.incidents,
        settlements=of.outwards.settlements + of.inwards.settlements,
    )
