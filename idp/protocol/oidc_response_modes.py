"""OAuth 2.0 Multiple Response Type Encoding Practices, and OAuth 2.0 Form Post Response Mode.

https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html
Implemented: response_mode query, fragment and form_post, the default of each response type (Multiple Response Types
2.1, 3, 5), and the names of the .jwt modes, whose answers :mod:`idp.protocol.oidc_jarm` makes.
Left out: response_type none (nobody asks for it).
Builds on no Authlib class: create_response_mode_response percent-encodes form values, so that state would not return
byte for byte, posts forms to any scheme, and rewrites a registered query.
"""

from __future__ import annotations

import functools
import re
from typing import Final
from urllib.parse import quote_plus

from idp.domain.outcomes import RedirectBack
from idp.domain.policy import Policy
from idp.protocol import rfc9207_issuer
from idp.protocol.errors import refusal
from idp.protocol.offer import Offer
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.redirect_uris import may_post_form

QUERY: Final = "query"
FRAGMENT: Final = "fragment"
FORM_POST: Final = "form_post"
JWT: Final = ".jwt"
"""How the name of a mode ends whose answer is signed (JARM 2.3)."""
PLAIN_MODES: Final = (QUERY, FRAGMENT, FORM_POST)
SUPPORTED: Final = (*PLAIN_MODES, "jwt", *(mode + JWT for mode in PLAIN_MODES))
PLAIN: Final = re.compile(r"\A[A-Za-z0-9_.~-]*\Z")
MAX_KEPT: Final = 128
"""Issuer and error descriptions repeat and are short; longer values are encoded each time."""


def default(parameters: Parameters) -> str:
    """The mode of a request that names none, and of the error that its own mode is not possible."""
    # Multiple Response Types 3: "the default Response Mode for this Response Type is the fragment encoding", for
    # every type that brings a token in the front channel; 2.1: query for the others.
    return FRAGMENT if brings_tokens(parameters.get("response_type") or "") else QUERY


def brings_tokens(response_type: str) -> bool:
    """Whether an answer carries an ID token or an access token through the browser."""
    return response_type != "code" and not {"token", "id_token"}.isdisjoint(response_type.split(" "))


def chosen(parameters: Parameters, redirect_uri: str) -> str:
    """The response mode that errors and answers take. Raises ProtocolError invalid_request."""
    usual, mode = default(parameters), parameters.get("response_mode")
    if mode is None or mode == usual:
        return usual
    # JARM 2.3.4: jwt: "the default encoding ... of the response type ... using query.jwt and fragment.jwt".
    if mode == "jwt":
        mode = usual + JWT
    carrier = mode.removesuffix(JWT)
    if carrier not in PLAIN_MODES or (carrier == FORM_POST and not may_post_form(redirect_uri)):
        raise refusal("invalid_request", "response_mode")
    # Multiple Response Types 3 and 5: with a token or an ID token "the response MUST NOT be returned using the query
    # encoding"; JARM 2.3.1 says the same of query.jwt for answers that are not encrypted.
    if carrier == QUERY and usual == FRAGMENT:
        raise refusal("invalid_request", "response_mode query would show tokens")
    return mode


def redirect(
    uri: str, mode: str, params: tuple[tuple[str, str], ...], state: str | None, policy: Policy
) -> RedirectBack:
    """An authorization response: the given parameters, the state exactly as it came, and the issuer."""
    # RFC 6749 4.1.2: state: "REQUIRED if the "state" parameter was present ... The exact value received".
    returned = (("state", state),) if state is not None else ()
    return RedirectBack(uri, mode, (*params, *returned, rfc9207_issuer.parameter(policy)))


def location(answer: RedirectBack) -> str:
    """The address of a query or fragment answer; what was registered stays byte for byte, parameters are added."""
    if answer.mode == FRAGMENT:
        # RFC 6749 4.2.2: parameters in the fragment, as a form; a registered address has no fragment of its own.
        return f"{answer.uri}#{'&'.join([f'{name}={encoded(value)}' for name, value in answer.params])}"
    # RFC 6749 3.1.2: "The endpoint URI MAY include an ... query component, which MUST be retained".
    joint = "?" if "?" not in answer.uri else "" if answer.uri.endswith(("?", "&")) else "&"
    return f"{answer.uri}{joint}{'&'.join([f'{name}={encoded(value)}' for name, value in answer.params])}"


def encoded(value: str) -> str:
    """A value as ``application/x-www-form-urlencoded``; codes and most states need no encoding."""
    if PLAIN.match(value):
        return value
    return quote_plus(value) if len(value) > MAX_KEPT else _kept(value)


@functools.lru_cache(maxsize=64)
def _kept(value: str) -> str:
    return quote_plus(value)


def metadata(offer: Offer) -> dict[str, object]:
    """OpenID Connect Discovery 1.0 section 3."""
    del offer
    return {"response_modes_supported": list(SUPPORTED)}
