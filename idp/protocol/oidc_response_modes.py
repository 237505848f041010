"""OAuth 2.0 Multiple Response Type Encoding Practices, and OAuth 2.0 Form Post Response Mode.

https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html
Implemented: response_mode query and form_post.
Left out: fragment (nothing is sent in a fragment without implicit flows), the .jwt modes (JARM is a later module).
Builds on no Authlib class: create_response_mode_response percent-encodes form values, so that state would not return
byte for byte, posts forms to any scheme, and rewrites a registered query.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

from idp.domain.outcomes import RedirectBack
from idp.domain.policy import Policy
from idp.protocol import rfc9207_issuer
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.redirect_uris import may_post_form

if TYPE_CHECKING:
    from idp.protocol.provider_metadata import Offer

QUERY: Final = "query"
FORM_POST: Final = "form_post"
SUPPORTED: Final = (QUERY, FORM_POST)
PLAIN: Final = re.compile(r"\A[A-Za-z0-9_.~-]*\Z")
MAX_KEPT: Final = 128
"""Issuer and error descriptions repeat and are short; longer values are encoded each time."""


def chosen(parameters: Parameters, redirect_uri: str) -> str:
    """The response mode that errors and answers take. Raises ProtocolError invalid_request."""
    mode = parameters.get("response_mode") or QUERY
    if mode not in SUPPORTED or (mode == FORM_POST and not may_post_form(redirect_uri)):
        raise refusal("invalid_request", "response_mode")
    return mode


def redirect(
    uri: str, mode: str, params: tuple[tuple[str, str], ...], state: str | None, policy: Policy
) -> RedirectBack:
    """An authorization response: the given parameters, the state exactly as it came, and the issuer."""
    # RFC 6749 4.1.2: state: "REQUIRED if the "state" parameter was present ... The exact value received".
    returned = (("state", state),) if state is not None else ()
    return RedirectBack(uri, mode, (*params, *returned, rfc9207_issuer.parameter(policy)))


def location(answer: RedirectBack) -> str:
    """The address of a query-mode answer; what was registered stays byte for byte, parameters are appended."""
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
