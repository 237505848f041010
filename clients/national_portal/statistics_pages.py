"""The public statistics page, and the same figures as CSV and JSON. Public; nothing of anybody."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clients.national_portal.door import door_of
from clients.national_portal.figures import Asked, months_before, read_asked
from clients.national_portal.statistics import COLUMNS, Satisfaction, as_csv, plots, rows_of
from clients.national_portal.storage.ratings import LEAST
from clients.portal_kit.portal import now, portal_of
from clients.portal_kit.registry import RegistryGone

router = APIRouter(include_in_schema=False)
SHOWN_MONTHS = 12


@router.get("/statistics")
async def statistics(request: Request) -> Response:
    """Received, on time, late, online, assisted, paid, content: by month, procedure and province."""
    portal, door = portal_of(request), door_of(request)
    await door.greet(request)
    asked = read_asked(request.query_params, now().date())
    try:
        found, content = await _figures(request, asked)
    except RegistryGone:
        answer = portal.render(request, "registry_gone.html", 503, draft=None)
        answer.headers["Retry-After"] = "30"
        return answer
    texts = portal.pages.texts_for(request)
    language = portal.pages.language_for(request).value
    total = found["month"]["total"]
    known, reused = await door.ratings.reuse()
    today = f"{now():%Y-%m}"
    return portal.render(
        request,
        "statistics.html",
        asked=asked,
        total=total,
        plots=plots(asked, found, content, texts.t, language),
        content=content,
        index=content.index(None if total is None else total["on_time_share"]),
        least=found["month"]["least"],
        rounded_to=found["month"]["rounded_to"],
        reuse=reused / known if known >= LEAST else None,
        procedures=_choices(found["procedure"], language),
        provinces=_choices(found["province"], language),
        months=[months_before(today, count) for count in range(SHOWN_MONTHS)],
        columns=COLUMNS,
        query=str(request.url.query),
    )


@router.get("/statistics.csv")
async def statistics_csv(request: Request) -> Response:
    """A line for each group; UTF-8 with its mark, so that office programs read the names."""
    asked = read_asked(request.query_params, now().date())
    try:
        found, _ = await _figures(request, asked)
    except RegistryGone:
        return Response(status_code=503, headers={"Retry-After": "30"})
    return Response(
        as_csv(found).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers=_named(asked, "csv"),
    )


@router.get("/statistics.json")
async def statistics_json(request: Request) -> Response:
    """The same with what was asked and the marks."""
    asked = read_asked(request.query_params, now().date())
    try:
        found, content = await _figures(request, asked)
    except RegistryGone:
        return Response(status_code=503, headers={"Retry-After": "30"})
    document: dict[str, Any] = {
        "from": asked.first,
        "to": asked.last,
        "procedure": asked.procedure,
        "province": asked.province,
        "least": found["month"]["least"],
        "rounded_to": found["month"]["rounded_to"],
        "rows": rows_of(found),
        "satisfaction": {str(mark): content.share(mark) for mark in (1, 2, 3, 4, 5)},
    }
    return JSONResponse(document, headers=_named(asked, "json"))


async def _figures(request: Request, asked: Asked) -> tuple[Any, Satisfaction]:
    door = door_of(request)
    found = await door.figures.of(asked)
    counts = await door.ratings.counts(
        _first(asked.first), _first(asked.last), asked.procedure, asked.province
    )
    return found, Satisfaction(counts)


def _first(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def _choices(answer: Any, language: str) -> list[tuple[str, str]]:
    named = [(row["code"], row["name_en"] if language == "en" else row["name_vi"]) for row in answer["rows"]]
    return sorted(((code, name) for code, name in named if code and name), key=lambda each: each[1])


def _named(asked: Asked, kind: str) -> dict[str, str]:
    name = f"dich-vu-cong-{asked.first}-{asked.last}.{kind}"
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "public, max-age=60",
    }
