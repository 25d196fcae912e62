"""Check incidents against the clauses of a case: the kernel behind `ceasefire findings`.

Every incident is checked against every prohibition for every accused candidate. The kernel asks its six questions once
a distinct situation (see `situations`), keeps the answers as *templates*, and leaves it to `FindingSet.table` to write
a row for each incident: counts over ten million incidents never need the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ceasefire.findings.accounts import Profile
from ceasefire.findings.questions import Location, Placing, Questions
from ceasefire.findings.rows import write_rows
from ceasefire.findings.situations import AreaPolygons, Situations, sort_into_situations
from ceasefire.findings.templates import Progress, Template, short_status
from ceasefire.model.outcome import Outcome
from ceasefire.model.vocabulary import Answer, Question, Status
from ceasefire.territory.areas import AreaIndex

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause

ValueT = TypeVar("ValueT")
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Located:
    """The first two answers for every situation and one clause.

    Parameters
    ----------
    force, placing : ndarray of int64, one a situation
        Indexes into `forces` and `placings`.
    decided : ndarray of bool, one a situation
        Whether one of the two is *no*, so that the later answers do not change the status.
    """

    clause: Clause
    forces: list[Outcome]
    force: Numbers
    placings: list[Placing]
    placing: Numbers
    decided: NDArray[np.bool_]

    def status_of_decided(self, situation: Numbers) -> Numbers:
        """Return, for decided situations, 0 for outside-time and 1 for outside-area."""
        outside_time = np.array([force.answer == Answer.NO for force in self.forces], dtype=bool)
        return np.where(outside_time[self.force[situation]], 0, 1)


@dataclass(slots=True)
class FindingSet:
    """The findings of a set of incidents, held by situation.

    Parameters
    ----------
    case : Case
        What they were checked against.
    incidents : Table
        Rows of `model.schemas.INCIDENT`, in the order given to the check.
    questions, situations, areas, boundaries
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
    _located: list[_Located]
    _could_match: NDArray[np.bool_]
    _templates: list[Template] = field(default_factory=list)
    _rows: list[tuple[Numbers, Numbers]] = field(default_factory=list)
    _complete: bool = False

    def count_by_status(self) -> dict[tuple[str, str], int]:
        """Return how many findings each clause has in each status, as ``(clause_id, status)``.

        The later questions are not asked where an earlier *no* has decided.
        """
        if not self._rows:
            self._ask(decided=False)
        sizes = self._sizes()
        counts: dict[tuple[str, str], int] = {}
        if not self._complete:
            for clause_number, located in enumerate(self._located):
                rows = self._decided_rows(clause_number)
                numbers = np.bincount(located.status_of_decided(rows), weights=sizes[rows], minlength=2)
                for status, number in zip((Status.OUTSIDE_TIME, Status.OUTSIDE_AREA), numbers, strict=True):
                    if number:
                        counts[located.clause.id, status.value] = int(number)
        for template, number in zip(self._templates, self._incidents_per_template(sizes), strict=True):
            key = (template.clause_id, template.status.value)
            counts[key] = counts.get(key, 0) + int(number)
        return {key: number for key, number in counts.items() if number}

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
        situation, template = self._all_rows()
        if keep is not None:
            kept = np.array([keep(one) for one in self._templates], dtype=bool)[template]
            situation, template = situation[kept], template[kept]
        incident, row = self._expand(situation)
        return write_rows(self, self._templates, incident, template[row], progress)

    def template_of(self, incident: int, clause_id: str, accused_id: str) -> Template:
        """Return the finding of one incident (by row number) for one clause and candidate.

        Raises
        ------
        KeyError
            When there is none: the act could never fall under the clause, or nobody accuses the candidate.
        """
        situation, template = self._all_rows()
        for number in template[situation == self.situations.of_incident[incident]].tolist():
            found: Template = self._templates[number]
            if (found.clause_id, found.accused_id) == (clause_id, accused_id):
                return found
        raise KeyError((clause_id, accused_id))

    def _sizes(self) -> Numbers:
        return np.bincount(self.situations.of_incident, minlength=len(self.situations.profile)).astype(np.int64)

    def _incidents_per_template(self, sizes: Numbers) -> Numbers:
        counts = np.zeros(len(self._templates), dtype=np.int64)
        for situation, template in self._rows:
            np.add.at(counts, template, sizes[situation])
        return counts

    def _all_rows(self) -> tuple[Numbers, Numbers]:
        """Return the situation and the template of every row, ordered by situation, clause and candidate."""
        if not self._rows:
            self._ask(decided=False)
        if not self._complete:
            self._ask(decided=True)
            self._complete = True
        situation = np.concatenate([rows[0] for rows in self._rows]) if self._rows else np.zeros(0, np.int64)
        template = np.concatenate([rows[1] for rows in self._rows]) if self._rows else np.zeros(0, np.int64)
        clauses = {located.clause.id: number for number, located in enumerate(self._located)}
        rank = np.array([clauses[one.clause_id] for one in self._templates], dtype=np.int64)
        candidates = {name: number for number, name in enumerate(sorted({t.accused_id for t in self._templates}))}
        accused = np.array([candidates[one.accused_id] for one in self._templates], dtype=np.int64)
        order = np.lexsort((accused[template], rank[template], situation))
        return situation[order], template[order]

    def _expand(self, situation: Numbers) -> tuple[Numbers, Numbers]:
        """Return, for each row to write, the number of its incident and of its row among those given."""
        of_incident = self.situations.of_incident
        counts = np.bincount(situation, minlength=len(self.situations.profile))
        starts = np.cumsum(counts) - counts
        per_incident = counts[of_incident]
        incident = np.repeat(np.arange(len(of_incident)), per_incident)
        within = np.arange(len(incident)) - np.repeat(np.cumsum(per_incident) - per_incident, per_incident)
        return incident, starts[of_incident[incident]] + within

    def _decided_rows(self, clause_number: int) -> Numbers:
        """Return the situations that one of the first two answers decides, once for each candidate."""
        located = self._located[clause_number]
        stored = self._could_match[clause_number][self.situations.profile]
        situation = np.flatnonzero(located.decided & stored)
        candidates = np.array([len(profile.candidates) for profile in self.situations.profiles], dtype=np.int64)
        return np.repeat(situation, candidates[self.situations.profile[situation]])

    def _ask(self, *, decided: bool) -> None:
        """Ask the remaining four questions, of the situations already decided or of the others."""
        by_profile = _grouped(self.situations.profile, len(self.situations.profiles))
        for clause_number, located in enumerate(self._located):
            for profile_number, members in enumerate(by_profile):
                if not self._could_match[clause_number, profile_number]:
                    continue
                rows = members[located.decided[members] == decided]
                if not len(rows):
                    continue
                profile = self.situations.profiles[profile_number]
                for candidate in profile.candidates:
                    self._rows.append((rows, self._templates_for(located, profile, candidate, rows)))

    def _templates_for(self, located: _Located, profile: Profile, candidate: str, rows: Numbers) -> Numbers:
        """Ask about one clause, profile and candidate; returns the number of each row's template."""
        ask, situations, clause = self.questions, self.situations, located.clause
        placings = located.placings
        areas = sorted({placings[number].areas for number in np.unique(located.placing[rows]).tolist()})
        area_of = {named: number for number, named in enumerate(areas)}
        area = np.array([area_of.get(placing.areas, 0) for placing in placings], dtype=np.int64)[located.placing[rows]]
        nothing = np.zeros(len(rows), dtype=np.int64)
        location = situations.location[rows].astype(np.int64) if clause.exceptions else nothing
        asked = {
            Question.ACT: (nothing, lambda _, a, b: ask.act(clause, profile, candidate, a, b)),
            Question.BOUND: (area, lambda n, a, b: ask.bound(clause, profile, candidate, areas[n], a, b)),
            Question.COVERED_TARGET: (
                area,
                lambda n, a, b: ask.covered_target(clause, profile, candidate, areas[n], a, b),
            ),
            Question.EXCEPTION: (
                location,
                lambda n, a, b: ask.exception(clause, profile, candidate, situations.locations[n], a, b),
            ),
        }
        outcomes: dict[Question, list[Outcome]] = {}
        columns = [located.force[rows], located.placing[rows]]
        for question, (where, answer) in asked.items():
            stretches = ask.stretches(question, clause, profile, candidate)
            outcomes[question], numbers = _asked_once(situations, rows, stretches, where, answer)
            columns.append(numbers)
        readings, reading = _asked_once(
            situations, rows, self._reading_stretches(clause), nothing, lambda _, a, _b: ask.reading_in_use(clause, a)
        )
        first, number = _distinct([*columns, reading])
        begin = len(self._templates)
        for row in first.tolist():
            placing = placings[located.placing[rows[row]]]
            answers = {
                Question.IN_FORCE: located.forces[located.force[rows[row]]],
                Question.IN_AREA: placing.outcome,
                **{
                    question: outcomes[question][column[row]]
                    for question, column in zip(asked, columns[2:], strict=True)
                },
            }
            status = short_status({question: outcome.answer for question, outcome in answers.items()})
            said = (profile, readings[int(reading[row])])
            self._templates.append(Template(clause.id, candidate, *said, placing, answers, status))
        return begin + number

    def _reading_stretches(self, clause: Clause) -> list[int]:
        return self.questions.stretches(Question.BOUND, clause, Profile.read("[]"))


def check_incidents(
    case: Case,
    incidents: pa.Table,
    *,
    boundaries: AreaPolygons | None = None,
    reading: str | None = None,
    pinned: Mapping[str, Answer] | None = None,
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
    pinned : mapping of str to Answer, optional
        For versions of areas by id: what to answer for every place, in place of where their borders run.
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
    tell = progress or (lambda *_: None)
    versions = {
        version.id: (version, case.geometries[version.id]) for area in case.areas.values() for version in area.versions
    }
    areas = AreaIndex(versions)
    questions = Questions(case, areas.version_ids, reading)
    tell("sorting incidents by situation", 0, incidents.num_rows)
    situations = sort_into_situations(incidents, questions.timeline, areas, boundaries)
    if pinned:
        situations = replace(situations, locations=tuple(_pinned(one, areas, pinned) for one in situations.locations))
    clauses = [clause for clause in case.clauses.values() if clause.kind == "prohibits"]
    located = []
    for number, clause in enumerate(clauses):
        tell("checking clauses", number, len(clauses))
        located.append(_locate(questions, situations, clause))
    tell("checking clauses", len(clauses), len(clauses))
    could_match = np.array(
        [[questions.act_could_match(clause, profile) for profile in situations.profiles] for clause in clauses],
        dtype=bool,
    ).reshape(len(clauses), len(situations.profiles))
    sizes = np.bincount(situations.of_incident, minlength=len(situations.profile))
    not_stored = int((sizes * (~could_match[:, situations.profile]).sum(axis=0)).sum())
    return FindingSet(case, incidents, questions, situations, areas, boundaries, not_stored, located, could_match)


def _pinned(location: Location, areas: AreaIndex, pinned: Mapping[str, Answer]) -> Location:
    answers = zip(areas.version_ids, location.answers, strict=True)
    return replace(location, answers=tuple(pinned.get(version, answer) for version, answer in answers))


def _locate(questions: Questions, situations: Situations, clause: Clause) -> _Located:
    """Ask the first two questions of every situation."""
    rows = np.arange(len(situations.profile))
    forces, force = _asked_once(
        situations,
        rows,
        questions.stretches(Question.IN_FORCE, clause),
        np.zeros(len(rows), dtype=np.int64),
        lambda _, a, b: questions.in_force(clause, a, b),
    )
    placings, placing = _asked_once(
        situations,
        rows,
        questions.stretches(Question.IN_AREA, clause),
        situations.location.astype(np.int64),
        lambda place, a, b: questions.in_area(clause, situations.locations[place], a, b),
    )
    outside_time = np.array([outcome.answer == Answer.NO for outcome in forces], dtype=bool)
    outside_area = np.array([one.outcome.answer == Answer.NO for one in placings], dtype=bool)
    decided = outside_time[force] | outside_area[placing]
    return _Located(clause, forces, force, placings, placing, decided)


def _asked_once(
    situations: Situations,
    rows: Numbers,
    stretches: Sequence[int],
    where: Numbers,
    ask: Callable[[int, int, int], ValueT],
) -> tuple[list[ValueT], Numbers]:
    """Ask once each distinct (where, first stretch, last stretch) of the rows.

    Returns
    -------
    list, ndarray of int64
        The distinct answers, and the number of each row's answer.
    """
    first_of = np.asarray(stretches, dtype=np.int64)
    first, last = first_of[situations.first_segment[rows]], first_of[situations.last_segment[rows]]
    size = len(first_of)
    keys, number = np.unique((where * size + first) * size + last, return_inverse=True)
    answers = [ask(int(key // size // size), int(key // size % size), int(key % size)) for key in keys.tolist()]
    return answers, number


def _distinct(columns: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """Return the first row of each distinct combination of the columns, and the number of each row's combination."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        # numbered afresh each time, so that the product of the sizes cannot overflow
        _, combined = np.unique(combined * (int(column.max(initial=0)) + 1) + column, return_inverse=True)
    _, first, number = np.unique(combined, return_index=True, return_inverse=True)
    return first, number


def _grouped(numbers: NDArray[np.int32], count: int) -> list[Numbers]:
    """Return, for each number below `count`, the positions at which it stands."""
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=count))
    return np.split(order, ends[:-1]) if count else []
