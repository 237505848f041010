"""The JSON endpoints that people explore: assessments, releases, access log, catalogue, references, keys."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from population_registry.api import models
from population_registry.api.assessing import assess
from population_registry.api.idempotency import IDEMPOTENCY_KEY
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.references import Document
from population_registry.api.representation import require_authority
from population_registry.api.service import service_of
from population_registry.verification.claims.kin import Matter
from population_registry.verification.releasing import read_release
from web import Problem, exchange_of

router = APIRouter(route_class=StrictBodyRoute)
KEYS_MAX_AGE = 300
_LONGEST_CURSOR = 100


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")


@router.post(
    "/v1/procedures/{code}/assessments",
    response_model=models.AssessmentAnswer,
    summary="Assess a procedure · Đánh giá hồ sơ theo thủ tục",
    tags=["procedures"],
)
async def assessments(request: Request, code: str, asked: models.AssessmentRequest) -> Response:
    """Checks, deadline, fee or premium; with a subject also the verification and its receipt."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    return Response(await assess(service, caller, code, asked, request), media_type="application/json")


@router.post(
    "/v1/releases",
    response_model=models.ReleaseAnswer,
    summary="Release values · Cung cấp thông tin",
    tags=["releases"],
)
async def releases(request: Request, asked: models.ReleaseRequest) -> Response:
    """Fields the catalogue allows, of the person of the token; logged as released."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    answering = service.answering
    wanted = read_release(asked.model_dump(exclude_none=True), caller, answering.catalogue, answering.clock())
    if caller.acting is not None:
        async with answering.database.pool() as pool:
            await require_authority(pool, caller, answering.clock(), Matter.ACCOUNT)
    return _json(await service.answering.release(caller, wanted, exchange_of(request).request_id))


@router.get(
    "/v1/procedures",
    response_model=models.ProceduresAnswer,
    summary="Catalogue · Danh mục thủ tục",
    tags=["procedures"],
)
async def procedures(request: Request) -> Response:
    """Who may ask what, for which procedure, on which legal basis. Public."""
    catalogue = service_of(request).answering.catalogue
    found = [catalogue.procedures[code].document() for code in sorted(catalogue.procedures)]
    return Document.of({"procedures": found}).response(request, max_age=KEYS_MAX_AGE)


@router.get(
    "/v1/references/communes",
    response_model=models.CommunesAnswer,
    summary="Communes of a province · Đơn vị hành chính cấp xã",
    tags=["references"],
)
async def communes(
    request: Request, province: Annotated[str, Query(pattern="^[0-9]{2}$", examples=["01"])]
) -> Response:
    """Communes, wards and special zones since 30 April 2026. Public."""
    found = service_of(request).references.communes.get(province)
    if found is None:
        raise Problem(404, "not-found")
    return found.response(request)


@router.get("/v1/references/provinces", summary="Provinces · Tỉnh, thành phố", tags=["references"])
async def provinces(request: Request) -> Response:
    """The 34 provinces and cities. Public."""
    return service_of(request).references.provinces.response(request)


@router.get("/.well-known/jwks.json", summary="Public keys · Khóa công khai", tags=["keys"])
async def jwks(request: Request) -> Response:
    """The keys that sign receipts (RFC 7517)."""
    ring = service_of(request).answering.ring
    ring.reload_if_changed()
    return Document.of(ring.jwks()).response(request, max_age=KEYS_MAX_AGE)


VERIFICATION_OPENAPI: dict[str, Any] = {
    "tags": ["verifications"],
    "summary": "Verify · Xác minh",
    "description": "Values in, flags and a signed receipt out; never the right value.",
    "operationId": "verify",
    "parameters": [IDEMPOTENCY_KEY],
}
"""What FastAPI would have derived for the plain route."""
