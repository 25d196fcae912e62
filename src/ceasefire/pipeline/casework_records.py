"""What a case file may name: parties and clauses of the case, records of the results; what is none is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from ceasefire.casework.evidence import OWN
from ceasefire.model.errors import UsageError
from ceasefire.model.schema_faults import listed, suggestion

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.pipeline.served import Snapshot

_PARTIES = frozenset({"accused", "filed_by", "party", "side", "attributed_to", "bearer", "agreed_by", "denied_by"})
_TABLES = {
    "incident_ids": ("incident", "incidents"),
    "finding_ids": ("finding", "findings"),
    "report_ids": ("report", "reports"),
}


@dataclass(slots=True, kw_only=True)
class CaseRecords:
    """What can be looked up while somebody works on case files.

    Parameters
    ----------
    case : Case
        As last adopted.
    results : callable
        Returns the latest results; raises `StaleResultError` where there are none. Asked only for what needs them.
    obligations : callable
        Returns the ids of obligations that have fallen due, or will.
    """

    case: Case
    results: Callable[[], Snapshot]
    obligations: Callable[[], frozenset[str]]
    _found: dict[tuple[str, str], bool] = field(default_factory=dict)

    def refuse_unknown(self, said: Mapping[str, Any]) -> None:
        """Raise when something that is said names what is not known.

        Raises
        ------
        UsageError
            Naming it, and what there is.
        """
        for name, ids in _named(said):
            if name in _PARTIES:
                _refuse(ids, self.case.actors.actors, "The case has no actor", "Actors")
            elif name == "clause_ids":
                _refuse(ids, self.case.clauses, "The case has no clause", "Clauses")
            elif name in _TABLES:
                noun, table = _TABLES[name]
                self._refuse_absent(ids, (noun,), (table,))
            elif name == "obligation_ids":
                self._refuse_absent(ids, ("obligation",), ("obligations",))
            elif name == "evidence":
                cited = [each for each in ids if each.partition(":")[0] not in OWN]
                nouns = ("report", "incident", "finding", "obligation", "piece of evidence of the case")
                self._refuse_absent(cited, nouns, ("reports", "incidents", "findings", "obligations", "evidence"))

    def _refuse_absent(self, ids: Iterable[str], nouns: tuple[str, ...], tables: tuple[str, ...]) -> None:
        absent = [each for each in ids if not any(self._holds(table, each) for table in tables)]
        if absent:
            raise UsageError(
                f"The record holds no {', no '.join(nouns)} called {', '.join(absent)}.",
                "Ids are written in full, as its pages show them; own documents are cited as attachment:POSITION.",
            )

    def _holds(self, table: str, record_id: str) -> bool:
        key = table, record_id
        if key not in self._found:
            self._found[key] = self._looked_up(table, record_id)
        return self._found[key]

    def _looked_up(self, table: str, record_id: str) -> bool:
        if table == "evidence":
            return any(item.id == record_id for item in self.case.evidence)
        if table == "obligations":
            return record_id in self.obligations()
        column = getattr(self.results(), table)[f"{table[:-1]}_id"]
        return int(pc.index(column, record_id).as_py()) >= 0


def _refuse(ids: Iterable[str], known: Iterable[str], what: str, heading: str) -> None:
    absent = [each for each in ids if each not in known]
    if absent:
        near = suggestion(absent[0], known)
        raise UsageError(f"{what} {', '.join(absent)}.", f"{near}{heading}: {listed(sorted(known))}.")


def _named(said: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield every key below with the ids it holds; an edit of a field is the field's."""
    if isinstance(said, Mapping):
        if {"field", "value"} <= said.keys() and isinstance(said["field"], str):
            yield from _named({said["field"]: said["value"]})
        for name, value in said.items():
            ids = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
            if ids and all(isinstance(each, str) for each in ids):
                yield str(name), list(ids)
            else:
                yield from _named(value)
    elif isinstance(said, list | tuple):
        for item in said:
            yield from _named(item)
