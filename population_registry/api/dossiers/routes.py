"""The endpoints of dossiers."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from population_registry.api.cursors import before
from population_registry.api.dossiers import acting, linking, listing, models, officiating
from population_registry.api.dossiers.filing import file_dossier
from population_registry.api.dossiers.holds import hold
from population_registry.api.idempotency import repetition_of
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.service import service_of
from population_registry.dossiers import statements
from population_registry.dossiers.codes import LONGEST
from web import exchange_of

router = APIRouter(route_class=StrictBodyRoute, tags=["dossiers"])
Code = Annotated[
    str, Path(max_length=LONGEST, pattern=r"^[A-Za-z0-9.\-]+$", examples=["G01.899.06-261123-010001"])
]
_LONGEST_CURSOR = 100


def _json(value: object, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return Response(body, status, headers, media_type="application/json")


@router.post(
    "/v1/dossiers",
    status_code=201,
    response_model=models.DossierAnswer,
    summary="File a dossier · Nộp hồ sơ",
)
async def file(request: Request, asked: models.FileRequest) -> Response:
    """State 1, with the consents asked; a procedure that needs nobody's decision answers with its result."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    repetition = repetition_of(request, caller, await request.body(), service.desk.ring)
    body = await file_dossier(service.desk, caller, asked, repetition, exchange_of(request).request_id)
    if asked.procedure_code in linking.LINKED:
        await linking.follow(service.desk, orjson.loads(body)["dossier_code"])
    return _json(body, 201)


@router.get("/v1/dossiers", response_model=models.DossiersAnswer, summary="My dossiers · Hồ sơ của tôi")
async def own(
    request: Request,
    cursor: Annotated[str | None, Query(max_length=_LONGEST_CURSOR)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Response:
    """What the person of the token filed, through whichever portal, newest first."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    return _json(await listing.own(service.desk, caller, before(cursor), limit))


@router.get("/v1/consents", response_model=models.ConsentsAnswer, summary="Asked of me · Việc chờ tôi đồng ý")
async def consents(request: Request) -> Response:
    """Dossiers of others that ask the person of the token for consent, of the last thirty days."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    return _json(await listing.asked_of(service.desk, caller, exchange_of(request).request_id))


@router.get("/v1/dossiers/{code}", response_model=models.DossierAnswer, summary="One dossier · Một hồ sơ")
async def read(
    request: Request,
    code: Code,
    officer: Annotated[str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9._:\-]+$")] = None,
) -> Response:
    """Its applicant, the portal that filed it, or the officer named, with the checks of now."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    return _json(await acting.read(service.desk, caller, code, officer, exchange_of(request).request_id))


@router.post(
    "/v1/dossiers/{code}/supplements",
    response_model=models.DossierAnswer,
    summary="Answer a supplement · Bổ sung hồ sơ",
)
async def supplements(request: Request, code: Code, asked: models.SupplementRequest) -> Response:
    """The whole inputs anew; the clock goes on when everybody concerned has agreed."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    done = await acting.supplement(service.desk, caller, code, asked)
    await linking.follow(service.desk, code)
    return _json(done)


@router.post("/v1/dossiers/{code}/consents", status_code=204, summary="Agree or refuse · Đồng ý hoặc từ chối")
async def give_consent(request: Request, code: Code, asked: models.ConsentRequest) -> Response:
    """The person of the token, for themselves."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    attested = None if asked.signed is None else await service.gate.attested(asked.signed, statements.TYP)
    await acting.consent(service.desk, caller, code, asked, attested)
    await linking.follow(service.desk, code)
    return Response(status_code=204)


@router.post(
    "/v1/dossiers/{code}/payments", response_model=models.DossierAnswer, summary="Fee paid · Đã nộp phí"
)
async def payments(request: Request, code: Code, asked: models.PaymentRequest) -> Response:
    """By the portal that filed it; the same reference twice counts once."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    return _json(await acting.payment(service.desk, caller, code, asked))


@router.post(
    "/v1/dossiers/{code}/refunds", response_model=models.DossierAnswer, summary="Fee given back · Đã hoàn phí"
)
async def refunds(request: Request, code: Code, asked: models.RefundRequest) -> Response:
    """By the portal that filed it, once the fee is to be given back."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    return _json(await acting.refunded(service.desk, caller, code, asked))


@router.post(
    "/v1/dossiers/{code}/withdrawal", response_model=models.DossierAnswer, summary="Withdraw · Rút hồ sơ"
)
async def withdrawal(request: Request, code: Code) -> Response:
    """Before a decision exists (Decree 118/2025 Art. 21)."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    done = await acting.withdrawal(service.desk, caller, code)
    await linking.follow(service.desk, code)
    return _json(done)


@router.post("/v1/holds", status_code=204, summary="An e-identity is locked · Khóa định danh")
async def holds(request: Request, asked: models.HoldRequest) -> Response:
    """By the provider alone: what was filed with a locked e-identity is not approved meanwhile."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    await hold(service.desk, caller, asked)
    return Response(status_code=204)


@router.post("/v1/dossiers/{code}/acts", summary="An officer's act · Việc của cán bộ")
async def acts(request: Request, code: Code, asked: models.ActRequest) -> Response:
    """Receive, refuse intake, ask for a supplement, record a consent, approve, refuse, return the result, stop."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    done = await officiating.officer_act(service.desk, caller, code, asked, exchange_of(request).request_id)
    await linking.follow(service.desk, code)
    return _json(done)
