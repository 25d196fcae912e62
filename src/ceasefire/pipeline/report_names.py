"""The names people give reports: ids of reports or incidents, the beginning of one, or the source's own id."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.agreement.citation import title_of
from ceasefire.fusion.canonical import whole
from ceasefire.model.errors import UsageError
from ceasefire.model.vocabulary import ReportKind

if TYPE_CHECKING:
    from ceasefire.pipeline.state import State

_SHOWN = 4
_HOW = (
    "Name a report by its id (rep-…), an incident by its (inc-…), the beginning of either, or a report as its source "
    "does, such as patrol-log:2021-117."
)


@dataclass(frozen=True, slots=True)
class Named:
    """A report that somebody named.

    Parameters
    ----------
    said : str
        How.
    report_id : str
        Of an incident, its earliest report.
    incident_id : str or None
        Where an incident was named.
    """

    said: str
    report_id: str
    incident_id: str | None = None


@dataclass
class ReportNames:
    """Finds the reports that people mean, and names them to people; made by `ReportNames.of`.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, all that are held.
    links : pa.Table
        Of reports to incidents, as last published.
    """

    reports: pa.Table
    links: pa.Table
    state: State = field(repr=False)

    @classmethod
    def of(cls, state: State) -> ReportNames:
        """Prepare names from the reports held and the incidents as people were last shown them.

        Raises
        ------
        StaleResultError
            When reports have never been fused.
        """
        fused = state.find_fused() or state.store.published or state.fused()
        return cls(state.reports, fused.table("links"), state)

    def find(self, said: str) -> Named:
        """Return the report that is meant.

        Raises
        ------
        UsageError
            When there is none, or several could be meant.
        """
        text = said.strip()
        if ":" in text:
            return Named(said, self._of_source(text))
        if text.startswith("inc-"):
            incident = self._incident(text)
            return Named(said, self.reports_of(incident)[0], incident)
        if text.startswith("rep-"):
            return Named(said, self._one_of(self._ids, text, "report"))
        raise UsageError(f'"{said}" names neither a report nor an incident.', _HOW)

    @property
    def ids(self) -> pa.Array:
        """The ids of all reports held."""
        return whole(self.reports["report_id"])

    def take(self, reports: Iterable[str]) -> pa.Table:
        """Return some of the reports held, in no order."""
        return self.reports.take(pa.array(sorted(self._row[one] for one in reports), pa.int64()))

    def holds(self, report_id: str) -> bool:
        """Say whether a report is held."""
        return report_id in self._row

    def reports_of(self, incident_id: str) -> list[str]:
        """Return the reports of an incident, the earliest first."""
        return self._incidents[incident_id]

    def is_total(self, report_id: str) -> bool:
        """Say whether a report counts over an area and a period."""
        return bool(self.reports["kind"][self._row[report_id]].as_py() == ReportKind.TOTAL.value)

    def record(self, report_id: str) -> str:
        """Return a report as its source names it."""
        if report_id not in self._row:
            return f"{report_id}, no longer held,"
        row = self._row[report_id]
        return f"{self.source(self.reports['source_id'][row].as_py())} {self.reports['source_report_id'][row].as_py()}"

    def source(self, source_id: str) -> str:
        """Return the name of a source."""
        speaker = self.state.case.speakers.get(source_id)
        return title_of(speaker.names) if speaker else source_id

    def group_words(self, group: Iterable[str]) -> str:
        """Return a group of reports as the incident that it is or would be."""
        members = sorted(group, key=self._recorded)
        of = f"{len(members)} reports" if len(members) > 1 else "1 report"
        return f"inc-{members[0].removeprefix('rep-')} ({of})"

    def incident_of(self, report_id: str) -> str | None:
        """Return the incident that a report is of, as last published."""
        return self._incident_of.get(report_id)

    def _recorded(self, report_id: str) -> tuple[int, str]:
        at = self.reports["recorded_at"][self._row[report_id]].value
        return (at if at is not None else 1 << 62, report_id)

    def _of_source(self, text: str) -> str:
        found = self._by_source.get(text)
        if found is None:
            source = text.partition(":")[0]
            known = pc.unique(self.reports["source_id"].cast(pa.string())).sort().to_pylist()
            if not any(text.startswith(f"{one}:") for one in known):
                raise UsageError(f'There is no source "{source}", as in "{text}".', f"Sources: {', '.join(known)}.")
            raise UsageError(f'There is no report "{text}" of that source.', _HOW)
        return found

    def _incident(self, text: str) -> str:
        if any(one.startswith(text) for one in self._near(self._incident_ids, text)):
            return self._one_of(self._incident_ids, text, "incident")
        from ceasefire.pipeline.succession import succession

        past = succession(self.state.history, self.state.batches, self.links)
        once = self._one_of(list(past.ended()), text, "incident")
        now = past.follow(once)
        if len(now) != 1:
            became = f"is now {', '.join(now)}" if now else "has left the record with its reports"
            raise UsageError(f'"{text}": incident {once} {became}.', "Name one of them, or a report.")
        return now[0]

    def _one_of(self, ids: list[str], text: str, noun: str) -> str:
        found = self._near(ids, text)
        if text in found or len(found) == 1:
            return text if text in found else found[0]
        if not found:
            raise UsageError(f'There is no {noun} "{text}".', _HOW)
        shown = ", ".join(found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        raise UsageError(f'"{text}" begins {len(found)} ids: {shown}', "Give more of it.")

    @staticmethod
    def _near(ids: list[str], text: str) -> list[str]:
        """Return the ids, which are sorted, that begin with a text."""
        return ids[bisect_left(ids, text) : bisect_left(ids, f"{text}\U0010ffff")]

    @cached_property
    def _ids(self) -> list[str]:
        return sorted(self._row)

    @cached_property
    def _row(self) -> dict[str, int]:
        return {one: row for row, one in enumerate(self.reports["report_id"].to_pylist())}

    @cached_property
    def _by_source(self) -> dict[str, str]:
        columns = (self.reports[name].cast(pa.string()) for name in ("source_id", "source_report_id"))
        records = pc.binary_join_element_wise(*columns, ":").to_pylist()
        return dict(zip(records, self.reports["report_id"].to_pylist(), strict=True))

    @cached_property
    def _same(self) -> pa.Table:
        return self.links.filter(pc.equal(self.links["relation"].cast(pa.string()), "same"))

    @cached_property
    def _incident_of(self) -> dict[str, str]:
        return dict(zip(*(self._same[name].to_pylist() for name in ("report_id", "incident_id")), strict=True))

    @cached_property
    def _incidents(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for report, incident in self._incident_of.items():
            found.setdefault(incident, []).append(report)
        return {one: sorted((r for r in of if r in self._row), key=self._recorded) for one, of in found.items()}

    @cached_property
    def _incident_ids(self) -> list[str]:
        return sorted(self._incidents)
