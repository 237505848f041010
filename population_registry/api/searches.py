"""POST /v1/searches: officers find people by fragments, numbers and households; everybody shown is logged."""

import orjson
from fastapi import APIRouter, Request, Response

from population_registry.api import search_models as models
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.on_duty import errand_context, officer_of, permitted
from population_registry.api.searching import Found, Inquiry
from population_registry.api.service import service_of
from population_registry.operators.criteria import read_criteria
from population_registry.operators.errands import ErrandRefused, read_errand
from population_registry.operators.officers import Power
from population_registry.storage.searching import Shown
from population_registry.verification.asking import require_scope
from population_registry.verification.authorising import SCOPE_SEARCH
from population_registry.verification.refusals import malformed
from web import exchange_of

router = APIRouter(route_class=StrictBodyRoute, tags=["search"])


@router.post("/v1/searches", response_model=models.SearchAnswer, summary="Search people · Tra cứu người")
async def search_people(request: Request, asked: models.SearchRequest) -> Response:
    """People of the officer's territory; under purpose and case only. Not for others' territories, not for lists."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    require_scope(caller, SCOPE_SEARCH)
    try:
        errand = read_errand(asked.purpose, asked.case)
    except ErrandRefused as refused:
        raise malformed(refused.field) from None
    criteria = read_criteria(asked.criteria)
    officer = await officer_of(service, caller, asked.officer)
    permitted(officer, Power.SEARCH, errand)
    context = errand_context(service, caller, officer, errand)
    inquiry = Inquiry(officer, caller.client_id, context, criteria, exchange_of(request).request_id)
    found = await service.searching.search(inquiry, asked.cursor, asked.limit)
    return Response(
        orjson.dumps(_document(found)), media_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _document(found: Found) -> dict[str, object]:
    return {
        "people": [_person(each) for each in found.people],
        "total": found.total,
        "outside_territory": found.beyond,
        "next_cursor": found.cursor,
    }


def _person(shown: Shown) -> dict[str, object]:
    return {
        "number": shown.number,
        "name": shown.name.full,
        "birth_date": shown.birth,
        "sex": shown.sex,
        "status": shown.status,
        "permanent_commune": next((code for kind, code, _ in shown.places if kind == "permanent"), None),
    }
