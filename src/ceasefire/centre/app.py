"""The application: routes under /api/v1, every one behind the gate and the policy."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig

from ceasefire.centre import live
from ceasefire.centre.accounts import Accounts
from ceasefire.centre.api import (
    accounts,
    areas,
    borders,
    case,
    case_documents,
    case_file_entries,
    case_files,
    field,
    home,
    incidents,
    outlook,
    people,
    registers,
    session,
    session_openid,
    siting,
    territory,
    watching,
)
from ceasefire.centre.asking import ToldResponse, answer_unchanged, refuse_hurry, refuse_unless_allowed
from ceasefire.centre.between import BetweenWorkers
from ceasefire.centre.description import PlainJson
from ceasefire.centre.errors import say_our_fault, say_ours, say_refused
from ceasefire.centre.live import Follower
from ceasefire.centre.openid import set_up
from ceasefire.centre.refusals import RefusedError, say_refusal
from ceasefire.centre.security import Gate
from ceasefire.centre.sessions import Sessions, refuse_forged
from ceasefire.centre.settings import Settings
from ceasefire.centre.static import Pages, read_page
from ceasefire.model.errors import CeasefireError
from ceasefire.pipeline.served import ServedRecord
from ceasefire.pipeline.served_casework import ServedCasework
from ceasefire.pipeline.served_registers import ServedRegisters
from ceasefire.pipeline.siting_view import SitingDesk
from ceasefire.release.policy import Operation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

API = "/api/v1"
ROUTES = (
    case.read_case,
    areas.read_areas,
    areas.read_units,
    areas.read_base_map,
    incidents.read_incidents,
    incidents.read_histogram,
    incidents.read_incident,
    incidents.read_finding,
    people.read_actors,
    people.read_actor,
    people.read_talks,
    people.read_measures,
    people.read_sources,
    watching.read_posts,
    watching.read_coverage,
    territory.read_control,
    territory.read_control_over_time,
    territory.read_unseen,
    watching.read_week,
    watching.read_assessment,
    outlook.read_outlook,
    watching.read_obligations,
    watching.read_news,
    home.read_home,
    home.read_calendar,
    home.read_access,
    home.read_pack,
    *live.ROUTES,
    field.read_field_form,
    field.read_submissions,
    field.import_submissions,
    field.decide_submission,
    session.read_session,
    session_openid.begin_openid,
    session_openid.finish_openid,
    session.sign_in,
    session.show_second_factor,
    session.change_password,
    session.offer_second_factor,
    session.confirm_second_factor,
    session.remove_second_factor,
    session.sign_out,
    accounts.read_accounts,
    accounts.read_account,
    accounts.add_account,
    accounts.change_role,
    accounts.disable_account,
    accounts.enable_account,
    accounts.reset_account,
    *case_files.ROUTES,
    *case_file_entries.ROUTES,
    *case_documents.ROUTES,
    *registers.ROUTES,
    *borders.ROUTES,
    *siting.ROUTES,
)


def build_app(workspace: Path, settings: Settings | None = None) -> Litestar:
    """Build the application that serves a workspace.

    Parameters
    ----------
    workspace : Path
        Its folder.
    settings : Settings, optional
        By default those of a laptop.
    """
    settings = settings or Settings()
    provider = set_up(workspace)  # before anything is open: it may be wrong
    record = ServedRecord(workspace)
    casework, follower, between = ServedCasework(record), Follower(record), BetweenWorkers(settings.between)
    people_known = Accounts(workspace, clock=settings.clock)

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            follower.close()
            between.close()
            casework.close()
            record.close()
            people_known.close()

    app = Litestar(
        [Router(path=API, route_handlers=[*ROUTES]), read_page],
        before_request=answer_unchanged,
        exception_handlers={
            CeasefireError: say_ours,
            RefusedError: say_refusal,
            HTTPException: say_refused,
            Exception: say_our_fault,
        },
        guards=[refuse_hurry, refuse_unless_allowed, refuse_forged],
        lifespan=[lifespan],
        logging_config=None,
        openapi_config=description_config(),
        response_class=ToldResponse,
        state=State(
            {
                "record": record,
                "casework": casework,
                "registers": ServedRegisters(record, casework, clock=settings.clock),
                "siting": SitingDesk(),
                "follower": follower,
                "between": between,
                "settings": settings,
                "pages": Pages(),
                "accounts": people_known,
                "openid": provider(people_known) if provider is not None else None,
                "sessions": Sessions(people_known, settings),
                "hashing": session.hashing_limit(),
            }
        ),
        request_max_body_size=max(settings.most_body_bytes, settings.most_upload_bytes),  # the gate knows which
    )
    app.asgi_handler = Gate(app.asgi_handler, settings)
    return app


def description_config() -> OpenAPIConfig:
    """Return how the API is described."""
    return OpenAPIConfig(
        title="ceasefire",
        version=version("ceasefire"),
        description="Ceasefire monitoring: incidents, clause checks and the record behind them. Paths, parameters and "
        "fields of version 1 keep their names and meanings; new ones may be added.",
        operation_id_creator=lambda handler, _method, _path: handler.handler_name,
        openapi_router=Router(
            path=f"{API}/schema",
            route_handlers=[],
            opt={"operation": Operation.READ_DESCRIPTION, "tagged": False},
            include_in_schema=False,
        ),
        render_plugins=[PlainJson()],
    )
