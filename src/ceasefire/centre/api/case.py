"""The case."""

from __future__ import annotations

from litestar import get

from ceasefire.centre.api.parameters import AsKnownOn
from ceasefire.centre.asking import Asking, record_of, state_asked_for, viewer_of
from ceasefire.pipeline.case_view import CaseView, case_view
from ceasefire.release.policy import Operation


@get("/case", opt={"operation": Operation.READ_CASE, "parameters": ("as_known_on",)}, sync_to_thread=True)
def read_case(request: Asking, as_known_on: AsKnownOn = None) -> CaseView:  # noqa: ARG001  (read from the request)
    """Return the case, its vocabularies, what is served and who is asking."""
    snapshot = state_asked_for(request)
    mode = "centre" if request.app.state.accounts.exist else "laptop"
    return case_view(snapshot, record_of(request).standing(), viewer_of(request), mode=mode)
