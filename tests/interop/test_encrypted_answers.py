"""A client library that nobody here wrote reads what is encrypted to it and checks what is signed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.idp_endpoints.people import CALLBACK, SECRET, portal
from tests.interop.conftest import Running
from tests.interop.person import Person
from tests.interop.test_documented_clients import node_modules

__all__ = ["node_modules"]
pytestmark = pytest.mark.engine
HERE = Path(__file__).parent
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
    process = await asyncio.create_subprocess_exec(
        *("node", "encrypted_answers.mjs", running.issuer, "npm-sealed", SECRET, CALLBACK),
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    async def heard() -> Any:
        assert process.stdout is not None
        assert process.stderr is not None
        line = await process.stdout.readline()
        assert line, (await process.stderr.read()).decode()
        return json.loads(line)

    async def say(line: str) -> None:
        assert process.stdin is not None
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()

    await running.register(portal("npm-sealed", jwks=await heard(), **ANSWERS))
    await say("registered")
    back = await person.answer((await heard())["url"], CALLBACK)
    assert "code=" not in back, "the code is inside"
    await say(back)
    said = await heard()
    await process.communicate()
    assert process.returncode == 0
    assert said["sub"] == said["again"] == said["userinfo"]["sub"]
    assert said["userinfo"]["name"] == "Nguyễn Văn An"
    assert (said["living"], said["dead"]) == (True, False)
    assert said["parts"] == 5
