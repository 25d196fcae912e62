"""Write the description of the API, from which the front end's types are made.

    python scripts/write_api_description.py [--check]

With --check nothing is written; the exit code is 1 when the file is not current.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

FILE = Path(__file__).parents[1] / "frontend" / "src" / "api" / "openapi.json"


def description() -> str:
    """Return the description as the server gives it, laid out for reading."""
    from ceasefire.centre.app import build_app
    from ceasefire.centre.description import described
    from ceasefire.pipeline.workspace import Workspace

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "workspace"
        Workspace.create(folder, "riverline", author="description").close()
        app = build_app(folder)
        app.state.record.close()
        said = described(app)
    said["info"]["version"] = "1"  # of the API: a release of the program changes no type
    return json.dumps(said, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    """Write or check the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    said = description()
    if parser.parse_args().check:
        return int(not FILE.exists() or FILE.read_text(encoding="utf-8") != said)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(said, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
