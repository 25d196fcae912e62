"""The record at one position: the case in effect, the reports held, and the results that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import StaleResultError
from ceasefire.pipeline.case_archive import is_archived, lay_out_case
from ceasefire.pipeline.derived import Derived, DerivedStore, Stamp
from ceasefire.pipeline.history import History, position_of
from ceasefire.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
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

    def stamp(self, reading: str | None = None) -> Stamp:
        """Return what results of this state depend on."""
        basis = self.history.basis
        return Stamp(
            position=basis.position,
            entry_hash=basis.hash,
            case_digest=self.history.case_entry.payload["case_digest"],
            software=version("ceasefire"),
            reading=reading,
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
        """Return the results.

        Those of the latest state must have been made by `run`; those of an earlier state or under another reading
        are made here when they have not been.

        Raises
        ------
        StaleResultError
            When the record or the case folder has changed since the last run.
        """
        self.refuse_edited()
        stamp = self.stamp(reading)
        found = self.store.find(stamp)
        if found is not None:
            return found
        if self.present and reading is None:
            raise StaleResultError(
                f"The results are not those of the record as it stands (ledger position {stamp.position}).\n"
                "  Counts from an earlier state would mislead.\n"
                "  Renew them: ceasefire run"
            )
        return self.derive(reading)

    def derive(self, reading: str | None = None, progress: Progress = silent) -> Derived:
        """Run all stages and keep what they give."""
        from ceasefire.pipeline.reports import held_reports
        from ceasefire.pipeline.stages import run_stages

        progress("reading the case", 0, 0)
        case = self.case
        progress("reading the record", 0, 0)
        reports = held_reports(self.history, self.batches)
        results = run_stages(case, reports, boundaries=self.boundaries, reading=reading, progress=progress)
        return self.store.save(self.stamp(reading), results.tables, results.notes)
