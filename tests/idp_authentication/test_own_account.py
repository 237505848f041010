"""What people do in their account centre, as decisions: nothing is stored here."""

from collections.abc import Callable

import pytest

from idp.authentication.own_account import OwnAct, sign_out_everywhere, withdraw
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.writes import EndSessionsOf, KillGrantsOf, NotifyLogout, WithdrawConsent
from tests.idp_authentication.conftest import POLICY, SESSION, facts

PORTAL, PORTAL_ELSEWHERE, OTHER = (
    NotifyLogout(client_id, f"https://{client_id}.example/backchannel-logout", f"sub-at-{client_id}", sid)
    for client_id, sid in (("portal", "sid-here"), ("portal", "sid-elsewhere"), ("other", "sid-here"))
)
ACT = OwnAct(b"d" * 32, "portal", (PORTAL, OTHER, PORTAL_ELSEWHERE))


def test_a_withdrawn_consent_ends_the_clients_sessions_too() -> None:
    """Consent, grants and the client's own sessions in every browser end (Back-Channel Logout 1.0); nobody else's."""
    decision = withdraw(ACT, facts(session=SESSION), POLICY)
    assert decision.writes == (
        WithdrawConsent("acc-lan", "portal"),
        KillGrantsOf("acc-lan", "consent_withdrawn", client_id="portal"),
        PORTAL,
        PORTAL_ELSEWHERE,
    )


def test_signing_out_everywhere_tells_everybody() -> None:
    """Every client of every session hears of its end."""
    decision = sign_out_everywhere(ACT, facts(session=SESSION), POLICY)
    assert decision.writes == (EndSessionsOf("acc-lan"), PORTAL, OTHER, PORTAL_ELSEWHERE)


@pytest.mark.attack
@pytest.mark.parametrize("rule", [withdraw, sign_out_everywhere])
def test_without_a_session_nothing_is_done(rule: Callable[..., Decision[None]]) -> None:
    """An account is the session's, never a parameter's: without one there is nothing to decide."""
    with pytest.raises(PageProblem) as refused:
        rule(ACT, facts(), POLICY)
    assert refused.value.status == 401
