"""Fixtures that every room's tests share."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

# A command whose output is a pipe says what it says at once by itself, not because this was set where tests are run.
os.environ.pop("PYTHONUNBUFFERED", None)

DOUBTFUL_MAPPING = """\
format: 1
separator: ";"
source: { column: by }
source_report_id: no
time:
  start: { column: day }
  precision: { constant: { precision: day } }
place:
  latitude: lat
  longitude: lon
  precision: { constant: { precision: near, radius_km: 5 } }
actors:
  sides: [a, b]
acts: { constant: [armed-force] }
tolls:
  killed: { best: dead }
"""
DOUBTFUL_SOURCES = ("hill-post", "river-post", "gazette")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data named by CEASEFIRE_DATA, or skip with a line that says so."""
    folder = os.environ.get("CEASEFIRE_DATA")
    if not folder:
        pytest.skip("real data: set CEASEFIRE_DATA to the folder that holds dev_pack/ to run this test")
    path = Path(folder)
    assert (path / "dev_pack").is_dir(), f"CEASEFIRE_DATA is {folder}, which has no dev_pack/"
    return path


@pytest.fixture(scope="session")
def doubtful_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a table of 1,200 reports of three sources on the same few days and hills, and its mapping.

    Many may or may not be of one event.
    """
    rng = np.random.default_rng(1)
    lines = ["no;day;lat;lon;by;a;b;dead"]
    for day in rng.integers(60, size=520).tolist():
        lat, lon, dead = 26.5 + rng.normal(0, 0.12), -42.9 + rng.normal(0, 0.12), rng.poisson(3)
        for source in DOUBTFUL_SOURCES:
            if rng.random() < 0.75:
                told = date(2021, 3, 1) + timedelta(days=day + int(rng.random() < 0.3))
                spot = f"{lat + rng.normal(0, 0.02):.4f};{lon + rng.normal(0, 0.02):.4f}"
                toll = max(0, dead + int(rng.integers(-1, 2)))
                lines.append(f"{len(lines)};{told};{spot};{source};Republic of Velmar;Northern Assembly;{toll}")
    folder = tmp_path_factory.mktemp("doubtful")
    table, mapping = folder / "doubtful.csv", folder / "doubtful.yaml"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    mapping.write_text(DOUBTFUL_MAPPING, encoding="utf-8")
    return table, mapping


class PostgresqlServer:
    """A PostgreSQL of the test's own, on a socket in a temporary folder; nothing else can reach it.

    It refuses to run as root. There it runs as the account that Debian's package makes.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self.folder = programs, folder
        self._account = "postgres" if os.geteuid() == 0 else None
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        if self._account:
            shutil.chown(folder, self._account)
        self._run("initdb", "--auth=trust", "--username=owner", "--encoding=UTF8", "--locale=C", "-D", "data")
        rules = folder / "data" / "pg_hba.conf"  # one role is asked for its password, and all others let in
        rules.write_text("local all keeper scram-sha-256\n" + rules.read_text())

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [self._programs / "postgres", "-D", "data", "-k", self.folder, "-c", "listen_addresses="]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env={"LC_ALL": "C"}, stdout=log, stderr=log, user=self._account
            )
        # A session that is killed cannot stop its server: then the pipe ends, and the watcher does.
        self._watcher = subprocess.Popen(
            ["sh", "-c", f'cat; kill -INT {self._process.pid}; sleep 5; rm -rf "$0"', self.folder],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                self._run("pg_isready", "-q", "-h", str(self.folder))
            except subprocess.CalledProcessError:
                log_text = (self.folder / "log").read_text()
                assert self._process.poll() is None and time.monotonic() < deadline, log_text
                time.sleep(0.1)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT properly, SIGQUIT as in a crash."""
        if self._watcher is not None and self._watcher.stdin is not None:
            self._watcher.kill()
            self._watcher.wait()
            self._watcher.stdin.close()
            self._watcher = None
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def new_database(self, template: str | None = None) -> str:
        """Make a database, empty or the copy of another, and return its name."""
        name = f"mission_{next(self._numbers)}"
        like = ("--template", template) if template else ()
        self._run("createdb", "-h", str(self.folder), "-U", "owner", *like, name)
        return name

    def drop(self, database: str) -> None:
        """Take a database away, whoever is connected to it."""
        self._run("dropdb", "--force", "-h", str(self.folder), "-U", "owner", database)

    def address(self, database: str, user: str = "owner") -> str:
        """Return the address of a database for a user."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes PostgreSQL's own programs, and ours, take this server."""
        return {"PGHOST": str(self.folder), "PGUSER": "owner", "LC_MESSAGES": "C"}

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            env={"LC_ALL": "C"},
            user=self._account,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def postgresql_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs; Debian keeps them off the path."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return Path(found).resolve().parent if found else debian[-1].parent if debian else None


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a server for the session, or skip with a line that says what is missing."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine: install it to run its tests (Debian: apt install postgresql)")
    if os.geteuid() == 0 and "postgres" not in {account.pw_name for account in pwd.getpwall()}:
        pytest.skip("PostgreSQL does not run as root, and there is no account postgres: make one to run its tests")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path may have some hundred bytes
    server = None
    try:
        server = PostgresqlServer(programs, folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


_EVERY_TEST_MUST_RUN = os.environ.get("CEASEFIRE_SKIPS") == "fail"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count a skip as a failure where CEASEFIRE_SKIPS=fail (`make check`): there, every test must run.

    A real-data test may be left out only where no real data are named.
    """
    report = yield
    excused = item.get_closest_marker("real_data") is not None and not os.environ.get("CEASEFIRE_DATA")
    if report.skipped and not hasattr(report, "wasxfail") and not excused:
        _count_as_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Count a module that skips itself likewise."""
    report = yield
    if report.skipped:
        _count_as_failure(report)
    return report


def _count_as_failure(report: pytest.TestReport | pytest.CollectReport) -> None:
    if _EVERY_TEST_MUST_RUN:
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nA skipped test is a failure here: `make check` expects a machine that has it."
