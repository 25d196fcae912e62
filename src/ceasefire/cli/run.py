"""`ceasefire run`: derive incidents and findings."""

from __future__ import annotations

from ceasefire.cli.console import counted, print_json, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common, Reading


def run(*, as_of: AsOf = None, reading: Reading = None, common: Common = COMMON) -> None:
    """Derive incidents and findings from the record.

    A case folder that has changed is recorded first.
    """
    from dataclasses import asdict

    with common.open() as workspace, shown_progress() as progress:
        result = workspace.run(as_of=as_of, reading=reading, progress=progress)
    if common.json:
        print_json(asdict(result))
        return
    if result.case_adopted:
        say("The case files had changed; they are recorded as they stand now.")
    state = "were up to date" if result.already_derived else "are renewed"
    say(
        f"The results {state}, from the record up to entry {result.position} of the ledger.",
        f"{counted(result.reports, 'report')}, {counted(result.incidents, 'incident')}, "
        f"{counted(result.findings, 'clause check')}.",
    )
    if result.learned:
        say("Matching weights were learned and recorded; `ceasefire fuse` says from what.")
    if result.doubtful:
        pairs = counted(result.doubtful, "doubtful pair")
        say(f"{pairs} of reports wait{'s' if result.doubtful == 1 else ''} for a person: `ceasefire judge` lists them.")
    if result.pairs_not_stored:
        pairs = counted(result.pairs_not_stored, "pair")
        say(f"{pairs} of incident and clause whose act could never match were counted, not stored.")
