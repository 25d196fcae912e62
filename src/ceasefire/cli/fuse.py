"""`ceasefire fuse`: join reports of one event into incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common

if TYPE_CHECKING:
    from ceasefire.pipeline.fusing import FuseResult


def fuse(
    *,
    relearn: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Learn matching weights anew, and record them.")
    ] = False,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Join reports of one event into incidents, without checking them.

    Weights are learned the first time there is enough to learn from; after that they hold until --relearn.
    """
    from dataclasses import asdict

    with common.open() as workspace, shown_progress() as progress:
        result = workspace.fuse(relearn=relearn, as_of=as_of, progress=progress)
        zone = workspace.zone
    if common.json:
        print_json(asdict(result))
        return
    say(*_sentences(result, zone))


def _sentences(result: FuseResult, zone: ZoneInfo) -> list[str]:
    lines = ["The case files had changed; they are recorded as they stand now."] if result.case_adopted else []
    state = "were up to date" if result.already_derived else "are renewed"
    lines.append(f"The incidents {state}, from the record up to entry {result.position} of the ledger.")
    of_them = f"{counted(result.joined, 'report')} share theirs with others"
    if result.totals:
        of_them += f", {counted(result.totals, 'total')} only count{'s' if result.totals == 1 else ''} what others hold"
    lines.append(f"{counted(result.reports, 'report')}, {counted(result.incidents, 'incident')}: {of_them}.")
    if result.moved_reports:
        moved = counted(result.moved_reports, "report")
        verb = "is" if result.moved_reports == 1 else "are"
        lines.append(f"{moved} {verb} of another incident than before; `ceasefire export succession` says which.")
    lines.append(_weights_sentence(result, zone))
    if result.conflicts:
        groups = counted(result.conflicts, "group")
        lines.append(f"{groups} of judgements contradict one another: none of their pairs was joined for their sake.")
    if result.doubtful:
        pairs = counted(result.doubtful, "doubtful pair")
        lines.append(f"{pairs} wait{'s' if result.doubtful == 1 else ''} for a person: `ceasefire judge` lists them.")
    return lines


def _weights_sentence(result: FuseResult, zone: ZoneInfo) -> str:
    from ceasefire.model.time import local_date

    weights = result.weights
    if weights["position"] is None:
        return "Matching weights: built in; there is too little on record to learn from."
    when = "now" if result.learned else f"on {local_date(weights['recorded_at'], zone)}"
    learned_from = f"{counted(weights['reports'], 'report')} and {counted(weights['judgements'], 'judgement')}"
    more = result.judgements_until_relearning
    worth = f"After {counted(more, 'more judgement')} to learn anew would help" if more else "To learn anew would help"
    return f"Matching weights: learned {when} from {learned_from}. {worth} (--relearn)."
