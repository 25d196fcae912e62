"""`ceasefire fuse`: join reports of one event into incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common
from ceasefire.model.errors import UsageError

if TYPE_CHECKING:
    from ceasefire.pipeline.fusing import FuseResult


def fuse(
    *,
    relearn: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Learn matching weights anew, and record them.")
    ] = False,
    engine: Annotated[
        Literal["local", "spark"], Parameter(help="Compute here, or on a Spark cluster: the incidents are the same.")
    ] = "local",
    spark_master: Annotated[
        str | None, Parameter(help="The cluster's address: spark://host:7077, yarn, or local[2] to try it here.")
    ] = None,
    reports: Annotated[
        str | None, Parameter(help="Where Parquet of reports lies that are not imported, such as s3a://bucket/reports.")
    ] = None,
    into: Annotated[
        str | None, Parameter(help="With --reports: the folder to write incidents and links below.")
    ] = None,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Join reports of one event into incidents, without checking them.

    Weights are learned the first time there is enough to learn from; after that they hold until --relearn.
    """
    from dataclasses import asdict

    if reports is not None or into is not None:
        if reports is None or into is None or engine != "spark" or spark_master is None or relearn or as_of is not None:
            raise UsageError(
                "Reports that are not imported are fused on a cluster, under the record as it stands.",
                "Give --reports, --into, --engine spark and --spark-master, and neither --relearn nor --as-of.",
            )
        with common.open() as workspace, shown_progress() as progress:
            written = workspace.fuse_stored(reports, into, spark_master=spark_master, progress=progress)
        if common.json:
            print_json(written)
        else:
            say(f"Written below {into}: {', '.join(f'{name} ({rows:,} rows)' for name, rows in written.items())}.")
        return
    with common.open() as workspace, shown_progress() as progress:
        result = workspace.fuse(
            relearn=relearn, engine=engine, spark_master=spark_master, as_of=as_of, progress=progress
        )
        zone = workspace.zone
    if common.json:
        print_json(asdict(result))
        return
    say(*_sentences(result, zone))


def _sentences(result: FuseResult, zone: ZoneInfo) -> list[str]:
    lines = ["The case files had changed; they are recorded as they stand now."] if result.case_adopted else []
    state = "were up to date" if result.already_derived else "are renewed"
    lines.append(f"The incidents {state}, from the record up to entry {result.position} of the ledger.")
    if result.on_top_of is not None and not result.already_derived:
        lines.append(f"Only what is new was fused, on top of the incidents of entry {result.on_top_of}.")
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
