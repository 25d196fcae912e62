"""A workspace: case files, ledger, batches, and what is derived from them. The nouns and verbs of the Python API.

Past 400 lines because the public methods, with what each takes and refuses, are best read on one page; what they do
stands in the other modules of this room.
"""

from __future__ import annotations

import getpass
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from ceasefire.ledger.batches import BatchStore
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.derived import Stage
from ceasefire.pipeline.ledger_place import is_workspace, open_ledger
from ceasefire.pipeline.progress import Progress, silent
from ceasefire.pipeline.state import BATCHES_FOLDER, CASE_FOLDER, LEDGER_FILE, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from ceasefire.agreement.case import Case
    from ceasefire.assessment.tables import Assessment
    from ceasefire.ledger.audit import AuditReport, Checkpoint
    from ceasefire.ledger.ledger import Ledger
    from ceasefire.pipeline.borders import BorderDesk, BorderOptions
    from ceasefire.pipeline.bulletins import IssuedBulletin
    from ceasefire.pipeline.control import ControlLedger
    from ceasefire.pipeline.derived import Derived
    from ceasefire.pipeline.engines import Fuser
    from ceasefire.pipeline.field_form import FieldForm
    from ceasefire.pipeline.fusing import Fused, FuseResult
    from ceasefire.pipeline.imports import ImportResult
    from ceasefire.pipeline.judgement_file import JudgedFile
    from ceasefire.pipeline.judgements import Judged, Standing
    from ceasefire.pipeline.outlook import LookedAhead
    from ceasefire.pipeline.review import Review
    from ceasefire.pipeline.selection import Selection
    from ceasefire.pipeline.site_rules import SitingOptions
    from ceasefire.pipeline.siting import SitingSetup
    from ceasefire.pipeline.submissions_view import Submissions
    from ceasefire.pipeline.succession import Succession
    from ceasefire.pipeline.two_registers import RegistersCompared
    from ceasefire.pipeline.why import Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What `Workspace.run` did.

    Parameters
    ----------
    position : int
        Of the ledger entry that the results rest on.
    already_derived : bool
        Whether the results were there, so that nothing was computed.
    case_adopted : bool
        Whether the case folder had changed and was recorded anew.
    reports, incidents, findings, pairs_not_stored : int
        Rows; and incident x clause pairs whose act could never match, counted only.
    doubtful : int
        Pairs of reports that wait for a person to say whether they are of one event.
    learned : bool
        Whether matching weights were learned and recorded first.
    moved_reports : int
        Reports of other incidents than was published before.
    """

    position: int
    already_derived: bool
    case_adopted: bool
    reports: int
    incidents: int
    findings: int
    pairs_not_stored: int
    doubtful: int
    learned: bool
    moved_reports: int


@dataclass(slots=True)
class Workspace:
    """An open workspace; made by `Workspace.open` or `Workspace.create`.

    Parameters
    ----------
    folder : Path
        Holds ``case/``, ``batches/``, ``derived/``, and ``ledger.sqlite`` or a ``workspace.yaml`` that says where the
        ledger is.
    author : str
        Whom new ledger entries name.
    """

    folder: Path
    author: str
    ledger: Ledger
    _cases: dict[str, Case] = field(default_factory=dict, repr=False)

    @classmethod
    def create(
        cls, folder: Path | str, case: str | Path, *, author: str | None = None, ledger: str | None = None
    ) -> Self:
        """Make a workspace in a new or empty folder.

        Parameters
        ----------
        folder : Path or str
            Where.
        case : str or Path
            The name of a built-in case, or the folder of one's own; its files are copied.
        author : str, optional
            By default ``CEASEFIRE_AUTHOR``, else the name of the account.
        ledger : str, optional
            The address of a PostgreSQL database that holds no ledger yet, such as
            ``postgresql://centre@localhost/mission``; by default the ledger is a file in the folder.

        Raises
        ------
        UsageError
            When the folder or the database holds something, or there is no such case.
        LedgerError
            When the database cannot be reached or used.
        AgreementError, InputError
            With every fault of the case; nothing is left behind then.
        """
        from ceasefire.pipeline.create import create_workspace

        author = author or _default_author()
        return cls(Path(folder), author, create_workspace(Path(folder), case, author=author, ledger=ledger))

    @classmethod
    def open(cls, folder: Path | str | None = None, *, author: str | None = None) -> Self:
        """Open the workspace at `folder`, or, by default, the one that holds the current folder.

        Raises
        ------
        UsageError
            When there is none.
        """
        if folder is not None:
            found = Path(folder) if is_workspace(Path(folder)) else None
        else:
            here = Path.cwd()
            found = next((each for each in (here, *here.parents) if is_workspace(each)), None)
        if found is None:
            where = f"{folder} is no workspace" if folder is not None else "This folder lies in no workspace"
            raise UsageError(
                f"{where}: it holds no {LEDGER_FILE}.",
                "Make one with `ceasefire init DIR --case NAME`, or name one with `-w DIR`.",
            )
        return cls(found, author or _default_author(), open_ledger(found))

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def batches(self) -> BatchStore:
        """The sealed originals and the batches of reports."""
        return BatchStore(self.folder / BATCHES_FOLDER)

    @property
    def case(self) -> Case:
        """The case as its folder stands now.

        Raises
        ------
        AgreementError
            With every fault.
        """
        from ceasefire.agreement.load import load_case

        return load_case(self.folder / CASE_FOLDER)

    def import_file(
        self,
        path: Path | str,
        format: str,
        *,
        mapping: Path | str | None = None,
        separator: str | None = None,
        progress: Progress = silent,
    ) -> ImportResult:
        """Read a file into the record: whole, or not at all.

        Parameters
        ----------
        path : Path or str
            The file.
        format : {"ucdp-ged", "table", "boundaries", "control", "odk"}
            How to read it.
        mapping : Path or str, optional
            For a table: the file that says what its columns are.
        separator : str, optional
            Of delimited text that is not separated by commas.

        Raises
        ------
        InputError
            When the file is refused as a whole, with every fault.
        UsageError
            When the format is not one of these, or the options do not fit it.
        """
        from ceasefire.pipeline import imports

        formats = [each.value for each in imports.Format]
        if format not in formats:
            raise UsageError(f'"{format}" is not a format that can be imported.', f"Formats: {', '.join(formats)}.")
        self._adopt_if_changed()
        if format == imports.Format.ODK:
            imports.refuse_options(mapping, separator)
            return self.import_submissions(str(path), imports.read_bytes(Path(path)))
        return imports.import_file(
            Path(path),
            imports.Format(format),
            case=self._state().case,
            ledger=self.ledger,
            batches=self.batches,
            author=self.author,
            options={"mapping": mapping, "separator": separator},
            progress=progress,
        )

    def field_form(self, *, adopt: bool = True) -> FieldForm:
        """Return the form for incident reports of the case, to be filled in where there is no network.

        Parameters
        ----------
        adopt : bool
            Whether to record a changed case folder first; else the form is of the case as recorded.
        """
        from ceasefire.pipeline.field_form import field_form

        if adopt:
            self._adopt_if_changed()
        return field_form(self._state())

    def import_submissions(self, name: str, content: bytes) -> ImportResult:
        """Read submissions of the field form that are at hand as bytes; see `import_file`."""
        from ceasefire.pipeline.submissions import import_submissions

        return import_submissions(name, content, state=self._state(), ledger=self.ledger, author=self.author)

    def submissions(self) -> Submissions:
        """Return the files of submissions imported, and the submissions whose edits contradict one another."""
        from ceasefire.pipeline.submissions_view import submissions_view

        return submissions_view(self._state())

    def decide_submission(self, keep: str, note: str) -> ImportResult:
        """Record which version of a submission stands, and why; see `pipeline.submissions.decide_conflict`."""
        from ceasefire.pipeline.submissions import decide_conflict

        return decide_conflict(keep, note, state=self._state(), ledger=self.ledger, author=self.author)

    def open_sealed(self, position: int) -> tuple[str, bytes]:
        """Return name and content of a sealed file; that it was opened is recorded first."""
        from ceasefire.pipeline.submissions import open_sealed

        return open_sealed(position, state=self._state(), ledger=self.ledger, author=self.author)

    def run(
        self,
        *,
        as_of: str | int | None = None,
        reading: str | None = None,
        progress: Progress = silent,
    ) -> RunResult:
        """Derive incidents and findings from the record.

        A changed case folder is recorded first, unless an earlier state is asked for.

        Parameters
        ----------
        as_of : str or int, optional
            A ledger position or a moment: the state of the record then.
        reading : str, optional
            An interpretation to use in place of those in force.

        Raises
        ------
        AgreementError, InputError
            With every fault of a changed case folder; nothing is recorded then.
        """
        fused, adopted = self._fuse(as_of, progress=progress)
        state = fused.state
        held = state.find(reading)
        derived = held or state.derive(reading, progress)
        if as_of is None and reading is None:
            state.store.prune(state.stamp(), state.stamp(stage=Stage.FUSION))
        return RunResult(
            position=state.history.basis.position,
            already_derived=held is not None,
            case_adopted=adopted,
            reports=derived.rows("reports"),
            incidents=derived.rows("incidents"),
            findings=derived.rows("findings"),
            pairs_not_stored=derived.notes["pairs_not_stored"],
            doubtful=derived.rows("doubtful"),
            learned=fused.learned,
            moved_reports=fused.moved.payload["reports"] if fused.moved else 0,
        )

    def fuse(
        self,
        *,
        relearn: bool = False,
        engine: str = "local",
        spark_master: str | None = None,
        as_of: str | int | None = None,
        progress: Progress = silent,
    ) -> FuseResult:
        """Fuse the reports held into incidents, without checking them; `run` after it does not fuse again.

        Parameters
        ----------
        relearn : bool
            Learn matching weights anew, from the reports and the judgements held.
        engine : {"local", "spark"}
            Where to compute: here, or on a Spark cluster; the result is the same.
        spark_master : str, optional
            The cluster's address, such as ``spark://host:7077``.
        as_of : str or int, optional
            A ledger position or a moment: under the judgements and weights in force then.

        Raises
        ------
        UsageError
            When weights are to be learned from too little, or for an earlier state; or when the cluster cannot be used.
        """
        from ceasefire.pipeline.engines import Fuser
        from ceasefire.pipeline.fusing import fuse_result

        fuser = Fuser.of(engine, spark_master)
        fused, adopted = self._fuse(as_of, relearn=relearn, fuser=fuser, progress=progress)
        return fuse_result(fused, case_adopted=adopted)

    def fuse_stored(self, reports: str, into: str, *, spark_master: str, progress: Progress = silent) -> dict[str, int]:
        """Fuse reports that lie in an object store, under the case, weights and judgements of this workspace.

        They are not imported and nothing is recorded; see `pipeline.engines.fuse_stored`.

        Parameters
        ----------
        reports, into : str
            Where Parquet of reports lies, and the folder to write results below, as Spark names them.
        spark_master : str
            The cluster's address.

        Returns
        -------
        dict of str to int
            Rows of each table that was written.
        """
        from ceasefire.pipeline.engines import fuse_stored
        from ceasefire.pipeline.matching import judgements_in_force, weights_in_force

        state = self._state()
        state.refuse_edited()
        return fuse_stored(
            reports,
            into,
            spark_master=spark_master,
            register=state.case.actors,
            weights=weights_in_force(state.history).weights,
            judgements=judgements_in_force(state.history),
            progress=progress,
        )

    def reports(self, *, as_of: str | int | None = None) -> pa.Table:
        """Return the reports, of schema `model.schemas.REPORT`, in the order of recording."""
        return self._state(as_of).fused().table("reports")

    def incidents(self, *, as_of: str | int | None = None) -> pa.Table:
        """Return the incidents, of schema `model.schemas.INCIDENT`."""
        return self._state(as_of).fused().table("incidents")

    def links(self, *, as_of: str | int | None = None) -> pa.Table:
        """Return which reports are of which incident: ``report_id``, ``incident_id``, ``relation``."""
        return self._state(as_of).fused().table("links")

    def pairs(self, *, as_of: str | int | None = None) -> pa.Table:
        """Return the pairs of reports that were weighed and might be of one event, of schema `fusion.match.PAIR`."""
        return self._state(as_of).fused().table("pairs")

    def doubtful(self, *, as_of: str | int | None = None) -> pa.Table:
        """Return the pairs that wait for a person, those first that matter most, of schema `fusion.match.DOUBTFUL`."""
        return self._state(as_of).fused().table("doubtful")

    def judgements(self, *, as_of: str | int | None = None) -> pa.Table:
        """Return the judgements in force, of schema `pipeline.matching.JUDGEMENT`."""
        from ceasefire.pipeline.matching import judgements_table

        return judgements_table(self._state(as_of).history)

    def judge(self, a: str, verdict: str, b: str, *, note: str | None = None) -> Judged:
        """Record whether two reports are of one event; it holds from the next fusing on.

        Parameters
        ----------
        a, b : str
            Ids of reports or incidents, the beginning of one, or ``source_id:source_report_id``. Of an incident its
            earliest report is meant; of two incidents called the same, all reports.
        verdict : {"same", "not-same", "unsure"}
            In place of what the same author said of the two before.
        note : str, optional
            Why.

        Raises
        ------
        UsageError
            When there is no such report, or the two cannot be judged.
        StaleResultError
            When reports have never been fused.
        """
        from ceasefire.pipeline import judgements
        from ceasefire.pipeline.report_names import ReportNames

        state = self._state()
        names = ReportNames.of(state)
        intent = judgements.intent_of(names, a, verdict, b, note)
        return judgements.judge(state, names, intent, ledger=self.ledger, author=self.author)

    def judge_file(self, path: Path | str) -> JudgedFile:
        """Record the judgements of a CSV file, all or none: ``report_a``, ``report_b``, ``verdict`` and maybe ``note``.

        Raises
        ------
        InputError
            With every fault of the file.
        """
        from ceasefire.pipeline.judgement_file import judge_file
        from ceasefire.pipeline.report_names import ReportNames

        state = self._state()
        return judge_file(state, ReportNames.of(state), Path(path), ledger=self.ledger, author=self.author)

    def standing_judgements(self) -> tuple[Standing, ...]:
        """Return the judgements in force by name, with the conflicts among them."""
        from ceasefire.pipeline.judgements import standing
        from ceasefire.pipeline.report_names import ReportNames

        state = self._state()
        return standing(state, ReportNames.of(state))

    def review(self, *, limit: int = 10) -> Review:
        """Return the pairs of reports that wait for a person, the most consequential first.

        Parameters
        ----------
        limit : int
            How many.
        """
        from ceasefire.pipeline.review import review

        return review(self._state(), limit=limit)

    def succession(self, *, as_of: str | int | None = None) -> Succession:
        """Return what became of incidents that were published, whether they still are or not."""
        return self._state(as_of).succession()

    def findings(self, **filters: Any) -> pa.Table:
        """Return findings, of schema `model.schemas.FINDING`; the filters are those of `select`."""
        return self.select(**filters).findings

    def select(
        self,
        *,
        zone: str | None = None,
        clause: str | None = None,
        accused: str | None = None,
        status: str | None = None,
        incident: str | None = None,
        first_day: str | None = None,
        last_day: str | None = None,
        week: str | None = None,
        as_of: str | int | None = None,
        reading: str | None = None,
    ) -> Selection:
        """Choose findings, and count them with their bounds.

        Parameters
        ----------
        zone, clause, accused, status : str, optional
            Ids, as in the table's columns.
        incident : str, optional
            An id, or the beginning of one.
        first_day, last_day : str, optional
            Local days, both included, such as ``2017-09-19``.
        week : str, optional
            An ISO week of local days, such as ``2017-W39``.
        as_of : str or int, optional
            A ledger position or a moment.
        reading : str, optional
            An interpretation to use in place of those in force; derived when it has not been.

        Raises
        ------
        StaleResultError
            When the record or the case folder has changed since the last run.
        UsageError
            When a filter names what does not exist.
        """
        from ceasefire.model.vocabulary import Status
        from ceasefire.pipeline.selection import period_of, select_findings
        from ceasefire.pipeline.succession import find_incident

        state = self._state(as_of)
        derived = state.derived(reading)
        asked = find_incident(incident, state) if incident else None
        incidents = derived.table("incidents")
        labels = derived.notes["labels"]
        chosen = select_findings(
            derived.table("findings"),
            incidents,
            period=period_of(state.history.zone, first_day=first_day, last_day=last_day, week=week),
            equal={
                "zone_id": zone,
                "clause_id": clause,
                "accused_id": accused,
                "status": status,
                "incident_id": asked.incident_id if asked else None,
            },
            known={
                "zone_id": labels["areas"],
                "clause_id": labels["clauses"],
                "accused_id": labels["actors"],
                "status": [each.value for each in Status],
            },
            clause_areas=derived.notes["clause_areas"],
        )
        return replace(chosen, said=asked.said if asked else None)

    def obligations(
        self,
        *,
        as_of_day: str | None = None,
        clause: str | None = None,
        bearer: str | None = None,
        state: str | None = None,
        as_of: str | int | None = None,
    ) -> pa.Table:
        """Return the obligations, of schema `model.schemas.OBLIGATION`.

        Parameters
        ----------
        as_of_day : str, optional
            The local day at whose end they are looked at; by default now, or when the entry at `as_of` was recorded.
        clause, bearer, state : str, optional
            Only these, as in the table's columns.
        as_of : str or int, optional
            A ledger position or a moment: the case as adopted then.
        """
        from ceasefire.findings.obligations import evaluate_obligations
        from ceasefire.model.vocabulary import ObligationState
        from ceasefire.pipeline.selection import end_of_day, keep_equal

        then = self._state(as_of)
        then.refuse_edited()
        if as_of_day is not None:
            instant = end_of_day(as_of_day, then.history.zone)
        else:
            instant = time.time_ns() // 1000 if then.present else then.history.basis.recorded_at
        case = then.case
        return keep_equal(
            evaluate_obligations(case, as_of=instant),
            equal={"clause_id": clause, "bearer_id": bearer, "state": state},
            known={
                "clause_id": case.clauses,
                "bearer_id": case.actors.actors,
                "state": [each.value for each in ObligationState],
            },
        )

    def assess(
        self,
        *,
        zones: Sequence[str] | None = None,
        starts: Sequence[str] | None = None,
        party: str | None = None,
        act: str | None = None,
        clause: str | None = None,
        data_from: str | None = None,
        data_until: str | None = None,
        sight_km: float | None = None,
        as_of: str | int | None = None,
        reading: str | None = None,
        progress: Progress = silent,
    ) -> Assessment:
        """Assess whether violence fell in zones with the starts on record, and who can say.

        Parameters
        ----------
        zones : sequence of str, optional
            Ids of areas; by default every zone that a prohibition names.
        starts : sequence of str, optional
            Further dates to try: ``2017-05-04``, or ``2017-05-04=a name``.
        party, act, clause : str, optional
            Only incidents of a party, of an act; only findings under a clause.
        data_from, data_until : str, optional
            Local days that the record covers; by default worked out from who reports when.
        sight_km : float, optional
            How far a post sees that does not say so itself; by default as the case's plan has it, else 5 km.
        as_of, reading : optional
            As for `findings`.

        Raises
        ------
        StaleResultError
            When the record or the case folder has changed since the last run.
        UsageError
            When something asked for does not exist.
        """
        from ceasefire.pipeline.assessing import Asked, assess_record

        state = self._state(as_of)
        derived = state.derived(reading)
        asked = Asked(
            zones=tuple(zones or ()),
            starts=tuple(starts or ()),
            party=party,
            act=act,
            clause=clause,
            data_from=data_from,
            data_until=data_until,
            sight_km=sight_km,
        )
        return assess_record(
            asked,
            case=state.case,
            incidents=derived.table("incidents"),
            findings=derived.table("findings"),
            reports=derived.table("reports"),
            boundaries=state.boundaries,
            progress=progress,
        )

    def registers(
        self,
        source_a: str,
        source_b: str,
        *,
        first_day: str | None = None,
        last_day: str | None = None,
        as_of: str | int | None = None,
        progress: Progress = silent,
    ) -> RegistersCompared:
        """Compare what two sources report, entry by entry, under the weights and judgements in force.

        Parameters
        ----------
        source_a, source_b : str
            Ids of sources, as in the reports' `source_id`.
        first_day, last_day : str, optional
            Local days, both included: entries of the period, with what they correspond to on whatever day.
        as_of : str or int, optional
            A ledger position or a moment.

        Raises
        ------
        UsageError
            When one of them reported nothing, they are one, or there is no such day.
        """
        from ceasefire.pipeline.selection import period_of
        from ceasefire.pipeline.two_registers import compare_registers

        state = self._state(as_of)
        state.refuse_edited()
        period = period_of(state.history.zone, first_day=first_day, last_day=last_day)
        return compare_registers(state, source_a, source_b, period=period, progress=progress)

    def borders(
        self, area_id: str, options: BorderOptions | None = None, *, as_of: str | int | None = None
    ) -> BorderDesk:
        """Gather what lies around the border of an area, so that proposals can be compared with it.

        Parameters
        ----------
        area_id : str
            An area of the case that is a polygon.
        options : BorderOptions, optional
            How many weeks of incidents count, until when, and what else is counted.
        as_of : str or int, optional
            A ledger position or a moment.

        Raises
        ------
        StaleResultError
            When the record or the case folder has changed since the last run.
        UnknownRecordError, UsageError, InputError
            When there is no such area, it is no polygon, or a file cannot be read.
        """
        from ceasefire.pipeline.borders import BorderDesk, BorderOptions

        return BorderDesk.of(self._state(as_of), area_id, options or BorderOptions())

    def control(
        self,
        *,
        known: str | None = None,
        carry_days: int = 180,
        reach_km: float | None = None,
        gazetteer: Path | str | None = None,
        as_of: str | int | None = None,
    ) -> ControlLedger:
        """Return the ledger of who is said to hold which settlement, to be asked by day, zone and period.

        Parameters
        ----------
        known : str, optional
            A local day: only what had been said by then.
        carry_days : int
            How long a statement is carried after the day it speaks for.
        reach_km : float, optional
            From how far settlements of which nobody speaks are interpolated; by default they stay unknown.
        gazetteer : Path or str, optional
            A table of further settlements.
        as_of : str or int, optional
            A ledger position or a moment: what had been recorded by then.

        Raises
        ------
        InputError, UsageError
            When the gazetteer cannot be read, or an imported statement names a settlement that nothing places.
        """
        from ceasefire.pipeline.control import ControlLedger, ControlOptions

        state = self._state(as_of)
        state.refuse_edited()
        options = ControlOptions(
            known=known,
            carry_days=carry_days,
            reach_km=reach_km,
            gazetteer=Path(gazetteer) if gazetteer is not None else None,
        )
        return ControlLedger.of(state, options)

    def site(self, options: SitingOptions, *, as_of: str | int | None = None) -> SitingSetup:
        """Return the problem of where posts see most, to be solved: its `best`, `curve`, `conflict`, `compared`.

        Parameters
        ----------
        options : SitingOptions
            What is asked; see `pipeline.site_rules`.
        as_of : str or int, optional
            A ledger position or a moment: what had been recorded by then.
        """
        from ceasefire.pipeline.siting import SitingSetup

        return SitingSetup.of(self._state(as_of), options)

    def why(self, id: str, *, as_of: str | int | None = None, reading: str | None = None) -> Explanation:
        """Explain a finding, an incident or an obligation, as sentences.

        Parameters
        ----------
        id : str
            Its id, or the beginning of it.
        """
        from ceasefire.pipeline.why import explain

        return explain(id, self._state(as_of), reading=reading, obligations=lambda: self.obligations(as_of=as_of))

    def outlook(
        self, *, as_of: str | int | None = None, reading: str | None = None, progress: Progress = silent
    ) -> LookedAhead:
        """Look ahead from the last week that the record covers whole: forecasts, alarms, clusters, and their worth.

        Parameters
        ----------
        as_of : str or int, optional
            A ledger position or a moment: what could have been said then.
        reading : str, optional
            An interpretation to use in place of those in force, where alleged violations are counted.

        Raises
        ------
        StaleResultError
            When the record or the case folder has changed since the last run.
        """
        from ceasefire.pipeline.outlook import outlook_of

        state = self._state(as_of)
        derived = state.derived(reading)
        reports, incidents, findings = (derived.table(name) for name in ("reports", "incidents", "findings"))
        return outlook_of(state.case, reports, incidents, findings, boundaries=state.boundaries, progress=progress)

    def bulletin(
        self,
        *,
        week: str | None = None,
        day: str | None = None,
        format: str = "pdf",
        release: str = "public",
        as_of: str | int | None = None,
        reading: str | None = None,
        progress: Progress = silent,
    ) -> IssuedBulletin:
        """Issue the bulletin of a week or a day; one issued before comes back byte for byte.

        Parameters
        ----------
        week, day : str, optional
            ``2017-W39`` or ``2017-09-27``: exactly one of them.
        format : {"pdf", "html", "json"}
            What to render.
        release : {"public", "mission"}
            To whom it is told.
        """
        from ceasefire.pipeline.bulletins import Edition, issue_bulletin

        state = self._state(as_of)
        edition = Edition.of(state, week=week, day=day, reading=reading, release=release)
        return issue_bulletin(edition, format, state, ledger=self.ledger, author=self.author, progress=progress)

    def pack(
        self,
        *,
        week: str,
        meeting: str | None = None,
        body: str | None = None,
        language: str | None = None,
        release: str = "public",
        as_of: str | int | None = None,
    ) -> bytes:
        """Return the joint commission's pack of a week, as PDF; see `pipeline.packs.make_pack`."""
        from ceasefire.casework.people import Person
        from ceasefire.model.errors import UsageError
        from ceasefire.model.roles import Role
        from ceasefire.pipeline.casework import case_files_at
        from ceasefire.pipeline.packs import make_pack, register_days
        from ceasefire.pipeline.registers import Registers
        from ceasefire.release.classes import ReleaseClass

        classes = [each.value for each in ReleaseClass]
        if release not in classes:
            raise UsageError(f'There is no release class "{release}".', f"Classes: {', '.join(classes)}.")
        state = self._state(as_of)
        derived = state.derived()
        position = state.history.position
        last = next(self.ledger.entries(position, after=position - 1))
        registers = Registers(
            ledger=self.ledger,
            batches=self.batches,
            case=state.case,
            person=Person(name=self.author, roles=frozenset({Role.HEAD})),
        )
        return make_pack(
            state.case,
            incidents=derived.table("incidents"),
            findings=derived.table("findings"),
            reports=derived.table("reports"),
            case_files=case_files_at(self.ledger, position).files.values(),
            sees=lambda _: True,
            registers=register_days(registers, week, as_of=position),
            position=position,
            root=self.ledger.root(position),
            instant=last.recorded_at,
            week=week,
            meeting=meeting,
            body=body,
            language=language,
            release=ReleaseClass(release),
        )

    def audit(self, *, checkpoint: Checkpoint | None = None) -> AuditReport:
        """Recompute the ledger and read every batch it names; see `ledger.ledger.Ledger.audit`."""
        return self.ledger.audit(batches=self.batches, checkpoint=checkpoint)

    def derived(self, *, as_of: str | int | None = None, reading: str | None = None) -> tuple[Derived, ZoneInfo]:
        """Return a state's derived tables, and the case's time zone; see `pipeline.state.State.derived`."""
        state = self._state(as_of)
        return state.derived(reading), state.history.zone

    def case_at(self, as_of: str | int | None = None) -> Case:
        """Return the case as it was adopted at a position or moment; by default the last."""
        return self._state(as_of).case

    @property
    def zone(self) -> ZoneInfo:
        """The case's time zone."""
        return self._state().history.zone

    def _state(self, as_of: str | int | None = None) -> State:
        return State.at(self.folder, self.ledger, as_of, self._cases)

    def _fuse(
        self,
        as_of: str | int | None,
        *,
        relearn: bool = False,
        fuser: Fuser | None = None,
        progress: Progress = silent,
    ) -> tuple[Fused, bool]:
        """Fuse a state, and say whether a changed case was recorded first; an earlier one records nothing."""
        from ceasefire.pipeline.fusing import Fused, fuse_latest

        if as_of is None:
            adopted = self._adopt_if_changed()
            state = self._state()
            fused = fuse_latest(
                state, relearn=relearn, fuser=fuser, ledger=self.ledger, author=self.author, progress=progress
            )
            return fused, adopted
        if relearn:
            raise UsageError(
                "Weights are learned from the record as it stands, not from an earlier state.",
                "Leave out one of --relearn and --as-of.",
            )
        state = self._state(as_of)
        held = state.find_fused()
        return Fused(
            state=state, derived=held or state.fuse(progress, fuser=fuser), already_derived=held is not None
        ), False

    def _adopt_if_changed(self) -> bool:
        if not self._state().is_edited:
            return False
        from ceasefire.pipeline.adopt import adopt_case

        adopt_case(self.folder / CASE_FOLDER, ledger=self.ledger, batches=self.batches, author=self.author)
        return True


def _default_author() -> str:
    named = os.environ.get("CEASEFIRE_AUTHOR")
    if named:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in a container
        return "unknown"
