"""Reading a JSON body strictly: UTF-8, no member twice, no NaN, no depth that hurts."""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from population_registry.verification.refusals import Refusal, malformed
from web import Problem

MEDIA_TYPE = "application/json"


async def read_body(request: Request) -> tuple[bytes, Any]:
    """The body as bytes and as parsed JSON.

    Raises:
        Problem: 415 for another media type or a content coding; 413 comes from the body limit.
        Refusal: `invalid-request` at `body`.
    """
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower()
    if media_type.strip().lower() != MEDIA_TYPE or charset not in {"", "charset=utf-8", 'charset="utf-8"'}:
        raise Problem(415, "unsupported-media-type")
    # Any line of it: a proxy before us may go by the last one.
    if any(coding.strip().lower() != "identity" for coding in request.headers.getlist("content-encoding")):
        # RFC 9110 section 15.5.16: a coding that is not taken here, whatever the bytes are in truth.
        raise Problem(415, "unsupported-media-type", headers={"Accept-Encoding": "identity"})
    body = await request.body()
    return body, parse(body)


def parse(body: bytes) -> Any:
    """Parsed JSON.

    Raises:
        Refusal: `invalid-request` at `body`.
    """
    try:
        parsed = _STRICT.decode(body.decode("utf-8"))
        if b"\\ud" in body.lower():
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no character
    except Refusal:
        raise
    except UnicodeDecodeError:
        raise malformed("body", "not_utf8") from None
    except (ValueError, RecursionError):
        raise malformed("body", "byte_order_mark" if body.startswith(BOM_UTF8) else "not_json") from None
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise malformed("body", "member_twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
"""Made once: `json.loads` would make one for each body."""


class StrictBodyRoute(APIRoute):
    """A route whose JSON body is read as strictly as everywhere else, before FastAPI fills its model from it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind the strict reading; the body is kept, so it is received once."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def read_strictly(request: Request) -> Response:
            await read_body(request)
            return await handle(request)

        return read_strictly
