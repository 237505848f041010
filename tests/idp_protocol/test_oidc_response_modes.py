"""Response modes: how an answer travels."""

from dataclasses import replace

import pytest

from idp.domain.outcomes import RedirectBack
from idp.protocol.oidc_response_modes import location
from tests.idp_protocol.acts import error_of, visit
from tests.idp_protocol.world import CLIENT, facts


def test_form_post_is_chosen_for_answers_and_errors() -> None:
    """Form Post Response Mode section 2."""
    assert visit(response_mode="form_post").outcome.mode == "form_post"
    assert visit(response_mode="form_post", scope="x").outcome.mode == "form_post"
    assert visit(response_mode="form_post", prompt="none", login_hint="x").outcome.mode == "form_post"


@pytest.mark.parametrize(
    "mode", ["nonsense", "JWT", "query.JWT", ".jwt", "jwt.jwt", "fragment.", "web_message"]
)
def test_an_unknown_mode_is_refused_in_the_default_one(mode: str) -> None:
    """Multiple Response Types 2.1: the answer has to travel somehow: as if no mode had been named."""
    decision = visit(response_mode=mode)
    assert error_of(decision) == "invalid_request"
    assert decision.outcome.mode == "query"
    assert decision.writes == ()


def test_a_fragment_carries_the_answer_of_a_code_request_too() -> None:
    """Multiple Response Types 2.1: response_mode fragment works with every response type."""
    outcome = visit(response_mode="fragment").outcome
    assert outcome.mode == "fragment"
    address = location(outcome)
    assert address.startswith("https://portal.example/callback#code=")
    assert "?" not in address


def test_the_fragment_is_a_form_behind_the_whole_registered_address() -> None:
    """RFC 6749 section 4.2.2: application/x-www-form-urlencoded in the fragment; the query stays where it was."""
    made = location(
        RedirectBack("https://a.example/cb?x=1", "fragment", (("state", "a#b&c d"), ("code", "c")))
    )
    assert made == "https://a.example/cb?x=1#state=a%23b%26c+d&code=c"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://a.example/cb", "https://a.example/cb?code=c"),
        ("https://a.example/cb?x=%20a+b&&y", "https://a.example/cb?x=%20a+b&&y&code=c"),
        ("https://a.example/cb?", "https://a.example/cb?code=c"),
        ("com.example.app:/cb", "com.example.app:/cb?code=c"),
    ],
)
def test_a_registered_query_stays_byte_for_byte(uri: str, expected: str) -> None:
    """RFC 6749 section 3.1.2: "MUST be retained when adding additional query parameters"."""
    assert location(RedirectBack(uri, "query", (("code", "c"),))) == expected


def test_values_cannot_add_parameters_or_lines() -> None:
    """A state with separators, quotes and line feeds stays one value."""
    made = location(
        RedirectBack("https://a.example/cb", "query", (("state", "a&code=x\r\nSet-Cookie: b#é"),))
    )
    assert made == "https://a.example/cb?state=a%26code%3Dx%0D%0ASet-Cookie%3A+b%23%C3%A9"


@pytest.mark.attack
@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "com.example.app:/cb"]
)
def test_a_form_is_posted_to_web_addresses_only(uri: str) -> None:
    """Authentik CVE-2024-21637: even a registered javascript: address gets no form."""
    client = replace(CLIENT, redirect_uris=(uri,))
    decision = visit(facts(client=client), redirect_uri=uri, response_mode="form_post")
    assert error_of(decision) == "invalid_request"
    assert decision.outcome.mode == "query"
