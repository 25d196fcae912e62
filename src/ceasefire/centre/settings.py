"""How a server is set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from litestar.connection import ASGIConnection

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
    mode : {"laptop", "centre"}
        One user without an account, or accounts.
    hosts : frozenset of str
        What a request's ``Host`` may name, port included; anything else was led here by somebody else's page.
    scheme : {"http", "https"}
        Under which browsers reach it.
    identify : callable
        Says who is asking.
    most_body_bytes : int
        A longer request is refused.
    requests_per_minute : int
        Of one address; 0 sets no limit.
    """

    mode: Literal["laptop", "centre"] = "laptop"
    hosts: frozenset[str] = field(default_factory=lambda: hosts_of(8000))
    scheme: Literal["http", "https"] = "http"
    identify: Identify = owner
    most_body_bytes: int = 1_000_000
    requests_per_minute: int = 3000

    @property
    def origins(self) -> frozenset[str]:
        """From where a request that changes something may come."""
        return frozenset(f"{self.scheme}://{host}" for host in self.hosts)


def hosts_of(port: int) -> frozenset[str]:
    """Return the names by which this machine reaches a port of its own."""
    return frozenset(f"{name}:{port}" for name in LOOPBACK)
