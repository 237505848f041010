"""Forms that a page of another origin posts to us.

Browsers send no ``SameSite=Lax`` cookie with them, so a signed-in person would look like a stranger. The request is
sent on as a visit by GET: a top-level navigation by a safe method, with which browsers do bring the cookie.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from idp.protocol.parameters import Parameters

LONGEST: Final = 8_000
"""RFC 9110 4.1: every recipient should support addresses of so many octets; many proxies support no more."""


def visit(path: str, parameters: Parameters, *, origin: str | None, issuer: str, known: bool) -> str | None:
    """The address to visit instead; None when the request can be judged as it came.

    ``origin``: the header, which browsers send with every post ("null" when they keep it to themselves).
    ``known``: the session's cookie came along, as it does between origins of one site.
    """
    if known or origin is None or origin == issuer or parameters.broken:
        return None
    address = f"{path}?{urlencode(pairs(parameters))}"
    return address if len(address) <= LONGEST else None


def pairs(parameters: Parameters) -> list[tuple[str, str]]:
    """The parameters once more; what came twice comes twice."""
    single = [(name, value) for name, value in parameters.first.items() if name not in parameters.lists]
    listed = [(name, value) for name, values in parameters.lists.items() for value in values]
    return [*single, *listed, *((name, parameters.first[name]) for name in parameters.repeated)]
