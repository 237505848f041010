"""A client library that nobody here wrote reads what is encrypted to it and checks what is signed."""

from __future__ import annotations

import pytest

from tests.idp_endpoints.people import CALLBACK, SECRET, portal
from tests.interop.conftest import Running
from tests.interop.node import program
from tests.interop.person import Person

pytestmark = pytest.mark.engine
ANSWERS = {
    "authorization_signed_response_alg": "ES256",
    "authorization_encrypted_response_alg": "ECDH-ES",
    "id_token_signed_response_alg": "PS256",
    "id_token_encrypted_response_alg": "RSA-OAEP-256",
    "id_token_encrypted_response_enc": "A256GCM",
    "userinfo_signed_response_alg": "RS256",
    "userinfo_encrypted_response_alg": "ECDH-ES",
    "userinfo_encrypted_response_enc": "A256CBC-HS512",
    "introspection_signed_response_alg": "ES256",
    "introspection_encrypted_response_alg": "ECDH-ES+A256KW",
    "introspection_encrypted_response_enc": "A256GCM",
}


@pytest.mark.usefixtures("node_modules")
async def test_openid_client_reads_encrypted_answers(running: Running, person: Person) -> None:
    """Npm openid-client: JARM, ID token, UserInfo and RFC 9701 introspection, each signed and then encrypted."""
    async with program("encrypted_answers.mjs", running.issuer, "npm-sealed", SECRET, CALLBACK) as sealed:
        await running.register(portal("npm-sealed", jwks=await sealed.hear(), **ANSWERS))
        await sealed.say("registered")
        back = await person.answer((await sealed.hear())["url"], CALLBACK)
        assert "code=" not in back, "the code is inside"
        await sealed.say(back)
        said = await sealed.hear()
    assert said["sub"] == said["again"] == said["userinfo"]["sub"]
    assert said["userinfo"]["name"] == "Nguyễn Văn An"
    assert (said["living"], said["dead"]) == (True, False)
    assert said["parts"] == 5
