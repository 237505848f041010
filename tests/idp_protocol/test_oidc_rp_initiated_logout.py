"""RP-Initiated and Back-Channel Logout."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.errors import PageProblem
from idp.domain.outcomes import ConfirmSignOut, SignedOut
from idp.domain.session import Participant
from idp.domain.writes import EndSession, NotifyLogout
from idp.protocol import oidc_pairwise
from idp.protocol.oidc_backchannel_logout import logout_token
from idp.protocol.oidc_rp_initiated_logout import SignOutRequest, decide
from tests.idp_protocol.world import CLIENT, ISSUER, NOW, POLICY, facts, parameters

BACK = "https://portal.example/signed-out"
SID = oidc_pairwise.session_identifier("portal", "session-1", POLICY)
HINT = {"aud": "portal", "sub": "s", "sid": SID, "exp": 1}
HERE = {"session_digest": b"d" * 32}


def sign_out(
    known: Any = None, *, hint: Any = None, confirmed: bool = False, listeners: Any = (), **values: Any
) -> Any:
    """A request to sign out."""
    if hint is not None:
        values.setdefault("id_token_hint", "x")
    request = SignOutRequest(
        parameters(**values), hint=hint, confirmed=confirmed, backchannel=dict(listeners), **HERE
    )
    return decide(request, known or facts(), POLICY)


def test_a_hint_about_this_session_signs_out_and_redirects() -> None:
    """Sections 2 and 3: exactly registered address, state returned; the hint may be long expired."""
    decision = sign_out(hint=HINT, post_logout_redirect_uri=BACK, state="s 1")
    assert decision.outcome == SignedOut(f"{BACK}?state=s+1")
    assert decision.writes == (EndSession(b"d" * 32, "session-1"),)
    by_sub = {"aud": "portal", "sub": oidc_pairwise.subject(CLIENT, "account-1", POLICY)}
    assert isinstance(sign_out(hint=by_sub).outcome, SignedOut)


@pytest.mark.parametrize("hint", [None, {**HINT, "sid": "of another session"}, {"aud": "portal", "sub": "x"}])
def test_without_a_hint_about_this_session_the_person_is_asked(hint: Any) -> None:
    """Section 6: a means of denial of service otherwise; nothing is written."""
    decision = sign_out(hint=hint, client_id="portal")
    assert decision.outcome == ConfirmSignOut("portal", "Cổng", "Portal")
    assert decision.writes == ()


def test_a_known_client_is_enough_once_the_person_confirmed() -> None:
    """Section 3: other means of confirming legitimacy."""
    decision = sign_out(confirmed=True, client_id="portal", post_logout_redirect_uri=BACK)
    assert decision.outcome == SignedOut(BACK)
    assert decision.writes


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [
        {"post_logout_redirect_uri": BACK + "/"},
        {"post_logout_redirect_uri": BACK + "?x"},
        {"post_logout_redirect_uri": "https://portal.example.evil.tld/signed-out"},
        {"post_logout_redirect_uri": "javascript:alert(1)"},
    ],
)
def test_only_an_exactly_registered_address_is_gone_to(changes: dict[str, str]) -> None:
    """Section 3 (casdoor CVE-2026-5467, Keycloak CVE-2026-9086)."""
    assert sign_out(hint=HINT, **changes).outcome == SignedOut(None)


def test_a_forged_or_foreign_hint_opens_no_redirect() -> None:
    """Sections 2 and 4: not our signature, or another client's token."""
    forged = sign_out(id_token_hint="x", client_id="portal", post_logout_redirect_uri=BACK, confirmed=True)
    assert forged.outcome == SignedOut(None)
    foreign = sign_out(
        hint={**HINT, "aud": "other"}, client_id="portal", post_logout_redirect_uri=BACK, confirmed=True
    )
    assert foreign.outcome == SignedOut(None)
    assert isinstance(sign_out(hint={**HINT, "aud": "other"}, client_id="portal").outcome, ConfirmSignOut)
    assert isinstance(sign_out(client_id=["portal", "portal"]).outcome, PageProblem)


def test_signed_out_already_goes_back_without_asking() -> None:
    """Nothing is left to confirm or to end."""
    decision = sign_out(facts(session=None), client_id="portal", post_logout_redirect_uri=BACK)
    assert decision.outcome == SignedOut(BACK)
    assert decision.writes == ()


def test_every_listening_participant_is_told_once() -> None:
    """Back-Channel Logout section 2.5: each with its own subject and sid."""
    known = facts(
        participants=(
            Participant("portal", "s-portal", "g1"),
            Participant("portal", "s-portal", "g2"),
            Participant("silent", "s-silent", "g3"),
        )
    )
    decision = sign_out(
        known,
        hint=HINT,
        listeners={"portal": "https://portal.example/bc", "absent": "https://x.example"}.items(),
    )
    notices = [write for write in decision.writes if isinstance(write, NotifyLogout)]
    assert notices == [NotifyLogout("portal", "https://portal.example/bc", "s-portal", SID)]


def test_a_logout_token_has_its_claims_and_no_nonce() -> None:
    """Back-Channel Logout section 2.4."""
    notice = NotifyLogout("portal", "https://portal.example/bc", "s", SID)
    assert logout_token(notice, now=NOW, jti="j", policy=POLICY) == {
        "iss": ISSUER,
        "aud": "portal",
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "j",
        "sub": "s",
        "sid": SID,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    assert "sid" not in logout_token(replace(notice, sid=None), now=NOW, jti="j", policy=POLICY)
