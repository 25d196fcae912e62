"""Actors, talks, measures, and where the facts of a case were read."""

from __future__ import annotations

from litestar import get

from ceasefire.centre.api.parameters import AsKnownOn, Id
from ceasefire.centre.asking import Asking, state_asked_for
from ceasefire.pipeline.actor_view import ActorDetail, Actors, actor_view, actors_view
from ceasefire.pipeline.measures_view import Measures, measures_view
from ceasefire.pipeline.sources_view import CitedSources, sources_view
from ceasefire.pipeline.talks_view import Talks, talks_view
from ceasefire.release.policy import Operation

_STATE = ("as_known_on",)


@get("/actors", opt={"operation": Operation.READ_ACTORS, "parameters": _STATE}, sync_to_thread=True)
def read_actors(request: Asking, as_known_on: AsKnownOn = None) -> Actors:  # noqa: ARG001  (read from the request)
    """Return everyone on the register."""
    return actors_view(state_asked_for(request))


@get("/actors/{actor_id:str}", opt={"operation": Operation.READ_ACTORS, "parameters": _STATE}, sync_to_thread=True)
def read_actor(request: Asking, actor_id: Id, as_known_on: AsKnownOn = None) -> ActorDetail:  # noqa: ARG001
    """Return an actor: names and ties over time, what binds it, where it appears."""
    return actor_view(state_asked_for(request), actor_id)


@get("/talks", opt={"operation": Operation.READ_TALKS, "parameters": _STATE}, sync_to_thread=True)
def read_talks(request: Asking, as_known_on: AsKnownOn = None) -> Talks:  # noqa: ARG001
    """Return rounds of talks: who came, what was agreed and which clause it became."""
    return talks_view(state_asked_for(request))


@get("/measures", opt={"operation": Operation.READ_MEASURES, "parameters": _STATE}, sync_to_thread=True)
def read_measures(request: Asking, as_known_on: AsKnownOn = None) -> Measures:  # noqa: ARG001
    """Return exchanges, evacuations and sieges, with who counted whom."""
    return measures_view(state_asked_for(request))


@get("/sources", opt={"operation": Operation.READ_CASE, "parameters": _STATE}, sync_to_thread=True)
def read_sources(request: Asking, as_known_on: AsKnownOn = None) -> CitedSources:  # noqa: ARG001
    """Return where the facts of the case were read."""
    return sources_view(state_asked_for(request))
