"""create_app(): every room wired into one application. Nothing but wiring happens here."""

import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException

from app import assets, web
from app.audit import pages as audit_pages
from app.audit.models import Action
from app.audit.record import record_refusal
from app.capture import api as capture_api
from app.capture import pages as capture_pages
from app.capture.closing import pages as closing_pages
from app.capture.envelope import LARGEST_BATCH
from app.capture.quarantine import pages as quarantine_pages
from app.capture.review import pages as review_pages
from app.capture.training import pages as training_pages
from app.capture.writer import Writer
from app.clinics import pages as clinics_pages
from app.clinics.roster import pages as roster_pages
from app.config import Settings, load_settings
from app.custody import api as custody_api
from app.custody.schedule import Schedule
from app.db import Database, DatabaseHeld, now_ms
from app.errors import AppError, BadRequest, Forbidden, NotYours
from app.exchange import api as exchange_api
from app.exchange import pages as exchange_pages
from app.exchange.out import api as exports_api
from app.exchange.sent import LARGEST_IMPORT
from app.i18n import _
from app.migrate import is_migrated, migrate
from app.openapi import EVERYWHERE, describing
from app.people import pages as people_pages
from app.reports import api as reports_api
from app.reports import pages as reports_pages
from app.reports.day_log import pages as day_log_pages
from app.reports.mine import pages as mine_pages
from app.reports.problems import api as problems_api
from app.reports.problems import pages as problems_pages
from app.reports.pulse import api as pulse_api
from app.reports.pulse import pages as pulse_pages
from app.reports.tiles import pages as tiles_pages
from app.reports.top_three import api as top_three_api
from app.reports.top_three import pages as top_three_pages
from app.slices.slicer import Slicer
from app.storage import reason_of, refusal
from app.summary import api as summary_api
from app.summary import pages as summary_pages
from app.summary.comparison import api as comparison_api
from app.summary.comparison import pages as comparison_pages
from app.workload import api as workload_api
from app.workload import pages as workload_pages

API = (
    capture_api.router,
    summary_api.router,
    comparison_api.router,
    exchange_api.router,
    exports_api.router,
    custody_api.router,
    reports_api.router,
    problems_api.router,
    top_three_api.router,
    pulse_api.router,
    workload_api.router,
)
PAGES = (
    people_pages.router,
    audit_pages.router,
    clinics_pages.router,
    capture_pages.router,
    closing_pages.router,
    training_pages.router,
    exchange_pages.router,
    summary_pages.router,
    comparison_pages.router,
    review_pages.router,
    quarantine_pages.router,
    reports_pages.router,
    tiles_pages.router,
    day_log_pages.router,
    problems_pages.router,
    top_three_pages.router,
    pulse_pages.router,
    mine_pages.router,
    workload_pages.router,
    roster_pages.router,
)
LARGER_BODIES = {
    "/api/v1/batches": LARGEST_BATCH,
    "/api/v1/imports": LARGEST_IMPORT,
    "/clinics/*/import": LARGEST_IMPORT,
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    database: Database = app.state.database
    app.state.writer = Writer(database)
    app.state.slicer = Slicer(database)
    app.state.slicer.start()
    schedule = Schedule(database, app.state.settings)
    schedule.start()
    yield
    schedule.stop()
    app.state.slicer.stop()
    await app.state.writer.stop()
    database.close()


def furnish(app: FastAPI, settings: Settings) -> None:
    """What the app's requests find in its state; before it starts."""
    app.state.settings = settings
    app.state.database = Database(settings.database_url)
    app.state.secure = (settings.base_url or "").startswith("https://")
    app.state.origins = {settings.base_url or "http://127.0.0.1:8000", *settings.lan_origins}


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(
        title="Timesink", version="1.0.0", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )  # fmt: skip
    furnish(app, settings)
    app.add_middleware(web.Compression, plain=frozenset({"/api/v1/batches"}))
    app.add_middleware(web.Surroundings, secure=app.state.secure, larger_bodies=LARGER_BODIES)
    for kind, answer in ANSWERS:
        app.add_exception_handler(kind, answer)
    capture_api.add_outbox(app.router)  # first: what comes most often is found first
    for router in API:
        app.include_router(router, responses=EVERYWHERE, dependencies=[Depends(web.refuse_unknown_parameters)])
    for router in PAGES:
        app.include_router(router)
    app.openapi = describing(app)  # type: ignore[method-assign]
    app.add_api_route("/healthz", healthz, include_in_schema=False)
    app.add_api_route("/readyz", readyz, include_in_schema=False)
    app.add_api_route("/sw.js", service_worker, include_in_schema=False)
    app.add_route("/static/{name:path}", assets.static, include_in_schema=False)
    return app


def _answer_refusal(request: Request, error: Exception) -> Response:
    """The one door through which everybody is turned away who has signed in: the audit hears of it."""
    assert isinstance(error, Forbidden | NotYours)
    caller = getattr(request.state, "caller", None)
    person_id = caller.id if caller else getattr(error, "person_id", None)
    if person_id is not None:
        asked = f"{request.method} {request.url.path}"
        try:
            record_refusal(
                request.app.state.database,
                at=now_ms(),
                action=Action.DENIED,
                person_id=person_id,
                clinic_id=getattr(error, "clinic_id", None),
                about={"asked": asked, "status": error.status, "code": error.code},
            )
        except (DBAPIError, AppError) as fault:  # the refusal stands all the same
            logging.getLogger("timesink").error("audit: %s refused, but not written down: %s", asked, fault)
    return web.error_response(request, error)


def _answer_database_error(request: Request, error: Exception) -> Response:
    """Locked, full, gone: nothing was kept, and trying again later is right."""
    assert isinstance(error, DBAPIError)
    reason = reason_of(error)
    if reason is None:  # not the database's fault but ours
        return web.answer_unexpected(request, error)
    logging.getLogger("timesink").error("database: %s: %s", reason, error.orig)
    return web.error_response(request, refusal(reason))


def _answer_unfit_data(request: Request, error: Exception) -> Response:
    """PostgreSQL takes no NUL in a text, wherever in a request it stood; SQLite finds nothing by it."""
    assert isinstance(error, DataError)
    detail = _("Something in this request is no text or number that can be looked up or kept here.")
    return web.error_response(request, BadRequest(detail, code="unfit_data"))


ANSWERS: tuple[tuple[type[Exception], Callable[[Request, Exception], Response]], ...] = (
    (Forbidden, _answer_refusal),
    (NotYours, _answer_refusal),
    (AppError, web.answer_app_error),
    (RequestValidationError, web.answer_validation_error),
    (HTTPException, web.answer_http_error),
    (DBAPIError, _answer_database_error),
    (DataError, _answer_unfit_data),
    (Exception, web.answer_unexpected),
)


def healthz() -> JSONResponse:
    return JSONResponse({"status": "alive"})


def readyz(held: DatabaseHeld) -> JSONResponse:
    try:
        with held.read() as session:
            session.execute(text("SELECT 1"))
        if is_migrated(held):
            return JSONResponse({"status": "ready"})
        reason = _("The database stands at another revision than this code.")
    except DBAPIError:
        reason = _("The database cannot be reached.")
    return JSONResponse({"status": "not ready", "reason": reason}, 503)


def service_worker() -> Response:
    """From the root, because a worker only serves what lies below its own address."""
    return Response(assets.service_worker(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def from_environment() -> FastAPI:
    """For `uvicorn --factory app.main:from_environment`, as each worker process of `serve` does."""
    settings = load_settings()
    app = create_app(settings)
    migrate(app.state.database)
    # The collector stops every tap while it looks for cycles, of which taps leave hardly any. So it comes seldom, and
    # does not walk again what stands now, which stays as long as the process.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return app
