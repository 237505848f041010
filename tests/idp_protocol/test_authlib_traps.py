"""Known traps of Authlib 1.9, each closed here; the first assertion of a test shows the trap itself where it can."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import replace
from typing import Any

import pytest
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.errors import InsecureTransportError

from idp.domain.errors import PageProblem
from idp.domain.outcomes import IssuedTokens
from idp.protocol import server
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc6749_framework.server import TOKEN_LOGGERS, silence_token_loggers
from tests.idp_protocol.acts import error_of, params_of, redeem, refresh, visit
from tests.idp_protocol.world import LOADED, POLICY, facts, parameters


def test_texts_from_outside_never_reach_an_error_description() -> None:
    """A description outside the RFC's ASCII set raises ValueError in Authlib: an unhandled 500."""
    with pytest.raises(ValueError, match="forbidden"):
        InvalidRequestError('Redirect URI https://x/" is not supported')
    assert isinstance(visit(redirect_uri='https://x/"é').outcome, PageProblem)
    for changes in ({"response_type": '"'}, {"scope": "é\\"}, {"prompt": '"'}, {"code_challenge": '"' * 43}):
        assert error_of(visit(**changes)) in {"unsupported_response_type", "invalid_scope", "invalid_request"}
    assert error_of(redeem(grant_type='"\\é')) == "unsupported_grant_type"


def test_no_hook_type_has_two_hooks() -> None:
    """Hooks sit in a set, so the order of two would change from run to run."""
    request = PreloadedRequest(
        parameters(grant_type="authorization_code", response_type="code"), facts(), POLICY
    )
    bound = server.PROVIDER.bound(request)
    for grant in (bound.get_token_grant(request), bound.get_authorization_grant(request)):
        assert all(len(hooks) <= 1 for hooks in grant._hooks.values())
    assert not any(server.PROVIDER._hooks.values())


def test_no_insecure_switch_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Authlib refuses plain http inside a cluster; our request URI is the issuer, never what a proxy forwards."""
    monkeypatch.delenv("AUTHLIB_INSECURE_TRANSPORT", raising=False)
    with pytest.raises(InsecureTransportError):
        OAuth2Request("POST", "http://10.0.0.7:8000/token")
    assert PreloadedRequest(parameters(), facts(), POLICY).uri == POLICY.issuer


def test_nothing_reads_the_clock_or_draws_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Authlib reads time.time and SystemRandom in several places; a decision is a function of its facts."""

    def forbidden(*_: Any) -> Any:
        raise AssertionError("a rule looked outside")

    monkeypatch.setattr(time, "time", forbidden)
    monkeypatch.setattr(random.SystemRandom, "choice", forbidden)
    for _ in range(2):
        assert params_of(visit()) == params_of(visit())
        assert redeem() == redeem()
        assert refresh() == refresh()


def test_repeated_parameters_are_seen() -> None:
    """Authlib's payload is a dict: the second value vanishes before its own "no parameter twice" check."""
    assert error_of(visit(state=["a", "b"])) == "invalid_request"
    assert "state" not in params_of(visit(state=["a", "b"]))
    assert error_of(redeem(code_verifier=["a", "b"])) == "invalid_request"


def test_tokens_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Authlib logs issued tokens at debug level; its loggers are silenced even when the root is at debug."""
    levels = {name: logging.getLogger(name).level for name in TOKEN_LOGGERS}
    silence_token_loggers()
    with caplog.at_level(logging.DEBUG):
        decision = redeem()
    assert isinstance(decision.outcome, IssuedTokens)
    assert caplog.text == ""
    assert str(decision.outcome.refresh_token) not in repr(decision)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_decisions_share_nothing() -> None:
    """One Authlib server serves every request; a bound copy keeps the facts of its own request only."""
    first = PreloadedRequest(parameters(), facts(), POLICY)
    second = PreloadedRequest(parameters(), facts(client=None), POLICY)
    one, two = server.PROVIDER.bound(first), server.PROVIDER.bound(second)
    assert one.query_client("portal") is not None
    assert two.query_client("portal") is None
    assert not hasattr(server.PROVIDER, "request")
    assert isinstance(redeem(facts(grant=replace(LOADED))).outcome, IssuedTokens)
