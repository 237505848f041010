"""An authorization request after reading (RFC 6749 section 4.1.1, OIDC Core section 3.1.2.1)."""

from collections.abc import Mapping
from dataclasses import field

from idp.domain.values import frozen


@frozen
class ClaimRequest:
    """One member of the ``claims`` parameter (OIDC Core section 5.5.1)."""

    essential: bool = False
    value: object = None
    values: tuple[object, ...] = ()


@frozen
class ClaimsRequest:
    """The ``claims`` parameter: what is asked for the ID token and for the UserInfo answer."""

    id_token: Mapping[str, ClaimRequest] = field(default_factory=dict)
    userinfo: Mapping[str, ClaimRequest] = field(default_factory=dict)


@frozen
class AuthorizationRequest:
    """A validated request: client and redirect URI are known good, every value is typed and bounded."""

    client_id: str
    redirect_uri: str
    response_mode: str = "query"
    response_type: str = "code"
    scopes: tuple[str, ...] = ("openid",)
    resources: tuple[str, ...] = ()
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    claims: ClaimsRequest = ClaimsRequest()
    login_hint: str | None = None
    hinted_subject: str | None = None
    ui_locales: tuple[str, ...] = ()
