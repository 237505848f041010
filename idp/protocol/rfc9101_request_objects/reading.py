"""What a request object says before anything is proven, only to name the facts; and its claims as parameters."""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import field
from typing import Final

import orjson

from idp.domain.client import Client
from idp.domain.errors import ProtocolError
from idp.domain.values import frozen
from idp.protocol.errors import refusal
from idp.protocol.numeric_date import numeric_date
from idp.protocol.parameters import MAX_FIELDS, Parameters
from keys.compact import JWE_PARTS, JWS_PARTS, parts_in

MAX_BYTES: Final = 16_384
MAX_HEADER: Final = 1_400
MAX_URI: Final = 512
OF_THE_TOKEN: Final = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti", "sub"})
"""RFC 7519 section 4.1: claims of the JWT itself, no parameters of the request."""
NESTED: Final = frozenset({"request", "request_uri"})
HASH: Final = re.compile(r"\A[A-Za-z0-9_-]{43}\Z")


@frozen
class Brought:
    """A request object as the endpoint brought it.

    ``text``: the signed token, fetched and decrypted where need be. ``encryption``: ``alg`` and ``enc`` of the JWE it
    came in, None when it came open. ``error``: why there is no text. ``uri``: where it was fetched from.
    """

    text: str = field(default="", repr=False)
    encryption: tuple[str, str] | None = None
    error: str | None = None
    uri: str | None = None


def brought_by(parameters: Parameters) -> Brought | None:
    """The object that comes by value; None when the request brings none at all."""
    text = parameters.get("request")
    if text is not None:
        return Brought(text)
    return Brought(error="invalid_request_uri") if "request_uri" in parameters else None


def is_encrypted(text: str) -> bool:
    """Whether it looks like a compact JWE (RFC 7516 section 9)."""
    return parts_in(text) == JWE_PARTS


def may_fetch(client: Client | None, uri: str) -> bool:
    """Whether a reference is one of those that this client registered, to the last character."""
    # Core 6.2: "The entire Request URI SHOULD NOT exceed 512 ASCII characters"; RFC 9101 10.4: whoever may name any
    # address makes us fetch from anywhere (CVE-2020-10770), so nothing else is fetched.
    return client is not None and not client.disabled and len(uri) <= MAX_URI and uri in client.request_uris


def named_hash(uri: str) -> str | None:
    """The base64url SHA-256 that a reference names in its fragment (Core 6.2), None when it names none."""
    fragment = uri.partition("#")[2]
    return fragment if HASH.match(fragment) else None


def unverified_header(text: str) -> Mapping[str, object]:
    """The header of a compact JWS, or an empty mapping for anything else; never raises."""
    return _object(text, 0, MAX_HEADER)


def unverified_claims(text: str) -> Mapping[str, object]:
    """The payload of a compact JWS, or an empty mapping for anything else; never raises."""
    return _object(text, 1, MAX_BYTES)


def hint_of(brought: Brought | None, parameters: Parameters) -> str | None:
    """The ``id_token_hint`` whose signature must be looked at: the one inside counts before the one outside."""
    inside = unverified_claims(brought.text).get("id_token_hint") if brought is not None else None
    return inside if isinstance(inside, str) else parameters.get("id_token_hint")


def single_use_name(client_id: str | None, claims: Mapping[str, object]) -> str | None:
    """What names an object with a ``jti`` among those that were completed; it carries the time that it begins at."""
    jti, begins = claims.get("jti"), numeric_date(claims.get("nbf"))
    if client_id is None or not isinstance(jti, str) or not jti or begins is None or begins < 0:
        return None
    text = f"{len(client_id)}:{client_id}{jti}".encode("utf-8", "surrogatepass")
    return f"jti:{int(begins)}:{hashlib.sha256(text).hexdigest()}"


def begins(name: str) -> int | None:
    """The time in such a name; None for the name of a pushed request."""
    return int(name.split(":")[1]) if name.startswith("jti:") else None


def as_parameters(claims: Mapping[str, object]) -> Parameters:
    """The claims as request parameters. Raises ProtocolError invalid_request_object."""
    # RFC 9101 4: "The request and request_uri parameters MUST NOT be included in Request Objects."
    if len(claims) > MAX_FIELDS or NESTED & claims.keys():
        raise wrong("nested or too many")
    first: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for name, value in claims.items():
        if name in OF_THE_TOKEN or value is None or value == "":
            continue
        if name == "resource" and isinstance(value, list):
            lists[name] = texts(value)
            if lists[name]:
                first[name] = lists[name][0]
            continue
        first[name] = as_text(name, value)
        if name == "resource":
            lists[name] = (first[name],)
    return Parameters(first, frozenset(), lists)


def as_text(name: str, value: object) -> str:
    """One parameter's value. Raises ProtocolError."""
    if isinstance(value, str):
        return value
    # RFC 9101 4: "Parameter names and string values MUST be included as JSON strings"; numbers come as JSON numbers,
    # and what is JSON itself (claims, authorization_details) as it is.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, dict | list) and name not in STRINGS:
        return orjson.dumps(value).decode("utf-8")
    raise wrong("a parameter of the wrong type")


STRINGS: Final = frozenset(
    {"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "resource"}
)
"""Parameters that are text and nothing else, whoever encodes them."""


def texts(values: list[object]) -> tuple[str, ...]:
    """A list of texts. Raises ProtocolError."""
    found = tuple(value for value in values if isinstance(value, str) and value)
    if len(found) != len(values) or len(found) > MAX_FIELDS:
        raise wrong("a list of the wrong type")
    return found


def wrong(cause: str) -> ProtocolError:
    """RFC 9101 section 7: invalid_request_object."""
    return refusal("invalid_request_object", cause)


def _object(text: str, place: int, longest: int) -> Mapping[str, object]:
    # CVE-2025-61920: nothing is parsed of a token that is too long.
    if len(text) > MAX_BYTES or not text.isascii():
        return {}
    parts = text.split(".")
    if len(parts) != JWS_PARTS or len(parts[place]) > longest:
        return {}
    try:
        value = orjson.loads(urlsafe_b64decode(parts[place] + "=" * (-len(parts[place]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
