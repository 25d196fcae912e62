"""The options that commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from ceasefire.pipeline.workspace import Workspace

AsOf = Annotated[
    str | None,
    Parameter(name="--as-of", help="The record at a ledger position (12), or as it stood on a day (2017-10-04)."),
]
Reading = Annotated[
    str | None, Parameter(name="--reading", help="An interpretation to use in place of those in force by date.")
]
Output = Annotated[Path, Parameter(name=("--output", "-o"), help="The file to write.")]


_Json = Annotated[
    bool,
    Parameter(
        name="--json", negative=(), show_default=False, help="Print JSON: one object, or one a line, for machines."
    ),
]
_Debug = Annotated[
    bool, Parameter(name="--debug", negative=(), show_default=False, help="Show where in the code an error arose.")
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Everywhere:
    """What every command takes."""

    json: _Json = False
    debug: _Debug = False


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common:
    """What every command takes that acts on a workspace."""

    workspace: Annotated[
        Path | None,
        Parameter(name=("--workspace", "-w"), help="The workspace; by default the one that holds this folder."),
    ] = None
    json: _Json = False
    debug: _Debug = False

    def open(self) -> Workspace:
        """Open the workspace."""
        from ceasefire.pipeline.workspace import Workspace

        return Workspace.open(self.workspace)


COMMON, EVERYWHERE = Common(), Everywhere()
