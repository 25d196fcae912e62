"""What another border of an area would change, over a workspace: proposals beside the border that holds.

Past 400 lines because all that is asked of one desk is best read on one page; what lies on it is gathered in
`border_ground` and `border_lines`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from ceasefire.deployment.borders.drawing import Proposal, place
from ceasefire.deployment.borders.features import read_features
from ceasefire.deployment.borders.figures import BorderFigures, figures_in, incident_answers, measure
from ceasefire.deployment.borders.findings import BorderChecks, ChangedFindings
from ceasefire.deployment.borders.frame import Frame
from ceasefire.deployment.borders.ground import Feature, Ground
from ceasefire.deployment.borders.sensitivity import MOVE_KM, STRETCH_KM, Sensitivity, sensitivity_of
from ceasefire.deployment.borders.suggestions import (
    FOLLOW_WITHIN_KM,
    MARGIN_KM,
    Suggestion,
    follow,
    keep_away,
    put_in,
    put_out,
)
from ceasefire.model.errors import UnknownRecordError, UsageError
from ceasefire.model.time import Span, day_span
from ceasefire.pipeline.border_ground import last_day, limits, occurred_within, settlements_of, version_held
from ceasefire.pipeline.border_lines import KnownLine, lines_near
from ceasefire.pipeline.control import ControlLedger, ControlOptions, day_of, held_words
from ceasefire.territory.areas import AreaIndex
from ceasefire.territory.geodesy import polygonal
from ceasefire.territory.place_names import plain_name

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.pipeline.state import State
    from ceasefire.territory.boundaries import Boundaries
    from ceasefire.territory.control import Place, Standing
    from ceasefire.territory.records import AreaVersion

WEEKS = 12


class Aim(StrEnum):
    """What a suggestion is to do with a settlement."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderOptions:
    """How borders are compared.

    Parameters
    ----------
    weeks : int
        How many weeks of incidents count.
    until : str or None
        The last local day of them, and the day whose border and holders are taken; by default the last day on which an
        incident of the record occurred.
    uncertainty_km : float or None
        How well a proposed border is known; by default as well as the one that holds.
    move_km, stretch_km : float
        For the sensitivity: by how much each stretch is moved, and about how long it is.
    reading : str or None
        An interpretation to use in place of those in force.
    gazetteer : Path or None
        A table of further settlements.
    features : mapping of str to Path
        GeoJSON files of what else is counted, by kind: hospitals, roads, crossings.
    """

    weeks: int = WEEKS
    until: str | None = None
    uncertainty_km: float | None = None
    move_km: float = MOVE_KM
    stretch_km: float = STRETCH_KM
    reading: str | None = None
    gazetteer: Path | None = None
    features: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderCompared:
    """One border, and what it would change.

    Parameters
    ----------
    name : str
    shape : Polygon or MultiPolygon
        Longitude and latitude, as a map takes it.
    figures : BorderFigures
    gained_km2, lost_km2 : float
        Area that lies in this border and not in the one that holds, and the other way round.
    changed : tuple of ChangedFindings
        Clause checks that would come out otherwise; none of the border that holds.
    sensitivity : Sensitivity
    """

    name: str
    shape: shapely.Geometry
    figures: BorderFigures
    gained_km2: float
    lost_km2: float
    changed: tuple[ChangedFindings, ...]
    sensitivity: Sensitivity


class BorderDesk:
    """Everything around the border of one area, gathered once; proposals are laid on it one after the other.

    Parameters
    ----------
    case : Case
    area_id : str
    version : AreaVersion
        The border that holds.
    ground : Ground
        What is counted.
    places : mapping of str to Place
        Settlements by id, which suggestions name.
    options : BorderOptions
    period : Span
        From which incidents count.
    boundaries : Boundaries, optional
        Administrative borders that a border could follow.
    holders : mapping of str to Standing, optional
        What each word for who holds a settlement stands for.
    notes : sequence of str
        What a reader must know, as sentences.
    """

    def __init__(
        self,
        *,
        case: Case,
        area_id: str,
        version: AreaVersion,
        ground: Ground,
        places: Mapping[str, Place],
        options: BorderOptions,
        period: Span,
        boundaries: Boundaries | None = None,
        holders: Mapping[str, Standing] | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.boundaries, self.holders = boundaries, holders or {}
        self.case, self.area_id, self.version = case, area_id, version
        self.ground, self.places, self.options, self.period = ground, places, options, period
        self.notes = list(notes)
        self.shape = case.geometries[version.id]
        uncertainty = version.uncertainty_km if options.uncertainty_km is None else options.uncertainty_km
        if options.uncertainty_km is not None:
            holes = options.uncertainty_km
        else:
            holes = uncertainty if version.hole_uncertainty_km is None else version.hole_uncertainty_km
        self.proposed_version = version.model_copy(
            update={"uncertainty_km": uncertainty, "hole_uncertainty_km": holes, "uncertain_stretches": ()}
        )

    @classmethod
    def of(cls, state: State, area_id: str, options: BorderOptions) -> BorderDesk:
        """Gather what lies around an area, from a state of the record; see `around`.

        Raises
        ------
        StaleResultError
            When the record has moved on since the last run.
        InputError
            When a gazetteer cannot be read.
        """
        return cls.around(
            area_id,
            options,
            case=state.case,
            incidents=state.derived(options.reading).table("incidents"),
            ledger=ControlLedger.of(state, ControlOptions(gazetteer=options.gazetteer)),
            boundaries=state.boundaries,
        )

    @classmethod
    def around(
        cls,
        area_id: str,
        options: BorderOptions,
        *,
        case: Case,
        incidents: pa.Table,
        ledger: ControlLedger,
        boundaries: Boundaries | None,
    ) -> BorderDesk:
        """Gather what lies around an area.

        Parameters
        ----------
        area_id : str
        options : BorderOptions
        case : Case
        incidents : Table
            All of the record, of schema `model.schemas.INCIDENT`.
        ledger : ControlLedger
            Settlements, and who is said to hold them.
        boundaries : Boundaries or None
            Administrative areas that incidents may be known to.

        Raises
        ------
        UnknownRecordError
            When there is no such area.
        UsageError
            When the area is no polygon, or nothing says what day is meant.
        InputError
            When a file of features cannot be read.
        """
        if area_id not in case.areas:
            raise UnknownRecordError(f'There is no area "{area_id}".', f"Areas: {', '.join(case.areas)}.")
        last = day_of(options.until) if options.until else last_day(incidents, case)
        if options.weeks < 1:
            raise UsageError(f"{options.weeks} weeks of incidents were asked for.", "Ask for one at least.")
        first = last - timedelta(days=7 * options.weeks - 1)
        period = Span(day_span(first, case.zone).start, day_span(last, case.zone).end)
        version = version_held(case, area_id, day_span(last, case.zone))
        held, undated = occurred_within(incidents, period)
        standings = ledger.on(last).standings
        return cls(
            case=case,
            area_id=area_id,
            version=version,
            ground=Ground(
                incidents=held,
                settlements=settlements_of(ledger, standings),
                features=[one for kind, path in options.features.items() for one in read_features(kind, path)],
                boundaries=boundaries,
            ),
            places=ledger.control.places,
            options=options,
            period=period,
            boundaries=boundaries,
            holders={held_words(each): each for each in standings.values()},
            notes=[*ledger.notes, *limits(ledger, undated, version)],
        )

    def current(self) -> BorderCompared:
        """Return the figures of the border that holds; worked out once."""
        return self._current

    @cached_property
    def _current(self) -> BorderCompared:
        return self.compare(Proposal(name=self.version.id, shape=self.shape), version=self.version)

    def compare(self, proposal: Proposal, *, version: AreaVersion | None = None) -> BorderCompared:
        """Return the figures of a border, and what it would change.

        Raises
        ------
        UsageError
            When it lies nowhere near the area, or cannot be measured.
        """
        frame = Frame.of([self.shape, proposal.shape])
        ground = self.ground.in_frame(frame)
        current, shape = frame.shape(self.shape), frame.shape(proposal.shape)
        if not shapely.intersects(shape, current):
            raise self._elsewhere(proposal)
        drawn_as = version or self.proposed_version
        index = AreaIndex({drawn_as.id: (drawn_as, shape)})
        answers = incident_answers(index, ground)
        gained, lost = (
            measure(polygonal(shapely.difference(*pair)))[0] for pair in ((shape, current), (current, shape))
        )
        return BorderCompared(
            name=proposal.name,
            shape=frame.back(shape),
            figures=figures_in(index, ground, answers),
            gained_km2=gained,
            lost_km2=lost,
            changed=self.checks.changed(self.answers, answers),
            sensitivity=sensitivity_of(
                shape,
                ground,
                move_km=self.options.move_km,
                stretch_km=self.options.stretch_km,
                checks=self.checks.turning(),
            ).back(frame),
        )

    def counting(self, features: Sequence[Feature]) -> BorderDesk:
        """Return the same desk with further things counted on it; what was worked out for it holds for both."""
        other = copy(self)
        other.__dict__.update(answers=self.answers, checks=self.checks)
        other.__dict__.pop("_current", None)  # its figures have these things too
        other.ground = replace(self.ground, features=(*self.ground.features, *features))
        return other

    @cached_property
    def lines(self) -> tuple[KnownLine, ...]:
        """What is on record near the border, and could be followed."""
        return lines_near(self.shape, self.case, self.boundaries)

    @cached_property
    def answers(self) -> NDArray[np.uint8]:
        """Whether each incident lies within the border that holds; `Answer` values."""
        return incident_answers(AreaIndex({self.version.id: (self.version, self.shape)}), self.ground)

    @cached_property
    def checks(self) -> BorderChecks:
        """The clause checks of the incidents, whichever way a border runs."""
        return BorderChecks.of(self.case, self.area_id, self.version, self.ground, reading=self.options.reading)

    def _elsewhere(self, proposal: Proposal) -> UsageError:
        """Say of a border that is not this area's where it lies, and what may have been meant."""
        middle = shapely.centroid(proposal.shape)
        exchanged = shapely.transform(proposal.shape, lambda xy: xy[:, ::-1])
        remedy = (
            "Latitude and longitude look exchanged: give longitude first."
            if shapely.intersects(exchanged, self.shape)
            else "Check that its longitudes come first, and that it is drawn for this area."
        )
        return UsageError(
            f'"{proposal.name}" shares no ground with {self.area_id}: it lies about {place(middle.x, middle.y)}.',
            remedy,
        )

    def suggest(
        self, aim: Aim, name: str, km: float = MARGIN_KM, *, shape: shapely.Geometry | None = None
    ) -> Suggestion:
        """Return a border changed so that a settlement lies inside, outside, or at a distance.

        Parameters
        ----------
        aim : Aim
        name : str
            Of the settlement, or its id.
        km : float
            By how much inside or outside, or how far away.
        shape : Polygon or MultiPolygon, optional
            The border to change; by default the one that holds.
        """
        town = self.settlement(name)
        border = self.shape if shape is None else shape
        frame = Frame.about(border, town.longitude)
        border, longitude = frame.shape(border), float(frame.longitude(np.array([town.longitude]))[0])
        if aim is Aim.AWAY:
            found = keep_away(border, town.name, shapely.Point(longitude, town.latitude), km)
        else:
            change = put_in if aim is Aim.INSIDE else put_out
            found = change(border, town.name, longitude, town.latitude, km)
        return replace(found, shape=frame.back(found.shape))

    def suggest_along(
        self,
        name: str,
        lines: Sequence[shapely.Geometry],
        within_km: float = FOLLOW_WITHIN_KM,
        *,
        shape: shapely.Geometry | None = None,
    ) -> Suggestion:
        """Return a border laid on lines, or on the borders of polygons, wherever it runs near them.

        Parameters
        ----------
        name : str
            Of the lines, for the sentence.
        lines : sequence of Geometry
        within_km : float
        shape : Polygon or MultiPolygon, optional
            The border to change; by default the one that holds.
        """
        outlines = [shapely.boundary(one) if shapely.get_dimensions(one) == 2 else one for one in lines]
        drawn = [one for one in outlines if shapely.get_dimensions(one) == 1]
        if not drawn:
            raise UsageError(
                f'"{name}" holds no line, and a border can only follow a line.',
                "Give lines, or polygons with borders.",
            )
        return follow(self.shape if shape is None else shape, name, shapely.union_all(drawn), within_km)

    def line(self, name: str) -> KnownLine:
        """Find a line on record near the border, by its id or a name.

        Raises
        ------
        UnknownRecordError
            When there is none of that name, or several.
        """
        found = [each for each in self.lines if each.is_called(name)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(each.line_id for each in found)
            raise UnknownRecordError(f'"{name}" is the name of {len(found)} lines.', f"Name one by its id: {ids}.")
        near = ", ".join(next(iter(each.names.values())) for each in self.lines) or "none"
        raise UnknownRecordError(
            f'There is no line "{name}" on record near the border of {self.area_id}.', f"On record near it: {near}."
        )

    def settlement(self, name: str) -> Place:
        """Find a settlement by its id or name.

        Raises
        ------
        UnknownRecordError
            When there is none of that name, or several.
        """
        if name in self.places:
            return self.places[name]
        found = [each for each in self.places.values() if plain_name(each.name) == plain_name(name)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(each.place_id for each in found)
            raise UnknownRecordError(
                f'"{name}" is the name of {len(found)} settlements.', f"Name one by its id: {ids}."
            )
        raise UnknownRecordError(
            f'There is no settlement "{name}" among the {len(self.places):,} known.',
            "Name one of control.yaml, or give a table that has it with --gazetteer.",
        )

    def days(self) -> tuple[date, date]:
        """Return the first and the last local day from which incidents count."""
        first, last = (
            datetime.fromtimestamp(at / 1e6, self.case.zone).date() for at in (self.period.start, self.period.end - 1)
        )
        return first, last


def borders_geojson(compared: Iterable[BorderCompared]) -> dict[str, Any]:
    """Return borders as a GeoJSON FeatureCollection, which can be edited and compared again."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": each.name},
                "geometry": json.loads(shapely.to_geojson(each.shape)),
            }
            for each in compared
        ],
    }
