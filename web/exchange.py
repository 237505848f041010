"""What the layers of one HTTP exchange tell each other: one small mutable value in the ASGI scope.

It lives under one scope key as an object, so it survives a router that copies the scope.
"""

import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection

from web.languages import Language

KEY = "web.exchange"


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    ``nonce`` is drawn on first use and then allowed by the answer's Content-Security-Policy.
    ``form_action`` lists origins, besides our own, that a form of this answer may reach by post or redirect.
    ``frames`` lists origins that this answer may show in a frame.
    ``app`` lists origins that the script of an installable page may ask; None for every other page.
    ``cookies`` are ``Set-Cookie`` values that the page rendered in this exchange must carry.
    """

    request_id: str
    nonce: str | None = None
    form_action: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    app: tuple[str, ...] | None = None
    language: Language | None = None
    csrf_cookie: str | None = None
    csrf_binding: str = ""
    cookies: list[str] = field(default_factory=list)

    def draw_nonce(self) -> str:
        """The CSP nonce of this answer: 128 random bits, drawn once."""
        if self.nonce is None:
            self.nonce = secrets.token_urlsafe(16)
        return self.nonce


def exchange_of(source: HTTPConnection | MutableMapping[str, Any]) -> Exchange:
    """The exchange of a request or scope; made on the spot where no middleware did."""
    scope = source.scope if isinstance(source, HTTPConnection) else source
    found = scope.get(KEY)
    if isinstance(found, Exchange):
        return found
    made = Exchange(request_id="")
    scope[KEY] = made
    return made
