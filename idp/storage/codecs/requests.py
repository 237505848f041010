"""Authorization requests to bytes and back, with the claims parameter in them."""

from typing import Any, Final

import orjson

from idp.domain.authorization import AuthorizationRequest, ClaimRequest, ClaimsRequest, PushedRequest
from idp.storage.codecs.version import VERSION, versioned

SPENT: Final = b"spent"
"""What stands in the place of a pushed request after its completion; no seal begins so."""
_NO_CLAIMS: Final = ClaimsRequest()


def claims_parts(value: ClaimsRequest) -> Any:
    """A claims parameter (OIDC Core section 5.5) as plain values; None for the empty one."""
    if value == _NO_CLAIMS:
        return None
    return [
        *(
            {name: [wish.essential, wish.value, wish.values] for name, wish in part.items()}
            for part in (value.id_token, value.userinfo)
        ),
        value.verified_id_token,
        value.verified_userinfo,
    ]


def read_claims(data: Any) -> ClaimsRequest:
    """The opposite of :func:`claims_parts`."""
    if data is None:
        return _NO_CLAIMS
    id_token, userinfo = (
        {name: ClaimRequest(essential, one, tuple(many)) for name, (essential, one, many) in part.items()}
        for part in data[:2]
    )
    return ClaimsRequest(id_token, userinfo, tuple(data[2]), tuple(data[3]))


def names_values(claims: ClaimsRequest) -> bool:
    """Whether a value is asked for: it may be personal data, so the record must be sealed."""
    return bool(claims.verified_id_token or claims.verified_userinfo) or any(
        wish.value is not None or wish.values
        for part in (claims.id_token, claims.userinfo)
        for wish in part.values()
    )


def request_parts(value: AuthorizationRequest | None) -> Any:
    """A request as plain values, for records that hold one."""
    if value is None:
        return None
    return (
        *(value.client_id, value.redirect_uri, value.response_mode, value.response_type, value.scopes),
        *(
            value.resources,
            value.state,
            value.nonce,
            value.code_challenge,
            sorted(value.prompt),
            value.max_age,
        ),
        *(
            value.acr_values,
            claims_parts(value.claims),
            value.login_hint,
            value.hinted_subject,
            value.ui_locales,
        ),
        *(value.dpop_jkt, value.authorization_details, value.pushed_id),
    )


def read_request(data: Any) -> AuthorizationRequest | None:
    """The opposite of :func:`request_parts`."""
    if data is None:
        return None
    client_id, redirect_uri, mode, kind, scopes, resources, state, nonce, challenge = data[:9]
    prompt, max_age, acr_values, claims, login_hint, hinted_subject, ui_locales = data[9:16]
    dpop_jkt, authorization_details, pushed_id = data[16:]
    return AuthorizationRequest(
        *(client_id, redirect_uri, mode, kind, tuple(scopes), tuple(resources), state, nonce, challenge),
        *(frozenset(prompt), max_age, tuple(acr_values), read_claims(claims), login_hint, hinted_subject),
        *(tuple(ui_locales), dpop_jkt, tuple(authorization_details), pushed_id),
    )


def pushed(value: PushedRequest) -> bytes:
    """A pushed request. May hold a login hint: to be sealed."""
    return orjson.dumps((VERSION, request_parts(value.request), value.created_at))


def read_pushed(data: bytes) -> PushedRequest | None:
    """The opposite of :func:`pushed`."""
    parts = versioned(data)
    request = read_request(parts[1]) if parts is not None else None
    return PushedRequest(request, parts[2]) if parts is not None and request is not None else None
