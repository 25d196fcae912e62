"""`ceasefire serve`: the centre in a browser."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import print_json, say
from ceasefire.cli.options import COMMON, Common


def serve(
    *,
    port: Annotated[int, Parameter(help="On which to answer; 0 takes any that is free.")] = 8765,
    host: Annotated[
        str, Parameter(help="Address to answer on: of this machine alone, as long as there are no accounts.")
    ] = "127.0.0.1",
    address: Annotated[
        str | None,
        Parameter(help="Of a centre: https:// and the name of the proxy under which browsers reach this port."),
    ] = None,
    workers: Annotated[
        int, Parameter(help="Processes that answer; more than one where the ledger is in PostgreSQL.")
    ] = 1,
    show: Annotated[bool, Parameter(name="--open", help="Open it in the browser, where there is a screen.")] = True,
    common: Common = COMMON,
) -> None:
    """Serve the workspace to a browser on this machine: the map, its pages, the API under them.

    One user, no accounts, no set-up: whoever sits at this machine. With the first account (`ceasefire account`) it is
    a centre, and whoever comes signs in. No request ever leaves the machine. Stop it with Ctrl+C.
    """
    from ceasefire.centre.running import serve_workspace
    from ceasefire.pipeline.demonstration import open_address

    def started(at: str) -> None:
        opened = show and not common.json and open_address(at)
        if common.json:
            print_json({"address": at})
        else:
            say(f"{'It is open in your browser' if opened else 'Open it'}: {at}", "Stop it with Ctrl+C.")

    with common.open() as workspace:
        folder = workspace.folder
    serve_workspace(folder, host=host, port=port, started=started, public_address=address, workers=workers)
