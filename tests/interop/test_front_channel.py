"""A client library that nobody here wrote signs in by the hybrid and the implicit flow and checks every hash."""

from __future__ import annotations

import pytest

from tests.idp_endpoints.people import CALLBACK, SECRET, portal
from tests.interop.conftest import Running
from tests.interop.node import program
from tests.interop.person import Person

pytestmark = pytest.mark.engine


@pytest.mark.usefixtures("node_modules")
async def test_openid_client_takes_tokens_from_the_fragment(running: Running, person: Person) -> None:
    """Npm openid-client: OIDC Core 3.3 (code id_token, c_hash) and 3.2 (id_token, claims inside), in the fragment."""
    await running.register(
        portal(
            "npm-old",
            id_token_signed_response_alg="RS256",
            response_types=frozenset({"code id_token", "id_token"}),
            grant_types=frozenset({"authorization_code", "implicit"}),
        )
    )
    async with program("front_channel.mjs", running.issuer, "npm-old", SECRET, CALLBACK) as old:
        for expected in ("code=", "id_token="):
            back = await person.answer((await old.hear())["url"], CALLBACK)
            assert back.startswith(f"{CALLBACK}#{expected}") or f"&{expected}" in back
            assert "?" not in back
            await old.say(back)
        said = await old.hear()
    assert said["hybrid"] == said["implicit"]
    assert said["name"] == "Nguyễn Văn An"
    signed_out = await person.http.get(said["out"])
    assert signed_out.headers["location"] == "/signed-out"
