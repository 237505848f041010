"""Two questions of the machine that runs a service: does it live, and is it ready for work?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Check = Callable[[], Awaitable[object]]
log = logging.getLogger("web.health")


def health_routes(checks: Mapping[str, Check] | None = None, *, seconds: float = 2.0) -> list[Route]:
    """``/health/live`` and ``/health/ready``.

    Each check is awaited at the same time as the others, for at most ``seconds``; it fails by raising. Not ready is
    503 with the names of the failing parts; the reasons go to the log only.
    """
    parts = dict(checks or {})

    async def live(_request: Request) -> Response:
        return answer(200, {"status": "ok"})

    async def ready(_request: Request) -> Response:
        failing = [
            name for name in await asyncio.gather(*(failed(*part, seconds) for part in parts.items())) if name
        ]
        if failing:
            return answer(503, {"status": "unavailable", "failing": sorted(failing)}, {"Retry-After": "5"})
        return answer(200, {"status": "ok"})

    return [
        Route("/health/live", live, methods=["GET"], name="live"),
        Route("/health/ready", ready, methods=["GET"], name="ready"),
    ]


async def failed(name: str, check: Check, seconds: float) -> str | None:
    """The name of a check that raised or took too long; None when it passed."""
    try:
        async with asyncio.timeout(seconds):
            await check()
    except Exception as error:  # noqa: BLE001  # whatever a check raises, the part is not ready
        log.warning("not ready", extra={"part": name, "cause": type(error).__name__})
        return name
    return None


def answer(status: int, document: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    """A small JSON answer."""
    return Response(orjson.dumps(document), status, headers, media_type="application/json")
