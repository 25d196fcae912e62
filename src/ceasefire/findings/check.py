"""Check incidents against the clauses of a case: the kernel behind `ceasefire findings`.

Every incident is checked against every prohibition for every accused candidate. The kernel asks its six questions once
a distinct situation (see `situations`), keeps the answers as *templates*, and leaves it to `FindingSet.table` to write
a row for each incident: counts over ten million incidents never need the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ceasefire.findings.accounts import NOBODY
from ceasefire.findings.questions import Placing, Questions
from ceasefire.findings.situations import AreaPolygons, Situations, incident_places, sort_into_situations
from ceasefire.model.canonical import stable_id
from ceasefire.model.outcome import Outcome, merged
from ceasefire.model.schemas import FINDING, WORD
from ceasefire.model.vocabulary import Answer, Question, Status
from ceasefire.territory.areas import AreaIndex

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_STATUS_OF_NO = {
    Question.IN_FORCE: Status.OUTSIDE_TIME,
    Question.IN_AREA: Status.OUTSIDE_AREA,
    Question.ACT: Status.NOT_A_CLAUSE,
    Question.BOUND: Status.NOT_BOUND,
    Question.COVERED_TARGET: Status.EXEMPT_TARGET,
}


def short_status(answers: dict[Question, Answer]) -> Status:
    """Return the short status of six answers.

    The first *no* decides, in the order of the questions; then an established exception; then doubt.

    Examples
    --------
    >>> yes = dict.fromkeys(Question, Answer.YES) | {Question.EXCEPTION: Answer.NO}
    >>> short_status(yes).value
    'alleged-violation'
    >>> short_status(yes | {Question.BOUND: Answer.CONTESTED, Question.ACT: Answer.UNDETERMINED}).value
    'contested'
    """
    for question, status in _STATUS_OF_NO.items():
        if answers[question] == Answer.NO:
            return status
    if answers[Question.EXCEPTION] == Answer.YES:
        return Status.EXCEPTED
    if Answer.CONTESTED in answers.values():
        return Status.CONTESTED
    if Answer.UNDETERMINED in answers.values():
        return Status.UNDETERMINED
    return Status.ALLEGED_VIOLATION


@dataclass(frozen=True, slots=True)
class Template:
    """The finding that every incident of one situation has for one clause and one candidate.

    Parameters
    ----------
    situation : int
        Index of the situation.
    clause_id, accused_id : str
        `accused_id` is empty where nobody is named.
    placing : Placing
        The answer to "in the area", and the areas it may lie in.
    outcomes : dict of Question to Outcome
        All six.
    status : Status
        The short status.
    """

    situation: int
    clause_id: str
    accused_id: str
    placing: Placing
    outcomes: dict[Question, Outcome]
    status: Status

    @property
    def zone_id(self) -> str | None:
        """The one area it lies or may lie in; None for none or several."""
        return self.placing.areas[0] if len(self.placing.areas) == 1 else None

    @property
    def zone_version(self) -> str | None:
        """The version of that area."""
        return self.placing.versions[0] if self.zone_id and len(self.placing.versions) == 1 else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reason codes of all six answers, in the order of the questions."""
        return merged(reason for question in Question for reason in self.outcomes[question].reasons)


@dataclass(frozen=True, slots=True)
class _Prospect:
    """A template whose first two answers are known: the rest is asked only when it is needed."""

    situation: int
    clause: Clause
    candidate: str
    in_force: Outcome
    placing: Placing


@dataclass(slots=True)
class FindingSet:
    """The findings of a set of incidents, held by situation.

    Parameters
    ----------
    case : Case
        What they were checked against.
    incidents : Table
        Rows of `model.schemas.INCIDENT`, in the order given to the check.
    questions, situations, areas
        The parts of the check, kept to explain it.
    pairs_not_stored : int
        Incident x clause pairs whose act could never fall under the clause: counted, not stored.
    """

    case: Case
    incidents: pa.Table
    questions: Questions
    situations: Situations
    areas: AreaIndex
    boundaries: AreaPolygons | None
    pairs_not_stored: int
    _prospects: list[_Prospect]
    _finished: dict[int, Template] = field(default_factory=dict)

    def templates(self) -> list[Template]:
        """Return the finding of every situation, clause and candidate; asks what has not been asked yet."""
        return [self._template(number) for number in range(len(self._prospects))]

    def template_of(self, incident: int, clause_id: str, accused_id: str) -> Template:
        """Return the finding of one incident (by row number) for one clause and candidate.

        Raises
        ------
        KeyError
            When there is none: the act could never fall under the clause, or nobody accuses the candidate.
        """
        situation = int(self.situations.of_incident[incident])
        for number, prospect in enumerate(self._prospects):
            if (prospect.situation, prospect.clause.id, prospect.candidate) == (situation, clause_id, accused_id):
                return self._template(number)
        raise KeyError((clause_id, accused_id))

    def incidents_per_template(self) -> NDArray[np.int64]:
        """Return how many incidents share each template, in the order of `templates`."""
        sizes = np.bincount(self.situations.of_incident, minlength=len(self.situations.profile))
        return sizes[[prospect.situation for prospect in self._prospects]] if self._prospects else np.zeros(0, np.int64)

    def count_by_status(self) -> dict[tuple[str, str], int]:
        """Return how many findings each clause has in each status, as ``(clause_id, status)``.

        Works without asking the later questions where an earlier *no* has decided.
        """
        counts: dict[tuple[str, str], int] = {}
        for number, (prospect, size) in enumerate(zip(self._prospects, self.incidents_per_template(), strict=True)):
            if prospect.in_force.answer == Answer.NO:
                status = Status.OUTSIDE_TIME
            elif prospect.placing.outcome.answer == Answer.NO:
                status = Status.OUTSIDE_AREA
            else:
                status = self._template(number).status
            key = (prospect.clause.id, status.value)
            counts[key] = counts.get(key, 0) + int(size)
        return counts

    def table(self, *, keep: Callable[[Template], bool] | None = None, progress: Progress | None = None) -> pa.Table:
        """Write the findings out, one row an incident, clause and candidate.

        Parameters
        ----------
        keep : callable, optional
            Chooses templates; by default all.

        Returns
        -------
        Table
            Of schema `model.schemas.FINDING`, in the order of the incidents, then clauses, then candidates.
        """
        chosen = [template for template in self.templates() if keep is None or keep(template)]
        incident, template_number = self._expand(chosen)
        return _write_rows(self, chosen, incident, template_number, progress)

    def _expand(self, chosen: Sequence[Template]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return, for each row, the number of its incident and of its template."""
        by_situation = np.array([template.situation for template in chosen], dtype=np.int64)
        order = np.argsort(by_situation, kind="stable")
        sizes = np.bincount(by_situation, minlength=len(self.situations.profile))
        starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
        per_incident = sizes[self.situations.of_incident]
        incident = np.repeat(np.arange(len(per_incident)), per_incident)
        within = np.arange(len(incident)) - np.repeat(np.cumsum(per_incident) - per_incident, per_incident)
        return incident, order[starts[self.situations.of_incident[incident]] + within]

    def _template(self, number: int) -> Template:
        if number not in self._finished:
            self._finished[number] = self._finish(self._prospects[number])
        return self._finished[number]

    def _finish(self, prospect: _Prospect) -> Template:
        """Ask the remaining four questions."""
        situations, ask = self.situations, self.questions
        at = prospect.situation
        profile = situations.profiles[situations.profile[at]]
        location = situations.locations[situations.location[at]]
        first, last = int(situations.first_segment[at]), int(situations.last_segment[at])
        clause, candidate, areas = prospect.clause, prospect.candidate, prospect.placing.areas
        outcomes = {
            Question.IN_FORCE: prospect.in_force,
            Question.IN_AREA: prospect.placing.outcome,
            Question.ACT: ask.act(clause, profile, candidate, first, last),
            Question.BOUND: ask.bound(clause, candidate, areas, first, last),
            Question.COVERED_TARGET: ask.covered_target(clause, profile, candidate, areas, first, last),
            Question.EXCEPTION: ask.exception(clause, profile, candidate, location, first, last),
        }
        status = short_status({question: outcome.answer for question, outcome in outcomes.items()})
        return Template(at, clause.id, candidate, prospect.placing, outcomes, status)


def check_incidents(
    case: Case,
    incidents: pa.Table,
    *,
    boundaries: AreaPolygons | None = None,
    reading: str | None = None,
    progress: Progress | None = None,
) -> FindingSet:
    """Check incidents against every prohibition of a case.

    Parameters
    ----------
    case : Case
        The agreement as data.
    incidents : Table
        Of schema `model.schemas.INCIDENT`; only the columns on time, place and claims are read here.
    boundaries : AreaPolygons, optional
        Polygons of the administrative areas that incidents may be known to.
    reading : str, optional
        An interpretation to use in place of all others of its clause.
    progress : callable, optional
        Told how far the check is.

    Returns
    -------
    FindingSet
        Rows are written on demand.

    Raises
    ------
    KeyError
        When `reading` is not an interpretation of the case.
    """
    if reading is not None and reading not in case.interpretations:
        raise KeyError(reading)
    versions = {
        version.id: (version, case.geometries[version.id]) for area in case.areas.values() for version in area.versions
    }
    areas = AreaIndex(versions)
    questions = Questions(case, areas.version_ids, reading)
    tell = progress or (lambda *_: None)
    tell("sorting incidents by situation", 0, incidents.num_rows)
    situations = sort_into_situations(incidents, questions.timeline, areas, boundaries)
    prospects, pairs_not_stored = _prospects(case, questions, situations, tell)
    return FindingSet(case, incidents, questions, situations, areas, boundaries, pairs_not_stored, prospects)


def _prospects(case: Case, questions: Questions, situations: Situations, tell: Progress) -> tuple[list[_Prospect], int]:
    """Ask the first two questions of every situation and clause, and count the pairs whose act could never match."""
    clauses = [clause for clause in case.clauses.values() if clause.kind == "prohibits"]
    sizes = np.bincount(situations.of_incident, minlength=len(situations.profile))
    could_match = [
        tuple(questions.act_could_match(clause, profile) for clause in clauses) for profile in situations.profiles
    ]
    prospects: list[_Prospect] = []
    pairs_not_stored = 0
    rows = zip(
        situations.profile.tolist(),
        situations.location.tolist(),
        situations.first_segment.tolist(),
        situations.last_segment.tolist(),
        sizes.tolist(),
        strict=True,
    )
    for number, (profile, location, first, last, size) in enumerate(rows):
        if number % 1000 == 0:
            tell("checking situations", number, len(sizes))
        for clause, possible in zip(clauses, could_match[profile], strict=True):
            if not possible:
                pairs_not_stored += size
                continue
            in_force = questions.in_force(clause, first, last)
            placing = questions.in_area(clause, situations.locations[location], first, last)
            prospects += [
                _Prospect(number, clause, candidate, in_force, placing)
                for candidate in situations.profiles[profile].candidates
            ]
    tell("checking situations", len(sizes), len(sizes))
    return prospects, pairs_not_stored


def _write_rows(
    found: FindingSet,
    chosen: Sequence[Template],
    incident: NDArray[np.int64],
    template_number: NDArray[np.int64],
    progress: Progress | None,
) -> pa.Table:
    situations, case = found.situations, found.case
    incident_ids = found.incidents["incident_id"].to_pylist()
    keys = [f"{t.clause_id}\x1f{t.accused_id}\x1f{found.questions.chosen_reading or ''}" for t in chosen]
    finding_ids = [
        stable_id("find", incident_ids[row], keys[number])
        for row, number in zip(incident.tolist(), template_number.tolist(), strict=True)
    ]

    def words(value_of: Callable[[Template], Any]) -> pa.Array:
        values = pa.array([value_of(template) for template in chosen], type=pa.string()).dictionary_encode()
        return values.cast(WORD).take(pa.array(template_number))

    def values(value_of: Callable[[Template], Any], kind: pa.DataType) -> pa.Array:
        return pa.array([value_of(template) for template in chosen], type=kind).take(pa.array(template_number))

    def profile_of(template: Template) -> Any:
        return situations.profiles[situations.profile[template.situation]]

    def first_of(template: Template) -> int:
        return int(situations.first_segment[template.situation])

    answer_columns = {
        question.value.replace("-", "_"): words(lambda t, q=question: t.outcomes[q].answer.label)  # type: ignore[misc]
        for question in Question
    }
    columns = {
        "finding_id": pa.array(finding_ids, type=pa.string()),
        "incident_id": pa.array(incident_ids, type=pa.string()).take(pa.array(incident)),
        "clause_id": words(lambda t: t.clause_id),
        "instrument_id": words(lambda t: case.clauses[t.clause_id].instrument),
        "zone_id": words(lambda t: t.zone_id),
        "zone_version": words(lambda t: t.zone_version),
        "accused_id": words(lambda t: t.accused_id or None),
        "status": words(lambda t: t.status.value),
        **answer_columns,
        "reasons": values(lambda t: list(t.reasons), pa.list_(pa.string())),
        "share_inside": _shares(found, chosen, incident, template_number, progress),
        "civilian_victims": words(lambda t: profile_of(t).civilian_victims.label),
        "mixed_target": values(
            lambda t: (
                t.accused_id != NOBODY
                and found.questions.mixed_target(
                    case.clauses[t.clause_id], profile_of(t), t.accused_id, t.placing.areas, first_of(t)
                )
            ),
            pa.bool_(),
        ),
        "alleged_by": values(lambda t: list(profile_of(t).alleged_by(t.accused_id)), pa.list_(pa.string())),
        "reading_id": words(lambda t: found.questions.reading_in_use(case.clauses[t.clause_id], first_of(t))),
    }
    return pa.table({name: columns[name] for name in FINDING.names}, schema=FINDING)


def _shares(
    found: FindingSet,
    chosen: Sequence[Template],
    incident: NDArray[np.int64],
    template_number: NDArray[np.int64],
    progress: Progress | None,
) -> pa.Array:
    """Return the share of each row's place that lies in its area; null where there is no one area or no extent."""
    shares = np.full(len(incident), np.nan, dtype=np.float32)
    version_of = np.array([template.zone_version or "" for template in chosen], dtype=object)
    places = incident_places(found.incidents)
    areas_named = found.incidents["area_name"].to_pylist() if found.boundaries is not None else []
    certain = {Answer.YES: 1.0, Answer.NO: 0.0}
    known = np.array([certain.get(t.placing.outcome.answer, np.nan) for t in chosen], dtype=np.float32)
    for done, version in enumerate(sorted(set(version_of.tolist()) - {""})):
        if progress is not None:
            progress("measuring shares of places inside areas", done, len(version_of))
        rows = np.flatnonzero(version_of[template_number] == version)
        shares[rows] = known[template_number[rows]]
        rows = rows[np.isnan(shares[rows])]
        unique, inverse = np.unique(incident[rows], return_inverse=True)
        measured = found.areas.share_inside(
            version, places["longitude"][unique], places["latitude"][unique], places["place_radius_km"][unique]
        )
        if found.boundaries is not None:
            for position in np.flatnonzero(np.isnan(places["longitude"][unique])).tolist():
                polygon = found.boundaries.find(areas_named[unique[position]] or "")
                if polygon is not None:
                    measured[position] = found.areas.share_inside_polygon(version, polygon)
        shares[rows] = measured[inverse]
    return pa.array(shares, from_pandas=True)
