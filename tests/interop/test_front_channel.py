"""A client library that nobody here wrote signs in by the hybrid and the implicit flow and checks every hash."""

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
    process = await asyncio.create_subprocess_exec(
        *("node", "front_channel.mjs", running.issuer, "npm-old", SECRET, CALLBACK),
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

    for expected in ("code=", "id_token="):
        back = await person.answer((await heard())["url"], CALLBACK)
        assert back.startswith(f"{CALLBACK}#{expected}") or f"&{expected}" in back
        assert "?" not in back
        assert process.stdin is not None
        process.stdin.write(back.encode() + b"\n")
        await process.stdin.drain()
    said = await heard()
    await process.communicate()
    assert process.returncode == 0
    assert said["hybrid"] == said["implicit"]
    assert said["name"] == "Nguyễn Văn An"
    signed_out = await person.http.get(said["out"])
    assert signed_out.headers["location"] == "/signed-out"
