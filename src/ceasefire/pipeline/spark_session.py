"""A session on the user's Spark cluster: started, and checked before any work is given to it.

`pyspark` is an extra and is imported only here and in `spark_fusion`, when the engine is asked for.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ceasefire.model.errors import CeasefireError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import SparkSession

_MASTERS = ("spark://", "local", "yarn", "k8s://")
_SAME_HERE_AND_THERE = ("ceasefire", "numpy", "pyarrow")
_INSTALL = 'Install the extra: pip install "ceasefire[spark]"'
_SECONDS_TO_ANSWER = 5.0


@contextmanager
def spark_session(master: str, settings: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """Start a session, see that the workers have what we have, and stop it at the end.

    Parameters
    ----------
    master : str
        ``spark://host:7077``, ``yarn``, ``k8s://…``, or ``local[2]`` for threads of this machine.
    settings : mapping of str to str, optional
        Spark's own, such as ``spark.executor.memory``; they go before those set here.

    Raises
    ------
    UsageError
        When pyspark or Java is missing, `master` is no address of a cluster or nothing answers there, workers lack
        ceasefire or have another version of it, or Spark fails.
    """
    if not master.startswith(_MASTERS):
        raise UsageError(f'"{master}" is no Spark master.', "Give one such as spark://host:7077, yarn, or local[2].")
    _refuse_without_java()
    _refuse_silent(master)
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError("The engine spark needs pyspark, which is not installed here.", _INSTALL) from error
    spark = None
    try:
        builder = SparkSession.builder.master(master).appName("ceasefire")
        for key, value in (_settings() | dict(settings or {})).items():
            builder = builder.config(key, value)
        spark = builder.getOrCreate()
        _refuse_unlike(spark)
        yield spark
    except (Py4JError, PySparkException) as error:
        raise _as_sentence(error, master) from error
    finally:
        if spark is not None:
            with suppress(Py4JError, PySparkException, OSError):  # the cluster may have gone
                spark.stop()


def _settings() -> dict[str, str]:
    return {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "50000",
        "spark.sql.execution.arrow.useLargeVarTypes": "true",  # what goes to one part may exceed 2 GiB
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # its default names no zone
        "spark.sql.adaptive.enabled": "false",  # it would lay small parts together again
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": os.environ.get("CEASEFIRE_SPARK_LOG", "OFF"),
        "spark.task.maxFailures": "8",
        "spark.excludeOnFailure.enabled": "false",
        "spark.pyspark.python": os.environ.get("PYSPARK_PYTHON", sys.executable),
        "spark.pyspark.driver.python": sys.executable,
    }


def _refuse_silent(master: str) -> None:
    """Raise when nothing listens where a standalone master should: Spark itself would wait for a minute."""
    if not master.startswith("spark://"):
        return
    reasons = []
    for address in master.removeprefix("spark://").split(","):  # several, where one stands in for another
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS_TO_ANSWER).close()
        except (OSError, ValueError) as error:
            reasons.append(str(error))
        else:
            return
    raise UsageError(
        f"No Spark master answers at {master}: {'; '.join(reasons)}.",
        "See that it runs, and that its address is spelled as on its own page.",
    )


def _refuse_without_java() -> None:
    home = os.environ.get("JAVA_HOME")
    found = os.path.exists(os.path.join(home, "bin", "java")) if home else shutil.which("java") is not None
    if not found:
        where = f"JAVA_HOME is {home}, which has no bin/java" if home else "there is none on the PATH"
        raise UsageError(
            f"The engine spark needs Java 17 or 21, and {where}.",
            "Install one (on Debian: apt install openjdk-17-jre-headless), or set JAVA_HOME.",
        )


def versions() -> dict[str, str]:
    """Return the versions on which results depend, as they are here."""
    found = {"python": ".".join(str(part) for part in sys.version_info[:2])}
    for name in _SAME_HERE_AND_THERE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def _refuse_unlike(spark: SparkSession) -> None:
    """Raise unless every worker that answers has our versions; it is asked in as many tasks as there are cores."""
    here = versions()
    names = [*here]
    tasks = max(spark.sparkContext.defaultParallelism, 2)

    # sent by value: a worker without ceasefire must be able to say so
    def there(_: object) -> list[tuple[str, ...]]:
        import socket
        import sys
        from importlib import metadata

        found = {"python": ".".join(str(part) for part in sys.version_info[:2])}
        for name in names[1:]:
            try:
                found[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                found[name] = "none"
        return [(socket.gethostname(), *(found[name] for name in names))]

    answers = spark.sparkContext.parallelize(range(tasks), tasks).mapPartitions(there).collect()
    for host, *others in sorted({*answers}):
        for name, other in zip(names, others, strict=True):
            if other == here[name]:
                continue
            said = f"has no {name}" if other == "none" else f"has {name} {other}"
            raise UsageError(
                f"The worker {host} {said}; here it is {here[name]}. Other versions may give other incidents.",
                "Install the same on every worker, or send the environment along: docs/how-to/fuse-on-a-cluster.md.",
            )


def _as_sentence(error: Exception, master: str) -> CeasefireError:
    """Return an error with a sentence for what went wrong; the rest is in its cause, for --debug."""
    text = str(error)
    if "All masters are unresponsive" in text or "stopped SparkContext" in text:
        return UsageError(
            f"The Spark master at {master} does not take the work, or went away.",
            "See that it runs the same version of Spark, and that its address is spelled as on its own page.",
        )
    if "ModuleNotFoundError" in text:
        missing = text.split("ModuleNotFoundError:", 1)[1].strip().splitlines()[0]
        return UsageError(
            f"A worker of {master} lacks something: {missing}.",
            "Install ceasefire[spark] on every worker, in the Python named by PYSPARK_PYTHON.",
        )
    first = next((line for line in reversed(text.splitlines()) if line.strip() and not line.startswith("\t")), text)
    return UsageError(
        f"Spark at {master} failed: {first.strip()[:300]}",
        "The whole of it is shown with --debug; the workers' own logs say more.",
    )
