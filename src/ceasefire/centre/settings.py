"""How a server is set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from litestar.connection import ASGIConnection

from ceasefire.centre.accounts import system_clock
from ceasefire.model.roles import Role
from ceasefire.release.policy import Viewer

Connection = ASGIConnection[Any, Any, Any, Any]
Identify = Callable[[Connection], Viewer]
"""Says who is asking."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def owner(_connection: Connection) -> Viewer:
    """Return the one user of a laptop, who is analyst and head at once: whoever can reach the port."""
    return Viewer(name="owner", roles=frozenset({Role.ANALYST, Role.HEAD}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a server is set up.

    Parameters
    ----------
    hosts : frozenset of str
        What a request's ``Host`` may name, port included; anything else was led here by somebody else's page.
    scheme : {"http", "https"}
        Under which browsers reach it.
    is_behind_proxy : bool
        Whether every request comes through a proxy of ours, whose word on where it came from is taken.
    identify : callable, optional
        Says who is asking; by default the owner, and whoever is signed in once there are accounts.
    most_body_bytes : int
        A longer request is refused.
    most_upload_bytes : int
        Likewise, where a file is brought.
    requests_per_minute : int
        Of one address; 0 sets no limit.
    clock : callable
        Returns now, UTC microseconds; sessions, codes and waiting times go by it.
    idle_minutes, longest_hours : int
        After which a session ends: without a request, and whatever happens.
    second_factor_for : frozenset of Role
        Roles that are not signed in without a second factor.
    between : Path, optional
        A file in which the workers of this server tell each other who is there; by default there is one worker.
    """

    hosts: frozenset[str] = field(default_factory=lambda: hosts_of(8000))
    scheme: Literal["http", "https"] = "http"
    is_behind_proxy: bool = False
    identify: Identify | None = None
    most_body_bytes: int = 1_000_000
    most_upload_bytes: int = 50_000_000
    requests_per_minute: int = 3000
    clock: Callable[[], int] = system_clock
    idle_minutes: int = 120
    longest_hours: int = 14
    second_factor_for: frozenset[Role] = frozenset({Role.ADMINISTRATOR, Role.HEAD})
    between: Path | None = None

    @property
    def origins(self) -> frozenset[str]:
        """From where a request that changes something may come."""
        return frozenset(f"{self.scheme}://{host}" for host in self.hosts)


def hosts_of(port: int) -> frozenset[str]:
    """Return the names by which this machine reaches a port of its own."""
    return frozenset(f"{name}:{port}" for name in LOOPBACK)
