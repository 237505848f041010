"""OpenID Connect Back-Channel Logout 1.0: what a logout token says."""

from __future__ import annotations

import pytest

from idp.domain.writes import NotifyLogout
from idp.protocol import provider_metadata
from idp.protocol.offer import Offer
from idp.protocol.oidc_backchannel_logout import EVENT, LIFETIME, logout_token
from tests.idp_protocol.world import ISSUER, NOW, POLICY


def claims(sid: str | None) -> dict[str, object]:
    """The claims for one client of a session."""
    notice = NotifyLogout("portal", "https://portal.example/logout", "subject-of-the-portal", sid)
    return logout_token(notice, now=NOW, jti="jti-1", policy=POLICY)


def test_the_claims_are_exactly_these() -> None:
    """Section 2.4: iss, sub, aud, iat, exp, jti, events and sid; one event with an empty object."""
    assert claims("sid-1") == {
        "iss": ISSUER,
        "sub": "subject-of-the-portal",
        "aud": "portal",
        "iat": NOW,
        "exp": NOW + LIFETIME,
        "jti": "jti-1",
        "events": {EVENT: {}},
        "sid": "sid-1",
    }


@pytest.mark.parametrize("sid", [None, "sid-1"])
def test_it_can_never_pass_for_an_id_token(sid: str | None) -> None:
    """Section 2.4: "A nonce Claim is prohibited" so that a logout token is no ID token."""
    assert "nonce" not in claims(sid)
    assert ("sid" in claims(sid)) is (sid is not None)


def test_it_is_short_lived() -> None:
    """Section 2.4: an exp "in the near future, preferably at most two minutes"."""
    assert LIFETIME <= 120


def test_the_metadata_promises_sessions() -> None:
    """Section 2.1."""
    document = provider_metadata.document(Offer(POLICY))
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
