"""RFC 6749: clients and redirect URIs at the authorization endpoint."""

from dataclasses import replace

import pytest

from idp.domain.audit import AuditKind
from idp.domain.errors import PageProblem
from idp.domain.outcomes import RedirectBack
from idp.domain.writes import CreateGrant
from idp.protocol.rfc6749_framework import redirect_uris
from tests.idp_protocol.acts import error_of, params_of, redeem, visit
from tests.idp_protocol.world import (
    CLIENT,
    ISSUER,
    LOADED,
    NOW,
    REDIRECT,
    facts,
    sha,
)


def test_a_signed_in_person_gives_the_client_a_code() -> None:
    """Section 4.1.2: code and state go to the redirect URI; the grant is born with the code."""
    decision = visit()
    assert isinstance(decision.outcome, RedirectBack)
    assert decision.outcome.uri == REDIRECT
    assert params_of(decision)["state"] == "st-1"
    (birth,) = decision.writes
    assert isinstance(birth, CreateGrant)
    assert birth.code is not None
    assert birth.code.code_hash == sha(params_of(decision)["code"])
    assert birth.code.expires_at - NOW <= 60
    assert birth.account_epoch == 7
    assert decision.audit[0].kind is AuditKind.CODE_ISSUED


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"client_id": ["portal", "portal"]},
        {"redirect_uri": None},
        {"redirect_uri": "https://portal.example/callback/"},
        {"redirect_uri": "https://portal.example/callback?x=1"},
        {"redirect_uri": "https://portal.example/callback#f"},
        {"redirect_uri": [REDIRECT, REDIRECT]},
    ],
)
def test_without_a_proven_way_back_nothing_is_redirected(changes: dict[str, object]) -> None:
    """Section 4.1.2.1: the server MUST NOT automatically redirect; every error before is a page."""
    decision = visit(**changes, response_type="nonsense", scope="nonsense")
    assert isinstance(decision.outcome, PageProblem)
    assert decision.writes == ()


@pytest.mark.attack
def test_a_disabled_client_is_unknown() -> None:
    """A client that was switched off gets neither codes nor tokens (Keycloak CVE-2026-9705)."""
    off = replace(CLIENT, disabled=True)
    assert isinstance(visit(facts(client=off)).outcome, PageProblem)
    assert error_of(redeem(facts(client=off, grant=LOADED))) == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'co"de'}, "unsupported_response_type"),
        ({"response_type": "mã"}, "unsupported_response_type"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"nonce": ["a", "b"]}, "invalid_request"),
        ({"scope": ["openid", "openid"]}, "invalid_request"),
        ({"request": "x.y.z"}, "invalid_request_object"),
        ({"request_uri": "https://portal.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"response_mode": "nonsense"}, "invalid_request"),
    ],
)
def test_every_other_error_goes_back_with_state_and_issuer(changes: dict[str, object], code: str) -> None:
    """Section 4.1.2.1 and RFC 9207 section 2: error, state and iss, and nothing is written."""
    decision = visit(**changes)
    answer = params_of(decision)
    assert answer["error"] == code
    assert answer["state"] == "st-1"
    assert answer["iss"] == ISSUER
    assert set(answer) == {"error", "error_description", "state", "iss"}
    assert decision.writes == ()


def test_state_returns_as_it_came_up_to_a_bound() -> None:
    """Section 4.1.2: "the exact value received"; none sent, none returned; too long is refused without echo."""
    long = 'é"<>&%20+ ' * 100
    assert params_of(visit(state=long))["state"] == long
    assert "state" not in params_of(visit(state=None))
    refused = params_of(visit(state="x" * 2_049))
    assert refused["error"] == "invalid_request"
    assert "state" not in refused


@pytest.mark.parametrize(
    ("uri", "accepted"),
    [
        ("http://127.0.0.1/cb", True),
        ("http://127.0.0.1:50123/cb", True),
        ("http://[::1]:50123/cb", True),
        ("http://127.0.0.1:99999/cb", False),
        ("http://127.0.0.1:50123/CB", False),
        ("http://127.0.0.1:50123/cb?x=1", False),
        ("http://127.0.0.1:50123@evil.example/cb", False),
        ("http://localhost:50123/cb", False),
        ("https://127.0.0.1:50123/cb", False),
    ],
)
def test_only_the_port_of_a_native_loopback_uri_may_vary(uri: str, accepted: bool) -> None:
    """RFC 8252 section 7.3; path, query and case stay exact."""
    native = replace(
        CLIENT, application_type="native", redirect_uris=("http://127.0.0.1/cb", "http://[::1]/cb")
    )
    assert redirect_uris.is_registered(native, uri) is accepted
    assert not redirect_uris.is_registered(
        replace(native, application_type="web"), "http://127.0.0.1:50123/cb"
    )
