"""Signed messages between services (RFC 7515, RFC 7519): checked with python-jose and the sender's published keys.

A message is for one receiver, of one type (RFC 8725 section 3.11), from one sender, and lives for minutes. Whoever
receives them bounds the body first, finds out who claims to send (`who_says`), fetches that sender's keys if it
is known, and only then believes anything (`read_message`).
"""

from collections.abc import Mapping
from typing import Any, Final

from jose import jws, jwt
from jose.exceptions import JOSEError

MEDIA_TYPE: Final = "application/jwt"
MAX_BYTES: Final = 16_384
LIFETIME: Final = 300
"""Seconds between signing and the end of a message."""


class MessageRefused(Exception):
    """Not a message of a sender that we know, or not for us."""


def who_says(message: str) -> tuple[str, object]:
    """The sender that a message names, and its key's name; nothing of it is believed yet.

    Raises:
        MessageRefused: it is no signed message.
    """
    if len(message) > MAX_BYTES:
        raise MessageRefused("too long")
    try:
        return str(jwt.get_unverified_claims(message).get("iss")), jwt.get_unverified_header(message).get(
            "kid"
        )
    except (JOSEError, RecursionError) as error:
        raise MessageRefused("not a signed message") from error


def read_message(
    message: str, jwks: Mapping[str, Any], *, typ: str, sender: str, receiver: str
) -> Mapping[str, Any]:
    """The claims of a message whose signature, type, sender, receiver and times hold.

    Raises:
        MessageRefused: they do not.
    """
    if len(message) > MAX_BYTES:
        raise MessageRefused("too long")
    try:
        header = jws.get_unverified_header(message)
        key = next(each for each in jwks["keys"] if each.get("kid") == header.get("kid"))
        claims: Mapping[str, Any] = jwt.decode(
            message,
            key,
            algorithms=["ES256"],
            audience=receiver,
            issuer=sender,
            options={"require_exp": True, "require_iat": True, "require_aud": True},
        )
    except (JOSEError, StopIteration, KeyError, TypeError, ValueError, RecursionError) as error:
        raise MessageRefused("not a message of a sender we know") from error
    if header.get("typ") != typ or claims["aud"] != receiver:
        raise MessageRefused("of another type or for others too")
    return claims
