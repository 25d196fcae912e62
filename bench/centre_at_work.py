"""A centre at work: fifty people who drag maps and eight who do casework, all at once, for two minutes.

    python bench/centre_at_work.py [--seconds 120] [--postgresql]

A server is started on the built-in case as a centre: accounts, sessions, a proxy's header for each person's address, so
that limits by address hold as they do for people. Everybody follows what changes. Readers ask for maps, pages and
histograms and pause as people do; writers file allegations, comment, grade, edit, attach and move them. With
--postgresql the ledger is in a database of a server started for this, and two workers answer.

At the end every write that was acknowledged is looked for in the ledger, once. The control is one that was never made:
the count has to miss it. Memory is that of the server's processes, read every five seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from ceasefire.agreement.load import built_in_role
from ceasefire.casework.fold import KINDS, CaseFiles
from ceasefire.centre.accounts import Accounts
from ceasefire.model.roles import Role
from ceasefire.pipeline.ledger_place import open_ledger
from ceasefire.pipeline.workspace import Workspace

READERS, WRITERS = 50, 8
READER_PAUSE_SECONDS, WRITER_PAUSE_SECONDS = 1.0, 0.5
LIMIT_MAP_MS, LIMIT_WRITE_MS = 300, 500
PASSWORD = "seven herons over the salt flat"  # noqa: S105
ADDRESS = "https://centre.test"
LOOKED_EVERY_SECONDS = 5
ROLES = {"reader": Role.ANALYST, "writer-a": Role.ANALYST, "writer-b": Role.FIELD_MONITOR}
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class Taken:
    """What happened."""

    maps: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    slowest: dict[str, list[float]] = field(default_factory=dict)
    recorded: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    events: int = 0
    megabytes: list[float] = field(default_factory=list)
    busy_seconds: float = 0.0


@dataclass
class Person:
    """Somebody with a session and an address of their own."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Send a request as theirs."""
        headers = {**self.headers, **sent.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **sent)


async def sign_in(client: httpx.AsyncClient, account: str, number: int, password: str) -> tuple[Person, str | None]:
    """Begin a session; return it with what is due."""
    headers = {
        "host": "centre.test",
        "origin": ADDRESS,
        "x-forwarded-for": f"198.51.{number // 250}.{number % 250}",
    }
    answer = await client.post("session", json={"account": account, "password": password}, headers=headers)
    answer.raise_for_status()
    cookie = answer.headers["set-cookie"].split(";")[0]
    told = answer.json()
    return Person(client, {**headers, "cookie": cookie, "x-csrf-token": told["csrf_token"]}), told["due"]


async def settled(client: httpx.AsyncClient, issued: dict[str, str]) -> None:
    """Give each account a password of its own."""
    for number, (account, password) in enumerate(issued.items()):
        person, due = await sign_in(client, account, 200 + number, password)
        if due != "new-password":
            raise RuntimeError(f"{account}: {due} is due")
        answer = await person.ask("POST", "session/password", json={"current": password, "new": PASSWORD})
        answer.raise_for_status()


async def read(person: Person, number: int, day: str, until: float, taken: Taken) -> None:
    """Drag a map, turn pages, look at weeks."""
    rng, month = random.Random(number), f"{day[:8]}01"  # noqa: S311
    paths = (
        "incidents?format=geojson&from={month}&until={day}",
        "incidents?limit=50&from={month}",
        "incidents/histogram?bucket=day&from={month}",
        "incidents?format=geojson&bbox=35.5,33,38.{digit},37.{digit}",
        "areas?day={day}",
    )
    await asyncio.sleep(READER_PAUSE_SECONDS * number / READERS)
    while time.perf_counter() < until:
        path = rng.choice(paths).format(month=month, day=day, digit=rng.randrange(10))
        begin = time.perf_counter()
        answer = await person.ask("GET", path)
        taken.maps.append((time.perf_counter() - begin) * 1000)
        if answer.status_code != 200:
            taken.failed.append(f"{path}: {answer.status_code}")
        await asyncio.sleep(READER_PAUSE_SECONDS)


async def write(person: Person, number: int, parties: list[str], clause: str, until: float, taken: Taken) -> None:
    """File allegations, and work on each: past 40 lines because a file's whole course stands on one page."""
    turn = 0
    while time.perf_counter() < until:
        turn += 1
        mark = f"writer {number}, file {turn}"
        fields = {"title": mark, "summary": "As heard.", "accused": [parties[turn % 2]], "clause_ids": [clause]}
        view = await done(person, taken, "open", "case-files", {"filed_by": None, "fields": fields})
        if view is None:
            continue
        id_, base = view["row"]["id"], view["revision"]
        at = f"case-files/{id_}"
        steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("comment", f"{at}/comments", {"text": f"{mark}: first"}),
            ("edit", f"{at}/edits", {"changes": [{"field": "place", "base": base, "value": "Near the mill"}]}),
            ("grade", f"{at}/grades", {"grade": "verified", "reason": mark}),
            ("attach", f"{at}/attachments?name=picture-{number}-{turn}.png", {}),
            ("comment", f"{at}/comments", {"text": f"{mark}: second"}),
            ("clock", f"{at}/clock/stop", {"reason": "unsafe", "note": mark}),
            ("clock", f"{at}/clock/restart", {"note": mark}),
            ("admit", f"{at}/moves", {"transition": "admit", "base": view["base"], "reason": mark}),
        )
        for name, path, body in steps:
            if name == "admit" and number % 2:  # a monitor does not
                continue
            await asyncio.sleep(WRITER_PAUSE_SECONDS)
            await done(person, taken, name, path, body)
        begin = time.perf_counter()
        answer = await person.ask("GET", "case-files")
        taken.slowest.setdefault("list", []).append((time.perf_counter() - begin) * 1000)
        if answer.status_code != 200:
            taken.failed.append(f"list: {answer.status_code}")


async def done(person: Person, taken: Taken, name: str, path: str, body: dict[str, Any]) -> Any:
    """Send one write; keep what it took, and the position at which it was recorded."""
    sent: dict[str, Any] = {"json": body}
    if name == "attach":
        sent = {"content": PICTURE + os.urandom(64), "headers": {"content-type": "application/octet-stream"}}
    begin = time.perf_counter()
    answer = await person.ask("POST", path, **sent)
    spent = (time.perf_counter() - begin) * 1000
    taken.writes.append(spent)
    taken.slowest.setdefault(name, []).append(spent)
    if answer.status_code not in (200, 201):
        taken.failed.append(f"{name}: {answer.status_code} {answer.text[:200]}")
        return None
    view = answer.json()
    taken.recorded.append(f"{view['row']['id']} {view['revision']}")
    return view


async def follow(person: Person, until: float, taken: Taken) -> None:
    """Hear of what changes."""
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with (
            asyncio.timeout(max(until - time.perf_counter(), 0.1)),
            person.client.stream("GET", "events", headers=person.headers) as stream,
        ):
            async for line in stream.aiter_lines():
                taken.events += line.startswith("event:")


async def watch(process: int, until: float, taken: Taken) -> None:
    """Add up what the server's processes hold, and how long they had a processor."""
    before = sum(map(busy_seconds, family(process)))
    while time.perf_counter() < until:
        taken.megabytes.append(sum(map(resident_megabytes, family(process))))
        await asyncio.sleep(LOOKED_EVERY_SECONDS)
    taken.busy_seconds = sum(map(busy_seconds, family(process))) - before


def family(process: int) -> list[int]:
    """Return a process with all below it."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(each for child in children for each in family(int(child)))]


def busy_seconds(process: int) -> float:
    """Return for how long a process had a processor."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(process: int) -> float:
    """Return what a process holds in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def crowd(base: str, process: int, issued: dict[str, str], seconds: float) -> Taken:
    """Let everybody work."""
    taken = Taken()
    limits = httpx.Limits(max_connections=4 * (READERS + WRITERS), max_keepalive_connections=4 * (READERS + WRITERS))
    async with httpx.AsyncClient(base_url=f"{base}/api/v1/", timeout=60, limits=limits) as client:
        await settled(client, issued)
        names = ["reader"] * READERS + ["writer-a", "writer-b"] * (WRITERS // 2)
        people = [(await sign_in(client, name, number, PASSWORD))[0] for number, name in enumerate(names)]
        case = (await people[0].ask("GET", "case")).json()
        day = case["results"]["last_day"]
        parties = [actor["actor_id"] for actor in case["actors"] if actor["is_accused"]][:2]
        clause = case["clauses"][0]["clause_id"]
        until = time.perf_counter() + seconds
        work = [read(person, number, day, until, taken) for number, person in enumerate(people[:READERS])]
        work += [write(person, number, parties, clause, until, taken) for number, person in enumerate(people[READERS:])]
        work += [follow(person, until, taken) for person in people]
        await asyncio.gather(*work, watch(process, until, taken))
    return taken


def count(folder: Path, recorded: list[str]) -> tuple[int, int, int]:
    """Return how many acknowledged writes the ledger misses, how many it has besides, and how many are void."""
    with open_ledger(folder) as ledger:
        entries = [entry for entry in ledger.entries() if entry.kind in KINDS]
        if not ledger.audit().ok:
            raise RuntimeError("the ledger does not agree with itself")
        void = len(CaseFiles.empty().after(ledger.entries()).void)
    held = {f"{entry.payload['case_file_id']} {entry.position}" for entry in entries}
    return len(set(recorded) - held), len(held - set(recorded)), void


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Start PostgreSQL on a socket of its own, as the tests do."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.conftest import PostgresqlServer, postgresql_programs

    programs = postgresql_programs()
    if programs is None:
        raise RuntimeError("there is no PostgreSQL on this machine")
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        Path(name).chmod(0o755)
        server = PostgresqlServer(programs, Path(name))
        server.start()
        try:
            yield server.address(server.new_database())
        finally:
            server.stop()


def measure(seconds: float, ledger: str | None) -> tuple[Taken, Path, tuple[int, int, int], bool]:
    """Serve the built-in case, let everybody work, and count."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "mission"
        with Workspace.create(folder, built_in_role("demonstration")["case"], author="bench", ledger=ledger) as held:
            held.run()
        with Accounts(folder) as accounts:
            issued = {each: accounts.add(each, name=each, role=role, by="bench") for each, role in ROLES.items()}
        command = [sys.executable, "-m", "ceasefire", "serve", "--port", "0", "--json", "--address", ADDRESS, "-w"]
        with subprocess.Popen(
            [*command, str(folder), *(("--workers", "2") if ledger else ())], stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None  # noqa: S101
                base = json.loads(process.stdout.readline())["address"]
                taken = asyncio.run(crowd(base, process.pid, issued, seconds))
            finally:
                process.terminate()
                process.wait(timeout=60)
        counted = count(folder, taken.recorded)
        noticed = count(folder, [*taken.recorded, "case-never 1"])[0] == counted[0] + 1
    return taken, folder, counted, noticed


def main() -> int:
    """Run the benchmark; 1 when a limit is missed, a write is lost or the control passes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    before = os.getloadavg()[0]
    with database() if given.postgresql else contextlib.nullcontext() as address:
        taken, _, (lost, strange, void), noticed = measure(given.seconds, address)
    maps, writes = (float(np.percentile(each, 95)) for each in (taken.maps, taken.writes))
    half = taken.megabytes[len(taken.megabytes) // 2 :]
    quarter = taken.megabytes[len(taken.megabytes) // 4 : len(taken.megabytes) // 2]
    place = "PostgreSQL, 2 workers" if given.postgresql else "SQLite, 1 worker"
    print(json.dumps({
        "store": place, "seconds": given.seconds, "load_before": before, "maps": len(taken.maps), "maps_p95_ms": maps,
        "maps_median_ms": statistics.median(taken.maps), "writes": len(taken.writes), "writes_p95_ms": writes,
        "writes_median_ms": statistics.median(taken.writes), "failed": len(taken.failed), "lost": lost, "void": void,
        "not_acknowledged": strange, "events": taken.events,
        "server_busy_seconds": round(taken.busy_seconds, 1), "megabytes_quarter": round(statistics.median(quarter)),
        "megabytes_end": round(statistics.median(half)),
        "by_write_p95_ms": {name: round(float(np.percentile(each, 95))) for name, each in taken.slowest.items()},
    }))  # fmt: skip
    for line in taken.failed[:5]:
        print(f"  failed: {line}")
    print(
        f"{place}, load before {before:.1f}: {READERS} readers and {WRITERS} writers for {given.seconds:.0f} s. "
        f"{len(taken.maps):,} map queries, 95 of 100 within {maps:.0f} ms (limit {LIMIT_MAP_MS}); "
        f"{len(taken.writes):,} writes, within {writes:.0f} ms (limit {LIMIT_WRITE_MS}); {len(taken.failed)} failed, "
        f"{lost} lost, {void} void. "
        f"The server had a processor for {taken.busy_seconds:.0f} s. "
        f"Memory {statistics.median(quarter):.0f} MB early, {statistics.median(half):.0f} MB late. "
        f"A write that was never made is missed: {'yes' if noticed else 'NO'}."
    )
    met = maps <= LIMIT_MAP_MS and writes <= LIMIT_WRITE_MS and not (taken.failed or lost or void or strange)
    return 0 if met and noticed else 1


if __name__ == "__main__":
    sys.exit(main())
