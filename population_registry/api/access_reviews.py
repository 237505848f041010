"""GET /v1/access-reviews: the look-ups of officers, for those whose office it is to review them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from population_registry.api.cursors import after_entry, entry_cursor
from population_registry.api.on_duty import officer_of, permitted
from population_registry.api.service import service_of
from population_registry.domain import RECENT_YEARS
from population_registry.operators.officers import Power
from population_registry.operators.reviewing import Review, Sign, View
from population_registry.storage.reviews import count_by_day, count_by_officer, list_entries
from population_registry.verification.asking import require_scope
from population_registry.verification.authorising import SCOPE_REVIEW
from population_registry.verification.deciding import VIET_NAM
from population_registry.verification.receipts import instant
from population_registry.verification.refusals import malformed

router = APIRouter(tags=["access log"])
_COUNTS = ("questions", "rows", "people", "without_case", "out_of_area")
_CODE = Query(max_length=64, pattern=r"^[A-Za-z0-9._:\-]{1,64}$")


@router.get("/v1/access-reviews", summary="Review look-ups · Kiểm tra việc tra cứu của cán bộ")
async def access_reviews(
    request: Request,
    view: View,
    first: Annotated[date, Query(alias="from", description="First day, in Viet Nam")],
    last: Annotated[date, Query(alias="to", description="Last day; at most 31 days")],
    reviewer: Annotated[str | None, _CODE] = None,
    officer: Annotated[str | None, _CODE] = None,
    sign: Sign | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """By officer (most questions first), by day, or row by row; of rows without case, or beyond the territory.

    The subject of a look-up is never shown: a reviewer judges the officer's reasons, not the citizen.
    """
    service = service_of(request)
    caller = await service.gate.caller(request)
    require_scope(caller, SCOPE_REVIEW)
    permitted(await officer_of(service, caller, reviewer), Power.REVIEW_LOOKUPS)
    review = Review(view, first, last, officer, sign)
    if not review.is_bounded or first.year not in RECENT_YEARS or last.year not in RECENT_YEARS:
        raise malformed("to")
    start, end = _midnight(first), _midnight(last + timedelta(days=1))
    async with service.answering.database.pool() as pool:
        if view is View.OFFICERS:
            rows = await count_by_officer(pool, start, end, officer, sign, limit)
            return _json({"officers": [_counted(row, "officer", "agency") for row in rows]})
        if view is View.DAYS:
            rows = await count_by_day(pool, start, end, officer, sign)
            return _json({"days": [_counted(row, "day", "officers") for row in rows]})
        place = min(after_entry(cursor), (end, UUID(int=0)))
        found = await list_entries(pool, start, place, officer, sign, limit + 1)
    page = [_entry(cast("Any", row)) for row in found[:limit]]
    more = len(found) > limit
    last_row = cast("Any", found[limit - 1]) if more else None
    following = None if last_row is None else entry_cursor(last_row[1], last_row[0])
    return _json({"entries": page, "next_cursor": following})


def _counted(row: Any, *names: str) -> dict[str, object]:
    return dict(zip((*names, *_COUNTS), row, strict=True))


def _entry(row: Any) -> dict[str, object]:
    entry_id, at, officer, agency, purpose, procedure, case, outcome, question = row
    return {
        "entry_id": str(entry_id),
        "at": instant(at.astimezone(UTC)),
        "officer": officer,
        "agency": agency,
        "purpose": purpose,
        "procedure_code": procedure,
        "case": case,
        "outcome": outcome,
        "question": question,
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIET_NAM).astimezone(UTC)


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers={"Cache-Control": "no-store"})
