"""Fusion on a Spark cluster: the same incidents, row for row, as `fusion.fuse.fuse_reports` on one machine.

Spark moves tables about, starts tasks and starts them again elsewhere when a worker is lost. What is computed is
computed by our own kernel (`fusion.blocks_of_time`, `fusion.shares`), and between tasks tables travel as Arrow streams
in a column of bytes: so neither Spark's types nor its arithmetic have a say in the result. In order:

1. every block of reports tells its spans of time, keys and references; from these the driver plans the parts;
2. reports go to their parts, each with its halo, and each part weighs its pairs;
3. the driver joins what is connected into components and lays these into shares;
4. reports and pairs go to their shares, each of which is clustered and, once totals are counted, reconciled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion import shares as by_share
from ceasefire.fusion.blocks_of_time import SPAN, copies, part_edges, plan_of, spans_of
from ceasefire.fusion.canonical import in_one_piece, whole
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.match import PAIR
from ceasefire.fusion.parts import EDGE
from ceasefire.fusion.pass_through import LINK, FusedIncidents
from ceasefire.model.errors import UsageError
from ceasefire.model.schemas import INCIDENT, REPORT
from ceasefire.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from ceasefire.actors.register import ActorRegister
    from ceasefire.fusion.fuse import FusedReports
    from ceasefire.fusion.weights import Weights

Batches = Iterable[pa.RecordBatch]
Kinds = list[tuple[int, str, pa.Table]]
"""Where each table goes, what it is, and the table."""

PACKED = pa.schema([("place", pa.int32()), ("kind", pa.string()), ("table", pa.binary())])
_PACKED = "place int, kind string, table binary"
_ANYWHERE = 0
_REPORTS_PER_BLOCK = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the work is cut.

    Parameters
    ----------
    reports_per_part : int
        About how many reports a task weighs the pairs of, without their halo.
    reports_per_share : int
        About how many reports a task clusters and reconciles.
    """

    reports_per_part: int = 25_000
    reports_per_share: int = 25_000


def packed(table: pa.Table) -> bytes:
    """Return a table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_table(in_one_piece(table))
    return bytes(sink.getvalue())


def unpacked(streams: Sequence[bytes], schema: pa.Schema) -> pa.Table:
    """Return the tables of several streams, one after another, in one piece."""
    tables = [pa.ipc.open_stream(stream).read_all() for stream in streams]
    return in_one_piece(pa.concat_tables(tables)) if tables else schema.empty_table()


def held(spark: SparkSession, reports: pa.Table) -> DataFrame:
    """Return reports that this machine holds, in blocks, for the workers to take."""
    blocks = range(0, max(reports.num_rows, 1), _REPORTS_PER_BLOCK)
    rows = [(_ANYWHERE, "reports", packed(reports.slice(start, _REPORTS_PER_BLOCK))) for start in blocks]
    context = spark.sparkContext
    return spark.createDataFrame(context.parallelize(rows, len(rows)), _PACKED)


def stored(spark: SparkSession, url: str) -> DataFrame:
    """Return reports that lie as Parquet where all workers can read them, in blocks.

    Parameters
    ----------
    url : str
        A folder or file as Spark names it, such as ``s3a://bucket/reports``.

    Raises
    ------
    UsageError
        When columns of `model.schemas.REPORT` are missing.
    """
    found = spark.read.parquet(url)
    if missing := [name for name in REPORT.names if name not in found.columns]:
        raise UsageError(
            f"The reports at {url} lack columns: {', '.join(missing)}.",
            "Write them with `ceasefire export reports`, in Parquet.",
        )

    def blocks(batches: Batches) -> Batches:
        for batch in batches:
            reports = pa.Table.from_batches([batch]).select(REPORT.names).cast(REPORT)
            yield from _rows([(_ANYWHERE, "reports", reports)])

    return found.mapInArrow(blocks, _PACKED)


def write(spark: SparkSession, table: pa.Table, url: str) -> None:
    """Write a table as Parquet where the workers can write; coded words are written as words.

    Raises
    ------
    UsageError
        When something lies there already.
    """
    from pyspark.errors import AnalysisException

    words = [pa.field(one.name, pa.string()) if pa.types.is_dictionary(one.type) else one for one in table.schema]
    try:
        spark.createDataFrame(table.cast(pa.schema(words))).write.parquet(url)
    except AnalysisException as error:
        if "PATH_ALREADY_EXISTS" not in str(error):
            raise
        raise UsageError(f"Something lies at {url} already.", "Name a folder that is not there yet.") from error


def _rows(kinds: Kinds) -> Iterator[pa.RecordBatch]:
    for place, kind, table in kinds:
        yield pa.RecordBatch.from_pylist([{"place": place, "kind": kind, "table": packed(table)}], schema=PACKED)


def _each(frame: DataFrame, kind: str, schema: pa.Schema, function: Callable[[int, pa.Table], Kinds]) -> DataFrame:
    """Let the workers do something with every table of one kind."""

    def work(batches: Batches) -> Batches:
        for batch in batches:
            for row in batch.to_pylist():
                yield from _rows(function(row["place"], unpacked([row["table"]], schema)))

    return frame.filter(frame.kind == kind).mapInArrow(work, _PACKED)


def _by_place(frame: DataFrame, function: Callable[[int, dict[str, list[bytes]]], Kinds]) -> DataFrame:
    """Let the workers do something with all tables of one place together."""

    def work(group: pa.Table) -> pa.Table:
        tables: dict[str, list[bytes]] = {}
        for row in group.to_pylist():
            tables.setdefault(row["kind"], []).append(row["table"])
        return pa.Table.from_batches(list(_rows(function(group["place"][0].as_py(), tables))), schema=PACKED)

    return frame.groupBy("place").applyInArrow(work, _PACKED)


def _collected(frame: DataFrame, **kinds: pa.Schema) -> dict[str, pa.Table]:
    """Bring the tables of some kinds here."""
    rows = frame.filter(frame.kind.isin([*kinds])).select("kind", "table").collect()
    return {
        kind: unpacked([bytes(row.table) for row in rows if row.kind == kind], schema) for kind, schema in kinds.items()
    }


_CONFLICT = pa.schema([("first", pa.string()), ("judgements", pa.string())])
_MATCHED = REPORT.append(pa.field("event", pa.int64()))
_NEEDED = pa.schema([REPORT.field(name) for name in by_share.COVER_COLUMNS])


def fuse_blocks(
    spark: SparkSession,
    blocks: DataFrame,
    *,
    register: ActorRegister,
    weights: Weights,
    judgements: Sequence[Judgement] = (),
    layout: Layout | None = None,
    order_of: pa.Array | None = None,
    progress: Progress = silent,
) -> FusedReports:
    """Fuse reports into incidents on a cluster.

    Parameters
    ----------
    spark : SparkSession
        Of `spark_session.spark_session`.
    blocks : DataFrame
        Of `held` or `stored`.
    register : ActorRegister
    weights : Weights
    judgements : sequence of Judgement
    layout : Layout, optional
    order_of : string array, optional
        Report ids in the order that `Matched.event` is wanted in; by default that of the shares.
    progress : callable
        Told what is being done.

    Returns
    -------
    FusedReports
        The very rows that `fusion.fuse.fuse_reports` gives.
    """
    from pyspark import StorageLevel

    layout = layout or Layout()
    context = spark.sparkContext
    kept: list[DataFrame] = []

    def keep(frame: DataFrame) -> DataFrame:
        kept.append(frame.persist(StorageLevel.DISK_ONLY))
        return kept[-1]

    try:
        progress("planning the parts", 0, 0)
        blocks = keep(blocks)
        said = _collected(
            _each(blocks, "reports", REPORT, _what_they_say),
            spans=SPAN, keys=by_share.TIE, references=by_share.TIE, documents=by_share.KEY_DOCUMENT,
        )  # fmt: skip
        total = pc.sum(said["spans"]["reports"]).as_py() or 0
        plan = plan_of(said["spans"], reach=weights.reach, reports_per_part=layout.reports_per_part)
        count = max(-(-total // layout.reports_per_share), 1)
        spark.conf.set("spark.sql.shuffle.partitions", str(2 * max(plan.parts, count)))
        ours = context.broadcast((register, weights, tuple(judgements)))
        planned = context.broadcast(plan)

        def to_parts(_: int, reports: pa.Table) -> Kinds:
            return [(part, "reports", table) for part, table in copies(reports, planned.value).items()]

        def weigh(part: int, tables: dict[str, list[bytes]]) -> Kinds:
            register, weights, _ = ours.value
            reports = unpacked(tables["reports"], REPORT)
            edges = part_edges(reports, part, planned.value, register=register, weights=weights)
            return [(part, "edges", edges), (part, "strong", by_share.strong_pairs(edges, weights.threshold))]

        progress("comparing reports", 0, total)
        edges = keep(_by_place(_each(blocks, "reports", REPORT, to_parts), weigh))
        connections = [said["keys"], said["references"], by_share.words_as_ties(judgements)]
        connections += _collected(edges, strong=by_share.TIE).values()
        connections.append(_records(spark, blocks, said["references"]))
        shares = by_share.shares_of(pa.concat_tables(connections), said["documents"], count)
        shared = context.broadcast(shares)

        def to_shares(_: int, reports: pa.Table) -> Kinds:
            return [(one, "reports", table) for one, table in by_share.divided(reports, shared.value).items()]

        def route(_: int, edges: pa.Table) -> Kinds:
            inside, between = by_share.split(edges, shared.value)
            pairs, doubts = by_share.crossing_pairs(between, ours.value[1])
            return [
                *((one, "edges", table) for one, table in inside.items()),
                (_ANYWHERE, "pairs", pairs),
                (_ANYWHERE, "between", doubts),
            ]

        def match(share: int, tables: dict[str, list[bytes]]) -> Kinds:
            _, weights, judgements = ours.value
            if "reports" not in tables:
                return []
            found = by_share.match_share(
                unpacked(tables["reports"], REPORT),
                unpacked(tables.get("edges", []), EDGE),
                shared.value,
                weights=weights,
                judgements=judgements,
            )
            conflicts = [
                {"first": first, "judgements": json.dumps([asdict(one) for one in group])}
                for first, group in found.conflicts
            ]
            return [
                (share, "matched", found.reports.append_column("event", pa.array(found.event))),
                (share, "labels", found.labels),
                (share, "needed", by_share.for_covers(found.reports)),
                (share, "pairs", found.pairs),
                (share, "within", found.open),
                (share, "conflicts", pa.Table.from_pylist(conflicts, schema=_CONFLICT)),
            ]

        progress("joining reports", 0, total)
        routed = keep(_each(edges, "edges", EDGE, route))
        laid = routed.filter(routed.kind == "edges").union(_each(blocks, "reports", REPORT, to_shares))
        matched = keep(_by_place(laid, match))
        between = _collected(routed, pairs=PAIR, between=by_share.OPEN)
        within = _collected(
            matched, labels=by_share.LABEL, needed=_NEEDED, pairs=PAIR, within=by_share.OPEN, conflicts=_CONFLICT
        )
        covers = by_share.covers_of(within["needed"], within["labels"], register)
        counting = context.broadcast(whole(covers[0]["report_id"]).unique())

        def reconcile(share: int, reports: pa.Table) -> Kinds:
            event = np.asarray(whole(reports["event"]))
            fused = by_share.reconcile_share(reports.drop_columns("event"), event, counting.value)
            return [(share, "incidents", fused.incidents), (share, "links", fused.links)]

        progress("reconciling reports", 0, total)
        done = _collected(_each(matched, "matched", _MATCHED, reconcile), incidents=INCIDENT, links=LINK)
        return by_share.lay_together(
            within["labels"],
            covers,
            [FusedIncidents(incidents=done["incidents"], links=done["links"])],
            pairs=(within["pairs"], between["pairs"]),
            doubts=(within["within"], between["between"]),
            conflicts=_conflicts(within["conflicts"]),
            order_of=whole(within["labels"]["report_id"]) if order_of is None else order_of,
        )
    finally:
        for frame in kept:
            frame.unpersist()


def _what_they_say(_: int, reports: pa.Table) -> Kinds:
    return [
        (_ANYWHERE, "spans", spans_of(reports)),
        (_ANYWHERE, "keys", by_share.keys_named(reports)),
        (_ANYWHERE, "references", by_share.references(reports)),
        (_ANYWHERE, "documents", by_share.key_documents(reports)),
    ]


def _records(spark: SparkSession, blocks: DataFrame, references: pa.Table) -> pa.Table:
    """Return the reports that others refer to."""
    if not references.num_rows:
        return references
    named = spark.sparkContext.broadcast(np.unique(np.asarray(whole(references["token"]))))

    def look(_: int, reports: pa.Table) -> Kinds:
        return [(_ANYWHERE, "records", by_share.records_named(reports, named.value))]

    return _collected(_each(blocks, "reports", REPORT, look), records=by_share.TIE)["records"]


def _conflicts(table: pa.Table) -> list[tuple[str, tuple[Judgement, ...]]]:
    rows: list[dict[str, Any]] = table.to_pylist()
    return [(row["first"], tuple(Judgement(**one) for one in json.loads(row["judgements"]))) for row in rows]
