"""The modules of the OpenID Foundation's Form Post plans (basic, implicit, hybrid), for every response type."""

from __future__ import annotations

import pytest

from idp.protocol.oidc_core.flows import HYBRID_TYPES, IMPLICIT_TYPES
from tests.idp_endpoints.certified import FRONT, NO_PKCE, Suite, enrolled
from tests.idp_endpoints.people import CALLBACK
from tests.idp_endpoints.provider import ISSUER, Provider

MODE = {"response_mode": "form_post"}
pytestmark = [
    pytest.mark.engine,
    pytest.mark.parametrize("kind", ["code", *HYBRID_TYPES, *IMPLICIT_TYPES]),
]


@pytest.fixture
async def suite(provider: Provider) -> Suite:
    """The suite in front of the provider."""
    return await enrolled(provider)


async def test_an_answer(suite: Suite, kind: str) -> None:
    """oidcc-server with response_mode form_post: all in the form, nothing in an address (Form Post 2)."""
    said = await suite.front(suite.browser(), response_type=kind, **MODE)
    words = set(kind.split())
    expected = {"state", "iss", "session_state", *(words - {"token"})}
    expected |= {"access_token", "token_type", "expires_in"} if "token" in words else set()
    assert set(said) == expected
    assert (said["state"], said["iss"]) == ("state-1", ISSUER)
    if "code" in said:
        assert "access_token" in await suite.redeemed(said["code"], FRONT)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
async def test_an_error(suite: Suite, kind: str, changes: dict[str, str], error: str) -> None:
    """oidcc-prompt-none-not-logged-in and others: errors come by the same form, with state and iss (Form Post 2)."""
    said = await suite.front(suite.browser(), response_type=kind, **MODE, **changes)
    if error == "invalid_scope" and "id_token" not in kind:
        assert "error" not in said
        return
    assert (said["error"], said["state"], said["iss"]) == (error, "state-1", ISSUER)
    assert set(said) <= {"error", "error_description", "state", "iss"}


async def test_a_missing_nonce(suite: Suite, kind: str) -> None:
    """oidcc-ensure-request-without-nonce-fails, by the form (Core 3.2.2.1, 3.3.2.11)."""
    said = await suite.front(suite.browser(), response_type=kind, nonce=None, **MODE)
    assert ("error" in said) is ("id_token" in kind)


async def test_a_state_byte_for_byte(suite: Suite, kind: str) -> None:
    """Form Post 2 and RFC 6749 4.1.2: whatever the state holds comes back as it was; none sent, none back."""
    state = 'a b+c%20d&amp;/?#"<é>'
    said = await suite.front(suite.browser(), response_type=kind, state=state, **MODE)
    assert said["state"] == state
    assert "state" not in await suite.front(suite.browser(), response_type=kind, state=None, **MODE)


async def test_an_unregistered_address_gets_nothing(suite: Suite, kind: str) -> None:
    """oidcc-ensure-registered-redirect-uri: no form that posts there."""
    page = await suite.browser().authorize(
        FRONT, **NO_PKCE, response_type=kind, redirect_uri=CALLBACK + "/other", **MODE
    )
    assert page.status_code == 400
    assert CALLBACK not in page.text
