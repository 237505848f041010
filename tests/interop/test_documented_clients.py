"""Every program of ``docs/clients.md`` runs as it stands, with the npm package openid-client."""

from __future__ import annotations

import asyncio
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from idp.domain.client import Client
from idp.storage.clients import client_from
from tests.idp_endpoints.people import AN, CALLBACK, LAN, REGISTRY, SECRET, portal
from tests.interop.conftest import Running
from tests.interop.person import Person

pytestmark = pytest.mark.engine
HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "clients.md"
BLOCK = re.compile(r"^```(json|js)( prelude)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMES = (
    "import { issuer, clientId, secret, redirectUri, registry, personalNumber, key, decryptionKey, visit,"
    " visitAsDeputy, approve, done }"
    ' from "./prelude.mjs";\n'
)
SHARED = "a secret of at least thirty-two octets"
PLAIN = {"scope": "openid profile"}


@dataclass(frozen=True, slots=True)
class Section:
    """One capability: what is registered for it, and the program."""

    title: str
    registered: dict[str, Any]
    program: str


def sections() -> list[Section]:
    """The document's sections that hold a registration and a program."""
    found, prelude = [], ""
    for part in re.split(r"^## ", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        registered, program = None, None
        for kind, is_prelude, body in BLOCK.findall(text):
            if is_prelude:
                prelude = body
            elif kind == "json":
                registered = json.loads(body)
            elif program is None:
                program = body
        if registered is not None and program is not None:
            own = program if "import * as client" in program else prelude_of(text, prelude) + program
            found.append(Section(title, registered, NAMES + own))
    return found


def prelude_of(text: str, prelude: str) -> str:
    """The shared functions, which stand behind the first program."""
    assert prelude, text
    return prelude


def registration(section: Section, client_id: str, keys: dict[str, Any]) -> Client:
    """The client that a section describes."""
    said = {name: value for name, value in (PLAIN | section.registered).items() if name != "jwks"}
    scopes = said.pop("scope").split()
    if "resources" in said:
        said["resources"] = [REGISTRY]
    if "jwks" in section.registered:
        said["jwks"] = {"keys": [key.as_dict(private=False) for key in keys.values()]}
    if said.get("token_endpoint_auth_method") in {"private_key_jwt", "none"}:
        said["secret_hash"] = None
    if said.get("token_endpoint_auth_method") == "client_secret_jwt":
        said |= {"secret_hash": None, "shared_secret": SHARED.encode()}
    base = portal(client_id, scopes=frozenset(scopes))
    values = {name: getattr(base, name) for name in Client.__slots__} | said
    return client_from(values)


@pytest.mark.usefixtures("node_modules")
@pytest.mark.parametrize("section", sections(), ids=lambda section: section.title)
async def test_the_program_runs(running: Running, person: Person, section: Section) -> None:
    """A stranger's library does what the document says, against the provider as it is."""
    client_id = "doc-" + re.sub(r"\W+", "-", section.title.lower())
    keys = {
        "jwk": ECKey.generate_key("P-256", {"kid": "sig-1", "use": "sig", "alg": "ES256"}),
        "encryptionJwk": RSAKey.generate_key(2048, {"kid": "enc-1", "use": "enc", "alg": "RSA-OAEP-256"}),
    }
    await running.register(registration(section, client_id, keys))
    settings = {
        "issuer": running.issuer,
        "clientId": client_id,
        "secret": SHARED if "client_secret_jwt" in section.title else SECRET,
        "redirectUri": CALLBACK,
        "registry": REGISTRY,
        "personalNumber": AN.number,
        **{name: key.as_dict(private=True) for name, key in keys.items()},
    }
    said = await told(section.program, settings, person)
    assert said["sub"]
    expected(said, running)


PROMISED = {
    "name": "Nguyễn Văn An",
    "living": True,
    "dead": False,
    "fresh": True,
    "rotated": True,
    "answer": ["response"],
    "procedure": "1.004194",
    "framework": "vn_mock_eid",
    "both": True,
}
"""What the programs end with, wherever they say it."""


def expected(said: dict[str, Any], running: Running) -> None:
    """What the section promises beside a person's pseudonym."""
    for name, value in PROMISED.items():
        assert said.get(name, value) == value, said
    assert said.get("goodbye", running.issuer).startswith(running.issuer)
    assert said.get("type", "dpop").lower() == "dpop"
    # RFC 9126 and RFC 9101: nothing of the request itself is left in the address.
    assert set(said.get("shown", ())) <= {"client_id", "request_uri", "request"}


async def answered(question: dict[str, Any], person: Person, issuer: str) -> dict[str, Any]:
    """What the person did where the program asked for them."""
    wanted = question.get("approve")
    if wanted is None:
        return {"back": await person.answer(question["visit"], CALLBACK)}
    if "device" in wanted:
        await person.connect(wanted["device"], wanted["code"])
    else:
        await person.approve(issuer, wanted["message"])
    return {}


async def told(program: str, settings: dict[str, Any], person: Person) -> dict[str, Any]:
    """Run a program; a person answers it, and a second one where it asks; what it says at the end."""
    deputy = Person(LAN.number)
    async with deputy.http:
        return await talked(program, settings, person, deputy)


async def talked(program: str, settings: dict[str, Any], person: Person, deputy: Person) -> dict[str, Any]:
    """The conversation."""
    process = await asyncio.create_subprocess_exec(
        *("node", "--input-type=module", "-e", program),
        cwd=HERE,
        env={**os.environ, "CLIENT": json.dumps(settings)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    async for line in process.stdout:
        question = json.loads(line)
        if "done" in question:
            await process.wait()
            done: dict[str, Any] = question["done"]
            return done
        answer = await answered(question, deputy if question.get("deputy") else person, settings["issuer"])
        process.stdin.write((json.dumps(answer) + "\n").encode())
        await process.stdin.drain()
    raise AssertionError((await process.stderr.read()).decode())
