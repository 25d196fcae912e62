"""What the ledger says up to a position: which case was adopted, what was imported, what was issued."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import LedgerError, UsageError
from ceasefire.model.time import instant_text, parse_moment


class Kind(StrEnum):
    """The kinds of entries that a workspace writes."""

    WORKSPACE_CREATED = "workspace-created"
    CASE_ADOPTED = "case-adopted"
    IMPORT = "import"
    JUDGEMENT = "judgement"
    WEIGHTS = "weights"
    FUSION = "fusion"
    BULLETIN_ISSUED = "bulletin-issued"
    SEAL_OPENED = "seal-opened"


@dataclass(frozen=True, slots=True)
class History:
    """The entries of a workspace up to a position, sorted by what they are.

    Parameters
    ----------
    position : int
        Of the last entry considered.
    adoptions, imports, judgements, weights : tuple of Entry
        What results are derived from, each kind in order.
    fusions, bulletins : tuple of Entry
        What came of results, each kind in order: reports that moved between incidents; what was told to others.
    """

    position: int
    adoptions: tuple[Entry, ...]
    imports: tuple[Entry, ...]
    judgements: tuple[Entry, ...]
    weights: tuple[Entry, ...]
    fusions: tuple[Entry, ...]
    bulletins: tuple[Entry, ...]

    @classmethod
    def read(cls, ledger: Ledger, until: int | None = None) -> History:
        """Read the ledger up to a position.

        Raises
        ------
        LedgerError
            When no case was adopted up to there: the workspace was not made by `ceasefire init`.
        """
        position = ledger.size if until is None else until
        history = cls(position, (), (), (), (), (), ()).after(ledger.entries(position))
        if not history.adoptions:
            raise LedgerError(
                f"{ledger.address}: no case had been adopted at position {position}.\n"
                "  Without a case there is nothing to check against.\n"
                "  Name a later position, or make a workspace with `ceasefire init DIR --case NAME`."
            )
        return history

    def after(self, entries: Iterable[Entry]) -> History:
        """Return the history with further entries; those of other rooms only move the position on."""
        found: dict[str, list[Entry]] = {kind: [] for kind in Kind}
        position = self.position
        for entry in entries:
            position = entry.position
            if entry.kind in found:
                found[entry.kind].append(entry)
        return History(
            position,
            adoptions=(*self.adoptions, *found[Kind.CASE_ADOPTED]),
            imports=(*self.imports, *found[Kind.IMPORT]),
            judgements=(*self.judgements, *found[Kind.JUDGEMENT]),
            weights=(*self.weights, *found[Kind.WEIGHTS]),
            fusions=(*self.fusions, *found[Kind.FUSION]),
            bulletins=(*self.bulletins, *found[Kind.BULLETIN_ISSUED]),
        )

    def until(self, position: int) -> History:
        """Return the history as it was at an earlier position."""
        kinds = (self.adoptions, self.imports, self.judgements, self.weights, self.fusions, self.bulletins)
        return History(position, *(tuple(entry for entry in kind if entry.position <= position) for kind in kinds))

    @property
    def case_entry(self) -> Entry:
        """The adoption in effect."""
        return self.adoptions[-1]

    @property
    def changing(self) -> tuple[Entry, ...]:
        """The entries that change what is derived, in order."""
        kinds = (self.adoptions, self.imports, self.judgements, self.weights)
        return tuple(sorted((entry for kind in kinds for entry in kind), key=lambda entry: entry.position))

    @property
    def basis(self) -> Entry:
        """The last entry that changes what is derived."""
        return self.changing[-1]

    @property
    def zone(self) -> ZoneInfo:
        """The case's time zone."""
        return ZoneInfo(self.case_entry.payload["time_zone"])

    def same_import(self, content: dict[str, str], options: dict[str, Any]) -> Entry | None:
        """Return the earlier import of the same file in the same way, if any."""
        for entry in self.imports:
            held = entry.content
            same_files = all(held.get(name) == content.get(name) for name in ("document", "mapping"))
            if same_files and entry.payload["options"] == options:
                return entry
        return None


def position_of(as_of: str | int, ledger: Ledger, zone: ZoneInfo | None = None) -> int:
    """Return the position that `--as-of` names.

    Parameters
    ----------
    as_of : str or int
        A position; or a local date, meaning the end of that day, or a date and time: the last entry recorded by then.
    ledger : Ledger
        Of the workspace.
    zone : ZoneInfo, optional
        The case's time zone; by default it is looked for in the ledger.

    Raises
    ------
    UsageError
        When it is neither, or nothing had been recorded by then.
    """
    text = str(as_of).strip()
    if text.isdigit():
        if not 1 <= int(text) <= ledger.size:
            raise UsageError(
                f"The ledger has entries 1 to {ledger.size}; there is no position {text}.",
                "`ceasefire audit --entries` lists them.",
            )
        return int(text)
    try:
        moment = parse_moment(text, zone or History.read(ledger).zone)
    except ValueError as error:
        raise UsageError(
            f'"{text}" is neither a position of the ledger nor a moment.',
            "Write a position such as 12, a day such as 2017-10-04, or 2017-10-04T18:00.",
        ) from error
    position = ledger.position_at(moment.end if moment.end > moment.start else moment.end + 1)
    if position == 0:
        first = next(ledger.entries(1)).recorded_at
        raise UsageError(
            f"Nothing had been recorded by {text}; the first entry is of {instant_text(first)}.",
            "`--as-of` is about when we recorded something, not about when it occurred.",
        )
    return position
