"""Reading a JSON body strictly: UTF-8, no member twice, no NaN, no depth that hurts."""

import json
from typing import Any, NoReturn

from starlette.requests import Request

from population_registry.verification.refusals import Refusal, malformed
from web import Problem

MEDIA_TYPE = "application/json"


async def read_body(request: Request) -> tuple[bytes, Any]:
    """The body as bytes and as parsed JSON.

    Raises:
        Problem: 415 for another media type; 413 comes from the body limit.
        Refusal: `invalid-request` at `body`.
    """
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower()
    if media_type.strip().lower() != MEDIA_TYPE or charset not in {"", "charset=utf-8", 'charset="utf-8"'}:
        raise Problem(415, "unsupported-media-type")
    body = await request.body()
    return body, parse(body)


def parse(body: bytes) -> Any:
    """Parsed JSON.

    Raises:
        Refusal: `invalid-request` at `body`.
    """
    try:
        parsed = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        if b"\\ud" in body.lower():
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no character
    except Refusal:
        raise
    except (ValueError, RecursionError):
        raise malformed("body") from None
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise malformed("body")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
