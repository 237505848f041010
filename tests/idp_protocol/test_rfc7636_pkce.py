"""RFC 7636: proof key for code exchange."""

from dataclasses import replace

import pytest

from idp.domain.outcomes import IssuedTokens
from idp.protocol.rfc7636_pkce import matches
from tests.idp_protocol.acts import error_of, params_of, redeem, visit
from tests.idp_protocol.world import CHALLENGE, CLIENT, GRANT, LOADED, VERIFIER, facts


def test_the_published_vector_matches() -> None:
    """Appendix B."""
    assert matches(VERIFIER, CHALLENGE)
    assert not matches(VERIFIER[:-1] + "j", CHALLENGE)


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
        {"code_challenge": CHALLENGE + "A"},
        {"code_challenge": CHALLENGE[:-1] + "\n"},
        {"code_challenge": CHALLENGE[:-1] + "é"},
        {"code_challenge": [CHALLENGE, CHALLENGE]},
    ],
)
def test_a_code_request_needs_an_s256_challenge(changes: dict[str, object]) -> None:
    """Section 4.3 and RFC 9700 2.1.1: missing, plain, malformed or repeated is invalid_request."""
    decision = visit(**changes)
    assert error_of(decision) == "invalid_request"
    assert decision.writes == ()


@pytest.mark.attack
@pytest.mark.parametrize("verifier", [None, "wrong" * 10, VERIFIER + "\n", "short", "é" * 43, VERIFIER * 4])
def test_without_the_right_verifier_there_are_no_tokens(verifier: str | None) -> None:
    """Section 4.6 (authentik CVE-2023-48228): omitted, wrong or malformed, nothing is issued."""
    decision = redeem(code_verifier=verifier)
    assert error_of(decision) in {"invalid_grant", "invalid_request"}
    assert decision.writes == ()


@pytest.mark.attack
def test_a_verifier_without_a_challenge_is_refused() -> None:
    """RFC 9700 section 4.8 (authentik CVE-2024-23647): the challenge was stripped on the way."""
    stripped = replace(LOADED, grant=replace(GRANT, code_challenge=None))
    relaxed = replace(CLIENT, require_pkce=False)
    assert error_of(redeem(facts(client=relaxed, grant=stripped))) == "invalid_request"
    assert isinstance(redeem(facts(client=relaxed, grant=stripped), code_verifier=None).outcome, IssuedTokens)


def test_a_confidential_client_may_register_otherwise_a_public_one_never() -> None:
    """RFC 9700 2.1.1: public clients MUST use PKCE."""
    relaxed = replace(CLIENT, require_pkce=False)
    none = {"code_challenge": None, "code_challenge_method": None}
    assert "code" in params_of(visit(facts(client=relaxed), **none))
    public = replace(relaxed, token_endpoint_auth_method="none")
    assert error_of(visit(facts(client=public), **none)) == "invalid_request"
