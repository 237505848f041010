"""CIBA Core 1.0 section 7.1 and FAPI-CIBA: signed requests, hint tokens, and whatever else may come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.domain.errors import ProtocolError
from idp.domain.writes import SpendOnce
from idp.protocol.oidc_ciba.reading import Asked
from tests.idp_protocol.acts import error_of
from tests.idp_protocol.decoupled_world import (
    DESK,
    NUMBER,
    POLICE,
    RINGING,
    SUBJECT,
    admit,
    written,
)
from tests.idp_protocol.world import (
    ISSUER,
    L2A2,
    NOW,
    facts,
)

KEY = ECKey.generate_key("P-256", {"kid": "desk-1", "use": "sig", "alg": "ES256"})
FAPI = replace(
    DESK,
    jwks={"keys": [KEY.as_dict(private=False)]},
    backchannel_authentication_request_signing_alg="ES256",
)


def signed(key: ECKey = KEY, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """A signed authentication request."""
    claims = {
        "iss": "desk", "aud": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW + 60, "jti": "jti-1",
        "scope": "openid profile", "login_hint": SUBJECT, "binding_message": "4821",
    } | changes  # a table, read by rows  # fmt: skip
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": "desk-1", **(header or {})}, claims, key)


def by_jwt(text: str, **values: Any) -> Any:
    """Ask with a signed request."""
    return admit(facts(client=FAPI), scope=None, login_hint=None, request=text, **values)


def test_login_hint_tokens() -> None:
    """7.1 and 13: signed by the client, for us, with an end; an old one is expired_login_hint_token."""

    def told(**changes: Any) -> Any:
        claims = {
            "iss": "desk",
            "aud": ISSUER,
            "exp": NOW + 60,
            "sub_id": {"format": "opaque", "id": SUBJECT},
        }
        token = jwt.encode({"alg": "ES256", "kid": "desk-1"}, claims | changes, KEY)
        keyed = replace(FAPI, backchannel_authentication_request_signing_alg=None)
        return admit(facts(client=keyed), login_hint=None, login_hint_token=token)

    assert told().outcome.hint.subject == SUBJECT
    other = {"format": "iss_sub", "iss": ISSUER, "sub": SUBJECT}
    assert told(sub_id=other).outcome.hint.subject == SUBJECT
    assert error_of(told(exp=NOW - 11)) == "expired_login_hint_token"
    for changes in (
        {"iss": "other"},
        {"aud": "https://other.example"},
        {"exp": "soon"},
        {"sub_id": "x"},
        {"sub_id": {"format": "email", "email": "lan@example.vn.test"}},
        {"sub_id": other | {"iss": "https://other.example"}},
    ):
        assert error_of(told(**changes)) == "invalid_request", changes


def test_a_signed_request() -> None:
    """7.1.1: its claims are the parameters; its jti is spent."""
    decision = by_jwt(signed(requested_expiry=120))
    assert isinstance(decision.outcome, Asked)
    assert decision.outcome.lifetime == 120
    assert decision.outcome.binding_message == "4821"
    assert [type(write) for write in decision.writes] == [SpendOnce]


def test_details_in_a_signed_request() -> None:
    """RFC 9396 2, RFC 9101 4: the array itself inside the JWT counts as it does in a form; it is never dropped."""
    detail = {
        "type": "vn_identity_verification",
        "procedure": "1.004194",
        "purpose": "Thẩm định hồ sơ",
        "claims": ["name"],
    }
    rich = replace(FAPI, authorization_details_types=frozenset({"vn_identity_verification"}))
    asked = signed(authorization_details=[detail])
    decision = admit(facts(client=rich), scope=None, login_hint=None, request=asked)
    assert len(decision.outcome.request.authorization_details) == 1
    wrong = signed(authorization_details=[{"type": "unheard_of"}])
    refused = admit(facts(client=rich), scope=None, login_hint=None, request=wrong)
    assert error_of(refused) == "invalid_authorization_details"


def test_a_signed_request_works_once() -> None:
    """7.1.1: jti; the second request with it is refused."""
    (spent,) = written(by_jwt(signed()), SpendOnce)
    known = facts(client=FAPI, spent=frozenset({spent.key}))
    again = admit(known, scope=None, login_hint=None, request=signed())
    assert error_of(again) == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"aud": "https://other.example"},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": None},
        {"exp": None},
        {"exp": NOW - 11},
        {"iat": None},
        {"iat": NOW + 61},
        {"nbf": None},
        {"nbf": NOW + 11},
        {"nbf": NOW - 3601},
        {"exp": NOW + 3601},
        {"jti": None},
        {"jti": 5},
    ],
)
def test_claims_of_a_signed_request(changes: dict[str, Any]) -> None:
    """7.1.1 and FAPI-CIBA 5.2.2: iss, aud, exp, iat, nbf, jti; at most an hour."""
    assert error_of(by_jwt(signed(**changes))) == "invalid_request"


def test_signatures_that_do_not_count() -> None:
    """7.1.1: another key, another algorithm, none at all, anything beside it, and plain requests of such a client."""
    other = ECKey.generate_key("P-256", {"kid": "desk-1", "alg": "ES256", "use": "sig"})
    assert error_of(by_jwt(signed(other))) == "invalid_request"
    head, payload, _ = signed().split(".")
    for forged in (f"{head}.{payload}.", "eyJhbGciOiJub25lIn0." + payload + ".", "x" * 20_000, "a.b.c"):
        assert error_of(by_jwt(forged)) == "invalid_request"
    assert error_of(by_jwt(signed(), acr_values=L2A2)) == "invalid_request"
    assert error_of(admit(facts(client=FAPI))) == "invalid_request"
    unregistered = replace(FAPI, backchannel_authentication_request_signing_alg=None)
    decision = admit(facts(client=unregistered), scope=None, login_hint=None, request=signed())
    assert error_of(decision) == "invalid_request"


def test_fapi_says_what_it_is_about() -> None:
    """FAPI-CIBA 5.2.2: without a unique authorization context a binding_message is required."""
    assert error_of(by_jwt(signed(binding_message=None))) == "invalid_binding_message"


NAMES = st.sampled_from(
    [
        "scope", "login_hint", "id_token_hint", "login_hint_token", "binding_message", "user_code", "resource",
        "requested_expiry", "acr_values", "client_notification_token", "request", "client_id", "",
    ]
)  # a table, read by rows  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(["openid", SUBJECT, NUMBER, "e30.e30.x", "1", signed()]), st.text(max_size=70)
)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.sampled_from([DESK, POLICE, RINGING, FAPI]))
@settings(max_examples=200, deadline=None)
def test_any_request_gets_an_answer(pairs: list[tuple[str, str]], client: Any) -> None:
    """Whatever comes, it is admitted or refused with a code of the specification; nothing raises."""
    values = {name: value for name, value in pairs if name}
    outcome = admit(facts(client=client), **{"scope": None, "login_hint": None} | values).outcome
    assert isinstance(outcome, Asked | ProtocolError)
    if isinstance(outcome, ProtocolError):
        assert outcome.description.isascii()
