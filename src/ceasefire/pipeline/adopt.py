"""Recording the case folder as it stands: its files by hash, its reports as a batch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ceasefire.agreement.load import load_case
from ceasefire.intake.case_reports import read_case_reports
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.pipeline.case_archive import keep_case
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.state import DERIVED_FOLDER, PARSED_FOLDER

if TYPE_CHECKING:
    import pyarrow as pa

    from ceasefire.agreement.case import Case


def case_reports(case: Case) -> pa.Table:
    """Read the reports that a case itself holds.

    Returns
    -------
    Table
        Of schema `model.schemas.REPORT`.

    Raises
    ------
    InputError
        With every fault of every file.
    """
    return read_case_reports(
        case.folder,
        register=case.actors,
        acts=case.acts,
        speakers={speaker.id: (speaker.party, speaker.lineage) for speaker in case.speakers.values()},
        zone=case.zone,
        sources=case.sources.keys(),
        exception_kinds=case.exception_kinds.keys(),
    )


def adopt_case(
    folder: Path, *, ledger: Ledger, batches: BatchStore, author: str, origin: str | None = None
) -> tuple[Case, Entry]:
    """Check the case folder and record it as the one in effect.

    Parameters
    ----------
    folder : Path
        The workspace's case folder.
    origin : str, optional
        Where the files were first copied from.

    Raises
    ------
    AgreementError, InputError
        With every fault; nothing is recorded then.
    """
    case = load_case(folder, cache=folder.parent / DERIVED_FOLDER / PARSED_FOLDER)
    reports = case_reports(case)
    content = {**keep_case(folder, batches), "reports": batches.put_table(reports)}
    payload = {
        "case_id": case.description.id,
        "case_digest": case.digest,
        "time_zone": case.description.time_zone,
        "reports": reports.num_rows,
        **({"origin": origin} if origin else {}),
        "content": content,
    }
    return case, ledger.append(Kind.CASE_ADOPTED, payload, author=author)
