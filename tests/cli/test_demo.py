"""`ceasefire demo` before a screen: the centre opens in the browser, and Ctrl+C ends it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

PATIENCE_SECONDS = 120
_SCREEN = ("CI", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


class Terminal:
    """A command at a terminal of its own; what it says is read as it comes, or it would wait to be read."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        reader, terminal = pty.openpty()
        held = {name: value for name, value in os.environ.items() if name not in _SCREEN}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ceasefire", "demo", *options],
            cwd=folder,
            env={**held, "COLUMNS": "200", **environment},
            stdout=terminal,
            stderr=subprocess.STDOUT,
        )
        os.close(terminal)
        self._said: list[bytes] = []
        self._reading = threading.Thread(target=self._read, args=(reader,), daemon=True)
        self._reading.start()

    def _read(self, reader: int) -> None:
        try:
            while part := os.read(reader, 4096):
                self._said.append(part)
        except OSError:  # the other end is closed
            pass
        os.close(reader)

    def end(self, seconds: float) -> tuple[int, str]:
        """Wait for its end; give the exit code and all it said."""
        try:
            code = self.process.wait(timeout=seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        self._reading.join(timeout=10)
        return code, b"".join(self._said).decode()


def test_before_a_screen_it_serves_and_opens_until_ctrl_c(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n')
    browser.chmod(0o755)
    terminal = Terminal(tmp_path, BROWSER=f"{browser} %s", DISPLAY=":77")
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (opened.exists() and opened.read_text().strip()):
            assert terminal.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        address = opened.read_text().strip()
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/api/v1/case", timeout=30) as answer:  # noqa: S310
            assert json.load(answer)["zones"]
        terminal.process.send_signal(signal.SIGINT)
    except BaseException:
        terminal.process.kill()
        raise
    code, said = terminal.end(30)
    assert code == 0
    assert f"The map is open in your browser: {address}" in said
    assert "Stop it with Ctrl+C." in said


@pytest.mark.parametrize(
    ("options", "environment"),
    [((), {}), (("--no-show",), {"DISPLAY": ":77"})],
    ids=["no screen", "not wanted"],
)
def test_otherwise_it_says_how_to_open_it_and_is_done(
    tmp_path: Path, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    code, said = Terminal(tmp_path, *options, **environment).end(PATIENCE_SECONDS)
    assert code == 0
    assert "Read it: file://" in said
    assert "ceasefire serve -w ceasefire-demo" in said
    assert "Ctrl+C" not in said
