"""RFC 6750: how a token comes, and what a challenge says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.errors import ProtocolError
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6750_bearer import BearerRequest, proven
from tests.idp_protocol.world import ACCESS, LOADED, POLICY, facts, parameters


def refused(request: BearerRequest, scope: str = "openid") -> ProtocolError:
    """The error with which a request is refused."""
    with pytest.raises(ProtocolError) as error:
        proven(request, facts(grant=LOADED), POLICY, scope=scope)
    return error.value


def read(header: str | None = None, **body: str) -> BearerRequest:
    """A request with this header and form."""
    return BearerRequest.read(header, parameters(**body) if body else None, Parameters())


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_case_insensitive(scheme: str) -> None:
    """Section 2.1 with RFC 9110 11.1: "It uses a case-insensitive token to identify the authentication scheme"."""
    assert (
        proven(read(f"{scheme} {ACCESS}"), facts(grant=LOADED), POLICY, scope="openid").grant == LOADED.grant
    )


def test_a_form_body_works_too() -> None:
    """Section 2.2: access_token in a form."""
    assert proven(read(access_token=ACCESS), facts(grant=LOADED), POLICY, scope="openid").scopes


def test_two_ways_at_once_are_malformed() -> None:
    """Section 2: "Clients MUST NOT use more than one method to transmit the token in each request"."""
    error = refused(read(f"Bearer {ACCESS}", access_token=ACCESS))
    assert (error.code, error.status) == ("invalid_request", 400)


def test_a_missing_scope_is_named() -> None:
    """Section 3.1: insufficient_scope is 403, and the challenge may name the scope."""
    error = refused(read(f"Bearer {ACCESS}"), scope="address")
    assert (error.code, error.status) == ("insufficient_scope", 403)
    assert 'scope="address"' in (error.challenge or "")


def test_no_token_no_error_code() -> None:
    """Section 3.1: without credentials the challenge "SHOULD NOT include an error code"."""
    error = refused(read())
    assert error.status == 401
    assert "error=" not in (error.challenge or "")
    assert (error.challenge or "").startswith("Bearer ")


@given(st.text(max_size=40), st.text(max_size=60))
def test_no_header_makes_the_rule_raise(scheme: str, rest: str) -> None:
    """Section 3: whatever comes is judged; an unknown token is invalid_token with a challenge in ASCII."""
    request = read(f"{scheme} {rest}")
    error = refused(request)
    assert error.status in {400, 401}
    assert (error.challenge or "").isascii()
