"""The record at one position: the case in effect, the reports held, and the results that follow from them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import StaleResultError
from ceasefire.pipeline.case_archive import is_archived, lay_out_case
from ceasefire.pipeline.derived import Derived, DerivedStore, Stage, Stamp
from ceasefire.pipeline.history import History, position_of
from ceasefire.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    import pyarrow as pa

    from ceasefire.agreement.case import Case
    from ceasefire.pipeline.engines import Fuser
    from ceasefire.pipeline.succession import Succession
    from ceasefire.territory.boundaries import Boundaries

LEDGER_FILE, CASE_FOLDER, BATCHES_FOLDER, DERIVED_FOLDER = "ledger.sqlite", "case", "batches", "derived"
"""What a workspace's folder holds."""
PARSED_FOLDER = "parsed"
"""Below the derived: case files as parsed, by hash."""


@dataclass(slots=True)
class State:
    """What a workspace held at a position; made by `State.at`.

    Parameters
    ----------
    folder : Path
        The workspace.
    history : History
        The ledger up to the position.
    present : bool
        Whether this is the latest state, whose case folder may be edited and whose results `run` makes.
    """

    folder: Path
    history: History
    present: bool
    _cases: dict[str, Case] = field(default_factory=dict, repr=False)
    _reports: pa.Table | None = field(default=None, repr=False)

    @classmethod
    def at(cls, folder: Path, ledger: Ledger, as_of: str | int | None, cases: dict[str, Case]) -> State:
        """Return the latest state, or the one that `as_of` names.

        Parameters
        ----------
        as_of : str or int or None
            A ledger position or a moment.
        cases : dict
            Cases read before, by digest; added to.
        """
        until = None if as_of is None else position_of(as_of, ledger)
        return cls(folder, History.read(ledger, until), as_of is None, cases)

    @property
    def batches(self) -> BatchStore:
        """The sealed originals and the batches of reports."""
        return BatchStore(self.folder / BATCHES_FOLDER)

    @property
    def store(self) -> DerivedStore:
        """The derived tables of all states."""
        return DerivedStore(self.folder / DERIVED_FOLDER)

    @property
    def is_edited(self) -> bool:
        """Whether the case folder has changed since it was last recorded."""
        return self.present and not is_archived(self.folder / CASE_FOLDER, self.history.case_entry.content)

    @property
    def case(self) -> Case:
        """The case in effect: from its folder where that is unchanged, else laid out from the archive."""
        from ceasefire.agreement.load import load_case

        entry = self.history.case_entry
        digest = entry.payload["case_digest"]
        if digest not in self._cases:
            folder = self.folder / CASE_FOLDER
            if not is_archived(folder, entry.content):
                folder = lay_out_case(entry.content, self.batches, self.store.folder / "cases" / digest[:16])
            self._cases[digest] = load_case(folder, cache=self.store.folder / PARSED_FOLDER)
        return self._cases[digest]

    @property
    def boundaries(self) -> Boundaries | None:
        """The administrative boundaries held."""
        from ceasefire.pipeline.boundaries import held_boundaries

        return held_boundaries(self.history, self.batches, self.store.folder / "boundaries")

    @property
    def reports(self) -> pa.Table:
        """The reports held, names looked up and lineages traced in the case as it is at this position."""
        if self._reports is None:
            from ceasefire.pipeline.reports import held_reports

            self._reports = self.looked_up(held_reports(self.history, self.batches))
        return self._reports

    def looked_up(self, reports: pa.Table) -> pa.Table:
        """Return reports with names looked up and lineages traced in the case as it is at this position."""
        from ceasefire.fusion.lineages import traced
        from ceasefire.pipeline.reports import resolve_anew

        reports = resolve_anew(reports, self.case.actors)
        return traced(reports, {one.id: one.lineage for one in self.case.speakers.values()})

    def at_position(self, position: int, ledger: Ledger) -> State:
        """Return an earlier state."""
        return State(self.folder, History.read(ledger, position), present=False, _cases=self._cases)

    def after(self, ledger: Ledger) -> State:
        """Return the state once something was recorded that changes neither the case nor the reports."""
        return replace(self, history=History.read(ledger))

    def stamp(self, reading: str | None = None, *, stage: Stage = Stage.CHECK) -> Stamp:
        """Return what results of this state depend on."""
        basis = self.history.basis
        return Stamp(
            stage=stage,
            position=basis.position,
            entry_hash=basis.hash,
            case_digest=self.history.case_entry.payload["case_digest"],
            software=version("ceasefire"),
            reading=reading if stage is Stage.CHECK else None,
        )

    def refuse_edited(self) -> None:
        """Raise when the case folder is not the one that was recorded.

        Raises
        ------
        StaleResultError
            Naming the command that records it.
        """
        if self.is_edited:
            raise StaleResultError(
                f"{self.folder / CASE_FOLDER} has changed since it was last recorded.\n"
                "  Results would rest on other clauses than those you see.\n"
                "  Record it and renew the results: ceasefire run"
            )

    def derived(self, reading: str | None = None) -> Derived:
        """Return the results, fusion and check.

        Those of the latest state must have been made by `run`; those of an earlier state or under another reading
        are made here when they have not been.

        Raises
        ------
        StaleResultError
            When the record or the case folder has changed since the last run.
        """
        self.refuse_edited()
        found = self.find(reading)
        if found is not None:
            return found
        if self.present and reading is None:
            raise self._stale("ceasefire run")
        return self.derive(reading)

    def fused(self) -> Derived:
        """Return the results of fusion alone, under the same conditions as `derived`; `fuse` makes them too.

        Raises
        ------
        StaleResultError
            When the record or the case folder has changed since reports were last fused.
        """
        self.refuse_edited()
        found = self.find_fused()
        if found is not None:
            return found
        if self.present:
            raise self._stale("ceasefire fuse, or ceasefire run")
        return self.fuse()

    def succession(self) -> Succession:
        """Return what became of incidents published up to this position."""
        from ceasefire.pipeline.succession import succession

        return succession(self.history, self.batches, self.fused().table("links"))

    def find(self, reading: str | None = None) -> Derived | None:
        """Return the results, if they are held."""
        fused, found = self.find_fused(), self.store.find(self.stamp(reading))
        return replace(found, beneath=fused) if fused and found else None

    def find_fused(self) -> Derived | None:
        """Return the results of fusion, if they are held."""
        return self.store.find(self.stamp(stage=Stage.FUSION))

    def derive(self, reading: str | None = None, progress: Progress = silent) -> Derived:
        """Check the incidents, fused before if they have not been, and keep what that gives."""
        from ceasefire.pipeline.stages import check_clauses

        fused = self.find_fused() or self.fuse(progress)
        progress("reading the case", 0, 0)
        results = check_clauses(
            self.case, fused.table("incidents"), boundaries=self.boundaries, reading=reading, progress=progress
        )
        return replace(self.store.save(self.stamp(reading), results.tables, results.notes), beneath=fused)

    def fuse(self, progress: Progress = silent, *, fuser: Fuser | None = None) -> Derived:
        """Fuse the reports under the judgements and weights in force, and keep what that gives."""
        from ceasefire.pipeline.engines import Engine
        from ceasefire.pipeline.matching import judgements_in_force, weights_in_force
        from ceasefire.pipeline.on_top import KEEP_FROM, fuse_on_top
        from ceasefire.pipeline.stages import fuse

        progress("reading the case", 0, 0)
        register = self.case.actors
        progress("reading the record", 0, 0)
        here = fuser is None or fuser.engine is Engine.LOCAL
        if here and (found := fuse_on_top(self, progress)) is not None:
            return found
        keep = self.store.folder / ".standing" if here and self.reports.num_rows >= KEEP_FROM else None
        if keep is not None:
            shutil.rmtree(keep, ignore_errors=True)
        results = fuse(
            self.reports,
            register=register,
            weights=weights_in_force(self.history).weights,
            judgements=judgements_in_force(self.history),
            fuser=fuser,
            keep=keep,
            progress=progress,
        )
        return self.store.save(self.stamp(stage=Stage.FUSION), results.tables, results.notes, keep)

    def _stale(self, command: str) -> StaleResultError:
        return StaleResultError(
            f"The results are not those of the record as it stands (ledger position {self.history.basis.position}).\n"
            "  Counts from an earlier state would mislead.\n"
            f"  Renew them: {command}"
        )
