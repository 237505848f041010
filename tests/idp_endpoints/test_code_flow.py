"""The authorization code flow over HTTP, from the first visit to the claims."""

import pytest

from tests.idp_endpoints.people import AN
from tests.idp_endpoints.provider import Provider, answer_of

pytestmark = pytest.mark.engine


async def test_a_person_signs_in_and_the_client_learns_who_it_is(provider: Provider) -> None:
    """OIDC Core 3.1: authorize, sign in, redeem, userinfo."""
    browser = provider.browser()
    first = await browser.authorize()
    assert first.status_code == 303
    assert first.headers["location"].startswith("/sign-in?i=")
    back = answer_of(await browser.sign_in(AN, first))
    assert back["state"] == "state-1"
    assert back["iss"] == "http://localhost:8000"
    response = await provider.redeem(back["code"])
    assert response.status_code == 200, response.text
    tokens = response.json()
    assert tokens["token_type"] == "Bearer"
    claims = (await provider.userinfo(tokens["access_token"])).json()
    assert claims["name"] == "Nguyễn Văn An"
