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
    """The ``claims`` parameter: what is asked for the ID token and for the UserInfo answer.

    ``verified_*`` hold the elements of ``verified_claims`` as JSON values, already judged for shape and size
    (OpenID Identity Assurance 1.0, section 6).
    """

    id_token: Mapping[str, ClaimRequest] = field(default_factory=dict)
    userinfo: Mapping[str, ClaimRequest] = field(default_factory=dict)
    verified_id_token: tuple[Mapping[str, object], ...] = ()
    verified_userinfo: tuple[Mapping[str, object], ...] = ()


@frozen
class AuthorizationRequest:
    """A validated request: client and redirect URI are known good, every value is typed and bounded.

    ``pushed_id`` names the pushed request it came from, which is spent when the request is completed (RFC 9126), or a
    signed request that is completed once by its ``jti``;
    ``dpop_jkt`` is the key that its code is bound to (RFC 9449 section 10); ``authorization_details`` were judged
    by :mod:`idp.protocol.rfc9396_rich_requests`.
    """

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
    dpop_jkt: str | None = None
    authorization_details: tuple[Mapping[str, object], ...] = ()
    pushed_id: str | None = None

    @property
    def wished_acr(self) -> tuple[object, ...]:
        """The levels asked for, in the client's order: by ``claims``, else by ``acr_values`` (OIDC Core 5.5.1.1)."""
        asked = self.claims.id_token.get("acr")
        if asked is None or (asked.value is None and not asked.values):
            return self.acr_values
        return asked.values or (asked.value,)

    @property
    def acr_is_essential(self) -> bool:
        """True when the client can use no other level; ``acr_values`` alone are always a wish."""
        asked = self.claims.id_token.get("acr")
        return asked is not None and asked.essential and bool(asked.value is not None or asked.values)


@frozen
class PushedRequest:
    """A validated request that its client pushed (RFC 9126); ``created_at`` in epoch seconds."""

    request: AuthorizationRequest
    created_at: int
