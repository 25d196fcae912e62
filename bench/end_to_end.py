"""How long import, run and the weekly bulletin take for the 11,757 real events, start to end, as a user runs them.

    CEASEFIRE_DATA=... python bench/end_to_end.py

Each command is its own process, as on the command line. The peer is reading the same CSV with Arrow and writing it as
Parquet, also in its own process. The control is a file cut in half: the harness must notice that rows are missing.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_SECONDS = 10
LIMIT_GIB = 1
ROWS = 11_757
PEER = "import sys, pyarrow.csv as c, pyarrow.parquet as p; p.write_table(c.read_csv(sys.argv[1]), sys.argv[2])"


def timed(*command: str, folder: Path) -> tuple[float, str]:
    """Run a command; returns wall seconds and what it printed."""
    # as on a user's machine, where Python keeps compiled modules from one run to the next
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=environment)
    return time.perf_counter() - begin, done.stdout


def rows_accepted(printed: str) -> int:
    """Read how many rows an import accepted."""
    return int(printed.split(" accepted")[0].split()[-1].replace(",", ""))


def main() -> int:
    """Run the benchmark; 1 when a limit is missed or the control passes."""
    data = os.environ.get("CEASEFIRE_DATA")
    if not data:
        print("end to end: not measured, CEASEFIRE_DATA names no folder of real events.")
        return 0
    events = Path(data).resolve() / "dev_pack" / "ged_syria_2016_2017.csv"
    ceasefire = (sys.executable, "-m", "ceasefire")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timed(*ceasefire, "init", "w", "--case", "astana-2017", folder=folder)
        workspace = folder / "w"
        steps = {}
        steps["import"], printed = timed(*ceasefire, "import", str(events), "--as", "ucdp-ged", folder=workspace)
        steps["run"], _ = timed(*ceasefire, "run", folder=workspace)
        steps["bulletin"], _ = timed(*ceasefire, "bulletin", "--week", "2017-W39", "-o", "w39.pdf", folder=workspace)
        peak_gib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        peer, _ = timed(sys.executable, "-c", PEER, str(events), "events.parquet", folder=folder)
        half = folder / "half.csv"
        lines = events.read_text(encoding="utf-8").splitlines(keepends=True)
        half.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
        timed(*ceasefire, "init", "h", "--case", "astana-2017", folder=folder)
        _, printed_half = timed(*ceasefire, "import", str(half), "--as", "ucdp-ged", folder=folder / "h")
    total = sum(steps.values())
    whole = rows_accepted(printed) == ROWS
    noticed = rows_accepted(printed_half) != ROWS
    print(json.dumps({**steps, "total_seconds": total, "peak_gib": peak_gib, "peer_seconds": peer}))
    print(
        f"Import, run and weekly bulletin of {ROWS:,} events: {total:.1f} s (limit {LIMIT_SECONDS}), "
        f"{peak_gib:.2f} GiB (limit {LIMIT_GIB}), {total / peer:.1f} times reading and rewriting the file with Arrow. "
        f"Control, half a file: {'noticed' if noticed else 'NOT noticed'}."
    )
    return 0 if whole and noticed and total <= LIMIT_SECONDS and peak_gib <= LIMIT_GIB else 1


if __name__ == "__main__":
    sys.exit(main())
