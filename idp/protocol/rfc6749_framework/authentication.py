"""RFC 6749 section 2.3 and OIDC Core section 9: client authentication, exactly by the registered method.

Authlib tries a list of methods until one fits. Here the request itself must show exactly one, because section 2.3
says that "The client MUST NOT use more than one authentication method in each request"; Authlib's function of that
method then judges it. Its function for Basic raises UnicodeDecodeError on broken text and percent-decodes where the
RFC says form-decode, so :func:`judge_basic` takes its place.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import field, replace
from typing import Any, Final
from urllib.parse import unquote_plus

from idp.domain.client import Client
from idp.domain.needs import ReplayKey
from idp.domain.values import frozen
from idp.protocol import rfc8705_mtls
from idp.protocol.parameters import Parameters
from idp.protocol.rfc7523_client_assertions import reading
from idp.protocol.rfc7523_client_assertions.reading import ASSERTION_TYPE
from idp.protocol.sender_constraint import NOTHING, Shown

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
PRIVATE_KEY_JWT: Final = "private_key_jwt"
CLIENT_SECRET_JWT: Final = "client_secret_jwt"  # noqa: S105 - a method's name
ASSERTIONS: Final = frozenset({PRIVATE_KEY_JWT, CLIENT_SECRET_JWT})
"""Methods that look the same in a request; which of them it is, the client registered."""
NONE: Final = "none"
CONFIDENTIAL: Final = (BASIC, POST, PRIVATE_KEY_JWT, CLIENT_SECRET_JWT, *rfc8705_mtls.METHODS)
"""Every method that proves who the client is."""
EVERY: Final = (*CONFIDENTIAL, NONE)
MAX_SECRET: Final = 512
UNKNOWN: Final = hashlib.sha256(b"no such secret").digest()


@frozen
class Presented:
    """How the client says it authenticates. ``method`` is None when it shows nothing usable.

    ``ambiguous``: more than one method at once. ``basic``: the Authorization header was used.
    ``secret`` is that of a Basic header, decoded; ``assertion`` is the client assertion as it came; ``shown``: the
    keys that the request shows beside it.
    """

    client_id: str | None = None
    method: str | None = None
    basic: bool = False
    ambiguous: bool = False
    replay: ReplayKey | None = None
    secret: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)
    shown: Shown = NOTHING


def read(parameters: Parameters, authorization: str | None, shown: Shown = NOTHING) -> Presented:
    """What a request of a client presents; never raises."""
    method = method_of(parameters, authorization)
    return method if shown is NOTHING else replace(method, shown=shown)


def method_of(parameters: Parameters, authorization: str | None) -> Presented:
    """The authentication method that the request itself shows."""
    methods = []
    basic = basic_credentials(authorization)
    if authorization is not None:
        methods.append(BASIC)
    if "client_secret" in parameters:
        methods.append(POST)
    if "client_assertion" in parameters or "client_assertion_type" in parameters:
        methods.append(PRIVATE_KEY_JWT)
    named = parameters.get("client_id")
    # RFC 6749 2.3: "The client MUST NOT use more than one authentication method in each request."
    if len(methods) > 1:
        return Presented(named, ambiguous=True, basic=BASIC in methods)
    if not methods:
        return Presented(named, NONE if named else None)
    if methods[0] == BASIC:
        if basic is None or (named is not None and named != basic[0]):
            return Presented(None, basic=True)
        return Presented(basic[0], BASIC, basic=True, secret=basic[1])
    if methods[0] == POST:
        return Presented(named, POST if named else None)
    return assertion(parameters, named)


def assertion(parameters: Parameters, named: str | None) -> Presented:
    """A client assertion (RFC 7521 section 4.2): whose it claims to be, and the jti to look up."""
    text = parameters.get("client_assertion")
    if text is None or parameters.get("client_assertion_type") != ASSERTION_TYPE:
        return Presented(None)
    client_id, replay = reading.named(text)
    # RFC 7521 4.2: client_id is OPTIONAL; if present it "MUST identify the same client".
    if client_id is None or (named is not None and named != client_id):
        return Presented(None)
    return Presented(client_id, PRIVATE_KEY_JWT, replay=replay, assertion=text)


def basic_credentials(authorization: str | None) -> tuple[str, str] | None:
    """Client id and secret of a Basic header, form-decoded; None when it is none."""
    scheme, _, text = (authorization or "").partition(" ")
    if scheme.lower() != "basic" or len(text) > 2 * MAX_SECRET:
        return None
    try:
        decoded = base64.b64decode(text.strip(), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    client_id, colon, secret = decoded.partition(":")
    if not colon or not client_id or not secret:
        return None
    # RFC 6749 2.3.1: both "encoded using the application/x-www-form-urlencoded encoding algorithm".
    return unquote_plus(client_id), unquote_plus(secret)


def judge_basic(query_client: Callable[[str], Any], request: Any) -> Any:
    """The client of a Basic header, or None; registered with Authlib's ClientAuthentication."""
    presented: Presented = request.presented
    view = query_client(presented.client_id or "")
    return view if view is not None and view.check_client_secret(presented.secret) else None


def check_secret(client: Client, secret: str) -> bool:
    """Constant-time comparison of the secret's hash."""
    digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
    known = client.secret_hash
    return hmac.compare_digest(digest, UNKNOWN if known is None else known) and known is not None


__all__ = [
    "ASSERTIONS",
    "BASIC",
    "CLIENT_SECRET_JWT",
    "CONFIDENTIAL",
    "EVERY",
    "NONE",
    "POST",
    "PRIVATE_KEY_JWT",
    "Presented",
    "check_secret",
    "judge_basic",
    "read",
]
