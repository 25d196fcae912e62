"""`ceasefire why`: explain a record."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from ceasefire.cli.console import print_json, say
from ceasefire.cli.options import COMMON, AsOf, Common, Reading


def why(
    id: Annotated[str, Parameter(help="Id of a finding, incident or obligation, or the beginning of one.")],
    *,
    as_of: AsOf = None,
    reading: Reading = None,
    common: Common = COMMON,
) -> None:
    """Explain a finding, an incident or an obligation, as sentences with the records behind them."""
    from dataclasses import asdict

    with common.open() as workspace:
        explanation = workspace.why(id, as_of=as_of, reading=reading)
    if common.json:
        print_json(asdict(explanation))
        return
    say(explanation.id, *explanation.sentences)
