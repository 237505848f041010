"""RFC 7009: token revocation."""

from dataclasses import replace

from idp.domain.outcomes import Revoked
from idp.domain.writes import KillGrant, RevokeAccess
from tests.idp_protocol.acts import error_of, revoke
from tests.idp_protocol.world import ACCESS, GRANT, GRANT_ID, LOADED, PUBLIC, REFRESH, facts, sha

FOREIGN = replace(LOADED, grant=replace(GRANT, client_id="somebody"))


def test_an_access_token_is_forgotten_alone() -> None:
    """Section 2.1."""
    decision = revoke(facts(grant=LOADED))
    assert decision.writes == (RevokeAccess(GRANT_ID, sha(ACCESS)),)


def test_a_refresh_token_takes_its_grant_with_it() -> None:
    """Section 2.1: "SHOULD also invalidate all access tokens based on the same authorization grant"."""
    assert revoke(facts(grant=LOADED), REFRESH).writes == (KillGrant(GRANT_ID, "revoked_by_client"),)


def test_unknown_tokens_are_no_error() -> None:
    """Section 2.2: "invalid tokens do not cause an error response"; a wrong secret of a grant is unknown too."""
    guessed = f"{GRANT_ID}.{'x' * 43}"
    known = (facts(grant=None), ACCESS), (facts(grant=LOADED), "junk"), (facts(grant=FOREIGN), guessed)
    for loaded, text in known:
        decision = revoke(loaded, text)
        assert isinstance(decision.outcome, Revoked)
        assert decision.writes == ()


def test_another_clients_token_is_refused_and_lives_on() -> None:
    """Section 2.1: "If this validation fails, the request is refused and the client is informed of the error"."""
    for text, jwt in ((ACCESS, None), (REFRESH, None), ("a.b.c", {"jti": f"{GRANT_ID}.x"})):
        decision = revoke(facts(grant=FOREIGN), text, jwt=jwt)
        assert error_of(decision) == "invalid_grant"
        assert decision.writes == ()


def test_a_jwt_takes_its_grant_with_it() -> None:
    """A JWT cannot be forgotten by itself; its grant can die."""
    decision = revoke(facts(grant=LOADED), "a.b.c", jwt={"jti": f"{GRANT_ID}.x"})
    assert decision.writes == (KillGrant(GRANT_ID, "revoked_by_client"),)


def test_the_client_is_authenticated_first() -> None:
    """Section 2.1; a confidential client cannot revoke by merely naming itself."""
    assert error_of(revoke(facts(grant=LOADED), auth=None)) == "invalid_client"
    assert error_of(revoke(facts(client=PUBLIC, grant=LOADED), auth="Basic eDp5")) == "invalid_client"
