"""Which clause checks would come out otherwise, had a border run elsewhere.

A border changes one answer of a clause check, whether the place lies *in the area*. So every incident is checked once
for each of the three answers, as if the border had held all the time; what a drawing changes is then looked up, which
is quick enough to follow a hand that drags a corner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.deployment.borders.ground import Ground
from ceasefire.findings.check import check_incidents
from ceasefire.model.vocabulary import Answer
from ceasefire.territory.records import AreaVersion

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case

Codes = NDArray[np.int32]
Answers = NDArray[np.uint8]
_ANSWERS = (Answer.NO, Answer.UNDETERMINED, Answer.YES)
_GROUP = ("clause_id", "accused_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFindings:
    """Clause checks of one clause and accused that would change alike.

    Parameters
    ----------
    clause_id : str
    accused_id : str or None
        None: nobody accuses anybody.
    before, after : str
        Status under the current border and under the proposed one.
    incident_ids : tuple of str
    """

    clause_id: str
    accused_id: str | None
    before: str
    after: str
    incident_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderChecks:
    """The clause checks of incidents for every answer that a border could give.

    Parameters
    ----------
    incident_ids : list of str, one an incident
    incident : array of int32, shape (n,)
        Of each clause check: its incident.
    groups : list of (str, str or None)
        Clause and accused.
    group : array of int32, shape (n,)
        Of each clause check: index into `groups`.
    statuses : list of str
    status : array of int32, shape (4, n)
        Index into `statuses`, by the value of the `Answer`.
    """

    incident_ids: list[str]
    incident: Codes
    groups: list[tuple[str, str | None]]
    group: Codes
    statuses: list[str]
    status: Codes

    @classmethod
    def of(
        cls, case: Case, area_id: str, version: AreaVersion, ground: Ground, *, reading: str | None = None
    ) -> BorderChecks:
        """Check the incidents against the clauses that name an area.

        Parameters
        ----------
        case : Case
        area_id : str
        version : AreaVersion
            The version of the area that stands for its border.
        ground : Ground
        reading : str, optional
            An interpretation to use in place of those in force.
        """
        always = version.model_copy(update={"valid_from": (), "valid_until": ()})
        named = {
            key: clause
            for key, clause in case.clauses.items()
            if clause.areas != "everywhere" and area_id in clause.areas
        }
        drawn = replace(
            case,
            areas={**case.areas, area_id: case.areas[area_id].model_copy(update={"versions": (always,)})},
            clauses=named,
        )
        tables = [
            check_incidents(
                drawn, ground.incidents, boundaries=ground.boundaries, reading=reading, pinned={version.id: answer}
            ).table()
            for answer in _ANSWERS
        ]
        ids = ground.incidents["incident_id"].to_pylist()
        row = {incident: number for number, incident in enumerate(ids)}
        first = tables[0]
        pairs = list(zip(*(first[name].to_pylist() for name in _GROUP), strict=True))
        groups = sorted(set(pairs), key=lambda pair: tuple(word or "" for word in pair))
        number = {pair: code for code, pair in enumerate(groups)}
        statuses = sorted({status for table in tables for status in table["status"].unique().to_pylist()})
        code = pa.array(statuses, pa.string())
        status = np.zeros((max(Answer) + 1, first.num_rows), dtype=np.int32)
        for answer, table in zip(_ANSWERS, tables, strict=True):
            status[answer] = pc.index_in(table["status"].cast(pa.string()), code).to_numpy()
        return cls(
            incident_ids=ids,
            incident=np.array([row[each] for each in first["incident_id"].to_pylist()], dtype=np.int32),
            groups=groups,
            group=np.array([number[pair] for pair in pairs], dtype=np.int32),
            statuses=statuses,
            status=status,
        )

    def turning(self) -> NDArray[np.int64]:
        """Return how many clause checks of each incident turn on whether it lies inside; shape (incidents,)."""
        turns = self.status[Answer.YES] != self.status[Answer.NO]
        return np.bincount(self.incident[turns], minlength=len(self.incident_ids)).astype(np.int64)

    def changed(self, before: Answers, after: Answers) -> tuple[ChangedFindings, ...]:
        """Return the clause checks that come out otherwise.

        Parameters
        ----------
        before, after : array of uint8, one an incident
            `Answer` values of the border that holds and of a proposed one.
        """
        checks = np.arange(len(self.incident))
        was, then = (self.status[answers[self.incident], checks] for answers in (before, after))
        turned = np.flatnonzero(was != then)
        kinds, kind = np.unique(
            np.column_stack([self.group[turned], was[turned], then[turned]]), axis=0, return_inverse=True
        )
        by_kind = np.argsort(kind.ravel(), kind="stable")
        ends = np.cumsum(np.bincount(kind.ravel(), minlength=len(kinds)))[:-1]
        found = []
        for (group, one, other), rows in zip(kinds.tolist(), np.split(turned[by_kind], ends), strict=len(kinds) > 0):
            clause_id, accused_id = self.groups[group]
            found.append(
                ChangedFindings(
                    clause_id=clause_id,
                    accused_id=accused_id,
                    before=self.statuses[one],
                    after=self.statuses[other],
                    incident_ids=tuple(sorted(self.incident_ids[each] for each in self.incident[rows].tolist())),
                )
            )
        return tuple(found)
