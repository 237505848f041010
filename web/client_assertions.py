"""How a client shows at a token endpoint who it is: an assertion signed with its own key (`private_key_jwt`).

https://www.rfc-editor.org/rfc/rfc7523 (section 2.2). One piece for every client of this house: portals and console.
"""

import time
from collections.abc import Callable, Mapping, MutableMapping
from secrets import token_urlsafe
from typing import Any, Final

from authlib.common.urls import add_params_to_qs

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME: Final = 60
Sign = Callable[[Mapping[str, object]], str]


class ClientAssertion:
    """Client authentication with a signed assertion; its audience is the issuer alone (a single string)."""

    name = "private_key_jwt"

    def __init__(self, sign: Sign, issuer: str) -> None:
        self._sign = sign
        self._issuer = issuer

    def __call__(
        self, auth: Any, _method: str, uri: str, headers: MutableMapping[str, str], body: str | bytes
    ) -> tuple[str, MutableMapping[str, str], str]:
        """Add ``client_assertion`` to a request, as Authlib's client calls it.

        Authlib joins a body of bytes with ASCII alone and fails on a value in Vietnamese: it gets text.
        """
        now = int(time.time())
        who = {"iss": auth.client_id, "sub": auth.client_id, "aud": self._issuer, "jti": token_urlsafe(16)}
        assertion = self._sign({**who, "iat": now, "exp": now + ASSERTION_LIFETIME})
        pairs = [
            ("client_id", auth.client_id),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ]
        text = body.decode("ascii") if isinstance(body, bytes) else body
        signed_body: str = add_params_to_qs(text or "", pairs)
        if "Content-Length" in headers:
            headers["Content-Length"] = str(len(signed_body))
        return uri, headers, signed_body
