"""Answering on a port of this machine."""

from __future__ import annotations

import multiprocessing
import socket
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from ceasefire.centre.accounts import Accounts
from ceasefire.centre.app import API, build_app
from ceasefire.centre.between import BetweenWorkers
from ceasefire.centre.settings import Settings, hosts_of
from ceasefire.ledger.ledger import is_server
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.ledger_place import ledger_address

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HIGHEST_PORT = 65_535
_PATIENCE_SECONDS = 60.0
_MOST_WORKERS, _END_SECONDS = 64, 10


def serve_workspace(
    folder: Path,
    *,
    host: str,
    port: int,
    started: Callable[[str], None],
    public_address: str | None = None,
    workers: int = 1,
) -> None:
    """Serve a workspace until interrupted.

    Parameters
    ----------
    folder : Path
        The workspace.
    host : str
        A loopback address, as long as there are no accounts: whoever reaches the port is the owner then.
    port : int
        0 takes any that is free.
    started : callable
        Told the address as soon as it answers.
    public_address : str, optional
        ``https://`` and the name under which browsers reach a proxy that passes requests on to this port.
    workers : int
        Processes that answer; more than one where the ledger is in a database.

    Raises
    ------
    UsageError
        When others could reach it without an account or unencrypted, the port is taken, or several workers would
        share a file.
    """
    from granian.constants import Interfaces
    from granian.server.embed import Server

    _refuse_open(folder, host, public_address)
    _refuse_workers(folder, workers)
    port = _free_port(host, port)
    address = f"http://{'[::1]' if host == '::1' else host}:{port}"
    settings = _settings(port, public_address)
    threading.Thread(target=_say_when_ready, args=(address, started), daemon=True).start()
    if workers > 1:
        _run_workers(folder, settings, host=host, port=port, workers=workers)
        return
    server = Server(build_app(folder, settings), address=host, port=port, interface=Interfaces.ASGI, log_enabled=False)
    _run(server)


def _refuse_workers(folder: Path, workers: int) -> None:
    if not 1 <= workers <= _MOST_WORKERS:
        raise UsageError(f"{workers} workers cannot answer.", f"Name a number from 1 to {_MOST_WORKERS}.")
    if workers > 1 and not is_server(str(ledger_address(folder))):
        raise UsageError(
            f"The ledger of {folder} is a file, which one worker serves.",
            "Leave --workers out; or keep the ledger in PostgreSQL: ceasefire init DIR --ledger postgresql://…",
        )


def _run_workers(folder: Path, settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve from several processes until interrupted; one that ends is begun anew."""
    from granian.constants import Interfaces
    from granian.server import Server

    # nothing that this process has open - threads, connections - is carried into them
    multiprocessing.set_start_method("spawn", force=True)
    with tempfile.TemporaryDirectory(prefix="ceasefire-") as shared:
        told = replace(settings, between=Path(shared) / "between.sqlite")
        BetweenWorkers(told.between).close()  # made once, before they all come
        server = Server(
            "ceasefire",
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            workers=workers,
            log_enabled=False,
            respawn_failed_workers=True,
            workers_kill_timeout=_END_SECONDS,
        )
        server.serve(target_loader=partial(build_app, folder, told), wrap_loader=False)


def _refuse_open(folder: Path, host: str, public_address: str | None) -> None:
    """Refuse to answer others where whoever came would be the owner, or passwords would be read on their way."""
    if host in LOOPBACK and public_address is None:
        return
    with Accounts(folder) as accounts:
        has_accounts = accounts.exist
    if not has_accounts:
        raise UsageError(
            f"{public_address or host} can be reached from other machines, and this workspace has no accounts: whoever "
            "reached it would be its owner.",
            "Serve on 127.0.0.1 alone; or make accounts first: ceasefire account add NAME --role administrator",
        )
    if public_address is None:
        raise UsageError(
            f"{host} can be reached from other machines, and what they send would not be encrypted: passwords could be "
            "read on their way.",
            "Put a proxy with TLS in front, and name it: --address https://centre.example.org",
        )
    parts = urlsplit(public_address)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        raise UsageError(
            f'"{public_address}" is no address of a centre.',
            "Write https:// and a name, as in https://centre.example.org",
        )


def _settings(port: int, public_address: str | None) -> Settings:
    if public_address is None:
        return Settings(hosts=hosts_of(port))
    host = urlsplit(public_address).netloc.lower().removesuffix(":443")
    return Settings(hosts=hosts_of(port) | {host}, scheme="https", is_behind_proxy=True)


def _run(server: object) -> None:
    import asyncio
    import signal

    async def answering() -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, server.stop)  # type: ignore[attr-defined]
        await server.serve()  # type: ignore[attr-defined]

    asyncio.run(answering())


def _free_port(host: str, port: int) -> int:
    """Return the port, or any free one for 0.

    Raises
    ------
    UsageError
        When there is no such port, or something answers on it.
    """
    if not 0 <= port <= _HIGHEST_PORT:
        raise UsageError(f"There is no port {port}.", f"Ports go from 1 to {_HIGHEST_PORT}; 0 takes any that is free.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"Port {port} cannot be used ({error.strerror}).", "Name another, or take any: --port 0."
            ) from error
        return int(trial.getsockname()[1])


def _say_when_ready(address: str, started: Callable[[str], None]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}{API}/schema/openapi.json", timeout=5) as answer:  # noqa: S310
                if answer.status == HTTPStatus.OK:
                    started(address)
                    return
        except OSError:
            time.sleep(0.1)
