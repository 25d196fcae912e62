"""`ceasefire serve`, as a user starts it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ceasefire.pipeline.workspace import Workspace

from .test_reading import edit_case

COMMAND = [sys.executable, "-m", "ceasefire", "serve"]
PATIENCE = 120


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a workspace on a free port; give the address."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--json", "-w", folder, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            yield json.loads(line)["address"], process
        finally:
            process.kill()


def test_it_answers_follows_the_record_and_stops(folder: Path) -> None:
    with serving(folder) as (address, process):
        with urllib.request.urlopen(f"{address}/api/v1/case", timeout=PATIENCE) as answer:  # noqa: S310
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            case = json.load(answer)
        assert (case["mode"], case["viewer"]["roles"]) == ("laptop", ["analyst", "head"])
        with urllib.request.urlopen(f"{address}/api/v1/events", timeout=PATIENCE) as events:  # noqa: S310
            assert events.headers["content-type"].startswith("text/event-stream")
            assert next_event(events) == {"position": 2, "results_position": 2, "results_behind": False}
            edit_case(folder)
            with Workspace.open(folder) as workspace:
                workspace.run()
            assert next_event(events)["position"] == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def next_event(stream: object) -> dict[str, object]:
    """Read the data of the next event."""
    for line in stream:  # type: ignore[attr-defined]
        if line.startswith(b"data:"):
            return dict(json.loads(line.removeprefix(b"data:")))
    raise AssertionError("the stream ended")


def refused(folder: Path, *options: str) -> str:
    """Run it with options that it refuses; give what it says."""
    done = subprocess.run(
        [*COMMAND, "-w", folder, "--no-open", *options], capture_output=True, text=True, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return done.stderr


def test_it_answers_this_machine_alone(served_once: Path) -> None:
    said = refused(served_once, "--host", "0.0.0.0")  # noqa: S104
    assert "has no accounts" in said
    assert "127.0.0.1" in said


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_it_refuses_a_port_that_is_none(served_once: Path, port: str) -> None:
    assert f"no port {port}" in refused(served_once, "--port", port)


def test_it_says_that_a_port_is_taken(folder: Path) -> None:
    with serving(folder) as (address, _):
        assert "--port 0" in refused(folder, "--port", address.rsplit(":", 1)[1])


def test_it_refuses_a_folder_that_is_no_workspace(tmp_path: Path) -> None:
    assert "is no workspace" in refused(tmp_path)


def test_two_readers_are_served_while_the_results_are_derived_anew(folder: Path) -> None:
    edit_case(folder)
    with serving(folder) as (address, _):
        run = subprocess.Popen(
            [sys.executable, "-m", "ceasefire", "run", "-w", folder], stdout=subprocess.DEVNULL, env={**os.environ}
        )
        counts = set()
        while run.poll() is None:
            with urllib.request.urlopen(f"{address}/api/v1/incidents?limit=1", timeout=PATIENCE) as answer:  # noqa: S310
                counts.add(json.load(answer)["counts"]["matched"])
        assert run.returncode == 0
        assert counts <= {22, 23}
        assert 22 in counts
    shutil.rmtree(folder)
