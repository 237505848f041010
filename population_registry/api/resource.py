"""What one request to the protected resource shows beside its body, and the headers of its answer.

https://openid.net/specs/openid-financial-api-part-1-1_0-final.html (section 6.2.1 points 10 and 11: Date, which is
the server's, and x-fapi-interaction-id; the conformance tests of FAPI 2.0 look for both)
https://www.rfc-editor.org/rfc/rfc9449 (section 8.2: a fresh nonce with any answer)
"""

import re
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keys.proof import Scheme

KEY: Final = "registry.resource"
INTERACTION: Final = b"x-fapi-interaction-id"
NONCE: Final = b"dpop-nonce"
_PATHS: Final = "/v1/"
_UUID: Final = re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@dataclass(slots=True)
class Resource:
    """How the request's token came, and the nonce that its answer carries."""

    scheme: Scheme = Scheme.BEARER
    nonce: str | None = None


def resource_of(request: Request) -> Resource:
    """The resource value of a request; made on the spot where no middleware did."""
    found = request.scope.get(KEY)
    if isinstance(found, Resource):
        return found
    made = request.scope[KEY] = Resource()
    return made


def answered(scope: Scope) -> bytes:
    """The interaction id of an answer.

    "shall set the response header x-fapi-interaction-id to the value received from the corresponding FAPI client
    request header or to a RFC4122 UUID value if the request header was not provided".
    """
    named = next((value for name, value in scope["headers"] if name == INTERACTION), b"")
    return named if _UUID.fullmatch(named) else str(uuid4()).encode()


class ResourceHeaders:
    """Pure ASGI: the interaction id and the DPoP nonce of every answer of the API, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not scope["path"].startswith(_PATHS):
            await self.app(scope, receive, send)
            return
        resource = resource_of(Request(scope))
        interaction = answered(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(INTERACTION, interaction)]
                if resource.nonce is not None:
                    added.append((NONCE, resource.nonce.encode("ascii")))
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self.app(scope, receive, send_with_headers)
