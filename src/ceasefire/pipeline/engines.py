"""Where fusion is computed: on this machine, or on a Spark cluster; the result is the same to the row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ceasefire.model.errors import UsageError
from ceasefire.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    import pyarrow as pa

    from ceasefire.actors.register import ActorRegister
    from ceasefire.fusion.fuse import FusedReports
    from ceasefire.fusion.judgements import Judgement
    from ceasefire.fusion.weights import Weights

RESULTS = ("incidents", "links", "pairs", "doubtful")
"""What `fuse_stored` writes, each in a folder of its own."""


class Engine(StrEnum):
    """What computes."""

    LOCAL = "local"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class Fuser:
    """How reports are fused.

    Parameters
    ----------
    engine : Engine
    spark_master : str, optional
        For the engine spark, and only for that: the cluster's address.

    Raises
    ------
    UsageError
        When one is given without the other.
    """

    engine: Engine = Engine.LOCAL
    spark_master: str | None = None

    @classmethod
    def of(cls, engine: str, spark_master: str | None) -> Fuser:
        """Return what an engine's name and a cluster's address come to."""
        known = [each.value for each in Engine]
        if engine not in known:
            raise UsageError(f'There is no engine "{engine}".', f"Engines: {', '.join(known)}.")
        if engine == Engine.SPARK and not spark_master:
            raise UsageError(
                "The engine spark needs the address of a cluster.",
                "Give it: --spark-master spark://host:7077, or local[2] to try it on this machine.",
            )
        if engine != Engine.SPARK and spark_master:
            raise UsageError("A Spark master was named, and another engine.", "Add --engine spark.")
        return cls(Engine(engine), spark_master)

    def fuse(
        self,
        reports: pa.Table,
        *,
        register: ActorRegister,
        weights: Weights,
        judgements: Iterable[Judgement],
        progress: Progress = silent,
    ) -> FusedReports:
        """Fuse reports; as `fusion.fuse.fuse_reports`, whatever the engine."""
        if self.spark_master is None:
            from ceasefire.fusion.fuse import fuse_reports

            return fuse_reports(reports, register=register, weights=weights, judgements=judgements, progress=progress)
        from ceasefire.fusion.canonical import whole
        from ceasefire.pipeline.spark_fusion import fuse_blocks, held
        from ceasefire.pipeline.spark_session import spark_session

        progress("starting Spark", 0, 0)
        with spark_session(self.spark_master) as spark:
            return fuse_blocks(
                spark,
                held(spark, reports),
                register=register,
                weights=weights,
                judgements=tuple(judgements),
                order_of=whole(reports["report_id"]),
                progress=progress,
            )


def fuse_stored(
    reports: str,
    into: str,
    *,
    spark_master: str,
    register: ActorRegister,
    weights: Weights,
    judgements: Iterable[Judgement] = (),
    progress: Progress = silent,
) -> dict[str, int]:
    """Fuse reports that lie in an object store, and write what that gives back into it.

    Parameters
    ----------
    reports : str
        Parquet with the columns of `model.schemas.REPORT`, as Spark names it: ``s3a://bucket/reports``.
    into : str
        A folder that is not there yet; `RESULTS` are written below it, as Parquet.
    spark_master : str

    Returns
    -------
    dict of str to int
        Rows of each of `RESULTS`.
    """
    from ceasefire.pipeline.spark_fusion import fuse_blocks, stored, write
    from ceasefire.pipeline.spark_session import spark_session

    progress("starting Spark", 0, 0)
    with spark_session(spark_master) as spark:
        found = fuse_blocks(
            spark,
            stored(spark, reports),
            register=register,
            weights=weights,
            judgements=tuple(judgements),
            progress=progress,
        )
        tables = (found.fused.incidents, found.fused.links, found.matched.pairs, found.matched.doubtful)
        results = dict(zip(RESULTS, tables, strict=True))
        for name, table in results.items():
            progress(f"writing {name}", 0, table.num_rows)
            write(spark, table, f"{into.rstrip('/')}/{name}")
    return {name: table.num_rows for name, table in results.items()}
