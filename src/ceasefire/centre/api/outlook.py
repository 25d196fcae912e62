"""What may come next in an area."""

from __future__ import annotations

from litestar import get

from ceasefire.centre.api.parameters import AsKnownOn, Id
from ceasefire.centre.asking import Asking, state_asked_for
from ceasefire.pipeline.outlook_view import AreaOutlook, area_outlook
from ceasefire.release.policy import Operation


@get(
    "/areas/{zone_id:str}/outlook",
    opt={"operation": Operation.READ_OUTLOOK, "parameters": ("as_known_on",)},
    sync_to_thread=True,
)
def read_outlook(request: Asking, zone_id: Id, as_known_on: AsKnownOn = None) -> AreaOutlook:  # noqa: ARG001
    """Return forecasts, alarms and clusters of a zone, and how far they can be trusted."""
    return area_outlook(state_asked_for(request), zone_id)
