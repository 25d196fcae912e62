"""The command `ceasefire` without the half second that importing it takes: a process that has done so, and forks.

Each command still is a process with arguments, folder, environment, streams and exit code of its own, and nothing that
one does is left to the next. How the command starts, is interrupted and ends is tested without this.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import marshal
import os
import pkgutil
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from shlex import quote

PATIENCE_SECONDS = 120
LEFT_OUT = ("ceasefire.__main__", "ceasefire.centre", "ceasefire.cases")
_STREAMS = (0, 1, 2)
CLIENT = """\
import marshal, os, socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect({address!r})
told = marshal.dumps((sys.argv[1:], os.getcwd(), dict(os.environ)))
socket.send_fds(link, [len(told).to_bytes(4, "big")], [0, 1, 2])
link.sendall(told)
sys.exit(link.recv(1)[0])
"""


@cache
def warm_command() -> Path:
    """Return a program named `ceasefire`; what it needs runs until the tests of this process end."""
    folder = Path(tempfile.mkdtemp(prefix="warm-"))  # short: a socket's path may have some hundred bytes
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    address = folder / "door"
    server = subprocess.Popen(  # it ends when the pipe does, however this process ends
        [sys.executable, "-P", __file__, str(address)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    atexit.register(server.communicate)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not address.exists():
        assert server.poll() is None and time.monotonic() < deadline, "ceasefire could not be imported"
        time.sleep(0.02)
    client, program = folder / "client.py", folder / "ceasefire"
    client.write_text(CLIENT.format(address=str(address)), encoding="utf-8")
    program.write_text(f'#!/bin/sh\nexec {quote(sys.executable)} -IS {quote(str(client))} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def serve(address: str) -> None:
    """Import the command, and fork for whoever comes, until the standard input ends."""
    package = importlib.import_module("ceasefire")
    for module in pkgutil.walk_packages(package.__path__, "ceasefire."):
        if not module.name.startswith(LEFT_OUT):
            importlib.import_module(module.name)
    gc.freeze()  # what is here stays shared
    door = socket.socket(socket.AF_UNIX)
    door.bind(f"{address}.new")
    door.listen()
    os.rename(f"{address}.new", address)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while door in select.select([door, sys.stdin], [], [])[0]:
        link, _ = door.accept()
        if os.fork() == 0:
            door.close()
            os._exit(answer(link))
        link.close()


def answer(link: socket.socket) -> int:
    """Run one command in a process of its own, and say how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, streams, _, _ = socket.recv_fds(link, 4, len(_STREAMS))
    with link.makefile("rb") as told:
        arguments, folder, environment = marshal.loads(told.read(int.from_bytes(head, "big")))  # noqa: S302 - our own
    command = os.fork()
    if command == 0:
        link.close()
        for theirs, ours in zip(streams, _STREAMS, strict=True):
            os.dup2(theirs, ours)
            os.close(theirs)
        become(arguments, folder, environment)
    for stream in streams:
        os.close(stream)
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    link.sendall(bytes([code if code >= 0 else 128 - code]))
    return 0


def become(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Be the command; this does not return."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["ceasefire", *arguments]
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(  # noqa: SIM115
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    from ceasefire.cli import main

    main()


if __name__ == "__main__":
    serve(sys.argv[1])
