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
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data named by CEASEFIRE_DATA, or skip with a line that says so."""
    folder = os.environ.get("CEASEFIRE_DATA")
    if not folder:
        pytest.skip("real data: set CEASEFIRE_DATA to the folder that holds dev_pack/ to run this test")
    path = Path(folder)
    assert (path / "dev_pack").is_dir(), f"CEASEFIRE_DATA is {folder}, which has no dev_pack/"
    return path


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

    def new_database(self) -> str:
        """Make an empty database, and return its name."""
        name = f"mission_{next(self._numbers)}"
        self._run("createdb", "-h", str(self.folder), "-U", "owner", name)
        return name

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
