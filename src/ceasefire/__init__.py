"""Ceasefire monitoring: agreements as data, incidents checked clause by clause, findings that show their reasons.

>>> import ceasefire as cf
>>> cf.built_in_cases()
('astana-2017', 'riverline')

A workspace is opened with ``cf.open("my-mission")`` or made with ``cf.create("my-mission", "riverline")``; its methods
return Arrow tables. Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.load import built_in_case, built_in_cases, check_case, load_case
    from ceasefire.findings.check import check_incidents
    from ceasefire.ledger.ledger import Ledger
    from ceasefire.model.errors import CeasefireError, InputError
    from ceasefire.model.vocabulary import Answer, Status
    from ceasefire.pipeline.workspace import Workspace

    create = Workspace.create
    open = Workspace.open

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "Case",
    "CeasefireError",
    "InputError",
    "Ledger",
    "Status",
    "Workspace",
    "built_in_case",
    "built_in_cases",
    "check_case",
    "check_incidents",
    "create",
    "load_case",
    "open",
]

_HOMES = {
    "Answer": "ceasefire.model.vocabulary",
    "Case": "ceasefire.agreement.case",
    "CeasefireError": "ceasefire.model.errors",
    "InputError": "ceasefire.model.errors",
    "Ledger": "ceasefire.ledger.ledger",
    "Status": "ceasefire.model.vocabulary",
    "Workspace": "ceasefire.pipeline.workspace",
    "built_in_case": "ceasefire.agreement.load",
    "built_in_cases": "ceasefire.agreement.load",
    "check_case": "ceasefire.agreement.load",
    "check_incidents": "ceasefire.findings.check",
    "load_case": "ceasefire.agreement.load",
}


def __getattr__(name: str) -> Any:
    if name in ("create", "open"):
        value = getattr(import_module("ceasefire.pipeline.workspace").Workspace, name)
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
